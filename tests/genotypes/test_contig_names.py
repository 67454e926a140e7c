"""Contigs are read under every name that is in use; what is not understood is named, never passed over in silence."""

from __future__ import annotations

import io
import json
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pysam
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

GENES = ("TPMT", "NUDT15")  # on chr6 and chr13
CONTAINERS = ("vcf", "vcf.gz", "bcf", "stdin")


@dataclass
class Named(VcfBuilder):
    """Contigs under other names than those of the builds."""

    names: dict[str, str] = field(default_factory=dict)

    def chrom(self, name):
        return self.names.get(name) or super().chrom(name)


def named(names, genes=GENES, **options):
    return Named(genes=genes, names=names, **options)


def put(builder, path, container, monkeypatch):
    """Write the file; standard input stands for plain text that comes through a pipe."""
    if container != "stdin":
        return builder.write(path, container)

    class Stdin:
        buffer = io.BytesIO(builder.text().encode())

    monkeypatch.setattr(sys, "stdin", Stdin)
    return "-"


def calls(analysis):
    frame = analysis.diplotypes.to_frame().set_index("gene")
    return {gene: (frame.diplotype[gene], frame.call_status[gene]) for gene in frame.index}


EXPECTED = {"TPMT": ("*1/*3C", "certain"), "NUDT15": ("*1/*1", "certain")}
SPELLINGS = [
    {"chr6": "06", "chr13": "13"},
    {"chr6": "chr06", "chr13": "chr13"},
    {"chr6": "CHR6", "chr13": "CHR13"},
    {"chr6": "Chr6", "chr13": "Chr13"},
    {"chr6": "6", "chr13": "chr13"},
    {"chr6": "CM000668.2", "chr13": "CM000675.2"},
    {"chr6": "NC_000006.12", "chr13": "NC_000013.11"},
]


