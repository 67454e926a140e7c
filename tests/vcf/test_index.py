"""An index is a hint: what it leads to is compared with the file, and htslib never sees it."""

from __future__ import annotations

import gzip
import os
import shutil
import struct
from pathlib import Path

import numpy as np
import pysam
import pytest
from builder import VcfBuilder
from evaluation.mutations import GENES, answer, blocks, packed, sources, write_blocks

import lupus_pgx
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.regions import Region

KINDS = ["tbi", "csi", "bcf.csi"]
STATISTICS = 37450


@pytest.fixture(scope="module")
def fx_sources(tmp_path_factory):
    return sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture
def fx_beside(fx_sources, tmp_path):
    """Return a function that copies a file, and puts given bytes beside it as its index."""

    def beside(kind, index=None):
        stem = "bcf" if kind.startswith("bcf") else "text"
        path = tmp_path / fx_sources[stem].name
        shutil.copyfile(fx_sources[stem], path)
        where = Path(f"{path}.{kind.rpartition('.')[2]}")
        where.unlink(missing_ok=True)
        if index is not None:
            where.write_bytes(index)
        return path

    return beside


def is_used(path):
    with VcfFile(str(path)) as file:
        return file.indexed


def all_regions(build="GRCh38"):
    loci = [locus for gene in GENES for locus in load_knowledge().loci_by_gene[gene]]
    sites = [locus.sites[build] for locus in loci]
    return [Region(site.chrom, site.pos, site.end) for site in sites]


def records(path):
    with VcfFile(str(path)) as file:
        found = sorted((r.chrom, r.pos, r.ref, r.alts, r.end) for r in file.records(all_regions()))
        return found, file.indexed


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_index_is_used_and_finds_what_reading_everything_finds(kind, fx_sources, fx_beside, caplog):
    through, used = records(fx_beside(kind, fx_sources[kind].read_bytes()))
    everything, scanned = records(fx_beside(kind))
    assert (used, scanned) == (True, False)
    assert through == everything
    assert any(end - pos > 20_000 for _, pos, _, _, end in through)
    assert caplog.text == ""


@pytest.mark.parametrize("kind", KINDS)
def test_regions_one_by_one_find_each_what_reading_everything_finds(kind, fx_sources, fx_beside):
    expected, _ = records(fx_beside(kind))
    path = fx_beside(kind, fx_sources[kind].read_bytes())
    for region in all_regions():
        with VcfFile(str(path)) as file:
            found = {(r.chrom, r.pos, r.end) for r in file.records([region])}
        here = {(c, p, e) for c, p, _, _, e in expected if c == region.chrom and p <= region.end and region.start <= e}
        assert found == here


def test_records_of_many_blocks_are_found_from_behind(tmp_path, caplog):
    # Numbers that might be taken for the start of a record: of so many samples, of a length that fits.
    samples, contigs = 3000, ("chr1", "chr2", "chr3")
    header = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name},length=1000000>" for name in contigs)]
    header += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="">']
    header += ['##FORMAT=<ID=XX,Number=.,Type=Integer,Description="">']
    random = np.random.default_rng(1)
    with (tmp_path / "long.vcf").open("w") as out:
        names = [f"S{number}" for number in range(samples)]
        print(
            *header,
            "\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *names]),
            sep="\n",
            file=out,
        )
        for name in contigs:
            for pos in range(1000, 600_000, 60_000):
                numbers = random.choice([24, samples, samples + 2, 40, 70_000], (samples, 6))
                cells = [f"0/1:{','.join(map(str, line))}" for line in numbers.tolist()]
                print(name, pos, ".", "A", "C", ".", ".", ".", "GT:XX", *cells, sep="\t", file=out)
    path = tmp_path / "long.bcf"
    with (
        pysam.VariantFile(str(tmp_path / "long.vcf")) as read,
        pysam.VariantFile(str(path), "wb", header=read.header) as to,
    ):
        for record in read:
            to.write(record)
    pysam.tabix_index(str(path), preset="bcf", csi=True)
    for name in contigs:
        with VcfFile(str(path)) as file:
            found = [record.pos for record in file.records([Region(name, 241_000, 301_000)])]
            assert file.indexed
        assert found == [241_000, 301_000]
    assert caplog.text == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [b"", b"plain text\n", b"\x1f\x8b", gzip.compress(b""), gzip.compress(b"TBI\x01"), gzip.compress(b"CSI\x01" * 9)],
    ids=["empty", "text", "magic", "empty gzip", "only a start", "nonsense"],
)
def test_what_is_no_index_is_not_used_and_said(kind, content, fx_beside, caplog):
    expected = answer(fx_beside(kind))
    path = fx_beside(kind, content)
    assert answer(path) == expected
    assert f"{path}.{kind.rpartition('.')[2]} is not used" in caplog.text


