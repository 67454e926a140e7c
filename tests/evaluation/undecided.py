"""Measure how often a drug stays undecided, and why: ``python tests/evaluation/undecided.py --real DIR``."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lupus_pgx
from evaluation.report import percent, table
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.terms import AbsentPolicy, Build, CallStatus, Response

SHOWN = 2
"""Loci of a gene that are named; of more, the number."""

SETTLED = 0.99
"""Probability from which a phenotype leaves nothing open."""

FREQUENT = 0.1
"""A reason is listed from this share of the undecided samples on."""


@dataclass(frozen=True)
class Undecided:
    """How often the response to a drug is undecided.

    Attributes
    ----------
    drug : str
    build, absent : str
    samples, undecided : int
    reasons : dict of str to int
        Undecided samples by what was not assessed, or by the gene whose call leaves the action open.
        One sample may have several reasons.
    """

    drug: str
    build: str
    absent: str
    samples: int
    undecided: int
    reasons: dict[str, int]


def reasons_of(response: DrugResponse) -> list[str]:
    """Name what leaves a response undecided: essential loci by gene, else the calls that are open."""
    items = [response.known[key] for key in response.judgement.judged_by if key in response.known]
    missing = [f"{item.key}: {missing_text(item)}" for item in items if item.missing]
    return missing or [f"{item.key}: {text}" for item in items if (text := open_text(item))] or ["other"]


def missing_text(item: Assessed) -> str:
    """Name the essential loci that are missing."""
    if item.diplotype is not None and item.diplotype.structure_open:
        return "structure"
    if item.not_assessed and item.diplotype is not None and item.diplotype.n_loci:
        return "not covered"
    return ", ".join(item.missing) if len(item.missing) <= SHOWN else f"more than {SHOWN} essential loci"


def open_text(item: Assessed) -> str:
    """Say why a call with all essential loci does not settle the action; empty where it does."""
    if item.diplotype is None or item.phenotype is None:
        return ""
    if item.diplotype.status is CallStatus.NOVEL:
        return "no named pair fits"
    if item.phenotype.best == "Indeterminate":
        return "an allele of uncertain function"
    _, share = item.phenotype.ranked[0]
    return "several pairs possible" if share < SETTLED else ""


def measure(real: Path, build: Build, absent: AbsentPolicy, knowledge: Knowledge) -> list[Undecided]:
    """Count undecided responses in the 1000 Genomes file of a build, with sex and without ancestry given.

    Parameters
    ----------
    real : Path
        Folder of the 1000 Genomes files.
    build : Build
    absent : AbsentPolicy
    knowledge : Knowledge

    Returns
    -------
    list of Undecided
        One per drug with guideline rules, in the order of the table ``drugs``.
    """
    with (real / "1kgp-samples.tsv").open(encoding="utf-8") as people:
        sexes = {row["sample"]: row["gender"] for row in csv.DictReader(people, delimiter="\t")}
    drugs = [name for name, drug in knowledge.drugs_by_name.items() if drug.bodies]
    analysis = lupus_pgx.analyze(
        real / f"1kgp-{build}.vcf.gz", drugs=drugs, absent=absent.value, sex=sexes, knowledge=knowledge
    )
    found = []
    for drug in drugs:
        reasons: Counter[str] = Counter()
        undecided = 0
        for number in range(len(analysis.sample_ids)):
            response = analysis.results.responses.of(drug, number)
            if response.response is Response.INDETERMINATE:
                undecided += 1
                reasons.update(reasons_of(response))
        found.append(
            Undecided(drug, build.value, absent.value, len(analysis.sample_ids), undecided, dict(reasons.most_common()))
        )
    return found


Way = tuple[str, str]
"""Build and policy for absent loci."""

REASONS_SHOWN = (
    (Build.GRCH38.value, AbsentPolicy.UNKNOWN.value),
    (Build.GRCH38.value, AbsentPolicy.REFERENCE.value),
    (Build.GRCH37.value, AbsentPolicy.UNKNOWN.value),
)


def by_drugs(results: Sequence[Undecided]) -> dict[str, dict[Way, Undecided]]:
    """Return the results by drugs; those that share all numbers and reasons stand together."""
    by_drug: dict[str, dict[Way, Undecided]] = {}
    for result in results:
        by_drug.setdefault(result.drug, {})[result.build, result.absent] = result
    alike: dict[tuple[object, ...], list[str]] = {}
    for drug, ways in by_drug.items():
        facts = tuple((item.undecided, tuple(sorted(item.reasons.items()))) for item in ways.values())
        alike.setdefault(facts, []).append(drug)
    return {", ".join(drugs): by_drug[drugs[0]] for drugs in alike.values()}


def share_table(results: Sequence[Undecided]) -> str:
    """Write the share of undecided samples in percent."""
    grouped = by_drugs(results)
    ways = list(next(iter(grouped.values())))
    rows = [
        [drugs, *(percent(found[way].undecided, found[way].samples, 1) for way in ways)]
        for drugs, found in grouped.items()
    ]
    return table(["drug", *map(" ".join, ways)], rows)


def reason_table(results: Sequence[Undecided], ways: Sequence[Way]) -> str:
    """Write the frequent reasons, with the share of the undecided samples they hold for, in percent."""
    grouped = by_drugs(results)
    rows = [[drugs, *(reason_cell(found[way]) for way in ways)] for drugs, found in grouped.items()]
    return table(["drug", *map(" ".join, ways)], rows).replace("---:", "---")


def reason_cell(result: Undecided) -> str:
    """Write the reasons that hold for many of the undecided samples, the most frequent first."""
    frequent = [
        f"{reason} ({percent(count, result.undecided, 0)})"
        for reason, count in result.reasons.items()
        if count >= FREQUENT * result.undecided
    ]
    return "; ".join(frequent[:3])


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write all numbers here.")
def main(real: Path, out: Path | None) -> None:
    """Write how often drugs stay undecided in the 1000 Genomes files in a folder, on both builds."""
    knowledge = load_knowledge()
    results = [
        result
        for build in (Build.GRCH38, Build.GRCH37)
        for absent in (AbsentPolicy.UNKNOWN, AbsentPolicy.REFERENCE)
        for result in measure(real, build, absent, knowledge)
    ]
    click.echo(f"data release {knowledge.release}\n\n{share_table(results)}\n\n{reason_table(results, REASONS_SHOWN)}")
    if out is not None:
        out.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
