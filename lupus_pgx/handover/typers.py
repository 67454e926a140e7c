"""Results of HLA typers. Genes are those of their file; which of them we know is found out later."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lupus_pgx.handover.document import SURE, Document, number_of
from lupus_pgx.handover.hla import PREFIX
from lupus_pgx.handover.model import Faults, Statement

_NOTHING = frozenset(
    {"", "-", ".", "?", "na", "n/a", "none", "no", "not typed", "not_typed", "no_call", "no_match", "nan"}
    | {"couldn't read"}
)
_PAIRED = re.compile(r"(?:HLA[-_])?([A-Z]+\d?)(?:[-_*])?([12])$")
_SPEC = re.compile(r"HLA_([A-Z]+\d?)_([12])")
_T1K = re.compile(r"HLA-[A-Z]+\d?$")
_LOCUS = re.compile(r"(?:HLA-)?(?:[ABCEFGHJKL]|D[A-Z]{1,2}[A-Z]?\d?|MIC[AB]|TAP[12])$")
_NAMED_LOCUS = re.compile(r"HLA[-_ ]?([ABC]|D[RQP][AB]\d?)(?![A-Za-z])|(?:^|[._-])([ABC]|D[RQP][AB]\d?)(?=[._-]|$)")
_LISTED = re.compile(r"[;,|]")


def _is_nothing(text: str) -> bool:
    return text.strip().lower() in _NOTHING


def _gene(locus: str) -> str:
    locus = locus.strip().replace("HLA_", PREFIX)
    return locus if locus.startswith(PREFIX) else PREFIX + locus


def _typing(
    place: str, locus: str, sample: str | None, alleles: Sequence[str], caller: str, remark: str = ""
) -> Statement:
    """Return what two cells say: one that is empty leaves the other copy open."""
    known = [allele.strip() for allele in alleles if not _is_nothing(allele)]
    if not known:
        return Statement(place, _gene(locus), sample, no_call=alleles[0].strip() or "empty", caller=caller)
    return Statement(place, _gene(locus), sample, (tuple(known),), caller=caller, remark=remark)


def _stem_sample(document: Document, pattern: str) -> str | None:
    """Return the sample in the name of a file whose program puts it there."""
    match = re.fullmatch(pattern, document.name)
    return match[1] if match and not document.hint else None


def columns(document: Document, sample_column: str | None, caller: str, faults: Faults) -> Iterator[Statement]:
    """Read a table with two columns for each gene (``A1 A2 B1 B2``)."""
    header = document.header
    if sample_column is None and len(document.lines) > 2:
        place = document.place(document.lines[2][0])
        faults.add(
            place, f"expected one line of values, since no column names the sample; found {len(document.lines) - 1}"
        )
        return
    for number, row in document.records(header, document.lines[1:]):
        sample = row.get(sample_column) or None if sample_column is not None else None
        if sample_column is not None and not sample:
            faults.add(document.place(number), "the sample is missing")
            continue
        yield from _paired(document.place(number), sample, row, caller)


def _paired(place: str, sample: str | None, row: Mapping[str, str], caller: str) -> Iterator[Statement]:
    found: dict[str, dict[str, str]] = {}
    for name, cell in row.items():
        match = _SPEC.fullmatch(name) or _PAIRED.fullmatch(name)
        if match:
            found.setdefault(match[1], {})[match[2]] = cell
    for locus, cells in found.items():
        yield _typing(place, locus, sample, [cells.get("1", ""), cells.get("2", "")], caller)


def optitype(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the table of OptiType: the first row is its result, further ones are worse solutions of the same sample."""
    lines = document.lines[1:]
    if not lines:
        faults.add(document.path, "a table of OptiType without a row")
        return
    number, row = next(iter(document.records(document.header, lines[:1])))
    yield from _paired(document.place(number), None, row, "OptiType")


def spechla(document: Document) -> Iterator[Statement]:
    """Read the table of SpecHLA; a line of former versions holds how well each allele matched."""
    at = next(place for place, (_, cells) in enumerate(document.lines) if cells[0] == "Sample")
    header = document.lines[at][1]
    for number, row in document.records(header, document.lines[at + 1 :]):
        scores = [cell for cell in list(row.values())[1:] if cell]
        if row["Sample"] == "Score" and all(number_of(cell) >= 0 for cell in scores):
            continue
        yield from _paired(document.place(number), row["Sample"] or None, row, "SpecHLA")


