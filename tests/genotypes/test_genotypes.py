"""Genotypes at panel loci: what was observed, and the reason where nothing was."""

from __future__ import annotations

import pandas as pd
import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

# One locus that most tests change: TPMT rs1142345, T>C (*3C) and T>G.
LOCUS = "rs1142345"
POS = {"GRCh37": 18_130_918, "GRCh38": 18_130_687}

# Seen by one record and counted by every reader of the tables.
UNKNOWN = {"no_record", "no_call", "filtered", "low_quality", "ref_mismatch"}


def tpmt(**options):
    return VcfBuilder(genes=("TPMT",), **options)


def record(*calls, ref="T", alts="C,G", **options):
    return Rec("chr6", POS["GRCh38"], ref, alts, list(calls), **options)


def analyze(builder, tmp_path, **options):
    return lupus_pgx.analyze(builder.stated(options).write(tmp_path / "file"), **options)


def locus_row(analysis, locus=LOCUS, sample="S1"):
    frame = analysis.variants.to_frame()
    (row,) = frame[(frame.sample_id == sample) & (frame.locus == locus)].fillna("").to_dict("records")
    return row


def state_of(analysis, locus=LOCUS, sample="S1"):
    row = locus_row(analysis, locus, sample)
    return row["genotype"], row["status"]


def gene_row(analysis, gene="TPMT"):
    return analysis.diplotypes.to_frame().set_index("gene").loc[gene]


def letters(text):
    """Return the letters of a genotype whatever their order and phase."""
    return sorted(text.replace("|", "/").split("/"))


# Status and cause.


@pytest.mark.parametrize(
    ("rec", "options", "status"),
    [
        (record("0/1"), {}, "observed"),
        (record("0/0"), {}, "observed"),
        (record("./."), {}, "no_call"),
        (record("."), {}, "no_call"),
        (record(".|."), {}, "no_call"),
        (record("35", fmt="DP"), {}, "no_call"),
        (record("0/1/1"), {}, "no_call"),
        (record("./1"), {}, "half_call"),
        (record("0/."), {}, "half_call"),
        (record("1"), {}, "half_call"),
        (record("0/1", filters="LowQual"), {}, "filtered"),
        (record("0/0", filters="LowQual"), {}, "filtered"),
        (record("0/1", filters="."), {}, "observed"),
        (record("0/1:19", fmt="GT:GQ"), {"min_gq": 20}, "low_quality"),
        (record("0/1:20", fmt="GT:GQ"), {"min_gq": 20}, "observed"),
        (record("0/1:9", fmt="GT:DP"), {"min_dp": 10}, "low_quality"),
        (record("0/1:10", fmt="GT:DP"), {"min_dp": 10}, "observed"),
        (record("0/1:9:99", fmt="GT:DP:GQ"), {"min_gq": 20}, "observed"),
        (record("0/0:0", fmt="GT:DP"), {}, "low_quality"),
        (record("0/0:0", fmt="GT:GQ"), {}, "low_quality"),
        (record("0/0:0:50", fmt="GT:DP:GQ"), {}, "low_quality"),
        (record("0/0:1:1", fmt="GT:DP:GQ"), {}, "doubtful"),
        (record("0/0:7:21", fmt="GT:DP:GQ"), {}, "observed"),
        (record("0/1:30:19", fmt="GT:DP:GQ"), {}, "doubtful"),
        (record("0/0:.:.", fmt="GT:DP:GQ"), {}, "low_quality"),
        (record("0/0:.", fmt="GT:GQ"), {}, "observed"),
        (record("0/1", ref="A", alts="C"), {}, "ref_mismatch"),
        (record("0/1", alts="A"), {}, "unexpected_allele"),
        (record("0/1", alts="*"), {}, "unexpected_allele"),
        (record("0/1", ref="TC", alts="C"), {}, "unexpected_allele"),
        (record("0/0", alts="A"), {}, "observed"),
        (record("1/2", alts="C,*"), {}, "unexpected_allele"),
        (record("0/1", alts="C,*"), {}, "observed"),
        (record("0/1", ref="TC", alts="CC"), {}, "observed"),
        (record("0/0:5", alts="<NON_REF>", fmt="GT:GQ"), {"min_gq": 20}, "low_quality"),
    ],
)
def test_status_names_the_cause(rec, options, status, tmp_path):
    genotype, found = state_of(analyze(tpmt().replace(LOCUS, rec), tmp_path, **options))
    assert found == status
    assert (genotype == "") == (status in UNKNOWN)


def test_absent_record_is_no_record(tmp_path):
    analysis = analyze(tpmt().drop(LOCUS), tmp_path)
    assert state_of(analysis) == ("", "no_record")
    assert LOCUS in gene_row(analysis).missing_essential.split(";")


