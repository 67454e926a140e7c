"""A gene called by named haplotypes: its alleles, their functions and the phenotypes of pairs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.knowledge.loci import Haplotypes
from lupus_pgx.terms import HEMIZYGOUS, INDETERMINATE, Build

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ActivityRulesCells, GenesCells

_UNIT = re.compile(r"(\*\d+[A-Z]?)(?:x(\d+|N|≥\d))?")
_MANY = "≥3"
_UNKNOWN = "N"
_COUNTED = 18
"""Digits of a number within a name; more are letters, as `int` takes no number of thousands."""

OVERLAID = "with rows of an overlay"
"""Note of calls of a gene that an overlay adds or changes."""


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts ``*2`` before ``*10``.

    Examples
    --------
    >>> sorted(["*10", "*²", "*2"], key=natural_key)
    ['*2', '*10', '*²']
    """
    return tuple(
        (0, int(part), "") if part.isdecimal() and len(part) <= _COUNTED else (1, 0, part)
        for part in re.split(r"(\d+)", name)
        if part
    )


@dataclass(frozen=True, slots=True)
class PairTraits:
    """What rules see of a diplotype: its phenotype, the alleles some rule asks for, the score if a rule does.

    ``carried`` is None where a phenotype was stated without its alleles.
    """

    phenotype: str | None
    carried: frozenset[str] | None
    score: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Marker:
    """A marker: haplotypes without a prior, counted by effect allele."""

    gene: str
    marker: str
    rsid: str
    effect: str
    caveat: str
    haplotypes: Haplotypes
    effect_alleles: frozenset[str]
    categories: Mapping[int, str]
    overlaid: bool = False
    minus_strand: bool = False

    def __repr__(self) -> str:
        return f"<Marker {self.key}: {self.haplotypes}>"

    @property
    def key(self) -> str:
        """Name used in rule conditions."""
        return f"{self.gene} {self.marker}"

    @property
    def x_linked(self) -> bool:
        """Whether men have one copy."""
        return any(locus.x_linked for locus in self.haplotypes.loci)


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A haplotype that was seen in the reference population and that no named allele explains.

    Attributes
    ----------
    changes : tuple of str
        Its changes to the GRCh38 base, ``locus:REF>ALT``.
    allowed : tuple of int
        Allele codes that it may carry at each locus, as in :attr:`Haplotypes.allowed`.
    counts : dict of str to int
        How often it was seen, by super-population.
    """

    changes: tuple[str, ...]
    allowed: tuple[int, ...]
    counts: Mapping[str, int]

    @property
    def seen(self) -> int:
        """How often it was seen in all populations."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Fallback:
    """A locus by which guidelines look up a phenotype where no pair of named alleles fits."""

    locus: str
    phenotypes: Mapping[tuple[str, str], str]
    says: str


