"""A reference genome, where given, aligns indels beyond the sequence that a locus ships."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx
from lupus_pgx.terms import Build

LENGTH = 96_793_528 + 60_000_000  # longer than any position used
# CYP2C8 95037216 TCAA>T: no shift is known from the tables. Here the genome repeats CAA, so that the
# deletion may be written six bases further on, past what the locus ships.
PLACE, AROUND = 95037216, "TCAACAACAAG"


@pytest.fixture
def fx_fasta(tmp_path):
    """Write a sparse genome with one long line a chromosome: only what is fetched holds bases."""

    def write(chroms: dict[str, dict[int, str]]):
        path = tmp_path / "genome.fa"
        lines, offset = [], 0
        with path.open("wb") as handle:
            for name, pieces in chroms.items():
                offset += len(name) + 2
                handle.seek(offset - len(name) - 2)
                handle.write(f">{name}\n".encode())
                for pos, text in pieces.items():
                    handle.seek(offset + pos - 1)
                    handle.write(text.encode())
                lines.append(f"{name}\t{LENGTH}\t{offset}\t{LENGTH}\t{LENGTH + 1}")
                offset += LENGTH + 1
            handle.truncate(offset)
        (tmp_path / "genome.fa.fai").write_text("\n".join(lines) + "\n")
        return path

    return write


def bases(build: Build = Build.GRCH38, **changes: str) -> dict[int, str]:
    loci = lupus_pgx.load_knowledge().loci_by_gene["CYP2C8"]
    sites = [locus.sites[build] for locus in loci]
    unknown = {PLACE - 600: "N" * 1300}
    return unknown | {site.pos: site.ref for site in sites} | {PLACE: AROUND}


def deletion(tmp_path, fasta=None):
    builder = VcfBuilder(genes=("CYP2C8",))
    name = next(name for name, locus in builder.loci.items() if locus.sites[Build.GRCH38].pos == PLACE)
    builder.replace(name, Rec("chr10", PLACE + 6, "ACAA", "A", ["0/1"]))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["CYP2C8"], reference_fasta=fasta)
    return analysis.diplotypes.to_frame().set_index("gene").loc["CYP2C8"]


def test_shifted_deletion_is_recognised_with_the_genome(fx_fasta, tmp_path):
    assert deletion(tmp_path).diplotype != "*1/*12"
    row = deletion(tmp_path, fx_fasta({"chr10": bases()}))
    assert (row.diplotype, row.call_status) == ("*1/*12", "certain")


def test_plain_names_of_chromosomes_do(fx_fasta, tmp_path):
    assert deletion(tmp_path, fx_fasta({"10": bases()})).diplotype == "*1/*12"


def test_genome_of_another_build_is_refused(fx_fasta, tmp_path):
    with pytest.raises(lupus_pgx.InputError, match="wrong genome"):
        deletion(tmp_path, fx_fasta({"chr10": bases(Build.GRCH37)}))


def test_missing_genome(fx_cli, fx_example, tmp_path):
    code, out, err = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], "--reference", tmp_path / "none.fa")
    assert (code, out) == (66, "")
    assert len(err.splitlines()) == 1


def whole(build: Build) -> dict[str, dict[int, str]]:
    """Return a genome that holds what the tables say at every locus of chromosomes 6 and 13."""
    chroms: dict[str, dict[int, str]] = {}
    for locus in (locus for loci in lupus_pgx.load_knowledge().loci_by_gene.values() for locus in loci):
        site = locus.sites.get(build)
        if site is not None and site.chrom in ("chr6", "chr13"):
            text = site.context.sequence if site.is_indel else site.ref
            chroms.setdefault(site.chrom, {})[site.pos] = text
    return chroms


@pytest.mark.parametrize("build", list(Build))
def test_positions_are_compared_with_a_genome(build, fx_fasta, fx_cli):
    fasta = fx_fasta(whole(build))
    code, out, err = fx_cli("knowledge", "check", "--reference", fasta)
    assert (code, err) == (0, "")
    said = out.splitlines()[-1]
    assert said.startswith(f"{fasta}: {build.value}, ")
    assert said.split(", ")[1].split()[0] == said.split(", ")[1].split()[2]


def write_rows(path, rows):
    lines = [rows[0], *(("" if cell is None else str(cell) for cell in row.values()) for row in rows)]
    path.write_text("".join("\t".join(line) + "\n" for line in lines))


def test_a_position_beside_the_right_one_is_found_by_the_genome(fx_fasta, fx_cli, tmp_path):
    fasta = fx_fasta(whole(Build.GRCH38))
    knowledge = lupus_pgx.load_knowledge()
    row = next(row for row in knowledge.rows("loci") if row["locus"] == "rs1142345")
    overlay = tmp_path / "mine"
    overlay.mkdir()
    moved = {**row, "grch38_pos": row["grch38_pos"] + 1}
    write_rows(overlay / "loci.tsv", [moved])
    code, out, _ = fx_cli("knowledge", "check", overlay)
    assert (code, "names another change" in out) == (65, True)  # the identifiers say where it is
    names = dict.fromkeys(("hgvs_grch38", "hgvs_grch37", "vrs_grch38", "vrs_grch37"))
    alleles = [row | names for row in knowledge.rows("locus_alleles") if row["locus"] == "rs1142345"]
    write_rows(overlay / "locus_alleles.tsv", alleles)
    code, out, err = fx_cli("knowledge", "check", overlay, "--reference", fasta)
    assert code == 65
    assert f"{overlay}/loci.tsv:2: grch38_pos=18130688: TPMT rs1142345: " in out
    assert err.count("\n") == 1


def test_a_genome_that_cannot_be_compared_is_said(fx_fasta, fx_cli, tmp_path):
    assert fx_cli("knowledge", "check", "--reference", tmp_path / "none.fa")[0] == 66
    code, _, err = fx_cli("knowledge", "check", "--reference", fx_fasta({"chrUn": {1: "ACGT"}}))
    assert (code, "no contig" in err) == (65, True)
    alien = {chrom: {pos: "N" * len(text) for pos, text in held.items()} for chrom, held in whole(Build.GRCH38).items()}
    code, _, err = fx_cli("knowledge", "check", "--reference", fx_fasta(alien))
    assert (code, "fits neither" in err) == (65, True)


def test_an_alt_that_cannot_be_read_says_nothing_of_a_locus_before_it(fx_fasta, tmp_path):
    """With a genome indels are looked for further on; what merely lies there does not reach the locus."""
    builder = VcfBuilder(genes=("CYP2C8",))
    builder.add(Rec("chr10", PLACE + 8, "A", "DEL", ["0/1"]))
    path = builder.write(tmp_path / "file")
    analysis = lupus_pgx.analyze(path, genes=["CYP2C8"], reference_fasta=fx_fasta({"chr10": bases()}))
    row = analysis.diplotypes.to_frame().set_index("gene").loc["CYP2C8"]
    assert (row.diplotype, row.call_status) == ("*1/*1", "certain")
