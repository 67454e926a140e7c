"""Write VCF files: bgzipped and indexed, through htslib."""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pysam

from lupus_pgx.htslib import quiet

log = logging.getLogger(__name__)

_INDEXES = (".tbi", ".csi")
_BLOCK = 16  # bits of a virtual offset that lie within a block


def write_vcf(path: Path, header: Sequence[str], lines: Iterable[str]) -> None:
    """Write a bgzipped VCF with a tabix index beside it.

    Parameters
    ----------
    path : Path
        Ends in ``.vcf.gz``; replaced if it exists.
    header : sequence of str
        Header lines, the ``#CHROM`` line last.
    lines : iterable of str
        Records in genome order, without line ends.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.touch()  # htslib crashes where a path cannot be opened: fail here instead
    with pysam.BGZFile(str(path), "wb", None) as handle:
        for line in (*header, *lines):
            handle.write(f"{line}\n".encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)


def write_whole_vcf(
    path: Path, header: Sequence[str], text: Iterable[bytes], late: Callable[[], Sequence[str]]
) -> None:
    """Write a bgzipped VCF and its index; the file appears when it is whole.

    Parameters
    ----------
    path : Path
        Ends in ``.vcf.gz``; replaced if it exists. The index stands beside it: tabix, or CSI
        where a position is beyond what tabix can hold.
    header : sequence of str
        Header lines, the ``#CHROM`` line last.
    text : iterable of bytes
        Whole lines of records. Records out of order are sorted.
    late : callable
        Returns header lines that are known only after all records were seen.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        draft = folder / "draft.vcf.gz"
        body = _write(draft, header, text)
        complete = [*header[:-1], *late(), header[-1]]
        if len(complete) > len(header):
            draft, body = _with_header(draft, body, complete)
        index = _indexed(draft)
        if index is None:
            log.warning("%s: the records of the input are not in genome order; here they are sorted", path)
            draft = _sorted(draft, body, complete)
            index = _indexed(draft)
        if index is None:
            raise OSError(errno.EIO, "the records cannot be indexed", str(path))
        for suffix in _INDEXES:
            # An index of an earlier file would be taken for the index of this one.
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        draft.replace(path)
        index.replace(f"{path}{index.suffix}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, header: Sequence[str], text: Iterable[bytes]) -> int:
    """Write header and records; return the size of the compressed header."""
    with pysam.BGZFile(str(path), "wb", None) as handle:
        handle.write("".join(f"{line}\n" for line in header).encode())
        handle.flush()
        body: int = handle.tell() >> _BLOCK
        for lines in text:
            handle.write(lines)
    return body


def _with_header(draft: Path, body: int, header: Sequence[str]) -> tuple[Path, int]:
    """Put another header before the compressed records; return the new file, and the size of its header."""
    path = draft.with_name("headed.vcf.gz")
    size = _write(path, header, ())
    with draft.open("rb") as old, path.open("r+b") as new:
        new.seek(size)
        new.truncate()  # the block that ends a file would end it here
        old.seek(body)
        shutil.copyfileobj(old, new)
    draft.unlink()
    return path, size


def _indexed(draft: Path) -> Path | None:
    """Index a file by tabix, or by CSI where that cannot hold its positions; None where it is not sorted."""
    for suffix in _INDEXES:
        index = Path(f"{draft}{suffix}")
        with quiet(), contextlib.suppress(OSError):
            pysam.tabix_index(str(draft), preset="vcf", force=True, csi=suffix == ".csi", index=str(index))
            return index
    return None


def _sorted(draft: Path, body: int, header: Sequence[str]) -> Path:
    """Sort the records of a file by contig, in the order of appearance, and position; only their places are kept."""
    contigs: dict[bytes, int] = {}
    places: list[tuple[int, int, int]] = []
    path = draft.with_name("sorted.vcf.gz")
    with pysam.BGZFile(str(draft), "rb", None) as handle:
        handle.seek(body << _BLOCK)
        while True:
            place = handle.tell()
            line = handle.readline()
            if not line:
                break
            contig, pos, _ = line.split(b"\t", 2)
            places.append((contigs.setdefault(contig, len(contigs)), int(pos), place))
        places.sort()
        _write(path, header, (_line_at(handle, place) for _, _, place in places))
    return path


def _line_at(handle: pysam.BGZFile, place: int) -> bytes:
    handle.seek(place)
    return bytes(handle.readline()) + b"\n"
