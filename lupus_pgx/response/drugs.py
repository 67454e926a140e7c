"""The predicted response to a drug, and those of all samples: values, put together from distinct judgements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from lupus_pgx.context.judged.checks import ABOVE_RANGE, NOT_TAKEN, OLD_LEVEL, Check
from lupus_pgx.context.judged.intolerance import INTOLERANCE
from lupus_pgx.context.judged.safety import PAIRS, PLANNED_DOSE
from lupus_pgx.context.values import Amount
from lupus_pgx.encoded import Encoded, Index
from lupus_pgx.knowledge.rules import Drug, EvidenceRow, GuidanceRule, gene_of
from lupus_pgx.knowledge.tables import OVERLAY_MARK, split_list
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.firing import Firing
from lupus_pgx.response.judgement import MIN_CERTAINTY, Judgement
from lupus_pgx.response.overall import action_of, lowest, overall_action
from lupus_pgx.response.values import Assumed, Conflict, ConflictKind, Missing
from lupus_pgx.terms import Action, CallStatus, CheckStatus, Response
from lupus_pgx.words.amounts import SureAs
from lupus_pgx.words.vocabulary import ACTIONS

_OPPOSITE = {
    "increased_efficacy": "reduced_efficacy",
    "reduced_efficacy": "increased_efficacy",
    "increased_toxicity": "reduced_toxicity",
    "reduced_toxicity": "increased_toxicity",
    "increased_exposure": "reduced_exposure",
    "reduced_exposure": "increased_exposure",
}

_WARNING = ("increased_toxicity", "reduced_efficacy")
_SILENT = (Response.INDETERMINATE, Response.NO_VALIDATED_MARKER, Response.TYPICAL)


@dataclass(frozen=True)
class DrugResponse:
    """Predicted response to one drug for all samples with the same calls.

    Attributes
    ----------
    judgement : Judgement
        What rules and directing evidence come to.
    evidence : tuple of EvidenceRow
        Rows that fired.
    known : mapping of str to Assessed
        What is known of each gene and marker.
    checks : tuple of Check
        Contraindications and interactions that the clinical context meets or leaves open; empty without one.
    """

    judgement: Judgement
    evidence: tuple[EvidenceRow, ...]
    known: Mapping[str, Assessed]
    checks: tuple[Check, ...] = ()

    @property
    def drug(self) -> Drug:
        """The drug."""
        return self.judgement.drug

    @property
    def response(self) -> Response:
        """Predicted response by the genotype alone."""
        return self.judgement.response

    @property
    def action(self) -> Action:
        """What to do by the genotype alone."""
        return self.judgement.action

    @property
    def factor_low(self) -> float | None:
        """Lowest share of the usual dose, by the genotype alone."""
        return self.judgement.factor_low

    @property
    def factor_high(self) -> float | None:
        """Highest share of the usual dose, by the genotype alone."""
        return self.judgement.factor_high

    @property
    def certainty(self) -> float | None:
        """Lowest probability of the action over the priors; None where no action is certain."""
        return self.judgement.certainty

    @property
    def guidance(self) -> tuple[GuidanceRule, ...]:
        """Guideline rows that fired, of all bodies."""
        return self.judgement.guidance

    @cached_property
    def drivers(self) -> tuple[str, ...]:
        """Genes and markers behind the prediction, in words; what only frequencies say of a gene is behind none."""
        items = [self.known[key] for key in self.judgement.driven_by if key in self.known]
        if self.response is not Response.INDETERMINATE:
            items = [item for item in items if not item.by_frequency] or items
        return tuple(dict.fromkeys(item.description for item in items if not item.not_assessed))

    @property
    def _assessed(self) -> list[Assessed]:
        return [self.known.get(key) or Assessed(key) for key in self.judgement.judged_by]

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """Essential loci that are missing; where none is but the drug is undecided, any other."""
        found = tuple(Missing(item.key, item.missing) for item in self._assessed if item.missing)
        if found or not self.judgement.blocked:
            return found
        calls = [(item.key, item.diplotype.missing) for item in self._assessed if item.diplotype]
        return tuple(Missing(key, loci, essential=False) for key, loci in calls if loci)

    @property
    def partly_seen(self) -> frozenset[str]:
        """Genes of which loci are missing, and others were seen."""
        calls = [(item.key, item.diplotype) for item in self._assessed if item.diplotype]
        return frozenset(key for key, call in calls if call.partly_seen or (call.missing and call.essential_complete))

    @property
    def unfitting(self) -> tuple[str, ...]:
        """Genes of which no pair of named alleles fits what was seen, and no single variant is read instead."""
        calls = [(item.key, item.diplotype) for item in self._assessed if item.diplotype]
        return tuple(key for key, call in calls if call.status is CallStatus.NOVEL and not call.looked_up)

    @property
    def ambiguous(self) -> tuple[str, ...]:
        """Genes of which all essential loci were seen, and that allows more than one answer."""
        calls = [(item.key, item.diplotype) for item in self._assessed if item.diplotype]
        return tuple(
            key
            for key, call in calls
            if call.status is CallStatus.AMBIGUOUS and not (call.missing_essential or call.structure_open)
        )

    @cached_property
    def assumed(self) -> tuple[Assumed, ...]:
        """By gene, how many loci are assumed to carry the genome base, and which essential ones."""
        calls = [item.diplotype for key in self.judgement.judged_by if (item := self.known.get(key)) and item.diplotype]
        return tuple(
            Assumed(call.gene, call.n_assumed, call.n_loci, call.assumed_essential) for call in calls if call.n_assumed
        )

    @property
    def sure_as(self) -> SureAs:
        """What the certainty rests on, and what it is not a certainty of: see :class:`SureAs`."""
        calls = [item.diplotype for key in self.judgement.driven_by if (item := self.known.get(key)) and item.diplotype]
        decided = self.response is not Response.INDETERMINATE
        return {
            "assumed": bool(self.assumed),
            "unnamed": any(call.status is CallStatus.NOVEL and not call.looked_up for call in calls),
            "contradicted": bool(self.contradicted),
            "partly": decided and bool(self.judgement.open_actions),
            "unseen_structure": any(call.structure_unseen for call in calls),
            "otherwise": tuple(ACTIONS[action].label for action in self.judgement.otherwise),
        }

    @property
    def speaking_otherwise(self) -> tuple[Conflict, ...]:
        """Other guideline bodies that ask for more than the first, or that restrict where it does not decide."""
        return tuple(item for item in self.judgement.differences if self._asks_more(item))

    def _asks_more(self, other: Conflict) -> bool:
        if other.action is None or other.action.severity <= Action.STANDARD.severity:
            return False
        if other.action.severity > self.action.severity or self.response is Response.INDETERMINATE:
            return True
        # Of the same action the lower share of the dose is the stricter one.
        lower = None not in (other.factor_high, self.factor_low) and other.factor_high < self.factor_low  # type: ignore[operator]
        return other.action is self.action and lower

    @property
    def high_level(self) -> bool:
        """Whether a measured level was above its range: it decides about the dose, and no multiple of the genome."""
        return any(
            (check.known and check.criterion == ABOVE_RANGE) or (check.criterion == OLD_LEVEL and check.asks_first)
            for check in self.checks
        )

    @property
    def contradicted(self) -> tuple[Conflict, ...]:
        """Calls that were handed over and that the file contradicts, of the genes that the drug is judged by."""
        calls = [item.diplotype for key in self.judgement.judged_by if (item := self.known.get(key)) and item.diplotype]
        return tuple(
            Conflict(ConflictKind.FILE, f"{call.gene} {call.file_allows}") for call in calls if call.file_allows
        )

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Guideline bodies and findings that say something else, and what the clinical context says against it."""
        against = [
            row for row in self.evidence if row.evidence not in self.judgement.leading and self._contradicts(row)
        ]
        objections = [
            Conflict(ConflictKind.CONTEXT, citations=check.citations, check=check)
            for check in self.checks
            if check.against
        ]
        return (*self.contradicted, *self.judgement.differences, *(_finding(row) for row in against), *objections)

    @property
    def overall_action(self) -> Action:
        """The stricter of the action of the genotype and of what the clinical context asks for."""
        return overall_action(self.action, self.checks)

    @property
    def dose_stopped(self) -> bool:
        """Whether the share of the dose that the genotype gives does not hold beside what the context asks for.

        Nothing holds of a drug that is not to be given, or perhaps not taken; a multiple does not hold where the
        context divides the dose, or a level was too high and is too old to tell of now, but a share below the usual
        dose does: the milder one must not take its place.
        """
        if any(action_of(check) in _FORBIDDING or check.criterion == NOT_TAKEN for check in self.checks):
            return True
        divided = any(
            action_of(check) is Action.REDUCE_DOSE or (check.criterion == OLD_LEVEL and check.asks_first)
            for check in self.checks
        )
        return divided and self.factor_high is not None and self.factor_high > 1  # every share has a highest

    @property
    def lowest_cap(self) -> Amount | None:
        """The lowest of the highest doses that genotype and co-medication allow."""
        return lowest([self.judgement.cap, *(check.highest for check in self.checks if check.known)])

    @property
    def told_caps(self) -> tuple[Check, ...]:
        """What the context says that gives the lowest of the highest doses; empty where the guideline's is as low."""
        cap, own = self.lowest_cap, self.judgement.cap
        if cap is None or (own is not None and own.value <= cap.value):
            return ()
        giving = (check for check in self.checks if check.known and check.highest is not None)
        lowest_ones = {check.shown: check for check in giving if (check.cap, check.cap_unit) == (cap.value, cap.unit)}
        return tuple(lowest_ones.values())

    @property
    def adjusted(self) -> bool:
        """Whether co-medication changed what a genotype behind the prediction means."""
        return any(item.adjusted_by for key, item in self.known.items() if key in self.judgement.driven_by)

    @property
    def citations(self) -> tuple[str, ...]:
        """Citations of the rows that speak of this genotype, else of what is known of the drug at all."""
        rules = [rule.row["citation"] for rule in self.guidance]
        cells = [*rules, *(row.row["citation"] for row in self.evidence if row.condition)]
        names = [name for cell in cells or [self.drug.row["citation"]] for name in split_list(cell)]
        return tuple(dict.fromkeys([*names, *(name for check in self.said for name in check.citations)]))

    @property
    def said(self) -> tuple[Check, ...]:
        """Checks that ask for something, the strictest first, and of each subject the strictest only.

        Those that the context answers, and open ones that come before all else. A measured level above its range is the
        first word, after a reaction that was had and what forbids the drug for another reason than a drug beside it.
        """
        asking = [check for check in self.checks if check.criterion == PLANNED_DOSE or _asks(action_of(check))]
        first: dict[str, Check] = {}
        level = any(check.criterion == ABOVE_RANGE for check in asking)
        for check in sorted(asking, key=lambda item: (level and _after_level(item), -item.status.severity)):
            first.setdefault(check.subject, check)
        return tuple(first.values())

    @property
    def unseen(self) -> tuple[Check, ...]:
        """What the context tells and no row answers for this drug: criteria, and pairs known of a kindred drug.

        Those that come before all else are in :attr:`said`.
        """
        return tuple(check for check in self.not_answered if check.criterion != PAIRS or check.found)

    @property
    def not_answered(self) -> tuple[Check, ...]:
        """Everything that the context tells and no row answers for this drug: each drug beside, too.

        Those that come before all else are in :attr:`said`.
        """
        return tuple(check for check in self.checks if check.unseen and not check.asks_first)

    @property
    def unsettled(self) -> tuple[Check, ...]:
        """Open checks on what the context tells, and not well enough: a value too old, or in a unit of another kind.

        Those that come before all else are in :attr:`said`.
        """
        told = (item for item in self.checks if not item.known and item.found and item.at_stake is not None)
        return tuple(item for item in told if not item.asks_first)

    def _contradicts(self, row: EvidenceRow) -> bool:
        """Whether a fired row speaks against the prediction: a warning, or the same genes with another result."""
        direction, use = row.row["direction"], row.row["use"]
        if row.condition is None:
            return False
        if self.response in _SILENT:
            return use == "direction" and direction in _WARNING
        if not set(row.condition.keys) <= set(self.judgement.driven_by):
            return False
        # Toxicity, efficacy and exposure are kept apart: a null result on one says nothing of another.
        about = self.response.about
        if about and about not in split_list(row.row["about"]):
            return False
        return use == "null" or direction == "conflicting" or _OPPOSITE.get(direction) == self.response.value

    @property
    def overlaid(self) -> bool:
        """Whether the drug or a row that fired for it is from an overlay."""
        sources = [rule.row["source"] for rule in self.guidance] + [item.row["source"] for item in self.evidence]
        return any(source.endswith(OVERLAY_MARK) for source in (self.drug.row["source"], *sources))

    @property
    def overlaid_genes(self) -> tuple[str, ...]:
        """Genes behind the prediction whose alleles, functions or phenotypes an overlay changes."""
        genes = dict.fromkeys(map(gene_of, self.judgement.judged_by))
        return tuple(gene for gene in genes if gene in self.drug.overlaid_genes)


