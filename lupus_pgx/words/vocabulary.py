"""One table of words for each vocabulary: the same thing has one name in files, terminal, page, notebook and plot."""

from __future__ import annotations

from dataclasses import dataclass

from lupus_pgx.terms import (
    Action,
    CallStatus,
    CheckStatus,
    FindingKind,
    GenomeWord,
    LevelVerdict,
    Met,
    Outcome,
    Response,
    ReviewStep,
    Strength,
)


@dataclass(frozen=True, slots=True)
class Word:
    """What a member of a vocabulary is called.

    Attributes
    ----------
    key : str
        Names its sign and its colour; members that look alike share it.
    label : str
        Its name, in every form of output.
    advice : str
        What it comes to, as a part of a sentence; ``{genotype}`` stands for what speaks.
    title, meaning : str
        Heading over what has it, and what that means.
    """

    key: str
    label: str
    advice: str = ""
    title: str = ""
    meaning: str = ""


def plain(term: str) -> str:
    """Write a value of a table, such as ``small_cohort``, as people read it."""
    return term.replace("_", " ")


ACTIONS: dict[Action, Word] = {
    Action.AVOID: Word(
        "avoid",
        "avoid",
        "{genotype} speaks against this drug",
        "Avoid",
        "What is known speaks against these drugs.",
    ),
    Action.CONSIDER_ALTERNATIVE: Word(
        "alternative",
        "consider alternative",
        "consider an alternative",
        "Consider an alternative",
        "Another drug is named as the better or safer choice.",
    ),
    Action.TEST_FIRST: Word(
        "test",
        "test first",
        "complete the test first",
        "Test first",
        "A test or a check that decides is missing: beside it stands what it could mean. Until then nothing is known.",
    ),
    Action.REDUCE_DOSE: Word(
        "reduce",
        "reduce dose",
        "a lower dose is expected to be needed",
        "Lower dose expected",
        "At the usual dose more drug, or more harm, is expected.",
    ),
    Action.INCREASE_DOSE: Word(
        "increase",
        "increase dose",
        "a higher dose is expected to be needed",
        "Higher dose expected",
        "At the usual dose less drug than usual is expected.",
    ),
    Action.MONITOR: Word(
        "monitor",
        "monitor",
        "usual dose with closer monitoring",
        "Monitor",
        "Watch more closely. What the dose is, the sentence of each drug says: the genotype may be undecided.",
    ),
    Action.STANDARD: Word(
        "standard",
        "usual dose",
        "{genotype} asks for no change of the usual dose",
        "Usual dose",
        "All that the rules ask for was assessed, and the genotype asks for no change.",
    ),
    Action.INFORMATIVE_ONLY: Word(
        "information",
        "information",
        "",
        "For information",
        "Weak or conflicting evidence shows a direction. It changes no dose.",
    ),
}
"""Words for what is asked for, in the order of every list: the most restricting first."""

UNDECIDED = Word(
    "undecided",
    "undecided",
    "undecided",
    "Undecided",
    "Something essential was not assessed, or nobody has assigned what was found.",
)
NO_MARKER = Word(
    "none",
    "no validated marker",
    "",
    "No validated marker",
    "No genotype is known to tell who responds.",
)

LOWER_DOSE = "lower the dose"
"""Before a measured level above its range: of a dose that is to be adjusted the direction is known."""

MEASURED = "measured"
"""Before a level above its range where something stricter follows."""

BEHIND = "Genes behind what is asked for"
"""Before the genes and markers whose genotype asks for something, on the terminal and on the page."""

IN_PART = "looked at only in part"
"""Of a drug that asks for nothing so far, while no table says what some of what was told means for it."""

GENOTYPE_UNDECIDED = "genotype undecided"
"""Of a drug that has its place in a list by something else than its genotype, which is open."""

BY_REVIEW = Word(
    "review",
    "named by the review",
    "",
    "Named by the review of treatment",
    "The genotype asks for no change, but the review names these drugs beside what failed.",
)
"""A drug that may have done harm to another treatment: whatever its own genotype says, it is not called as usual."""

RESPONSES: dict[Response, Word] = {
    Response.TYPICAL: Word("standard", "typical", "the usual effect"),
    Response.REDUCED_EFFICACY: Word("worse", "reduced efficacy", "a weaker effect"),
    Response.INCREASED_EFFICACY: Word("better", "increased efficacy", "a stronger effect"),
    Response.INCREASED_TOXICITY: Word("worse", "increased toxicity", "more toxicity"),
    Response.REDUCED_TOXICITY: Word("better", "reduced toxicity", "less toxicity"),
    Response.REDUCED_EXPOSURE: Word("other", "reduced exposure", "lower drug levels"),
    Response.INCREASED_EXPOSURE: Word("other", "increased exposure", "higher drug levels"),
    Response.MIXED: Word("other", "mixed", "effects in different directions"),
    Response.INDETERMINATE: Word("undecided", "indeterminate", "undecided"),
    Response.NO_VALIDATED_MARKER: Word("none", "no validated marker"),
}
"""Words for what is predicted; the advice names what is expected."""


