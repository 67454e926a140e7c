"""What ``--absent reference`` states is tested: where records lie, how likely it is, and in a cohort."""

from __future__ import annotations

import json

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx.calling.assumptions import assumable_genes

GENES = ("TPMT", "NUDT15")
NEVER = {row["locus"] for row in lupus_pgx.load_knowledge().rows("missing_policy")}
ASKED = {"genes": list(GENES), "drugs": ["azathioprine"], "absent": "reference"}


def absent(builder, tmp_path, **options):
    return lupus_pgx.analyze(builder.write(tmp_path / "file"), **{**ASKED, **options})


def statuses(analysis, gene="TPMT"):
    frame = analysis.variants.to_frame()
    return set(frame[frame.gene == gene].status)


def carried(**options):
    """A heterozygote at TPMT *3C; everything else is absent."""
    return VcfBuilder(genes=GENES, **options).set("rs1142345", "T/C")


def only_carried(builder):
    for name in [name for name in builder.records if name != "rs1142345"]:
        builder.drop(name)
    return builder


def test_a_genome_is_believed_and_says_what_it_assumed(tmp_path):
    analysis = absent(carried().variants_only(), tmp_path)
    assert statuses(analysis) == {"observed", "assumed_reference"}
    row = analysis.drug_responses.to_frame().iloc[0]
    assert row.action == "reduce_dose"
    nudt15, tpmt = row.assumed.split(";")
    assert nudt15.startswith("NUDT15 21 of 21: ") or nudt15.startswith("NUDT15 ")
    assert tpmt.startswith("TPMT ")
    assert ": " in tpmt
    assert "assumed to carry the genome base" in row.summary
    assert analysis.diplotypes.to_frame().call_status.isin(["probable"]).all()


@pytest.mark.parametrize("kind", ["loci only", "one corner", "other chromosome", "far away"])
def test_a_file_that_did_not_look_is_not_believed(kind, tmp_path, caplog):
    builder = only_carried(carried())
    span = lupus_pgx.load_knowledge().gene_rows["TPMT"]
    if kind == "one corner":
        start = span["grch38_start"]
        builder.add(*[Rec("chr6", start + 10 + 3 * n, "A", "G", ["0/1"]) for n in range(30)])
    elif kind == "other chromosome":
        builder.add(*[Rec("chr2", 1_000_000 + 1000 * n, "A", "G", ["0/1"]) for n in range(200)])
    elif kind == "far away":
        end = span["grch38_end"]
        builder.add(*[Rec("chr6", end + 60_000 + 1000 * n, "A", "G", ["0/1"]) for n in range(200)])
    analysis = absent(builder, tmp_path)
    assert statuses(analysis) == {"observed", "no_record"}
    assert "was not believed" in caplog.text
    assert analysis.patient("S1").drug("azathioprine").action != "standard"
    reasons = analysis.provenance.to_dict()["not_assumed"]
    assert set(reasons) == set(GENES)
    assert all(item["samples"] == 1 and item["reason"] for item in reasons.values())


def test_only_the_gene_with_records_is_believed(tmp_path):
    builder = carried()
    for name in [name for name in builder.records if name != "rs1142345"]:
        builder.drop(name)
    tpmt = VcfBuilder(genes=("TPMT",)).like_a_genome()
    builder.add(*tpmt.extra)
    analysis = absent(builder, tmp_path)
    assert "assumed_reference" in statuses(analysis)
    assert statuses(analysis, "NUDT15") == {"no_record"}
    assert analysis.patient("S1").drug("azathioprine").action != "standard"


def test_a_sample_without_any_difference_is_not_believed(tmp_path):
    """All star genes were looked at, and nowhere is anything: nobody is like that."""
    stars = tuple(lupus_pgx.load_knowledge().star_genes)
    builder = VcfBuilder(genes=stars)
    for name in list(builder.records):
        builder.drop(name)
    analysis = lupus_pgx.analyze(builder.like_a_genome().write(tmp_path / "file"), **ASKED)
    assert statuses(analysis) == {"no_record"}
    assert "in no population" in analysis.provenance.to_dict()["not_assumed"]["TPMT"]["reason"]


