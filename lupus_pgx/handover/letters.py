"""Marker genotypes: names of the marker's alleles, or letters of either strand where they have one meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.handover.model import NameFaultError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import Marker
from lupus_pgx.terms import Build

_OTHER_STRAND = {"A": "T", "T": "A", "C": "G", "G": "C"}
_PLUS = re.compile(r"(?:plus|\+)\s*(?:strand)?\s*:?\s*", re.IGNORECASE)
_POSITION = re.compile(r"(?:rs\d+\s+|(?:[A-Z])?\d{2,4}[A-Z]?\s*(?=[A-Z]))")


def find_marker(knowledge: Knowledge, name: str, genotype: str) -> Marker:
    """Find the marker meant by ``gene marker``, an rsID or a gene symbol.

    A gene with several markers will do where only one of them has the alleles of the genotype.

    Raises
    ------
    UsageError
        If no marker or several could be meant.
    """
    markers = knowledge.markers_by_key
    if name in markers:
        return markers[name]
    found = [marker for marker in markers.values() if name in (marker.gene, *marker.rsid.split(";"))]
    fitting = [marker for marker in found if _may_be(marker, genotype)]
    if len(found) == 1 or len(fitting) == 1:
        return (fitting or found)[0]
    if found:
        listed = ", ".join(marker.key for marker in fitting or found)
        raise UsageError(f"{name!r} has several markers: say which ({listed})")
    raise unknown_name("gene or marker", name, [*knowledge.star_genes, *markers])


def _may_be(marker: Marker, genotype: str) -> bool:
    """Whether a genotype may be of a marker, in letters of the plus strand or of the gene's own."""
    parts = _parts(marker, genotype)
    readings = _readings(marker, parts, plus_only=not marker.minus_strand)
    return set(parts) <= set(marker.haplotypes.names) or any(reading is not None for reading in readings)


def read_genotype(marker: Marker, text: str, *, by_rsid: bool = False) -> str:
    """Return a marker genotype as results write it.

    Parameters
    ----------
    marker : Marker
    text : str
        Two alleles joined by ``/`` or ``|`` (one for one copy of a marker on X): names of the marker's alleles, or
        bases of the plus or of the gene's strand. ``plus`` before them says that they are of the plus strand.
    by_rsid : bool
        The marker was named by its rsID: letters are bases before they are amino acids.

    Raises
    ------
    NameFaultError
        If they are not alleles of the marker, or could be those of either strand.
    """
    plus = _PLUS.match(text)
    bare = text[plus.end() :] if plus else text
    parts = _parts(marker, bare)
    if len(parts) != 2 and not (marker.x_linked and len(parts) == 1):
        names = marker.haplotypes.names
        one = f" (or one: {names[0]})" if marker.x_linked else ""
        raise NameFaultError(
            f"{marker.key}: expected two alleles joined by '/', such as {names[0]}/{names[1]}{one}; found {text!r}"
        )
    found = {reading for reading in _readings(marker, parts, plus_only=bool(plus), by_rsid=by_rsid) if reading}
    if len(found) == 1:
        return "/".join(sorted(found.pop(), key=marker.haplotypes.names.index))
    if found:
        one_or_other = " or ".join(sorted("/".join(reading) for reading in found))
        raise NameFaultError(
            f"{marker.key} {text!r}: its letters may be of either strand ({one_or_other}); write 'plus {bare.strip()}' "
            "for letters of the plus strand"
        )
    known = ", ".join(marker.haplotypes.names)
    strange = next((part for part in parts if part not in marker.haplotypes.names), parts[0])
    raise NameFaultError(f"unknown {marker.key} allele {strange!r}: known: {known}{_also(marker)}")


def _also(marker: Marker) -> str:
    bases = _bases(marker)
    if not bases or set(bases) == set(marker.haplotypes.names):
        return ""
    return f", or the bases {'/'.join(bases)}"


def _parts(marker: Marker, text: str) -> list[str]:
    """Split a genotype: ``V/F``, ``V|F``, and letters written together such as ``VF``."""
    text = text.strip()
    parts = [part.strip() for part in text.replace("|", "/").split("/")]
    names = set(marker.haplotypes.names)
    if set(parts) <= names:
        return parts
    rest = _POSITION.sub("", text, count=1) if _POSITION.match(text) else text
    parts = [part.strip() for part in rest.replace("|", "/").split("/")]
    if len(parts) == 1 and len(rest) == 2 and rest.isalpha():
        return list(rest)
    return parts


def _bases(marker: Marker) -> dict[str, str]:
    """Return the alleles of a marker of one base, by base of the plus strand."""
    if len(marker.haplotypes.loci) != 1:
        return {}
    letters = marker.haplotypes.loci[0].sites[Build.GRCH38].letters
    found = {}
    for name, (allowed,) in zip(marker.haplotypes.names, marker.haplotypes.allowed, strict=True):
        codes = [code for code in range(len(letters)) if allowed >> code & 1]
        if len(codes) == 1 and letters[codes[0]] in _OTHER_STRAND:
            found[letters[codes[0]]] = name
    return found if len(found) == len(marker.haplotypes.names) else {}


def _readings(
    marker: Marker, parts: Sequence[str], *, plus_only: bool, by_rsid: bool = False
) -> list[tuple[str, ...] | None]:
    """Return what a genotype may mean: by the names of the alleles, or as letters of either strand."""
    names, bases = marker.haplotypes.names, _bases(marker)
    order = names.index
    named = tuple(sorted(parts, key=order)) if set(parts) <= set(names) else None
    named_by_bases = bool(bases) and all(base == name for base, name in bases.items())
    if named is not None and not named_by_bases and not by_rsid:
        return [named]
    turned = [_OTHER_STRAND.get(part, "") for part in parts]
    plus = _by_bases(bases, parts, order)
    # Of a gene on the plus strand the letters of report and genome are the same: they are turned only if they must be.
    minus = None if plus_only or (plus and not marker.minus_strand) else _by_bases(bases, turned, order)
    return [plus, minus] if plus or minus else [named]


def _by_bases(bases: dict[str, str], parts: Sequence[str], order: Callable[[str], int]) -> tuple[str, ...] | None:
    return tuple(sorted((bases[part] for part in parts), key=order)) if set(parts) <= set(bases) else None
