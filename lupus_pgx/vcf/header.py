"""What the header of a VCF or BCF declares: contigs, references, and how genotypes may be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lupus_pgx.bounded import is_number

_CONTIG_LINE = re.compile(r"^##contig=<(.*)>\s*$", re.MULTILINE)
_REFERENCE_LINE = re.compile(r"^##reference=(.*)$", re.MULTILINE)
_VERSION = re.compile(r"##fileformat=VCFv4\.(\d+)")
_PREFIXES_SINCE = 4


@dataclass(frozen=True, slots=True)
class Contig:
    """A contig as the header declares it."""

    name: str
    length: int | None
    assembly: str


def contigs_of(header: str) -> Iterator[Contig]:
    """Yield the contigs of a header that have a name."""
    for text in _CONTIG_LINE.findall(header):
        contig = _contig(text)
        if contig.name:
            yield contig


def references_of(header: str) -> tuple[str, ...]:
    """Return the values of the ``##reference`` lines."""
    return tuple(line.strip() for line in _REFERENCE_LINE.findall(header))


def has_prefixes(header: str) -> bool:
    """Whether a genotype may start with ``/`` or ``|``, the phase of its first allele (VCF 4.4)."""
    version = _VERSION.match(header)
    return version is not None and is_number(version[1]) and int(version[1]) >= _PREFIXES_SINCE


def _contig(text: str) -> Contig:
    fields = dict(re.findall(r'(\w+)=("[^"]*"|[^,]*)', text))
    length = fields.get("length", "")
    return Contig(
        fields.get("ID", ""), int(length) if is_number(length) else None, fields.get("assembly", "").strip('"')
    )
