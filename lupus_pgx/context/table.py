"""Clinical contexts of a cohort as a table: one row per sample, the simple fields as columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lupus_pgx.context.form import once, read_text
from lupus_pgx.context.language.word_rows import Words, plain
from lupus_pgx.errors import InputError, did_you_mean
from lupus_pgx.knowledge.drugs import OTHER

_MARKS = frozenset(":|")
"""Stand between a drug and what is told of it: a cell without them holds names alone, or that there is none."""

_NO_TABS = {",": "commas", ";": "semicolons"}


def _number(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell


def _flag(cell: str) -> Any:
    return {"true": True, "yes": True, "false": False, "no": False}.get(cell.lower(), cell)


def _list(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _drugs(cell: str) -> list[str]:
    """Read drug names; ``none`` says that nothing is taken."""
    return [] if cell.lower() == "none" else _list(cell)


def _conditions(cell: str) -> dict[str, Any] | list[str]:
    """Read ``tuberculosis: no; thrombosis: yes; other: gout``, or the names of those that are there."""
    if ":" not in cell:
        return [part.strip() for part in re.split("[;,]", cell) if part.strip()]
    return once([_one(name, value) for name, value in _pairs(cell)])


def _one(name: str, value: str) -> tuple[str, Any]:
    """Return a condition with what is told of it; several of which no table asks stand apart."""
    return (f"{OTHER} {value}", True) if f"{name}:" == OTHER else (name, _flag(value) if value else True)


def _values(cell: str) -> dict[str, Any]:
    """Read ``potassium: 4.1 mmol/L; qtc: 505 ms``."""
    return once(_pairs(cell))


def _pairs(cell: str) -> list[tuple[str, str]]:
    pairs = [part.partition(":") for part in _list(cell)]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _manifestations(cell: str) -> dict[str, Any]:
    """Read ``lupus nephritis: III+V | severity severe | since 2024-03; cutaneous``."""
    found = []
    for part in _list(cell):
        first, details = _details(part)
        name, colon, classes = first.partition(":")
        own = [("class", [item.strip() for item in classes.split("+")])] if colon else []
        found.append((name.strip(), once([*own, *details])))
    return once(found)


def _details(part: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands before the first bar, and ``name value`` after each bar."""
    first, *rest = (item.strip() for item in part.split("|"))
    pairs = [item.partition(" ") for item in rest]
    return first, [(name, value.strip()) for name, _, value in pairs]


def _drug_first(first: str) -> tuple[str, str]:
    """Return a drug, which may begin with ``other:``, and what stands after the next colon."""
    start = first[:6] if first.lower().startswith("other:") else ""
    name, _, rest = first.removeprefix(start).partition(":")
    return f"other: {name.strip()}" if start else name.strip(), rest


def _therapies(cell: str) -> list[dict[str, str]] | str:
    """Read ``MMF: inadequate_response | dose 2 g/day | start 2024; azathioprine: intolerance: leukopenia``."""
    if not _MARKS.intersection(cell):
        return cell
    found = []
    for part in _list(cell):
        first, details = _details(part)
        drug, rest = _drug_first(first)
        outcome, _, reaction = (item.strip() for item in rest.partition(":"))
        told = [("drug", drug), ("outcome", outcome), ("reaction", reaction)]
        found.append(once([*((name, item) for name, item in told if item), *details]))
    return found


def _allergies(cell: str) -> Any:
    """Read ``penicillin; heparin: HIT | stop 2015``; a cell without bars is read as the text of a YAML file."""
    if "|" not in cell:
        return cell
    found: list[Any] = []
    for first, details in map(_details, _list(cell)):
        drug, _, reaction = (item.strip() for item in first.partition(":"))
        told = [("drug", drug), *([("reaction", reaction)] if reaction else []), *details]
        found.append(once(told) if details else first)
    return found


def _planned(cell: str) -> list[dict[str, str]] | str:
    """Read ``methotrexate | dose 15 mg/week; azathioprine``."""
    if not _MARKS.intersection(cell):
        return cell
    return [once([("drug", first), *details]) for first, details in map(_details, _list(cell))]


