"""What a cohort run writes: Parquet by pattern, features, compressed text, and a page that names nobody."""

from __future__ import annotations

import gzip
import itertools
import re

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx.errors import InputError, UnfinishedError, UsageError
from lupus_pgx.results.small_cells import hidden_cells

GENES = ["TPMT", "NUDT15", "CYP2C9"]
CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|IMPACT|SYMBOL">'
SAMPLES = [f"S{number:02}" for number in range(24)]


def calls(*some: str) -> list[str]:
    return list(itertools.islice(itertools.cycle(some), len(SAMPLES)))


@pytest.fixture(scope="module")
def fx_cohort(tmp_path_factory):
    """Carriers, unknown genotypes, gaps, and a variant that no allele lists."""
    file = VcfBuilder(genes=GENES, samples=SAMPLES, meta=[CSQ])
    file.set("rs1142345", *calls("T/T", "T/T", "T/T", "T/C", "T/T", "./."))
    file.set("rs116855232", *calls("C/C", "C/C", "C/C", "C/C", "C/T"))
    file.add(Rec("chr6", 18_143_620, "G", "A", calls("0/0", "0/0", "0/1", "0/0"), info="CSQ=A|stop_gained|HIGH|TPMT"))
    folder = tmp_path_factory.mktemp("cohort")
    path = file.write(folder / "in", "vcf.gz")
    options = {"genes": GENES, "ancestry": {sample: ("EUR" if sample < "S12" else "EAS") for sample in SAMPLES[:23]}}
    run = lupus_pgx.analyze_cohort(
        path, folder / "run", shard_samples=10, formats=("parquet", "tsv.gz", "multiqc"), **options
    )
    return run, lupus_pgx.analyze(path, **options)


@pytest.mark.parametrize("table", ["diplotypes", "markers", "drugs", "guidance", "evidence"])
def test_a_run_holds_the_rows_of_one_analysis(table, fx_cohort):
    run, analysis = fx_cohort
    frame = getattr(analysis, {"drugs": "drug_responses"}.get(table, table)).to_frame()
    keys = list(frame.columns)
    found = run.to_frame(table).sort_values(keys).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, frame.sort_values(keys).reset_index(drop=True))
    assert len(run.files(table)) == 3


def test_genotypes_are_written_where_they_are_not_plain_reference(fx_cohort):
    run, analysis = fx_cohort
    frame = analysis.variants.to_frame()
    plain = (frame.status == "observed") & (frame.genotype == frame.ref + "/" + frame.ref)
    expected = frame[~plain].reset_index(drop=True)
    pd.testing.assert_frame_equal(run.to_frame("variants"), expected)
    assert {"observed", "no_call", "unlisted_variant"} == set(expected.status)
    # What is not written is counted: nothing of it is silent.
    told = pd.concat([pd.read_parquet(path) for path in run.files("variants")])
    counts = told.set_index(["sample_id", "gene"]).n_reference
    pd.testing.assert_series_equal(
        counts.sort_index(), plain.groupby([frame.sample_id, frame.gene]).sum().rename("n_reference").sort_index(),
        check_dtype=False,
    )  # fmt: skip
    assert told.n_assumed.eq(0).all()


def test_assumed_genotypes_are_counted_as_such(tmp_path):
    path = VcfBuilder(genes=GENES, samples=["A", "B"]).set("rs1142345", "T/C", "T/T").write(tmp_path / "in", "vcf.gz")
    bed = tmp_path / "looked.bed"
    bed.write_text("".join(f"chr{name}\t0\t400000000\n" for name in (*range(1, 23), "X")))
    options = {"genes": ["TPMT", "CYP2C19"], "absent": "reference", "called_regions": str(bed)}
    run = lupus_pgx.analyze_cohort(path, tmp_path / "run", **options)
    frame = lupus_pgx.analyze(path, **options).variants.to_frame()
    told = pd.concat([pd.read_parquet(item) for item in run.files("variants")]).set_index(["sample_id", "gene"])
    assumed = (frame.status == "assumed_reference").groupby([frame.sample_id, frame.gene]).sum()
    assert told.n_assumed.loc["A", "CYP2C19"] == assumed["A", "CYP2C19"] > 30
    assert not (run.to_frame("variants").status == "assumed_reference").any()


def test_the_same_rows_have_the_same_name_in_every_shard(fx_cohort):
    run, _ = fx_cohort
    for table in ("variants", "evidence"):
        own = [set(pd.read_parquet(path).pattern) for path in run.files(table)]
        assert set.intersection(*own)
        joined = pd.read_parquet(run.folder / f"{table[:-1] if table == 'variants' else table}_patterns.parquet")
        assert not joined.duplicated().any()
        rows = {name for name in set.union(*own) if name in set(joined.pattern)}
        assert rows == set(joined.pattern)


