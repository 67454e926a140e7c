"""The words of results.

In come members of the vocabularies of :mod:`lupus_pgx.terms`, and numbers; out come words. ``vocabulary`` holds one
table for each vocabulary, so that an action, a status or a verdict has one name in a file, on a terminal, on a page,
in a notebook and in a plot. ``amounts`` writes numbers, ``sentences`` puts both together, ``remedies`` says where an
answer comes from that a file does not hold.

The one idea: values travel, words are chosen last. What is said of a patient is a value until a form of output asks
for its name here, and nobody takes a sentence apart again.

Nothing here knows a gene, a drug or a patient, and nothing here decides anything.
"""
