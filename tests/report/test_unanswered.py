"""What the clinical context leaves without an answer: said once, with the drugs, and counted under each drug."""

from __future__ import annotations

import html
import re

import pytest

import lupus_pgx
from lupus_pgx.context.judged.checks import NO_ROWS, Check
from lupus_pgx.context.judged.safety import PAIRS
from lupus_pgx.report.brief import of_patient as brief_of
from lupus_pgx.report.unanswered import Left, Placed, left_of, of_patient, unanswered_of
from lupus_pgx.terms import CheckStatus
from lupus_pgx.words.vocabulary import UNANSWERED

DAY = "2026-11-28"
CONTEXT = {
    "sex": "female",
    "age": 34,
    "contraception": "not_secured",
    "conditions": {"heart_failure": True, "osteoporosis": True, "retinopathy": True, "thrombosis": True},
    "manifestations": {"lupus nephritis": {"class": ["IV"]}},
    "co_medication": ["hydroxychloroquine", "lisinopril", "omeprazole", "simvastatin", "warfarin"],
    "planned": [{"drug": "MMF"}, {"drug": "rituximab"}],
}
NEAR = (
    "hydroxychloroquine",
    "lisinopril",
    "mycophenolate mofetil",
    "omeprazole",
    "rituximab",
    "simvastatin",
    "warfarin",
)


