"""What a source says, in the terms of our tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lupus_pgx.errors import InputError
from lupus_pgx.sources.client import Answer


@dataclass(frozen=True, slots=True)
class Fact:
    """One row as a source states it.

    Attributes
    ----------
    table : str
        Knowledge table that holds such rows.
    key : tuple of str
        Cells of the key.
    cells : mapping of str to str
        Other cells, as text; those that the source does not state are not in it.
    obstacle : str
        Why a curator has to make the row; empty where it can be made of the fact alone.
    """

    table: str
    key: tuple[str, ...]
    cells: Mapping[str, str]
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a source says.

    Attributes
    ----------
    facts : tuple of Fact
    scope : frozenset of tuple of str
        Table and gene of which the source states all rows: a row of ours that is not among them is one that it took
        back.
    remarks : tuple of str
        What a curator should read: entries of a log of changes, recommendations with a new version.
    """

    facts: tuple[Fact, ...]
    scope: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    remarks: tuple[str, ...] = ()


def answer_of(answers: Mapping[str, Answer], name: str) -> Answer:
    """Return the answer to a question.

    Raises
    ------
    InputError
        If there is none: a snapshot of another version of the program.
    """
    if name not in answers:
        raise InputError(f"the snapshot holds no answer to {name}; ask the source anew, into another folder")
    return answers[name]


def objects(answer: Answer, needed: Iterable[str], *, within: str = "") -> list[Mapping[str, Any]]:
    """Return the rows of an answer, each with the fields that are needed.

    Parameters
    ----------
    answer : Answer
    needed : iterable of str
    within : str
        Field of the answer that holds the rows; empty where the answer is the array of them.

    Raises
    ------
    InputError
        If the answer is of another form, has no row, or a row lacks a field: the source has changed.
    """
    found = answer.json()
    if within:
        found = found.get(within) if isinstance(found, dict) else None
    if not isinstance(found, list):
        raise InputError(
            f"{answer.place}: expected an array of rows{f' under {within!r}' if within else ''}; found none"
        )
    if not found:
        raise InputError(f"{answer.place}: the source gives no row; nothing was taken")
    for number, row in enumerate(found):
        if not isinstance(row, dict):
            raise InputError(f"{answer.place}: expected objects, row {number + 1} is none")
        if missing := [name for name in needed if name not in row]:
            raise InputError(
                f"{answer.place}: row {number + 1} has no field {', '.join(missing)}; the source has changed its form"
            )
    return found


def text_of(answer: Answer, row: Mapping[str, Any], name: str) -> str:
    """Return a field as text of one line, empty for none.

    Raises
    ------
    InputError
        If the field is not there, or no text or number.
    """
    if name not in row:
        raise InputError(f"{answer.place}: a row has no field {name}; the source has changed its form")
    value = row[name]
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{answer.place}: expected text in {name}, found {type(value).__name__}")
    text = " ".join(str(value).split())
    if not text.isprintable():
        raise InputError(f"{answer.place}: {name} holds a control character: {text!a}")
    return text


def name_of(answer: Answer, row: Mapping[str, Any], name: str) -> str:
    """Return a field that says what the row is about: as :func:`text_of`, and never empty.

    Raises
    ------
    InputError
        If it is empty: the row would pass for one that the source has not.
    """
    text = text_of(answer, row, name)
    if not text:
        raise InputError(f"{answer.place}: a row has an empty {name}; the source has changed its form")
    if not str(row[name]).strip().isprintable():
        raise InputError(f"{answer.place}: a {name} with a tab or of several lines: {row[name]!a}")
    return text
