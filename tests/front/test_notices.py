"""Notices have a kind, are said once on a terminal, and what is counted agrees with its number."""

from __future__ import annotations

import json
import pickle
import re

import pytest

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
