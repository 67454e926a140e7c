"""The genome build is proven from the file, or the file is refused."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

# Lengths of chromosome 6 as the assemblies publish them.
CHR6 = {"GRCh37": 171_115_067, "GRCh38": 170_805_979, "T2T-CHM13": 172_126_628}

OTHER = {"GRCh37": "GRCh38", "GRCh38": "GRCh37"}


def proof_of(path, **options):
    analysis = lupus_pgx.analyze(path, **options)
    ((_, proof),) = analysis.results.genotypes.proofs
    return str(proof.build), proof.proof


def one_record(**options):
    """Return a file that says too little about its build: one record, no lengths, no tags."""
    builder = VcfBuilder(genes=("TPMT",), lengths=False, **options)
    return builder.drop(*[name for name in builder.loci if name != "rs1142345"])


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("kind", ["vcf", "vcf.gz", "bcf"])
def test_lengths_prove_the_build(build, kind, tmp_path):
    found, proof = proof_of(VcfBuilder(build=build, genes=("TPMT",)).write(tmp_path / "file", kind))
    assert found == build
    assert "contig length" in proof


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_one_declared_length_is_enough(build, tmp_path):
    builder = one_record(build=build)
    name = builder.chrom("chr6")
    text = builder.text().replace(f"##contig=<ID={name}>", f"##contig=<ID={name},length={CHR6[build]}>")
    path = tmp_path / "file.vcf"
    path.write_text(text)
    assert proof_of(path)[0] == build


@pytest.mark.parametrize(
    ("build", "tag"),
    [
        ("GRCh37", "GRCh37"),
        ("GRCh37", "hg19"),
        ("GRCh37", "b37"),
        ("GRCh37", "hs37d5"),
        ("GRCh37", "GRCh37.p13"),
        ("GRCh38", "GRCh38"),
        ("GRCh38", "hg38"),
        ("GRCh38", "GRCh38.p14"),
    ],
)
def test_assembly_tags_prove_the_build(build, tag, tmp_path):
    builder = one_record(build=build)
    builder.meta.append(f"##contig=<ID={builder.chrom('chr21')},assembly={tag}>")
    found, proof = proof_of(builder.write(tmp_path / "file"))
    assert found == build
    assert tag in proof


@pytest.mark.parametrize(
    ("build", "reference"),
    [
        ("GRCh37", "file:///refs/human_g1k_v37.fasta"),
        ("GRCh37", "hs37d5.fa.gz"),
        ("GRCh37", "ftp://example.org/hg19/ucsc.hg19.fasta"),
        ("GRCh38", "file:///refs/GRCh38_full_analysis_set_plus_decoy_hla.fa"),
        ("GRCh38", "HG38.fa"),
        ("GRCh38", "file:///refs/Homo_sapiens_assembly38.fasta"),
    ],
)
def test_reference_line_proves_the_build(build, reference, tmp_path):
    builder = one_record(build=build)
    builder.meta.append(f"##reference={reference}")
    found, proof = proof_of(builder.write(tmp_path / "file"))
    assert found == build
    assert "reference" in proof


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("prefix", [True, False])
@pytest.mark.parametrize("kind", ["vcf", "vcf.gz"])
def test_bases_prove_the_build_without_a_header(build, prefix, kind, tmp_path):
    builder = VcfBuilder(build=build, prefix=prefix, lengths=False)
    found, proof = proof_of(builder.write(tmp_path / "file", kind))
    assert found == build
    assert "bases" in proof


def test_bases_prove_the_build_whatever_genes_are_asked_for(tmp_path):
    path = VcfBuilder(lengths=False).write(tmp_path / "file")
    assert proof_of(path, genes=["FCGR3A"])[0] == "GRCh38"


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_too_few_records_prove_nothing(build, tmp_path):
    with pytest.raises(lupus_pgx.InputError, match=r"build=.GRCh38. or build=.GRCh37.") as caught:
        lupus_pgx.analyze(one_record(build=build).write(tmp_path / "file"))
    assert caught.value.exit_code == 65
    assert "cannot be proven" in str(caught.value)


def test_records_elsewhere_prove_nothing(tmp_path):
    builder = one_record().drop("rs1142345")
    builder.add(*[Rec("chr6", 30_000_000 + number, "A", "G", ["0/1"]) for number in range(50)])
    with pytest.raises(lupus_pgx.InputError, match="cannot be proven"):
        lupus_pgx.analyze(builder.write(tmp_path / "file"))


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_stated_build_is_taken_where_nothing_contradicts(build, tmp_path):
    path = one_record(build=build).set("rs1142345", "T/C").write(tmp_path / "file")
    analysis = lupus_pgx.analyze(path, build=build)
    frame = analysis.variants.to_frame().set_index("locus")
    assert analysis.build == build
    assert frame.genotype["rs1142345"] == "T/C"


@pytest.mark.parametrize("name", ["GRCh38", "grch38", "hg38"])
def test_stated_build_is_known_by_its_usual_names(name, tmp_path):
    assert lupus_pgx.analyze(one_record().write(tmp_path / "file"), build=name).build == "GRCh38"


@pytest.mark.parametrize("name", ["GRCh39", "38", "mm10", ""])
def test_unknown_build_is_a_usage_error(name, tmp_path):
    with pytest.raises(lupus_pgx.UsageError, match="GRCh37 or GRCh38"):
        lupus_pgx.analyze(one_record().write(tmp_path / "file"), build=name)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("lengths", [True, False], ids=["lengths", "bases"])
def test_stated_build_that_contradicts_is_refused(build, lengths, tmp_path):
    path = VcfBuilder(build=build, lengths=lengths).write(tmp_path / "file")
    with pytest.raises(lupus_pgx.InputError, match=OTHER[build]) as caught:
        lupus_pgx.analyze(path, build=OTHER[build])
    assert build in str(caught.value)
    assert caught.value.exit_code == 65


def test_mixed_lengths_are_refused(tmp_path):
    builder = VcfBuilder(genes=("TPMT",))
    builder.meta.append("##contig=<ID=chr1,length=249250621>")  # GRCh37 beside chr6 of GRCh38
    with pytest.raises(lupus_pgx.InputError, match="mixes"):
        lupus_pgx.analyze(builder.write(tmp_path / "file"))


def test_mixed_tags_are_refused(tmp_path):
    builder = one_record()
    builder.meta += ["##reference=hg19.fa", "##contig=<ID=chr21,assembly=GRCh38>"]
    with pytest.raises(lupus_pgx.InputError, match="both builds"):
        lupus_pgx.analyze(builder.write(tmp_path / "file"))


def test_other_assembly_is_refused(tmp_path):
    builder = one_record()
    text = builder.text().replace("##contig=<ID=chr6>", f"##contig=<ID=chr6,length={CHR6['T2T-CHM13']}>")
    path = tmp_path / "file.vcf"
    path.write_text(text)
    with pytest.raises(lupus_pgx.InputError, match="neither"):
        lupus_pgx.analyze(path)


def test_lengths_of_unplaced_contigs_do_not_disturb(tmp_path):
    builder = VcfBuilder(genes=("TPMT",))
    builder.meta += ["##contig=<ID=chrUn_KI270302v1,length=2274>", "##contig=<ID=HLA-A*01:01,length=3503>"]
    assert proof_of(builder.write(tmp_path / "file"))[0] == "GRCh38"


def test_other_strand_is_refused(tmp_path):
    """REF and ALT of the opposite strand: most records disagree with the genome."""
    builder = VcfBuilder(genes=("TPMT",))
    swap = str.maketrans("ACGT", "TGCA")
    for (rec,) in builder.records.values():
        rec.ref, rec.alts = rec.ref.translate(swap), rec.alts.translate(swap)
    with pytest.raises(lupus_pgx.InputError, match="REF"):
        lupus_pgx.analyze(builder.write(tmp_path / "file"))


@pytest.mark.parametrize(("genotype", "diplotype"), [("T/T", "*1/*1"), ("T/C", "*1/*3"), ("C/C", "*3/*3")])
def test_swapped_alleles_give_the_same_diplotype(genotype, diplotype, tmp_path):
    """rs776746: GRCh38 carries T (*1), GRCh37 carries C (*3)."""
    seen = {}
    for build in ("GRCh37", "GRCh38"):
        path = VcfBuilder(build=build).set("rs776746", genotype).write(tmp_path / build)
        analysis = lupus_pgx.analyze(path)
        row = analysis.variants.to_frame().set_index("locus").loc["rs776746"]
        seen[build] = (row.ref, row.alt, "".join(sorted(row.genotype)))
        calls = analysis.diplotypes.to_frame().set_index("gene")
        assert (calls.diplotype["CYP3A5"], calls.call_status["CYP3A5"]) == (diplotype, "certain")
    assert seen["GRCh38"][:2] == ("T", "C")
    assert seen["GRCh37"][:2] == ("C", "T")
    assert seen["GRCh37"][2] == seen["GRCh38"][2] == "".join(sorted(genotype))


def test_both_builds_give_the_same_calls(tmp_path):
    calls = []
    for build in ("GRCh37", "GRCh38"):
        builder = VcfBuilder(build=build).set("rs1142345", "T|C").set("rs1800460", "C|T")
        builder.set("rs746071566", "AGGAGTC/A").set("rs776746", "T/C").set("rs71785313", "AATAATT/A")
        analysis = lupus_pgx.analyze(builder.write(tmp_path / build))
        stars = analysis.diplotypes.to_frame().set_index("gene").diplotype.dropna().to_dict()
        markers = analysis.markers.to_frame().set_index(["gene", "marker"]).genotype
        calls.append((stars, markers.dropna().to_dict()))
    assert calls[0] == calls[1]
    assert {gene: calls[0][0][gene] for gene in ("CYP3A5", "NUDT15", "TPMT")} == {
        "CYP3A5": "*1/*3",
        "NUDT15": "*1/*9",
        "TPMT": "*1/*3A",
    }
    assert calls[0][1]["APOL1", "risk haplotypes"] == "G0/G2"
    assert len(calls[0][1]) == len(lupus_pgx.load_knowledge().markers_by_key)
