"""Write large synthetic VCF files: ``python tests/benchmarks/generate.py wgs|cohort|singles DIR``.

Everything follows the knowledge tables: the loci, and the haplotypes with their frequencies. No line
is put together record by record in Python but where there are few: columns of bytes are filled by
table look-up, so that the speed is that of the compressor. The same seed gives the same text.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pysam

from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.knowledge.loci import Haplotypes, Locus, Site
from lupus_pgx.terms import POOL, Ancestry, Build

SEED = 20261122
BUILD = Build.GRCH38
WGS_RECORDS = 4_000_000
AROUND = 5
"""Other records around each locus of a cohort."""

UNMEASURED = 0.3
"""Share of all changed alleles at loci for which no haplotype frequencies are known (markers)."""

Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.uint8]

_NEIGHBOURHOOD = 300  # bases around a locus in which the other records lie
_AT_ONCE = 250  # files of one person that are put together at once
_CHUNK = 250_000  # records of a genome that are put together at once
_BASES = np.frombuffer(b"ACGT", np.uint8)
_ABSENT = 10  # stands for the second haplotype of a man on X


@dataclass(frozen=True)
class Unit:
    """Loci that are inherited together.

    Attributes
    ----------
    name : str
    loci : tuple of Locus
    names : tuple of str
        Haplotype names; the last is a haplotype without a name, drawn as the genome has it.
    codes : ndarray of uint8, shape (haplotypes, loci)
        Number of the allele in the record (0 is REF).
    shares : dict of str to ndarray
        Frequency of each haplotype by population.
    """

    name: str
    loci: tuple[Locus, ...]
    names: tuple[str, ...]
    codes: Codes
    shares: dict[str, npt.NDArray[np.float64]]

    def draw(self, rng: np.random.Generator, populations: npt.NDArray[np.intp]) -> npt.NDArray[np.uint16]:
        """Draw one haplotype number for each sample."""
        drawn = np.zeros(len(populations), np.uint16)
        for number, population in enumerate(Ancestry):
            here = np.flatnonzero(populations == number)
            share = self.shares.get(population.value, self.shares[POOL])
            drawn[here] = rng.choice(len(share), len(here), p=share)
        return drawn


# ----------------------------------------------------------------------------------------- what to write


def units(knowledge: Knowledge) -> list[Unit]:
    """Return all panel loci, grouped by what is inherited together."""
    found: list[Unit] = []
    for gene, loci in knowledge.loci_by_gene.items():
        taken: set[str] = set()
        star = knowledge.star_genes.get(gene)
        if star is not None and star.haplotypes.loci:
            found.append(_star_unit(star))
            taken.update(locus.name for locus in star.haplotypes.loci)
        for key, marker in knowledge.markers_by_key.items():
            names = {locus.name for locus in marker.haplotypes.loci}
            if marker.gene == gene and names and not names & taken:
                found.append(_unmeasured(key, marker.haplotypes.loci, _codes(marker.haplotypes)))
                taken |= names
        for locus in loci:
            if locus.name not in taken:
                codes = np.arange(len(_site(locus).letters), dtype=np.uint8)[:, None]
                found.append(_unmeasured(f"{gene} {locus.name}", (locus,), codes))
    return found


def _site(locus: Locus) -> Site:
    return locus.sites[BUILD]


def _codes(haplotypes: Haplotypes) -> Codes:
    """Return which ALT of each locus a haplotype carries; REF where it may have that."""
    table = np.zeros((len(haplotypes.names), len(haplotypes.loci)), np.uint8)
    for column, locus in enumerate(haplotypes.loci):
        reference = _site(locus).reference_code
        # ALTs stand in code order, without the code that is REF.
        shown = [0 if code == reference else code + (code < reference) for code in range(len(_site(locus).letters))]
        for line, allowed in enumerate(haplotypes.allowed):
            mask = allowed[column]
            code = reference if mask >> reference & 1 else (mask & -mask).bit_length() - 1
            table[line, column] = shown[code]
    if table.size and table.max() >= _ABSENT:
        raise ValueError("a locus has more than nine ALTs: cells of one digit do not hold them")
    return table


def _star_unit(star: StarGene) -> Unit:
    names = star.haplotypes.names
    codes = np.vstack([_codes(star.haplotypes), np.zeros((1, len(star.haplotypes.loci)), np.uint8)])
    shares: dict[str, npt.NDArray[np.float64]] = {}
    for population, counts in star.counts.items():
        weights = np.zeros(len(names) + 1)
        for allele, count in counts.items():
            own = [number for number, name in enumerate(names) if star.reported[name] == allele]
            # What no table names (and a name that has no definition) is drawn as the genome has it.
            weights[own or [len(names)]] += count / max(len(own), 1)
        shares[population] = weights / weights.sum()
    if POOL not in shares:
        return _unmeasured(star.gene, star.haplotypes.loci, codes[:-1], names)
    return Unit(star.gene, star.haplotypes.loci, (*names, "other"), codes, shares)


def _unmeasured(name: str, loci: tuple[Locus, ...], codes: Codes, names: Sequence[str] = ()) -> Unit:
    changed = codes.any(axis=1)
    weights = np.where(changed, UNMEASURED / max(int(changed.sum()), 1), 0.0)
    lines = np.vstack([codes, np.zeros((1, codes.shape[1]), np.uint8)])
    share = np.append(weights, 1 - weights.sum())
    return Unit(name, loci, (*(names or [str(number) for number in range(len(codes))]), "other"), lines, {POOL: share})


def _header(knowledge: Knowledge, lines: Sequence[str], samples: Sequence[str]) -> bytes:
    contigs = [
        f"##contig=<ID={chrom},length={length},assembly={BUILD}>"
        for chrom, (length, _) in knowledge.contig_facts(BUILD).items()
    ]
    columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])
    head = ["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="All filters passed">', *contigs, *lines]
    return ("\n".join(head) + "\n" + columns + "\n").encode()


_GT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'


@contextmanager
def _bgzipped(path: Path, threads: int = 2) -> Iterator[Any]:
    """Open a bgzipped file for writing, and index it when it is complete."""
    program = shutil.which("bgzip")
    if program is None:
        with pysam.BGZFile(str(path), "wb", None) as out:
            yield out
    else:
        with path.open("wb") as target:
            process = subprocess.Popen([program, f"-@{threads}", "-c"], stdin=subprocess.PIPE, stdout=target)
            assert process.stdin is not None
            yield process.stdin
            process.stdin.close()
            if process.wait():
                raise OSError(f"{program} failed on {path}")
    pysam.tabix_index(str(path), preset="vcf", force=True)


# ------------------------------------------------------------------------------------------------ cohort


def write_cohort(folder: Path, samples: int, *, seed: int = SEED, knowledge: Knowledge | None = None) -> list[Path]:
    """Write a phased cohort: one block file for each chromosome that has panel loci.

    Parameters
    ----------
    folder : Path
        Made if it does not exist. ``samples.tsv`` says which population and sex each sample has.
    samples : int
    seed : int
    knowledge : Knowledge, optional

    Returns
    -------
    list of Path
        The block files.
    """
    knowledge = knowledge or load_knowledge()
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    populations = rng.integers(0, len(Ancestry), samples)
    male = rng.random(samples) < 0.5
    names = [f"S{number:07d}" for number in range(1, samples + 1)]
    groups = [population.value for population in Ancestry]
    rows = zip(names, populations.tolist(), male.tolist(), strict=True)
    lines = [f"{name}\t{groups[group]}\t{'male' if is_male else 'female'}\n" for name, group, is_male in rows]
    (folder / "samples.tsv").write_text("sample\tsuper_pop\tsex\n" + "".join(lines), encoding="utf-8")
    header = _header(knowledge, ['##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency drawn from">', _GT], names)
    by_chrom: dict[str, list[Unit]] = {}
    for unit in units(knowledge):
        by_chrom.setdefault(_site(unit.loci[0]).chrom, []).append(unit)
    files = []
    for chrom in (name for name in knowledge.contig_facts(BUILD) if name in by_chrom):
        path = folder / f"{chrom}.vcf.gz"
        with _bgzipped(path) as out:
            out.write(header)
            _write_block(out, rng, chrom, by_chrom[chrom], populations, male if chrom == "chrX" else None)
        files.append(path)
    return files


def write_singles(folder: Path, samples: int, *, seed: int = SEED, knowledge: Knowledge | None = None) -> list[Path]:
    """Write a cohort as files of one person each, and return them.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    samples : int
    seed : int
    knowledge : Knowledge, optional
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    with tempfile.TemporaryDirectory() as work:
        together = write_cohort(Path(work), samples, seed=seed, knowledge=knowledge)
        for start in range(0, samples, _AT_ONCE):
            count = min(_AT_ONCE, samples - start)
            texts: list[list[bytes]] = [[] for _ in range(count)]
            for path in together:
                _cut(path, start, texts, named=path == together[0])
            for number, text in enumerate(texts, start=start + 1):
                files.append(folder / f"S{number:07d}.vcf.gz")
                with _bgzipped(files[-1]) as out:
                    out.write(b"".join(text))
    return files


