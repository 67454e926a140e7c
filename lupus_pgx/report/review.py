"""What a report shows of treatment so far, of what to measure next, and of the options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lupus_pgx.context.judged.safety import Check
from lupus_pgx.knowledge.units import plain_number
from lupus_pgx.report.drug_view import CheckView
from lupus_pgx.report.marks import Citations, Link
from lupus_pgx.report.unanswered import Left, left_of
from lupus_pgx.review.course import WHOLE, Judged
from lupus_pgx.review.findings import Finding, TherapyReview
from lupus_pgx.review.levels import Level
from lupus_pgx.review.option import Option
from lupus_pgx.review.outlook import TRIALS, Outlook
from lupus_pgx.review.review import TreatmentReview
from lupus_pgx.review.steps.order import step_text
from lupus_pgx.terms import LevelVerdict, Met, Strength
from lupus_pgx.words.amounts import certainty_text
from lupus_pgx.words.vocabulary import (
    AFRESH,
    ALL_MANIFESTATIONS,
    CHECKS,
    CRITERIA,
    FINDINGS,
    GENOME,
    REVIEW_STEPS,
    STRENGTHS,
    Word,
)

_ASKING = (LevelVerdict.BELOW, LevelVerdict.ABOVE, LevelVerdict.PRESENT, LevelVerdict.OTHER_UNIT)

_FEW = 6
"""So many options of a manifestation are shown at once, the others folded."""

SECOND_HAND = "°"
"""Behind the name of a criterion whose source was not read again."""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding with its mark and links; ``more`` are what other guideline bodies ask for of the same genotype."""

    finding: Finding
    mark: Word
    certainty: str
    links: tuple[Link, ...]
    more: tuple[FindingLine, ...] = ()

    @property
    def weak(self) -> bool:
        """Whether it is a genotype that changes no choice: paper names it, and gives no figures."""
        return self.certainty != "" and self.finding.strength in (Strength.WEAK, Strength.CONFLICTING)


@dataclass(frozen=True, slots=True)
class TherapyLines:
    """A therapy that failed or was not tolerated; ``tells`` are the levels that would tell."""

    review: TherapyReview
    when: str
    findings: tuple[FindingLine, ...]
    tells: tuple[str, ...]

    @property
    def weak(self) -> tuple[FindingLine, ...]:
        """Genotypes that change no choice, each once with what it is compatible with."""
        acted = {line.finding.who for line in self.findings if not line.weak}
        weak = [line for line in self.findings if line.weak and line.finding.who not in acted]
        return tuple({(line.finding.who, line.mark): line for line in weak}.values())


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A response criterion that was judged; ``parts`` by what they came to, those of its own mark first."""

    judged: Judged
    mark: Word
    parts: tuple[tuple[Word, tuple[str, ...]], ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Criteria that came to the same on the same day: reasons, each with the names of its criteria."""

    when: str
    mark: Word
    reasons: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class RegimenLines:
    """The criteria of one regimen: those that could be judged, and the names of the others by why not."""

    drugs: str
    start: str
    judged: tuple[CourseLine, ...]
    other: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def together(self) -> tuple[Together, ...]:
        """The criteria that were judged: those of one day that came to the same together, and in it those of a reason.

        What could not be judged beside a part that decided is left to the screen.
        """
        groups: dict[tuple[str, Word], dict[str, list[str]]] = {}
        for line in self.judged:
            judged = line.judged
            when = f"month {judged.months}" if judged.months else str(judged.due)
            why = "; ".join(text for mark, texts in line.parts if mark == line.mark for text in texts)
            name = f"{judged.name}{SECOND_HAND if judged.second_hand else ''}"
            groups.setdefault((when, line.mark), {}).setdefault(why, []).append(name)
        return tuple(
            Together(when, mark, tuple((why, tuple(names)) for why, names in reasons.items()))
            for (when, mark), reasons in groups.items()
        )


