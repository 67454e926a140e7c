"""Tests of what is a condition, such as HBsAg: a positive one says that it is there, and no other says more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lupus_pgx.context.language.known_conditions import own_field
from lupus_pgx.context.language.notes import Notes, Path
from lupus_pgx.context.language.word_rows import Words

_OF = "condition:"
"""Begins the value of a word for such a test in the table ``context_words``."""

_YES_OR_NO = ("pregnancy", "breast_feeding")
"""Fields that stand for their test, too."""

_RESULTS = {"present": True, "yes": True, "absent": False, "no": False, "0": False}
"""What a result of a test says; 0 is the value of words such as undetectable."""


def read_tests(made: dict[str, Any], notes: Notes) -> None:
    """Move tests of a condition from values and labs to the conditions, in place.

    Parameters
    ----------
    made : dict
        Fields of a patient, changed.
    notes : Notes
    """
    words = notes.words
    there: list[str] = []
    for name, results, path in _tests(made, words):
        told = [_positive(result, words) for result in results]
        if None in told:
            notes.refuse(path, f"expected positive or negative of {name}; found {results[told.index(None)]!r}")
        elif True in told:
            there.append(_condition(name, words))
            notes.remark(f"{name}: positive: read as {there[-1]}")
        else:
            notes.lose(f"{name}: negative, which does not exclude the condition, and is left out")
    stated = made.get("conditions")
    if isinstance(stated, list):
        made["conditions"] = [*stated, *there]
    elif there and isinstance(stated or {}, Mapping):
        wrong = [name for name in there if (stated or {}).get(name) is False]
        notes.faults += [
            (("conditions", name), "contradicts a test that was positive: write one of them") for name in wrong
        ]
        made["conditions"] = {**(stated or {}), **dict.fromkeys(there, True)}


def _tests(made: dict[str, Any], words: Words) -> list[tuple[str, Sequence[Any], Path]]:
    """Take the tests of a condition out of values and labs, and return them with their results."""
    found: list[tuple[str, Sequence[Any], Path]] = []
    values, labs = made.get("values"), made.get("labs")
    if isinstance(values, Mapping):
        found += [(name, [told], ("values", name)) for name, told in values.items() if _condition(name, words)]
        made["values"] = {name: told for name, told in values.items() if not _condition(name, words)}
    if isinstance(labs, list):
        tested = [isinstance(item, Mapping) and bool(_condition(item.get("quantity"), words)) for item in labs]
        for number, item in enumerate(labs):
            if tested[number]:
                results = item.get("values")
                told = list(results.values()) if isinstance(results, Mapping) else [results]
                found.append((item["quantity"], told, ("labs", number, "values")))
        made["labs"] = [item for item, test in zip(labs, tested, strict=True) if not test]
    return found


def _condition(name: Any, words: Words) -> str:
    """Return the condition that a test is of, or that stands itself for its test; empty where it is none."""
    row = words.find("quantity", name)
    if row is None and isinstance(name, str) and not words.is_quantity(name) and words.of_unit(name, "") == name:
        found = words.condition(name)
        return str(found["value"]) if found is not None else own_field(name, words) if name in _YES_OR_NO else ""
    value = (row["value"] or "") if row is not None else ""
    return value.removeprefix(_OF) if value.startswith(_OF) else ""


def _positive(told: Any, words: Words) -> bool | None:
    """Read a result as positive or negative; None where it is neither."""
    if isinstance(told, bool):
        return told
    rows = [words.find(field, told) for field in ("result", "answer")]
    found = [_RESULTS[row["value"]] for row in rows if row is not None and row["value"] in _RESULTS]
    return found[0] if found else _RESULTS.get(told) if isinstance(told, str) else None
