"""Simulated reads at a locus, and a simple caller that turns them into the fields of a VCF cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lupus_pgx.genotypes.doubt import Quality
from lupus_pgx.genotypes.evidence import Filters, Judge, Judged
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.terms import Build
from lupus_pgx.vcf.records import Genotyped, RawRecord

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Fields = Literal["PL", "GQ", "AD", "GT"]

ERROR = 0.005
"""Share of reads with a random other allele."""
CALLER_ERROR = 0.01
"""Share that the caller assumes."""
HIGHEST = 99
"""Largest GQ that is written."""


@dataclass(frozen=True)
class Noise:
    """What stands between a genotype and its reads.

    Attributes
    ----------
    foreign : float
        Share of the reads that a paralogue gives.
    allele : int
        The allele it has.
    stutter : float
        Share of the reads of each allele that show the next shorter one.
    balance : float
        Share of the reads that the second allele of a heterozygote has.
    """

    foreign: float = 0.0
    allele: int = 1
    stutter: float = 0.0
    balance: float = 0.5


@dataclass(frozen=True)
class Called:
    """What a caller states: genotype (the lower allele first), reads of each allele, and PL of each genotype."""

    genotype: IntArray
    reads: IntArray
    phred: IntArray

    @property
    def quality(self) -> IntArray:
        """GQ: the second best PL."""
        return np.minimum(np.sort(self.phred, axis=1)[:, 1], HIGHEST)


def shares_of(pairs: IntArray, count: int, noise: Noise) -> FloatArray:
    """Return the share of the reads that each allele is expected to have, shape (samples, alleles)."""
    rows = np.arange(len(pairs))
    shares = np.zeros((len(pairs), count))
    np.add.at(shares, (rows, pairs[:, 0]), np.where(pairs[:, 0] == pairs[:, 1], 0.5, 1 - noise.balance))
    np.add.at(shares, (rows, pairs[:, 1]), np.where(pairs[:, 0] == pairs[:, 1], 0.5, noise.balance))
    if noise.stutter:
        moved = shares * noise.stutter
        moved[:, 0] = 0
        shares += np.roll(moved, -1, axis=1) - moved
    shares *= 1 - noise.foreign
    shares[:, noise.allele] += noise.foreign
    return shares * (1 - ERROR) + (1 - shares) * ERROR / max(count - 1, 1)


def call_reads(pairs: IntArray, count: int, depth: float, noise: Noise, random: np.random.Generator) -> Called:
    """Draw reads of true genotypes (pairs of allele numbers) and call them by their likelihoods."""
    shares = shares_of(pairs, count, noise)
    return called_of(random.multinomial(random.poisson(depth, len(pairs)), shares / shares.sum(axis=1, keepdims=True)))


def called_of(reads: IntArray) -> Called:
    """Call reads of each allele, shape (samples, alleles), by their likelihoods."""
    count = reads.shape[1]
    orders = [(first, second) for second in range(count) for first in range(second + 1)]
    of_allele = np.full((count, count), CALLER_ERROR / max(count - 1, 1))
    np.fill_diagonal(of_allele, 1 - CALLER_ERROR)
    powers = np.stack([np.log10((of_allele[one] + of_allele[other]) / 2) for one, other in orders])
    likelihood = reads @ powers.T
    phred = np.rint(-10 * (likelihood - likelihood.max(axis=1, keepdims=True))).astype(np.int64)
    return Called(np.array(orders)[likelihood.argmax(axis=1)], reads, phred)


def judge_calls(called: Called, fields: Fields) -> Judged | None:
    """Judge what a caller states with some of its fields, as the reader of files does."""
    empty = Genotypes(Build.GRCH38, (), (), [], ())
    rows = np.arange(len(called.genotype), dtype=np.uint32)
    words = called.genotype.astype(np.int32)
    has = {"PL": 3, "GQ": 2, "AD": 1, "GT": 0}[fields]
    columns = Genotyped(
        words,
        np.zeros(len(words), bool),
        rows,
        depth=called.reads.sum(axis=1).astype(np.int32) if has > 1 else None,
        quality=called.quality.astype(np.int32) if has > 1 else None,
        allele_depths=called.reads.astype(np.int32) if has else None,
        likelihoods=called.phred.astype(np.float32) if has > 2 else None,
    )
    count = called.reads.shape[1]
    record = RawRecord("chr1", 1, 1, "", "A", ("C", "G", "T")[: count - 1], "", lambda _key: None, None)
    judge = Judge(Filters(frozenset({".", "PASS", ""}), frozenset()), Quality())
    return judge.judge(empty, record, columns, np.arange(count, dtype=np.int16))


def cells(called: Called, fields: Fields) -> list[str]:
    """Write the cells of a record."""
    parts = [[f"{one}/{other}" for one, other in called.genotype.tolist()]]
    if fields != "GT":
        parts.append([",".join(map(str, line)) for line in called.reads.tolist()])
    if fields in ("GQ", "PL"):
        parts.append([str(number) for number in called.reads.sum(axis=1).tolist()])
        parts.append([str(number) for number in called.quality.tolist()])
    if fields == "PL":
        parts.append([",".join(map(str, line)) for line in called.phred.tolist()])
    return [":".join(part) for part in zip(*parts, strict=True)]


FORMATS: dict[Fields, str] = {"PL": "GT:AD:DP:GQ:PL", "GQ": "GT:AD:DP:GQ", "AD": "GT:AD", "GT": "GT"}
"""FORMAT column of each choice of fields."""
