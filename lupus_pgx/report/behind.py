"""The genes and markers behind what is asked for: the one list that the terminal, the page and the short form show."""

from __future__ import annotations

from lupus_pgx.report.context import roles
from lupus_pgx.report.marks import lupus_drugs
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.results.patient import PatientData
from lupus_pgx.terms import Action

_USUAL = Action.STANDARD.severity


def keys_behind(patient: PatientData) -> tuple[str, ...]:
    """Return the genes and markers whose genotype asks for something, each once: of drugs of lupus, taken or planned.

    A genotype that asks speaks here whatever the clinical context asks beside it: the azathioprine that was stopped for
    leukopenia has its genes. Where any asks for more than closer monitoring, the others are left out; what was not
    assessed stands elsewhere.
    """
    return tuple(_called(patient))


def texts_behind(patient: PatientData) -> tuple[str, ...]:
    """Return the same in the words that reports have for a call."""
    return tuple(dict.fromkeys(item.description for item in _called(patient).values()))


def _called(patient: PatientData) -> dict[str, Assessed]:
    role, lupus = roles(patient.context), lupus_drugs(patient.knowledge)
    responses = patient.results.responses
    found = [responses.of(drug, 0) for drug in responses.values if drug in role or drug in lupus]
    speaking = [item for item in found if item.certainty is not None and item.action.severity > _USUAL]
    dosed = [item for item in speaking if item.action.severity > Action.MONITOR.severity] or speaking
    dosed.sort(key=lambda item: (item.drug.drug not in role, -item.overall_action.severity, item.drug.drug))
    keys = [(key, item.known[key]) for item in dosed for key in item.judgement.driven_by if key in item.known]
    return {key: known for key, known in keys if not (known.not_assessed or known.by_frequency)}
