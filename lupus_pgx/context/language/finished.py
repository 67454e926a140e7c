"""Infections that are told as treated or cured, beside their name or as what is told of it: each is over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lupus_pgx.context.language.everyday import written_date
from lupus_pgx.context.language.short_forms import FINISHED, LASTING, OVER, read_infection
from lupus_pgx.knowledge.tables import split_list

if TYPE_CHECKING:
    from lupus_pgx.context.language.word_rows import Words

_CURED = (
    r"cured|healed|resolved|eradicated|geheilt(?:e[rs]?)?|ausgeheilt(?:e[rs]?)?|abgeheilt(?:e[rs]?)?|"
    r"gu[e\u00e9]ri(?:e|s|es)?|curad[oa]"
)
_TREATED = (
    r"treated|(?:completed|finished)\s+(?:(?:its|the|full|a)\s+)?(?:treatment|therapy)|"
    r"treatment (?:completed?|finished|done)|behandelt(?:e[rs]?)?|trait[e\u00e9](?:e|s|es)?|tratad[oa]|" + _CURED
)
_HOW = r"(?:(?:fully|successfully|adequately|completely|already|vollst\u00e4ndig|erfolgreich)\s+)?"
_YEAR = r"(?:\s+(?:in\s+)?(?:19|20)\d\d)?"
_SAID = re.compile(
    rf"(?:(?P<kind>\w+)[\s,]+)?{_HOW}(?:{_TREATED}|finished|completed|over){_YEAR}|"
    rf"{_HOW}(?:{_TREATED})\s+(?P<after>\w+)",
    re.IGNORECASE,
)
_SURE = re.compile(
    rf"\b(?:{_CURED}|complet\w*|finished|done|over|fully|successfully|adequately|vollst\u00e4ndig|erfolgreich|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_ON_TREATMENT = re.compile(
    r"(?:(?P<name>\S.*?)[\s,:(]+)?(?:currently\s+|still\s+)?(?:on|under|in|receiving|undergoing|unter|sous|en)\s+(?:\w+\s+)?"
    r"(?:treatment|therapy|behandlung|therapie|traitement|tratamiento)"
    r"(?:[\s,]+(?:since|from|started|seit|depuis|desde)\s+(?P<day>.+?))?\)?",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"{_HOW}(?:{_TREATED})\s+(?:for\s+)?(?P<name>\S.*)", re.IGNORECASE)
_BEHIND = re.compile(rf"(?P<name>\S.*?)[\s,:(]+{_HOW}(?:{_TREATED}|finished){_YEAR}\)?", re.IGNORECASE)


def finished(name: str, told: Any, words: Words) -> str:
    """Return the infection that a name, or what is told of it, says to be over; empty where neither does.

    Parameters
    ----------
    name : str
        ``tuberculosis``, ``treated tuberculosis``, ``latent TB (treated 2015)``.
    told : object
        ``True``, or a word such as ``treated`` or ``latent, treated``.
    words : Words

    Returns
    -------
    str
    """
    if told is True:
        matches = [pattern.fullmatch(name.strip()) for pattern in (_BEFORE, _BEHIND)]
        named = [match["name"] for match in matches if match is not None]
    else:
        said = _SAID.fullmatch(told.strip()) if isinstance(told, str) else None
        kind = (said["kind"] or said["after"] or "") if said is not None else ""
        named = [f"{kind} {name}".strip()] if said is not None else []
    return next((item for item in named if words.find("infection", item) is not None), "")


def may_be_ongoing(name: str, told: Any, which: str, words: Words) -> str:
    """Say what to write of an infection that was treated, which may be under treatment; empty where it is over.

    Parameters
    ----------
    name : str
    told : object
    which : str
        What :func:`finished` found.
    words : Words
    """
    row = words.find("infection", which)
    kind = split_list(row["details"]) if row is not None else ()
    if OVER in kind or LASTING in kind or _SURE.search(f"{name} {told}"):
        return ""
    there, over = (f"{{which: {which}, treated: {how}}}" for how in ("ongoing", FINISHED))
    return f"does not say whether it is over: write infection: {over} where it is, else {there}"


def under_treatment(name: str, told: Any, words: Words) -> tuple[str, str]:
    """Return the infection that is said to be under treatment, and since when; empty texts of any other.

    Parameters
    ----------
    name : str
        ``tuberculosis``, ``TB, on treatment since October 2026``.
    told : object
        ``True``, or what is told of it.
    words : Words
    """
    text = name if told is True else told if isinstance(told, str) else ""
    match = _ON_TREATMENT.fullmatch(text.strip())
    which = (match["name"] or "").strip() if match is not None and told is True else name
    if match is None or words.find("infection", which) is None:
        return "", ""
    return which, written_date(match["day"] or "", words)


def is_treatment(text: str) -> bool:
    """Say whether a text says that something is treated, and not what."""
    match = _ON_TREATMENT.fullmatch(text.strip())
    return match is not None and not match["name"]


def ended_of(name: str, told: Any) -> tuple[str, str]:
    """Return the condition that is said to be treated or over, and what says so; empty texts where nothing does.

    A condition that is no infection may last under its treatment: whether it is there has to be told.
    """
    if told is not True:
        return (name, told) if isinstance(told, str) and _SAID.fullmatch(told.strip()) is not None else ("", "")
    match = _BEFORE.fullmatch(name.strip()) or _BEHIND.fullmatch(name.strip())
    return (match["name"], name) if match is not None else ("", "")


def read_finished(name: str, words: Words) -> tuple[Mapping[str, bool], str]:
    """Read an infection that is over as the field ``infection`` does, among the conditions.

    That no other infection is there it does not say: the conditions may tell one beside it.

    Parameters
    ----------
    name : str
    words : Words

    Returns
    -------
    conditions : mapping of str to bool
    remark : str
    """
    _, told, remark = read_infection({"which": name, "treated": FINISHED}, words, lambda *_: None)
    return told, remark.partition(";")[0]
