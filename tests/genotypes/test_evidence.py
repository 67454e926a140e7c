"""What the other fields of a record make of its genotypes, as each caller writes them.

A row is a record at TPMT rs1142345 (T>C) with the cell of one sample. Sources: the documentation or code of each
caller, named beside its rows; figures are made up in their style.
"""

from __future__ import annotations

import csv

import pysam
import pysam.bcftools
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

LOCUS = "rs1142345"

BLOCK = "END=18130700"

# caller, FORMAT, cell, ALT, INFO, FILTER, status
ROWS = [
    # GATK: HaplotypeCaller and GenotypeGVCFs write a base without reads as a call (GATK issues 7792 and 8328).
    ("GATK", "GT:AD:DP:GQ:PL", "0/0:30,0:30:90:0,90,1350", "C", ".", ".", "observed"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/1:16,14:30:99:420,0,480", "C", ".", "PASS", "observed"),
    ("GATK", "GT:AD:DP:GQ:PL", "1/1:0,28:28:84:900,84,0", "C", ".", "PASS", "observed"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/0:29,1:30:60:0,60,1100", "C", ".", "PASS", "observed"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/0:0,0:0:0:0,0,0", "C", ".", ".", "low_quality"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/0:1,0:1:3:0,3,30", "C", ".", ".", "doubtful"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/1:1,1:2:28:28,0,28", "C", ".", ".", "doubtful"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/1:8,1:9:6:6,0,250", "C", ".", ".", "doubtful"),
    ("GATK", "GT:AD:DP:GQ:PL", "./.:0,0:0:.:0,0,0", "C", ".", ".", "no_call"),
    ("GATK", "GT:AD:DP:GQ:PL", "./.:0,45:45:0:0,0,0", "C", ".", ".", "no_call"),
    ("GATK", "GT:AD:DP:GQ:PGT:PID:PL", "0/1:16,14:30:99:0|1:18130687_T_C:420,0,480", "C", ".", ".", "observed"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/1:16,14:30:99:420,0,480", "C", ".", "VQSRTrancheSNP99.90to100.00", "filtered"),
    ("GATK", "GT:AD:DP:GQ:PL", "0/1:16,14:30:99:420,0,480", "C", ".", "LowQual", "filtered"),
    ("GATK", "GT:AD:DP:RGQ", "0/0:30:30:90", ".", ".", ".", "observed"),
    ("GATK", "GT:AD:DP:RGQ", "0/0:0:0:0", ".", ".", ".", "low_quality"),
    ("GATK", "GT:AD:DP:RGQ", "0/0:3:3:9", ".", ".", ".", "doubtful"),
    # GATK: gVCF blocks; CalculateGenotypePosteriors lowers GQ and may change GT, and leaves PL.
    ("GATK gVCF", "GT:DP:GQ:MIN_DP:PL", "0/0:31:81:27:0,81,1215", "<NON_REF>", BLOCK, ".", "observed"),
    ("GATK gVCF", "GT:DP:GQ:MIN_DP:PL", "0/0:0:0:0:0,0,0", "<NON_REF>", BLOCK, ".", "low_quality"),
    ("GATK gVCF", "GT:DP:GQ:MIN_DP:PL", "0/0:4:9:3:0,9,100", "<NON_REF>", BLOCK, ".", "doubtful"),
    ("GATK gVCF", "GT:DP:GQ:MIN_DP:PL", "0/0:9:0:0:0,0,90", "<NON_REF>", BLOCK, ".", "low_quality"),
    (
        "GATK gVCF",
        "GT:AD:DP:GQ:PL:SB",
        "0/1:16,14,0:30:99:420,0,480,470,520,990:8,8,7,7",
        "C,<NON_REF>",
        ".",
        ".",
        "observed",
    ),
    (
        "GATK gVCF",
        "GT:AD:DP:GQ:PL:SB",
        "0/1:7,1,0:8:8:8,0,200,30,210,240:4,3,1,0",
        "C,<NON_REF>",
        ".",
        ".",
        "doubtful",
    ),
    ("GATK posteriors", "GT:AD:DP:GQ:PL:PP", "0/0:30,0:30:4:0,90,1350:0,4,100", "C", ".", ".", "doubtful"),
    ("GATK posteriors", "GT:AD:DP:GQ:PL:PP", "0/0:6,2:8:12:25,0,160:0,12,200", "C", ".", ".", "doubtful"),
    # GVS: no DP and no PL, what fails stands in FT alone (guide of the Genomic Variant Store).
    ("GVS", "GT:GQ:FT", "0/0:50:.", "C", ".", ".", "observed"),
    ("GVS", "GT:AD:GQ:FT", "0/1:15,15:99:PASS", "C", ".", ".", "observed"),
    ("GVS", "GT:AD:GQ:FT", "0/1:15,15:99:high_CALIBRATION_SENSITIVITY_SNP", "C", ".", ".", "filtered"),
    # DeepVariant: postprocess_variants.py and variant_caller.py; GQ of blocks ends at 50.
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL", "0/1:52:31:16,15:0.48:52,0,55", "C", ".", "PASS", "observed"),
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL", "0/1:9:31:26,5:0.16:9,0,40", "C", ".", "PASS", "doubtful"),
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL", "0/0:38:31:29,2:0.06:0,38,50", "C", ".", "RefCall", "observed"),
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL", "0/0:21:31:22,9:0.29:0,21,44", "C", ".", "RefCall", "doubtful"),
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL", "./.:12:31:24,7:0.22:0,11,40", "C", ".", "RefCall", "no_call"),
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL", "./.:0:0:0,0:0:0,0,0", "C", ".", "NoCall", "no_call"),
    ("DeepVariant", "GT:GQ:DP:AD:VAF:PL", "0/1:3:31:26,5:0.16:2,0,40", "C", ".", "LowQual", "filtered"),
    ("DeepVariant", "GT:GQ:MIN_DP:PL", "0/0:50:28:0,84,839", "<*>", BLOCK, ".", "observed"),
    ("DeepVariant", "GT:GQ:MIN_DP:PL", "0/0:9:3:0,9,89", "<*>", BLOCK, ".", "doubtful"),
    ("DeepVariant", "GT:GQ:MIN_DP:PL", "0/0:1:0:0,0,0", "<*>", BLOCK, ".", "low_quality"),
    ("DeepVariant", "GT:GQ:MIN_DP:PL", "./.:0:8:40,0,200", "<*>", BLOCK, ".", "no_call"),
    # Clair3: preprocess/utils.py; blocks as DeepVariant's, PL of the other alleles 990.
    ("Clair3", "GT:GQ:DP:AD:AF", "0/1:22:34:17,17:0.5", "C", "F", "PASS", "observed"),
    ("Clair3", "GT:GQ:DP:AD:AF", "0/1:7:34:28,6:0.18", "C", "P", "PASS", "doubtful"),
    ("Clair3", "GT:GQ:DP:AD:AF", "0/1:2:34:28,6:0.18", "C", "P", "LowQual", "filtered"),
    ("Clair3", "GT:GQ:DP:AD:AF", "0/0:25:34:33:0.97", "C", "P", "RefCall", "observed"),
    ("Clair3", "GT:GQ:MIN_DP:PL", "0/0:1:0:0,0,0", "<*>", BLOCK, ".", "low_quality"),
    ("Clair3", "GT:GQ:MIN_DP:PL", "0/0:50:29:0,87,869", "<*>", BLOCK, ".", "observed"),
    # GLnexus: src/genotyper.cc; the missing half stands first, MONOALLELIC never holds allele 0.
    ("GLnexus", "GT:DP:AD:GQ:PL:RNC", "0/1:30:16,14:48:48,0,52:..", "C", "AF=0.04;AQ=48", ".", "observed"),
    ("GLnexus", "GT:DP:AD:GQ:PL:RNC", "0/0:29:29,0:50:0,87,870:..", "C", "AF=0.04;AQ=48", ".", "observed"),
    ("GLnexus", "GT:DP:AD:GQ:PL:RNC", "./.:.:.:.:.:II", "C", "AF=0.04;AQ=48", ".", "no_call"),
    ("GLnexus", "GT:DP:AD:GQ:PL:RNC", "./1:30:.:44:.:-.", "C", "AF=0.04;AQ=48", ".", "half_call"),
    ("GLnexus", "GT:DP:AD:GQ:PL:RNC", "./1:30:.:9:.:-.", "C", "AF=0.04;AQ=48", ".", "low_quality"),
    ("GLnexus", "GT:DP:AD:GQ:PL:RNC", "./.:30:.:44:.:11", "C", ".", "MONOALLELIC", "no_call"),
    # DRAGEN: hard filters and gVCF fields (Illumina's pages on both); GP is phred-scaled there.
    (
        "DRAGEN",
        "GT:AD:AF:DP:GQ:PL:GP:PRI",
        "0/1:16,14:0.47:30:48:84,0,50:48.3,8.5e-05,53:0,34.7,37.8",
        "C",
        ".",
        "PASS",
        "observed",
    ),
    (
        "DRAGEN",
        "GT:AD:AF:DP:GQ:PL:GP:PRI",
        "0/1:6,2:0.25:8:6:40,0,50:6.3,1.1,53:0,34.7,37.8",
        "C",
        ".",
        "PASS",
        "doubtful",
    ),
    ("DRAGEN", "GT:AD:DP:GQ:PL", "0/1:7,2:9:9:44,0,50", "C", ".", "DRAGENHardQUAL", "filtered"),
    ("DRAGEN", "GT:AD:DP:GQ:PL", "0/1:0,1:1:2:30,3,0", "C", ".", "DRAGENHardQUAL;LowDepth", "filtered"),
    ("DRAGEN", "GT:AD:DP:GQ:MIN_DP:PL:SPL:ICNT", "0/0:30,0:28:81:28:0,81,1100:0,90,255:5,0", "<NON_REF>", BLOCK, "PASS",
     "observed"),
    ("DRAGEN", "GT:GQ:LAD:FT:LPL:LAA:QL", "0/1:48:16,14:PASS:84,0,50:1:50", "C", ".", ".", "observed"),
    ("DRAGEN", "GT:GQ:LAD:FT:LPL:LAA:QL", "0/1:4:7,1:DRAGENSnpHardQUAL:4,0,50:1:5", "C", ".", ".", "filtered"),
    ("DRAGEN", "GT:GQ:LAD:FT:LPL:LAA:QL", "0/0:33:30:PASS:.:.:.", "C", ".", ".", "observed"),
    # Reads by other names: strands (VCF 4.3), several callers, shares of DP (Clair, DeepVariant).
    ("strands", "GT:ADF:ADR", "0/0:15,0:14,0", "C", ".", "PASS", "observed"),
    ("strands", "GT:ADF:ADR", "0/0:5,6:5,7", "C", ".", "PASS", "doubtful"),
    ("strands", "GT:ADF:ADR", "0/0:0,0:0,0", "C", ".", "PASS", "low_quality"),
    ("Platypus", "GT:NR:NV", "0/1:30:14", "C", ".", "PASS", "observed"),
    ("Platypus", "GT:NR:NV", "0/0:30:14", "C", ".", "PASS", "doubtful"),
    ("Platypus", "GT:NR:NV", "1/2:30,31:14,16", "C,G", ".", "PASS", "observed"),
    ("Platypus", "GT:GQ:NR:NV", "0/0:99:0:0", "C", ".", "PASS", "low_quality"),
    ("samtools", "GT:DP:DV", "0/1:30:16", "C", ".", "PASS", "observed"),
    ("samtools", "GT:DP:DV", "0/1:30:4", "C", ".", "PASS", "doubtful"),
    ("samtools", "GT:DPR", "0/0:12,14", "C", ".", "PASS", "doubtful"),
    ("samtools", "GT:DP4", "0/0:8,7,0,0", "C", ".", "PASS", "observed"),
    ("samtools", "GT:DP4", "0/0:8,7,6,6", "C", ".", "PASS", "doubtful"),
    # Its AD are the strands of the ALT: 3 reads of 40, not 1 and 2.
    ("VarDict", "GT:DP:VD:AD:RD", "0/1:40:3:1,2:20,17", "C", ".", "PASS", "doubtful"),
    ("VarDict", "GT:DP:VD:AD:RD", "0/1:40:21:1,20:10,9", "C", ".", "PASS", "observed"),
    ("VarDict", "GT:DP:VD:AD:AF", "0/1:40:21:19,21:0.525", "C", ".", "PASS", "observed"),
    ("Ion Torrent", "GT:DP:FRO:FAO", "0/0:26:12:14", "C", ".", "PASS", "doubtful"),
    ("Ion Torrent", "GT:DP:FRO:FAO", "0/1:26:12:14", "C", ".", "PASS", "observed"),
    ("Clair", "GT:DP:AF", "0/1:30:0.4667", "C", ".", "PASS", "observed"),
    ("Clair", "GT:DP:AF", "0/1:30:0.12", "C", ".", "PASS", "doubtful"),
    ("DeepVariant", "GT:DP:VAF", "0/0:30:0.4", "C", ".", "PASS", "doubtful"),
    ("DeepVariant", "GT:DP:VAF", "1/2:30:0.5,0.5", "C,G", ".", "PASS", "observed"),
    # Posteriors as VCF 4.3 rounds them.
    ("posteriors", "GT:DP:PP", "0/0:30:0,60,99", "C", ".", "PASS", "observed"),
    ("posteriors", "GT:DP:PP", "0/0:30:0,3,40", "C", ".", "PASS", "doubtful"),
    ("posteriors", "GT:DP:PP", "0/0:30:30,0,40", "C", ".", "PASS", "contradictory"),
    ("posteriors", "GT:PP", "0/0:0,60,99", "C", ".", "PASS", "imputed"),
    # GLIMPSE, of whose fields only GT was kept.
    ("GLIMPSE", "GT", "0/0", "C", "RAF=0.04;AF=0.04;INFO=0.1", ".", "imputed"),
    ("GLIMPSE", "GT", "0/0", "C", "INFO=0.1", ".", "observed"),
    # Strelka2: GQX decides; blocks have no GQ (user guide and gvcf_header.cpp).
    ("Strelka2", "GT:GQ:GQX:DP:DPF:AD:PL", "0/1:120:20:30:1:16,14:190,0,180", "C", "SNVHPOL=3", "PASS", "observed"),
    ("Strelka2", "GT:GQ:GQX:DP:DPF:AD:PL", "0/1:15:2:30:1:27,3:17,0,180", "C", "SNVHPOL=3", "LowGQX", "filtered"),
    ("Strelka2", "GT:GQX:DP:DPF:MIN_DP", "0/0:87:30:1:28", ".", f"{BLOCK};BLOCKAVG_min30p3a", "PASS", "observed"),
    ("Strelka2", "GT:GQX:DP:DPF:MIN_DP", "0/0:6:3:1:2", ".", f"{BLOCK};BLOCKAVG_min30p3a", "PASS", "doubtful"),
    ("Strelka2", "GT:GQX:DP:DPF", ".:.:0:2", ".", ".", "LowGQX;HighDPFRatio", "no_call"),
    ("Strelka2", "GT:GQ:GQX:DP:DPF:AD:PL:FT", "0/0:80:80:30:1:30,0:0,83,900:PASS", "C", ".", "PASS", "observed"),
    ("Strelka2", "GT:GQ:GQX:DP:DPF:AD:PL:FT", "0/0:9:9:3:1:3,0:0,9,90:LowGQX", "C", ".", "PASS", "filtered"),
    ("Strelka2", "GT:GQX:DP:DPF", "0:87:30:1", ".", ".", "PASS", "half_call"),
    # GraphTyper: no read leaves ./.; FT of structural records only.
    ("GraphTyper", "GT:AD:MD:DP:GQ:PL", "0/0:30,0:0:30:90:0,90,255", "C", ".", "PASS", "observed"),
    ("GraphTyper", "GT:AD:MD:DP:GQ:PL", "./.:0,0:0:0:0:0,0,0", "C", ".", "PASS", "no_call"),
    ("GraphTyper", "GT:AD:MD:DP:GQ:PL", "0/1:26,4:0:30:10:10,0,255", "C", ".", "PASS", "doubtful"),
    ("GraphTyper", "GT:FT:AD:GQ:PL", "0/1:FAIL2:26,4:10:10,0,255", "C", ".", "PASS", "filtered"),
    ("GraphTyper", "GT:AD:MD:DP:GQ:PL", "0/1:26,4:0:30:10:10,0,255", "C", ".", "LowABHet", "filtered"),
    # Octopus: GQ without PL, names of filters that are names of fields as well.
    ("Octopus", "GT:GQ:DP:MQ:PS:PQ:FT", "0|1:210:30:60:18130687:99:PASS", "C", ".", "PASS", "observed"),
    ("Octopus", "GT:GQ:DP:MQ:PS:PQ:FT", "0|1:4:30:60:18130687:99:PASS", "C", ".", "PASS", "doubtful"),
    ("Octopus", "GT:GQ:DP:MQ:PS:PQ:FT", "0|1:210:30:60:18130687:99:RF", "C", ".", "PASS", "filtered"),
    ("Octopus", "GT:GQ:DP:MQ:PS:PQ", "0|1:3:30:20:18130687:99", "C", ".", "GQ;MQ", "filtered"),
    # FreeBayes: RO and AO, GL in powers of ten, GQ a real number (ResultData.cpp).
    ("FreeBayes", "GT:DP:AD:RO:QR:AO:QA:GL", "0/1:30:16,14:16:590:14:510:-40.1,0,-45.2", "C", ".", ".", "observed"),
    ("FreeBayes", "GT:DP:RO:QR:AO:QA:GL", "0/1:30:27:990:3:90:-1.1,0,-80.2", "C", ".", ".", "doubtful"),
    ("FreeBayes", "GT:DP:RO:QR:AO:QA:GL", "0/0:30:30:1100:0:0:0,-9.03,-99.2", "C", ".", ".", "observed"),
    ("FreeBayes", "GT:GQ:DP:RO:QR:AO:QA", "0/1:160.002:30:16:590:14:510", "C", ".", ".", "observed"),
    ("FreeBayes", "GT:GQ:DP:RO:QR:AO:QA", "0/1:3.2:30:20:700:10:310", "C", ".", ".", "doubtful"),
    ("FreeBayes", "GT:DP:RO:QR:AO:QA:GL", "0/0:0:0:0:0:0:0,0,0", "C", ".", ".", "low_quality"),
    ("FreeBayes", "GT:DP:MIN_DP:QR:QA", "0/0:30:25:900:0", "<*>", BLOCK, ".", "observed"),
    ("FreeBayes", "GT:DP:MIN_DP:QR:QA", "0/0:4:0:900:0", "<*>", BLOCK, ".", "low_quality"),
    # bcftools: zero depth is ./. (mcall.c).
    ("bcftools", "GT:PL:DP:AD", "0/0:0,90,255:30:30,0", "C", ".", ".", "observed"),
    ("bcftools", "GT:PL:DP:AD:GQ", "0/1:200,0,210:30:16,14:127", "C", ".", ".", "observed"),
    ("bcftools", "GT:PL", "0/0:0,3,40", "C", ".", ".", "doubtful"),
    ("bcftools", "GT:PL:DP", "./.:0,0,0:0", "C", ".", ".", "no_call"),
    ("bcftools", "PL:DP", "0,90,255:30", "<*>", ".", ".", "no_call"),
    ("bcftools", "GT:DP", "0/0:12", ".", f"{BLOCK};MinDP=10", ".", "observed"),
    ("bcftools", "GT:DP", "0/0:0", ".", f"{BLOCK};MinDP=0", ".", "low_quality"),
    # Platypus: NR and NV, GL; REFCALL is no failure.
    ("Platypus", "GT:GL:GOF:GQ:NR:NV", "0/1:-40.1,0,-45.2:3:99:30:14", "C", ".", "PASS", "observed"),
    ("Platypus", "GT:GL:GOF:GQ:NR:NV", "0/1:-40.1,0,-45.2:3:99:30:14", "C", ".", "badReads", "filtered"),
    # Beagle: IMP marks what was imputed, DR2 how well.
    ("Beagle", "GT:DS", "0|1:1", "C", "DR2=1.00;AF=0.04", "PASS", "observed"),
    ("Beagle", "GT:DS:GP", "0|0:0.01:0.99,0.01,0", "C", "DR2=0.95;AF=0.04;IMP", "PASS", "imputed"),
    ("Beagle", "GT:DS", "0|0:0.4", "C", "DR2=0.95;AF=0.04;IMP", "PASS", "imputed"),
    ("Beagle", "GT:DS:GP", "0|1:1:0,1,0", "C", "DR2=0.00;AF=0.04;IMP", "PASS", "imputed"),
    # Minimac and the servers around it: flags of two kinds (Analysis.cpp, dosage_writer.cpp).
    ("Minimac", "GT:DS:HDS:GP", "0|1:1:0,1:0,1,0", "C", "AF=0.04;R2=0.97;IMPUTED", "PASS", "imputed"),
    ("Minimac", "GT:DS:HDS:GP", "0|1:1:0,1:0,1,0", "C", "AF=0.04;R2=0.97;ER2=0.9;TYPED", "PASS", "observed"),
    ("Minimac", "GT:DS:HDS:GP", "0|0:0.4:0,0.4:0.6,0.4,0", "C", "AF=0.04;R2=0.97;ER2=0.9;TYPED", "PASS", "doubtful"),
    ("Minimac", "GT", "0|1", "C", "AF=0.04;TYPED_ONLY", "PASS", "observed"),
    ("Minimac", "GT:DS:GP", "0|1:1:0,1,0", "C", "AF=0.04;R2=0.97;ER2=0.9", "PASS;GENOTYPED", "observed"),
    ("Minimac", "GT:DS:GP", "0|1:1:0,1,0", "C", "AF=0.04;R2=0.97", "PASS", "imputed"),
    ("Minimac", "GT", "0|1", "C", "AF=0.04", "GENOTYPED_ONLY;PASS", "observed"),
    ("Minimac", "GT", "0|0", "C", "AF=0.04;R2=0.2", "PASS", "imputed"),
    # GLIMPSE, IMPUTE5, STITCH: nothing marks what was imputed; INFO is a figure.
    ("GLIMPSE", "GT:DS:GP:HS", "0/0:0.02:0.98,0.02,0:0", "C", "RAF=0.04;AF=0.04;INFO=0.9", "PASS", "imputed"),
    ("IMPUTE5", "GT:DS:GP", "0|1:1:0,1,0", "C", "AF=0.04;INFO=0.95;IMP", "PASS", "imputed"),
    ("STITCH", "GT:GP:DS", "0/0:0.99,0.01,0:0.01", "C", "EAF=0.04;INFO_SCORE=0.9", "PASS", "imputed"),
    # Genotypes alone: plink, SHAPEIT, consumer arrays; PR says that the reference is provisional.
    ("plink", "GT", "0/1", "C", "PR", ".", "observed"),
    ("plink", "GT", "./.", "C", "PR", ".", "no_call"),
    ("SHAPEIT", "GT", "0|1", "C", "AC=3;AN=200", ".", "observed"),
    # gtc2vcf: GQ stands for the GenCall score (IGC), not for a chance of error; no DP.
    ("gtc2vcf", "GT:GQ:IGC:BAF:LRR:NORMX:NORMY", "0/0:7:0.81:0.01:0.02:1:0.1", "C", ".", ".", "observed"),
    ("gtc2vcf", "GT:GQ:IGC:BAF:LRR:NORMX:NORMY:R:THETA", "0/1:13:0.95:0.51:0.02:1:1:2:0.5", "C", ".", ".", "observed"),
    ("gtc2vcf", "GT:GQ:IGC:BAF:LRR:NORMX:NORMY:R:THETA", "./.:0:0.05:0.2:-3:0:0:0:0", "C", ".", ".", "no_call"),
    ("gtc2vcf", "GT:GQ:IGC:BAF:LRR:NORMX:NORMY:R:THETA", "0/0:0:0.05:0.2:-3:0:0:0:0", "C", ".", ".", "low_quality"),
    # Reads beside a posterior, no likelihoods: the posterior holds.
    ("posterior", "GT:DP:GP", "0/0:4:0.7,0.3,0", "C", ".", ".", "doubtful"),
    ("posterior", "GT:DP:GP", "0/0:30:1,0,0", "C", ".", ".", "observed"),
    # A posterior that says another genotype contradicts the call.
    ("posterior", "GT:GP", "0/0:0,1,0", "C", ".", ".", "contradictory"),
    ("posterior", "GT:GP", "0/0:0.005,0.995,0", "C", ".", ".", "contradictory"),
    ("posterior", "GT:GP", "1/1:1,0,0", "C", ".", ".", "contradictory"),
    ("posterior", "GT:DP:GP", "0/1:30:1,0,0", "C", ".", ".", "contradictory"),
    ("posterior", "GT:HDS", "0|1:1,1", "C", ".", ".", "contradictory"),
    ("posterior", "GT:DS", "0/0:1", "C", ".", ".", "contradictory"),
    ("posterior", "GT:DS:DP", "0/0:1:30", "C", ".", ".", "contradictory"),
    ("posterior", "GT:DS:AD", "0/0:1.9:30,0", "C", ".", ".", "contradictory"),
    ("posterior", "GT:DS", "0|0:5", "C", "IMPUTED;R2=0.9", ".", "contradictory"),
    ("posterior", "GT:DS", "0|0:0.9", "C", "TYPED;R2=0.99", ".", "contradictory"),
    ("posterior", "GT:DS:DP", "0/1:1.02:30", "C", ".", ".", "observed"),
    # Reads alone.
    ("reads", "GT:AD", "0/1:15,15", "C", ".", ".", "observed"),
    ("reads", "GT:AD", "0/1:27,3", "C", ".", ".", "doubtful"),
    ("reads", "GT:AD", "0/1:3,1", "C", ".", ".", "doubtful"),
    ("reads", "GT:AD", "0/0:24,6", "C", ".", ".", "doubtful"),
    ("reads", "GT:AD", "0/0:0,0", "C", ".", ".", "low_quality"),
    ("reads", "GT:DP", "0/0:0", "C", ".", ".", "low_quality"),
    ("reads", "GT:GQ", "0/0:19", "C", ".", ".", "doubtful"),
    ("reads", "GT:GQ", "0/0:20", "C", ".", ".", "observed"),
    # A record of several ALTs that was split and kept its lists, and cells that are cut: REF and 0/0 stand first.
    ("split", "GT:AD", "0/0:30,0,0", "C", ".", ".", "observed"),
    ("split", "GT:AD", "0/0:0,30,0", "C", ".", ".", "doubtful"),
    ("split", "GT:AD", "0/0:17,3,0", "C", ".", ".", "doubtful"),
    ("split", "GT:AD", "0/0:18,1,2", "C", ".", ".", "observed"),
    ("split", "GT:AD", "0/0:28,2,0", "C", ".", ".", "observed"),
    ("split", "GT:AD", "0/1:15,0,15", "C", ".", ".", "observed"),
    ("split", "GT:AD", "0/1:30,0,0", "C", ".", ".", "doubtful"),
    ("split", "GT:AD", "0/1:0,30,0", "C", ".", ".", "doubtful"),
    ("split", "GT:AD", "1/1:0,30,0", "C", ".", ".", "observed"),
    ("split", "GT:AD", "1/1:9,21,0", "C", ".", ".", "doubtful"),
    ("split", "GT:AD", "1/1:0,0,0", "C", ".", ".", "doubtful"),
    ("split", "GT:AD", "0/0:.,.,.", "C", ".", ".", "observed"),
    ("split", "GT:PL", "0/0:0,90,900,90,900,900", "C", ".", ".", "observed"),
    ("split", "GT:PL", "0/0:90,0,900,90,900,900", "C", ".", ".", "doubtful"),
    ("split", "GT:PL", "0/1:90,900,900,0,900,900", "C", ".", ".", "observed"),
    ("split", "GT:PL", "0/1:0,90,900,90,900,900", "C", ".", ".", "doubtful"),
    ("split", "GT:PL", "1/1:0,90,900,90,900,900", "C", ".", ".", "doubtful"),
    ("cut", "GT:AD", "0/0:0", "C", ".", ".", "doubtful"),
    ("cut", "GT:AD", "0/0:30", "C", ".", ".", "observed"),
    ("cut", "GT:AD", "0/0:15,15", "C,G", ".", ".", "doubtful"),
    ("cut", "GT:AD", "0/1:15", "C", ".", ".", "observed"),
    ("cut", "GT:PL", "0/0:0,90", "C,G", ".", ".", "observed"),
    ("cut", "GT:PL", "0/0:90,0", "C,G", ".", ".", "doubtful"),
    ("VarScan", "GT:RD:AD", "0/0:30:0", "C", ".", ".", "observed"),
    # A figure that is no number is none that nobody has.
    ("damaged", "GT:DP", "0/0:0x", "C", ".", ".", "low_quality"),
    ("damaged", "GT:GQ", "0/0:abc", "C", ".", ".", "low_quality"),
    ("damaged", "GT:AD", "0/0:0;30", "C", ".", ".", "low_quality"),
    ("damaged", "GT:AD", "0/0:0x,30x", "C", ".", ".", "low_quality"),
    ("damaged", "GT:PL", "0/0:900;0;900", "C", ".", ".", "low_quality"),
    ("damaged", "GT:DP", "0/0:1_0", "C", ".", ".", "low_quality"),
    ("damaged", "GT:DP", "0/0:NA", "C", ".", ".", "observed"),
    ("damaged", "GT:GQ", "0/0:nan", "C", ".", ".", "observed"),
    ("damaged", "GT:DP", "0/0:3e1", "C", ".", ".", "observed"),
]  # fmt: skip

_META = {
    "Beagle": ['##INFO=<ID=IMP,Number=0,Type=Flag,Description="Imputed marker">'],
    "IMPUTE5": ['##INFO=<ID=IMP,Number=0,Type=Flag,Description="Imputed marker">'],
}


def told(tmp_path, fmt, cell, alts="C", info=".", filters="PASS", caller=""):
    """Return the row of variants.tsv of one record at rs1142345."""
    file = VcfBuilder(genes=("TPMT",), meta=_META.get(caller, []))
    site = file.site(LOCUS)
    file.replace(LOCUS, Rec(site.chrom, site.pos, site.ref, alts, [cell], fmt, "rs1142345", filters, info))
    analysis = lupus_pgx.analyze(file.write(tmp_path / "one", kind="vcf"), genes=["TPMT"], build="GRCh38")
    (row,) = [row for row in analysis.variants.to_frame().to_dict("records") if row["locus"] == LOCUS]
    return row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}-{row[5]}")
def test_status(tmp_path, row):
    caller, fmt, cell, alts, info, filters, expected = row
    assert told(tmp_path, fmt, cell, alts, info, filters, caller)["status"] == expected


def test_figures_stand_in_the_note(tmp_path):
    row = told(tmp_path, "GT:AD:DP:GQ:PL", "0/1:27,3:30:9:9,0,400")
    assert row["genotype"] == "T/C"
    assert all(figure in row["note"] for figure in ("AD 27,3", "DP 30", "GQ 9", "PL 9,0,400"))
    row = told(tmp_path, "GT:GP", "0|0:0.9,0.1,0", info="R2=0.8;IMPUTED")
    assert all(figure in row["note"] for figure in ("R2 0.8", "GP 0.9,0.1,0"))


def test_a_list_that_does_not_fit_and_a_figure_that_is_none_stand_in_the_note(tmp_path):
    note = "AD of another number of alleles: 0 of the reference, 30 of all others"
    assert note in told(tmp_path, "GT:AD", "0/0:0,30,0")["note"]
    note = "PL of another number of alleles: 90 of the reference, 0 the lowest other"
    assert note in told(tmp_path, "GT:PL", "0/0:90,0,900,90,900,900")["note"]
    assert "a figure that is no number" in told(tmp_path, "GT:DP", "0/0:0x")["note"]


ENDS = [
    ("END=18170000", "", True),
    ("END=1e9", "", False),
    ("END=999999999999", "", False),
    ("END=249250622", "", False),
    ("END=18170000.7", "", False),
    ("END=+18170000", "", False),
    ("END=18000050", "", False),
    ("END=18170000", "101", False),
    ("END=18000100", "170001", False),
    ("END=18170000", "170001", True),
    (".", "170001", True),
    ("END=.", "170001", True),
]


@pytest.mark.parametrize(("info", "length", "states"), ENDS, ids=[" ".join(map(str, row)) for row in ENDS])
def test_a_block_states_what_a_plain_end_says(tmp_path, info, length, states):
    """Its first base only, where END is no place of a chromosome; where LEN says another end, up to the nearer."""
    fmt, cell = ("GT:GQ:DP:LEN", f"0/0:60:30:{length}") if length else ("GT:GQ:DP", "0/0:60:30")
    file = VcfBuilder(genes=("TPMT",)).drop_gene("TPMT")
    file.add(Rec("chr6", 18_000_000, "A", "<NON_REF>", [cell], fmt, info=info))
    kind = "vcf" if "999999999999" in info else "vcf.gz"  # no index holds it
    analysis = lupus_pgx.analyze(file.write(tmp_path / "one", kind=kind), genes=["TPMT"], build="GRCh38")
    rows = analysis.variants.to_frame()
    assert (set(rows.status) == {"observed"}) is states
    assert states or "observed" not in set(rows.status)


@pytest.mark.parametrize("values", [("mine",), ("other", "mine"), ("mine", "named_nowhere")])
def test_pass_filter_on_the_command_line(values, tmp_path, fx_cli):
    file = VcfBuilder(genes=("TPMT",))
    file.records[LOCUS][0].filters = "mine"
    path = file.write(tmp_path / "one", kind="vcf")
    options = [part for value in values for part in ("--pass-filter", value)]
    for given, expected in (([], "filtered"), (options, "observed")):
        out = tmp_path / f"out{len(given)}"
        assert fx_cli("analyze", path, "--genes", "TPMT", "--build", "GRCh38", "-o", out, *given)[0] == 0
        assert _status(out) == expected


@pytest.mark.parametrize(("fraction", "status"), [("0.05", "doubtful"), ("0.2", "low_quality")])
def test_min_allele_fraction_on_the_command_line(fraction, status, tmp_path, fx_cli):
    file = VcfBuilder(genes=("TPMT",))
    file.records[LOCUS][0].fmt, file.records[LOCUS][0].calls = "GT:AD", ["0/1:27,3,0"]
    path = file.write(tmp_path / "one", kind="vcf")
    options = ["--genes", "TPMT", "--build", "GRCh38", "-o", tmp_path / "out", "--min-allele-fraction", fraction]
    assert fx_cli("analyze", path, *options)[0] == 0
    assert _status(tmp_path / "out") == status


def _status(folder):
    with next(folder.glob("**/*variants.tsv")).open(encoding="utf-8") as table:
        (row,) = [row for row in csv.DictReader(table, delimiter="\t") if row["locus"] == LOCUS]
    return row["status"]


FILLED = [
    # FORMAT, cells of two samples, statuses: the second has a record, the first may not have.
    ("GT:DP:GQ", ("0/0:.:.", "0/1:30:99"), ("low_quality", "observed")),
    ("GT:AD:DP:GQ:PL", ("0/0", "0/1:16,14:30:99:420,0,480"), ("low_quality", "observed")),
    ("GT:AD", ("0|0:.", "0/0:30,0"), ("low_quality", "observed")),
    ("GT:PL", ("0/0:.,.,.", "0/1:200,0,210"), ("low_quality", "observed")),
    ("GT:GQ", ("0/0:.", "1/1:60"), ("low_quality", "observed")),
    # A genotype that is not the reference was seen by somebody; without any figures nothing tells them apart.
    ("GT:DP:GQ", ("0/1:.:.", "0/1:30:99"), ("observed", "observed")),
    ("GT:DP:GQ", ("0/0:.:.", "0/1:.:."), ("observed", "observed")),
    ("GT", ("0/0", "0/1"), ("observed", "observed")),
    ("GT:AD:DP:GQ", ("0/0:.:30:.", "0/1:16,14:30:99"), ("observed", "observed")),
]


ALONE = [
    # One sample of a merged file has the names of the figures alone.
    ("GT:DP:GQ", "0/0:.:.", "low_quality"),
    ("GT:AD:DP:GQ:PL", "0/0", "low_quality"),
    ("GT:AD:PL", "0|0:.,.:.", "low_quality"),
    ("GT:DP:GQ", "0/0:30:.", "observed"),
    ("GT:GQ", "0/0:.", "observed"),
    ("GT:PS", "0/0:.", "observed"),
    ("GT:DP:GQ", "0/1:.:.", "observed"),
]


@pytest.mark.parametrize(("fmt", "cell", "expected"), ALONE)
def test_a_reference_with_the_names_of_figures_alone_was_filled_in(tmp_path, fmt, cell, expected):
    assert told(tmp_path, fmt, cell)["status"] == expected


@pytest.mark.parametrize(("fmt", "cells", "expected"), FILLED)
@pytest.mark.parametrize("kind", ["vcf.gz", "bcf"])
def test_a_reference_without_the_figures_of_its_neighbours_was_filled_in(tmp_path, fmt, cells, expected, kind):
    meta = ['##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">']
    file = VcfBuilder(genes=("TPMT",), samples=["S1", "S2"], meta=meta)
    site = file.site(LOCUS)
    file.replace(LOCUS, Rec(site.chrom, site.pos, site.ref, "C", list(cells), fmt, "rs1142345"))
    rows = lupus_pgx.analyze(file.write(tmp_path / "two", kind=kind), genes=["TPMT"]).variants.to_frame()
    found = rows[rows.locus == LOCUS]
    assert tuple(found.status) == expected
    filled = found[found.status == "low_quality"]
    assert filled.note.str.contains("without any of the figures").all()


def test_who_had_no_record_before_merging_is_not_reference_after_it(tmp_path):
    paths = []
    for sample, cell in (("S1", None), ("S2", "0/1:30:99")):
        file = VcfBuilder(genes=("TPMT",), samples=[sample])
        site = file.site(LOCUS)
        file.replace(LOCUS, Rec(site.chrom, site.pos, site.ref, "C", [cell], "GT:DP:GQ")) if cell else file.drop(LOCUS)
        paths.append(file.write(tmp_path / sample))
    merged = str(tmp_path / "merged.vcf.gz")
    pysam.bcftools.merge("--missing-to-ref", "-Oz", "-o", merged, *paths, catch_stdout=False)
    analysis = lupus_pgx.analyze(merged, genes=["TPMT"], drugs=["azathioprine"])
    rows = analysis.variants.to_frame()
    assert rows[rows.locus == LOCUS].set_index("sample_id").status.to_dict() == {"S1": "low_quality", "S2": "observed"}
    first = analysis.drug_responses.to_frame().set_index("sample_id").loc["S1"]
    assert first.action != "standard"
