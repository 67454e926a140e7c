"""Short forms for notebooks, and the progress bar there."""

from __future__ import annotations

import re

import pytest
from builder import VcfBuilder
from helpers import plain

import lupus_pgx

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def fx_failed(fx_example):
    history = {
        "manifestations": {"lupus nephritis": None},
        "therapies": [{"drug": "MMF", "outcome": "inadequate_response"}],
    }
    path = fx_example["patients.GRCh38.vcf.gz"]
    return lupus_pgx.analyze(path, samples=["LN-01"], context=history).patient("LN-01")


def test_patient_shows_drugs_by_action(fx_failed):
    text = plain(fx_failed._repr_html_())
    assert "↓ reduce dose azathioprine, mercaptopurine" in text
    missing = text.partition("Not assessed: ")[2].partition(".")[0].split(", ")
    assert {"HLA-A", "HLA-B"} <= set(missing)
    assert "Research use only" in text


def test_drug_shows_its_sentence_and_rules(fx_failed):
    response = fx_failed.drug("tacrolimus")
    text = plain(response._repr_html_())
    assert "tacrolimus: ↑ increase dose" in text
    assert "CYP3A5 *1/*3" in text
    assert "but: FDA label: monitor" in text
    assert all(rule.source in text for rule in response.guidance)


def test_call_shows_its_candidates(fx_failed):
    call = fx_failed.gene("TPMT")
    text = plain(call._repr_html_())
    assert "TPMT *1/*3A: ◕ probable" in text
    assert "*1/*3A 97.6% to over 99.9%, by population *3B/*3C under 0.1% to 2.2%, by population" in text
    untyped = fx_failed.gene("HLA-B")
    assert "HLA-B not called: ○ not assessed" in plain(untyped._repr_html_())


def test_tables_show_first_and_last_rows(fx_failed):
    table = fx_failed.markers
    frame = table.to_frame()
    assert len(table) == len(frame) > 10
    text = plain(table._repr_html_())
    assert f"markers: {len(frame)} rows" in text
    assert frame.rsid.iloc[0] in text
    assert frame.rsid.iloc[-1] in text
    assert frame.rsid.iloc[len(frame) // 2] not in text
    few = lupus_pgx.respond({"TPMT": "*1/*3A"}, ["AZA"]).guidance
    assert len(few) < 10
    assert "..." not in plain(few._repr_html_()).partition("assessed")[0]


ASKED = ["AZA", "MMF", "HCQ", "RTX", "tacrolimus", "belimumab", "allopurinol"]


@pytest.fixture(scope="module")
def fx_few_drugs(fx_example):
    return lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], drugs=ASKED).drug_responses


def test_the_table_of_drugs_is_in_the_words_of_the_page(fx_few_drugs):
    """No number that is taken for the certainty of a drug, no half of a dose range, and weak evidence beside it."""
    text = plain(fx_few_drugs._repr_html_())
    for row in (
        "azathioprine ↓ reduce dose to 30-80% increased toxicity genotype 97.6% certain for this, else avoid "
        "CPIC 2025, strong",
        "mycophenolate mofetil i information reduced exposure genotype certain for this weak and conflicting evidence",
        "allopurinol ? test first indeterminate CPIC 2015 not assessed: HLA-B",
        "tacrolimus ↑ increase dose 1.5-2 times reduced exposure genotype certain for this CPIC 2015, strong",
    ):
        assert row in text
    assert "1.0000" not in text
    assert "dose_factor" not in text
    frame = fx_few_drugs.to_frame()
    assert {"dose_factor_low", "dose_factor_high", "evidence_level", "certainty"} <= set(frame.columns)


def test_the_table_of_drugs_prints_in_the_same_words_and_says_what_is_left_out(fx_few_drugs, fx_failed):
    lines = str(fx_few_drugs).splitlines()
    assert lines[0] == "LN-01"
    assert max(map(len, lines)) <= 96
    flat = " ".join(str(fx_few_drugs).split())
    assert "mycophenolate mofetil information reduced exposure genotype certain for this; weak and conflicting" in flat
    assert "to_frame" not in flat
    every = str(fx_failed.drug_responses)
    assert every.endswith(
        f"{len(fx_failed.drug_responses) - 20} more rows: to_frame() gives all, with codes and numbers for programs"
    )


def test_drugs_that_are_planned_or_taken_stand_first_and_the_context_is_named(fx_example):
    patient = lupus_pgx.analyze(
        fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], context=fx_example["LN-01.yaml"]
    ).patient("LN-01")
    flat = " ".join(str(patient.drug_responses).split())
    assert flat.index("rituximab") < flat.index("anifrolumab avoid by the clinical context severe lupus nephritis")
    html = plain(patient.drug_responses._repr_html_())
    assert "clopidogrel ✕ avoid the clinical context with omeprazole" in html
    assert "omeprazole ! named by the review may have lowered mycophenolate mofetil" in html


def test_checks_and_options_are_in_words_and_the_strictest_check_stands_first(fx_example):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], context=fx_example["LN-01.yaml"])
    patient = analysis.patient("LN-01")
    for table, codes in ((patient.checks, "check_first|not_looked_at|adjust_dose"), (patient.options, "[a-z]+_[a-z]+")):
        html = table._repr_html_()
        rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr><td>.*?</tr>", html)]
        assert len(rows) == 20
        assert not re.search(rf"\b({codes})\b", re.sub("<style>.*?</style>|to_frame", "", html, flags=re.DOTALL))
        assert f"{len(table) - 20:,} more rows" in html
    asked = [
        row[2]
        for row in [
            re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr><td>.*?</tr>", patient.checks._repr_html_())
        ]
    ]
    assert asked[0] == "contraindicated"
    assert asked == sorted(asked, key=["contraindicated", "avoid"].index)
    assert patient.checks.to_frame().status.isin(["check_first"]).any()


