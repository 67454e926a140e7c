"""Read from a VCF or BCF what the panel needs."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from lupus_pgx.errors import InputError
from lupus_pgx.vcf.annotations import find_annotation
from lupus_pgx.vcf.blocks import IndexDoubtError
from lupus_pgx.vcf.cut import BcfIndex
from lupus_pgx.vcf.kinship import is_family, remark
from lupus_pgx.vcf.records import Genotyped, RawRecord, Spans, overlaps, read_cells
from lupus_pgx.vcf.source import VcfSource
from lupus_pgx.vcf.text import BcfAsText, TextFile

if TYPE_CHECKING:
    from lupus_pgx.vcf.htslib import GeneralFile, LineParser

log = logging.getLogger(__name__)

REGION_GAP = 5_000
"""Loci closer than this many bases are read in one region query."""

_CONTIG_LINE = re.compile(r"^##contig=<(.*)>\s*$", re.MULTILINE)
_REFERENCE_LINE = re.compile(r"^##reference=(.*)$", re.MULTILINE)
_VERSION = re.compile(r"##fileformat=VCFv4\.(\d+)")
_FORMAT_AT = 8
_PREFIXES_SINCE = 4


Key = tuple[str, int, str, tuple[str, ...]]
"""What tells records apart: contig, position, REF and ALTs."""


@dataclass(frozen=True, slots=True)
class Contig:
    """A contig as the header declares it."""

    name: str
    length: int | None
    assembly: str


@dataclass(frozen=True, slots=True)
class Region:
    """Bases ``start..end`` (1-based, closed) of a contig."""

    chrom: str
    start: int
    end: int


class VcfFile:
    """An open VCF or BCF file, or standard input.

    Text is read here, record by record skipped on its position; BCF, and text records whose
    genotype columns hold more than GT, go through the general parser with the same result.

    Parameters
    ----------
    path : str
        Path of the file, or ``-`` for standard input.

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
    indexed : bool
        Whether records are found through an index.

    Raises
    ------
    InputMissingError
        If the file does not exist or cannot be opened.
    InputError
        If it is not a VCF or BCF file, is truncated or has no samples.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._source = VcfSource(path)
        try:
            self._open()
        except BaseException:
            self._source.close()
            raise

    def _open(self) -> None:
        self._binary: GeneralFile | None = None
        self._index: BcfIndex | None = None
        self._text: TextFile | None = None
        self._lines: LineParser | None = None
        self._kept: list[RawRecord] = []
        self._pass: Iterator[RawRecord] | None = None
        self._columns: npt.NDArray[np.intp] | None = None
        try:
            header, self._samples = self._open_binary() if self._source.binary else self._open_text()
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"{self.path}: not a VCF or BCF file ({error})") from error
        self.sample_ids = self._samples
        self._check_samples()
        self._header = header
        self.contigs = {contig.name: contig for contig in map(_contig, _CONTIG_LINE.findall(header)) if contig.name}
        self.annotation = find_annotation(header)
        self.references = tuple(line.strip() for line in _REFERENCE_LINE.findall(header))
        self._prefixes = _has_prefixes(header)

    def _open_binary(self) -> tuple[str, tuple[str, ...]]:
        from lupus_pgx.vcf.htslib import GeneralFile

        self._index = BcfIndex(self.path) if not self._source.copied else None
        self.indexed = self._index is not None and self._index.found
        general = GeneralFile(self._source.file, self._index)
        if _has_prefixes(general.header):
            general.close()
            self._text = BcfAsText(self._source.file, self._index)
            return self._text.header, self._text.samples
        self._binary = general
        return self._binary.header, self._binary.samples

    def _open_text(self) -> tuple[str, tuple[str, ...]]:
        self._text = TextFile(self._source.file, self._source.stream)
        self.indexed = self._source.stream is None and self._text.open_index()
        return self._text.header, self._text.samples

    @property
    def _engine(self) -> TextFile | GeneralFile:
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
        self._engine.close()
        if self._index is not None:
            self._index.close()
        self._source.close()

    def known_contigs(self) -> set[str]:
        """Return the contigs that the header or the index names, or that were met while reading."""
        indexed = self._engine.index_contigs() if self.indexed else set()
        met = self._text.met if self._text else set()
        return {*self.contigs, *indexed, *met}

    def select(self, samples: Sequence[str]) -> None:
        """Read only these samples from now on; the file's order stays."""
        wanted = set(samples)
        chosen = [number for number, sample in enumerate(self._samples) if sample in wanted]
        self._columns = np.array(chosen, np.intp)
        self.sample_ids = tuple(self._samples[number] for number in chosen)

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
            spans = disjoint(regions)
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
            for record in self._engine.by_index(cluster(regions), disjoint(regions)):
                given[_key(record)] += 1
                yield record
            self.indexed = bool(given)
        # Whether the file is at fault or its index shows when the file is read from its start.
        except (IndexDoubtError, InputError, OSError, ValueError) as error:
            log.warning("%s: its index is not used: %s; index the file again to read it faster", self.path, error)
            self.indexed = False

    def genotypes(self, record: RawRecord) -> Genotyped:
        """Parse the genotype columns of a record.

        Raises
        ------
        InputError
            If the genotype columns cannot be parsed.
        """
        where = f"{record.chrom}:{record.pos}"
        try:
            parsed = self._parse(record)
        except Exception as error:
            reason = str(error).partition("\n")[0].partition("\t")[0]
            raise InputError(f"{self.path}: the genotype columns at {where} cannot be read ({reason})") from error
        if parsed is None:
            raise InputError(f"{self.path}: the record at {where} has no genotype columns")
        return parsed if self._columns is None else parsed.select(self._columns)

    def _parse(self, record: RawRecord) -> Genotyped | None:
        count = len(self._samples)
        if self._binary is not None:
            return self._binary.genotypes(record)
        line: str = record.payload
        place = -1
        for _ in range(_FORMAT_AT):
            place = line.find("\t", place + 1)
        end = line.find("\t", place + 1)
        if place < 0 or end < 0:
            return None
        if line[place + 1 : end] == "GT":
            return read_cells(line[end + 1 :].encode("latin-1"), count, prefixes=self._prefixes)
        if line.count("\t", end) != count:
            raise ValueError(f"{line.count(chr(9), end)} genotype columns for {count} samples")
        if self._lines is None:
            from lupus_pgx.vcf.htslib import LineParser

            self._lines = LineParser(self._header, prefixes=self._prefixes)
        # Only the genotype columns matter here; the parser counts letters, not bytes, so they must be ASCII.
        chrom, pos, _, ref, alts, *_ = line[:place].split("\t")
        plain = "\t".join((chrom, pos, ".", ref, alts, ".", ".", "."))
        return self._lines.parse((plain + line[place:]).encode("ascii", "replace").decode("ascii"), count)

    def _check_samples(self) -> None:
        samples = self.sample_ids
        if not samples:
            raise InputError(f"{self.path}: the file has no samples (sites only); expected FORMAT and genotype columns")
        if len(set(samples)) != len(samples):
            twice = sorted({sample for sample in samples if samples.count(sample) > 1})
            raise InputError(f"{self.path}: sample {twice[0]!r} stands twice in the header; sample names must differ")

    def _scan(self, regions: Sequence[Region]) -> Iterator[RawRecord]:
        spans = disjoint(regions)
        if self._text is not None:
            yield from self._text.scan(spans)
            return
        assert self._binary is not None
        yield from (record for record in self._binary.scan() if overlaps(record, spans))


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


