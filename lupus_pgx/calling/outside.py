"""Calls made elsewhere: CYP2D6 with its structure, HLA typings, or anything a VCF cannot settle.

They override what the VCF says; where the two disagree, the call says so.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from lupus_pgx.calling.calls import DiplotypeCall, Diplotypes, outside_call
from lupus_pgx.calling.markers import MarkerCall, Markers, find_marker, outside_marker
from lupus_pgx.encoded import Index
from lupus_pgx.errors import InputError, InputMissingError, UsageError
from lupus_pgx.knowledge.catalogue import Knowledge

_PLAIN = ("gene", "diplotype")

Call = TypeVar("Call", DiplotypeCall, MarkerCall)


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """One line of a file of outside calls; ``sample`` is None where the file has no sample column."""

    place: str
    sample: str | None
    gene: str
    diplotype: str


def read_outside_calls(path: str) -> list[OutsideCall]:
    """Read outside calls.

    Parameters
    ----------
    path : str
        Either a table with the header ``sample_id, gene, diplotype`` (tab or comma; further
        columns are ignored; without ``sample_id`` it speaks of the only sample), or the
        headerless form that PharmCAT reads: gene, diplotype and optional further columns.

    Returns
    -------
    list of OutsideCall

    Raises
    ------
    InputMissingError
        If the file cannot be read.
    InputError
        If a line has no gene or no diplotype.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputMissingError(f"{path}: the outside calls cannot be read ({error})") from error
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    if not lines:
        return []
    separator = "\t" if "\t" in lines[0][1] else ","
    rows = [(number, cells) for number, cells in _split(lines, separator)]
    header = [cell.strip().lower() for cell in rows[0][1]]
    if all(name in header for name in _PLAIN):
        rows = rows[1:]
    else:
        header = list(_PLAIN)
    calls = []
    for number, cells in rows:
        record = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        if not record.get("gene") or not record.get("diplotype"):
            raise InputError(f"{path}:{number}: expected a gene and a diplotype; found {separator.join(cells)!r}")
        sample = record.get("sample_id") if "sample_id" in header else None
        calls.append(OutsideCall(f"{path}:{number}", sample, record["gene"], record["diplotype"]))
    return calls


def _split(lines: Sequence[tuple[int, str]], separator: str) -> list[tuple[int, list[str]]]:
    cells = csv.reader((line for _, line in lines), delimiter=separator)
    return [(number, row) for (number, _), row in zip(lines, cells, strict=True)]


def override(
    diplotypes: Diplotypes, markers: Markers, calls: Sequence[OutsideCall], knowledge: Knowledge
) -> tuple[Diplotypes, Markers]:
    """Put outside calls in the place of calls from the VCF.

    Parameters
    ----------
    diplotypes : Diplotypes
    markers : Markers
    calls : sequence of OutsideCall
        Of genes and samples of this analysis; those of other samples are left aside.
    knowledge : Knowledge

    Returns
    -------
    diplotypes : Diplotypes
    markers : Markers

    Raises
    ------
    InputError
        If a call names an unknown gene or allele, a sample has two calls of a gene, or a
        file without sample column meets several samples.
    """
    numbers = {sample: number for number, sample in enumerate(diplotypes.sample_ids)}
    chosen: dict[tuple[str, int], OutsideCall] = {}
    for call in calls:
        if call.sample is None and len(numbers) > 1:
            raise InputError(f"{call.place}: {len(numbers)} samples are analyzed, so a sample_id column is needed")
        number = 0 if call.sample is None else numbers.get(call.sample, -1)
        if number < 0:
            continue
        key = _key(call, knowledge)
        if (key, number) in chosen:
            raise InputError(f"{call.place}: a second call of {key} for {diplotypes.sample_ids[number]!r}")
        chosen[key, number] = call
    star_calls, star_index = _copy(diplotypes.values, diplotypes.index)
    marker_calls, marker_index = _copy(markers.values, markers.index)
    for (key, number), call in chosen.items():
        if key in star_calls:
            taken = _star(call, key, star_calls[key][int(star_index[key][number])], knowledge)
            star_index[key][number] = _place(star_calls[key], taken)
        elif key in marker_calls:
            given = _checked_marker(call, key, knowledge)
            marker_index[key][number] = _place(marker_calls[key], given)
    frozen = {key: tuple(items) for key, items in star_calls.items()}
    frozen_markers = {key: tuple(items) for key, items in marker_calls.items()}
    return (
        Diplotypes(diplotypes.sample_ids, frozen, star_index),
        Markers(markers.sample_ids, frozen_markers, marker_index),
    )


def _key(call: OutsideCall, knowledge: Knowledge) -> str:
    if call.gene in knowledge.star_genes:
        return call.gene
    try:
        return find_marker(knowledge, call.gene, call.diplotype).key
    except UsageError as error:
        raise InputError(f"{call.place}: {error}") from error


def _copy(
    calls: Mapping[str, Sequence[Call]], index: Mapping[str, Index]
) -> tuple[dict[str, list[Call]], dict[str, Index]]:
    """Return copies that can be added to, with an index wide enough for as many calls as there are samples."""
    wide: dict[str, Index] = {key: numbers.astype(np.uint32) for key, numbers in index.items()}
    return {key: list(items) for key, items in calls.items()}, wide


def _place(calls: list[Call], call: Call) -> int:
    """Return the number of a call, appended if it is new."""
    if call not in calls:
        calls.append(call)
    return calls.index(call)


def _star(call: OutsideCall, gene: str, from_vcf: DiplotypeCall, knowledge: Knowledge) -> DiplotypeCall:
    try:
        taken = outside_call(knowledge.star_genes[gene], call.diplotype)
    except UsageError as error:
        raise InputError(f"{call.place}: {error}") from error
    names = {candidate.name for candidate in from_vcf.candidates}
    if names and taken.diplotype not in names:
        best = from_vcf.diplotype or "no named pair"
        return replace(taken, note=f"outside call; the VCF contradicts it: it allows {best}, not {taken.diplotype}")
    return taken


def _checked_marker(call: OutsideCall, key: str, knowledge: Knowledge) -> MarkerCall:
    try:
        return outside_marker(knowledge.markers_by_key[key], call.diplotype)
    except UsageError as error:
        raise InputError(f"{call.place}: {error}") from error