@dataclass(frozen=True, slots=True)
class LevelLine:
    """What to measure next; ``found`` is the value with its date, where there is one."""

    level: Level
    mark: Word
    found: str
    meaning: str
    links: tuple[Link, ...]

    @property
    def asks(self) -> bool:
        """Whether it is due, or the value asks for something."""
        return bool(self.level.is_due) or self.level.verdict in _ASKING


@dataclass(frozen=True, slots=True)
class OptionLine:
    """A therapy option, with the genome's word and what to check; ``first`` is the word that stands before all."""

    option: Option
    mark: Word
    first: Word
    afresh: str
    against: tuple[CheckView, ...]
    pairs: tuple[str, ...]
    left: Left
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class OptionLines:
    """The options of one manifestation, the first of them and the others."""

    manifestation: str
    first: tuple[OptionLine, ...]
    further: tuple[OptionLine, ...]


@dataclass(frozen=True, slots=True)
class OutlookLine:
    """Where a regimen stands; ``ahead`` leaves out what its judged criteria say above it."""

    outlook: Outlook
    ahead: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the review, in words."""

    name: str
    text: str
    speaks: bool
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review of treatment as a report shows it."""

    headline: str
    steps: tuple[StepLine, ...]
    therapies: tuple[TherapyLines, ...]
    signals: tuple[FindingLine, ...]
    course: tuple[RegimenLines, ...]
    outlook: tuple[OutlookLine, ...]
    monitoring: tuple[LevelLine, ...]
    removal: tuple[tuple[tuple[str, ...], CheckView], ...]

    @property
    def second_hand(self) -> bool:
        """Whether a criterion was judged whose source was not read again."""
        return any(line.judged.second_hand for item in self.course for line in item.judged)


