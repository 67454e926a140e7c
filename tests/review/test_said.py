"""What the review says of all cases and states of the tests, as it was last read."""

from __future__ import annotations

import pytest
from review_corpus import HEADER, SAID, corpus, said

WRITTEN = SAID.read_text(encoding="utf-8")
LINES = dict(line.split("\t", 1) for line in WRITTEN.removeprefix(HEADER).splitlines())
CASES = {name: (calls, context, today) for name, calls, context, today in corpus()}


def test_the_file_holds_the_corpus():
    assert WRITTEN.startswith(HEADER)
    assert list(LINES) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_review_says_what_was_read(name):
    assert said(*CASES[name]) == LINES[name], "read the difference, then run python tests/review_corpus.py"
