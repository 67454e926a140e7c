"""Inputs that mean harm, each by name: files that grow when they are opened, nest without end or are of another kind.

Run ``python tests/fuzz/hostile.py``: every input goes to the command in a process of its own. Each must end within
20 s of a processor and 1 GB with an exit code that is documented (never 70), no traceback, and one sentence where it is refused.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pysam  # noqa: E402
import pysam.bcftools  # noqa: E402
import trials  # noqa: E402
from builder import VcfBuilder  # noqa: E402
from trials import Arguments, run, say  # noqa: E402

from lupus_pgx.knowledge.catalogue import load_knowledge  # noqa: E402

Make = Callable[[Path], Arguments]
CASES: dict[str, Make] = {}
"""By kind and name, ``context/aliases.yaml``."""
STREAMS: dict[str, dict[int, str | None]] = {}
"""Of a case: the standard streams that are another file, or closed."""

WHATIF = ("whatif", "TPMT=*1/*1", "--drugs", "azathioprine")
AZA = ("--genes", "TPMT,NUDT15", "--drugs", "azathioprine")


def case(kind: str, name: str, make: Make) -> None:
    """Enter one input."""
    CASES[f"{kind}/{name}"] = make


def content(
    kind: str, names: dict[str, str | bytes | Callable[[], bytes]], command: Callable[[str, Path], Arguments]
) -> None:
    """Enter files of a kind by their content."""
    for name, data in names.items():

        def make(folder: Path, name: str = name, data: str | bytes | Callable[[], bytes] = data) -> Arguments:
            path = folder / name
            made = data() if callable(data) else data
            path.write_bytes(made.encode("utf-8", "surrogatepass") if isinstance(made, str) else made)
            return command(str(path), folder)

        case(kind, name, make)


def small(folder: Path, **options: object) -> str:
    """Write a whole VCF of two genes."""
    return str(VcfBuilder(genes=("TPMT", "NUDT15"), **options).write(folder / "good"))  # type: ignore[arg-type]


def bgzipped(data: bytes) -> bytes:
    """Bgzip some bytes, quickly."""
    parts = []
    for start in [*range(0, len(data), 60000), None]:
        text = b"" if start is None else data[start : start + 60000]
        parts.append(block(text))
    return b"".join(parts)


def block(text: bytes, *, length: int | None = None) -> bytes:
    """Return one block of bgzip; a false length may be stated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(text) + packer.flush()
    head = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
    return head + body + struct.pack("<II", zlib.crc32(text), len(text) if length is None else length)


def bomb(start: bytes, size: int) -> bytes:
    """Return bgzip that inflates to a start and then zeros."""
    zeros = block(bytes(65280))
    return bgzipped(start)[:-28] + zeros * (size // 65280) + block(b"")


def gzip_bomb(start: bytes, filler: bytes, size: int) -> bytes:
    """Return gzip that inflates to a start and then a filler."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    part = filler * ((1 << 20) // len(filler))
    return b"".join([packer.compress(start), *(packer.compress(part) for _ in range(size >> 20)), packer.flush()])


def laughs(levels: int = 9, width: int = 9, last: str = "conditions: *a8") -> str:
    """Return YAML whose aliases double again and again."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]")
    return "\n".join([*lines, last]) + "\n"


# The clinical context.
def _context(path: str, folder: Path) -> Arguments:
    return [*WHATIF, "--context", path]


def _course(number: int) -> str:
    rows = "\n".join(
        f"  - {{drug: azathioprine, start: 2020-01-01, stop: 2020-02-01, outcome: inadequate_response, dose: {n % 3 + 1}00 mg/day}}"
        for n in range(number)
    )
    return f"therapies:\n{rows}\n"


def _labs(number: int) -> str:
    rows = "\n".join(
        f"  - {{quantity: creatinine, unit: mg/dL, values: [{{date: 2024-01-{n % 28 + 1:02}, value: 1.{n % 9}}}]}}"
        for n in range(number)
    )
    return f"labs:\n{rows}\n"


