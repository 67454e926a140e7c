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
    r"sever|serious|fatal|life|mild|first|better|treat|due|because|related(?!\s+reactions?\b)|vertrag|nur|sicher|mehr|klar|schwer|lebens|rul|"
    r"exclu|ausge|grave|s\u00e9v|\u00e9car|descart|warning|known|bekannt|connu)|"
    r"\s+(?:(?:to be|again|given|wieder|mehr)\b|re-?(?:challeng|treat|expos|start|introd|peat|sum)|"
    r"further (?:dose|treat|us|expos|infus)))[^:=]*",
    re.IGNORECASE,
)
_WAS = (
    r"(?:(?:was|were|is|are|be|been|(?:has|have|had)\s+been|(?:could|can)\s+be|wurden?|konnten?|ist|sind|"
    r"(?:a|ont)\s+\u00e9t\u00e9|est|sont|fue|fueron|ha\s+sido|se|later|since|then|now|finally|eventually|subsequently|"
    r"suspected|afterwards|thereafter|already|clearly|definitely|clinically|serologically|formally|reliably|sp\u00e4ter|inzwischen|"
    r"sicher|im\s+verlauf|ensuite|despu\u00e9s|luego)\s+){0,5}?"
)
_RULED_OUT = (
    r"(?:excluded|ruled\s+out|refuted|disproved|disproven|ausgeschlossen(?:\s+w[eo]rden)?|widerlegt|exclue?s?|"
    r"\u00e9cart\u00e9e?s?|infirm\u00e9e?s?|r\u00e9fut\u00e9e?s?|descartad[oa]s?|descart\u00f3)"
)
_BY = (
    # How it was shown; what names more, such as what it was instead, is not swallowed.
    r"(?:\s+(?:by|on|via|per|using|in|at|mittels|durch|per|im|am|in|par|au|en)\s+"
    r"(?!.*\b(?:after|under|instead|diagnos\w*|of\s+(?!the\b)))[^?]{1,40})?"
)
_EXCLUDED = re.compile(
    # Of what stands before these the nearest noun with its attributes: pneumonitis infection excluded is a pneumonitis.
    r"(?:(?<!\S)(?:(?=\S*-|\S*(?:ic|al|ute|ous|ive|ed|ere|ar)\s|(?:malignant|pulmonary|coronary|deep|vein)\s)\S+\s+){0,6}"
    r"(?:\S+\s+(?:of|in|into)\s+the\s+)?\S+\s+(?:(?:syndrome?|injury|failure|reaction|disease|"
    r"toxicity|damage|necrolysis|antibod\w*|antik\u00f6rper|anticorps|tests?|screen\w*|pcr|serolog\w*)\s+)?)?"
    rf"{_WAS}(?P<word>{_RULED_OUT}{_BY}|absent|(?<=\s)negativ[eo]?|"
    r"(?<=\s)(?:not|nicht|non)\s+(?:found|seen|detected|present|shown|gefunden|nachgewiesen|nachweisbar|"
    r"retrouv\u00e9e?|vue?)|(?<=\s)(?:never|jamais|nunca)|"
    r"(?<=\s)prophylaxis(?:\s+(?:(?:was|is)\s+)?(?:needed|required|given|indicated|started))?)\s*$",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"\s*{_WAS}(?:{_RULED_OUT}{_BY}|confirmed|proven|positive|best\u00e4tigt|confirm\u00e9e?|confirmad[oa])\s*",
    re.IGNORECASE,
)
"""Says only whether what stands before it was there: ``suspected HIT, excluded``; ``excluded, later confirmed``."""

_BY_A_TEST = re.compile(
    r"^\s*(?:(?:a|the|on|cranial|head|chest|cardiac|CT|CTPA|MRI|scans?|EEG|ECG|echo\w*|ELISA|PF4|ultrasound|sonograph\w*|"
    r"imaging|angiogra\w*|biops\w*|endoscop\w*|gastroscop\w*|colonoscop\w*|x-ray|doppler|lumbar|puncture|serology|tests?|"
    r"testing|work-?up|we|has|have|later|then)\s+)*(?:excluded|excludes|ruled\s+out|rules\s+out|refuted)\s+"
    r"(?!(?:from|for|by|on|via|in|at|using|as|after|because|due|until|when)\b|.*\b(?:confirmed|proven|found|diagnosed|"
    r"likely|probable|seen|remain\w*|instead)\b)"
    r"(?:(?!(?:as|after|following|during|under|since|before|until|when|from|on)\b)[^\s:=?]+(?:\s+|$))+",
    re.IGNORECASE,
)
"""Says by what, or that, something was not found: ``CT ruled out pulmonary embolism``."""

