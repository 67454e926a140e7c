"""Read from a VCF or BCF what the panel needs."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from lupus_pgx.errors import InputError, is_shortage, no_memory
from lupus_pgx.vcf.annotations import find_annotation
from lupus_pgx.vcf.bcf import BcfFile
from lupus_pgx.vcf.blocks import IndexDoubtError
from lupus_pgx.vcf.cells import TextCells
from lupus_pgx.vcf.fields import USUAL, genotyped
from lupus_pgx.vcf.header import contigs_of, has_prefixes, references_of
from lupus_pgx.vcf.kinds import Kinds
from lupus_pgx.vcf.kinship import is_family, named_twice, remark
from lupus_pgx.vcf.records import Genotyped, RawRecord, overlaps, read_cells
from lupus_pgx.vcf.regions import NO_NAMES, Region, cluster, disjoint
from lupus_pgx.vcf.source import VcfSource
from lupus_pgx.vcf.text import TextFile
from lupus_pgx.vcf.unplaced import Sought

log = logging.getLogger(__name__)

FEW, SMALL = 200, 1 << 28
"""Samples and bytes below which a file whose records must be known all is read whole, in some seconds."""

BY_INDEX, BY_SCAN = "##lupus_pgx_extract=index", "##lupus_pgx_extract=scan"
"""Header lines of a small file made from a large one: how that was read."""

_FORMAT_AT = 8
Key = tuple[str, int, str, tuple[str, ...]]
"""What tells records apart: contig, position, REF and ALTs."""


class VcfFile:
    """An open VCF or BCF file, or standard input.

    Text and BCF are read record by record, skipped on their position, with the same result.

    Parameters
    ----------
    path : str
        Path of the file, or ``-`` for standard input.
    names : mapping of str to str, optional
        Contig of a region by each name that a file may use for it; other names stand for themselves.

    Attributes
    ----------
    sample_ids : tuple of str
        Samples that are read.
    contigs : dict of str to Contig
        As the header declares them.
    references : tuple of str
        Values of the ``##reference`` lines.
    annotation : Annotation or None
        How records are annotated.
    marks_imputed : bool
        Whether the header declares IMP: records without it are not imputed.
    indexed : bool
        Whether records are found through an index.

    Raises
    ------
    InputMissingError
        If the file does not exist or cannot be opened.
    InputError
        If it is not a VCF or BCF file, is truncated or has no samples.
    """

    def __init__(self, path: str, names: Mapping[str, str] = NO_NAMES) -> None:
        self.path = path
        self._names = names
        self._source = VcfSource(path)
        self._binary: BcfFile | None = None
        self._text: TextFile | None = None
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._kept: list[RawRecord] = []
        self._pass: Iterator[RawRecord] | None = None
        self._columns: npt.NDArray[np.intp] | None = None
        try:
            header, self._samples = self._open_binary() if self._source.binary else self._open_text()
        except InputError:
            raise
        except Exception as error:
            if is_shortage(error):
                raise no_memory() from error
            raise InputError(f"{self.path}: not a VCF or BCF file ({error})") from error
        self.sample_ids = self._samples
        self._check_samples()
        self._header = header
        self.contigs = {contig.name: contig for contig in contigs_of(header)}
        self.annotation = find_annotation(header, len(self._samples))
        self.references = references_of(header)
        self._prefixes = has_prefixes(header)
        self.marks_imputed = "##INFO=<ID=IMP," in header

    def _open_binary(self) -> tuple[str, tuple[str, ...]]:
        self._binary = BcfFile(self._source.file, self.path)
        self.indexed = not self._source.copied and self._binary.open_index(self.path)
        return self._binary.header, self._binary.samples

    def _open_text(self) -> tuple[str, tuple[str, ...]]:
        self._text = TextFile(self._source.file, self._source.stream)
        self.indexed = self._source.stream is None and self._text.open_index()
        return self._text.header, self._text.samples

    @property
    def _engine(self) -> TextFile | BcfFile:
        engine = self._text or self._binary
        assert engine is not None
        return engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and remove copies made of it."""
        for engine in (self._text, self._binary):
            if engine is not None:
                engine.close()
        self._source.close()

    def known_contigs(self) -> set[str]:
        """Return the contigs that the header or the index names, or that were met while reading."""
        indexed = self._engine.index_contigs() if self.indexed else set()
        return {*self.contigs, *indexed, *self._met_so_far}

    def holds(self, contig: str) -> bool:
        """Whether a contig has records; without an index, whether one was met so far."""
        if not self.indexed:
            return contig in self._met_so_far
        with ReadErrors(self.path):
            return self._engine.holds(contig)

    @property
    def _met_so_far(self) -> set[str]:
        return self._engine.met

    def select(self, samples: Sequence[str]) -> None:
        """Read only these samples from now on; the file's order stays."""
        if tuple(samples) == self._samples:
            self._columns, self.sample_ids = None, self._samples
            return
        wanted = set(samples)
        chosen = [number for number, sample in enumerate(self._samples) if sample in wanted]
        self._columns = np.array(chosen, np.intp)
        self.sample_ids = tuple(self._samples[number] for number in chosen)

    @property
    def header(self) -> str:
        """All header lines."""
        return self._engine.header

    @property
    def binary(self) -> bool:
        """Whether it is BCF."""
        return self._binary is not None

    @property
    def columns(self) -> list[int] | None:
        """Places of the samples that are read among those of the file; None for all."""
        return None if self._columns is None else self._columns.tolist()

    def remark(self) -> None:
        """Say what the header says of whose genotypes are read."""
        words = remark(self._header, self._samples, self.sample_ids)
        if words is not None:
            log.warning("%s: %s", self.path, words)
        if is_family(self._header) and len(self.sample_ids) > 1:
            log.info("%s: a family: each of %s is read as a patient", self.path, ", ".join(self.sample_ids))

    def preview(self, groups: Iterable[Sequence[Region]]) -> Iterator[RawRecord]:
        """Yield the records of groups of regions for as long as the caller asks.

        Without an index the file is read from its start, once: what was yielded is kept, and
        :meth:`records` goes on from there.

        Parameters
        ----------
        groups : iterable of sequence of Region
            Must hold every region that :meth:`records` is asked for later.
        """
        regions = [region for group in groups for region in group]
        given: Counter[Key] = Counter()
        with ReadErrors(self.path):
            yield from self._by_index(regions, given)
            if self.indexed:
                return
            self._pass = self._scan(regions)
            for record in self._pass:
                self._kept.append(record)
                yield from _not_given(record, given)

    def records(self, regions: Sequence[Region]) -> Iterator[RawRecord]:
        """Yield the records that overlap the regions, each once.

        Without an index the whole file is read once; so it is where the index finds nothing, or
        turns out to belong to another file.

        Raises
        ------
        InputError
            If a record cannot be read or the file ends too early.
        """
        given: Counter[Key] = Counter()
        with ReadErrors(self.path):
            yield from self._by_index(regions, given)
            if self.indexed:
                return
            spans = disjoint(regions, self._names)
            if self._pass is None:
                self._pass = self._scan(regions)
            kept, self._kept = self._kept, []
            for record in chain(kept, self._pass):
                if overlaps(record, spans):
                    yield from _not_given(record, given)

    def _by_index(self, regions: Sequence[Region], given: Counter[Key]) -> Iterator[RawRecord]:
        """Yield what the index finds, and count it; the index is not trusted any more if that goes wrong."""
        if not self.indexed:
            return
        try:
            # Of a set of files by chromosome each holds few of the regions.
            there = [item for item in regions if item.chrom in self._indexed_names]
            here = [Region(name, item.start, item.end) for item in there for name in self._indexed_names[item.chrom]]
            for record in self._engine.by_index(cluster(here), disjoint(there, self._names)):
                given[_key(record)] += 1
                yield record
            self.indexed = bool(given)
        # Whether the file is at fault or its index shows when the file is read from its start.
        except (IndexDoubtError, InputError, OSError, ValueError) as error:
            log.warning("%s: its index is not used: %s; index the file again to read it faster", self.path, error)
            self.indexed = False

    def watch(self, regions: Sequence[Region]) -> None:
        """Keep the positions of records in some regions while reading, for :meth:`passed` and :meth:`places`."""
        self._engine.watch = disjoint(regions, self._names)

    def passed(self) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        """Yield contig and positions of records that were passed while reading; there may be more in the file."""
        for name, found in self._engine.met_positions():
            yield self._names.get(name, name), found

    def places(self, regions: Sequence[Region]) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
        """Yield contig and positions of the records in watched regions that were not passed yet, when all were read.

        Their genotypes are not looked at. Positions may be repeated, and lie beside the regions. Without an index
        all that were passed are told again.
        """
        if self.indexed:
            here = [
                Region(name, item.start, item.end)
                for item in regions
                for name in self._indexed_names.get(item.chrom, ())
            ]
            try:
                for name, found in self._engine.positions(cluster(self._engine.not_passed(here))):
                    yield self._names.get(name, name), found
            except IndexDoubtError:
                self.indexed = False
                for _ in self._scan([]):
                    pass
        if not self.indexed:
            yield from self.passed()

    @property
    def kinds(self) -> Kinds:
        """What the records in watched regions are, where the file was read from its start."""
        return self._engine.kinds

    def seek(self, sought: Sought | None) -> None:
        """Keep records that cannot be placed while reading, for :meth:`unplaced`.

        They may stand anywhere, so that an index does not lead to them: a file of a few people is read from its start.
        """
        self._engine.sought = sought
        if sought is None:
            return
        # A small file made from a large one is read as the large one was.
        if BY_SCAN in self._header or (self.indexed and BY_INDEX not in self._header and self._is_small()):
            self.indexed = False

    def _is_small(self) -> bool:
        return len(self._samples) < FEW and Path(self.path).stat().st_size < SMALL

    def unplaced(self) -> Iterator[RawRecord]:
        """Yield the records that were sought, when all others were read.

        Through an index, those under a sought identifier on an understood contig are not found.
        """
        sought = self._engine.sought
        if sought is None:
            return
        if self.indexed:
            try:
                yield from self._unplaced_by_index(sought)
                return
            except IndexDoubtError:
                self.indexed = False
                for _ in self._scan([]):
                    pass
        yield from self._engine.unplaced

    def _unplaced_by_index(self, sought: Sought) -> Iterator[RawRecord]:
        regions, spans = [], {}
        for name in self._engine.index_contigs():
            here = sought.regions(name, self._engine.reaches(name))
            if here:
                regions += [Region(name, max(first, 1), max(last, 1)) for first, last in here]
                spans[name] = (np.array([item[0] for item in here]), np.array([item[1] for item in here]))
        yield from self._engine.by_index(cluster(regions), spans)

    def genotypes(self, record: RawRecord, fields: Set[str] = USUAL) -> Genotyped:
        """Parse the genotype columns of a record.

        Parameters
        ----------
        record : RawRecord
        fields : set of str
            Which of :data:`lupus_pgx.vcf.fields.FIELDS` are read; others are not looked at.

        Raises
        ------
        InputError
            If the genotype columns cannot be parsed.
        """
        where = f"{record.chrom}:{record.pos}"
        try:
            parsed = self._parse(record, fields)
        except Exception as error:
            if is_shortage(error):
                raise no_memory() from error
            reason = str(error).partition("\n")[0].partition("\t")[0]
            raise InputError(f"{self.path}: the genotype columns at {where} cannot be read ({reason})") from error
        if parsed is None:
            raise InputError(f"{self.path}: the record at {where} has no genotype columns")
        return parsed if self._columns is None else parsed.select(self._columns)

    def _parse(self, record: RawRecord, fields: Set[str]) -> Genotyped | None:
        count = len(self._samples)
        if self._binary is not None:
            return genotyped(self._binary.columns(record, prefixes=self._prefixes), count, len(record.alts), fields)
        line: str = record.payload
        place = -1
        for _ in range(_FORMAT_AT):
            place = line.find("\t", place + 1)
        end = line.find("\t", place + 1)
        if place < 0 or end < 0:
            return None
        keys, cells = line[place + 1 : end], line[end + 1 :].encode("latin-1")
        if keys == "GT":
            return read_cells(cells, count, prefixes=self._prefixes)
        names = keys.split(":")
        if "GT" not in names and (found := cells.rstrip(b"\r").count(b"\t") + 1) != count:
            # Nothing else may cut the columns: a tab too many moves FORMAT, and with it the genotypes.
            raise ValueError(f"{found} genotype columns for {count} samples")
        columns = TextCells(cells, names, count, prefixes=self._prefixes)
        return genotyped(columns, count, len(record.alts), fields)

    def _check_samples(self) -> None:
        samples = self.sample_ids
        if not samples:
            raise InputError(f"{self.path}: the file has no samples (sites only); expected FORMAT and genotype columns")
        if (twice := named_twice(samples)) is not None:
            raise InputError(f"{self.path}: sample {twice!r} stands twice in the header; sample names must differ")

    @cached_property
    def _indexed_names(self) -> Mapping[str, Sequence[str]]:
        """Names of each contig that the index knows."""
        found: dict[str, list[str]] = {}
        for name in self._engine.index_contigs():
            found.setdefault(self._names.get(name, name), []).append(name)
        return found

    def _scan(self, regions: Sequence[Region]) -> Iterator[RawRecord]:
        yield from self._engine.scan(disjoint(regions, self._names))


def _key(record: RawRecord) -> Key:
    return record.chrom, record.pos, record.ref, record.alts


def _not_given(record: RawRecord, given: Counter[Key]) -> Iterator[RawRecord]:
    """Yield a record unless it was given before."""
    if given[_key(record)] > 0:
        given[_key(record)] -= 1
    else:
        yield record


class ReadErrors:
    """Turn what a reader raises into an error that names the file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, InputError):
            raise InputError(f"{self._path}: the file is damaged or truncated ({error})") from error
