"""What a genotype that is not sure does to a call and to a drug."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from builder import Rec, VcfBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx

FULL = "GT:AD:DP:GQ:PL"
SURE, HET, ABSENT = "0/0:30,0:30:90:0,90,900", "0/1:16,14:30:99:420,0,480", "./.:0,0:0:.:0,0,0"
STAR_3C = "rs1142345"  # essential, common
RARE = "rs72552740"  # neither: never seen in the reference population
AZATHIOPRINE = ("TPMT", "NUDT15")


def written(cell: str = SURE, locus: str = STAR_3C, fmt: str = FULL, rest: str = SURE, **fields: str) -> VcfBuilder:
    """Return a file in which every record is written alike, and one locus has a cell of its own."""
    file = VcfBuilder(genes=AZATHIOPRINE)
    for name, (record, *_) in file.records.items():
        record.fmt, record.calls = fmt, [rest]
        record.alts = record.alts.split(",")[0]
        if name == locus:
            record.calls = [cell]
            for key, value in fields.items():
                setattr(record, key, value)
    return file


def rows(frame) -> list[SimpleNamespace]:
    """Return the rows of a table of the analysis."""
    return [SimpleNamespace(**row) for row in frame.to_frame().to_dict("records")]


@pytest.fixture
def fx_told(fx_analyze):
    """Analyze a file for azathioprine; return the rows of its drug, of TPMT and of NUDT15."""

    def run(file: VcfBuilder, **options):
        analysis = fx_analyze(file, genes=AZATHIOPRINE, drugs=["azathioprine"], **options)
        (drug,) = rows(analysis.drug_responses)
        genes = {row.gene: row for row in rows(analysis.diplotypes)}
        return drug, genes["TPMT"], genes["NUDT15"]

    return run


# Good data of the usual callers is not doubted. A row: FORMAT, reference cell, heterozygous cell, ALT of the reference
# records where they are blocks (their ALT is otherwise the one of the locus).
GOOD = {
    "GATK": (FULL, "0/0:29,1:30:84:0,84,1100", HET),
    "GATK all sites": ("GT:AD:DP:RGQ", "0/0:30,0:30:75", "0/1:16,14:30:75"),
    "DeepVariant": ("GT:GQ:DP:AD:VAF:PL", "0/0:38:31:30,1:0.03:0,38,50", "0/1:42:31:16,15:0.48:42,0,50"),
    "DRAGEN": ("GT:AD:AF:DP:GQ:PL:GP", "0/0:30,0:0:30:81:0,81,1100:.", "0/1:16,14:0.47:30:48:84,0,50:48.3,0,53"),
    "Strelka2": ("GT:GQX:DP:DPF:AD", "0/0:87:30:1:30,0", "0/1:35:30:1:16,14"),
    "GraphTyper": ("GT:AD:MD:DP:GQ:PL", "0/0:30,0:0:30:90:0,90,255", "0/1:16,14:0:30:99:255,0,255"),
    "FreeBayes": ("GT:DP:RO:AO:GL", "0/0:30:30:0:0,-9.03,-99", "0/1:30:16:14:-40,0,-45"),
    "bcftools": ("GT:PL:DP:AD", "0/0:0,90,255:30:30,0", "0/1:200,0,210:30:16,14"),
    "Clair3": ("GT:GQ:DP:AF", "0/0:25:34:0.0", "0/1:22:34:0.5"),
    "Octopus": ("GT:GQ:DP:FT", "0|0:210:30:PASS", "0|1:210:30:PASS"),
    "array": ("GT:GQ:IGC:BAF:LRR", "0/0:8:0.85:0.01:0.1", "0/1:8:0.85:0.5:0.1"),
    "genotypes alone": ("GT", "0/0", "0/1"),
}


@pytest.mark.parametrize("caller", GOOD)
def test_good_data_is_certain(caller, fx_told):
    fmt, reference, heterozygous = GOOD[caller]
    drug, tpmt, nudt15 = fx_told(written(reference, fmt=fmt, rest=reference))
    assert (drug.action, tpmt.call_status, nudt15.call_status) == ("standard", "certain", "certain")
    drug, tpmt, _ = fx_told(written(heterozygous, fmt=fmt, rest=reference))
    assert (drug.action, tpmt.diplotype, tpmt.call_status) == ("reduce_dose", "*1/*3C", "certain")


def test_gvcf_blocks_of_deepvariant_are_certain_where_they_are_deep(fx_told):
    deep, shallow = "0/0:50:28:0,84,839", "0/0:9:3:0,9,89"
    for cell, action in ((deep, "standard"), (shallow, "test_first")):
        file = written(cell, fmt="GT:GQ:MIN_DP:PL", rest=deep)
        for record, *_ in file.records.values():
            record.alts, record.ref, record.info = "<*>", record.ref[0], f"END={record.pos + len(record.ref) - 1}"
        drug, *_ = fx_told(file)
        assert drug.action == action


# cell, status of the call of TPMT, its diplotype, action
ESSENTIAL = [
    ("0/0:3,0:3:9:0,9,90", "ambiguous", "*1/*1", "test_first"),
    ("0/0:5,0:5:15:0,15,150", "probable", "*1/*1", "test_first"),
    ("0/0:6,0:6:19:0,19,190", "probable", "*1/*1", "test_first"),
    ("0/0:24,6:30:60:0,60,900", "ambiguous", "*1/*1", "test_first"),
    ("0/0:30,0:30:5:0,90,900", "ambiguous", "*1/*1", "test_first"),
    ("0/0:0,0:0:0:0,0,0", "ambiguous", "*1/*1", "test_first"),
    ("0/1:27,3:30:9:9,0,400", "ambiguous", None, "test_first"),
    ("0/1:27,3:30:60:60,0,400", "ambiguous", "*1/*3C", "reduce_dose"),
    ("1/1:0,2:2:6:60,6,0", "ambiguous", None, None),
]


@pytest.mark.parametrize(("cell", "status", "diplotype", "action"), ESSENTIAL, ids=str)
def test_essential_locus(cell, status, diplotype, action, fx_told):
    drug, tpmt, _ = fx_told(written(cell))
    assert tpmt.call_status == status
    assert diplotype in (None, tpmt.diplotype)
    assert drug.action != "standard"
    assert action in (None, drug.action)
    assert STAR_3C in tpmt.missing_essential


def test_rare_locus_may_be_answered_by_the_prior(fx_told):
    drug, tpmt, _ = fx_told(written("0/0:3,0:3:9:0,9,90", RARE))
    assert (tpmt.call_status, tpmt.diplotype, tpmt.n_doubtful) == ("probable", "*1/*1", 1)
    assert drug.action == "standard"


@pytest.mark.parametrize("cell", ["0/1:27,3:30:9:9,0,400", "0/1:8,1:9:6:6,0,250", "0/0:24,6:30:60:0,60,900"])
def test_rare_locus_that_is_contested_or_points_elsewhere_is_not(cell, fx_told):
    _, tpmt, _ = fx_told(written(cell, RARE))
    assert tpmt.call_status == "ambiguous"


# posterior of the stated genotype -> call and action
POSTERIORS = [
    ("0/0:0.94,0.06,0", "ambiguous", "test_first"),
    ("0/0:0.96,0.04,0", "probable", "test_first"),
    ("0/0:0.986,0.014,0", "probable", "test_first"),
    ("0/0:0.995,0.005,0", "probable", "standard"),
    ("0/0:1,0,0", "probable", "standard"),
    ("0/1:0.06,0.94,0", "ambiguous", "test_first"),
    ("0/1:0.04,0.96,0", "probable", "reduce_dose"),
    ("0/1:0.005,0.995,0", "probable", "reduce_dose"),
]


@pytest.mark.parametrize("ancestry", [None, "EUR", "AFR", "EAS"])
@pytest.mark.parametrize(("cell", "status", "action"), POSTERIORS)
def test_imputed_posterior_is_used_as_it_stands(cell, status, action, ancestry, fx_told):
    drug, tpmt, _ = fx_told(written(cell, fmt="GT:GP", rest="0/0:1,0,0"), ancestry=ancestry)
    assert (tpmt.call_status, drug.action) == (status, action)
    if float(max(cell.partition(":")[2].split(","))) < 0.99:
        assert tpmt.probability == pytest.approx(float(max(cell.partition(":")[2].split(","))), abs=0.0051)


@pytest.mark.parametrize(
    ("cell", "shown", "words"), [("0/0:1,0,0", 0.99995, "over 99.9%"), ("0/0:0.995,0.005,0", 0.995, "99.5%")]
)
def test_nothing_imputed_is_stated_as_exact(cell, shown, words, fx_told):
    """One pair fits, but what it fits is a posterior: no 1, and no word `certain` alone."""
    drug, tpmt, _ = fx_told(written(cell, fmt="GT:GP", rest=cell))
    assert (tpmt.call_status, tpmt.n_candidates, drug.action) == ("probable", 1, "standard")
    assert tpmt.probability == tpmt.phenotype_probability == round(min(shown, 0.9999), 4)
    assert drug.certainty == round(min(shown, 0.9999), 4)
    assert f"genotype {words} certain" in drug.summary


@pytest.mark.parametrize("share", [0.985, 0.995])
def test_one_imputed_locus_bounds_every_pair_that_is_shown(share, fx_analyze):
    """All other loci of the gene are sure: no pair is more probable than the one posterior that it rests on."""
    file = VcfBuilder(genes=("TPMT",))
    record = file.records["rs1142345"][0]
    record.fmt, record.calls, record.info = "GT:GP", [f"0/0:{share},{1 - share:g},0"], "IMPUTED;R2=0.95"
    record.alts = record.alts.split(",")[0]
    row = fx_analyze(file, genes=["TPMT"]).diplotypes.to_frame().set_index("gene").loc["TPMT"]
    assert (row.diplotype, row.call_status) == ("*1/*1", "probable")
    assert row.probability == pytest.approx(share, abs=0.003)


def test_an_imputed_gene_takes_nothing_from_one_that_decides_alone(fx_told):
    file = written("0/0:1,0,0", fmt="GT:GP", rest="0/0:1,0,0")
    for name, (record, *_) in file.records.items():
        if file.loci[name].gene == "NUDT15":
            record.fmt, record.calls = "GT", ["1/1" if name == "rs116855232" else "0/0"]
    drug, _, nudt15 = fx_told(file)
    assert (nudt15.call_status, nudt15.probability) == ("certain", 1.0)
    assert (drug.action, drug.certainty) == ("avoid", 1.0)


@pytest.mark.parametrize("information", ["R2=0.29", "DR2=0.1", "INFO=0.2"])
def test_imputed_without_information_is_open(information, fx_told):
    drug, tpmt, _ = fx_told(written("0/0:1,0,0", fmt="GT:GP", rest="0/0:1,0,0", info=information))
    assert (tpmt.call_status, drug.action) == ("ambiguous", "test_first")


@pytest.mark.every
@pytest.mark.parametrize(
    ("cell", "fmt", "information"),
    [
        ("0/0:1,0,0", "GT:GP", "R2=0.1"),
        ("0/1:0,1,0", "GT:GP", "DR2=0.2"),
        ("0/1:1", "GT:DS", "."),
        ("0/0:0.5", "GT:DS", "."),
        ("0/0:1,0", "GT:GP", "."),
    ],
)
def test_a_badly_imputed_file_says_no_more_than_no_file(cell, fmt, information, fx_told):
    """Each locus by itself could be anything; taken for posteriors these added up to two lost copies in everybody."""
    file = written(cell, fmt=fmt, rest=cell)
    for record, *_ in file.records.values():
        record.info = information
    drug, tpmt, nudt15 = fx_told(file)
    assert (drug.action, tpmt.call_status, nudt15.call_status) == ("test_first", "ambiguous", "ambiguous")
    assert (tpmt.diplotype, nudt15.diplotype) == ("*1/*1", "*1/*1")
    assert "Poor Metabolizer=0.00" in tpmt.phenotypes


def test_posteriors_of_too_few_genotypes_say_nothing(fx_told):
    """Three numbers beside two alternatives."""
    file = written("0/0:1,0,0", fmt="GT:GP", rest="0/0:1,0,0")
    for name, (record, *_) in file.records.items():
        record.alts = ",".join(file.site(name).alts)
    drug, tpmt, _ = fx_told(file)
    assert (drug.action, tpmt.diplotype, tpmt.call_status) == ("test_first", "*1/*1", "ambiguous")


def test_two_imputed_loci_add_up_to_their_posteriors(fx_told):
    file = written("0/1:0.04,0.96,0", fmt="GT:GP", rest="0/0:1,0,0")
    file.records["rs1800460"][0].calls = ["0/1:0.04,0.96,0"]
    drug, tpmt, _ = fx_told(file)
    assert (tpmt.diplotype, drug.action) == ("*1/*3A", "reduce_dose")
    assert tpmt.call_status != "certain"
    assert tpmt.probability > 0.9


@pytest.mark.parametrize("certainty", [0.51, 0.8, 0.99])
@pytest.mark.parametrize("cell", ["0/1:27,3:30:9:9,0,400", "0/0:24,6:30:60:0,60,900", "0/0:3,0:3:9:0,9,90"])
def test_lower_certainty_makes_no_normal(certainty, cell, fx_told):
    drug, tpmt, _ = fx_told(written(cell), min_certainty=certainty)
    assert drug.action != "standard"
    assert tpmt.call_status == "ambiguous"


def test_sure_heterozygote_restricts_though_all_else_is_doubtful(fx_told):
    drug, tpmt, _ = fx_told(written(HET, rest="0/0:5,0:5:15:0,15,150"))
    assert drug.action == "reduce_dose"
    assert tpmt.call_status == "ambiguous"


# Lowering the evidence of a carrier.

_cells = st.one_of(
    # GQ down and PL flatter, of the true genotype or of the wrong one.
    st.integers(0, 60).map(lambda quality: f"0/1:16,14:30:{quality}:{quality},0,480"),
    st.integers(0, 60).map(lambda quality: f"0/1:16,14:30:{quality}:420,0,480"),
    st.integers(0, 19).map(lambda quality: f"0/0:30,0:30:{quality}:0,{quality},480"),
    st.integers(0, 19).map(lambda quality: f"0/0:30,0:30:{quality}:0,90,900"),
    # No read, or reads that say something else than the genotype.
    st.sampled_from(["0/0:0,0:0:99:0,90,900", "0/0:.:0:.:.", "0/0:0,0:.:.:.", "0/0:.:30:.:0,0,0", "0/0:.:.:0:."]),
    st.integers(5, 30).map(lambda reads: f"0/0:{reads},{reads}:{2 * reads}:99:0,90,900"),
    st.integers(1, 30).map(lambda reads: f"0/1:{30 - reads},{reads}:30:99:420,0,480"),
    # GT missing or half.
    st.sampled_from(["./.:16,14:30:99:420,0,480", ".", "./.", "./1:16,14:30:99:.", "0/.:16,14:30:99:.", "1", "0"]),
    # Likelihoods that contradict the genotype.
    st.integers(1, 400).map(lambda level: f"0/0:.:30:99:{level},0,480"),
)  # fmt: skip
_damage = st.fixed_dictionaries(
    {},
    optional={
        "filters": st.sampled_from(["LowQual", "VQSRTrancheSNP99.90to100.00", "q10;s50", "0", "RefCall;LowQual"]),
        "ref": st.sampled_from(["C", "A", "G", "N", "TA"]),
        "info": st.sampled_from(["IMP", "R2=0.1", "DR2=0.00;IMP", "IMPUTED;R2=0.9"]),
    },
)


@settings(max_examples=60)
@given(cell=_cells, damage=_damage, absent=st.sampled_from(["unknown", "reference"]))
@pytest.mark.slow
def test_lowered_evidence_never_makes_a_carrier_normal(tmp_path_factory, cell, damage, absent):
    if damage.get("ref") == "TA" and absent == "reference":
        damage = {}  # an indel that nobody carries says nothing of the base: as good as a record that was dropped
    _check_carrier(tmp_path_factory, written(cell, **damage), absent)


def test_a_dropped_record_never_makes_a_carrier_normal(tmp_path_factory):
    _check_carrier(tmp_path_factory, written(HET).drop(STAR_3C), "unknown")


def _check_carrier(tmp_path_factory, file: VcfBuilder, absent: str) -> None:
    path = file.write(tmp_path_factory.mktemp("carrier") / "file", kind="vcf")
    analysis = lupus_pgx.analyze(path, build="GRCh38", genes=AZATHIOPRINE, drugs=["azathioprine"], absent=absent)
    (drug,) = rows(analysis.drug_responses)
    genes = {row.gene: row for row in rows(analysis.diplotypes)}
    assert drug.action != "standard"
    assert (genes["TPMT"].diplotype, genes["TPMT"].call_status) != ("*1/*1", "certain")


# Where other things meet a doubtful genotype.


def test_half_of_two_records_is_doubtful(fx_told):
    """A split site: the weak record makes the genotype, so the whole is as weak."""
    file = written(HET)
    site = file.site(STAR_3C)
    weak = Rec(site.chrom, site.pos, "T", "G", ["0/1:27,3:30:5:5,0,400"], FULL)
    file.replace(STAR_3C, Rec(site.chrom, site.pos, "T", "C", [SURE], FULL), weak)
    drug, tpmt, _ = fx_told(file)
    assert drug.action == "test_first"
    assert tpmt.call_status == "ambiguous"


def test_split_records_of_a_sure_heterozygote_are_sure(fx_told):
    file = written(HET)
    site = file.site(STAR_3C)
    other = Rec(site.chrom, site.pos, "T", "G", ["0/0:16,0:30:99:0,99,900"], FULL)
    file.replace(STAR_3C, Rec(site.chrom, site.pos, "T", "C", [HET], FULL), other)
    drug, tpmt, _ = fx_told(file)
    assert (tpmt.diplotype, tpmt.call_status, drug.action) == ("*1/*3C", "certain", "reduce_dose")


def test_local_alleles_are_weighed(fx_told):
    file = written("0/1:1:27,3:9:9,0,400", fmt="GT:LAA:LAD:GQ:LPL", rest="0/0:.:30:90:.")
    for record, *_ in file.records.values():
        record.alts = record.alts if record.pos != file.site(STAR_3C).pos else "C,G"
    drug, tpmt, _ = fx_told(file)
    assert (tpmt.call_status, drug.action) == ("ambiguous", "test_first")


def test_phase_of_a_doubtful_heterozygote_says_nothing(fx_told):
    file = written("0|1:8,1:9:6:6,0,250")
    file.records["rs1800460"][0].calls = ["0|1:16,14:30:99:420,0,480"]
    drug, tpmt, _ = fx_told(file)
    assert tpmt.call_status == "ambiguous"
    assert drug.action != "standard"


def test_doubtful_locus_within_a_carried_deletion_is_not_weighed(fx_told):
    file = written("0/0:3,0:3:9:0,9,90")
    site = file.site(STAR_3C)
    gone = Rec(site.chrom, site.pos - 50, "A", "<DEL>", [HET], FULL, info=f"SVTYPE=DEL;END={site.pos + 50};SVLEN=-100")
    drug, tpmt, _ = fx_told(file.add(gone))
    assert drug.action == "test_first"
    assert STAR_3C in tpmt.missing_essential


def test_of_two_files_only_one_is_doubtful(tmp_path):
    files = []
    for number, cell in enumerate(("0/0:3,0:3:9:0,9,90", SURE)):
        file = written(cell)
        file.samples = [f"S{number}"]
        files.append(file.write(tmp_path / f"file{number}", kind="vcf"))
    analysis = lupus_pgx.analyze(files, build="GRCh38", genes=AZATHIOPRINE, drugs=["azathioprine"])
    assert [row.action for row in rows(analysis.drug_responses)] == ["test_first", "standard"]


# One copy on X: PL of two values.


@pytest.mark.parametrize(
    ("cell", "fmt", "status"),
    [
        ("0:30:90:0,900", "GT:AD:GQ:PL", "certain"),
        ("0:30,0:90:0,900", "GT:AD:GQ:PL", "certain"),
        ("0:3,0:9:0,9", "GT:AD:GQ:PL", "ambiguous"),
        ("0:0,0:0:0,0", "GT:AD:GQ:PL", "no_call"),
        ("0:9", "GT:GQ", "ambiguous"),
    ],
)
def test_haploid_likelihoods(cell, fmt, status, fx_analyze):
    file = VcfBuilder(genes=("G6PD",))
    for record, *_ in file.records.values():
        record.fmt, record.calls, record.alts = fmt, [cell], record.alts.split(",")[0]
    (gene,) = rows(fx_analyze(file, genes=["G6PD"], sex={"S1": "male"}).diplotypes)
    assert gene.call_status == status


# Markers have no prior.


@pytest.mark.parametrize(
    ("quality", "settled"),
    [(10, False), (19, False), (21, True), (60, True)],
)
def test_markers_are_stated_from_099_on(quality, settled, fx_analyze):
    file = VcfBuilder(genes=("FCGR3A",))
    for record, *_ in file.records.values():
        record.fmt, record.calls, record.alts = "GT:PL", [f"0/1:{quality},0,200"], record.alts.split(",")[0]
    (marker,) = rows(fx_analyze(file, genes=["FCGR3A"]).markers)
    assert (marker.status == "observed") == settled
    assert (marker.category == "heterozygote") == settled
