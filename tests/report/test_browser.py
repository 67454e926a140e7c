"""Reports opened from disk in Chromium: what people see, on screen, by keyboard and on paper."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from builder import VcfBuilder
from places import DOCS, ROOT

import lupus_pgx

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCRIPT = "<script>alert(1)</script>"

CONTRAST = """() => {
  const linear = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => [r, g, b].map(linear)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parse = text => text.match(/[0-9.]+/g).map(Number);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  let seen = 0;
  for (const element of document.body.querySelectorAll('*')) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
    if (!element.getClientRects().length) continue;
    seen += 1;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.add(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
  }
  return [seen, [...poor]];
}"""


@dataclass
class Seen:
    """A page, and all that happened while it was opened."""

    page: object
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def fx_browser():
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian package chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra test)")
    with api.sync_playwright() as play:
        # The sandbox of the browser cannot be had by root.
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


@pytest.fixture
def fx_open(fx_browser):
    """Open a file: ``seen = fx_open(path, width=400)``."""
    contexts = []

    def open_page(path, width=1200):
        context = fx_browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        seen = Seen(context.new_page())
        seen.page.on("console", lambda message: seen.messages.append(message.text))
        seen.page.on("pageerror", lambda error: seen.messages.append(str(error)))
        seen.page.on("dialog", lambda dialog: (seen.messages.append(dialog.message), dialog.dismiss()))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.goto(path.as_uri())
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def fx_pages(fx_example, tmp_path_factory):
    """Files of a patient, of one with a history (and results), a cohort, a run, and of one with a hostile name."""
    folder = tmp_path_factory.mktemp("pages")
    path = fx_example["patients.GRCh38.vcf.gz"]
    context = {
        "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "pregnancy": True,
        "sex": "female",
        "therapies": [{"drug": "MMF", "start": "2023-01-01", "stop": "2023-09-01", "outcome": "inadequate_response"}],
    }
    upcr = {"quantity": "upcr", "unit": "g/g", "values": {"2023-01-01": 3.1, "2023-04-01": 2.9, "2023-07-01": 2.4}}
    egfr = {"quantity": "egfr", "unit": "mL/min/1.73m2", "values": {"2023-01-01": 90, "2023-07-01": 88}}
    lupus_pgx.analyze(path, samples=["LN-01"]).write(folder / "patient", formats=["html"])
    history = lupus_pgx.analyze(path, samples=["LN-01"], context=context)
    history.write(folder / "history", formats=["html", "html-short"])
    series = context | {"pregnancy": False, "labs": [upcr, egfr], "co_medication": ["omeprazole"]}
    lupus_pgx.analyze(path, samples=["LN-01"], context=series).write(folder / "series", formats=["html"])
    names = [SCRIPT, "../../x", "S3", "S4", "S5", "S6"]
    builder = VcfBuilder(samples=names, genes=("TPMT", "NUDT15", "CYP3A5"))
    builder.set("rs1142345", "T/C", "C/C", "T/T", "T/T", "./.", "T/C")
    drugs = ["AZA", "mercaptopurine", "tacrolimus", "MMF", "RTX", "HCQ", "allopurinol", "belimumab"]
    calls = builder.write(folder / "in")
    cohort = lupus_pgx.analyze(calls, drugs=drugs, ancestry={"S3": "EUR", "S4": "AFR"})
    cohort.write(folder / "cohort", formats=["html"])
    groups = {"ancestry": {name: "EUR" if number % 2 else "AFR" for number, name in enumerate(names)}}
    lupus_pgx.analyze_cohort(calls, folder / "run", drugs=drugs, **groups).write_page(min_cell=1)
    return {
        "patient": folder / "patient" / "patients" / "LN-01.html",
        "history": folder / "history" / "patients" / "LN-01.html",
        "series": folder / "series" / "patients" / "LN-01.html",
        "short": folder / "history" / "short" / "LN-01.html",
        "cohort": folder / "cohort" / "cohort.html",
        "run": folder / "run" / "cohort.html",
        "script": folder / "cohort" / "patients" / "%3Cscript%3Ealert%281%29%3C%2Fscript%3E.html",
        "dots": folder / "cohort" / "patients" / "..%2F..%2Fx.html",
    }


ALL = ["patient", "history", "series", "short", "cohort", "run", "script", "dots"]


@pytest.mark.parametrize("name", ALL)
def test_page_opens_without_network_and_without_a_message(name, fx_open, fx_pages):
    seen = fx_open(fx_pages[name])
    assert seen.requests == [fx_pages[name].as_uri()]
    assert seen.messages == []
    assert seen.page.locator("h1").count() == 1


def test_what_matters_is_seen_first(fx_open, fx_pages):
    page = fx_open(fx_pages["patient"]).page
    assert page.title().startswith("LN-01")
    lower = page.locator("#glance tr", has=page.locator("th", has_text="reduce dose"))
    assert "azathioprine" in lower.inner_text()
    box = lower.bounding_box()
    assert box["y"] + box["height"] < 900  # on the first screen
    missing = page.locator(".panel.gap")
    assert "Absence is never normal" in missing.inner_text()
    assert missing.bounding_box()["y"] < 900
    card = page.locator("article.card", has=page.get_by_role("heading", name="tacrolimus", exact=True))
    assert "1.5-2 times the usual starting dose" in card.inner_text()


def test_depth_is_folded_and_opens_without_a_script(fx_open, fx_pages):
    page = fx_open(fx_pages["patient"]).page
    card = page.locator("article.card", has=page.get_by_role("heading", name="tacrolimus", exact=True))
    finding = card.locator("li").last
    assert not finding.is_visible()
    card.locator("summary", has_text="Evidence").click()
    assert finding.is_visible()


def test_history_is_told_before_the_drugs(fx_open, fx_pages):
    page = fx_open(fx_pages["history"]).page
    lead = page.locator(".lead")
    assert "mycophenolate mofetil" in lead.inner_text()
    assert lead.bounding_box()["y"] < page.locator("#glance").bounding_box()["y"]
    page.locator("#objections ~ details > summary").click()
    region = page.get_by_role("region", name="What the clinical context asks of drugs, by fact")
    row = region.locator("tbody", has_text="pregnancy: yes").first
    assert "contraindicated" in row.inner_text()
    assert "mycophenolate mofetil" in row.inner_text()


@pytest.mark.parametrize(("name", "sample"), [("script", SCRIPT), ("dots", "../../x")])
def test_hostile_name_is_shown_as_it_is(name, sample, fx_open, fx_pages):
    seen = fx_open(fx_pages[name])
    assert seen.page.locator("h1").inner_text() == sample
    assert seen.page.title().startswith(sample)
    assert seen.page.locator("script").count() == 1  # the one of the page
    assert seen.messages == []


def test_cohort_leads_to_the_patients(fx_open, fx_pages):
    page = fx_open(fx_pages["cohort"]).page
    page.locator("#samples ~ details > summary").click()
    page.get_by_role("link", name=SCRIPT).click()
    assert page.locator("h1").inner_text() == SCRIPT
    assert page.url == fx_pages["script"].as_uri()


def test_bars_are_drawn_to_scale(fx_open, fx_pages):
    page = fx_open(fx_pages["cohort"]).page
    bar = page.get_by_role("img", name="azathioprine")
    widths = bar.locator("rect.fill").evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
    whole = bar.locator("rect.track").evaluate("e => e.getBoundingClientRect().width")
    assert sum(widths) == pytest.approx(whole, rel=0.01)
    assert min(widths) == pytest.approx(whole / 6, rel=0.02)


# For everyone.


@pytest.mark.parametrize("name", ["history", "cohort"])
def test_text_has_enough_contrast(name, fx_open, fx_pages):
    page = fx_open(fx_pages[name]).page
    page.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    seen, poor = page.evaluate(CONTRAST)
    assert seen > 200
    assert poor == []


@pytest.mark.parametrize("name", ["history", "cohort"])
def test_page_has_landmarks_and_tables_have_headers(name, fx_open, fx_pages):
    page = fx_open(fx_pages[name]).page
    assert page.locator("html").get_attribute("lang") == "en"
    for role in ("main", "banner", "contentinfo", "navigation"):
        assert page.get_by_role(role).count() == 1
    assert page.locator("table").count() > 4
    assert page.locator("table:not(:has(> caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0
    names = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(names) == len(set(names))
    inner = page.locator("a[href^='#']").evaluate_all("all => all.map(e => e.getAttribute('href').slice(1))")
    assert set(inner) <= set(names)
    labels = page.locator("[aria-labelledby]").evaluate_all("all => all.map(e => e.getAttribute('aria-labelledby'))")
    assert set(labels) <= set(names)


@pytest.mark.parametrize("name", ["history", "cohort"])
def test_colour_is_never_alone(name, fx_open, fx_pages):
    page = fx_open(fx_pages[name]).page
    marks = page.locator(".badge, .sign")
    assert marks.count() > 10
    bare = marks.evaluate_all("all => all.filter(e => !e.textContent.trim() || !e.querySelector('svg use')).length")
    assert bare == 0
    signs = page.locator("svg use").evaluate_all("all => all.map(e => e.getAttribute('href'))")
    assert all(page.locator(f"symbol{sign}").count() == 1 for sign in set(signs))


def test_keyboard_reaches_the_results(fx_open, fx_pages):
    page = fx_open(fx_pages["patient"]).page
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the results"
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    outline = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert outline >= 2


@pytest.mark.parametrize("name", ["history", "cohort", "run", "script"])
def test_narrow_screen_does_not_scroll_sideways(name, fx_open, fx_pages):
    page = fx_open(fx_pages[name], width=400).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


BROKEN = """() => {
  const broken = new Set();
  let seen = 0;
  for (const cell of document.querySelectorAll('table th, table td')) {
    if (!cell.getClientRects().length) continue;
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const word of node.data.matchAll(/[A-Za-z]{2,24}/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
        seen += lines.size > 0;
        if (lines.size > 1 && !node.parentElement.closest('.path')) broken.add(word[0]);
      }
    }
  }
  return [seen, [...broken]];
}"""
"""Words of the cells of tables that stand on more than one line, and how many were looked at."""


@pytest.mark.parametrize("name", ["series", "cohort", "run"])
def test_tables_fold_on_a_phone(name, fx_open, fx_pages):
    """With all opened, nothing is wider than the screen but the picture of the course, and no word is cut in two."""
    page = fx_open(fx_pages[name], width=390).page
    page.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-label'))"
    assert set(page.locator(".scroll").evaluate_all(wide)) <= {"Timeline"}
    seen, broken = page.evaluate(BROKEN)
    assert seen > 100
    assert broken == []


def test_search_hides_other_lines_and_gives_them_back(fx_open, fx_pages):
    page = fx_open(fx_pages["patient"]).page
    field = page.get_by_label("Find a drug or gene")
    field.fill("nudt15 aza")
    shown = page.locator("[data-find]:visible").all_inner_texts()
    assert len(shown) == 2  # the card of the drug, and the row of the gene
    assert all("azathioprine" in text and "NUDT15" in text for text in shown)
    assert page.get_by_role("status").inner_text().startswith("2 of ")
    field.fill("")
    assert page.locator(".unfound").count() == 0


@pytest.mark.parametrize("name", ["cohort", "run"])
def test_search_of_a_cohort_leaves_what_is_asked_for(name, fx_open, fx_pages):
    page = fx_open(fx_pages[name]).page
    field = page.get_by_label("Find a drug or gene")
    field.fill("azathio")
    (shown,) = page.locator("[data-find]:visible").all_inner_texts()
    assert shown.startswith("azathioprine")
    field.fill("nudt15")
    assert all("NUDT15" in text for text in page.locator("[data-find]:visible").all_inner_texts())
    field.fill("")
    assert page.locator(".unfound").count() == 0


def test_without_a_script_nothing_is_missing(fx_browser, fx_pages):
    texts = []
    for script in (True, False):
        context = fx_browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto(fx_pages["history"].as_uri())
        assert page.get_by_label("Find a drug or gene").is_visible() is script
        texts.append(page.locator("main").inner_text())
        context.close()
    assert texts[0] == texts[1]


def axe_core():
    """Return the source of axe-core: of the folder given in AXE_CORE, or as npm has installed it."""
    folders = [os.environ.get("AXE_CORE", ""), "node_modules/axe-core"]
    if shutil.which("npm"):
        root = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=False).stdout.strip()
        folders.append(f"{root}/axe-core")
    for folder in filter(None, folders):
        path = Path(folder) / "axe.min.js"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    pytest.skip("axe-core is not installed (npm install axe-core, and AXE_CORE its folder)")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["history", "cohort", "run"])
def test_axe_finds_no_violation(name, width, scheme, fx_browser, fx_pages):
    source = axe_core()
    # Only the policy of the page is put aside, which would keep a foreign script out.
    size = {"width": width, "height": 900}
    context = fx_browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(fx_pages[name].as_uri())
    page.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    page.add_script_tag(content=source)
    found = page.evaluate("axe.run(document)")
    context.close()
    assert len(found["passes"]) > 20
    assert [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in found["violations"]] == []


@pytest.mark.parametrize("name", ["history", "cohort", "run"])
def test_text_twice_as_large_loses_nothing(name, fx_open, fx_pages):
    """A screen of 1280 at 200 % has 640 places."""
    page = fx_open(fx_pages[name], width=640).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


# On paper.


@pytest.fixture(scope="module")
def fx_print(fx_browser, fx_pages):
    """Return the text of each page of the print of a patient."""
    page = fx_browser.new_page()
    page.goto(fx_pages["patient"].as_uri())
    yield printed(page)
    page.close()


def printed(page):
    """Return the text of each page of the print."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in reader.pages}
    assert len(sizes) == 1
    assert [abs(side - a4) <= 2 for side, a4 in zip(sizes.pop(), (595, 842), strict=True)] == [True, True]
    # Letters that a font joins are told apart again.
    return [" ".join(unicodedata.normalize("NFKC", page.extract_text()).split()) for page in reader.pages]


