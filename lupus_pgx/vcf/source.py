"""Where the bytes of a VCF come from: a file, or standard input."""

from __future__ import annotations

import contextlib
import io
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lupus_pgx.errors import InputError, InputMissingError, UsageError
from lupus_pgx.htslib import quiet
from lupus_pgx.vcf.bcf import BcfFile
from lupus_pgx.vcf.unreadable import address, inner, not_a_vcf, old_line_ends

_GZIP = b"\x1f\x8b"
_VCF = b"##fileformat=VCF"
_START = 65_536
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class VcfSource:
    """The file or stream behind a path or ``-``; a copy is removed on :meth:`close`.

    Parameters
    ----------
    path : str
        Path as the user gave it.
    again : bool
        Whether standard input was read before and is read from its start once more.

    Attributes
    ----------
    file : str
        Path of the file to read; ``standard input`` for a stream.
    stream : binary file or None
        What is read once instead of a file.
    binary : bool
        Whether it is BCF.

    Raises
    ------
    InputMissingError
        If the file does not exist or cannot be opened.
    InputError
        If it is not a VCF or BCF file, or is truncated.
    UsageError
        If standard input is to be read again, and it is a pipe.
    """

    def __init__(self, path: str, *, again: bool = False) -> None:
        self._folder: Path | None = None
        self._own = contextlib.ExitStack()
        self._own.enter_context(quiet())
        self.stream: IO[bytes] | None = None
        self.file = path
        try:
            self._find(path, again)
        except BaseException:
            self.close()
            raise

    def _find(self, path: str, again: bool) -> None:
        if path == "-":
            if sys.stdin is None:
                raise InputMissingError("the standard input is closed: give a file")
            if again:
                _rewind()
            self._take_stream(sys.stdin.buffer, "standard input")
            return
        if is_pipe(path):
            if again:
                raise UsageError(f"{path}: is a pipe and cannot be read again: give a file")
            self._take_stream(self._own.enter_context(_opened(path)), path)
            return
        start = _first_bytes(path)
        self.binary = _is_bcf(path, start)
        if start.startswith(_GZIP) and not _ends_whole(path):
            raise InputError(f"{path}: not a whole VCF or BCF file (it ends too early: truncated)")
        if self.binary:
            # Under this name htslib finds no index beside it, and nothing in the name that means something to it.
            self.file = str(self._new_folder() / "file.bcf")
            Path(self.file).symlink_to(Path(path).absolute())
            _check_binary(self.file, path)

    @property
    def copied(self) -> bool:
        """Whether ``file`` is a copy of what could be read only once."""
        return self._folder is not None and not Path(self.file).is_symlink()

    def _new_folder(self) -> Path:
        self._folder = Path(tempfile.mkdtemp(prefix="lupus_pgx_"))
        return self._folder

    def close(self) -> None:
        """Close a pipe, and remove a copy."""
        self._own.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _take_stream(self, stream: IO[bytes], shown: str) -> None:
        """Read text as it comes; BCF from a copy."""
        self.file = shown
        start = stream.read(_START)
        self.binary = _is_bcf(self.file, start)
        self.stream = io.BufferedReader(_Chained(start, stream))
        if self.binary:
            copied = self._new_folder() / "file.bcf"
            with copied.open("wb") as handle:
                shutil.copyfileobj(self.stream, handle)
            _check_binary(str(copied), self.file)
            self.file, self.stream = str(copied), None


@contextlib.contextmanager
def kept_stdin() -> Iterator[None]:
    """Let a nameless copy stand in for a standard input that could be read only once."""
    given = sys.stdin
    if given is None or given.buffer.seekable():
        yield
        return
    with tempfile.TemporaryFile() as copied:
        shutil.copyfileobj(given.buffer, copied)
        copied.seek(0)
        try:
            with io.TextIOWrapper(copied) as sys.stdin:
                yield
        finally:
            sys.stdin = given


def _rewind() -> None:
    if not sys.stdin.buffer.seekable():
        raise UsageError("standard input was a pipe and cannot be read again: give the file by its path")
    sys.stdin.buffer.seek(0)


class _Chained(io.RawIOBase):
    """Bytes already read, then the rest of a stream."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start, self._rest = start, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._start[: len(buffer)] or self._rest.read(len(buffer))
        self._start = self._start[len(buffer) :]
        buffer[: len(block)] = block
        return len(block)


def is_pipe(path: str) -> bool:
    """Whether a path leads to what can be read only once: a named pipe, or ``<(...)`` of a shell."""
    file = Path(path)
    try:
        return not stat.S_ISREG(mode := file.stat().st_mode) and not stat.S_ISDIR(mode)
    except (OSError, ValueError):
        return False


def _first_bytes(path: str) -> bytes:
    with _opened(path) as handle:
        try:
            return handle.read(_START)
        except OSError as error:
            raise InputMissingError(f"{path}: cannot be read ({error.strerror or error})") from error


def _opened(path: str) -> IO[bytes]:
    file = Path(path)
    there = address(path)
    try:
        if there is not None and not file.exists():
            raise InputMissingError(f"{path}: {there}")
        if file.is_dir():
            raise InputMissingError(f"{path}: is a folder; expected a VCF or BCF file")
        return file.open("rb")
    except FileNotFoundError as error:
        raise InputMissingError(f"{path}: no such file") from error
    except (OSError, ValueError) as error:
        raise InputMissingError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _is_bcf(shown: str, start: bytes) -> bool:
    """Tell BCF from VCF by the first bytes, with a clear error for what is neither."""
    if not start:
        raise InputError(f"{shown}: the file is empty")
    text = inner(start) if start.startswith(_GZIP) else start
    if text.startswith((b"BCF", _VCF)) or not text:
        # BGZF is gzip with an extra field named BC; plain gzip cannot be read by region.
        if start.startswith(_GZIP) and start[12:14] != b"BC":
            raise InputError(f"{shown}: compressed with gzip, not bgzip; recompress it with bgzip")
        if text.startswith(_VCF) and (odd := old_line_ends(text)) is not None:
            raise InputError(f"{shown}: {odd}")
        return text.startswith(b"BCF")
    raise InputError(f"{shown}: {not_a_vcf(text)}")


def _ends_whole(path: str) -> bool:
    """Whether a bgzipped file ends with the empty block that closes it."""
    with Path(path).open("rb") as handle:
        size = handle.seek(0, 2)
        handle.seek(max(0, size - len(_BGZF_END)))
        return handle.read() == _BGZF_END


def _check_binary(path: str, shown: str) -> None:
    try:
        BcfFile(path).close()
    except (OSError, ValueError, InputError) as error:
        raise InputError(f"{shown}: not a whole VCF or BCF file (its header cannot be parsed)") from error
