"""What the genome adds, and what is left when an adequate trial failed."""

from __future__ import annotations

from collections.abc import Sequence

from lupus_pgx.knowledge.drugs import background_drugs
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.review.findings import Finding
from lupus_pgx.review.steps.adequacy import Trial, earlier_trials, is_full, trials
from lupus_pgx.review.steps.causes import cause
from lupus_pgx.review.steps.exposure import measured, taken, taken_away
from lupus_pgx.review.steps.step import Case, Step
from lupus_pgx.review.steps.timing import active, due
from lupus_pgx.terms import FindingKind, Outcome, ReviewStep, Strength
from lupus_pgx.words.vocabulary import FINDINGS, STRENGTHS, listed

_FIRM = (Strength.STRONG, Strength.MODERATE)
_GENETIC = (
    FindingKind.UNDER_EXPOSURE,
    FindingKind.LACK_OF_ACTIVATION,
    FindingKind.TARGET_OR_PATHWAY,
    FindingKind.TOXICITY,
    FindingKind.OVER_EXPOSURE,
)


def genome(case: Case) -> Step:
    """Say what genotypes bear on it, never as the reason; weak evidence changes no choice."""
    reviews = [item for item in case.reviews if item.therapy.outcome is Outcome.INADEQUATE_RESPONSE]
    found = [(review.drug, item) for review in reviews for item in review.findings if _genetic(item)]
    firm = [(drug, item) for drug, item in found if item.strength in _FIRM]
    # What a guideline acts on is not said to change nothing because small studies found it, too.
    acted = {(drug, item.who) for drug, item in firm}
    weak = [(drug, item) for drug, item in found if item.strength not in _FIRM and (drug, item.who) not in acted]
    says = tuple(dict.fromkeys(_told(drug, item) for drug, item in firm))
    nothing = tuple(
        dict.fromkeys(
            f"{item.who} does not change the choice of {drug} ({STRENGTHS[item.strength].label}): measure {_what(item)}"
            for drug, item in weak
        )
    )
    silent = {item.drug for review in reviews for item in review.findings if item.kind is FindingKind.NOT_ASSESSED}
    return Step(
        ReviewStep.GENOME,
        bool(says),
        says,
        "; ".join(text[:1].lower() + text[1:] if text[:2].istitle() else text for text in says),
        found=nothing,
        drugs=tuple(dict.fromkeys(drug for drug, _ in firm)),
        missing=tuple(f"genotypes that bear on {drug}" for drug in sorted(silent) if drug),
        citations=tuple(dict.fromkeys(name for _, item in firm for name in item.citations)),
        rows=tuple(dict.fromkeys(row for _, item in firm for row in item.rows)),
    )


def _genetic(item: Finding) -> bool:
    return item.certainty is not None and item.kind in _GENETIC


def _what(item: Finding) -> str:
    return item.measure or "what the drug does (response, cells or level)"


def _told(drug: str, item: Finding) -> str:
    measure = f": measure {item.measure}" if item.measure else ""
    return f"{item.who} is compatible with {FINDINGS[item.kind]} of {drug}{measure}"


def refractory(case: Case) -> Step:
    """Did an adequate trial fail? Only then is the disease, or the drug, the question; after a second, refractory."""
    background = background_drugs(case.knowledge) | case.steroids
    full = [item for item in trials(case) if is_full(item)]
    rows = [row for row in case.knowledge.rows("adequacy") if row["kind"] == "refractory"]
    mine = [row for row in rows if not row["manifestation"] or row["manifestation"] in case.present]
    questioned = any(step(case).speaks for step in (due, active, taken, taken_away, measured))
    if not full or questioned or cause(case).drugs:
        return Step(ReviewStep.REFRACTORY)
    # What everyone gets is no regimen that failed, unless nothing else was given.
    full = [item for item in full if item.drug not in background] or full
    before = [item for item in earlier_trials(case, background) if is_full(item)]
    second = bool(before) and full[0].drug not in background
    return Step(
        ReviewStep.REFRACTORY,
        True,
        (_failed_twice([*before, *full]) if second else _failed_once(full),),
        "two full regimens failed: refractory" if second else "an adequate trial failed",
        drugs=tuple(item.drug for item in (*before, *full)) if second else tuple(item.drug for item in full),
        citations=tuple(dict.fromkeys(name for row in mine for name in split_list(row["citation"]))),
        rows=tuple(f"adequacy:{row['rule']}" for row in mine),
    )


def _failed_once(full: Sequence[Trial]) -> str:
    return (
        f"Adequate trial ({_given(full)}): unsatisfactory response, once activity is shown; refractory is said after a "
        "second full regimen"
    )


def _failed_twice(full: Sequence[Trial]) -> str:
    return (
        f"Refractory, once activity is shown: full trials of more than one regimen failed ({_given(full)}). What is in "
        "use for refractory disease is the question, in a centre that knows it, trials among it"
    )


def _given(full: Sequence[Trial]) -> str:
    return listed([f"{item.drug} {item.dose}{_long(item)}" for item in full], "and")


def _long(item: Trial) -> str:
    return " as a whole course" if item.row["given_as"] == "course" else f" for {item.length}"