content(
    "context",
    {
        "aliases.yaml": laughs(),
        "aliases_maps.yaml": "a0: &a0 {x: 1, y: 2}\n"
        + "".join(f"a{n}: &a{n} {{p: *a{n - 1}, q: *a{n - 1}, r: *a{n - 1}, s: *a{n - 1}}}\n" for n in range(1, 20))
        + "values: *a19\n",
        "alias_itself.yaml": "conditions: &a [*a]\n",
        "alias_itself_map.yaml": "conditions: &a {x: *a}\n",
        "merge.yaml": "a: &a {age: 34}\nb: &b {<<: [*a, *a, *a]}\n<<: *b\n",
        "merge_bomb.yaml": "a0: &a0 {x0: 1}\n"
        + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], x{n}: 1}}\n" for n in range(1, 12)),
        "one_alias.yaml": "age: &a 34\nweight: *a\n",
        "deep_flow.yaml": "conditions: " + "[" * 900 + "]" * 900,
        "deep_flow_long.yaml": "conditions: " + "[" * 100_000,
        "deep_block.yaml": "".join(" " * n + "a:\n" for n in range(900)) + " " * 900 + "b",
        "deep_block_long.yaml": "".join(" " * n + "a:\n" for n in range(3000)),
        "deep_maps.yaml": "{a: " * 5000,
        "deep_list_items.yaml": "- " * 5000 + "a",
        "question_marks.yaml": "? " * 5000 + "a",
        "deep.json": '{"conditions": ' + "[" * 900 + "]" * 900 + "}",
        "deep_long.json": "[" * 200_000 + "]" * 200_000,
        "deep_objects.json": '{"a":' * 100_000 + "1" + "}" * 100_000,
        "long_number.yaml": "age: " + "9" * 10_000,
        "long_number.json": '{"age": ' + "9" * 10_000 + "}",
        "exponent.yaml": "age: 1e999999999",
        "exponent.json": '{"age": 1e999}',
        "long_unit.yaml": "creatinine: " + "9" * 5000 + " mg/dL",
        "many_digits.yaml": "creatinine: 0." + "0" * 400 + "1 mg/dL",
        "nan.json": '{"age": NaN, "weight": Infinity}',
        "nan.yaml": "age: .nan\nweight: .inf kg\n",
        "nan_in_list.yaml": "labs: [{quantity: creatinine, unit: mg/dL, values: [{date: 2024-01-01, value: .nan}]}]",
        "surrogate.json": '{"sample_id": "\\ud800", "other": "\\udfff"}',
        "surrogate_key.json": '{"conditions": {"\\ud800": true}}',
        "surrogate_drug.json": '{"co_medication": ["\\ud800x"]}',
        "surrogate_note.json": '{"therapies": [{"drug": "azathioprine", "note": "\\udc80"}]}',
        "surrogate_in_utf8.yaml": b"sample_id: \xed\xa0\x80\n",
        "control.yaml": 'sample_id: "a\\e[31mred\\0\\x07\\x9b31m"\nage: x\n',
        "control_drug.yaml": 'co_medication: ["\\e]0;title\\a"]\n',
        "bidi.yaml": 'co_medication: ["\u202egnp.x\u2066"]\n',
        "nul.yaml": b"age: 3\0\n",
        "tag.yaml": "!!python/object/apply:os.system ['true']\n",
        "binary.yaml": "age: !!binary aGVsbG8=\n",
        "binary_key.yaml": "!!binary aGVsbG8= : 1\n",
        "set.yaml": "conditions: !!set {a, b}\n",
        "set_of_all.yaml": "!!set {age, sex}\n",
        "omap.yaml": "conditions: !!omap [a: 1]\n",
        "pairs.yaml": "values: !!pairs [a: 1, a: 2]\n",
        "timestamp_tag.yaml": "age: !!timestamp 2001-01-01\n",
        "timestamp_bad.yaml": "age: !!timestamp 2001-99-99\n",
        "int_tag.yaml": "age: !!int abc\n",
        "int_underscores.yaml": "age: !!int 0b1_0:2\n",
        "float_tag.yaml": "age: !!float x\n",
        "bool_tag.yaml": "pregnancy: !!bool maybe\n",
        "null_tag.yaml": "!!null x\n",
        "map_of_text.yaml": "!!map hello\n",
        "seq_of_map.yaml": "co_medication: !!seq {a: 1}\n",
        "unhashable.yaml": "{[a, b]: 1}\n",
        "unhashable_map.yaml": "? {a: 1}\n: 2\n",
        "two_documents.yaml": "age: 3\n---\nage: 4\n",
        "no_document.yaml": "",
        "comment_only.yaml": "# nothing\n",
        "scalar.yaml": "hello\n",
        "number.json": "3",
        "null.json": "null",
        "list.yaml": "- a\n- b\n",
        "many_keys.yaml": "".join(f"key{n}: 1\n" for n in range(20_000)),
        "many_keys.json": json.dumps({f"key{n}": 1 for n in range(100_000)}),
        "many_conditions.json": json.dumps({"conditions": {f"x{n}": True for n in range(20_000)}}),
        "many_drugs.json": json.dumps({"co_medication": [f"nodrug{n}" for n in range(20_000)]}),
        "many_same_drugs.json": json.dumps({"co_medication": ["prednisone"] * 20_000}),
        "courses_10000.yaml": _course(10_000),
        "courses_10000.json": json.dumps(
            {"therapies": [{"drug": "azathioprine", "start": "2020-01-01", "stop": "2020-02-01"}] * 10_000}
        ),
        "courses_150.yaml": _course(150),
        "labs_10000.json": json.dumps(
            {
                "labs": [{"quantity": "creatinine", "unit": "mg/dL", "values": [{"date": "2024-01-01", "value": 1}]}]
                * 10_000
            }
        ),
        "labs_2000.yaml": _labs(2000),
        "values_100000.json": json.dumps(
            {
                "labs": [
                    {
                        "quantity": "creatinine",
                        "unit": "mg/dL",
                        "values": [{"date": "2024-01-01", "value": 1}] * 100_000,
                    }
                ]
            }
        ),
        "patients_20000.json": json.dumps({"patients": {f"P{n}": {"age": 30} for n in range(20_000)}}),
        "long_text.yaml": "sample_id: " + "x" * 3_000_000,
        "long_word.json": json.dumps({"co_medication": ["x" * 3_000_000]}),
        "long_key.json": json.dumps({"x" * 3_000_000: 1}),
        "long_condition.json": json.dumps({"conditions": {"x" * 1_000_000: True}}),
        "long_amount.json": json.dumps({"creatinine": "1" + " " * 300_000 + "x"}),
        "long_amount_spaces.json": json.dumps({"creatinine": " " * 100_000}),
        "long_dose.json": json.dumps({"therapies": [{"drug": "azathioprine", "dose": "1 " * 100_000}]}),
        "long_date.json": json.dumps({"therapies": [{"drug": "azathioprine", "start": "2020" * 100_000}]}),
        "huge.yaml": lambda: b"# " + b"x" * 60_000_000 + b"\nage: 3\n",
        "huge_list.yaml": lambda: b"co_medication:\n" + b"- prednisone\n" * 500_000,
        "utf16.yaml": "age: 34\n".encode("utf-16"),
        "latin.yaml": b"manifestations: {n\xe9phrite: {}}\n",
        "gzip.yaml": gzip.compress(b"age: 34\n"),
        "png.yaml": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "wrong_types.json": json.dumps(
            {
                "sex": [1],
                "age": {},
                "therapies": {"a": 1},
                "labs": "x",
                "manifestations": [3],
                "planned": None,
                "values": 5,
            }
        ),
        "wrong_types_inside.json": json.dumps(
            {"therapies": [1, None, [], "azathioprine", {"drug": 3}, {"drug": None}], "labs": [None, 3, {"values": 3}]}
        ),
        "wrong_patients.json": json.dumps({"patients": [1, 2]}),
        "null_patients.json": json.dumps({"patients": None}),
        "patients_of_lists.json": json.dumps({"patients": {"A": [1], "B": "x", "C": None}}),
        "negative.yaml": "age: -3\nweight: -70 kg\ncreatinine: -1 mg/dL\n",
        "dates.yaml": "therapies: [{drug: azathioprine, start: 0000-00-00}, {drug: azathioprine, start: 99999-01-01}, "
        "{drug: MMF, start: 2020-13}]\n",
        "huge_dose.json": json.dumps(
            {"therapies": [{"drug": "azathioprine", "dose": "1e308 mg/day"}], "weight": "70 kg"}
        ),
        "tiny.json": json.dumps({"weight": "1e-300 kg", "creatinine": "1e-320 mg/dL", "age": 1e-320}),
        "wide.tsv": "sample_id\t" + "\t".join(f"c{n}" for n in range(20_000)) + "\n",
        "wide_values.tsv": "sample_id\tage\n" + "A\t" + "3" * 1_000_000 + "\n",
        "empty.tsv": "",
        "header_only.tsv": "sample_id\tage\n",
        "quotes.tsv": 'sample_id\tage\n"A\t34\n"B""\t"3"\n\'\t"\n',
        "nul.tsv": b"sample_id\tage\nA\0\t34\n",
        "many_rows.tsv": "sample_id\tage\n" + "".join(f"P{n}\t30\n" for n in range(30_000)),
        "many_bad_rows.tsv": "sample_id\tage\n" + "".join(f"P{n}\tx\n" for n in range(30_000)),
        "list_cell.tsv": "sample_id\tco_medication\nA\t" + ";".join(["prednisone"] * 50_000) + "\n",
        "dos.tsv": "sample_id\tage\r\nA\t34\r\n",
        "old_mac.tsv": "sample_id\tage\rA\t34\r",
        "form_feed.tsv": "sample_id\tage\nA\x0cB\t34\n\x1c\x1d\x85\n",
        "twice.tsv": "sample_id\tage\nA\t34\nA\t35\n",
        "fullwidth.tsv": "sample_id\tage\nA\t３４\n",
    },
    _context,
)
case("context", "folder", lambda folder: [*WHATIF, "--context", str(folder)])
case("context", "missing", lambda folder: [*WHATIF, "--context", str(folder / "no.yaml")])
case("context", "dev_zero", lambda folder: [*WHATIF, "--context", "/dev/zero"])
case("context", "nul_in_name", lambda folder: [*WHATIF, "--context", "a\udc80b"])
case("context", "proc_mem", lambda folder: [*WHATIF, "--context", "/proc/self/mem"])


