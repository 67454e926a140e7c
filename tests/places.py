"""Where things are: the one place that knows how deep a test file lies."""

from __future__ import annotations

import os
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
DOCS = ROOT / "docs"
REAL = Path(os.environ.get("LUPUS_PGX_REAL_DATA", ROOT.parent / "shared" / "real"))
"""Folder of the 1000 Genomes files."""
