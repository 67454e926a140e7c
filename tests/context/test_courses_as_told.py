"""Courses, doses, reactions, allergies and days as people write them: read and said, or refused with what to write."""

from __future__ import annotations

import pytest

from lupus_pgx import load_context, respond
from lupus_pgx.context.language.negation import stated
from lupus_pgx.errors import InputError
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.terms import Outcome

pytestmark = pytest.mark.every

TODAY = "2026-11-29"


@pytest.fixture
def from_yaml(tmp_path):
    def read(line: str):
        path = tmp_path / "context.yaml"
        path.write_text(line + "\n", encoding="utf-8")
        return load_context(path, today=TODAY)

    return read


@pytest.fixture
def judged(from_yaml):
    def checks(line: str, drug: str) -> list[str]:
        answer = respond({}, [drug], context=from_yaml(line), today=TODAY).drug(drug)
        return [
            f"{item.status.value}: {item.subject} ({item.found})" for item in answer.checks if item.found or item.known
        ]

    return checks


def taken(context) -> list[str]:
    return [item.name for item in context.co_medication]


# --- what was stopped --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "[allopurinol 300 mg stopped]",
        "[allopurinol 300 mg discontinued 2020]",
        "[allopurinol 300 mg until 2024]",
        "[allopurinol (abgesetzt)]",
        "[allopurinol (arr\u00eat\u00e9 en 2024)]",
        "[allopurinol no longer taken]",
        "[{drug: allopurinol, end: 2024-01-01}]",
        "[{drug: allopurinol, from: 2023, until: 2024-05}]",
        "[{drug: allopurinol, stopped: yes}]",
        "[{drug: allopurinol, stop: 2026-11-29}]",
        "[{drug: allopurinol, dose: 300 mg stopped}]",
    ],
)
def test_what_was_stopped_is_not_taken_now_and_said(from_yaml, judged, line):
    context = from_yaml(f"co_medication: {line}")
    assert taken(context) == []
    assert [item.drug.name for item in context.ended] == ["allopurinol"]
    assert any("is not counted as taken now" in remark for remark in context.remarks)
    assert not any("allopurinol" in item for item in judged(f"co_medication: {line}", "azathioprine"))


@pytest.mark.parametrize("line", ["[Zyloric 300 mg pausiert]", "[allopurinol on hold since May 2026]"])
def test_what_is_paused_is_asked_about_as_it_may_be_taken_again(from_yaml, judged, line):
    context = from_yaml(f"co_medication: {line}")
    assert taken(context) == []
    assert [item.name for item in context.perhaps_taken] == ["allopurinol"]
    assert any("allopurinol" in item for item in judged(f"co_medication: {line}", "azathioprine"))


@pytest.mark.parametrize(
    "line",
    [
        "[{drug: allopurinol, stop: ongoing}]",
        "[{drug: allopurinol, stop: laufend}]",
        "[{drug: allopurinol, stop: never}]",
        "[{drug: allopurinol, stop: no}]",
        "[{drug: allopurinol, stop: 2027-03-01}]",
        "[{drug: allopurinol, stop: 2026-11-30}]",
        "[{drug: allopurinol, start: 2026-11-29}]",
        "{allopurinol: 300 mg}",
        "{allopurinol: yes}",
        "[allopurinol 300 mg since 2020]",
        '["other: allopurinol 300 mg"]',
    ],
)
def test_what_goes_on_or_begins_is_held_against_others(judged, line):
    assert "avoid: with allopurinol ()" in judged(f"co_medication: {line}", "azathioprine")


