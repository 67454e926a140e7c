"""The page of questions by message: each message that it quotes is one that the program can say."""

from __future__ import annotations

import ast
import re

import pytest
from places import DOCS, ROOT

QUOTED = re.findall(r'\*\*"([^"]+)"', " ".join((DOCS / "questions.md").read_text(encoding="utf-8").split()))
VARIABLE = r"\b(?:N|M|GENE|GRCh3[78]|\d+)\b|'[^']*'|\.\.\."
"""What differs from case to case."""


def texts() -> str:
    """Return every text of the code, with a gap where a value is put in."""
    found = []
    for path in (ROOT / "lupus_pgx").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(part.value if isinstance(part, ast.Constant) else " " for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return " ".join("\n".join(found).split())


@pytest.fixture(scope="module")
def fx_texts():
    return texts()


def test_there_are_messages():
    assert len(QUOTED) > 8


@pytest.mark.every
@pytest.mark.parametrize("message", QUOTED)
def test_a_message_is_in_the_code(message, fx_texts):
    parts = [part.strip(" :=()") for part in re.split(VARIABLE, message)]
    parts = [part for part in parts if len(part) > 3]
    assert parts
    for part in parts:
        assert part in fx_texts, part
