"""Drugs that tables know within a longer text: behind ``other:`` or as one name they would be lost.

``allopurinol restarted`` is no name of a drug, and that allopurinol is taken bears on others.
"""

from __future__ import annotations

import re

from lupus_pgx.context.language.known_conditions import LEAST_LETTERS, MOST_WORDS
from lupus_pgx.context.language.word_rows import Words, plain
from lupus_pgx.knowledge.drugs import OTHER
from lupus_pgx.words.vocabulary import listed

_MOST_PARTS = 100
"""So many words of a text are looked at: no name of a drug is longer."""


def held_drugs(text: str, words: Words) -> list[str]:
    """Return the drugs of the tables that a text names among other words; none of a name that a table has itself.

    Parameters
    ----------
    text : str
    words : Words

    Returns
    -------
    list of str
        As they stand in the text.
    """
    if words.is_apart(text):
        return []
    parts = re.findall(r"[^\s,;:()?/+]+", text)[:_MOST_PARTS]
    found: list[str] = []
    first = 0
    while first < len(parts):
        runs = (" ".join(parts[first : first + size]) for size in range(min(MOST_WORDS, len(parts) - first), 0, -1))
        held = next((run for run in runs if plain(run) != plain(text) and _is_listed(run, words)), "")
        found += [held] if held and held not in found else []
        first += len(held.split()) or 1
    return found


def _is_listed(name: str, words: Words) -> bool:
    """Say whether rules may ask for a drug by this name, which is long enough not to be a word by chance."""
    if len(name) < LEAST_LETTERS and not name.isupper():
        return False
    own = words.own_name(name)
    return bool(own) and not str(own).startswith(OTHER)


def unread_drug(text: str, words: Words) -> str:
    """Say what to write for a text that is the name of no drug; empty where it holds none, and is no class.

    Parameters
    ----------
    text : str
    words : Words

    Returns
    -------
    str
    """
    of_class = words.is_class(text)
    if of_class:
        return of_class
    held = held_drugs(text, words)
    if not held:
        return ""
    first = f"unknown drug {text!r}: holds {listed([repr(name) for name in held], 'and')}, known to the tables: "
    if len(held) > 1:
        return f"{first}write each drug that is taken, as an item of the list"
    return f"{first}write {held[0]!r}, its dose, start or stop in their fields, and of a combination each drug"
