"""Genotypes as numbers, for prediction studies: one row per sample, one column per feature, and what each means.

What is not known is NaN, never 0: nothing here stands for a genotype that was not assessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.calling.phenotypes import PhenotypeCall
from lupus_pgx.errors import UsageError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import Marker, StarGene
from lupus_pgx.results.tables import Results
from lupus_pgx.terms import INDETERMINATE, CallStatus

Floats = npt.NDArray[np.float64]

_UNKNOWN = "a locus without which nothing is stated is missing, the structure of the gene is open, or"
_NOT_SURE = {
    False: f"{_UNKNOWN} no value is sure enough under every prior that applies",
    True: "nothing of the gene was observed, no named pair of alleles fits, or its structure is open",
}
_UNCERTAIN = "; or an allele of uncertain function"


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the features, and its row in the data dictionary.

    Attributes
    ----------
    column, gene, marker : str
    kind : str
        ``activity_score``, ``phenotype``, ``allele``, ``dosage``, ``missing`` or ``missing_loci``.
    unit, meaning, values : str
    nan : str
        What NaN means; empty where there is none.
    source, citation : str
        Rows of the knowledge tables ``sources`` and ``citations``.
    """

    column: str
    gene: str
    marker: str
    kind: str
    unit: str
    meaning: str
    values: str
    nan: str = ""
    source: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class _Rules:
    """How sure a value has to be, and whether probabilities are asked for instead."""

    least: float
    soft: bool


def measure(
    results: Results,
    knowledge: Knowledge,
    min_probability: float,
    probabilities: bool,
    drop_constant: bool,
    samples: slice = slice(None),
) -> tuple[list[Feature], Floats]:
    """Return the features of samples, each distinct call looked at once.

    Parameters
    ----------
    results : Results
    knowledge : Knowledge
    min_probability : float
        From which a value is stated.
    probabilities : bool
        Whether to give probabilities and expected values instead.
    drop_constant : bool
        Whether to leave out features without two different values.
    samples : slice
        Which samples; all by default.

    Returns
    -------
    features : list of Feature
    values : ndarray of float, shape (samples, features)

    Raises
    ------
    UsageError
        If ``min_probability`` is not above 0.5 and at most 1.
    """
    if not 0.5 < min_probability <= 1:
        raise UsageError(f"min_probability must be above 0.5 and at most 1; found {min_probability}")
    rules = _Rules(min_probability, probabilities)
    genes, markers = results.genes, results.markers
    listed: list[Feature] = []
    blocks: list[Floats] = []
    total = np.zeros(len(results.genotypes.sample_ids[samples]))
    for gene in sorted(genes.values):
        star, calls, index = knowledge.star_genes[gene], genes.values[gene], genes.index[gene][samples]
        described = list(_gene_features(star, knowledge, probabilities))
        cells = [_gene_values(star, call.diplotype, call.phenotype, rules) for call in calls]
        listed += described
        blocks.append(np.array(cells).reshape(len(calls), len(described))[index])
        total += np.array([len(call.diplotype.missing_essential) for call in calls])[index]
    for key in sorted(markers.values):
        listed += _marker_features(knowledge.markers_by_key[key], knowledge)
        counts = np.array([call.effect_allele_count for call in markers.values[key]], np.float64)
        blocks.append(np.stack([counts, np.isnan(counts)], axis=1)[markers.index[key][samples]])
    meaning = "loci of star genes without which no statement is made, and without a genotype"
    listed.append(Feature("missing_essential_loci", "", "", "missing_loci", "loci", meaning, "0 or more"))
    values = np.concatenate([*blocks, total[:, None]], axis=1)
    listed = _named_apart(listed)
    if drop_constant:
        kept = _varies(values)
        listed, values = [item for item, stays in zip(listed, kept, strict=True) if stays], values[:, kept]
    return listed, values


def _varies(values: Floats) -> npt.NDArray[np.bool_]:
    """Whether each column has two different values."""
    known = ~np.isnan(values)
    lowest = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    highest = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    return np.asarray(lowest < highest)


