"""Sentences about a predicted response: short, plain, never a prescription."""

from __future__ import annotations

from collections.abc import Sequence

from lupus_pgx.terms import Action, Response
from lupus_pgx.words.amounts import percent_text
from lupus_pgx.words.lines import counted, few_of
from lupus_pgx.words.vocabulary import ACTIONS, RESPONSES, UNDECIDED, listed

_NOTHING_MISSING = "settle the genotype first: no locus is missing, but what was seen allows more than one answer"
"""Advice in the place of a test where no locus is missing: phase, a haplotype without a name, or a copy number."""

_NO_PAIR = "settle the genotype first: no locus is missing, but no pair of named alleles fits what was seen"
"""The same where the call is ``novel``: there is no answer among the named ones, rather than several."""

_FEW_LOCI = 3
_NO_DOSE = (Action.STANDARD, Action.AVOID)


def response_sentence(
    *,
    action: Action,
    response: Response,
    dose: str,
    cap: str,
    rule: str,
    certainty: str,
    drivers: Sequence[str],
    adjusted: bool,
    conflicting: bool,
    missing: str,
    unfitting: bool = False,
    body: str = "",
) -> str:
    """Say what is predicted, how surely and why, without the name of the drug; there is something that predicts.

    Parameters
    ----------
    action : Action
    response : Response
    dose : str
        Fraction of which dose, as :func:`lupus_pgx.words.amounts.dose_text` writes it.
    cap : str
        Highest dose that the rule gives, as :func:`lupus_pgx.words.amounts.cap_text` names it.
    rule : str
        Whose rule it is, for whom and under which planned dose it was written; empty where none exists.
    certainty : str
        Of the action, as :func:`lupus_pgx.words.amounts.certainty_text` writes it.
    drivers : sequence of str
        Genes and markers behind it, in words.
    adjusted : bool
        Whether co-medication changed what the genotype means.
    conflicting : bool
        Whether something else was found, too.
    missing : str
        What was not assessed, as :func:`missing_text` writes it.
    unfitting : bool
        Whether no pair of named alleles fits what was seen of a gene that the drug is judged by.
    body : str
        Whose rule it is, and no more.

    Returns
    -------
    str
    """
    if response is Response.INDETERMINATE:
        found = f"known so far: {', '.join(drivers)}" if drivers else ""
        if action is Action.TEST_FIRST:
            return _sentence(f"{UNDECIDED.label}, {_advice(action, missing, unfitting=unfitting)}", found, missing)
        if action is Action.INFORMATIVE_ONLY:
            silent = bool(body and drivers) and not missing
            lead = f"{UNDECIDED.label}: {body} gives no advice for {' and '.join(drivers)}"
            return _sentence(lead) if silent else _sentence(UNDECIDED.label, found, missing)
        # What may be done meanwhile is the word of a guideline, and no answer of the genotype.
        meanwhile = f"{_advice(action, missing)}{' so far' if missing else ''}"
        return _sentence(UNDECIDED.label, f"{body}: {meanwhile}" if body else meanwhile, found, missing)
    expected = RESPONSES[response].advice
    if action is Action.INFORMATIVE_ONLY:
        lead = f"{' and '.join(drivers)} is compatible with {expected}, for information only"
        return _sentence(lead, "evidence conflicts" if conflicting else "", missing)
    genotype = "the genotype with the co-medication" if adjusted else "the genotype"
    advice = _advice(action, missing, genotype, unfitting=unfitting)
    if dose and action not in _NO_DOSE:
        advice = f"the guideline gives {dose}"
    if action is Action.TEST_FIRST and response is not Response.TYPICAL:
        advice = f"{expected} must be expected at the usual dose, but how much is open: {advice}"
    highest = cap if action is not Action.AVOID else ""
    because = f"because of {' and '.join(drivers)}" if drivers else ""
    return _sentence(f"{advice} {because}".strip(), highest, f"rule of {rule}", certainty, missing)


def level_sentence(*, cap: str, rule: str, drivers: Sequence[str], missing: str) -> str:
    """Say of a level above its range that the dose rests on it: that a genotype raises the dose is not said beside it.

    Examples
    --------
    >>> level_sentence(cap="", rule="CPIC 2015, strong", drivers=["CYP3A5 *1/*1 Normal Metabolizer"], missing="")
    'the measured level decides the dose, not the genotype (CYP3A5 *1/*1 Normal Metabolizer).'
    """
    told = f" ({' and '.join(drivers)})" if drivers else ""
    whose = f"rule of {rule}" if cap else ""
    return _sentence(f"the measured level decides the dose, not the genotype{told}", cap, whose, missing)


def _advice(action: Action, missing: str, genotype: str = "the genotype", *, unfitting: bool = False) -> str:
    """Return what an action asks for; a test is complete where nothing is missing."""
    nothing = action is Action.TEST_FIRST and not missing
    settle = _NO_PAIR if unfitting else _NOTHING_MISSING
    return settle if nothing else ACTIONS[action].advice.format(genotype=genotype)


