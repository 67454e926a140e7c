"""The case studies: their pages run, and say what a clinician would check."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import re
import tempfile

import pandas as pd
import pytest
from places import DOCS

import lupus_pgx

pytestmark = pytest.mark.slow

PAGES = DOCS / "case_studies"
PATIENTS = {
    "refractory_nephritis": "LN-21",
    "neuropsychiatric": "NP-22",
    "skin_and_joints": "CU-23",
    "apol1_proteinuria": "PR-27",
    "nothing_genetic": "NO-28",
    "tablets_not_taken": "IN-29",
    "pregnancy": "PG-30",
    "slow_responder": "SL-31",
    "early_warning": "EW-32",
    "level_too_high": "HI-33",
    "not_lupus": "NL-34",
}
SENTENCES = {
    "LN-21": "Omeprazole may have lowered mycophenolate mofetil in the body, and its exposure was too low (MPA "
    "AUC 24 mg.h/L, range 35-45): not yet a failure of the drug.",
    "NP-22": "B cells were not gone after rituximab (21 cells/uL): the antibody did not do its work (secondary "
    "non-depletion is compatible), and another anti-CD20 antibody is the next question. Also: another disease of brain "
    "or cord (aquaporin 4, infection, drug, stroke).",
    "CU-23": "Severe infection: no immunosuppressive option is ranked now, and this may be no failure of lupus "
    "treatment; treat it and hold, keep hydroxychloroquine and the stress dose of the glucocorticoid.",
    "PR-27": "Activity is not shown (C3 normal, anti-dsDNA low): repeat the biopsy before more immunosuppression. "
    "Also: prednisone with tacrolimus; tacrolimus below its range (tacrolimus trough 3.1 ng/mL).",
    "NO-28": "Adequate trial (azathioprine 2 mg/kg/day for 7 months): unsatisfactory response, once activity is shown; "
    "refractory is said after a second full regimen. Still open: a level of hydroxychloroquine; "
    "exposure to azathioprine.",
    "IN-29": "Three drugs are nearly absent from the blood (hydroxychloroquine 35 ng/mL on 2025-02-20, "
    "mycophenolate mofetil 0.2 mg/L on 2025-02-20 and tacrolimus 1.2 ng/mL on 2025-02-20): the tablets are probably "
    "not being taken. Settle this first, before any genotype or dose is read.",
    "PG-30": "No failed therapy was told. Pregnant: losartan and mycophenolate mofetil have to be replaced at once by "
    "what a pregnancy allows.",
    "SL-31": "On track by EULAR, partial response by ACR, EULAR and KDIGO, under mycophenolate mofetil + "
    "prednisone: failure is not shown; more is due at month 12.",
    "EW-32": "No failed therapy was told. Exposure to mycophenolate mofetil was too low (MPA AUC 21 mg.h/L, range "
    "35-45): dose, meals, acid blockers and protein loss come before another drug. Behind what is due: "
    "mycophenolate mofetil + prednisone missed EULAR/ERA 2019 early improvement at month 3 (urine protein-creatinine "
    "ratio lower by at least 25 percent: 2.7 g/g on 2025-03-10 from 2.6).",
    "HI-33": "Tacrolimus was above its range (tacrolimus trough 24 ng/mL, range 4-8): over-exposure, with "
    "clarithromycin, which raises it; hold or cut it and follow the level before anything is read "
    "into the course. Also: an active infection.",
    "NL-34": "Hydralazine may bring on lupus or keep lupus going: stop the drug before treatment is called a "
    "failure. Still open: exposure to methotrexate.",
}


WEAK = "the genotype (weak evidence) does not change this choice: measure CD19 B cells in blood"


class Page:
    """A page after its code cells ran: names, printed text and the value of each last line."""

    def __init__(self, name):
        self.text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        self.names, self.values = {}, []
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            self.run(name)
        self.printed = printed.getvalue()
        self.review = self.names.get("review")

    def run(self, name):
        pattern = r"^```\{code-cell\} python\n(?::tags: [^\n]*\n\n)?(.*?)^```"
        for cell in re.findall(pattern, self.text, re.DOTALL | re.MULTILINE):
            tree = ast.parse(cell)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), self.names)
            if last is not None:
                self.values.append(eval(compile(ast.Expression(last.value), name, "eval"), self.names))

    def highlighted(self):
        return [value.data for value in self.values if hasattr(value, "data") and isinstance(value.data, str)]

    def findings(self, drug):
        frame = self.review.to_frame("resistance")
        return frame[frame.drug.fillna("") == drug].set_index("finding")

    def options(self, manifestation):
        frame = self.review.to_frame("options")
        return frame[frame.manifestation == manifestation].set_index("option")

    def criteria(self, regimen):
        frame = self.review.to_frame("course")
        return frame[frame.regimen == regimen].set_index(["criterion", "months"]).status


@pytest.fixture(scope="module")
def fx_page(tmp_path_factory):
    """Return a page by name, run once, in a folder and a namespace of its own."""

    @functools.cache
    def page(name):
        folder = tmp_path_factory.mktemp(name)
        with pytest.MonkeyPatch.context() as patch, pd.option_context("display.max_colwidth", 50):
            patch.setattr(tempfile, "tempdir", str(folder))
            patch.chdir(folder)
            return Page(name)

    return page


@pytest.fixture(scope="module")
def fx_files(tmp_path_factory):
    return lupus_pgx.write_case_studies(tmp_path_factory.mktemp("cases"))


@pytest.mark.parametrize(("name", "sample"), PATIENTS.items())
def test_a_page_highlights_the_sentence_to_read_first(name, sample, fx_page):
    page = fx_page(name)
    assert page.review.headline == SENTENCES[sample]
    assert page.highlighted() == [f"> **{SENTENCES[sample]}**"]
    assert "What the genome does not say" in page.text
    assert "Research use only" in page.text
    assert SENTENCES[sample] not in page.text  # written by the library, not pasted


def test_the_index_lists_the_first_sentences_of_all_patients(fx_page, fx_files):
    page = fx_page("index")
    sentences = page.names["sentences"]
    assert list(page.names["pages"]) == re.findall(r"\]\((\w+)\.md\)", page.text)
    assert {*page.names["pages"], "index"} == {path.stem for path in PAGES.glob("*.md")}
    assert set(sentences) == {name.removesuffix(".yaml") for name in fx_files if name.endswith(".yaml")}
    assert {sample: sentences[sample] for sample in SENTENCES} == SENTENCES
    assert sentences["TH-25"].startswith("azathioprine: the genotype speaks against this drug because of NUDT15 *3/*3")
    assert page.highlighted()[0].count("- **") == len(sentences)
    assert r"NUDT15 \*3/\*3 Poor Metabolizer" in page.highlighted()[0]  # a star is no emphasis


@pytest.mark.parametrize("name", [*PATIENTS, "thiopurine_nudt15", "index"])
def test_pages_neither_explain_nor_prescribe(name):
    prose = re.sub(r"^```.*?^```", "", (PAGES / f"{name}.md").read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    assert not re.findall(
        r"\b(?:caus(?:es?|ed|ing)|explain(?:s|ed)?|should be (?:given|started)|must be given)\b", prose
    )


def test_nephritis_was_under_exposed_and_that_was_seen_early(fx_page):
    page = fx_page("refractory_nephritis")
    mycophenolate = page.findings("mycophenolate mofetil")
    assert "24 mg.h/L" in mycophenolate.text["under_exposure"].iloc[0]
    assert mycophenolate.strength["under_exposure"].iloc[0] == "measured"
    assert mycophenolate.text["interaction"].startswith("omeprazole with mycophenolate mofetil")
    assert "PMID:20671023" in mycophenolate.citations["interaction"]
    assert mycophenolate.against[mycophenolate.strength == "conflicting"].str.len().min() > 0
    assert set(page.findings("cyclophosphamide").index) == {"nothing_genetic"}
    status = page.criteria("mycophenolate mofetil")
    assert status["EULAR-LN-2025-3m", 3] == "not met"
    assert status["KDIGO-LN-2024-partial", 12] == "not met"
    # Nephrotic at the start: month 24 decides, and the regimen ended before.
    assert status["EULAR-ERA-LN-2019-12m", 12] == "stopped before"
    options = page.options("lupus nephritis")
    assert options.genome["glucocorticoid + mycophenolate + tacrolimus"] == "dose differently"
    assert options.genome["azathioprine with glucocorticoid"] == "dose differently"
    assert "maintenance" not in set(options.stage)  # the disease is active
    assert options.genome["rituximab in refractory disease"] == WEAK
    assert options.planned["rituximab in refractory disease"] == "yes"
    assert options["rank"]["switch to cyclophosphamide"] > options["rank"]["rituximab in refractory disease"]
    assert (page.names["rituximab"].action.value, len(page.names["rituximab"].conflicts)) == ("informative_only", 3)
    levels = page.review.to_frame("monitoring").query("measure == 'whole-blood hydroxychloroquine'")
    assert levels.set_index("target_low").verdict.to_dict() == {750.0: "below", 600.0: "within", 200.0: "within"}


def test_exchange_takes_out_the_antibody_and_the_thrombotic_form_stays_apart(fx_page):
    page = fx_page("neuropsychiatric")
    rituximab = page.findings("rituximab")
    assert rituximab.strength["incomplete_depletion"] == "measured"
    assert "PMID:27002825" in page.findings("cyclophosphamide").against["lack_of_activation"]
    removal = {(check.drug, check.partner): check for check in page.review.removal}
    assert {("rituximab", "plasma exchange"), ("rituximab", "intravenous immunoglobulin")} <= set(removal)
    assert "47 to 54 percent" in removal["rituximab", "plasma exchange"].advice
    assert "Give after the session" in removal["rituximab", "plasma exchange"].advice
    options = page.options("neuropsychiatric lupus")
    assert "thrombosis or antiphospholipid antibodies" in options.against["intravenous immunoglobulin"]
    assert options.genome["antiplatelet in thrombotic disease"] == "speaks against"
    assert options.genome["anticoagulant in thrombotic disease"] == "dose differently"
    untried = options["rank"][["mycophenolate", "plasma exchange", "intravenous immunoglobulin"]]
    assert untried.max() < options["rank"]["anticoagulant in thrombotic disease"]
    assert untried.max() < options["rank"]["high-dose glucocorticoid"]  # given, and not enough
    patient = page.names["patient"]
    assert patient.drug("citalopram").action.value == "consider_alternative"
    assert {"with omeprazole", "with hydroxychloroquine"} <= {
        check.subject for check in patient.drug("citalopram").checks
    }
    assert page.review.to_frame("monitoring").iloc[0][["measure", "verdict"]].tolist() == ["serum IgG", "below"]


def test_an_infection_comes_first_and_silence_is_asked_about(fx_page):
    page = fx_page("skin_and_joints")
    considered = page.names["considered"]
    assert {page.names["patient"].drug(name).response.value for name in considered} == {"no_validated_marker"}
    (during,) = page.names["during"].itertuples()  # said once, and nothing is ranked
    assert (during.manifestation, during.stage) == ("all", "against")
    assert during.option.startswith("no immunosuppressive option is ranked")
    known, silent = ({name: " ".join(page.names[kind][name]) for name in considered} for kind in ("known", "silent"))
    assert all("infection" in text for text in known.values())
    jak = ["baricitinib", "upadacitinib", "tofacitinib"]
    assert all("tuberculosis" in silent[name] for name in (*jak, "deucravacitinib"))
    assert all("thrombosis" in silent[name] for name in jak)
    assert all("hepatitis" in silent[name] for name in ("baricitinib", "deucravacitinib"))
    assert "with fluconazole" in known["tofacitinib"]
    after = page.names["after"].set_index("option")
    assert not after.against[["anifrolumab"]].notna().any()
    assert after.against["upadacitinib"] == "upadacitinib: avoid: with anifrolumab"  # which is planned
    # What was told is not asked again; a contact with tuberculosis was not.
    asked = after.check_first[considered].fillna("").str.replace("contact with tuberculosis", "contact with it")
    assert not asked.str.contains("tuberculosis|hepatitis|pregnancy").any()
    assert after.check_first[jak].str.contains("antiphospholipid antibodies").all()  # never measured
    assert after["rank"]["anifrolumab"] < after["rank"][[*jak, "deucravacitinib"]].min()
    assert after.stage.iloc[-1] == "against"
    assert after[after.stage != "against"].index[-1] in ("belimumab", "methotrexate")
    left = [name for name in considered if after.stage[name] != "against"]
    assert after["rank"]["methotrexate"] > after["rank"][left].max()  # it failed
    measured = page.review.to_frame("monitoring")
    assert "interferon gene signature" in set(measured.measure[measured.drug == "anifrolumab"])
    missing = page.review.to_frame("monitoring").query("measure == 'whole-blood hydroxychloroquine'")
    assert set(missing.verdict) == {"not measured"}


def test_nudt15_reduces_forbids_or_is_not_known(fx_page):
    page = fx_page("thiopurine_nudt15")
    table = page.names["table"].set_index("patient")
    assert table.NUDT15.to_dict() == {"TH-24": "*1/*3", "TH-25": "*3/*3", "TH-26": ""}
    assert table.dose.to_dict() == {"TH-24": "0.3-0.8", "TH-25": "", "TH-26": ""}  # CPIC 2025, PMID:41618934
    assert table.action["TH-25"] == "avoid"
    assert page.names["words"] == {"TH-24": "dose differently", "TH-25": "speaks against", "TH-26": "test first"}
    unknown = page.names["patients"]["TH-26"].drug("azathioprine")
    assert unknown.response.value == "indeterminate"
    assert unknown.certainty is None
    assert [str(item) for item in unknown.conflicts] == ["DPWG: test first"]
    assert unknown.not_assessed[0].startswith("NUDT15: ")
    assert page.names["first"]["TH-26"].startswith("azathioprine: undecided")
    assert page.highlighted()[0].count("> **TH-2") == 3
    options = page.names["options"].set_index("option")
    against = options.against["maintenance with mycophenolate"]
    assert "contraindicated: woman who may become pregnant (conception planned)" in against
    assert options.genome["maintenance with azathioprine"] == "speaks against"
    assert "24%" in page.printed  # 1 - (880/1008)^2 of the 1000 Genomes East Asians


def test_two_risk_haplotypes_are_a_doubt_about_resistance_itself(fx_page):
    page = fx_page("apol1_proteinuria")
    (signal,) = page.names["signal"].itertuples()
    assert signal.certainty >= 0.95
    assert "PMID:24504811" in signal.citations
    assert "biopsy" in signal.tells
    assert "compatible with kidney injury that is not immune" in signal.text
    assert page.findings("mycophenolate mofetil").text["adequate_exposure"].startswith("mycophenolic acid AUC0-12 41")
    tacrolimus = page.findings("tacrolimus")
    assert {"measured", "strong"} <= set(tacrolimus.strength["under_exposure"])
    assert tacrolimus.population["under_exposure"].str.contains("not written for lupus").any()
    status = page.criteria("prednisone;mycophenolate mofetil")
    assert status["EULAR-LN-2025-3m", 3] == "met"
    assert status["EULAR-LN-2025-6m", 6] == "not met"
    options = page.options("lupus nephritis")
    assert options.index[0] == "before any change: intake, dose, level, repeat biopsy"
    # Calcineurin inhibitors want an eGFR above 45.
    inhibitors = [f"glucocorticoid + mycophenolate + {drug}" for drug in ("tacrolimus", "cyclosporine", "voclosporin")]
    assert not set(inhibitors) & set(options.index)


def test_nothing_found_is_told_plainly(fx_page):
    page = fx_page("nothing_genetic")
    findings = page.review.to_frame("resistance")
    assert dict(zip(findings.drug, findings.finding, strict=True)) == {
        "belimumab": "no_validated_marker",
        "azathioprine": "nothing_genetic",
    }
    assert set(page.names["variants"].status) == {"observed"}  # looked at, not left out
    words = set(page.review.to_frame("options").genome)
    assert words == {"neutral", "no marker", WEAK}
    assert "TPMT *1/*1 Normal Metabolizer" in findings.set_index("drug").text["azathioprine"]


@pytest.mark.parametrize("sample", ["LN-21", "NP-22", "TH-25", "PR-27"])
def test_both_builds_say_the_same(sample, fx_files):
    reviews = [
        lupus_pgx.analyze(fx_files[f"{sample}.{build}.vcf.gz"], context=fx_files[f"{sample}.yaml"]).patient(sample)
        for build in ("GRCh38", "GRCh37")
    ]
    one, other = (str(patient.resistance) for patient in reviews)
    assert one == other
    assert reviews[0].diplotypes.to_frame().equals(reviews[1].diplotypes.to_frame())


def test_a_clash_with_a_planned_alternative_does_not_move_an_option_down():
    failed = [{"drug": "azathioprine", "outcome": "inadequate_response"}]
    context = {
        "manifestations": {"musculoskeletal": None},
        "conditions": {"tuberculosis": False},
        "therapies": failed,
    }
    plans = {
        name: lupus_pgx.respond({}, context=context | {"planned": [{"drug": drug} for drug in drugs]})
        for name, drugs in {"none": [], "anifrolumab": ["anifrolumab"]}.items()
    }
    options = {name: patient.options.to_frame().set_index("option") for name, patient in plans.items()}
    assert options["none"].index.tolist() == options["anifrolumab"].index.tolist()
    assert "with anifrolumab" in options["anifrolumab"].against["deucravacitinib"]
    taken = context | {"therapies": [*failed, {"drug": "anifrolumab", "outcome": "ongoing"}]}
    order = lupus_pgx.respond({}, context=taken).options.to_frame().option.tolist()
    assert order.index("deucravacitinib") > order.index("methotrexate")
    assert order.index("upadacitinib") > order.index("methotrexate")  # no JAK inhibitor beside a biologic that is taken


def test_tablets_that_are_not_taken_come_before_the_genotype(fx_page):
    page = fx_page("tablets_not_taken")
    options = page.options("lupus nephritis")
    assert options.index[0].startswith("take it")
    assert "CYP3A5" not in page.review.headline
    steps = {step.step.value: step for step in page.review.steps}
    assert steps["genome"].says[0].startswith("CYP3A5 *1/*1")
    assert not steps["refractory"].speaks


def test_what_a_pregnancy_forbids_does_not_take_its_successor_down(fx_page):
    options = fx_page("pregnancy").options("lupus nephritis")
    first = options.index[:3].tolist()
    assert first == ["hydroxychloroquine", "hydroxychloroquine + low-dose aspirin", "azathioprine in pregnancy"]
    assert "with mycophenolate mofetil" in options.against["azathioprine in pregnancy"]
    assert options.genome["azathioprine in pregnancy"] == "dose differently"
    assert options["rank"]["maintenance with mycophenolate"] > options["rank"]["tacrolimus in pregnancy"]


def test_a_response_on_its_way_is_waited_for(fx_page):
    page = fx_page("slow_responder")
    options = page.options("lupus nephritis")
    assert options.index[0].startswith("keep on")
    assert "refractory" not in set(options.stage)
    assert not any(step.speaks for step in page.review.steps if step.step.value == "refractory")


def test_three_months_warn_and_the_level_comes_first(fx_page):
    page = fx_page("early_warning")
    assert not page.review.therapies
    assert page.options("lupus nephritis").index[0].startswith("give more ")
    assert {item.group for item in page.review.behind} == {"EULAR-ERA-LN-2019-3m"}


def test_a_level_above_its_range_stops_the_multiple(fx_page):
    page = fx_page("level_too_high")
    assert page.options("lupus nephritis").index[0].startswith("stop or give less")
    assert "adequate_exposure" not in page.review.to_frame("resistance").finding.tolist()
    assert not re.search(r"1\.5-2|2\.5 times", page.names["drug"].summary)
    assert page.review.headline.count("clarithromycin") == 1


def test_a_drug_that_brings_on_lupus_is_stopped_before_one_for_lupus_is_given(fx_page):
    options = fx_page("not_lupus").review.to_frame("options")
    first = options.iloc[0]
    assert (first.manifestation, first.option) == ("all", "stop the drug that may bring on this lupus: hydralazine")
    assert {"musculoskeletal", "serositis"} <= set(options.manifestation)
