"""Loci on both builds, and named haplotypes over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from lupus_pgx.errors import KnowledgeError
from lupus_pgx.knowledge.variants import Change, Flank, normalise
from lupus_pgx.terms import Build
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import LociCells, LocusAllelesCells


@dataclass(frozen=True, slots=True)
class Site:
    """A locus as one build spells it.

    Attributes
    ----------
    chrom : str
        ``chr``-prefixed name.
    pos : int
        1-based VCF position.
    letters : tuple of str
        Sequence of each allele code over the locus; code 0 is what GRCh38 carries.
    reference_code : int
        Code of the allele that this build's genome carries.
    context : Flank
        Known genome sequence from ``pos`` on.
    codes : dict of Change to int
        Code of each known change to this build's genome.
    """

    chrom: str
    pos: int
    letters: tuple[str, ...]
    reference_code: int
    context: Flank
    codes: Mapping[Change, int]

    @property
    def ref(self) -> str:
        """REF of the locus on this build."""
        return self.letters[self.reference_code]

    @property
    def alts(self) -> tuple[str, ...]:
        """ALTs of the locus on this build, in code order."""
        return tuple(letter for code, letter in enumerate(self.letters) if code != self.reference_code)

    @property
    def end(self) -> int:
        """Last base at which a record can speak about the locus."""
        return max(self.pos + len(self.ref) - 1, self.context.end)

    @property
    def is_indel(self) -> bool:
        """Whether an allele of the locus changes its length."""
        return any(len(letter) != 1 for letter in self.letters)


@dataclass(frozen=True, slots=True)
class Locus:
    """A position at which named haplotypes differ.

    ``rows`` are its rows of the table ``locus_alleles``, in allele-code order from 1; at a ``paralogous`` locus aligned
    reads decide nothing.
    """

    gene: str
    name: str
    rsid: str
    essential: bool
    never_assume: bool
    paralogous: bool
    x_linked: bool
    effect: str
    caveat: str
    rows: tuple[LocusAllelesCells, ...]
    sites: Mapping[Build, Site]

    def code_of(self, ref: str, alt: str) -> int:
        """Return the code of a change spelled as in the GRCh38 columns."""
        for code, row in enumerate(self.rows, start=1):
            if (row["grch38_ref"], row["grch38_alt"]) == (ref, alt):
                return code
        raise KnowledgeError(f"{self.gene} {self.name}: no row of the table locus_alleles has {ref}>{alt}")


class Definition(NamedTuple):
    """Where a haplotype differs from GRCh38: it has the change, or may have it."""

    allele: str
    locus: str
    ref: str
    alt: str
    required: bool


@dataclass(frozen=True)
class Haplotypes:
    """Named haplotypes over loci.

    Attributes
    ----------
    names : tuple of str
        Haplotype names, in the order in which a pair is written.
    loci : tuple of Locus
        Loci in genome order.
    allowed : tuple of tuple of int
        Haplotype by locus: bit ``k`` is set where the haplotype may carry allele code ``k``.
    """

    names: tuple[str, ...]
    loci: tuple[Locus, ...]
    allowed: tuple[tuple[int, ...], ...]

    def __str__(self) -> str:
        return f"{counted(len(self.names), 'allele')} at {counted(len(self.loci), 'locus', 'loci')}"

    @cached_property
    def everyone(self) -> int:
        """All haplotypes as a set of bits."""
        return (1 << len(self.names)) - 1

    @cached_property
    def carrying(self) -> npt.NDArray[np.bool_]:
        """Which haplotypes may carry which allele code, shape (loci, codes + 2, haplotypes).

        The last but one code is one that none carries, the last one that all may: where nothing is known.
        """
        allowed = np.array(self.allowed, np.uint64).reshape(len(self.names), len(self.loci)).T
        codes = int(allowed.max(initial=0)).bit_length()
        found = np.zeros((len(self.loci), codes + 2, len(self.names)), bool)
        for code in range(codes):
            found[:, code] = (allowed >> np.uint64(code)) & np.uint64(1)
        found[:, codes + 1] = True
        return found

    @cached_property
    def carriers(self) -> tuple[Mapping[int, int], ...]:
        """For each locus and allele code, the haplotypes that may carry it, as a set of bits."""
        allowed = np.array(self.allowed, np.uint64).reshape(len(self.names), len(self.loci))
        found: tuple[dict[int, int], ...] = tuple({} for _ in self.loci)
        for code in range(int(allowed.max(initial=0)).bit_length()):
            carrying = (allowed >> np.uint64(code)) & np.uint64(1)
            packed = np.packbits(carrying.astype(np.uint8), axis=0, bitorder="little").T
            for sets, line in zip(found, packed, strict=True):
                bits = int.from_bytes(line.tobytes(), "little")
                if bits:
                    sets[code] = bits
        return found


def build_locus(locus: LociCells, rows: list[LocusAllelesCells], *, never_assume: bool, x_linked: bool) -> Locus:
    """Join a row of the table ``loci`` and those of its alleles."""
    changes = [part for row in rows for part in (row["coding_name"], row["protein_change"]) if part]
    return Locus(
        gene=locus["gene"],
        name=locus["locus"],
        rsid=locus["rsid"] or "",
        essential=locus["essential"] == "yes",
        never_assume=never_assume,
        paralogous=locus["paralogous"] == "yes",
        x_linked=x_linked,
        effect=", ".join(dict.fromkeys(changes)),
        caveat="; ".join(dict.fromkeys(row["caveat"] for row in rows if row["caveat"])),
        rows=tuple(rows),
        sites={build: _site(locus, rows, build) for build in Build},
    )


def _site(locus: LociCells, rows: list[LocusAllelesCells], build: Build) -> Site:
    """Join the alleles of a locus into one multi-allelic site on a build."""
    first = build is Build.GRCH38
    pos = locus["grch38_pos"] if first else locus["grch37_pos"]
    longest = max((row["grch38_ref"] for row in rows), key=len)
    letters = [longest]
    letters += [row["grch38_alt"] + longest[len(row["grch38_ref"]) :] for row in rows]
    swapped = [
        code
        for code, row in enumerate(rows, start=1)
        if (row["grch38_ref"] if first else row["grch37_ref"]) == row["grch38_alt"] != row["grch38_ref"]
    ]
    reference_code = swapped[0] if swapped else 0
    genome = letters[reference_code]
    context = Flank(pos, locus["context"] or genome)
    codes = {
        normalise(pos, genome, letter, context): code for code, letter in enumerate(letters) if code != reference_code
    }
    return Site(locus["chrom"], pos, tuple(letters), reference_code, context, codes)


def build_haplotypes(names: tuple[str, ...], loci: tuple[Locus, ...], definitions: Iterable[Definition]) -> Haplotypes:
    """Build haplotypes from what says where each differs from GRCh38."""
    column = {locus.name: number for number, locus in enumerate(loci)}
    line = {name: number for number, name in enumerate(names)}
    allowed = [[1] * len(loci) for _ in names]
    for item in definitions:
        number = column[item.locus]
        bit = 1 << loci[number].code_of(item.ref, item.alt)
        cell = allowed[line[item.allele]]
        cell[number] = bit if item.required else cell[number] | bit
    return Haplotypes(names, loci, tuple(tuple(cell) for cell in allowed))
