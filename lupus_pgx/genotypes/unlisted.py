"""Annotated variants of panel genes that no allele definition lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lupus_pgx.genotypes.codes import CountArray
from lupus_pgx.genotypes.evidence import Judge
from lupus_pgx.genotypes.file_facts import Unlisted
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.knowledge.variants import normalise
from lupus_pgx.terms import LocusStatus
from lupus_pgx.vcf.annotations import UNNAMED, Change, Consequence, by_alt, trimmed
from lupus_pgx.vcf.fields import FIELDS
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.frequencies import Frequency
from lupus_pgx.vcf.records import Genotyped, IntArray, RawRecord
from lupus_pgx.words.vocabulary import plain

COMMON = 0.01
"""Frequency in any population from which a variant is counted and not listed."""

_REPORTED_STATUSES = (LocusStatus.FILTERED, LocusStatus.LOW_QUALITY, LocusStatus.DOUBTFUL, LocusStatus.IMPUTED)
_WORDS = {status.code: plain(status) for status in _REPORTED_STATUSES}

_NO_CHANGE = ("*", "<*>", "<NON_REF>")
"""ALTs that stand for a change of another record, or for none that was seen."""

Span = tuple[str, int, int]
"""Chromosome, first and last base."""


@dataclass(frozen=True, slots=True)
class _Carried:
    """An annotated ALT and those who carry it; ``listed`` names the genes of which some allele has it."""

    chrom: str
    pos: int
    ref: str
    alt: str
    rsid: str
    change: Change
    effects: tuple[Consequence, ...]
    frequency: Frequency | None
    listed: frozenset[str]
    filters: str
    letters: Mapping[int, str]
    phase_sets: IntArray | None
    notes: Mapping[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.chrom}:{self.pos}:{self.ref}:{self.alt}"

    @property
    def common(self) -> bool:
        return self.frequency is not None and self.frequency.value >= COMMON

    def with_other(self, other: _Carried, sample: int) -> bool | None:
        """Say whether a sample has both changes on one haplotype; None where the phase is not known."""
        if sample not in other.letters:
            return False
        places = [_places(item.letters[sample], item.alt) for item in (self, other)]
        if any(where == set(range(count)) for where, count, _ in places):
            return True
        sets = [int(item.phase_sets[sample]) if item.phase_sets is not None else -1 for item in (self, other)]
        phased = all(known for *_, known in places) and sets[0] == sets[1]
        return bool(places[0][0] & places[1][0]) if phased else None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a carrier is told of a variant: its effect, and what is to be said of other changes."""

    effect: Consequence
    joint: bool
    note: str


