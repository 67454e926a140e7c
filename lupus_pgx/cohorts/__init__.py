"""Cohorts: many files or many samples, in shards that are whole or not there, on one machine or on many.

**In**: VCF and BCF files (one with many samples, one a chromosome, or thousands of single samples), or a sample sheet.
**Out**: a folder that is one run: its plan, a folder for each shard with the tables of its samples, what became of each
sample, and a manifest with checksums once everything is there.

The one idea: a shard is a small analysis, and it appears whole. ``plan`` divides the work and says what the run is,
``shard`` runs one shard with :func:`lupus_pgx.analyze` and renames its results into place, ``run`` sends shards to
local processes or to any executor, and takes up a run that was stopped.

What may not be done here: call or judge in another way than ``analyze`` does, mix two runs in one folder, lose a
sample without a word, or stop a cohort for one bad file.
"""
