"""The published layout of ``analysis.json`` and ``provenance.json``."""

from __future__ import annotations

import json
from typing import Any

from lupus_pgx.knowledge.tables import data_folder

SCHEMA_VERSION = "1.0.0"
"""Version of the layout; the first number changes when a reader must change."""


def analysis_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``analysis.json``.

    Returns
    -------
    dict
        The file ``lupus_pgx/data/schemas/analysis.schema.json``; ``provenance.json`` is described
        by its ``$defs/provenance_document``.

    Examples
    --------
    >>> list(analysis_schema()["properties"])
    ['provenance', 'research_use', 'samples', 'schema_version']
    """
    text = (data_folder() / "schemas" / "analysis.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