@dataclass(frozen=True, repr=False)
class StarGene:
    """A gene called by named haplotypes.

    ``typing`` and ``outside_only`` genes are known by outside calls only; a gene with ``one_copy`` is mitochondrial.
    ``asked_alleles`` are those that some condition of a rule or evidence row asks for;
    ``score_asked`` says whether one asks for the activity score.
    """

    gene: str
    reference_allele: str
    structure: str
    x_linked: bool
    typing: bool
    outside_only: bool
    one_copy: bool
    caveat: str
    haplotypes: Haplotypes
    reported: Mapping[str, str]
    functions: Mapping[str, str]
    activity_values: Mapping[str, float]
    phenotypes: Mapping[tuple[str, str], str]
    activity_rules: tuple[ActivityRulesCells, ...]
    counts: Mapping[str, Mapping[str, int]]
    totals: Mapping[str, int]
    asked_alleles: frozenset[str] = frozenset()
    score_asked: bool = False
    overlaid: bool = False
    unnamed: tuple[Unnamed, ...] = ()
    fallback: Fallback | None = None

    def __repr__(self) -> str:
        return f"<StarGene {self.gene}: {self.haplotypes}>"

    @cached_property
    def every_haplotype(self) -> Haplotypes:
        """Haplotypes of the named alleles, followed by those without a name."""
        if not self.unnamed:
            return self.haplotypes
        named = self.haplotypes
        names = (*named.names, *("+".join(item.changes) for item in self.unnamed))
        return Haplotypes(names, named.loci, (*named.allowed, *(item.allowed for item in self.unnamed)))

    @cached_property
    def reported_names(self) -> tuple[str, ...]:
        """Name under which each haplotype is reported."""
        return tuple(self.reported[name] for name in self.haplotypes.names)

    @cached_property
    def reported_as(self) -> npt.NDArray[np.intp] | None:
        """First haplotype with the same reported name; None where all names differ."""
        names = self.reported_names
        return np.array([names.index(name) for name in names]) if len(set(names)) < len(names) else None

    @cached_property
    def harmful(self) -> frozenset[tuple[int, int]]:
        """Locus and code of the changes whose every allele of known function harms as the fallback locus does."""
        if self.fallback is None:
            return frozenset()
        reference = self.phenotype([self.reference_allele] * 2)
        worse = set(self.fallback.phenotypes.values()) - {reference}
        grounds = [locus.sites[Build.GRCH38].reference_code for locus in self.haplotypes.loci]
        held: dict[tuple[int, int], set[str]] = {}
        for name, allowed in zip(self.reported_names, self.haplotypes.allowed, strict=True):
            found = self.phenotype([name, name])
            if found in (None, INDETERMINATE):
                continue
            for place, (mask, ground) in enumerate(zip(allowed, grounds, strict=True)):
                if mask.bit_count() == 1 and not mask >> ground & 1:
                    held.setdefault((place, mask.bit_length() - 1), set()).add(found)
        return frozenset(change for change, phenotypes in held.items() if phenotypes <= worse)

    def outcome(self, alleles: Sequence[str]) -> PairTraits:
        """Return what rules see of one or two alleles."""
        score = self.activity_score(alleles) if self.score_asked else None
        return PairTraits(self.phenotype(alleles), self.asked_alleles & set(alleles), score)

    @cached_property
    def outcomes(self) -> tuple[PairTraits, ...]:
        """Distinct outcomes of single haplotypes and of pairs, by number."""
        return self._numbered_outcomes[0]

    @property
    def outcome_of_one(self) -> npt.NDArray[np.intp]:
        """PairTraits number of each haplotype by itself, in a sample with one copy."""
        return self._numbered_outcomes[1]

    @property
    def outcome_of_pair(self) -> npt.NDArray[np.intp]:
        """PairTraits number of each pair of haplotypes."""
        return self._numbered_outcomes[2]

    @cached_property
    def _numbered_outcomes(self) -> tuple[tuple[PairTraits, ...], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Number the outcomes; haplotypes that no rule tells apart are looked at once."""
        names = self.reported_names
        kinds: dict[tuple[Any, ...], int] = {}
        kind = np.array([kinds.setdefault(self._kind(name), len(kinds)) for name in names], np.intp)
        examples = [names[int(np.argmax(kind == number))] for number in range(len(kinds))]
        numbers: dict[PairTraits, int] = {}
        one = np.array([numbers.setdefault(self.outcome([name]), len(numbers)) for name in examples], np.intp)
        two = np.array(
            [[numbers.setdefault(self.outcome([a, b]), len(numbers)) for b in examples] for a in examples], np.intp
        )
        return tuple(numbers), one[kind], two.reshape(len(examples), -1)[np.ix_(kind, kind)]

    @cached_property
    def examples_of_functions(self) -> tuple[str, ...]:
        """One allele of each function and activity value that decides a phenotype, of those with a sequence."""
        kinds: dict[tuple[Any, ...], str] = {}
        for name in self.reported_names:
            if self.phenotype([name, name]) not in (None, INDETERMINATE):
                kinds.setdefault((self.functions.get(name), self.activity_value(name)), name)
        return tuple(kinds.values())

    def _kind(self, name: str) -> tuple[Any, ...]:
        """Return what rules see of one allele."""
        asked = name if name in self.asked_alleles else None
        return (self.functions.get(name), self.activity_value(name), asked)

    def units(self, name: str) -> list[tuple[str, int]]:
        """Split a tandem or copy-number name (``*36+*10``, ``*1x2``) into alleles with their copies.

        ``x≥3`` counts as three copies. The list is empty if the name is neither, or a copy number is not known
        (``xN``).
        """
        found = [_UNIT.fullmatch(part) for part in name.replace(" ", "").split("+")]
        if any(match and match[2] == _UNKNOWN for match in found):
            return []
        units = [(match[1], int(match[2] or 1) if match[2] != _MANY else 3) for match in found if match]
        return units if len(units) == len(found) else []

    def function_of(self, name: str) -> str:
        """Return the function of an allele, or of the parts of a tandem; empty where none is assigned."""
        if name in self.functions:
            return self.functions[name]
        found = []
        for part in name.replace(" ", "").split("+"):
            allele, _, copies = part.partition("x")
            function = self.functions.get(part) or self.functions.get(allele, "")
            found.append(function if part in self.functions or not copies else f"{function} x{copies}")
        return " + ".join(found) if all(found) else ""

    def activity_value(self, name: str) -> float | None:
        """Return the activity value of an allele, a tandem or a copy number."""
        if name in self.activity_values:
            return self.activity_values[name]
        values = [(self.activity_values.get(allele), copies) for allele, copies in self.units(name)]
        if not values or any(value is None for value, _ in values):
            return None
        return sum(value * copies for value, copies in values if value is not None)

    @property
    def allele_names(self) -> tuple[str, ...]:
        """Names of all alleles, those that only an outside call can give included, in written order."""
        names = sorted(self.functions, key=natural_key)
        return tuple(sorted(names, key=lambda name: name != self.reference_allele))

    @property
    def has_phenotypes(self) -> bool:
        """Whether any rule assigns a phenotype."""
        return bool(self.phenotypes or self.activity_rules)

    def activity_score(self, alleles: Sequence[str]) -> float | None:
        """Return the summed activity values, or None where one is not assigned or none are used."""
        values = [self.activity_value(allele) for allele in alleles]
        if not self.activity_rules or None in values:
            return None
        return sum(value for value in values if value is not None)

    def phenotype_of_score(self, score: float | None) -> str | None:
        """Return the phenotype term of a score that an inhibitor may have lowered, or None without a rule."""
        named = (rule["phenotype"] for rule in self.activity_rules if _within(score, rule))
        between = (rule["phenotype"] for rule in self.activity_rules if _between(score, rule))
        return next(named, None) or next(between, None)

    def phenotype(self, alleles: Sequence[str]) -> str | None:
        """Return the phenotype term of one or two alleles, or None without a rule."""
        if self.activity_rules:
            score = self.activity_score(alleles)
            return next((rule["phenotype"] for rule in self.activity_rules if _within(score, rule)), None)
        if not self.phenotypes:
            return None
        # A copy number of a gene without activity scores has no function, and so no rule.
        first, *rest = (self.functions.get(allele, "") for allele in alleles)
        second = rest[0] if rest else HEMIZYGOUS
        return self.phenotypes.get((min(first, second), max(first, second)))


def _within(score: float | None, rule: ActivityRulesCells) -> bool:
    """Whether a score lies in the range of a rule."""
    highest = math.inf if rule["score_max"] is None else rule["score_max"]
    return score is not None and bool(rule["score_min"] <= score <= highest)


def _between(score: float | None, rule: ActivityRulesCells) -> bool:
    """Whether a score that no two alleles add up to lies in the open range of a rule."""
    above = rule["score_min"] if rule["score_above"] is None else rule["score_above"]
    below = rule["score_max"] if rule["score_below"] is None else rule["score_below"]
    return score is not None and bool(above < score and (below is None or score < below))


def span_of(row: GenesCells, build: Build) -> tuple[int | None, int | None]:
    """Return the first and the last base of a gene on a build; None where they are not known."""
    if build is Build.GRCH38:
        return row["grch38_start"], row["grch38_end"]
    return row["grch37_start"], row["grch37_end"]