@pytest.mark.parametrize(
    ("rec", "words"),
    [
        (record("0/1", filters="LowQual"), "LowQual"),
        (record("0/1", ref="A", alts="C"), "REF A"),
    ],
)
def test_note_says_what_was_wrong(rec, words, tmp_path):
    assert words in locus_row(analyze(tpmt().replace(LOCUS, rec), tmp_path))["note"]


def test_unexpected_letter_is_shown_and_keeps_the_call_from_certain(tmp_path):
    analysis = analyze(tpmt().set("rs1800462", "C/C").replace(LOCUS, record("0/1", alts="A")), tmp_path)
    assert state_of(analysis) == ("T/A", "unexpected_allele")
    call = gene_row(analysis)
    assert call.call_status != "certain"
    assert LOCUS in call.note


def test_samples_of_one_record_have_their_own_status(tmp_path):
    builder = tpmt(samples=["S1", "S2", "S3", "S4"])
    builder.replace(LOCUS, record("0/1:30:99", "./.:.:.", "0/0:0:0", "1/.:30:99", fmt="GT:DP:GQ"))
    analysis = analyze(builder, tmp_path)
    states = [state_of(analysis, sample=sample)[1] for sample in analysis.sample_ids]
    assert states == ["observed", "no_call", "low_quality", "half_call"]


def test_filtered_note_is_not_given_to_passing_samples(tmp_path):
    builder = tpmt(samples=["S1", "S2"])
    builder.replace(LOCUS, record("0/1", "./.", filters="LowQual"))
    analysis = analyze(builder, tmp_path)
    assert locus_row(analysis, sample="S1")["note"] == "FILTER LowQual"
    assert locus_row(analysis, sample="S2")["status"] in {"no_call", "filtered"}


def test_many_unexpected_alleles_keep_their_letters(tmp_path):
    """Eighty samples, each with an insertion of its own length at one locus."""
    samples = [f"P{number}" for number in range(80)]
    alts = ["A" * (number + 2) for number in range(80)]
    builder = VcfBuilder(genes=("CYP3A5",), samples=samples)
    calls = [f"0/{number + 1}" for number in range(80)]
    builder.replace("rs41303343", Rec("chr7", 99_652_770, "T", ",".join(f"T{alt}" for alt in alts), calls))
    frame = analyze(builder, tmp_path).variants.to_frame()
    rows = frame[frame.locus == "rs41303343"]
    assert set(rows.status) == {"unexpected_allele"}
    assert rows.genotype.tolist() == [f"T/T{alt}" for alt in alts]


def test_header_without_format_lines_is_read(tmp_path):
    builder = tpmt().replace(LOCUS, record("0|1:7:30:32", fmt="GT:PS:DP:GQ"))
    lines = [line for line in builder.text().splitlines() if not line.startswith("##FORMAT")]
    path = tmp_path / "file.vcf"
    path.write_text("\n".join(lines) + "\n")
    row = locus_row(lupus_pgx.analyze(path))
    assert (row["genotype"], row["phase_set"], row["status"]) == ("T|C", "7", "observed")
    assert state_of(lupus_pgx.analyze(path, min_gq=33))[1] == "low_quality"


@pytest.mark.parametrize(("value", "status"), [("19.5", "low_quality"), ("20.5", "observed")])
@pytest.mark.parametrize("declared", [True, False])
def test_quality_may_be_a_decimal_number(value, status, declared, tmp_path):
    text = tpmt().replace(LOCUS, record(f"0/1:{value}", fmt="GT:GQ")).text()
    old = next(line for line in text.splitlines() if "ID=GQ" in line)
    path = tmp_path / "file.vcf"
    path.write_text(text.replace(f"{old}\n", f"{old.replace('Integer', 'Float')}\n" if declared else ""))
    assert state_of(lupus_pgx.analyze(path, min_gq=20))[1] == status


# What is unknown stays unknown.


@pytest.mark.parametrize("absent", ["unknown", "reference"])
@pytest.mark.parametrize(
    "rec",
    [
        record("./."),
        record("35", fmt="DP"),
        record("0/1", filters="LowQual"),
        record("0/0:0", fmt="GT:DP"),
        record("0/1", ref="A", alts="C"),
    ],
    ids=["no call", "no GT", "filtered", "depth 0", "other base"],
)
def test_unusable_record_never_becomes_reference(absent, rec, tmp_path):
    analysis = analyze(tpmt().replace(LOCUS, rec), tmp_path, absent=absent)
    assert state_of(analysis)[0] == ""
    call = gene_row(analysis)
    assert LOCUS in call.missing_essential.split(";")
    assert call.call_status != "certain"


