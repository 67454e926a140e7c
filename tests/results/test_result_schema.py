"""The published schema of ``analysis.json`` and ``provenance.json``, against what is written."""

from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx import terms
from lupus_pgx.response.values import Assumed, Conflict, Missing
from lupus_pgx.results.context_tables import CONTEXT_TABLES
from lupus_pgx.results.tables import TABLES
from lupus_pgx.review.genome_word import DrugWord

ROOT = Path(__file__).parents[2]
SCHEMA = lupus_pgx.analysis_schema()
DEFS = SCHEMA["$defs"]
COLUMNS = TABLES | CONTEXT_TABLES
ROWS = {table: DEFS["sample"]["properties"][table]["items"]["$ref"].rpartition("/")[2] for table in COLUMNS}
OF_ANALYSIS = jsonschema.Draft202012Validator(SCHEMA)
OF_PROVENANCE = jsonschema.Draft202012Validator({**DEFS["provenance_document"], "$defs": DEFS})


def write_and_validate(analysis, folder):
    """Write an analysis; return both documents after they passed their schemas."""
    analysis.write(folder, formats=["tsv", "json"])
    text = (folder / "analysis.json").read_text(encoding="utf-8")
    document = json.loads(text)
    provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    OF_ANALYSIS.validate(document)
    OF_PROVENANCE.validate(provenance)
    assert provenance["provenance"] == document["provenance"]
    # Canonical: sorted keys, no blanks, one line.
    assert text == json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
    return document


def nodes(schema):
    """Yield every schema that describes a value, with its name."""
    for name, part in schema.get("properties", {}).items():
        yield name, part
        yield from nodes(part)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield key, schema[key]
            yield from nodes(schema[key])


# The schema itself.


def test_schema_is_sound_and_ships_with_the_package():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    shipped = files("lupus_pgx") / "data" / "schemas" / "analysis.schema.json"
    assert json.loads(shipped.read_text(encoding="utf-8")) == SCHEMA
    assert SCHEMA["$schema"].endswith("2020-12/schema")
    assert SCHEMA["$id"].endswith("/analysis.schema.json")


def test_every_value_is_described_and_nothing_else_is_allowed():
    for home, schema in [("", SCHEMA), *DEFS.items()]:
        assert schema["description"], home
        for name, part in nodes(schema):
            assert part.get("description") or part.get("$ref") or name in ("items", "additionalProperties"), (
                home,
                name,
            )
            if part.get("type") == "object":
                assert "additionalProperties" in part, (home, name)
        assert schema["additionalProperties"] is False, home
        assert set(schema["required"]) == set(schema["properties"]), home


def test_names_and_descriptions_are_those_of_the_declared_columns():
    """The legend of the tables, the reference page and the schema say the same, from one place."""
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "build_schema.py"), "--check"], check=False)
    assert done.returncode == 0, "run python tools/build_schema.py"
    for table, columns in COLUMNS.items():
        described = DEFS[ROWS[table]]
        assert described["description"] == columns.about
        for column in columns.columns:
            assert described["properties"][column.name]["description"] == column.description


@pytest.mark.parametrize(
    ("name", "value"), [("missing", Missing), ("assumed", Assumed), ("conflict", Conflict), ("drug_word", DrugWord)]
)
def test_values_are_published_with_every_field(name, value):
    assert list(DEFS[name]["properties"]) == [field.name for field in dataclasses.fields(value)]


@pytest.mark.parametrize("table", COLUMNS)
def test_columns_are_those_of_the_tables(table):
    columns = COLUMNS[table]
    properties = DEFS[ROWS[table]]["properties"]
    assert tuple(properties) == columns.names[1:]
    words = {"text": "string", "integer": "integer", "number": "number", "probability": "number", "flag": "boolean"}
    words |= dict.fromkeys(("list", "shares", "checks"), "array")
    for name, kind in zip(columns.names[1:], columns.kinds[1:], strict=True):
        described = properties[name]
        kinds = described.get("type", ["string", "null"])
        assert words[kind] in ([kinds] if isinstance(kinds, str) else kinds), name


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("variant", "status", [*terms.LocusStatus]),
        ("marker", "status", [*terms.LocusStatus, "outside"]),
        ("diplotype", "call_status", [*terms.CallStatus]),
        ("drug", "predicted_response", [*terms.Response]),
        ("drug", "action", [*terms.Action]),
        ("rule", "action", [*terms.Action]),
        ("check", "status", [*terms.CheckStatus]),
        ("explanation", "finding", [*terms.FindingKind]),
        ("explanation", "strength", [*terms.Strength]),
        ("judged_criterion", "status", [*terms.Met]),
        ("level", "verdict", [*terms.LevelVerdict]),
        ("parameters", "absent", [*terms.AbsentPolicy]),
        ("input", "build", [*terms.Build]),
    ],
)
def test_words_are_those_of_the_program(row, column, words):
    assert DEFS[row]["properties"][column]["enum"] == words