def cluster(regions: Iterable[Region], gap: int = REGION_GAP) -> list[Region]:
    """Join regions that lie closer than ``gap`` bases.

    Examples
    --------
    >>> cluster([Region("6", 10, 12), Region("6", 900, 900), Region("7", 5, 5)], gap=1000)
    [Region(chrom='6', start=10, end=900), Region(chrom='7', start=5, end=5)]
    """
    joined: list[Region] = []
    for region in sorted(regions, key=lambda item: (item.chrom, item.start)):
        if joined and joined[-1].chrom == region.chrom and region.start - joined[-1].end <= gap:
            last = joined.pop()
            joined.append(Region(last.chrom, last.start, max(last.end, region.end)))
        else:
            joined.append(region)
    return joined


def disjoint(regions: Iterable[Region]) -> Spans:
    """Return first and last bases of regions by contig, joined where they touch."""
    spans: dict[str, list[Region]] = {}
    for region in cluster(regions, gap=1):
        spans.setdefault(region.chrom, []).append(region)
    return {
        chrom: (np.array([item.start for item in items]), np.array([item.end for item in items]))
        for chrom, items in spans.items()
    }


def _has_prefixes(header: str) -> bool:
    """Whether a genotype may start with ``/`` or ``|``, the phase of its first allele (VCF 4.4)."""
    version = _VERSION.match(header)
    return version is not None and int(version[1]) >= _PREFIXES_SINCE


def _contig(text: str) -> Contig:
    fields = dict(re.findall(r'(\w+)=("[^"]*"|[^,]*)', text))
    length = fields.get("length", "")
    return Contig(
        fields.get("ID", ""), int(length) if length.isdigit() else None, fields.get("assembly", "").strip('"')
    )
