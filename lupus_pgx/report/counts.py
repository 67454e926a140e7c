"""What a cohort is asked for, as a table of counts: a line for each drug, a column for each action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

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
    labels = [ACTIONS[action].label for action in sorted(_ASKING, key=lambda item: -item.severity)]
    asking = [drug for drug in counts if any(counts[drug][label] for label in labels)]
    return sorted(asking, key=lambda drug: (drug not in lupus, [-counts[drug][label] for label in labels], drug))


def drug_table(cohort: CohortData, drugs: Sequence[str]) -> list[str]:
    """Return the table of some drugs; a column that is empty for all of them is left out."""
    counts = asked(cohort)
    labels = [*(ACTIONS[action].label for action in _ASKING), _OPEN, _QUIET]
    return _table(
        {drug: counts[drug] for drug in drugs}, [label for label in labels if any(counts[d][label] for d in drugs)]
    )


def _table(counts: Mapping[str, Counter[str]], labels: Sequence[str]) -> list[str]:
    heads = [label.split() for label in labels]
    rows = {
        name: [f"{counter[label]:,}" if counter[label] else "-" for label in labels] for name, counter in counts.items()
    }
    sizes = [max(map(len, [*head, *(row[place] for row in rows.values())])) for place, head in enumerate(heads)]
    room = width() - 2 - sum(size + 2 for size in sizes)
    longest = min(max(map(len, rows), default=0), max(room, 16))
    lines = []
    for level in range(max(map(len, heads), default=0)):
        words = [
            head[level - max(map(len, heads))] if len(head) >= max(map(len, heads)) - level else "" for head in heads
        ]
        title = "Drugs (samples)" if not level else ""
        lines.append(_line(title, words, longest + 2, sizes))
    for name, row in rows.items():
        if len(name) > longest:
            lines.append(f"  {name}")
        lines.append(_line(f"  {name}" if len(name) <= longest else "", row, longest + 2, sizes))
    return lines


def _line(name: str, cells: Sequence[str], longest: int, sizes: Sequence[int]) -> str:
    return f"{name:<{longest}}{''.join(f'  {cell:>{size}}' for cell, size in zip(cells, sizes, strict=True))}".rstrip()
