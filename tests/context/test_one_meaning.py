"""What means one thing is read and said; what could mean two is refused with what to write: nothing told is lost."""

from __future__ import annotations

import pytest
from told import from_yaml

from lupus_pgx import respond
from lupus_pgx.errors import InputError
from lupus_pgx.terms import Action

TODAY = "2026-06-01"
RATES = "{quantity: egfr, unit: ml/min/1.73m2"


@pytest.mark.parametrize(
    ("line", "drug", "action", "said"),
    [
        ("values: {SSW: 20 weeks}", "MMF", "avoid", "pregnancy (yes)"),
        ("labs: [{quantity: gestational_age, unit: weeks, values: {2026-05-25: 20}}]", "MMF", "avoid", "pregnancy"),
        ("conditions: {other: [pregnant]}", "MMF", "avoid", "pregnancy (yes)"),
        ("conditions: ['other: pregnancy']", "MMF", "avoid", "pregnancy (yes)"),
        ("conditions: {other: [pneumonia]}", "rituximab", "test_first", "infection of any grade"),
        ("conditions: {other: [HD 3x/week]}", "MTX", "avoid", "dialysis"),
        (f"egfr: 25\nlabs: [{RATES}, values: {{2026-05-29: 90}}}}]", "MTX", "test_first", "disagree"),
        (f"egfr: 90\nlabs: [{RATES}, values: {{2026-05-29: 25}}}}]", "MTX", "avoid", "beside 90"),
        (
            "values: {tacrolimus: 40 ng/ml}\nlabs: [{quantity: tacrolimus, unit: ng/ml, values: {2026-05-29: 6}}]\n"
            "therapies: [{drug: tacrolimus, outcome: ongoing}]",
            "tacrolimus", "test_first", "above the target (40 ng/mL",
        ),
        ("conditions: [diabetic retinopathy]", "HCQ", "avoid", "retinal change (yes)"),
        ("conditions: {alcohol: heavy}", "MTX", "avoid", "alcohol misuse (yes)"),
        ("infection: {which: latent TB, treated: no}", "anifrolumab", "avoid", "tuberculosis (yes)"),
    ],
)  # fmt: skip
def test_a_warning_is_not_lost(tmp_path, line, drug, action, said):
    response = respond({}, [drug], context=from_yaml(tmp_path, line), today=TODAY).drug(drug)
    assert response.overall_action is Action(action)
    assert said in str(response)


@pytest.mark.parametrize(
    ("line", "drug", "unsaid"),
    [
        ("past medical history: [AKI, UTI, zoster]", "MTX", ("kidney injury", "zoster", "infection")),
        ("antécédents: [pneumonie]", "rituximab", ("infection of any grade",)),
        ("Vorerkrankungen: COVID", "rituximab", ("avoid",)),
        ("conditions: [history of pneumonia]", "rituximab", ("infection of any grade",)),
        ("infection: {which: latent TB, when: 2015, treated: finished}", "anifrolumab", ("tuberculosis (yes)",)),
        ("infection: {which: none, treated: no}", "rituximab", ("infection of any grade",)),
        ("conditions: {alcohol: no}", "MTX", ("alcohol",)),
    ],
)
def test_what_is_over_or_not_there_is_no_warning_of_today(tmp_path, line, drug, unsaid):
    sentence = str(respond({}, [drug], context=from_yaml(tmp_path, line), today=TODAY).drug(drug))
    assert not [text for text in unsaid if text in sentence]


@pytest.mark.parametrize(
    ("line", "conditions"),
    [
        ("conditions: [s/p PE 2018]", {"thrombosis": True}),
        ("conditions: {other: [s/p PE 2018]}", {"thrombosis": True}),
        ("conditions: [Z.n. TVT]", {"thrombosis": True}),
        ("past medical history: [DVT 2015, AKI]\nconditions: [migraine]", {"thrombosis": True, "migraine": True}),
        ("conditions: [{HIT: 2019}]", {}),
        ("conditions: [{name: HIT, when: 2019}]", {}),
        ("conditions: DVT, hypertension", {"thrombosis": True, "hypertension": True}),
        ("conditions: [Nichtraucher, SLE]", {"smoking": False}),
        ("conditions: [NYHA IV]", {"heart_failure": True}),
        ("conditions: [mild heart failure]", {"heart_failure": True}),
        ("comorbidities: none", {}),
        ("conditions: [none]", {}),
    ],
)  # fmt: skip
def test_what_means_one_thing_is_read_and_said(tmp_path, line, conditions):
    context = from_yaml(tmp_path, line)
    assert (dict(context.conditions), context.other_conditions) == (conditions, ())
    assert context.remarks


