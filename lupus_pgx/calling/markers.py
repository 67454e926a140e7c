"""Marker calls: Fc-gamma receptor V/F, APOL1 risk haplotypes and the like. Markers get no prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.patterns import find_patterns, fitting_pairs
from lupus_pgx.encoded import Encoded, Index
from lupus_pgx.genotypes.column import Column
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import OVERLAID, Marker
from lupus_pgx.terms import LOCUS_STATUSES, CallStatus, LocusStatus


@dataclass(frozen=True, slots=True)
class MarkerCall:
    """The call of one marker.

    Attributes
    ----------
    gene, marker, rsid : str
    genotypes : tuple of str
        Every genotype that contradicts nothing observed; one where the call is settled.
    effect_allele_count : int or None
        None where it is not settled.
    category : str
        Empty where it is not settled.
    status : str
        A locus status: ``observed``, or why the marker is not settled; ``outside`` if given.
    missing : tuple of str
        Loci without a genotype.
    note : str
    """

    gene: str
    marker: str
    rsid: str
    genotypes: tuple[str, ...]
    effect_allele_count: int | None
    category: str
    status: str
    missing: tuple[str, ...]
    note: str = ""

    @property
    def key(self) -> str:
        """Name used in rule conditions."""
        return f"{self.gene} {self.marker}"

    @property
    def genotype(self) -> str:
        """The genotype, empty where several are possible."""
        return self.genotypes[0] if len(self.genotypes) == 1 else ""


class Markers(Encoded[MarkerCall]):
    """Marker calls of samples, by ``gene marker``."""

    __slots__ = ()


def call_markers(genotypes: Genotypes, knowledge: Knowledge, genes: Sequence[str]) -> Markers:
    """Call the markers of some genes.

    Parameters
    ----------
    genotypes : Genotypes
    knowledge : Knowledge
    genes : sequence of str

    Returns
    -------
    Markers
    """
    calls: dict[str, tuple[MarkerCall, ...]] = {}
    index: dict[str, Index] = {}
    for key, marker in knowledge.markers_by_key.items():
        if marker.gene not in genes:
            continue
        rows = genotypes.of_loci(marker.haplotypes.loci)
        worst = _worst_status([genotypes.columns[row] for row in rows], len(genotypes.sample_ids))
        patterns, statuses, index[key] = find_patterns(genotypes, rows, worst)
        calls[key] = tuple(
            _call(marker, fitting_pairs(marker.haplotypes, pattern), pattern.missing, _BACK[status])
            for pattern, status in zip(patterns, statuses, strict=True)
        )
    return Markers(genotypes.sample_ids, calls, index)


_BACK = (
    LocusStatus.OBSERVED,
    LocusStatus.COVERED_REFERENCE,
    LocusStatus.ASSUMED_REFERENCE,
    LocusStatus.IMPUTED,
    LocusStatus.DOUBTFUL,
    LocusStatus.HALF_CALL,
    LocusStatus.NO_RECORD,
    LocusStatus.NO_CALL,
    LocusStatus.LOW_QUALITY,
    LocusStatus.FILTERED,
    LocusStatus.CONTRADICTORY,
    LocusStatus.REF_MISMATCH,
    LocusStatus.UNEXPECTED_ALLELE,
)
"""Statuses by how much they hold a marker back, least first."""


def _worst_status(columns: Sequence[Column], samples: int) -> tuple[Index, int]:
    """Return for each sample the status (its place in ``_BACK``) of the locus that holds the marker back most."""
    rank = np.zeros(len(LOCUS_STATUSES), np.uint8)
    for number, item in enumerate(_BACK):
        rank[item.code] = number
    worst = np.zeros(samples, np.uint8)
    for column in columns:
        np.maximum(worst, rank[column.states.status][column.index], out=worst)
    return worst, len(_BACK)


def _call(marker: Marker, pairs: npt.NDArray[np.intp], missing: Sequence[bool], status: LocusStatus) -> MarkerCall:
    gone = tuple(locus.name for locus, lost in zip(marker.haplotypes.loci, missing, strict=True) if lost)
    names = marker.haplotypes.names
    possible = [tuple(names[number] for number in pair) for pair in pairs.tolist()]
    counts = {sum(name in marker.effect_alleles for name in pair) for pair in possible}
    count = counts.pop() if len(counts) == 1 and len(gone) < len(missing) else None
    # An unexpected allele is not any haplotype of the marker.
    if status is LocusStatus.UNEXPECTED_ALLELE:
        possible, count = [], None
    note = ""
    if not possible and not gone:
        note = "the observed alleles fit no haplotype of the marker"
    elif len(possible) > 1:
        note = f"possible: {', '.join('/'.join(pair) for pair in possible)}"
    if marker.overlaid:
        note = f"{note}; {OVERLAID}" if note else OVERLAID
    return MarkerCall(
        marker.gene,
        marker.marker,
        marker.rsid,
        tuple("/".join(pair) for pair in possible),
        count,
        marker.categories.get(count, "") if count is not None else "",
        status.value,
        gone,
        note,
    )


def given_marker(marker: Marker, genotypes: Sequence[str], note: str) -> MarkerCall:
    """Return the call of a marker whose possible genotypes were determined elsewhere."""
    counts = {sum(part in marker.effect_alleles for part in genotype.split("/")) for genotype in genotypes}
    count = counts.pop() if len(counts) == 1 else None
    return MarkerCall(
        marker.gene,
        marker.marker,
        marker.rsid,
        tuple(genotypes),
        count,
        marker.categories.get(count, "") if count is not None else "",
        CallStatus.OUTSIDE.value,
        (),
        note if len(genotypes) == 1 else f"possible: {', '.join(genotypes)}; {note}",
    )


def uncalled_marker(marker: Marker) -> MarkerCall:
    """Return the call of a marker of which nothing is known."""
    loci = tuple(locus.name for locus in marker.haplotypes.loci)
    return MarkerCall(
        marker.gene, marker.marker, marker.rsid, (), None, "", LocusStatus.NO_RECORD.value, loci, "not given"
    )
