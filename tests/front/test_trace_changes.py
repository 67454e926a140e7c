"""tools/trace_changes.py: each cell that differs has a kind where a rule fits, and is shown where none does."""

from __future__ import annotations

import subprocess
import sys

from places import ROOT

TOOL = ROOT / "tools" / "trace_changes.py"
HEAD = "sample_id\tdrug\taction\tsummary\tstrength\n"


def traced(tmp_path, before, after):
    for side, text in (("old", before), ("new", after)):
        (tmp_path / side / "LN-01").mkdir(parents=True)
        (tmp_path / side / "LN-01" / "drugs.tsv").write_text(HEAD + text, encoding="utf-8")
    command = [sys.executable, str(TOOL), str(tmp_path / "old"), str(tmp_path / "new")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_change_that_a_rule_fits_has_its_kind(tmp_path):
    done = traced(tmp_path, "A\twarfarin\tmonitor\tone\t\n", "A\twarfarin\tmonitor\tother\tstrong\n")
    assert done.returncode == 0
    assert "3 cells of rows that both have: drugs 3" in done.stdout
    assert "drugs.strength: a strength that lacked was entered" in done.stdout
    assert "drugs.summary: words" in done.stdout
    assert "0 without a kind" in done.stdout


def test_a_change_that_no_rule_fits_is_shown(tmp_path):
    """A drug that is gone is no change that anybody wanted."""
    rows = "A\twarfarin\tmonitor\tone\tstrong\n"
    done = traced(tmp_path, rows + "A\tcodeine\tavoid\ttwo\tstrong\n", rows.replace("strong", "weak"))
    assert done.returncode == 1
    assert "drugs.row of A | codeine: 'present' -> ''" in done.stdout
    assert "drugs.strength of A | warfarin: 'strong' -> 'weak'" in done.stdout
    assert "2 without a kind" in done.stdout


def test_what_is_alike_has_no_change(tmp_path):
    done = traced(tmp_path, "A\twarfarin\tmonitor\tone\t\n", "A\twarfarin\tmonitor\tone\t\n")
    assert (done.returncode, done.stdout.splitlines()[1:]) == (0, ["0 without a kind"])


def test_folders_without_a_table_in_common_are_refused(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    command = [sys.executable, str(TOOL), str(tmp_path / "old"), str(tmp_path / "new")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
