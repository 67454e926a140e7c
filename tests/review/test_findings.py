"""Every cell of the table of findings, as it was last read (``found.tsv``)."""

from __future__ import annotations

import pytest
from review_findings import FOUND, PATIENTS, found

WRITTEN = FOUND.read_text(encoding="utf-8").splitlines()


@pytest.mark.every
@pytest.mark.parametrize("name", PATIENTS)
def test_the_findings_are_what_was_read(name):
    mine = [line for line in WRITTEN if line.partition("\t")[0] == name]
    assert found(name) == mine, "read the difference, then run python tests/review_findings.py"


def test_the_file_holds_no_other_patient():
    assert {line.partition("\t")[0] for line in WRITTEN} == set(PATIENTS)
