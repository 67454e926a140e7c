"""Changes of a drug, gene or marker as people read them: words for columns and values, and a change once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lupus_pgx.results.differences import CellChange
from lupus_pgx.terms import Action, CallStatus, Response
from lupus_pgx.words.amounts import cap_text, dose_text, percent_text
from lupus_pgx.words.vocabulary import ACTIONS, CALLS, RESPONSES, column_word, evidence_word, judged_word

_TOGETHER = {"dose_factor_high": "dose_factor_low", "dose_cap_unit": "dose_cap"}
"""Columns that are said with another one."""
_SAME = {"overall_action": "action"}
"""Columns of which a change is not said where it is that of another column."""


_WORDS: dict[str, Callable[[str], str]] = {
    "action": lambda text: ACTIONS[Action(text)].label,
    "overall_action": lambda text: ACTIONS[Action(text)].label,
    "predicted_response": lambda text: RESPONSES[Response(text)].label,
    "call_status": lambda text: CALLS[CallStatus(text)].label,
    "evidence_level": evidence_word,
    "status": evidence_word,
    "certainty": lambda text: percent_text(float(text)),
    "probability": lambda text: percent_text(float(text)),
}
"""Words of a cell that can be read alone, by column."""


def said(changes: Sequence[CellChange]) -> tuple[CellChange, ...]:
    """Return the changes of one sample with the words of their columns and values.

    Parameters
    ----------
    changes : sequence of CellChange
        Of one drug, gene or marker, as the tables write them.

    Returns
    -------
    tuple of CellChange
        Equally ordered; factors of a dose, and a highest dose and its unit, are one change.

    Examples
    --------
    >>> changes = [CellChange("", "dose_factor_low", "1", "0.3"), CellChange("", "dose_factor_high", "1", "0.8")]
    >>> said([CellChange("", "action", "standard", "reduce_dose"), *changes])[1][1:4]
    ('dose', 'usual dose', '30-80% of the usual dose')
    """
    found = []
    for change in changes:
        own = {item.column: item for item in changes if item.within == change.within}
        same = own.get(_SAME.get(change.column, ""))
        if _TOGETHER.get(change.column) in own or (same and (same.before, same.after) == (change.before, change.after)):
            continue
        sides = ({name: getattr(item, side) for name, item in own.items()} for side in ("before", "after"))
        before, after = (_cell(change.column, cells) for cells in sides)
        gone, new = (tuple(_item(change.column, text) for text in texts) for texts in (change.gone, change.new))
        words = column_word(change.column)
        found.append(change._replace(column=words, before=before, after=after, gone=gone, new=new))
    return tuple(found)


def _cell(column: str, cells: Mapping[str, str]) -> str:
    """Return the words of a cell; ``cells`` are those of one side, of the columns that change."""
    text = cells[column]
    if not text:
        return ""
    if column == "action" and cells.get("predicted_response"):
        return judged_word(Action(text), Response(cells["predicted_response"])).label
    if column.startswith("dose_factor"):
        return _dose(column, cells)
    if column == "dose_cap":
        return cap_text(float(text), cells.get("dose_cap_unit"))
    if column == "conflicts":
        return "; ".join(_item(column, item) for item in text.split(";"))
    write = _WORDS.get(column)
    return write(text) if write else text


def _dose(column: str, cells: Mapping[str, str]) -> str:
    ends = [cells[name] for name in ("dose_factor_low", "dose_factor_high") if name in cells]
    if len(ends) == 1:  # the other end stays as it is, and so is not among the changes
        return f"at {'least' if column == 'dose_factor_low' else 'most'} {dose_text(float(ends[0]), None, '')}"
    low, high = (float(end) if end else None for end in ends)
    return ACTIONS[Action.STANDARD].label if low == high == 1 else dose_text(low, high, "")


def _item(column: str, text: str) -> str:
    """Return an item of a list: what a rule asks for is called as anywhere else."""
    source, colon, action = text.rpartition(": ")
    known = column == "conflicts" and action in set(Action)
    return f"{source}{colon}{ACTIONS[Action(action)].label}" if known else text
