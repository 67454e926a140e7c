"""How active a condition is, beside its name or as what is told of it: an active hepatitis B, a controlled asthma.

What is active, acute, chronic or controlled is there. What is inactive or in remission may come back: it is no
condition that is not there, and is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from lupus_pgx.context.language.notes import Notes
    from lupus_pgx.context.language.word_rows import Words

_SINCE = re.compile(r"\s+(?:since|for|seit|depuis|desde)\s.*\d.*", re.IGNORECASE)
"""Says for how long it has been so, of which no rule asks."""

_BEHIND = re.compile(r"(?P<name>\S.*?)(?:\s*[,:]\s*|\s+)\(?(?P<how>[^\W\d_][^\d,:()]*)\)?")


def how_active(name: str, told: Any, notes: Notes, is_known: Callable[[str, Words], bool]) -> tuple[str, Any] | None:
    """Return a condition by its name alone, with what is told of it.

    Parameters
    ----------
    name : str
        ``active hepatitis B``, ``asthma (controlled)``, ``malignancy``.
    told : object
        ``True``, or how active it is.
    notes : Notes
    is_known : callable
        Whether a name is one of a condition.

    Returns
    -------
    tuple of (str, object) or None
        An empty name where it has to be asked; None where nothing of the kind is told.
    """
    words = notes.words
    name, told = _SINCE.sub("", name), _SINCE.sub("", told) if isinstance(told, str) else told
    if told is True:
        known = (item for item in _splits(name) if words.find("activity", item[1]) and is_known(item[0], words))
        bare, how = next(known, ("", ""))
        if not bare or is_known(name, words):
            return None
    elif isinstance(told, str) and words.find("activity", told) and is_known(name, words):
        bare, how = name, told
    else:
        return None
    row = words.find("activity", how)
    own = next((item for item in (f"{how} {bare}", f"{bare} {how}") if words.condition(item) is not None), "")
    if own:
        return own, True
    if row is None or not row["value"]:
        rule = f"may come back: write '{bare}: true' where it can, '{bare}: false' where it is over and leaves nothing"
        notes.refuse(("conditions", name), rule)
        return "", None
    notes.remark(f"{name if told is True else f'{name}: {told}'}: read as {bare}, which is there")
    return bare, True


def _splits(name: str) -> list[tuple[str, str]]:
    """Return the ways in which a text can be a name and one or two words before it, or some behind it."""
    parts = name.split()
    found = [(" ".join(parts[count:]), " ".join(parts[:count])) for count in (1, 2)]
    behind = _BEHIND.fullmatch(name.strip())
    return [*found, *([(behind["name"], behind["how"])] if behind else [])]
