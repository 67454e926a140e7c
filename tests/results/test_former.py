"""Results of one run never stand beside those of another as if they were its own."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pysam
import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.errors import OutputError

DATA = Path(lupus_pgx.__file__).parent / "data"
GENES = ["TPMT", "NUDT15"]
CONTEXT = {"age": 34}
HEADER = {
    "HD": {"VN": "1.6", "SO": "coordinate"},
    "SQ": [{"SN": "chr6", "LN": 170805979}],
    "RG": [{"ID": "1", "SM": "A"}],
}


@pytest.fixture(scope="module")
def fx_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    return [VcfBuilder(genes=GENES, samples=[name]).write(folder / name) for name in ("A", "B")]


def names(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_results_of_another_run_are_set_aside(fx_files, tmp_path, caplog):
    first, second = lupus_pgx.analyze(fx_files[0], context=CONTEXT), lupus_pgx.analyze(fx_files[0])
    first.write(tmp_path, formats=["tsv", "json", "html", "html-short", "multiqc", "vcf"])
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    assert {"checks.tsv", "patients/A.html", "short/A.html", "annotated.vcf.gz.tbi", "lupus_pgx_calls_mqc.json"} <= set(
        before
    )
    (tmp_path / "notes.tsv").write_text("of the user")
    second.write(tmp_path, formats=["tsv"])
    left = names(tmp_path)
    assert {name.removeprefix("set-aside-1/") for name in left if name.startswith("set-aside-1/")} == set(before)
    assert all((tmp_path / "set-aside-1" / name).read_bytes() == data for name, data in before.items())
    assert not left & {"checks.tsv", "options.tsv", "analysis.json", "patients/A.html", "annotated.vcf.gz"}
    assert {"notes.tsv", "drugs.tsv", "provenance.json"} <= left
    said = [record.getMessage() for record in caplog.records if "aside" in record.getMessage()]
    assert said == [f"{tmp_path}: set {len(before)} files of a run with other inputs or options aside in set-aside-1"]
    first.write(tmp_path, formats=["tsv"])
    assert {"set-aside-1/checks.tsv", "set-aside-2/drugs.tsv", "checks.tsv"} <= names(tmp_path)


def test_the_same_results_again_are_not_set_aside(fx_files, tmp_path, caplog):
    for _ in range(2):
        lupus_pgx.analyze(fx_files[0], context=CONTEXT).write(tmp_path, formats=["tsv", "html"])
    assert not any(name.startswith("set-aside") for name in names(tmp_path))
    assert "aside" not in caplog.text


def test_an_input_that_is_called_as_results_are_stays(fx_files, tmp_path):
    lupus_pgx.analyze(fx_files[0]).write(tmp_path, formats=["tsv", "vcf"])
    (tmp_path / "link.yaml").symlink_to("checks.csv")
    (tmp_path / "checks.csv").write_text("age: 34\n")
    given = {"context": tmp_path / "link.yaml", "outside_calls": {"A": tmp_path / "markers.csv"}}
    (tmp_path / "markers.csv").write_text("gene,diplotype\nCYP2D6,*1/*4\n")
    lupus_pgx.analyze(tmp_path / "annotated.vcf.gz", genes=GENES, **given).write(tmp_path, formats=["tsv"])
    left = names(tmp_path)
    assert {"annotated.vcf.gz", "annotated.vcf.gz.tbi", "checks.csv", "markers.csv", "checks.tsv"} <= left
    aside = {name for name in left if name.startswith("set-aside-1/")}
    assert "set-aside-1/drugs.tsv" in aside
    assert not aside & {
        f"set-aside-1/{name}" for name in ("annotated.vcf.gz", "annotated.vcf.gz.tbi", "checks.csv", "markers.csv")
    }


def test_an_input_is_not_written_over(fx_files, tmp_path):
    lupus_pgx.analyze(fx_files[0], genes=GENES).write(tmp_path, formats=["tsv"])
    calls = tmp_path / "diplotypes.tsv"
    calls.write_text("gene\tdiplotype\nCYP2D6\t*1/*4\n")
    analysis = lupus_pgx.analyze(fx_files[0], outside_calls={"A": calls})
    before = names(tmp_path)
    with pytest.raises(OutputError, match=r"diplotypes\.tsv: is an input, and would be written over"):
        analysis.write(tmp_path, formats=["tsv"])
    assert names(tmp_path) == before
    analysis.write(tmp_path, formats=["json"])
    assert calls.read_text().endswith("*1/*4\n")


@pytest.mark.parametrize("option", ["-S", "--sex", "--ancestry", "--sample-sheet", "--alignments", "--overlay"])
def test_no_list_or_table_that_was_read_is_written_over(option, fx_files, fx_cli, tmp_path):
    assert fx_cli("analyze", fx_files[0], "--genes", "TPMT", "-o", tmp_path, "--format", "tsv")[0] == 0
    table = tmp_path / "markers.tsv"
    texts = {"-S": "A\n", "--sex": "sample_id\tsex\nA\tfemale\n", "--ancestry": "sample_id\tancestry\nA\tEUR\n"}
    texts["--sample-sheet"] = f"sample_id\tvcf\nA\t{fx_files[0]}\n"
    if option == "--alignments":
        with pysam.AlignmentFile(str(tmp_path / "a.bam"), "wb", header=HEADER):
            pass
        pysam.index(str(tmp_path / "a.bam"))
        texts[option] = f"A\t{tmp_path / 'a.bam'}\n"
    shipped = (DATA / "markers.tsv").read_text().splitlines()
    table.write_text(texts.get(option) or "\n".join([shipped[0], shipped[1], ""]))
    before = table.read_text()
    words = [] if option == "--sample-sheet" else [fx_files[0]]
    given = tmp_path if option == "--overlay" else table
    if option == "--overlay":  # it holds tables alone
        for path in tmp_path.iterdir():
            if path != table:
                path.unlink() if path.is_file() else None
    code, _, err = fx_cli("analyze", *words, option, given, "--genes", "TPMT", "-o", tmp_path, "--format", "tsv")
    assert code == 73, err
    assert "markers.tsv: is an input, and would be written over" in err
    assert table.read_text() == before


def test_a_link_to_results_elsewhere_moves_and_what_it_leads_to_stays(fx_files, tmp_path):
    (tmp_path / "precious").write_text("kept")
    out = tmp_path / "out"
    lupus_pgx.analyze(fx_files[0], context=CONTEXT).write(out, formats=["tsv"])
    (out / "checks.tsv").unlink()
    (out / "checks.tsv").symlink_to(tmp_path / "precious")
    (out / "set-aside-1").symlink_to(tmp_path)
    (out / "options.csv").mkdir()
    lupus_pgx.analyze(fx_files[0]).write(out, formats=["tsv"])
    assert (out / "set-aside-2" / "checks.tsv").is_symlink()
    assert not (out / "checks.tsv").exists()
    assert (out / "options.csv").is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {"precious", "out"}
    assert (tmp_path / "precious").read_text() == "kept"


def test_formats_of_one_run_are_added(fx_files, tmp_path, caplog):
    for name in ("tsv", "json", "html"):
        lupus_pgx.analyze(fx_files[0], context=CONTEXT).write(tmp_path, formats=[name])
    assert {"checks.tsv", "analysis.json", "patients/A.html"} <= names(tmp_path)
    assert "aside" not in caplog.text


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