# Calls made elsewhere.
def _calls(path: str, folder: Path) -> Arguments:
    return ["whatif", "--outside-calls", path, "--drugs", "azathioprine"]


def _zip(names: dict[str, bytes]) -> bytes:
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in names.items():
            file.writestr(name, data)
    return buffer.getvalue()


content(
    "calls",
    {
        "deep.json": "[" * 200_000,
        "deep_object.json": '{"genes":' * 100_000,
        "deep_900.json": '{"geneReports": ' + "[" * 900 + "]" * 900 + "}",
        "surrogate.json": '{"gene_details": {"\\ud800": {"diplotypes": []}}}',
        "surrogate2.json": '{"S": {"Genotype": "\\ud800", "Filter": "PASS"}}',
        "types.json": '{"gene_details": [1, {"x": null}], "hla": {"a": 3}}',
        "types2.json": '{"gene_details": {"TPMT": {"diplotypes": [[1]]}, "B": 3}}',
        "types3.json": '{"geneReports": [1, null, {"gene": 3}], "genes": 4}',
        "types4.json": '{"geneReports": {"CPIC": {"TPMT": 3, "B": [1]}}}',
        "types5.json": '{"locusAnnotations": 3}',
        "types6.json": '{"locusAnnotations": [null, {"gene": [1]}]}',
        "types7.json": '{"hla": {"alleles": [1, null, {}]}}',
        "types8.json": '{"S": {"Genotype": [1], "Filter": {}}}',
        "types9.json": '{"A": [1, {"x": 1}, null]}',
        "types10.json": '{"x": {"genotype": [1]}}',
        "number.json": "[1e999, NaN, " + "9" * 10_000 + "]",
        "bignumber.json": '{"hla": {"alleles": [' + "9" * 10_000 + "]}}",
        "many.json": json.dumps({f"S{n}": {"Genotype": "*1/*1", "Filter": "PASS"} for n in range(20_000)}),
        "untyped.tsv": "gene\tdiplotype\nTPMT\t*1/*1\textra\textra\n\t\t\n=\t=\n",
        "quotes.csv": 'sample_id,gene,diplotype\n"A,TPMT,*1/*1\n"B"x,"TPMT","*1\n',
        "quotes.tsv": 'sample_id\tgene\tdiplotype\n"A"\t"TPMT\t*1/*1"\n',
        "nul.tsv": b"gene\tdiplotype\nTPMT\t*1\0/*1\n",
        "control.tsv": b"gene\tdiplotype\nTPMT\t*1/\x1b[31m*99\x07\n",
        "control_name.tsv": b"gene\tdiplotype\n\x1b[2JTPMT\t*1/*1\n",
        "long_line.tsv": "gene\tdiplotype\nTPMT\t" + "*1/" * 1_000_000 + "\n",
        "long_name.tsv": "gene\tdiplotype\nTPMT\t*" + "9" * 100_000 + "/*1\n",
        "long_copies.tsv": "gene\tdiplotype\nCYP2D6\t*1x" + "9" * 10_000 + "/*1\n",
        "many_copies.tsv": "gene\tdiplotype\nCYP2D6\t*1x999999999/*1\n",
        "plus.tsv": "gene\tdiplotype\nCYP2D6\t" + "+".join(["*1"] * 10_000) + "/*1\n",
        "many_pairs.tsv": "gene\tdiplotype\nTPMT\t" + ";".join(["*1/*1"] * 100_000) + "\n",
        "many_pairs_or.tsv": "gene\tdiplotype\nTPMT\t" + " or ".join(["*1/*1"] * 20_000) + "\n",
        "ambiguous_hla.tsv": "gene\tdiplotype\nHLA-B\t" + "/".join(["B*58:01"] * 20_000) + "\n",
        "long_hla.tsv": "gene\tdiplotype\nHLA-B\t*58" + ":01" * 20_000 + "/*07:02\n",
        "many_rows.tsv": "sample_id\tgene\tdiplotype\n" + "A\tTPMT\t*1/*1\n" * 50_000,
        "many_wrong_rows.tsv": "sample_id\tgene\tdiplotype\n" + "".join(f"A\tTPMT{n}\t*1/*1\n" for n in range(5_000)),
        "wide.tsv": "\t".join(["gene", "diplotype", *map(str, range(200_000))]) + "\n",
        "score.tsv": "gene\tactivity_score\nCYP2D6\t" + "9" * 5_000 + "\n",
        "score_nan.tsv": "gene\tactivity_score\nCYP2D6\tnan\nTPMT\tinf\n",
        "score_exp.tsv": "gene\tactivity_score\nCYP2D6\t1e400\n",
        "fullwidth.tsv": "gene\tdiplotype\nTPMT\t*１/*１\n",
        "surrogate.tsv": b"gene\tdiplotype\nTPMT\t*1/\xed\xa0\x80\n",
        "empty.tsv": b"",
        "blank.tsv": b"\n\n\n\t\t\n",
        "bom.tsv": b"\xff\xfe",
        "utf16_odd.tsv": b"\xff\xfeg\0e\0n",
        "gzip_bomb.tsv": lambda: gzip_bomb(b"gene\tdiplotype\n", b"TPMT\t*1/*1\n", 1 << 30),
        "gzip_cut.tsv": lambda: gzip.compress(b"gene\tdiplotype\nTPMT\t*1/*1\n")[:-9],
        "zip_bomb.zip": lambda: _zip({"x/data.tsv": bytes(600_000_000), "x/metadata.txt": b"Metadata"}),
        "zip_up.zip": lambda: _zip({"../../x/data.tsv": b"x", "../../x/metadata.txt": b"CYP2D6"}),
        "zip_cut.zip": lambda: _zip({"x/data.tsv": b"x" * 1000, "x/metadata.txt": b"a=b"})[:60],
        "zip_flip.zip": lambda: _zip({"x/data.tsv": os.urandom(300), "x/metadata.txt": b"a=b"}).replace(
            b"data", b"\xff\xfe\xff\xfe"
        ),
        "zip_empty.zip": b"PK\x05\x06" + bytes(18),
        "zip_badmeta.zip": lambda: _zip(
            {"x/data.tsv": b"\tGenotype\tPhenotype\nA\t*1/*1\tx\n", "x/metadata.txt": b"\xff\xfe=\0"}
        ),
        "zip_many.zip": lambda: _zip({f"x{n}/data.tsv": b"" for n in range(20_000)}),
        "huge.tsv": lambda: b"#" + b"x" * 150_000_000,
    },
    _calls,
)
case("calls", "dev_zero", lambda folder: _calls("/dev/zero", folder))
case("calls", "folder", lambda folder: _calls(str(folder), folder))
case("calls", "proc_mem", lambda folder: _calls("/proc/self/mem", folder))


