"""What must be known before any result is read: every form of output begins with it, and the provenance keeps it."""

from __future__ import annotations

import numpy as np

from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.results.tables import Results
from lupus_pgx.terms import LocusStatus
from lupus_pgx.words.remedies import sparse_text, variant_only_text


def notices_of(results: Results) -> tuple[str, ...]:
    """Return the notices about some results, each a few sentences.

    Parameters
    ----------
    results : Results
        Of all samples, or of one.

    Returns
    -------
    tuple of str
    """
    return _variant_only(results) + _sparse(results)


def _variant_only(results: Results) -> tuple[str, ...]:
    """Say what a file without reference records means, and what to do about it."""
    genotypes = results.genotypes
    essential = [number for number, locus in enumerate(genotypes.loci) if locus.essential]
    if genotypes.absent != "unknown" or not essential or not genotypes.looks_variant_only().all():
        return ()
    each = np.zeros(len(genotypes.sample_ids), np.int64)
    for number in essential:
        column = genotypes.columns[number]
        each += column.spread(column.states.status == LocusStatus.NO_RECORD.code)
    if not each.any():
        return ()
    count = f"{each.min()}" if each.min() == each.max() else f"{each.min()} to {each.max()}"
    return (variant_only_text(count, len(essential)),)


def _sparse(results: Results) -> tuple[str, ...]:
    """Say where the genome base was assumed in a file that has few records."""
    found = results.genotypes.sparse
    return tuple(
        dict.fromkeys(sparse_text(*found[sample]) for sample in results.genotypes.sample_ids if sample in found)
    )


def assumes(genotypes: Genotypes) -> bool:
    """Whether the genome base was assumed anywhere."""
    code = LocusStatus.ASSUMED_REFERENCE.code
    return any(bool(column.spread(column.states.status == code).any()) for column in genotypes.columns)
