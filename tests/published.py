"""Published cases as files, and how far the review agrees with what was expected of it before it was run:
``python tests/published.py [NUMBER ...]`` runs them, ``--page`` writes the table of ``docs/published-cases.md``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from histories import CALLS

from lupus_pgx import respond

FOLDER = Path(__file__).parent / "review" / "published_cases"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "published-cases.md"
MARK = "<!-- table -->\n"


@dataclass(frozen=True)
class Result:
    """The headline, the options, and what is not as expected."""

    headline: str
    options: list[tuple[int, str]]
    headline_faults: list[str]
    option_faults: list[str]

    @property
    def verdict(self) -> str:
        """``agree``, ``partly`` where headline or options are right, ``no`` where neither is."""
        if not self.headline_faults and not self.option_faults:
            return "agree"
        return "no" if self.headline_faults and self.option_faults else "partly"


def cases() -> dict[str, dict]:
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}


def run(case: dict) -> Result:
    # The day of the question is the last one that the report tells of.
    days = re.findall(r"\b\d{4}-\d\d-\d\d\b", yaml.safe_dump(case["context"]))
    patient = respond(CALLS | case.get("calls", {}), context=case["context"], today=max(days))
    frame = patient.options.to_frame()
    # What holds for all manifestations stands before the options of each.
    shared = int((frame.manifestation == "all").sum())
    ranks = frame["rank"].where(frame.manifestation == "all", frame["rank"] + shared)
    options = [(int(rank), option) for rank, option in zip(ranks, frame["option"], strict=True)]
    headline, expect = patient.resistance.headline, case["expect"]

    def rank(pattern: str) -> int:
        return min((rank for rank, option in options if re.search(pattern, option, re.I)), default=999)

    wrong = [] if re.search(expect["headline"], headline) else [f"headline lacks {expect['headline']}"]
    if re.search(expect["never"], headline):
        wrong.append(f"headline says {expect['never']}")
    faults = [f"{p} at {rank(p)}, not in {most}" for p, most in expect.get("options", {}).items() if rank(p) > most]
    faults += [f"{p} up at {rank(p)}" for p, least in expect.get("not_before", {}).items() if rank(p) <= least]
    if len(options) > expect.get("most_options", 999):
        faults.append(f"{len(options)} options")
    return Result(headline, options, wrong, faults)


def table() -> str:
    """Return the table of the page."""
    lines = ["| case | reported | what worked | first run | now | what was learnt |", "|---|---|---|---|---|---|"]
    for name, case in cases().items():
        told = [case["told"], case["worked"], case["first_run"], case["now"], case["learnt"]]
        lines.append(f"| {name[:2]} ({case['source']}) | {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


def score(when: str) -> str:
    """Return how many cases agree, agree partly and do not."""
    verdicts = [case[when] for case in cases().values()]
    return ", ".join(f"{verdict} {verdicts.count(verdict)}" for verdict in ("agree", "partly", "no"))


if __name__ == "__main__":
    import sys

    if sys.argv[1:] == ["--page"]:
        before = PAGE.read_text("utf-8").partition(MARK)[0]
        PAGE.write_text(before + MARK + table(), "utf-8")
        sys.exit()
    for name, case in cases().items():
        if len(sys.argv) == 1 or any(name.startswith(part) for part in sys.argv[1:]):
            result = run(case)
            lines = [f"{name}: {result.verdict}: {result.headline_faults + result.option_faults}", result.headline]
            if len(sys.argv) > 1:
                lines += [f"    {rank} {option}" for rank, option in result.options]
            sys.stdout.write("\n".join([*lines, ""]))
