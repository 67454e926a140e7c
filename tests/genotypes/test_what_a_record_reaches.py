"""How far one record speaks: what it says of loci beside, under and at the end of it; one condition a line."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

A, B, NEXT = "rs1142345", "rs144041067", "rs112339338"
"""TPMT 18130687 T, 18138969 C, and the base after it (G)."""

SEEN, LOST, WRONG, NONE = "observed", "unexpected_allele", "ref_mismatch", "no_record"
REPEAT = "rs746071566"
"""NUDT15 48037782 AGGAGTC, in AGGAGTCGGAGTCGGAGTCG to 48037801."""


def counted(end):
    return {"fmt": "GT:CN", "info": f"END={end};SVTYPE=CNV"}


# locus, its status and genotype; which locus has no record of its own; POS, REF, ALT, cell, further columns
LINES = {
    "a lost base is lost beside another": (B, SEEN, "C/C", (NEXT,), (18138969, "CG", "C", "0/1"), {}),
    "and is itself not there": (NEXT, LOST, "./*", (NEXT,), (18138969, "CG", "C", "0/1"), {}),
    "bases lost right of one": (A, SEEN, "T/T", (), (18130688, "TT", "T", "0/1"), {}),
    "REF N, letters and a symbol": (A, WRONG, "", (A,), (18130687, "N", "C,<DEL>", "0/1"), {}),
    "a copy lost up to the base before": (A, SEEN, "T/T", (), (18130600, "N", ".", "./.:1"), counted(18130686)),
    "a copy lost up to the base": (A, LOST, "T/*", (), (18130600, "N", ".", "./.:1"), counted(18130687)),
    "a copy lost from the base on": (A, LOST, "T/*", (), (18130687, "N", ".", "./.:1"), counted(18130689)),
    "copies beside an ALT elsewhere": (
        *(A, SEEN, "T/T", (), (18130680, "G", "C", "./.:1")),
        {"fmt": "GT:CN", "info": "END=18130700"},
    ),
    "deleted, with a wrong letter": (A, SEEN, "T/T", (), (18130687, "A", "<DEL>", "0/1"), {"info": "END=18130690"}),
    "a symbol alone, with a wrong letter": (A, SEEN, "T/T", (), (18130687, "A", "<DEL>", "0/1"), {}),
    "two symbols, with a wrong letter": (A, WRONG, "", (), (18130687, "A", "<DEL>,<*>", "0/1"), {}),
    "a block with a wrong letter": (A, WRONG, "", (A,), (18130687, "A", "<NON_REF>", "0/0"), {}),
    "an ALT with a wrong letter": (A, WRONG, "", (), (18130687, "A", "C", "0/1"), {}),
    "an ALT that cannot be read, from the base before": (
        *(A, NONE, "", (A,), (18130686, "A", "DEL", "0/0")),
        {"info": "END=18130690"},
    ),
    "inserted right after a base": (B, LOST, "C/<INS>", (), (18138969, "C", "CA", "0/1"), {}),
    "inserted right before a base": (B, SEEN, "C/C", (), (18138968, "A", "AT", "0/1"), {}),
    "49 bases before a base": (B, SEEN, "C/C", (), (18138968, "A", "A" + "T" * 49, "0/1"), {}),
    "50 bases before a base": (B, LOST, "<INS>/.", (), (18138968, "A", "A" + "T" * 50, "0/1"), {}),
    "50 bases before the base before": (B, SEEN, "C/C", (), (18138967, "A", "A" + "T" * 50, "0/1"), {}),
    "50 bases two bases before a base": (B, SEEN, "C/C", (), (18138967, "AAC", "A" + "T" * 50 + "AC", "0/1"), {}),
    "deleted right after a base": (A, LOST, "T/<DEL>", (), (18130687, "TA", "T", "0/1"), {}),
    "deleted one base further on": (A, SEEN, "T/T", (), (18130688, "AA", "A", "0/1"), {}),
    "the base before a repeat": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037781, "CA", "C", "0/1"), {}),
    "two bases before a repeat": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037780, "CCA", "C", "0/1"), {}),
    "from before a repeat into it": (REPEAT, LOST, "AGGAGTC/*", (), (48037781, "CAG", "C", "0/1"), {}),
    "a breakend": (A, SEEN, "T/T", (), (18130687, "T", "T[chr6:18140000[", "0/1"), {}),
    "inserted before a repeat": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037781, "C", "CT", "0/1"), {}),
    "inserted after a repeat": (REPEAT, LOST, "AGGAGTC/GT", (), (48037801, "G", "GT", "0/1"), {}),
    "inserted further on": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037802, "C", "CT", "0/1"), {}),
    "a base exchanged within a repeat": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037790, "G", "T", "0/1"), {}),
    "a wrong letter at the end of a repeat": (REPEAT, WRONG, "", (), (48037801, "A", "AT", "0/1"), {}),
    "a wrong letter after a repeat": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037802, "A", "AT", "0/1"), {}),
    "a wrong letter in a repeat, of two ALTs": (REPEAT, WRONG, "", (), (48037790, "C", "CT,T", "1/2"), {}),
    "a wrong letter in a repeat, no length": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037790, "C", "T", "0/1"), {}),
    "a block in a repeat": (REPEAT, SEEN, "AGGAGTC/AGGAGTC", (), (48037790, "C", "<NON_REF>", "0/0"), {}),
    "a symbol and letters, with a wrong letter": (
        *(A, WRONG, "", (), (18130687, "A", "C,<DEL>", "0/1")),
        {"info": "END=18130690;SVTYPE=DEL"},
    ),
}


@pytest.mark.every
@pytest.mark.parametrize("name", LINES)
def test_a_record_speaks_of_a_locus(name, fx_analyze):
    locus, status, genotype, without, (pos, ref, alts, call), more = LINES[name]
    gene = "NUDT15" if locus == REPEAT else "TPMT"
    file = VcfBuilder(genes=(gene,)).drop(*without)
    file.add(Rec(file.chrom(file.site(locus).chrom), pos, ref, alts, [call], **more))
    frame = fx_analyze(file, genes=[gene]).variants.to_frame().fillna("").set_index("locus")
    assert (frame.loc[locus].status, frame.loc[locus].genotype) == (status, genotype)
