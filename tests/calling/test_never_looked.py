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