def test_print_is_a4_numbered_and_named(fx_print):
    pages = fx_print
    assert 2 <= len(pages) <= 4  # 157 drugs
    for number, text in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in text
        assert "LN-01" in text
    assert "At a glance" in pages[0]
    assert "Absence is never normal" in pages[0]
    assert "Skip to the results" not in " ".join(pages)


@pytest.fixture(scope="module")
def fx_studies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies")
    lupus_pgx.write_case_studies(folder)
    return folder


@pytest.mark.parametrize("name", ["HI-33", "NP-22", "PR-27", "LN-21"])
def test_the_longest_contexts_print_on_eight_pages_and_in_short_on_two(name, fx_browser, fx_studies):
    vcf = fx_studies / f"{name}.GRCh38.vcf.gz"
    patient = lupus_pgx.analyze(vcf, context=fx_studies / f"{name}.yaml", today="2025-04-01").patient(name)
    for short, most in ((False, 8), (True, 2)):
        page = fx_browser.new_page()
        page.set_content(patient.to_html(short=short))
        pages = printed(page)
        page.close()
        assert len(pages) <= most, short
        # What is taken or planned is told in full; other drugs of which the same is said share a line.
        assert all(drug.name in " ".join(pages) for drug in patient.context.on_board)


def test_the_short_form_of_the_example_is_one_page_in_letters_of_eight_points(fx_browser, fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    patient = lupus_pgx.analyze(vcf, samples=["LN-01"], context=fx_example["LN-01.yaml"]).patient("LN-01")
    page = fx_browser.new_page()
    page.set_content(patient.to_html(short=True))
    assert len(printed(page)) == 1
    page.emulate_media(media="print")
    size = page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)")
    assert size * 0.75 == pytest.approx(8, abs=0.01)
    page.close()


