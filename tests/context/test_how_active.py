"""How active a condition is, in the forms that people write: what is active is there, what is inactive is asked."""

from __future__ import annotations

import pytest
from told import from_yaml, read, refused

from lupus_pgx import respond

TODAY = "2026-11-30"


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("conditions: [active hepatitis B]", "hepatitis_b_active"),
        ("conditions: {hepatitis B: active}", "hepatitis_b_active"),
        ("conditions: ['hepatitis B (active)']", "hepatitis_b_active"),
        ("conditions: [acute hepatitis C]", "hepatitis_b_active"),
        ("conditions: {tuberculosis: active}", "tuberculosis_active"),
        # A carrier has a hepatitis that comes back under treatment: it was once read as none.
        ("conditions: {hepatitis B: inactive}", "hepatitis_b"),
        ("conditions: [inactive HBV carrier]", "hepatitis_b"),
        ("conditions: [chronic active hepatitis B]", "hepatitis_b_active"),
        ("conditions: {asthma: well controlled}", "asthma"),
        ("conditions: ['epilepsy, controlled']", "seizures"),
        ("conditions: [currently active malignancy]", "malignancy"),
        ("conditions: {HIV: untreated}", "hiv"),
        ("conditions: [akute DVT]", "thrombosis"),
    ],
)
def test_what_is_active_or_controlled_is_there(tmp_path, line, known):
    context = from_yaml(tmp_path, line)
    assert (dict(context.conditions), context.other_conditions) == ({known: True}, ())
    assert any("read as" in remark for remark in context.remarks)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"malignancy": "in remission"}, "malignancy"), (["inactive malignancy"], "malignancy"),
        ({"tuberculosis": "inactive"}, "tuberculosis"), (["epilepsy, in remission"], "epilepsy"),
    ],
)  # fmt: skip
def test_what_may_come_back_is_asked_and_never_absent(given, name):
    message = refused({"conditions": given})
    assert f"write '{name}: true' where it can, '{name}: false' where it is over and leaves nothing" in message


@pytest.mark.parametrize("word", ["active", "chronic", "controlled"])
def test_a_word_that_stands_alone_is_sent_to_what_it_is_told_of(word):
    message = refused({"conditions": ["hepatitis B", word]})
    assert "says nothing alone" in message
    assert "other:" not in message


def test_a_sediment_is_still_read_as_a_result():
    context = read(
        {"labs": [{"quantity": "urine_sediment", "unit": "present or absent", "values": {"2026-05-01": "inactive"}}]}
    )
    assert [value.present for value in context.labs[0].values] == [False]


@pytest.mark.parametrize("told", [["active hepatitis B"], {"hepatitis B": "active"}])
def test_the_active_one_forbids_what_the_old_one_does_not(told):
    found = respond({}, ["rituximab"], context={"conditions": told}, today=TODAY).drug("rituximab")
    assert any(item.criterion == "hepatitis_b_active" and item.known for item in found.checks), str(found)
