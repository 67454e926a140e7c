"""What the review says of every case and state of the tests: ``python tests/review_corpus.py`` writes it anew.

One line of ``tests/review/said.tsv`` is one case: its headline, the steps that speak, and the options in order, so
that a change of any of them is seen, and read, before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from histories import CALLS, HISTORIES
from option_states import STATES, TODAY
from own_cases import own_cases
from published import cases

from lupus_pgx import respond

SAID = Path(__file__).parent / "review" / "said.tsv"
HEADER = "case\theadline\tsteps\toptions\n"


def corpus() -> Iterator[tuple[str, dict, dict, str]]:
    """Yield the name of a case, its calls, its context, and the day of the question."""
    for name, (calls, context, *_) in HISTORIES.items():
        yield f"history: {name}", calls, context, "2025-11-28"
    told = {f"case {name}": case for name, case in cases().items()}
    told |= {f"own {name}": case for name, case in own_cases().items()}
    for name, case in told.items():
        days = re.findall(r"\b\d{4}-\d\d-\d\d\b", yaml.safe_dump(case["context"]))
        yield name, CALLS | case.get("calls", {}), case["context"], max(days)
    for name, context in STATES.items():
        yield f"state: {name}", {}, context, TODAY


def said(calls: dict, context: dict, today: str) -> str:
    """Return what is said of a case, as the cells of its line."""
    patient = respond(calls, context=context, today=today)
    review = patient.resistance
    headline = review.headline if review else ""
    steps = "; ".join(f"{step.step.value}: {step.short}" for step in review.steps if step.speaks) if review else ""
    frame = patient.options.to_frame()
    options = zip(frame.stage, frame.option, frame.exhausted, strict=True)
    listed = " | ".join(f"{stage}: {name}{' (tried)' if out == 'yes' else ''}" for stage, name, out in options)
    return "\t".join(" ".join(cell.split()) for cell in (headline, steps, listed))


def lines() -> Iterator[str]:
    """Yield the lines of the file."""
    for name, calls, context, today in corpus():
        yield f"{name}\t{said(calls, context, today)}\n"


if __name__ == "__main__":
    SAID.write_text(HEADER + "".join(lines()), encoding="utf-8")
