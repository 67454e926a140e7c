"""No gene, drug, manifestation or criterion is named in the code: what is known of them is rows of tables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lupus_pgx
from lupus_pgx.knowledge.tables import split_list

PACKAGE = Path(lupus_pgx.__file__).parent

FIELDS = {
    "active_infection",
    "breast_feeding",
    "contraception",
    "creatinine",
    "egfr",
    "igg",
    "liver_disease",
    "pregnancy",
    "weight",
}
"""Fields of the clinical context as its form (``context.schema.json``) names them; criteria of these names ask them."""

ALLOWED = {
    "context/told/result_words.py": ({"pregnancy", "breast_feeding"}, "fields of a context that stand for their test"),
    "analysis_commands.py": ({"azathioprine"}, "an example in a message"),
    "call_commands.py": ({"TPMT"}, "examples in messages and help"),
    "options.py": ({"CYP2D6", "TPMT"}, "examples in the help and in a message"),
    "knowledge/rules.py": ({"CYP2D6"}, "an example in a message"),
    "knowledge/check/names.py": (FIELDS, "the fields that criteria may ask"),
    "knowledge/option_terms.py": ({"pregnancy"}, "a key of the grammar of conditions: a field of the form"),
    "context/model.py": (FIELDS, "the form of the context"),
    "context/from_fields.py": (FIELDS, "the form of the context"),
    "context/language/short_forms.py": ({"active_infection"}, "the field of the form that an infection is read into"),
    "context/told/contraception.py": ({"contraception", "pregnancy"}, "fields of the form"),
    "context/told/answered_conditions.py": ({"smoking"}, "a condition that is told by a number"),
    "context/language/known_conditions.py": (
        {"contraception", "liver_disease"},
        "fields of the form, whose words are rows",
    ),
    "context/told/own_fields.py": (
        {"contraception", "egfr"},
        "fields of the form that a state or a stage fills",
    ),
    "context/told/allergies.py": ({"heparin", "naproxen"}, "examples in a message"),
    "context/language/doses.py": ({"por"}, "a Spanish word that is spelt like a gene"),
    "context/judged/dosing.py": ({"por"}, "a Spanish word that is spelt like a gene"),
    "context/told/taken_beside.py": ({"por"}, "a Spanish word that is spelt like a gene"),
    "context/table.py": (FIELDS, "the form of the context as a table"),
    "context/told/as_written.py": (FIELDS, "fields of the form"),
    "context/values.py": (FIELDS, "fields of the form that are amounts"),
    "report/patient_page.py": ({"CYP2D6"}, "the name of an input, with an example"),
    "report/context.py": (FIELDS, "the context as a page shows it"),
    "genotypes/stretches.py": ({"CTX"}, "a symbolic ALT of VCF that is spelt like an alias"),
    "results/call_tables.py": ({"alt"}, "a column of VCF that is spelt like a criterion"),
    "results/drug_tables.py": ({"procedure"}, "the description of a column"),
    "review/steps/signs.py": ({"pregnancy"}, "a key of the grammar of signs"),
    "words/vocabulary.py": (
        {"HCQ", "MPA", "alt", "egfr", "igg", "inr", "methotrexate", "mtx", "qtc"},
        "abbreviations of measures in the case that clinicians write",
    ),
}
"""Names that stand in a module, by its path, and why they may."""


def named_in_tables() -> tuple[list[str], set[str]]:
    """Names that may stand in no literal at all, and criteria, many of them plain words, that may be no literal."""
    tables = lupus_pgx.load_knowledge()
    names = {row["gene"] for row in tables.rows("genes")}
    for row in tables.rows("drugs"):
        names |= {row["drug"], row["drug_class"], *split_list(row["aliases"])}
    names |= {row["manifestation"] for row in tables.rows("therapy_options")} - {"all"}
    criteria = {row["criterion"] for row in tables.rows("criteria")} - {"other"}  # a word of every vocabulary
    return sorted(name for name in names if name), criteria


def literals(text: str) -> Iterator[tuple[int, str]]:
    """Yield the string literals of a module that are no docstrings, with their lines."""
    tree = ast.parse(text)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


NAMES, CRITERIA = named_in_tables()
NAMED = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(NAMES, key=len, reverse=True)))})(?![\w-])", re.I)


def found_in(text: str) -> dict[str, list[int]]:
    """Names that stand in the literals of a module, with their lines."""
    found: dict[str, list[int]] = {}
    for line, literal in literals(text):
        for name in {*NAMED.findall(literal), *({literal} & CRITERIA)}:
            found.setdefault(name, []).append(line)
    return found


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "examples" not in path.relative_to(PACKAGE).parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_name_of_the_tables_stands_in_code(path):
    allowed, _ = ALLOWED.get(path.relative_to(PACKAGE).as_posix(), (set(), ""))
    known = {name.lower() for name in allowed}
    found = found_in(path.read_text(encoding="utf-8"))
    unwanted = {name: lines for name, lines in found.items() if name.lower() not in known}
    assert not unwanted, "what is known of a name is a row of a table, or has its reason in ALLOWED"


def test_what_may_stand_in_a_module_stands_there():
    """A reason whose name has gone goes, too."""
    for path, (allowed, why) in ALLOWED.items():
        there = {name.lower() for name in found_in((PACKAGE / path).read_text(encoding="utf-8"))}
        assert why
        assert {name.lower() for name in allowed if allowed is not FIELDS} <= there, path
        assert not (allowed is FIELDS and not there), path


def test_a_name_would_be_found():
    assert found_in('x = "TPMT"\ny = f"{x} of azathioprine"\n') == {"TPMT": [1], "azathioprine": [2]}
    assert found_in('"""On TPMT."""\nx = "pregnancy"\ny = "a pregnancy"\n') == {"pregnancy": [2]}
