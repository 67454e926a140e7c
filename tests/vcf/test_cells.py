"""FORMAT fields of text and BCF: read in bulk as a slow obvious reading has them, in any order and state."""

from __future__ import annotations

import math
import re
import subprocess
import sys

import numpy as np
import pysam
import pysam.bcftools
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.vcf.cells import NO_NUMBER, TextCells
from lupus_pgx.vcf.fields import FIELDS, as_probabilities, genotyped
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.regions import Region

KINDS = {
    "GT": ("1", "String"), "LGT": ("1", "String"), "FT": ("1", "String"), "PS": ("1", "Integer"),
    "PSL": (".", "String"), "PGT": ("1", "String"), "PID": ("1", "String"), "GQ": ("1", "Integer"),
    "RGQ": ("1", "Integer"), "GQX": ("1", "Integer"), "DP": ("1", "Integer"), "MIN_DP": ("1", "Integer"),
    "AD": ("R", "Integer"), "RO": ("1", "Integer"), "AO": ("A", "Integer"), "PL": ("G", "Integer"),
    "GL": ("G", "Float"), "GP": ("G", "Float"), "DS": ("A", "Float"), "HDS": (".", "Float"),
    "LAA": (".", "Integer"), "LA": (".", "Integer"), "LAD": (".", "Integer"), "LPL": (".", "Integer"),
    "LEN": ("1", "Integer"),
}  # fmt: skip
SINGLE = {"DP": "depth", "GQ": "quality", "MIN_DP": "min_depth", "RGQ": "reference_quality", "GQX": "site_quality"}
SINGLE["LEN"] = "lengths"


def header(samples, version="4.3"):
    lines = [f"##fileformat=VCFv{version}", "##contig=<ID=chr6,length=170805979>"]
    lines += [f'##FORMAT=<ID={key},Number={n},Type={kind},Description="x">' for key, (n, kind) in KINDS.items()]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    return "\n".join([*lines, "\t".join(columns)]) + "\n"


def written(tmp_path, keys, cells, alts=("C",), kind="vcf", **options):
    """Write one record, read its columns."""
    names = [f"S{number}" for number in range(len(cells))]
    line = "\t".join(["chr6", "100", ".", "A", ",".join(alts) or ".", ".", ".", ".", ":".join(keys), *cells])
    path = tmp_path / "one.vcf"
    path.write_text(header(names, **options) + line + "\n", encoding="latin-1")
    if kind == "bcf":
        pysam.bcftools.view("-Ob", "-o", str(tmp_path / "one.bcf"), str(path), catch_stdout=False)
        path = tmp_path / "one.bcf"
    return str(path)


def read(path, fields=FIELDS):
    with VcfFile(path) as file:
        (record,) = file.records([Region("chr6", 1, 1000)])
        return file.genotypes(record, fields)


def columns(keys, cells, alts=1, wanted=FIELDS, prefixes=False):
    text = TextCells("\t".join(cells).encode(), keys, len(cells), prefixes=prefixes)
    return genotyped(text, len(cells), alts, wanted)


def same(one, other):
    """Whether two readings hold the same arrays; words may be numbered otherwise."""
    assert one.words[one.index].tolist() == other.words[other.index].tolist()
    assert one.phased[one.index].tolist() == other.phased[other.index].tolist()
    assert one.polyploid[one.index].tolist() == other.polyploid[other.index].tolist()
    assert (one.filters is None) == (other.filters is None)
    if one.filters is not None:
        assert [one.filters[0][n] for n in one.filters[1]] == [other.filters[0][n] for n in other.filters[1]]
    for name in (
        "phase_sets", "depth", "quality", "allele_depths", "min_depth", "reference_quality", "site_quality",
        "likelihoods", "probabilities", "dosages", "haplotype_dosages", "lengths",
    ):  # fmt: skip
        mine, its = getattr(one, name), getattr(other, name)
        assert (mine is None) == (its is None), name
        if mine is not None:
            assert mine.dtype == its.dtype, name
            np.testing.assert_array_equal(mine, its, err_msg=name)


# A slow, obvious reading.


