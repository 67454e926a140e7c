"""What is asked for has one name in every form of output, from one row of the table of words."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from told import from_yaml

from lupus_pgx import respond
from lupus_pgx.plots.responses import LOOKS
from lupus_pgx.results.sentences import dose_words
from lupus_pgx.terms import Action
from lupus_pgx.words.vocabulary import ACTIONS

_FORMS = """
import json
from lupus_pgx.terms import Action
from lupus_pgx.words import vocabulary

row = vocabulary.ACTIONS[Action.AVOID]
old = [row.label, row.advice, row.title, row.meaning]
for name in ("label", "advice", "title", "meaning"):
    object.__setattr__(row, name, name.upper())

import lupus_pgx
from lupus_pgx.plots.responses import look_of

patient = lupus_pgx.respond({"HLA-B": "*58:01/*07:02"}, ["allopurinol"])
response = patient.drug("allopurinol")
forms = {
    "files": patient.drug_responses.to_frame().summary[0],
    "terminal": str(patient),
    "explain": patient.explain("allopurinol"),
    "page": patient.to_html(),
    "notebook": response._repr_html_(),
    "plot": look_of(response.judgement).words,
}
print(json.dumps({"forms": forms, "old": old}))
"""


def test_an_action_has_its_words_from_one_row_in_every_output():
    done = subprocess.run([sys.executable, "-c", _FORMS], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    for form, text in said["forms"].items():
        words = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL).split())
        assert "LABEL" in words or "ADVICE" in words, form
        assert not [old for old in said["old"] if old in words], form


@pytest.mark.parametrize(
    ("context", "word", "words"),
    [
        ("{sex: male, age: 55, egfr: 41 mL/min/1.73m2}", "TEST FIRST, reduce dose to 50%", "50% of the usual dose"),
        ("{sex: male, age: 55, egfr: 41 mL/min/1.73m2, active_infection: severe}", "AVOID", ""),
        ("{sex: female, age: 35, egfr: 90 mL/min/1.73m2}", "TEST FIRST", ""),
    ],
)
def test_a_check_that_comes_first_does_not_hide_the_share_of_the_dose(fx_cli, tmp_path, context, word, words):
    path = tmp_path / "context.yaml"
    path.write_text(context, encoding="utf-8")
    code, out, _ = fx_cli("whatif", "TPMT=*1/*1", "--context", path, "--today", "2026-11-28", "--drugs", "methotrexate")
    head = next(line for line in out.splitlines() if line.startswith("  methotrexate"))
    assert code == 0
    assert head.replace("by the clinical context", "").split("methotrexate")[1].strip() == word
    answer = respond({}, ["methotrexate"], context=from_yaml(tmp_path, context, "2026-11-28")).drug("methotrexate")
    assert dose_words(answer) == words


def test_every_list_of_actions_has_the_strictest_first():
    """The rank of an action is the order of its words, of the page, the short form, the FHIR narrative and the plot."""
    ranked = sorted(Action, key=lambda action: -action.severity)
    assert list(ACTIONS) == ranked
    patient = respond(
        {"HLA-B": "*57:01/*58:01", "TPMT": "*1/*3A", "NUDT15": "*1/*1", "CYP2C19": "*17/*17"},
        context={"sex": "female", "age": 30, "egfr": "38 mL/min/1.73m2", "co_medication": ["ritonavir"]},
    )
    asked = [ACTIONS[action] for action in ranked if action.severity > Action.STANDARD.severity]
    labels = [word.label for word in asked]
    short = patient.to_html(short=True).partition('<ul class="words">')[2].partition("</ul>")[0]
    for html, head in ((patient.to_html(), '<th scope="row"><span class="badge'), (short, '<li><span class="sign')):
        badges = re.findall(rf"{head}[^>]*>.*?</svg>([^<]*)</span>", html)
        shown = [label for label in badges if label in labels]
        assert shown == [label for label in labels if label in shown]
        assert set(shown) >= {"avoid", "consider alternative", "test first", "reduce dose", "monitor"}
    conclusion = patient.to_fhir()["entry"][0]["resource"]["conclusion"]
    places = [conclusion.index(f"{word.title}: ") for word in asked if f"{word.title}: " in conclusion]
    assert len(places) >= len(shown)
    assert places == sorted(places)
    assert [look.words for look in LOOKS if look.words in labels] == labels


def test_what_comes_first_is_said_beside_a_genotype_that_asks_for_as_much():
    """The drug is to be avoided by its genotype: what is asked first of it must not go without a word."""
    taken = [{"drug": "MMF", "start": "2023-06-01", "outcome": "response"}]
    context = {"sex": "female", "age": 31, "therapies": taken, "planned": [{"drug": "azathioprine"}]}
    patient = respond({"NUDT15": "*3/*3", "TPMT": "*1/*1"}, ["azathioprine"], context=context, today="2025-04-01")
    response = patient.drug("azathioprine")
    assert response.overall_action is response.action is Action.AVOID
    question = "whether mycophenolate mofetil is still taken"
    assert question in [check.topic for check in response.said if not check.known]
    page = patient.to_html()
    card = re.search(r'<article class="card.*?</article>', page[page.index('id="drugs"') :], re.DOTALL)[0]
    assert "azathioprine" in card
    assert f"check first: {question}" in card
