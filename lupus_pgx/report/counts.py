"""What a cohort is asked for, as a table of counts: a line for each drug, a column for each action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lupus_pgx.report.marks import lupus_drugs
from lupus_pgx.results.patient import CohortData
from lupus_pgx.terms import Action, Response
from lupus_pgx.words.lines import width
from lupus_pgx.words.vocabulary import ACTIONS, UNDECIDED

_ASKING = tuple(action for action in ACTIONS if action.severity > Action.STANDARD.severity)
_OPEN, _QUIET = "undecided", "nothing asked"


def asked(cohort: CohortData) -> dict[str, Counter[str]]:
    """Return by drug how many samples have which action, are undecided, or are asked for nothing."""
    counts = {}
    for drug in cohort.results.responses.values:
        counter: Counter[str] = Counter()
        for judged, samples in cohort.results.responses.judgements(drug):
            counter[_column(judged.action, judged.response)] += samples
        counts[drug] = counter
    return counts


def _column(action: Action, response: Response) -> str:
    if action in _ASKING:
        return ACTIONS[action].label
    return UNDECIDED.label if response is Response.INDETERMINATE else _QUIET


def asking_drugs(cohort: CohortData) -> list[str]:
    """Return the drugs that ask something of anybody: those of lupus first, then by what is asked of how many."""
    lupus, counts = lupus_drugs(cohort.knowledge), asked(cohort)
    labels = [ACTIONS[action].label for action in _ASKING]
    asking = [drug for drug in counts if any(counts[drug][label] for label in labels)]
    return sorted(asking, key=lambda drug: (drug not in lupus, [-counts[drug][label] for label in labels], drug))


def drug_table(cohort: CohortData, drugs: Sequence[str]) -> list[str]:
    """Return the table of some drugs; a column that is empty for all of them is left out."""
    from rich.console import Console
    from rich.table import Table

    counts = asked(cohort)
    labels = [*(ACTIONS[action].label for action in _ASKING), _OPEN, _QUIET]
    labels = [label for label in labels if any(counts[drug][label] for drug in drugs)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Drugs (samples)", overflow="fold")
    for label in labels:
        cells = [*label.split(), *(f"{counts[drug][label]:,}" for drug in drugs)]
        widest = max(map(len, cells))
        table.add_column(label, justify="right", vertical="bottom", min_width=widest, max_width=widest)
    for drug in drugs:
        table.add_row(f"  {drug}", *(f"{counts[drug][label]:,}" if counts[drug][label] else "-" for label in labels))
    page = Console(width=width(), color_system=None, markup=False, emoji=False, highlight=False, _environ={})
    with page.capture() as shown:
        page.print(table)
    return [line.rstrip() for line in shown.get().splitlines()]
