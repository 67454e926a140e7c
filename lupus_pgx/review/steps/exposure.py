"""Was it taken, did something take it away, and what was measured? All drugs count, those that go on too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lupus_pgx.context.model import Therapy
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.knowledge.units import plain_number, without_noise
from lupus_pgx.review.exposures import Exposure, range_text
from lupus_pgx.review.levels import TOO_HIGH, Level, is_dose, level_meanings
from lupus_pgx.review.steps.signs import citations_of, row_key, signs, spoken_of
from lupus_pgx.review.steps.signs import taken as everything_taken
from lupus_pgx.review.steps.step import Case, Step
from lupus_pgx.terms import FindingKind, LevelVerdict, Outcome, ReviewStep
from lupus_pgx.words.vocabulary import capital, listed

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import AdequacyCells, LevelMeaningsCells

_HARD = 1.5
"""Several times the upper bound, from which a level opens the review whatever else is known (our choice)."""


_SLIGHT = 1.15
"""Several times the upper end of a range, up to which a level is rounding and changes nothing (our choice)."""

_DOSE = 1.1
"""So far above the limit of a dose by weight is told: less is rounding to tablets (our choice)."""


def above(case: Case) -> list[Exposure]:
    """Return levels above their range."""
    return [item for item in case.levels.exposures if item.verdict == "above"]


def comes_first(item: Exposure, case: Case) -> bool:
    """Whether a level is so far above its range, or went with harm, that it comes before everything else."""
    therapies = [one for one in case.context.therapies if one.drug.name == item.drug]
    harm = any(one.outcome is Outcome.INTOLERANCE for one in therapies)
    return harm or item.value >= _HARD * _upper(item)


def slightly_above(high: float) -> float:
    """Return up to where a level above the upper end of its range is rounding."""
    return without_noise(_SLIGHT * high)


def _clearly_above(item: Exposure) -> bool:
    return item.verdict == "above" and item.value > slightly_above(_upper(item))


def _upper(item: Exposure) -> float:
    """Return the upper end of the range of a level above it."""
    return item.row["target_high"] or 0.0


LEVEL, EXPOSURE = "a level of ", "exposure to "
"""How what is missing begins, of intake and of exposure."""

_NUMBER = ("no", "one", "two", "three", "four", "five", "six", "seven")


def taken(case: Case) -> Step:
    """Was it taken? Several levels near nothing are one finding, not several genotypes."""
    known = case.levels.exposures
    absent = [item for item in known if item.verdict == "absent"]
    drugs = tuple(dict.fromkeys(item.drug for item in absent))
    values = listed([f"{item.drug} {item.shown}{item.when}" for item in absent], "and")
    says: tuple[str, ...] = ()
    if len(drugs) > 1:
        count = dict(enumerate(_NUMBER)).get(len(drugs), str(len(drugs)))
        says = (
            f"{capital(count)} drugs are nearly absent from the blood ({values}): the tablets are probably "
            "not being taken",
            "Settle this first, before any genotype or dose is read",
        )
    elif drugs:
        says = (
            f"{capital(drugs[0])} is nearly absent from the blood ({absent[0].shown}{absent[0].when}): the "
            "tablets, probably not only these, are not being taken",
            "Settle this first, before any genotype or dose is read",
        )
    told = [row for row, held, _ in signs(case, ReviewStep.TAKEN.value) if held]
    near_nothing = [f"{listed(list(drugs), 'and')} nearly absent from the blood"] if drugs else []
    cited = [name for item in absent for name in split_list(item.row["citation"])]
    says += tuple(row["says"] for row in told)
    measured = {item.drug for item in known}
    oral = _measurable(case)
    asked = [name for name in oral if name not in measured]
    return Step(
        ReviewStep.TAKEN,
        speaks=bool(says),
        says=says,
        short="; ".join([*near_nothing, *(row["short"] for row in told)]),
        found=tuple(f"{item.drug} {item.shown}{item.when} ({item.judged})" for item in known),
        drugs=drugs,
        missing=tuple(f"{LEVEL}{name}" for name in asked) if not measured & set(oral) else (),
        citations=tuple(dict.fromkeys((*cited, *citations_of(*told)))),
        rows=(*(f"adequacy:{item.row['rule']}" for item in absent), *map(row_key, told)),
    )


def _measurable(case: Case) -> list[str]:
    """Return drugs of the history whose level tells of intake."""
    told = {row["drug"] for row in case.knowledge.rows("adequacy") if row["non_intake_below"] is not None}
    relevant = [item.drug.name for item in case.context.therapies if item.outcome is not Outcome.RESPONSE]
    return [name for name in dict.fromkeys(relevant) if name in told]


def taken_away(case: Case) -> Step:
    """Did something take the drug away? A level in range answers no."""
    fine = {item.drug for item in case.levels.exposures if item.verdict in ("within", "above")}
    said: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    away: dict[str, list[str]] = {}
    for review in case.reviews:
        if review.therapy in case.latest_failed and review.drug not in fine:
            for item in review.findings:
                if item.partner:  # of an interaction
                    away.setdefault(review.drug, []).append(item.partner)
                    said[f"{item.partner}/{review.drug}"] = (item.citations, item.rows)
    for row in case.knowledge.rows("adequacy"):
        for drug, partner in _confounded(row, case):
            if drug not in fine and partner not in away.get(drug, ()):
                away.setdefault(drug, []).append(partner)
                said[f"{partner}/{drug}"] = (split_list(row["citation"]), (f"adequacy:{row['rule']}",))
    low = {item.drug: item for item in case.levels.exposures if item.verdict == "below"}
    texts = tuple(_lowered(drug, list(dict.fromkeys(partners)), low.get(drug)) for drug, partners in away.items())
    silent = bool(case.latest_failed) and not case.context.knows("co_medication")
    return Step(
        ReviewStep.TAKEN_AWAY,
        speaks=bool(away),
        says=texts,
        short="; ".join(f"{listed(list(dict.fromkeys(names)), 'and')} with {drug}" for drug, names in away.items()),
        drugs=tuple(away),
        bearing=tuple((name, f"may have lowered {drug}") for drug, names in away.items() for name in names),
        missing=("what else is taken",) if silent and not away else (),
        citations=tuple(dict.fromkeys(name for cited, _ in said.values() for name in cited)),
        rows=tuple(dict.fromkeys(name for _, rows in said.values() for name in rows)),
    )


def _lowered(drug: str, partners: list[str], level: Exposure | None) -> str:
    who = listed(partners, "and")
    if level is None:
        return f"{who} may have lowered {drug} in the body: look at the exposure before a failure is called"
    seen = f"{level.named}, range {range_text(level.row)}"
    low = f"its exposure was too low ({seen}): not yet a failure of the drug"
    return f"{who} may have lowered {drug} in the body, and {low}"


def _confounded(row: AdequacyCells, case: Case) -> list[tuple[str, str]]:
    """Return failed drugs of a row, with what was taken beside them and takes them away."""
    group = case.steroids if row["drug"] in case.steroids else {row["drug"]}
    names = case.knowledge.drug_names
    partners = {(names.find(name) or name).lower() for name in split_list(row["with_drugs"] or "")}
    return [
        (item.drug.name, name)
        for item in case.latest_failed
        for name in everything_taken(case)
        if item.drug.name in group and name.lower() in partners and _together(item, name, case)
    ]


def _together(item: Therapy, name: str, case: Case) -> bool:
    """Say whether a drug was, or may have been, taken during a course."""
    return any(one.name == name for one in case.context.beside(item)) or any(
        (one.stop is None or one.stop >= item.start) and (item.stop is None or item.stop >= one.start)
        for one in case.context.therapies
        if one.drug.name == name and one.start and item.start
    )


def measured(case: Case) -> Step:
    """Say what was measured: below, within, above; cells or antibodies left after an antibody drug."""
    known = [item for item in case.levels.exposures if item.verdict in ("below", "within", "above")]
    low = [item for item in known if item.verdict == "below"]
    high = [item for item in known if _clearly_above(item) and not comes_first(item, case)]
    says: list[str] = []
    rows: list[str] = []
    cited: list[str] = []
    kinds: dict[str, set[FindingKind]] = {}
    shown: dict[str, str] = {}
    meanings = level_meanings(case.knowledge)
    for review in case.reviews:
        for item in review.findings:
            if item.kind in (FindingKind.INCOMPLETE_DEPLETION, FindingKind.ANTI_DRUG_ANTIBODIES):
                kinds.setdefault(review.drug, set()).add(item.kind)
                rows += item.rows
                cited += item.citations
        for level in review.levels:
            # Cells: neither too little nor too much of the drug.
            meaning = meanings.get(level.means)
            if meaning is not None and meaning["finding"] and not meaning["side"] and level.value is not None:
                shown[review.drug] = (
                    f" ({plain_number(1000 * level.value)} cells/uL)" if level.unit == "x10^9/L" else ""
                )
    for drug, found in kinds.items():
        says.append(_not_depleted(drug, found, shown.get(drug, ""), meanings[FindingKind.INCOMPLETE_DEPLETION.value]))
    held = [row for row, holds, _ in signs(case, ReviewStep.EXPOSURE.value) if holds]
    for one in low:
        against = [row for row in held if one.drug in (spoken_of(row, case) or ())]
        over = _beside_above(one, case)
        said = "; ".join((one.row["statement"] or "", *map(_not_more, over), *(row["says"] for row in against)))
        rows += [f"monitoring:{item.drug}/{item.measure}/{item.context}" for item in over]
        cited += [name for item in over for name in item.citations]
        says.append(f"Exposure to {one.drug} was too low ({one.named}, range {range_text(one.row)}): {said}")
        rows += map(row_key, against)
        cited += citations_of(*against)
    says += [f"{capital(one.drug)} was above its range ({one.named}, range {range_text(one.row)})" for one in high]
    doses = _doses_above(case)
    says += [
        f"{capital(one.drug)} at {plain_number(one.value)} {one.unit} is above its limit ({one.target})"
        for one in doses
        if one.value is not None
    ]
    rows += [f"monitoring:{one.drug}/{one.measure}/{one.context}" for one in doses]
    cited += [name for one in doses for name in one.citations]
    rows += [f"adequacy:{item.row['rule']}" for item in (*low, *high)]
    cited += [name for item in (*low, *high) for name in split_list(item.row["citation"])]
    parts = [f"cells or antibodies left after {drug}" for drug in kinds]
    parts += [f"{item.drug} {item.verdict} its range ({item.named})" for item in (*low, *high)]
    parts += [f"{item.drug} above its dose limit" for item in doses]
    return Step(
        ReviewStep.EXPOSURE,
        speaks=bool(says),
        says=tuple(says),
        short="; ".join(parts),
        found=tuple(f"{item.drug} {item.shown} ({item.judged})" for item in known if item.verdict == "within"),
        drugs=tuple(dict.fromkeys((*kinds, *(item.drug for item in (*low, *high))))),
        missing=tuple(f"{EXPOSURE}{name}" for name in _unmeasured(case)),
        citations=tuple(dict.fromkeys(cited)),
        rows=tuple(dict.fromkeys(rows)),
    )


def _beside_above(low: Exposure, case: Case) -> list[Level]:
    """Return other levels of a drug that are above a bound while one is too low: then more of it does harm."""
    meanings = level_meanings(case.knowledge)
    course = next((item for item in reversed(case.context.therapies) if item.drug.name == low.drug), None)
    return [
        level
        for level in case.levels.of(low.drug, course)
        if level.means in meanings
        and meanings[level.means]["side"] == TOO_HIGH
        and level.quantity != low.row["quantity"]
        and not is_dose(level.quantity, case.knowledge.known_units)
    ]


def _not_more(level: Level) -> str:
    shown = f"{level.measure} {plain_number(level.value)} {level.unit}" if level.value is not None else level.measure
    return f"{shown} is above its bound ({level.target}): not more {level.drug}"


def _doses_above(case: Case) -> list[Level]:
    """Return doses by weight of what is taken now that are well above the limit of the table ``monitoring``."""
    now = [item for item in case.context.therapies if item.outcome is Outcome.ONGOING and item.dose is not None]
    return [
        level
        for item in now
        for level in case.levels.of(item.drug.name, item)
        if level.verdict is LevelVerdict.ABOVE
        and is_dose(level.quantity, case.knowledge.known_units)
        and "/kg" in level.unit
        and level.value is not None
        and level.value > _DOSE * (level.row["target_high"] or level.value)
    ]


def _unmeasured(case: Case) -> list[str]:
    known = {item.drug for item in case.levels.exposures}
    told = {row["drug"] for row in case.knowledge.rows("adequacy") if row["kind"] == "exposure" and row["quantity"]}
    return [name for name in dict.fromkeys(item.drug.name for item in case.latest_failed) if name in told - known]


def _not_depleted(drug: str, kinds: set[FindingKind], shown: str, meaning: LevelMeaningsCells) -> str:
    antibodies = FindingKind.ANTI_DRUG_ANTIBODIES in kinds
    if FindingKind.INCOMPLETE_DEPLETION not in kinds:
        return f"Antibodies against {drug} are present: its level or the cells, then another drug, are the question"
    more = " and antibodies against it are present" if antibodies else ""
    why = "immunogenicity" if antibodies else "secondary non-depletion is compatible"
    return (
        f"B cells were not gone after {drug}{shown}{more}: the antibody did not do its work ({why}), and "
        f"{meaning['next_question']} is the next question"
    )
