"""Nothing that was told stays silent: patients to whom a genotype alone would say "usual dose"."""

from __future__ import annotations

import csv
from dataclasses import replace

import cited_documents
import pytest
import yaml
from places import TESTS
from safety_coverage import MARK, PAGE, tables

from lupus_pgx import load_knowledge, respond
from lupus_pgx.errors import InputError
from lupus_pgx.knowledge.check.safety import (
    check_clearances,
    check_criteria,
    check_cross_reactions,
    check_labels,
    check_partners,
    check_sources,
    check_unused,
    missing_cells,
)
from lupus_pgx.terms import CheckStatus

KNOWLEDGE = load_knowledge()
TABLE = TESTS / "safety_expectations.tsv"
CASES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
TODAY = "2026-06-01"


def known(drug: str, context: dict, today: str = TODAY):
    """Return the checks of a drug that the context answers, the strictest first."""
    return [item for item in respond({}, [drug], context=context, today=today).drug(drug).checks if item.known]


@pytest.mark.parametrize("case", CASES, ids=[f"{item['case']} {item['drug']} {item['context']}" for item in CASES])
def test_the_strictest_known_check(case):
    checks = known(case["drug"], yaml.safe_load(case["context"]))
    assert checks, "silent"
    strictest = checks[0]
    meant = [
        item
        for item in checks
        if item.status is strictest.status
        and (item.criterion == case["criterion"] or (item.partner and not case["criterion"]))
    ]
    assert strictest.status.value == case["status"], [str(item) for item in checks]
    assert meant, [(str(item), item.criterion) for item in checks]
    if case["about"]:
        assert case["about"] in [item.subject for item in meant]
    if case["citation"]:
        assert any(case["citation"] in item.citations for item in meant), [item.citations for item in meant]


def bite(drug, criterion, **values):
    checks = respond({}, [drug], context={"age": 40, "values": values}, today=TODAY).drug(drug).checks
    return [(item.status.value, item.known) for item in checks if item.criterion == criterion]


@pytest.mark.parametrize(
    ("drug", "criterion", "quantity", "biting", "harmless"),
    [
        ("cyclophosphamide", "platelet_count", "platelet_count", "49 x10^9/L", "180 x10^9/L"),
        ("warfarin", "platelet_count", "platelet_count", "49 x10^9/L", "180 x10^9/L"),
        ("tofacitinib", "lymphocyte_count", "lymphocyte_count", "0.4 x10^9/L", "1.4 x10^9/L"),
        ("upadacitinib", "haemoglobin", "haemoglobin", "7.9 g/dL", "12 g/dL"),
        ("cyclosporine", "blood_pressure", "blood_pressure", "141 mmHg", "120 mmHg"),
        ("cyclosporine", "high_potassium", "potassium", "5.6 mmol/L", "4 mmol/L"),
        ("ondansetron", "qtc", "qtc", "501 ms", "420 ms"),
        ("leflunomide", "alt", "alt", "3.1 x upper limit", "1 x upper limit"),
        ("enalapril", "high_potassium", "potassium", "6.1 mmol/L", "4 mmol/L"),
        ("tacrolimus", "blood_pressure", "blood_pressure", "190 mmHg", "120 mmHg"),
        ("apixaban", "platelet_count", "platelet_count", "30 x10^9/L", "180 x10^9/L"),
        ("eltrombopag", "alt", "alt", "3 x upper limit", "1 x upper limit"),
    ],
)
def test_a_value_bites_or_clears_an_old_one_and_none_leave_it_open(drug, criterion, quantity, biting, harmless):
    first = bite(drug, criterion, **{quantity: biting})
    assert first
    assert CheckStatus(first[0][0]).severity > CheckStatus.MONITOR.severity
    assert first[0][1]
    assert all(not known for _, known in bite(drug, criterion, **{quantity: harmless}))
    assert bite(drug, criterion) == [("check_first", False)]
    number, unit = biting.split(" ", 1)
    labs = [{"quantity": quantity, "unit": unit, "values": {"2024-01-01": float(number)}}]
    checks = respond({}, [drug], context={"age": 40, "labs": labs}, today=TODAY).drug(drug).checks
    (old,) = [item for item in checks if item.criterion == criterion]
    assert (old.status.value, old.known) == ("check_first", False)
    assert "older than 120 days" in old.found


