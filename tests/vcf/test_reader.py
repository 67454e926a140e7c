"""Both readers: whatever the container and the parser, the same records give the same tables."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pysam
import pysam.bcftools
import pytest
from builder import Rec, VcfBuilder
from helpers import warned
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.vcf.records import read_cells

GENES = ("TPMT", "NUDT15")
X_LINKED = (*GENES, "G6PD")
SAMPLES = [f"S{number}" for number in range(1, 7)]

TPMT, TPMT_POS = "rs1142345", 18_130_687
PHASED = ("rs1142345", "rs1800460", "rs1800462")
REPEAT, REPEAT_POS = "rs746071566", 48_037_782
MALE, MALE_POS = "rs1050828", 154_536_002

PLAIN, STDIN, BGZIP, STDIN_BGZIP = "plain", "stdin", "bgzip", "stdin bgzip"
TBI, CSI = "bgzip + tbi", "bgzip + csi"
BCF, BCF_CSI, STDIN_BCF = "bcf", "bcf + csi", "stdin bcf"
STREAMED = [PLAIN, STDIN, BGZIP, STDIN_BGZIP]
FORMS = [*STREAMED, TBI, CSI, BCF, BCF_CSI, STDIN_BCF]

CHUNKS = [7, 64, 1000]

X_INFO = '##INFO=<ID=X,Number=1,Type=Integer,Description="Anything">'
XX = '##FORMAT=<ID=XX,Number=1,Type=Integer,Description="Something else">'
CSQ = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Effects. Format: Allele|Consequence|IMPACT|SYMBOL|Gene">'
ANN = '##INFO=<ID=ANN,Number=.,Type=String,Description="Functional annotations">'
MORE_FORMATS = [
    '##FORMAT=<ID=PGT,Number=1,Type=String,Description="Local phase">',
    '##FORMAT=<ID=PID,Number=1,Type=String,Description="Local phase set">',
]


class Stdin:
    """Standard input that holds the bytes of a file."""

    def __init__(self, data):
        self.buffer = io.BytesIO(data)


@dataclass(frozen=True)
class Source:
    """Something that can be analyzed: a path, or the bytes of standard input."""

    path: str
    data: bytes | None = None
    genes: tuple[str, ...] = GENES

    def analyze(self, monkeypatch, **options):
        if self.data is not None:
            monkeypatch.setattr(sys, "stdin", Stdin(self.data))
        return lupus_pgx.analyze(self.path, **{"genes": self.genes, **options})


def bgzipped(data, path):
    """Write data as bgzip; return the compressed bytes."""
    with pysam.BGZFile(str(path), "wb", None) as handle:
        handle.write(data)
    return path.read_bytes()


def in_form(data, form, folder):
    """Write the text of a VCF in one of the forms a file may have."""
    genes = X_LINKED if b"\nchrX\t" in data else GENES
    folder.mkdir(parents=True, exist_ok=True)
    name = form.replace(" ", "").replace("+", "_")
    plain, packed, binary = (folder / f"{name}.{suffix}" for suffix in ("vcf", "vcf.gz", "bcf"))
    if form == STDIN:
        return Source("-", data, genes)
    if form == PLAIN or "bcf" in form:
        plain.write_bytes(data)
    if form == PLAIN:
        return Source(str(plain), None, genes)
    if "bcf" not in form:
        bgzipped(data, packed)
        if form in (TBI, CSI):
            pysam.tabix_index(str(packed), preset="vcf", force=True, csi=form == CSI)
        return Source("-", packed.read_bytes(), genes) if form == STDIN_BGZIP else Source(str(packed), None, genes)
    pysam.bcftools.view("-Ob", "-o", str(binary), str(plain), catch_stdout=False)
    if form == BCF_CSI:
        pysam.bcftools.index("-f", str(binary), catch_stdout=False)
    return Source("-", binary.read_bytes(), genes) if form == STDIN_BCF else Source(str(binary), None, genes)


def tables(analysis):
    """Return everything that the reader decides."""
    return {
        "build": [proof for _, proof in analysis.results.genotypes.proofs],
        "variants": analysis.variants.to_frame(),
        "diplotypes": analysis.diplotypes.to_frame(),
    }


def assert_same(found, expected):
    assert found["build"] == expected["build"]
    for name in ("variants", "diplotypes"):
        pd.testing.assert_frame_equal(found[name], expected[name])


def with_field(text):
    """Give every record that holds only GT a further field, so that the general parser reads it."""
    lines = []
    for line in text.splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and len(cells) > 9 and cells[8] == "GT":
            line = "\t".join([*cells[:8], "GT:XX", *(f"{cell}:7" for cell in cells[9:])])  # noqa: PLW2901
        lines += [XX, line] if line.startswith("#CHROM") else [line]
    return "\n".join(lines) + "\n"


def widened(text, samples=65):
    """Give a file so many samples that the first columns of a line are looked at before all of it."""
    lines = []
    for line in text.splitlines():
        cells = line.split("\t")
        if line.startswith("#CHROM"):
            cells += [f"{name}-{copy}" for copy in range(samples) for name in cells[9:]]
        elif not line.startswith("#"):
            cells += cells[9:] * samples
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def genotypes(analysis, locus=TPMT):
    frame = analysis.variants.to_frame()
    return frame[frame.locus == locus].genotype.fillna("").tolist()


def statuses(analysis, locus=TPMT):
    frame = analysis.variants.to_frame()
    return frame[frame.locus == locus].status.tolist()


# Kinds of content.


def cohort(**options):
    return VcfBuilder(**{"genes": GENES, "samples": list(SAMPLES), **options})


def tpmt(*calls, ref="T", alts="C,G", **options):
    return Rec("chr6", TPMT_POS, ref, alts, list(calls), **options)


def neighbours(builder):
    """Add records before, between and after the loci, and on other contigs."""
    builder.meta.append(X_INFO)
    calls = ["0/1", "1/1", "0/0", "./.", "0|1", "1|0"]
    for chrom, start in (("chr6", 18_130_400), ("chr6", 18_200_000), ("chr13", 48_037_700), ("chr2", 5)):
        builder.add(*[Rec(chrom, start + 3 * step, "A", "C", calls, info=f"X={step}") for step in range(40)])
    return builder


def _phased():
    builder = cohort()
    for locus, letter, other in (("rs1142345", "T", "C"), ("rs1800460", "C", "T"), ("rs1800462", "C", "G")):
        pairs = [(letter, other), (other, letter), (letter, letter), (other, other)]
        texts = [sign.join(pair) for sign in "|/" for pair in pairs]
        builder.set(locus, *texts[: len(SAMPLES)])
    return builder.text()


def _mixed_widths():
    builder = cohort(genes=X_LINKED).replace(TPMT, tpmt("0|1", "1", "./.", ".", "./1", ".|."))
    builder.replace("rs1800460", Rec("chr6", 18_138_997, "C", "T", ["0/0/1", "1|.", "0", "0/1", "1/0", "1/1/1"]))
    return builder.replace(MALE, Rec("chrX", MALE_POS, "C", "T", ["0", "1", "0/1", "1|1", ".", "1/."])).text()


def _many_alleles():
    alts = ",".join(["C", "G", "A", *("T" + "A" * size for size in range(1, 10)), "<NON_REF>"])
    calls = ["10|11", "0|12", "1/10", "13/0", "2|1", "./12"]
    wide = ["0/0", "0/1", "1/12", "11", "10/10/11", "10|."]
    return cohort().replace(TPMT, tpmt(*calls, alts=alts)).add(tpmt(*wide, alts=alts)).text()


def _symbolic():
    deletion = Rec("chr6", 18_130_600, "A", "<DEL>", ["0/1", "0/0", "1/1", "./.", "0|1", "1"], info="END=18130700")
    elsewhere = Rec("chr6", 18_100_000, "A", "<DEL>", ["0/1"] * 6, info="END=18100700")
    inverted = Rec("chr6", 18_138_990, "A", "<DEL>", ["0/1"] * 6, info="END=18138900")
    star = Rec("chr6", 18_143_724, "C", "G,*", ["0/2", "1/2", "0/1", "2/2", "2|0", "0/0"])
    return cohort().drop(TPMT).replace("rs1800462", star).add(deletion, elsewhere, inverted).text()


def _blocks():
    """A gVCF: blocks that begin before a locus and end beyond it, and calls that may be something else."""
    builder = VcfBuilder(genes=X_LINKED, samples=["S1", "S2"])
    builder.meta.append(X_INFO)
    builder.drop(TPMT, "rs1800460", MALE)
    fields = {"fmt": "GT:DP:GQ", "alts": "<NON_REF>", "ref": "A"}
    return builder.add(
        Rec("chr6", 18_130_000, calls=["0/0:30:50", "0/0:0:0"], info="X=1;END=18131500", **fields),
        Rec("chr6", 18_138_000, calls=["0/0:3:5", "./.:0:."], info="END=18138997;X=1", **fields),
        Rec("chr6", 18_138_998, calls=["0/0:30:50", "0/0:31:60"], info="END=18139100", **fields),
        Rec("chrX", 154_530_000, calls=["0:30:50", "0/0:30:50"], info="END=154540000", **fields),
        Rec("chr13", 48_045_719, "C", "T,<NON_REF>", ["0/1:30:50", "0/2:20:20"], fmt="GT:DP:GQ"),
    ).text()


def _long_deletions():
    calls = ["0/1", "0|1", "1/1", "0/0", "./.", "1"]
    near = Rec("chr6", TPMT_POS - 29, "A" * 29 + "T", "A", calls)
    far = Rec("chr6", 18_138_997 - 4999, "G" * 4999 + "C", "G", calls)
    short = Rec("chr6", 18_143_724 - 3, "GATC", "G,GATG", ["0/1", "0/2", "1/2", "2|1", "0/0", "./."])
    return cohort().drop(TPMT, "rs1800460", "rs1800462").add(near, far, short).text()


def _fields():
    builder = cohort(meta=MORE_FORMATS)
    fmt = "GT:DP:GQ:AD:PS:PGT:PID"
    calls = [
        "0/1:30:99:20,10,0:.:0|1:18130687_T_C",
        "0|1:30:99:15,15,0:77:.:.",
        "1/2:9:12:0,4,5:.:1|2:18130687_T_C",
        "./.:.:.:.:.:.:.",
        "0/0:0:0:0,0,0:.:.:.",
        "1|0:28:40",
    ]
    builder.replace(TPMT, tpmt(*calls, fmt=fmt))
    later = ["0/1:1:2:1,1:.:1|0:18130687_T_C", "1|0:30:99:9,9:77:.:.", *["0/0:9:9:9,0:.:.:."] * 4]
    return builder.replace("rs1800460", Rec("chr6", 18_138_997, "C", "T", later, fmt=fmt)).text()


def _changing_fields():
    builder = cohort()
    builder.replace(TPMT, tpmt("35", "0", ".", "7", "8", "9", fmt="DP"))
    builder.replace("rs1800460", Rec("chr6", 18_138_997, "C", "T", ["0/1:9", "1", "0/0:.", ".:3", "./1", "1/1:1"]))
    builder.records["rs1800460"][0].fmt = "GT:DP"
    builder.replace("rs1800462", Rec("chr6", 18_143_724, "C", "G", ["0|1", "1|0", "0/1", ".", "1", "1/1"]))
    moved = ["9:0/1", "8:1|1", ".:.", "4:./1", "1:0/0", "0:0/0"]
    return builder.replace(REPEAT, Rec("chr13", REPEAT_POS, "AGGAGTC", "A", moved, fmt="DP:GT")).text()


def _phase_sets():
    samples = [f"P{number}" for number in range(40)]
    builder = VcfBuilder(genes=GENES, samples=samples)
    numbers = random.Random(5)
    for locus in PHASED:
        rec = builder.records[locus][0]
        rec.fmt = "GT:PS"
        rec.calls = [f"{numbers.choice(['0|1', '1|0', '0/1'])}:{numbers.choice([1, 2, 3, 900, '.'])}" for _ in samples]
    return builder.text()


def _prefixes():
    builder = cohort().replace(TPMT, tpmt("|0|1", "/0/1", "/1/0", "0|1", "/.", "|1"))
    fields = Rec("chr6", 18_138_997, "C", "T", ["/0/1:3", "|1|0:4", "0/1:.", "|1:5", "/1/1", "|.|1:5"], fmt="GT:DP")
    text = builder.replace("rs1800460", fields).text()
    return text.replace("VCFv4.2", "VCFv4.4")


def _words():
    builder = cohort(meta=["##source=Zürich", '##FILTER=<ID=schäbig,Description="kaputt">'])
    builder.replace(TPMT, tpmt("0/1", *["0/0"] * 5, identifier="rs1142345;größe", info="NOTE=naïve µ 漢字"))
    builder.replace("rs1800460", Rec("chr6", 18_138_997, "C", "T", ["0/1"] * 6, filters="schäbig"))
    builder.replace("rs1800462", Rec("chr6", 18_143_724, "C", "G", ["0/1"] * 6, filters="LowQual;schäbig"))
    note = '##INFO=<ID=NOTE,Number=1,Type=String,Description="Text">'
    text = builder.text().replace("\tS2\t", "\tZoë\t")
    return text.replace("##INFO", f"{note}\n##INFO", 1)


def _lower_case():
    builder = cohort().replace(TPMT, tpmt("0/1", "1/2", "2|1", "./1", "0/0", "."))
    text = neighbours(builder).text()
    return re.sub(
        r"^(chr\w+\t\d+\t\S+)\t([ACGT]+)\t([ACGT,]+)",
        lambda found: "\t".join([found[1], found[2].lower(), found[3].lower()]),
        text,
        flags=re.MULTILINE,
    )


def _contig_order():
    lines = neighbours(cohort().replace(TPMT, tpmt("0/1", "1/2", "2|1", "./1", "0/0", "."))).text().splitlines()
    header = [line for line in lines if line.startswith("#")]
    records = [line for line in lines if not line.startswith("#")]
    order = ["chrX", "chr6", "chr2", "chr13"]
    return "\n".join([*header, *sorted(records, key=lambda line: order.index(line.split("\t")[0]))]) + "\n"


def _many_contigs():
    builder = neighbours(cohort().replace(TPMT, tpmt("0/1", "1/2", "2|1", "./1", "0/0", ".")))
    names = [f"chr6_alt{number}" for number in range(150)] + ["chr", "c", "chr66", "chr1", "chrX_6", "HLA-A*01:01"]
    return builder.add(*[Rec(name, TPMT_POS, "T", "C", ["1/1"] * 6) for name in names]).text()


def _bases():
    """No contig lengths: the build shows only in the bases."""
    builder = VcfBuilder(samples=list(SAMPLES), lengths=False)
    return neighbours(builder.replace(TPMT, tpmt("0/1", "1/2", "2|1", "./1", "0/0", "."))).text()


def _bases_37():
    builder = VcfBuilder(samples=["S1", "S2"], lengths=False, build="GRCh37")
    return builder.set(TPMT, "T|C", "C/C").text()


def _no_contig_lines():
    return "".join(f"{line}\n" for line in _bases().splitlines() if not line.startswith("##contig"))


def _annotated(meta, info):
    builder = neighbours(cohort(meta=[meta]).replace(TPMT, tpmt("0/1", "1/2", "2|1", "./1", "0/0", ".")))
    builder.add(Rec("chr6", 18_143_620, "G", "A,T", ["0/1", "1|2", "./2", "0/0", "1", "0/1/2"], info=info))
    builder.add(Rec("chr6", 18_143_640, "G", "A", [f"0/1:{size}" for size in range(6)], fmt="GT:DP", info=info))
    return builder.text()


def _csq():
    return _annotated(CSQ, "END=18143620;CSQ=A|stop_gained|HIGH|TPMT|E1,T|missense_variant|MODERATE|TPMT|É2")


def _ann():
    return _annotated(ANN, "ANN=A|stop_gained|HIGH|TPMT|E1|transcript,T|intron_variant|MODIFIER|TPMT|E1|transcript")


def _split():
    """Several records at one locus, a record twice, and records that contradict each other."""
    builder = cohort()
    builder.replace(
        TPMT, tpmt("0/1", "0|1", "1/.", "0/0", "1/1", "./.", alts="C"), tpmt("0/1", "1|0", "./1", "0/1", "1/1", "0/1")
    )
    twice = Rec("chr6", 18_138_997, "C", "T", ["0/1", "1/1", "0|1", "1", ".", "0/0"])
    return builder.replace("rs1800460", twice, replace(twice)).text()


KINDS = {
    "phased": _phased,
    "mixed widths": _mixed_widths,
    "many alleles": _many_alleles,
    "symbolic": _symbolic,
    "gVCF blocks": _blocks,
    "long deletions": _long_deletions,
    "fields": _fields,
    "changing fields": _changing_fields,
    "phase sets": _phase_sets,
    "words": _words,
    "lower case": _lower_case,
    "contig order": _contig_order,
    "many contigs": _many_contigs,
    "bases": _bases,
    "bases 37": _bases_37,
    "no contig lines": _no_contig_lines,
    "CSQ": _csq,
    "ANN": _ann,
    "split": _split,
    "neighbours": lambda: neighbours(cohort()).text(),
    "prefixes": _prefixes,
}


@pytest.fixture(scope="module")
def fx_kinds(tmp_path_factory):
    """Texts of all kinds, and the tables of each as the plain file gives them; made when asked for."""
    folder = tmp_path_factory.mktemp("kinds")
    made = {}

    def get(kind):
        if kind not in made:
            data = KINDS[kind]().encode()
            made[kind] = data, tables(in_form(data, PLAIN, folder / kind).analyze(None))
        return made[kind]

    return get


# What the plain file says.


@pytest.mark.parametrize(
    ("kind", "locus", "expected"),
    [
        ("phased", TPMT, ["T|C", "C|T", "T|T", "C|C", "T/C", "C/T"]),
        ("mixed widths", TPMT, ["T|C", "C/.", "", "", "./C", ""]),
        ("mixed widths", "rs1800460", ["", "T|.", "C/.", "C/T", "T/C", ""]),
        ("mixed widths", MALE, ["C/.", "T/.", "C/T", "T|T", "", "T/."]),
        ("fields", TPMT, ["T|C", "T|C", "C|G", "", "", "C|T"]),
        ("changing fields", TPMT, [""] * 6),
        ("changing fields", "rs1800462", ["C|G", "G|C", "C/G", "", "G/.", "G/G"]),
        ("prefixes", TPMT, ["T|C", "T/C", "C/T", "T|C", "", "C/."]),
        ("prefixes", "rs1800460", ["C/T", "T|C", "C/T", "T/.", "T/T", ".|T"]),
        ("lower case", TPMT, ["T/C", "C/G", "G|C", "./C", "T/T", ""]),
        ("bases 37", TPMT, ["T|C", "C/C"]),
        ("gVCF blocks", TPMT, ["T/T", ""]),
        ("gVCF blocks", "rs1800460", ["C/C", ""]),
        ("gVCF blocks", MALE, ["C/.", "C/C"]),
        ("symbolic", TPMT, ["./*", "", "*/*", "", ".|*", "*/."]),
        ("long deletions", TPMT, ["./*", ".|*", "*/*", "", "", "*/."]),
        ("long deletions", "rs1800460", ["./*", ".|*", "*/*", "", "", "*/."]),
        ("long deletions", "rs1800462", ["C/*", "C/G", "*/G", "G|*", "C/C", ""]),
    ],
)
def test_plain_file_is_read_as_written(kind, locus, expected, fx_kinds):
    frame = fx_kinds(kind)[1]["variants"]
    assert frame[frame.locus == locus].genotype.fillna("").tolist() == expected


@pytest.mark.parametrize("form", [PLAIN, BCF])
def test_multi_digit_allele_numbers_are_told_apart(form, tmp_path, monkeypatch):
    """At an insertion every inserted length is an allele of its own."""
    letters = ["T", *("T" + "A" * size for size in range(2, 14))]
    calls = ["10|11", "0|12", "1/10", "12/2", "2|1", "./12"]
    builder = cohort(genes=("CYP3A5",))
    builder.replace("rs41303343", Rec("chr7", 99_652_770, "T", ",".join(letters[1:]), calls))
    expected = [re.sub(r"\d+", lambda found: letters[int(found[0])], call) for call in calls]
    analysis = in_form(builder.text().encode(), form, tmp_path).analyze(monkeypatch, genes=["CYP3A5"])
    assert genotypes(analysis, "rs41303343") == expected


def test_annotated_variants_are_reported_with_their_carriers(fx_kinds):
    frame = fx_kinds("CSQ")[1]["variants"]
    rows = frame[frame.status == "unlisted_variant"]
    assert rows[rows.pos == 18_143_620].groupby("alt").sample_id.apply(list).to_dict() == {
        "A": ["S1", "S2", "S5"],
        "T": ["S2", "S3"],
    }
    assert len(rows[rows.pos == 18_143_640]) == 6


# Every form of every kind.


@pytest.mark.parametrize("form", FORMS[1:])
@pytest.mark.parametrize("kind", KINDS)
def test_form_of_a_file_does_not_matter(kind, form, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds(kind)
    if "bcf" in form and b"##contig" not in data:
        pytest.skip("BCF numbers its contigs by the header")
    assert_same(tables(in_form(data, form, tmp_path).analyze(monkeypatch)), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_many_samples_are_found_as_those_of_few(kind, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds(kind)
    source = in_form(widened(data.decode()).encode(), TBI, tmp_path)
    chosen = expected["variants"].sample_id.unique().tolist()
    found = tables(source.analyze(monkeypatch, samples=chosen))
    for name in ("variants", "diplotypes"):
        # A note may count the samples of the file.
        few, many = (table[name].drop(columns="note") for table in (expected, found))
        pd.testing.assert_frame_equal(many, few)


@pytest.mark.parametrize("form", [PLAIN, BCF])
@pytest.mark.parametrize("kind", KINDS)
def test_general_parser_agrees_on_every_kind(kind, form, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds(kind)
    longer = with_field(data.decode()).encode()
    if form == BCF and b"##contig" not in data:
        pytest.skip("BCF numbers its contigs by the header")
    assert longer.count(b"GT:XX") > 10
    assert_same(tables(in_form(longer, form, tmp_path).analyze(monkeypatch)), expected)


@pytest.mark.parametrize("absent", ["unknown", "reference"])
@pytest.mark.parametrize("form", FORMS[1:])
def test_absent_loci_are_the_same_in_every_form(form, absent, tmp_path, monkeypatch):
    text = VcfBuilder(samples=["S1", "S2"]).set(TPMT, "T|C", "C/C").set(REPEAT, "A/AGGAGTC").variants_only().text()
    options = {"absent": absent, "genes": (*GENES, "VKORC1")}
    expected = tables(in_form(text.encode(), PLAIN, tmp_path).analyze(monkeypatch, **options))
    assert_same(tables(in_form(text.encode(), form, tmp_path).analyze(monkeypatch, **options)), expected)


@pytest.mark.parametrize("form", [PLAIN, STDIN_BGZIP, TBI, BCF_CSI])
@pytest.mark.parametrize("kind", ["many alleles", "fields", "CSQ"])
@pytest.mark.parametrize("chosen", [["S5"], ["S6", "S2", "S4"]])
def test_chosen_samples_have_their_rows_of_the_whole(kind, form, chosen, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds(kind)
    frame = in_form(data, form, tmp_path).analyze(monkeypatch, samples=chosen).variants.to_frame()
    whole = expected["variants"]
    rows = whole[whole.sample_id.isin(chosen)].reset_index(drop=True)
    # A remark about a record is not lost with the samples that were left out.
    pd.testing.assert_frame_equal(frame.drop(columns="note"), rows.drop(columns="note"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("limits", [{"min_gq": 20}, {"min_dp": 10}, {"min_allele_fraction": 0.4}])
def test_quality_limits_act_in_every_form(form, limits, fx_kinds, tmp_path, monkeypatch):
    analysis = in_form(fx_kinds("fields")[0], form, tmp_path).analyze(monkeypatch, **limits)
    weak = {"min_gq": [2, 4], "min_dp": [2, 4], "min_allele_fraction": [0]}[next(iter(limits))]
    expected = ["observed"] * 6
    expected[2], expected[3], expected[4] = "doubtful", "no_call", "low_quality"
    for sample in weak:
        expected[sample] = "low_quality"
    assert statuses(analysis) == expected


@pytest.mark.parametrize("form", [BCF, BCF_CSI, STDIN_BCF])
@pytest.mark.parametrize("cell", ["/0|1", "/1|0"])
def test_unphased_first_allele_of_vcf_4_4_is_unphased_in_bcf_too(cell, form, tmp_path, monkeypatch):
    text = VcfBuilder(genes=GENES).replace(TPMT, tpmt(cell)).text().replace("VCFv4.2", "VCFv4.4")
    expected = genotypes(in_form(text.encode(), PLAIN, tmp_path).analyze(monkeypatch))
    assert "/" in expected[0]
    assert genotypes(in_form(text.encode(), form, tmp_path).analyze(monkeypatch)) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("form", [PLAIN, STDIN, TBI])
@pytest.mark.parametrize("column", [2, 7], ids=["ID", "INFO"])
def test_letters_beyond_ascii_take_nothing_from_the_last_sample(column, form, encoding, tmp_path, monkeypatch):
    """What stands at the end of the line is read whole, however many bytes a letter takes."""
    builder = cohort(genes=("TPMT",))
    builder.replace(TPMT, tpmt(*["0/1:345"] * 6, fmt="GT:GQ"))
    moved = Rec("chr6", 18_138_997, "C", "T", ["30:0/1"] * 6, fmt="GQ:GT")
    text = builder.replace("rs1800460", moved).text()
    for start in (f"chr6\t{TPMT_POS}\t", "chr6\t18138997\t"):
        text = changed_line(text, lambda cells: [*cells[:column], "X=größößö", *cells[column + 1 :]], start)
    source = in_form(text.encode(encoding), form, tmp_path)
    analysis = source.analyze(monkeypatch, genes=["TPMT"], min_gq=25)
    assert genotypes(analysis) == ["T/C"] * 6
    assert genotypes(analysis, "rs1800460") == ["C/T"] * 6


# Line ends.

LINE_ENDS = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "no newline at the end": lambda text: text.removesuffix("\n"),
    "CRLF, none at the end": lambda text: text.removesuffix("\n").replace("\n", "\r\n"),
    "blank last line": lambda text: text + "\n",
    "two blank last lines": lambda text: text + "\n\n",
    "CRLF, blank last line": lambda text: (text + "\n").replace("\n", "\r\n"),
}


@pytest.mark.parametrize("form", [PLAIN, STDIN, STDIN_BGZIP, TBI, BCF])
@pytest.mark.parametrize("ends", LINE_ENDS)
@pytest.mark.parametrize("kind", ["many alleles", "fields"])
def test_line_ends_do_not_matter(kind, ends, form, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds(kind)
    if "blank" in ends and form not in STREAMED:
        pytest.skip("neither tabix nor bcftools takes a file with a blank line")
    changed = LINE_ENDS[ends](data.decode()).encode()
    assert_same(tables(in_form(changed, form, tmp_path).analyze(monkeypatch)), expected)


# Chunks.


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("form", [PLAIN, STDIN_BGZIP])
@pytest.mark.parametrize("kind", ["gVCF blocks", "fields", "many contigs", "words"])
def test_chunk_size_does_not_matter(kind, form, chunk, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds(kind)
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    assert_same(tables(in_form(data, form, tmp_path).analyze(monkeypatch)), expected)


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("ends", LINE_ENDS)
def test_chunks_may_end_within_a_line_end(ends, chunk, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds("many alleles")
    changed = LINE_ENDS[ends](data.decode()).encode()
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    for form in (PLAIN, STDIN_BGZIP):
        assert_same(tables(in_form(changed, form, tmp_path).analyze(monkeypatch)), expected)


@pytest.mark.parametrize("chunk", range(500, 510))
def test_a_chunk_may_end_anywhere(chunk, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds("symbolic")
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    assert_same(tables(in_form(data, PLAIN, tmp_path).analyze(monkeypatch)), expected)


# Order.


def shuffled(text, seed):
    lines = text.splitlines()
    header = [line for line in lines if line.startswith("#")]
    records = [line for line in lines if not line.startswith("#")]
    random.Random(seed).shuffle(records)
    return "\n".join([*header, *records]) + "\n"


@pytest.mark.parametrize("form", [PLAIN, STDIN_BGZIP, BCF])
@pytest.mark.parametrize("kind", ["symbolic", "gVCF blocks", "long deletions", "many contigs", "bases"])
def test_unsorted_file_is_read_whole(kind, form, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds(kind)
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", 1000)
    changed = shuffled(data.decode(), seed=11).encode()
    assert_same(tables(in_form(changed, form, tmp_path).analyze(monkeypatch)), expected)


@pytest.mark.parametrize("form", [PLAIN, STDIN_BGZIP, BCF])
def test_big_unsorted_file_is_read_whole(form, fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds("lower case")
    numbers = random.Random(3)
    places = ("chr6", "chr13", "chr2")
    more = [
        "\t".join([numbers.choice(places), str(numbers.randrange(1, 10_000_000)), ".", "A", "C", ".", ".", ".", "GT"])
        + "\t0/1" * 6
        for _ in range(6_000)
    ]
    changed = shuffled(data.decode() + "\n".join(more) + "\n", seed=1).encode()
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", 30_011)
    assert_same(tables(in_form(changed, form, tmp_path).analyze(monkeypatch)), expected)


# An index that does not fit.


@pytest.mark.parametrize("suffix", ["tbi", "csi"])
@pytest.mark.parametrize("others", [("VKORC1",), ("TPMT", "VKORC1")])
@pytest.mark.parametrize("declared", [True, False])
def test_index_of_another_file_is_refused_or_changes_nothing(declared, others, suffix, tmp_path, monkeypatch):
    def text(builder):
        return "".join(
            f"{line}\n" for line in builder.text().splitlines() if declared or not line.startswith("##contig")
        ).encode()

    form = TBI if suffix == "tbi" else CSI
    foreign = in_form(text(VcfBuilder(genes=others)), form, tmp_path / "foreign")
    carrier = in_form(text(VcfBuilder().set(TPMT, "C/C")), BGZIP, tmp_path / "carrier")
    shutil.copy(f"{foreign.path}.{suffix}", f"{carrier.path}.{suffix}")
    for absent in ("unknown", "reference"):
        try:
            analysis = carrier.analyze(monkeypatch, absent=absent)
        except lupus_pgx.InputError as error:
            assert carrier.path in str(error)  # noqa: PT017 - both outcomes are right
            continue
        assert genotypes(analysis) == ["C/C"]


@pytest.mark.parametrize("declared", ["all", "chr1", "none"])
@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_index_that_points_nowhere_hides_no_carrier(absent, declared, tmp_path, monkeypatch):
    """The index knows only contigs without panel loci, so nothing is found through it, under any name."""
    lines = VcfBuilder().set(TPMT, "C/C").variants_only().text().splitlines()
    kept = [
        line
        for line in lines
        if not line.startswith("##contig") or declared == "all" or (declared == "chr1" and "ID=chr1," in line)
    ]
    header = [line for line in kept if line.startswith("#")]
    elsewhere = ["\t".join([chrom, "10", ".", "A", "C", ".", ".", ".", "GT", "0/1"]) for chrom in ("chr1", "chr16")]
    foreign = in_form(("\n".join([*header, *elsewhere]) + "\n").encode(), TBI, tmp_path / "foreign")
    carrier = in_form(("\n".join(kept) + "\n").encode(), BGZIP, tmp_path / "carrier")
    options = {"absent": absent, "build": "GRCh38"}
    expected = tables(carrier.analyze(monkeypatch, **options))
    shutil.copy(f"{foreign.path}.tbi", f"{carrier.path}.tbi")
    found = carrier.analyze(monkeypatch, **options)
    assert genotypes(found) == ["C/C"]
    assert_same(tables(found), expected)


def test_both_indexes_beside_a_file_are_no_hindrance(fx_kinds, tmp_path, monkeypatch):
    data, expected = fx_kinds("mixed widths")
    source = in_form(data, TBI, tmp_path)
    pysam.tabix_index(source.path, preset="vcf", force=True, csi=True)
    assert {path.suffix for path in tmp_path.iterdir()} == {".gz", ".tbi", ".csi"}
    assert_same(tables(source.analyze(monkeypatch)), expected)


# Concatenated blocks.


@pytest.mark.parametrize("form", ["file", "stdin"])
def test_bgzip_files_put_together_are_read_to_the_end(form, fx_kinds, tmp_path, monkeypatch):
    """``cat a.vcf.gz b.vcf.gz`` leaves an empty block in the middle."""
    data, expected = fx_kinds("many alleles")
    cut = data.index(b"\n", data.index(b"\nchr6\t")) + 30
    joined = bgzipped(data[:cut], tmp_path / "one.gz") + bgzipped(data[cut:], tmp_path / "two.gz")
    path = tmp_path / "joined.vcf.gz"
    path.write_bytes(joined)
    source = Source(str(path)) if form == "file" else Source("-", joined)
    assert_same(tables(source.analyze(monkeypatch)), expected)


# Any genotypes.

ALLELES = st.sampled_from([".", "0", "1", "2", "3", "9", "10", "11", "123"])
CELLS = st.one_of(
    st.builds("{}{}{}".format, ALLELES, st.sampled_from("|/"), ALLELES),
    st.sampled_from(["0/0", "0/1", "0|0", "1/1"]),
    ALLELES,
    st.sampled_from(["0/1/1", "0|0|1", "./././.", "1000/1000", "0/1/2/3/4"]),
)


@pytest.mark.slow
@settings(max_examples=25)
@given(
    samples=st.integers(1, 8),
    data=st.data(),
    alts=st.sampled_from(["C", "C,G", "C,G,A", "C,G,A,TA,TAA,TAAA,TC,TCC,TCCC,TG", "<NON_REF>", "."]),
)
def test_any_genotypes_are_read_alike(samples, data, alts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    names = [f"S{number}" for number in range(samples)]
    cells = st.lists(CELLS, min_size=samples, max_size=samples)
    builder = VcfBuilder(genes=("TPMT",), samples=names)
    builder.replace(TPMT, tpmt(*data.draw(cells), alts=alts))
    builder.replace("rs1800460", Rec("chr6", 18_138_997, "C", "T", data.draw(cells)))
    text = builder.text()
    expected = tables(in_form(text.encode(), PLAIN, folder).analyze(None, genes=["TPMT"]))
    for changed, form in ((text, BCF), (with_field(text), PLAIN)):
        assert_same(tables(in_form(changed.encode(), form, folder).analyze(None, genes=["TPMT"])), expected)


def cell_by_cell(text, prefixes):
    """Read one genotype without any of the reader's means."""
    start = ""
    if prefixes and text[:1] in ("|", "/"):
        start, text = text[0], text[1:]
    if not re.fullmatch(r"(\.|[0-9]+)([|/](\.|[0-9]+))*", text):
        return None
    codes = [-1 if part == "." else int(part) for part in re.split(r"[|/]", text)]
    if len(codes) == 1:
        return codes[0], -2, False
    phased = "/" not in text and start != "/"
    return (*codes, phased) if len(codes) == 2 else (-1, -1)


