"""What may be given to the public functions, by the name of the parameter: what is none of it is refused at the door.

A wrong type that is let in fails somewhere within, in words about our code, or counts as something that nobody meant.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

from lupus_pgx.bounded import found_as, is_count, short
from lupus_pgx.errors import UsageError, cannot_look, is_shortage, no_memory
from lupus_pgx.words.asked import named

Taken = ParamSpec("Taken")
Given = TypeVar("Given")
Kind = Callable[[str, Any], Any]
"""Takes the name and the value of a parameter; returns the value as the functions within take it."""

_LONGEST_WORD = 1_000
"""Characters of a word of which the message that it is not known would quote all."""


def _is_a(kind: str, value: object) -> bool:
    """Whether a value is of a class of ours, which lies in a room above and is known here by its name."""
    return any(each.__name__ == kind and each.__module__.startswith("lupus_pgx.") for each in type(value).__mro__)


def _refuse(name: str, expected: str, value: object, where: str = "") -> UsageError:
    return UsageError(f"{named(name)}: expected {expected}; found {found_as(value)}{where}")


def as_it_is(_: str, value: Any) -> Any:
    """Let a value be: the function itself says what is wrong with it."""
    return value


def one_of(test: Callable[[Any], bool], expected: str) -> Kind:
    """Return the kind of values that hold to a test."""

    def kind(name: str, value: Any) -> Any:
        if not test(value):
            raise _refuse(name, expected, value)
        return value

    return kind


def word(name: str, value: Any) -> Any:
    """Take a word."""
    if not isinstance(value, str):
        raise _refuse(name, "a text", value)
    if len(value) > _LONGEST_WORD:
        raise _refuse(name, "one word", value)
    return value


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def whole_number(name: str, value: Any) -> int:
    """Take a whole number, also one of numpy."""
    if not _whole(value) or not is_count(int(value)):
        raise _refuse(name, "a whole number", value)
    return int(value)


def number(name: str, value: Any) -> int | float:
    """Take a number, also one of numpy; as text or as an answer (yes, no) it is none."""
    if _whole(value):
        return whole_number(name, value)
    if not isinstance(value, Real | Decimal) or isinstance(value, bool):
        raise _refuse(name, "a number", value)
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise _refuse(name, "a number", value) from None


def flag(name: str, value: Any) -> bool:
    """Take True or False, also those of numpy."""
    if not isinstance(value, bool) and type(value).__name__ not in ("bool", "bool_"):
        raise _refuse(name, "True or False", value)
    return bool(value)


def path(name: str, value: Any) -> str:
    """Take a path, as text."""
    return _path(name, "a path", value)


def _path(name: str, expected: str, value: Any, where: str = "") -> str:
    try:
        text = os.fspath(value)
        if isinstance(text, str) and "\0" not in text:
            os.fsencode(text)
            return text
    except (TypeError, UnicodeEncodeError):
        pass
    raise _refuse(name, expected, value, where)


def _several(name: str, expected: str, value: Any) -> Collection[Any]:
    """Return what a list, an array, a column, or anything that is gone through once, holds."""
    if callable(getattr(value, "tolist", None)):
        made = value.tolist()
        return made if isinstance(made, list) else [made]
    # A table gives its columns, a mapping its names: nobody means them.
    if isinstance(value, Mapping | str | bytes | bytearray) or hasattr(value, "columns"):
        raise _refuse(name, expected, value)
    if not isinstance(value, Iterable):
        raise _refuse(name, expected, value)
    return value if isinstance(value, list | tuple) else list(value)


def names(name: str, value: Any) -> Collection[str]:
    """Take several names; a name alone would be gone through letter by letter."""
    expected = "a list of names"
    if isinstance(value, str):
        raise _refuse(name, f"{expected}, such as [{short(value, 40)!r}]", value)
    several = _several(name, expected, value)
    for item in several:
        if not isinstance(item, str):
            raise _refuse(name, f"{expected}, each a text", item, " among them")
    return several


def name_or_names(name: str, value: Any) -> Collection[str]:
    """Take several names, or one."""
    return [value] if isinstance(value, str) else names(name, value)


def paths(name: str, value: Any) -> Any:
    """Take a path, or several."""
    expected = "a path, or a list of paths"
    if isinstance(value, str | os.PathLike):
        return _path(name, expected, value)
    return [_path(name, expected, item, " among them") for item in _several(name, expected, value)]


def paths_or_by_name(name: str, value: Any) -> Any:
    """Take a path, several, or paths by name."""
    if not isinstance(value, Mapping):
        return paths(name, value)
    expected = "paths by name"
    for key in value:
        if not isinstance(key, str):
            raise _refuse(name, expected, key, " as a name")
    return {key: _path(name, expected, item, f" for {found_as(key)}") for key, item in value.items()}


def word_or_by_sample(name: str, value: Any) -> Any:
    """Take a word for all samples, or a word by sample; a table that was read keeps its places."""
    if not isinstance(value, Mapping):
        expected = "a word for all samples or a mapping of sample to word"
        if not isinstance(value, str):
            raise _refuse(name, expected, value)
        return word(name, value)
    for key, item in value.items():
        if not isinstance(key, str) or not isinstance(item, str):
            raise _refuse(name, "a word by sample, each a text", key if isinstance(item, str) else item)
        if len(item) > _LONGEST_WORD:
            raise _refuse(name, "a word by sample", item)
    return value


def path_or_fields(name: str, value: Any) -> Any:
    """Take the path of a clinical context, its fields, or one that was read."""
    if isinstance(value, str | os.PathLike):
        return path(name, value)
    if not isinstance(value, Mapping) and not _is_a("Context", value):
        raise _refuse(name, "a file, or the fields of a patient", value)
    return value


def day(name: str, value: Any) -> Any:
    """Take a date, or its text."""
    # A missing date of pandas passes for a date.
    if isinstance(value, dt.date) and value == value:  # noqa: PLR0124
        return value
    if not isinstance(value, str) or len(value) > _LONGEST_WORD:
        raise _refuse(name, "a date as YYYY-MM-DD", value)
    return value


def tables(name: str, value: Any) -> Any:
    """Take knowledge tables."""
    if not _is_a("Knowledge", value):
        raise _refuse(name, "what load_knowledge() returns", value)
    return value


def by_sample(name: str, value: Any) -> Any:
    """Take calls by sample and gene."""
    expected = "calls by sample, such as {'P1': {'GENE': '*1/*1'}}"
    if not isinstance(value, Mapping):
        raise _refuse(name, expected, value)
    for sample, calls in value.items():
        if not isinstance(sample, str):
            raise _refuse(name, expected, sample, " as a sample")
        if not isinstance(calls, Mapping):
            raise _refuse(name, expected, calls)
        for key, call in calls.items():
            if not isinstance(key, str) or not (call is None or isinstance(call, str)):
                raise _refuse(name, expected, key if isinstance(key, int) else call)
    return value


_submits = one_of(lambda value: callable(getattr(value, "submit", None)), "a concurrent.futures.Executor")
_has_executor = one_of(lambda value: callable(getattr(value, "get_executor", None)), "a dask.distributed.Client")

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("build", "absent"), word),
    **dict.fromkeys(
        ("sample_id", "name", "gene", "drug", "table", "role"), one_of(lambda v: isinstance(v, str), "a text")
    ),
    **dict.fromkeys(("samples", "genes", "drugs", "names", "other_samples"), names),
    **dict.fromkeys(("pass_filters", "formats"), name_or_names),
    **dict.fromkeys(("ancestry", "sex"), word_or_by_sample),
    **dict.fromkeys(("min_certainty", "min_gq", "min_dp", "min_allele_fraction", "min_probability"), number),
    **dict.fromkeys(("threads", "batch", "shard_samples", "min_cell"), whole_number),
    **dict.fromkeys(("probabilities", "drop_constant", "short", "variants_only"), flag),
    "paths": paths,
    **dict.fromkeys(("outside_calls", "alignments"), paths_or_by_name),
    **dict.fromkeys(("called_regions", "reference_fasta", "sample_sheet", "overlay", "release", "path"), path),
    **dict.fromkeys(("folder", "out", "groups"), path),
    **dict.fromkeys(("context", "source"), path_or_fields),
    "today": day,
    "knowledge": tables,
    "patients": by_sample,
    "executor": _submits,
    "client": _has_executor,
    "calls": as_it_is,
    "key": as_it_is,
}
"""Kinds by the name of the parameter, which means the same wherever it stands."""


def taken(name: str, value: Any, *, optional: bool) -> Any:
    """Return the value of a parameter as the functions within take it; None only where it may be left out.

    Raises
    ------
    UsageError
        If it is no value of this parameter.
    """
    if value is None and optional:
        return None
    return KINDS.get(name, as_it_is)(name, value)


def checked(function: Callable[Taken, Given]) -> Callable[Taken, Given]:
    """Let a public function take of each parameter what :data:`KINDS` says, and refuse the rest in a sentence.

    None stands for a parameter that may be left out, and for no other.
    """
    signature = inspect.signature(function)
    told = {name: item for name, item in signature.parameters.items() if name != "self"}

    @functools.wraps(function)
    def checking(*args: Taken.args, **kwargs: Taken.kwargs) -> Given:
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            item = told.get(name)
            if item is None or item.kind is item.VAR_KEYWORD:
                continue
            optional = item.default is None or str(item.annotation).endswith("| None")
            made = taken(name, value, optional=optional)
            bound.arguments[name] = tuple(made) if item.kind is item.VAR_POSITIONAL else made
        try:
            return function(*bound.args, **bound.kwargs)
        except (OSError, MemoryError, ImportError) as error:
            if is_shortage(error):
                raise no_memory() from error
            if isinstance(error, OSError):
                raise cannot_look(error) from error
            raise

    return checking
