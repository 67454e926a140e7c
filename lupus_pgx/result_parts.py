"""Parts of a result that users hold: a table, the response to one drug, the call of one gene, a treatment review.

Each shows itself in a notebook; every method is one call of a renderer, which is imported when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.door import checked
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.context_tables import table_of
from lupus_pgx.results.tables import Results
from lupus_pgx.review.review import TreatmentReview
from lupus_pgx.words.lines import counted

if TYPE_CHECKING:
    import pandas as pd

    from lupus_pgx.knowledge.catalogue import Knowledge


class Text(str):
    """Text that a notebook shows with its lines, not as a quoted string."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self) if cycle else str(self))


@dataclass(frozen=True, slots=True, repr=False)
class ResultFrame:
    """One result table; in a notebook it shows its first and last rows, or of checks and options the first in words.

    Attributes
    ----------
    name : str
        Name of the table, as its TSV file is called.
    results : Results
    """

    name: str
    results: Results

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a pandas DataFrame, in the columns of the TSV file.

        Returns
        -------
        DataFrame, shape (rows, columns)
        """
        from lupus_pgx.results.frames import of_table

        return of_table(self.name, self.results)

    def __len__(self) -> int:
        return len(table_of(self.name, self.results))

    def __repr__(self) -> str:
        return (
            f"<{self.name} of {counted(len(self.results.genotypes.sample_ids), 'sample')}: to_frame() gives its rows>"
        )

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_table

        return of_table(self.name, self.results)


@dataclass(frozen=True, slots=True, repr=False)
class DrugFrame(ResultFrame):
    """The table of drugs; in a notebook and printed it is in words, what asks for most first.

    Attributes
    ----------
    name : str
    results : Results
    knowledge : Knowledge
    """

    knowledge: Knowledge

    __repr__ = ResultFrame.__repr__

    def __str__(self) -> str:
        from lupus_pgx.report.drug_table import as_text

        return as_text(self.results, self.knowledge)

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_drugs

        return of_drugs(self.results, self.knowledge)


class ResultTables:
    """Results table by table; each is a :class:`ResultFrame`."""

    results: Results
    knowledge: Knowledge

    @property
    def variants(self) -> ResultFrame:
        """Genotypes at the panel loci."""
        return ResultFrame("variants", self.results)

    @property
    def diplotypes(self) -> ResultFrame:
        """Diplotypes with their phenotypes."""
        return ResultFrame("diplotypes", self.results)

    @property
    def markers(self) -> ResultFrame:
        """Marker calls."""
        return ResultFrame("markers", self.results)

    @property
    def drug_responses(self) -> DrugFrame:
        """Predicted response to each drug; it prints in words."""
        return DrugFrame("drugs", self.results, self.knowledge)

    @property
    def guidance(self) -> ResultFrame:
        """Guideline rows that fired."""
        return ResultFrame("guidance", self.results)

    @property
    def evidence(self) -> ResultFrame:
        """Evidence rows that fired."""
        return ResultFrame("evidence", self.results)

    @property
    def checks(self) -> ResultFrame:
        """Contraindications and interactions of the samples with a clinical context."""
        return ResultFrame("checks", self.results)

    @property
    def options(self) -> ResultFrame:
        """Therapy options of the samples with a manifestation."""
        return ResultFrame("options", self.results)


@dataclass(frozen=True, kw_only=True, repr=False)
class DrugSummary(DrugResponse):
    """Predicted response of one patient to one drug; in a notebook it shows its sentence and its rules.

    Attributes are those of :class:`lupus_pgx.response.drugs.DrugResponse`, and ``knowledge``, the tables that it is by.
    """

    knowledge: Knowledge = field(compare=False)

    def __repr__(self) -> str:
        return f"<DrugSummary of {self.drug.drug}: {self.response}, {self.action}>"

    def __str__(self) -> str:
        return self.summary

    @property
    def summary(self) -> str:
        """One plain sentence: what, how sure, why, and what was not assessed; the strictest first."""
        from lupus_pgx.results.sentences import summary_of

        return summary_of(self)

    @property
    def not_assessed(self) -> tuple[str, ...]:
        """What is missing, by gene or marker: ``GENE: locus, locus``."""
        return tuple(map(str, self.missing))

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_response

        return of_response(self, self.knowledge)


class GeneSummary(DiplotypeCall):
    """Diplotype call of one patient and gene; in a notebook it shows its candidates."""

    def __repr__(self) -> str:
        return f"<GeneSummary of {self.gene}: {self.diplotype or '-'}, {self.status}>"

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_diplotype

        return of_diplotype(self)


class ResistanceReview(TreatmentReview):
    """What the history of a patient and the genome say of treatment that failed."""

    @checked
    def to_frame(self, table: str = "resistance") -> pd.DataFrame:
        """Return one of the tables of the review as a pandas DataFrame.

        Parameters
        ----------
        table : str
            ``resistance`` (the findings), ``course``, ``monitoring`` or ``options``.

        Raises
        ------
        UsageError
            If there is no such table.
        """
        from lupus_pgx.results.frames import of_review

        return of_review(self, table)

    def to_text(self) -> str:
        """Return the review as plain text."""
        from lupus_pgx.report.treatment import of_review

        return of_review(self)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from lupus_pgx.report.notebook import of_review

        return of_review(self)
