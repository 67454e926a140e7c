"""What is stated for all samples or for each: ancestry and sex, as one value, as a mapping or as a table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from lupus_pgx.errors import InputMissingError, UsageError

log = logging.getLogger(__name__)

Term = TypeVar("Term")


def read_lines(path: str, what: str) -> list[str]:
    """Return the lines of a small text file that are not empty.

    Raises
    ------
    InputMissingError
        If it cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputMissingError(f"{path}: the {what} cannot be read ({error})") from error
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def read_sample_table(path: str, what: str) -> dict[str, str]:
    """Return a table ``sample<TAB>value``, with or without a header that begins with ``sample_id``.

    Raises
    ------
    InputMissingError
        If it cannot be read.
    UsageError
        If a line has no value's cell, or a sample stands twice.
    """
    table: dict[str, str] = {}
    for number, line in enumerate(read_lines(path, f"{what} table"), start=1):
        cells = line.split("\t")
        if len(cells) < 2:
            raise UsageError(f"{path}:{number}: expected sample<TAB>{what}; found {line!r}")
        if cells[0] in table:
            raise UsageError(f"{path}:{number}: a second row of {cells[0]!r}")
        table[cells[0]] = cells[1].strip()
    table.pop("sample_id", None)
    return table


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
        If a word has no term, or the mapping is of none of the samples.
    """
    if given is None:
        return {}
    words = dict.fromkeys(samples, given) if isinstance(given, str) else given
    chosen = {sample: words[sample] for sample in samples if sample in words}
    strange = [sample for sample in words if sample not in chosen]
    if words and not chosen:
        raise UsageError(f"none of the {len(words)} samples of the {what} table is in the input ({samples[0]} ...)")
    if strange and not selected:
        listed = ", ".join(strange[:3]) + (" ..." if len(strange) > 3 else "")
        are = "is" if len(strange) == 1 else "are"
        log.warning("%s table: %d of %d samples %s not in the input: %s", what, len(strange), len(words), are, listed)
    terms = {word: find(word) for word in dict.fromkeys(chosen.values())}
    return {sample: term for sample, word in chosen.items() if (term := terms[word]) is not None}
