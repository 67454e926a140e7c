"""Variants that no allele lists, from VEP (CSQ) and SnpEff (ANN) annotation; phase spellings of callers."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: {}">'
FIELDS = "Allele|Consequence|IMPACT|SYMBOL|Gene"
ANN = '##INFO=<ID=ANN,Number=.,Type=String,Description="Functional annotations">'
PLACE = 18143620


def unlisted(tmp_path, info: str, meta: str = CSQ.format(FIELDS), pos: int = PLACE, ref="G", alt="A", call="0/1"):
    builder = VcfBuilder(genes=("TPMT",), meta=[meta])
    builder.add(Rec("chr6", pos, ref, alt, [call], info=info))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["TPMT"])
    frame = analysis.variants.to_frame()
    return analysis, frame[frame.status == "unlisted_variant"]


@pytest.mark.parametrize(
    ("info", "meta"),
    [
        ("CSQ=A|stop_gained|HIGH|TPMT|ENSG1", CSQ.format(FIELDS)),
        ("CSQ=A|TPMT|HIGH|stop_gained", CSQ.format("Allele|SYMBOL|IMPACT|Consequence")),
        ("ANN=A|stop_gained|HIGH|TPMT|ENSG1|transcript|ENST1", ANN),
    ],
)
def test_high_impact_variant_is_reported(info, meta, tmp_path):
    analysis, rows = unlisted(tmp_path, info, meta)
    (row,) = rows.itertuples()
    assert (row.gene, row.pos, row.ref, row.alt, row.genotype) == ("TPMT", PLACE, "G", "A", "G/A")
    assert row.effect == "stop_gained (high impact)"
    assert "unlisted variant" in str(analysis.patient("S1"))
    # It stands beside the call: *1 means none of the listed variants.
    assert analysis.diplotypes.to_frame().diplotype.tolist() == ["*1/*1"]


def test_moderate_impact_is_reported_and_strongest_effect_wins(tmp_path):
    info = "CSQ=A|missense_variant|MODERATE|TPMT|E1,A|stop_gained|HIGH|TPMT|E2"
    _, rows = unlisted(tmp_path, info)
    assert rows.effect.tolist() == ["stop_gained (high impact)"]


@pytest.mark.parametrize(
    ("info", "call"),
    [
        ("CSQ=A|synonymous_variant|LOW|TPMT|E", "0/1"),
        ("CSQ=A|stop_gained|HIGH|KDM1B|E", "0/1"),  # a neighbour's gene
        ("CSQ=A|stop_gained|HIGH|TPMT|E", "0/0"),  # nobody carries it
        ("CSQ=T|stop_gained|HIGH|TPMT|E", "0/1"),  # another allele
        (".", "0/1"),
    ],
)
def test_nothing_else_is_reported(info, call, tmp_path):
    assert len(unlisted(tmp_path, info, call=call)[1]) == 0


def test_deletion_in_the_annotators_spelling(tmp_path):
    _, rows = unlisted(tmp_path, "CSQ=-|frameshift_variant|HIGH|TPMT|E", ref="GA", alt="G")
    assert rows.genotype.tolist() == ["GA/G"]


@pytest.mark.parametrize(("gene", "chrom", "pos"), [("C1QA", "chr1", 22_637_000), ("TREX1", "chr3", None)])
def test_genes_of_which_only_the_region_is_known_report_as_well(gene, chrom, pos, tmp_path):
    """Monogenic lupus: the variant is listed with its effect, nothing is judged."""
    row = lupus_pgx.load_knowledge().gene_rows[gene]
    assert (row["call_kind"], row["chrom"]) == ("region", chrom)
    pos = pos or row["grch38_start"] + 100
    builder = VcfBuilder(genes=("TPMT",), meta=[CSQ.format(FIELDS)])
    for place in (pos, row["grch38_end"] + 1):  # the second lies outside the gene
        info = f"CSQ=A|missense_variant|MODERATE|{gene}|E"
        builder.add(Rec(chrom, place, "G", "A", ["0/1"], info=info))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"))
    frame = analysis.variants.to_frame()
    (found,) = frame[frame.gene == gene].itertuples()
    assert (found.pos, found.genotype, found.status) == (pos, "G/A", "unlisted_variant")
    assert found.effect == "missense_variant (moderate impact)"
    assert gene not in set(analysis.diplotypes.to_frame().gene)
    assert f"unlisted variant {found.locus}" in " ".join(str(analysis.patient("S1")).split())


def test_listed_change_is_not_unlisted(tmp_path):
    builder = VcfBuilder(genes=("TPMT",), meta=[CSQ.format(FIELDS)]).set("rs1142345", "T/C")
    builder.records["rs1142345"][0].info = "CSQ=C|missense_variant|MODERATE|TPMT|E"
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["TPMT"])
    assert "unlisted_variant" not in set(analysis.variants.to_frame().status)


# Phase as callers write it: TPMT rs1800460 (T) and rs1142345 (C) in cis are *3A, in trans *3B/*3C.

PHASE_META = [
    '##FORMAT=<ID=PGT,Number=1,Type=String,Description="Local phase">',
    '##FORMAT=<ID=PID,Number=1,Type=String,Description="Local phase set">',
]


@pytest.mark.parametrize(
    ("fmt", "calls", "diplotype", "status"),
    [
        ("GT:PGT:PID", ("0/1:0|1:99_A_T", "0/1:0|1:99_A_T"), "*1/*3A", "certain"),
        ("GT:PGT:PID", ("0/1:0|1:99_A_T", "0/1:1|0:99_A_T"), "*3B/*3C", "certain"),
        ("GT:PGT:PID", ("0/1:0|1:99_A_T", "0/1:1|0:12_A_T"), "*1/*3A", "probable"),
        ("GT:PGT:PID", ("0/1:.:.", "0/1:1|0:12_A_T"), "*1/*3A", "probable"),
        ("GT", ("|0|1", "|1|0"), "*3B/*3C", "certain"),
        ("GT", ("/0|1", "|1|0"), "*1/*3A", "probable"),
        ("GT", ("/0/1", "/0/1"), "*1/*3A", "probable"),
    ],
)
def test_phase_of_callers(fmt, calls, diplotype, status, tmp_path):
    builder = VcfBuilder(genes=("TPMT",), meta=PHASE_META).set("rs1142345", "T/C").set("rs1800460", "C/T")
    for locus, call in zip(("rs1142345", "rs1800460"), calls, strict=True):
        builder.records[locus][0].fmt = fmt
        builder.records[locus][0].calls = [call]
    path = tmp_path / "file.vcf"
    version = "VCFv4.4" if fmt == "GT" else "VCFv4.2"
    path.write_text(builder.text().replace("VCFv4.2", version), encoding="utf-8")
    row = lupus_pgx.analyze(path, genes=["TPMT"]).diplotypes.to_frame().iloc[0]
    assert (row.diplotype, row.call_status) == (diplotype, status)


@pytest.mark.parametrize("version", ["VCFv4.1", "VCFv4.2", "VCFv4.3", "VCFv4.4", "VCFv4.5"])
@pytest.mark.parametrize("kind", ["vcf", "vcf.gz"])
def test_versions_of_the_format(version, kind, tmp_path):
    builder = VcfBuilder(genes=("TPMT",)).set("rs1142345", "T/C")
    builder.text = lambda original=builder.text: original().replace("VCFv4.2", version)
    row = lupus_pgx.analyze(builder.write(tmp_path / "file", kind), genes=["TPMT"]).diplotypes.to_frame().iloc[0]
    assert row.diplotype == "*1/*3C"


@pytest.mark.parametrize(
    ("depths", "threshold", "status"),
    [("20,20", 0.2, "observed"), ("38,2", 0.2, "low_quality"), ("38,2", None, "doubtful"), (".", 0.2, "observed")],
)
def test_allele_fraction(depths, threshold, status, tmp_path):
    builder = VcfBuilder(genes=("TPMT",)).set("rs1142345", "T/C")
    record = builder.records["rs1142345"][0]
    record.fmt, record.alts, record.calls = "GT:AD", "C", [f"0/1:{depths}"]
    path = builder.write(tmp_path / "file")
    analysis = lupus_pgx.analyze(path, genes=["TPMT"], min_allele_fraction=threshold)
    assert analysis.variants.to_frame().set_index("locus").status["rs1142345"] == status
