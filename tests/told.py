"""Contexts as tests give them: read on one day, from fields or as a YAML file, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lupus_pgx
from lupus_pgx.context.model import Context
from lupus_pgx.errors import InputError

TODAY = "2026-06-01"


def read(fields: dict[str, Any]) -> Context:
    """Read the fields of a patient."""
    return lupus_pgx.load_context(fields, today=TODAY)


def refused(fields: dict[str, Any]) -> str:
    """Return why the fields of a patient are refused."""
    with pytest.raises(InputError) as error:
        read(fields)
    return str(error.value)


def from_yaml(folder: Path, text: str, today: str = TODAY) -> Context:
    """Read a file of this text."""
    path = folder / "context.yaml"
    path.write_text(text, encoding="utf-8")
    return lupus_pgx.load_context(path, today=today)


def lab(quantity: str, unit: str, value: Any) -> dict[str, Any]:
    """Return a result of a month before."""
    return {"labs": [{"quantity": quantity, "unit": unit, "values": {"2026-05-01": value}}]}
