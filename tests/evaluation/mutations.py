"""Damage files and indexes at random: what is read is what the file says, or one clear error.

Run ``python tests/evaluation/mutations.py --count 5000``; each kind of damage is done in processes
of their own, so that one that ends by a signal or hangs is found out and counted.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pysam  # noqa: E402
import pysam.bcftools  # noqa: E402
from builder import Rec, VcfBuilder  # noqa: E402

from lupus_pgx.errors import InputError  # noqa: E402
from lupus_pgx.genotypes.reader import read_genotypes  # noqa: E402
from lupus_pgx.knowledge.catalogue import load_knowledge  # noqa: E402
from lupus_pgx.terms import AbsentPolicy  # noqa: E402

KINDS = ("text", "bcf", "tbi", "csi", "bcf.csi", "stale")
# Few loci: a mutation takes a thirtieth of a second.
GENES = ("TPMT", "NUDT15", "CYP3A5", "VKORC1", "UGT1A1")
LIMIT = 60.0
EXTREMES = (0, 1, -1, 2, 37450, 65535, 1 << 16, 2**31 - 1, -(2**31), 2**32 - 1, 2**62, 2**63 - 1, -(2**63))

Damage = Callable[[random.Random, bytes], bytes]


def sources(folder: Path) -> dict[str, Path]:
    """Write a file of many small blocks with long and short records, and the same as BCF, both indexed."""
    builder = VcfBuilder(genes=GENES, samples=["S1", "S2"])
    builder.set("rs1142345", "T|C", "T/T").set("rs776746", "T/C", "C/C")
    dice = random.Random(7)
    for gene in GENES:
        sites = [builder.site(name) for name, locus in builder.loci.items() if locus.gene == gene]
        for pos in range(sites[0].pos - 40_000, sites[-1].pos + 40_000, 401):
            if not any(site.pos - 50 <= pos <= site.end + 50 for site in sites):
                builder.add(Rec(sites[0].chrom, pos, "A", "C", [dice.choice(["0/0", "0/1", "1/1"]) for _ in range(2)]))
    # Blocks of a gVCF: what they say is found only if they are, and they begin far in front.
    for name in ("rs1800460", "rs116855232"):
        site = builder.site(name)
        builder.drop(name)
        builder.add(Rec(site.chrom, site.pos - 30_000, "A", "<NON_REF>", ["0/0", "0/0"], info=f"END={site.pos + 10}"))
    text = folder / "source.vcf.gz"
    header = [line for line in builder.text().splitlines(keepends=True) if line.startswith("#")]
    lines = [line for line in builder.text().splitlines(keepends=True) if not line.startswith("#")]
    write_blocks(text, "".join([*header, *lines]).encode(), 3000)
    pysam.tabix_index(str(text), preset="vcf", force=True, csi=True)
    pysam.tabix_index(str(text), preset="vcf", force=True)
    bcf = folder / "source.bcf"
    pysam.bcftools.view("-Ob", "-o", str(bcf), str(text), catch_stdout=False)
    data = pysam.BGZFile(str(bcf), "rb").read(1 << 30)
    write_blocks(bcf, data, 3000)
    pysam.bcftools.index("-f", str(bcf), catch_stdout=False)
    suffix = {"tbi": ".tbi", "csi": ".csi"}
    found = {kind: Path(f"{text}{end}") for kind, end in suffix.items()}
    return found | {"text": text, "bcf": bcf, "bcf.csi": Path(f"{bcf}.csi"), "stale": text}


def write_blocks(path: Path, data: bytes, size: int) -> None:
    """Bgzip some bytes into blocks of a size."""
    with pysam.BGZFile(str(path), "wb") as file:
        for start in range(0, len(data), size):
            file.write(data[start : start + size])
            file.flush()


def inflated(data: bytes) -> bytes:
    """Return what a bgzipped file holds."""
    return gzip.decompress(data)


def blocks(data: bytes) -> list[bytes]:
    """Split a bgzipped file."""
    found, place = [], 0
    while place < len(data):
        size = int.from_bytes(data[place + 16 : place + 18], "little") + 1
        found.append(data[place : place + size])
        place += size
    return found


def packed(data: bytes) -> bytes:
    """Bgzip some bytes."""
    parts = []
    for start in [*range(0, len(data), 3000), None]:
        text = b"" if start is None else data[start : start + 3000]
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = packer.compress(text) + packer.flush()
        head = struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
        parts.append(head + body + struct.pack("<II", zlib.crc32(text), len(text)))
    return b"".join(parts)


def flip(dice: random.Random, data: bytes) -> bytes:
    """Change some bytes."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 5, 20))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(dice: random.Random, data: bytes) -> bytes:
    """End early."""
    return data[: dice.randrange(len(data))]


def extreme(dice: random.Random, data: bytes) -> bytes:
    """Set a number to an extreme value."""
    width = dice.choice((4, 8))
    place = dice.randrange(0, max(1, len(data) - width), 4)
    value = (dice.choice(EXTREMES) & ((1 << 8 * width) - 1)).to_bytes(width, "little")
    return data[:place] + value + data[place + width :]


