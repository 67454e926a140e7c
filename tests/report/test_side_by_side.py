"""What two sources say stands side by side: genotype and context, a call made elsewhere and the file."""

from __future__ import annotations

import json

import jsonschema
import pytest

import lupus_pgx

TODAY = "2026-11-29"
TPMT = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
KIDNEY = "41 mL/min/1.73m2"


def flat(text):
    return " ".join(text.split())


@pytest.fixture
def fx_summary(fx_cli, tmp_path):
    """What the terminal shows first of calls as given and a context."""

    def summary(calls, context):
        path = tmp_path / "context.json"
        path.write_text(json.dumps(context), encoding="utf-8")
        given = [f"{gene}={call}" for gene, call in calls.items()]
        code, out, _ = fx_cli("whatif", *given, "--context", path, "--today", TODAY)
        assert code == 0
        return flat(out)

    return summary


def test_a_milder_share_by_the_context_does_not_take_the_place_of_the_genotype(fx_summary):
    patient = lupus_pgx.respond(TPMT, ["azathioprine"], context={"egfr": KIDNEY}, today=TODAY)
    found = patient.drug("azathioprine")
    assert (found.factor_low, found.factor_high) == (0.3, 0.8)
    assert not found.dose_stopped
    row = patient.drug_responses.to_frame().iloc[0]
    assert (row["dose_factor_low"], row["dose_factor_high"]) == (0.3, 0.8)
    assert "azathioprine REDUCE DOSE to 30-80%, and to 75% by the context" in fx_summary(TPMT, {"egfr": KIDNEY})
    for page in (patient.to_html(), patient.to_html(short=True)):
        assert "30-80% of the usual starting dose by the genotype; 75% of the usual dose by the context" in flat(page)


@pytest.mark.parametrize(
    ("calls", "drug", "context", "stopped"),
    [
        (TPMT, "azathioprine", {"co_medication": ["allopurinol"]}, True),  # avoid: no dose at all
        ({"CYP3A5": "*1/*1"}, "tacrolimus", {"co_medication": ["voriconazole"]}, True),  # divides the dose: no multiple
        ({"CYP3A5": "*1/*1"}, "tacrolimus", {"co_medication": []}, False),
    ],
)
def test_a_multiple_stops_where_the_context_divides_or_forbids(calls, drug, context, stopped):
    found = lupus_pgx.respond(calls, [drug], context=context, today=TODAY).drug(drug)
    assert found.dose_stopped is stopped


def test_what_the_genotype_asks_for_follows_what_the_context_asks_of_a_planned_drug(fx_summary):
    context = {"planned": ["azathioprine"], "egfr": KIDNEY, "conditions": {"hepatitis_b": True}}
    patient = lupus_pgx.respond(TPMT, context=context, today=TODAY)
    said = "Genotype: reduce dose to 30-80% (NUDT15, TPMT)."
    out = fx_summary(TPMT, context)
    assert "TEST FIRST, reduce dose to 75% by the context, to 30-80% by the genotype azathioprine" in out
    assert said in out
    for page in (patient.to_html(), patient.to_html(short=True)):
        assert said in flat(page)


def test_a_call_that_the_file_contradicts_is_said_on_top_and_beside_the_drug(fx_example, tmp_path, fx_cli):
    calls = tmp_path / "calls.tsv"
    calls.write_text("sample_id\tgene\tdiplotype\nLN-01\tTPMT\t*1/*1\n", encoding="utf-8")
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(vcf, samples=["LN-01"], outside_calls=str(calls))
    patient = analysis.patient("LN-01")
    notice = (
        "The file contradicts calls that were handed over, on which the answers rest. It allows TPMT *1/*3A, not *1/*1."
    )
    against = "The file contradicts the call that was handed over: TPMT *1/*3A, not *1/*1."
    for text in (analysis.to_summary(), str(patient), patient.to_html()):
        assert notice in flat(text)
    found = patient.drug("azathioprine")
    assert against in found.summary
    assert "certain for this, as handed over, not by the file" in found.summary
    assert against[0].lower() + against[1:-1] in [str(item) for item in found.conflicts]
    analysis.write(tmp_path / "out", formats=["json"])
    document = json.loads((tmp_path / "out" / "analysis.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, lupus_pgx.analysis_schema())
    assert '"kind": "file"' in json.dumps(document)
    code, out, _ = fx_cli("analyze", vcf, "-s", "LN-01", "--outside-calls", calls, "--drugs", "azathioprine")
    assert code == 0
    assert notice in flat(out)
    same = tmp_path / "same.tsv"
    same.write_text("sample_id\tgene\tdiplotype\nLN-01\tTPMT\t*1/*3A\n", encoding="utf-8")
    agreed = lupus_pgx.analyze(vcf, samples=["LN-01"], outside_calls=str(same))
    assert "contradicts" not in agreed.to_summary()


def test_a_statement_that_was_not_believed_is_on_top_of_the_answer(fx_example, fx_cli):
    code, out, _ = fx_cli("analyze", fx_example["variant_only.GRCh38.vcf.gz"], "--absent", "reference")
    assert code == 0
    assert "NOTE: The statement --absent reference was not believed everywhere, and these loci stay unknown." in flat(
        out
    )