@pytest.mark.parametrize(("build", "letter", "diplotype"), [("GRCh38", "T", "*1/*1"), ("GRCh37", "C", "*3/*3")])
def test_assumed_base_is_that_of_the_files_build(build, letter, diplotype, tmp_path):
    builder = VcfBuilder(build=build, genes=("CYP3A5",)).drop("rs776746")
    analysis = analyze(builder, tmp_path, absent="reference")
    assert state_of(analysis, "rs776746") == (f"{letter}/{letter}", "assumed_reference")
    call = gene_row(analysis, "CYP3A5")
    assert call.diplotype == diplotype
    assert call.call_status != "certain"
    assert call.n_observed == call.n_loci - 1


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_absent_locus_is_unknown_by_default(build, tmp_path):
    analysis = analyze(VcfBuilder(build=build, genes=("CYP3A5",)).drop("rs776746"), tmp_path)
    assert state_of(analysis, "rs776746") == ("", "no_record")
    assert "*1/*1" in gene_row(analysis, "CYP3A5").candidates
    assert "*3/*3" in gene_row(analysis, "CYP3A5").candidates


def test_paralogous_locus_is_never_assumed(tmp_path):
    builder = VcfBuilder().drop("rs396991", "rs6714486")
    builder.meta += ["##contig=<ID=chr1,length=248956422>", "##contig=<ID=chr2,length=242193529>"]
    analysis = analyze(builder, tmp_path, absent="reference")
    assert state_of(analysis, "rs6714486") == ("T/T", "assumed_reference")
    assert state_of(analysis, "rs396991") == ("", "no_record")
    marker = analysis.markers.to_frame().set_index(["gene", "marker"]).loc[("FCGR3A", "F158V")]
    assert pd.isna(marker.genotype)
    assert marker.status == "no_record"


@pytest.mark.parametrize("declared", [True, False])
def test_chromosome_without_records_is_never_assumed(declared, tmp_path):
    """That the header declares a contig says nothing about where its caller looked."""
    elsewhere = [gene for gene, row in lupus_pgx.load_knowledge().gene_rows.items() if row["chrom"] != "chr6"]
    builder = VcfBuilder(genes=tuple(elsewhere)).like_a_genome()
    if declared:
        builder.meta.append("##contig=<ID=chr6,length=170805979>")
    assert state_of(analyze(builder, tmp_path, absent="reference"))[1] == "no_record"


def test_chromosome_without_records_or_contig_line_is_not_assumed(tmp_path):
    """A file of one chromosome whose header names no contig says nothing about the others."""
    lines = [line for line in VcfBuilder(genes=("NUDT15",)).text().splitlines() if not line.startswith("##contig")]
    path = tmp_path / "chr13.vcf"
    path.write_text("\n".join(lines) + "\n")
    assert state_of(lupus_pgx.analyze(path, absent="reference", build="GRCh38"))[1] == "no_record"


# Spellings of one genotype.


@pytest.mark.parametrize(
    "records",
    [
        [record("1/2")],
        [record("2/1", alts="G,C")],
        [record("0/1", alts="C"), record("0/1", alts="G")],
        [record("1/0", alts="C"), record("0/1", alts="G")],
        [record("1/.", alts="C"), record("./1", alts="G")],
        [record("1|0", alts="C"), record("0|1", alts="G")],
    ],
    ids=["joined", "other order", "split", "split, sides", "split, half", "split, phased"],
)
def test_split_and_joined_records_agree(records, tmp_path):
    genotype, status = state_of(analyze(tpmt().replace(LOCUS, *records), tmp_path))
    assert letters(genotype) == ["C", "G"]
    assert status == "observed"


@pytest.mark.parametrize(("carried", "expected"), [("0/1", ["C", "T"]), ("1/1", ["C", "C"])])
@pytest.mark.parametrize("other", ["0/0", "0|0"])
@pytest.mark.parametrize("order", [1, -1])
def test_split_record_of_an_allele_not_carried_changes_nothing(carried, expected, other, order, tmp_path):
    records = [record(carried, alts="C"), record(other, alts="G")][::order]
    genotype, status = state_of(analyze(tpmt().replace(LOCUS, *records), tmp_path))
    assert (letters(genotype), status) == (expected, "observed")


@pytest.mark.parametrize("order", [1, -1])
def test_contradicting_records_are_contradictory(order, tmp_path):
    records = [record("1/1", alts="C"), record("1/1", alts="G")][::order]
    assert state_of(analyze(tpmt().replace(LOCUS, *records), tmp_path)) == ("", "contradictory")


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("worse", [record("./.", alts="G"), record("0/1", alts="G", filters="LowQual")])
def test_order_of_split_records_does_not_matter(order, worse, tmp_path):
    records = [record("0/1", alts="C"), worse][::order]
    assert state_of(analyze(tpmt().replace(LOCUS, *records), tmp_path))[0] == ""


