"""Change inputs at random by their grammar: what comes is an answer or a sentence, in time, and never a usual dose.

``python tests/fuzz/run.py --count 10000`` is the long run, ``tests/fuzz/test_fuzz.py`` a short one. Files and indexes
that are damaged byte by byte are those of ``tests/evaluation/mutations.py``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysam
import pysam.bcftools
from builder import VcfBuilder

import lupus_pgx
from fuzz.damage import BESIDE, CARRIED, HIDES, is_damage, line
from lupus_pgx.context.form import read_document
from lupus_pgx.context.reading import load_context
from lupus_pgx.errors import LupusPgxError
from lupus_pgx.genotypes.looked_at import read_called_regions
from lupus_pgx.handover.given import handed_over_alone
from lupus_pgx.knowledge.overlay import lay_over, read_overlay
from lupus_pgx.sample_sheet import as_options
from lupus_pgx.sources.snapshots import read_snapshot

CORPUS = Path(__file__).parent / "corpus"
"""Inputs that were found, each a file in the folder of its kind, as :meth:`Kind.given` reads them."""
GENES, DRUGS = ["TPMT", "NUDT15"], ["azathioprine"]
KNOWLEDGE = lupus_pgx.load_knowledge()
DATA = Path(lupus_pgx.__file__).parent / "data"

ODD_TEXTS = (
    "", " ", ".", "-", "0", "-1", "1e999", "nan", "inf", "9" * 40, "0x1", "１", "²", "\u202e", "\x00", "\x1b[31m", "é",
    "\U0001f9ec", "=1+1", "@SUM(A1)", "'", '"', '""', '"a', "a\tb", "a\nb", "\r", "\\", "/", "../..", "*", "x" * 300, "{", "[",
    "]", "&a", "*a", "!!x", "<<", "%", "None", "null", "true", "NO", "0500", "2:20", "0,7", ">", "<=5", "~", "#", ";", "|",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, -0.0, 1 << 70, [], {}, [[]], [None], {"": None}, {"a": {"a": {"a": 1}}}, [1, "a", None],
    *ODD_TEXTS,
)  # fmt: skip


class Wrong(Exception):
    """An answer that must not be."""


def text_changed(dice: random.Random, text: str) -> str:
    """Change a text here and there: letters, cells, lines."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        place = dice.randrange(len(text) + 1)
        kind = dice.randrange(7)
        if kind == 0:
            text = text[:place] + dice.choice(ODD_TEXTS) + text[place:]
        elif kind == 1:
            text = text[:place] + text[place + dice.choice((1, 1, 5, 40)) :]
        elif kind == 2:
            text = text[:place] + dice.choice(string.printable) + text[place + 1 :]
        elif kind == 3:
            text = text[:place]
        elif kind == 4:
            lines = text.split("\n")
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
            text = "\n".join(lines)
        else:
            text = _cell_changed(dice, text)
    return text


def _cell_changed(dice: random.Random, text: str) -> str:
    lines = text.split("\n")
    number = dice.randrange(len(lines))
    mark = "\t" if "\t" in lines[number] else ","
    cells = lines[number].split(mark)
    other = dice.choice(dice.choice(lines).split(mark))
    cells[dice.randrange(len(cells))] = dice.choice((*ODD_TEXTS, other, other, other))
    lines[number] = mark.join(cells)
    return "\n".join(lines)


def value_changed(dice: random.Random, value: Any) -> Any:
    """Change a document somewhere: a value, a key, what lies where."""
    value = json.loads(json.dumps(value))
    for _ in range(dice.choice((1, 1, 2, 3))):
        homes = [home for home in _homes(value) if home]
        if not homes:
            return dice.choice(ODD_VALUES)
        home, other = dice.choice(homes), dice.choice(homes)
        key = dice.choice(list(home) if isinstance(home, dict) else range(len(home)))
        kind = dice.randrange(5)
        if kind == 0:
            del home[key]
        elif kind == 1:
            home[key] = [home[key]] * dice.choice((1, 2, 50)) if dice.random() < 0.5 else {"value": home[key]}
        elif kind == 2 and isinstance(home, dict):
            home[dice.choice((*ODD_TEXTS, str(key) + "x"))] = home.pop(key)
        elif kind == 3:
            home[key] = json.loads(json.dumps(dice.choice(list(other.values()) if isinstance(other, dict) else other)))
        else:
            home[key] = dice.choice(ODD_VALUES)
    return value


