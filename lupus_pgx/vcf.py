"""Read from a VCF or BCF what the panel needs; the only reader that touches htslib."""

from __future__ import annotations

import itertools
import logging
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cyvcf2
import numpy as np
import numpy.typing as npt
from cyvcf2.cyvcf2 import set_htslib_log_level

from lupus_pgx.annotations import find_annotation
from lupus_pgx.errors import InputError
from lupus_pgx.vcf_source import VcfSource

log = logging.getLogger(__name__)

# htslib prints warnings of its own; what matters is raised as an error here.
set_htslib_log_level(0)

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]

REGION_GAP = 5_000
"""Loci closer than this many bases are read in one region query."""

_CONTIG_LINE = re.compile(r"^##contig=<(.*)>\s*$", re.MULTILINE)
_REFERENCE_LINE = re.compile(r"^##reference=(.*)$", re.MULTILINE)
_MISSING_INT = np.iinfo(np.int32).min


@dataclass(frozen=True, slots=True)
class Contig:
    """A contig as the header declares it."""

    name: str
    length: int | None
    assembly: str


@dataclass(frozen=True, slots=True)
class Record:
    """One VCF record with the genotype columns the panel needs.

    Attributes
    ----------
    chrom : str
        Contig name as the file writes it.
    pos, end : int
        First and last base, 1-based closed; ``end`` follows INFO/END.
    identifier : str
        ID column, empty where missing.
    ref : str
        REF, upper case.
    alts : tuple of str
        ALTs, upper case; empty where the record states none.
    passed : bool
        FILTER is PASS or missing.
    filters : str
        FILTER as written.
    genotypes : ndarray of int, shape (samples, 2)
        Allele numbers; -1 missing, -2 beyond the ploidy.
    phased : ndarray of bool, shape (samples,)
    phase_sets, depth, quality : ndarray of int or None, shape (samples,)
        PS, DP and GQ; a negative value is missing. None where the record lacks the field.
    allele_depths : ndarray of int or None, shape (samples, alleles)
        AD; a negative value is missing.
    """

    chrom: str
    pos: int
    end: int
    identifier: str
    ref: str
    alts: tuple[str, ...]
    passed: bool
    filters: str
    genotypes: IntArray
    phased: BoolArray
    phase_sets: IntArray | None
    depth: IntArray | None
    quality: IntArray | None
    allele_depths: IntArray | None


@dataclass(frozen=True, slots=True)
class Region:
    """Bases ``start..end`` (1-based, closed) of a contig."""

    chrom: str
    start: int
    end: int