def test_the_label_stands_beside_the_guideline_that_acts():
    woman = {"sex": "female", "age": 30, "pregnancy": True}
    check = next(item for item in known("azathioprine", woman) if item.criterion == "pregnancy")
    assert check.status is CheckStatus.COMPATIBLE
    assert (check.jurisdiction, check.checked) == ("guideline", "read")
    (label,) = [item for item in check.beside if item.status is CheckStatus.CONTRAINDICATED]
    assert label.jurisdiction == "US"


def test_both_jurisdictions_stand_and_the_stricter_acts():
    woman = {"sex": "female", "age": 30, "contraception": "not_secured"}
    check = next(item for item in known("leflunomide", woman) if item.criterion == "contraception")
    assert (check.status.value, check.jurisdiction) == ("contraindicated", "EU")
    assert ("avoid", "US") in [(item.status.value, item.jurisdiction) for item in check.beside]


def test_the_lowest_cap_of_a_pair_is_a_number():
    check = next(item for item in known("rosuvastatin", {"co_medication": ["cyclosporine"]}) if item.partner)
    assert (check.cap, check.cap_unit) == (5, "mg/day")
    assert check.explains == ("toxicity",)


def test_an_interaction_gives_its_factor():
    check = known("tacrolimus", {"co_medication": ["voriconazole"]})[0]
    assert (check.factor_low, check.factor_high, check.direction) == (0.33, 0.33, "increased_exposure")
    assert not [
        item
        for item in known("tacrolimus", {"co_medication": ["voriconazole"]})
        if item.row == "strong CYP3A inhibitor"
    ]


@pytest.mark.parametrize(
    ("drug", "other", "status"),
    [
        ("cyclosporine", "ibuprofen", "avoid"),
        ("cyclosporine", "amphotericin B", "avoid"),
        ("cyclosporine", "melphalan", "monitor"),
        ("rituximab", "belimumab", "avoid"),  # the pair's own row watches, that of all biologics does not
        ("tramadol", "fluvoxamine", "avoid"),
        ("cyclosporine", "sulfamethoxazole / trimethoprim", "monitor"),
    ],
)
def test_a_milder_row_on_a_pair_hides_no_stricter_one_on_its_class(drug, other, status):
    assert known(drug, {"co_medication": [other]})[0].status.value == status


def test_what_was_not_looked_at_is_named_where_the_context_bears_on_it():
    def missing(context):
        checks = respond({}, ["quinacrine"], context=context).drug("quinacrine").checks
        return {item.criterion for item in checks if item.status is CheckStatus.NOT_LOOKED_AT and not item.known}

    assert "egfr" in missing({"egfr": "20 mL/min/1.73m2"})
    assert "egfr" not in missing({"egfr": "90 mL/min/1.73m2"})
    assert missing({"sex": "female"}) == set()


def test_pregnancy_without_its_week_asks_for_the_week():
    woman = {"sex": "female", "age": 30, "pregnancy": True}
    (check,) = [item for item in known("ibuprofen", woman) if item.criterion == "pregnancy_weeks"]
    assert check.status is CheckStatus.CHECK_FIRST
    assert check.at_stake is CheckStatus.CONTRAINDICATED
    late = {**woman, "values": {"gestational_age": "31 weeks"}}
    assert known("ibuprofen", late)[0].status is CheckStatus.CONTRAINDICATED
    early = {**woman, "values": {"gestational_age": "8 weeks"}}
    assert not [item for item in known("ibuprofen", early) if item.criterion == "pregnancy_weeks"]


def test_an_open_check_asks_first_only_where_it_is_at_stake():
    def asks(context):
        checks = respond({}, ["methotrexate"], context=context).drug("methotrexate").checks
        return [item.criterion for item in checks if item.asks_first]

    assert "pregnancy" in asks({"sex": "female", "age": 30})
    assert "pregnancy" not in asks({"age": 30})
    assert "pregnancy" not in asks({"sex": "female", "age": 70})