def test_what_begins_later_is_planned(from_yaml):
    context = from_yaml("co_medication: [{drug: allopurinol, start: 2027-01-10, dose: 300 mg/day}]")
    assert (taken(context), [item.drug.name for item in context.planned]) == ([], ["allopurinol"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "[{drug: allopurinol, status: stopped}]",
            "expected one of drug, dose, schedule, start, stop, outcome, reaction",
        ),
        ("[{drug: allopurinol, taken: no, note: x}]", "taken: unknown field"),
        ("[{drug: allopurinol, current: false}]", "stop: yes where the day is not known"),
        ("[{drug: allopurinol, note: stopped last year}]", "note: unknown field"),
        ("[{drug: allopurinol, dose: stopped in May}]", "{drug: NAME, stop: DATE}"),
        ("[{drug: allopurinol, stop: unknown}]", "leave it out if it is, or write its stop"),
        ('[{drug: allopurinol, stop: "?"}]', "leave it out if it is, or write its stop"),
        ("[{drug: allopurinol, stop: last year}]", "leave it out if it is, or write its stop"),
        ("[allopurinol stopped because of rash]", "leave it out, or write its stop"),
        ("[allopurinol stopped 2020 and restarted 2024]", "leave it out, or write its stop"),
        ("[allopurinol 0 mg]", "is no dose"),
        ("[{drug: allopurinol, stop: 2024, until: 2025}]", "given twice"),
        ("[{dose: 300 mg}]", "drug is missing"),
        ("[{drug: allopurinol, outcome: intolerance}]", "reaction is missing"),
        ("[{drug: allopurinol, start: 2024-13-01}]", "start: expected a date that exists"),
        ("[{drug: allopurinol, start: soon}]", "start: expected a date that exists"),
        ("[{drug: allopurinol, outcome: strange}]", "expected inadequate_response"),
    ],
)
def test_what_may_or_may_not_be_taken_is_refused(from_yaml, line, said):
    with pytest.raises(InputError) as error:
        from_yaml(f"co_medication: {line}")
    assert said in str(error.value)


def test_what_is_said_not_to_be_taken_is_left_out(from_yaml):
    context = from_yaml("co_medication: {allopurinol: no, voriconazole: 200 mg}")
    assert (taken(context), context.ended) == (["voriconazole"], ())


@pytest.mark.parametrize("where", ["co_medication: [{drug: rituximab, start: 2026-10-01, stop: 2026-10-15}]"])
def test_a_course_that_is_over_still_counts_where_a_rule_says_so(judged, where):
    told = judged(where, "belimumab")
    tried = where.replace("co_medication", "therapies").replace("}]", ", outcome: response}]")
    assert any("B-cell" in item and "2026-10-15" in item for item in told)
    assert [item for item in told if "B-cell" in item] == [
        item for item in judged(tried, "belimumab") if "B-cell" in item
    ]


def test_a_course_that_ended_on_no_known_day_leaves_it_open(judged):
    assert any("end not given" in item for item in judged("co_medication: [rituximab (stopped)]", "belimumab"))


@pytest.mark.parametrize(
    ("line", "outcomes", "now"),
    [
        ("[{drug: clarithromycin, outcome: intolerance, reaction: rash}]", ["intolerance"], []),
        ("[{drug: clarithromycin, stop: 2024, reaction: rash}]", ["intolerance"], []),
        ("[{drug: clarithromycin, reaction: anaphylaxis}]", ["intolerance"], ["clarithromycin"]),
        ("[{drug: clarithromycin, reaction: none}]", [], ["clarithromycin"]),
        ("[{drug: clarithromycin, outcome: failed}]", ["inadequate_response"], []),
        ("[{drug: clarithromycin, outcome: ongoing}]", [], ["clarithromycin"]),
        ("[{drug: clarithromycin, outcome: refused}]", [], []),
        ("[clarithromycin allergy]", ["intolerance"], []),
    ],
)
def test_a_reaction_to_what_is_taken_beside_is_not_lost(from_yaml, line, outcomes, now):
    context = from_yaml(f"co_medication: {line}")
    assert ([item.outcome.value for item in context.therapies], taken(context)) == (outcomes, now)


def test_the_start_of_what_is_taken_beside_counts(from_yaml):
    context = from_yaml("co_medication: [{drug: HCQ, dose: 400 mg, start: 2015-03-01}]")
    assert str(context.begun("hydroxychloroquine")) == "2015-03-01"


