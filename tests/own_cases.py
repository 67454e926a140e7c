"""Histories of our own, with what was expected of the review before it was run: ``python tests/own_cases.py`` runs
them, ``--page`` writes their table in ``docs/published-cases.md``."""

from __future__ import annotations

from pathlib import Path

import yaml
from published import PAGE, run

FOLDER = Path(__file__).parent / "review" / "own_cases"
OWN = "<!-- own -->\n"
SHOWN = 3


def own_cases() -> dict[str, dict]:
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}


def own_table() -> str:
    """Return the table of the page: headline and first options as the code says them."""
    lines = ["| kind | history | first run | headline | first three options | what was learnt |", "|" + "---|" * 6]
    for case in own_cases().values():
        result = run(case)
        options = "; ".join(name for _, name in result.options[:SHOWN])
        told = [case["kind"], case["told"], case["first_run"], result.headline, options, case["learnt"]]
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    if sys.argv[1:] == ["--page"]:
        text = PAGE.read_text("utf-8")
        before, _, after = text.partition(OWN)
        PAGE.write_text(f"{before}{OWN}{own_table()}\n## {after.partition('## ')[2]}", "utf-8")
        sys.exit()
    for name, case in own_cases().items():
        result = run(case)
        options = "; ".join(option for _, option in result.options[:SHOWN])
        faults = result.headline_faults + result.option_faults
        sys.stdout.write(f"{name}: {result.verdict}: {faults}\n{result.headline}\n{options}\n")
