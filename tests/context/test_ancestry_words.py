"""Words for ancestry are understood, or refused with the reason; tables of samples say what does not fit."""

from __future__ import annotations

import logging

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx import UsageError, load_context
from lupus_pgx.knowledge.ancestry import AncestryNames
from lupus_pgx.terms import Ancestry

UNDERSTOOD = {
    "EUR": "EUR",
    "nfe": "EUR",
    "FIN": "EUR",
    "European": "EUR",
    "White": "EUR",
    "CEU": "EUR",
    "AFR": "AFR",
    "YRI": "AFR",
    "black": "AFR",
    "African-American": "AFR",
    "african_american": "AFR",
    "Hispanic": "AMR",
    " Latino ": "AMR",
    "PUR": "AMR",
    "JPT": "EAS",
    "East Asian": "EAS",
    "south  asian": "SAS",
    "GIH": "SAS",
}
REFUSED = {
    "MID": "leave ancestry out",
    "ASJ": "leave ancestry out",
    "AMI": "leave ancestry out",
    "OTH": "leave ancestry out",
    "RMI": "leave ancestry out",
    "Asian": "EAS .* or SAS",
    "mixed": "holds in every population",
    "several": "holds in every population",
    "admixed": "holds in every population",
    "EURO": "did you mean .*EUR",
    "Klingon": "unknown ancestry",
}
NOTHING = ["", " ", "unknown", "NA", "not reported", "."]


@pytest.fixture
def fx_names(fx_knowledge):
    return AncestryNames(fx_knowledge)


@pytest.mark.parametrize(("word", "code"), UNDERSTOOD.items())
def test_word_is_understood(word, code, fx_names):
    assert fx_names.find(word) is Ancestry(code)


@pytest.mark.parametrize(("word", "reason"), REFUSED.items())
def test_word_is_refused_with_the_reason(word, reason, fx_names):
    with pytest.raises(UsageError, match=reason):
        fx_names.find(word)


@pytest.mark.parametrize("word", NOTHING)
def test_word_that_says_nothing_is_no_ancestry(word, fx_names):
    assert fx_names.find(word) is None


def test_all_populations_of_the_1000_genomes_project_are_listed(fx_knowledge):
    rows = [row for row in fx_knowledge.rows("ancestry_names") if row["source"] == "1000-Genomes"]
    assert len(rows) == 26 + len(Ancestry)


def test_every_refusal_says_what_to_do(fx_knowledge):
    rows = [row for row in fx_knowledge.rows("ancestry_names") if row["reason"]]
    assert rows
    for row in rows:
        assert not row["ancestry"], row
        assert "leave ancestry out" in row["reason"], row


def test_words_give_the_same_analysis(fx_analyze):
    file = VcfBuilder(samples=["A", "B"])
    coded = fx_analyze(file, ancestry={"A": "EUR", "B": "EAS"})
    worded = fx_analyze(file, ancestry={"A": "white", "B": "JPT"})
    assert coded.diplotypes.to_frame().equals(worded.diplotypes.to_frame())
    assert dict(coded.ancestry) == dict(worded.ancestry) == {"A": Ancestry.EUR, "B": Ancestry.EAS}


def test_empty_cells_are_unknown(fx_analyze):
    analysis = fx_analyze(VcfBuilder(samples=["A", "B"]), ancestry={"A": "", "B": "CHB"})
    assert dict(analysis.ancestry) == {"B": Ancestry.EAS}
    assert not fx_analyze(VcfBuilder(), ancestry="unknown").ancestry


def test_context_takes_the_same_words():
    assert load_context({"ancestry": "Hispanic"}).ancestry is Ancestry.AMR
    assert load_context({"ancestry": "unknown"}).ancestry is None
    with pytest.raises(lupus_pgx.InputError, match=r"ancestry: ancestry 'MID': .*leave ancestry out"):
        load_context({"ancestry": "MID"})


def test_option_and_context_agree_in_other_words(fx_analyze):
    analysis = fx_analyze(VcfBuilder(), ancestry="NFE", context={"ancestry": "CEU"})
    assert dict(analysis.ancestry) == {"S1": Ancestry.EUR}
    with pytest.raises(UsageError, match="the option says AFR, the context says EUR"):
        fx_analyze(VcfBuilder(), ancestry="YRI", context={"ancestry": "CEU"})


@pytest.mark.parametrize(("option", "value"), [("ancestry", "EUR"), ("sex", "female")])
def test_sample_that_is_not_in_the_input_is_named(option, value, fx_analyze, caplog):
    with caplog.at_level(logging.WARNING, logger="lupus_pgx"):
        fx_analyze(VcfBuilder(samples=["A", "B"]), **{option: {"A": value, "Z": value}})
    assert f"{option} table: 1 of 2 samples is not in the input: Z" in caplog.text
    caplog.clear()
    fx_analyze(VcfBuilder(samples=["A", "B"]), samples=["A"], **{option: {"A": value, "B": value}})
    assert "not in the input" not in caplog.text


@pytest.mark.parametrize(("option", "value"), [("--ancestry", "EUR"), ("--sex", "female")])
def test_name_twice_in_a_table_is_refused(option, value, fx_cli, tmp_path):
    path = VcfBuilder().write(tmp_path / "file")
    table = tmp_path / "table.tsv"
    table.write_text(f"S1\t{value}\nS1\t{value}\n")
    code, out, err = fx_cli("analyze", path, option, table)
    assert (code, out) == (2, "")
    assert "table.tsv:2: a second row of 'S1'" in err


def test_refused_word_on_the_command_line(fx_cli, tmp_path):
    path = VcfBuilder().write(tmp_path / "file")
    code, out, err = fx_cli("analyze", path, "--ancestry", "Asian")
    assert (code, out) == (2, "")
    assert "SAS" in err
