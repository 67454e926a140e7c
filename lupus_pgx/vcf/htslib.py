"""The general parser (cyvcf2): BCF files, and text records with more than GT in their genotype columns."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import cyvcf2
import numpy as np
from cyvcf2.cyvcf2 import set_htslib_log_level

from lupus_pgx.vcf.records import (
    MISSING_INT,
    BoolArray,
    Genotyped,
    IntArray,
    RawRecord,
    Spans,
    encode,
    older_spelling,
    overlaps,
    upper_alts,
)

if TYPE_CHECKING:
    from lupus_pgx.vcf.cut import BcfIndex
    from lupus_pgx.vcf.file import Region

log = logging.getLogger(__name__)

# htslib prints warnings of its own; what matters is raised as an error here.
set_htslib_log_level(0)


_FORMAT_LINE = re.compile(r"^##FORMAT=<ID=([^,>]+),.*?Type=(\w+)", re.MULTILINE)
_KINDS: dict[str, type] = {"Integer": int, "Float": float}

Kinds = Mapping[str, type]
"""Python type of each FORMAT field that the header declares."""


def kinds_of(header: str) -> Kinds:
    """Return the types of the FORMAT fields; what is not declared is text."""
    return {name: _KINDS.get(kind, str) for name, kind in _FORMAT_LINE.findall(header)}


class GeneralFile:
    """A BCF file (or any VCF that htslib reads).

    Parameters
    ----------
    path : str
        Of a name without an index beside it, which htslib would read.
    index : BcfIndex, optional
    """

    def __init__(self, path: str, index: BcfIndex | None = None) -> None:
        self._path = path
        self._index = index
        self._file = cyvcf2.VCF(path, strict_gt=True)
        self.header: str = self._file.raw_header
        self.samples: tuple[str, ...] = tuple(self._file.samples)
        self._kinds = kinds_of(self.header)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def index_contigs(self) -> set[str]:
        """Return the contigs that have records, by the index."""
        return self._index.contigs() if self._index else set()

    def genotypes(self, record: RawRecord) -> Genotyped | None:
        """Parse the genotype columns of a record; None where it has none."""
        return parse_variant(record.payload, len(self.samples), self._kinds) if record.payload.FORMAT else None

    def by_index(self, regions: Sequence[Region], spans: Spans) -> Iterator[RawRecord]:
        """Yield the records that overlap sorted regions and spans within them, through the index."""
        assert self._index is not None
        with self._index.cut(regions) as path:
            yield from (record for record in _all_of(path) if overlaps(record, spans))

    def scan(self) -> Iterator[RawRecord]:
        """Yield all records."""
        return _all_of(self._path)


def _all_of(path: str) -> Iterator[RawRecord]:
    """Yield the records of a file, one after the other."""
    reader = cyvcf2.VCF(path, strict_gt=True)
    try:
        yield from map(_raw, reader)
    finally:
        reader.close()


class LineParser:
    """Parse single records of a text file.

    Parameters
    ----------
    header : str
        Header of the file.
    prefixes : bool
        Whether a genotype may start with ``/`` or ``|`` (VCF 4.4), which the parser does not know.
    """

    def __init__(self, header: str, *, prefixes: bool) -> None:
        if prefixes:
            version, _, rest = header.partition("\n")
            header = f"##fileformat=VCFv4.3\n{rest}" if version else header
        self._parser = cyvcf2.Writer.from_string("/dev/null", header)
        self._prefixes = prefixes
        self._kinds = kinds_of(header)

    def parse(self, line: str, samples: int) -> Genotyped:
        """Parse the genotype columns of a record."""
        if self._prefixes:
            cells = line.split("\t")
            if cells[8].split(":")[0] == "GT":
                for number, cell in enumerate(cells[9:], start=9):
                    genotype, colon, rest = cell.partition(":")
                    cells[number] = f"{older_spelling(genotype)}{colon}{rest}"
                line = "\t".join(cells)
        return parse_variant(self._parser.variant_from_string(line), samples, self._kinds)


def _raw(variant: Any) -> RawRecord:
    ref = variant.REF.upper()

    def info(key: str) -> str | None:
        value = variant.INFO.get(key)
        return None if value is None else str(value)

    return RawRecord(
        chrom=variant.CHROM,
        pos=variant.POS,
        end=max(variant.end, variant.POS + len(ref) - 1),
        identifier=variant.ID or "",
        ref=ref,
        alts=upper_alts(variant.ALT),
        filters="" if variant.FILTER is None else ";".join(variant.FILTERS),
        info=info,
        payload=variant,
    )


def parse_variant(variant: Any, samples: int, kinds: Kinds) -> Genotyped:
    """Parse the genotype columns of a cyvcf2 record."""
    formats = variant.FORMAT or ()
    genotypes, phased = _genotypes(variant, formats, samples)
    phase_sets = _phase_sets(variant, formats, kinds)
    if "PGT" in formats and "PID" in formats:
        phase_sets = _local_phase(variant, genotypes, phased, phase_sets)
    return Genotyped(
        *encode(genotypes, phased),
        phase_sets=phase_sets,
        depth=_integers(variant, "DP", formats, kinds),
        quality=_integers(variant, "GQ", formats, kinds),
        allele_depths=_allele_depths(variant, formats, kinds),
    )


def _genotypes(variant: Any, formats: Sequence[str], samples: int) -> tuple[IntArray, BoolArray]:
    """Return allele numbers (samples, copies) and phase flags; a record without GT is all missing."""
    table = variant.genotype.array() if "GT" in formats else None
    if table is None:
        return np.full((samples, 2), -1, np.int32), np.zeros(samples, bool)
    return table[:, :-1].astype(np.int32), table[:, -1].astype(bool)


def _phase_sets(variant: Any, formats: Sequence[str], kinds: Kinds) -> IntArray | None:
    """Return PS as numbers; a PS that is not a number (older callers) gets a number made from its text."""
    if "PS" not in formats:
        return None
    values = variant.format("PS", kinds.get("PS", str))
    if values is None:
        return None
    if values.dtype.kind in "US":
        return np.array([_set_number(str(text)) for text in values], np.int32)
    return np.asarray(values[:, 0] if values.ndim == 2 else values, np.int32)


def _set_number(text: str) -> int:
    if text in ("", "."):
        return MISSING_INT
    number = int(text) if text.isdigit() else zlib.crc32(text.encode())
    return number & 0x7FFFFFFF


def _local_phase(variant: Any, genotypes: IntArray, phased: BoolArray, sets: IntArray | None) -> IntArray:
    """Take GATK's local phase (PGT with PID) where the genotype itself is unphased."""
    result = np.full(len(genotypes), MISSING_INT, np.int32) if sets is None else sets.copy()
    orders, names = variant.format("PGT", str), variant.format("PID", str)
    if orders is None or names is None:
        return result
    for sample in np.flatnonzero(~phased & (genotypes[:, 0] != genotypes[:, 1])).tolist():
        alleles = str(orders[sample]).split("|")
        if len(alleles) == 2 and sorted(alleles) == sorted(str(code) for code in genotypes[sample].tolist()):
            genotypes[sample] = [int(code) for code in alleles]
            phased[sample] = True
            result[sample] = _set_number(str(names[sample]))
    return result


