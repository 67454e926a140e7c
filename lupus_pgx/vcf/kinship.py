"""What a header says of whose genotypes the samples are: their names, and whether of a tumour or a family.

The files of a cohort name the same samples, tens of thousands, again and again: names are looked through once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_TUMOUR_LINE = re.compile(r"^##(?:tumou?r_sample|TUMOU?R)=(.+)$", re.MULTILINE | re.IGNORECASE)
_NORMAL_LINE = re.compile(r"^##(?:normal_sample|NORMAL)=(.+)$", re.MULTILINE | re.IGNORECASE)
_SAMPLE_LINE = re.compile(r"^##SAMPLE=<(.*)>", re.MULTILINE)
_SAMPLE_ID = re.compile(r"(?:^|,)ID=([^,]+)")
_TUMOUR_NAME = re.compile(r"(?:.*[._-])?(?:tumou?r|t)", re.IGNORECASE)
_NORMAL_NAME = re.compile(r"(?:.*[._-])?(?:normal|n|germline)", re.IGNORECASE)
_TUMOUR_WORD = re.compile(r"\b(?:tumou?r|cancer|somatic|metastas[ie]s)\b", re.IGNORECASE)
_FAMILY = re.compile(r"^##PEDIGREE=", re.MULTILINE)


_FIRST = 9
"""Column of the first sample."""


@lru_cache(maxsize=4)
def samples_of(line: str) -> tuple[str, ...]:
    """Return the samples that a #CHROM line names."""
    return tuple(line.split("\t")[_FIRST:])


@lru_cache(maxsize=4)
def named_twice(samples: tuple[str, ...]) -> str | None:
    """Return a sample that is named twice, if there is one."""
    if len(set(samples)) == len(samples):
        return None
    return min(sample for sample, count in Counter(samples).items() if count > 1)


@lru_cache(maxsize=4)
def _by_name(samples: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the samples that are of a tumour by their name, and those of normal tissue."""
    normal = frozenset(sample for sample in samples if _NORMAL_NAME.fullmatch(sample))
    tumour = {sample for sample in samples if _TUMOUR_NAME.fullmatch(sample)} if normal else set()
    return frozenset(tumour.union(sample for sample in samples if sample.upper() in ("TUMOR", "TUMOUR"))), normal


def tumours(header: str, samples: Sequence[str]) -> list[str]:
    """Return the samples of a file that are of a tumour, by header or by name beside a normal one.

    Examples
    --------
    >>> tumours("", ["NORMAL", "TUMOR"]), tumours("", ["T", "S1"])
    (['TUMOR'], [])
    """
    named = {name.strip() for name in _TUMOUR_LINE.findall(header)}
    for fields in _SAMPLE_LINE.findall(header):
        found = _SAMPLE_ID.search(fields)
        if found is not None and _TUMOUR_WORD.search(fields):
            named.add(found[1])
    named |= _by_name(tuple(samples))[0]
    return [sample for sample in samples if sample in named] if named else []


def normals(header: str, samples: Sequence[str]) -> list[str]:
    """Return the samples of a file that are of the normal tissue beside a tumour."""
    named = {name.strip() for name in _NORMAL_LINE.findall(header)} | _by_name(tuple(samples))[1]
    return [sample for sample in samples if sample in named]


def remark(header: str, samples: Sequence[str], read: Sequence[str]) -> str | None:
    """Return what is to be said before samples are read as patients, or None."""
    found = tumours(header, samples)
    somatic = [sample for sample in found if sample in set(read)] if found else []
    if not somatic:
        return None
    normal = normals(header, samples)
    where = f"read the normal sample alone (-s {normal[0]})" if normal else "read a file of the patient's blood"
    who = ", ".join(somatic)
    return f"sample {who} is of a tumour, whose genotypes are not those that the patient was born with; {where}"


def is_family(header: str) -> bool:
    """Whether the header states a pedigree."""
    return _FAMILY.search(header) is not None
