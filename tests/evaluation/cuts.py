"""The real files cut to less than a genome, and kinds of files that never looked at a gene."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import Build

ANCESTRIES = ("AFR", "AMR", "EAS", "EUR", "SAS")
EXON = 150
"""Bases around a coding locus that a capture reaches: no annotation of exons is at hand."""

PLAIN = (b"0|0", b"0", b"0/0", b"./.", b".|.", b".")
"""Cells that state no difference from the genome."""

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Person:
    """A sample of the 1000 Genomes Project."""

    sample: str
    ancestry: str
    sex: str


def people_of(real: Path) -> list[Person]:
    """Return the people of the table of samples."""
    with (real / "1kgp-samples.tsv").open(encoding="utf-8") as lines:
        return [Person(row["sample"], row["super_pop"], row["gender"]) for row in csv.DictReader(lines, delimiter="\t")]


class Real:
    """The lines of a real file, and who differs from the genome in each."""

    def __init__(self, real: Path, build: Build, knowledge: Knowledge) -> None:
        self.build, self.knowledge = build, knowledge
        self.head: list[str] = []
        fixed: list[list[str]] = []
        cells: list[npt.NDArray[np.str_]] = []
        with gzip.open(real / f"1kgp-{build}.vcf.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("#"):
                    self.head.append(line.rstrip("\n"))
                    continue
                *first, rest = line.rstrip("\n").split("\t", 9)
                fixed.append(first)
                cells.append(np.array(rest.split("\t"), "S5"))
        columns = self.head.pop().split("\t")
        self.fixed, self.calls = fixed, np.stack(cells)
        self.numbers = {sample: number for number, sample in enumerate(columns[9:])}
        self.columns = columns[:9]
        self.chroms = np.array([cell[0] if cell[0].startswith("chr") else f"chr{cell[0]}" for cell in fixed])
        self.pos = np.array([int(cell[1]) for cell in fixed], np.int64)
        self.people = [person for person in people_of(real) if person.sample in self.numbers]

    def carriers(self) -> npt.NDArray[np.float64]:
        """Return the share of people who differ from the genome in each record."""
        return 1 - np.isin(self.calls, PLAIN).mean(axis=1)

    def of(self, ancestry: str) -> list[Person]:
        """Return the people of an ancestry."""
        return [person for person in self.people if person.ancestry == ancestry]

    def write(self, path: Path, people: Sequence[Person], mask: Mask | None = None, *, sites: str = "variants") -> Path:
        """Write the records that somebody carries (``sites="all"``: all) and that a mask keeps."""
        chosen = self.calls[:, [self.numbers[person.sample] for person in people]]
        kept = np.ones(len(self.pos), bool) if mask is None else mask.copy()
        if sites == "variants":
            kept &= ~np.isin(chosen, PLAIN).all(axis=1)
        with path.open("w", encoding="utf-8") as out:
            out.write("\n".join(self.head) + "\n")
            out.write("\t".join([*self.columns, *(person.sample for person in people)]) + "\n")
            for row in np.flatnonzero(kept).tolist():
                out.write("\t".join([*self.fixed[row], *(call.decode() for call in chosen[row])]) + "\n")
        return path

    def near(self, places: Sequence[tuple[str, int]], reach: int) -> Mask:
        """Return the records that lie near some places."""
        mask = np.zeros(len(self.pos), bool)
        for chrom in {chrom for chrom, _ in places}:
            rows = np.flatnonzero(self.chroms == chrom)
            own = np.sort(np.array([pos for home, pos in places if home == chrom], np.int64))
            after = np.searchsorted(own, self.pos[rows] - reach)
            mask[rows] = own[np.minimum(after, len(own) - 1)] - self.pos[rows] <= reach
            mask[rows] &= after < len(own)
        return mask

    def loci(self, *, coding: bool = False, gene: str | None = None) -> list[tuple[str, int]]:
        """Return where loci are; with ``coding`` those that change a protein."""
        found = []
        changed = {(row["gene"], row["locus"]) for row in self.knowledge.rows("locus_alleles") if row["protein_change"]}
        for home, loci in self.knowledge.loci_by_gene.items():
            for locus in loci:
                if gene in (None, home) and (not coding or (home, locus.name) in changed):
                    site = locus.sites[self.build]
                    found.append((site.chrom, site.pos))
        return found

    def thinned(self, step: int, seed: int = 2026) -> Mask:
        """Return common sites at a mean distance, as on an array; the file reaches over 1.5 million bases."""
        random = np.random.default_rng(seed)
        common = self.carriers() > 0.02
        return common & (random.random(len(self.pos)) < 1_500_000 / step / max(int(common.sum()), 1))


Cut = Callable[[Real], Mask | None]


def _chrom(name: str, *, keep: bool) -> Cut:
    return lambda real: (real.chroms == name) == keep


CUTS: dict[str, Cut] = {
    "whole": lambda _: None,
    "exome": lambda real: real.near(real.loci(coding=True), EXON),
    "one gene (TPMT)": lambda real: real.near(real.loci(gene="TPMT"), 5_000),
    "one chromosome (chr10)": _chrom("chr10", keep=True),
    "without chr10": _chrom("chr10", keep=False),
    "panel loci only": lambda real: real.near(real.loci(), 0),
    "header only": lambda real: np.zeros(len(real.pos), bool),
}


def structural(real: Real, path: Path, people: Sequence[Person]) -> Path:
    """Write a file of deletions and duplications only, one in 20,000 bases of what the real file reaches."""
    random = np.random.default_rng(2026)
    with path.open("w", encoding="utf-8") as out:
        out.write("\n".join([*real.head, '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Kind">',
                             '##INFO=<ID=END,Number=1,Type=Integer,Description="End">']) + "\n")  # fmt: skip
        out.write("\t".join([*real.columns, *(person.sample for person in people)]) + "\n")
        last: tuple[str, int] = ("", 0)
        for chrom, pos, cells in zip(real.chroms.tolist(), real.pos.tolist(), real.fixed, strict=True):
            if chrom == last[0] and pos < last[1] + 20_000:
                continue
            last = chrom, pos
            kind = "DEL" if random.random() < 0.7 else "DUP"
            calls = np.where(random.random(len(people)) < 0.3, "0/1", "0/0")
            calls[0] = "0/1"
            info = f"SVTYPE={kind};END={pos + 300}"
            out.write("\t".join([cells[0], str(pos), ".", cells[3][0], f"<{kind}>", ".", "PASS", info, "GT", *calls]))
            out.write("\n")
    return path


def bed(real: Real, path: Path, *, whole: bool = False) -> Path:
    """Write a BED of the loci, or of all chromosomes."""
    places = real.loci()
    spans = [(chrom, 0, 300_000_000) for chrom in sorted({chrom for chrom, _ in places})]
    if not whole:
        spans = [(chrom, pos - 1, pos + 60) for chrom, pos in places]
    path.write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in spans), encoding="utf-8")
    return path
