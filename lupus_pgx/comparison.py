"""Compare two results of the same samples: every cell of every result table that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lupus_pgx.encoded import combine
from lupus_pgx.errors import UsageError
from lupus_pgx.results.columns import Columns, Row
from lupus_pgx.results.context_tables import CONTEXT_TABLES, context_table
from lupus_pgx.results.differences import ROW, CellChange, differing_cells
from lupus_pgx.results.said_changes import said
from lupus_pgx.results.sentences import could_still
from lupus_pgx.results.tables import TABLES as RESULT_TABLES
from lupus_pgx.results.tables import Part, Results, ResultTable
from lupus_pgx.summary import Analysis, PatientSummary
from lupus_pgx.terms import RESEARCH_USE
from lupus_pgx.words.asked import asked_as
from lupus_pgx.words.lines import counted, few_of, rule, width, wrap
from lupus_pgx.words.vocabulary import column_word, plain

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

TABLES: Mapping[str, Columns[Any]] = {**RESULT_TABLES, **CONTEXT_TABLES}
"""All tables that are compared, in the order of the frame."""
_TITLES = {"drugs": "Drugs", "diplotypes": "Genes", "markers": "Markers"}
"""Tables whose changes are printed; of the others the number is."""
_UNPRINTED = frozenset(
    {"candidates", "n_candidates", "phenotypes", "phenotype_probability", "citations", "missing_loci", "n_observed"}
)
"""Columns that follow from others, or are long: they are compared and in the frame, but not printed."""
_KINDS = 3
"""So many kinds of change of a column are printed for a cohort."""
_SHORT = 40
"""Longer cells are not quoted for a cohort."""
_QUOTED = 400
"""Longer cells are cut short for a patient."""
_INDENT = " " * 6


class Uncompared(NamedTuple):
    """Keys of a result table (drugs, genes, loci) that only one of the two results holds."""

    table: str
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


class Setting(NamedTuple):
    """A circumstance in which the two results differ: data release, ancestry, context or an option."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs in one part of a result table: a drug, a gene, a marker or a locus.

    Attributes
    ----------
    table : str
    key : str
    index : ndarray of int, shape (samples,)
        Number of the list of changes of each sample.
    distinct : tuple of tuple of CellChange
        Each list of changes once; an empty one for samples without any.
    """

    table: str
    key: str
    index: npt.NDArray[np.intp]
    distinct: tuple[tuple[CellChange, ...], ...]

    def counts(self) -> Counter[CellChange]:
        """Return how many samples have each change."""
        found: Counter[CellChange] = Counter()
        for changes, samples in zip(self.distinct, np.bincount(self.index, minlength=len(self.distinct)), strict=True):
            for change in changes:
                found[change] += int(samples)
        return found


@dataclass(frozen=True, repr=False)
class Comparison:
    """What changes from one result to another, of the same samples.

    It prints as text, ``to_frame()`` has one row per sample and cell that differs, and it is false
    where no result differs.

    Attributes
    ----------
    sample_ids : tuple of str
        As the first result calls them.
    title : str
    settings : tuple of Setting
    uncompared : tuple of Uncompared
        Keys that only one result holds; nothing is said of their cells.
    changes : tuple of Changes
    still : mapping of str to str
        What is not assessed of a drug of one patient after the change, and could ask for more than is asked for.

    Examples
    --------
    >>> import lupus_pgx
    >>> before, after = (lupus_pgx.respond({"TPMT": pair}, ["azathioprine"]) for pair in ("*1/*1", "*3A/*3A"))
    >>> frame = lupus_pgx.compare(before, after).to_frame()
    >>> frame[frame.column == "action"][["key", "before", "after"]].to_numpy().tolist()
    [['azathioprine', 'monitor', 'avoid']]
    """

    sample_ids: tuple[str, ...]
    title: str
    settings: tuple[Setting, ...]
    uncompared: tuple[Uncompared, ...]
    changes: tuple[Changes, ...]
    still: Mapping[str, str] = field(default_factory=dict)

    def named(self, before: str, after: str) -> Self:
        """Return it with names of the two results in its title.

        Parameters
        ----------
        before, after : str
            Such as the calls that were given.

        Returns
        -------
        Comparison

        Examples
        --------
        >>> import lupus_pgx
        >>> before, after = (lupus_pgx.respond({"TPMT": pair}, ["azathioprine"]) for pair in ("*1/*1", "*3A/*3A"))
        >>> lupus_pgx.compare(before, after).named("*1/*1", "*3A/*3A").title
        'what-if: what changes from *1/*1 to *3A/*3A'
        """
        who = self.sample_ids[0] if len(self.sample_ids) == 1 else counted(len(self.sample_ids), "sample")
        return replace(self, title=f"{who}: what changes from {before} to {after}")

    def to_frame(self) -> pd.DataFrame:
        """Return one row per sample and cell that differs.

        Returns
        -------
        DataFrame
            Columns ``sample_id table key column before after``, by sample, then in the order of the tables.
        """
        from lupus_pgx.results.frames import of_changes

        return of_changes(self.sample_ids, [(item.table, item.distinct, item.index) for item in self.changes])

    def __bool__(self) -> bool:
        return bool(self.changes or self.uncompared)

    def __repr__(self) -> str:
        parts = counted(len(self.changes), "changed part")
        return f"<Comparison of {counted(len(self.sample_ids), 'sample')}: {parts}; print() shows>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the text in a notebook."""
        printer.text(repr(self) if cycle else str(self))

    def __str__(self) -> str:
        lines = [rule(), *wrap(self.title), rule()]
        for setting in self.settings:
            lines += _wrap(f"{plain(setting.name)}: {_arrow(setting.before, setting.after)}", "")
        for item in self.uncompared:
            for when, names in (("before", item.only_before), ("after", item.only_after)):
                lines += _wrap(f"{item.table} only {when}, not compared: {few_of(names, 10)}", "") if names else []
        for table in dict.fromkeys((*_TITLES, *TABLES)):
            own = [item for item in self.changes if item.table == table]
            if own and table in _TITLES:
                lines += ["", _TITLES[table], *_table_lines(own, len(self.sample_ids), self.still)]
            elif own:
                lines += ["", f"{table.capitalize()}: {_cells(own)}{asked_as('', ', see to_frame()')}"]
        if not self.changes:
            lines.append("No result differs.")
        return "\n".join([*lines, "", *wrap(RESEARCH_USE)])


