"""What is known of a quantity of a patient: every value that answers for it, the newest first.

Of several sources (measured, reported, estimated) the newest counts. A value without a date is of today, as far as
anybody knows: it stands behind the newest recent one, and alone where none is recent. Two values of one day, or one of
them without a date, are not ordered by the calendar: what was measured stands before what was worked out, and whoever
compares them with a bound has to see both (:func:`as_new_as`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from lupus_pgx.knowledge.units import CKD_EPI, SCHWARTZ, Quantity, Units, estimated_gfr, estimated_gfr_of_child

if TYPE_CHECKING:
    from lupus_pgx.context.model import Context


HEIGHT = "height"
ADULT, _FIRST_YEAR = 18, 1
_OF_HEIGHT = 365
"""Days for which the height of a child holds (our bound): later it has grown."""

OWN_AMOUNTS = ("weight", "egfr", "creatinine", "igg")
"""Fields of a patient that are values; the others stand under ``values``."""


class _Marked(str):
    """A text that keeps, in ``told``, what it stands for."""

    __slots__ = ("told",)
    told: str

    def __new__(cls, text: str, told: str = "") -> Self:
        """Return the text with what was told."""
        made = super().__new__(cls, text)
        made.told = told
        return made


class Unused(_Marked):
    """A remark on what was told and is not used, or not understood; others say as what something was read.

    ``told`` is the result that no rule reads, where it is one: reports name it, too.
    """

    __slots__ = ()


class Entered(_Marked):
    """An amount that was told as something else, such as ``138/112 mmHg``."""

    __slots__ = ()


def lost_first(remarks: Iterable[str]) -> tuple[str, ...]:
    """Return remarks with those first on what is not used: who reads a few lines reads these."""
    return tuple(sorted(remarks, key=lambda remark: not isinstance(remark, Unused)))


class Stage(str):
    """A filtration rate that a stage of kidney disease states, such as ``<30 mL/min/1.73m2``; nobody measured it."""

    __slots__ = ()


class Worded(float):
    """A number that was told as something else, such as the 0 of a level that was undetectable; ``words`` keeps it."""

    words: str = ""


class Rough(str):
    """The middle of a month or a year that was told without its day; ``last`` is its last day.

    ``over`` says of a stop that it was told as past: what was taken until this year may go on, what was stopped does
    not. ``paused`` says that it may be taken again; the text is then the day of the pause, or today without one.
    """

    last: str = ""
    over: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A value in the base unit of its quantity.

    Attributes
    ----------
    value : float
    unit : str
    citation : str
        Of the equation where it was estimated.
    sign : str
        ``<``, ``<=``, ``>`` or ``>=`` where the laboratory gives a bound; empty for a value.
    entered : str
        As it was given, such as ``1.1 mg/dL``, where that is another unit.
    """

    value: float
    unit: str
    citation: str = ""
    sign: str = ""
    entered: str = field(default="", compare=False)

    @property
    def shown(self) -> str:
        """The value as it was entered, with what it was converted to in brackets."""
        number = f"{self.value:,.0f}" if abs(self.value) >= 1000 else f"{self.value:.3g}"
        converted = f"{self.sign}{number} {self.unit}"
        return beside_entered(converted, self.unit, self.entered)


def beside_entered(converted: str, unit: str, entered: str) -> str:
    """Return an amount as it was entered, with what it was converted to in brackets.

    A pressure of two numbers counts as one by its graver half: the patient never had that one, so it is not shown.

    Parameters
    ----------
    converted : str
    unit : str
        Of what it was converted to.
    entered : str

    Returns
    -------
    str
    """
    in_the_same = bool(entered) and unit.startswith(entered.rpartition(" ")[2])
    return converted if not entered else entered if in_the_same else f"{entered} [{converted}]"


