"""The faults that an audit found in the review, each as a patient: what must and must not be said."""

from __future__ import annotations

import pytest
from histories import CALLS, lab
from option_states import failed, kidney, organ

from lupus_pgx import load_knowledge, respond

TODAY = "2026-01-20"
ROWS = load_knowledge().rows("therapy_options")


def asked(context, calls=None):
    patient = respond(CALLS | (calls or {}), context=context, today=TODAY)
    return patient, patient.options.to_frame().set_index("option")


def test_d7_disseminated_zoster_ranks_nothing():
    context = organ("cutaneous", active_infection="severe", therapies=failed("MTX", "belimumab"))
    patient, options = asked(context | {"conditions": {"zoster": True}})
    assert len(options) == 1
    assert patient.resistance.headline.startswith("Severe infection")


def test_d8_three_levels_near_nothing_open_with_intake():
    therapies = [
        {"drug": "HCQ", "dose": "400 mg/day", "start": "2024-01-01", "outcome": "ongoing"},
        {"drug": "MMF", "dose": "2 g/day", "start": "2024-01-01", "outcome": "inadequate_response"},
        {"drug": "tacrolimus", "dose": "4 mg/day", "start": "2024-01-01", "outcome": "inadequate_response"},
    ]
    labs = [
        lab("hcq_blood", "ng/mL", d2026_01_05=35),
        lab("mpa_trough", "mg/L", d2026_01_05=0.2),
        lab("tacrolimus_trough", "ng/mL", d2026_01_05=1.2),
    ]
    patient, options = asked(kidney("IV", therapies=therapies, labs=labs), {"CYP3A5": "*1/*1"})
    assert "not being taken" in patient.resistance.headline
    assert "CYP3A5" not in patient.resistance.headline
    assert options.index[0].startswith("take it")
    assert "1.5-2 times" not in patient.drug("tacrolimus").summary


@pytest.mark.parametrize(
    ("classes", "upcr", "egfr"),
    [(["II"], 0.4, 90), (["VI"], 1.5, 12), (["V"], 0.6, 90)],
)
def test_d17_what_no_immunosuppression_is_for_offers_none(classes, upcr, egfr):
    _, options = asked(kidney(*classes, upcr=upcr, egfr=egfr))
    drugs = " ".join(options.drugs.dropna()[options.stage.isin(["first", "alternative", "refractory"])])
    assert not any(name in drugs for name in ("mycophenolate", "cyclophosphamide", "tacrolimus", "belimumab"))


def test_d18_no_text_names_a_drug_that_the_genotype_forbids():
    context = kidney(
        "IV", upcr=0.2, sex="female", contraception="conception_planned", therapies=failed("MMF", outcome="response")
    )
    patient, options = asked(context, {"NUDT15": "*3/*3"})
    assert "azathioprine" not in patient.drug("mycophenolate mofetil").summary
    assert options["rank"]["tacrolimus in pregnancy"] < options["rank"]["azathioprine in pregnancy"]
    assert not options.index.str.contains("refractory disease").any()


def test_w1_what_failed_is_never_first_in_the_nervous_system():
    therapies = failed("cyclophosphamide") + failed("prednisone")
    _, options = asked(organ("neuropsychiatric lupus", {"mechanism": "inflammatory"}, therapies=therapies))
    first = options[options["rank"] <= 4]
    assert not first.drugs.fillna("").str.contains("cyclophosphamide").any()
    assert "hydroxychloroquine" in options.index


def test_w7_antibodies_without_thrombosis_ask_for_aspirin_and_a_pregnancy_for_heparin():
    _, quiet = asked(organ("antiphospholipid", conditions={"thrombosis": False}, pregnancy=False))
    assert "low-dose aspirin without thrombosis" in quiet.index
    assert not quiet.index.str.startswith("vitamin K").any()
    _, pregnant = asked(organ("antiphospholipid", conditions={"thrombosis": True}, sex="female", pregnancy=True))
    assert (
        pregnant[pregnant.stage == "pregnancy-compatible"].index[0].startswith("low-dose aspirin + therapeutic heparin")
    )


def test_w8_a_poor_metabolizer_of_clopidogrel_still_has_aspirin():
    context = organ("neuropsychiatric lupus", {"mechanism": "thrombotic"}, conditions={"thrombosis": True})
    _, options = asked(context, {"CYP2C19": "*2/*2"})
    assert options.genome["antiplatelet in thrombotic disease"] == "speaks against"
    assert options.genome["aspirin in thrombotic or ischaemic disease"] != "speaks against"
    ranks = options["rank"]
    assert ranks["aspirin in thrombotic or ischaemic disease"] < ranks["antiplatelet in thrombotic disease"]


def test_w11_a_partial_response_on_time_is_no_failure():
    therapies = [{"drug": "MMF", "dose": "2.5 g/day", "start": "2025-06-01", "outcome": "inadequate_response"}]
    labs = [
        lab("upcr", "g/g", d2025_05_30=8.0, d2025_09_01=5.0, d2025_12_01=2.0, d2026_01_05=0.9),
        lab("egfr", "mL/min/1.73m2", d2025_05_30=90, d2025_09_01=90, d2025_12_01=91, d2026_01_05=91),
    ]
    patient, _ = asked(
        {"age": 30, "manifestations": {"lupus nephritis": {"class": ["IV", "V"]}}, "therapies": therapies, "labs": labs}
    )
    assert "failure is not shown" in patient.resistance.headline


def test_w13_evidence_that_no_genotype_bears_on_is_only_named():
    text = respond(CALLS, context={"co_medication": []}).explain("azathioprine")
    section = text.partition("no genotype of the patient bears on")[2].partition("\n\n")[0]
    assert "PTPN2" in section
    assert " of evidence)" in section
    assert "PTPN2" not in text.partition("Evidence rows that the genotypes")[2].partition("\n\n")[0]


