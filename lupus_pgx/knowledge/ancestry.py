"""Words that people have for ancestry, and the super-population whose frequencies they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import Ancestry

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import AncestryNamesCells


class AncestryNames:
    """The names of the table ``ancestry_names``; case, hyphens and underscores make no difference."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows: Mapping[str, AncestryNamesCells] = {
            _plain(row["name"]): row for row in knowledge.rows("ancestry_names")
        }

    def find(self, word: str) -> Ancestry | None:
        """Return the super-population of a word; None where it says that nothing is known.

        Raises
        ------
        UsageError
            If no super-population stands for it, with the reason, or the word is not known.
        """
        name = _plain(word)
        if not name:
            return None
        row = self._rows.get(name)
        if row is None:
            known = [item["name"] for item in self._rows.values() if item["ancestry"]]
            codes = ", ".join(Ancestry)
            told = str(unknown_name("ancestry", word, known, "ancestry_names"))
            raise UsageError(f"{told}{'' if told.endswith('?') else '.'} The codes are {codes}")
        if row["reason"]:
            raise UsageError(f"ancestry {word!r}: {row['reason']}")
        return Ancestry(row["ancestry"]) if row["ancestry"] else None


@lru_cache(maxsize=4)
def ancestry_names(knowledge: Knowledge) -> AncestryNames:
    """Return the names of a set of tables, made once."""
    return AncestryNames(knowledge)


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word).strip().casefold()