def number(text, whole=True):
    try:
        value = float(text)
    except ValueError:
        return -1 if whole else math.nan
    if whole:
        return int(value) if 0 <= value < 2**31 else -1
    return float(np.float32(value)) if abs(value) < 3.4e38 else math.nan


def numbers(text, allowed, whole=True):
    parts = text.split(",") if text else []
    missing = -1 if whole else math.nan
    values = [number(part, whole) for part in parts] if len(parts) in allowed else []
    return values + [missing] * (max(allowed) - len(values))


def slowly(keys, cells, alts):
    """Each field of each sample by splitting at tabs, colons and commas."""
    table = [dict(zip(keys, cell.split(":"), strict=False)) for cell in cells]
    r, g = alts + 1, (alts + 1) * (alts + 2) // 2
    found = {}
    for key, name in SINGLE.items():
        if key in keys:
            found[name] = [number(row.get(key, "")) for row in table]
    if "AD" in keys:
        found["allele_depths"] = [numbers(row.get("AD", ""), [r]) for row in table]
    if "PL" in keys:
        lists = [numbers(row.get("PL", ""), [r, g]) for row in table]
        found["likelihoods"] = [[math.nan if value < 0 else value for value in values] for values in lists]
    elif "GL" in keys:
        lists = [numbers(row.get("GL", ""), [r, g], whole=False) for row in table]
        found["likelihoods"] = [[float(np.float32(value) * np.float32(-10)) for value in values] for values in lists]
    if "DS" in keys:
        found["dosages"] = [numbers(row.get("DS", ""), [alts], whole=False) for row in table]
    if "HDS" in keys:
        found["haplotype_dosages"] = [numbers(row.get("HDS", ""), [alts, 2 * alts], whole=False) for row in table]
    texts = [row.get("FT", "") or "." for row in table]
    return table, found, texts


INTEGERS = st.one_of(st.integers(0, 120).map(str), st.integers(0, 2**31 - 1).map(str), st.just("."))
REALS = st.one_of(
    st.decimals(0, 1, places=3).map(str),
    st.floats(-300, 0, width=32).map(repr),
    st.sampled_from([".", "1", "0", "-0.5"]),
)
ALLELE = st.sampled_from([".", "0", "1", "2", "10"])
PAIRS = st.builds("{}{}{}".format, ALLELE, st.sampled_from("/|"), ALLELE)
GENOTYPES = st.one_of(st.sampled_from(["0/0", "0/1", "1|0", "."]), PAIRS, ALLELE, st.just("0/0/1"))


def lists(value, *lengths):
    return st.sampled_from(lengths).flatmap(lambda n: st.lists(value, min_size=n, max_size=n)).map(",".join)


def values(key, alts):
    r, g = alts + 1, (alts + 1) * (alts + 2) // 2
    return {
        "GT": GENOTYPES,
        "FT": st.sampled_from(["PASS", ".", "LowGQ", "LowGQ;LowDP", "a_filter_with_a_long_name"]),
        "AD": lists(INTEGERS, r, r, r + 1, 1),
        "PL": lists(INTEGERS, g, g, r, g + 1, 1),
        "GL": lists(REALS, g, g, r, 1),
        "DS": lists(REALS, alts, alts, alts + 1),
        "HDS": lists(REALS, alts, 2 * alts, 2 * alts + 1),
    }.get(key, INTEGERS)


@st.composite
def records(draw, empty=True, most=12, fold=40):
    alts = draw(st.integers(1, 3))
    keys = draw(st.permutations(["GT", "FT", "AD", "PL", "GL", "DS", "HDS", *SINGLE]))
    keys = keys[: draw(st.integers(1, len(keys)))]
    cell = st.tuples(*(values(key, alts) for key in keys))
    cells = []
    for parts in draw(st.lists(cell, min_size=1, max_size=most)):
        kept = list(parts[: draw(st.integers(1, len(keys)))])  # trailing fields may be dropped
        if empty:
            blank = draw(st.sets(st.integers(0, len(keys) - 1), max_size=2))
            kept = ["" if place in blank else part for place, part in enumerate(kept)]
            kept = kept if any(kept) or len(kept) > 1 else ["."]  # a whole column is never empty
        cells.append(":".join(kept))
    if draw(st.booleans()):
        cells.append(".")
    return keys, cells * draw(st.sampled_from([1, 1, fold])), alts


