"""Samples as numbers, their data dictionary, and the tutorial that uses them."""

from __future__ import annotations

import ast
import re
import tempfile

import numpy as np
import pandas as pd
import pytest
from builder import VcfBuilder
from hypothesis import given, settings
from hypothesis import strategies as st
from places import DOCS

import lupus_pgx
from lupus_pgx import UsageError

TUTORIAL = DOCS / "tutorials" / "prediction_study.md"
GENES = ("CYP2C9", "FCGR3A", "NUDT15", "TPMT", "VKORC1", "APOL1")
LOCI = {
    "rs1142345": ["T/T", "T/C", "C/C", "./."],
    "rs1800460": ["C/C", "C/T", "T/T"],
    "rs116855232": ["C/C", "C/T", "T/T", "./."],
    "rs1057910": ["A/A", "A/C", "C/C", "./."],
    "rs1799853": ["C/C", "C/T", "T/T"],
    "rs396991": ["A/A", "A/C", "C/C", "./."],
    "rs9923231": ["C/C", "C/T", "T/T", "./."],
    "rs73885319": ["A/A", "A/G", "G/G", "./."],
}


def name_of(text):
    return re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")


def expected_features(analysis):
    """The same from the frames of diplotypes and markers, cell by cell."""
    rules = {}
    for table in ("phenotype_rules", "activity_rules"):
        for row in analysis.knowledge.rows(table):
            rules.setdefault(row["gene"], set()).add(row["phenotype"])
    hidden = {row["gene"] for row in analysis.knowledge.rows("genes") if row["structure"] == "not assessed"}
    found = {sample: {} for sample in analysis.sample_ids}
    for row in analysis.diplotypes.to_frame().itertuples():
        own, gene = found[row.sample_id], name_of(row.gene)
        complete = pd.isna(row.missing_essential) and row.call_status not in ("no_call", "novel")
        complete &= row.gene not in hidden or row.call_status == "outside"
        stated = row.phenotype if complete and row.phenotype_probability >= 0.95 else None
        for phenotype in {*rules.get(row.gene, ()), "Indeterminate"} if row.gene in rules else ():
            unsure = stated is None or (stated == "Indeterminate" and phenotype != "Indeterminate")
            own[f"{gene}_{name_of(phenotype).lower()}"] = np.nan if unsure else float(stated == phenotype)
        if row.gene in rules:
            own[f"{gene}_missing"] = float(stated in (None, "Indeterminate"))
        if row.n_loci:
            missing = 0 if pd.isna(row.missing_essential) else len(row.missing_essential.split(";"))
            own[f"{gene}_missing_essential_loci"] = float(missing)
            own["missing_essential_loci"] = own.get("missing_essential_loci", 0.0) + missing
    for row in analysis.markers.to_frame().itertuples():
        column = f"{name_of(row.gene)}_{name_of(row.marker)}"
        count = row.effect_allele_count
        found[row.sample_id][f"{column}_dosage"] = np.nan if pd.isna(count) else float(count)
        found[row.sample_id][f"{column}_missing"] = float(pd.isna(count))
    return pd.DataFrame.from_dict(found, orient="index")


def assert_same(features, expected):
    others = set(features.columns) - set(expected.columns)
    assert {re.sub(r".*_", "", column) for column in others} <= {"activity", "carrier", "missing"}
    pd.testing.assert_frame_equal(
        features[expected.columns], expected, check_names=False, check_index_type=False, check_column_type=False
    )


@pytest.fixture(scope="module")
def fx_analyzed(fx_example):
    return lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], drugs=["AZA"])


def test_the_example_patients(fx_analyzed):
    features = fx_analyzed.features()
    assert features.index.tolist() == ["LN-01", "NP-02", "CU-03"]
    assert features.index.name == "sample_id"
    assert set(features.dtypes) == {np.dtype("float64")}
    patient = features.loc["LN-01"]
    assert patient["TPMT_intermediate_metabolizer"] == 1
    assert patient["TPMT_normal_metabolizer"] == 0
    assert patient["TPMT_missing"] == 0
    assert patient["FCGR3A_F158V_dosage"] == 1
    assert np.isnan(patient["HLA_B_58_01_carrier"])
    assert patient["HLA_B_missing"] == 1
    assert np.isnan(patient["CYP2D6_activity"])  # its structure cannot be seen in a VCF
    assert patient["CYP2D6_missing"] == 1
    assert_same(features, expected_features(fx_analyzed))


