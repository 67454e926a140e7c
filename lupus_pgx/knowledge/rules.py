"""Rules of guidelines and evidence rows, and the conditions under which they apply to a sample.

``TPMT=Poor Metabolizer`` asks for a phenotype, ``NUDT15:allele=*3`` for an allele carried
(``no *3``: called, and not carried), ``CYP2C9:score=1|1.5`` for an activity score (``CYP2D6:score>2.5``: also ``<``,
``<=``, ``>`` and ``>=``), ``FCGR3A F158V=V/V|F/V`` for a marker genotype and ``APOL1 risk haplotypes:category=...`` for
its category. ``&`` joins clauses, ``|`` alternatives.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from lupus_pgx.errors import KnowledgeError
from lupus_pgx.knowledge.citations import Newer, replaced_text, replacement
from lupus_pgx.knowledge.tables import OVERLAY_MARK, Place, split_list
from lupus_pgx.terms import Action, Response

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import DrugsCells, EvidenceCells, GuidanceCells, GuidelinesCells

    class RuleCells(GuidanceCells):
        """Row of the table ``guidance``, with its guideline as results show it: it says if it is from an overlay."""

        source: str


PHENOTYPE = "phenotype"
ALLELE = "allele"
GENOTYPE = "genotype"
CATEGORY = "category"
SCORE = "score"
WITHOUT = "no "
"""Before an allele: called or typed, and the allele is not there (``HLA-B:allele=no *58:01``)."""

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CLAUSE = re.compile(r"(?P<name>[^:=]+)(?::(?P<aspect>[a-z]+)\s*(?P<comparison><=|>=|=|<|>)|=)\s*(?P<values>.+)")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_ASPECTS = {PHENOTYPE, ALLELE, GENOTYPE, CATEGORY, SCORE}


def gene_of(key: str) -> str:
    """Return the gene of what a condition asks about: the gene itself, or that of a marker.

    Examples
    --------
    >>> gene_of("TPMT"), gene_of("FCGR3A F158V")
    ('TPMT', 'FCGR3A')
    """
    return key.partition(" ")[0]


def clauses_of(text: str) -> tuple[str, ...]:
    """Return the clauses of a condition, of the genotype or of the context: all of them must hold.

    Examples
    --------
    >>> clauses_of("onset<10 & condition:family_lupus")
    ('onset<10', 'condition:family_lupus')
    """
    return tuple(part.strip() for part in text.split("&"))


@dataclass(frozen=True, slots=True)
class Clause:
    """One test of one gene or marker.

    Attributes
    ----------
    key : str
        Gene symbol, or ``gene marker``.
    aspect : str
        ``phenotype``, ``allele``, ``score``, ``genotype`` or ``category``.
    values : frozenset of str
        Values that satisfy the clause.
    comparison : str
        ``=``, or ``<``, ``<=``, ``>``, ``>=`` of a score: then the one value is the bound.
    """

    key: str
    aspect: str
    values: frozenset[str]
    comparison: str = "="

    def of_score(self, score: float | None) -> bool:
        """Whether an activity score satisfies a clause on scores; one that is not known does not."""
        if score is None:
            return False
        return any(_COMPARE[self.comparison](score, float(value)) for value in self.values)


@dataclass(frozen=True)
class Condition:
    """Clauses that must all hold; ``text`` is the cell as written."""

    text: str
    clauses: tuple[Clause, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Genes and markers the condition looks at."""
        return tuple(dict.fromkeys(clause.key for clause in self.clauses))


class ConditionSet:
    """Conditions that are judged together; which of them hold is a set of bits, the first condition lowest.

    Parameters
    ----------
    conditions : sequence of Condition

    Attributes
    ----------
    keys : tuple of str
        Genes and markers the conditions look at.
    everything : int
        All bits.
    worked_out : dict
        Bits that hold for values met before: samples share them.
    open_states : dict
        Which bits may hold of a gene that nobody looked at, by gene, once it was asked.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.worked_out: dict[Any, int] = {}
        self.open_states: dict[str, frozenset[int]] = {}
        self.keys = tuple(dict.fromkeys(key for condition in conditions for key in condition.keys))
        self.everything = (1 << len(conditions)) - 1
        self._of_key: dict[str, list[tuple[int, tuple[Clause, ...]]]] = {
            key: [
                (1 << number, tuple(clause for clause in condition.clauses if clause.key == key))
                for number, condition in enumerate(conditions)
                if key in condition.keys
            ]
            for key in self.keys
        }

    def clauses(self, key: str) -> list[tuple[int, tuple[Clause, ...]]]:
        """Return the bit of each condition that looks at a key, and its clauses on it."""
        return self._of_key[key]


@cache
def condition_set(conditions: tuple[Condition, ...]) -> ConditionSet:
    """Return conditions that are judged together: one set for all drugs whose rules ask for the same."""
    return ConditionSet(conditions)


@cache
def parse_condition(text: str) -> Condition:
    """Parse the text of a condition, once for all rules that state it.

    Raises
    ------
    KnowledgeError
        If the text does not follow the grammar.

    Examples
    --------
    >>> parse_condition("NUDT15:allele=*3 & TPMT=Normal Metabolizer").keys
    ('NUDT15', 'TPMT')
    """
    return Condition(text, tuple(_clause(text, part) for part in clauses_of(text)))


def _clause(text: str, part: str) -> Clause:
    match = _CLAUSE.fullmatch(part)
    name = match["name"].strip() if match else ""
    values = frozenset(value.strip() for value in match["values"].split("|")) if match else frozenset({""})
    # A gene symbol has no blank, so that one tells a marker from a gene.
    aspect = (match and match["aspect"]) or (GENOTYPE if " " in name else PHENOTYPE)
    if match is None or not name or aspect not in _ASPECTS or "" in values:
        raise KnowledgeError(f"condition {text!r}: {part!r} is not KEY=value|value (or KEY:aspect=...)")
    comparison = match["comparison"] or "="
    numbers = all(_NUMBER.fullmatch(value) for value in values)
    if aspect == SCORE and not numbers:
        raise KnowledgeError(f"condition {text!r}: {part!r} compares an activity score with what is no number")
    if comparison != "=" and (aspect != SCORE or len(values) > 1):
        raise KnowledgeError(f"condition {text!r}: {comparison} compares one activity score, as in CYP2D6:score>2.5")
    return Clause(name, aspect, values, comparison)


@dataclass(frozen=True, slots=True)
class GuidanceRule:
    """One row of the table ``guidance``.

    Its guideline is called ``source``, as in the results; ``priority`` and ``population`` are what the guideline says
    of the drug as a whole.
    """

    rule: str
    drug: str
    source: str
    priority: int
    population: str
    condition: Condition
    action: Action
    response: Response
    row: RuleCells
    newer: Newer | None = None
    """What replaced the document that it rests on."""

    @property
    def edition(self) -> str:
        """Year of the guideline, and whether the document has been replaced since."""
        replaced = replaced_text(self.newer.year) if self.newer is not None else ""
        return ", ".join(part for part in (str(self.row["year"] or ""), replaced) if part)


OF_DISEASE = "risk"
"""In the column ``about`` of ``evidence``: the risk or the course of the disease, not a drug."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One row of the table ``evidence``; without a condition it applies to everyone."""

    evidence: str
    drug: str
    condition: Condition | None
    row: EvidenceCells

    @property
    def of_disease(self) -> bool:
        """Whether it is about the risk or the course of the disease, and changes no choice of a drug."""
        return self.row["about"] == OF_DISEASE


