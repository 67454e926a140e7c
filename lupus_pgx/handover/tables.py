"""Tables of calls: ours, PharmCAT's, and those of callers of star alleles."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from lupus_pgx.handover.document import SURE, Document, number_of
from lupus_pgx.handover.model import Faults, Statement
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import STRUCTURE_OPEN, CallStatus
from lupus_pgx.words.vocabulary import CALLS, plain

OWN = ("sample_id", "gene", "diplotype", "phenotype", "activity_score", "note", "comment", "source", "method", "date")
"""Columns of the table that people write."""
RESULTS = "call_status"
"""A column that only our own table of results has."""
OURS = "lupus_pgx"
MISSING = "loci without a genotype: "

_NO_CALLS = frozenset(
    {"", ".", "-", "none", "no_call", "no call", "nocall", "indeterminate", "unknown", "unknown/unknown", "n/a", "na",
     "not called", "no_match", "no_match/no_match", "./.", "fail", "failed", "undetermined", "uncallable"}
)  # fmt: skip
_SETTLED = frozenset({"certain", "probable", "outside"})
_REPORT = re.compile(r"PharmCAT\b")
_UNASSIGNED = re.compile(r"\*\d+[A-Z]?(?:x\d+)?(?:_\*\d+[A-Z]?(?:x\d+)?)*")
_DIGITS = 2
"""Of a number of copies; who has a hundred?"""
_GOOD_FILTERS = frozenset({"", "PASS", "More_than_one_possible_genotype", "Not_assigned_to_haplotypes"})
"""Filters of Cyrius with a genotype that may be used; a caller that writes none has none."""


_OF_A_SHEET = re.compile(r"^'(?=[=+@-])")
"""Stands in our tables for a spreadsheet before what could be a formula: ``-1639 GG``, ``-275T>A``."""


def is_no_call(text: str) -> bool:
    """Whether a cell says that there is no call."""
    return text.strip().lower() in _NO_CALLS


def split(text: str) -> tuple[str, ...]:
    """Split a pair at its slashes; which of several belongs to a name is found out by the gene."""
    return tuple(part.strip() for part in text.split("/"))


def own_table(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read our table: ``sample_id, gene, diplotype``, and what may stand beside it."""
    header = [cell.lower() for cell in document.header]
    first = document.header_line[0]
    strange = [cell for cell in header if cell not in OWN]
    twice = sorted({cell for cell in header if cell and header.count(cell) > 1})
    if strange or twice:
        what = f"column {strange[0]!r} is not known" if strange else f"column {twice[0]!r} stands twice"
        faults.add(document.place(first), f"{what}: expected {', '.join(OWN[:5])}")
        return
    for number, cells in document.lines:
        if number == first:
            continue
        if len(cells) > len(header):
            faults.add(document.place(number), f"expected {len(header)} cells, found {len(cells)}")
            continue
        row = dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=False))
        sample = row.get("sample_id", "") if "sample_id" in header else None
        if sample == "":
            faults.add(document.place(number), "the sample_id is missing")
            continue
        yield from _plain(document, faults, number, sample, row)


def _plain(
    document: Document, faults: Faults, number: int, sample: str | None, row: dict[str, str]
) -> Iterator[Statement]:
    gene, pair = row.get("gene", ""), row.get("diplotype", "")
    phenotype, score = row.get("phenotype", ""), row.get("activity_score", "")
    if not gene or not (pair or phenotype or score):
        found = " ".join(cell for cell in row.values() if cell)
        faults.add(
            document.place(number),
            f"expected a gene and a diplotype, a phenotype or an activity score; found {found!r}",
        )
        return
    place = document.place(number)
    if pair and is_no_call(pair) and not (phenotype or score):
        yield Statement(place, gene, sample, no_call=pair)
        return
    pairs = tuple(split(item) for item in ties(pair)) if pair and not is_no_call(pair) else ()
    yield Statement(place, gene, sample, pairs, phenotype, score)


def ties(text: str) -> list[str]:
    """Split possible pairs: ``;`` and the word ``or`` between them."""
    return [item.strip() for item in re.split(r";|\s+or\s+", text) if item.strip()]


