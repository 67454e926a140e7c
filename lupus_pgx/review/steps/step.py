"""What a step of the review sees, and what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from lupus_pgx.context.model import Context, Therapy
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import accompanying_drugs
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.review.course import Judged
from lupus_pgx.review.findings import Finding, TherapyReview
from lupus_pgx.review.levels import Levels
from lupus_pgx.terms import Outcome, ReviewStep


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the review came to.

    Attributes
    ----------
    step : ReviewStep
    speaks : bool
        Whether it accounts for the course: the first step that does opens the headline.
    says : tuple of str
        Statements, the most important first, without a full stop.
    short : str
        The same in a few words, for the second sentence of a headline.
    found : tuple of str
        Values that were looked at and do not speak.
    drugs : tuple of str
    bearing : tuple of (str, str)
        Other drugs that it names, each with what it may have done.
    missing : tuple of str
        Data that would settle it and are not there: then it is open, unless it speaks.
    citations, rows : tuple of str
        Sources, and table rows as ``table:key``.
    lasting : tuple of str
        Statements that the headline never leaves out, whichever step opens it.
    """

    step: ReviewStep
    speaks: bool = False
    says: tuple[str, ...] = ()
    short: str = ""
    found: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    bearing: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it does not speak and something is missing."""
        return not self.speaks and bool(self.missing)


@dataclass(frozen=True)
class Case:
    """What the steps look at.

    Attributes
    ----------
    levels : Levels
        Of the patient; with them the context and the tables.
    responses : mapping of str to DrugResponse
    reviews : tuple of TherapyReview
        Therapies that failed or were not tolerated.
    signals : tuple of Finding
    course : tuple of Judged
    today : date
    """

    levels: Levels
    responses: Mapping[str, DrugResponse]
    reviews: tuple[TherapyReview, ...]
    signals: tuple[Finding, ...]
    course: tuple[Judged, ...]
    today: dt.date
    steroids: frozenset[str] = field(default=frozenset())

    @property
    def context(self) -> Context:
        """What is known of the patient."""
        return self.levels.context

    @property
    def knowledge(self) -> Knowledge:
        """The tables."""
        return self.levels.knowledge

    @property
    def failed(self) -> tuple[Therapy, ...]:
        """Therapies with an inadequate response."""
        return tuple(item for item in self.context.therapies if item.outcome is Outcome.INADEQUATE_RESPONSE)

    @property
    def helped(self) -> tuple[Therapy, ...]:
        """Therapies with a response."""
        return tuple(item for item in self.context.therapies if item.outcome is Outcome.RESPONSE)

    @property
    def latest_failed(self) -> tuple[Therapy, ...]:
        """Those of them that the question is about: the last that began, and what was given beside it."""
        starts = [item.start for item in self.failed if item.start and item.drug.name not in self.steroids]
        if not starts:
            return self.failed
        last = max(starts)
        return tuple(
            item
            for item in self.failed
            if item.start is None or item.start >= last or item.stop is None or item.stop > last
        )

    @property
    def present(self) -> frozenset[str]:
        """Names of the manifestations."""
        return frozenset(item.name for item in self.context.manifestations)


def case_of(
    levels: Levels,
    responses: Mapping[str, DrugResponse],
    reviews: tuple[TherapyReview, ...],
    signals: tuple[Finding, ...],
    course: tuple[Judged, ...],
    today: dt.date,
) -> Case:
    """Return a case; glucocorticoids are known by their class."""
    steroids = accompanying_drugs(levels.knowledge)
    return Case(levels, responses, reviews, signals, course, today, steroids)
