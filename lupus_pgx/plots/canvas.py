"""What all plots need: matplotlib when asked for, room for the words, texts that cannot be misread as markup.

Nothing here keeps state: no pyplot, no global settings. A figure is made only where no Axes was given.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from lupus_pgx.errors import UsageError, not_installed

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

SIZE = 8.0
"""Size of labels in points."""
SMALL = 7.0
_BOLDER = 1.16
"""How much wider bold letters are, at the most."""
LINE = 0.19
"""Height of a line of labels in inches."""

# Okabe and Ito's colours, told apart by colour-blind readers.
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY, PALE, WHITE = "#999999", "#DDDDDD", "#FFFFFF"
EDGE = "#333333"

CENTRED = {"ha": "center", "va": "center_baseline"}

_NEEDED = ("plots need", "matplotlib>=3.9")

_Kind = TypeVar("_Kind")

Place: TypeAlias = "Axes | tuple[float, float] | None"
"""Where to draw: an Axes, a new figure of some inches, or (None) a new one of the size that everything needs."""

Style: TypeAlias = str | dict[str, Any] | None
"""A style of matplotlib: its name or file, or settings such as ``{"font.family": "serif"}``."""

_ROOM = 0.95
"""So much of a line may be filled: at few dots per inch letters are drawn wider than they are."""
_NARROW_LINE, _INDENT = 24, "  "
"""So many letters a line has room for at least; further lines of a text begin with this."""

_NARROWEST, _LOWEST = 0.6, 0.8
"""So much of its own width and height a plot keeps at least: below it letters would run into each other."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a category is shown: by colour, and by letter and hatching where there is no colour."""

    letter: str
    words: str
    colour: str
    hatch: str = ""

    @property
    def ink(self) -> str:
        """Black or white, whichever can be read on the colour."""
        red, green, blue = (int(self.colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        return BLACK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.18 else WHITE


def require(thing: Any, kind: type[_Kind], advice: str) -> _Kind:
    """Return what a plot is drawn of.

    Raises
    ------
    UsageError
        If it is something else.
    """
    if not isinstance(thing, kind):
        raise UsageError(f"expected {advice}; found {type(thing).__name__}")
    return thing


def placed(ax: Axes | None, figsize: tuple[float, float] | None) -> Place:
    """Return where to draw: on an Axes that is there, on a figure of some inches, or (None) on one that fits.

    Raises
    ------
    UsageError
        If both are given, or ``figsize`` is no width and height.
    """
    if figsize is None:
        return ax
    if ax is not None:
        raise UsageError("figsize would do nothing: with ax= the Axes has its size already")
    sizes = tuple(figsize)
    if len(sizes) != 2 or not all(isinstance(size, int | float) and 0 < size < math.inf for size in sizes):
        raise UsageError(f"expected width and height in inches as figsize=, such as (7, 4); found {figsize!r}")
    return (float(sizes[0]), float(sizes[1]))


def styled(style: Style) -> AbstractContextManager[None]:
    """Return a context in which matplotlib has a style: a name, a file or settings; nothing of it stays.

    Raises
    ------
    UsageError
        If there is no such style or setting, or matplotlib is not installed.
    """
    if style is None:
        return nullcontext()
    try:
        from matplotlib import style as styles
    except ImportError:
        raise not_installed(*_NEEDED) from None
    try:
        with styles.context(style):
            pass
    except (OSError, KeyError, ValueError) as error:
        raise UsageError(f"matplotlib does not know the style {style!r} ({error})") from None
    return styles.context(style)


def _axes(ax: Axes | None) -> Axes:
    """Return the Axes to draw on; without one, that of a new figure.

    Raises
    ------
    UsageError
        If matplotlib is not installed, or ``ax`` is no Axes.
    """
    try:
        from matplotlib.axes import Axes as Kind
    except ImportError:
        raise not_installed(*_NEEDED) from None
    if ax is None:
        return _published_figure()().add_subplot(axes_class=_shown_axes())
    return require(ax, Kind, "a matplotlib Axes as ax=")


@cache
def _published_figure() -> type[Figure]:
    """Return a kind of Figure that journals take: letters stay letters (Type 42 fonts), whatever the settings are."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Kind

    class PublishedFigure(Kind):
        def savefig(self, *where: Any, **how: Any) -> None:
            with rc_context({"pdf.fonttype": 42, "ps.fonttype": 42, "svg.fonttype": "none"}):
                super().savefig(*where, **how)

    return PublishedFigure


@cache
def _shown_axes() -> type[Axes]:
    """Return a kind of Axes that a notebook shows as a picture; its figure is unknown to pyplot."""
    from matplotlib.axes import Axes as Kind
    from matplotlib.figure import Figure

    class ShownAxes(Kind):
        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            assert isinstance(self.figure, Figure)
            self.figure.savefig(picture, format="png", bbox_inches="tight")
            return picture.getvalue()

    return ShownAxes


def _font(size: float) -> Any:
    try:
        from matplotlib.font_manager import FontProperties, findfont, get_font
    except ImportError:
        raise not_installed(*_NEEDED) from None
    font = get_font(findfont(FontProperties()))
    font.set_size(size, 72)
    return font


def printable(text: str) -> str:
    """Return a text the font can show: other characters are written as their number (``U+4E2D``)."""
    if text.isascii() and text.isprintable():
        return text
    font = _font(SIZE)
    return "".join(
        letter if letter.isprintable() and font.get_char_index(ord(letter)) else f"<U+{ord(letter):04X}>"
        for letter in text
    )


def shortened(text: str, most: int = 32) -> str:
    """Return a printable text of at most ``most`` characters; both ends of a longer one are kept."""
    text = printable(text)
    if len(text) <= most:
        return text
    tail = (most - 3) // 3
    return f"{text[: most - 3 - tail]}...{text[-tail:]}"


def inches(texts: Sequence[str], size: float = SIZE) -> float:
    """Return the width of the longest of some printable texts."""
    font = _font(size)
    widest = 0.0
    for line in {line for text in texts for line in text.splitlines()}:
        font.set_text(line)
        widest = max(widest, font.get_width_height()[0] / 64 / 72)
    return widest


def wrapped(text: str, width: float, size: float = SIZE) -> str:
    """Break a text into lines of some inches; words stay whole."""
    most = max(width * _ROOM, inches(["n" * _NARROW_LINE], size))
    lines: list[str] = []
    for whole in text.splitlines():
        line = ""
        for word in printable(whole).split():
            longer = f"{line} {word}" if line else word
            if line.strip() and inches([longer], size) > most:
                lines.append(line)
                longer = f"{_INDENT}{word}"
            line = longer
        lines.append(line)
    return "\n".join(lines)


def say(ax: Axes, x: float, y: float, text: str, **style: Any) -> Text:
    """Write a text as it is: neither dollars nor backslashes are markup."""
    return ax.text(x, y, printable_lines(text), parse_math=False, usetex=False, **{"fontsize": SIZE, **style})


def printable_lines(text: str) -> str:
    """Return the lines of a text, each printable."""
    return "\n".join(printable(line) for line in text.split("\n"))


def beside(ax: Axes, y: float, text: str, away: float = 0.1, **style: Any) -> Text:
    """Write a text right of an Axes, some inches away, at a height in data."""
    from matplotlib.transforms import ScaledTranslation

    moved = ax.get_yaxis_transform() + ScaledTranslation(away, 0, ax.figure.dpi_scale_trans)
    return say(ax, 1, y, text, transform=moved, va="center", **style)


def tick_labels(
    ax: Axes, axis: str, labels: Sequence[str], places: Sequence[float] | None = None, **style: Any
) -> None:
    """Label places of an axis, by default 0, 1, 2 ..."""
    setter = ax.set_xticks if axis == "x" else ax.set_yticks
    setter(
        range(len(labels)) if places is None else places,
        [printable_lines(label) for label in labels],
        parse_math=False,
        usetex=False,
        **{"fontsize": SIZE, **style},
    )


def bare(ax: Axes, *sides: str) -> None:
    """Take away the frame, or some sides of it, and the tick marks."""
    for side in sides or ("left", "right", "top", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)


def percent_axis(ax: Axes, top: float = 1.0) -> None:
    """Label the x axis in percent, from 0 to ``top`` (a share)."""
    step = next((step for step in (0.05, 0.1) if top / step <= 5), 0.25)
    places = [number * step for number in range(int(top / step + 1.001))]
    ax.set_xlim(0, top)
    ax.set_xticks(places, [f"{place:.0%}" for place in places], fontsize=SMALL)
    bare(ax)


class Sheet:
    """An Axes with labels, legend and notes around it; all sizes are inches.

    Parameters
    ----------
    where : Axes, (float, float) or None
        Without Axes a figure is made: of some inches, or of the size that everything needs (:meth:`finish`).
    heading : str
    size : (float, float)
        Width and height of the Axes itself, where it is made here.
    left, right, above, under : float
        What labels take at its sides.
    """

    def __init__(
        self,
        where: Place,
        heading: str,
        size: tuple[float, float],
        *,
        left: float,
        right: float = 0.0,
        above: float = 0.0,
        under: float = 0.1,
    ) -> None:
        given = where if isinstance(where, tuple) else None
        self.ax, self._made = _axes(None if isinstance(where, tuple) else where), where is None or given is not None
        self._size, self._left, self._above, self._down = size, left, above + 0.36, under
        self._least, self._given = size, given
        heading = printable(heading)
        if given is not None:
            heading = wrapped(heading, given[0] - 0.2, (SIZE + 2) * _BOLDER)
            self._above += heading.count("\n") * (SIZE + 2) * 1.2 / 72
            self._size = (max(given[0] - left - right - 0.2, size[0] * _NARROWEST), size[1])
        size = self._size
        taken = left + size[0]
        self._right = max(right, inches([heading], SIZE + 2) * _BOLDER - taken, 4.5 - taken) + 0.1
        if given is not None:
            self._right = right + 0.2
        inside = size[0] if self._made else float(self.ax.get_window_extent().width / self.ax.figure.dpi)
        self._width = left + inside + (self._right if self._made else 0.0) - 0.1
        self.ax.set_title(
            heading,
            loc="left",
            x=(0.05 - left) / inside,
            fontsize=SIZE + 2,
            fontweight="bold",
            parse_math=False,
            usetex=False,
        )

    @property
    def inside(self) -> float:
        """Width of the Axes in inches."""
        return self._size[0] if self._made else float(self.ax.get_window_extent().width / self.ax.figure.dpi)

    def _under(self) -> Transform:
        """Return coordinates in which 0, 0 is the next free place under the Axes."""
        from matplotlib.transforms import ScaledTranslation

        return self.ax.transAxes + ScaledTranslation(-self._left + 0.05, -self._down, self.ax.figure.dpi_scale_trans)

    def legend(self, looks: Sequence[Look], extra: Sequence[Artist] = ()) -> None:
        """Show what colours, hatches and letters mean."""
        handles = [*(swatch(look) for look in looks), *extra]
        if not handles:
            return
        each = inches([str(handle.get_label()) for handle in handles], SMALL) + 0.45
        columns = min(max(int(self._width / each), 1), len(handles))
        made = self.ax.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0, 0),
            bbox_transform=self._under(),
            ncols=columns,
            fontsize=SMALL,
            frameon=False,
            borderaxespad=0,
            borderpad=0.2,
            handlelength=1.6,
            columnspacing=1.0,
        )
        for text in made.get_texts():
            text.set_parse_math(False)
        self._down += -(-len(handles) // columns) * 0.165 + 0.08

    def note(self, text: str) -> None:
        """Write a note, wrapped."""
        lines = wrapped(text, self._width, SMALL)
        say(self.ax, 0, 0, lines, transform=self._under(), va="top", fontsize=SMALL, linespacing=1.15)
        self._down += (lines.count("\n") + 1) * SMALL * 1.36 / 72 + 0.05

    def finish(self) -> Axes:
        """Size the figure where it was made here, and return the Axes."""
        if self._made:
            width = self._left + self._size[0] + self._right
            around = self._above + self._down + 0.08
            height = around + self._size[1]
            if self._given is not None:
                self._must_fit(around)
                width, height = self._given
                self._size = (self._size[0], height - around)
            self.ax.figure.set_size_inches(width, height)  # type: ignore[union-attr]
            bottom = (self._down + 0.08) / height
            self.ax.set_position((self._left / width, bottom, self._size[0] / width, self._size[1] / height))
        return self.ax

    def _must_fit(self, around: float) -> None:
        """Refuse a figure in which letters would run into each other; say which one would do."""
        assert self._given is not None
        narrow = self._left + self._least[0] * _NARROWEST + self._right
        low = around + self._least[1] * _LOWEST
        if self._given[0] < narrow - 1e-6 or self._given[1] < low - 1e-6:
            least = f"{math.ceil(10 * narrow) / 10:g} by {math.ceil(10 * low) / 10:g}"
            raise UsageError(
                f"a figure of {self._given[0]:g} by {self._given[1]:g} inches has no room for all that this plot "
                f"says: expected at least {least}, or fewer drugs, genes or samples"
            )


def swatch(look: Look) -> Patch:
    """Return the legend entry of a category."""
    from matplotlib.patches import Patch

    label = f"{look.letter}  {look.words}" if look.letter else look.words
    return Patch(facecolor=look.colour, edgecolor=EDGE, linewidth=0.5, hatch=look.hatch, label=printable(label))
