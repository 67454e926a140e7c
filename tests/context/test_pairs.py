"""What is said of drugs that are taken together: every check of a pair, from both sides (``pairs.tsv``)."""

from __future__ import annotations

import csv

import pytest
from places import TESTS

from lupus_pgx import respond
from lupus_pgx.context.judged.safety import PAIRS

pytestmark = pytest.mark.every

TODAY = "2026-11-28"
CASES = list(csv.DictReader((TESTS / "pairs.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def checks(drug: str, taken: list[str]):
    context = {"age": 40, "co_medication": taken}
    return respond({}, [drug], context=context, today=TODAY).drug(drug).checks


@pytest.mark.parametrize("case", CASES, ids=[f"{item['drug']} with {item['taken']}" for item in CASES])
def test_every_check_of_a_pair(case):
    taken = case["taken"].split(", ")
    for order in (taken, taken[::-1]):
        found = checks(case["drug"], order)
        told = sorted(
            f"{item.status.value} {item.subject} ({item.kind} {item.direction}"
            f"{'' if item.about_drug else ' of the other'})"
            for item in found
            if item.partner
        )
        unseen = [item.subject.removeprefix("use together with ") for item in found if item.criterion == PAIRS]
        assert ("; ".join(told), "; ".join(unseen)) == (case["checks"], case["no row"])
        # The names as values: no form has to take them out of the sentence.
        named = [", ".join(item.not_looked_at_with) for item in found if item.not_looked_at_with]
        assert named == unseen
        assert all(bool(item.checked_on) is (item.checked in ("read", "copy")) for item in found if item.partner)
        assert all(item.cap_unit if item.cap is not None else not item.cap_unit for item in found)


@pytest.mark.parametrize(
    ("drug", "taken", "action"),
    [
        ("prednisone", "rifampin", "increase_dose"),
        ("lamotrigine", "rifampin", "increase_dose"),
        ("vortioxetine", "rifampin", "increase_dose"),  # "at most three times": no lowest share
        ("aripiprazole", "carbamazepine", "increase_dose"),
        ("aripiprazole", "fluoxetine", "reduce_dose"),
        ("lamotrigine", "valproate", "reduce_dose"),
        ("valproate", "lamotrigine", "monitor"),
    ],
)
def test_a_dose_is_adjusted_its_own_way_and_that_of_the_other_is_watched(drug, taken, action):
    found = [item for item in checks(drug, [taken]) if item.partner and item.status == "adjust_dose"]
    assert [item.action for item in found] == [action]


@pytest.mark.parametrize(
    ("drug", "taken", "kindred"),
    [
        ("fluvastatin", "danazol", "simvastatin"),
        ("apixaban", "dronedarone", "dabigatran"),  # edoxaban and rivaroxaban: avoid
    ],
)
def test_of_kindred_drugs_the_strictest_word_is_shown(drug, taken, kindred):
    (unseen,) = [item for item in checks(drug, [taken]) if item.criterion == PAIRS]
    assert unseen.found == f"{kindred}, of the same class: contraindicated"


def test_of_drugs_that_are_not_kindred_nothing_is_shown():
    (unseen,) = [item for item in checks("atorvastatin", ["febuxostat"]) if item.criterion == PAIRS]
    assert unseen.found == ""


def test_doses_to_be_taken_apart_are_called_so_and_others_are_not():
    apart, together = (
        {item.word for item in checks("abatacept", [taken]) if item.partner}
        for taken in ("plasma exchange", "tofacitinib")
    )
    assert apart == {"separate doses"}
    assert together
    assert "separate doses" not in together


@pytest.mark.parametrize(
    ("drug", "taken", "leaves"),
    [
        ("warfarin", ["ibuprofen"], "ibuprofen"),
        ("ramipril", ["ibuprofen"], "ibuprofen"),
        ("furosemide", ["ibuprofen", "ramipril"], "ibuprofen"),
        ("tacrolimus", ["naproxen"], "naproxen"),
        ("hydroxychloroquine", ["citalopram"], "citalopram"),
    ],
)
def test_of_a_pair_the_one_that_gives_way_is_named_and_is_the_one_to_avoid(drug, taken, leaves):
    assert not [item for item in checks(drug, taken) if item.gives_way]
    assert "avoid" in {item.status for item in checks(drug, taken) if item.partner}  # it is not begun beside the other
    found = [item for item in checks(drug, [drug, *taken]) if item.gives_way]
    assert found
    for item in found:
        assert (item.status, item.gives_way) == ("avoid", leaves)
        assert item.advice.startswith(f"Leave out {leaves}, not {drug}. ")
        assert (
            f"{leaves} is what to leave out" in item.shown or item.shown == f"with {leaves}, which is what to leave out"
        )
    beside = [drug, *(name for name in taken if name != leaves)]
    assert "avoid" in {item.status for item in checks(leaves, beside) if item.partner}


def test_a_partner_that_is_not_judged_by_itself_leaves_the_warning_where_it_is():
    (found,) = [item for item in checks("warfarin", ["warfarin", "diclofenac"]) if item.partner]
    assert (found.status, found.gives_way) == ("avoid", "diclofenac")


def test_what_is_forbidden_stays_so_for_both():
    for drug, taken in (("cyclosporine", "simvastatin"), ("simvastatin", "cyclosporine")):
        assert "contraindicated" in {item.status for item in checks(drug, [taken]) if item.partner}


def test_of_drugs_of_which_one_is_chosen_the_other_is_not_to_be_added():
    """Mycophenolate that is replaced by azathioprine is no reason against azathioprine; both together are one."""
    found = [item for item in checks("azathioprine", ["mycophenolate mofetil"]) if item.partner]
    assert [(item.status.value, item.found) for item in found] == [("avoid", "if added to it")]
    context = {"age": 40, "co_medication": ["mycophenolate mofetil", "azathioprine"]}
    both = respond({}, ["azathioprine"], context=context, today=TODAY).drug("azathioprine").checks
    assert [(item.status.value, item.found) for item in both if item.partner] == [("avoid", "")]
