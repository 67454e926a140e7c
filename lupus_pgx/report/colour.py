"""Colour for a terminal: it repeats what the words say, and is asked for by whoever knows that there is a terminal."""

from __future__ import annotations

import re

import click

from lupus_pgx.terms import Action
from lupus_pgx.words.vocabulary import ACTIONS

_COLOURS = {
    Action.AVOID: "red",
    Action.CONSIDER_ALTERNATIVE: "red",
    Action.REDUCE_DOSE: "yellow",
    Action.INCREASE_DOSE: "cyan",
    Action.TEST_FIRST: "magenta",
}
_WORDS = {ACTIONS[action].label.upper(): colour for action, colour in _COLOURS.items()}
_ACTION = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b")
_HEADING = re.compile(r"(?m)^(?=[^\s=])(?!Research use|Left out|Data release|NOTE).{1,70}$")


def coloured(text: str) -> str:
    """Return a summary with its headings bold and what restricts in colour."""
    bold = _HEADING.sub(lambda found: click.style(found[0], bold=True), text)
    return _ACTION.sub(lambda found: click.style(found[0], fg=_WORDS[found[0]], bold=True), bold)