def test_row_groups_hold_one_gene_or_drug_together(fx_cohort, monkeypatch, tmp_path):
    run, analysis = fx_cohort
    monkeypatch.setattr("lupus_pgx.results.shard_tables.ROWS", 1)
    from lupus_pgx.results.shard_tables import write_shard_tables

    write_shard_tables(tmp_path, analysis, "2")
    file = pq.ParquetFile(tmp_path / "drugs.parquet")
    assert file.num_row_groups == len(analysis.results.responses.values)
    place = file.schema_arrow.get_field_index("drug")
    for number in range(file.num_row_groups):
        told = file.metadata.row_group(number).column(place).statistics
        assert told.min == told.max
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "drugs.parquet"),
        run.to_frame("drugs").sort_values(["drug", "sample_id"]).reset_index(drop=True),
    )


def test_features_of_a_run_are_those_of_the_analysis(fx_cohort):
    run, analysis = fx_cohort
    pd.testing.assert_frame_equal(run.features(), analysis.features())
    pd.testing.assert_frame_equal(run.feature_dictionary(), analysis.feature_dictionary())
    assert run.features().isna().any().any()


def test_compressed_text_holds_the_text(fx_cohort, tmp_path):
    run, analysis = fx_cohort
    analysis.write(tmp_path, formats=["tsv"])
    for table in ("drugs", "variants"):
        parts = [gzip.decompress(path.read_bytes()).decode() for path in sorted(run.folder.glob(f"*/{table}.tsv.gz"))]
        body = "".join(text.partition("\n")[2] for text in parts)
        assert parts[0].partition("\n")[0] + "\n" + body == (tmp_path / f"{table}.tsv").read_text()


def test_a_shard_written_twice_is_the_same_bytes(fx_cohort, tmp_path):
    _, analysis = fx_cohort
    for name in ("one", "two"):
        analysis.write(tmp_path / name, formats=["tsv.gz"])
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


# --- the page -----------------------------------------------------------------------------------


def counts_of(run, name="cohort_counts.tsv"):
    return pd.read_csv(run.folder / name, sep="\t", dtype=str, keep_default_na=False)


def test_the_page_counts_by_ancestry_and_names_nobody(fx_cohort):
    run, analysis = fx_cohort
    run.write_page(min_cell=1)
    page, counts = (run.folder / "cohort.html").read_text(), counts_of(run)
    assert not any(sample in page for sample in SAMPLES)
    assert "not fit to leave the house" in page
    drugs = analysis.drug_responses.to_frame()
    groups = drugs.sample_id.map(analysis.ancestry).astype(str).where(drugs.sample_id < "S23", "not given")
    chosen = (drugs.drug == "azathioprine") & (drugs.action == "reduce_dose")
    line = (
        counts[(counts.name == "azathioprine") & (counts.value == "reduce dose")]
        .set_index("group")["count"]
        .astype(int)
    )
    assert line["all"] == chosen.sum() > 0
    for group in ("EUR", "EAS", "not given"):
        assert line.get(group, 0) == (chosen & (groups == group)).sum()


def test_small_cells_are_hidden_and_so_is_what_gives_them_away(fx_cohort):
    run, _ = fx_cohort
    run.write_page(min_cell=5)
    counts = counts_of(run)
    shown = counts[~counts["count"].isin(["<5", "hidden"])]
    assert not shown["count"].astype(int).between(1, 4).any()
    assert (counts["count"] == "<5").any()
    assert (counts["count"] == "hidden").any()
    # A group of one is in a group with others.
    assert "not given" not in set(counts.group)
    page = (run.folder / "cohort.html").read_text()
    assert "Counts from 1 to 4 are not shown" in page


