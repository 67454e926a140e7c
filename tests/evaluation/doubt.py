"""Measure what the rules for doubtful genotypes cost and save: ``python tests/evaluation/doubt.py [--real DIR]``.

Reads are simulated with errors, unbalanced alleles, stutter and reads of a paralogue; a simple caller states genotypes,
and what is made of them is held against the truth. With ``--real`` genotypes are also imputed.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builder import Rec, VcfBuilder

import lupus_pgx
from evaluation.imputation import impute, stated_and_wrong
from evaluation.reads import FORMATS, Called, Fields, IntArray, Noise, call_reads, cells, judge_calls
from evaluation.report import percent, table
from lupus_pgx.calling.frequencies import haplotype_frequencies
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.terms import Build, LocusStatus

SEED = 2026
DEPTHS = (4, 8, 10, 15, 20, 30, 60, 100, 200)
FOREIGN = (0.0, 0.05, 0.10, 0.15, 0.20, 0.30)
GENES = ("CYP2C19", "CYP4F2", "TPMT", "UGT1A1")
NOISY = 0.05
"""Share of the loci of a person of which a paralogue gives reads."""
STUTTER = 0.05
"""Share of the reads of an indel that show the next length."""
LOW_BALANCE = 0.35

TRUTHS: dict[str, tuple[tuple[int, int], Noise]] = {
    "0/0": ((0, 0), Noise()),
    "0/1": ((0, 1), Noise()),
    "0/1 low balance": ((0, 1), Noise(balance=LOW_BALANCE)),
    "1/1": ((1, 1), Noise()),
}


@dataclass(frozen=True)
class LocusScore:
    """What became of genotypes of one kind.

    Attributes
    ----------
    count, stated, wrong : int
        Simulated, stated as ``observed``, and stated but not the truth.
    """

    count: int
    stated: int
    wrong: int

    @property
    def doubtful(self) -> int:
        """Not stated, for whatever reason."""
        return self.count - self.stated


def score_locus(
    truth: str, depth: float, noise: Noise, samples: int, random: np.random.Generator, fields: Fields = "PL"
) -> LocusScore:
    """Simulate one true genotype many times and judge what the caller states of it."""
    pair, own = TRUTHS[truth]
    pairs = np.tile(np.array(pair, np.int64), (samples, 1))
    called = call_reads(pairs, 2, depth, replace(noise, balance=own.balance), random)
    judged = judge_calls(called, fields)
    stated = np.ones(samples, bool) if judged is None else judged.status == LocusStatus.OBSERVED.code
    wrong = stated & (called.genotype != pairs).any(axis=1)
    return LocusScore(samples, int(stated.sum()), int(wrong.sum()))


def locus_table(samples: int, random: np.random.Generator, allele: int) -> str:
    """Write stated and wrong genotypes by depth, noise and truth, in percent."""
    header = ["depth", "noise"]
    header += [f"{truth} {word}" for truth in TRUTHS for word in ("doubtful", "wrong")]
    rows = []
    for depth in DEPTHS:
        for foreign in FOREIGN:
            scores = [score_locus(truth, depth, Noise(foreign, allele), samples, random) for truth in TRUTHS]
            found = [percent(number, samples) for score in scores for number in (score.doubtful, score.wrong)]
            rows.append([f"{depth}x", f"{foreign:.0%}", *found])
    return table(header, rows)


def fields_table(samples: int, random: np.random.Generator) -> str:
    """Write what the choice of fields changes, with 10 % of the reads from elsewhere."""
    rows = []
    for depth in (10, 30, 60):
        for fields in FORMATS:
            scores = [score_locus(truth, depth, Noise(0.10), samples, random, fields) for truth in ("0/0", "0/1")]
            found = [percent(number, samples) for score in scores for number in (score.doubtful, score.wrong)]
            rows.append([f"{depth}x", FORMATS[fields], *found])
    return table(["depth", "FORMAT", "0/0 doubtful", "0/0 wrong", "0/1 doubtful", "0/1 wrong"], rows)


class People:
    """Draws people from the haplotype frequencies of genes, and writes files of them."""

    def __init__(self, knowledge: Knowledge, genes: tuple[str, ...], samples: int, random: np.random.Generator) -> None:
        self.genes = genes
        self.random = random
        self.names = [f"S{number}" for number in range(samples)]
        self.builder = VcfBuilder(samples=self.names, genes=genes, knowledge=knowledge)
        self.codes: dict[str, npt.NDArray[np.int64]] = {}
        for gene in genes:
            star = knowledge.star_genes[gene]
            shares = haplotype_frequencies(star)[0, : len(star.haplotypes.names)]
            drawn = random.choice(len(shares), (samples, 2), p=shares / shares.sum())
            allowed = np.array(star.haplotypes.allowed, np.int64).reshape(len(shares), -1)
            lowest = np.log2(allowed & -allowed).astype(np.int64)  # of several possible bases, the first
            for number, locus in enumerate(star.haplotypes.loci):
                site = locus.sites[Build.GRCH38]
                places = np.array([[site.ref, *site.alts].index(letters) for letters in site.letters])
                self.codes[locus.name] = places[lowest[drawn, number]]

    def truth(self, folder: Path) -> pd.DataFrame:
        """Call the phased truth."""
        for name, codes in self.codes.items():
            self._put(name, "GT", [f"{one}|{other}" for one, other in codes.tolist()])
        return self._called(folder / "truth.vcf")

    def sequenced(self, folder: Path, depth: float, foreign: float, fields: Fields = "PL") -> pd.DataFrame:
        """Call what a caller states of simulated reads; the phase is lost."""
        for name, codes in self.codes.items():
            record = self.builder.records[name][0]
            stutter = STUTTER if any(len(alt) != len(record.ref) for alt in record.alts.split(",")) else 0.0
            clean = self._reads(codes, record, depth, Noise(stutter=stutter))
            noisy = self._reads(codes, record, depth, Noise(foreign, stutter=stutter))
            chosen = (self.random.random(len(codes)) < NOISY)[:, None]
            parts = zip(
                (clean.genotype, clean.reads, clean.phred), (noisy.genotype, noisy.reads, noisy.phred), strict=True
            )
            called = Called(*(np.where(chosen, other, one) for one, other in parts))
            self._put(name, FORMATS[fields], cells(called, fields))
        return self._called(folder / "reads.vcf")

    def _reads(self, codes: IntArray, record: Rec, depth: float, noise: Noise) -> Called:
        return call_reads(np.sort(codes, axis=1), 1 + len(record.alts.split(",")), depth, noise, self.random)

    def _put(self, name: str, fmt: str, calls: list[str]) -> None:
        record = self.builder.records[name][0]
        record.fmt, record.calls = fmt, calls

    def _called(self, path: Path) -> pd.DataFrame:
        self.builder.meta = ['##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Genotype likelihoods">']
        found = lupus_pgx.analyze(self.builder.write(path, kind="vcf"), genes=self.genes)
        return found.diplotypes.to_frame()


def diplotype_table(knowledge: Knowledge, samples: int, random: np.random.Generator) -> str:
    """Write stated diplotypes, and of these the wrong ones, in percent."""
    people = People(knowledge, GENES, samples, random)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        truth = people.truth(Path(folder))
        for depth in (8, 15, 30, 60):
            for foreign in (0.0, 0.10, 0.20, 0.30):
                called = people.sequenced(Path(folder), depth, foreign)
                row = [f"{depth}x", f"{foreign:.0%}"]
                for gene in GENES:
                    known, stated, wrong = stated_and_wrong(truth, called, gene)
                    row += [percent(stated, known, 1), percent(wrong, stated)]
                rows.append(row)
    return table(["depth", "noise", *(f"{gene} {word}" for gene in GENES for word in ("stated", "wrong"))], rows)


@click.command()
@click.option("--samples", default=20000, show_default=True, help="Genotypes of each kind; a fiftieth as many people.")
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), help="1000 Genomes files.")
@click.option("--seed", default=SEED, show_default=True)
def main(samples: int, real: Path | None, seed: int) -> None:
    """Simulate reads, and imputation where the 1000 Genomes files are given; write tables."""
    random = np.random.default_rng(seed)
    knowledge = load_knowledge()
    for allele, name in ((1, "the ALT"), (0, "the reference")):
        click.echo(f"\n## One locus, a paralogue with {name}\n\n{locus_table(samples, random, allele)}")
    click.echo(f"\n## Fields, 10 % of the reads from a paralogue with the ALT\n\n{fields_table(samples, random)}")
    click.echo(f"\n## Diplotypes\n\n{diplotype_table(knowledge, max(samples // 50, 100), np.random.default_rng(seed))}")
    if real is not None:
        click.echo(f"\n## Imputed genotypes\n\n{impute(real, knowledge, np.random.default_rng(seed))}")


if __name__ == "__main__":
    main()