def nudge(dice: random.Random, data: bytes) -> bytes:
    """Make a number a little larger or smaller."""
    place = dice.randrange(0, max(1, len(data) - 4), 4)
    (value,) = struct.unpack_from("<I", data, place)
    value = (value + dice.choice((-8, -1, 1, 8))) & 0xFFFFFFFF
    return data[:place] + struct.pack("<I", value) + data[place + 4 :]


def copy(dice: random.Random, data: bytes) -> bytes:
    """Put some words in the place of others."""
    width = dice.choice((4, 8, 8, 16, 24))
    here, there = (dice.randrange(0, max(1, len(data) - width), 4) for _ in range(2))
    return data[:here] + data[there : there + width] + data[here + width :]


def neighbour(dice: random.Random, data: bytes) -> bytes:
    """Put a word in the place of the next."""
    width = dice.choice((4, 8, 8, 16))
    here = dice.randrange(0, max(1, len(data) - 2 * width), 4)
    near = data[here : here + width]
    return data[:here] + near + near + data[here + 2 * width :] if dice.random() < 0.5 else _turned(data, here, width)


def _turned(data: bytes, here: int, width: int) -> bytes:
    return data[:here] + data[here + width : here + 2 * width] * 2 + data[here + 2 * width :]


def shift(dice: random.Random, data: bytes) -> bytes:
    """Leave some words out, or put some in twice."""
    width = dice.choice((4, 8, 16))
    here = dice.randrange(0, max(1, len(data) - width), 4)
    return data[:here] + data[here + width :] if dice.random() < 0.5 else data[: here + width] + data[here:]


def hole(dice: random.Random, data: bytes) -> bytes:
    """Set a stretch to zero, as a disk does that lost it."""
    here = dice.randrange(len(data))
    width = min(dice.choice((1, 2, 8, 100, 4096)), len(data) - here)
    return data[:here] + bytes(width) + data[here + width :]


def within(damage: Damage) -> Damage:
    """Damage what a compressed file holds, not the file."""
    return lambda dice, data: packed(damage(dice, inflated(data)))


def moved(dice: random.Random, data: bytes) -> bytes:
    """Swap, double or leave out blocks."""
    parts = blocks(data)
    here, there = (dice.randrange(len(parts)) for _ in range(2))
    kind = dice.randrange(3)
    if kind == 0:
        parts[here], parts[there] = parts[there], parts[here]
    elif kind == 1:
        parts.insert(there, parts[here])
    else:
        del parts[here]
    return b"".join(parts)


def fields(dice: random.Random, data: bytes) -> bytes:
    """Set a cell of a record to something odd."""
    lines = data.split(b"\n")
    number = dice.choice([n for n, line in enumerate(lines) if line and not line.startswith(b"#")])
    cells = lines[number].split(b"\t")
    odd = [b"", b".", b"-1", b"0", b"2147483648", b"9" * 30, b"<DEL>", b"*", b"9/9", b"0/1:", b"\xff\xfe"]
    odd += [b"END=9" * 3, b"\0", b"0/0\0"]
    cells[dice.randrange(len(cells))] = dice.choice(odd)
    lines[number] = b"\t".join(cells)
    return b"\n".join(lines)


def edited(dice: random.Random, data: bytes) -> bytes:
    """Edit a file as people do: the index beside it is that of the file before."""
    lines = inflated(data).split(b"\n")[:-1]
    first = next(n for n, line in enumerate(lines) if not line.startswith(b"#"))
    here = dice.randrange(first, len(lines))
    kind = dice.randrange(5)
    if kind == 0:
        del lines[here]
    elif kind == 1:
        cells = lines[here].split(b"\t")
        cells[1] = str(int(cells[1]) + dice.choice((1, 20, 500))).encode()
        lines[here : here + 1] = sorted([lines[here], b"\t".join(cells)], key=lambda line: int(line.split(b"\t")[1]))
    elif kind == 2:
        lines[here] = lines[here].replace(b"0/0", b"1/1") if b"0/0" in lines[here] else lines[here][:-3] + b"0/0"
    elif kind == 3:
        lines.insert(first - 1, b"##note=" + b"x" * dice.choice((1, 50, 4000)))
    else:
        name = lines[here].split(b"\t")[0]
        lines = [line for n, line in enumerate(lines) if n < first or not line.startswith(name + b"\t")]
    return packed(b"\n".join(lines) + b"\n")


INDEX = (flip, cut, *(within(damage) for damage in (flip, cut, extreme, extreme, nudge, copy, copy, neighbour, shift)))
DAMAGES: dict[str, tuple[Damage, ...]] = {
    "text": (flip, cut, hole, moved, *(within(damage) for damage in (flip, fields, fields, cut, copy, hole))),
    "bcf": (flip, cut, hole, moved, *(within(damage) for damage in (flip, extreme, nudge, copy, cut, hole))),
    "tbi": INDEX,
    "csi": INDEX,
    "bcf.csi": INDEX,
    "stale": (edited,),
}