def test_identical_record_twice_is_one_observation(tmp_path):
    analysis = analyze(tpmt().replace(LOCUS, record("0/1"), record("0/1")), tmp_path)
    assert state_of(analysis) == ("T/C", "observed")


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize(
    ("call", "diplotype"), [("0/1", "*1/*6"), ("0/2", "*1/*9"), ("1/2", "*6/*9"), ("2/2", "*9/*9")]
)
def test_untrimmed_multiallelic_repeat(build, call, diplotype, tmp_path):
    """One copy more is NUDT15 *6, one copy less *9."""
    chrom, pos = {"GRCh37": ("13", 48_611_918), "GRCh38": ("chr13", 48_037_782)}[build]
    rec = Rec(chrom, pos, "AGGAGTC", "AGGAGTCGGAGTC,A", [call])
    analysis = analyze(VcfBuilder(build=build, genes=("NUDT15",)).replace("rs746071566", rec), tmp_path)
    found = gene_row(analysis, "NUDT15")
    assert (found.diplotype, found.call_status) == (diplotype, "certain")


@pytest.mark.parametrize(("one", "other"), [("0/1", "0/1"), ("0|1", "1|0"), ("./1", "1/.")])
def test_split_repeat_alleles_are_joined(one, other, tmp_path):
    records = [
        Rec("chr13", 48_037_782, "A", "AGGAGTC", [one]),
        Rec("chr13", 48_037_782, "AGGAGTC", "A", [other]),
    ]
    analysis = analyze(VcfBuilder(genes=("NUDT15",)).replace("rs746071566", *records), tmp_path)
    assert gene_row(analysis, "NUDT15").diplotype == "*6/*9"


# The genome reads A GGAGTC GGAGTC GGAGTC G from chr13:48037782 on.
REPEAT = [
    (48_037_782, "A", "AGGAGTC", "*1/*6"),
    (48_037_788, "C", "CGGAGTC", "*1/*6"),
    (48_037_794, "C", "CGGAGTC", "*1/*6"),
    (48_037_800, "C", "CGGAGTC", "*1/*6"),
    (48_037_801, "G", "GGAGTCG", "*1/*6"),
    (48_037_785, "A", "AGTCGGA", "*1/*6"),
    (48_037_782, "AGGAGTCGGAGTCGGAGTCG", "AGGAGTCGGAGTCGGAGTCGGAGTCG", "*1/*6"),
    (48_037_782, "AGGAGTC", "A", "*1/*9"),
    (48_037_788, "CGGAGTC", "C", "*1/*9"),
    (48_037_794, "CGGAGTC", "C", "*1/*9"),
    (48_037_795, "GGAGTCG", "G", "*1/*9"),
    (48_037_782, "AGGAGTCGGAGTCGGAGTCG", "AGGAGTCGGAGTCG", "*1/*9"),
]


@pytest.mark.parametrize(("pos", "ref", "alt", "diplotype"), REPEAT)
def test_every_spelling_of_the_repeat_is_recognised(pos, ref, alt, diplotype, tmp_path):
    builder = VcfBuilder(genes=("NUDT15",)).replace("rs746071566", Rec("chr13", pos, ref, alt, ["0/1"]))
    call = gene_row(analyze(builder, tmp_path), "NUDT15")
    assert (call.diplotype, call.call_status) == (diplotype, "certain")


def test_two_copies_more_are_unexpected(tmp_path):
    rec = Rec("chr13", 48_037_782, "A", "AGGAGTCGGAGTC", ["0/1"])
    analysis = analyze(VcfBuilder(genes=("NUDT15",)).replace("rs746071566", rec), tmp_path)
    assert state_of(analysis, "rs746071566")[1] == "unexpected_allele"
    assert gene_row(analysis, "NUDT15").call_status != "certain"


