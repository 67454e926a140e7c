"""Write the real file again with fields of a caller: ``python tests/benchmarks/fields.py REAL.vcf.gz DIR``.

Of the lines of the panel loci, clustered as the package reads them, every genotype is kept and gets reads, depth and
likelihoods as a caller writes them at 30x (``GT:AD:DP:GQ:PL``); as text and as BCF, both indexed. The same seed gives
the same text.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pysam
import pysam.bcftools

from lupus_pgx.genotypes.positions import sorted_sites
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.terms import Build
from lupus_pgx.vcf.regions import REGION_GAP, Region, cluster

SEED = 20261128
DEPTH = 30
BANK = 64
"""Cells of a genotype among which a sample's is drawn."""
_NAMES = ("with-fields.vcf.gz", "with-fields.bcf")
_DECLARED = """\
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
"""


def write_fields(source: Path, folder: Path, *, seed: int = SEED) -> tuple[Path, Path]:
    """Write a file of genotypes with figures; return it as text and as BCF.

    Parameters
    ----------
    source : Path
        An indexed file of GRCh38 whose FORMAT is GT.
    folder : Path
        Made if it does not exist; what is there already is taken.
    seed : int
    """
    folder.mkdir(parents=True, exist_ok=True)
    text, binary = (folder / name for name in _NAMES)
    if Path(f"{text}.tbi").exists() and Path(f"{binary}.csi").exists():
        return text, binary
    rng = np.random.default_rng(seed)
    banks = _banks(rng)
    knowledge = load_knowledge()
    sites = [site for _, site in sorted_sites(knowledge, Build.GRCH38, knowledge.select_genes(None))]
    regions = cluster([Region(site.chrom, site.pos, site.end) for site in sites], gap=REGION_GAP)
    with pysam.TabixFile(str(source), encoding="latin-1") as lines, pysam.BGZFile(str(text), "wb") as out:
        *meta, names = _header(source)
        out.write("".join([*meta, _DECLARED, names]).encode())
        present = [region for region in regions if region.chrom in lines.contigs]
        for region in sorted(present, key=lambda region: (lines.contigs.index(region.chrom), region.start)):
            for line in lines.fetch(region.chrom, region.start - 1, region.end):
                *head, _, cells = line.split("\t", 9)
                alleles = 2 + head[4].count(",")
                chosen = rng.integers(0, BANK, cells.count("\t") + 1).tolist()
                filled = [banks(cell, alleles)[number] for cell, number in zip(cells.split("\t"), chosen, strict=True)]
                out.write("\t".join([*head, "GT:AD:DP:GQ:PL", *filled, ""])[:-1].encode() + b"\n")
    pysam.tabix_index(str(text), preset="vcf", force=True)
    pysam.bcftools.view("-Ob", "-o", str(binary), str(text), catch_stdout=False)
    pysam.bcftools.index("-f", str(binary), catch_stdout=False)
    return text, binary


def _header(source: Path) -> list[str]:
    found = []
    with gzip.open(source, "rt", encoding="latin-1") as lines:
        for line in lines:
            found.append(line)
            if line.startswith("#CHROM"):
                return found
    raise ValueError(f"{source}: no #CHROM line")


def _banks(rng: np.random.Generator) -> Callable[[str, int], list[str]]:
    @cache
    def bank(cell: str, alleles: int) -> list[str]:
        called = [int(number) for number in cell.replace("|", "/").split("/") if number != "."]
        return [_cell(rng, cell, called, alleles) for _ in range(BANK)]

    return bank


def _cell(rng: np.random.Generator, cell: str, called: Sequence[int], alleles: int) -> str:
    """Return a genotype with figures that agree with it."""
    depth = max(int(rng.poisson(DEPTH)), 8)
    reads = [0] * alleles
    if not called:
        return f"{cell}:{','.join(map(str, reads))}:0:.:."
    first = int(rng.binomial(depth, 0.5)) if len(set(called)) > 1 else depth
    reads[called[0]] += first
    reads[called[-1]] += depth - first
    pairs = [(low, high) for high in range(alleles) for low in range(high + 1)]
    own = (min(called), max(called))
    likely = [0 if pair == own else int(depth * 3 * (1 + 14 * (not set(pair) & set(own)))) for pair in pairs]
    likely = likely if len(called) > 1 else [likely[pairs.index((one, one))] for one in range(alleles)]
    return f"{cell}:{','.join(map(str, reads))}:{depth}:{min(99, depth * 3)}:{','.join(map(str, likely))}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in write_fields(Path(sys.argv[1]), Path(sys.argv[2])))
