"""A carrier of a decisive variant whose record is damaged: whatever is left of it, the usual dose is never stated.

The file is one of a genome's variants, or of a record at every locus; the record of TPMT rs1142345 (T>C) is damaged in
every way that the sections below name. Both policies, and called regions that cover all.
"""

from __future__ import annotations

import pysam
import pysam.bcftools
import pytest
from builder import Rec, VcfBuilder
from fuzz.damage import BESIDE, CARRIED, HIDES, LOCUS, POS, is_damage
from fuzz.damage import line as line_of
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.errors import LupusPgxError

GENES = ("TPMT", "NUDT15")
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
    if kind == "bcf":
        pysam.bcftools.view("-Ob", "-o", str(path / "in.bcf"), str(file), catch_stdout=False)
        file = path / "in.bcf"
        pysam.bcftools.index("-f", str(file), catch_stdout=False)
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


# A record at the locus whose ALT cannot be read.

UNREADABLE = {
    "the same as REF": ("T", "T"),
    "a symbol": ("T", "<C>"),
    "another symbol": ("T", "<SNV>"),
    "brackets": ("T", "[C]"),
    "a stop": ("T", "C."),
    "beside one that is read": ("T", "C,<G>"),
    "REF of two bases": ("TA", "TA"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_carried_alt_that_cannot_be_read_is_no_allele(name, mode, tmp_path):
    ref, alts = UNREADABLE[name]
    last = alts.count(",") + 1
    for genotype in (f"0/{last}", f"{last}/{last}", f"0|{last}", f"./{last}", "./."):
        analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} {ref} {alts} . PASS . GT {genotype}", mode)
        assert row(analysis).status == ("no_call" if genotype == "./." else "unexpected_allele")
        assert LOCUS in call(analysis).missing_essential
        assert action(analysis) == "test_first"


def test_who_does_not_carry_it_has_the_base_of_ref(tmp_path):
    analysis = analyze(tmp_path, f"chr6 {POS} {LOCUS} T <C> . PASS . GT 0/0")
    assert row(analysis).genotype == "T/T"
    assert action(analysis) == "standard"


# Structure that is carried, however its length and place are written.

STRUCTURE = {
    "SVLEN=-1e5": "chr6 18100000 sv A <DEL> . PASS SVTYPE=DEL;SVLEN=-1e5 GT 0/1",
    "SVLEN=1E+05": "chr6 18100000 sv A <DUP> . PASS SVLEN=1E+05 GT 0/1",
    "END=1.82e7": "chr6 18100000 sv A <INV> . PASS END=1.82e7 GT 0/1",
    "END=.;SVLEN=.": "chr6 18100000 sv A <DEL> . PASS SVTYPE=DEL;END=.;SVLEN=. GT 0/1",
    "no length": "chr6 18130600 sv A <DEL> . PASS SVTYPE=DEL GT 0/1",
    "no length, no type": "chr6 18130600 sv A <CNV> . PASS . GT 0/1",
    "a length in words": "chr6 18100000 sv A <DEL> . PASS SVLEN=-100kb GT 0/1",
    "END before POS": "chr6 18100000 sv A <DUP> . PASS END=18099999 GT 0/1",
    "both breakends": [
        "chr6 18100000 b1 A A[chr6:18200000[ . PASS SVTYPE=BND;MATEID=b2 GT 0/1",
        "chr6 18200000 b2 A ]chr6:18100000]A . PASS SVTYPE=BND;MATEID=b1 GT 0/1",
    ],
    "one breakend": "chr6 18100000 b1 A A[6:18200000[ . PASS . GT 0/1",
    "breakends of an inversion": "chr6 18100000 b1 A A]chr6:18200000] . PASS SVTYPE=BND GT 1/1",
    "a breakend at the locus": f"chr6 {POS} b1 T T[chr13:48000000[ . PASS . GT 0/1",
    "<INS>": f"chr6 {POS} sv T <INS> . PASS SVTYPE=INS;SVLEN=500 GT 0/1",
    "<INS> before": f"chr6 {POS - 1} sv A <INS:ME:ALU> . PASS SVTYPE=INS;SVLEN=280 GT 0/1",
    "<INS>, no length": f"chr6 {POS} sv T <INS> . PASS . GT 0/1",
    "<DUP>": f"chr6 {POS} sv T <DUP:TANDEM> . PASS SVTYPE=DUP;SVLEN=3 GT 0/1",
    "a long insertion": f"chr6 {POS} sv T T{'ACGT' * 80} . PASS . GT 0/1",
    "a long insertion before": f"chr6 {POS - 1} sv A A{'ACGT' * 80} . PASS . GT 0/1",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside the locus"])
@pytest.mark.parametrize("name", STRUCTURE)
def test_structure_that_is_carried_makes_the_locus_uncertain(name, beside, mode, tmp_path):
    lines = [STRUCTURE[name]] if isinstance(STRUCTURE[name], str) else STRUCTURE[name]
    without = () if beside and mode == "unknown" else (LOCUS,)
    own = [f"chr6 {POS} {LOCUS} T C . PASS . GT 0/0"] if beside and mode != "unknown" else []
    analysis = analyze(tmp_path, [*lines, *own], mode, without=without)
    assert row(analysis).status in {"unexpected_allele", "half_call", "no_call"}
    assert LOCUS in call(analysis).missing_essential
    assert action(analysis) == "test_first"


@pytest.mark.parametrize("name", STRUCTURE)
def test_structure_that_is_not_carried_says_nothing(name, tmp_path):
    lines = [STRUCTURE[name]] if isinstance(STRUCTURE[name], str) else STRUCTURE[name]
    lines = [f"{line.rpartition(' ')[0]} 0/0" for line in lines]
    analysis = analyze(tmp_path, lines)
    assert row(analysis).status == "no_record"
    beside = analyze(tmp_path, lines, without=())
    assert row(beside).status == "observed"
    assert action(beside) == "standard"


@pytest.mark.parametrize("name", ["SVLEN=-1e5", "no length", "both breakends", "a long insertion before"])
def test_a_cohort_is_uncertain_for_its_carriers_alone(name, tmp_path):
    lines = [STRUCTURE[name]] if isinstance(STRUCTURE[name], str) else STRUCTURE[name]
    lines = [f"{line.rpartition(' ')[0]} 0/0 0/1 ./." for line in lines]
    people = ("A", "B", "C")
    analysis = analyze(tmp_path, lines, samples=people, without=())
    assert [row(analysis, sample=name).status for name in people] == ["observed", "unexpected_allele", "observed"]
    assert [action(analysis, name) for name in people] == ["standard", "test_first", "standard"]


@pytest.mark.parametrize(
    "line",
    [
        "chr6 18100000 sv A <DEL> . PASS SVLEN=-1e3 GT 0/1",
        "chr6 17000000 sv A <DEL> . PASS SVTYPE=DEL GT 0/1",
        "chr6 18100000 b1 A A[chr6:18120000[ . PASS . GT 0/1",
        "chr6 18100000 b1 A A[chr7:18200000[ . PASS . GT 0/1",
        "chr6 18130000 sv A <INS> . PASS SVTYPE=INS;SVLEN=5000 GT 0/1",
        f"chr6 {POS - 1} sv A AGG . PASS . GT 0/1",
    ],
)
def test_structure_elsewhere_leaves_the_locus_alone(line, tmp_path):
    analysis = analyze(tmp_path, line, without=())
    assert row(analysis).status == "observed"
    assert action(analysis) == "standard"


# An ALT of the record of a locus that no allele uses: an insertion or deletion that starts from its base, a lost base.

CHANGED = {
    "a frameshift on the other haplotype": ("TA CA,CC,T", "1/3", ("C", "<DEL>")),
    "the frameshift alone": ("TA CA,CC,T", "0/3", ("T", "<DEL>")),
    "a deletion": ("TAT T", "0/1", ("T", "<DEL>")),
    "an insertion": ("T TA", "0/1", ("T", "<INS>")),
    "an insertion on the other haplotype": ("T C,TGG", "1|2", ("C", "<INS>")),
    "two records": (["T C", "TA T"], "0/1", ("C", "<DEL>")),
    "a lost base on the other haplotype": ("T C,*", "1/2", ("C", "*")),
    "a lost base": ("T *", "0/1", ("T", "*")),
    "GATK 3": ("T C,<*:DEL>", "1/2", ("C", "*")),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CHANGED)
def test_an_alt_that_no_allele_uses_is_novel(name, mode, tmp_path):
    alleles, genotype, letters = CHANGED[name]
    lines = [
        f"chr6 {POS} . {item} . PASS . GT {genotype}" for item in ([alleles] if isinstance(alleles, str) else alleles)
    ]
    analysis = analyze(tmp_path, lines, mode)
    assert set(row(analysis).genotype.replace("|", "/").split("/")) == set(letters)
    assert row(analysis).status == "unexpected_allele"
    assert call(analysis).call_status == "novel"
    assert action(analysis) == "test_first"


@pytest.mark.parametrize("alleles", ["T TA", "TAT T", "TA CA,CC,T"])
def test_who_does_not_carry_it_is_not_novel(alleles, tmp_path):
    analysis = analyze(tmp_path, f"chr6 {POS} . {alleles} . PASS . GT 0/0", without=())
    assert row(analysis).genotype == "T/T"
    assert action(analysis) == "standard"


# A record that cannot be placed: where it may be that of a locus, the genome's base is not assumed.

UNPLACED = {
    "at 0": f"chr6 0 {LOCUS} T C . PASS . GT 0/1",
    "at 0 without a name": "chr6 0 . T C . PASS . GT 0/1",
    "beyond the contig": f"chr6 400000000 {LOCUS} T C . PASS . GT 0/1",
    "beyond without a name": "chr6 400000000 . T C . PASS . GT 1/1",
    "one base on": f"chr6 {POS + 1} {LOCUS} T C . PASS . GT 0/1",
    "one base back": f"chr6 {POS - 1} {LOCUS} T C . PASS . GT 0|1",
    "named, near": f"chr6 {POS + 9} {LOCUS} A C . PASS . GT 0/1",
    "named, elsewhere": f"chr6 {POS + 300} x;{LOCUS} T C . PASS . GT 0/1",
    "named, on another chromosome": f"chr7 {POS} {LOCUS} T C . PASS . GT 0/1",
    "hg38_chr6": f"hg38_chr6 {POS} {LOCUS} T C . PASS . GT 0/1",
    "hg38_chr6 without a name": f"hg38_chr6 {POS} . T C . PASS . GT 0/1",
    "chr6_fix": f"chr6_fix {POS} . T C . PASS . GT 0/1",
    "006": f"006 {POS} . T G,C . PASS . GT 0/2",
    "chr6_": f"chr6_ {POS} . TA CA . PASS . GT 0/1",
    "6_hap": f"6_hap {POS} . T C . PASS . GT ./.",
    "no contig": f". 0 {LOCUS} T C . PASS . GT 0/1",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["vcf", "vcf.gz", "bcf"])
@pytest.mark.parametrize("name", UNPLACED)
def test_a_record_that_cannot_be_placed_leaves_its_locus_unknown(name, kind, mode, tmp_path):
    if kind != "vcf" and name == "no contig":
        pytest.skip("not written by bcftools")
    analysis = analyze(tmp_path, UNPLACED[name], mode, kind=kind)
    assert row(analysis).status == "no_record"
    assert row(analysis).note.startswith("not assumed: the record at ") == (mode != "unknown")
    assert LOCUS in call(analysis).missing_essential
    assert action(analysis) == "test_first"
    if mode != "unknown":
        assert "the record at" in analysis.provenance.to_dict()["not_assumed"]["TPMT"]["reason"]


PLACED = {
    "alternate locus": "chr6_GL000250v2_alt 18130 . T C . PASS . GT 0/1",
    "alternate locus, named": f"chr6_GL000250v2_alt 18130 {LOCUS} T C . PASS . GT 0/1",
    "HLA": "HLA-A*01:01:01:01 100 . T C . PASS . GT 0/1",
    "decoy": f"chrUn_JTFH01000001v1_decoy 900 {LOCUS} T C . PASS . GT 0/1",
    "another variant": "chr6 18130000 rs12345 T C . PASS . GT 0/1",
    "one base on": f"chr6 {POS + 1} . A C . PASS . GT 0/1",
    "another chromosome": f"chr7 {POS} . T C . PASS . GT 0/1",
    "telomere": "chr6 0 . N ]chr6:100]N . PASS . GT 0/1",
    "not carried": f"chr6 0 {LOCUS} T C . PASS . GT 0/0",
    "of an unknown contig": f"scaffold_12 {POS} . G A . PASS . GT 0/1",
}


@pytest.mark.parametrize("kind", ["vcf", "vcf.gz", "bcf"])
@pytest.mark.parametrize("name", PLACED)
def test_a_record_of_something_else_leaves_the_statement_alone(name, kind, tmp_path):
    if kind == "bcf" and name == "telomere":
        pytest.skip("not written by bcftools")
    analysis = analyze(tmp_path, PLACED[name], "reference", kind=kind)
    assert row(analysis).status == "assumed_reference"
    assert action(analysis) == "standard"


def test_a_locus_with_its_record_needs_no_other(tmp_path):
    lines = [f"chr6 {POS} {LOCUS} T C . PASS . GT 0/1", UNPLACED["at 0"], UNPLACED["hg38_chr6"]]
    analysis = analyze(tmp_path, lines, "reference")
    assert row(analysis).status == "observed"
    assert action(analysis) == "reduce_dose"


def test_only_its_carriers_are_unknown(tmp_path):
    line = UNPLACED["at 0"].replace("GT 0/1", "GT 0/1 0/0 ./. 0|0 1/1")
    people = ("A", "B", "C", "D", "E")
    analysis = analyze(tmp_path, line, "reference", samples=people)
    found = [row(analysis, sample=name).status for name in people]
    assert found == ["no_record", "assumed_reference", "no_record", "assumed_reference", "no_record"]


def test_of_two_files_each_speaks_of_its_own_people(tmp_path):
    files = []
    for name, line in (("A", UNPLACED["at 0"]), ("B", PLACED["another variant"])):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "in.vcf"
        file.write_text(build(line, "reference", (name,)).text())
        files.append(str(file))
    analysis = lupus_pgx.analyze(files, genes=list(GENES), drugs=["azathioprine"], absent="reference")
    assert [row(analysis, sample=name).status for name in "AB"] == ["no_record", "assumed_reference"]
    assert [action(analysis, name) for name in "AB"] == ["test_first", "standard"]


@pytest.mark.parametrize("kind", ["vcf", "vcf.gz", "bcf"])
@pytest.mark.parametrize("beside", [-1, 1])
def test_the_letters_of_a_locus_one_base_beside_it_are_not_passed_over(beside, kind, tmp_path):
    record = f"chr6 {POS + beside} NAME T C . PASS . GT 0/1"
    for name, status in ((".", "no_record"), ("6:18130688:T:C", "no_record"), ("rs1", "assumed_reference")):
        found = analyze(tmp_path, record.replace("NAME", name), "reference", kind=kind)
        assert row(found).status == status, name
        assert (action(found) == "standard") == (status == "assumed_reference")


@pytest.mark.parametrize("kind", ["vcf", "vcf.gz", "bcf"])
@pytest.mark.parametrize(
    "line",
    [
        f"chr6 5000000 {LOCUS} T C . PASS . GT 0/1",
        f"chr6 {POS - 400_000} . A A[chr6:{POS + 400_000}[ . PASS . GT 0/1",
    ],
    ids=["named", "breakend"],
)
def test_what_stands_far_away_counts_with_an_index_too(line, kind, tmp_path):
    found = analyze(tmp_path, line, "reference", kind=kind)
    assert row(found).status != "assumed_reference"
    assert action(found) != "standard"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("ref", "alt"), [("C", "T"), ("N", "C"), ("A", "G")])
def test_another_record_does_not_speak_for_carriers_of_one_whose_ref_is_wrong(ref, alt, mode, tmp_path):
    lines = [
        f"chr6 {POS} {LOCUS} {ref} {alt} . PASS . GT 0/1 0/0",
        f"chr6 {POS} {LOCUS} T C . PASS . GT 0/0 0/0",
    ]
    found = analyze(tmp_path, lines, mode, samples=("A", "B"))
    assert [row(found, sample=name).status for name in "AB"] == ["ref_mismatch", "observed"]
    assert [action(found, name) for name in "AB"] == ["test_first", "standard"]


UNNAMED = {
    "ALT is REF, a deletion": f"chr6 {POS} . T T . PASS SVTYPE=DEL;END={POS + 20} GT",
    "ALT is REF, a deletion that starts before": f"chr6 {POS - 9} . A A . PASS SVTYPE=DEL;END={POS + 9} GT",
    "ALT is REF, copies": f"chr6 {POS} . T T . PASS SVTYPE=DUP;SVLEN=40 GT",
    "no such kind, a deletion": f"chr6 {POS - 9} . A <FOO> . PASS SVTYPE=DEL;END={POS + 9} GT",
    "no such kind, copies": f"chr6 {POS - 9} . A <FOO> . PASS CN=3;END={POS + 9} GT",
    "ALT is REF, END alone": f"chr6 {POS - 9} . A A . PASS END={POS + 9} GT",
    "ALT is REF, length alone": f"chr6 {POS - 9} . A A . PASS SVLEN=-30 GT",
    "REF and ALT are N, a deletion": f"chr6 {POS - 9} . N N . PASS SVTYPE=DEL;END={POS + 9} GT",
    "REF is N, no such kind": f"chr6 {POS - 9} . N <FOO> . PASS SVTYPE=DEL;END={POS + 9} GT",
    "no ALT, a deletion": f"chr6 {POS} . T . . PASS SVTYPE=DEL;END={POS + 20} GT",
    "no ALT, a deletion that starts before": f"chr6 {POS - 9} . A . . PASS SVTYPE=DEL;END={POS + 9} GT",
    "no brackets": f"chr6 {POS - 9} . A DEL . PASS SVTYPE=DEL;END={POS + 9} GT",
    "one bracket": f"chr6 {POS - 9} . A <DEL . PASS SVTYPE=DEL;END={POS + 9} GT",
    "a dash": f"chr6 {POS - 9} . A - . PASS END={POS + 9} GT",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", UNNAMED)
def test_a_structure_whose_alt_cannot_be_read_hides_what_it_spans_from_its_carriers(name, mode, tmp_path):
    beside = [BESIDE["a block"], BESIDE["contradicted"]]
    for number, other in enumerate(beside):
        lines = sorted(
            (f"{UNNAMED[name]} 0/1 0/0", other.replace(" 0/0:30", " 0/0:30 0/0:30").replace("GT 0/0", "GT 0/0 0/0")),
            key=lambda line: int(line.split()[1]),
        )
        folder = tmp_path / str(number)
        folder.mkdir()
        found = analyze(folder, lines, mode, samples=("A", "B"))
        assert row(found, sample="A").status == "unexpected_allele"
        assert action(found, "A") == "test_first"
        assert row(found, sample="B").status == "observed"
        assert action(found, "B") == "standard"


@pytest.mark.parametrize("key", ["DP", "MIN_DP", "MinDP"])
def test_reads_of_a_sample_outweigh_what_info_says_of_all(key, tmp_path):
    line = f"chr6 {POS} {LOCUS} T C . PASS {key}=0 GT:DP 0/0:30 0/0:0 0/0:."
    found = analyze(tmp_path, line, samples=("A", "B", "C"))
    assert [row(found, sample=name).status for name in "AB"] == ["observed", "low_quality"]
    # The least depth of a block is that of some sample.
    assert row(found, sample="C").status == "low_quality"
    alone = analyze(tmp_path, line.replace("GT:DP 0/0:30 0/0:0 0/0:.", "GT 0/0"))
    assert (row(alone).status, row(alone).note) == ("low_quality", "INFO states a depth of 0")


@pytest.mark.parametrize(
    ("cell", "status"),
    [("0/0:30:0.4", "doubtful"), ("0/0:30:0.12", "doubtful"), ("0/0:30:0.08", "observed"), ("0/1:30:1", "observed"),
     ("0/1:30:1.3", "doubtful"), ("1/1:30:2", "observed"), ("0/0:30:0.9", "contradictory")],
)  # fmt: skip
def test_a_dosage_beside_reads_that_does_not_round_to_the_genotype_is_doubt(cell, status, tmp_path):
    assert row(analyze(tmp_path, f"chr6 {POS} {LOCUS} T C . PASS . GT:DP:DS {cell}")).status == status


REPEAT = "rs746071566"


@pytest.mark.parametrize("beside", [0, 3, 6, 8])
@pytest.mark.parametrize("ref", ["A", "C", "N"])
@pytest.mark.parametrize("alt", ["<DEL>", "<DUP>", "<FOO>"])
def test_structure_within_a_repeated_locus_hides_it_whatever_its_ref(alt, ref, beside, tmp_path):
    site = VcfBuilder(genes=GENES).site(REPEAT)
    lines = [
        f"{site.chrom} {site.pos - 300} . A <NON_REF> . PASS END={site.pos + 300} GT 0/0 0/0",
        f"{site.chrom} {site.pos + beside} . {ref} {alt} . PASS SVTYPE=CNV;END={site.pos + 15} GT 0/1 0/0",
    ]
    found = analyze(tmp_path, lines, samples=("A", "B"), without=(REPEAT,))
    assert row(found, REPEAT, "A").status in ("unexpected_allele", "ref_mismatch")
    assert action(found, "A") == "test_first"
    # The first base with another REF is damage for everybody only where nothing else states it.
    assert action(found, "B") == "standard"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("stated", [True, False], ids=["beside the locus", "alone"])
@pytest.mark.parametrize("beside", [2, 7, 12, 16])
@pytest.mark.parametrize(("ref", "alt"), [("T", "TGAGTCG"), ("TGGAG", "T"), ("-", "GGAGTC"), ("N", "NGGAGTC")])
def test_an_indel_within_a_repeated_locus_with_a_wrong_ref_is_damage(ref, alt, beside, stated, mode, tmp_path):
    site = VcfBuilder(genes=GENES).site(REPEAT)
    lines = [f"{site.chrom} {site.pos} {REPEAT} {site.ref} {','.join(site.alts)} . PASS . GT 0/0"] if stated else []
    lines.append(f"{site.chrom} {site.pos + beside} . {ref} {alt} . PASS . GT 0/1")
    found = analyze(tmp_path, lines, mode, without=(REPEAT,))
    assert row(found, REPEAT).status == "ref_mismatch"
    assert action(found) == "test_first"


# Random damage, one kind or two at once (``tests/fuzz/damage.py`` names the kinds). What is left may be an answer that
# restricts, an open one, or an error in a sentence.


def said_of(path, carried, damages, beside, mode):
    """Return the action, or the exit code of the error."""
    lines = [line_of(carried, damages), *(BESIDE[name] for name in beside)]
    lines.sort(key=lambda item: (item.split()[0] != "chr6", int(item.split()[1])))
    try:
        return action(analyze(path, lines, mode))
    except LupusPgxError as error:
        return error.exit_code


CASES = st.tuples(
    st.sampled_from(CARRIED),
    st.lists(st.sampled_from(sorted(HIDES)), min_size=1, max_size=2, unique=True),
    st.lists(st.sampled_from(sorted(BESIDE)), max_size=1),
    st.sampled_from(["unknown", "reference"]),
).filter(lambda case: is_damage(case[1], case[2]))


@pytest.mark.parametrize("mode", ["unknown", "reference"])
@pytest.mark.parametrize("name", HIDES)
def test_each_kind_by_itself(name, mode, tmp_path):
    assert said_of(tmp_path, "0/1", [name], [], mode) in (65, "test_first", "reduce_dose", "avoid")


@given(CASES)
@settings(max_examples=30)
def test_a_damaged_carrier_is_never_at_the_usual_dose(tmp_path, case):
    assert said_of(tmp_path, *case) not in ("standard", 70)


@pytest.mark.slow
@given(CASES)
@settings(max_examples=500)  # ten thousand by tests/fuzz/run.py --kinds carrier
def test_nor_is_one_of_many_more(tmp_path, case):
    assert said_of(tmp_path, *case) not in ("standard", 70)