def _asks(action: Action | None) -> bool:
    return action is not None and action.severity >= Action.MONITOR.severity


def _after_level(check: Check) -> bool:
    forbids = check.status is CheckStatus.CONTRAINDICATED and not check.partner
    return not forbids and check.criterion not in (ABOVE_RANGE, INTOLERANCE)


def _finding(row: EvidenceRow) -> Conflict:
    cell = row.row
    return Conflict(
        ConflictKind.EVIDENCE, cell["population"], direction=cell["direction"], citations=split_list(cell["citation"])
    )


_FORBIDDING = (Action.CONSIDER_ALTERNATIVE, Action.AVOID)


@dataclass(frozen=True, slots=True, repr=False)
class DrugResponses(Encoded[DrugResponse]):
    """Responses of samples, by drug.

    Attributes
    ----------
    checks : dict of (drug, sample number) to tuple of Check
        Of the samples with a clinical context.
    min_certainty : float
        Probability from which an action fired.
    """

    checks: Mapping[tuple[str, int], tuple[Check, ...]] = field(default_factory=dict)
    min_certainty: float = MIN_CERTAINTY

    def of(self, key: str, sample: int) -> DrugResponse:
        """Return the response to a drug of a sample number, with what its context says."""
        found = Encoded.of(self, key, sample)
        scopes = {rule.row["applies_if"] for rule in found.guidance}
        checks = tuple(
            check
            for check in self.checks.get((key, sample), ())
            if check.criterion != PLANNED_DOSE or check.row in scopes  # of rules that fired
        )
        return replace(found, checks=checks) if checks else found

    def select(self, samples: Sequence[int]) -> DrugResponses:
        """Return the responses of some samples, by number."""
        places: dict[int, list[int]] = {}
        for place, sample in enumerate(samples):
            places.setdefault(sample, []).append(place)
        checks = {
            (drug, place): found for (drug, sample), found in self.checks.items() for place in places.get(sample, ())
        }
        return replace(Encoded.select(self, samples), checks=checks)

    def combinations(self, drug: str) -> Combinations:
        """Return the responses to a drug, by combination of calls."""
        responses = self.values[drug]
        assert isinstance(responses, Combinations)
        return responses

    def judged(self, drug: str) -> tuple[Sequence[Judgement], Index]:
        """Return the distinct judgements of a drug, and the number of that of each sample."""
        responses = self.combinations(drug)
        return responses.judged, responses.which[self.index[drug]]

    def judgements(self, drug: str) -> Iterator[tuple[Judgement, int]]:
        """Yield the distinct judgements of a drug, and how many samples have each."""
        judgements, numbers = self.judged(drug)
        counts = np.bincount(numbers, minlength=len(judgements))
        yield from ((judged, samples) for judged, samples in zip(judgements, counts.tolist(), strict=True) if samples)

    def where(self, drug: str, asked: Callable[[Judgement], bool]) -> npt.NDArray[np.bool_]:
        """Say of which samples the judgement of a drug is as asked, shape (samples,)."""
        responses = self.combinations(drug)
        return np.array([asked(judged) for judged in responses.judged], bool)[responses.which[self.index[drug]]]


