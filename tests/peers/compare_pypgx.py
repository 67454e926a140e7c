"""Compare the star-allele calls of lupus_pgx with those of PyPGx on the same samples.

PyPGx is not a dependency: it runs as a command in an environment of its own (see ``README.md`` beside this
file). Three steps, each a command of this script::

    choose   draw a fixed, stratified random choice of samples and print their names
    run      run PyPGx's chip pipeline gene by gene into a folder, and write what it took
    compare  call the same samples with lupus_pgx, hold the calls side by side, print Markdown tables

What counts as the same call
    Diplotypes are compared without order, after the two ways to name an allele have been brought together
    by :data:`NAMES`. Nothing else is forgiven: a difference is a difference, and :data:`CLASSES` says of each
    which known cause it has. One that no class explains is printed as ``unexplained``.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import re
import resource
import statistics
import subprocess
import sys
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

GENES = [
    "TPMT",
    "NUDT15",
    "CYP3A5",
    "CYP3A4",
    "CYP2C19",
    "CYP2C9",
    "CYP2B6",
    "CYP2C8",
    "SLCO1B1",
    "UGT1A1",
    "ABCG2",
    "G6PD",
    "NAT2",
    "VKORC1",
    "CYP4F2",
]

NAMES: dict[str, dict[str, str]] = {
    # One name for both tools. PyPGx's on the left, lupus_pgx's on the right.
    "ABCG2": {"Reference": "rs2231142 reference (G)", "rs2231142": "rs2231142 variant (T)"},
    "VKORC1": {"Reference": "rs9923231 reference (C)", "rs9923231": "rs9923231 variant (T)"},
    # PharmVar merged *2 into *3: the insertion that told them apart is optional in *3.
    "NUDT15": {"*2": "*3"},
    # *46 (rs2306283, rs4149056, rs71581941) is now a sub-allele of *45.
    "SLCO1B1": {"*46": "*45"},
    # PharmVar calls the base of GRCh38 (803G, legacy *12) *1. Names of legacy *5 *6 *7 *14 did not change.
    "NAT2": {"*12": "*1"},
}

NOT_STATED = {"", "Indeterminate", "n/a"}
"""Phenotypes by which a tool says nothing."""

PHENOTYPES = {
    "Normal": "G6PD Normal",
    "Deficient": "G6PD Deficient",
    "Variable": "G6PD Variable",
    "Deficient with CNSHA": "G6PD Deficient with CNSHA",
}
"""One wording for both tools."""


@dataclass(frozen=True)
class Call:
    """What a tool says of one gene in one sample."""

    alleles: tuple[str, ...]
    phenotype: str
    status: str = ""
    candidates: tuple[tuple[str, ...], ...] = ()
    note: str = ""

    @property
    def name(self):
        return "/".join(self.alleles) or "no named pair"


@dataclass(frozen=True)
class Cause:
    """A known cause of a difference: in which gene, for which allele names (regular expressions)."""

    gene: str
    pypgx: str
    lupus: str
    name: str

    def explains(self, gene, theirs, ours):
        """Whether naming one haplotype ``theirs`` and ``ours`` has this cause."""
        pairs = ((self.gene, gene), (self.pypgx, theirs), (self.lupus, ours))
        return all(re.fullmatch(pattern, text) for pattern, text in pairs)


NEWER = "allele added by PharmVar after PyPGx's table was made"
LEGACY = "NAT2 name of before 2024"
UNREAD = "rs2279343 has no record: PyPGx takes it as reference, lupus_pgx as unknown"
NAMELESS = "variants that no allele combines: PyPGx names the haplotype by some of them, lupus_pgx names none"
LOOSE = "loci without a record are unknown to lupus_pgx: an allele that they could exclude stays possible"
SPLIT = "records of one repeat contradict each other: lupus_pgx does not use them"

CLASSES = (
    Cause("CYP2B6", r"\*9", r"\*43", f"{UNREAD}; {NEWER}"),
    Cause("CYP2B6", r"\*9", r"\*[67]", UNREAD),
    Cause("CYP2B6", r"\*1", r"\*17", LOOSE),
    Cause("NAT2", r"\*1[13]", r"\*[14]", LEGACY),
    Cause("NAT2", r"\*22", r"\*43", LEGACY),
    Cause("NAT2", r"\*24", r"\*44", LEGACY),
    Cause("UGT1A1", r"\*80", r"\*80\+\*28", SPLIT),
    Cause("CYP2B6", ".*", r"\*(39|4\d|50)", NEWER),
    Cause("CYP2C9", ".*", r"\*(7[2-9]|8[0-8])", NEWER),
    Cause("CYP2C19", ".*", r"\*4[01]", NEWER),
    Cause("CYP3A4", ".*", r"\*(3[7-9]|4\d|5[0-3])", NEWER),
    Cause("CYP3A5", ".*", r"\*1[01]", NEWER),
    Cause("CYP4F2", ".*", r"\*(1[89]|2[0-3])", NEWER),
    Cause("NAT2", ".*", r"\*(1[56]|27|29|[3-6]\d|7[0-5])", NEWER),
    Cause("NUDT15", ".*", r"\*2[1-3]", NEWER),
    Cause("SLCO1B1", ".*", r"\*5[0-8]", NEWER),
    Cause("TPMT", ".*", r"\*4[5-7]", NEWER),
)
"""Tried in this order, for each haplotype that the tools name differently."""


def main(arguments: Sequence[str] | None = None):
    """Run one of the three commands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    choose = commands.add_parser("choose", help="print a stratified random choice of samples")
    choose.add_argument("table", type=Path, help="tab-separated, with columns sample and super_pop")
    choose.add_argument("vcf", type=Path, nargs="+", help="only samples that all of these files have")
    choose.add_argument("--each", type=int, default=60, help="samples per super-population (%(default)s)")
    choose.add_argument("--seed", type=int, default=20260705)
    choose.set_defaults(command=lambda given: _say("\n".join(chosen(given.table, given.vcf, given.each, given.seed))))
    run = commands.add_parser("run", help="run PyPGx gene by gene")
    run.add_argument("vcf", type=Path, help="phased, bgzipped, indexed, with the chosen samples only")
    run.add_argument("results", type=Path, help="folder for the results, one folder per gene in it")
    run.add_argument("--pypgx", required=True, help="path of the pypgx command")
    run.add_argument("--assembly", default="GRCh38", choices=["GRCh37", "GRCh38"])
    run.add_argument("--sex", type=Path, help="table with columns sample and gender: G6PD with one copy in men")
    run.add_argument("--genes", nargs="+", default=GENES)
    run.set_defaults(command=run_pypgx)
    compare = commands.add_parser("compare", help="hold the calls of both tools side by side")
    compare.add_argument("vcf", type=Path)
    compare.add_argument("samples", type=Path, help="sample names, one a line")
    compare.add_argument("results", type=Path, help="folder that the run command wrote")
    compare.add_argument("--sex", type=Path, help="table with columns sample and gender")
    compare.add_argument("--genes", nargs="+", default=GENES)
    compare.add_argument("--differences", type=Path, help="write every difference to this tab-separated file")
    compare.add_argument("--repeats", type=int, default=5, help="runs of lupus_pgx per gene to time, 0 for none")
    compare.set_defaults(command=compare_calls)
    given = parser.parse_args(arguments)
    given.command(given)