@pytest.mark.parametrize(
    ("gene", "locus", "chrom", "pos", "ref", "alt", "change"),
    [
        # 7:99652771dup: the A after the anchor may be doubled on either side.
        ("CYP3A5", "rs41303343", "chr7", 99_652_770, "T", "TA", "TA"),
        ("CYP3A5", "rs41303343", "chr7", 99_652_771, "A", "AA", "TA"),
        ("CYP3A5", "rs41303343", "chr7", 99_652_770, "TA", "TAA", "TA"),
        # 13:48041104dup
        ("NUDT15", "rs761191455", "chr13", 48_041_103, "T", "TG", "TG"),
        ("NUDT15", "rs761191455", "chr13", 48_041_104, "G", "GG", "TG"),
        # 13:48037826_48037827insCGGG stands one base to the right of the usual spelling.
        ("NUDT15", "rs777311140", "chr13", 48_037_825, "C", "CGCGG", "CGCGG"),
        ("NUDT15", "rs777311140", "chr13", 48_037_826, "G", "GCGGG", "CGCGG"),
        # 13:48040982del: the last of five A.
        ("NUDT15", "rs1457579126", "chr13", 48_040_977, "GA", "G", "G"),
        ("NUDT15", "rs1457579126", "chr13", 48_040_981, "AA", "A", "G"),
        ("NUDT15", "rs1457579126", "chr13", 48_040_977, "GAAAAA", "GAAAA", "G"),
        ("TPMT", "g.18149104_18149107del", "chr6", 18_149_103, "CAAGT", "C", "C"),
        ("TPMT", "g.18149104_18149107del", "chr6", 18_149_104, "AAGTG", "G", "C"),
        ("TPMT", "rs759836180", "chr6", 18_149_032, "C", "CT", "CT"),
        # 22:36265996_36266001del, right-shifted: TTATAA deleted at 36266000.
        ("APOL1", "rs71785313", "chr22", 36_265_995, "AATAATT", "A", "A"),
        ("APOL1", "rs71785313", "chr22", 36_265_999, "ATTATAA", "A", "A"),
        ("APOL1", "rs71785313", "chr22", 36_265_997, "TAATTAT", "T", "A"),
        ("APOL1", "rs71785313", "chr22", 36_265_995, "AATAATTATAA", "AATAA", "A"),
    ],
)
def test_spellings_of_indels_are_recognised(gene, locus, chrom, pos, ref, alt, change, tmp_path):
    builder = VcfBuilder(genes=(gene,)).replace(locus, Rec(chrom, pos, ref, alt, ["0/1"]))
    genotype, status = state_of(analyze(builder, tmp_path), locus)
    assert status == "observed"
    assert change in genotype.split("/")


@pytest.mark.parametrize(("call", "genotype"), [("0/1", "G0/G2"), ("1/1", "G2/G2")])
def test_right_shifted_g2_is_a_risk_haplotype(call, genotype, tmp_path):
    rec = Rec("chr22", 36_265_999, "ATTATAA", "A", [call])
    analysis = analyze(VcfBuilder(genes=("APOL1",)).replace("rs71785313", rec), tmp_path)
    markers = analysis.markers.to_frame().set_index(["gene", "marker"])
    assert markers.genotype["APOL1", "risk haplotypes"] == genotype


@pytest.mark.parametrize(("ref", "alt"), [("t", "c"), ("t", "C"), ("T", "c")])
def test_lower_case_bases_are_read(ref, alt, tmp_path):
    builder = tpmt().replace(LOCUS, record("0/1", ref=ref, alts=alt))
    assert state_of(analyze(builder, tmp_path)) == ("T/C", "observed")


# One record over two loci: 48045719 C>T (R139C) and 48045720 G>A (R139H).


def two_bases(alt):
    """Return NUDT15 with one record over both loci in place of their own."""
    builder = VcfBuilder(genes=("NUDT15",)).drop("rs147390019")
    return builder.replace("rs116855232", Rec("chr13", 48_045_719, "CG", alt, ["0/1"]))


def test_multi_base_record_speaks_about_both_loci(tmp_path):
    analysis = analyze(two_bases("TA"), tmp_path)
    assert state_of(analysis, "rs116855232") == ("C/T", "observed")
    assert state_of(analysis, "rs147390019") == ("G/A", "observed")


@pytest.mark.parametrize(
    ("alt", "changed", "genotype", "kept"),
    [("TG", "rs116855232", "C/T", "rs147390019"), ("CA", "rs147390019", "G/A", "rs116855232")],
)
def test_padded_record_changes_one_locus_only(alt, changed, genotype, kept, tmp_path):
    analysis = analyze(two_bases(alt), tmp_path)
    assert state_of(analysis, changed) == (genotype, "observed")
    assert state_of(analysis, kept)[0] in {"", "C/C", "G/G"}


def test_alleles_of_one_multi_base_record_lie_on_one_haplotype(tmp_path):
    analysis = analyze(two_bases("TA"), tmp_path)
    # *3/*4 has them on different haplotypes: the record says otherwise.
    assert "*3/*4" not in str(gene_row(analysis, "NUDT15").candidates)


