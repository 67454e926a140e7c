"""What users hold: an analysis, one patient, a cohort.

Each class is the data of :mod:`lupus_pgx.results.patient` with methods; every method is one call of a renderer, which
is imported when it is asked for. Their tables, and one drug or gene of a patient, are :mod:`lupus_pgx.result_parts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lupus_pgx.calling.calls import PROBABLE
from lupus_pgx.door import checked
from lupus_pgx.result_parts import DrugSummary, GeneSummary, ResistanceReview, ResultTables, Text
from lupus_pgx.results.patient import AnalysisData, CohortData, PatientData
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    import pandas as pd

Kind = TypeVar("Kind")


def _as(kind: type[Kind], data: Any, **more: object) -> Kind:
    """Return data as the class with methods that extends its own."""
    return kind(**{item.name: getattr(data, item.name) for item in fields(data) if item.init}, **more)


class PatientSummary(PatientData, ResultTables):
    """Predicted response of one patient, per drug; it prints as text.

    Attributes are those of :class:`lupus_pgx.results.patient.PatientData`.

    Examples
    --------
    >>> import lupus_pgx
    >>> patient = lupus_pgx.respond({"TPMT": "*3A/*3A"})
    >>> patient.drug("azathioprine").action
    <Action.AVOID: 'avoid'>
    >>> patient.response_to("AZA").certainty
    1.0
    >>> patient.diplotype_of("TPMT").diplotype
    '*3A/*3A'
    >>> patient.gene("TPMT").diplotype
    '*3A/*3A'
    >>> patient.explain("azathioprine").splitlines()[0]
    'azathioprine for what-if'
    >>> len(patient.to_html(short=True)) < len(patient.to_html())
    True
    """

    @checked
    def drug(self, name: str) -> DrugSummary:
        """Return the predicted response to one drug, by name or alias.

        Parameters
        ----------
        name : str
            Such as ``azathioprine`` or ``AZA``.

        Returns
        -------
        DrugSummary
            Its ``summary`` is the sentence; ``action``, ``response`` and ``certainty`` (0 to 1) are the values.

        Raises
        ------
        UsageError
            If the drug is unknown or was not asked for.
        """
        return _as(DrugSummary, self.response_to(name), knowledge=self.knowledge)

    @checked
    def gene(self, name: str) -> GeneSummary:
        """Return the diplotype call of one star gene.

        Parameters
        ----------
        name : str
            Its symbol, such as ``TPMT``.

        Returns
        -------
        GeneSummary

        Raises
        ------
        UsageError
            If the gene is unknown or was not asked for.
        """
        return _as(GeneSummary, self.diplotype_of(name))

    @property
    def resistance(self) -> ResistanceReview | None:
        """Why treatment may have failed, what to measure and what is left; None without a history in the context."""
        review = self.review
        return None if review is None else _as(ResistanceReview, review)

    @checked
    def explain(self, drug: str) -> str:
        """Explain the prediction for a drug, from loci to citations, as plain text.

        Parameters
        ----------
        drug : str
            Name or alias.

        Returns
        -------
        str

        Raises
        ------
        UsageError
            If the drug is unknown or was not analyzed.
        """
        from lupus_pgx.report.explain import explain

        return Text(explain(self, drug))

    @checked
    def to_html(self, *, short: bool = False) -> str:
        """Return the report as one HTML page that needs no network, and is complete without its script.

        Parameters
        ----------
        short : bool
            The form of two printed pages: what is asked for, and what was not assessed, without the reasons.

        Returns
        -------
        str
        """
        from lupus_pgx.report.html import of_patient

        return of_patient(self, short=short)

    def to_fhir(self) -> dict[str, Any]:
        """Return the results as a FHIR R4 bundle after HL7 Genomics Reporting STU3, as plain data.

        Returns
        -------
        dict
            A ``Bundle`` of type ``collection``, for ``json.dump``: the same as ``--format fhir`` writes.

        Examples
        --------
        >>> import lupus_pgx
        >>> bundle = lupus_pgx.respond({"TPMT": "*3A/*3A"}).to_fhir()
        >>> bundle["resourceType"], bundle["entry"][0]["resource"]["resourceType"]
        ('Bundle', 'DiagnosticReport')
        """
        from lupus_pgx.results.fhir import of_patient

        return of_patient(self)

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_patient

        return of_patient(self)

    def __repr__(self) -> str:
        drugs = counted(len(self.results.responses.values), "drug")
        return f"<PatientSummary of {self.sample_id}: {drugs}; print() shows it>"

    def __str__(self) -> str:
        from lupus_pgx.report.text import of_patient

        return of_patient(self)


class CohortSummary(CohortData):
    """Counts over the samples of a cohort; it prints as text."""

    def to_html(self) -> str:
        """Return the report as one HTML page that needs no network and no script."""
        from lupus_pgx.report.html import of_cohort

        return of_cohort(self)

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_cohort

        return of_cohort(self)

    def __repr__(self) -> str:
        return f"<CohortSummary of {counted(len(self.results.genotypes.sample_ids), 'sample')}; print() shows it>"

    def __str__(self) -> str:
        from lupus_pgx.report.cohort_text import of_cohort

        return of_cohort(self)


class Analysis(AnalysisData, ResultTables):
    """Results of one analysis; it prints as text.

    Attributes are those of :class:`lupus_pgx.results.patient.AnalysisData`.

    Examples
    --------
    >>> import tempfile
    >>> import lupus_pgx
    >>> folder = tempfile.TemporaryDirectory()
    >>> files = lupus_pgx.write_example(folder.name)
    >>> analysis = lupus_pgx.analyze(files["patients.GRCh38.vcf.gz"], genes=["TPMT"], drugs=["azathioprine"])
    >>> analysis.patient("NP-02").drug("AZA").action.value
    'monitor'
    >>> analysis.data_of("NP-02").sample_id
    'NP-02'
    >>> analysis.cohort().phenotypes()["TPMT"].most_common(1)
    [('Normal Metabolizer', 2)]
    >>> analysis.of_all().phenotypes() == analysis.cohort().phenotypes()
    True
    >>> analysis.features().shape[0]
    3
    >>> list(analysis.feature_dictionary().columns[:4])
    ['column', 'gene', 'marker', 'kind']
    >>> analysis.to_html()[:15]
    '<!DOCTYPE html>'
    >>> next(line for line in analysis.to_summary().splitlines() if line.startswith("LN-01")).partition(";")[0]
    'LN-01: GRCh38'
    >>> [path.name for path in analysis.write(f"{folder.name}/out", formats=["json"])]
    ['analysis.json']
    >>> analysis.after_reading("people.tsv").provenance.also_read
    ('people.tsv',)
    >>> folder.cleanup()
    """

    @checked
    def patient(self, sample_id: str) -> PatientSummary:
        """Return the summary of one sample.

        Parameters
        ----------
        sample_id : str
            As the file names it.

        Returns
        -------
        PatientSummary
            Shows itself in a notebook.

        Raises
        ------
        UsageError
            If there is no such sample.
        """
        return _as(PatientSummary, self.data_of(sample_id))

    def cohort(self) -> CohortSummary:
        """Return counts over all samples."""
        return _as(CohortSummary, self.of_all())

    @checked
    def write(self, folder: str | PathLike[str], formats: Sequence[str] = ("tsv", "json")) -> list[Path]:
        """Write the results into a folder; each file appears whole or not at all.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        formats : sequence of str
            ``tsv``, ``tsv.gz``, ``csv`` (for a spreadsheet), ``json``, ``parquet``, ``multiqc``,
            ``vcf``, ``html`` and ``fhir``.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        UsageError
            If a format is unknown, or needs a package that is not installed or an input that is gone.
        InputError
            If the input, which ``vcf`` reads again, cannot be read any more.
        OutputError
            If a file cannot be written; files already whole stay.
        """
        from lupus_pgx.output import write

        return write(self, folder, formats)

    @checked
    def features(
        self, *, min_probability: float = PROBABLE, probabilities: bool = False, drop_constant: bool = False
    ) -> pd.DataFrame:
        """Return samples as numbers: activity scores, phenotypes, alleles, marker dosages and missingness.

        The columns are the same for every analysis with the same knowledge tables and ``genes``, so that cohorts can be
        put together. They speak of the genotype: co-medication changes nothing here.

        Parameters
        ----------
        min_probability : float
            A value is stated if it is at least this probable under every prior that applies, and no essential
            locus of the gene is missing; else it is NaN. The second half holds for rare and common values
            alike: a value that could only be stated when it is abnormal would be missing for a reason.
        probabilities : bool
            Give the probability of each phenotype and the expected activity score, under the sample's
            ancestry or the pooled frequencies, also where loci are missing. The columns have other names;
            the missingness columns stay those of stated values.
        drop_constant : bool
            Leave out columns without two different values in these samples.

        Returns
        -------
        DataFrame of float64, shape (samples, features)
            Indexed by ``sample_id``. ``analysis.feature_dictionary()`` with the same arguments describes the columns.

        Raises
        ------
        UsageError
            If ``min_probability`` is not above 0.5 and at most 1.
        """
        from lupus_pgx.results.frames import features

        return features(self, min_probability=min_probability, probabilities=probabilities, drop_constant=drop_constant)

    @checked
    def feature_dictionary(
        self, *, min_probability: float = PROBABLE, probabilities: bool = False, drop_constant: bool = False
    ) -> pd.DataFrame:
        """Return the data dictionary of :meth:`features`, called with the same arguments: a row per column.

        Parameters
        ----------
        min_probability, probabilities, drop_constant
            As those of :meth:`features`.

        Returns
        -------
        DataFrame
            ``column gene marker kind unit meaning values nan source citation n_missing``; text is ``str``
            with NaN for empty, ``n_missing`` (samples without a value) ``Int64``.
        """
        from lupus_pgx.results.frames import feature_dictionary

        return feature_dictionary(
            self, min_probability=min_probability, probabilities=probabilities, drop_constant=drop_constant
        )

    def to_html(self) -> str:
        """Return the report of the only patient, or of the cohort, as one HTML page without network and script."""
        from lupus_pgx.report.html import of_analysis

        return of_analysis(self)

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_analysis

        return of_analysis(self)

    def to_summary(self) -> str:
        """Return the summary of some forty lines that the command line shows; ``str()`` gives all."""
        from lupus_pgx.report.brief import of_analysis

        return of_analysis(self)

    def __str__(self) -> str:
        from lupus_pgx.report.text import of_analysis

        return of_analysis(self)

    def __repr__(self) -> str:
        samples = counted(len(self.sample_ids), "sample")
        genes = counted(len(self.results.genes.values), "star gene")
        drugs = counted(len(self.results.responses.values), "drug")
        return f"<Analysis of {samples} on {self.build}: {genes}, {drugs}>"
