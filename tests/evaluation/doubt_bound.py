"""How few heterozygotes any rule on reads can doubt: ``python tests/evaluation/doubt_bound.py``.

A rule looks at the reads of two alleles and states a heterozygote or doubts it. Summed over all depths (Poisson) and
reads, it states a share of the heterozygotes, and of the homozygotes with foreign reads, which is wrong. Whatever the
rule, with weights of zero or more for the wrong ones::

    stated <= sum over reads of max(0, chance in a heterozygote - weighted chance in such homozygotes)
              + weighted sum of the wrong ones that are allowed

so any weights prove a bound (weak duality of a linear program); those below were found by solving it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.reads import Called, FloatArray, IntArray, Noise, called_of, judge_calls, shares_of
from evaluation.report import table
from lupus_pgx.terms import LocusStatus

Cell = tuple[int, float]
"""Depth, and share of foreign reads."""

AIM = 0.001
"""Share of the homozygotes that may be wrong where the aim holds."""
AIMS: Mapping[Cell, float] = {(30, 0.10): 14.08, (60, 0.15): 0.0017}
"""Weights with which the aims bound what is doubtful at 30x."""
NO_WORSE: Mapping[Cell, float] = {(20, 0.30): 0.0165, (30, 0.15): 1.274, (30, 0.30): 0.0803}
"""Weights with which the wrong ones of today bound it."""
HETEROZYGOUS, HOMOZYGOUS = (0, 1), (0, 0)


@dataclass(frozen=True)
class Counts:
    """All reads of two alleles up to a depth, and what is stated of them.

    Attributes
    ----------
    most : int
        Largest number of reads.
    """

    most: int

    @cached_property
    def reads(self) -> IntArray:
        """Reads of the genome's base and of the ALT, shape (pairs, 2)."""
        pairs = [(total - alt, alt) for total in range(1, self.most + 1) for alt in range(total + 1)]
        return np.array(pairs, np.int64)

    @cached_property
    def called(self) -> Called:
        """What the caller states of them."""
        return called_of(self.reads)

    @cached_property
    def heterozygous(self) -> npt.NDArray[np.bool_]:
        """Where the caller states a heterozygote."""
        found: npt.NDArray[np.bool_] = self.called.genotype[:, 0] != self.called.genotype[:, 1]
        return found

    @cached_property
    def stated(self) -> npt.NDArray[np.bool_]:
        """Where the genotype is believed."""
        judged = judge_calls(self.called, "PL")
        assert judged is not None
        found: npt.NDArray[np.bool_] = judged.status == LocusStatus.OBSERVED.code
        return found

    def chances(self, truth: tuple[int, int], depth: float, foreign: float) -> FloatArray:
        """Return how often a true genotype gives each of the reads."""
        share = float(shares_of(np.array([truth]), 2, Noise(foreign))[0, 1])
        logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, self.most + 1)))))
        of_ref, of_alt = self.reads[:, 0], self.reads[:, 1]
        power = (of_ref + of_alt) * math.log(depth) - depth - logs[of_ref] - logs[of_alt]
        chance: FloatArray = np.exp(power + of_ref * math.log(1 - share) + of_alt * math.log(share))
        return chance

    def wrong(self, depth: float, foreign: float) -> float:
        """Return the share of homozygotes that are stated to be heterozygous."""
        return float(self.chances(HOMOZYGOUS, depth, foreign)[self.stated & self.heterozygous].sum())

    def doubtful(self, depth: float, foreign: float = 0.0) -> float:
        """Return the share of heterozygotes that are not stated."""
        return 1 - float(self.chances(HETEROZYGOUS, depth, foreign)[self.stated].sum())

    def least_doubtful(self, depth: float, weights: Mapping[Cell, float], allowed: Mapping[Cell, float]) -> float:
        """Return the share of clean heterozygotes that every rule doubts at least.

        Parameters
        ----------
        depth : float
        weights : mapping of Cell to float
            Any numbers of zero or more give a true bound.
        allowed : mapping of Cell to float
            Share of the homozygotes that may be wrong in each of these cells.
        """
        own = self.chances(HETEROZYGOUS, depth, 0.0)
        weighed = sum(
            (weight * self.chances(HOMOZYGOUS, *cell) for cell, weight in weights.items()), np.zeros(len(own))
        )
        # Only reads with less of the ALT are open: those with more of it are judged as today, for the other paralogue.
        free = self.heterozygous & (self.reads[:, 1] <= self.reads[:, 0])
        stated = np.maximum(own - weighed, 0)[free].sum() + own[self.stated & ~free].sum()
        # What today states of the other side is wrong as well, and allowed.
        other = self.stated & self.heterozygous & ~free
        left = sum(
            weight * (allowed[cell] - float(self.chances(HOMOZYGOUS, *cell)[other].sum()))
            for cell, weight in weights.items()
        )
        return 1 - float(stated + left)


@click.command()
def main() -> None:
    """Write what is doubtful at 30x without noise, and the least that any rule could doubt."""
    counts = Counts(120)
    today = {cell: counts.wrong(*cell) for cell in {**AIMS, **NO_WORSE}}
    rows = [
        ["now", counts.doubtful(30)],
        ["at least, the aims met", counts.least_doubtful(30, AIMS, dict.fromkeys(AIMS, AIM))],
        ["at least, and no more wrong anywhere", counts.least_doubtful(30, NO_WORSE, today)],
    ]
    click.echo(table(["heterozygotes doubtful at 30x", "%"], [[name, f"{100 * share:.2f}"] for name, share in rows]))


if __name__ == "__main__":
    main()