@given(records())
def test_bulk_reading_is_the_slow_reading(record):
    keys, cells, alts = record
    found = columns(keys, cells, alts)
    table, expected, texts = slowly(keys, cells, alts)
    for name, wanted in expected.items():
        np.testing.assert_array_equal(getattr(found, name), np.array(wanted, getattr(found, name).dtype), name)
    for name in {"depth", "quality", "allele_depths", "likelihoods", "dosages", "haplotype_dosages"} - set(expected):
        assert getattr(found, name) is None
    if "FT" in keys:
        assert [found.filters[0][n] for n in found.filters[1]] == texts
    genotypes = [row.get("GT", "") or "." for row in table]
    words, flags = found.words[found.index].tolist(), found.phased[found.index].tolist()
    for text, word, phased, odd in zip(genotypes, words, flags, found.polyploid[found.index].tolist(), strict=True):
        parts = [-1 if part == "." else int(part) for part in re.split("[|/]", text)]
        if "GT" not in keys:
            assert word == [-1, -1]
        elif len(parts) == 1:
            assert word == [parts[0], -2]
        else:
            assert word == (parts if len(parts) == 2 else [-1, -1])
            assert phased == ("/" not in text) or odd
        assert odd == ("GT" in keys and len(parts) > 2)


@settings(max_examples=40)
@given(records(empty=False, most=6, fold=2))
def test_text_and_bcf_are_read_alike(tmp_path_factory, record):
    keys, cells, alts = record
    # htslib wants no number above its own range, and no allele that is none.
    cells = [re.sub(r"\b21474836\d\d\b", "7", cell) for cell in cells]
    folder = tmp_path_factory.mktemp("both")
    letters = ("C", "G", "T")[:alts]
    text = read(written(folder, keys, cells, letters))
    same(text, read(written(folder, keys, cells, letters, kind="bcf")))


@given(records(), st.sampled_from(sorted(FIELDS)))
def test_only_what_is_asked_for_is_read(record, wanted):
    keys, cells, alts = record
    every, found = columns(keys, cells, alts), columns(keys, cells, alts, {wanted})
    names = {"DP": "depth", "GQ": "quality", "AD": "allele_depths", "PL": "likelihoods", "DS": "dosages", **SINGLE}
    for key, name in names.items():
        if key == wanted and getattr(every, name) is not None:
            np.testing.assert_array_equal(getattr(found, name), getattr(every, name))
        else:
            assert getattr(found, name) is None
    if wanted != "GT":
        assert (found.words == -1).all()


@given(records(), st.data())
def test_samples_can_be_chosen(record, data):
    keys, cells, alts = record
    chosen = data.draw(st.lists(st.integers(0, len(cells) - 1), min_size=1, max_size=5))
    same(
        columns(keys, cells, alts).select(np.array(chosen, np.intp)),
        columns(keys, [cells[number] for number in chosen], alts),
    )


@given(st.binary(max_size=60), st.integers(1, 4), st.lists(st.sampled_from([*KINDS, ".", ""]), min_size=1, max_size=5))
def test_any_bytes_are_read_or_refused(text, samples, keys):
    try:
        found = genotyped(TextCells(text, keys, samples, prefixes=False), samples, 2, FIELDS)
    except ValueError:
        return
    assert len(found.index) == samples
    assert ((found.words >= -2) & (found.words < 10**9)).all()


def is_no_number(text):
    """Whether a text is neither a number nor a way to write that there is none."""
    if text in (".", "-"):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return "_" in text


