"""Files whose caller never looked at a gene, in several spellings: no drug gets its usual dose by the statement."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx.errors import LupusPgxError

GENES = ("TPMT", "NUDT15", "CYP3A5", "G6PD")
DRUGS = ["azathioprine", "tacrolimus", "dapsone"]
SPANS = lupus_pgx.load_knowledge().gene_rows


def nothing_standard(path, **options):
    """Whether no drug is at its usual dose, or the file is refused with a sentence."""
    try:
        analysis = lupus_pgx.analyze(path, genes=list(GENES), drugs=DRUGS, absent="reference", **options)
    except LupusPgxError as error:
        return bool(str(error))
    assert not analysis.variants.to_frame().status.eq("assumed_reference").any()
    return not analysis.drug_responses.to_frame().action.eq("standard").any()


def empty():
    builder = VcfBuilder(genes=GENES)
    for name in list(builder.records):
        builder.drop(name)
    return builder


# --- a header that declares every contig, and no record where the genes are ---------------------


@pytest.mark.parametrize("form", ["vcf", "vcf.gz", "bcf"])
def test_a_header_alone_is_no_look(form, tmp_path):
    assert nothing_standard(empty().write(tmp_path / "header", form))


@pytest.mark.parametrize("contig", ["chr1", "chr20", "chr21"])
def test_one_file_of_a_set_by_chromosome_speaks_for_its_own_only(contig, tmp_path):
    builder = empty().add(*[Rec(contig, 2_000_000 + 1500 * n, "A", "G", ["0/1"]) for n in range(400)])
    assert nothing_standard(builder.write(tmp_path / "chromosome", "vcf.gz"))


def test_a_run_that_stopped_at_the_start_of_each_chromosome_looked_at_no_gene(tmp_path):
    contigs = [f"chr{number}" for number in (*range(1, 23), "X")]
    builder = empty().add(*[Rec(contig, 60_000 + 900 * n, "C", "T", ["0/1"]) for contig in contigs for n in range(30)])
    assert nothing_standard(builder.write(tmp_path / "stopped", "vcf.gz"))


def test_a_run_with_blocks_up_to_the_gene_and_no_further(tmp_path):
    """A gVCF that broke off: its last block ends before TPMT, and no other chromosome was begun."""
    blocks = [
        Rec("chr6", pos, "A", "<NON_REF>", ["0/0:30:90"], "GT:DP:GQ", info=f"END={pos + 899_999}")
        for pos in range(100_000, 17_000_000, 900_000)
    ]
    assert nothing_standard(empty().add(*blocks).write(tmp_path / "broken", "vcf"))


def test_a_failed_chromosome_of_a_set_stays_unknown_beside_the_others(tmp_path):
    """chr7 has records of a genome, the file of chr6 has a header only: of TPMT nothing is assumed."""
    there = VcfBuilder(genes=("CYP3A5",)).set("rs776746", "T/C").variants_only().write(tmp_path / "chr7", "vcf.gz")
    failed = VcfBuilder(genes=("TPMT",))
    failed = failed.drop(*list(failed.records)).write(tmp_path / "chr6", "vcf.gz")
    asked = {"genes": ["TPMT", "CYP3A5"], "drugs": DRUGS, "absent": "reference", "build": "GRCh38"}
    analysis = lupus_pgx.analyze([there, failed], **asked)
    frame = analysis.variants.to_frame()
    assert set(frame[frame.gene == "TPMT"].status) == {"no_record"}
    assert "assumed_reference" in set(frame[frame.gene == "CYP3A5"].status)
    assert analysis.drug_responses.to_frame().set_index("drug").action["azathioprine"] != "standard"


# --- structure only -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alt", "info"),
    [
        ("<DEL>", "SVTYPE=DEL;END={end};SVLEN=-900"),
        ("<CN1>", "SVTYPE=CNV;END={end}"),
        ("A[chr2:5000000[", "SVTYPE=BND"),
        ("<INS>", "SVTYPE=INS;SVLEN=300"),
    ],
)
def test_structure_says_nothing_of_small_variants(alt, info, tmp_path):
    """As many records of structure as a genome has, none of them within the genes."""
    chroms = ("chr1", "chr2", "chr5", "chr9", "chr12")
    places = [(chrom, 3_000_000 + 40_000 * number) for chrom in chroms for number in range(40)]
    builder = empty().add(
        *[Rec(chrom, pos, "A", alt, ["0/1"], info=info.format(end=pos + 900)) for chrom, pos in places]
    )
    assert nothing_standard(builder.write(tmp_path / "structure", "vcf"))


def over_genes(step):
    for gene in GENES:
        row = SPANS[gene]
        yield from ((row["chrom"], pos) for pos in range(row["grch38_start"], row["grch38_end"], step))


@pytest.mark.parametrize("step", [5_000, 9_000])
@pytest.mark.parametrize(
    ("alt", "info", "cell"),
    [
        ("<INS:ME:ALU>", "SVTYPE=INS;SVLEN=281", "0/1"),
        ("<STR12>", "SVTYPE=STR;END={end};RU=CA;REPID=x", "0/1"),
        ("<DEL>", "SVTYPE=DEL;END={end};SVLEN=-900", "0/1"),
        ("<DUP>", "SVTYPE=DUP;END={end};SVLEN=900", "0/0"),
    ],
)
def test_structure_within_the_genes_states_no_base_of_them(alt, info, cell, step, tmp_path):
    """However many there are, and whether or not somebody carries them over a locus."""
    builder = empty().add(
        *[Rec(c, pos, "A", alt, [cell], info=info.format(end=pos + 900)) for c, pos in over_genes(step)]
    )
    assert nothing_standard(builder.write(tmp_path / "within", "vcf"))


@pytest.mark.parametrize("copies", [1, 2])
def test_segments_of_copies_that_reach_over_whole_chromosomes(copies, tmp_path):
    """Every base of the genome lies in a record, and none is stated by one."""
    contigs = ("chr6", "chr7", "chr13", "chrX")
    segments = [
        Rec(contig, start, "N", "<CNV>", [f"./.:{copies}"], "GT:CN", info=f"SVTYPE=CNV;END={start + 4_999_999}")
        for contig in contigs
        for start in range(1, 100_000_000, 5_000_000)
    ]
    assert nothing_standard(empty().add(*segments).write(tmp_path / "segments", "vcf"))


def test_structure_spelled_with_its_sequence(tmp_path):
    """Long deletions as long reads give them: bases in REF, no symbol, none of them at a locus of the panel."""
    places = [("chr3", 3_000_000 + 50_000 * number) for number in range(200)]
    builder = empty().add(*[Rec(chrom, pos, "A" + "CGTT" * 20, "A", ["0/1"]) for chrom, pos in places])
    assert nothing_standard(builder.write(tmp_path / "sequences", "vcf"))


# --- a capture: exons have records, the loci between them were never read ---------------------------


@pytest.mark.parametrize("width", [150, 400, 1000])
def test_a_capture_that_has_records_in_exons_is_not_a_genome(width, tmp_path):
    """Records crowd in a few windows of each gene, as in a capture; the rest of the gene is silent."""
    builder = empty()
    for gene in GENES:
        row = SPANS[gene]
        length = row["grch38_end"] - row["grch38_start"]
        for part in range(1 if length < 30_000 else 2):
            start = row["grch38_start"] + length // 3 * (part + 1)
            builder.add(*[Rec(row["chrom"], start + step, "A", "G", ["0/1"]) for step in range(0, width, 40)])
    assert nothing_standard(builder.write(tmp_path / "capture", "vcf"))


@pytest.mark.parametrize("margin", [0, 20, 50])
def test_the_regions_of_a_capture_decide_locus_by_locus(margin, tmp_path):
    """The regions hold all loci of TPMT and NUDT15, and not the intron of CYP3A5 rs776746."""
    builder = VcfBuilder(genes=("TPMT", "NUDT15", "CYP3A5")).variants_only()
    loci = [row for row in lupus_pgx.load_knowledge().rows("loci") if row["gene"] in ("TPMT", "NUDT15", "CYP3A5")]
    lines = [
        f"{row['chrom']}\t{row['grch38_pos'] - 1 - margin}\t{row['grch38_pos'] + 1 + margin}\n"
        for row in loci
        if row["locus"] != "rs776746"
    ]
    bed = tmp_path / "capture.bed"
    bed.write_text("".join(lines))
    analysis = lupus_pgx.analyze(
        builder.write(tmp_path / "capture", "vcf"),
        genes=["TPMT", "NUDT15", "CYP3A5"],
        drugs=["azathioprine", "tacrolimus"],
        absent="reference",
        called_regions=bed,
    )
    row = analysis.drug_responses.to_frame().set_index("drug")
    assert row.action["tacrolimus"] != "standard"
    assert "rs776746" in row.not_assessed["tacrolimus"]


EXONS = {gene: (SPANS[gene]["grch38_start"] + SPANS[gene]["grch38_end"]) // 2 for gene in GENES}


def capture(gene, step=40):
    """Heterozygotes over 200 bases in the middle of a gene."""
    return [Rec(SPANS[gene]["chrom"], EXONS[gene] + shift, "A", "G", ["0/1"]) for shift in range(0, 200, step)]


def test_a_capture_with_reads_off_target_is_not_a_genome(tmp_path):
    """A record in every fifth stretch of each gene comes from reads that missed their target."""
    builder = empty()
    for gene in GENES:
        builder.add(
            *capture(gene),
            *[Rec(c, pos, "C", "T", ["0/1"]) for c, pos in over_genes(11_000) if c == SPANS[gene]["chrom"]],
        )
    assert nothing_standard(builder.write(tmp_path / "off", "vcf"))


def test_blocks_of_a_capture_state_what_they_hold_and_nothing_beside(tmp_path):
    """A gVCF of a capture: the exons lie in blocks, the intron of CYP3A5 rs776746 does not."""
    builder = empty()
    for gene in GENES:
        start = EXONS[gene]
        builder.add(
            Rec(SPANS[gene]["chrom"], start, "A", "<NON_REF>", ["0/0:30:90"], "GT:DP:GQ", info=f"END={start + 300}")
        )
    assert nothing_standard(builder.write(tmp_path / "blocks", "vcf"))


@pytest.mark.parametrize("other", ["genome", "capture"])
def test_two_captures_in_one_file_do_not_add_up_to_a_genome(other, tmp_path):
    """The second sample is another capture, or a genome beside which the first has no genotype."""
    builder = VcfBuilder(genes=GENES, samples=["exome", "other"])
    for name in list(builder.records):
        if other == "genome":
            base = builder.site(name).ref
            builder.set(name, "./.", f"{base}/{base}")
        else:
            builder.drop(name)
    if other == "genome":
        builder.like_a_genome()
        for record in builder.extra:
            record.calls = ["./.", "0/1"]
    builder.add(*[Rec(r.chrom, r.pos + 7, "C", "T", ["0/1", "./."]) for gene in GENES for r in capture(gene)])
    path = builder.write(tmp_path / "two", "vcf")
    asked = {"genes": list(GENES), "drugs": DRUGS, "absent": "reference"}
    if other == "capture":
        with pytest.raises(LupusPgxError, match="no gene was looked at"):
            lupus_pgx.analyze(path, **asked)
        return
    rows = lupus_pgx.analyze(path, **asked).drug_responses.to_frame()
    assert not rows[rows.sample_id == "exome"].action.eq("standard").any()


@pytest.mark.parametrize("form", ["vcf", "vcf.gz", "bcf"])
def test_a_file_of_single_bases_says_nothing_of_insertions_and_deletions(form, tmp_path):
    """Callers' results are often parted: of NUDT15 *6 and *9, which change the length, nothing is assumed."""
    builder = VcfBuilder(genes=GENES).set("rs1142345", "T/C").variants_only()
    for record in builder.extra:
        record.alts = "G"
    alone = {"genes": list(GENES), "drugs": DRUGS, "absent": "reference"}
    builder.add(*[Rec("chr6", 18_128_400 + 41 * number, "A", "G", ["0/1"]) for number in range(600)])
    frame = lupus_pgx.analyze(builder.write(tmp_path / "single", form), **alone).variants.to_frame().set_index("locus")
    assert frame.status["rs746071566"] == "no_record"
    assert "insertion or deletion" in frame.note["rs746071566"]
    assert frame.status["rs116855232"] == "assumed_reference"
    builder.add(Rec("chr6", 18_140_003, "A", "AT", ["0/1"]))
    frame = lupus_pgx.analyze(builder.write(tmp_path / "both", form), **alone).variants.to_frame().set_index("locus")
    assert frame.status["rs746071566"] == "assumed_reference"
