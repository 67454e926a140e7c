"""Names, units and bounds that no schema can know: what one row calls by a name, another table must know."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lupus_pgx.errors import did_you_mean, unknown_name
from lupus_pgx.knowledge.check.faults import Fault, fault_at
from lupus_pgx.knowledge.option_terms import ANSWERS, FOUND, OPTION_NUMBERS, OptionKey, Term, parse_terms
from lupus_pgx.knowledge.tables import Table, data_folder, split_list
from lupus_pgx.knowledge.units import SHARE

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import Tables

STATES = frozenset(("active_infection", "ancestry", "breast_feeding", "contraception", "liver_disease", "pregnancy"))
"""What ``state:`` of ``criteria.asks`` may name."""

_ALL = "all"
_DOCUMENT = re.compile(r"PMID:\d{1,8}|PMCID:PMC\d+|doi:10\.\d{4,9}/\S+|(?!PMID:|PMCID:|doi:).+", re.IGNORECASE)
_CLASSES = ("I", "II", "III", "IV", "V", "VI")
_ORDERED = (
    ("interactions", "factor_low", "factor_high"),
    ("interactions", "auc_low", "auc_high"),
    ("contraindications", "factor_low", "factor_high"),
    ("monitoring", "target_low", "target_high"),
    ("criteria", "age_low", "age_high"),
)
_CAPS = (("interactions", "cap", "unit"), ("contraindications", "cap", "cap_unit"), ("guidance", "cap", "unit"))


def check_manifestations(tables: Tables) -> Iterator[Fault]:
    """Yield manifestations that a clinical context cannot hold."""
    schema = json.loads((data_folder() / "schemas" / "context.schema.json").read_text(encoding="utf-8"))
    known = {*schema["$defs"]["patient"]["properties"]["manifestations"]["properties"], _ALL}
    places = {"drugs": "manifestations", "therapy_options": "manifestation", "response_criteria": "manifestation"}
    for name, column in {**places, "adequacy": "manifestation", "approvals": "manifestations"}.items():
        for number, row in enumerate(tables[name].rows):
            for word in split_list(row[column]):
                if word not in known:
                    rule = f"{word!r} is no manifestation: expected one of {', '.join(sorted(known))}"
                    yield fault_at(tables[name], number, column, rule)


def check_misspelt(tables: Tables) -> Iterator[Fault]:
    """Yield names of overlay rows that no other row has and that look like a known one, where new names are allowed.

    In a full set nothing tells which of two names is the known one.
    """
    drugs = {row["drug"] for row in tables["drugs"].rows} | {row["partner"] for row in tables["partners"].rows}
    drugs |= {name for row in (*tables["drugs"].rows, *tables["partners"].rows) for name in split_list(row["aliases"])}
    drugs |= _shipped(tables["drug_classes"], "member", "class") | _shipped(
        tables["interactions"], "with", "with_drugs"
    )
    open_names = (
        ("interactions", "with", drugs),
        ("interactions", "with_drugs", drugs),
        ("therapy_options", "drugs", drugs),
        ("drug_classes", "member", drugs),
        ("quantities", "collective", _shipped(tables["quantities"], "collective")),
        ("drugs", "pathway", _shipped(tables["drugs"], "pathway") | _shipped(tables["pathways"], "pathway")),
        ("drugs", "drug_class", _shipped(tables["drugs"], "drug_class")),
        ("drug_classes", "class", _shipped(tables["drug_classes"], "class") | _shipped(tables["drugs"], "drug_class")),
        ("phenotype_rules", "phenotype", _shipped(tables["phenotype_rules"], "phenotype")),
        ("activity_rules", "phenotype", _shipped(tables["phenotype_rules"], "phenotype")),
    )
    for name, column, known in open_names:
        for number, row in enumerate(tables[name].rows):
            if tables[name].place(number).shipped:
                continue
            for word in set(split_list(row[column])) - known:
                like = min((other for other in known if one_letter_apart(word, other)), default=None)
                if like is not None:
                    rule = (
                        f"{word!r} is not known: did you mean {like!r}? A new name must not be one letter from another"
                    )
                    yield fault_at(tables[name], number, column, rule)


def one_letter_apart(first: str, second: str) -> bool:
    """Whether one letter more, less or another makes one name of the other.

    Examples
    --------
    >>> one_letter_apart("Metaboliser", "Metabolizer"), one_letter_apart("ofloxacin", "norfloxacin")
    (True, False)
    """
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    start = next((place for place, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), None)
    if start is None:
        return True
    rest, other = first[start:], second[start:]
    return rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def _shipped(table: Table[Any], *columns: str) -> set[str]:
    """Return the names in columns of the rows that are not of an overlay."""
    rows = (row for number, row in enumerate(table.rows) if table.place(number).shipped)
    return {name for row in rows for column in columns for name in split_list(row[column])}


def check_numbers(tables: Tables) -> Iterator[Fault]:
    """Yield bounds that are turned round, shares without a highest one, caps without a unit of a dose."""
    units = {(row["quantity"], row["unit"]) for row in tables["units"].rows}
    for name, low, high in _ORDERED:
        for number, row in enumerate(tables[name].rows):
            if row[low] is not None and row[high] is not None and row[low] > row[high]:
                yield fault_at(tables[name], number, (low, high), "the lower bound is above the upper one")
            if low == "factor_low" and row[low] is not None and row[high] is None:
                yield fault_at(tables[name], number, (low, high), "a share of the dose has a highest one: factor_high")
    for name, cap, unit in _CAPS:
        for number, row in enumerate(tables[name].rows):
            if (row[cap] is None) != (row[unit] is None):
                yield fault_at(tables[name], number, (cap, unit), "a cap and its unit go together")
            elif row[unit] is not None and ("dose", row[unit].replace(" per flare", "")) not in units:
                yield fault_at(tables[name], number, unit, "is no unit of a dose")


def check_units_of_rows(tables: Tables) -> Iterator[Fault]:
    """Yield targets and thresholds in a unit of another quantity."""
    units = {(row["quantity"], row["unit"]) for row in tables["units"].rows}
    members: dict[str, set[str]] = {}
    for row in tables["quantities"].rows:
        members.setdefault(row["collective"] or row["quantity"], set()).add(row["quantity"])
    table = tables["monitoring"]
    for number, row in enumerate(table.rows):
        measured = {row["quantity"], *members.get(row["quantity"] or "", ())}
        if row["quantity"] and row["unit"] not in (None, SHARE) and not _has(units, measured, row["unit"]):
            yield fault_at(table, number, ("quantity", "unit"), "is no unit of this quantity")
    asked = {row["criterion"]: split_list(row["asks"]) for row in tables["criteria"].rows}
    table = tables["contraindications"]
    for number, row in enumerate(table.rows):
        sources = [name.removesuffix("?") for name in asked.get(row["criterion"], ())]
        measured = {name.removeprefix("lab:") for name in sources if name.startswith("lab:")}
        if row["unit"] and measured and not _has(units, measured, row["unit"]):
            yield fault_at(table, number, ("criterion", "unit"), f"is no unit of {', '.join(sorted(measured))}")


def _has(units: set[tuple[str, str]], quantities: Iterable[str], unit: str) -> bool:
    return any((quantity, unit) in units for quantity in quantities)


def check_states(tables: Tables) -> Iterator[Fault]:
    """Yield criteria that ask for a state which no context has, and conditions of options that nobody can read."""
    table = tables["criteria"]
    for number, row in enumerate(table.rows):
        for source in split_list(row["asks"]):
            kind, _, name = source.removesuffix("?").partition(":")
            if kind == "state" and name.partition("=")[0] not in STATES:
                yield fault_at(
                    table, number, "asks", f"{name!r} is no state: expected one of {', '.join(sorted(STATES))}"
                )
    units, words = {(row["quantity"], row["unit"]) for row in tables["units"].rows}, _words_of_options(tables)
    table = tables["therapy_options"]
    for number, row in enumerate(table.rows):
        for column in ("applies_when", "lifted_by", "not_if"):
            for rule in _option_faults(row[column] or "", units, words):
                yield fault_at(table, number, column, rule)


def _words_of_options(tables: Tables) -> dict[str, tuple[str, ...]]:
    """Return what conditions of options may compare with a word, and with which words; empty where with any."""
    found: dict[str, tuple[str, ...]] = {}
    for row in tables["criteria"].rows:
        sources = [source.removesuffix("?").partition(":") for source in split_list(row["asks"])]
        found |= {name: ANSWERS for kind, _, name in sources if kind == "condition"}
    for row in tables["quantities"].rows:
        found |= {name: FOUND for name in (row["quantity"], row["collective"]) if name}
    return found | {key.value: () for key in OptionKey}


def _option_faults(text: str, units: set[tuple[str, str]], words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield what is wrong with the conditions of an option."""
    try:
        terms = [term for group in parse_terms(text) for term in group]
    except ValueError as error:
        yield str(error)
        return
    for term in terms:
        if term.sign != "=":
            yield from _number_faults(term, units)
        elif term.key not in words:
            names = f"{', '.join(sorted(OptionKey))}, a quantity or a condition that a criterion asks for"
            yield f"{term.key!r} is compared with no word: {did_you_mean(term.key, words, f'expected one of {names}')}"
        elif words[term.key] and term.value not in words[term.key]:
            yield f"{term.key} is compared with {' or '.join(words[term.key])}, not with {term.value!r}"
        elif term.key == "class" and term.value not in _CLASSES:
            yield f"{term.value!r} is no class of nephritis"


