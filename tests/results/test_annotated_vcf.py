"""The annotated VCF: the input once more, with what the panel knows at its records."""

from __future__ import annotations

import gzip
import logging
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pysam
import pytest
from builder import Rec, VcfBuilder
from helpers import warned

import lupus_pgx

TPMT, REPEAT, CYP3A5, FC = "rs1142345", "rs746071566", "rs776746", "rs396991"
GENES = ("TPMT", "NUDT15", "CYP3A5", "FCGR3A", "APOL1")
SAMPLES = ["S1", "<script>alert(1)</script>", "../../x"]
FAR = "##contig=<ID=far,length=900000000>"
NOTES = [
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">',
    '##INFO=<ID=TEXT,Number=.,Type=String,Description="Text, with a comma">',
]
FORMS = ["vcf", "vcf.gz", "bcf"]


def between(build="GRCh38", **options):
    """Records of the panel, and others between, before and after them."""
    builder = VcfBuilder(build=build, samples=SAMPLES, genes=GENES, meta=NOTES, **options)
    builder.set(TPMT, "T/C", "C|C", "T/T").set(FC, "A/C", "./.", "C/C")
    for site in (builder.site(name) for name in (TPMT, FC)):
        calls = ["0/1:3:10,2", "1|1", "./."]
        for offset in (-30, 30):
            builder.add(
                Rec(builder.chrom(site.chrom), site.pos + offset, "N", "A", calls, fmt="GT:DP:AD", info="AC=3;TEXT=a,b")
            )
    builder.add(Rec(builder.chrom("chr2"), 5000, "G", "<DEL>,T", ["0/1", "0/2", "1/2"], filters="LowQual"))
    return builder


def annotate(path, out, **options):
    """Analyze a file and return the path of the annotated one."""
    analysis = lupus_pgx.analyze(path, **{"genes": GENES, **options})
    (written,) = analysis.write(out, formats=["vcf"])
    assert written == Path(out) / "annotated.vcf.gz"
    return written


