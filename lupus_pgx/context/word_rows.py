"""The words that people use in a context: rows of the table ``context_words``, found whatever their capitals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.units import plain_unit


class Words:
    """The words of the table ``context_words``.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows = {(row["field"], plain(row["words"])): row for row in knowledge.rows("context_words")}
        self._known = knowledge.known_units
        self._units: dict[str, list[str]] = {}
        for row in knowledge.rows("context_words"):
            if row["field"] == "unit":
                self._units.setdefault(plain_unit(row["words"]), []).append(row["value"] or "")

    def find(self, field: str, words: Any) -> Mapping[str, Any] | None:
        """Return the row of a word of a field, or None."""
        return self._rows.get((field, plain(words))) if isinstance(words, str) else None

    def quantity(self, name: str) -> str:
        """Return a quantity as the tables write it, where only capitals differ."""
        lower = name.strip().lower()
        return lower if self._known.unknown_quantity(lower) is None else name

    def has_unit(self, quantity: Any, unit: str) -> bool:
        """Say whether a quantity can be reported in a unit."""
        known = isinstance(quantity, str) and self._known.unknown_quantity(quantity) is None
        return known and self._known.unknown_unit(quantity, unit) is None

    def unit(self, quantity: Any, unit: str) -> str:
        """Return a unit as the tables write it, where a laboratory writes a unit of the quantity otherwise."""
        known = isinstance(quantity, str) and self._known.unknown_quantity(quantity) is None
        if not known or self._known.unknown_unit(quantity, unit) is None:
            return unit
        possible = [
            name for name in self._units.get(plain_unit(unit), ()) if not self._known.unknown_unit(quantity, name)
        ]
        return possible[0] if possible else unit


def plain(words: str) -> str:
    """Return words without capitals, with single blanks for what stands between them."""
    return " ".join(re.split(r"[\s_-]+", words.strip().casefold()))