def _labs(cell: str) -> list[dict[str, Any]]:
    """Read ``creatinine, mg/dL: 2026-05-01 1.1 | 2026-06-01 1.3; anti_dsdna, IU/mL: 2026-05-01 >300``."""
    found = []
    for part in _list(cell):
        first, _, results = part.partition(":")
        quantity, _, unit = first.partition(",")
        dated = [item.strip().partition(" ") for item in results.split("|")]
        series: dict[str, Any] = {"quantity": quantity.strip(), "values": {}}
        for day, _, value in dated:
            series["values"].setdefault(day, value.strip())
        if len(series["values"]) < len(dated):
            series["values"] = "two values of one day: " + results.strip()
        found.append({**series, **({"unit": unit.strip()} if unit.strip() else {})})
    return found


def _mapping_or_word(cell: str) -> Any:
    """Read ``poor``, or ``how refills; share 60 %``."""
    parts = [part.partition(" ") for part in _list(cell)]
    named = all(name in ("how", "share", "which", "when", "treated", "severity") and value for name, _, value in parts)
    return once([(name, value.strip()) for name, _, value in parts]) if named else cell


COLUMNS: dict[str, Callable[[str], Any]] = {
    "sample_id": str,
    "sex": str,
    "ancestry": str,
    "age": _number,
    "weight": str,
    "egfr": str,
    "creatinine": str,
    "igg": str,
    "liver_disease": str,
    "active_infection": str,
    "pregnancy": _flag,
    "breast_feeding": _flag,
    "contraception": str,
    "manifestations": _manifestations,
    "therapies": _therapies,
    "planned": _planned,
    "co_medication": _drugs,
    "allergies": _allergies,
    "conditions": _conditions,
    "values": _values,
    "labs": _labs,
    "adherence": _mapping_or_word,
    "infection": _mapping_or_word,
}
"""Columns of the table, and how a cell becomes what stands in a YAML file."""


def read_rows(path: str, words: Words) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a table of contexts.

    Parameters
    ----------
    path : str
        Tab-separated, with a header; an empty cell is unknown.
    words : Words
        Know the columns by other names.

    Returns
    -------
    document : dict
        ``patients`` by sample, in the form of the schema.
    places : dict of str to str
        Line and column of each simple field, by its path in the document, and the line of each sample.

    Raises
    ------
    InputError
        If the header or the number of cells is wrong, or a sample or a field of one stands twice.
    """
    lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
    written = [cell.strip() for cell in lines[0][1].split("\t")] if lines else []
    header = [_column(cell, words) for cell in written]
    faults = _header_faults(header)
    named = dict(zip(header, written, strict=True))
    patients: dict[str, Any] = {}
    places: dict[str, str] = {}
    for number, line in lines[1:] if not faults else ():
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) > len(header):
            faults.append(f"line {number}: expected {len(header)} cells joined by tabs, found {len(cells)}")
            continue
        row = {column: cell for column, cell in zip(header, cells, strict=False) if cell}
        sample = row.pop("sample_id", None)
        if sample is None or sample in patients:
            faults.append(f"line {number}: " + (f"a second row of {sample!r}" if sample else "sample_id is missing"))
            continue
        patients[sample] = {}
        for column, cell in row.items():
            try:
                patients[sample][column] = COLUMNS[column](cell)
            except ValueError as error:
                faults.append(f"line {number}, column {named[column]}: {error}: write one of them")
        places[f"patients.{sample}"] = f"line {number}"
        places |= {f"patients.{sample}.{column}": f"line {number}, column {named[column]}" for column in row}
    if not faults and not patients:
        faults.append("expected one row per sample; found none")
    if faults:
        raise InputError("\n".join([f"{path}: the table of clinical contexts cannot be used", *faults]))
    return {"patients": patients}, places


def _column(cell: str, words: Words) -> str:
    """Return the column that a header means: ``Sample ID``, ``Geschlecht``; as it stands where none does."""
    same = next((column for column in COLUMNS if plain(column) == plain(cell)), "")
    row = None if same else words.find("field", cell)
    return (
        same or (row["value"] if row is not None and row["value"] in COLUMNS and not row["details"] else None) or cell
    )


def _header_faults(header: list[str]) -> list[str]:
    faults = []
    mark = next((name for mark, name in _NO_TABS.items() if len(header) == 1 and mark in header[0]), "")
    if mark:
        return [f"expected cells joined by tabs; found {mark}: save the table with tabs"]
    for number, column in enumerate(header):
        if column not in COLUMNS:
            hint = did_you_mean(column, COLUMNS, f"expected some of {', '.join(COLUMNS)}")
            faults.append(f"unknown column {column!r}: {hint}")
        elif column in header[:number]:
            faults.append(f"the column {column} stands twice")
    if "sample_id" not in header:
        faults.append("the column sample_id is missing")
    return faults
