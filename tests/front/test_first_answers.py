"""What the first answer must not leave out: what was hardly seen, which test, in which direction, of what structure."""

from __future__ import annotations

import re

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.terms import NoticeKind

SEEN = ("rs1142345", "rs1800460", "rs116855232")


def joined(text):
    return " ".join(str(text).split())


@pytest.fixture(scope="module")
def fx_three(tmp_path_factory, fx_knowledge):
    """A file of three records: two heterozygous ones of TPMT, and one of NUDT15 that is like the genome."""
    builder = VcfBuilder().set("rs1142345", "T/C").set("rs1800460", "C/T")
    for star in fx_knowledge.star_genes.values():
        builder.drop(*(locus.name for locus in star.haplotypes.loci if locus.name not in SEEN))
    for marker in fx_knowledge.markers_by_key.values():
        builder.drop(*(locus.name for locus in marker.haplotypes.loci if locus.name not in SEEN))
    return builder.write(tmp_path_factory.mktemp("three") / "three")


def test_a_file_of_few_loci_is_told_of_on_top_of_every_output(fx_three, fx_cli):
    analysis = lupus_pgx.analyze(fx_three)
    (notice,) = analysis.provenance.notices
    assert notice.kind is NoticeKind.FEW_SEEN
    (count, of) = map(int, re.search(r"(\d+) of (\d+) essential loci have no record", notice).groups())
    assert count == of - 3
    patient = analysis.patient(analysis.sample_ids[0])
    for shown in (analysis.to_summary(), str(analysis), patient.to_html(), patient.explain("azathioprine")):
        assert "This file holds few of the loci that are needed" in joined(shown)
    assert "NOTE: This file holds few" in joined(fx_cli("analyze", fx_three)[1])


def test_a_file_that_holds_most_loci_has_no_such_notice(tmp_path):
    path = VcfBuilder().drop_gene("CYP2C19").write(tmp_path / "most")
    assert lupus_pgx.analyze(path).provenance.notices == ()


def test_what_only_frequencies_say_is_no_reason(fx_three):
    analysis = lupus_pgx.analyze(fx_three)
    patient = analysis.patient(analysis.sample_ids[0])
    drug = patient.drug("azathioprine")
    assert drug.action.value == "reduce_dose"
    assert len(drug.drivers) == 1
    assert drug.drivers[0].startswith("TPMT only partly seen (")
    assert "NUDT15" not in re.search("because of (.*?);", str(drug.summary))[1]
    summary = joined(analysis.to_summary())
    assert "only partly seen: NUDT15, TPMT, which could still mean: avoid" in summary
    assert "TPMT *1/*3A Intermediate Metabolizer (only partly seen)" in summary
    assert "Normal Metabolizer" not in summary
    assert "not assessed: NUDT15" not in summary


def test_the_summary_says_which_test_comes_first(tmp_path, fx_cli):
    path = VcfBuilder().drop("rs776746").set("rs4244285", "A/A").write(tmp_path / "novel")
    text = joined(fx_cli("analyze", path)[1])
    (line,) = re.findall(r"TEST FIRST: (.*?) (?:Other drugs|monitor|[A-Z]{5,} )", text.partition("Drugs of lupus")[2])[
        :1
    ]
    assert "clopidogrel (CYP2C19, no named pair fits)" in line
    assert "allopurinol (not assessed: HLA-B)" in line
    assert "CYP3A5" in line
    assert "TEST FIRST indeterminate" not in text
    assert not re.search(r"TEST FIRST [a-z ]*(?<!genotype )certain", text)


def test_the_summary_says_which_check_of_the_patient_comes_first(tmp_path):
    path = VcfBuilder().write(tmp_path / "all")
    analysis = lupus_pgx.analyze(path, context={"conditions": {"hepatitis_b": True}, "age": 40})
    part = joined(analysis.to_summary()).partition("Drugs of lupus that ask")[2]
    assert re.search(r"TEST FIRST: [^:]*\([^)]*hepatitis B", part)


def test_no_pair_that_fits_is_not_several_answers(tmp_path):
    path = VcfBuilder().set("rs4244285", "A/A").write(tmp_path / "novel")
    analysis = lupus_pgx.analyze(path, drugs=["clopidogrel"])
    told = joined(analysis.patient(analysis.sample_ids[0]).explain("clopidogrel"))
    assert "no pair of named alleles fits what was seen" in told
    assert "allows more than one answer" not in told


