"""A slow, obvious diplotype caller, written from the tables and nothing else.

It shares no code with the callers of ``lupus_pgx``: every unordered pair of alleles is laid on
every orientation of every phase set and compared letter by letter with what was observed.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import NamedTuple

POPULATIONS = ("ALL", "AFR", "AMR", "EAS", "EUR", "SAS")


class Seen(NamedTuple):
    """What was observed at a locus: letters of both haplotypes (None: unknown) and the phase set (None: free)."""

    first: str | None
    second: str | None
    phase: int | None = None


@dataclass(frozen=True)
class Answer:
    """Candidates with the lowest probability over the priors, and what is left for unnamed haplotypes.

    ``first`` holds the probabilities under the pool or the ancestry given, by which candidates are ordered, and
    ``best`` the pair that is stated: the best one of the most probable phenotype.
    """

    candidates: dict[str, float]
    other: tuple[float, ...]
    first: dict[str, float] = field(default_factory=dict)
    best: str = ""


def natural(name: str) -> list[tuple[bool, int, str]]:
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.findall(r"\d+|\D+", name)]


class ReferenceCaller:
    """Everything the tables say of one gene, as plain lists and dictionaries."""

    def __init__(self, knowledge, gene: str) -> None:
        def rows(table):
            return [row for row in knowledge.rows(table) if row["gene"] == gene]

        self.gene = gene
        self.reference = rows("genes")[0]["reference_allele"]
        sequences = [row for row in rows("alleles") if row["kind"] == "sequence"]
        self.alleles = sorted({row["allele"] for row in sequences}, key=natural)
        self.reported = {row["allele"]: row["reported_as"] or row["allele"] for row in sequences}
        self.loci: dict[str, list[str]] = {}
        self.changes: dict[str, list[dict]] = {}
        self.grch37_base: dict[str, str] = {}
        used = {row["locus"] for row in rows("allele_loci")}
        for row in rows("locus_alleles"):
            if row["locus"] not in used:  # a marker of the gene, not part of any allele
                continue
            self.changes.setdefault(row["locus"], []).append(row)
        for locus, changes in self.changes.items():
            longest = max((change["grch38_ref"] for change in changes), key=len)
            self.loci[locus] = [longest, *(self.spell(locus, change) for change in changes)]
            swapped = [change for change in changes if change["grch37_ref"] != change["grch38_ref"]]
            self.grch37_base[locus] = self.spell(locus, swapped[0]) if swapped else longest
        self.carried = {allele: self.letters_of(allele, rows("allele_loci")) for allele in self.alleles}
        self.nameless = {}
        for row in rows("unnamed_haplotypes"):
            self.nameless[row["pattern"]] = {name: row[name] for name in POPULATIONS[1:]}
            self.nameless[row["pattern"]]["ALL"] = sum(self.nameless[row["pattern"]].values())
            self.carried[row["pattern"]] = self.letters_of_pattern(row)
        self.function = {row["allele"]: row["function"] for row in rows("allele_function")}
        self.rules = {
            tuple(sorted((row["function_1"], row["function_2"]))): row["phenotype"] for row in rows("phenotype_rules")
        }
        self.value = {row["allele"]: row["activity_value"] for row in rows("allele_function")}
        self.scores = rows("activity_rules")
        self.counts = {(row["population"], row["allele"]): row["count"] for row in rows("haplotype_frequencies")}
        self.totals = {row["population"]: row["total"] for row in rows("haplotype_frequencies")}

    def spell(self, locus: str, change) -> str:
        """Spell an allele over the longest REF of its locus."""
        longest = max((item["grch38_ref"] for item in self.changes[locus]), key=len)
        return change["grch38_alt"] + longest.removeprefix(change["grch38_ref"])

    def letters_of(self, allele: str, allele_loci) -> dict[str, set[str]]:
        """Return which letters an allele may carry at each locus: the GRCh38 base unless a row says otherwise."""
        carried = {locus: {letters[0]} for locus, letters in self.loci.items()}
        for row in allele_loci:
            if row["allele"] != allele:
                continue
            letters = self.spell(row["locus"], row)
            if row["role"] == "required":
                carried[row["locus"]] = {letters}
            else:
                carried[row["locus"]].add(letters)
        return carried

    def letters_of_pattern(self, row) -> dict[str, set[str]]:
        """Return which letters a haplotype without a name may carry at each locus."""
        carried = {locus: {letters[0]} for locus, letters in self.loci.items()}
        for locus in row["unread"].split(";") if row["unread"] else ():
            carried[locus] = set(self.loci[locus])
        for change in row["pattern"].split(";"):
            locus, letters = change.rsplit(":", 1)
            ref, alt = letters.split(">")
            carried[locus] = {self.spell(locus, {"grch38_ref": ref, "grch38_alt": alt})}
        return carried

    def rest(self, population: str) -> float:
        """Return the share of haplotypes without a name whose pattern nobody knows."""
        known = sum(counts[population] for counts in self.nameless.values())
        unknown = max(self.counts.get((population, "other"), 0) - known, 0)
        return (unknown + 1) / self.totals[population]

    def frequency(self, population: str, allele: str, floor: int) -> float:
        total = self.totals[population]
        if allele in self.nameless:
            return max(self.nameless[allele][population], floor) / total
        unseen = [name for name in self.alleles if not self.counts.get((population, self.reported[name]))]
        if allele in unseen:
            return 1 / total / len(unseen)
        mass = 1 - 1 / total if unseen else 1.0
        alike = sum(1 for name in self.alleles if self.reported[name] == self.reported[allele])
        return self.counts[population, self.reported[allele]] / alike / total * mass

    def pairs(self, seen: dict[str, Seen]) -> list[tuple[str, str]]:
        """Return the pairs that contradict nothing under some orientation of every phase set."""
        alike = [(locus, item) for locus, item in seen.items() if item.first == item.second]
        sets = self.sets(seen)
        found = []
        for one, other in itertools.combinations_with_replacement(self.carried, 2):
            if not all(item.first in self.carried[name][locus] for locus, item in alike for name in (one, other)):
                continue
            for turned in itertools.product((False, True), repeat=len(sets)):
                members = [
                    (locus, item, turn) for turn, group in zip(turned, sets, strict=True) for locus, item in group
                ]
                if all(self.allows(one, other, locus, item, turn) for locus, item, turn in members):
                    found.append((one, other))
                    break
        return found

    @staticmethod
    def sets(seen: dict[str, Seen]) -> list[list[tuple[str, Seen]]]:
        """Group the loci whose haplotypes differ by what moves together: each phase set, each free locus."""
        groups: dict[object, list[tuple[str, Seen]]] = {}
        for locus, item in seen.items():
            if item.first != item.second:
                groups.setdefault(locus if item.phase is None else item.phase, []).append((locus, item))
        return list(groups.values())

    def allows(self, one: str, other: str, locus: str, item: Seen, turned: bool) -> bool:
        first, second = (item.second, item.first) if turned else (item.first, item.second)
        return (first is None or first in self.carried[one][locus]) and (
            second is None or second in self.carried[other][locus]
        )

    def named(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [pair for pair in pairs if not set(pair) & set(self.nameless)]

    def taken_back(self, seen: dict[str, Seen], assumed: set[str]) -> set[str]:
        """Return the assumed loci that stand between what was observed and the pairs that contradict fewest of them."""
        observed = {locus: item for locus, item in seen.items() if locus not in assumed}
        against = [
            {locus for locus in assumed for name in pair if seen[locus].first not in self.carried[name][locus]}
            for pair in self.named(self.pairs(observed))
        ]
        fewest = min(map(len, against), default=0)
        return {locus for loci in against if len(loci) == fewest for locus in loci}

    def call(self, seen: dict[str, Seen], ancestry: str | None = None, assumed: set[str] = frozenset()) -> Answer:
        """Call one sample; ``seen`` names only loci of which something is known, ``assumed`` those not observed."""
        known = {locus: item for locus, item in seen.items() if (item.first, item.second) != (None, None)}
        odd = [locus for locus, item in known.items() if {item.first, item.second} - {None, *self.loci[locus]}]
        if not known or odd:  # with a letter that no allele has no pair is what was seen
            return Answer({}, ())
        pairs = self.pairs(known)
        if not self.named(pairs) and assumed:
            known = {locus: item for locus, item in known.items() if locus not in self.taken_back(known, assumed)}
            pairs = self.pairs(known)
        named = self.named(pairs)
        if not named:
            return Answer({}, ())
        complete = all(locus in known and None not in known[locus][:2] for locus in self.loci)
        others, tables = [], []
        floor = 1 if ancestry else 0
        for population in (ancestry,) if ancestry else POPULATIONS:
            rest = 0.0 if complete and len(self.sets(known)) <= 1 else 1 - (1 - self.rest(population)) ** 2
            weights = {}
            for one, two in pairs:
                product = self.frequency(population, one, floor) * self.frequency(population, two, floor)
                weights[one, two] = product if one == two else 2 * product
            whole = sum(weights.values())
            table: dict[str, float] = {}
            for pair in named:
                table[self.name(*pair)] = table.get(self.name(*pair), 0.0) + weights[pair] / whole * (1 - rest)
            others.append(1 - sum(table.values()))
            tables.append(table)
        lowest = {name: min(table[name] for table in tables) for name in tables[0]}
        return Answer(lowest, tuple(others), tables[0], self.best(tables[0], lowest))

    def best(self, first: dict[str, float], lowest: dict[str, float]) -> str:
        """Return the most probable pair of the most probable phenotype."""
        phenotypes: dict[str, float] = {}
        for pair, share in first.items():
            phenotypes[self.phenotype(pair)] = phenotypes.get(self.phenotype(pair), 0.0) + share
        most = max(phenotypes.values())
        likely = [pair for pair in first if phenotypes[self.phenotype(pair)] > most - 1e-12]
        return max(likely, key=lambda pair: (round(first[pair], 12), round(lowest[pair], 12)))

    def phenotype(self, pair: str) -> str:
        if self.scores:
            values = [self.value.get(allele) for allele in pair.split("/")]
            score = None if None in values else sum(values)
            for row in self.scores:
                above = score is not None and row["score_min"] <= score
                if above and (row["score_max"] is None or score <= row["score_max"]):
                    return row["phenotype"]
            return "Indeterminate"
        functions = sorted(self.function.get(allele, "") for allele in pair.split("/"))
        return self.rules.get(tuple(functions), "Indeterminate")

    def name(self, one: str, other: str) -> str:
        names = (self.reported[one], self.reported[other])
        return "/".join(sorted(names, key=lambda allele: (allele != self.reference, natural(allele))))
