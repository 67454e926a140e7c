"""Of which sample a statement is. Nothing that is said of one may reach another."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from lupus_pgx.context.per_sample import folded
from lupus_pgx.handover.model import Faults, Statement

log = logging.getLogger(__name__)

_SHOWN = 3


def assigned(said: Sequence[Statement], samples: Sequence[str], faults: Faults, *, selected: bool) -> dict[int, int]:
    """Return the number of the sample of each statement that is of one that is analyzed.

    A statement without a sample is of the only sample there is, unless the name of its file has a part of its own for
    one of several. A sample that is not analyzed is told: as a fault where a file is of no sample that is, or where
    the name differs in upper and lower case or spaces only, else as a warning.

    Parameters
    ----------
    said : sequence of Statement
    samples : sequence of str
        Samples that are analyzed.
    faults : Faults
    selected : bool
        Only some samples of the input are analyzed: of the others nothing is said.

    Returns
    -------
    dict of int to int
        By number of the statement.
    """
    numbers = {sample: number for number, sample in enumerate(samples)}
    written = {folded(sample): sample for sample in samples}
    found: dict[int, int] = {}
    strange: dict[str, list[Statement]] = {}
    files: dict[str, bool] = {}
    for place, item in enumerate(said):
        path = file_of(item.place)
        sample = item.sample if item.sample in numbers else None
        if item.sample is None:
            sample = _by_file(path, samples)
            if sample is None:
                faults.add(
                    item.place,
                    f"{len(samples)} samples are analyzed, so a sample_id column is needed, or SAMPLE={path} "
                    "for a file of one",
                )
                continue
        elif sample is None:
            strange.setdefault(path, []).append(item)
            files.setdefault(path, False)
            continue
        files[path] = True
        found[place] = numbers[sample]
    for path, items in strange.items():
        _tell(path, items, written, samples, faults, known=files[path], selected=selected)
    return found


def _tell(
    path: str,
    items: Sequence[Statement],
    written: dict[str, str],
    samples: Sequence[str],
    faults: Faults,
    *,
    known: bool,
    selected: bool,
) -> None:
    """Tell the samples of a file that are not analyzed."""
    names: dict[str, str] = {}
    for item in items:
        names.setdefault(item.sample or "", item.place)
    for name, place in names.items():
        if folded(name) in written:
            faults.add(place, f"sample {name!r} is not in the input; did you mean {written[folded(name)]!r}?")
        elif not known and not selected:
            faults.add(place, f"sample {name!r} is not in the input ({_few(samples)})")
    told = [f"{name} ({place.rpartition(':')[2]})" for name, place in names.items() if folded(name) not in written]
    if known and told and not selected:
        log.warning("%s: samples that are not in the input are left aside, with their line: %s", path, _few(told))
    elif told and selected:
        log.warning("%s: samples that are not analyzed are left aside, with their line: %s", path, _few(told))


def file_of(place: str) -> str:
    """Return the file of a place."""
    return re.split(r":(?= |\d+$)", place)[0]


def sample_in_name(place: str, samples: Sequence[str]) -> str | None:
    """Return the sample that the name of a file is of, or the only one there is."""
    return _by_file(file_of(place), samples)


def _by_file(path: str, samples: Sequence[str]) -> str | None:
    """Return the only sample, or the one whose name is a part of the name of the file or of a folder of it."""
    if len(samples) == 1:
        return samples[0]
    for part in reversed(PurePath(path).parts):
        found = [
            sample for sample in samples if re.search(rf"(?<![A-Za-z0-9]){re.escape(sample)}(?![A-Za-z0-9])", part)
        ]
        longest = [sample for sample in found if not any(sample != other and sample in other for other in found)]
        if len(longest) == 1:
            return longest[0]
        if longest:
            return None
    return None


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:_SHOWN]) + (f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else "")