def compare(before: PatientSummary | Analysis, after: PatientSummary | Analysis) -> Comparison:
    """Say what changes from one result to another: other calls, another context, option or data release.

    All columns of all result tables are compared, as they are written.

    Parameters
    ----------
    before, after : PatientSummary or Analysis
        Two patients (of :func:`lupus_pgx.respond` or ``analysis.patient()``; their names may differ), or
        two analyses of the same samples, in any order.

    Returns
    -------
    Comparison

    Raises
    ------
    UsageError
        If one is a patient and the other an analysis, or the samples are not the same.

    Examples
    --------
    >>> import lupus_pgx
    >>> one = lupus_pgx.respond({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, drugs=["azathioprine"])
    >>> other = lupus_pgx.respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, drugs=["azathioprine"])
    >>> comparison = compare(one, other)
    >>> changed = comparison.to_frame().set_index(["table", "column"])
    >>> changed.loc[("drugs", "action"), ["before", "after"]].tolist()
    ['standard', 'reduce_dose']
    >>> bool(compare(one, one))
    False
    """
    kinds = [kind for item in (before, after) for kind in (PatientSummary, Analysis) if isinstance(item, kind)]
    if len(kinds) != 2 or kinds[0] is not kinds[1]:
        found = f"{type(before).__name__} and {type(after).__name__}"
        raise UsageError(f"compare: expected two patients, or two analyses of the same samples; found {found}")
    first, second = before.results, _aligned(before, after)
    changes: list[Changes] = []
    uncompared: list[Uncompared] = []
    for name in TABLES:
        one, other = _table(name, first), _table(name, second)
        keys, others = [part.key for part in one.parts], [part.key for part in other.parts]
        only = [tuple(sorted(set(a) - set(b))) for a, b in ((keys, others), (others, keys))]
        if only[0] or only[1]:
            uncompared.append(Uncompared(name, *only))
        changes += _table_changes(name, one, other)
    samples = first.genotypes.sample_ids
    settings = tuple(_settings(before, after))
    still = _still_open(second) if len(samples) == 1 else {}
    return Comparison(samples, _title(before, after), settings, tuple(uncompared), tuple(changes), still)


def _still_open(results: Results) -> dict[str, str]:
    """Return what is not assessed of each drug of the only sample, where that could ask for more."""
    responses = results.responses
    found = {drug: could_still(responses.of(drug, 0)) for drug in responses.index}
    return {drug: text for drug, text in found.items() if text}


def _table(name: str, results: Results) -> ResultTable:
    return results.table(name) if name in RESULT_TABLES else context_table(name, results)


