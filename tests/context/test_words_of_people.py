"""The words that people use for drugs and conditions, and what each becomes: brands, forms, spellings, classes."""

from __future__ import annotations

import pytest
from told import read, refused

from lupus_pgx import UsageError, load_knowledge, respond
from lupus_pgx.terms import Action

KNOWLEDGE = load_knowledge()
ROWS = KNOWLEDGE.rows("context_words")
TODAY = "2026-11-29"


def taken(written: str) -> list[str]:
    """Return the drugs that a text of co-medication stands for; one that no table knows in brackets."""
    found = read({"co_medication": [written]}).co_medication
    return [item.name if item.listed else f"({item.name})" for item in found]


@pytest.mark.parametrize(
    ("written", "drug"),
    [
        ("Effexor XR 75 mg", "venlafaxine"), ("Effexor LP 75 mg", "venlafaxine"), ("Seroquel Prolong", "quetiapine"),
        ("Wellbutrin XL 150 mg", "bupropion"), ("Toprol-XL 50 mg", "metoprolol"), ("Depakote ER 500 mg", "valproate"),
        ("Tegretol retard 200 mg", "carbamazepine"), ("Depakine chrono", "valproate"),
        ("Voltaren resinat", "diclofenac"), ("Haldol depot", "haloperidol"), ("Zofran ODT", "ondansetron"),
        ("Diamicron MR 60", "gliclazide"),
        ("metoprolol succinate retard 47.5 mg", "metoprolol"), ("Imodium akut", "(loperamide)"),
        ("Augmentin forte", "amoxicillin-clavulanate"), ("morphine slow release", "morphine"),
    ],
)  # fmt: skip
def test_a_form_behind_a_drug_makes_no_other_drug(written, drug):
    assert taken(written) == [drug]


@pytest.mark.parametrize(
    "written",
    ["Panadol Extra", "Claritin D", "Ramipril plus", "Bisoprolol plus", "nonsense retard", "retard", "Nexium duo"],
)
def test_a_word_behind_a_drug_that_may_make_another_stays_refused(written):
    assert "unknown drug" in refused({"co_medication": [written]})


@pytest.mark.parametrize(
    ("written", "drugs"),
    [
        ("HCT Hexal", ["hydrochlorothiazide"]), ("Cotrim forte ratiopharm", ["sulfamethoxazole / trimethoprim"]),
        ("Metformin Lich", ["metformin"]), ("Ramipril-1A", ["ramipril"]), ("Ramipril 1 A Pharma", ["ramipril"]),
        ("MTX medac 15 mg weekly", ["methotrexate"]), ("Endoxan Baxter", ["cyclophosphamide"]),
        ("omeprazolo Doc", ["omeprazole"]), ("atorvastatina Normon 20 mg", ["atorvastatin"]),
        ("Prednisolon AL 5 mg", ["prednisolone"]), ("interferon beta-1a", ["(interferon beta)"]),
    ],
)  # fmt: skip
def test_a_maker_behind_a_drug_makes_no_other_drug(written, drugs):
    assert taken(written) == drugs


@pytest.mark.parametrize(
    ("written", "drugs"),
    [
        ("ramiprile", ["ramipril"]), ("omeprazolo", ["omeprazole"]), ("Rituximabe", ["rituximab"]),
        ("isoniazida", ["isoniazid"]), ("idrossiclorochina", ["hydroxychloroquine"]), ("insulina", ["insulin"]),
        ("micofenolato mofetile", ["mycophenolate mofetil"]), ("metotrexat", ["methotrexate"]),
    ],
)  # fmt: skip
def test_a_substance_has_an_ending_of_its_own_in_each_language(written, drugs):
    assert taken(written) == drugs


@pytest.mark.parametrize("written", ["Motrina", "Prografo", "Lasixe", "Sintromo"])
def test_a_brand_has_one_ending(written):
    assert "unknown drug" in refused({"co_medication": [written]})