@pytest.mark.parametrize(("missing", "status"), [(4, "assumed_reference"), (6, "no_record")])
def test_a_sample_without_genotypes_where_its_file_has_records_is_not_believed(missing, status, tmp_path):
    """A genome and a panel in one file: records of the one say nothing of the other."""
    builder = VcfBuilder(genes=GENES, samples=["genome", "panel"])
    kept = list(builder.records)[:8]
    builder.drop(*[name for name in builder.records if name not in kept])
    for number, name in enumerate(kept):
        site = builder.site(name)
        plain = f"{site.letters[0]}/{site.letters[0]}"
        builder.set(name, plain, "./." if number < missing else plain)
    analysis = absent(builder.like_a_genome(), tmp_path)
    frame = analysis.variants.to_frame()
    absent_loci = frame[~frame.locus.isin(kept)]
    assert set(absent_loci[absent_loci.sample_id == "panel"].status) == {status}
    assert set(absent_loci[absent_loci.sample_id == "genome"].status) == {"assumed_reference"}


DIFFERENT = {
    **{"rs3758581": "G/G", "rs9923231": "C/T", "rs2306283": "A/G", "rs2231142": "G/T"},
    **{"rs1801280": "T/C", "rs1208": "A/G"},
}
"""What somebody carries; the genome base of the first is rarer than its other one."""


def every_gene(step, people):
    """All star genes with records every some bases, of people who differ from the genome at some loci, as all do."""
    names = [f"S{number}" for number in range(people)]
    builder = VcfBuilder(genes=tuple(lupus_pgx.load_knowledge().star_genes), samples=names)
    for name, letters in DIFFERENT.items():
        builder.set(name, *[letters] * people)
    return builder.like_a_genome(step)


@pytest.mark.parametrize(("people", "status"), [(1, "assumed_reference"), (3, "assumed_reference"), (10, "no_record")])
def test_records_of_many_people_must_be_in_more_places(people, status, tmp_path):
    """Records in two thirds of the stretches: of one person that is a genome, of ten it is none."""
    builder = every_gene(3_000, people).drop("rs1800462")
    analysis = absent(builder, tmp_path)
    frame = analysis.variants.to_frame()
    assert set(frame[frame.locus == "rs1800462"].status) == {status}
    reasons = analysis.provenance.to_dict()["not_assumed"]
    assert ("10 people have them in 80% or more" in str(reasons)) == (status == "no_record")


@pytest.mark.parametrize("form", ["all its own records", "filled up beside others", "sites of everybody"])
def test_who_is_like_the_genome_at_every_record_was_not_looked_at(form, tmp_path):
    """Records that all say ``0/0``, or were filled up with it, are as improbable as absent loci, and no witness."""
    people = 2 if form == "filled up beside others" else 1
    builder = every_gene(1_500, people)
    kept = {*list(builder.records)[::3], *DIFFERENT}
    for name, letters in DIFFERENT.items():
        base = builder.site(name).ref
        builder.set(name, *[f"{base}/{base}", letters][:people])
    builder.drop(*[name for name in builder.records if name not in kept])
    if form == "sites of everybody":
        builder.add(*[Rec("chr6", 18_128_400 + 40 * number, "A", "G", ["0/0"]) for number in range(300)])
    frame = absent(builder, tmp_path, genes=None, drugs=None).variants.to_frame()
    own = frame[frame.sample_id == "S0"]
    assert "observed" in set(own.status)
    assert not own.status.eq("assumed_reference").any()
    assert people == 1 or frame[frame.sample_id == "S1"].status.eq("assumed_reference").any()