def test_w14_apol1_is_found_or_not_found_and_never_both():
    therapies = [
        {
            "drug": "MMF",
            "dose": "2 g/day",
            "start": "2024-01-01",
            "stop": "2025-06-01",
            "outcome": "inadequate_response",
        }
    ]
    patient, _ = asked(kidney("IV", upcr=2.0, therapies=therapies), {"APOL1": "G1/G2"})
    frame = patient.resistance.to_frame("resistance")
    assert frame.finding.str.contains("non_immune_injury").any()
    nothing = frame[frame.finding == "nothing_genetic"].text
    assert not nothing.str.contains("APOL1").any()


def row(option, manifestation):
    (found,) = [item for item in ROWS if (item["option"], item["manifestation"]) == (option, manifestation)]
    return found


def test_i1_obinutuzumab_outside_the_kidney():
    assert row("obinutuzumab", "musculoskeletal")["stage"] == "alternative"
    _, options = asked(organ("musculoskeletal", therapies=failed("MTX")))
    assert "obinutuzumab" in options.index


def test_i2_anifrolumab_under_the_skin():
    assert "120 mg SC weekly" in row("anifrolumab", "cutaneous")["regimen"]


@pytest.mark.parametrize("manifestation", ["cutaneous", "musculoskeletal"])
def test_i3_deucravacitinib_says_what_it_is_licensed_for(manifestation):
    patient, options = asked(organ(manifestation, therapies=failed("MTX")))
    licence = options.approval["deucravacitinib"]
    assert licence.startswith("US: deucravacitinib no licence found; EU: deucravacitinib no licence found")
    told = " ".join(patient.explain("deucravacitinib").split())
    assert "US: systemic lupus erythematosus: no licence found" in told
    assert "plaque psoriasis and, since March 2026, psoriatic arthritis" in told


def test_i4_voclosporin_by_its_primary_endpoint():
    text = row("glucocorticoid + mycophenolate + voclosporin", "lupus nephritis")["outcome"]
    assert "41" in text
    assert "23" in text
    assert "2.65" in text


def test_i5_triple_before_maintenance_and_mycophenolate_before_cyclophosphamide():
    _, options = asked(kidney("IV", upcr=2))
    ranks = options["rank"]
    assert "maintenance" not in set(options.stage)
    assert ranks["glucocorticoid + mycophenolate + belimumab"] < ranks["glucocorticoid + mycophenolate"]
    assert ranks["glucocorticoid + mycophenolate"] < ranks["glucocorticoid + low-dose cyclophosphamide"]


def test_i6_low_platelets_have_immunoglobulin_rituximab_and_an_agonist():
    labs = [lab("platelet_count", "x10^9/L", d2026_01_05=12)]
    _, options = asked(organ("haematological", labs=labs, therapies=failed("prednisone", "rituximab")))
    assert options.index.str.contains("immunoglobulin").any()
    assert options.index.str.contains("thrombopoietin").any()


def test_i7_serositis_begins_with_an_nsaid_and_colchicine():
    _, options = asked(organ("serositis"))
    assert {"NSAID", "colchicine"} <= set(options.index[:6])


def test_i8_hydroxychloroquine_reads_to_1150():
    bounds = {item["target_high"] for item in load_knowledge().rows("monitoring") if item["quantity"] == "hcq_blood"}
    assert 1150 in bounds
    assert 1200 not in bounds


def test_i9_either_unit_answers_the_criteria_of_eular():
    for quantity, unit in (("upcr", "g/g"), ("proteinuria_24h", "g/24 h")):
        therapies = [{"drug": "MMF", "dose": "2 g/day", "start": "2025-06-01", "outcome": "ongoing"}]
        labs = [
            lab(quantity, unit, d2025_05_30=2.0, d2025_09_01=1.2),
            lab("egfr", "mL/min/1.73m2", d2025_05_30=90, d2025_09_01=90),
        ]
        patient, _ = asked(
            {"age": 30, "manifestations": {"lupus nephritis": {"class": ["IV"]}}, "therapies": therapies, "labs": labs}
        )
        course = patient.resistance.to_frame("course").set_index("criterion")
        assert course.status["EULAR-ERA-LN-2019-3m"] == "met"


def test_a_course_is_waited_for_until_the_next_therapy_begins_not_the_last():
    def headline(second):
        therapies = [
            {"drug": "rituximab", "dose": "1000 mg", "schedule": "2 x", "start": "2024-01-01", "stop": "2024-01-15"},
            {"drug": "belimumab", "dose": "10 mg/kg", "schedule": "monthly", "start": second, "stop": "2024-12-01"},
            {"drug": "tacrolimus", "dose": "4 mg/day", "start": "2025-01-01", "outcome": "ongoing"},
        ]
        therapies[0]["outcome"] = "inadequate_response"
        therapies[1]["outcome"] = "ongoing"
        therapies[1].pop("stop")
        context = kidney("IV", therapies=therapies, co_medication=["ramipril"], active_infection="none")
        review = asked(context)[0].resistance
        return " ".join(text for step in review.steps if step.step.value == "long_enough" for text in step.says)

    assert "rituximab" in headline("2024-02-12")
    assert "rituximab" not in headline("2024-12-20")


def test_a_combination_is_planned_where_one_of_its_drugs_is():
    _, options = asked(kidney("IV", upcr=2, planned=[{"drug": "belimumab"}]))
    assert options.planned["glucocorticoid + mycophenolate + belimumab"] == "yes"
    assert options.planned["glucocorticoid + mycophenolate"] != "yes"