@pytest.mark.parametrize(
    ("written", "drugs"),
    [
        ("Deltacortene", ["prednisone"]), ("Immunoprin", ["azathioprine"]), ("Capimune", ["cyclosporine"]),
        ("Maxtrex", ["methotrexate"]), ("Zortress", ["everolimus"]), ("Effient", ["prasugrel"]),
        ("Acupan", ["(nefopam)"]), ("Solpadeine", ["paracetamol", "codeine"]), ("Aulin", ["NSAID"]),
        ("Fostair", ["(beclometasone)", "formoterol"]), ("Cardirene 100 mg", ["low-dose aspirin"]),
        ("Frusene", ["triamterene", "furosemide"]), ("Almax", ["antacid"]),
        ("Ascriptin", ["low-dose aspirin", "aluminium hydroxide", "magnesium hydroxide"]),
        ("Yodocefol", ["folic acid", "(vitamin B12)", "(potassium iodide)"]),
    ],
)  # fmt: skip
def test_brands_of_more_countries(written, drugs):
    assert taken(written) == drugs


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nifedipine", "drug 'nifedipine' has no tables of its own"),
        ("metformin", "tell it in the context, as in co_medication: [metformin]"),
        ("Capimune", "unknown drug 'Capimune': did you mean cyclosporine?"),
        ("Solpadeine", "unknown drug 'Solpadeine': did you mean paracetamol or codeine?"),
    ],
)
def test_who_asks_for_a_drug_that_is_known_otherwise_is_told_how(asked, said):
    with pytest.raises(UsageError) as caught:
        KNOWLEDGE.drug(asked)
    assert said in str(caught.value)


def test_a_form_alone_is_no_drug_and_hides_none():
    forms = [row["words"] for row in ROWS if row["field"] == "form"]
    for form in forms:
        assert KNOWLEDGE.drug_names.find(form) is None, form
    assert taken("mycophenolate DR 720 mg") == taken("mycophenolate EC") == ["mycophenolic acid"]
    assert taken("mycophenolate 720 mg") == ["mycophenolate mofetil"]


@pytest.mark.parametrize(
    ("written", "drugs"),
    [
        ("Inexium", ["esomeprazole"]), ("Nivaquine", ["chloroquine"]), ("Colchimax", ["colchicine"]),
        ("Micropakine", ["valproate"]), ("Topalgic", ["tramadol"]), ("Apranax", ["naproxen"]),
        ("Voltarène", ["diclofenac"]), ("Voltarene", ["diclofenac"]), ("Tildiem", ["diltiazem"]),
        ("Pravasin", ["pravastatin"]), ("Tagamet", ["cimetidine"]), ("Isozid", ["isoniazid"]),
        ("Zelitrex", ["valaciclovir"]), ("Renvela", ["sevelamer"]), ("Renagel", ["sevelamer"]),
        ("Calcimagon D3", ["calcium"]), ("L-Thyroxin 75 Henning", ["levothyroxine"]), ("Toradol", ["ketorolac"]),
        ("Glucophage", ["metformin"]), ("Stelara", ["ustekinumab"]), ("Cosentyx", ["secukinumab"]),
        ("Gilenya", ["fingolimod"]), ("Tysabri", ["natalizumab"]), ("Tavneos", ["(avacopan)"]),
        ("Targin", ["oxycodone", "(naloxone)"]), ("Aldomet", ["(methyldopa)"]), ("Clari", ["clarithromycin"]),
        ("Rifater", ["rifampin", "isoniazid", "(pyrazinamide)"]),
        ("Rimstar", ["rifampin", "isoniazid", "(pyrazinamide)", "(ethambutol)"]),
        ("Janumet", ["metformin", "(sitagliptin)"]), ("Eucreas", ["metformin", "(vildagliptin)"]),
        ("Evotaz", ["cobicistat", "atazanavir"]), ("Stribild", ["elvitegravir / cobicistat"]),
        ("Biktarvy", ["tenofovir", "bictegravir / emtricitabine"]),
        ("Triumeq", ["(abacavir / dolutegravir / lamivudine)"]),
        ("Epclusa", ["velpatasvir", "sofosbuvir"]), ("Maviret", ["glecaprevir / pibrentasvir"]),
        ("Cafergot", ["ergotamine"]),
        ("Microgynon", ["combined hormonal contraceptive"]), ("NuvaRing", ["combined hormonal contraceptive"]),
        ("Evra patch", ["combined hormonal contraceptive"]), ("iodinated contrast", ["contrast medium"]),
        ("Protopic", ["(tacrolimus on the skin)"]), ("tacrolimus ointment", ["(tacrolimus on the skin)"]),
        ("Ciloxan", ["(ciprofloxacin eye or ear drops)"]), ("CBD oil", ["cannabidiol"]),
    ],
)  # fmt: skip
def test_brands(written, drugs):
    assert taken(written) == drugs