# ------------------------------------------------------------------------------------------------ choose


def chosen(table: Path, files: Iterable[Path], each: int, seed: int) -> list[str]:
    """Draw the same number of samples from every super-population."""
    import pysam

    shared = set.intersection(*(set(pysam.VariantFile(str(path)).header.samples) for path in files))
    groups = defaultdict(list)
    for row in _rows(table):
        if row["sample"] in shared:
            groups[row["super_pop"]].append(row["sample"])
    draw = random.Random(seed)
    return sorted(name for group in sorted(groups) for name in draw.sample(sorted(groups[group]), each))


# --------------------------------------------------------------------------------------------------- run


def run_pypgx(given: argparse.Namespace):
    """Run the chip pipeline for each gene; write wall-clock and processor seconds to ``seconds.tsv``."""
    given.results.mkdir(parents=True, exist_ok=True)
    diploid = given.results / "diploid.vcf.gz"
    sexes = {row["sample"]: row["gender"] for row in _rows(given.sex)} if given.sex else {}
    with (given.results / "seconds.tsv").open("a") as log:
        for gene in given.genes:
            source = given.vcf
            if gene == "G6PD":
                make_diploid(given.vcf, diploid)
                source = diploid
            target = given.results / gene
            wall, used = time.perf_counter(), _children()
            _pypgx(given, "run-chip-pipeline", gene, target, source, "--assembly", given.assembly)
            log.write(f"{gene}\t{time.perf_counter() - wall:.1f}\t{_children() - used:.1f}\n")
            log.flush()
            if gene == "G6PD" and sexes:
                tell_sex(given, target, sexes)


