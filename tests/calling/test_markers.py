"""Markers from synthetic genotypes with a known truth.

The real files of this project cover no immune marker (FCGR3A, APOL1, UGT1A9), so every genotype
here is made up: what the caller must find is what was written into the file.
"""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

BUILDS = ("GRCh37", "GRCh38")
MARKERS = {
    ("APOL1", "risk haplotypes"): ("rs73885319", "rs60910145", "rs71785313"),
    ("FCGR3A", "F158V"): ("rs396991",),
    ("UGT1A9", "-275T>A"): ("rs6714486",),
    ("UGT2B7", "802C>T"): ("rs7439366",),
}
KNOWLEDGE = lupus_pgx.load_knowledge()


@pytest.fixture
def fx_marker(tmp_path):
    """Analyze one sample; returns the row of a gene's marker."""

    def marker(file: VcfBuilder, gene: str, **options):
        analysis = lupus_pgx.analyze(
            file.stated(options).write(tmp_path / "file", kind="vcf"), build=file.build, **options
        )
        frame = analysis.markers.to_frame()
        (name,) = [name for home, name in MARKERS if home == gene]  # the gene may have other markers
        (row,) = frame[(frame.gene == gene) & (frame.marker == name)].itertuples()
        return row

    return marker


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("written", "genotype", "count", "category"),
    [
        # C is Val158 (V), A is Phe158 (F): the genome carries A on both builds.
        ("C/C", "V/V", 2, "high-affinity homozygote"),
        ("A/C", "V/F", 1, "heterozygote"),
        ("C/A", "V/F", 1, "heterozygote"),
        ("A|C", "V/F", 1, "heterozygote"),
        ("A/A", "F/F", 0, "low-affinity homozygote"),
    ],
)
def test_fcgr3a(written, genotype, count, category, build, fx_marker):
    row = fx_marker(VcfBuilder(build=build).set("rs396991", written), "FCGR3A")
    assert (row.marker, row.rsid) == ("F158V", "rs396991")
    assert (row.genotype, row.effect_allele_count, row.category) == (genotype, count, category)
    assert row.status == "observed"


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("written", "genotype", "count"),
    [
        # The genome carries T, the studied allele: no ALT means two effect alleles.
        ("T/T", "T/T", 2),
        ("T/C", "C/T", 1),
        ("C/C", "C/C", 0),
    ],
)
def test_ugt2b7_counts_the_effect_allele_by_letter(written, genotype, count, build, fx_marker):
    row = fx_marker(VcfBuilder(build=build).set("rs7439366", written), "UGT2B7")
    assert sorted(row.genotype.split("/")) == sorted(genotype.split("/"))
    assert (row.genotype, row.effect_allele_count) == (genotype, count)


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("written", "genotype", "count", "category"),
    [
        ("T/T", "T/T", 0, "non-carrier"),
        ("T/A", "T/A", 1, "carrier, one copy"),
        ("A/A", "A/A", 2, "carrier, two copies"),
    ],
)
def test_ugt1a9(written, genotype, count, category, build, fx_marker):
    row = fx_marker(VcfBuilder(build=build).set("rs6714486", written), "UGT1A9")
    assert (row.genotype, row.effect_allele_count, row.category) == (genotype, count, category)


def apol1(first: str, second: str, build: str = "GRCh38", separator: str = "/") -> VcfBuilder:
    """A sample with two APOL1 haplotypes: G1 is G at both its sites, G2 the deletion."""
    pair = (first, second)
    file = VcfBuilder(build=build)
    file.set("rs73885319", separator.join("G" if name == "G1" else "A" for name in pair))
    file.set("rs60910145", separator.join("G" if name == "G1" else "T" for name in pair))
    return file.set("rs71785313", separator.join("A" if name == "G2" else "AATAATT" for name in pair))


