"""Therapy options: each once, sorted as stated, with a word that follows from the predicted response."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from helpers import optional
from hypothesis import given, settings
from hypothesis import strategies as st

from lupus_pgx import load_knowledge, respond
from lupus_pgx.review.genome_word import DrugWord, drug_word
from lupus_pgx.terms import Action, CheckStatus, GenomeWord
from lupus_pgx.words.vocabulary import NO_CHANGE

KNOWLEDGE = load_knowledge()
TABLE = KNOWLEDGE.therapy_options
MANIFESTATIONS = sorted(set(TABLE.manifestation) - {"all"})
STEROIDS = set(KNOWLEDGE.drugs[KNOWLEDGE.drugs.drug_class == "glucocorticoid"].drug)
CALLS = {
    "TPMT": ["*1/*1", "*1/*3A", "*3A/*3A"],
    "NUDT15": ["*1/*1", "*1/*3", "*3/*3"],
    "CYP3A5": ["*1/*1", "*3/*3"],
    "CYP2C19": ["*1/*1", "*2/*2"],
    "FCGR3A": ["V/V", "F/F"],
    "UGT1A9 -275T>A": ["T/T", "T/A"],
    "APOL1": ["G1/G2", "G0/G0"],
}
TRIED = ["MMF", "AZA", "cyclophosphamide", "rituximab", "belimumab", "tacrolimus", "HCQ", "prednisone"]


GENOTYPES = optional(**{gene: st.sampled_from(names) for gene, names in CALLS.items()})
THERAPIES = st.lists(
    st.builds(
        lambda drug, outcome: {"drug": drug, "outcome": outcome},
        st.sampled_from(TRIED),
        st.sampled_from(["inadequate_response", "response"]),
    ),
    max_size=4,
    unique_by=lambda item: item["drug"],
)
CONTEXTS = st.builds(
    lambda names, mechanism, therapies, planned, fields: (
        {
            "manifestations": {
                name: {"mechanism": mechanism} if mechanism and name.startswith("neuro") else {} for name in names
            },
            "therapies": therapies,
            "planned": [{"drug": name} for name in planned],
        }
        | fields
    ),
    st.lists(st.sampled_from(MANIFESTATIONS), min_size=1, max_size=3, unique=True),
    st.sampled_from([None, "inflammatory", "thrombotic", "mixed"]),
    THERAPIES,
    st.lists(st.sampled_from(TRIED), max_size=2, unique=True),
    optional(pregnancy=st.booleans(), active_infection=st.sampled_from(["none", "severe"]), igg=st.just("2 g/L")),
)


BACKGROUND = {drug for cell in TABLE[TABLE.stage == "background"].drugs for drug in cell.split(";")}
DISEASE = ("first", "alternative", "rescue", "trial-only", "refractory")


def active(option) -> set[str]:
    drugs = set(option.drugs)
    return drugs - BACKGROUND - STEROIDS or drugs


def stated_group(option, context: dict, responses) -> int:
    """Return the first keys, worked out a second time."""
    taken = {KNOWLEDGE.drug(item["drug"]).drug for item in context["therapies"] if item["outcome"] == "ongoing"}
    planned = {KNOWLEDGE.drug(item["drug"]).drug for item in context["planned"]}
    only_planned = planned - taken - set(option.drugs)
    against = {check.status.value for check in option.checks if check.known and check.partner not in only_planned}
    against |= {option.unlooked.value} if option.unlooked else set()
    against |= {"avoid"} if option.barred else set()
    failed = {
        KNOWLEDGE.drug(item["drug"]).drug for item in context["therapies"] if item["outcome"] == "inadequate_response"
    }
    known = [drug for drug in option.drugs if drug in set(KNOWLEDGE.drugs.drug)]
    # Glucocorticoids by themselves are one treatment; background therapy is no line that fails.
    drugs = active(option)
    exhausted = bool(drugs & failed) if drugs <= STEROIDS else drugs <= failed
    if option.stage == "against":
        return 5
    if drugs and exhausted and option.stage != "background":
        return 4
    if against & {"contraindicated", "avoid"}:
        return 3 if "contraindicated" in against else 2
    return int(any(responses(drug).action in ("avoid", "consider_alternative") for drug in known))


@pytest.mark.slow
def check_each_option_stands_once_and_where_the_keys_put_it(calls, context):
    patient = respond(calls, context=context)
    frame = patient.options.to_frame()
    if context.get("active_infection") == "severe":
        assert frame[["manifestation", "stage", "rank"]].to_numpy().tolist() == [["all", "against", 1]]
        return
    assert list(dict.fromkeys(frame.manifestation)) == list(context["manifestations"])
    assert not frame.duplicated(["manifestation", "option"]).any()
    options = patient.resistance.options if patient.resistance else ()
    worked = {item["drug"] for item in context["therapies"] if item["outcome"] == "response"}
    failed = {item["drug"] for item in context["therapies"] if item["outcome"] == "inadequate_response"}
    for option in options:
        row = option.row
        if failed:
            assert option.stage != "maintenance"
        elif worked:
            assert option.stage not in DISEASE or row["order"] <= 0 or row["lasting"]
        if not failed - {"HCQ", "prednisone"}:
            assert "failed >=" not in (row["applies_when"] or "")
    for _, group in itertools.groupby(options, key=lambda option: option.manifestation):
        keys = [stated_group(option, context, patient.drug) for option in group]
        assert keys == sorted(keys)
    for option in options:
        tried = {KNOWLEDGE.drug(item["drug"]).drug: item["outcome"] for item in context["therapies"]}
        assert {text.partition(" (")[0] for text in option.tried} == tried.keys() & set(option.drugs)
        planned = {KNOWLEDGE.drug(item["drug"]).drug for item in context["planned"]}
        assert option.planned is bool(planned & active(option))


@settings(max_examples=8, deadline=None)
@given(GENOTYPES, CONTEXTS)
def test_each_option_stands_once_and_where_the_keys_put_it(calls, context):
    check_each_option_stands_once_and_where_the_keys_put_it(calls, context)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(GENOTYPES, CONTEXTS)
def test_each_option_stands_once_and_where_the_keys_put_it_on_many(calls, context):
    check_each_option_stands_once_and_where_the_keys_put_it(calls, context)


GUIDELINE = {
    "avoid": "speaks against",
    "consider_alternative": "speaks against",
    "reduce_dose": "dose differently",
    "increase_dose": "dose differently",
    "test_first": "test first",
    "monitor": "neutral",
    "standard": "neutral",
}
WEAK = {
    "increased_efficacy": "supports",
    "reduced_efficacy": "speaks against",
    "increased_toxicity": "speaks against",
    "reduced_exposure": "dose differently",
    "increased_exposure": "dose differently",
    "indeterminate": "not assessed",
    "no_validated_marker": "no marker",
}


def check_the_word_follows_from_the_response(calls):
    context = {
        "manifestations": {name: {} for name in MANIFESTATIONS},
        "therapies": [{"drug": "HCQ", "outcome": "ongoing"}],
    }
    patient = respond(calls, context=context)
    for option in patient.resistance.options:
        assert [item.drug for item in option.words] == list(option.drugs)
        for item in option.words:
            if item.drug not in set(KNOWLEDGE.drugs.drug):
                assert (item.word, item.reason) == ("no marker", "not among the drugs of the tables")
                continue
            response = patient.drug(item.drug)
            weak = response.action == "informative_only"
            expected = (WEAK if weak else GUIDELINE).get(response.response.value if weak else response.action.value)
            if response.response == "indeterminate" and not weak:
                assert item.word in ("test first", "neutral")
            else:
                assert item.word == (expected or "neutral")
            assert item.weak is weak
        order = ["supports", "neutral", "no marker", "not assessed", "dose differently", "test first", "speaks against"]
        firm = [item for item in option.words if not item.weak and order.index(item.word) > 3]
        asking = firm or [item for item in option.words if order.index(item.word) > 3]
        if asking:
            assert option.genome.word == max((item.word for item in asking), key=order.index)
            assert ("weak" in option.genome.shown) is (not firm)


@settings(max_examples=5, deadline=None)
@given(GENOTYPES)
@pytest.mark.slow
def test_the_word_follows_from_the_response(calls):
    check_the_word_follows_from_the_response(calls)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(GENOTYPES)
def test_the_word_follows_from_the_response_on_many(calls):
    check_the_word_follows_from_the_response(calls)


# --- one by one -------------------------------------------------------------------------------


def options(calls=None, drugs=None, **context):
    context = {"therapies": [{"drug": "HCQ", "outcome": "ongoing"}]} | context
    found = respond(calls or {}, drugs, context=context).resistance.options
    return {item.option: item for item in found}


@pytest.mark.parametrize(
    ("mechanism", "thrombotic_first"), [("thrombotic", True), ("inflammatory", False), ("mixed", None)]
)
def test_the_form_of_neuropsychiatric_lupus(mechanism, thrombotic_first):
    names = list(options(manifestations={"neuropsychiatric lupus": {"mechanism": mechanism}}))
    assert names[0].startswith("attribute first")
    places = [names.index(f"{name} in thrombotic disease") for name in ("anticoagulant", "antiplatelet")]
    inflammatory = [names.index(name) for name in ("high-dose glucocorticoid", "glucocorticoid + cyclophosphamide")]
    if thrombotic_first is True:
        assert max(places) < min(inflammatory)
    elif thrombotic_first is False:
        assert min(places) > max(inflammatory)
    else:
        assert max(*places, *inflammatory) <= 10


def test_a_subset_of_drugs_leaves_the_options_whole():
    context = {"manifestations": {"lupus nephritis": {}}}
    assert list(options({"TPMT": "*1/*1"}, ["HCQ"], **context)) == list(options({"TPMT": "*1/*1"}, **context))
    words = options({"TPMT": "*1/*1"}, ["HCQ"], **context)["maintenance with azathioprine"].words
    assert {item.reason for item in words} == {"not among the drugs of this analysis"}
    assert {item.word.value for item in words} == {"not assessed"}


def test_a_pair_within_an_option_is_shown():
    taken = [{"drug": "AZA", "outcome": "ongoing"}]
    shunting = options(manifestations={"lupus nephritis": {}}, therapies=taken)[
        "azathioprine + low-dose allopurinol for shunters"
    ]
    pairs = {frozenset((check.drug, check.partner)) for check in shunting.checks if check.partner}
    assert frozenset(("azathioprine", "allopurinol")) in pairs


def test_failing_one_partner_does_not_exhaust_a_combination():
    context = {"manifestations": {"lupus nephritis": {}}}
    one = [{"drug": "MMF", "outcome": "inadequate_response"}]
    both = [*one, {"drug": "belimumab", "outcome": "intolerance", "reaction": "rash"}]
    name = "glucocorticoid + mycophenolate + belimumab"
    assert not options(therapies=one, **context)[name].exhausted
    assert options(therapies=both, **context)[name].exhausted
    assert options(therapies=one, **context)["glucocorticoid + mycophenolate"].exhausted


@pytest.mark.parametrize("removing", ["plasma exchange", "intravenous immunoglobulin"])
@pytest.mark.parametrize("drug", ["rituximab", "belimumab", "anifrolumab"])
def test_procedures_that_remove_antibody_drugs(removing, drug):
    context = {"therapies": [{"drug": drug, "outcome": "ongoing"}], "planned": [{"drug": removing}]}
    removal = respond({}, context=context).resistance.removal
    check = next(item for item in removal if (item.drug, item.partner) == (drug, removing))
    assert check.kind == "removal"
    assert set(check.citations) <= set(KNOWLEDGE.citations.citation)
    alone = respond({}, context={"therapies": [{"drug": "MMF", "outcome": "ongoing"}], "planned": [{"drug": removing}]})
    assert not [item for item in alone.resistance.removal if item.drug != removing]


AGAINST, DIFFERENT, FIRST, SUPPORTS, SILENT, NEUTRAL, NONE = (
    GenomeWord.SPEAKS_AGAINST, GenomeWord.DOSE_DIFFERENTLY, GenomeWord.TEST_FIRST, GenomeWord.SUPPORTS,
    GenomeWord.NOT_ASSESSED, GenomeWord.NEUTRAL, GenomeWord.NO_MARKER,
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([(AGAINST, True), (DIFFERENT, False)], DIFFERENT),  # a guideline before weak evidence
        ([(AGAINST, False), (DIFFERENT, False)], AGAINST),
        ([(SILENT, True), (SUPPORTS, True)], SUPPORTS),
        ([(NEUTRAL, False), (SILENT, True)], SILENT),  # what nobody looked at is not neutral
        ([(NEUTRAL, False), (NONE, True)], NEUTRAL),
        ([(NEUTRAL, False), (FIRST, False)], FIRST),
        ([], NONE),
    ],
)
def test_the_word_of_a_combination_is_the_most_restricting_of_its_drugs(words, expected):
    context = {"manifestations": {"cutaneous": {}}, "therapies": [{"drug": "MTX", "outcome": "inadequate_response"}]}
    one = respond({}, context=context).resistance.options[0]
    for order in (words, words[::-1]):
        told = tuple(DrugWord(f"drug {number}", word, weak, "") for number, (word, weak) in enumerate(order))
        assert dataclasses.replace(one, words=told).genome.word is expected


@pytest.mark.parametrize(
    ("calls", "drug", "expected"),
    [
        ({"TPMT": "*1/*3A"}, "azathioprine", "dose differently (30-80% of the usual starting dose; "
         "TPMT *1/*3A Intermediate Metabolizer)"),  # NUDT15 is missing, and the dose is no less known
        ({"TPMT": "*1/*1"}, "azathioprine", "test first (TPMT *1/*1 Normal Metabolizer; not assessed: NUDT15)"),
        ({"NUDT15": "*3/*3"}, "azathioprine", "speaks against (NUDT15 *3/*3 Poor Metabolizer)"),
        ({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, "azathioprine",
         "neutral (NUDT15 *1/*1 Normal Metabolizer, TPMT *1/*1 Normal Metabolizer)"),
        ({}, "tacrolimus", "test first (not assessed: CYP3A5)"),
        ({}, "hydroxychloroquine", "neutral"),  # whatever the test of G6PD says, no more than watching is asked
        ({}, "rituximab", "not assessed (not assessed: FCGR3A F158V)"),
        ({"FCGR3A": "F/F"}, "rituximab",
         f"{NO_CHANGE}: measure cells (FCGR3A F158V F/F (low-affinity homozygote))"),
    ],
)  # fmt: skip
def test_the_word_on_a_drug(calls, drug, expected):
    assert str(drug_word(drug, respond(calls, [drug]).drug(drug), "cells")) == f"{drug}: {expected}"


def test_a_level_above_leaves_no_dose_in_the_word():
    labs = [{"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2025-11-20": 24}}]
    context = {"therapies": [{"drug": "tacrolimus", "start": "2025-01-20", "outcome": "ongoing"}], "labs": labs}
    response = respond({"CYP3A5": "*1/*1"}, ["tacrolimus"], context=context, today="2025-11-28").drug("tacrolimus")
    assert "times the usual" not in str(drug_word("tacrolimus", response))


def test_removal_lists_only_what_a_procedure_removes_once():
    context = {
        "manifestations": {"lupus nephritis": {}},
        "therapies": [{"drug": "MMF", "outcome": "inadequate_response"}, {"drug": "rituximab", "outcome": "ongoing"}],
        "planned": [{"drug": "plasma exchange"}],
        "co_medication": ["omeprazole", "rifampin"],
    }
    removal = respond({}, context=context).resistance.removal
    assert {item.kind for item in removal} == {"removal"}
    assert all(item.about_drug for item in removal)


NEPHRITIS = {"manifestations": {"lupus nephritis": {}}}
COMBINED = "glucocorticoid + mycophenolate + belimumab"


def test_an_option_is_planned_where_one_of_its_drugs_is():
    found = options(**NEPHRITIS, planned=[{"drug": "belimumab"}])
    assert found[COMBINED].planned
    assert not found["glucocorticoid + mycophenolate"].planned


def test_an_option_worked_before_where_all_its_drugs_did():
    helped = {"drug": "MMF", "start": "2020-01-01", "stop": "2022-01-01", "outcome": "response"}
    flare = {"drug": "AZA", "start": "2022-01-02", "stop": "2023-01-01", "outcome": "inadequate_response"}
    found = options(**NEPHRITIS, therapies=[helped, flare])
    assert found["glucocorticoid + mycophenolate"].worked
    assert not found[COMBINED].worked


def test_a_licence_for_the_manifestation_goes_before_that_for_lupus():
    on_kidney, on_skin = (
        options(manifestations={name: {}}, therapies=[{"drug": "MMF", "outcome": "inadequate_response"}])
        for name in ("lupus nephritis", "cutaneous")
    )
    of_kidney = {row["manifestations"] for row in on_kidney[COMBINED].licences if row["drug"] == "belimumab"}
    of_skin = {
        row["manifestations"] for item in on_skin.values() for row in item.licences if row["drug"] == "belimumab"
    }
    assert of_kidney == {"lupus nephritis"}
    assert of_skin == {None}


@pytest.mark.parametrize(
    ("reaction", "expected"),
    [("anaphylaxis", CheckStatus.CONTRAINDICATED), ("nausea", CheckStatus.CONSIDER_ALTERNATIVE)],
)
def test_a_reaction_bears_on_the_class_of_the_drug_and_on_no_other(reaction, expected):
    harmed = {"drug": "tacrolimus", "outcome": "intolerance", "reaction": reaction}
    found = options(**NEPHRITIS, therapies=[harmed])
    assert found["glucocorticoid + mycophenolate + voclosporin"].unlooked is expected
    assert found["glucocorticoid + mycophenolate + tacrolimus"].unlooked is None  # it was looked at: it did harm
    assert found["glucocorticoid + mycophenolate"].unlooked is None


def test_a_pair_within_an_option_is_told_from_the_side_of_its_row():
    taken = [{"drug": "AZA", "outcome": "ongoing"}]
    shunting = options(**NEPHRITIS, therapies=taken)["azathioprine + low-dose allopurinol for shunters"]
    (pair,) = (check for check in shunting.checks if {check.drug, check.partner} == {"azathioprine", "allopurinol"})
    assert (pair.drug, pair.about_drug) == ("azathioprine", True)


def test_what_the_context_leaves_open_is_to_be_checked_first():
    silent = options(**NEPHRITIS)["glucocorticoid + mycophenolate"]
    told = options(**NEPHRITIS, pregnancy=False)["glucocorticoid + mycophenolate"]
    assert "pregnancy" in {check.criterion for check in silent.open_checks}
    assert "pregnancy" not in {check.criterion for check in told.open_checks}
    assert any(text == "mycophenolate mofetil: pregnancy" for text in silent.check_first)
    assert not any(text == "mycophenolate mofetil: pregnancy" for text in told.check_first)
    known = options(**NEPHRITIS, pregnancy=True)["glucocorticoid + mycophenolate"]
    assert "pregnancy" in {check.criterion for check in known.against}
    assert "pregnancy" not in {check.criterion for check in known.open_checks}


@pytest.mark.parametrize(
    ("calls", "drug", "word"),
    [({"CYP2C19": "*2/*2"}, "citalopram", AGAINST), ({"CYP2C19": "*1/*1"}, "citalopram", NEUTRAL)],
)
def test_a_guideline_that_asks_for_another_drug_speaks_against_this_one(calls, drug, word):
    response = respond(calls, [drug]).drug(drug)
    assert (response.action is Action.CONSIDER_ALTERNATIVE) is (word is AGAINST)
    assert drug_word(drug, response).word is word


@pytest.mark.parametrize("pregnancy", [True, False, None])
def test_what_stands_further_down_and_is_forbidden_is_named_apart(pregnancy):
    context = {"sex": "female", "manifestations": {"lupus nephritis": {"class": ["IV"]}}, "pregnancy": pregnancy}
    context["therapies"] = [{"drug": "HCQ", "outcome": "ongoing", "stop": "ongoing"}]
    told = {name: value for name, value in context.items() if value is not None}
    text = " ".join(str(respond({}, context=told)).split())
    apart = text.partition("further down, and forbidden or to be avoided here: ")[2]
    assert ("glucocorticoid + mycophenolate;" in apart) is (pregnancy is True)
    assert "glucocorticoid + mycophenolate;" not in text.partition("further down: ")[2].replace(apart, "")
