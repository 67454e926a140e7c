"""Plots of results: every function returns a matplotlib Axes and takes ``ax=``.

**In**: an analysis, a patient or the knowledge tables. **Out**: an Axes; in a notebook it shows itself.

The one idea: what a plot cannot draw it writes below (``canvas`` measures text before it draws), and nothing rests
on colour alone. Without ``ax`` a figure of the right size is made (``returned.figure.savefig(...)``); pyplot is not
touched. One module per plot, ``grid`` for the maps of letters, ``effect_sizes`` for numbers in the evidence table.

What may not be done here: import matplotlib before a plot is asked for (it is an extra), or work out a result.
"""

from __future__ import annotations

from lupus_pgx.plots.calls import call_certainty
from lupus_pgx.plots.evidence import evidence_forest
from lupus_pgx.plots.genes import phenotype_frequencies
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
