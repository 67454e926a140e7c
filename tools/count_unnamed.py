"""Count the haplotypes of the reference population that no allele names: ``python tools/count_unnamed.py --real DIR``.

Writes ``lupus_pgx/data/unnamed_haplotypes.tsv`` from the phased 1000 Genomes file in a folder; run
``tools/seal_tables.py`` afterwards.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT))

from evaluation.cohort import load_cohort  # type: ignore[import-not-found]  # noqa: E402
from evaluation.frequencies import unnamed_rows  # type: ignore[import-not-found]  # noqa: E402

from lupus_pgx.knowledge.catalogue import load_knowledge  # noqa: E402
from lupus_pgx.knowledge.tables import columns_of  # noqa: E402

TABLE = "unnamed_haplotypes"
SOURCE = "1000-Genomes"


@click.command()
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(real: Path) -> None:
    """Write the table anew from the unrelated samples that both builds share."""
    knowledge = load_knowledge()
    cohort = load_cohort(real, knowledge)
    rows = [row for gene in sorted(cohort.genes) for row in unnamed_rows(knowledge.star_genes[gene], cohort, SOURCE)]
    with (ROOT / "lupus_pgx" / "data" / f"{TABLE}.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns_of(TABLE)[0], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: (row["gene"], row["pattern"])))
    click.echo(f"{len(rows)} haplotypes of {len({row['gene'] for row in rows})} genes")


if __name__ == "__main__":
    main()
