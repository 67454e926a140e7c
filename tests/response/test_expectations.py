"""What guidelines, labels and studies ask for, row by row: ``tests/expectations.tsv``.

The rows were written from the sources they cite, not from what the program says. ``calls`` are given as calls,
``file`` as changes of a VCF that holds every locus of the panel with the base of GRCh38 (``-NUDT15`` and
``-rs776746`` leave a gene or locus out, ``rs1142345=T/C`` states a genotype, ``complete`` stands for no change).
``checks`` are what the clinical context has to show beside the prediction: ``contraindicated pregnancy``,
``adjust_dose allopurinol 0.25-0.33``, ``open igg`` (the context is silent), ``none egfr`` (nothing to say).
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from builder import VcfBuilder
from places import TESTS

import lupus_pgx
from lupus_pgx.terms import CheckStatus

pytestmark = pytest.mark.every  # a row that somebody added runs at once

TABLE = TESTS / "expectations.tsv"
with TABLE.open(encoding="utf-8") as handle:
    ROWS = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))

DRUGS_WANTED = {
    *("azathioprine", "mercaptopurine", "tacrolimus", "clopidogrel", "warfarin", "phenytoin", "carbamazepine"),
    *("allopurinol", "celecoxib", "meloxicam", "simvastatin", "rosuvastatin", "fluvastatin", "omeprazole"),
    *("citalopram", "sertraline", "codeine", "tramadol", "ondansetron", "voriconazole", "dapsone"),
    *("hydroxychloroquine", "sulfasalazine", "hydralazine", "isoniazid", "mycophenolate mofetil", "rituximab"),
    *("belimumab", "anifrolumab", "baricitinib", "tofacitinib", "intravenous immunoglobulin", "plasma exchange"),
    *("cyclophosphamide", "methotrexate", "voclosporin"),
}


def name_of(row: dict[str, str]) -> str:
    """Return a row in short with its line, for the test report."""
    line = f"expectations.tsv:{ROWS.index(row) + 2}"
    return " | ".join(filter(None, [line, row["drug"], row["calls"], row["file"], row["context"]]))


def calls_of(row: dict[str, str]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in row["calls"].split("; ") if item)


def response_of(row: dict[str, str], folder: Path, context: str):
    """Run a row through the public API and return its drug response."""
    known = json.loads(context) if context else None
    if not row["file"]:
        return lupus_pgx.respond(calls_of(row), [row["drug"]], context=known).drug(row["drug"])
    file = VcfBuilder().change(*row["file"].removeprefix("complete").split())
    path = file.write(folder / "patient", "vcf")
    return lupus_pgx.analyze(path, drugs=[row["drug"]], context=known).patient("S1").drug(row["drug"])


def number(text: str) -> float | None:
    return float(text) if text else None


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_expectation(row, tmp_path):
    response = response_of(row, tmp_path, row["context"])
    assert (response.response.value, response.action.value) == (row["response"], row["action"])
    assert (response.factor_low, response.factor_high) == (number(row["factor_low"]), number(row["factor_high"]))
    cap = response.judgement.cap
    assert (f"{cap.value:g} {cap.unit}".strip() if cap is not None else "") == row["limit"]
    if row["guideline"]:
        assert response.judgement.guideline == row["guideline"].replace("none", "")
    if row["response"] == "indeterminate":
        assert response.certainty is None
        named = [driver for driver in response.drivers if "ambiguous" in driver or "Indeterminate" in driver]
        assert response.not_assessed or named
        assert "undecided" in response.summary or "not assessed" in response.summary


CLINICAL = [row for row in ROWS if row["checks"]]


@pytest.mark.parametrize("row", CLINICAL, ids=name_of)
def test_clinical_context_stands_beside_the_prediction(row, tmp_path):
    response = response_of(row, tmp_path, row["context"])
    for wanted in row["checks"].split("; "):
        status, subject, factors = re.fullmatch(r"(\w+) (.+?)(?: ([\d.]+-[\d.]+))?", wanted).groups()
        found = [check for check in response.checks if subject in (check.criterion, check.partner)]
        known = [check for check in found if check.known]
        if status == "none":
            assert not found
        elif status == "open":
            assert found
            assert {(check.status, check.known) for check in found} == {(CheckStatus.CHECK_FIRST, False)}
        else:
            assert known[0].status.value == status  # the strictest: a pair may meet several rows
            assert all(check.citations for check in known)
            # What speaks against the drug is a conflict of the summary too, and what only asks is not.
            against = CheckStatus(status).severity > CheckStatus.MONITOR.severity
            assert any(text.startswith("clinical context: ") for text in map(str, response.conflicts)) is against
        if factors:
            given = [check for check in known if check.factor_low is not None]
            assert [f"{check.factor_low:g}-{check.factor_high:g}" for check in given] == [factors]
    # The genome's word is the same without the context.
    alone = response_of(row, tmp_path, "")
    assert not alone.checks
    for field in ("response", "action", "factor_low", "factor_high", "cap", "certainty"):
        assert getattr(response.judgement, field) == getattr(alone.judgement, field)
    assert response.drivers == alone.drivers


@pytest.mark.parametrize("drug", ["capecitabine", "abacavir"])
def test_a_drug_outside_the_panel_is_refused(drug):
    with pytest.raises(lupus_pgx.LupusPgxError, match=drug) as caught:
        lupus_pgx.respond({"CYP2C9": "*3/*3", "HLA-B": "*57:01/*07:02"}, [drug])
    assert caught.value.exit_code == 2


def test_the_table_is_broad_enough():
    assert len([row for row in ROWS if not row["checks"]]) >= 80
    undecided = [row for row in ROWS if row["response"] in ("indeterminate", "no_validated_marker")]
    undecided += [row for row in ROWS if row["action"] == "test_first" and row not in undecided]
    assert len(undecided) >= 25
    assert len(CLINICAL) >= 15
    assert {row["drug"] for row in ROWS} >= DRUGS_WANTED
    contexts = " ".join(row["context"] for row in CLINICAL)
    assert all(word in contexts for word in ("pregnancy", "egfr", "active_infection", "igg", "co_medication"))


def test_every_row_cites_its_source(fx_knowledge):
    known = set(fx_knowledge.citations.citation)
    for row in ROWS:
        sources = row["source"].split(";")
        assert all(source in known or re.fullmatch(r"PMID:\d{7,8}", source) for source in sources), row