def view(path, *options):
    """Read a file with bcftools, which must have nothing to say."""
    if shutil.which("bcftools") is None:
        pytest.skip("bcftools is not installed")
    done = subprocess.run(["bcftools", "view", *options, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def lines(path):
    """Return the records of a file as written."""
    data = gzip.decompress(Path(path).read_bytes()).decode()
    return [line for line in data.splitlines() if not line.startswith("#")]


def without_ours(line):
    """Return a line without the fields that the annotation adds."""
    cells = line.split("\t")
    cells[7] = ";".join(part for part in cells[7].split(";") if not part.startswith("LPGX_")) or "."
    kept = [key for key in cells[8].split(":") if not key.startswith("LPGX_")]
    return "\t".join([*cells[:8], ":".join(kept), *(":".join(cell.split(":")[: len(kept)]) for cell in cells[9:])])


def fields(path, locus):
    """Return the fields of the records of a locus, each decoded: a list of alternatives by comma."""
    found = []
    for line in lines(path):
        cells = line.split("\t")
        info = dict(part.partition("=")[::2] for part in cells[7].split(";") if part.startswith("LPGX_"))
        if locus not in [name.partition(":")[2] for name in info.get("LPGX_LOCUS", "").split(",")]:
            continue
        values = {
            key.removeprefix("LPGX_"): [unquote(text) for text in value.split(",")] for key, value in info.items()
        }
        for place, key in enumerate(cells[8].split(":")):
            if key.startswith("LPGX_"):
                values[key.removeprefix("LPGX_")] = [cell.split(":")[place] for cell in cells[9:]]
        found.append(values)
    return found


# What stays as it is.


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize(("build", "prefix"), [("GRCh38", True), ("GRCh37", False), ("GRCh37", True)])
def test_everything_else_stays(build, prefix, form, index, tmp_path):
    source = between(build, prefix=prefix).write(tmp_path / "in", form, index)
    path = annotate(source, tmp_path / "out")
    before, after = view(source, "-H"), view(path, "-H")
    ours = [line for line in after if "LPGX_" in line]
    assert len(ours) == len(between(build, prefix=prefix).loci)
    assert [line for line in after if "LPGX_" not in line] == [
        line for line in before if "\tN\t" in line or "DEL" in line
    ]
    assert [without_ours(line) for line in after] == before


def test_text_is_copied_byte_by_byte(tmp_path):
    """Spellings that no parser would write again: lower case, odd numbers, dropped fields."""
    odd = Rec(
        "chr6", 18_130_000, "acg", "a", ["0/1:3", "0|1:.:.", "."], fmt="GT:DP:AD", info="AC=01;TEXT=é", filters="."
    )
    source = between().add(odd).write(tmp_path / "in")
    assert odd.line() in lines(annotate(source, tmp_path / "out"))


def test_header_declares_the_fields_with_source_and_version(tmp_path, fx_knowledge):
    source = between().write(tmp_path / "in")
    path = annotate(source, tmp_path / "out")
    before, after = view(source, "-h"), view(path, "-h")
    added = [line for line in after if line not in before and "bcftools" not in line]
    assert [line for line in after if line not in added and "bcftools" not in line] == [
        line for line in before if "bcftools" not in line
    ]
    assert added[0] == f"##lupus_pgx_data_release={fx_knowledge.release}"
    assert all(f',Source="lupus_pgx",Version="{lupus_pgx.__version__}">' in line for line in added[1:])
    declared = {line.partition("ID=")[2].partition(",")[0] for line in added[1:]}
    used = {key for line in lines(path) for key in line.split("\t")[7].replace("=", ";").split(";")}
    used |= {key for line in lines(path) for key in line.split("\t")[8].split(":")}
    assert {name for name in used if name.startswith("LPGX_")} <= declared
    assert added[-1].startswith("##FORMAT")


def test_values_hold_no_syntax(tmp_path, fx_example):
    """Names with spaces, commas and semicolons are percent-encoded; nothing is lost."""
    path = annotate(fx_example["patients.GRCh38.vcf.gz"], tmp_path, genes=None)
    infos = [line.split("\t")[7] for line in lines(path)]
    assert not any(character.isspace() for info in infos for character in info)
    assert all(part.count("=") <= 1 for info in infos for part in info.split(";"))
    (values,) = fields(path, "rs2231142")
    assert values["ALLELE"] == [".", "ABCG2:rs2231142 variant (T)"]
    assert values["FUNCTION"] == [".", "Decreased function"]


def test_counts_of_values_are_those_declared(tmp_path, fx_example):
    path = annotate(fx_example["patients.GRCh37.vcf.gz"], tmp_path, genes=None)
    with pysam.VariantFile(str(path)) as file:
        number = {name: field.number for name, field in file.header.info.items() if name.startswith("LPGX_")}
        assert {"R", "A", ".", 0} == set(number.values())
        for record in file:
            for name, value in record.info.items():
                if number.get(name) == "R":
                    assert len(value) == len(record.alleles), name
            sample = record.samples[0]
            assert len(sample["LPGX_LS"]) == len(record.info["LPGX_LOCUS"])
            assert len(sample.get("LPGX_EC", ())) == len(record.info.get("LPGX_MARKER", ()))


# What is said.


def test_star_gene(tmp_path):
    (values,) = fields(annotate(between().write(tmp_path / "in"), tmp_path / "out"), TPMT)
    assert (values["GENE"], values["LOCUS"], values["ESSENTIAL"]) == (["TPMT"], ["TPMT:rs1142345"], [""])
    assert values["CHANGE"] == [".", "c.719A>G|Y240C", "c.719A>C|Y240S"]
    assert values["ALLELE"] == [".", "TPMT:*3A&TPMT:*3C", "TPMT:*41"]
    assert values["FUNCTION"] == [".", "No function&No function", "No function"]
    assert "azathioprine|CPIC&DPWG&FDA label" in values["GUIDELINE"]
    assert values["LS"] == ["observed"] * 3
    assert "MARKER" not in values
    assert "EC" not in values


def test_marker(tmp_path):
    (values,) = fields(annotate(between().write(tmp_path / "in"), tmp_path / "out"), FC)
    assert (values["MARKER"], values["EFFECT_ALLELE"]) == (["FCGR3A:F158V"], ["V"])
    assert values["MARKER_ALLELE"] == ["FCGR3A:F158V:F", "FCGR3A:F158V:V"]
    assert any(text.startswith("rituximab|") for text in values["EVIDENCE"])
    assert (values["LS"], values["EC"]) == (["observed", "no_call", "observed"], ["1", ".", "2"])
    assert "ALLELE" not in values


def test_effect_alleles_of_a_marker_of_several_loci(tmp_path):
    builder = between().set("rs73885319", "A/G", "G/G", "A/A").set("rs60910145", "T/G", "G/G", "T/T")
    builder.set("rs71785313", "AATAATT/AATAATT", "AATAATT/AATAATT", "AATAATT/A")
    path = annotate(builder.write(tmp_path / "in"), tmp_path / "out")
    (first,) = fields(path, "rs73885319")
    assert first["MARKER_ALLELE"] == [
        "APOL1:risk haplotypes:G0&APOL1:risk haplotypes:G2",
        "APOL1:risk haplotypes:G1",
    ]
    assert first["EC"] == ["1", "2", "1"]


@pytest.mark.parametrize(("build", "allele"), [("GRCh38", [".", "CYP3A5:*3"]), ("GRCh37", ["CYP3A5:*3", "."])])
def test_alleles_are_those_of_the_letters_on_both_builds(build, allele, tmp_path):
    """The genome of GRCh37 carries *3."""
    (values,) = fields(annotate(between(build).write(tmp_path / "in"), tmp_path / "out"), CYP3A5)
    assert values["ALLELE"] == allele


def test_results_and_file_say_the_same(tmp_path, fx_example):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])
    (path,) = analysis.write(tmp_path, formats=["vcf"])
    variants = analysis.variants.to_frame().set_index(["sample_id", "gene", "locus"]).status.to_dict()
    markers = analysis.markers.to_frame().set_index(["sample_id", "gene", "marker"]).effect_allele_count.to_dict()
    found, counts = {}, {}
    with pysam.VariantFile(str(path)) as file:
        for record in file:
            for sample in file.header.samples:
                cell = record.samples[sample]
                for name, status in zip(record.info["LPGX_LOCUS"], cell["LPGX_LS"], strict=True):
                    found[(sample, *unquote(name).split(":", 1))] = status
                for name, count in zip(record.info.get("LPGX_MARKER", ()), cell.get("LPGX_EC", ()), strict=True):
                    counts[(sample, *unquote(name).split(":", 1))] = count
    assert found == variants
    assert counts == markers


