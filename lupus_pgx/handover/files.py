"""Which form a file has is seen in the file; its name only helps where the file leaves something out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike, fspath

from lupus_pgx.bounded import is_there
from lupus_pgx.errors import InputError, UsageError
from lupus_pgx.handover import reports, tables, typers
from lupus_pgx.handover.document import Document, decode, is_archive, read_bytes
from lupus_pgx.handover.genes import gene_of_file, gene_of_variants, stated_gene
from lupus_pgx.handover.model import Faults, Statement
from lupus_pgx.knowledge.catalogue import Knowledge

Given = str | PathLike[str] | Sequence[str | PathLike[str]] | Mapping[str, str | PathLike[str]]
"""A path, several, or paths by the name of the sample (or of the gene) that a file does not name."""

READ = (
    "our table (sample_id, gene, diplotype), PharmCAT's form of outside calls, and results of PyPGx, Aldy, StellarPGx, "
    "Stargazer, Cyrius, StarPhase, DRAGEN, HLA-HD, xHLA, OptiType, arcasHLA, HLA*LA, T1K, SpecHLA and HIBAG"
)
_NAMED = re.compile(r"([^=/\\]+)=(.+)", re.DOTALL)
_SAMPLE_COLUMNS = frozenset({"sample", "samples", "sample_id", "sampleid", "sample.id", "patient", "subject", "id"})
_GENE = re.compile(r"[A-Za-z][A-Za-z0-9-]*( .+)?")
_STAR_PAIR = re.compile(r"\[?\*[^/]+/\*|no_call|none|indeterminate|possible ", re.IGNORECASE)


UNREAD = ".star_allele.tsv"
"""How DRAGEN ends the name of its table of star alleles."""

UNREAD_REASON = (
    "the columns of DRAGEN's table of star alleles are not published, so that it is not read: hand over the "
    "star_allele.json written beside it, or a table of sample_id, gene, diplotype"
)


def paths_of(given: Given) -> list[tuple[str, str]]:
    """Return the paths that were given, each with the name written before it.

    Raises
    ------
    UsageError
        If a path is empty, or stands twice.
    """
    if isinstance(given, Mapping):
        found = [(str(name), fspath(path)) for name, path in given.items()]
    else:
        listed = [given] if isinstance(given, str | PathLike) else given
        if not isinstance(listed, Iterable) or not all(isinstance(item, str | PathLike) for item in listed):
            raise UsageError(f"outside calls: expected a path, or several; found {given!r:.100}")
        found = []
        for item in [fspath(path) for path in listed]:
            match = _NAMED.fullmatch(item)
            named = match is not None and not is_there(item)
            found.append((match[1], match[2]) if match is not None and named else ("", item))
    for place, (name, path) in enumerate(found):
        if not path:
            raise UsageError("an outside-calls file has no name: expected a path, or NAME=path")
        if (name, path) in found[:place]:
            raise UsageError(f"{path}: is given twice as outside calls")
    return found


def read_files(given: Given, knowledge: Knowledge, faults: Faults) -> list[Statement]:
    """Read files of calls made elsewhere, of any form.

    Parameters
    ----------
    given : path, sequence of paths or mapping of name to path
    knowledge : Knowledge
    faults : Faults
        What is wrong with the files is added to them.

    Returns
    -------
    list of Statement

    Raises
    ------
    InputMissingError
        If a file cannot be read.
    """
    found: list[Statement] = []
    for hint, path in paths_of(given):
        found += read_file(path, hint, knowledge, faults)
    return found


def read_file(path: str, hint: str, knowledge: Knowledge, faults: Faults, text: str | None = None) -> list[Statement]:
    """Read one file of calls made elsewhere; ``text`` is what it holds, where that was read already."""
    content = b"" if text is not None else read_bytes(path)
    gene = stated_gene(hint, knowledge)
    sample = hint if hint and not gene else None
    if is_archive(content):
        found = list(reports.pypgx_archive(path, content, faults))
    else:
        document = Document(path, decode(path, content) if text is None else text, hint)
        try:
            found = list(_statements(document, gene or gene_of_file(path, knowledge), knowledge, faults))
        except InputError as error:
            faults.found.append(str(error))
            return []
    if not found and not any(fault.startswith(path) for fault in faults.found):
        faults.add(path, "no call is in this file")
    return [_with_sample(item, sample, faults) for item in found]


def _with_sample(item: Statement, sample: str | None, faults: Faults) -> Statement:
    if sample is None:
        return item
    if item.sample is not None and item.sample != sample:
        faults.add(item.place, f"the file is given for {sample!r} and is of {item.sample!r}")
    return replace(item, sample=sample)


def _statements(document: Document, gene: str, knowledge: Knowledge, faults: Faults) -> Iterator[Statement]:
    if not document.raw_lines:
        faults.add(document.path, "the file is empty: expected calls")
        return
    if document.json is not None:
        yield from _of_json(document, knowledge, faults)
        return
    yield from _of_table(document, gene, knowledge, faults)


def _of_json(document: Document, knowledge: Knowledge, faults: Faults) -> Iterator[Statement]:
    content = document.json
    if not isinstance(content, Mapping):
        faults.add(document.path, f"this JSON is none that is read; read are {READ}")
    elif "gene_details" in content:
        yield from reports.starphase(document, faults)
    elif "locusAnnotations" in content:
        yield from reports.dragen_star_alleles(document, faults)
        yield from reports.dragen_targeted(document)
    elif "geneReports" in content or ("genes" in content and "pharmcatVersion" in content):
        yield from reports.pharmcat_report(document, faults)
    elif isinstance(content.get("hla"), Mapping):
        yield from typers.xhla(document, faults)
    elif content and all(
        isinstance(item, Mapping) and {"Genotype", "Filter"} <= set(item) for item in content.values()
    ):
        yield from reports.cyrius_report(document, tables.callers_gene(knowledge, "Cyrius"), faults)
    elif any(isinstance(item, Mapping) and "genotype" in item for item in content.values()):
        yield from reports.dragen_targeted(document)
    elif content and all(isinstance(item, list) for item in content.values()):
        yield from typers.arcashla(document, faults)
    else:
        faults.add(document.path, f"this JSON is none that is read; read are {READ}")


def _of_table(document: Document, gene: str, knowledge: Knowledge, faults: Faults) -> Iterator[Statement]:
    header = document.header
    lower = [cell.lower() for cell in header]
    if tables.has(header, tables.RESULTS, "sample_id", "gene", "diplotype"):
        yield from tables.own_results(document, faults)
    elif tables.has(header, "sample_id", "gene", "marker", "genotype", "status"):
        yield from tables.own_markers(document, faults)
    elif "gene" in lower and ("diplotype" in lower or "phenotype" in lower or "activity_score" in lower):
        yield from tables.own_table(document, faults)
    elif document.name.endswith(UNREAD):
        faults.add(document.path, UNREAD_REASON)
    elif (found := _of_typer(document, header, faults)) is not None:
        yield from found
    else:
        yield from _of_caller(document, gene, knowledge, faults)


def _of_caller(document: Document, gene: str, knowledge: Knowledge, faults: Faults) -> Iterator[Statement]:
    header = document.header
    if tables.has(header, "Sample", "Gene", "SolutionID") or tables.has(header, "Sample", "Gene", "Major"):
        yield from tables.aldy_table(document, faults)
    elif tables.has(header, "Sample", "Genotype", "Filter"):
        yield from tables.cyrius_table(document, tables.callers_gene(knowledge, "Cyrius"), faults)
    elif document.text.startswith("PharmCAT") or tables.has(header, "Gene", "Source Diplotype"):
        yield from tables.report_table(document)
    elif header[0] == "" and tables.has(header, "Genotype", "Phenotype"):
        yield from _of_pypgx(document, gene, knowledge, faults)
    elif tables.has(header, "hap1_main", "hap2_main"):
        yield from tables.stargazer_table(document, gene, _needing(document, gene, "gene", faults))
    elif "StellarPGx" in document.text or "Candidate alleles" in document.text:
        known = gene or reports.stellar_gene(document)
        yield from reports.stellar_text(document, known, _needing(document, known, "gene", faults))
    elif _is_list(document, knowledge):
        yield from tables.two_columns(document, gene, _needing(document, gene, "gene", faults))
    elif _is_outside_form(document, knowledge):
        yield from tables.outside_form(document, faults)
    else:
        faults.add(document.place(document.raw_lines[0][0]), f"the form of this file is not known; read are {READ}")


def _of_pypgx(document: Document, gene: str, knowledge: Knowledge, faults: Faults) -> Iterator[Statement]:
    """Read a bare table of PyPGx; the positions in it must be those of the gene that is said to be its own."""
    seen = gene_of_variants(document, knowledge)
    if gene and seen and gene != seen:
        faults.add(
            document.place(document.raw_lines[0][0]), f"the file is given for {gene}; the variants in it are of {seen}"
        )
        return
    known = gene or seen
    yield from tables.pypgx_table(document, known, _needing(document, known, "gene", faults))


def _of_typer(document: Document, header: Sequence[str], faults: Faults) -> Iterator[Statement] | None:
    rows = [cells for _, cells in document.lines]
    if any(cells[0] == "Sample" and any(cell.startswith("HLA_") for cell in cells) for cells in rows[:3]):
        return typers.spechla(document)
    if tables.has(header, "A1", "A2"):
        if tables.has(header, "Reads", "Objective"):
            return typers.optitype(document, faults)
        sample = next((name for name in ("subject", "sample", "Sample", "sample_id") if name in header), None)
        return typers.columns(document, sample, "arcasHLA" if sample == "subject" else "DRAGEN", faults)
    if tables.has(header, "Locus", "Chromosome", "Allele"):
        return typers.hlala(document, faults)
    if tables.has(header, "allele1", "allele2") and ("sample.id" in header or "sample_id" in header):
        locus = document.hint.removeprefix("HLA-") if document.hint.startswith("HLA-") else typers.locus_of(document)
        return typers.hibag(document, locus, _needing(document, locus, "locus", faults))
    if rows and typers.is_t1k(rows):
        return typers.t1k(document, faults)
    if rows and typers.is_hlahd(rows):
        return typers.hlahd(document)
    return None


def _needing(document: Document, name: str, what: str, faults: Faults) -> Faults:
    """Note that a table does not say of which gene it is."""
    if not name:
        faults.add(
            document.place(document.raw_lines[0][0]),
            f"the file does not say of which {what} it is: give it as GENE={document.path}, or the archive that it is "
            "from",
        )
    return faults


def _is_list(document: Document, knowledge: Knowledge) -> bool:
    rows = [cells for _, cells in document.lines]
    known = set(knowledge.gene_names)
    return bool(rows) and all(
        len(cells) == 2 and cells[0] not in known and _STAR_PAIR.match(cells[1]) for cells in rows
    )


def _is_outside_form(document: Document, knowledge: Knowledge) -> bool:
    """Whether some line begins with a gene that is known, or all with a word that may be one."""
    rows = [cells for _, cells in document.lines if cells]
    if document.header[0].lower() in _SAMPLE_COLUMNS:
        return False
    known = {name.lower() for name in (*knowledge.gene_names, *knowledge.markers_by_key)}
    return any(cells[0].lower() in known for cells in rows) or (
        bool(rows) and all(len(cells) > 1 and _GENE.fullmatch(cells[0]) for cells in rows)
    )
