"""The build is proven from records and header together, and once for all files of a call."""

from __future__ import annotations

import io
import re
import sys

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

OTHER = {"GRCh37": "GRCh38", "GRCh38": "GRCh37"}
CONTAINERS = ("vcf", "vcf.gz", "bcf", "stdin")
# As the assemblies publish them.
LENGTHS = {
    "GRCh37": {"chr1": 249_250_621, "chr6": 171_115_067},
    "GRCh38": {"chr1": 248_956_422, "chr6": 170_805_979},
    "NCBI36": {"chr1": 247_249_719, "chr6": 170_899_992},
    "T2T-CHM13v2.0": {"chr1": 248_387_328, "chr6": 172_126_628},
}


def put(builder, path, container, monkeypatch):
    if container != "stdin":
        return builder.write(path, container)

    class Stdin:
        buffer = io.BytesIO(builder.text().encode())

    monkeypatch.setattr(sys, "stdin", Stdin)
    return "-"


def variant_only(builder, loci, genotype="0/1"):
    """Keep the records of a few loci, with a variant at each."""
    builder.drop(*[name for name in builder.loci if name not in loci])
    for name in loci:
        builder.records[name][0].calls = [genotype]
    return builder


def first(builder, gene, count):
    """Return the names of the first single-base loci of a gene."""
    chosen = [name for name, locus in builder.loci.items() if locus.gene == gene and not builder.site(name).is_indel]
    return chosen[:count]


def proofs_of(analysis):
    return [(path, str(proof.build), proof.proof) for path, proof in analysis.results.genotypes.proofs]


def header_of(build, way):
    """Return header lines that say that a file is on a build."""
    prefix = "chr" if build == "GRCh38" else ""
    return {
        "length": f"##contig=<ID={prefix}1,length={LENGTHS[build]['chr1']}>",
        "tag": f"##contig=<ID={prefix}21,assembly={build}>",
        "reference": f"##reference=file:///refs/{'hg38' if build == 'GRCh38' else 'hg19'}.fa",
        "accession": f"##contig=<ID=NC_000001.{11 if build == 'GRCh38' else 10}>",
    }[way]


