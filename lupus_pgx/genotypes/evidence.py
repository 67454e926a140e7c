"""What the fields of a record say of its genotypes: sure, doubtful, imputed, or not to be used.

A caller states a genotype; beside it stand reads, likelihoods and filters that may say how far it can be believed. The
rules and their bounds were settled by simulation (``docs/decisions/0006-what-counts-as-seen.md``); every bound is a
name here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING, DoubtArray
from lupus_pgx.genotypes.doubt import Doubt, Quality
from lupus_pgx.genotypes.figures import CellFigures
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.records import BoolArray, Genotyped, RawRecord, encode

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import FiltersCells

FloatArray = npt.NDArray[np.float64]

_LEVELS = 2.0
"""Shares are told apart in steps of half a power of ten, so that samples still share patterns; never to the better."""
_STEPS = 200
"""Into so many steps posteriors are cut."""
_FLOOR = -4.0
"""Power of ten below which a share is not told apart from none."""

_QUALITY_KEYS = ("R2", "r2", "DR2", "ER2", "AR2", "Rsq", "RSQ", "rsq", "MACH_R2", "INFO_SCORE", "IMPUTE_INFO")
"""INFO keys of imputation quality, as Minimac, Beagle, MaCH, STITCH and IMPUTE name it."""
_SCORE_KEYS = ("INFO", "info")
"""Imputation quality by names that others use too: they make no record an imputed one."""
_TYPED_KEY = "ER2"
"""Quality by the genotypes that an array has: missing where it has none, which says nothing of the others."""
_NO_NUMBER = -1.0
"""Imputation quality of a record that names it and does not state it: it says nothing, as a low one."""
_CLUSTER_KEY = "IGC"
"""FORMAT key of the GenCall score, from which arrays' files derive GQ."""
_TYPED = ("TYPED", "TYPED_ONLY", "GENOTYPED")
_PANEL = ("RAF", "INFO")
"""INFO keys that GLIMPSE writes together: frequency in its panel, and imputation quality."""
_IMPUTED = ("IMP", "IMPUTED", "Imputed", "imputed")
_DEPTH_KEYS = ("DP", "MIN_DP", "MinDP")
"""INFO keys of reads: of all samples, and the least of any sample on any base of a block."""
_NOTED = 1000
"""Cells of a locus whose figures are noted one by one."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What filter names mean: those that are no failure, and those that say that a record is imputed."""

    passing: frozenset[str]
    imputing: frozenset[str]

    @classmethod
    def of(cls, rows: Sequence[FiltersCells], more: Sequence[str] = ()) -> Filters:
        """Return the filters of the table ``filters``; names of ``more`` are no failure.

        A name that one caller writes for a failure and another for none is a failure.
        """
        classes: dict[str, set[str]] = {}
        for row in rows:
            classes.setdefault(row["filter"], set()).add(row["class"])
        passing = {name for name, found in classes.items() if found <= {"pass", "imputed"}}
        imputing = {name for name, found in classes.items() if "imputed" in found}
        return cls(frozenset({*passing, *more, ".", "PASS", ""}), frozenset(imputing))

    def refused(self, text: str) -> str:
        """Return the names of a FILTER or FT cell that are failures, joined as written."""
        return ";".join(name for name in text.replace(",", ";").split(";") if name not in self.passing)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be made of the genotypes of a record, sample by sample.

    Attributes
    ----------
    status : ndarray of uint8, shape (samples,)
        ``observed`` where nothing speaks against a genotype, else ``filtered``, ``low_quality``, ``contradictory``
        (the posterior of the cell says another genotype), ``doubtful`` or ``imputed``.
    doubt : ndarray of int32, shape (samples,)
        Number of the evidence in ``Genotypes.doubts``; 0 where a genotype is sure or not to be used.
    notes : dict of int to str
        Figures behind it, by sample number.
    """

    status: npt.NDArray[np.uint8]
    doubt: DoubtArray
    notes: Mapping[int, str] = field(default_factory=dict)


class Judge:
    """Judges the genotypes of records by their other fields.

    Parameters
    ----------
    filters : Filters
    quality : Quality
        Thresholds of the user.
    marks_imputed : bool
        The header declares IMP: a record without it is not imputed.
    """

    def __init__(self, filters: Filters, quality: Quality, *, marks_imputed: bool = False) -> None:
        self.filters = filters
        self._quality = quality
        self._marks_imputed = marks_imputed

    def judge(
        self, genotypes: Genotypes, record: RawRecord, columns: Genotyped, codes: npt.NDArray[np.int16]
    ) -> Judged | None:
        """Judge the genotypes of a record at a locus; None where it has no field that bears on them.

        Its FILTER is judged by :meth:`Filters.refused`.

        Parameters
        ----------
        genotypes : Genotypes
            Takes the distinct doubts.
        record : RawRecord
        columns : Genotyped
        codes : ndarray of int16, shape (alleles,)
            Allele code of REF and each ALT of the record at the locus.
        """
        imputed = self._imputed(record, columns)
        unread = not imputed and _without_reads(record, len(columns.index))
        if not imputed and not unread and not _has_fields(columns):
            return None
        cells = CellFigures(columns, codes, array=_CLUSTER_KEY in record.formats())
        status = np.full(len(columns.index), LocusStatus.OBSERVED.code, np.uint8)
        if imputed:
            shares, open_all = cells.imputed_shares(_information(record, (*_QUALITY_KEYS, *_SCORE_KEYS)))
            status[:] = LocusStatus.IMPUTED.code
            # What says nothing is no posterior, which would stand in for what is known of the population.
            doubt = self._numbered(genotypes, cells, shares, open_all, open_all, posterior=False)
            doubt += self._numbered(genotypes, cells, shares, ~open_all, open_all, posterior=True)
        else:
            shares, weak, contested = cells.shares()
            status[weak | contested] = LocusStatus.DOUBTFUL.code
            posterior = columns.likelihoods is None and columns.probabilities is not None
            doubt = self._numbered(genotypes, cells, shares, weak | contested, contested, posterior=posterior)
        refused = cells.below(self._quality, imputed=imputed, unread=unread)
        filtered = self._failed(columns)
        contradicted = cells.contradicted()
        status[contradicted] = LocusStatus.CONTRADICTORY.code
        status[refused] = LocusStatus.LOW_QUALITY.code
        status[filtered] = LocusStatus.FILTERED.code
        doubt[refused | filtered | contradicted] = 0
        return Judged(status, doubt, self._notes(cells, status, record, unread=unread))

    def sure(self, genotypes: Genotypes, record: RawRecord, columns: Genotyped) -> Genotyped:
        """Return the genotypes of a record with those that are not sure taken for missing."""
        judged = self.judge(genotypes, record, columns, np.arange(len(record.alts) + 1, dtype=np.int16))
        if judged is None or (judged.status == LocusStatus.OBSERVED.code).all():
            return columns
        words = columns.words[columns.index].copy()
        words[judged.status != LocusStatus.OBSERVED.code] = MISSING
        polyploid = None if columns.polyploid is None else columns.polyploid[columns.index]
        told = encode(words, columns.phased[columns.index], polyploid)
        return replace(columns, words=told.words, phased=told.phased, index=told.index, polyploid=told.polyploid)

    def _imputed(self, record: RawRecord, columns: Genotyped) -> bool:
        """Say whether a record is imputed: by its flags, else by posteriors without reads."""
        names = record.filters.split(";")
        if any(_flag(record, name) for name in _TYPED) or "GENOTYPED" in names or "GENOTYPED_ONLY" in names:
            return False
        if any(_flag(record, name) for name in _IMPUTED) or self.filters.imputing & set(names):
            return True
        if all(_flag(record, name) for name in _PANEL):
            return True
        if self._marks_imputed:
            return False
        reads = (columns.depth, columns.min_depth, columns.allele_depths, columns.likelihoods)
        posteriors = (columns.probabilities, columns.dosages, columns.haplotype_dosages)
        stated = any(item is not None for item in posteriors)
        return all(item is None for item in reads) and (stated or _information(record) is not None)

    def _failed(self, columns: Genotyped) -> BoolArray:
        """Return which samples' FT names a failure."""
        if columns.filters is None:
            return np.zeros(len(columns.index), bool)
        texts, index = columns.filters
        failed: BoolArray = np.array([bool(self.filters.refused(text)) for text in texts], bool)[index]
        return failed

    @staticmethod
    def _numbered(
        genotypes: Genotypes,
        cells: CellFigures,
        shares: FloatArray,
        chosen: BoolArray,
        contested: BoolArray,
        *,
        posterior: bool,
    ) -> DoubtArray:
        """Return the number of the doubt of each chosen sample, alike ones together."""
        numbers = np.zeros(len(chosen), np.int32)
        samples = np.flatnonzero(chosen)
        if not len(samples):
            return numbers
        with np.errstate(divide="ignore", invalid="ignore"):
            powers = np.log10(shares[samples] / np.nanmax(shares[samples], axis=1, keepdims=True))
        levels = np.nan_to_num(np.ceil(np.maximum(powers, _FLOOR) * _LEVELS - 1e-6), nan=_FLOOR * _LEVELS)
        if posterior:  # GP is used as it stands, to half a hundredth
            levels = _steps(np.nan_to_num(shares[samples]))
        table = np.column_stack([levels, contested[samples], cells.single[samples]]).astype(np.int64)
        distinct, index = np.unique(table, axis=0, return_inverse=True)
        found = [genotypes.doubt_number(_doubt(line, cells, posterior=posterior)) for line in distinct.tolist()]
        numbers[samples] = np.array(found, np.int32)[index.reshape(-1)]
        return numbers

    @staticmethod
    def _notes(cells: CellFigures, status: npt.NDArray[np.uint8], record: RawRecord, *, unread: bool) -> dict[int, str]:
        odd = np.flatnonzero(status != LocusStatus.OBSERVED.code)
        quality = _information(record)
        general = "" if quality is None else f"R2 {quality:g}" if quality >= 0 else "R2 not stated"
        general = "INFO states a depth of 0" if unread else general
        return {sample: cells.figures(sample, general) for sample in odd[:_NOTED].tolist()}


