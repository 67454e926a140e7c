"""Make alignment files whose truth is known: reads drawn from two haplotypes over panel loci."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
import pysam

from lupus_pgx import load_knowledge
from lupus_pgx.terms import Build

BASES = np.array(list("ACGT"))
FLANK = 600
LENGTH = 150


class _Strand:
    """What one haplotype reads as over an island, and how a read of it lies on the genome."""

    def __init__(self, parts: list[tuple[int, str]]) -> None:
        text: list[str] = []
        self.places, self.ops = [], []
        for pos, bases in parts:
            if not bases:
                self.ops.append((pos, "D"))
            for number, base in enumerate(bases):
                self.ops.append((pos, "M" if number == 0 else "I"))
                text.append(base)
                self.places.append(len(self.ops) - 1)
        self.text = np.array(text)
        self.plain = all(op == "M" for _, op in self.ops)

    def read(self, drawn: int) -> tuple[int, np.ndarray, list[tuple[int, int]]]:
        """Return the first base, the sequence and the CIGAR of a read that starts at some letter."""
        if self.plain:
            return self.ops[drawn][0], self.text[drawn : drawn + LENGTH], [(0, LENGTH)]
        own, begin = self.ops[self.places[drawn] : self.places[drawn + LENGTH - 1] + 1], drawn
        while own and own[0][1] != "M":
            own, begin = own[1:], begin + (own[0][1] == "I")
        while own and own[-1][1] != "M":
            own = own[:-1]
        cigar = [("MID".index(op), len(list(same))) for op, same in groupby(op for _, op in own)]
        return own[0][0], self.text[begin : begin + sum(op != "D" for _, op in own)], cigar


@dataclass
class Aligner:
    """Reads of one sample over some loci, drawn from haplotypes that start as the genome.

    ``carry("rs1142345", "T", "C")`` states the letters of both haplotypes; ``write`` draws reads of 150 bases at a
    depth, with errors, and writes them with their index. Around the loci the genome is random; it is kept in
    ``genome``, so that a FASTA can be written of it.
    """

    loci: list
    build: str = "GRCh38"
    sample: str = "S1"
    seed: int = 1
    carried: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prefix: str = "chr"

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.sites = {locus.name: locus.sites[Build(self.build)] for locus in self.loci}
        self.lengths = {name: facts[0] for name, facts in load_knowledge().contig_facts(Build(self.build)).items()}
        self.genome = {}
        order = sorted(self.sites.values(), key=lambda site: (site.chrom, site.pos))
        islands: list[list] = []
        for site in order:
            if islands and islands[-1][0] == site.chrom and site.pos - FLANK <= islands[-1][2]:
                islands[-1][2] = site.end + FLANK
            else:
                islands.append([site.chrom, site.pos - FLANK, site.end + FLANK])
        for chrom, start, end in islands:
            bases = self.rng.choice(BASES, end - start + 1)
            for site in order:
                if site.chrom == chrom and start <= site.pos <= end:
                    known = site.context.sequence if len(site.context.sequence) > len(site.ref) else site.ref
                    bases[site.pos - start : site.pos - start + len(known)] = list(known)
            self.genome[chrom, start] = bases

    def carry(self, locus: str, *letters: str) -> Aligner:
        assert set(letters) <= set(self.sites[locus].letters) or len(letters[0]) == 1
        self.carried[locus] = letters
        return self

    def haplotype(self, chrom: str, start: int, which: int) -> list[tuple[int, str]]:
        """Return what a haplotype has in place of each base of an island, with the base's position."""
        parts = [[start + number, base] for number, base in enumerate(self.genome[chrom, start])]
        for name, letters in self.carried.items():
            site = self.sites[name]
            at, letter = site.pos - start, letters[which]
            if site.chrom != chrom or not 0 <= at < len(parts) or letter == site.ref:
                continue
            if len(letter) == len(site.ref):
                for offset, base in enumerate(letter):
                    parts[at + offset][1] = base
                continue
            alike = 0
            while alike < min(len(letter), len(site.ref)) and letter[alike] == site.ref[alike]:
                alike += 1
            for offset in range(alike, len(site.ref)):
                parts[at + offset][1] = ""
            parts[at + alike - 1][1] += letter[alike:]
        return [(pos, text) for pos, text in parts]

    def reads(self, depth: float, error: float = 0.005) -> list[tuple]:
        found = []
        for chrom, start in self.genome:
            for which in (0, 1):
                strand = _Strand(self.haplotype(chrom, start, which))
                count = self.rng.poisson(depth / 2 * len(strand.text) / LENGTH)
                for drawn in self.rng.integers(0, len(strand.text) - LENGTH, count).tolist():
                    first, bases, cigar = strand.read(drawn)
                    wrong = self.rng.random(len(bases)) < error
                    if wrong.any():
                        bases = bases.copy()
                        bases[wrong] = BASES[self.rng.integers(0, len(BASES), int(wrong.sum()))]
                    found.append((chrom, first, bases.tobytes().decode("utf-32"), cigar))
        order = {chrom: number for number, chrom in enumerate(self.lengths)}
        return sorted(found, key=lambda item: (order[item[0]], item[1]))

    def header(self) -> dict:
        contigs = [{"SN": self.name(name), "LN": length} for name, length in self.lengths.items()]
        group = [{"ID": f"{self.sample}.1", "SM": self.sample}] if self.sample else []
        return {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": contigs, "RG": group}

    def name(self, chrom: str) -> str:
        return f"{self.prefix}{chrom.removeprefix('chr')}"

    def segments(self, reads: list[tuple], mapping: int = 60, quality: int = 35, flag: int = 0) -> list:
        header = pysam.AlignmentHeader.from_dict(self.header())
        made = []
        for number, (chrom, pos, text, cigar) in enumerate(reads):
            read = pysam.AlignedSegment(header)
            read.query_name, read.flag, read.mapping_quality = f"r{number}", flag, mapping
            read.query_sequence = text
            read.reference_name, read.reference_start = self.name(chrom), pos - 1
            read.cigartuples = cigar
            read.query_qualities = pysam.qualitystring_to_array(chr(33 + quality) * len(text))
            if self.sample:
                read.set_tag("RG", f"{self.sample}.1")
            made.append(read)
        return made

    def write(self, path: Path, depth: float = 30, error: float = 0.005, index: bool = True, **changes) -> str:
        return write_reads(path, self.header(), self.segments(self.reads(depth, error), **changes), index=index)

    def write_fasta(self, path: Path, chrom: str) -> str:
        """Write one contig, Ns but for what the reads were drawn from."""
        sequence = np.full(self.lengths[chrom], ord("N"), np.uint8)
        for (home, start), bases in self.genome.items():
            if home == chrom:
                sequence[start - 1 : start - 1 + len(bases)] = np.frombuffer("".join(bases).encode(), np.uint8)
        with path.open("wb") as handle:
            handle.write(f">{self.name(chrom)}\n".encode())
            handle.write(sequence.tobytes())
            handle.write(b"\n")
        pysam.faidx(str(path))
        return str(path)


def write_reads(path: Path, header: dict, reads: list, index: bool = True, **options) -> str:
    """Write reads as BAM, or as CRAM that needs no genome; with an index that is not older."""
    cram = path.suffix == ".cram"
    if cram and not options:
        options["format_options"] = [b"no_ref=1"]
    order = sorted(reads, key=lambda read: (read.reference_id, read.reference_start))
    with pysam.AlignmentFile(str(path), "wc" if cram else "wb", header=header, **options) as out:
        for read in order:
            out.write(read)
    if index:
        pysam.index(str(path))
    return str(path)


def make_older(path: str) -> None:
    """Make an index older than its file by a minute."""
    file = Path(path)
    time = file.stat().st_mtime - 60
    os.utime(path, (time, time))
