"""Phenotypes and activity scores that stand beside a pair, or in place of one."""

from __future__ import annotations

import itertools
import re

from lupus_pgx.handover.model import NameFaultError
from lupus_pgx.knowledge.genes import PairTraits, StarGene
from lupus_pgx.terms import INDETERMINATE

_SHORT = {
    "pm": "Poor Metabolizer",
    "im": "Intermediate Metabolizer",
    "nm": "Normal Metabolizer",
    "em": "Normal Metabolizer",
    "rm": "Rapid Metabolizer",
    "um": "Ultrarapid Metabolizer",
}
_WORDS = re.compile(
    r"(?:(likely|possible)\s+)?(poor|intermediate|normal|extensive|rapid|ultra[- ]?rapid)\s+metaboli[sz]ers?"
    r"(?:\s*\((pm|im|nm|em|rm|um)\))?"
)
"""All that may stand in a phenotype: a word before or behind it may deny it, doubt it, or name another person."""

_PHENOTYPE = {"extensive": "normal", "ultra rapid": "ultrarapid", "ultra-rapid": "ultrarapid"}
_SCORE = re.compile(r"(≥|>=)?\s*(\d+(?:\.\d+)?)")
_OPEN = frozenset(
    {"indeterminate", "unknown", "no call", "no_call", "n/a", "na", "none", "not available", "not called"}
)


def is_open(text: str) -> bool:
    """Whether a stated phenotype says that there is none."""
    return text.strip().lower() in _OPEN


def known_phenotypes(star: StarGene) -> tuple[str, ...]:
    """Return the phenotypes of a gene, sorted."""
    return tuple(sorted({*star.phenotypes.values(), *(rule["phenotype"] for rule in star.activity_rules)}))


def read_phenotype(star: StarGene, text: str) -> str:
    """Return a stated phenotype as the tables write it.

    Raises
    ------
    NameFaultError
        If the gene has no such phenotype.
    """
    known = {name.lower(): name for name in known_phenotypes(star)}
    plain = " ".join(text.replace("_", " ").split()).lower().removeprefix(f"{star.gene.lower()} ")
    if plain in known:
        return known[plain]
    match = _WORDS.fullmatch(plain)
    word = _PHENOTYPE.get(match[2], match[2]) if match else ""
    if match and (match[3] is None or _SHORT[match[3]].lower().startswith(word)):
        plain = " ".join(part for part in (match[1], word, "metabolizer") if part)
    plain = _SHORT.get(plain, plain).lower()
    if plain in known:
        return known[plain]
    listed = ", ".join(name for name in known.values() if name != INDETERMINATE)
    such = f"known: {listed}" if listed else "the gene has none"
    raise NameFaultError(f"unknown {star.gene} phenotype {text.strip()!r}: {such}")


def read_score(star: StarGene, text: str) -> float:
    """Return a stated activity score; of ``≥6`` the bound.

    Raises
    ------
    NameFaultError
        If it is no number, or the gene has none.
    """
    if not star.activity_rules:
        raise NameFaultError(f"{star.gene}: no activity score is used for this gene; found {text.strip()!r}")
    match = _SCORE.fullmatch(text.strip())
    if match is None:
        raise NameFaultError(f"{star.gene}: expected an activity score such as 1.5; found {text.strip()!r}")
    score = float(match[2])
    if star.phenotype_of_score(score) is None:
        raise NameFaultError(f"{star.gene}: no phenotype has the activity score {text.strip()}")
    return score


def of_score(star: StarGene, score: float) -> PairTraits:
    """Return what rules see of an activity score."""
    return PairTraits(star.phenotype_of_score(score), None, score if star.score_asked else None)


def of_phenotype(star: StarGene, phenotype: str) -> tuple[PairTraits, ...]:
    """Return what rules may see of a phenotype: one of several scores where rules ask for them."""
    if not (star.activity_rules and star.score_asked):
        return (PairTraits(phenotype, None),)
    values = sorted({0.0, *star.activity_values.values()})
    scores = sorted({one + other for one, other in itertools.combinations_with_replacement(values, 2)})
    fitting = [score for score in scores if star.phenotype_of_score(score) == phenotype]
    return tuple(PairTraits(phenotype, None, score) for score in fitting) or (PairTraits(phenotype, None),)