def make_diploid(source: Path, target: Path):
    """Write chromosome X with two copies in men.

    PyPGx 0.27 takes a file with haploid genotypes for unphased and asks for a reference panel. Its own step
    for men turns ``1`` into ``0/1``; the same is done here, phased, before it looks.
    """
    import pysam

    contigs = [name for name in pysam.TabixFile(str(source)).contigs if name.removeprefix("chr") == "X"]
    shown = subprocess.run(
        ["bcftools", "view", "-r", ",".join(contigs), str(source)], check=True, capture_output=True, text=True
    )
    turned = {"0": "0|0", "1": "0|1", ".": ".|."}
    with pysam.BGZFile(str(target), "w") as out:
        for line in shown.stdout.splitlines():
            cells = line.split("\t")
            if not line.startswith("#"):
                cells[9:] = [turned.get(cell, cell) for cell in cells[9:]]
            out.write(("\t".join(cells) + "\n").encode())
    pysam.tabix_index(str(target), preset="vcf", force=True)


def tell_sex(given: argparse.Namespace, folder: Path, sexes: Mapping[str, str]):
    """Call G6PD again with the number of copies, which PyPGx otherwise reads from sequencing depth."""
    samples = [row[""] for row in _archive(folder / "alleles.zip")]
    copies = "".join(f"{sample}\t{sexes[sample].capitalize()}\n" for sample in samples)
    with zipfile.ZipFile(folder / "sex.zip", "w") as archive:
        meta = f"Gene=G6PD\nAssembly={given.assembly}\nSemanticType=SampleTable[CNVCalls]\n"
        archive.writestr("sex/metadata.txt", meta)
        archive.writestr("sex/data.tsv", "\tCNV\n" + copies)
    genotypes, phenotypes = folder / "genotypes-sex.zip", folder / "phenotypes-sex.zip"
    _pypgx(given, "call-genotypes", genotypes, "--alleles", folder / "alleles.zip", "--cnv-calls", folder / "sex.zip")
    _pypgx(given, "call-phenotypes", genotypes, phenotypes)


