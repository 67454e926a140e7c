"""The text of a VCF file or stream, compressed or not, from its first line on."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO

import pysam

from lupus_pgx.errors import InputError
from lupus_pgx.vcf.unreadable import not_by_tabs

LONGEST_HEADER = 64 << 20
"""Bytes: the names of a million samples take a third of it."""

_CHUNK, _FIRST = 4 << 20, 1 << 16
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib: a gzip member


def is_compressed(path: str) -> bool:
    """Whether a file is compressed by gzip or bgzip."""
    with Path(path).open("rb") as file:
        return file.read(2) == _GZIP


def text_blocks(path: str, stream: IO[bytes] | None) -> Generator[bytes]:
    """Yield the text of a file or stream, at first so much as a header has, then some megabytes at a time."""
    if stream is not None:
        yield from _inflated(path, stream)
        return
    # htslib takes a relative path that holds a colon for an address.
    whole = Path(path).absolute()
    with pysam.BGZFile(str(whole), "rb", None) if is_compressed(path) else whole.open("rb") as file:
        size = _FIRST
        while block := file.read(min(size, _CHUNK)):
            yield block
            size = min(4 * size, _CHUNK)


def _inflated(path: str, stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the text of a stream that may be compressed."""
    block = stream.read(_CHUNK)
    if not block.startswith(_GZIP):
        while block:
            yield block
            block = stream.read(_CHUNK)
        return
    member = zlib.decompressobj(_GZIP_WINDOW)
    empty = True
    while block:
        text = member.decompress(block)
        if text:
            empty = False
            yield text
        block = member.unused_data or stream.read(_CHUNK)
        if member.eof and block:
            member, empty = zlib.decompressobj(_GZIP_WINDOW), True
    # A whole bgzip stream ends with an empty block.
    if not member.eof or not empty:
        raise InputError(f"{path}: the file is damaged or truncated (the block that ends it is missing)")


def read_header(path: str, blocks: Iterator[bytes]) -> tuple[list[str], bytes]:
    """Return the header lines, and what was read beyond them."""
    text = b""
    lines: list[str] = []
    size = 0
    for block in blocks:
        text += block
        size += len(block)
        if size > LONGEST_HEADER + _CHUNK:
            raise InputError(f"{path}: the header is longer than {LONGEST_HEADER >> 20} MB: is this a VCF?")
        place = 0
        while text.startswith(b"#", place) and (end := text.find(b"\n", place)) >= 0:
            lines.append(text[place:end].rstrip(b"\r").decode("utf-8", "replace"))
            place = end + 1
        text = text[place:]
        if text and not text.startswith(b"#"):
            break
    else:
        if text.startswith(b"#CHROM"):
            lines.append(text.decode("utf-8", "replace").rstrip("\r"))
            text = b""
    if not lines or not lines[0].startswith("##fileformat=VCF"):
        raise InputError(f"{path}: not a VCF or BCF file (expected a first line '##fileformat=VCF...')")
    if text.startswith(b'"#'):
        raise InputError(
            f"{path}: a spreadsheet put the header lines into quotes; give the file as the caller wrote it"
        )
    if not lines[-1].startswith("#CHROM"):
        raise InputError(f"{path}: not a VCF file (the header has no #CHROM line)")
    if (wrong := not_by_tabs(lines[-1])) is not None:
        raise InputError(f"{path}: {wrong}")
    return lines, text
