"""Is a clinical context right in form? Checked against the published schema by the library jsonschema.

Imported only when a context is read.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from numbers import Integral
from typing import Any

import jsonschema
import yaml

from lupus_pgx import bounded
from lupus_pgx.bounded import DEEPEST, parse_json, whole
from lupus_pgx.errors import InputError, did_you_mean, near
from lupus_pgx.knowledge.tables import data_folder

Step = str | int
Faults = list[tuple[str, str]]
"""Path of a field, and what is wrong with it."""

HINTS = 20
_WHY = 300

_KINDS = {
    "object": "fields with values",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
}


YAML_BYTES = 2 << 20
"""Its reader is slow (a megabyte in four seconds): larger contexts are written as JSON or as a table."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML in which dates stay text, so that an impossible one has a place, and no key stands twice.

    Nothing in it grows: of what is written once and named (``&a``) only single values are taken up again (``*a``).
    """

    _level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Read one value and what lies in it."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) and isinstance(self.anchors.get(event.anchor), yaml.CollectionNode):
            raise ValueError(
                f"line {event.start_mark.line + 1}: *{event.anchor} repeats a list or mapping: write it out"
            )
        if getattr(event, "tag", None) not in (None, "!"):
            raise ValueError(f"line {event.start_mark.line + 1}: the type {event.tag!r} is stated; leave it out")
        if self._level > DEEPEST:
            raise ValueError(f"line {event.start_mark.line + 1}: more than {DEEPEST} levels deep")
        self._level += 1
        node = super().compose_node(parent, index)
        self._level -= 1
        return node


_OLD = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OLD]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# Numbers as YAML 1.2 has them: 0500 is no octal 320, and 2:20 no 140.
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    # A point before three digits may stand between thousands: as text it can be asked about.
    re.compile(
        r"(?![1-9][0-9]{0,2}\.[0-9]{3}$)[-+]?((0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?[eE][-+]?[0-9]+)$|[-+]?\.(inf|Inf|INF)$|\.(nan|NaN|NAN)$"
    ),
    list("-+0123456789."),
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs = [(loader.construct_object(key, deep=True), value) for key, value in node.value]
    return once([(key, loader.construct_object(value, deep=True)) for key, value in pairs])


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: whole(loader.construct_scalar(node)))


def once(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return pairs as a mapping.

    Raises
    ------
    ValueError
        If a key stands twice: one of the two would be lost.
    """
    seen: dict[Any, Any] = {}
    for key, value in pairs:
        if not isinstance(key, str | int | float):
            raise ValueError(f"expected text as a key; found {key!r}")
        if isinstance(key, bool | float):
            raise ValueError(f"a name is read as {key!r} by YAML: write it in quotes")
        if str(key) in seen:
            raise ValueError(f"the field {key!r} stands twice")
        seen[str(key)] = value
    return seen


def read_document(path: str) -> Any:
    """Read a YAML or JSON file.

    Raises
    ------
    InputMissingError
        If the file cannot be read.
    InputError
        If it is neither.
    """
    text = read_text(path)
    try:
        if path.lower().endswith(".json"):
            return parse_json(text, once)
        if len(text) > YAML_BYTES:
            raise ValueError(f"more than {YAML_BYTES >> 20} MB of YAML: write it as JSON, or as a table (.tsv)")
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())[:_WHY]
        hint = "write text that holds ? : # , [ ] { or } in quotes, and leave out what is not known"
        raise InputError(
            f"{path}: expected a clinical context as YAML or JSON; it cannot be read: {hint} ({why})"
        ) from error


def read_text(path: str) -> str:
    """Return the text of a file.

    Raises
    ------
    InputMissingError
        If it cannot be read.
    """
    return bounded.read_text(path, "clinical context")


@cache
def context_schema() -> dict[str, Any]:
    """Return the published JSON Schema of a context."""
    text = (data_folder() / "schemas" / "context.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> Any:
    kind = jsonschema.Draft202012Validator
    return kind(context_schema(), format_checker=kind.FORMAT_CHECKER)


def plain(document: Any, where: str) -> Any:
    """Return a document with dates and the names of fields as text: a reader may make objects of them.

    Raises
    ------
    InputError
        If it holds what is no text, number, list or mapping, or a name that is no text; with the place of the first.
    """
    return _plain(document, (), where)


def _plain(value: Any, path: tuple[Step, ...], where: str) -> Any:
    if isinstance(value, Mapping):
        made = {_name(name, path, where): item for name, item in value.items()}
        if len(made) < len(value):
            raise InputError(f"{where}: {path_text(path)}: a field is given twice, as a number and as a text")
        return {name: _plain(item, (*path, str(name)), where) for name, item in made.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, place), where) for place, item in enumerate(value)]
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if value is not None and not isinstance(value, str | int | float):
        such = "expected a text, a number, a list or fields"
        raise InputError(f"{where}: {path_text(path)}: {such}; found {type(value).__name__}")
    return value


