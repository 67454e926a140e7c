"""Calls made elsewhere: CYP2D6 with its structure, HLA typings, or anything a VCF cannot settle.

They override what the VCF says; where the two disagree, the call says so. Reading them is the room ``handover``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from lupus_pgx.bounded import found_as
from lupus_pgx.calling.calls import DiplotypeCall, Diplotypes, outside_call, uncalled
from lupus_pgx.calling.markers import MarkerCall, Markers, given_marker
from lupus_pgx.encoded import Index
from lupus_pgx.errors import UsageError
from lupus_pgx.handover.files import Given
from lupus_pgx.handover.given import find_target, handed_over_alone
from lupus_pgx.handover.meaning import Reader
from lupus_pgx.handover.model import Faults, Handed, NameFaultError, Statement
from lupus_pgx.handover.texts import statement_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import CallStatus

Call = TypeVar("Call", DiplotypeCall, MarkerCall)

ELSEWHERE = "no call elsewhere"
"""Stands among the essential loci that are missing where another caller looked and made no call."""

_WHERE = "`lupus-pgx knowledge list genes` and `lupus-pgx knowledge list markers` print the names"
_LONGEST = 10_000
"""Characters of a call that is written by hand: its pairs are looked at from every side."""

_BOTH = "female: expected two alleles joined by '/'"

_UNNAMED = (CallStatus.NO_CALL, CallStatus.NOVEL)


def override(
    diplotypes: Diplotypes,
    markers: Markers,
    handed: Mapping[tuple[str, int], Handed],
    knowledge: Knowledge,
    female: Collection[str] = (),
) -> tuple[Diplotypes, Markers]:
    """Put calls made elsewhere in the place of calls from the VCF.

    Parameters
    ----------
    diplotypes : Diplotypes
    markers : Markers
    handed : mapping of (str, int) to Handed
        By gene or marker, and number of the sample; genes that are not analyzed are left aside.
    knowledge : Knowledge
    female : collection of str
        Samples that are known to have two copies of chromosome X.

    Returns
    -------
    diplotypes : Diplotypes
    markers : Markers

    Raises
    ------
    InputError
        If a woman is given one allele of a gene on X.
    """
    star_calls, star_index = _copy(diplotypes.values, diplotypes.index)
    marker_calls, marker_index = _copy(markers.values, markers.index)
    faults = Faults()
    for (key, number), item in handed.items():
        sample = diplotypes.sample_ids[number]
        if sample in female and _one_of_x(item, knowledge):
            faults.add(item.places[0], f"{key}: {sample!r} is {_BOTH}")
        elif key in star_calls:
            taken = given_call(knowledge.star_genes[key], item, star_calls[key][int(star_index[key][number])])
            star_index[key][number] = _place(star_calls[key], taken)
        elif key in marker_calls:
            known = marker_calls[key][int(marker_index[key][number])]
            given = _marker(item, known, knowledge)
            marker_index[key][number] = _place(marker_calls[key], given)
    faults.check()
    frozen = {key: tuple(items) for key, items in star_calls.items()}
    frozen_markers = {key: tuple(items) for key, items in marker_calls.items()}
    return (
        Diplotypes(diplotypes.sample_ids, frozen, star_index),
        Markers(markers.sample_ids, frozen_markers, marker_index),
    )


def _one_of_x(item: Handed, knowledge: Knowledge) -> bool:
    """Say whether a hand-over names one allele of a gene on X, as for a man."""
    star = knowledge.star_genes.get(item.key)
    return star is not None and star.x_linked and any(len(alleles) == 1 for alleles in item.pairs)


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


def given_call(star: StarGene, handed: Handed, from_vcf: DiplotypeCall | None = None) -> DiplotypeCall:
    """Return the call of a gene that was handed over.

    Where the other caller made none, what restricts may still rest on the VCF, but nothing that promises.
    """
    if handed.no_call:
        known = from_vcf or uncalled(star)
        if known.status in _UNNAMED:
            return replace(known, note=handed.note)
        best = known.diplotype or "several pairs"
        note = f"{handed.note}; the VCF alone would say {best}"
        missing = (*known.missing_essential, ELSEWHERE)
        return replace(known, status=CallStatus.AMBIGUOUS, missing_essential=missing, note=note)
    taken = outside_call(star, handed)
    if from_vcf is None or not from_vcf.candidates or not handed.pairs:
        return taken
    names = {candidate.name for candidate in from_vcf.candidates}
    if names.isdisjoint("/".join(pair) for pair in handed.pairs):
        best, said = from_vcf.diplotype or "no named pair", " or ".join("/".join(pair) for pair in handed.pairs)
        note = f"{taken.note}; the VCF contradicts it: it allows {best}, not {said}"
        return replace(taken, note=note, file_allows=f"{best}, not {said}")
    return taken


def _marker(handed: Handed, known: MarkerCall, knowledge: Knowledge) -> MarkerCall:
    if handed.no_call:
        possible = f", the VCF alone would say {known.genotype}" if known.genotype else ""
        open_call = replace(known, genotypes=(), effect_allele_count=None, category="", note=f"{handed.note}{possible}")
        return replace(open_call, missing=open_call.missing or (ELSEWHERE,))
    marker = knowledge.markers_by_key[handed.key]
    return given_marker(marker, ["/".join(item) for item in handed.pairs], handed.note)


def given_alone(
    calls: Mapping[str, str],
    files: Given | None,
    knowledge: Knowledge,
    stars: dict[str, DiplotypeCall],
    markers: dict[str, MarkerCall],
    *,
    female: bool = False,
) -> None:
    """Put calls of one patient into what is known of genes and markers.

    Raises
    ------
    UsageError
        If what is given is no text or no call of its gene or marker, a gene is given twice, or a woman has one
        allele of one on X.
    InputError
        If a file is faulty, or of several patients.
    """
    handed: dict[str, Handed] = {}
    reader = Reader(knowledge)
    _check_texts(calls)
    for name, text in calls.items():
        said = said_call(name, text, knowledge, reader)
        if said.key in handed:
            raise UsageError(f"{name}: {said.key} is given twice")
        handed[said.key] = said
    if files is not None:
        for key, item in handed_over_alone(files, knowledge).items():
            if key in handed:
                raise UsageError(f"{key} is given twice: as a text, and by {', '.join(item.places)}")
            handed[key] = item
    for key, item in handed.items():
        if female and _one_of_x(item, knowledge):
            raise UsageError(f"{key}: the patient is {_BOTH}")
        if key in stars:
            stars[key] = given_call(knowledge.star_genes[key], item)
        else:
            markers[key] = _marker(item, markers[key], knowledge)


def _check_texts(calls: Mapping[str, str]) -> None:
    """Refuse what holds no calls as texts: a missing value of a table is neither a call nor its absence."""
    such = "expected a text for each gene, such as {'GENE': '*1/*3'} or {'GENE': 'no call'}"
    if not isinstance(calls, Mapping):
        raise UsageError(f"calls: {such}; found {type(calls).__name__}")
    for name, text in calls.items():
        if not (isinstance(name, str) and isinstance(text, str)):
            raise UsageError(f"calls: {such}; found {found_as(name)}: {found_as(text)}")


def said_call(name: str, text: str, knowledge: Knowledge, reader: Reader) -> Handed:
    """Return what a call means that is written as one text (``TPMT``, ``*1/*3A``).

    Raises
    ------
    UsageError
        If the gene or marker is not known, or the text is no call of it.
    """
    if len(text) > _LONGEST:
        raise UsageError(f"{name}: a call has at most {_LONGEST:,} characters; this one has {len(text):,}")
    try:
        target = find_target(Statement(name, name, pairs=(tuple(text.replace("|", "/").split("/")),)), knowledge)
        if target is None:
            raise UsageError(f"unknown gene or marker {name!r}: nothing near is known; {_WHERE}")
        said = statement_of(target, name, text, reader)
        return reader.of_gene(target, said) if isinstance(target, StarGene) else reader.of_marker(target, said)
    except NameFaultError as error:
        raise UsageError(str(error)) from error
