"""Why treatment may have failed, whether that could be seen early, what to measure next, and what is left.

Everything here is compatible with a failure; nothing here proves the reason of one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lupus_pgx.calling.markers import Markers
from lupus_pgx.calling.phenotypes import GeneCalls
from lupus_pgx.context.judged.safety import Check, safety_of
from lupus_pgx.context.model import Context
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import DrugResponse, DrugResponses
from lupus_pgx.response.prediction import known_of, predict_responses
from lupus_pgx.review.course import Judged, Regimen, judge_course
from lupus_pgx.review.findings import Finding, Reviewer, TherapyReview
from lupus_pgx.review.levels import IF_MEASURED, Level, Levels
from lupus_pgx.review.option import Option
from lupus_pgx.review.options import therapy_options
from lupus_pgx.review.outlook import TRIALS, Outlook, outlooks
from lupus_pgx.review.schedule import scheduled
from lupus_pgx.review.signals import signals_of
from lupus_pgx.review.steps.order import headline_of, review_steps
from lupus_pgx.review.steps.step import Step, case_of
from lupus_pgx.terms import LevelVerdict, Met
from lupus_pgx.words.lines import counted


@dataclass(frozen=True)
class TreatmentReview:
    """What the history of a patient and the genome say of treatment that failed.

    Attributes
    ----------
    sample_id : str
    steps : tuple of Step
        The review in order: what each step found, and what is missing for it.
    therapies : tuple of TherapyReview
        Therapies without enough response or not tolerated.
    signals : tuple of Finding
        What bears on every treatment of a manifestation, such as APOL1 risk haplotypes in nephritis.
    course : tuple of Judged
        Published response criteria, judged from the dated series.
    monitoring : tuple of Level
        What to measure next: values outside their target first, then what was never measured.
    options : tuple of Option
        Therapies in use for the manifestations, sorted by ``lupus_pgx.review.option_order.SORT_KEYS``.
    removal : tuple of Check
        What plasma exchange or immunoglobulins, taken, tried, planned or among the options, do to antibody
        drugs that are taken or planned.
    """

    sample_id: str
    steps: tuple[Step, ...]
    therapies: tuple[TherapyReview, ...]
    signals: tuple[Finding, ...]
    course: tuple[Judged, ...]
    monitoring: tuple[Level, ...]
    options: tuple[Option, ...]
    removal: tuple[Check, ...]

    def findings(self) -> Iterator[tuple[str, str, Finding]]:
        """Yield every finding with the therapy and the outcome it belongs to; both empty for a signal."""
        for review in self.therapies:
            for finding in review.findings:
                yield review.drug, review.outcome, finding
        for signal in self.signals:
            yield "", "", signal

    @property
    def behind(self) -> tuple[Judged, ...]:
        """The first criterion of a guideline body that each regimen still given missed, if none was met later."""
        first: dict[Regimen, Judged] = {}
        for item in self.course:
            if item.body in TRIALS or item.missed_means == "none" or item.regimen.stop is not None:
                continue
            if item.status is Met.NOT_MET:
                first.setdefault(item.regimen, item)
            elif item.status is Met.MET and item.regimen in first and item.months > first[item.regimen].months:
                del first[item.regimen]
        return tuple(first.values())

    @cached_property
    def bearing(self) -> Mapping[str, tuple[str, ...]]:
        """What the review says other drugs may have done to a treatment, by drug: nobody calls these as usual."""
        found: dict[str, dict[str, None]] = {}
        for item in self.steps:
            for drug, words in item.bearing if item.speaks else ():
                found.setdefault(drug, {})[words] = None
        return {drug: tuple(words) for drug, words in found.items()}

    @cached_property
    def outlook(self) -> tuple[Outlook, ...]:
        """Where each regimen that is given stands: reached by now, due next, and from when on failure can be said."""
        return outlooks(self.course)

    @cached_property
    def headline(self) -> str:
        """The sentence or two to read first: from the first step that speaks."""
        given = {review.drug for review in self.therapies}
        late = [
            f"{' + '.join(item.regimen.drugs)} missed {item.name} at month {item.months} "
            f"({'; '.join(map(str, item.failed))})"
            for item in self.behind
            if not set(item.regimen.drugs) & given
        ]
        return headline_of(self.steps, bool(self.therapies), late)

    def __repr__(self) -> str:
        options = counted(len(self.options), "option")
        return f"<{type(self).__name__} of {self.sample_id}: {len(self.therapies)} failed, {options}>"


class Reviews:
    """Reviews of the samples of an analysis, each made when it is asked for.

    Parameters
    ----------
    contexts : mapping of sample to Context
    genes : GeneCalls
    markers : Markers
    responses : DrugResponses
    knowledge : Knowledge
    today : date
        The same day for all of them.
    levels : mapping of sample to Levels
        Of each sample with a context; what was worked out for its checks is not worked out again.
    """

    def __init__(
        self,
        contexts: Mapping[str, Context],
        genes: GeneCalls,
        markers: Markers,
        responses: DrugResponses,
        knowledge: Knowledge,
        today: dt.date,
        levels: Mapping[str, Levels],
    ) -> None:
        self.contexts, self._levels = contexts, levels
        self._genes, self._markers, self._responses = genes, markers, responses
        self._knowledge, self._today = knowledge, today
        self._made: dict[int, TreatmentReview | None] = {}

    def of(self, sample: int) -> TreatmentReview | None:
        """Return the review of a sample number; None without a history."""
        if sample not in self._made:
            context = self.contexts.get(self._responses.sample_ids[sample])
            self._made[sample] = self._review(sample) if context is not None and context.therapies else None
        return self._made[sample]

    def options(self, sample: int) -> tuple[Option, ...]:
        """Return the therapy options of a sample number; none without a manifestation."""
        levels = self._levels.get(self._responses.sample_ids[sample])
        if levels is None:
            return ()
        review = self.of(sample)
        return review.options if review else therapy_options(levels, self._drugs(sample))

    def monitoring(self, sample: int) -> tuple[Level, ...]:
        """Return what to measure for the drugs that a sample number takes or plans; none without a context."""
        levels = self._levels.get(self._responses.sample_ids[sample])
        return _monitoring(levels, self._today) if levels is not None else ()

    def select(self, samples: Sequence[int]) -> Reviews:
        """Return the reviews of some samples, by number."""
        parts = (self._genes.select(samples), self._markers.select(samples), self._responses.select(samples))
        return Reviews(self.contexts, *parts, self._knowledge, self._today, self._levels)

    def _drugs(self, sample: int) -> _DrugsOf:
        return _DrugsOf(self._responses, sample)

    @cached_property
    def _every_drug(self) -> DrugResponses:
        """Responses to all drugs: a choice of drugs does not narrow the review of what a patient went through."""
        every = self._knowledge.select_drugs(None)
        if all(drug.drug in self._responses.values for drug in every):
            return self._responses
        certainty = self._responses.min_certainty
        return predict_responses(self._genes, self._markers, every, min_certainty=certainty)

    def _review(self, sample: int) -> TreatmentReview:
        sample_id = self._responses.sample_ids[sample]
        return review_resistance(
            sample_id,
            self._levels[sample_id],
            _DrugsOf(self._every_drug, sample),
            self._drugs(sample),
            known_of(self._genes, self._markers, sample),
            min_certainty=self._responses.min_certainty,
            today=self._today,
        )


class _DrugsOf(Mapping[str, DrugResponse]):
    """Responses of one sample by drug, each put together when it is asked for."""

    def __init__(self, responses: DrugResponses, sample: int) -> None:
        self._responses, self._sample = responses, sample

    def __getitem__(self, drug: str) -> DrugResponse:
        if drug not in self._responses.values:
            raise KeyError(drug)
        return self._responses.of(drug, self._sample)

    def __iter__(self) -> Iterator[str]:
        return iter(self._responses.values)

    def __len__(self) -> int:
        return len(self._responses.values)


def review_resistance(
    sample_id: str,
    levels: Levels,
    responses: Mapping[str, DrugResponse],
    chosen: Mapping[str, DrugResponse],
    known: Mapping[str, Assessed],
    *,
    min_certainty: float,
    today: dt.date,
) -> TreatmentReview:
    """Review the treatment of one patient.

    Parameters
    ----------
    sample_id : str
    levels : Levels
        Of the patient, with the tables and a context that has a history: therapies that were tried.
    responses : mapping of str to DrugResponse
        By drug: all of them.
    chosen : mapping of str to DrugResponse
        Those of the analysis, by which options are judged.
    known : mapping of str to Assessed
        What is known of every gene and marker.
    min_certainty : float
        Probability from which a genotype counts.
    today : date
        What lies after it is not due.

    Returns
    -------
    TreatmentReview
    """
    context, knowledge = levels.context, levels.knowledge
    reviewer = Reviewer(levels, responses)
    course = judge_course(context, knowledge, today)
    options = therapy_options(levels, chosen, course)
    therapies = tuple(reviewer.therapy(item) for item in context.therapies if item.outcome and item.outcome.failed)
    signals = signals_of(context, knowledge, known, min_certainty)
    case = case_of(levels, responses, therapies, signals, course, today)
    return TreatmentReview(
        sample_id=sample_id,
        steps=review_steps(case),
        therapies=therapies,
        signals=signals,
        course=course,
        monitoring=_monitoring(levels, today),
        options=options,
        removal=_removal(context, options, knowledge),
    )


def due_by_drug(levels: Sequence[Level]) -> dict[str, tuple[str, ...]]:
    """Return by drug what is due to be measured: the interval is over, or it was never measured."""
    found: dict[str, dict[str, None]] = {}
    for level in levels:
        if level.is_due:
            found.setdefault(level.drug, {})[level.measure] = None
    return {drug: tuple(measures) for drug, measures in found.items()}


_ORDER = (
    LevelVerdict.BELOW,
    LevelVerdict.ABOVE,
    LevelVerdict.OTHER_UNIT,
    LevelVerdict.NOT_MEASURED,
    LevelVerdict.PRESENT,
    LevelVerdict.MEASURED,
    LevelVerdict.WITHIN,
    LevelVerdict.ABSENT,
)


def _monitoring(levels: Levels, today: dt.date) -> tuple[Level, ...]:
    """Return what to measure for drugs that are taken or planned, and when it is due again."""
    found: list[Level] = []
    context = levels.context
    current = {item.drug.name: item for item in context.therapies if item.goes_on}
    names = [*(item.name for item in context.on_board), *(item.drug.name for item in context.planned)]
    for drug in dict.fromkeys(names):
        course = current.get(drug)
        found += [scheduled(level, course, today) for level in levels.of(drug, course) if _asked_for(level)]
    return tuple(sorted(found, key=_urgency))


def _asked_for(level: Level) -> bool:
    """Whether a level belongs among what to measure: some are measured for a reason alone, and read where they were."""
    return level.row["basis"] != IF_MEASURED or level.verdict is not LevelVerdict.NOT_MEASURED


def _urgency(level: Level) -> tuple[int, bool, bool]:
    """Order what to measure: what is outside its target first, then what has bounds, then what is due."""
    return _ORDER.index(level.verdict), level.row["basis"] == "measure_only", not level.is_due


def _removal(context: Context, options: Sequence[Option], knowledge: Knowledge) -> tuple[Check, ...]:
    """Return what removing procedures do to the drugs that are taken, given lately or planned."""
    safety = safety_of(knowledge)
    partners = [
        *(item.drug.name for item in (*context.therapies, *context.planned)),
        *(item.name for item in context.co_medication),
        *(drug for option in options for drug in option.drugs),
    ]
    drugs = [*(item.name for item in context.on_board), *(item.drug.name for item in context.planned)]
    checks = [check for drug in dict.fromkeys(drugs) for check in safety.interactions(drug, dict.fromkeys(partners))]
    return tuple(check for check in checks if check.about_drug and check.kind == "removal")
