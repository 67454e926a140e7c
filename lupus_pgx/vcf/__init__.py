"""VCF and BCF files: with ``reads`` and the reader of genomes the only room that touches htslib.

**In**: a path or standard input, and the regions that the panel needs. **Out**: records
(:class:`~lupus_pgx.vcf.records.RawRecord`, of which only the first eight columns were looked at) and, for those
that turn out to matter, genotype columns of all samples as arrays (:class:`~lupus_pgx.vcf.records.Genotyped`).

The one idea: a record is skipped on its position before anything else of it is parsed, and genotype columns of a
cohort are parsed together, distinct value by distinct value. ``file`` is the door
(:class:`~lupus_pgx.vcf.file.VcfFile`): header, samples, index or one pass; ``header`` knows what
is declared, ``regions`` what is asked for; ``text`` reads plain and bgzipped text,
``bcf`` with ``bcf_values`` BCF, which is decoded here because htslib may end the process on damage; ``cells`` and
``fields`` read FORMAT in any order. An index is a hint: ``index`` reads it, ``checked`` holds it against its file,
``blocks``, ``stretch`` and ``indexed`` follow it. ``source`` knows plain files, pipes and standard input,
``unreadable`` names what is no VCF, ``kinship`` a tumour or a family; ``copy`` and ``writer`` write VCF;
``annotations`` understands CSQ, ANN, EFF and BCSQ, ``frequencies`` what they and INFO say of how common a change is.

What may not be done here: know what a locus, an allele or a gene is; decide whether a genotype is good enough. This
room says what the file says, word for word, or raises an error that names file and place.
"""
