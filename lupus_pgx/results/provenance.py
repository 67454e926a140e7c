"""Where a result comes from (software, data release, parameters, inputs), and the published layout of the JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lupus_pgx._version import __version__
from lupus_pgx.bounded import with_whole_characters
from lupus_pgx.knowledge.tables import data_folder
from lupus_pgx.words.lines import counted
from lupus_pgx.words.remedies import Notice


class AnalyzedFile(NamedTuple):
    """A file that was analyzed.

    ``unread_contigs`` held records, and their names were not understood. ``common_left_out`` counts, by gene and over
    all samples, carried variants of high or moderate impact that are too frequent to be listed.
    """

    path: str
    build: str
    proof: str
    unread_contigs: tuple[str, ...] = ()
    common_left_out: tuple[tuple[str, int], ...] = ()


class Later(Mapping[str, Any]):
    """A mapping that is made when something is read from it.

    What the tables are is told from all their rows, and only files tell it: a summary does without.

    Parameters
    ----------
    make : callable
    """

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Any]:
        return self._make()

    def __getitem__(self, key: str) -> Any:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, repr=False)
class Provenance:
    """Software, data and parameters of one analysis.

    Attributes
    ----------
    data_release : str
    parameters : mapping
        As given by the caller.
    inputs : tuple of AnalyzedFile
    knowledge : mapping
        Overlay, and checksum, sources and licences of every knowledge table.
    notices : tuple of Notice
        What must be known before any result is read.
    not_assumed : mapping of str to (str, int)
        By gene, why absent loci were not assumed to carry the genome base as stated, and for how many samples.
    also_read : tuple of str
        Files of which the parameters hold what is in them, not the name: lists and tables of samples. In no result.
    """

    data_release: str
    parameters: Mapping[str, Any]
    inputs: tuple[AnalyzedFile, ...] = ()
    knowledge: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    not_assumed: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    also_read: tuple[str, ...] = ()

    def __repr__(self) -> str:
        files = counted(len(self.inputs), "input file")
        return f"<Provenance: lupus-pgx {__version__}, data release {self.data_release}, {files}>"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data; input files are read to compute their SHA-256."""
        # A name of a file that is no UTF-8 can stand in no document as it is.
        whole: dict[str, Any] = with_whole_characters(self._facts())
        return whole

    def _facts(self) -> dict[str, Any]:
        return {
            "software": {"name": "lupus-pgx", "version": __version__},
            "data_release": self.data_release,
            "knowledge": dict(self.knowledge),
            "parameters": dict(self.parameters),
            "notices": list(self.notices),
            "not_assumed": {
                gene: {"reason": reason, "samples": samples} for gene, (reason, samples) in self.not_assumed.items()
            },
            "inputs": [
                {
                    "path": item.path,
                    "build": item.build,
                    "build_proof": item.proof,
                    "unread_contigs": list(item.unread_contigs),
                    "common_left_out": dict(item.common_left_out),
                    "sha256": self._checksums[item.path],
                }
                for item in self.inputs
            ],
        }

    @cached_property
    def _checksums(self) -> dict[str, str | None]:
        """Read each input once, however many files repeat its checksum."""
        return {item.path: checksum(item.path) for item in self.inputs}


def checksum(path: str) -> str | None:
    """Return the SHA-256 of a file, or None for standard input."""
    file = Path(path)
    if path == "-" or not file.is_file():
        return None
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


SCHEMA_VERSION = "2.0.0"
"""Version of the layout; the first number changes when a reader must change."""


def analysis_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``analysis.json``.

    Returns
    -------
    dict
        The file ``lupus_pgx/data/schemas/analysis.schema.json``; ``provenance.json`` is described
        by its ``$defs/provenance_document``.

    Examples
    --------
    >>> list(analysis_schema()["properties"])
    ['provenance', 'research_use', 'samples', 'schema_version']
    """
    text = (data_folder() / "schemas" / "analysis.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