def test_candidates_say_their_range_and_what_has_no_name(tmp_path):
    path = VcfBuilder().set("rs1142345", "T/C").set("rs1800460", "C/T").write(tmp_path / "two")
    open_to_all = lupus_pgx.analyze(path, drugs=["azathioprine"])
    told = joined(open_to_all.patient(open_to_all.sample_ids[0]).explain("azathioprine"))
    assert re.search(r"candidate \*3B/\*3C \(under 0\.1% to [\d.]+%, by population\)", told)
    assert "no named pair: a copy that no named allele describes (" in told
    sample = open_to_all.sample_ids[0]
    given = lupus_pgx.analyze(path, drugs=["azathioprine"], ancestry="EUR").patient(sample).explain("azathioprine")
    assert "by population" not in given


def test_versus_names_its_direction_and_what_stays_open(fx_cli):
    out = fx_cli("whatif", "TPMT=*1/*3A", "--versus", "TPMT=*1/*1", "--drugs", "azathioprine")[1]
    assert "what-if: what changes from TPMT=*1/*1 (--versus) to TPMT=*1/*3A" in out
    assert "first" not in out.splitlines()[1]
    assert "still open not assessed: NUDT15, which could still mean: avoid" in joined(out)
    added = fx_cli("whatif", "TPMT=*1/*3A", "--versus", "NUDT15=*1/*1", "--drugs", "azathioprine")[1]
    assert "from NUDT15=*1/*1 (--versus) to NUDT15=not given" in joined(added)


def test_a_cohort_counts_no_phenotype_of_cyp2d6_without_its_structure(tmp_path):
    analysis = lupus_pgx.analyze(VcfBuilder(samples=["A", "B"]).write(tmp_path / "two"))
    counts = analysis.cohort().phenotypes()
    assert all("(structure not assessed)" in word for word in counts["CYP2D6"])
    assert not any("structure" in word for word in counts["TPMT"])
    assert "Normal Metabolizer (structure not assessed)" in joined(analysis.cohort().to_html())


def test_a_call_of_ours_without_structure_is_no_outside_call(tmp_path, fx_cli):
    path = VcfBuilder(samples=["A"]).write(tmp_path / "one")
    assert fx_cli("analyze", path, "-o", tmp_path / "out")[0] == 0
    calls = tmp_path / "out" / "diplotypes.tsv"
    analysis = lupus_pgx.analyze(path, genes=["CYP2D6"], drugs=["codeine"], outside_calls=[str(calls)])
    patient = analysis.patient("A")
    assert patient.drug("codeine").response.value == "indeterminate"
    assert patient.gene("CYP2D6").status.value != "outside"


def test_compare_shows_what_an_ambiguous_call_most_probably_is(tmp_path, fx_cli, fx_three):
    whole = VcfBuilder().set("rs1142345", "T/C").set("rs1800460", "C/T").write(tmp_path / "whole")
    for name, vcf in (("one", whole), ("two", fx_three)):
        assert fx_cli("analyze", vcf, "-o", tmp_path / name)[0] == 0
    out = fx_cli("compare", tmp_path / "one", tmp_path / "two")[1]
    assert "TPMT: *1/*3A | ambiguous (*1/*3A): 1" in out


def test_what_the_context_forbids_keeps_the_smaller_dose_of_the_genotype(tmp_path):
    path = VcfBuilder().set("rs1142345", "T/C").set("rs1800460", "C/T").write(tmp_path / "im")
    told = {"co_medication": ["allopurinol"], "planned": ["azathioprine"]}
    analysis = lupus_pgx.analyze(path, context=told)
    near = joined(analysis.to_summary()).partition("Planned, or taken now")[2].partition("Drugs of lupus")[0]
    assert re.search(r"AVOID azathioprine \(planned\): .*reduce dose to 30-80% if it is given at all", near)


@pytest.mark.parametrize(
    ("words", "help_"),
    [
        (("features",), "there is no command 'features': `analyze(...).features()` in Python"),
        (("whatif", "QQQ=*1/*1"), "`lupus-pgx knowledge list genes`"),
        (("whatif", "TPMT=*1/*1", "--drugs", "qqq"), "`lupus-pgx knowledge list drugs`"),
    ],
)
def test_a_word_that_is_none_is_answered_with_where_to_look(words, help_, fx_cli):
    code, _, err = fx_cli(*words)
    assert code == 2
    assert help_ in err


def test_an_unknown_ancestry_is_answered_with_the_codes(fx_cli, tmp_path):
    path = VcfBuilder().write(tmp_path / "one")
    _, _, err = fx_cli("analyze", path, "--ancestry", "Klingon")
    assert "The codes are AFR, AMR, EAS, EUR, SAS" in err