@given(
    st.lists(st.one_of(CELLS, st.builds("{}{}".format, st.sampled_from(["|", "/", ""]), CELLS)), min_size=1),
    st.booleans(),
    st.integers(1, 30),
)
def test_columns_are_read_as_cell_by_cell(cells, prefixes, times):
    cells = cells * times
    expected = [cell_by_cell(cell, prefixes) for cell in cells]
    packed = "\t".join(cells).encode()
    if None in expected:
        with pytest.raises(ValueError, match="is not a genotype"):
            read_cells(packed, len(cells), prefixes=prefixes)
        return
    read = read_cells(packed, len(cells), prefixes=prefixes)
    words, phased = read.words[read.index].tolist(), read.phased[read.index].tolist()
    # Phase means nothing where three copies cannot be placed on two haplotypes.
    assert [
        (*word, flag)[: len(wanted)] for word, flag, wanted in zip(words, phased, expected, strict=True)
    ] == expected


@given(
    st.binary(max_size=12).filter(lambda text: b"\t" not in text),
    st.integers(1, 3),
    st.booleans(),
)
def test_any_bytes_are_a_genotype_or_an_error(text, times, prefixes):
    expected = cell_by_cell(text.decode("latin-1"), prefixes)
    packed = b"\t".join([text] * times)
    if expected is None:
        with pytest.raises(ValueError, match="is not a genotype"):
            read_cells(packed, times, prefixes=prefixes)
    elif max(expected) < 1 << 30:
        assert read_cells(packed, times, prefixes=prefixes).words[0].tolist() == list(expected[:2])


