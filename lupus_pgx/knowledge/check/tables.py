"""Check knowledge tables: their form by schema, their links, and the science in them.

Imported only when tables are checked; loading the shipped tables trusts their checksums.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lupus_pgx.bounded import found_file, parse_json
from lupus_pgx.errors import KnowledgeError
from lupus_pgx.knowledge.check.doubles import check_doubles
from lupus_pgx.knowledge.check.faults import Fault, fault_at, in_order
from lupus_pgx.knowledge.check.form import read_table
from lupus_pgx.knowledge.check.loci import (
    check_alleles,
    check_essential,
    check_loci,
    check_locus_alleles,
    check_markers,
)
from lupus_pgx.knowledge.check.names import (
    check_builds,
    check_documents,
    check_manifestations,
    check_misspelt,
    check_numbers,
    check_option_drugs,
    check_roles,
    check_states,
    check_units_of_rows,
)
from lupus_pgx.knowledge.check.plausible import (
    check_alleles_named,
    check_days,
    check_drug_names,
    check_drug_words,
    check_identifiers,
    check_licences,
    check_lists,
    check_thresholds,
)
from lupus_pgx.knowledge.check.rules import (
    OTHER,
    check_conditions,
    check_drugs,
    check_evidence,
    check_frequencies,
    check_guidance,
    check_phenoconversion,
    check_phenotypes,
    check_response,
    check_review,
    check_units,
)
from lupus_pgx.knowledge.check.safety import (
    check_clearances,
    check_criteria,
    check_cross_reactions,
    check_dosing,
    check_labels,
    check_partners,
    check_phenotypes_asked,
    check_sources,
    check_unused,
)
from lupus_pgx.knowledge.tables import OVERLAY_MARK, Table, is_table, schema_of

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import Tables

RELEASE_FILE = "release.json"

_RESERVED = {
    ("alleles", "allele"): ";=|&/",
    ("genes", "gene"): ";=|&/ ",
    ("loci", "locus"): ";=|&/",
    ("marker_alleles", "allele"): ";=|&/",
    ("marker_categories", "category"): ";=|&/",
    ("markers", "marker"): ";=|&/",
    ("phenotype_rules", "phenotype"): ";=|&/",
    ("activity_rules", "phenotype"): ";=|&/",
    ("drugs", "drug"): ";=|&",
    ("citations", "citation"): ";=|",
    ("sources", "source"): ";=|",
}
"""Characters that a name may not hold, because cells and conditions join names with them."""


def check(tables: Mapping[str, Table[Any]]) -> list[Fault]:
    """Check links and science of a full set of tables.

    Parameters
    ----------
    tables : mapping of str to Table
        Every table by name, each of them right in form.

    Returns
    -------
    list of Fault
        By file and line; empty if all is well.
    """
    typed = cast("Tables", tables)
    return in_order(fault for rule in CHECKS for fault in rule(typed))


def check_set(folder: Path) -> tuple[dict[str, Table[Any]], list[Fault]]:
    """Check a folder that holds a full set of tables with its ``release.json``.

    Returns
    -------
    tables : dict of Table
        Those that are right in form.
    faults : list of Fault
        Faults of form; if there are none, those of links and science.
    """
    try:
        release = parse_json(found_file(folder / RELEASE_FILE).read_text(encoding="utf-8"))["tables"]
        if strange := sorted(name for name in release if not is_table(str(name))):
            raise ValueError(f"no table is called {strange[0]}")
        checksums = {name: str(release[name]) for name in release}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KnowledgeError(
            f"{folder / RELEASE_FILE}: expected the checksums of a data release ({error!r})"
        ) from error
    faults = []
    tables = {}
    for name, checksum in checksums.items():
        path = folder / f"{name}.tsv"
        table, found = read_table(path, name, whole=True)
        faults += found
        if table is not None:
            tables[name] = table
        if hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
            rule = f"is not the table of {RELEASE_FILE}: run `python tools/seal_tables.py` after a wanted change"
            faults.append(Fault(str(path), 1, "", "", rule))
    return tables, in_order(faults) or in_order([*check(tables), *check_unused(cast("Tables", tables))])


def _check_names(tables: Tables) -> Iterator[Fault]:
    for (name, column), reserved in _RESERVED.items():
        table = tables[name]
        for number, row in enumerate(table.rows):
            held = [character for character in reserved if character in (row[column] or "")]
            if held:
                shown = " ".join("space" if character == " " else character for character in held)
                yield fault_at(table, number, column, f"a name must not hold {shown}")
    table = tables["alleles"]
    for number, row in enumerate(table.rows):
        if row["allele"] == OTHER:
            yield fault_at(table, number, "allele", "stands for haplotypes without a name: choose another name")
    table = tables["sources"]
    for number, row in enumerate(table.rows):
        if row["source"].endswith(OVERLAY_MARK):
            yield fault_at(table, number, "source", f"{OVERLAY_MARK.strip()} is added to the source of overlay rows")


def _check_references(tables: Tables) -> Iterator[Fault]:
    """Yield rows that name a row of another table which does not exist, as the schemas link them."""
    for name, table in tables.items():
        for link in schema_of(name).get("foreignKeys", ()):
            columns, target, keys = link["fields"], link["reference"]["resource"], link["reference"]["fields"]
            told, known = itemgetter(*columns), set(map(itemgetter(*keys), tables[target].rows))
            # Most links are whole: what each names is asked once, and its rows are looked for only where it is missing.
            missing = {cells for cells in set(map(told, table.rows)) - known if not _is_empty(cells)}
            for number, row in enumerate(table.rows) if missing else ():
                if told(row) in missing:
                    yield fault_at(table, number, columns, f"no such row in the table {target}")


def _is_empty(cells: object) -> bool:
    """Say whether a link names nothing: its only cell is empty, or each of several."""
    return cells is None or (isinstance(cells, tuple) and all(cell is None for cell in cells))


def _check_citations(tables: Tables) -> Iterator[Fault]:
    """Yield rows without a citation or source, and citations that do not resolve."""
    known = {row["citation"] for row in tables["citations"].rows}
    for name, table in tables.items():
        if name == "citations" or "citation" not in table.columns:
            continue
        for number, row in enumerate(table.rows):
            if row["citation"] is None:
                if not row.get("source"):
                    yield fault_at(table, number, "citation", "a row needs a citation or a source")
                continue
            for part in row["citation"].split(";"):
                if part.strip() not in known:
                    yield fault_at(table, number, "citation", f"{part.strip()!r} is not in the table citations")


CHECKS: tuple[Callable[[Tables], Iterable[Fault]], ...] = (
    _check_names,
    _check_references,
    _check_citations,
    check_loci,
    check_locus_alleles,
    check_essential,
    check_alleles,
    check_markers,
    check_phenotypes,
    check_frequencies,
    check_conditions,
    check_guidance,
    check_evidence,
    check_drugs,
    check_doubles,
    check_phenoconversion,
    check_units,
    check_criteria,
    check_phenotypes_asked,
    check_clearances,
    check_cross_reactions,
    check_partners,
    check_sources,
    check_labels,
    check_dosing,
    check_review,
    check_response,
    check_builds,
    check_documents,
    check_manifestations,
    check_misspelt,
    check_numbers,
    check_option_drugs,
    check_roles,
    check_states,
    check_units_of_rows,
    check_alleles_named,
    check_days,
    check_drug_names,
    check_drug_words,
    check_identifiers,
    check_licences,
    check_lists,
    check_thresholds,
)
"""Every check of a full set of tables."""