_PAIR = re.compile(
    r"(?P<ahead>^|[,;:.(]|\b(?:but|with|aber|mais)\b)\s*(?:both\s+|sowohl\s+)?(?P<first>[^\s,;:.()?]+(?:\s+[^\s,;:.()?]+){0,2})\s+"
    r"(?:and|or|und|oder|et|ou|y)\s+(?P<second>[^\s,;:.()?]+(?:\s+[^\s,;:.()?]+){0,2}?)\s+"
    r"(?:were|have\s+been|wurden|waren|sind|ont\s+\u00e9t\u00e9|fueron)\s+(?:both\s+|each\s+|then\s+|later\s+|beide\s+)?"
    r"(?:excluded|ruled\s+out|refuted|absent|ausgeschlossen|exclu[es]*|descartad[oa]s)"
    r"(?:\s+(?:by|on|per|mit|par)\s+[^,;.)]+)?(?=\s*(?:$|[,;.)]))",
    re.IGNORECASE,
)
"""Says of two that neither was found; of one alone the verb would be singular: ``MI and PE were excluded``."""

_THERE = re.compile(
    r"\b(?:not|never|cannot|was|is|confirmed|proven|found|seen|occurred|developed|diagnosed|nicht|nie|war|trat|est)\b",
    re.IGNORECASE,
)
"""Stands in what is more than the name of one of two: ``MI was confirmed and PE were excluded``."""

_NOT_EXCLUDED = re.compile(r"\b(?:not|never|cannot|can't|nicht|nie|pas|no|jamais)\b", re.IGNORECASE)


_WORDS_OF_NO = (
    r"(?:no|none|not present|negative|absent|denied|excluded|ruled out|nein|negativ|ausgeschlossen|verneint|non|"
    r"exclue?|n\u00e9gatif|ausente|descartad[oa])"
)
_NO_ALONE = re.compile(_WORDS_OF_NO, re.IGNORECASE)
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
    >>> stated("suspected HIT, later ruled out, nausea"), stated("CT ruled out PE"), stated("HIT was not excluded")
    ('nausea', '', 'HIT was not excluded')
    >>> stated("chest pain, MI and PE were excluded"), stated("MI was confirmed and PE excluded")
    ('chest pain', 'MI was confirmed and')
    >>> stated("no rash - anaphylaxis"), stated("pneumonitis infection excluded"), stated("acute pancreatitis excluded")
    ('anaphylaxis', 'pneumonitis', '')
    """
    told = re.sub(r"\s*\(\s*\?\s*\)", "?", told)  # what is in doubt is not excluded
    told = _PAIR.sub(_without_both, told)
    told = _IN_BRACKETS.sub(lambda match: f": {match['no'] or match['behind']}", told)  # pancreatitis (excluded)
    pieces = _CLAUSE.split(told)  # every second one is what stands between two clauses
    kept = [_without_excluded(part) for part in _with_what_is_excluded(pieces[::2])]
    if not any(part.strip() for part in kept):
        return ""
    between = [*pieces[1::2], ""]
    text = "".join(part + mark for part, mark in zip(kept, between, strict=True))
    text = re.sub(r"\(\s*\)", "", text)  # SJS (excluded by biopsy)
    return re.sub(r"\s*(?:,\s*)+$", "", re.sub(r"\s+", " ", text)).strip(" ,;:-")


def _without_both(match: re.Match[str]) -> str:
    """Return what stands ahead of two that were excluded together; all of it where more is said of one of them."""
    return match[0] if _THERE.search(f"{match['first']} {match['second']}") else match["ahead"]


def only_excluded(told: str) -> bool:
    """Say whether a text tells nothing but what was looked for and not found: ``HIT excluded``."""
    return not stated(told) and re.search(rf"\b{_RULED_OUT}(?!\w)", told, re.IGNORECASE) is not None


def _with_what_is_excluded(parts: list[str]) -> list[str]:
    """Return parts, where one that only says whether something was there stands with what it says so of."""
    made: list[str] = []
    for part in parts:
        ahead = next((place for place in reversed(range(len(made))) if made[place].strip()), None)
        if ahead is None or not _ALONE.fullmatch(part) or _NOT_EXCLUDED.search(made[ahead]):
            made.append(part)
        else:
            made[ahead] = f"{made[ahead].rstrip()} {part.strip()} "
            made.append("")
    return made


def _without_excluded(part: str) -> str:
    """Return a part without what is denied, and without what was looked for and not found."""
    if _NO_BESIDE.fullmatch(part.strip()):
        return ""
    part = _BY_A_TEST.sub("", part)
    found = _EXCLUDED.search(part)
    if found is not None and not _NOT_EXCLUDED.search(part[: found.start("word")]):
        part = part[: found.start()]
    return _DENIED.sub("", part)


def is_denial(told: object) -> bool:
    """Say whether what is told of something is a word for that it is not there."""
    return isinstance(told, str) and _NO_ALONE.fullmatch(told.strip()) is not None
