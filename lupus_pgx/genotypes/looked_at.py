"""Where a caller looked: what the positions of a file's records show, and what a BED of called regions says.

The user may state that absent loci carry the genome base (``--absent reference``), because the caller looked at all
sites and lists only variants. The statement is tested, not believed: positions alone decide, genotypes are not parsed.
A whole genome has records near every gene and in most stretches of it, the more so the more people it holds; a file of
one gene, an exome, a panel or a failed run has not (design: section 2, "Absent loci"; figures in
``docs/decisions/0001-missing-policy.md``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lupus_pgx.bounded import read_text
from lupus_pgx.errors import InputError, InputMissingError
from lupus_pgx.genotypes.builds import gene_span, spellings
from lupus_pgx.genotypes.file_facts import LookedAt
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Locus, Site
from lupus_pgx.terms import Build
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.regions import Region, disjoint

Numbers = npt.NDArray[np.int64]
Span = tuple[str, int, int]
"""Chromosome, first and last base of a gene."""

FLANK = 50_000
"""Bases around a gene in which a record shows that the caller was there."""
WINDOW = 2_000
"""Bases of the stretches into which genes are cut."""
LEAST_SHARE = 0.3
"""Share of those stretches that must hold a record in a file of one person: genomes have 0.56 to 0.96, exomes 0.07."""
TENFOLD = 0.5
"""What ten times the people add to it: somebody differs nearly everywhere. Genomes of ten people have 0.91 and more."""
LEAST_OF_SEVERAL = 0.8
"""The most that is asked for."""
WHOLE = 250
"""Stretches from which a file is one of many genes, and people add to the share; of a few genes it varies too much."""
LONG = 25
"""Stretches of a gene that no genome leaves empty, whatever lies beside it: three or more held a record."""
MANY = 50
"""People from which a shorter gene is full enough to be tested as well."""
SHORT = 8
"""Stretches of such a gene."""
LEAST_OF_GENE = 0.3
"""Share of the stretches of a gene in a file of that many people; genomes have 0.54 and more."""
SPARSE_SHARE = 0.5
"""Share below which a file of many genes is believed, but with a notice."""
SPARSE_RECORDS = 1.2
"""Records to a stretch below which it is likewise; genomes of single people have 1.7 and more."""
SINGLE_BASES = 500
"""Records near genes from which a file without an insertion or deletion was made to hold single bases only."""
OTHER_BUILD = 5
"""How many times the loci a BED must hold on the other build to be one of it: coordinates of genes rarely overlap."""

_PLACE = re.compile(r"[0-9]{1,10}")
"""A place on a chromosome; none has more digits, and `int` reads other signs as digits too."""


@dataclass(frozen=True, slots=True)
class CalledRegions:
    """Regions that the caller looked at, as a BED says.

    Attributes
    ----------
    path : str
    spans : dict of str to (starts, ends)
        1-based, closed, by chromosome as loci name it.
    """

    path: str
    spans: Mapping[str, tuple[Numbers, Numbers]]

    def cover(self, chrom: str, first: int, last: int) -> bool:
        """Whether all of some bases lie in one region."""
        if chrom not in self.spans:
            return False
        starts, ends = self.spans[chrom]
        place = int(np.searchsorted(ends, last))
        return place < len(ends) and int(starts[place]) <= first


def read_called_regions(path: str, knowledge: Knowledge) -> CalledRegions:
    """Read a BED (0-based, half-open; plain or gzipped; contig names of any usual spelling).

    Raises
    ------
    InputMissingError
        If the file cannot be opened.
    InputError
        If a line is not one of a BED, or no contig is understood.
    """
    names = spellings(knowledge)
    regions = [
        Region(names[chrom], start + 1, end) for chrom, start, end in _bed_lines(path) if chrom in names and end > start
    ]
    if not regions:
        raise InputError(
            f"{path}: no region on a chromosome that is understood; expected BED lines such as chr6 0 1000"
        )
    return CalledRegions(path, disjoint(regions))


def _bed_lines(path: str) -> Iterator[tuple[str, int, int]]:
    if Path(path).is_dir():
        raise InputMissingError(f"{path}: is a folder; expected a BED file")
    try:
        text = read_text(path, "BED file")
    except InputMissingError as error:
        if isinstance(error.__cause__, UnicodeDecodeError):
            raise InputError(str(error)) from error
        raise
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.split()
        if not cells or cells[0] in ("track", "browser") or line.startswith("#"):
            continue
        if len(cells) < 3 or not all(_PLACE.fullmatch(cell) for cell in cells[1:3]):
            raise InputError(f"{path}:{number}: expected chrom, start and end of a BED; found {line[:60]!r}")
        yield cells[0], int(cells[1]), int(cells[2])


def watched_regions(knowledge: Knowledge) -> list[Region]:
    """Return where records show that a gene was looked at: all genes with loci, on both builds."""
    spans = [_span(knowledge, gene, loci, build) for gene, loci in _genes(knowledge).items() for build in Build]
    return [_around(span) for span in spans]


def _genes(knowledge: Knowledge) -> Mapping[str, Sequence[Locus]]:
    return {gene: loci for gene, loci in knowledge.loci_by_gene.items() if loci}


def _span(knowledge: Knowledge, gene: str, loci: Sequence[Locus], build: Build) -> Span:
    """Return chromosome, first and last base of a gene; of its loci where the gene's own are not known."""
    span = gene_span(knowledge, gene, build)
    if span is not None:
        return span
    sites = [locus.sites[build] for locus in loci]
    return sites[0].chrom, min(site.pos for site in sites), max(site.end for site in sites)


