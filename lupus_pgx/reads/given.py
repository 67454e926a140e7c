"""What the user gave as alignments: files, lists of files, or a mapping of samples to files."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

from lupus_pgx.bounded import is_there
from lupus_pgx.errors import InputError, InputMissingError, UsageError, cannot_read

BAM, CRAM = "BAM", "CRAM"

_GZIP = b"\x1f\x8b"
LONGEST_HEADER = 64 << 20
"""Bytes of the header of a BAM."""
_LONGEST_LIST = 64 << 20  # a list of samples is text of this many bytes at the most

Given = str | PathLike[str] | Sequence[str | PathLike[str]] | Mapping[str, str | PathLike[str]]


class Source(NamedTuple):
    """A file of alignments, and whose reads it holds where the user says it."""

    path: str
    kind: str
    sample: str | None = None


def sources(given: Given) -> tuple[Source, ...]:
    """Return the files that were given, lists taken apart.

    Parameters
    ----------
    given : path, sequence of paths, or mapping of sample to path
        BAM or CRAM files, or lists of them: a line ``sample<TAB>path`` each, or a path alone.

    Raises
    ------
    UsageError
        If nothing was given, or a list has a line that is neither.
    InputError
        If a file is neither BAM nor CRAM nor a list.
    """
    if isinstance(given, Mapping):
        found = [_file(fspath(path), sample) for sample, path in given.items()]
    else:
        paths = [given] if isinstance(given, str | PathLike) else list(given)
        found = [source for path in paths for source in _file_or_list(fspath(path))]
    if not found:
        raise UsageError("no alignments were given: expected BAM or CRAM files, or a list of them")
    seen: set[tuple[str, str | None]] = set()
    for source in found:
        key = (str(Path(source.path).resolve()), source.sample)
        if key in seen:
            raise UsageError(f"{source.path}: given twice as alignments: its reads would count double")
        seen.add(key)
    return tuple(found)


def paths_given(given: Given | None) -> tuple[str, ...]:
    """Return the paths as they were given, those of lists too."""
    if given is None or isinstance(given, Mapping):
        return tuple(fspath(path) for path in (given or {}).values())
    return tuple(fspath(path) for path in ([given] if isinstance(given, str | PathLike) else given))


def _file_or_list(path: str) -> list[Source]:
    kind = _kind(path)
    return [Source(path, kind)] if kind else _listed(path)


def _file(path: str, sample: str | None) -> Source:
    kind = _kind(path)
    if not kind:
        raise InputError(f"{path}: expected alignments in BAM or CRAM; it is neither")
    return Source(path, kind, sample)


def _kind(path: str) -> str:
    """Return ``BAM`` or ``CRAM`` by the first bytes of a file; empty for text."""
    if not is_there(path):
        raise InputMissingError(f"{path}: no such file of alignments")
    if Path(path).is_dir():
        raise InputMissingError(
            f"{path}: is a folder; alignments are read by place, so they must be a file with its index beside it"
        )
    if not Path(path).is_file():
        raise InputError(f"{path}: alignments are read by place, so they must be a file with its index beside it")
    try:
        with Path(path).open("rb") as handle:
            start = handle.read(4)
        if start == b"CRAM":
            return CRAM
        if start[:2] == _GZIP:
            with gzip.open(path) as unpacked:
                start = unpacked.read(8)
            if start[:4] == b"BAM\x01":
                # htslib takes as much memory as the file says that its header needs.
                if int.from_bytes(start[4:], "little") > LONGEST_HEADER:
                    raise InputError(
                        f"{path}: says that its header has more than {LONGEST_HEADER >> 20} MB: is damaged"
                    )
                return BAM
            raise InputError(f"{path}: expected alignments in BAM or CRAM, or a list of them; it is neither")
    except PermissionError as error:
        raise cannot_read(path, "file of alignments", error) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read as BAM or CRAM ({error})") from error
    return ""


def _listed(path: str) -> list[Source]:
    try:
        if Path(path).stat().st_size > _LONGEST_LIST:
            raise InputError(f"{path}: expected alignments in BAM or CRAM, or a list of them; it is neither")
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected alignments in BAM or CRAM, or a list of them; it is neither") from error
    except OSError as error:
        raise cannot_read(path, "list of alignments", error) from error
    if text.startswith(("@HD\t", "@SQ\t", "@RG\t", "@PG\t")):
        raise InputError(
            f"{path}: SAM is text and cannot be read by place: make BAM (samtools sort), then samtools index"
        )
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not line.strip() or line.startswith("#") or cells[0] == "sample_id":
            continue
        if len(cells) > 2 or not all(cells):
            raise UsageError(f"{path}:{number}: expected sample<TAB>path of a BAM or CRAM; found {line[:80]!r}")
        found.append(_file(_beside(cells[-1], path), cells[0] if len(cells) == 2 else None))
    return found


def _beside(path: str, listed_in: str) -> str:
    """Return a path as written, or taken from the folder of the list where only that leads to a file."""
    beside = Path(listed_in).parent / path
    return str(beside) if not is_there(path) and is_there(beside) else path
