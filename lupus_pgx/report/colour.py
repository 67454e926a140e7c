"""Colour for a terminal: it repeats what the words say, and is asked for by whoever knows that there is a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

from lupus_pgx.terms import Action
from lupus_pgx.words.vocabulary import ACTIONS

_COLOURS = {
    Action.AVOID: "bold red",
    Action.CONSIDER_ALTERNATIVE: "bold red",
    Action.REDUCE_DOSE: "bold yellow",
    Action.INCREASE_DOSE: "bold cyan",
    Action.TEST_FIRST: "bold magenta",
}
_WORDS = {ACTIONS[action].label.upper(): colour for action, colour in _COLOURS.items()}
_ACTION = rf"\b(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b"
# A heading stands at the margin, above lines that do not, or between two rules; it may have two lines.
_HEADING = r"(?m)^(?=[^\s=]).*$(?=(?:\n[^\s=].*)?\n(?: {2}|=))"


def coloured(text: str) -> str:
    """Return a text with its headings bold and what restricts in colour; the sixteen colours every terminal has."""
    painted = Text(text, end="")
    painted.highlight_regex(_HEADING, "bold")
    painted.highlight_regex(_ACTION, style=lambda word: _WORDS[word])
    # Lines are broken already, and NO_COLOR was asked for before: nothing of the process decides here.
    page = Console(file=StringIO(), force_terminal=True, color_system="standard", no_color=False, _environ={})
    with page.capture() as shown:
        page.print(painted, soft_wrap=True, end="")
    return shown.get()