# Variants.
def _vcf(path: str, folder: Path) -> Arguments:
    return ["analyze", path, *AZA, "--build", "GRCh38"]


def text_vcf(**options: object) -> str:
    """Return the text of a small file."""
    return VcfBuilder(genes=("TPMT", "NUDT15"), **options).text()  # type: ignore[arg-type]


HEADER = "##fileformat=VCFv4.2\n##contig=<ID=chr6,length=170805979>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
LINE = "chr6\t18130687\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\n"


def _record(**cells: str) -> str:
    names = ("chrom", "pos", "id", "ref", "alt", "qual", "filter", "info", "format", "sample")
    values = dict(zip(names, LINE.strip().split("\t"), strict=True)) | cells
    return HEADER + COLUMNS + "\t".join(values.values()) + "\n"


content(
    "vcf",
    {
        "long_line.vcf": lambda: (HEADER + COLUMNS).encode() + b"chr6\t1\t" + b"x" * 400_000_000 + b"\n",
        "long_header_line.vcf": lambda: HEADER.encode() + b"##x=" + b"y" * 400_000_000 + b"\n" + COLUMNS.encode(),
        "no_end.vcf": lambda: HEADER.encode() + b"##" + b"y" * 100_000_000,
        "many_headers.vcf": lambda: (HEADER + "##x=y\n" * 3_000_000 + COLUMNS + LINE).encode(),
        "many_contigs.vcf": lambda: (
            HEADER + "".join(f"##contig=<ID=c{n},length=5>\n" for n in range(300_000)) + COLUMNS + LINE
        ).encode(),
        "many_samples.vcf": lambda: (
            HEADER
            + COLUMNS.strip()
            + "".join(f"\tX{n}" for n in range(100_000))
            + "\n"
            + LINE.strip()
            + "\t0/0" * 100_000
            + "\n"
        ).encode(),
        "same_samples.vcf": HEADER + COLUMNS.strip() + "\tS1" * 50_000 + "\n",
        "long_sample.vcf": lambda: (HEADER + COLUMNS.strip() + "x" * 5_000_000 + "\n" + LINE).encode(),
        "empty_sample.vcf": HEADER + COLUMNS.strip() + "\t\n" + LINE.strip() + "\t0/0\n",
        "control_sample.vcf": HEADER + COLUMNS.strip() + "\x1b[31m\x07\x9b\n" + LINE,
        "bidi_sample.vcf": HEADER + COLUMNS.strip() + "\u202eabc\n" + LINE,
        "formula_sample.vcf": HEADER + COLUMNS.replace("S1", "=1+1") + LINE,
        "latin_sample.vcf": (HEADER + COLUMNS.replace("S1", "Jos\xe9") + LINE).encode("latin-1"),
        "surrogate_sample.vcf": HEADER + COLUMNS.replace("S1", "\ud800") + LINE,
        "nul_sample.vcf": HEADER + COLUMNS.replace("S1", "a\0b") + LINE,
        "nul.vcf": HEADER + COLUMNS + LINE.replace("0/1", "0/1\0"),
        "long_ref.vcf": lambda: _record(ref="T" + "A" * 20_000_000).encode(),
        "many_alts.vcf": lambda: _record(alt=",".join(["C"] * 500_000)).encode(),
        "many_alts_pl.vcf": lambda: _record(
            alt=",".join(["C" + "A" * n for n in range(300)]), format="GT:PL", sample="0/1:" + ",".join(["0"] * 45_000)
        ).encode(),
        "genotype_numbers.vcf": _record(sample="99999999999999999999/1"),
        "genotype_long.vcf": _record(sample="/".join(["1"] * 100_000)),
        "genotype_long_digits.vcf": _record(sample="1" * 10_000),
        "genotype_slash.vcf": _record(sample="/" * 50_000),
        "genotype_minus.vcf": _record(sample="-1/1"),
        "genotype_unicode.vcf": _record(sample="１/１"),
        "end_long.vcf": _record(alt="<NON_REF>", info="END=" + "9" * 10_000),
        "end_negative.vcf": _record(alt="<NON_REF>", info="END=-5"),
        "end_before.vcf": _record(alt="<NON_REF>", info="END=3"),
        "end_2_62.vcf": _record(alt="<NON_REF>", info=f"END={1 << 62}"),
        "svlen.vcf": _record(alt="<DEL>", info="SVLEN=-" + "9" * 30),
        "pos_long.vcf": _record(pos="9" * 5_000),
        "pos_2_63.vcf": _record(pos=str(1 << 63)),
        "pos_zero.vcf": _record(pos="0"),
        "dp_long.vcf": _record(format="GT:DP", sample="0/1:" + "9" * 5_000),
        "gq_nan.vcf": _record(format="GT:GQ", sample="0/1:nan"),
        "gq_inf.vcf": _record(format="GT:GQ", sample="0/1:1e999"),
        "pl_nan.vcf": _record(format="GT:PL", sample="0/1:nan,nan,nan"),
        "gl_inf.vcf": _record(format="GT:GL", sample="0/1:-inf,inf,nan"),
        "gp_bad.vcf": _record(format="GT:GP", sample="0/1:9,9,9"),
        "gp_negative.vcf": _record(format="GT:GP", sample="0/1:-1,-1,-1"),
        "gp_zero.vcf": _record(format="GT:GP", sample="0/1:0,0,0"),
        "ds_long.vcf": _record(format="GT:DS", sample="0/1:" + "9" * 400),
        "ad_negative.vcf": _record(format="GT:AD", sample="0/1:-5,-5"),
        "ad_huge.vcf": _record(format="GT:AD", sample="0/1:999999999999999999999,5"),
        "ad_many.vcf": _record(format="GT:AD", sample="0/1:" + ",".join(["3"] * 200_000)),
        "ps_text.vcf": _record(format="GT:PS", sample="0|1:abc"),
        "ps_long.vcf": _record(format="GT:PS", sample="0|1:" + "9" * 5_000),
        "r2_nan.vcf": _record(info="R2=nan;IMP"),
        "r2_text.vcf": _record(info="IMP;R2=x,y;DR2=;ER2"),
        "format_many.vcf": _record(
            format=":".join(["GT", *[f"F{n}" for n in range(100_000)]]), sample="0/1" + ":1" * 100_000
        ),
        "format_twice.vcf": _record(format="GT:GT:GT", sample="0/1:1/1:0/0"),
        "format_not_first.vcf": _record(format="DP:GT", sample="3:0/1"),
        "format_empty.vcf": _record(format=""),
        "format_dot.vcf": _record(format=".", sample="."),
        "sample_empty.vcf": _record(sample=""),
        "info_many.vcf": _record(info=";".join(["A=1"] * 300_000)),
        "info_equals.vcf": _record(info="=" * 100_000),
        "filter_many.vcf": _record(filter=";".join([f"q{n}" for n in range(100_000)])),
        "header_quotes.vcf": HEADER + '##FILTER=<ID="x,Description=\n##FORMAT=<ID=GT,Number=,Type="\n' + COLUMNS + LINE,
        "header_only_angle.vcf": HEADER + "##contig=<" + "," * 100_000 + "\n" + COLUMNS + LINE,
        "contig_length.vcf": "##fileformat=VCFv4.2\n##contig=<ID=chr6,length=" + "9" * 5_000 + ">\n" + COLUMNS + LINE,
        "contig_negative.vcf": "##fileformat=VCFv4.2\n##contig=<ID=chr6,length=-5>\n" + COLUMNS + LINE,
        "same_record.vcf": lambda: (HEADER + COLUMNS + LINE * 200_000).encode(),
        "odd_version.vcf": "##fileformat=VCFv99\n" + COLUMNS + LINE,
        "dos.vcf": (HEADER + COLUMNS + LINE).replace("\n", "\r\n"),
        "old_mac.vcf": (HEADER + COLUMNS + LINE).replace("\n", "\r"),
        "utf16.vcf": (HEADER + COLUMNS + LINE).encode("utf-16"),
        "star_alts.vcf": _record(alt="*,*,*"),
        "breakend.vcf": _record(alt="]chr6:5]T"),
        "symbolic_odd.vcf": _record(alt="<" + "X" * 100_000 + ">"),
        "bomb_header.vcf.gz": lambda: bomb(HEADER.encode() + b"##x=", 1 << 31),
        "bomb_record.vcf.gz": lambda: bomb((HEADER + COLUMNS + LINE).encode(), 1 << 31),
        "bomb_lines.vcf.gz": lambda: (
            bgzipped((HEADER + COLUMNS + LINE).encode())[:-28] + block(b"##x\n" * 15000) * 20_000 + block(b"")
        ),
        "block_length.vcf.gz": lambda: block((HEADER + COLUMNS + LINE).encode(), length=1 << 31) + block(b""),
        "block_size.vcf.gz": lambda: block(b"##fileformat=VCFv4.2\n" + b"x" * 500).replace(
            b"BC\x02\0", b"BC\x02\0\xff\xff"[:4]
        ),
        "block_zero.vcf.gz": lambda: bgzipped(HEADER.encode())[:16] + b"\0\0" + bgzipped(HEADER.encode())[18:],
        "gzip_bomb.vcf.gz": lambda: gzip_bomb(HEADER.encode() + b"##x=", b"y", 1 << 31),
        "empty.vcf": b"",
        "empty.vcf.gz": block(b""),
        "zip.vcf": lambda: _zip({"a.vcf": b"x"}),
    },
    _vcf,
)
case("vcf", "dev_zero", lambda folder: _vcf("/dev/zero", folder))
case("vcf", "dev_null", lambda folder: _vcf("/dev/null", folder))
case("vcf", "proc_mem", lambda folder: _vcf("/proc/self/mem", folder))
case("vcf", "dash_name", lambda folder: ["analyze", "--", "-x.vcf"])
case("vcf", "control_name", lambda folder: _vcf(str(folder / "no\x1b[31m\x07\n.vcf"), folder))
case("vcf", "surrogate_name", lambda folder: _vcf(str(folder / "no\udc80.vcf"), folder))
case("vcf", "long_name", lambda folder: _vcf("x" * 100_000, folder))


