"""Pharmacogenomics of systemic lupus erythematosus: from a VCF to predicted drug response.

Research use only: results inform a clinician, they never prescribe.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lupus_pgx._version import __version__

if TYPE_CHECKING:
    from lupus_pgx import plots
    from lupus_pgx.analysis import analyze, respond
    from lupus_pgx.cohorts.cohort import CohortRun, analyze_cohort
    from lupus_pgx.comparison import Comparison, compare
    from lupus_pgx.context.model import Context
    from lupus_pgx.context.reading import load_context
    from lupus_pgx.errors import (
        InputError,
        InputMissingError,
        InternalError,
        KnowledgeError,
        LupusPgxError,
        OutputError,
        UnfinishedError,
        UsageError,
    )
    from lupus_pgx.examples.example import write_case_studies, write_example
    from lupus_pgx.examples.synthetic import write_synthetic_vcf
    from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
    from lupus_pgx.results.provenance import analysis_schema
    from lupus_pgx.summary import Analysis, PatientSummary

_HOMES = {
    "Analysis": "summary",
    "CohortRun": "cohorts.cohort",
    "Comparison": "comparison",
    "Context": "context.model",
    "InputError": "errors",
    "InputMissingError": "errors",
    "InternalError": "errors",
    "Knowledge": "knowledge.catalogue",
    "KnowledgeError": "errors",
    "LupusPgxError": "errors",
    "OutputError": "errors",
    "PatientSummary": "summary",
    "UnfinishedError": "errors",
    "UsageError": "errors",
    "analysis_schema": "results.provenance",
    "analyze": "analysis",
    "analyze_cohort": "cohorts.cohort",
    "compare": "comparison",
    "load_context": "context.reading",
    "load_knowledge": "knowledge.catalogue",
    "respond": "analysis",
    "write_case_studies": "examples.example",
    "write_example": "examples.example",
    "write_synthetic_vcf": "examples.synthetic",
}

__all__ = [
    "Analysis",
    "CohortRun",
    "Comparison",
    "Context",
    "InputError",
    "InputMissingError",
    "InternalError",
    "Knowledge",
    "KnowledgeError",
    "LupusPgxError",
    "OutputError",
    "PatientSummary",
    "UnfinishedError",
    "UsageError",
    "__version__",
    "analysis_schema",
    "analyze",
    "analyze_cohort",
    "compare",
    "load_context",
    "load_knowledge",
    "plots",
    "respond",
    "write_case_studies",
    "write_example",
    "write_synthetic_vcf",
]


def __getattr__(name: str) -> Any:
    if name == "plots":
        return importlib.import_module("lupus_pgx.plots")
    if name not in _HOMES:
        raise AttributeError(f"module 'lupus_pgx' has no attribute {name!r}")
    return getattr(importlib.import_module(f"lupus_pgx.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
