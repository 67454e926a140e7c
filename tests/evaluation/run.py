"""Measure how far the calls can be trusted: ``python tests/evaluation/run.py --real DIR [--json OUT]``."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation.cohort import load_cohort
from evaluation.frequencies import with_learned_frequencies
from evaluation.masks import MaskResult, MaskTest
from evaluation.phase import PhaseResult, phase_test
from evaluation.report import (
    action_table,
    mask_table,
    phase_table,
    reliability_table,
    rule_table,
    worst_loci_table,
)
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.terms import AbsentPolicy

SEED = 2026
SHARES = (0.1, 0.3, 0.6)


def show(title: str, text: str) -> None:
    """Write one section."""
    click.echo(f"\n## {title}\n\n{text}")


def show_phase(title: str, results: tuple[PhaseResult, ...]) -> None:
    """Write the tables of a phase test."""
    for result in results:
        show(f"{title}, ancestry {result.ancestry}", phase_table(result))
    show(f"{title}: reliability", reliability_table(results))


def show_masks(results: list[MaskResult]) -> None:
    """Write the tables of the mask tests."""
    for phased in (False, True):
        chosen = [result for result in results if result.phased is phased]
        name = "phase kept" if phased else "phase removed"
        show(f"Mask test, {name}: diplotypes", mask_table(chosen, phenotype=False))
        show(f"Mask test, {name}: phenotypes", mask_table(chosen, phenotype=True))
    show("Mask test: actions", action_table(results))
    show("Mask test: essential loci that cost most", worst_loci_table(results))


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write all numbers here.")
@click.option("--seed", default=SEED, show_default=True, help="Chooses the halves and the masks.")
@click.option("--repeats", default=8, show_default=True, help="Rounds of random masks at each share.")
def main(real: Path, out: Path | None, seed: int, repeats: int) -> None:
    """Run the phase test and the mask test on the 1000 Genomes files in a folder."""
    start = time.monotonic()
    knowledge = load_knowledge()
    learn_from, test = load_cohort(real, knowledge).half(seed)
    held_out = with_learned_frequencies(knowledge, learn_from)
    click.echo(f"data release {knowledge.release}, seed {seed}: {len(test.genotypes.sample_ids)} samples to test with")
    phase = phase_test(test, held_out)
    show_phase("Phase test", phase)
    show("Phase test: the usual rule", rule_table(phase))
    _, bare = load_cohort(real, knowledge, AbsentPolicy.UNKNOWN).half(seed)
    unstated = phase_test(test, held_out, bare.genotypes)
    show_phase("Phase test, absent loci unknown", unstated)
    click.echo(f"\nphase tests done after {time.monotonic() - start:.0f} s", err=True)
    masks = []
    for phased in (False, True):
        tester = MaskTest(test, held_out, phased=phased)
        masks += [tester.random(share, seed, repeats) for share in SHARES]
        masks += [tester.each_essential(), tester.all_essential()]
        click.echo(f"mask tests done after {time.monotonic() - start:.0f} s", err=True)
    show_masks(masks)
    if out is not None:
        results = {
            "release": knowledge.release,
            "seed": seed,
            "phase": [asdict(result) for result in phase],
            "phase_absent_unknown": [asdict(result) for result in unstated],
            "masks": [asdict(result) for result in masks],
        }
        out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