def test_a_cohort_of_a_few_says_why_no_count_is_shown_and_how_to_see_them(fx_cli, tmp_path):
    path = VcfBuilder(genes=GENES, samples=["A", "B", "C"]).set("rs1142345", "T/C", "T/T", "T/T").write(tmp_path / "in")
    folder = tmp_path / "run"
    assert fx_cli("cohort", "run", path, "-o", folder)[0] == 0
    page = (folder / "cohort.html").read_text()
    assert not re.findall(r"&lt;\d+|hidden\b(?=</td>)", page)
    assert '<p class="notice" role="note">No counts are shown: of fewer than 10 people' in page
    assert not re.search('href="#(drugs|phenotypes|markers)"', page)
    # The command that the page names shows them.
    (options,) = re.findall(r"<code>lupus-pgx cohort page DIR (.*?)</code>", re.sub("</?span[^>]*>", "", page))
    assert fx_cli("cohort", "page", folder, *options.split())[0] == 0
    page = (folder / "cohort.html").read_text()
    assert "azathioprine" in page
    assert "not fit to leave the house" in page
    assert "No counts are shown" not in page
    counts = counts_of(lupus_pgx.CohortRun(folder))
    assert set(counts[counts.name == "azathioprine"]["count"]) == {"1", "2"}


def test_any_column_groups_samples(fx_cohort, tmp_path, fx_cli):
    run, _ = fx_cohort
    table = tmp_path / "groups.tsv"
    lines = [f"{sample}\t{'A' if number % 2 else 'B'}\tIV" for number, sample in enumerate(SAMPLES)]
    table.write_text("\n".join(["sample_id\tsite\tnephritis class", *lines]) + "\n")
    code, out, err = fx_cli("cohort", "page", run.folder, "--groups", table, "--min-cell", "1")
    assert code == 0, err
    assert out.split() == [
        str(run.folder / name)
        for name in (
            "cohort-site.html", "cohort_counts-site.tsv",
            "cohort-nephritis_class.html", "cohort_counts-nephritis_class.tsv",
        )
    ]  # fmt: skip
    counts = counts_of(run, "cohort_counts-site.tsv")
    chosen = counts[(counts.name == "azathioprine") & (counts.group != "all")]
    assert chosen.groupby("group")["count"].apply(lambda cells: cells.astype(int).sum()).to_dict() == {"A": 12, "B": 12}
    table.write_text("sample\tsite\nS01\tA\n")
    with pytest.raises(InputError, match="expected the columns sample_id"):
        run.write_page(table)


def test_no_page_of_a_run_that_is_not_whole_or_has_no_parquet(fx_cohort, tmp_path):
    path = VcfBuilder(genes=GENES, samples=["A"]).write(tmp_path / "in", "vcf.gz")
    run = lupus_pgx.analyze_cohort(path, tmp_path / "text", formats=("tsv",), genes=GENES)
    with pytest.raises(UsageError, match="made from Parquet"):
        run.write_page()
    lupus_pgx.cohorts.cohort.plan_cohort(path, tmp_path / "planned", genes=GENES)
    with pytest.raises(UnfinishedError, match="no page yet"):
        lupus_pgx.CohortRun(tmp_path / "planned").write_page()


@pytest.mark.parametrize("seed", range(40))
def test_what_is_hidden_cannot_be_worked_out(seed):
    """From what is shown and the sums, no hidden cell follows, nor that hidden ones together are few."""
    random = np.random.default_rng(seed)
    groups = random.integers(1, 5)
    counts = random.choice([0, 1, 3, 9, 20, 400], (random.integers(1, 6), groups))
    if groups > 1:
        counts = np.column_stack([counts.sum(axis=1), counts])
    hidden = hidden_cells(counts, 10)
    assert hidden[(counts > 0) & (counts < 10)].all()
    lines = [*zip(counts.T, hidden.T, strict=True), *(zip(counts, hidden, strict=True) if groups > 1 else ())]
    for line, away in lines:
        if away.any() and (line[~away] > 0).any():
            assert away.sum() > 1
            assert line[away].sum() >= 10
    assert not hidden[counts == 0].any()


def test_a_call_from_elsewhere_that_is_not_settled_has_its_structure(tmp_path):
    """A lab that leaves two pairs open has looked at copies and hybrids; a call of ours has not."""
    vcf = VcfBuilder(samples=["LAB", "FILE"], genes=["CYP2D6"]).write(tmp_path / "in")
    calls = tmp_path / "calls.tsv"
    calls.write_text("sample_id\tgene\tdiplotype\nLAB\tCYP2D6\t*1/*2;*1/*4\n", encoding="utf-8")
    asked = {"genes": ["CYP2D6"], "drugs": ["codeine"], "outside_calls": calls}
    run = lupus_pgx.analyze_cohort(vcf, tmp_path / "run", **asked)
    frame = run.to_frame("diplotypes").set_index("sample_id")
    assert dict(frame.call_status) == {"LAB": "ambiguous", "FILE": "probable"}
    counts = counts_of(run)
    assert counts.value[counts.what == "phenotype"].str.contains("structure not assessed").sum() == 1
