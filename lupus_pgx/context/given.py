"""What a caller gives as clinical context, and the samples it is of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

from lupus_pgx.context.model import Context
from lupus_pgx.context.per_sample import BySample, tell_strange
from lupus_pgx.context.reading import load_context
from lupus_pgx.errors import InputError, UsageError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.words.asked import asked_as
from lupus_pgx.words.lines import few_of

_SHOWN = 3
"""So many names of samples are shown in a message."""


def read_context(
    given: str | PathLike[str] | Context | Mapping[str, Any] | None, knowledge: Knowledge, today: dt.date
) -> Context | Mapping[str, Context]:
    """Return what a caller gave as context, read if it is a file or the fields of one.

    Raises
    ------
    InputError
        If the context is faulty, or was read on a later day and has dates after ``today``.
    """
    if given is None:
        return {}
    if isinstance(given, Context):
        _check_dates([given], today)
        return replace(given, today=today)
    if isinstance(given, Mapping) and all(isinstance(item, Context) for item in given.values()):
        _check_dates(given.values(), today)
        return {sample: replace(item, today=today) for sample, item in given.items()}
    return load_context(given, knowledge, today=today)


def _check_dates(contexts: Iterable[Context], today: dt.date) -> None:
    late = max((date for item in contexts for date in item.dates() if date > today), default=None)
    if late is not None:
        raise InputError(f"context: {late} is in the future: today is {today}")


def contexts_of(
    given: Context | Mapping[str, Context], samples: Sequence[str], *, selected: bool = False
) -> dict[str, Context]:
    """Return the context of each sample of an analysis that has one.

    Raises
    ------
    UsageError
        If it names no sample where there are several, none of them, or one of them written differently.
    """
    if isinstance(given, Context):
        if given.sample_id is None and len(samples) == 1:
            return {samples[0]: given}
        if given.sample_id is None:
            choice = asked_as("-s/--samples SAMPLE", "samples=['SAMPLE']")
            raise UsageError(
                f"context: {len(samples)} samples are analyzed, so the context needs a sample_id; or choose whose "
                f"it is with {choice}"
            )
        given = {given.sample_id: given}
    chosen = {sample: given[sample] for sample in samples if sample in given}
    if given and not chosen:
        tell_strange("context", given, samples, selected=True)
        where = given.place(next(iter(given))) if isinstance(given, BySample) else ""
        own, others = few_of(given, _SHOWN), few_of(samples, _SHOWN)
        raise UsageError(f"{where}context: none of its samples ({own}) is in the input ({others})")
    tell_strange("context", given, samples, selected=selected)
    return chosen


def only_context(given: Context | Mapping[str, Context]) -> Context | None:
    """Return the context of one patient, whatever the sample is called.

    Raises
    ------
    UsageError
        If it is of several patients.
    """
    if isinstance(given, Context):
        return given
    if len(given) > 1:
        raise UsageError(f"context: expected one patient; found {len(given)} ({few_of(given, _SHOWN)})")
    return next(iter(given.values()), None)
