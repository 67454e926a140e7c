"""The knowledge tables, and the compact objects the stages work with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from lupus_pgx.bounded import found_as
from lupus_pgx.door import checked
from lupus_pgx.errors import KnowledgeError, UsageError, unknown_name
from lupus_pgx.knowledge.citations import Newer, newer_documents
from lupus_pgx.knowledge.drugs import DrugNames, class_members, drug_key
from lupus_pgx.knowledge.gene_tables import loci_of_genes, markers, overlaid_genes, star_genes
from lupus_pgx.knowledge.genes import Marker, StarGene
from lupus_pgx.knowledge.loci import Locus
from lupus_pgx.knowledge.release import TableSet
from lupus_pgx.knowledge.rules import (
    Drug,
    EvidenceRow,
    GuidanceRule,
    guidance_rule,
    parse_condition,
    shown_source,
)
from lupus_pgx.knowledge.tables import read_release, split_list
from lupus_pgx.knowledge.units import Units
from lupus_pgx.terms import Build

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import EvidenceCells, GenesCells


class Knowledge(TableSet):
    """All knowledge tables of one data release.

    Each table is an attribute that gives a fresh pandas DataFrame (``knowledge.genes``,
    ``knowledge.loci``, ``knowledge.guidance`` ...); ``tables`` holds the rows without pandas.

    Examples
    --------
    >>> knowledge = load_knowledge()
    >>> knowledge.star_genes["CYP2C9"].phenotype(["*1", "*3"])
    'Intermediate Metabolizer'
    >>> knowledge.drug("MMF").drug
    'mycophenolate mofetil'
    >>> knowledge.select_genes(["tpmt", "NUDT15"])
    ('NUDT15', 'TPMT')
    >>> [drug.drug for drug in knowledge.select_drugs(["MMF", "AZA"])]
    ['azathioprine', 'mycophenolate mofetil']
    >>> knowledge.rows("genes")[0]["gene"] in knowledge.gene_names
    True
    >>> sum(1 for row, place in knowledge.placed("genes")) == len(knowledge.rows("genes"))
    True
    >>> knowledge.contig_facts(Build.GRCH38)["chr6"]
    (170805979, 'NC_000006.12')
    >>> sorted(knowledge.provenance())
    ['overlay', 'release', 'sources', 'tables']
    """

    @cached_property
    def _overlaid_genes(self) -> frozenset[str]:
        return overlaid_genes(self)

    @checked
    def contig_facts(self, build: Build | str) -> dict[str, tuple[int, str]]:
        """Return length and RefSeq accession of each chromosome of a build.

        Parameters
        ----------
        build : Build or str

        Returns
        -------
        dict of str to (int, str)
            Length in bases and accession, by name (``chr1``).
        """
        chosen = next((item for item in Build if item.value == build), None)
        if chosen is None:
            raise unknown_name("build", build, [item.value for item in Build])
        return {
            row["chrom"]: (row["length"], row["refseq"]) for row in self.rows("contigs") if row["build"] == chosen.value
        }

    @cached_property
    def loci_by_gene(self) -> dict[str, tuple[Locus, ...]]:
        """Loci of each gene in genome order."""
        return loci_of_genes(self)

    @cached_property
    def star_genes(self) -> dict[str, StarGene]:
        """Genes called by named haplotypes, by symbol, sorted."""
        return star_genes(self, self._overlaid_genes)

    @cached_property
    def markers_by_key(self) -> dict[str, Marker]:
        """Markers by ``gene marker``, sorted."""
        return markers(self, self._overlaid_genes)

    @cached_property
    def newer_documents(self) -> dict[str, Newer]:
        """The newest document in place of each replaced one, by citation."""
        return newer_documents(self.rows("citations"))

    @cached_property
    def drugs_by_name(self) -> dict[str, Drug]:
        """Drugs by name, sorted."""
        rules: dict[str, list[GuidanceRule]] = {}
        guidelines = {(row["drug"], row["guideline"]): row for row in self.rows("guidelines")}
        for row, place in self.placed("guidance"):
            rule = guidance_rule(row, guidelines[row["drug"], row["guideline"]], place, self.newer_documents)
            rules.setdefault(rule.drug, []).append(rule)
        evidence: dict[str, list[EvidenceRow]] = {}
        for found, place in self.placed("evidence"):
            condition = parse_condition(found["condition"]) if found["condition"] else None
            shown: EvidenceCells = {**found, "source": shown_source(found["source"], place)}
            item = EvidenceRow(found["evidence"], found["drug"], condition, shown)
            evidence.setdefault(found["drug"], []).append(item)
        return {
            row["drug"]: Drug(
                row["drug"],
                {**row, "source": shown_source(row["source"], place)},
                tuple(sorted(rules.get(row["drug"], ()), key=lambda rule: (rule.priority, rule.rule))),
                tuple(sorted(evidence.get(row["drug"], ()), key=lambda item: item.evidence)),
                self._overlaid_genes,
            )
            for row, place in sorted(self.placed("drugs"), key=lambda item: str(item[0]["drug"]))
        }

    def drug(self, name: str) -> Drug:
        """Return a drug by its name or an alias, whatever the case.

        Parameters
        ----------
        name : str
            Such as ``mycophenolate mofetil`` or ``MMF``.

        Returns
        -------
        Drug

        Raises
        ------
        UsageError
            If no drug has that name; near matches are in the message.
        """
        if not isinstance(name, str):
            raise UsageError(f"expected the name of a drug; found {found_as(name)}")
        found = self._drug_names.get(drug_key(name))
        if found is None:
            known = [alias for drug in self.drugs_by_name.values() for alias in drug.names]
            meant = self.drug_names.meant(name, self.drugs_by_name)
            raise self._taken_only(name) or unknown_name("drug", name, known, "drugs", meant)
        return self.drugs_by_name[found]

    def _taken_only(self, name: str) -> UsageError | None:
        """Say what to write for a drug that a context may tell and nobody can ask for; None of an unknown one."""
        rows = self.rows("context_words")
        word = next((row for row in rows if row["field"] == "drug" and drug_key(row["words"]) == drug_key(name)), None)
        told = split_list(word["value"]) if word is not None else (self.drug_names.find(name) or "",)
        asked = [item for item in told if item in self.drugs_by_name]
        if asked:
            return UsageError(f"unknown drug {name!r}: did you mean {' or '.join(asked)}?")
        if not any(told):
            return None
        return UsageError(
            f"drug {name!r} has no tables of its own, so it cannot be asked for: where it is taken beside the others, "
            f"tell it in the context, as in co_medication: [{name}]"
        )

    @cached_property
    def _drug_names(self) -> dict[str, str]:
        return {drug_key(name): drug.drug for drug in self.drugs_by_name.values() for name in drug.names}

    @cached_property
    def drug_names(self) -> DrugNames:
        """Every name under which a drug may stand in a context."""
        return DrugNames(self)

    @cached_property
    def class_members(self) -> dict[str, frozenset[str]]:
        """The drugs of each class."""
        return class_members(self)

    @cached_property
    def known_units(self) -> Units:
        """Units of clinical values."""
        return Units(self.rows("units"), self.rows("quantities"))

    @cached_property
    def converted_genes(self) -> frozenset[str]:
        """Genes whose activity score some co-medication changes by a factor."""
        return frozenset(row["gene"] for row in self.rows("phenoconversion") if row["activity_factor"] is not None)

    @cached_property
    def _roles(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in sorted(self.rows("roles"), key=lambda row: (row["rank"] or 0, row["name"])):
            found.setdefault(row["role"], []).append(row["name"])
        return found

    @checked
    def with_role(self, role: str) -> tuple[str, ...]:
        """Return the names that the table ``roles`` gives a role, the first first.

        Parameters
        ----------
        role : str
            Of the table ``roles``.

        Returns
        -------
        tuple of str

        Examples
        --------
        >>> from lupus_pgx import load_knowledge
        >>> load_knowledge().with_role("measures_proteinuria")
        ('upcr', 'proteinuria_24h')
        """
        return tuple(self._roles.get(role, ()))

    @cached_property
    def gene_rows(self) -> dict[str, GenesCells]:
        """Rows of the table ``genes`` by symbol."""
        return {row["gene"]: row for row in self.rows("genes")}

    @cached_property
    def gene_names(self) -> tuple[str, ...]:
        """Symbols of all genes, sorted."""
        return tuple(sorted(row["gene"] for row in self.rows("genes")))

    @checked
    def select_genes(self, names: Iterable[str] | None) -> tuple[str, ...]:
        """Return gene symbols in sorted order, all of them when ``names`` is None.

        Parameters
        ----------
        names : iterable of str, or None

        Returns
        -------
        tuple of str

        Raises
        ------
        UsageError
            If a gene is unknown.
        """
        if names is None:
            return self.gene_names
        by_lower = {gene.lower(): gene for gene in self.gene_names}
        chosen = set()
        for name in names:
            if name.strip().lower() not in by_lower:
                raise unknown_name("gene", name, self.gene_names, "genes")
            chosen.add(by_lower[name.strip().lower()])
        return tuple(sorted(chosen))

    @checked
    def select_drugs(self, names: Iterable[str] | None) -> tuple[Drug, ...]:
        """Return drugs in sorted order, all of them when ``names`` is None.

        Parameters
        ----------
        names : iterable of str, or None
            Names or aliases.

        Returns
        -------
        tuple of Drug

        Raises
        ------
        UsageError
            If a drug is unknown.
        """
        if names is None:
            return tuple(self.drugs_by_name.values())
        chosen = {self.drug(name).drug for name in names}
        return tuple(self.drugs_by_name[name] for name in sorted(chosen))


@checked
def load_knowledge(overlay: str | PathLike[str] | None = None, release: str | PathLike[str] | None = None) -> Knowledge:
    """Load the knowledge tables.

    Parameters
    ----------
    overlay : path, optional
        Folder of tables with the names and columns of the shipped ones (``docs/extending.md``). Its
        rows win over shipped rows with the same key. They are checked in full, each time.
    release : str or path, optional
        Data release: the number of the installed one, or a folder that holds another (its tables and
        ``release.json``, as in ``lupus_pgx/data``). Nothing is ever fetched.

    Returns
    -------
    Knowledge
        The tables of the release; those of the installed one are loaded once per process.

    Raises
    ------
    InputMissingError
        If the overlay is not there.
    UsageError
        If the release is neither the installed one nor a folder with one.
    KnowledgeError
        If a table is not the one that was released, or a row breaks a rule; the message names every fault.

    Examples
    --------
    >>> load_knowledge().genes.query("ploidy == 'x_linked'").gene.tolist()
    ['G6PD', 'TLR7']
    """
    shipped = _shipped() if release is None else _release(fspath(release))
    if overlay is None:
        return shipped
    from lupus_pgx.knowledge.overlay import lay_over, read_overlay

    over = read_overlay(fspath(overlay), shipped.tables)
    known = {"release": shipped.release, "tables": shipped.checksums, "dates": shipped.dates}
    return Knowledge(known, lay_over(shipped.tables, over), over)


def _release(name: str) -> Knowledge:
    """Return a data release by its number, where it is the installed one, or by its folder."""
    installed = _shipped()
    if name == installed.release:
        return installed
    place = Path(name)
    if not (place / "release.json").is_file():
        raise UsageError(
            f"data release {name}: the installed one is {installed.release}; for another give the folder that holds "
            "its tables and release.json"
        )
    from lupus_pgx.knowledge.check.faults import FaultyTablesError
    from lupus_pgx.knowledge.check.tables import check_set

    tables, faults = check_set(place)
    if faults:
        raise FaultyTablesError(name, faults)
    if lacking := sorted(installed.tables.keys() - tables.keys()):
        raise KnowledgeError(
            f"{name}: a release for another version of lupus-pgx: it has no table {', '.join(lacking)}"
        )
    return Knowledge(*read_release(place))


@cache
def _shipped() -> Knowledge:
    release, tables = read_release()
    return Knowledge(release, tables)