def _pypgx(given, *words):
    subprocess.run([given.pypgx, *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def _children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# ----------------------------------------------------------------------------------------------- compare


def pypgx_calls(folder: Path, gene: str) -> dict[str, Call]:
    """Read the calls of one gene; with the number of copies where they were given."""
    calls = {row[""]: (row["Genotype"], row["Phenotype"]) for row in _archive(folder / gene / "results.zip")}
    if (folder / gene / "phenotypes-sex.zip").exists():
        phenotypes = {row[""]: row["Phenotype"] for row in _archive(folder / gene / "phenotypes-sex.zip")}
        genotypes = _archive(folder / gene / "genotypes-sex.zip")
        calls = {row[""]: (row["Genotype"], phenotypes[row[""]]) for row in genotypes}
    names = NAMES.get(gene, {})
    return {
        sample: Call(
            tuple(sorted(names.get(name, name) for name in genotype.split("/") if name != "MALE")),
            PHENOTYPES.get(phenotype, phenotype),
        )
        for sample, (genotype, phenotype) in calls.items()
    }


def lupus_calls(vcf: Path, samples: Sequence[str], genes: Sequence[str], **options) -> dict[str, dict[str, Call]]:
    """Call the same samples with lupus_pgx."""
    import lupus_pgx

    analysis = lupus_pgx.analyze(vcf, samples=samples, genes=genes, **options)
    calls: dict[str, dict[str, Call]] = defaultdict(dict)
    found = analysis.results.genes
    for gene in genes:
        for number, sample in enumerate(analysis.sample_ids):
            call = found.of(gene, number).diplotype
            best = found.of(gene, number).phenotype.best
            calls[gene][sample] = Call(
                tuple(sorted(call.best.alleles)) if call.best else (),
                PHENOTYPES.get(best, best),
                call.status.value,
                tuple(tuple(sorted(candidate.alleles)) for candidate in call.candidates),
                call.note,
            )
    return calls


def compare_calls(given: argparse.Namespace):
    """Print the tables, and write the differences if asked."""
    samples = given.samples.read_text().split()
    sexes = {row["sample"]: row["gender"] for row in _rows(given.sex)} if given.sex else {}
    options = {"sex": {name: sexes[name] for name in samples if name in sexes}} if sexes else {}
    theirs = {gene: pypgx_calls(given.results, gene) for gene in given.genes}
    written = []
    for absent in ("reference", "unknown"):
        ours = lupus_calls(given.vcf, samples, given.genes, absent=absent, **options)
        found = list(differences(theirs, ours, samples))
        written += [(absent, *line) for line in found]
        _say(f"\n## absent={absent}: {len(samples)} samples\n")
        _say(_markdown(concordance(theirs, ours, samples)))
        _say(f"\n### Differences between diplotypes, absent={absent}\n")
        _say(_markdown(summary(found)))
        _say(f"\n### Differences between phenotypes, absent={absent}\n")
        _say(_markdown(phenotype_summary(theirs, ours, samples)))
    if given.differences:
        with given.differences.open("w", newline="") as out:
            writer = csv.writer(out, delimiter="\t", lineterminator="\n")
            writer.writerow(["absent", "gene", "sample", "pypgx", "lupus_pgx", "status", "cause", "note"])
            writer.writerows(written)
    if given.repeats:
        _say(f"\n## Seconds, {len(samples)} samples\n")
        _say(_markdown(timings(given, samples, options)))


def concordance(theirs, ours, samples) -> Iterator[tuple[str, ...]]:
    """Count equal calls of each gene, and how sure lupus_pgx is."""
    yield (
        *("gene", "same diplotype", "%", "PyPGx's is another candidate", "no named pair", "different"),
        *("certain", "probable", "ambiguous"),
        *("both state a phenotype", "of these the same", "only lupus_pgx states one", "only PyPGx states one"),
    )
    for gene in theirs:
        pairs = [(theirs[gene][sample], ours[gene][sample]) for sample in samples]
        kinds = Counter(_kind(one, other) for one, other in pairs)
        status = Counter(other.status for _, other in pairs)
        stated = Counter((one.phenotype not in NOT_STATED, other.phenotype not in NOT_STATED) for one, other in pairs)
        agree = sum(one.phenotype == other.phenotype not in NOT_STATED for one, other in pairs)
        share = f"{100 * kinds['same'] / len(pairs):.1f}"
        counts = (kinds["candidate"], kinds["nameless"], kinds["different"])
        surety = (status["certain"], status["probable"], status["ambiguous"])
        phenotypes = (stated[True, True], agree, stated[False, True], stated[True, False])
        yield (gene, str(kinds["same"]), share, *map(str, (*counts, *surety, *phenotypes)))


def _kind(one: Call, other: Call) -> str:
    if one.alleles == other.alleles:
        return "same"
    if not other.alleles:
        return "nameless"
    return "candidate" if one.alleles in other.candidates else "different"


def differences(theirs, ours, samples) -> Iterator[tuple[str, ...]]:
    """Yield gene, sample, both calls, status, cause and note of every difference."""
    for gene in theirs:
        for sample in samples:
            one, other = theirs[gene][sample], ours[gene][sample]
            if one.alleles != other.alleles:
                yield gene, sample, one.name, other.name, other.status, cause_of(gene, one, other), other.note


def cause_of(gene: str, one: Call, other: Call) -> str:
    """Name the causes of a difference, one for each haplotype that the tools name differently."""
    if not other.alleles:
        return NAMELESS
    only_one = sorted((Counter(one.alleles) - Counter(other.alleles)).elements())
    only_other = sorted((Counter(other.alleles) - Counter(one.alleles)).elements())
    for order in permutations(only_one):
        causes = [_cause_of_one(gene, *pair) for pair in zip(order, only_other, strict=False)]
        if len(order) == len(only_other) and "" not in causes:
            return "; ".join(dict.fromkeys(causes))
    return "unexplained"


def _cause_of_one(gene: str, theirs: str, ours: str) -> str:
    return next((cause.name for cause in CLASSES if cause.explains(gene, theirs, ours)), "")


def summary(found) -> Iterator[tuple[str, ...]]:
    """Count differences by gene, pair of calls and cause."""
    yield "gene", "PyPGx", "lupus_pgx", "samples", "cause"
    counts = Counter((gene, theirs, ours, cause) for gene, _, theirs, ours, _, cause, _ in found)
    for (gene, theirs, ours, cause), count in sorted(counts.items(), key=lambda item: (item[0][0], -item[1])):
        yield gene, theirs, ours, str(count), cause


def phenotype_summary(theirs, ours, samples) -> Iterator[tuple[str, ...]]:
    """Count different phenotypes by gene and whether the diplotype is the same."""
    yield "gene", "PyPGx", "lupus_pgx", "samples", "diplotype"
    counts: Counter[tuple[str, ...]] = Counter()
    for gene in theirs:
        for sample in samples:
            one, other = theirs[gene][sample], ours[gene][sample]
            silent = {one.phenotype, other.phenotype} <= NOT_STATED
            if one.phenotype != other.phenotype and not silent:
                same = "same" if one.alleles == other.alleles else "different"
                counts[gene, one.phenotype or "none", other.phenotype or "none", same] += 1
    for (gene, one, other, same), count in sorted(counts.items(), key=lambda item: (item[0][0], -item[1])):
        yield gene, one, other, str(count), same


def timings(given: argparse.Namespace, samples: Sequence[str], options) -> Iterator[tuple[str, ...]]:
    """Give seconds per gene: PyPGx one run of the command, lupus_pgx the median of several in one process."""
    import lupus_pgx

    yield "gene", "PyPGx, wall clock", "PyPGx, processor", "lupus_pgx, wall clock", "lupus_pgx, processor"
    path = given.results / "seconds.tsv"
    lines = [line.split("\t") for line in path.read_text().splitlines()] if path.exists() else []
    theirs = {gene: (wall, used) for gene, wall, used in lines}
    for name, genes in [*((gene, [gene]) for gene in given.genes), ("all together", given.genes)]:
        runs = []
        for _ in range(given.repeats):
            wall, used = time.perf_counter(), time.process_time()
            lupus_pgx.analyze(given.vcf, samples=samples, genes=genes, absent="reference", **options)
            runs.append((time.perf_counter() - wall, time.process_time() - used))
        done = [theirs[gene] for gene in genes if gene in theirs]
        known = [f"{sum(float(pair[place]) for pair in done):.1f}" if done else "" for place in (0, 1)]
        yield name, *known, *(f"{statistics.median(run[place] for run in runs):.3f}" for place in (0, 1))


# ------------------------------------------------------------------------------------------------- small


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def _archive(path: Path) -> list[dict[str, str]]:
    """Read the table in one of PyPGx's archives; the sample is in the column without a name."""
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data.tsv"))
        return list(csv.DictReader(io.StringIO(archive.read(name).decode()), delimiter="\t"))


def _markdown(rows: Iterable[Sequence[str]]) -> str:
    head, *rest = list(rows)
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rest]]
    return "\n".join(lines)


def _say(text: str):
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