def answer(path: Path) -> str:
    """Return what is read from a file in a few letters, or the error in full."""
    try:
        found = read_genotypes([str(path)], load_knowledge(), GENES, absent=AbsentPolicy.REFERENCE)
    except InputError as error:
        return f"error {error.exit_code} {error}".replace("\n", " ")
    digest = hashlib.sha256(repr(found.sample_ids).encode())
    sets: dict[int, int] = {}
    for column, letters in zip(found.columns, found.unexpected, strict=True):
        for values in (column.states.alleles, column.states.status):
            digest.update(values[column.index].tobytes())
        # Phase sets are numbered as they are met, which follows the order of reading.
        for number in column.states.phase[column.index].ravel().tolist():
            digest.update(bytes([sets.setdefault(number, len(sets)) % 256]))
        digest.update(repr(letters).encode())
    return digest.hexdigest()[:12]


class Trial:
    """One kind of damage, in a folder of its own.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    folder : Path
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.source = sources(folder)
        stem = "bcf" if kind.startswith("bcf") else "text"
        self.file = folder / ("damaged.bcf" if stem == "bcf" else "damaged.vcf.gz")
        self.original = self.source[stem].read_bytes()
        self.file.write_bytes(self.original)
        self.whole = answer(self.file)
        self.time = self.file.stat().st_mtime

    def outcome(self, seed: int) -> tuple[str, str]:
        """Damage once; return how it ended, and what was said."""
        dice = random.Random(f"{self.kind} {seed}")
        damage = dice.choice(DAMAGES[self.kind])
        if self.kind == "stale":
            return self._stale(damage(dice, self.original))
        data = damage(dice, self.source[self.kind].read_bytes())
        if self.kind in ("text", "bcf"):
            self.file.write_bytes(data)
            said = answer(self.file)
            return ("error" if said.startswith("error") else "same" if said == self.whole else "other", said)
        index = Path(f"{self.file}.{self.kind.rpartition('.')[2]}")
        index.write_bytes(data)
        said = answer(self.file)
        return ("same" if said == self.whole else "WRONG", said)

    def _stale(self, data: bytes) -> tuple[str, str]:
        self.file.write_bytes(data)
        index = Path(f"{self.file}.tbi")
        index.unlink(missing_ok=True)
        expected = answer(self.file)
        shutil.copyfile(self.source["tbi"], index)
        os.utime(index, (self.time, self.time))
        os.utime(self.file, (self.time, self.time))
        said = answer(self.file)
        return ("same" if said == expected else "WRONG", said)


def say(*words: object) -> None:
    """Write a line that is read at once."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def work(kind: str, first: int, count: int) -> None:
    """Damage in this process, and say before and after each time where it is."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(kind, Path(folder))
        for seed in range(first, first + count):
            say("start", seed)
            try:
                how, said = trial.outcome(seed)
            except Exception as error:
                how, said = "BUG", f"{type(error).__name__}: {error}"
            say("end", seed, how, said.replace("\n", " ")[:200])


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield what a process says, and "hang" if it falls silent."""
    assert process.stdout is not None
    while True:
        if not select.select([process.stdout], [], [], LIMIT)[0]:
            process.kill()
            yield "hang"
            return
        line = process.stdout.readline()
        if not line:
            return
        yield line


def run(kind: str, count: int, first: int = 0) -> tuple[Counter[str], list[str]]:
    """Damage many times; return how often it ended how, and all that must not be."""
    ends: Counter[str] = Counter()
    faults: list[str] = []
    last = first + count
    while first < last:
        command = [sys.executable, "-W", "ignore", __file__, "--worker", kind, str(first), str(last - first)]
        # Unbuffered by select: one line at a time is read.
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        ) as process:
            started = None
            for line in _lines(process):
                words = line.split(maxsplit=3)
                if words[0] == "start":
                    started = int(words[1])
                elif words[0] == "end":
                    ends[words[2]] += 1
                    if words[2].isupper():
                        faults.append(f"{kind} {words[1]} {words[2]} {words[3].strip()}")
                    first, started = int(words[1]) + 1, None
            process.wait()
            if started is not None or process.returncode:
                how = f"ended by {process.returncode}"
                ends["ENDED"] += 1
                faults.append(f"{kind} {started} {how}")
                first = (first if started is None else started) + 1
    return ends, faults


def main() -> int:
    """Run all kinds, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--worker", nargs=3, metavar=("KIND", "FIRST", "COUNT"))
    options = parser.parse_args()
    if options.worker:
        work(options.worker[0], int(options.worker[1]), int(options.worker[2]))
        return 0
    bad = 0
    for kind in options.kinds.split(","):
        began = time.monotonic()
        ends, faults = run(kind, options.count, options.first)
        say(kind, dict(sorted(ends.items())), f"{time.monotonic() - began:.0f} s")
        for fault in faults[:20]:
            say(fault)
        bad += len(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
