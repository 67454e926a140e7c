"""Forms of output are made from values: no sentence is cut apart to learn what it says."""

from __future__ import annotations

import ast

import pytest
from places import ROOT

FRONT = ("summary.py", "result_parts.py", "comparison.py", "cli.py", "options.py", "output.py", "screen.py")
FORMS = ("report/*.py", *FRONT, "*_commands.py", "plots/*.py", "results/*.py")
CUTS = {"removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit"}

WHY = {
    ("options.py", "call.partition('=')"): "what the user typed: GENE=CALL",
    ("options.py", "value.split(',')"): "what the user typed: A,B",
    ("comparison.py", "text[:_QUOTED].rpartition(' ')"): "a long text ends between two words",
    ("report/counts.py", "label.split()"): "a heading is set in several lines",
    ("plots/canvas.py", "printable(whole).split()"): "words of a note that is broken into lines",
    ("plots/canvas.py", "text.split('\\n')"): "lines of a label",
    ("results/annotated_vcf.py", "line.encode(encoding).split(b'\\t', 9)"): "columns of a VCF line",
    ("results/annotated_vcf.py", "info.split(b';')"): "INFO of a VCF line",
    ("results/annotated_vcf.py", "samples.split(b'\\t')"): "columns of a VCF line",
    ("results/annotated_vcf.py", "keys.split(b':')"): "FORMAT of a VCF line",
    ("results/annotated_vcf.py", "cell.split(b':')"): "a cell of a VCF line",
    ("results/cells.py", "text.split()"): "no cell of a file has a line break",
    ("results/former.py", "name.partition('-')"): "the ending of a form of output, html-short",
    ("results/former.py", "text.partition('=')"): "what the user typed: NAME=FILE",
    ("report/notebook.py", "text.split(';')"): "a cell of a table, a list of names",
    ("results/said_changes.py", "text.split(';')"): "a cell of a table that is compared, a list of codes",
    ("results/said_changes.py", "text.rpartition(': ')"): "an item of that list: its source and what is asked for",
    ("results/shared_rows.py", "genotype.replace('|', '/').split('/')"): "letters of a genotype",
}
"""Cuts that stay, and why: none is of a sentence."""


@pytest.fixture(scope="module")
def fx_cuts():
    found = {}
    for form in FORMS:
        for path in sorted((ROOT / "lupus_pgx").glob(form)):
            name = path.relative_to(ROOT / "lupus_pgx").as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CUTS:
                    found[name, ast.unparse(node)] = node.lineno
    return found


def test_no_form_cuts_a_sentence_apart(fx_cuts):
    assert not [f"{name}:{line}: {code}" for (name, code), line in fx_cuts.items() if (name, code) not in WHY]


def test_every_reason_is_of_a_cut_that_is_there(fx_cuts):
    assert not set(WHY) - set(fx_cuts)
