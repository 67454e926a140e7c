"""The clinical context of a patient: an input beside the genotypes, as the knowledge tables are.

What is not given is None or empty: unknown, never a default.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lupus_pgx.context.values import Amount, as_new_as, values_of
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.knowledge.units import Units
from lupus_pgx.terms import Ancestry, Contraception, Grade, Outcome, Sex

MISSED = "missed_doses"
"""Condition that doses of the treatment are missed, and the field of a course that says so of its drug."""


@dataclass(frozen=True, slots=True)
class NamedDrug:
    """A drug by the name of the tables; ``listed`` says whether any table knows it."""

    name: str
    listed: bool = True


@dataclass(frozen=True, slots=True)
class KnownPhenotype:
    """What a genotype says of a gene that a criterion asks for.

    Attributes
    ----------
    phenotype : str
    complete : bool
        Every locus that counts was seen and hardly anything else is possible: a clearance may rest on it.
    """

    phenotype: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Manifestation:
    """A manifestation of lupus; ``classes`` are those of a nephritis, ``mechanism`` is of the nervous system."""

    name: str
    classes: tuple[str, ...] = ()
    mechanism: str | None = None
    severity: Grade | None = None
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Therapy:
    """A therapy that was tried, or is planned (``outcome`` is None).

    Attributes
    ----------
    drug : NamedDrug
    dose : Amount or None
    schedule : str or None
    start, stop : date or None
    outcome : Outcome or None
    reaction : str or None
    taken : bool or None
        Whether it is still taken, where that is told by another word than a day or ``ongoing``.
    latest : date or None
        Last day that its stop, or without one its start, can be: a month or a year has no day, and is read as its
        middle for how long a course was, and as its end for how long ago.
    may_go_on : bool or None
        True where its stop is a month or a year that has not passed, and nothing says that it is over.
    missed : bool or None
        Whether doses of it are missed, where that is told of it.
    conditions : tuple of str
        Conditions that its reaction is: whose jaw died under alendronate has an osteonecrosis of the jaw.
    """

    drug: NamedDrug
    dose: Amount | None = None
    schedule: str | None = None
    start: dt.date | None = None
    stop: dt.date | None = None
    outcome: Outcome | None = None
    reaction: str | None = None
    taken: bool | None = None
    latest: dt.date | None = None
    may_go_on: bool | None = None
    missed: bool | None = None
    conditions: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool | None:
        """Whether it is taken now; None where neither its stop nor that it goes on is told."""
        if self.outcome is Outcome.ONGOING:
            return True
        if self.may_go_on:
            return None
        return False if self.stop is not None else self.taken

    @property
    def is_paused(self) -> bool:
        """Whether it may be taken again, and no day is told on which it was stopped: it is paused."""
        return bool(self.may_go_on) and self.stop is None


@dataclass(frozen=True, slots=True)
class LabValue:
    """A result: a number in the base unit, perhaps only a bound of it, or whether something is present.

    ``entered`` is the number with its unit as given, where that is no base unit.
    """

    date: dt.date
    value: float | None = None
    present: bool | None = None
    sign: str = ""
    entered: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class LabSeries:
    """Dated results of one quantity in one unit, the oldest first."""

    quantity: str
    unit: str
    values: tuple[LabValue, ...]
    drug: NamedDrug | None = None


@dataclass(frozen=True)
class Context:
    """What is known of a patient beside the genotypes.

    Attributes
    ----------
    sample_id : str or None
    sex, ancestry : Sex, Ancestry or None
    age : float or None
        Years.
    weight, egfr, creatinine, igg : Amount or None
        As given, in base units. :attr:`kidney_function` looks further than ``egfr``.
    liver_disease, active_infection : Grade or None
    infection : str
        Which infection is active, as it was told; empty where that is not known.
    pregnancy, breast_feeding : bool or None
    contraception : Contraception or None
    manifestations : tuple of Manifestation
    therapies, planned : tuple of Therapy
    co_medication : tuple of NamedDrug
    doses : tuple of Therapy
        Co-medication whose dose or start is known.
    ended : tuple of Therapy
        Co-medication that was stopped: how it went is not told.
    labs : tuple of LabSeries
    conditions : mapping of str to bool
        Other conditions, as the table ``criteria`` names them: ``tuberculosis``, ``dialysis``, ``seizures`` ...
    other_conditions : tuple of str
        Conditions of which no table asks: what they mean for a drug is unknown here.
    grades : mapping of str to Grade
        How severe a condition is, where that was given.
    values : mapping of str to Amount
        Values of today by quantity.
    remarks : tuple of str
        What is not used of what was told, then words that were not those of the form, and as what they were read.
    stated : frozenset of str
        Fields that were given, even as an empty list: ``co_medication: []`` says that nothing else is taken.
    today : date or None
        The day on which the age of values is counted.
    units : Units or None
        By which quantities are told; those of the shipped tables by default.
    genotypes : mapping of str to KnownPhenotype
        By gene, those that answer a criterion; an analysis fills it in, no context states it.

    Examples
    --------
    >>> import lupus_pgx
    >>> known = lupus_pgx.load_context({"creatinine": "1.1 mg/dL", "co_medication": [], "planned": [{"drug": "AZA"}]})
    >>> known.knows("co_medication"), known.knows("therapies")
    (True, False)
    >>> known.newest("creatinine").shown
    '1.1 mg/dL [97.2 umol/L]'
    >>> list(known.dates())
    []
    """

    sample_id: str | None = None
    sex: Sex | None = None
    ancestry: Ancestry | None = None
    age: float | None = None
    weight: Amount | None = None
    egfr: Amount | None = None
    creatinine: Amount | None = None
    igg: Amount | None = None
    liver_disease: Grade | None = None
    active_infection: Grade | None = None
    infection: str = ""
    pregnancy: bool | None = None
    breast_feeding: bool | None = None
    contraception: Contraception | None = None
    manifestations: tuple[Manifestation, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    planned: tuple[Therapy, ...] = ()
    co_medication: tuple[NamedDrug, ...] = ()
    doses: tuple[Therapy, ...] = ()
    ended: tuple[Therapy, ...] = ()
    labs: tuple[LabSeries, ...] = ()
    conditions: Mapping[str, bool] = field(default_factory=dict)
    other_conditions: tuple[str, ...] = ()
    grades: Mapping[str, Grade] = field(default_factory=dict)
    values: Mapping[str, Amount] = field(default_factory=dict)
    remarks: tuple[str, ...] = field(default=(), compare=False)
    stated: frozenset[str] = field(default=frozenset(), compare=False)
    today: dt.date | None = field(default=None, compare=False)
    units: Units | None = field(default=None, compare=False, repr=False)
    genotypes: Mapping[str, KnownPhenotype] = field(default_factory=dict, compare=False, repr=False)

    @property
    def history(self) -> bool:
        """Whether anything is known of how treatment went: therapies that were tried."""
        return bool(self.therapies)

    def knows(self, name: str) -> bool:
        """Whether a list was given, be it empty.

        Parameters
        ----------
        name : str
            Of the list, such as ``co_medication``.

        Returns
        -------
        bool
            Empty and not given are not the same: an empty list says that there is nothing.
        """
        return name in self.stated or bool(getattr(self, name))

    @property
    def ungraded_infection(self) -> bool:
        """Whether an active infection is there of which nobody told how severe it is."""
        return self.active_infection is None and bool(self.conditions.get("active_infection"))

    @property
    def on_board(self) -> tuple[NamedDrug, ...]:
        """Drugs that are taken now: co-medication, and therapies that are said to go on."""
        ongoing = [therapy.drug for therapy in self.therapies if therapy.goes_on]
        return tuple(dict.fromkeys((*self.co_medication, *ongoing)))

    @property
    def perhaps_taken(self) -> tuple[NamedDrug, ...]:
        """Drugs whose last course has no stop and does not say that it goes on: nobody knows whether they are taken.

        Examples
        --------
        >>> import lupus_pgx
        >>> failed = {"drug": "MMF", "start": "2021-01-10", "outcome": "failure"}
        >>> [item.name for item in lupus_pgx.load_context({"therapies": [failed]}).perhaps_taken]
        ['mycophenolate mofetil']
        >>> lupus_pgx.load_context({"therapies": [failed | {"stop": "yes"}]}).perhaps_taken
        ()
        """
        by_start = sorted(self.therapies, key=lambda item: item.start or dt.date.min)
        last = {item.drug: item for item in by_start}
        last |= {item.drug: item for item in self.ended if item.may_go_on}
        settled = {*self.on_board, *(item.drug for item in self.ended if not item.may_go_on)}
        return tuple(drug for drug, item in last.items() if item.goes_on is None and drug not in settled)

    def beside(self, course: Therapy) -> tuple[NamedDrug, ...]:
        """Return the co-medication that may have been there during a course: all but what began after its end.

        Parameters
        ----------
        course : Therapy

        Returns
        -------
        tuple of NamedDrug
            One of which no start is told may have been there from the first day.

        Examples
        --------
        >>> import lupus_pgx
        >>> course = {"drug": "MMF", "start": "2021-01-10", "stop": "2022-02-01", "outcome": "failure"}
        >>> beside = [{"drug": "omeprazole", "start": "2026-02-01"}, "allopurinol"]
        >>> known = lupus_pgx.load_context({"therapies": [course], "co_medication": beside})
        >>> [item.name for item in known.beside(known.therapies[0])]
        ['allopurinol']
        """
        begun: dict[str, list[dt.date | None]] = {}
        for item in self.doses:
            begun.setdefault(item.drug.name, []).append(item.start)
        end = course.stop
        return tuple(
            item
            for item in self.co_medication
            if end is None or any(day is None or day <= end for day in begun.get(item.name, [None]))
        )

    @property
    def taken_or_planned(self) -> tuple[str, ...]:
        """Names of the drugs that are taken now, and of those that are planned."""
        return tuple(item.name for item in (*self.on_board, *(plan.drug for plan in self.planned)))

    def misses(self, drug: str) -> bool:
        """Whether doses of a drug are missed: told of it, or of the treatment as a whole where no course says of which.

        Parameters
        ----------
        drug : str
            The drug by its name in the table ``drugs``.

        Returns
        -------
        bool
            Of a course that helped, or was not tolerated, nothing is explained by it; co-medication is taken now.

        Examples
        --------
        >>> import lupus_pgx
        >>> missed = {"drug": "MMF", "outcome": "failure", "adherence": "poor"}
        >>> known = lupus_pgx.load_context({"therapies": [missed, {"drug": "HCQ", "outcome": "ongoing"}]})
        >>> known.misses("mycophenolate mofetil"), known.misses("hydroxychloroquine")
        (True, False)
        """
        courses = [item for item in self.therapies if item.drug.name == drug]
        if any(item.missed is not None for item in self.therapies):
            return any(item.missed for item in courses)
        asked = (Outcome.INADEQUATE_RESPONSE, Outcome.ONGOING)
        running = any(item.outcome in asked for item in courses) or drug in [item.name for item in self.co_medication]
        return bool(self.conditions.get(MISSED)) and running

    def begun(self, drug: str) -> dt.date | None:
        """Return when a drug that is taken was begun: the first of its courses, as another dose is no new start.

        Parameters
        ----------
        drug : str
            The drug by its name in the table ``drugs``.

        Returns
        -------
        datetime.date or None
            ``None`` when the drug is not taken, or when no start was told.

        Examples
        --------
        >>> import lupus_pgx
        >>> course = {"drug": "Plaquenil", "dose": "200 mg/day", "start": "2019-03-01", "outcome": "ongoing"}
        >>> lupus_pgx.load_context({"therapies": [course]}).begun("hydroxychloroquine")
        datetime.date(2019, 3, 1)
        """
        known = (item for item in (*self.therapies, *self.doses) if item.drug.name == drug and item.start is not None)
        return min((item.start for item in known if item.goes_on and item.start), default=None)

    def dates(self) -> Iterator[dt.date]:
        """Yield every date of what was: plans are left out."""
        for item in (*self.therapies, *self.ended):
            yield from (date for date in (item.start, item.stop) if date is not None)
        yield from (item.since for item in self.manifestations if item.since is not None)
        yield from (value.date for series in self.labs for value in series.values)

    @property
    def weights(self) -> tuple[Amount, ...]:
        """Every weight that may be the one of today: one without a day does not take the place of a recent one.

        Examples
        --------
        >>> import lupus_pgx
        >>> told = {"weight": "100 kg", "labs": [{"quantity": "weight", "unit": "kg", "values": {"2026-11-01": 40}}]}
        >>> [item.value for item in lupus_pgx.load_context(told, today="2026-11-30").weights]
        [40.0, 100.0]
        """
        known = as_new_as(values_of(self, "weight", self._known_units))
        told = [item.amount for item in known if item.amount.value and not item.too_old(self.today)]
        return tuple({(item.value, item.sign): item for item in told}.values())

    @property
    def weight_alone(self) -> Amount | None:
        """The weight where it is the only one that is told, and no bound of it."""
        found = self.weights
        return found[0] if len(found) == 1 and not found[0].sign else None

    @property
    def _known_units(self) -> Units:
        return self.units if self.units is not None else load_knowledge().known_units

    @property
    def kidney_function(self) -> Amount | None:
        """Glomerular filtration rate: the newest of measured, reported and estimated.

        The estimate (CKD-EPI 2021) needs the age of an adult and the sex, or that of a child from one year on and its
        height (bedside Schwartz 2009).
        """
        return self.newest("egfr")

    def newest(self, quantity: str) -> Amount | None:
        """Return the newest value that answers for a quantity; see :mod:`lupus_pgx.context.values`.

        Parameters
        ----------
        quantity : str
            Such as ``creatinine``, in any unit that was given.

        Returns
        -------
        Amount or None
            With its unit; None where nothing answers.
        """
        found = values_of(self, quantity, self._known_units)
        return found[0].amount if found else None
