"""The call of one gene, made from a file or given by the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lupus_pgx.encoded import Encoded
from lupus_pgx.handover.model import Handed, Outcomes
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.terms import STRUCTURE_OPEN, CallStatus

PROBABLE = 0.95
"""A best candidate at this probability or more is called ``probable``."""

NEVER_EXACT = 0.99995
"""Bound of what rests on a doubtful or imputed genotype: written as 0.9999, the largest of what is open."""

LEADING = 10
"""Candidates that are kept as objects."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair of alleles that contradicts nothing observed.

    Attributes
    ----------
    alleles : tuple of str
        Two names, the reference allele first, then natural order; one name when hemizygous.
    probability : float
        Lowest probability over the priors that apply.
    by_prior : tuple of float
        Probability under each prior that applies.
    """

    alleles: tuple[str, ...]
    probability: float
    by_prior: tuple[float, ...]

    @property
    def name(self) -> str:
        """The pair as written in results."""
        return "/".join(self.alleles)


@dataclass(frozen=True, slots=True)
class DiplotypeCall:
    """The call of one gene for all samples with the same observation.

    Attributes
    ----------
    gene : str
    status : CallStatus
    leading : tuple of Candidate
        The best candidates, at most ten, best first.
    n_candidates : int
        How many pairs contradict nothing observed.
    outcomes : tuple of (int, tuple of float)
        Numbers of the gene's :attr:`StarGene.outcomes` with their probability under each prior.
    other : tuple of float
        Probability, under each prior, that a haplotype has no name.
    stated : Candidate or None
        The best pair of the most probable phenotype.
    unexpected : bool
        Whether a copy carries an allele that no definition has.
    other_copy : tuple of (str, tuple of float)
        Where one copy carries an allele that no definition has: what the other may be, under each prior.
    looked_up : str
        Phenotype by the one locus that guidelines read where no pair fits.
    lookup : str
        The diplotype or locus by which rules are looked up, where it is not the diplotype.
    n_loci, n_observed, n_assumed, n_doubtful : int
        Loci of the gene, those with an observed genotype, those that rest on the absent policy, and those whose
        genotype is doubtful or imputed.
    evidence : float
        Share that the evidence of the weakest doubtful or imputed genotype gives to what it is used as: no probability
        of this call is above it, whatever loci are independent of each other. 1 where all is sure.
    assumed_essential : tuple of str
        Essential loci among those that rest on the absent policy.
    missing : tuple of str
        Loci without a genotype.
    missing_essential : tuple of str
        Essential loci without one, loci with an unexpected allele, and those whose evidence is too weak for a call
        to rest on it.
    outside_only : bool
        Only an outside call tells of the gene, and it is no typing.
    structure_open : bool
        The gene's structure decides and was not assessed: no rule may rest on this call.
    all_reference : bool
        The best pair is of the reference allele alone: no variant was seen that it needs.
    note : str
    file_allows : str
        What the file allows, where it contradicts a call that was handed over; else empty.
    given : tuple of (PairTraits, float)
        What rules see of a call that was determined elsewhere, with the share of each possibility.
    possible : tuple of str
        Phenotypes among which that variant leaves it open, where another that harms was seen beside it.
    lookup_open : bool
        Once all loci are known no pair may fit, and the one variant that a guideline reads instead may say anything.
    every_candidate : callable or None
        Works out all candidates.
    """

    gene: str
    status: CallStatus
    leading: tuple[Candidate, ...] = ()
    n_candidates: int = 0
    outcomes: tuple[tuple[int, tuple[float, ...]], ...] = ()
    other: tuple[float, ...] = ()
    n_loci: int = 0
    n_observed: int = 0
    n_assumed: int = 0
    n_doubtful: int = 0
    evidence: float = 1.0
    assumed_essential: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    missing_essential: tuple[str, ...] = ()
    outside_only: bool = False
    structure_open: bool = False
    all_reference: bool = False
    note: str = ""
    file_allows: str = ""
    given: Outcomes = ()
    stated: Candidate | None = None
    unexpected: bool = False
    other_copy: tuple[tuple[str, tuple[float, ...]], ...] = ()
    looked_up: str = ""
    lookup: str = ""
    possible: tuple[str, ...] = ()
    lookup_open: bool = False
    every_candidate: Callable[[], tuple[Candidate, ...]] | None = field(default=None, repr=False, compare=False)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All candidates, best first; worked out anew where there are more than the leading ones."""
        if self.every_candidate is None or self.n_candidates <= len(self.leading):
            return self.leading
        return self.every_candidate()

    @property
    def best(self) -> Candidate | None:
        """The candidate that stands in the ``diplotype`` column, if any."""
        first = self.leading[0] if self.leading else None
        return None if self.status is CallStatus.NOVEL else self.stated or first

    @property
    def diplotype(self) -> str:
        """Name of the best candidate, empty for ``novel`` and ``no_call``."""
        return self.best.name if self.best else ""

    @property
    def essential_complete(self) -> bool:
        """Whether a standard action may rest on this call."""
        if self.status is CallStatus.NO_CALL or (self.status is CallStatus.NOVEL and not self.looked_up):
            return False
        return not self.missing_essential and not self.structure_open

    @property
    def structure_unseen(self) -> bool:
        """Whether the call was read from a file that does not show all copies or hybrids of the gene."""
        return STRUCTURE_OPEN in self.note.split("; ")

    @property
    def partly_seen(self) -> bool:
        """Whether essential loci of a gene that is read from files are missing, and some of its loci were seen."""
        return bool(self.missing_essential) and self.n_observed > 0 and not self.structure_open and not self.given

    @property
    def by_frequency(self) -> bool:
        """Whether the pair is the most frequent one that a part of the loci leaves, and no variant of it was seen."""
        return self.partly_seen and self.all_reference

    @property
    def is_open_typing(self) -> bool:
        """Whether no file of genotypes can give this call, and no typing was given."""
        return self.n_loci == 0 and self.status is CallStatus.NO_CALL and not self.outside_only

    @property
    def is_open_outside(self) -> bool:
        """Whether only an outside call can tell, which is no typing, and none was given."""
        return self.outside_only and self.status is CallStatus.NO_CALL


