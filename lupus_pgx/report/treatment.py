"""Treatment as text: the review of what was tried, what to measure, and the options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lupus_pgx.report.review import parts_of
from lupus_pgx.report.unanswered import left_of
from lupus_pgx.results.patient import PatientData
from lupus_pgx.review.course import WHOLE, Judged
from lupus_pgx.review.findings import Finding, TherapyReview
from lupus_pgx.review.levels import Level
from lupus_pgx.review.option import Option
from lupus_pgx.review.outlook import TRIALS, Outlook
from lupus_pgx.review.review import TreatmentReview
from lupus_pgx.review.steps.order import step_text
from lupus_pgx.review.steps.step import Step
from lupus_pgx.terms import LevelVerdict, Met
from lupus_pgx.words.lines import wrap
from lupus_pgx.words.vocabulary import (
    AFRESH,
    AGAIN,
    ALL_MANIFESTATIONS,
    CHECK_FIRST,
    CRITERIA,
    NOT_REREAD,
    REVIEW_STEPS,
    STRENGTHS,
)

_MEASURE_NEXT = "Measure next (taken now or planned)"
_SHOWN = (Met.MET, Met.NOT_MET)
_OPTIONS = 12
"""So many options of a manifestation are written out; the rest is named."""


def of_review(review: TreatmentReview) -> str:
    """Return a review of treatment as text."""
    return "\n".join(review_lines(review))


def treatment_lines(patient: PatientData) -> list[str]:
    """Write what a clinical context with a history, or with a manifestation, adds."""
    if patient.review is not None:
        return [*review_lines(patient.review), ""]
    options = patient.results.reviews.options(0)
    lines = list(_section(_MEASURE_NEXT, _monitoring_lines(patient.results.reviews.monitoring(0))))
    lines += option_lines(options)
    return [*lines, ""] if lines else []


def review_lines(review: TreatmentReview) -> list[str]:
    """Write a review: what may be behind failed treatment, the course, what to measure, the options."""
    lines = ["Treatment so far", *_wrap(review.headline, 2)]
    lines += list(_section("Step by step", _step_lines(review.steps))) if review.therapies else []
    for item in review.therapies:
        lines += ["", *_therapy_lines(item)]
    if review.signals:
        lines += ["", "  whatever the treatment"]
        lines += [line for finding in review.signals for line in _finding_lines(finding)]
    lines += list(_section("Response criteria, judged from the dated series", _course_lines(review.course)))
    lines += list(_section("What is due", _outlook_lines(review.outlook)))
    lines += list(_section(_MEASURE_NEXT, _monitoring_lines(review.monitoring)))
    removal = [line for check in review.removal for line in _wrap(f"{check.drug} {check}: {check.advice}", 2)]
    lines += list(_section("Antibody drugs and procedures that remove them", removal))
    return [*lines, *option_lines(review.options)]


def _step_lines(steps: Sequence[Step]) -> Iterator[str]:
    """Write each step that has something to say, or lacks what it needs, with its sources."""
    for item in steps:
        if item.speaks or item.found or item.missing:
            cited = f" [{', '.join(item.citations)}]" if item.citations else ""
            yield from _wrap(f"- {REVIEW_STEPS[item.step]}: {step_text(item)}{cited}", 2)


def option_lines(options: Sequence[Option]) -> list[str]:
    """Write therapy options, manifestation by manifestation."""
    lines = []
    advised: set[str] = set()
    for manifestation in dict.fromkeys(option.manifestation for option in options):
        chosen = [option for option in options if option.manifestation == manifestation]
        about = ALL_MANIFESTATIONS if manifestation == WHOLE else manifestation
        lines += ["", f"Options in use for {about} (sorted by stated keys, not a prescription)"]
        for number, option in enumerate(chosen[:_OPTIONS], start=1):
            lines += _option_lines(number, option, advised)
        further = chosen[_OPTIONS:]
        rest = [option.option for option in further if not option.forbidden]
        lines += _wrap(f"further down: {'; '.join(rest)}", 2) if rest else []
        barred = [option.option for option in further if option.forbidden]
        lines += _wrap(f"further down, and forbidden or to be avoided here: {'; '.join(barred)}", 2) if barred else []
    return lines


def _list(subjects: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(subjects))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", title, *found)


def _wrap(text: str, indent: int) -> list[str]:
    before = " " * indent
    return wrap(text, before, f"{before}  ")


def _therapy_lines(review: TherapyReview) -> list[str]:
    dates = [str(day) for day in (review.therapy.start, review.therapy.stop) if day is not None]
    when = f", {' to '.join(dates)}" if dates else ""
    lines = _wrap(f"{review.drug}: {review.heading}{when}", 2)
    for finding in review.findings:
        lines += _finding_lines(finding)
    tells = list(dict.fromkeys(item.tells for item in review.findings if item.tells))
    return lines + [line for text in tells for line in _wrap(f"the level that tells: {text}", 6)]


def _finding_lines(finding: Finding) -> list[str]:
    strength = "" if finding.is_silent else f"[{STRENGTHS[finding.strength].label}] "
    size = "; ".join(part for part in (finding.effect_size, finding.population) if part)
    cited = f" [{', '.join(finding.citations)}]" if finding.citations else ""
    lines = _wrap(f"- {strength}{finding.text}{f' ({size})' if size else ''}{cited}", 4)
    lines += [line for text in finding.against for line in _wrap(f"but: {text}", 6)]
    # The levels of a therapy are named once, after its findings.
    return lines + (_wrap(f"what would tell: {finding.tells}", 6) if finding.tells and not finding.drug else [])


def _course_lines(course: Sequence[Judged]) -> Iterator[str]:
    """Write what guideline bodies' criteria came to; those of trials are in the table only."""
    judged = [item for item in course if item.body not in TRIALS]
    for regimen in dict.fromkeys(item.regimen for item in judged):
        yield from _wrap(f"{' + '.join(regimen.drugs)}, from {regimen.start}", 2)
        mine = [item for item in judged if item.regimen == regimen]
        for item in mine:
            if item.status in _SHOWN:
                source = f" ({NOT_REREAD})" if item.second_hand else ""
                when = f"month {item.months}" if item.months else f"at the visit of {item.due}"
                head = f"{when}: {item.name}{source} {CRITERIA[item.status].label}"
                yield from _wrap(f"{head}: {_parts_text(item)}", 4)
        for status in (Met.NOT_JUDGEABLE, Met.NOT_DUE, Met.STOPPED):
            names = [item.name for item in mine if item.status is status]
            if names:
                yield from _wrap(
                    f"{CRITERIA[status].label}: {', '.join(names) if len(names) < len(mine) else 'all criteria'}", 4
                )


