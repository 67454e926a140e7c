"""What is handed out: licences in the wheel, the documentation in the source distribution, few dependencies."""

from __future__ import annotations

import email
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import pytest
from places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LICENCE = "MIT AND CC0-1.0 AND CC-BY-SA-4.0"


@pytest.fixture(scope="module")
def fx_built(tmp_path_factory):
    """Wheel and source distribution of this checkout, built from a copy."""
    pytest.importorskip("setuptools", minversion="77")
    folder = tmp_path_factory.mktemp("built")
    skipped = shutil.ignore_patterns(".git", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".venv")
    shutil.copytree(ROOT, folder / "source", ignore=skipped)
    build = "from setuptools import build_meta as b; print(b.build_wheel('..'), b.build_sdist('..'))"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=folder / "source", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tuple(folder / name for name in done.stdout.splitlines()[-1].split())


def test_the_wheel_holds_its_licences(fx_built):
    with zipfile.ZipFile(fx_built[0]) as wheel:
        names = wheel.namelist()
        (about,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        metadata = email.message_from_string(wheel.read(about).decode())
        assert metadata["License-Expression"] == LICENCE
        assert metadata.get_all("License-File") == ["LICENSE", "DATA_LICENSES.md"]
        for name in ("LICENSE", "DATA_LICENSES.md"):
            (held,) = [path for path in names if path.endswith(f".dist-info/licenses/{name}")]
            assert wheel.read(held) == (ROOT / name).read_bytes()
    assert "Project-URL" not in metadata
    assert {path.split("/")[0] for path in names} == {"lupus_pgx", about.split("/")[0]}


def test_the_wheel_holds_all_data(fx_built):
    with zipfile.ZipFile(fx_built[0]) as wheel:
        held = set(wheel.namelist())
    data = {path for path in (ROOT / "lupus_pgx").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {str(path.relative_to(ROOT)) for path in data} <= held


def test_the_source_distribution_holds_what_the_readme_links_to(fx_built):
    with tarfile.open(fx_built[1]) as source:
        held = {name.partition("/")[2] for name in source.getnames()}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", readme) if "://" not in link}
    assert links <= held
    assert {"tests/conftest.py", "tools/seal_tables.py", "MANIFEST.in", "setup.cfg", ".ci/run"} <= held
    assert not [name for name in held if name.endswith(".pyc")]


def test_the_page_of_an_installed_copy_has_no_link_that_leads_nowhere(fx_built):
    with zipfile.ZipFile(fx_built[0]) as wheel:
        (about,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = email.message_from_bytes(wheel.read(about))
    page = metadata.get_payload()
    assert metadata["Description-Content-Type"] == "text/markdown"
    links = re.findall(r"\]\(([^)\s]+)\)", page)
    assert all(link.startswith("https://") for link in links)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(([^)\s]+)\)", readme)) - {"docs/images/report.png"}
    assert named
    assert all(f"`{name}`" in page for name in named)
    # All else is the page itself.
    assert "<!-- first-command -->" in page
    assert page.count("\n#") == readme.count("\n#")


def test_the_licences_of_the_tables_are_those_of_the_package(fx_knowledge):
    named = {row["licence"] for row in fx_knowledge.rows("sources")}
    assert any("CC0" in licence for licence in named)
    assert any("CC BY-SA 4.0" in licence for licence in named)
    text = (ROOT / "DATA_LICENSES.md").read_text(encoding="utf-8")
    assert PROJECT["license"] == LICENCE
    assert f"`{LICENCE}`" in text


def test_dependencies_have_no_known_holes():
    """Floors: sandbox escapes of jinja2 (CVE-2025-27516), command line injection of tqdm (CVE-2024-34062)."""
    floors = dict(item.split(">=") for item in PROJECT["dependencies"])
    least = {"jinja2": (3, 1, 6), "tqdm": (4, 66, 3), "PyYAML": (6, 0, 1)}
    for name, version in least.items():
        assert tuple(map(int, floors[name].split("."))) >= version
    assert len(floors) <= 11