def test_alleles_of_a_homozygous_multi_base_record_are_both_seen(tmp_path):
    builder = two_bases("TA")
    builder.records["rs116855232"][0].calls = ["1/1"]
    analysis = analyze(builder, tmp_path)
    assert state_of(analysis, "rs116855232") == ("T/T", "observed")
    assert state_of(analysis, "rs147390019") == ("A/A", "observed")


@pytest.mark.parametrize("drop", [True, False], ids=["alone", "beside the locus"])
def test_symbolic_deletion_over_a_locus_is_not_reference(drop, tmp_path):
    builder = tpmt().drop(LOCUS) if drop else tpmt()
    builder.add(Rec("chr6", 18_130_600, "A", "<DEL>", ["0/1"], info="END=18130700"))
    analysis = analyze(builder, tmp_path)
    assert state_of(analysis)[1] == "unexpected_allele"
    assert gene_row(analysis).call_status != "certain"


@pytest.mark.parametrize("drop", [True, False], ids=["alone", "beside the locus"])
def test_deletion_over_a_locus_is_not_reference(drop, tmp_path):
    builder = VcfBuilder(genes=("NUDT15",))
    if drop:
        builder.drop("rs147390019")
    builder.add(Rec("chr13", 48_045_719, "CG", "C", ["0/1"]))
    analysis = analyze(builder, tmp_path)
    genotype, status = state_of(analysis, "rs147390019")
    assert status == "unexpected_allele"
    assert "*" in genotype
    assert state_of(analysis, "rs116855232") == ("C/C", "observed")
    assert gene_row(analysis, "NUDT15").call_status != "certain"


# gVCF blocks.


def block(call, start, end, chrom="chr6", ref="A", **options):
    return Rec(chrom, start, ref, "<NON_REF>", [call], info=f"END={end}", **options)


@pytest.mark.parametrize("alts", ["<NON_REF>", "<*>", "."])
def test_block_is_observed_reference(alts, tmp_path):
    builder = tpmt().drop(LOCUS, "rs56161402")
    builder.add(Rec("chr6", 18_130_600, "A", alts, ["0/0:30:90"], fmt="GT:DP:GQ", info="END=18130770"))
    analysis = analyze(builder, tmp_path)
    assert state_of(analysis) == ("T/T", "observed")
    assert state_of(analysis, "rs56161402") == ("C/C", "observed")
    assert gene_row(analysis).call_status == "certain"


@pytest.mark.parametrize("values", ["0:50", "30:0", "0:0"])
def test_block_without_reads_is_low_quality(values, tmp_path):
    builder = tpmt().drop(LOCUS).add(block(f"0/0:{values}", 18_130_600, 18_130_700, fmt="GT:DP:GQ"))
    for absent in ("unknown", "reference"):
        assert state_of(analyze(builder, tmp_path, absent=absent)) == ("", "low_quality")


@pytest.mark.parametrize(("end", "status"), [(POS["GRCh38"], "observed"), (POS["GRCh38"] - 1, "no_record")])
def test_block_ends_where_it_says(end, status, tmp_path):
    builder = tpmt().drop(LOCUS).add(block("0/0", 18_130_600, end))
    assert state_of(analyze(builder, tmp_path))[1] == status


def test_block_from_far_upstream_is_found(tmp_path):
    """Region queries and scans must both see a block that starts long before the locus."""
    builder = tpmt().drop(LOCUS).add(block("0/0", 18_000_000, 18_130_690))
    for kind, index in (("vcf", False), ("vcf.gz", True), ("bcf", True)):
        path = builder.write(tmp_path / kind, kind, index=index)
        assert state_of(lupus_pgx.analyze(path)) == ("T/T", "observed")


@pytest.mark.parametrize(("kind", "index"), [("vcf", False), ("vcf.gz", True), ("bcf", True)])
def test_block_over_a_whole_gene_is_one_record(kind, index, tmp_path, caplog):
    """TPMT is some 20,000 bases long and read in several regions; one block covers it."""
    builder = tpmt().drop_gene("TPMT").add(block("0/0:30", 18_130_000, 18_150_000, fmt="GT:DP"))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file", kind, index=index))
    assert set(analysis.variants.to_frame().query("gene == 'TPMT'").status) == {"observed"}
    assert gene_row(analysis).diplotype == "*1/*1"
    assert caplog.messages == []


def test_block_on_grch37_carries_the_grch37_base(tmp_path):
    builder = VcfBuilder(build="GRCh37", genes=("CYP3A5",)).drop("rs776746")
    builder.add(block("0/0:30", 99_270_500, 99_270_600, chrom="7", fmt="GT:DP"))
    analysis = analyze(builder, tmp_path)
    assert state_of(analysis, "rs776746") == ("C/C", "observed")
    call = gene_row(analysis, "CYP3A5")
    assert (call.diplotype, call.call_status) == ("*3/*3", "certain")


