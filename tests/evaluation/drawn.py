"""Reads drawn from known haplotypes: what they settle, whom they miss, and what a panel of them costs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import pandas as pd
from aligned import Aligner, write_reads
from builder import VcfBuilder

import lupus_pgx
from evaluation.report import percent
from lupus_pgx.genotypes import coverage
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import Build

GENES = ("TPMT", "NUDT15", "CYP2C19", "SLCO1B1")
DEPTHS = (5, 15, 30)
STATED = ("certain", "probable")


def reads_of(knowledge: Knowledge, sample: str, letters: dict[str, str], seed: int = 1) -> Aligner:
    """Return what draws reads of a person over all loci."""
    made = Aligner([locus for loci in knowledge.loci_by_gene.values() for locus in loci], sample=sample, seed=seed)
    for name, text in letters.items():
        pair = text.replace("|", "/").split("/")
        if set(pair) <= set(made.sites[name].letters):
            made.carry(name, *(pair if len(pair) == 2 else pair * 2))
        else:
            click.echo(f"{name} {text}: no letters of {made.sites[name].letters}", err=True)
    return made


def read_rows(knowledge: Knowledge, people: int, seed: int) -> list[list[str]]:
    """Return, by depth and rule, what reads settle and how many carriers are called as if they carried nothing."""
    rows = []
    for depth in DEPTHS:
        with tempfile.TemporaryDirectory() as name:
            drawn = Carriers(knowledge, people, depth, seed, Path(name))
            bounds = (coverage.MIN_READS, coverage.MIN_ALIKE)
            rows += [[f"{depth}x", str(least), *drawn.row(least)] for least in bounds]
    return rows


class Carriers:
    """People who each carry one essential single base of each gene on one copy, and their reads in one file."""

    def __init__(self, knowledge: Knowledge, people: int, depth: float, seed: int, folder: Path) -> None:
        self.knowledge, self.folder = knowledge, folder
        random = np.random.default_rng(seed)
        loci = {gene: knowledge.loci_by_gene[gene] for gene in GENES}
        self.samples = [f"S{number}" for number in range(people)]
        self.carried: dict[tuple[str, str], str] = {}
        reads, header = [], {}
        for number, sample in enumerate(self.samples):
            made = Aligner([locus for own in loci.values() for locus in own], sample=sample, seed=seed + number)
            for gene, own in loci.items():
                single = [item for item in own if item.essential and _single(item.sites[Build.GRCH38])]
                locus = single[int(random.integers(len(single)))]
                site = locus.sites[Build.GRCH38]
                made.carry(locus.name, site.ref, next(letter for letter in site.letters if letter != site.ref))
                self.carried[sample, gene] = locus.name
            own_reads = made.segments(made.reads(depth))
            for read in own_reads:
                read.query_name = f"{sample}.{read.query_name}"
            reads += own_reads
            groups = [*header.get("RG", []), *made.header()["RG"]]
            header = made.header() | {"RG": groups}
        self.reads = write_reads(folder / "reads.bam", header, reads)
        self.file = VcfBuilder(samples=self.samples, genes=("VKORC1",)).write(folder / "calls", kind="vcf")
        truth = VcfBuilder(samples=self.samples, genes=GENES)
        plain = self._calls(truth.write(folder / "plain", kind="vcf")).diplotypes.to_frame()
        self.plain = plain[plain.sample_id == "S0"].set_index("gene").diplotype
        for gene in GENES:
            for locus in {self.carried[sample, gene] for sample in self.samples}:
                site = truth.site(locus)
                other = next(letter for letter in site.letters if letter != site.ref)
                texts = [
                    f"{site.ref}/{other if self.carried[sample, gene] == locus else site.ref}"
                    for sample in self.samples
                ]
                truth.set(locus, *texts)
        self.truth = self._calls(truth.write(folder / "truth", kind="vcf"))

    def _calls(self, path: object, **options: object) -> lupus_pgx.Analysis:
        genes = [*GENES, "VKORC1"]
        return lupus_pgx.analyze(str(path), build="GRCh38", genes=genes, knowledge=self.knowledge, **options)

    def row(self, least: int) -> list[str]:
        """Measure with a bound for reads that all show the genome's base."""
        before, coverage.MIN_ALIKE = coverage.MIN_ALIKE, least
        try:
            start = time.monotonic()
            found = self._calls(self.file, alignments=self.reads)
            spent = time.monotonic() - start
        finally:
            coverage.MIN_ALIKE = before
        variants = found.variants.to_frame()
        variants = variants[variants.gene.isin(GENES)]
        keys = zip(variants.sample_id, variants.gene, variants.locus, strict=True)
        carried = [self.carried[sample, gene] == locus for sample, gene, locus in keys]
        others, own = variants[~np.array(carried)], variants[carried]
        missed, standard = self.missed(found)
        return [
            *(percent(int((others.status == word).sum()), len(others), 1) for word in STATUSES),
            *(percent(int((own.status == word).sum()), len(own), 1) for word in STATUSES[1:]),
            self._likeliest(own[own.status == "doubtful"]),
            f"{int((own.status == 'covered_reference').sum())} of {len(own)}",
            *(
                f"{missed} of {len(self.carried)}",
                f"{standard[0]} of {standard[1]}",
                f"{spent / len(self.samples):.2f} s",
            ),
        ]

    def _likeliest(self, doubtful: pd.DataFrame) -> str:
        """Return at how many carried loci that are doubtful the likeliest genotype is the true one."""
        true = self.truth.variants.to_frame().set_index(["sample_id", "locus"]).genotype
        keys = zip(doubtful.sample_id, doubtful.locus, doubtful.genotype, strict=True)
        alike = sum(sorted(text.split("/")) == sorted(true[sample, locus].split("/")) for sample, locus, text in keys)
        return f"{alike} of {len(doubtful)}"

    def missed(self, found: lupus_pgx.Analysis) -> tuple[int, tuple[int, int]]:
        """Return the carriers stated as the genome's diplotype, and the drugs that became `standard` by reads."""
        calls = found.diplotypes.to_frame()
        calls = calls[calls.gene.isin(GENES)]
        stated = calls.call_status.isin(STATED) & (calls.diplotype == calls.gene.map(self.plain))
        true = self.truth.drug_responses.to_frame()
        both = found.drug_responses.to_frame().merge(true, on=["sample_id", "drug"], suffixes=("", "_true"))
        both = both[both.drug.isin({name for name, drug in self.knowledge.drugs_by_name.items() if drug.bodies})]
        other = (both.action_true != "standard") & (both.predicted_response_true != "indeterminate")
        return int(stated.sum()), (int((other & (both.action == "standard")).sum()), int(other.sum()))


