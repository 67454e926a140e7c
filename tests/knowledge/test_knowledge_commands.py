"""``lupus-pgx knowledge list | check | diff``."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

import lupus_pgx

DATA = Path(lupus_pgx.__file__).parent / "data"
SHIPPED = lupus_pgx.load_knowledge()


@pytest.fixture
def fx_copy(tmp_path):
    """A full set of tables that may be changed."""
    copy = tmp_path / "tables"
    shutil.copytree(DATA, copy)
    return copy


def edit(folder, table, old, new):
    path = folder / f"{table}.tsv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- list ---------------------------------------------------------------------------------------


def test_list_shows_every_table_with_rows_and_sources(fx_cli):
    code, out, err = fx_cli("knowledge", "list")
    assert (code, err) == (0, "")
    assert out.startswith(f"Data release {SHIPPED.release}\n")
    listed = out.partition("\nsources\n  ")[0]
    lines = {line.split()[0]: line.split() for line in listed.splitlines() if line.strip()}
    for name, table in SHIPPED.tables.items():
        assert lines[name][1:5] == [str(len(table.rows)), "0", SHIPPED.dates[name], SHIPPED.checksums[name][:12]]
    for row in SHIPPED.rows("sources"):
        seen = f"; as of {row['as_of']}" if row["as_of"] else ""
        assert (
            f"  {row['source']}: {row['name']}, {row['version']}{seen}; licence: {row['licence']}; {row['url']}\n"
            in out
        )


def test_list_as_a_table(fx_cli):
    _, out, _ = fx_cli("knowledge", "list", "--format", "tsv")
    header, *rows = [line.split("\t") for line in out.splitlines()]
    assert header == ["table", "rows", "overlay_rows", "sha256", "sources", "licences", "date"]
    assert [row[0] for row in rows] == sorted(SHIPPED.tables)
    for row in rows:
        assert row[3] == hashlib.sha256((DATA / f"{row[0]}.tsv").read_bytes()).hexdigest()
    guidance = next(row for row in rows if row[0] == "guidance")
    assert guidance[4].split(";") == sorted({row["guideline"] for row in SHIPPED.rows("guidance")})
    assert "CC0" in guidance[5]
    assert guidance[6] == SHIPPED.dates["guidance"]


@pytest.mark.parametrize("command", [["list"], ["diff", "shipped", "shipped"]])
def test_an_unknown_form_is_a_usage_error(command, fx_cli):
    code, out, err = fx_cli("knowledge", *command, "--format", "tvs")
    assert (code, out) == (2, "")
    assert "tsv" in err


# --- check --------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], [str(DATA)]])
def test_shipped_tables_pass(arguments, fx_cli):
    rows = sum(len(table.rows) for table in SHIPPED.tables.values())
    code, out, err = fx_cli("knowledge", "check", *arguments)
    *gaps, last = out.splitlines()
    assert (code, last, err) == (0, f"{len(SHIPPED.tables)} tables, {rows:,} rows: no fault", "")
    # What siblings of a drug class have and a member lacks is named, and is no fault.
    assert all(gap.startswith(("not looked at: ", "replaced in ")) for gap in gaps)
    assert gaps == sorted(gaps)


def test_a_changed_full_set_is_checked_by_itself(fx_copy, fx_cli):
    row = "CPIC-azathioprine-NUDT15-PM\tazathioprine\tCPIC\t2025\tNUDT15=Poor Metabolizer\t"
    (line,) = [n for n, item in enumerate(SHIPPED.rows("guidance"), 2) if item["rule"] == row.partition("\t")[0]]
    edit(fx_copy, "guidance", f"{row}avoid\t", f"{row}escape\t")
    code, out, err = fx_cli("knowledge", "check", fx_copy)
    assert code == 65
    first, second = out.splitlines()
    assert first == (
        f"{fx_copy}/guidance.tsv:1: is not the table of release.json: "
        "run `python tools/seal_tables.py` after a wanted change"
    )
    assert second.startswith(f"{fx_copy}/guidance.tsv:{line}: action=escape: expected one of standard, avoid,")
    assert err.count("\n") == 1


def test_an_overlay_is_checked_with_what_it_replaces(tmp_path, fx_cli):
    lines = (DATA / "guidance.tsv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "guidance.tsv").write_text("\n".join(lines[:3]) + "\n", encoding="utf-8")
    expected = "guidance: 2 rows in place of 2 shipped\n1 table, 2 rows: no fault\n"
    assert fx_cli("knowledge", "check", tmp_path) == (0, expected, "")


@pytest.mark.parametrize(
    "command", [["check", "nowhere"], ["diff", "nowhere", "shipped"], ["diff", "shipped", "nowhere"]]
)
def test_a_folder_that_is_not_there_is_missing_input(command, fx_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = fx_cli("knowledge", *command)
    assert (code, out) == (66, "")
    assert "nowhere" in err


def test_a_broken_release_file_is_named(fx_copy, fx_cli):
    (fx_copy / "release.json").write_text("{}")
    code, _, err = fx_cli("knowledge", "check", fx_copy)
    assert code == 65
    assert "release.json" in err


def test_a_table_of_the_release_that_is_gone_is_named(fx_copy, fx_cli):
    (fx_copy / "markers.tsv").unlink()
    code, _, err = fx_cli("knowledge", "check", fx_copy)
    assert code == 65
    assert "markers.tsv" in err


# --- diff ---------------------------------------------------------------------------------------


def test_equal_folders_do_not_differ(fx_copy, fx_cli):
    assert fx_cli("knowledge", "diff", "shipped", fx_copy) == (0, "no difference\n", "")
    assert fx_cli("knowledge", "diff", fx_copy, "shipped", "--format", "tsv")[1].count("\n") == 1


def test_an_overlay_is_compared_as_it_is_laid_over_a_release(fx_cli, tmp_path):
    header = "gene\tallele\tfunction\tactivity_value\trelease\tsource"
    (tmp_path / "allele_function.tsv").write_text(f"{header}\nTPMT\t*3A\tNormal function\t\t2026-11-01\tPharmCAT\n")
    for old, new, said in (
        ("shipped", tmp_path, "No function -> Normal function"),
        (tmp_path, "shipped", "Normal function -> No function"),
    ):
        out = fx_cli("knowledge", "diff", old, new)[1].splitlines()
        assert out[:3] == ["allele_function: 1 changed", "~ gene=TPMT, allele=*3A", f"    function: {said}"]
        assert all(line.startswith("    ") for line in out[3:])


def test_rows_that_state_one_fact_together_are_compared_together(fx_cli, tmp_path):
    """Of a gene whose counts in a population an overlay gives, the other counts are gone."""
    header = "gene\tpopulation\tallele\tcount\ttotal\tsource"
    rows = [f"TPMT\tEUR\t{allele}\t{count}\t1000\t1000-Genomes" for allele, count in (("*1", 990), ("other", 10))]
    (tmp_path / "haplotype_frequencies.tsv").write_text("\n".join([header, *rows]) + "\n")
    out = fx_cli("knowledge", "diff", "shipped", tmp_path)[1]
    rows = [row for row in SHIPPED.rows("haplotype_frequencies") if (row["gene"], row["population"]) == ("TPMT", "EUR")]
    gone = {row["allele"] for row in rows} - {"*1", "other"}
    assert gone
    assert all(f"- gene=TPMT, population=EUR, allele={allele}" in out for allele in gone)
    assert "population=AFR" not in out


def test_rows_are_compared_cell_by_cell(fx_copy, fx_cli):
    path = fx_copy / "missing_policy.tsv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    source = first.rpartition("\t")[2]
    changed = first.replace("\tnever\t", "\tsometimes\t").removesuffix(source)
    added = "TPMT\trs1\tnever\tno reason\tliterature"
    path.write_text("\n".join([header, changed, *rest[1:], added]) + "\n", encoding="utf-8")
    gene, locus, *_ = first.split("\t")
    gone = dict(zip(header.split("\t"), rest[0].split("\t"), strict=True))
    code, out, err = fx_cli("knowledge", "diff", "shipped", fx_copy)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "missing_policy: 1 added, 1 removed, 1 changed",
        f"~ gene={gene}, locus={locus}",
        "    policy: never -> sometimes",
        f"    source: {source} -> (empty)",
        f"- gene={gone['gene']}, locus={gone['locus']}",
        f"    policy: {gone['policy']}",
        f"    reason: {gone['reason']}",
        f"    source: {gone['source']}",
        "+ gene=TPMT, locus=rs1",
        "    policy: never",
        "    reason: no reason",
        "    source: literature",
    ]
    table = [
        line.split("\t") for line in fx_cli("knowledge", "diff", "shipped", fx_copy, "--format", "tsv")[1].splitlines()
    ]
    assert table[0] == ["table", "change", "key", "column", "old", "new"]
    assert table[1] == ["missing_policy", "changed", f"gene={gene}, locus={locus}", "policy", "never", "sometimes"]
    assert table[-1] == ["missing_policy", "added", "gene=TPMT, locus=rs1", "source", "", "literature"]
    assert len(table) == 9


def test_the_order_of_rows_and_line_ends_do_not_matter(fx_copy, fx_cli):
    path = fx_copy / "drugs.tsv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_bytes("\r\n".join([header, *reversed(rows), ""]).encode())
    assert fx_cli("knowledge", "diff", "shipped", fx_copy)[1] == "no difference\n"


def test_a_new_table_and_a_new_column_are_shown(fx_copy, tmp_path, fx_cli):
    old = tmp_path / "old"
    shutil.copytree(fx_copy, old)
    (old / "contigs.tsv").unlink()
    lines = (old / "missing_policy.tsv").read_text(encoding="utf-8").splitlines()
    place = lines[0].split("\t").index("reason")
    cut = ["\t".join(cell for n, cell in enumerate(line.split("\t")) if n != place) for line in lines]
    (old / "missing_policy.tsv").write_text("\n".join(cut) + "\n", encoding="utf-8")
    _, out, _ = fx_cli("knowledge", "diff", old, fx_copy)
    assert f"contigs: {len(SHIPPED.rows('contigs'))} added\n" in out
    assert f"missing_policy: {len(SHIPPED.rows('missing_policy'))} changed\n" in out
    assert f"    reason: (empty) -> {SHIPPED.rows('missing_policy')[0]['reason']}\n" in out


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("genes", "chrom\nchr1\n", r"genes.tsv:1: expected the key columns gene; missing: gene"),
        ("genes", "gene\tchrom\nA\n", r"genes.tsv:2: expected 2 cells joined by tabs, found 1"),
        ("genes", "gene\tchrom\nA\tx\nA\ty\n", r"genes.tsv:3: expected each gene once; A stands twice"),
        ("nonsense", "gene\nA\n", r"nonsense.tsv: no knowledge table is called nonsense"),
    ],
)
def test_what_cannot_be_compared_is_named(table, text, message, tmp_path, fx_cli):
    (tmp_path / f"{table}.tsv").write_text(text)
    code, out, err = fx_cli("knowledge", "diff", "shipped", tmp_path)
    assert (code, out) == (65, "")
    assert message in err


def test_a_file_that_is_no_text_cannot_be_compared(tmp_path, fx_cli):
    (tmp_path / "genes.tsv").write_bytes(b"\xff\xfe")
    code, _, err = fx_cli("knowledge", "diff", "shipped", tmp_path)
    assert code == 65
    assert "UTF-8" in err


def test_a_folder_without_tables_cannot_be_compared(tmp_path, fx_cli):
    assert fx_cli("knowledge", "diff", "shipped", tmp_path)[0] == 65
