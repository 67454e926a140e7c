"""What an analysis found, without any words: of all samples, of one patient, of a cohort.

Renderers take these; the classes that users hold (:mod:`lupus_pgx.summary`) are these with methods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from lupus_pgx.calling.calls import DiplotypeCall
from lupus_pgx.context.model import Context
from lupus_pgx.door import checked
from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.judgement import Judgement
from lupus_pgx.results.notices import notices_of
from lupus_pgx.results.provenance import Provenance
from lupus_pgx.results.tables import Results
from lupus_pgx.review.review import TreatmentReview
from lupus_pgx.terms import Action, Ancestry, Build, CallStatus, Response
from lupus_pgx.words.remedies import Notice
from lupus_pgx.words.vocabulary import CALLS, NO_PHENOTYPE, judged_word, predicted_words

FEW = 5
"""Up to this many samples are summarised one by one."""


@dataclass(frozen=True, repr=False)
class PatientData:
    """Results of one patient.

    Attributes
    ----------
    results : Results
        Results of this sample only.
    knowledge : Knowledge
    ancestry : Ancestry or None
    stated : bool
        The calls were given (:func:`lupus_pgx.respond`), not read from a file.
    context : Context or None
        What is known of the patient beside the genotypes.
    provenance : Provenance or None
        Of the analysis the patient is part of; None where nothing was read.
    """

    results: Results
    knowledge: Knowledge
    ancestry: Ancestry | None = None
    stated: bool = False
    context: Context | None = None
    provenance: Provenance | None = None

    @property
    def sample_id(self) -> str:
        """Name of the sample."""
        return self.results.genotypes.sample_ids[0]

    @checked
    def response_to(self, name: str) -> DrugResponse:
        """Return the predicted response to one drug, by name or alias.

        Parameters
        ----------
        name : str
            Of the drug.

        Returns
        -------
        DrugResponse

        Raises
        ------
        UsageError
            If the drug is unknown or was not asked for.
        """
        drug = self.knowledge.drug(name).drug
        if drug not in self.results.responses.values:
            raise UsageError(f"{drug} was not among the drugs of this analysis: add it to drugs=")
        return self.results.responses.of(drug, 0)

    @checked
    def diplotype_of(self, gene: str) -> DiplotypeCall:
        """Return the call of one star gene.

        Parameters
        ----------
        gene : str
            Its symbol.

        Returns
        -------
        DiplotypeCall

        Raises
        ------
        UsageError
            If the gene is unknown or was not asked for.
        """
        called = self.results.genes
        if gene not in called.values:
            raise unknown_name("gene of this analysis", gene, called.values)
        return called.of(gene, 0).diplotype

    @property
    def review(self) -> TreatmentReview | None:
        """Why treatment may have failed, what to measure and what is left; None without a history in the context."""
        return self.results.reviews.of(0)

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """What must be known before any result is read."""
        return () if self.stated else notices_of(self.results)


@dataclass(frozen=True, repr=False)
class CohortData:
    """Results of the samples of a cohort.

    Attributes
    ----------
    results : Results
    knowledge : Knowledge
    ancestry : mapping of sample to Ancestry
        Groups samples in the report.
    provenance : Provenance or None
    """

    results: Results
    knowledge: Knowledge
    ancestry: Mapping[str, Ancestry] = field(default_factory=dict)
    provenance: Provenance | None = None

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """What must be known before any result is read."""
        return notices_of(self.results)

    def actions(self) -> dict[str, Counter[str]]:
        """Return for each drug how many samples have which action or response."""
        counts = {}
        for drug in sorted(self.results.responses.values):
            counter: Counter[str] = Counter()
            for judged, samples in self.results.responses.judgements(drug):
                counter[_label(judged)] += samples
            counts[drug] = counter
        return counts

    def phenotypes(self) -> dict[str, Counter[str]]:
        """Return for each gene how many samples have which most probable phenotype."""
        genes = self.results.genes
        counts = {}
        for gene, calls in sorted(genes.values.items()):
            counter: Counter[str] = Counter()
            for call, samples in zip(calls, genes.counts(gene).tolist(), strict=True):
                if not samples:
                    continue
                uncalled = call.diplotype.status is CallStatus.NO_CALL
                nothing = CALLS[CallStatus.NO_CALL].label if uncalled else NO_PHENOTYPE
                counter[call.counted_as or nothing] += samples
            counts[gene] = counter
        return counts


@dataclass(frozen=True, repr=False)
class AnalysisData:
    """Results of one analysis, and what they rest on.

    Attributes
    ----------
    results : Results
    knowledge : Knowledge
    provenance : Provenance
    ancestry : mapping of sample to Ancestry
    contexts : mapping of sample to Context
    """

    results: Results
    knowledge: Knowledge
    provenance: Provenance
    ancestry: Mapping[str, Ancestry]
    contexts: Mapping[str, Context] = field(default_factory=dict)

    @checked
    def after_reading(self, *paths: str) -> Self:
        """Return the same with the names of further files that were read: results are never written over one of them.

        Parameters
        ----------
        *paths : str
            Files of which only what is in them reached the analysis, such as a list of samples.

        Returns
        -------
        Analysis
        """
        read = (*self.provenance.also_read, *paths)
        return replace(self, provenance=replace(self.provenance, also_read=read))

    @property
    def sample_ids(self) -> list[str]:
        """Sample names in input order."""
        return list(self.results.genotypes.sample_ids)

    @property
    def build(self) -> Build:
        """Genome build of the input."""
        return self.results.genotypes.build

    @checked
    def data_of(self, sample_id: str) -> PatientData:
        """Return the results of one sample.

        Parameters
        ----------
        sample_id : str
            As the file names it.

        Returns
        -------
        PatientData

        Raises
        ------
        UsageError
            If there is no such sample.
        """
        if sample_id not in self.results.genotypes.sample_ids:
            raise unknown_name("sample", sample_id, self.results.genotypes.sample_ids)
        number = self.results.genotypes.sample_ids.index(sample_id)
        return PatientData(
            self.results.select([number]),
            self.knowledge,
            self.ancestry.get(sample_id),
            context=self.contexts.get(sample_id),
            provenance=self.provenance,
        )

    def of_all(self) -> CohortData:
        """Return the results of all samples as those of a cohort."""
        return CohortData(self.results, self.knowledge, self.ancestry, self.provenance)


def _label(response: Judgement) -> str:
    if response.action is Action.INFORMATIVE_ONLY or response.response is Response.INDETERMINATE:
        return predicted_words(response.action, response.response)
    return judged_word(response.action, response.response).label