@dataclass
class VcfFile:
    """An open VCF or BCF file.

    Parameters
    ----------
    path : str
        Path of the file, or ``-`` for standard input.

    Raises
    ------
    InputMissingError
        If the file does not exist or cannot be opened.
    InputError
        If it is not a VCF or BCF file, is truncated or has no samples.
    """

    path: str
    sample_ids: tuple[str, ...] = ()
    contigs: dict[str, Contig] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    indexed: bool = False

    def __post_init__(self) -> None:
        self._source = VcfSource(self.path)
        try:
            self._open()
        except BaseException:
            self._source.close()
            raise

    def _open(self) -> None:
        self._file = self._source.prepare()
        try:
            self._vcf = cyvcf2.VCF(self._file, strict_gt=True)
            header = self._vcf.raw_header
        except Exception as error:
            raise InputError(f"{self.path}: not a VCF or BCF file ({error})") from error
        self.sample_ids = tuple(self._vcf.samples)
        self._check_samples()
        self.contigs = {contig.name: contig for contig in map(_contig, _CONTIG_LINE.findall(header)) if contig.name}
        self.annotation = find_annotation(header)
        self.references = tuple(line.strip() for line in _REFERENCE_LINE.findall(header))
        self.indexed = any(Path(self._file + suffix).exists() for suffix in (".tbi", ".csi"))
        self._selected: Sequence[str] | None = None
        self._met: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and remove copies made of it."""
        self._vcf.close()
        self._source.close()

    def known_contigs(self) -> set[str]:
        """Return the contigs that the header or the index names, or that were met while reading."""
        indexed = set(self._vcf.seqnames) if self.indexed else set()
        return {*self.contigs, *indexed, *self._met}

    def select(self, samples: Sequence[str]) -> None:
        """Read only these samples from now on; the file's order stays."""
        self._selected = [sample for sample in self.sample_ids if sample in set(samples)]
        self.sample_ids = tuple(self._selected)
        self._vcf.set_samples(self._selected)

    def records(self, regions: Sequence[Region]) -> Iterator[Any]:
        """Yield the raw records that overlap the regions, each once.

        Without an index the whole file is read once.

        Raises
        ------
        InputError
            If a record cannot be parsed or the file ends too early.
        """
        try:
            if self.indexed:
                yield from self._by_index(regions)
            else:
                yield from self._by_scan(regions)
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"{self.path}: the file is damaged or truncated ({error})") from error

    def parse(self, variant: Any) -> Record:
        """Parse the genotype columns of a raw record.

        Raises
        ------
        InputError
            If the genotype columns cannot be parsed.
        """
        formats = variant.FORMAT or ()
        if not formats:
            raise InputError(f"{self.path}: the record at {variant.CHROM}:{variant.POS} has no genotype columns")
        try:
            genotypes, phased = _genotypes(variant, formats, len(self.sample_ids))
            phase_sets = _phase_sets(variant, formats)
            if "PGT" in formats and "PID" in formats:
                phase_sets = _local_phase(variant, genotypes, phased, phase_sets)
        except Exception as error:
            where = f"{variant.CHROM}:{variant.POS}"
            raise InputError(f"{self.path}: the genotype columns at {where} cannot be read ({error})") from error
        filters = variant.FILTERS
        return Record(
            chrom=variant.CHROM,
            pos=variant.POS,
            end=variant.end,
            identifier=variant.ID or "",
            ref=variant.REF.upper(),
            alts=tuple(alt.upper() for alt in variant.ALT if alt != "."),
            passed=variant.FILTER is None,
            filters=";".join(filters or ()),
            genotypes=genotypes,
            phased=phased,
            phase_sets=phase_sets,
            depth=_integers(variant, "DP", formats),
            quality=_integers(variant, "GQ", formats),
            allele_depths=_allele_depths(variant, formats),
        )

    def _check_record(self, variant: Any) -> None:
        """Refuse what htslib lets pass: columns that are not separated by tabs, empty POS or REF."""
        name = variant.CHROM
        self._met.add(name)
        if not name or any(letter.isspace() for letter in name):
            raise InputError(f"{self.path}: columns must be separated by tabs; found {name[:60]!r}")
        if variant.POS < 1 or variant.REF in ("", "."):
            raise InputError(f"{self.path}: a record on {name} has no position or no REF (POS {variant.POS})")

    def _check_samples(self) -> None:
        if not self.sample_ids:
            raise InputError(f"{self.path}: the file has no samples (sites only); expected FORMAT and genotype columns")

    def _by_index(self, regions: Sequence[Region]) -> Iterator[Any]:
        present = set(self._vcf.seqnames)
        before = Region("", 0, 0)
        nothing = True
        for region in regions:
            if region.chrom not in present:
                continue
            # A long record that the region before overlapped too was seen there.
            seen_to = before.end if before.chrom == region.chrom else 0
            place = region.start
            with warnings.catch_warnings():
                # cyvcf2 warns where a contig has no record: that is no news here.
                warnings.simplefilter("ignore")
                found = iter(self._vcf(f"{region.chrom}:{region.start}-{region.end}"))
                first = next(found, None)
            for variant in found if first is None else itertools.chain((first,), found):
                # htslib ends a query early on some kinds of damage: order is the visible sign.
                if place > variant.POS and region.start <= variant.POS:
                    raise InputError(f"{self.path}: records are not sorted near {region.chrom}:{variant.POS}")
                place = max(place, variant.POS)
                nothing = False
                if seen_to < variant.POS:
                    yield variant
            before = region
        if nothing and before.chrom:
            # The index may belong to another file: what it does not find is looked for without it.
            yield from self._by_scan(regions)

    def _by_scan(self, regions: Sequence[Region]) -> Iterator[Any]:
        spans: dict[str, list[Region]] = {}
        for region in regions:
            spans.setdefault(region.chrom, []).append(region)
        reader = cyvcf2.VCF(self._file, strict_gt=True, samples=self._selected)
        try:
            for variant in reader:
                self._check_record(variant)
                here = spans.get(variant.CHROM)
                if here and any(region.end >= variant.POS and variant.end >= region.start for region in here):
                    yield variant
        finally:
            reader.close()


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