# A header or a stated build that the records contradict.


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("way", ["length", "tag", "reference", "accession"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_header_that_the_records_contradict_is_refused(build, way, container, tmp_path, monkeypatch):
    builder = VcfBuilder(build=build, genes=("TPMT",), lengths=False, meta=[header_of(OTHER[build], way)])
    source = put(builder, tmp_path / "file", container, monkeypatch)
    for stated in (None, OTHER[build], build):
        if stated is not None and container == "stdin":
            break  # a pipe is read once
        with pytest.raises(lupus_pgx.InputError) as caught:
            lupus_pgx.analyze(source, build=stated, genes=["TPMT"])
        assert caught.value.exit_code == 65
        message = str(caught.value)
        assert f"the records are those of {build}" in message
        assert re.search(rf"([1-9]\d*) of \1 records at panel positions of {build} fit it", message)
        assert f"0 of 0 records at panel positions of {OTHER[build]}" in message
        assert "\n" not in message


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("way", ["length", "tag", "reference"])
def test_four_variants_contradict_a_header(build, way, tmp_path):
    builder = VcfBuilder(build=build, genes=("TPMT",), lengths=False, meta=[header_of(OTHER[build], way)])
    path = variant_only(builder, first(builder, "TPMT", 4)).write(tmp_path / "file")
    with pytest.raises(lupus_pgx.InputError, match=f"4 of 4 records at panel positions of {build} fit it"):
        lupus_pgx.analyze(path)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_stated_build_that_the_records_contradict_is_refused(build, container, tmp_path, monkeypatch):
    builder = VcfBuilder(build=build, genes=("TPMT",), lengths=False)
    with pytest.raises(lupus_pgx.InputError, match=f"stated as {OTHER[build]}, but the file is on {build}") as caught:
        lupus_pgx.analyze(put(builder, tmp_path / "file", container, monkeypatch), build=OTHER[build])
    assert f"panel positions of {build} fit it" in str(caught.value)


def test_what_was_asked_for_does_not_matter(tmp_path):
    path = VcfBuilder(genes=("TPMT",), lengths=False, meta=[header_of("GRCh37", "reference")]).write(tmp_path / "file")
    with pytest.raises(lupus_pgx.InputError, match="the records are those of GRCh38"):
        lupus_pgx.analyze(path, genes=["NUDT15"])


# No false alarm where little is said.


@pytest.mark.parametrize("way", ["length", "tag", "reference"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_records_contradict_nothing(way, count, tmp_path):
    builder = VcfBuilder(genes=("TPMT",), lengths=False, meta=[header_of("GRCh37", way)])
    builder = variant_only(builder, first(builder, "TPMT", count))
    assert lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["TPMT"]).build == "GRCh37"


def blocks(builder, build):
    """Return reference blocks that start at the positions of a build, with letters as chance has them."""
    letters = "ACGT"
    sites = [locus.sites[build] for locus in builder.loci.values()]
    return [
        Rec(
            builder.chrom(site.chrom), site.pos, letters[site.pos % 4], "<NON_REF>", ["0/0"], info=f"END={site.pos + 9}"
        )
        for site in sites
    ]


def bases(builder, build, ref, alts="<DEL>"):
    return [
        Rec(builder.chrom(locus.sites[build].chrom), locus.sites[build].pos, ref, alts, ["0/0"])
        for locus in builder.loci.values()
    ]


NOISE = {
    "reference blocks": blocks,
    "symbolic, REF unknown": lambda builder, build: bases(builder, build, "N"),
    "symbolic": lambda builder, build: bases(builder, build, "A"),
    "small variants": lambda builder, build: bases(builder, build, "A", "C,G,T"),
    "indels": lambda builder, build: bases(builder, build, "A", "AT"),
}


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("container", ["vcf", "vcf.gz", "bcf"])
def test_chance_records_at_the_positions_of_the_other_build_are_no_contradiction(build, noise, container, tmp_path):
    builder = VcfBuilder(build=build, genes=("TPMT", "NUDT15", "CYP2C19"))
    variant_only(builder, first(builder, "CYP2C19", 3))
    builder.add(*NOISE[noise](builder, lupus_pgx.terms.Build(OTHER[build])))
    assert lupus_pgx.analyze(builder.write(tmp_path / "file", container), genes=["TPMT"]).build == build


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("change", ["lower case", "several ALTs", "split", "indels only", "reference blocks"])
def test_records_of_every_kind_fit_their_build(build, change, tmp_path):
    genes = ("TPMT", "NUDT15", "CYP2C19", "UGT1A1", "APOL1", "CYP3A5")
    builder = VcfBuilder(build=build, genes=genes, lengths=False)
    for name, (rec,) in list(builder.records.items()):
        if change == "lower case":
            rec.ref, rec.alts = rec.ref.lower(), rec.alts.lower()
        elif change == "several ALTs" and len(rec.ref) == 1:
            others = [letter for letter in "ACGT" if letter not in (rec.ref, *rec.alts.split(","))]
            rec.alts = ",".join([rec.alts, *others])
        elif change == "split" and "," in rec.alts:
            split = [Rec(rec.chrom, rec.pos, rec.ref, alt, ["0/0"]) for alt in rec.alts.split(",")]
            builder.replace(name, *split)
        elif change == "indels only" and not builder.site(name).is_indel:
            builder.drop(name)
        elif change == "reference blocks":
            rec.ref, rec.alts, rec.info, rec.calls = rec.ref[0], "<NON_REF>", f"END={rec.pos}", ["0/0"]
    path = builder.write(tmp_path / "file", "vcf")
    assert lupus_pgx.analyze(path, genes=genes).build == build
    with pytest.raises(lupus_pgx.InputError, match=f"on {build}"):
        lupus_pgx.analyze(path, genes=genes, build=OTHER[build])


def test_wrong_letters_alone_prove_no_other_build(tmp_path):
    """Records that disagree with one build say nothing for the other, at whose positions nothing stands."""
    builder = VcfBuilder(genes=("TPMT",), lengths=False)
    swap = str.maketrans("ACGT", "TGCA")
    for (rec,) in builder.records.values():
        rec.ref, rec.alts = rec.ref.translate(swap), rec.alts.translate(swap)
    with pytest.raises(lupus_pgx.InputError, match="cannot be proven"):
        lupus_pgx.analyze(builder.write(tmp_path / "file"))


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("container", ["vcf", "vcf.gz", "bcf"])
def test_lengths_that_end_with_the_last_record_do_not_disturb(build, container, tmp_path):
    """As PLINK writes them."""
    builder = VcfBuilder(build=build, genes=("TPMT",), lengths=False, prefix=False)
    builder.meta.append("##contig=<ID=22,length=51222101>")
    builder.meta.append("##contig=<ID=21,length=46679901>")
    path = builder.write(tmp_path / "file", container)
    assert lupus_pgx.analyze(path).build == build
    few = variant_only(builder, first(builder, "TPMT", 1)).write(tmp_path / "few", container)
    with pytest.raises(lupus_pgx.InputError, match="neither"):
        lupus_pgx.analyze(few)


# One proof for the files of a call.


def per_chromosome(build, tmp_path, container, **options):
    """Return files of one chromosome and one variant each."""
    paths = []
    for gene in ("TPMT", "CYP3A5", "CYP2C19", "NUDT15", "UGT1A1"):
        builder = VcfBuilder(build=build, genes=(gene,), lengths=False, **options)
        name = first(builder, gene, 1)
        paths.append(variant_only(builder, name).write(tmp_path / gene, container))
    return paths


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("container", ["vcf", "vcf.gz", "bcf"])
def test_files_that_prove_nothing_alone_prove_the_build_together(build, container, tmp_path):
    paths = per_chromosome(build, tmp_path, container)
    for path in paths:
        with pytest.raises(lupus_pgx.InputError, match="cannot be proven"):
            lupus_pgx.analyze(path)
    analysis = lupus_pgx.analyze(paths)
    proofs = proofs_of(analysis)
    assert [path for path, _, _ in proofs] == paths
    assert {found for _, found, _ in proofs} == {build}
    assert all("files" in proof for _, _, proof in proofs)
    assert len(analysis.provenance.inputs) == len(paths)
    assert (analysis.variants.to_frame().status == "observed").sum() == len(paths)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("place", [0, 2, 5])
def test_one_file_that_is_proven_serves_the_others(build, place, tmp_path):
    paths = per_chromosome(build, tmp_path, "vcf")[:2]
    proven = VcfBuilder(build=build, genes=("VKORC1", "SLCO1B1")).write(tmp_path / "proven", "vcf")
    paths.insert(min(place, len(paths)), proven)
    proofs = proofs_of(lupus_pgx.analyze(paths))
    assert [path for path, _, _ in proofs] == paths
    assert {found for _, found, _ in proofs} == {build}
    assert all(proven in proof for path, _, proof in proofs if path != proven)


def test_too_little_in_all_files_proves_nothing(tmp_path):
    with pytest.raises(lupus_pgx.InputError, match="all files together") as caught:
        lupus_pgx.analyze(per_chromosome("GRCh38", tmp_path, "vcf")[:2])
    assert "build=" in str(caught.value)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("lengths", [True, False])
def test_files_of_different_builds_are_named(build, lengths, tmp_path):
    one = VcfBuilder(build=build, genes=("TPMT",), lengths=lengths).write(tmp_path / "one")
    two = VcfBuilder(build=OTHER[build], genes=("NUDT15",), lengths=lengths).write(tmp_path / "two")
    with pytest.raises(lupus_pgx.InputError, match="same build") as caught:
        lupus_pgx.analyze([one, two])
    assert f"{one} is {build}" in str(caught.value)
    assert f"{two} is {OTHER[build]}" in str(caught.value)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_file_that_leans_to_another_build_is_not_taken_along(build, order, tmp_path):
    """Two variants prove nothing by themselves, but enough that the proof of another file does not count."""
    proven = VcfBuilder(build=build, genes=("TPMT",)).write(tmp_path / "proven")
    builder = VcfBuilder(build=OTHER[build], genes=("NUDT15",), lengths=False)
    leaning = variant_only(builder, first(builder, "NUDT15", 2)).write(tmp_path / "leaning")
    with pytest.raises(lupus_pgx.InputError, match="same build") as caught:
        lupus_pgx.analyze([proven, leaning][::order])
    assert proven in str(caught.value)
    assert leaning in str(caught.value)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("said", ["stated", "header"])
def test_what_is_said_is_held_against_the_records_of_all_files(build, said, tmp_path):
    meta = [header_of(OTHER[build], "reference")] if said == "header" else []
    paths = per_chromosome(build, tmp_path, "vcf", meta=meta)
    stated = OTHER[build] if said == "stated" else None
    with pytest.raises(lupus_pgx.InputError, match=f"together their records are those of {build}"):
        lupus_pgx.analyze(paths, build=stated)


# Assemblies that are known and not read.

FOREIGN = {
    "NCBI36": ["##contig=<ID=chr21,assembly=hg18>", "##contig=<ID=6,assembly=NCBI36>", "##reference=/refs/hg18.fa"],
    "T2T-CHM13v2.0": [
        "##contig=<ID=chr21,assembly=T2T-CHM13v2.0>",
        "##reference=file:///refs/chm13v2.0.fa.gz",
        "##reference=hs1.fa",
    ],
}


@pytest.mark.parametrize(("assembly", "line"), [(name, line) for name, lines in FOREIGN.items() for line in lines])
@pytest.mark.parametrize("stated", [None, "GRCh38"])
def test_another_assembly_is_named_by_its_tags(assembly, line, stated, tmp_path):
    builder = VcfBuilder(genes=("TPMT",), lengths=False, meta=[line])
    path = variant_only(builder, first(builder, "TPMT", 1)).write(tmp_path / "file", "vcf")
    with pytest.raises(lupus_pgx.InputError, match=assembly) as caught:
        lupus_pgx.analyze(path, build=stated)
    assert caught.value.exit_code == 65
    assert "lift it over or call again" in str(caught.value)
    assert "GRCh37 and GRCh38" in str(caught.value)


@pytest.mark.parametrize("assembly", FOREIGN)
@pytest.mark.parametrize("prefix", ["chr", "", "CHR"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_another_assembly_is_named_by_its_lengths(assembly, prefix, container, tmp_path, monkeypatch):
    builder = VcfBuilder(genes=("TPMT",), lengths=False)
    builder.meta += [f"##contig=<ID={prefix}{name[3:]},length={length}>" for name, length in LENGTHS[assembly].items()]
    text = builder.text().replace("##contig=<ID=chr6>\n", "").replace("\nchr6\t", f"\n{prefix}6\t")
    builder.text = lambda: text
    with pytest.raises(lupus_pgx.InputError, match=assembly):
        lupus_pgx.analyze(put(builder, tmp_path / "file", container, monkeypatch))


@pytest.mark.parametrize(
    ("assembly", "name"),
    [("NCBI36", "NC_000006.10"), ("T2T-CHM13v2.0", "NC_060930.1"), ("T2T-CHM13v2.0", "CP068272.2")],
)
@pytest.mark.parametrize("declared", [True, False])
def test_another_assembly_is_named_by_its_accessions(assembly, name, declared, tmp_path):
    lines = VcfBuilder(genes=("TPMT",), lengths=False).text().splitlines(keepends=True)
    path = tmp_path / "file.vcf"
    path.write_text(
        "".join(line for line in lines if declared or not line.startswith("##contig")).replace("chr6", name)
    )
    with pytest.raises(lupus_pgx.InputError, match=assembly):
        lupus_pgx.analyze(str(path), build="GRCh38")


# Identifiers of records, where their letters prove nothing.


def named(build, tmp_path, count, *changes, **options):
    """Return a file with records at a few loci of a build, under their identifiers."""
    builder = VcfBuilder(build=build, genes=("TPMT",), lengths=False, **options)
    chosen = [name for name in first(builder, "TPMT", 20) if builder.loci[name].rsid][:count]
    variant_only(builder, chosen)
    for change in changes:
        change(builder)
    return builder.write(tmp_path / f"named{count}", "vcf.gz")


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
@pytest.mark.parametrize("way", ["stated", "length", "tag", "reference"])
def test_three_identifiers_contradict_a_build_that_letters_leave_open(build, way, tmp_path):
    stated = {"build": OTHER[build]} if way == "stated" else {}
    meta = [] if way == "stated" else [header_of(OTHER[build], way)]
    for count in (1, 2):
        assert lupus_pgx.analyze(named(build, tmp_path, count, meta=meta), **stated).build == OTHER[build]
    with pytest.raises(lupus_pgx.InputError) as caught:
        lupus_pgx.analyze(named(build, tmp_path, 3, meta=meta), **stated)
    message = str(caught.value)
    assert caught.value.exit_code == 65
    assert f"3 records have the identifier of a locus at its position on {build} (rs" in message
    assert ("drop build=" if way == "stated" else "correct the header") in message


def swap(builder):
    """Write the rarer letter as REF, as PLINK may."""
    for records in builder.records.values():
        for record in records:
            record.ref, record.alts = record.alts.split(",")[0], record.ref


def test_identifiers_count_where_letters_are_swapped(tmp_path):
    with pytest.raises(lupus_pgx.InputError, match="5 records have the identifier of a locus"):
        lupus_pgx.analyze(named("GRCh37", tmp_path, 5, swap), build="GRCh38")


def with_others(builder):
    """Add three records under identifiers at the positions of GRCh37, of which no base is stated."""
    loci = [locus for name, locus in builder.loci.items() if locus.rsid and not builder.site(name).is_indel]
    sites = [(locus.sites[lupus_pgx.terms.Build.GRCH37], locus.rsid) for locus in loci[:3]]
    builder.add(*(Rec("chr6", site.pos, "N", "<DEL>", ["0/0"], identifier=rsid) for site, rsid in sites))


def test_identifiers_of_both_builds_decide_by_the_greater_number(tmp_path):
    assert lupus_pgx.analyze(named("GRCh38", tmp_path, 3, with_others), build="GRCh38").build == "GRCh38"
    with pytest.raises(lupus_pgx.InputError, match=r"3 records .* on GRCh37 .*; 2 at its position on GRCh38"):
        lupus_pgx.analyze(named("GRCh38", tmp_path, 2, with_others), build="GRCh38")


def test_identifiers_of_many_files_count_together(tmp_path):
    paths = []
    for gene in ("TPMT", "CYP3A5", "CYP2C19"):
        builder = VcfBuilder(build="GRCh37", genes=(gene,), lengths=False, meta=["##reference=hg38.fa"])
        named_loci = [name for name in first(builder, gene, 20) if builder.loci[name].rsid]
        swap(variant_only(builder, named_loci[:1]))
        paths.append(builder.write(tmp_path / gene, "vcf.gz"))
    assert lupus_pgx.analyze(paths[:2]).build == "GRCh38"
    with pytest.raises(lupus_pgx.InputError, match="they are taken for GRCh38, but 3 records have the identifier"):
        lupus_pgx.analyze(paths)