def missing_text(
    missing: Sequence[tuple[str, Sequence[str], bool]], open_actions: Sequence[Action], *, decided: bool
) -> str:
    """Say what was not assessed, and whether it could change the answer.

    Parameters
    ----------
    missing : sequence of (str, sequence of str, bool)
        Gene or marker, its loci, and whether they are essential ones.
    open_actions : sequence of Action
        Other actions that are possible once all is assessed.
    decided : bool
        A guideline's action is stated already.

    Examples
    --------
    >>> missing_text([("NUDT15", ["rs116855232"], True)], [Action.AVOID], decided=True)
    'not assessed: NUDT15: rs116855232, which could still mean: avoid'
    """
    if not missing:
        return ""
    text = f"not assessed: {', '.join(few_loci(*item) for item in missing)}"
    shown = [ACTIONS[action].label for action in open_actions]
    if shown:
        return f"{text}, which could {'still ' if decided else ''}mean: {listed(shown)}"
    return f"{text}, which cannot change this" if decided else text


def few_loci(key: str, loci: Sequence[str], essential: bool) -> str:
    """Shorten a long list of loci; the column ``not_assessed`` names them all.

    Examples
    --------
    >>> few_loci("CYP2D6", ["structure", "rs1", "rs2", "rs3", "rs4", "rs5"], True)
    'CYP2D6: structure, 5 essential loci'
    """
    if len(loci) <= _FEW_LOCI:
        return f"{key}: {', '.join(loci)}"
    # The structure is no locus.
    structure = [item for item in loci if item == "structure"]
    count = f"{len(loci) - len(structure)} {'essential ' if essential else ''}loci"
    return f"{key}: {', '.join([*structure, count])}"


def _sentence(*parts: str) -> str:
    return f"{'; '.join(part for part in parts if part)}."


def subject_text(gene: str | None, marker: str | None) -> str:
    """Name a gene and its marker; a marker that begins with the gene is its own name.

    Examples
    --------
    >>> subject_text("NUDT15", "NUDT15*3"), subject_text("FCGR3A", "F158V"), subject_text("TPMT", None)
    ('NUDT15*3', 'FCGR3A F158V', 'TPMT')
    """
    if gene and marker and marker.startswith(gene):
        return marker
    return " ".join(part for part in (gene, marker) if part)


def cited_text(authors: str | None, year: object, topic: str | None) -> str:
    """Say what a citation is: authors and year before the topic; of a label, which has no authors, the year behind it.

    Examples
    --------
    >>> cited_text("Relling et al.", 2019, "thiopurines"), cited_text(None, 2011, "doses, table 2")
    ('Relling et al. 2019. thiopurines', 'doses, table 2 (2011)')
    """
    told = topic or ""
    if authors:
        return ". ".join(part for part in (" ".join(str(part) for part in (authors, year) if part), told) if part)
    return f"{told} ({year})".strip() if year else told


def due_text(measures: Sequence[str]) -> str:
    """Say what is due to be measured; nothing where nothing is.

    Examples
    --------
    >>> due_text(["creatinine", "potassium"])
    'due to be measured: creatinine, potassium'
    """
    return f"due to be measured: {few_of(measures)}" if measures else ""


def absence_text(*, assumed: bool, refused: int) -> str:
    """Say in a sentence what becomes of loci without a record; the values are those of :func:`absent_loci`."""
    if assumed:
        where = "; of " + counted(refused, "gene") + " that was not believed: unknown there" if refused else ""
        return (
            f"Loci without a record were assumed to carry the genome base (--absent reference), as was stated{where}."
        )
    return "Absence is never normal."


def absent_loci(*, stated: bool, assumed: bool, refused: int) -> str:
    """Say what was done with loci without a record, in few words: not only what was stated of them.

    Parameters
    ----------
    stated : bool
        That they carry the genome base (``--absent reference``).
    assumed : bool
        That was believed of some of them.
    refused : int
        Genes of which it was not believed.

    Examples
    --------
    >>> absent_loci(stated=True, assumed=True, refused=0), absent_loci(stated=True, assumed=False, refused=47)
    ('reference, as stated', 'reference was stated, not believed: unknown')
    >>> absent_loci(stated=True, assumed=True, refused=2)
    'reference, as stated; not believed of 2 genes: unknown there'
    """
    if not stated:
        return "unknown"
    if refused and not assumed:
        return "reference was stated, not believed: unknown"
    where = f"; not believed of {counted(refused, 'gene')}: unknown there" if refused else ""
    return f"reference, as stated{where}"


def assumed_drugs(count: int, total: int) -> str:
    """Say of how many drugs the answer rests on loci without a record."""
    return (
        "Loci without a record were assumed to carry the genome base (--absent reference): what is said of "
        f"{count:,} of {total:,} drugs rests on them, or would."
    )


def assumed_genotypes(count: int, total: int) -> str:
    """Say how many genotypes of a cohort were assumed."""
    return (
        "Loci without a record were assumed to carry the genome base (--absent reference): "
        f"{percent_text(count / total)} of all genotypes."
    )


def assumed_text(counts: Sequence[tuple[str, int, int]]) -> str:
    """Say what was not looked at but taken to be the genome's base, from genes with counts of loci."""
    shown = "; ".join(f"{gene} {count} of {of}" for gene, count, of in counts)
    return f"Rests on loci without a record, assumed to carry the genome base (--absent reference): {shown}."
