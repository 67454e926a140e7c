"""What files tell beside genotypes: where they looked, records without a place, variants that no table lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lupus_pgx.vcf.records import BoolArray


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A record that may be one of a locus and cannot be placed.

    Attributes
    ----------
    row : int
        Row number of the locus.
    carried : ndarray of bool, shape (samples,)
        Which samples of the file carry what it says, or have no genotype in it.
    reason : str
    """

    row: int
    carried: BoolArray
    reason: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Where a file looked, as far as its records or its called regions show.

    Attributes
    ----------
    loci : frozenset of int
        Row numbers of the loci that the caller looked at.
    reasons : mapping of str to str
        Why the other genes do not count as looked at.
    samples : tuple of int or None
        Sample numbers of the file among all; None for all of them.
    by_regions : bool
        Called regions were given: they alone decide.
    sparse : (float, float) or None
        Share of the stretches of genes with a record, and records to a stretch, where fewer than in any genome.
    unplaced : tuple of Unplaced
        Records that speak against the genome's base at a locus without one.
    speaks : bool
        A record states a base at some locus, or tried to: structure over loci does neither.
    """

    loci: frozenset[int]
    reasons: Mapping[str, str]
    samples: tuple[int, ...] | None = None
    by_regions: bool = False
    sparse: tuple[float, float] | None = None
    unplaced: tuple[Unplaced, ...] = ()
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An annotated variant of a panel gene that no allele definition lists.

    Attributes
    ----------
    gene, name, rsid, chrom, pos, ref, alt, effect
        Which variant it is, and what it does in words.
    genotypes : mapping of int to str
        Letters of each carrier by sample number.
    note : str
        What the record says of it: FILTER, frequency, other changes that it belongs to.
    sample_notes : mapping of int to str
        What speaks against the genotypes of single carriers.
    """

    gene: str
    name: str
    rsid: str
    chrom: str
    pos: int
    ref: str
    alt: str
    effect: str
    genotypes: Mapping[int, str]
    note: str = ""
    sample_notes: Mapping[int, str] = field(default_factory=dict)

    def remark(self, sample: int) -> str:
        """Return all that is to be said of the genotype of a carrier."""
        return "; ".join(text for text in (self.note, self.sample_notes.get(sample, "")) if text)


def renumber_unlisted(unlisted: Sequence[Unlisted], numbers: Mapping[int, int]) -> tuple[Unlisted, ...]:
    """Return unlisted variants with new sample numbers; samples without a number are dropped."""
    kept = []
    for item in unlisted:
        genotypes = {numbers[old]: letters for old, letters in item.genotypes.items() if old in numbers}
        if genotypes:
            notes = {numbers[old]: note for old, note in item.sample_notes.items() if old in numbers}
            kept.append(replace(item, genotypes=genotypes, sample_notes=notes))
    return tuple(kept)
