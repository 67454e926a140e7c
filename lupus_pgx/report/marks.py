"""The words and marks of reports: every meaning has a word and a sign, colour only repeats them."""

from __future__ import annotations

from dataclasses import dataclass

from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.response.judgement import Judgement
from lupus_pgx.terms import Action, CallStatus, CheckStatus, Response

_WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Mark:
    """A meaning: ``key`` names its sign and its colour, ``word`` says it."""

    key: str
    word: str


@dataclass(frozen=True, slots=True)
class Link:
    """A citation, with its address where that is one of the web."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading under which drugs stand together, and what it means."""

    mark: Mark
    title: str
    meaning: str


ACTIONS = {
    Action.AVOID: Mark("avoid", "avoid"),
    Action.CONSIDER_ALTERNATIVE: Mark("alternative", "consider alternative"),
    Action.REDUCE_DOSE: Mark("reduce", "lower dose"),
    Action.INCREASE_DOSE: Mark("increase", "higher dose"),
    Action.TEST_FIRST: Mark("test", "test first"),
    Action.MONITOR: Mark("monitor", "monitor"),
    Action.STANDARD: Mark("standard", "usual dose"),
    Action.INFORMATIVE_ONLY: Mark("information", "information"),
}
UNDECIDED = Mark("undecided", "undecided")
NO_MARKER = Mark("none", "no validated marker")

_MEANINGS = {
    "avoid": ("Avoid", "The genotype speaks against these drugs."),
    "alternative": ("Consider an alternative", "A guideline names another drug as the better or safer choice."),
    "test": ("Test first", "A test that the file does not hold decides. Until then nothing is known, not 'normal'."),
    "reduce": ("Lower dose expected", "At the usual dose more drug, or more harm, is expected."),
    "increase": ("Higher dose expected", "At the usual dose less drug than usual is expected."),
    "monitor": ("Monitor", "Usual dose, with closer monitoring."),
    "standard": ("Usual dose", "All that the rules ask for was assessed, and the genotype asks for no change."),
    "information": ("For information", "Weak or conflicting evidence shows a direction. It changes no dose."),
    "undecided": ("Undecided", "Something essential was not assessed, or nobody has assigned what was found."),
    "none": ("No validated marker", "No genotype is known to tell who responds."),
}

_CALLS = {
    CallStatus.CERTAIN: Mark("certain", "certain"),
    CallStatus.PROBABLE: Mark("probable", "probable"),
    CallStatus.AMBIGUOUS: Mark("ambiguous", "ambiguous"),
    CallStatus.NOVEL: Mark("ambiguous", "no named pair fits"),
    CallStatus.NO_CALL: Mark("missing", "not assessed"),
    CallStatus.OUTSIDE: Mark("given", "given"),
}

_CHECKS = {
    CheckStatus.CONTRAINDICATED: "avoid",
    CheckStatus.AVOID: "avoid",
    CheckStatus.CONSIDER_ALTERNATIVE: "alternative",
    CheckStatus.ADJUST_DOSE: "reduce",
    CheckStatus.CHECK_FIRST: "test",
    CheckStatus.MONITOR: "monitor",
    CheckStatus.NOT_LOOKED_AT: "information",
    CheckStatus.NOTE: "information",
    CheckStatus.COMPATIBLE: "standard",
}


def mark_of(judged: Judgement) -> Mark:
    """Return the mark of a judgement: undecided and without a marker are not the same as information."""
    if judged.response is Response.NO_VALIDATED_MARKER:
        return NO_MARKER
    if judged.response is Response.INDETERMINATE and judged.action is Action.INFORMATIVE_ONLY:
        return UNDECIDED
    return ACTIONS[judged.action]


def groups() -> tuple[Group, ...]:
    """Return the headings of drugs: what is decided before what waits for a test, and what restricts most first."""
    marks = [*ACTIONS.values(), UNDECIDED, NO_MARKER]
    return tuple(Group(mark, *_MEANINGS[mark.key]) for mark in marks)


RESTRICTING = ("avoid", "alternative", "test", "reduce", "increase", "monitor")
"""Keys of the marks that ask for attention."""


def call_mark(status: CallStatus) -> Mark:
    """Return the mark of how sure a call is."""
    return _CALLS[status]


def check_mark(status: CheckStatus) -> Mark:
    """Return the mark of what a contraindication or interaction asks for."""
    return Mark(_CHECKS[status], status.phrase)


def marker_mark(status: str, *, settled: bool) -> Mark:
    """Return the mark of a marker call, whose status says how it was observed or why it is open."""
    if status == CallStatus.OUTSIDE:
        return _CALLS[CallStatus.OUTSIDE]
    return Mark("certain" if settled else "missing", status.replace("_", " "))


class Citations:
    """Links by citation, and which of them a page has used.

    Parameters
    ----------
    knowledge : Knowledge
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows = {row["citation"]: row for row in knowledge.rows("citations")}
        self._used: dict[str, None] = {}

    def links(self, *names: str) -> tuple[Link, ...]:
        """Return the links of citations, each once, and remember them."""
        self._used.update(dict.fromkeys(names))
        return tuple(Link(name, web_address(self._rows.get(name, {}).get("url"))) for name in dict.fromkeys(names))

    def listed(self) -> tuple[tuple[Link, str, str], ...]:
        """Return every citation used: its link, what it is about, and its kind."""
        found = []
        for name in sorted(self._used):
            row = self._rows.get(name, {})
            who = " ".join(str(row[part]) for part in ("authors", "year") if row.get(part))
            about = f"{who}. {row.get('topic') or ''}" if who else str(row.get("topic") or "")
            found.append((Link(name, web_address(row.get("url"))), about, str(row.get("kind") or "").replace("_", " ")))
        return tuple(found)


def lupus_drugs(knowledge: Knowledge) -> frozenset[str]:
    """Return the drugs that stand among the therapy options of lupus."""
    return frozenset(drug for row in knowledge.rows("therapy_options") for drug in split_list(row["drugs"]))


def web_address(text: str | None) -> str:
    """Return an address that may become a link: of the web, not a script; else nothing."""
    return text if text and text.lower().startswith(_WEB) else ""


_SPELLED = {"egfr": "eGFR", "igg": "IgG", "upcr": "UPCR", "hcq blood": "HCQ in blood"}


def shown_name(key: str) -> str:
    """Return a quantity or field as people write it."""
    name = key.replace("_", " ")
    return _SPELLED.get(name, name)
