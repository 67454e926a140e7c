"""Reads at loci without a record: what they settle, what they leave open, and what they may not do."""

from __future__ import annotations

import json

import numpy as np
import pysam
import pytest
from aligned import Aligner, make_older, write_reads
from builder import Rec, VcfBuilder
from helpers import warned
from hypothesis import given
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.errors import InputError, InputMissingError, UsageError
from lupus_pgx.genotypes.coverage import Finding, judge_reads, weighed
from lupus_pgx.reads.counts import Counts, Place, Tally

KNOWLEDGE = lupus_pgx.load_knowledge()
GENES = ("TPMT", "NUDT15", "CYP2C19", "SLCO1B1", "UGT1A1")
OTHERS = {"rs1142345": ("T", "C"), "rs116855232": ("T", "T"), "rs4244285": ("G", "A"), "rs4149056": ("T", "C")}
NEVER = "rs3064744"


def loci_of(*genes):
    return [locus for gene in genes for locus in KNOWLEDGE.loci_by_gene[gene]]


def aligner(*genes, **options) -> Aligner:
    return Aligner(loci_of(*genes), **options)


@pytest.fixture
def fx_run(tmp_path):
    """Analyze a file that has records of VKORC1 only (or that of a builder) with alignments; return the variants."""

    def run(alignments, file=None, **options):
        file = file or VcfBuilder(genes=("VKORC1",), build=options.get("build", "GRCh38"))
        options.setdefault("build", "GRCh38")
        path = file.write(tmp_path / "calls", kind="vcf")
        return lupus_pgx.analyze(path, alignments=alignments, **options)

    return run


def by_locus(analysis, sample=None):
    frame = analysis.variants.to_frame()
    return (frame if sample is None else frame[frame.sample_id == sample]).set_index("locus")


def call_of(analysis, gene):
    return analysis.diplotypes.to_frame().set_index("gene").loc[gene]


# Depth: the more reads, the more is settled; nothing is settled wrongly at any depth.


@pytest.mark.parametrize("kind", ["bam", "cram"])
@pytest.mark.parametrize(
    ("depth", "settled", "unknown"), [(5, 0.0, 0.95), (15, 0.8, 0.05), (30, 0.97, 0.0)], ids=["5x", "15x", "30x"]
)
def test_reads_settle_loci_by_depth(tmp_path, fx_run, kind, depth, settled, unknown):
    made = aligner(*GENES, seed=depth)
    for locus, letters in OTHERS.items():
        made.carry(locus, *letters)
    variants = by_locus(fx_run(made.write(tmp_path / f"reads.{kind}", depth), genes=[*GENES, "VKORC1"]))
    read = variants[variants.gene != "VKORC1"].drop(NEVER)
    plain = read.drop(list(OTHERS))
    assert (plain.status == "covered_reference").mean() >= settled
    assert (read.status == "no_record").mean() <= unknown
    assert not (read.loc[list(OTHERS)].status == "covered_reference").any()
    covered = read[read.status == "covered_reference"]
    assert (covered.genotype == covered.ref + "/" + covered.ref).all()
    assert variants.loc[NEVER].status == "no_record"
    if depth == 30:
        assert read.loc[list(OTHERS)].status.tolist() == ["doubtful"] * 4
        assert read.loc[list(OTHERS)].genotype.tolist() == ["T/C", "T/T", "G/A", "T/C"]


