"""Notices have a kind, are said once on a terminal, and what is counted agrees with its number."""

from __future__ import annotations

import json
import pickle
import re

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.terms import NoticeKind
from lupus_pgx.words.lines import counted
from lupus_pgx.words.remedies import Notice, contradicted_text, not_believed_text, sparse_text, variant_only_text

PLURAL = re.compile(
    r"(?<![\d,.])1 (samples|files|drugs|shards|genes|rows|loci|options|markers|gaps|conditions|facts)\b"
)


@pytest.mark.parametrize(
    ("notice", "kind"),
    [
        (variant_only_text("3", 5, "GRCh38"), NoticeKind.VARIANT_ONLY),
        (sparse_text(0.2, 1.1), NoticeKind.SPARSE),
        (not_believed_text({"TPMT": ("why", 1)}, 1), NoticeKind.NOT_BELIEVED),
        (contradicted_text({"TPMT *1/*1": 1}, 1), NoticeKind.CONTRADICTED),
    ],
)
def test_a_notice_knows_what_it_is_about_and_stays_a_text(notice, kind):
    assert notice.kind is kind
    copy = pickle.loads(pickle.dumps(notice))
    assert (copy, copy.kind) == (notice, kind)
    assert json.loads(json.dumps([notice])) == [str(notice)]
    assert kind.logged is (kind is NoticeKind.NOT_BELIEVED)


def test_genes_stand_together_by_reason_and_samples_are_counted_where_there_are_several():
    found = {"TPMT": ("a", 2), "NUDT15": ("b", 1), "G6PD": ("a", 2)}
    assert "TPMT, G6PD (2 of 3 samples): a; NUDT15 (1 of 3 samples): b." in not_believed_text(found, 3)
    assert "TPMT, G6PD: a; NUDT15: b." in not_believed_text(dict.fromkeys(found, ("b", 1)) | found, 1)


@pytest.mark.parametrize("words", [("analyze",), ("analyze", "--full"), ("explain", "--drug", "azathioprine")])
def test_a_terminal_says_once_that_a_statement_was_not_believed(words, fx_cli, fx_example, tmp_path):
    path, log = fx_example["variant_only.GRCh38.vcf.gz"], tmp_path / "log.txt"
    command = [words[0], path, *words[1:], "--absent", "reference", "--log-file", log]
    code, out, err = fx_cli(*command)
    assert code == 0
    assert (f"{out} {err}").count("was not believed everywhere") == 1
    assert "was not believed everywhere" in out
    assert log.read_text().count("was not believed everywhere") == 1


def test_the_next_command_says_it_again(fx_cli, fx_example, tmp_path, caplog):
    path = fx_example["variant_only.GRCh38.vcf.gz"]
    fx_cli("analyze", path, "--absent", "reference")
    assert "was not believed everywhere" not in caplog.text
    fx_cli("analyze", path, "--absent", "reference", "-o", tmp_path / "out")
    assert caplog.text.count("was not believed everywhere") == 1


def test_the_api_logs_it_and_keeps_it(fx_example, caplog):
    analysis = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"], absent="reference")
    (notice,) = analysis.provenance.notices
    assert isinstance(notice, Notice)
    assert notice.kind is NoticeKind.NOT_BELIEVED
    assert str(notice) in caplog.text


@pytest.fixture(scope="module")
def fx_family(tmp_path_factory):
    """A file of three people that lists few loci."""
    builder = VcfBuilder(samples=["A", "B", "C"], genes=("TPMT",)).set("rs1142345", "T/C", "T/T", "T/C")
    return builder.write(tmp_path_factory.mktemp("family") / "family")


@pytest.mark.parametrize("words", [("analyze",), ("analyze", "--full"), ("explain", "--drug", "azathioprine")])
@pytest.mark.parametrize("options", [(), ("--absent", "reference")])
def test_what_is_of_all_patients_is_said_once_before_the_first(words, options, fx_cli, fx_family):
    code, out, _ = fx_cli(words[0], fx_family, *words[1:], *options)
    assert code == 0
    assert out.count("NOTE") == 1
    assert out.startswith("NOTE (all 3 patients): ")
    assert out.count("docs/force-calling.md") == (not options)
    assert out.index("NOTE") < min(out.index(name) for name in ("A:", "for A") if name in out)


