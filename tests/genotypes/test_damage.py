"""A carrier of a decisive variant whose record is damaged: whatever is left of it, the usual dose is never stated.

The file is one of a genome's variants, or of a record at every locus; the record of TPMT rs1142345 (T>C) is damaged in
every way that the sections below name. Both policies, and called regions that cover all.
"""

from __future__ import annotations

import pysam
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

GENES = ("TPMT", "NUDT15")
LOCUS, POS = "rs1142345", 18_130_687
MODES = ["unknown", "reference", "regions"]


def build(lines, mode="unknown", samples=("S1",), without=(LOCUS,)):
    """Return a file whose records of some loci are replaced by lines as a VCF has them, with blanks between cells."""
    builder = VcfBuilder(genes=GENES, samples=list(samples))
    if mode != "unknown":
        builder.variants_only()
    for name in without:
        builder.records.pop(name, None)
    for line in [lines] if isinstance(lines, str) else lines:
        chrom, pos, name, ref, alts, _, filters, info, fmt, *cells = line.split()
        builder.add(Rec(chrom, int(pos), ref, alts, cells, fmt, name, filters, info))
    return builder


def analyze(path, lines, mode="unknown", samples=("S1",), without=(LOCUS,), kind="vcf", **options):
    asked = {"absent": "unknown" if mode == "unknown" else "reference", **options}
    if mode == "regions":
        bed = path / "called.bed"
        bed.write_text("chr6\t0\t170805979\nchr13\t0\t114364328\n")
        asked["called_regions"] = str(bed)
    file = path / "in.vcf"
    file.write_text(build(lines, mode, samples, without).text(), encoding="utf-8")
    if kind == "vcf.gz":
        pysam.tabix_index(str(file), preset="vcf", force=True)
        file = path / "in.vcf.gz"
    return lupus_pgx.analyze(str(file), genes=list(GENES), drugs=["azathioprine"], **asked)


def row(analysis, locus=LOCUS, sample="S1"):
    frame = analysis.variants.to_frame().fillna("")
    return frame[(frame.sample_id == sample) & (frame.locus == locus)].iloc[0]


def call(analysis, gene="TPMT", sample="S1"):
    frame = analysis.diplotypes.to_frame()
    return frame[(frame.sample_id == sample) & (frame.gene == gene)].iloc[0]


def action(analysis, sample="S1"):
    return analysis.patient(sample).drug("azathioprine").action


@pytest.mark.parametrize("mode", MODES)
def test_the_carrier_as_it_is(mode, tmp_path):
    analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} T C . PASS . GT 0/1", mode)
    assert row(analysis).status == "observed"
    assert action(analysis) == "reduce_dose"


# Imputed genotypes of which the record says that they are worth nothing.

WORTHLESS = {
    "R2=nan": ("IMPUTED;R2=nan", "GT:GP", "0/0:0.99,0.01,0"),
    "R2=NaN": ("R2=NaN", "GT:GP", "0/0:1,0,0"),
    "R2=.": ("IMPUTED;R2=.", "GT:GP", "0/0:1,0,0"),
    "R2=-": ("IMPUTED;R2=-", "GT:DS", "0/0:0"),
    "R2=inf": ("IMPUTED;R2=inf", "GT:DS", "0/0:0"),
    "one of two ALTs": ("IMPUTED;R2=0.9,.", "GT:GP", "0/0:1,0,0"),
    "Rsq": ("IMPUTED;Rsq=0.1", "GT:GP", "0/0:1,0,0"),
    "Rsq alone": ("Rsq=0.1", "GT", "0/0"),
    "RSQ=.": ("RSQ=.", "GT:HDS", "0|0:0,0"),
    "DR2=.": ("DR2=.;IMP", "GT:DS", "0|0:0"),
    "DR2=. alone": ("DR2=.", "GT", "0|0"),
    "AR2": ("AR2=0.00;DR2=0.9", "GT:GP", "0|0:1,0,0"),
    "INFO_SCORE": ("INFO_SCORE=0.1", "GT:GP", "0/0:1,0,0"),
    "INFO_SCORE alone": ("INFO_SCORE=.", "GT", "0/0"),
    "MACH_R2": ("MACH_R2=0.02;IMPUTED", "GT:DS", "0/0:0"),
    "DS=nan": (".", "GT:DS", "0/0:nan"),
    "DS=.": (".", "GT:DS", "0/0:."),
    "DS dropped": ("IMP", "GT:DS", "0/0"),
    "GP=nan": ("IMP", "GT:GP", "0/0:nan,nan,nan"),
    "GP=0": ("IMP", "GT:GP", "0/0:0,0,0"),
    "HDS=nan": ("IMP", "GT:HDS", "0|0:nan,nan"),
    "HDS half": ("IMP", "GT:HDS", "0|0:0,."),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", WORTHLESS)
def test_an_imputed_genotype_that_is_worth_nothing_is_open(name, mode, tmp_path):
    info, fmt, cell = WORTHLESS[name]
    analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} T C . PASS {info} {fmt} {cell}", mode)
    assert row(analysis).status == "imputed"
    assert call(analysis).call_status == "ambiguous"
    assert LOCUS in call(analysis).missing_essential
    assert action(analysis) == "test_first"


@pytest.mark.parametrize(
    ("info", "fmt", "cell"),
    [
        ("IMPUTED;R2=0.97;ER2=.", "GT:GP", "0/0:1,0,0"),
        ("IMP;DR2=0.95;AR2=0.93", "GT:DS", "0/0:0"),
        ("Rsq=0.98", "GT:HDS", "0|0:0,0"),
        ("INFO_SCORE=0.97", "GT:GP", "0/0:1,0,0"),
    ],
)
def test_one_that_is_worth_something_still_counts(info, fmt, cell, tmp_path):
    analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} T C . PASS {info} {fmt} {cell}")
    assert row(analysis).status == "imputed"
    assert call(analysis).call_status == "probable"
    assert action(analysis) == "standard"


# A genotype that is not called beside figures of it, and one that is called twice.


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "cell", ["GP ./.:0.999,0.001,0", "PL ./.:0,90,900", "GL ./.:0,-9,-90", "DS ./.:0", "GP .:1,0,0"]
)
def test_what_the_caller_did_not_call_is_unknown_whatever_its_figures(cell, mode, tmp_path):
    key, genotype = cell.split()
    analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} T C . PASS . GT:{key} {genotype}", mode)
    assert row(analysis).status == "no_call"
    assert action(analysis) == "test_first"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("alts", "fmt", "cell"),
    [
        ("C", "GT:LGT:LAA", "0/0:0/1:1"),
        ("C", "GT:LAA:LGT", "0/0:1:1/1"),
        ("C", "LGT:LAA:GT", "0/1:1:0/0"),
        ("G,C", "GT:LGT:LAA", "0/1:0/1:2"),
        ("C", "GT:LGT:LA", "0/0:0|1:0,1"),
        ("C", "GT:LGT:LAA", "0/0:./1:1"),
    ],
)
def test_two_fields_that_state_two_genotypes_are_contradictory(alts, fmt, cell, mode, tmp_path):
    analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} T {alts} . PASS . {fmt} {cell}", mode)
    assert row(analysis).status == "contradictory"
    assert action(analysis) == "test_first"


@pytest.mark.parametrize("cell", ["0/1:1/0:1", "0/1:./.:1", "0|1:0/1:1", "0/1:.:."])
def test_two_fields_that_state_one_genotype_are_one(cell, tmp_path):
    analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} T C . PASS . GT:LGT:LAA {cell}")
    assert row(analysis).status == "observed"
    assert action(analysis) == "reduce_dose"
