"""The words of results: short, plain, never a prescription."""

from __future__ import annotations

from collections.abc import Sequence

from lupus_pgx.terms import Action, Response

_ADVICE = {
    Action.STANDARD: "the genotype asks for no change of the usual dose",
    Action.AVOID: "the genotype speaks against this drug",
    Action.MONITOR: "usual dose with closer monitoring",
    Action.TEST_FIRST: "complete the test first",
    Action.CONSIDER_ALTERNATIVE: "consider an alternative",
    Action.INCREASE_DOSE: "a higher dose is expected to be needed",
    Action.REDUCE_DOSE: "a lower dose is expected to be needed",
}

_NOTHING_MISSING = "settle the genotype first: nothing is missing, but it leaves this open"
"""Advice in the place of a test where no locus is missing: phase, a haplotype without a name, or a copy number."""

_FEW_LOCI = 3

_SHORT_ADVICE = {
    Action.STANDARD: "usual dose",
    Action.AVOID: "avoid",
    Action.MONITOR: "usual dose, monitored",
    Action.TEST_FIRST: "further test",
    Action.CONSIDER_ALTERNATIVE: "alternative",
    Action.INCREASE_DOSE: "higher dose",
    Action.REDUCE_DOSE: "lower dose",
    Action.INFORMATIVE_ONLY: "information only",
}

_BASIS = {"start": "starting dose", "maintenance": "maintenance dose", "maximum": "maximum dose"}

_EXPECTED = {
    Response.REDUCED_EFFICACY: "a weaker effect",
    Response.INCREASED_EFFICACY: "a stronger effect",
    Response.INCREASED_TOXICITY: "more toxicity",
    Response.REDUCED_TOXICITY: "less toxicity",
    Response.REDUCED_EXPOSURE: "lower drug levels",
    Response.INCREASED_EXPOSURE: "higher drug levels",
    Response.MIXED: "effects in different directions",
}

REMEDIES = (
    "a gVCF or an all-sites VCF of the same caller",
    "the regions that the caller looked at: --absent reference --called-regions BED",
    "the loci of the panel called by force: `lupus-pgx positions --recipe bcftools` (or gatk, deepvariant) prints how",
    "the reads: --alignments BAM",
    "--absent reference alone (absent='reference'), only for a whole genome whose caller looked at all sites and lists "
    "only variants",
)
"""What helps where a file lists only variants, the best first."""

ROAD_PAGE = "docs/force-calling.md"
"""Where the remedies are explained."""

_ELSEWHERE_PAGE = "docs/hla-and-cyp2d6.md"
TYPING_FROM = (
    "Typings come from a laboratory or from a typing program that reads the alignment (T1K, OptiType and others): give "
    f"them with --outside-calls, see {_ELSEWHERE_PAGE}."
)
STRUCTURE_FROM = (
    "Copies and hybrids come from a caller that reads the alignment (Cyrius, StarPhase and others) or from a "
    f"copy-number assay: give the call with --outside-calls, see {_ELSEWHERE_PAGE}."
)
"""Where calls come from that no VCF holds: one sentence each, for every form of output."""


OUTSIDE_FROM = (
    "Genes that are not read from files come from a laboratory or another program: give the call with --outside-calls, "
    f"see {_ELSEWHERE_PAGE}."
)


def elsewhere_texts(*, typing: bool, structure: bool, outside: bool = False) -> list[str]:
    """Say where calls come from that no VCF holds: typings, copies and hybrids of genes, genes not read at all."""
    return [TYPING_FROM] * typing + [STRUCTURE_FROM] * structure + [OUTSIDE_FROM] * outside


