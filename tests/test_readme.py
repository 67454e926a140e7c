"""The README's notebook example gives the output it shows, and its commands exist."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def test_notebook_example_gives_the_output_shown(tmp_path, monkeypatch):
    code, output = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL).groups()
    monkeypatch.chdir(tmp_path)
    captured = io.StringIO()
    with contextlib.redirect_stdout(captured):
        exec(compile(code, "README.md", "exec"), {})
    assert captured.getvalue() == output


def test_example_summary_is_the_one_shown(fx_cli, tmp_path):
    shown = re.search(r"```text\n(LN-01.*?)```", README, re.DOTALL).group(1)
    _, out, _ = fx_cli("example", tmp_path)
    pieces = [piece.strip(" .\n") for piece in shown.split("...")]
    assert len(pieces) >= 3
    place = 0
    for piece in pieces:
        place = out.index(piece, place)


@pytest.mark.parametrize("line", re.findall(r"^lupus-pgx (.*?)(?:\s+#.*)?$", README, re.MULTILINE))
def test_commands_shown_run(line, fx_cli, fx_example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("patient.vcf.gz", "cohort.vcf.gz"):
        for suffix in ("", ".tbi"):
            Path(name + suffix).symlink_to(fx_example["patients.GRCh38.vcf.gz"] + suffix)
    code, _, err = fx_cli(*shlex.split(line))
    assert (code, err) == (0, "")
