"""What must be known before any result is read: every form of output begins with it, and the provenance keeps it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.results.tables import Results
from lupus_pgx.terms import LocusStatus, NoticeKind
from lupus_pgx.words.remedies import (
    Notice,
    contradicted_text,
    few_seen_text,
    not_believed_text,
    of_whom,
    sparse_text,
    variant_only_text,
)
from lupus_pgx.words.sentences import absence_text, absent_loci

_FEW = 0.75
"""Share of the essential loci without a record beyond which a file holds few: a cohort of sites lacks half."""


def notices_of(results: Results) -> tuple[Notice, ...]:
    """Return the notices about some results, each a few sentences with their kind.

    Parameters
    ----------
    results : Results
        Of all samples, or of one.

    Returns
    -------
    tuple of Notice
    """
    return _hardly_seen(results) + _sparse(results) + _not_believed(results) + _contradicted(results)


@dataclass(frozen=True, slots=True)
class SharedNotices:
    """Notices of several patients, each said once.

    Attributes
    ----------
    once : tuple of (str, Notice)
        Those of more than one patient, each with whom it is of, in words.
    own : tuple of tuple of Notice
        What is left for each patient, in input order.
    """

    once: tuple[tuple[str, Notice], ...]
    own: tuple[tuple[Notice, ...], ...]


def shared_notices(results: Results) -> SharedNotices:
    """Return the notices of some patients who are shown one by one: what is of several of them is said once.

    What all of them have is said as of all, with the lowest and the highest figure; else alike is what has the same
    words. Which calls a file contradicts is never counted: it must stand with the patient whose calls they are.

    Parameters
    ----------
    results : Results
        Of all of them.

    Returns
    -------
    SharedNotices
    """
    names = results.genotypes.sample_ids
    own = [notices_of(results.select([number])) for number in range(len(names))]
    found: dict[Notice, list[str]] = {}
    whole = [notice for notice in notices_of(results) if notice.kind is not NoticeKind.CONTRADICTED]
    for notice in whole:
        alone = sum(other.kind is notice.kind for other in whole) == 1
        if len(names) > 1 and alone and all(any(item.kind is notice.kind for item in mine) for mine in own):
            found[notice] = list(names)
            own = [tuple(item for item in mine if item.kind is not notice.kind) for mine in own]
    alike: dict[Notice, list[str]] = {}
    for name, mine in zip(names, own, strict=True):
        for notice in mine:
            alike.setdefault(notice, []).append(name)
    found |= {notice: samples for notice, samples in alike.items() if len(samples) > 1}
    once = tuple((of_whom(samples, len(names)), notice) for notice, samples in found.items())
    return SharedNotices(once, tuple(tuple(item for item in mine if item not in found) for mine in own))


def _hardly_seen(results: Results) -> tuple[Notice, ...]:
    """Say what a file without reference records means, or one without most loci, and what to do about it."""
    genotypes = results.genotypes
    essential = [number for number, locus in enumerate(genotypes.loci) if locus.essential]
    if genotypes.absent != "unknown" or not essential:
        return ()
    each = np.zeros(len(genotypes.sample_ids), np.int64)
    for number in essential:
        column = genotypes.columns[number]
        each += column.spread(column.states.status == LocusStatus.NO_RECORD.code)
    if not each.any():
        return ()
    count = f"{each.min()}" if each.min() == each.max() else f"{each.min()} to {each.max()}"
    if genotypes.looks_variant_only().all():
        return (variant_only_text(count, len(essential), genotypes.build),)
    return (few_seen_text(count, len(essential), genotypes.build),) if each.min() > _FEW * len(essential) else ()


def _sparse(results: Results) -> tuple[Notice, ...]:
    """Say where the genome base was assumed in a file that has few records."""
    found = results.genotypes.sparse
    return tuple(
        dict.fromkeys(sparse_text(*found[sample]) for sample in results.genotypes.sample_ids if sample in found)
    )


def _not_believed(results: Results) -> tuple[Notice, ...]:
    """Say of which genes the statement that absent loci carry the genome base was not believed, and why."""
    genotypes = results.genotypes
    here = _refused(genotypes)
    found = {gene: why for gene, why in genotypes.not_assumed.items() if gene in here}
    return (not_believed_text(found, len(genotypes.sample_ids)),) if found else ()


def _contradicted(results: Results) -> tuple[Notice, ...]:
    """Say which calls that were handed over the file contradicts, and of how many samples."""
    found = {}
    for gene, calls in results.genes.values.items():
        samples = np.bincount(results.genes.index[gene], minlength=len(calls))
        for call, count in zip(calls, samples.tolist(), strict=True):
            if call.diplotype.file_allows and count:
                found[f"{gene} {call.diplotype.file_allows}"] = count
    return (contradicted_text(found, len(results.genotypes.sample_ids)),) if found else ()


def absence_of(genotypes: Genotypes) -> str:
    """Say what was done with the loci of these samples that have no record, in few words."""
    stated = genotypes.absent == "reference"
    return absent_loci(stated=stated, assumed=assumes(genotypes), refused=len(_refused(genotypes)))


def absence_sentence(genotypes: Genotypes) -> str:
    """Say the same in a sentence."""
    return absence_text(assumed=assumes(genotypes), refused=len(_refused(genotypes)))


def _refused(genotypes: Genotypes) -> set[str]:
    """Return the genes of which it was stated, and not believed, that loci without a record carry the genome base.

    Those that are never assumed stay unknown whatever is stated.
    """
    code = LocusStatus.NO_RECORD.code
    return {
        locus.gene
        for locus, column in zip(genotypes.loci, genotypes.columns, strict=True)
        if locus.gene in genotypes.not_assumed and not locus.never_assume and column.holds(column.states.status == code)
    }


def assumes(genotypes: Genotypes) -> bool:
    """Whether the genome base was assumed anywhere."""
    code = LocusStatus.ASSUMED_REFERENCE.code
    return any(column.holds(column.states.status == code) for column in genotypes.columns)
