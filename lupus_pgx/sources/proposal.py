"""Hold the facts of a source against the rows of our tables, and write what a person reviews."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lupus_pgx.bounded import make_folder
from lupus_pgx.errors import InputError, OutputError, writing
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import Row, key_columns
from lupus_pgx.sources.facts import Fact, Facts
from lupus_pgx.sources.snapshots import Snapshot

REPORT, CHANGES, PEOPLE, OVERLAY, MANIFEST = "report.md", "changes.tsv", "impact.tsv", "overlay", "proposal.json"

_COLUMNS = {
    "allele_function": ("gene", "allele", "function", "activity_value", "release", "source"),
    "phenotype_rules": ("gene", "function_1", "function_2", "phenotype", "release", "source"),
    "alleles": ("gene", "allele", "kind", "reported_as", "release", "note", "source"),
    "allele_loci": ("gene", "allele", "locus", "grch38_ref", "grch38_alt", "role", "source"),
    "sources": ("source", "name", "version", "licence", "url", "note"),
}
"""Tables for which rows are made, with the columns that are written."""

_WHOLE = ("allele_loci", "allele_function")
"""What a new allele needs: a row of one without the other would break the tables."""

_MADE_OF = "CPIC"
"""Rows whose source begins so were taken from a source of this room; others were curated."""


class Change(NamedTuple):
    """One cell, or row, in which a source and our tables differ.

    Attributes
    ----------
    table, key, column : str
        ``column`` is ``row`` for a whole row.
    kind : str
        ``added``, ``changed`` or ``removed``.
    ours, theirs : str
        Cell of each; empty where there is none.
    proposed : str
        ``yes``: a row of the overlay says so. Else why a curator has to decide.
    """

    table: str
    key: str
    column: str
    kind: str
    ours: str
    theirs: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would change if a source were followed.

    Attributes
    ----------
    source : str
    release : str
        Data release that it was held against.
    day : date
        When the source was asked.
    changes : tuple of Change
    rows : mapping of str to tuple of mapping
        Rows for an overlay, by table.
    remarks : tuple of str
        What a curator should read.
    questions : tuple of str
        What was asked: address and checksum of the answer.
    """

    source: str
    release: str
    day: date
    changes: tuple[Change, ...]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]
    remarks: tuple[str, ...]
    questions: tuple[str, ...]


def propose(snapshot: Snapshot, facts: Facts, knowledge: Knowledge, licence: str) -> Proposal:
    """Return what a source says otherwise than our tables.

    Parameters
    ----------
    snapshot : Snapshot
    facts : Facts
        What was read from it.
    knowledge : Knowledge
        With the overlay that is in use, if any.
    licence : str

    Returns
    -------
    Proposal
        A row is proposed where the fact alone makes it and no curated row would give way; everything else is named
        with what keeps it from being proposed.
    """
    said: dict[tuple[str, ...], Mapping[str, str]] = {}
    for fact in facts.facts:
        if said.setdefault((fact.table, *fact.key), fact.cells) != fact.cells:
            place = next(iter(snapshot.answers.values())).place
            key = ", ".join(fact.key)
            raise InputError(f"{place}: the source says two things of {key} ({fact.table}); nothing was taken")
    release = snapshot.day.isoformat()
    identifier = f"{snapshot.source.upper()} interface {release}"
    ours = _Ours(knowledge, facts)
    changes: list[Change] = []
    rows: dict[str, list[Mapping[str, str]]] = {}
    for fact in facts.facts:
        for change, made in _compared(fact, ours, _stamp(release, identifier)):
            changes.append(change)
            for table, row in made:
                rows.setdefault(table, []).append(row)
    changes += _taken_back(facts, ours)
    if rows:
        address = next(iter(snapshot.answers.values())).url.partition("?")[0]
        rows["sources"] = [
            {
                "source": identifier,
                "name": f"{snapshot.source.upper()}, public interface",
                "version": release,
                "licence": licence,
                "url": address,
                "note": "rows made of the answers of that day, reviewed before they were adopted",
            }
        ]
    questions = tuple(f"{answer.url} (SHA-256 {snapshot.checksum(name)})" for name, answer in snapshot.answers.items())
    unique = {table: tuple({tuple(row.items()): row for row in found}.values()) for table, found in rows.items()}
    return Proposal(
        snapshot.source,
        knowledge.release,
        snapshot.day,
        tuple(sorted(dict.fromkeys(changes))),
        unique,
        facts.remarks,
        questions,
    )


