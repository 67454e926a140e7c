"""Haplotype frequencies learned from phased samples, the way the shipped table was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from evaluation.cohort import Cohort
from lupus_pgx.genotypes.codes import ABSENT_COPY, UNEXPECTED
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.knowledge.tables import Row
from lupus_pgx.terms import POOL, Ancestry

IntArray = npt.NDArray[np.int64]

OTHER = "other"

CYP2B6_4 = {"EUR": 0.039, "AFR": 0.0, "EAS": 0.060}
"""Share of CYP2B6*4 among all haplotypes (doi:10.1093/ntr/ntz105): its locus is not in the files."""

CYP2B6_9 = {"EUR": 0.015, "AFR": 0.0, "EAS": 0.014}
"""Share of CYP2B6*9, which the same locus tells from *6.

EUR: doi:10.1038/s41598-025-26258-9; AFR as *4; EAS: 1.8 % of Han Chinese (PMID:16951995) and none of Japanese (as *4),
weighed by the 400 and 104 people that the project has of China with Viet Nam, and of Japan.
"""

CYP2B6_17 = ("rs33973337", ("rs33980385", "rs33926104", "rs34284776"))
"""The change of CYP2B6*17 that the files spell as such, and those that they spell as an insertion and a deletion."""


def with_learned_frequencies(knowledge: Knowledge, cohort: Cohort) -> Knowledge:
    """Return knowledge whose haplotype frequencies come from these samples alone."""
    rows = [
        {"gene": gene, "population": population, "allele": allele, "count": count, "total": total, "source": "learned"}
        for gene in cohort.genes
        for population, counts in learn(knowledge.star_genes[gene], cohort).items()
        for total in [sum(counts.values())]
        for allele, count in counts.items()
    ]
    unnamed = tuple(row for gene in cohort.genes for row in unnamed_rows(knowledge.star_genes[gene], cohort, "learned"))
    return with_frequencies(knowledge, tuple(rows), unnamed)


def with_frequencies(knowledge: Knowledge, rows: tuple[Row, ...], unnamed: tuple[Row, ...] | None = None) -> Knowledge:
    """Return knowledge with other rows in the table of haplotype frequencies, and in that of unnamed haplotypes."""
    tables = {**knowledge.tables}
    tables["haplotype_frequencies"] = replace(tables["haplotype_frequencies"], rows=rows)
    if unnamed is not None:
        tables["unnamed_haplotypes"] = replace(tables["unnamed_haplotypes"], rows=unnamed)
    release = {"release": knowledge.release, "tables": knowledge.checksums}
    return Knowledge(release, tables)


def unnamed_rows(star: StarGene, cohort: Cohort, source: str) -> list[Row]:
    """Count the haplotypes of a gene that no allele allows, as rows of the table ``unnamed_haplotypes``.

    A haplotype with a base that no allele has is left out. Loci that no haplotype of the cohort shows are ``unread``.
    """
    codes, populations, odd, shown = _haplotype_codes(star, cohort)
    allowed = np.array(star.haplotypes.allowed, dtype=np.uint64)
    loci = star.haplotypes.loci
    unread = tuple(locus.name for locus, seen in zip(loci, shown.tolist(), strict=True) if not seen)
    distinct, index = np.unique(codes, axis=0, return_inverse=True)
    index = index.reshape(-1)
    rows: list[Row] = []
    for number, haplotype in enumerate(distinct):
        fits = ((allowed >> haplotype.astype(np.uint64)[None, :]) & np.uint64(1)).astype(bool)
        carriers = (index == number) & ~odd
        if (fits | ~shown[None, :]).all(axis=1).any() or not carriers.any():
            continue
        changes = [
            f"{locus.name}:{row['grch38_ref']}>{row['grch38_alt']}"
            for locus, code in zip(loci, haplotype.tolist(), strict=True)
            for row in locus.rows[code - 1 : code]
            if code
        ]
        counts = {item.value: int((populations[carriers] == item.value).sum()) for item in Ancestry}
        cells = {"gene": star.gene, "pattern": ";".join(changes), "unread": ";".join(unread) or None}
        rows.append({**cells, **counts, "source": source})
    return sorted(rows, key=lambda row: (-sum(row[item.value] for item in Ancestry), row["pattern"]))


def learn(star: StarGene, cohort: Cohort) -> dict[str, dict[str, int]]:
    """Count the haplotypes of a gene by population and pooled; those without one exact name are ``other``."""
    names, populations = name_haplotypes(star, cohort)
    counted = {population.value: Counter(names[populations == population.value].tolist()) for population in Ancestry}
    if star.gene == "CYP2B6":
        counted = _split_cyp2b6(counted)
    pool: Counter[str] = Counter()
    for counts in counted.values():
        pool.update(counts)
    return {name: {OTHER: 0, **counts} for name, counts in {POOL: pool, **counted}.items() if counts}


def name_haplotypes(star: StarGene, cohort: Cohort) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.str_]]:
    """Return the name of every haplotype of the cohort, and the population it comes from.

    A locus of which nothing is known, and one with an allele nobody uses, are read as the base
    that GRCh38 carries; where no name fits so, a locus that no haplotype shows may have any
    base (CYP2B6 rs2279343): the shipped table was counted so.
    """
    codes, populations, _, shown = _haplotype_codes(star, cohort)
    distinct, index = np.unique(codes, axis=0, return_inverse=True)
    found = np.array([_name(star, haplotype, shown) for haplotype in distinct], dtype=object)
    return found[index.reshape(-1)], populations


def _haplotype_codes(
    star: StarGene, cohort: Cohort
) -> tuple[IntArray, npt.NDArray[np.str_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return codes and population of every haplotype, which have a base nobody uses, and which loci are shown."""
    genotypes = cohort.genotypes
    rows = genotypes.of_loci(star.haplotypes.loci)
    codes = genotypes.alleles[rows].transpose(2, 1, 0).reshape(-1, len(rows)).astype(np.int64)
    populations = np.tile(cohort.populations, 2)
    real = ~(codes == ABSENT_COPY).any(axis=1)
    codes, populations = codes[real], populations[real]
    shown = (codes >= 0).any(axis=0)
    names = [locus.name for locus in star.haplotypes.loci]
    if CYP2B6_17[0] in names:
        codes[codes[:, names.index(CYP2B6_17[0])] == 1, [[names.index(name)] for name in CYP2B6_17[1]]] = 1
    odd = (codes >= UNEXPECTED).any(axis=1)
    codes[(codes < 0) | (codes >= UNEXPECTED)] = 0
    return codes, populations, odd, shown


