"""Where a regimen stands: what should have been reached by now, what is due next, when failure can be said first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lupus_pgx.review.course import Judged, Regimen
from lupus_pgx.terms import Met

TRIALS = ("trial", "cohort")
"""Bodies whose definitions are no guideline: missed, they say nothing of a treatment."""

_WARNING, _FAILURE, _NONE = "early_warning", "failure", "none"


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where one regimen stands in one manifestation.

    Attributes
    ----------
    regimen : Regimen
    manifestation : str
    by_now : tuple of Judged
        Definitions whose time has come, in the order of their months.
    coming : tuple of Judged
        Those that are due at the next date; several bodies may name one month.
    failure_from : Judged or None
        The definition by which failure can be said first: on its day ``due``, and not before. None where all such
        definitions were met, or no source of the table says when.
    is_told : bool
        Whether a source of the table says when.
    """

    regimen: Regimen
    manifestation: str
    by_now: tuple[Judged, ...]
    coming: tuple[Judged, ...]
    failure_from: Judged | None
    is_told: bool

    @property
    def warnings(self) -> tuple[Judged, ...]:
        """Early warnings: what should have been reached and was not, where that is no failure yet."""
        return tuple(item for item in self.by_now if item.status is Met.NOT_MET and item.missed_means == _WARNING)

    def __str__(self) -> str:
        return "; ".join(self.statements())

    def statements(self) -> Iterable[str]:
        """Yield what is to be said, the past first."""
        for status in (Met.MET, Met.NOT_MET, Met.NOT_JUDGEABLE):
            months: dict[int, list[str]] = {}
            for item in self.by_now:
                if item.status is status:
                    months.setdefault(item.months, []).append(item.name)
            if months:
                said = [f"month {month} ({', '.join(names)})" for month, names in months.items()]
                yield f"{_BY_NOW[status]}: {', '.join(said)}"
        yield from self.ahead()

    def ahead(self) -> Iterable[str]:
        """Yield what is due next, and from when on failure can be said."""
        if self.coming:
            soon = self.coming[0]
            yield f"due next, month {soon.months}, {soon.due}: {', '.join(item.name for item in self.coming)}"
        first = self.failure_from
        if first is None:
            yield _ALL_MET if self.is_told else "no source of the table says from when on failure can be said"
        elif first.status is Met.NOT_MET:
            yield f"failure can be said since {first.due} ({first.name})"
        else:
            yield f"failure can be said from {first.due} on, not before ({first.name})"


_ALL_MET = "each definition whose miss would be a failure was met"

_BY_NOW = {
    Met.MET: "reached by now",
    Met.NOT_MET: "should have been reached by now and was not",
    Met.NOT_JUDGEABLE: "should have been reached by now, values are missing",
}


def outlooks(course: Sequence[Judged]) -> tuple[Outlook, ...]:
    """Return where each regimen that is still given stands, manifestation by manifestation.

    Parameters
    ----------
    course : sequence of Judged

    Returns
    -------
    tuple of Outlook
        In the order of the course; a manifestation without a definition that has a time has none.
    """
    groups: dict[tuple[Regimen, str], list[Judged]] = {}
    for item in course:
        if item.regimen.stop is None and not item.is_state:
            groups.setdefault((item.regimen, item.manifestation), []).append(item)
    return tuple(_outlook(*key, timed(items)) for key, items in groups.items())


def timed(course: Sequence[Judged]) -> list[Judged]:
    """Return the definitions whose miss means something for the treatment; all of them where there is none."""
    return [item for item in course if item.missed_means != _NONE] or list(course)


def failure_from(course: Sequence[Judged]) -> Judged | None:
    """Return the definition by which failure can be said first: one that was missed, else the next to come."""
    left = [item for item in course if item.missed_means == _FAILURE and item.status is not Met.MET]
    return min(left, key=lambda item: (item.status is not Met.NOT_MET, item.due), default=None)


def _outlook(regimen: Regimen, manifestation: str, course: Sequence[Judged]) -> Outlook:
    ordered = sorted(course, key=lambda item: (item.due, item.group))
    waiting = [item for item in ordered if item.status is Met.NOT_DUE]
    coming = tuple(item for item in waiting if item.due == waiting[0].due)
    come = tuple(item for item in ordered if item.status in _BY_NOW)
    told = any(item.missed_means == _FAILURE for item in ordered)
    return Outlook(regimen, manifestation, come, coming, failure_from(ordered), told)