class _Ours:
    """Our rows by key, and what defines each allele; beside them the new alleles that a source tells whole."""

    def __init__(self, knowledge: Knowledge, facts: Facts) -> None:
        self._knowledge = knowledge
        self._tables: dict[str, Mapping[tuple[str, ...], Row]] = {}
        stated = {
            name: {fact.key for fact in facts.facts if fact.table == name and not fact.obstacle} for name in _WHOLE
        }
        self.told_whole = frozenset.intersection(*map(frozenset, stated.values()))

    def rows(self, table: str) -> Mapping[tuple[str, ...], Row]:
        """Return the rows of a table by key; the order of two functions means nothing."""
        if table not in self._tables:
            columns = key_columns(table)
            keys = [(tuple(str(row[column]) for column in columns), row) for row in self._knowledge.rows(table)]
            unordered = table == "phenotype_rules"
            self._tables[table] = {(key[0], *sorted(key[1:])) if unordered else key: row for key, row in keys}
        return self._tables[table]

    @cached_property
    def changes(self) -> Mapping[tuple[str, ...], str]:
        """The changes that each allele always carries, as :class:`Fact` writes them."""
        found: dict[tuple[str, ...], list[str]] = {}
        for row in self._knowledge.rows("allele_loci"):
            if row["role"] == "required":
                text = f"{row['locus']}:{row['grch38_ref']}>{row['grch38_alt']}"
                found.setdefault((row["gene"], row["allele"]), []).append(text)
        return {key: " ".join(sorted(changes)) for key, changes in found.items()}


_Made = tuple[tuple[str, Mapping[str, str]], ...]


def _stamp(release: str, source: str) -> Mapping[str, str]:
    return {"release": release, "source": source}


def _compared(fact: Fact, ours: _Ours, stamp: Mapping[str, str]) -> Iterator[tuple[Change, _Made]]:
    """Yield the changes of a fact, each with the rows that would make it ours."""
    compare = _definition if fact.table == "allele_loci" else _plain
    yield from compare(fact, ours, stamp)


def _plain(fact: Fact, ours: _Ours, stamp: Mapping[str, str]) -> Iterator[tuple[Change, _Made]]:
    columns = key_columns(fact.table)
    named = ", ".join(fact.key)
    current = ours.rows(fact.table).get(fact.key)
    if current is None:
        obstacle = fact.obstacle or _unknown(fact, ours)
        theirs = ", ".join(value for value in fact.cells.values() if value)
        row = {**dict(zip(columns, fact.key, strict=True)), **fact.cells, **stamp}
        yield (
            Change(fact.table, named, "row", "added", "", theirs, obstacle or "yes"),
            () if obstacle else ((fact.table, row),),
        )
        return
    differing = {
        column: (_text(current[column]), value)
        for column, value in fact.cells.items()
        if _text(current[column]) != value
    }
    if not differing:
        return
    curated = not str(current["source"]).startswith(_MADE_OF)
    obstacle = fact.obstacle or (f"our row was curated ({current['source']})" if curated else "")
    row = {**{column: _text(cell) for column, cell in current.items()}, **fact.cells, **stamp}
    made: _Made = () if obstacle else ((fact.table, row),)
    for column, (old, new) in differing.items():
        yield Change(fact.table, named, column, "changed", old, new, obstacle or "yes"), made


def _definition(fact: Fact, ours: _Ours, stamp: Mapping[str, str]) -> Iterator[tuple[Change, _Made]]:
    """Compare which changes define an allele; one that we have is never redefined without a curator."""
    named = ", ".join(fact.key)
    known = fact.key in ours.rows("alleles")
    theirs = fact.cells.get("changes", "")
    if not known:
        made: _Made = ()
        obstacle = fact.obstacle or ("" if fact.key in ours.told_whole else "its function is not stated")
        if not obstacle:
            gene, allele = fact.key
            head = {"gene": gene, "allele": allele}
            loci = [{**head, **_change(text), "role": "required", "source": stamp["source"]} for text in theirs.split()]
            made = (
                ("alleles", {**head, "kind": "sequence", "reported_as": "", "note": "", **stamp}),
                *(("allele_loci", row) for row in loci),
            )
        yield Change("alleles", named, "row", "added", "", theirs, obstacle or "yes"), made
        return
    current = ours.changes.get(fact.key, "")
    if not fact.obstacle and current and current != theirs:
        why = "a definition is changed by a curator only"
        yield Change("allele_loci", named, "changes", "changed", current, theirs, why), ()


def _change(text: str) -> dict[str, str]:
    locus, _, letters = text.rpartition(":")
    ref, _, alt = letters.partition(">")
    return {"locus": locus, "grch38_ref": ref, "grch38_alt": alt}