@pytest.mark.parametrize(("call", "genotype"), [("0/1", "T/C"), ("1/1", "C/C"), ("0/0", "T/T")])
def test_variant_record_of_a_gvcf(call, genotype, tmp_path):
    builder = tpmt().replace(LOCUS, record(call, alts="C,<NON_REF>"))
    assert state_of(analyze(builder, tmp_path)) == (genotype, "observed")


def test_unnamed_allele_of_a_gvcf_is_unexpected(tmp_path):
    builder = tpmt().replace(LOCUS, record("0/2", alts="C,<NON_REF>"))
    assert state_of(analyze(builder, tmp_path))[1] == "unexpected_allele"


# Phase. rs1142345 C and rs1800460 T: on one haplotype *3A, apart *3B and *3C.


def two_loci(first, second, fmt="GT"):
    builder = tpmt()
    builder.records[LOCUS][0].calls, builder.records["rs1800460"][0].calls = [first], [second]
    builder.records[LOCUS][0].fmt = builder.records["rs1800460"][0].fmt = fmt
    return builder


@pytest.mark.parametrize(
    ("first", "second", "fmt", "diplotypes"),
    [
        ("0|1", "0|1", "GT", {"*1/*3A"}),
        ("1|0", "1|0", "GT", {"*1/*3A"}),
        ("0|1", "1|0", "GT", {"*3B/*3C"}),
        ("0/1", "0/1", "GT", {"*1/*3A", "*3B/*3C"}),
        ("0/1", "0|1", "GT", {"*1/*3A", "*3B/*3C"}),
        ("0|1:7", "0|1:7", "GT:PS", {"*1/*3A"}),
        ("0|1:7", "1|0:7", "GT:PS", {"*3B/*3C"}),
        ("0|1:7", "0|1:9", "GT:PS", {"*1/*3A", "*3B/*3C"}),
        ("0|1:7", "1|0:9", "GT:PS", {"*1/*3A", "*3B/*3C"}),
        ("0/1:7", "0/1:7", "GT:PS", {"*1/*3A", "*3B/*3C"}),
        ("30:0|1", "30:1|0", "DP:GT", {"*3B/*3C"}),
    ],
)
def test_phase_decides_between_cis_and_trans(first, second, fmt, diplotypes, tmp_path):
    call = gene_row(analyze(two_loci(first, second, fmt), tmp_path))
    assert {item.split("=")[0] for item in call.candidates.split(";")} == diplotypes
    assert call.n_candidates == len(diplotypes)
    assert (call.call_status == "certain") == (len(diplotypes) == 1)


@pytest.mark.parametrize(
    ("call", "fmt", "genotype", "phase_set"),
    [
        ("0|1", "GT", "T|C", "chr6"),
        ("1|0", "GT", "C|T", "chr6"),
        ("0|1:18130000", "GT:PS", "T|C", "18130000"),
        ("0/1", "GT", "T/C", ""),
        ("0/1:18130000", "GT:PS", "T/C", ""),
    ],
)
def test_phase_set_is_written(call, fmt, genotype, phase_set, tmp_path):
    row = locus_row(analyze(tpmt().replace(LOCUS, record(call, fmt=fmt)), tmp_path))
    assert (row["genotype"], row["phase_set"]) == (genotype, phase_set)


# Several files.


def builder_of(gene, tmp_path, samples=("S1",), **options):
    return VcfBuilder(samples=list(samples), genes=(gene,), **options)


@pytest.mark.slow
def test_files_per_chromosome_equal_the_whole(tmp_path, fx_knowledge):
    def change(builder):
        if LOCUS in builder.loci:
            builder.set(LOCUS, "T/C", "C/C")
        if "rs116855232" in builder.loci:
            builder.set("rs116855232", "C|T", "./.")
        return builder

    samples = ["S1", "S2"]
    whole = lupus_pgx.analyze(change(VcfBuilder(samples=samples)).write(tmp_path / "whole"))
    paths = [
        change(VcfBuilder(samples=samples, genes=(gene,))).write(tmp_path / gene)
        for gene in sorted(fx_knowledge.loci_by_gene, reverse=True)
    ]
    parts = lupus_pgx.analyze(paths)
    assert parts.sample_ids == samples
    assert parts.variants.to_frame().equals(whole.variants.to_frame())
    assert parts.drug_responses.to_frame().equals(whole.drug_responses.to_frame())