# --- doses and how often -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "amount", "schedule"),
    [
        ("dose: 200 mg, schedule: BID", (400, "mg/day"), None),
        ("dose: 200 mg, schedule: 1-0-1", (400, "mg/day"), None),
        ("dose: 200 mg, schedule: twice a day", (400, "mg/day"), None),
        ("dose: 200 mg, schedule: 2x am Tag", (400, "mg/day"), None),
        ("dose: 200 mg, schedule: dos veces al d\u00eda", (400, "mg/day"), None),
        ('dose: 200 mg, schedule: "BID, with food"', (400, "mg/day"), "with food"),
        ("dose: 15 mg, schedule: weekly", (15, "mg/week"), None),
        ("dose: 15 mg, schedule: every Monday", (15, "mg/week"), None),
        ("dose: 15 mg, schedule: 7x/week", (15, "mg/day"), None),
        ("dose: 900 mg, schedule: twice a week", (900, "mg"), "twice a week"),
        ('dose: 15 mg, schedule: "weekly, twice"', (15, "mg"), "weekly, twice"),
        ("dose: 500 mg, schedule: monthly", (500, "mg"), "monthly"),
        ("dose: 375 mg/m2, schedule: weekly", (375, "mg/m2"), "weekly"),
        ("dose: 2-0-2 mg", (4, "mg/day"), None),
        ("dose: 500-0-250 mg", (750, "mg/day"), None),
        ("dose: 200 mg x 2 daily", (400, "mg/day"), None),
        ("dose: 2 mg/12h", (4, "mg/day"), None),
        ("dose: 2 mg alle 12 Stunden", (4, "mg/day"), None),
        ("dose: 7.5 mg 3x/week", (22.5, "mg/week"), "3x/week"),
        ("dose: 15 mg 1x/Woche", (15, "mg/week"), None),
        ("dose: 15 mg jeden Montag", (15, "mg/week"), None),
        ("dose: 1 g every 2 weeks", (1000, "mg"), "every 2 weeks"),
        ("dose: 1.5 g/day", (1500, "mg/day"), None),
        ("dose: 0.125 mg/day", (0.125, "mg/day"), None),
    ],
)
def test_how_often_counts_wherever_it_stands(from_yaml, fields, amount, schedule):
    (course,) = from_yaml(f"planned: [{{drug: MMF, {fields}}}]").planned
    assert (course.dose.value, course.dose.unit, course.schedule) == (pytest.approx(amount[0]), amount[1], schedule)


@pytest.mark.parametrize(
    ("dose", "said"),
    [
        ("2.5 mg x 6 weekly", "write 15 mg weekly, or 2.5 mg weekly with schedule: 6 times"),
        ("400 mg/day (200 mg/day since March)", "holds more than one dose"),
        ("400 mg morning, 200 mg evening", "holds more than one dose"),
        ("400 mg/day (stopped 2024)", "says that it was stopped"),
        ("1.000 mg/day", "write 1000 mg/day, or 1.0000 mg/day"),
        ("1.250 mg/day", "write 1250 mg/day, or 1.2500 mg/day"),
        ("0 mg/day", "is no dose"),
        ("400-200 mg/day", "such as the highest, 400 mg/day"),
    ],
)
@pytest.mark.parametrize("field", ["planned", "co_medication"])
def test_a_dose_of_which_a_part_would_be_lost_is_refused(from_yaml, dose, said, field):
    line = f'{field}: [{{drug: HCQ, dose: "{dose}"}}]'
    if field == "co_medication" and said.startswith(("write 15", "such", "says")):
        context = from_yaml(line)  # a stop is read there, and a dose that is not used is said
        assert any(word in " ".join(context.remarks) for word in ("is not used", "not counted as taken now"))
        return
    with pytest.raises(InputError) as error:
        from_yaml(line)
    assert said in str(error.value)


@pytest.mark.parametrize("dose", ["1000 mg/day", "1.0000 mg/day", "15 mg weekly", "400 mg/day"])
def test_what_is_advised_is_read(from_yaml, dose):
    assert from_yaml(f"planned: [{{drug: MMF, dose: {dose}}}]").planned[0].dose is not None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("dose: 15 mg every 7 days", None),
        ("dose: 15 mg every 10 days", None),
        ("dose: 15 mg alle 7 Tage", None),
        ("dose: 15 mg once weekly (not daily)", None),
        ('dose: 15 mg, schedule: "once weekly, never daily"', None),
        ("dose: 15 mg, schedule: jeden Montag", None),
        ("dose: 15 mg le lundi", None),
        ("dose: 15 mg/week, schedule: for 90 days", None),
        ("dose: 15 mg/week, schedule: folic acid 5 mg daily", None),
        ("dose: 15 mg/week, schedule: folate next day", None),
        ('dose: 15 mg/week, schedule: "split over 1 day, 12 h apart"', None),
        ("dose: 15 mg, schedule: weekly with folic acid daily", None),
        ("dose: 15 mg, schedule: Mondays and Thursdays", "check_first"),
        ("dose: 7.5 mg 3x/week", "check_first"),
        ("dose: 15 mg, schedule: methotrexate daily", "contraindicated"),
        ("dose: 15 mg, schedule: every 2 days", "contraindicated"),
        ("dose: 15 mg, schedule: t\u00e4glich", "contraindicated"),
        ("dose: 15 mg, schedule: 1-0-0", "contraindicated"),
        ("dose: 15 mg, schedule: 7x/week", "contraindicated"),
        ("dose: 15 mg/week, schedule: taken daily with food", "contraindicated"),
        ("dose: 15 mg every day", "contraindicated"),
    ],
)
def test_a_weekly_drug_is_daily_only_where_its_own_words_say_so(judged, fields, status):
    line = f"{{age: 40, planned: [{{drug: MTX, {fields}}}]}}"
    found = [item.partition(":")[0] for item in judged(line, "methotrexate") if "for once a week" in item]
    assert found == ([status] if status else [])


