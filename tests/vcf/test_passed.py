"""Positions that were passed while records were read are not read again."""

from __future__ import annotations

import pysam
import pytest

from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.regions import Region

CHROM, STEP, LAST = "chr6", 700, 4_000_000
PLACES = range(1_000, LAST, STEP)
WHOLE = Region(CHROM, PLACES[0], PLACES[-1])
LOCI = [Region(CHROM, 500_000, 501_000), Region(CHROM, 1_500_000, 1_620_000), Region(CHROM, 3_999_000, LAST)]


@pytest.fixture(scope="module")
def fx_long(tmp_path_factory):
    """Five thousand records with long lines, so that each piece that is read holds some of them."""
    path = tmp_path_factory.mktemp("passed") / "in.vcf"
    samples = [f"S{number}" for number in range(60)]
    head = [
        "##fileformat=VCFv4.2",
        f"##contig=<ID={CHROM},length=170805979>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">',
    ]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    lines = ["\t".join([CHROM, str(pos), ".", "A", "C", ".", ".", ".", "GT", *["0/1"] * 60]) for pos in PLACES]
    path.write_text("\n".join([*head, "\t".join(columns), *lines]) + "\n")
    return pysam.tabix_index(str(path), preset="vcf", force=True)


def told(pieces):
    return [int(pos) for _, found in pieces for pos in found]


@pytest.mark.parametrize("loci", [LOCI[:1], LOCI, [WHOLE]])
@pytest.mark.parametrize("kept", [1, 10_000])
def test_what_was_passed_and_what_is_read_after_it_are_all(loci, kept, fx_long):
    with VcfFile(fx_long) as file:
        file.watch([WHOLE])
        for number, _ in enumerate(file.preview([[region] for region in loci])):
            if number == kept:
                break
        assert len(list(file.records(loci))) == sum(any(r.start <= pos <= r.end for r in loci) for pos in PLACES)
        before = told(file.passed())
        after = told(file.places([WHOLE]))
        assert set(before) | set(after) == set(PLACES)
        again = told(file.places([WHOLE]))
    # An index leads to blocks of bases: beside what is left some records are met twice.
    assert len(after) <= len(PLACES) + 200
    assert (len(after) == 0) == (loci == [WHOLE])
    assert again == []
