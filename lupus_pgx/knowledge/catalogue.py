"""The knowledge tables, and the compact objects the stages work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lupus_pgx.errors import KnowledgeError, UsageError, unknown_name
from lupus_pgx.knowledge.citations import Newer, newer_documents
from lupus_pgx.knowledge.drugs import DrugNames, class_members
from lupus_pgx.knowledge.genes import Fallback, Marker, StarGene, Unnamed, natural_key
from lupus_pgx.knowledge.loci import Definition, Haplotypes, Locus, build_haplotypes, build_locus
from lupus_pgx.knowledge.release import TableSet
from lupus_pgx.knowledge.rules import (
    ALLELE,
    SCORE,
    WITHOUT,
    Drug,
    EvidenceRow,
    GuidanceRule,
    guidance_rule,
    parse_condition,
    shown_source,
)
from lupus_pgx.knowledge.tables import Cells, read_release, split_list
from lupus_pgx.knowledge.units import Units
from lupus_pgx.terms import Build

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import (
        ActivityRulesCells,
        AlleleFunctionCells,
        AlleleLociCells,
        AllelesCells,
        EvidenceCells,
        FallbacksCells,
        GenesCells,
        HaplotypeFrequenciesCells,
        LocusAllelesCells,
        MarkersCells,
        PhenotypeRulesCells,
        UnnamedHaplotypesCells,
    )

_GENE_TABLES = (
    "alleles",
    "allele_loci",
    "allele_function",
    "phenotype_rules",
    "activity_rules",
    "haplotype_frequencies",
    "unnamed_haplotypes",
    "fallbacks",
)
_MARKER_TABLES = ("markers", "marker_alleles", "marker_categories")


class _OfGenes(NamedTuple):
    """The rows of each table by their gene."""

    alleles: Mapping[str, list[AllelesCells]]
    allele_loci: Mapping[str, list[AlleleLociCells]]
    allele_function: Mapping[str, list[AlleleFunctionCells]]
    haplotype_frequencies: Mapping[str, list[HaplotypeFrequenciesCells]]
    unnamed_haplotypes: Mapping[str, list[UnnamedHaplotypesCells]]
    phenotype_rules: Mapping[str, list[PhenotypeRulesCells]]
    activity_rules: Mapping[str, list[ActivityRulesCells]]
    fallbacks: Mapping[str, list[FallbacksCells]]


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
        """Genes of which an overlay changes a locus, an allele, a marker or a rule."""
        tables = ["genes", "loci", "locus_alleles", *_GENE_TABLES, *_MARKER_TABLES] if self.overlay else []
        return frozenset(row["gene"] for table in tables for row, place in self.placed(table) if not place.shipped)

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
        return {
            row["chrom"]: (row["length"], row["refseq"])
            for row in self.rows("contigs")
            if row["build"] == Build(build).value
        }

    @cached_property
    def loci_by_gene(self) -> dict[str, tuple[Locus, ...]]:
        """Loci of each gene in genome order."""
        never = {(row["gene"], row["locus"]) for row in self.rows("missing_policy")}
        alleles: dict[tuple[str, str], list[LocusAllelesCells]] = {}
        for change in self.rows("locus_alleles"):
            alleles.setdefault((change["gene"], change["locus"]), []).append(change)
        by_gene: dict[str, list[Locus]] = {}
        for row in self.rows("loci"):
            key = (row["gene"], row["locus"])
            by_gene.setdefault(row["gene"], []).append(build_locus(row, alleles[key], key in never))
        x_linked = {row["gene"] for row in self.rows("genes") if row["ploidy"] == "x_linked"}
        by_gene = {
            gene: [replace(locus, x_linked=gene in x_linked) for locus in loci] for gene, loci in by_gene.items()
        }
        return {
            gene: tuple(sorted(loci, key=lambda locus: (locus.sites[Build.GRCH38].pos, locus.name)))
            for gene, loci in by_gene.items()
        }

    @cached_property
    def star_genes(self) -> dict[str, StarGene]:
        """Genes called by named haplotypes, by symbol, sorted."""
        return {
            row["gene"]: self._star_gene(row)
            for row in sorted(self.rows("genes"), key=lambda row: str(row["gene"]))
            if row["call_kind"] in ("star", "typing", "outside")
        }

    @cached_property
    def markers_by_key(self) -> dict[str, Marker]:
        """Markers by ``gene marker``, sorted."""
        found = [self._marker(row) for row in self.rows("markers")]
        return {marker.key: marker for marker in sorted(found, key=lambda marker: marker.key)}

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

    @cached_property
    def _asked(self) -> dict[tuple[str, str], frozenset[str]]:
        """Values that conditions ask for, by gene or marker and aspect."""
        asked: dict[tuple[str, str], set[str]] = {}
        for drug in self.drugs_by_name.values():
            conditions = [*(rule.condition for rule in drug.rules), *(row.condition for row in drug.evidence)]
            for condition in conditions:
                for clause in condition.clauses if condition is not None else ():
                    names = {value.removeprefix(WITHOUT) for value in clause.values}
                    asked.setdefault((clause.key, clause.aspect), set()).update(names)
        return {key: frozenset(names) for key, names in asked.items()}

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
        found = self._drug_names.get(name.strip().lower())
        if found is None:
            known = [*self.drugs_by_name, *self._drug_names]
            raise unknown_name("drug", name, known)
        return self.drugs_by_name[found]

    @cached_property
    def _drug_names(self) -> dict[str, str]:
        return {name.lower(): drug.drug for drug in self.drugs_by_name.values() for name in drug.names}

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
                raise unknown_name("gene", name, self.gene_names)
            chosen.add(by_lower[name.strip().lower()])
        return tuple(sorted(chosen))

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

    @cached_property
    def _by_gene(self) -> _OfGenes:
        return _OfGenes(
            _grouped(self.rows("alleles"), lambda row: row["gene"]),
            _grouped(self.rows("allele_loci"), lambda row: row["gene"]),
            _grouped(self.rows("allele_function"), lambda row: row["gene"]),
            _grouped(self.rows("haplotype_frequencies"), lambda row: row["gene"]),
            _grouped(self.rows("unnamed_haplotypes"), lambda row: row["gene"]),
            _grouped(self.rows("phenotype_rules"), lambda row: row["gene"]),
            _grouped(self.rows("activity_rules"), lambda row: row["gene"]),
            _grouped(self.rows("fallbacks"), lambda row: row["gene"]),
        )

    def _star_gene(self, gene_row: GenesCells) -> StarGene:
        gene, tables = gene_row["gene"], self._by_gene
        sequences = [row for row in tables.alleles.get(gene, ()) if row["kind"] == "sequence"]
        names = sorted((row["allele"] for row in sequences), key=natural_key)
        names.sort(key=lambda name: name != gene_row["reference_allele"])
        definitions = [
            Definition(row["allele"], row["locus"], row["grch38_ref"], row["grch38_alt"], row["role"] == "required")
            for row in tables.allele_loci.get(gene, ())
        ]
        used = {item.locus for item in definitions}  # other loci of the gene are markers
        loci = tuple(locus for locus in self.loci_by_gene.get(gene, ()) if locus.name in used)
        haplotypes = build_haplotypes(tuple(names), loci, definitions)
        counts: dict[str, dict[str, int]] = {}
        totals: dict[str, int] = {}
        for row in tables.haplotype_frequencies.get(gene, ()):
            counts.setdefault(row["population"], {})[row["allele"]] = row["count"]
            totals[row["population"]] = row["total"]
        phenotypes = {}
        for rule in tables.phenotype_rules.get(gene, ()):
            first, second = sorted((rule["function_1"], rule["function_2"]))
            phenotypes[first, second] = rule["phenotype"]
        return StarGene(
            gene=gene,
            reference_allele=gene_row["reference_allele"] or "",
            structure=gene_row["structure"],
            x_linked=gene_row["ploidy"] == "x_linked",
            typing=gene_row["call_kind"] == "typing",
            outside_only=gene_row["call_kind"] == "outside",
            one_copy=gene_row["ploidy"] == "mitochondrial",
            caveat=gene_row["caveat"] or "",
            haplotypes=haplotypes,
            reported={row["allele"]: row["reported_as"] or row["allele"] for row in sequences},
            functions={row["allele"]: row["function"] for row in tables.allele_function.get(gene, ())},
            activity_values={
                row["allele"]: row["activity_value"]
                for row in tables.allele_function.get(gene, ())
                if row["activity_value"] is not None
            },
            phenotypes=phenotypes,
            activity_rules=tuple(tables.activity_rules.get(gene, ())),
            counts=counts,
            totals=totals,
            asked_alleles=self._asked.get((gene, ALLELE), frozenset()),
            score_asked=(gene, SCORE) in self._asked or gene in self.converted_genes,
            overlaid=gene in self._overlaid_genes,
            unnamed=_unnamed(haplotypes, tables.unnamed_haplotypes.get(gene, ())) if counts else (),
            fallback=_fallback(tables.fallbacks.get(gene, ())),
        )

    def _marker(self, row: MarkersCells) -> Marker:
        key = (row["gene"], row["marker"])
        rows = [item for item in self.rows("marker_alleles") if (item["gene"], item["marker"]) == key]
        names = list(dict.fromkeys(item["allele"] for item in sorted(rows, key=lambda item: int(item["rank"]))))
        differing = [
            Definition(
                item["allele"],
                item["locus"],
                item["grch38_ref"] or "",
                item["grch38_alt"] or "",
                item["role"] == "required",
            )
            for item in rows
            if item["locus"] is not None
        ]
        used = {item.locus for item in differing}
        loci = tuple(locus for locus in self.loci_by_gene[row["gene"]] if locus.name in used)
        return Marker(
            gene=row["gene"],
            marker=row["marker"],
            rsid=row["rsid"],
            effect=row["effect"],
            caveat=row["caveat"] or "",
            haplotypes=build_haplotypes(tuple(names), loci, differing),
            effect_alleles=frozenset(item["allele"] for item in rows if item["effect_allele"] == "yes"),
            categories={
                item["effect_allele_count"]: item["category"]
                for item in self.rows("marker_categories")
                if (item["gene"], item["marker"]) == key
            },
            overlaid=row["gene"] in self._overlaid_genes,
            minus_strand=self.gene_rows[row["gene"]]["strand"] == "-",
        )


def _grouped(rows: Iterable[Cells], gene_of: Callable[[Cells], str]) -> dict[str, list[Cells]]:
    """Group rows by their gene, once for all genes."""
    groups: dict[str, list[Cells]] = {}
    for row in rows:
        groups.setdefault(gene_of(row), []).append(row)
    return groups


def _unnamed(named: Haplotypes, rows: Iterable[UnnamedHaplotypesCells]) -> tuple[Unnamed, ...]:
    """Build the haplotypes without a name; one that an allele explains by now is left out."""
    column = {locus.name: number for number, locus in enumerate(named.loci)}
    found = []
    for row in rows:
        counts = {"AFR": row["AFR"], "AMR": row["AMR"], "EAS": row["EAS"], "EUR": row["EUR"], "SAS": row["SAS"]}
        allowed, changes = [1] * len(named.loci), split_list(row["pattern"])
        for name in split_list(row["unread"]):
            allowed[column[name]] = (1 << len(named.loci[column[name]].rows) + 1) - 1
        for change in changes:
            name, _, letters = change.rpartition(":")
            allowed[column[name]] = 1 << named.loci[column[name]].code_of(*letters.split(">"))
        if not any(all(want & has for want, has in zip(allowed, held, strict=True)) for held in named.allowed):
            found.append(Unnamed(changes, tuple(allowed), counts))
    return tuple(found)


def _fallback(rows: Sequence[FallbacksCells]) -> Fallback | None:
    """Join the rows of the locus by which a gene is looked up where no pair fits."""
    if not rows:
        return None
    phenotypes = {
        (first, second): row["phenotype"] for row in rows for first, second in [sorted(row["genotype"].split("/"))]
    }
    return Fallback(rows[0]["locus"], phenotypes, rows[0]["says"])


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
