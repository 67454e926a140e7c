"""Say of every cell in which two sets of result tables differ why it does, by the rules of ``tools/change_kinds.tsv``.

    python tools/trace_changes.py OLD NEW [--show N]

OLD and NEW hold tables as ``lupus-pgx analyze -o`` writes them, in the folder itself or in folders of the same names,
such as one a patient. A rule names a table,
columns, a part of the key of the row, and what the cell was and is (regular expressions; of cells they fit the whole,
empty fits all, ``-`` an empty cell); the first that fits gives the change its kind. Printed is how many cells have
which kind, and every change that has none. Exit code 0: each change has a kind, 1: some have none, 2: nothing to
compare.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

RULES = Path(__file__).with_name("change_kinds.tsv")
KEYS: Mapping[str, tuple[str, ...]] = {
    "variants": ("sample_id", "gene", "locus", "rsid", "chrom", "pos", "ref", "alt"),
    "diplotypes": ("sample_id", "gene"),
    "markers": ("sample_id", "gene", "marker"),
    "drugs": ("sample_id", "drug"),
    "guidance": ("sample_id", "drug", "source", "year", "condition"),
    "evidence": ("sample_id", "drug", "gene", "marker", "finding"),
    "checks": ("sample_id", "drug", "criterion", "subject"),
    "course": ("sample_id", "manifestation", "regimen", "start", "months", "criterion"),
    "monitoring": ("sample_id", "drug", "measure", "context"),
    "resistance": ("sample_id", "drug", "step", "finding", "text"),
    "options": ("sample_id", "manifestation", "option"),
}
"""Columns that name a row; those that one side has not are left out."""

ROW = "row"
EMPTY = "-"
"""Stands in a rule for a cell that is empty."""

_Cells = dict[str, str]


class Change(NamedTuple):
    """A cell that differs; of a row that one side has alone, the column is ``row``."""

    table: str
    key: str
    column: str
    before: str
    after: str


class Counted(NamedTuple):
    """What was compared, and what differs."""

    changes: list[Change]
    cells: Counter[str]


@dataclass(frozen=True)
class Rule:
    """One line of the rules."""

    table: str
    columns: frozenset[str]
    key: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    kind: str

    def fits(self, change: Change) -> bool:
        """Whether it is about a change."""
        return (
            change.table == self.table
            and change.column in self.columns
            and self.key.search(change.key) is not None
            and self.before.fullmatch(change.before) is not None
            and self.after.fullmatch(change.after) is not None
        )


def read_rules(path: Path) -> list[Rule]:
    """Return the rules of a file, in their order."""
    return [
        Rule(
            table=row["table"],
            columns=frozenset(row["columns"].split(";")),
            key=re.compile(row["key"]),
            before=_cell(row["before"]),
            after=_cell(row["after"]),
            kind=row["kind"],
        )
        for row in _rows(path)
    ]


def _cell(text: str) -> re.Pattern[str]:
    return re.compile("" if text == EMPTY else text or ".*", re.DOTALL)


def compared(old: Path, new: Path) -> Counted:
    """Compare the tables of two folders, and of the folders in them that both have."""
    found = Counted([], Counter())
    for folder in (".", *sorted(path.name for path in old.iterdir() if (new / path.name).is_dir())):
        for table in KEYS:
            first, second = (side / folder / f"{table}.tsv" for side in (old, new))
            if first.exists() and second.exists():
                _compare(table, first, second, found)
    return found


def _compare(table: str, first: Path, second: Path, found: Counted) -> None:
    before, after = list(_rows(first)), list(_rows(second))
    columns = [[*(rows or other)[0]] if rows or other else [] for rows, other in ((before, after), (after, before))]
    names = [name for name in KEYS[table] if all(name in own for own in columns)]
    shared = [name for name in columns[0] if name in columns[1] and name not in names]
    old, new = (_by_key(rows, names) for rows in (before, after))
    for key in dict.fromkeys((*old, *new)):
        if key not in old or key not in new:
            found.changes.append(Change(table, key, ROW, *(("present", "") if key in old else ("", "present"))))
            continue
        found.cells[table] += len(shared)
        one, other = old[key], new[key]
        found.changes.extend(
            Change(table, key, name, one[name], other[name]) for name in shared if one[name] != other[name]
        )


def _by_key(rows: list[_Cells], names: list[str]) -> dict[str, _Cells]:
    """Return rows by what names them; rows that are named alike by their number too."""
    found: dict[str, _Cells] = {}
    for row in rows:
        name = key = " | ".join(row[name] for name in names)
        number = 1
        while key in found:
            number += 1
            key = f"{name} ({number})"
        found[key] = row
    return found


def _rows(path: Path) -> Iterator[_Cells]:
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)


def lines_of(found: Counted, rules: list[Rule], show: int) -> Iterator[str]:
    """Yield what is printed: compared cells, kinds with their counts, and some changes without a kind."""
    kinds: Counter[tuple[str, str, str]] = Counter()
    without: list[Change] = []
    for change in found.changes:
        kind = next((rule.kind for rule in rules if rule.fits(change)), "")
        kinds[kind or "(no kind)", change.table, change.column] += 1
        without += [] if kind else [change]
    counts = ", ".join(f"{table} {count:,}" for table, count in found.cells.items())
    yield f"{found.cells.total():,} cells of rows that both have: {counts}"
    for (kind, table, column), count in sorted(kinds.items()):
        yield f"{count:>9,}  {table}.{column}: {kind}"
    yield f"{len(without):,} without a kind"
    for change in without[:show]:
        yield f"  {change.table}.{change.column} of {change.key}: {change.before!r} -> {change.after!r}"


def main() -> int:
    """Compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--show", type=int, default=20, help="changes without a kind that are printed")
    given = parser.parse_args()
    found = compared(given.old, given.new)
    if not found.cells:
        parser.error("the two folders share no result table")
    rules = read_rules(RULES)
    for line in lines_of(found, rules, given.show):
        print(line)
    return int(any(not any(rule.fits(change) for rule in rules) for change in found.changes))


if __name__ == "__main__":
    sys.exit(main())