@pytest.mark.parametrize("samples", [1, 2, 5])
@pytest.mark.parametrize("cells", ["0/1", "0/1\t1", "0/1\t0/1\t0/1", "0\t1\t1\t0", "\t\t\t", "10/10\t1", ""])
def test_number_of_cells_must_be_that_of_samples(cells, samples):
    if len(cells.split("\t")) == samples and all(cells.split("\t")):
        assert len(read_cells(cells.encode(), samples, prefixes=False).index) == samples
        return
    with pytest.raises(ValueError, match="genotype"):
        read_cells(cells.encode(), samples, prefixes=False)


def test_thousands_of_different_genotypes_are_told_apart():
    """More distinct cells than a small table could hold, of three letters and of any."""
    for cells in (
        [f"{first}|{second}" for first in range(10) for second in range(10)] * 3,
        [f"{first}/{second}" for first in range(80) for second in range(80)],
        [f"{first}|{second}" for first in range(9990, 10_070) for second in range(80)],
    ):
        read = read_cells("\t".join(cells).encode(), len(cells), prefixes=False)
        found = read.words[read.index]
        expected = np.array([[int(part) for part in re.split(r"[|/]", cell)] for cell in cells])
        np.testing.assert_array_equal(found, expected)
        assert len(read.words) == len(set(cells))