class ReviewViews:
    """Makes the views of a review.

    Parameters
    ----------
    citations : Citations
        Remembers which were used.
    """

    def __init__(self, citations: Citations) -> None:
        self._citations = citations

    def review(self, review: TreatmentReview) -> ReviewView:
        """Return the view of a review."""
        return ReviewView(
            headline=review.headline,
            steps=tuple(
                StepLine(REVIEW_STEPS[item.step], step_text(item), item.speaks, self._links(item.citations))
                for item in review.steps
                if review.therapies and (item.speaks or item.found or item.missing)
            ),
            therapies=tuple(self._therapy(item) for item in review.therapies),
            signals=tuple(self._finding(item) for item in review.signals),
            course=tuple(self._course(review.course)),
            outlook=tuple(_outlook_line(item) for item in review.outlook),
            monitoring=tuple(self._level(item) for item in review.monitoring),
            removal=tuple(self._removal(review.removal)),
        )

    def options(self, options: Sequence[Option]) -> tuple[OptionLines, ...]:
        """Return the options by manifestation, in the order they come in."""
        found = []
        for manifestation in dict.fromkeys(option.manifestation for option in options):
            lines = [self._option(option) for option in options if option.manifestation == manifestation]
            about = ALL_MANIFESTATIONS if manifestation == WHOLE else manifestation
            found.append(OptionLines(about, tuple(lines[:_FEW]), tuple(lines[_FEW:])))
        return tuple(found)

    def _therapy(self, review: TherapyReview) -> TherapyLines:
        dates = [str(day) for day in (review.therapy.start, review.therapy.stop) if day is not None]
        tells = dict.fromkeys(item.tells for item in review.findings if item.tells)
        findings = _joined([self._finding(item) for item in review.findings])
        return TherapyLines(review, " to ".join(dates), findings, tuple(tells))

    def _finding(self, finding: Finding) -> FindingLine:
        strength = STRENGTHS[Strength.NONE if finding.is_silent else finding.strength]
        word = ", ".join(part for part in (FINDINGS[finding.kind], strength.label) if part)
        certainty = certainty_text(finding.certainty)
        return FindingLine(finding, Word(strength.key, word), certainty, self._links(finding.citations))

    def _course(self, course: Sequence[Judged]) -> list[RegimenLines]:
        """Keep criteria of guideline bodies; those of trials stand in the table of the course only."""
        mine = [item for item in course if item.body not in TRIALS]
        found = []
        for regimen in dict.fromkeys(item.regimen for item in mine):
            lines = [item for item in mine if item.regimen == regimen]
            judged = [
                CourseLine(item, CRITERIA[item.status], parts_of(item), self._links(item.citations))
                for item in lines
                if item.status in (Met.MET, Met.NOT_MET)
            ]
            names = {
                status: tuple(item.name for item in lines if item.status is status)
                for status in (Met.NOT_JUDGEABLE, Met.NOT_DUE, Met.STOPPED)
            }
            other = tuple((CRITERIA[status].label, groups) for status, groups in names.items() if groups)
            found.append(RegimenLines(" + ".join(regimen.drugs), str(regimen.start), tuple(judged), other))
        return found

    def _level(self, level: Level) -> LevelLine:
        meaning = level.row["meaning"] if level.verdict in (LevelVerdict.BELOW, LevelVerdict.ABOVE) else ""
        number = f"{plain_number(level.value, 4)} {level.unit}" if level.value is not None else ""
        found = " on ".join(text for text in (number, str(level.date or "")) if text)
        return LevelLine(level, level.word, found, meaning or "", self._links(level.citations))

    def _removal(self, checks: Sequence[Check]) -> list[tuple[tuple[str, ...], CheckView]]:
        """Put the drugs together of which the same is said."""
        groups: dict[object, list[Check]] = {}
        for check in checks:
            groups.setdefault((check.subject, check.status, check.advice, check.citations), []).append(check)
        return [(tuple(item.drug for item in alike), self._check(alike[0])) for alike in groups.values()]

    def _check(self, check: Check) -> CheckView:
        return CheckView(check, self._links(check.citations))

    def _option(self, option: Option) -> OptionLine:
        hardest = option.hardest
        return OptionLine(
            option=option,
            mark=Word(GENOME[option.genome.word].key, option.genome.shown),
            first=Word(CHECKS[hardest].key if hardest else GENOME[option.genome.word].key, option.heading),
            afresh=AFRESH if option.afresh else "",
            against=tuple(self._check(check) for check in option.against),
            pairs=tuple(
                f"{check.drug} {check.subject}" for check in option.checks if check.partner and not check.against
            ),
            left=left_of(option.open_checks),
            links=self._links(option.citations),
        )

    def _links(self, names: Sequence[str]) -> tuple[Link, ...]:
        return self._citations.links(*names)


def _joined(lines: Sequence[FindingLine]) -> tuple[FindingLine, ...]:
    """Put together what guideline bodies ask for because of the same genotype."""
    groups: dict[object, list[FindingLine]] = {}
    for number, line in enumerate(lines):
        found = line.finding
        same = found.asks and not found.against
        groups.setdefault((found.who, found.kind, line.mark, line.certainty) if same else number, []).append(line)
    return tuple(replace(first, more=tuple(others)) for first, *others in groups.values())


def parts_of(judged: Judged) -> tuple[tuple[Word, tuple[str, ...]], ...]:
    """Return the parts of a criterion by what they came to, those that decide first, with no reason said twice."""
    found = []
    for status, parts in judged.by_status:
        reasons: dict[str, list[str]] = {}
        for part in parts:
            reasons.setdefault(part.found, []).append(part.asked)
        texts = tuple(f"{', '.join(asked)}: {reason}" for reason, asked in reasons.items())
        found.append((CRITERIA[status], texts))
    return tuple(found)


def _outlook_line(item: Outlook) -> OutlookLine:
    # Criteria of trials stand nowhere above.
    above = all(one.body not in TRIALS for one in item.by_now)
    return OutlookLine(item, "; ".join(item.ahead() if above else item.statements()))