def test_no_clearance_rests_on_a_document_that_was_not_read():
    for name, clears in (("contraindications", "compatible"), ("interactions", "no_relevant_change")):
        rows = [row for row in KNOWLEDGE.rows(name) if row["severity"] == clears]
        assert rows
        assert all(row["checked"] in ("read", "copy") for row in rows)


def test_a_curator_adds_a_criterion_without_code(tmp_path):
    (tmp_path / "criteria.tsv").write_text(
        "criterion\twords\tasks\tdirection\tbound_any\tunit\tsource\n"
        "made_up_state\ta made-up state\tcondition:made_up_state\t\t\t\tcriteria\n"
        "low_c3\tlow complement C3\tlab:c3\tlow\t0.5\tg/L\tcriteria\n",
        encoding="utf-8",
    )
    rows = [
        ("made_up_state", "in a made-up state", "any", "contraindicated"),
        ("low_c3", "low C3", "any", "avoid"),
    ]
    source = ("FDA label belimumab", "FDA label")
    cells = [
        "\t".join(["belimumab", criterion, words, grade, severity, "Do not.", "US", "yes", "not read", *source])
        for criterion, words, grade, severity in rows
    ]
    header = "drug\tcriterion\tstate\tgrade\tseverity\tadvice\tjurisdiction\tacts\tchecked\tcitation\tsource"
    (tmp_path / "contraindications.tsv").write_text("\n".join([header, *cells]) + "\n", encoding="utf-8")

    laid = load_knowledge(tmp_path)

    def found(context):
        checks = respond({}, ["belimumab"], knowledge=laid, context=context).drug("belimumab").checks
        mine = {criterion for criterion, *_ in rows}
        return {item.criterion: (item.status.value, item.known) for item in checks if item.criterion in mine}

    assert found({"age": 40}) == {"made_up_state": ("check_first", False), "low_c3": ("check_first", False)}
    assert found({"conditions": {"made_up_state": True}, "values": {"c3": "0.3 g/L"}}) == {
        "made_up_state": ("contraindicated", True),
        "low_c3": ("avoid", True),
    }
    assert found({"conditions": {"made_up_state": False}, "values": {"c3": "1.1 g/L"}}) == {}


def test_a_reaction_names_what_was_borne_and_not_borne():
    course = {"drug": "AZA", "outcome": "intolerance", "reaction": "bone-marrow failure"}
    (own,) = [item for item in known("azathioprine", {"therapies": [course]}) if item.criterion == "intolerance"]
    assert own.found == "bone-marrow failure"
    assert own.row == "marrow failure"
    assert own.advice.startswith("Not again before")
    borne = {"drug": "AZA", "outcome": "response"}
    assert not [item for item in known("azathioprine", {"therapies": [borne]}) if item.criterion == "intolerance"]


def test_an_unknown_condition_is_a_fault_and_not_silent():
    with pytest.raises(InputError, match=r"conditions\.siezures: unknown field: did you mean seizures"):
        respond({}, ["MMF"], context={"conditions": {"siezures": True}})


@pytest.mark.parametrize(
    ("citation", "url", "said"),
    [
        ("FDA label belimumab", "https://www.droracle.ai/articles/1", "machine-written answers"),
        ("PMID:39927615", "https://www.healthday.com/news/1", "news"),
        ("doi:10.1182/blood-2008-07-162503", "https://themednet.org/publications/1", "a page about papers"),
        ("FDA label belimumab", "https://www.example.org/", "the home page of a site"),
        ("FDA label belimumab", "https://pubmed.ncbi.nlm.nih.gov/?term=belimumab", "the address of a search"),
    ],
)
def test_a_source_that_is_none_is_refused(citation, url, said):
    table = KNOWLEDGE.tables["citations"]
    rows = tuple({**row, "url": url} if row["citation"] == citation else row for row in table.rows)
    faults = [str(item) for item in check_sources({**KNOWLEDGE.tables, "citations": replace(table, rows=rows)})]
    assert any(said in fault for fault in faults)
    assert not list(check_sources(KNOWLEDGE.tables))


def spoilt(name, change, **match):
    table = KNOWLEDGE.tables[name]
    number = next(n for n, row in enumerate(table.rows) if all(row[key] == value for key, value in match.items()))
    rows = tuple({**row, **change} if n == number else row for n, row in enumerate(table.rows))
    return {**KNOWLEDGE.tables, name: replace(table, rows=rows)}