def test_words_of_ancestry_and_sex_are_those_of_the_program():
    parameters = DEFS["parameters"]["properties"]
    assert parameters["ancestry"]["additionalProperties"]["enum"] == [*terms.Ancestry]
    assert parameters["sex"]["additionalProperties"]["enum"] == [*terms.Sex]


def test_evidence_levels_are_those_of_the_table(fx_knowledge):
    described = set(DEFS["finding"]["properties"]["evidence_level"]["enum"])
    assert {row["evidence_level"] for row in fx_knowledge.rows("evidence")} <= described
    assert set(DEFS["drug"]["properties"]["evidence_level"]["enum"]) == described | {None}


# What is written.


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_example_follows_the_schema(build, absent, fx_example, tmp_path):
    path = fx_example[f"patients.{build}.vcf.gz"]
    document = write_and_validate(lupus_pgx.analyze(path, absent=absent, ancestry="EUR"), tmp_path)
    assert len(document["samples"]) == 3


def test_odd_samples_and_every_option(tmp_path):
    """Names that are no file names, gaps, outside calls, a context, an overlay."""
    names = ["<script>alert(1)</script>", "../../x", 'a"b\\', "Zoë"]
    builder = VcfBuilder(samples=names).drop_gene("NUDT15").set("rs1142345", "T/C", "./.", "C|C", "T/.")
    calls = tmp_path / "calls.tsv"
    calls.write_text(f"sample_id\tgene\tdiplotype\n{names[1]}\tCYP2D6\t*1x2/*4\n{names[1]}\tHLA-B\t*58:01/*07:02\n")
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    shipped = (files("lupus_pgx") / "data" / "evidence.tsv").read_text(encoding="utf-8").splitlines()
    (overlay / "evidence.tsv").write_text("\n".join([shipped[0], shipped[2], ""]), encoding="utf-8")
    knowledge = lupus_pgx.load_knowledge(overlay)
    context = {"patients": {names[0]: {"sex": "female", "co_medication": ["paroxetine"]}}}
    analysis = lupus_pgx.analyze(
        builder.write(tmp_path / "in"),
        build="GRCh38",
        samples=names,
        sex={names[1]: "male"},
        min_gq=1,
        min_dp=1,
        min_allele_fraction=0.1,
        outside_calls=calls,
        context=context,
        knowledge=knowledge,
    )
    document = write_and_validate(analysis, tmp_path / "out")
    assert [sample["sample_id"] for sample in document["samples"]] == names
    assert document["provenance"]["knowledge"]["overlay"]["folder"] == str(overlay)
    assert document["provenance"]["parameters"]["context"]["samples"] == 1
    assert {row["call_status"] for row in document["samples"][1]["diplotypes"]} >= {"outside", "no_call", "certain"}


def test_a_full_clinical_context(fx_example, fx_full_context, tmp_path):
    path = fx_example["patients.GRCh38.vcf.gz"]
    document = write_and_validate(lupus_pgx.analyze(path, context=fx_full_context), tmp_path)
    known, unknown, _ = document["samples"]
    assert all(known[table] for table in CONTEXT_TABLES)
    assert known["headline"]
    assert not any(unknown[table] for table in CONTEXT_TABLES)
    assert unknown["headline"] is None


def test_nothing_that_is_not_described_passes(fx_example, tmp_path):
    path = fx_example["variant_only.GRCh38.vcf.gz"]
    document = write_and_validate(lupus_pgx.analyze(path, genes=["TPMT"], drugs=["AZA"]), tmp_path)
    assert OF_ANALYSIS.is_valid(document)
    for change in (
        lambda it: it.update(extra=1),
        lambda it: it["samples"][0].update(extra=1),
        lambda it: it["samples"][0].pop("drugs"),
        lambda it: it["samples"][0]["drugs"][0].update(action="take more"),
        lambda it: it["samples"][0]["drugs"][0].update(certainty=1.5),
        lambda it: it["samples"][0]["variants"][0].update(pos="1"),
        lambda it: it["samples"][0]["variants"][0].update(note=""),
        lambda it: it["provenance"]["parameters"].update(extra=None),
        lambda it: it["provenance"]["inputs"][0].update(sha256="unknown"),
        lambda it: it.update(schema_version="0"),
    ):
        changed = copy.deepcopy(document)
        change(changed)
        assert not OF_ANALYSIS.is_valid(changed)
