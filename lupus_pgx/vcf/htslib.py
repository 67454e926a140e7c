"""BCF files, read by cyvcf2."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import cyvcf2
import numpy as np
import numpy.typing as npt
from cyvcf2.cyvcf2 import set_htslib_log_level

from lupus_pgx.encoded import Index, narrow
from lupus_pgx.vcf.cells import TextCells
from lupus_pgx.vcf.fields import genotyped
from lupus_pgx.vcf.records import (
    FloatArray,
    Genotyped,
    IntArray,
    RawRecord,
    Spans,
    Words,
    encode,
    overlaps,
    upper_alts,
)

# htslib prints warnings of its own; what matters is raised as an error here.
set_htslib_log_level(0)


_FORMAT_LINE = re.compile(r"^##FORMAT=<ID=([^,>]+),.*?Type=(\w+)", re.MULTILINE)
_KINDS: dict[str, type] = {"Integer": int, "Float": float}

_INT_END = -(1 << 31) + 1  # ends a list that is shorter than others; the number below it is a missing value
_FLOAT_END = 0x7F800002

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
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = cyvcf2.VCF(path, strict_gt=True)
        self.header: str = self._file.raw_header
        self.samples: tuple[str, ...] = tuple(self._file.samples)
        self._kinds = kinds_of(self.header)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def index_contigs(self) -> set[str]:
        """Return the contigs that header and index name."""
        return set(self._file.seqnames)

    def genotypes(self, record: RawRecord, wanted: Set[str]) -> Genotyped:
        """Read what is asked for from the genotype columns of a record."""
        samples = len(self.samples)
        return genotyped(VariantCells(record.payload, samples, self._kinds), samples, len(record.alts), wanted)

    def query(self, chrom: str, start: int, end: int, spans: Spans) -> Iterator[RawRecord]:
        """Yield the records that overlap a region and spans within it, through the index."""
        for record in self._query(chrom, start, end):
            if overlaps(record, spans):
                yield record

    def _query(self, chrom: str, start: int, end: int) -> Iterator[RawRecord]:
        with warnings.catch_warnings():
            # cyvcf2 warns where a contig has no record: that is no news here.
            warnings.simplefilter("ignore")
            found = iter(self._file(f"{chrom}:{start}-{end}"))
            first = next(found, None)
        if first is not None:
            yield _raw(first)
            yield from map(_raw, found)

    def scan(self) -> Iterator[RawRecord]:
        """Yield all records."""
        reader = cyvcf2.VCF(self._path, strict_gt=True)
        try:
            yield from map(_raw, reader)
        finally:
            reader.close()


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
        formats=lambda: tuple(variant.FORMAT or ()),
    )


class VariantCells:
    """Genotype columns of one cyvcf2 record, as :class:`lupus_pgx.vcf.cells.TextCells` gives those of text.

    Parameters
    ----------
    variant : cyvcf2.Variant
    samples : int
    kinds : mapping of str to type
        As :func:`kinds_of` returns them.
    """

    def __init__(self, variant: Any, samples: int, kinds: Kinds) -> None:
        self._variant = variant
        self._samples = samples
        self._kinds = kinds
        self._keys = frozenset(variant.FORMAT or ())

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def genotypes(self, key: str) -> Words:
        """Return the distinct genotypes of a field such as GT."""
        if key != "GT":
            return self._as_text(key).genotypes(key)
        table = self._variant.genotype.array()
        if table is None or table.ndim != 2 or len(table) != self._samples:
            raise ValueError("GT is not a genotype for each sample")
        return encode(table[:, :-1].astype(np.int32), table[:, -1].astype(bool))

    def integers(self, key: str) -> IntArray:
        """Return one whole number for each sample, rounded down; -1 where it is missing or negative."""
        values = self._values(key)
        if values.dtype.kind in "US":
            return self._as_text(key).integers(key)
        first = values[:, 0] if values.ndim == 2 else values
        known = (first >= 0) & (first < 1 << 31)
        return np.where(known, np.floor(np.where(known, first, 0)), -1).astype(np.int32)

    def integer_lists(self, key: str, allowed: Sequence[int]) -> IntArray:
        """Return lists of whole numbers; a list of a length that is not allowed is missing."""
        values = self._values(key)
        if values.dtype.kind in "US":
            return self._as_text(key).integer_lists(key, allowed)
        table = _fitted(values, allowed)
        known = (table >= 0) & (table < 1 << 31)
        return np.where(known, np.floor(np.where(known, table, 0)), -1).astype(np.int32)

    def real_lists(self, key: str, allowed: Sequence[int]) -> FloatArray:
        """Return lists of numbers; a list of a length that is not allowed is missing."""
        values = self._values(key)
        if values.dtype.kind in "US":
            return self._as_text(key).real_lists(key, allowed)
        table = _fitted(values, allowed).astype(np.float32)
        return np.where(np.isfinite(table), table, np.float32(np.nan))

    def texts(self, key: str) -> tuple[list[str], Index]:
        """Return the distinct texts of a field, and which sample has which."""
        values = self._values(key)
        if values.dtype.kind not in "US":
            distinct, index = np.unique(self.integers(key), return_inverse=True)
            return ["." if number < 0 else str(number) for number in distinct.tolist()], narrow(index, len(distinct))
        distinct, index = np.unique(values.reshape(-1), return_inverse=True)
        return [text or "." for text in distinct.tolist()], narrow(index, len(distinct))

    def _values(self, key: str) -> npt.NDArray[Any]:
        """Return what the file holds, one row for each sample."""
        try:
            values = self._variant.format(key, self._kinds.get(key, str))
        except Exception as error:
            raise ValueError(f"FORMAT/{key} is not of the type that the header declares") from error
        if values is None or len(values) != self._samples:
            raise ValueError(f"FORMAT/{key} has no value for each sample")
        return np.asarray(values)

    def _as_text(self, key: str) -> TextCells:
        """Return a field that is declared as text, to be read as in a text file."""
        cells = "\t".join(map(str, self._values(key).reshape(-1).tolist()))
        return TextCells(cells.encode("utf-8"), [key], self._samples, prefixes=False)


def _fitted(values: npt.NDArray[Any], allowed: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return lists as numbers, NaN where missing; a list of a length that is not allowed is missing as a whole."""
    values = values if values.ndim == 2 else values[:, None]
    if values.dtype.kind == "f":
        ended = values.astype(np.float32).view(np.uint32) == _FLOAT_END
        numbers = values.astype(np.float64)
    else:
        ended = values == _INT_END
        numbers = np.where(values <= _INT_END, np.nan, values)
    counts = (~ended).sum(axis=1)
    table = np.full((len(values), max(allowed)), np.nan)
    shared = min(values.shape[1], table.shape[1])
    table[:, :shared] = np.where(ended, np.nan, numbers)[:, :shared]
    table[~np.isin(counts, list(allowed))] = np.nan
    return table