@pytest.mark.parametrize("what", ["genes", "loci", "exons"])
def test_a_bed_of_the_other_build_is_refused(what, tmp_path):
    """It would cover nothing, or the wrong bases: the regions hold the loci of the other build."""
    bed = tmp_path / "called.bed"
    lines = []
    for row in lupus_pgx.load_knowledge().rows("loci"):
        reach = {"genes": 4_000, "loci": 30, "exons": 200}[what]
        lines.append(f"{row['chrom']}\t{row['grch37_pos'] - reach}\t{row['grch37_pos'] + reach}\r\n")
    bed.write_text("".join(lines))
    with pytest.raises(lupus_pgx.InputError, match=r"on GRCh37 and .* GRCh38, the build of the genotypes"):
        absent(carried().variants_only(), tmp_path, called_regions=bed)


def test_a_bed_that_holds_places_of_both_builds_is_taken_as_it_is(tmp_path):
    bed = tmp_path / "called.bed"
    rows = [row for row in lupus_pgx.load_knowledge().rows("loci") if row["gene"] == "TPMT"]
    bed.write_text("".join(f"{row['chrom']}\t{row['grch38_pos'] - 400}\t{row['grch37_pos'] + 400}\r\n" for row in rows))
    found = absent(carried().variants_only(), tmp_path, called_regions=bed)
    assert "assumed_reference" in statuses(found)
    assert statuses(found, "NUDT15") == {"no_record"}


@pytest.mark.parametrize(("step", "noticed"), [(1_500, False), (4_000, True)])
def test_a_file_with_few_records_is_believed_with_a_notice(step, noticed, tmp_path, fx_cli, caplog):
    genes = (*GENES, "ABCG2", "CYP2B6", "CYP2C9", "CYP2C19", "CYP4F2", "SLCO1B1")
    path = only_carried(VcfBuilder(genes=genes).set("rs1142345", "T/C")).like_a_genome(step).write(tmp_path / "file")
    analysis = lupus_pgx.analyze(path, **ASKED)
    assert "assumed_reference" in statuses(analysis)
    told = analysis.provenance.to_dict()["notices"]
    assert len(told) == noticed
    assert analysis.patient("S1").notices == tuple(told)
    asked = ("analyze", path, "--absent", "reference", "--genes", "TPMT,NUDT15", "--drugs", "azathioprine")
    _, terminal, _ = fx_cli(*asked)
    caplog.clear()
    fx_cli(*asked, "-o", tmp_path / "out")
    for text in (terminal, caplog.text):
        assert ("the file has few records" in " ".join(text.split())) == noticed
        assert ("--called-regions" in text) == noticed
    page = analysis.patient("S1").to_html()
    assert ("file has few records" in page) == noticed


@pytest.mark.parametrize(("gene", "people", "status"), [
    ("CYP2C19", 1, "no_record"), ("TPMT", 1, "assumed_reference"), ("TPMT", 49, "assumed_reference"),
    ("TPMT", 50, "no_record"),
])  # fmt: skip
def test_a_gene_that_only_its_neighbours_show_was_passed_over(gene, people, status, tmp_path):
    """A long gene without a record, or a shorter one in the file of many people."""
    builder = VcfBuilder(genes=("SLCO1B1", gene), samples=[f"S{number}" for number in range(people)])
    span = lupus_pgx.load_knowledge().gene_rows[gene]
    builder.like_a_genome()
    first, last = span["grch38_start"], span["grch38_end"]
    builder.drop(*[name for name, item in builder.loci.items() if item.gene == gene])
    chrom = f"chr{span['chrom'].removeprefix('chr')}"
    builder.extra = [item for item in builder.extra if not (item.chrom == chrom and first <= item.pos <= last)]
    calls = ["0/1", *["0/0"] * (people - 1)]
    builder.add(*[Rec(chrom, last + 20_000 + 500 * number, "A", "G", calls) for number in range(20)])
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=[gene], drugs=[], absent="reference")
    frame = analysis.variants.to_frame()
    assert set(frame[~frame.locus.isin(NEVER)].status) == {status}
    if status == "no_record":
        assert "it was passed over" in analysis.provenance.to_dict()["not_assumed"][gene]["reason"]