def arcashla(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the genotype of arcasHLA: one entry is a homozygote in its words."""
    sample = _stem_sample(document, r"(.+?)(?:\.partial)?[._]genotype\.json")
    for locus, alleles in document.json.items():
        place = f"{document.path}: {locus}"
        if not isinstance(alleles, list) or not all(isinstance(item, str) for item in alleles):
            faults.add(place, "expected a list of alleles")
            continue
        both = alleles * 2 if len(alleles) == 1 else alleles
        if len(both) > 2:
            faults.add(place, f"expected two alleles, found {len(both)}")
            continue
        yield _typing(place, locus, sample, both or [""], "arcasHLA")


def xhla(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the report of xHLA: a flat list of alleles of all genes."""
    named = [str(document.json[key]) for key in ("subject_id", "sample_id") if document.json.get(key)]
    if len(set(named)) > 1 and not document.hint:
        faults.add(
            document.path,
            f"subject_id is {named[0]!r} and sample_id {named[1]!r}: give it as SAMPLE={document.path}",
        )
        return
    sample = named[0] if len(set(named)) == 1 else None
    alleles = document.json.get("hla", {}).get("alleles")
    if not isinstance(alleles, list) or not all(isinstance(item, str) for item in alleles):
        faults.add(document.path, "expected hla.alleles, a list of alleles")
        return
    by_locus: dict[str, list[str]] = {}
    for allele in alleles:
        by_locus.setdefault(allele.removeprefix(PREFIX).partition("*")[0], []).append(allele)
    for locus, found in by_locus.items():
        place = f"{document.path}: {locus}"
        if len(found) > 2:
            faults.add(place, f"expected two alleles of {locus}, found {len(found)}")
            continue
        yield _typing(place, locus, sample, found, "xHLA")


def hlahd(document: Document) -> Iterator[Statement]:
    """Read the final result of HLA-HD: two alleles, ``-`` where the second is the same; further pairs are a tie."""
    sample = _stem_sample(document, r"(.+?)_final\.result\.txt")
    for number, cells in document.lines:
        place, locus, alleles = document.place(number), cells[0], cells[1:]
        if not alleles or _is_nothing(alleles[0]):
            yield Statement(place, _gene(locus), sample, no_call=(alleles or ["empty"])[0] or "empty", caller="HLA-HD")
            continue
        pairs = []
        for first, second in itertools.zip_longest(alleles[::2], alleles[1::2], fillvalue=""):
            if not _is_nothing(first):
                pairs.append((first, first if second == "-" else second))
        if any(_is_nothing(second) for _, second in pairs):
            yield _typing(place, locus, sample, pairs[0], "HLA-HD")
        else:
            yield Statement(place, _gene(locus), sample, tuple(pairs), caller="HLA-HD")


def hlala(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the best guess of HLA*LA: two lines a gene, ``;`` between alleles that it cannot tell apart."""
    found: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
    for number, row in document.records(document.header, document.lines[1:]):
        if not row["Locus"]:
            faults.add(document.place(number), "the locus is missing")
            continue
        found.setdefault(row["Locus"], []).append((number, row))
    for locus, rows in found.items():
        place = document.place(rows[0][0])
        if len(rows) > 2:
            faults.add(place, f"expected two lines of {locus}, found {len(rows)}")
            continue
        # A quality that is missing is no better than a low one.
        doubts = [row.get("Q1") or "nothing" for _, row in rows if not number_of(row.get("Q1", "")) >= SURE]
        alleles = [row["Allele"] for _, row in rows]
        if doubts:
            yield Statement(
                place, _gene(locus), no_call=f"{'/'.join(alleles)} at quality {min(doubts)}", caller="HLA*LA"
            )
        else:
            yield _typing(place, locus, None, alleles, "HLA*LA")


def t1k(document: Document, faults: Faults) -> Iterator[Statement]:
    """Read the genotype of T1K: an allele with a quality of 0 or less is none."""
    for number, cells in document.lines:
        place = document.place(number)
        if len(cells) < 8 or not cells[1].isdigit():
            faults.add(place, "expected gene, number of alleles, and allele, abundance, quality of each")
            continue
        alleles = [(cells[2], cells[4]), (cells[5], cells[7])][: int(cells[1])]
        good = [name for name, quality in alleles if not _is_nothing(name) and number_of(quality) >= 1]
        if len(alleles) == 1 and good:
            # One allele found: the same on both copies, or the other one was lost. T1K does not tell them apart.
            yield _typing(place, cells[0], None, good, "T1K", "one allele was found, which may be on both copies")
        elif len(good) < len(alleles) or not good:
            what = " ".join(name for name, _ in alleles) or "no allele"
            if good:
                yield _typing(place, cells[0], None, good, "T1K", "the other allele has no quality above 0")
            else:
                yield Statement(place, _gene(cells[0]), no_call=f"{what} without a quality above 0", caller="T1K")
        else:
            yield _typing(place, cells[0], None, good, "T1K")


def hibag(document: Document, locus: str, faults: Faults) -> Iterator[Statement]:
    """Read predictions of HIBAG: imputed from SNVs, so that one below its usual certainty says nothing."""
    column = next(name for name in ("sample.id", "sample_id") if name in document.header)
    for number, row in document.records(document.header, document.lines[1:]):
        place, sample = document.place(number), row[column]
        if not sample:
            faults.add(place, "the sample is missing")
            continue
        alleles, share = [row["allele1"], row["allele2"]], row.get("prob", "")
        if any(_is_nothing(allele) for allele in alleles):
            yield Statement(place, _gene(locus), sample, no_call="NA", caller="HIBAG")
        elif not SURE <= number_of(share) <= 1:
            what = f"{'/'.join(alleles)} at a probability of {share or 'nothing'}"
            yield Statement(place, _gene(locus), sample, no_call=f"{what}, imputed", caller="HIBAG")
        else:
            yield _typing(place, locus, sample, alleles, "HIBAG", f"imputed from SNVs, no typing; probability {share}")


def locus_of(document: Document) -> str:
    """Return the locus in the name of a file, if there is just one."""
    found = {match[1] or match[2] for match in _NAMED_LOCUS.finditer(document.name)}
    return found.pop() if len(found) == 1 else ""


def is_t1k(lines: Iterable[Sequence[str]]) -> bool:
    """Whether lines are those of T1K."""
    return all(len(cells) >= 3 and _T1K.fullmatch(cells[0]) and cells[1] in ("0", "1", "2") for cells in lines)


def is_hlahd(lines: Sequence[Sequence[str]]) -> bool:
    """Whether lines are those of HLA-HD: a locus, then names with the prefix."""
    first = [cells for cells in lines if cells]
    return (
        bool(first)
        and all(
            _LOCUS.fullmatch(cells[0]) and all(_is_nothing(cell) or cell.startswith(PREFIX) for cell in cells[1:])
            for cells in first
        )
        and any(not cells[0].startswith(PREFIX) for cells in first)
    )
