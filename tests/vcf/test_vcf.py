"""Reading files: every container and contig naming gives the same genotypes."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pandas as pd
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

CONTAINERS = [("vcf", False), ("vcf.gz", True), ("vcf.gz", False), ("bcf", True), ("bcf", False)]


class RefSeqBuilder(VcfBuilder):
    """Names contigs by their RefSeq accession, as NCBI's files do."""

    def chrom(self, name):
        return self.contigs[name][1]


class Stdin:
    """Standard input that holds the bytes of a file."""

    def __init__(self, data):
        self.buffer = io.BytesIO(data)


def varied(build="GRCh38", samples=("S1", "S2"), kind=VcfBuilder, **options):
    """Return a builder whose two samples differ at loci of several genes, phased and not."""
    builder = kind(build=build, samples=list(samples), **options)
    builder.set("rs1142345", "T|C", "T/T")
    builder.set("rs1800460", "C|T", "./.")
    builder.set("rs776746", "T/C", "C/C")
    builder.set("rs746071566", "AGGAGTC/A", "AGGAGTC/AGGAGTCGGAGTC")
    return builder.set("rs73885319", "A/A", "G/G")


def genotypes(frame, sample="S1"):
    rows = frame[frame.sample_id == sample].set_index("locus")
    return {name: rows.genotype[name] for name in ("rs1142345", "rs776746", "rs746071566", "rs73885319")}


@pytest.fixture(scope="module")
def fx_plain(tmp_path_factory):
    """The variants frame of the plain-text file."""
    path = varied().write(tmp_path_factory.mktemp("plain") / "plain", "vcf")
    return lupus_pgx.analyze(path).variants.to_frame()


def test_plain_text_is_read_as_written(fx_plain):
    assert genotypes(fx_plain, "S1") == {
        "rs1142345": "T|C",
        "rs776746": "T/C",
        "rs746071566": "AGGAGTC/A",
        "rs73885319": "A/A",
    }
    assert genotypes(fx_plain, "S2") == {
        "rs1142345": "T/T",
        "rs776746": "C/C",
        "rs746071566": "AGGAGTC/AGGAGTCGGAGTC",
        "rs73885319": "G/G",
    }


@pytest.mark.parametrize(("kind", "index"), CONTAINERS)
def test_container_does_not_change_the_variants(kind, index, fx_plain, tmp_path):
    path = varied().write(tmp_path / "same", kind, index=index)
    assert any(tmp_path.glob("*.[tc][bs]i")) == index
    pd.testing.assert_frame_equal(lupus_pgx.analyze(path).variants.to_frame(), fx_plain)


@pytest.mark.parametrize("kind", ["vcf", "vcf.gz", "bcf"])
def test_standard_input_does_not_change_the_variants(kind, fx_plain, tmp_path, monkeypatch):
    data = Path(varied().write(tmp_path / "same", kind)).read_bytes()
    monkeypatch.setattr(sys, "stdin", Stdin(data))
    pd.testing.assert_frame_equal(lupus_pgx.analyze("-").variants.to_frame(), fx_plain)


def test_standard_input_leaves_no_spooled_copy(tmp_path, monkeypatch):
    data = varied().text().encode()
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    monkeypatch.setattr(sys, "stdin", Stdin(data))
    assert lupus_pgx.analyze("-").sample_ids == ["S1", "S2"]
    assert list(spool.iterdir()) == []


def test_refused_standard_input_leaves_no_spooled_copy(tmp_path, monkeypatch):
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    monkeypatch.setattr(sys, "stdin", Stdin(b"not a VCF\n"))
    with pytest.raises(lupus_pgx.InputError):
        lupus_pgx.analyze("-")
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize(("kind", "index"), CONTAINERS)
def test_one_sample_of_many_equals_the_sample_alone(kind, index, fx_plain, tmp_path):
    path = varied().write(tmp_path / "both", kind, index=index)
    alone = lupus_pgx.analyze(path, samples=["S2"]).variants.to_frame()
    expected = fx_plain[fx_plain.sample_id == "S2"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected)


def test_chosen_samples_keep_the_order_of_the_file(tmp_path):
    path = VcfBuilder(samples=["Z", "A", "M"], genes=("TPMT",)).write(tmp_path / "three")
    assert lupus_pgx.analyze(path, samples=["M", "Z"]).sample_ids == ["Z", "M"]


