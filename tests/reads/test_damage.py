"""Alignments and indexes that are damaged: an error in a sentence, never a signal; whole ones are read."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from pathlib import Path

import pysam
import pytest
from fuzz import hostile

from lupus_pgx.errors import InputError
from lupus_pgx.reads.file import AlignedFile
from lupus_pgx.reads.given import BAM, Source
from lupus_pgx.reads.index import check_index


@pytest.fixture(scope="module")
def fx_bam(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reads")
    hostile.bam(folder)
    path = folder / "reads.bam"
    pysam.index("-c", str(path))
    return path


@pytest.mark.every
@pytest.mark.parametrize("suffix", [".bai", ".csi"])
def test_a_whole_index_is_whole(suffix, fx_bam):
    check_index(f"{fx_bam}{suffix}", str(fx_bam))


@pytest.mark.every
@pytest.mark.parametrize("suffix", [".bai", ".csi"])
def test_an_index_that_ends_anywhere_is_refused(suffix, fx_bam, tmp_path):
    data = Path(f"{fx_bam}{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    for size in range(0, len(data) - 8, 3):
        path.write_bytes(data[:size])
        with pytest.raises(InputError, match="its index"):
            check_index(str(path), str(fx_bam))


@pytest.mark.every
@pytest.mark.parametrize("number", [-1, 0x7FFFFFFF, -(2**31), 1 << 20])
def test_a_count_that_leads_out_is_refused(number, fx_bam, tmp_path):
    data = Path(f"{fx_bam}.bai").read_bytes()
    path = tmp_path / "x.bai"
    for place in (4, 8, 16):  # references, bins, stretches of the first bin
        path.write_bytes(data[:place] + (number & 0xFFFFFFFF).to_bytes(4, "little") + data[place + 4 :])
        with pytest.raises(InputError, match="its index"):
            check_index(str(path), str(fx_bam))


@pytest.mark.slow
def test_htslib_survives_what_is_let_through(fx_bam, tmp_path):
    """Each in a process of its own: 40 damages that no count shows."""
    data, tried = Path(f"{fx_bam}.bai").read_bytes(), 0
    copied = tmp_path / "reads.bam"
    copied.write_bytes(fx_bam.read_bytes())
    for seed in range(400):
        dice, damaged = random.Random(seed), bytearray(data)
        damaged[dice.randrange(len(data))] = dice.randrange(256)
        index = Path(f"{copied}.bai")
        index.write_bytes(damaged)
        try:
            check_index(str(index), str(copied))
        except InputError:
            continue
        tried += 1
        process = os.fork()
        if not process:
            try:
                with pysam.AlignmentFile(str(copied), index_filename=str(index)) as file:
                    list(file.fetch("chr6", 18130000, 18131000))
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0, seed
        if tried == 40:
            return
    assert tried == 40


def test_alignments_in_another_wrapping_are_refused(fx_bam, tmp_path):
    """Packed by gzip: htslib knows no place in them."""
    path = tmp_path / "reads.bam"
    path.write_bytes(gzip.compress(gzip.decompress(fx_bam.read_bytes())))
    with pytest.raises(InputError, match="cannot be read as BAM"), AlignedFile(Source(str(path), BAM)):
        pass


def test_a_contig_whose_name_is_no_text_is_refused(fx_bam, tmp_path):
    data = bytearray(gzip.decompress(fx_bam.read_bytes()))
    text = int.from_bytes(data[4:8], "little")
    name = 8 + text + 4 + 4  # magic and length, text, count of contigs, length of the name
    data[name + 3] = 0xE0
    path = tmp_path / "reads.bam"
    with pysam.BGZFile(str(path), "wb") as file:
        file.write(bytes(data))
    shutil.copy(f"{fx_bam}.bai", f"{path}.bai")
    with pytest.raises(InputError, match="header of the alignments is damaged"), AlignedFile(Source(str(path), BAM)):
        pass
