"""ClinPGx: which drugs and genes the guideline bodies speak about (annotations of CPIC and DPWG guidelines).

``/data/guidelineAnnotation`` answers with an envelope, the rows under ``data``. At most two questions a second are
allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lupus_pgx.errors import InputError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.sources.client import Answer, Client
from lupus_pgx.sources.facts import Facts, answer_of, name_of, objects

NAME = "clinpgx"
BASE = "https://api.clinpgx.org/v1"
INTERVAL = 0.6
LICENCE = "CC BY-SA 4.0"

_BODIES = ("CPIC", "DPWG")


def ask(client: Client, genes: Sequence[str], since: str) -> Iterator[tuple[str, Answer]]:  # noqa: ARG001 - one form
    """Yield the guideline annotations of each body; see :func:`lupus_pgx.sources.cpic.ask`."""
    for body in _BODIES:
        yield body, client.get("data/guidelineAnnotation", {"source": body, "view": "base"})


def facts(answers: Mapping[str, Answer], earlier: Mapping[str, Answer], knowledge: Knowledge) -> Facts:
    """Return what a curator should read: drugs and genes of a guideline that our guidance lacks, and changed ones.

    Guidance is in our own words, so that no row can be made of an annotation.
    """
    remarks: list[str] = []
    for body in _BODIES:
        annotations = dict(_annotations(answer_of(answers, body)))
        before = dict(_annotations(earlier[body])) if body in earlier else {}
        ours = {
            (drug.drug.lower(), key)
            for drug in knowledge.drugs_by_name.values()
            for rule in drug.rules
            if rule.source == body
            for key in rule.condition.keys
        }
        for (drug, gene), digest in sorted(annotations.items()):
            if drug in knowledge.drugs_by_name and (drug, gene) not in ours and gene in knowledge.gene_names:
                remarks.append(f"{body} speaks about {drug} and {gene}; no guidance row of ours does")
            elif (drug, gene) in ours and before.get((drug, gene), digest) != digest:
                remarks.append(f"{body} changed its guideline on {drug} and {gene}: read the guidance rows again")
    return Facts((), remarks=tuple(remarks))


def _annotations(answer: Answer) -> Iterator[tuple[tuple[str, str], str]]:
    for row in objects(answer, ("id", "name", "relatedChemicals", "relatedGenes"), within="data"):
        digest = repr(sorted((key, repr(value)) for key, value in row.items()))
        for drug in _names(answer, row, "relatedChemicals", "name"):
            for gene in _names(answer, row, "relatedGenes", "symbol"):
                yield (drug.lower(), gene), digest


def _names(answer: Answer, row: Mapping[str, Any], field: str, name: str) -> list[str]:
    items = row[field]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InputError(f"{answer.place}: expected names in {field}; the source has changed its form")
    return [name_of(answer, item, name) for item in items]