@pytest.mark.parametrize(
    ("gene", "locus", "letters"),
    [
        ("NUDT15", "rs746071566", ("AGGAGTC", "AGGAGTCGGAGTC")),
        ("NUDT15", "rs746071566", ("A", "AGGAGTC")),
        ("NUDT15", "rs746071566", ("A", "A")),
        ("NUDT15", "rs777311140", ("C", "CGCGG")),
        ("TPMT", "g.18149104_18149107del", ("CAAGT", "C")),
        ("CYP2C9", "rs1304490498", ("CAATGGAAAGA", "C")),
        ("CYP2C9", "g.94949163del", ("AT", "A")),
        ("APOL1", "rs71785313", ("AATAATT", "A")),
    ],
)
def test_an_insertion_or_deletion_in_reads_is_doubtful_with_its_genotype(tmp_path, fx_run, gene, locus, letters):
    reads = aligner(gene).carry(locus, *letters).write(tmp_path / "reads.bam", depth=60)
    variants = by_locus(fx_run(reads, genes=[gene, "VKORC1"]))
    assert variants.loc[locus].status == "doubtful"
    assert sorted(variants.loc[locus].genotype.split("/")) == sorted(letters)


@pytest.mark.parametrize("locus", ["rs746071566", "rs777311140", "rs761191455"])
def test_reads_of_the_genome_settle_an_indel_locus(tmp_path, fx_run, locus):
    variants = by_locus(fx_run(aligner("NUDT15").write(tmp_path / "reads.bam", depth=30)))
    assert variants.loc[locus].status == "covered_reference"


def test_an_indel_placed_elsewhere_in_its_repeat_is_the_same_allele():
    sequence = "ACGTTGCAAC" + "A" + "GGAGTC" * 3 + "TTACGATTGC"
    start = 1000
    place = Place("chr13", 1010, 1028, ("A" + "GGAGTC" * 3, "A" + "GGAGTC" * 2), single=False)
    header = pysam.AlignmentHeader.from_dict({"SQ": [{"SN": "chr13", "LN": 9000}]})
    counted = []
    for before in (11, 15, 17, 23):
        read = pysam.AlignedSegment(header)
        read.query_sequence = sequence[:11] + sequence[17:]
        read.query_name, read.reference_id, read.reference_start, read.mapping_quality = "r", 0, start - 1, 60
        read.cigartuples = [(0, before), (2, 6), (0, len(sequence) - 6 - before)]
        read.query_qualities = pysam.qualitystring_to_array("I" * (len(sequence) - 6))
        tally = Tally([place])
        tally.look(read)
        counted.append(dict(tally.counts()[0].alleles))
    assert counted == [{1: 1}] * 4


@pytest.mark.parametrize("locus", ["rs1142345", "rs9333570"], ids=["essential", "other"])
def test_no_call_rests_on_a_letter_that_no_allele_has(tmp_path, fx_run, locus):
    made = aligner("TPMT")
    odd = next(letter for letter in "ACGT" if letter not in made.sites[locus].letters)
    reads = made.carry(locus, made.sites[locus].ref, odd).write(tmp_path / "reads.bam", depth=40)
    analysis = fx_run(reads, genes=["TPMT", "VKORC1"])
    assert set(by_locus(analysis).loc[locus].genotype) == {made.sites[locus].ref, odd, "/"}
    call = call_of(analysis, "TPMT")
    assert call.call_status not in ("certain", "probable")
    assert locus in call.missing_essential


# What it means for calls.


def test_a_call_that_rests_on_reads_is_probable_and_its_loci_are_seen(tmp_path, fx_run):
    call = call_of(fx_run(aligner("TPMT").write(tmp_path / "reads.bam", depth=40), genes=["TPMT", "VKORC1"]), "TPMT")
    assert (call.diplotype, call.call_status) == ("*1/*1", "probable")
    assert call.n_observed == call.n_loci
    assert call.isna().missing_essential
    assert "read from alignments" in call.note


def test_one_locus_read_from_alignments_keeps_a_call_from_certain(tmp_path, fx_run):
    file = VcfBuilder(genes=("TPMT",))
    reads = aligner("TPMT").write(tmp_path / "reads.bam", depth=40)
    assert call_of(fx_run(reads, file), "TPMT").call_status == "certain"
    assert call_of(fx_run(reads, file.drop("rs1142345")), "TPMT").call_status == "probable"