def variant_only_text(missing: str, essential: int) -> str:
    """Say what a file without reference records means, and what helps, in order.

    Parameters
    ----------
    missing : str
        How many essential loci were not observed.
    essential : int
        How many there are.
    """
    remedies = "; ".join(f"({number}) {text}" for number, text in enumerate(REMEDIES, start=1))
    return (
        "NOTE: this file looks like a variant-only VCF: no panel locus is recorded as homozygous reference, and "
        f"{missing} of {essential} essential loci were not observed. An absent locus is unknown, not normal. "
        f"What helps, the best first: {remedies}. See {ROAD_PAGE}."
    )


def sparse_text(share: float, records: float) -> str:
    """Say that absent loci were assumed in a file that has fewer records than whole genomes have.

    Parameters
    ----------
    share : float
        Of the stretches of genes that hold a record.
    records : float
        To a stretch.
    """
    return (
        "NOTE: loci without a record were assumed to carry the genome base, as stated (--absent reference), but the "
        f"file has few records: {records:.1f} in 2,000 bases of the genes, and any at all in {share:.0%} of such "
        "stretches; no whole genome that was measured has fewer than 1.7 and 56%. An array, a low-pass genome and a "
        "genome with gaps are like that, and list no variant where nobody looked. If the caller did not look at all "
        f"sites, state the regions that it looked at with --called-regions BED. See {ROAD_PAGE}."
    )


def probability_text(value: float) -> str:
    """Write a probability to 4 decimals, as 1 or 0 only where it is exact.

    Examples
    --------
    >>> probability_text(1.0), probability_text(0.99999), probability_text(0.00001)
    ('1.0000', '0.9999', '0.0001')
    """
    if 0 < value < 0.0001:
        return "0.0001"
    if 0.9999 < value < 1:
        return "0.9999"
    return f"{value:.4f}"


def percent_text(value: float) -> str:
    """Write a probability as a percentage that is never rounded to 0 or 100."""
    if value == 1:
        return "100%"
    if value < 0.0005:
        return "0%" if value == 0 else "under 0.1%"
    return "over 99.9%" if value > 0.999 else f"{value * 100:.1f}%"


def factor_text(low: float | None, high: float | None) -> str:
    """Write dose factors, such as ``30-80%`` or ``1.5-2 times``."""
    if low is None and high is None:
        return ""
    if low is None:
        return f"up to {factor_text(high, high)}"
    high = low if high is None else high
    if high <= 1:
        text = f"{low * 100:g}" if low == high else f"{low * 100:g}-{high * 100:g}"
        return f"{text}%"
    return f"{low:g} times" if low == high else f"{low:g}-{high:g} times"


def dose_text(low: float | None, high: float | None, basis: str) -> str:
    """Write dose factors with the dose they are of: ``start``, ``maintenance``, ``maximum`` or not said.

    Examples
    --------
    >>> dose_text(0.3, 0.8, "start"), dose_text(1.5, 2, "")
    ('30-80% of the usual starting dose', '1.5-2 times the usual dose')
    """
    factors = factor_text(low, high)
    of = " of" if factors.endswith("%") else ""
    return f"{factors}{of} the usual {_BASIS.get(basis, 'dose')}" if factors else ""