class Combinations(Sequence[DrugResponse]):
    """Responses to one drug by combination of calls, put together when asked for.

    Attributes
    ----------
    drug : Drug
    judged : list of Judgement
        Distinct judgements.
    which : ndarray of int, shape (combinations,)
        Judgement of each combination of calls.
    numbers : ndarray of int, shape (combinations, keys)
        Call number of each gene and marker.
    assessed : dict of str to list of Assessed
        What is known of each gene and marker, by call number.
    firing : Firing
        Which findings fire.
    """

    def __init__(
        self,
        drug: Drug,
        judged: Sequence[Judgement],
        which: Index,
        numbers: npt.NDArray[np.integer],
        assessed: Mapping[str, Sequence[Assessed]],
        min_certainty: float,
    ) -> None:
        self.drug, self.judged, self.which = drug, judged, which
        self.numbers, self.assessed = numbers, assessed
        self.firing = Firing(drug, numbers, assessed, min_certainty)

    def __len__(self) -> int:
        return len(self.which)

    @overload
    def __getitem__(self, number: int) -> DrugResponse: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[DrugResponse]: ...
    def __getitem__(self, number: int | slice) -> DrugResponse | Sequence[DrugResponse]:
        if isinstance(number, slice):
            return [self[place] for place in range(*number.indices(len(self)))]
        line = self.numbers[number].tolist()
        known = {key: items[place] for (key, items), place in zip(self.assessed.items(), line, strict=True)}
        return DrugResponse(self.judged[int(self.which[number])], self.firing.rows(line), known)
