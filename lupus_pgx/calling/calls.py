"""The call of one gene, made from a file or given by the user."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lupus_pgx.encoded import Encoded
from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.knowledge.genes import StarGene, natural_key
from lupus_pgx.terms import CallStatus

PROBABLE = 0.95
"""A best candidate at this probability or more is called ``probable``."""

LEADING = 10
"""Candidates that are kept as objects."""

_TYPING = re.compile(r"\*\d{2,3}(:\d{2,4}){1,3}[NLSQ]?")


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
    note : str
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
    assumed_essential: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    missing_essential: tuple[str, ...] = ()
    outside_only: bool = False
    structure_open: bool = False
    note: str = ""
    stated: Candidate | None = None
    unexpected: bool = False
    other_copy: tuple[tuple[str, tuple[float, ...]], ...] = ()
    looked_up: str = ""
    lookup: str = ""
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
        if self.status is CallStatus.NOVEL:
            return bool(self.looked_up)
        return self.status is not CallStatus.NO_CALL and not self.missing_essential and not self.structure_open

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


def outside_call(star: StarGene, diplotype: str) -> DiplotypeCall:
    """Take a diplotype that was determined elsewhere.

    Parameters
    ----------
    star : StarGene
    diplotype : str
        Two allele names joined by ``/`` (one where there is one copy). CYP2D6 may have
        copy numbers and tandems (``*1x2/*4``, ``*36+*10/*41``), HLA any typing of two fields.

    Returns
    -------
    DiplotypeCall
        With status ``outside`` and one candidate, or several where a copy number is not known.

    Raises
    ------
    UsageError
        If the text is not a pair of known alleles.
    """
    names = star.allele_names
    parts = [part.strip() for part in diplotype.split("/")]
    if star.one_copy and len(parts) != 1:
        raise UsageError(f"{star.gene}: expected one allele, such as {names[0]}; found {diplotype!r}")
    if not star.one_copy and len(parts) != 2 and not (star.x_linked and len(parts) == 1):
        such = f"{names[0]}/{names[1]}" if len(names) > 1 else "*07:02/*58:01"
        raise UsageError(f"{star.gene}: expected two alleles joined by '/', such as {such}; found {diplotype!r}")
    parts = [_known_allele(star, part) for part in parts]
    ordered = tuple(sorted(parts, key=lambda name: (name != star.reference_allele, natural_key(name))))
    given = Candidate(ordered, 1.0, (1.0,))
    meant = list(itertools.product(*(star.possible_numbers(name) for name in ordered)))
    share = 1 / len(meant)
    several = len(meant) > 1
    candidates = tuple(Candidate(names, share, (share,)) for names in meant) if several else (given,)
    return DiplotypeCall(
        star.gene,
        CallStatus.OUTSIDE,
        candidates,
        len(candidates),
        other=(0.0,),
        n_loci=len(star.haplotypes.loci),
        note="given by the user; the copy number is not known: two or three" if several else "given by the user",
        stated=given,
        lookup=" or ".join(candidate.name for candidate in candidates) if several else "",
    )


def _known_allele(star: StarGene, text: str) -> str:
    """Return an allele name as the tables write it.

    Raises
    ------
    UsageError
        If the gene has no such allele.
    """
    if star.typing:
        name = text.removeprefix(star.gene)
        if not _TYPING.fullmatch(name):
            raise UsageError(f"{star.gene}: expected a typing of at least two fields, such as *58:01; found {text!r}")
        return ":".join(name.rstrip("NLSQ").split(":")[:2])
    compact = {name.replace(" ", ""): name for name in star.allele_names}
    name = text.replace(" ", "")
    if name in compact:
        return compact[name]
    units = [] if star.structure == "assessed" else star.units(star.possible_numbers(name)[0])
    for allele, _ in units or [(text, 1)]:
        if allele not in star.functions:
            raise unknown_name(f"{star.gene} allele", allele, star.allele_names)
    return name


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
