"""What is said of measured levels at their bounds and beside them: now, in a course, as a check (``levels.tsv``)."""

from __future__ import annotations

import csv

import pytest
import yaml
from places import TESTS

from lupus_pgx import respond

pytestmark = pytest.mark.every

TODAY = "2026-11-28"
CASES = list(csv.DictReader((TESTS / "levels.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def shown(level) -> str:
    """Write a level with all that is said of it."""
    means = f", {level.means}" if level.means else ""
    when = f"; {level.timing}" if level.next_due else ""
    return f"{level.measure} [{level.context}] {level.result} of {level.target}{means}{when}"


@pytest.mark.parametrize("case", CASES, ids=[f"{item['drug']} {item['context']}" for item in CASES])
def test_every_level_that_was_measured(case):
    patient = respond({}, [case["drug"]], context=yaml.safe_load(case["context"]), today=TODAY)
    review = patient.resistance
    now = [level for level in review.monitoring if level.drug == case["drug"]] if review else []
    course = [level for item in review.therapies for level in item.levels] if review else []
    checks = [item for item in patient.drug(case["drug"]).checks if item.criterion in ("level", "intake", "low level")]
    found = {
        "monitoring": " | ".join(shown(level) for level in now if level.result != "not measured"),
        "course": " | ".join(shown(level) for level in course if level.result != "not measured"),
        "checks": " | ".join(f"{item.status.value}: {item.subject} ({item.found})" for item in checks),
    }
    assert found == {name: case[name] for name in found}
