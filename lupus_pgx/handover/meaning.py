"""What a statement means in its gene."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lupus_pgx.handover import phenotypes
from lupus_pgx.handover.hla import Typings
from lupus_pgx.handover.letters import read_genotype
from lupus_pgx.handover.model import Handed, NameFaultError, Outcomes, Statement, even
from lupus_pgx.handover.names import Allele, AlleleNames
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import Marker, PairTraits, StarGene, natural_key
from lupus_pgx.terms import INDETERMINATE

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import AlleleAliasesCells


class Reader:
    """Reads statements with the tables of one data release; the readers of genes are kept."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._names: dict[str, AlleleNames] = {}
        self._typings: dict[str, Typings] = {}

    def names_of(self, star: StarGene) -> AlleleNames:
        """Return the reader of the names of a gene's alleles."""
        if star.gene not in self._names:
            self._names[star.gene] = AlleleNames(star, self.knowledge)
        return self._names[star.gene]

    def typings_of(self, star: StarGene) -> Typings:
        """Return the reader of the typings of a gene."""
        if star.gene not in self._typings:
            self._typings[star.gene] = Typings(star, self.knowledge)
        return self._typings[star.gene]

    def of_gene(self, star: StarGene, said: Statement) -> Handed:
        """Return what a statement means for a gene called by named haplotypes, or typed.

        Raises
        ------
        NameFaultError
            If it cannot be read.
        """
        handed = self._typed(star, said) if star.typing else self._called(star, said)
        notes = [f"by {said.caller}" if said.caller else "given by the user", handed.note, said.remark]
        note = "; ".join(part for part in notes if part)
        return replace(handed, note=note, places=(said.place,))

    def of_marker(self, marker: Marker, said: Statement) -> Handed:
        """Return what a statement means for a marker.

        Raises
        ------
        NameFaultError
            If it cannot be read.
        """
        by = f"by {said.caller}" if said.caller else "given by the user"
        if said.no_call:
            return Handed(marker.key, no_call=True, note=f"{by}; no call: {said.no_call}", places=(said.place,))
        texts = ["/".join(parts) for parts in said.pairs] or [said.phenotype]
        by_rsid = said.gene.strip().startswith("rs")
        found = dict.fromkeys(read_genotype(marker, text, by_rsid=by_rsid) for text in texts if text)
        if not found:
            raise NameFaultError(f"{marker.key}: expected a genotype")
        return Handed(marker.key, tuple((item,) for item in found), note=by, places=(said.place,))

    def _called(self, star: StarGene, said: Statement) -> Handed:
        if said.no_call or (not said.pairs and not said.score and phenotypes.is_open(said.phenotype)):
            return Handed(star.gene, no_call=True, note=f"no call: {said.no_call or said.phenotype}")
        names = self.names_of(star)
        pairs: dict[tuple[str, ...], PairTraits] = {}
        notes: list[str] = []
        for parts in said.pairs:
            whole = names.whole("/".join(parts))
            if whole is not None:
                return self._whole(star, said, whole["alias"], whole["reads_as"] or "", whole)
            for pair in names.readings(names.split("/".join(parts))):
                ordered = _ordered(star, pair)
                pairs[tuple(allele.name for allele in ordered)] = names.traits(ordered)
                notes += [allele.note for allele in pair if allele.note]
        traits = list(pairs.values())
        stated, words = self._stated(star, said, traits)
        notes += words
        if not traits or (stated and not said.caller):
            traits += [item for item in stated if item not in traits]
        if not traits:
            raise NameFaultError(f"{star.gene}: expected a pair of alleles, a phenotype or an activity score")
        return Handed(star.gene, tuple(pairs), even(traits), note="; ".join(dict.fromkeys(notes)))

    def _whole(self, star: StarGene, said: Statement, alias: str, reads_as: str, row: AlleleAliasesCells) -> Handed:
        """Read a name that stands for both copies."""
        if row["rule"] == "ask":
            raise NameFaultError(f"{star.gene} {alias!r} is not read: {row['note']}")
        plain = replace(said, pairs=(), phenotype=reads_as)
        if row["kind"] == "pair":
            plain = replace(said, pairs=(tuple(reads_as.split("/")),))
        handed = self._called(star, plain)
        extra = f" ({row['note']})" if row["note"] else ""
        note = f"{alias} read as {reads_as}{extra}"
        return replace(handed, note="; ".join(part for part in (note, handed.note) if part))

    def _stated(
        self, star: StarGene, said: Statement, traits: Sequence[PairTraits]
    ) -> tuple[list[PairTraits], list[str]]:
        """Return what a phenotype and a score that are stated mean where the pair means something else."""
        found: list[PairTraits] = []
        words: list[str] = []
        readings: list[tuple[str, tuple[PairTraits, ...]]] = []
        # A caller may write a score of its own for a gene that has none here; a person who does is told.
        scored = bool(star.activity_rules) or not (said.caller or traits or said.phenotype)
        if said.score and scored and not phenotypes.is_open(said.score):
            score = phenotypes.read_score(star, said.score)
            readings.append((f"activity score {score:g}", (phenotypes.of_score(star, score),)))
        if said.phenotype and not phenotypes.is_open(said.phenotype):
            try:
                name = self._phenotype(star, said.phenotype)
                readings.append((name, phenotypes.of_phenotype(star, name)))
            except NameFaultError:
                if not said.caller:
                    raise
        for text, meant in readings:
            if _agree(traits or found, meant):
                if not traits and not found:
                    found = list(meant)
                continue
            known = [*traits, *found]
            said_by = ", ".join(dict.fromkeys(item.phenotype or INDETERMINATE for item in known))
            words.append(f"{said.caller or 'the line'} says {text} as well as {said_by}")
            found += [item for item in meant if item not in found]
        return found, words

    def _phenotype(self, star: StarGene, text: str) -> str:
        row = self.names_of(star).whole(text)
        if row is not None and row["kind"] == "phenotype" and row["reads_as"]:
            return str(row["reads_as"])
        return phenotypes.read_phenotype(star, text)

    def stated_phenotype(self, star: StarGene, text: str) -> str:
        """Return a stated phenotype as the tables write it; empty where it states none."""
        if phenotypes.is_open(text):
            return ""
        try:
            return self._phenotype(star, text)
        except NameFaultError:
            return ""

    def _typed(self, star: StarGene, said: Statement) -> Handed:
        typings = self.typings_of(star)
        if said.no_call or (not said.pairs and phenotypes.is_open(said.phenotype)):
            return Handed(star.gene, no_call=True, note=f"no call: {said.no_call or said.phenotype}")
        pairs: dict[tuple[str, ...], None] = {}
        traits: list[PairTraits] = []
        notes: list[str] = []
        for parts in said.pairs:
            signed = typings.signed(parts[0]) if len(parts) == 1 else None
            if len(parts) == 1:
                allele, there = signed or (_only(star, typings.read(parts[0])), True)
                return self._one_typed(star, allele, there)
            for pair in typings.readings(parts):
                ordered = _ordered(star, pair)
                pairs[tuple(allele.name for allele in ordered)] = None
                traits += typings.traits(ordered)
                notes += [allele.note for allele in pair if allele.note]
        if pairs:
            return Handed(star.gene, tuple(pairs), even(traits), note="; ".join(dict.fromkeys(notes)))
        signed = typings.signed(said.phenotype)
        if signed is None:
            raise NameFaultError(
                f"{star.gene}: expected two alleles, or a result such as '*58:01 positive'; found {said.phenotype!r}"
            )
        return self._one_typed(star, *signed)

    def _one_typed(self, star: StarGene, allele: Allele, there: bool) -> Handed:
        typings = self.typings_of(star)
        if there:
            note = f"{allele.name} is there, the other copy is not known"
            return Handed(star.gene, outcomes=even(typings.with_one(allele)), note=note)
        note = f"{allele.name} is not there, nothing is known of other alleles"
        return Handed(star.gene, outcomes=even(typings.without(allele)), note=note)


def _only(star: StarGene, alleles: tuple[Allele, ...]) -> Allele:
    if len(alleles) > 1:
        raise NameFaultError(f"{star.gene}: expected two alleles joined by '/', such as *07:02/*58:01")
    return alleles[0]


def _agree(traits: Sequence[PairTraits], meant: Iterable[PairTraits]) -> bool:
    """Whether what a pair means is among what is stated beside it; without a pair everything agrees."""
    options = list(meant)
    return all(
        any(
            item.phenotype == one.phenotype and (item.score is None or one.score is None or item.score == one.score)
            for one in options
        )
        for item in traits
    )


def _ordered(star: StarGene, pair: Sequence[Allele]) -> tuple[Allele, ...]:
    """Return the alleles as results write them: the reference allele first, then natural order."""
    return tuple(sorted(pair, key=lambda item: (item.name != star.reference_allele, natural_key(item.name))))


def same_meaning(one: Outcomes, other: Outcomes) -> bool:
    """Whether two statements leave the same open."""
    return {item for item, _ in one} == {item for item, _ in other}
