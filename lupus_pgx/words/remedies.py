"""Where an answer comes from that the file does not hold: remedies for absent loci, typings, copies of genes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lupus_pgx.terms import NoticeKind
from lupus_pgx.words.lines import counted, few_of

if TYPE_CHECKING:
    from typing import Self

REMEDIES = (
    "a gVCF of the same caller",
    "--absent reference --called-regions BED",
    "the loci called by force (`lupus-pgx positions --recipe bcftools --build {build}` prints how)",
    "--alignments BAM",
    "only for a whole genome of which all sites were looked at, --absent reference alone (absent='reference')",
)
"""What helps where a file lists only variants, the best first; a command is one that can be pasted."""

ROAD_PAGE = "docs/force-calling.md"
"""Where the remedies are explained."""

_ELSEWHERE_PAGE = "docs/hla-and-cyp2d6.md"
_TYPING = "Typings come from a laboratory or from a program that reads the alignment (T1K, OptiType and others)."
_STRUCTURE = (
    "Copies and hybrids come from a caller that reads the alignment (Cyrius, StarPhase and others) or from a "
    "copy-number assay."
)
_OUTSIDE = "Genes that are not read from files come from a laboratory or another program."
"""Where calls come from that no VCF holds: one sentence each, for every form of output."""

_GIVE = f"What no VCF holds is given with --outside-calls, see {_ELSEWHERE_PAGE}."


class Notice(str):
    """What must be known before any result is read: a few sentences, and what they are about.

    Attributes
    ----------
    kind : NoticeKind
    """

    kind: NoticeKind

    def __new__(cls, text: str, kind: NoticeKind = NoticeKind.VARIANT_ONLY) -> Self:
        """Return a text with its kind; without one it is a copy that gets the kind after it, as pickle makes it."""
        notice = super().__new__(cls, text)
        notice.kind = kind
        return notice


def elsewhere_texts(*, typing: bool, structure: bool, outside: bool = False) -> list[str]:
    """Say where calls come from that no VCF holds: typings, copies and hybrids of genes, genes not read at all."""
    texts = [_TYPING] * typing + [_STRUCTURE] * structure + [_OUTSIDE] * outside
    return [_GIVE, *texts] if texts else []


def as_note(notice: str, whom: str = "") -> str:
    """Return a notice as text shows it: pages have a box for it, a log its own mark; ``whom`` it is of, if several."""
    return f"NOTE{f' ({whom})' if whom else ''}: {notice}"


def of_whom(samples: Sequence[str], total: int) -> str:
    """Say of whom a notice is that several patients have.

    Examples
    --------
    >>> of_whom(["A", "B"], 2), of_whom(["A", "B"], 3)
    ('all 2 patients', '2 of 3 patients: A, B')
    """
    if len(samples) == total:
        return f"all {counted(total, 'patient')}"
    return f"{len(samples):,} of {counted(total, 'patient')}: {few_of(samples)}"


def no_genotype(empty: Sequence[str], samples: int) -> str:
    """Say of which samples nothing could be used; nothing where there is none.

    Parameters
    ----------
    empty : sequence of str
        The samples.
    samples : int
        How many there are.
    """
    said = f"no usable genotype at any panel locus in {len(empty):,} of {counted(samples, 'sample')}: {few_of(empty)}"
    return said if empty else ""


def variant_only_text(missing: str, essential: int, build: str) -> Notice:
    """Say what a file without reference records means, and what helps, in order.

    Parameters
    ----------
    missing : str
        How many essential loci were not observed.
    essential : int
        How many there are.
    build : str
        Genome build of the file.
    """
    return Notice(
        "This file looks like a variant-only VCF (no panel locus is recorded as homozygous reference): "
        f"{missing} of {essential} essential loci were not observed, which is {_what_helps(build)}",
        NoticeKind.VARIANT_ONLY,
    )


def few_seen_text(missing: str, essential: int, build: str) -> Notice:
    """Say that a file leaves out most of what is needed, and what helps, in order.

    Parameters
    ----------
    missing : str
        How many essential loci have no record.
    essential : int
        How many there are.
    build : str
        Genome build of the file.
    """
    return Notice(
        f"This file holds few of the loci that are needed: {missing} of {essential} essential loci have no "
        f"record, which is {_what_helps(build)}",
        NoticeKind.FEW_SEEN,
    )


def _what_helps(build: str) -> str:
    remedies = "; ".join(text.format(build=build) for text in REMEDIES)
    return f"unknown, not normal. What helps, the best first: {remedies}. See {ROAD_PAGE}."


def not_believed_text(not_assumed: Mapping[str, tuple[str, int]], samples: int) -> Notice:
    """Say that absent loci stay unknown, whatever was stated.

    Parameters
    ----------
    not_assumed : mapping of str to (str, int)
        By gene, why, and for how many samples.
    samples : int
        How many there are.
    """
    by_reason: dict[tuple[str, int], list[str]] = {}
    for gene, reason in not_assumed.items():
        by_reason.setdefault(reason, []).append(gene)
    said = [
        f"{few_of(genes)}{f' ({count:,} of {samples:,} samples)' if samples > 1 else ''}: {why}"
        for (why, count), genes in by_reason.items()
    ]
    return Notice(
        "The statement --absent reference was not believed everywhere, and these loci stay unknown. "
        f"{'; '.join(said)}.",
        NoticeKind.NOT_BELIEVED,
    )


def contradicted_text(calls: Mapping[str, int], samples: int) -> Notice:
    """Say which calls made elsewhere the file contradicts.

    Parameters
    ----------
    calls : mapping of str to int
        What the file allows instead, with its gene, and of how many samples.
    samples : int
        How many there are.
    """
    named = [f"{call} ({counted(count, 'sample')})" if samples > 1 else call for call, count in calls.items()]
    return Notice(
        f"The file contradicts calls that were handed over, on which the answers rest. It allows {few_of(named)}. "
        "Settle which is right (another sample, another build, or a variant that one of the two cannot see).",
        NoticeKind.CONTRADICTED,
    )


def sparse_text(share: float, records: float) -> Notice:
    """Say that absent loci were assumed in a file that has fewer records than whole genomes have.

    Parameters
    ----------
    share : float
        Of the stretches of genes that hold a record.
    records : float
        To a stretch.
    """
    return Notice(
        "Loci without a record were assumed to carry the genome base, as stated (--absent reference), but the "
        f"file has few records: {records:.1f} in 2,000 bases of the genes, and any at all in {share:.0%} of such "
        "stretches; no whole genome that was measured has fewer than 1.7 and 56%. An array, a low-pass genome and a "
        "genome with gaps are like that, and list no variant where nobody looked. If the caller did not look at all "
        f"sites, state the regions that it looked at with --called-regions BED. See {ROAD_PAGE}.",
        NoticeKind.SPARSE,
    )
