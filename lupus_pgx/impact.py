"""What other knowledge tables change for people: calls, phenotypes and actions, before and after."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from lupus_pgx.analysis import analyze, respond
from lupus_pgx.comparison import Comparison, compare
from lupus_pgx.errors import InputError, InputMissingError
from lupus_pgx.examples.example import write_example
from lupus_pgx.knowledge.catalogue import Knowledge

_SHOWN = {"diplotypes": ("diplotype", "call_status", "phenotype"), "drugs": ("predicted_response", "action")}
_CALLED = ("certain", "probable", "outside")
_NAMED = 5


def impact(before: Knowledge, after: Knowledge, given: Sequence[str] = ()) -> Iterator[str]:
    """Yield what changes on the shipped example, on files and on stored results, one line for each kind of change.

    Parameters
    ----------
    before, after : Knowledge
        The tables in use, and those with proposed rows.
    given : sequence of str
        VCF files, or folders with results of an earlier analysis, whose calls are judged again.

    Yields
    ------
    str

    Raises
    ------
    InputError
        If a file or a stored result cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        example = write_example(folder)["patients.GRCh38.vcf.gz"]
        yield from _lines("shipped example", [_of_file(str(example), before, after)])
    for path in given:
        if Path(path).is_dir():
            yield from _lines(path, list(_of_results(Path(path), before, after)))
        else:
            yield from _lines(path, [_of_file(path, before, after)])


def _of_file(path: str, before: Knowledge, after: Knowledge) -> tuple[Comparison, int]:
    return compare(analyze(path, knowledge=before), analyze(path, knowledge=after)), 1


def _of_results(folder: Path, before: Knowledge, after: Knowledge) -> Iterator[tuple[Comparison, int]]:
    """Yield the comparison of each distinct set of stored calls, and how many samples have it."""
    path = folder / "diplotypes.tsv"
    if not path.exists():
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
    for distinct, count in Counter(tuple(sorted(own.items())) for own in calls.values()).items():
        stated = dict(distinct)
        if stated:
            yield compare(respond(stated, knowledge=before), respond(stated, knowledge=after)), count


def _lines(name: str, compared: Sequence[tuple[Comparison, int]]) -> Iterator[str]:
    changed: Counter[tuple[str, str, str, str, str]] = Counter()
    people: dict[tuple[str, str, str, str, str], list[str]] = {}
    for comparison, weight in compared:
        for part in comparison.changes:
            for number, cells in enumerate(part.distinct):
                wanted = [cell for cell in cells if cell.column in _SHOWN.get(part.table, ())]
                samples = (part.index == number).nonzero()[0] if wanted else ()
                for cell in wanted:
                    key = (part.table, part.key, cell.column, cell.before, cell.after)
                    changed[key] += len(samples) * weight
                    people.setdefault(key, []).extend(comparison.sample_ids[int(item)] for item in samples[:_NAMED])
    if not changed:
        yield f"{name}: no call, phenotype or action changes"
    for key, count in sorted(changed.items()):
        _, part_key, column, old, new = key
        yield f"{name}: {part_key} {column} {old or '(none)'} -> {new or '(none)'}: {_who(count, people[key])}"


def _who(count: int, names: Sequence[str]) -> str:
    known = [name for name in dict.fromkeys(names) if name != "what-if"][:_NAMED]
    told = f" ({', '.join(known)}{' ...' if count > len(known) else ''})" if known else ""
    return f"{count} {'sample' if count == 1 else 'samples'}{told}"