def outside_form(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read PharmCAT's form of outside calls: gene, diplotype, phenotype, activity score; no header."""
    names = ("gene", "diplotype", "phenotype", "activity_score")
    for number, cells in document.lines:
        if len(cells) > len(names) and any(cells[len(names) :]):
            faults.add(document.place(number), f"expected at most {len(names)} cells, found {len(cells)}")
            continue
        row = dict(zip(names, [*cells, "", "", "", ""], strict=False))
        yield from _plain(document, faults, number, None, row)


def own_results(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the table ``diplotypes.tsv`` of an analysis."""
    for number, row in document.records(document.header, document.lines[1:]):
        sample, gene, status = row["sample_id"], row["gene"], row[RESULTS]
        place = document.place(number)
        if not sample or not gene:
            faults.add(place, "the sample_id or the gene is missing")
            continue
        missing = row.get("missing_essential") or row.get("missing_loci") or ""
        remark = f"{MISSING}{missing.replace(';', ', ')}" if missing else ""
        if status != CallStatus.OUTSIDE and STRUCTURE_OPEN in row.get("note", "").split("; "):
            remark = "; ".join(part for part in (remark, STRUCTURE_OPEN) if part)
        names = [item.rpartition("=")[0] for item in row.get("candidates", "").split(";") if "=" in item]
        pairs = [row["diplotype"]] if status in _SETTLED and row["diplotype"] else names
        phenotype = likely = _OF_A_SHEET.sub("", row.get("phenotype", ""))
        if status not in _SETTLED and number_of(row.get("phenotype_probability", "")) >= SURE:
            pairs = []
        elif len(names) < number_of(row.get("n_candidates") or "0") and status not in _SETTLED:
            pairs, phenotype = [], ""
        if status == "no_call" or not (pairs or phenotype):
            said = CALLS[CallStatus(status)].label if status in set(CallStatus) else status
            why = f"{said}; {remark}" if remark else said
            yield Statement(place, gene, sample, phenotype=likely, no_call=why, caller=OURS, best=row["diplotype"])
        else:
            found = tuple(split(pair) for pair in pairs)
            yield Statement(place, gene, sample, found, phenotype, caller=OURS, remark=remark)


def own_markers(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the table ``markers.tsv`` of an analysis: its letters are of the plus strand."""
    for number, row in document.records(document.header, document.lines[1:]):
        place, key = document.place(number), f"{row['gene']} {_OF_A_SHEET.sub('', row['marker'])}"
        if not row["sample_id"]:
            faults.add(place, "the sample_id is missing")
        elif row["genotype"]:
            yield Statement(place, key, row["sample_id"], (("plus " + row["genotype"],),), caller=OURS)
        else:
            yield Statement(place, key, row["sample_id"], no_call=plain(row["status"]) or "no call", caller=OURS)


def report_table(document: Document) -> Iterator[Statement]:
    """Read PharmCAT's table of calls (``*.report.tsv``)."""
    start = 1 if _REPORT.match(document.text) else 0
    if len(document.lines) <= start:
        return
    header = document.lines[start][1]
    for number, row in document.records(header, document.lines[start + 1 :]):
        gene, pair = row["Gene"], row["Source Diplotype"]
        place, sample = document.place(number), row.get("Sample ID") or row.get("Sample") or None
        if is_no_call(pair):
            yield Statement(place, gene, sample, no_call=pair or "empty", caller="PharmCAT")
        else:
            phenotype, score = row.get("Phenotype", ""), row.get("Activity Score", "")
            pairs = tuple(split(item) for item in re.split(r"\s+OR\s+|;", pair))
            yield Statement(place, gene, sample, pairs, phenotype, score, caller="PharmCAT")


def pypgx_table(document: Document, gene: str, faults: Faults) -> Iterator[Statement]:
    """Read the table of results of PyPGx, of one gene."""
    for number, cells in document.lines[1:]:
        row = dict(zip(["sample", *document.header[1:]], cells, strict=False))
        pair, place = row.get("Genotype", ""), document.place(number)
        if not row["sample"]:
            faults.add(place, "the sample is missing")
        elif is_no_call(pair):
            yield Statement(place, gene, row["sample"], no_call=pair or "empty", caller="PyPGx")
        else:
            yield Statement(place, gene, row["sample"], (split(pair),), row.get("Phenotype", ""), caller="PyPGx")


def aldy_table(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the table of solutions of Aldy: several solutions are a tie."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    places: dict[tuple[str, str], str] = {}
    header: list[str] = []
    for number, line in document.raw_lines:
        cells = [cell.strip() for cell in line.lstrip("#").split("\t")]
        if cells[0] == "Sample" and "SolutionID" in cells:
            header = cells
            continue
        if line.startswith("#"):
            continue
        row = dict(zip(header, cells, strict=False))
        key = (row.get("Sample", ""), row.get("Gene", ""))
        if not all(key) or not row.get("Major"):
            faults.add(
                document.place(number),
                f"expected a sample, a gene and the alleles of a solution; found {line.strip()!r}",
            )
            continue
        found.setdefault(key, {})[row["Major"]] = None
        places.setdefault(key, document.place(number))
    for (sample, gene), majors in found.items():
        if all(is_no_call(major) for major in majors):
            yield Statement(places[sample, gene], gene, sample, no_call=next(iter(majors)), caller="Aldy")
            continue
        yield Statement(places[sample, gene], gene, sample, tuple(split(major) for major in majors), caller="Aldy")


def stargazer_table(document: Document, gene: str, faults: Faults) -> Iterator[Statement]:
    """Read the genotype calls of Stargazer, of one gene."""
    for number, row in document.records(document.header, document.lines[1:]):
        place, sample = document.place(number), row.get("name") or row.get("Sample") or ""
        first, second = row["hap1_main"], row["hap2_main"]
        if not sample or not first or not second:
            faults.add(place, "expected a sample and two haplotypes; the line is cut short")
        elif row.get("status", "g") != "g" or is_no_call(first) or is_no_call(second):
            yield Statement(place, gene, sample, no_call=row.get("status") or "no haplotype", caller="Stargazer")
        else:
            yield Statement(place, gene, sample, ((first, second),), row.get("phenotype", ""), caller="Stargazer")


def cyrius_table(document: Document, gene: str, faults: Faults) -> Iterator[Statement]:
    """Read the table of Cyrius: sample, genotype, filter."""
    for number, row in document.records(document.header, document.lines[1:]):
        if not row["Sample"] or not row["Genotype"] or not row["Filter"]:
            faults.add(document.place(number), "expected a sample, a genotype and a filter; the line is cut short")
            continue
        yield cyrius_call(document.place(number), gene, row["Sample"], row["Genotype"], row["Filter"], "Cyrius")


def cyrius_call(place: str, gene: str, sample: str | None, genotype: str, passed: str, caller: str) -> Statement:
    """Return what a genotype in the words of Cyrius says; DRAGEN writes them alike."""
    if is_no_call(genotype):
        return Statement(place, gene, sample, no_call=genotype or "empty", caller=caller)
    remark = f"its filter is {passed}" if passed and passed != "PASS" else ""
    pairs: list[tuple[str, ...]] = []
    for item in ties(genotype):
        pairs += unassigned(item) if "/" not in item and _UNASSIGNED.fullmatch(item) else [split(item)]
    if passed not in _GOOD_FILTERS:
        return Statement(place, gene, sample, no_call=f"{genotype}, {remark}", caller=caller)
    return Statement(place, gene, sample, tuple(pairs), caller=caller, remark=remark)


def is_unassigned(text: str) -> bool:
    """Whether a text lists several alleles that are not assigned to a haplotype."""
    return "_" in text and _UNASSIGNED.fullmatch(text) is not None


def unassigned(text: str) -> list[tuple[str, ...]]:
    """Return the pairs that alleles which are not assigned to a haplotype may be (``*1_*2_*68``, ``*1x4``)."""
    copies: list[str] = []
    for unit in text.split("_"):
        core, _, number = unit.partition("x")
        if len(number) > _DIGITS:
            return [(text,)]
        copies += [core] * int(number or 1)
    if not 2 <= len(copies) <= 8:
        return [tuple(copies)]
    found: dict[tuple[str, str], None] = {}
    for size in range(1, len(copies) // 2 + 1):
        for chosen in itertools.combinations(range(len(copies)), size):
            one = sorted(copies[place] for place in chosen)
            other = sorted(copies[place] for place in range(len(copies)) if place not in chosen)
            first, second = sorted(("+".join(one), "+".join(other)))
            found[first, second] = None
    return list(found)


def two_columns(document: Document, gene: str, faults: Faults) -> Iterator[Statement]:
    """Read a list ``sample<TAB>call`` of one gene, as the summary of StellarPGx is."""
    for number, cells in document.lines:
        if len(cells) != 2 or not cells[0]:
            faults.add(document.place(number), f"expected sample<TAB>call; found {' '.join(cells)!r}")
        else:
            yield stellar_call(document.place(number), gene, cells[0], cells[1])


def stellar_call(place: str, gene: str, sample: str | None, text: str) -> Statement:
    """Return what a result in the words of StellarPGx says."""
    pairs = ties(text.strip().removeprefix("[").removesuffix("]"))
    if is_no_call(text) or not all(re.fullmatch(r"\[?\*[^/ ]+/\*[^/ ]+\]?", pair) for pair in pairs):
        return Statement(place, gene, sample, no_call=text.strip() or "no result", caller="StellarPGx")
    return Statement(place, gene, sample, tuple(split(pair.strip("[]")) for pair in pairs), caller="StellarPGx")


def callers_gene(knowledge: Knowledge, caller: str) -> str:
    """Return the gene of a caller of one gene that does not write its name."""
    return next((row["gene"] for row in knowledge.rows("callers") if row["caller"] == caller and row["gene"]), "")


def has(header: Sequence[str], *names: str) -> bool:
    """Whether a header has all of some columns."""
    return set(names) <= set(header)
