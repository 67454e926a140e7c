"""PharmVar: which alleles have a name, and its word on their function (a second opinion: CPIC's is what rules read).

The interface wants an access key (header ``Api-Key``), which is read from the environment variable
``PHARMVAR_API_KEY``; ``/genes/{symbol}`` answers with a gene and all its alleles.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from lupus_pgx.errors import InputError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.sources.client import Answer, Client
from lupus_pgx.sources.facts import Fact, Facts, name_of, objects, text_of

NAME = "pharmvar"
BASE = "https://www.pharmvar.org/api-service"
INTERVAL = 0.5
LICENCE = "CC BY-SA 4.0"
KEY = "PHARMVAR_API_KEY"

_OPINION = "PharmVar's word; rules read CPIC's"


def headers() -> dict[str, str]:
    """Return the access key of the environment as a header; nothing where there is none."""
    return {"Api-Key": os.environ[KEY]} if os.environ.get(KEY) else {}


def ask(client: Client, genes: Sequence[str], since: str) -> Iterator[tuple[str, Answer]]:  # noqa: ARG001 - one form
    """Yield the answer about each gene that PharmVar has; see :func:`lupus_pgx.sources.cpic.ask`."""
    listed = client.get("genes/list")
    names = listed.json()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{listed.place}: expected a list of genes; the source has changed its form")
    yield "genes", listed
    for gene in genes:
        if gene in names:
            yield gene, client.get(f"genes/{gene}")


def facts(answers: Mapping[str, Answer], earlier: Mapping[str, Answer], knowledge: Knowledge) -> Facts:  # noqa: ARG001
    """Read the facts of the answers; see :func:`lupus_pgx.sources.cpic.facts`."""
    found: list[Fact] = []
    for gene, answer in answers.items():
        if gene not in knowledge.star_genes:
            continue
        for row in objects(answer, ("alleleName", "alleleType", "function"), within="alleles"):
            name = name_of(answer, row, "alleleName").removeprefix(gene)
            if text_of(answer, row, "alleleType") == "Core":
                word = text_of(answer, row, "function").capitalize() or "not assigned"
                found.append(Fact("allele_function", (gene, name), {"function": word}, _OPINION))
    return Facts(tuple(found), frozenset((fact.table, fact.key[0]) for fact in found))