@given(st.lists(st.one_of(st.floats(-1e6, 1e6).map(repr), st.text("0123456789.-+eE_nainf", max_size=18)), min_size=1))
@example([".0000", ".12345", "0.0000", "....."])
def test_numbers_are_those_that_were_written(texts):
    texts = [text or "." for text in texts]
    found = TextCells("\t".join(texts).encode(), ["X"], len(texts), prefixes=False)
    expected = [np.nan if "_" in text else number(text, whole=False) for text in texts]
    np.testing.assert_array_equal(found.real_lists("X", (1,))[:, 0], np.array(expected, np.float32))
    whole = [NO_NUMBER if is_no_number(text) else number(text) for text in texts]
    assert found.integers("X").tolist() == whole


# Single fields.


@pytest.mark.parametrize("cell", ["0/00", "01", "00/1", "0/1x", "a", "0//1", "/1", "0/-1", "9999999999/0"])
@pytest.mark.parametrize("keys", [["GT"], ["GT", "DP"], ["DP", "GT"]])
def test_what_is_no_genotype_is_refused_with_its_place(keys, cell, tmp_path):
    text = ":".join(cell if key == "GT" else "9" for key in keys)
    with pytest.raises(
        lupus_pgx.InputError, match=rf"genotype columns at chr6:100 cannot be read \('{re.escape(cell)}'"
    ):
        read(written(tmp_path, keys, [text]))


@pytest.mark.parametrize(
    ("keys", "cells", "reason"),
    [
        (["GT", "DP"], ["0/1:3:4"], "a cell has 3 fields where FORMAT names 2"),
        (["DP", "GT", "DP"], ["3:0/1:4"], "names a field twice"),
        (["DP", "GT"], ["3:0/1", "3:0/1\t4:0/0"], "3 genotype columns for 2 samples"),
    ],
)
def test_cells_that_do_not_fit_format_are_refused(keys, cells, reason, tmp_path):
    with pytest.raises(lupus_pgx.InputError, match=reason):
        read(written(tmp_path, keys, cells))


def test_more_copies_than_two_are_missing_and_told_apart(tmp_path):
    for keys, kind in ((["GT"], "vcf"), (["GT", "DP"], "vcf"), (["GT", "DP"], "bcf")):
        cells = [cell if keys == ["GT"] else f"{cell}:9" for cell in ("0/0/1", "./.", "0/1", "0|0|1")]
        found = read(written(tmp_path, keys, cells, kind=kind))
        assert found.words[found.index].tolist() == [[-1, -1], [-1, -1], [0, 1], [-1, -1]]
        assert found.polyploid[found.index].tolist() == [True, False, False, True]


@pytest.mark.parametrize("kind", ["vcf", "bcf"])
def test_phase_sets_of_every_kind(kind, tmp_path):
    keys = ["GT", "PS"]
    found = read(written(tmp_path, keys, ["0|1:123456789", "1|0:.", "0/1", "0|1:5"], kind=kind))
    assert found.phase_sets.tolist() == [123_456_789, -1, -1, 5]
    if kind == "vcf":  # in BCF a number has 32 bits
        one, other, again = read(
            written(tmp_path, keys, ["0|1:1", "1|0:4294967297", "0|1:4294967297"], kind=kind)
        ).phase_sets.tolist()
        assert other == again != one
    keys = ["PSL", "GT"]
    found = read(written(tmp_path, keys, ["7,7:0|1", "7,8:0|1", ".,8:1|0", ".:0|1", "block,block:1|0"], kind=kind))
    assert found.phased[found.index].tolist() == [True, False, False, True, True]
    sets = found.phase_sets.tolist()
    assert sets[:4] == [7, -1, -1, -1]
    assert sets[4] > 7
    keys = ["PID", "GT", "PGT"]
    cells = ["100_A_C:0/1:1|0", "100_A_C:0/1:0|1", "9:0/1:.", "9:0/0:0|1", "9:1|0:0|1", "9:0/1:1|1"]
    found = read(written(tmp_path, keys, cells, kind=kind))
    assert found.words[found.index].tolist() == [[1, 0], [0, 1], [0, 1], [0, 0], [1, 0], [0, 1]]
    assert found.phased[found.index].tolist() == [True, True, False, False, True, False]
    assert found.phase_sets[0] == found.phase_sets[1] > 0
    assert found.phase_sets[2:].tolist() == [-1] * 4


