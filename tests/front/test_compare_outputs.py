"""tools/compare_outputs.py: what differs is found, what may differ by design is not."""

from __future__ import annotations

import gzip
import importlib.util
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from places import ROOT

TOOL = ROOT / "tools" / "compare_outputs.py"

SPEC = importlib.util.spec_from_file_location("compare_files", ROOT / "tools" / "compare_files.py")
files = importlib.util.module_from_spec(SPEC)
sys.modules["compare_files"] = files
SPEC.loader.exec_module(files)


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def fx_compare(tmp_path):
    """Write a file on both sides with a function each, and compare: ``compare(name, old, new)``."""

    def compare(name, old, new, words=None):
        for side, content in (("old", old), ("new", new)):
            path = tmp_path / side / name
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True)
            if callable(content):
                content(path)
            elif content is not None:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        masks = [files.Mask((words or {}).get(side)) for side in ("old", "new")]
        count, differences = files.compare_folders(tmp_path / "old", tmp_path / "new", *masks)
        assert count == 1
        return dict(differences).get(name)

    return compare


@pytest.fixture
def fx_checkout(tmp_path):
    """Make a checkout whose library is given as source: ``checkout(name, source)``."""

    def make(name, source):
        package = tmp_path / name / "lupus_pgx"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(source, encoding="utf-8")
        return package.parent

    return make


def answers(text, version):
    return (
        f"__version__ = {version!r}\nclass Patient:\n    explain = staticmethod(str)\n"
        f"    def __str__(self): return {text!r}\ndef respond(calls): return Patient()\n"
    )


def test_a_cell_of_a_table_is_counted_for_its_column(fx_compare):
    table = "sample_id\tdrug\taction\n" + "".join(f"S{number}\tMMF\tstandard\n" for number in range(9))
    found = fx_compare(
        "drugs.tsv", table, table.replace("S1\tMMF\tstandard", "S1\tMMF\tavoid").replace("S4\tMMF", "S4\tX")
    )
    assert found.columns == {"action": 1, "drug": 1}
    assert next(found.lines()) == "2 cells; in 2 of 9 rows"
    assert found.examples == [("row 2, action", "standard", "avoid"), ("row 5, drug", "MMF", "X")]


def test_a_new_column_does_not_hide_a_cell_of_another(fx_compare):
    found = fx_compare("t.tsv", "a\tb\n1\t2\n3\t4\n", "new\ta\tb\n0\t1\t2\n0\t3\t5\n")
    assert found.columns == {"b": 1}
    assert found.examples == [("header", "a\tb", "new\ta\tb"), ("row 2, b", "4", "5")]


def test_rows_are_not_matched_by_position_when_one_side_has_more(fx_compare):
    rows = [f"S{number}\n" for number in range(50)]
    found = fx_compare("t.tsv", "id\n" + "".join(rows), "id\n" + "".join(["first\n", *rows[:20], *rows[21:], "last\n"]))
    assert (found.count, found.notes) == (3, ["1 only in old (51), 2 only in new (52)"])
    assert found.examples == [("", "S20\n", "first\n"), ("", None, "last\n")]


def test_only_the_content_of_a_compressed_file_counts(fx_compare):
    def packed(text, level, mtime):
        return lambda path: path.write_bytes(gzip.compress(text, level, mtime=mtime))

    text = b"##source\n" * 1000
    assert fx_compare("a.vcf.gz", packed(text, 1, 1), packed(text, 9, 2)) is None
    found = fx_compare("a.vcf.gz", packed(text, 1, 1), packed(text[:-2] + b"E\n", 1, 1))
    assert found.examples == [("line 1000", "##source\n", "##sourcE\n")]


def test_a_compressed_file_that_is_cut_off_is_a_difference(fx_compare):
    whole = gzip.compress(b"line\n" * 1000)
    assert "cannot be read" in fx_compare("a.vcf.gz", whole, whole[:-9]).notes[0]


def test_bytes_that_are_no_text_are_not_confused_with_how_they_are_shown(fx_compare):
    found = fx_compare("a.txt", b"caf\xe9\n", rb"caf\udce9" + b"\n")
    assert found.count == 1
    "\n".join(found.lines()).encode()


def test_the_metadata_of_parquet_does_not_count(fx_compare):
    def table(values, about, kind="double", rows=100):
        made = pa.table({"id": list(range(len(values))), "x": pa.array(values, kind)})
        return lambda path: pq.write_table(made.replace_schema_metadata({"version": about}), path, row_group_size=rows)

    values = [1.0, None, float("nan"), 4.0]
    assert fx_compare("t.parquet", table(values, "1"), table(values, "2", rows=2)) is None
    found = fx_compare("t.parquet", table(values, "1"), table([1.0, float("nan"), float("nan"), 4.5], "1"))
    assert found.examples == [("row 2, x", "None", "nan"), ("row 4, x", "4.0", "4.5")]
    found = fx_compare("t.parquet", table([1.0], "1"), table([1.0], "1", "float"))
    assert found.examples == [("schema", "x: double", "x: float")]


def test_a_file_of_one_side_is_a_difference(fx_compare):
    assert fx_compare("a.txt", "1", None).notes == ["only in old"]


