"""What the alleles of a VCF record say about a locus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lupus_pgx.loci import Site
from lupus_pgx.variants import normalise


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record's allele numbers mean at one locus.

    ``codes[i]`` is the allele code of VCF allele ``i``, or the letters of an unexpected allele;
    ``mismatch`` says that REF is not the base of the build.
    """

    codes: tuple[int | str, ...]
    mismatch: bool = False


def read_alleles(site: Site, ref: str, alts: Sequence[str], pos: int, end: int) -> Reading | None:
    """Return what the alleles of a record say about a locus, or None if they say nothing.

    A record speaks about a locus if one of its ALTs changes the locus, or if it states no
    ALT at all and starts at the locus or covers it (an explicit reference record).
    """
    ref = ref.upper()
    named = [alt.upper() for alt in alts if alt != "."]
    concrete = [alt for alt in named if alt not in ("<NON_REF>", "<*>")]
    if not site.context.agrees_with(pos, ref):
        inside = pos <= site.pos <= pos + len(ref) - 1
        return Reading((), mismatch=True) if inside else None
    if not concrete:
        covers = pos <= site.pos <= max(end, pos + len(ref) - 1)
        return Reading((site.reference_code, *["<NON_REF>"] * len(named))) if covers else None
    codes: list[int | str] = [site.reference_code]
    speaks = False
    for alt in named:
        code = allele_code(site, pos, ref, alt, end)
        speaks = speaks or code is not None
        codes.append(site.reference_code if code is None else code)
    return Reading(tuple(codes)) if speaks else None


def allele_code(site: Site, pos: int, ref: str, alt: str, end: int) -> int | str | None:
    """Return the code or the letters of one ALT at a locus; None if it leaves the locus alone."""
    first, last = site.pos, site.pos + len(site.ref) - 1
    if alt == "*":
        return "*" if pos <= last and pos >= first else None
    if alt.startswith("<") or "[" in alt or "]" in alt:
        return alt if pos < first <= end or (alt in ("<NON_REF>", "<*>") and pos == first) else None
    change = normalise(pos, ref, alt, site.context)
    if change in site.codes:
        return site.codes[change]
    if site.is_indel:
        near = change.pos <= site.context.end + 1 and change.end >= site.pos and change.pos > site.pos
        deletes = change.is_indel and change.touches(first + 1, last)
        return alt if (change.is_indel and near) or deletes else None
    if not change.touches(first, last):
        return None
    if len(change.deleted) == len(change.inserted):
        letter = change.inserted[first - change.pos]
        return site.letters.index(letter) if letter in site.letters else letter
    return "*"