def _slug(text: str) -> str:
    """Write a name so that it can stand in a model formula."""
    return re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")


def _named_apart(listed: Sequence[Feature]) -> list[Feature]:
    """Tell names apart that are alike once they can stand in a formula (``-24C>T`` and ``24C>T``)."""
    seen: dict[str, int] = {}
    apart = []
    for item in listed:
        seen[item.column] = number = seen.get(item.column, 0) + 1
        apart.append(item if number == 1 else replace(item, column=f"{item.column}_{number}"))
    return apart


def _phenotypes_of(star: StarGene) -> list[str]:
    """Return the phenotypes that a rule can assign, ``Indeterminate`` last."""
    named = {*star.phenotypes.values(), *(rule["phenotype"] for rule in star.activity_rules)} - {INDETERMINATE}
    return [*sorted(named), INDETERMINATE] if star.has_phenotypes else []


def _alleles_of(star: StarGene) -> list[str]:
    """Return the alleles that some rule asks for, in genes where no phenotype says the same."""
    return [] if star.has_phenotypes else sorted(star.asked_alleles)


def _gene_features(star: StarGene, knowledge: Knowledge, soft: bool) -> Iterator[Feature]:
    """Describe the columns of a star gene, in the order of :func:`_gene_values`."""
    name, gene, nan = _slug(star.gene), star.gene, _NOT_SURE[soft]
    unit, values, ending = ("probability", "0 to 1", "_probability") if soft else ("", "0, 1", "")
    means = "probability that the" if soft else "1: the"
    if star.activity_rules:
        source = _joined(rule["source"] for rule in star.activity_rules)
        what = "expected activity score of the genotype" if soft else "activity score of the genotype"
        column = f"{name}_activity{'_expected' if soft else ''}"
        yield Feature(column, gene, "", "activity_score", "score", what, "0 or more", f"{nan}{_UNCERTAIN}", source)
    else:
        source = _joined(row["source"] for row in knowledge.rows("phenotype_rules") if row["gene"] == gene)
    for phenotype in _phenotypes_of(star):
        column = f"{name}_{_slug(phenotype).lower()}{ending}"
        meaning = f"{means} phenotype is {phenotype}{'' if soft else '; 0: it is another'}"
        why = nan if soft or phenotype == INDETERMINATE else f"{nan}{_UNCERTAIN}"
        yield Feature(column, gene, "", "phenotype", unit, meaning, values, why, source)
    source = _joined(row["source"] for row in knowledge.rows("allele_function") if row["gene"] == gene)
    for allele in _alleles_of(star):
        meaning = f"{means} genotype holds {allele}{'' if soft else '; 0: it does not'}"
        yield Feature(f"{name}_{_slug(allele)}_carrier{ending}", gene, "", "allele", unit, meaning, values, nan, source)
    what = "phenotype" if star.has_phenotypes else "diplotype"
    meaning = f"1: the {what} is not stated ({_NOT_SURE[False]}{_UNCERTAIN if star.has_phenotypes else ''}); 0: it is"
    yield Feature(f"{name}_missing", gene, "", "missing", "", meaning, "0, 1")
    if star.haplotypes.loci:
        most = sum(locus.essential for locus in star.haplotypes.loci)
        meaning = "loci without which no statement is made, and without a genotype"
        column = f"{name}_missing_essential_loci"
        source = _joined(row["source"] for row in knowledge.rows("loci") if row["gene"] == gene)
        yield Feature(column, gene, "", "missing_loci", "loci", meaning, f"0 to {most}", "", source)