def test_one_patient_of_several_keeps_its_notice(fx_cli, fx_family):
    assert "NOTE: This file holds few" in fx_cli("analyze", fx_family, "-s", "B")[1]
    analysis = lupus_pgx.analyze(fx_family)
    assert str(analysis.patient("B")).count("NOTE: ") == 1
    html = analysis._repr_html_()
    assert html.count("This file holds few") == 1
    assert html.index("All 3 patients: This file holds few") < html.index("<details")


def test_what_was_read_of_a_context_is_said_once_for_all_shards(fx_cli, tmp_path):
    files = [VcfBuilder(samples=[name], genes=("TPMT",)).write(tmp_path / name) for name in "ABC"]
    context = tmp_path / "context.tsv"
    context.write_text("sample_id\tegfr\nA\t80\nB\t90\nC\t70\n", encoding="utf-8")
    log = tmp_path / "log.txt"
    options = ("--batch", "1", "--format", "tsv", "--context", context, "--log-file", log)
    code, out, _ = fx_cli("cohort", "run", *files, "-o", tmp_path / "run", *options)
    assert code == 0
    assert "3 of 3 shards are whole" in out
    assert log.read_text().count("egfr: 80: read as 80 mL/min/1.73m2 (and likewise of 2 more patients: B, C)") == 1
    fx_cli("analyze", files[0], "--context", context, "--log-file", log)
    assert log.read_text().count("egfr: 80: read as 80") == 2


def test_what_a_file_contradicts_stands_with_whose_calls_they_are(fx_cli, tmp_path):
    path = VcfBuilder(samples=["A", "B", "C"]).write(tmp_path / "three")
    calls = tmp_path / "calls.tsv"
    rows = (("A", "TPMT", "*3A/*3A"), ("B", "TPMT", "*3A/*3A"), ("C", "NUDT15", "*3/*3"))
    calls.write_text("\n".join(["sample_id\tgene\tdiplotype", *map("\t".join, rows)]))
    out = fx_cli("analyze", path, "--outside-calls", calls)[1]
    once, _, rest = out.partition("A: GRCh38")
    assert "NOTE (2 of 3 patients: A, B): The file contradicts calls" in once
    assert once.count("NOTE") == rest.count("NOTE") == 1
    assert rest.index("C: GRCh38") < rest.index("NOTE: The file contradicts calls")


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 samples"), (1, "1 sample"), (2, "2 samples"), (3202, "3,202 samples")]
)
def test_a_word_agrees_with_its_number(number, text):
    assert counted(number, "sample") == text


def test_nothing_of_one_sample_is_called_samples(fx_cli, fx_example, tmp_path):
    path = fx_example["variant_only.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(path)
    analysis.write(tmp_path / "one", formats=["html", "html-short", "json"])
    texts = [str(analysis), repr(analysis), repr(analysis.provenance), analysis.to_summary(), analysis._repr_html_()]
    texts += [repr(analysis.patient(analysis.sample_ids[0])), repr(analysis.drug_responses)]
    texts += [page.read_text() for page in (tmp_path / "one").rglob("*.html")]
    cohort = ["cohort", "run", path, "-o", tmp_path / "cohort"]
    texts += [*map(str, fx_cli(*cohort)), *map(str, fx_cli("cohort", "status", tmp_path / "cohort"))]
    plan = ("cohort", "plan", path, "-o", tmp_path / "plan")
    texts += map(str, fx_cli(*plan))
    shard = next((tmp_path / "plan").rglob("*.json"), None)
    assert shard is not None
    texts += [repr(lupus_pgx.analyze_cohort(path, tmp_path / "again"))]
    for text in texts:
        assert not PLURAL.search(re.sub(r"<[^>]+>", "", text)), PLURAL.search(re.sub(r"<[^>]+>", "", text))
