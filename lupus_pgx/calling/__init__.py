"""From genotypes to calls: diplotypes with probabilities, markers, phenotypes.

**In**: :class:`~lupus_pgx.genotypes.model.Genotypes`, and calls made elsewhere. **Out**: for each gene the distinct
:class:`~lupus_pgx.calling.calls.DiplotypeCall` and its phenotypes, for each marker a
:class:`~lupus_pgx.calling.markers.MarkerCall`, and which sample has which.

The one idea: probabilities instead of guesses (``docs/decisions/0002-probabilities.md``). ``patterns`` finds the
distinct genotypes of a gene in a cohort, so that each is called once; ``diplotypes`` lists the pairs of named
alleles that contradict nothing observed and weighs them by haplotype frequencies, under every population that may
apply; ``markers`` does without a prior; ``outside`` takes what the room ``handover`` read of other callers;
``phenotypes`` adds up what pairs mean, and ``phenoconversion`` what co-medication does to it. ``calls`` holds the
results.

What may not be done here: let a prior stand in for an essential locus, or name a gene. What a gene needs is a row.
"""
