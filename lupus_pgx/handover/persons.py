"""Of which sample a statement is. Nothing that is said of one may reach another."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import PurePath

from lupus_pgx.context.per_sample import folded
from lupus_pgx.handover.model import Faults, Statement
from lupus_pgx.words.asked import asked_as
from lupus_pgx.words.lines import few_of

log = logging.getLogger(__name__)

_SHOWN = 3
_PARTS = 3
"""Parts of a path in which the name of a sample is looked for: the file, and two folders (HLA*LA's ``S1/hla/``)."""


def assigned(
    said: Sequence[Statement], samples: Sequence[str], faults: Faults, *, others: Sequence[str] = ()
) -> dict[int, int]:
    """Return the number of the sample of each statement that is of one that is analyzed.

    A statement without a sample is of the sample whose name is a part of the name of its file, or of the only one that
    is analyzed. A sample that is not in the input is told: as a fault where a file is of no sample that is, or where
    the name differs in upper and lower case or spaces only, else as a warning.

    Parameters
    ----------
    said : sequence of Statement
    samples : sequence of str
        Samples that are analyzed.
    faults : Faults
    others : sequence of str
        Samples of the input that are not analyzed: what is said of them is left aside, with a warning.

    Returns
    -------
    dict of int to int
        By number of the statement.
    """
    numbers = {sample: number for number, sample in enumerate(samples)}
    choice = asked_as("-s/--samples", "samples=")
    aside_of = frozenset(others)  # a cohort has thousands, and is asked for each line
    found: dict[int, int] = {}
    aside: dict[str, list[tuple[str, str]]] = {}
    strange: dict[str, list[tuple[str, str]]] = {}
    known: set[str] = set()
    for place, item in enumerate(said):
        path = file_of(item.place)
        sample = item.sample if item.sample is not None else _by_file(path, samples, others)
        if sample is None:
            faults.add(
                item.place,
                f"{len(samples)} samples are analyzed, so a sample_id column is needed, or SAMPLE={path} "
                f"for a file of one, or the choice of whose it is with {choice}",
            )
        elif sample in numbers:
            known.add(path)
            found[place] = numbers[sample]
        elif sample in aside_of:
            known.add(path)
            aside.setdefault(path, []).append((sample, item.place))
        else:
            strange.setdefault(path, []).append((sample, item.place))
    for path, items in strange.items():
        _tell(path, items, [*samples, *others], faults, known=path in known)
    for path, items in aside.items():
        log.warning("%s: samples that are not analyzed are left aside, with their line: %s", path, _lines(items))
    return found


def _tell(path: str, items: Sequence[tuple[str, str]], samples: Sequence[str], faults: Faults, *, known: bool) -> None:
    """Tell the samples of a file that are not in the input."""
    written = {folded(sample): sample for sample in samples}
    told = []
    for name, place in dict(reversed(items)).items():
        if folded(name) in written:
            faults.add(place, f"sample {name!r} is not in the input; did you mean {written[folded(name)]!r}?")
        elif not known:
            faults.add(place, f"sample {name!r} is not in the input ({few_of(samples, _SHOWN)})")
        else:
            told.append((name, place))
    if told:
        log.warning("%s: samples that are not in the input are left aside, with their line: %s", path, _lines(told))


def _lines(items: Sequence[tuple[str, str]]) -> str:
    """Return names with the line on which each stands first."""
    first: dict[str, str] = {}
    for name, place in items:
        first.setdefault(name, place)
    return few_of((f"{name} ({place.rpartition(':')[2].strip()})" for name, place in first.items()), _SHOWN)


def file_of(place: str) -> str:
    """Return the file of a place."""
    return re.split(r":(?= |\d+$)", place)[0]


def sample_in_name(place: str, samples: Sequence[str]) -> str | None:
    """Return the sample that the name of a file is of, or the only one there is."""
    return _by_file(file_of(place), samples, ())


def _by_file(path: str, samples: Sequence[str], others: Sequence[str]) -> str | None:
    """Return the sample whose name is a part of the name of a file or of a folder of it, or the only one."""
    everyone = [*samples, *others]
    for part in reversed(PurePath(path).parts[-_PARTS:]) if len(everyone) > 1 else ():
        found = [name for name in everyone if re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", part)]
        longest = [name for name in found if not any(name != other and name in other for other in found)]
        if len(longest) == 1:
            return longest[0]
        if longest:
            return None
    return samples[0] if len(samples) == 1 else None
