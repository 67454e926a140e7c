"""Annotated variants of panel genes that no allele definition lists (VEP ``CSQ``, SnpEff ``ANN``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_REPORTED = ("HIGH", "MODERATE")
_CSQ_HEADER = re.compile(r'^##INFO=<ID=CSQ,.*Format: ([^">]+)', re.MULTILINE)
_ANN_HEADER = re.compile(r"^##INFO=<ID=ANN,", re.MULTILINE)
# The field order that SnpEff's ANN standard fixes.
_ANN_FIELDS = ("Allele", "Consequence", "IMPACT", "SYMBOL")


@dataclass(frozen=True, slots=True)
class Consequence:
    """One annotated effect of an allele on a gene; ``allele`` as the annotator writes it."""

    allele: str
    gene: str
    consequence: str
    impact: str

    @property
    def description(self) -> str:
        """Consequence and impact in words."""
        return f"{self.consequence.replace('&', ', ')} ({self.impact.lower()} impact)"


@dataclass(frozen=True, slots=True)
class Annotation:
    """Where a file keeps annotations: the INFO key and its field names."""

    key: str
    fields: tuple[str, ...]

    def effects(self, info: Callable[[str], str | None], genes: Sequence[str]) -> list[Consequence]:
        """Return effects of high or moderate impact on some genes, strongest first."""
        text = info(self.key)
        found = []
        for entry in text.split(",") if text else ():
            cells = dict(zip(self.fields, entry.split("|"), strict=False))
            effect = Consequence(*(cells.get(name, "") for name in ("Allele", "SYMBOL", "Consequence", "IMPACT")))
            if effect.impact in _REPORTED and effect.gene in genes:
                found.append(effect)
        return sorted(dict.fromkeys(found), key=lambda effect: _REPORTED.index(effect.impact))


def find_annotation(header: str) -> Annotation | None:
    """Return how a VCF header says that records are annotated, or None."""
    match = _CSQ_HEADER.search(header)
    if match:
        return Annotation("CSQ", tuple(name.strip() for name in match[1].split("|")))
    return Annotation("ANN", _ANN_FIELDS) if _ANN_HEADER.search(header) else None


def effect_of(alt: str, ref: str, effects: Sequence[Consequence]) -> Consequence | None:
    """Return the strongest effect of one ALT; annotators may leave out the first base of indels."""
    spellings = {alt}
    if len(alt) != len(ref) and alt[:1] == ref[:1]:
        spellings.add(alt[1:] or "-")
    return next((effect for effect in effects if effect.allele in spellings), None)