@pytest.mark.parametrize("names", SPELLINGS, ids=lambda names: names["chr6"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_contigs_are_read_under_every_usual_name(names, container, tmp_path, monkeypatch):
    builder = named(names).set("rs1142345", "T/C")
    analysis = lupus_pgx.analyze(put(builder, tmp_path / "file", container, monkeypatch), genes=GENES)
    assert analysis.build == "GRCh38"
    assert calls(analysis) == EXPECTED
    assert analysis.provenance.inputs[0].unread_contigs == ()


@pytest.mark.parametrize("names", SPELLINGS, ids=lambda names: names["chr6"])
def test_names_do_not_change_what_is_annotated(names, tmp_path):
    path = named(names).set("rs1142345", "T/C").write(tmp_path / "file")
    analysis = lupus_pgx.analyze(path, genes=GENES)
    analysis.write(tmp_path / "out", formats=["vcf"])
    with pysam.BGZFile(str(tmp_path / "out" / "annotated.vcf.gz")) as handle:
        lines = [line.decode() for line in handle if line.startswith(names["chr6"].encode() + b"\t18130687\t")]
    assert len(lines) == 1
    assert "LPGX_" in lines[0]


@pytest.mark.parametrize("name", ["23", "chr23", "x", "chrX", "25", "XY", "CM000685.2", "NC_000023.11"])
def test_chromosome_x_is_read_under_the_codes_of_plink(name, tmp_path):
    builder = named({"chrX": name}, ("G6PD",))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file", "vcf"), genes=["G6PD"], build="GRCh38", sex="female")
    status = analysis.variants.to_frame().status
    assert set(status) == {"observed"}


def test_both_spellings_in_one_file_are_read(tmp_path):
    builder = named({}).set("rs1142345", "T/C")
    for locus, records in builder.records.items():
        if builder.loci[locus].gene == "TPMT" and locus != "rs1142345":
            records[0].chrom = "06"
    assert calls(lupus_pgx.analyze(builder.write(tmp_path / "file", "vcf"), genes=GENES)) == EXPECTED


@pytest.mark.parametrize(
    ("build", "names"),
    [
        ("GRCh37", {"chr6": "CM000668.1"}),
        ("GRCh37", {"chr6": "NC_000006.11"}),
        ("GRCh38", {"chr6": "CM000668.2"}),
        ("GRCh38", {"chr6": "NC_000006.12"}),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_an_accession_proves_the_build(build, names, declared, tmp_path):
    builder = named(names, ("TPMT",), build=build, lengths=False)
    builder.drop(*[name for name in builder.loci if name != "rs1142345"])
    lines = builder.text().splitlines(keepends=True)
    path = tmp_path / "file.vcf"
    path.write_text("".join(line for line in lines if declared or not line.startswith("##contig")))
    ((_, proof),) = lupus_pgx.analyze(str(path)).results.genotypes.proofs
    assert str(proof.build) == build
    assert names["chr6"] in proof.proof


def text_with(contig, builder):
    """Return the text of a file that also holds a record on another contig."""
    builder.add(Rec(contig, 18_130_687, "T", "C", ["0/1"]))
    return builder


STRANGE = ["chromosome_6", "ref|NC_000006|", "6_maternal", "NC_000006", "chr6.2"]


@pytest.mark.parametrize("contig", STRANGE)
@pytest.mark.parametrize("container", CONTAINERS)
def test_contigs_that_were_not_read_are_named(contig, container, tmp_path, monkeypatch, caplog):
    builder = text_with(contig, named({}))
    with caplog.at_level(logging.WARNING, "lupus_pgx"):
        analysis = lupus_pgx.analyze(put(builder, tmp_path / "file", container, monkeypatch), genes=GENES)
    assert [record.getMessage().count(contig) for record in caplog.records] == [1]
    assert analysis.provenance.inputs[0].unread_contigs == (contig,)
    analysis.write(tmp_path / "out", formats=["json"])
    written = json.loads((tmp_path / "out" / "analysis.json").read_text())
    assert written["provenance"]["inputs"][0]["unread_contigs"] == [contig]


def test_a_long_list_of_contigs_is_shortened(tmp_path, caplog):
    builder = named({})
    for number in range(9):
        text_with(f"scaffold_{number}", builder)
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=GENES)
    assert "scaffold_4 and 4 more" in caplog.text
    assert len(analysis.provenance.inputs[0].unread_contigs) == 9


@pytest.mark.parametrize(
    "contig",
    [
        "KI270302.1",
        "GL000194.1",
        "chrUn_KI270302v1",
        "chr1_KI270706v1_random",
        "chr6_GL000250v2_alt",
        "chr6_KQ031387v1_fix",
        "chrUn_JTFH01000001v1_decoy",
        "HLA-A*01:01:01:01",
        "chrEBV",
        "NC_007605",
        "hs37d5",
        "HSCHR6_MHC_COX_CTG1",
        "NT_113901.1",
        "MT",
        "chrM",
        "26",
        "24",
        "chrY",
    ],
)
@pytest.mark.parametrize("container", ["vcf", "vcf.gz", "bcf"])
def test_contigs_without_panel_loci_are_passed_over(contig, container, tmp_path, caplog):
    analysis = lupus_pgx.analyze(text_with(contig, named({})).write(tmp_path / "file", container), genes=GENES)
    assert calls(analysis)["TPMT"] == ("*1/*1", "certain")
    assert analysis.provenance.inputs[0].unread_contigs == ()
    assert not caplog.records


def test_declared_contigs_without_records_are_no_news(tmp_path, caplog):
    builder = named({})
    builder.meta += ["##contig=<ID=chromosome_6>", "##contig=<ID=6_maternal>"]
    for container in ("vcf", "vcf.gz", "bcf"):
        lupus_pgx.analyze(builder.write(tmp_path / "file", container), genes=GENES)
    assert not caplog.records


@pytest.mark.parametrize("name", ["chromosome_{}", "ref|NC_{:0>6}|", "{}_maternal"])
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("build", [None, "GRCh38"])
def test_a_file_without_a_contig_that_is_understood_is_refused(name, container, build, tmp_path, monkeypatch):
    names = {f"chr{number}": name.format(number) for number in (6, 13)}
    source = put(named(names), tmp_path / "file", container, monkeypatch)
    with pytest.raises(lupus_pgx.InputError) as caught:
        lupus_pgx.analyze(source, genes=GENES, build=build)
    message = str(caught.value)
    assert caught.value.exit_code == 65
    assert all(found in message for found in names.values())
    assert "chr6" in message
    assert "\n" not in message


def test_the_annotated_copy_keeps_contigs_that_were_not_read(tmp_path):
    path = text_with("chromosome_6", named({})).write(tmp_path / "file", "vcf")
    lupus_pgx.analyze(path, genes=GENES).write(tmp_path / "out", formats=["vcf"])
    with pysam.BGZFile(str(tmp_path / "out" / "annotated.vcf.gz")) as handle:
        assert any(line.startswith(b"chromosome_6\t18130687") for line in handle)


def test_the_shown_case(tmp_path):
    """Padded names in a header without lengths, the build stated."""
    path = Path(
        named({"chr6": "06", "chr13": "13"}, lengths=False).set("rs1142345", "T/C").write(tmp_path / "f", "vcf")
    )
    analysis = lupus_pgx.analyze(str(path), build="GRCh38", genes=GENES, drugs=["azathioprine"])
    assert calls(analysis) == EXPECTED
    assert analysis.drug_responses.to_frame().action.tolist() == ["reduce_dose"]