def _unknown(fact: Fact, ours: _Ours) -> str:
    """Say what of a new row our tables do not know; empty where they know all."""
    if fact.table == "allele_function" and not (fact.key in ours.rows("alleles") or fact.key in ours.told_whole):
        return "no allele of ours has this name: see its definition"
    return ""


def _taken_back(facts: Facts, ours: _Ours) -> Iterator[Change]:
    """Yield rows of ours, made of such a source, that it no longer has."""
    stated = {(fact.table, fact.key) for fact in facts.facts}
    for table in sorted({table for table, _ in facts.scope}):
        checked = "alleles" if table == "allele_loci" else table
        for key, row in ours.rows(checked).items():
            if (table, key[0]) not in facts.scope or (table, key) in stated or table == "allele_loci":
                continue
            if str(row["source"]).startswith(_MADE_OF) and row.get("function") != "not assigned":
                yield Change(table, ", ".join(key), "row", "removed", "present", "", "an overlay takes no row away")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def lines_of(proposal: Proposal, impact: Sequence[str] = ()) -> Iterator[str]:
    """Yield the report for people, as Markdown.

    Parameters
    ----------
    proposal : Proposal
    impact : sequence of str
        What changes in calls and actions, one line each.

    Yields
    ------
    str
    """
    counts = Counter((change.kind, change.proposed == "yes") for change in proposal.changes)
    yield f"# {proposal.source.upper()} on {proposal.day}, beside data release {proposal.release}"
    yield ""
    if not proposal.changes and not proposal.remarks:
        yield "Nothing differs."
    for kind in ("added", "changed", "removed"):
        proposed, other = counts[kind, True], counts[kind, False]
        if proposed or other:
            yield f"- {kind}: {proposed} proposed, {other} for a curator"
    for title, wanted in (("Proposed", True), ("For a curator", False)):
        chosen = [change for change in proposal.changes if (change.proposed == "yes") is wanted]
        if chosen:
            yield from ("", f"## {title}", "")
            yield from (_line(change) for change in chosen)
    for title, texts in (("To read", proposal.remarks), ("What changes for people", impact)):
        if texts:
            yield from ("", f"## {title}", "")
            yield from (f"- {text}" for text in texts)
    yield from ("", "## Asked", "")
    yield from (f"- {text}" for text in proposal.questions)
    yield ""
    yield "Nothing was adopted. Read the rows; then `lupus-pgx knowledge adopt PROPOSAL OVERLAY` takes them over."


def _line(change: Change) -> str:
    values = f"{change.ours or '(none)'} -> {change.theirs or '(none)'}"
    why = "" if change.proposed == "yes" else f" ({change.proposed})"
    column = "" if change.column == "row" else f" {change.column}"
    return f"- {change.kind} {change.table} {change.key}{column}: {values}{why}"


def write_proposal(
    proposal: Proposal, folder: Path, impact: Sequence[str] = (), people: Sequence[Sequence[str]] = ()
) -> None:
    """Write a proposal as a folder that appears whole: report, table of changes, table of people, overlay.

    Parameters
    ----------
    proposal : Proposal
    folder : Path
    impact : sequence of str
        Lines of the report.
    people : sequence of sequence of str
        Who is concerned: head and rows of the table; no table is written where there is not one row.

    Raises
    ------
    OutputError
        If the folder is there already, or cannot be written.
    """
    if folder.exists():
        raise OutputError(f"{folder}: there is something already; name a new folder with -o")
    with writing(folder, "proposal"):
        make_folder(folder.parent)
        with contextlib.ExitStack() as undo:
            work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
            undo.callback(shutil.rmtree, work, ignore_errors=True)
            _write(work / REPORT, lines_of(proposal, impact))
            _write(work / CHANGES, ["\t".join(Change._fields), *("\t".join(change) for change in proposal.changes)])
            if len(people) > 1:
                _write(work / PEOPLE, ["\t".join(row) for row in people])
            (work / OVERLAY).mkdir()
            for table, rows in proposal.rows.items():
                columns = _COLUMNS[table]
                _write(
                    work / OVERLAY / f"{table}.tsv",
                    ["\t".join(columns), *("\t".join(row.get(column, "") for column in columns) for row in rows)],
                )
            manifest = {"source": proposal.source, "day": proposal.day.isoformat(), "release": proposal.release}
            _write(work / MANIFEST, [json.dumps(manifest, indent=1)])
            work.chmod(0o755)
            work.rename(folder)
            undo.pop_all()


def _write(path: Path, lines: Sequence[str] | Iterator[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