@pytest.mark.parametrize("kind", ["vcf", "bcf"])
@pytest.mark.parametrize(
    ("keys", "cells"),
    [
        # Of ALTs 1 to 3 the first sample has 2 and 3, the second 3, the third none, the fourth is haploid.
        ("LGT:LAA:LAD:LPL", ["1/2:2,3:5,6,7:9,8,7,6,5,0", "0|1:3:9,8:3,0,4", "0/0:.:7:0", "1:2:1,9:30,0"]),
        ("LAD:LA:LGT:LPL", ["5,6,7:0,2,3:1/2:9,8,7,6,5,0", "9,8:0,3:0|1:3,0,4", "7:0:0/0:0", "1,9:0,2:1:30,0"]),
    ],
)
def test_local_alleles_are_numbered_as_those_of_the_record(keys, cells, kind, tmp_path):
    found = read(written(tmp_path, keys.split(":"), cells, ("C", "G", "T"), kind=kind))
    assert found.words[found.index].tolist() == [[2, 3], [0, 3], [0, 0], [2, -2]]
    assert found.phased[found.index].tolist() == [False, True, False, False]
    assert found.allele_depths.tolist() == [[5, -1, 6, 7], [9, -1, -1, 8], [7, -1, -1, -1], [1, -1, 9, -1]]
    # 0/0 0/1 1/1 0/2 1/2 2/2 0/3 1/3 2/3 3/3
    nan = np.nan
    expected = [
        [9, nan, nan, 8, nan, 7, 6, nan, 5, 0],
        [3, nan, nan, nan, nan, nan, 0, nan, nan, 4],
        [0, *[nan] * 9],
        [30, nan, 0, *[nan] * 7],
    ]
    np.testing.assert_array_equal(found.likelihoods, np.array(expected, np.float32))


@pytest.mark.parametrize("kind", ["vcf", "bcf"])
def test_a_local_list_that_does_not_fit_says_nothing(kind, tmp_path):
    keys = ["LGT", "LAA", "LAD", "LPL"]
    cells = ["0/2:3:9,8,7:1,2", "0/1:9:5,5:1,2,3", "0/1:3:9:1,2,3,4", "./.:.:.:."]
    found = read(written(tmp_path, keys, cells, ("C", "G", "T"), kind=kind))
    assert found.words[found.index].tolist() == [[0, -1], [0, -1], [0, 3], [-1, -1]]
    assert (found.allele_depths == -1).all()
    assert np.isnan(found.likelihoods[[1, 2, 3]]).all()


@pytest.mark.parametrize("kind", ["vcf", "bcf"])
def test_depths_as_freebayes_writes_them(kind, tmp_path):
    found = read(
        written(tmp_path, ["GT", "RO", "AO"], ["0/1:9:4,0", "./.", "1/2:0:3,4", "0/0:5"], ("C", "G"), kind=kind)
    )
    assert found.allele_depths.tolist() == [[9, 4, 0], [-1, -1, -1], [0, 3, 4], [5, -1, -1]]


def test_posteriors_may_be_phred_scaled():
    plain = np.array(
        [[0.9, 0.1, 0.0], [0.333, 0.333, 0.333], [np.nan] * 3, [1, 0, np.nan], [0.1, 0.1, 0.1]], np.float32
    )
    read = as_probabilities(plain)
    np.testing.assert_array_equal(read[:4], plain[:4])
    assert np.isnan(read[4]).all()
    phred = np.array([[0, 30, 60], [3.01, 3.01, 50], [np.nan] * 3, [80, 0.0, 90], [9, 9, 9]], np.float32)
    read = as_probabilities(phred)
    np.testing.assert_allclose(read[0], [0.999, 0.000999, 1e-6], atol=1e-5)
    np.testing.assert_allclose(read[1], [0.5, 0.5, 1e-5], atol=1e-4)
    np.testing.assert_allclose(read[3], [0, 1, 0], atol=1e-5)
    assert np.isnan(read[[2, 4]]).all()
    assert read.dtype == np.float32