class GuidelineBody:
    """The rules of one guideline body on a drug.

    Parameters
    ----------
    source : str
    rules : sequence of GuidanceRule
    """

    def __init__(self, source: str, rules: Sequence[GuidanceRule]) -> None:
        self.source = source
        self.rules = tuple(rules)
        self.conditions = condition_set(tuple(rule.condition for rule in rules))
        self._strictest: dict[int, GuidanceRule] = {}

    def strictest(self, held: int) -> GuidanceRule:
        """Return the most restricting of the rules whose bits are set; the first of equals."""
        # Samples share outcomes: of a cohort each set of bits is looked up once.
        if held not in self._strictest:
            met = [rule for number, rule in enumerate(self.rules) if held >> number & 1]
            self._strictest[held] = max(met, key=lambda rule: rule.action.severity)
        return self._strictest[held]


@dataclass(frozen=True, repr=False)
class Drug:
    """A drug with its guideline rules and evidence rows; ``overlaid_genes`` are all genes that an overlay changes."""

    drug: str
    row: DrugsCells
    rules: tuple[GuidanceRule, ...]
    evidence: tuple[EvidenceRow, ...]
    overlaid_genes: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"<Drug {self.drug}: {len(self.rules)} guideline rules, {len(self.evidence)} evidence rows>"

    @cached_property
    def bodies(self) -> tuple[GuidelineBody, ...]:
        """Guideline bodies with their rules, in the order of priority."""
        sources = dict.fromkeys(rule.source for rule in self.rules)
        return tuple(
            GuidelineBody(source, [rule for rule in self.rules if rule.source == source]) for source in sources
        )

    @cached_property
    def rule_keys(self) -> tuple[str, ...]:
        """Genes and markers that the rules look at."""
        return tuple(dict.fromkeys(key for rule in self.rules for key in rule.condition.keys))

    @cached_property
    def directing(self) -> tuple[EvidenceRow, ...]:
        """Evidence rows that may set the direction where no guideline speaks."""
        return tuple(row for row in self.evidence if row.row["use"] == "direction")

    @cached_property
    def judged_keys(self) -> tuple[str, ...]:
        """Genes and markers that a prediction is judged by: those of the rules, else of directing evidence."""
        of_evidence = (key for row in self.directing if row.condition is not None for key in row.condition.keys)
        return self.rule_keys or tuple(dict.fromkeys(of_evidence))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Genes and markers that rules and evidence look at."""
        of_evidence = (key for row in self.evidence if row.condition is not None for key in row.condition.keys)
        return tuple(dict.fromkeys((*self.rule_keys, *of_evidence)))

    @property
    def names(self) -> tuple[str, ...]:
        """Name and aliases."""
        return (self.drug, *split_list(self.row["aliases"]))


def shown_source(source: str, place: Place) -> str:
    """Return the source of a row as results show it: it says if the row is from an overlay."""
    return source if place.shipped else f"{source}{OVERLAY_MARK}"


def guidance_rule(
    row: GuidanceCells, guideline: GuidelinesCells, place: Place, newer: Mapping[str, Newer]
) -> GuidanceRule:
    """Return the rule of a row of the table ``guidance``, and of its row of the table ``guidelines``."""
    shown: RuleCells = {**row, "source": shown_source(row["guideline"], place)}
    return GuidanceRule(
        rule=row["rule"],
        drug=row["drug"],
        source=row["guideline"],
        priority=guideline["priority"],
        population=guideline["population"],
        condition=parse_condition(row["condition"]),
        action=Action(row["action"]),
        response=Response(row["predicted_response"]),
        row=shown,
        newer=replacement(row["citation"], newer),
    )