class UnlistedFinder:
    """Collects annotated ALTs record by record.

    Parameters
    ----------
    file : VcfFile
    genotypes : Genotypes
        Whose loci are no unlisted variants.
    spans : mapping of str to Span
        Genes whose variants are wanted, and where they lie.
    impacts : mapping of str to str
        Impact of each consequence term.
    judge : Judge
        Judges the genotypes of carriers.
    """

    def __init__(
        self,
        file: VcfFile,
        genotypes: Genotypes,
        spans: Mapping[str, Span],
        impacts: Mapping[str, str],
        judge: Judge,
    ) -> None:
        self._file = file
        self._spans = spans
        self._impacts = impacts
        self._judge = judge
        self._sites = {
            gene: [locus.sites[genotypes.build] for locus in genotypes.loci if locus.gene == gene] for gene in spans
        }
        # Doubts about these genotypes are told, never weighed.
        self._scratch = Genotypes.empty(genotypes.build, genotypes.sample_ids, ())
        self._found: list[_Carried] = []

    def add(self, chrom: str, record: RawRecord) -> None:
        """Take the ALTs of a record that are annotated and carried."""
        annotation = self._file.annotation
        here = [
            gene for gene, (home, start, end) in self._spans.items() if home == chrom and start <= record.pos <= end
        ]
        if not here or annotation is None or not record.alts:
            return
        effects = [
            replace(effect, gene=gene, named=effect.gene != UNNAMED)
            for effect in annotation.effects(record.info, self._impacts)
            for gene in (here if effect.gene == UNNAMED else [effect.gene])
            if gene in here
        ]
        if not any(_concerns(effect) for effect in effects):
            return
        columns: Genotyped | None = None
        for number, own in enumerate(by_alt(record.pos, record.ref, record.alts, effects), start=1):
            if record.alts[number - 1] in _NO_CHANGE or not any(_concerns(effect) for effect in own):
                continue
            columns = columns or self._file.genotypes(record, FIELDS)
            letters = _carriers(record, columns, number)
            if letters:
                frequency = annotation.frequency(record.info, number, len(record.alts), own)
                self._found.append(self._carried(chrom, record, columns, number, own, frequency, letters))

    def _carried(
        self,
        chrom: str,
        record: RawRecord,
        columns: Genotyped,
        number: int,
        effects: Sequence[Consequence],
        frequency: Frequency | None,
        letters: Mapping[int, str],
    ) -> _Carried:
        alt = record.alts[number - 1]
        judged = self._judge.judge(self._scratch, record, columns, np.arange(len(record.alts) + 1, dtype=np.int16))
        notes = {}
        for sample in letters if judged is not None else ():
            word = _WORDS.get(int(judged.status[sample])) if judged is not None else None
            if word and judged is not None:
                figures = judged.notes.get(sample, "")
                notes[sample] = f"genotype {word} ({figures})" if figures else f"genotype {word}"
        return _Carried(
            chrom=chrom,
            pos=record.pos,
            ref=record.ref,
            alt=alt,
            rsid=record.identifier if record.identifier.startswith("rs") else "",
            change=trimmed(record.pos, record.ref, alt),
            effects=tuple(effects),
            frequency=frequency,
            listed=frozenset(
                gene
                for gene in {effect.gene for effect in effects}
                if any(normalise(record.pos, record.ref, alt, site.context) in site.codes for site in self._sites[gene])
            ),
            filters=self._judge.filters.refused(record.filters),
            letters=letters,
            phase_sets=columns.phase_sets,
            notes=notes,
        )

    def finish(self) -> tuple[tuple[Unlisted, ...], dict[str, CountArray]]:
        """Return the variants to list, and how many of each gene are too frequent for that, by sample."""
        return _Reading(self._found, len(self._file.sample_ids)).unlisted()


class _Reading:
    """Reads the annotated ALTs of a file together: one change may be split over several records."""

    def __init__(self, found: Sequence[_Carried], samples: int) -> None:
        self._found = found
        self._samples = samples
        self._by_change: dict[tuple[str, Change], _Carried] = {(item.chrom, item.change): item for item in found}
        self._joint: dict[tuple[str, Change], dict[Consequence, None]] = {}
        self._codons: dict[tuple[str, str, str], list[_Carried]] = {}
        for item in found:
            for effect in item.effects:
                if len(effect.changes) > 1:
                    for change in effect.changes:
                        self._joint.setdefault((item.chrom, change), {})[effect] = None
                elif effect.codon and effect.transcript:
                    mates = self._codons.setdefault((item.chrom, effect.transcript, effect.codon), [])
                    if item not in mates:
                        mates.append(item)

    def unlisted(self) -> tuple[tuple[Unlisted, ...], dict[str, CountArray]]:
        """Return what is listed, and how many are left out."""
        listed: list[Unlisted] = []
        left_out: dict[str, CountArray] = {}
        for item in self._found:
            genes = dict.fromkeys(effect.gene for effect in item.effects)
            for gene in (gene for gene in genes if gene not in item.listed):
                for verdict, samples in self._verdicts(item, gene).items():
                    if item.common and not verdict.joint:
                        left_out.setdefault(gene, np.zeros(self._samples, np.int32))[samples] += 1
                    else:
                        listed.append(_unlisted(item, verdict, samples))
        return tuple(listed), left_out

    def _verdicts(self, item: _Carried, gene: str) -> dict[_Verdict, list[int]]:
        """Return what the carriers of an ALT are told of it in a gene, those who are told the same together."""
        carriers = list(item.letters)
        mates = [self._codons.get((item.chrom, effect.transcript, effect.codon), ()) for effect in item.effects]
        if (item.chrom, item.change) not in self._joint and all(len(here) < 2 for here in mates):
            verdict = self._verdict(item, carriers[0], gene)
            return {verdict: carriers} if verdict is not None else {}
        groups: dict[_Verdict, list[int]] = {}
        for sample in carriers:
            verdict = self._verdict(item, sample, gene)
            if verdict is not None:
                groups.setdefault(verdict, []).append(sample)
        return groups

    def _verdict(self, item: _Carried, sample: int, gene: str) -> _Verdict | None:
        """Return the strongest effect that a carrier may have, None where none is worth a word."""
        effects: list[tuple[Consequence, bool, str]] = []
        settled: set[str] = set()
        answered: set[int] = set()
        for effect in (effect for effect in self._joint.get((item.chrom, item.change), ()) if effect.gene == gene):
            others = [change for change in effect.changes if change != item.change]
            together, names = self._together(item, others, sample)
            answered.update(pos for pos, _, _ in effect.changes)
            answered.update(self._by_change[key].pos for key in self._known(item, others))
            if together is False:
                continue
            if together:
                settled.add(effect.transcript)
            doubt = "" if together else " if both are on one haplotype (phase not known)"
            effects.append((effect, True, f"one change with {', '.join(names)}{doubt}"))
        for effect in (effect for effect in item.effects if effect.gene == gene):
            if effect.refers:
                if effect.refers not in answered:
                    effects.append((_elsewhere(effect), True, ""))
            elif len(effect.changes) <= 1 and effect.transcript not in settled:
                effects.append((effect, False, self._codon_note(item, effect, sample)))
        effects = [entry for entry in effects if entry[0].reported]
        return _Verdict(*min(effects, key=lambda entry: (entry[0].rank, not entry[1]))) if effects else None

    def _known(self, item: _Carried, changes: Sequence[Change]) -> Iterator[tuple[str, Change]]:
        for change in changes:
            if (item.chrom, change) in self._by_change:
                yield item.chrom, change

    def _together(self, item: _Carried, others: Sequence[Change], sample: int) -> tuple[bool | None, list[str]]:
        """Say whether a carrier has other changes on the same haplotype, and name them."""
        answers: list[bool | None] = []
        names = []
        for change in others:
            other = self._by_change.get((item.chrom, change))
            answers.append(None if other is None else item.with_other(other, sample))
            pos, ref, alt = change
            names.append(other.name if other is not None else f"{item.chrom}:{pos}:{ref or '-'}:{alt or '-'}")
        if False in answers:
            return False, names
        return (None if None in answers else True), names

    def _codon_note(self, item: _Carried, effect: Consequence, sample: int) -> str:
        """Name other changes of the same codon that a carrier may have on the same haplotype."""
        mates = self._codons.get((item.chrom, effect.transcript, effect.codon), ()) if effect.codon else ()
        near = [mate.name for mate in mates if mate is not item and item.with_other(mate, sample) is not False]
        return f"in one codon with {', '.join(near)}: what both do together is not annotated" if near else ""