# Which records.


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "names"),
    [
        (48_037_782, "AGGAGTC", "A", [".", "NUDT15:*9"]),
        (48_037_783, "GGAGTCG", "G", [".", "NUDT15:*9"]),  # one base to the right
        (48_037_782, "AGGAGTC", "AGGAGTCGGAGTC,A", [".", "NUDT15:*6", "NUDT15:*9"]),
        (48_037_788, "C", "CGGAGTC", [".", "NUDT15:*6"]),  # at the far end of the repeat
    ],
)
def test_an_indel_is_known_however_it_is_written(pos, ref, alt, names, tmp_path):
    builder = between()
    builder.replace(REPEAT, Rec("chr13", pos, ref, alt, ["0/1", "0/0", "1|1"]))
    (values,) = fields(annotate(builder.write(tmp_path / "in"), tmp_path / "out"), REPEAT)
    assert values["ALLELE"] == names


def test_a_neighbour_at_the_position_of_an_indel_is_left_alone(tmp_path):
    neighbour = Rec("chr13", 48_037_782, "A", "G", ["0/1", "0/0", "0/0"])
    path = annotate(between().drop(REPEAT).add(neighbour).write(tmp_path / "in"), tmp_path / "out")
    assert fields(path, REPEAT) == []
    assert neighbour.line() in lines(path)