@pytest.mark.parametrize(
    ("line", "bound"), [("conditions: [CKD IIIb]", 45), ("conditions: [CKD G4A3]", 30), ("conditions: [G4A3]", 30)]
)
def test_a_stage_of_the_kidney_in_roman_numbers_or_with_its_albumin(tmp_path, line, bound):
    assert from_yaml(tmp_path, line).egfr.value == bound


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("creatinine: 3.8 mg/dl\nvalues: {creatinine: 0.8 mg/dl}", "given twice, as 3.8 mg/dl and as 0.8 mg/dl"),
        ("weight: 40 kg\nvalues: {weight: 90 kg}", "given twice"),
        ("egfr: 25\nvalues: {creatinine clearance: 90 ml/min}", "given twice"),
        ("pregnancy: false\nvalues: {gestational_age: 20 weeks}", "contradicts the week of pregnancy"),
        ("pregnancy: false\nconditions: [pregnant]", "given twice"),
        ("conditions: {pregnancy: 2019}", "write true or false"),
        ("conditions: {pneumonia: 2019}", "treated: finished"),
        ("conditions: [COVID 2021]", "treated: finished"),
        ("conditions: [TMA 2012]", "write true or false"),
        ("conditions: [neutropenia 2014]", "write true or false"),
        ("conditions: [oral contraceptive 2015]", "write true or false"),
        ("conditions: [smoker 2010]", "write true or false"),
        ("conditions: [dialysis 2018, kidney transplant 2019]", "write true or false"),
        ("past medical history: [dialysis]", "may be there now"),
        ("past medical history: [alcoholism]", "may be there now"),
        ("conditions: {other: [eGFR 20 ml/min]}", "write values: {eGFR: 20 ml/min}"),
        ("conditions: {other: ['?TB']}", "is not said to be there"),
        ("conditions: {other: [no TB]}", "'TB: false'"),
        ("conditions: {no TB: yes}", "'TB: false'"),
        ("conditions: {not pregnant: yes}", "'pregnant: false'"),
        ("conditions: [HBsAg negative]", "'HBsAg: false'"),
        ("conditions: {other: [pneumonia of the left lung]}", "holds 'pneumonia'"),
        ("conditions: [hypertension (white coat)]", "holds 'hypertension'"),
        ("conditions: [alcohol intake]", "write alcohol_misuse: true or false"),
        ("conditions: {alcohol: mild}", "write alcohol_misuse: true or false"),
        ("alcohol: yes", "write alcohol_misuse: true or false"),
        ("values: {GPT: 1.200 U/l}", "write 1200 U/l, or 1.2000 U/l"),
        ("labs: [{quantity: ALT, unit: U/L, values: {2026-05-20: 1.200}}]", "write 1200 U/L, or 1.2000 U/L"),
        ("labs: [{quantity: platelets, unit: G/l, values: {2026-05-20: n.d.}}]", "not done or not detected"),
        ("labs: [{quantity: platelets, unit: G/l, values: {2026-05-20: negative}}]", "found 'negative'"),
        ("egfr: 1.2", "may be a creatinine"),
        ("age: 45M", "months or male"),
        ("age: 34 m", "months or male"),
        ("infection: {which: hepatitis B vaccination, treated: finished}", "names no infection"),
        ("infection: {which: hepatitis B of husband, treated: no}", "names no infection"),
        ("infection: {which: HIV negative, treated: no}", "names no infection"),
        ("infection: {which: PJP prophylaxis, treated: ongoing}", "names no infection"),
        ("infection: {which: pneumonia, when: 2015, treated: no}", "is over or lasts"),
        ("patients: {no: {age: 30}}", "write it in quotes"),
        ("patients: {1e3: {age: 30}}", "write it in quotes"),
    ],
)  # fmt: skip
def test_what_could_mean_two_is_refused_with_what_to_write(tmp_path, line, said):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, line)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "name", ["QT not prolonged", "pneumonitis x", "hypotensive", "pregnanci test", "NYHA II-III", "nichtrauchend"]
)
def test_no_suggestion_is_the_opposite(tmp_path, name):
    with pytest.raises(InputError) as error:
        from_yaml(tmp_path, f"conditions: [{name}]")
    wrong = ("prolongation?", "neutropenia?", "hypertension?", "malignancy?", "hiv?", "raucher?")
    assert not [word for word in wrong if word in str(error.value)]


