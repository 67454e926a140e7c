"""Synthetic inputs: the embedded example, the case studies, and VCF files made from calls.

**In**: star alleles and marker genotypes. **Out**: VCF files on both builds in which exactly these are true.

The one idea: what documentation and tests show is made from rows (``lupus_pgx/data/example``), so that it cannot
drift from the knowledge tables. ``synthetic`` writes a VCF from calls; ``example`` writes the patients.

What may not be done here: real people's data.
"""
