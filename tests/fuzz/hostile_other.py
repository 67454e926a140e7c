"""More inputs that mean harm: indexes, options, folders, standard streams, and files that mean something else than they seem."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pysam
from trials import Arguments

from fuzz.hostile import AZA, COLUMNS, HEADER, LINE, STREAMS, WHATIF, bam, bgzipped, bomb, case, content, main, small

__all__ = ["main"]

Put = Callable[[Path], object]


def settle(kind: str, name: str, *words: str, streams: dict[int, str | None] | None = None) -> None:
    """Enter a command on a whole file: ``VCF`` stands for it, ``HERE`` for the folder."""

    def make(folder: Path) -> Arguments:
        path = small(folder)
        return [path if word == "VCF" else word.replace("HERE", str(folder)) for word in words]

    case(kind, name, make)
    if streams is not None:
        STREAMS[f"{kind}/{name}"] = streams


# Indexes of variants.
def _indexed(name: str, change: Callable[[bytes], bytes], *, csi: bool = False, packed: bool = True) -> None:
    def make(folder: Path) -> Arguments:
        path, ending = small(folder), "csi" if csi else "tbi"
        Path(f"{path}.tbi").unlink(missing_ok=True)
        pysam.tabix_index(path, preset="vcf", force=True, csi=csi, keep_original=True)
        data = change(gzip.decompress(Path(f"{path}.{ending}").read_bytes()))
        Path(f"{path}.{ending}").write_bytes(bgzipped(data) if packed else data)
        return ["analyze", path, *AZA, "--absent", "reference"]

    case("index", f"{'csi' if csi else 'tbi'}_{name}", make)


def _put(offset: int, value: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:offset] + (value & 0xFFFFFFFF).to_bytes(4, "little") + data[offset + 4 :]


for _value in (0, 0x7FFFFFFF, -1, 0x40000000):
    for _name, _offset in {"refs": 4, "column": 12, "begin": 16, "meta": 24, "skip": 28, "names": 32}.items():
        _indexed(f"{_name}_{_value}", _put(_offset, _value))
    for _name, _offset in {"shift": 4, "depth": 8, "aux": 12, "refs": 44}.items():
        _indexed(f"{_name}_{_value}", _put(_offset, _value), csi=True)
for _csi in (False, True):
    _indexed("empty", lambda data: b"", csi=_csi, packed=False)
    _indexed("text", lambda data: b"hello\n" * 50, csi=_csi, packed=False)
    _indexed("not_packed", lambda data: data, csi=_csi, packed=False)
    _indexed("cut", lambda data: data[: len(data) // 2], csi=_csi)
    _indexed("bomb", lambda data: bomb(data[:36], 1 << 30), csi=_csi, packed=False)
    _indexed("all_ones", lambda data: data[:60] + b"\xff" * (len(data) - 60), csi=_csi)
    _indexed("no_places", lambda data: data[:60] + bytes(len(data) - 60), csi=_csi)

# What may lie where a file is looked for that nobody named.
LYING: dict[str, Put] = {
    "pipe": os.mkfifo,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "itself": lambda path: path.symlink_to(path),
    "folder": lambda path: path.mkdir(),
    "nowhere": lambda path: path.symlink_to("/no"),
}


def _vcf(folder: Path) -> Arguments:
    path = small(folder)
    return ["analyze", path, *AZA]


def _alignments(folder: Path) -> Arguments:
    data, _ = bam(folder)
    (folder / "reads.bam").write_bytes(bgzipped(data))
    return ["analyze", small(folder), *AZA, "--alignments", str(folder / "reads.bam")]


def _genome(folder: Path) -> Arguments:
    (folder / "g.fa").write_text(">chr6\nACGT\n")
    return ["knowledge", "check", "--reference", str(folder / "g.fa")]


def _results(folder: Path) -> Arguments:
    return ["analyze", small(folder), *AZA, "--format", "tsv,json,html,vcf", "-o", str(folder)]


def _update(folder: Path) -> Arguments:
    words = ["knowledge", "update", "--source", "cpic", "--snapshot", str(folder), "--dry-run"]
    return [*words, "--base", "http://127.0.0.1:9"]


for _kind, _file, _run in (
    ("index", "good.vcf.gz.tbi", _vcf),
    ("reads", "reads.bam.bai", _alignments),
    ("genome", "g.fa.fai", _genome),
    ("overlaid", "drugs.tsv", lambda folder: [*WHATIF, "--overlay", str(folder)]),
    ("release", "release.json", lambda folder: ["knowledge", "check", str(folder)]),
    ("release", "genes.tsv", lambda folder: ["knowledge", "diff", "shipped", str(folder)]),
    ("run", "plan.json", lambda folder: ["cohort", "status", str(folder)]),
    ("snapshot", "snapshot.json", _update),
    ("compare", "analysis.json", lambda folder: ["compare", str(folder), str(folder)]),
    ("folder", "provenance.json", _results),
    ("folder", "analysis.json", _results),
    ("folder", "drugs.tsv", _results),
    ("folder", "patients", _results),
    ("folder", ".drugs.tsv.0123abcd", _results),
):
    for _name, _lie in LYING.items():

        def _make(
            folder: Path,
            run: Callable[[Path], Arguments] = _run,
            file: str = _file,
            lie: Put = _lie,
        ) -> Arguments:
            words = run(folder)
            (folder / file).unlink(missing_ok=True)
            lie(folder / file)
            return words

        case(_kind, f"{_file}_{_name}", _make)


def _within(name: str, put: Put) -> None:
    case("folder", name, lambda folder: [put(folder), _results(folder)][1])  # type: ignore[return-value, list-item]


_OURS = '{"software": {"name": "lupus-pgx"}, "inputs": '
for _name, _text in {"deep": "[" * 100_000, "number": "9" * 10_000 + "}", "half": '"\\ud800"}'}.items():
    _within(f"provenance_{_name}", lambda folder, text=_text: (folder / "provenance.json").write_text(_OURS + text))  # type: ignore[misc]
_within("page_is_folder", lambda folder: (folder / "patients" / "S1.html").mkdir(parents=True))
_within(
    "aside_many",
    lambda folder: (
        (folder / "provenance.json").write_text(_OURS + "1}"),
        [(folder / f"set-aside-{number}").touch() for number in range(1, 3000)],
    ),
)

# Options.
_ODD = {
    "nan": "nan", "minus": "-1", "huge": "9" * 5000, "exponent": "1e999", "empty": "", "text": "x\x1b[31m", "wide": "５",
    "half": "\udc80", "tiny": "1e-400",
}  # fmt: skip
for _option in ("--min-gq", "--min-dp", "--min-allele-fraction", "--min-certainty", "--threads", "--today", "--build"):
    for _name, _text in _ODD.items():
        settle("option", f"{_option[2:]}_{_name}", "analyze", "VCF", *AZA, f"{_option}={_text}")
for _text in ("0000-00-00", "9999-12-31", "0001-01-01", "2026-02-30", "2026-W01-1", "20260101", "2026-01-01T00:00:00"):
    settle("option", f"day_{_text}", "analyze", "VCF", *AZA, f"--today={_text}")
_LISTS = {
    "empty": "", "commas": ",,,", "many": ",".join(f"x{n}" for n in range(20_000)), "same": ",".join(["TPMT"] * 20_000),
    "control": "\x1b[31m", "half": "\udc80", "long": "x" * 100_000, "bidi": "\u202eTPMT",
}  # fmt: skip
for _option in ("--genes", "--drugs", "--samples", "--format", "--ancestry", "--sex", "--pass-filter"):
    for _name, _text in _LISTS.items():
        _more = ("-o", "HERE/out") if _option == "--format" else ()
        settle("option", f"{_option[2:]}_{_name}", "analyze", "VCF", f"{_option}={_text}", *_more)
for _name, _words in {
    "no_gene": ["=*1/*1"], "no_call": ["TPMT="], "equals": ["TPMT=*1/*1=*2"], "half": ["TPMT=\udc80"], "long": ["TPMT=" + "*1/" * 30_000],
    "control": ["TPMT=\x1b[31m*1"], "nothing": [""], "copies": ["CYP2D6=*1x99999999999/*1"], "wide": ["TPMT=＊1/＊1"],
    "joiner": ["TPMT=*1\u200b/*1"], "cyrillic": ["ТРМТ=*1/*1"], "many": ["TPMT=*1/*1"] * 20_000, "other": ["TPMT=*1/*1", "TPMT=*3A/*3A"],
}.items():  # fmt: skip
    case("option", f"whatif_{_name}", lambda folder, words=_words: ["whatif", *words, "--drugs", "azathioprine"])  # type: ignore[misc]

# Folders of results, and logs.
for _name, _path in {
    "file": "VCF", "null": "/dev/null", "full": "/dev/full", "proc": "/proc/self/x", "long": "HERE/" + "x" * 5_000,
    "half": "HERE/a\udc80b", "control": "HERE/\x1b[31m", "empty": "", "deep": "HERE/" + "x/" * 1_500,
}.items():  # fmt: skip
    settle("folder", f"to_{_name}", "analyze", "VCF", *AZA, "-o", _path)
    settle("folder", f"log_{_name}", "--log-file", _path, "analyze", "VCF", *AZA)

# Standard streams.
_COMMANDS = {
    "analyze": ("analyze", "VCF", *AZA), "whatif": WHATIF, "explain": ("explain", "VCF", "--drug", "azathioprine"),
    "list": ("knowledge", "list"), "positions": ("positions",), "version": ("--version",), "help": ("--help",),
    "wrong": ("analyze", "HERE/no.vcf"), "usage": ("analyze", "--no"),
}  # fmt: skip
_STREAMS: dict[str, dict[int, str | None]] = {
    "out_full": {1: "/dev/full"}, "out_closed": {1: None}, "err_full": {2: "/dev/full"}, "err_closed": {2: None},
    "all_closed": {0: None, 1: None, 2: None},
}  # fmt: skip
for _command, _given in _COMMANDS.items():
    for _name, _streams in _STREAMS.items():
        settle("streams", f"{_command}_{_name}", *_given, streams=_streams)
for _name, _stream in {
    "closed": None,
    "zero": "/dev/zero",
    "null": "/dev/null",
    "folder": ".",
    "random": "/dev/urandom",
}.items():
    settle("streams", f"in_{_name}", "analyze", "-", *AZA, streams={0: _stream})
    settle("streams", f"in_context_{_name}", *WHATIF, "--context", "/dev/stdin", streams={0: _stream})
    settle("streams", f"in_calls_{_name}", "whatif", "--outside-calls", "/dev/stdin", streams={0: _stream})

# Contexts and calls that mean something else than they seem.
content(
    "meaning",
    {
        "twice.json": '{"age": 34, "age": 70}',
        "twice.yaml": "age: 34\nage: 70\n",
        "twice_case.yaml": "age: 34\nAge: 70\n",
        "twice_inside.json": '{"therapies": [{"drug": "azathioprine", "drug": "methotrexate"}]}',
        "octal.yaml": "age: 034\n",
        "hex.yaml": "age: 0x22\n",
        "sixty.yaml": "age: 1:30\n",
        "underscore.yaml": "age: 3_4\n",
        "no.yaml": "pregnancy: no\nsex: on\n",
        "comma.yaml": "creatinine: 1,0 mg/dL\n",
        "thousands.yaml": "creatinine: 1,000 mg/dL\n",
        "minus.yaml": "creatinine: −1 mg/dL\n",
        "arabic.yaml": "creatinine: ١ mg/dL\n",
        "version.yaml": "%YAML 9.9\n---\nage: 34\n",
        "trailing.json": '{"age": 34} {"age": 70}',
        "bom.json": b'\xef\xbb\xbf{"age": 34}',
        "day.yaml": "therapies: [{drug: azathioprine, start: 2020-02-30}]\n",
        "future.yaml": "therapies: [{drug: azathioprine, start: 9999-12-31}]\n",
        "backwards.yaml": "therapies: [{drug: azathioprine, start: 2021-01-01, stop: 2020-01-01}]\n",
        "zone.yaml": "therapies: [{drug: azathioprine, start: 2020-01-01T00:00:00+23:59}]\n",
        "old.yaml": "age: 1000\n",
        "unborn.yaml": "age: -0.0\n",
        "unit.yaml": "weight: 60 stones\n",
        "no_unit.yaml": "creatinine: 1\n",
        "zero.yaml": "weight: 0 kg\ncreatinine: 0 mg/dL\n",
        "range.yaml": "creatinine: 1-2 mg/dL\n",
        "joiner.yaml": "co_medication: [allo\u200bpurinol]\n",
        "nbsp.yaml": "co_medication: [allopurinol\u00a0]\n",
        "soft.yaml": "co_medication: [allo\u00adpurinol]\n",
        "cyrillic.yaml": "co_medication: [аllopurinol]\n",
        "full.yaml": "co_medication: [ａｌｌｏｐｕｒｉｎｏｌ]\n",
        "many_documents.yaml": "---\nage: 3\n" * 50_000,
        "many_comments.yaml": "#\n" * 900_000,
        "colons.yaml": "a: " * 100_000,
        "quotes.yaml": '"' * 100_001,
        "lines.yaml": "age: |\n" + " x\n" * 300_000,
        "escapes.json": '{"sample_id": "' + "\\u0000" * 1000 + '"}',
        "anchors.yaml": "".join(f"k{n}: &a{n} 1\n" for n in range(50_000)),
        "names.yaml": "".join(f"{'k' * 200}{n}: 1\n" for n in range(3000)),
        "pregnant_man.yaml": "sex: male\npregnancy: true\n",
        "bools.json": '{"age": true, "weight": false}',
        "list_age.json": '{"age": [34]}',
    },
    lambda path, folder: [*WHATIF, "--context", path],
)
content(
    "meaning",
    {
        "calls_column_twice.tsv": "gene\tdiplotype\tdiplotype\nTPMT\t*1/*1\t*3A/*3A\n",
        "calls_disagree.tsv": "gene\tdiplotype\nTPMT\t*1/*1\nTPMT\t*3A/*3A\n",
        "calls_mac.tsv": "gene\tdiplotype\rTPMT\t*3A/*3A\r",
        "calls_joiner.tsv": "gene\tdiplotype\nTPMT\t*1\u200b/*1\n",
        "calls_cyrillic.tsv": "gene\tdiplotype\nТРМТ\t*1/*1\n",
        "calls_star.tsv": "gene\tdiplotype\nTPMT\t∗1/∗1\n",
        "calls_shift.tsv": "gene\tdiplotype\tphenotype\nTPMT\t*3A/*3A\tNormal Metabolizer\n",
        "calls_semicolon.csv": "gene;diplotype\nTPMT;*3A/*3A\n",
        "calls_minus.tsv": "gene\tactivity_score\nCYP2D6\t-1\n",
        "calls_header_twice.tsv": "gene\tdiplotype\ngene\tdiplotype\nTPMT\t*1/*1\n",
        "calls_three.tsv": "gene\tdiplotype\nTPMT\t*1/*1/*3A\n",
        "calls_twice.json": '{"gene_details": {"TPMT": {"diplotypes": []}, "TPMT": {"diplotypes": []}}}',
    },
    lambda path, folder: ["whatif", "--outside-calls", path, "--drugs", "azathioprine"],
)
content(
    "sheet",
    {
        "column_twice.tsv": "sample_id\tvcf\tvcf\nS1\tgood.vcf.gz\tno.vcf\n",
        "row_twice.tsv": "sample_id\tvcf\nS1\tgood.vcf.gz\nS1\tgood.vcf.gz\n",
        "stdin.tsv": "sample_id\tvcf\nS1\t-\n",
        "device.tsv": "sample_id\tvcf\nS1\t/dev/zero\n",
        "itself.tsv": "sample_id\tvcf\nS1\titself.tsv\n",
        "other_sample.tsv": "sample_id\tvcf\nNOBODY\tgood.vcf.gz\n",
        "context_device.tsv": "sample_id\tvcf\tcontext\nS1\tgood.vcf.gz\t/dev/zero\n",
    },
    lambda path, folder: (small(folder), ["analyze", "--sample-sheet", path, *AZA])[1],
)
content(
    "genome",
    {
        "reference.fa": ">chr6\nACGT\n",
        "reference_odd.fa": b">chr6\n" + b"\x1b\xff" * 500 + b"\n",
        "reference.fa.gz": gzip.compress(b">chr6\nACGT\n"),
        "reference.txt": "chr6\t18130687\n",
    },
    lambda path, folder: ["analyze", small(folder), *AZA, "--reference", path],
)


# Alignments whose header lies.
def _headed(name: str, text: str, rest: bytes | None = None) -> None:
    def make(folder: Path) -> Arguments:
        data, index = bam(folder)
        head, after = text.encode("latin-1"), data[8 + int.from_bytes(data[4:8], "little") :]
        path = folder / name
        path.write_bytes(
            bgzipped(data[:4] + len(head).to_bytes(4, "little") + head + (after if rest is None else rest))
        )
        Path(f"{path}.bai").write_bytes(index)
        return ["analyze", small(folder), *AZA, "--alignments", str(path)]

    case("reads", name, make)


_SQ = "@SQ\tSN:chr6\tLN:170805979\n"
for _name, _text in {
    "groups.bam": _SQ + "".join(f"@RG\tID:{n}\tSM:S{n}\n" for n in range(50_000)),
    "group_control.bam": _SQ + "@RG\tID:1\tSM:\x1b[31m\n",
    "group_latin.bam": _SQ + "@RG\tID:1\tSM:S\xe9\n",
    "group_twice.bam": _SQ + "@RG\tID:1\tSM:S1\n@RG\tID:1\tSM:S2\n",
    "no_lines.bam": "",
    "short.bam": "@SQ\tSN:chr6\tLN:5\n@RG\tID:1\tSM:S1\n",
    "negative.bam": "@SQ\tSN:chr6\tLN:-5\n",
    "twice.bam": _SQ * 2,
    "comments.bam": _SQ + "@CO\tx\n" * 1_000_000,
    "nul.bam": _SQ + "\0\0\0",
}.items():
    _headed(_name, _text)
_headed("references.bam", _SQ, (0x7FFFFFFF).to_bytes(4, "little"))
_headed("references_none.bam", _SQ, bytes(4))
_headed("reference_name.bam", _SQ, (1).to_bytes(4, "little") + (0x7FFFFFFF).to_bytes(4, "little"))

# Variants that contradict themselves.
content(
    "vcf",
    {
        "two_headers.vcf": HEADER + COLUMNS + LINE + HEADER + COLUMNS + LINE,
        "no_columns.vcf": HEADER + LINE,
        "columns_moved.vcf": HEADER + COLUMNS.replace("POS\tID", "ID\tPOS") + LINE,
        "spaces.vcf": (HEADER + COLUMNS + LINE).replace("\t", " "),
        "records_disagree.vcf": HEADER + COLUMNS + LINE + LINE.replace("0/1", "0/0"),
        "two_builds.vcf": HEADER + "##contig=<ID=6,length=171115067>\n##reference=hg19\n" + COLUMNS + LINE,
        "blank_lines.vcf": HEADER + "\n\n" + COLUMNS + "\n" + LINE + "\n",
        "cut_line.vcf": HEADER + COLUMNS + LINE[:-5],
        "many_columns.vcf": HEADER + COLUMNS + LINE.strip() + "\t0/1" * 1000 + "\n",
        "ref_wrong.vcf": HEADER + COLUMNS + LINE.replace("\tT\tC", "\tG\tC"),
        "alt_is_ref.vcf": HEADER + COLUMNS + LINE.replace("\tT\tC", "\tT\tT"),
        "alt_odd.vcf": HEADER + COLUMNS + LINE.replace("\tT\tC", "\tT\tC\x1b"),
        "alt_missing.vcf": HEADER + COLUMNS + LINE.replace("\tT\tC", "\tT\t"),
        "members.vcf.gz": gzip.compress((HEADER + COLUMNS).encode()) + gzip.compress(LINE.encode()) * 5000,
        "garbage_after.vcf.gz": bgzipped((HEADER + COLUMNS + LINE).encode()) + b"garbage" * 100,
        "no_end_block.vcf.gz": bgzipped((HEADER + COLUMNS + LINE).encode())[:-28],
        "twice_gzip.vcf.gz": gzip.compress(gzip.compress((HEADER + COLUMNS + LINE).encode())),
    },
    lambda path, folder: ["analyze", path, *AZA, "--build", "GRCh38"],
)
