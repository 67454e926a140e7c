"""Intake and infection as a clinician tells them, in the fields by which the tables ask for them.

``adherence`` becomes the condition ``missed_doses``; ``infection`` becomes ``active_infection`` and, where a row of
``context_words`` knows the infection, a condition of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.words.vocabulary import listed

if TYPE_CHECKING:
    from lupus_pgx.context.language.word_rows import Words

_ENOUGH = 80
"""Percent of the doses from which intake counts as regular: the usual bound of refill studies (our choice)."""

_SHARE = re.compile(r"\s*([<>]=?)?\s*([0-9]{1,3}(?:\.[0-9]+)?)\s*(%|percent)?\s*")
GRADES = ("mild", "moderate", "severe")
FINISHED = "finished"
"""Of the field ``treated`` of an infection: it is over."""

_TREATED = ("no", "ongoing", FINISHED)

_NOT_ONE = re.compile(
    r"\?|\b(?:no|not|non|kein\w*|pas de|sans|without|neg|negativ\w*|n\u00e9gati\w*|excluded|ruled out|"
    r"ausgeschlossen|exclue?|vaccin\w*|impf\w*|immuni[sz]ation|prophyla\w*|\w*prophylaxe|husband|wife|partner|mother|father|"
    r"child|contact|exposure|suspected|possible|verdacht|screening|carrier)\b|"
    r"^\W*(?:(?:high|low[ -]grade)\s+)?(?:fever|febrile|fieber|fi[e\u00e8]vre|fiebre|febre|febbre|pyrexia)"
    r"(?:\s+of\s+unknown\s+\w+)?\W*$",
    re.IGNORECASE,
)
"""What makes of the name of an infection something else: a vaccination, what somebody else has, what is not there, a
fever."""

_OF_A_YEAR = re.compile(r"(?P<which>\S.*?)[\s,(]+(?:in\s+)?(?P<year>(?:19|20)\d\d)\)?")


OVER = "over"
"""Details of the word for an infection that is answered by no once it is over: it is asked for beside the others."""

TESTED = "tested"
"""Detail of the word for an infection that a negative test excludes: a COVID-19, and no tuberculosis."""

LEAVES, SEVERE, MILD = "leaves", "severe", "mild"
"""Details of the word for an infection that leaves something (a diverticulitis), of a severe one (a sepsis), and of one
that is mild where nobody tells more (a common cold)."""

LASTING = "lasting"
"""Details of the word for an infection that lasts, such as hepatitis B: it is a condition, and needs no grade."""

ACTIVE = "active_infection"
"""Condition that an infection is there whose severity nobody told."""

Refuse = Callable[[str, str], None]
"""Takes the name of a field below the one that is read, or an empty text, and what to write."""


def read_adherence(told: Any, words: Words, refuse: Refuse) -> tuple[bool | None, str]:
    """Read how a treatment is taken.

    Parameters
    ----------
    told : object
        A word of ``context_words``, or a mapping with ``how`` it is known and the ``share`` of doses taken.
    words : Words
    refuse : callable

    Returns
    -------
    missed : bool or None
        Whether doses are missed; None where that cannot be read, which was refused then.
    remark : str
    """
    if isinstance(told, str):
        row = words.find("adherence", told)
        if row is None:
            refuse("", "expected good or poor, or a mapping such as {how: refills, share: 60 %}" + f"; found {told!r}")
            return None, ""
        return row["value"] == "missed", f"adherence: {told}: read as {_missed(row['value'] == 'missed')}"
    if not isinstance(told, Mapping) or "share" not in told or set(told) - {"how", "share"}:
        refuse("", f"expected good or poor, or a mapping with how and share; found {told!r}")
        return None, ""
    match = _SHARE.fullmatch(str(told["share"])) if not isinstance(told["share"], bool) else None
    if match is None or float(match[2]) > 100 or not (match[3] or float(match[2]) > 1):
        refuse("share", f"expected percent of the doses, such as 60 %; found {told['share']!r}")
        return None, ""
    share, sign = float(match[2]), (match[1] or "")[:1]
    if (sign == ">" and share < _ENOUGH) or (sign == "<" and share > _ENOUGH):
        refuse("share", f"does not say whether it is {_ENOUGH} % or less: write the share; found {told['share']!r}")
        return None, ""
    missed = share < _ENOUGH or (sign == "<" and share == _ENOUGH)
    known = f" by {told['how']}" if told.get("how") else ""
    return missed, f"adherence: {match[1] or ''}{match[2]} %{known}: read as {_missed(missed)}"


def _missed(missed: bool) -> str:
    return "missed doses" if missed else "no missed doses"


def read_infection(told: Any, words: Words, refuse: Refuse) -> tuple[str | None, dict[str, bool], str]:
    """Read an infection: which one, when, and whether it was treated.

    Parameters
    ----------
    told : object
        No, the word of an infection that is there, or a mapping with ``which``, and perhaps ``when``, ``treated`` (no,
        ongoing or finished) and ``severity``.
    words : Words
    refuse : callable

    Returns
    -------
    grade : str or None
        As of ``active_infection``; None where how severe it is was not told, or cannot be read, which was refused then.
    conditions : dict of str to bool
        That ask for this infection, where it is active, and ``active_infection`` where it has no grade; one that is
        over and has a name of its own among the conditions (a tuberculosis) is not there.
    remark : str
    """
    answer = words.find("answer", "no" if told is False else told)
    if answer is not None and answer["value"] == "no":
        return "none", {}, f"infection: {told}: read as no active infection"
    if words.find("infection", told) is not None or (answer is not None and not answer["value"]):
        told = infection_of(told)
    if not isinstance(told, Mapping) or "which" not in told or set(told) - {"which", "when", "treated", "severity"}:
        refuse("", _what_to_write(told, words) + _found(told))
        return None, {}, ""
    treated, grade = "no" if told.get("treated") is False else told.get("treated"), told.get("severity")
    which = words.find("answer", told["which"])
    if which is not None and which["value"] != "yes":
        nothing = "no active infection" if which["value"] else "not known, and is left out"
        return "none" if which["value"] else None, {}, f"infection: {told['which']}: read as {nothing}"
    part, rule = "", ""
    if treated is None and _lasts(told["which"], words):
        treated = "no"  # it is there or was, whatever was done
    if treated not in _TREATED:
        part = "treated"
        rule = f"write {listed(list(_TREATED))}: only a finished infection is over{_found(treated)}"
    elif grade is not None and grade not in GRADES:
        part, rule = "severity", f"expected {', '.join(GRADES)}: leave it out where it is not known" + _found(grade)
    elif words.find("infection", told["which"]) is None and _NOT_ONE.search(str(told["which"])):
        part, rule = (
            "which",
            "names no infection that is there: leave it out, or write its name" + _found(told["which"]),
        )
    if rule:
        refuse(part, rule)
        return None, {}, ""
    return _one(told, str(treated), grade, words)


def _what_to_write(told: Any, words: Words) -> str:
    """Say how an infection is written that is told in another way."""
    example = "expected a mapping such as {which: zoster, treated: ongoing, severity: moderate}"
    if not isinstance(told, str):
        return example
    dated = _OF_A_YEAR.fullmatch(told.strip())
    if dated is not None and words.find("infection", dated["which"]) is not None:
        over = f"{{which: {dated['which']}, when: {dated['year']}, treated: {FINISHED}}}"
        rule = "expected a mapping, as a year does not say whether it is there now"
        return f"{rule}: write {over} where it is over, else 'ongoing'"
    if _NOT_ONE.search(told):
        return "names no infection that is there: leave it out, or write its name"
    which = named_first(told, words)
    if which:
        there, over = (f"{{which: {which}, treated: {how}}}" for how in ("ongoing", FINISHED))
        return f"write {there} where it is there, {over} where it is over; its day is when: DATE"
    return f"{example}: write {{which: {told}, treated: ongoing}} where it is one that is there"


def _lasts(which: Any, words: Words) -> bool:
    """Whether an infection has no end that a treatment brings of itself."""
    row = words.find("infection", which)
    kind = split_list(row["details"]) if row is not None else ()
    return LASTING in kind and OVER not in kind


def _one(
    told: Mapping[str, Any], treated: str, grade: str | None, words: Words
) -> tuple[str | None, dict[str, bool], str]:
    """Read an infection that is there, lasts or is over."""
    row = words.find("infection", told["which"])
    asked = split_list(row["value"]) if row is not None else ()
    when = f", {told['when']}" if told.get("when") else ""
    kind = split_list(row["details"]) if row is not None else ()
    if LASTING in kind and not (OVER in kind and treated == FINISHED):
        # It has no end that a treatment brings of itself, and by itself it is no acute illness.
        remark = f"infection: {told['which']}{when}: read as {' and '.join(asked)}, which is there or was"
        return grade, dict.fromkeys(asked, True), remark
    if treated == FINISHED:
        # That another is not there it does not say: a zoster that is over is no word on a pneumonia.
        own = words.condition(told["which"])
        itself = [
            name
            for name in asked
            if OVER in kind or (own is not None and (own["value"], own["details"]) == (name, None))
        ]
        over = dict.fromkeys(asked, True) if LEAVES in kind else dict.fromkeys(itself, False)
        none = f", no {' or '.join(itself)} now" if itself else ""
        remark = f"infection: {told['which']}{when}, treated: read as over{none}"
        return None, over, f"{remark}; where no other is there, write {ACTIVE}: none"
    grade = grade or next((degree for degree in (SEVERE, MILD) if degree in kind), None)
    named = f" and {' and '.join(asked)}" if asked else "; no table asks for this one by its name"
    there = dict.fromkeys(asked, True) | ({ACTIVE: True} if grade is None else {})
    degree = grade or "of unknown severity"
    return grade, there, f"infection: {told['which']}{when}: read as active, {degree}{named}"


def infection_of(told: Any) -> Any:
    """Return an infection as a mapping: one that is told by its name alone is there."""
    return {"which": told, "treated": "no"} if isinstance(told, str) else told


def _found(value: Any) -> str:
    return "" if value is None else f"; found {value!r}"


def named_first(told: str, words: Words) -> str:
    """Return the infection with which a text begins, such as ``UTI`` of ``UTI last month``; empty where it is none.

    Parameters
    ----------
    told : str
    words : Words
    """
    parts = told.split()
    texts = (" ".join(parts[:size]).rstrip(",;:(") for size in range(len(parts), 0, -1))
    return next((text for text in texts if words.find("infection", text) is not None), "")
