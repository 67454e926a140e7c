"""Records that cannot be placed: where they may be those of a locus, its base is not assumed.

A file that lists only variants says of a locus without a record that nothing was found there. Where a record of the
locus was damaged it stands elsewhere: at position 0 or beyond the contig, on a contig whose name is not understood,
under the identifier of the locus at another place, or beside it with a REF that is not the genome's. For those who
carry what it says, or have no genotype in it, the locus is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lupus_pgx.genotypes.builds import AROUND, passed_over, spellings
from lupus_pgx.genotypes.file_facts import Unplaced
from lupus_pgx.genotypes.readings import LocusFinder
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Locus, Site
from lupus_pgx.terms import Build
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.records import BoolArray, Genotyped, RawRecord
from lupus_pgx.vcf.unplaced import Sought, names_in

_RSID = re.compile(r"rs\d+", re.IGNORECASE)


def sought(knowledge: Knowledge, loci: Sequence[Locus]) -> Sought:
    """Return what makes a record one that may belong to a locus, on either build."""
    facts = [knowledge.contig_facts(build) for build in Build]
    lengths = {
        name: min(lengths)
        for name, chrom in spellings(knowledge).items()
        if (lengths := [int(fact[chrom][0]) for fact in facts if chrom in fact])
    }
    spots = [locus.sites[build] for locus in loci for build in Build]
    homes = {site.chrom for site in spots}
    return Sought(
        frozenset(locus.rsid for locus in loci if locus.rsid),
        lengths,
        frozenset(name for name, chrom in spellings(knowledge).items() if chrom in homes),
        frozenset(pos for site in spots for pos in range(site.pos, site.pos + len(site.ref))),
    )


@dataclass(slots=True)
class Strays:
    """Collects the records of a file that cannot be placed.

    Parameters
    ----------
    file : VcfFile
    knowledge : Knowledge
    loci : sequence of Locus
        Of the genotypes, in their order.
    build : Build
    finder : LocusFinder
        Of the sites of these loci.
    """

    file: VcfFile
    knowledge: Knowledge
    loci: Sequence[Locus]
    build: Build
    finder: LocusFinder
    _found: dict[tuple[str, int, str, tuple[str, ...]], RawRecord] = field(default_factory=dict)
    _lengths: Mapping[str, int] = field(default_factory=dict)

    def look(self, record: RawRecord, *, spoken: bool) -> None:
        """Look at a record that was read near the loci."""
        if record.identifier or not spoken:
            self._found[record.chrom, record.pos, record.ref, record.alts] = record

    def finish(self) -> tuple[Unplaced, ...]:
        """Return of which samples which loci may not be assumed, and why."""
        for record in self.file.unplaced():
            self._found.setdefault((record.chrom, record.pos, record.ref, record.alts), record)
        self._lengths = {chrom: int(fact[0]) for chrom, fact in self.knowledge.contig_facts(self.build).items()}
        named: dict[str, list[int]] = {}
        for row, locus in enumerate(self.loci):
            if locus.rsid:
                named.setdefault(locus.rsid, []).append(row)
        found = []
        for record in self._found.values():
            rows = dict(self._rows(record, named))
            if not rows:
                continue
            carried = _may_carry(self.file, record)
            if carried.any():
                place = f"{record.chrom}:{record.pos} {record.ref}>{','.join(record.alts) or '.'}"
                found += [Unplaced(row, carried, f"the record at {place} {why}") for row, why in rows.items()]
        return tuple(found)

    def _rows(self, record: RawRecord, named: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, str]]:
        """Yield the loci to which a record may belong, and why it is not read as one of theirs."""
        chrom = spellings(self.knowledge).get(record.chrom)
        by_name = [row for name in names_in(record.identifier) for row in named.get(name, ())]
        if chrom is None:
            passed = passed_over(self.knowledge, record.chrom)
            for row in () if passed else by_name:
                yield row, f"is named {self.loci[row].rsid}, and its contig is not understood"
            yield from (
                (row, "stands at this position, and its contig is not understood") for row in self._alike(record)
            )
            return
        if not 1 <= record.pos <= self._lengths[chrom]:
            here = by_name or [row for row, site in self._sites(chrom) if _same_letters(site, record)]
            yield from ((row, "lies on no base of its contig") for row in here)
            return
        spoken = self.finder.readings(chrom, record)
        for row in by_name:
            if row not in spoken:
                yield row, f"is named {self.loci[row].rsid}, which lies elsewhere"
        for row in self.finder.near(chrom, record.pos - AROUND, record.pos + AROUND):
            site = self.loci[row].sites[self.build]
            if row not in spoken and _same_letters(site, record) and _is_shifted(site, record):
                yield row, f"has the letters of {self.loci[row].name}, beside which it stands"

    def _sites(self, chrom: str) -> Iterator[tuple[int, Site]]:
        for row, locus in enumerate(self.loci):
            site = locus.sites[self.build]
            if site.chrom == chrom:
                yield row, site

    def _alike(self, record: RawRecord) -> Iterator[int]:
        """Yield the loci, on whatever contig, at whose position a record has one of their changes."""
        for chrom in dict.fromkeys(locus.sites[self.build].chrom for locus in self.loci):
            for row, reading in self.finder.readings(chrom, record).items():
                site = self.loci[row].sites[self.build]
                if any(isinstance(code, int) and code != site.reference_code for code in reading.codes):
                    yield row


def _same_letters(site: Site, record: RawRecord) -> bool:
    return record.ref == site.ref and not set(site.alts).isdisjoint(record.alts)


def _is_shifted(site: Site, record: RawRecord) -> bool:
    """Whether a record stands near a locus where the genome has another base than its REF, or right beside it.

    Where the genome is not known it may be a variant of its own: of 3,202 people nobody carries one a base beside a
    locus, with the same letters, that has no identifier of its own.
    """
    distance = abs(record.pos - site.pos)
    if not 0 < distance <= AROUND:
        return False
    own = any(_RSID.fullmatch(name) for name in names_in(record.identifier))
    return not site.context.agrees_with(record.pos, record.ref) or (distance == 1 and not own)


def _may_carry(file: VcfFile, record: RawRecord) -> BoolArray:
    """Return which samples carry an ALT of a record, or may do so."""
    return carried_in(file.genotypes(record))


def carried_in(cells: Genotyped) -> BoolArray:
    """Return which samples have an ALT or an unknown allele in their cell."""
    other = (cells.words > 0) | (cells.words == -1)
    carried: BoolArray = other.any(axis=1)[cells.index]
    return carried
