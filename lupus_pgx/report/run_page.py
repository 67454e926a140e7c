"""The page of a cohort run as plain values: counts over all shards by group, small cells hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.report.marks import lupus_drugs
from lupus_pgx.report.origin import Origin, origin_of
from lupus_pgx.results.run_counts import Key, RunCounts
from lupus_pgx.results.small_cells import Cell, cells_of
from lupus_pgx.terms import RESEARCH_USE, STRUCTURE_OPEN, Action, CallStatus, Response
from lupus_pgx.words.vocabulary import CALLS, JUDGED, NO_PHENOTYPE, RESTRICTING, judged_word

_NOT_ASSESSED = CALLS[CallStatus.NO_CALL].label
_LABELS = [word.label for word in JUDGED]
_ASKING = {word.label for word in JUDGED if word.key in RESTRICTING}

Lines = dict[str, dict[str, npt.NDArray[np.int64]]]


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value, and how many of each group have it; the whole cohort first."""

    value: str
    missing: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class NamedLines:
    """The values of a drug, gene or marker; ``bold`` where it is a drug for lupus."""

    name: str
    bold: bool
    values: tuple[ValueLine, ...]

    @property
    def alike(self) -> bool:
        """Whether it is the same for everybody, and asks for no attention."""
        return len(self.values) == 1 and self.values[0].value not in _ASKING


@dataclass(frozen=True, slots=True)
class OpenLine:
    """How well a gene was assessed over the cohort."""

    gene: str
    observed: float | None
    open: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """All that the page of a run shows."""

    total: int
    column: str
    least: int
    without: int
    groups: tuple[tuple[str, str], ...]
    drugs: tuple[NamedLines, ...]
    genes: tuple[NamedLines, ...]
    calls: tuple[NamedLines, ...]
    markers: tuple[NamedLines, ...]
    missing: tuple[OpenLine, ...]
    origin: Origin
    research_use: str

    @property
    def too_few(self) -> bool:
        """Whether there are so few people that every count of them is hidden."""
        return self.total < self.least

    def rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield the counts as lines of a table: what, name, value, group, count."""
        groups = [name for name, _ in self.groups]
        parts = {"drug": self.drugs, "phenotype": self.genes, "call": self.calls, "marker": self.markers}
        for what, lines in parts.items():
            for line in lines:
                for value in line.values:
                    for group, cell in zip(groups, value.cells, strict=True):
                        yield what, line.name, value.value, group, cell.text


_INPUTS = "the files of this run: provenance.json of each shard names them, with their checksums"


def run_report(counts: RunCounts, knowledge: Knowledge, column: str, least: int, without: int) -> RunReport:
    """Return the report of a run.

    Parameters
    ----------
    counts : RunCounts
    knowledge : Knowledge
    column : str
        What the groups are; empty without groups.
    least : int
        Smallest count that is shown, beside 0.
    without : int
        Samples and files without a result.
    """
    sizes = counts.sizes
    for_lupus = lupus_drugs(knowledge)
    drugs = _gathered(counts.tables["drugs"], _drug_value)
    first = sorted(drugs, key=lambda drug: (drug not in for_lupus, -_asking(drugs[drug]), drug))
    groups = [Cell(int(size), None) if not 0 < size < least else Cell(None, None, least) for size in sizes]
    calls = _gathered(counts.tables["diplotypes"], lambda key: CALLS[CallStatus(str(key[2]))].label)
    return RunReport(
        total=int(sizes[0]),
        column=column,
        least=least,
        without=without,
        groups=tuple((name, cell.text) for name, cell in zip(counts.groups, groups, strict=True)),
        drugs=tuple(_lines(drug, drugs[drug], sizes, least, bold=drug in for_lupus, order=_LABELS) for drug in first),
        genes=_by_name(_gathered(counts.tables["diplotypes"], partial(_phenotype, knowledge)), sizes, least),
        calls=_by_name(calls, sizes, least),
        markers=_by_name(_gathered(counts.tables["markers"], _marker, _marker_name), sizes, least),
        missing=tuple(_open_line(gene, counts, least) for gene in sorted(counts.seen)),
        origin=replace(origin_of(knowledge, None), without=_INPUTS),
        research_use=RESEARCH_USE,
    )


def _drug_value(key: Key) -> str:
    return judged_word(Action(str(key[1])), Response(str(key[2]))).label


def _phenotype(knowledge: Knowledge, key: Key) -> str:
    """Return a phenotype as cohorts count it: one of sequence alone, where the structure decides, says that."""
    star = knowledge.star_genes.get(str(key[0]))
    # A call from elsewhere, sure or not, has its structure: only of ours the note says that it was not assessed.
    decides = star is not None and star.structure == "not assessed"
    if key[1] and decides and STRUCTURE_OPEN in (key[3] or ""):
        return f"{key[1]} ({STRUCTURE_OPEN})"
    return key[1] or (_NOT_ASSESSED if key[2] == CallStatus.NO_CALL else NO_PHENOTYPE)


def _marker(key: Key) -> str:
    return key[2] or key[3] or _NOT_ASSESSED


def _marker_name(key: Key) -> str:
    return f"{key[0]} {key[1]}"


def _gathered(counts: Mapping[Key, npt.NDArray[np.int64]], value_of: object, name_of: object = None) -> Lines:
    """Add up counts of one value of one drug, gene or marker."""
    assert callable(value_of)
    found: Lines = {}
    for key, line in counts.items():
        name = name_of(key) if callable(name_of) else str(key[0])
        values = found.setdefault(name, {})
        value = value_of(key)
        values[value] = values[value] + line if value in values else line
    return found


def _asking(values: Mapping[str, npt.NDArray[np.int64]]) -> int:
    return sum(int(line[0]) for value, line in values.items() if value in _ASKING)


def _by_name(found: Lines, sizes: npt.NDArray[np.int64], least: int) -> tuple[NamedLines, ...]:
    return tuple(_lines(name, found[name], sizes, least) for name in sorted(found))


def _lines(
    name: str,
    values: Mapping[str, npt.NDArray[np.int64]],
    sizes: npt.NDArray[np.int64],
    least: int,
    *,
    bold: bool = False,
    order: Sequence[str] = (),
) -> NamedLines:
    """Return the values of one name: in an order, or the most frequent first and what is missing last."""

    def place(value: str) -> tuple[bool, int, str]:
        return value == _NOT_ASSESSED, order.index(value) if order else -int(values[value][0]), value

    named = sorted(values, key=place)
    cells = cells_of(np.stack([values[value] for value in named]), sizes, least)
    lines = zip(named, cells, strict=True)
    return NamedLines(name, bold, tuple(ValueLine(value, value == _NOT_ASSESSED, tuple(own)) for value, own in lines))


def _open_line(gene: str, counts: RunCounts, least: int) -> OpenLine:
    loci, observed = counts.seen[gene].tolist()
    missing = counts.open.get(gene, np.zeros(len(counts.sizes), np.int64))
    # What is not open is the rest of the group: hidden where either is small.
    cells = cells_of(np.stack([missing, counts.sizes - missing]), counts.sizes, least)
    return OpenLine(gene, observed / loci if loci else None, tuple(cells[0]))