def test_what_cannot_be_opened_is_not_used(fx_beside, caplog):
    path = fx_beside("tbi")
    expected = answer(path)
    index = Path(f"{path}.tbi")
    index.mkdir()
    assert answer(path) == expected
    assert "is not used: it cannot be read" in caplog.text
    index.rmdir()
    index.symlink_to(index)
    assert answer(path) == expected


def test_an_index_that_inflates_without_end_is_not_used(fx_beside, caplog, monkeypatch):
    monkeypatch.setattr("lupus_pgx.vcf.index._LARGEST_TEXT", 1 << 20)
    path = fx_beside("tbi", gzip.compress(b"TBI\x01" + bytes(8 << 20)))
    assert not is_used(path)
    assert "it is too large to be an index" in caplog.text


@pytest.mark.parametrize(("age", "used"), [(1.0, True), (60.0, False)])
def test_an_index_older_than_its_file_is_not_used(age, used, fx_sources, fx_beside, caplog):
    path = fx_beside("tbi", fx_sources["tbi"].read_bytes())
    time = path.stat().st_mtime - age
    os.utime(f"{path}.tbi", (time, time))
    assert is_used(path) is used
    assert ("it is older than the file" in caplog.text) is not used


def test_the_other_index_is_used_where_one_is_damaged(fx_sources, fx_beside):
    path = fx_beside("tbi", b"damaged")
    shutil.copyfile(fx_sources["csi"], f"{path}.csi")
    assert is_used(path)


def test_an_index_beside_plain_text_is_not_looked_at(fx_sources, fx_beside, tmp_path, caplog):
    expected = answer(fx_beside("tbi"))
    path = tmp_path / "plain.vcf"
    path.write_bytes(gzip.decompress(fx_sources["text"].read_bytes()))
    shutil.copyfile(fx_sources["tbi"], f"{path}.tbi")
    assert answer(path) == expected
    assert caplog.text == ""


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_mean_something_to_htslib_are_plain_names(kind, fx_sources, fx_beside, tmp_path, monkeypatch):
    path = fx_beside(kind)
    expected = answer(path)
    (tmp_path / "other").write_bytes(b"no index")
    monkeypatch.chdir(tmp_path)
    for name in (f"a.{path.suffix}##idx##other", "data:text", "s3:file"):
        shutil.copyfile(path, name)
        assert answer(Path(name)) == expected
        shutil.copyfile(fx_sources[kind], f"{name}.{kind.rpartition('.')[2]}")
        assert answer(Path(name)) == expected
        assert is_used(name)


def test_the_index_of_a_text_file_is_not_that_of_a_bcf(fx_sources, fx_beside, caplog):
    path = fx_beside("bcf.csi", fx_sources["csi"].read_bytes())
    assert not is_used(path)
    assert "not used" in caplog.text


def inserted(lines):
    return [*lines[:-1], lines[-1], lines[-1].replace(b"\tA\t", b"\tG\t")]


def without_a_contig(lines):
    name = lines[-1].split(b"\t")[0]
    return [line for line in lines if not line.startswith(name + b"\t")]


def reversed_genotypes(lines):
    return [line if line.startswith(b"#") else line.replace(b"0/0", b"1/1") for line in lines]


def longer_header(lines):
    return [lines[0], b"##note=" + b"x" * 9000, *lines[1:]]


