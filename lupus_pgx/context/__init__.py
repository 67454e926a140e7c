"""The clinical context: what is known of a patient beside the genotypes.

**In**: a YAML or JSON file, a mapping, or a table with a row per sample. **Out**:
:class:`~lupus_pgx.context.model.Context`, and the checks of each drug against it
(:class:`~lupus_pgx.context.judged.safety.Check`).

The one idea: a context is an input like a VCF. It is checked in full (``form``: every fault in one message), and
what it is silent about is unknown, never harmless: a contraindication that the context does not answer is an open
check. ``model`` is the data with its ``values``; ``reading`` is how it is read, from ``table`` where each sample has a
row, by ``from_fields``.

Three rooms lie between: ``language`` holds the words that people use, ``told`` brings what was written into the form,
and ``judged`` holds contraindications and interactions against what is known.

What may not be done here: look at a genotype, or change a prediction. The genome and the context stand side by
side; which of them is said first is decided where words are made.
"""
