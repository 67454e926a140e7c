"""What a header says of whose genotypes the samples are: a tumour's, or those of a family."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TUMOUR_LINE = re.compile(r"^##(?:tumou?r_sample|TUMOU?R)=(.+)$", re.MULTILINE | re.IGNORECASE)
_NORMAL_LINE = re.compile(r"^##(?:normal_sample|NORMAL)=(.+)$", re.MULTILINE | re.IGNORECASE)
_SAMPLE_LINE = re.compile(r"^##SAMPLE=<(.*)>", re.MULTILINE)
_SAMPLE_ID = re.compile(r"(?:^|,)ID=([^,]+)")
_TUMOUR_NAME = re.compile(r"(?:.*[._-])?(?:tumou?r|t)", re.IGNORECASE)
_NORMAL_NAME = re.compile(r"(?:.*[._-])?(?:normal|n|germline)", re.IGNORECASE)
_TUMOUR_WORD = re.compile(r"\b(?:tumou?r|cancer|somatic|metastas[ie]s)\b", re.IGNORECASE)
_FAMILY = re.compile(r"^##PEDIGREE=", re.MULTILINE)


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
    if any(_NORMAL_NAME.fullmatch(sample) for sample in samples):
        named |= {sample for sample in samples if _TUMOUR_NAME.fullmatch(sample)}
    if {"TUMOR", "TUMOUR"} & {sample.upper() for sample in samples}:
        named |= {sample for sample in samples if sample.upper() in ("TUMOR", "TUMOUR")}
    return [sample for sample in samples if sample in named]


def normals(header: str, samples: Sequence[str]) -> list[str]:
    """Return the samples of a file that are of the normal tissue beside a tumour."""
    named = {name.strip() for name in _NORMAL_LINE.findall(header)}
    return [sample for sample in samples if sample in named or _NORMAL_NAME.fullmatch(sample)]


def remark(header: str, samples: Sequence[str], read: Sequence[str]) -> str | None:
    """Return what is to be said before samples are read as patients, or None."""
    somatic = [sample for sample in tumours(header, samples) if sample in set(read)]
    if not somatic:
        return None
    normal = normals(header, samples)
    where = f"read the normal sample alone (-s {normal[0]})" if normal else "read a file of the patient's blood"
    who = ", ".join(somatic)
    return f"sample {who} is of a tumour, whose genotypes are not those that the patient was born with; {where}"


def is_family(header: str) -> bool:
    """Whether the header states a pedigree."""
    return _FAMILY.search(header) is not None
