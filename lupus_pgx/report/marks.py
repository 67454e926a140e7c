"""Marks and links of reports: every meaning has a word and a sign, colour only repeats them."""

from __future__ import annotations

from dataclasses import dataclass

from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.response.judgement import Judgement
from lupus_pgx.terms import Action, CallStatus
from lupus_pgx.words.sentences import cited_text
from lupus_pgx.words.vocabulary import ACTIONS, CALLS, Word, judged_word, plain

_WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Link:
    """A citation, with its address where that is one of the web."""

    text: str
    url: str


def mark_of(judged: Judgement) -> Word:
    """Return the word of a judgement."""
    return judged_word(judged.action, judged.response)


def action_word(action: Action) -> str:
    """Return the name of an action; one that restricts stands out."""
    label = ACTIONS[action].label
    return label.upper() if action.severity > Action.MONITOR.severity else label


def marker_mark(status: str, *, settled: bool) -> Word:
    """Return the mark of a marker call, whose status says how it was observed or why it is open."""
    if status == CallStatus.OUTSIDE:
        return CALLS[CallStatus.OUTSIDE]
    return Word("certain" if settled else "missing", plain(status))


class Citations:
    """Links by citation, and which of them a page has used.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows = {row["citation"]: row for row in knowledge.rows("citations")}
        self._newer = knowledge.newer_documents
        self._used: dict[str, None] = {}

    def links(self, *names: str) -> tuple[Link, ...]:
        """Return the links of citations, each once, and remember them."""
        self._used.update(dict.fromkeys(names))
        return tuple(self._link(name) for name in dict.fromkeys(names))

    def _link(self, name: str) -> Link:
        row = self._rows.get(name)
        return Link(name, web_address(row["url"] if row is not None else None))

    def listed(self) -> tuple[tuple[Link, str, str], ...]:
        """Return every citation used: its link, what it is about, and its kind."""
        found = []
        for name in sorted(self._used):
            row = self._rows.get(name)
            topic = cited_text(row["authors"], row["year"], row["topic"]) if row is not None else ""
            if name in self._newer:
                topic = f"{topic}; {self._newer[name].text}"
            kind = plain(row["kind"] or "") if row is not None else ""
            found.append((self._link(name), topic, kind))
        return tuple(found)


def lupus_drugs(knowledge: Knowledge) -> frozenset[str]:
    """Return the drugs that stand among the therapy options of lupus."""
    return frozenset(drug for row in knowledge.rows("therapy_options") for drug in split_list(row["drugs"]))


def web_address(text: str | None) -> str:
    """Return an address that may become a link: of the web, not a script; else nothing."""
    return text if text and text.lower().startswith(_WEB) else ""
