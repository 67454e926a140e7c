"""What is asked for has one name in every form of output, from one row of the table of words."""

from __future__ import annotations

import json
import re
import subprocess
import sys

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
