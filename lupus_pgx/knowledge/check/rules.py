"""The science of what follows from a call: functions, phenotypes, frequencies, conditions, guidance, evidence."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from lupus_pgx.errors import KnowledgeError
from lupus_pgx.knowledge.check.doubles import own_rows_last
from lupus_pgx.knowledge.check.faults import Fault, fault_at
from lupus_pgx.knowledge.rules import (
    ALLELE,
    CATEGORY,
    GENOTYPE,
    PHENOTYPE,
    SCORE,
    WITHOUT,
    Clause,
    Condition,
    clauses_of,
    parse_condition,
)
from lupus_pgx.knowledge.tables import schema_of
from lupus_pgx.knowledge.units import SHARE, plain_unit
from lupus_pgx.terms import HEMIZYGOUS, INDETERMINATE, NOT_ASSESSED, POOL

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import MarkerAllelesCells, MarkerCategoriesCells, ResponseCriteriaCells, Tables

NOT_ASSIGNED = "not assigned"

_TYPING = "any typing"
_FIELDS = re.compile(r"\*\d{2,3}:\d{2,3}")

OTHER = "other"

SIGN = re.compile(
    r"(?:lab|(?:no_)?recent):(?P<quantity>\w+)(?:<|>=)[0-9.]+ (?P<unit>.+)|lab:\w+ (?:present|absent)|condition:\w+"
    r"|(?:infection|class|taken|not_taken|failed|taken_class|with|without|severe|pregnancy)=[^=<]+|(?:onset|span)<[0-9.]+"
    r"|persistent:[\w|]+(?:>=[0-9.]+)?|fell:\w+>=[0-9.]+(?: under (?P<classes>.+))?|rose:\w+>=[0-9.]+"
)
"""A clause of the column ``applies_when`` of the table ``review_signs``."""


def check_phenotypes(tables: Tables) -> Iterator[Fault]:
    """Yield pairs of functions, or sums of activity values, that no rule or two rules name."""
    functions: dict[str, set[str]] = {}
    for row in tables["allele_function"].rows:
        functions.setdefault(row["gene"], set()).add(row["function"])
    seen: dict[str, set[tuple[str, str]]] = {}
    table = tables["phenotype_rules"]
    laid = any(not place.shipped for place in tables["allele_function"].places)
    for number, row in enumerate(table.rows):
        pair = (min(row["function_1"], row["function_2"]), max(row["function_1"], row["function_2"]))
        known = seen.setdefault(row["gene"], set())
        if pair in known:
            yield fault_at(table, number, ("function_1", "function_2"), "the pair has a rule already, in either order")
        known.add(pair)
        if laid and table.place(number).shipped:
            continue  # an overlay may take a function from its last allele: the rule then has nothing to say
        for column in ("function_1", "function_2"):
            if row[column] not in functions.get(row["gene"], set()) | {HEMIZYGOUS}:
                yield fault_at(table, number, column, f"no allele of {row['gene']} has this function")
    yield from _activity_faults(tables)
    by_score = {row["gene"] for row in tables["activity_rules"].rows}
    table = tables["genes"]
    for number, row in enumerate(table.rows):
        gene = row["gene"]
        if gene not in seen or gene in by_score:
            continue
        assigned = sorted(functions.get(gene, set()) - {NOT_ASSIGNED})
        one_copy = row["ploidy"] == "mitochondrial"
        pairs = {(min(name, HEMIZYGOUS), max(name, HEMIZYGOUS)) for name in assigned} if one_copy else set()
        pairs |= set() if one_copy else set(itertools.combinations_with_replacement(assigned, 2))
        for first, second in sorted(pairs - seen[gene]):
            yield fault_at(table, number, "gene", f"no phenotype rule for {first} with {second}")


def _activity_faults(tables: Tables) -> Iterator[Fault]:
    """Yield activity rules that overlap, and genes with a reachable score without a rule."""
    ranges: dict[str, list[tuple[float, float]]] = {}
    table = tables["activity_rules"]
    for number, row in enumerate(table.rows):
        low, high = row["score_min"], math.inf if row["score_max"] is None else row["score_max"]
        known = ranges.setdefault(row["gene"], [])
        if low > high or any(first <= high and low <= last for first, last in known):
            yield fault_at(
                table, number, ("score_min", "score_max"), "the range is empty or overlaps another of the gene"
            )
        known.append((low, high))
    scores = _scores(tables)
    table = tables["genes"]
    for number, row in enumerate(table.rows):
        if row["gene"] not in ranges:
            continue
        for score in sorted(scores.get(row["gene"], ())):
            if not any(low <= score <= high for low, high in ranges[row["gene"]]):
                yield fault_at(
                    table, number, "gene", f"no activity rule for the score {score:g}, which two alleles add up to"
                )


def _scores(tables: Tables) -> dict[str, set[float]]:
    """Return the activity scores that two alleles of a gene may add up to."""
    values: dict[str, set[float]] = {}
    for row in tables["allele_function"].rows:
        if row["activity_value"] is not None:
            values.setdefault(row["gene"], set()).add(row["activity_value"])
    return {gene: {one + other for one in found for other in found} for gene, found in values.items()}


def check_units(tables: Tables) -> Iterator[Fault]:
    """Yield units that are written alike or convert to nothing, and quantities that no unit measures."""
    table = tables["units"]
    bases = {(row["quantity"], row["unit"]) for row in table.rows if row["unit"] == row["base_unit"]}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(table.rows):
        if (row["quantity"], row["base_unit"]) not in bases:
            yield fault_at(table, number, "base_unit", "the base unit needs a row of its own")
        if not row["factor"] > 0 or (row["unit"] == row["base_unit"] and row["factor"] != 1):
            yield fault_at(table, number, "factor", "expected a factor above 0, and 1 for the base unit itself")
        if (row["quantity"], plain_unit(row["unit"])) in seen:
            yield fault_at(table, number, "unit", "is written like another unit of the quantity")
        seen.add((row["quantity"], plain_unit(row["unit"])))
    known = {row["quantity"] for row in table.rows}
    for number, row in enumerate(tables["quantities"].rows):
        if row["quantity"] not in known:
            yield fault_at(tables["quantities"], number, "quantity", "no unit of the table units measures it")
    measured = known | {row["collective"] for row in tables["quantities"].rows}
    for name in ("monitoring", "response_criteria"):
        for number, row in enumerate(tables[name].rows):
            if row["quantity"] not in measured:
                yield fault_at(tables[name], number, "quantity", "no unit of the table units measures it")


def check_review(tables: Tables) -> Iterator[Fault]:
    """Yield rows on the review of a treatment that name no drug or unit, or a clause that nobody reads."""
    units = {(row["quantity"], row["unit"]) for row in tables["units"].rows}
    yield from _adequacy_faults(tables, units)
    yield from _sign_faults(tables, units)


def _adequacy_faults(tables: Tables, units: Collection[tuple[str, str]]) -> Iterator[Fault]:
    drugs = {row["drug"] for row in tables["drugs"].rows}
    table = tables["adequacy"]
    for number, row in enumerate(table.rows):
        if row["drug"] is not None and row["drug"] not in drugs:
            yield fault_at(table, number, "drug", "is not in the table drugs")
        if row["quantity"] is not None and (row["quantity"], row["unit"]) not in units:
            yield fault_at(table, number, ("quantity", "unit"), "is no unit of this quantity")
        if row["beside_quantity"] is not None and (row["beside_quantity"], row["beside_unit"]) not in units:
            yield fault_at(table, number, ("beside_quantity", "beside_unit"), "is no unit of this quantity")
        if row["dose_unit"] is not None and ("dose", row["dose_unit"]) not in units:
            yield fault_at(table, number, "dose_unit", "is no unit of a dose")
        bounds = (row["non_intake_below"], row["under_below"], row["target_low"], row["target_high"])
        known = [bound for bound in bounds if bound is not None]
        if known != sorted(known):
            yield fault_at(table, number, "under_below", "bounds must not fall from non-intake to the upper target")


def _sign_faults(tables: Tables, units: Collection[tuple[str, str]]) -> Iterator[Fault]:
    table = tables["review_signs"]
    known = {row["drug_class"] for row in tables["drugs"].rows}
    for number, row in enumerate(table.rows):
        for part in clauses_of(row["applies_when"]):
            match = SIGN.fullmatch(part)
            if match is None:
                yield fault_at(table, number, "applies_when", f"{part!r} is no clause that the review reads")
            elif match["quantity"] and (match["quantity"], match["unit"]) not in units:
                yield fault_at(table, number, "applies_when", f"{match['unit']!r} is no unit of {match['quantity']}")
            elif strange := set((match["classes"] or "").split("|")) - known - {""}:
                yield fault_at(table, number, "applies_when", f"{', '.join(sorted(strange))} is no class of a drug")


_SHARED: tuple[Literal["name", "manifestation", "months", "month_from", "body", "response", "missed_means"], ...] = (
    "name",
    "manifestation",
    "months",
    "month_from",
    "body",
    "response",
    "missed_means",
)
"""Columns that say the same in every row of a group."""


def check_response(tables: Tables) -> Iterator[Fault]:
    """Yield definitions of response that cannot be judged as they stand, or whose rows do not belong together."""
    table = tables["response_criteria"]
    units = {(row["quantity"], row["unit"]) for row in tables["units"].rows}
    groups: dict[str, ResponseCriteriaCells] = {}
    named: dict[tuple[str, int], str] = {}
    for number, row in enumerate(table.rows):
        share, first = row["unit"] == SHARE, groups.setdefault(row["group"], row)
        if not share and (row["quantity"], row["unit"]) not in units:
            yield fault_at(table, number, ("quantity", "unit"), "is no unit of this quantity")
        changes = share or row["comparison"].startswith(("fall_", "rise_"))
        if changes != (row["relative_to"] is not None):
            yield fault_at(table, number, "relative_to", "a share, a fall and a rise need it, and nothing else does")
        if not row["months"] and row["missed_means"] != "none":
            yield fault_at(table, number, "missed_means", "a state that is missed says nothing of a treatment")
        if (row["nephrotic_extension"] is None) != (row["nephrotic_from"] is None):
            yield fault_at(table, number, ("nephrotic_extension", "nephrotic_from"), "each needs the other")
        for name in _SHARED:
            if row[name] != first[name]:
                yield fault_at(table, number, ("group", name), "is another one in the first row of the group")
        if named.setdefault((row["name"], row["months"]), row["group"]) != row["group"]:
            yield fault_at(table, number, "name", "another group of this month has it: nobody could tell them apart")


def check_phenoconversion(tables: Tables) -> Iterator[Fault]:
    """Yield factors that could not be applied, or that count for no drug."""
    scored = {row["gene"] for row in tables["activity_rules"].rows}
    drugs = {row["drug"] for row in tables["drugs"].rows}
    table = tables["phenoconversion"]
    for number, row in enumerate(table.rows):
        factor, names = row["activity_factor"], [name.strip() for name in (row["applies_to"] or "").split(";") if name]
        if (factor is None) != (not names):
            yield fault_at(table, number, "applies_to", "a factor needs the drugs it counts for, and the reverse")
        if factor is not None and (row["gene"] not in scored or factor < 0):
            yield fault_at(table, number, "activity_factor", "expected at least 0, and a gene with activity rules")
        for name in names:
            if name not in drugs:
                yield fault_at(table, number, "applies_to", f"{name!r} is not in the table drugs")


def check_frequencies(tables: Tables) -> Iterator[Fault]:
    """Yield counts that do not add up, and genes without the pool of all populations."""
    alleles = {(row["gene"], row["reported_as"] or row["allele"]) for row in tables["alleles"].rows}
    alleles |= {(row["gene"], row["allele"]) for row in tables["alleles"].rows}
    table = tables["haplotype_frequencies"]
    groups: dict[tuple[str, str], list[int]] = {}
    for number, row in enumerate(table.rows):
        groups.setdefault((row["gene"], row["population"]), []).append(number)
        if row["allele"] != OTHER and (row["gene"], row["allele"]) not in alleles:
            yield fault_at(table, number, ("gene", "allele"), "no such allele in the table alleles")
    for (gene, population), numbers in groups.items():
        rows = [table.rows[number] for number in numbers]
        counted = sum(row["count"] for row in rows)
        if {row["total"] for row in rows} != {counted}:
            yield fault_at(table, numbers[0], "total", f"the counts of {gene} in {population} add up to {counted}")
        if OTHER not in {row["allele"] for row in rows}:
            rule = f"expected a row 'other' for {gene} in {population}: haplotypes without a name, 0 if there are none"
            yield fault_at(table, numbers[0], "population", rule)
        if population != POOL and (gene, POOL) not in groups:
            yield fault_at(table, numbers[0], "gene", f"expected counts of the pool ({POOL}) as well")


def check_conditions(tables: Tables) -> Iterator[Fault]:
    """Yield conditions that no sample can meet, and standard actions that rest on nothing."""
    reachable = _reachable(tables)
    for name in ("guidance", "evidence", "failure_signals"):
        table = tables[name]
        for number, row in enumerate(table.rows):
            if row["condition"] is None:
                continue
            try:
                condition = parse_condition(row["condition"])
            except KnowledgeError as error:
                yield fault_at(table, number, "condition", str(error).removeprefix(f"condition {row['condition']!r}: "))
                continue
            for rule in _condition_faults(condition, reachable):
                yield fault_at(table, number, "condition", rule)
            values = {value for clause in condition.clauses for value in clause.values}
            if row.get("action") == "standard" and values & {INDETERMINATE, NOT_ASSESSED}:
                columns = ("action", "condition")
                yield fault_at(
                    table, number, columns, "standard must not rest on what is indeterminate or not assessed"
                )


def _condition_faults(condition: Condition, reachable: Mapping[tuple[str, str], set[str]]) -> Iterator[str]:
    for clause in condition.clauses:
        if not any(name == clause.key for name, _ in reachable):
            yield f"{clause.key} is neither a gene that is called nor a marker"
        elif (clause.key, clause.aspect) not in reachable:
            yield f"{clause.key} has no {clause.aspect}"
        else:
            known = reachable[clause.key, clause.aspect]
            if clause.comparison != "=":
                if not any(clause.of_score(float(score)) for score in known):
                    yield f"no activity score of {clause.key} is {clause.comparison} {', '.join(clause.values)}"
                continue
            values = {value.removeprefix(WITHOUT) if clause.aspect == ALLELE else value for value in clause.values}
            unknown = sorted(value for value in values - known if not (_TYPING in known and _FIELDS.fullmatch(value)))
            if unknown:
                yield f"{', '.join(unknown)} is no {clause.aspect} of {clause.key}"
    alone: dict[tuple[str, str], Clause] = {}
    for clause in condition.clauses:
        other = alone.setdefault((clause.key, clause.aspect), clause)
        if clause.aspect == SCORE:
            known = reachable.get((clause.key, SCORE), set())
            possible = any(clause.of_score(float(score)) and other.of_score(float(score)) for score in known)
        else:
            possible = clause.aspect == ALLELE or bool(clause.values & other.values)
        if not possible:
            yield f"two clauses on {clause.key} exclude each other"


def _reachable(tables: Tables) -> dict[tuple[str, str], set[str]]:
    """Return every value that a clause may meet, by key and aspect."""
    return _of_genes(tables) | _of_markers(tables)


def _of_genes(tables: Tables) -> dict[tuple[str, str], set[str]]:
    values: dict[tuple[str, str], set[str]] = {}
    for row in tables["genes"].rows:
        if row["call_kind"] in ("star", "typing", "outside"):
            values[row["gene"], PHENOTYPE] = {INDETERMINATE, NOT_ASSESSED}
        if row["call_kind"] == "typing":
            values[row["gene"], ALLELE] = {_TYPING}
    for name in ("phenotype_rules", "activity_rules"):
        for row in tables[name].rows:
            values.setdefault((row["gene"], PHENOTYPE), set()).add(row["phenotype"])
    for name in ("alleles", "allele_function"):
        for row in tables[name].rows:
            values.setdefault((row["gene"], ALLELE), {NOT_ASSESSED}).add(row["allele"])
    for gene, scores in _scores(tables).items():
        values[gene, SCORE] = {f"{score:g}" for score in scores}
    return values


def _of_markers(tables: Tables) -> dict[tuple[str, str], set[str]]:
    values: dict[tuple[str, str], set[str]] = {}
    haplotypes: dict[str, list[str]] = {}
    for row in tables["marker_alleles"].rows:
        haplotypes.setdefault(_marker_key(row), []).append(row["allele"])
    for key, names in haplotypes.items():
        pairs = {f"{one}/{other}" for one in names for other in names}
        values[key, GENOTYPE] = pairs | {NOT_ASSESSED}
    for row in tables["marker_categories"].rows:
        values.setdefault((_marker_key(row), CATEGORY), {NOT_ASSESSED}).add(row["category"])
    return values


def _marker_key(row: MarkerAllelesCells | MarkerCategoriesCells) -> str:
    return f"{row['gene']} {row['marker']}"


def check_guidance(tables: Tables) -> Iterator[Fault]:
    """Yield guideline rows whose numbers do not fit their action."""
    table = tables["guidance"]
    for number, row in enumerate(table.rows):
        action, low, high = row["action"], row["factor_low"], row["factor_high"]
        factors = ("action", "factor_low", "factor_high")
        if action in ("avoid", "test_first") and (low, high) != (None, None):
            yield fault_at(table, number, factors, "this action has no dose factor")
        if action == "standard" and ((low, high) != (1, 1) or row["predicted_response"] != "typical"):
            columns = (*factors, "predicted_response")
            yield fault_at(table, number, columns, "standard means factors 1 and 1 and the response typical")
        if action == "reduce_dose" and high is not None and high >= 1:
            yield fault_at(table, number, factors, "a reduced dose has factors below 1")
        if action == "increase_dose" and low is not None and low <= 1:
            yield fault_at(table, number, factors, "an increased dose has factors above 1")
        if low is not None and (high is None or low > high):
            yield fault_at(table, number, factors, "expected factor_high, and factor_low not above it")
        if (row["cap"] is None) != (row["unit"] is None):
            yield fault_at(table, number, ("cap", "unit"), "a cap and its unit go together")
        if ">=" in (row["applies_if"] or "") and not row["dose_from"]:
            yield fault_at(table, number, ("applies_if",), "a bound of the dose stands in dose_from: prose is not read")


def check_evidence(tables: Tables) -> Iterator[Fault]:
    """Yield evidence rows that claim a direction they do not have."""
    table = tables["evidence"]
    for number, row in enumerate(table.rows):
        if row["use"] == "null" and row["direction"] != "no_effect":
            yield fault_at(table, number, ("use", "direction"), "a null result has the direction no_effect")
        if row["use"] == "direction" and row["direction"] in ("no_effect", "unknown", "conflicting"):
            yield fault_at(table, number, ("use", "direction"), "expected a direction of the effect")
        if row["use"] == "direction" and row["condition"] is None:
            yield fault_at(table, number, ("use", "condition"), "expected a condition: a direction needs its carriers")


def check_drugs(tables: Tables) -> Iterator[Fault]:
    """Yield drugs with ambiguous names, or with a statement that their rows contradict."""
    table = tables["drugs"]
    owners: dict[str, str] = {}
    ruled = {row["drug"] for row in tables["guidance"].rows}
    for number in own_rows_last(table):
        row = table.rows[number]
        names = [("drug", row["drug"])]
        names += [("aliases", alias.strip()) for alias in (row["aliases"] or "").split(";") if row["aliases"]]
        for column, name in names:
            if not name or owners.setdefault(name.lower(), row["drug"]) != row["drug"]:
                yield fault_at(table, number, column, f"{name!r} is empty or means {owners.get(name.lower())} already")
        if row["marker_statement"] == "guideline" and row["drug"] not in ruled:
            rule = "the table guidance has no row of the drug: expected evidence or none"
            yield fault_at(table, number, ("drug", "marker_statement"), rule)
        if row["marker_statement"] != "guideline" and row["drug"] in ruled:
            rule = "the table guidance has rows of the drug: expected guideline"
            yield fault_at(table, number, ("drug", "marker_statement"), rule)
    known = {row["drug"] for row in table.rows}
    for name, other in tables.items():
        linked = ["drug"] in [link["fields"] for link in schema_of(name).get("foreignKeys", ())]
        if "drug" not in other.columns or name in ("drugs", "interactions", "cross_reactions") or linked:
            continue
        for number, row in enumerate(other.rows):
            if row["drug"] is not None and row["drug"] not in known:
                yield fault_at(other, number, "drug", "no such drug in the table drugs")
