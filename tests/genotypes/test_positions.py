"""The list of loci: tools take it, and with it they find every record of the example."""

from __future__ import annotations

import itertools
import shutil
import subprocess

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.terms import Build

BUILDS = ["GRCh37", "GRCh38"]

# Loci whose place on both builds is public knowledge (dbSNP).
KNOWN = {
    ("GRCh37", "rs1142345"): ("6", 18_130_918),
    ("GRCh38", "rs1142345"): ("chr6", 18_130_687),
    ("GRCh37", "rs116855232"): ("13", 48_619_855),
    ("GRCh38", "rs116855232"): ("chr13", 48_045_719),
    ("GRCh37", "rs776746"): ("7", 99_270_539),
    ("GRCh38", "rs776746"): ("chr7", 99_672_916),
}


def tool(*arguments):
    if shutil.which(arguments[0]) is None:
        pytest.skip(f"{arguments[0]} is not installed (Debian package {arguments[0]})")
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def records(text):
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@pytest.fixture
def fx_positions(fx_cli):
    """Print the positions of a build in a format."""

    def run(build, form, *options):
        code, out, err = fx_cli("positions", "--build", build, "--format", form, *options)
        assert (code, err) == (0, "")
        return out

    return run


@pytest.mark.parametrize(("build", "rsid"), KNOWN)
def test_bed_is_zero_based(build, rsid, fx_positions):
    chrom, pos = KNOWN[build, rsid]
    (row,) = [row for row in records(fx_positions(build, "bed")) if row[3].endswith(f":{rsid}")]
    assert row[:3] == [chrom, str(pos - 1), str(pos)]


@pytest.mark.parametrize(("build", "rsid"), KNOWN)
def test_vcf_is_one_based(build, rsid, fx_positions):
    chrom, pos = KNOWN[build, rsid]
    (row,) = [row for row in records(fx_positions(build, "vcf")) if row[2] == rsid]
    assert row[:2] == [chrom, str(pos)]


@pytest.mark.parametrize("build", BUILDS)
def test_bed_has_one_sound_line_per_locus(build, fx_positions, fx_knowledge):
    rows = records(fx_positions(build, "bed"))
    names = {f"{gene}:{locus.name}" for gene, loci in fx_knowledge.loci_by_gene.items() for locus in loci}
    assert {row[3] for row in rows} == names
    assert len(rows) == len(names)
    assert all(len(row) == 4 and 0 <= int(row[1]) < int(row[2]) for row in rows)


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("form", ["bed", "vcf"])
def test_lines_stand_in_genome_order(build, form, fx_positions):
    rows = records(fx_positions(build, form))
    order = {**{str(number): number for number in range(1, 23)}, "X": 23}
    places = [(order[row[0].removeprefix("chr")], int(row[1])) for row in rows]
    assert places == sorted(places)


@pytest.mark.parametrize("build", BUILDS)
def test_regions_return_every_record_of_the_example(build, fx_positions, fx_example, tmp_path):
    regions = tmp_path / "regions.bed"
    regions.write_text(fx_positions(build, "bed"))
    path = fx_example[f"patients.{build}.vcf.gz"]
    everything = records(tool("bcftools", "view", "-H", path))
    assert len(everything) == len(regions.read_text().splitlines())
    assert records(tool("bcftools", "view", "-H", "-R", regions, path)) == everything


@pytest.mark.parametrize("build", BUILDS)
def test_extract_of_the_regions_gives_the_same_result(build, fx_positions, fx_example, tmp_path):
    regions, extract = tmp_path / "regions.bed", tmp_path / "extract.bcf"
    regions.write_text(fx_positions(build, "bed"))
    path = fx_example[f"patients.{build}.vcf.gz"]
    tool("bcftools", "view", "-R", regions, "-Ob", "-o", extract, path)
    whole, part = lupus_pgx.analyze(path), lupus_pgx.analyze(extract)
    assert part.variants.to_frame().equals(whole.variants.to_frame())


def test_regions_reach_over_every_spelling_of_the_repeat(fx_positions):
    """NUDT15: three copies of GGAGTC after chr13:48037782; an indel may be written at any of them."""
    (row,) = [row for row in records(fx_positions("GRCh38", "bed")) if row[3] == "NUDT15:rs746071566"]
    assert int(row[1]) <= 48_037_781
    assert int(row[2]) >= 48_037_801


@pytest.mark.parametrize("build", BUILDS)
def test_vcf_is_accepted_without_a_warning(build, fx_positions, tmp_path):
    path = tmp_path / "sites.vcf"
    path.write_text(fx_positions(build, "vcf"))
    assert len(records(tool("bcftools", "view", path))) == len(records(path.read_text()))


@pytest.mark.parametrize("build", BUILDS)
def test_vcf_lists_the_alleles_of_the_example(build, fx_positions, fx_example):
    sites = [row[:5] for row in records(fx_positions(build, "vcf"))]
    given = [row[:5] for row in records(tool("bcftools", "view", "-H", fx_example[f"patients.{build}.vcf.gz"]))]
    assert sites == given


@pytest.mark.parametrize(("build", "alleles"), [("GRCh37", ["C", "T"]), ("GRCh38", ["T", "C"])])
def test_vcf_has_the_reference_base_of_its_build(build, alleles, fx_positions):
    (row,) = [row for row in records(fx_positions(build, "vcf")) if row[2] == "rs776746"]
    assert row[3:5] == alleles


