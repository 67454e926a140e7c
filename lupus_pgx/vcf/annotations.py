"""What annotators say of the effect of each ALT: VEP (``CSQ``), SnpEff (``ANN``, ``EFF``), bcftools csq (``BCSQ``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from lupus_pgx.bounded import is_number
from lupus_pgx.vcf.frequencies import (
    Frequency,
    InfoFrequency,
    frequency_in,
    highest,
    info_frequencies,
    population_of,
)

Change = tuple[int, str, str]
"""Position, REF and ALT without the letters that both share at the ends."""

IMPACTS = ("HIGH", "MODERATE", "LOW", "MODIFIER")
UNNAMED = "?"
"""Gene of an effect whose annotation names no gene."""

_INFO_LINE = re.compile(r'^##INFO=<ID=([^,>]+),.*?Description="([^"]*)"', re.MULTILINE)
# The field order that the ANN standard fixes, and that of the others where the header does not say.
_ANN_FIELDS = (
    "ALLELE", "CONSEQUENCE", "IMPACT", "SYMBOL", "GENE", "FEATURE_TYPE", "FEATURE", "BIOTYPE", "RANK", "HGVSC", "HGVSP",
    "CDNA_POSITION", "CDS_POSITION", "PROTEIN_POSITION",
)  # fmt: skip
_EFF_FIELDS = (
    "EFFECT_IMPACT", "FUNCTIONAL_CLASS", "CODON_CHANGE", "AMINO_ACID_CHANGE", "AMINO_ACID_LENGTH", "GENE_NAME",
    "TRANSCRIPT_BIOTYPE", "GENE_CODING", "TRANSCRIPT_ID", "EXON_RANK", "GENOTYPE_NUMBER",
)  # fmt: skip
_BCSQ_FIELDS = ("CONSEQUENCE", "GENE", "TRANSCRIPT", "BIOTYPE", "STRAND", "AMINO_ACID_CHANGE", "DNA_CHANGE")
_EFF_ENTRY = re.compile(r"([^,()]+)\(([^()]*)\)")
_DNA_CHANGE = re.compile(r"(\d+)([^>]+)>(.+)")
_COMPOUND = re.compile(r"([A-Z*]+)-[^:]+:(\d+)_([A-Z]+)>([A-Z]+)", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Consequence:
    """One annotated effect on a gene.

    Attributes
    ----------
    allele : str
        ALT as the annotator writes it; empty where it names none.
    gene : str
        Symbol; ``?`` where the annotation names no gene.
    consequence, impact : str
        Terms joined by ``&``; the impact is empty where neither the annotation nor the terms say it.
    number : int
        Number of the ALT where stated, else 0.
    transcript, codon : str
        Transcript, and number of the codon in it.
    changes : tuple of Change
        All changes of the haplotype that together have the effect, where the annotator says so.
    refers : int
        Position of the record at which the effect stands, where it is not here.
    frequency : Frequency or None
        The highest that the annotation states for the ALT.
    named : bool
        Whether the annotation names the gene.
    """

    allele: str
    gene: str
    consequence: str
    impact: str
    number: int = 0
    transcript: str = ""
    codon: str = ""
    changes: tuple[Change, ...] = ()
    refers: int = 0
    frequency: Frequency | None = field(default=None, compare=False)
    named: bool = True

    @property
    def description(self) -> str:
        """Consequence and impact in words."""
        words = self.consequence.replace("&", ", ")
        if words.startswith("*"):
            words = f"{words[1:]} after a stop"
        return f"{words} ({f'{self.impact.lower()} impact' if self.impact else 'impact unknown'})"

    @property
    def reported(self) -> bool:
        """Whether the impact is high or moderate, or not known."""
        return self.impact in ("HIGH", "MODERATE", "")

    @property
    def rank(self) -> int:
        """Place of the impact, the strongest first; what is not known comes after moderate."""
        return IMPACTS.index(self.impact) * 2 if self.impact else 3


@dataclass(frozen=True, slots=True)
class Source:
    """An INFO key with annotations: who wrote it, and its field names, in upper case but for those of frequencies."""

    key: str
    fields: tuple[str, ...]
    kind: str

    def read(self, text: str, impacts: Mapping[str, str]) -> Iterator[Consequence]:
        """Yield the effects that the text of the key states."""
        if self.kind == "EFF":
            for effect, inner in _EFF_ENTRY.findall(text):
                yield self._effect(effect.strip(), inner, impacts)
            return
        for entry in text.split(","):
            if self.kind == "BCSQ" and entry.startswith("@"):
                if is_number(entry[1:]):
                    yield Consequence("", UNNAMED, entry, "", refers=int(entry[1:]))
            else:
                effect = self._entry(entry, impacts)
                if effect.consequence or effect.impact:
                    yield effect

    def _effect(self, effect: str, inner: str, impacts: Mapping[str, str]) -> Consequence:
        cells = dict(zip(self.fields, inner.split("|"), strict=False))
        number = cells.get("GENOTYPE_NUMBER", "")
        codon = _DIGITS.search(cells.get("AMINO_ACID_CHANGE", ""))
        return Consequence(
            allele="",
            gene=cells.get("GENE_NAME", ""),
            consequence=effect.replace("+", "&"),
            impact=_impact(cells.get("EFFECT_IMPACT", ""), effect, impacts),
            number=int(number) if is_number(number) else 0,
            transcript=cells.get("TRANSCRIPT_ID", "") or cells.get("TRANSCRIPT", ""),
            codon=codon[0] if codon else "",
        )

    def _entry(self, entry: str, impacts: Mapping[str, str]) -> Consequence:
        cells = dict(zip(self.fields, entry.split("|"), strict=False))
        allele, terms = cells.get("ALLELE", ""), cells.get("CONSEQUENCE", "")
        changes = tuple(_changes(cells.get("DNA_CHANGE", "")))
        compound = _COMPOUND.fullmatch(allele) if self.kind == "ANN" else None
        if compound:
            allele = compound[1]
            changes = (trimmed(int(compound[2]), compound[3], compound[4]),)
        number = cells.get("ALLELE_NUM", "")
        codon = _DIGITS.search(cells.get("PROTEIN_POSITION", ""))
        return Consequence(
            allele=allele,
            gene=self._gene(cells),
            consequence=terms,
            impact=_impact(cells.get("IMPACT", ""), terms, impacts),
            number=int(number) if is_number(number) else 0,
            transcript=cells.get("FEATURE", "") or cells.get("TRANSCRIPT", ""),
            codon=codon[0] if codon else "",
            changes=changes,
            frequency=highest(list(self._frequencies(cells, allele))),
        )

    def _frequencies(self, cells: Mapping[str, str], allele: str) -> Iterator[Frequency]:
        for name, source in _populations(self.fields) if self.kind == "CSQ" else ():
            value = frequency_in(cells.get(name, ""), allele)
            if value is not None:
                yield Frequency(value, source)

    def _gene(self, cells: Mapping[str, str]) -> str:
        """Return the symbol; older annotators call it HGNC, or give only identifiers."""
        for name in ("SYMBOL", "HGNC", "GENE"):
            if name in self.fields:
                gene = cells.get(name, "")
                identifier = gene.startswith(("ENSG", "HGNC:", "LRG_")) or gene.isdecimal() or gene == "."
                if name == "SYMBOL" or not identifier:
                    return gene
        return UNNAMED


@dataclass(frozen=True, slots=True)
class Annotation:
    """Where a file keeps annotations: the INFO keys of effects and those of frequencies."""

    sources: tuple[Source, ...]
    frequencies: tuple[InfoFrequency, ...] = ()

    def effects(self, info: Callable[[str], str | None], impacts: Mapping[str, str]) -> list[Consequence]:
        """Return all effects that a record states, with the impact of a table of terms where it states none."""
        found = (effect for source in self.sources for effect in source.read(info(source.key) or "", impacts))
        return list(dict.fromkeys(found))

    def frequency(
        self, info: Callable[[str], str | None], number: int, alts: int, effects: Sequence[Consequence]
    ) -> Frequency | None:
        """Return the highest frequency stated for ALT ``number`` (from 1), which has these effects."""
        read = [item.read(info, number, alts) for item in self.frequencies]
        return highest([item for item in (*read, *(effect.frequency for effect in effects)) if item is not None])


def find_annotation(header: str, samples: int = 1) -> Annotation | None:
    """Return how a VCF header says that records are annotated, or None.

    Parameters
    ----------
    header : str
    samples : int
        Samples in the file: the ``AF`` of many is a frequency of a population.
    """
    sources = [source for key, text in _INFO_LINE.findall(header) if (source := _source(key, text)) is not None]
    return Annotation(tuple(sources), info_frequencies(header, samples)) if sources else None


@cache
def _populations(fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the columns that hold frequencies, each with its population."""
    named = ((name, population_of(name, annotation=True)) for name in fields)
    return tuple((name, source) for name, source in named if source)