BARE = """() => {
  const seen = [...document.querySelectorAll('main h2, main h3, main h4, main p, main li, main td, main figure')]
    .filter(e => e.getClientRects().length);
  return seen.filter((e, i) => /^H/.test(e.tagName) && (i + 1 == seen.length
    || /^H/.test(seen[i + 1].tagName) && seen[i + 1].tagName <= e.tagName)).map(e => e.innerText);
}"""


def bare_headings(page):
    """Return headings of the print with nothing below."""
    page.emulate_media(media="print")
    return page.evaluate(BARE)


@pytest.mark.parametrize("name", ["HI-33", "NP-22", "TH-24"])
def test_no_heading_of_the_print_has_nothing_below(name, fx_browser, fx_studies):
    vcf = fx_studies / f"{name}.GRCh38.vcf.gz"
    patient = lupus_pgx.analyze(vcf, context=fx_studies / f"{name}.yaml", today="2025-04-01").patient(name)
    for short in (False, True):
        page = fx_browser.new_page()
        page.set_content(patient.to_html(short=short))
        assert bare_headings(page) == []
        page.close()


def test_a_card_is_not_parted_from_its_head(fx_open, fx_pages):
    pages = printed(fx_open(fx_pages["history"]).page)
    head = next(text for text in pages if "azathioprine 30-80% of the usual starting dose" in text)
    assert "The guideline gives 30-80% of the usual starting dose because of NUDT15" in head


