"""Identifiers in the tables: made again and read by the field's own libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import ROOT

import lupus_pgx
from lupus_pgx.terms import Build

KNOWLEDGE = lupus_pgx.load_knowledge()
ALLELES = KNOWLEDGE.rows("locus_alleles")
CONTIGS = {(row["build"], row["chrom"]): row for row in KNOWLEDGE.rows("contigs")}
LOCI = {(row["gene"], row["locus"]): row for row in KNOWLEDGE.rows("loci")}


def of_build(row, build: Build) -> tuple[str, str, str, int]:
    """Return the HGVS name of a row on a build, its two spellings and its position."""
    prefix = build.value.lower()
    position = LOCI[row["gene"], row["locus"]][f"{prefix}_pos"]
    return row[f"hgvs_{prefix}"] or "", row[f"{prefix}_ref"], row[f"{prefix}_alt"], position


def test_the_columns_are_those_of_the_tool():
    pytest.importorskip("ga4gh.vrs")
    command = [sys.executable, str(ROOT / "tools" / "build_identifiers.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, "run python tools/build_identifiers.py"


def test_pharmvar_identifiers_name_one_allele_each():
    stated = [row["pharmvar"] for row in KNOWLEDGE.rows("alleles") if row["pharmvar"]]
    assert len(stated) == len(set(stated)) >= 139
    of = {(row["gene"], row["allele"]): row["pharmvar"] for row in KNOWLEDGE.rows("alleles")}
    assert of["CYP2C9", "*2"] == "PV00538", "as the guide of HL7 for genomics reporting has it"
    assert of["CYP2D6", "*36"] == "PV02379", "the identifier that replaced another in December 2023"
    assert of["CYP2D6", "*21"] is None, "its definition changed, so an older identifier is another allele's"


def test_the_library_gives_the_published_identifier():
    """The example of the VRS documentation: rs7412 T, with the accession that our table has of chromosome 19."""
    models, core = pytest.importorskip("ga4gh.vrs").models, pytest.importorskip("ga4gh.core")
    refget = CONTIGS["GRCh38", "chr19"]["refget"]
    place = models.SequenceLocation(
        sequenceReference=models.SequenceReference(refgetAccession=refget), start=44908821, end=44908822
    )
    allele = models.Allele(location=place, state=models.LiteralSequenceExpression(sequence="T"))
    assert core.ga4gh_identify(allele) == "ga4gh:VA.0AePZIWZUNsUlQTamyLrjm2HWUw2opLt"


@pytest.mark.slow
@pytest.mark.parametrize("build", list(Build))
def test_every_hgvs_name_says_the_change_of_its_row(build):
    """What an independent parser reads from a name gives back position and bases."""
    parser = pytest.importorskip("mutalyzer_hgvs_parser")
    seen = 0
    for row in ALLELES:
        name, ref, alt, position = of_build(row, build)
        if not name:
            continue
        seen += 1
        model = parser.to_model(name)
        assert model["reference"]["id"] == CONTIGS[build.value, LOCI[row["gene"], row["locus"]]["chrom"]]["refseq"]
        assert model["coordinate_system"] == "g"
        (variant,) = model["variants"]
        if variant["type"] == "substitution":
            assert variant["location"]["position"] == position
            assert (variant["deleted"][0]["sequence"], variant["inserted"][0]["sequence"]) == (ref, alt)
            continue
        # An insertion or deletion: applied to the bases around, both spellings give the same sequence.
        context = LOCI[row["gene"], row["locus"]]["context"]
        assert changed(context, position, variant) == alt + context[len(ref) :], name
    assert seen > 600


def changed(context: str, position: int, variant) -> str:
    """Return the bases around after the change that a parsed name states."""
    location = variant["location"]
    first = location.get("position") or location["start"]["position"]
    last = location.get("position") or location["end"]["position"]
    start, end = first - position, last - position + 1
    if variant["type"] == "deletion":
        return context[:start] + context[end:]
    if variant["type"] == "duplication":
        return context[:end] + context[start:end] + context[end:]
    assert variant["type"] == "insertion"
    return context[: start + 1] + variant["inserted"][0]["sequence"] + context[start + 1 :]


def test_what_was_concluded_has_no_name():
    for row in ALLELES:
        name37 = of_build(row, Build.GRCH37)[0]
        assert not (name37 and "assumed equal" in row["verification"])
        assert bool(name37) == bool(row["vrs_grch37"])
        assert bool(row["hgvs_grch38"]) == bool(row["vrs_grch38"])
        if "inferred" in row["verification"]:
            assert row["hgvs_grch38"] is row["vrs_grch37"] is None
    named = [row["vrs_grch38"] for row in ALLELES if row["vrs_grch38"]]
    assert len(named) == len(set(named)) > 800


def test_genes_have_their_hgnc_identifier():
    rows = KNOWLEDGE.rows("genes")
    assert [row["gene"] for row in rows if row["hgnc"] is None] == ["CYP2C"]  # a cluster, not a gene
    known = {row["gene"]: row["hgnc"] for row in rows}
    assert (known["CYP2D6"], known["TPMT"], known["HLA-B"]) == ("HGNC:2625", "HGNC:12014", "HGNC:4932")
    assert len(set(known.values())) == len(known)


# --- units --------------------------------------------------------------------------------------

VALENCE = {("magnesium", "mEq/L"): 0.5}
"""Equivalents for each mole, which no library knows of a quantity that it is not told."""


def test_every_unit_is_ucum_and_its_factor_is_that_of_the_library():
    registry = pytest.importorskip("ucumvert").PintUcumRegistry()
    units = {(row["quantity"], row["unit"]): row for row in KNOWLEDGE.rows("units")}
    converted = 0
    for (quantity, unit), row in units.items():
        if row["ucum"] is None:
            assert unit == "present or absent"
            continue
        if row["unit"] == row["base_unit"] and quantity == "temperature":
            continue  # scales with another zero are not converted
        code = registry.from_ucum(row["ucum"])  # raises where UCUM has no such unit
        base = registry.from_ucum(units[quantity, row["base_unit"]]["ucum"])
        if isinstance(code, str) or isinstance(base, str):  # curly brackets alone
            continue
        ratio = ((1 * code) / (1 * base)).to_base_units()
        if ratio.dimensionless:  # where moles become grams, the factor is a fact of its own
            converted += 1
            expected = ratio.magnitude * VALENCE.get((quantity, unit), 1)
            assert row["factor"] == pytest.approx(expected, rel=1e-9), (quantity, unit)
    assert converted > 150


def test_loinc_codes_are_whole_and_tell_mass_from_moles():
    rows = [row for row in KNOWLEDGE.rows("units") if row["loinc"]]
    assert len(rows) > 100
    for row in rows:
        digits, check = row["loinc"].split("-")
        assert check == luhn(digits), row["loinc"]
    codes = {(row["quantity"], row["unit"]): row["loinc"] for row in rows}
    for quantity in ("creatinine", "bilirubin", "glucose", "magnesium", "total_cholesterol", "ldl_cholesterol"):
        assert codes[quantity, "mg/dL"] != codes.get((quantity, "mmol/L"), codes.get((quantity, "umol/L")))


def luhn(digits: str) -> str:
    """Return the check digit of a LOINC number (modulus 10)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def test_codes_of_drugs_have_their_form():
    for row in KNOWLEDGE.rows("drugs"):
        assert row["rxnorm"] is None or row["rxnorm"].isdecimal()
        for code in (row["atc"] or "").split(";"):
            assert code == "" or (len(code) in (5, 7) and code[0].isalpha() and code[1:3].isdecimal()), row["drug"]
