"""How frequent annotations say that an allele is in a population."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

OWN_SAMPLES = 200
"""Samples from which the ``AF`` of a file is one of a population, not of single people."""

_INFO_LINE = re.compile(r"^##INFO=<ID=([^,>]+),Number=([^,>]+),Type=(Float|String)", re.MULTILINE)
_SOURCES = (
    "gnomad", "exac", "1000g", "1kg", "kg", "tgp", "topmed", "esp", "alfa", "uk10k", "hgdp", "hrc", "tommo", "swegen",
    "popmax", "grpmax",
)  # fmt: skip
_POPULATIONS = frozenset(
    ("aa", "afr", "ami", "amr", "asj", "asn", "ea", "eas", "eur", "fin", "mid", "nfe", "oth", "sas")
)
_FREQUENCY = frozenset(("af", "maf", "gmaf"))
_OTHER_FIGURES = frozenset(("ac", "an", "dp", "filter", "gq", "hemi", "het", "hom", "nhomalt", "pops"))
_WHOLE = {"af": "1000 Genomes", "gmaf": "1000 Genomes", "maf": "1000 Genomes", "max_af": "highest of all populations"}
"""Columns of an annotation that name no source, in lower case."""
_OWN = "this file"


@dataclass(frozen=True, slots=True)
class Frequency:
    """Frequency of an allele, and where it was counted."""

    value: float
    source: str

    def __str__(self) -> str:
        return f"AF {self.value:.3g} ({self.source})"


@dataclass(frozen=True, slots=True)
class InfoFrequency:
    """An INFO key that holds frequencies; ``first`` is the place of the first ALT in its list."""

    key: str
    source: str
    first: int

    def read(self, info: Callable[[str], str | None], number: int, alts: int) -> Frequency | None:
        """Return the frequency of ALT ``number`` (from 1) of a record with so many ALTs."""
        values = (info(self.key) or "").split(",")
        if len(values) != alts + self.first:
            return None
        value = _number(values[number - 1 + self.first])
        return None if value is None else Frequency(value, self.source)


def info_frequencies(header: str, samples: int) -> tuple[InfoFrequency, ...]:
    """Return the INFO keys of a header that hold frequencies of a population.

    Parameters
    ----------
    header : str
    samples : int
        Samples in the file: the plain ``AF`` of a file of a few people says nothing of a population.
    """
    found = []
    for key, number, _ in _INFO_LINE.findall(header):
        own = key == "AF"
        source = _OWN if own else population_of(key)
        if source and (not own or samples >= OWN_SAMPLES):
            found.append(InfoFrequency(key, source, int(number == "R")))
    return tuple(found)


@cache
def population_of(name: str, *, annotation: bool = False) -> str:
    """Return the population whose frequency a field holds, or nothing where it holds none.

    Parameters
    ----------
    name : str
        Name of an INFO key or of a column of an annotation.
    annotation : bool
        A column of an annotation: a plain ``AF`` is one of a population there.

    Examples
    --------
    >>> population_of("gnomADg_AF"), population_of("AF_popmax"), population_of("AF"), population_of("gnomAD_AC")
    ('gnomADg', 'popmax', '', '')
    """
    if annotation and name.lower() in _WHOLE:
        return _WHOLE[name.lower()]
    parts = re.split(r"[_.\-]", name)
    tokens = [part.lower() for part in parts]
    if _OTHER_FIGURES.intersection(tokens):
        return ""
    sourced = any(token.startswith(_SOURCES) for token in tokens)
    if _FREQUENCY.intersection(tokens):
        known = sourced or bool(_POPULATIONS.intersection(tokens))
        return "_".join(part for part in parts if part.lower() not in _FREQUENCY) if known else ""
    # ANNOVAR names no figure: gnomAD_exome_ALL is a frequency.
    return name if sourced and tokens[-1] in {*_POPULATIONS, "all"} and len(tokens) > 1 else ""


def frequency_in(text: str, allele: str) -> float | None:
    """Return the frequency that a column of an annotation states for an allele.

    Older annotators name the minor allele (``A:0.02``); of several variants at one place (``0.02&0.001``) the rarest
    counts, so that none is taken for common without need.
    """
    found = []
    for part in text.split("&"):
        letters, colon, figure = part.rpartition(":")
        value = _number(figure)
        if value is not None and (not colon or letters == allele):
            found.append(value)
    return min(found, default=None)


def highest(frequencies: Sequence[Frequency]) -> Frequency | None:
    """Return the highest of some frequencies."""
    return max(frequencies, key=lambda item: item.value, default=None)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
