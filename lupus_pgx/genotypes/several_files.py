"""The genotypes of several files, put side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import Index
from lupus_pgx.errors import InputError
from lupus_pgx.genotypes.codes import MISSING, UNEXPECTED
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.file_facts import renumber_unlisted
from lupus_pgx.genotypes.losses import explain_spanned, take_away
from lupus_pgx.genotypes.model import Genotypes, letter_code
from lupus_pgx.genotypes.observations import Observation
from lupus_pgx.terms import LocusStatus

_NO_RECORD = LocusStatus.NO_RECORD.code


@dataclass(frozen=True, slots=True)
class FileGenotypes:
    """What one file says.

    Attributes
    ----------
    genotypes : Genotypes
        By the records of each locus itself.
    spanning : list of (int, Observation)
        By row number of a locus, what merely spans it: applied when all files are read, since structure is often in a
        file of its own.
    """

    genotypes: Genotypes
    spanning: list[tuple[int, Observation]]


def join_files(parts: Sequence[FileGenotypes]) -> Genotypes:
    """Put the samples of files side by side, and let what spans a locus take its bases away.

    Raises
    ------
    InputError
        If files are on different builds, or records of a sample at one locus stand in two of them.
    """
    joined = parts[0].genotypes if len(parts) == 1 else _join([part.genotypes for part in parts])
    for part in parts:
        for row, observation in part.spanning:
            take_away(
                joined, row, observation if len(parts) == 1 else _placed(joined, part.genotypes, row, observation)
            )
    rows: dict[str, list[int]] = {}
    for number, locus in enumerate(joined.loci):
        rows.setdefault(locus.gene, []).append(number)
    explain_spanned(joined, rows)
    return joined


def _placed(joined: Genotypes, part: Genotypes, row: int, observation: Observation) -> Observation:
    """Return what a record of one file says, of the samples of all; it says nothing of the others."""
    column = observation.column
    states = _recoded(joined, part, row, column.states)
    if part.sample_ids == joined.sample_ids:
        return replace(observation, column=Column(states, column.index))
    numbers = {sample: number for number, sample in enumerate(joined.sample_ids)}
    index = np.full(len(joined.sample_ids), len(states), np.uint32)
    index[[numbers[sample] for sample in part.sample_ids]] = column.index
    nothing = Column.uniform(1, LocusStatus.NO_RECORD).states
    words = np.vstack([observation.words, np.full((1, 2), MISSING, observation.words.dtype)])
    return replace(observation, column=Column(_appended(states, nothing), index), words=words)


def _join(parts: Sequence[Genotypes]) -> Genotypes:
    """Put the samples of several files side by side."""
    builds = {part.build for part in parts}
    if len(builds) > 1:
        listing = ", ".join(f"{path} is {proof.build}" for part in parts for path, proof in part.proofs)
        raise InputError(f"all files of one analysis must be on the same build: {listing}")
    alike = all(part.sample_ids == parts[0].sample_ids for part in parts)
    samples = parts[0].sample_ids if alike else dict.fromkeys(name for part in parts for name in part.sample_ids)
    joined = Genotypes.empty(parts[0].build, tuple(samples), parts[0].loci)
    column = {} if alike else {sample: number for number, sample in enumerate(samples)}
    for part in parts:
        _join_part(joined, part, None if alike else np.array([column[sample] for sample in part.sample_ids]))
    joined.proofs = tuple(proof for part in parts for proof in part.proofs)
    return joined


def _join_part(joined: Genotypes, part: Genotypes, target: npt.NDArray[np.int64] | None) -> None:
    """Enter the samples of a file; ``target`` numbers them in the whole, None where they are all of it."""
    for number, new in enumerate(part.columns):
        if (new.states.status == _NO_RECORD).all():
            continue
        _join_column(joined, part, number, target)
    for (locus, status), note in part.notes.items():
        if target is None:  # files of the same samples do not share loci
            joined.notes.setdefault((locus, status), note)
            continue
        column = part.columns[locus]
        concerned = target[column.spread(column.states.status == status.code)]
        joined.sample_notes |= {(locus, sample): note for sample in concerned.tolist()}
    for (locus, sample), note in part.sample_notes.items():
        joined.sample_notes[locus, sample if target is None else int(target[sample])] = note
    numbers_of = None if target is None else tuple(target.tolist())
    joined.looked_at += tuple(replace(item, samples=numbers_of) for item in part.looked_at)
    if target is None:
        joined.unlisted = (*joined.unlisted, *part.unlisted)
    else:
        numbers = dict(enumerate(target.tolist()))
        joined.unlisted = (*joined.unlisted, *renumber_unlisted(part.unlisted, numbers))
    for gene, counts in part.left_out.items():
        whole = joined.left_out.setdefault(gene, np.zeros(len(joined.sample_ids), np.int32))
        whole[slice(None) if target is None else target] += counts


def _join_column(joined: Genotypes, part: Genotypes, number: int, target: npt.NDArray[np.int64] | None) -> None:
    old, new = joined.columns[number], part.columns[number]
    if target is None and (old.states.status == _NO_RECORD).all():
        joined.columns[number] = Column(_recoded(joined, part, number, new.states), new.index)
        return
    free = (_NO_RECORD, LocusStatus.ASSUMED_REFERENCE.code)
    here = old.index if target is None else old.index[target]
    offered = new.spread(~np.isin(new.states.status, free))
    taken = ~np.isin(old.states.status, free)[here]
    if (taken & offered).any():
        sample = int(np.flatnonzero(taken & offered)[0])
        raise InputError(
            f"sample {part.sample_ids[sample]!r} has a record of {part.loci[number].name} in two files (the second is "
            f"{part.proofs[0][0]}); files that share samples must not share loci: rename the sample or drop a file"
        )
    assumed = new.spread(new.states.status == LocusStatus.ASSUMED_REFERENCE.code)
    use = offered | (assumed & ~taken)
    states = _appended(old.states, _recoded(joined, part, number, new.states))
    index = np.array(old.index, np.min_scalar_type(len(states)))
    moved: Index = new.index.astype(index.dtype) + index.dtype.type(len(old.states))
    index[np.flatnonzero(use) if target is None else target[use]] = moved[use]
    joined.columns[number] = Column(states, index)


def _appended(first: States, second: States) -> States:
    return States(
        np.concatenate([first.alleles, second.alleles]),
        np.concatenate([first.phase, second.phase]),
        np.concatenate([first.status, second.status]),
        np.concatenate([first.doubt, second.doubt]),
    )


def _recoded(joined: Genotypes, part: Genotypes, number: int, states: States) -> States:
    """Return states of a part with its unexpected alleles numbered as in the whole."""
    alleles = states.alleles.copy()
    codes: dict[int, int] = {}
    for offset, letters in enumerate(part.unexpected[number]):
        codes[UNEXPECTED + offset] = letter_code(joined, number, letters)
        alleles[states.alleles == UNEXPECTED + offset] = codes[UNEXPECTED + offset]
    doubts = list(part.doubts)
    numbers = {
        old: joined.doubt_number(doubts[old - 1].recoded(codes)) if old else 0 for old in set(states.doubt.tolist())
    }
    doubt = np.array([numbers[old] for old in states.doubt.tolist()], np.int32)
    return States(alleles, states.phase, states.status, doubt)
