"""What the package is made of, and that the same source makes the same wheel."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
from places import ROOT


def sbom():
    words = [sys.executable, str(ROOT / "tools" / "build_sbom.py")]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_the_list_of_parts_is_whole_and_the_same_each_time():
    first = sbom()
    assert sbom() == first
    found = json.loads(first)
    parts = {item["bom-ref"] for item in found["components"]}
    links = {item["ref"]: item["dependsOn"] for item in found["dependencies"]}
    root = found["metadata"]["component"]["bom-ref"]
    assert set(links) == parts | {root}
    assert {own for owns in links.values() for own in owns} == parts
    assert {"pysam", "cyvcf2", "numpy", "pandas", "urllib3"} <= {item["name"] for item in found["components"]}
    assert len(parts) <= 30


@pytest.mark.slow
def test_the_same_source_gives_the_same_wheel(tmp_path):
    digests = set()
    for number in range(2):
        source, out = tmp_path / f"source{number}", tmp_path / f"out{number}"
        for name in ("lupus_pgx", "docs"):
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        for path in ROOT.iterdir():
            if path.is_file():
                shutil.copy(path, source)
        words = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out), "."]
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1764288000"}
        before = os.umask(0o022)  # a wheel keeps the permissions of its files
        try:
            subprocess.run(words, cwd=source, env=environment, check=True, capture_output=True)
        finally:
            os.umask(before)
        (wheel,) = out.glob("*.whl")
        digests.add(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert len(digests) == 1