CATEGORIES = ("0 risk haplotypes", "1 risk haplotype", "2 risk haplotypes")


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("separator", ["/", "|"])
@pytest.mark.parametrize("pair", list(itertools.combinations_with_replacement(["G0", "G1", "G2"], 2)))
def test_apol1_all_six_diplotypes(pair, separator, build, fx_marker):
    row = fx_marker(apol1(*pair, build, separator), "APOL1")
    risk = 2 - pair.count("G0")
    assert (row.genotype, row.effect_allele_count, row.category) == ("/".join(pair), risk, CATEGORIES[risk])
    assert row.status == "observed"


@pytest.mark.parametrize("build", BUILDS)
def test_apol1_phased_g1_and_g2_on_one_haplotype_fit_nothing(build, fx_marker):
    file = VcfBuilder(build=build)
    file.set("rs73885319", "A|G").set("rs60910145", "T|G").set("rs71785313", "AATAATT|A")
    row = fx_marker(file, "APOL1")
    assert pd.isna(row.genotype)
    assert pd.isna(row.effect_allele_count)
    assert pd.isna(row.category)
    assert row.note


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("pair", "risk"), [(("G0", "G0"), 0), (("G0", "G1"), 1), (("G1", "G2"), 2), (("G2", "G2"), 2), (("G1", "G1"), 2)]
)
def test_apol1_without_the_consistency_check(pair, risk, build, fx_marker):
    """rs60910145 only confirms G1: rs73885319 (S342G) and the deletion decide."""
    row = fx_marker(apol1(*pair, build).drop("rs60910145"), "APOL1")
    assert (row.genotype, row.effect_allele_count, row.category) == ("/".join(pair), risk, CATEGORIES[risk])


def test_apol1_s342g_without_i384m_is_still_g1(fx_marker):
    file = VcfBuilder().set("rs73885319", "A/G").set("rs60910145", "T/T")
    assert fx_marker(file, "APOL1").genotype == "G0/G1"


def test_apol1_i384m_without_s342g_is_discordant(fx_marker):
    """G at rs60910145 without G at rs73885319 is no haplotype of the table: nothing is guessed."""
    row = fx_marker(VcfBuilder().set("rs60910145", "T/G"), "APOL1")
    assert pd.isna(row.genotype)
    assert pd.isna(row.effect_allele_count)
    assert "fit no haplotype" in row.note


@pytest.mark.parametrize(("build", "first"), [("GRCh38", 36265995), ("GRCh37", 36662041)])
@pytest.mark.parametrize("call", [("0/1", "G0/G2"), ("1/1", "G2/G2")])
@pytest.mark.parametrize(
    ("shift", "ref", "alt"),
    [
        (0, "AATAATT", "A"),
        (0, "AATAATTATAA", "AATAA"),  # untrimmed
        (3, "AATTATA", "A"),  # in the middle of the span
        (4, "ATTATAA", "A"),  # as far to the right as the sequence lets it go
    ],
)
def test_apol1_g2_in_other_spellings(shift, ref, alt, call, build, first, fx_marker):
    file = VcfBuilder(build=build)
    sequence = "AATAATTATAA"  # the genome from the first base on
    assert sequence[shift:].startswith(ref)
    assert sequence[:shift] + alt + sequence[shift + len(ref) :] == "AATAA"
    file.replace("rs71785313", Rec(file.chrom("chr22"), first + shift, ref, alt, [call[0]]))
    assert fx_marker(file, "APOL1").genotype == call[1]