def _cut(path: Path, start: int, texts: Sequence[list[bytes]], *, named: bool) -> None:
    """Add the columns of some people to their texts, with the header where it is asked for."""
    with gzip.open(path) as lines:
        for line in lines:
            if line.startswith(b"##"):
                for text in texts if named else ():
                    text.append(line)
            elif named or not line.startswith(b"#"):
                *head, cells = line.rstrip(b"\n").split(b"\t", 9)
                first = b"\t".join(head) + b"\t"
                for text, cell in zip(texts, cells.split(b"\t")[start : start + len(texts)], strict=True):
                    text.append(first + cell + b"\n")


def cohort_files(folder: Path) -> list[Path]:
    """Return the block files of a cohort that was written before."""
    return sorted(folder.glob("chr*.vcf.gz"))


def _write_block(
    out: Any,
    rng: np.random.Generator,
    chrom: str,
    here: Sequence[Unit],
    populations: npt.NDArray[np.intp],
    male: npt.NDArray[np.bool_] | None,
) -> None:
    """Write the records of a chromosome; ``male`` says who has one copy of it."""
    drawn = [(unit, unit.draw(rng, populations), unit.draw(rng, populations)) for unit in here]
    blank = _lookup(np.zeros(len(populations), np.uint8), _second(np.zeros(len(populations), np.uint8), male))
    records: list[tuple[int, bytes, Any]] = []
    for unit, one, other in drawn:
        for column, locus in enumerate(unit.loci):
            site = _site(locus)
            head = f"{chrom}\t{site.pos}\t{locus.rsid or '.'}\t{site.ref}\t{','.join(site.alts)}\t.\tPASS\t.\tGT\t"
            records.append((site.pos, head.encode(), (unit.codes[:, column], one, other)))
    sites = [_site(locus) for unit in here for locus in unit.loci]
    for pos in _elsewhere(rng, sites):
        ref, alt = rng.permutation(4)[:2]
        frequency = 10 ** rng.uniform(-4, -1.3)
        letters = f"{chr(_BASES[ref])}\t{chr(_BASES[alt])}"
        records.append((pos, f"{chrom}\t{pos}\t.\t{letters}\t.\tPASS\tAF={frequency:.5f}\tGT\t".encode(), frequency))
    for _, head, what in sorted(records, key=lambda record: record[:2]):
        if isinstance(what, tuple):
            codes, one, other = what
            cells = _lookup(codes[one], _second(codes[other], male))
        else:
            cells = _sprinkled(rng, blank, what, male)
        text = cells.reshape(-1)
        if male is not None:
            text = text[text != 0]
        text[-1] = ord("\n")
        out.write(head)
        out.write(text.tobytes())


