"""Names keep the letters that people write: ALT, C3, SLEDAI-2K, CD19 CAR-T, also where a sentence begins with them."""

from __future__ import annotations

import re

import pytest

import lupus_pgx
from lupus_pgx.words.vocabulary import quantity_word

ABBREVIATIONS = (
    r"\b(alt|ast|auc|bilag|c3|c4|ck|clasi|dsdna|egfr|gfr|hcq|iga|igg|igm|inr|ldh|ldl|mmp|mpa|mtx|pga|qtc|sledai|tgn)\b"
)


def test_no_quantity_is_shown_by_its_key_where_people_write_it_otherwise(fx_knowledge):
    names = {name: quantity_word(name) for name in fx_knowledge.known_units.quantities}
    assert len(set(names.values())) == len(names)
    assert {name: word for name, word in names.items() if re.search(ABBREVIATIONS, word.replace("_", " "))} == {}


@pytest.mark.parametrize("form", ["terminal", "page", "short"])
def test_letters_of_names_stay_as_they_are(form):
    context = {
        "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "therapies": [
            {"drug": "CD19 CAR-T", "start": "2025-01-01", "outcome": "intolerance", "reaction": "neurotoxicity"},
            {"drug": "tacrolimus", "start": "2025-03-01", "outcome": "ongoing"},
        ],
        "labs": [{"quantity": name, "unit": unit, "values": {"2025-04-01": value}} for name, unit, value in LABS],
    }
    patient = lupus_pgx.respond({"CYP3A5": "*1/*3"}, ["tacrolimus", "CD19 CAR-T"], context=context, today="2025-05-01")
    shown = {"terminal": str, "page": lambda item: item.to_html(), "short": lambda item: item.to_html(short=True)}
    text = re.sub(r"<style.*?</style>|<script.*?</script>|<[^<>]+>|\s+", " ", shown[form](patient), flags=re.DOTALL)
    assert "CD19 CAR-T was not tolerated" in text
    words = re.sub(r"\b(monitoring|quantities):\S+", " ", text)
    assert re.findall(ABBREVIATIONS, words) == []


LABS = [("c3", "g/L", 0.5), ("sledai_2k", "points", 8), ("ldh", "U/L", 300)]
