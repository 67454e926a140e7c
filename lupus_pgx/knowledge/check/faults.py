"""Faults of knowledge tables, each said in one line: ``file:line: column=value: rule``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from lupus_pgx.errors import KnowledgeError
from lupus_pgx.knowledge.tables import Table


class Fault(NamedTuple):
    """A rule that a cell, a row or a header breaks.

    Attributes
    ----------
    file : str
        Path of the table, ``data/...`` for a shipped one.
    line : int
        Line in the file, the header being line 1.
    column : str
        Column, several joined by commas; empty if the whole line is meant.
    value : str
        What stands there.
    rule : str
        What was expected.
    """

    file: str
    line: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        cell = f" {self.column}={self.value}:" if self.column else ""
        return f"{self.file}:{self.line}:{cell} {self.rule}"


def fault_at(table: Table[Any], number: int, columns: str | Sequence[str], rule: str) -> Fault:
    """Return the fault of a row, by the number of the row and the columns that are meant."""
    place, row = table.place(number), table.rows[number]
    names = [columns] if isinstance(columns, str) else list(columns)
    values = ["" if row[name] is None else str(row[name]) for name in names]
    return Fault(place.file, place.line, ",".join(names), ",".join(values), rule)


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Return each fault once, by file and line."""
    return sorted(dict.fromkeys(faults), key=lambda fault: (fault.file, fault.line, fault.column, fault.rule))


class FaultyTablesError(KnowledgeError):
    """Knowledge tables break rules; ``faults`` holds every one, the message a line for each."""

    def __init__(self, where: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(str(fault) for fault in faults)
        super().__init__(f"{where}: {count} in the knowledge tables; correct the rows and try again\n{lines}")