# Errors.


def changed_line(text, change, start=f"chr6\t{TPMT_POS}\t"):
    lines = text.splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith(start))
    lines[number] = "\t".join(change(lines[number].split("\t")))
    return "\n".join(lines) + "\n"


def assert_refused(source, monkeypatch, **options):
    """One sentence that names the file and shows no Python values; return it."""
    with pytest.raises(lupus_pgx.InputError) as caught:
        source.analyze(monkeypatch, **options)
    message = str(caught.value)
    assert type(caught.value) is lupus_pgx.InputError
    assert message.startswith((source.path, "standard input"))
    assert "\n" not in message
    assert "b'" not in message
    return message


BAD = {
    "too few columns": lambda cells: cells[:-1],
    "one genotype column": lambda cells: cells[:10],
    "no genotype column": lambda cells: cells[:9],
    "no FORMAT": lambda cells: cells[:8],
    "too many columns": lambda cells: [*cells, cells[-1]],
    "x|0": lambda cells: [*cells[:9], "x|0", *cells[10:]],
    "0|x": lambda cells: [*cells[:11], "0|x", *cells[12:]],
    "0||1": lambda cells: [*cells[:9], "0||1", *cells[10:]],
    "empty cell": lambda cells: [*cells[:9], "", *cells[10:]],
    "allele 99999999999": lambda cells: [*cells[:9], "99999999999/0", *cells[10:]],
}


