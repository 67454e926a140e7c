"""Is the disease active again after a response that is told? Values of now before words of then."""

from __future__ import annotations

import pytest
import yaml

from lupus_pgx import respond

TODAY = "2026-11-30"
PERSON = "sex: F, age: 34, weight: 70 kg, pregnancy: false, contraception: secured"
LOW = "manifestations: [thrombocytopenia], values: {platelets: 14 K/uL}"
KIDNEY = "manifestations: {lupus nephritis: {class: [IV]}}"
BRAIN = "manifestations: {neuropsychiatric lupus: {mechanism: inflammatory, severity: severe}}"
IVIG = "{drug: IVIG, dose: 1 g/kg, start: 2026-08-10, stop: 2026-08-11, outcome: response}"
PREDNISONE = "{drug: prednisone, dose: 1 mg/kg/day, start: 2026-08-01, outcome: failure, stop: ongoing}"
AZATHIOPRINE = "{drug: azathioprine, dose: %s mg/day, start: 2026-09-01, outcome: failure, stop: ongoing}"
MMF = "{drug: MMF, dose: 2 g/day, start: 2024-01-01, stop: %s, outcome: response}"
ENDED = "{drug: MMF, dose: 2 g/day, start: 2026-08-10, stop: 2026-11-10, outcome: response}"
RELAPSE = "{drug: MMF, dose: 2 g/day, start: 2026-03-16, stop: 2026-11-30, outcome: relapse}"

FLARE, OPEN = "Compatible with a flare after a response to", "and whether it lasts is open"


def counts(**days):
    values = ", ".join(f"{day.replace('_', '-')[1:]}: {value}" for day, value in days.items())
    return f"labs: [{{quantity: platelets, unit: K/uL, values: {{{values}}}}}]"


def proteinuria(*pairs):
    values = ", ".join(f"{day}: {value}" for day, value in pairs)
    return f"labs: [{{quantity: upcr, unit: g/g, values: {{{values}}}}}]"


def asked(text, *therapies):
    context = yaml.safe_load(f"{{{PERSON}, {text}, therapies: [{', '.join(therapies)}]}}")
    patient = respond({}, ["hydroxychloroquine"], context=context, today=TODAY)
    return patient.resistance.headline, patient.options.to_frame()


BEFORE, AFTER = ("2024-01-01", 4.2), ("2024-09-01", 0.4)


