"""Calls made elsewhere: result files of other programs, laboratory tables, typings.

**In**: files, and the samples of the analysis. **Out**: for each gene and sample what was handed over, a
:class:`~lupus_pgx.handover.model.Handed`: the pairs that are possible, what rules see of them, or that there is no
call.

The one idea: a hand-over is read whole or refused, and never guessed. ``files`` recognises a form by what is in the
file, not by its name (``document``); ``tables``, ``reports`` and ``typers`` read the forms of tables, of JSON and
archives, and of HLA typers into :class:`~lupus_pgx.handover.model.Statement`, one for each line. ``names`` reads the
names of alleles (copies, hybrids, sub-alleles, names of former days by the table ``allele_aliases``), ``hla`` those
of typings, ``letters`` marker genotypes in either strand's letters, ``phenotypes`` words and scores. ``meaning``
makes of a statement what it means in a gene, ``persons`` finds the sample that it is of, ``given`` joins the
statements of a gene and a sample. ``agreement`` compares two sets of calls of the same samples.

What may not be done here: choose one of several answers of a caller, read a name as an allele of another function, let
a call of one sample reach another, or stop at the first fault. Every fault has its file and line, and all are told at
once.
"""
