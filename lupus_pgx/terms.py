"""Vocabularies: every word that may stand in a status, action or response cell."""

from __future__ import annotations

from enum import StrEnum


class Build(StrEnum):
    """Genome build."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"


class AbsentPolicy(StrEnum):
    """What a locus without a record means."""

    UNKNOWN = "unknown"
    REFERENCE = "reference"


class Ancestry(StrEnum):
    """Super-population of the 1000 Genomes Project."""

    AFR = "AFR"
    AMR = "AMR"
    EAS = "EAS"
    EUR = "EUR"
    SAS = "SAS"


class Sex(StrEnum):
    """Sex, for genes on chromosome X."""

    FEMALE = "female"
    MALE = "male"


class Grade(StrEnum):
    """How severe a condition is."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class Contraception(StrEnum):
    """Whether a pregnancy is guarded against, or wanted."""

    SECURED = "secured"
    NOT_SECURED = "not_secured"
    CONCEPTION_PLANNED = "conception_planned"
    NOT_NEEDED = "not_needed"


class Outcome(StrEnum):
    """How a therapy that was tried ended."""

    INADEQUATE_RESPONSE = "inadequate_response"
    INTOLERANCE = "intolerance"
    RESPONSE = "response"
    ONGOING = "ongoing"

    @property
    def failed(self) -> bool:
        """Whether the therapy was not enough or not tolerated."""
        return self in (Outcome.INADEQUATE_RESPONSE, Outcome.INTOLERANCE)


POOL = "ALL"
"""Name of the pooled population in the frequency table."""


class LocusStatus(StrEnum):
    """How the genotype of a sample at a locus came about, or why there is none."""

    OBSERVED = "observed"
    COVERED_REFERENCE = "covered_reference"
    ASSUMED_REFERENCE = "assumed_reference"
    DOUBTFUL = "doubtful"
    IMPUTED = "imputed"
    NO_RECORD = "no_record"
    NO_CALL = "no_call"
    HALF_CALL = "half_call"
    FILTERED = "filtered"
    LOW_QUALITY = "low_quality"
    CONTRADICTORY = "contradictory"
    REF_MISMATCH = "ref_mismatch"
    UNEXPECTED_ALLELE = "unexpected_allele"
    UNLISTED_VARIANT = "unlisted_variant"

    @property
    def code(self) -> int:
        """Small integer used in arrays."""
        return _STATUS_CODES[self]


LOCUS_STATUSES: tuple[LocusStatus, ...] = tuple(LocusStatus)
_STATUS_CODES = {status: number for number, status in enumerate(LOCUS_STATUSES)}


class CallStatus(StrEnum):
    """How sure a diplotype is."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    AMBIGUOUS = "ambiguous"
    NOVEL = "novel"
    NO_CALL = "no_call"
    OUTSIDE = "outside"


class Action(StrEnum):
    """What a genotype asks for; the order is from least to most restricting."""

    INFORMATIVE_ONLY = "informative_only"
    STANDARD = "standard"
    MONITOR = "monitor"
    INCREASE_DOSE = "increase_dose"
    REDUCE_DOSE = "reduce_dose"
    TEST_FIRST = "test_first"
    CONSIDER_ALTERNATIVE = "consider_alternative"
    AVOID = "avoid"

    @property
    def severity(self) -> int:
        """Rank by how much the action restricts."""
        return _SEVERITY[self]


_SEVERITY = {action: rank for rank, action in enumerate(Action)}


class Response(StrEnum):
    """Predicted response at the usual dose."""

    TYPICAL = "typical"
    REDUCED_EFFICACY = "reduced_efficacy"
    INCREASED_EFFICACY = "increased_efficacy"
    INCREASED_TOXICITY = "increased_toxicity"
    REDUCED_TOXICITY = "reduced_toxicity"
    REDUCED_EXPOSURE = "reduced_exposure"
    INCREASED_EXPOSURE = "increased_exposure"
    MIXED = "mixed"
    INDETERMINATE = "indeterminate"
    NO_VALIDATED_MARKER = "no_validated_marker"

    @property
    def about(self) -> str:
        """What it is about: ``efficacy``, ``toxicity`` or ``exposure``; empty for the others."""
        direction, _, about = self.value.partition("_")
        return about if direction in ("increased", "reduced") else ""


class CheckStatus(StrEnum):
    """What a contraindication or interaction asks for; the order is from least to most severe."""

    COMPATIBLE = "compatible"
    NOTE = "note"
    NOT_LOOKED_AT = "not_looked_at"
    MONITOR = "monitor"
    CHECK_FIRST = "check_first"
    ADJUST_DOSE = "adjust_dose"
    CONSIDER_ALTERNATIVE = "consider_alternative"
    AVOID = "avoid"
    CONTRAINDICATED = "contraindicated"

    @property
    def severity(self) -> int:
        """Rank by how much it restricts."""
        return _CHECK_SEVERITY[self]


class NoticeKind(StrEnum):
    """What a notice is about that must be known before any result is read."""

    VARIANT_ONLY = "variant_only"
    FEW_SEEN = "few_seen"
    SPARSE = "sparse"
    NOT_BELIEVED = "not_believed"
    CONTRADICTED = "contradicted"

    @property
    def logged(self) -> bool:
        """Whether the log says it when a file is read, whoever shows the notice later."""
        return self is NoticeKind.NOT_BELIEVED


class LevelVerdict(StrEnum):
    """What a measured value is to its target."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    PRESENT = "present"
    ABSENT = "absent"
    MEASURED = "measured"
    NOT_MEASURED = "not measured"
    OTHER_UNIT = "other unit"


