"""A real carrier of TPMT*3C whose file is spoiled: nothing may turn the carrier into a normal one.

The page docs/no-silent-normal.md shows the same cases; both come from ``CASES``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pysam
import pytest
from places import DOCS

import lupus_pgx
from lupus_pgx.terms import Build

CARRIER = "HG00260"
LOCUS, PLACE = "rs1142345", 18130687
REPEAT = 48037782
PAGE = DOCS / "no-silent-normal.md"


class Case(NamedTuple):
    """How the record of the carried variant is spoiled, and what is said then."""

    name: str
    record: str | None
    status: str
    azathioprine: str


def record(ref: str = "T", alt: str = "C", genotype: str = "0/1", filters: str = "PASS", pos: int = PLACE) -> str:
    return f"chr6\t{pos}\t.\t{ref}\t{alt}\t.\t{filters}\t.\tGT\t{genotype}"


CASES = [
    Case("as it is", record(), "observed", "reduce_dose"),
    Case("record absent", None, "no_record", "test_first"),
    Case("./.", record(genotype="./."), "no_call", "test_first"),
    Case("half call ./1", record(genotype="./1"), "half_call", "reduce_dose"),
    Case("half call 0/.", record(genotype="0/."), "half_call", "test_first"),
    Case("REF and ALT swapped", record("C", "T"), "ref_mismatch", "test_first"),
    Case("GT points at no allele (0/7)", record(genotype="0/7"), "half_call", "test_first"),
    Case("filtered record", record(filters="LowQual"), "filtered", "test_first"),
    Case("an ALT no allele has (T>A)", record(alt="A"), "unexpected_allele", "test_first"),
    Case("deleted on one chromosome (*)", record(alt="C,*", genotype="0/2"), "unexpected_allele", "test_first"),
    Case("record at the position of the other build", record(pos=18130918), "no_record", "test_first"),
]


@pytest.fixture(scope="module")
def fx_lines(fx_real):
    """Header and records of the carrier at the TPMT and NUDT15 loci, by position."""
    loci = [locus for gene in ("TPMT", "NUDT15") for locus in lupus_pgx.load_knowledge().loci_by_gene[gene]]
    lines = {}
    with pysam.VariantFile(str(fx_real / "1kgp-GRCh38.vcf.gz")) as file:
        for locus in loci:
            site = locus.sites[Build.GRCH38]
            for found in file.fetch(site.chrom, site.pos - 1, site.pos):
                if found.pos != site.pos:
                    continue
                genotype = "/".join(str(code) for code in sorted(found.samples[CARRIER]["GT"]))
                cells = [
                    found.chrom,
                    str(found.pos),
                    ".",
                    found.ref,
                    ",".join(found.alts),
                    ".",
                    "PASS",
                    ".",
                    "GT",
                    genotype,
                ]
                lines.setdefault(site.pos, []).append("\t".join(cells))
    return lines


def write(path: Path, lines: dict[int, list[str]]) -> Path:
    header = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=chr6,length=170805979>",
        "##contig=<ID=chr13,length=114364328>",
        '##FILTER=<ID=LowQual,Description="Low quality">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{CARRIER}",
    ]
    body = [line for group in lines.values() for line in group]
    body.sort(key=lambda line: (line.startswith("chr13"), int(line.split("\t")[1])))
    path.write_text("\n".join([*header, *body]) + "\n", encoding="utf-8")
    return path


def spoiled(lines: dict[int, list[str]], case: Case) -> dict[int, list[str]]:
    return {**lines, PLACE: [] if case.record is None else [case.record]}


@pytest.mark.real
@pytest.mark.parametrize("absent", ["unknown", "reference"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_carrier_is_never_made_normal(case, absent, fx_lines, tmp_path):
    path = write(tmp_path / "carrier.vcf", spoiled(fx_lines, case))
    regions = tmp_path / "called.bed"
    regions.write_text("chr6\t0\t170000000\nchr13\t0\t114000000\n")
    stated = {"called_regions": regions} if absent == "reference" else {}
    analysis = lupus_pgx.analyze(path, genes=["TPMT", "NUDT15"], absent=absent, **stated)
    variants = analysis.variants.to_frame().set_index("locus")
    tpmt = analysis.diplotypes.to_frame().set_index("gene").loc["TPMT"]
    drug = analysis.patient(CARRIER).drug("azathioprine")
    if absent == "reference" and case.status == "no_record":
        # The user states that the caller looked at all sites: the only way to a reference call, and it says so.
        assert variants.status[LOCUS] == "assumed_reference"
        assert tpmt.call_status != "certain"
        return
    assert variants.status[LOCUS] == case.status
    assert drug.action == case.azathioprine
    assert drug.action != "standard"
    if case.status == "observed":
        assert tpmt.diplotype == "*1/*3C"
    elif case.status != "half_call" or case.azathioprine == "test_first":
        assert tpmt.call_status != "certain"
        assert LOCUS in tpmt.missing_essential
        assert any(LOCUS in item for item in drug.not_assessed)


@pytest.mark.real
def test_no_records_at_all_is_no_call(tmp_path):
    path = write(tmp_path / "empty.vcf", {})
    analysis = lupus_pgx.analyze(path, genes=["TPMT", "NUDT15"])
    assert set(analysis.diplotypes.to_frame().call_status) == {"no_call"}
    assert analysis.patient(CARRIER).drug("azathioprine").response == "indeterminate"


@pytest.mark.real
def test_wrong_build_stated_is_refused(fx_lines, tmp_path):
    with pytest.raises(lupus_pgx.InputError, match="GRCh38"):
        lupus_pgx.analyze(write(tmp_path / "carrier.vcf", fx_lines), build="GRCh37")


@pytest.mark.real
def test_untrimmed_multiallelic_repeat_is_recognised(fx_lines, tmp_path):
    """The duplication of NUDT15*6, spelled with two other ALTs in one untrimmed record."""
    spelled = f"chr13\t{REPEAT}\t.\tAGGAGTC\tAGGAGTCGGAGTC,A,CGGAGTC\t.\tPASS\t.\tGT\t0/1"
    path = write(tmp_path / "carrier.vcf", {**fx_lines, REPEAT: [spelled]})
    calls = lupus_pgx.analyze(path, genes=["TPMT", "NUDT15"]).diplotypes.to_frame().set_index("gene")
    assert calls.diplotype["NUDT15"] == "*1/*6"
    assert calls.phenotype["NUDT15"] == "Intermediate Metabolizer"


def test_the_page_shows_these_cases():
    rows = [line.split("|")[1:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    shown = [tuple(cell.strip().strip("`") for cell in row[:3]) for row in rows]
    for case in CASES:
        assert (case.name, case.status, case.azathioprine) in shown