@pytest.mark.parametrize("build", BUILDS)
def test_apol1_without_the_g2_locus_counts_only_what_is_sure(build, fx_marker):
    plain = fx_marker(VcfBuilder(build=build).drop("rs71785313"), "APOL1")
    assert pd.isna(plain.genotype)
    assert pd.isna(plain.effect_allele_count)
    assert plain.status == "no_record"
    one = fx_marker(apol1("G0", "G1", build).drop("rs71785313"), "APOL1")
    assert pd.isna(one.genotype)
    assert pd.isna(one.effect_allele_count)
    # Two G1 haplotypes leave no room for G2.
    two = fx_marker(apol1("G1", "G1", build).drop("rs71785313"), "APOL1")
    assert two.genotype == "G1/G1"
    assert two.effect_allele_count == 2


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("key", sorted(MARKERS))
def test_unknown_loci_never_give_a_default(key, build, fx_marker):
    row = fx_marker(VcfBuilder(build=build).drop(*MARKERS[key]), key[0])
    assert row.marker == key[1]
    assert pd.isna(row.genotype)
    assert pd.isna(row.effect_allele_count)
    assert pd.isna(row.category)
    assert row.status == "no_record"


def loci_of(key):
    """Return the loci of a marker, by the tables."""
    rows = [row for row in KNOWLEDGE.rows("marker_alleles") if (row["gene"], row["marker"]) == key]
    return sorted({row["locus"] for row in rows if row["locus"]})


ALL_MARKERS = [(row["gene"], row["marker"]) for row in KNOWLEDGE.rows("markers")]
SINGLE = [(*key, loci_of(key)[0]) for key in ALL_MARKERS if len(loci_of(key)) == 1]


def frame_of(file: VcfBuilder, path, **options):
    analysis = lupus_pgx.analyze(file.write(path, kind="vcf"), build=file.build, **options)
    return analysis.markers.to_frame().set_index(["gene", "marker", "sample_id"])


@pytest.mark.parametrize("build", BUILDS)
def test_every_single_locus_marker_counts_its_effect_allele(build, tmp_path):
    """Each pair of letters of each locus; what is expected is read off the tables, row by row."""
    samples = [f"S{number}" for number in range(6)]  # three letters make six pairs
    file, expected = VcfBuilder(build=build, samples=samples), {}
    categories = {
        (row["gene"], row["marker"], row["effect_allele_count"]): row["category"]
        for row in KNOWLEDGE.rows("marker_categories")
    }
    for gene, marker, locus in SINGLE:
        rows = [row for row in KNOWLEDGE.rows("marker_alleles") if (row["gene"], row["marker"]) == (gene, marker)]
        base = {row["grch38_ref"] for row in rows if row["locus"]}
        letters = {row["grch38_alt"] or next(iter(base)): row for row in rows}
        pairs = list(itertools.combinations_with_replacement(letters, 2))
        pairs += [pairs[-1]] * (len(samples) - len(pairs))
        file.set(locus, *("/".join(pair) for pair in pairs))
        for sample, pair in zip(samples, pairs, strict=True):
            names = sorted((letters[letter] for letter in pair), key=lambda row: row["rank"])
            count = sum(row["effect_allele"] == "yes" for row in names)
            genotype = "/".join(row["allele"] for row in names)
            expected[gene, marker, sample] = (genotype, count, categories.get((gene, marker, count)))
    frame = frame_of(file, tmp_path / "file")
    for key, (genotype, count, category) in expected.items():
        row = frame.loc[key]
        assert (row.genotype, row.effect_allele_count) == (genotype, count), key
        assert (None if pd.isna(row.category) else row.category) == category, key
        assert row.status == "observed", key
    assert {key[:2] for key in expected} | {("APOL1", "risk haplotypes")} == set(ALL_MARKERS)


def nothing(builder: VcfBuilder, locus: str):
    builder.drop(locus)


def no_call(builder: VcfBuilder, locus: str):
    builder.records[locus][0].calls = ["./."]


def filtered(builder: VcfBuilder, locus: str):
    builder.records[locus][0].filters = "LowQual"


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(("spoil", "status"), [(nothing, "no_record"), (no_call, "no_call"), (filtered, "filtered")])
def test_no_marker_of_the_tables_has_a_default(spoil, status, build, tmp_path):
    file = VcfBuilder(build=build)
    for locus in {locus for key in ALL_MARKERS for locus in loci_of(key)}:
        spoil(file, locus)
    frame = frame_of(file, tmp_path / "file")
    assert {key[:2] for key in frame.index} == set(ALL_MARKERS)
    assert frame[["genotype", "effect_allele_count", "category"]].isna().all(axis=None)
    assert set(frame.status) == {status}