def test_of_an_index_only_its_presence_counts(fx_compare):
    assert fx_compare("a.vcf.gz.tbi", "1", "2") is None
    assert fx_compare("a.vcf.gz.tbi", None, "2").count == 1


def test_json_is_compared_by_value(fx_compare):
    old = {"b": 1, "samples": [{"id": "S1", "drugs": [{"action": "avoid"}]}, {"id": "S2", "none": []}], "empty": []}
    new = json.loads(json.dumps(old))
    assert fx_compare("a.json", json.dumps(old), json.dumps(new, indent=1, sort_keys=True)) is None
    new["samples"][0]["drugs"][0]["action"] = "standard"
    new["samples"].append("more")
    del new["empty"], new["samples"][1]["none"]
    found = fx_compare("a.json", json.dumps(old), json.dumps(new))
    assert found.count == 4
    assert {example.where for example in found.examples} < {
        "samples[0].drugs[0].action",
        "samples[1].none",
        "samples[2]",
        "empty",
    }
    assert found.examples[0] == ("samples[0].drugs[0].action", '"avoid"', '"standard"')


def test_what_is_no_json_is_compared_as_text(fx_compare):
    assert fx_compare("a.json", '{"a": 1', '{"a": 2').examples == [("line 1", '{"a": 1', '{"a": 2')]


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 7, 1 << 20])
def test_json_is_read_in_parts_of_any_size(chunk, tmp_path):
    document = {"a": [12345, {"x": ["é", None]}, "],}"], "n": -1.5e-30, "o": {"p": []}, "e": [], "t": True}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    assert list(files.json_parts(path, chunk)) == [
        ("a[0]", 12345),
        ("a[1]", {"x": ["é", None]}),
        ("a[2]", "],}"),
        ("n", -1.5e-30),
        ("o", {"p": []}),
        ("e", []),
        ("t", True),
    ]


def test_version_time_and_folder_are_left_out_and_nothing_else(fx_compare):
    words = {"old": {"/tmp/1": "<run>", "lupus-pgx 1.0": "<v>"}, "new": {"/tmp/22": "<run>", "lupus-pgx 1.1": "<v>"}}
    old = "lupus-pgx 1.0 wrote /tmp/1/a at 2026-01-01T10:00:00Z\nvisit 2026-01-01, 1.0 mg\n"
    new = old.replace("/tmp/1", "/tmp/22").replace("pgx 1.0", "pgx 1.1").replace("10:00", "11:30")
    assert fx_compare("a.txt", old, new, words) is None
    assert fx_compare("a.txt", old, new) is not None
    assert fx_compare("a.txt", old, new.replace("visit 2026-01-01", "visit 2026-01-02"), words).count == 1
    assert fx_compare("a.txt", old, new.replace("1.0 mg", "1.1 mg"), words).count == 1


@pytest.mark.slow
def test_a_checkout_gives_what_it_gives():
    done = run(ROOT, ROOT, "--only", "example-text", "--only", "cli-whatif-versus")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines()[:-1]] == [
        ["same", "inputs-example"],
        ["same", "example-text"],
        ["same", "cli-whatif-versus"],
    ]


@pytest.mark.slow
def test_a_difference_is_shown_and_gives_exit_code_1(fx_checkout, tmp_path):
    old = fx_checkout("one", answers("lupus-pgx 1.0: avoid", "1.0"))
    new = fx_checkout("other", answers("lupus-pgx 2.0: standard", "2.0"))
    kept = tmp_path / "kept"
    done = run(old, new, "--only", "respond", "--keep", kept)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("differ  respond")
    assert "          - lupus-pgx <version>: avoid\n          + lupus-pgx <version>: standard\n" in done.stdout
    assert (kept / "old" / "respond" / "stdout.txt").read_text().startswith("lupus-pgx 1.0: avoid\n")
    assert run(old, fx_checkout("third", answers("lupus-pgx 3: avoid", "3")), "--only", "respond").returncode == 0
    assert run(old, new, "--only", "respond", "--keep", kept).returncode == 2  # would be compared too


@pytest.mark.parametrize(("old", "new"), [(True, False), (False, True), (False, False)])
def test_a_run_that_fails_is_never_the_same(old, new, fx_checkout):
    sources = {True: answers("avoid", "1.0"), False: "__version__ = '1.0'\n"}
    done = run(fx_checkout("one", sources[old]), fx_checkout("other", sources[new]), "--only", "respond")
    assert done.returncode == 1
    said = "fails: AttributeError: module 'lupus_pgx' has no attribute 'respond'"
    assert [f"{side} {said}" in done.stdout for side in ("old", "new")] == [not old, not new]


def test_wrong_usage_gives_exit_code_2(tmp_path):
    for arguments, said in (
        ([ROOT, tmp_path], "is not a checkout"),
        ([ROOT, ROOT, "--only", "nothing"], "no job is called nothing"),
        ([ROOT, ROOT, "--real", tmp_path], "no such file"),
    ):
        done = run(*arguments)
        assert done.returncode == 2
        assert said in done.stderr
