"""All of a VCF or BCF file as text, in one pass, to be written again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from lupus_pgx.vcf.file import ReadErrors
from lupus_pgx.vcf.records import RawRecord
from lupus_pgx.vcf.regions import Region, disjoint
from lupus_pgx.vcf.source import VcfSource
from lupus_pgx.vcf.text import BcfAsText, TextFile

_CONTIG = re.compile(r"^##contig=<(?:.*?,)?ID=([^,>]+)")


class VcfCopy:
    """An open file whose records are passed on as they are, but for those asked for.

    Parameters
    ----------
    path : str
        Path of a file that was analyzed; ``-`` for standard input, from its start once more.
    names : mapping of str to str
        Contig of a region by each name that the file may use for it.

    Attributes
    ----------
    header : tuple of str
        Header lines, the ``#CHROM`` line last.
    samples : tuple of str
    encoding : str
        Of the text of records.

    Raises
    ------
    InputMissingError
        If the file does not exist or cannot be opened.
    InputError
        If it is not a VCF or BCF file, or is truncated.
    UsageError
        If standard input cannot be read again.
    """

    def __init__(self, path: str, names: Mapping[str, str]) -> None:
        self.path = path
        self._names = names
        self._source = VcfSource(path, again=True)
        try:
            with ReadErrors(path):
                file = self._source.file
                self._text = BcfAsText(file) if self._source.binary else TextFile(file, self._source.stream)
        except BaseException:
            self._source.close()
            raise
        self.header = tuple(self._text.header.splitlines())
        self.samples = self._text.samples
        self.encoding = self._text.encoding

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()
        self._source.close()

    def pieces(self, regions: Sequence[Region]) -> Iterator[bytes | RawRecord]:
        """Yield all records in file order: whole lines as they are, and single records that overlap regions.

        Raises
        ------
        InputError
            If the file is damaged or truncated.
        """
        with ReadErrors(self.path):
            for piece in self._text.pieces(disjoint(regions, self._names)):
                if isinstance(piece, bytes) and b"\r" in piece:
                    # Readers of VCF drop the carriage return of a line end.
                    piece = piece.replace(b"\r\n", b"\n")  # noqa: PLW2901
                yield piece

    def undeclared_contigs(self) -> list[str]:
        """Return the contigs that were met so far and that the header does not declare."""
        declared = {found[1] for found in map(_CONTIG.match, self.header) if found}
        return sorted(self._text.met - declared)
