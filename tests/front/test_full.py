"""The summary of some forty lines on the terminal, and all with --full."""

from __future__ import annotations

import re

import pytest
from builder import VcfBuilder

import lupus_pgx

WORDS = {
    "avoid": "AVOID",
    "consider_alternative": "CONSIDER ALTERNATIVE",
    "test_first": "TEST FIRST",
    "reduce_dose": "REDUCE DOSE",
    "increase_dose": "INCREASE DOSE",
    "monitor": "monitor",
}
"""Actions that ask for something, the strictest first, as the terminal calls them."""


def joined(text):
    return " ".join(text.split())


def left_out(text):
    """Return what the summary says it left out: drugs in all, and by word."""
    found = re.search(r"Left out: (\d+) drugs \((?:the strictest: )?(.*?)\)", joined(text))
    counts = {item.rpartition(" ")[0]: int(item.rpartition(" ")[2]) for item in found[2].split(", ")}
    assert sum(counts.values()) == int(found[1])
    return counts


def lines_of_drugs(text):
    """Return drug and action in the order shown."""
    known = "|".join(WORDS.values())
    part = text.partition("Drugs that ask for something, the strictest first\n")[2].partition("\n\n")[0]
    return re.findall(rf"(?m)^  (\S.*?) +({known})(?= |$)", part)


@pytest.fixture(scope="module")
def fx_vcf(fx_example):
    return fx_example["patients.GRCh38.vcf.gz"]


@pytest.fixture(params=["LN-01", "NP-02", "CU-03", "variant only"])
def fx_case(request, fx_cli, fx_vcf, fx_example):
    """The summary, all, and the analysis of one patient."""
    path, options = fx_vcf, ["-s", request.param]
    if request.param == "variant only":
        path, options = fx_example["variant_only.GRCh38.vcf.gz"], []
    code, brief, err = fx_cli("analyze", path, *options)
    assert (code, err) == (0, "")
    analysis = lupus_pgx.analyze(path, samples=options[1:] or None)
    return brief, fx_cli("analyze", path, *options, "--full")[1], analysis


def test_summary_has_some_forty_lines_and_all_has_more(fx_case):
    brief, full, analysis = fx_case
    notices = sum(len(notice) // 90 + 2 for notice in analysis.provenance.notices)
    assert len(brief.splitlines()) <= 45 + notices
    assert len(full.splitlines()) > 150
    assert max(map(len, brief.splitlines())) <= 100
    assert full == f"{analysis}\n"


def test_every_drug_that_asks_for_something_is_shown_or_counted_by_action(fx_case):
    brief, _, analysis = fx_case
    frame = analysis.drug_responses.to_frame()
    asking = {row.drug: WORDS[row.action] for row in frame.itertuples() if row.action in WORDS}
    shown = dict(lines_of_drugs(brief))
    assert shown.items() <= asking.items()
    cut = [word for drug, word in asking.items() if drug not in shown]
    counted = left_out(brief)
    assert {word: counted.get(word, 0) for word in WORDS.values()} == {word: cut.count(word) for word in WORDS.values()}


def test_every_drug_is_named_or_counted(fx_case):
    brief, _, analysis = fx_case
    head, _, tail = joined(brief).partition("Left out: ")
    named = [
        name for name in analysis.drug_responses.to_frame().drug if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", head)
    ]
    assert len(named) + int(tail.split()[0]) >= len(analysis.drug_responses.to_frame())


def test_strictest_stands_first(fx_case):
    brief = fx_case[0]
    ranks = [list(WORDS.values()).index(word) for _, word in lines_of_drugs(brief)]
    assert ranks
    assert ranks == sorted(ranks)
    assert not {"AVOID", "CONSIDER ALTERNATIVE"} & left_out(brief).keys()


def test_summary_ends_by_saying_how_to_see_all(fx_case):
    brief, full, _ = fx_case
    assert "genes and markers. Option --full shows all." in joined(brief)
    assert "--full" not in full
    assert "Research use only" in joined(brief)


def test_notices_are_never_cut(fx_cli, fx_example):
    _, out, _ = fx_cli("analyze", fx_example["variant_only.GRCh38.vcf.gz"])
    assert re.search(r"\d+ of \d+ essential loci were not observed", joined(out))
    assert joined(out).index("NOTE:") < joined(out).index("Drugs that ask")


def test_drugs_of_lupus_that_ask_for_nothing_are_named(fx_cli, fx_vcf):
    text = joined(fx_cli("analyze", fx_vcf, "-s", "CU-03")[1])
    assert re.search(r"Other drugs of lupus usual dose: [^:]*azathioprine[^:]*hydroxychloroquine", text)


def test_the_sentence_of_a_drug_of_lupus_is_told(fx_cli, fx_vcf):
    text = joined(fx_cli("analyze", fx_vcf, "-s", "LN-01")[1])
    assert "30-80% of the usual starting dose because of NUDT15 *1/*1 Normal Metabolizer and TPMT *1/*3A" in text


def test_context_counts_with_the_genotype(fx_cli, fx_example):
    options = ["-s", "LN-01", "--context", fx_example["LN-01.yaml"], "--today", "2026-11-28"]
    _, out, _ = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], *options)
    shown = lines_of_drugs(out)
    assert shown[0][1] == "AVOID"
    assert "by the clinical context" in out
    assert "Treatment so far" in out
    assert re.search(r"the findings of the review; \d+ options of treatment", joined(out))
    ranks = [list(WORDS.values()).index(word) for _, word in shown]
    assert ranks == sorted(ranks)