@pytest.mark.parametrize("edit", [inserted, without_a_contig, reversed_genotypes, longer_header])
def test_the_index_of_another_state_of_the_file_changes_nothing(edit, fx_sources, fx_beside, caplog):
    path = fx_beside("tbi")
    lines = gzip.decompress(path.read_bytes()).splitlines()
    path.write_bytes(packed(b"\n".join(edit(lines)) + b"\n"))
    expected = answer(path)
    shutil.copyfile(fx_sources["tbi"], f"{path}.tbi")
    assert answer(path) == expected
    assert "not used" in caplog.text


def test_an_index_without_statistics_is_used(fx_sources, fx_beside):
    """Other programs write none."""
    text = gzip.decompress(fx_sources["tbi"].read_bytes())
    row = text.index(struct.pack("<Ii", STATISTICS, 2))
    while row >= 0:
        text = text[:row] + text[row + 40 :]
        row = text.find(struct.pack("<Ii", STATISTICS, 2))
    place = 4 + 8 * 4 + struct.unpack_from("<i", text, 32)[0]
    counts = list(contig_places(text, place, struct.unpack_from("<i", text, 4)[0]))
    changed = bytearray(text)
    for at, count in counts:
        changed[at : at + 4] = struct.pack("<i", count - 1)
    assert is_used(fx_beside("tbi", packed(bytes(changed))))


def contig_places(text, place, contigs):
    """Yield where the number of bins of each contig stands, and the number, one of which was cut out."""
    for _ in range(contigs):
        (bins,) = struct.unpack_from("<i", text, place)
        yield place, bins
        place += 4
        for _ in range(bins - 1):
            place += 8 + 16 * struct.unpack_from("<i", text, place + 4)[0]
        place += 4 + 8 * struct.unpack_from("<i", text, place)[0]


def test_a_contig_under_another_name_is_found_out(fx_sources, fx_beside, caplog):
    data = gzip.decompress(fx_sources["tbi"].read_bytes())
    path = fx_beside("tbi", packed(data.replace(b"chr6\0", b"chr5\0", 1)))
    assert not is_used(path)
    assert "the records of chr5 begin elsewhere" in caplog.text


def test_a_file_that_is_damaged_where_the_index_leads_is_an_error(fx_sources, fx_beside):
    path = fx_beside("tbi", fx_sources["tbi"].read_bytes())
    parts = blocks(path.read_bytes())
    here = next(number for number, part in enumerate(parts) if b"rs1142345" in gzip.decompress(part))
    damaged = bytearray(parts[here])
    damaged[len(damaged) // 2] ^= 255
    parts[here] = bytes(damaged)
    path.write_bytes(b"".join(parts))
    shutil.copyfile(fx_sources["tbi"], f"{path}.tbi")
    assert answer(path).startswith("error 65")


def test_records_out_of_order_are_read_from_the_start(fx_sources, fx_beside):
    """Same size, same first records: only reading on shows that the index is of a sorted file."""
    path = fx_beside("tbi")
    lines = gzip.decompress(path.read_bytes()).split(b"\n")
    near = next(n for n, line in enumerate(lines) if b"rs1142345" in line)
    lines[near - 3], lines[near] = lines[near], lines[near - 3]
    write_blocks(path, b"\n".join(lines), 3000)
    expected = answer(path)
    shutil.copyfile(fx_sources["tbi"], f"{path}.tbi")
    assert answer(path) == expected


def test_htslib_gets_no_index(fx_sources, fx_beside, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("htslib was given an index")

    monkeypatch.setattr(pysam, "TabixFile", refuse)
    for kind in KINDS:
        path = fx_beside(kind, fx_sources[kind].read_bytes())
        assert records(path)[1]


@pytest.mark.parametrize("suffix", [".tbi", ".csi"])
def test_a_pipe_that_is_called_like_an_index_is_none(suffix, tmp_path):
    path = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in", index=False)
    os.mkfifo(path + suffix)
    analysis = lupus_pgx.analyze(path, genes=["TPMT"], drugs=["azathioprine"])
    assert set(analysis.diplotypes.to_frame().call_status) == {"certain"}
