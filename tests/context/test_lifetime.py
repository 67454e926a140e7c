"""How much of a drug all its courses were, at least and at most: one course a line, in grams."""

from __future__ import annotations

import math

import pytest
from told import from_yaml

from lupus_pgx import load_knowledge
from lupus_pgx.context.judged.lifetime import Lifetime

TODAY = "2026-11-29"

# 28 days from 1 to 28 January; 29 days to the 29th
LINES = [
    ("dose: 500 mg, schedule: weekly, start: 2026-01-01, stop: 2026-01-28", 1.5, 2),
    ("dose: 500 mg, schedule: weekly, start: 2026-01-01, stop: 2026-01-29", 2, 2.5),
    ("dose: 500 mg, schedule: 'weekly, by mouth', start: 2026-01-01, stop: 2026-01-28", 1.5, 2),
    ("dose: 500 mg, schedule: monthly, start: 2026-01-01, stop: 2026-06-30", 2.5, 3),
    ("dose: 500 mg, schedule: every week, start: 2026-01-01, stop: 2026-01-28", 1.5, 2),
    ("dose: 500 mg, schedule: every two weeks, start: 2026-01-01, stop: 2026-01-28", 0.5, 1),
    ("dose: 500 mg, schedule: every 3 weeks, start: 2026-01-01, stop: 2026-01-28", 0.5, 1),
    ("dose: 500 mg, schedule: alle 2 Wochen, start: 2026-01-01, stop: 2026-01-29", 1, 1.5),
    ("dose: 500 mg, schedule: every 2 weeks", 0.5, math.inf),
    ("dose: 500 mg, schedule: as needed, start: 2026-01-01, stop: 2026-01-28", 0.5, math.inf),
    ("dose: 500 mg, schedule: as needed, start: 2026-01-01, stop: 2026-01-01", 0.5, 0.5),
    ("dose: 500 mg, start: 2026-01-01, stop: 2026-01-28", 0.5, math.inf),
    ("dose: 500 mg, start: 2026-01-01, stop: 2026-01-01", 0.5, 0.5),
    ("dose: 500 mg, schedule: Mo, start: 2026-01-01, stop: 2026-01-28", 0.5, math.inf),
    ("dose: 500 mg, schedule: q2w, start: 2026-01-01, stop: 2026-01-28", 0.5, 1),
    ("dose: 500 mg, schedule: in the clinic, start: 2026-01-01, stop: 2026-01-28", 0.5, math.inf),
    ("dose: 100 mg/day, start: 2026-01-01, stop: 2026-01-28", 2.8, 2.8),
    ("dose: 100 mg/day, start: 2026-01-01", 0.1, math.inf),
    ("dose: 100 mg/week, start: 2026-01-01, stop: 2026-01-28", 0.3, 0.4),
    ("start: 2026-01-01, stop: 2026-01-28", 0, math.inf),
]


@pytest.mark.parametrize(("course", "least", "most"), LINES, ids=[line[0] for line in LINES])
def test_what_a_course_was(course, least, most, tmp_path):
    text = f"therapies: [{{drug: cyclophosphamide, outcome: response, {course}}}]\n"
    given = Lifetime(load_knowledge()).given("cyclophosphamide", from_yaml(tmp_path, text, TODAY))
    assert given == pytest.approx((least, most))


def test_courses_are_added_up_and_those_of_other_drugs_are_not(tmp_path):
    course = "{drug: %s, outcome: response, dose: 1 g, schedule: 6 pulses}"
    drugs = ("cyclophosphamide", "rituximab", "cyclophosphamide")
    context = from_yaml(tmp_path, f"therapies: [{', '.join(course % drug for drug in drugs)}]\n", TODAY)
    lifetime = Lifetime(load_knowledge())
    assert lifetime.given("cyclophosphamide", context) == (12, 12)
    assert lifetime.given("methotrexate", context) is None


@pytest.mark.parametrize(
    ("weight", "least", "most"),
    [
        # A body surface of 1.2 to 2.4 m2, or that of 60 kg at 140 to 200 cm (Mosteller).
        ("", 3.6, 7.2),
        ("weight: 60 kg\n", 3 * math.sqrt(60 * 140 / 3600), 3 * math.sqrt(60 * 200 / 3600)),
    ],
)
def test_a_dose_by_body_surface_counts_by_the_weight_that_is_told(weight, least, most, tmp_path):
    text = f"{weight}therapies: [{{drug: cyclophosphamide, outcome: response, dose: 500 mg/m2, schedule: 6 pulses}}]\n"
    given = Lifetime(load_knowledge()).given("cyclophosphamide", from_yaml(tmp_path, text, TODAY))
    assert given == pytest.approx((least, most))
