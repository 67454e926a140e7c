"""Write VCF files: bgzipped and indexed, through htslib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pysam


def write_vcf(path: Path, header: Sequence[str], lines: Iterable[str]) -> None:
    """Write a bgzipped VCF with a tabix index beside it.

    Parameters
    ----------
    path : Path
        Ends in ``.vcf.gz``; replaced if it exists.
    header : sequence of str
        Header lines, the ``#CHROM`` line last.
    lines : iterable of str
        Records in genome order, without line ends.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with pysam.BGZFile(str(path), "wb", None) as handle:
        for line in (*header, *lines):
            handle.write(f"{line}\n".encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)
