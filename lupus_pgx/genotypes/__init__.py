"""Genotypes of samples at the panel's loci, with a reason for every one that is missing.

**In**: open VCF files and the loci of the chosen genes. **Out**: :class:`~lupus_pgx.genotypes.model.Genotypes`, for
each locus the distinct states (two allele codes, phase set, status) and the number of the state that each sample
has.

The one idea: absence is never normal. A record states something about a locus only if it stands there and says so
(``readings``: which loci a record speaks about and what its alleles mean); records of one locus are judged and
joined (``joining``); whatever is not known carries the reason why. ``builds`` proves the genome build from the file
before any base is believed; ``reader`` leads through it, file by file; ``sex_chromosomes`` says how many copies a
sample has; ``fasta`` aligns indels against a genome where one is given; ``unlisted`` lists annotated variants that
no allele has; ``positions`` lists the loci for other callers.

What may not be done here: call an allele, use a population frequency, or fill a gap with the likely base. The one
assumption there is (``--absent reference``) is stated by the user and stays visible in the status.
"""
