"""The caller equals the slow one on random observations of every gene that has two copies."""

from __future__ import annotations

import random
import zlib

import pytest
from builder import VcfBuilder
from reference_caller import ReferenceCaller, Seen

import lupus_pgx
from lupus_pgx.terms import Build

KNOWLEDGE = lupus_pgx.load_knowledge()
# CYP2D6 and G6PD have too many alleles for a caller that tries every pair; UGT1A1 is small enough for more samples.
GENES = sorted(
    gene
    for gene, star in KNOWLEDGE.star_genes.items()
    if gene not in ("CYP2D6", "G6PD") and not star.typing and not star.outside_only
)
SAMPLES = 30


def observe(caller: ReferenceCaller, chance: random.Random) -> dict[str, Seen]:
    """Draw two alleles, common ones more often, and hide a random part of the loci; a few show an odd letter."""
    seen_before = [name for name in caller.alleles if caller.counts.get(("ALL", caller.reported[name]))]
    names = [chance.choice(seen_before if chance.random() < 0.8 else caller.alleles) for _ in range(2)]
    hidden = chance.choice([0.0, 0.05, 0.3])
    phased = chance.random() < 0.4
    observed = {}
    for locus in caller.loci:
        if chance.random() < hidden:
            continue
        pair = [sorted(caller.carried[name][locus])[0] for name in names]
        observed[locus] = Seen(pair[0], pair[1], 1 if phased else None)
    if chance.random() < 0.1:
        single = [locus for locus in observed if all(len(letters) == 1 for letters in caller.loci[locus])]
        locus = chance.choice(single or [None])
        odd = next((letter for letter in "ACGT" if locus and letter not in caller.loci[locus]), None)
        if odd:  # no allele has this letter there
            observed[locus] = observed[locus]._replace(second=odd)
    return observed


def build(gene: str, caller: ReferenceCaller, cohort: list[dict[str, Seen]], build: str) -> VcfBuilder:
    """Write the cohort; a marker locus of the gene that no allele has takes turns and must change no call."""
    builder = VcfBuilder(build=build, genes=(gene,), samples=[f"S{number}" for number in range(len(cohort))])
    for name, locus in builder.loci.items():
        if name not in caller.loci:
            letters = locus.sites[Build(build)].letters
            pairs = [f"{letters[0]}/{letters[0]}", f"{letters[0]}/{letters[1]}", f"{letters[1]}|{letters[1]}", "./."]
            builder.set(name, *(pairs[number % len(pairs)] for number in range(len(cohort))))
            continue
        genotypes = []
        for seen in cohort:
            item = seen.get(name)
            separator = "|" if item and item.phase and item.first != item.second else "/"
            genotypes.append(f"{item.first}{separator}{item.second}" if item else "./.")
        builder.set(name, *genotypes)
    return builder


@pytest.mark.parametrize("assembly", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("gene", GENES)
def test_caller_equals_the_slow_one(gene, assembly, tmp_path):
    chance = random.Random(zlib.crc32(f"{gene}{assembly}".encode()))
    caller = ReferenceCaller(KNOWLEDGE, gene)
    cohort = [observe(caller, chance) for _ in range(SAMPLES)]
    analysis = lupus_pgx.analyze(build(gene, caller, cohort, assembly).write(tmp_path / "file"), genes=[gene])
    calls = analysis.results.genes
    for number, seen in enumerate(cohort):
        answer, call = caller.call(seen), calls.of(gene, number).diplotype
        found = {candidate.name: candidate.probability for candidate in call.candidates}
        assert found == pytest.approx(answer.candidates, abs=1e-9), (number, seen)
        order = [candidate.by_prior[0] for candidate in call.candidates]
        assert order == sorted(order, reverse=True), (number, seen)
        assert dict(zip(found, order, strict=True)) == pytest.approx(answer.first, abs=1e-9), (number, seen)
        assert (call.diplotype == "") is (answer.best == ""), (number, seen)
        if answer.best:  # equals may stand either way round
            assert answer.first[call.diplotype] == pytest.approx(answer.first[answer.best], abs=1e-9), (number, seen)
            assert caller.phenotype(call.diplotype) == caller.phenotype(answer.best), (number, seen)