@pytest.mark.parametrize(
    ("written", "drug"),
    [
        ("Leflunomid", "leflunomide"), ("Sertralin", "sertraline"), ("Fluoxetin", "fluoxetine"),
        ("Paroxetin", "paroxetine"), ("Venlafaxin", "venlafaxine"), ("Quetiapin", "quetiapine"),
        ("Mirtazapin", "mirtazapine"), ("Methylprednisolon", "methylprednisolone"), ("Sulfadiazin", "sulfadiazine"),
        ("hidroxicloroquina", "hydroxychloroquine"), ("azatioprina", "azathioprine"), ("énalapril", "enalapril"),
        ("micofenolato", "mycophenolate mofetil"), ("héparine", "heparin"), ("ciprofloxacino", "ciprofloxacin"),
        ("acide folique", "folic acid"), ("Valproinsäure", "valproate"),
    ],
)  # fmt: skip
def test_names_of_substances_in_other_languages(written, drug):
    assert taken(written) == [drug]


@pytest.mark.parametrize(
    ("written", "drug"),
    [
        ("Ibu 600", "ibuprofen"), ("CyA 100 mg BID", "cyclosporine"), ("MCP", "metoclopramide"), ("RMP", "rifampin"),
        ("SXT", "sulfamethoxazole / trimethoprim"), ("OCP", "combined hormonal contraceptive"),
    ],
)  # fmt: skip
def test_short_names_that_mean_one_drug(written, drug):
    assert taken(written) == [drug]


@pytest.mark.parametrize(
    ("written", "such_as"),
    [
        ("PPI", "proton pump inhibitor"), ("ACEI", "ACE inhibitor"), ("ACE-I", "ACE inhibitor"),
        ("ARB", "angiotensin receptor blocker"), ("VKA", "vitamin K antagonist"), ("statins", "statin"),
        ("DOAC", "direct oral anticoagulant"), ("CNI", "calcineurin inhibitor"), ("Kortison", "glucocorticoid"),
        ("Pred", "glucocorticoid"), ("steroids", "glucocorticoid"), ("JAK inhibitor", "JAK or TYK2 inhibitor"),
    ],
)  # fmt: skip
def test_short_names_of_classes_ask_for_the_drug(written, such_as):
    said = refused({"co_medication": [written]})
    assert "is a class: write the drug that is meant, such as " in said
    assert said.rpartition("such as ")[2] in KNOWLEDGE.class_members[such_as]


def test_short_names_of_classes_are_of_classes_that_have_members():
    for row in ROWS:
        if row["field"] == "class":
            assert KNOWLEDGE.class_members[row["value"]], row
            assert KNOWLEDGE.drug_names.find(row["words"]) is None, row


def test_what_a_word_for_a_drug_stands_for_is_a_drug_of_the_tables():
    for row in ROWS:
        for part in (row["value"] or "").split(";") if row["field"] == "drug" else ():
            known = KNOWLEDGE.drug_names.find(part.removeprefix("other: "))
            assert (known is None) is part.startswith("other: "), (row, part)


ASKED = {
    "diabetes type 1": "type_1_diabetes", "Diabetes Typ 2": "type_2_diabetes", "diabète": "diabetes",
    "Hodgkin lymphoma": "malignancy", "non-Hodgkin lymphoma": "malignancy", "basal cell carcinoma": "malignancy",
    "CVST": "thrombosis", "OSA": "obesity_or_lung_disease", "angle-closure glaucoma": "glaucoma",
    "dilated cardiomyopathy": "cardiomyopathy", "hypertrophic cardiomyopathy": "cardiomyopathy",
    "ICD": "heart_disease", "pleural effusion": "effusion", "home oxygen": "lung_disease",
    "cystic fibrosis": "lung_disease", "HUS": "thrombotic_microangiopathy", "Guillain-Barré": "demyelination",
    "NMO": "demyelination", "PTSD": "depression", "LHON": "urea_cycle_or_polg",
    "urea cycle disorder": "urea_cycle_or_polg", "CMV viremia": "viral_infection", "BK virus": "viral_infection",
    "histoplasmosis": "fungal_infection", "syphilis": "active_infection", "soya allergy": "soya_allergy",
    "peanut allergy": "soya_allergy", "insuficiencia cardíaca": "heart_failure", "Magengeschwür": "gut_ulcer",
    "infarctus du myocarde": "coronary_disease", "asthme": "asthma", "trombosis venosa profunda": "thrombosis",
    "tabaquismo": "smoking", "Vorhofflattern": "atrial_fibrillation", "2nd degree heart block": "high_degree_block",
}  # fmt: skip


