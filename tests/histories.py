"""Histories of failed treatment, written for these tests, with what the first sentence must and must not say."""

from __future__ import annotations

NEVER = r"genome says nothing|nothing can be said|resistant to|failed because"
CALLS = {
    "TPMT": "*1/*1", "NUDT15": "*1/*1", "CYP2C19": "*1/*1", "CYP2C9": "*1/*1", "CYP3A5": "*3/*3", "FCGR3A": "V/F",
    "UGT1A9 -275T>A": "T/T", "APOL1": "G0/G0",
}  # fmt: skip


def lab(quantity: str, unit: str, **values) -> dict:
    return {
        "quantity": quantity,
        "unit": unit,
        "values": {day.replace("d", "").replace("_", "-"): value for day, value in values.items()},
    }


def nephritis(*classes: str) -> dict:
    return {"lupus nephritis": {"class": list(classes)} if classes else {}}


# name: (calls, context, must, must not)
HISTORIES = {
    "three levels near nothing": (
        CALLS | {"CYP3A5": "*1/*1"},
        {
            "sex": "female", "age": 27, "manifestations": nephritis("IV"),
            "therapies": [
                {"drug": "HCQ", "dose": "400 mg/day", "start": "2023-01-01", "outcome": "ongoing"},
                {"drug": "MMF", "dose": "2 g/day", "start": "2023-01-01", "outcome": "inadequate_response"},
                {"drug": "tacrolimus", "dose": "4 mg/day", "start": "2023-06-01", "outcome": "inadequate_response"},
            ],
            "labs": [
                lab("hcq_blood", "ng/mL", d2023_12_01=35), lab("mpa_trough", "mg/L", d2023_12_01=0.2),
                lab("tacrolimus_trough", "ng/mL", d2023_12_01=1.2),
            ],
        },
        r"^Three drugs are nearly absent from the blood.*probably not being taken.*Settle this first",
        r"CYP3A5|1\.5|under-exposure|below its range",
    ),
    "half the dose for six weeks": (
        CALLS,
        {
            "sex": "female", "age": 30, "weight": "62 kg", "manifestations": nephritis("III"),
            "therapies": [{"drug": "MMF", "dose": "1 g/day", "start": "2023-01-01", "stop": "2023-02-12",
                           "outcome": "inadequate_response"}],
            "labs": [lab("upcr", "g/g", d2022_12_28=2.4, d2023_02_12=2.2)],
        },
        r"(?=.*Not yet an adequate trial|.*no adequate trial)(?=.*(6 weeks|month 3|too early))",
        r"UGT1A9|inadequate response to|switch",
    ),
    "a partial response on its way": (
        CALLS,
        {
            "sex": "female", "age": 30, "manifestations": nephritis("IV", "V"),
            "therapies": [{"drug": "MMF", "dose": "2 g/day", "start": "2025-04-15", "outcome": "inadequate_response"}],
            "labs": [
                lab("upcr", "g/g", d2025_04_10=8.0, d2025_07_15=5.0, d2025_10_15=2.0, d2025_11_15=0.9),
                lab("egfr", "mL/min/1.73m2", d2025_04_10=85, d2025_07_15=85, d2025_10_15=85, d2025_11_15=86),
            ],
        },
        r"[Pp]artial response by (ACR, )?(EULAR and )?KDIGO.*failure is not shown",
        r"genome|refractory",
    ),
    "membranous without a blocker": (
        CALLS,
        {
            "sex": "female", "age": 35, "manifestations": nephritis("V"), "co_medication": ["omeprazole"],
            "therapies": [{"drug": "MMF", "dose": "2 g/day", "start": "2023-01-01", "stop": "2023-05-01",
                           "outcome": "inadequate_response"}],
            "labs": [lab("upcr", "g/g", d2022_12_28=1.9, d2023_05_01=1.5)],
        },
        r"[Pp]roteinuria cannot be judged before full blockade|no adequate trial|Not yet",
        r"second failure|rituximab",
    ),
    "quiet urine and APOL1": (
        CALLS | {"APOL1": "G1/G2", "APOL1 N264K": "N/N"},
        {
            "sex": "male", "age": 33, "manifestations": nephritis("IV"), "co_medication": ["other: losartan"],
            "therapies": [
                {"drug": "cyclophosphamide", "dose": "500 mg", "start": "2022-01-01", "stop": "2022-03-12",
                 "schedule": "6 x 500 mg", "outcome": "response"},
                {"drug": "MMF", "dose": "3 g/day", "start": "2022-03-15", "stop": "2023-03-20",
                 "outcome": "inadequate_response"},
            ],
            "labs": [
                lab("mpa_auc", "mg.h/L", d2022_09_01=42), lab("upcr", "g/g", d2022_03_10=3.0, d2023_03_15=2.6),
                lab("c3", "g/L", d2023_03_15=1.1), lab("urine_sediment", "present or absent", d2023_03_15="absent"),
            ],
        },
        r"Activity is not shown.*repeat the biopsy.*2 risk haplotypes.*compatible with",
        r"refractory|is the cause|nothing genetic found",
    ),
    "cells left after rituximab": (
        CALLS | {"FCGR3A": "F/F"},
        {
            "sex": "female", "age": 34, "manifestations": nephritis("IV"), "co_medication": [],
            "therapies": [{"drug": "rituximab", "dose": "1000 mg", "schedule": "twice, 2 weeks apart",
                           "start": "2023-01-10", "stop": "2023-01-24", "outcome": "inadequate_response"}],
            "labs": [lab("b_cell_count", "cells/uL", d2023_02_21=12), lab("upcr", "g/g", d2023_01_05=3, d2023_09_01=3)],
        },
        r"B cells were not gone.*another anti-CD20",
        r"speaks against|FCGR3A|B-cell therapy failed",
    ),
    "half the hydroxychloroquine": (
        CALLS,
        {
            "sex": "female", "age": 40, "weight": "80 kg", "manifestations": {"cutaneous": {}}, "co_medication": [],
            "therapies": [{"drug": "HCQ", "dose": "200 mg/day", "start": "2022-01-01",
                           "stop": "2023-01-01", "outcome": "inadequate_response"}],
            "labs": [lab("hcq_blood", "ng/mL", d2022_10_01=310)],
        },
        r"Not yet an adequate trial: hydroxychloroquine 200 mg/day, 2\.5 mg/kg/day.*310",
        r"thalidomide",
    ),
    "psychosis on day ten": (
        CALLS,
        {
            "sex": "female", "age": 24, "manifestations": {"neuropsychiatric lupus": {}},
            "therapies": [
                {"drug": "prednisone", "dose": "60 mg/day", "start": "2023-01-01", "outcome": "ongoing"},
                {"drug": "cyclophosphamide", "dose": "500 mg", "schedule": "x 1", "start": "2023-01-12",
                 "stop": "2023-01-12", "outcome": "inadequate_response"},
            ],
            "labs": [lab("lupus_anticoagulant", "present or absent", d2023_01_12="present")],
        },
        r"Attribution is open.*infection and steroid psychosis.*neurologist.*no adequate trial of cyclophosphamide",
        r"warfarin|CYP2C19",
    ),
    "a thrombosis at a low INR": (
        CALLS | {"CYP2C9": "*1/*3"},
        {
            "sex": "female", "age": 45, "manifestations": {"antiphospholipid": {}}, "co_medication": ["rifampin"],
            "therapies": [{"drug": "warfarin", "start": "2021-01-01", "outcome": "inadequate_response"}],
            "labs": [lab("inr", "INR", d2023_01_12=1.6)],
        },
        r"[Rr]ifampin.*warfarin.*INR 1\.6",
        r"CYP2C9|clopidogrel|recurrent despite",
    ),
    "remission and the wish for a child": (
        CALLS | {"NUDT15": "*3/*3"},
        {
            "sex": "female", "age": 31, "manifestations": nephritis("IV"), "contraception": "conception_planned",
            "therapies": [{"drug": "MMF", "dose": "2 g/day", "start": "2021-01-01", "outcome": "ongoing"}],
        },
        r"No failed therapy was told.*mycophenolate mofetil.*the genotype speaks against.*azathioprine",
        r"such as azathioprine|rituximab in refractory",
    ),
    "disseminated zoster": (
        CALLS,
        {
            "sex": "female", "age": 31, "manifestations": {"cutaneous": {}}, "active_infection": "severe",
            "therapies": [{"drug": "MMF", "dose": "2 g/day", "start": "2022-01-01", "outcome": "inadequate_response"},
                          {"drug": "anifrolumab", "start": "2023-01-01", "outcome": "ongoing"}],
        },
        r"^Severe infection: no immunosuppressive option is ranked now",
        r"UGT1A9|adequate trial of",
    ),
    "scar": (
        CALLS,
        {
            "sex": "female", "age": 51, "manifestations": nephritis("VI"), "egfr": "12 mL/min/1.73m2",
            "therapies": [{"drug": "MMF", "dose": "2 g/day", "start": "2022-01-01", "outcome": "inadequate_response"}],
        },
        r"scar: no regimen can work on it and none failed by it",
        r"induction regimens",
    ),
    # --- ten more of the same kinds ---
    "procainamide": (
        CALLS,
        {"sex": "male", "age": 66, "manifestations": {"serositis": {}}, "co_medication": ["procainamide"],
         "therapies": [{"drug": "prednisone", "start": "2022-01-01", "outcome": "inadequate_response"}]},
        r"Procainamide may bring on lupus",
        r"NAT2",
    ),
    "a TNF inhibitor": (
        CALLS,
        {"sex": "female", "age": 46, "manifestations": {"cutaneous": {}}, "co_medication": ["other: adalimumab"],
         "therapies": [{"drug": "HCQ", "start": "2022-01-01", "outcome": "inadequate_response"}]},
        r"Adalimumab may bring on lupus",
        r"CYP",
    ),
    "rifampin with prednisolone": (
        CALLS,
        {"sex": "female", "age": 46, "manifestations": nephritis("III"), "co_medication": ["rifampicin"],
         "therapies": [{"drug": "prednisolone", "dose": "40 mg/day", "start": "2022-01-01", "stop": "2022-06-01",
                        "outcome": "inadequate_response"}]},
        r"Rifampin may have lowered prednisolone in the body",
        r"ABCB1",
    ),
    "a voriconazole level": (
        CALLS | {"CYP3A5": "*1/*1"},
        {"sex": "female", "age": 46, "manifestations": nephritis("III"), "co_medication": ["voriconazole"],
         "therapies": [{"drug": "tacrolimus", "dose": "5 mg/day", "start": "2022-01-01", "outcome": "ongoing"}],
         "labs": [lab("tacrolimus_trough", "ng/mL", d2022_03_01=26)]},
        r"Tacrolimus was above its range \(tacrolimus trough 26 ng/mL.*over-exposure.*voriconazole",
        r"CYP3A5",
    ),
    "a reaction to azathioprine in a poor metabolizer": (
        CALLS | {"NUDT15": "*3/*3"},
        {"sex": "female", "age": 28, "manifestations": nephritis("III"),
         "therapies": [{"drug": "AZA", "dose": "2 mg/kg/day", "start": "2022-01-01", "stop": "2022-01-20",
                        "outcome": "intolerance", "reaction": "leukopenia"}]},
        r"Azathioprine was not tolerated \(leukopenia\).*compatible with NUDT15 \*3/\*3",
        r"looked at",
    ),
    "azathioprine cut for the genotype is a full dose": (
        CALLS | {"TPMT": "*1/*3A"},
        {"sex": "female", "age": 28, "weight": "60 kg", "manifestations": {"musculoskeletal": {}}, "co_medication": [],
         "therapies": [{"drug": "AZA", "dose": "0.75 mg/kg/day", "start": "2022-01-01", "stop": "2022-12-20",
                        "outcome": "inadequate_response"}]},
        r"azathioprine",
        r"Not yet an adequate trial|no adequate trial",
    ),
    "belimumab for two months": (
        CALLS,
        {"sex": "female", "age": 28, "manifestations": {"cutaneous": {}}, "co_medication": [],
         "therapies": [{"drug": "belimumab", "start": "2022-01-01", "stop": "2022-03-01",
                        "outcome": "inadequate_response"}]},
        r"Not yet an adequate trial: belimumab for 8 weeks",
        r"validated marker",
    ),
    "a child since the age of four": (
        CALLS,
        {"sex": "male", "age": 9, "manifestations": {"cutaneous": {"since": "2020-01-01"}},
         "therapies": [{"drug": "MMF", "start": "2021-01-01", "outcome": "inadequate_response"},
                       {"drug": "prednisone", "start": "2020-01-01", "outcome": "inadequate_response"}]},
        r"monogenic lupus.*C1q",
        r"UGT1A9",
    ),
    "N264K takes the risk of APOL1 away": (
        CALLS | {"APOL1": "G1/G2", "APOL1 N264K": "N/K"},
        {"sex": "male", "age": 33, "manifestations": nephritis("IV"), "co_medication": ["other: losartan"],
         "therapies": [{"drug": "MMF", "dose": "3 g/day", "start": "2022-03-15", "stop": "2023-03-20",
                        "outcome": "inadequate_response"}],
         "labs": [lab("mpa_auc", "mg.h/L", d2022_09_01=42), lab("c3", "g/L", d2023_03_15=0.4)]},
        r"Adequate trial",
        r"not immune|APOL1",
    ),
    "platelets of six": (
        CALLS,
        {"sex": "female", "age": 40, "manifestations": {"haematological": {"severity": "severe"}},
         "therapies": [{"drug": "IVIG", "start": "2022-03-15", "stop": "2022-03-20",
                        "outcome": "inadequate_response"}],
         "labs": [lab("platelet_count", "x10^9/L", d2022_03_25=6)]},
        r"exclude thrombotic microangiopathy.*6 x10\^9/L",
        r"FCGR",
    ),
}  # fmt: skip
HISTORIES |= {
    "little 6-TGN alone is no missed tablet": (
        CALLS,
        {
            "sex": "female",
            "age": 30,
            "manifestations": {"musculoskeletal": {}},
            "co_medication": [],
            "therapies": [{"drug": "azathioprine", "dose": "2 mg/kg/day", "start": "2022-01-01", "stop": "2022-09-01",
                           "outcome": "inadequate_response"}],
            "labs": [lab("6tgn", "pmol/8x10^8 RBC", d2022_05_01=30), lab("6mmp", "pmol/8x10^8 RBC", d2022_05_01=7000)],
        },
        r"too low \(6-TGN 30",
        r"being taken|TPMT",
    ),
    "little of both metabolites": (
        CALLS,
        {
            "manifestations": {"musculoskeletal": {}},
            "therapies": [{"drug": "azathioprine", "start": "2022-01-01", "stop": "2022-09-01",
                           "outcome": "inadequate_response"}],
            "labs": [lab("6tgn", "pmol/8x10^8 RBC", d2022_05_01=30), lab("6mmp", "pmol/8x10^8 RBC", d2022_05_01=90)],
        },
        r"^Azathioprine is nearly absent",
        r"TPMT",
    ),
    "hydroxychloroquine at 12 mg/kg": (
        CALLS,
        {
            "weight": "50 kg",
            "egfr": "35 mL/min/1.73m2",
            "therapies": [{"drug": "HCQ", "dose": "600 mg/day", "start": "2022-01-01", "outcome": "ongoing"}],
        },
        r"^No failed therapy was told\. Hydroxychloroquine at 12 mg/kg/day is above its limit",
        r"CYP",
    ),
    "a flare after a response is not on its way": (
        CALLS,
        {
            "sex": "female",
            "age": 24,
            "manifestations": nephritis("IV"),
            "co_medication": ["other: ramipril"],
            "therapies": [{"drug": "MMF", "dose": "2 g/day", "start": "2020-02-07", "outcome": "inadequate_response"}],
            "labs": [
                lab("upcr", "g/g", d2020_02_05=4, d2020_05_10=2, d2020_08_05=1, d2021_02_05=0.3, d2023_01_10=3),
                lab("egfr", "mL/min/1.73m2", d2020_02_05=80, d2021_02_05=82, d2023_01_10=80),
            ],
        },
        r"Adequate trial",
        r"failure is not shown|complete response",
    ),
}  # fmt: skip
