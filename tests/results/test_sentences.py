"""The words of a drug, sentence by sentence: what comes first, what is named, and what is left out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from builder import VcfBuilder

from lupus_pgx import load_knowledge, respond
from lupus_pgx.results import sentences

TODAY = "2026-11-29"
NORMAL, HALF = {"TPMT": "*1/*1", "NUDT15": "*1/*1"}, {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
POOR, ONE, OPEN = {"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}, {"TPMT": "*1/*3A"}, {"TPMT": "*1/*1"}
MORE = {"CYP3A5": "*1/*1"}
KIDNEY = {"egfr": "20 mL/min/1.73m2", "age": 50}
LOW = {"planned": [{"drug": "azathioprine", "dose": "1 mg/kg/day"}], "weight": "60 kg"}


def told(drug, calls, knowledge=None, **context):
    options = {} if knowledge is None else {"knowledge": knowledge}
    return respond(calls, [drug], context=context or None, today=TODAY, **options).drug(drug)


def beside(*drugs):
    return {"co_medication": list(drugs)}


def level(drug, quantity, value, *drugs):
    return {"values": {quantity: value}, "co_medication": [drug, *drugs]}


# --- which comes first --------------------------------------------------------------------------

TROUGH = "trough in whole blood above the target (8 ng/mL, range 4-6 ng/mL)"
FILTRATION = "kidney function at most 50 mL/min (20 mL/min/1.73m2; the rule is in mL/min; 75% of the usual dose)"
STARTS = {
    "the genotype alone": ("azathioprine", HALF, {}, "the guideline gives 30-80%"),
    "the context that asks for more": (
        "azathioprine",
        HALF,
        beside("allopurinol"),
        "avoid: with allopurinol. Genotype:",
    ),
    "the genotype that asks for as much": ("azathioprine", POOR, beside("allopurinol"), "the genotype speaks against"),
    "what no row answers of a drug beside follows": (
        *("hydroxychloroquine", {"G6PD": "Normal"}, beside("levothyroxine")),
        "the genotype asks for no change",
    ),
    "what was not looked at comes before a genotype": (
        *("hydroxychloroquine", {"G6PD": "Normal"}, {"conditions": {"osteoporosis": True}}),
        "Not looked at for this drug: osteoporosis (yes). Genotype:",
    ),
    "a level before a genotype that asks for as much": (
        *("phenytoin", {"CYP2C9": "*3/*3"}, level("phenytoin", "phenytoin_level", "40 mg/L")),
        "lower the dose: phenytoin in serum, total above the target (40 mg/L, range 10-20 mg/L). Genotype:",
    ),
    "also with a drug beside": (
        *("phenytoin", {"CYP2C9": "*3/*3"}, level("phenytoin", "phenytoin_level", "40 mg/L", "omeprazole")),
        "lower the dose: phenytoin in serum, total above the target",
    ),
    "but behind one that forbids the drug": (
        *("phenytoin", {"HLA-B": "*15:02/*07:02"}, level("phenytoin", "phenytoin_level", "40 mg/L")),
        "the genotype speaks against",
    ),
    "a dose below every rule": ("azathioprine", HALF, LOW, "at 1 mg/kg/day no share of the dose is given: "),
    "what else is asked before it": (
        *("azathioprine", HALF, LOW | KIDNEY),
        f"adjust dose: {FILTRATION}. At 1 mg/kg/day",
    ),
}


@pytest.mark.parametrize("name", STARTS)
def test_what_a_statement_begins_with(name):
    drug, calls, context, start = STARTS[name]
    found = sentences.statement_of(told(drug, calls, **context))
    assert found[: len(start)] == start


@pytest.mark.parametrize(
    ("calls", "context", "strictest", "said"),
    [
        (HALF, {}, "the guideline gives", ""),
        (HALF, beside("allopurinol"), "avoid: with allopurinol.", "avoid: with allopurinol."),
        (POOR, beside("allopurinol"), "the genotype speaks against", ""),
    ],
)
def test_the_strictest_alone(calls, context, strictest, said):
    found = told("azathioprine", calls, **context)
    assert sentences.strictest_of(found).startswith(strictest)
    assert (strictest == said) is (sentences.strictest_of(found) == said)
    assert sentences.context_said(found) == said


def test_what_was_not_enough_before_ends_a_statement():
    course = {"drug": "azathioprine", "outcome": "inadequate_response", "start": "2024-01-01", "stop": "2025-09-01"}
    found = told("azathioprine", HALF, **KIDNEY, therapies=[course])
    assert sentences.earlier_text(found) == "Not enough response before (2024-2025)."
    assert sentences.statement_of(found).endswith(". Not enough response before (2024-2025).")
    assert sentences.earlier_text(told("azathioprine", HALF, **KIDNEY)) == ""


@pytest.mark.parametrize(
    ("calls", "missing"),
    [
        (ONE, "not assessed: NUDT15: 4 essential loci, which could still mean: avoid."),
        (
            OPEN,
            "not assessed: NUDT15: 4 essential loci, which could mean: usual dose, reduce dose or avoid. "
            "But: DPWG: test first.",
        ),
        ({"TPMT": "*3A/*3A"}, "not assessed: NUDT15: 4 essential loci, which cannot change this."),
        ({"NAT2": "*5/*5"}, ""),
    ],
)
def test_what_is_missing_could_change_an_answer_or_not(calls, missing):
    drug = "isoniazid" if "NAT2" in calls else "azathioprine"
    found = sentences.genotype_sentence(told(drug, calls))
    assert found.endswith(missing)
    assert ("not assessed" in found) is bool(missing)


def test_what_only_informs_is_not_decided_by_what_is_missing():
    found = sentences.genotype_sentence(told("isoniazid", {}))
    assert found == "undecided; not assessed: NAT2: 6 essential loci."
    found = sentences.genotype_sentence(told("cyclophosphamide", {"GSTP1 I105V": "V/V"}))
    assert found.endswith("not assessed: CYP2C19: 11 essential loci.")


FDA = "FDA-azathioprine-TPMT-IM"


@pytest.mark.parametrize(
    ("action", "response", "share", "begins"),
    [
        ("reduce_dose", "increased_toxicity", "", "at 1 mg/kg/day no share of the dose is given"),
        ("standard", "typical", "1", "at 1 mg/kg/day no share of the dose is given"),
        ("avoid", "increased_toxicity", "", "the guideline gives 30-80%"),
    ],
)
def test_below_every_rule_is_no_dose_where_another_body_forbids_the_drug(action, response, share, begins, tmp_path):
    row = dict(next(row for row in load_knowledge().rows("guidance") if row["rule"] == FDA))
    row |= {"action": action, "predicted_response": response, "factor_low": share, "factor_high": share}
    cells = {name: "" if value is None else str(value) for name, value in row.items() if name != "source"}
    lines = "\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n"
    (tmp_path / "guidance.tsv").write_text(lines, encoding="utf-8")
    found = told("azathioprine", HALF, load_knowledge(tmp_path), **LOW)
    assert sentences.statement_of(found).startswith(begins)


# --- what the context asks for ------------------------------------------------------------------

ASKED = {
    "a level alone": (
        "tacrolimus",
        MORE,
        level("tacrolimus", "tacrolimus_trough", "8 ng/mL"),
        f"lower the dose: {TROUGH}.",
    ),
    "a level before what is stricter": (
        *("tacrolimus", MORE, level("tacrolimus", "tacrolimus_trough", "8 ng/mL", "cyclosporine")),
        f"measured: {TROUGH}; contraindicated: with cyclosporine.",
    ),
    "what is watched is counted beside the rest": (
        *("tacrolimus", MORE, level("tacrolimus", "tacrolimus_trough", "8 ng/mL", "fluconazole")),
        f"lower the dose: {TROUGH}. Closer monitoring for 1 reason.",
    ),
    "two are watched": (
        *("tacrolimus", MORE, beside("fluconazole", "voriconazole", "omeprazole")),
        "adjust dose: with voriconazole (33% of the usual dose). Closer monitoring for 2 reasons.",
    ),
    "nothing else than what is watched": ("tacrolimus", MORE, beside("fluconazole"), "monitor: with fluconazole."),
    "nothing": ("tacrolimus", MORE, {}, ""),
    "no dose of what is forbidden": ("rosuvastatin", {}, beside("cyclosporine"), "contraindicated: with cyclosporine."),
    "nor of what is advised against": ("rosuvastatin", {}, beside("gemfibrozil"), "avoid: with gemfibrozil."),
    "the dose of the partner": (
        *("phenytoin", {"CYP2C9": "*3/*3"}, beside("voriconazole")),
        "adjust dose: with voriconazole (the dose of voriconazole).",
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_the_context_asks_for(name):
    drug, calls, context, text = ASKED[name]
    assert sentences.pressing_text(told(drug, calls, **context)) == text


@pytest.mark.parametrize(
    ("above", "text"),
    [
        ("contraindicated", "with febuxostat; adjust dose: kidney function at most 50 mL/min"),
        ("adjust dose", "contraindicated: with febuxostat; adjust dose: kidney function at most 50 mL/min"),
        ("", "contraindicated: with febuxostat; adjust dose: kidney function at most 50 mL/min"),
    ],
)
def test_the_word_that_stands_above_is_not_said_again(above, text):
    found = told("azathioprine", HALF, **beside("febuxostat"), **KIDNEY)
    assert sentences.pressing_text(found, above).startswith(text)


# --- why, and which test ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug", "calls", "context", "reason"),
    [
        ("azathioprine", POOR, {}, "TPMT"),
        ("azathioprine", HALF, {}, "TPMT, NUDT15"),
        ("azathioprine", ONE, {}, "TPMT"),
        ("azathioprine", OPEN, {}, "not assessed: NUDT15"),
        ("isoniazid", {"NAT2": "*5/*4 or *5/*5"}, {}, ""),
        ("azathioprine", HALF, beside("allopurinol"), "with allopurinol"),
        ("belimumab", {}, {"igg": "3.5 g/L"}, "IgG"),
        ("tacrolimus", MORE, level("tacrolimus", "tacrolimus_trough", "8 ng/mL", "cyclosporine"), "with cyclosporine"),
    ],
)
def test_what_the_strictest_word_is_for(drug, calls, context, reason):
    assert sentences.first_reason(told(drug, calls, **context)) == reason


@pytest.mark.parametrize(
    ("drug", "calls", "context", "tests"),
    [
        ("azathioprine", {}, {}, "not assessed: NUDT15, TPMT"),
        ("azathioprine", {"TPMT": "*3A/*3C or *1/*3A"}, {}, "not assessed: NUDT15; TPMT, not settled"),
        ("azathioprine", NORMAL, {}, "TPMT, NUDT15 beside the genotype"),
        ("belimumab", {}, {}, ""),
        (
            *("tacrolimus", MORE),
            level("tacrolimus", "tacrolimus_trough", "1 ng/mL", "fluconazole"),
            "told: whether it is taken, being near nothing",
        ),
        ("tacrolimus", MORE, beside("voriconazole"), ""),
    ],
)
def test_which_test_comes_first(drug, calls, context, tests):
    assert sentences.tests_asked(told(drug, calls, **context)) == tests


def test_a_gene_that_was_seen_in_part_is_named_so(fx_analyze):
    def of(*left_out):
        file = VcfBuilder(genes=("TPMT", "NUDT15")).drop(*left_out)
        return fx_analyze(file, drugs=["azathioprine"]).patient("S1").drug("azathioprine")

    part = of("rs1142345")
    assert sentences.tests_asked(part) == "only partly seen: TPMT"
    assert sentences.first_reason(part) == sentences.open_keys(part) == "only partly seen: TPMT"
    whole = of(*(locus.name for locus in load_knowledge().loci_by_gene["TPMT"]))
    assert sentences.tests_asked(whole) == "not assessed: TPMT"
    assert sentences.open_keys(whole) == "not assessed: TPMT"


# --- what the genotype says ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug", "calls", "words"),
    [
        ("azathioprine", HALF, "increased toxicity"),
        ("azathioprine", NORMAL, "typical"),
        ("isoniazid", {"NAT2": "*5/*5"}, "increased toxicity, weak evidence"),
        ("isoniazid", {}, "indeterminate"),
        ("belimumab", {}, "no validated marker"),
    ],
)
def test_what_is_expected(drug, calls, words):
    assert sentences.expected_words(told(drug, calls)) == words


@pytest.mark.parametrize(
    ("drug", "calls", "context", "conflicts"),
    [
        ("rituximab", {"FCGR3A F158V": "V/V"}, {}, True),
        ("rituximab", {"FCGR3A F158V": "V/V"}, {"active_infection": "severe"}, True),
        ("isoniazid", {"NAT2": "*5/*5"}, {}, False),
        ("isoniazid", {"NAT2": "*5/*5"}, beside("carbamazepine"), False),
    ],
)
def test_evidence_conflicts_where_studies_do_and_not_where_the_context_objects(drug, calls, context, conflicts):
    found = told(drug, calls, **context)
    assert bool(context) is any(item.kind == "context" for item in found.conflicts)
    assert ("evidence conflicts" in sentences.genotype_sentence(found)) is conflicts


@pytest.mark.parametrize(
    ("calls", "context", "named", "word"),
    [
        (NORMAL, {}, [], "usual dose"),
        (NORMAL, {}, ["a course that failed"], "named by the review"),
        (HALF, {}, ["a course that failed"], "reduce dose"),
        (NORMAL, beside("allopurinol"), ["a course that failed"], "avoid"),
    ],
)
def test_what_the_review_names_is_not_called_as_usual(calls, context, named, word):
    found = told("azathioprine", calls, **context)
    assert sentences.shown_word(found, named).label == word


BRIEF = {
    "alone": ("azathioprine", HALF, {}, ""),
    "which asks for as much": ("azathioprine", POOR, beside("allopurinol"), ""),
    "a usual dose": ("azathioprine", NORMAL, beside("allopurinol"), ""),
    "which is only watched": ("azathioprine", OPEN, beside("febuxostat"), ""),
    "a smaller dose of what is forbidden": (
        *("azathioprine", HALF, beside("allopurinol")),
        "Genotype: reduce dose to 30-80% if it is given at all (NUDT15, TPMT).",
    ),
    "of which one gene was not seen": (
        *("azathioprine", ONE, beside("febuxostat")),
        "Genotype: reduce dose to 30-80% if it is given at all (TPMT).",
    ),
    "a larger dose of what is divided": (
        *("tacrolimus", MORE, beside("voriconazole")),
        "Genotype: increase dose (CYP3A5).",
    ),
    "an alternative": (
        *("simvastatin", {"SLCO1B1": "*1/*5"}, beside("cyclosporine")),
        "Genotype: consider alternative (SLCO1B1).",
    ),
    "a smaller dose that holds behind a check": (
        *("celecoxib", {"CYP2C9": "*3/*3"}, {"conditions": {"asthma": True}}),
        "Genotype: reduce dose to 25-50% (CYP2C9).",
    ),
    "a test": (
        *("azathioprine", {}, beside("febuxostat")),
        "Genotype: test first (not assessed: NUDT15, TPMT).",
    ),
}


@pytest.mark.parametrize("name", BRIEF)
def test_the_genotype_behind_a_context(name):
    drug, calls, context, text = BRIEF[name]
    assert sentences.genotype_in_brief(told(drug, calls, **context)) == text


@pytest.mark.parametrize(
    ("calls", "context", "still"),
    [
        (ONE, {}, "not assessed: NUDT15, which could still mean: avoid"),
        (ONE, beside("febuxostat"), ""),  # nothing is stricter than what is said
        (HALF, {}, ""),
        ({}, {}, ""),  # what waits for its test says so itself
        (OPEN, {}, ""),
        ({"TPMT": "*3A/*3C or *1/*3A"}, {}, ""),
    ],
)
def test_what_could_still_come(calls, context, still):
    assert sentences.could_still(told("azathioprine", calls, **context)) == still


# --- doses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug", "calls", "context", "words", "own", "asked"),
    [
        ("azathioprine", NORMAL, {}, "", (None, None), (None, None)),
        ("azathioprine", HALF, {}, "30-80% of the usual starting dose", (0.3, 0.8), (None, None)),
        ("azathioprine", POOR, {}, "", (None, None), (None, None)),
        ("azathioprine", HALF, beside("allopurinol"), "", (None, None), (None, None)),
        (
            *("azathioprine", HALF, KIDNEY),
            "30-80% of the usual starting dose by the genotype; 75% of the usual dose by the context",
            *((0.3, 0.8), (0.75, 0.75)),
        ),
        ("azathioprine", NORMAL, KIDNEY, "75% of the usual dose", (None, None), (0.75, 0.75)),
        ("azathioprine", {}, KIDNEY, "75% of the usual dose", (None, None), (0.75, 0.75)),
        (
            "tacrolimus",
            MORE,
            {},
            "1.5-2 times the usual starting dose; at most 0.3 mg/kg/day",
            (1.5, 2),
            (None, None),
        ),
        (
            *("tacrolimus", MORE, beside("voriconazole")),
            *("33% of the usual dose; at most 0.3 mg/kg/day", (None, None), (0.33, 0.33)),
        ),
        (
            *("tacrolimus", MORE, level("tacrolimus", "tacrolimus_trough", "1 ng/mL", "voriconazole")),
            *("at most 0.3 mg/kg/day", (None, None), (None, None)),
        ),
        (
            *("colchicine", {}, beside("itraconazole", "verapamil")),
            *("33-50% of the usual dose; at most 0.9 mg per flare", (None, None), (0.33, 0.5)),
        ),
        ("cyclosporine", {}, beside("ritonavir", "voriconazole"), "50% of the usual dose", (None, None), (0.5, 0.5)),
        ("simvastatin", {"SLCO1B1": "*5/*5"}, beside("amlodipine"), "", (None, None), (None, None)),
        ("simvastatin", {}, beside("amlodipine", "diltiazem"), "at most 10 mg/day", (None, None), (None, None)),
    ],
)
def test_the_dose_of_genotype_and_context(drug, calls, context, words, own, asked):
    found = told(drug, calls, **context)
    assert sentences.dose_words(found) == words
    assert (sentences.own_share(found), sentences.asked_share(found)) == (own, asked)


@pytest.mark.parametrize(
    ("rows", "genes", "text"),
    [
        (False, (), ""),
        (True, (), "Rests on rows of an overlay."),
        (False, ("TPMT",), "What TPMT means rests on rows of an overlay."),
        (False, ("TPMT", "NUDT15"), "What TPMT, NUDT15 mean rests on rows of an overlay."),
    ],
)
def test_an_overlay_behind_it_is_told(rows, genes, text):
    assert sentences._overlay_text(SimpleNamespace(overlaid=rows, overlaid_genes=genes)) == text


@pytest.mark.parametrize(
    ("drug", "calls", "context", "reason"),
    [
        ("azathioprine", HALF, {}, "genotype: TPMT, NUDT15"),
        ("azathioprine", ONE, {}, "genotype: TPMT"),
        ("azathioprine", {}, {}, "not assessed: NUDT15, TPMT"),
        ("azathioprine", HALF, beside("allopurinol"), "with allopurinol"),
        ("MMF", {}, {"conditions": {"pregnancy": True}}, "told: pregnancy"),
        ("abatacept", {}, {}, ""),
    ],
)
def test_whose_reason_it_is_stands_before_it(drug, calls, context, reason):
    assert sentences.reason_told(told(drug, calls, **context)) == reason


def test_three_tests_are_named_without_a_rest():
    found = told("adalimumab", {}, conditions=["breast cancer", "hepatitis B"])
    assert sentences.tests_asked(found) == "told: hepatitis B or C, malignancy; not told: active tuberculosis"


USUAL = "Genotype: usual dose (NUDT15 *1/*1 Normal Metabolizer, TPMT *1/*1 Normal Metabolizer)."
IN_A_LIST = {
    "the genotype alone": ("azathioprine", HALF, {}, "the guideline gives 30-80%"),
    "a smaller dose behind": (
        *("azathioprine", HALF, beside("allopurinol")),
        "avoid: with allopurinol. Genotype: a lower dose is expected",
    ),
    "the usual dose behind": ("azathioprine", NORMAL, beside("allopurinol"), f"avoid: with allopurinol. {USUAL}"),
    "a gene that is open": (
        *("azathioprine", OPEN, beside("allopurinol")),
        "avoid: with allopurinol. Genotype: undecided; CPIC 2025: usual dose with closer monitoring so far; known",
    ),
    "the usual dose of an adjusted genotype": (
        *("codeine", {"CYP2D6": "*1/*1x2"}, {"age": 8, **beside("duloxetine")}),
        "contraindicated: under 12 years (8 years); monitor: with duloxetine. Genotype: the genotype with the co-",
    ),
    "a dose below the rules": ("azathioprine", NORMAL, LOW, "the genotype asks for no change of the usual dose"),
    "a highest dose": (
        *("simvastatin", {"SLCO1B1": "*1/*1"}, beside("cyclosporine", "amlodipine")),
        "contraindicated: with cyclosporine; adjust dose: with amlodipine (at most 20 mg/day). "
        "Genotype: the genotype asks for no change",
    ),
}


@pytest.mark.parametrize("name", IN_A_LIST)
def test_a_drug_in_a_list_says_nothing_twice(name):
    drug, calls, context, start = IN_A_LIST[name]
    assert sentences.listed_statement(told(drug, calls, **context), "", ()).startswith(start)


def test_that_no_genotype_tells_anything_is_not_said_of_each_drug():
    found = told("abatacept", {}, conditions={"active_infection": True})
    assert "Genotype" not in sentences.listed_statement(found, "", ())
    smoker = told("celecoxib", {"CYP2C9": "*1/*1"}, conditions={"smoking": True})
    assert sentences.listed_statement(smoker, "", ()).startswith("check first: smoking (yes).")
    assert sentences.listed_statement(smoker, "", ("yes",)).startswith("check first: smoking.")


# --- whose word it is, and how sure -------------------------------------------------------------
CAPS = {
    "of the context, behind the sentence of the genotype": (
        *("azathioprine", NORMAL, {"pregnancy": True, "age": 30}),
        "; rule of CPIC 2025, strong; non-malignant disease; genotype certain for this. "
        "At most 2 mg/kg/day: pregnancy.",
    ),
    "of the context, where its word has it already": (
        *("citalopram", {"CYP2C19": "*17/*17"}, {"age": 70}),
        "because of CYP2C19 *17/*17 Ultrarapid Metabolizer; rule of CPIC 2023, strong; adults on an antidepressant; "
        "genotype certain for this. Clinical context: adjust dose: over 60 years (70 years; at most 20 mg/day).",
    ),
    "of the guideline": (
        *("tacrolimus", MORE, {}),
        "because of CYP3A5 *1/*1 Normal Metabolizer; at most 0.3 mg/kg/day; rule of CPIC 2015, strong; ",
    ),
    "of the context, below that of the guideline": (
        *("rosuvastatin", {"SLCO1B1": "*5/*5", "ABCG2": "rs2231142 reference (G)/rs2231142 reference (G)"}),
        beside("cyclosporine", "rosuvastatin"),
        "",
    ),
    "of no drug that is not to be given": (*("azathioprine", POOR, {"pregnancy": True, "age": 30}), ""),
}


@pytest.mark.parametrize("name", CAPS)
def test_a_highest_dose_stands_with_whose_it_is(name):
    drug, calls, context, text = CAPS[name]
    found = told(drug, calls, **context)
    said = sentences.statement_of(found)
    assert text in said
    if found.told_caps:
        own = said.partition("rule of ")[0].rpartition("because of")[2]
        assert "at most" not in own
    if found.overall_action == "avoid" and not found.judgement.cap:
        assert "at most" not in said.lower()


def test_a_highest_dose_of_the_context_is_part_of_the_sentence_of_the_genotype_alone():
    found = told("citalopram", {"CYP2C19": "*17/*17"}, age=70)
    assert sentences.genotype_sentence(found).endswith("genotype certain for this. At most 20 mg/day: over 60 years.")


@pytest.mark.parametrize(
    ("drug", "calls", "others"),
    [
        ("venlafaxine", {"CYP2D6": "*1/*4"}, "But: DPWG: avoid."),
        ("venlafaxine", {"CYP2D6": "*41/*41"}, "But: DPWG: avoid."),
        ("warfarin", {"CYP2C9": "*1/*3"}, "But: DPWG: reduce dose."),
        ("metoprolol", {"CYP2D6": "*1/*4"}, "But: DPWG: reduce dose at 50% of the usual dose."),
        ("azathioprine", OPEN, "But: DPWG: test first."),
        # What a body asks for less is no warning: that another raises the dose more, or calls it usual.
        ("venlafaxine", {"CYP2D6": "*2x3/*2"}, ""),
        ("tacrolimus", MORE, ""),
        ("azathioprine", NORMAL, ""),
    ],
)
def test_a_body_that_asks_for_more_is_named(drug, calls, others):
    found = told(drug, calls)
    assert sentences.other_bodies(found) == others
    assert others in sentences.statement_of(found)


def test_no_share_of_another_body_stands_beside_what_forbids_the_drug():
    found = told("metoprolol", {"CYP2D6": "*1/*4"}, conditions={"high_degree_block": True})
    assert found.overall_action == "avoid"
    assert sentences.other_bodies(found) == "But: DPWG: reduce dose."


def test_a_guideline_without_advice_is_named_and_nothing_is_called_missing():
    said = sentences.statement_of(told("venlafaxine", {"CYP2D6": "*1/*4"}))
    assert said.startswith("undecided: CPIC 2023 gives no advice for CYP2D6 *1/*4 Intermediate Metabolizer.")
    assert "known so far" not in said


@pytest.mark.parametrize(
    ("drug", "calls", "sure"),
    [
        ("azathioprine", HALF, "genotype certain for this."),
        ("azathioprine", ONE, "genotype certain for this, of the genes assessed; not assessed: NUDT15"),
        ("azathioprine", {"TPMT": "*3A/*3A"}, "genotype certain for this; not assessed: NUDT15"),
        ("phenytoin", {"CYP2C9": "*1/*3"}, "genotype certain for this, of the genes assessed; not assessed: HLA-B"),
    ],
)
def test_nothing_is_certain_while_a_gene_could_mean_something_else(drug, calls, sure):
    found = told(drug, calls)
    assert sure in f"{sentences.genotype_sentence(found)}"
    assert found.certainty == 1


def test_what_the_other_genotypes_ask_for_is_said_beside_the_certainty(fx_analyze):
    file = VcfBuilder(genes=("TPMT", "NUDT15")).change("rs1800460=0/1", "rs1142345=0/1")
    found = fx_analyze(file, drugs=["azathioprine"]).patient("S1").drug("azathioprine")
    assert "genotype 97.6% certain for this, else avoid" in sentences.genotype_sentence(found)
    assert [action.value for action in found.judgement.otherwise] == ["avoid"]
    assert told("azathioprine", HALF).judgement.otherwise == ()


def test_a_structure_that_was_not_seen_is_said_beside_the_certainty(fx_analyze):
    patient = fx_analyze(VcfBuilder(genes=("CYP2B6", "CYP2C19")), drugs=["sertraline"]).patient("S1")
    found = patient.drug("sertraline")
    assert (found.action, found.certainty) == ("standard", 1)
    assert "genotype certain for this, if no structural variant" in sentences.genotype_sentence(found)
    assert "(probable if no structural variant)" in str(patient.gene("CYP2B6")) + str(patient)
    given = told("sertraline", {"CYP2B6": "*1/*1", "CYP2C19": "*1/*1"})
    assert "structural" not in sentences.genotype_sentence(given)


# --- a level above its range --------------------------------------------------------------------


@pytest.mark.parametrize("value", ["8 ng/mL", "25 ng/mL"])
def test_a_level_above_its_range_lowers_the_dose_and_no_genotype_raises_it(value):
    found = told("tacrolimus", MORE, **level("tacrolimus", "tacrolimus_trough", value))
    assert (found.action, found.overall_action) == ("increase_dose", "reduce_dose")
    said = sentences.statement_of(found)
    assert said.startswith("lower the dose: trough in whole blood above the target")
    assert "the measured level decides the dose, not the genotype (CYP3A5 *1/*1 Normal Metabolizer)" in said
    assert "higher dose" not in said
    assert sentences.genotype_in_brief(found) == ""


def test_a_level_that_is_not_above_its_range_leaves_the_genotype_its_word():
    low = told("tacrolimus", MORE, **level("tacrolimus", "tacrolimus_trough", "4.5 ng/mL"))
    assert "the measured level decides" not in sentences.statement_of(low)
