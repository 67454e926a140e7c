"""What a report shows of where it comes from: inputs, versions, parameters, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lupus_pgx._version import __version__
from lupus_pgx.handover.files import paths_of
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.report.marks import Link, web_address
from lupus_pgx.results.provenance import Provenance
from lupus_pgx.words.lines import counted
from lupus_pgx.words.vocabulary import plain

_OF_SAMPLES = ("samples", "genes", "drugs", "ancestry", "sex", "context")
"""Parameters that name samples or are long: shown otherwise, or not at all in the report of one patient."""
_FILES = ("alignments", "called_regions", "outside_calls", "reference_fasta")
"""Parameters that are paths, or lists of them."""
_NAMED = "outside_calls"
"""The parameter whose paths may have a name before them, ``NAME=FILE``."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read, by its name: a page is handed on, and folders are nobody else's business."""

    name: str
    build: str
    proof: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Software, data, inputs and parameters behind a page; ``without`` stands where no input is named."""

    software: str
    data_release: str
    overlay: str
    inputs: tuple[InputFile, ...]
    parameters: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, int, str, str, str], ...]
    sources: tuple[tuple[Link, str, str, str, str], ...]
    without: str = "none: calls as given"


def origin_of(knowledge: Knowledge, provenance: Provenance | None) -> Origin:
    """Return where results come from; without provenance nothing was read from a file.

    Parameters
    ----------
    knowledge : Knowledge
    provenance : Provenance or None

    Returns
    -------
    Origin
        Names no sample: a report of one patient must not tell of others.
    """
    facts: Mapping[str, Any] = knowledge.provenance()
    overlay = facts["overlay"]
    said = provenance.to_dict() if provenance is not None else {"inputs": [], "parameters": {}}
    return Origin(
        software=f"lupus-pgx {__version__}",
        data_release=knowledge.release,
        overlay=f"{Path(overlay['folder']).name} (SHA-256 {overlay['sha256']})" if overlay else "",
        inputs=tuple(
            InputFile(Path(item["path"]).name, item["build"], item["build_proof"], item["sha256"] or "not a file")
            for item in said["inputs"]
        ),
        parameters=_parameters(said["parameters"]),
        tables=tuple(
            (name, item["rows"], item["date"] or "", item["sha256"] or "", "; ".join(item["sources"]))
            for name, item in facts["tables"].items()
        ),
        sources=tuple(
            (
                Link(name, web_address(source["url"])),
                source["name"] or "",
                source["version"] or "",
                source["as_of"] or "",
                source["licence"] or "",
            )
            for name, source in facts["sources"].items()
        ),
    )


def _shown(name: str, value: Any) -> str:
    """Return a value without the folders of files; of several files how many, since they may be other people's."""
    if name not in _FILES:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    files = value if isinstance(value, list) else [value]
    if len(files) > 1:
        return counted(len(files), "file")
    # Only of calls made elsewhere a name may stand before the path; "=" in the name of any other file is its own.
    path = paths_of(value)[0][1] if name == _NAMED else files[0] if isinstance(files[0], str) else files[0]["path"]
    return Path(path).name


def _parameters(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the parameters that were set, without names of samples."""
    shown = [
        (plain(name), _shown(name, value))
        for name, value in given.items()
        if value not in (None, []) and name not in _OF_SAMPLES
    ]
    shown += [(name, f"{len(given[name])} analyzed") for name in ("genes", "drugs") if given.get(name) is not None]
    context = given.get("context")
    if context is not None:
        file = Path(context["file"] or "given").name
        shown.append(("clinical context", f"{file} (SHA-256 {context['sha256'] or 'none'})"))
    return tuple(shown)