def _aligned(before: PatientSummary | Analysis, after: PatientSummary | Analysis) -> Results:
    """Return the second results with the samples in the order of the first."""
    first, second = before.results.genotypes.sample_ids, after.results.genotypes.sample_ids
    if isinstance(after, PatientSummary) or first == second:
        return after.results
    if alien := sorted(set(first) ^ set(second)):
        where = "first" if alien[0] in first else "second"
        raise UsageError(
            f"compare: expected the same samples in both analyses; {len(alien)} are in one only, "
            f"such as {alien[0]!r} in the {where}: select them with samples="
        )
    place = {sample: number for number, sample in enumerate(second)}
    return after.results.select([place[sample] for sample in first])


def _title(before: PatientSummary | Analysis, after: PatientSummary | Analysis) -> str:
    if isinstance(before, PatientSummary) and isinstance(after, PatientSummary):
        same = before.sample_id == after.sample_id
        who = before.sample_id if same else f"{before.sample_id} -> {after.sample_id}"
    else:
        who = counted(len(before.results.genotypes.sample_ids), "sample")
    return f"{who}: what changes from before (first) to after (second)"


def _settings(before: PatientSummary | Analysis, after: PatientSummary | Analysis) -> Iterator[Setting]:
    one, other = _circumstances(before), _circumstances(after)
    for name in dict.fromkeys((*one, *other)):
        (value, text), (later, later_text) = one.get(name, (None, "")), other.get(name, (None, ""))
        if value != later:
            yield Setting(name, text or "not given", "another" if text == later_text else later_text or "not given")


def _circumstances(item: PatientSummary | Analysis) -> Mapping[str, tuple[Any, str]]:
    """Return what a result rests on beside the genotypes: values to compare, and their text."""
    release = {"data release": (item.knowledge.release, item.knowledge.release)}
    if isinstance(item, PatientSummary):
        genotypes = item.results.genotypes
        origin = "as given" if item.stated else f"from a file on {genotypes.build}, absent loci {genotypes.absent}"
        ancestry = str(item.ancestry) if item.ancestry else "not given"
        given = "given" if item.context is not None else "not given"
        found = {"calls": (origin, origin), "ancestry": (ancestry, ancestry), "context": (item.context, given)}
        return release | found
    options = {
        name: (value, str(value))
        for name, value in item.provenance.parameters.items()
        if isinstance(value, str | int | float)
    }
    people = {"ancestry": item.ancestry, "context": item.contexts}
    lists = {name: (value, f"given for {counted(len(value), 'sample')}") for name, value in people.items() if value}
    return release | {"build": (item.build, str(item.build))} | options | lists


def _table_changes(name: str, one: ResultTable, other: ResultTable) -> Iterator[Changes]:
    later = {part.key: (place, part) for place, part in enumerate(other.parts)}
    special, special_later = _special(one), _special(other)
    for place, part in enumerate(one.parts):
        if part.key not in later:
            continue
        place_later, part_later = later[part.key]
        own = special.get(place, {}), special_later.get(place_later, {})
        found = _part_changes(name, one.columns, (part, part_later), own)
        if any(found.distinct):
            yield found


def _special(table: ResultTable) -> dict[int, dict[int, Sequence[Row]]]:
    """Return, by part, the rows of samples that have others than those of the distinct value."""
    found: dict[int, dict[int, Sequence[Row]]] = {}
    for (place, sample), rows in table.special.items():
        found.setdefault(place, {})[sample] = rows
    return found


def _part_changes(
    name: str, columns: Columns[Any], parts: tuple[Part, Part], special: tuple[dict[int, Sequence[Row]], ...]
) -> Changes:
    """Compare a part for each distinct pair of values, and one by one where a sample has its own rows."""
    samples = len(parts[0].index)
    pairs = [(part.index, int(part.index.max()) + 1) for part in parts] if samples else []
    example, index = combine(pairs, samples)
    seen: tuple[dict[int, Sequence[Row]], ...] = ({}, {})

    def rows(side: int, sample: int) -> Sequence[Row]:
        number = int(parts[side].index[sample])
        if number not in seen[side]:
            seen[side][number] = parts[side].rows(number)
        return seen[side][number]

    distinct = [differing_cells(columns, rows(0, sample), rows(1, sample), parts[0].key) for sample in example.tolist()]
    numbers = index.astype(np.intp)
    for sample in sorted({*special[0], *special[1]}):
        own = [special[side].get(sample, rows(side, sample)) for side in (0, 1)]
        numbers[sample] = len(distinct)
        distinct.append(differing_cells(columns, own[0], own[1], parts[0].key))
    return Changes(name, parts[0].key, numbers, tuple(distinct))


