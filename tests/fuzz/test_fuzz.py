"""A short run of the fuzzer, and of the inputs that mean harm; ``run.py`` and ``hostile.py`` are the long ones."""

from __future__ import annotations

import subprocess
import sys

import pytest
from trials import run as run_trial

from fuzz import guided, hostile, hostile_other
from fuzz import run as fuzz_run
from fuzz.grammar import CORPUS, KINDS, judged
from fuzz.run import Journal, run


@pytest.mark.parametrize("count", [20, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_changed_at_random_is_an_answer_or_a_sentence(kind, count):
    ends, faults, memory = run(kind, count)
    assert faults == []
    assert sum(ends.values()) == count
    assert memory < 1024
    assert ends["same"] == count if kind == "neutral" else ends["error"] or kind == "carrier"


QUICK = [
    "context/aliases.yaml", "context/alias_itself.yaml", "context/deep.json", "context/deep_long.json", "context/deep_maps.yaml",
    "context/surrogate.json", "context/surrogate_drug.json", "context/control_drug.yaml", "context/bool_tag.yaml",
    "context/long_number.yaml", "context/courses_10000.json", "context/many_conditions.json", "context/many_drugs.json",
    "context/long_amount_spaces.json", "context/dev_zero",
    "calls/deep.json", "calls/bignumber.json", "calls/many_pairs.tsv", "calls/wide.tsv", "calls/long_name.tsv", "calls/control.tsv",
    "calls/quotes.csv", "calls/gzip_bomb.tsv",
    "vcf/same_samples.vcf", "vcf/many_alts.vcf", "vcf/same_record.vcf", "vcf/contig_length.vcf", "vcf/control_sample.vcf",
    "vcf/long_ref.vcf", "vcf/long_name", "vcf/proc_mem", "vcf/no_end.vcf", "bcf/shared_-1.bcf", "bcf/cut_in_record.bcf",
    "bed/huge.bed", "bed/unicode.bed", "bed/bomb_line.bed.gz", "reads/index_place_-1.bam", "reads/cut.bam", "reads/list_long.txt",
    "sheet/nul_path.tsv", "sheet/long_field.csv", "list-S/surrogate.tsv", "overlay/long_cell", "overlay/control",
    "release/check_types2", "release/check_deep", "snapshot/deep_answer", "snapshot/nul", "compare/surrogate.json",
    "run/plan_deep_status", "genome/index_zero",
    "index/tbi_bomb", "index/csi_depth_-1", "folder/provenance.json_pipe", "folder/drugs.tsv_folder", "option/genes_many",
    "option/today_wide", "streams/analyze_out_full", "streams/whatif_all_closed", "meaning/twice.json", "meaning/twice.yaml",
    "reads/reads.bam.bai_pipe", "genome/g.fa.fai_pipe", "genome/index_long", "overlaid/drugs.tsv_pipe",
    "meaning/anchors.yaml", "option/whatif_long", "streams/analyze_err_closed", "folder/analysis.json_pipe",
    "overlay/numbers", "compare/diplotypes.tsv", "release/release.json_pipe", "release/release.json_endless",
    "run/plan.json_pipe", "snapshot/snapshot.json_pipe",
]  # fmt: skip
"""One of each kind of harm, of all inputs; the others are run by the command."""


@pytest.mark.parametrize("name", QUICK)
def test_an_input_that_means_harm_is_refused_in_a_sentence(name, tmp_path):
    ended = run_trial(hostile.CASES[name](tmp_path), tmp_path, hostile.STREAMS.get(name, {}))
    assert list(ended.faults()) == [], ended.err.decode(errors="replace")[-2000:]


def test_there_are_inputs_of_all_kinds():
    assert hostile_other.main is hostile.main  # it has entered its own
    kinds = {name.partition("/")[0] for name in hostile.CASES}
    assert kinds == {
        "context", "calls", "vcf", "bcf", "bed", "reads", "sheet", "list-S", "list--ancestry", "list--sex", "overlay",
        "overlaid", "release", "snapshot", "compare", "run", "genome", "index", "folder", "option", "streams", "meaning",
    }  # fmt: skip
    assert len(hostile.CASES) > 900


def test_a_run_that_is_broken_off_goes_on(tmp_path):
    path = tmp_path / "journal"
    run("snapshot", 5, journal=Journal(path))
    path.write_text(path.read_text() + "snapshot\t7")  # half-written
    before = path.read_text()
    ends, _, memory = run("snapshot", 5, journal=Journal(path))
    assert (sum(ends.values()), path.read_text()) == (5, before)
    assert memory > 0
    path.write_text(f"{before}\nsnapshot\t5\tBUG ValueError\n")
    ends, faults, _ = run("snapshot", 8, journal=Journal(path))
    assert (sum(ends.values()), ends["BUG"], faults) == (8, 1, ["snapshot 5 BUG ValueError"])
    assert run("snapshot", 1000, journal=Journal(path), seconds=0)[0] == ends


HANGS = """
import sys, time
first, count = int(sys.argv[3]), int(sys.argv[4])
said = [f"start {seed}\\nend {seed} error x\\n" for seed in range(first, first + count)]
if first == 0:
    print(said[0] + "start 1", flush=True)
    time.sleep(60)
print("".join(said), end="", flush=True)
"""


def test_a_trial_that_hangs_is_blamed_and_the_next_ones_are_done(monkeypatch, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text(HANGS)
    monkeypatch.setattr(fuzz_run, "__file__", str(worker))
    monkeypatch.setattr(fuzz_run, "SILENCE", 2.0)
    ends, faults, _ = run("snapshot", 3)
    assert (ends, faults) == ({"error": 2, "ENDED": 1}, ["snapshot 1 ENDED by -9"])


def test_a_folder_within_very_many_is_made(tmp_path):
    ended = run_trial(hostile.CASES["folder/to_deep"](tmp_path), tmp_path)
    (found,) = subprocess.run(
        ["find", tmp_path, "-name", "drugs.tsv"], capture_output=True, check=True
    ).stdout.splitlines()
    subprocess.run(["rm", "-rf", tmp_path / "x"], check=True)
    assert (list(ended.faults()), ended.code, found.count(b"/x")) == ([], 0, 1500)


KEPT = [path for kind in KINDS for path in sorted((CORPUS / kind).glob("*"))]


@pytest.mark.every
@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_is_an_answer_or_a_sentence(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind = KINDS[path.parent.name](tmp_path)
    how, said = judged(lambda: kind.given(path.read_bytes()))
    assert not how.isupper(), said


@pytest.mark.parametrize("name", KINDS)
def test_what_is_given_as_bytes_is_read(name, tmp_path, monkeypatch):
    """What the guided fuzzer begins with is no fault; bytes that are no text are an answer or a sentence, too."""
    monkeypatch.chdir(tmp_path)
    kind = KINDS[name](tmp_path)
    begin = kind.begin()
    assert begin
    for data in [*begin[:2], begin[0][:1] + bytes(range(128, 256)), begin[0][:1]]:
        how, said = judged(lambda data=data: kind.given(data))
        assert not how.isupper(), said


def test_without_atheris_nothing_is_guided(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["guided.py", "--seconds", "1"])
    monkeypatch.setattr(guided.importlib.util, "find_spec", lambda name: None)
    assert guided.main() == 0
    assert "atheris is not installed" in capsys.readouterr().out
