"""A reaction to one drug is an event of the patient for every other; and a level outside its range is said."""

import pytest

from lupus_pgx import respond

TODAY = "2026-11-29"
_OVER = [{"drug": "warfarin", "stop": "2026-01-01", "outcome": "response"}]


def _after(reaction: str, under: str, asked: str, **more: object) -> str:
    context = {"therapies": [{"drug": under, "outcome": "intolerance", "reaction": reaction}], **more}
    return respond({}, [asked], context=context, today=TODAY).drug(asked).summary


@pytest.mark.parametrize(
    ("reaction", "under", "asked", "said"),
    [
        ("DVT", "thalidomide", "tofacitinib", "(DVT under thalidomide)"),
        ("PE", "thalidomide", "lenalidomide", "(PE under thalidomide)"),
        ("MI", "celecoxib", "ibuprofen", "(MI under celecoxib)"),
        ("CHF", "infliximab", "ibuprofen", "(CHF under infliximab)"),
        (
            "hyperkalaemia",
            "lisinopril",
            "spironolactone",
            "high potassium (hyperkalaemia under lisinopril; not settled)",
        ),
        ("hyperkalaemia", "lisinopril", "tacrolimus", "high potassium (hyperkalaemia under lisinopril; not settled)"),
        (
            "hypogammaglobulinaemia",
            "rituximab",
            "belimumab",
            "IgG (hypogammaglobulinaemia under rituximab; not settled)",
        ),
        (
            "neutropenia",
            "azathioprine",
            "mycophenolate",
            "check first: neutrophils (neutropenia under azathioprine; not settled)",
        ),
        (
            "raised ALT",
            "methotrexate",
            "leflunomide",
            "liver tests (ALT, AST) (raised ALT under methotrexate; not settled)",
        ),
        ("acute kidney injury", "naproxen", "methotrexate", "check first: kidney function (acute kidney injury"),
        ("diverticulitis", "tofacitinib", "tocilizumab", "(diverticulitis under tofacitinib)"),
        ("hyponatremia", "citalopram", "carbamazepine", "check first: low sodium (hyponatremia under citalopram)"),
        ("aseptic meningitis", "ibuprofen", "intravenous immunoglobulin", "(aseptic meningitis under ibuprofen)"),
        ("hypertension", "prednisone", "cyclosporine", "(hypertension under prednisone; not settled)"),
        ("heart block", "hydroxychloroquine", "metoprolol", "(heart block: heart block under hydroxychloroquine)"),
        ("optic neuritis", "etanercept", "adalimumab", "(optic neuritis under etanercept)"),
    ],
)
def test_a_reaction_reaches_the_drugs_that_it_bears_on(reaction: str, under: str, asked: str, said: str) -> None:
    assert said in _after(reaction, under, asked)


def test_a_cardiomyopathy_is_no_disease_of_muscle() -> None:
    told = _after("cardiomyopathy", "hydroxychloroquine", "atorvastatin")
    assert "muscle" not in told
    assert "avoid: cardiomyopathy" in _after("cardiomyopathy", "hydroxychloroquine", "chloroquine")
    assert "muscle" in _after("myopathy", "pravastatin", "atorvastatin")


@pytest.mark.parametrize(
    ("reaction", "asked", "never"),
    [
        ("optic neuritis", "hydroxychloroquine", "contraindicated"),
        ("aseptic meningitis", "azathioprine", "infection"),
        ("neuroleptic malignant syndrome", "azathioprine", "malignancy"),
        ("malignant hypertension", "azathioprine", "malignancy"),
        ("disseminated intravascular coagulation", "azathioprine", "infection"),
    ],
)
def test_words_that_only_hold_another_word(reaction: str, asked: str, never: str) -> None:
    assert never not in _after(reaction, "haloperidol", asked)


def test_a_value_of_now_answers_what_a_reaction_left_open() -> None:
    assert "potassium" in _after("hyperkalaemia", "lisinopril", "spironolactone")
    assert "potassium" not in _after(
        "hyperkalaemia", "lisinopril", "spironolactone", values={"potassium": "4.1 mmol/L"}
    )


@pytest.mark.parametrize(
    ("context", "drug", "said"),
    [
        (
            {"co_medication": ["phenprocoumon"], "values": {"inr": "1.2 INR"}},
            "phenprocoumon",
            "INR below the target (1.2 INR, range 2-4 INR)",
        ),
        (
            {"therapies": [{"drug": "MMF", "outcome": "ongoing"}], "values": {"mpa_auc": "18 mg.h/L"}},
            "mycophenolate mofetil",
            "AUC0-12 below the target (18 mg.h/L, range 30-45 mg.h/L)",
        ),
        (
            {"therapies": [{"drug": "HCQ", "outcome": "ongoing"}], "values": {"hcq_blood": "420 ng/mL"}},
            "hydroxychloroquine",
            "hydroxychloroquine below the target (420 ng/mL, range at least 600 ng/mL)",
        ),
        (
            {"co_medication": ["azathioprine"], "values": {"6tgn": "60 pmol/8x10^8 RBC"}},
            "azathioprine",
            "below the target (60 pmol/8x10^8 RBC",
        ),
    ],
)
def test_a_level_below_its_range_is_said_with_the_drug(context: dict, drug: str, said: str) -> None:
    answer = respond({}, [drug], context=context, today=TODAY).drug(drug)
    assert said in answer.summary
    assert answer.overall_action != "informative_only"


@pytest.mark.parametrize(
    "context",
    [
        {"planned": ["warfarin"], "values": {"inr": "1.1 INR"}},
        {"co_medication": ["warfarin"], "values": {"inr": "2.4 INR"}},
        {
            "therapies": [{"drug": "warfarin", "stop": "2026-01-01", "outcome": "response"}],
            "values": {"inr": "1.1 INR"},
        },
        {},
    ],
)
def test_no_level_is_low_within_the_range_or_without_the_drug(context: dict) -> None:
    assert "below the target" not in respond({}, ["warfarin"], context=context, today=TODAY).drug("warfarin").summary