@pytest.mark.slow
@settings(max_examples=30)
@given(st.data())
def test_features_are_those_of_the_frames(tmp_path_factory, data):
    samples = [f"S{number}" for number in range(data.draw(st.integers(1, 6), label="samples"))]
    builder = VcfBuilder(samples=samples, genes=GENES)
    for locus, genotypes in LOCI.items():
        builder.set(
            locus, *data.draw(st.lists(st.sampled_from(genotypes), min_size=len(samples), max_size=len(samples)))
        )
    path = builder.write(tmp_path_factory.mktemp("features") / "cohort", index=False)
    ancestry = data.draw(st.sampled_from([None, "EUR", "EAS"]), label="ancestry")
    analysis = lupus_pgx.analyze(path, genes=GENES, drugs=["AZA"], ancestry=ancestry)
    features = analysis.features()
    assert_same(features, expected_features(analysis))
    diplotypes = analysis.diplotypes.to_frame().query("gene == 'CYP2C9'").set_index("sample_id")
    for sample, row in diplotypes.iterrows():
        activity = features.loc[sample, "CYP2C9_activity"]
        if not pd.isna(row.missing_essential):
            assert np.isnan(activity)
        elif row.probability >= 0.95:
            assert activity == row.activity_score
    soft = analysis.features(probabilities=True)
    for gene in ("TPMT", "NUDT15", "CYP2C9", "VKORC1"):
        total = soft.filter(regex=f"^{gene}_.*_probability$").sum(axis=1, min_count=1)
        assert (total.dropna() <= 1 + 1e-9).all()
        stated = features[[name for name in features if f"{name}_probability" in soft and name.startswith(f"{gene}_")]]
        likely = soft[[f"{column}_probability" for column in stated]].to_numpy()
        assert (likely[stated.to_numpy() == 1] >= 0.95).all()
        assert (likely[stated.to_numpy() == 0] <= 0.05).all()


def test_columns_do_not_depend_on_the_samples(fx_analyzed, fx_example, tmp_path):
    path = VcfBuilder().set("rs1142345", "T/C").variants_only().write(tmp_path / "other")
    other = lupus_pgx.analyze(path, drugs=["MMF"], absent="reference")
    for options in ({}, {"probabilities": True}):
        columns = fx_analyzed.features(**options).columns
        assert columns.tolist() == other.features(**options).columns.tolist()
        assert columns.is_unique
        assert all(name.isidentifier() and name.isascii() for name in columns)
    few = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], genes=["TPMT"], drugs=["AZA"]).features()
    assert {column.split("_")[0] for column in few} == {"TPMT", "missing"}
    shared = [column for column in few if column != "missing_essential_loci"]
    pd.testing.assert_frame_equal(few[shared], fx_analyzed.features()[shared])


def test_an_absent_locus_is_missing_not_normal(tmp_path):
    path = VcfBuilder(genes=("TPMT", "MTHFR")).drop("rs1142345", "rs1801133").like_a_genome().write(tmp_path / "gap")
    unknown = lupus_pgx.analyze(path, genes=["TPMT", "MTHFR"]).features().loc["S1"]
    assert np.isnan(unknown["TPMT_normal_metabolizer"])
    assert np.isnan(unknown["MTHFR_677C_T_dosage"])
    assert unknown[["TPMT_missing", "MTHFR_677C_T_missing", "TPMT_missing_essential_loci"]].tolist() == [1, 1, 1]
    stated = lupus_pgx.analyze(path, genes=["TPMT", "MTHFR"], absent="reference").features().loc["S1"]
    assert stated[["TPMT_normal_metabolizer", "TPMT_missing", "MTHFR_677C_T_missing"]].tolist() == [1, 0, 0]
    likely = lupus_pgx.analyze(path, genes=["TPMT"]).features(probabilities=True).loc["S1"]
    assert 0.5 < likely["TPMT_normal_metabolizer_probability"] < 1
    assert likely["TPMT_missing"] == 1


