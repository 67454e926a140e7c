"""Results as data: rows in the columns of the contract, frames and files.

**In**: what the stages found (:class:`~lupus_pgx.results.tables.Results`). **Out**: tables row by row, pandas
frames, TSV, JSON, Parquet, the annotated VCF, a feature matrix.

The one idea: a table is made from distinct values, each rendered once, and streamed sample by sample. ``tables``
holds the columns of the six result tables, ``context_tables`` those that a clinical context adds; ``patient`` is
the data of an analysis, a patient and a cohort that renderers take; ``provenance`` says where a result comes from;
``files`` makes a file appear whole or not at all; ``frames``, ``writers``, ``parquet``, ``vcf_fields``,
``annotated_vcf`` and ``features`` are one format each.

What may not be done here: judge anything, or make a sentence. Column names are a contract (``docs/data-model.md``):
they change with a release note or not at all.
"""