def _parts_text(judged: Judged) -> str:
    """Say what was asked for and found: first of the parts that decided, then of those marked otherwise."""
    own = CRITERIA[judged.status]
    return "; ".join(
        f"{f'[{mark.label}] ' if mark != own else ''}{'; '.join(texts)}" for mark, texts in parts_of(judged)
    )


def _outlook_lines(found: Sequence[Outlook]) -> Iterator[str]:
    """Write where each regimen that is given stands."""
    for item in found:
        about = "the whole disease" if item.manifestation == WHOLE else item.manifestation
        yield from _wrap(f"{' + '.join(item.regimen.drugs)}, {about}: {item}", 2)


def _monitoring_lines(levels: Sequence[Level]) -> Iterator[str]:
    for level in levels:
        target = f", {level.aim}" if level.aim else ""
        timing = f"; {level.timing}" if level.timing else ""
        means = f": {level.row['meaning']}" if level.verdict in (LevelVerdict.BELOW, LevelVerdict.ABOVE) else ""
        yield from _wrap(f"- {level.drug}: {level.measure}{target}; {level.result}{timing}{means}", 2)


def _option_lines(number: int, option: Option, advised: set[str]) -> list[str]:
    """Write an option; what to do about a check is said once, and kept in ``advised``."""
    planned = " (planned)" if option.planned else ""
    lines = _wrap(f"{number}. {option.option}{planned}: {option.heading}; {option.stage}", 2)
    # What the heading says is not said again of each drug.
    own = [(item, "" if item.shown == option.genome.shown else f": {item.shown}") for item in option.words]
    reasons = [(item.drug, shown, f" ({item.reason})" if item.reason else "") for item, shown in own]
    words = ["".join(parts) for parts in reasons if any(parts[1:])]
    lines += _wrap(f"genome: {'; '.join(words)}", 6) if words else []
    if option.tried:
        lines += _wrap(f"tried: {', '.join(option.tried)}{f'; {AFRESH}' if option.afresh else ''}", 6)
    again: dict[str, list[str]] = {}
    for check in option.against:
        asked = f"{check.drug} {check}"
        if f"{asked}: {check.advice}" not in advised:
            source = f" ({check.source_note})" if check.source_note else ""
            lines += _wrap(f"{asked}: {check.advice}{source}", 6)
            advised.add(f"{asked}: {check.advice}")
        else:
            again.setdefault(f"{check.drug} {check.word}", []).append(check.subject)
    lines += _wrap(f"{AGAIN}: {'; '.join(f'{who}: {_list(what)}' for who, what in again.items())}", 6) if again else []
    pairs = [f"{check.drug} {check.subject}" for check in option.checks if check.partner and not check.against]
    lines += _wrap(f"watch: {', '.join(pairs)}", 6) if pairs else []
    lines += _wrap(f"note: {'; '.join(option.remarks)}", 6) if option.remarks else []
    if option.asks:
        lines += _wrap(f"{CHECK_FIRST}: {', '.join(option.asks)}", 6)
    left = left_of(option.open_checks)
    return lines + (_wrap(f"of its drugs: {left}", 6) if left else [])
