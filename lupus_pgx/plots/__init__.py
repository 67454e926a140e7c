"""Plots of results: every function returns a matplotlib Axes and takes ``ax=``.

Without ``ax`` a figure of the right size is made (``returned.figure.savefig(...)``); pyplot is not touched.
"""

from __future__ import annotations

from lupus_pgx.plots.evidence import evidence_forest
from lupus_pgx.plots.genes import call_certainty, phenotype_frequencies
from lupus_pgx.plots.haplotypes import haplotype_view
from lupus_pgx.plots.responses import response_map
from lupus_pgx.plots.timeline import timeline

__all__ = [
    "call_certainty",
    "evidence_forest",
    "haplotype_view",
    "phenotype_frequencies",
    "response_map",
    "timeline",
]
