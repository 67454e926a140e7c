"""All sentences of ten patients: ``python tests/ten_patients.py`` writes ``docs/ten-patients.md`` anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lupus_pgx import respond

PAGE = Path(__file__).resolve().parents[1] / "docs" / "ten-patients.md"
TODAY = "2026-11-28"
NEPHRITIS = {"lupus nephritis": {"class": ["IV"], "severity": "severe"}}


def _lab(quantity: str, unit: str, value: object) -> dict[str, Any]:
    return {"quantity": quantity, "unit": unit, "values": {"2026-11-20": value}}


PATIENTS: list[tuple[str, dict[str, Any], dict[str, str], list[str]]] = [
    (
        "A girl of eight, pain after a fracture",
        {"age": 8, "sex": "female", "weight": "24 kg"},
        {"CYP2D6": "*1/*2"},
        ["codeine", "tramadol", "ibuprofen", "hydroxychloroquine", "voclosporin", "belimumab"],
    ),
    (
        "Class IV nephritis, creatinine of 2.6 mg/dL",
        {"age": 34, "sex": "female", "creatinine": "2.6 mg/dL", "manifestations": NEPHRITIS},
        {"CYP2C9": "*1/*1"},
        ["celecoxib", "mycophenolate mofetil", "cyclophosphamide", "methotrexate", "belimumab", "voclosporin"],
    ),
    (
        "Tacrolimus with voriconazole",
        {"age": 41, "sex": "female", "co_medication": ["voriconazole"], "planned": [{"drug": "tacrolimus"}]},
        {"CYP3A5": "*1/*3"},
        ["tacrolimus", "cyclosporine", "prednisone", "atorvastatin"],
    ),
    (
        "Pregnant in the tenth week",
        {"age": 29, "sex": "female", "pregnancy": True},
        {"TPMT": "*1/*1", "NUDT15": "*1/*1"},
        ["mycophenolate mofetil", "azathioprine", "tacrolimus", "hydroxychloroquine", "warfarin", "belimumab"],
    ),
    (
        "Azathioprine planned at 1 mg/kg, TPMT *1/*3A",
        {"age": 38, "sex": "female", "planned": [{"drug": "azathioprine", "dose": "1 mg/kg/day"}]},
        {"TPMT": "*1/*3A", "NUDT15": "*1/*1"},
        ["azathioprine", "mercaptopurine"],
    ),
    (
        "Marrow failure under azathioprine",
        {
            "age": 45,
            "sex": "male",
            "therapies": [{"drug": "azathioprine", "outcome": "intolerance", "reaction": "pancytopenia"}],
        },
        {"TPMT": "*1/*1", "NUDT15": "*1/*1"},
        ["azathioprine", "mercaptopurine", "mycophenolate mofetil"],
    ),
    (
        "Neutrophils of 300 and platelets of 8,000 per microlitre",
        {
            "age": 31,
            "sex": "female",
            "labs": [_lab("neutrophil_count", "cells/uL", 300), _lab("platelet_count", "cells/uL", 8000)],
        },
        {},
        ["azathioprine", "cyclophosphamide", "methotrexate", "mycophenolate mofetil", "warfarin", "rituximab"],
    ),
    (
        "Antiphospholipid syndrome with an earlier thrombosis",
        {
            "age": 40,
            "sex": "female",
            "manifestations": {"antiphospholipid": {}},
            "conditions": {"thrombosis": True},
            "contraception": "not_secured",
        },
        {"CYP2C9": "*1/*3", "VKORC1": "A/G"},
        ["warfarin", "rivaroxaban", "tofacitinib", "thalidomide"],
    ),
    (
        "Tablets that are not taken",
        {
            "age": 27,
            "sex": "female",
            "manifestations": NEPHRITIS,
            "adherence": {"how": "refills", "share": "40 %"},
            "therapies": [
                {"drug": "mycophenolate mofetil", "outcome": "failed", "dose": "2 g/day", "start": "2026-01-10"},
                {"drug": "hydroxychloroquine", "outcome": "ongoing", "start": "2025-01-10"},
            ],
            "labs": [_lab("hcq_blood", "mg/L", 0.035), _lab("mpa_trough", "mg/L", 0.2)],
        },
        {},
        ["mycophenolate mofetil", "hydroxychloroquine", "tacrolimus"],
    ),
    (
        "Zoster under treatment, hepatitis B",
        {
            "age": 52,
            "sex": "female",
            "infection": {"which": "zoster", "treated": "ongoing", "severity": "severe"},
            "conditions": {"hepatitis_b": True},
        },
        {},
        ["rituximab", "anifrolumab", "upadacitinib", "hydroxychloroquine", "prednisone"],
    ),
]


def page() -> str:
    """Return the part of the page that the code makes."""
    lines: list[str] = []
    for number, (title, context, calls, drugs) in enumerate(PATIENTS, 1):
        patient = respond(calls, drugs, context=context, today=TODAY)
        told = json.dumps(context, ensure_ascii=False)
        lines += [f"## {number}. {title}", "", f"Told: `{told}`" + (f"; {_calls(calls)}" if calls else ""), ""]
        lines += [f"- {patient.drug(name)}" for name in drugs]
        if patient.resistance is not None:
            lines += ["", f"The review: {patient.resistance.headline}"]
        lines.append("")
    return "\n".join(lines)


def _calls(calls: dict[str, str]) -> str:
    return ", ".join(f"{gene} {call}" for gene, call in calls.items())


MARK = "<!-- sentences -->\n"

if __name__ == "__main__":
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}{page()}", encoding="utf-8")
