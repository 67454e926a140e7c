"""The README: its notebook example gives the output it shows, its commands run as they stand, its tables are whole."""

from __future__ import annotations

import contextlib
import io
import re
import shlex

import pytest
from helpers import warned
from places import ROOT

import lupus_pgx
from lupus_pgx import errors
from lupus_pgx.output import FORMATS

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_notebook_example_gives_the_output_shown(tmp_path, monkeypatch):
    code, output = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL).groups()
    monkeypatch.chdir(tmp_path)
    captured = io.StringIO()
    with contextlib.redirect_stdout(captured):
        exec(compile(code, "README.md", "exec"), {})
    assert captured.getvalue() == output


def test_example_summary_is_the_one_shown(fx_cli, tmp_path):
    shown = re.search(r"```text\n(No clinical context.*?)```", README, re.DOTALL).group(1)
    _, out, _ = fx_cli("example", tmp_path)
    pieces = [piece.strip(" .\n") for piece in shown.split("...")]
    assert len(pieces) >= 3
    place = 0
    for piece in pieces:
        place = out.index(piece, place)


def test_counts_shown_are_those_of_the_tables(fx_knowledge):
    """The table of what is covered today."""
    genes, drugs = fx_knowledge.rows("genes"), fx_knowledge.rows("drugs")
    kinds = {kind: [row["gene"] for row in genes if row["call_kind"] == kind] for kind in ("star", "region")}
    stated = {
        kind: [row["drug"] for row in drugs if row["marker_statement"] == kind]
        for kind in ("guideline", "evidence", "none")
    }
    rows = dict(re.findall(r"(?m)^\| ([a-z ]+) \| (.*) \|$", README))
    assert set(kinds["star"]) - {"CYP2D6"} == set(re.findall(r"[A-Z0-9]{4,}", rows["star genes"].partition(":")[0]))
    markers = fx_knowledge.rows("markers")
    assert rows["markers"].startswith(f"{len(markers)} in {len({row['gene'] for row in markers})} genes,")
    assert rows["regions"].startswith(f"{len(kinds['region'])} genes ")
    assert rows["drugs with guideline rules"].startswith(f"{len(stated['guideline'])} of {len(drugs)}, ")
    assert rows["drugs with evidence only"].startswith(f"{len(stated['evidence'])}, ")
    assert rows["no validated marker"].startswith(f"{len(stated['none'])}, ")
    assert f"all {len(drugs)} drugs" in README
    for kind, row in (("guideline", "drugs with guideline rules"), ("none", "no validated marker")):
        named = [drug for drug in (item["drug"] for item in drugs) if re.search(rf"\b{re.escape(drug)}\b", rows[row])]
        assert named
        assert set(named) <= set(stated[kind])


@pytest.mark.parametrize("line", re.findall(r"^lupus-pgx (.*?)(?:\s+#.*)?$", README, re.MULTILINE))
def test_commands_shown_run_on_what_the_first_command_writes(line, fx_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lupus_pgx.write_example("lupus_pgx_example")
    code, out, err = fx_cli(*shlex.split(line))
    assert (code, warned(err)) == (0, "")
    if "--context" in line:
        assert_failure_is_reviewed(out)


def assert_failure_is_reviewed(out):
    """What the README says of the review stands in it."""
    for said in (
        "its exposure was too low",
        "Omeprazole may have lowered mycophenolate mofetil in the body",
        "month 12: KDIGO",
        "Options in use for lupus nephritis",
    ):
        assert said in " ".join(out.split())


def test_the_context_shown_is_read(fx_cli, fx_example, tmp_path):
    path = tmp_path / "shown.yaml"
    path.write_text(re.search(r"```yaml\n(.*?)```", README, re.DOTALL).group(1), encoding="utf-8")
    words = ("-s", "LN-01", "--context", path, "--full")
    code, out, err = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], *words)
    assert (code, warned(err)) == (0, "")
    assert_failure_is_reviewed(out)


def rows_of(heading):
    """Return the first cells of the rows of a table, each split at its commas."""
    table = README.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [cell.strip(" `") for row in table.splitlines()[2:] for cell in row.split("|")[1].split(",")]


def test_every_format_and_every_exit_code_is_in_its_table():
    assert set(rows_of("`--format`")) == set(FORMATS)
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, lupus_pgx.LupusPgxError)
    ]
    codes = {kind.exit_code for kind in kinds}
    assert codes <= set(map(int, rows_of("exit code")))


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    relative = [link.partition("#")[0] for link in links if "://" not in link]
    assert len(relative) > 20
    assert [link for link in relative if not (ROOT / link).exists()] == []


def test_what_a_plot_needs_is_said_where_plots_are_named_first():
    first = README.partition("`lupus_pgx.plots`")[2]
    assert "pip install '.[plot]'" in first[:250]
