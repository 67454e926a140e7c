"""Genotypes of samples at the panel's loci, with a reason for every one that is missing.

**In**: open VCF files and the loci of the chosen genes. **Out**: :class:`~lupus_pgx.genotypes.model.Genotypes`, for
each locus the distinct states (two allele codes, phase set, status) and the number of the state that each sample
has. ``codes`` are those of the arrays, ``column`` is one locus, ``doubt`` how far a genotype is doubted, ``file_facts``
what files tell beside the genotypes; ``model`` puts them together.

The one idea: absence is never normal. A record states something about a locus only if it stands there and says so:
``readings`` (which loci it speaks about), ``stretches`` and ``losses`` (what merely spans a locus), ``spelling``
(records that together spell an allele). ``observations`` is what one record says of every sample, ``evidence`` and
``figures`` how far that is believed, ``joining`` the records of a locus together; whatever is not known carries the
reason why. ``proof`` and ``builds`` prove the genome build before any base is believed; ``reader`` leads through it,
file by file, and ``several_files`` puts them side by side; ``looked_at`` says where the caller looked, ``coverage``
what reads say; ``sex_chromosomes`` how many copies a sample has; ``unlisted`` finds annotated variants of no allele;
``fasta`` aligns indels against a genome; ``positions`` and ``recipes`` are for other callers.

What may not be done here: call an allele, use a population frequency, or fill a gap with the likely base. The one
assumption there is (``--absent reference``) is stated by the user and stays visible in the status.
"""
