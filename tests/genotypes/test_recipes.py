"""Recipes for calling the loci by force: bcftools is run on reads, and gives the genotypes that the reads carry."""

from __future__ import annotations

import os
import random
import shlex
import shutil
import subprocess
import sys

import pysam
import pytest

import lupus_pgx
from lupus_pgx.terms import Build

LENGTH, EVERY, MARGIN = 100, 7, 400
ESSENTIAL_INDEL, RARE_DELETION, SNV = "rs746071566", "rs1457579126", "rs116855232"


class Reads:
    """A stretch of genome around the loci of a gene, and reads of two haplotypes that carry changes."""

    def __init__(self, knowledge, gene, haplotypes):
        self.sites = {locus.name: locus.sites[Build.GRCH38] for locus in knowledge.loci_by_gene[gene]}
        self.haplotypes = haplotypes
        self.chrom = next(iter(self.sites.values())).chrom
        self.start = min(site.pos for site in self.sites.values()) - MARGIN
        end = max(site.end for site in self.sites.values()) + MARGIN
        choose = random.Random(1)
        bases = [choose.choice("ACGT") for _ in range(end - self.start)]
        for site in self.sites.values():
            known = max(site.context.sequence, site.ref, key=len)
            bases[site.pos - self.start : site.pos - self.start + len(known)] = known
        self.genome = "".join(bases)

    def write(self, folder, sample="S1"):
        fasta, bam = folder / "genome.fa", folder / "sample.bam"
        fasta.write_text(f">{self.chrom}\n{'N' * (self.start - 1)}{self.genome}\n")
        pysam.faidx(str(fasta))
        header = pysam.AlignmentHeader.from_dict(
            {
                "HD": {"VN": "1.6", "SO": "coordinate"},
                "SQ": [{"SN": self.chrom, "LN": self.start - 1 + len(self.genome)}],
                "RG": [{"ID": "r", "SM": sample}],
            }
        )
        with pysam.AlignmentFile(str(bam), "wb", header=header) as out:
            for offset in range(0, len(self.genome) - LENGTH - 30, EVERY):
                for number, changes in enumerate(self.haplotypes):
                    self._read(out, header, offset, f"q{offset}_{number}", changes)
        pysam.index(str(bam))
        return fasta, bam

    def _read(self, out, header, offset, name, changes):
        bases, cigar = self.genome[offset : offset + LENGTH], [(0, LENGTH)]
        for locus, code in changes.items():
            site = self.sites[locus]
            ref, alt, at = site.ref, site.letters[code], site.pos - self.start - offset
            while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
                ref, alt = ref[:-1], alt[:-1]
            if at + len(site.context.sequence) < 0 or at >= LENGTH:
                continue
            if at < 5 or at + len(site.context.sequence) > LENGTH - 15:
                return  # an aligner would misplace an indel at the end of a read
            bases = bases[:at] + alt + bases[at + len(ref) :]
            if len(alt) > len(ref):
                cigar = [(0, at + 1), (1, len(alt) - 1), (0, LENGTH - at - 1)]
            elif len(ref) > len(alt):
                cigar = [(0, at + 1), (2, len(ref) - 1), (0, LENGTH - at - len(ref))]
        read = pysam.AlignedSegment(header)
        read.query_name, read.query_sequence = name, bases
        read.flag, read.mapping_quality = (0, 16)[offset % 2], 60
        read.reference_id, read.reference_start, read.cigartuples = 0, self.start - 1 + offset, cigar
        read.query_qualities = pysam.qualitystring_to_array("I" * len(bases))
        read.set_tag("RG", "r")
        out.write(read)


def pasted(text, folder):
    """Paste a recipe into a shell, as a user does, up to the analysis."""
    if shutil.which("bcftools") is None:
        pytest.skip("bcftools is not installed (Debian package bcftools)")
    lines = [line for line in text.splitlines() if not line.startswith("lupus-pgx analyze")]
    program = f'lupus-pgx() {{ {shlex.quote(sys.executable)} -m lupus_pgx "$@"; }}\nset -euo pipefail\n'
    script = program + "\n".join(lines)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    return folder / "panel.vcf.gz"


@pytest.mark.parametrize(
    ("changes", "diplotype"),
    [
        (({}, {}), "*1/*1"),
        (({}, {SNV: 1}), "*1/*3"),
        (({ESSENTIAL_INDEL: 1}, {ESSENTIAL_INDEL: 1}), "*6/*6"),
        (({}, {ESSENTIAL_INDEL: 1}), "*1/*6"),
        (({}, {ESSENTIAL_INDEL: 2}), "*1/*9"),
        (({}, {RARE_DELETION: 1}), "*1/*18"),
    ],
    ids=["nothing", "base", "insertion twice", "insertion", "deletion", "deletion in a run"],
)
def test_recipe_of_bcftools_finds_what_reads_carry(changes, diplotype, tmp_path, fx_cli, fx_knowledge):
    Reads(fx_knowledge, "NUDT15", changes).write(tmp_path)
    code, text, err = fx_cli("positions", "--build", "GRCh38", "--genes", "NUDT15", "--recipe", "bcftools")
    assert (code, err) == (0, "")
    called = pasted(text, tmp_path)
    # The genome of the test ends behind the gene, so its contigs have no length that proves the build.
    analysis = lupus_pgx.analyze(called, build="GRCh38", genes=["NUDT15"])
    frame = analysis.variants.to_frame()
    assert set(frame.status) == {"observed"}, frame[frame.status != "observed"]
    (row,) = analysis.diplotypes.to_frame().itertuples()
    assert (row.diplotype, row.call_status) == (diplotype, "certain")


@pytest.mark.parametrize("caller", ["bcftools", "gatk", "deepvariant"])
def test_recipe_is_shell_and_names_the_same_loci(caller, fx_cli):
    code, text, err = fx_cli("positions", "--build", "hg19", "--genes", "TPMT,NUDT15", "--recipe", caller)
    assert (code, err) == (0, "")
    assert subprocess.run(["bash", "-n"], input=text, text=True, check=False, capture_output=True).returncode == 0
    assert "lupus-pgx positions --build hg19 --genes TPMT,NUDT15" in text
    assert "lupus-pgx analyze panel" in text
    assert "GRCh37" in text


def test_recipe_keeps_a_file_with_blanks_in_its_name_together(fx_cli, fx_example, tmp_path):
    path = tmp_path / "my file.vcf.gz"
    shutil.copy(fx_example["patients.GRCh37.vcf.gz"], path)
    code, text, _ = fx_cli("positions", "--like", path, "--recipe", "gatk")
    assert code == 0
    assert f"--like '{path}'" in text


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["--recipe", "gakt", "--build", "GRCh38"], "gatk"),
        (["--recipe", "gatk"], "--like"),
        (["--recipe", "gatk", "--build", "GRCh38", "--flank", "5"], "--flank"),
        (["--recipe", "gatk", "--build", "GRCh38", "--genes", "TPMTT"], "TPMT"),
    ],
)
def test_what_no_recipe_answers_is_a_usage_error(arguments, near, fx_cli):
    code, out, err = fx_cli("positions", *arguments)
    assert (code, out) == (2, "")
    assert near in err
