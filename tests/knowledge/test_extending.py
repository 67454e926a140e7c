"""docs/extending.md, followed literally: its files are written, its commands run, its results compared."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from builder import VcfBuilder
from places import DOCS

import lupus_pgx

PAGE = (DOCS / "extending.md").read_text(encoding="utf-8")

BLOCK = re.compile(
    r"(?P<verb>File|Append to) `(?P<path>[^`]+)`:\n\n```(?:tsv|yaml)\n(?P<rows>.*?)```"
    r"|```(?P<language>bash|python)\n(?P<code>.*?)```\n\n```text\n(?P<shown>.*?)```",
    re.DOTALL,
)


@dataclass
class Step:
    """A command or a program of the page, what the page shows, and what it gave."""

    code: str
    shown: str
    exit_code: int
    out: str


def build_patient(knowledge):
    """The patient as section 4 describes them."""
    builder = VcfBuilder(genes=("FICT1", "FICT2", "TPMT"), samples=["P1"], knowledge=knowledge)
    return builder.set("g.50001234A>G", "A/G").set("g.40000050C>T", "C/T").write(Path("patient"))


def follow(page, run, folder):
    """Do what the page says, in its order, in a folder."""
    steps = []
    for block in BLOCK.finditer(page):
        if block["path"]:
            path = folder / block["path"]
            path.parent.mkdir(exist_ok=True)
            assert path.exists() == (block["verb"] == "Append to")
            with path.open("a", encoding="utf-8") as handle:
                handle.write(block["rows"])
            continue
        if "patient.vcf.gz" in block["code"] and not Path("patient.vcf.gz").exists():
            build_patient(lupus_pgx.load_knowledge("my_tables"))
        if block["language"] == "python":
            captured = io.StringIO()
            with contextlib.redirect_stdout(captured):
                exec(compile(block["code"], "extending.md", "exec"), {})
            code, out = 0, captured.getvalue()
        else:
            (line,) = block["code"].strip().splitlines()
            program, *arguments = shlex.split(line)
            assert program == "lupus-pgx"
            code, out, _ = run(*arguments)
        steps.append(Step(block["code"].strip(), block["shown"], code, out))
    return steps


@pytest.fixture
def fx_steps(fx_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return follow(PAGE, fx_cli, tmp_path)


def test_commands_print_what_the_page_shows(fx_steps):
    assert len(fx_steps) == 10
    for step in fx_steps:
        place = 0
        for piece in re.split(r"(?m)^ *\.\.\.\n", step.shown):
            assert piece in step.out[place:], step.code
            place = step.out.index(piece, place) + len(piece)
        if "..." not in step.shown:
            assert step.out == step.shown, step.code
        assert step.exit_code == (65 if "broken" in step.code or "unreachable" in step.code else 0), step.code


def test_the_page_names_every_table_with_grouped_rows():
    tables = {name for name in lupus_pgx.load_knowledge().tables if lupus_pgx.knowledge.tables.group_columns(name)}
    grouped = {
        name
        for name in tables
        if lupus_pgx.knowledge.tables.group_columns(name) != lupus_pgx.knowledge.tables.key_columns(name)
    }
    rows = PAGE.partition("| table | replaced together |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", rows)) == grouped


def test_the_invented_gene_is_called_on_both_builds(fx_steps):
    """Every pair of its alleles, written by hand as each build spells it."""
    knowledge = lupus_pgx.load_knowledge("my_tables")
    genotypes = {
        "*1/*1": ("A/A", "GCT/GCT", "Normal Metabolizer", "standard"),
        "*1/*2": ("A/G", "GCT/GCT", "Intermediate Metabolizer", "reduce_dose"),
        "*1/*3": ("A/A", "GCT/G", "Intermediate Metabolizer", "reduce_dose"),
        "*2/*2": ("G/G", "GCT/GCT", "Poor Metabolizer", "avoid"),
        "*2/*3": ("A|G", "G|GCT", "Poor Metabolizer", "avoid"),
        "*3/*3": ("A/A", "G/G", "Poor Metabolizer", "avoid"),
    }
    samples = [name.replace("*", "").replace("/", "-") for name in genotypes]
    for build in ("GRCh37", "GRCh38"):
        builder = VcfBuilder(build=build, genes=("FICT1", "FICT2", "TPMT"), samples=samples, knowledge=knowledge)
        builder.set("g.50001234A>G", *(item[0] for item in genotypes.values()))
        builder.set("g.50002000_50002001del", *(item[1] for item in genotypes.values()))
        path = builder.write(Path(f"all.{build}"))
        analysis = lupus_pgx.analyze(path, genes=["FICT1"], drugs=["fictomab"], knowledge=knowledge)
        calls = analysis.diplotypes.to_frame()
        assert calls.diplotype.tolist() == list(genotypes)
        assert set(calls.call_status) == {"certain"}
        assert calls.phenotype.tolist() == [item[2] for item in genotypes.values()]
        assert analysis.drug_responses.to_frame().action.tolist() == [item[3] for item in genotypes.values()]


def test_a_shifted_spelling_of_the_invented_deletion_is_the_same_allele(fx_steps):
    """The context of the page says how far the deletion can be written to the right."""
    knowledge = lupus_pgx.load_knowledge("my_tables")
    builder = VcfBuilder(genes=("FICT1", "TPMT"), knowledge=knowledge)
    record = builder.records["g.50002000_50002001del"][0]
    record.pos, record.ref, record.alts, record.calls = record.pos + 2, "TCT", "T", ["0/1"]
    analysis = lupus_pgx.analyze(builder.write(Path("shifted")), genes=["FICT1"], knowledge=knowledge)
    assert analysis.diplotypes.to_frame().diplotype.tolist() == ["*1/*3"]


def test_without_the_overlay_nothing_of_it_is_known(fx_steps, fx_cli):
    assert fx_cli("analyze", "patient.vcf.gz", "--genes", "FICT1")[0] == 2
    assert fx_cli("whatif", "TPMT=*1/*1", "--drugs", "fictomab")[0] == 2


def test_every_table_is_named_on_the_page():
    missing = [
        name for name in lupus_pgx.load_knowledge().tables if f"`{name}`" not in PAGE and f"/{name}.tsv" not in PAGE
    ]
    assert missing == []
