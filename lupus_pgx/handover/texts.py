"""A call written as one text, as ``whatif`` and ``respond`` take it."""

from __future__ import annotations

import re

from lupus_pgx.handover.meaning import Reader
from lupus_pgx.handover.model import NameFaultError, Statement
from lupus_pgx.handover.phenotypes import read_phenotype
from lupus_pgx.handover.tables import is_no_call, is_unassigned, split, ties, unassigned
from lupus_pgx.knowledge.genes import Marker, StarGene

_SCORE = re.compile(r"(?:activity[ _]?)?score\s*[=:]?\s*(.+)", re.IGNORECASE)


def statement_of(target: StarGene | Marker, name: str, text: str, reader: Reader) -> Statement:
    """Return what a text says of a gene or marker.

    Parameters
    ----------
    target : StarGene or Marker
    name : str
        As the user wrote it.
    text : str
        A pair, several joined by ``or``, a phenotype, ``score 1.5``, ``*57:01 positive``, ``no call``; for a marker
        a genotype.
    reader : Reader

    Returns
    -------
    Statement
    """
    text = text.strip()
    if is_no_call(text):
        return Statement(name, name, no_call=text)
    if isinstance(target, Marker):
        return Statement(name, name, pairs=tuple(split(item) for item in ties(text)))
    if score := _SCORE.fullmatch(text):
        return Statement(name, name, score=score[1])
    if target.typing:
        return Statement(name, name, pairs=tuple(split(item) for item in ties(text)))
    names = reader.names_of(target)
    if names.whole(text) is not None:
        return Statement(name, name, pairs=(split(text),))
    if "/" not in text and _is_phenotype(target, text) and not (target.x_linked and _is_allele(target, text, reader)):
        return Statement(name, name, phenotype=text)
    pairs = [pair for item in ties(text) for pair in (unassigned(item) if is_unassigned(item) else [names.split(item)])]
    return Statement(name, name, pairs=tuple(pairs))


def _is_phenotype(star: StarGene, text: str) -> bool:
    try:
        return bool(read_phenotype(star, text))
    except NameFaultError:
        return False


def _is_allele(star: StarGene, text: str, reader: Reader) -> bool:
    try:
        return bool(reader.names_of(star).read(text))
    except NameFaultError:
        return False
