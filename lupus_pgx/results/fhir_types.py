"""The datatypes of FHIR R4 that a bundle is made of, and the systems of their codes."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

Json = dict[str, Any]

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting"
LOINC = "http://loinc.org"
GUIDE_CODES = f"{GUIDE}/CodeSystem/tbd-codes-cs"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def coded(system: str, code: str, display: str | None = None) -> Json:
    """Return a code of a system."""
    return {"system": system, "code": code, **({"display": display} if display else {})}


def concept(coding: Json | None = None, text: str = "") -> Json:
    """Return a concept of a code, of words, or of both."""
    return {**({"coding": [coding]} if coding is not None else {}), **({"text": text} if text else {})}


def loinc_concept(code: str) -> Json:
    """Return the concept of a LOINC code."""
    return concept(coded(LOINC, code))


def component(code: Json, value: Json) -> Json:
    """Return a component of an observation."""
    return {"code": code, "valueCodeableConcept": value}


def conclusion(text: str) -> list[Json]:
    """Return the component that says something in words; none where there is nothing to say."""
    return [{"code": concept(coded(GUIDE_CODES, "conclusion-string")), "valueString": text}] if text else []


def text_value(text: str) -> Json:
    """Return a value that is words alone."""
    return {"valueCodeableConcept": concept(text=text)}


def no_value(*, observed: bool = False) -> Json:
    """Say why there is no value: nothing was assessed, or what was observed has no name or assigned meaning."""
    return {"dataAbsentReason": concept(coded(ABSENT, "unknown" if observed else "not-performed"))}


def narrative(sentences: Iterable[str]) -> str:
    """Return what a viewer shows that knows nothing of the guide."""
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{"".join(f"<p>{escape(item)}</p>" for item in sentences)}</div>'
