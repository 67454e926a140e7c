"""Aligned reads (BAM, CRAM): how many of them show which allele at given places.

**In**: alignment files, places on their contigs and the sequences to tell apart there. **Out**: counts
(:class:`~lupus_pgx.reads.counts.Counts`) by place and sample.

The one idea: a read votes with the sequence that it has between two fixed bases of the genome, so that it does not
matter where the aligner put an insertion or a deletion. ``given`` understands what the user gave (files, or a list of
samples and files), ``file`` opens an indexed file and says whose reads it holds, ``counts`` counts.

What may not be done here: know what a locus, an allele or a build is; decide whether the reads are enough. Both are
done by ``genotypes.coverage``. Nothing is called from reads that a caller would have to align again.
"""