def _steps(shares: FloatArray) -> FloatArray:
    """Return posteriors in steps; what is rounded goes to the genotypes that are not the best."""
    steps: FloatArray = np.ceil(shares * _STEPS - 1e-3)
    best = shares.argmax(axis=1)
    rows = np.arange(len(steps))
    steps[rows, best] = 0
    steps[rows, best] = np.maximum(_STEPS - steps.sum(axis=1), 0)
    return steps


def _doubt(line: Sequence[int], cells: CellFigures, *, posterior: bool) -> Doubt:
    """Return the doubt of one line of levels, contested or not, one copy or two."""
    *levels, contested, single = line
    values = [float(level) if posterior else 10.0 ** (level / _LEVELS) for level in levels]
    total: dict[tuple[int, int], float] = {}
    for (first, second), value in zip(cells.pairs, values, strict=True):
        pair = (first, ABSENT_COPY) if single else (first, second)
        if single and first != second:
            continue
        total[pair] = total.get(pair, 0.0) + value
    whole = sum(total.values()) or 1.0
    return Doubt(
        tuple((first, second, value / whole) for (first, second), value in sorted(total.items())),
        posterior=posterior,
        contested=bool(contested),
    )


def _flag(record: RawRecord, name: str) -> bool:
    return record.info(name) is not None