def test_calls_made_elsewhere_count(tmp_path):
    calls = {
        "CYP2D6": "*1x2/*4",
        "CYP2C9": "*1/*2",
        "HLA-B": "*07:02/*58:01",
        "TPMT": "*1/*24",
        "HLA-A": "*02:01/*03:01",
    }
    table = tmp_path / "calls.tsv"
    lines = ["sample_id\tgene\tdiplotype", *(f"S1\t{gene}\t{call}" for gene, call in calls.items())]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = VcfBuilder(genes=("NUDT15",)).write(tmp_path / "few")
    features = lupus_pgx.analyze(path, drugs=["AZA"], outside_calls=table).features().loc["S1"]
    assert features["CYP2D6_activity"] == 2
    assert features["CYP2C9_activity"] == 1.5
    assert features["CYP2C9_intermediate_metabolizer"] == 1
    assert features[["HLA_B_58_01_carrier", "HLA_B_15_02_carrier", "HLA_B_missing"]].tolist() == [1, 0, 0]
    assert features[["HLA_A_31_01_carrier", "HLA_A_missing"]].tolist() == [0, 0]
    # An allele of uncertain function says nothing about any phenotype.
    assert features[["TPMT_indeterminate", "TPMT_missing"]].tolist() == [1, 1]
    assert np.isnan(features["TPMT_poor_metabolizer"])
    soft = lupus_pgx.analyze(path, drugs=["AZA"], outside_calls=table).features(probabilities=True).loc["S1"]
    assert soft["CYP2D6_activity_expected"] == 2
    assert soft["HLA_B_58_01_carrier_probability"] == 1
    assert soft["TPMT_indeterminate_probability"] == 1


def test_the_data_dictionary_describes_every_column(fx_analyzed, fx_knowledge):
    known = {row["source"] for row in fx_knowledge.rows("sources")}
    for options in ({}, {"probabilities": True}, {"drop_constant": True}):
        features, dictionary = (
            fx_analyzed.features(**options),
            fx_analyzed.feature_dictionary(**options),
        )
        assert dictionary.column.tolist() == features.columns.tolist()
        assert dictionary.n_missing.tolist() == features.isna().sum().tolist()
        assert dictionary[["kind", "meaning", "values"]].notna().all().all()
        gaps = dictionary[dictionary.n_missing > 0]
        assert gaps.nan.notna().all()
        assert {name for cell in dictionary.source.dropna() for name in cell.split(";")} <= known
        for column, values in zip(dictionary["column"], dictionary["values"], strict=True):
            if ", " in values:
                assert set(features[column].dropna()) <= {float(value) for value in values.split(", ")}
    dictionary = fx_analyzed.feature_dictionary().set_index("column")
    row = dictionary.loc["FCGR3A_F158V_dosage"]
    assert (row.gene, row.marker, row.kind, row.unit) == ("FCGR3A", "F158V", "dosage", "copies")
    assert row.meaning.startswith("copies of V; ")
    assert row.citation == fx_knowledge.markers.set_index(["gene", "marker"]).loc[("FCGR3A", "F158V"), "citation"]


def test_constant_columns_can_be_left_out(fx_analyzed):
    every, varying = fx_analyzed.features(), fx_analyzed.features(drop_constant=True)
    wanted = [column for column in every if len(every[column].dropna().unique()) > 1]
    assert 0 < len(wanted) < every.shape[1]
    pd.testing.assert_frame_equal(varying, every[wanted])


def test_the_probability_asked_for_is_a_probability(fx_analyzed):
    for wrong in (0.5, 1.1):
        with pytest.raises(UsageError, match=r"min_probability must be above 0\.5 and at most 1"):
            fx_analyzed.features(min_probability=wrong)
    sure, strict = fx_analyzed.features(), fx_analyzed.features(min_probability=1)
    assert np.isnan(strict.loc["LN-01", "TPMT_intermediate_metabolizer"])  # *1/*3A or *3B/*3C: never quite sure
    assert (strict.isna() >= sure.isna()).all().all()


@pytest.mark.real
def test_a_large_cohort(fx_real):
    analysis = lupus_pgx.analyze(fx_real / "1kgp-GRCh38.vcf.gz", genes=["TPMT", "NUDT15", "CYP3A5", "APOL1"])
    assert_same(analysis.features(), expected_features(analysis))


@pytest.mark.slow
def test_the_tutorial_runs_and_shows_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cells = re.findall(r"^```\{code-cell\} python\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL | re.M)
    names = {}
    for cell in cells:
        exec(compile(ast.parse(cell), str(TUTORIAL), "exec"), names)
    assert len(cells) > 8
    assert "events per parameter" in capsys.readouterr().out
    crude, adjusted, truth = names["crude"], names["adjusted"], names["truth"]
    marker, gene = "MTHFR_677C_T_dosage", "CYP3A5_expresser"
    assert crude.loc[marker, "high"] < 1  # looks like an effect
    assert adjusted.loc[marker, "low"] < 1 < adjusted.loc[marker, "high"]
    assert crude.loc[gene, "high"] < truth["expresser"]
    assert adjusted.loc[gene, "low"] < truth["expresser"] < adjusted.loc[gene, "high"]
    assert names["holm"] == 0
    lost = names["lost"]["mean"]
    assert lost[False] < lost[True]