def test_a_heading_of_planned_drugs_alone_is_not_printed(fx_browser):
    """What the first page says of them stands under no heading again."""
    patient = lupus_pgx.respond({}, ["allopurinol", "HCQ"], context={"planned": ["allopurinol"]})
    page = fx_browser.new_page()
    page.set_content(patient.to_html())
    assert bare_headings(page) == []
    page.close()


@pytest.fixture(scope="module")
def fx_heavy(fx_example):
    """Return a patient of eleven findings, nine treatments, four planned drugs and twelve others."""
    context = yaml.safe_load((Path(__file__).parent / "heavy.yaml").read_text(encoding="utf-8")) | {
        "sample_id": "LN-01"
    }
    path = fx_example["patients.GRCh38.vcf.gz"]
    return lupus_pgx.analyze(path, samples=["LN-01"], context=context, today="2026-11-29")


@pytest.mark.parametrize(("short", "most"), [(False, 8), (True, 2)])
def test_the_heaviest_patient_prints_on_eight_pages_and_in_short_on_two(short, most, fx_browser, fx_heavy):
    page = fx_browser.new_page()
    patient = fx_heavy.patient("LN-01")
    page.set_content(patient.to_html(short=short))
    pages = printed(page)
    assert bare_headings(page) == []
    page.close()
    assert len(pages) <= most
    text = "".join(" ".join(pages).split())
    # Every drug that is forbidden, and every one that is taken or planned, has its name on paper.
    drugs = fx_heavy.drug_responses.to_frame()
    names = {drug.name for drug in patient.context.on_board} | set(drugs.drug[drugs.overall_action == "avoid"])
    assert len(names) > 100
    assert not [name for name in names if "".join(name.split()) not in text]


