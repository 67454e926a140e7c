"""``analyze_cohort`` and ``lupus-pgx cohort``: shards, sheets, runs that are stopped and taken up."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.errors import InputError, OutputError, UnfinishedError, UsageError
from lupus_pgx.knowledge import overlay as lay

TABLES = {
    "variants": ["sample_id", "gene", "locus"],
    "diplotypes": ["sample_id", "gene"],
    "markers": ["sample_id", "gene", "marker"],
    "drugs": ["sample_id", "drug"],
}
FRAMES = {"drugs": "drug_responses"}
GENES = ("TPMT", "NUDT15", "CYP2C9")
CALLS = {"P1": "T/T", "P2": "T/C", "P3": "C/C", "P4": "T/C", "P5": "T/T"}


def single(sample: str, folder: Path) -> str:
    """Write the file of one person, who has or has not TPMT rs1142345."""
    file = VcfBuilder(genes=GENES, samples=[sample]).set("rs1142345", CALLS[sample])
    return file.write(folder / sample, "vcf.gz")


@pytest.fixture
def fx_singles(tmp_path):
    folder = tmp_path / "files"
    return {sample: single(sample, folder) for sample in CALLS}


@pytest.fixture
def fx_merged(tmp_path):
    file = VcfBuilder(genes=GENES, samples=list(CALLS)).set("rs1142345", *CALLS.values())
    return file.write(tmp_path / "merged", "vcf.gz")


def same(run, analysis, tables=tuple(TABLES)) -> None:
    """The rows of a run are those of one analysis; of genotypes, those that are not plain reference."""
    for table in tables:
        keys = TABLES[table]
        found = run.to_frame(table).sort_values(keys).reset_index(drop=True)
        frame = getattr(analysis, FRAMES.get(table, table)).to_frame()
        if table == "variants":
            plain = frame.status.isin(["observed", "assumed_reference"]) & (
                frame.genotype == frame.ref + "/" + frame.ref
            )
            frame = frame[~plain]
        pd.testing.assert_frame_equal(found, frame.sort_values(keys).reset_index(drop=True))


def samples_of(folder: Path) -> dict[str, tuple[str, str]]:
    with (folder / "samples.tsv").open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["sample_id"] or row["file"]: (row["status"], row["reason"]) for row in rows}


def test_files_of_single_samples_give_what_the_merged_file_gives(fx_singles, fx_merged, tmp_path):
    run = lupus_pgx.analyze_cohort(list(fx_singles.values()), tmp_path / "run", batch=2, genes=list(GENES))
    same(run, lupus_pgx.analyze(fx_merged, genes=list(GENES)))
    assert run.status.shards == 3
    assert len(run.files("drugs")) == 3
    assert {status for status, _ in samples_of(run.folder).values()} == {"done"}
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert (manifest["shards"], manifest["samples"]) == (3, 5)


def test_a_file_of_many_samples_is_divided_by_samples(fx_merged, tmp_path):
    run = lupus_pgx.analyze_cohort(fx_merged, tmp_path / "run", shard_samples=2)
    assert run.status.shards == 3
    same(run, lupus_pgx.analyze(fx_merged))


def test_files_with_other_regions_of_the_same_people_belong_together(tmp_path):
    whole = VcfBuilder(samples=["A", "B"]).set("rs1142345", "T/C", "T/T")
    path = whole.write(tmp_path / "whole", "vcf.gz")
    parts = []
    for chrom in ("chr6", "chr13", "chr10"):
        part = VcfBuilder(samples=["A", "B"]).set("rs1142345", "T/C", "T/T")
        part.records = {name: group for name, group in part.records.items() if group[0].chrom == chrom}
        parts.append(part.write(tmp_path / chrom, "vcf.gz"))
    genes = ["TPMT", "NUDT15", "CYP2C9", "CYP2C19"]
    run = lupus_pgx.analyze_cohort(parts, tmp_path / "run", genes=genes)
    assert run.status.shards == 1
    same(run, lupus_pgx.analyze(path, genes=genes), ("diplotypes", "drugs"))


@pytest.mark.parametrize("kind", ["threads", "processes", "own processes"])
def test_who_runs_the_shards_changes_nothing(kind, fx_singles, tmp_path):
    paths = list(fx_singles.values())
    plain = lupus_pgx.analyze_cohort(paths, tmp_path / "plain", batch=2)
    if kind == "own processes":
        other = lupus_pgx.analyze_cohort(paths, tmp_path / "other", batch=2, threads=2)
    else:
        with (ThreadPoolExecutor if kind == "threads" else ProcessPoolExecutor)(2) as executor:
            other = lupus_pgx.analyze_cohort(paths, tmp_path / "other", batch=2, executor=executor)
    for table, keys in TABLES.items():
        one, two = (run.to_frame(table).sort_values(keys).reset_index(drop=True) for run in (plain, other))
        pd.testing.assert_frame_equal(one, two)


def test_a_bad_file_costs_its_own_answer_only(fx_singles, tmp_path, fx_cli):
    broken = tmp_path / "files" / "broken.vcf"
    broken.write_text("this is no VCF\n")
    lost = Path(fx_singles["P3"])
    text = VcfBuilder(genes=GENES, samples=["P3"]).text().replace("\tGT\t", "\tXX\t", 1)
    damaged = lost.with_name("P3-damaged.vcf")
    damaged.write_text(text.replace("0/0\n", "0/zero\n", 3))
    paths = [*(path for name, path in fx_singles.items() if name != "P3"), str(broken), str(damaged)]
    code, out, err = fx_cli("cohort", "run", *paths, "-o", tmp_path / "run", "--genes", "TPMT", "--strict")
    assert code == 65, err
    told = samples_of(tmp_path / "run")
    assert {name for name, (status, _) in told.items() if status == "done"} == {"P1", "P2", "P4", "P5"}
    assert "broken.vcf" in told[str(broken)][1]
    assert told["P3"][0] == "bad"
    assert "damaged" in told["P3"][1]
    assert "no result" in out


def test_a_run_goes_on_where_it_stopped(fx_singles, tmp_path, fx_cli):
    paths = list(fx_singles.values())
    code, out, _ = fx_cli("cohort", "plan", *paths, "-o", tmp_path / "run", "--batch", "2")
    assert (code, out.split()) == (0, ["00001", "00002", "00003"])
    assert fx_cli("cohort", "call", tmp_path / "run", "--shard", "00002")[0] == 0
    code, out, err = fx_cli("cohort", "status", tmp_path / "run")
    assert code == 75
    assert "1 of 3 shards" in out
    assert "missing: 00001, 00003" in out
    assert not (tmp_path / "run" / "manifest.json").exists()
    before = (tmp_path / "run" / "shard=00002" / "drugs.parquet").stat().st_mtime_ns
    (tmp_path / "run" / ".shard=00001.left").mkdir()  # what a kill leaves
    code, out, err = fx_cli("cohort", "run", *paths, "-o", tmp_path / "run", "--batch", "2")
    assert code == 0, err
    assert (tmp_path / "run" / "shard=00002" / "drugs.parquet").stat().st_mtime_ns == before
    assert not list((tmp_path / "run").glob(".shard*"))
    assert fx_cli("cohort", "status", tmp_path / "run")[0] == 0
    assert "set aside" not in err


def test_steps_one_by_one_give_what_a_run_gives(fx_singles, tmp_path, fx_cli):
    paths = list(fx_singles.values())
    one = lupus_pgx.analyze_cohort(paths, tmp_path / "one", batch=3)
    assert fx_cli("cohort", "plan", *paths, "-o", tmp_path / "two", "--batch", "3")[0] == 0
    assert fx_cli("cohort", "call", tmp_path / "two", "--shard", "00002,00001")[0] == 0
    assert fx_cli("cohort", "status", tmp_path / "two")[0] == 0
    for name in ("manifest.json", "samples.tsv", "plan.json"):
        assert (one.folder / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_results_of_another_run_are_set_aside_and_strangers_refused(fx_singles, tmp_path, caplog):
    paths = list(fx_singles.values())
    folder = tmp_path / "run"
    lupus_pgx.analyze_cohort(paths, folder, drugs=["azathioprine"])
    lupus_pgx.analyze_cohort(paths[:2], folder, drugs=["azathioprine"])
    assert "set aside in set-aside-1" in caplog.text
    assert set(samples_of(folder)) == {"P1", "P2"}
    assert set(samples_of(folder / "set-aside-1")) == set(CALLS)
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "thesis.docx").write_text("x")
    with pytest.raises(OutputError, match=r"holds thesis.docx and is no run"):
        lupus_pgx.analyze_cohort(paths, strange)
    assert [path.name for path in strange.iterdir()] == ["thesis.docx"]


def test_an_input_that_changed_makes_another_run(fx_singles, tmp_path, caplog):
    paths = list(fx_singles.values())
    lupus_pgx.analyze_cohort(paths, tmp_path / "run", batch=1, genes=["TPMT"])
    os.utime(paths[0], (1, 1))
    lupus_pgx.analyze_cohort(paths, tmp_path / "run", batch=1, genes=["TPMT"])
    assert "set aside" in caplog.text


def test_an_input_that_changed_behind_a_plan_is_not_called(fx_singles, tmp_path, fx_cli):
    path = fx_singles["P1"]
    assert fx_cli("cohort", "plan", path, "-o", tmp_path / "run")[0] == 0
    os.utime(path, (1, 1))
    code, _, err = fx_cli("cohort", "call", tmp_path / "run", "--shard", "00001")
    assert code == 65
    assert "has changed since the run was planned" in err
    assert [item.name for item in (tmp_path / "run").iterdir()] == ["plan.json"]


# --- sample sheets ------------------------------------------------------------------------------


def sheet(folder: Path, *lines: str) -> Path:
    path = folder / "sheet.tsv"
    path.write_text("\n".join(line.replace(" ", "\t") for line in lines) + "\n", encoding="utf-8")
    return path


def test_a_sheet_states_what_is_known_of_each_sample(fx_singles, tmp_path):
    (tmp_path / "p2.yaml").write_text("pregnancy: true\n")
    (tmp_path / "cyrius.tsv").write_text("Sample\tGenotype\tFilter\nP2\t*4/*4\tPASS\nP5\t*1/*1\tPASS\n")
    path = sheet(
        tmp_path,
        "sample_id vcf sex ancestry context outside_calls",
        f"P1 {fx_singles['P1']} male EUR  ",
        f"P2 {fx_singles['P2']} female EUR p2.yaml cyrius.tsv",
        f"P5 {fx_singles['P5']}  EAS  cyrius.tsv",
    )
    run = lupus_pgx.analyze_cohort(out=tmp_path / "run", sample_sheet=path)
    assert samples_of(run.folder) == dict.fromkeys(("P1", "P2", "P5"), ("done", ""))
    drugs = run.to_frame("drugs").set_index(["sample_id", "drug"])
    assert drugs.loc[("P2", "mycophenolate mofetil")].overall_action == "avoid"
    assert drugs.loc[("P1", "mycophenolate mofetil")].overall_action != "avoid"
    calls = run.to_frame("diplotypes").set_index(["sample_id", "gene"])
    assert calls.loc[("P2", "CYP2D6")].diplotype == "*4/*4"
    assert calls.loc[("P5", "CYP2D6")].diplotype == "*1/*1"
    assert calls.loc[("P1", "CYP2D6")].call_status == "no_call"
    known = json.loads((run.folder / "shard=00001" / "provenance.json").read_text())["provenance"]["parameters"]
    assert known["ancestry"] == {"P1": "EUR", "P2": "EUR", "P5": "EAS"}


def test_a_row_that_does_not_fit_its_file_has_no_result(fx_singles, tmp_path):
    path = sheet(
        tmp_path, "sample_id,vcf".replace(",", " "), f"P1 {fx_singles['P1']}", f"P9 {fx_singles['P2']}", "P3 gone.vcf"
    )
    run = lupus_pgx.analyze_cohort(out=tmp_path / "run", sample_sheet=path)
    told = samples_of(run.folder)
    assert told["P1"] == ("done", "")
    assert "sample P9 (line 3 of the sheet) is not in it; it holds P2" in told["P9"][1]
    assert told["P3"][0] == "bad"
    assert set(run.to_frame("drugs").sample_id) == {"P1"}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["sample vcf", "P1 a.vcf"], "missing: sample_id"),
        (["sample_id vcf sexx", "P1 a.vcf male"], "unknown column 'sexx': did you mean sex?"),
        (["sample_id vcf", "P1 a.vcf", "P1 b.vcf"], "line 3: sample P1 stands in line 2 already"),
        (["sample_id vcf", "P1 a.vcf x"], "line 2: expected 2 cells, found 3"),
        (["sample_id vcf", "P1 "], "line 2: vcf is empty"),
        (["sample_id vcf"], "found a header only"),
    ],
)
def test_a_faulty_sheet_is_one_sentence(lines, words, tmp_path, fx_cli):
    path = sheet(tmp_path, *lines)
    code, _, err = fx_cli("cohort", "run", "--sample-sheet", path, "-o", tmp_path / "run")
    assert code == 65
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_one_analysis_takes_a_sheet_too(fx_singles, tmp_path, fx_cli):
    (tmp_path / "p2.yaml").write_text("pregnancy: true\n")
    lines = [f"P1 {fx_singles['P1']} male EUR  ", f"P2 {fx_singles['P2']} female EUR p2.yaml "]
    header = "sample_id vcf sex ancestry context outside_calls"
    path = sheet(tmp_path, header, *lines)
    run = lupus_pgx.analyze_cohort(out=tmp_path / "run", sample_sheet=path)
    same(run, lupus_pgx.analyze(sample_sheet=path))
    code, _, err = fx_cli("analyze", "--sample-sheet", path, "-o", tmp_path / "out", "--format", "tsv")
    assert code == 0, err
    assert len((tmp_path / "out" / "drugs.tsv").read_text().splitlines()) == len(run.to_frame("drugs")) + 1
    assert fx_cli("analyze", "--sample-sheet", path, fx_singles["P3"])[0] == 2
    assert fx_cli("analyze")[0] == 2
    code, _, err = fx_cli("analyze", "--sample-sheet", path, "--sex", "male")
    assert code == 2
    assert "sex is stated by the sample sheet" in err
    two = sheet(tmp_path, "sample_id vcf build", f"P1 {fx_singles['P1']} GRCh38", f"P2 {fx_singles['P2']} GRCh37")
    code, _, err = fx_cli("analyze", "--sample-sheet", two)
    assert code == 65
    assert "use 'lupus-pgx cohort run'" in err


# --- what goes wrong ----------------------------------------------------------------------------


def test_usage(fx_singles, tmp_path, fx_cli):
    path = fx_singles["P1"]
    assert fx_cli("cohort", "run", "-o", tmp_path / "run")[0] == 2
    assert fx_cli("cohort", "run", path, "--sample-sheet", path, "-o", tmp_path / "run")[0] == 2
    assert fx_cli("cohort", "run", path, "-o", tmp_path / "run", "--genes", "TPMTT")[0] == 2
    assert fx_cli("cohort", "run", path, "-o", tmp_path / "run", "--format", "vcf")[0] == 2
    assert fx_cli("cohort", "run", tmp_path / "none.vcf", "-o", tmp_path / "run")[0] == 65
    assert fx_cli("cohort", "status", tmp_path)[0] == 65
    with pytest.raises(UsageError, match="unknown option 'drug': did you mean drugs"):
        lupus_pgx.analyze_cohort(path, tmp_path / "run", drug=["MMF"])
    lupus_pgx.analyze_cohort(path, tmp_path / "run", drugs=["MMF"])
    code, _, err = fx_cli("cohort", "call", tmp_path / "run", "--shard", "7")
    assert code == 2
    assert "00001 to 00001" in err


def test_a_sample_in_files_that_do_not_belong_together(fx_singles, fx_merged, tmp_path):
    with pytest.raises(InputError, match="sample P1 is in"):
        lupus_pgx.analyze_cohort([fx_singles["P1"], fx_merged], tmp_path / "run")


def test_a_process_reads_the_plan_and_the_overlay_once(fx_singles, tmp_path, monkeypatch):
    """What is of the whole run must not be worked out for each shard: thousands of them would take hours."""
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    lines = [
        "class\tmember\tstrength\tcitation\tchecked\tsource",
        "own\tmethotrexate\t\tACIP table 3-6\tnot read\tliterature",
    ]
    (overlay / "drug_classes.tsv").write_text("\n".join(lines) + "\n")
    read: dict[str, int] = {}
    real = Path.read_text

    def counted(path, *arguments, **named):
        read[path.name] = read.get(path.name, 0) + 1
        return real(path, *arguments, **named)

    monkeypatch.setattr(Path, "read_text", counted)
    files = list(fx_singles.values())
    laid = []
    monkeypatch.setattr(lay, "lay_over", lambda *given, real=lay.lay_over: laid.append(given) or real(*given))
    run = lupus_pgx.analyze_cohort(files, tmp_path / "run", batch=1, genes=GENES, overlay=overlay)
    assert len(run.status.done) == 5
    assert len(laid) == 2  # for the plan, and for all shards
    assert read["plan.json"] == 1
    assert read["shard.json"] == 5  # for the status asked for here: the run knew what its shards say of themselves


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_results_are_for_whom_the_umask_allows(umask, fx_singles, tmp_path):
    """Results of patients must not be readable by more people than the user lets files be, nor by fewer."""
    code = (
        "import os, sys; os.umask(int(sys.argv[1])); import lupus_pgx; os.umask = None\n"
        "formats = ('tsv', 'parquet', 'json', 'html')\n"
        "lupus_pgx.analyze_cohort(sys.argv[3:], sys.argv[2], formats=formats, drugs=['codeine'])"
    )
    folder = tmp_path / "run"
    subprocess.run([sys.executable, "-c", code, str(umask), str(folder), fx_singles["P1"]], check=True)
    seen = {path.is_dir(): set() for path in folder.rglob("*")}
    for path in folder.rglob("*"):
        seen[path.is_dir()].add(path.stat().st_mode & 0o777)
    assert seen == {True: {0o777 & ~umask}, False: {0o666 & ~umask}}


def test_a_damaged_shard_is_said(fx_singles, tmp_path):
    run = lupus_pgx.analyze_cohort(fx_singles["P1"], tmp_path / "run", genes=["TPMT"])
    (run.folder / "shard=00001" / "shard.json").write_text("{")
    with pytest.raises(InputError, match="take the folder away"):
        _ = run.status


class Lazy(ThreadPoolExecutor):
    """An executor that loses all shards but the first."""

    def submit(self, function, *arguments):
        return super().submit(function, *arguments) if arguments[-1] == "00001" else super().submit(lambda: None)


def test_shards_that_an_executor_loses_are_named(fx_singles, tmp_path):
    with Lazy(1) as executor, pytest.raises(UnfinishedError, match=r"2 of 3 shards are missing \(00002, 00003\)"):
        lupus_pgx.analyze_cohort(list(fx_singles.values()), tmp_path / "run", batch=2, executor=executor)
    assert lupus_pgx.CohortRun(tmp_path / "run").status.done == ("00001",)
    assert "1 of 3 shards" in repr(lupus_pgx.CohortRun(tmp_path / "run"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_run_is_taken_up_to_the_same_rows(number, fx_singles, tmp_path):
    paths = list(fx_singles.values())
    whole = lupus_pgx.analyze_cohort(paths, tmp_path / "whole", batch=1)
    command = [sys.executable, "-m", "lupus_pgx", "cohort", "run", *paths, "-o", str(tmp_path / "run"), "--batch", "1"]
    for pause in (0.6, 1.0, 1.4, 1.8):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        process.send_signal(number)
        process.wait(timeout=60)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "run").glob(".*"))
    for name in ("manifest.json", "samples.tsv"):
        assert (tmp_path / "run" / name).read_bytes() == (whole.folder / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_says_so_and_leaves_nothing_half_done(number, fx_singles, tmp_path):
    paths = list(fx_singles.values())
    command = [sys.executable, "-m", "lupus_pgx", "cohort", "run", *paths, "-o", str(tmp_path / "run"), "--batch", "1"]
    for _ in range(5):  # a fast machine may be done before the signal comes
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list((tmp_path / "run").glob(".shard=*")):
            time.sleep(0.001)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        if process.returncode:
            break
    assert process.returncode == 75
    assert "stopped; the same command goes on" in err
    assert len(err.strip().splitlines()) == 1
    assert not list((tmp_path / "run").glob(".*"))
