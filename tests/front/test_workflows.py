"""The workflows of ``docs/workflows``: run where what runs them is installed, held against the project elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import yaml
from builder import VcfBuilder
from places import ROOT

import lupus_pgx

FILES = ROOT / "docs" / "workflows"
MODULE = FILES / "nextflow" / "modules" / "local" / "lupuspgx" / "analyze"
GENES = ["TPMT", "NUDT15"]
OPTIONS = "--batch 2 --genes TPMT,NUDT15"
SBATCH = """#!/usr/bin/env python3
import os, subprocess, sys
script, words = sys.stdin.read(), sys.argv[1:]
array = next((word.partition("=")[2] for word in words if word.startswith("--array=")), "1-1").partition("%")[0]
given = next(word.partition("=")[2] for word in words if word.startswith("--export="))
extra = dict(item.split("=", 1) for item in given.split(",") if "=" in item)
first, last = map(int, array.split("-"))
for task in range(first, last + 1):
    env = {**os.environ, **extra, "SLURM_ARRAY_TASK_ID": str(task)}
    subprocess.run(["bash"], input=script, text=True, env=env, stdout=subprocess.DEVNULL, check=True)
print(len(words))
"""


@pytest.fixture
def fx_sheet(tmp_path):
    """Five people in files of their own, and a folder in which the command is found."""
    lines = ["sample_id\tvcf"]
    for number, genotype in enumerate(("T/T", "T/C", "C/C", "./.", "T/T")):
        file = VcfBuilder(genes=GENES, samples=[f"P{number}"]).set("rs1142345", genotype)
        lines.append(f"P{number}\t{file.write(tmp_path / str(number), 'vcf.gz')}")
    sheet = tmp_path / "cohort.tsv"
    sheet.write_text("\n".join(lines) + "\n")
    program = tmp_path / "bin" / "lupus-pgx"
    program.parent.mkdir()
    program.write_text(f'#!/usr/bin/env bash\nexec "{sys.executable}" -m lupus_pgx "$@"\n')
    (tmp_path / "bin" / "sbatch").write_text(SBATCH)
    for path in program.parent.iterdir():
        path.chmod(0o755)
    return sheet


def environment(sheet: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{sheet.parent / 'bin'}:{os.environ['PATH']}"}


def assert_run(folder: Path, sheet: Path) -> None:
    """A run is whole, and its rows are those of one call."""
    run = lupus_pgx.CohortRun(folder)
    assert not run.status.missing
    assert (folder / "manifest.json").exists()
    expected = lupus_pgx.analyze(sample_sheet=sheet, genes=GENES).drug_responses.to_frame()
    found = run.to_frame("drugs").sort_values(["sample_id", "drug"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected.sort_values(["sample_id", "drug"]).reset_index(drop=True))


@pytest.mark.slow
def test_the_script_for_slurm_makes_a_run(fx_sheet):
    folder = fx_sheet.parent / "my_run"
    words = ["bash", str(FILES / "slurm" / "submit.sh"), str(fx_sheet), str(folder), *OPTIONS.split()]
    done = subprocess.run(words, capture_output=True, text=True, env=environment(fx_sheet), check=False)
    assert done.returncode == 0, done.stderr
    assert (folder.parent / "my_run.shards").read_text().split() == ["00001", "00002", "00003"]
    assert_run(folder, fx_sheet)


SNAKEMAKE = os.environ.get("LUPUS_PGX_SNAKEMAKE") or shutil.which("snakemake")


@pytest.mark.slow
@pytest.mark.skipif(SNAKEMAKE is None, reason="Snakemake is not installed (LUPUS_PGX_SNAKEMAKE names another)")
def test_snakemake_makes_a_run_and_has_nothing_to_do_after_it(fx_sheet):
    folder = fx_sheet.parent / "my_run"
    words = [
        SNAKEMAKE, "-s", FILES / "snakemake" / "Snakefile", "--cores", "2", "-d", fx_sheet.parent,
        "--config", f"sample_sheet={fx_sheet}", f"run={folder}", f"options={OPTIONS}",
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, env=environment(fx_sheet), check=False)
    assert done.returncode == 0, done.stderr
    assert_run(folder, fx_sheet)
    again = subprocess.run(words, capture_output=True, text=True, env=environment(fx_sheet), check=False)
    assert "Nothing to be done" in again.stderr + again.stdout


MULTIQC = os.environ.get("LUPUS_PGX_MULTIQC") or shutil.which("multiqc")


@pytest.mark.slow
@pytest.mark.skipif(MULTIQC is None, reason="MultiQC is not installed (LUPUS_PGX_MULTIQC names another)")
def test_multiqc_shows_the_samples_of_all_shards(fx_sheet):
    folder = fx_sheet.parent / "my_run"
    lupus_pgx.analyze_cohort(out=folder, sample_sheet=fx_sheet, genes=GENES, batch=2, formats=("parquet", "multiqc"))
    out = fx_sheet.parent / "qc"
    words = [MULTIQC, folder, "-o", out, "--no-version-check", "--disable-ai"]
    done = subprocess.run(words[:-1], capture_output=True, text=True, env=environment(fx_sheet), check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads((out / "multiqc_data" / "multiqc_data.json").read_text())
    general = pd.read_csv(out / "multiqc_data" / "multiqc_general_stats.txt", sep="\t")
    assert sorted(general.Sample) == [f"P{number}" for number in range(5)]
    assert any("genes_called" in name for name in general)
    assert "lupus_pgx_calls_plot" in json.dumps(told["report_plot_data"])
    assert "lupus_pgx: calls" in (out / "multiqc_report.html").read_text()


def test_a_gene_that_was_not_assessed_is_open(tmp_path, fx_example):
    """A typing, and copies of a gene, come from elsewhere: without them no count says that nothing is left open."""
    lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"]).write(tmp_path, formats=["multiqc"])
    general = json.loads((tmp_path / "lupus_pgx_general_mqc.json").read_text())["data"]
    genes = len(lupus_pgx.load_knowledge().star_genes)
    assert len(general) == 3
    for counts in general.values():
        assert counts["genes_open"] > 0
        assert counts["genes_called"] + counts["genes_open"] >= genes


# --- Nextflow, container, conda -------------------------------------------------------------------


def block(name: str) -> str:
    """Return the bash of a part of the module, as Nextflow would write it for a sample called example."""
    text = (MODULE / "main.nf").read_text()
    part = text[text.index(f"    {name}:\n") :]
    body = part[part.index('"""') + 3 :]
    body = body[: body.index('"""')].replace("\\\\\n", "\\\n").replace("\\$", "$")
    for key, value in {"prefix": "example", "args": "", "vcf": "in.vcf.gz", "task.process": "LUPUSPGX_ANALYZE"}.items():
        body = body.replace(f"${{{key}}}", value)
    lines = [line.removeprefix("    ") for line in body.splitlines()]
    # A here-document that is closed with <<- takes tabs away, as Nextflow's own indentation is.
    return "\n".join(re.sub(r"^ +", "\t", line) if line.strip() == "END_VERSIONS" else line for line in lines)


