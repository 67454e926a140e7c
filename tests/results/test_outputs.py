"""Result files: the contract's columns, the same content in every form, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from pathlib import Path

import pandas as pd
import pytest
from builder import VcfBuilder

import lupus_pgx

# The contract, written out.
COLUMNS = {
    "variants": [
        "sample_id",
        "gene",
        "locus",
        "rsid",
        "chrom",
        "pos",
        "ref",
        "alt",
        "genotype",
        "phase_set",
        "status",
        "effect",
        "note",
    ],
    "diplotypes": [
        "sample_id",
        "gene",
        "diplotype",
        "call_status",
        "probability",
        "candidates",
        "n_candidates",
        "phenotype",
        "phenotype_probability",
        "phenotypes",
        "adjusted_phenotype",
        "activity_score",
        "allele_functions",
        "lookup",
        "n_loci",
        "n_observed",
        "n_assumed",
        "n_doubtful",
        "missing_loci",
        "missing_essential",
        "note",
    ],
    "markers": [
        "sample_id",
        "gene",
        "marker",
        "rsid",
        "genotype",
        "effect_allele_count",
        "category",
        "status",
        "note",
    ],
    "drugs": [
        "sample_id",
        "drug",
        "rxnorm",
        "atc",
        "drug_class",
        "predicted_response",
        "action",
        "dose_factor_low",
        "dose_factor_high",
        "guideline",
        "strength",
        "evidence_level",
        "certainty",
        "dose_cap",
        "dose_cap_unit",
        "overall_action",
        "clinical",
        "assumed",
        "drivers",
        "conflicts",
        "not_assessed",
        "summary",
        "citations",
    ],
    "guidance": [
        "sample_id",
        "drug",
        "source",
        "year",
        "condition",
        "action",
        "dose_basis",
        "factor_low",
        "factor_high",
        "cap",
        "unit",
        "applies_if",
        "population",
        "strength",
        "citation",
    ],
    "evidence": [
        "sample_id",
        "drug",
        "gene",
        "marker",
        "finding",
        "direction",
        "effect_size",
        "population",
        "evidence_level",
        "citation",
        "source",
    ],
}
TEXT = "str" if int(pd.__version__.split(".")[0]) >= 3 else "object"
INTEGERS = {"pos", "n_candidates", "n_loci", "n_observed", "n_assumed", "n_doubtful", "effect_allele_count", "year"}
PROBABILITIES = {"probability", "phenotype_probability", "certainty"}
NUMBERS = PROBABILITIES | {
    "activity_score",
    "dose_factor_low",
    "dose_factor_high",
    "factor_low",
    "factor_high",
    "cap",
    "dose_cap",
}

RESPONSES = {
    "typical",
    "reduced_efficacy",
    "increased_efficacy",
    "increased_toxicity",
    "reduced_toxicity",
    "reduced_exposure",
    "increased_exposure",
    "mixed",
    "indeterminate",
    "no_validated_marker",
}
ACTIONS = {
    "standard",
    "avoid",
    "reduce_dose",
    "increase_dose",
    "monitor",
    "test_first",
    "consider_alternative",
    "informative_only",
}
STATUSES = {
    "observed",
    "covered_reference",
    "assumed_reference",
    "no_record",
    "no_call",
    "half_call",
    "filtered",
    "low_quality",
    "ref_mismatch",
    "unexpected_allele",
    "unlisted_variant",
}
CALL_STATUSES = {"certain", "probable", "ambiguous", "novel", "no_call", "outside"}

SAMPLES = ["Z9", "A1", "M5", "B2"]
STAR_GENES = [
    "ABCG2",
    "CACNA1S",
    "CYP2B6",
    "CYP2C19",
    "CYP2C8",
    "CYP2C9",
    "CYP2D6",
    "CYP3A4",
    "CYP3A5",
    "CYP4F2",
    "G6PD",
]
STAR_GENES += ["HLA-A", "HLA-B", "MT-RNR1", "NAT2", "NUDT15", "RYR1", "SLCO1B1", "TPMT", "UGT1A1", "VKORC1"]
KNOWLEDGE = lupus_pgx.load_knowledge()
MARKER_KEYS = sorted(((row["gene"], row["marker"]) for row in KNOWLEDGE.rows("markers")), key=" ".join)
DRUGS = sorted(row["drug"] for row in KNOWLEDGE.rows("drugs"))


def read(folder, table):
    """Read a table as plain text cells."""
    with (Path(folder) / f"{table}.tsv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    return rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.fixture(scope="module")
def fx_path(tmp_path_factory):
    """Four samples: carriers, a clean one, one with gaps, one without a genotype; NUDT15 has no record."""
    builder = VcfBuilder(samples=SAMPLES).drop_gene("NUDT15")
    builder.set("rs1142345", "T/C", "T/T", "T/C", "T/T").set("rs1800460", "C/T", "C/C", "./.", "C/C")
    builder.set("rs776746", "T/C", "C/C", "./.", "T/T").set("rs396991", "A/C", "A/A", "C/C", "A/C")
    builder.set("rs73885319", "A/G", "A/A", "G/G", "A/A")
    for records in builder.records.values():
        records[0].calls[3] = "./."
    return builder.write(tmp_path_factory.mktemp("outputs") / "cohort")


@pytest.fixture(scope="module")
def fx_analysis(fx_path):
    return lupus_pgx.analyze(fx_path)


@pytest.fixture(scope="module")
def fx_folder(fx_analysis, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    fx_analysis.write(folder, formats=["tsv", "json"])
    return folder


@pytest.fixture(scope="module")
def fx_frames(fx_analysis):
    return {
        "variants": fx_analysis.variants.to_frame(),
        "diplotypes": fx_analysis.diplotypes.to_frame(),
        "markers": fx_analysis.markers.to_frame(),
        "drugs": fx_analysis.drug_responses.to_frame(),
        "guidance": fx_analysis.guidance.to_frame(),
        "evidence": fx_analysis.evidence.to_frame(),
    }


@pytest.fixture(scope="module")
def fx_document(fx_folder):
    return json.loads((fx_folder / "analysis.json").read_text(encoding="utf-8"))


# Tables.


@pytest.mark.parametrize("table", COLUMNS)
def test_table_has_the_columns_of_the_contract(table, fx_folder):
    header, rows = read(fx_folder, table)
    assert header == COLUMNS[table]
    assert rows


@pytest.mark.parametrize("table", COLUMNS)
def test_table_is_plain_text_with_unix_line_ends(table, fx_folder):
    data = (fx_folder / f"{table}.tsv").read_bytes()
    assert b"\r" not in data
    assert data.endswith(b"\n")
    assert not data.startswith((b"#", b"\xef\xbb\xbf"))
    for word in (b"nan", b"NaN", b"None", b"<NA>"):
        assert word not in data.replace(b"\n", b"\t").split(b"\t")


@pytest.mark.parametrize("table", COLUMNS)
def test_cells_hold_no_blank_edges(table, fx_folder):
    _, rows = read(fx_folder, table)
    assert all(cell == cell.strip() for row in rows for cell in row.values())


@pytest.mark.parametrize(
    ("table", "columns", "keys"),
    [
        ("diplotypes", ["gene"], [(gene,) for gene in STAR_GENES]),
        ("markers", ["gene", "marker"], MARKER_KEYS),
        ("drugs", ["drug"], [(drug,) for drug in DRUGS]),
    ],
)
def test_one_row_per_sample_and_key_covered_or_not(table, columns, keys, fx_folder):
    _, rows = read(fx_folder, table)
    found = [(row["sample_id"], *(row[column] for column in columns)) for row in rows]
    assert found == [(sample, *key) for sample in SAMPLES for key in keys]


def test_one_row_per_sample_and_locus(fx_folder, fx_knowledge):
    _, rows = read(fx_folder, "variants")
    found = [(row["sample_id"], row["gene"], row["locus"]) for row in rows]
    assert len(found) == len(set(found))
    here = {(gene, locus.name) for gene, loci in fx_knowledge.loci_by_gene.items() for locus in loci}
    assert set(found) == {(sample, *key) for sample in SAMPLES for key in here}


@pytest.mark.parametrize(("table", "keys"), [("variants", ["gene"]), ("guidance", ["drug"]), ("evidence", ["drug"])])
def test_rows_follow_input_order_then_key(table, keys, fx_folder):
    _, rows = read(fx_folder, table)
    order = [(SAMPLES.index(row["sample_id"]), *(row[key] for key in keys)) for row in rows]
    assert order == sorted(order)


def test_loci_of_a_gene_stand_in_genome_order(fx_folder):
    _, rows = read(fx_folder, "variants")
    positions = [int(row["pos"]) for row in rows if row["sample_id"] == "Z9" and row["gene"] == "TPMT"]
    assert positions == sorted(positions)


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("variants", "status", STATUSES),
        ("diplotypes", "call_status", CALL_STATUSES),
        ("markers", "status", STATUSES),
        ("drugs", "predicted_response", RESPONSES),
        ("drugs", "action", ACTIONS),
        ("guidance", "action", ACTIONS),
    ],
)
def test_words_are_those_of_the_contract(table, column, words, fx_folder):
    _, rows = read(fx_folder, table)
    found = {row[column] for row in rows}
    assert found <= words
    assert len(found) > 1


def test_unknown_is_an_empty_cell(fx_folder):
    _, rows = read(fx_folder, "diplotypes")
    row = next(row for row in rows if (row["sample_id"], row["gene"]) == ("A1", "NUDT15"))
    assert row["call_status"] == "no_call"
    empty = {"diplotype", "probability", "candidates", "phenotype", "phenotype_probability", "phenotypes"}
    assert {name for name in empty if row[name]} == set()
    assert (row["n_candidates"], row["n_observed"]) == ("0", "0")
    _, rows = read(fx_folder, "markers")
    row = next(row for row in rows if (row["sample_id"], row["gene"]) == ("B2", "FCGR3A"))
    assert (row["genotype"], row["effect_allele_count"], row["category"]) == ("", "", "")


def test_dose_factor_is_one_for_standard_and_empty_for_avoid(tmp_path):
    builder = VcfBuilder(samples=["clean", "poor"]).set("rs1142345", "T/T", "C/C")
    lupus_pgx.analyze(builder.write(tmp_path / "in"), drugs=["azathioprine"]).write(tmp_path)
    _, rows = read(tmp_path, "drugs")
    found = {row["sample_id"]: (row["action"], row["dose_factor_low"], row["dose_factor_high"]) for row in rows}
    assert found == {"clean": ("standard", "1", "1"), "poor": ("avoid", "", "")}


def test_names_in_lists_hold_no_separator(fx_folder):
    _, rows = read(fx_folder, "diplotypes")
    seen = 0
    for row in rows:
        for column in ("candidates", "phenotypes"):
            items = row[column].split(";") if row[column] else []
            assert len(items) <= 10
            parts = [item.split("=") for item in items]
            assert all(len(part) == 2 for part in parts)
            # In the order of the pool; the values are the lowest over the populations, and need not fall.
            assert all(0 <= float(value) <= 1 for _, value in parts)
            seen += len(parts)
    assert seen > len(STAR_GENES)


def test_best_candidate_is_the_diplotype(fx_folder):
    _, rows = read(fx_folder, "diplotypes")
    called = [row for row in rows if row["diplotype"]]
    assert called
    for row in called:
        assert row["candidates"].split(";")[0] == f"{row['diplotype']}={row['probability']}"
        if row["phenotype"]:
            assert row["phenotypes"].split(";")[0] == f"{row['phenotype']}={row['phenotype_probability']}"
        else:
            assert row["gene"] in ("CYP2C8", "CYP4F2")  # no body assigns functions
            assert row["phenotypes"] == row["phenotype_probability"] == ""


def test_probabilities_have_four_decimals_and_are_exact_at_the_ends(fx_folder):
    texts = []
    for table in ("diplotypes", "drugs"):
        _, rows = read(fx_folder, table)
        texts += [row[column] for row in rows for column in PROBABILITIES & row.keys() if row[column]]
    assert all(len(text.partition(".")[2]) == 4 for text in texts)
    assert all(0 < float(text) <= 1 for text in texts)


def test_uncertain_call_is_never_written_as_one(tmp_path):
    """*1/*3A and *3B/*3C both fit unphased genotypes, so neither is exactly 1 or 0."""
    builder = VcfBuilder(genes=("TPMT",)).set("rs1142345", "T/C").set("rs1800460", "C/T")
    lupus_pgx.analyze(builder.write(tmp_path / "in")).write(tmp_path)
    _, rows = read(tmp_path, "diplotypes")
    row = next(row for row in rows if row["gene"] == "TPMT")
    values = dict(item.split("=") for item in row["candidates"].split(";"))
    assert set(values) == {"*1/*3A", "*3B/*3C"}
    assert "0.9" < values["*1/*3A"] < "1.0000"
    assert "0.0000" < values["*3B/*3C"] < "0.1"


# JSON.


def item_text(item):
    """Write one value of a list as its part of a TSV cell; of a check and a conflict only what tells them apart."""
    if not isinstance(item, dict):
        return str(item)
    if "probability" in item:
        return f"{item['name']}={item['probability']:.4f}"
    if "loci" in item:
        return f"{item['key']}: {', '.join(item['loci'])}"
    if "count" in item:
        named = f": {', '.join(item['essential'])}" if item["essential"] else ""
        return f"{item['gene']} {item['count']} of {item['of']}{named}"
    if item.get("kind") == "guideline":
        low, high = item["factor_low"], item["factor_high"]
        dose = "" if low is None else f"{low:g}-{high:g}" if low != high else f"{low:g}"
        if high is not None and high <= 1:
            dose = (f"{low * 100:g}-{high * 100:g}" if low != high else f"{low * 100:g}") + "% of"
        elif dose:
            dose += " times"
        return f"{item['source']}: {item['action']}{f' at {dose} the usual dose' if dose else ''}"
    if item.get("kind") == "evidence":
        words = {"conflicting": "contradictory result", "no_effect": "no effect found"}
        result = words.get(item["direction"], item["direction"].replace("_", " "))
        return f"{result} in {item['source']} ({', '.join(item['citations'])})"
    raise AssertionError(item)


def text_of(column, value):
    """Write a JSON value as its TSV cell."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(item_text(item).replace(";", ",") for item in value)
    if column in PROBABILITIES:
        return f"{value:.4f}"
    return f"{value:g}" if column in NUMBERS else str(value)


@pytest.mark.parametrize("table", COLUMNS)
def test_json_carries_the_rows_of_the_tables(table, fx_folder, fx_document):
    _, rows = read(fx_folder, table)
    found = [
        {"sample_id": sample["sample_id"]} | {column: text_of(column, value) for column, value in row.items()}
        for sample in fx_document["samples"]
        for row in sample[table]
    ]
    assert found == rows


def test_json_says_where_it_comes_from(fx_document, fx_path, fx_knowledge):
    provenance = fx_document["provenance"]
    assert fx_document["schema_version"].count(".") == 2
    assert "Research use only" in fx_document["research_use"]
    assert provenance["software"] == {"name": "lupus-pgx", "version": lupus_pgx.__version__}
    assert provenance["data_release"] == fx_knowledge.release
    (given,) = provenance["inputs"]
    assert given["sha256"] == hashlib.sha256(Path(fx_path).read_bytes()).hexdigest()
    assert (given["path"], given["build"]) == (fx_path, "GRCh38")
    assert provenance["parameters"]["absent"] == "unknown"


def test_json_lists_every_input(tmp_path):
    paths = [VcfBuilder(samples=[name], genes=("TPMT",)).write(tmp_path / name) for name in ("A", "B")]
    lupus_pgx.analyze(paths).write(tmp_path / "out", formats=["json"])
    document = json.loads((tmp_path / "out" / "analysis.json").read_text())
    sums = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths]
    assert [given["sha256"] for given in document["provenance"]["inputs"]] == sums


def test_json_uses_no_value_outside_the_standard(fx_folder):
    def refuse(word):
        raise AssertionError(word)

    document = json.loads((fx_folder / "analysis.json").read_text(), parse_constant=refuse)
    assert [sample["sample_id"] for sample in document["samples"]] == SAMPLES


def test_two_runs_write_the_same_bytes(fx_path, fx_folder, tmp_path):
    lupus_pgx.analyze(fx_path).write(tmp_path, formats=["json", "tsv"])
    names = sorted(path.name for path in fx_folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (tmp_path / name).read_bytes() == (fx_folder / name).read_bytes()


# Frames.


@pytest.mark.parametrize("table", COLUMNS)
def test_frame_has_the_columns_and_types_of_the_contract(table, fx_frames):
    frame = fx_frames[table]
    assert frame.columns.tolist() == COLUMNS[table]
    for column, dtype in frame.dtypes.items():
        expected = "Int64" if column in INTEGERS else "float64" if column in NUMBERS else TEXT
        assert str(dtype) == expected, column


@pytest.mark.parametrize("table", COLUMNS)
def test_frame_equals_the_file_read_back(table, fx_frames, fx_folder):
    dtypes = {
        column: "Int64" if column in INTEGERS else "float64" if column in NUMBERS else TEXT for column in COLUMNS[table]
    }
    path = fx_folder / f"{table}.tsv"
    back = pd.read_csv(path, sep="\t", dtype=dtypes, keep_default_na=False, na_values=[""], quoting=csv.QUOTE_NONE)
    pd.testing.assert_frame_equal(fx_frames[table], back)


def test_empty_text_is_missing_in_frames(fx_frames):
    frame = fx_frames["markers"]
    unknown = frame[(frame.sample_id == "B2") & (frame.gene == "FCGR3A")].iloc[0]
    assert isinstance(unknown.genotype, float)
    assert math.isnan(unknown.genotype)
    assert unknown.effect_allele_count is pd.NA
    text = frame[[name for name in frame if name not in INTEGERS | NUMBERS]]
    assert not (text == "").to_numpy().any()
    held = {type(cell) for name in text for cell in text[name]}
    assert held == {str, float}
    assert all(math.isnan(cell) for name in text for cell in text[name] if isinstance(cell, float))


def test_frame_without_rows_keeps_columns_and_types(tmp_path):
    """Prednisone has no guideline row."""
    path = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    frame = lupus_pgx.analyze(path, drugs=["prednisone"]).guidance.to_frame()
    assert len(frame) == 0
    assert frame.columns.tolist() == COLUMNS["guidance"]
    assert str(frame.year.dtype) == "Int64"
    assert str(frame.drug.dtype) == TEXT


def test_what_if_has_the_same_frames():
    patient = lupus_pgx.respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"})
    for table in ("diplotypes", "markers", "drug_responses", "guidance", "evidence"):
        frame = getattr(patient, table).to_frame()
        assert frame.columns.tolist() == COLUMNS[{"drug_responses": "drugs"}.get(table, table)]
        assert set(frame.sample_id) == {"what-if"}
    calls = patient.diplotypes.to_frame().set_index("gene")
    given = {"NUDT15": "outside", "TPMT": "outside"}
    assert calls.call_status.to_dict() == dict.fromkeys(STAR_GENES, "no_call") | given


# Writing.


@pytest.mark.parametrize(
    ("formats", "names"),
    [
        (["tsv"], {*(f"{table}.tsv" for table in COLUMNS), "provenance.json"}),
        (["json"], {"analysis.json"}),
        (["json", "tsv", "json"], {*(f"{table}.tsv" for table in COLUMNS), "provenance.json", "analysis.json"}),
    ],
)
def test_only_the_formats_asked_for_are_written(formats, names, fx_analysis, tmp_path):
    written = fx_analysis.write(tmp_path / "a" / "b", formats=formats)
    assert {path.name for path in written} == names
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == names


def test_genes_and_drugs_asked_for_are_those_written(fx_path, tmp_path):
    lupus_pgx.analyze(fx_path, genes=["tpmt", "FCGR3A"], drugs=["MMF", "aza"]).write(tmp_path)
    assert {row["gene"] for row in read(tmp_path, "diplotypes")[1]} == {"TPMT"}
    assert {row["gene"] for row in read(tmp_path, "markers")[1]} == {"FCGR3A"}
    assert {row["drug"] for row in read(tmp_path, "drugs")[1]} == {"azathioprine", "mycophenolate mofetil"}
    assert {row["gene"] for row in read(tmp_path, "variants")[1]} == {"TPMT", "FCGR3A"}


def test_nothing_is_written_outside_the_folder(fx_path, fx_cli, tmp_path, monkeypatch):
    home, here, out = tmp_path / "home", tmp_path / "here", tmp_path / "out"
    for folder in (home, here):
        folder.mkdir()
    before = sorted(path.name for path in Path(fx_path).parent.iterdir())
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(home))
    assert fx_cli("analyze", fx_path, "-o", out)[0] == 0
    assert list(home.iterdir()) == list(here.iterdir()) == []
    assert sorted(path.name for path in Path(fx_path).parent.iterdir()) == before
    names = {*(f"{table}.tsv" for table in COLUMNS), "analysis.json", "provenance.json"}
    assert {path.name for path in out.iterdir()} == names


def test_other_files_in_the_folder_stay(fx_analysis, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "drugs.tsv").write_text("old")
    fx_analysis.write(tmp_path, formats=["tsv"])
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "drugs.tsv").read_text().startswith("sample_id\tdrug\t")


def fail_after(times, error):
    """Return a ``json.dumps`` that works some times, so that the file is begun, and fails then."""
    dumps = json.dumps
    calls = []

    def failing(*values, **options):
        calls.append(values)
        if len(calls) > times:
            raise error
        return dumps(*values, **options)

    return failing


def test_failed_write_keeps_the_old_file(fx_analysis, tmp_path, monkeypatch):
    full = fail_after(3, OSError(28, "No space left on device"))

    (tmp_path / "analysis.json").write_text("old")
    monkeypatch.setattr("json.dumps", full)
    with pytest.raises(lupus_pgx.OutputError, match="No space left"):
        fx_analysis.write(tmp_path, formats=["json"])
    assert (tmp_path / "analysis.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["analysis.json"]


def test_interrupted_write_keeps_the_old_file(fx_analysis, tmp_path, monkeypatch):
    interrupted = fail_after(3, KeyboardInterrupt())

    (tmp_path / "analysis.json").write_text("old")
    monkeypatch.setattr("json.dumps", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fx_analysis.write(tmp_path, formats=["json"])
    assert (tmp_path / "analysis.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["analysis.json"]


def test_unknown_format_is_a_usage_error(fx_analysis, tmp_path):
    with pytest.raises(lupus_pgx.UsageError, match="tsv"):
        fx_analysis.write(tmp_path / "out", formats=["tvs"])
    assert not (tmp_path / "out").exists()
