"""BCF: the same records as text, by index or without, and a clear word where the file is damaged."""

from __future__ import annotations

import gzip
import random

import pysam
import pysam.bcftools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.regions import Region

CONTIGS = ("chr1", "chr2", "chr9", "empty")
LENGTH = 250_000_000
HEADER = [
    "##fileformat=VCFv4.3",
    *(f"##contig=<ID={name},length={LENGTH}>" for name in CONTIGS),
    '##FILTER=<ID=q10,Description="x">',
    '##FILTER=<ID=lowDP,Description="x">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="x">',
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="x">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="x">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="x">',
    '##INFO=<ID=DB,Number=0,Type=Flag,Description="x">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">',
    "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "a", "b"]),
]


def write(folder, lines):
    plain = folder / "file.vcf"
    plain.write_text("\n".join([*HEADER, *lines]) + "\n", encoding="utf-8")
    target = folder / "file.bcf"
    pysam.bcftools.view("-Ob", "-o", str(target), str(plain), catch_stdout=False)
    pysam.bcftools.index("-f", str(target), catch_stdout=False)
    return plain, target


def line(chrom, pos, ref="A", alts="C", filters=".", info=".", cells=("0/1", "1|0"), name="."):
    return "\t".join([chrom, str(pos), name, ref, alts, ".", filters, info, "GT", *cells])


def shown(record):
    information = [record.info(key) for key in ("CSQ", "AC", "DB", "END", "NONE")]
    place = (record.chrom, record.pos, record.end, record.ref, record.alts)
    return (*place, record.identifier, record.filters, *information)


@pytest.fixture(scope="module")
def fx_genome(tmp_path_factory):
    """Many records on some contigs, some of them long, in several compressed blocks."""
    rng = random.Random(7)
    lines = []
    for chrom in CONTIGS[:3]:
        spread = [rng.randrange(1, LENGTH - 10_000_000) for _ in range(3000)]
        crowded = [rng.randrange(1_000_000, 1_040_000) for _ in range(3000)]
        for pos in sorted(spread + crowded):
            info = f"END={pos + rng.choice([0, 30, 20_000, 5_000_000])}" if rng.random() < 0.1 else f"AC={pos % 200}"
            ref = "ACGT" * rng.randrange(1, 30) if rng.random() < 0.05 else "A"
            lines.append(line(chrom, pos, ref=ref, info=info, name=f"rs{pos}"))
    return write(tmp_path_factory.mktemp("genome"), lines)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(CONTIGS), st.integers(1, LENGTH), st.integers(0, 3_000_000)), max_size=5),
    st.lists(st.tuples(st.sampled_from(CONTIGS), st.integers(999_000, 1_041_000), st.integers(0, 900)), max_size=5),
)
@pytest.mark.slow
def test_the_index_finds_what_a_scan_of_the_text_finds(fx_genome, wide, near):  # fmt: skip
    plain, target = fx_genome
    regions = [Region(chrom, start, min(start + more, LENGTH)) for chrom, start, more in [*wide, *near]]
    with VcfFile(str(plain)) as text, VcfFile(str(target)) as binary:
        assert binary.indexed
        expected = sorted((shown(record) for record in text.records(regions)), key=str)
        assert sorted((shown(record) for record in binary.records(regions)), key=str) == expected
        assert binary.indexed or not expected
    target.with_suffix(".bcf.csi").rename(target.with_suffix(".off"))
    try:
        with VcfFile(str(target)) as scanned:
            assert not scanned.indexed
            assert sorted((shown(record) for record in scanned.records(regions)), key=str) == expected
    finally:
        target.with_suffix(".off").rename(target.with_suffix(".bcf.csi"))


