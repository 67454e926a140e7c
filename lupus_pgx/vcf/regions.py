"""Stretches of contigs that are read: joined into few queries, and as spans by contig."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lupus_pgx.vcf.records import Spans

REGION_GAP = 5_000
"""Loci closer than this many bases are read in one region query."""

NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Region:
    """Bases ``start..end`` (1-based, closed) of a contig."""

    chrom: str
    start: int
    end: int


def cluster(regions: Iterable[Region], gap: int = REGION_GAP) -> list[Region]:
    """Join regions that lie closer than ``gap`` bases.

    Examples
    --------
    >>> cluster([Region("6", 10, 12), Region("6", 900, 900), Region("7", 5, 5)], gap=1000)
    [Region(chrom='6', start=10, end=900), Region(chrom='7', start=5, end=5)]
    """
    joined: list[Region] = []
    for region in sorted(regions, key=lambda item: (item.chrom, item.start)):
        if joined and joined[-1].chrom == region.chrom and region.start - joined[-1].end <= gap:
            last = joined.pop()
            joined.append(Region(last.chrom, last.start, max(last.end, region.end)))
        else:
            joined.append(region)
    return joined


def disjoint(regions: Iterable[Region], names: Mapping[str, str] = NO_NAMES) -> Spans:
    """Return first and last bases of regions by contig and by its other names, joined where they touch."""
    spans: dict[str, list[Region]] = {}
    for region in cluster(regions, gap=1):
        spans.setdefault(region.chrom, []).append(region)
    found = {
        chrom: (np.array([item.start for item in items]), np.array([item.end for item in items]))
        for chrom, items in spans.items()
    }
    return found | {name: found[chrom] for name, chrom in names.items() if chrom in found}