def _number_faults(term: Term, units: set[tuple[str, str]]) -> Iterator[str]:
    try:
        _, unit = term.amount
    except ValueError as error:
        yield str(error)
        return
    if term.key not in OPTION_NUMBERS and (term.key, unit) not in units:
        yield f"{term.key} in {unit!r} is no quantity with this unit"


def check_roles(tables: Tables) -> Iterator[Fault]:
    """Yield names with a role that the table they are of does not know."""
    known = {
        "criterion": {row["criterion"] for row in tables["criteria"].rows},
        "drug": {row["drug"] for row in tables["drugs"].rows},
        "drug_class": {row["drug_class"] for row in tables["drugs"].rows}
        | {row["class"] for row in tables["drug_classes"].rows},
        "quantity": {row["quantity"] for row in tables["quantities"].rows},
        "option_drug": {name for row in tables["therapy_options"].rows for name in split_list(row["drugs"])},
    }
    for number, row in enumerate(tables["roles"].rows):
        if row["name"] not in known.get(row["kind"], {row["name"]}):
            rule = str(unknown_name(row["kind"].replace("_", " "), row["name"], known[row["kind"]]))
            yield fault_at(tables["roles"], number, "name", rule)


def check_option_drugs(tables: Tables) -> Iterator[Fault]:
    """Yield drugs of options that are no drug of the tables, so that no row on safety is theirs, without a reason.

    Another name of a drug is never right: its rows would not be held against the option.
    """
    drugs = {row["drug"] for row in tables["drugs"].rows}
    aliases = {name.lower(): row["drug"] for row in tables["drugs"].rows for name in split_list(row["aliases"])}
    reasons = {row["name"] for row in tables["roles"].rows if row["kind"] == "option_drug"}
    table = tables["therapy_options"]
    for number, row in enumerate(table.rows):
        for name in split_list(row["drugs"]):
            if name not in drugs and name.lower() in aliases:
                yield fault_at(table, number, "drugs", f"{name!r} is {aliases[name.lower()]!r} in the table drugs")
            elif name not in drugs and name not in reasons:
                rule = f"{name!r} is no drug of the tables, and roles (option_drug) does not say why"
                yield fault_at(table, number, "drugs", rule)
    for number, row in enumerate(tables["roles"].rows):
        if row["kind"] == "option_drug" and row["name"] in drugs:
            yield fault_at(tables["roles"], number, "name", f"{row['name']} is a drug of the tables")


