"""What a genotype answers of a condition that a context may state: a row of ``criteria`` names the phenotypes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from lupus_pgx.context.judged.answers import NO, OPEN, Answer, Question, needs_more
from lupus_pgx.knowledge.tables import split_list

if TYPE_CHECKING:
    from lupus_pgx.context.model import Context
    from lupus_pgx.knowledge.cells import CriteriaCells

MEETS, CLEARS, SETTLES = "genotype", "genotype_clears", "settled_by"
KINDS = (MEETS, CLEARS, SETTLES)
"""Sources of a criterion that speak of a genotype, before the colon."""


class ByGenotype(NamedTuple):
    """How the phenotypes of a gene answer a criterion.

    Attributes
    ----------
    gene : str
    meets, clears : tuple of str
        Phenotypes with which it holds, and with which it does not.
    settled_by : str
        What tells where a genotype does not, in words; empty where nothing is named.
    """

    gene: str
    meets: tuple[str, ...]
    clears: tuple[str, ...]
    settled_by: str

    def answer(self, context: Context, question: Question, row: CriteriaCells, *, measured: bool) -> Answer:
        """Say what the genotype of a patient answers.

        Parameters
        ----------
        context : Context
        question : Question
        row : mapping
            Of the criterion.
        measured : bool
            A genotype clears nothing of this drug: what settles it must be measured.

        Returns
        -------
        Answer
        """
        known = context.genotypes.get(self.gene)
        if known is None:
            return OPEN
        found = f"genotype {known.phenotype}"
        if known.phenotype in self.meets:
            more = needs_more(question, row)
            return Answer(None, f"{found}, severity not given", feared=True) if more else Answer(True, found)
        if known.phenotype in self.clears:
            if not known.complete:
                return OPEN
            if not measured:
                return NO
        return Answer(None, found, asks=self.settled_by)


def by_genotype(rows: Mapping[str, CriteriaCells]) -> dict[str, ByGenotype]:
    """Return how genotypes answer criteria, by criterion; most are answered by none."""
    found = {}
    for name, row in rows.items():
        sources = dict(source.partition(":")[::2] for source in split_list(row["asks"]))
        if MEETS in sources:
            gene, _, meets = sources[MEETS].partition("=")
            _, _, clears = sources.get(CLEARS, "").partition("=")
            found[name] = ByGenotype(gene, _names(meets), _names(clears), sources.get(SETTLES, ""))
    return found


def stated_sources(row: CriteriaCells) -> list[str]:
    """Return what answers a criterion beside genotypes."""
    return [source for source in split_list(row["asks"]) if source.partition(":")[0] not in KINDS]


def beside_genotype(told: Answer, genotype: Answer) -> Answer:
    """Join what was told with what a genotype answers: what harms is believed, else what was told counts more."""
    if told.met or genotype.met:
        return told if told.met else genotype
    silent = told.met is None and not told.found
    return genotype if silent else told


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",")) if text else ()