def predicted_words(action: Action, response: Response) -> str:
    """Return what is predicted, for a count over samples: what is for information only says what it rests on."""
    label = RESPONSES[response].label
    silent = response in (Response.INDETERMINATE, Response.NO_VALIDATED_MARKER)
    return f"{label} (weak or conflicting evidence)" if action is Action.INFORMATIVE_ONLY and not silent else label


def judged_word(action: Action, response: Response) -> Word:
    """Return the word of a judgement: undecided and without a marker are not the same as information."""
    if response is Response.NO_VALIDATED_MARKER:
        return NO_MARKER
    if response is Response.INDETERMINATE and action is Action.INFORMATIVE_ONLY:
        return UNDECIDED
    return ACTIONS[action]


JUDGED: tuple[Word, ...] = (*ACTIONS.values(), UNDECIDED, NO_MARKER)
"""Every word of a judgement: what restricts most first, then what nothing is known of."""

RESTRICTING = tuple(
    ACTIONS[action].key for action in ACTIONS if action not in (Action.STANDARD, Action.INFORMATIVE_ONLY)
)
"""Keys of the words that ask for attention."""

THE_CONTEXT = "the clinical context"
"""What a word rests on that no genotype asks for."""

BY_CONTEXT = f"by {THE_CONTEXT}"
"""Whose word an action is, where the genotype asks for less."""

ALL_MANIFESTATIONS = "all manifestations"
"""Heading of the options that hold whatever the manifestation; the tables call it ``all``."""

CHECK_FIRST = "check first, not told or not settled"
"""Before conditions that a clinical context leaves open; what no table answers is no such condition."""

TOLD, NOT_TOLD, NOT_SETTLED = "told", "not told", "not settled"
"""What the context says, what it does not, and what it says too little of: a reason and a question are not the same."""

NO_CONTEXT = "No clinical context was given: nothing was held against any drug, not even lupus itself"
"""Above all drugs where nothing was told of the patient."""

OF_GENOTYPES = "Counted is what the genotypes ask for: what a clinical context asks for stands with each patient."
"""Above the counts of a cohort of which some patients have a clinical context."""

BY_GENOTYPE = "genotype"
"""Before genes and markers that are the reason of a word."""

UNANSWERED = "Without an answer: not told, not settled, not looked at"
"""Over the one list of what the clinical context leaves open, to which each drug points."""

NOT_ENTERED = "its contraindications were not entered: look them up"
"""Of a drug of which no contraindication is in the tables."""

NO_CHANGE = "the genotype (weak evidence) does not change this choice"
"""The genome's word on a drug where only weak evidence speaks: the drug may well work."""

NOT_REREAD = "source not re-read"
"""Of a row of the tables whose document itself was not read again; it says nothing of the patient."""

AFRESH = "may be tried afresh: no trial was full"
"""Of an option whose drugs failed, but too little of them was given, or too shortly."""

AGAIN = "as above"
"""Before what was said, with what to do about it, of another option."""

NO_PHENOTYPE = "no phenotype assigned"
"""Where a pair was called and nobody has said what it means."""

CALLS: dict[CallStatus, Word] = {
    CallStatus.CERTAIN: Word("certain", "certain"),
    CallStatus.PROBABLE: Word("probable", "probable"),
    CallStatus.AMBIGUOUS: Word("ambiguous", "ambiguous"),
    CallStatus.NOVEL: Word("ambiguous", "no named pair fits"),
    CallStatus.NO_CALL: Word("missing", "not assessed"),
    CallStatus.OUTSIDE: Word("given", "given"),
}

CHECKS: dict[CheckStatus, Word] = {
    CheckStatus.CONTRAINDICATED: Word("avoid", "contraindicated"),
    CheckStatus.AVOID: Word("avoid", "avoid"),
    CheckStatus.CONSIDER_ALTERNATIVE: Word("alternative", "consider alternative"),
    CheckStatus.ADJUST_DOSE: Word("reduce", "adjust dose"),
    CheckStatus.CHECK_FIRST: Word("test", "check first"),
    CheckStatus.MONITOR: Word("monitor", "monitor"),
    CheckStatus.NOT_LOOKED_AT: Word("information", "not looked at"),
    CheckStatus.NOTE: Word("information", "note"),
    CheckStatus.COMPATIBLE: Word("standard", "compatible"),
}

PLANNED = Word("undecided", "planned")
OUTCOMES: dict[Outcome, Word] = {
    Outcome.INADEQUATE_RESPONSE: Word("avoid", "inadequate response"),
    Outcome.INTOLERANCE: Word("test", "intolerance"),
    Outcome.RESPONSE: Word("standard", "response"),
    Outcome.ONGOING: Word("information", "ongoing"),
}

