"""Write results into a folder; each file appears whole or not at all."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Sequence
from importlib.util import find_spec
from pathlib import Path

from lupus_pgx.bounded import make_folder, with_whole_characters
from lupus_pgx.errors import cannot_write, not_installed, unknown_name, writing
from lupus_pgx.results.files import alone_in
from lupus_pgx.results.former import clear
from lupus_pgx.results.multiqc import write_multiqc
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.results.provenance import SCHEMA_VERSION
from lupus_pgx.results.writers import write_csv, write_json, write_tsv
from lupus_pgx.words.asked import asked_as
from lupus_pgx.words.lines import counted

log = logging.getLogger(__name__)

_PATIENCE = 60.0
"""Seconds for which another run that writes into the same folder is waited for."""


def write(
    analysis: AnalysisData, folder: str | os.PathLike[str], formats: Sequence[str] = ("tsv", "json")
) -> list[Path]:
    """Write the results of an analysis in some formats, as ``Analysis.write`` documents it."""
    check_formats(formats)
    check_place(folder, formats)
    target = Path(folder)
    with writing(target):
        make_folder(target)
        with alone_in(target, _PATIENCE) as alone:
            if not alone:
                raise cannot_write(target, "", "another run is writing into it: choose another folder, or try again")
            former = clear(target, analysis, formats)
            if former is not None:
                place, count = former
                what = counted(count, "file of a run", "files of a run")
                log.warning("%s: set %s with other inputs or options aside in %s", target, what, place.name)
            return [path for name in dict.fromkeys(formats) for path in FORMATS[name](target, analysis)]


def check_formats(formats: Sequence[str]) -> None:
    """Refuse formats that do not exist, or need a package that is not installed.

    Raises
    ------
    UsageError
        If a format is unknown or cannot be written here.
    """
    for name in formats:
        if name not in FORMATS:
            raise unknown_name("format", name, FORMATS)
        module, package = _NEEDS.get(name, ("", ""))
        if module and find_spec(module) is None:
            others = asked_as("--format tsv", "formats=['tsv']")
            raise not_installed(f"the format {name!r} needs", package, f", or give others ({others})")


def check_place(folder: str | os.PathLike[str], formats: Collection[str]) -> None:
    """Refuse a folder that a format cannot be written into, before anything is.

    Raises
    ------
    OutputError
        If its name is no UTF-8, which those who write Parquet cannot take.
    """
    text = os.fspath(folder)
    if "parquet" in formats and text != with_whole_characters(text):
        raise cannot_write(folder, "", "the format 'parquet' needs a folder whose name is UTF-8")


def _write_parquet(folder: Path, analysis: AnalysisData) -> list[Path]:
    from lupus_pgx.results.parquet import write_tables

    return write_tables(folder, analysis.results, analysis.provenance.data_release, SCHEMA_VERSION)


def _write_vcf(folder: Path, analysis: AnalysisData) -> list[Path]:
    from lupus_pgx.results.annotated_vcf import write_annotated

    return write_annotated(folder, analysis.results, analysis.knowledge, analysis.provenance)


def _write_html(folder: Path, analysis: AnalysisData) -> list[Path]:
    from lupus_pgx.report.html import write_pages

    return write_pages(folder, analysis)


def _write_short(folder: Path, analysis: AnalysisData) -> list[Path]:
    from lupus_pgx.report.html import write_short_pages

    return write_short_pages(folder, analysis)


def _write_fhir(folder: Path, analysis: AnalysisData) -> list[Path]:
    from lupus_pgx.results.fhir import write_bundles

    return write_bundles(folder, analysis)


def _write_compressed(folder: Path, analysis: AnalysisData) -> list[Path]:
    return write_tsv(folder, analysis, "tsv.gz")


FORMATS: dict[str, Callable[[Path, AnalysisData], list[Path]]] = {
    "tsv": write_tsv,
    "tsv.gz": _write_compressed,
    "csv": write_csv,
    "json": write_json,
    "parquet": _write_parquet,
    "multiqc": write_multiqc,
    "vcf": _write_vcf,
    "html": _write_html,
    "html-short": _write_short,
    "fhir": _write_fhir,
}
"""Output formats by name."""

_NEEDS = {"parquet": ("pyarrow", "pyarrow>=20")}
"""Module that a format needs, and the package that has it."""
