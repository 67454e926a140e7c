"""Read the clinical context of patients from a file, a table or a mapping, and say what in it cannot be right."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from os import PathLike, fspath
from typing import Any

from lupus_pgx import bounded
from lupus_pgx.bounded import check_document
from lupus_pgx.context.judged.intolerance import reactions_of
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.model import Context
from lupus_pgx.context.per_sample import BySample
from lupus_pgx.context.today import day_of
from lupus_pgx.context.values import Unused, lost_first
from lupus_pgx.door import checked
from lupus_pgx.errors import InputError, UsageError
from lupus_pgx.knowledge.ancestry import ancestry_names
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.rules import clauses_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import CheckStatus
from lupus_pgx.words.lines import counted, few_of
from lupus_pgx.words.vocabulary import listed

MOST_ITEMS = 2_000
"""Entries of one list or mapping of a patient: courses, drugs, conditions, laboratory series."""

LONGEST_TEXT = 4_000
"""Characters of one text: a page."""

MOST_PATIENTS = 1_000_000

_NUMBER = re.compile(r"\d+(?:\.\d+)?")

log = logging.getLogger(__name__)


@checked
def load_context(
    source: str | PathLike[str] | Mapping[str, Any],
    knowledge: Knowledge | None = None,
    *,
    today: dt.date | str | None = None,
) -> Context | dict[str, Context]:
    """Read the clinical context of a patient or of a cohort.

    Parameters
    ----------
    source : path or mapping
        A YAML or JSON file or a mapping, by the schema ``context.schema.json``; or a table (``.tsv``)
        with one row per sample. See ``docs/context.md``.
    knowledge : Knowledge, optional
        Knows the drugs and units; the shipped tables by default.
    today : date or str, optional
        Dates after it are refused, plans aside; the day of the clock by default.

    Returns
    -------
    Context or dict of str to Context
        By sample where the file is a table or has ``patients``.

    Raises
    ------
    InputMissingError
        If the file cannot be read.
    InputError
        If anything in it cannot be right; the message names every fault.
    UsageError
        If ``today`` is no date, or ``source`` neither a path nor fields.

    Examples
    --------
    >>> context = load_context({"sex": "female", "age": 34, "creatinine": "1.0 mg/dL", "co_medication": ["MMF"]})
    >>> round(context.kidney_function.value), context.co_medication[0].name, context.weight
    (76, 'mycophenolate mofetil', None)
    """
    from lupus_pgx.context.form import check_form, path_text
    from lupus_pgx.context.from_fields import MOST_FAULTS, FieldReader
    from lupus_pgx.context.told.as_written import as_written

    knowledge, day = knowledge or load_knowledge(), day_of(today)
    words = _words(knowledge)
    document, where, places = _document(source, words)
    document, remarks, unread = as_written(document, words, day)
    left, faults = check_form(document)
    faults += [(path_text(path), rule) for path, rule in unread]
    several = isinstance(document, dict) and "patients" in document
    patients = (left or {}).get("patients", {}) if several else {None: left}
    names, units, ancestries = knowledge.drug_names, knowledge.known_units, ancestry_names(knowledge)
    contexts: dict[str | None, Context] = {}
    for sample, fields in patients.items():
        if len(faults) >= MOST_FAULTS:
            break
        reader = FieldReader(names, units, day, ancestries, words)
        made = reader.context(fields or {}, sample)
        contexts[sample] = replace(made, remarks=lost_first((*remarks.get(sample, ()), *reader.remarks)))
        start = ("patients", sample) if several else ()
        faults += [(path_text((*start, *path)), rule) for path, rule in reader.faults]
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = [f"{_place(path, places)}: {rule}" for path, rule in faults[:MOST_FAULTS]]
        lines += ["and more: mend these first"] if len(faults) >= MOST_FAULTS else []
        raise InputError("\n".join([f"{where}: {count} in the clinical context", *lines]))
    contexts = _with_unread_reactions(contexts, knowledge)
    contexts = {sample: _with_open_courses(item, knowledge) for sample, item in contexts.items()}
    _log_remarks(where, contexts)
    if not several:
        return contexts[None]
    named = {str(sample): item for sample, item in contexts.items()}
    return named if isinstance(source, Mapping) else _placed(named, where, places)


def _document(source: str | PathLike[str] | Mapping[str, Any], words: Words) -> tuple[Any, str, dict[str, str]]:
    """Return what a context holds, in which fields have names, how messages call it, and the places of its rows."""
    from lupus_pgx.context.form import plain, read_document
    from lupus_pgx.context.table import read_rows

    places: dict[str, str] = {}
    if isinstance(source, Mapping):
        document, where = source, "context"
    elif not isinstance(source, str | PathLike):
        raise UsageError(f"context: expected a file, or the fields of a patient; found {type(source).__name__}")
    else:
        where = fspath(source)
        if where.lower().endswith((".tsv", ".txt")):
            document, places = read_rows(where, words)
        else:
            document = read_document(where)
            _check_fields(document, where)
    _check_bounds(document, where)
    _check_sizes(document, where)
    return plain(document, where), where, places


def _log_remarks(where: str, contexts: Mapping[str | None, Context]) -> None:
    """Say what was read as what, what is lost first, and once for all patients of whom the same is to be said.

    What is lost is the same in the same words; of what was read only the numbers may differ. All of it is in
    ``Context.remarks`` of each patient.
    """
    found: dict[tuple[bool, str, int], tuple[str, list[str]]] = {}
    for made in contexts.values():
        mine: Counter[tuple[bool, str]] = Counter()
        for text in made.remarks:
            lost = isinstance(text, Unused)
            alike = (lost, text if lost else _NUMBER.sub("0", text))
            mine[alike] += 1  # of one patient nothing is put together
            found.setdefault((*alike, mine[alike]), (text, []))[1].append(made.sample_id or "")
    for (lost, *_), (text, (first, *others)) in sorted(found.items(), key=lambda item: not item[0][0]):
        more = f" (and likewise of {counted(len(others), 'more patient')}: {few_of(others)})" if others else ""
        log.warning("%s: %s%s%s", where, f"{first}: " if first else "", text, more, extra={"informs": not lost})


def _with_unread_reactions(contexts: dict[str | None, Context], knowledge: Knowledge) -> dict[str | None, Context]:
    """Remark of which reactions no table knows the word."""
    if not any(item.reaction for made in contexts.values() for item in made.therapies):
        return contexts
    known = reactions_of(knowledge)
    return {
        sample: replace(made, remarks=lost_first((*made.remarks, *known.unread(made))))
        for sample, made in contexts.items()
    }


def _with_open_courses(made: Context, knowledge: Knowledge) -> Context:
    """Remark of which courses nobody knows whether they go on, how that is read, and what to write.

    What a drug did that forbids it for good, such as an anaphylaxis, ended its course.
    """
    if not made.perhaps_taken:
        return made
    never, again = CheckStatus.CONTRAINDICATED, reactions_of(knowledge).again
    therapies = tuple(
        replace(item, taken=False) if item.goes_on is None and item.reaction and again(item.reaction) is never else item
        for item in made.therapies
    )
    made = replace(made, therapies=therapies)
    said = {item.drug for item in made.ended if item.may_go_on}  # said with its stop
    names = [item.name for item in made.perhaps_taken if item not in said]
    if not names:
        return made
    remark = Unused(
        f"{listed(names, 'and')}: no stop is told, so whether it is still taken is open: it is not counted as taken "
        "now, and what it would do with other drugs is asked about; write stop: DATE (stop: yes where the day is not "
        "known), or stop: ongoing where it is still taken"
    )
    return replace(made, remarks=lost_first((*made.remarks, remark)))


def _check_fields(document: Any, where: str) -> None:
    """Refuse a file that holds no fields at all, in one sentence: one that is empty, or of another kind."""
    if document is None:
        raise InputError(f"{where}: the whole: expected the fields of a patient; the file holds nothing")
    if not isinstance(document, Mapping):
        hint = "a table is written with tabs, as .tsv, with one row per sample"
        raise InputError(
            f"{where}: the whole: expected the fields of a patient, such as 'age: 34'; found none ({hint})"
        )


def _check_bounds(document: Any, where: str) -> None:
    """Refuse what has no end, or holds itself: those who look at words look back and forth in each."""
    try:
        check_document(document, LONGEST_TEXT)
    except ValueError as error:
        raise InputError(f"{where}: expected a clinical context; it cannot be read ({error})") from error


def _check_sizes(document: Any, where: str) -> None:
    """Refuse lists that are longer than the history of anybody: looking through them would take hours."""
    patients = document.get("patients") if isinstance(document, Mapping) else None
    several = list(patients.values()) if isinstance(patients, Mapping) else [document]
    for fields in several:
        lists = fields.items() if isinstance(fields, Mapping) else ()
        for name, items in lists:
            if name != "patients" and isinstance(items, Mapping | list) and len(items) > MOST_ITEMS:
                raise InputError(
                    f"{where}: {bounded.short(str(name))} has {len(items):,} entries, expected at most {MOST_ITEMS:,}: "
                    "is this the file of one patient?"
                )
    if len(several) > MOST_PATIENTS:
        raise InputError(f"{where}: {len(several):,} patients, expected at most {MOST_PATIENTS:,} in a file")


def _placed(contexts: Mapping[str, Context], where: str, places: Mapping[str, str]) -> BySample[Context]:
    """Keep with contexts the file, and the line of each sample in a table."""
    placed = BySample[Context](where)
    for sample, item in contexts.items():
        placed[sample] = item
        if (line := places.get(f"patients.{sample}")) is not None:
            placed.lines[sample] = int(line.removeprefix("line "))
    return placed


@lru_cache(maxsize=4)
def _words(knowledge: Knowledge) -> Words:
    """Return the words of a release: thousands of rows, put in order once and not at each reading."""
    return Words(knowledge, condition_names(knowledge))


def condition_names(knowledge: Knowledge) -> tuple[str, ...]:
    """Return the conditions that a context may state: those that ``criteria`` and ``review_signs`` ask for."""
    asked = [source for row in knowledge.rows("criteria") for source in split_list(row["asks"])]
    asked += [clause for row in knowledge.rows("review_signs") for clause in clauses_of(row["applies_when"])]
    names = [source.removesuffix("?").removeprefix("condition:") for source in asked if source.startswith("condition:")]
    return tuple(sorted(dict.fromkeys(names)))


def _place(path: str, places: Mapping[str, str]) -> str:
    """Return line and column of a field of a table, else its path."""
    home = path
    while home and home not in places:
        home = home[: max(home.rfind("."), home.rfind("["), 0)]
    return f"{places[home]} ({path})" if home else path