def test_what_stands_before_the_genotypes_is_that_of_the_text(tmp_path):
    lines = [
        line("chr1", 10, filters="PASS", info="DB;AC=3;CSQ=C|high|GENE,C|low", name="rs1;rs2"),
        line("chr1", 11, filters="q10;lowDP", alts="C,<DEL>,*", info="AC=1,.,40000;END=400", cells=("1/2", "3")),
        line("chr1", 12, ref="acgt", alts="."),
        line("chr2", LENGTH, alts="<NON_REF>", info=f"END={LENGTH}"),
    ]
    plain, target = write(tmp_path, lines)
    everywhere = [Region(name, 1, LENGTH) for name in CONTIGS]
    with VcfFile(str(plain)) as text, VcfFile(str(target)) as binary:
        assert (text.sample_ids, text.contigs) == (binary.sample_ids, binary.contigs)
        both = list(zip(text.records(everywhere), binary.records(everywhere), strict=True))
        assert len(both) == 4
        for one, other in both:
            assert shown(one) == shown(other)
            mine, its = text.genotypes(one), binary.genotypes(other)
            assert mine.words[mine.index].tolist() == its.words[its.index].tolist()
            assert mine.phased[mine.index].tolist() == its.phased[its.index].tolist()


def test_the_phase_of_first_alleles_is_read_from_4_4_on(tmp_path):
    cells = ("|0|1", "/0|1")
    text = "\n".join([*HEADER, line("chr1", 5, cells=cells)]) + "\n"
    plain = tmp_path / "file.vcf"
    plain.write_text(text.replace("VCFv4.3", "VCFv4.4"), encoding="utf-8")
    target = tmp_path / "file.bcf"
    pysam.bcftools.view("-Ob", "-o", str(target), str(plain), catch_stdout=False)
    for path in (plain, target):
        with VcfFile(str(path)) as file:
            (record,) = file.records([Region("chr1", 1, 10)])
            found = file.genotypes(record)
            assert found.words[found.index].tolist() == [[0, 1], [0, 1]]
            assert found.phased[found.index].tolist() == [True, False]


def _places(path):
    """Return the places of the records of two regions."""
    with VcfFile(str(path)) as file:
        regions = [Region("chr2", 1_000_000, 1_010_000), Region("chr9", 1, 100_000_000)]
        return [(record.chrom, record.pos) for record in file.records(regions)]


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_damaged_index_changes_no_record(place, fx_genome, tmp_path):
    _, target = fx_genome
    copied = tmp_path / "file.bcf"
    copied.write_bytes(target.read_bytes())
    data = bytearray(gzip.decompress(target.with_suffix(".bcf.csi").read_bytes()))
    data[place * 7 % len(data)] ^= 0xFF
    (tmp_path / "file.bcf.csi").write_bytes(gzip.compress(bytes(data)))
    assert _places(copied) == _places(target)


@pytest.mark.parametrize("data", [b"", b"no index", b"\x1f\x8b\x08\x00cut"])
def test_what_is_no_index_is_not_used(data, fx_genome, tmp_path):
    _, target = fx_genome
    copied = tmp_path / "file.bcf"
    copied.write_bytes(target.read_bytes())
    (tmp_path / "file.bcf.csi").write_bytes(data)
    assert _places(copied) == _places(target)


def test_a_bcf_that_ends_within_a_record_is_refused(fx_genome, tmp_path):
    _, target = fx_genome
    with pysam.BGZFile(str(target), "rb", None) as file:
        data = file.read()
    with pysam.BGZFile(str(tmp_path / "cut.bcf"), "wb", None) as file:
        file.write(data[:-10])
    with VcfFile(str(tmp_path / "cut.bcf")) as file, pytest.raises(lupus_pgx.InputError, match="damaged or truncated"):
        list(file.records([Region("chr9", 1, LENGTH)]))


def test_records_of_other_samples_than_the_header_names_are_refused(tmp_path):
    """A byte that ends the header was another one: an empty sample more, and no genotypes of it."""
    _, target = write(tmp_path, [line("chr1", 5)])
    data = gzip.decompress(target.read_bytes())
    damaged = tmp_path / "damaged.bcf"
    with pysam.BGZFile(str(damaged), "wb") as file:
        file.write(data.replace(b"\ta\tb\n\0", b"\ta\tb\t\0", 1))
    said = "the record at chr1:5 has genotypes of 2 samples, and the header names 3"
    with VcfFile(str(damaged)) as file, pytest.raises(lupus_pgx.InputError, match=said):
        list(file.records([Region("chr1", 1, LENGTH)]))