def _concerns(effect: Consequence) -> bool:
    """Say whether an effect is reported, alone or with other changes of its codon."""
    return effect.reported or bool(effect.codon) or len(effect.changes) > 1


def _elsewhere(effect: Consequence) -> Consequence:
    """Return an effect that stands at a record which is not there."""
    return replace(effect, consequence=f"annotated at position {effect.refers} where no record was read")


def _unlisted(item: _Carried, verdict: _Verdict, samples: Sequence[int]) -> Unlisted:
    frequency = "AF unknown" if item.frequency is None else str(item.frequency)
    filters = f"FILTER {item.filters}" if item.filters else ""
    effect = verdict.effect
    unnamed = "" if effect.named or effect.refers else "the annotation names no gene: it lies in this one"
    return Unlisted(
        gene=effect.gene,
        name=item.name,
        rsid=item.rsid,
        chrom=item.chrom,
        pos=item.pos,
        ref=item.ref,
        alt=item.alt,
        effect=effect.description,
        genotypes={sample: item.letters[sample] for sample in samples},
        note="; ".join(text for text in (filters, frequency, verdict.note, unnamed) if text),
        sample_notes={sample: item.notes[sample] for sample in samples if sample in item.notes},
    )


def _carriers(record: RawRecord, columns: Genotyped, number: int) -> dict[int, str]:
    """Return the genotype letters of samples that carry an ALT, by sample number."""
    letters = [record.ref, *record.alts]
    spelled = [
        ("|" if phased else "/").join(letters[code] if 0 <= code < len(letters) else "." for code in pair if code != -2)
        for pair, phased in zip(columns.words.tolist(), columns.phased.tolist(), strict=True)
    ]
    carrying = (columns.words == number).any(axis=1)
    return {sample: spelled[columns.index[sample]] for sample in np.flatnonzero(carrying[columns.index]).tolist()}


def _places(letters: str, alt: str) -> tuple[set[int], int, bool]:
    """Return on which haplotypes an ALT is, how many there are, and whether they are told apart."""
    alleles = letters.replace("|", "/").split("/")
    return {place for place, allele in enumerate(alleles) if allele == alt}, len(alleles), "/" not in letters