def _elsewhere(rng: np.random.Generator, sites: Sequence[Site]) -> list[int]:
    """Choose positions near loci at which no locus is touched."""
    forbidden = {pos for site in sites for pos in range(site.pos - 1, site.end + 2)}
    chosen: list[int] = []
    for site in sites:
        reach = range(site.pos - _NEIGHBOURHOOD, site.end + _NEIGHBOURHOOD)
        free = [pos for pos in reach if pos > 0 and pos not in forbidden]
        picked = rng.choice(free, min(AROUND, len(free)), replace=False).tolist()
        forbidden.update(picked)
        chosen += picked
    return chosen


def _second(codes: Codes, male: npt.NDArray[np.bool_] | None) -> Codes:
    return codes if male is None else np.where(male, np.uint8(_ABSENT), codes)


def _cell_table() -> npt.NDArray[np.uint32]:
    """Return the four bytes of each pair of alleles; those of a single allele end in zeros."""
    cells = [
        (f"{one}\t\0\0" if other == _ABSENT else f"{one}|{other}\t").encode()
        for one in range(_ABSENT)
        for other in range(_ABSENT + 1)
    ]
    return np.frombuffer(b"".join(cells), np.uint32)


_CELLS = _cell_table()


def _lookup(one: Codes, other: Codes) -> Bytes:
    """Return the text of genotypes, four bytes each."""
    pairs = one.astype(np.uint16) * np.uint16(_ABSENT + 1) + other
    return _CELLS[pairs].view(np.uint8).reshape(-1, 4)


