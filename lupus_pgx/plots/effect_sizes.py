"""Ratios with an interval, read from the text of an effect size; what is not one stays text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"(\d+(?:\.\d+)?)"
_RATIO = re.compile(
    rf"\b(?P<adjusted>a|adjusted )?(?P<kind>OR|RR|HR)\s*(?:=|of)?\s*{_NUMBER}\s*"
    rf"[(\[](?:95\s*(?:%|percent)\s*CI:?\s*)?{_NUMBER}\s*(?:-|\u2013|to|,)\s*{_NUMBER}[)\]]"
)
_BREAK = re.compile(r"[;,]\s|[)\]]\s")

KINDS = {"OR": "odds ratio", "RR": "risk ratio", "HR": "hazard ratio"}
"""Kinds of ratio, in the order in which they are shown. They are never compared with each other."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with its interval.

    Attributes
    ----------
    kind : str
        ``OR``, ``RR`` or ``HR``.
    value, low, high : float
        All above 0, ``low <= value <= high``.
    of : str
        The words before it: an outcome, a subgroup, ``adjusted``.
    written : str
        Value and interval with the digits of the source.
    """

    kind: str
    value: float
    low: float
    high: float
    of: str
    written: str


def parse_ratios(text: str) -> tuple[tuple[Ratio, ...], str]:
    """Read the ratios that are named as such and have an interval.

    A number whose kind is not written right before it is left in the text: nothing is guessed.

    Parameters
    ----------
    text : str
        The cell ``effect_size`` of an evidence row.

    Returns
    -------
    ratios : tuple of Ratio
    rest : str
        All other words of the text; empty where there are none.

    Examples
    --------
    >>> ratios, rest = parse_ratios("flare HR 1.5 (1.2-2.0) per copy, n=194; later 2.1 (1.1-4.0)")
    >>> ratios
    (Ratio(kind='HR', value=1.5, low=1.2, high=2.0, of='flare', written='1.5 (1.2-2.0)'),)
    >>> rest
    'per copy, n=194; later 2.1 (1.1-4.0)'
    """
    ratios: list[Ratio] = []
    kept: list[str] = []
    done = 0
    for match in _RATIO.finditer(text):
        value, low, high = (float(match[number]) for number in (3, 4, 5))
        if not 0 < low <= value <= high:
            continue
        before = text[done : match.start()]
        breaks = list(_BREAK.finditer(before))
        start = breaks[-1].end() if breaks else 0
        words = before[start:].strip()
        adjusted = "adjusted" if match["adjusted"] else ""
        kept.append(before[:start])
        of = " ".join(part for part in (words, adjusted) if part)
        ratios.append(Ratio(match["kind"], value, low, high, of, f"{match[3]} ({match[4]}-{match[5]})"))
        done = match.end()
    kept.append(text[done:])
    parts = (part.strip(" ;,") for part in kept)
    return tuple(ratios), "; ".join(part for part in parts if part)
