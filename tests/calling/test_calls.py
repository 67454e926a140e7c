"""What a gene must be called from a file, row by row: ``tests/calls.tsv``.

Each row says what it follows from: a definition, a published rule, a frequency. It starts from a file in which every
locus of its gene is recorded with the base of GRCh38 on both copies; ``file_changes`` are then applied
(:meth:`builder.VcfBuilder.change`). ``tests/README.md`` says how to add one.
"""

from __future__ import annotations

import csv

import pytest
from builder import VcfBuilder
from helpers import check_each
from places import TESTS

import lupus_pgx

with (TESTS / "calls.tsv").open(encoding="utf-8") as handle:
    ROWS = list(enumerate(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE), 2))

KNOWLEDGE = lupus_pgx.load_knowledge()


def name_of(case) -> str:
    line, row = case
    return f"calls.tsv:{line}: {row['gene']} {row['file_changes'] or 'reference at every locus'} ({row['build']})"


def called(row: dict[str, str], folder) -> tuple[str, str, str]:
    """Return diplotype, status and phenotype of the row's file."""
    gene = row["gene"]
    # A gene without loci (HLA) is asked of a file that holds all others.
    file = VcfBuilder(build=row["build"], genes=(gene,) if gene in KNOWLEDGE.loci_by_gene else None)
    options = dict(item.split("=", 1) for item in row["options"].split())
    path = file.change(*row["file_changes"].split()).stated(options).write(folder / "patient", "vcf")
    analysis = lupus_pgx.analyze(
        path, build=row["build"], genes=[gene], ancestry=row["ancestry"] or None, sex=row["sex"] or None, **options
    )
    (found,) = (
        analysis.diplotypes.to_frame()[["diplotype", "call_status", "phenotype"]].astype(object).fillna("").values
    )
    return tuple(found)


def test_calls(tmp_path):
    def check(case):
        _, row = case
        assert called(row, tmp_path) == (row["diplotype"], row["status"], row["phenotype"])

    check_each(ROWS, check, name_of)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_every_gene_has_a_row_and_every_row_a_source(build):
    def check(case):
        _, row = case
        assert row["source"]
        assert None not in row.values()
        assert None not in row  # more cells than columns

    check_each(ROWS, check, name_of)
    typed = {gene for gene, star in KNOWLEDGE.star_genes.items() if star.typing or star.outside_only}
    assert {row["gene"] for _, row in ROWS} == set(KNOWLEDGE.star_genes)
    assert {row["gene"] for _, row in ROWS if row["build"] == build} >= set(KNOWLEDGE.star_genes) - typed


def test_no_case_stands_twice():
    cases = [
        tuple(row[name] for name in ("file_changes", "build", "options", "ancestry", "sex", "gene")) for _, row in ROWS
    ]
    assert len(set(cases)) == len(cases)


def test_a_wrong_row_is_reported_with_its_line_and_what_is_called_instead(tmp_path):
    (line, row), *_ = [case for case in ROWS if case[1]["file_changes"] == "rs1142345=0/1"]
    wrong = [(line, row), (98, row | {"diplotype": "*1/*1"}), (99, row | {"file_changes": "rs0=0/1"})]

    def check(case):
        assert called(case[1], tmp_path) == (case[1]["diplotype"], case[1]["status"], case[1]["phenotype"])

    with pytest.raises(pytest.fail.Exception) as caught:
        check_each(wrong, check, name_of)
    text = str(caught.value)
    assert text.startswith("2 of 3 cases failed\ncalls.tsv:98: TPMT rs1142345=0/1 (GRCh38): ")
    assert "*1/*3C" in text
    assert "calls.tsv:99: TPMT rs0=0/1 (GRCh38): KeyError: " in text
