"""Columns of the tables of drugs: ``drugs``, ``guidance`` and ``evidence``."""

from __future__ import annotations

from lupus_pgx.knowledge.rules import EvidenceRow, GuidanceRule
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.columns import Column, Columns
from lupus_pgx.results.sentences import summary_of

DRUGS: Columns[DrugResponse] = Columns(
    "a drug and what the genotype predicts",
    ("drug",),
    (
        Column("drug", "text", lambda response: response.drug.drug, "drug or procedure, by its plain name"),
        Column("rxnorm", "text", lambda response: response.drug.row["rxnorm"] or "", "RxNorm concept identifier"),
        Column(
            "atc", "text", lambda response: response.drug.row["atc"] or "", "ATC code, or several joined by a semicolon"
        ),
        Column("drug_class", "text", lambda response: response.drug.row["drug_class"], "class of the drug"),
        Column(
            "predicted_response",
            "text",
            lambda response: response.response.value,
            "predicted response at the usual dose, from the genotype alone",
        ),
        Column("action", "text", lambda response: response.action.value, "what the genotype asks for"),
        Column(
            "dose_factor_low",
            "number",
            lambda response: None if response.dose_stopped else response.factor_low,
            "lowest factor of the usual dose: 1 for standard, null for avoid",
        ),
        Column(
            "dose_factor_high",
            "number",
            lambda response: None if response.dose_stopped else response.factor_high,
            "highest factor of the usual dose",
        ),
        Column("guideline", "text", lambda response: response.judgement.guideline, "body whose rule the action is"),
        Column("strength", "text", lambda response: response.judgement.strength, "strength that body gives the rule"),
        Column(
            "evidence_level",
            "text",
            lambda response: response.judgement.evidence_level,
            "kind of the best source behind the prediction",
        ),
        Column(
            "certainty",
            "probability",
            lambda response: response.certainty,
            "probability of the action over all possible genotypes, whatever the strength of its evidence",
        ),
        Column(
            "dose_cap",
            "number",
            lambda response: response.lowest_cap.value if response.lowest_cap is not None else None,
            "lowest of the highest doses that genotype and co-medication allow",
        ),
        Column(
            "dose_cap_unit",
            "text",
            lambda response: response.lowest_cap.unit if response.lowest_cap is not None else "",
            "unit of dose_cap",
        ),
        Column(
            "overall_action",
            "text",
            lambda response: response.overall_action.value,
            "the stricter of action and of what the clinical context asks for; equal to action without a context",
        ),
        Column(
            "clinical",
            "list",
            lambda response: (*response.said, *response.unseen),
            "what the clinical context asks for, the strictest first",
        ),
        Column("assumed", "list", lambda response: response.assumed, "loci that rest on --absent reference"),
        Column(
            "drivers",
            "list",
            lambda response: response.drivers,
            "genes and markers behind the prediction, with what they are",
        ),
        Column("conflicts", "list", lambda response: response.conflicts, "what speaks against the prediction"),
        Column(
            "not_assessed", "list", lambda response: response.missing, "genes, markers and loci that were not assessed"
        ),
        Column("summary", "text", summary_of, "the prediction in words"),
        Column("citations", "list", lambda response: response.citations, "sources"),
    ),
)


GUIDANCE: Columns[GuidanceRule] = Columns(
    "a guideline rule that applies to the sample",
    ("drug", "source", "year", "condition"),
    (
        Column("drug", "text", lambda rule: rule.row["drug"], "drug"),
        Column("source", "text", lambda rule: rule.row["source"], "guideline body"),
        Column("year", "integer", lambda rule: rule.row["year"], "year of the guideline"),
        Column("condition", "text", lambda rule: rule.row["condition"], "condition that the sample meets"),
        Column("action", "text", lambda rule: rule.row["action"], "what the rule asks for"),
        Column(
            "dose_basis", "text", lambda rule: rule.row["dose_basis"], "the dose of which the factors are a fraction"
        ),
        Column("factor_low", "number", lambda rule: rule.row["factor_low"], "lowest factor of that dose"),
        Column("factor_high", "number", lambda rule: rule.row["factor_high"], "highest factor of that dose"),
        Column("cap", "number", lambda rule: rule.row["cap"], "highest dose the rule allows"),
        Column("unit", "text", lambda rule: rule.row["unit"], "unit of the highest dose"),
        Column("applies_if", "text", lambda rule: rule.row["applies_if"], "circumstances under which the rule holds"),
        Column("population", "text", lambda rule: rule.population, "patients for whom the rule was written"),
        Column("strength", "text", lambda rule: rule.row["strength"], "strength that the body gives the rule"),
        Column("citation", "text", lambda rule: rule.row["citation"], "source"),
    ),
)


EVIDENCE: Columns[EvidenceRow] = Columns(
    "a finding that applies to the sample",
    ("drug", "gene", "marker", "finding"),
    (
        Column("drug", "text", lambda item: item.row["drug"], "drug"),
        Column(
            "gene", "text", lambda item: item.row["gene"], "gene symbol; null where the finding is not on a genotype"
        ),
        Column("marker", "text", lambda item: item.row["marker"], "allele or marker as the source names it"),
        Column("finding", "text", lambda item: item.row["finding"], "what was found"),
        Column("direction", "text", lambda item: item.row["direction"], "direction of the finding"),
        Column("effect_size", "text", lambda item: item.row["effect_size"], "effect as the source gives it"),
        Column("population", "text", lambda item: item.row["population"], "who was studied"),
        Column("evidence_level", "text", lambda item: item.row["evidence_level"], "kind of the source"),
        Column("citation", "text", lambda item: item.row["citation"], "source"),
        Column("source", "text", lambda item: item.row["source"], "source of the row"),
    ),
)
