"""What an earlier run left in a folder of results: it must not stand beside those of another run as one of them."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lupus_pgx.errors import OutputError
from lupus_pgx.results.context_tables import CONTEXT_TABLES
from lupus_pgx.results.files import PATIENTS, SHORT, file_name, remove_temporaries
from lupus_pgx.results.multiqc import ENDING
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.results.tables import TABLES

ASIDE = "set-aside"
"""Begin of the name of a folder for results of an earlier run; a number follows."""

_SUFFIXES = (".tsv", ".tsv.gz", ".csv", ".parquet")
_INDEX = ".tbi"
_PATTERNS = (f"lupus_pgx_*{ENDING}", f"annotated.*vcf.gz{_INDEX}", "annotated.*vcf.gz")
_OTHERS = ("analysis.json", "cohort.html", "provenance.json")
_OF_PERSONS = (".html", ".fhir.json")
_START = '{"provenance":'
_LONGEST = 16 << 20


def clear(folder: Path, analysis: AnalysisData, formats: Collection[str]) -> tuple[Path, int] | None:
    """Make a folder ready for the results of an analysis.

    What a killed process left half-written is removed. The results of an earlier run with other inputs or options are
    set aside into a folder of their own: all of its tables and documents, and the pages of the persons that are
    analyzed now. Where nothing says what the results rest on, or the same as now, they stay. An input of the analysis
    stays, whatever its name.

    Parameters
    ----------
    folder : Path
    analysis : AnalysisData
    formats : collection of str
        That are to be written.

    Returns
    -------
    (Path, int) or None
        Where results of an earlier run were set aside, and how many files.

    Raises
    ------
    OutputError
        If the folder of pages is a link: what is written there would land elsewhere. If a file that is to be written is
        an input.
    """
    places = [folder / PATIENTS, folder / SHORT]
    for place in places:
        if place.is_symlink():
            raise OutputError(f"{place}: is a link that leads out of the folder of results: take it away")
    provenance = analysis.provenance
    overlay = analysis.knowledge.overlay
    # Some tables of an overlay are called as results are.
    tables = [str(path) for path in Path(overlay.folder).iterdir()] if overlay else []
    parameters = {name: value for name, value in provenance.parameters.items() if name != "samples"}
    read = [item.path for item in provenance.inputs], parameters, provenance.also_read, tables
    given = _identities(read)
    ours = [path for path in _names(folder, analysis.results.genotypes.sample_ids) if os.path.lexists(path)]
    inputs = {path for path in ours if _identity(path) in given}
    # ``html-short`` ends in .html too; who writes an annotated VCF looks for itself.
    endings = tuple(f".{name.partition('-')[0]}" for name in formats)
    for path in sorted(inputs):
        if path.name.endswith(endings):
            raise OutputError(f"{path}: is an input, and would be written over: choose another folder for the results")
    for place in (folder, *places):
        remove_temporaries(place)
    before = _provenance(folder)
    if before is None or before == json.loads(json.dumps(provenance.to_dict())):
        return None
    kept = inputs | {path.with_name(f"{path.name}{_INDEX}") for path in inputs}
    return _set_aside(folder, [path for path in ours if path not in kept and not _is_folder(path)])


def _set_aside(folder: Path, paths: list[Path]) -> tuple[Path, int] | None:
    """Move files into a new folder beside them; a link is moved, not what it leads to."""
    if not paths:
        return None
    aside = _new_folder(folder)
    for path in paths:
        place = aside / path.relative_to(folder)
        place.parent.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # another process was here
            path.rename(place)
    return aside, len(paths)


def _new_folder(folder: Path) -> Path:
    for number in itertools.count(1):
        found = folder / f"{ASIDE}-{number}"
        with contextlib.suppress(FileExistsError):
            found.mkdir()
            break
    return found


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _identities(said: Any) -> set[tuple[int, int]]:
    """Return what every text that is the path of a file, also behind ``NAME=``, leads to."""
    texts = {end for text in _texts(said) for end in (text, text.partition("=")[2])}
    return {found for text in texts if (found := _identity(text))}


def _identity(path: str | Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError, ValueError):  # no file, or not even the name of one
        found = Path(path).stat()
        return found.st_dev, found.st_ino
    return None


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        yield from _texts(tuple(said.values()))
    elif isinstance(said, Iterable):
        for item in said:
            yield from _texts(item)


def _names(folder: Path, samples: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files that results are written to; what says of what they are stands last."""
    for name in (*TABLES, *CONTEXT_TABLES):
        yield from (folder / f"{name}{suffix}" for suffix in _SUFFIXES)
    for place, suffixes in ((folder / PATIENTS, _OF_PERSONS), (folder / SHORT, _OF_PERSONS[:1])):
        if place.is_dir():  # of a cohort there may be a million names, and no page at all
            yield from (place / file_name(sample, suffix) for sample in samples for suffix in suffixes)
    for pattern in _PATTERNS:
        yield from sorted(folder.glob(pattern))
    yield from (folder / name for name in _OTHERS)


def _provenance(folder: Path) -> Any:
    """Return what the results in a folder rest on; None where no file of ours says it."""
    for name, start in (("provenance.json", ""), ("analysis.json", _START)):
        if not (folder / name).is_file():  # to open a pipe that nobody writes would wait for ever
            continue
        try:
            with (folder / name).open(encoding="utf-8") as file:
                text = file.read(_LONGEST)
        except ValueError:
            continue
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError(
                f"{folder / name}: cannot be read ({why}), so whose results are there is not known: "
                "choose another folder"
            ) from error
        try:
            if not text.startswith(start):
                continue
            found, _ = json.JSONDecoder().raw_decode(text, len(start))
            said = found if start else found["provenance"]
            if said["software"]["name"] == "lupus-pgx":
                return said
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return None