def test_records_that_the_results_do_not_use_say_why(tmp_path):
    builder = between()
    builder.records[TPMT][0].filters = "LowQual"
    builder.replace(CYP3A5, Rec("chr7", 99_672_916, "T", "A", ["0/1", "0/0", "1/1"]))
    builder.replace(FC, Rec("chr1", 161_544_752, "G", "C", ["0/1", "0/0", "1/1"]))
    path = annotate(builder.write(tmp_path / "in"), tmp_path / "out")
    assert fields(path, TPMT)[0]["LS"] == ["filtered"] * 3
    (odd,) = fields(path, CYP3A5)
    assert odd["LS"] == ["unexpected_allele", "observed", "unexpected_allele"]
    assert "ALLELE" not in odd
    (other,) = fields(path, FC)
    assert other["LS"] == ["ref_mismatch"] * 3
    assert other["EC"] == ["."] * 3


def test_split_records_of_a_locus_are_annotated_each_by_itself(tmp_path):
    builder = between()
    site = builder.site(TPMT)
    first, second = (Rec("chr6", site.pos, "T", alt, ["0/1", "0/0", "0/0"]) for alt in "CG")
    path = annotate(builder.replace(TPMT, first, second).write(tmp_path / "in"), tmp_path / "out")
    assert [values["ALLELE"] for values in fields(path, TPMT)] == [[".", "TPMT:*3A&TPMT:*3C"], [".", "TPMT:*41"]]


def test_a_block_of_a_gvcf_stands_for_its_loci(tmp_path):
    builder = between()
    pos = builder.site(TPMT).pos
    # A block yields to records: those of its other loci go.
    builder.drop(*(name for name in builder.loci if name != TPMT and abs(builder.site(name).pos - pos) <= 9))
    builder.replace(
        TPMT, Rec("chr6", pos - 9, "A", "<NON_REF>", ["0/0:9", "0/0:0", "0/0:7"], "GT:DP", info=f"END={pos + 9}")
    )
    (values,) = fields(annotate(builder.write(tmp_path / "in"), tmp_path / "out"), TPMT)
    assert len(values["LOCUS"]) > 1
    assert [set(text.split(",")) for text in values["LS"]] == [{"observed"}, {"low_quality"}, {"observed"}]
    assert "ALLELE" not in values


def test_only_genes_and_drugs_asked_for(tmp_path):
    source = between().write(tmp_path / "in")
    path = annotate(source, tmp_path / "out", genes=["TPMT"], drugs=["AZA"])
    ours = [line for line in lines(path) if "LPGX_" in line]
    assert all("LPGX_GENE=TPMT;" in line for line in ours)
    (values,) = fields(path, TPMT)
    assert [text.partition("|")[0] for text in values["GUIDELINE"]] == ["azathioprine"]


def test_samples_that_were_not_asked_for_stay_as_they_are(tmp_path):
    source = between().write(tmp_path / "in")
    path = annotate(source, tmp_path / "out", samples=[SAMPLES[2]])
    line = next(line for line in view(path, "-H") if "LPGX_LOCUS=TPMT:rs1142345" in line)
    keys, *cells = line.split("\t")[8:]
    assert (keys, cells) == ("GT:LPGX_LS", ["0/1:.", "1|1:.", "0/0:observed"])


@pytest.mark.parametrize(
    ("keys", "cells", "expected"),
    [
        ("GT:DP:AD", ["0/1:9:5,4", "1|1", "./.:3"], ["0/1:9:5,4:observed", "1|1:.:.:observed", "./.:3:.:no_call"]),
        ("DP", ["9", ".", "3"], ["9:no_call", ".:no_call", "3:no_call"]),
        (".", [".", ".", "."], ["no_call"] * 3),
    ],
)
def test_fields_that_a_sample_leaves_out_keep_their_place(keys, cells, expected, tmp_path):
    builder = between().replace(TPMT, Rec("chr6", 18_130_687, "T", "C", cells, keys))
    path = annotate(builder.write(tmp_path / "in"), tmp_path / "out")
    (line,) = [line for line in lines(path) if "LPGX_LOCUS=TPMT:rs1142345" in line]
    assert line.split("\t")[8:] == [f"{keys}:LPGX_LS".removeprefix(".:"), *expected]
    assert len(view(path, "-H", "-r", "chr6:18130687")) == 1
    assert annotate(str(path), tmp_path / "again").read_bytes() == path.read_bytes()