@pytest.mark.parametrize("general", [False, True], ids=["GT", "GT:XX"])
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("form", [PLAIN, STDIN_BGZIP, TBI])
def test_bad_genotype_columns_are_an_input_error(form, bad, general, tmp_path, monkeypatch):
    text = changed_line(cohort(genes=("TPMT",)).text(), BAD[bad])
    if general:
        text = with_field(text)
        text = text.replace("\t:7", "\t") if bad == "empty cell" else text
    message = assert_refused(in_form(text.encode(), form, tmp_path), monkeypatch, genes=["TPMT"])
    assert f"chr6:{TPMT_POS}" in message


@pytest.mark.parametrize("position", ["abc", "", "-5", "1e3", "18130687x", "18 130 687", "٣"])
@pytest.mark.parametrize("form", [PLAIN, STDIN_BGZIP])
@pytest.mark.parametrize("chunk", [64, 4 << 20])
def test_position_that_is_no_number_is_an_input_error(chunk, form, position, tmp_path, monkeypatch):
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    text = changed_line(cohort(genes=("TPMT",)).text(), lambda cells: [cells[0], position, *cells[2:]])
    assert_refused(in_form(text.encode(), form, tmp_path), monkeypatch, genes=["TPMT"])


@pytest.mark.parametrize("form", FORMS)
def test_record_at_the_telomere_is_passed_over(form, tmp_path, monkeypatch):
    """VCF writes the telomere as position 0."""
    text = VcfBuilder(genes=("TPMT",)).set(TPMT, "T/C").text()
    first = text.index("\nchr6\t") + 1
    text = f"{text[:first]}chr6\t0\t.\tN\t<DEL>\t.\tPASS\t.\tGT\t0/1\n{text[first:]}"
    analysis = in_form(text.encode(), form, tmp_path).analyze(monkeypatch, genes=["TPMT"])
    assert genotypes(analysis) == ["T/C"]