# BCF.
def bcf(folder: Path) -> bytes:
    """Return what a small BCF holds, inflated."""
    path = folder / "in.vcf"
    path.write_text(text_vcf())
    pysam.bcftools.view("-Ob", "-o", str(folder / "in.bcf"), str(path), catch_stdout=False)
    return gzip.decompress((folder / "in.bcf").read_bytes())


def _bcf(name: str, change: Callable[[bytes], bytes]) -> None:
    def make(folder: Path) -> Arguments:
        (folder / name).write_bytes(change(bcf(folder)))
        return _vcf(str(folder / name), folder)

    case("bcf", name, make)


def _header(data: bytes) -> int:
    return 9 + int.from_bytes(data[5:9], "little")


def _numbered(offset: int, value: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        place = _header(data) + offset
        return bgzipped(data[:place] + (value & 0xFFFFFFFF).to_bytes(4, "little") + data[place + 4 :])

    return change


for _value in (0, 0x7FFFFFFF, -1, 0x80000000):
    _bcf(
        f"header_length_{_value}.bcf",
        lambda data, v=_value: bgzipped(data[:5] + (v & 0xFFFFFFFF).to_bytes(4, "little") + data[9:]),
    )  # type: ignore[misc]
    for _name, _offset in (
        ("shared", 0),
        ("indiv", 4),
        ("chrom", 8),
        ("pos", 12),
        ("rlen", 16),
        ("alleles", 24),
        ("format", 28),
    ):
        _bcf(f"{_name}_{_value}.bcf", _numbered(_offset, _value))
_bcf("cut_in_record.bcf", lambda data: bgzipped(data[:-7]))
_bcf("cut_in_header.bcf", lambda data: bgzipped(data[: _header(data) // 2]))
_bcf("zeros.bcf", lambda data: bgzipped(data + bytes(100_000)))
_bcf("bomb.bcf", lambda data: bomb(data, 1 << 31))
_bcf(
    "header_bomb.bcf",
    lambda data: bomb(data[:5] + (1 << 30).to_bytes(4, "little") + b"##fileformat=VCFv4.2\n", 1 << 30),
)
_bcf("no_nul.bcf", lambda data: bgzipped(data[: _header(data)].replace(b"\0", b"\n") + data[_header(data) :]))
_bcf("plain.bcf", lambda data: data)
_bcf("version.bcf", lambda data: bgzipped(b"BCF\x04\x01" + data[5:]))


# What was looked at.
def _bed(path: str, folder: Path) -> Arguments:
    return ["analyze", small(folder), *AZA, "--absent", "reference", "--called-regions", path]


content(
    "bed",
    {
        "long.bed": "chr6\t" + "9" * 10_000 + "\t5\n",
        "negative.bed": "chr6\t-5\t10\n",
        "reversed.bed": "chr6\t10\t5\n",
        "huge.bed": f"chr6\t0\t{1 << 80}\n",
        "text.bed": "chr6\tx\ty\n",
        "empty.bed": "",
        "many.bed": lambda: "".join(f"chr6\t{n * 10}\t{n * 10 + 5}\n" for n in range(1_000_000)).encode(),
        "many_contigs.bed": lambda: "".join(f"c{n}\t1\t5\n" for n in range(300_000)).encode(),
        "bomb.bed.gz": lambda: gzip_bomb(b"chr6\t0\t100\n", b"#\n", 1 << 31),
        "bomb_line.bed.gz": lambda: gzip_bomb(b"chr6\t0\t100\n", b"x", 1 << 31),
        "cut.bed.gz": lambda: gzip.compress(b"chr6\t0\t100\n" * 1000)[:-12],
        "latin.bed": b"chr\xe9\t0\t5\n",
        "nul.bed": b"chr6\0\t0\t5\n",
        "unicode.bed": "chr6\t１\t５０\n",
        "underscore.bed": "chr6\t1_0\t2_000\n",
        "quotes.bed": '"chr6"\t"0"\t"5"\n',
        "spaces.bed": "chr6 0 500000000\n",
        "surrogate.bed": b"\xed\xa0\x80\t0\t5\n",
        "control.bed": b"chr6\t\x1b[31m\t5\n",
        "long_line.bed": lambda: b"chr6\t0\t5\t" + b"x" * 200_000_000 + b"\n",
    },
    _bed,
)
case("bed", "dev_zero", lambda folder: _bed("/dev/zero", folder))


# Alignments.
def _reads(path: str, folder: Path) -> Arguments:
    return ["analyze", small(folder), *AZA, "--alignments", path]


def bam(folder: Path) -> tuple[bytes, bytes]:
    """Return what a BAM of a few reads holds, inflated, and its index."""
    path = folder / "reads.bam"
    header = {
        "HD": {"VN": "1.6", "SO": "coordinate"},
        "SQ": [{"SN": "chr6", "LN": 170805979}],
        "RG": [{"ID": "1", "SM": "S1"}],
    }
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number in range(20):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.query_sequence = f"r{number}", "A" * 100
            read.reference_id, read.reference_start = 0, 18130600 + number
            read.mapping_quality, read.cigar = 60, [(0, 100)]
            read.query_qualities = pysam.qualitystring_to_array("I" * 100)
            read.set_tag("RG", "1")
            file.write(read)
    pysam.index(str(path))
    return gzip.decompress(path.read_bytes()), Path(f"{path}.bai").read_bytes()


def _bam(name: str, change: Callable[[bytes, bytes], tuple[bytes, bytes | None]]) -> None:
    def make(folder: Path) -> Arguments:
        data, index = change(*bam(folder))
        path = folder / name
        path.write_bytes(data)
        if index is not None:
            Path(f"{path}.bai").write_bytes(index)
        return _reads(str(path), folder)

    case("reads", name, make)


def _set(data: bytes, place: int, value: int) -> bytes:
    return data[:place] + (value & 0xFFFFFFFF).to_bytes(4, "little") + data[place + 4 :]


_bam("whole.bam", lambda data, index: (bgzipped(data), index))
_bam("no_index.bam", lambda data, index: (bgzipped(data), None))
for _value in (0x7FFFFFFF, -1, 0x80000000):
    _bam(f"header_{_value}.bam", lambda data, index, v=_value: (bgzipped(_set(data, 4, v)), index))  # type: ignore[misc]
    _bam(f"index_refs_{_value}.bam", lambda data, index, v=_value: (bgzipped(data), _set(index, 4, v)))  # type: ignore[misc]
    _bam(f"index_bins_{_value}.bam", lambda data, index, v=_value: (bgzipped(data), _set(index, 8, v)))  # type: ignore[misc]
    _bam(f"index_chunks_{_value}.bam", lambda data, index, v=_value: (bgzipped(data), _set(index, 16, v)))  # type: ignore[misc]
    _bam(f"index_place_{_value}.bam", lambda data, index, v=_value: (bgzipped(data), _set(index, 24, v)))  # type: ignore[misc]
    _bam(f"record_{_value}.bam", lambda data, index, v=_value: (bgzipped(_set(data, len(data) - 250, v)), index))  # type: ignore[misc]
_bam("index_cut.bam", lambda data, index: (bgzipped(data), index[:30]))
_bam("index_empty.bam", lambda data, index: (bgzipped(data), b""))
_bam("index_text.bam", lambda data, index: (bgzipped(data), b"hello" * 50))
_bam("cut.bam", lambda data, index: (bgzipped(data)[:-60], index))
_bam("bomb.bam", lambda data, index: (bomb(_set(data, 4, 1 << 30)[:200], 1 << 30), index))
content(
    "reads",
    {
        "list_many.txt": "".join(f"S1\tx{n}.bam\n" for n in range(20_000)),
        "list_itself.txt": "S1\tlist_itself.txt\n",
        "list_nul.txt": b"S1\ta\0b.bam\n",
        "list_control.txt": b"S1\t\x1b[31m.bam\n",
        "list_surrogate.txt": b"S1\t\xed\xa0\x80.bam\n",
        "list_empty.txt": b"",
        "list_long.txt": "S1\t" + "x" * 1_000_000,
        "sam.sam": "@HD\tVN:1.6\n@SQ\tSN:chr6\tLN:5\n",
        "empty.bam": b"",
        "text.bam": b"hello\n" * 100,
        "empty.cram": b"CRAM\x03\x00" + bytes(100),
        "random.cram": b"CRAM\x03\x00" + bytes(range(256)) * 10,
        "bomb.bam.gz": lambda: gzip_bomb(b"S1\tx.bam\n", b"y", 1 << 30),
    },
    _reads,
)
case("reads", "dev_zero", lambda folder: _reads("/dev/zero", folder))
case("reads", "address", lambda folder: _reads("https://localhost:1/x.bam", folder))


# Tables of samples.
def _sheet(path: str, folder: Path) -> Arguments:
    small(folder)
    return ["analyze", "--sample-sheet", path, *AZA]


_GOOD = "good.vcf.gz"
content(
    "sheet",
    {
        "quotes.tsv": f'sample_id\tvcf\n"S1\t{_GOOD}\n',
        "quotes.csv": f'sample_id,vcf\n"S1,{_GOOD}\nS2,x\n',
        "long_field.csv": "sample_id,vcf\n" + "x" * 200_000 + ",y\n",
        "long_field.tsv": "sample_id\tvcf\n" + "x" * 200_000 + "\ty\n",
        "nul.tsv": f"sample_id\tvcf\nS1\0\t{_GOOD}\n",
        "nul_path.tsv": "sample_id\tvcf\nS1\tgood\0.vcf.gz\n",
        "control.tsv": "sample_id\tvcf\n\x1b[31mS1\tno\x07.vcf\n",
        "long_path.tsv": "sample_id\tvcf\nS1\t" + "x/" * 50_000 + "\n",
        "many_files.tsv": "sample_id\tvcf\nS1\t" + ";".join([_GOOD] * 20_000) + "\n",
        "many_rows.tsv": "sample_id\tvcf\n" + "".join(f"P{n}\t{_GOOD}\n" for n in range(20_000)),
        "many_bad_rows.tsv": "sample_id\tvcf\n" + "P\n" * 200_000,
        "wide.tsv": "sample_id\tvcf\t" + "\t".join(map(str, range(50_000))) + "\n",
        "semicolons.tsv": "sample_id\tvcf\nS1\t;;;\n",
        "up.tsv": "sample_id\tvcf\nS1\t../../../../etc/passwd\n",
        "context_nul.tsv": f"sample_id\tvcf\tcontext\nS1\t{_GOOD}\ta\0b.yaml\n",
        "context_dir.tsv": f"sample_id\tvcf\tcontext\nS1\t{_GOOD}\t.\n",
        "sex_odd.tsv": f"sample_id\tvcf\tsex\nS1\t{_GOOD}\t\x1b[1m\n",
        "build_odd.tsv": f"sample_id\tvcf\tbuild\nS1\t{_GOOD}\thg\x1b[1m\n",
        "empty.tsv": b"",
        "blank.tsv": b"\n\n",
        "utf16.tsv": "sample_id\tvcf\n".encode("utf-16"),
        "surrogate.tsv": b"sample_id\tvcf\n\xed\xa0\x80\tx\n",
        "huge.tsv": lambda: b"sample_id\tvcf\n#" + b"x" * 300_000_000,
        "carriage.csv": "sample_id,vcf\rS1,good.vcf.gz\r",
    },
    _sheet,
)
case("sheet", "dev_zero", lambda folder: _sheet("/dev/zero", folder))
case("sheet", "proc_mem", lambda folder: _sheet("/proc/self/mem", folder))

for _option in ("-S", "--ancestry", "--sex"):
    content(
        f"list{_option}",
        {
            "nul.tsv": b"S1\0\tEUR\n",
            "control.tsv": b"\x1b[31m\tx\n",
            "many.tsv": "".join(f"P{n}\tEUR\n" for n in range(50_000)),
            "long.tsv": "S1\t" + "x" * 3_000_000,
            "empty.tsv": b"",
            "surrogate.tsv": b"\xed\xa0\x80\tEUR\n",
            "huge.tsv": lambda: b"S1\tEUR\n" + b"x" * 300_000_000,
        },
        lambda path, folder, option=_option: ["analyze", small(folder), *AZA, option, path],  # type: ignore[misc]
    )
    case(f"list{_option}", "dev_zero", lambda folder, option=_option: ["analyze", small(folder), option, "/dev/zero"])  # type: ignore[misc]


# Tables of knowledge.
def _overlay(path: str, folder: Path) -> Arguments:
    return ["knowledge", "check", str(folder)]


def _overlaid(path: str, folder: Path) -> Arguments:
    return [*WHATIF, "--overlay", str(folder)]


_EVIDENCE = (ROOT / "lupus_pgx" / "data" / "guidance.tsv").read_text(encoding="utf-8").split("\n")
_TWO = "\n".join(_EVIDENCE[:2]) + "\n"
for _command in (_overlay, _overlaid):
    content(
        _command.__name__.strip("_"),
        {
            "guidance.tsv": "x\ty\n",
            "alleles.tsv": b"",
            "genes.tsv": b"\xff\xfe\0",
            "loci.tsv": b"\xed\xa0\x80\t\n",
            "drugs.tsv": lambda: b"drug\t" + b"x" * 200_000_000,
            "citations.tsv": "citation\x1b[31m\tx\n",
            "evidence.tsv": "\n".join([(ROOT / "lupus_pgx/data/evidence.tsv").read_text().split("\n")[0], "\t" * 500])
            + "\n",
            "markers.tsv": "\0" * 100,
            "odd\x1b[31m.tsv": "x\n",
        },
        _command,
    )

    def _changed(
        folder: Path, command: Callable[[str, Path], Arguments] = _command, change: Callable[[str], str] = str
    ) -> Arguments:
        (folder / "guidance.tsv").write_text(change(_TWO), encoding="utf-8", errors="surrogatepass")
        return command("", folder)

    for _name, _change in {
        "nul_cell": lambda text: text.replace("\t", "\t\0", 1),
        "quote_cells": lambda text: "\n".join(['"' + line.replace("\t", '"\t"') + '"' for line in text.split("\n")]),
        "long_cell": lambda text: text.rstrip("\n") + "x" * 5_000_000 + "\n",
        "many_rows": lambda text: text + "\n".join([text.split("\n")[1]] * 20_000) + "\n",
        "numbers": lambda text: text.replace("0", "9" * 5_000),
        "nan": lambda text: text.replace("1", "nan"),
        "surrogate": lambda text: text.replace("a", "\ud800"),
        "control": lambda text: text.replace("e", "\x1b[31m"),
        "form_feed": lambda text: text.replace("e", "\x0c"),
        "conditions": lambda text: text.replace("=", "=(" * 2_000),
        "ampersands": lambda text: text.replace("=", "&" * 20_000),
    }.items():
        case(
            _command.__name__.strip("_"), _name, lambda folder, change=_change, run=_changed: run(folder, change=change)
        )  # type: ignore[misc]
    case(
        _command.__name__.strip("_"),
        "dev_zero",
        lambda folder, command=_command: [(folder / "drugs.tsv").symlink_to("/dev/zero"), command("", folder)][1],
    )  # type: ignore[misc, return-value]
    case(
        _command.__name__.strip("_"),
        "folder_as_table",
        lambda folder, command=_command: [(folder / "drugs.tsv").mkdir(), command("", folder)][1],
    )  # type: ignore[misc, return-value]
content(
    "release",
    {
        "release.json": "[" * 100_000,
    },
    lambda path, folder: ["knowledge", "check", str(folder)],
)
for _name, _text in {
    "deep": "[" * 100_000,
    "list": "[1]",
    "types": '{"tables": 3}',
    "types2": '{"tables": {"../../../etc/passwd": "x"}}',
    "types3": '{"tables": {"drugs": 3}, "release": null}',
    "surrogate": '{"tables": {"\\ud800": "x"}, "release": "\\ud800"}',
    "empty": "",
}.items():
    for _words in (["knowledge", "check"], ["knowledge", "diff", "shipped"]):
        case(
            "release",
            f"{_words[1]}_{_name}",
            lambda folder, text=_text, words=_words: [
                (folder / "release.json").write_text(text),
                [*words, str(folder)],
            ][1],  # type: ignore[misc, return-value]
        )


# Answers of public sources.
def _snapshot(manifest: str, **answers: str) -> Make:
    def make(folder: Path) -> Arguments:
        snapshot = folder / "snapshot"
        snapshot.mkdir()
        (snapshot / "manifest.json").write_text(manifest, encoding="utf-8", errors="surrogatepass")
        (snapshot / "snapshot.json").write_text(manifest, encoding="utf-8", errors="surrogatepass")
        for name, text in answers.items():
            (snapshot / f"{name}.json").write_text(text, encoding="utf-8", errors="surrogatepass")
        words = [
            "knowledge",
            "update",
            "--source",
            "cpic",
            "--snapshot",
            str(snapshot),
            "--dry-run",
            "--base",
            "http://127.0.0.1:9",
        ]
        return [*words, "--today", "2026-01-01"]

    return make


def _listed(text: str, name: str = "pair") -> Make:
    import hashlib

    checksum = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    entry = {"url": "u", "sha256": checksum, "etag": "", "last_modified": ""}
    return _snapshot(json.dumps({"source": "cpic", "day": "2026-01-01", "answers": {name: entry}}), **{name: text})


for _name, _make in {
    "deep_manifest": _snapshot("[" * 200_000),
    "list": _snapshot("[1]"),
    "types": _snapshot('{"source": "cpic", "day": 3, "answers": []}'),
    "types2": _snapshot('{"source": "cpic", "day": "2026-01-01", "answers": {"a": 3}}'),
    "types3": _snapshot('{"source": [1], "day": "2026-01-01", "answers": {}}'),
    "day": _snapshot('{"source": "cpic", "day": "99999-01-01", "answers": {}}'),
    "up": _snapshot(
        '{"source": "cpic", "day": "2026-01-01", "answers": {"../x": {"url": "", "sha256": "", "etag": "", "last_modified": ""}}}'
    ),
    "nul": _snapshot(
        '{"source": "cpic", "day": "2026-01-01", "answers": {"a\\u0000b": {"url": "", "sha256": "", "etag": "", "last_modified": ""}}}'
    ),
    "surrogate": _snapshot(
        '{"source": "cpic", "day": "2026-01-01", "answers": {"\\ud800": {"url": "", "sha256": "", "etag": "", "last_modified": ""}}}'
    ),
    "surrogate_source": _snapshot('{"source": "\\ud800", "day": "2026-01-01", "answers": {}}'),
    "control_source": _snapshot('{"source": "\\u001b[31m", "day": "2026-01-01", "answers": {}}'),
    "empty": _snapshot(""),
    "deep_answer": _listed("[" * 200_000),
    "deep_answer_900": _listed("[" * 900 + "]" * 900),
    "text_answer": _listed("hello"),
    "number_answer": _listed("3"),
    "rows_of_text": _listed('["a", null, 3]'),
    "rows_of_nothing": _listed("[{}, {}]"),
    "rows_of_types": _listed('[{"genesymbol": [1], "drug": {"x": 1}, "guideline": 3}]'),
    "long_number": _listed("[" + "9" * 10_000 + "]"),
    "surrogate_answer": _listed('["\\ud800"]'),
    **{
        f"rows_{name}_{kind}": _listed(text, name)
        for name in (
            "allele",
            "recommendation",
            "drug",
            "diplotype",
            "guideline",
            "gene",
            "alleles",
            "drugs",
            "publications",
        )
        for kind, text in {"text": '["a"]', "odd": '[{"id": [], "name": {}}]'}.items()
    },
}.items():
    case("snapshot", _name, _make)


# Results that are read again.
def _results(name: str, text: str | bytes) -> Make:
    def make(folder: Path) -> Arguments:
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        return ["compare", str(folder / name), str(folder / name)]

    return make


for _name, _text in {
    "deep.json": "[" * 100_000,
    "types.json": '{"samples": 3, "schema_version": null}',
    "types2.json": '{"samples": [{"sample_id": [1], "diplotypes": 3}], "provenance": {}, "schema_version": "1"}',
    "surrogate.json": '{"samples": [{"sample_id": "\\ud800", "diplotypes": []}]}',
    "diplotypes.tsv": "sample_id\tgene\tdiplotype\nS1\tTPMT\t" + "*1/" * 100_000 + "\n",
    "nul.tsv": "sample_id\tgene\tdiplotype\nS1\0\tTPMT\t*1/*1\n",
}.items():
    case("compare", _name, _results(_name, _text))


def _run_folder(name: str, text: str, command: str = "status") -> Make:
    def make(folder: Path) -> Arguments:
        (folder / name).write_text(text)
        return ["cohort", command, str(folder), *(["--shard", "x"] if command == "call" else [])]

    return make


for _name, _text in {
    "deep": "[" * 100_000,
    "list": "[1]",
    "empty": "",
    "types": '{"shards": 3, "software": 1}',
    "types2": '{"shards": [null], "options": [], "files": {}}',
    "nan": '{"shards": [], "min_gq": NaN}',
}.items():
    for _command_name in ("status", "call", "extract"):
        case("run", f"plan_{_name}_{_command_name}", _run_folder("plan.json", _text, _command_name))


# A genome.
def _genome(path: str, folder: Path) -> Arguments:
    return ["knowledge", "check", "--reference", path]


content(
    "genome",
    {
        "empty.fa": b"",
        "text.fa": b"hello\n",
        "nul.fa": b">chr6\0\nA\0\n",
        "no_end.fa": b">chr6",
        "random.fa.gz": bytes(range(256)) * 10,
        "many.fa": lambda: "".join(f">c{n}\nA\n" for n in range(200_000)).encode(),
    },
    _genome,
)


def _fai(text: str) -> Make:
    def make(folder: Path) -> Arguments:
        (folder / "g.fa").write_text(">chr6\nACGT\n")
        (folder / "g.fa.fai").write_text(text)
        return _genome(str(folder / "g.fa"), folder)

    return make


for _name, _text in {
    "huge": "chr6\t170805979\t6\t60\t61\n",
    "negative": "chr6\t-5\t-6\t-60\t-61\n",
    "zero": "chr6\t170805979\t6\t0\t0\n",
    "long": "chr6\t" + "9" * 100 + "\t6\t60\t61\n",
    "text": "hello\n",
    "empty": "",
}.items():
    case("genome", f"index_{_name}", _fai(_text))


def warm() -> None:
    """Load in this process what every command needs."""
    import lupus_pgx.cli
    import lupus_pgx.cohorts.run
    import lupus_pgx.context.form
    import lupus_pgx.reads.file
    import lupus_pgx.sources.update

    knowledge = load_knowledge()
    with tempfile.TemporaryDirectory() as folder:
        str(lupus_pgx.analyze(small(Path(folder)), genes=["TPMT"], knowledge=knowledge))
    str(lupus_pgx.respond({"TPMT": "*1/*1"}, ["azathioprine"], knowledge, {"age": 30}))


def main() -> int:
    """Run all, or those whose name holds a word; print what must not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument(
        "--patience", type=float, default=trials.PATIENCE, help="seconds of the clock after which one hangs"
    )
    options = parser.parse_args()
    trials.PATIENCE = options.patience
    warm()
    bad = count = 0
    codes: dict[int, int] = {}
    slowest = largest = (0.0, "")
    for name, make in CASES.items():
        if options.words and not any(word in name for word in options.words):
            continue
        folder = tempfile.mkdtemp()
        place = Path(folder) / "case"
        place.mkdir()
        ended = run(make(place), place, STREAMS.get(name, {}))
        subprocess.run(["rm", "-rf", folder], check=True)  # rmtree calls itself for each folder in another
        faults = list(ended.faults())
        count, bad = count + 1, bad + bool(faults)
        codes[ended.code] = codes.get(ended.code, 0) + 1
        slowest, largest = max(slowest, (ended.seconds, name)), max(largest, (ended.memory / (1 << 20), name))
        if faults or options.verbose:
            said = ended.err.decode(errors="replace").replace(folder, "")[-400:].strip()
            say(f"{name}: exit {ended.code}, {ended.seconds:.1f} s: {', '.join(faults)}: {said!r}")
    say(f"{count} inputs, {bad} with faults; exit codes {dict(sorted(codes.items()))}")
    say(f"slowest {slowest[0]:.1f} s ({slowest[1]}), largest {largest[0]:.0f} MB ({largest[1]})")
    return 1 if bad else 0


if __name__ == "__main__":
    # Not what this module is now, the program, but what the others enter their inputs into.
    from fuzz import hostile_other

    sys.exit(hostile_other.main())