def test_reads_allow_the_usual_dose_and_a_carrier_in_them_does_not(tmp_path, fx_run):
    genes, drug = ["TPMT", "NUDT15", "VKORC1"], "azathioprine"
    plain = fx_run(aligner("TPMT", "NUDT15").write(tmp_path / "plain.bam", depth=40), genes=genes)
    assert plain.patient("S1").drug(drug).action.value == "standard"
    made = aligner("TPMT", "NUDT15").carry("rs1142345", "T", "C").carry("rs116855232", "C", "T")
    carrier = fx_run(made.write(tmp_path / "carrier.bam", depth=40), genes=genes)
    assert carrier.patient("S1").drug(drug).action.value != "standard"
    without = fx_run(None, genes=genes)
    assert without.patient("S1").drug(drug).response.value == "indeterminate"


# Never overrides a record.


@pytest.mark.parametrize("genotype", ["T/T", "T/C", "./.", "T/."])
def test_reads_never_override_a_record(tmp_path, fx_run, genotype):
    reads = aligner("TPMT").carry("rs1142345", "C", "C").write(tmp_path / "reads.bam", depth=40)
    file = VcfBuilder(genes=("TPMT",)).set("rs1142345", genotype)
    with_reads, without = by_locus(fx_run(reads, file)), by_locus(fx_run(None, file))
    assert with_reads.loc["rs1142345"].to_dict() == pytest.approx(without.loc["rs1142345"].to_dict(), nan_ok=True)


def test_a_filtered_record_stays_filtered(tmp_path, fx_run):
    file = VcfBuilder(genes=("TPMT",))
    file.records["rs1142345"][0].filters = "LowQual"
    reads = aligner("TPMT").write(tmp_path / "reads.bam", depth=40)
    assert by_locus(fx_run(reads, file)).loc["rs1142345"].status == "filtered"


def test_a_deletion_that_the_file_states_is_not_covered_by_reads(tmp_path, fx_run):
    site = KNOWLEDGE.loci_by_gene["TPMT"][0].sites["GRCh38"]
    file = VcfBuilder(genes=("TPMT", "VKORC1")).drop_gene("TPMT")
    file.add(
        Rec(file.chrom(site.chrom), site.pos - 200, "N", "<DEL>", ["0/1"], info=f"SVTYPE=DEL;END={site.pos + 200}")
    )
    reads = aligner("TPMT").write(tmp_path / "reads.bam", depth=40)
    found = by_locus(fx_run(reads, file))
    assert found.loc[KNOWLEDGE.loci_by_gene["TPMT"][0].name].status not in ("covered_reference", "observed")


# The absent policy is tested by reads.


def test_an_assumption_that_reads_contradict_falls(tmp_path, fx_run):
    reads = aligner("TPMT").carry("rs1142345", "T", "C").write(tmp_path / "reads.bam", depth=40)
    file = VcfBuilder(genes=("TPMT", "VKORC1")).drop("rs1142345")
    analysis = fx_run(reads, file, absent="reference")
    assert by_locus(analysis).loc["rs1142345"].status == "doubtful"
    assert by_locus(fx_run(None, file, absent="reference")).loc["rs1142345"].status == "assumed_reference"
    assert call_of(analysis, "TPMT").diplotype == "*1/*3C"


def test_an_assumption_without_reads_falls(tmp_path, fx_run):
    reads = aligner("NUDT15").write(tmp_path / "reads.bam", depth=40)
    file = VcfBuilder(genes=("TPMT", "VKORC1")).drop("rs1142345")
    found = by_locus(fx_run(reads, file, absent="reference")).loc["rs1142345"]
    assert (found.status, "not assumed" in found.note) == ("no_record", True)