@pytest.mark.parametrize(("samples", "status"), [(199, "assumed_reference"), (200, "no_record"), (2000, "no_record")])
def test_a_cohort_without_a_carrier_of_a_common_allele_is_not_believed(samples, status, tmp_path):
    names = [f"S{number}" for number in range(samples)]
    builder = VcfBuilder(genes=("CYP3A5",), samples=names).drop("rs776746").like_a_genome()
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["CYP3A5"], drugs=[], absent="reference")
    frame = analysis.variants.to_frame()
    assert set(frame[frame.rsid == "rs776746"].status) == {status}


@pytest.mark.parametrize(
    ("ancestries", "status"),
    [
        ([], "assumed_reference"),
        (["African"], "no_record"),
        (["European"], "assumed_reference"),
        (["African", "European"], "assumed_reference"),
    ],
)
def test_what_a_cohort_should_carry_is_that_of_its_ancestry_where_all_have_one(ancestries, status, tmp_path):
    """CYP3A5*6 is common in Africa and hardly known elsewhere."""
    names = [f"S{number}" for number in range(200)]
    builder = VcfBuilder(genes=("CYP3A5",), samples=names).drop("rs10264272").like_a_genome()
    told = {name: {"ancestry": ancestries[number % len(ancestries)]} for number, name in enumerate(names) if ancestries}
    asked = {"genes": ["CYP3A5"], "drugs": [], "absent": "reference", "context": {"patients": told} if told else None}
    frame = lupus_pgx.analyze(builder.write(tmp_path / "file"), **asked).variants.to_frame()
    assert set(frame[frame.rsid == "rs10264272"].status) == {status}


def test_a_locus_that_is_never_assumed_stays_unknown_in_a_genome(tmp_path):
    builder = VcfBuilder(genes=("CYP2B6",)).drop("rs2279343", "rs28399499").like_a_genome()
    frame = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["CYP2B6"], drugs=[], absent="reference")
    found = frame.variants.to_frame().set_index("rsid").status
    assert (found["rs2279343"], found["rs28399499"]) == ("no_record", "assumed_reference")


@pytest.mark.parametrize(
    ("recorded", "missing", "status"),
    [
        *((5, 3, "no_record"), (5, 2, "assumed_reference")),
        *((6, 3, "assumed_reference"), (4, 3, "assumed_reference")),
    ],
)
def test_of_few_records_the_genotypes_that_are_missing_say_nothing(recorded, missing, status, tmp_path):
    builder = VcfBuilder(genes=GENES, samples=["genome", "panel"])
    kept = list(builder.records)[:recorded]
    builder.drop(*[name for name in builder.records if name not in kept])
    for name in kept[:missing]:
        letter = builder.site(name).letters[0]
        builder.set(name, f"{letter}/{letter}", "./.")
    frame = absent(builder.like_a_genome(), tmp_path).variants.to_frame()
    left = frame[~frame.locus.isin(kept) & (frame.sample_id == "panel")]
    assert set(left.status) == {status}


@pytest.mark.parametrize(("dropped", "status"), [(290, "assumed_reference"), (291, "no_record")])
def test_loci_that_are_stated_count_with_those_that_are_absent_where_more_are_absent(dropped, status, tmp_path):
    """Of 580 loci of the genes that are tested; every record is like the genome, and the common loci have one."""
    knowledge = lupus_pgx.load_knowledge()
    genes = assumable_genes(knowledge)
    loci = [locus for gene in genes for locus in knowledge.star_genes[gene].haplotypes.loci]
    assert len(loci) == 580
    builder = VcfBuilder(genes=genes)
    rare = [locus.name for locus in loci if not locus.essential and locus.name not in NEVER | set(DIFFERENT)]
    builder.drop(*rare[:dropped])
    frame = absent(builder.like_a_genome(), tmp_path, genes=list(genes)).variants.to_frame()
    assert set(frame[frame.locus.isin(rare[:dropped])].status) == {status}


