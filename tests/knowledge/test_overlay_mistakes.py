"""Mistakes that people make in an overlay: each is one line that names the cell, and nothing runs on it."""

from __future__ import annotations

import datetime as dt

import pytest

import lupus_pgx
from lupus_pgx.knowledge.option_terms import OptionKey
from lupus_pgx.review.levels import Levels
from lupus_pgx.review.states import PatientState
from lupus_pgx.review.steps.step import case_of

YEAR = dt.date.today().year + 1


def row_of(table, **cells):
    """Return a copy of the first shipped row that has these cells; ``...`` stands for any that is not empty."""
    for row in lupus_pgx.load_knowledge().rows(table):
        if all(row[name] is not None if value is ... else row[name] == value for name, value in cells.items()):
            return {name: "" if cell is None else str(cell) for name, cell in row.items()}
    raise AssertionError(f"{table} has no row with {cells}")


TPMT = {"gene": "TPMT", "locus": "rs1142345"}
AZA = {"drug": "azathioprine"}
OBI = {"drug": "obinutuzumab", "status": "licensed"}
CPIC_2018 = {"citation": "PMID:30447069"}
# Table, a shipped row by some cells, what is changed in it, the column and a part of the rule that are named.
MISTAKES = {
    "a rule beside the one that it is meant to replace": (
        "guidance",
        {"rule": "CPIC-azathioprine-NUDT15-PM"},
        {"rule": "ours"},
        "rule,condition",
        "take its name",
    ),
    "an identifier of another drug": (
        "drugs",
        AZA,
        {"rxnorm": "103"},
        "rxnorm",
        "identifier of mercaptopurine already",
    ),
    "an identifier of another allele": (
        "alleles",
        {"gene": "CYP2C9", "allele": "*2"},
        {"pharmvar": "PV00539"},
        "pharmvar",
        "identifier of *3 already",
    ),
    "a name of another drug": ("drugs", AZA, {"aliases": "AZA;MMF"}, "aliases", "mycophenolate mofetil already"),
    "quotation marks of a spreadsheet": (
        "guidance",
        {"rule": "CPIC-azathioprine-NUDT15-PM"},
        {"advice": '"Stop"'},
        "advice",
        "quotation marks",
    ),
    "a letter that nobody sees": ("contraindications", AZA, {"advice": "Stop\u200bnow."}, "advice", "U+200B"),
    "a control character": ("contraindications", AZA, {"advice": "Stop\x1b[31mnow."}, "advice", "U+001B"),
    "a no-break space at the end": ("contraindications", AZA, {"drug": "azathioprine\xa0"}, "drug", "a space"),
    "a letter of another alphabet": ("contraindications", AZA, {"drug": "\u0430zathioprine"}, "drug", "drugs"),
    "a capital letter": ("contraindications", AZA, {"drug": "Azathioprine"}, "drug", "drugs"),
    "a brand name": ("contraindications", AZA, {"drug": "Imuran"}, "drug", "drugs"),
    "a number with a comma": ("adequacy", {"min_dose": ...}, {"min_dose": "1,5"}, "min_dose", "expected a number"),
    "a number past all bounds": ("adequacy", {"min_dose": ...}, {"min_dose": "1e400"}, "min_dose", "a number"),
    "no number": ("adequacy", {"min_dose": ...}, {"min_dose": "nan"}, "min_dose", "expected a number"),
    "digits of another script": ("adequacy", {"min_dose": ...}, {"min_dose": "\u0663"}, "min_dose", "a number"),
    "a word for yes": ("loci", TPMT, {"essential": "TRUE"}, "essential", "one of yes, no"),
    "another chromosome": ("loci", TPMT, {"chrom": "chr7"}, "chrom", "TPMT lies on chr6"),
    "a day the other way round": (
        "monitoring",
        {"checked_on": ...},
        {"checked_on": "28.11.2026"},
        "checked_on",
        "pattern",
    ),
    "a condition that nobody can meet": (
        "guidance",
        {"rule": "CPIC-azathioprine-NUDT15-PM"},
        {"condition": "NUDT15=Poor Metabolizer & NUDT15=Normal Metabolizer"},
        "condition",
        "exclude each other",
    ),
    "citations joined by a comma": (
        "guidance",
        {"rule": "CPIC-azathioprine-NUDT15-PM"},
        {"citation": "PMID:41618934, PMID:30447069"},
        "citation",
        "not in the table citations",
    ),
    "a document replaced by an older one": (
        "citations",
        CPIC_2018,
        {"superseded_by": "PMID:25801146"},
        "citation,superseded_by",
        "older",
    ),
    "a document replaced by itself": (
        "citations",
        CPIC_2018,
        {"superseded_by": "PMID:30447069"},
        "citation,superseded_by",
        "itself",
    ),
    "a document replaced by nothing known": (
        "citations",
        CPIC_2018,
        {"superseded_by": "PMID:99999999"},
        "superseded_by",
        "citations",
    ),
    "a drug that nobody knows": ("contraindications", AZA, {"drug": "azathioprin"}, "drug", "drugs"),
    "a criterion": ("contraindications", AZA, {"criterion": "pregnant"}, "criterion", "criteria"),
    "a unit of another quantity": (
        "contraindications",
        {"criterion": "egfr", "value": ...},
        {"unit": "mg/dL"},
        "criterion,unit",
        "egfr",
    ),
    "a clearance on hearsay": (
        "contraindications",
        {"severity": "compatible"},
        {"checked": "not read"},
        "severity,checked",
        "was read",
    ),
    "a usual dose that nobody read": (
        "guidance",
        {"action": "standard"},
        {"checked": ""},
        "action,checked",
        "was read",
    ),
    "a partner one letter off": ("interactions", AZA, {"with_drugs": "allopurinl"}, "with_drugs", "allopurinol"),
    "factors turned round": (
        "interactions",
        AZA,
        {"factor_low": "0.9", "factor_high": "0.2"},
        "factor_low,factor_high",
        "above",
    ),
    "a gene that is none": ("interactions", AZA, {"gene": "CYP9Z9"}, "gene", "genes"),
    "a cap without its unit": ("interactions", AZA, {"cap": "100", "unit": ""}, "cap,unit", "together"),
    "a cap in mmHg": ("interactions", AZA, {"cap": "100", "unit": "mmHg"}, "unit", "no unit of a dose"),
    "a manifestation of an option": (
        "therapy_options",
        {"manifestation": "lupus nephritis"},
        {"manifestation": "lupus nephrits"},
        "manifestation",
        "lupus nephritis",
    ),
    "a manifestation of a drug": ("drugs", AZA, {"manifestations": "lupus nefritis"}, "manifestations", "expected"),
    "another name of the drug of an option": (
        "therapy_options",
        {"drugs": "low-dose aspirin"},
        {"drugs": "aspirin"},
        "drugs",
        "'aspirin' is 'low-dose aspirin'",
    ),
    "a drug of an option that is none": (
        "therapy_options",
        {"drugs": "low-dose aspirin"},
        {"drugs": "qwertymab"},
        "drugs",
        "does not say why",
    ),
    "a reason for a drug that has rows": (
        "roles",
        {"kind": "option_drug"},
        {"name": "hydroxychloroquine"},
        "name",
        "is a drug of the tables",
    ),
    "a condition of an option": (
        "therapy_options",
        {"applies_when": ...},
        {"applies_when": "clas = IV"},
        "applies_when",
        "'clas'",
    ),
    "a class of nephritis": (
        "therapy_options",
        {"applies_when": ...},
        {"applies_when": "class = IIII or IV"},
        "applies_when",
        "'IIII'",
    ),
    "an answer of a condition": (
        "therapy_options",
        {"applies_when": ...},
        {"applies_when": "thrombosis = yess"},
        "applies_when",
        "'yess'",
    ),
    "a word of a quantity": (
        "therapy_options",
        {"lifted_by": ...},
        {"lifted_by": "interferon_signature = high"},
        "lifted_by",
        "'high'",
    ),
    "a name with a role": (
        "roles",
        {"name": "glucocorticoid"},
        {"name": "glucocorticoids"},
        "name",
        "did you mean",
    ),
    "a unit in a condition": (
        "therapy_options",
        {"applies_when": ...},
        {"applies_when": "upcr >= 3 furlong"},
        "applies_when",
        "furlong",
    ),
    "no comparison": (
        "therapy_options",
        {"applies_when": ...},
        {"applies_when": "severe disease"},
        "applies_when",
        "expected",
    ),
    "a unit of monitoring": (
        "monitoring",
        {"quantity": "igg"},
        {"unit": "furlong"},
        "quantity,unit",
        "no unit of this quantity",
    ),
    "a target turned round": (
        "monitoring",
        {"target_low": ..., "target_high": ...},
        {"target_low": "1000"},
        "target_low,target_high",
        "above",
    ),
    "a member one letter off": (
        "drug_classes",
        {"member": "benazepril"},
        {"member": "benazeprill"},
        "member",
        "benazepril",
    ),
    "a phenotype one letter off": (
        "phenotype_rules",
        {"gene": "TPMT", "phenotype": "Poor Metabolizer"},
        {"phenotype": "Poor Metaboliser"},
        "phenotype",
        "Poor Metabolizer",
    ),
    "a phenotype of nobody": (
        "criteria",
        {"criterion": "g6pd"},
        {"asks": "condition:g6pd_deficiency;genotype:G6PD=Deficent"},
        "asks",
        "no phenotypes",
    ),
    "a role of a drug of nobody": ("roles", {"kind": "drug"}, {"name": "tafenoquin"}, "name", "tafenoquine"),
    "a state of nobody": ("criteria", {"asks": "state:pregnancy"}, {"asks": "state:pregnant"}, "asks", "pregnancy"),
    "a year to come": ("guidance", AZA, {"year": str(YEAR)}, "year", "future"),
    "a release that is no date": (
        "allele_function",
        {"gene": "TPMT", "allele": "*3C"},
        {"release": "newest"},
        "release",
        "pattern",
    ),
    "one position on both builds": ("loci", TPMT, {"grch37_pos": "18130687"}, "grch38_pos,grch37_pos", "other build"),
    "positions exchanged": (
        "loci",
        TPMT,
        {"grch38_pos": "18130918", "grch37_pos": "18130687"},
        "grch38_pos,grch37_pos",
        "other build",
    ),
    "a PMID that is none": ("citations", {"citation": ...}, {"citation": "PMID:12a"}, "citation", "PMID:NUMBER"),
    "a home page": (
        "citations",
        {"citation": ...},
        {"citation": "Mine", "url": "https://www.fda.gov/"},
        "citation,url",
        "home page",
    ),
    "a blog": (
        "citations",
        {"citation": ...},
        {"citation": "Mine", "url": "https://lupus.wordpress.com/1"},
        "citation,url",
        "not fit",
    ),
    "a code that is no ATC code": ("drugs", AZA, {"atc": "L04"}, "atc", "pattern"),
    "a day that is none": ("approvals", OBI, {"checked_on": "2026-13-45"}, "checked_on", "calendar"),
    "a day to come": ("approvals", OBI, {"checked_on": f"{YEAR}-06-30"}, "checked_on", "future"),
    "a month that is none": ("approvals", OBI, {"since": "2025-19"}, "since", "calendar"),
    "a month of no licence": (
        "approvals",
        {"status": "no licence found"},
        {"since": "2025-10"},
        "status,since",
        "only a licence",
    ),
    "a manifestation of a licence": ("approvals", OBI, {"manifestations": "kidney"}, "manifestations", "expected"),
    "a state of a source to come": ("sources", {"source": "DPWG"}, {"as_of": f"{YEAR}-06-30"}, "as_of", "future"),
    "a year typed short": ("guidance", AZA, {"year": "202"}, "year", "at least"),
    "a document of a year to come": ("citations", {"year": 2026}, {"year": str(YEAR)}, "year", "future"),
    "a share as per cent": (
        "interactions",
        AZA,
        {"factor_low": "25", "factor_high": "33"},
        "factor_low",
        "at most",
    ),
    "an exposure below nothing": ("interactions", {"auc_low": ...}, {"auc_low": "-2"}, "auc_low", "at least"),
    "a drug with itself": (
        "interactions",
        AZA,
        {"with_drugs": "azathioprine"},
        "drug,with_drugs",
        "itself",
    ),
    "a threshold that nobody has": (
        "contraindications",
        {"criterion": "egfr", "value": ...},
        {"value": "30000"},
        "value,unit",
        "no living person",
    ),
    "a threshold without its unit": (
        "contraindications",
        {"criterion": "egfr", "value": ...},
        {"unit": ""},
        "value,unit",
        "needs its unit",
    ),
    "a threshold below nothing": (
        "contraindications",
        {"criterion": "egfr", "value": ...},
        {"value": "-30"},
        "value",
        "at least",
    ),
    "an age below nothing": ("criteria", {"age_low": ...}, {"age_low": "-1"}, "age_low", "at least"),
    "a LOINC with a wrong digit": ("units", {"loinc": "2160-0"}, {"loinc": "2160-1"}, "loinc", "check digit"),
    "a collective one letter off": (
        "quantities",
        {"collective": "lipids"},
        {"collective": "lipid"},
        "collective",
        "lipids",
    ),
    "an alias twice": ("drugs", AZA, {"aliases": "Imuran;imuran"}, "aliases", "twice"),
    "a sign too many in a list": (
        "therapy_options",
        {"drugs": "rituximab"},
        {"drugs": "rituximab;;"},
        "drugs",
        "empty place",
    ),
    "a rank that no guideline gives": (
        "therapy_options",
        {"drugs": "rituximab"},
        {"rank_acr": "9"},
        "rank_acr",
        "one of",
    ),
    "a name of another change": (
        "locus_alleles",
        {**TPMT, "hgvs_grch38": ...},
        {"hgvs_grch38": "NC_000006.12:g.1A>G"},
        "hgvs_grch38",
        "another change",
    ),
    "a value without rules for it": (
        "allele_function",
        {"gene": "TPMT", "allele": "*3C"},
        {"activity_value": "5"},
        "activity_value",
        "activity_rules",
    ),
    "an alias of no allele": (
        "allele_aliases",
        {"gene": "TPMT", "kind": "allele"},
        {"reads_as": "*99"},
        "reads_as",
        "no allele",
    ),
    "an rsID without its letters": ("markers", {"rsid": ...}, {"rsid": "1801274"}, "rsid", "pattern"),
    "a dose below nothing": ("adequacy", {"min_dose": ...}, {"min_dose": "-1"}, "min_dose", "at least"),
    "a partner by the name of a drug": ("partners", {"aliases": ...}, {"aliases": "Imuran"}, "aliases", "azathioprine"),
    "a partner that is a drug": ("partners", {"aliases": ...}, {"partner": "azathioprine"}, "partner", "is a drug"),
    "a PharmVar identifier that is a name": (
        "alleles",
        {"gene": "TPMT", "allele": "*3C"},
        {"pharmvar": "TPMT*3C"},
        "pharmvar",
        "pattern",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_that_names_the_cell(name, fx_cli, tmp_path):
    table, cells, change, column, rule = MISTAKES[name]
    row = row_of(table, **cells)
    folder = tmp_path / "mine"
    folder.mkdir()
    file = folder / f"{table}.tsv"
    for value in (row, row | change):
        file.write_text("\t".join(value) + "\n" + "\t".join(value.values()) + "\n", encoding="utf-8")
        code, out, err = fx_cli("knowledge", "check", folder)
        if value == row:
            # The row as it is shipped has no fault of its own: rows that belong together may miss each other.
            assert f"{file}:2: {column}=" not in out
            continue
        assert code == 65
        assert sum(line.startswith(f"{file}:2: {column}=") and rule in line for line in out.splitlines()) == 1
        assert err.count("\n") == 1
    assert fx_cli("whatif", "TPMT=*1/*1", "--overlay", folder)[0] == 65


def tsv(**change):
    row = row_of("guidance", rule="CPIC-azathioprine-NUDT15-PM") | change
    return "\t".join(row) + "\n" + "\t".join(row.values()) + "\n"


# The bytes of a file, and how its fault begins; nothing where there is none.
FILES = {
    "line ends of Windows": (tsv().replace("\n", "\r\n").encode(), None),
    "a mark at the beginning": (b"\xef\xbb\xbf" + tsv().encode(), None),
    "empty lines at the end": (tsv().encode() + b"\n\r\n", None),
    "no last line end": (tsv().encode().rstrip(), None),
    "another encoding": (tsv(advice="f\xfcr").encode("latin-1"), "guidance.tsv: expected a table as UTF-8 text"),
    "an encoding of Windows": (tsv().encode("utf-16"), "guidance.tsv: expected a table as UTF-8 text"),
    "nothing": (b"", "guidance.tsv:1: the first line is empty"),
    "commas": (tsv().replace("\t", ",").encode(), "guidance.tsv:1: the first line has no tab"),
    "half a row": (tsv().encode() + b"x\ty\n", "guidance.tsv:3: expected 18 cells joined by tabs, found 2"),
    "a cell too many": (
        tsv().encode().rstrip() + b"\tx\n",
        "guidance.tsv:2: expected 18 cells joined by tabs, found 19",
    ),
    "an empty line between rows": (
        tsv().replace("\n", "\n\n", 1).encode(),
        "guidance.tsv:2: expected 18 cells joined by tabs, found 0",
    ),
    "a row of tabs alone": (
        tsv().encode() + b"\t" * 17 + b"\n",
        "guidance.tsv:3: expected 18 cells joined by tabs, found 0",
    ),
    "the same row twice": (
        (tsv() + tsv().partition("\n")[2]).encode(),
        "guidance.tsv:3: rule=CPIC-azathioprine-NUDT15-PM: stands in line 2 already",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_form_is_read_or_refused_in_one_line(name, fx_cli, tmp_path, monkeypatch):
    content, fault = FILES[name]
    (tmp_path / "guidance.tsv").write_bytes(content)
    code, out, err = fx_cli("knowledge", "check", tmp_path)
    said = [line for line in (out + err).splitlines() if "guidance.tsv:" in line]
    assert code == (0 if fault is None else 65)
    assert len(said) == (0 if fault is None else 1)
    assert fault is None or fault in said[0]


def test_a_word_of_a_context_stands_for_one_thing(fx_cli, tmp_path):
    row = row_of("context_words", field="condition", words="dvt")
    lines = [{"words": "blue leg"}, {"words": "Blue leg", "value": "asthma"}]
    file = tmp_path / "context_words.tsv"
    for count, code in ((1, 0), (2, 65)):
        cells = ["\t".join((row | change).values()) for change in lines[:count]]
        file.write_text("\n".join(["\t".join(row), *cells, ""]), encoding="utf-8")
        found, out, _ = fx_cli("knowledge", "check", tmp_path)
        assert (found, "the word stands for thrombosis already" in out) == (code, code > 0)


def test_a_new_name_that_is_like_no_other_is_taken(fx_cli, tmp_path):
    row = row_of("drug_classes", member="benazepril") | {"member": "imaginapril"}
    (tmp_path / "drug_classes.tsv").write_text("\t".join(row) + "\n" + "\t".join(row.values()) + "\n", encoding="utf-8")
    assert fx_cli("knowledge", "check", tmp_path)[0] == 0


def test_every_word_of_the_conditions_of_options_is_answered(fx_knowledge):
    context = {"therapies": [{"drug": "azathioprine", "start": "2025-01-01", "outcome": "ongoing"}]}
    patient = lupus_pgx.respond({}, ["azathioprine"], context=context, today="2026-03-01")
    case = case_of(Levels(patient.context, fx_knowledge), {}, (), (), (), dt.date(2026, 3, 1))
    assert set(PatientState(case, frozenset())._words) == set(OptionKey)
