"""The documentation follows the code: built tables, words in cells, and blocks that are run.

The pages themselves are run when they are built (``.ci/run``).
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys

import pytest
from places import DOCS, ROOT

import lupus_pgx
from lupus_pgx import terms
from lupus_pgx.results import context_tables as review_records
from lupus_pgx.results import tables as records


def tool(name, *arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / name), *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def fx_generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    done = tool("build_code_pages.py", folder)
    assert (done.returncode, done.stderr) == (0, "")
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def sections(text):
    """Content by heading of the third level."""
    return dict(part.split("\n", 1) for part in re.split(r"(?m)^### ", text)[1:])


def first_column(section):
    return re.findall(r"(?m)^\| `([^`]+)`", section)


def words(section):
    """Words of the first column of a table; a row may name several."""
    cells = re.findall(r"(?m)^\| (`[^|]+) \|", section)
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_every_column_of_every_result_table_is_described(fx_generated):
    built = sections(fx_generated["results.inc"])
    tables = {**records.TABLES, **review_records.CONTEXT_TABLES}
    assert list(built) == [f"{name}.tsv" for name in tables]
    for name, columns in tables.items():
        assert first_column(built[f"{name}.tsv"]) == list(columns.names)
        rows = re.findall(r"(?m)^\| `\w+` \| ([^|]+) \| (.+) \|$", built[f"{name}.tsv"])
        kinds = [kind.split(",")[0] for kind, _ in rows]
        assert kinds == list(columns.kinds)
        assert all(meaning.strip() for _, meaning in rows)


def test_every_column_of_every_knowledge_table_is_described(fx_generated):
    built = sections(fx_generated["knowledge.inc"])
    knowledge = lupus_pgx.load_knowledge()
    assert set(built) == set(knowledge.tables)
    for name in built:
        assert first_column(built[name]) == list(lupus_pgx.knowledge.tables.columns_of(name)[0])


def test_every_public_name_is_in_the_reference(fx_generated):
    named = re.findall(r"auto\w+:: lupus_pgx\.(\w+)\n", fx_generated["api.md"])
    assert sorted(named) == sorted(name for name in lupus_pgx.__all__ if not name.startswith("__"))


@pytest.mark.parametrize(
    ("heading", "vocabulary"),
    [
        ("status of a locus", terms.LocusStatus),
        ("call_status", terms.CallStatus),
        ("predicted_response", terms.Response),
        ("action", terms.Action),
    ],
)
def test_words_in_cells_are_those_of_the_code(heading, vocabulary):
    page = (DOCS / "data-model.md").read_text(encoding="utf-8")
    assert words(sections(page.partition("## Knowledge tables")[0])[heading]) == [term.value for term in vocabulary]


def test_the_install_command_is_the_tested_one():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"<!-- first-command -->\n```bash\n(.*)\n```", readme)
    assert f"$ {command}\n" in (DOCS / "quick-start.md").read_text(encoding="utf-8")


def test_blocks_of_a_page_are_run_in_order(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n```bash\nlupus-pgx whatif TPMT='*1/*1' --drugs AZA > kept.txt\n```\n\n"
        "```console\n$ false\n```\n\n```python\nassert 'azathioprine' in open('kept.txt').read()\nx = 1\n```\n\n"
        "```python\nassert x == 1 and lupus_pgx.analyze('patient.vcf.gz', drugs=['AZA'])\n```\n",
        encoding="utf-8",
    )
    done = tool("run_doc_commands.py", page)
    assert (done.returncode, done.stdout) == (0, f"{page}: 3 blocks run\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.md"]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("```bash\nlupus-pgx analyze patient.vcf.gz --drugs nonsense | head -1\n```", "unknown drug 'nonsense'"),
        ("```python\nlupus_pgx.no_such_name\n```", "no attribute 'no_such_name'"),
    ],
)
def test_a_block_that_fails_is_named_with_its_line(tmp_path, block, said):
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{block}\n", encoding="utf-8")
    done = tool("run_doc_commands.py", page)
    assert done.returncode == 1
    assert f"{page}:4: exit code" in done.stderr
    assert said in done.stderr


WRITTEN = sorted(
    page.relative_to(DOCS).with_suffix("").as_posix()
    for page in DOCS.rglob("*.md")
    if page.relative_to(DOCS).parts[0] not in ("generated", "reference", "index.md")
)


@pytest.mark.parametrize("page", WRITTEN)
def test_every_page_is_in_the_contents(page):
    """By name or by a pattern of the front page; the build says so too, later."""
    listed = [
        f"{folder}{line}"
        for folder in ("", "decisions/")
        for line in (DOCS / folder / "index.md").read_text(encoding="utf-8").splitlines()
    ]
    assert any(fnmatch.fnmatchcase(page, pattern) for pattern in listed if re.fullmatch(r"[\w/*-]+", pattern))