def test_a_few_reads_that_agree_leave_an_assumption(tmp_path, fx_run):
    made = aligner("TPMT", seed=3)
    reads = made.write(tmp_path / "reads.bam", depth=6, error=0)
    file = VcfBuilder(genes=("TPMT", "VKORC1"))
    file.drop(*(name for name in made.sites if name != "rs1142345")).like_a_genome()
    statuses = by_locus(fx_run(reads, file, absent="reference")).query("gene == 'TPMT'").status.drop("rs1142345")
    assert set(statuses) == {"assumed_reference", "covered_reference", "no_record"}


# Loci where reads decide nothing.


@pytest.mark.parametrize(("gene", "locus"), [("CYP2D6", "rs3892097"), ("FCGR3A", "rs396991"), ("FCGR2A", "rs1801274")])
def test_reads_decide_nothing_where_a_like_gene_is(tmp_path, fx_run, gene, locus):
    found = by_locus(fx_run(aligner(gene).write(tmp_path / "reads.bam", depth=60), genes=[gene, "VKORC1"])).loc[locus]
    assert found.status == "no_record"
    assert found.isna().genotype
    assert "like gene" in found.note


def test_reads_decide_nothing_where_most_may_lie_elsewhere(tmp_path, fx_run):
    made = aligner("TPMT")
    reads = made.segments(made.reads(30)) + made.segments(made.reads(60), mapping=3)
    found = by_locus(fx_run(write_reads(tmp_path / "reads.bam", made.header(), reads))).loc["rs1142345"]
    assert (found.status, "lie elsewhere" in found.note) == ("no_record", True)


@pytest.mark.parametrize(
    "changes",
    [{"mapping": 19}, {"mapping": 255}, {"quality": 19}, {"flag": 0x400}, {"flag": 0x100}, {"flag": 0x800},
     {"flag": 0x200}],
    ids=str,
)  # fmt: skip
def test_reads_that_are_not_used_settle_nothing(tmp_path, fx_run, changes):
    reads = aligner("TPMT").write(tmp_path / "reads.bam", depth=60, **changes)
    assert set(by_locus(fx_run(reads)).query("gene == 'TPMT'").status) == {"no_record"}


def test_two_reads_of_a_fragment_count_once(tmp_path, fx_run):
    made = aligner("TPMT")
    once = made.segments(made.reads(7, error=0))
    twice = [*once, *made.segments(made.reads(0))]
    for read in once:
        mate = pysam.AlignedSegment.from_dict(read.to_dict(), read.header)
        mate.flag = 0x80 | 0x1
        twice.append(mate)
    one = by_locus(fx_run(write_reads(tmp_path / "one.bam", made.header(), once))).query("gene == 'TPMT'")
    both = by_locus(fx_run(write_reads(tmp_path / "two.bam", made.header(), twice))).query("gene == 'TPMT'")
    assert one.note.tolist() == both.note.tolist()


# The rule itself.


@pytest.mark.parametrize(
    ("own", "others", "finding"),
    [
        (3, 0, Finding.NOTHING), (4, 0, Finding.FEW_ALIKE), (6, 0, Finding.FEW_ALIKE), (7, 0, Finding.ONLY_REFERENCE),
        (9, 0, Finding.ONLY_REFERENCE), (3, 1, Finding.OPEN), (0, 4, Finding.OPEN),
        (10, 0, Finding.REFERENCE), (15, 1, Finding.OPEN), (16, 1, Finding.REFERENCE), (21, 2, Finding.OPEN),
        (22, 2, Finding.REFERENCE), (60, 3, Finding.OPEN), (0, 30, Finding.OPEN), (2, 1, Finding.NOTHING),
    ],
)  # fmt: skip
def test_how_many_reads_are_enough(own, others, finding):
    counts = Counts()
    counts.alleles.update({0: own, 1: others})
    assert judge_reads(counts, 0)[0] is finding


