"""Codes of alleles, phase sets and statuses in the arrays of genotypes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from lupus_pgx.terms import LOCUS_STATUSES, LocusStatus
from lupus_pgx.vcf.records import BoolArray

MISSING = -1
"""Allele code of an unknown haplotype."""

ABSENT_COPY = -2
"""Allele code of a haplotype the sample does not have."""

UNEXPECTED = 64
"""Allele codes from here on number the unexpected alleles of a locus."""

AlleleArray = npt.NDArray[np.int16]
PhaseArray = npt.NDArray[np.int64]
StatusArray = npt.NDArray[np.uint8]
DoubtArray = npt.NDArray[np.int32]
CountArray = npt.NDArray[np.int32]

PHASE_FILE = 1 << 40  # phase sets of different files never join
PHASE_RECORD = 1 << 36  # from here on sets are the loci that one record changes together

_KNOWN = (LocusStatus.OBSERVED, LocusStatus.COVERED_REFERENCE, LocusStatus.ASSUMED_REFERENCE)
KNOWN_CODES = np.array([status.code for status in _KNOWN], dtype=np.uint8)


def status_table(statuses: Iterable[LocusStatus]) -> BoolArray:
    """Return for each status code whether it is one of some statuses."""
    chosen = set(statuses)
    return np.array([status in chosen for status in LOCUS_STATUSES])


IS_KNOWN = status_table(_KNOWN)
IS_RECORDED = status_table((LocusStatus.OBSERVED, LocusStatus.COVERED_REFERENCE))
IS_WEIGHED = status_table((LocusStatus.DOUBTFUL, LocusStatus.IMPUTED))


def phase_set_name(number: int, chrom: str) -> str:
    """Return how a phase set is written: its PS, or the contig where the file has no PS."""
    if number == 0:
        return ""
    within = number % PHASE_FILE
    if within >= PHASE_RECORD:
        return ""
    return str(within - 1) if within else chrom


def status_name(code: int) -> LocusStatus:
    """Return the status of an array code."""
    return LOCUS_STATUSES[code]