@pytest.mark.parametrize(
    ("line", "high"),
    [
        ("[Aspirin 500 mg TID]", True),
        ("[ASS 500]", True),
        ("[{drug: aspirin, dose: 3 g/day}]", True),
        ("[aspirin 100 mg]", False),
        ("[aspirin 100 mg TID]", False),
        ("[aspirin 325 mg]", False),
        ("[ibuprofen 600 mg]", False),
    ],
)
def test_a_low_dose_that_is_none_is_said(from_yaml, line, high):
    assert any("is no low dose" in remark for remark in from_yaml(f"co_medication: {line}").remarks) is high


# --- outcomes and reactions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "read"),
    [
        ("didn't help", ["inadequate_response"]),
        ("sans effet", ["inadequate_response"]),
        ("kein Ansprechen", ["inadequate_response"]),
        ("sin respuesta", ["inadequate_response"]),
        ("CR", ["response"]),
        ("PR", ["inadequate_response"]),
        ("failed and not tolerated", ["inadequate_response", "intolerance"]),
        ("[failure, intolerance]", ["inadequate_response", "intolerance"]),
        ("ongoing", ["ongoing", "intolerance"]),
        ("response", ["response", "intolerance"]),
    ],
)
def test_an_outcome_in_other_words(from_yaml, outcome, read):
    reaction = ", reaction: nausea" if "intolerance" in read else ""
    context = from_yaml(f"therapies: [{{drug: MMF, outcome: {outcome}{reaction}}}]")
    assert [item.outcome.value for item in context.therapies] == read
    assert [item.reaction for item in context.therapies if item.outcome is Outcome.INTOLERANCE] == ["nausea"] * bool(
        reaction
    )


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("improved", "write response where the goal was reached"),
        ("stable", "write response where the goal was reached"),
        ("non-compliant", "adherence: poor"),
        ("well tolerated", "says nothing of the effect"),
        ("completed", "says nothing of the effect"),
        ("unknown", "co_medication with its start and stop"),
        ('"good response, then diarrhoea"', "what was not tolerated as the reaction"),
        ("stopped", "does not say why"),
    ],
)
def test_an_outcome_that_tells_too_little_says_what_to_write(from_yaml, outcome, said):
    with pytest.raises(InputError) as error:
        from_yaml(f"therapies: [{{drug: MMF, outcome: {outcome}}}]")
    assert said in str(error.value)


@pytest.mark.parametrize(
    "reaction", ["none", "keine", '"-"', "unknown", "no", "no side effects", "keine Nebenwirkungen"]
)
@pytest.mark.parametrize("outcome", ["response", "failure", "ongoing"])
def test_no_reaction_is_none(from_yaml, judged, reaction, outcome):
    line = f"therapies: [{{drug: MMF, outcome: {outcome}, reaction: {reaction}}}]"
    context = from_yaml(line)
    assert [item.reaction for item in context.therapies] == [None]
    assert any("is left out" in remark for remark in context.remarks)
    assert not any("earlier reaction" in item for item in judged(line, "mycophenolate mofetil"))


def test_an_intolerance_without_its_reaction(from_yaml, judged):
    with pytest.raises(InputError, match="write what it was, or unknown"):
        from_yaml("therapies: [{drug: MMF, outcome: intolerance, reaction: none}]")
    line = "therapies: [{drug: MMF, outcome: intolerance, reaction: unknown}]"
    assert "avoid: earlier reaction to it (unknown)" in judged(line, "mycophenolate mofetil")