def _marker_features(marker: Marker, knowledge: Knowledge) -> Iterator[Feature]:
    row = next(row for row in knowledge.rows("markers") if (row["gene"], row["marker"]) == (marker.gene, marker.marker))
    name = f"{_slug(marker.gene)}_{_slug(marker.marker)}"
    copies = f"copies of {' or '.join(sorted(marker.effect_alleles))}"
    nan = "the genotype is not known, or fits no allele of the marker"
    about = {"source": row["source"], "citation": row["citation"]}
    meaning = "; ".join(text for text in (copies, marker.effect, marker.caveat) if text)
    yield Feature(f"{name}_dosage", marker.gene, marker.marker, "dosage", "copies", meaning, "0, 1, 2", nan, **about)
    meaning = f"1: the number of {copies} is not known; 0: it is"
    yield Feature(f"{name}_missing", marker.gene, marker.marker, "missing", "", meaning, "0, 1")


def _joined(sources: Iterable[str]) -> str:
    return ";".join(sorted(set(sources)))


def _gene_values(star: StarGene, call: DiplotypeCall, found: PhenotypeCall, rules: _Rules) -> list[float]:
    """Return the values of one call, in the order of :func:`_gene_features`."""
    open_call = call.status in (CallStatus.NO_CALL, CallStatus.NOVEL) or call.structure_open
    usable = not open_call if rules.soft else call.essential_complete
    shown = [*_activity(star, call, found, rules)] if star.activity_rules else []
    phenotype = _stated(found.probabilities.items(), rules) if call.essential_complete else None
    shown += [_phenotype(name, phenotype, found, rules) for name in _phenotypes_of(star)]
    shown += [_carrier(allele, found, rules) for allele in _alleles_of(star)]
    shown = shown if usable else [np.nan] * len(shown)
    if star.has_phenotypes:
        missing = phenotype in (None, INDETERMINATE)
    else:
        sure = call.best is not None and call.best.probability >= rules.least
        missing = not (call.essential_complete and sure)
    loci = [float(len(call.missing_essential))] if star.haplotypes.loci else []
    return [*shown, float(missing), *loci]


def _stated(shares: Iterable[tuple[Any, Sequence[float]]], rules: _Rules) -> Any:
    """Return the value that is sure enough under every prior, if there is one."""
    return next((value for value, under in shares if min(under) >= rules.least), None)


def _phenotype(name: str, stated: str | None, found: PhenotypeCall, rules: _Rules) -> float:
    if rules.soft:
        return found.probabilities.get(name, (0.0,))[0]
    # An allele of uncertain function says nothing about any other phenotype.
    if stated is None or (stated == INDETERMINATE and name != INDETERMINATE):
        return np.nan
    return float(stated == name)


def _carrier(allele: str, found: PhenotypeCall, rules: _Rules) -> float:
    """Return whether an allele is carried, or how probable that is."""
    known = [share for share in found.shares if share.carried is not None]
    with_it, without = (
        np.sum([share.values for share in known if (allele in (share.carried or ())) is carried], axis=0)
        for carried in (True, False)
    )
    if rules.soft:
        return float(np.atleast_1d(with_it)[0])
    return _first((1.0, with_it), (0.0, without), rules=rules)


def _first(*pairs: tuple[float, Any], rules: _Rules) -> float:
    value = _stated([(value, np.atleast_1d(under).tolist()) for value, under in pairs], rules)
    return np.nan if value is None else float(value)


def _activity(star: StarGene, call: DiplotypeCall, found: PhenotypeCall, rules: _Rules) -> list[float]:
    """Return the activity score: stated, or expected where nearly all that is possible has one."""
    if star.score_asked:
        scored = [(share.score, share.values) for share in found.shares]
    else:
        scored = [(found.activity_score, call.best.by_prior)] if call.best else []
    totals: dict[float, Floats] = {}
    for score, values in scored:
        if score is not None:
            totals[score] = totals.get(score, np.zeros(len(values))) + np.array(values)
    if not rules.soft:
        return [_first(*totals.items(), rules=rules)]
    weights = np.array([under[0] for under in totals.values()])
    if weights.sum() < rules.least:
        return [np.nan]
    return [float(weights @ np.array(list(totals)) / weights.sum())]