def response_sentence(
    *,
    drug: str,
    action: Action,
    response: Response,
    dose: str,
    limit: str,
    guideline: str,
    scope: str,
    statement: str,
    certainty: float | None,
    drivers: Sequence[str],
    conflicts: Sequence[str],
    missing: str,
) -> str:
    """Say in one sentence what is predicted, how surely and why.

    Parameters
    ----------
    drug : str
    action : Action
    response : Response
    dose : str
        Fraction of which dose, as :func:`dose_text` writes it.
    limit : str
        Highest dose, with its unit; empty where none is given.
    guideline : str
        Whose rule it is, empty where none exists.
    scope : str
        For whom and under which planned dose the rule was written.
    statement : str
        What is known of genotype and this drug at all.
    certainty : float or None
        Probability of the action.
    drivers, conflicts : sequence of str
    missing : str
        What was not assessed, as :func:`missing_text` writes it.

    Returns
    -------
    str
    """
    if response is Response.NO_VALIDATED_MARKER:
        return _sentence(drug, statement.rstrip("."))
    if response is Response.INDETERMINATE:
        found = f"known so far: {', '.join(drivers)}" if drivers else ""
        what = "undecided" if action is Action.INFORMATIVE_ONLY else f"undecided, {_advice(action, missing)}"
        return _sentence(drug, what, found, missing)
    because = f"because of {' and '.join(drivers)}" if drivers else ""
    if action is Action.INFORMATIVE_ONLY:
        lead = f"{' and '.join(drivers)} is compatible with {_EXPECTED[response]}, for information only"
        return _sentence(drug, lead, "evidence conflicts" if conflicts else "", missing)
    advice = _advice(action, missing)
    if dose and action in (Action.INCREASE_DOSE, Action.REDUCE_DOSE):
        advice = f"the guideline gives {dose}"
    elif limit and action is Action.REDUCE_DOSE:
        advice = f"{advice}, at most {limit}"
    if action is Action.TEST_FIRST and response in _EXPECTED:
        advice = f"{_EXPECTED[response]} is expected at the usual dose, but how much is open: {advice}"
    sure = f"certainty {percent_text(certainty)}" if certainty is not None else ""
    whose = "; ".join(part for part in (guideline, scope) if part)
    return _sentence(drug, f"{advice} {because}".strip(), f"rule of {whose}", sure, missing)


def _advice(action: Action, missing: str) -> str:
    """Return what an action asks for; a test is complete where nothing is missing."""
    return _NOTHING_MISSING if action is Action.TEST_FIRST and not missing else _ADVICE[action]


def missing_text(
    not_assessed: Sequence[str], open_actions: Sequence[Action], *, decided: bool, essential: bool = True
) -> str:
    """Say what was not assessed, and whether it could change the answer.

    Parameters
    ----------
    not_assessed : sequence of str
        ``GENE: locus, locus``.
    open_actions : sequence of Action
        Other actions that are possible once all is assessed.
    decided : bool
        A guideline's action is stated already.
    essential : bool
        Whether the loci are essential ones.

    Examples
    --------
    >>> missing_text(["NUDT15: rs116855232"], [Action.AVOID], decided=True)
    'not assessed: NUDT15: rs116855232, which could still mean: avoid'
    """
    if not not_assessed:
        return ""
    text = f"not assessed: {', '.join(_few(item, essential=essential) for item in not_assessed)}"
    shown = [_SHORT_ADVICE[action] for action in open_actions]
    if shown:
        listed = ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + shown[-1]
        return f"{text}, which could {'still ' if decided else ''}mean: {listed}"
    return f"{text}, which cannot change this" if decided else text


def _few(item: str, *, essential: bool) -> str:
    """Shorten a long list of loci; the column ``not_assessed`` names them all."""
    gene, _, loci = item.partition(": ")
    count = loci.count(",") + 1
    return item if count <= _FEW_LOCI else f"{gene}: {count} {'essential ' if essential else ''}loci"


def _sentence(drug: str, *parts: str) -> str:
    return f"{drug}: {'; '.join(part for part in parts if part)}."


SHORT_ACTIONS = {
    Action.STANDARD: "usual dose",
    Action.AVOID: "AVOID",
    Action.REDUCE_DOSE: "REDUCE DOSE",
    Action.INCREASE_DOSE: "INCREASE DOSE",
    Action.MONITOR: "monitor",
    Action.TEST_FIRST: "TEST FIRST",
    Action.CONSIDER_ALTERNATIVE: "CONSIDER ALTERNATIVE",
    Action.INFORMATIVE_ONLY: "information",
}
"""What an action is called in a line of text."""


def assumed_text(assumed: Sequence[str]) -> str:
    """Say what was not looked at but taken to be the genome's base."""
    counts = "; ".join(text.partition(":")[0] for text in assumed)
    return f"Rests on loci without a record, assumed to carry the genome base (--absent reference): {counts}."
