"""Clinical contexts of a cohort as a table: one row per sample, the simple fields as columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lupus_pgx.context.form import read_text
from lupus_pgx.errors import InputError, did_you_mean


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


def _conditions(cell: str) -> dict[str, Any]:
    """Read ``tuberculosis: no; thrombosis: yes``."""
    return {name: _flag(value) for name, value in _pairs(cell)}


def _values(cell: str) -> dict[str, Any]:
    """Read ``potassium: 4.1 mmol/L; qtc: 505 ms``."""
    return dict(_pairs(cell))


def _pairs(cell: str) -> list[tuple[str, str]]:
    pairs = [part.partition(":") for part in _list(cell)]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _manifestations(cell: str) -> dict[str, Any]:
    """Read ``lupus nephritis: III+V; cutaneous``."""
    found: dict[str, Any] = {}
    for part in _list(cell):
        name, colon, classes = part.partition(":")
        details = [item.strip() for item in classes.split("+")]
        found[name.strip()] = {"class": details} if colon else {}
    return found


def _therapies(cell: str) -> list[dict[str, str]]:
    """Read ``mycophenolate mofetil: inadequate_response; azathioprine: intolerance: leukopenia``."""
    found = []
    for part in _list(cell):
        start = part.lower().startswith("other:")
        cells = [item.strip() for item in part.removeprefix(part[:6] if start else "").split(":", 2)]
        names = ("drug", "outcome", "reaction")
        therapy = {name: item for name, item in zip(names, cells, strict=False) if item}
        found.append(therapy | ({"drug": f"other: {cells[0]}"} if start else {}))
    return found


def _planned(cell: str) -> list[dict[str, str]]:
    return [{"drug": name} for name in _list(cell)]


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
    "conditions": _conditions,
    "values": _values,
}
"""Columns of the table, and how a cell becomes what stands in a YAML file."""


def read_rows(path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a table of contexts.

    Parameters
    ----------
    path : str
        Tab-separated, with a header; an empty cell is unknown.

    Returns
    -------
    document : dict
        ``patients`` by sample, in the form of the schema.
    places : dict of str to str
        Line and column of each simple field, by its path in the document.

    Raises
    ------
    InputError
        If the header or the number of cells is wrong, or a sample stands twice.
    """
    lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
    header = [cell.strip() for cell in lines[0][1].split("\t")] if lines else []
    faults = _header_faults(header)
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
        patients[sample] = {column: COLUMNS[column](cell) for column, cell in row.items()}
        places |= {f"patients.{sample}.{column}": f"line {number}, column {column}" for column in row}
    if not faults and not patients:
        faults.append("expected one row per sample; found none")
    if faults:
        raise InputError("\n".join([f"{path}: the table of clinical contexts cannot be used", *faults]))
    return {"patients": patients}, places


def _header_faults(header: list[str]) -> list[str]:
    faults = []
    for number, column in enumerate(header):
        if column not in COLUMNS:
            hint = did_you_mean(column, COLUMNS, f"expected some of {', '.join(COLUMNS)}")
            faults.append(f"unknown column {column!r}: {hint}")
        elif column in header[:number]:
            faults.append(f"the column {column} stands twice")
    if "sample_id" not in header:
        faults.append("the column sample_id is missing")
    return faults