class FindingKind(StrEnum):
    """What a treatment that failed, or was not tolerated, is compatible with."""

    NON_INTAKE = "non_intake"
    UNDER_EXPOSURE = "under_exposure"
    LACK_OF_ACTIVATION = "lack_of_activation"
    INTERACTION = "interaction"
    INCOMPLETE_DEPLETION = "incomplete_depletion"
    ANTI_DRUG_ANTIBODIES = "anti_drug_antibodies"
    TARGET_OR_PATHWAY = "target_or_pathway"
    NON_IMMUNE_INJURY = "non_immune_injury"
    TOXICITY = "toxicity"
    OVER_EXPOSURE = "over_exposure"
    ADEQUATE_EXPOSURE = "adequate_exposure"
    NOTHING_GENETIC = "nothing_genetic"
    NO_VALIDATED_MARKER = "no_validated_marker"
    NOT_ASSESSED = "not_assessed"


class ReviewStep(StrEnum):
    """Step of the review of a failed treatment; the order is the one in which they may open the headline."""

    URGENT = "urgent"
    DUE = "due"
    ACTIVE = "active"
    TAKEN = "taken"
    ENOUGH = "enough"
    LONG_ENOUGH = "long_enough"
    TAKEN_AWAY = "taken_away"
    EXPOSURE = "exposure"
    SUPPORTIVE = "supportive"
    CAUSE = "cause"
    GENOME = "genome"
    REFRACTORY = "refractory"


class Strength(StrEnum):
    """How much a finding rests on, strongest first."""

    MEASURED = "measured"
    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    CONFLICTING = "conflicting"
    NONE = "none"


class GenomeWord(StrEnum):
    """What the genome says of a therapy option; the order is from least to most restricting."""

    SUPPORTS = "supports"
    NEUTRAL = "neutral"
    NO_MARKER = "no marker"
    NOT_ASSESSED = "not assessed"
    DOSE_DIFFERENTLY = "dose differently"
    TEST_FIRST = "test first"
    SPEAKS_AGAINST = "speaks against"

    @property
    def severity(self) -> int:
        """Rank by how much it restricts."""
        return _WORD_SEVERITY[self]


_WORD_SEVERITY = {word: rank for rank, word in enumerate(GenomeWord)}


class Met(StrEnum):
    """Whether a response criterion was met."""

    MET = "met"
    NOT_MET = "not met"
    NOT_JUDGEABLE = "not judgeable"
    NOT_DUE = "not due"
    STOPPED = "stopped before"


_CHECK_SEVERITY = {status: rank for rank, status in enumerate(CheckStatus)}

STRUCTURE_OPEN = "structure not assessed"
"""Said of a gene whose copies and hybrids decide, and of which only the sequence was read."""

NOT_ASSESSED = "not assessed"
"""Value of a gene or marker of which nothing was observed, in rule conditions."""

HEMIZYGOUS = "hemizygous"
"""Stands for the second function in rules on a single copy."""

INDETERMINATE = "Indeterminate"
"""CPIC's phenotype for alleles of uncertain or unknown function."""

RESEARCH_USE = (
    "Research use only: this summary informs a clinician, it never prescribes. "
    "Genotypes mislead after a stem-cell transplant (blood carries the donor's genome) "
    "and may mislead after a recent transfusion."
)