@pytest.mark.parametrize("chunk", [7, 64, 4 << 20])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("form", STREAMED)
def test_blank_line_between_records_is_an_input_error(form, ends, chunk, tmp_path, monkeypatch):
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    text = cohort(genes=("TPMT",)).text()
    place = text.index(f"chr6\t{TPMT_POS}\t")
    data = f"{text[:place]}\n{text[place:]}".replace("\n", ends).encode()
    assert_refused(in_form(data, form, tmp_path), monkeypatch, genes=["TPMT"])


@pytest.mark.parametrize("chunk", [64, 4 << 20])
@pytest.mark.parametrize("form", [PLAIN, STDIN_BGZIP])
@pytest.mark.parametrize("general", [False, True], ids=["GT", "GT:XX"])
def test_last_line_cut_anywhere_is_an_input_error(general, form, chunk, tmp_path, monkeypatch):
    """Up to the tab before the last cell; whether what is left of that cell is all of it cannot be seen."""
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    text = VcfBuilder(genes=("TPMT",), samples=["S1", "S2"]).text()
    data = (with_field(text) if general else text).removesuffix("\n").encode()
    last = data.rindex(b"\n") + 1
    accepted = []
    for cut in range(last + 1, data.rindex(b"\t") + 1, 3):
        try:
            assert_refused(in_form(data[:cut], form, tmp_path), monkeypatch, genes=["TPMT"])
        except pytest.fail.Exception:
            accepted.append(data[last:cut].decode())
    assert accepted == []