def check_documents(tables: Tables) -> Iterator[Fault]:
    """Yield citations whose identifier is none, and documents of a year to come."""
    table = tables["citations"]
    years = {row["citation"]: row["year"] for row in table.rows}
    for number, row in enumerate(table.rows):
        if _DOCUMENT.fullmatch(row["citation"]) is None:
            yield fault_at(table, number, "citation", "expected PMID:NUMBER, doi:10.NUMBER/NAME or a name of your own")
        newer = row["superseded_by"]
        if newer is not None and (newer == row["citation"] or (years.get(newer) or 9999) < (row["year"] or 0)):
            yield fault_at(table, number, ("citation", "superseded_by"), "replaced by itself or by an older document")
    year = dt.datetime.now(dt.UTC).date().year
    for table in (tables["guidance"], tables["citations"]):
        for number, row in enumerate(table.rows):
            if row["year"] is not None and row["year"] > year:
                yield fault_at(table, number, "year", "lies in the future")


def check_builds(tables: Tables) -> Iterator[Fault]:
    """Yield loci with a position of the other build: all others of the gene lie as far apart on both builds."""
    table = tables["loci"]
    apart: dict[str, list[int]] = {}
    for row in table.rows:
        if None not in (row["grch38_pos"], row["grch37_pos"]):
            apart.setdefault(row["gene"], []).append(row["grch38_pos"] - row["grch37_pos"])
    usual_of = {gene: Counter(found).most_common(1)[0] for gene, found in apart.items()}
    for number, row in enumerate(table.rows):
        if None in (row["grch38_pos"], row["grch37_pos"]):
            continue
        here, (usual, count) = row["grch38_pos"] - row["grch37_pos"], usual_of[row["gene"]]
        if here != usual and here in (0, -usual) and count > 1:
            rule = (
                f"a position of the other build? Other loci of {row['gene']} lie {usual} bases apart, this one {here}"
            )
            yield fault_at(table, number, ("grch38_pos", "grch37_pos"), rule)