def _cells(changes: Sequence[Changes]) -> str:
    """Count what differs in rows and cells."""
    rows = cells = 0
    for item in changes:
        for change, samples in item.counts().items():
            rows += samples * (change.column == ROW)
            cells += samples * (change.column != ROW)
    parts = [(rows, "row", " in one result only"), (cells, "other cell", "")]
    return ", ".join(f"{counted(number, what)}{where}" for number, what, where in parts if number)


def _table_lines(changes: Sequence[Changes], samples: int, still: Mapping[str, str]) -> Iterator[str]:
    """Print the changes of a table by key; name the keys of which only unprinted columns differ."""
    also: dict[str, list[str]] = {}
    for item in changes:
        found = _said(item)
        if not found:
            for column in dict.fromkeys(change.column for own in item.distinct for change in own):
                also.setdefault(column, []).append(item.key)
            continue
        if samples == 1:
            yield f"  {item.key}"
            for change in found:
                yield from _one_change(change)
            if item.table == "drugs" and item.key in still:
                yield from wrap(f"{'still open':<21} {still[item.key]}", _INDENT, _INDENT + " " * 24)
        else:
            touched = np.array([bool(own) for own in item.distinct])[item.index].sum()
            yield f"  {item.key} ({counted(int(touched), 'sample')})"
            yield from _counted_changes(found)
    for column, keys in also.items():
        only = f"only this differs: {column_word(column)}{asked_as('', ', see to_frame()')}"
        yield from _wrap(f"{only}: {few_of(keys, 10)}", "  ")


def _said(item: Changes) -> Counter[CellChange]:
    """Count the changes that are printed, in their words and in the order of the columns."""
    place = {column_word(column): number for number, column in reversed([*enumerate(TABLES[item.table].names)])}
    found: Counter[CellChange] = Counter()
    for own, samples in zip(item.distinct, np.bincount(item.index, minlength=len(item.distinct)), strict=True):
        for change in said([change for change in own if change.column not in _UNPRINTED]):
            found[change] += int(samples)
    return Counter(dict(sorted(found.items(), key=lambda entry: place.get(entry[0].column, 0))))


def _label(change: CellChange) -> str:
    """Return what the column is called, with what of the key the part does not say."""
    return f"{change.within} {change.column}".strip()


def _one_change(change: CellChange) -> Iterator[str]:
    """Print a change of a patient: in one line, as what left and joined a list, or as the new text."""
    name = _label(change)
    line = f"{_INDENT}{name:<21} {_arrow(change.before, change.after)}"
    if len(line) <= width():
        yield line
        return
    items = [f"no longer {_quoted(text)}" for text in change.gone] + [f"new: {_quoted(text)}" for text in change.new]
    if change.listed:
        items = items or ["another order"]
    else:
        items = [f"now: {_quoted(change.after)}" if change.after else f"no longer: {_quoted(change.before)}"]
    for number, item in enumerate(items):
        indent = _INDENT + " " * 22
        first, *rest = wrap(item, indent, f"{indent}  ")
        yield f"{_INDENT}{name:<21} {first.lstrip()}" if number == 0 else first
        yield from rest


def _counted_changes(changes: Mapping[CellChange, int]) -> Iterator[str]:
    """Say for a cohort how many samples have which change of a column."""
    by_column: dict[str, Counter[str]] = {}
    for change, samples in changes.items():
        short = len(change.before) <= _SHORT and len(change.after) <= _SHORT
        text = _arrow(change.before, change.after) if short else "other text"
        by_column.setdefault(_label(change), Counter())[text] += samples
    for name, counter in by_column.items():
        common = counter.most_common(_KINDS)
        kinds = [f"{text}: {samples:,}" for text, samples in common]
        if len(counter) > _KINDS:
            rest = counter.total() - sum(samples for _, samples in common)
            kinds.append(f"{len(counter) - _KINDS} other changes: {rest:,}")
        text = f"{_INDENT}{name:<21} {'; '.join(kinds)}"
        yield from wrap(text, "", " " * 28)


def _arrow(before: str, after: str) -> str:
    return f"{before or 'nothing'} -> {after or 'nothing'}"


def _quoted(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED].rpartition(' ')[0]} ..."


def _wrap(text: str, indent: str) -> list[str]:
    """Wrap text; names with hyphens stay whole."""
    return wrap(text, indent, f"{indent}  ")
