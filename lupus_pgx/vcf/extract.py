"""Some records of a file, written as a small file of the same form: text stays text, BCF stays BCF."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pysam

from lupus_pgx.htslib import quiet
from lupus_pgx.vcf.file import BY_INDEX, BY_SCAN, VcfFile
from lupus_pgx.vcf.records import RawRecord
from lupus_pgx.vcf.writer import write_whole_vcf

_COLUMNS = 9  # before the first sample
_LENGTHS = struct.Struct("<II")


def write_extract(file: VcfFile, records: Iterable[RawRecord], folder: Path, name: str) -> Path:
    """Write records of a file, of the samples that are selected; of BCF all samples stay.

    Parameters
    ----------
    file : VcfFile
    records : iterable of RawRecord
        Each once.
    folder : Path
    name : str
        Of the new file, without an ending.

    Returns
    -------
    Path
        With an index beside it, where its records can be indexed.

    Raises
    ------
    OSError
        If it cannot be written.
    InputError
        If a record cannot be read.
    """
    kept = list(records)
    header = file.header.rstrip("\n").split("\n")
    header = [line for line in header if line not in (BY_INDEX, BY_SCAN)]
    header.insert(1, BY_INDEX if file.indexed else BY_SCAN)
    if file.binary:
        path = folder / f"{name}.bcf"
        _write_bcf(path, header, kept)
        return path
    path = folder / f"{name}.vcf.gz"
    chosen = file.columns
    header[-1] = _cut(header[-1], chosen)
    lines = (_cut(str(record.payload), chosen).encode("latin-1") + b"\n" for record in kept)
    if file.indexed:
        write_whole_vcf(path, header, lines, lambda: ())
        return path
    # What is read from its start needs no index, and may stand in any order.
    path.touch()
    with pysam.BGZFile(str(path), "wb", None) as handle:
        handle.write("".join(f"{line}\n" for line in header).encode())
        for line in lines:
            handle.write(line)
    with quiet(), contextlib.suppress(OSError):
        pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


def _cut(line: str, columns: Sequence[int] | None) -> str:
    if columns is None:
        return line
    cells = line.split("\t")
    return "\t".join([*cells[:_COLUMNS], *(cells[_COLUMNS + place] for place in columns)])


def _write_bcf(path: Path, header: Sequence[str], records: Iterable[RawRecord]) -> None:
    text = "".join(f"{line}\n" for line in header).encode() + b"\0"
    path.touch()
    with pysam.BGZFile(str(path), "wb", None) as handle:
        handle.write(b"BCF\2\2" + len(text).to_bytes(4, "little") + text)
        for record in records:
            data, shared, _ = record.payload
            handle.write(_LENGTHS.pack(shared, len(data) - shared) + data)
    with quiet(), contextlib.suppress(OSError):
        pysam.tabix_index(str(path), preset="bcf", force=True, csi=True)  # type: ignore[arg-type]  # stubs lack it


def each_once(*groups: Iterable[RawRecord]) -> Iterator[RawRecord]:
    """Yield the records of several groups, one that stands in two of them once."""
    first, *rest = groups
    known = set()
    for record in first:
        known.add(_identity(record))
        yield record
    for group in rest:
        own = set()
        for record in group:
            key = _identity(record)
            if key not in known:
                own.add(key)
                yield record
        known |= own


def _identity(record: RawRecord) -> int:
    return hash(record.payload)
