"""What goes wrong says what to do next, in one sentence; what is open says only what can settle it."""

from __future__ import annotations

import pytest

import lupus_pgx


@pytest.mark.parametrize(
    ("words", "table"),
    [(("--drugs", "foo"), "drugs"), (("--genes", "QQQQ"), "genes"), (("--ancestry", "Polish"), "ancestry_names")],
)
def test_an_unknown_name_says_which_command_prints_the_names(fx_cli, fx_example, words, table):
    code, _, err = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], *words)
    assert code == 2
    assert f"`lupus-pgx knowledge list {table}` prints them" in err
    code, out, _ = fx_cli("knowledge", "list", table)
    assert code == 0
    lines = out.splitlines()
    assert len(lines) == len(lupus_pgx.load_knowledge().rows(table)) + 1
    assert {line.count("\t") for line in lines} == {lines[0].count("\t")}


def test_an_unknown_table_is_named_with_its_neighbours(fx_cli):
    code, _, err = fx_cli("knowledge", "list", "drug")
    assert code == 2
    assert "unknown table 'drug': did you mean drugs" in err


def test_an_allele_without_its_star(fx_cli):
    code, _, err = fx_cli("whatif", "TPMT=1/3A")
    assert code == 2
    assert "unknown TPMT allele '1': did you mean *1?" in err


@pytest.mark.parametrize(("word", "advice"), [("review", "--context FILE"), ("report", "--format html")])
def test_a_word_that_people_expect_to_be_a_command(fx_cli, word, advice):
    code, _, err = fx_cli(word, "x")
    assert code == 2
    assert advice in err


def test_what_was_not_given_is_counted(fx_cli):
    code, out, _ = fx_cli("whatif", "TPMT=*1/*3A", "--drugs", "azathioprine", "--full")
    assert code == 0
    named = " ".join(out.partition("not given, so not assessed: ")[2].partition("\n\n")[0].split())
    assert "NUDT15" in named
    assert named.rpartition(" and ")[2].endswith(" more")
    assert named.count(",") < 24


def test_an_explanation_shows_its_lines_in_a_notebook():
    text = lupus_pgx.respond({"TPMT": "*1/*3A"}, ["azathioprine"]).explain("azathioprine")
    assert isinstance(text, str)

    class Printer:
        shown = ""

        def text(self, text):
            self.shown += text

    printer = Printer()
    text._repr_pretty_(printer, False)
    assert printer.shown == str(text)
    assert printer.shown.count("\n") > 5


def test_phase_settles_only_where_it_is_open(fx_example):
    whole = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"]).patient("LN-01").explain("azathioprine")
    assert "to settle: phase (long reads, family) would leave one candidate" in whole
    given = lupus_pgx.respond({"CYP2D6": "*1xN/*4"}, ["codeine"]).explain("codeine")
    assert "phase (long reads" not in given


def test_one_is_one():
    one = lupus_pgx.respond({"TPMT": "*1/*1"}, ["azathioprine"])
    other = lupus_pgx.respond({"TPMT": "*1/*3A"}, ["azathioprine"])
    assert repr(lupus_pgx.compare(one, other)).startswith("<Comparison of 1 sample: ")
