"""The shipped tables: formally valid as one data package, sealed by checksum, right in what they pin.

What holds for every table of every release and overlay is checked by ``lupus_pgx.knowledge.check.tables``
(``tests/knowledge/test_knowledge_check.py``).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections import Counter
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from helpers import check_each
from reference_caller import natural

import lupus_pgx
import lupus_pgx.knowledge.tables
from lupus_pgx.knowledge.check.form import cell_schema, read_table
from lupus_pgx.knowledge.check.tables import check

DATA = Path(lupus_pgx.__file__).parent / "data"
NAMES = sorted(path.stem for path in DATA.glob("*.tsv"))
KNOWLEDGE = lupus_pgx.load_knowledge()
GENES = ("CYP3A5", "NUDT15", "TPMT")
# Tables with allele, locus or chromosome names in their key count numbers (*2 before *10).
NATURAL = {
    "genes",
    "activity_rules",
    "allele_function",
    "allele_loci",
    "alleles",
    "contigs",
    "haplotype_frequencies",
    "loci",
    "locus_alleles",
}
OFFSETS = {"TPMT": 231, "NUDT15": 574_136, "CYP3A5": -402_377}


def schema(name: str) -> dict:
    return json.loads((DATA / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


# --- form -------------------------------------------------------------------------------------


def validate(folder: Path) -> list[str]:
    """Check a folder of tables: each against its schema, then all of them with their links."""
    read = {name: read_table(folder / f"{name}.tsv", name, whole=True) for name in NAMES}
    faults = [fault for _, found in read.values() for fault in found]
    return [str(fault) for fault in faults or check({name: table for name, (table, _) in read.items()})]


@pytest.mark.parametrize("name", NAMES)
def test_table_fits_its_schema(name):
    table, faults = read_table(DATA / f"{name}.tsv", name, whole=True)
    assert faults == []
    assert len(table.rows) == len(KNOWLEDGE.rows(name)) > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_what_the_standard_knows(name):
    """Any program that reads Table Schema must understand it, and we check all that it asks."""
    described = schema(name)
    own = {"replacedTogether", "moved"}
    standard = {"$schema", "title", "description", "fields", "primaryKey", "missingValues", "foreignKeys"}
    assert set(described) <= standard | own
    assert described["missingValues"] == [""]
    columns = [field["name"] for field in described["fields"]]
    assert len(set(columns)) == len(columns)
    for field in described["fields"]:
        assert set(field) <= {"name", "type", "description", "constraints", "forPeople"}
        assert field["type"] in {"string", "integer", "number"}
        of_kind = {"pattern"} if field["type"] == "string" else {"minimum", "maximum"}
        assert set(field.get("constraints", {})) <= {"required", "unique", "enum"} | of_kind
        jsonschema.Draft202012Validator.check_schema(cell_schema(field))
    assert set(described["primaryKey"]) <= set(columns)
    for link in described.get("foreignKeys", ()):
        target = schema(link["reference"]["resource"])
        assert set(link["fields"]) <= set(columns)
        assert set(link["reference"]["fields"]) <= {field["name"] for field in target["fields"]}
    for old, new in described.get("moved", {}).items():
        assert old not in columns
        if new not in columns:  # of another table, which may have renamed it since
            there = schema(new)
            assert old in {field["name"] for field in there["fields"]} | set(there.get("moved", {}))


def test_the_whole_package_is_valid():
    assert validate(DATA) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("alleles", "CYP3A5\t*3\t", "NOGENE\t*3\t", "no such row in the table genes"),  # foreign key
        ("alleles", "CYP3A5\t*3\t", "CYP3A5\t*1\t", "already"),  # primary key
        ("guidance", "\tavoid\t", "\tescape\t", "action=escape: expected one of"),  # vocabulary
        ("loci", "\t36265988\t", "\tsomewhere\t", "=somewhere: expected an integer"),  # type
    ],
)
def test_a_broken_row_would_be_found(name, old, new, said, tmp_path):
    """The checks of this module can fail."""
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    path = tmp_path / f"{name}.tsv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert said in "\n".join(validate(tmp_path))


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_sorted_and_keys_unique(name):
    key = schema(name)["primaryKey"]
    keys = [tuple("" if row[column] is None else str(row[column]) for column in key) for row in KNOWLEDGE.rows(name)]
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys, key=(lambda cells: [natural(cell) for cell in cells]) if name in NATURAL else None)


def test_files_are_plain_text():
    for name in NAMES:
        content = (DATA / f"{name}.tsv").read_bytes()
        assert b"\r" not in content
        assert b'"' not in content
        assert content.endswith(b"\n")
        assert not content.endswith(b"\n\n")


# --- release ------------------------------------------------------------------------------------


def test_release_lists_every_table_with_its_checksum():
    release = json.loads((DATA / "release.json").read_text(encoding="utf-8"))
    assert sorted(release["tables"]) == NAMES
    for name, checksum in release["tables"].items():
        assert hashlib.sha256((DATA / f"{name}.tsv").read_bytes()).hexdigest() == checksum
    assert KNOWLEDGE.release == release["release"]
    assert dict(KNOWLEDGE.checksums) == release["tables"]


@pytest.fixture
def fx_copy(tmp_path, monkeypatch):
    """A copy of the tables that the package reads instead of its own."""
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy)
    monkeypatch.setattr(lupus_pgx.knowledge.tables, "data_folder", lambda: copy)
    return copy


def test_an_unchanged_copy_is_read(fx_copy):
    release, tables = lupus_pgx.knowledge.tables.read_release()
    assert release["release"] == KNOWLEDGE.release
    assert sorted(tables) == NAMES


@pytest.mark.parametrize("name", ["guidance", "loci", "haplotype_frequencies"])
def test_a_changed_table_is_refused(name, fx_copy):
    path = fx_copy / f"{name}.tsv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("1", "2", 1), encoding="utf-8")
    with pytest.raises(lupus_pgx.KnowledgeError, match=f"{name}.tsv"):
        lupus_pgx.knowledge.tables.read_release()


def test_a_missing_table_is_refused(fx_copy):
    (fx_copy / "guidance.tsv").unlink()
    with pytest.raises(lupus_pgx.KnowledgeError, match="guidance"):
        lupus_pgx.knowledge.tables.read_release()


def test_a_table_with_a_wrong_column_or_cell_is_refused():
    text = (DATA / "genes.tsv").read_text(encoding="utf-8")
    with pytest.raises(lupus_pgx.KnowledgeError, match=r"genes\.tsv:1"):
        lupus_pgx.knowledge.tables.parse_table("genes", text.replace("strand", "string", 1))
    lines = text.splitlines()
    start = str(KNOWLEDGE.rows("genes")[1]["grch38_start"])  # of the second gene, in line 3
    assert lines[2].split("\t").count(start) == 1
    with pytest.raises(lupus_pgx.KnowledgeError, match=r"genes\.tsv:3"):
        lupus_pgx.knowledge.tables.parse_table(
            "genes", "\n".join([*lines[:2], lines[2].replace(start, "many"), *lines[3:]])
        )
    with pytest.raises(lupus_pgx.KnowledgeError, match=r"genes\.tsv:3"):
        lupus_pgx.knowledge.tables.parse_table("genes", "\n".join([*lines[:2], lines[2] + "\textra"]))


# --- frames -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_a_frame(name):
    frame = getattr(KNOWLEDGE, name)
    assert isinstance(frame, pd.DataFrame)
    fields = schema(name)["fields"]
    assert frame.columns.tolist() == [field["name"] for field in fields]
    text = "str" if int(pd.__version__.split(".")[0]) >= 3 else "object"
    dtypes = {"string": text, "integer": "Int64", "number": "float64"}
    assert [str(dtype) for dtype in frame.dtypes] == [dtypes[field["type"]] for field in fields]
    lines = (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(frame) == len(lines)
    empty = [sum(not line.split("\t")[number] for line in lines) for number in range(len(fields))]
    assert frame.isna().sum().tolist() == empty
    held = {type(cell) for field in fields if field["type"] == "string" for cell in frame[field["name"]]}
    assert held <= {str, float}  # NaN, never None


def test_frames_are_fresh():
    frame = KNOWLEDGE.genes
    frame.loc[:, "gene"] = "changed"
    assert KNOWLEDGE.genes.gene.tolist() != frame.gene.tolist()


def test_unknown_tables_are_no_attributes():
    with pytest.raises(AttributeError, match="no_such_table"):
        _ = KNOWLEDGE.no_such_table


# --- loci ---------------------------------------------------------------------------------------


def test_builds_differ_by_one_offset_per_gene():
    def check(row):
        assert row["grch37_pos"] - row["grch38_pos"] == OFFSETS[row["gene"]]

    rows = [row for row in KNOWLEDGE.rows("loci") if row["gene"] in OFFSETS]
    assert {row["gene"] for row in rows} == set(OFFSETS)
    check_each(rows, check, lambda row: f"{row['gene']} {row['locus']}")


def test_bases_are_the_same_on_both_builds_but_for_the_swapped_loci():
    """CYP2C19 rs3758581, CYP2D6 rs1058164, rs1135840 and rs16947, CYP3A5 rs776746: the genomes differ."""
    swapped = []
    for row in KNOWLEDGE.rows("locus_alleles"):
        here, there = (row["grch38_ref"], row["grch38_alt"]), (row["grch37_ref"], row["grch37_alt"])
        if here != there:
            assert here == there[::-1]
            swapped.append(row["locus"])
    assert set(swapped) == {"rs776746", "rs3758581", "rs1135840", "rs16947", "rs1058164"}


# --- alleles --------------------------------------------------------------------------------------


def definitions(gene: str) -> dict[str, frozenset]:
    changes: dict[str, set] = {row["allele"]: set() for row in KNOWLEDGE.rows("alleles") if row["gene"] == gene}
    for row in KNOWLEDGE.rows("allele_loci"):
        if row["gene"] == gene and row["role"] == "required":
            changes[row["allele"]].add((row["locus"], row["grch38_ref"], row["grch38_alt"]))
    return {allele: frozenset(items) for allele, items in changes.items()}


@pytest.mark.parametrize("gene", GENES)
def test_no_two_alleles_are_alike(gene):
    alleles = definitions(gene)
    assert len(set(alleles.values())) == len(alleles)
    (reference,) = [row["reference_allele"] for row in KNOWLEDGE.rows("genes") if row["gene"] == gene]
    assert [allele for allele, changes in alleles.items() if not changes] == [reference]


@pytest.mark.parametrize("gene", GENES)
def test_every_locus_is_used_by_an_allele(gene):
    used = {locus for changes in definitions(gene).values() for locus, _, _ in changes}
    assert used == {row["locus"] for row in KNOWLEDGE.rows("loci") if row["gene"] == gene}


@pytest.mark.parametrize("gene", GENES)
def test_the_pool_is_the_sum_of_the_populations(gene):
    rows = [row for row in KNOWLEDGE.rows("haplotype_frequencies") if row["gene"] == gene]
    pooled = Counter({row["allele"]: row["count"] for row in rows if row["population"] == "ALL"})
    summed: Counter = Counter()
    for row in rows:
        if row["population"] != "ALL":
            summed[row["allele"]] += row["count"]
    assert pooled == summed
    assert sum(pooled.values()) == 2 * 2504


# --- rules and evidence ---------------------------------------------------------------------------


def parse(text: str) -> dict[tuple[str, str], set[str]]:
    """Read a condition by hand: ``KEY[:aspect]=a|b & ...``."""
    clauses = {}
    for part in text.split("&"):
        key, values = part.strip().split("=")
        name, _, aspect = key.partition(":")
        clauses[name, aspect] = set(values.split("|"))
    return clauses


def possible_values(name: str, aspect: str) -> set[str]:
    """Return every value a clause may meet."""
    if " " not in name:
        if aspect == "allele":
            return set(definitions(name))
        terms = {row["phenotype"] for row in KNOWLEDGE.rows("phenotype_rules") if row["gene"] == name}
        return terms | {"Indeterminate", "not assessed"}
    rows = [row for row in KNOWLEDGE.rows("marker_alleles") if f"{row['gene']} {row['marker']}" == name]
    if aspect == "category":
        categories = [row for row in KNOWLEDGE.rows("marker_categories") if f"{row['gene']} {row['marker']}" == name]
        return {row["category"] for row in categories} | {"not assessed"}
    alleles = {row["allele"] for row in rows}
    return {f"{one}/{other}" for one in alleles for other in alleles} | {"not assessed"}


DRUG_GENES = {"azathioprine": ("TPMT", "NUDT15"), "mercaptopurine": ("TPMT", "NUDT15"), "tacrolimus": ("CYP3A5",)}


@pytest.mark.parametrize("drug", DRUG_GENES)
def test_cpic_rows_cover_every_combination_and_agree_on_it(drug):
    rows = [row for row in KNOWLEDGE.rows("guidance") if (row["drug"], row["guideline"]) == (drug, "CPIC")]
    used = set()
    for terms in itertools.product(*(sorted(possible_values(gene, "")) for gene in DRUG_GENES[drug])):
        here = dict(zip(DRUG_GENES[drug], terms, strict=True))
        met = [
            row for row in rows if all(here[name] in values for (name, _), values in parse(row["condition"]).items())
        ]
        assert met, here
        assert len({row["action"] for row in met}) == 1, here
        used |= {row["rule"] for row in met}
        if not set(terms) <= {"Normal Metabolizer", "Poor Metabolizer"}:
            assert {row["action"] for row in met} != {"standard"}
    assert used == {row["rule"] for row in rows}
