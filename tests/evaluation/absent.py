"""Measure what comes of absent loci: ``python tests/evaluation/absent.py --real DIR``.

Real files are cut to less than a genome and given with ``--absent reference``; the remedies for a file that lists only
variants are held against each other on real genotypes; and reads are drawn from known haplotypes.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builder import Rec, VcfBuilder

import lupus_pgx
from evaluation.cuts import ANCESTRIES, CUTS, Person, Real, bed, structural
from evaluation.drawn import COST_HEADER, READ_HEADER, cost_rows, read_rows, reads_of
from evaluation.genomes import GENOME_HEADER, genome_rows
from evaluation.kinds import KINDS
from evaluation.report import table
from lupus_pgx.errors import LupusPgxError
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.terms import Build

SEED = 2026
BUILDS = tuple(build.value for build in Build)
ANSWERS = ("drug", "action", "predicted_response")


@dataclass(frozen=True)
class Outcome:
    """What became of one file under ``--absent reference``.

    Attributes
    ----------
    code : int
        Exit code.
    drugs : DataFrame or None
        Rows of drugs with guideline rules; None where the file was refused.
    genes : float
        Genes with an assumed locus, per sample.
    refused : int
        Genes of which the statement was not believed for some sample.
    warning : str
    noticed : bool
        A notice says that the file has few records.
    """

    code: int
    drugs: pd.DataFrame | None
    genes: float
    refused: int
    warning: str
    noticed: bool = False

    @property
    def word(self) -> str:
        """``refused``, ``limited`` or ``accepted``."""
        if self.code:
            return "refused"
        return "limited" if self.refused else "accepted"

    def mean(self, column: str, value: str, *, equal: bool = True) -> float:
        """Return how many drugs of a sample have a value in a column."""
        if self.drugs is None:
            return 0.0
        found = (self.drugs[column] == value) if equal else (self.drugs[column] != value)
        return float(found.sum()) / self.drugs.sample_id.nunique()


_BEFORE_A_REASON = re.compile(r"(?:^|; )[A-Z0-9][A-Z0-9-]+(?:[^:;]*?(?: samples?\))?): ")


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "not believed" in record.getMessage():
            told = record.getMessage().partition("stay unknown. ")[2]
            # Behind the genes of each reason, and of how many samples where there are more than one.
            self.texts += [_reason(part) for part in re.split(_BEFORE_A_REASON, told)[1:]]


def _reason(text: str) -> str:
    """Return the heart of a reason, without its figures and advice."""
    text = text.partition("was looked at (")[2] or text
    text = re.sub(r"records in \d+% of the", "records in few of the", text)
    return text.partition(";")[0].rstrip(")")


def run(path: Path, real: Real, people: Sequence[Person], **options: object) -> Outcome:
    """Analyze a file, with sex given."""
    heard = _Warnings()
    logger = logging.getLogger("lupus_pgx")
    logger.addHandler(heard)
    options = {"absent": "reference", **options}
    sexes = {person.sample: person.sex for person in people}
    try:
        found = lupus_pgx.analyze(path, build=real.build.value, sex=sexes, knowledge=real.knowledge, **options)
    except LupusPgxError as error:
        return Outcome(error.exit_code, None, 0.0, 0, _reason(str(error)))
    finally:
        logger.removeHandler(heard)
    calls = found.diplotypes.to_frame()
    refused = found.provenance.to_dict().get("not_assumed") or {}
    assumed = float((calls.n_assumed.fillna(0) > 0).sum()) / len(found.sample_ids)
    rows = found.drug_responses.to_frame()
    ruled = {name for name, drug in real.knowledge.drugs_by_name.items() if drug.bodies}
    noticed = any("few records" in text for text in found.provenance.notices)
    said = " / ".join(dict.fromkeys(heard.texts))
    return Outcome(0, rows[rows.drug.isin(ruled)], assumed, len(refused), said, noticed)


def cut_rows(real: Real, folder: Path, groups: dict[str, list[list[Person]]]) -> list[list[str]]:
    """Return a line for each cut and kind of group: lowest and highest of its groups."""
    loci, whole = bed(real, folder / "loci.bed"), bed(real, folder / "all.bed", whole=True)
    rows = []
    for name in [*CUTS, "panel loci only, with their BED", "structural variants only"]:
        for kind, several in groups.items():
            outcomes = []
            for people in several:
                path = folder / "cut.vcf"
                options: dict[str, object] = {}
                if name.startswith("structural"):
                    structural(real, path, people)
                elif name.endswith("BED"):
                    real.write(path, people, CUTS["panel loci only"](real))
                    options["called_regions"] = str(loci)
                else:
                    real.write(path, people, CUTS[name](real))
                outcomes.append(run(path, real, people, **options))
                if name == "whole":
                    believed = run(path, real, people, called_regions=str(whole))
                    click.echo(f"{real.build} {kind}: {_changed(outcomes[-1], believed)}", err=True)
            rows.append([str(real.build), name, kind, *_cells(outcomes)])
            click.echo(f"{rows[-1]}", err=True)
    return rows


def _changed(tested: Outcome, believed: Outcome) -> str:
    """Say how many drug rows the test of the statement changed, against a BED of whole chromosomes."""
    if tested.drugs is None or believed.drugs is None:
        return "refused"
    one, other = (item.drugs[["sample_id", *ANSWERS]].reset_index(drop=True) for item in (tested, believed))  # type: ignore[index]
    changed = (one.fillna("") != other.fillna("")).any(axis=1)
    named = ", ".join(f"{drug} {count}" for drug, count in one[changed].drug.value_counts().head(6).items())
    return f"{int(changed.sum())} of {len(one)} drug rows changed {named}"


def _cells(outcomes: Sequence[Outcome]) -> list[str]:
    words = " / ".join(
        f"{count} {word}"
        for word in ("refused", "limited", "accepted")
        if (count := sum(item.word == word for item in outcomes))
    )
    codes = ", ".join(str(code) for code in sorted({item.code for item in outcomes}))
    texts = [text for item in outcomes if item.warning for text in item.warning.split(" / ")]
    said = " / ".join(sorted(dict.fromkeys(texts), key=texts.count, reverse=True)[:3])
    return [
        *(codes, words, _range([item.genes for item in outcomes])),
        _range([item.mean("action", "standard") for item in outcomes]),
        _range([item.mean("predicted_response", "indeterminate", equal=False) for item in outcomes]),
        said,
    ]


def _range(values: Sequence[float]) -> str:
    low, high = (f"{value:.1f}".removesuffix(".0") for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


CUT_HEADER = ("build", "file", "people", "exit", "outcome", "genes assumed", "`standard`", "decided", "warning")


KIND_HEADER = (
    "file",
    "people",
    "outcome",
    "genes assumed",
    "`standard`",
    "wrong `standard`",
    "with the notice",
    "in drug rows",
)


def kind_rows(real: Real, folder: Path, random: np.random.Generator) -> list[list[str]]:
    """Return a line for each kind of file that did not look at all of the genome."""
    whole = str(bed(real, folder / "all.bed", whole=True))
    singles = [[real.of(name)[int(number)]] for name in ANCESTRIES for number in random.integers(0, 300, 2)]
    fifty = [[person for name in ANCESTRIES for person in real.of(name)[start : start + 10]] for start in (0, 10)]
    rows = []
    for kind in KINDS:
        groups = fifty if kind.cohort else singles
        outcomes, wrong, told, judged = [], 0, 0, 0
        for people in groups:
            truth = run(real.write(folder / "whole.vcf", people), real, people, called_regions=whole)
            outcomes.append(run(kind.write(real, folder / "kind.vcf", people), real, people))
            found = _against(outcomes[-1], truth)
            wrong, told = wrong + found, told + found * outcomes[-1].noticed
            judged += 0 if truth.drugs is None else len(truth.drugs)
        cells = _cells(outcomes)
        rows.append([kind.name, f"{len(groups)} x {len(groups[0])}", *cells[1:4], str(wrong), str(told), str(judged)])
        click.echo(f"{rows[-1]} {cells[-1]}", err=True)
    return rows


def groups_of(real: Real, cohort: int | None, random: np.random.Generator) -> dict[str, list[list[Person]]]:
    """Return single people of each ancestry, cohorts of each, and the whole file."""
    singles = [[real.of(name)[int(number)]] for name in ANCESTRIES for number in random.integers(0, 300, 2)]
    cohorts = [real.of(name)[:cohort] for name in ANCESTRIES]
    return {"10 single": singles, "5 cohorts": cohorts}


def remedy_rows(real: Real, folder: Path, people: Sequence[Person]) -> list[list[str]]:
    """Return a line for each remedy: drugs decided and `standard`, and rows that contradict forced calls."""
    found: dict[str, list[Outcome]] = {}
    for person in people:
        own = [person]
        path = real.write(folder / "variants.vcf", own)
        truth = lupus_pgx.analyze(
            path, absent="reference", build="GRCh38", sex={person.sample: person.sex}, knowledge=real.knowledge,
            called_regions=str(bed(real, folder / "all.bed", whole=True)),
        ).variants.to_frame()  # fmt: skip
        known = truth[truth.genotype.notna()]
        letters = {row.locus: str(row.genotype).removesuffix("/.") for row in known.itertuples()}  # one copy on X
        forced = forced_calls(person, letters, blocks=False).write(folder / "forced", kind="vcf")
        blocks = forced_calls(person, letters, blocks=True).write(folder / "blocks", kind="vcf")
        reads = reads_of(real.knowledge, person.sample, letters).write(folder / "reads.bam", 30)
        ways: dict[str, tuple[object, dict[str, object]]] = {
            "nothing": (path, {"absent": "unknown"}),
            "gVCF": (blocks, {"absent": "unknown"}),
            "called regions": (path, {"called_regions": str(folder / "all.bed")}),
            "forced calls": (forced, {"absent": "unknown"}),
            "reads, 30x": (path, {"absent": "unknown", "alignments": reads}),
            "`--absent reference`": (path, {}),
            "`--absent reference` and reads": (path, {"alignments": reads}),
        }
        for name, (file, options) in ways.items():
            found.setdefault(name, []).append(run(Path(str(file)), real, own, **options))
        click.echo(f"{person.sample} done", err=True)
    return [
        [
            name,
            *(_range([item.mean("predicted_response", "indeterminate", equal=False) for item in outcomes]),),
            _range([item.mean("action", "standard") for item in outcomes]),
            str(sum(_against(item, other) for item, other in zip(outcomes, found["forced calls"], strict=True))),
        ]
        for name, outcomes in found.items()
    ]


def _against(item: Outcome, forced: Outcome) -> int:
    """Return the drugs that are `standard` here and something else, and decided, by forced calls."""
    if item.drugs is None or forced.drugs is None:
        return 0
    both = item.drugs.merge(forced.drugs, on=["sample_id", "drug"], suffixes=("", "_forced"))
    decided = both.predicted_response_forced != "indeterminate"
    return int(((both.action == "standard") & (both.action_forced != "standard") & decided).sum())


def forced_calls(person: Person, letters: dict[str, str], *, blocks: bool) -> VcfBuilder:
    """Write every locus as a caller told to would; with ``blocks`` those like the genome as reference blocks."""
    made = VcfBuilder(samples=[person.sample])
    made.meta = ['##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">']
    for name in list(made.records):
        text = letters.get(name)
        if text is None:
            made.drop(name)
            continue
        parts = text.replace("|", "/").split("/")
        made.set(name, text if len(parts) == 2 else "/".join(parts * 2))
        record = made.records[name][0]
        if blocks and set(record.calls[0]) <= set("0/|"):
            end = f"END={record.pos + len(record.ref) - 1}"
            made.replace(name, Rec(record.chrom, record.pos, record.ref[0], "<NON_REF>", ["0/0:30:90"], "GT:DP:GQ",
                                   info=end))  # fmt: skip
    return made


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), help="1000 Genomes files.")
@click.option("--people", default=60, show_default=True, help="Of whom reads are drawn.")
@click.option("--cohort", type=int, help="People of a cohort; all of an ancestry where not given.")
@click.option("--only", type=click.Choice(["cuts", "kinds", "remedies", "reads", "genomes"]), help="One part.")
@click.option("--build", "builds", type=click.Choice(BUILDS), multiple=True, default=BUILDS, help="For the cuts.")
@click.option("--seed", default=SEED, show_default=True)
def main(
    real: Path | None, people: int, cohort: int | None, only: str | None, builds: Sequence[str], seed: int
) -> None:
    """Cut real files, compare the remedies, draw reads; write tables."""
    knowledge = load_knowledge()
    if only in (None, "reads"):
        click.echo(f"\n## Reads\n\n{table(READ_HEADER, read_rows(knowledge, people, seed))}")
        click.echo(f"\n## Cost of a panel\n\n{table(COST_HEADER, cost_rows(knowledge, seed))}")
    if real is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder, random = Path(name), np.random.default_rng(seed)
        if only in (None, "remedies"):
            file = Real(real, Build.GRCH38, knowledge)
            chosen = [file.of(name)[int(number)] for name in ANCESTRIES for number in random.integers(0, 300, 2)]
            header = ("remedy", "drugs decided", "`standard`", "`standard` against forced calls")
            click.echo(f"\n## Remedies\n\n{table(header, remedy_rows(file, folder, chosen))}")
        if only in (None, "kinds"):
            rows = kind_rows(Real(real, Build.GRCH38, knowledge), folder, random)
            click.echo(f"\n## Files that did not look\n\n{table(KIND_HEADER, rows)}")
        if only in (None, "genomes"):
            rows = [row for build in builds for row in genome_rows(Real(real, Build(build), knowledge), random)]
            click.echo(f"\n## Whole genomes\n\n{table(GENOME_HEADER, rows)}")
        if only in (None, "cuts"):
            for build in builds:
                file = Real(real, Build(build), knowledge)
                rows = cut_rows(file, folder, groups_of(file, cohort, random))
                click.echo(f"\n## Cut files, {build}\n\n{table(CUT_HEADER, rows)}")


if __name__ == "__main__":
    main()
