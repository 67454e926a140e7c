"""What a reaction is by its words, and what it says of the drug, of a part of it and of a whole that holds it."""

from __future__ import annotations

import pytest

from lupus_pgx import load_context, load_knowledge, respond
from lupus_pgx.context.judged.intolerance import Reactions

TODAY = "2026-11-29"
REACTIONS = Reactions(load_knowledge())

# words, what they mean for the drug itself, whether serious, whether of the allergic kind, whether harmless
WORDS = [
    (None, "consider_alternative", False, False, True),
    ("", "consider_alternative", False, False, True),
    ("nausea", "consider_alternative", False, False, True),
    ("rash", "consider_alternative", False, True, False),
    ("nausea, rash", "consider_alternative", False, True, False),
    ("anaphylaxis", "contraindicated", True, True, False),
    ("nausea; anaphylaxis", "contraindicated", True, True, False),
    ("anaphylaxis + nausea", "contraindicated", True, True, False),
    ("rhabdomyolysis", "avoid", True, False, False),
    ("wobble", "avoid", False, False, False),
    ("nausea, wobble", "avoid", False, False, False),
    ("no anaphylaxis", "avoid", False, False, False),
    # A no reaches to the end of its clause, and a test that was negative denies what it was on.
    *(
        (told, "contraindicated", True, True, False)
        for told in (
            *("anaphylaxis tryptase negative", "anaphylaxis - infection excluded", "anaphylaxis, malaria ruled out"),
            *("no rash - anaphylaxis", "no rash: anaphylaxis", "no rash then anaphylaxis", "no rash -> anaphylaxis"),
            *("no rechallenge after anaphylaxis", "not to be given again after anaphylaxis"),
            *("never again - anaphylaxis", "kein Rechallenge wegen Anaphylaxie", "not restarted due to anaphylaxis"),
        )
    ),
    *(
        (told, "avoid", False, False, False)
        for told in (
            *(
                "anaphylaxis excluded",
                "anaphylaxis - excluded",
                "acute anaphylaxis ruled out",
                "anaphylaxis test negative",
            ),
            *("no anaphylaxis after infusion", "no anaphylaxis again", "Stevens-Johnson syndrome excluded"),
            *("anaphylaxis was excluded", "anaphylaxis could be ruled out", "suspected anaphylaxis, later excluded"),
            *("anaphylaxis, excluded by tryptase", "excluded anaphylaxis", "tests ruled out anaphylaxis"),
            *("anaphylaxis not found", "anaphylaxis refuted", "anaphylaxis never", "anaphylaxis prophylaxis needed"),
            *("anaphylaxis suspected and then ruled out", "Anaphylaxie konnte ausgeschlossen werden"),
            *("Anaphylaxie wurde ausgeschlossen", "rash of the face was excluded on biopsy"),
        )
    ),
    # What is not excluded stays, and what is told beside it.
    *(
        (told, "contraindicated", True, True, False)
        for told in (
            *("anaphylaxis was not excluded", "anaphylaxis, could not be excluded", "anaphylaxis not yet excluded"),
            *("anaphylaxis should be excluded", "anaphylaxis probably excluded", "anaphylaxis was excluded?"),
            *("anaphylaxis was excluded (?)", "anaphylaxis excluded, later confirmed", "suspected anaphylaxis"),
            *(
                "SJS was excluded by biopsy, anaphylaxis",
                "anaphylaxis, other causes were excluded",
                "rule out anaphylaxis",
            ),
            *(
                "anaphylaxis, excluded from a trial",
                "SJS excluded by diagnosis of anaphylaxis",
                "anaphylaxis, never again",
            ),
            *("excluded from a trial because of anaphylaxis", "ruled out infection after anaphylaxis"),
            *("Anaphylaxie konnte nicht ausgeschlossen werden", "anaphylaxis was excluded but then confirmed"),
        )
    ),
    ("pneumonitis infection excluded", "avoid", True, False, False),
]


@pytest.mark.parametrize(
    ("told", "again", "serious", "allergic", "harmless"), WORDS, ids=[str(row[0]) for row in WORDS]
)
def test_what_a_reaction_is(told, again, serious, allergic, harmless):
    names = REACTIONS.names(told)
    assert REACTIONS.again(told) == again
    assert ("serious" in names, "allergic" in names) == (serious, allergic)
    assert REACTIONS.harmless(told) is harmless


@pytest.mark.parametrize(
    ("reaction", "under", "asked", "said"),
    [
        # The label is stricter than is usual.
        (
            *("marrow failure", "carbamazepine", "carbamazepine"),
            ("contraindicated", "earlier reaction to it", "The label forbids it after marrow depression."),
        ),
        # As strict as is usual: it is said in the usual words.
        (
            *("pancreatitis", "azathioprine", "azathioprine"),
            ("avoid", "earlier reaction to it", "Not again before the reaction is explained."),
        ),
        (
            *("nausea", "trimethoprim", "co-trimoxazole"),
            ("consider_alternative", "earlier reaction to trimethoprim, a part of it", "It was not tolerated."),
        ),
        (
            *("anaphylaxis", "sacubitril / valsartan", "valsartan"),
            (
                "contraindicated",
                "earlier reaction to sacubitril / valsartan, of which it is a part",
                "Never again.",
            ),
        ),
    ],
)
def test_what_a_reaction_says_of_a_drug(reaction, under, asked, said):
    context = {"therapies": [{"drug": under, "outcome": "intolerance", "reaction": reaction}]}
    drug = respond({}, [asked], context=context, today=TODAY).drug(asked)
    found = [(item.status.value, item.subject, item.advice) for item in drug.checks if item.criterion == "intolerance"]
    assert found == [said]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"outcome": "ongoing"}, 0),
        ({"outcome": "intolerance", "reaction": "rash"}, 0),
        ({"outcome": "intolerance", "reaction": "wobble"}, 1),
        ({"outcome": "ongoing", "reaction": "wobble"}, 1),
    ],
)
def test_of_a_reaction_that_no_table_knows_it_is_said(told, words):
    context = load_context({"therapies": [{"drug": "MMF"} | told]}, today=TODAY)
    assert len(REACTIONS.unread(context)) == words