def test_unlisted_variants_are_marked(tmp_path):
    meta = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|IMPACT|SYMBOL">'
    builder = VcfBuilder(genes=("TPMT",), meta=[meta])
    builder.add(Rec("chr6", 18_143_620, "G", "A,T", ["0/2"], info="CSQ=T|stop_gained|HIGH|TPMT"))
    path = annotate(builder.write(tmp_path / "in"), tmp_path / "out", genes=["TPMT"])
    (line,) = [line for line in view(path, "-H") if "UNLISTED" in line]
    assert line.split("\t")[7:] == ["CSQ=T|stop_gained|HIGH|TPMT;LPGX_UNLISTED=.,TPMT", "GT", "0/2"]


# Inputs.


@pytest.fixture
def fx_pipe(monkeypatch):
    """Make standard input a pipe from a file."""
    running = []

    def start(path):
        running.append(subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE))
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=running[-1].stdout))

    yield start
    for process in running:
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("form", FORMS)
def test_standard_input(form, tmp_path, fx_cli, fx_pipe):
    source = between().write(tmp_path / "in", form)
    fx_pipe(source)
    code, _, err = fx_cli("analyze", "-", "--genes", ",".join(GENES), "--format", "vcf", "-o", tmp_path / "out")
    assert (code, warned(err)) == (0, "")
    assert (tmp_path / "out" / "annotated.vcf.gz").read_bytes() == annotate(source, tmp_path / "b").read_bytes()


def test_a_pipe_cannot_be_read_twice_from_python(tmp_path, fx_pipe):
    fx_pipe(between().write(tmp_path / "in"))
    analysis = lupus_pgx.analyze("-", genes=GENES)
    with pytest.raises(lupus_pgx.UsageError, match="pipe"):
        analysis.write(tmp_path / "out", formats=["vcf"])
    assert list((tmp_path / "out").iterdir()) == []


def test_several_inputs_give_a_file_each(tmp_path):
    names = ["a/one.vcf.gz", "b/one.bcf", "c/odd <name>.vcf"]
    paths = [
        VcfBuilder(samples=[f"S{number}"], genes=("TPMT",)).write(tmp_path / name, name.partition(".")[2])
        for number, name in enumerate(names)
    ]
    written = lupus_pgx.analyze(paths, genes=["TPMT"]).write(tmp_path / "out", formats=["vcf"])
    expected = ["annotated.one.vcf.gz", "annotated.one.2.vcf.gz", "annotated.odd %3Cname%3E.vcf.gz"]
    assert [path.name for path in written] == expected
    for number, path in enumerate(written):
        assert view(path, "-h")[-1].endswith(f"FORMAT\tS{number}")
        assert [without_ours(line) for line in view(path, "-H")] == view(paths[number], "-H")
        assert "observed" in view(path, "-H")[0]


@pytest.mark.parametrize("where", ["within", "contigs"])
def test_records_out_of_order_are_sorted(where, tmp_path, caplog):
    header, records = between().text().split("#CHROM", 1)
    columns, *rows = records.splitlines()
    moved = [*rows[5:], *rows[:5]] if where == "contigs" else [rows[1], rows[0], *rows[2:]]
    text = "\n".join([f"{header}#CHROM{columns}", *moved, ""])
    (tmp_path / "in.vcf").write_text(text)
    with caplog.at_level(logging.WARNING):
        path = annotate(str(tmp_path / "in.vcf"), tmp_path / "out")
    assert "sorted" in caplog.text
    assert sorted(map(without_ours, lines(path))) == sorted(rows)
    assert len(view(path, "-H", "-r", "chr6")) == sum(row.startswith("chr6\t") for row in rows)