@pytest.mark.parametrize(
    ("letters", "status", "said"),
    [("T", "no_record", "fewer than 7 reads, which rule no second allele out"), ("TC", "doubtful", ""),
     ("C", "doubtful", "")],
    ids=["the genome's base", "both", "the other base"],
)  # fmt: skip
def test_absence_needs_more_reads_than_presence(tmp_path, fx_run, letters, status, said):
    """Six reads: those of another base speak, those of the genome's base alone rule nothing out."""
    made = aligner("TPMT")
    site = made.sites["rs1142345"]
    texts = [letters[number % len(letters)] for number in range(6)]
    reads = [(site.chrom, site.pos - 20, "".join(_around_site(made, site, 20, text)), [(0, 41)]) for text in texts]
    path = write_reads(tmp_path / "reads.bam", made.header(), made.segments(reads))
    found = by_locus(fx_run(path, genes=["TPMT", "VKORC1"])).loc["rs1142345"]
    assert found.status == status
    assert said in found.note
    if letters == "T":
        file = VcfBuilder(genes=("TPMT", "VKORC1")).drop("rs1142345").like_a_genome()
        assert by_locus(fx_run(path, file, absent="reference")).loc["rs1142345"].status == "assumed_reference"


def _around_site(made, site, reach, letter):
    """Return the genome around a site with another letter in its place."""
    start, bases = next(
        (start, bases)
        for (chrom, start), bases in made.genome.items()
        if chrom == site.chrom and start < site.pos < start + len(bases)
    )
    at = site.pos - start
    return [*bases[at - reach : at], letter, *bases[at + 1 : at + 1 + reach]]


@given(st.integers(0, 200), st.integers(0, 200))
def test_what_is_stated_has_no_room_for_a_heterozygote(own, others):
    counts = Counts()
    counts.alleles.update({0: own, 1: others})
    if judge_reads(counts, 0)[0] is Finding.REFERENCE:
        assert weighed({0: own, 1: others}, own + others).best[:2] == (0, 0)
        assert others < 3


@given(st.integers(0, 80), st.integers(0, 80), st.integers(0, 10))
def test_shares_of_genotypes_add_up(own, other, errors):
    doubt = weighed({0: own, 1: other}, own + other + errors)
    assert sum(share for *_, share in doubt.shares) == pytest.approx(1)
    if own == other and own > 10 and errors < 3:
        assert doubt.best[:2] == (0, 1)
        assert doubt.own > 0.99


def test_an_uneven_heterozygote_is_contested():
    assert weighed({0: 30, 1: 6}, 36).own <= 0.5


# Whose reads, and where.


def test_samples_come_from_the_read_groups(tmp_path, fx_run):
    first, second = aligner("TPMT", sample="A").carry("rs1142345", "C", "C"), aligner("TPMT", sample="B")
    header = first.header() | {"RG": [*first.header()["RG"], *second.header()["RG"]]}
    reads = write_reads(
        tmp_path / "both.bam", header, first.segments(first.reads(40)) + second.segments(second.reads(40))
    )
    analysis = fx_run(reads, VcfBuilder(genes=("VKORC1",), samples=["B", "A"]))
    assert by_locus(analysis, "A").loc["rs1142345"].genotype == "C/C"
    assert by_locus(analysis, "B").loc["rs1142345"].status == "covered_reference"


def test_a_list_and_a_mapping_name_samples(tmp_path, fx_run, caplog):
    made = aligner("TPMT", sample="in the laboratory")
    reads = made.write(tmp_path / "reads.bam", depth=40)
    listing = tmp_path / "list.tsv"
    listing.write_text("sample_id\tpath\nS1\treads.bam\n", encoding="utf-8")
    for given_as in ({"S1": reads}, str(listing), [listing]):
        assert by_locus(fx_run(given_as)).loc["rs1142345"].status == "covered_reference"
    assert "in the laboratory" in caplog.text