def tested_by_regions(called: CalledRegions, loci: Sequence[Locus], build: Build) -> LookedAt:
    """Say which loci a BED covers; where one is given it alone decides, locus by locus.

    Raises
    ------
    InputError
        If it is one of the other build.
    """
    covered = _covered(called, loci, build)
    for other in Build:
        there = len(_covered(called, loci, other)) if other is not build else 0
        if there >= OTHER_BUILD * (len(covered) + 1):
            raise InputError(
                f"{called.path}: its regions hold {there} loci on {other} and {len(covered)} on {build}, the build of "
                f"the genotypes: a BED of {other}? give the one of {build}"
            )
    outside = f"outside the called regions of {Path(called.path).name}"
    reasons = {locus.gene: outside for number, locus in enumerate(loci) if number not in covered}
    return LookedAt(covered, reasons, by_regions=True)


def _covered(called: CalledRegions, loci: Sequence[Locus], build: Build) -> frozenset[int]:
    """Return the numbers of the loci that lie in called regions, were these on a build."""
    sites = [locus.sites[build] for locus in loci]
    return frozenset(
        number for number, site in enumerate(sites) if called.cover(site.chrom, site.pos, site.pos + len(site.ref) - 1)
    )


def tested_by_records(file: VcfFile, knowledge: Knowledge, loci: Sequence[Locus], build: Build) -> LookedAt:
    """Say at which genes the positions of a file's records show that its caller looked.

    Parameters
    ----------
    file : VcfFile
        Watched with :func:`watched_regions`; all its records were read.
    knowledge : Knowledge
    loci : sequence of Locus
        Of the genotypes, in their order.
    build : Build
    """
    spans = {gene: _span(knowledge, gene, own, build) for gene, own in _genes(knowledge).items()}
    people = len(file.sample_ids)
    known = _Places()
    known.add(file.passed())
    # What was passed anyway mostly shows enough; the rest of the genes is looked through only where it does not.
    lacking = [_around(span) for span in spans.values() if not known.near(span)]
    known.add(file.places(lacking))
    near = {gene: span for gene, span in spans.items() if known.near(span)}
    least = _least_share(near.values(), people)
    scarce = [span for span in near.values() if known.passed_over(span, people)]
    known.add(file.places([Region(*span) for span in scarce]))
    rest = sorted(set(near.values()) - set(scarce), key=known.empty, reverse=True)
    while rest and (known.share(near.values()) < least or known.sparse(near.values())):
        known.add(file.places([Region(*rest.pop(0))]))  # one gene after the other, until it is enough
    if any(known.passed_over(span, people) for span in near.values()):  # then the share of all genes is told
        known.add(file.places([Region(*span) for span in rest]))
    share = known.share(near.values())
    reasons: dict[str, str] = {}
    structure_only = file.kinds.records > 0 and not file.kinds.sequences
    for gene in dict.fromkeys(locus.gene for locus in loci):
        if structure_only:
            reasons[gene] = "all records near the genes are of structure or copies, which state no base"
        elif gene not in near:
            reasons[gene] = f"no record within {FLANK:,} bases of the gene"
        elif share < least:
            reasons[gene] = _too_few(share, least, people)
        elif known.passed_over(near[gene], people):
            reasons[gene] = (
                f"records in {known.share([near[gene]]):.0%} of the {WINDOW:,}-base stretches of the gene, but in "
                f"{share:.0%} of those of all genes: it was passed over; give the BED with --called-regions"
            )
    rows = [number for number, locus in enumerate(loci) if locus.gene not in reasons]
    if file.kinds.records >= SINGLE_BASES and not file.kinds.lengths:
        changed = [number for number in rows if _changes_length(loci[number].sites[build])]
        why = (
            f"none of {file.kinds.records:,} records near the genes is an insertion or deletion: they were left "
            "out of the file; give both files, or the BED with --called-regions"
        )
        reasons |= {loci[number].gene: why for number in changed}
        rows = sorted({*rows} - {*changed})
    sparse = (share, known.records(near.values())) if known.sparse(near.values()) else None
    return LookedAt(frozenset(rows), reasons, sparse=sparse)


