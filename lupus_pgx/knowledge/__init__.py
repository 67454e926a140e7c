"""The knowledge tables as objects, and nothing about any patient.

**In**: tab-separated tables (``lupus_pgx/data``, one row one fact, each with its source), and an overlay of a
user's own. **Out**: :class:`~lupus_pgx.knowledge.catalogue.Knowledge`, which every later room asks: star genes with
their alleles and phenotype rules, loci on both builds, markers, drugs with guideline rules and evidence, units.

The one idea: a table is read by its schema (``tables``), a set of tables is a data release (``release``), an
overlay is more rows that win over those with the same key (``overlay``), and only then do rows become objects:
``loci`` and ``variants`` (where a base stands and how it is spelled), ``genes`` (alleles, functions, phenotypes),
``rules`` (when a guideline or an evidence row applies), ``units`` and ``drugs`` (names and quantities of a clinical
context). Shipped tables are trusted by their checksum, so that they load fast; what a user brings is checked in
full (room ``check``).

What may not be done here: name a gene, a drug or a rule in code; read a patient's file; use the network. A fact
that cannot be written as a row needs a column, not an ``if``.

To begin, read ``catalogue.load_knowledge``, then ``rules.parse_condition`` for the grammar of conditions.
"""