LEVELS: dict[LevelVerdict, Word] = {
    LevelVerdict.BELOW: Word("reduce", "below the target"),  # the sign is an arrow down
    LevelVerdict.ABOVE: Word("increase", "above the target"),
    LevelVerdict.WITHIN: Word("standard", "within the target"),
    LevelVerdict.PRESENT: Word("test", "present"),
    LevelVerdict.ABSENT: Word("standard", "absent"),
    LevelVerdict.MEASURED: Word("information", "measured"),
    LevelVerdict.NOT_MEASURED: Word("undecided", "not measured"),
    LevelVerdict.OTHER_UNIT: Word("undecided", "other unit"),
}

_LIMITS: dict[LevelVerdict, Word] = {
    LevelVerdict.BELOW: Word("reduce", "below the limit"),
    LevelVerdict.ABOVE: Word("increase", "above the limit"),
    LevelVerdict.WITHIN: Word("standard", "within the limit"),
}
"""Of bounds that are none to aim at."""


def level_word(verdict: LevelVerdict, basis: str) -> Word:
    """Return what a value is called against a target, or against a limit that asks for action.

    Examples
    --------
    >>> level_word(LevelVerdict.WITHIN, "limit").label
    'within the limit'
    """
    return _LIMITS.get(verdict, LEVELS[verdict]) if basis == "limit" else LEVELS[verdict]


CRITERIA: dict[Met, Word] = {
    Met.MET: Word("standard", "met"),
    Met.NOT_MET: Word("avoid", "not met"),
    Met.NOT_JUDGEABLE: Word("undecided", "not judgeable"),
    Met.NOT_DUE: Word("none", "not due"),
    Met.STOPPED: Word("none", "ended before it was due"),
}

GENOME: dict[GenomeWord, Word] = {
    GenomeWord.SUPPORTS: Word("standard", "supports"),
    GenomeWord.NEUTRAL: Word("standard", "neutral"),
    GenomeWord.NO_MARKER: Word("none", "no marker"),
    GenomeWord.NOT_ASSESSED: Word("undecided", "not assessed"),
    GenomeWord.DOSE_DIFFERENTLY: Word("dose", "dose differently"),
    GenomeWord.TEST_FIRST: Word("test", "test first"),
    GenomeWord.SPEAKS_AGAINST: Word("avoid", "speaks against"),
}

FINDINGS: dict[FindingKind, str] = {
    FindingKind.NON_INTAKE: "doses not taken",
    FindingKind.UNDER_EXPOSURE: "under-exposure",
    FindingKind.LACK_OF_ACTIVATION: "lack of activation",
    FindingKind.INTERACTION: "an interaction",
    FindingKind.INCOMPLETE_DEPLETION: "incomplete depletion",
    FindingKind.ANTI_DRUG_ANTIBODIES: "antibodies against the drug",
    FindingKind.TARGET_OR_PATHWAY: "a target or pathway genotype",
    FindingKind.NON_IMMUNE_INJURY: "kidney injury that is not immune",
    FindingKind.TOXICITY: "more toxicity",
    FindingKind.OVER_EXPOSURE: "over-exposure",
    FindingKind.ADEQUATE_EXPOSURE: "adequate exposure",
    FindingKind.NOTHING_GENETIC: "nothing genetic found",
    FindingKind.NO_VALIDATED_MARKER: "no validated marker",
    FindingKind.NOT_ASSESSED: "not assessed",
}

REVIEW_STEPS: dict[ReviewStep, str] = {
    ReviewStep.URGENT: "urgent or unsafe",
    ReviewStep.DUE: "response due yet",
    ReviewStep.ACTIVE: "active disease or damage",
    ReviewStep.TAKEN: "doses taken",
    ReviewStep.ENOUGH: "dose high enough",
    ReviewStep.LONG_ENOUGH: "given long enough",
    ReviewStep.TAKEN_AWAY: "interaction, removal or loss",
    ReviewStep.EXPOSURE: "measured exposure",
    ReviewStep.SUPPORTIVE: "supportive treatment",
    ReviewStep.CAUSE: "another disease or drug",
    ReviewStep.GENOME: "genome",
    ReviewStep.REFRACTORY: "adequate trial failed",
}
"""Steps of the review of a failed treatment, in order."""

STRENGTHS: dict[Strength, Word] = {
    Strength.MEASURED: Word("measured", "measured"),
    Strength.STRONG: Word("strong", "strong evidence"),
    Strength.MODERATE: Word("moderate", "moderate evidence"),
    Strength.WEAK: Word("information", "weak evidence"),
    Strength.CONFLICTING: Word("information", "conflicting evidence"),
    Strength.NONE: Word("none", ""),
}
WEAK_AND_CONFLICTING = "weak and conflicting evidence"
"""Of a genotype that is for information only, where a result stands against it."""