def _sprinkled(rng: np.random.Generator, blank: Bytes, frequency: float, male: npt.NDArray[np.bool_] | None) -> Bytes:
    """Give a rare ALT to random haplotypes, to one at least."""
    cells = blank.copy()
    count = max(int(rng.binomial(2 * len(cells), frequency)), 1)
    haplotypes = rng.integers(0, 2 * len(cells), count)
    carriers, side = haplotypes // 2, haplotypes % 2
    if male is not None:
        side = np.where(male[carriers], 0, side)
    cells[carriers, 2 * side] = ord("1")
    return cells


# --------------------------------------------------------------------------------------------------- wgs


def write_wgs(
    folder: Path, records: int = WGS_RECORDS, *, seed: int = SEED, knowledge: Knowledge | None = None
) -> Path:
    """Write the genome of one woman: variants on the autosomes and X, and every panel locus.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    records : int
        About how many records there are in all.
    seed : int
    knowledge : Knowledge, optional

    Returns
    -------
    Path
        ``wgs-RECORDS.vcf.gz``, bgzipped and indexed.
    """
    knowledge = knowledge or load_knowledge()
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    path = wgs_file(folder, records)
    panel = _panel_lines(knowledge, rng)
    lengths = {
        chrom: length
        for chrom, (length, _) in knowledge.contig_facts(BUILD).items()
        if chrom.removeprefix("chr").isdigit() or chrom == "chrX"
    }
    others = max(records - sum(map(len, panel.values())), 0)
    total = sum(lengths.values())
    with _bgzipped(path) as out:
        out.write(_header(knowledge, _WGS_HEADER, ["WGS-1"]))
        for chrom, length in lengths.items():
            here = panel.get(chrom, [])
            positions = np.unique(rng.integers(10_000, length - 10_000, round(others * length / total)))
            for start, end, _ in here:
                positions = positions[(positions < start - 20) | (positions > end + 2)]
            cuts = np.searchsorted(positions, [start for start, _, _ in here])
            before = 0
            for cut, (_, _, line) in zip(cuts.tolist(), here, strict=True):
                _write_variants(out, rng, chrom, positions[before:cut])
                out.write(line)
                before = cut
            _write_variants(out, rng, chrom, positions[before:])
    return path


def wgs_file(folder: Path, records: int) -> Path:
    """Return where the genome with so many records is written."""
    return folder / f"wgs-{records}.vcf.gz"


_WGS_HEADER = [
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles called">',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##INFO=<ID=FS,Number=1,Type=Float,Description="Strand bias">',
    '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality">',
    '##INFO=<ID=QD,Number=1,Type=Float,Description="Quality by depth">',
    _GT,
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Genotype likelihoods">',
]


def _panel_lines(knowledge: Knowledge, rng: np.random.Generator) -> dict[str, list[tuple[int, int, bytes]]]:
    """Return first base, last base and record of each panel locus, by chromosome, in order."""
    lines: dict[str, list[tuple[int, int, bytes]]] = {}
    for unit in units(knowledge):
        one, other = rng.choice(len(unit.names), 2, p=unit.shares[POOL])
        for column, locus in enumerate(unit.loci):
            site = _site(locus)
            pair = sorted((int(unit.codes[one, column]), int(unit.codes[other, column])))
            reads = [0] * (len(site.alts) + 1)
            for allele in pair:
                reads[allele] += 16
            order = [(low, high) for high in range(len(reads)) for low in range(high + 1)]
            likely = ["0" if [low, high] == pair else str(450 + 45 * (low + high)) for low, high in order]
            cells = [
                *(site.chrom, site.pos, locus.rsid or ".", site.ref, ",".join(site.alts), "600.00", "PASS", "DP=32"),
                "GT:AD:DP:GQ:PL",
                f"{pair[0]}/{pair[1]}:{','.join(map(str, reads))}:32:99:{','.join(likely)}",
            ]
            line = ("\t".join(map(str, cells)) + "\n").encode()
            lines.setdefault(site.chrom, []).append((site.pos, site.end, line))
    return {chrom: sorted(here) for chrom, here in lines.items()}


def _write_variants(out: Any, rng: np.random.Generator, chrom: str, positions: npt.NDArray[np.int64]) -> None:
    for first in range(0, len(positions), _CHUNK):
        out.write(_variants(rng, chrom, positions[first : first + _CHUNK]).tobytes())


