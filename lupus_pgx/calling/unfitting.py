"""Observations that no named pair fits: what of them can still be used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.patterns import ASSUMED, SEEN, Pattern, fitting_pairs, members
from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING, UNEXPECTED
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.knowledge.loci import Haplotypes

FloatArray = npt.NDArray[np.float64]

NOBODY = np.empty(0, np.intp)

OtherCopy = tuple[tuple[str, tuple[float, ...]], ...]
"""Alleles by reported name, with their probability under each prior, the best first."""


def without_conflicting_assumptions(haplotypes: Haplotypes, pattern: Pattern) -> tuple[Pattern, tuple[str, ...]]:
    """Take back the assumptions that stand between the observations and a named pair.

    Parameters
    ----------
    haplotypes : Haplotypes
    pattern : Pattern
        One that no named pair fits.

    Returns
    -------
    pattern : Pattern
        With as few assumed loci opened as it takes, or as it was where no pair fits without any assumption either.
    loci : tuple of str
        Those that were opened.
    """
    opened = _opened(pattern, np.array(pattern.assumed))
    pairs = fitting_pairs(haplotypes, opened)
    if not len(pairs):
        return pattern, ()
    assumed = np.flatnonzero(pattern.assumed)
    allowed = np.array(haplotypes.allowed, np.int64)[:, assumed]
    agrees = (allowed >> np.array(pattern.first)[assumed] & 1).astype(bool)
    against = ~(agrees[pairs[:, 0]] & agrees[pairs[:, -1]])
    counts = against.sum(axis=1)
    taken_back = np.zeros(len(pattern.first), bool)
    taken_back[assumed] = against[counts == counts.min()].any(axis=0)
    names = tuple(haplotypes.loci[number].name for number in np.flatnonzero(taken_back))
    return _opened(pattern, taken_back), names


def _opened(pattern: Pattern, loci: npt.NDArray[np.bool_]) -> Pattern:
    """Return a pattern of which some assumed loci are unknown."""

    def changed(codes: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            MISSING if open_ and code != ABSENT_COPY else code for code, open_ in zip(codes, loci.tolist(), strict=True)
        )

    basis = tuple(
        SEEN if open_ and kind == ASSUMED else kind for kind, open_ in zip(pattern.basis, loci.tolist(), strict=True)
    )
    return replace(pattern, first=changed(pattern.first), second=changed(pattern.second), basis=basis)


def other_copy(star: StarGene, pattern: Pattern, frequencies: FloatArray) -> OtherCopy:
    """Return what the copy may be that carries no unexpected allele, or that has a name where the other has none.

    Parameters
    ----------
    star : StarGene
    pattern : Pattern
        One that no named pair fits.
    frequencies : ndarray of float, shape (priors, named haplotypes)

    Returns
    -------
    tuple of (str, tuple of float)
        Empty where both copies are odd, where it is open which is, or where there is one copy only.
    """
    if max(*pattern.first, *pattern.second) < UNEXPECTED:
        chosen = _named_side(star.haplotypes, pattern)
    else:
        side = _free_side(pattern)
        chosen = NOBODY if side is None else _on_free_side(star, pattern, *side)
    return _shares(star, chosen, frequencies) if len(chosen) else ()


def phase_resolved(pattern: Pattern) -> bool:
    """Whether only one way remains to put the observed alleles on two haplotypes."""
    orientations = {
        number or -1 - locus
        for locus, (one, other, number) in enumerate(zip(pattern.first, pattern.second, pattern.phase, strict=True))
        if other not in (one, ABSENT_COPY)
    }
    return len(orientations) <= 1


def _named_side(haplotypes: Haplotypes, pattern: Pattern) -> npt.NDArray[np.intp]:
    """Return the haplotypes that fit one copy where none fits the other."""
    if pattern.copies == 1 or not phase_resolved(pattern):
        return NOBODY
    fitting = [haplotypes.everyone, haplotypes.everyone]
    for locus, sets in enumerate(haplotypes.carriers):
        for side, code in enumerate((pattern.first[locus], pattern.second[locus])):
            if 0 <= code < UNEXPECTED:
                fitting[side] &= sets.get(code, 0)
    return NOBODY if all(fitting) else members(fitting[0] | fitting[1])


def _on_free_side(star: StarGene, pattern: Pattern, home: int, second: bool) -> npt.NDArray[np.intp]:
    """Return the haplotypes that fit the copy without an unexpected allele."""
    alive = star.haplotypes.everyone
    groups: dict[int, tuple[int, int]] = {}
    for locus, sets in enumerate(star.haplotypes.carriers):
        forward, backward = (
            sets.get(code, 0) if 0 <= code < UNEXPECTED else star.haplotypes.everyone
            for code in (pattern.first[locus], pattern.second[locus])
        )
        number = _group(pattern, locus)
        before = groups.get(number, (star.haplotypes.everyone, star.haplotypes.everyone))
        groups[number] = (before[0] & forward, before[1] & backward)
    for number, ways in groups.items():
        alive &= ways[second] if number == home else ways[0] | ways[1]
    return members(alive)


def _shares(star: StarGene, chosen: npt.NDArray[np.intp], frequencies: FloatArray) -> OtherCopy:
    """Return some haplotypes by their reported name, with their shares."""
    weights = frequencies[:, chosen]
    shares = weights / weights.sum(axis=1, keepdims=True)
    totals: dict[str, FloatArray] = {}
    for place, number in enumerate(chosen.tolist()):
        name = star.reported_names[number]
        totals[name] = totals.get(name, np.zeros(len(shares))) + shares[:, place]
    ordered = sorted(totals.items(), key=lambda item: -item[1][0])
    return tuple((name, tuple(values.tolist())) for name, values in ordered)


def _group(pattern: Pattern, locus: int) -> int:
    """Return the number of what moves together: a phase set, or a locus by itself."""
    return pattern.phase[locus] or -1 - locus


def _free_side(pattern: Pattern) -> tuple[int, bool] | None:
    """Return the group of the unexpected alleles, and whether the second side of it is the copy without one."""
    if pattern.copies == 1:
        return None
    found = set()
    for locus, (one, other) in enumerate(zip(pattern.first, pattern.second, strict=True)):
        if max(one, other) < UNEXPECTED:
            continue
        if min(one, other) >= UNEXPECTED:
            return None
        found.add((_group(pattern, locus), one >= UNEXPECTED))
    return found.pop() if len(found) == 1 else None