def test_print_opens_what_is_folded_or_says_that_it_is_on_the_screen(fx_open, fx_pages, fx_print):
    page = fx_open(fx_pages["patient"]).page
    folded = page.locator("#genes ~ .scroll details", has_text="*3B/*3C").first
    assert not folded.locator("li").last.is_visible()
    text = " ".join(fx_print)
    assert "*3B/*3C" in text
    assert "Folded parts are on the screen only" in text
    assert "citations: their identifiers stand where they are used" in text


def test_print_repeats_the_header_of_a_long_table(fx_open, fx_pages):
    page = fx_open(fx_pages["cohort"]).page
    heads = {" ".join(text.split()) for text in page.locator("thead").all_inner_texts()}
    pages = [" ".join(text.split()) for text in printed(page)]
    assert any(sum(head in text for text in pages) > 1 for head in heads)


def test_print_of_the_full_form_is_no_book(fx_open, fx_pages):
    """Four pages without a context, eight with one; nothing of the phone's order, which is as narrow as paper."""
    assert len(printed(fx_open(fx_pages["patient"]).page)) <= 4
    assert len(printed(fx_open(fx_pages["history"]).page)) <= 8
    page = fx_open(fx_pages["history"]).page
    page.set_viewport_size({"width": 700, "height": 1000})
    page.emulate_media(media="print")
    columns = "e => getComputedStyle(e).columnCount"
    assert page.locator("#others ~ .paper ul.two").first.evaluate(columns) == "2"