STATUSES = ("covered_reference", "doubtful", "no_record")
READ_HEADER = (
    *("depth", "fewest alike", "covered %", "doubtful %", "unknown %", "carried: doubtful %", "unknown %"),
    *(
        "likeliest is true",
        "taken for covered",
        "carriers stated as the genome",
        "drugs `standard` instead",
        "time a person",
    ),
)


def _single(site: object) -> bool:
    return all(len(letter) == 1 for letter in site.letters)  # type: ignore[attr-defined]


COST_HEADER = ("reads", "depth", "CPU of the process", "peak memory", "loci covered", "doubtful", "without")
_ONE_ANALYSIS = r"""
import re, resource, sys
from pathlib import Path
import lupus_pgx
found = lupus_pgx.analyze(sys.argv[1], build="GRCh38", alignments=sys.argv[2] if len(sys.argv) > 2 else None)
status = found.variants.to_frame().status
used = resource.getrusage(resource.RUSAGE_SELF)
counts = [int((status == word).sum()) for word in ("covered_reference", "doubtful", "no_record")]
peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())  # ru_maxrss outlives exec
print(used.ru_utime + used.ru_stime, peak[1], *counts)
"""


def cost_rows(knowledge: Knowledge, seed: int) -> list[list[str]]:
    """Return what one patient's panel costs without reads and with each depth, each in a process of its own.

    The file of variants has all loci of TPMT; every other locus of the panel is open.
    """
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = VcfBuilder(samples=["S1"], genes=("TPMT",)).write(folder / "calls", kind="vcf")
        rows.append(["none", "", *_cost(file)])
        for depth in DEPTHS:
            made = reads_of(knowledge, "S1", {}, seed)
            drawn = made.segments(made.reads(depth))
            for kind in ("bam", "cram"):
                path = write_reads(folder / f"reads{depth}.{kind}", made.header(), drawn)
                rows.append([kind.upper(), f"{depth}x", *_cost(file, path)])
                click.echo(f"{rows[-1]}", err=True)
    return rows


def _cost(*files: object) -> list[str]:
    """Return the least CPU and memory of three processes, and how many loci are covered, doubtful and without."""
    lines = [
        subprocess.run(
            [sys.executable, "-c", _ONE_ANALYSIS, *map(str, files)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(3)
    ]
    cpu, memory = (min(float(line[column]) for line in lines) for column in (0, 1))
    return [f"{cpu:.2f} s", f"{memory / 1024:.0f} MB", *lines[0][2:]]
