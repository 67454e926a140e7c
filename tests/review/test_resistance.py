"""The review of failed treatment: what is said of which outcome, how strongly, and in which words."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from helpers import optional
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx import load_knowledge, respond

KNOWLEDGE = load_knowledge()
CITATIONS = set(KNOWLEDGE.citations.citation)
SILENT = {"nothing_genetic", "no_validated_marker", "not_assessed"}
HARMFUL = {"increased_toxicity", "increased_exposure"}
FAILING = {"reduced_exposure", "reduced_efficacy"}
FORBIDDEN = re.compile(
    r"\b(explains?|causes?|caused|causing|because the drug|proves?|should be given|must be given)\b", re.I
)
CALLS = {
    "TPMT": ["*1/*1", "*1/*3A", "*3A/*3A"],
    "NUDT15": ["*1/*1", "*1/*3"],
    "CYP3A5": ["*1/*1", "*3/*3"],
    "CYP2C19": ["*1/*1", "*2/*2"],
    "CYP2D6": ["*4/*4"],
    "FCGR3A": ["V/V", "F/F"],
    "UGT1A9 -275T>A": ["T/T", "T/A"],
    "APOL1": ["G1/G2", "G0/G1", "G0/G0"],
    "ABCG2": ["rs2231142 variant (T)/rs2231142 variant (T)"],
}
TRIED = ["MMF", "AZA", "cyclophosphamide", "rituximab", "belimumab", "tacrolimus", "HCQ", "methotrexate", "anifrolumab"]


GENOTYPES = optional(**{gene: st.sampled_from(names) for gene, names in CALLS.items()})


@st.composite
def contexts(draw) -> dict:
    therapies = []
    for drug in draw(st.lists(st.sampled_from(TRIED), min_size=1, max_size=4, unique=True)):
        outcome = draw(st.sampled_from(["inadequate_response", "intolerance", "response", "ongoing"]))
        therapy = {
            "drug": drug,
            "outcome": outcome,
            "start": f"202{draw(st.integers(0, 2))}-0{draw(st.integers(1, 9))}-01",
        }
        therapies.append(therapy | ({"reaction": "rash"} if outcome == "intolerance" else {}))
    level = st.floats(1, 90).map(lambda value: round(value, 1))
    proteinuria = st.floats(0.1, 60).map(lambda value: round(value, 1))
    labs = [
        {"quantity": "mpa_auc", "unit": "mg.h/L", "values": {"2023-01-01": draw(level)}},
        {"quantity": "hcq_blood", "unit": "ng/mL", "values": {"2023-01-01": draw(level) * 20}},
        {"quantity": "tacrolimus_trough", "unit": "ng/mL", "values": {"2023-01-01": draw(level) / 10}},
        {
            "quantity": "upcr",
            "unit": "g/g",
            "values": {"2022-01-01": draw(proteinuria), "2022-07-01": draw(proteinuria)},
        },
        {"quantity": "b_cell_count", "unit": "x10^9/L", "values": {"2023-01-01": draw(st.sampled_from([0, 0.1]))}},
    ]
    return {
        "manifestations": {"lupus nephritis": {}, "cutaneous": {}},
        "therapies": therapies,
        "planned": [{"drug": "belimumab"}],
        "co_medication": draw(
            st.lists(st.sampled_from(["omeprazole", "cholestyramine", "plasma exchange"]), unique=True)
        ),
        "labs": draw(st.permutations(labs)),
    }


def review(calls: dict, context: dict, drugs=None):
    found = respond(calls, drugs, context=context).resistance
    assert found is not None
    return found


def failed(drug: str, outcome: str = "inadequate_response", **fields) -> dict:
    reaction = {"reaction": "rash"} if outcome == "intolerance" else {}
    return {"therapies": [{"drug": drug, "outcome": outcome} | reaction]} | fields


def kinds(calls: dict, context: dict, drug: str) -> dict[str, list]:
    found: dict[str, list] = {}
    therapy = next(item for item in review(calls, context).therapies if item.drug == KNOWLEDGE.drug(drug).drug)
    for item in therapy.findings:
        found.setdefault(item.kind.value, []).append(item)
    return found


# --- whatever the patient ---------------------------------------------------------------------


def knowledge_row(item: str):
    table, _, key = item.partition(":")
    name = {"guidance": "rule", "evidence": "evidence", "failure_signals": "signal"}.get(table)
    if name is None:
        return table, None
    frame = getattr(KNOWLEDGE, table).set_index(name)
    return table, frame.loc[key]


def check_every_finding_is_cited_traced_and_worded_with_care(calls, context):
    found = review(calls, context)
    assert not FORBIDDEN.search(found.headline)
    texts = [*found.headline.split(": ")]
    outcomes = {KNOWLEDGE.drug(item["drug"]).drug: item["outcome"] for item in context["therapies"]}
    assert [item.drug for item in found.therapies] == [
        drug for drug, outcome in outcomes.items() if outcome in ("inadequate_response", "intolerance")
    ]
    for drug, _, item in found.findings():
        texts += [item.text, item.tells, *item.against]
        assert set(item.citations) <= CITATIONS
        assert item.is_silent is (item.kind.value in SILENT)
        if item.is_silent:
            assert (item.strength, item.certainty, item.rows) == ("none", None, ())
            continue
        assert item.citations
        assert item.rows
        for text in item.rows:
            table, row = knowledge_row(text)
            if table in ("monitoring", "interactions"):
                assert item.certainty is None
                continue
            assert item.certainty >= 0.95
            if table == "failure_signals":
                assert not drug
                continue
            assert "compatible with" in item.text
            direction = row.direction if table == "evidence" else row.predicted_response
            assert direction in (HARMFUL if outcomes[drug] == "intolerance" else FAILING)
            assert set(row.citation.split(";")) == set(item.citations)
            if table == "evidence" and item.strength != "conflicting":
                firm = ("guideline", "label", "meta_analysis", "randomised_trial", "genome_wide_study")
                # What was seen in another disease is weak, however it was studied.
                assert item.strength == "weak" or row.evidence_level in firm
        assert bool(item.against) is (item.strength == "conflicting")
    assert not [text for text in texts if FORBIDDEN.search(text)]
    for therapy in found.therapies:
        order = ["measured", "strong", "moderate", "weak", "conflicting", "none"]
        ranks = [order.index(item.strength) for item in therapy.findings]
        assert ranks == sorted(ranks)
        assert sum(item.is_silent for item in therapy.findings) <= 1


@settings(max_examples=12, deadline=None)
@given(GENOTYPES, contexts())
@pytest.mark.slow
def test_every_finding_is_cited_traced_and_worded_with_care(calls, context):
    check_every_finding_is_cited_traced_and_worded_with_care(calls, context)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(GENOTYPES, contexts())
def test_every_finding_is_cited_traced_and_worded_with_care_on_many(calls, context):
    check_every_finding_is_cited_traced_and_worded_with_care(calls, context)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(GENOTYPES, contexts(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(calls, context, chance):
    turned = {**context, "labs": chance.sample(context["labs"], len(context["labs"]))}
    turned["therapies"] = chance.sample(context["therapies"], len(context["therapies"]))
    one, other = review(calls, context), review(calls, turned)
    for name in ("resistance", "course", "monitoring", "options"):
        frames = [item.to_frame(name).map(lambda cell: ";".join(sorted(str(cell).split(";")))) for item in (one, other)]
        frames = [frame.sort_values(list(frame.columns)).reset_index(drop=True) for frame in frames]
        pd.testing.assert_frame_equal(*frames)


@settings(max_examples=15, deadline=None)
@given(GENOTYPES, contexts())
@pytest.mark.slow
def test_text_fits_a_terminal(calls, context):
    context["therapies"].append(
        {
            "drug": f"other: {'herbs ' * 15}",
            "outcome": "intolerance",
            "reaction": "itching " * 12,
            "start": "2020-01-01",
        }
    )
    patient = respond(calls, context=context)
    lines = str(patient.resistance).splitlines()
    assert max(map(len, lines)) <= 96
    assert lines[0] == "Treatment so far"
    assert not FORBIDDEN.search("\n".join(lines))


# --- silence of three kinds -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calls", "drug", "kind"),
    [
        ({"FCGR3A": "V/V"}, "rituximab", "nothing_genetic"),
        ({}, "belimumab", "no_validated_marker"),
        ({}, "rituximab", "not_assessed"),
        ({"TPMT": "*1/*1"}, "azathioprine", "not_assessed"),
    ],
)
def test_three_silences_of_the_genome_stay_apart_and_open_no_review(calls, drug, kind):
    outcome = "intolerance" if drug == "azathioprine" else "inadequate_response"
    context = failed(drug, outcome)
    assert set(kinds(calls, context, drug)) == {kind}
    alone = review(calls, context).headline
    assert not re.search("genome|nothing genetic|validated marker|nothing can be said", alone, re.I)
    assert alone.startswith(
        "Azathioprine was not tolerated (rash)"
        if drug == "azathioprine"
        else "No single step accounts for the course so far. Still open: "
    )
    context["therapies"].append({"drug": "HCQ", "outcome": "inadequate_response"})
    context["labs"] = [{"quantity": "hcq_blood", "unit": "ng/mL", "values": {"2023-01-01": 50}}]
    both = review(calls, context)
    taken = next(step for step in both.steps if step.step.value == "taken")
    assert taken.speaks
    assert (taken.says[0] in both.headline) is (drug != "azathioprine")


def test_a_drug_that_was_not_asked_for_is_reviewed_all_the_same():
    found = respond({"FCGR3A": "V/V"}, ["HCQ"], context=failed("rituximab")).resistance
    assert [item.kind.value for item in found.therapies[0].findings] == ["nothing_genetic"]


# --- outcome, strength, contradiction ---------------------------------------------------------


def test_the_outcome_decides_which_rows_are_looked_at():
    poor = {"TPMT": "*3A/*3A", "NUDT15": "*1/*1"}
    assert "toxicity" in kinds(poor, failed("AZA", "intolerance"), "AZA")
    assert not kinds(poor, failed("AZA"), "AZA").keys() & {"toxicity", "over_exposure"}
    expresser = {"CYP3A5": "*1/*1"}
    assert "under_exposure" in kinds(expresser, failed("tacrolimus"), "tacrolimus")
    assert "under_exposure" not in kinds(expresser, failed("tacrolimus", "intolerance"), "tacrolimus")


def test_responses_and_ongoing_therapies_are_not_reviewed():
    context = {"therapies": [{"drug": "MMF", "outcome": "ongoing"}, {"drug": "HCQ", "outcome": "response"}]}
    assert review({"UGT1A9 -275T>A": "T/A"}, context).therapies == ()


def test_contradictory_results_are_shown_beside_what_they_contradict():
    found = [
        item
        for items in kinds({"CYP2C19": "*2/*2"}, failed("cyclophosphamide"), "cyclophosphamide").values()
        for item in items
    ]
    conflicting = [item for item in found if item.strength == "conflicting"]
    assert conflicting
    text = str(review({"CYP2C19": "*2/*2"}, failed("cyclophosphamide")))
    for item in conflicting:
        assert all(name in CITATIONS for against in item.against for name in re.findall(r"; ([^;()]*)\)$", against)[:1])
    assert text.count("but: ") >= 1
    genome = next(step for step in review({"CYP2C19": "*2/*2"}, failed("cyclophosphamide")).steps if step.found)
    assert not genome.speaks
    assert "does not change the choice of cyclophosphamide (conflicting evidence)" in " ".join(genome.found)


@pytest.mark.parametrize(
    ("genotype", "signals"),
    [("G1/G2", 1), ("G2/G2", 1), ("G1/G1", 1), ("G0/G0", 0), (None, 0)],
)
def test_two_apol1_haplotypes_in_nephritis(genotype, signals):
    calls = {"APOL1": genotype} if genotype else {}
    nephritis = failed("MMF", manifestations={"lupus nephritis": {}})
    known = review(calls, nephritis).signals
    found = [item for item in known if not item.is_silent]
    assert [item.kind.value for item in found] == ["non_immune_injury"] * signals
    silent = [item.text for item in known if item.is_silent]
    assert len(silent) == (genotype is None)  # not looked at is not "no risk haplotype"
    assert all(text.startswith("APOL1 risk haplotypes: not assessed") for text in silent)
    assert all("2 risk haplotypes" in item.text and item.tells for item in found)
    assert review(calls, failed("MMF", manifestations={"cutaneous": {}})).signals == ()
    assert review(calls, failed("MMF")).signals == ()


def test_one_apol1_haplotype_says_that_it_is_weak():
    (signal,) = review({"APOL1": "G0/G1"}, failed("MMF", manifestations={"lupus nephritis": {}})).signals
    assert signal.strength == "weak"
    assert "weak and conflicting" in signal.text


@pytest.mark.parametrize(
    ("start", "stop", "seen"),
    [
        ("2022-01-01", "2022-06-01", True),
        ("2021-01-01", "2022-01-01", True),
        ("2021-01-01", "2021-12-31", False),
        ("2022-06-02", "2022-07-01", False),
        (None, None, False),
    ],
)
def test_what_was_given_at_the_same_time(start, stop, seen):
    other = {"drug": "plasma exchange", "outcome": "response", "start": start, "stop": stop}
    therapies = [
        {"drug": "rituximab", "outcome": "inadequate_response", "start": "2022-01-01", "stop": "2022-06-01"},
        {name: value for name, value in other.items() if value},
    ]
    assert ("interaction" in kinds({}, {"therapies": therapies}, "rituximab")) is seen


def test_an_interaction_is_named_with_both_drugs():
    (found,) = kinds({}, failed("MMF", co_medication=["cholestyramine"]), "MMF")["interaction"]
    assert "cholestyramine with mycophenolate mofetil may have had a part in it" in found.text
    assert set(found.citations) <= CITATIONS
    assert "interaction" not in kinds({}, failed("MMF", "intolerance", co_medication=["cholestyramine"]), "MMF")


# --- several samples, files, commands ---------------------------------------------------------

TWO = {
    "patients": {
        "LN-01": {
            "sex": "female",
            "manifestations": {"lupus nephritis": {}},
            "therapies": [
                {"drug": "MMF", "start": "2022-01-01", "outcome": "inadequate_response"},
                {"drug": "HCQ", "start": "2022-01-01", "outcome": "ongoing"},
                {"drug": "other: <script>alert(1)</script>", "outcome": "intolerance", "reaction": "../../x;y=z"},
            ],
            "labs": [{"quantity": "mpa_auc", "unit": "mg.h/L", "values": {"2022-03-01": 20}}],
        },
        "CU-03": {"manifestations": {"cutaneous": {}}, "pregnancy": True},
    }
}


@pytest.fixture(scope="module")
def fx_two_patients(tmp_path_factory):
    folder = tmp_path_factory.mktemp("review")
    files = lupus_pgx.write_example(folder)
    (folder / "two.json").write_text(json.dumps(TWO), encoding="utf-8")
    analysis = lupus_pgx.analyze(files["patients.GRCh38.vcf.gz"], context=folder / "two.json")
    analysis.write(folder / "out", formats=["tsv", "json"])
    return files["patients.GRCh38.vcf.gz"], folder, analysis


def test_each_sample_has_what_its_context_allows(fx_two_patients):
    _, _, analysis = fx_two_patients
    assert analysis.patient("LN-01").resistance is not None
    assert analysis.patient("CU-03").resistance is None
    assert analysis.patient("NP-02").resistance is None
    assert set(analysis.options.to_frame().sample_id) == {"LN-01", "CU-03"}
    assert set(analysis.checks.to_frame().sample_id) == {"LN-01", "CU-03"}
    assert analysis.patient("NP-02").options.to_frame().empty
    assert not analysis.patient("NP-02").drug("MMF").checks
    assert "contraindicated: pregnancy" in analysis.patient("CU-03").drug("MMF").summary


@pytest.mark.parametrize("name", ["checks", "resistance", "course", "monitoring", "options"])
def test_frames_tables_and_json_hold_the_same(fx_two_patients, name):
    _, folder, analysis = fx_two_patients
    table = pd.read_csv(folder / "out" / f"{name}.tsv", sep="\t", dtype=str, keep_default_na=False)
    samples = {
        item["sample_id"]: item for item in json.loads((folder / "out" / "analysis.json").read_text())["samples"]
    }
    patient = analysis.patient("LN-01")
    frame = getattr(patient, name).to_frame() if name in ("checks", "options") else patient.resistance.to_frame(name)
    mine = table[table.sample_id == "LN-01"]
    cells = samples["LN-01"][name]
    assert len(frame) == len(mine) == len(cells) > 0
    for column in table.columns.drop("sample_id"):
        texts = list(mine[column])
        for text, value, written_value in zip(texts, frame[column], (item[column] for item in cells), strict=True):
            if text == "":
                assert pd.isna(value)
                assert written_value in (None, "", [])
            elif isinstance(value, str) or pd.isna(value):
                assert text == value
            else:
                assert float(text) == pytest.approx(float(value))
                assert float(text) == pytest.approx(float(written_value))
    assert samples["NP-02"][name] == []


def test_names_from_the_context_do_no_harm(fx_two_patients):
    _, folder, _ = fx_two_patients
    rows = pd.read_csv(folder / "out" / "resistance.tsv", sep="\t", dtype=str, keep_default_na=False)
    odd = rows[rows.drug.str.contains("script")]
    assert odd.finding.tolist() == ["not_assessed"]
    assert "../../x" in odd.outcome.iloc[0]


def test_commands_take_a_context(fx_two_patients, fx_cli):
    path, folder, _ = fx_two_patients
    code, out, _ = fx_cli("analyze", path, "--context", str(folder / "two.json"))
    assert code == 0
    assert "Treatment so far" in out
    one = folder / "one.json"
    one.write_text(json.dumps(TWO["patients"]["LN-01"]), encoding="utf-8")
    code, out, _ = fx_cli("whatif", "TPMT=*1/*3A", "--context", str(one))
    assert code == 0
    assert "Exposure to mycophenolate mofetil was too low (MPA AUC 20 mg.h/L" in " ".join(out.split())
    code, out, _ = fx_cli("explain", path, "-s", "CU-03", "--drug", "MMF", "--context", str(folder / "two.json"))
    assert code == 0
    assert "contraindicated: pregnancy" in out
