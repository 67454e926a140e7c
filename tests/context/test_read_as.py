"""What a context reads as, one line each: its fields, or why it is refused, and what is said (``read_as.tsv``)."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import re
from collections.abc import Mapping

import pytest
import yaml
from places import TESTS
from told import TODAY

import lupus_pgx
from lupus_pgx.errors import InputError

pytestmark = pytest.mark.every

CASES = list(csv.DictReader((TESTS / "read_as.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))
LISTED = re.compile(r"(?<=expected one of )([^,;]+, [^,;]+), [^;]*|\d+(?= names are known)")
"""What grows with the tables: what is known is not listed here, nor counted."""

UNSAID = ("stated", "today", "units", "genotypes", "remarks")


def shown(value) -> str:
    """Write a value of a context without what is not told."""
    if dataclasses.is_dataclass(value):
        told = [(item.name, getattr(value, item.name)) for item in dataclasses.fields(value) if item.name not in UNSAID]
        return " ".join(f"{name}={shown(item)}" for name, item in told if item not in (None, "", (), {}))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {shown(item)}" for name, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + " | ".join(map(shown, value)) + "]"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def read_as(text: str, today: str | dt.date = TODAY) -> tuple[str, str]:
    """Return what a context reads as, and what is said of it; one that is refused with the reasons."""
    try:
        context = lupus_pgx.load_context(yaml.safe_load(text), today=today)
    except InputError as error:
        lines = "; ".join(str(error).splitlines()[1:])
        return "refused", LISTED.sub(lambda match: f"{match[1] or ''} ...".strip(), lines)
    if isinstance(context, Mapping):
        return " / ".join(f"{name} {shown(item)}" for name, item in context.items()), ""
    return shown(context), "; ".join(context.remarks)


@pytest.mark.parametrize("case", CASES, ids=[item["context"] for item in CASES])
def test_what_a_context_reads_as(case):
    assert read_as(case["context"]) == (case["reads"], case["said"])


SLOW = ("condition", "infection", "manifestation", "field")


@pytest.mark.parametrize(
    "field",
    [
        *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW),
        *("contraception", "liver_disease", "grade", "activity"),
    ],
)
def test_a_word_of_which_nothing_is_known_says_nothing(field):
    rows = lupus_pgx.load_knowledge().rows("context_words")
    # A sample may be called anything.
    words = [row["words"] for row in rows if row["field"] == field and row["value"] != "sample_id"]
    assert words
    for word in words:
        for fields in ({"conditions": {word: "unknown"}}, {word: "unknown"}):
            assert read_as(yaml.safe_dump(fields))[0] in ("", "refused"), fields