@pytest.mark.parametrize(
    ("drug", "reaction", "asked", "not_said"),
    [
        ("azathioprine", "nausea, no anaphylaxis", "azathioprine", "contraindicated"),
        ("azathioprine", "nausea without leukopenia", "azathioprine", "contraindicated"),
        ("allopurinol", "mild rash, not SJS", "allopurinol", "contraindicated"),
        ("allopurinol", "rash, DRESS ruled out", "allopurinol", "contraindicated"),
        ("allopurinol", "Ausschlag, kein DRESS", "allopurinol", "contraindicated"),
        ("allopurinol", "\u00e9ruption, pas de DRESS", "allopurinol", "contraindicated"),
        ("allopurinol", "rash sin SJS", "allopurinol", "contraindicated"),
        ("naproxen", "dyspepsia, no GI bleeding", "ibuprofen", "bleeding"),
        ("hydroxychloroquine", "itching; no retinopathy", "chloroquine", "contraindicated"),
        ("heparin", "thrombocytopenia, HIT excluded", "low-molecular-weight heparin", "contraindicated"),
        ("heparin", "thrombocytopenia, HIT ausgeschlossen", "low-molecular-weight heparin", "contraindicated"),
    ],
)
def test_what_a_reaction_was_not_states_nothing(judged, drug, reaction, asked, not_said):
    line = f'therapies: [{{drug: {drug}, outcome: intolerance, reaction: "{reaction}"}}]'
    assert not any(not_said in item.partition("(")[0] for item in judged(line, asked))


@pytest.mark.parametrize(
    "reaction",
    [
        "SJS not ruled out",
        "SJS cannot be excluded",
        "not only rash but SJS",
        "not severe anaphylaxis",
        "anaphylaxis, no shock",
        "no fever, anaphylaxis",
        "not tolerated: anaphylaxis",
        "no longer able to breathe, anaphylaxis",
        "DRESS (drug reaction with eosinophilia and systemic symptoms)",
        "rash with eosinophilia and systemic symptoms",
        "HIT, antibodies not negative",
    ],
)
def test_what_a_reaction_was_is_never_lost(judged, reaction):
    line = f'therapies: [{{drug: allopurinol, outcome: intolerance, reaction: "{reaction}"}}]'
    assert any(item.startswith("contraindicated: earlier reaction") for item in judged(line, "allopurinol"))


def test_of_what_only_is_told_what_it_was_not_nothing_is_known(judged):
    line = 'therapies: [{drug: allopurinol, outcome: intolerance, reaction: "no SJS"}]'
    assert "avoid: earlier reaction to it (no SJS)" in judged(line, "allopurinol")


def test_every_word_for_a_reaction_is_stated_by_itself_and_denied():
    for row in load_knowledge().rows("reactions"):
        for term in row["terms"].split(";"):
            if term != "not tolerated":
                assert stated(f"nausea, {term}").endswith(term)
                assert (
                    term not in stated(f"nausea, no {term}")
                    or term in ("nausea",)
                    or term.startswith(("sever", "serious", "schwer", "mild"))
                )


# --- allergies, none and unknown ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "drugs", "conditions"),
    [
        ("allergies: [penicillin, heparin]", {"heparin": "allergy"}, {"penicillin_allergy"}),
        ("Allergien: [Heparin (HIT)]", {"heparin": "HIT"}, set()),
        ("allergies: {azathioprine: pancreatitis}", {"azathioprine": "pancreatitis"}, set()),
        ("allergies: [{drug: azathioprine, reaction: fever}]", {"azathioprine": "fever"}, set()),
        ('drug allergies: "azathioprine: fever; heparin"', {"azathioprine": "fever", "heparin": "allergy"}, set()),
        ("allergies: [sulfa]", {}, {"sulfonamide_allergy"}),
        ("allergies: [aspirin]", {"low-dose aspirin": "allergy"}, {"nsaid_allergy"}),
        ("conditions: [allergy to azathioprine]", {"azathioprine": "allergy"}, set()),
        ("conditions: {azathioprine allergy: yes}", {"azathioprine": "allergy"}, set()),
        ("allergies: NKDA", {}, set()),
        ("allergies: none", {}, set()),
        ("allergies: [no known drug allergies]", {}, set()),
        ("allergies: unknown", {}, set()),
    ],
)
def test_allergies_are_listed_by_their_drugs(from_yaml, line, drugs, conditions):
    context = from_yaml(line)
    assert {item.drug.name: item.reaction for item in context.therapies} == drugs
    assert {name for name, there in context.conditions.items() if there} == conditions
    assert context.remarks


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("allergies: [pollen]", "conditions: ['other: pollen allergy']"),
        ("allergies: [azathiopurin]", "did you mean azathioprine"),
        ("allergies: [statins]", "is a class: write the drug that is meant"),
        ("allergies: [3]", "expected the names of drugs"),
        ("allergies: yes", "is asked by the drug"),
    ],
)
def test_an_allergy_that_no_table_knows_is_refused(from_yaml, line, said):
    with pytest.raises(InputError) as error:
        from_yaml(line)
    assert said in str(error.value)