def _changes_length(site: Site) -> bool:
    return any(len(letters) != len(site.ref) for letters in site.letters)


def _least_share(spans: Collection[Span], people: int) -> float:
    """Return the share of the stretches of some genes that must hold a record in a file of some people."""
    if sum(map(_windows, spans)) < WHOLE:
        return LEAST_SHARE
    return min(LEAST_SHARE + TENFOLD * math.log10(max(people, 1)), LEAST_OF_SEVERAL)


def _too_few(share: float, least: float, people: int) -> str:
    found = f"records in {share:.0%} of the {WINDOW:,}-base stretches of the genes"
    if share >= LEAST_SHARE:
        found += f", and {people} people have them in {least:.0%} or more"
    return f"{found}: an exome or a sparse panel; give its BED with --called-regions"


def _windows(span: Span) -> int:
    _, start, end = span
    return -(-(end - start + 1) // WINDOW)


class _Places:
    """Positions of records by chromosome."""

    def __init__(self) -> None:
        self._found: dict[str, Numbers] = {}

    def add(self, pieces: Iterable[tuple[str, Numbers]]) -> None:
        """Add positions, in any order and with repeats."""
        more: dict[str, list[Numbers]] = {}
        for chrom, positions in pieces:
            more.setdefault(chrom, []).append(positions)
        for chrom, found in more.items():
            self._found[chrom] = np.unique(np.concatenate([self._found.get(chrom, np.zeros(0, np.int64)), *found]))

    def between(self, chrom: str, first: int, last: int) -> Numbers:
        """Return the positions from a first to a last one."""
        positions = self._found.get(chrom, np.zeros(0, np.int64))
        return positions[np.searchsorted(positions, first) : np.searchsorted(positions, last, "right")]

    def near(self, span: Span) -> bool:
        """Whether there is a record in a gene or around it."""
        region = _around(span)
        return bool(self.between(region.chrom, region.start, region.end).size)

    def share(self, spans: Collection[Span]) -> float:
        """Return the share of the windows of some genes that hold a record."""
        held = sum(len(np.unique((self.between(chrom, start, end) - start) // WINDOW)) for chrom, start, end in spans)
        return held / (sum(map(_windows, spans)) or 1)

    def empty(self, span: Span) -> tuple[int, Span]:
        """Return how many windows of a gene hold no record so far; the gene itself tells equal ones apart."""
        chrom, start, end = span
        held = len(np.unique((self.between(chrom, start, end) - start) // WINDOW))
        return _windows(span) - held, span

    def records(self, spans: Collection[Span]) -> float:
        """Return how many positions with a record a window of some genes has on average."""
        return sum(len(self.between(*span)) for span in spans) / (sum(map(_windows, spans)) or 1)

    def passed_over(self, span: Span, people: int) -> bool:
        """Whether a gene has so few records that the caller did not look at it, whatever lies beside it."""
        windows, share = _windows(span), self.share([span])
        return (windows >= LONG and not share) or (people >= MANY and windows >= SHORT and share < LEAST_OF_GENE)

    def sparse(self, spans: Collection[Span]) -> bool:
        """Whether a file of many genes has fewer records than any genome that was measured."""
        if sum(map(_windows, spans)) < WHOLE:
            return False
        return self.share(spans) < SPARSE_SHARE or self.records(spans) < SPARSE_RECORDS


def _around(span: Span) -> Region:
    chrom, start, end = span
    return Region(chrom, max(start - FLANK, 1), end + FLANK)
