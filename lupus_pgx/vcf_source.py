"""Where the bytes of a VCF come from: a file, standard input, or a copy in a spelling the parser knows."""

from __future__ import annotations

import gzip
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pysam

from lupus_pgx.errors import InputError, InputMissingError

# htslib prints warnings of its own; what matters is raised as an error here.
pysam.set_verbosity(0)

_BGZF_OR_BCF = (b"\x1f\x8b", b"BCF")


class VcfSource:
    """The file behind a path or ``-``; copies are removed on :meth:`close`.

    Parameters
    ----------
    path : str
        Path as the user gave it.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._folder: Path | None = None

    def prepare(self) -> str:
        """Return the path of a file that can be parsed.

        Raises
        ------
        InputMissingError
            If the file does not exist or cannot be opened.
        InputError
            If it is not a VCF or BCF file, or is truncated.
        """
        file = self.path
        if file == "-":
            file = str(self._copy_folder() / "stdin.vcf")
            with Path(file).open("wb") as handle:
                shutil.copyfileobj(sys.stdin.buffer, handle)
        _check_content(file, "standard input" if self.path == "-" else self.path)
        if _has_phase_prefixes(file):
            copied = self._copy_folder() / "older_spelling.vcf"
            _write_without_phase_prefixes(file, copied)
            return str(copied)
        return file

    def close(self) -> None:
        """Remove copies."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _copy_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="lupus_pgx_"))
        return self._folder


def _check_content(path: str, shown: str) -> None:
    """Raise a clear error for what htslib reports badly or not at all."""
    file = Path(path)
    if file.is_dir():
        raise InputMissingError(f"{shown}: is a folder; expected a VCF or BCF file")
    try:
        with file.open("rb") as handle:
            start = handle.read(65_536)
    except FileNotFoundError as error:
        raise InputMissingError(f"{shown}: no such file") from error
    except OSError as error:
        raise InputMissingError(f"{shown}: cannot be read ({error.strerror})") from error
    if not start:
        raise InputError(f"{shown}: the file is empty")
    if not start.startswith((*_BGZF_OR_BCF, b"##fileformat=VCF")):
        raise InputError(f"{shown}: not a VCF or BCF file (expected a first line '##fileformat=VCF...')")
    # BGZF is gzip with an extra field named BC; plain gzip cannot be read by region.
    if start.startswith(b"\x1f\x8b") and start[12:14] != b"BC":
        raise InputError(f"{shown}: compressed with gzip, not bgzip; recompress it with bgzip")
    if not start.startswith(b"BCF"):
        _check_columns(path, shown)
    try:
        pysam.VariantFile(path).close()
    except (OSError, ValueError) as error:
        truncated = "truncated" in str(error)
        reason = "it ends too early: truncated" if truncated else "its header cannot be parsed"
        raise InputError(f"{shown}: not a whole VCF or BCF file ({reason})") from error


def _check_columns(path: str, shown: str) -> None:
    """Check the column line of a text file, and that plain text does not end within a record."""
    try:
        with pysam.BGZFile(path, "rb", None) if _is_gzip(path) else Path(path).open("rb") as handle:
            line = handle.readline()
            if line.startswith(b"BCF"):
                return
            while line.startswith(b"##"):
                line = handle.readline()
    except OSError as error:
        raise InputError(f"{shown}: not a whole VCF file (it ends too early: truncated)") from error
    if not line.startswith(b"#CHROM"):
        raise InputError(f"{shown}: not a VCF file (the header has no #CHROM line)")
    columns = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
    samples = columns[9:]
    if len(set(samples)) != len(samples):
        twice = sorted({sample for sample in samples if samples.count(sample) > 1})
        raise InputError(f"{shown}: sample {twice[0]!r} stands twice in the header; sample names must differ")
    if not _is_gzip(path):
        last = _last_line(path)
        if not last.startswith(b"#") and len(last.rstrip(b"\r\n").split(b"\t")) < len(columns):
            raise InputError(f"{shown}: the last line has fewer columns than the header: truncated")


def _last_line(path: str) -> bytes:
    """Return the last line of a file that is not empty."""
    with Path(path).open("rb") as handle:
        size = handle.seek(0, 2)
        block = 65_536
        while True:
            handle.seek(max(0, size - block))
            lines = [line for line in handle.read().splitlines() if line.strip()]
            if len(lines) > 1 or block >= size:
                return lines[-1] if lines else b""
            block *= 8


def _has_phase_prefixes(path: str) -> bool:
    """Whether a text file is of VCF 4.4 or later, where a genotype may start with ``/`` or ``|``."""
    with pysam.BGZFile(path, "rb", None) if _is_gzip(path) else Path(path).open("rb") as handle:
        match = re.match(rb"##fileformat=VCFv4\.(\d+)", handle.readline())
    return match is not None and int(match[1]) >= 4


def _is_gzip(path: str) -> bool:
    with Path(path).open("rb") as handle:
        return handle.read(2) == b"\x1f\x8b"


def _write_without_phase_prefixes(path: str, target: Path) -> None:
    """Copy a VCF 4.4 file in the older spelling of genotypes, which the parser knows.

    ``|0|1`` is ``0|1``; ``/0|1`` leaves its first allele unphased and so becomes ``0/1``.
    """
    with (
        gzip.open(path, "rt") if _is_gzip(path) else Path(path).open(encoding="utf-8") as source,
        target.open("w", encoding="utf-8") as copied,
    ):
        for line in source:
            cells = line.split("\t")
            if not line.startswith("#") and len(cells) > 9 and cells[8].split(":")[0] == "GT":
                cells[9:] = [_old_spelling(cell) for cell in cells[9:]]
            copied.write("\t".join(cells))


def _old_spelling(cell: str) -> str:
    genotype, colon, rest = cell.partition(":")
    if genotype.startswith("/"):
        genotype = genotype[1:].replace("|", "/")
    return f"{genotype.removeprefix('|')}{colon}{rest}"
