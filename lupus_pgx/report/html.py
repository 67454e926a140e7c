"""Reports as HTML pages: one file each, complete without its small script, no network, every value escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lupus_pgx.progress import track
from lupus_pgx.report.cohort import CohortReport, cohort_report
from lupus_pgx.report.drug_groups import alike, by_reason, by_standing
from lupus_pgx.report.patient_page import patient_report
from lupus_pgx.report.unanswered import left_of_many
from lupus_pgx.results.files import PATIENTS, SHORT, file_name, write_texts
from lupus_pgx.results.patient import FEW, AnalysisData
from lupus_pgx.terms import CheckStatus
from lupus_pgx.words.amounts import percent_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.vocabulary import BEHIND, CHECK_FIRST, CHECKS, NOT_REREAD, UNANSWERED

if TYPE_CHECKING:
    from lupus_pgx.results.patient import AnalysisData, CohortData, PatientData

_FEW_NAMES = 12
"""So many drugs that are neither of lupus nor told are named at a glance on paper; more are counted, named below."""

_TITLE = "pharmacogenomic report, systemic lupus"


def render(template: str, **values: Any) -> str:
    """Fill a template; whatever is not a template is escaped."""
    return _environment().get_template(template).render(script=_script(), script_hash=_script_hash(), **values)


@cache
def _script() -> str:
    """Return the script of the pages: it filters lines, and nothing is missing without it."""
    return resources.files("lupus_pgx.report").joinpath("templates", "report.js").read_text(encoding="utf-8")


@cache
def _script_hash() -> str:
    """Return what names the one script that a page may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lupus_pgx.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["percent"] = _share_text
    environment.filters["css_string"] = css_string
    environment.filters["alike"] = alike
    environment.filters["by_reason"] = by_reason
    environment.filters["by_standing"] = by_standing
    environment.filters["left_of_many"] = lambda drugs: left_of_many(drug.left for drug in drugs)
    environment.globals.update(
        not_reread=NOT_REREAD,
        check_first=CHECK_FIRST,
        behind=BEHIND,
        unanswered=UNANSWERED,
        few_names=_FEW_NAMES,
        not_looked_at=CHECKS[CheckStatus.NOT_LOOKED_AT],
    )
    environment.filters["counted"] = counted
    environment.filters["thousands"] = lambda number: f"{number:,}"
    return environment


def _share_text(share: float) -> str:
    """Write a share; nothing that is there is rounded to 0%, nothing short of all to 100%."""
    return "0%" if share == 0 else percent_text(share)


def css_string(text: str) -> Markup:
    """Write a text as a CSS string in which every character is an escape: nothing in it can end it."""
    return Markup('"{}"').format("".join(f"\\{ord(letter):06x}" for letter in text))


def of_patient(patient: PatientData, *, short: bool = False) -> str:
    """Return the report of one patient as one HTML page.

    Parameters
    ----------
    patient : PatientData
    short : bool
        Two printed pages instead of all.

    Returns
    -------
    str
    """
    return render(
        "short.html" if short else "patient.html",
        report=patient_report(patient),
        title=f"{patient.sample_id}: {_TITLE}",
    )


def of_cohort(cohort: CohortData) -> str:
    """Return the report of a cohort as one HTML page."""
    return _cohort_page(cohort_report(cohort), {})


def of_analysis(analysis: AnalysisData) -> str:
    """Return the report of the only patient, or of the cohort."""
    if len(analysis.sample_ids) == 1:
        return of_patient(analysis.data_of(analysis.sample_ids[0]))
    return of_cohort(analysis.of_all())


def linked_cohort(cohort: CohortData, folder: str) -> str:
    """Return the report of a cohort with links to the reports of patients in a folder beside it."""
    report = cohort_report(cohort)
    links = {line.sample_id: quote(f"{folder}/{file_name(line.sample_id)}") for line in report.samples}
    return _cohort_page(report, links)


def _cohort_page(report: CohortReport, links: Mapping[str, str]) -> str:
    return render(
        "cohort.html", report=report, links=links, title=f"Cohort of {counted(report.total, 'sample')}: {_TITLE}"
    )


def write_pages(folder: Path, analysis: AnalysisData) -> list[Path]:
    """Write ``patients/<percent-encoded sample>.html``, and ``cohort.html`` with links to them.

    Parameters
    ----------
    folder : Path
        Exists.
    analysis : AnalysisData

    Returns
    -------
    list of Path
    """
    return write_texts(_pages(folder, analysis))


def write_short_pages(folder: Path, analysis: AnalysisData) -> list[Path]:
    """Write ``short/<percent-encoded sample>.html``: two printed pages a patient.

    Parameters
    ----------
    folder : Path
        Exists.
    analysis : AnalysisData

    Returns
    -------
    list of Path
    """
    return write_texts(_short_pages(folder, analysis))


def _short_pages(folder: Path, analysis: AnalysisData) -> Iterator[tuple[Path, str]]:
    for sample in track(analysis.sample_ids, "short reports", " patients"):
        yield folder / SHORT / file_name(sample), of_patient(analysis.data_of(sample), short=True)


def _pages(folder: Path, analysis: AnalysisData) -> Iterator[tuple[Path, str]]:
    if len(analysis.sample_ids) > FEW:
        yield folder / "cohort.html", linked_cohort(analysis.of_all(), PATIENTS)
    for sample in track(analysis.sample_ids, "reports", " patients"):
        yield folder / PATIENTS / file_name(sample), of_patient(analysis.data_of(sample))