@pytest.mark.parametrize("word", ASKED)
def test_a_word_for_a_condition_that_a_table_asks_about(word):
    assert read({"conditions": {word: True}}).conditions == {ASKED[word]: True}
    assert read({"conditions": [word]}).conditions == {ASKED[word]: True}


@pytest.mark.parametrize(
    ("told", "condition"),
    [
        ({"G6PD": "deficient"}, "g6pd_deficiency"), ({"heart block": "2nd degree"}, "high_degree_block"),
        ({"diabetes": "type 1"}, "type_1_diabetes"), ({"glaucoma": "angle-closure"}, "glaucoma"),
        ({"allergy": "soya"}, "soya_allergy"), ({"lymphoma": "Hodgkin"}, "malignancy"),
    ],
)  # fmt: skip
def test_a_kind_behind_the_name_of_a_condition(told, condition):
    assert read({"conditions": told}).conditions == {condition: True}


def test_a_class_of_heart_failure_before_its_name_is_kept():
    assert read({"conditions": ["NYHA III heart failure"]}).grades["heart_failure"].value == "severe"


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("hyposplenism", "hyposplenism"), ("malabsorption", "malabsorption"),
        ("CIN 3", "cervical dysplasia"), ("egg allergy", "egg allergy"),
        ("contrast allergy", "contrast medium allergy"),
        ("H. pylori", "Helicobacter pylori"),
        ("ADHD", "attention deficit disorder"), ("FSGS", "focal segmental glomerulosclerosis"),
        ("frailty", "frailty"), ("radiotherapy", "radiotherapy"),
    ],
)  # fmt: skip
def test_a_word_for_a_condition_of_which_no_table_asks(word, other):
    context = read({"conditions": [word]})
    assert (context.conditions, context.other_conditions) == ({}, (other,))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("TPMT deficiency", "TPMT=Poor Metabolizer"), ("NAT2 slow", "is told by the gene"),
        ("PBC", "liver_disease"), ("hepatic encephalopathy", "liver_disease"), ("stent", "coronary stent"),
        ("G6PD", "g6pd_deficiency"), ("tubal ligation", "contraception: secured"), ("IVF", "conception_planned"),
        ("CAR-T", "write therapies"), ("testosterone", "co_medication"), ("BCG vaccination", "live vaccine planned"),
        ("insuficiencia renal", "write egfr"),
    ],
)  # fmt: skip
def test_a_word_that_tells_too_little_says_what_to_write(word, said):
    assert said in refused({"conditions": [word]})


def test_accents_make_no_difference():
    for written in ("épilepsie", "epilepsie", "ÉPILEPSIE"):
        assert read({"conditions": [written]}).conditions == {"seizures": True}


@pytest.mark.parametrize("word", ["peanut allergy", "soya allergy", "Erdnussallergie"])
def test_an_allergy_to_soya_or_peanut_forbids_what_holds_soya(word):
    for name in ("voclosporin", "sirolimus"):
        answer = respond({}, [name], context={"conditions": [word]}, today=TODAY).drug(name)
        assert answer.overall_action is Action.AVOID, name
        assert "contraindicated: allergy to soya or peanut" in str(answer)
        without = respond({}, [name], context={"conditions": {"soya_allergy": False}}, today=TODAY).drug(name)
        assert not any(item.criterion == "soya_allergy" and item.known for item in without.checks)


@pytest.mark.parametrize(
    ("taken_too", "name", "action"),
    [
        ("Maviret", "dabigatran", Action.AVOID), ("Maviret", "simvastatin", Action.AVOID),
        ("Maviret", "rosuvastatin", Action.REDUCE_DOSE), ("Maviret", "warfarin", Action.MONITOR),
        ("Cafergot", "voriconazole", Action.AVOID), ("Rifater", "voriconazole", Action.AVOID),
    ],
)  # fmt: skip
def test_a_brand_brings_the_interactions_of_its_parts(taken_too, name, action):
    answer = respond({}, [name], context={"co_medication": [taken_too]}, today=TODAY).drug(name)
    assert answer.overall_action is action
