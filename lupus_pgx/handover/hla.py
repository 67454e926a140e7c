"""Names of HLA alleles: any spelling of at least two fields, checked against those that exist."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from lupus_pgx.handover.model import NameFaultError
from lupus_pgx.handover.names import Allele
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import PairTraits, StarGene
from lupus_pgx.knowledge.tables import split_list

PREFIX = "HLA-"
NOT_EXPRESSED = "N"
"""Suffix of an allele that makes no protein."""

_SUFFIXES = "NLSCAQ"
_NAME = re.compile(
    rf"\*?(\d{{2,3}}):(\d{{2,4}})((?::\d{{2,4}}){{0,2}})([{_SUFFIXES}]|G|P)?",
)
_OLD = re.compile(rf"\*?(\d{{2}})(\d{{2}})(\d{{2}}){{0,2}}([{_SUFFIXES}])?")
_ONE_FIELD = re.compile(r"\*?(\d{1,3})(?::([A-Z]{2,5}))?")
_SIGNED = re.compile(
    r"(.*?)\s*\(?(positive|negative|not detected|detected|pos|neg|present|absent|carrier)\)?", re.IGNORECASE
)
_ABSENT = frozenset({"negative", "not detected", "neg", "absent"})
_LISTED = re.compile(r"[;,/|]")


def _numbers(cell: str) -> frozenset[int]:
    """Read ranges of numbers such as ``1-24;26``."""
    ends = (part.partition("-") for part in split_list(cell))
    return frozenset(itertools.chain.from_iterable(range(int(low), int(high or low) + 1) for low, _, high in ends))


class Typings:
    """Reads the typings of one HLA gene."""

    def __init__(self, star: StarGene, knowledge: Knowledge) -> None:
        self.star = star
        rows = [row for row in knowledge.rows("hla_groups") if row["gene"] == star.gene]
        self._fields = {row["group"]: _numbers(row["fields"]) for row in rows}
        self._suffixed = {(row["group"], cell) for row in rows for cell in split_list(row["suffixes"])}
        listed = {row["source"] for row in rows}
        self._list = "; ".join(
            f"{row['source']} {row['version']}" for row in knowledge.rows("sources") if row["source"] in listed
        )

    def read(self, text: str) -> tuple[Allele, ...]:
        """Read one typed allele; several readings where a list of alleles stands for it.

        Raises
        ------
        NameFaultError
            If it is no name of an allele of the gene, or has one field only.
        """
        items = [item for item in _LISTED.split(text) if item.strip()]
        if not items:
            raise NameFaultError(f"{self.star.gene}: an allele is missing")
        names = [self._one(item) for item in items]
        return tuple({name.name: name for name in names}.values())

    def _one(self, text: str) -> Allele:
        name = self._bare(text)
        match = _NAME.fullmatch(name)
        if match:
            group, field, suffix = match[1], match[2], match[4] or ""
        elif old := _OLD.fullmatch(name):
            group, field, suffix = old[1], old[2], old[4] or ""
        else:
            raise NameFaultError(self._refused(name, text))
        self._check(text.strip(), group, field)
        kept = suffix if suffix in _SUFFIXES else ""
        short = f"*{group}:{field}{kept}"
        note = f"{text.strip()} is a group: other alleles of it are not told apart" if suffix in ("G", "P") else ""
        if kept and not self._has_suffix(group, field, kept):
            note = f"{short}: {self._list} has it without a suffix, so that it may count"
        elif kept and kept != NOT_EXPRESSED:
            note = f"{short}: its suffix leaves open how far it is expressed"
        elif kept:
            note = f"{short} is not expressed"
        return Allele(short, note=note)

    def _check(self, text: str, group: str, field: str) -> None:
        """Refuse a name that no allele has."""
        where = f"{self.star.gene} {text!r}"
        if self._fields and group not in self._fields:
            raise NameFaultError(f"{where}: there is no group *{group} of this gene")
        if len(field) > 2 and field.startswith("0"):
            raise NameFaultError(f"{where}: the second field has two digits, or more that do not begin with 0")
        if not int(field):
            raise NameFaultError(f"{where}: the second field begins with 01")
        if self._fields and int(field) not in self._fields[group]:
            raise NameFaultError(
                f"{where}: {self._list} has no *{group}:{field}; a newer name "
                "needs its row of the table hla_groups in an overlay"
            )

    def _has_suffix(self, group: str, field: str, suffix: str) -> bool:
        """Whether an allele of these two fields has the suffix, as far as names are known at all."""
        return not self._fields or (group, f"{int(field):02}{suffix}") in self._suffixed

    def _bare(self, text: str) -> str:
        """Take away the gene and how people join it to the name."""
        name = text.strip().replace("\\*", "*").replace(" ", "")
        locus = self.star.gene.removeprefix(PREFIX)
        for prefix in (f"{PREFIX}{locus}", f"HLA_{locus}", f"HLA{locus}", locus):
            if name.upper().startswith(prefix.upper()):
                rest = name[len(prefix) :]
                return "*" + rest.lstrip("*_-") if rest else rest
        return name

    def _refused(self, name: str, text: str) -> str:
        field = _ONE_FIELD.fullmatch(name)
        if field and field[2] and field[2] != "XX":
            return (
                f"{self.star.gene} {text.strip()!r}: {field[2]} is an NMDP code, which stands for a list of alleles "
                "that is not here; write alleles of at least two fields, such as *58:01"
            )
        if field:
            return (
                f"{self.star.gene} {text.strip()!r}: expected a typing of at least two fields, such as *58:01; the "
                "first alone stands for many alleles"
            )
        return f"{self.star.gene}: expected a typing of at least two fields, such as *58:01; found {text.strip()!r}"

    def readings(self, parts: Sequence[str]) -> Iterator[tuple[Allele, ...]]:
        """Yield the pairs that a written pair may be.

        Raises
        ------
        NameFaultError
            If it is no pair of alleles of the gene.
        """
        if len(parts) != 2:
            found = "/".join(parts)
            raise NameFaultError(
                f"{self.star.gene}: expected two alleles joined by '/', such as *07:02/*58:01; found {found!r}"
            )
        yield from itertools.product(*(self.read(part) for part in parts))

    def traits(self, alleles: Sequence[Allele]) -> Iterator[PairTraits]:
        """Yield what rules see of a pair: an allele that may not be expressed may count or not."""
        choices = [self._carried(allele.name) for allele in alleles]
        for carried in itertools.product(*choices):
            yield PairTraits(None, self.star.asked_alleles & frozenset(carried))

    def _carried(self, name: str) -> tuple[str, ...]:
        if name[-1] not in _SUFFIXES:
            return (name,)
        group, _, field = name[1:-1].partition(":")
        silent = name[-1] == NOT_EXPRESSED and self._has_suffix(group, field, NOT_EXPRESSED)
        return (name,) if silent else (name, name[:-1])

    def signed(self, text: str) -> tuple[Allele, bool] | None:
        """Return the allele that a result such as ``*57:01 positive`` is about, and whether it is there.

        Raises
        ------
        NameFaultError
            If the result does not say of which allele it is.
        """
        match = _SIGNED.fullmatch(text.strip())
        if match is None:
            return None
        if not match[1].strip():
            raise NameFaultError(
                f"{self.star.gene} {text.strip()!r}: of which allele is not said; write *58:01 positive"
            )
        readings = self.read(match[1])
        if len(readings) > 1:
            raise NameFaultError(f"{self.star.gene} {text.strip()!r}: expected one allele")
        return readings[0], match[2].lower() not in _ABSENT

    def with_one(self, allele: Allele) -> Iterator[PairTraits]:
        """Yield what rules may see where one allele is known to be there, and nothing of the other."""
        asked = self.star.asked_alleles
        for name in self._carried(allele.name):
            own = asked & {name}
            yield PairTraits(None, own)
            for other in sorted(asked - own):
                yield PairTraits(None, own | {other})

    def without(self, allele: Allele) -> Iterator[PairTraits]:
        """Yield what rules may see where one allele is known not to be there."""
        others = sorted(self.star.asked_alleles - {allele.name})
        for number in (0, 1, 2):
            for chosen in itertools.combinations(others, number):
                yield PairTraits(None, frozenset(chosen))
