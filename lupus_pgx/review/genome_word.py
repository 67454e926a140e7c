"""The genome's word on a drug that may be chosen: what a predicted response means for the choice."""

from __future__ import annotations

from dataclasses import dataclass

from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.terms import Action, GenomeWord, Response
from lupus_pgx.words.amounts import dose_text
from lupus_pgx.words.vocabulary import GENOME, NO_CHANGE

_WORDS = {
    Action.AVOID: GenomeWord.SPEAKS_AGAINST,
    Action.CONSIDER_ALTERNATIVE: GenomeWord.SPEAKS_AGAINST,
    Action.REDUCE_DOSE: GenomeWord.DOSE_DIFFERENTLY,
    Action.INCREASE_DOSE: GenomeWord.DOSE_DIFFERENTLY,
    Action.TEST_FIRST: GenomeWord.TEST_FIRST,
    Action.MONITOR: GenomeWord.NEUTRAL,
    Action.STANDARD: GenomeWord.NEUTRAL,
}
_WEAK_WORDS = {
    Response.INCREASED_EFFICACY: GenomeWord.SUPPORTS,
    Response.REDUCED_EFFICACY: GenomeWord.SPEAKS_AGAINST,
    Response.INCREASED_TOXICITY: GenomeWord.SPEAKS_AGAINST,
    Response.REDUCED_EXPOSURE: GenomeWord.DOSE_DIFFERENTLY,
    Response.INCREASED_EXPOSURE: GenomeWord.DOSE_DIFFERENTLY,
    Response.INDETERMINATE: GenomeWord.NOT_ASSESSED,
    Response.NO_VALIDATED_MARKER: GenomeWord.NO_MARKER,
}
_RESTRICTING = {action for action, word in _WORDS.items() if word is not GenomeWord.NEUTRAL}


@dataclass(frozen=True, slots=True)
class DrugWord:
    """The genome's word on one drug; ``weak`` where no guideline stands behind it, ``measure`` what tells more."""

    drug: str
    word: GenomeWord
    weak: bool
    reason: str
    measure: str = ""

    def __str__(self) -> str:
        return f"{self.drug}: {self.shown}{f' ({self.reason})' if self.reason else ''}"

    @property
    def shown(self) -> str:
        """The word; what rests on evidence without a guideline changes no choice, and something else is measured."""
        spoken = (GenomeWord.SUPPORTS, GenomeWord.SPEAKS_AGAINST, GenomeWord.DOSE_DIFFERENTLY)
        if not self.weak or self.word not in spoken:
            return GENOME[self.word].label
        measure = f": measure {self.measure}" if self.measure else ""
        return f"{NO_CHANGE}{measure}"


def asks(item: DrugWord) -> bool:
    """Whether a word asks for something else than the usual."""
    return item.word.severity > GenomeWord.NOT_ASSESSED.severity


def drug_word(drug: str, response: DrugResponse | None, measure: str = "") -> DrugWord:
    """Say what a predicted response means for choosing a drug.

    Parameters
    ----------
    drug : str
    response : DrugResponse or None
        None where the drug was not among those analyzed.
    measure : str
        The level or cells that tell more than weak evidence does.
    """
    if response is None:
        return DrugWord(drug, GenomeWord.NOT_ASSESSED, True, "not among the drugs of this analysis")
    weak = response.action is Action.INFORMATIVE_ONLY
    word = _WEAK_WORDS.get(response.response, GenomeWord.NEUTRAL) if weak else _WORDS[response.action]
    if not weak and response.response is Response.INDETERMINATE and set(response.judgement.open_actions) & _RESTRICTING:
        word = GenomeWord.TEST_FIRST  # the guideline watches until it is tested, but the test may ask for more
    differs = word is GenomeWord.DOSE_DIFFERENTLY and not response.dose_stopped
    dose = dose_text(response.factor_low, response.factor_high, response.judgement.basis) if differs else ""
    drivers = ", ".join(response.drivers)
    missing = ", ".join(item.key for item in response.missing)
    parts = [dose, drivers]
    parts.append(f"not assessed: {missing}" if missing and word in (GenomeWord.TEST_FIRST, word.NOT_ASSESSED) else "")
    return DrugWord(drug, word, weak, "; ".join(part for part in parts if part), measure)
