"""Heat map of the predicted responses of samples to drugs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lupus_pgx.errors import UsageError
from lupus_pgx.plots.canvas import (
    BLUE,
    CENTRED,
    EDGE,
    LINE,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    SMALL,
    VERMILLION,
    WHITE,
    YELLOW,
    Look,
    Place,
    Sheet,
    Style,
    beside,
    inches,
    percent_axis,
    placed,
    require,
    say,
    shortened,
    styled,
    tick_labels,
)
from lupus_pgx.plots.grid import Codes, cells, sample_numbers
from lupus_pgx.response.judgement import Judgement
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.terms import Action, Response
from lupus_pgx.words.lines import counted
from lupus_pgx.words.vocabulary import ACTIONS, NO_MARKER, RESPONSES, UNDECIDED, Word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 40
"""Columns whose names can still be read; beyond that samples are grouped."""

_USUAL, _BETTER, _WORSE, _OTHER = "#E3F4EC", "#8FD0B5", "#F6CDB0", "#D5E6F2"


def _look(word: Word, letter: str, colour: str, hatch: str = "") -> Look:
    return Look(letter, word.label, colour, hatch)


def _weak(response: Response, letter: str, colour: str, hatch: str = "") -> Look:
    """Return the look of a direction without a guideline behind it."""
    return Look(letter, f"{RESPONSES[response].label}, for information", colour, hatch)


_ACTIONS = {
    Action.AVOID: _look(ACTIONS[Action.AVOID], "A", VERMILLION, "xxx"),
    Action.CONSIDER_ALTERNATIVE: _look(ACTIONS[Action.CONSIDER_ALTERNATIVE], "C", PURPLE, "\\\\\\"),
    Action.TEST_FIRST: _look(ACTIONS[Action.TEST_FIRST], "T", YELLOW, "..."),
    Action.REDUCE_DOSE: _look(ACTIONS[Action.REDUCE_DOSE], "R", ORANGE, "///"),
    Action.INCREASE_DOSE: _look(ACTIONS[Action.INCREASE_DOSE], "I", BLUE, "+++"),
    Action.MONITOR: _look(ACTIONS[Action.MONITOR], "M", SKY, "---"),
    Action.STANDARD: _look(ACTIONS[Action.STANDARD], "S", _USUAL),
}

_INFORMATION = {
    Response.INCREASED_TOXICITY: _weak(Response.INCREASED_TOXICITY, "t+", _WORSE, "///"),
    Response.REDUCED_EFFICACY: _weak(Response.REDUCED_EFFICACY, "e-", _WORSE, "\\\\\\"),
    Response.REDUCED_EXPOSURE: _weak(Response.REDUCED_EXPOSURE, "x-", _OTHER, "\\\\\\"),
    Response.INCREASED_EXPOSURE: _weak(Response.INCREASED_EXPOSURE, "x+", _OTHER, "///"),
    Response.MIXED: _weak(Response.MIXED, "~", _OTHER, "xxx"),
    Response.REDUCED_TOXICITY: _weak(Response.REDUCED_TOXICITY, "t-", _BETTER, "\\\\\\"),
    Response.INCREASED_EFFICACY: _weak(Response.INCREASED_EFFICACY, "e+", _BETTER, "///"),
    Response.TYPICAL: _weak(Response.TYPICAL, "=", _BETTER),
    Response.INDETERMINATE: _look(UNDECIDED, "?", WHITE, "..."),
    Response.NO_VALIDATED_MARKER: _look(NO_MARKER, "-", PALE),
}

LOOKS: tuple[Look, ...] = (*_ACTIONS.values(), *_INFORMATION.values())
"""Categories of a cell, the most restricting first."""

_ALIKE = {
    LOOKS.index(_ACTIONS[Action.STANDARD]): "Usual dose in every sample",
    LOOKS.index(_INFORMATION[Response.INDETERMINATE]): "Undecided in every sample",
    LOOKS.index(_INFORMATION[Response.NO_VALIDATED_MARKER]): "No validated marker in any sample",
}
"""What asks for nothing: a row of one of them from end to end is a name below the plot."""


def look_of(judged: Judgement) -> Look:
    """Return how a judgement is shown: by its action, or by the response where there is none."""
    return _ACTIONS.get(judged.action) or _INFORMATION[judged.response]


@dataclass(frozen=True, slots=True)
class _Table:
    """Categories of drugs (rows) and samples, and the drugs that are alike in every sample and ask for nothing."""

    drugs: list[str]
    codes: Codes
    alike: dict[int, list[str]]


def response_map(
    analysis: AnalysisData,
    drugs: Sequence[str] | None = None,
    samples: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] | None = None,
    style: Style = None,
) -> Axes:
    """Draw the predicted response of each sample to each drug.

    Up to 40 samples have a column each. More are grouped by pattern; where there are more than 40 patterns the
    samples are counted, drug by drug. Every category has a colour and a letter; bars of counts are hatched as well.

    Parameters
    ----------
    analysis : Analysis
    drugs : sequence of str, optional
        By name or alias, all of them shown. By default all drugs of the analysis; those that are alike in every
        sample and ask for nothing (usual dose, undecided, no validated marker) are named under the plot.
    samples : sequence of str, optional
        All of them by default.
    ax : Axes, optional
        Where to draw; by default on a new figure that is large enough.
    figsize : (float, float), optional
        Inches of a new figure; refused where letters would run into each other.
    style : str or mapping, optional
        A style of matplotlib, or settings such as ``{"font.family": "serif"}``, for this plot alone.

    Returns
    -------
    Axes

    Raises
    ------
    UsageError
        If there is no drug or sample to show, a name is unknown, or matplotlib is missing.
    """
    require(analysis, AnalysisData, "an Analysis, as lupus_pgx.analyze() returns it")
    chosen = sample_numbers(analysis.sample_ids, samples, "response_map")
    table = _table(analysis, _drug_names(analysis, drugs), chosen, everything=drugs is not None)
    with styled(style):
        return _draw(table, [analysis.sample_ids[number] for number in chosen], placed(ax, figsize))


def _draw(table: _Table, samples: Sequence[str], where: Place) -> Axes:
    head = f"Predicted response of {counted(len(samples), 'sample')}"
    if len(samples) <= COLUMNS:
        return _grid(table, table.codes, [shortened(name) for name in samples], head, where)
    patterns, counts = np.unique(table.codes, axis=1, return_counts=True)
    if len(counts) > COLUMNS:
        return _shares(table, f"{head} ({len(counts):,} different patterns)", where)
    order = np.argsort(-counts, kind="stable")
    labels = [counted(int(counts[number]), "sample") for number in order]
    return _grid(table, patterns[:, order], labels, f"{head}, grouped by {counted(len(counts), 'pattern')}", where)


def _drug_names(analysis: AnalysisData, drugs: Sequence[str] | None) -> list[str]:
    analyzed = analysis.results.responses.values
    if drugs is None:
        chosen = sorted(analyzed)
    else:
        chosen = list(dict.fromkeys(analysis.knowledge.drug(name).drug for name in drugs))
        for name in chosen:
            if name not in analyzed:
                raise UsageError(f"{name} was not among the drugs of this analysis: add it to drugs= of analyze()")
    if not chosen:
        raise UsageError("response_map: there is no drug to show; expected one or more")
    return chosen


def _table(analysis: AnalysisData, drugs: Sequence[str], chosen: Sequence[int], *, everything: bool) -> _Table:
    """Return the categories, drugs sorted by how much they are restricted and for how many."""
    numbers = {look: number for number, look in enumerate(LOOKS)}
    rows: dict[str, Codes] = {}
    for drug in drugs:
        judgements, index = analysis.results.responses.judged(drug)
        codes = np.array([numbers[look_of(judged)] for judged in judgements], np.uint8)
        rows[drug] = codes[index[chosen]]
    counts = {drug: np.bincount(row, minlength=len(LOOKS)) for drug, row in rows.items()}
    alike: dict[int, list[str]] = {}
    for drug, row in rows.items():
        if not everything and row[0] in _ALIKE and (row == row[0]).all():
            alike.setdefault(int(row[0]), []).append(drug)
    hidden = {drug for names in alike.values() for drug in names}
    if len(hidden) == len(rows):
        hidden, alike = set(), {}
    shown = sorted(rows.keys() - hidden, key=lambda drug: ((-counts[drug]).tolist(), drug))
    return _Table(shown, np.array([rows[drug] for drug in shown]), alike)


def _grid(table: _Table, codes: Codes, labels: Sequence[str], heading: str, where: Place) -> Axes:
    """Draw a column per sample or pattern."""
    rows, columns = codes.shape
    names, longest = [shortened(drug) for drug in table.drugs], inches(labels)
    width = max(columns * 0.25, 3.6)
    upright = (longest + 0.1) * columns > width
    above = longest + 0.1 if upright else 0.2
    sheet = Sheet(where, heading, (width, rows * LINE), left=inches(names) + 0.15, above=above)
    # The letter in a cell says what a hatching would; white cells keep theirs, or the row would look empty.
    plain = [look if look.colour == WHITE else replace(look, hatch="") for look in LOOKS]
    cells(sheet.ax, codes, plain)
    tick_labels(sheet.ax, "y", names)
    tick_labels(sheet.ax, "x", labels, rotation=90 if upright else 0)
    sheet.ax.xaxis.tick_top()
    sheet.legend([plain[number] for number in np.unique(codes)])
    for note in _notes(table):
        sheet.note(note)
    return sheet.finish()


def _shares(table: _Table, heading: str, where: Place) -> Axes:
    """Draw a bar per drug: how many samples are in each category; all counts are written beside it."""
    rows, total = table.codes.shape
    counts = np.array([np.bincount(row, minlength=len(LOOKS)) for row in table.codes])
    texts = [
        ", ".join(f"{LOOKS[number].letter} {line[number]:,}" for number in np.flatnonzero(line)) for line in counts
    ]
    names, present = [shortened(drug) for drug in table.drugs], np.flatnonzero(counts.sum(axis=0)).tolist()
    left, right = inches(names) + 0.15, inches(texts, SMALL) + 0.2
    sheet = Sheet(where, heading, (4.2, rows * LINE), left=left, right=right, under=0.3)
    ax, start = sheet.ax, np.zeros(rows)
    for number in present:
        look, share = LOOKS[number], counts[:, number] / total
        ax.barh(range(rows), share, 0.8, start, color=look.colour, hatch=look.hatch, edgecolor=EDGE, linewidth=0.4)
        box = {"facecolor": look.colour, "edgecolor": "none", "pad": 0.8}
        for row in np.flatnonzero(share > 0.04).tolist():
            middle = start[row] + share[row] / 2
            say(ax, middle, row, look.letter, fontsize=SMALL, color=look.ink, bbox=box, **CENTRED)
        start += share
    for row, text in enumerate(texts):
        beside(ax, row, text, fontsize=SMALL)
    tick_labels(ax, "y", names)
    percent_axis(ax)
    ax.set_ylim(rows - 0.4, -0.6)
    sheet.legend([LOOKS[number] for number in present])
    sheet.note("Beside each bar: how many samples are in each category.")
    for note in _notes(table):
        sheet.note(note)
    return sheet.finish()


def _notes(table: _Table) -> list[str]:
    return [
        f"{_ALIKE[number]} ({counted(len(drugs), 'drug')}): {', '.join(drugs)}."
        for number, drugs in sorted(table.alike.items())
    ]
