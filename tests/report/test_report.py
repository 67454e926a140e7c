"""Reports of patients and cohorts as HTML files: what they say, and what must never get into them."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path

import pytest
import yaml
from builder import Rec, VcfBuilder
from helpers import plain, warned
from places import ROOT

import lupus_pgx
from lupus_pgx.report.unanswered import of_patient
from lupus_pgx.terms import Action
from lupus_pgx.words.vocabulary import CHECKS

NASTY = ["<script>alert(1)</script>", "../../x", 'a"b&c', "x" * 300]


def section(html: str, name: str) -> str:
    """Return the text of a section, by the identifier of its heading."""
    found = re.search(rf'<section[^>]* aria-labelledby="{name}">(.*?)</section>', html, re.DOTALL)
    assert found, name
    return plain(found.group(1))


CONTEXT = {
    "sex": "female",
    "pregnancy": True,
    "manifestations": {"lupus nephritis": {"class": ["IV"]}},
    "therapies": [
        {
            "drug": "MMF",
            "dose": "2 g/day",
            "start": "2023-01-01",
            "stop": "2023-09-01",
            "outcome": "inadequate_response",
        },
        {"drug": "AZA", "start": "2023-10-01", "outcome": "ongoing"},
    ],
    "planned": [{"drug": "cyclophosphamide"}],
    "labs": [{"quantity": "upcr", "unit": "g/g", "values": {"2023-01-01": 3.0, "2023-04-01": 2.9}}],
}


@pytest.fixture(scope="module")
def fx_patients(fx_example):
    return lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])


@pytest.fixture(scope="module")
def fx_page(fx_patients):
    return fx_patients.patient("LN-01").to_html()


@pytest.fixture(scope="module")
def fx_context_page(fx_example):
    path = fx_example["patients.GRCh38.vcf.gz"]
    return lupus_pgx.analyze(path, samples=["LN-01"], context=CONTEXT).patient("LN-01").to_html()


@pytest.fixture
def fx_analyze_one(tmp_path):
    def page(builder, **options):
        return lupus_pgx.analyze(builder.write(tmp_path / "in"), **options).to_html()

    return page


@pytest.fixture(scope="module")
def fx_nasty(tmp_path_factory):
    builder = VcfBuilder(samples=[*NASTY, "S5", "S6"], genes=("TPMT", "NUDT15", "CYP3A5"))
    builder.set("rs1142345", "T/C", "C/C", "T/T", "T/T", "./.", "T/C")
    path = builder.write(tmp_path_factory.mktemp("nasty"))
    return lupus_pgx.analyze(path, drugs=["AZA", "tacrolimus", "MMF"], ancestry={"S5": "EUR", "../../x": "AFR"})


# What the page of a patient says.


def test_drugs_stand_under_what_the_genotype_asks_for(fx_page, fx_patients):
    drugs = section(fx_page, "drugs")
    assert drugs.index("Test first") < drugs.index("Lower dose expected") < drugs.index("azathioprine")
    assert "30-80% of the usual starting dose" in drugs
    glance = section(fx_page, "h-glance")
    frame = fx_patients.drug_responses.to_frame()
    for drug in frame[(frame.sample_id == "LN-01") & (frame.predicted_response != "no_validated_marker")].drug:
        assert drug in plain(fx_page)
    for drug in frame[(frame.sample_id == "LN-01") & (frame.action == "standard")].drug:
        assert drug in glance


def test_every_drug_is_named_once_in_its_group(fx_page, fx_patients):
    silent = section(fx_page, "silent")
    frame = fx_patients.drug_responses.to_frame()
    mine = frame[frame.sample_id == "LN-01"]
    without = mine[mine.predicted_response == "no_validated_marker"].drug.tolist()
    undecided = mine[(mine.predicted_response == "indeterminate") & (mine.action == "informative_only")].drug.tolist()
    assert f"{len(without)} drugs" in silent
    assert f"{len(undecided)} drugs" in silent
    assert all(drug in silent for drug in [*without, *undecided])


def test_guidelines_stand_side_by_side(fx_page):
    table = re.search(r'aria-label="Guidelines on azathioprine">(.*?)</table>', fx_page, re.DOTALL).group(1)
    assert re.findall(r'<th scope="col">(.*?)</th>', table) == ["CPIC", "DPWG", "FDA label"]
    cells = [plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", table, re.DOTALL)]
    assert "30-80%" in cells[0]
    assert "50%" in cells[1]
    assert "lower dose" in cells[2]


def test_body_without_a_rule_says_so(fx_page):
    table = re.search(r'aria-label="Guidelines on hydralazine">(.*?)</table>', fx_page, re.DOTALL).group(1)
    cells = [plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", table, re.DOTALL)]
    assert cells[1] == "no rule on this drug"


def test_genes_say_how_sure_they_are(fx_page):
    genes = section(fx_page, "genes")
    assert re.search(r"TPMT \*1/\*3A .*Intermediate Metabolizer .*probable 97\.6%", genes)
    assert "CYP3A5 *1/*3" in genes
    assert "UGT1A9 -275T>A" in genes


def test_what_was_not_assessed_is_prominent(fx_page):
    top = section(fx_page, "h-missing")
    assert "Absence is never normal" in top
    assert "HLA-B" in top
    gaps = section(fx_page, "gaps")
    assert re.search(r"HLA-B typing .*allopurinol : usual dose or avoid", gaps)
    assert "CYP2D6 structure" in gaps


def test_variant_only_file_is_told_before_any_result(fx_example):
    html = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"]).to_html()
    text = plain(html)
    assert text.index("looks like a variant-only VCF") < text.index("At a glance: drugs")
    gaps = section(html, "gaps")
    assert "no record" in gaps
    assert re.search(r"G6PD .*hydroxychloroquine", gaps)


def test_citations_are_links_to_their_address(fx_page, fx_knowledge):
    addresses = {row["citation"]: row["url"] for row in fx_knowledge.rows("citations")}
    for name in ("PMID:41618934", "doi:10.20517/jtgg.2020.37"):
        assert f'<a href="{addresses[name]}" rel="noreferrer noopener">{name}</a>' in fx_page


def test_page_says_where_it_comes_from(fx_page, fx_patients):
    origin = section(fx_page, "origin")
    given = fx_patients.provenance.to_dict()
    assert given["inputs"][0]["sha256"] in origin
    assert f"lupus-pgx {lupus_pgx.__version__}" in origin
    assert given["data_release"] in origin
    assert "unknown" in origin
    for table in given["knowledge"]["tables"].values():
        assert table["sha256"] in origin
    assert "Research use only" in plain(fx_page)


def test_page_of_one_patient_names_no_other(fx_patients, fx_nasty):
    for analysis in (fx_patients, fx_nasty):
        for sample in analysis.sample_ids:
            text = plain(analysis.patient(sample).to_html())
            assert sample in text
            assert not [name for name in analysis.sample_ids if name != sample and name in text]


def test_variant_that_no_allele_lists_stands_beside_the_call(tmp_path):
    csq = '##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: Allele|Consequence|IMPACT|SYMBOL">'
    builder = VcfBuilder(genes=("TPMT",), meta=[csq])
    builder.add(Rec("chr6", 18143620, "G", "A", ["0/1"], info="CSQ=A|stop_gained|HIGH|TPMT"))
    genes = section(lupus_pgx.analyze(builder.write(tmp_path / "in"), genes=["TPMT"]).to_html(), "genes")
    assert re.search(r"TPMT \*1/\*1 .*unlisted variant .*G/A: stop_gained", genes)


def test_adjusted_phenotype_stands_beside_that_of_the_genotype():
    patient = lupus_pgx.respond({"CYP2D6": "*1/*1"}, ["codeine"], context={"co_medication": ["paroxetine"]})
    html = patient.to_html()
    assert "Normal Metabolizer (activity score 2) with the co-medication: Poor Metabolizer" in section(html, "genes")
    assert "paroxetine" in section(html, "context")


def test_drug_that_no_table_knows_is_named():
    context = {"co_medication": [{"other": "finasteride"}]}
    html = lupus_pgx.respond({"TPMT": "*1/*1"}, ["AZA"], context=context).to_html()
    assert "No table knows finasteride" in section(html, "context")


def test_overlay_is_named(tmp_path):
    (tmp_path / "citations.tsv").write_text(
        "citation\tauthors\tyear\ttopic\tkind\turl\nmine\t\t2025\tmine\treview\thttps://example.org/mine\n"
    )
    html = lupus_pgx.respond({"TPMT": "*1/*1"}, ["AZA"], lupus_pgx.load_knowledge(tmp_path)).to_html()
    assert f"overlay {tmp_path.name} (SHA-256" in section(html, "origin")


def test_given_calls_need_no_file():
    text = plain(lupus_pgx.respond({"TPMT": "*3A/*3A"}, ["AZA", "MMF"]).to_html())
    assert "as given, nothing read from a file" in text
    assert "avoid azathioprine" in text
    assert "none: calls as given" in text
    assert "NUDT15 : not given azathioprine" in text
    assert "FDA label: consider alternative" in text


# The clinical context.


def test_failed_therapies_stand_before_the_options(fx_context_page):
    treatment = section(fx_context_page, "treatment")
    assert "mycophenolate mofetil inadequate response" in treatment
    assert "compatible with" in treatment
    assert "not met" in treatment
    options = section(fx_context_page, "options")
    assert "Options for lupus nephritis" in options
    assert "not a prescription" in options
    assert fx_context_page.index('id="treatment"') < fx_context_page.index('id="options"')


def test_context_against_a_drug_is_shown_by_fact(fx_context_page, fx_example):
    found = section(fx_context_page, "objections")
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], context=CONTEXT)
    against = [
        drug
        for drug in analysis.results.responses.values
        if any(
            check.criterion == "pregnancy" and check.against for check in analysis.patient("LN-01").drug(drug).checks
        )
    ]
    assert len(against) > 3
    assert "contraindicated" in found
    assert all(drug in found for drug in against)
    assert "mycophenolate mofetil taken now" not in fx_context_page


def test_what_the_context_asks_is_said_once_on_a_card(fx_context_page):
    cards = re.findall(r"<article.*?</article>", fx_context_page, re.DOTALL)
    asked = [card for card in cards if "By the <a" in card]
    assert len(asked) > 10
    for card in asked:
        said = re.search(r'<p class="screen"><b>By the .*?</p>', card).group()
        (reason, *_) = re.split(r" \(|[,;.]", plain(said).partition("): ")[2].rpartition(":")[2].strip())
        besides = re.search(r'<p class="checks screen">(.*?)</p>', card.replace("\n", ""))
        assert besides is None or reason not in plain(besides.group(1))


def test_history_is_a_tag_of_the_drug(fx_context_page):
    drugs = section(fx_context_page, "drugs")
    assert "azathioprine taken now" in drugs
    assert "mycophenolate mofetil tried: inadequate response" in drugs


def test_without_a_context_there_is_no_word_of_treatment(fx_page):
    for name in ("treatment", "options", "objections", "context"):
        assert f'aria-labelledby="{name}"' not in fx_page


def test_what_was_given_and_when_stands_on_top(fx_example):
    path = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(path, samples=["LN-01"], context=CONTEXT, today="2026-11-28")
    for short in (False, True):
        top = plain(analysis.patient("LN-01").to_html(short=short)).partition("Treatment so far.")[0]
        assert "Date: 2026-11-28" in top
        assert "Input: patients.GRCh38.vcf.gz" in top
        assert "Given: clinical context" in top
        assert "Not given: calls made elsewhere (CYP2D6, HLA)" in top
        assert "Research use only" in top


def test_planned_drugs_and_what_is_taken_stand_before_all_others(fx_context_page):
    text = plain(fx_context_page)
    near = text.partition("Planned, or taken now")[2].partition("At a glance: drugs")[0]
    assert "cyclophosphamide planned" in near
    assert "azathioprine taken now" in near


def test_timeline_draws_what_has_a_date(fx_context_page):
    figure = re.search(r"<svg class=\"timeline\".*?</svg>", fx_context_page, re.DOTALL)[0]
    assert figure.count('<rect class="course') == 2
    assert len(re.findall(r"<circle", figure)) == 2
    assert "inadequate response" in figure
    assert "No date: cyclophosphamide" in plain(fx_context_page)
    places = [float(x) for x in re.findall(r'<circle class="dot" cx="([\d.]+)"', figure)]
    assert places == sorted(places)
    assert all(210 <= x <= 730 for x in places)


def test_the_band_of_a_series_is_the_target_of_the_manifestation(fx_example):
    """Mycophenolate has three target ranges of its exposure; that of lupus nephritis is the one drawn."""
    path = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(path, samples=["LN-01"], context=fx_example["LN-01.yaml"])
    figure = re.search(r"<svg class=\"timeline\".*?</svg>", analysis.patient("LN-01").to_html(), re.DOTALL)[0]
    (top, height) = re.search(r'<rect class="band" x="210" y="([\d.]+)" width="520" height="([\d.]+)"', figure).groups()
    assert figure.count('class="band"') == 1
    assert "target 35-45" in figure
    (y,) = re.findall(r'cy="([\d.]+)" r="3.5"/><text [^>]*>24</text>', figure)
    assert float(y) > float(top) + float(height)  # 24 is below the band


def test_checks_stand_by_consequence_the_most_severe_first(fx_context_page):
    found = re.search(r'<ul class="consequences">(.*?)</ul>', fx_context_page, re.DOTALL)[1]
    labels = [plain(label) for label in re.findall(r'<span class="badge.*?</span>', found, re.DOTALL)]
    order = [word.label for word in CHECKS.values()]
    assert [order.index(label) for label in labels] == sorted(order.index(label) for label in labels)
    assert labels[0] == "contraindicated"


def test_a_gene_names_the_functions_of_its_alleles_and_its_drugs(fx_page):
    genes = section(fx_page, "genes")
    row = re.search(r"TPMT \*1/\*3A .*?(?=UGT1A1)", genes)[0]
    assert "normal function / no function" in row.lower()
    assert "azathioprine, mercaptopurine, thioguanine" in row


def test_a_missing_position_says_what_it_leaves_open(fx_analyze_one):
    html = fx_analyze_one(VcfBuilder(genes=("TPMT", "NUDT15")).drop("rs116855232"), drugs=["AZA"])
    table = re.search(r'aria-label="Positions of NUDT15">(.*?)</table>', html, re.DOTALL)[1]
    assert re.search(r"rs116855232 chr13:48045719 no record .*\*3 \(No function\)", plain(table), re.IGNORECASE)


def test_short_form_loses_no_restriction_and_nothing_that_was_not_assessed(fx_patients, fx_context_page, fx_example):
    path = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(path, samples=["LN-01"], context=CONTEXT)
    for patient in (fx_patients.patient("NP-02"), analysis.patient("LN-01")):
        text = plain(patient.to_html(short=True))
        for drug in patient.results.responses.values:
            response = patient.drug(drug)
            if response.overall_action.severity > Action.STANDARD.severity:
                assert drug in text
            for check in response.unseen if drug in text else ():
                assert check.subject in text or "clinical context" in text
        for gap in ("HLA-B", "CYP2D6"):
            assert re.search(rf"{gap} : .*? \(\d+ drugs wait\)", text)


def test_short_form_is_a_format_of_its_own(fx_patients, tmp_path):
    written = fx_patients.write(tmp_path, formats=["html-short"])
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        f"short/{name}.html" for name in ("LN-01", "NP-02", "CU-03")
    ]
    assert written[1].read_text(encoding="utf-8") == fx_patients.patient("NP-02").to_html(short=True)


# Safety.


@pytest.mark.parametrize("sample", NASTY)
def test_names_of_samples_are_text(sample, fx_nasty):
    html = fx_nasty.patient(sample).to_html()
    assert html.lower().count("<script") == 1  # the one of the page
    assert unescape(re.search(r"<h1>(.*?)</h1>", html).group(1)) == sample
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    assert sample not in style


@pytest.mark.parametrize("which", ["fx_page", "fx_context_page", "fx_cohort_page"])
def test_pages_fetch_nothing(which, request):
    html = request.getfixturevalue(which)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', html).group(1)
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    assert not re.search(r"\b(src|srcset|poster|action)=|@import|url\((?!#)|\son\w+=", html)
    assert set(re.findall(r'<link [^>]*href="([^"]*)"', html)) == {"data:,"}


def test_address_of_an_overlay_that_is_no_web_address_is_no_link(tmp_path):
    (tmp_path / "citations.tsv").write_text(
        "citation\tauthors\tyear\ttopic\tkind\turl\nPMID:41618934\tX\t2025\tthiopurines\tguideline\tjavascript:alert(1)\n"
    )
    knowledge = lupus_pgx.load_knowledge(tmp_path)
    html = lupus_pgx.respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, ["AZA"], knowledge).to_html()
    assert "PMID:41618934" in html
    assert 'href="javascript' not in html


# Files.


@pytest.fixture(scope="module")
def fx_folder(fx_nasty, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "deep" / "results"
    written = fx_nasty.write(folder, formats=["html"])
    assert sorted(written) == sorted(path for path in folder.rglob("*") if path.is_file())
    return folder


def test_files_are_named_after_samples_and_stay_in_the_folder(fx_folder):
    names = {path.name for path in (fx_folder / "patients").iterdir()}
    expected = {
        "%3Cscript%3Ealert%281%29%3C%2Fscript%3E.html",
        "..%2F..%2Fx.html",
        "a%22b%26c.html",
        "S5.html",
        "S6.html",
    }
    assert expected < names
    (long,) = names - expected
    assert long.startswith("xxxx")
    assert len(long) < 255
    assert [path.name for path in fx_folder.parent.iterdir()] == ["results"]
    assert {path.name for path in fx_folder.iterdir()} == {"patients", "cohort.html"}


def test_long_names_that_begin_alike_get_different_files():
    from lupus_pgx.report.html import file_name

    assert file_name("x" * 300) != file_name("x" * 301)
    assert len({file_name("/" * count) for count in (80, 90, 100)}) == 3


def test_cohort_links_to_the_patients(fx_folder):
    from urllib.parse import unquote

    html = (fx_folder / "cohort.html").read_text(encoding="utf-8")
    links = [unescape(link) for link in re.findall(r'<a href="(patients/[^"]+)"', html)]
    assert len(links) == 6
    assert all((fx_folder / unquote(link)).is_file() for link in links)


def test_few_patients_have_no_cohort_page(fx_patients, fx_cli, fx_example, tmp_path):
    code, out, err = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], "-o", tmp_path, "--format", "html")
    assert (code, out, warned(err)) == (0, "", "")
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.html"))
    assert found == ["patients/CU-03.html", "patients/LN-01.html", "patients/NP-02.html"]
    assert (tmp_path / "patients" / "LN-01.html").read_text(encoding="utf-8") == fx_patients.patient("LN-01").to_html()


def test_failed_write_keeps_the_old_page(fx_patients, tmp_path, monkeypatch):
    (tmp_path / "patients").mkdir()
    (tmp_path / "patients" / "LN-01.html").write_text("old")
    (tmp_path / "patients" / "NP-02.html").mkdir()
    with pytest.raises(lupus_pgx.OutputError, match="NP-02"):
        fx_patients.write(tmp_path, formats=["html"])
    assert {path.name for path in (tmp_path / "patients").iterdir()} == {"LN-01.html", "NP-02.html"}


def test_folder_that_is_a_file_is_one_sentence(fx_cli, fx_example, tmp_path):
    (tmp_path / "patients").write_text("mine")
    code, _, err = fx_cli("analyze", fx_example["patients.GRCh38.vcf.gz"], "-o", tmp_path, "--format", "html")
    assert code == 73
    assert err.count("\n") == 1
    assert (tmp_path / "patients").read_text() == "mine"


# The cohort.


@pytest.fixture(scope="module")
def fx_cohort_page(fx_nasty):
    return fx_nasty.to_html()


def test_one_sample_gives_its_own_page(fx_example):
    analysis = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"])
    assert analysis.to_html() == analysis.patient("LN-01").to_html()


def test_cohort_counts_are_those_of_the_tables(fx_cohort_page, fx_nasty):
    drugs = section(fx_cohort_page, "drugs")
    frame = fx_nasty.drug_responses.to_frame()
    actions = frame[frame.drug == "azathioprine"].action.value_counts()
    words = {"avoid": "avoid", "reduce_dose": "reduce dose", "standard": "usual dose", "test_first": "test first"}
    assert actions.sum() == 6
    for action, count in actions.items():
        share = "100%" if count == 6 else f"{count / 6 * 100:.1f}%"
        assert f"{words[action]} {count} ({share})" in drugs
    phenotypes = section(fx_cohort_page, "phenotypes")
    found = fx_nasty.diplotypes.to_frame()
    count = (found[found.gene == "TPMT"].phenotype == "Intermediate Metabolizer").sum()
    assert re.search(rf"Intermediate Metabolizer {count} {count / 6 * 100:.1f}%", phenotypes)


def test_cohort_is_split_by_ancestry_where_it_is_known(fx_cohort_page, fx_nasty):
    header = plain(re.search(r"Phenotypes by gene: .*?<thead>(.*?)</thead>", fx_cohort_page, re.DOTALL).group(1))
    assert header == "Name Found all 6 AFR 1 EUR 1 not given 4"
    alone = lupus_pgx.analyze(fx_nasty.provenance.inputs[0][0], drugs=["AZA"]).to_html()
    header = plain(re.search(r"Phenotypes by gene: .*?<thead>(.*?)</thead>", alone, re.DOTALL).group(1))
    assert header == "Name Found all 6"


def test_missingness_has_reasons(fx_cohort_page, fx_nasty):
    missing = section(fx_cohort_page, "missing")
    variants = fx_nasty.variants.to_frame()
    mine = variants[variants.gene == "TPMT"]
    share = (mine.status == "no_call").mean() * 100
    assert 0 < share < 5
    assert re.search(rf"TPMT .*{100 - share:.1f}% 1 no call {max(share, 0.1):.1f}%", missing)


def test_bars_say_in_words_what_they_show(fx_cohort_page):
    labels = re.findall(r'<svg class="bar"[^>]* aria-label="([^"]+)"', fx_cohort_page)
    assert any(label.startswith("azathioprine: ") and "reduce dose" in label for label in labels)
    for bar in re.findall(r'<svg class="bar".*?</svg>', fx_cohort_page, re.DOTALL):
        widths = [float(width) for width in re.findall(r'<rect class="fill[^>]* width="([\d.]+)"', bar)]
        assert sum(widths) == pytest.approx(1000, abs=1)


def test_drugs_that_are_alike_in_all_samples_share_a_line(tmp_path):
    """A bar that is one colour from end to end says no more than a word, and seventy of them hide the others."""
    samples = [f"S{number}" for number in range(7)]
    builder = VcfBuilder(samples=samples, genes=("TPMT", "NUDT15", "CYP3A5", "CYP2C19"))
    builder.set("rs1142345", "T/C", *["T/T"] * 6)
    calls = builder.write(tmp_path / "in")
    drugs = ["AZA", "clopidogrel", "omeprazole", "allopurinol", "belimumab"]
    for page, more in (
        (lupus_pgx.analyze(calls, drugs=drugs).to_html(), "No validated marker (1 drug): belimumab"),
        (page_of_run(calls, tmp_path / "run", drugs), "no validated marker: all 7 samples: belimumab"),
    ):
        text = re.sub(r" (?=[:,])", "", section(page, "drugs"))
        assert "usual dose: all 7 samples: clopidogrel, omeprazole" in text
        assert more in text
        rows = set(re.findall(r'<t(?:r|body) data-find="([^"]+)"', page))
        assert {"azathioprine", "allopurinol", "TPMT"} <= rows  # it differs; it asks for something in all
        assert not {"clopidogrel", "belimumab"} & rows
    counts = (tmp_path / "run" / "cohort_counts.tsv").read_text(encoding="utf-8")
    assert "drug\tclopidogrel\tusual dose\tall\t7\n" in counts


def page_of_run(calls: Path, folder: Path, drugs: list[str]) -> str:
    """Return the page of a cohort run, with all its counts."""
    lupus_pgx.analyze_cohort(calls, folder, drugs=drugs).write_page(min_cell=1)
    return (folder / "cohort.html").read_text(encoding="utf-8")


@pytest.mark.real
def test_large_cohort_gives_a_small_page(fx_real):
    analysis = lupus_pgx.analyze(str(fx_real / "1kgp-GRCh38.vcf.gz"), genes=["TPMT", "NUDT15", "CYP3A5"])
    html = analysis.to_html()
    assert "Cohort of 3,202 samples" in html
    assert len(html) < 2_000_000
    assert "The 500 samples with most drugs" in html


def test_two_reports_are_the_same_bytes(fx_patients, fx_nasty):
    assert fx_patients.patient("NP-02").to_html() == fx_patients.patient("NP-02").to_html()
    assert fx_nasty.cohort().to_html() == fx_nasty.to_html()


def test_templates_are_part_of_the_package():
    folder = Path(lupus_pgx.__file__).parent / "report" / "templates"
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"templates/*"' in text
    assert all(path.is_file() for path in folder.iterdir())


@pytest.mark.parametrize("name", ["a=b.tsv", "calls.tsv"])
@pytest.mark.parametrize("named", ["", "S1="])
def test_a_page_names_a_file_whole(name, named, tmp_path):
    """The name before the path of outside calls is no part of it; "=" within a file name is."""
    (tmp_path / name).write_text("gene\tdiplotype\nCYP2D6\t*1/*4\n")
    context = tmp_path / "day=1.yaml"
    context.write_text("age: 30\n")
    path = VcfBuilder(genes=("TPMT", "NUDT15")).write(tmp_path / "patient")
    analysis = lupus_pgx.analyze(path, outside_calls=[f"{named}{tmp_path / name}"], context=context, build="GRCh38")
    origin = section(analysis.patient("S1").to_html(), "origin")
    assert re.search(rf"outside calls {re.escape(name)}(?!\S)", origin)
    assert "day=1.yaml (SHA-256" in origin


def test_a_page_names_files_and_no_folders(tmp_path):
    """A page is handed on: where a file lies on the machine is told in provenance.json only."""
    bed, context, calls = tmp_path / "called.bed", tmp_path / "context.yaml", tmp_path / "calls.tsv"
    bed.write_text("chr6\t0\t30000000\n")
    context.write_text("age: 30\n")
    calls.write_text("sample_id\tgene\tdiplotype\nS1\tCYP2D6\t*1/*4\n")
    path = VcfBuilder(genes=("TPMT", "NUDT15")).variants_only().write(tmp_path / "patient")
    analysis = lupus_pgx.analyze(
        path, absent="reference", called_regions=bed, outside_calls=[calls], context=context, build="GRCh38"
    )
    page = analysis.patient("S1").to_html()
    assert str(tmp_path) not in page
    assert Path(path).name in page
    assert "calls.tsv" in page
    assert str(tmp_path) in str(analysis.provenance.to_dict()["inputs"])


def test_a_sex_of_the_context_is_given(fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    heads = [
        re.search(
            r"Given: <b>(.*?)</b>",
            lupus_pgx.analyze(vcf, samples=["LN-01"], context=context).patient("LN-01").to_html(),
        )[1]
        for context in ({"sex": "female"}, {"age": 34})
    ]
    assert heads == ["clinical context, sex", "clinical context"]


# What stands once is not said again.


@pytest.fixture(scope="module")
def fx_heavy():
    """Return a what-if of many findings, treatments, planned drugs and others."""
    context = yaml.safe_load((Path(__file__).parent / "heavy.yaml").read_text(encoding="utf-8"))
    calls = {"NUDT15": "*1/*3", "TPMT": "*1/*3A", "CYP3A5": "*1/*3", "SLCO1B1": "*5/*5", "CYP2C9": "*3/*3"}
    return lupus_pgx.respond(calls, context=context, today="2026-11-29")


def _texts(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_word_of_a_sign_is_not_said_again_behind_it(fx_heavy):
    page = fx_heavy.to_html()
    near = _texts(page.partition("Planned, or taken now")[2].partition("</section>")[0])
    assert re.search(r"avoid anifrolumab planned active or untreated latent tuberculosis", near)
    assert not re.search(r"\bavoid [\w/ -]+ (?:planned|taken now) avoid:", near)
    # What is stricter than the word keeps its own.
    assert "avoid hydroxychloroquine taken now contraindicated: maculopathy" in near


def test_paper_gives_a_value_with_drugs_that_are_taken_and_not_again(fx_heavy):
    page = fx_heavy.to_html()
    value = "30 mL/min/1.73m2 on 2026-11-01; clearance by Cockcroft-Gault 29 mL/min"
    first, rest = page.split('id="glance"')
    assert value in first
    paper = re.findall(
        r'<p class="paper">.*?</p>|<div class="paper">.*?</div>|<ul class="two paper">.*?</ul>', rest, re.S
    )
    assert any("kidney function below 30 mL/min" in text for text in paper)
    assert not [text for text in paper if value in text]


def test_a_contradiction_is_said_once(fx_heavy):
    page = fx_heavy.to_html()
    others = page.partition('id="others"')[2].partition("</section>")[0]
    line = re.search(r"<li><b>mercaptopurine</b>.*?</li>", others, re.S)[0]
    assert line.count("contradictory result in leukaemia, label wording (NBK100660)") == 1


def test_guideline_bodies_on_one_genotype_are_one_finding(fx_heavy):
    said = _texts(fx_heavy.to_html().partition('id="treatment"')[2].partition("Response criteria")[0])
    once = "under-exposure, strong evidence : CYP3A5 *1/*3 Intermediate Metabolizer is compatible with"
    assert said.count(once) == 1
    assert all(f"{body} asks for" in said for body in ("CPIC 2015", "DPWG 2024", "FDA label 2026"))


def test_an_option_of_several_manifestations_is_told_once_on_paper(fx_heavy):
    options = fx_heavy.to_html().partition('id="options"')[2].partition("</section>")[0]
    paper = options.partition('<div class="two paper flow">')[2].partition('<div class="screen">')[0]
    assert paper.count("with whoever treats the tuberculosis") == 1
    assert "<b>As above:</b>" in paper


def test_a_drug_of_which_nothing_is_judged_is_not_called_spared(fx_heavy):
    """No table knows levetiracetam: a list of all but it would say that it was looked at."""
    assert not [item for item in of_patient(fx_heavy).facts if "levetiracetam" in item.spared]


def test_a_genotype_that_changes_no_choice_is_named_once(fx_example):
    """Three studies of one variant, two of which conflict: two entries."""
    analysis = lupus_pgx.analyze(
        fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], context=fx_example["LN-01.yaml"]
    )
    line = re.search(r"For information, the choice does not change: (.*?)</li>", analysis.patient("LN-01").to_html())[1]
    named = [part.strip() for part in unescape(line).split(";")]
    assert len(named) == len(set(named))
    assert sum("UGT1A9 -275T" in part for part in named) == 2


def test_a_cohort_of_a_few_names_who_and_gives_no_shares(fx_example):
    page = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"]).cohort().to_html()
    bare = re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    text = re.sub(r" (?=[:;,])", "", " ".join(unescape(bare).split()))
    assert "azathioprine avoid: NP-02; reduce dose: LN-01; usual dose: CU-03" in text
    assert "NUDT15 Normal Metabolizer LN-01, CU-03 Poor Metabolizer NP-02" in text
    assert re.search(r"usual dose: all 3: chloroquine, [^.]*abrocitinib", text)
    drugs = text.partition("Drugs: what the genotype asks for")[2].partition("Predicted response by drug")[0]
    assert "%" not in drugs


def test_a_prediction_on_weak_evidence_says_so_where_samples_are_counted(fx_example):
    cohort = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"]).cohort()
    table = cohort.to_html().partition("Predicted response at the usual dose")[2].partition("</table>")[0]
    lines = dict(re.findall(r'<th scope="row">([^<]*)</th><td>([^<]*)</td>', table))
    assert re.search(r"increased efficacy \(weak or conflicting evidence\) \d", lines["rituximab"])
    assert "evidence" not in lines["azathioprine"]
    for name, said in lines.items():
        weak = {str(label) for label in cohort.actions()[name] if "weak" in label}
        assert weak == set(re.findall(r"[a-z][a-z ]+ \(weak or conflicting evidence\)", said))


def test_what_else_is_possible_is_not_shown_at_its_lowest_only(fx_example, tmp_path):
    file = VcfBuilder().set("rs1142345", "T/C").set("rs1800460", "C/T").write(tmp_path / "two")
    analysis = lupus_pgx.analyze(file, drugs=["azathioprine"])
    (sample,) = analysis.sample_ids
    page = plain(analysis.patient(sample).to_html())
    assert "2 possible by population *1/*3A: 97.6% to over 99.9% *3B/*3C: under 0.1% to 2.2%" in page
    assert "or Poor Metabolizer (under 0.1% to 2.2%)" in page
    given = plain(lupus_pgx.analyze(file, drugs=["azathioprine"], ancestry="EAS").patient(sample).to_html())
    assert "2 possible *1/*3A: 97.6% *3B/*3C: 2.2%" in given
    columns = lupus_pgx.analyze(file, drugs=["azathioprine"]).diplotypes.to_frame().set_index("gene")
    assert columns.loc["TPMT", "phenotypes"].endswith("Poor Metabolizer=0.0001")
