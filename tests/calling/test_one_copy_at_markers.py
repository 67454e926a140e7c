"""Markers where a cell states one copy or none: nothing stops, and only chromosome X has single copies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

SHIPPED = lupus_pgx.load_knowledge()
AUTOSOMAL = sorted(
    key for key, marker in SHIPPED.markers_by_key.items() if not marker.x_linked and marker.haplotypes.loci
)
X_MARKER = "TLR7 rs179008"


def called(path, key, **options):
    gene = key.split()[0]
    frame = lupus_pgx.analyze(path, genes=[gene], **options).markers.to_frame()
    return frame[frame.gene + " " + frame.marker == key].set_index("sample_id")


def first_locus(key):
    return SHIPPED.markers_by_key[key].haplotypes.loci[0].name


def test_a_single_cell_holds_back_its_marker_and_sample_only(tmp_path):
    """At every marker one sample has a whole genotype, three have a single cell: the first keeps its call."""
    genes = tuple(sorted({key.split()[0] for key in AUTOSOMAL}))
    builder = VcfBuilder(genes=genes, samples=["whole", "dot", "zero", "one"])
    whole = lupus_pgx.analyze(builder.write(tmp_path / "whole", kind="vcf"), genes=genes).markers.to_frame()
    for key in AUTOSOMAL:
        builder.records[first_locus(key)][0].calls[1:] = [".", "0", "1"]
    found = lupus_pgx.analyze(builder.write(tmp_path / "single", kind="vcf"), genes=genes).markers.to_frame()
    keys = (found.gene + " " + found.marker).isin(AUTOSOMAL)
    found, whole = found[keys], whole[(whole.gene + " " + whole.marker).isin(AUTOSOMAL)]
    rows = {sample: rows.reset_index(drop=True) for sample, rows in found.groupby("sample_id")}
    pd.testing.assert_frame_equal(rows["whole"], whole[whole.sample_id == "whole"].reset_index(drop=True))
    assert set(rows["whole"].status) == {"observed"}
    assert set(rows["dot"].status) == {"no_call"}
    assert set(rows["zero"].status) | set(rows["one"].status) == {"half_call"}
    single = [
        len(SHIPPED.markers_by_key[f"{row.gene} {row.marker}"].haplotypes.loci) == 1 for row in found.itertuples()
    ]
    open_rows = found[np.array(single) & (found.sample_id != "whole")]
    assert open_rows.genotype.isna().all()
    assert open_rows.effect_allele_count.isna().all()
    assert len(open_rows) > 100


def test_a_dot_alone_in_every_record_is_no_call_everywhere(tmp_path):
    builder = VcfBuilder()
    for records in builder.records.values():
        records[0].calls = ["."]
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "dots", kind="vcf"), build="GRCh38")
    assert set(analysis.markers.to_frame().status) == {"no_call"}
    assert set(analysis.variants.to_frame().status) == {"no_call"}
    assert set(analysis.diplotypes.to_frame().call_status) == {"no_call"}


@pytest.fixture(scope="module")
def fx_overlay(tmp_path_factory):
    """A marker on chromosome X, made of rows only."""
    folder = tmp_path_factory.mktemp("overlay")
    locus = {
        "gene": "TLR7", "locus": "rs179008", "rsid": "rs179008", "chrom": "chrX", "grch38_pos": "12885540",
        "grch37_pos": "12903659", "essential": "yes", "source": "literature",
    }  # fmt: skip
    change = {
        "gene": "TLR7", "locus": "rs179008", "grch38_ref": "A", "grch38_alt": "T", "grch37_ref": "A",
        "grch37_alt": "T", "verification": "test", "source": "literature",
    }  # fmt: skip
    marker = {
        "gene": "TLR7", "marker": "rs179008", "rsid": "rs179008", "title": "TLR7 Q11L", "effect": "Leu11",
        "coordinate_status": "verified", "citation": "PMID:35477763", "source": "literature",
    }  # fmt: skip
    allele = {"gene": "TLR7", "marker": "rs179008", "source": "literature"}
    alleles = [
        {**allele, "allele": "A", "effect_allele": "no", "rank": "1"},
        {**allele, "allele": "T", "locus": "rs179008", "grch38_ref": "A", "grch38_alt": "T", "role": "required"}
        | {"effect_allele": "yes", "rank": "2"},
    ]
    categories = [{**allele, "effect_allele_count": str(count), "category": f"{count} T"} for count in range(3)]
    rows = {"loci": [locus], "locus_alleles": [change], "markers": [marker]}
    rows |= {"marker_alleles": alleles, "marker_categories": categories}
    for name, lines in rows.items():
        columns = SHIPPED.tables[name].columns
        text = ["\t".join(columns), *("\t".join(line.get(column, "") for column in columns) for line in lines)]
        (folder / f"{name}.tsv").write_text("\n".join(text) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("cell", "sex", "genotype", "count", "status"),
    [
        ("1", "male", "T", 1, "observed"),
        ("0", "male", "A", 0, "observed"),
        ("1/1", "male", "T", 1, "observed"),
        ("1", "female", None, None, "half_call"),
        ("0/1", "female", "A/T", 1, "observed"),
        ("1/1", "female", "T/T", 2, "observed"),
        (".", "male", None, None, "no_call"),
        (".", "female", None, None, "no_call"),
        ("./.", "male", None, None, "no_call"),
        ("0/1", "male", None, None, "doubtful"),
    ],
)
def test_a_marker_on_x_counts_the_copies_there_are(cell, sex, genotype, count, status, fx_overlay, tmp_path):
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    builder = VcfBuilder(genes=("TLR7",), knowledge=knowledge)
    builder.records["rs179008"] = [Rec("chrX", 12_885_540, "A", "T", [cell])]
    row = called(builder.write(tmp_path / "x", kind="vcf"), X_MARKER, sex=sex, knowledge=knowledge).loc["S1"]
    assert row.status == status
    if genotype is None:
        assert row[["genotype", "effect_allele_count", "category"]].isna().all()
    else:
        assert (row.genotype, row.effect_allele_count, row.category) == (genotype, count, f"{count} T")


def test_a_single_cell_on_x_stops_nothing_where_the_sex_is_not_known(fx_overlay, tmp_path):
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    builder = VcfBuilder(genes=("TLR7",), knowledge=knowledge, samples=["M1", "M2", "F1"])
    builder.records["rs179008"] = [Rec("chrX", 12_885_540, "A", "T", ["1", ".", "0/1"])]
    rows = called(builder.write(tmp_path / "x", kind="vcf"), X_MARKER, knowledge=knowledge)
    assert rows.genotype["F1"] == "A/T"
    assert rows.genotype["M1"] == "T" or pd.isna(rows.genotype["M1"])
    assert rows.status["M2"] == "no_call"


@pytest.mark.parametrize(("given", "count"), [("T", 1), ("A", 0), ("T/T", 2), ("A/T", 1)])
def test_a_marker_on_x_is_given_as_one_allele_or_two(given, count, fx_overlay, tmp_path):
    calls = tmp_path / "calls.tsv"
    calls.write_text(f"gene\tdiplotype\n{X_MARKER}\t{given}\n", encoding="utf-8")
    knowledge = lupus_pgx.load_knowledge(fx_overlay)
    builder = VcfBuilder(genes=("TLR7",), knowledge=knowledge)
    path = builder.write(tmp_path / "x", kind="vcf")
    row = called(path, X_MARKER, knowledge=knowledge, outside_calls=str(calls)).loc["S1"]
    assert (row.genotype, row.effect_allele_count, row.status) == (given, count, "outside")


def test_a_single_allele_of_an_autosomal_marker_is_refused(tmp_path):
    calls = tmp_path / "calls.tsv"
    key = AUTOSOMAL[0]
    calls.write_text(f"gene\tdiplotype\n{key}\t{SHIPPED.markers_by_key[key].haplotypes.names[0]}\n", encoding="utf-8")
    path = VcfBuilder(genes=(key.split()[0],)).write(tmp_path / "one", kind="vcf")
    with pytest.raises(lupus_pgx.InputError, match="expected two alleles joined by '/'"):
        called(path, key, outside_calls=str(calls))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_marker_on_x_needs_a_category_for_men_and_women(count, fx_overlay, tmp_path):
    for file in fx_overlay.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.stem == "marker_categories":
            text = "\n".join(line for line in text.splitlines() if f"\t{count}\t" not in line) + "\n"
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(lupus_pgx.KnowledgeError, match=f"no row in marker_categories for {count} effect alleles"):
        lupus_pgx.load_knowledge(tmp_path)
