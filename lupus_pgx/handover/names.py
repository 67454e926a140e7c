"""Names of alleles as people and programs write them."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lupus_pgx.handover.model import NameFaultError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import PairTraits, StarGene
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import HEMIZYGOUS

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import AlleleAliasesCells

ALTERED = "altered"
"""Stands after the name of an allele that was found with a change of its own."""

_COPIES = re.compile(r"(\*\d+[A-Z]?)(?:\.\d+)?(?:[xX](\d{1,2})(\+?)|[xX](N)|[xX]?≥(\d{1,2}))?")
_ALTERED = (
    re.compile(r"\(?(\*\d+[A-Z]?(?:\.\d+)?)-like\)?"),
    re.compile(r"\(?(\*\d+[A-Z]?(?:\.\d+)?)(?:\s*[+-]\s*(?:rs\d+|\d{4,}[^*]*))+\)?"),
)
_MALE = "male"
_COMPARED = 0.75
"""Names nearer than this are offered, if they do the same."""


@dataclass(frozen=True, slots=True)
class Allele:
    """One reading of the name of an allele.

    ``function`` is empty where the gene's tables have the name; else it is all that is known.
    """

    name: str
    function: str = ""
    note: str = ""


class AlleleNames:
    """Reads the names of the alleles of one gene that is called by named haplotypes."""

    def __init__(self, star: StarGene, knowledge: Knowledge) -> None:
        self.star = star
        self._aliases = {
            _plain(row["alias"]): row for row in knowledge.rows("allele_aliases") if row["gene"] == star.gene
        }

    @cached_property
    def _known(self) -> dict[str, str]:
        return {_compact(name): name for name in self.star.allele_names}

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.star.allele_names:
            found.setdefault(_compact(name).lower(), []).append(name)
        return found

    def whole(self, text: str) -> AlleleAliasesCells | None:
        """Return the row of an alias that stands for both copies: a pair or a phenotype."""
        row = self._aliases.get(_plain(text))
        return row if row is not None and (row["kind"] != "allele" or (row["rule"] == "ask" and "/" in text)) else None

    def split(self, text: str) -> tuple[str, ...]:
        """Split a pair into its alleles; a slash may be part of a name that people use."""
        parts = tuple(part.strip() for part in _unwrapped(text).split("/"))
        if len(parts) > 1 and self._is_known(text):
            return (text.strip(),)
        if len(parts) <= 2:
            return parts
        cuts = range(1, len(parts))
        halves = [("/".join(parts[:cut]), "/".join(parts[cut:])) for cut in cuts]
        known = [pair for pair in halves if all(self._is_known(half) for half in pair)]
        return known[0] if len(known) == 1 else parts

    def _is_known(self, text: str) -> bool:
        return _compact(text) in self._known or _plain(text) in self._aliases

    def read(self, text: str) -> tuple[Allele, ...]:
        """Read the name of one allele.

        Returns
        -------
        tuple of Allele
            Several where the name leaves it open which.

        Raises
        ------
        NameFaultError
            If the gene has no such allele.
        """
        name = self._cleaned(text)
        if not name:
            raise NameFaultError(f"{self.star.gene}: an allele is missing")
        found = self._exactly(name) or self._by_alias(name, text) or self._altered(name) or self._by_copies(name)
        if found:
            return found
        raise NameFaultError(self._unknown(name))

    def _cleaned(self, text: str) -> str:
        name = _unwrapped(text.replace("\\*", "*").replace(">=", "≥").replace("\N{MULTIPLICATION SIGN}", "x").strip())
        for prefix in (self.star.gene, self.star.gene.lower()):
            rest = name.removeprefix(prefix)
            if rest != name and _compact(name) not in self._known:
                name = rest.lstrip(" :_")
        return name

    def _exactly(self, name: str) -> tuple[Allele, ...]:
        compact = _compact(name)
        if compact in self._known:
            return (Allele(self._known[compact]),)
        if _plain(name) in self._aliases:
            return ()
        folded = self._folded.get(compact.lower(), [])
        return (Allele(folded[0], note=f"{name} read as {folded[0]}"),) if len(folded) == 1 else ()

    def _by_alias(self, name: str, text: str) -> tuple[Allele, ...]:
        row = self._aliases.get(_plain(name)) or self._aliases.get(_plain(text))
        if row is None:
            return ()
        if row["rule"] == "ask" or row["kind"] != "allele":
            why = row["note"] or "it stands for both copies"
            raise NameFaultError(f"{self.star.gene} {name!r} is not read: {why}")
        said = f" ({row['note']})" if row["note"] else ""
        options = split_list(row["reads_as"])
        words = " or ".join(options)
        return tuple(Allele(option, note=f"{name} read as {words}{said}") for option in options)

    def _altered(self, name: str) -> tuple[Allele, ...]:
        match = next((found for pattern in _ALTERED if (found := pattern.fullmatch(name))), None)
        if match is None or _core(match[1]) not in self._known:
            return ()
        core = _core(match[1])
        note = f"{name} has a change beside those of {core}: what it does is not known"
        return (Allele(f"{core} {ALTERED}", "Uncertain function", note),)

    def _by_copies(self, name: str) -> tuple[Allele, ...]:
        """Read sub-alleles, copy numbers and tandems."""
        parts = [_COPIES.fullmatch(part) for part in re.split(r"\+(?=\*)", _compact(name))]
        units = [match for match in parts if match]
        if len(units) != len(parts) or any(self._core_of(match[1]) is None for match in units):
            return ()
        counted = len(units) > 1 or any(match[2] or match[4] or match[5] for match in units)
        if not counted:
            core = self._core_of(units[0][1]) or ""
            return (Allele(core, note=f"{name} read as {core}"),)
        if self.star.structure == "assessed":
            raise NameFaultError(
                f"{self.star.gene} {name!r}: copies of this gene are not known, each copy has one allele"
            )
        choices = [self._counts(match) for match in units]
        found = dict.fromkeys(self._composed(choice) for choice in itertools.product(*choices))
        open_number = len(found) > 1
        note = f"{name}: the number of copies is not given, {' or '.join(found)}" if open_number else ""
        return tuple(Allele(item, note=note) for item in found)

    def _core_of(self, text: str) -> str | None:
        return self._known.get(text) or self._known.get(text.upper())

    def _counts(self, match: re.Match[str]) -> list[tuple[str, str]]:
        """Return what a unit may be: the allele with its number of copies as it is written."""
        core = self._core_of(match[1]) or match[1]
        number = int(match[2] or match[5] or 1)
        if match[4] or (number < 3 and (match[3] or match[5])):
            return [(core, "2"), (core, "≥3")]
        if match[5] or match[3]:
            return [(core, "≥3")]
        if number == 0:
            raise NameFaultError(f"{self.star.gene} {match[0]!r}: an allele with no copy is the deletion of the gene")
        return [(core, str(number))]

    def _composed(self, units: Sequence[tuple[str, str]]) -> str:
        """Return the name of a haplotype of some units, in the order of the tables where they have it."""
        counts: dict[str, int] = {}
        at_least: set[str] = set()
        for core, copies in units:
            counts[core] = counts.get(core, 0) + int(copies.lstrip("≥"))
            if copies.startswith("≥"):
                at_least.add(core)
        written = [core + _copies(counts[core], core in at_least) for core in counts]
        for order in itertools.permutations(written) if len(written) <= 4 else ():
            if "+".join(order) in self._known:
                return self._known["+".join(order)]
        return " + ".join(written)

    def _unknown(self, name: str) -> str:
        """Say that a name is unknown; near ones are offered only if all of them do the same, and not nothing."""
        start = f"unknown {self.star.gene} allele {name!r}"
        if f"*{name}" in self.star.functions or _compact(f"*{name}") in self._known:
            return f"{start}: did you mean *{name}? A star allele is written with its star"
        close = difflib.get_close_matches(_compact(name), self._known, n=4, cutoff=_COMPARED)
        near = [self._known[item] for item in close]
        functions = {self.star.functions[item] for item in near}
        normal = self.star.functions.get(self.star.reference_allele)
        if len(functions) == 1 and functions != {normal} and len(near) <= 3:
            return f"{start}: {', '.join(near)} would be near; look it up in the report"
        if near:
            return f"{start}: names near it do different things, so none is offered; look it up in the report"
        return f"{start}: the tables of this release have no such name, and no former one"

    def traits(self, alleles: Sequence[Allele]) -> PairTraits:
        """Return what rules see of one or two alleles."""
        names = [allele.name for allele in alleles]
        if not any(allele.function for allele in alleles):
            return self.star.outcome(names)
        if self.star.activity_rules or not self.star.phenotypes:
            return PairTraits(None, self.star.asked_alleles & set(names), None)
        functions = [allele.function or self.star.functions.get(allele.name, "") for allele in alleles]
        first, second = functions[0], functions[1] if len(functions) > 1 else HEMIZYGOUS
        phenotype = self.star.phenotypes.get((min(first, second), max(first, second)))
        return PairTraits(phenotype, self.star.asked_alleles & set(names), None)

    def readings(self, parts: Sequence[str]) -> Iterator[tuple[Allele, ...]]:
        """Yield the pairs that a written pair may be.

        Raises
        ------
        NameFaultError
            If it is no pair of alleles of the gene.
        """
        kept = [part for part in parts if not (self.star.x_linked and part.strip().lower() == _MALE)]
        known = self.star.allele_names
        if self.star.one_copy and len(kept) != 1:
            raise NameFaultError(
                f"{self.star.gene}: expected one allele, such as {known[0]}; found {'/'.join(parts)!r}"
            )
        if not self.star.one_copy and len(kept) != 2 and not (self.star.x_linked and len(kept) == 1):
            such = f"{known[0]}/{known[1]}" if len(known) > 1 else known[0]
            raise NameFaultError(
                f"{self.star.gene}: expected two alleles joined by '/', such as {such}; found {'/'.join(parts)!r}"
            )
        yield from itertools.product(*(self.read(part) for part in kept))


def _copies(number: int, at_least: bool) -> str:
    if at_least:
        return "x≥3"
    return f"x{number}" if number > 1 else ""


def _core(name: str) -> str:
    return name.partition(".")[0]


def _unwrapped(text: str) -> str:
    """Take away brackets and quotes around all of a text."""
    text = text.strip()
    while len(text) > 1 and (text[0], text[-1]) in {("[", "]"), ('"', '"'), ("'", "'")}:
        if text[0] == "[" and "]" in text[1:-1]:
            return text
        text = text[1:-1].strip()
    return text


def _compact(text: str) -> str:
    return text.replace(" ", "")


def _plain(text: str) -> str:
    return _compact(text).lower()
