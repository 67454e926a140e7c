"""Results of callers of star alleles as JSON, archives and free text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lupus_pgx.handover.document import Document, decode
from lupus_pgx.handover.model import Faults, Statement
from lupus_pgx.handover.tables import cyrius_call, is_no_call, pypgx_table, split, stellar_call

_LARGEST = 100 * 1024 * 1024
_TITLE = re.compile(r"([A-Za-z0-9]+) Star Allele Calling with StellarPGx")
_STELLAR_SAMPLE = re.compile(r"(.+?)_[A-Za-z0-9]+\.alleles$")


def pypgx_archive(path: str, content: bytes, faults: Faults) -> Iterator[Statement]:
    """Read an archive of results of PyPGx: tables of samples, each with the gene that it is of."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if sum(item.file_size for item in archive.infolist()) > _LARGEST:
                faults.add(path, "the archive is too large for results of PyPGx")
                return
            tables = [name for name in names if name.rpartition("/")[2] == "data.tsv"]
            parts = {
                name: archive.read(name) for name in names if name.rpartition("/")[2] in ("data.tsv", "metadata.txt")
            }
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        faults.add(path, f"the archive cannot be read ({error})")
        return
    read = False
    for name in tables:
        about = decode(path, parts.get(f"{name.removesuffix('data.tsv')}metadata.txt", b""))
        facts = dict(line.partition("=")[::2] for line in about.splitlines())
        if facts.get("SemanticType") != "SampleTable[Results]" or not facts.get("Gene"):
            continue
        read = True
        yield from pypgx_table(Document(f"{path}/{name}", decode(path, parts[name])), facts["Gene"], faults)
    if not read:
        faults.add(
            path, "an archive without results of PyPGx: expected data.tsv with SemanticType=SampleTable[Results]"
        )


