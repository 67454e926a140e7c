"""Text VCF: records skipped on their position before anything else of them is looked at."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pysam

from lupus_pgx.bounded import is_number, short
from lupus_pgx.errors import InputError
from lupus_pgx.vcf.blocks import Blocks, IndexDoubtError
from lupus_pgx.vcf.checked import TextPeek, find_index
from lupus_pgx.vcf.indexed import IndexedFile
from lupus_pgx.vcf.inflated import is_compressed, read_header, text_blocks
from lupus_pgx.vcf.kinship import samples_of
from lupus_pgx.vcf.reach import LONG, REACHING, end_of, far_lines, stated_ends
from lupus_pgx.vcf.records import RawRecord, Spans, info_texts, overlaps, upper_alts, within
from lupus_pgx.vcf.stretch import Stretch
from lupus_pgx.vcf.unplaced import Sought, digits
from lupus_pgx.vcf.unreadable import SECOND_HEADER

Lines = npt.NDArray[np.int64]
Found = tuple[int, int, RawRecord]
"""Start and end of a line within some text, and its record."""

LONGEST_LINE = 64 << 20
"""Bytes; more where there are many samples. No variant that is written in letters is as long."""

MOST_ALTS = 1_000
"""Of a record; callers keep to some hundreds at repeats."""

_LONGEST_CELL = 4096
_DIGITS = 12  # of a position at the most
_FEW = 64  # samples whose cells are soon looked through
_HEAD = 8  # tabs after which the genotype columns (with FORMAT) begin
_SHORT = 4096  # bytes of a line that hold its first columns, as a rule
_WINDOW = 256  # lines in which a change of contig is looked for at first

_PLAIN = re.compile(
    rb"[^\t\n]*\t([0-9]{1,12})\t[^\t\n]*\t([A-Za-z]+)\t([A-Za-z,.*]+)\t[^\t\n]*\t[^\t\n]*\t([^\t\n]*)\t([^\t\n]*)\t"
)
"""The first nine columns of a line whose ALTs are letters: POS, REF, ALT, INFO and FORMAT."""


class TextFile(IndexedFile):
    """A VCF text file, plain or bgzipped, or a stream of one.

    Parameters
    ----------
    path : str
        Path of the file; only shown for a stream.
    stream : binary file, optional
        Read instead of the file, once.

    Attributes
    ----------
    encoding : str
        Of the text of records: they are read byte by byte.
    header : str
        All header lines.
    samples : tuple of str
    """

    encoding = "latin-1"

    def __init__(self, path: str, stream: IO[bytes] | None = None) -> None:
        super().__init__(path)
        self._blank = False
        self._pass = text_blocks(path, stream)
        lines, self._rest = read_header(path, self._pass)
        self.header = "\n".join(lines) + "\n"
        self.samples = samples_of(lines[-1])

    def open_index(self) -> bool:
        """Look for an index beside the file; one that is not of this file is none."""
        if is_compressed(self.path):
            self._blocks = Blocks(self.path)
            self._index = find_index(self.path, TextPeek(self._blocks), (".tbi", ".csi"))
        return self._index is not None

    def close(self) -> None:
        """Close the file."""
        self._pass.close()
        super().close()

    def _opened(self) -> AbstractContextManager[pysam.BGZFile]:
        # htslib takes a relative path that holds a colon for an address.
        return pysam.BGZFile(str(Path(self.path).absolute()), "rb", None)

    def _whole(self, data: bytes) -> int:
        return data.rfind(b"\n") + 1

    def _positions(self, data: bytes, chrom: str) -> tuple[Lines, bool]:
        letters, starts, _ = _line_places(data)
        name, last = self._run(data, letters, starts, 0)
        if name != chrom:
            return np.array([], np.int64), True
        return _numbers(letters, starts[:last] + len(name) + 1), last < len(starts)

    def _of_stretch(self, data: bytes, stretch: Stretch, spans: Spans) -> Iterator[RawRecord]:
        self._refuse_nul(data)
        span_starts, span_ends = (places.tolist() for places in spans[stretch.chrom])
        tab = f"{stretch.chrom}\t".encode("latin-1")
        # Where no record reaches further than its line is long, its position tells enough.
        long = len(self.samples) > _FEW or any(word in data for word in REACHING)
        pos, start = stretch.pos, 0
        passed: list[int] = []
        if self.watch:
            self._passed.append((stretch.chrom, passed, stretch.fresh))
        while start < len(data):
            if not data.startswith(tab, start):
                if data.startswith(b"#", start):
                    raise InputError(f"{self.path}: {SECOND_HEADER}")
                if stretch.fresh and not start:
                    raise IndexDoubtError("no record starts where an offset points")
                stretch.go_on(pos, over=True)
                return
            # Every genotype cell begins with a tab.
            end = data.find(b"\n", min(start + len(self.samples), len(data) - 1))
            first = last = -1
            if not long:
                word = data[start + len(tab) : data.find(b"\t", start + len(tab))]
                first = last = int(word) if word.isdigit() and len(word) <= _DIGITS else -1
            nearest = bisect_left(span_ends, first)
            if first < 0 or (nearest < len(span_ends) and span_starts[nearest] <= first + end - start):
                first, last = self._extent(data, start, end)
                nearest = bisect_left(span_ends, first)
            if first < pos:
                raise IndexDoubtError("records are not sorted")
            passed.append(first)
            if nearest < len(span_ends) and span_starts[nearest] <= last:
                yield self._record(data[start:end].decode("latin-1"))
            pos, start = first, end + 1
        stretch.go_on(pos, over=False)

    def scan(self, spans: Spans) -> Iterator[RawRecord]:
        """Yield the records that overlap spans, in one pass over all of the file; a stream can be read once.

        Raises
        ------
        InputError
            If the file is damaged or ends within a record.
        """
        for data in self._whole_lines():
            yield from (record for _, _, record in self._chunk(data, spans))

    def pieces(self, spans: Spans) -> Iterator[bytes | RawRecord]:
        """Yield all records in file order, once: text as it is, and single records that overlap spans.

        Raises
        ------
        InputError
            If the file is damaged or ends within a record.
        """
        for data in self._whole_lines():
            done = 0
            for start, end, record in self._chunk(data, spans):
                if start > done:
                    yield data[done:start]
                yield record
                done = end + 1
            # Empty lines at the end of a file are no records.
            left = data[done:].rstrip(b"\r\n")
            if left:
                yield left + b"\n"

    def _whole_lines(self) -> Iterator[bytes]:
        """Yield the text after the header, cut after line ends."""
        most = max(LONGEST_LINE, len(self.samples) * _LONGEST_CELL)
        # The parts of a line that is not yet whole; joined once, however many they are.
        parts, size = [b""], 0
        for block in chain((self._rest,), self._pass):
            self._refuse_nul(block)
            cut = block.rfind(b"\n") + 1
            size = len(block) - cut if cut else size + len(block)
            if size > most:
                raise InputError(f"{self.path}: a line is longer than {most >> 20} MB: is this a VCF?")
            if cut:
                yield b"".join([*parts, block[:cut]])
                parts = [block[cut:]]
            else:
                parts.append(block)
        rest = b"".join(parts)
        if rest.strip():
            if rest.count(b"\t") < _HEAD + len(self.samples):
                raise InputError(f"{self.path}: the last line has fewer columns than the header: truncated")
            yield rest + b"\n"

    def _refuse_nul(self, data: bytes) -> None:
        """Refuse what a disk leaves where it lost a part of a file."""
        if b"\0" in data:
            raise InputError(f"{self.path}: the file is damaged (a NUL byte stands in a line)")

    def _chunk(self, data: bytes, spans: Spans) -> Iterator[Found]:
        """Yield the records of whole lines that overlap spans, each with the start and end of its line."""
        letters, starts, ends = _line_places(data)
        first = 0
        while first < len(starts):
            name, last = self._run(data, letters, starts, first)
            if name in self.watch:
                positions = _numbers(letters, starts[first:last] + len(name) + 1)
                watched = within(positions, self.watch[name])
                self.seen.setdefault(name, []).append(watched)
                if len(watched) and not self.kinds.settled:
                    self._add_kinds(data, starts[first:last][np.isin(positions, watched)])
            if self.sought is not None:
                self._keep_unplaced(data, letters, starts[first:last], ends[first:last], name, self.sought)
            if name in spans:
                yield from self._lines(data, letters, starts[first:last], ends[first:last], name, spans)
            first = last

    def _add_kinds(self, data: bytes, starts: Lines) -> None:
        """Look at REF and ALT of lines, for as long as it takes."""
        for start in starts.tolist():
            if self.kinds.settled:
                return
            # The whole line where both are long; the genotypes of a cohort are not cut apart.
            cells = data[start : start + _SHORT].split(b"\t", 5)
            if len(cells) < 6:
                cells = data[start : data.find(b"\n", start)].split(b"\t", 5)
            if len(cells) == 6:
                self.kinds.add(cells[3].decode("latin-1"), cells[4].decode("latin-1"))

    def _keep_unplaced(
        self, data: bytes, letters: npt.NDArray[np.uint8], starts: Lines, ends: Lines, name: str, sought: Sought
    ) -> None:
        """Keep the records of lines of one contig that are sought wherever they stand."""
        places = starts + len(name.encode("latin-1")) + 1
        positions = _numbers(letters, places)
        chosen = sought.beside(name, positions) | sought.named(letters, places + digits(positions) + 1)
        for line in np.flatnonzero(chosen & (positions >= 0)).tolist():
            record = self._record(data[int(starts[line]) : int(ends[line])].decode("latin-1"))
            if sought.wants(name, record.pos, record.identifier):
                self.unplaced.append(record)

    def _run(self, data: bytes, letters: npt.NDArray[np.uint8], starts: Lines, first: int) -> tuple[str, int]:
        """Return the contig of a line, and the first line after it that is of another contig."""
        start = int(starts[first])
        word = data[start : data.find(b"\t", start) + 1]
        if not word or b"\n" in word:
            if data[start : start + 2].strip() in (b"", b"\r"):
                self._blank = True
                return "", first + 1
            word = data[start : data.find(b"\n", start)]
            if word.startswith(b"#"):
                raise InputError(f"{self.path}: {SECOND_HEADER}")
            raise InputError(f"{self.path}: columns must be separated by tabs; found {word[:60].decode('latin-1')!r}")
        if self._blank:
            raise InputError(f"{self.path}: a line without columns stands between the records")
        name = word[:-1].decode("latin-1")
        if name == "#CHROM":
            raise InputError(f"{self.path}: {SECOND_HEADER}")
        if not name or any(letter.isspace() for letter in name):
            raise InputError(f"{self.path}: columns must be separated by tabs; found {name[:60]!r}")
        self.met.add(name)
        window, last = _WINDOW, first + 1
        while last < len(starts):
            here = starts[last : last + window]
            alike = np.ones(len(here), bool)
            for place, letter in enumerate(word):
                alike &= letters[np.minimum(here + place, len(letters) - 1)] == letter
            if not alike.all():
                return name, last + int(alike.argmin())
            last += len(here)
            window *= 2
        return name, last

    def _lines(
        self, data: bytes, letters: npt.NDArray[np.uint8], starts: Lines, ends: Lines, name: str, spans: Spans
    ) -> Iterator[Found]:
        """Yield the records of lines of one contig that overlap its spans."""
        positions = _numbers(letters, starts + len(name) + 1)
        # No record reaches further than its line is long, unless END, SVLEN or LEN say so.
        reach = positions + (ends - starts)
        far = far_lines(data, starts, int(ends[-1]))
        if data.find(b"END=", int(starts[0]), int(ends[-1])) >= 0:
            found, odd = stated_ends(data, int(starts[0]), int(ends[-1]))
            if len(found):
                np.maximum.at(reach, np.searchsorted(starts, found[:, 0], "right") - 1, found[:, 1])
            far += (np.searchsorted(starts, np.array(odd, np.int64), "right") - 1).tolist()
        for line in far:
            record = self._record(data[int(starts[line]) : int(ends[line])].decode("latin-1"))
            reach[line] = max(int(reach[line]), record.end)
        span_starts, span_ends = spans[name]
        nearest = np.searchsorted(span_ends, positions)
        inside = nearest < len(span_ends)
        inside &= span_starts[np.minimum(nearest, len(span_ends) - 1)] <= reach
        own_starts, own_ends = span_starts.tolist(), span_ends.tolist()
        for line in np.flatnonzero(inside | (positions < 0)).tolist():
            start, end = int(starts[line]), int(ends[line])
            # A line may be long for its genotype columns alone.
            first, last = self._extent(data, start, end)
            place = bisect_left(own_ends, first)
            if place < len(own_ends) and own_starts[place] <= last:
                yield start, end, self._record(data[start:end].decode("latin-1"))

    def _extent(self, data: bytes, start: int, end: int) -> tuple[int, int]:
        """Return the first and last base of a line without splitting all of it."""
        plain = _PLAIN.match(data, start, min(end, start + _SHORT))
        if plain is not None:
            place, ref, alts, info, keys = plain.groups()
            stated = b"END=" in info or b"SVLEN=" in info or b"LEN" in keys
            if not stated and len(alts) - len(ref) < LONG:
                return int(place), int(place) + len(ref) - 1
        head = data[start : min(end, start + _SHORT)].decode("latin-1").split("\t", _HEAD)
        # A FORMAT that was cut off could hide its LEN.
        told = len(head) > _HEAD and "\t" in head[_HEAD] and is_number(head[1]) and head[3] not in ("", ".")
        if not told or "LEN" in head[_HEAD]:
            record = self._record(data[start:end].decode("latin-1"))
            return record.pos, record.end
        pos = int(head[1])
        return pos, end_of(pos, head[3], head[7], head[0], upper_alts(head[4].split(",")))

    def _record(self, line: str) -> RawRecord:
        """Look at the first eight columns of a line."""
        place = -1
        for _ in range(_HEAD):
            place = line.find("\t", place + 1)
            if place < 0:
                break
        head = (line if place < 0 else line[:place]).split("\t")
        if len(head) < _HEAD:
            raise InputError(f"{self.path}: a record has fewer than eight columns: {line[:60]!r}")
        chrom, pos, identifier, ref, alts, _, filters, info = head
        if alts.count(",") >= MOST_ALTS:
            raise InputError(f"{self.path}: a record at {chrom}:{pos[:_DIGITS]} has more than {MOST_ALTS:,} ALTs")
        keys = "" if place < 0 else line[place + 1 : (line + "\t").find("\t", place + 1)]
        if not is_number(pos) or ref in ("", "."):
            raise InputError(f"{self.path}: a record on {chrom} has no position or no REF (POS {short(pos, 40)})")
        ref, letters = ref.upper(), upper_alts(alts.split(","))
        return RawRecord(
            chrom=chrom,
            pos=int(pos),
            end=max(end_of(int(pos), ref, info, chrom, letters), _furthest_block(int(pos), keys, line)),
            identifier="" if identifier == "." else _decoded(identifier),
            ref=ref,
            alts=letters,
            filters="" if filters in (".", "PASS", "") else _decoded(filters),
            info=info_texts(lambda: _decoded(info)),
            payload=line.rstrip("\r"),
            formats=lambda: tuple(keys.strip().split(":")) if keys else (),
        )


class BcfAsText(TextFile):
    """A BCF file as the text that it stands for, to be copied.

    Parameters
    ----------
    path : str
        Of a name without an index beside it, which htslib would read.
    """

    encoding = "utf-8"

    def __init__(self, path: str) -> None:
        import cyvcf2

        self.path = path
        self.met = set()
        # Only what was decoded before comes here: htslib may end the process on damage.
        self._file = cyvcf2.VCF(path)
        self.header = str(self._file.raw_header)
        self.samples = tuple(self._file.samples)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def pieces(self, spans: Spans) -> Iterator[bytes | RawRecord]:
        """Yield all records in file order: text as it is, and single records that overlap spans."""
        for line in self._file:
            record = self._record(str(line).rstrip("\n"))
            self.met.add(record.chrom)
            yield record if overlaps(record, spans) else f"{record.payload}\n".encode()


def _furthest_block(pos: int, keys: str, line: str) -> int:
    """Return the last base of the longest reference block that FORMAT/LEN gives some sample."""
    if "LEN" not in keys.split(":"):
        return pos
    column = keys.split(":").index("LEN")
    cells = (cell.split(":") for cell in line.rstrip("\r").split("\t")[_HEAD + 1 :])
    lengths = [int(cell[column]) for cell in cells if column < len(cell) and is_number(cell[column])]
    return pos + max(lengths, default=1) - 1


def _decoded(text: str) -> str:
    """Return text that was read byte by byte as the UTF-8 it is."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def _line_places(data: bytes) -> tuple[npt.NDArray[np.uint8], Lines, Lines]:
    """Return the letters of whole lines, and where the lines start and end."""
    letters = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    return letters, np.concatenate(([0], ends[:-1] + 1)), ends


def _numbers(letters: npt.NDArray[np.uint8], starts: Lines) -> Lines:
    """Return the cells that begin at some places as numbers; -1 where a cell is not one."""
    numbers = np.zeros(len(starts), np.int64)
    going = np.ones(len(starts), bool)
    for place in range(_DIGITS + 1):
        letter = letters[np.minimum(starts + place, len(letters) - 1)]
        digit = letter - np.uint8(ord("0"))
        ended = going & (letter == ord("\t")) & (place > 0)
        going &= ~ended
        numbers = np.where(going, np.where(digit < 10, numbers * 10 + digit, -1), numbers)
        going &= digit < 10
        if not going.any():
            break
    numbers[going] = -1
    return numbers
