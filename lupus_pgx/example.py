"""Embedded example: synthetic patients, complete at every panel locus, on both builds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path

from lupus_pgx.errors import OutputError
from lupus_pgx.knowledge import Knowledge, load_knowledge
from lupus_pgx.loci import Locus, Site
from lupus_pgx.positions import sorted_sites, vcf_header
from lupus_pgx.records import chrom_name
from lupus_pgx.tables import data_folder
from lupus_pgx.terms import Build
from lupus_pgx.vcf_writer import write_vcf

VARIANT_ONLY = "LN-01"
"""The patient who is also written the way most people's files are: variants only."""

_Genotypes = dict[tuple[str, str, str], tuple[str, str]]


def write_example(folder: str | PathLike[str], knowledge: Knowledge | None = None) -> dict[str, str]:
    """Write the embedded example inputs.

    Parameters
    ----------
    folder : path
        Made if it does not exist; files of an earlier example are replaced.
    knowledge : Knowledge, optional

    Returns
    -------
    dict of str to str
        Path by file name: ``patients.GRCh38.vcf.gz``, ``patients.GRCh37.vcf.gz``,
        ``variant_only.GRCh38.vcf.gz`` and ``patients.tsv`` (who they are).

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    knowledge = knowledge or load_knowledge()
    target = Path(folder)
    patients = [line[0] for line in _table("patients")]
    genotypes = {(line[0], line[1], line[2]): _pair(line[3]) for line in _table("genotypes")}
    written: dict[str, str] = {}
    try:
        target.mkdir(parents=True, exist_ok=True)
        for build in Build:
            path = target / f"patients.{build}.vcf.gz"
            _write(path, knowledge, build, patients, genotypes, variant_only=False)
            written[path.name] = str(path)
        path = target / f"variant_only.{Build.GRCH38}.vcf.gz"
        _write(path, knowledge, Build.GRCH38, [VARIANT_ONLY], genotypes, variant_only=True)
        written[path.name] = str(path)
        with (
            (data_folder() / "example" / "patients.tsv").open("rb") as source,
            (target / "patients.tsv").open("wb") as out,
        ):
            shutil.copyfileobj(source, out)
        written["patients.tsv"] = str(target / "patients.tsv")
    except OSError as error:
        raise OutputError(f"{error.filename or target}: cannot be written ({error.strerror or error})") from error
    return written


def _table(name: str) -> list[list[str]]:
    text = (data_folder() / "example" / f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


def _pair(text: str) -> tuple[str, str]:
    first, second = text.split("/")
    return first, second


def _write(
    path: Path,
    knowledge: Knowledge,
    build: Build,
    patients: Sequence[str],
    genotypes: _Genotypes,
    *,
    variant_only: bool,
) -> None:
    sites = sorted_sites(knowledge, build, knowledge.gene_names)
    header = [
        *vcf_header(knowledge, build, sites),
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *patients]),
    ]
    write_vcf(path, header, _records(build, sites, patients, genotypes, variant_only))


def _records(
    build: Build,
    sites: Sequence[tuple[Locus, Site]],
    patients: Sequence[str],
    genotypes: _Genotypes,
    variant_only: bool,
) -> Iterator[str]:
    for locus, site in sites:
        # A patient for whom nothing is stated carries what GRCh38 carries, on both builds.
        plain = (site.letters[0], site.letters[0])
        alleles = [site.ref, *site.alts]
        calls = [
            sorted(alleles.index(letters) for letters in genotypes.get((patient, locus.gene, locus.name), plain))
            for patient in patients
        ]
        if variant_only and not any(any(call) for call in calls):
            continue
        cells = [
            chrom_name(site.chrom, build),
            str(site.pos),
            locus.rsid or ".",
            site.ref,
            ",".join(site.alts),
            ".",
            "PASS",
        ]
        yield "\t".join([*cells, f"GENE={locus.gene}", "GT", *(f"{one}/{other}" for one, other in calls)])