@pytest.mark.parametrize("field", ["therapies", "planned", "co_medication"])
@pytest.mark.parametrize(
    ("told", "known"),
    [("none", True), ("no", True), ("[none]", True), ("keine", True), ("unknown", False), ("n/a", False)],
)
def test_none_and_unknown_where_drugs_are_asked_for(from_yaml, field, told, known):
    context = from_yaml(f"{field}: {told}")
    assert (getattr(context, field), context.knows(field)) == ((), known)
    assert context.remarks


# --- drugs and days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Sertralin", "sertraline"),
        ("Leflunomid", "leflunomide"),
        ("Methylprednisolon", "methylprednisolone"),
        ("fluox\u00e9tine", "fluoxetine"),
        ("azatioprina", "azathioprine"),
        ("Omeprazol", "omeprazole"),
        ("Mirtazapin", "mirtazapine"),
        ("Ibu 600", "ibuprofen"),
        ("CyA", "cyclosporine"),
        ("SXT", "sulfamethoxazole / trimethoprim"),
        ("the pill", "combined hormonal contraceptive"),
        ("Clari", "clarithromycin"),
    ],
)
def test_a_substance_in_another_spelling(from_yaml, name, own):
    assert taken(from_yaml(f"co_medication: [{name}]")) == [own]


@pytest.mark.parametrize("name", ["PPI", "ACEI", "ARB", "VKA", "steroids", "SSRI"])
def test_the_short_name_of_a_class_asks_for_the_drug_and_its_example_is_read(from_yaml, name):
    with pytest.raises(InputError) as error:
        from_yaml(f"co_medication: [{name}]")
    assert "is a class: write the drug that is meant, such as " in str(error.value)
    assert taken(from_yaml(f"co_medication: [{str(error.value).rpartition('such as ')[2].partition(';')[0]}]"))


@pytest.mark.parametrize("name", ["pollen", "the pil", "xyz", "Kamille"])
def test_no_drug_is_guessed_from_afar(from_yaml, name):
    with pytest.raises(InputError) as error:
        from_yaml(f"co_medication: [{name}]")
    assert "did you mean" not in str(error.value)


@pytest.mark.parametrize(
    ("day", "read"),
    [
        ("20 Nov 2025", "2025-11-20"),
        ("20. November 2025", "2025-11-20"),
        ("20 de noviembre de 2025", "2025-11-20"),
        ("Nov 20, 2025", "2025-11-20"),
        ("20-Nov-2025", "2025-11-20"),
        ("20251120", "2025-11-20"),
        ("2025-11-20 08:00", "2025-11-20"),
        ("2025-11-20T08:00:00", "2025-11-20"),
        ("20.11.2025 8:30", "2025-11-20"),
        ("2025/11/20", "2025-11-20"),
    ],
)
def test_a_day_in_other_forms(from_yaml, day, read):
    quoted = from_yaml(f"therapies: [{{drug: MMF, outcome: failed, start: '{day}'}}]")
    assert str(quoted.therapies[0].start) == read
    if "," not in day:
        bare = from_yaml(f"therapies: [{{drug: MMF, outcome: failed, start: {day}}}]")
        assert str(bare.therapies[0].start) == read


@pytest.mark.parametrize(
    ("day", "said"),
    [("20.11.26", "write 2026-11-20"), ("Nov-26", "write 2026-11"), ("3/5/26", "write 2026-05-03 or 2026-03-05")],
)
def test_a_year_of_two_digits_is_asked(from_yaml, day, said):
    with pytest.raises(InputError) as error:
        from_yaml(f"therapies: [{{drug: MMF, outcome: failed, start: {day}}}]")
    assert said in str(error.value)