def test_other_faults_of_the_tables_of_safety_are_found():
    label = spoilt("contraindications", {"citation": "FDA label warfarin"}, drug="belimumab")
    assert any("another drug" in str(item) for item in check_labels(label))
    cleared = spoilt("contraindications", {"checked": "not read"}, severity="compatible")
    assert any("a row that clears" in str(item) for item in check_clearances(cleared))
    assert any("expected one of" in str(item) for item in check_criteria(spoilt("criteria", {"asks": "mood:low"})))
    assert any("not known" in str(item) for item in check_criteria(spoilt("criteria", {"asks": "lab:mood"})))
    assert any("no drug" in str(item) for item in check_partners(spoilt("interactions", {"drug": "no such thing"})))
    named = spoilt("interactions", {"names": "drug"}, **{"with": "NSAID"})
    assert any("names no drug" in str(item) for item in check_partners(named))
    unused = spoilt("citations", {"citation": "nobody cites this"})
    assert any("no row cites it" in str(item) for item in check_unused(unused))


def test_a_cell_that_siblings_have_is_named():
    table = KNOWLEDGE.tables["contraindications"]
    rows = tuple(row for row in table.rows if (row["drug"], row["criterion"]) != ("tofacitinib", "thrombosis"))
    gaps = missing_cells({**KNOWLEDGE.tables, "contraindications": replace(table, rows=rows)})
    assert any(gap.startswith("tofacitinib, thrombosis: Janus kinase inhibitor") for gap in gaps)
    assert not any(gap.startswith("tofacitinib, thrombosis") for gap in missing_cells(KNOWLEDGE.tables))


NOT_FOR_EVERYBODY = {
    *((name, "tuberculosis_active") for name in ("methotrexate", "rituximab", "leflunomide")),
    ("nitrofurantoin", "g6pd"),
    ("metamizole", "g6pd"),
}
"""Forbidden where it is known; no guideline screens everybody before the first dose."""

IRREVERSIBLE = {
    "pregnancy",
    "contraception",
    "contraception_men",
    "tuberculosis_active",
    "hepatitis_b_active",
    "g6pd",
    "meningococcal_unvaccinated",
    "age_child",
}


def test_what_is_asked_first_follows_one_principle():
    """Forbidden, and harm that cannot be undone by one dose: docs/context.md says it in words."""
    acting = {}
    for row in KNOWLEDGE.rows("contraindications"):
        if row["acts"] == "yes" and row["severity"] != "note":
            acting.setdefault((row["drug"], row["criterion"]), []).append(row["severity"])
    for row in KNOWLEDGE.rows("contraindications"):
        forbids = row["severity"] == "contraindicated" and row["acts"] == "yes" and row["criterion"] in IRREVERSIBLE
        if forbids and row["criterion"] == "pregnancy":
            forbids = "contraindicated" in acting.get((row["drug"], "contraception"), ()) or set(
                acting[row["drug"], "pregnancy"]
            ) == {"contraindicated"}
        elif forbids and row["criterion"] == "age_child":
            forbids = row["unit"] == "years" and row["value"] >= 12
        forbids = forbids and (row["drug"], row["criterion"]) not in NOT_FOR_EVERYBODY
        assert (row["asks_first"] == "yes") is forbids, (row["drug"], row["criterion"])


def test_abbreviations_of_reactions_are_whole_words():
    context = {"age": 40, "therapies": [{"drug": "MMF", "outcome": "intolerance", "reaction": "high blood pressure"}]}
    (own,) = [item for item in known("mycophenolate mofetil", context) if item.criterion == "intolerance"]
    assert own.status is CheckStatus.CONSIDER_ALTERNATIVE
    context["therapies"][0]["reaction"] = "hypertension with PRES"
    (own,) = [item for item in known("mycophenolate mofetil", context) if item.criterion == "intolerance"]
    assert own.status is CheckStatus.AVOID