def starphase(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the calls of StarPhase; nearest matches (``inexact_diplotypes``) are no calls."""
    for gene, details in _objects(document, document.json.get("gene_details"), faults):
        place = f"{document.path}: {gene}"
        entries = _list(place, details.get("simple_diplotypes") or details.get("diplotypes"), faults)
        pairs = tuple(dict.fromkeys(_starphase_pair(item) for item in entries))
        if not pairs or any(is_no_call(part) for pair in pairs for part in pair):
            yield Statement(place, gene, no_call="NO_MATCH", caller="StarPhase")
        else:
            yield Statement(place, gene, None, pairs, caller="StarPhase")


def _starphase_pair(item: Mapping[str, Any]) -> tuple[str, ...]:
    haplotypes = (item.get("hap1"), item.get("hap2"))
    if all(isinstance(name, str) and name for name in haplotypes):
        return tuple(str(name) for name in haplotypes)
    return split(str(item.get("diplotype") or item.get("hap1") or ""))


def dragen_star_alleles(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the star alleles of DRAGEN."""
    for number, item in enumerate(_list(document.path, document.json.get("locusAnnotations"), faults), 1):
        place = f"{document.path}: locusAnnotations {number}"
        if not item.get("gene"):
            faults.add(place, "expected an entry with gene and genotype")
            continue
        yield _dragen(place, str(item["gene"]), _dragen_sample(document), item)


def dragen_targeted(document: Document) -> Iterator[Statement]:
    """Read the targeted callers of DRAGEN: each key with a genotype of star alleles is a gene."""
    for gene, item in document.json.items():
        if isinstance(item, Mapping) and "genotype" in item and gene != "locusAnnotations":
            said = _dragen(f"{document.path}: {gene}", gene.upper(), _dragen_sample(document), item)
            stated = any(key.lower().endswith("filter") for key in item)
            yield said if stated else replace(said, remark="no filter is stated")


def _dragen(place: str, gene: str, sample: str | None, item: Mapping[str, Any]) -> Statement:
    passed = next((str(value) for key, value in item.items() if key.lower().endswith("filter")), "")
    genotype = item.get("genotype") or ""
    text = ";".join(map(str, genotype)) if isinstance(genotype, list) else str(genotype)
    return cyrius_call(place, gene, sample, text, passed, "DRAGEN")


def _dragen_sample(document: Document) -> str | None:
    sample = document.json.get("sampleId") or document.json.get("sample")
    return str(sample) if sample else None


def cyrius_report(document: Document, gene: str, faults: Faults) -> Iterator[Statement]:
    """Read the JSON of Cyrius: samples with their genotype and filter."""
    for sample, item in _objects(document, document.json, faults):
        place = f"{document.path}: {sample}"
        yield cyrius_call(
            place, gene, sample, str(item.get("Genotype") or ""), str(item.get("Filter") or "missing"), "Cyrius"
        )


def pharmcat_report(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read PharmCAT's ``phenotype.json`` or ``report.json``."""
    genes = document.json.get("geneReports") or document.json.get("genes") or {}
    matcher = document.json.get("matcherMetadata") or {}
    named = matcher.get("sampleId") if isinstance(matcher, Mapping) else None
    sample = str(named) if named else None
    found: dict[str, Mapping[str, Any]] = {}
    for name, item in _objects(document, genes, faults):
        nested = {gene: part for gene, part in item.items() if isinstance(part, Mapping) and "sourceDiplotypes" in part}
        for gene, part in (nested or {name: item}).items():
            found.setdefault(gene, part)
    for gene, item in found.items():
        place = f"{document.path}: {gene}"
        pairs = [_pharmcat_pair(entry) for entry in _list(place, item.get("sourceDiplotypes"), faults)]
        if not pairs or any(is_no_call(part) for pair in pairs for part in pair):
            yield Statement(place, gene, sample, no_call="no call", caller="PharmCAT")
        else:
            yield Statement(place, gene, sample, tuple(dict.fromkeys(pairs)), caller="PharmCAT")


def _pharmcat_pair(entry: Mapping[str, Any]) -> tuple[str, ...]:
    alleles = (entry.get("allele1"), entry.get("allele2"))
    return tuple(str(item.get("name", "")) for item in alleles if isinstance(item, Mapping))


def stellar_text(document: Document, gene: str, faults: Faults) -> Iterator[Statement]:
    """Read the text that StellarPGx writes for one sample: what stands after ``Result:``."""
    lines = document.raw_lines
    match = _TITLE.search(document.text)
    sample = _STELLAR_SAMPLE.match(document.name) if not document.hint else None
    found = False
    for place, (number, line) in enumerate(lines):
        if not line.strip().startswith("Result:"):
            continue
        found = True
        text = line.strip().removeprefix("Result:").strip()
        if not text and place + 1 < len(lines) and not lines[place + 1][1].strip().endswith(":"):
            text = lines[place + 1][1].strip()
        name = match[1].upper() if match else gene
        yield stellar_call(document.place(number), name, sample[1] if sample else None, text)
    if not found:
        faults.add(document.path, "a file of StellarPGx without a line 'Result:'")


def stellar_gene(document: Document) -> str:
    """Return the gene that a text of StellarPGx names in its title."""
    match = _TITLE.search(document.text)
    return match[1].upper() if match else ""


def _list(place: str, entries: object, faults: Faults) -> list[Mapping[str, Any]]:
    """Return a list of objects; what is not one is a fault, nothing at all is an empty list."""
    if entries is None:
        return []
    if isinstance(entries, list) and all(isinstance(item, Mapping) for item in entries):
        return entries
    faults.add(place, "expected a list of objects")
    return []


def _objects(document: Document, entries: object, faults: Faults) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(entries, Mapping):
        faults.add(document.path, "expected an object of genes or samples")
        return
    for name, item in entries.items():
        if isinstance(item, Mapping):
            yield str(name), item
        else:
            faults.add(f"{document.path}: {name}", "expected an object")
