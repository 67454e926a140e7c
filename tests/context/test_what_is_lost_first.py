"""What was told and is not used comes before what only says as what it was read: a warning, and then notes."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lupus_pgx
from lupus_pgx.context.values import Unused

TOLD = """\
conditions: [HTN, 'other: frobnicosis']
therapies:
  - {drug: MMF, start: 2023-01, stop: 2023-08, outcome: nonresponse}
  - {drug: azathioprine, stop: 2024-02-10, outcome: intolerance, reaction: glowing}
co_medication: [acyclovir, {drug: omeprazole, dose: 1 Tbl}]
"""
LOST = (
    "frobnicosis: no table asks about it", "the dose, 1 Tbl, is not used", "glowing: no table knows this reaction",
)  # fmt: skip
INFORMS = ("HTN: read as hypertension", "nonresponse: read as", "acyclovir: read as aciclovir", "its middle")


@pytest.fixture
def fx_told(tmp_path):
    path = tmp_path / "told.yaml"
    path.write_text(TOLD, encoding="utf-8")
    return path


def said(*words):
    """Return what a process of its own says of the context: here a handler of the tests stands in the way."""
    command = [sys.executable, "-m", "lupus_pgx", "whatif", "TPMT=*1/*1", *map(str, words), "--today", "2025-01-01"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_remarks_on_what_is_lost_come_first(fx_told):
    remarks = lupus_pgx.load_context(fx_told).remarks
    lost = [isinstance(remark, Unused) for remark in remarks]
    assert lost == sorted(lost, reverse=True)
    for text in (*LOST, *INFORMS):
        found = [remark for remark in remarks if text in remark]
        assert found, text
        assert {isinstance(remark, Unused) for remark in found} == {text in LOST}


def test_a_terminal_tells_them_apart(fx_told):
    lines = [line for line in said("--context", fx_told).splitlines() if "told.yaml" in line]
    kinds = [line.split(": ")[1] for line in lines]
    assert set(kinds) == {"WARNING", "NOTE"}
    assert kinds == sorted(kinds, reverse=True)
    assert all(
        any(text in line for text in LOST) == (kind == "WARNING") for line, kind in zip(lines, kinds, strict=True)
    )


def test_quiet_says_neither(fx_told):
    assert said("--context", fx_told, "-q") == ""


def test_what_is_lost_of_all_patients_stands_before_any_note(caplog):
    patients = {name: {"conditions": ["HTN", f"other: {name}osis"]} for name in ("A", "B")}
    lupus_pgx.load_context({"patients": patients})
    lost = [not record.informs for record in caplog.records if hasattr(record, "informs")]
    assert lost == [True, True, False]


def test_what_was_read_alike_of_several_patients_is_said_once_with_how_many(caplog):
    weights = {name: {"weight": f"{weight} kg", "conditions": ["HTN"]} for name, weight in (("A", 60), ("B", 71))}
    patients = {**weights, "C": {"conditions": ["HTN", "other: Cosis"]}, "D": {"conditions": ["other: Cosis"]}}
    made = lupus_pgx.load_context({"patients": patients})
    (hypertension,) = [text for text in caplog.messages if "HTN" in text]
    assert hypertension == "context: A: HTN: read as hypertension (and likewise of 2 more patients: B, C)"
    (lost,) = [text for text in caplog.messages if "Cosis" in text]
    assert lost.endswith("(and likewise of 1 more patient: D)")
    assert all(any("HTN" in text for text in made[name].remarks) for name in "ABC")


def test_of_one_patient_nothing_is_put_together(caplog):
    labs = [{"quantity": "creatinine", "unit": "mg/dl", "values": {day: 1.0}} for day in ("2024-01-01", "2024-02-01")]
    lupus_pgx.load_context({"sample_id": "A", "labs": labs, "conditions": ["HTN", "high blood pressure"]})
    assert not any("likewise" in text for text in caplog.messages)


def test_a_class_that_was_read_is_said(caplog):
    made = lupus_pgx.load_context({"manifestations": ["lupus nephritis class III+V"]})
    assert made.manifestations[0].classes == ("III", "V")
    assert caplog.messages == ["context: lupus nephritis class III+V: read as lupus nephritis, class III and V"]