@pytest.mark.parametrize(
    ("told", "severe"),
    [("rash after ten days", False), ("TEN", True), ("ten", True), ("suspected TEN", True), ("sjs", True)],
)
def test_an_abbreviation_is_no_word_of_the_language(told, severe):
    context = {"age": 40, "therapies": [{"drug": "lamotrigine", "outcome": "intolerance", "reaction": told}]}
    (own,) = [item for item in known("lamotrigine", context) if item.criterion == "intolerance"]
    assert (own.status is CheckStatus.CONTRAINDICATED) is severe


def test_a_rate_warns_where_the_rule_is_on_clearance_and_clears_only_far_from_it():
    def said(egfr: str, **fields):
        checks = respond({}, ["dabigatran"], context={"egfr": egfr, **fields}, today=TODAY).drug("dabigatran").checks
        return [(item.status.value, item.known, item.found) for item in checks if item.criterion == "egfr"]

    assert said("26 mL/min/1.73m2")[0] == (
        "contraindicated",
        True,
        "26 mL/min/1.73m2; the rule is in mL/min",
    )
    assert ("check_first", False) in [item[:2] for item in said("34 mL/min/1.73m2", age=40)]
    assert said("100 mL/min/1.73m2", age=40) == []


def test_shared_reactions_name_what_the_tables_know():
    assert not list(check_cross_reactions(KNOWLEDGE.tables))
    wrong = spoilt("cross_reactions", {"drug": "no such thing"})
    assert any("no drug" in str(item) for item in check_cross_reactions(wrong))
    wrong = spoilt("cross_reactions", {"reaction": "hiccup"})
    assert any("no such row" in str(item) for item in check_cross_reactions(wrong))


def test_the_page_of_coverage_is_what_the_tables_say():
    assert tables() == PAGE.read_text(encoding="utf-8").partition(MARK)[2], "run python tests/safety_coverage.py"


def test_the_page_of_cited_documents_is_what_the_tables_say():
    page = cited_documents.PAGE.read_text(encoding="utf-8").partition(cited_documents.MARK)[2]
    assert page == cited_documents.tables(), "run python tests/cited_documents.py"


def test_every_row_that_acts_cites_the_document_itself():
    found = cited_documents.rests_on()
    acting = [(table, row["citation"], own) for table in cited_documents.ACTING for row, own in found[table]]
    assert [(table, citation) for table, citation, own in acting if not own] == []


@pytest.mark.parametrize(
    ("drug", "cause", "reaction", "said"),
    [
        ("obinutuzumab", "rituximab", "anaphylaxis", "check_first"),
        ("ocrelizumab", "obinutuzumab", "anaphylaxis", "check_first"),
        ("celecoxib", "ibuprofen", "gastric bleeding", "check_first"),
        ("SMX-TMP", "sulfadiazine", "nausea", "check_first"),
        ("sulfasalazine", "sulfadiazine", "SJS", "contraindicated"),
        ("codeine", "oxycodone", "vomiting", "check_first"),
        ("belimumab", "rituximab", "anaphylaxis", None),
    ],
)
def test_a_class_is_one_whatever_tells_its_drugs_apart(drug, cause, reaction, said):
    course = {"drug": cause, "outcome": "intolerance", "reaction": reaction, "stop": "2025-01-01"}
    found = respond({}, [drug], context={"age": 40, "therapies": [course]}, today=TODAY).drug(drug)
    assert [item.status.value for item in found.checks if item.criterion == "intolerance"] == ([said] if said else [])


@pytest.mark.parametrize(
    ("drug", "taken", "kindred"),
    [
        ("lovastatin", "clarithromycin", ""),  # it has a row of its own
        ("pitavastatin", "clarithromycin", "lovastatin, of the same class: contraindicated"),
        ("edoxaban", "tacrolimus", "dabigatran, of the same class: avoid"),
        ("pravastatin", "metoprolol", ""),
        ("dabigatran", "cyclosporine", ""),
    ],
)
def test_a_pair_that_nobody_looked_at_is_said_where_it_is_forbidden_to_a_kindred_drug(drug, taken, kindred):
    found = respond({}, [drug], context={"age": 40, "co_medication": [taken]}, today=TODAY).drug(drug)
    told = f"use together with {taken} ({kindred})"
    assert (told in str(found)) is bool(kindred)
    assert "of the same class" not in str(found) or kindred
