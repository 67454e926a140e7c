"""Imputed genotypes of the 1000 Genomes samples, as good or as bad as a stated R2."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import lupus_pgx
from builder import VcfBuilder
from evaluation.cohort import Cohort, load_cohort
from evaluation.reads import FloatArray, IntArray
from evaluation.report import percent, table
from lupus_pgx.genotypes.model import UNEXPECTED
from lupus_pgx.knowledge.catalogue import Knowledge

GENES = ("CYP2B6", "CYP2C19", "NAT2", "NUDT15", "SLCO1B1", "TPMT")
INFORMATION = (0.3, 0.6, 0.9, 1.0)
SAMPLES = 300
DRUG = "azathioprine"
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


def write(cohort: Cohort, knowledge: Knowledge, path: Path, information: float | None, random: np.random.Generator) -> str:
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
    called: dict[float | None, tuple[pd.DataFrame, pd.DataFrame]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for information in (None, *INFORMATION):
            path = write(cohort, knowledge, Path(folder) / "imputed", information, random)
            found = lupus_pgx.analyze(path, build="GRCh38", genes=GENES, drugs=[DRUG], knowledge=knowledge)
            called[information] = (found.diplotypes.to_frame(), found.drug_responses.to_frame())
    truth, actions = called[None]
    rows, bins, drugs = [], [], []
    for information in INFORMATION:
        frame, responses = called[information]
        good = truth.call_status.isin(["certain", "probable"]) if information < 0 else truth.diplotype.notna()
        stated = good & frame.call_status.isin(["certain", "probable"])
        right = (frame.diplotype == truth.diplotype).fillna(False)
        row = [f"{information}"]
        for gene in GENES:
            mine = truth.gene == gene
            row += [percent(int((stated & mine).sum()), int((good & mine).sum()), 1),
                    percent(int((stated & mine & ~right).sum()), int((stated & mine).sum()))]  # fmt: skip
        rows.append(row)
        inside = [good & (frame.probability >= low) & (frame.probability < high) for low, high in zip(BINS, BINS[1:], strict=False)]
        bins.append([f"{information}", *(f"{int((right & part).sum())} of {int(part.sum())}" for part in inside)])
        standard = responses.action == "standard"
        wrong = standard & (actions.action != "standard") & (actions.action != "test_first")
        drugs.append([f"{information}", len(actions), int((actions.action == "standard").sum()), int(standard.sum()), int(wrong.sum())])
    head = [f"{gene} {word}" for gene in GENES for word in ("stated", "wrong")]
    names = [f"{low:g} to {min(high, 1):g}" for low, high in zip(BINS, BINS[1:], strict=False)]
    return "\n\n".join([
        table(["R2", *head], rows),
        table(["R2", *names], bins),
        table(["R2", "samples", f"{DRUG} standard in truth", "stated standard", "of these wrong"], drugs),
    ])  # fmt: skip
