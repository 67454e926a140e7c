"""Write which HLA alleles exist: ``python tools/build_hla_groups.py --names FILE``.

``FILE`` lists names such as ``B*58:01:01:01``, one a line or first in a line of comma-separated cells: the allele list
of an IPD-IMGT/HLA release, or its alignments as tables (the Python package hlann 0.0.5 has those of release 3.51.0).
Writes ``lupus_pgx/data/hla_groups.tsv`` for the genes that it has; run ``tools/seal_tables.py`` afterwards.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lupus_pgx.handover.hla import PREFIX  # noqa: E402
from lupus_pgx.knowledge.tables import columns_of  # noqa: E402

TABLE = "hla_groups"
SOURCE = "IPD-IMGT/HLA"
_NAME = re.compile(r"([A-Z]+\d?)\*(\d+):(\d+)(?::\d+)*([A-Z]?)")


def names(path: Path) -> Iterator[str]:
    """Yield the cells of a list that look like names of alleles."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in content.decode("utf-8").splitlines():
        yield from (cell for cell in line.split(",")[:2] if "*" in cell)


def ranges(numbers: Iterable[int]) -> str:
    """Write numbers as ranges: ``1-24;26-84``."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return ";".join("-".join(map(str, item)) for item in found)


def rows(listed: Iterable[str], genes: Container[str]) -> list[dict[str, str]]:
    """Return a row for each first field of the genes."""
    fields: dict[tuple[str, str], set[int]] = defaultdict(set)
    suffixes: dict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)
    for match in filter(None, map(_NAME.fullmatch, listed)):
        key = (PREFIX + match[1], match[2])
        fields[key].add(int(match[3]))
        if match[4]:
            suffixes[key].add((int(match[3]), match[4]))
    return [
        {
            "gene": gene,
            "group": group,
            "fields": ranges(numbers),
            "suffixes": ";".join(f"{field:02}{letter}" for field, letter in sorted(suffixes[gene, group])),
            "source": SOURCE,
        }
        for (gene, group), numbers in sorted(fields.items())
        if gene in genes
    ]


@click.command()
@click.option("--names", "paths", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True)
def main(paths: tuple[Path, ...]) -> None:
    """Write the table anew from lists of all alleles."""
    table = ROOT / "lupus_pgx" / "data" / f"{TABLE}.tsv"
    genes = {line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines()[1:]}
    found = rows((name for path in paths for name in names(path)), genes)
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns_of(TABLE)[0], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    click.echo(f"{len(found)} first fields of {len({row['gene'] for row in found})} genes")


if __name__ == "__main__":
    main()