def flat(text: str) -> str:
    """Undo line breaks and marks of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


def open_check(drug, topic, at_stake=CheckStatus.AVOID, found=""):
    return Check(
        drug, topic, CheckStatus.CHECK_FIRST, known=False, words=topic, criterion=topic, at_stake=at_stake, found=found
    )


def unseen_check(drug, topic, criterion="", found="yes", beside=()):
    more = {"criterion": criterion or topic, "found": found, "not_looked_at_with": beside}
    return Check(drug, topic, CheckStatus.NOT_LOOKED_AT, known=False, **more)


BARE = Check("cenerimod", "contraindications", CheckStatus.CHECK_FIRST, known=False, criterion=NO_ROWS)


@pytest.fixture(scope="module")
def fx_patient():
    return lupus_pgx.respond({"TPMT": "*1/*3A"}, context=CONTEXT, today=DAY)


@pytest.mark.parametrize(
    ("checks", "left", "said", "brief"),
    [
        ([], Left(), "", ""),
        ([open_check("A", "gout")], Left(1, 1), "1 condition open (1 would forbid it)", "1 open (1 would forbid)"),
        (
            [open_check("A", "gout", CheckStatus.MONITOR), open_check("A", "gout", CheckStatus.MONITOR)],
            Left(1),
            "1 condition open (none would forbid it)",
            "1 open (0 would forbid)",
        ),
        (
            [unseen_check("A", "gout"), unseen_check("A", "use together", PAIRS, "", ("B", "C"))],
            Left(facts=1, pairs=2),
            "1 fact, 2 pairs not looked at",
            "3 not looked at",
        ),
        (
            [unseen_check("A", "use together with B", PAIRS, "C, of the same class: avoid", ("B",))],
            Left(pairs=1),
            "1 pair not looked at",
            "1 not looked at",
        ),
        (
            [BARE],
            Left(unentered=True),
            "its contraindications were not entered: look them up",
            "its contraindications were not entered: look them up",
        ),
    ],
)
def test_what_is_left_open_is_counted_and_never_silent(checks, left, said, brief):
    assert left_of(checks) == left
    assert bool(left) is bool(checks)
    assert (str(left), left.brief) == (said, brief)


def test_an_answer_leaves_nothing_open():
    assert not left_of([Check("A", "gout", CheckStatus.AVOID)])


def test_the_strictest_comes_first_and_each_thing_once_with_its_drugs():
    checks = [
        open_check("C", "gout", CheckStatus.MONITOR),
        open_check("A", "bleeding", CheckStatus.CONTRAINDICATED),
        open_check("B", "bleeding", CheckStatus.CONTRAINDICATED),
        open_check("B", "asthma", found="of old"),
        Check("D", "glaucoma", CheckStatus.CONTRAINDICATED, criterion="glaucoma"),
        unseen_check("A", "osteoporosis"),
        unseen_check("B", "glaucoma"),
        unseen_check("C", "use together with A", PAIRS, "B, of the same class: avoid", ("A",)),
        BARE,
    ]
    found = unanswered_of([*checks, *checks], near=["B"], lupus=["A", "B"])
    assert [(mark.label, [(item.fact, item.drugs) for item in items]) for mark, items in found.conditions] == [
        ("contraindicated", [("bleeding", ("B", "A"))]),
        ("avoid", [("asthma (of old)", ("B",))]),
        ("monitor", [("gout", ("C",))]),
    ]
    assert [mark.label for mark, _ in found.forbidding] == ["contraindicated", "avoid"]
    # A kindred drug is forbidden; then what forbids another drug here; then what forbids none.
    assert [item.fact for item in found.facts] == [
        "use together with A (B, of the same class: avoid)",
        "glaucoma (yes)",
        "osteoporosis (yes)",
    ]
    assert found.unentered.drugs == ("cenerimod",)
    assert bool(found)
    assert not unanswered_of([Check("A", "gout", CheckStatus.AVOID)], [], [])


def test_a_pair_of_two_drugs_stands_once():
    checks = [unseen_check("A", "x", PAIRS, "", ("B", "C")), unseen_check("B", "x", PAIRS, "", ("A",))]
    found = unanswered_of(checks, near=["A", "B"], lupus=[])
    assert {(item.fact, drug) for item in found.pairs for drug in item.drugs} == {("B", "A"), ("C", "A")}


def test_drugs_are_placed_and_those_that_are_spared_are_known():
    item = Placed(["warfarin", "omeprazole"], ["belimumab"]).of("gout", ["codeine", "belimumab", "warfarin", "codeine"])
    assert (item.near, item.lupus, item.others) == (("warfarin",), ("belimumab",), ("codeine",))
    assert (item.spared, item.count) == (("omeprazole",), 3)


def test_every_open_check_of_every_drug_stands_in_the_list(fx_patient):
    found = of_patient(fx_patient)
    told = {(item.fact, drug) for _, items in found.conditions for item in items for drug in item.drugs}
    told |= {(item.fact, drug) for item in found.facts for drug in item.drugs}
    pairs = {frozenset((item.fact, drug)) for item in found.pairs for drug in item.drugs}
    responses = fx_patient.results.responses
    seen = 0
    for drug in responses.values:
        for check in responses.of(drug, 0).checks:
            if check.known or check.criterion == NO_ROWS:
                continue
            seen += 1
            if check.criterion == PAIRS and not check.found:
                assert {frozenset((drug, name)) for name in check.not_looked_at_with} <= pairs
            else:
                assert (check.question, drug) in told
    assert seen > 500


def test_the_page_says_what_was_not_looked_at_once(fx_patient):
    page = fx_patient.to_html()
    part = page.partition('id="unanswered"')[2].partition("</section>")[0]
    assert page.count(f">{UNANSWERED}<") == 1
    for fact in ("retinopathy (yes)", "osteoporosis (yes)"):
        assert flat(part).count(f"{fact}:") == 1
        assert f"{fact}:" not in flat(page.replace(part, ""))
    assert "Not looked at for this drug" not in page


@pytest.mark.parametrize("short", [False, True])
def test_each_drug_that_is_taken_or_planned_says_how_much_is_open(short, fx_patient):
    page = fx_patient.to_html(short=short)
    near = page.partition("Planned, or taken now")[2].partition("</ul>")[0]
    for drug in NEAR:
        left = left_of(fx_patient.drug(drug).checks)
        line = next(item for item in near.split("<li>") if f"<b>{drug}</b>" in item)
        assert (left.brief if short else str(left)) in flat(line)
        shown = f'<a href="#unanswered"><span class="screen">{left}</span><span class="paper">{left.brief}</span></a>'
        assert short or shown in line


def test_the_list_names_who_is_concerned_on_paper_too(fx_patient):
    part = fx_patient.to_html().partition('id="unanswered"')[2].partition("</section>")[0]
    item = next(item for item in of_patient(fx_patient).facts if item.fact == "osteoporosis (yes)")
    printed = flat(
        re.search(r'osteoporosis \(yes\)</b>: <span class="screen">.*?</span><span class="paper">(.*?)</span>', part)[1]
    )
    assert all(name in printed for name in (item.spared if len(item.near) > len(item.spared) else item.near))
    assert f"{item.count - len(item.near)} others" in printed
    # What stands for nearly all of them is said.
    assert not printed.startswith("all") or "All: all that is taken or planned" in flat(part)
    assert all(name in flat(part) for name in item.drugs)


def test_the_terminal_counts_under_each_option_and_drug_and_lists_once(fx_patient):
    text = flat(str(fx_patient))
    assert text.count(UNANSWERED) == 1
    assert text.count("retinopathy (yes)") == 1
    options = fx_patient.results.reviews.options(0)
    assert len([option for option in options if option.open_checks]) > 5
    assert re.search(r"of its drugs: \d+ conditions open \(\d+ would forbid it\); \d+ facts not looked at", text)
    # Of few drugs all is said of each, and there is no list.
    few = lupus_pgx.respond({}, ["omeprazole"], context=CONTEXT | {"manifestations": {}}, today=DAY)
    assert "Not looked at for this drug: " in flat(str(few))


def test_the_sentence_of_the_tables_keeps_every_word(fx_patient):
    assert "Not looked at for this drug: " in fx_patient.drug("omeprazole").summary
    assert "osteoporosis (yes)" in fx_patient.drug("simvastatin").summary


def test_what_needs_closer_monitoring_is_counted_where_room_is_short(fx_patient):
    watched = [check for check in fx_patient.drug("warfarin").said if check.status is CheckStatus.MONITOR]
    assert watched
    for text in (flat(brief_of(fx_patient)), flat(fx_patient.to_html(short=True))):
        line = text.partition("warfarin (taken now)")[2][:600]
        assert f"Closer monitoring for {len(watched)} reasons." in line
    assert watched[0].shown in flat(fx_patient.to_html())


def test_a_count_of_what_is_left_out_says_of_what():
    context = {"age": 40, "conditions": {"gout": True}, "co_medication": ["ibuprofen"], "planned": [{"drug": "AZA"}]}
    text = str(lupus_pgx.respond({}, context=context, today=DAY))
    assert re.search(r"\d+ drugs not of lupus\)", " ".join(text.split()))
    assert not re.search(r"\d+ more\)", text)
