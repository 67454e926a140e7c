"""Phenoconversion: what co-medication does to the activity that the genotype says.

A phenotype changes only where a guideline gives a factor on the activity score, and counts only for
the drugs whose guideline gives it. Any other inhibitor or inducer is named, for information.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lupus_pgx.calling.phenotypes import Adjustment, GeneCall, GeneCalls, PhenotypeCall, Share, merged
from lupus_pgx.context.model import Context, NamedDrug
from lupus_pgx.encoded import Index, combine, narrow
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.drugs import DrugNames
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.terms import INDETERMINATE, NOT_ASSESSED

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import PhenoconversionCells


@dataclass(frozen=True, slots=True)
class Effect:
    """What the co-medication of a sample does to one enzyme: rows of the table ``phenoconversion``, by number.

    ``perhaps`` are of drugs of which nobody tells whether they are still taken: they change nothing, and are said.
    """

    gene: str
    rows: tuple[int, ...]
    perhaps: tuple[int, ...] = ()


def convert_phenotypes(calls: GeneCalls, contexts: Mapping[str, Context], knowledge: Knowledge) -> GeneCalls:
    """Add adjusted phenotypes for samples whose context names an inhibitor or inducer.

    Each distinct pair of a call and an effect is worked out once; samples without a context are not looked at.

    Parameters
    ----------
    calls : GeneCalls
    contexts : mapping of sample to Context
    knowledge : Knowledge

    Returns
    -------
    GeneCalls
        The same calls, told apart by ``adjusted`` too.
    """
    if not any(context.on_board or context.perhaps_taken for context in contexts.values()):
        return calls
    rows, names = knowledge.rows("phenoconversion"), knowledge.drug_names
    met: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        met.setdefault(names.find(row["with"]) or row["with"], []).append(number)
    effects: dict[str, dict[Effect, list[int]]] = {}
    for sample, sample_id in enumerate(calls.sample_ids):
        for effect in _effects(contexts.get(sample_id), met, rows, names):
            if effect.gene in calls.values:
                effects.setdefault(effect.gene, {}).setdefault(effect, []).append(sample)
    values, index = dict(calls.values), dict(calls.index)
    for gene, found in effects.items():
        values[gene], index[gene] = _adjust(calls, gene, found, rows, knowledge.star_genes[gene])
    return GeneCalls(calls.sample_ids, values, index)


def _effects(
    context: Context | None, met: Mapping[str, Sequence[int]], rows: Sequence[PhenoconversionCells], names: DrugNames
) -> list[Effect]:
    """Return what the drugs that a patient takes, or may still take, do, by gene."""
    if context is None:
        return []
    taken, perhaps = (_rows_of(drugs, met, rows, names) for drugs in (context.on_board, context.perhaps_taken))
    return [
        Effect(gene, tuple(sorted(taken.get(gene, ()))), tuple(sorted(perhaps.get(gene, ()))))
        for gene in dict.fromkeys((*taken, *perhaps))
    ]


def _rows_of(
    drugs: Sequence[NamedDrug], met: Mapping[str, Sequence[int]], rows: Sequence[PhenoconversionCells], names: DrugNames
) -> dict[str, list[int]]:
    """Return the numbers of the rows that drugs meet, by gene."""
    by_gene: dict[str, list[int]] = {}
    for drug in drugs:
        for name in names.parts(names.find(drug.name) or drug.name) if drug.listed else ():
            for number in met.get(name, ()):
                by_gene.setdefault(rows[number]["gene"], []).append(number)
    return by_gene


def _adjust(
    calls: GeneCalls,
    gene: str,
    found: Mapping[Effect, Sequence[int]],
    rows: Sequence[PhenoconversionCells],
    star: StarGene,
) -> tuple[tuple[GeneCall, ...], Index]:
    """Work out each distinct pair of a call and an effect; number 0 is no effect."""
    samples = len(calls.sample_ids)
    numbers = np.zeros(samples, np.int64)
    for number, having in enumerate(found.values(), start=1):
        numbers[list(having)] = number
    effects: Index = narrow(numbers, len(found) + 1)
    example, index = combine([(calls.index[gene], len(calls.values[gene])), (effects, len(found) + 1)], samples)
    listed = [None, *found]
    values = [
        _under(star, calls.of(gene, sample), *_cells(effect, rows))
        for sample in example.tolist()
        for effect in [listed[int(effects[sample])]]
    ]
    return tuple(values), index


def _cells(
    effect: Effect | None, rows: Sequence[PhenoconversionCells]
) -> tuple[list[PhenoconversionCells], list[PhenoconversionCells]]:
    """Return the rows of what is taken, and of what may be."""
    if effect is None:
        return [], []
    return [rows[number] for number in effect.rows], [rows[number] for number in effect.perhaps]


def _under(
    star: StarGene, call: GeneCall, rows: Sequence[PhenoconversionCells], perhaps: Sequence[PhenoconversionCells]
) -> GeneCall:
    """Return a call under co-medication; the same call where none bears on the gene."""
    if not rows and not perhaps:
        return call
    open_structure = call.diplotype.structure_open
    adjusted = _adjustment(star, call.phenotype, rows, structure_open=open_structure)
    notes = "; ".join(note for note in (adjusted.note, *map(_open_note, perhaps)) if note)
    return replace(call, adjusted=replace(adjusted, note=notes))


def _adjustment(
    star: StarGene, call: PhenotypeCall, rows: Sequence[PhenoconversionCells], *, structure_open: bool
) -> Adjustment:
    """Adjust one call: for each drug by the strongest factor that its guideline gives, never by a product of two."""
    factors: dict[str, float] = {}
    for row in rows:
        factor = row["activity_factor"]
        if factor is not None:
            factors |= {drug: min(factor, factors.get(drug, factor)) for drug in split_list(row["applies_to"])}
    by_factor = {share: lowered(star, call, share) for share in sorted(set(factors.values()))}
    shown = next(iter(by_factor.values()), None)
    counts = {drug: by_factor[share] for drug, share in factors.items()}
    notes = [_factor_note(row) for row in rows if row["activity_factor"] is not None]
    if shown is None and notes:
        notes.append(f"the score of {star.gene} is not known, so nothing was adjusted")
    elif notes and structure_open:
        notes.append("the structure of the gene is open, so no prediction rests on either phenotype")
    elif notes:
        listed = ", ".join(sorted(counts))
        notes.append(f"the adjusted phenotype counts for {listed}, other drugs keep the genotype phenotype")
    notes += [_informative_note(row) for row in rows if row["activity_factor"] is None]
    partners = ", ".join(dict.fromkeys(row["with"] for row in rows if row["activity_factor"] is not None))
    use = {drug: item for drug, item in counts.items() if item is not None and not structure_open}
    return Adjustment(shown, use, "; ".join(notes), partners)


def lowered(star: StarGene, call: PhenotypeCall, factor: float) -> PhenotypeCall | None:
    """Return a call with its activity scores multiplied by a factor; None where no score is known."""
    if NOT_ASSESSED in call.probabilities or all(share.score is None for share in call.shares):
        return None
    shares = []
    for share in call.shares:
        score = None if share.score is None else share.score * factor
        shares.append(Share(star.phenotype_of_score(score) or INDETERMINATE, share.carried, score, share.values))
    score = None if call.activity_score is None else call.activity_score * factor
    return PhenotypeCall(star.gene, merged(shares), score, tuple(shares), evidence=call.evidence)


def _factor_note(row: PhenoconversionCells) -> str:
    factor = f"multiplies the activity score by {row['activity_factor']:g}"
    return f"phenoconversion: {row['with']} ({_strength(row)}) {factor} ({_cited(row)})"


def _open_note(row: PhenoconversionCells) -> str:
    """Ask whether a drug is still taken, with what it would do."""
    factor = row["activity_factor"]
    would = f"would multiply the activity score by {factor:g}" if factor is not None else "bears on the gene"
    return f"whether {row['with']} is still taken is not told: it ({_strength(row)}) {would} ({_cited(row)})"


def _informative_note(row: PhenoconversionCells) -> str:
    return f"for information: {row['with']} ({_strength(row)}, {_cited(row)}), the phenotype is left as it is"


def _strength(row: PhenoconversionCells) -> str:
    return " ".join(word for word in (row["strength"], row["kind"]) if word)


def _cited(row: PhenoconversionCells) -> str:
    return ", ".join(split_list(row["citation"]))
