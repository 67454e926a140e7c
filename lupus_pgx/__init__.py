"""Pharmacogenomics of systemic lupus erythematosus: from a VCF to predicted drug response.

Research use only: results inform a clinician, they never prescribe.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lupus_pgx import registry
from lupus_pgx._version import __version__

if TYPE_CHECKING:
    from lupus_pgx import plots
    from lupus_pgx.analysis import Analysis, analyze, respond
    from lupus_pgx.comparison import Comparison, compare
    from lupus_pgx.context.model import Context, load_context
    from lupus_pgx.errors import (
        InputError,
        InputMissingError,
        InternalError,
        KnowledgeError,
        LupusPgxError,
        OutputError,
        UsageError,
    )
    from lupus_pgx.examples.example import write_case_studies, write_example
    from lupus_pgx.examples.synthetic import write_synthetic_vcf
    from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
    from lupus_pgx.results.result_schema import analysis_schema
    from lupus_pgx.summary import PatientSummary

_HOMES = {
    "Analysis": "analysis",
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
    "UsageError": "errors",
    "analysis_schema": "results.result_schema",
    "analyze": "analysis",
    "compare": "comparison",
    "load_context": "context.model",
    "load_knowledge": "knowledge.catalogue",
    "respond": "analysis",
    "write_case_studies": "examples.example",
    "write_example": "examples.example",
    "write_synthetic_vcf": "examples.synthetic",
}

__all__ = [
    "Analysis",
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
    "UsageError",
    "__version__",
    "analysis_schema",
    "analyze",
    "compare",
    "load_context",
    "load_knowledge",
    "plots",
    "respond",
    "write_case_studies",
    "write_example",
    "write_synthetic_vcf",
]

registry.register("to_frame", "Genotypes", "lupus_pgx.results.frames:of_genotypes")
registry.register("to_frame", "Phenotypes", "lupus_pgx.results.frames:of_diplotypes")
registry.register("to_frame", "Markers", "lupus_pgx.results.frames:of_markers")
registry.register("to_frame", "DrugResponses", "lupus_pgx.results.frames:of_responses")
registry.register("to_frame", "GuidanceFired", "lupus_pgx.results.frames:of_guidance")
registry.register("to_frame", "EvidenceFired", "lupus_pgx.results.frames:of_evidence")
registry.register("to_frame", "ResistanceReview", "lupus_pgx.results.frames:of_review")
registry.register("to_frame", "ContextTable", "lupus_pgx.results.frames:of_context_table")
registry.register("to_text", "ResistanceReview", "lupus_pgx.report.text:to_text")
registry.register("to_frame", "Comparison", "lupus_pgx.results.frames:of_comparison")
registry.register("features", "Analysis", "lupus_pgx.results.frames:features")
registry.register("feature_dictionary", "Analysis", "lupus_pgx.results.frames:feature_dictionary")
registry.register("explain", "PatientSummary", "lupus_pgx.report.explain:explain")
registry.register("write", "Analysis", "lupus_pgx.output:write")
registry.register("to_html", "PatientSummary", "lupus_pgx.report.html:of_patient")
registry.register("to_html", "CohortSummary", "lupus_pgx.report.html:of_cohort")
registry.register("to_html", "Analysis", "lupus_pgx.report.html:of_analysis")
registry.register("_repr_html_", "Analysis", "lupus_pgx.report.notebook:of_analysis")
registry.register("_repr_html_", "PatientSummary", "lupus_pgx.report.notebook:of_patient")
registry.register("_repr_html_", "DrugResponse", "lupus_pgx.report.notebook:of_response")
registry.register("_repr_html_", "DiplotypeCall", "lupus_pgx.report.notebook:of_diplotype")
registry.register("_repr_html_", "ResistanceReview", "lupus_pgx.report.notebook:of_review")


def __getattr__(name: str) -> Any:
    if name == "plots":
        return importlib.import_module("lupus_pgx.plots")
    if name not in _HOMES:
        raise AttributeError(f"module 'lupus_pgx' has no attribute {name!r}")
    return getattr(importlib.import_module(f"lupus_pgx.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
