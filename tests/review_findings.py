"""Every cell of what treatments that failed or harmed are compatible with: ``python tests/review_findings.py``
writes ``tests/review/found.tsv`` anew, so that a change of any of them is seen, and read, before it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lupus_pgx import respond

FOUND = Path(__file__).parent / "review" / "found.tsv"
TODAY = "2025-11-28"
RICH = {
    "TPMT": "*1/*3C", "NUDT15": "*1/*3", "CYP2C19": "*2/*2", "CYP2B6": "*1/*5", "CYP2C9": "*1/*3", "CYP3A5": "*1/*1",
    "CYP2D6": "*10/*10", "SLCO1B1": "*5/*5", "FCGR3A": "F/F", "UGT1A9 -275T>A": "T/A", "APOL1": "G1/G2",
    "GSTP1 I105V": "I/V", "MTHFR 677C>T": "A/A", "AOX1 N1135S": "N/S", "CYP2B6 rs4802101": "C/C",
    "ABCG2": "rs2231142 reference (G)/rs2231142 reference (G)",
}  # fmt: skip
COMMON = {"TPMT": "*1/*1", "NUDT15": "*1/*1", "CYP3A5": "*3/*3", "FCGR3A": "V/V", "UGT1A9 -275T>A": "T/T"}


def course(drug: str, outcome: str, begin: str = "2024-01-01", end: str | None = "2024-12-01", **fields) -> dict:
    made = {"drug": drug, "outcome": outcome, "start": begin} | ({"stop": end} if end else {}) | fields
    return made | ({"reaction": "nausea"} if outcome == "intolerance" else {})


def lab(quantity: str, unit: str, value, day: str = "2024-06-01", **fields) -> dict:
    return {"quantity": quantity, "unit": unit, "values": {day: value}} | fields


FAILED, HARMED = "inadequate_response", "intolerance"
DRUGS = ("azathioprine", "cyclophosphamide", "mycophenolate mofetil", "tacrolimus", "rituximab", "methotrexate",
         "hydroxychloroquine", "prednisone", "warfarin")  # fmt: skip
LEVELS = [
    lab("mpa_auc", "mg.h/L", 24), lab("mpa_trough", "mg/L", 3.4), lab("tacrolimus_trough", "ng/mL", 5),
    lab("b_cell_count", "cells/uL", 12), lab("hcq_blood", "ng/mL", 1500), lab("6tgn", "pmol/8x10^8 RBC", 500),
    lab("6mmp", "pmol/8x10^8 RBC", 7000),
    lab("anti_drug_antibodies", "present or absent", "present", drug="rituximab"),
]  # fmt: skip
BESIDE = ["rifampin", "omeprazole", "allopurinol", "voriconazole", "sulfamethoxazole / trimethoprim", "other: a tea"]
PATIENTS = {
    "all failed": (RICH, {"therapies": [course(drug, FAILED) for drug in DRUGS]}),
    "all harmed": (RICH, {"therapies": [course(drug, HARMED) for drug in DRUGS]}),
    "nothing in the genome, failed": (COMMON, {"therapies": [course(drug, FAILED) for drug in DRUGS]}),
    "nothing in the genome, harmed": (COMMON, {"therapies": [course(drug, HARMED) for drug in DRUGS]}),
    "nothing assessed": ({}, {"therapies": [course(drug, FAILED) for drug in (*DRUGS, "other: a tea")]}),
    "levels, failed": (COMMON, {"therapies": [course(drug, FAILED) for drug in DRUGS], "labs": LEVELS}),
    "levels, harmed": (COMMON, {"therapies": [course(drug, HARMED) for drug in DRUGS], "labs": LEVELS}),
    "others beside, failed": (COMMON, {"therapies": [course(drug, FAILED) for drug in DRUGS], "co_medication": BESIDE}),
    "others beside, harmed": (COMMON, {"therapies": [course(drug, HARMED) for drug in DRUGS], "co_medication": BESIDE}),
    "one after the other": (
        COMMON,
        {
            "therapies": [
                course("tacrolimus", FAILED, "2024-01-01", "2024-06-01"),
                course("rifampin", "ongoing", "2024-06-01", None),
                course("prednisone", FAILED, "2024-06-02", None),
                course("warfarin", FAILED, "2023-01-01", "2024-05-31"),
            ]
        },
    ),
}


def found(name: str) -> list[str]:
    """Return the lines of a patient."""
    calls, context = PATIENTS[name]
    fields = {"manifestations": {"lupus nephritis": {"class": ["IV"]}}, "weight": "60 kg"} | context
    frame = respond(calls, context=fields, today=TODAY).resistance.to_frame("resistance").astype(object).fillna("")
    return ["\t".join([name, *(" ".join(str(cell).split()) for cell in row)]) for row in frame.itertuples(index=False)]


def lines() -> Iterator[str]:
    """Yield the lines of the file."""
    for name in PATIENTS:
        yield from found(name)


if __name__ == "__main__":
    FOUND.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
