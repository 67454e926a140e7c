"""Every equivalent spelling of every indel of the panel gives the same call.

Spellings are made here from the sequence a locus ships, without the package's normaliser: each
VCF record whose REF is the genome and whose ALT gives the same sequence, shifted and padded.
"""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx.terms import Build

KNOWLEDGE = lupus_pgx.load_knowledge()
INDELS = [
    pytest.param(gene, locus, code, id=f"{gene} {locus.name} {locus.sites[Build.GRCH38].letters[code]}")
    for gene, loci in sorted(KNOWLEDGE.loci_by_gene.items())
    for locus in loci
    for code in range(1, len(locus.sites[Build.GRCH38].letters))
    if len(locus.rows[code - 1]["grch38_ref"]) != len(locus.rows[code - 1]["grch38_alt"])
]


def spellings(site, code: int) -> list[tuple[int, str, str]]:
    """Return every (POS, REF, ALT) within the known sequence that gives the allele's sequence."""
    genome, start = site.context.sequence, site.context.start
    tail = genome[len(site.ref) :]
    changed = site.letters[code] + tail
    found = []
    for first in range(len(genome)):
        for last in range(first + 1, len(genome) + 1):
            ref, rest = genome[first:last], len(genome) - last
            if changed[:first] != genome[:first] or (rest and changed[-rest:] != genome[-rest:]):
                continue
            alt = changed[first : len(changed) - rest]
            if ref and alt and ref != alt:
                found.append((start + first, ref, alt))
    return found


def calls_of_gene(builder: VcfBuilder, path, gene: str):
    analysis = lupus_pgx.analyze(builder.write(path), genes=[gene], sex="female")
    stars = analysis.diplotypes.to_frame()
    markers = analysis.markers.to_frame()
    frame = stars[stars.gene == gene] if (stars.gene == gene).any() else markers[markers.gene == gene]
    return frame.drop(columns=["sample_id"]).astype(object).fillna("").to_numpy().tolist()


def test_there_are_indels_in_many_genes():
    assert len(INDELS) >= 40
    assert {param.values[0] for param in INDELS} >= {"TPMT", "NUDT15", "CYP3A5", "UGT1A1", "CYP2D6", "G6PD", "APOL1"}


@pytest.mark.parametrize(("gene", "locus", "code"), INDELS)
def test_every_spelling_gives_the_same_call(gene, locus, code, tmp_path):
    site = locus.sites[Build.GRCH38]
    written = spellings(site, code)
    assert (site.pos, site.ref, site.letters[code]) in written or len(site.context.sequence) < len(site.ref)
    builder = VcfBuilder(genes=(gene,)).set(locus.name, f"{site.ref}/{site.letters[code]}")
    expected = calls_of_gene(builder, tmp_path / "plain", gene)
    # A few of many: the ends and the middle of what is possible.
    for number, (pos, ref, alt) in enumerate(written[:: max(1, len(written) // 6)]):
        changed = VcfBuilder(genes=(gene,)).replace(locus.name, Rec(site.chrom, pos, ref, alt, ["0/1"]))
        assert calls_of_gene(changed, tmp_path / str(number), gene) == expected, (pos, ref, alt)


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "expected"),
    [
        (48045719, "CG", "TA", "*3/*4"),  # unphased, but one record: both changes lie on one haplotype
        (48045719, "CG", "TG", "*1/*3"),
        (48045718, "ACG", "ATG", "*1/*3"),
    ],
)
def test_blocks_that_contain_a_panel_snv(pos, ref, alt, expected, tmp_path):
    builder = VcfBuilder(genes=("NUDT15",)).drop("rs116855232", "rs147390019")
    builder.add(Rec("chr13", pos, ref, alt, ["0/1"]))
    if (len(alt) == 2 and alt[1] == "G") or len(alt) == 3:
        builder.add(Rec("chr13", 48045720, "G", "A", ["0/0"]))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "mnv"), genes=["NUDT15"])
    row = analysis.diplotypes.to_frame().set_index("gene").loc["NUDT15"]
    if alt == "TA":
        assert row.call_status == "novel"  # no named allele has both changes on one haplotype
    else:
        assert row.diplotype == expected
