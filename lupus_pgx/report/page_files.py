"""Reports as files: a page per patient, and one of the cohort where patients are more than a few."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lupus_pgx.analysis import FEW, Analysis
from lupus_pgx.progress import track
from lupus_pgx.report.html import file_name, linked_cohort, of_patient
from lupus_pgx.results.files import whole_file

_PATIENTS = "patients"


def write_pages(folder: Path, analysis: Analysis) -> list[Path]:
    """Write ``patients/<percent-encoded sample>.html``, and ``cohort.html`` with links to them.

    Parameters
    ----------
    folder : Path
        Exists.
    analysis : Analysis

    Returns
    -------
    list of Path
    """
    (folder / _PATIENTS).mkdir(exist_ok=True)
    paths = []
    for path, text in _pages(folder, analysis):
        with whole_file(path) as handle:
            handle.write(text)
        paths.append(path)
    return paths


def _pages(folder: Path, analysis: Analysis) -> Iterator[tuple[Path, str]]:
    if len(analysis.sample_ids) > FEW:
        yield folder / "cohort.html", linked_cohort(analysis.cohort(), _PATIENTS)
    for sample in track(analysis.sample_ids, "reports", " patients"):
        yield folder / _PATIENTS / file_name(sample), of_patient(analysis.patient(sample))