@pytest.mark.parametrize("line", ["values: {INR: 1.234}", "weight: 61.250 kg", "creatinine: 1.234 mg/dl"])
def test_three_digits_behind_a_point_where_the_large_value_cannot_be(tmp_path, line):
    assert from_yaml(tmp_path, line) is not None


@pytest.mark.parametrize(
    "told",
    [
        "conditions: {latent tuberculosis: treated}",
        "conditions: {tuberculosis: 'latent, treated'}",
        "conditions: [treated latent tuberculosis]",
        "conditions: [latent TB (treated 2015)]",
        "conditions: {other: [treated latent TB]}",
        "conditions: {LTBI: finished}",
        "conditions: [behandelte latente Tuberkulose]",
        "infection: treated latent TB",
    ],
)
def test_a_treated_infection_is_over_in_every_form(tmp_path, told):
    over = from_yaml(tmp_path, "infection: {which: latent tuberculosis, treated: finished}")
    assert from_yaml(tmp_path, told).conditions == over.conditions == {"tuberculosis": False}


@pytest.mark.parametrize(
    "told", ["conditions: {tuberculosis: treated}", "conditions: [treated TB]", "tuberculosis: cured"]
)
def test_a_treated_tuberculosis_is_not_there_and_a_latent_one_is_asked_for(tmp_path, told):
    context = from_yaml(tmp_path, told)
    assert context.conditions == {"tuberculosis_active": False}
    checks = respond({}, ["anifrolumab"], context=context).drug("anifrolumab").checks
    assert [check.status for check in checks if check.criterion == "tuberculosis"] == ["check_first"]


@pytest.mark.parametrize("told", ["conditions: {gut_ulcer: healed}", "conditions: [treated hypertension]"])
def test_what_no_infection_is_and_was_treated_has_to_be_said_to_be_there(tmp_path, told):
    with pytest.raises(InputError, match="false' where it is over"):
        from_yaml(tmp_path, told)


@pytest.mark.parametrize(
    ("line", "drug", "status", "said"),
    [
        ("conditions: {gut_ulcer: true, bleeding: false}", "clopidogrel", "monitor", "ulcer or bleeding of the gut"),
        ("conditions: {gut_ulcer: true}", "clopidogrel", "check_first", "active bleeding"),
        ("conditions: {gut_ulcer: true, bleeding: true}", "clopidogrel", "contraindicated", "gut that bleeds"),
        ("conditions: {long_qt: true}", "tacrolimus", "avoid", "long QT, inborn or not told"),
        ("conditions: {heart_failure: NYHA III}", "propranolol", "contraindicated", "in shock or not told"),
        ("conditions: {heart_failure: NYHA II}", "hydroxychloroquine", "avoid", "cardiomyopathy or heart failure"),
    ],
)  # fmt: skip
def test_no_check_claims_more_than_was_told(tmp_path, line, drug, status, said):
    checks = respond({}, [drug], context=from_yaml(tmp_path, line), today=TODAY).drug(drug).checks
    found = [item for item in checks if item.criterion in ("gut_ulcer", "qtc", "heart_failure") and item.found]
    worst = max(found, key=lambda item: item.status.severity)
    assert (worst.status, said in worst.subject) == (status, True)


def test_what_a_row_asks_beside_is_the_question_and_what_was_told_is_named(tmp_path):
    line = "conditions: {gut_ulcer: true}"
    checks = respond({}, ["clopidogrel"], context=from_yaml(tmp_path, line), today=TODAY).drug("clopidogrel").checks
    assert "active bleeding (ulcer or bleeding of the gut: yes)" in [
        item.question for item in checks if item.asks_first
    ]
