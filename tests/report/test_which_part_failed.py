"""A criterion that was not met says by which part, with its bound and value, and which parts are unknown."""

from __future__ import annotations

import html
import re

import pandas as pd
import pytest

import lupus_pgx
from lupus_pgx.words.vocabulary import NOT_REREAD

PROTEIN = "urine protein-creatinine ratio at most 0.7 g/g: 0.9 g/g on 2024-01-09"
STEROID = "daily dose of glucocorticoid as prednisone at most 5 mg/day: 10 mg/day on 2024-01-09"
INSTEAD = "GFR at least 80 percent of baseline: 50 mL/min/1.73m2 on 2024-01-09 from 90"
NOR = "GFR at least 60 mL/min/1.73m2: 50 mL/min/1.73m2 on 2024-01-09"


def context_of(later="2024-01-09", **series):
    """Mycophenolate from the first of January 2022, and values of the start and of a later day."""
    units = {"upcr": "g/g", "egfr": "mL/min/1.73m2", "steroid_dose": "mg/day", "clinical_sledai": "points"}
    units |= {"sledai_2k": "points", "pga": "points of 3", "rescue_therapy": "present or absent"}
    return {
        "manifestations": {"lupus nephritis": {}},
        "therapies": [{"drug": "MMF", "start": "2022-01-01", "outcome": "ongoing"}],
        "labs": [
            {"quantity": name, "unit": units[name], "values": {"2022-01-01": values[0], later: values[1]}}
            for name, values in series.items()
        ],
    }


def patient_of(**series):
    return lupus_pgx.respond({}, ["MMF"], context=context_of(**series), today="2024-02-01")


def judged(patient, group):
    (item,) = (item for item in patient.resistance.course if item.group == group)
    return item


def test_the_part_that_failed_stands_apart_from_those_that_held_and_those_not_known():
    item = judged(patient_of(upcr=(3.0, 0.9), egfr=(90, 88)), "BLISS-LN-PERR")
    assert item.status == "not met"
    assert list(map(str, item.failed)) == [PROTEIN]
    assert [part.asked for part in item.unknown] == ["rescue therapy absent"]
    assert [status.value for status, _ in item.by_status] == ["not met", "not judgeable", "met"]


def test_a_value_stands_in_the_unit_of_its_bound():
    patient = lupus_pgx.respond({}, ["MMF"], context=context_of("2023-01-01", upcr=(3.0, 1.234)), today="2023-02-01")
    (part,) = judged(patient, "EULAR-LN-2025-12m-strict").failed
    assert str(part) == "urine protein-creatinine ratio below 500 mg/g: 1230 mg/g on 2023-01-01"


def test_of_alternatives_that_all_failed_each_is_named():
    item = judged(patient_of(upcr=(3.0, 0.4), egfr=(90, 50), rescue_therapy=("absent", "absent")), "BLISS-LN-PERR")
    assert list(map(str, item.failed)) == [f"{INSTEAD}, nor {NOR}"]
    assert item.unknown == ()


def test_what_was_met_or_cannot_be_judged_failed_by_nothing():
    met = judged(patient_of(upcr=(3.0, 0.4), egfr=(90, 88), rescue_therapy=("absent", "absent")), "BLISS-LN-PERR")
    open_ = judged(patient_of(egfr=(90, 88)), "BLISS-LN-PERR")
    assert (met.status, met.failed, met.unknown) == ("met", (), ())
    assert (open_.status, open_.failed) == ("not judgeable", ())
    assert [part.asked.partition(" at ")[0] for part in open_.unknown] == [
        "urine protein-creatinine ratio",
        "rescue therapy absent",
    ]


@pytest.fixture(scope="module")
def fx_remission():
    """Clinically quiet, and 10 mg of prednisone: no remission by DORIS, as the dose is at most 5."""
    series = {"clinical_sledai": (8, 0), "steroid_dose": (20, 10)}
    return patient_of(**series)


def test_a_dose_above_its_bound_is_why_there_is_no_remission(fx_remission):
    item = judged(fx_remission, "DORIS-2021")
    assert list(map(str, item.failed)) == [STEROID]
    assert [part.asked for part in item.unknown] == ["physician global assessment below 0.5 points of 3"]


def squeezed(text):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<svg.*?</svg>|<[^<>]+>", " ", text, flags=re.DOTALL)))


def test_terminal_and_page_name_what_failed_first(fx_remission):
    terminal, page = squeezed(str(fx_remission)), squeezed(fx_remission.to_html())
    start = terminal.index("DORIS remission not met")
    said = terminal[start : start + 500]
    assert said.startswith(f"DORIS remission not met: {STEROID}; [not judgeable] physician global assessment")
    assert "[met] SLEDAI-2K without serology at most 0 points: 0 points on 2024-01-09" in said
    parts = rf"not met ?;? {re.escape(STEROID)}; not judgeable ?: physician global .*?; met ?: SLEDAI-2K without"
    assert len(re.findall(parts, page)) == 1
    # Paper has what decided.
    assert f"DORIS remission: {STEROID}" in page


def test_where_all_parts_are_alike_nothing_is_marked():
    context = context_of("2022-04-01", upcr=(3.0, 2.9), egfr=(90, 50))
    patient = lupus_pgx.respond({}, ["MMF"], context=context, today="2022-05-01")
    said = squeezed(str(patient))
    why = (
        "urine protein-creatinine ratio lower by at least 25 percent: 2.9 g/g on 2022-04-01 from 3; "
        "GFR at least 90 percent of baseline: 50 mL/min/1.73m2 on 2022-04-01 from 90, "
        "nor GFR at least 60 mL/min/1.73m2: 50 mL/min/1.73m2 on 2022-04-01"
    )
    assert f"early improvement ({NOT_REREAD}) not met: {why}" in said
    assert "[" not in said.partition("not met: ")[2].partition("not due")[0].replace("[PMID", "")
    # Nothing failed, and something is behind what is due: the first sentence says what.
    assert patient.resistance.headline.endswith(f"at month 3 ({why}).")


def test_tables_have_the_name_and_the_parts(fx_example, tmp_path):
    context = {"sample_id": "LN-01", **context_of(clinical_sledai=(8, 0), steroid_dose=(20, 10))}
    options = {"samples": ["LN-01"], "context": context, "today": "2024-02-01"}
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], **options)
    analysis.write(tmp_path)
    table = pd.read_csv(tmp_path / "course.tsv", sep="\t").set_index("criterion")
    assert list(table.columns[-3:]) == ["name", "failed", "unknown"]
    line = table.loc["DORIS-2021"]
    assert (line["name"], line.failed) == ("DORIS remission", STEROID)
    assert line.unknown.startswith("physician global assessment below 0.5 points of 3: no value from ")
    assert table.name.notna().all()
    assert table.failed.notna().tolist() == (table.status == "not met").tolist()
    frame = analysis.patient("LN-01").resistance.to_frame("course").set_index("criterion")
    assert frame.loc["DORIS-2021", "failed"] == STEROID