def _source(key: str, description: str) -> Source | None:
    """Return what an INFO line says of annotations."""
    _, listed, text = description.partition("Format: ")
    names = tuple(name.strip(" []*'") for name in text.split("|"))
    names = tuple(name if population_of(name, annotation=True) else name.upper() for name in names)
    if listed and "CONSEQUENCE" in names:
        return Source(key, names, "BCSQ" if "DNA_CHANGE" in names else "CSQ")
    if key == "ANN":
        return Source(key, _ANN_FIELDS, "ANN")
    if key == "EFF":
        inner = description.partition("(")[2]
        given = tuple(name.strip(" [])('").upper() for name in inner.split("|") if name.strip(" [])('"))
        return Source(key, given if "GENE_NAME" in given else _EFF_FIELDS, "EFF")
    return Source(key, _BCSQ_FIELDS, "BCSQ") if key == "BCSQ" else None


def by_alt(pos: int, ref: str, alts: Sequence[str], effects: Sequence[Consequence]) -> list[list[Consequence]]:
    """Return for each ALT of a record the effects that are its own, the strongest first.

    An effect that does not say of which ALT it is counts for all of them.
    """
    found: list[list[Consequence]] = [[] for _ in alts]
    written = _spellings(ref, alts, {effect.allele for effect in effects if effect.allele})
    own = [trimmed(pos, ref, alt) for alt in alts]
    for effect in sorted(effects, key=lambda item: item.rank):
        if effect.number:
            chosen = [effect.number - 1]
        elif effect.allele:
            chosen = [place for place, spelled in enumerate(written) if effect.allele in spelled]
        else:
            chosen = [place for place, change in enumerate(own) if change in effect.changes] or list(range(len(alts)))
        for place in chosen:
            if place < len(found):
                missing = effect.changes and own[place] not in effect.changes
                whole = replace(effect, changes=(own[place], *effect.changes)) if missing else effect
                found[place].append(whole)
    return found


