"""Two sets of calls of the same samples, held side by side: phenotype first, then diplotype."""

from __future__ import annotations

import logging
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from lupus_pgx.bounded import is_there
from lupus_pgx.errors import InputError, InputMissingError, UsageError
from lupus_pgx.handover.files import read_file
from lupus_pgx.handover.given import find_target
from lupus_pgx.handover.meaning import Reader
from lupus_pgx.handover.model import Faults, Handed, NameFaultError, Statement, check_length
from lupus_pgx.handover.own_files import PARQUET, files_of_calls, holds_no_calls
from lupus_pgx.handover.persons import file_of, sample_in_name
from lupus_pgx.handover.tables import MISSING
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import INDETERMINATE, STRUCTURE_OPEN
from lupus_pgx.words.lines import counted, few_of, hanging, wrap

log = logging.getLogger(__name__)

SAME, DIFFER, ONLY_FIRST, ONLY_SECOND, NEITHER = "same", "differ", "only first", "only second", "neither"
VERDICTS = (SAME, DIFFER, ONLY_FIRST, ONLY_SECOND, NEITHER)
COLUMNS = (
    "sample_id", "gene", "phenotype", "first_phenotype", "second_phenotype", "diplotype", "first_diplotype",
    "second_diplotype", "reason",
)  # fmt: skip

_ENDINGS = frozenset({".zip", ".tsv", ".csv", ".json", ".aldy", ".alleles", ".txt"})
_GENOTYPES = (".vcf", ".vcf.gz", ".vcf.bgz", ".bcf")
_RENAMED = " read as "
_SHOWN = 8
_PAIRS = 3


class Compared(NamedTuple):
    """One gene of one sample in both sets; ``open`` has what each says of a call that is no single one."""

    sample: str
    gene: str
    phenotype: str
    phenotypes: tuple[str, str]
    diplotype: str
    diplotypes: tuple[str, str]
    reason: str
    open: tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Side:
    """What one set says of a gene of a sample: empty where it states nothing."""

    diplotype: str = ""
    phenotype: str = ""
    note: str = ""
    computed: str = ""
    open: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Agreement:
    """How two sets of calls agree.

    Attributes
    ----------
    names : tuple of str
        The two paths.
    rows : tuple of Compared
        Genes of samples that both sets speak of.
    alone : tuple of str
        What only one of them holds, in words.
    """

    names: tuple[str, str]
    rows: tuple[Compared, ...]
    alone: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """Yield the rows as a table, joined by tabs."""
        yield "\t".join(COLUMNS)
        for row in self.rows:
            cells = (row.sample, row.gene, row.phenotype, *row.phenotypes, row.diplotype, *row.diplotypes, row.reason)
            yield "\t".join(cells)

    def __str__(self) -> str:
        samples = len({row.sample for row in self.rows})
        both = f"{counted(samples, 'sample')} that both have; calls of genes and markers are compared"
        lines = [f"first: {self.names[0]}", f"second: {self.names[1]}", both, ""]
        # Names of files stay whole: they are copied.
        lines += [line for text in self.alone for line in wrap(text, "", " " * 6, whole=True)]
        lines += [""] if self.alone else []
        for title, kind in (
            ("Phenotypes that are not the same: first | second: samples", "phenotype"),
            ("Diplotypes that are not the same: first | second: samples", "diplotype"),
        ):
            found = [line for text in _differences(self.rows, kind) for line in hanging(text)]
            lines += [title, *(found or ["  none"]), ""]
        lines += _counts(self.rows, "phenotype", "Phenotypes")
        lines += ["", *_counts(self.rows, "diplotype", "Diplotypes")]
        return "\n".join(lines)


def _counts(rows: Sequence[Compared], kind: str, title: str) -> list[str]:
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(row.gene, Counter())[getattr(row, kind)] += 1
    total: Counter[str] = sum(counted.values(), Counter())
    width = max([len(gene) for gene in counted] + [len(title)])
    head = "".join(f"{verdict:>13}" for verdict in VERDICTS)
    found = [f"{title:<{width}}{head}"]
    told = [gene for gene in sorted(counted) if set(counted[gene]) - {SAME, NEITHER}]
    lines = {gene: "".join(f"{counted[gene][verdict]:>13,}" for verdict in VERDICTS) for gene in told}
    found += [f"{gene:<{width}}{line}" for gene, line in lines.items()]
    if len(told) < len(counted):
        found.append(f"{len(counted) - len(told)} without a difference are counted in the sum only")
    return [*found, f"{'all':<{width}}" + "".join(f"{total[verdict]:>13,}" for verdict in VERDICTS)]


