"""Custom content of MultiQC: how well each sample was assessed, and how many drugs ask for something.

MultiQC puts files of one ``id`` together, so that the samples of many runs or shards stand in one report.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lupus_pgx.results.files import atomic_file
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.results.tables import Results
from lupus_pgx.terms import RESEARCH_USE, CallStatus, Response
from lupus_pgx.words.vocabulary import CALLS, RESTRICTING, judged_word

ENDING = "_mqc.json"

_COLUMNS = {
    "genes_called": ("Genes called", "Genes with a named pair of alleles, certain, probable or given", "Greens"),
    "genes_open": (
        "Genes open",
        "Genes without a named pair, or in which a locus is missing on which every drug action rests",
        "Oranges",
    ),
    "drugs_asking": ("Drugs asking", "Drugs whose genotype asks for something else than the usual dose", "Blues"),
    "drugs_undecided": ("Drugs undecided", "Drugs on which nothing can be said for want of a genotype", "Oranges"),
}
_STATED = (CallStatus.CERTAIN, CallStatus.PROBABLE, CallStatus.OUTSIDE)

_COLOURS = {
    CallStatus.CERTAIN: "#2a6430",
    CallStatus.PROBABLE: "#6b8fb3",
    CallStatus.OUTSIDE: "#4b5665",
    CallStatus.AMBIGUOUS: "#e0b252",
    CallStatus.NOVEL: "#cc79a7",
    CallStatus.NO_CALL: "#d8dde3",
}
"""Of the bars, in their order: those of the page of a cohort."""

Numbers = npt.NDArray[np.int64]


def write_multiqc(folder: Path, analysis: AnalysisData) -> list[Path]:
    """Write columns for the general statistics, and a bar for each sample of how sure its calls are.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    results = analysis.results
    general = {
        "id": "lupus_pgx_general",
        "plot_type": "generalstats",
        # The order of the columns, which MultiQC takes from here.
        "headers": {
            name: {"title": title, "description": about, "scale": scale, "min": 0, "format": "{:,d}"}
            for name, (title, about, scale) in _COLUMNS.items()
        },
        "data": _by_sample(results, _general(results)),
    }
    calls = {
        "id": "lupus_pgx_calls",
        "section_name": "lupus_pgx: calls",
        "description": f"Genes by how sure their call is; what is not assessed is not normal. {RESEARCH_USE}",
        "plot_type": "bargraph",
        # With colours of our own: of MultiQC's the one for what is not assessed is a bright green.
        "categories": {CALLS[status].label: {"color": colour} for status, colour in _COLOURS.items()},
        "pconfig": {"id": "lupus_pgx_calls_plot", "title": "lupus_pgx: genes by call status", "ylab": "genes"},
        "data": _by_sample(results, _calls(results)),
    }
    paths = []
    for document in (general, calls):
        path = folder / f"{document['id']}{ENDING}"
        with atomic_file(path) as handle:
            handle.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        paths.append(path)
    return paths


def _by_sample(results: Results, columns: Mapping[str, Numbers]) -> dict[str, dict[str, int]]:
    samples = results.genotypes.sample_ids
    return {
        sample: {name: int(values[number]) for name, values in columns.items()} for number, sample in enumerate(samples)
    }


def _counted(results: Results, keys: Sequence[str], where: Callable[[str], Numbers]) -> Numbers:
    total = np.zeros(len(results.genotypes.sample_ids), np.int64)
    for key in keys:
        total += where(key)
    return total


def _general(results: Results) -> dict[str, Numbers]:
    genes, responses = results.genes, results.responses

    def of_genes(holds: Callable[[Any], bool]) -> Numbers:
        return _counted(
            results,
            list(genes.values),
            lambda gene: np.array([holds(call.diplotype) for call in genes.values[gene]], np.int64)[genes.index[gene]],
        )

    def of_drugs(holds: Callable[[Any], bool]) -> Numbers:
        return _counted(results, list(responses.values), lambda drug: responses.where(drug, holds).astype(np.int64))

    return {
        "genes_called": of_genes(lambda call: call.status in _STATED),
        "genes_open": of_genes(lambda call: call.status not in _STATED or bool(call.missing_essential)),
        "drugs_asking": of_drugs(lambda judged: judged_word(judged.action, judged.response).key in RESTRICTING),
        "drugs_undecided": of_drugs(lambda judged: judged.response is Response.INDETERMINATE),
    }


def _calls(results: Results) -> dict[str, Numbers]:
    columns = {status: np.zeros(len(results.genotypes.sample_ids), np.int64) for status in CallStatus}
    for gene, calls in results.genes.values.items():
        index = results.genes.index[gene]
        for status in CallStatus:
            columns[status] += np.array([call.diplotype.status is status for call in calls], np.int64)[index]
    return {CALLS[status].label: column for status, column in columns.items() if column.any()}