@pytest.mark.parametrize(
    ("text", "therapies", "said", "first", "maintenance"),
    [
        # A rescue of days, and platelets that are low now; what fails beside it changes nothing.
        (LOW, (IVIG,), FLARE, True, False),
        (LOW, (IVIG, PREDNISONE), FLARE, True, False),
        (LOW, (IVIG, PREDNISONE, AZATHIOPRINE % 150), FLARE, True, False),
        (LOW, (IVIG, PREDNISONE, AZATHIOPRINE % 50), FLARE, True, False),
        (LOW, ("{drug: dexamethasone, dose: 40 mg/day, start: 2026-08-10, stop: 2026-08-13, outcome: response}",),
         FLARE, True, False),
        # A response of years ago, and one of a treatment that goes on.
        (LOW, ("{drug: rituximab, dose: 1000 mg, start: 2024-01-01, stop: 2024-01-15, outcome: response}",),
         FLARE, True, False),
        (LOW, (MMF % "ongoing",), FLARE, True, False),
        (LOW, ("{drug: MMF, outcome: response}",), FLARE, True, False),
        # Dated counts: what was low before the response says nothing sure, what is low after a better one does.
        (f"manifestations: [thrombocytopenia], {counts(_2026_08_01=9, _2026_08_20=85, _2026_11_29=14)}", (IVIG,),
         FLARE, True, False),
        (f"manifestations: [thrombocytopenia], {counts(_2026_08_01=9, _2026_11_01=85)}", (MMF % "ongoing",),
         "", False, True),
        (f"manifestations: [thrombocytopenia], {counts(_2026_11_01=9)}",
         ("{drug: MMF, start: 2026-11-02, outcome: response, stop: ongoing}",), OPEN, True, True),
        (f"manifestations: [thrombocytopenia], {counts(_2026_11_10=9)}",
         ("{drug: MMF, start: 2026-11-02, outcome: response, stop: ongoing}",), OPEN, True, True),
        (f"manifestations: [thrombocytopenia], {counts(_2026_11_17=9)}",
         ("{drug: MMF, start: 2026-11-02, outcome: response, stop: ongoing}",), FLARE, True, False),
        # In a course whose end is told only a value out of range after its first day tells a response.
        (f"manifestations: [thrombocytopenia], {counts(_2026_08_20=85, _2026_11_01=14)}", (ENDED,), FLARE, True, False),
        (f"manifestations: [thrombocytopenia], {counts(_2026_08_10=85, _2026_11_01=14)}", (ENDED,), OPEN, True, True),
        (f"manifestations: [thrombocytopenia], {counts(_2026_08_20=29, _2026_11_01=14)}", (ENDED,), OPEN, True, True),
        # Proteinuria that came back, under treatment and after it; what is told as a relapse is not told twice.
        (f"{KIDNEY}, {proteinuria(BEFORE, AFTER, ('2026-11-20', 3.8))}", (MMF % "2026-03-15",), FLARE, True, False),
        (f"{KIDNEY}, {proteinuria(BEFORE, AFTER, ('2026-11-20', 3.8))}", (MMF % "ongoing",), FLARE, True, False),
        (f"{KIDNEY}, {proteinuria(BEFORE, AFTER, ('2026-11-20', 1.0))}", (MMF % "ongoing",), FLARE, True, False),
        (f"{KIDNEY}, {proteinuria(BEFORE, AFTER, ('2026-11-20', 0.9))}", (MMF % "ongoing",), "", False, True),
        (f"{KIDNEY}, {proteinuria(BEFORE, ('2024-09-01', 0.8), ('2026-11-20', 1.5))}", (MMF % "ongoing",),
         "", False, True),
        (f"{KIDNEY}, {proteinuria(BEFORE, ('2024-09-01', 1.4), ('2026-11-20', 2.1))}", (MMF % "ongoing",),
         FLARE, True, False),
        (f"{KIDNEY}, {proteinuria(BEFORE, ('2024-09-01', 1.5), ('2026-11-20', 1.2))}", (MMF % "ongoing",),
         "", False, True),
        (f"{KIDNEY}, {proteinuria(BEFORE, AFTER, ('2026-11-20', 3.8))}", (MMF % "2026-03-15", RELAPSE),
         "", True, False),
        # Of another treatment, and of a time without a date.
        (f"{KIDNEY}, {proteinuria(BEFORE, AFTER, ('2026-11-20', 3.8))}", ("{drug: MMF, outcome: response}",),
         OPEN, True, True),
        (f"{KIDNEY}, values: {{upcr: 3.8 g/g}}", ("{drug: MMF, outcome: response}",), OPEN, True, True),
        (f"{KIDNEY}, values: {{upcr: 0.3 g/g}}", ("{drug: MMF, outcome: response}",), "", False, True),
        (KIDNEY, ("{drug: MMF, outcome: response}",), "", False, True),
        # A filtration rate that fell may have another reason.
        (f"{KIDNEY}, labs: [{{quantity: creatinine, unit: mg/dL, values: {{2026-03-01: 0.8, 2026-11-20: 1.6}}}}]",
         (MMF % "ongoing",), OPEN, True, True),
        # The low platelets of another day are of no kidney.
        (f"{KIDNEY}, values: {{platelets: 14 K/uL}}", (MMF % "ongoing",), "", False, True),
        # Severe now: a response that is told leaves it open.
        (BRAIN, ("{drug: plasma exchange, start: 2026-08-01, stop: 2026-08-15, outcome: response}",),
         OPEN, True, False),
        (BRAIN, ("{drug: cyclophosphamide, start: 2024-08-01, stop: 2025-01-15, outcome: response}",),
         OPEN, True, False),
    ],
)  # fmt: skip
def test_a_value_of_now_comes_before_a_response_of_then(text, therapies, said, first, maintenance):
    headline, options = asked(text, *therapies)
    assert (said in headline) if said else (FLARE not in headline and OPEN not in headline)
    active = options[options["stage"].isin(["first", "alternative"]) & (options["role"] != "measure")]
    drugs = "glucocorticoid|immunoglobulin|rituximab|cyclophosphamide"
    assert active.option.str.contains(drugs).any() == first
    assert ("maintenance" in set(options.stage)) is maintenance


def test_the_regimen_that_worked_comes_first_in_a_flare_of_nephritis():
    _, options = asked(f"{KIDNEY}, {proteinuria(BEFORE, AFTER, ('2026-11-20', 2.0))}", MMF % "2026-03-15")
    names = [name for name in options.option if not name.startswith("hydroxychloroquine")]
    assert names[0] == "glucocorticoid + mycophenolate"
    assert names[1].startswith("in a flare after a response")


@pytest.mark.parametrize("dose", [50, 150])
def test_too_small_a_dose_of_what_fails_hides_nothing(dose):
    """Before any failure rituximab is a first line, after one it is one for refractory disease: never neither."""
    _, options = asked(LOW, PREDNISONE, AZATHIOPRINE % dose)
    assert options.option.str.startswith("rituximab").any()
    assert options.option.str.startswith("intravenous immunoglobulin").any()


@pytest.mark.parametrize("stop", ["ongoing", TODAY])
def test_what_failed_and_is_still_taken_was_given_until_today(stop):
    failed = f"{{drug: MMF, dose: 3 g/day, start: 2025-01-01, outcome: failure, stop: {stop}}}"
    headline, options = asked(KIDNEY, failed)
    assert headline.startswith("Adequate trial (mycophenolate mofetil 3 g/day for 23 months)")
    names = list(options.option)
    # What takes the place of a drug that failed is not held against it by that drug.
    assert names.index("switch to cyclophosphamide") < names.index("leflunomide with glucocorticoid")
