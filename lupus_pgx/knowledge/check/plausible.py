"""Cells that are right in form and say what cannot be: days, lists, thresholds, identifiers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from lupus_pgx.knowledge.check.faults import Fault, fault_at
from lupus_pgx.knowledge.check.loci import BUILDS
from lupus_pgx.knowledge.drugs import OTHER, drug_key
from lupus_pgx.knowledge.tables import schema_of, split_list

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import Tables

_DAY = ("[0-9]{4}-", r"\d{4}-", r"\d{4}(-")
"""How the pattern of a column of days begins: a year, and a month or more."""

_LIST = re.compile(r"joined by (';'|;|a semicolon)")
_ALLELE = "allele"


@cache
def _columns(table: str, *, days: bool) -> tuple[str, ...]:
    """Return the columns of a table that hold days, or lists, as its schema describes them."""
    fields = schema_of(table)["fields"]
    if days:
        return tuple(f["name"] for f in fields if f.get("constraints", {}).get("pattern", "").startswith(_DAY))
    return tuple(f["name"] for f in fields if _LIST.search(f["description"]))


def check_days(tables: Tables) -> Iterator[Fault]:
    """Yield days and months that are none, and those to come: nothing was looked up or released then."""
    # It is tomorrow already in some places.
    today = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)).isoformat()
    for name, table in tables.items():
        for column in _columns(name, days=True):
            for number, row in enumerate(table.rows):
                if row[column] is None:
                    continue
                if not _is_day(row[column]):
                    yield fault_at(table, number, column, "is no day or month of the calendar")
                elif row[column] > today:
                    yield fault_at(table, number, column, "lies in the future")


def _is_day(text: str) -> bool:
    """Whether a year, with or without a month and a day, stands in the calendar."""
    try:
        dt.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


def check_lists(tables: Tables) -> Iterator[Fault]:
    """Yield lists with nothing between two of their signs, or the same twice."""
    for name, table in tables.items():
        for column in _columns(name, days=False):
            for number, row in enumerate(table.rows):
                if row[column] is None:
                    continue
                items = [item.strip().lower() for item in row[column].split(";")]
                if "" in items:
                    yield fault_at(table, number, column, "has an empty place in its list: a ; too many")
                elif len(set(items)) < len(items):
                    yield fault_at(table, number, column, "names the same twice")


def check_thresholds(tables: Tables) -> Iterator[Fault]:
    """Yield thresholds of a laboratory value that have no unit, or that nobody can have."""
    asked = {row["criterion"]: split_list(row["asks"]) for row in tables["criteria"].rows}
    units = {(row["quantity"], row["unit"]): (row["lowest"], row["highest"]) for row in tables["units"].rows}
    table = tables["contraindications"]
    for number, row in enumerate(table.rows):
        measured = [name.removesuffix("?") for name in asked.get(row["criterion"], ()) if name.startswith("lab:")]
        if row["value"] is None or not measured:
            continue
        if row["unit"] is None:
            yield fault_at(table, number, ("value", "unit"), "a threshold of a laboratory value needs its unit")
            continue
        for quantity in measured:
            low, high = units.get((quantity.removeprefix("lab:"), row["unit"]), (None, None))
            if (low is not None and row["value"] < low) or (high is not None and row["value"] > high):
                rule = f"no living person has it: {quantity.removeprefix('lab:')} lies within {low:g} and {high:g}"
                yield fault_at(table, number, ("value", "unit"), rule)


def check_licences(tables: Tables) -> Iterator[Fault]:
    """Yield months of a licence that was not found."""
    table = tables["approvals"]
    for number, row in enumerate(table.rows):
        if row["since"] is not None and row["status"] != "licensed":
            yield fault_at(table, number, ("status", "since"), "only a licence has a month")


def check_identifiers(tables: Tables) -> Iterator[Fault]:
    """Yield identifiers of something else: check digits of LOINC, names of a change at another place."""
    table = tables["units"]
    for number, row in enumerate(table.rows):
        if row["loinc"] is not None:
            digits, _, check = row["loinc"].partition("-")
            if _luhn(digits) != check:
                yield fault_at(table, number, "loinc", f"is no LOINC: its check digit would be {_luhn(digits)}")
    contigs = {(row["build"], row["chrom"]): row["refseq"] for row in tables["contigs"].rows}
    loci = {(row["gene"], row["locus"]): row for row in tables["loci"].rows}
    table = tables["locus_alleles"]
    for number, row in enumerate(table.rows):
        locus = loci.get((row["gene"], row["locus"]))
        for on in BUILDS:
            named, ref, alt = row[on.hgvs], row[on.ref], row[on.alt]
            accession = contigs.get((on.build, locus["chrom"])) if locus is not None else None
            if named is None or locus is None or accession is None:
                continue
            expected = f"{accession}:g."
            if len(ref) == len(alt) == 1:
                expected += f"{locus[on.pos]}{ref}>{alt}"
            if not named.startswith(expected):
                yield fault_at(table, number, on.hgvs, f"names another change: expected {expected}")


def _luhn(digits: str) -> str:
    """Return the check digit (modulus 10)."""
    doubled = (int(digit) * (1 + (place % 2 == 0)) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


def check_alleles_named(tables: Tables) -> Iterator[Fault]:
    """Yield aliases of alleles that are none, and activity values of genes without rules for their sum."""
    alleles = {(row["gene"], row["allele"]) for row in tables["alleles"].rows}
    table = tables["allele_aliases"]
    for number, row in enumerate(table.rows):
        if row["kind"] == _ALLELE:
            for name in split_list(row["reads_as"]):
                if (row["gene"], name) not in alleles:
                    yield fault_at(table, number, "reads_as", f"{name!r} is no allele of {row['gene']}")
    scored = {row["gene"] for row in tables["activity_rules"].rows}
    table = tables["allele_function"]
    for number, row in enumerate(table.rows):
        if row["activity_value"] is not None and row["gene"] not in scored:
            yield fault_at(table, number, "activity_value", f"{row['gene']} has no row in the table activity_rules")


def check_drug_names(tables: Tables) -> Iterator[Fault]:
    """Yield names of partners that are names of another drug, and interactions of a drug with itself alone."""
    drugs = {
        name.lower(): row["drug"] for row in tables["drugs"].rows for name in (row["drug"], *split_list(row["aliases"]))
    }
    ours = {row["drug"] for row in tables["drugs"].rows}
    table = tables["partners"]
    for number, row in enumerate(table.rows):
        if row["partner"] in ours:
            yield fault_at(table, number, "partner", "is a drug: its names stand in the table drugs")
        for name in split_list(row["aliases"]):
            if drugs.get(name.lower(), row["partner"]) != row["partner"]:
                yield fault_at(table, number, "aliases", f"{name!r} is a name of the drug {drugs[name.lower()]}")
    singly = ours | {row["partner"] for row in tables["partners"].rows}  # of a class one member meets another
    table = tables["interactions"]
    for number, row in enumerate(table.rows):
        if split_list(row["with_drugs"]) == (row["drug"],) and row["drug"] in singly:
            yield fault_at(table, number, ("drug", "with_drugs"), "a drug does not interact with itself")


def check_drug_words(tables: Tables) -> Iterator[Fault]:
    """Yield words for a drug that no table knows: the context of a patient would be refused for it."""
    known = [name for row in tables["drugs"].rows for name in (row["drug"], *split_list(row["aliases"]))]
    known += [name for row in tables["partners"].rows for name in (row["partner"], *split_list(row["aliases"]))]
    known += [name for row in tables["interactions"].rows for name in (row["drug"], *split_list(row["with_drugs"]))]
    known += [row["with"] for row in tables["phenoconversion"].rows]
    known += [row["member"] for row in tables["drug_classes"].rows]
    keys = {drug_key(name) for name in known}
    table = tables["context_words"]
    for number, row in enumerate(table.rows):
        for name in split_list(row["value"]) if row["field"] == "drug" else ():
            if not name.startswith(OTHER) and drug_key(name) not in keys:
                yield fault_at(table, number, "value", f"{name!r} is no drug of any table: write '{OTHER} {name}'")
