"""Each check of the knowledge tables finds the one thing that was broken, and says it in one exact line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import lupus_pgx
from lupus_pgx.knowledge.check.faults import Fault, in_order
from lupus_pgx.knowledge.check.form import cell_schema, read_table
from lupus_pgx.knowledge.check.tables import CHECKS, check, check_set

DATA = Path(lupus_pgx.__file__).parent / "data"
TABLES = lupus_pgx.load_knowledge().tables


def changed(table: str, where: dict, **cells):
    """The shipped tables with some cells of one row changed, and the line of that row."""
    rows = list(TABLES[table].rows)
    (number,) = [n for n, row in enumerate(rows) if all(row[column] == value for column, value in where.items())]
    rows[number] = {**rows[number], **cells}
    return {**TABLES, table: dataclasses.replace(TABLES[table], rows=tuple(rows))}, number + 2


def without(table: str, where: dict):
    """The shipped tables without some rows of one."""
    rows = [row for row in TABLES[table].rows if any(row[column] != value for column, value in where.items())]
    assert len(rows) < len(TABLES[table].rows)
    return {**TABLES, table: dataclasses.replace(TABLES[table], rows=tuple(rows))}


def test_the_shipped_tables_have_no_fault():
    assert check(TABLES) == []


TPMT_LOCUS = {"gene": "TPMT", "locus": "rs1142345"}
TPMT_SNV = {**TPMT_LOCUS, "grch38_alt": "C"}
INDEL = {"gene": "APOL1", "locus": "rs71785313"}
AZA_PM = {"rule": "CPIC-azathioprine-NUDT15-PM"}

CASES = {
    "trimmed": (
        "locus_alleles",
        TPMT_SNV,
        {"grch38_ref": "TG", "grch38_alt": "CG", "grch37_ref": "TG", "grch37_alt": "CG"},
        "grch38_ref,grch38_alt=TG,CG: expected one base each, or an indel with one shared base first",
    ),
    "builds": (
        "locus_alleles",
        TPMT_SNV,
        {"grch37_alt": "A"},
        "grch37_ref,grch37_alt=T,A: expected T,C as on GRCh38, or the two swapped",
    ),
    "context missing": (
        "loci",
        INDEL,
        {"context": None},
        "context=: expected GRCh38 sequence that begins with AATAATT: the locus is an indel",
    ),
    "context too long": (
        "loci",
        INDEL,
        {"context": "AATAATTATAACC"},
        "context=AATAATTATAACC: goes beyond the sequence over which the indel can be shifted",
    ),
    "outside the gene": (
        "loci",
        TPMT_LOCUS,
        {"grch38_pos": 18130918 + 1_000_000},
        "grch38_pos=19130918: outside the region of TPMT, 18125310 to 18158169",
    ),
    "other chromosome": ("loci", TPMT_LOCUS, {"chrom": "chr7"}, "chrom=chr7: TPMT lies on chr6"),
    "missing policy": (
        "missing_policy",
        {"locus": "rs2279343"},
        {"locus": "rs1"},
        "gene,locus=CYP2B6,rs1: no such row in the table loci",
    ),
    "reference allele": (
        "genes",
        {"gene": "TPMT"},
        {"reference_allele": "*0"},
        "reference_allele=*0: no such allele of TPMT in the table alleles",
    ),
    "marker locus": (
        "marker_alleles",
        {"gene": "FCGR3A", "grch38_alt": "C"},
        {"grch38_alt": "G"},
        "gene,locus,grch38_ref,grch38_alt=FCGR3A,rs396991,A,G: no such row in the table locus_alleles",
    ),
    "marker effect": (
        "marker_alleles",
        {"gene": "FCGR3A", "effect_allele": "yes"},
        {"effect_allele": "no"},
        None,
    ),
    "pair twice": (
        "phenotype_rules",
        {"gene": "ABCG2", "function_1": "Normal function", "function_2": "Normal function"},
        {"function_2": "Decreased function"},
        "function_1,function_2=Normal function,Decreased function: the pair has a rule already, in either order",
    ),
    "overlapping scores": (
        "activity_rules",
        {"gene": "CYP2C9", "score_min": 1},
        {"score_min": 0.5},
        "score_min,score_max=0.5,1.5: the range is empty or overlaps another of the gene",
    ),
    "counts": (
        "haplotype_frequencies",
        {"gene": "ABCG2", "population": "AFR", "allele": "other"},
        {"count": 5},
        "total=1322: the counts of ABCG2 in AFR add up to 1327",
    ),
    "counted allele": (
        "haplotype_frequencies",
        {"gene": "ABCG2", "population": "AFR", "allele": "rs2231142 reference (G)"},
        {"allele": "G"},
        "gene,allele=ABCG2,G: no such allele in the table alleles",
    ),
    "no other": (
        "haplotype_frequencies",
        {"gene": "ABCG2", "population": "AFR", "allele": "other"},
        {"allele": "rs2231142 variant (T)"},
        "population=AFR: expected a row 'other' for ABCG2 in AFR: haplotypes without a name, 0 if there are none",
    ),
    "unknown gene": (
        "guidance",
        AZA_PM,
        {"condition": "NUDT16=Poor Metabolizer"},
        "condition=NUDT16=Poor Metabolizer: NUDT16 is neither a gene that is called nor a marker",
    ),
    "unknown phenotype": (
        "guidance",
        AZA_PM,
        {"condition": "NUDT15=Poor Metabolizer|Slow"},
        "condition=NUDT15=Poor Metabolizer|Slow: Slow is no phenotype of NUDT15",
    ),
    "unknown allele": (
        "guidance",
        AZA_PM,
        {"condition": "NUDT15:allele=*999"},
        "condition=NUDT15:allele=*999: *999 is no allele of NUDT15",
    ),
    "unknown category": (
        "guidance",
        AZA_PM,
        {"condition": "APOL1 risk haplotypes:category=many"},
        "condition=APOL1 risk haplotypes:category=many: many is no category of APOL1 risk haplotypes",
    ),
    "no such aspect": (
        "guidance",
        AZA_PM,
        {"condition": "APOL1 risk haplotypes:phenotype=Poor"},
        "condition=APOL1 risk haplotypes:phenotype=Poor: APOL1 risk haplotypes has no phenotype",
    ),
    "grammar": (
        "guidance",
        AZA_PM,
        {"condition": "NUDT15 is poor"},
        "condition=NUDT15 is poor: 'NUDT15 is poor' is not KEY=value|value (or KEY:aspect=...)",
    ),
    "exclude each other": (
        "guidance",
        AZA_PM,
        {"condition": "NUDT15=Poor Metabolizer & NUDT15=Normal Metabolizer"},
        "condition=NUDT15=Poor Metabolizer & NUDT15=Normal Metabolizer: two clauses on NUDT15 exclude each other",
    ),
    "factor of avoid": (
        "guidance",
        AZA_PM,
        {"factor_high": 0.5},
        "action,factor_low,factor_high=avoid,,0.5: this action has no dose factor",
    ),
    "standard": (
        "guidance",
        AZA_PM,
        {"action": "standard"},
        "action,factor_low,factor_high,predicted_response=standard,,,increased_toxicity: "
        "standard means factors 1 and 1 and the response typical",
    ),
    "reduction": (
        "guidance",
        AZA_PM,
        {"action": "reduce_dose", "factor_low": 1.0, "factor_high": 2.0},
        "action,factor_low,factor_high=reduce_dose,1.0,2.0: a reduced dose has factors below 1",
    ),
    "increase": (
        "guidance",
        AZA_PM,
        {"action": "increase_dose", "factor_low": 0.5, "factor_high": 2.0},
        "action,factor_low,factor_high=increase_dose,0.5,2.0: an increased dose has factors above 1",
    ),
    "factors in order": (
        "guidance",
        AZA_PM,
        {"action": "reduce_dose", "factor_low": 0.9, "factor_high": 0.2},
        "action,factor_low,factor_high=reduce_dose,0.9,0.2: expected factor_high, and factor_low not above it",
    ),
    "a share without a highest one": (
        "interactions",
        {"drug": "tacrolimus", "with": "voriconazole"},
        {"factor_high": None},
        "factor_low,factor_high=0.33,: a share of the dose has a highest one: factor_high",
    ),
    "cap": ("guidance", AZA_PM, {"cap": 50.0}, "cap,unit=50.0,: a cap and its unit go together"),
    "citation": (
        "guidance",
        AZA_PM,
        {"citation": "PMID:41618934; PMID:0"},
        "citation=PMID:41618934; PMID:0: 'PMID:0' is not in the table citations",
    ),
    "no citation": ("pathways", {"gene": "MS4A1", "drug": "rituximab"}, {"citation": None, "source": None}, None),
    "foreign key": (
        "alleles",
        {"gene": "TPMT", "allele": "*4"},
        {"source": "hearsay"},
        "source=hearsay: no such row in the table sources",
    ),
    "drug without key": (
        "pathways",
        {"gene": "MS4A1", "drug": "rituximab"},
        {"drug": "no such drug"},
        "drug=no such drug: no such drug in the table drugs",
    ),
    "alias": (
        "drugs",
        {"drug": "belimumab"},
        {"aliases": "Benlysta;aza"},
        "aliases=Benlysta;aza: 'aza' is empty or means azathioprine already",
    ),
    "statement": (
        "drugs",
        {"drug": "belimumab"},
        {"marker_statement": "guideline"},
        "drug,marker_statement=belimumab,guideline: "
        "the table guidance has no row of the drug: expected evidence or none",
    ),
    "statement of a drug with rules": (
        "drugs",
        {"drug": "azathioprine"},
        {"marker_statement": "none"},
        "drug,marker_statement=azathioprine,none: the table guidance has rows of the drug: expected guideline",
    ),
    "standard on nothing": (
        "guidance",
        AZA_PM,
        {"action": "standard", "condition": "NUDT15=Normal Metabolizer|not assessed"},
        "action,condition=standard,NUDT15=Normal Metabolizer|not assessed: "
        "standard must not rest on what is indeterminate or not assessed",
    ),
    "name of the rest": (
        "alleles",
        {"gene": "TPMT", "allele": "*4"},
        {"allele": "other"},
        "allele=other: stands for haplotypes without a name: choose another name",
    ),
    "function nobody has": (
        "phenotype_rules",
        {"gene": "ABCG2", "function_1": "Normal function", "function_2": "Normal function"},
        {"function_1": "Increased function"},
        "function_1=Increased function: no allele of ABCG2 has this function",
    ),
    "role of a marker locus": (
        "marker_alleles",
        {"gene": "FCGR3A", "grch38_alt": "C"},
        {"role": None},
        "role=: expected required or optional: the row names a locus",
    ),
    "reserved character": (
        "marker_categories",
        {"gene": "APOL1", "marker": "risk haplotypes", "effect_allele_count": 0},
        {"category": "none/one"},
        None,
    ),
    "overlay mark": (
        "sources",
        {"source": "literature"},
        {"source": "literature (overlay)"},
        None,
    ),
}
"""Table, row, cells to change, and what the check says of that row (None: checked below)."""


@pytest.mark.parametrize("case", [name for name, item in CASES.items() if item[3]])
def test_a_broken_cell_is_named_exactly(case):
    table, where, cells, message = CASES[case]
    tables, line = changed(table, where, **cells)
    assert f"data/{table}.tsv:{line}: {message}" in [str(fault) for fault in check(tables)]


@pytest.mark.parametrize(
    ("case", "column", "rule"),
    [
        ("marker effect", "gene,marker", "one of them an effect allele"),
        ("no citation", "citation", "a row needs a citation or a source"),
        ("reserved character", "category", "a name must not hold /"),
        ("overlay mark", "source", "is added to the source of overlay rows"),
    ],
)
def test_a_broken_cell_is_found(case, column, rule):
    table, where, cells, _ = CASES[case]
    tables, _ = changed(table, where, **cells)
    assert [fault for fault in check(tables) if fault.column == column and rule in fault.rule]


def test_evidence_claims_are_checked():
    null = next(row["evidence"] for row in TABLES["evidence"].rows if row["use"] == "null")
    tables, line = changed("evidence", {"evidence": null}, direction="reduced_efficacy")
    assert str(check(tables)[0]) == (
        f"data/evidence.tsv:{line}: use,direction=null,reduced_efficacy: a null result has the direction no_effect"
    )
    led = next(row["evidence"] for row in TABLES["evidence"].rows if row["use"] == "direction")
    for cells, column in (({"direction": "unknown"}, "use,direction"), ({"condition": None}, "use,condition")):
        tables, line = changed("evidence", {"evidence": led}, **cells)
        assert [(fault.line, fault.column) for fault in check(tables)] == [(line, column)]


def test_two_alleles_with_the_same_loci_are_found():
    """TPMT *3B made to carry what *3C carries."""
    (change,) = [row for row in TABLES["allele_loci"].rows if (row["gene"], row["allele"]) == ("TPMT", "*3C")]
    cells = {column: change[column] for column in ("locus", "grch38_ref", "grch38_alt")}
    tables, _ = changed("allele_loci", {"gene": "TPMT", "allele": "*3B"}, **cells)
    faults = [str(fault) for fault in check(tables)]
    assert len(faults) == 1
    assert faults[0].endswith("allele=*3C: has the same loci as *3B: nothing tells the two apart")


def test_an_allele_without_loci_is_found():
    faults = check(without("allele_loci", {"gene": "TPMT", "allele": "*3C"}))
    assert [fault.rule for fault in faults] == [
        "has no row in the table allele_loci, like *1: nothing tells the two apart"
    ]


@pytest.mark.parametrize(
    ("table", "where", "rule"),
    [
        ("allele_function", {"gene": "TPMT", "allele": "*4"}, "no row in the table allele_function"),
        (
            "phenotype_rules",
            {"gene": "ABCG2", "function_1": "Decreased function", "function_2": "Normal function"},
            "no phenotype rule for Decreased function with Normal function",
        ),
        ("activity_rules", {"gene": "CYP2C9", "score_min": 1}, "no activity rule for the score 1, which two alleles"),
        ("marker_categories", {"gene": "APOL1", "effect_allele_count": 1}, "no row in marker_categories for 1 effect"),
        ("haplotype_frequencies", {"gene": "ABCG2", "population": "ALL"}, "expected counts of the pool (ALL) as well"),
        ("loci", {"gene": "VKORC1"}, "no locus of it is essential"),
        ("locus_alleles", TPMT_LOCUS, "no row in the table locus_alleles: nothing differs here"),
        ("guidelines", {"drug": "tacrolimus"}, "no such row in the table guidelines"),
        ("citations", {"citation": "PMID:41618934"}, "'PMID:41618934' is not in the table citations"),
        ("guidance", {"drug": "tacrolimus"}, "the table guidance has no row of the drug"),
    ],
)
def test_a_missing_row_is_found(table, where, rule):
    assert [fault for fault in check(without(table, where)) if rule in fault.rule]


def test_a_change_listed_for_two_loci_is_found():
    tables = dict(TABLES)
    for name in ("loci", "locus_alleles"):
        rows = tables[name].rows
        (found,) = [row for row in rows if (row["gene"], row["locus"]) == ("TPMT", "rs1800460")]
        tables[name] = dataclasses.replace(tables[name], rows=(*rows, {**found, "locus": "twin"}))
    assert [fault.rule for fault in check(tables)] == ["the change is listed for TPMT rs1800460 already"]


def test_an_indel_that_can_be_shifted_is_found():
    indel = {"grch38_ref": "TATAATT", "grch38_alt": "T", "grch37_ref": "TATAATT", "grch37_alt": "T"}
    tables, _ = changed("locus_alleles", INDEL, **indel)
    place = TABLES["loci"].rows.index(next(row for row in TABLES["loci"].rows if row.items() >= INDEL.items()))
    moved = {**TABLES["loci"].rows[place], "context": "TATAATTATAA"}
    rows = (*TABLES["loci"].rows[:place], moved, *TABLES["loci"].rows[place + 1 :])
    tables = {**tables, "loci": dataclasses.replace(TABLES["loci"], rows=rows)}
    rules = [str(fault).partition(": ")[2] for fault in check(tables)]
    assert "grch38_pos=36265995: the indel can be shifted left by the base T: align it" in rules


def test_a_locus_beyond_its_chromosome_is_found():
    tables, _ = changed("contigs", {"build": "GRCh38", "chrom": "chr6"}, length=18_130_000)
    faults = [fault for fault in check(tables) if fault.file == "data/loci.tsv"]
    assert faults
    assert {(fault.column, fault.rule) for fault in faults} == {("grch38_pos", "beyond the end of chr6, 18130000")}
    tables = without("contigs", {"build": "GRCh37", "chrom": "chr6"})
    assert {fault.rule for fault in check(tables)} == {"no such chromosome in the table contigs for GRCh37"}


def test_an_allele_that_requires_two_bases_at_a_locus_is_found():
    """rs1142345 has two alternative bases; TPMT *3C is made to require both."""
    rows = TABLES["allele_loci"].rows
    (row,) = [row for row in rows if (row["gene"], row["allele"]) == ("TPMT", "*3C")]
    both = (*rows, {**row, "grch38_alt": "G"})
    (fault,) = check({**TABLES, "allele_loci": dataclasses.replace(TABLES["allele_loci"], rows=both)})
    assert (fault.file, fault.line) == ("data/allele_loci.tsv", len(both) + 1)
    assert (fault.column, fault.value) == ("allele,locus", "*3C,rs1142345")
    assert fault.rule == "the allele requires two different bases here"


def test_two_haplotypes_of_a_marker_with_the_same_loci_are_found():
    """APOL1 G2 made to carry what G1 carries."""
    rows = TABLES["marker_alleles"].rows
    first = [row for row in rows if row["allele"] == "G1"]
    kept = [row for row in rows if row["allele"] != "G2"]
    twins = [{**row, "allele": "G2", "rank": 3} for row in first]
    tables = {**TABLES, "marker_alleles": dataclasses.replace(TABLES["marker_alleles"], rows=(*kept, *twins))}
    assert [fault.rule for fault in check(tables)] == ["two of its haplotypes have the same loci"]


def test_every_check_is_among_those_run():
    import lupus_pgx.knowledge.check.loci
    import lupus_pgx.knowledge.check.rules

    written = {
        name
        for module in (lupus_pgx.knowledge.check.loci, lupus_pgx.knowledge.check.rules)
        for name in vars(module)
        if name.startswith("check_")
    }
    assert written <= {rule.__name__ for rule in CHECKS}


# --- form ---------------------------------------------------------------------------------------


HEADER = "gene\tmarker\teffect_allele_count\tcategory\tsource\n"


def read(tmp_path, text, name="marker_categories", whole=False):
    path = tmp_path / f"{name}.tsv"
    path.write_bytes(text.encode())
    table, faults = read_table(path, name, whole=whole)
    return table, [str(fault).removeprefix(str(path)) for fault in faults]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (HEADER + "G\tM\tone\tc\ts\n", [":2: effect_allele_count=one: expected an integer"]),
        (HEADER + "G\tM\t3\tc\ts\n", [":2: effect_allele_count=3: expected at most 2"]),
        (HEADER + "G\tM\t1_0\tc\ts\n", [":2: effect_allele_count=1_0: expected an integer"]),
        (
            HEADER + "G\tM\t1\tc\ts\nG\tM\t01\td\ts\n",
            [":3: gene,marker,effect_allele_count=G,M,01: stands in line 2 already"],
        ),
        (HEADER + "G\tM\t1\t\ts\n", [":2: category=: must not be empty"]),
        (HEADER + "G\tM\t1\tc;d\ts\n", [":2: category=c;d: expected text of the pattern [^;=|&\\t]+"]),
        (HEADER + "G\tM\t1\tc \ts\n", [":2: category=c : must not begin or end with a space"]),
        (HEADER + "G\tM\t1\tc\n", [":2: expected 5 cells joined by tabs, found 4"]),
        (HEADER + "G\tM\t1\tc\ts\n\nG\tM\t2\td\ts\n", [":3: expected 5 cells joined by tabs, found 0"]),
        (
            HEADER + "G\tM\t1\tc\ts\nG\tM\t1\td\ts\n",
            [":3: gene,marker,effect_allele_count=G,M,1: stands in line 2 already"],
        ),
        (
            HEADER + "G\tM\tx\t\ts\nshort\nG\tM\t-1\tc\ts\n",
            [
                ":2: effect_allele_count=x: expected an integer",
                ":2: category=: must not be empty",
                ":3: expected 5 cells joined by tabs, found 1",
                ":4: effect_allele_count=-1: expected at least 0",
            ],
        ),
        (
            HEADER.replace("category", "kategory"),
            [
                ":1: column=kategory: no such column in the table marker_categories: did you mean category?",
                ":1: column=category: is missing: the table marker_categories needs it",
            ],
        ),
        (HEADER.replace("source", "gene"), None),
    ],
)
def test_faults_of_form_are_named_exactly(text, faults, tmp_path):
    table, found = read(tmp_path, text)
    assert table is None
    if faults is None:
        faults = [
            ":1: column=gene: stands twice in the header",
            ":1: column=source: is missing: the table marker_categories needs it",
        ]
    assert found == faults


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "1_0.0", "0x1", "\u0661", "1,5"])
def test_a_number_is_written_as_every_program_reads_it(cell, tmp_path):
    columns = TABLES["allele_function"].columns
    row = {**TABLES["allele_function"].rows[0], "activity_value": cell}
    text = "\t".join(columns) + "\n" + "\t".join("" if row[name] is None else str(row[name]) for name in columns) + "\n"
    assert read(tmp_path, text, "allele_function")[1] == [f":2: activity_value={cell}: expected a number"]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"name": "x", "type": "string", "constraints": {"maxLength": 3}}, "maxLength"),
        ({"name": "x", "type": "integer", "constraints": {"exclusiveMinimum": 3}}, "exclusiveMinimum"),
    ],
)
def test_what_would_not_be_checked_is_refused_in_a_schema(field, said):
    with pytest.raises(lupus_pgx.KnowledgeError, match=said):
        cell_schema(field)


def test_the_pattern_of_a_column_is_of_the_whole_cell():
    field = {"name": "x", "type": "string", "constraints": {"required": True, "unique": True, "pattern": "a|b"}}
    assert cell_schema(field) == {"type": "string", "pattern": "^(?:a|b)$"}


def test_a_table_without_rows_is_empty(tmp_path):
    table, found = read(tmp_path, HEADER)
    assert (found, table.rows) == ([], ())


def test_spreadsheet_text_is_read(tmp_path):
    """A byte order mark and Windows line ends, as spreadsheet programs write them."""
    text = "\ufeff" + (HEADER + "G\tM\t1\tc\ts\n").replace("\n", "\r\n")
    table, found = read(tmp_path, text)
    assert found == []
    assert dict(table.rows[0]) == {"gene": "G", "marker": "M", "effect_allele_count": 1, "category": "c", "source": "s"}


def test_columns_may_be_left_out_and_reordered_in_an_overlay_only(tmp_path):
    text = "source\trole\tkind\tdrug\tgene\tpathway\ns\tr\ttarget\td\tG\tP\n"
    table, found = read(tmp_path, text, "pathways")
    assert found == []
    assert table.columns == tuple(TABLES["pathways"].columns)
    assert table.rows[0]["citation"] is None
    assert read(tmp_path, text, "pathways", whole=True)[1] == [
        ":1: column=citation: is missing: the table pathways needs it"
    ]


def test_the_order_of_columns_counts_in_a_full_set(tmp_path):
    text = "marker\tgene\teffect_allele_count\tcategory\tsource\nM\tG\t1\tc\ts\n"
    expected = ":1: expected the columns in the order gene, marker, effect_allele_count, category, source"
    assert read(tmp_path, text, whole=True)[1] == [expected]
    assert read(tmp_path, text)[1] == []


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "markers.tsv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(lupus_pgx.KnowledgeError, match="UTF-8"):
        read_table(path, "markers")


def test_the_missing_library_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jsonschema", None)
    with pytest.raises(lupus_pgx.KnowledgeError, match="pip install"):
        read(tmp_path, HEADER + "G\tM\t1\tc\ts\n")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_shipped_tables_fit_their_schema(name):
    table, faults = read_table(DATA / f"{name}.tsv", name, whole=True)
    assert faults == []
    assert table.rows == TABLES[name].rows


def test_the_shipped_set_is_whole():
    tables, faults = check_set(DATA)
    assert faults == []
    assert tables.keys() == TABLES.keys()


def test_a_fault_is_one_line():
    fault = Fault("a.tsv", 3, "drug", "x", "rule")
    assert str(fault) == "a.tsv:3: drug=x: rule"
    assert str(fault._replace(column="", value="")) == "a.tsv:3: rule"
    assert in_order([fault, fault._replace(line=2), fault]) == [fault._replace(line=2), fault]