def test_every_table_knows_its_length(fx_failed):
    for name in ("variants", "diplotypes", "markers", "drug_responses", "guidance", "evidence", "checks", "options"):
        table = getattr(fx_failed, name)
        assert len(table) == len(table.to_frame()), name
        assert "\n" not in repr(table)


def test_public_objects_have_a_line_of_their_own(fx_failed):
    things = (
        fx_failed,
        fx_failed.drug("AZA"),
        fx_failed.gene("TPMT"),
        fx_failed.resistance,
    )
    for thing in things:
        assert repr(thing).startswith(f"<{type(thing).__name__} of ")
        assert "\n" not in repr(thing)
    assert str(fx_failed.drug("AZA")) == fx_failed.drug("AZA").summary
    assert fx_failed.drug("AZA").drug.drug == "azathioprine"


def test_a_plot_shows_itself(fx_failed):
    picture = lupus_pgx.plots.evidence_forest(fx_failed, "MMF")._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 5000


def test_review_shows_its_headline(fx_failed):
    text = plain(fx_failed.resistance._repr_html_())
    assert fx_failed.resistance.headline in text
    assert "mycophenolate mofetil : inadequate response" in text


def test_analysis_shows_patients_or_a_cohort(fx_example, tmp_path):
    few = plain(lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])._repr_html_())
    assert "Analysis of 3 samples on GRCh38" in few
    assert all(name in few for name in ("LN-01", "NP-02", "CU-03"))
    builder = VcfBuilder(samples=[f"S{number}" for number in range(8)], genes=("TPMT", "NUDT15"))
    builder.set("rs1142345", *["C/C"] * 2, *["T/T"] * 6)
    many = plain(lupus_pgx.analyze(builder.write(tmp_path / "in"), drugs=["AZA", "belimumab"])._repr_html_())
    assert "azathioprine ✕ avoid 25.0%; ✓ usual dose 75.0%" in many
    assert "S0" not in many


def test_forms_are_short_harmless_and_take_the_colours_around_them(tmp_path):
    analysis = lupus_pgx.analyze(VcfBuilder(samples=[SCRIPT], genes=("TPMT",)).write(tmp_path / "in"))
    patient = analysis.patient(SCRIPT)
    for thing in (analysis, patient, patient.drug("AZA"), patient.gene("TPMT")):
        html = thing._repr_html_()
        assert "<script" not in html
        assert len(html) < 20_000
        style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
        rules = [line.split("{")[0] for line in style.splitlines() if "{" in line]
        assert all(part.strip().startswith(".lpgx") for rule in rules for part in rule.split(","))
        assert not re.search(r"(?<![-\w])(color|background): *#", style)


CELL = """
import warnings
warnings.simplefilter("error")
import time
from lupus_pgx.progress import track
for item in track(range(3), "writing", " tables"):
    time.sleep(0.8)
import lupus_pgx
lupus_pgx.respond({"TPMT": "*3A/*3A"}, ["AZA"])
"""


@pytest.fixture(scope="module")
def fx_outputs():
    """Outputs of one cell, run in a real kernel."""
    pytest.importorskip("ipykernel", reason="ipykernel is not installed (extra test)")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (extra test)")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed (extra test)")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook.cells[0].outputs


@pytest.mark.slow
def test_kernel_shows_the_html_form(fx_outputs):
    (shown,) = [output.data for output in fx_outputs if output.output_type == "execute_result"]
    assert "✕ avoid azathioprine" in plain(shown["text/html"])
    assert shown["text/plain"] == "<PatientSummary of what-if: 1 drug; print() shows it>"


@pytest.mark.slow
def test_kernel_shows_progress_without_a_warning(fx_outputs):
    streams = " ".join(output.text for output in fx_outputs if output.output_type == "stream")
    widgets = [output for output in fx_outputs if output.output_type == "display_data"]
    assert "writing" in streams or widgets
    assert "Warning" not in streams
    assert not [output for output in fx_outputs if output.output_type == "error"]


def test_nothing_is_shown_outside_terminal_and_notebook(capsys):
    from lupus_pgx.progress import track

    items = [1, 2]
    assert track(items, "writing", " tables") is items
    assert capsys.readouterr().err == ""


def test_a_cohort_shows_bars_with_their_words(tmp_path):
    names = [f"P{number}" for number in range(8)]
    builder = VcfBuilder(samples=names).set("rs116855232", *["T/T"] * 2, *["C/T"] * 2, *["C/C"] * 4)
    form = lupus_pgx.analyze(builder.write(tmp_path / "cohort")).cohort()._repr_html_()
    row = re.search(r"<tr><th scope=\"row\">azathioprine</th>.*?</tr>", form, re.DOTALL)[0]
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", row)]
    assert widths == [25, 25, 50]
    words = re.sub(r"<[^>]+>", " ", row)
    for word, share in (("avoid", "25.0%"), ("reduce dose", "25.0%"), ("usual dose", "50.0%")):
        assert re.search(rf"{word}\s+{share}", words)
    assert form.index(">azathioprine<") < form.index("<details>") < form.index(">zuclopenthixol<")


def test_drugs_of_lupus_are_named_where_others_are_counted(fx_example):
    patient = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"]).patient("LN-01")
    form = re.sub(r"<details>.*?</details>", "", patient._repr_html_(), flags=re.DOTALL)
    assert "hydroxychloroquine" in form
    assert "abrocitinib" not in form
