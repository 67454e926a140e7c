"""Embedded example: synthetic patients, complete at every panel locus, on both builds."""

from __future__ import annotations

import shutil
from os import PathLike
from pathlib import Path

from lupus_pgx.errors import OutputError
from lupus_pgx.knowledge import Knowledge, load_knowledge
from lupus_pgx.synthetic import ordinary_genotypes, write_genotypes
from lupus_pgx.tables import data_folder
from lupus_pgx.terms import Build

VARIANT_ONLY = "LN-01"
"""The patient who is also written the way most people's files are: variants only."""


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
    patients = {line[0]: ordinary_genotypes() for line in _table("patients")}
    for sample, gene, locus, alleles in _table("genotypes"):
        patients[sample][gene, locus] = tuple(alleles.split("/"))
    written: dict[str, str] = {}
    try:
        target.mkdir(parents=True, exist_ok=True)
        for build in Build:
            path = target / f"patients.{build}.vcf.gz"
            write_genotypes(path, knowledge, build, patients, variants_only=False)
            written[path.name] = str(path)
        path = target / f"variant_only.{Build.GRCH38}.vcf.gz"
        only = {VARIANT_ONLY: patients[VARIANT_ONLY]}
        write_genotypes(path, knowledge, Build.GRCH38, only, variants_only=True)
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
