"""The review of a patient's treatment as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from lupus_pgx.review.course import Judged
from lupus_pgx.review.findings import Finding, TherapyReview
from lupus_pgx.review.levels import Level
from lupus_pgx.review.options import Option
from lupus_pgx.review.review import ResistanceReview
from lupus_pgx.terms import LevelVerdict, Met

WIDTH = 96

_SHOWN = (Met.MET, Met.NOT_MET)
_OPTIONS = 12
"""So many options of a manifestation are written out; the rest is named."""


def review_lines(review: ResistanceReview) -> list[str]:
    """Write a review: what may be behind failed treatment, the course, what to measure, the options."""
    lines = ["Treatment so far", *_wrap(review.headline, 2)]
    for item in review.therapies:
        lines += ["", *_therapy_lines(item)]
    if review.signals:
        lines += ["", "  whatever the treatment"]
        lines += [line for finding in review.signals for line in _finding_lines(finding)]
    lines += list(_section("Response criteria, judged from the dated series", _course_lines(review.course)))
    lines += list(_section("Measure next (taken now or planned)", _monitoring_lines(review.monitoring)))
    removal = [line for check in review.removal for line in _wrap(f"{check.drug} {check}: {check.advice}", 2)]
    lines += list(_section("Antibody drugs and procedures that remove them", removal))
    return [*lines, *option_lines(review.options)]


def to_text(review: ResistanceReview) -> str:
    """Return a review as one text."""
    return "\n".join(review_lines(review))


def option_lines(options: Sequence[Option]) -> list[str]:
    """Write therapy options, manifestation by manifestation."""
    lines = []
    for manifestation in dict.fromkeys(option.manifestation for option in options):
        chosen = [option for option in options if option.manifestation == manifestation]
        lines += ["", f"Options in use for {manifestation} (sorted by stated keys, not a prescription)"]
        for number, option in enumerate(chosen[:_OPTIONS], start=1):
            lines += _option_lines(number, option)
        rest = [option.option for option in chosen[_OPTIONS:]]
        lines += _wrap(f"further down: {'; '.join(rest)}", 2) if rest else []
    return lines


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", title, *found)


def _wrap(text: str, indent: int) -> list[str]:
    before = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=before, subsequent_indent=f"{before}  ", break_on_hyphens=False)


def _therapy_lines(review: TherapyReview) -> list[str]:
    dates = [str(day) for day in (review.therapy.start, review.therapy.stop) if day is not None]
    when = f", {' to '.join(dates)}" if dates else ""
    lines = _wrap(f"{review.drug}: {review.outcome}{when}", 2)
    for finding in review.findings:
        lines += _finding_lines(finding)
    tells = list(dict.fromkeys(item.tells for item in review.findings if item.tells))
    return lines + [line for text in tells for line in _wrap(f"the level that tells: {text}", 6)]


def _finding_lines(finding: Finding) -> list[str]:
    strength = "" if finding.is_silent else f"[{finding.strength.value}] "
    size = f" ({'; '.join(part for part in (finding.effect_size, finding.population) if part)})"
    cited = f" [{', '.join(finding.citations)}]" if finding.citations else ""
    lines = _wrap(f"- {strength}{finding.text}{size if len(size) > len(' ()') else ''}{cited}", 4)
    lines += [line for text in finding.against for line in _wrap(f"but: {text}", 6)]
    # The levels of a therapy are named once, after its findings.
    return lines + (_wrap(f"what would tell: {finding.tells}", 6) if finding.tells and not finding.drug else [])


def _course_lines(course: Sequence[Judged]) -> Iterator[str]:
    """Write what guideline bodies' criteria came to; those of trials are in the table only."""
    judged = [item for item in course if item.body != "trial"]
    for regimen in dict.fromkeys(item.regimen for item in judged):
        yield from _wrap(f"{' + '.join(regimen.drugs)}, from {regimen.start}", 2)
        mine = [item for item in judged if item.regimen == regimen]
        for item in mine:
            if item.status in _SHOWN:
                source = ", secondary source" if item.second_hand else ""
                what = f"{item.response.replace('_', ' ')}{source}"
                head = f"month {item.months}: {item.group} ({what}) {item.status.value}"
                yield from _wrap(f"{head}: {'; '.join(item.details)}", 4)
        for status in (Met.NOT_JUDGEABLE, Met.NOT_DUE, Met.STOPPED):
            names = [item.group for item in mine if item.status is status]
            if names:
                shown = "ended before it was due" if status is Met.STOPPED else status.value
                yield from _wrap(f"{shown}: {', '.join(names) if len(names) < len(mine) else 'all criteria'}", 4)


def _monitoring_lines(levels: Sequence[Level]) -> Iterator[str]:
    for level in levels:
        target = f", target {level.target}" if level.target else ""
        timing = f"; {level.row['timing']}" if level.row["timing"] else ""
        means = f": {level.row['meaning']}" if level.verdict in (LevelVerdict.BELOW, LevelVerdict.ABOVE) else ""
        yield from _wrap(f"- {level.drug}: {level.measure}{target}; {level.result}{timing}{means}", 2)


def _option_lines(number: int, option: Option) -> list[str]:
    planned = " (planned)" if option.planned else ""
    lines = _wrap(f"{number}. {option.option}{planned}: {option.genome}; {option.row['line']}", 2)
    words = [f"{item.drug} {item.shown}{f' ({item.reason})' if item.reason else ''}" for item in option.words]
    if len(option.words) > 1 or option.words[0].reason:
        lines += _wrap(f"genome: {'; '.join(words)}", 6)
    if option.tried:
        lines += _wrap(f"tried: {', '.join(option.tried)}", 6)
    for check in option.against:
        lines += _wrap(f"{check.drug} {check}: {check.advice}", 6)
    pairs = [f"{check.drug} {check.subject}" for check in option.checks if check.partner and not check.against]
    lines += _wrap(f"watch: {', '.join(pairs)}", 6) if pairs else []
    unknown = dict.fromkeys(check.topic for check in option.open_checks)
    if unknown:
        lines += _wrap(f"check first (the context is silent): {', '.join(unknown)}", 6)
    return lines
