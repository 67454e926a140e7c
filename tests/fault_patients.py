"""Faults of the clinical half that were found by reading: ``python tests/fault_patients.py`` writes the page anew.

A row is a fault, what was said, the patient (drug, calls, context), what has to be done now, and words that have to
stand in the first sentence. ``docs/clinical-faults.md`` shows the first words of each as they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from lupus_pgx import respond

PAGE = Path(__file__).resolve().parents[1] / "docs" / "clinical-faults.md"
MARK = "<!-- faults -->\n"
TODAY = "2026-11-28"


class Fault(NamedTuple):
    """One fault and the patient who shows that it is gone."""

    name: str
    was: str
    drug: str
    context: dict[str, Any]
    action: str
    words: str
    calls: dict[str, str] = {}  # noqa: RUF012

    @property
    def first(self) -> str:
        """What is said first of the drug, up to the genotype's part where the context speaks."""
        patient = respond(self.calls, [self.drug], context=self.context, today=TODAY)
        return str(patient.drug(self.drug)).partition(". Genotype:")[0]

    @property
    def done(self) -> str:
        """The overall action."""
        patient = respond(self.calls, [self.drug], context=self.context, today=TODAY)
        return patient.drug(self.drug).overall_action.value


WOMAN = {"age": 30, "sex": "female"}
PREGNANT = {**WOMAN, "pregnancy": True}
OPEN = {**WOMAN, "contraception": "not_secured"}
NEPHRITIS = {"lupus nephritis": {"class": ["IV"], "severity": "severe"}}
CLOT = {"age": 40, "conditions": {"thrombosis": True}, "manifestations": {"antiphospholipid": {}}}
HEPATITIS = {"age": 40, "conditions": {"hepatitis_b": True}}
EXTENSIVE = {"CYP2D6": "*1/*2"}


def _with(*names: str) -> dict[str, Any]:
    return {"age": 40, "co_medication": list(names)}


def _has(**values: str) -> dict[str, Any]:
    return {"age": 40, "values": values}


NURSING = {**WOMAN, "breast_feeding": True}
TB = {"age": 40, "conditions": {"tuberculosis_active": True}}
KIDNEY = {"age": 34, "egfr": "22 mL/min/1.73m2"}
IMMUNO = _with("MMF", "belimumab", "tacrolimus")

USUAL = "usual dose"
NOTHING = "nothing"

