"""What tests of several rooms share, beside the VCF builder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import unescape
from typing import TypeVar

import pytest
from hypothesis import strategies as st

Case = TypeVar("Case")


def check_each(cases: Iterable[Case], check: Callable[[Case], None], name: Callable[[Case], str] = str) -> None:
    """Check every case, then fail once with the name of every case that failed and why.

    For rows and cells of a table: a test each would be thousands, and a loop that stops at the first fault
    shows one of them. No case at all is a fault, too.
    """
    faults = []
    count = 0
    for case in cases:
        count += 1
        try:
            check(case)
        except Exception as fault:
            kind = "" if isinstance(fault, AssertionError) else f"{type(fault).__name__}: "
            faults.append(f"{name(case)}: {kind}{str(fault)[:2000]}")
    assert count, "no case to check"
    if faults:
        pytest.fail("\n".join([f"{len(faults)} of {count} cases failed", *faults]), pytrace=False)


def optional(**fields: st.SearchStrategy) -> st.SearchStrategy[dict]:
    """Draw a document in which every field may be left out."""
    return st.fixed_dictionaries({}, optional=fields)


def plain(html: str) -> str:
    """Return the text of a page, on one line."""
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


CHROMOSOMES = {"ALL": 5008, "AFR": 1322, "AMR": 694, "EAS": 1008, "EUR": 1006, "SAS": 978}
"""Haplotypes that were counted on an autosome in each population."""


def both_named(population: str) -> float:
    """Return the chance that neither haplotype is one nobody saw, where phase is open or a locus is missing.

    It is that of one haplotype beside those that were counted.
    """
    return (1 - 1 / CHROMOSOMES[population]) ** 2


WHERE = re.compile(r"(Results are in|Drug by drug:|To read as a page:) ")


def warned(err: str) -> str:
    """Return what was said on stderr beside where the results are."""
    return "\n".join(line for line in err.splitlines() if not WHERE.match(line))