def _homes(value: Any) -> list[Any]:
    found = [value] if isinstance(value, dict | list) else []
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found += _homes(item)
    return found


def write(path: Path, text: str) -> str:
    """Write a text, half characters too."""
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return str(path)


class Kind:
    """One kind of input; a trial changes it, and lets the project read it.

    Parameters
    ----------
    folder : Path
        Of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def trial(self, dice: random.Random) -> str:
        """Do it once; return how it ended: ``same``, ``other`` or ``error``."""
        raise NotImplementedError

    def begin(self) -> list[bytes]:
        """Return what :meth:`given` begins with."""
        return [bytes(range(200))]

    def given(self, data: bytes) -> str:
        """Let the project read bytes: a letter for the form and a text, or, where a kind is no text, what dice show."""
        return self.trial(Shown(data))


class Shown(random.Random):
    """Dice that show what they are told; when nothing is left, they are thrown.

    Parameters
    ----------
    data : bytes
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data, self._place = data, 0

    def getrandbits(self, k: int, /) -> int:
        size = (k + 7) // 8
        if self._place + size > len(self._data):
            return super().getrandbits(k)
        self._place += size
        return int.from_bytes(self._data[self._place - size : self._place], "little") & ((1 << k) - 1)

    def random(self) -> float:
        return self.getrandbits(32) / (1 << 32)


class Carrier(Kind):
    """A carrier of a decisive variant whose record is damaged: never the usual dose, under either policy."""

    def trial(self, dice: random.Random) -> str:
        while True:
            damages = dice.sample(sorted(HIDES), dice.choice((1, 2, 2, 3)))
            beside = dice.sample(sorted(BESIDE), dice.choice((0, 0, 1)))
            if is_damage(damages, beside):
                break
        mode = dice.choice(("unknown", "reference"))
        lines = [line(dice.choice(CARRIED), damages), *(BESIDE[name] for name in beside)]
        lines.sort(key=lambda item: (item.split()[0] != "chr6", int(item.split()[1])))
        builder = VcfBuilder(genes=tuple(GENES), knowledge=KNOWLEDGE)
        if mode != "unknown":
            builder.variants_only()
        builder.records.pop("rs1142345", None)
        rows = [row for row in builder.text().split("\n") if row and not row.startswith("#")]
        head = [row for row in builder.text().split("\n") if row.startswith("#")]
        rows += ["\t".join([*item.split(), ""][: 8 + 2]) for item in lines]
        rows.sort(key=lambda row: (row.split("\t")[0], int(row.split("\t")[1])))
        path = write(self.folder / "in.vcf", "\n".join([*head, *rows]) + "\n")
        said = lupus_pgx.analyze(path, genes=GENES, drugs=DRUGS, absent=mode, knowledge=KNOWLEDGE)
        action = str(said.patient("S1").drug("azathioprine").action)
        if action == "standard":
            raise Wrong(f"standard: {damages} {beside} {mode}")
        return "other"


