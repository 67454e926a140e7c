"""A file of alignments: its index, its contigs, whose reads it holds."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pysam

from lupus_pgx.bounded import waits
from lupus_pgx.errors import InputError
from lupus_pgx.htslib import quiet
from lupus_pgx.reads.counts import Counts, Place, Tally, stretches
from lupus_pgx.reads.given import BAM, Source
from lupus_pgx.reads.index import check_index
from lupus_pgx.words.asked import asked_as

_SUFFIXES = {"BAM": (".bai", ".csi"), "CRAM": (".crai",)}
_SLACK = 2.0  # seconds by which an index may be older: some file systems count in twos
_FIELDS = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x200 | 0x400  # all of a read but its mate and its tags
_FIELDS_AND_GROUP = _FIELDS | 0x800 | 0x1000  # tags too


class AlignedFile:
    """An indexed BAM or CRAM.

    Parameters
    ----------
    source : Source
    reference : str, optional
        FASTA against which a CRAM was written.

    Raises
    ------
    InputError
        If it cannot be read, is not sorted, or its index is missing or older.
    """

    def __init__(self, source: Source, reference: str | None = None) -> None:
        self.path = source.path
        self._kind = source.kind
        self._reference = reference
        self._quiet = ExitStack()
        self._quiet.enter_context(quiet())
        try:
            self._look(source)
        except BaseException:
            self._quiet.close()
            raise

    def _look(self, source: Source) -> None:
        # htslib takes what it finds beside a file, whether it is asked to or not.
        for name in _indexes(source):
            if waits(name):
                raise InputError(f"{name}: is no file, and lies where the index of {source.path} is looked for")
            if source.kind == BAM and Path(name).is_file():
                check_index(name, source.path)
        header = self._header()
        order = header.get("HD", {}).get("SO")
        if order not in (None, "coordinate", "unknown"):
            raise InputError(f"{self.path}: its reads are in the order {order!r}: samtools sort, then samtools index")
        self.groups = _groups(header.get("RG", []))
        """Read groups of each sample (``@RG SM``)."""
        self._file = self._open(_index_of(source), _FIELDS_AND_GROUP if len(self.groups) > 1 else _FIELDS)
        try:
            self.contigs: dict[str, int] = dict(zip(self._file.references, self._file.lengths, strict=True))
        except ValueError as error:
            raise InputError(f"{self.path}: the header of the alignments is damaged ({error})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError as fault:
            # htslib tells of a damage that it met while reading once more.
            if error is None:
                raise InputError(f"{self.path}: the file is damaged ({fault.strerror or fault})") from fault
        finally:
            self._quiet.close()

    def counts(self, places: Sequence[Place], samples: Sequence[str | None] = (None,)) -> list[list[Counts]]:
        """Count what the reads of each sample show at places; the file is passed once, however many samples it holds.

        Parameters
        ----------
        places : sequence of Place
        samples : sequence of str or None
            Samples of the file; None for all of its reads.

        Returns
        -------
        list of list of Counts
            By sample, then by place.

        Raises
        ------
        InputError
            If the file is damaged, or a CRAM cannot be decoded.
        """
        found = [[Counts() for _ in places] for _ in samples]
        for group in stretches(places):
            here = [places[number] for number in group]
            end = max(place.end for place in here)
            try:
                tallies = self._tallies(here, end, samples)
            except (OSError, ValueError, MemoryError) as error:
                raise self._unreadable(error, here[0]) from error
            for own, tally in zip(found, tallies, strict=True):
                for number, count in zip(group, tally.counts(), strict=True):
                    own[number] = count
        return found

    def _tallies(self, places: Sequence[Place], end: int, samples: Sequence[str | None]) -> list[Tally]:
        """Return what the reads of one stretch show, by sample."""
        tallies = [Tally(places) for _ in samples]
        contig = places[0].contig
        reads = self._file.fetch(contig, places[0].start - 1, min(end, self.contigs[contig]))
        if len(self.groups) < 2 or tuple(samples) == (None,):
            for read in reads:
                for tally in tallies:
                    tally.look(read)
            return tallies
        owners = {
            group: tally
            for sample, tally in zip(samples, tallies, strict=True)
            for group in self.groups.get(sample or "", ())
        }
        for read in reads:
            owner = owners.get(str(read.get_tag("RG"))) if read.has_tag("RG") else None
            if owner is not None:
                owner.look(read)
        return tallies

    def _header(self) -> dict[str, Any]:
        file = self._open(None, _FIELDS)
        try:
            found: dict[str, Any] = file.header.to_dict()
            file.close()
        except (OSError, ValueError, AssertionError, KeyError) as error:
            raise InputError(f"{self.path}: the header of the alignments is damaged ({error})") from error
        return found

    def _open(self, index: str | None, fields: int) -> pysam.AlignmentFile:
        try:
            return pysam.AlignmentFile(
                self.path,
                "rb" if self._kind == BAM else "rc",
                reference_filename=self._reference if self._kind != BAM else None,
                index_filename=index,
                format_options=[f"required_fields={fields:#x}"] if self._kind != BAM else None,
            )
        except (OSError, ValueError, NotImplementedError) as error:
            beside = f" with its index {index}" if index else ""
            raise InputError(f"{self.path}: cannot be read as {self._kind}{beside} ({error})") from error

    def _unreadable(self, error: Exception, place: Place) -> InputError:
        where = f"{self.path}: reads at {place.contig}:{place.start} cannot be read"
        if self._kind == BAM:
            return InputError(
                f"{where} ({error}): the file or its index is damaged; make the index anew: samtools index"
            )
        if self._reference is None:
            way = asked_as("--reference FASTA", "reference_fasta=")
            return InputError(f"{where}: a CRAM needs the genome that it was written with ({way})")
        return InputError(f"{where}: the file is damaged, or {self._reference} is not the genome it was written with")


def _groups(lines: Sequence[Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """Return the read groups of each sample that the header names."""
    samples: dict[str, set[str]] = {}
    for line in lines:
        if line.get("SM"):
            samples.setdefault(line["SM"], set()).add(line["ID"])
    return {sample: frozenset(groups) for sample, groups in samples.items()}


def _indexes(source: Source) -> list[str]:
    """Return the names that the index of a file may have."""
    file, suffixes = Path(source.path), _SUFFIXES[source.kind]
    return [f"{file}{suffix}" for suffix in suffixes] + [str(file.with_suffix(suffix)) for suffix in suffixes]


def _anew(file: Path) -> str:
    return f"samtools index {shlex.quote(str(file))}"


def _index_of(source: Source) -> str:
    """Return the index of a file."""
    file, names = Path(source.path), _indexes(source)
    found = next((name for name in names if Path(name).is_file()), None)
    if found is None:
        raise InputError(f"{file}: has no index ({' or '.join(names[:2])}): {_anew(file)}")
    if Path(found).stat().st_mtime < file.stat().st_mtime - _SLACK:
        raise InputError(f"{file}: is newer than its index {found}, which may lead astray: {_anew(file)}")
    return found
