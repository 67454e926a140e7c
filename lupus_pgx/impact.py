"""What other knowledge tables change for people: calls, phenotypes and actions, before and after."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lupus_pgx.analysis import analyze, respond
from lupus_pgx.comparison import Comparison, compare
from lupus_pgx.errors import InputError, InputMissingError
from lupus_pgx.examples.example import write_example
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.words.lines import counted

EXAMPLE = "shipped example"
_SHOWN = {"diplotypes": ("diplotype", "call_status", "phenotype"), "drugs": ("predicted_response", "action")}
_CALLED = ("certain", "probable", "outside")
_NAMED = 5


class Effect(NamedTuple):
    """One change, and the people whom it is about.

    Attributes
    ----------
    key : str
        Gene or drug.
    column : str
        Column of its result table.
    before, after : str
    samples : tuple of str
    """

    key: str
    column: str
    before: str
    after: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What changes for the people of one file, or of one folder of results.

    Attributes
    ----------
    given : str
        The file or folder as it was named.
    effects : tuple of Effect
        Calls first, then actions; empty where nothing changes.
    """

    given: str
    effects: tuple[Effect, ...]

    def lines(self) -> Iterator[str]:
        """Yield a line for each change, with the first of the people."""
        if not self.effects:
            yield f"{self.given}: no call, phenotype or action changes"
        for key, column, old, new, samples in self.effects:
            named = f"{', '.join(samples[:_NAMED])}{' ...' if len(samples) > _NAMED else ''}"
            count = f"{counted(len(samples), 'sample')}"
            yield f"{self.given}: {key} {column} {old or '(none)'} -> {new or '(none)'}: {count} ({named})"

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield a row for each change and person: as :data:`COLUMNS` names them."""
        for key, column, old, new, samples in self.effects:
            yield from ((self.given, key, column, old, new, sample) for sample in samples)


COLUMNS = ("given", "key", "column", "before", "after", "sample_id")
"""Columns of the table of people."""


def impact(before: Knowledge, after: Knowledge, given: Sequence[str] = ()) -> Iterator[Impact]:
    """Yield what changes on the shipped example, on files and on stored results.

    Parameters
    ----------
    before, after : Knowledge
        The tables in use, and those with proposed rows.
    given : sequence of str
        VCF files, or folders with results of an earlier analysis, whose calls are judged again.

    Yields
    ------
    Impact

    Raises
    ------
    InputError
        If a file or a stored result cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        example = write_example(folder)["patients.GRCh38.vcf.gz"]
        yield _impact(EXAMPLE, [_of_file(str(example), before, after)])
    for path in given:
        if Path(path).is_dir():
            yield _impact(path, _of_results(Path(path), before, after))
        else:
            yield _impact(path, [_of_file(path, before, after)])


_Compared = tuple[Comparison, Sequence[Sequence[str]]]
"""A comparison, and for each of its samples the people who share it."""


def _of_file(path: str, before: Knowledge, after: Knowledge) -> _Compared:
    found = compare(analyze(path, knowledge=before), analyze(path, knowledge=after))
    return found, [(name,) for name in found.sample_ids]


def _of_results(folder: Path, before: Knowledge, after: Knowledge) -> Iterator[_Compared]:
    """Yield the comparison of each distinct set of stored calls, with all who have it."""
    path = folder / "diplotypes.tsv"
    if not path.is_file():
        raise InputMissingError(f"{folder}: expected results with diplotypes.tsv; there is none")
    calls: dict[str, dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        if not {"sample_id", "gene", "diplotype", "call_status"} <= set(rows.fieldnames or ()):
            raise InputError(f"{path}:1: expected the columns of diplotypes.tsv; this is another table")
        for row in rows:
            own = calls.setdefault(row["sample_id"], {})
            if row["call_status"] in _CALLED and row["diplotype"]:
                own[row["gene"]] = row["diplotype"]
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for sample, own in calls.items():
        alike.setdefault(tuple(sorted(own.items())), []).append(sample)
    for distinct, samples in alike.items():
        stated = dict(distinct)
        if stated:
            yield compare(respond(stated, knowledge=before), respond(stated, knowledge=after)), [samples]


def _impact(name: str, compared: Iterator[_Compared] | Sequence[_Compared]) -> Impact:
    people: dict[tuple[str, str, str, str, str], list[str]] = {}
    for comparison, who in compared:
        for part in comparison.changes:
            for number, cells in enumerate(part.distinct):
                wanted = [cell for cell in cells if cell.column in _SHOWN.get(part.table, ())]
                samples = (part.index == number).nonzero()[0] if wanted else ()
                for cell in wanted:
                    found = people.setdefault((part.table, part.key, cell.column, cell.before, cell.after), [])
                    found += (sample for item in samples for sample in who[int(item)])
    effects = [
        Effect(key, column, before, after, tuple(sorted(names)))
        for (_, key, column, before, after), names in sorted(people.items())
    ]
    return Impact(name, tuple(effects))
