"""Embedded example and case studies: synthetic patients, complete at every panel locus, on both builds."""

from __future__ import annotations

import shutil
from os import PathLike
from pathlib import Path

from lupus_pgx.bounded import make_folder
from lupus_pgx.door import checked
from lupus_pgx.errors import writing
from lupus_pgx.examples.synthetic import ordinary_genotypes, write_genotypes, write_synthetic_vcf
from lupus_pgx.genotypes.positions import positions
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.tables import data_folder
from lupus_pgx.terms import Build

VARIANT_ONLY = "LN-01"
"""The patient who is also written the way most people's files are: variants only."""

_COPIED = ("patients.tsv", "LN-01.yaml")


@checked
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
        ``variant_only.GRCh38.vcf.gz`` with the regions that its caller looked at
        (``called_regions.GRCh38.bed``), ``patients.tsv`` (who they are) and ``LN-01.yaml`` (the clinical context
        of the first).

    Raises
    ------
    OutputError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import lupus_pgx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(lupus_pgx.write_example(folder))[:2]
    ['LN-01.yaml', 'called_regions.GRCh38.bed']
    """
    knowledge = knowledge or load_knowledge()
    target = Path(folder)
    patients = {line[0]: ordinary_genotypes() for line in _table("patients")}
    for sample, gene, locus, alleles in _table("genotypes"):
        patients[sample][gene, locus] = tuple(alleles.split("/"))
    written: dict[str, str] = {}
    with writing(target):
        make_folder(target)
        for build in Build:
            path = target / f"patients.{build}.vcf.gz"
            write_genotypes(path, knowledge, build, patients, variants_only=False)
            written[path.name] = str(path)
        path = target / f"variant_only.{Build.GRCH38}.vcf.gz"
        only = {VARIANT_ONLY: patients[VARIANT_ONLY]}
        write_genotypes(path, knowledge, Build.GRCH38, only, variants_only=True)
        written[path.name] = str(path)
        path = target / f"called_regions.{Build.GRCH38}.bed"
        path.write_text("\n".join(positions(knowledge, Build.GRCH38, "bed")) + "\n", encoding="utf-8")
        written[path.name] = str(path)
        for name in _COPIED:
            with (data_folder() / "example" / name).open("rb") as source, (target / name).open("wb") as out:
                shutil.copyfileobj(source, out)
            written[name] = str(target / name)
    return written


@checked
def write_case_studies(folder: str | PathLike[str], knowledge: Knowledge | None = None) -> dict[str, str]:
    """Write the patients of the case studies in the documentation: genotypes and clinical context.

    Parameters
    ----------
    folder : path
        Made if it does not exist; files of the same name are replaced.
    knowledge : Knowledge, optional

    Returns
    -------
    dict of str to str
        Path by file name: for each patient ``NAME.GRCh38.vcf.gz``, ``NAME.GRCh37.vcf.gz`` and ``NAME.yaml``
        (the clinical context).

    Raises
    ------
    OutputError
        If a file cannot be written.

    Examples
    --------
    >>> import lupus_pgx, tempfile
    >>> files = write_case_studies(tempfile.mkdtemp())
    >>> analysis = lupus_pgx.analyze(files["NO-28.GRCh38.vcf.gz"], context=files["NO-28.yaml"])
    >>> analysis.patient("NO-28").resistance.headline.partition(":")[0]
    'Adequate trial (azathioprine 2 mg/kg/day for 7 months)'
    """
    knowledge = knowledge or load_knowledge()
    target = Path(folder)
    contexts = {item.name: item.read_bytes() for item in (data_folder() / "example" / "cases").iterdir()}
    calls: dict[str, dict[str, str | None]] = {name.removesuffix(".yaml"): {} for name in sorted(contexts)}
    for sample, name, call in _table("case_calls"):
        calls[sample][name] = call or None
    written: dict[str, str] = {}
    with writing(target):
        make_folder(target)
        for name, content in sorted(contexts.items()):
            written[name] = str(target / name)
            (target / name).write_bytes(content)
    for sample, build in ((sample, build) for sample in calls for build in Build):
        path = target / f"{sample}.{build}.vcf.gz"
        written[path.name] = write_synthetic_vcf(path, {sample: calls[sample]}, build=build, knowledge=knowledge)
    return written


def _table(name: str) -> list[list[str]]:
    text = (data_folder() / "example" / f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]
