"""What is stated for all samples or for each: ancestry and sex, as one value, as a mapping or as a table."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar, cast

from lupus_pgx.bounded import found_as, read_text
from lupus_pgx.errors import UsageError
from lupus_pgx.words.lines import few_of

log = logging.getLogger(__name__)

Term = TypeVar("Term")
Value = TypeVar("Value")
Given = TypeVar("Given")
_NAME = "sample_id"


def read_lines(path: str, what: str) -> list[str]:
    """Return the lines of a small text file that are not empty.

    Raises
    ------
    InputMissingError
        If it cannot be read.
    """
    return [line for _, line in _numbered_lines(path, what)]


def _numbered_lines(path: str, what: str) -> list[tuple[int, str]]:
    text = read_text(path, what)
    return [(number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


class BySample(dict[str, Value]):
    """A value for each sample, with the place where it is written: a file, and the line of each sample in it."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.lines: dict[str, int] = {}

    def place(self, sample: str) -> str:
        """Return where a sample is written, to stand before what is wrong with it."""
        return f"{self.path}:{self.lines[sample]}: " if sample in self.lines else f"{self.path}: "


class SampleTable(BySample[str]):
    """A word for each sample."""


def read_sample_table(path: str, what: str) -> SampleTable:
    """Return a table ``sample<TAB>value``, with or without a header that has ``sample_id`` and what is stated.

    Raises
    ------
    InputMissingError
        If it cannot be read.
    UsageError
        If a column is not known, a line has not its cells, or a sample stands twice; all such lines are named.
    """
    table = SampleTable(path)
    faults = []
    lines = [
        (number, [cell.strip() for cell in line.split("\t")]) for number, line in _numbered_lines(path, f"{what} table")
    ]
    at, columns = _columns_of(lines[0][1], what) if lines else ([0, 1], 2)
    if at is None:
        raise UsageError(
            f"{path}:{lines[0][0]}: expected the columns sample_id and {what}; found {_shown(lines[0][1])}"
        )
    has_header = bool(lines) and lines[0][1][at[0]] == _NAME
    for number, cells in lines[has_header:]:
        if len(cells) < max(at) + 1 or any(cells[columns:]) or not cells[at[0]]:
            faults.append(f"{path}:{number}: expected sample<TAB>{what}; found {_shown(cells)}")
        elif cells[at[0]] in table:
            faults.append(f"{path}:{number}: a second row of {cells[at[0]]!r}")
        else:
            table[cells[at[0]]] = cells[at[1]]
            table.lines[cells[at[0]]] = number
    if faults:
        raise UsageError("; ".join(faults))
    if not table:
        raise UsageError(f"{path}: no sample is in this {what} table: expected sample<TAB>{what}")
    return table


def _columns_of(first: Sequence[str], what: str) -> tuple[list[int] | None, int]:
    """Return where sample and value stand, by the first line, and how many cells a line has; None for a bad header."""
    names = [cell.lower() for cell in first]
    if _NAME not in first and what not in names:
        return [0, 1], 2
    if first.count(_NAME) != 1 or names.count(what) != 1:
        return None, len(first)
    return [first.index(_NAME), names.index(what)], len(first)


def _shown(cells: Sequence[str]) -> str:
    return repr("\t".join(cells))


def folded(name: str) -> str:
    """Return a sample name without what people write differently: case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]", "", name).lower()


def _place(words: Iterable[str], sample: str) -> str:
    """Return where a sample is written, to stand before what is wrong with it; empty where that is no file."""
    return words.place(sample) if isinstance(words, BySample) else ""


def tell_strange(what: str, names: Iterable[str], samples: Sequence[str], *, selected: bool) -> None:
    """Tell names that are no sample of the input.

    Raises
    ------
    UsageError
        If some differ from a sample only in how they are written; all of them are named.
    """
    known = {folded(sample): sample for sample in samples}
    total, strange, faults = 0, [], []
    for name in names:
        total += 1
        if name in samples:
            continue
        if folded(name) in known:
            meant = f"{name!r} is not in the input; did you mean {known[folded(name)]!r}?"
            faults.append(f"{_place(names, name)}{what}: {meant}")
        else:
            strange.append(name)
    if faults:
        raise UsageError("; ".join(faults))
    if strange and not selected:
        listed = few_of([f"{name}{_line(names, name)}" for name in strange], 3)
        are = "is" if len(strange) == 1 else "are"
        log.warning("%s: %d of %d samples %s not in the input: %s", what, len(strange), total, are, listed)


def _line(words: Iterable[str], sample: str) -> str:
    return f" (line {words.lines[sample]})" if isinstance(words, BySample) and sample in words.lines else ""


def without(given: Given, others: Collection[str], here: Sequence[str]) -> Given:
    """Return what is stated of each sample, but for samples of a cohort that are analyzed elsewhere, not here."""
    if not others or not isinstance(given, Mapping):
        return given
    away = set(others).difference(here)
    if (kept := {sample: value for sample, value in given.items() if sample not in away}) == given:
        return given
    return cast("Given", kept)


def per_sample(
    find: Callable[[str], Term | None],
    what: str,
    given: str | Mapping[str, str] | None,
    samples: Sequence[str],
    *,
    selected: bool = False,
) -> dict[str, Term]:
    """Return what is stated of each sample; samples of which nothing is known are left out.

    Parameters
    ----------
    find : callable
        Returns the term of a word, None where it says that nothing is known.
    what : str
        What is stated, such as ``sex``.
    given : str or mapping of sample to str, optional
        One word for all, or one for each.
    samples : sequence of str
        Samples that are analyzed.
    selected : bool
        Only some samples of the input are analyzed: of the others nothing is said.

    Raises
    ------
    UsageError
        If a word has no term or is empty, the mapping is of none of the samples, or a name is one of them written
        differently.
    """
    if given is None:
        return {}
    if not isinstance(given, str | Mapping):
        raise UsageError(
            f"{what}: expected a word for all samples or a mapping of sample to word; found {found_as(given)}"
        )
    if isinstance(given, str) and not re.search(r"\w", given):
        found = f"{given!r} is no word" if given.strip() else "is empty"
        raise UsageError(f"{what} {found}: leave it out where it is not known")
    words = dict.fromkeys(samples, given) if isinstance(given, str) else given
    chosen = {sample: words[sample] for sample in samples if sample in words}
    if words and not chosen:
        tell_strange(f"{what} table", words, samples, selected=True)
        place = f"{words.path}:{min(words.lines.values())}: " if isinstance(words, SampleTable) else ""
        raise UsageError(f"{place}no sample of the {what} table is in the input ({samples[0]} ...)")
    tell_strange(f"{what} table", words, samples, selected=selected)
    terms = _terms(find, words if isinstance(words, SampleTable) else chosen)
    return {sample: term for sample, word in chosen.items() if (term := terms[word]) is not None}


def _terms(find: Callable[[str], Term | None], words: Mapping[str, str]) -> dict[str, Term | None]:
    """Look up each word of a table, or of the samples; all that have no term are told at once."""
    terms: dict[str, Term | None] = {}
    faults = []
    for sample, word in words.items():
        if word in terms:
            continue
        try:
            terms[word] = find(word)
        except UsageError as error:
            terms[word] = None
            faults.append(f"{_place(words, sample)}{error}")
    if faults:
        raise UsageError("; ".join(faults))
    return terms
