"""Two records that spell one base together: where one of them is not sure, or has three copies, they do not."""

from __future__ import annotations

import pytest
from builder import Rec, VcfBuilder

LOCUS = "rs1142345"
"""TPMT 18130687 T; T>C is written here as the loss of T and the insertion of C."""

SURE, WEAK = "1/1:0,28:28:84:900,84,0", "1/1:0,1:1:3:30,3,0"
HET, UNLIKE = "0|1:16,14:30:99:420,0,480", "0|1:1,1:2:28:28,0,28"
NONE, THREE = "0/0:30,0:30:90:0,90,1350", "0/1/1:16,14:30:99:."
SPELLED, ONE_SIDE, UNSAID = ("observed", "C/C"), ("observed", "T|C"), ("no_record", "")
LOST, PUT, AGAINST = ("unexpected_allele", "*/*"), ("unexpected_allele", "<INS>/<INS>"), ("contradictory", "")

# cells of the deletion and of the insertion, and what is then known of the base, sample by sample
LINES = {
    "all sure": ((SURE, NONE, HET), (SURE, NONE, HET), (SPELLED, UNSAID, ONE_SIDE)),
    "a deletion in doubt": ((WEAK, SURE, NONE), (SURE, SURE, NONE), (LOST, SPELLED, UNSAID)),
    "an insertion in doubt": ((NONE, SURE, SURE), (NONE, WEAK, SURE), (UNSAID, LOST, SPELLED)),
    "phased, one contradicted": ((HET, HET, NONE), (HET, UNLIKE, NONE), (ONE_SIDE, AGAINST, UNSAID)),
    "three copies, and one in doubt": ((THREE, SURE, WEAK), (SURE, SURE, SURE), (PUT, SPELLED, LOST)),
}


@pytest.mark.parametrize("name", LINES)
def test_what_is_not_sure_spells_nothing(name, fx_analyze):
    deleted, inserted, known = LINES[name]
    file = VcfBuilder(genes=("TPMT",), samples=["S1", "S2", "S3"]).drop(LOCUS)
    for pos, ref, alt, cells in ((18130686, "AT", "A", deleted), (18130687, "T", "TC", inserted)):
        file.add(Rec("chr6", pos, ref, alt, list(cells), fmt="GT:AD:DP:GQ:PL"))
    frame = fx_analyze(file, genes=["TPMT"]).variants.to_frame().fillna("")
    found = frame[frame.locus == LOCUS]
    assert tuple(zip(found.status, found.genotype, strict=True)) == known


@pytest.mark.parametrize("cells", [(WEAK, SURE), (SURE, WEAK), (WEAK, WEAK)])
def test_nor_does_it_in_a_file_of_one_sample(cells, fx_analyze):
    file = VcfBuilder(genes=("TPMT",)).drop(LOCUS)
    for (pos, ref, alt), cell in zip(((18130686, "AT", "A"), (18130687, "T", "TC")), cells, strict=True):
        file.add(Rec("chr6", pos, ref, alt, [cell], fmt="GT:AD:DP:GQ:PL"))
    frame = fx_analyze(file, genes=["TPMT"]).variants.to_frame().set_index("locus")
    assert frame.genotype[LOCUS] != "C/C"


def test_records_that_state_nothing_beside_the_genotype_are_taken_as_they_are(fx_analyze):
    file = VcfBuilder(genes=("TPMT",)).drop(LOCUS)
    file.add(Rec("chr6", 18130686, "AT", "A", ["1/1"]), Rec("chr6", 18130687, "T", "TC", ["1/1"]))
    frame = fx_analyze(file, genes=["TPMT"]).variants.to_frame().set_index("locus")
    assert frame.genotype[LOCUS] == "C/C"
