"""Grids of coloured cells with letters, and the samples that are shown in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.plots.canvas import CENTRED, SMALL, WHITE, Look, bare, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Codes = npt.NDArray[np.uint8]
"""Numbers of looks."""


def sample_numbers(sample_ids: Sequence[str], samples: Sequence[str] | None, plot: str) -> list[int]:
    """Return the numbers of the samples that were asked for, each once; all of them by default.

    Raises
    ------
    UsageError
        If a sample is unknown, or there is none.
    """
    numbers = {sample: number for number, sample in enumerate(sample_ids)}
    for sample in samples or ():
        if sample not in numbers:
            raise unknown_name("sample", sample, numbers)
    chosen = list(numbers.values()) if samples is None else [numbers[sample] for sample in dict.fromkeys(samples)]
    if not chosen:
        raise UsageError(f"{plot}: there is no sample to show; expected one or more")
    return chosen


def cells(ax: Axes, codes: Codes, looks: Sequence[Look]) -> None:
    """Draw a cell per number, with colour, letter and hatching of its look.

    Parameters
    ----------
    ax : Axes
    codes : ndarray of uint8, shape (rows, columns)
    looks : sequence of Look
    """
    rows, columns = codes.shape
    shades = np.array([[int(look.colour[place : place + 2], 16) for place in (1, 3, 5)] for look in looks], np.uint8)
    ax.imshow(shades[codes], aspect="auto", interpolation="nearest")
    for number in np.unique(codes).tolist():
        if looks[number].hatch:
            _hatch(ax, np.argwhere(codes == number), looks[number].hatch)
    for row in range(rows):
        for column in range(columns):
            look = looks[codes[row, column]]
            if look.letter:
                # Between the dots of a hatching a question mark could not be read.
                clear = {"bbox": {"facecolor": look.colour, "edgecolor": "none", "pad": 1.0}} if look.hatch else {}
                say(ax, column, row, look.letter, fontsize=SMALL, color=look.ink, **CENTRED, **clear)
    ax.set_xticks(np.arange(1, columns) - 0.5, minor=True)
    ax.set_yticks(np.arange(1, rows) - 0.5, minor=True)
    ax.grid(which="minor", color=WHITE, linewidth=0.8)
    ax.grid(which="major", visible=False)
    bare(ax)
    ax.tick_params(which="minor", length=0)


def _hatch(ax: Axes, places: npt.NDArray[np.intp], hatch: str) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    squares = [Rectangle((column - 0.5, row - 0.5), 1, 1) for row, column in places.tolist()]
    ax.add_collection(PatchCollection(squares, facecolor="none", edgecolor="#BBBBBB", linewidth=0, hatch=hatch))