def test_samples_of_two_files_stand_in_file_order(tmp_path):
    first = tpmt(samples=["B", "A"]).set(LOCUS, "T/C", "T/T").write(tmp_path / "first")
    second = tpmt(samples=["C"]).set(LOCUS, "C/C").write(tmp_path / "second")
    analysis = lupus_pgx.analyze([first, second])
    assert analysis.sample_ids == ["B", "A", "C"]
    assert [state_of(analysis, sample=sample)[0] for sample in "BAC"] == ["T/C", "T/T", "C/C"]


def test_sample_in_two_files_with_the_same_loci_is_refused(tmp_path):
    first = tpmt(samples=["A", "B"]).write(tmp_path / "first")
    second = tpmt(samples=["B", "C"]).write(tmp_path / "second")
    with pytest.raises(lupus_pgx.InputError, match="'B'") as caught:
        lupus_pgx.analyze([first, second])
    assert caught.value.exit_code == 65


def test_same_file_twice_is_refused(tmp_path):
    path = tpmt().write(tmp_path / "file")
    with pytest.raises(lupus_pgx.InputError, match="'S1'"):
        lupus_pgx.analyze([path, path])


def test_phase_does_not_reach_across_files(tmp_path):
    builder = two_loci("0|1", "0|1")
    rest = [name for name in builder.loci if name != LOCUS]
    alone = two_loci("0|1", "0|1").drop(*rest).write(tmp_path / "alone")
    others = builder.drop(LOCUS).write(tmp_path / "others")
    call = gene_row(lupus_pgx.analyze([alone, others]))
    assert pd.isna(call.missing_loci)
    assert {item.split("=")[0] for item in call.candidates.split(";")} == {"*1/*3A", "*3B/*3C"}


def test_notes_of_several_files_stay_with_their_samples(tmp_path):
    paths = [
        tpmt(samples=[name], meta=[f'##FILTER=<ID=from{name},Description="Of one file">'])
        .replace(LOCUS, record("0/1", filters=f"from{name}"))
        .write(tmp_path / name)
        for name in ("A", "B")
    ]
    analysis = lupus_pgx.analyze(paths)
    assert [locus_row(analysis, sample=name)["note"] for name in ("A", "B")] == ["FILTER fromA", "FILTER fromB"]


def test_unexpected_alleles_of_several_files_keep_their_letters(tmp_path):
    first = tpmt(samples=["A"]).replace(LOCUS, record("0/1", alts="A")).write(tmp_path / "first")
    second = tpmt(samples=["B"]).replace(LOCUS, record("0/1", alts="TT")).write(tmp_path / "second")
    third = tpmt(samples=["C"]).replace(LOCUS, record("0/1", alts="*")).write(tmp_path / "third")
    analysis = lupus_pgx.analyze([first, second, third])
    assert state_of(analysis, sample="A")[0] == "T/A"
    assert state_of(analysis, sample="C")[0] == "T/*"


def test_files_of_two_builds_are_refused(tmp_path):
    paths = [tpmt(build=build, samples=[build]).write(tmp_path / build) for build in ("GRCh37", "GRCh38")]
    with pytest.raises(lupus_pgx.InputError, match="same build"):
        lupus_pgx.analyze(paths)


@pytest.mark.parametrize("order", [1, -1])
def test_observed_genotype_beats_what_another_file_assumes(order, tmp_path):
    """Per-chromosome files declare every contig; only one of them has the records."""
    meta = ["##contig=<ID=chr6,length=170805979>", "##contig=<ID=chr13,length=114364328>"]
    carrier = tpmt(meta=list(meta)).set(LOCUS, "C/C").write(tmp_path / "chr6")
    other = VcfBuilder(genes=("NUDT15",), meta=list(meta)).write(tmp_path / "chr13")
    analysis = lupus_pgx.analyze([carrier, other][::order], absent="reference")
    assert state_of(analysis) == ("C/C", "observed")


def test_a_haplotype_on_which_records_agree_stands(tmp_path):
    """Two records put two lengths of the UGT1A1 repeat on one haplotype; on the other both say reference."""
    builder = VcfBuilder(genes=("UGT1A1",)).set("rs887829", "T|T")
    place = 233760233
    builder.replace(
        "rs3064744",
        Rec("chr2", place, "C", "CAT", ["0|1"]),
        Rec("chr2", place, "C", "CATAT", ["0|1"]),
    )
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["UGT1A1"])
    row = analysis.variants.to_frame().set_index("locus").loc["rs3064744"]
    assert (row.status, row.genotype) == ("half_call", "CAT|.")
    call = analysis.diplotypes.to_frame().set_index("gene").loc["UGT1A1"]
    # rs887829 T on both: with the repeat of the genome on one haplotype it is *80 there.
    assert call.diplotype.startswith("*80/")
    assert call.call_status != "certain"
    assert "rs3064744" in call.missing_essential
