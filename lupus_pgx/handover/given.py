"""What was handed over of each gene and sample: the statements of all files, joined."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lupus_pgx.errors import UsageError
from lupus_pgx.handover.files import Given, read_files
from lupus_pgx.handover.letters import find_marker
from lupus_pgx.handover.meaning import Reader, same_meaning
from lupus_pgx.handover.model import Faults, Handed, NameFaultError, Statement, check_length, even
from lupus_pgx.handover.persons import assigned, file_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import Marker, PairTraits, StarGene
from lupus_pgx.terms import STRUCTURE_OPEN

log = logging.getLogger(__name__)

MOST_LINES = 100
"""Of one gene and sample: each is compared with each."""


def handed_over(
    given: Given, knowledge: Knowledge, samples: Sequence[str], *, others: Sequence[str] = ()
) -> dict[tuple[str, int], Handed]:
    """Read calls made elsewhere, for the samples of an analysis.

    Parameters
    ----------
    given : path, sequence of paths or mapping of name to path
        Files of any form; a name before a path (``NAME=path``) is the sample, or the gene, that the file leaves out.
    knowledge : Knowledge
    samples : sequence of str
    others : sequence of str
        Samples of the input that are not analyzed.

    Returns
    -------
    dict of (str, int) to Handed
        By gene or marker, and number of the sample.

    Raises
    ------
    InputMissingError
        If a file cannot be read.
    InputError
        If something in them cannot be used; the message has every fault, by file and line.
    """
    faults = Faults()
    said = read_files(given, knowledge, faults)
    return _meant(said, assigned(said, samples, faults, others=others), samples, knowledge, faults)


def handed_over_alone(given: Given, knowledge: Knowledge) -> dict[str, Handed]:
    """Read calls made elsewhere of one patient, whatever the sample is called.

    Raises
    ------
    InputMissingError
        If a file cannot be read.
    InputError
        If something in them cannot be used, or they are of several samples.
    """
    faults = Faults()
    said = read_files(given, knowledge, faults)
    people: dict[str, str] = {}
    for item in said:
        if item.sample is not None:
            people.setdefault(item.sample, item.place)
    if len(people) > 1:
        listed = ", ".join(f"{name} ({place})" for name, place in list(people.items())[:3])
        faults.add(said[0].place, f"expected the calls of one patient; found {len(people)} samples: {listed}")
        faults.check()
    numbers = dict.fromkeys(range(len(said)), 0)
    found = _meant(said, numbers, [next(iter(people), "the patient")], knowledge, faults)
    return {key: handed for (key, _), handed in found.items()}


def _meant(
    said: Sequence[Statement], numbers: Mapping[int, int], samples: Sequence[str], knowledge: Knowledge, faults: Faults
) -> dict[tuple[str, int], Handed]:
    """Return what statements mean, joined by gene and sample; what is wrong is told at once."""
    reader = Reader(knowledge)
    unknown: dict[str, dict[str, None]] = {}
    meant: dict[tuple[str, int], list[tuple[Statement, Handed]]] = {}
    for place, item in enumerate(said):
        try:
            check_length(item)
            target = find_target(item, knowledge)
            if target is None:
                unknown.setdefault(file_of(item.place), {})[item.gene] = None
                continue
            handed = reader.of_gene(target, item) if isinstance(target, StarGene) else reader.of_marker(target, item)
        except NameFaultError as error:
            faults.add(item.place, str(error))
            continue
        if (
            STRUCTURE_OPEN in item.remark and isinstance(target, StarGene) and target.structure == "not assessed"
        ):  # a table of ours: what sequence alone gave is no outside call
            handed = Handed(handed.key, no_call=True, note=f"no call: {STRUCTURE_OPEN}", places=(item.place,))
        if place in numbers:
            own = meant.setdefault((handed.key, numbers[place]), [])
            own.append((item, handed))
            if len(own) > MOST_LINES:
                faults.add(item.place, f"more than {MOST_LINES} lines of {handed.key} for one sample")
                own.pop()
    joined = {key: _joined(key[0], samples[key[1]], items, faults) for key, items in meant.items()}
    faults.check()
    for path, genes in unknown.items():
        log.warning("%s: genes that are not known here are left aside: %s", path, ", ".join(genes))
    return joined


def find_target(item: Statement, knowledge: Knowledge) -> StarGene | Marker | None:
    """Return the gene or marker that a statement is of; None for one that is not known.

    Raises
    ------
    NameFaultError
        If several markers could be meant, or a table written by people has a name that nothing has.
    """
    name = item.gene.strip()
    star = next((gene for gene in (name, name.upper(), f"HLA-{name}") if gene in knowledge.star_genes), None)
    if star is not None:
        return knowledge.star_genes[star]
    try:
        return find_marker(knowledge, name, "/".join(item.pairs[0]) if item.pairs else item.phenotype)
    except UsageError as error:
        text = str(error)
    if "say which" in text:
        raise NameFaultError(text)
    if item.caller or "did you mean" not in text:
        return None
    raise NameFaultError(text)


def _joined(key: str, sample: str, items: Sequence[tuple[Statement, Handed]], faults: Faults) -> Handed:
    """Join what several lines and files say of one gene of one sample; where they differ all of it stays possible."""
    for number, (item, _) in enumerate(items):
        earlier = [one for one, _ in items[:number] if file_of(one.place) == file_of(item.place)]
        if earlier and not item.caller:
            faults.add(item.place, f"a second call of {key} for {sample!r}; the first is {earlier[0].place}")
    calls = [handed for _, handed in items if not handed.no_call]
    silent = [handed for _, handed in items if handed.no_call]
    if not calls:
        return replace(silent[0], note=_cited(silent), places=_places(silent))
    found = calls[0]
    for handed in calls[1:]:
        found = _two(found, handed)
    notes = [found.note, *(f"{_cited([item])}" for item in silent)]
    return replace(found, note="; ".join(notes), places=_places([item for _, item in items]))


def _two(one: Handed, other: Handed) -> Handed:
    if set(one.pairs) == set(other.pairs) and same_meaning(one.outcomes, other.outcomes):
        return replace(one, places=(*one.places, *other.places))
    for narrow, wide in ((one, other), (other, one)):
        if not wide.pairs and wide.outcomes and _within(narrow, wide):
            return replace(narrow, places=(*one.places, *other.places))
    pairs = tuple(dict.fromkeys((*one.pairs, *other.pairs)))
    traits = [item for item, _ in (*one.outcomes, *other.outcomes)]
    note = f"two that differ, undecided: {_words(one)}, {_words(other)}"
    return Handed(one.key, pairs, even(traits) if traits else (), note=note, places=(*one.places, *other.places))


def _within(narrow: Handed, wide: Handed) -> bool:
    """Whether all that one statement leaves possible is possible by another, which names no pair."""
    options = [item for item, _ in wide.outcomes]
    return bool(narrow.outcomes) and all(any(_fits(item, option) for option in options) for item, _ in narrow.outcomes)


def _fits(item: PairTraits, option: PairTraits) -> bool:
    return (
        item.phenotype == option.phenotype
        and (option.carried is None or item.carried == option.carried)
        and (option.score is None or item.score is None or item.score == option.score)
    )


def _words(handed: Handed) -> str:
    said = " or ".join("/".join(pair) for pair in handed.pairs)
    if not said:
        said = " or ".join(dict.fromkeys(item.phenotype or "a typing of one allele" for item, _ in handed.outcomes))
    return f"{said} ({', '.join(handed.places)})"


def _cited(items: Sequence[Handed]) -> str:
    return "; ".join(f"{item.note} ({', '.join(item.places)})" for item in items)


def _places(items: Sequence[Handed]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for item in items for place in item.places))