@pytest.mark.parametrize("level", ["8 ng/mL", "2.5 ng/mL"])
def test_the_range_of_lupus_is_not_that_of_a_graft(level: str) -> None:
    context = {"co_medication": ["tacrolimus"], "values": {"tacrolimus_trough": level}}
    own = respond({}, ["tacrolimus"], context=context, today=TODAY).drug("tacrolimus")
    graft = respond({}, ["tacrolimus"], context=context | {"conditions": ["kidney_transplant"]}, today=TODAY)
    assert "the target" in own.summary
    assert "the target" not in graft.drug("tacrolimus").summary


@pytest.mark.parametrize(
    ("reaction", "under", "asked", "said"),
    [
        ("TVT", "thalidomide", "tofacitinib", "avoid: thrombosis or antiphospholipid antibodies"),
        ("phl\u00e9bite", "thalidomide", "tofacitinib", "avoid: thrombosis or antiphospholipid antibodies"),
        ("Schlaganfall", "tofacitinib", "celecoxib", "contraindicated"),
        ("h\u00e9morragie digestive", "ibuprofen", "apixaban", "contraindicated"),
        ("Retinopathie", "hydroxychloroquine", "chloroquine", "contraindicated"),
        ("heparininduzierte Thrombozytopenie", "heparin", "heparin", "contraindicated"),
        ("TIH", "heparin", "low-molecular-weight heparin", "contraindicated"),
        ("toxische epidermale Nekrolyse", "allopurinol", "allopurinol", "contraindicated"),
        ("QT-Verl\u00e4ngerung", "ciprofloxacin", "hydroxychloroquine", "QT"),
        ("crise convulsive", "tramadol", "ciprofloxacin", "crise convulsive under tramadol"),
        ("Pankreatitis", "azathioprine", "mercaptopurine", "avoid"),
        ("pneumopathie interstitielle", "methotrexate", "nitrofurantoin", "under methotrexate"),
        ("Serumkrankheit", "rituximab", "rituximab", "contraindicated"),
        ("angio-oed\u00e8me", "ramipril", "enalapril", "contraindicated"),
        ("h\u00e9patite", "leflunomide", "methotrexate", "under leflunomide"),
        ("m\u00e9ningite aseptique", "ibuprofen", "intravenous immunoglobulin", "under ibuprofen"),
    ],
)
def test_a_reaction_in_german_or_french_is_one(reaction: str, under: str, asked: str, said: str) -> None:
    assert said in _after(reaction, under, asked)


@pytest.mark.parametrize(
    ("reaction", "asked", "never"),
    [
        ("respiratory depression", "belimumab", "depression ("),
        ("mouth ulceration", "apixaban", "gut"),
        ("Hornhautulkus", "apixaban", "gut"),
        ("maculopapular rash", "chloroquine", "retin"),
    ],
)
def test_a_word_within_another_is_none(reaction: str, asked: str, never: str) -> None:
    assert never not in _after(reaction, "haloperidol", asked)


def test_a_reaction_that_no_table_knows_is_said(caplog: pytest.LogCaptureFixture) -> None:
    _after("Gr\u00fcnf\u00e4rbung", "ibuprofen", "apixaban")
    assert "no table knows this reaction" in caplog.text
    caplog.clear()
    _after("nausea", "ibuprofen", "apixaban")
    assert "no table knows this reaction" not in caplog.text


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("24 ng/mL", "tacrolimus in whole blood, trough above 15 ng/mL (24 ng/mL, transplanted kidney: yes)"),
        ("14.8 ng/mL", "monitor: trough in whole blood, transplanted kidney: another range counts (14.8 ng/mL)"),
    ],
)
def test_a_level_in_a_graft_is_said(level: str, said: str) -> None:
    context = {
        "conditions": ["kidney_transplant"],
        "co_medication": ["tacrolimus"],
        "values": {"tacrolimus_trough": level},
    }
    assert said in respond({}, ["tacrolimus"], context=context, today=TODAY).drug("tacrolimus").summary
    assert (
        "20 ng/mL"
        not in respond({}, ["tacrolimus"], context={**context, "conditions": []}, today=TODAY)
        .drug("tacrolimus")
        .summary
    )


@pytest.mark.parametrize(
    ("context", "drug", "said"),
    [
        ({"dialysis": True, "conditions": ["gout"]}, "methotrexate", "contraindicated: dialysis"),
        ({"pregnancy": "22+4"}, "mycophenolate mofetil", "contraindicated: pregnancy"),
        ({"pregnancy": "2nd trimester"}, "mycophenolate mofetil", "contraindicated: pregnancy"),
        ({"pregnancy": "30/40"}, "ibuprofen", "30 weeks"),
    ],
)
def test_what_is_written_beside_and_by_weeks_is_read(context: dict, drug: str, said: str) -> None:
    assert said in respond({}, [drug], context=context, today=TODAY).drug(drug).summary


@pytest.mark.parametrize("calls", [{}, {"CYP3A5": "*1/*3"}, {"CYP3A5": "*3/*3"}])
def test_a_level_above_its_range_is_the_first_word_whatever_the_genotype(calls: dict) -> None:
    context = {"co_medication": ["tacrolimus"], "values": {"tacrolimus_trough": "24 ng/mL"}}
    told = respond(calls, ["tacrolimus"], context=context, today=TODAY).drug("tacrolimus").summary
    assert told.startswith("tacrolimus: lower the dose: trough in whole blood above the target (24 ng/mL")
