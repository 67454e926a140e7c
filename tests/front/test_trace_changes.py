"""tools/trace_changes.py: each cell that differs has its cause, found between states or rows, and a fault it mends."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest
from places import ROOT

TOOL = ROOT / "tools" / "trace_changes.py"
KINDS = ROOT / "tools" / "change_kinds.tsv"
HEAD = "sample_id\tdrug\taction\tsummary\tstrength\n"
CHECKS = "sample_id\tdrug\t{}subject\tstatus\tknown\tadvice\n"
ROWS = "drug\t{}criterion\tseverity\tadvice\n"


def run(*arguments):
    command = [sys.executable, str(TOOL), *map(str, arguments)]
    environment = {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def traced(tmp_path, **states):
    for name, text in states.items():
        (tmp_path / name / "LN-01").mkdir(parents=True)
        (tmp_path / name / "LN-01" / "drugs.tsv").write_text(HEAD + text, encoding="utf-8")
    return run(*(f"{name}={tmp_path / name}" for name in states))


def test_the_cause_is_the_state_in_which_the_cell_becomes_another(tmp_path):
    old, new = "A\twarfarin\tmonitor\tone\t\n", "A\twarfarin\treduce_dose\tother\tstrong\n"
    code = "A\twarfarin\tmonitor\tmiddle\t\n"
    rules = "A\twarfarin\treduce_dose\tother\t\n"
    done = traced(tmp_path, old=old, code=code, rules=rules, rest=new)
    assert "3 cells of rows that both have: drugs 3" in done.stdout
    assert "1  drugs.action, rules: other rows of a guideline" in done.stdout
    assert "1  drugs.summary, code+rules: words" in done.stdout
    assert "1  drugs.strength, rest: (no kind)" in done.stdout
    assert done.returncode == 1


def test_a_cell_that_comes_back_is_no_change(tmp_path):
    row = "A\twarfarin\tmonitor\tone\t\n"
    done = traced(tmp_path, old=row, code=row.replace("monitor", "test_first"), rest=row)
    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, ["0 without a kind"])


def test_a_change_that_no_rule_fits_is_shown(tmp_path):
    """A drug that is gone is no change that anybody wanted."""
    rows = "A\twarfarin\tmonitor\tone\tstrong\n"
    done = traced(tmp_path, old=rows + "A\tcodeine\tavoid\ttwo\tstrong\n", code=rows, rest=rows)
    assert done.returncode == 1
    assert "drugs.row of A | codeine: 'present' -> '' (code)" in done.stdout
    assert "1 without a kind" in done.stdout


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        ("avoid\tx", "contraindicated\tx", "row changed"),
        ("avoid\tx", "avoid\ty", "row reworded"),
        ("avoid\tx", "avoid\tx", "row same"),
        (None, "avoid\tx", "row new"),
        ("avoid\tx", None, "row gone"),
        (None, None, "no row"),
    ],
)
def test_the_cause_in_tables_of_the_context_is_what_became_of_the_rows(before, after, cause, tmp_path):
    for name, column, said, row in (("old", "condition\t", "", before), ("new", "", "pregnancy\t", after)):
        (tmp_path / name).mkdir()
        status = "monitor" if name == "old" else "avoid"
        (tmp_path / name / "checks.tsv").write_text(
            CHECKS.format("criterion\t" if said else "") + f"A\twarfarin\t{said}pregnancy\t{status}\tyes\tx\n"
        )
        words = "pregnancy\t" if column else ""
        # A row on another drug stands in both: it says nothing of this one.
        rows = [f"codeine\t{words}pregnancy\tavoid\tx", *([f"warfarin\t{words}pregnancy\t{row}"] if row else [])]
        (tmp_path / name / "contraindications.tsv").write_text(ROWS.format(column) + "\n".join(rows) + "\n")
    done = run(
        *(f"{name}={tmp_path / name}" for name in ("old", "new")), "--tables", tmp_path / "old", tmp_path / "new"
    )
    assert f"1  checks.status, {cause}: " in done.stdout


def test_folders_without_a_table_in_common_are_refused(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    assert run(f"old={tmp_path / 'old'}", f"new={tmp_path / 'new'}").returncode == 2


def test_each_kind_names_its_fault_and_a_test_that_is_there():
    with KINDS.open(encoding="utf-8", newline="") as handle:
        kinds = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert kinds
    faults = []
    for kind in kinds:
        path, _, name = kind["test"].partition("::")
        if not (ROOT / path).is_file() or (name and f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")):
            faults.append(kind["test"])
        faults += [kind["kind"] for column in ("kind", "fault") if not kind[column]]
    assert not faults


def test_no_kind_names_a_patient_or_a_drug(fx_knowledge):
    """A cause that is read off the outcome explains nothing."""
    text = KINDS.read_text(encoding="utf-8").lower()
    names = [name for name in fx_knowledge.drugs["drug"] if name.lower() in text]
    assert not names