@pytest.mark.parametrize("chunk", [64, 4 << 20])
@pytest.mark.parametrize("form", STREAMED)
def test_last_line_cut_on_another_contig_is_an_input_error(form, chunk, tmp_path, monkeypatch):
    """What came after it is not there either."""
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    data = cohort(genes=("TPMT",)).text().encode() + b"chr7\t1000\t.\tA\tC\t."
    message = assert_refused(in_form(data, form, tmp_path), monkeypatch, genes=["TPMT"])
    assert "truncated" in message


def blocks_of(data):
    """Return where each block of bgzipped data begins."""
    starts, place = [], 0
    while place < len(data):
        starts.append(place)
        place += int.from_bytes(data[place + 16 : place + 18], "little") + 1
    return starts


@pytest.fixture(scope="module")
def fx_blocks(tmp_path_factory):
    """A bgzipped VCF of several blocks, some of which end with a line."""
    folder = tmp_path_factory.mktemp("blocks")
    lines = cohort().text().encode().splitlines(keepends=True)
    parts = [b"".join(lines[start : start + 12]) for start in range(0, len(lines), 12)]
    packed = [bgzipped(part, folder / "part.gz")[:-28] for part in parts[:-1]]
    return b"".join(packed) + bgzipped(parts[-1], folder / "part.gz")