def _without_reads(record: RawRecord, samples: int) -> bool:
    """Whether INFO says that no read lies on the base; in a file of one sample also, on some base of its block."""
    return any(record.info(key) in ("0", "0.0") for key in (_DEPTH_KEYS if samples == 1 else _DEPTH_KEYS[:1]))


def _information(record: RawRecord, keys: Sequence[str] = _QUALITY_KEYS) -> float | None:
    """Return the imputation quality that a record states; the lowest of several, below 0 where one is no number."""
    found = []
    for key in keys:
        stated = record.info(key)
        if stated is None or (key == _TYPED_KEY and stated in ("", ".")) or (key in _SCORE_KEYS and not stated):
            continue
        found += [_finite(part) for part in stated.split(",")]
    return min(found) if found else None


def _finite(text: str) -> float:
    """Return the number that a text is, or what stands for none."""
    try:
        value = float(text)
    except ValueError:
        return _NO_NUMBER
    return value if math.isfinite(value) else _NO_NUMBER


def _has_fields(columns: Genotyped) -> bool:
    """Say whether anything beside the genotype was stated."""
    stated = (
        columns.depth, columns.quality, columns.allele_depths, columns.min_depth, columns.reference_quality,
        columns.site_quality, columns.filters, columns.likelihoods, columns.probabilities, columns.dosages,
        columns.haplotype_dosages, columns.disagreeing, columns.odd_depths, columns.odd_likelihoods,
        columns.unreadable,
    )  # fmt: skip
    return any(item is not None for item in stated)