def _name(star: StarGene, codes: IntArray, shown: npt.NDArray[np.bool_]) -> str:
    """Return the one allele that allows these bases, as it is reported, or ``other``."""
    allowed = np.array(star.haplotypes.allowed, dtype=np.uint64)
    fits = ((allowed >> codes.astype(np.uint64)[None, :]) & np.uint64(1)).astype(bool)
    for matching in (fits.all(axis=1), (fits | ~shown[None, :]).all(axis=1)):
        names = {star.reported[star.haplotypes.names[number]] for number in np.flatnonzero(matching)}
        if names:
            return names.pop() if len(names) == 1 else OTHER
    return OTHER


def _split_cyp2b6(counted: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    """Divide haplotypes that only rs2279343 tells apart: *9 takes its share of those with 516T, *4 its share of *1."""
    sizes = {population: counts.total() for population, counts in counted.items()}
    result = {}
    for population, counts in counted.items():
        split = Counter(counts)
        split["*6"] += split.pop("*9", 0)
        for taker, shares, giver in (("*9", CYP2B6_9, "*6"), ("*4", CYP2B6_4, "*1")):
            mean = sum(share * sizes[name] for name, share in shares.items()) / sum(sizes[name] for name in shares)
            taken = min(round(shares.get(population, mean) * sizes[population]), split[giver])
            split[taker] += taken
            split[giver] -= taken
        result[population] = split
    return result
