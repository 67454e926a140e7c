"""Say of each cell in which two sets of result tables differ what made the difference, and which fault that mends.

    python tools/trace_changes.py old=DIR [code=DIR calls=DIR rules=DIR] rest=DIR [--tables OLD NEW] [--show N]

The folders hold tables as ``lupus-pgx analyze -o`` writes them, in the folder itself or in folders of the same names,
such as one a patient. The cause of a change is found, not read off the outcome:

- Tables of the genotype: the states from the oldest to the newest (``tools/old_knowledge.py`` makes those between) each
  add one thing, by which they are named. The cause is the names of the states in which the cell differs from the one
  before. ``code`` is the code with every table that has another form now, ``calls`` and ``rules`` are tables.
- Tables of the clinical context, with ``--tables`` (folders of the knowledge tables of both): the cause is what became
  of the rows behind the cell: ``row new``, ``row gone``, ``row changed``, ``row reworded``, ``row same``, ``no row``.
  Checks are compared by what they are about: of all that is said of a drug and a criterion the strictest counts. What
  has no row is ``not looked at`` where it says so itself. Cells of a drug whose checks differ have ``checks`` for
  ``code``.

``tools/change_kinds.tsv`` says of a table, columns and cause which fault was mended, and which test holds it. It knows
no outcome, no patient and no drug. Exit code 0: each change has a kind, 1: some have none, 2: nothing to compare.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lupus_pgx.terms import CheckStatus

RULES = Path(__file__).with_name("change_kinds.tsv")
KEYS: Mapping[str, tuple[str, ...]] = {
    "variants": ("sample_id", "gene", "locus", "rsid", "chrom", "pos", "ref", "alt"),
    "diplotypes": ("sample_id", "gene"),
    "markers": ("sample_id", "gene", "marker"),
    "drugs": ("sample_id", "drug"),
    "guidance": ("sample_id", "drug", "source", "year", "condition"),
    "evidence": ("sample_id", "drug", "gene", "marker", "finding"),
    "checks": ("sample_id", "drug", "topic"),
    "course": ("sample_id", "manifestation", "regimen", "start", "months", "criterion"),
    "monitoring": ("sample_id", "drug", "measure", "context"),
    "resistance": ("sample_id", "drug", "finding", "rows"),
    "options": ("sample_id", "manifestation", "option"),
}
"""Columns that name a row; those that one side has not are left out."""

BEHIND: Mapping[str, tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = {
    "course": (
        ("response_criteria", ("criterion",), ("criterion",)),
        ("response_criteria", ("group",), ("criterion",)),
    ),
    "monitoring": (("monitoring", ("drug", "measure", "context"), ("drug", "measure", "context")),),
    "options": (("therapy_options", ("manifestation", "option"), ("manifestation", "option")),),
}
"""Of a result table of the context: the knowledge table, its columns, and those of the result that name its rows; the
first that has any counts."""

CONTEXT = ("checks", "course", "monitoring", "resistance", "options")
PROSE = frozenset({"advice", "note", "effect", "meaning", "outcome", "citation", "source", "statement", "timing"})
"""Columns of knowledge tables that decide nothing."""

ROW = "row"
NO_ROW = "no row"
NOT_LOOKED_AT = "not looked at"
CHECKS = "checks"
CODE = "code"
SEPARATOR = " | "
_WITH = re.compile(r"(?:use together )?with (.+)")
_NONE_ENTERED = "contraindications of "

_Cells = dict[str, str]
_Index = dict[tuple[str, ...], list[_Cells]]


class Change(NamedTuple):
    """A cell that differs; of a row that one side has alone, the column is ``row``."""

    table: str
    key: str
    column: str
    before: str
    after: str
    cause: str


class Counted(NamedTuple):
    """What was compared, and what differs."""

    changes: list[Change]
    cells: Counter[str]


@dataclass(frozen=True)
class Rule:
    """One line of the rules."""

    table: str
    columns: frozenset[str]
    cause: re.Pattern[str]
    kind: str
    fault: str
    test: str

    def fits(self, change: Change) -> bool:
        """Whether it is about a change."""
        return (
            change.table == self.table
            and change.column in self.columns
            and self.cause.fullmatch(change.cause) is not None
        )


class Knowledge:
    """The rows of two states of the knowledge tables, and what became of those that are behind a result."""

    def __init__(self, old: Path, new: Path) -> None:
        self.sides = (old, new)
        self.indexed: dict[tuple[str, tuple[str, ...]], tuple[_Index, _Index]] = {}
        self.read: dict[str, tuple[list[_Cells], list[_Cells]]] = {}
        self.criteria = {
            (row["drug"], row["condition"]): row["criterion"] for row in _rows(old / "contraindications.tsv")
        }

    def rows(self, table: str) -> tuple[list[_Cells], list[_Cells]]:
        """Return the rows of a table on both sides."""
        if table not in self.read:
            old, new = (
                list(_rows(side / f"{table}.tsv")) if (side / f"{table}.tsv").exists() else [] for side in self.sides
            )
            self.read[table] = (old, new)
        return self.read[table]

    def fate(self, table: str, wanted: Mapping[str, str]) -> str:
        """Return what became of the rows of a table with these cells."""
        return fate(*self.found(table, wanted))

    def found(self, table: str, wanted: Mapping[str, str]) -> tuple[list[_Cells], list[_Cells]]:
        """Return the rows of a table with these cells, on both sides."""
        names, cells = (*wanted,), (*wanted.values(),)
        if (table, names) not in self.indexed:
            before, after = self.rows(table)
            self.indexed[table, names] = (_by_cells(before, names), _by_cells(after, names))
        old, new = self.indexed[table, names]
        return old.get(cells, []), new.get(cells, [])

    def behind(self, table: str, row: Mapping[str, str]) -> str:
        """Return what became of the rows behind a row of results."""
        if table == "checks":
            return NOT_LOOKED_AT if row["status"] == CheckStatus.NOT_LOOKED_AT else self._behind_check(row)
        if table == "resistance":
            return self._behind_finding(row["rows"])
        fates = (
            self.fate(name, {column: row.get(of, "") for column, of in zip(columns, cells, strict=True)})
            for name, columns, cells in BEHIND[table]
        )
        return next((item for item in fates if item != NO_ROW), NO_ROW)

    def _behind_check(self, row: Mapping[str, str]) -> str:
        drug, topic = row["drug"], row["topic"]
        if topic == "(none)":
            return self.fate("contraindications", {"drug": drug})
        if (found := _WITH.fullmatch(topic)) is None:
            return self.fate("contraindications", {"drug": drug, "criterion": topic})
        named = set(re.split(r" and |, ", found[1]))
        pairs = self.found("interactions", {"drug": drug})
        return fate(*([row for row in rows if named & {row["with"], *row["with_drugs"].split(";")}] for rows in pairs))

    def _behind_finding(self, named: str) -> str:
        """Follow the rows that a finding names: the table, then the cells of the key."""
        fates = []
        for name in named.split(";"):
            table, _, key = name.partition(":")
            columns = list((self.rows(table)[1] or [{}])[0]) if key else []
            cells = key.split("/")
            fates.append(self.fate(table, dict(zip(columns, cells, strict=False))) if columns else NO_ROW)
        return next(
            (item for item in ("row new", "row gone", "row changed", "row reworded", "row same") if item in fates),
            NO_ROW,
        )


def fate(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]) -> str:
    """Return what became of some rows, by the columns that both sides have: other prose alone rewords a row."""
    if not old or not new:
        return "row new" if new else "row gone" if old else NO_ROW
    shared = [name for name in old[0] if name in new[0]]
    for names, said in ((set(shared) - PROSE, "row changed"), (PROSE & set(shared), "row reworded")):
        before, after = ({tuple(row[name] for name in sorted(names)) for row in side} for side in (old, new))
        if before != after:
            return said
    return "row same"


def _by_cells(rows: list[_Cells], names: tuple[str, ...]) -> _Index:
    found: _Index = {}
    for row in rows:
        found.setdefault(tuple(row.get(name, "") for name in names), []).append(row)
    return found


def read_rules(path: Path) -> list[Rule]:
    """Return the rules of a file, in their order."""
    return [
        Rule(
            table=row["table"],
            columns=frozenset(row["columns"].split(";")),
            cause=re.compile(row["cause"]),
            kind=row["kind"],
            fault=row["fault"],
            test=row["test"],
        )
        for row in _rows(path)
    ]


def compared(states: Mapping[str, Path], knowledge: Knowledge | None) -> Counted:
    """Compare the tables of the folders, and of the folders in them that all have."""
    found = Counted([], Counter())
    first, *others = states.values()
    shared = (path.name for path in first.iterdir() if all((other / path.name).is_dir() for other in others))
    for folder in (".", *sorted(shared)):
        changes: list[Change] = []
        for table in KEYS:
            paths = {name: path / folder / f"{table}.tsv" for name, path in states.items()}
            if all(path.exists() for path in paths.values()) and (table not in CONTEXT or knowledge is not None):
                changes += _differing(table, paths, knowledge, found.cells)
        found.changes.extend(by_checks(changes))
    return found


def _differing(
    table: str, paths: Mapping[str, Path], knowledge: Knowledge | None, cells: Counter[str]
) -> Iterator[Change]:
    """Yield what differs between the first and the last of some tables; count the cells of rows that both have."""
    tables = {name: list(_rows(path)) for name, path in paths.items()}
    if table == CHECKS and knowledge is not None:
        tables = {name: by_topic(rows, knowledge) for name, rows in tables.items()}
    columns = {name: [*rows[0]] for name, rows in tables.items() if rows}
    names = [name for name in KEYS[table] if all(name in own for own in columns.values())]
    keyed = {name: _by_key(rows, names) for name, rows in tables.items()}
    old, *_, new = keyed.values()
    first = next(iter(columns.values()), [])
    shared = [name for name in first if name not in names and all(name in other for other in columns.values())]
    for key in dict.fromkeys((*old, *new)):
        one, other = old.get(key), new.get(key)
        if one is None or other is None:
            differing = {ROW: ("present", "") if one else ("", "present")}
        else:
            cells[table] += len(shared)
            differing = {name: (one[name], other[name]) for name in shared if one[name] != other[name]}
        for column, (before, after) in differing.items():
            if knowledge is not None and table in CONTEXT:
                cause = knowledge.behind(table, other or one or {})
            else:
                cause = steps(key, column, keyed)
            yield Change(table, key, column, before, after, cause)


def by_checks(changes: list[Change]) -> Iterator[Change]:
    """Yield the changes; cells of a drug for which the context says something else have that as their cause.

    The tables of the context are today's in each state but the oldest, so that their effect falls into the first step.
    """
    drugs = {change.key.rpartition(SEPARATOR)[0] for change in changes if change.table == CHECKS}
    for change in changes:
        first, *others = change.cause.split("+")
        of_context = change.table == "drugs" and change.column != ROW and first == CODE and change.key in drugs
        yield change._replace(cause="+".join((CHECKS, *others))) if of_context else change


def steps(key: str, column: str, keyed: Mapping[str, Mapping[str, _Cells]]) -> str:
    """Return the states in which a cell, or whether there is a row, differs from the state before."""
    seen = [
        None if row is None else "" if column == ROW else row.get(column, "")
        for row in (state.get(key) for state in keyed.values())
    ]
    return "+".join(name for name, was, now in zip([*keyed][1:], seen, seen[1:], strict=False) if was != now)


def by_topic(rows: list[_Cells], knowledge: Knowledge) -> list[_Cells]:
    """Return for each drug and what a check is about the strictest row: a known one before an open one."""
    strictest: dict[tuple[str, str, str], _Cells] = {}
    for row in rows:
        subject = row["subject"]
        if subject.startswith(_NONE_ENTERED):
            topic = "(none)"
        elif found := _WITH.fullmatch(subject):
            topic = f"with {found[1]}"
        else:
            topic = row.get("criterion") or knowledge.criteria.get((row["drug"], subject), subject)
        key = (row.get("sample_id", ""), row["drug"], topic)
        if key not in strictest or _severity(row) > _severity(strictest[key]):
            strictest[key] = {"topic": topic, **{name: cell for name, cell in row.items() if name != "criterion"}}
    return list(strictest.values())


def _severity(row: Mapping[str, str]) -> tuple[int, bool]:
    return CheckStatus(row["status"]).severity, row["known"] == "yes"


def _by_key(rows: list[_Cells], names: Sequence[str]) -> dict[str, _Cells]:
    """Return rows by what names them; rows that are named alike by their number too."""
    found: dict[str, _Cells] = {}
    for row in rows:
        name = key = SEPARATOR.join(row[name] for name in names)
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
    kinds: Counter[tuple[str, str, str, str]] = Counter()
    without: list[Change] = []
    for change in found.changes:
        rule = next((rule for rule in rules if rule.fits(change)), None)
        said = f"{rule.kind} [{rule.fault}]" if rule else "(no kind)"
        kinds[change.table, change.column, change.cause, said] += 1
        without += [] if rule else [change]
    counts = ", ".join(f"{table} {count:,}" for table, count in found.cells.items())
    yield f"{found.cells.total():,} cells of rows that both have: {counts}"
    for (table, column, cause, said), count in sorted(kinds.items()):
        yield f"{count:>9,}  {table}.{column}, {cause}: {said}"
    yield f"{len(without):,} without a kind"
    for change in without[:show]:
        cells = f"{change.before!r} -> {change.after!r}"
        yield f"  {change.table}.{change.column} of {change.key}: {cells} ({change.cause})"


def main() -> int:
    """Compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("states", nargs="+", metavar="NAME=DIR", help="from the oldest to the newest")
    parser.add_argument("--tables", nargs=2, type=Path, metavar=("OLD", "NEW"), help="folders of knowledge tables")
    parser.add_argument("--show", type=int, default=20, help="changes without a kind that are printed")
    given = parser.parse_args()
    states = {name: Path(path) for name, _, path in (state.partition("=") for state in given.states)}
    if len(states) < 2 or not all(path.is_dir() for path in states.values()):
        parser.error("expected two folders or more as NAME=DIR, each with its own name")
    found = compared(states, Knowledge(*given.tables) if given.tables else None)
    if not found.cells:
        parser.error("the folders share no result table")
    rules = read_rules(RULES)
    for line in lines_of(found, rules, given.show):
        print(line)
    return int(any(not any(rule.fits(change) for rule in rules) for change in found.changes))


if __name__ == "__main__":
    sys.exit(main())