def test_files_of_one_sample_add_up(tmp_path, fx_run):
    parts = [aligner("TPMT", seed=1) for _ in range(3)]
    for number, part in enumerate(parts):
        part.rng = np.random.default_rng(number)
    paths = [part.write(tmp_path / f"lane{number}.bam", depth=9) for number, part in enumerate(parts)]
    one, all_of_them = by_locus(fx_run(paths[0])), by_locus(fx_run(paths))
    assert (all_of_them.status == "covered_reference").sum() > 2 * (one.status == "covered_reference").sum()


def test_a_sample_without_alignments_is_named(tmp_path, fx_run, caplog):
    file = VcfBuilder(genes=("VKORC1",), samples=["S1", "S2"])
    analysis = fx_run(aligner("TPMT").write(tmp_path / "reads.bam"), file)
    assert "no alignments for 1 of 2 samples: S2" in caplog.text
    assert by_locus(analysis, "S2").loc["rs1142345"].status == "no_record"


def test_alignments_of_strangers_are_refused(tmp_path, fx_run):
    reads = [aligner("TPMT", sample=name).write(tmp_path / f"{name}.bam", depth=5) for name in ("S1", "Z")]
    with pytest.raises(UsageError, match=r"not in the input: Z \(.*Z\.bam\)"):
        fx_run(reads)
    file = VcfBuilder(genes=("VKORC1",), samples=["S1", "Z"])
    assert fx_run(reads, file, samples=["S1"]).sample_ids == ["S1"]


@pytest.mark.parametrize("prefix", ["chr", ""])
@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_both_builds_and_spellings(tmp_path, fx_run, build, prefix):
    made = aligner("TPMT", "CYP2C19", build=build, prefix=prefix)
    analysis = fx_run(made.write(tmp_path / "reads.bam", depth=40), build=build, genes=["TPMT", "CYP2C19", "VKORC1"])
    found = by_locus(analysis)
    assert (found[found.gene != "VKORC1"].status == "covered_reference").mean() > 0.97
    if build == "GRCh37":  # its genome carries the other base
        assert found.loc["rs3758581"].genotype == "G/G"


@pytest.mark.parametrize("sex", ["male", "female"])
def test_one_copy_on_x(tmp_path, fx_run, sex):
    made = aligner("G6PD").carry("rs1050828", "T", "T")
    analysis = fx_run(made.write(tmp_path / "reads.bam", depth=40), genes=["G6PD", "VKORC1"], sex=sex)
    found = by_locus(analysis)
    copies = 1 if sex == "male" else 2
    assert found.loc["rs1050829"].status == "covered_reference"
    assert found.loc["rs1050829"].genotype.count("T") == copies
    assert found.loc["rs1050828"].genotype.count("T") == copies


# What cannot be used is said in a sentence.


def _unindexed(folder):
    return aligner("TPMT").write(folder / "reads.bam", 5, index=False)


def _older(folder):
    path = aligner("TPMT").write(folder / "reads.bam", 5)
    make_older(f"{path}.bai")
    return path


def _other_build(folder):
    return aligner("TPMT", build="GRCh37").write(folder / "reads.bam", 5)


def _nameless(folder):
    return aligner("TPMT", sample="").write(folder / "reads.bam", 5)


def _unsorted(folder):
    made = aligner("TPMT")
    header = made.header() | {"HD": {"VN": "1.6", "SO": "queryname"}}
    path = write_reads(folder / "reads.bam", header, made.segments(made.reads(5)), index=False)
    return path


def _cut(folder):
    path = folder / "reads.bam"
    aligner("TPMT").write(path, 60)
    index = (folder / "reads.bam.bai").read_bytes()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (folder / "reads.bam.bai").write_bytes(index)
    return str(path)


def _foreign_index(folder):
    path = aligner("TPMT").write(folder / "reads.bam", 5)
    (folder / "reads.bam.bai").write_bytes(b"no index at all")
    return path


def _sam(folder):
    (folder / "reads.sam").write_text("@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:248956422\n", encoding="utf-8")
    return str(folder / "reads.sam")


