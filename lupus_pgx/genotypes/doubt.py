"""How far a genotype is doubted: thresholds below which it is not used, and how the evidence of another is spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

SURE_ENOUGH = 0.99
"""Share of the evidence from which a doubtful genotype is used like one that was observed."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """How the evidence of an uncertain genotype is spread over the genotypes that are possible.

    Attributes
    ----------
    shares : tuple of (int, int, float)
        Two allele codes, the lower first (the second is ``ABSENT_COPY`` where there is one copy), and the share of the
        evidence for this genotype. Shares add up to 1; genotypes not listed have none.
    posterior : bool
        The shares are posterior probabilities (GP), which hold a population's frequencies already.
    contested : bool
        Something in the record speaks against the genotype it states: no frequency may decide in its place.
    """

    shares: tuple[tuple[int, int, float], ...]
    posterior: bool = False
    contested: bool = False

    def recoded(self, codes: Mapping[int, int]) -> Doubt:
        """Return it with other codes for some alleles."""
        shares = ((codes.get(one, one), codes.get(other, other), share) for one, other, share in self.shares)
        return replace(self, shares=tuple(sorted(shares)))

    @property
    def best(self) -> tuple[int, int, float]:
        """The genotype with the largest share."""
        return max(self.shares, key=lambda item: item[2])

    @property
    def own(self) -> float:
        """Share of the best genotype, before any frequency; no more than half where the genotype is contested."""
        return min(self.best[2], 0.5) if self.contested else self.best[2]


@dataclass(frozen=True, slots=True)
class Quality:
    """Thresholds below which a genotype is not used; None switches a test off."""

    min_gq: int | None = None
    min_dp: int | None = None
    min_allele_fraction: float | None = None