def test_contigs_that_the_header_lacks_are_declared(tmp_path):
    text = "".join(f"{line}\n" for line in between().text().splitlines() if not line.startswith("##contig"))
    (tmp_path / "in.vcf").write_text(text.replace("\n", "\r\n"), newline="")
    path = annotate(str(tmp_path / "in.vcf"), tmp_path / "out", build="GRCh38")
    assert {line for line in view(path, "-h") if line.startswith("##contig")} == {
        f"##contig=<ID={chrom}>" for chrom in ("chr1", "chr2", "chr6", "chr7", "chr13", "chr22")
    }
    assert [without_ours(line) for line in lines(path)] == [line for line in text.splitlines() if line[0] != "#"]


def test_positions_beyond_tabix_get_a_csi_index(tmp_path):
    builder = VcfBuilder(samples=SAMPLES, genes=GENES, meta=[FAR])
    builder.add(Rec("far", 600_000_000, "A", "C", ["0/1"] * 3))
    path = annotate(builder.write(tmp_path / "in", "vcf"), tmp_path / "out")
    assert {item.name for item in path.parent.iterdir()} == {path.name, f"{path.name}.csi"}
    assert len(view(path, "-H", "-r", "far:600000000")) == 1


def test_an_annotated_file_can_be_annotated_again(tmp_path):
    path = annotate(between().write(tmp_path / "in"), tmp_path / "a")
    again = annotate(str(path), tmp_path / "b")
    assert again.read_bytes() == path.read_bytes()


def test_the_same_input_gives_the_same_bytes(tmp_path):
    source = between().write(tmp_path / "in")
    first, second = (annotate(source, tmp_path / name) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert Path(f"{first}.tbi").read_bytes() == Path(f"{second}.tbi").read_bytes()
    assert {item.name for item in first.parent.iterdir()} == {first.name, f"{first.name}.tbi"}


def test_an_old_index_of_the_other_kind_goes(tmp_path):
    (tmp_path / "annotated.vcf.gz.csi").write_text("old")
    annotate(between().write(tmp_path / "in" / "x"), tmp_path)
    assert {item.name for item in tmp_path.iterdir()} == {"in", "annotated.vcf.gz", "annotated.vcf.gz.tbi"}


# What can go wrong.


def test_the_input_is_never_replaced(tmp_path):
    source = Path(between().write(tmp_path / "annotated"))
    before = source.read_bytes()
    with pytest.raises(lupus_pgx.OutputError, match="input"):
        annotate(str(source), tmp_path)
    assert source.read_bytes() == before


def test_an_input_that_changed_is_refused(tmp_path):
    source = between().write(tmp_path / "in")
    analysis = lupus_pgx.analyze(source, genes=GENES)
    VcfBuilder(samples=["other"], genes=GENES).write(tmp_path / "in")
    with pytest.raises(lupus_pgx.InputError, match="changed"):
        analysis.write(tmp_path / "out", formats=["vcf"])
    Path(source).unlink()
    with pytest.raises(lupus_pgx.InputMissingError, match="no such file"):
        analysis.write(tmp_path / "out", formats=["vcf"])
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_that_ends_early_leaves_the_old_output(tmp_path):
    text = between().text()
    source = tmp_path / "in.vcf"
    source.write_text(text)
    analysis = lupus_pgx.analyze(str(source), genes=GENES)
    path = tmp_path / "out" / "annotated.vcf.gz"
    path.parent.mkdir()
    path.write_text("old")
    source.write_text(text[: text.rindex("\t")])
    with pytest.raises(lupus_pgx.InputError, match="truncated"):
        analysis.write(path.parent, formats=["vcf"])
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "old"


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("build", ["GRCh37"])
def test_real_file(build, fx_real, tmp_path):
    source = fx_real / f"1kgp-{build}.vcf.gz"
    path = annotate(str(source), tmp_path, genes=["TPMT", "UGT1A1", "CYP3A5"])
    before, after = lines(source), lines(path)
    ours = [number for number, line in enumerate(after) if "LPGX_" in line]
    assert len(ours) > 10
    assert len(before) == len(after)
    assert all(after[number] == before[number] for number in set(range(len(after))) - set(ours))
    assert all(without_ours(after[number]) == before[number] for number in ours)
    assert len(view(path, "-G", "-H", "-i", "LPGX_LOCUS!='.'")) == len(ours)