def _name(name: Any, path: tuple[Step, ...], where: str) -> str | bool:
    """Return the name of a field as text; a number may be a year or a sample, and what it is not is said later."""
    if isinstance(name, str):
        return name
    if isinstance(name, dt.date):
        return (name.date() if isinstance(name, dt.datetime) else name).isoformat()
    if isinstance(name, bool) and path == ("patients",):
        return name  # the name of a sample that YAML took for an answer: what to write is said with the others
    if (isinstance(name, int) and not isinstance(name, bool)) or (isinstance(name, float) and path == ("patients",)):
        return str(name)
    raise InputError(f"{where}: {path_text(path)}: expected the name of a field; found {name!r}")


def check_form(document: Any) -> tuple[Any, Faults]:
    """Check a document against the schema.

    Parameters
    ----------
    document : object
        As read; a null stands for unknown.

    Returns
    -------
    document : object
        What is left of it without the faulty fields, whose contents can then be looked at.
    faults : list of (path, rule)
    """
    known = _without_nulls(document)
    left = copy.deepcopy(known)
    faults: Faults = []
    dropped: list[tuple[Step, ...]] = []
    for error in sorted(_validator().iter_errors(known), key=lambda item: [str(step) for step in item.absolute_path]):
        for path, rule in _said(error):
            faults.append((path_text(path), rule))
            dropped.append(path)
    for path, value in _numbers(known):
        if not math.isfinite(value):
            faults.append((path_text(path), f"expected a number; found {value}"))
            dropped.append(path)
    for path in dropped:
        left = _dropped(left, path)
    return left, faults


def _without_nulls(value: Any, place: tuple[Step, ...] = ()) -> Any:
    """Return a document without fields that are null; a manifestation without details is there all the same."""
    if isinstance(value, dict):
        bare = bool(place) and place[-1] == "manifestations"
        kept = {str(key): {} if bare and item is None else item for key, item in value.items()}
        return {key: _without_nulls(item, (*place, key)) for key, item in kept.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(item, (*place, number)) for number, item in enumerate(value)]
    return value


def _numbers(value: Any, place: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], float]]:
    if isinstance(value, float):
        yield place, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from _numbers(item, (*place, key))


def _said(error: Any) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Yield where the faulty fields of one error of the library are, and what was expected there."""
    path = tuple(error.absolute_path)
    expected, found = error.schema.get("description", ""), error.instance
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", ()))
        for number, name in enumerate(sorted(set(found) - set(known))):
            # To look for what was meant takes a millisecond, and nobody reads the thousandth hint.
            places = "; a condition stands under conditions, a result under values" if "conditions" in known else ""
            expected = f"expected one of {', '.join(known)}{places}"
            hint = did_you_mean(name, known, expected) if number < HINTS else "as above"
            yield (*path, name), f"unknown field: {hint}"
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in found:
                yield path, f"{name} is missing"
    elif "propertyNames" in error.absolute_schema_path:
        yield (*path, found), f"expected {expected}; found {_short(found)}"
    elif error.validator == "enum":
        hint = _meant(str(found), error.validator_value)
        yield path, f"expected {', '.join(error.validator_value)}; found {_short(found)}{hint}"
    elif error.validator in ("minimum", "maximum"):
        limit = "at least" if error.validator == "minimum" else "at most"
        yield path, f"expected {limit} {error.validator_value:g}; found {found:g}"
    else:
        expected = expected or _KINDS.get(str(error.validator_value), error.message)
        yield path, f"expected {expected}; found {_short(found)}"


def _meant(found: str, known: Sequence[str]) -> str:
    """Name the word that was mistyped; one that begins otherwise, or has more words, may be its opposite."""
    words = {item.lower(): item for item in known}
    close = near(found.lower(), words, most=1, cutoff=0.8) if len(known) > 2 else []
    alike = [item for item in close if item[:1] == found.lower()[:1] and len(item.split()) == len(found.split())]
    return f" (did you mean {words[alike[0]]}?)" if alike else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _dropped(document: Any, path: Sequence[Step]) -> Any:
    """Return a document without the field at a path; an item of a list is left as None."""
    if not path:
        return None
    home = document
    for step in path[:-1]:
        try:
            home = home[step]
        except (KeyError, TypeError):  # dropped already, with what holds it
            return document
    if isinstance(home, dict):
        home.pop(path[-1], None)
    elif isinstance(home, list) and isinstance(path[-1], int):
        home[path[-1]] = None
    return document


def path_text(path: Sequence[Step]) -> str:
    """Write the path of a field, such as ``therapies[0].dose``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "the whole"
