"""Twenty-six states of a patient, and the first options of each: ``python tests/option_states.py`` writes the
page ``docs/options-by-state.md`` anew."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from lupus_pgx import respond

PAGE = Path(__file__).resolve().parents[1] / "docs" / "options-by-state.md"
SHOWN = 5
MARK = "<!-- table -->\n"


def failed(*drugs, outcome="inadequate_response"):
    return [
        {"drug": drug, "outcome": outcome} | ({"reaction": "rash"} if outcome == "intolerance" else {})
        for drug in drugs
    ]


def kidney(*classes, upcr=None, egfr=90, severity=None, **fields):
    form = {"class": list(classes)} | ({"severity": severity} if severity else {})
    labs = [{"quantity": "upcr", "unit": "g/g", "values": {"2026-01-05": upcr}}] if upcr is not None else []
    return {
        "age": 35,
        "egfr": f"{egfr} mL/min/1.73m2",
        "manifestations": {"lupus nephritis": form},
        "labs": labs,
    } | fields


def organ(name, form=None, **fields):
    return {"age": 35, "manifestations": {name: form}} | fields


def count(quantity, unit, value):
    return [{"quantity": quantity, "unit": unit, "values": {"2026-01-05": value}}]


TODAY = "2026-01-20"
"""The states are judged as of this day: a value of long ago tells nothing of now."""

STATES = {
    "class IV, new, UPCR 1.5": kidney("IV", upcr=1.5),
    "class IV, new, UPCR 4": kidney("IV", upcr=4),
    "class III, new, UPCR 4, eGFR 35": kidney("III", upcr=4, egfr=35),
    "class II, UPCR 0.8": kidney("II", upcr=0.8),
    "class I, UPCR 5": kidney("I", upcr=5),
    "class V, UPCR 0.6": kidney("V", upcr=0.6),
    "class V, UPCR 4": kidney("V", upcr=4),
    "class VI": kidney("VI", egfr=12),
    "class IV, mycophenolate failed, UPCR 4": kidney("IV", upcr=4, therapies=failed("MMF")),
    "class IV, cyclophosphamide failed, UPCR 1": kidney("IV", upcr=1, therapies=failed("cyclophosphamide")),
    "class IV, mycophenolate, cyclophosphamide and rituximab failed": kidney(
        "IV", upcr=2, therapies=failed("MMF", "cyclophosphamide", "rituximab")
    ),
    "class IV, five lines failed, rituximab and belimumab among them": kidney(
        "IV", upcr=2, therapies=failed("MMF", "cyclophosphamide", "rituximab", "belimumab", "tacrolimus")
    ),
    "class IV, antibodies against rituximab": kidney(
        "IV",
        upcr=2,
        therapies=failed("rituximab"),
    )
    | {
        "labs": [
            {
                "quantity": "anti_drug_antibodies",
                "unit": "present or absent",
                "drug": "rituximab",
                "values": {"2026-01-05": "present"},
            }
        ]
    },
    "class IV, remission on mycophenolate": kidney("IV", upcr=0.2, therapies=failed("MMF", outcome="response")),
    "class IV, remission, child wished": kidney(
        "IV", upcr=0.2, sex="female", contraception="conception_planned", therapies=failed("MMF", outcome="response")
    ),
    "class IV, azathioprine not tolerated": kidney("IV", upcr=0.4, therapies=failed("AZA", outcome="intolerance")),
    "class IV, severe infection": kidney("IV", upcr=2, active_infection="severe"),
    "skin, new": organ("cutaneous"),
    "skin, methotrexate failed": organ("cutaneous", therapies=failed("MTX")),
    "skin, three lines failed": organ("cutaneous", therapies=failed("MTX", "MMF", "anifrolumab")),
    "joints, methotrexate failed": organ("musculoskeletal", therapies=failed("MTX")),
    "platelets 12, new": organ("haematological", labs=count("platelet_count", "x10^9/L", 12)),
    "nervous system, cyclophosphamide failed": organ(
        "neuropsychiatric lupus", {"mechanism": "inflammatory"}, therapies=failed("cyclophosphamide")
    ),
    "antiphospholipid antibodies, no thrombosis": organ(
        "antiphospholipid", conditions={"thrombosis": False}, pregnancy=False
    ),
    "antiphospholipid syndrome, thrombosis, pregnant": organ(
        "antiphospholipid", conditions={"thrombosis": True}, sex="female", pregnancy=True
    ),
    "antiphospholipid syndrome, recurrence on warfarin": organ(
        "antiphospholipid", conditions={"thrombosis": True}, pregnancy=False, therapies=failed("warfarin")
    ),
}


def options_of(state: str):
    """Return the options of a state, without anything known of the genome."""
    return respond({}, context=STATES[state], today=TODAY).options.to_frame()


def table() -> str:
    """Return the table of the page."""
    head = [
        "| state | " + " | ".join(f"{rank}" for rank in range(1, SHOWN + 1)) + " | last |",
        "|---" * (SHOWN + 2) + "|",
    ]
    for state in STATES:
        frame = options_of(state)
        names = [f"{name} ({stage})" for name, stage in zip(frame.option, frame.stage, strict=True)]
        cells = [*names[:SHOWN], *[""] * (SHOWN - len(names)), names[-1] if len(names) > SHOWN else ""]
        head.append(f"| {state} | {' | '.join(cells)} |")
    return "\n".join(head) + "\n"


BODIES = ("EULAR", "KDIGO", "ACR")
DEVIATIONS = "<!-- deviations -->\n"
BESIDE = ("background", "adjunct", "trial-only", "against")
"""Stages of what is given beside a treatment, or in place of none."""

STEROIDS = frozenset({"prednisone", "prednisolone", "methylprednisolone", "hydroxychloroquine"})

CHANGE = "a line failed: what follows a failure, then rescue, before the lines that a guideline has for the first time"
BY_STAGE = {
    ("refractory", "first"): CHANGE,
    ("refractory", "alternative"): CHANGE,
    ("rescue", "first"): CHANGE,
    ("rescue", "alternative"): "a line failed in a severe manifestation: rescue before a drug that maintains",
    ("alternative", "first"): "a line failed: what was not the first choice before what bridges, or another first line",
    ("first", "alternative"): "within first lines ACR puts three drugs before two; the alternatives stand behind both",
    ("maintenance", "first"): "a drug that maintains was not tolerated: another one is asked for, and no first line",
    ("maintenance", "alternative"): "a drug that maintains was not tolerated: another one is asked for first",
}
"""Why a stage stands before another one whose option a guideline has first."""

CYCLOSPORINE = "guidelines name it with its class only; the trials were of tacrolimus and voclosporin"
WHY = (
    # Earlier in ours, earlier in the guideline, which guideline, why: both of one stage.
    (r"in class V$", r"mycophenolate in class V$", "EULAR", "ACR 2024: with a calcineurin inhibitor from 1 g/g on"),
    (r"^high-dose|in class V$", r"mycophenolate . cyclosporine$", "EULAR|KDIGO|ACR", CYCLOSPORINE),
    (r"low-dose cyclophosphamide$", r"mycophenolate . cyclosporine$", "ACR", CYCLOSPORINE),
    (
        r"^obinutuzumab in refractory",
        r"^add (a calcineurin inhibitor|belimumab)",
        "KDIGO|ACR",
        "antibodies against rituximab lift another antibody against CD20",
    ),
    (
        r"^maintenance with azathioprine$",
        r"^taper after three years",
        "KDIGO|ACR",
        "KDIGO and ACR say when to taper, not in place of what: what maintains stands together",
    ),
    (
        r"^(mycophenolate|azathioprine|antiplatelet)",
        r"^antiplatelet in thrombotic disease$",
        "EULAR|ACR",
        "it is for the thrombotic form, and this one is inflammatory",
    ),
)
"""Every pair of options of one stage that stands the other way round than in a guideline, and why."""

AGAIN = "the same drugs stand above already, as what follows the failure"
SPOILT = "the other one failed, was not tolerated, is forbidden, or has such a partner: it stands behind (our rule)"


def deviations() -> list[tuple[str, str, str, str, str, str, str]]:
    """Return the pairs of treatments, of the whole list, that a guideline has the other way round.

    What goes beside a treatment, and what failed, is left out.

    Returns
    -------
    list of (str, str, str, str, str, str, str)
        State, body, the option that we have first with its stage, the one that the body has first with its stage, and
        why; without a reason that is empty.
    """
    found = []
    for state in STATES:
        frame = options_of(state)
        frame = frame[(frame.exhausted != "yes") & ~frame.stage.isin(BESIDE)]
        spoilt = (frame.tried.fillna("") + frame.against.fillna("")) != ""
        alone = [frozenset(str(drugs).split(";")) - STEROIDS for drugs in frame.drugs]
        changes = {drugs for drugs, stage in zip(alone, frame.stage, strict=True) if stage == "refractory"}
        fallen = [
            SPOILT if bad else AGAIN if drugs in changes else "" for bad, drugs in zip(spoilt, alone, strict=True)
        ]
        options = list(zip(frame.option, frame.stage, frame.guidelines.fillna(""), fallen, strict=True))
        for body in BODIES:
            ranked = [(int(at[1]), *item) for item in options if (at := re.search(rf"{body} (\d+)", item[2]))]
            for number, (rank, ours, stage, _, _) in enumerate(ranked):
                for other, theirs, later, _, fall in ranked[number:]:
                    if other < rank:
                        reason = (later != "refractory" and fall) or why(body, (ours, stage), (theirs, later))
                        found.append((state, body, ours, stage, theirs, later, reason))
    return found


def why(body: str, ours: tuple[str, str], theirs: tuple[str, str]) -> str:
    """Return why an option stands before one that a body places before it."""
    if ours[1] != theirs[1]:
        return BY_STAGE.get((ours[1], theirs[1]), "")
    for before, behind, bodies, reason in WHY:
        if re.search(before, ours[0]) and re.search(behind, theirs[0]) and re.fullmatch(bodies, body):
            return reason
    return ""


def deviation_table() -> str:
    """Return the tables of what stands the other way round than in a guideline: within a stage, then across stages."""
    lines = ["| body | we have first | the body has first | why | states |", "|---|---|---|---|---|"]
    pairs = deviations()
    within = Counter((b, o, t, reason) for _, b, o, s, t, later, reason in pairs if s == later)
    lines += [f"| {' | '.join(row)} | {number} |" for row, number in within.items()]
    lines += ["", "| stage that we have first | stage that the body has first | why | pairs |", "|---|---|---|---|"]
    across = Counter((s, later, reason) for _, _, _, s, _, later, reason in pairs if s != later)
    lines += [f"| {' | '.join(row)} | {number} |" for row, number in sorted(across.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARK)
    middle, _, _ = rest[rest.index("##") :].partition(DEVIATIONS)
    PAGE.write_text(before + MARK + table() + "\n" + middle + DEVIATIONS + deviation_table(), encoding="utf-8")
