"""Rows of different keys that name the same thing: an identifier twice, two rules on one condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lupus_pgx.knowledge.check.faults import Fault, fault_at
from lupus_pgx.knowledge.tables import Table

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContextWordsCells, Tables

_IDENTIFIERS = (("drugs", "drug", "rxnorm"), ("alleles", "allele", "pharmvar"), ("genes", "gene", "hgnc"))
"""Tables, what they name, and a column whose identifier belongs to one of them."""


_UNIT = "unit"
"""Field of words that may stand for a unit of each of several quantities."""


def own_rows_last(table: Table[Any]) -> list[int]:
    """Return the numbers of all rows, those of an overlay last: of two that clash it is theirs that is named."""
    return sorted(range(len(table.rows)), key=lambda number: not table.place(number).shipped)


def _words_twice(table: Table[ContextWordsCells]) -> Iterator[Fault]:
    """Yield words of a context that stand for two things; those of an overlay win over the shipped ones."""
    meant: dict[tuple[bool, str, str], str] = {}
    for number, row in enumerate(table.rows):
        if row["field"] == _UNIT:
            continue
        value = row["value"] or "nothing"
        first = meant.setdefault((table.place(number).shipped, row["field"], row["words"].casefold()), value)
        if first != value:
            yield fault_at(table, number, ("field", "words", "value"), f"the word stands for {first} already")


def check_doubles(tables: Tables) -> Iterator[Fault]:
    """Yield identifiers that another row has, and rules on the condition of another rule of the same guideline."""
    for name, named, column in _IDENTIFIERS:
        table: Table[Any] = tables[name]
        owners: dict[str, str] = {}
        for number in own_rows_last(table):
            row = table.rows[number]
            if row[column] is not None and owners.setdefault(row[column], row[named]) != row[named]:
                yield fault_at(table, number, column, f"is the identifier of {owners[row[column]]} already")
    yield from _words_twice(tables["context_words"])
    rules = tables["guidance"]
    first: dict[tuple[str | None, ...], str] = {}
    for number in own_rows_last(rules):
        rule = rules.rows[number]
        where = (rule["drug"], rule["guideline"], rule["condition"], rule["applies_if"], rule["dose_basis"])
        other = first.setdefault(where, rule["rule"])
        if other != rule["rule"]:
            text = f"{other} is a rule on the same condition: to replace it, take its name"
            yield fault_at(rules, number, ("rule", "condition"), text)