def test_what_is_short_is_shown_whole(fx_cli, fx_vcf):
    options = ["-s", "LN-01", "--genes", "TPMT,NUDT15", "--drugs", "azathioprine,MMF"]
    brief = fx_cli("analyze", fx_vcf, *options)
    assert brief == fx_cli("analyze", fx_vcf, *options, "--full")
    assert "--full" not in brief[1]


@pytest.fixture(scope="module")
def fx_cohort(tmp_path_factory):
    names = [f"P{number}" for number in range(12)]
    builder = VcfBuilder(samples=names).set("rs116855232", *["T/T"] * 3, *["C/T"] * 4, *["C/C"] * 5)
    return builder.write(tmp_path_factory.mktemp("cohort") / "cohort")


def test_summary_of_a_cohort(fx_cli, fx_cohort):
    brief, full = (fx_cli("analyze", fx_cohort, *option)[1] for option in ([], ["--full"]))
    assert len(brief.splitlines()) <= 45
    assert len(full.splitlines()) > 80
    assert "--full" not in full
    assert "Option --full shows all." in joined(brief)
    lines = [line for line in brief.splitlines() if line.startswith("  ")]
    assert lines[0].startswith("  azathioprine ")
    assert all(words in lines[0] for words in ("avoid 3", "reduce dose 4", "usual dose 5"))
    assert any(line.startswith("  NUDT15 ") for line in lines)


def test_every_drug_of_a_cohort_is_shown_or_counted_by_its_strictest_action(fx_cli, fx_cohort):
    brief = fx_cli("analyze", fx_cohort)[1]
    frame = lupus_pgx.analyze(fx_cohort).drug_responses.to_frame()
    order = list(WORDS)
    part = brief.partition("Drugs (samples)\n")[2].partition("\n\n")[0]
    counted = left_out(brief)
    cut = []
    for drug, rows in frame.groupby("drug"):
        asked = [action for action in order if action in set(rows.action)]
        if not re.search(rf"(?m)^  {re.escape(drug)} ", part) and asked:
            cut.append(WORDS[asked[0]])
    assert {word: counted.get(word, 0) for word in WORDS.values()} == {word: cut.count(word) for word in WORDS.values()}


def test_full_with_a_folder_is_refused(fx_cli, fx_vcf, tmp_path):
    code, out, err = fx_cli("analyze", fx_vcf, "--full", "-o", tmp_path / "out")
    assert (code, out) == (2, "")
    assert err == ("lupus-pgx: error: --full would do nothing: with -o DIR all goes to files; leave one of them out\n")
    assert not (tmp_path / "out").exists()


def test_the_api_gives_both(fx_vcf):
    analysis = lupus_pgx.analyze(fx_vcf, samples=["LN-01"])
    assert len(analysis.to_summary().splitlines()) < 50 < len(str(analysis).splitlines())
