"""The clinical context: what is known of a patient beside the genotypes.

**In**: a YAML or JSON file, a mapping, or a table with a row per sample. **Out**:
:class:`~lupus_pgx.context.model.Context`, and the checks of each drug against it
(:class:`~lupus_pgx.context.safety.Check`).

The one idea: a context is an input like a VCF. It is checked in full (``form``: every fault in one message), and
what it is silent about is unknown, never harmless: a contraindication that the context does not answer is an open
check. ``model`` is the data, ``reading`` how it is read, ``table`` the form with a row per sample, ``safety`` holds
contraindications and interactions against it: ``criteria`` says whether the context meets a row of
``criteria_table``, in the yes, no or open of ``answers``, by what is ``stated``, by ``bounds`` and by ``courses``.

What people write is brought into the form by ``as_written``, which calls one module for each thing that is told:
results (``told_results``), names of fields (``names``), allergies, conditions (``told_conditions``, then
``answered_conditions``), contraception, lists of drugs, courses and doses. The words are rows of ``context_words``
(``word_rows``); ``notes`` keeps what is said of them.

What may not be done here: look at a genotype, or change a prediction. The genome and the context stand side by
side; which of them is said first is decided where words are made.
"""
