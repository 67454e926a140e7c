"""Of which gene a table is that does not write it: by what lies beside it, its name, or the positions in it."""

from __future__ import annotations

import re
from pathlib import Path

from lupus_pgx.handover.document import Document
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import span_of
from lupus_pgx.terms import Build

_VARIANT = re.compile(r"(?:^|[:,])(?:chr)?(\d+|[XYM])-(\d+)-[ACGT]+-[ACGT]+")


def stated_gene(hint: str, knowledge: Knowledge) -> str:
    """Return the gene that the user wrote before the path; a sample may be called anything else."""
    return next((gene for gene in knowledge.gene_names if gene.lower() == hint.lower()), "")


def gene_of_file(path: str, knowledge: Knowledge) -> str:
    """Return the gene of PyPGx's ``metadata.txt`` beside a file, else the one in its name or that of its folder."""
    file = Path(path)
    beside = file.with_name("metadata.txt")
    if file.name == "data.tsv" and beside.is_file():
        try:
            facts = dict(line.partition("=")[::2] for line in beside.read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError):
            facts = {}
        if facts.get("Gene"):
            return facts["Gene"].strip()
    for text in (file.name, file.parent.name):
        words = {word.upper() for word in re.split(r"[._\s]|-(?=[a-z])", text)}
        found = [gene for gene in knowledge.gene_names if gene in words]
        if len(found) == 1:
            return found[0]
    return ""


def gene_of_variants(document: Document, knowledge: Knowledge) -> str:
    """Return the gene that holds all positions of a column ``VariantData``; empty where none or several do."""
    if "VariantData" not in document.header:
        return ""
    at = document.header.index("VariantData")
    cells = [cells[at] for _, cells in document.lines[1:] if len(cells) > at]
    positions = {(f"chr{chrom}", int(pos)) for cell in cells for chrom, pos in _VARIANT.findall(cell)}
    if not positions:
        return ""
    found = {
        row["gene"]
        for row in knowledge.rows("genes")
        for start, end in (span_of(row, build) for build in Build)
        if start is not None
        and end is not None
        and all(chrom == row["chrom"] and start <= pos <= end for chrom, pos in positions)
    }
    return found.pop() if len(found) == 1 else ""