def test_genes_are_tested_whose_loci_tell_a_call():
    """Not those that are typed, that come from elsewhere, or whose structure a file of small variants does not show."""
    genes = assumable_genes(lupus_pgx.load_knowledge())
    assert {"TPMT", "NUDT15", "CYP2C19", "G6PD"} <= set(genes)
    assert set(genes).isdisjoint({"HLA-A", "HLA-B", "CYP2D6", "MT-RNR1", "RYR1", "CACNA1S"})


def test_a_set_of_files_of_which_one_looked_is_no_error(tmp_path):
    """The chromosome of the gene has a header alone; another one was looked at."""
    nothing = VcfBuilder(genes=("TPMT",))
    nothing.drop(*list(nothing.records))
    other = VcfBuilder(genes=("NUDT15",)).like_a_genome()
    files = [nothing.write(tmp_path / "chr6"), other.write(tmp_path / "chr13")]
    analysis = lupus_pgx.analyze(files, genes=["TPMT"], drugs=[], absent="reference")
    assert statuses(analysis) == {"no_record"}


@pytest.mark.parametrize("name", ["chr6", "6", "NC_000006.12"])
def test_called_regions_alone_decide(name, tmp_path, caplog):
    builder = only_carried(carried())
    site = carried().site("rs1800462")
    bed = tmp_path / "called.bed"
    bed.write_text(f"{name}\t{site.pos - 1}\t{site.pos}\n")
    frame = absent(builder, tmp_path, called_regions=bed).variants.to_frame().set_index("locus")
    assert frame.status["rs1800462"] == "assumed_reference"
    assert frame.status["rs1800460"] == "no_record"
    assert "outside the called regions of called.bed" in frame.note["rs1800460"]
    assert sum("not believed" in record.message for record in caplog.records) == 1


def test_called_regions_without_the_statement_are_refused(tmp_path):
    bed = tmp_path / "called.bed"
    bed.write_text("chr6\t0\t100\n")
    with pytest.raises(lupus_pgx.UsageError, match="would do nothing"):
        absent(carried(), tmp_path, called_regions=bed, **{"absent": "unknown"})


@pytest.mark.parametrize(
    ("text", "word"), [("", "no region"), ("chr6 a b\n", "expected chrom"), ("zz\t1\t9\n", "no region")]
)
def test_what_is_no_bed_is_refused(text, word, tmp_path):
    bed = tmp_path / "called.bed"
    bed.write_text(text)
    with pytest.raises(lupus_pgx.InputError, match=word):
        absent(carried(), tmp_path, called_regions=bed)


def test_nothing_looked_at_is_an_error(fx_cli, tmp_path):
    lines = [line for line in carried().text().splitlines() if line.startswith("#")]
    path = tmp_path / "empty.vcf"
    path.write_text("\n".join(lines) + "\n")
    code, _, err = fx_cli("analyze", str(path), "--build", "GRCh38", "--absent", "reference")
    assert code == 65
    assert "no gene was looked at" in err


def test_strict_ends_where_the_statement_is_not_believed(fx_cli, tmp_path):
    path = only_carried(carried()).write(tmp_path / "file")
    asked = ("analyze", path, "--genes", "TPMT,NUDT15", "--absent", "reference", "-o", str(tmp_path / "out"))
    assert fx_cli(*asked)[0] == 0
    assert json.loads((tmp_path / "out" / "provenance.json").read_text())["provenance"]["not_assumed"]
    assert fx_cli(*asked, "--strict")[0] == 65
