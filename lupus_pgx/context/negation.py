"""What a text states, without what it says was not there: ``nausea, no anaphylaxis`` is a nausea."""

from __future__ import annotations

import re

_CLAUSE = re.compile(
    r"([,;.()+/&]|\s[-\u2013]+>?\s|->|(?<!not )(?<!nicht )\b(?:because|due to|wegen)\b|"
    r"\b(?:and|with|but|only|just|though|except|yet|und|mit|aber|sondern|nur|jedoch|et|avec|mais|seulement|sauf|"
    r"y|con|pero|sino|s[o\u00f3]lo|salvo|then|dann|puis|luego)\b)",
    re.IGNORECASE,
)
_NO = (
    r"\b(?:no|not|without|never|nor|neither|denie[sd]|kein\w*|ohne|nicht|nie|pas|sans|aucun\w*|jamais|sin|"
    r"ning[u\u00fa]n\w*|free of|negative for|absence of)\b"
)
_DENIED = re.compile(
    # What follows these says nothing of what was there: not tolerated, no severe rash, no doubt.
    rf"{_NO}(?!\s*(?:[-\w]+\s+)?(?:tolera|only|longer|able|sure|certain|clear|doubt|breath|respon|improv|resol|recover|"
    r"sever|serious|fatal|life|mild|first|better|treat|due|because|related|vertrag|nur|sicher|mehr|klar|schwer|lebens|rul|"
    r"exclu|ausge|grave|s\u00e9v|\u00e9car|descart|warning|known|bekannt|connu)|"
    r"\s+(?:(?:to be|again|given|wieder|mehr)\b|re-?(?:challeng|treat|expos|start|introd|peat|sum)|"
    r"further (?:dose|treat|us|expos|infus)))[^:=]*",
    re.IGNORECASE,
)
_EXCLUDED = re.compile(
    # Of what stands before these the nearest noun with its attributes: pneumonitis infection excluded is a pneumonitis.
    r"(?:(?<!\S)(?:(?=\S*-|\S*(?:ic|al|ute|ous|ive|ed|ere|ar)\s)\S+\s+)*\S+\s+(?:(?:syndrome?|injury|failure|reaction|disease|"
    r"toxicity|damage|necrolysis|antibod\w*|antik\u00f6rper|anticorps|tests?|screen\w*|pcr|serolog\w*)\s+)?)?"
    r"(?:excluded|ruled out|ausgeschlossen|exclue?s?|\u00e9cart\u00e9e?s?|infirm\u00e9e?s?|descartad[oa]s?|absent|"
    r"(?<=\s)negativ[eo]?)\s*$",
    re.IGNORECASE,
)
_NOT_EXCLUDED = re.compile(r"\b(?:not|never|cannot|can't|nicht|nie|pas|no|jamais)\b", re.IGNORECASE)


OTHERS = re.compile(
    r"\b(?:family|mother|father|sister|brother|siblings?|parents?|husband|wife|partner|son|daughter|aunt|uncle|cousin|"
    r"familie|mutter|vater|schwester|bruder|tochter|sohn|famille|familial|m\u00e8re|p\u00e8re|s\u0153ur|soeur|fr\u00e8re|"
    r"familia|madre|padre|hermana|hermano)\b",
    re.IGNORECASE,
)
"""Names somebody else, of whom it is told and not of the patient."""

_WORDS_OF_NO = (
    r"(?:no|none|not present|negative|absent|denied|excluded|ruled out|nein|negativ|ausgeschlossen|verneint|non|"
    r"exclue?|n\u00e9gatif|ausente|descartad[oa])"
)
_IN_BRACKETS = re.compile(
    rf"\(\s*(?P<no>{_WORDS_OF_NO})\s*\)|\s[-\u2013]\s+(?P<behind>{_WORDS_OF_NO})\s*(?=$|[,;.])", re.IGNORECASE
)
_NO_BESIDE = re.compile(
    rf"[^:=]+[:=]\s*{_WORDS_OF_NO}|"
    r"(?:no|not|ruled out|excluded|denied|negative|absent|ausgeschlossen|exclue?)\s*[:=]\s*\S.*",
    re.IGNORECASE,
)
"""A reaction with its no behind it, or ahead of it: ``pancreatitis: no``, ``ruled out: pancreatitis``."""


def stated(told: str) -> str:
    """Return a text without what it says was not there; empty where all of it is denied.

    Examples
    --------
    >>> stated("nausea, no anaphylaxis"), stated("thrombocytopenia, HIT excluded"), stated("SJS not ruled out")
    ('nausea', 'thrombocytopenia', 'SJS not ruled out')
    >>> stated("not tolerated: nausea without leukopenia"), stated("no reaction")
    ('not tolerated: nausea', '')
    >>> stated("ruled out: pancreatitis"), stated("nausea, pancreatitis (excluded)"), stated("rash and fever: no")
    ('', 'nausea', 'rash and')
    >>> stated("no rash - anaphylaxis"), stated("pneumonitis infection excluded"), stated("acute pancreatitis excluded")
    ('anaphylaxis', 'pneumonitis', '')
    """
    told = _IN_BRACKETS.sub(lambda match: f": {match['no'] or match['behind']}", told)  # pancreatitis (excluded)
    pieces = _CLAUSE.split(told)  # every second one is what stands between two clauses
    kept = [_without_excluded(part) for part in pieces[::2]]
    if not any(part.strip() for part in kept):
        return ""
    between = [*pieces[1::2], ""]
    text = "".join(part + mark for part, mark in zip(kept, between, strict=True))
    return re.sub(r"\s*(?:,\s*)+$", "", re.sub(r"\s+", " ", text)).strip(" ,;:-")


def _without_excluded(part: str) -> str:
    """Return a part without what is denied, and without what was looked for and not found."""
    if _NO_BESIDE.fullmatch(part.strip()):
        return ""
    found = _EXCLUDED.search(part)
    excluded = found is not None and not _NOT_EXCLUDED.search(part)
    return _DENIED.sub("", _EXCLUDED.sub("", part) if excluded else part)
