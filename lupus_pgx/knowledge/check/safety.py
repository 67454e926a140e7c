"""Tables of safety: criteria that a context can answer, clearances that were read, sources that are fit to be one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lupus_pgx.knowledge.check.faults import Fault, fault_at
from lupus_pgx.knowledge.tables import split_list

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ContraindicationsCells, Tables

SOURCES = (
    "state",
    "genotype",
    "genotype_clears",
    "settled_by",
    "lab",
    "fall",
    "reaction",
    "after",
    "past",
    "lately",
    "age",
    "condition",
    "told",
    "sign",
    "manifestation",
    "present",
    "found",
    "drug",
    "class",
    "ended",
    "again",
    "lasting",
    "cumulative",
    "starting",
    "taking",
    "dose",
    "high_dose",
    "tolerance",
    "always",
)
"""What of a context may answer a criterion, before the colon."""

_PHENOTYPES = ("genotype", "genotype_clears")
_READ = ("read", "copy")
_LABEL = re.compile(r"^(?:FDA label|EU product information|UK SmPC) (.+)$")
_SEARCH = re.compile(r"[?&](?:q|query|term|search|keyword)=|/search(?:[/?.]|$)", re.IGNORECASE)
_WARNS = ("contraindicated", "avoid", "adjust_dose", "check_first")


def check_criteria(tables: Tables) -> Iterator[Fault]:
    """Yield criteria that nothing of a context can answer, and rows that name a criterion that is not there."""
    table = tables["criteria"]
    names = {row["criterion"] for row in table.rows}
    measured = {row["quantity"] for row in tables["quantities"].rows}
    classes = {row["class"] for row in tables["drug_classes"].rows} | {
        row["drug_class"] for row in tables["drugs"].rows
    }
    present = {row["collective"] for row in tables["quantities"].rows if row["collective"]}
    reactions = {row["reaction"] for row in tables["reactions"].rows}
    causes = (
        classes | {row["drug"] for row in tables["drugs"].rows} | {row["member"] for row in tables["drug_classes"].rows}
    )
    known: dict[str, set[str]] = {
        "lab": measured,
        "found": measured,
        "fall": measured,
        "reaction": {*reactions, *(f"{name} under {cause}" for name in (*reactions, "allergic") for cause in causes)},
        "after": reactions,
        "past": reactions,
        "lately": reactions,
        "sign": names,
        "class": classes,
        "ended": classes,
        "present": present,
    }
    for number, row in enumerate(table.rows):
        for source in split_list(row["asks"]):
            kind, _, name = source.removesuffix("?").partition(":")
            if kind not in SOURCES:
                yield fault_at(table, number, "asks", f"expected one of {', '.join(SOURCES)}")
            elif kind in known and name not in known[kind]:
                yield fault_at(table, number, "asks", f"{name!r} is not known to the tables")
        if row["bound_any"] is not None and row["direction"] is None:
            yield fault_at(table, number, "direction", "a bound needs low or high")
    table = tables["contraindications"]
    for number, row in enumerate(table.rows):
        if set(split_list(row["also"])) - names:
            yield fault_at(table, number, "also", "no such row in the table criteria")
        if (row["operator"] is None) != (row["value"] is None) or (row["operator"] is None) != (row["bound"] is None):
            yield fault_at(table, number, ("operator", "value", "bound"), "a threshold needs all three")


def check_phenotypes_asked(tables: Tables) -> Iterator[Fault]:
    """Yield criteria that a genotype answers with a phenotype that no rule gives to the gene."""
    known: dict[str, set[str]] = {}
    for rule in (*tables["phenotype_rules"].rows, *tables["activity_rules"].rows):
        known.setdefault(rule["gene"], set()).add(rule["phenotype"])
    table = tables["criteria"]
    for number, row in enumerate(table.rows):
        for source in split_list(row["asks"]):
            kind, _, name = source.partition(":")
            gene, _, words = name.partition("=")
            if kind in _PHENOTYPES and not {word.strip() for word in words.split(",")} <= known.get(gene, set()):
                yield fault_at(table, number, "asks", f"{name!r} names no phenotypes of a gene of the tables")


def check_clearances(tables: Tables) -> Iterator[Fault]:
    """Yield rows that clear a drug on a document that was not read: a warning may rest on one, a clearance may not."""
    rule = "a row that clears needs a document that was read"
    table = tables["guidance"]
    for number, row in enumerate(table.rows):
        if row["action"] == "standard" and row["checked"] not in _READ:
            yield fault_at(table, number, ("action", "checked"), rule)
    table = tables["contraindications"]
    for number, row in enumerate(table.rows):
        if row["severity"] == "compatible" and row["checked"] not in _READ:
            yield fault_at(table, number, ("severity", "checked"), rule)
    table = tables["interactions"]
    for number, row in enumerate(table.rows):
        if row["severity"] == "no_relevant_change" and row["checked"] not in _READ:
            yield fault_at(table, number, ("severity", "checked"), rule)


def check_partners(tables: Tables) -> Iterator[Fault]:
    """Yield interactions of what no table names."""
    known = {row["drug"] for row in tables["drugs"].rows} | {row["partner"] for row in tables["partners"].rows}
    singly = {name.lower() for name in known}
    classes = {row["class"].lower() for row in tables["drug_classes"].rows} - singly
    known |= {row[column] for row in tables["drug_classes"].rows for column in ("class", "member")}
    known |= {row["drug_class"] for row in tables["drugs"].rows}
    table = tables["interactions"]
    for number, row in enumerate(table.rows):
        if row["names"] == "drug" and row["with"].lower() in classes:
            yield fault_at(table, number, "with", "a class, so the row names no drug")
        if row["drug"] not in known:
            yield fault_at(table, number, "drug", "no drug, partner or class of the tables")
        if row["needs"] == "all" and len(split_list(row["with_drugs"])) < 2:
            yield fault_at(table, number, "with_drugs", "expected two or more that are needed together")


def check_cross_reactions(tables: Tables) -> Iterator[Fault]:
    """Yield shared reactions of what no table names, or that the table ``reactions`` does not have."""
    known = {row["drug"] for row in tables["drugs"].rows} | {row["partner"] for row in tables["partners"].rows}
    known |= {row[column] for row in tables["drug_classes"].rows for column in ("class", "member")}
    known |= {row["drug_class"] for row in tables["drugs"].rows}
    reactions = {row["reaction"] for row in tables["reactions"].rows} | {"serious"}
    table = tables["cross_reactions"]
    for number, row in enumerate(table.rows):
        for column in ("drug", "related"):
            if row[column] not in known:
                yield fault_at(table, number, column, "no drug, partner or class of the tables")
        if row["reaction"] not in reactions:
            yield fault_at(table, number, "reaction", "no such row in the table reactions")


def check_sources(tables: Tables) -> Iterator[Fault]:
    """Yield citations that are no document: a page about one, a home page, a search."""
    unfit = {row["host"]: row["why"] for row in tables["unfit_sources"].rows}
    for number, row in enumerate(tables["citations"].rows):
        wrong = _wrong_address(row["url"], unfit)
        if wrong:
            yield fault_at(tables["citations"], number, ("citation", "url"), f"not fit to be a source: {wrong}")


def _wrong_address(url: str, unfit: Mapping[str, str]) -> str:
    """Say why an address is none of a document."""
    parts = urlsplit(url)
    host = parts.netloc.lower().split(":")[0].removeprefix("www.")
    why = next((why for name, why in unfit.items() if host == name or host.endswith(f".{name}")), "")
    if why:
        return why
    if parts.path in ("", "/") and not parts.query:
        return "the home page of a site"
    return "the address of a search" if _SEARCH.search(url) and "substance=" not in url else ""


def check_labels(tables: Tables) -> Iterator[Fault]:
    """Yield rows that cite the label of another drug."""
    names: dict[str, set[str]] = {}
    for row in tables["drugs"].rows:
        names[row["drug"]] = {row["drug"].lower(), *(name.lower() for name in split_list(row["aliases"]))}
    for table, number, row in [
        (tables[name], number, row)
        for name in ("contraindications", "dosing")
        for number, row in enumerate(tables[name].rows)
    ]:
        for citation in split_list(row["citation"]):
            match = _LABEL.match(citation)
            if match and match[1].lower() not in names.get(row["drug"], ()):
                yield fault_at(table, number, ("drug", "citation"), "the label of another drug")


def check_dosing(tables: Tables) -> Iterator[Fault]:
    """Yield highest doses in a unit of nothing, and higher ones that are none or of which nobody knows for whom."""
    table = tables["dosing"]
    units = {row["unit"] for row in tables["units"].rows if row["quantity"] == "dose"}
    for number, row in enumerate(table.rows):
        if row["unit"] not in units:
            yield fault_at(table, number, "unit", "no unit of a dose")
        higher = row["higher"]
        if (higher is None) != (row["higher_for"] is None) or (higher is None and row["higher_days"] is not None):
            yield fault_at(table, number, ("higher", "higher_for", "higher_days"), "a higher dose needs what it is for")
        if higher is not None and higher <= row["highest"]:
            yield fault_at(table, number, ("highest", "higher"), "expected more than the highest dose")


def check_unused(tables: Tables) -> Iterator[Fault]:
    """Yield citations that no row cites."""
    used = {
        name.strip()
        for table in tables.values()
        if "citation" in table.columns and table.name != "citations"
        for row in table.rows
        for name in (row["citation"] or "").split(";")
    }
    table = tables["citations"]
    used |= {row["superseded_by"] for row in table.rows}
    for number, row in enumerate(table.rows):
        if row["citation"] not in used:
            yield fault_at(table, number, "citation", "no row cites it")


def missing_cells(tables: Tables) -> list[str]:
    """Name each cell of the safety matrix that most siblings of a drug class have, with a warning, and a member lacks.

    That is no fault of form: what is missing is shown as "not looked at". It says where to look next.

    Returns
    -------
    list of str
        ``drug, criterion: class, siblings that have it``, sorted.
    """
    core = [row["criterion"] for row in tables["criteria"].rows if row["core"]]
    members: dict[str, list[str]] = {}
    for row in tables["drugs"].rows:
        members.setdefault(row["drug_class"], []).append(row["drug"])
    whole = {row["criterion"]: row["part_of"] for row in tables["criteria"].rows}
    rows: dict[tuple[str, str | None], list[ContraindicationsCells]] = {}
    for row in tables["contraindications"].rows:
        # A row on active hepatitis is one on hepatitis.
        for criterion in (row["criterion"], whole.get(row["criterion"])):
            rows.setdefault((row["drug"], criterion), []).append(row)
    entered = {drug for drug, _ in rows}
    found = []
    for name, drugs in members.items():
        for criterion in core:
            warned = [
                drug for drug in drugs if any(row["severity"] in _WARNS for row in rows.get((drug, criterion), ()))
            ]
            lacking = [drug for drug in drugs if (drug, criterion) not in rows]
            if warned and 2 * len(warned) >= len([drug for drug in drugs if drug in entered]):
                found += [f"{drug}, {criterion}: {name}, {', '.join(warned)} have it" for drug in lacking]
    return sorted(found)
