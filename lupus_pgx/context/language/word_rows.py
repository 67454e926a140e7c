"""The words that people use in a context: rows of the table ``context_words``, found whatever their capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lupus_pgx.errors import near, slips
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import OTHER
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import plain_unit

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContextWordsCells


_TWO = 2
_UNREAD = "no rule reads it"
_LAST_VOWELS, _LONG_NAME = ("a", "e", "o"), 8
"""Vowels in which languages end the name of a substance; the least letters of one that is read so."""

_WITH_UNIT = re.compile(r"\s*[<>=\u2264\u2265]*\s*[0-9][0-9.,]*\s*(?P<unit>[^0-9\s.,].*)")
_MARKS = re.compile(r"^[\u2022\u2023\u25cf\u00b7*\u2013\u2014-]+\s*|[\u00ae\u2122\u00a9]|(?<=\w{3})\.$")
"""Of a list, of a brand, and the end of a sentence."""

_TWO_NAMES = re.compile(r"(?P<name>[^()\[\]]+?)\s*[(\[](?P<other>[^()\[\]]+)[)\]]")
_PRESENT = "present:"
"""Begins, in what a criterion asks, what several tests tell and a manifestation of the same name, too."""

_COMBINATION = "a combination"
"""Begins the note of a word for one."""

COMBINATION = f"{_COMBINATION}: each part counts"


class Words:
    """The words of the table ``context_words``.

    Parameters
    ----------
    knowledge : Knowledge
    conditions : sequence of str
        Those that a context may state; kept as the attribute ``conditions``, and ``knowledge`` beside it. The attribute
        ``apart`` holds what words for conditions are read as.
    """

    def __init__(self, knowledge: Knowledge, conditions: Sequence[str] = ()) -> None:
        self.knowledge = knowledge
        self.conditions = frozenset(conditions)
        self._conditions = {plain(name): name for name in conditions}
        self._rows = {(row["field"], plain(row["words"])): row for row in knowledge.rows("context_words")}
        self._passing = _asked_by(knowledge, "passes")
        self._ending = _asked_by(knowledge, "may_end")
        self._coming = _asked_by(knowledge, "planned")
        asked = {part for row in knowledge.rows("criteria") for part in split_list(row["asks"])}
        self._found_by_tests = frozenset(part.removeprefix(_PRESENT) for part in asked if part.startswith(_PRESENT))
        ranks = {(row["name"], row["role"]): row["rank"] for row in knowledge.rows("roles")}
        self._recent = {
            name: (ranks.get((name, "recent_within")) or 0, ranks.get((name, "over_after")))
            for name in (*knowledge.with_role("recent_within"), *knowledge.with_role("over_after"))
        }
        self.apart = frozenset(row["value"] for row in self._rows.values() if row["field"] == "condition")
        rows = knowledge.rows("context_words")
        self._drugs_apart = frozenset(plain(row["value"] or "") for row in rows if row["field"] == "drug")
        self._known = knowledge.known_units
        self._drugs = knowledge.drug_names
        self._units: dict[str, list[str]] = {}
        for row in knowledge.rows("context_words"):
            if row["field"] == "unit":
                self._units.setdefault(plain_unit(row["words"]), []).append(row["value"] or "")

    def find(self, field: str, words: Any) -> ContextWordsCells | None:
        """Return the row of a word of a field, or None; a drug may be a combination, or have its form behind it."""
        row = self._rows.get((field, plain(words))) if isinstance(words, str) else None
        if row is not None or field != "drug" or not isinstance(words, str) or self._drugs.find(words) is not None:
            return row
        return self._combined(words) or self._formed(words) or self._marked(words)

    def of(self, field: str) -> list[str]:
        """Return the words of a field."""
        return [row["words"] for (name, _), row in self._rows.items() if name == field]

    def valued(self, field: str) -> list[tuple[str, str]]:
        """Return the words of a field as they are written, with and without accents, each with its value."""
        rows = self.knowledge.rows("context_words")
        return [(row["words"], row["value"] or "") for row in rows if row["field"] == field]

    def says_yes(self, told: Any) -> bool:
        """Say whether what is told of something is yes, in whatever word."""
        row = self.find("answer", told)
        return told is True or (row is not None and row["value"] == "yes")

    def says_no(self, told: Any) -> bool:
        """Say whether what is told of something is no, in whatever word."""
        row = self.find("answer", told)
        return told is False or (row is not None and row["value"] == "no")

    def _formed(self, words: str) -> ContextWordsCells | None:
        """Return a row for a drug without its form or maker (``Effexor XR``, ``HCT Hexal``) and without accents."""
        parts = plain(words).split()
        end = len(parts)
        said = ""
        while end:
            drug = " ".join(parts[:end])
            row = self._rows.get(("drug", drug))
            known = row["value"] if row is not None else self._drugs.find(drug) or self._ended(drug)
            if known:
                return _drug_row(words, known, (row["note"] if row is not None else None) or said or None)
            forms = (self._rows.get(("form", " ".join(parts[end - size : end]))) for size in (3, 2, 1) if size < end)
            form = next((item for item in forms if item is not None), None)
            said = (form["note"] if form is not None else None) or said
            end -= len(plain(form["words"]).split()) if form is not None else end
        return None

    def _marked(self, words: str) -> ContextWordsCells | None:
        """Return a row for a drug without the marks of a list or brand, or with its other name in brackets."""
        bare = _MARKS.sub("", words.strip())
        twice = _TWO_NAMES.fullmatch(bare)
        names = list(twice.groups()) if twice is not None else [bare]
        if names == [words.strip()]:
            return None
        known = {self.own_name(name) for name in names}
        own = known.pop()
        return _drug_row(words, own, None) if own and not known else None

    def _ended(self, drug: str) -> str | None:
        """Return a drug by its substance with the last vowel of another language: ``ramiprile``, ``omeprazolo``."""
        if drug[-1:] not in _LAST_VOWELS or len(drug) < _LONG_NAME:
            return None
        stem = drug[:-1]
        known = {self._drugs.find(name) for name in (stem, *(stem + vowel for vowel in _LAST_VOWELS))} - {None}
        found = next(iter(known)) if len(known) == 1 else None
        # A brand is written in one way: only a substance has an ending of its own in each language.
        return found if found is not None and plain(found)[: len(stem)] == stem else None

    def _combined(self, words: str) -> ContextWordsCells | None:
        """Return a row for drugs with a stroke or a plus between them, where each is known."""
        parts = re.split(r"\s*[/+]\s*", words.strip())
        if len(parts) < _TWO:
            return None
        rows = [self._rows.get(("drug", plain(part))) for part in parts]
        drugs = [
            row["value"] if row is not None else self._drugs.find(part) for row, part in zip(rows, parts, strict=True)
        ]
        if not all(drugs):
            return None
        whole = self._drugs.find(" / ".join(parts)) or self._drugs.find(" / ".join(str(drug) for drug in drugs))
        return _drug_row(words, whole or ";".join(str(drug) for drug in drugs), COMBINATION)

    def is_combination(self, name: Any) -> bool:
        """Say whether a drug is a combination, of which each part has a dose of its own."""
        row = self.find("drug", name)
        told = (row["note"] or "").startswith(_COMBINATION) if row is not None else False
        known = self._drugs.find(name) if isinstance(name, str) else None
        return told or len(self._drugs.parts(known or "")) > 1

    def condition(self, name: str) -> ContextWordsCells | None:
        """Return the row of a word for a condition, or one that says that it is its name; None where none knows it."""
        own: ContextWordsCells = {
            "field": "condition",
            "words": name,
            "value": self._conditions.get(plain(name)),
            "details": None,
            "note": None,
            "source": "",
        }
        if name in self.conditions:
            return own
        row = self.find("condition", name)
        return row if row is not None and row["value"] else (own if own["value"] else None)

    def refused_condition(self, name: str) -> str:
        """Say what to write instead of a word that tells too little, such as a kidney disease without a value."""
        row = self.find("condition", name) if name not in self.conditions else None
        return (row["note"] or "") if row is not None and not row["value"] else ""

    def passes(self, name: str) -> bool:
        """Say whether a condition is of these days: that it was there once does not say that it is."""
        return name in self._passing

    def may_end(self, name: str) -> bool:
        """Say whether a condition that was there once may be there still, or not: a dialysis, low platelets."""
        return name in self._ending

    def recent_after(self, event: str) -> tuple[str, int, int | None]:
        """Return the state that an event leaves for some days, the days in which it is sure, and those after which not.

        Parameters
        ----------
        event : str
            A word for it, such as ``stroke``.

        Returns
        -------
        state : str
            A condition; empty where none asks for how long ago it was.
        within : int
        over : int or None
        """
        row = self.condition(f"recent {event}")
        state = str(row["value"] or "") if row is not None else ""
        return (state, *self._recent[state]) if state in self._recent else ("", 0, None)

    def counts_planned(self, name: str) -> bool:
        """Say whether a condition is asked about before it comes: a surgery."""
        row = self.condition(name)
        return row is not None and row["value"] in self._coming

    def for_conditions(self) -> list[str]:
        """Return every name and word for a condition."""
        return [
            *self.conditions,
            *(row["words"] for row in self._rows.values() if row["field"] == "condition" and row["value"]),
        ]

    def is_manifestation(self, name: str) -> bool:
        """Say whether a word is for a manifestation of lupus."""
        return self.find("manifestation", name) is not None

    def is_asked_manifestation(self, name: str) -> bool:
        """Say whether a word is for a manifestation that forbids drugs by itself, whatever lupus does beside it."""
        row = self.find("manifestation", name)
        return row is not None and row["value"] in self._found_by_tests

    def meant(self, name: str, fields: Iterable[str]) -> list[str]:
        """Return the conditions of which a name may be a slip of the pen: those of the tables, else words for them.

        ``fields``, of which some stand among the conditions, such as a pregnancy, and infections come last.
        """
        last = (*fields, *self.of("field"), *self.of("infection"))
        every = (near(name, known) for known in (self.conditions, self.for_conditions(), last))
        return next((found for known in every if (found := [item for item in known if is_alike(name, item)])), [])

    def unread(self, quantity: Any) -> str:
        """Say why no rule reads a quantity; empty of one that is read, and of what may be a slip of the pen for one."""
        row = self.find("quantity", quantity)
        if row is not None or not isinstance(quantity, str):
            return (row["note"] or "") if row is not None and not row["value"] else ""
        key = self.quantity(quantity)
        known = self._known.has(key) or len(self._known.collected(key)) > 1
        return "" if known or self._begins_with_one(quantity) or self.meant_quantity(quantity) else _UNREAD

    def _begins_with_one(self, column: str) -> bool:
        """Say whether a column, such as ``platelets_per_nl``, may be that of a quantity in a unit that is not known."""
        parts = column.split("_")
        heads = ["_".join(parts[:end]) for end in range(1, len(parts))]
        rows = [row for head in heads if (row := self.find("quantity", head)) is not None]
        return any(row["value"] for row in rows) or any(map(self.is_quantity, heads))

    def meant_quantity(self, name: str) -> list[str]:
        """Return the quantities, and words for them, of which a name may be a slip of the pen."""
        named = {plain(item): item for item in (*self.of("quantity"), *self._known.quantities)}
        return [named[item] for item in near(plain(name), named) if is_alike(plain(name), item)]

    def is_quantity(self, name: str) -> bool:
        """Say whether a quantity has this name."""
        return self._known.has(self.quantity(name))

    def is_drug(self, name: str) -> bool:
        """Say whether a drug has this name."""
        return self._drugs.find(name) is not None or self.find("drug", name) is not None

    def is_apart(self, name: str) -> bool:
        """Say whether a word for a drug stands for this name, which no other table knows."""
        return f"{OTHER} {plain(name)}" in self._drugs_apart

    def is_class(self, name: str) -> str:
        """Say what to write for a class of drugs; empty where it is none."""
        return self._drugs.of_class(name)

    def own_name(self, name: Any) -> str | None:
        """Return a drug as the tables write it; None of one that no table knows."""
        row = self.find("drug", name)
        return row["value"] if row is not None else self._drugs.find(name) if isinstance(name, str) else None

    def in_unit(self, number: float, quantity: str, unit: str, wanted: str) -> float | None:
        """Return a number in another unit; None where the two do not go together."""
        known = self.has_unit(quantity, unit)
        return self._known.convert(number, quantity, self._known.unit(quantity, unit).name, wanted) if known else None

    def unknown_drug(self, name: str) -> str:
        """Say that no table knows a drug, with near matches."""
        return self._drugs.unknown(name)

    def quantity(self, name: str) -> str:
        """Return a quantity as the tables write it, where only capitals, blanks and hyphens differ."""
        lower = plain(name).replace(" ", "_")
        return lower if self._known.has(lower) else name

    def own_quantity(self, name: Any) -> str:
        """Return a quantity as the tables write it, by whatever word; the name itself where none is known."""
        row = self.find("quantity", name)
        return (row["value"] if row is not None else None) or self.quantity(str(name))

    def members(self, name: str) -> tuple[str, ...]:
        """Return the quantities of one name: several, where their units tell them apart."""
        return self._known.collected(plain(name).replace(" ", "_"))

    def of_unit(self, name: str, told: Any) -> str:
        """Return the one of several quantities with one name that is reported in the unit told; else the name."""
        members = self.members(name)
        match = _WITH_UNIT.fullmatch(told) if isinstance(told, str) and len(members) > 1 else None
        fitting = [item for item in members if match and self.has_unit(item, self.unit(item, match["unit"]))]
        return fitting[0] if len(fitting) == 1 else name

    def one_unit(self, told: Iterable[Any]) -> tuple[str, list[str]] | None:
        """Return the unit that stands behind each of some results, and the results without it; None of others."""
        parts = [_WITH_UNIT.fullmatch(item) if isinstance(item, str) else None for item in told]
        found = [(part["unit"].strip(), part.string[: part.start("unit")].strip()) for part in parts if part]
        alike = len(found) == len(parts) and len({plain_unit(unit) for unit, _ in found}) == 1
        return (found[0][0], [number for _, number in found]) if alike else None

    def has_unit(self, quantity: Any, unit: str) -> bool:
        """Say whether a quantity can be reported in a unit."""
        known = isinstance(quantity, str) and self._known.has(quantity)
        return known and self._known.unknown_unit(quantity, unit) is None

    def units(self, quantity: Any) -> tuple[str, ...]:
        """Return the units in which a quantity can be reported; none of a name that is no quantity."""
        return self._known.names(quantity) if isinstance(quantity, str) and self._known.has(quantity) else ()

    def can_be(self, quantity: Any, number: float, unit: Any) -> bool:
        """Say whether a living person can have a value of a quantity in a unit."""
        return self.has_unit(quantity, unit) and not self._known.impossible(number, quantity, unit)

    def unit(self, quantity: Any, unit: str) -> str:
        """Return a unit as the tables write it, where a laboratory writes a unit of the quantity otherwise."""
        known = isinstance(quantity, str) and self._known.has(quantity)
        if not known or self._known.unknown_unit(quantity, unit) is None:
            return unit
        possible = [
            name for name in self._units.get(plain_unit(unit), ()) if not self._known.unknown_unit(quantity, name)
        ]
        return possible[0] if possible else unit


def _asked_by(knowledge: Knowledge, role: str) -> set[str]:
    """Return the conditions for which the criteria of a role ask."""
    wanted = knowledge.with_role(role)
    asked = [row["asks"] for row in knowledge.rows("criteria") if row["criterion"] in wanted]
    return {part.removeprefix("condition:").removesuffix("?") for item in asked for part in split_list(item)}


def without_accents(text: str) -> str:
    """Return a text with the letters that carry accents bare."""
    if text.isascii():
        return text
    spread = text.replace("\u0153", "oe").replace("\u0152", "OE")
    return "".join(letter for letter in unicodedata.normalize("NFD", spread) if not unicodedata.combining(letter))


@lru_cache(maxsize=4096)  # the same few names of fields, for every patient of a table
def plain(words: str) -> str:
    """Return words without capitals and accents, with single blanks for what stands between them."""
    lower = without_accents(words.strip().casefold())
    return " ".join(re.split(r"[\s_-]+", lower))


def _drug_row(words: str, value: str, note: str | None) -> ContextWordsCells:
    return {"field": "drug", "words": words, "value": value, "details": None, "note": note, "source": ""}


_LETTERS_PER_SLIP = 5
"""So many letters of a name may hold one slip of the pen, and a shorter one may, too."""

_OPPOSITE = ("hyper", "hypo")


def is_alike(name: str, other: str) -> bool:
    """Say whether a name may be a slip of the pen for another one, and is not rather its opposite.

    Parameters
    ----------
    name, other : str

    Returns
    -------
    bool

    Examples
    --------
    >>> is_alike("dialysys", "dialysis"), is_alike("non-smoker", "smoker"), is_alike("hypotension", "hypertension")
    (True, False, False)
    >>> is_alike("hypoglycaemia", "hypocalcaemia")
    False
    """
    one, two = plain(name), plain(other)
    long = len(one) // _LETTERS_PER_SLIP
    begins = [[word.startswith(start) for start in _OPPOSITE] for word in (one, two)]
    return (
        one[:1] == two[:1]
        and len(one.split()) == len(two.split())
        and not (begins[0] != begins[1] and any(begins[0]) and any(begins[1]))
        and (slips(one, two) <= max(1, long) or (long > 0 and two.startswith(one)))
    )
