"""The same patient in five outputs: action, highest dose, checks and options are the same facts in all of them."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path

import pytest

import lupus_pgx
from lupus_pgx.results.sentences import shown_word
from lupus_pgx.terms import Action
from lupus_pgx.words.vocabulary import NO_MARKER, UNDECIDED

DOCS = Path(__file__).parents[2] / "docs" / "context.md"
SILENT = (NO_MARKER, UNDECIDED)


@pytest.fixture(scope="session")
def fx_inputs(tmp_path_factory):
    """Write the example, the full context of the documentation for it, and the case studies; return pairs of files."""
    folder = tmp_path_factory.mktemp("five")
    lupus_pgx.write_example(folder)
    full = re.search(r"<!-- example -->\n```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "docs.yaml").write_text(full[1], encoding="utf-8")
    vcf = folder / "patients.GRCh38.vcf.gz"
    found = {"example": (vcf, folder / "LN-01.yaml"), "docs": (vcf, folder / "docs.yaml")}
    cases = tmp_path_factory.mktemp("cases")
    lupus_pgx.write_case_studies(cases)
    return found | {path.stem: (Path(f"{path.with_suffix('')}.GRCh38.vcf.gz"), path) for path in cases.glob("*.yaml")}


def said(text: str) -> str:
    """Return what a person reads, without spaces and capitals: lines are broken differently in each form."""
    text = re.sub(r"<style.*?</style>|<script.*?</script>|</?[a-zA-Z][^<>]*>", " ", text, flags=re.DOTALL)
    return re.sub(r"\s+", "", html.unescape(text)).lower()


def blocks(text: str) -> dict[str, str]:
    """Return the lines of each drug of a text."""
    found: dict[str, str] = {}
    for line in text[text.index("\nDrugs\n") :].splitlines():
        if re.match(r"  \S", line):
            name = line[2:34].strip()
        if line.startswith("  "):
            found[name] = found.get(name, "") + line
    return found


def cards(page: str) -> dict[str, str]:
    """Return the card, or the row among the other drugs, of each drug of a page that has one."""
    start = page.find('id="drugs"')
    section = page[start : page.find("<section", start)] if start >= 0 else ""
    drugs = re.findall(r'<article class="card.*?</article>', section, flags=re.DOTALL)
    found = {html.unescape(re.search(r'<h4 class="name">(.*?)</h4>', card)[1]): card for card in drugs}
    # A row holds tables of its own.
    rows = re.split(r'(?=<tr class="drug")', page)[1:]
    return found | {html.unescape(re.search(r'<th scope="row">(.*?)</th>', row)[1]): row for row in rows}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


CASES = ["example", "docs"]
STUDIES = [
    *("CU-23", "EW-32", "HI-33", "IN-29", "LN-21", "NL-34", "NO-28"),
    *("NP-22", "PG-30", "PR-27", "SL-31", "TH-24", "TH-25", "TH-26"),
]


@pytest.mark.every
@pytest.mark.parametrize("case", [*CASES, *(pytest.param(name, marks=pytest.mark.slow) for name in STUDIES)])
def test_five_outputs_tell_the_same_facts(case, fx_inputs, tmp_path):
    assert set(fx_inputs) == {*CASES, *STUDIES}
    vcf, context = fx_inputs[case]
    analysis = lupus_pgx.analyze(vcf, context=context)
    analysis.write(tmp_path / "out", formats=["tsv"])
    patient = next(one for one in map(analysis.patient, analysis.sample_ids) if one.context is not None)
    cells = {
        row["drug"]: row for row in rows_of(tmp_path / "out" / "drugs.tsv") if row["sample_id"] == patient.sample_id
    }
    review, bearing = patient.resistance, patient.review.bearing if patient.review is not None else {}
    whole = {"text": str(patient), "page": patient.to_html()}
    text, page = blocks(whole["text"]), cards(whole["page"])
    assert cells
    wrong = []
    for drug, row in cells.items():
        response = patient.drug(drug)
        forms = {
            "cell": row["summary"],
            "explain": patient.explain(drug),
            "notebook": response._repr_html_(),
            **({"text": text[drug]} if drug in text else {}),
            **({"page": page[drug]} if drug in page else {}),
        }
        facts = [check.shown if check.known else check.topic for check in response.said]
        # What is not to be given has no highest dose.
        avoid = response.overall_action is Action.AVOID
        cap = response.lowest_cap
        facts += [f"{cap.value:g} {cap.unit}".strip()] if cap is not None and not avoid else []
        wrong += [
            (drug, form, fact) for fact in facts for form, shown in forms.items() if said(fact) not in said(shown)
        ]
        # What the review names is not called usual where it stands beside the review; a drug by itself has no review.
        named = {"text": bearing.get(drug, ()), "page": bearing.get(drug, ()), "notebook": ()}
        words = {form: shown_word(response, of) for form, of in named.items() if form in forms}
        wrong += [
            (drug, form, word.label)
            for form, word in words.items()
            if word not in SILENT and said(word.label) not in said(forms[form])
        ]
        assert row["overall_action"] == response.overall_action.value
        # What has no lines of its own asks for nothing.
        if drug not in text:
            assert not response.said, drug
    options = [row["option"] for row in rows_of(tmp_path / "out" / "options.tsv")]
    whole |= {"notebook": review._repr_html_()} if review else {}
    wrong += [
        ("", form, option) for option in options for form, shown in whole.items() if said(option) not in said(shown)
    ]
    assert not wrong, "\n".join(map(str, wrong))
