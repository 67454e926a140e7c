"""The table of drugs in words, for a notebook and for ``print``: what is asked for first, and how sure what is.

The file and the frame have the columns that programs read: codes, both ends of a dose range, a number for how certain
the genotype is. People take that number for the certainty of the drug; here it stands in the words of the page,
beside what the answer rests on, and a range of doses is one cell.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.report.context import roles
from lupus_pgx.report.marks import lupus_drugs
from lupus_pgx.report.standing import open_keys_told, standing
from lupus_pgx.report.text import beside, dose_share, urgency
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.sentences import (
    expected_label,
    first_reason,
    genotype_in_brief,
    rests_on,
    shown_word,
)
from lupus_pgx.results.tables import Results
from lupus_pgx.terms import Action, Response
from lupus_pgx.words.amounts import certainty_text
from lupus_pgx.words.lines import columned, counted
from lupus_pgx.words.vocabulary import BY_CONTEXT, BY_REVIEW, THE_CONTEXT, Word

ROWS = 20
"""So many rows are shown, the strictest first; a frame has all."""

_WIDEST = (31, 26, 24)
"""The most letters of the columns of the text but the last."""

HEADINGS = ("Sample", "Drug", "Asked for", "Expected", "How sure", "Rests on", "Because of")


@dataclass(frozen=True, slots=True)
class DrugRow:
    """A drug of a sample, in words."""

    sample: str
    drug: str
    mark: Word
    asked: str
    expected: str
    sure: str
    basis: str
    reason: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells in the order of the headings."""
        return (self.sample, self.drug, self.asked, self.expected, self.sure, self.basis, self.reason)


def rows_of(results: Results, knowledge: Knowledge) -> tuple[DrugRow, ...]:
    """Return the first rows, sample by sample, in the order of the terminal.

    Drugs that are planned or taken come first; then what asks for something, drugs of lupus before others and the
    strictest first; then what asks for nothing.
    """
    found: list[DrugRow] = []
    lupus = lupus_drugs(knowledge)
    for number, sample in enumerate(results.genotypes.sample_ids):
        if len(found) >= ROWS:
            break
        near = set(roles(results.reviews.contexts.get(sample), tried=False))
        review = results.reviews.of(number)
        named = review.bearing if review is not None else {}
        responses = [results.responses.of(drug, number) for drug in results.responses.values]
        responses.sort(key=lambda item: _order(item, near, lupus))
        found += [_row(sample, item, named.get(item.drug.drug, ())) for item in responses]
    return tuple(found[:ROWS])


def left_out(results: Results, shown: Sequence[DrugRow]) -> str:
    """Say how many rows are not shown; nothing where all are."""
    total = len(results.genotypes.sample_ids) * len(results.responses.values)
    more = total - len(shown)
    return f"{counted(more, 'more row')}: to_frame() gives all, with codes and numbers for programs" if more else ""


def as_text(results: Results, knowledge: Knowledge) -> str:
    """Return the table as text; the sample is named above its rows."""
    shown = rows_of(results, knowledge)
    cells = [_text_cells(row) for row in shown]
    lines: list[str] = []
    sample = ""
    for row, placed in zip(shown, columned(cells, _WIDEST), strict=True):
        lines += [row.sample] * (row.sample != sample) + placed
        sample = row.sample
    return "\n".join(filter(None, (*lines, left_out(results, shown))))


def _text_cells(row: DrugRow) -> tuple[str, str, str, str]:
    """Return fewer cells, for lines: the word of the context stands where the terminal has it."""
    if row.basis == THE_CONTEXT:
        return row.drug, row.asked, BY_CONTEXT, row.reason
    return row.drug, row.asked, row.expected, "; ".join(filter(None, (row.sure or row.reason, row.basis)))


def _order(response: DrugResponse, near: Set[str], lupus: Set[str]) -> tuple[bool, bool, bool, tuple[int, int, str]]:
    name = response.drug.drug
    asks = response.overall_action.severity > Action.STANDARD.severity
    return name not in near, not asks, name not in lupus, urgency(response)


def _row(sample: str, response: DrugResponse, named: Sequence[str]) -> DrugRow:
    mark = shown_word(response, named)
    if mark is BY_REVIEW:
        return DrugRow(sample, response.drug.drug, mark, mark.label, "", "", "", "; ".join(named))
    asked = beside(mark.label, dose_share(response))
    if response.overall_action is not response.action:
        genotype = genotype_in_brief(response).rstrip(".")
        reason = "; ".join(filter(None, (first_reason(response), genotype, standing(response))))
        return DrugRow(sample, response.drug.drug, mark, asked, "", "", THE_CONTEXT, reason)
    undecided = response.response is Response.INDETERMINATE
    return DrugRow(
        sample,
        response.drug.drug,
        mark,
        asked,
        "" if response.response is Response.NO_VALIDATED_MARKER else expected_label(response),
        "" if undecided else certainty_text(response.certainty, **response.sure_as),
        "; ".join(filter(None, (rests_on(response), standing(response)))),
        open_keys_told(response) if undecided else ", ".join(response.drivers),
    )