def test_short_form_is_two_printed_pages(fx_example, fx_open, tmp_path):
    path = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(path, samples=["LN-01"], context=fx_example["LN-01.yaml"])
    analysis.write(tmp_path, formats=["html-short"])
    pages = printed(fx_open(tmp_path / "short" / "LN-01.html").page)
    assert len(pages) <= 2
    assert "never prescribes" in pages[0]


def test_pages_and_words_of_the_docs_are_those_of_today(fx_browser):
    """A tenth of the words may come and go with a row of the tables; a page more has to be told."""
    spec = importlib.util.spec_from_file_location("build_picture", ROOT / "tools" / "build_picture.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    told = {}
    text = (DOCS / "outputs.md").read_text(encoding="utf-8")
    lines = re.findall(r"(?m)^\| (\S+) with[^|]*\|[^|]*\| ([^|]*) \| ([^|]*) \|$", text)
    for patient, full, short in lines:
        told |= {(patient, "full"): full, (patient, "short"): short}
    assert len(told) == 4
    for patient, form, page in script.forms():
        pages, words = (int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", told[patient, form]))
        opened = fx_browser.new_page()
        opened.set_content(page)
        sheets = script.printed(opened)
        opened.close()
        assert len(sheets) == pages
        assert sum(len(sheet.split()) for sheet in sheets) == pytest.approx(words, rel=0.1)


def test_print_of_a_hostile_name_names_every_page(fx_open, fx_pages):
    assert all(SCRIPT in text for text in printed(fx_open(fx_pages["script"]).page))


def test_axe_finds_no_violation_in_what_a_notebook_shows(fx_browser, fx_example, tmp_path):
    """Outputs stand under headings of the notebook's own: they bring none, and what scrolls is reached by keyboard."""
    source = axe_core()
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], context=fx_example["LN-01.yaml"])
    patient = analysis.patient("LN-01")
    outputs = [analysis, patient, patient.drug("AZA"), patient.resistance, analysis.cohort(), analysis.drug_responses]
    shown = "".join(f"<h2>{type(output).__name__}</h2>{output._repr_html_()}" for output in outputs)
    page = tmp_path / "notebook.html"
    head = "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Notebook</title>"
    page.write_text(f"{head}<main><h1>Notebook</h1>{shown}</main></html>", encoding="utf-8")
    opened = fx_browser.new_page(viewport={"width": 390, "height": 900})
    opened.goto(page.as_uri())
    opened.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    opened.add_script_tag(content=source)
    found = opened.evaluate("axe.run(document)")
    opened.close()
    assert [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in found["violations"]] == []


JUPYTER = ":not(.md).common td, :not(.md).common th, :not(.md).common tr { text-align: right; vertical-align: middle; }"
"""What the style sheet of Jupyter says of tables in its outputs, with the same weight."""


def test_tables_in_a_notebook_stay_left_under_the_style_of_jupyter(fx_open, fx_example, tmp_path):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])
    outputs = [analysis, analysis.patient("LN-01"), analysis.cohort(), analysis.diplotypes]
    page = tmp_path / "notebook.html"
    shown = "".join(f'<div class="common">{output._repr_html_()}</div>' for output in outputs)
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8><style>{JUPYTER}</style>{shown}", encoding="utf-8")
    cells = (
        fx_open(page)
        .page.locator(".lpgx th, .lpgx td")
        .evaluate_all("cells => cells.map(cell => getComputedStyle(cell).textAlign)")
    )
    assert len(cells) > 50
    assert set(cells) == {"left"}
