"""Bad input and bad requests: one plain sentence, the documented exit code, nothing half written."""

from __future__ import annotations

import csv
import gzip
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from builder import VcfBuilder
from helpers import warned

import lupus_pgx

USAGE, BAD_DATA, NO_INPUT, CANNOT_WRITE = 2, 65, 66, 73

ODD_NAMES = ["<script>alert(1)</script>", "../../x", "0012", "1e5", "NA", "=cmd()", "a b", "Zoë", 'q"uote']

TABLES = ["variants", "diplotypes", "markers", "drugs", "guidance", "evidence"]


def command(*arguments, data=None):
    """Run the command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "lupus_pgx", *map(str, arguments)], input=data, capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def assert_one_sentence(out, err):
    assert out == ""
    assert err.startswith("lupus-pgx: error: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def damaged(text, change):
    """Return a VCF in which the cells of the third record are changed."""
    lines = text.splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith("#CHROM")) + 3
    lines[number] = "\t".join(change(lines[number].split("\t")))
    return "\n".join(lines) + "\n"


def with_cell(number, value):
    def change(cells):
        return [*cells[:number], value, *cells[number + 1 :]]

    return change


@pytest.fixture(scope="module")
def fx_good(tmp_path_factory):
    """A good file of two samples."""
    return VcfBuilder(samples=["A1", "A2"]).write(tmp_path_factory.mktemp("good") / "good")


@pytest.fixture(scope="module")
def fx_text():
    return VcfBuilder(samples=["A1", "A2"]).text()


@pytest.fixture
def fx_refused(fx_cli, tmp_path):
    """Run ``analyze`` on a file that must be refused, into a folder that must stay away; return stderr."""

    def run(code, *arguments):
        folder = tmp_path / "results"
        found, out, err = fx_cli("analyze", *arguments, "-o", folder)
        assert found == code, err
        assert_one_sentence(out, err)
        assert not folder.exists()
        return err

    return run


# Files.


def test_missing_file(fx_refused, tmp_path):
    assert "nowhere.vcf.gz" in fx_refused(NO_INPUT, tmp_path / "nowhere.vcf.gz")


def test_missing_file_among_good_ones(fx_refused, fx_good, tmp_path):
    assert "nowhere.vcf.gz" in fx_refused(NO_INPUT, fx_good, tmp_path / "nowhere.vcf.gz")


def test_folder_in_place_of_a_file(fx_refused, tmp_path):
    (tmp_path / "folder").mkdir()
    assert "folder" in fx_refused(NO_INPUT, tmp_path / "folder")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"hello world\n",
        b"sample_id\tgene\n",
        b"PK\x03\x04 a spreadsheet",
        b"\x89PNG\r\n\x1a\n",
        b"##fileformat=VCFv4.2\n",
        b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
        b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\nchr6\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\n",
        b"BCF\x02\x02 nothing",
        b"\x1f\x8b\x08\x04 nothing",
    ],
    ids=[
        "empty",
        "line end",
        "prose",
        "other table",
        "zip",
        "image",
        "header only",
        "no samples",
        "no version line",
        "BCF magic only",
        "gzip magic only",
    ],
)
@pytest.mark.parametrize("suffix", ["vcf", "vcf.gz"])
def test_content_that_is_not_a_whole_vcf(content, suffix, fx_refused, tmp_path):
    path = tmp_path / f"file.{suffix}"
    path.write_bytes(content)
    assert str(path) in fx_refused(BAD_DATA, path)


def test_sites_only_file_says_so(fx_refused, fx_text, tmp_path):
    path = tmp_path / "sites.vcf"
    lines = fx_text.splitlines()
    path.write_text("\n".join("\t".join(line.split("\t")[:8]) for line in lines) + "\n")
    assert "no samples" in fx_refused(BAD_DATA, path)


@pytest.mark.parametrize("kind", ["vcf.gz", "bcf"])
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.98])
def test_truncated_compressed_file(kind, index, share, fx_refused, tmp_path):
    path = Path(VcfBuilder(samples=["A1", "A2"]).write(tmp_path / "file", kind, index=index))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert "truncated" in fx_refused(BAD_DATA, path)


@pytest.mark.parametrize("kind", ["vcf.gz", "bcf"])
def test_compressed_file_without_its_last_block(kind, fx_refused, tmp_path):
    path = Path(VcfBuilder(samples=["A1", "A2"]).write(tmp_path / "file", kind))
    path.write_bytes(path.read_bytes()[:-28])
    assert "truncated" in fx_refused(BAD_DATA, path)


@pytest.mark.parametrize("columns", range(1, 10))
def test_plain_text_cut_within_a_record(columns, fx_refused, fx_text, tmp_path):
    """The last line ends after some of the 11 columns; nine hold no genotype yet."""
    path = tmp_path / "cut.vcf"
    lines = fx_text.splitlines()
    path.write_text("\n".join([*lines[:-1], "\t".join(lines[-1].split("\t")[:columns])]))
    assert str(path) in fx_refused(BAD_DATA, path)


@pytest.mark.parametrize("columns", range(1, 11))
def test_record_with_too_few_columns(columns, fx_refused, fx_text, tmp_path):
    path = tmp_path / "few.vcf"
    path.write_text(damaged(fx_text, lambda cells: cells[:columns]))
    assert str(path) in fx_refused(BAD_DATA, path)


def test_record_separated_by_blanks(fx_refused, fx_text, tmp_path):
    path = tmp_path / "blanks.vcf"
    path.write_text(damaged(fx_text, lambda cells: [" ".join(cells)]))
    assert str(path) in fx_refused(BAD_DATA, path)


@pytest.mark.parametrize(
    "change",
    [with_cell(1, "abc"), with_cell(1, ""), with_cell(1, "-5"), with_cell(9, "x/y"), with_cell(3, "")],
    ids=["position abc", "no position", "negative position", "genotype x/y", "no REF"],
)
def test_record_with_a_bad_cell(change, fx_refused, fx_text, tmp_path):
    path = tmp_path / "bad.vcf"
    path.write_text(damaged(fx_text, change))
    assert str(path) in fx_refused(BAD_DATA, path)


def test_plain_gzip(fx_refused, fx_text, tmp_path):
    path = tmp_path / "gzip.vcf.gz"
    with gzip.open(path, "wt") as handle:
        handle.write(fx_text)
    assert "bgzip" in fx_refused(BAD_DATA, path)


def test_duplicate_sample_in_the_header_is_named(fx_refused, fx_text, tmp_path):
    path = tmp_path / "twice.vcf"
    path.write_text(fx_text.replace("FORMAT\tA1\tA2", "FORMAT\tA1\tA1"))
    err = fx_refused(BAD_DATA, path)
    assert "A1" in err
    assert "twice" in err.replace(str(path), "")


def test_message_shows_no_python_values(fx_refused, fx_text, tmp_path):
    path = tmp_path / "cut.vcf"
    path.write_text(fx_text[:150])
    assert "b'" not in fx_refused(BAD_DATA, path)


@pytest.mark.parametrize(("build", "stated"), [("GRCh38", "GRCh37"), ("GRCh37", "GRCh38")])
def test_wrong_build_stated(build, stated, fx_refused, tmp_path):
    err = fx_refused(BAD_DATA, VcfBuilder(build=build).write(tmp_path / "file"), "--build", stated)
    assert build in err
    assert stated in err


def test_unprovable_build_names_the_option(fx_refused, tmp_path):
    builder = VcfBuilder(genes=("FCGR3A",), lengths=False)
    assert "--build" in fx_refused(BAD_DATA, builder.write(tmp_path / "file"))


def test_sample_in_two_files(fx_refused, fx_good):
    assert "'A1'" in fx_refused(BAD_DATA, fx_good, fx_good)


# Requests.


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["--genes", "TPMTT"], "TPMT"),
        (["--genes", "TPMT,NUDT51"], "NUDT15"),
        (["--drugs", "azathioprin"], "azathioprine"),
        (["--drugs", "MMF,tacrolimis"], "tacrolimus"),
        (["-s", "A3"], "A1"),
        (["-s", "a1"], "A1"),
        (["--ancestry", "EURO"], "EUR"),
        (["--absent", "referense"], "reference"),
        (["--build", "GRCh36"], "GRCh37"),
        (["--format", "tvs"], "tsv"),
        (["--absnt", "unknown"], "--absent"),
        (["--min-gq", "high"], "--min-gq"),
        (["--min-gq", "-1"], "--min-gq"),
        (["--min-certainty", "1.5"], "1.5"),
        (["--min-certainty", "nan"], "nan"),
        (["--min-certainty", "0.2"], "0.2"),
    ],
)
def test_bad_request_is_a_usage_error_with_a_hint(arguments, near, fx_refused, fx_good):
    assert near in fx_refused(USAGE, fx_good, *arguments)


@pytest.mark.parametrize("option", ["-s", "--format", "--genes", "--drugs"])
def test_empty_list_is_a_usage_error(option, fx_refused, fx_good):
    fx_refused(USAGE, fx_good, option, "")


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["analyse", "x.vcf"], "analyze"),
        (["analyze"], "VCF"),
        (["explain", "x.vcf"], "--drug"),
        (["positions"], "--build"),
        (["positions", "--build", "mm10"], "GRCh37"),
        (["positions", "--build", "GRCh38", "--format", "bde"], "bed"),
        (["whatif", "TPMT"], "GENE=CALL"),
        (["whatif", "TPMTT=*1/*1"], "TPMT"),
        (["whatif", "TPMT=*1/*1x"], "*1"),
        (["whatif", "TPMT=*1"], "TPMT"),
        (["whatif", "TPMT=*1/*1", "TPMT=*1/*2"], "twice"),
        (["whatif", "FCGR3A=V/X"], "V"),
        (["--loud"], "--loud"),
    ],
)
def test_bad_command_is_a_usage_error_with_a_hint(arguments, near, fx_cli):
    code, out, err = fx_cli(*arguments)
    assert code == USAGE
    assert_one_sentence(out, err)
    assert near in err


def test_unknown_sample_is_told_from_an_unknown_drug(fx_cli, fx_good):
    code, out, err = fx_cli("explain", fx_good, "--drug", "azathioprine", "-s", "A3")
    assert code == USAGE
    assert_one_sentence(out, err)
    assert "sample 'A3'" in err


def test_missing_list_of_samples(fx_refused, fx_good, tmp_path):
    assert "list.txt" in fx_refused(NO_INPUT, fx_good, "-S", tmp_path / "list.txt")


def test_list_of_samples_in_another_encoding(fx_cli, fx_good, tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"A1\xff\xfe\n")
    code, out, err = fx_cli("analyze", fx_good, "-S", path)
    assert code in {BAD_DATA, NO_INPUT}
    assert_one_sentence(out, err)


def test_list_of_samples_names_an_unknown_one(fx_refused, fx_good, tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("A1\nA9\n")
    assert "'A9'" in fx_refused(USAGE, fx_good, "-S", path)


def test_list_of_samples_with_dos_line_ends_is_read(fx_cli, fx_good, tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbfA2\r\n\r\n")
    code, out, _ = fx_cli("analyze", fx_good, "-S", path, "--drugs", "MMF")
    assert code == 0
    assert "A2: GRCh38" in out
    assert "A1: GRCh38" not in out


@pytest.mark.parametrize(("table", "near"), [("A1\tEURO\n", "EUR"), ("A1 EUR\n", "TAB"), ("B7\tEUR\n", "ancestry")])
def test_bad_ancestry_table(table, near, fx_refused, fx_good, tmp_path):
    path = tmp_path / "ancestry.tsv"
    path.write_text(table)
    assert near in fx_refused(USAGE, fx_good, "--ancestry", path)


# Outputs.


@pytest.mark.parametrize("below", ["", "sub", "sub/sub"])
def test_file_where_the_folder_should_be(below, fx_cli, fx_good, tmp_path):
    file = tmp_path / "file"
    file.write_text("kept")
    code, out, err = fx_cli("analyze", fx_good, "-o", file / below)
    assert code == CANNOT_WRITE
    assert_one_sentence(out, err)
    assert file.read_text() == "kept"


def test_file_where_the_example_should_be(fx_cli, tmp_path):
    file = tmp_path / "file"
    file.write_text("kept")
    code, out, err = fx_cli("example", file)
    assert code == CANNOT_WRITE
    assert_one_sentence(out, err)
    assert file.read_text() == "kept"


def test_folder_where_a_result_should_be(fx_cli, fx_good, tmp_path):
    (tmp_path / "out" / "drugs.tsv").mkdir(parents=True)
    code, out, err = fx_cli("analyze", fx_good, "-o", tmp_path / "out")
    assert code == CANNOT_WRITE
    assert_one_sentence(out, err)
    assert "drugs.tsv" in err
    assert not list((tmp_path / "out").glob(".*"))


def test_no_input_is_read_before_the_output_is_refused(fx_cli, tmp_path):
    (tmp_path / "file").write_text("")
    assert fx_cli("analyze", tmp_path / "nowhere.vcf", "-o", tmp_path / "file")[0] == CANNOT_WRITE


# A process of its own.


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["analyze", "nowhere.vcf"], NO_INPUT),
        (["analyze", "."], NO_INPUT),
        (["analyze", __file__], BAD_DATA),
        (["analyze", "nowhere.vcf", "--genes", "TPMTT"], USAGE),
        (["nonsense"], USAGE),
    ],
)
def test_process_fails_with_one_sentence(arguments, code):
    found, out, err = command(*arguments)
    assert found == code
    assert_one_sentence(out, err)


@pytest.mark.parametrize("data", [b"", b"hello\n", b"##fileformat=VCFv4.2\n"])
def test_bad_standard_input(data):
    code, out, err = command("analyze", "-", data=data)
    assert code == BAD_DATA
    assert_one_sentence(out, err)
    assert "lupus_pgx_" not in err  # the name of the temporary copy means nothing to anybody


@pytest.fixture(scope="module")
def fx_half_empty(tmp_path_factory):
    """Sample E has no genotype anywhere."""
    builder = VcfBuilder(samples=["A1", "E"])
    for (rec,) in builder.records.values():
        rec.calls[1] = "./."
    return builder.write(tmp_path_factory.mktemp("half") / "half")


def test_empty_sample_is_a_warning(fx_half_empty):
    code, out, err = command("analyze", fx_half_empty)
    assert code == 0
    assert "E: GRCh38" in out
    assert err.startswith("lupus-pgx: WARNING: ")
    assert "1 of 2 samples: E" in err
    assert err.count("\n") == 1


def test_empty_sample_is_an_error_if_strict(fx_half_empty):
    code, _, err = command("analyze", fx_half_empty, "--strict")
    assert code == BAD_DATA
    assert err.startswith("lupus-pgx: error: ")
    assert "1 of 2 samples: E" in err
    assert err.count("\n") == 1


def test_strict_is_silent_on_a_good_file(fx_good):
    code, _, err = command("analyze", fx_good, "--strict")
    assert (code, err) == (0, "")


@pytest.mark.slow
def test_quiet_drops_the_warning_and_verbose_adds_messages(fx_half_empty, tmp_path):
    quiet, normal, verbose = (
        command(*option, "analyze", fx_half_empty, "-o", tmp_path) for option in (["-q"], [], ["-v"])
    )
    assert [code for code, _, _ in (quiet, normal, verbose)] == [0, 0, 0]
    assert quiet[2] == ""
    assert len(warned(normal[2]).splitlines()) == 1
    assert len(verbose[2].splitlines()) > 1
    assert str(tmp_path) in verbose[2]


# Sample names.


@pytest.fixture(scope="module")
def fx_odd(tmp_path_factory):
    """A cohort with odd sample names, and the folder its results are in."""
    folder = tmp_path_factory.mktemp("odd")
    path = VcfBuilder(samples=ODD_NAMES).write(folder / "in" / "odd")
    lupus_pgx.analyze(path).write(folder / "a" / "b" / "out")
    return folder, path


@pytest.mark.parametrize("table", ["variants", "diplotypes", "markers", "drugs"])
def test_odd_names_stay_text_in_tables(table, fx_odd):
    with (fx_odd[0] / "a" / "b" / "out" / f"{table}.tsv").open(newline="") as handle:
        rows = list(csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert list(dict.fromkeys(row[0] for row in rows[1:])) == ODD_NAMES
    assert {len(row) for row in rows} == {len(rows[0])}


def test_odd_names_stay_text_in_json_and_frames(fx_odd):
    document = json.loads((fx_odd[0] / "a" / "b" / "out" / "analysis.json").read_text())
    assert [sample["sample_id"] for sample in document["samples"]] == ODD_NAMES
    frame = lupus_pgx.analyze(fx_odd[1]).drug_responses.to_frame()
    assert frame.sample_id.drop_duplicates().tolist() == ODD_NAMES


def test_odd_names_write_nothing_outside_the_folder(fx_odd):
    folder = fx_odd[0]
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    expected = {f"a/b/out/{table}.tsv" for table in TABLES} | {"a/b/out/analysis.json", "a/b/out/provenance.json"}
    assert written - {"in/odd.vcf.gz", "in/odd.vcf.gz.tbi"} == expected


@pytest.mark.parametrize("name", ["0012", "1e5", "../../x", "a b"])
def test_odd_names_can_be_asked_for(name, fx_odd, fx_cli):
    code, out, _ = fx_cli("analyze", fx_odd[1], "-s", name, "--drugs", "MMF")
    assert code == 0
    assert f"{name}: GRCh38" in out


def test_numbers_that_look_alike_are_not_the_same_sample(fx_odd, fx_cli):
    assert fx_cli("analyze", fx_odd[1], "-s", "12")[0] == USAGE
    assert fx_cli("analyze", fx_odd[1], "-s", "100000")[0] == USAGE


def test_half_written_results_do_not_stay(fx_good, fx_cli, tmp_path, monkeypatch):
    dumps, calls = json.dumps, []

    def full(*values, **options):
        calls.append(values)
        if len(calls) > 3:  # the file is begun by then
            raise OSError(28, "No space left on device")
        return dumps(*values, **options)

    monkeypatch.setattr("json.dumps", full)
    code, out, err = fx_cli("analyze", fx_good, "-o", tmp_path, "--format", "json")
    assert code == CANNOT_WRITE
    assert_one_sentence(out, err)
    assert "No space left" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        ("> /dev/full", CANNOT_WRITE, "the standard output cannot be written"),
        (">&-", CANNOT_WRITE, "the standard output is closed"),
    ],
)
def test_an_output_that_takes_nothing_is_said(redirected, code, said, tmp_path):
    path = VcfBuilder(genes=("TPMT",)).write(tmp_path / "in")
    command = f"{shlex.quote(sys.executable)} -m lupus_pgx analyze {shlex.quote(path)} --genes TPMT {redirected}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_closed_input_is_missing():
    command = f"{shlex.quote(sys.executable)} -m lupus_pgx analyze - <&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == NO_INPUT
    assert "the standard input is closed" in done.stderr


@pytest.mark.parametrize(
    ("option", "what"),
    [
        ((), "is a folder; expected a VCF"),
        (("--alignments",), "is a folder; alignments are read by place"),
        (("--absent", "reference", "--called-regions"), "is a folder; expected a BED"),
        (("--outside-calls",), "is a directory"),
        (("--context",), "is a directory"),
    ],
)
def test_a_folder_in_the_place_of_a_file(option, what, fx_cli, tmp_path):
    (tmp_path / "folder").mkdir()
    vcf = [VcfBuilder(genes=("TPMT",)).write(tmp_path / "file")] if option else []
    code, out, err = fx_cli("analyze", *vcf, *option, tmp_path / "folder")
    assert (code, out) == (NO_INPUT, "")
    assert f"{tmp_path / 'folder'}: " in err
    assert what in err


@pytest.mark.parametrize("option", ["--ancestry", "--sex"])
@pytest.mark.parametrize("word", [".", "..", "-", "?"])
def test_what_is_no_word_is_refused(option, word, fx_cli, tmp_path):
    vcf = VcfBuilder(genes=("TPMT",)).write(tmp_path / "file")
    code, out, err = fx_cli("analyze", vcf, f"{option}={word}")
    assert (code, out) == (USAGE, "")
    assert "leave it out where it is not known" in err