def test_hundred_samples_keep_their_own_genotypes(tmp_path):
    names = [f"P{number}" for number in range(100)]
    builder = VcfBuilder(samples=names, genes=("TPMT",))
    builder.set("rs1142345", *["T/C" if number % 7 == 0 else "T/T" for number in range(100)])
    frame = lupus_pgx.analyze(builder.write(tmp_path / "many")).variants.to_frame()
    carriers = frame[(frame.locus == "rs1142345") & (frame.genotype == "T/C")].sample_id.tolist()
    assert carriers == names[::7]


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize(
    ("builder", "options"),
    [(VcfBuilder, {"prefix": True}), (VcfBuilder, {"prefix": False}), (RefSeqBuilder, {})],
    ids=["chr6", "6", "NC_000006"],
)
@pytest.mark.parametrize("kind", ["vcf", "vcf.gz", "bcf"])
def test_contig_names_do_not_matter(build, builder, options, kind, tmp_path):
    path = varied(build, kind=builder, **options).write(tmp_path / "named", kind)
    analysis = lupus_pgx.analyze(path)
    assert analysis.build == build
    assert genotypes(analysis.variants.to_frame()) == {
        "rs1142345": "T|C",
        "rs776746": "T/C",  # as the file writes it: ALT/REF on GRCh37
        "rs746071566": "AGGAGTC/A",
        "rs73885319": "A/A",
    }


@pytest.mark.parametrize(("build", "name"), [("GRCh37", "6"), ("GRCh38", "chr6")])
def test_contigs_are_reported_as_the_build_names_them(build, name, tmp_path):
    other = build == "GRCh37"  # the file names them the other way
    path = varied(build, prefix=other).write(tmp_path / "named")
    frame = lupus_pgx.analyze(path).variants.to_frame()
    assert set(frame[frame.gene == "TPMT"].chrom) == {name}


def test_unsorted_plain_text_is_read_whole(fx_plain, tmp_path):
    lines = varied().text().splitlines()
    header = [line for line in lines if line.startswith("#")]
    records = [line for line in lines if not line.startswith("#")]
    path = tmp_path / "unsorted.vcf"
    path.write_text("\n".join([*header, *reversed(records)]) + "\n")
    pd.testing.assert_frame_equal(lupus_pgx.analyze(path).variants.to_frame(), fx_plain)


def test_dos_line_ends_are_read(fx_plain, tmp_path):
    path = tmp_path / "dos.vcf"
    path.write_bytes(varied().text().replace("\n", "\r\n").encode())
    pd.testing.assert_frame_equal(lupus_pgx.analyze(path).variants.to_frame(), fx_plain)


@pytest.mark.parametrize("kind", ["vcf", "vcf.gz"])
def test_records_between_the_loci_change_nothing(kind, fx_plain, tmp_path):
    builder = varied().add(*[Rec("chr6", 18_130_600 + number, "A", "C", ["0/1", "1/1"]) for number in range(60)])
    pd.testing.assert_frame_equal(
        lupus_pgx.analyze(builder.write(tmp_path / "more", kind)).variants.to_frame(), fx_plain
    )


def test_path_object_and_list_are_accepted(fx_plain, tmp_path):
    path = Path(varied().write(tmp_path / "object"))
    pd.testing.assert_frame_equal(lupus_pgx.analyze([path]).variants.to_frame(), fx_plain)


def test_name_without_suffix_is_recognised_by_content(fx_plain, tmp_path):
    path = Path(varied().write(tmp_path / "plain", "vcf.gz", index=False)).rename(tmp_path / "upload-1234")
    pd.testing.assert_frame_equal(lupus_pgx.analyze(path).variants.to_frame(), fx_plain)


def test_plain_gzip_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "gzip.vcf.gz"
    with gzip.open(path, "wt") as handle:
        handle.write(varied().text())
    with pytest.raises(lupus_pgx.InputError, match="bgzip"):
        lupus_pgx.analyze(path)


@pytest.mark.parametrize("suffix", [".tbi", ".csi"])
def test_damaged_index_is_not_used(suffix, fx_plain, caplog, tmp_path):
    path = varied().write(tmp_path / "file", index=False)
    Path(path + suffix).write_bytes(b"not an index")
    pd.testing.assert_frame_equal(lupus_pgx.analyze(path).variants.to_frame(), fx_plain)
    assert f"{path}{suffix} is not used" in caplog.text


def test_file_without_records_is_unknown_everywhere(tmp_path, fx_knowledge):
    builder = VcfBuilder(genes=("TPMT",))
    header = [line for line in builder.text().splitlines() if line.startswith("#")]
    path = tmp_path / "empty.vcf"
    path.write_text("\n".join(header) + "\n")
    frame = lupus_pgx.analyze(path).variants.to_frame()
    assert set(frame.status) == {"no_record"}
    assert len(frame) == sum(len(loci) for loci in fx_knowledge.loci_by_gene.values())


@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_index_of_another_file_hides_nothing(absent, tmp_path):
    """An index that finds no record is not believed: a hidden carrier must not be assumed normal."""
    plain = VcfBuilder(genes=("VKORC1",)).write(tmp_path / "other")
    carrier = VcfBuilder().set("rs1142345", "C/C").write(tmp_path / "carrier")
    Path(f"{carrier}.tbi").write_bytes(Path(f"{plain}.tbi").read_bytes())
    analysis = lupus_pgx.analyze(carrier, absent=absent)
    assert analysis.diplotypes.to_frame().set_index("gene").diplotype["TPMT"] == "*3C/*3C"