def _variants(folder):
    return VcfBuilder(genes=("TPMT",)).write(folder / "other", kind="vcf.gz")


def _list_of_nothing(folder):
    (folder / "list").write_text("S1\treads.bam\textra\n", encoding="utf-8")
    return str(folder / "list")


def _empty(folder):
    (folder / "list").write_text("", encoding="utf-8")
    return str(folder / "list")


def _twice(folder):
    path = aligner("TPMT").write(folder / "reads.bam", 5)
    return [path, path]


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (_unindexed, InputError, r"has no index .*samtools index"),
        (_older, InputError, r"newer than its index .*samtools index"),
        (_other_build, InputError, r"aligned to GRCh37 \(chr.* the genotypes are on GRCh38"),
        (_nameless, InputError, r"no @RG line with SM"),
        (_unsorted, InputError, r"samtools sort"),
        (_cut, InputError, r"its index .* is damaged"),
        (_foreign_index, InputError, r"its index .* is damaged"),
        (_sam, InputError, r"SAM is text"),
        (_variants, InputError, r"it is neither"),
        (_list_of_nothing, UsageError, r"expected sample<TAB>path"),
        (_empty, UsageError, r"no alignments were given"),
        (_twice, UsageError, r"given twice"),
        (lambda folder: str(folder / "gone.bam"), InputMissingError, r"no such file"),
        (lambda folder: {"S1": str(folder)}, InputError, r"must be a file"),
        (lambda _: "https://example.org/reads.bam", InputMissingError, r"no such file"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, fx_run, make, kind, says):
    with pytest.raises(kind, match=says) as caught:
        fx_run(make(tmp_path))
    assert "\n" not in str(caught.value)


def test_cram_is_decoded_with_its_genome(tmp_path, fx_run):
    made = aligner("APOL1").carry("rs71785313", "AATAATT", "A")
    fasta = made.write_fasta(tmp_path / "chr22.fa", "chr22")
    header = made.header() | {"SQ": [line for line in made.header()["SQ"] if line["SN"] == "chr22"]}
    lines = pysam.AlignmentHeader.from_dict(header)
    reads = [pysam.AlignedSegment.from_dict(read.to_dict(), lines) for read in made.segments(made.reads(40))]
    path = write_reads(tmp_path / "reads.cram", header, reads, reference_filename=fasta)
    moved = made.write_fasta(tmp_path / "given.fa", "chr22")
    (tmp_path / "chr22.fa").unlink()  # the header says where it was
    found = by_locus(fx_run(path, genes=["APOL1", "VKORC1"], reference_fasta=moved))
    assert found.loc["rs71785313"].status == "doubtful"
    assert found.loc["rs73885319"].status == "covered_reference"
    with pytest.raises(InputError, match="reference_fasta="):
        fx_run(path, genes=["APOL1", "VKORC1"])


def test_the_command_line_and_the_provenance(tmp_path, fx_cli):
    made = aligner("TPMT", "NUDT15")
    bam, cram = made.write(tmp_path / "reads.bam", 40), made.write(tmp_path / "more.cram", 10)
    vcf = VcfBuilder(genes=("VKORC1",)).write(tmp_path / "calls", kind="vcf")
    code, _, said = fx_cli(
        "analyze", vcf, "--build", "GRCh38", "--alignments", bam, "--alignments", cram, "-o", tmp_path / "out"
    )
    assert (code, warned(said)) == (0, "")
    parameters = json.loads((tmp_path / "out" / "provenance.json").read_text())["provenance"]["parameters"]
    assert parameters["alignments"] == [{"sample": None, "path": bam}, {"sample": None, "path": cram}]
    code, _, said = fx_cli("analyze", vcf, "--build", "GRCh38", "--alignments", tmp_path / "none.bam")
    assert (code, "no such file of alignments" in said) == (66, True)
