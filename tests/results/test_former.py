"""Results of one run never stand beside those of another as if they were its own."""

from __future__ import annotations

import csv
import os

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.errors import OutputError

GENES = ["TPMT", "NUDT15"]
CONTEXT = {"age": 34}


@pytest.fixture(scope="module")
def fx_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    return [VcfBuilder(genes=GENES, samples=[name]).write(folder / name) for name in ("A", "B")]


def names(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_tables_of_another_run_go(fx_files, tmp_path, caplog):
    lupus_pgx.analyze(fx_files[0], context=CONTEXT).write(tmp_path, formats=["tsv", "json", "html"])
    assert {"checks.tsv", "analysis.json", "patients/A.html"} <= names(tmp_path)
    (tmp_path / "notes.tsv").write_text("of the user")
    lupus_pgx.analyze(fx_files[0]).write(tmp_path, formats=["tsv"])
    left = names(tmp_path)
    assert not left & {"checks.tsv", "options.tsv", "analysis.json", "patients/A.html"}
    assert {"notes.tsv", "drugs.tsv", "provenance.json"} <= left
    assert "checks.tsv" in caplog.text
    assert "notes.tsv" not in caplog.text
    assert "drugs.tsv" not in caplog.text  # it is replaced


def test_formats_of_one_run_are_added(fx_files, tmp_path, caplog):
    for name in ("tsv", "json", "html"):
        lupus_pgx.analyze(fx_files[0], context=CONTEXT).write(tmp_path, formats=[name])
    assert {"checks.tsv", "analysis.json", "patients/A.html"} <= names(tmp_path)
    assert "removed" not in caplog.text


def test_json_alone_says_what_it_rests_on(fx_files, tmp_path):
    lupus_pgx.analyze(fx_files[0]).write(tmp_path, formats=["json"])
    lupus_pgx.analyze(fx_files[1]).write(tmp_path, formats=["tsv"])
    assert "analysis.json" not in names(tmp_path)


def test_pages_of_other_persons_stay(fx_files, tmp_path):
    lupus_pgx.analyze(fx_files[0]).write(tmp_path, formats=["tsv", "html"])
    lupus_pgx.analyze(fx_files[1]).write(tmp_path, formats=["tsv", "html"])
    assert {"patients/A.html", "patients/B.html"} <= names(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[", "{}", '{"provenance": 3}', '{"provenance": {"software": {"name": "other"}}}']
)
def test_what_is_not_ours_stays(text, fx_files, tmp_path):
    (tmp_path / "provenance.json").write_text(text)
    (tmp_path / "checks.tsv").write_text("of somebody")
    lupus_pgx.analyze(fx_files[0]).write(tmp_path, formats=["json"])
    assert (tmp_path / "checks.tsv").read_text() == "of somebody"
    assert (tmp_path / "provenance.json").read_text() == text


def test_a_folder_of_pages_that_leads_elsewhere_is_refused(fx_files, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "patients").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="is a link that leads out"):
        lupus_pgx.analyze(fx_files[0]).write(tmp_path / "out", formats=["html"])
    assert os.listdir(tmp_path / "elsewhere") == []  # noqa: PTH208


def test_a_link_in_the_place_of_a_table_is_replaced_not_followed(fx_files, tmp_path):
    (tmp_path / "precious").write_text("kept")
    out = tmp_path / "out"
    out.mkdir()
    for name in ("drugs.tsv", "analysis.json", "provenance.json"):
        (out / name).symlink_to(tmp_path / "precious")
    lupus_pgx.analyze(fx_files[0]).write(out, formats=["tsv", "json"])
    assert (tmp_path / "precious").read_text() == "kept"
    assert not (out / "drugs.tsv").is_symlink()


def test_no_cell_for_a_spreadsheet_is_a_formula(tmp_path):
    samples = ["=1+1", "@SUM(A1)", "+x", "-x", "plain", 'a"b', "a,b"]
    path = VcfBuilder(genes=GENES, samples=samples).write(tmp_path / "in")
    analysis = lupus_pgx.analyze(path, genes=GENES, drugs=["azathioprine"])
    analysis.write(tmp_path / "out", formats=["csv", "tsv"])
    data = (tmp_path / "out" / "drugs.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfsample_id,drug,")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@SUM(A1)", "'+x", "'-x", "plain", 'a"b', "a,b"]
    plain = [line.split("\t") for line in (tmp_path / "out" / "drugs.tsv").read_text().splitlines()]
    assert [row[0] for row in plain[1:]] == samples  # for programs names stay as they are
    assert [[cell.lstrip("'") for cell in row[1:]] for row in rows] == [
        [cell.lstrip("'") for cell in row[1:]] for row in plain
    ]