SIGNS: dict[str, str] = {
    "avoid": "✕",
    "alternative": "⇄",
    "reduce": "↓",
    "increase": "↑",
    "test": "?",
    "monitor": "◉",
    "review": "!",
    "standard": "✓",
    "information": "i",
    "undecided": "?",
    "none": "-",
    "certain": "●",
    "probable": "◕",
    "ambiguous": "◑",
    "missing": "○",
    "given": "☑",
}
"""Signs by key, as letters: a notebook may drop drawings."""

BASES = {"start": "starting dose", "maintenance": "maintenance dose", "maximum": "maximum dose"}
"""Which dose a factor is of."""

EVIDENCE = {
    "meta_analysis": "meta-analysis",
    "genome_wide_study": "genome-wide study",
    "randomised_trial": "randomised trial",
    "unknown": "direction not known",
    "no_effect": "no effect found",
}
"""Levels and directions of evidence whose value is not their name."""

COLUMNS = {
    "action": "genotype asks for",
    "assumed": "loci assumed",
    "candidates": "possible diplotypes",
    "citations": "sources",
    "clinical": "clinical context",
    "conflicts": "but",
    "dose_cap": "highest dose",
    "dose_cap_unit": "highest dose",
    "dose_factor_high": "dose",
    "dose_factor_low": "dose",
    "drivers": "because of",
    "effect_allele_count": "effect alleles",
    "lookup": "looked up as",
    "missing_essential": "essential loci open",
    "n_assumed": "loci assumed",
    "n_candidates": "how many are possible",
    "n_doubtful": "loci doubtful",
    "n_loci": "loci of the gene",
    "n_observed": "loci observed",
    "note": "remark",
    "overall_action": "asked for in all",
    "phenotypes": "possible phenotypes",
    "predicted_response": "response",
    "row": "line",
    "status": "its locus",
    "strength": "strength of the rule",
    "summary": "in words",
}
"""Columns of results whose name is not what people call them."""

SPELLED = {
    "6mmp": "6-MMP",
    "6tgn": "6-TGN",
    "alt": "ALT",
    "anti beta2gp1 igg": "anti-beta2GP1 IgG",
    "anti beta2gp1 igm": "anti-beta2GP1 IgM",
    "anti drug antibodies": "anti-drug antibodies",
    "anti dsdna": "anti-dsDNA",
    "anti xa": "anti-Xa",
    "anticardiolipin igg": "anticardiolipin IgG",
    "anticardiolipin igm": "anticardiolipin IgM",
    "ast": "AST",
    "b cell count": "B cell count",
    "bilag new a": "organ systems newly BILAG A",
    "bilag new b": "organ systems newly BILAG B",
    "bilag not improved": "BILAG systems not better",
    "c3": "C3",
    "c4": "C4",
    "ck": "CK",
    "clasi a": "CLASI activity",
    "clinical sledai": "SLEDAI-2K without serology",
    "egfr": "eGFR",
    "gfr": "GFR",
    "hcq blood": "HCQ in blood",
    "hcq dose": "HCQ dose",
    "hcq serum": "HCQ in serum",
    "iga": "IgA",
    "igg": "IgG",
    "inr": "INR",
    "ldh": "LDH",
    "ldl cholesterol": "LDL cholesterol",
    "mpa auc": "MPA AUC",
    "mpa trough": "MPA trough",
    "mtx polyglutamates": "methotrexate polyglutamates",
    "pga": "physician global assessment",
    "proteinuria 24h": "protein in 24-hour urine",
    "qtc": "QTc",
    "sledai 2k": "SLEDAI-2K",
    "upcr": "UPCR",
}
"""Quantities whose key is not how people write them."""


def evidence_word(term: str) -> str:
    """Return the name of a level or a direction of evidence."""
    return EVIDENCE.get(term, plain(term))


def column_word(name: str) -> str:
    """Return what a column of a result table is called where people read it."""
    return COLUMNS.get(name, plain(name))


def quantity_word(key: str) -> str:
    """Return a quantity or a field of the context as people write it."""
    name = plain(key)
    return SPELLED.get(name, name)


def capital(text: str) -> str:
    """Return a text as a sentence begins; names within it keep their letters.

    Examples
    --------
    >>> capital("due to be measured: ALT")
    'Due to be measured: ALT'
    """
    return text[:1].upper() + text[1:]


def listed(words: list[str] | tuple[str, ...], last: str = "or") -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> listed(["avoid", "reduce dose", "monitor"])
    'avoid, reduce dose or monitor'
    """
    return ", ".join(words[:-1]) + (f" {last} " if len(words) > 1 else "") + (words[-1] if words else "")
