"""Options: empty words, files that are not there, words for sex, options that would do nothing, the log file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from builder import VcfBuilder
from helpers import warned

import lupus_pgx
from lupus_pgx.terms import Sex

USAGE, BAD_DATA, NO_INPUT, CANNOT_WRITE = 2, 65, 66, 73
SMALL = ["--genes", "TPMT", "--drugs", "azathioprine"]


@pytest.fixture(scope="module")
def fx_good(tmp_path_factory):
    """A good file of one patient."""
    return VcfBuilder(genes=("TPMT", "G6PD")).write(tmp_path_factory.mktemp("good") / "good")


@pytest.fixture
def fx_refused(fx_cli, fx_good):
    """Run ``analyze`` with options that must be refused; return the sentence."""

    def run(code, *arguments):
        found, out, err = fx_cli("analyze", fx_good, *arguments)
        assert (found, out) == (code, ""), err
        assert err.startswith("lupus-pgx: error: ")
        assert err.count("\n") == 1
        return err.removeprefix("lupus-pgx: error: ").rstrip("\n")

    return run


def command(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "lupus_pgx", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


# Words of nothing.


@pytest.mark.parametrize(
    "option",
    [
        *("-o", "-s", "-S", "--genes", "--drugs", "--format", "--build", "--absent", "--ancestry", "--sex"),
        *("--pass-filter", "--alignments", "--reference", "--called-regions", "--outside-calls", "--context"),
        *("--today", "--overlay", "--log-file"),
    ],
)
@pytest.mark.parametrize("word", ["", " "])
def test_an_empty_word_is_a_usage_error(option, word, fx_refused):
    assert " is empty: " in fx_refused(USAGE, option, word)


@pytest.mark.parametrize("command", ["analyze", "knowledge check", "positions --like", "compare x", "example"])
def test_an_empty_path_is_a_usage_error(command, fx_cli):
    code, out, err = fx_cli(*command.split(), "")
    assert (code, out) == (USAGE, "")
    assert " is empty: " in err


@pytest.mark.parametrize("options", [{"ancestry": ""}, {"sex": " "}, {"pass_filters": [""]}])
def test_an_empty_word_is_a_usage_error_of_the_api(options, fx_good):
    with pytest.raises(lupus_pgx.UsageError, match="empty"):
        lupus_pgx.analyze(fx_good, genes=["TPMT"], **options)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--genes", "TPMT", "--genes", "G6PD"],
            "--genes is given twice: give it once, with its names joined by commas",
        ),
        (["--sex", "F", "--sex", "M"], "--sex is given twice: give it once"),
        (["-o", "a", "--output", "b"], "--output is given twice: give it once"),
    ],
)
def test_an_option_of_which_one_would_be_dropped_is_refused(arguments, words, fx_refused):
    assert fx_refused(USAGE, *arguments) == words


# Files.


@pytest.mark.parametrize("option", ["--sex", "--ancestry"])
@pytest.mark.parametrize("path", ["nosuchfile.tsv", "folder/nosuchfile", "./nosuchfile"])
def test_a_path_in_place_of_a_word_that_leads_nowhere_is_missing(option, path, fx_refused):
    what = option.removeprefix("--")
    words = f"{path}: no such file; expected a table sample<TAB>{what}, or one word for all"
    assert fx_refused(NO_INPUT, option, path) == words


@pytest.mark.parametrize(
    "arguments",
    [
        ["--outside-calls"],
        ["--context"],
        ["--absent", "reference", "--called-regions"],
        ["--alignments"],
        ["--reference"],
        ["-S"],
        ["--overlay"],
    ],
)
def test_a_file_that_is_not_there_is_missing(arguments, fx_refused):
    sentence = fx_refused(NO_INPUT, *arguments, "nosuchfile.tsv")
    assert sentence.startswith("nosuchfile.tsv: ")
    assert "Errno" not in sentence


@pytest.mark.parametrize("name", ["outside_calls", "context", "alignments", "reference_fasta"])
def test_a_file_that_is_not_there_is_missing_in_the_api(name, fx_good):
    with pytest.raises(lupus_pgx.InputMissingError, match=r"nosuchfile\.tsv"):
        lupus_pgx.analyze(fx_good, genes=["TPMT"], **{name: "nosuchfile.tsv"})


# Sex.


@pytest.mark.parametrize(
    ("word", "sex"),
    [
        *((word, Sex.FEMALE) for word in ("F", "f", "Female", "XX", "woman", " female ", "46,XX")),
        *((word, Sex.MALE) for word in ("M", "m", "MALE", "xy", "man")),
    ],
)
def test_a_word_for_sex_is_understood(word, sex, fx_good):
    analysis = lupus_pgx.analyze(fx_good, genes=["G6PD"], sex=word)
    assert analysis.provenance.parameters["sex"] == {analysis.sample_ids[0]: sex.value}


@pytest.mark.parametrize("word", ["unknown", "U", "NA", "n/a"])
def test_a_word_for_nothing_known_leaves_sex_open(word, fx_cli, fx_good, tmp_path):
    assert lupus_pgx.analyze(fx_good, genes=["G6PD"], sex=word).provenance.parameters["sex"] == {}
    assert fx_cli("analyze", fx_good, "--sex", word, *SMALL)[0] == 0


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("1", "numbers mean different things in different tables: write female or male"),
        ("2", "numbers mean different things in different tables: write female or male"),
        ("XXY", "leave it out"),
        ("X0", "leave it out"),
        ("intersex", "leave it out"),
        ("mail", "did you mean male"),
        ("Q", "known: female, male"),
    ],
)
def test_another_word_for_sex_is_refused_with_the_reason(word, words, fx_refused, fx_good):
    assert words in fx_refused(USAGE, "--sex", word)
    with pytest.raises(lupus_pgx.UsageError, match=words):
        lupus_pgx.analyze(fx_good, genes=["G6PD"], sex=word)


# Numbers, and options that do nothing.


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--min-certainty", value) for value in ("nan", "inf", "-inf")),
        *(("--min-allele-fraction", value) for value in ("nan", "inf", "-1", "0.6")),
        *(("--threads", value) for value in ("0", "-1", "1.5", "many", "nan")),
        *(("--min-gq", value) for value in ("nan", "1e9", "1.5")),
    ],
)
def test_a_number_that_means_nothing_is_a_usage_error(option, value, fx_refused):
    assert re.search(option.removeprefix("--").replace("-", "[-_]"), fx_refused(USAGE, option, value))


@pytest.mark.parametrize(
    "options",
    [
        *({"min_certainty": value} for value in (float("nan"), float("inf"))),
        *({"min_allele_fraction": value} for value in (float("nan"), -0.1, 0.6)),
        *({"threads": value} for value in (0, -1, 1.5, True)),
        {"min_gq": -1},
        {"min_dp": float("nan")},
    ],
)
def test_a_number_that_means_nothing_is_a_usage_error_of_the_api(options, fx_good):
    with pytest.raises(lupus_pgx.UsageError, match=next(iter(options))):
        lupus_pgx.analyze(fx_good, genes=["TPMT"], **options)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-q", "-v"], "contradict"),
        (["-v", "-q"], "contradict"),
        (["--format", "xml"], "unknown format 'xml': known: "),
        (["--format", "xml", "-o", "folder"], "unknown format 'xml': known: "),
        (["--format", "html"], "--format would do nothing: it goes with -o DIR"),
        (["--called-regions", "regions.bed"], "would do nothing"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments, words, fx_refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert words in fx_refused(USAGE, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_quiet_before_and_verbose_after_the_command_contradict(fx_cli, fx_good):
    code, _, err = fx_cli("-q", "analyze", fx_good, "-v")
    assert code == USAGE
    assert "contradict" in err


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_change_no_answer(threads, fx_cli, fx_good, tmp_path):
    for number in (1, threads):
        arguments = ["analyze", fx_good, *SMALL, "-o", tmp_path / str(number), "--threads", number]
        code, out, err = fx_cli(*arguments)
        assert (code, out, warned(err)) == (0, "", "")
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == sorted(path.name for path in (tmp_path / str(threads)).iterdir())
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / str(threads) / name).read_bytes()


# The log file.

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (INFO|WARNING|ERROR|DEBUG) \S+: .+")


@pytest.fixture(scope="module")
def fx_empty(tmp_path_factory):
    """A sample without any genotype, of which a warning is said."""
    builder = VcfBuilder(genes=("TPMT",), samples=["A1", "E"])
    for (rec,) in builder.records.values():
        rec.calls[1] = "./."
    return builder.write(tmp_path_factory.mktemp("empty") / "file")


@pytest.mark.parametrize(("option", "shown"), [([], 1), (["-q"], 0)])
def test_the_log_goes_to_a_file_with_date_and_level(option, shown, fx_empty, tmp_path):
    path = tmp_path / "run.log"
    code, _, err = command("analyze", fx_empty, *SMALL, *option, "--log-file", path)
    assert code == 0
    assert len(err.splitlines()) == shown
    lines = path.read_text().splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    assert f"lupus-pgx {lupus_pgx.__version__}: analyze " in lines[0]
    assert any("WARNING" in line and "1 of 2 samples: E" in line for line in lines)


def test_verbose_goes_to_both_and_the_file_alone_adds_nothing_to_stderr(fx_good, tmp_path):
    out = ["-o", tmp_path / "out", "--log-file", tmp_path / "log"]
    code, shown, err = command("analyze", fx_good, *SMALL, *out)
    assert (code, shown, warned(err)) == (0, "", "")
    first = (tmp_path / "log").read_text()
    assert "INFO lupus_pgx: wrote " in first
    code, _, err = command("analyze", fx_good, *SMALL, *out, "-v")
    assert code == 0
    assert "INFO: wrote " in err
    assert (tmp_path / "log").read_text().startswith(first)  # what was there stays


def test_the_sentence_of_a_failure_is_in_the_log(fx_cli, tmp_path):
    code, _, err = fx_cli("analyze", tmp_path / "nowhere.vcf", "--log-file", tmp_path / "log")
    assert code == NO_INPUT
    last = (tmp_path / "log").read_text().splitlines()[-1]
    assert err.removeprefix("lupus-pgx: error: ").rstrip() in last
    assert "ERROR" in last
    assert "exit code 66" in last


@pytest.mark.parametrize("path", ["no/such/folder/log", ".", "given.vcf"])
def test_a_log_that_cannot_be_written_is_refused_before_work(path, fx_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given.vcf").write_text("##fileformat=VCFv4.2\n")
    code, out, err = fx_cli("analyze", "nowhere.vcf", "--log-file", path)
    assert (code, out) == (CANNOT_WRITE, "")
    assert err.startswith(f"lupus-pgx: error: {path}: ")
    assert err.count("\n") == 1
    assert (tmp_path / "given.vcf").read_text() == "##fileformat=VCFv4.2\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_log_without_room_is_refused(fx_good):
    code, out, err = command("analyze", fx_good, *SMALL, "--log-file", "/dev/full")
    assert (code, out) == (CANNOT_WRITE, "")
    assert "No space left" in err
    assert err.count("\n") == 1
