"""One shard, read and written by several processes: the same files, the same words, the same errors."""

from __future__ import annotations

import logging
import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx import forks
from lupus_pgx.errors import InputError
from lupus_pgx.genotypes.column import Column
from lupus_pgx.terms import Build, LocusStatus

GENES = ["TPMT", "NUDT15", "CYP2C9", "CYP2C19"]
SAMPLES = ["A", "B", "C"]


@pytest.fixture
def fx_set(tmp_path):
    """Files of the same people by chromosome, and a file that holds nothing that is understood but one contig."""
    paths = []
    for chrom in ("chr6", "chr13", "chr10"):
        part = VcfBuilder(genes=GENES, samples=SAMPLES).set("rs1142345", "T|C", "T/T", "C/C")
        part.records = {name: group for name, group in part.records.items() if group[0].chrom == chrom}
        paths.append(part.write(tmp_path / "files" / chrom, "vcf.gz"))
    return paths


@pytest.fixture
def fx_alone(monkeypatch):
    """This process has no other thread, whatever ran before: it may be copied, and is."""
    copied = []
    monkeypatch.setattr(forks, "start_method", lambda: copied.append(1) or forks.FORK)
    return copied


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_two_processes_write_the_same_files(absent, fx_set, fx_alone, tmp_path):
    one = lupus_pgx.analyze_cohort(fx_set, tmp_path / "one", genes=GENES, absent=absent, threads=1)
    assert not fx_alone
    two = lupus_pgx.analyze_cohort(fx_set, tmp_path / "two", genes=GENES, absent=absent, threads=2)
    assert len(fx_alone) == 2, "reading and writing were shared"
    first, second = contents(one.folder), contents(two.folder)
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_what_is_logged_of_files_is_logged_here(fx_set, fx_alone, tmp_path, caplog):
    text = VcfBuilder(genes=["NUDT15"], samples=["D"]).text().replace("chr13", "scaffold_13")
    odd = tmp_path / "odd.vcf"
    odd.write_text(text + "chr6\t18130918\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\n")
    said = {}
    for threads in (1, 2):
        caplog.clear()
        lupus_pgx.analyze([*fx_set, odd], genes=GENES, threads=threads, build="GRCh38")
        said[threads] = sorted(record.getMessage() for record in caplog.records)
    assert any("not understood" in message for message in said[1])
    assert said[1] == said[2]


def test_what_a_file_raises_is_raised_here(fx_set, fx_alone, tmp_path):
    text = VcfBuilder(genes=["NUDT15"], samples=["D"]).text()
    bad = tmp_path / "bad.vcf"
    bad.write_text(text + text.splitlines()[-1].replace("0/0", "0/zero") + "\n")
    found = []
    for threads in (1, 2):
        with pytest.raises(InputError) as caught:
            lupus_pgx.analyze([*fx_set, bad], genes=GENES, threads=threads)
        found.append(str(caught.value))
    assert found[0] == found[1]


def test_a_pipe_is_read_once_and_here(fx_set, fx_alone, tmp_path):
    pipe = tmp_path / "pipe.vcf"
    os.mkfifo(pipe)
    text = VcfBuilder(genes=["NUDT15"], samples=["D"]).text()
    writer = threading.Thread(target=lambda: pipe.write_text(text), daemon=True)
    writer.start()
    analysis = lupus_pgx.analyze([*fx_set, pipe], genes=GENES, threads=2)
    writer.join(10)
    assert analysis.sample_ids == [*SAMPLES, "D"]
    assert not fx_alone


def sparse_genome(path: Path, places: dict[int, str], length: int = 100_000_000) -> Path:
    """Write chromosome 10 of which only some places hold bases."""
    head = b">chr10\n"
    with path.open("wb") as file:
        file.write(head)
        for pos, text in sorted(places.items()):
            file.seek(len(head) + pos - 1)
            file.write(text.encode())
        file.truncate(len(head) + length + 1)
    Path(f"{path}.fai").write_text(f"chr10\t{length}\t{len(head)}\t{length}\t{length + 1}\n")
    return path


@pytest.mark.parametrize("with_genome", [False, True])
def test_with_a_genome_files_are_read_here_and_its_bases_count(with_genome, fx_alone, tmp_path):
    # CYP2C8 *12 is a loss of CAA. Written six bases further on, it is one only by a genome that repeats CAA there.
    builder, rest = VcfBuilder(genes=["CYP2C8"]), VcfBuilder(genes=["CYP2C9"])
    sites = {name: locus.sites[Build.GRCH38] for name, locus in (builder.loci | rest.loci).items()}
    name = next(name for name, site in sites.items() if site.pos == 95_037_216)
    builder.replace(name, Rec("chr10", 95_037_222, "ACAA", "A", ["0/1"]))
    bases = {site.pos: site.ref for site in sites.values()} | {95_036_600: "N" * 1300, 95_037_216: "TCAACAACAAG"}
    genome = sparse_genome(tmp_path / "genome.fa", bases) if with_genome else None
    files = [builder.write(tmp_path / "one"), rest.write(tmp_path / "two")]
    found = []
    for threads in (1, 2):
        calls = lupus_pgx.analyze(files, genes=["CYP2C8", "CYP2C9"], reference_fasta=genome, threads=threads).diplotypes
        found.append(calls.to_frame().set_index("gene").diplotype.to_dict())
    assert found[0] == found[1]
    assert (found[0]["CYP2C8"] == "*1/*12") == with_genome
    # Copies of this process would read the one open genome from one place, each in the middle of the other's reading.
    assert bool(fx_alone) != with_genome


def test_what_a_process_that_died_had_to_do_is_done_here(fx_alone, caplog):
    here = os.getpid()

    def task(number: int) -> int:
        if number == 3 and os.getpid() != here:
            os._exit(9)
        return number

    tasks = [lambda number=number: task(number) for number in range(6)]
    with caplog.at_level(logging.WARNING):
        assert list(forks.side_by_side(tasks, 2)) == list(range(6))
    assert "a process died" in caplog.text


def test_a_column_in_which_all_are_alike_is_sent_as_one():
    column = Column.uniform(1_000_000, LocusStatus.NO_RECORD)
    sent = pickle.dumps(column)
    assert len(sent) < 2_000
    found = pickle.loads(sent)
    assert found.index.shape == (1_000_000,)
    assert found.index.strides == (0,)
    np.testing.assert_array_equal(found.states.status, column.states.status)
    other = Column(column.states, np.arange(3, dtype=np.uint8) * 0)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(other)).index, other.index)