def test_bed_is_the_default(fx_cli, fx_positions):
    assert fx_cli("positions", "--build", "GRCh38")[1] == fx_positions("GRCh38", "bed")


@pytest.mark.parametrize(("name", "build"), [("hg19", "GRCh37"), ("grch38", "GRCh38")])
def test_build_is_known_by_its_usual_names(name, build, fx_positions):
    assert fx_positions(name, "bed") == fx_positions(build, "bed")


def test_genes_limit_the_list(fx_positions):
    rows = records(fx_positions("GRCh38", "bed", "--genes", "tpmt,APOL1"))
    assert {row[3].partition(":")[0] for row in rows} == {"TPMT", "APOL1"}


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["--build", "GRCh36"], "GRCh37"),
        (["--build", "GRCh38", "--format", "gff"], "bed"),
        (["--build", "GRCh38", "--genes", "TPMTT"], "TPMT"),
    ],
)
def test_unknown_request_is_a_usage_error(arguments, near, fx_cli):
    code, out, err = fx_cli("positions", *arguments)
    assert (code, out) == (2, "")
    assert near in err


# --- as the user's file -------------------------------------------------------------------------


def renamed(text, names):
    """Rename contigs in a VCF."""
    for old, new in names.items():
        text = text.replace(f"##contig=<ID={old},", f"##contig=<ID={new},").replace(f"\n{old}\t", f"\n{new}\t")
    return text


def test_like_takes_build_and_names_from_a_file(fx_cli, fx_positions, tmp_path):
    path = tmp_path / "plain.vcf"
    names = {f"chr{number}": str(number) for number in [*range(1, 23), "X"]}
    path.write_text(renamed(VcfBuilder().text(), names))
    code, out, err = fx_cli("positions", "--like", path)
    assert (code, err) == (0, "")
    usual = [row[:3] for row in records(fx_positions("GRCh38", "bed"))]
    assert [row[:3] for row in records(out)] == [[names[row[0]], *row[1:]] for row in usual]
    sites = tmp_path / "sites.vcf"
    code, out, err = fx_cli("positions", "--like", path, "--format", "vcf")
    sites.write_text(out)
    assert lupus_pgx.analyze(path).sample_ids
    assert {row[0] for row in records(out)} <= set(names.values())
    assert "##contig=<ID=6,length=170805979" in out


def test_like_knows_accessions_and_names_what_the_file_does_not(fx_cli, tmp_path, caplog):
    path = tmp_path / "refseq.vcf"
    builder = VcfBuilder()
    lines = [line for line in builder.text().splitlines() if line.startswith("#") or line.startswith("chr6\t")]
    lines = [line for line in lines if not line.startswith("##contig") or "ID=chr6," in line]
    path.write_text(renamed("\n".join(lines) + "\n", {"chr6": "NC_000006.12"}))
    code, out, _ = fx_cli("positions", "--like", path)
    assert code == 0
    assert {row[0] for row in records(out) if row[3].startswith("TPMT:")} == {"NC_000006.12"}
    assert {row[0] for row in records(out) if row[3].startswith("NUDT15:")} == {"chr13"}
    assert "does not name" in caplog.text


def test_like_refuses_a_file_whose_build_is_open(fx_cli, tmp_path):
    path = tmp_path / "open.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n6\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\n"
    )
    code, out, err = fx_cli("positions", "--like", path)
    assert (code, out) == (65, "")
    assert "--build" in err
    assert fx_cli("positions", "--like", path, "--build", "GRCh37")[0] == 0


# --- flanks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("flank", [1, 500, 50_000])
def test_flanks_reach_around_every_locus_and_are_merged(build, flank, fx_positions):
    loci = [(row[0], int(row[1]), int(row[2])) for row in records(fx_positions(build, "bed"))]
    kept = [(row[0], int(row[1]), int(row[2])) for row in records(fx_positions(build, "bed", "--flank", str(flank)))]
    for chrom, start, end in loci:
        assert any(chrom == name and first <= start - flank and end + flank <= last for name, first, last in kept)
    pairs = itertools.pairwise(kept)
    assert all(before[2] < after[1] for before, after in pairs if before[0] == after[0])
    # Nothing is kept that is farther away than the flank.
    assert sum(last - first for _, first, last in kept) <= sum(end - start + 2 * flank for _, start, end in loci)


def test_flanks_end_with_the_chromosome(fx_positions, fx_knowledge):
    for row in records(fx_positions("GRCh38", "bed", "--flank", "100000000")):
        assert int(row[1]) >= 0
        assert int(row[2]) <= fx_knowledge.contig_facts(Build.GRCH38)[row[0]][0]


def test_flanks_of_a_vcf_are_refused(fx_cli):
    code, out, err = fx_cli("positions", "--build", "GRCh38", "--format", "vcf", "--flank", "5")
    assert (code, out) == (2, "")
    assert "--flank" in err


def test_without_build_or_file_nothing_is_listed(fx_cli):
    code, out, err = fx_cli("positions")
    assert (code, out) == (2, "")
    assert "--build" in err
    assert "--like" in err