class Neutral(Kind):
    """A file that is written otherwise, and says the same: the answer is the same."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        builder = VcfBuilder(genes=tuple(GENES), knowledge=KNOWLEDGE).set("rs1142345", "T/C").set("rs1800460", "C/T")
        self.text = builder.text()
        self.whole = self._answer(self.text)

    def _answer(self, text: str) -> str:
        path = write(self.folder / "in.vcf", text)
        said = lupus_pgx.analyze(path, genes=GENES, drugs=DRUGS, build="GRCh38", knowledge=KNOWLEDGE)
        calls = [
            (row.gene, row.diplotype, row.phenotype, row.call_status) for row in said.diplotypes.to_frame().itertuples()
        ]
        drug = said.patient("S1").drug("azathioprine")
        return repr((calls, str(drug.action), drug.certainty))

    def trial(self, dice: random.Random) -> str:
        lines = self.text.rstrip("\n").split("\n")
        for _ in range(dice.choice((1, 2, 4))):
            # A line of the header that was put in moves all below it.
            first = next(number for number, row in enumerate(lines) if not row.startswith("#"))
            self._changed(dice, lines, first)
        end = dice.choice(("\n", "\n", "\r\n"))
        if (said := self._answer(end.join(lines) + end)) != self.whole:
            raise Wrong(f"{said} is not {self.whole}")
        return "same"

    @staticmethod
    def _changed(dice: random.Random, lines: list[str], first: int) -> None:
        number = dice.randrange(first, len(lines))
        cells = lines[number].split("\t")
        kind = dice.randrange(8)
        if kind == 0:
            cells[2] = dice.choice((".", "rs1", "x;y"))
        elif kind == 1:
            cells[5] = dice.choice((".", "99", "1e3"))
        elif kind == 2:
            cells[7] = dice.choice(("AC=1", "NOTE=x", "AF=0.5;DB"))
        elif kind == 3 and cells[8] == "GT":
            cells[8], cells[9] = "GT:XX", f"{cells[9]}:{dice.choice(('1', '.', 'a,b'))}"
        elif kind == 4:
            cells[3], cells[4] = cells[3].lower(), cells[4].lower()
        elif kind == 5:
            one, mark, other = cells[9].partition("/")
            cells[9] = (
                cells[9].replace(f"{one}/{other}", f"{other}/{one}", 1) if mark and ":" not in cells[9] else cells[9]
            )
        elif kind == 6:
            lines.insert(dice.randrange(1, first), f"##note={dice.choice(ODD_TEXTS[6:13])}".replace("\n", " "))
            return
        else:
            cells[6] = "PASS"
        lines[number] = "\t".join(cells)


class Records(Kind):
    """A VCF of which anything is changed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        builder = VcfBuilder(genes=("TPMT",), samples=["S1", "S2"], knowledge=KNOWLEDGE).set("rs1142345", "T|C", "C/C")
        self.text = builder.text()

    def trial(self, dice: random.Random) -> str:
        path = write(self.folder / "in.vcf", text_changed(dice, self.text))
        return self._read(path, dice.choice(("unknown", "reference")))

    def begin(self) -> list[bytes]:
        return [letter + self.text.encode() for letter in (b"0", b"1")]

    def given(self, data: bytes) -> str:
        path = self.folder / "in.vcf"
        path.write_bytes(data[1:])
        return self._read(str(path), ("unknown", "reference")[data[0] % 2])

    @staticmethod
    def _read(path: str, absent: str) -> str:
        str(lupus_pgx.analyze(path, genes=GENES, drugs=DRUGS, absent=absent, build="GRCh38", knowledge=KNOWLEDGE))
        return "other"