@pytest.mark.parametrize("key", sorted(MARKERS))
@pytest.mark.parametrize("written", ["./.", "./0", "0/."])
def test_missing_and_half_calls_never_give_a_default(key, written, fx_marker):
    file = VcfBuilder()
    for locus in MARKERS[key]:
        file.records[locus][0].calls = [written]
    row = fx_marker(file, key[0])
    assert pd.isna(row.genotype)
    assert pd.isna(row.effect_allele_count)
    assert row.status == ("no_call" if written == "./." else "half_call")


@pytest.mark.parametrize("key", sorted(MARKERS))
def test_filtered_records_never_give_a_default(key, fx_marker):
    file = VcfBuilder()
    for locus in MARKERS[key]:
        file.records[locus][0].filters = "LowQual"
    row = fx_marker(file, key[0])
    assert pd.isna(row.genotype)
    assert row.status == "filtered"


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("ancestry", [None, "AFR", "EUR"])
def test_markers_get_no_prior(ancestry, build, fx_marker):
    """Two of three APOL1 loci open: nobody's ancestry fills the gap."""
    file = VcfBuilder(build=build).drop("rs73885319", "rs71785313")
    row = fx_marker(file, "APOL1", ancestry=ancestry)
    assert pd.isna(row.genotype)
    assert pd.isna(row.effect_allele_count)
    assert "possible" in row.note
    for pair in ("G0/G0", "G1/G2", "G2/G2"):
        assert pair in row.note


def test_paralogous_locus_is_never_assumed(fx_marker):
    """FCGR3A stays open even if the user says that absent means reference; the others do not."""
    file = VcfBuilder().drop("rs396991", "rs6714486")
    file.add(Rec("chr1", 1_000_000, "A", "G", ["0/1"]), Rec("chr2", 1_000_000, "A", "G", ["0/1"]))
    assert pd.isna(fx_marker(file, "FCGR3A", absent="reference").genotype)
    row = fx_marker(file, "UGT1A9", absent="reference")
    assert (row.genotype, row.status) == ("T/T", "assumed_reference")


@pytest.mark.parametrize("build", BUILDS)
def test_unexpected_allele_is_no_haplotype(build, fx_marker):
    file = VcfBuilder(build=build)
    site = file.site("rs396991")
    file.replace("rs396991", Rec(file.chrom(site.chrom), site.pos, "A", "C,G", ["1/2"]))
    row = fx_marker(file, "FCGR3A")
    assert row.status == "unexpected_allele"
    assert pd.isna(row.genotype)
    assert pd.isna(row.effect_allele_count)


@pytest.mark.parametrize(
    ("name", "genotype", "expected"),
    [
        ("FCGR3A", "V/F", "V/F"),
        ("FCGR3A", "F/V", "V/F"),
        ("FCGR3A F158V", "F|F", "F/F"),
        ("rs396991", "V/V", "V/V"),
        ("APOL1", "G2/G1", "G1/G2"),
        ("rs71785313", "G0/G2", "G0/G2"),
        ("UGT2B7", "T/C", "C/T"),
    ],
)
def test_given_markers_by_gene_marker_or_rsid(name, genotype, expected):
    frame = lupus_pgx.respond({name: genotype}).markers.to_frame()
    given = frame[frame.status == "outside"]
    assert given.genotype.tolist() == [expected]
    assert frame[frame.status != "outside"].genotype.isna().all()


@pytest.mark.parametrize(("name", "genotype"), [("FCGR3A", "V"), ("FCGR3A", "V/X"), ("APOL1", "G0/G0/G1")])
def test_given_markers_that_do_not_exist_are_refused(name, genotype):
    with pytest.raises(lupus_pgx.UsageError, match=name):
        lupus_pgx.respond({name: genotype})
