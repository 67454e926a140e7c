"""Data releases by number, or from a folder; nothing is fetched."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

import lupus_pgx
from lupus_pgx.errors import KnowledgeError, UsageError
from lupus_pgx.knowledge.tables import data_folder


@pytest.fixture
def fx_earlier(tmp_path):
    """A folder with a release in which TPMT *8 has no function."""
    folder = tmp_path / "2025.1.1"
    folder.mkdir()
    for path in Path(str(data_folder())).glob("*.tsv"):
        shutil.copy(path, folder)
    change(folder, "allele_function", "TPMT\t*6\tNo function", "TPMT\t*6\tUncertain function")
    return folder


def change(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / f"{table}.tsv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    sums = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.tsv"))}
    (folder / "release.json").write_text(json.dumps({"release": "2025.1.1", "tables": sums}), encoding="utf-8")


def phenotype(knowledge) -> str:
    frame = lupus_pgx.respond({"TPMT": "*1/*6"}, ["azathioprine"], knowledge=knowledge).diplotypes.to_frame()
    return frame.set_index("gene").loc["TPMT"].phenotype


def test_the_installed_release_by_its_number(fx_knowledge):
    assert lupus_pgx.load_knowledge(release=fx_knowledge.release) is fx_knowledge


def test_another_release_from_its_folder(fx_earlier, tmp_path):
    earlier = lupus_pgx.load_knowledge(release=fx_earlier)
    assert earlier.release == "2025.1.1"
    assert (phenotype(earlier), phenotype(None)) == ("Indeterminate", "Intermediate Metabolizer")
    overlay = tmp_path / "mine"
    overlay.mkdir()
    header = "gene\tallele\tfunction\tactivity_value\trelease\tsource"
    row = "TPMT\t*6\tNormal function\t\t2026-11-01\tPharmCAT"
    (overlay / "allele_function.tsv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    both = lupus_pgx.load_knowledge(overlay, release=fx_earlier)
    assert both.release.startswith("2025.1.1+overlay.")
    assert phenotype(both) == "Normal Metabolizer"


def test_a_release_that_is_not_there_is_not_fetched(tmp_path):
    for name in ("2024.1.1", str(tmp_path)):
        with pytest.raises(UsageError, match=r"the installed one is .*; for another give the folder"):
            lupus_pgx.load_knowledge(release=name)


def test_a_release_is_checked(fx_earlier):
    path = fx_earlier / "drugs.tsv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="drugs"):
        lupus_pgx.load_knowledge(release=fx_earlier)


def test_a_release_of_another_version_says_what_it_lacks(fx_earlier):
    sums = json.loads((fx_earlier / "release.json").read_text())
    del sums["tables"]["fallbacks"]
    (fx_earlier / "release.json").write_text(json.dumps(sums))
    with pytest.raises(KnowledgeError, match="fallbacks"):
        lupus_pgx.load_knowledge(release=fx_earlier)