class Contexts(Kind):
    """A clinical context as YAML, JSON, a table or a mapping."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        cases = sorted((DATA / "example" / "cases").glob("*.yaml"))
        self.texts = [case.read_text(encoding="utf-8") for case in cases]
        self.documents = [read_document(str(case)) for case in cases]
        self.table = (
            "sample_id\tsex\tage\tweight\tcreatinine\tco_medication\nA\tfemale\t34\t60 kg\t1 mg/dL\tMMF;prednisone\n"
        )

    def trial(self, dice: random.Random) -> str:
        kind = dice.randrange(4)
        given: Any
        if kind == 0:
            given = write(self.folder / "c.yaml", text_changed(dice, dice.choice(self.texts)))
        elif kind == 1:
            given = write(self.folder / "c.json", json.dumps(value_changed(dice, dice.choice(self.documents))))
        elif kind == 2:
            given = write(self.folder / "c.tsv", text_changed(dice, self.table))
        else:
            given = value_changed(dice, dice.choice(self.documents))
            given = given if isinstance(given, dict) else {"age": given}
        return self._read(given)

    def begin(self) -> list[bytes]:
        found = [b"0" + text.encode() for text in self.texts]
        found += [b"1" + json.dumps(document).encode() for document in self.documents]
        return [*found, b"2" + self.table.encode()]

    def given(self, data: bytes) -> str:
        path = self.folder / f"c.{('yaml', 'json', 'tsv')[data[0] % 3]}"
        path.write_bytes(data[1:])
        return self._read(str(path))

    @staticmethod
    def _read(given: Any) -> str:
        load_context(given, KNOWLEDGE, today="2026-11-28")
        return "other"


class Calls(Kind):
    """Calls made elsewhere, of every form that the tests have."""

    FORMS = (
        "sample_id\tgene\tdiplotype\nS1\tTPMT\t*1/*3A\nS1\tCYP2D6\t*1x2/*4\nS1\tHLA-B\t*58:01/*07:02\n",
        "gene\tphenotype\tactivity_score\nCYP2D6\tPoor Metabolizer\t0.0\n",
        "CYP2D6\t*1/*4\nTPMT\t*1/*1\t\t\n",
        "Sample\tGenotype\tFilter\nS1\t*1/*4\tPASS\n",
        '{"S1": {"Genotype": "*1/*4;*2/*4", "Filter": "More_than_one_possible_genotype"}}',
        '{"gene_details": {"TPMT": {"diplotypes": [{"hap1": "*1", "hap2": "*3A", "diplotype": "*1/*3A"}]}}}',
        '{"geneReports": {"TPMT": {"sourceDiplotypes": [{"allele1": {"name": "*1"}, "allele2": {"name": "*3A"}}]}}}',
        '{"locusAnnotations": [{"gene": "CYP2C19", "genotype": ["*1/*2"], "genotypeFilter": "PASS"}], "sampleId": "S1"}',
        '{"hla": {"alleles": ["A*02:01", "B*58:01"]}, "subject_id": "S1"}',
        '{"A": ["A*02:01:01", "A*03:01:01"], "B": ["B*58:01:01", "B*07:02:01"]}',
        "#Sample\tGene\tSolutionID\tMajor\tMinor\nS1\tCYP2D6\t1\t*1/*4\tx\n",
        "\tA1\tA2\tB1\tB2\tC1\tC2\tReads\tObjective\n0\tA*02:01\tA*03:01\tB*58:01\tB*07:02\tC*01:02\tC*07:02\t9\t8\n",
        "name\tstatus\thap1_main\thap2_main\tphenotype\nS1\tg\t*1\t*4\tintermediate_metabolizer\n",
    )

    def trial(self, dice: random.Random) -> str:
        form = dice.choice(self.FORMS)
        if form.startswith("{") and dice.random() < 0.7:
            text, suffix = json.dumps(value_changed(dice, json.loads(form))), "json"
        else:
            text, suffix = text_changed(dice, form), "json" if form.startswith("{") else "tsv"
        path = write(self.folder / f"calls.{suffix}", text)
        handed_over_alone([f"{dice.choice(('CYP2D6', 'TPMT'))}={path}" if dice.random() < 0.2 else path], KNOWLEDGE)
        return "other"

    def begin(self) -> list[bytes]:
        return [(b"1" if form.startswith("{") else b"0") + form.encode() for form in self.FORMS]

    def given(self, data: bytes) -> str:
        path = self.folder / f"calls.{('tsv', 'json')[data[0] % 2]}"
        path.write_bytes(data[1:])
        handed_over_alone([f"CYP2D6={path}" if data[0] % 4 > 1 else str(path)], KNOWLEDGE)
        return "other"


class Overlays(Kind):
    """A table of knowledge, some rows of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tables = {}
        for path in sorted(DATA.glob("*.tsv")):
            lines = path.read_text(encoding="utf-8").split("\n")
            self.tables[path.name] = "\n".join([lines[0], *lines[1:4], ""])

    def trial(self, dice: random.Random) -> str:
        name = dice.choice(sorted(self.tables))
        write(self._empty() / name, text_changed(dice, self.tables[name]))
        found = read_overlay(str(self.folder / "overlay"), KNOWLEDGE.tables)
        if dice.random() < 0.05:  # checks of all tables together take a second
            lay_over(KNOWLEDGE.tables, found)
        return "other"

    def begin(self) -> list[bytes]:
        return [f"{name}\n{text}".encode() for name, text in self.tables.items()]

    def given(self, data: bytes) -> str:
        name, _, text = data.partition(b"\n")
        if (table := name.decode("latin-1")) not in self.tables:
            return "same"
        (self._empty() / table).write_bytes(text)
        read_overlay(str(self.folder / "overlay"), KNOWLEDGE.tables)
        return "other"

    def _empty(self) -> Path:
        place = self.folder / "overlay"
        place.mkdir(exist_ok=True)
        for old in place.iterdir():
            old.unlink()
        return place


