"""Imputed genotypes of the 1000 Genomes samples, as good or as bad as a stated R2."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from builder import VcfBuilder

import lupus_pgx
from evaluation.cohort import Cohort, load_cohort
from evaluation.reads import FloatArray, IntArray
from evaluation.report import percent, table
from lupus_pgx.genotypes.codes import UNEXPECTED
from lupus_pgx.knowledge.catalogue import Knowledge

GENES = ("CYP2B6", "CYP2C19", "NAT2", "NUDT15", "SLCO1B1", "TPMT")
INFORMATION = (0.3, 0.6, 0.9, 1.0)
SAMPLES = 2500
DRUG = "azathioprine"
RESTRICTING = ("avoid", "reduce_dose")
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.01)
META = [
    '##INFO=<ID=R2,Number=1,Type=Float,Description="Imputation quality">',
    '##INFO=<ID=IMPUTED,Number=0,Type=Flag,Description="Imputed">',
    '##FORMAT=<ID=GP,Number=G,Type=Float,Description="Genotype posteriors">',
]


def haplotype_posteriors(truth: IntArray, share: float, information: float, random: np.random.Generator) -> FloatArray:
    """Draw the posterior of the ALT on haplotypes whose truth is known.

    Posteriors are spread like Beta(share * s, (1 - share) * s), and are true as often as they say: their squared
    correlation with the truth is 1 / (s + 1).
    """
    if information >= 1 or share <= 0:
        return truth.astype(float)
    spread = (1 - information) / information
    return random.beta(share * spread + truth, (1 - share) * spread + 1 - truth)


def imputed_cells(truth: IntArray, information: float, random: np.random.Generator) -> list[str]:
    """Write GT:GP of samples whose haplotypes are 0 or 1."""
    posterior = haplotype_posteriors(truth, float(truth.mean()), information, random)
    first, second = posterior[:, 0], posterior[:, 1]
    table = np.column_stack([(1 - first) * (1 - second), first + second - 2 * first * second, first * second])
    best = table.argmax(axis=1).tolist()
    words = ("0/0", "0/1", "1/1")
    return [f"{words[top]}:{','.join(f'{value:.3f}' for value in line)}" for top, line in zip(best, table, strict=True)]


def write(
    cohort: Cohort, knowledge: Knowledge, path: Path, information: float | None, random: np.random.Generator
) -> str:
    """Write the genotypes of a cohort, imputed, or phased and known where no quality is given."""
    genotypes = cohort.genotypes
    builder = VcfBuilder(samples=list(genotypes.sample_ids), genes=GENES, meta=META, knowledge=knowledge)
    alleles = genotypes.alleles
    for number, locus in enumerate(genotypes.loci):
        if locus.name not in builder.records:
            continue
        record = builder.records[locus.name][0]
        codes = alleles[number]
        if (codes < 0).any() or (codes >= UNEXPECTED).any():
            builder.drop(locus.name)
            continue
        site = builder.site(locus.name)
        places = np.array([[site.ref, *site.alts].index(letters) for letters in site.letters])[codes]
        if information is None or places.max() > 1:
            record.calls = [f"{one}|{other}" for one, other in places.tolist()]
            continue
        record.alts, record.fmt, record.info = record.alts.split(",")[0], "GT:GP", f"R2={information};IMPUTED"
        record.calls = imputed_cells(places, information, random)
    return builder.write(path, kind="vcf")


def impute(real: Path, knowledge: Knowledge, random: np.random.Generator) -> str:
    """Write what is stated of imputed genotypes: diplotypes, their reliability, and one drug."""
    whole = load_cohort(real, knowledge)
    chosen = np.sort(random.choice(len(whole.genotypes.sample_ids), SAMPLES, replace=False))
    cohort = whole.select(chosen)
    calls: dict[float | None, pd.DataFrame] = {}
    actions: dict[float | None, pd.Series] = {}
    with tempfile.TemporaryDirectory() as folder:
        for information in (None, *INFORMATION):
            path = write(cohort, knowledge, Path(folder) / "imputed", information, random)
            found = lupus_pgx.analyze(path, build="GRCh38", genes=GENES, drugs=[DRUG], knowledge=knowledge)
            calls[information] = found.diplotypes.to_frame()
            actions[information] = found.drug_responses.to_frame().action
    return "\n\n".join([_stated_table(calls), _reliability_table(calls), _action_table(actions)])


def _stated_table(calls: dict[float | None, pd.DataFrame]) -> str:
    truth, rows = calls[None], []
    for information in INFORMATION:
        row = [f"{information}"]
        for gene in GENES:
            known, stated, wrong = stated_and_wrong(truth, calls[information], gene)
            row += [percent(stated, known, 1), percent(wrong, stated)]
        rows.append(row)
    return table(["R2", *(f"{gene} {word}" for gene in GENES for word in ("stated", "wrong"))], rows)


def _reliability_table(calls: dict[float | None, pd.DataFrame]) -> str:
    truth, rows = calls[None], []
    for information in INFORMATION:
        found = calls[information]
        right = (found.diplotype == truth.diplotype).fillna(value=False)
        row = [f"{information}"]
        for low, high in pairwise(BINS):
            inside = truth.diplotype.notna() & (found.probability >= low) & (found.probability < high)
            row.append(f"{int((right & inside).sum())} of {int(inside.sum())}")
        rows.append(row)
    return table(["R2", *(f"{low:g} to {min(high, 1):g}" for low, high in pairwise(BINS))], rows)


def _action_table(actions: dict[float | None, pd.Series]) -> str:
    truth, rows = actions[None], []
    for information in INFORMATION:
        standard = actions[information] == "standard"
        wrong = standard & truth.isin(RESTRICTING)
        rows.append([information, len(truth), *(int(item.sum()) for item in (truth == "standard", standard, wrong))])
    return table(["R2", "samples", f"{DRUG} standard in truth", "stated standard", "of these wrong"], rows)


def stated_and_wrong(truth: pd.DataFrame, called: pd.DataFrame, gene: str) -> tuple[int, int, int]:
    """Count the diplotypes of a gene, those stated (certain or probable), and of these the wrong ones."""
    mine = (called.gene == gene) & truth.diplotype.notna()
    stated = mine & called.call_status.isin(["certain", "probable"])
    wrong = stated & (called.diplotype != truth.diplotype)
    return int(mine.sum()), int(stated.sum()), int(wrong.sum())
