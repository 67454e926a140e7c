"""Series of results as people write them: the quantity by whatever word, its unit, and what each result says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lupus_pgx.context.language.everyday import SYSTOLIC
from lupus_pgx.context.language.notes import Notes, Path
from lupus_pgx.context.language.word_rows import Words
from lupus_pgx.context.values import Worded
from lupus_pgx.knowledge.units import PRESENCE, plain_unit


def read_series(given: list[Any], notes: Notes) -> Iterator[Any]:
    """Yield series of results in the form that is checked; those that no rule reads are said and left out.

    Parameters
    ----------
    given : list
        The field ``labs`` of one patient.
    notes : Notes
        They have the remarks and the faults afterwards.
    """
    words = notes.words
    for number, item in enumerate(given):
        unread = words.unread(item.get("quantity")) if isinstance(item, Mapping) else ""
        if unread:
            notes.lose(f"{item['quantity']}: not used: {unread}", str(item["quantity"]))
        else:
            made = _one(item, ("labs", number), notes)
            results = made.get("values") if isinstance(made, Mapping) else None
            # Where every result or day was refused, what is left of the series needs no sentence of its own.
            left = isinstance(results, Mapping) and any(one is not None for one in results.values())
            if left or not isinstance(results, Mapping) or not item["values"]:
                yield made


def _one(item: Any, path: Path, notes: Notes) -> Any:
    words = notes.words
    if not isinstance(item, Mapping):
        return item
    made = _with_its_unit(item, notes)
    row = words.find("quantity", made.get("quantity"))
    if row is not None:
        if row["value"] != made["quantity"]:
            notes.remark(f"{made['quantity']}: read as {row['value']}" + (f"; {row['note']}" * bool(row["note"])))
        made["quantity"] = row["value"]
    elif isinstance(made.get("quantity"), str):
        made["quantity"] = words.quantity(made["quantity"])
    if made.get("unit") is None or isinstance(made["unit"], str):
        made["unit"] = words.unit(made.get("quantity"), made.get("unit") or "none")
        if made["unit"] == "none":
            del made["unit"]
    if isinstance(made.get("values"), Mapping):
        pressure = words.has_unit(made.get("quantity"), SYSTOLIC)
        read = notes.pressure_result if pressure else notes.result
        dated = [(notes.date(day, (*path, "values")), day, value) for day, value in made["values"].items()]
        made["values"] = {
            date: read(value, (*path, "values", str(day)), made.get("quantity"), made.get("unit"))
            for date, day, value in dated
            if date is not None  # which was refused
        }
        if made.get("unit") is None:
            _nothing_found(made, words)
        results = set(map(str, made["values"].values()))
        if results and results <= {"present", "absent"} and words.has_unit(made.get("quantity"), PRESENCE):
            made["unit"] = PRESENCE
    return made


def _nothing_found(made: dict[str, Any], words: Words) -> None:
    """Read what was undetectable, told without a unit: as absent where it is looked for, else as 0 in any unit."""
    found, name = made["values"], made.get("quantity")
    if words.has_unit(name, PRESENCE):
        made["values"] = {day: "absent" if isinstance(told, Worded) else told for day, told in found.items()}
    elif found and words.units(name) and all(isinstance(told, Worded) for told in found.values()):
        made["unit"] = words.units(name)[0]


def _with_its_unit(item: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """Return a series with the unit that stands behind each of its values, and with the quantity that has it."""
    words, made = notes.words, dict(item)
    name, unit = made.get("quantity"), made.get("unit")
    found = words.one_unit(made["values"].values()) if isinstance(made.get("values"), Mapping) else None
    if found is not None and unit is not None and plain_unit(str(unit)) != plain_unit(found[0]):
        found = None  # the form says that the results are no numbers
    unit = found[0] if found is not None else unit
    if not isinstance(name, str) or not isinstance(unit, str):
        return made
    own = words.of_unit(name, f"1 {unit}")
    quantity = words.own_quantity(own)
    if found is not None and words.has_unit(quantity, words.unit(quantity, unit)):
        made["unit"], made["values"] = unit, dict(zip(made["values"], found[1], strict=True))
    if own != name:
        notes.remark(f"{name}: read as {own}")
        made["quantity"] = own
    return made