class Sheets(Kind):
    """A sample sheet, a BED, a list of alignments."""

    SHEET = "sample_id\tvcf\tbuild\tsex\tancestry\nS1\ta.vcf.gz\tGRCh38\tfemale\tEUR\nS2\tb.vcf.gz;c.vcf.gz\t\t\t\n"
    BED = "chr6\t18100000\t18200000\nchr13\t48000000\t48100000\n"

    def trial(self, dice: random.Random) -> str:
        if dice.random() < 0.5:
            return self._sheet(write(self.folder / "sheet.tsv", text_changed(dice, self.SHEET)))
        return self._bed(write(self.folder / "in.bed", text_changed(dice, self.BED)))

    def begin(self) -> list[bytes]:
        return [b"0" + self.SHEET.encode(), b"1" + self.SHEET.replace("\t", ",").encode(), b"2" + self.BED.encode()]

    def given(self, data: bytes) -> str:
        form = data[0] % 3
        path = self.folder / ("sheet.tsv", "sheet.csv", "in.bed")[form]
        path.write_bytes(data[1:])
        return self._bed(str(path)) if form == 2 else self._sheet(str(path))

    @staticmethod
    def _sheet(path: str) -> str:
        as_options(path, {}, KNOWLEDGE, "2026-11-28")
        return "other"

    @staticmethod
    def _bed(path: str) -> str:
        read_called_regions(path, KNOWLEDGE)
        return "other"


class Snapshots(Kind):
    """Answers of a public source as they were kept."""

    MANIFEST = {
        "source": "cpic",
        "day": "2026-01-01",
        "answers": {"a": {"url": "u", "sha256": "0" * 64, "etag": "", "last_modified": ""}},
    }

    def trial(self, dice: random.Random) -> str:
        text = json.dumps(self.MANIFEST if dice.random() < 0.2 else value_changed(dice, self.MANIFEST))
        write(self.folder / "snapshot.json", text if dice.random() < 0.7 else text_changed(dice, text))
        write(self.folder / "a.json", text_changed(dice, '[{"a": 1}]'))
        return self._read()

    def begin(self) -> list[bytes]:
        return [b"0" + json.dumps(self.MANIFEST).encode(), b'1[{"a": 1}]', b'1{"data": [{"a": null}]}']

    def given(self, data: bytes) -> str:
        manifest, answer = (data[1:], b"[]") if data[0] % 2 == 0 else (b"", data[1:])
        if not manifest:
            listed = {"url": "u", "sha256": hashlib.sha256(answer).hexdigest(), "etag": "", "last_modified": ""}
            manifest = json.dumps({**self.MANIFEST, "answers": {"a": listed}}).encode()
        (self.folder / "snapshot.json").write_bytes(manifest)
        (self.folder / "a.json").write_bytes(answer)
        return self._read()

    def _read(self) -> str:
        return "other" if read_snapshot(self.folder, "cpic") is not None else "same"