def _differences(rows: Sequence[Compared], kind: str) -> Iterator[str]:
    """Yield what is not the same, most frequent first."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        if getattr(row, kind) not in (SAME, NEITHER):
            one, other = getattr(row, f"{kind}s")
            one, other = one or row.open[0].get(kind, ""), other or row.open[1].get(kind, "")
            found[row.gene, one or "-", other or "-", row.reason] += 1
    by_gene: dict[str, list[tuple[tuple[str, str, str, str], int]]] = {}
    for item, number in found.most_common():
        by_gene.setdefault(item[0], []).append((item, number))
    for gene in sorted(by_gene):
        for (_, one, other, reason), number in by_gene[gene][:_SHOWN]:
            because = f" ({'; '.join(_first_loci(part) for part in reason.split('; '))})" if reason else ""
            yield f"{gene}: {one} | {other}: {number:,}{because}"
        rest = by_gene[gene][_SHOWN:]
        if rest:
            yield f"{gene}: {len(rest)} other kinds: {sum(number for _, number in rest):,}"


def _first_loci(reason: str) -> str:
    """Return a reason with its first loci only: the table of rows has them all."""
    head, missing, loci = reason.partition(MISSING)
    return f"{head}{missing}{few_of(loci.split(', '), _PAIRS)}" if missing else reason


def compare_calls(first: str, second: str, knowledge: Knowledge, parquet: Callable[[str], str]) -> Agreement:
    """Compare two sets of calls: folders of an analysis or of a run, or result files of other callers.

    Parameters
    ----------
    first, second : str
        A folder (``diplotypes`` and ``markers`` of an analysis or of the shards of a run, in whatever format, or else
        all result files below it), or a file.
    knowledge : Knowledge
    parquet : callable
        Returns the text of a Parquet file as a table of ours.

    Returns
    -------
    Agreement

    Raises
    ------
    InputMissingError
        If one is not there.
    InputError
        If a file is faulty.
    UsageError
        If the two have no sample in common.
    """
    for path in (first, second):
        if not is_there(path):
            raise InputMissingError(f"{path}: no such file or folder to compare")
    said = [_read(path, knowledge, parquet) for path in (first, second)]
    named = [{item.sample for item in items if item.sample} for items in said]
    sides = [
        _sides(items, sorted(named[1 - number] or named[number]), knowledge, folder=Path(path).is_dir())
        for number, (items, path) in enumerate(zip(said, (first, second), strict=True))
    ]
    samples = [{sample for sample, _ in side} for side in sides]
    both = samples[0] & samples[1]
    if not both:
        examples = [min(names, default="none") for names in samples]
        raise UsageError(
            f"compare: the two have no sample in common ({first}: {examples[0]} ..., {second}: {examples[1]} ...)"
        )
    genes = [{gene for sample, gene in side if sample in both} for side in sides]
    shared = genes[0] & genes[1]
    rows = [
        _compared(sample, gene, sides[0].get((sample, gene)), sides[1].get((sample, gene)), knowledge)
        for sample in sorted(both)
        for gene in sorted(shared)
    ]
    alone = []
    for what, found in (("samples", samples), ("genes", genes)):
        for name, only in (("first", found[0] - found[1]), ("second", found[1] - found[0])):
            if only:
                alone.append(f"{what} only in the {name}, not compared: {few_of(sorted(only), _SHOWN)}")
    return Agreement((first, second), tuple(rows), tuple(alone))


def _read(path: str, knowledge: Knowledge, parquet: Callable[[str], str]) -> list[Statement]:
    """Read a file, or the files of a folder that are in a form that is known."""

    def read(file: str, faults: Faults) -> list[Statement]:
        text = parquet(file) if file.endswith(PARQUET) else None
        return read_file(file, "", knowledge, faults, text)

    faults = Faults()
    if not Path(path).is_dir():
        _refuse_inputs(path)
        found = read(path, faults)
        faults.check()
        return found
    own = files_of_calls(Path(path))
    files = own or sorted(item for item in Path(path).rglob("*") if item.suffix in _ENDINGS and item.is_file())
    found, left_out = [], []
    for file in files:
        about = Faults()
        try:
            items = read(str(file), about)
        except InputError as error:
            if own:
                raise
            left_out.append(str(error))
            continue
        if own:
            about.check()
        if about.found:
            left_out.append(about.found[0])
        else:
            found += items
    for fault in left_out:
        log.warning("left out: %s", fault)
    if not found:
        raise InputMissingError(
            f"{path}: no result file in a form that is known is in this folder: give one with tables (--format tsv)"
        )
    return found


def _refuse_inputs(path: str) -> None:
    """Refuse what holds no calls as such: genotypes, or one file of a folder of ours."""
    name = Path(path).name
    if name.lower().endswith(_GENOTYPES):
        first = f"lupus-pgx analyze {shlex.quote(path)} -o DIR"
        raise UsageError(f"compare: {path}: this is a VCF: analyze it first ({first}), and give DIR")
    if holds_no_calls(Path(path)):
        raise UsageError(
            f"compare: {path}: holds no calls of genes, which are compared: give the folder that it is in: "
            f"{Path(path).parent}"
        )


def _sides(
    items: Sequence[Statement], samples: Sequence[str], knowledge: Knowledge, *, folder: bool
) -> dict[tuple[str, str], _Side]:
    reader = Reader(knowledge)
    left_out: dict[str, None] = {}
    found: dict[tuple[str, str], _Side] = {}
    for item in items:
        sample = item.sample or sample_in_name(item.place, samples)
        if sample is None and folder:
            left_out.setdefault(file_of(item.place), None)
            continue
        if sample is None:
            raise InputError(f"{item.place}: of which sample the file is cannot be told: name the file after it")
        try:
            check_length(item)
            target = find_target(item, knowledge)
            if target is None:
                continue
            handed = reader.of_gene(target, item) if isinstance(target, StarGene) else reader.of_marker(target, item)
            found[sample, handed.key] = _side(target, item, handed, reader)
        except NameFaultError as error:
            key = next((gene for gene in knowledge.star_genes if gene == item.gene), item.gene)
            found[sample, key] = _Side(note=f"not read: {error}")
    for path in left_out:
        log.warning("%s: left out: of which sample it is cannot be told", path)
    return found


def _side(target: object, item: Statement, handed: Handed, reader: Reader) -> _Side:
    if handed.no_call:
        # Of a call of ours that is too open to be handed over, the summary shows the best: so does this.
        best = {"diplotype": item.best, "phenotype": item.phenotype} if item.best else {}
        return _Side(note=handed.note, open={kind: f"ambiguous ({text})" for kind, text in best.items() if text})
    diplotype = "/".join(handed.pairs[0]) if len(handed.pairs) == 1 else ""
    if not isinstance(target, StarGene):
        return _Side(diplotype, "", handed.note)
    phenotypes = {traits.phenotype or "" for traits, _ in handed.outcomes}
    computed = phenotypes.pop() if len(phenotypes) == 1 else ""
    computed = "" if computed == INDETERMINATE else computed
    stated = reader.stated_phenotype(target, item.phenotype) if item.phenotype else computed
    named = few_of(["/".join(pair) for pair in handed.pairs], _PAIRS)
    several = {"diplotype": f"ambiguous ({named})"} if len(handed.pairs) > 1 else {}
    return _Side(diplotype, stated, handed.note, computed, several)


def _compared(sample: str, gene: str, one: _Side | None, other: _Side | None, knowledge: Knowledge) -> Compared:
    first, second = one or _Side(), other or _Side()
    diplotypes, phenotypes = (first.diplotype, second.diplotype), (first.phenotype, second.phenotype)
    return Compared(
        sample,
        gene,
        _verdict(*phenotypes),
        phenotypes,
        _verdict(*diplotypes),
        diplotypes,
        _reason(gene, first, second, knowledge),
        (first.open, second.open),
    )


def _verdict(one: str, other: str) -> str:
    if one and other:
        return SAME if one == other else DIFFER
    return ONLY_FIRST if one else ONLY_SECOND if other else NEITHER


def _reason(gene: str, first: _Side, second: _Side, knowledge: Knowledge) -> str:
    """Return why two differ, where a table knows it."""
    found: list[str] = []
    differs = first.diplotype != second.diplotype or first.phenotype != second.phenotype
    for side in (first, second):
        found += [f"renamed: {part}" for part in side.note.split("; ") if _RENAMED in part]
        if not differs:
            continue
        found += [
            part
            for part in side.note.split("; ")
            if part.startswith((MISSING, "not read: ", STRUCTURE_OPEN)) or "no call" in part
        ]
        if side.phenotype and side.computed and side.phenotype != side.computed:
            star = knowledge.star_genes[gene]
            functions = ", ".join(f"{name} {star.functions.get(name, '')}" for name in side.diplotype.split("/"))
            found.append(f"function changed: in this release {functions}")
    return "; ".join(dict.fromkeys(found))