def test_whole_bgzip_stream_is_read(fx_blocks, monkeypatch):
    assert len(blocks_of(fx_blocks)) > 4
    assert genotypes(Source("-", fx_blocks).analyze(monkeypatch)) == ["T/T"] * 6


@pytest.mark.parametrize("chunk", [64, 4 << 20])
def test_bgzip_stream_cut_between_blocks_is_an_input_error(chunk, fx_blocks, monkeypatch):
    """All lines are whole, only the rest of the file is not there."""
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    starts = blocks_of(fx_blocks)
    accepted = []
    for number, start in enumerate(starts[1:], start=1):
        try:
            assert_refused(Source("-", fx_blocks[:start]), monkeypatch)
        except pytest.fail.Exception:
            accepted.append(f"{number} of {len(starts)} blocks")
    assert accepted == []


@pytest.mark.parametrize("chunk", [64, 4 << 20])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_bgzip_stream_cut_within_a_block_is_an_input_error(share, chunk, fx_blocks, monkeypatch):
    monkeypatch.setattr("lupus_pgx.vcf.inflated._CHUNK", chunk)
    assert_refused(Source("-", fx_blocks[: int(len(fx_blocks) * share)]), monkeypatch)


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
@pytest.mark.parametrize("form", ["file", "stdin"])
def test_damaged_block_is_an_input_error(form, share, fx_blocks, tmp_path, monkeypatch):
    data = bytearray(fx_blocks)
    data[int(len(data) * share)] ^= 0xFF
    path = tmp_path / "damaged.vcf.gz"
    path.write_bytes(data)
    assert_refused(Source(str(path)) if form == "file" else Source("-", bytes(data)), monkeypatch)


@pytest.mark.parametrize("data", [b"", b"\n", b"##fileformat=VCFv4.2\n", b"\x1f\x8b\x08\x04"])
def test_standard_input_without_a_vcf_is_an_input_error(data, monkeypatch):
    assert_refused(Source("-", data), monkeypatch)


# A process of its own.


def command(folder, source):
    """Analyze in another process; return its exit code, standard error and the tables it wrote."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "lupus_pgx",
            "analyze",
            source.path,
            "--genes",
            ",".join(source.genes),
            "-o",
            str(folder),
        ],
        input=source.data,
        capture_output=True,
        check=False,
    )
    written = {path.name: path.read_bytes() for path in folder.glob("*.tsv")} if folder.exists() else {}
    return done.returncode, done.stderr.decode(), written


@pytest.mark.parametrize("form", [STDIN, STDIN_BGZIP, STDIN_BCF])
def test_pipe_gives_the_tables_of_the_file(form, fx_kinds, tmp_path):
    data, _ = fx_kinds("mixed widths")
    in_form(data, PLAIN, tmp_path / "in")
    lupus_pgx.analyze(tmp_path / "in" / "plain.vcf", genes=X_LINKED).write(tmp_path / "file")
    expected = {path.name: path.read_bytes() for path in (tmp_path / "file").glob("*.tsv")}
    code, err, written = command(tmp_path / "pipe", in_form(data, form, tmp_path / "in"))
    assert (code, warned(err)) == (0, "")
    assert sorted(written) == sorted(expected)
    assert written["variants.tsv"] == expected["variants.tsv"]
    assert written["diplotypes.tsv"] == expected["diplotypes.tsv"]


@pytest.mark.parametrize("share", [0, 0.5])
def test_cut_pipe_is_one_sentence(share, fx_blocks, tmp_path):
    code, err, written = command(tmp_path / "pipe", Source("-", fx_blocks[: int(len(fx_blocks) * share)]))
    assert code == lupus_pgx.InputError.exit_code
    assert err.startswith("lupus-pgx: error: ")
    assert err.count("\n") == 1
    assert written == {}