class Reads(Kind):
    """A BAM whose bytes, or those of its index, are damaged: other reads, or a sentence, never a signal."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        builder = VcfBuilder(genes=("TPMT",), knowledge=KNOWLEDGE)
        builder.drop("rs1142345")
        self.vcf = str(builder.write(folder / "in"))
        self.bam = _reads(folder / "source.bam")
        self.index = Path(f"{self.bam}.bai").read_bytes()
        self.data = self.bam.read_bytes()

    def trial(self, dice: random.Random) -> str:
        from evaluation.mutations import cut, extreme, flip, hole, nudge, within

        path = self.folder / "reads.bam"
        data, index = self.data, self.index
        if dice.random() < 0.5:
            index = dice.choice((flip, cut, extreme, nudge, hole))(dice, index)
        else:
            damage = dice.choice((flip, cut, hole, *(within(kind) for kind in (flip, extreme, nudge, cut))))
            data = damage(dice, data)
        path.write_bytes(data)
        Path(f"{path}.bai").write_bytes(index)
        lupus_pgx.analyze(self.vcf, genes=["TPMT"], drugs=DRUGS, alignments=[str(path)], knowledge=KNOWLEDGE)
        return "other"


class Binary(Kind):
    """A BCF of which what it holds is damaged, and packed whole again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        builder = VcfBuilder(genes=tuple(GENES), knowledge=KNOWLEDGE).set("rs1142345", "T/C")
        path = write(folder / "in.vcf", builder.text())
        pysam.bcftools.view("-Ob", "-o", str(folder / "in.bcf"), path, catch_stdout=False)
        self.data = gzip.decompress((folder / "in.bcf").read_bytes())

    def trial(self, dice: random.Random) -> str:
        from evaluation.mutations import cut, extreme, flip, nudge

        path = str(self.folder / "damaged.bcf")
        with pysam.BGZFile(path, "wb") as file:  # type: ignore[attr-defined]
            file.write(dice.choice((flip, cut, extreme, nudge))(dice, self.data))
        absent = dice.choice(("unknown", "reference"))
        str(lupus_pgx.analyze(path, genes=GENES, drugs=DRUGS, absent=absent, build="GRCh38", knowledge=KNOWLEDGE))
        return "other"


def _reads(path: Path) -> Path:
    """Write reads over one locus."""
    header = {
        "HD": {"VN": "1.6", "SO": "coordinate"},
        "SQ": [{"SN": "chr6", "LN": 170805979}],
        "RG": [{"ID": "1", "SM": "S1"}],
    }
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number in range(30):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.query_sequence = f"r{number}", "ACGT" * 25
            read.reference_id, read.reference_start = 0, 18130600 + number
            read.mapping_quality, read.cigar = 60, [(0, 100)]
            read.query_qualities = pysam.qualitystring_to_array("I" * 100)
            read.set_tag("RG", "1")
            file.write(read)
    pysam.index(str(path))
    return path


KINDS: dict[str, Callable[[Path], Kind]] = {
    "carrier": Carrier,
    "neutral": Neutral,
    "records": Records,
    "bcf": Binary,
    "context": Contexts,
    "calls": Calls,
    "overlay": Overlays,
    "sheet": Sheets,
    "snapshot": Snapshots,
    "reads": Reads,
}


def outcome(kind: Kind, name: str, seed: int) -> tuple[str, str]:
    """Do one trial; return how it ended, and what was said. Endings in capitals must not be."""
    dice = random.Random(f"{name} {seed}")
    return judged(lambda: kind.trial(dice))


def judged(trial: Callable[[], str]) -> tuple[str, str]:
    """Return how a trial ends, and what is said."""
    try:
        return trial(), ""
    except LupusPgxError as error:
        said = str(error)
        if error.exit_code == 70 or not said:
            return "BUG", said
        return "error", said
    except Wrong as error:
        return "WRONG", str(error)
    except Exception as error:
        return "BUG", f"{type(error).__name__}: {error}"