def test_the_module_of_nextflow_emits_what_it_says():
    text, meta = (MODULE / "main.nf").read_text(), yaml.safe_load((MODULE / "meta.yml").read_text())
    emitted = re.findall(r"emit: (\w+)", text)
    assert emitted == list(meta["output"])
    for name in ("when:", "script:", "stub:", "task.ext.args", "task.ext.prefix", "label 'process_"):
        assert name in text
    assert text.count("{") == text.count("}")
    assert lupus_pgx.__version__ in text
    assert f"lupus-pgx=={lupus_pgx.__version__}" in (MODULE / "environment.yml").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("part", ["script", "stub"])
def test_script_and_stub_make_every_output(part, fx_sheet, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(next(tmp_path.glob("1*.vcf.gz")), work / "in.vcf.gz")
    done = subprocess.run(
        ["bash", "-euo", "pipefail"], input=block(part), cwd=work, capture_output=True, text=True,
        env=environment(fx_sheet), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    patterns = re.findall(
        r'path\("(\$\{prefix\}/[^"]+|versions\.yml)"\)|path "(versions\.yml)"', (MODULE / "main.nf").read_text()
    )
    assert len(patterns) == 6
    for one, other in patterns:
        assert list(work.glob((one or other).replace("${prefix}", "example"))), one or other
    assert f"lupus-pgx: {lupus_pgx.__version__}" in (work / "versions.yml").read_text()


def test_the_recipe_asks_for_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (FILES / "conda" / "meta.yaml").read_text()
    for name, value in re.findall(r'{% set (\w+) = "([^"]+)" %}', text):
        text = text.replace(f"{{{{ {name} }}}}", value)
    recipe = yaml.safe_load(re.sub(r"{%.*?%}", "", text).replace("{{ PYTHON }}", "python"))

    def plain(words):
        return {re.sub(r"\s+|-base", "", word).lower() for word in words}

    assert recipe["package"]["version"] == lupus_pgx.__version__
    assert plain(recipe["requirements"]["run"]) == plain(project["dependencies"]) | {
        f"python{project['requires-python']}"
    }
    extras = {
        word.lower()
        for name in ("cluster", "parquet", "plot", "zarr")
        for word in project["optional-dependencies"][name]
    }
    assert plain(recipe["requirements"]["run_constrained"]) == extras - {"dask>=2024.8"}
    script = project["scripts"]["lupus-pgx"]
    assert recipe["build"]["entry_points"] == [f"lupus-pgx = {script}"]
    assert recipe["about"]["license"] == project["license"]


def test_the_container_installs_extras_that_exist():
    text = (FILES / "container" / "Dockerfile").read_text()
    (extras,) = re.findall(r'"\.\[([\w,]+)\]"', text)
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras.split(",")) <= set(known)
    assert f"lupus-pgx:{lupus_pgx.__version__}" in text