def _integers(variant: Any, name: str, formats: Sequence[str], kinds: Kinds) -> IntArray | None:
    """Return one integer per sample of a FORMAT field, negative where missing."""
    if name not in formats:
        return None
    try:
        values = variant.format(name, kinds.get(name, str))
    except Exception:
        log.warning("FORMAT/%s at %s:%d is not readable and is ignored", name, variant.CHROM, variant.POS)
        return None
    if values is None:
        return None
    if values.dtype.kind in "US":  # a field the header does not declare is read as text
        return np.array([_whole(str(text)) for text in values], np.int32)
    first = values[:, 0] if values.ndim == 2 else values
    if first.dtype.kind == "f":
        first = np.where(np.isnan(first), MISSING_INT, np.floor(first))
    return np.asarray(first, np.int32)


def _whole(text: str) -> int:
    """Return a number without its fraction, or the missing value."""
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return MISSING_INT


def _allele_depths(variant: Any, formats: Sequence[str], kinds: Kinds) -> IntArray | None:
    """Return AD per sample and allele, or None where the record has none that can be read."""
    if "AD" not in formats:
        return None
    try:
        values = variant.format("AD", kinds.get("AD", str))
    except Exception:
        return None
    return values.astype(np.int32) if values is not None and values.dtype.kind == "i" else None