def read_amount(number: float, quantity: str, unit: str, units: Units, sign: str = "") -> Amount:
    """Return a value of a known unit in the base unit, with how it was entered where that is another number."""
    given = units.unit(quantity, unit)
    value, base = units.to_base(number, quantity, unit)
    return Amount(value, base, sign=sign, entered="" if given.factor == 1 else f"{sign}{number:.12g} {given.name}")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a quantity.

    Attributes
    ----------
    amount : Amount
        In a base unit, with the citation of the equation where it was estimated.
    date : date or None
    quantity : Quantity
        As it was given: creatinine, where a filtration rate was estimated from it.
    """

    amount: Amount
    date: dt.date | None
    quantity: Quantity

    def __str__(self) -> str:
        when = f" on {self.date}" if self.date is not None else ""
        return f"{self.amount.shown}{when}"

    def too_old(self, today: dt.date | None) -> bool:
        """Whether the value is older than its quantity allows; one without a date is of today."""
        return self.quantity.outdated(self.date, today)


def too_old_text(value: object, quantity: Quantity) -> str:
    """Say of the last value of a quantity that it tells nothing of now."""
    return f"last value {value}, older than {quantity.valid_days} days: too old to judge"


def values_of(context: Context, quantity: str, units: Units) -> tuple[Value, ...]:
    """Return the values that answer for a quantity, the newest first.

    Parameters
    ----------
    context : Context
    quantity : str
        Key, such as ``egfr``, for which a measured rate and creatinine answer too (table ``quantities``).
    units : Units

    Returns
    -------
    tuple of Value
        Those with a date, and then those without; where no dated one is recent, only those without.
    """
    found = [value for item in units.counting_as(quantity) for value in _given(context, item, quantity)]
    dated = [value for value in found if value.date is not None]
    undated = [value for value in found if value.date is None]
    # What has no date is of today. It is not ordered against a recent date, but it beats one that no longer counts.
    if undated and all(value.too_old(context.today) for value in dated):
        return tuple(undated)
    return (*sorted(dated, key=lambda value: value.date or dt.date.min, reverse=True), *undated)


def as_new_as(values: Sequence[Value]) -> tuple[Value, ...]:
    """Return the values that the calendar does not tell from the newest."""
    return tuple(value for value in values if value.date in (values[0].date, None))


def ends_of(amounts: Iterable[Amount], usual: tuple[float, float]) -> tuple[float, float]:
    """Return between what a value lies at least and at most, of which there may be several, or only a bound.

    Parameters
    ----------
    amounts : iterable of Amount
        In one unit.
    usual : tuple of float
        Between what it lies where nothing is told. Beyond a bound that lies outside of it anything is possible.

    Examples
    --------
    >>> ends_of([Amount(40, "kg"), Amount(100, "kg")], (45, 120)), ends_of([Amount(80, "kg", sign="<")], (45, 120))
    ((40, 100), (45, 80))
    >>> ends_of([Amount(40, "kg", sign="<")], (45, 120)), ends_of([], (45, 120))
    ((0.0, 40), (45, 120))
    """
    told = list(amounts)
    if not told:
        return usual
    low, high = usual
    lows = [item.value if item.sign[:1] != "<" else low if low < item.value else 0.0 for item in told]
    highs = [item.value if item.sign[:1] != ">" else high if high > item.value else math.inf for item in told]
    return min(lows), max(highs)


def _given(context: Context, quantity: Quantity, asked: str) -> Iterator[Value]:
    """Yield the values of one quantity that a context holds, as values of the one that is asked for."""
    undated = [context.values.get(quantity.name), getattr(context, quantity.name, None)]
    given: list[tuple[dt.date | None, Amount]] = [(None, item) for item in undated if isinstance(item, Amount)]
    for series in context.labs:
        if series.quantity == quantity.name:
            given += [
                (one.date, Amount(one.value, series.unit, sign=one.sign, entered=one.entered))
                for one in series.values
                if one.value is not None
            ]
    for date, amount in given:
        # Creatinine that is asked for itself stays creatinine; asked for a filtration rate it is worked out.
        itself = quantity.equation is None or quantity.name == asked
        counted = amount if itself else EQUATIONS[quantity.equation or ""](context, amount)
        if counted is not None:
            yield Value(counted, date, quantity)


def _estimated(context: Context, creatinine: Amount) -> Amount | None:
    """Estimate the filtration rate of an adult of known age and sex, or of a child of known age and height."""
    if context.age is not None and context.age < ADULT:
        return _of_child(context, creatinine)
    if context.age is None or context.sex is None:
        return None
    rate = estimated_gfr(creatinine.value, context.age, context.sex)
    return None if rate is None else Amount(rate, "mL/min/1.73m2", CKD_EPI, TURNED[creatinine.sign])


def _of_child(context: Context, creatinine: Amount) -> Amount | None:
    """Estimate the filtration rate by the newest height; the equation was made for children of a year and more."""
    height = _height(context)
    known = height is not None and not height.sign and (context.age or 0) >= _FIRST_YEAR
    rate = estimated_gfr_of_child(creatinine.value, height.value) if height is not None and known else None
    return None if rate is None else Amount(rate, "mL/min/1.73m2", SCHWARTZ, TURNED[creatinine.sign])


def _height(context: Context) -> Amount | None:
    """Return the height of today, else the newest; a child grows, and one of years ago tells nothing."""
    told = context.values.get(HEIGHT)
    if told is not None:
        return told
    days = [(one.date, one, item.unit) for item in context.labs if item.quantity == HEIGHT for one in item.values]
    date, newest, unit = max(days, key=lambda day: day[0], default=(None, None, ""))
    if date is None or newest is None or newest.value is None or context.today is None:
        return None
    return Amount(newest.value, unit, sign=newest.sign) if (context.today - date).days <= _OF_HEIGHT else None


TURNED = {"": "", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""More creatinine is less filtration, as more weight is less of a dose per kg."""


def holds(compare: Callable[[float, float], bool], number: float, limit: float, sign: str = "") -> bool | None:
    """Say whether a value meets a limit; None where only a bound of it is known, which does not settle it.

    Parameters
    ----------
    compare : callable
        ``operator.lt``, ``le``, ``ge`` or ``gt``, or one that does the same.
    number, limit : float
        In one unit.
    sign : str
        As of :class:`Amount`.

    Examples
    --------
    >>> import operator
    >>> holds(operator.ge, 60, 20, ">"), holds(operator.ge, 60, 70, ">"), holds(operator.lt, 60, 20, ">")
    (True, None, False)
    """
    if not sign:
        return compare(number, limit)
    # "Above 60" is every number from just above 60 on: a limit is settled where both ends give one answer.
    beyond = math.nextafter(number, -math.inf if sign[0] == "<" else math.inf)
    first = compare(number if len(sign) > 1 else beyond, limit)
    last = compare(-math.inf if sign[0] == "<" else math.inf, limit)
    return first if first is last else None


EQUATIONS: dict[str, Callable[[Context, Amount], Amount | None]] = {"CKD-EPI 2021": _estimated}
"""Equations that the table ``quantities`` names, each with the one for children."""
