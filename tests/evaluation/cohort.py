"""The samples that both 1000 Genomes files share, and the two ways of taking knowledge away from them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.assumptions import settle_absent
from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.genotypes.reader import read_genotypes
from lupus_pgx.genotypes.sex_chromosomes import settle_copies
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import AbsentPolicy, Ancestry, LocusStatus, Sex
from lupus_pgx.vcf.file import VcfFile

BoolArray = npt.NDArray[np.bool_]

NOT_COVERED = frozenset({"CYP2D6"})
"""Star genes of which the files hold nothing."""


@dataclass(frozen=True)
class Cohort:
    """Phased genotypes of unrelated samples, with the population of each.

    Attributes
    ----------
    genotypes : Genotypes
        All loci of the star genes, phased.
    ancestry : dict of str to Ancestry
    genes : tuple of str
    """

    genotypes: Genotypes
    ancestry: dict[str, Ancestry]
    genes: tuple[str, ...]

    @property
    def populations(self) -> npt.NDArray[np.str_]:
        """Super-population of each sample."""
        return np.array([self.ancestry[sample].value for sample in self.genotypes.sample_ids])

    def half(self, seed: int) -> tuple[Cohort, Cohort]:
        """Split at random into a half to learn from and a half to test with."""
        count = len(self.genotypes.sample_ids)
        order = np.random.default_rng(seed).permutation(count)
        first, second = np.sort(order[: count // 2]), np.sort(order[count // 2 :])
        return self.select(first), self.select(second)

    def select(self, samples: npt.NDArray[np.intp]) -> Cohort:
        """Return some samples, by number."""
        return replace(self, genotypes=self.genotypes.select(samples.tolist()))


def load_cohort(real: Path, knowledge: Knowledge, absent: AbsentPolicy = AbsentPolicy.REFERENCE) -> Cohort:
    """Read the star genes of the shared samples from the GRCh38 file.

    Parameters
    ----------
    real : Path
        Folder of the 1000 Genomes files.
    knowledge : Knowledge
    absent : AbsentPolicy
        ``reference`` is true of these files: they hold every variant site of joint calling.
    """
    stars = knowledge.star_genes.items()
    genes = tuple(gene for gene, star in stars if not (star.typing or star.outside_only) and gene not in NOT_COVERED)
    with VcfFile(str(real / "1kgp-GRCh37.vcf.gz")) as file:
        shared = list(file.sample_ids)
    genotypes = read_genotypes([str(real / "1kgp-GRCh38.vcf.gz")], knowledge, genes, samples=shared, absent=absent)
    genotypes = settle_absent(genotypes, knowledge, genes, {})
    with (real / "1kgp-samples.tsv").open(encoding="utf-8") as table:
        people = {row["sample"]: row for row in csv.DictReader(table, delimiter="\t")}
    settle_copies(genotypes, {sample: Sex(people[sample]["gender"]) for sample in genotypes.sample_ids})
    ancestry = {sample: Ancestry(people[sample]["super_pop"]) for sample in genotypes.sample_ids}
    return Cohort(genotypes, ancestry, genes)


def strip_phase(genotypes: Genotypes) -> Genotypes:
    """Return the genotypes without phase; the order of the two alleles tells nothing any more."""
    alleles = genotypes.alleles.copy()
    two = alleles[:, :, 1] != ABSENT_COPY
    alleles[two] = np.sort(alleles[two], axis=1)
    return genotypes.with_arrays(alleles=alleles, phase_sets=np.zeros_like(genotypes.phase_sets))


def hide(genotypes: Genotypes, hidden: BoolArray) -> Genotypes:
    """Return the genotypes with some of them not called; ``hidden`` has shape (loci, samples)."""
    single = genotypes.alleles == ABSENT_COPY
    alleles = np.where(hidden[:, :, None] & ~single, np.int16(MISSING), genotypes.alleles)
    status = np.where(hidden, np.uint8(LocusStatus.NO_CALL.code), genotypes.status)
    return genotypes.with_arrays(alleles=alleles, status=status)
