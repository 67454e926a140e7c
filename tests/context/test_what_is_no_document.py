"""A mapping that no reader of files would make is refused like a file that is faulty: typed, with the place."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lupus_pgx


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"values": {"Hb": 14, 2: None}}, "values.2: has no value: YAML takes a decimal comma"),
        ({"values": {None: "x"}}, "values: expected the name of a field; found None"),
        ({"values": {1.5: 2}}, "values: expected the name of a field; found 1.5"),
        ({"values": {b"x": 1}}, "values: expected the name of a field"),
        ({"past medical history": {5: 3}}, "conditions.5"),
        ({"labs": {("a",): 1}}, "labs: expected the name of a field"),
        ({"active_infection": {"a"}}, "active_infection: expected a text, a number, a list or fields; found set"),
        ({"labs": {2024: {"creatinine": "1 mg/dL"}, "2024": {}}}, "labs: a field is given twice"),
    ],
)
def test_what_is_no_document_is_refused_at_its_place(fields, rule):
    with pytest.raises(lupus_pgx.InputError, match=re.escape(rule)):
        lupus_pgx.load_context(fields)


def test_numbers_of_a_data_frame_are_numbers():
    assert lupus_pgx.load_context({"age": np.int64(34)}).age == 34