@pytest.mark.parametrize("kind", ["vcf", "bcf"])
def test_a_sites_without_alts_has_reference_values(kind, tmp_path):
    keys = ["GT", "DP", "MIN_DP", "AD", "PL", "RGQ", "DS", "LEN"]
    found = read(written(tmp_path, keys, ["0/0:9:7:9:0:50:.:100", "./."], (), kind=kind))
    assert (found.depth.tolist(), found.min_depth.tolist()) == ([9, -1], [7, -1])
    assert (found.allele_depths.tolist(), found.lengths.tolist()) == ([[9], [-1]], [100, -1])
    assert found.dosages is None
    assert found.likelihoods.shape == (2, 1)


# FORMAT in any order, through the whole program.

CASES = {
    "order": ("GQ:GT", ["50:0/1", "50:0/0"]),
    "no GT": ("DP:GQ", ["9:50", "9:50"]),
    "dot": (".", [".", "."]),
    "empty format": ("", ["", ""]),
    "empty GT": ("GT:GQ", [":50", "0/0:50"]),
    "empty cell": ("GT:GQ", ["", "0/0:50"]),
    "colons": ("GT:GQ:DP", ["::", ":::"]),
    "undeclared": ("XX:GT:YY", ["1:0/1:2", "1:0/0:"]),
    "twice": ("GT:GT", ["0/1:0/1", "0/0:0/0"]),
    "same value": ("GQ:GT", ["1/1", "1/1"]),
    "letters": ("DP:GT", ["x:0/1", "y:0/0"]),
}


@pytest.mark.parametrize("name", CASES)
def test_no_format_ends_the_process(name, tmp_path):
    """In a process of its own: the parser this one replaced ended it without a word."""
    keys, cells = CASES[name]
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=chr6,length=170805979>"]
    lines.append("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "a", "b"]))
    lines.append("\t".join(["chr6", "18130687", ".", "T", "C", ".", ".", ".", keys, *cells]))
    lines.append("\t".join(["chr6", "18138997", ".", "C", "T", ".", ".", ".", "GT", "0/1", "0/0"]))
    path = tmp_path / "file.vcf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "lupus_pgx", "analyze", str(path), "--genes", "TPMT", "--build", "GRCh38"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 65), ended.stderr
    assert "Traceback" not in ended.stderr
    if ended.returncode:
        assert ended.stderr.startswith("lupus-pgx: error: ")
        assert "chr6:18130687" in ended.stderr
    else:
        assert ended.stdout


def test_damaged_bcf_never_ends_the_process(tmp_path):
    """Bytes of the genotype columns are changed one after the other; each file is read in one process."""
    keys, cells = ["GQ", "GT", "AD"], ["50:0/1:4,5", "50:0/0:9,0", "50:./.:.,."]
    path = written(tmp_path, keys, cells, kind="bcf")
    with pysam.BGZFile(path, "rb", None) as file:
        data = file.read()
    length = int.from_bytes(data[5:9], "little")
    start = 9 + length
    shared = int.from_bytes(data[start : start + 4], "little")
    first = start + 8 + shared
    assert first < len(data)
    for place in range(first, len(data)):
        for value in (0, 0x11, 0x17, 0x7F, 0xFF):
            changed = bytearray(data)
            changed[place] = value
            with pysam.BGZFile(str(tmp_path / f"{place}-{value}.bcf"), "wb", None) as file:
                file.write(bytes(changed))
    program = (
        "import sys, pathlib, lupus_pgx\n"
        "from lupus_pgx.vcf.file import VcfFile\n"
        "from lupus_pgx.vcf.regions import Region\n"
        "from lupus_pgx.vcf.fields import FIELDS\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).glob('*-*.bcf')):\n"
        "    print(path.name, flush=True)\n"
        "    try:\n"
        "        with VcfFile(str(path)) as file:\n"
        "            for record in file.records([Region('chr6', 1, 1000)]):\n"
        "                file.genotypes(record, FIELDS)\n"
        "    except lupus_pgx.InputError:\n"
        "        pass\n"
        "print('end')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ended.stdout.endswith("end\n"), (ended.returncode, ended.stdout[-60:], ended.stderr[-400:])
    assert not ended.stderr
