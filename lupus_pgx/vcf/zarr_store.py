"""VCF-Zarr: what is needed of a store, written as VCF text by vcztools and read like any other file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from lupus_pgx.errors import InputError, not_installed
from lupus_pgx.vcf.records import BoolArray, Spans
from lupus_pgx.vcf.unplaced import Sought

_SIGNS = ("zarr.json", ".zgroup")
_NEEDED = ("sample_id", "contig_id", "variant_contig", "variant_position")


def is_store(path: str) -> bool:
    """Whether a path is a folder that holds a Zarr group."""
    return any((Path(path) / sign).is_file() for sign in _SIGNS)


def sample_ids(path: str) -> tuple[str, ...]:
    """Return the samples of a store.

    Raises
    ------
    UsageError
        If vcztools is not installed.
    InputError
        If it is no VCF-Zarr store.
    """
    with _reader(path) as reader:
        return tuple(str(name) for name in np.asarray(reader.sample_ids).tolist())


def write_text(path: str, target: Path, spans: Spans, sought: Sought | None) -> None:
    """Write the records of a store that overlap spans, and those that are sought wherever they stand, as VCF text.

    Parameters
    ----------
    path : str
    target : Path
    spans : dict of str to (starts, ends)
        By each name of a contig.
    sought : Sought or None

    Raises
    ------
    UsageError
        If vcztools is not installed.
    InputError
        If the store cannot be read.
    OSError
        If the text cannot be written.
    """
    with _reader(path) as reader:
        from vcztools import write_vcf

        reader.set_variants(np.flatnonzero(_wanted(reader.root, spans, sought)))
        write_vcf(reader, target, no_version=True)


@contextmanager
def _reader(path: str) -> Iterator[Any]:
    if find_spec("vcztools") is None:
        raise not_installed(f"{path}: VCF-Zarr needs", "vcztools>=0.2")
    from vcztools import VczReader, open_zarr

    try:
        root = open_zarr(path)
        missing = [name for name in _NEEDED if name not in root]
        if missing:
            raise InputError(f"{path}: a Zarr group, but no VCF-Zarr store (it has no {missing[0]})")
        with VczReader(root) as reader:
            yield reader
    except (KeyError, ValueError, IndexError) as error:
        raise InputError(f"{path}: the VCF-Zarr store cannot be read ({error})") from error


def _wanted(root: Any, spans: Spans, sought: Sought | None) -> BoolArray:
    """Say which records are written; only their places and names are looked at."""
    numbers, positions = root["variant_contig"][:], root["variant_position"][:].astype(np.int64)
    ends = positions + (root["variant_length"][:].astype(np.int64) - 1 if "variant_length" in root else 0)
    chosen = np.zeros(len(positions), bool)
    for number, contig in enumerate(np.asarray(root["contig_id"][:]).tolist()):
        own = np.flatnonzero(numbers == number)
        if contig in spans:
            starts, stops = spans[contig]
            nearest = np.searchsorted(stops, positions[own])
            inside = nearest < len(stops)
            inside &= starts[np.minimum(nearest, len(stops) - 1)] <= np.maximum(ends[own], positions[own])
            chosen[own[inside]] = True
        if sought is not None:
            chosen[own[sought.beside(str(contig), positions[own])]] = True
    if sought is not None and "variant_id" in root:
        names = [str(name) for name in np.asarray(root["variant_id"][:]).tolist()]
        chosen |= np.array([not sought.identifiers.isdisjoint(name.split(";")) for name in names], bool)
    return chosen