def _contig(text: str) -> Contig:
    fields = dict(re.findall(r'(\w+)=("[^"]*"|[^,]*)', text))
    length = fields.get("length", "")
    return Contig(
        fields.get("ID", ""), int(length) if length.isdigit() else None, fields.get("assembly", "").strip('"')
    )


def _genotypes(variant: Any, formats: Sequence[str], samples: int) -> tuple[IntArray, BoolArray]:
    """Return allele numbers (samples, 2) and phase flags; a record without GT is all missing."""
    table = variant.genotype.array() if "GT" in formats else None
    if table is None:
        return np.full((samples, 2), -1, np.int32), np.zeros(samples, bool)
    alleles, phased = table[:, :-1].astype(np.int32), table[:, -1].astype(bool)
    if alleles.shape[1] == 1:
        alleles = np.column_stack([alleles, np.full(samples, -2, np.int32)])
    if alleles.shape[1] > 2:
        # More than two copies cannot be placed on two haplotypes: the genotype is not used.
        polyploid = (alleles[:, 2:] != -2).any(axis=1)
        alleles = alleles[:, :2].copy()
        alleles[polyploid] = -1
    return alleles, phased


def _phase_sets(variant: Any, formats: Sequence[str]) -> IntArray | None:
    """Return PS as numbers; a PS that is not a number (older callers) gets a number made from its text."""
    if "PS" not in formats:
        return None
    values = variant.format("PS")
    if values is None:
        return None
    if values.dtype.kind in "US":
        return np.array([_set_number(str(text)) for text in values], np.int32)
    return np.asarray(values[:, 0] if values.ndim == 2 else values, np.int32)


def _set_number(text: str) -> int:
    if text in ("", "."):
        return _MISSING_INT
    number = int(text) if text.isdigit() else zlib.crc32(text.encode())
    return number & 0x7FFFFFFF


def _local_phase(variant: Any, genotypes: IntArray, phased: BoolArray, sets: IntArray | None) -> IntArray:
    """Take GATK's local phase (PGT with PID) where the genotype itself is unphased."""
    result = np.full(len(genotypes), _MISSING_INT, np.int32) if sets is None else sets.copy()
    orders, names = variant.format("PGT"), variant.format("PID")
    if orders is None or names is None:
        return result
    for sample in np.flatnonzero(~phased & (genotypes[:, 0] != genotypes[:, 1])).tolist():
        alleles = str(orders[sample]).split("|")
        if len(alleles) == 2 and sorted(alleles) == sorted(str(code) for code in genotypes[sample].tolist()):
            genotypes[sample] = [int(code) for code in alleles]
            phased[sample] = True
            result[sample] = _set_number(str(names[sample]))
    return result


def _integers(variant: Any, name: str, formats: Sequence[str]) -> IntArray | None:
    """Return one integer per sample of a FORMAT field, negative where missing."""
    if name not in formats:
        return None
    try:
        values = variant.format(name)
    except Exception:
        log.warning("FORMAT/%s at %s:%d is not readable and is ignored", name, variant.CHROM, variant.POS)
        return None
    if values is None:
        return None
    if values.dtype.kind in "US":  # a field the header does not declare is read as text
        return np.array([_whole(str(text)) for text in values], np.int32)
    first = values[:, 0] if values.ndim == 2 else values
    if first.dtype.kind == "f":
        first = np.where(np.isnan(first), _MISSING_INT, np.floor(first))
    return np.asarray(first, np.int32)


def _whole(text: str) -> int:
    """Return a number without its fraction, or the missing value."""
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return _MISSING_INT


def _allele_depths(variant: Any, formats: Sequence[str]) -> IntArray | None:
    """Return AD per sample and allele, or None where the record has none that can be read."""
    if "AD" not in formats:
        return None
    try:
        values = variant.format("AD")
    except Exception:
        return None
    return values.astype(np.int32) if values is not None and values.dtype.kind == "i" else None