def _variants(rng: np.random.Generator, chrom: str, positions: npt.NDArray[np.int64]) -> Bytes:
    """Return the text of random variants: columns of bytes in which zeros are left out at the end."""
    count = len(positions)
    homozygous = rng.random(count) < 0.36
    depth = rng.poisson(32, count).clip(8, 99)
    alternate = np.where(homozygous, depth, rng.binomial(depth, 0.5).clip(1, 98))
    quality = alternate * 31 + rng.integers(0, 30, count)
    short, long = _BASES[rng.integers(0, 4, count)], _BASES[rng.integers(0, 4, (count, 6))]
    indel = rng.random(count) < 0.12
    size = np.where(indel, rng.geometric(0.4, count).clip(1, 5), 0)
    long = np.where(np.arange(6)[None, :] <= size[:, None], long, 0).astype(np.uint8)
    long[:, 0] = np.where(indel, short, _BASES[(np.searchsorted(_BASES, short) + rng.integers(1, 4, count)) % 4])
    deletion = indel & (rng.random(count) < 0.5)
    alone = np.zeros((count, 6), np.uint8)
    alone[:, 0] = short
    ref, alt = np.where(deletion[:, None], long, alone), np.where(deletion[:, None], alone, long)
    hundredths = rng.integers(0, 100, count)
    columns = [
        *(_text(count, f"{chrom}\t"), _digits(positions, 9), _text(count, "\t.\t"), ref, _text(count, "\t"), alt),
        *(_text(count, "\t"), _digits(quality, 4), _text(count, "."), _digits(hundredths, 2, padded=True)),
        _either(homozygous, "\tPASS\tAC=2;AF=1.00;AN=2;DP=", "\tPASS\tAC=1;AF=0.500;AN=2;DP="),
        *(_digits(depth, 2), _text(count, ";FS="), _digits(hundredths % 9, 1), _text(count, ".")),
        *(_digits(hundredths * 7 % 1000, 3, padded=True), _text(count, ";MQ=60.00;QD="), _digits(quality // depth, 2)),
        *(_text(count, "."), _digits(hundredths * 3 % 100, 2, padded=True), _text(count, "\tGT:AD:DP:GQ:PL\t")),
        *(_either(homozygous, "1/1:", "0/1:"), _digits(depth - alternate, 2), _text(count, ",")),
        *(_digits(alternate, 2), _text(count, ":"), _digits(depth, 2), _text(count, ":")),
        *(_digits(np.where(homozygous, (depth * 3).clip(0, 99), 99), 2), _text(count, ":")),
        *(_digits(quality + 14, 4), _text(count, ","), _digits(np.where(homozygous, depth * 3, 0), 3)),
        *(_text(count, ","), _digits(np.where(homozygous, 0, (depth - alternate) * 33), 4), _text(count, "\n")),
    ]
    text = np.hstack(columns).reshape(-1)
    return text[text != 0]


def _text(count: int, text: str) -> Bytes:
    letters = np.frombuffer(text.encode(), np.uint8)
    return np.broadcast_to(letters, (count, len(letters)))


def _either(which: npt.NDArray[np.bool_], yes: str, no: str) -> Bytes:
    width = max(len(yes), len(no))
    table = np.frombuffer((yes.ljust(width, "\0") + no.ljust(width, "\0")).encode(), np.uint8).reshape(2, width)
    return table[np.where(which, 0, 1)]


def _digits(numbers: npt.NDArray[np.integer], width: int, *, padded: bool = False) -> Bytes:
    """Write numbers as right-aligned digits; leading zeros become zero bytes unless ``padded``."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    digits = (numbers[:, None] // powers) % 10 + ord("0")
    if not padded:
        digits = np.where((numbers[:, None] >= powers) | (powers == 1), digits, 0)
    return digits.astype(np.uint8)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files that the command line asks for."""
    parser = argparse.ArgumentParser(description="Write large synthetic VCF files.")
    commands = parser.add_subparsers(required=True, dest="command")
    wgs = commands.add_parser("wgs", help="one genome")
    wgs.add_argument("folder", type=Path)
    wgs.add_argument("--records", type=int, default=WGS_RECORDS, help="(%(default)s)")
    cohort = commands.add_parser("cohort", help="many samples at the panel loci, one file per chromosome")
    cohort.add_argument("folder", type=Path)
    cohort.add_argument("--samples", type=int, required=True)
    singles = commands.add_parser("singles", help="the same people in a file each")
    singles.add_argument("folder", type=Path)
    singles.add_argument("--samples", type=int, required=True)
    for command in (wgs, cohort, singles):
        command.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    if given.command == "wgs":
        files = [write_wgs(given.folder, given.records, seed=given.seed)]
    elif given.command == "singles":
        files = write_singles(given.folder, given.samples, seed=given.seed)
    else:
        files = write_cohort(given.folder, given.samples, seed=given.seed)
    sys.stdout.writelines(f"{path}\n" for path in files)


if __name__ == "__main__":
    main()
