"""Which names among the conditions are known, alone or within a longer text.

A table, an infection or a field of the patient may know a name; of a condition that is known the tables say whether
what was there once says nothing of today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lupus_pgx.context.form import context_schema
from lupus_pgx.context.language.others import is_of_others
from lupus_pgx.context.language.short_forms import TESTED
from lupus_pgx.context.language.word_rows import Words, plain
from lupus_pgx.knowledge.drugs import OTHER
from lupus_pgx.knowledge.tables import split_list

_PLANNED = re.compile(
    r"\b(?:planned|scheduled|awaiting|awaited|waiting|listed for|on the [\w ]*list|geplant\w*|warteliste|vorgesehen|"
    r"pr[e\u00e9]vue?|programad[oa]|liste d'attente|lista de espera)\b",
    re.IGNORECASE,
)
"""Says that what it stands beside is to come, and is not there."""

_BESIDE_PLANNED = re.compile(r"\b(?:on|an?|the|is|for|auf|der|list|listed)\b|\b(?:19|20)\d\d\b|[(),]", re.IGNORECASE)
"""What may stand beside what is planned and tells nothing else."""

MOST_WORDS, LEAST_LETTERS = 4, 4
"""Of a name within a text: how many words it has at the most, and how many letters at the least."""

_VACCINE = re.compile(r"vaccin|vakzin|vacuna|impf|immuni[sz]", re.IGNORECASE)
"""Begins a word for a vaccination; what stands before it is not there."""


def name_in_tables(name: Any, words: Words) -> str:
    """Return a condition by the name of the tables."""
    row = words.condition(name) if isinstance(name, str) else None
    return str(row["value"] or name) if row is not None else str(name)


def is_known(name: str, words: Words) -> bool:
    """Say whether a field, a table or an infection knows what stands among the conditions by this name.

    Parameters
    ----------
    name : str
    words : Words

    Returns
    -------
    bool
    """
    row = words.condition(name)
    known = row is not None and (row["value"] or "")
    return bool(known or words.refused_condition(name) or is_infection(name, words) or own_field(name, words))


def own_field(name: str, words: Words) -> str:
    """Return the field of a patient that a word among the conditions belongs to; empty where none does.

    Parameters
    ----------
    name : str
    words : Words

    Returns
    -------
    str
    """
    known = context_schema()["$defs"]["patient"]["properties"]
    row = words.find("field", name)
    named = [row["value"] or ""] if row is not None else [item for item in known if plain(item) == plain(name)]
    if named and known.get(named[0], {}).get("type") == "boolean":
        return named[0]
    for field in ("liver_disease", "contraception"):
        row = words.find(field, name)
        if (
            row is not None
            and words.find("answer", name) is None
            and (field != "contraception" or _tells(row["value"]))
        ):
            return field
    return ""


def _tells(value: str | None) -> bool:
    """Say whether a word for contraception is one among conditions, too: the menopause, a wish for a child."""
    return value in ("not_needed", "conception_planned")


def is_infection(name: str, words: Words) -> bool:
    """Say whether a name is one of an infection."""
    return words.find("infection", name) is not None


def passes(name: str, words: Words) -> bool:
    """Say whether what was there once says nothing of today."""
    row, infection = words.condition(name), words.find("infection", name)
    if infection is not None:
        return set(split_list(infection["details"])) <= {TESTED}
    if row is not None:
        return words.passes(row["value"] or name)
    field = context_schema()["$defs"]["patient"]["properties"].get(own_field(name, words), {})
    return bool(field.get("type") == "boolean")


def may_end(name: str, words: Words) -> bool:
    """Say whether what was there once may be there still, or not."""
    row = words.condition(name)
    return row is not None and words.may_end(row["value"] or name)


def held_word(text: str, words: Words) -> str:
    """Return the longest run of words within a text that is a word of its own for what tables ask; empty without one.

    Parameters
    ----------
    text : str
    words : Words

    Returns
    -------
    str
    """
    for held, behind in _runs(text, words):
        if plain(held) == plain(text):
            continue
        row = words.condition(held)
        other = row is not None and str(row["value"]).startswith(OTHER)
        other |= any(map(_VACCINE.match, behind))  # against it
        if not other and is_known(held, words):
            return held
    return ""


def held_manifestation(text: str, words: Words) -> str:
    """Return the longest run of words, or the whole of a text, that is a manifestation that forbids drugs by itself.

    Parameters
    ----------
    text : str
    words : Words

    Returns
    -------
    str
        Empty without one.
    """
    return next((held for held, _ in _runs(text, words) if words.is_asked_manifestation(held)), "")


def _runs(text: str, words: Words) -> Iterator[tuple[str, list[str]]]:
    """Yield the runs of words of a text that may be a name, the longest first, with the two words behind each."""
    parts = [] if is_of_others(text, words) else re.findall(r"[^\s,;:()?/]+", text)
    for size in range(MOST_WORDS, 0, -1):
        for first in range(len(parts) - size + 1):
            held = " ".join(parts[first : first + size])
            if len(held) >= LEAST_LETTERS or held.isupper():
                yield held, parts[first + size : first + size + 2]


def is_planned(text: str, held: str) -> bool:
    """Say whether a text tells nothing but that a condition is planned: one that is there, too, is not to be lost."""
    if not _PLANNED.search(text):
        return False
    # The name of what is waited for stands within "on the transplant list".
    name = _PLANNED.sub(lambda match: held if held.lower() in match[0].lower() else " ", text)
    return plain(_BESIDE_PLANNED.sub(" ", name)) == plain(held)


def what_to_write(held: str, text: str, words: Words) -> str:
    """Say what to write for a text that holds a word of which tables ask.

    Parameters
    ----------
    held : str
        The word.
    text : str
        That holds it.
    words : Words

    Returns
    -------
    str
    """
    if is_planned(text, held):
        return f"of which tables ask where it is there: of what is planned write '{OTHER} {text}'"
    asked = words.refused_condition(held)
    if asked:
        return f"which {asked}"
    return (
        f"of which tables ask: write '{held}' alone where that says all of it; where it is more, or another thing, "
        f"write {{{held}: true}} or {{{held}: false}}, and beside it '{OTHER} {text}'"
    )