class Diplotypes(Encoded[DiplotypeCall]):
    """Diplotype calls of samples by gene."""

    __slots__ = ()


def outside_call(star: StarGene, handed: Handed) -> DiplotypeCall:
    """Take what was determined elsewhere.

    Parameters
    ----------
    star : StarGene
    handed : Handed
        A call that was made: pairs, or what is known without one.

    Returns
    -------
    DiplotypeCall
        With status ``outside``, or ``ambiguous`` where several answers are possible.
    """
    share = 1 / max(len(handed.pairs), 1)
    pairs = tuple(Candidate(pair, share, (share,)) for pair in handed.pairs)
    phenotypes = {traits.phenotype for traits, _ in handed.outcomes}
    open_answer = (
        len(pairs) > 1 or len(phenotypes) > 1 or (bool(pairs) and not star.typing and len(handed.outcomes) > 1)
    )
    return DiplotypeCall(
        star.gene,
        CallStatus.AMBIGUOUS if open_answer else CallStatus.OUTSIDE,
        pairs[:LEADING],
        len(pairs),
        other=(0.0,),
        n_loci=len(star.haplotypes.loci),
        note=handed.note,
        given=handed.outcomes,
        every_candidate=(lambda: pairs) if len(pairs) > LEADING else None,
    )


def uncalled(star: StarGene, note: str = "not given") -> DiplotypeCall:
    """Return the call of a gene of which nothing is known."""
    loci = star.haplotypes.loci
    return DiplotypeCall(
        star.gene,
        CallStatus.NO_CALL,
        n_loci=len(loci),
        missing=tuple(locus.name for locus in loci),
        missing_essential=tuple(locus.name for locus in loci if locus.essential),
        outside_only=star.outside_only,
        note=note,
    )
