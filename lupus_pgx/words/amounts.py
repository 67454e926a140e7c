"""Numbers as people read them: probabilities, percentages, dose factors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from lupus_pgx.words.vocabulary import BASES, listed


def probability_text(value: float) -> str:
    """Write a probability to 4 decimals, as 1 or 0 only where it is exact.

    Examples
    --------
    >>> probability_text(1.0), probability_text(0.99999), probability_text(0.00001)
    ('1.0000', '0.9999', '0.0001')
    """
    if 0 < value < 0.0001:
        return "0.0001"
    if 0.9999 < value < 1:
        return "0.9999"
    return f"{value:.4f}"


def percent_text(value: float) -> str:
    """Write a probability as a percentage that is never rounded to 0 or 100."""
    if value == 1:
        return "100%"
    if value < 0.0005:
        return "0%" if value == 0 else "under 0.1%"
    return "over 99.9%" if value > 0.999 else f"{value * 100:.1f}%"


def called_text(value: float, *, unseen_structure: bool) -> str:
    """Write the probability of a pair; where the file does not show all copies or hybrids it is that without any.

    Examples
    --------
    >>> called_text(0.976, unseen_structure=False), called_text(0.976, unseen_structure=True)
    ('97.6%', '97.6% if no structural variant')
    >>> called_text(1.0, unseen_structure=False), called_text(1.0, unseen_structure=True)
    ('100%', 'if no structural variant')
    """
    return if_no_variant(percent_text(value), unseen=unseen_structure)


def if_no_variant(said: str, *, unseen: bool) -> str:
    """Write behind how probable a pair is, where a file does not show its structure, what that leaves open."""
    if not unseen:
        return said
    return "if no structural variant" if said == "100%" else f"{said} if no structural variant"


def range_text(values: Sequence[float], highest: float = 1.0) -> str:
    """Write the probability under each prior: the lowest and the highest where they are not written alike.

    Where no population is given a single number would hide what is left for the other pairs.

    Examples
    --------
    >>> range_text([0.9762, 0.9996]), range_text([0.0000009, 0.0218]), range_text([0.5])
    ('97.6% to over 99.9%, by population', 'under 0.1% to 2.2%, by population', '50.0%')
    """
    said = span_text(values, highest)
    return f"{said}, by population" if " to " in said else said


def span_text(values: Sequence[float], highest: float = 1.0) -> str:
    """Write the lowest and the highest probability, for places that say once that they are by population.

    Examples
    --------
    >>> span_text([0.0000009, 0.0218]), span_text([0.5])
    ('under 0.1% to 2.2%', '50.0%')
    """
    low, high = (percent_text(min(value, highest)) for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


class SureAs(TypedDict, total=False):
    """What a certainty rests on, and what it is no certainty of.

    Attributes
    ----------
    assumed : bool
        Loci without a record are taken to carry the genome base.
    unnamed : bool
        It holds whatever a copy does that has no name.
    contradicted : bool
        It was handed over, and the file contradicts it.
    partly : bool
        A gene of the rule is open that could mean something else.
    unseen_structure : bool
        The file does not show all copies or hybrids of a gene behind it.
    otherwise : tuple of str
        What is asked for by the genotypes that are left, in words.
    """

    assumed: bool
    unnamed: bool
    contradicted: bool
    partly: bool
    unseen_structure: bool
    otherwise: tuple[str, ...]


def sure_text(value: float | None, **of: Unpack[SureAs]) -> str:
    """Say how sure something is, with what it rests on (:class:`SureAs`): no such thing is just certain.

    Examples
    --------
    >>> sure_text(1.0), sure_text(0.978), sure_text(1.0, assumed=True), sure_text(None)
    ('certain', '97.8% certain', 'certain as assumed', '')
    >>> sure_text(1.0, unnamed=True), sure_text(1.0, contradicted=True)
    ('certain as far as it has a name', 'certain as handed over, not by the file')
    >>> sure_text(1.0, partly=True), sure_text(1.0, unseen_structure=True)
    ('certain of the genes assessed', 'certain if no structural variant')
    >>> sure_text(0.976, otherwise=("avoid",))
    '97.6% certain, else avoid'
    """
    if value is None:
        return ""
    sure = "certain" if value == 1 else f"{percent_text(value)} certain"
    return f"{sure}{_bounds(value, of)}{_otherwise(value, of)}"


def _bounds(value: float, of: SureAs) -> str:
    certain = value == 1  # what is less than certain says so itself
    bounds = [" as assumed"] * (certain and of.get("assumed", False))
    bounds += [" as far as it has a name"] * (certain and of.get("unnamed", False))
    bounds += [" as handed over, not by the file"] * (certain and of.get("contradicted", False))
    bounds += [" of the genes assessed"] * of.get("partly", False)
    bounds += [" if no structural variant"] * of.get("unseen_structure", False)
    return ",".join(bounds)


def _otherwise(value: float, of: SureAs) -> str:
    others = of.get("otherwise", ()) if value != 1 else ()
    return f", else {listed(others)}" if others else ""


def certainty_text(value: float | None, **of: Unpack[SureAs]) -> str:
    """Say how sure it is that the genotype asks for this; it says nothing of the rest of a drug.

    It is no certainty of one pair of alleles: several may ask for the same.

    Examples
    --------
    >>> certainty_text(1.0), certainty_text(0.976, otherwise=("avoid",))
    ('genotype certain for this', 'genotype 97.6% certain for this, else avoid')
    >>> certainty_text(1.0, assumed=True), certainty_text(1.0, partly=True)
    ('genotype certain for this, as assumed', 'genotype certain for this, of the genes assessed')
    """
    if value is None:
        return ""
    bounds = _bounds(value, of)
    return f"genotype {sure_text(value)} for this{',' if bounds else ''}{bounds}{_otherwise(value, of)}"


def factor_text(low: float | None, high: float | None) -> str:
    """Write dose factors, such as ``30-80%`` or ``1.5-2 times``."""
    if low is None and high is None:
        return ""
    if low is None:
        return f"up to {factor_text(high, high)}"
    high = low if high is None else high
    if high <= 1:
        text = f"{low * 100:g}" if low == high else f"{low * 100:g}-{high * 100:g}"
        return f"{text}%"
    return f"{low:g} times" if low == high else f"{low:g}-{high:g} times"


def share_text(low: float | None, high: float | None) -> str:
    """Write dose factors behind an action: what is left of the dose, which could be read as what is taken away.

    Examples
    --------
    >>> share_text(0.3, 0.8), share_text(None, 0.5), share_text(1.5, 2)
    ('to 30-80%', 'to at most 50%', '1.5-2 times')
    """
    text = factor_text(low, high)
    return f"to {text.replace('up to', 'at most')}" if text.endswith("%") else text


def dose_text(low: float | None, high: float | None, basis: str) -> str:
    """Write dose factors with the dose they are of: ``start``, ``maintenance``, ``maximum`` or not said.

    Examples
    --------
    >>> dose_text(0.3, 0.8, "start"), dose_text(1.5, 2, "")
    ('30-80% of the usual starting dose', '1.5-2 times the usual dose')
    """
    factors = factor_text(low, high)
    highest = high if high is not None else low
    of = " of" if highest is not None and highest <= 1 else ""  # a percentage is of a dose, a multiple is not
    return f"{factors}{of} the usual {BASES.get(basis, 'dose')}" if factors else ""


def cap_text(value: float | None, unit: str | None) -> str:
    """Name a highest dose; nothing where there is none.

    Examples
    --------
    >>> cap_text(400, "mg/day"), cap_text(None, None)
    ('at most 400 mg/day', '')
    """
    return f"at most {value:g} {unit or ''}".strip() if value is not None else ""
