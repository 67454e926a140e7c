"""Run the commands and the Python that the pages of the documentation show.

    python tools/run_doc_commands.py [PAGE...]

Every fenced ``bash`` block of a page is run, in the order of the page, in a folder that holds the example files under
the names that the pages use (``patient.vcf.gz`` ...); then its ``python`` blocks as one program that begins with
``import lupus_pgx``. What fails stops the run. A command that is only to be looked at stands in a ``console`` block.
Code cells are not looked at: they are run when the page is built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lupus_pgx import write_example

DOCS = Path(__file__).resolve().parent.parent / "docs"

FOLLOWED_BY_A_TEST = frozenset({"extending.md"})
"""Pages whose commands need the files that the page writes, and fail on purpose; a test follows them word by word."""

_BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CONTEXT = re.compile(r"^<!-- example -->\n```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)

_OUTSIDE_CALLS = "sample_id\tgene\tdiplotype\nLN-01\tCYP2D6\t*1x2/*4\n"


class DocCommandError(Exception):
    """A command of a page failed."""


def blocks_of(text: str, language: str) -> list[tuple[int, str]]:
    r"""Return the blocks of a page in one language, each with the line on which it begins.

    Examples
    --------
    >>> blocks_of("Look:\n\n```bash\necho one\n```\n", "bash")
    [(4, 'echo one\n')]
    """
    found = (match for match in _BLOCK.finditer(text) if match[1] == language)
    return [(text.count("\n", 0, match.start(2)) + 1, match[2]) for match in found]


def write_inputs(folder: Path) -> None:
    """Write the files that commands on the pages may name into a folder."""
    files = write_example(folder)
    for name, source in (
        ("patient.vcf.gz", "patients.GRCh38.vcf.gz"),
        ("cohort.vcf.gz", "patients.GRCh38.vcf.gz"),
        ("variant_only.vcf.gz", "variant_only.GRCh38.vcf.gz"),
    ):
        for suffix in ("", ".tbi"):
            shutil.copyfile(files[source] + suffix, folder / (name + suffix))
    context = _CONTEXT.search((DOCS / "context.md").read_text(encoding="utf-8"))
    assert context is not None, "docs/context.md has no example"
    (folder / "patient.yaml").write_text(context[1], encoding="utf-8")
    (folder / "calls.tsv").write_text(_OUTSIDE_CALLS, encoding="utf-8")


def _path() -> str:
    """Return PATH with the programs of this Python first, also where its environment is not activated."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def run_page(page: Path, inputs: Path) -> int:
    """Run the blocks of a page, in a copy of the inputs, and return how many there are.

    Raises
    ------
    DocCommandError
        If a block fails; says page, line, block and what it wrote to stderr.
    """
    text = page.read_text(encoding="utf-8")
    shell, python = blocks_of(text, "bash"), blocks_of(text, "python")
    programs = [(line, block, ["bash", "-euo", "pipefail", "-c", block]) for line, block in shell]
    if python:
        program = "import lupus_pgx\n" + "".join(block for _, block in python)
        programs.append((python[0][0], program, [sys.executable, "-W", "error", "-c", program]))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(inputs, folder, dirs_exist_ok=True)
        for line, block, command in programs:
            done = subprocess.run(  # noqa: S603 - the commands of our own pages
                command, cwd=folder, env={**os.environ, "PATH": _path()}, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise DocCommandError(f"{page}:{line}: exit code {done.returncode}\n{block}{done.stderr}")
    return len(shell) + len(python)


def run_pages(docs: Path) -> dict[Path, int]:
    """Run the blocks of all pages below a folder and return how many each has."""
    pages = sorted(page for page in docs.rglob("*.md") if page.name not in FOLLOWED_BY_A_TEST)
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(pages, pool.map(lambda page: run_page(page, Path(folder)), pages), strict=True))


def main(arguments: Sequence[str]) -> None:
    """Run the blocks of the pages given, or of all, and say how many."""
    if not arguments:
        print(f"{sum(run_pages(DOCS).values())} blocks run")
        return
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder))
        for page in arguments:
            print(f"{page}: {run_page(Path(page), Path(folder))} blocks run")


if __name__ == "__main__":
    main(sys.argv[1:])
