"""The road out of "unknown": what helps, in order, in every way of use; where calls come from that no VCF holds."""

from __future__ import annotations

import json
import logging
import re
import shlex

import jsonschema
import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.results.provenance import analysis_schema

ROAD = [
    "looks like a variant-only VCF",
    "unknown, not normal",
    "gVCF",
    "--called-regions BED",
    "lupus-pgx positions --recipe",
    "--alignments BAM",
    "only for a whole genome",
    "docs/force-calling.md",
]


def assert_road(text):
    """Every remedy is named, in order."""
    flat = " ".join(text.split())
    places = [flat.index(part) for part in ROAD]
    assert places == sorted(places)


def file_of(samples=1):
    """Records only where somebody carries an ALT."""
    file = VcfBuilder(samples=[f"S{number}" for number in range(samples)])
    return file.set("rs1800460", "C/T").set("rs1142345", "T/C").variants_only()


@pytest.fixture(params=[1, 4, 7], ids=["one", "four", "cohort"])
def fx_analysis(request, fx_analyze):
    return fx_analyze(file_of(request.param))


def test_terminal_and_pages_and_notebook_show_the_road(fx_analysis):
    assert_road(str(fx_analysis))
    assert_road(fx_analysis._repr_html_())
    assert_road(fx_analysis.to_html())
    assert_road(str(fx_analysis.cohort()))
    patient = fx_analysis.patient("S0")
    assert_road(str(patient))
    assert_road(patient._repr_html_())
    assert_road(patient.to_html())
    assert_road(patient.explain("azathioprine"))


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_the_command_of_the_road_runs_as_it_is_pasted(build, fx_cli, fx_analyze):
    file = VcfBuilder(build=build).set("rs1800460", "C/T").set("rs1142345", "T/C").variants_only()
    pasted = re.findall(r"`lupus-pgx ([^`\n]+)`", str(fx_analyze(file)))
    assert len(pasted) == 1
    code, out, err = fx_cli(*shlex.split(pasted[0]))
    assert (code, err) == (0, "")
    assert f"--build {build}" in out


def test_files_keep_the_notice_and_fit_the_schema(fx_analysis, tmp_path):
    fx_analysis.write(tmp_path, formats=["tsv", "json"])
    for name in ("provenance", "analysis"):
        document = json.loads((tmp_path / f"{name}.json").read_text())
        (notice,) = document["provenance"]["notices"]
        assert_road(notice)
    jsonschema.validate(document, analysis_schema())


def test_command_with_an_output_folder_says_it_once_on_stderr(fx_cli, tmp_path, caplog):
    path = file_of(2).write(tmp_path / "only", kind="vcf")
    with caplog.at_level(logging.WARNING, logger="lupus_pgx"):
        code, out, _ = fx_cli("analyze", path, "-o", tmp_path / "results")
    assert (code, out) == (0, "")
    (line,) = [record.getMessage() for record in caplog.records if "variant-only" in record.getMessage()]
    assert "\n" not in line
    assert_road(line)


def test_a_file_with_reference_records_has_no_notice(fx_analyze, tmp_path):
    analysis = fx_analyze(VcfBuilder())
    analysis.write(tmp_path, formats=["tsv"])
    assert json.loads((tmp_path / "provenance.json").read_text())["provenance"]["notices"] == []
    assert "variant-only" not in analysis._repr_html_()


# --- what no VCF holds --------------------------------------------------------------------------

PAGE = "docs/hla-and-cyp2d6.md"


def test_open_structure_and_typing_name_where_calls_come_from(fx_patient):
    patient = fx_patient(VcfBuilder())
    for text in (str(patient), patient.to_html()):
        assert "Cyrius" in text
        assert "T1K" in text
        assert PAGE in text
    flat = " ".join(str(patient).split())
    assert flat.count("Copies and hybrids come from") == flat.count("Typings come from") == 1
    explained = patient.explain("allopurinol")
    assert "Typings come from" in explained
    assert "Copies and hybrids" not in explained
    assert "Copies and hybrids come from" in patient.explain("codeine")


def test_given_calls_end_the_question(fx_analyze, fx_knowledge, tmp_path):
    calls = tmp_path / "calls.tsv"
    typing = {"HLA-A": "*02:01/*24:02", "HLA-B": "*07:02/*08:01"}
    assert set(typing) == {gene for gene, star in fx_knowledge.star_genes.items() if star.typing}
    # Genes that are known by outside call only.
    given = {"MT-RNR1": "Reference", "RYR1": "Reference/Reference", "CACNA1S": "Reference/Reference"}
    rows = {**typing, **given, "CYP2D6": "*1/*4"}
    calls.write_text("gene\tdiplotype\n" + "".join(f"{gene}\t{call}\n" for gene, call in rows.items()))
    patient = fx_analyze(VcfBuilder(), outside_calls=calls).patient("S1")
    for text in (str(patient), patient.to_html(), patient.explain("codeine"), patient.explain("allopurinol")):
        assert PAGE not in text


def test_what_if_asks_for_no_caller():
    assert PAGE not in str(lupus_pgx.respond({"TPMT": "*1/*1"}))