FAULTS = [
    Fault("D1", USUAL, "codeine", {"age": 8, "sex": "female"}, "avoid", "contraindicated: under 12 years", EXTENSIVE),
    Fault("D1", USUAL, "tramadol", {"age": 8, "sex": "female"}, "avoid", "contraindicated: under 12 years", EXTENSIVE),
    Fault("D1", USUAL, "codeine", {**WOMAN, "breast_feeding": True}, "avoid", "breast-feeding", EXTENSIVE),
    Fault("D2", USUAL, "celecoxib", {"age": 34, "egfr": "22 mL/min/1.73m2"}, "avoid", "kidney function below 30"),
    Fault(
        "D2",
        USUAL,
        "naproxen",
        {"age": 34, "manifestations": NEPHRITIS},
        "avoid",
        "lupus nephritis, active or not told",
    ),
    Fault("D2", USUAL, "ibuprofen", _with("tacrolimus"), "avoid", "with tacrolimus"),
    Fault(
        "D3",
        "1.5-2 times the usual dose",
        "tacrolimus",
        _with("voriconazole"),
        "reduce_dose",
        "with voriconazole (33%",
        {"CYP3A5": "*1/*3"},
    ),
    Fault("D4", NOTHING, "cyclosporine", _with("voriconazole"), "reduce_dose", "with voriconazole (50%"),
    Fault("D4", NOTHING, "cyclosporine", _with("posaconazole"), "reduce_dose", "adjust dose: with posaconazole"),
    Fault("D5", NOTHING, "valproate", PREGNANT, "avoid", "contraindicated: pregnancy"),
    Fault("D5", USUAL, "atorvastatin", PREGNANT, "avoid", "contraindicated: pregnancy", {"SLCO1B1": "*1/*1"}),
    Fault("D5", NOTHING, "thalidomide", OPEN, "avoid", "contraindicated: woman who may become pregnant"),
    Fault("D5", NOTHING, "teriflunomide", OPEN, "avoid", "contraindicated: contraception not secured"),
    Fault("D5", NOTHING, "sirolimus", OPEN, "avoid", "may become pregnant"),
    Fault("D6", NOTHING, "ruxolitinib", CLOT, "avoid", "thrombosis"),
    Fault("D6", NOTHING, "filgotinib", CLOT, "avoid", "a risk of venous clots"),
    Fault("D6", NOTHING, "thalidomide", CLOT, "avoid", "thrombosis"),
    Fault(
        "D9",
        "usual dose with closer monitoring",
        "hydralazine",
        WOMAN,
        "avoid",
        "contraindicated: systemic lupus",
        {"NAT2": "*5/*6"},
    ),
    Fault("D9", "NAT2 decides on acetylation", "procainamide", WOMAN, "avoid", "contraindicated: systemic lupus"),
    Fault(
        "D10",
        "at most 20 mg/day",
        "rosuvastatin",
        _with("cyclosporine"),
        "avoid",
        "contraindicated: with cyclosporine",
        {"SLCO1B1": "*5/*5"},
    ),
    Fault(
        "D11",
        USUAL,
        "chloroquine",
        {"age": 50, "conditions": {"retinopathy": True}},
        "avoid",
        "contraindicated: retinal or visual field change",
    ),
    Fault("D12", NOTHING, "azathioprine", _has(neutrophils="0.3 x10^9/L"), "avoid", "neutrophils below"),
    Fault("D12", NOTHING, "cyclophosphamide", _has(platelets="8 x10^9/L"), "avoid", "platelets below 50"),
    Fault("D12", NOTHING, "warfarin", _has(platelets="8 x10^9/L"), "avoid", "platelets below 50"),
    Fault(
        "D13",
        "505 ms (measured)",
        "hydroxychloroquine",
        {**_has(qtc="505 ms"), **_with("haloperidol")},
        "avoid",
        "QT interval",
    ),
    Fault("D14", NOTHING, "prednisolone", _with("rifampicin"), "increase_dose", "with rifampin"),
    Fault("D14", NOTHING, "warfarin", _with("rifampicin"), "avoid", "with rifampin"),
    Fault(
        "D15", NOTHING, "upadacitinib", _with("MMF", "belimumab", "tacrolimus"), "avoid", "with mycophenolate mofetil"
    ),
    Fault("D15", NOTHING, "upadacitinib", HEPATITIS, "test_first", "hepatitis B"),
    Fault("D15", NOTHING, "abatacept", HEPATITIS, "test_first", "hepatitis B"),
    Fault("D16", NOTHING, "cyclosporine", _has(blood_pressure="210 mmHg"), "avoid", "contraindicated: blood pressure"),
    Fault(
        "D16",
        NOTHING,
        "tacrolimus",
        {**_has(potassium="6.4 mmol/L"), **_with("SMX-TMP")},
        "avoid",
        "high potassium above 6",
    ),
    Fault(
        "D19", USUAL, "SMX-TMP", WOMAN, "monitor", "monitor: systemic lupus", {"G6PD": "B (reference)/B (reference)"}
    ),
    Fault("D19", USUAL, "SMX-TMP", PREGNANT, "avoid", "pregnancy", {"G6PD": "B (reference)/B (reference)"}),
    Fault("W4", "at most 10 mg", "atorvastatin", _with("cyclosporine"), "avoid", "avoid: with cyclosporine"),
    Fault("W4", "avoid", "pravastatin", _with("cyclosporine"), "reduce_dose", "at most 20 mg/day"),
    Fault("W4", "caution", "fluvastatin", _with("cyclosporine"), "reduce_dose", "at most 40 mg/day"),
    Fault(
        "W9",
        "the context is silent: kidney function",
        "methotrexate",
        {"age": 40, "egfr": "28 mL/min/1.73m2"},
        "avoid",
        "the rule is in mL/min",
    ),
    Fault("W10", "not yet tested (yes)", "rituximab", HEPATITIS, "avoid", "hepatitis B recorded (yes)"),
    Fault("W10", "active hepatitis B (yes)", "ocrelizumab", HEPATITIS, "avoid", "hepatitis B recorded (yes)"),
    Fault(
        "I11",
        NOTHING,
        "cyclophosphamide",
        {"age": 40, "egfr": "28 mL/min/1.73m2"},
        "reduce_dose",
        "kidney function below 30",
    ),
    Fault(
        "I14",
        "30-80 %",
        "azathioprine",
        {"age": 40, "planned": [{"drug": "azathioprine", "dose": "1 mg/kg/day"}]},
        "reduce_dose",
        "at 1 mg/kg/day no share of the dose is given",
        {"TPMT": "*1/*3A", "NUDT15": "*1/*1"},
    ),
    Fault(
        "I15",
        USUAL,
        "hydroxychloroquine",
        {"age": 40, "weight": "50 kg", "egfr": "35 mL/min/1.73m2", "planned": [{"drug": "HCQ", "dose": "600 mg/day"}]},
        "test_first",
        "12 mg/kg/day; at most 5 mg/kg/day",
    ),
    Fault("I17", "label of 2016", "rituximab", PREGNANT, "test_first", "monitor: pregnancy, only where nothing else"),
    Fault("I17", "label of 2016", "belimumab", PREGNANT, "monitor", "monitor: pregnancy, only where nothing else"),
    Fault(
        "I18",
        "check first: contraception, pregnancy",
        "mycophenolate mofetil",
        {"age": 9, "sex": "female", "weight": "28 kg"},
        "informative_only",
        "mofetil: undecided",
    ),
    Fault("I18", NOTHING, "voclosporin", {"age": 9, "sex": "female"}, "avoid", "under 18 years"),
    Fault("I18", NOTHING, "anifrolumab", {"age": 9, "sex": "female"}, "avoid", "under 18 years"),
    Fault("I18", NOTHING, "obinutuzumab", {"age": 9, "sex": "female"}, "avoid", "under 18 years"),
    Fault("D1", USUAL, "tramadol", NURSING, "avoid", "breast-feeding"),
    Fault("D2", USUAL, "meloxicam", KIDNEY, "avoid", "kidney function below 30"),
    Fault("D2", USUAL, "ibuprofen", CLOT, "avoid", "aPL"),
    Fault("D4", NOTHING, "cyclosporine", _with("isavuconazole"), "monitor", "isavuconazole"),
    Fault("D4", NOTHING, "cyclosporine", _with("cobicistat"), "avoid", "cobicistat"),
    Fault("D4", NOTHING, "cyclosporine", _with("letermovir"), "reduce_dose", "letermovir"),
    Fault("D5", NOTHING, "sirolimus", PREGNANT, "avoid", "pregnancy"),
    Fault("D5", NOTHING, "telitacicept", PREGNANT, "avoid", "pregnan"),
    Fault("D5", NOTHING, "phenytoin", PREGNANT, "avoid", "pregnan"),
    Fault("D5", NOTHING, "carbamazepine", PREGNANT, "avoid", "pregnan"),
    Fault("D5", NOTHING, "dexamethasone", PREGNANT, "avoid", "pregnan"),
    Fault("D5", NOTHING, "daratumumab", PREGNANT, "avoid", "pregnan"),
    Fault("D5", NOTHING, "CD19 CAR-T", PREGNANT, "avoid", "pregnan"),
    Fault("D5", NOTHING, "valproate", OPEN, "avoid", "contraindicated"),
    Fault("D5", NOTHING, "thalidomide", NURSING, "avoid", "breast-feeding"),
    Fault("D5", NOTHING, "teriflunomide", NURSING, "avoid", "breast-feeding"),
    Fault("D5", NOTHING, "sirolimus", NURSING, "avoid", "breast-feeding"),
    Fault("D6", NOTHING, "filgotinib", TB, "avoid", "tubercul"),
    Fault("D6", NOTHING, "ruxolitinib", TB, "avoid", "tubercul"),
    Fault("D6", NOTHING, "ruxolitinib", HEPATITIS, "test_first", "hepatitis"),
    Fault("D6", NOTHING, "filgotinib", HEPATITIS, "test_first", "hepatitis"),
    Fault("D6", NOTHING, "thalidomide", HEPATITIS, "test_first", "hepatitis"),
    Fault("D11", USUAL, "chloroquine", KIDNEY, "reduce_dose", "kidney function below 30"),
    Fault("D11", USUAL, "chloroquine", _has(qtc="505 ms"), "avoid", "QT"),
    Fault("D12", NOTHING, "methotrexate", _has(neutrophils="0.3 x10^9/L"), "avoid", "neutrophils below"),
    Fault("D12", NOTHING, "mycophenolate mofetil", _has(neutrophils="0.3 x10^9/L"), "avoid", "neutrophils below"),
    Fault("D12", NOTHING, "mycophenolate mofetil", _has(platelets="8 x10^9/L"), "test_first", "platelets"),
    Fault("D13", "monitor", "citalopram", _has(qtc="505 ms"), "avoid", "QT"),
    Fault("D13", "monitor", "ondansetron", _has(qtc="505 ms"), "avoid", "QT"),
    Fault("D13", "monitor", "haloperidol", _has(qtc="505 ms"), "avoid", "QT"),
    Fault("D14", NOTHING, "prednisone", _with("rifampicin"), "increase_dose", "rifampin"),
    Fault("D14", NOTHING, "methylprednisolone", _with("rifampicin"), "increase_dose", "rifampin"),
    Fault("D14", NOTHING, "dexamethasone", _with("rifampicin"), "increase_dose", "rifampin"),
    Fault("D14", NOTHING, "hydroxychloroquine", _with("rifampicin"), "monitor", "with rifampin"),
    Fault("D14", NOTHING, "upadacitinib", _with("rifampicin"), "avoid", "rifampin"),
    Fault("D14", NOTHING, "ruxolitinib", _with("rifampicin"), "monitor", "rifampin"),
    Fault("D14", NOTHING, "filgotinib", _with("rifampicin"), "test_first", "with rifampin"),
    Fault("D15", NOTHING, "baricitinib", IMMUNO, "avoid", "belimumab"),
    Fault("D15", NOTHING, "filgotinib", IMMUNO, "avoid", "belimumab"),
    Fault("D15", NOTHING, "ruxolitinib", IMMUNO, "avoid", "belimumab"),
    Fault("D15", NOTHING, "tofacitinib", HEPATITIS, "test_first", "hepatitis"),
    Fault("D15", NOTHING, "methotrexate", HEPATITIS, "test_first", "hepatitis"),
    Fault("D15", NOTHING, "prednisone", HEPATITIS, "test_first", "hepatitis"),
    Fault("D15", NOTHING, "CD19 CAR-T", HEPATITIS, "test_first", "hepatitis"),
    Fault("D16", NOTHING, "tacrolimus", _has(blood_pressure="210 mmHg"), "avoid", "blood pressure"),
]
FAULTS.sort(key=lambda item: ("DWI".index(item.name[0]), int(item.name[1:])))


def page() -> str:
    """Return the part of the page that the code makes."""
    lines = ["| fault | patient | drug | was said | to do now | first words now |", "|---|---|---|---|---|---|"]
    for item in FAULTS:
        told = json.dumps(item.context, ensure_ascii=False)[1:-1].replace('"', "")
        calls = "; ".join(["", *(f"{gene} {call}" for gene, call in item.calls.items())])
        cells = [item.name, f"{told}{calls}", item.drug, item.was, item.done, item.first]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}{page()}", encoding="utf-8")