def trimmed(pos: int, ref: str, alt: str) -> Change:
    """Return a change without the letters that REF and ALT share at their ends.

    Examples
    --------
    >>> trimmed(134, "TG", "T")
    (135, 'G', '')
    """
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def _spellings(ref: str, alts: Sequence[str], used: set[str]) -> list[set[str]]:
    """Return how the ALTs of a record may be written: annotators may leave out a first base that all share."""
    full = [{alt} for alt in alts]
    plain = [alt for alt in alts if alt.isalpha()]
    if any(len(alt) != len(ref) for alt in plain) and all(alt[0] == ref[0] for alt in plain):
        short = [{alt[1:] or "-"} if alt.isalpha() else {alt} for alt in alts]
        for spelled in (short, full):
            if used <= set().union(*spelled):
                return spelled
        return [one | other for one, other in zip(full, short, strict=True)]
    if used and len(alts) == 1 and not alts[0].isalpha():
        return [used]  # a symbolic ALT is written as a word
    return full


def _changes(text: str) -> Iterator[Change]:
    for part in text.split("+"):
        match = _DNA_CHANGE.fullmatch(part)
        if match:
            yield trimmed(int(match[1]), match[2].upper(), match[3].upper())


def _impact(stated: str, terms: str, impacts: Mapping[str, str]) -> str:
    """Return the impact that is stated, else the strongest of the terms; empty where a term is not known."""
    if stated.upper() in IMPACTS:
        return stated.upper()
    found = [impacts.get(term.strip(" *"), "") for term in re.split("[&+]", terms)]
    known = sorted((impact for impact in found if impact), key=IMPACTS.index)
    return known[0] if known and (all(found) or known[0] in ("HIGH", "MODERATE")) else ""
