"""tools/build_reference_pages.py: a page per drug and gene with every fact, and links that lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from operator import itemgetter

import pytest
from helpers import check_each
from places import ROOT

import lupus_pgx

TOOL = ROOT / "tools" / "build_reference_pages.py"
SHIPPED = lupus_pgx.load_knowledge()
LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\(([^)\s]*)\)")


def build(folder, *options):
    done = subprocess.run(
        [sys.executable, str(TOOL), str(folder), *options], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def fx_pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    shown = build(folder)
    assert shown == f"{2 + len(SHIPPED.rows('drugs')) + len(SHIPPED.rows('genes'))} pages in {folder}\n"
    return folder


@cache
def shown_text(path):
    """The text of a page as a reader sees it."""
    text = LINK.sub(r"\1", path.read_text(encoding="utf-8"))
    return re.sub(r"\\(.)", r"\1", text).replace("`", "").replace("**", "")


def drug_page(folder, drug):
    return folder / "drugs" / (re.sub(r"[^A-Za-z0-9.]+", "-", drug) + ".md")


def test_every_link_leads_somewhere(fx_pages):
    encoded = str.maketrans({" ": "%20", "(": "%28", ")": "%29"})
    known = {row["url"].translate(encoded) for row in SHIPPED.rows("citations")}
    count = 0
    for path in fx_pages.rglob("*.md"):
        for _, target in LINK.findall(path.read_text(encoding="utf-8")):
            count += 1
            if target.startswith("http"):
                assert target in known, path
            else:
                assert (path.parent / target).resolve().is_file(), (path, target)
    assert count > 500


def test_every_drug_and_gene_has_a_page_of_its_own(fx_pages):
    """Names such as "sulfamethoxazole / trimethoprim" make one file in the folder, and no two the same."""
    for table, column in (("drugs", "drug"), ("genes", "gene")):
        pages = {path.name for path in (fx_pages / table).iterdir()}
        assert len(pages) == len(SHIPPED.rows(table))
        titles = {path.read_text(encoding="utf-8").splitlines()[0] for path in (fx_pages / table).iterdir()}
        assert titles == {f"# {row[column]}" for row in SHIPPED.rows(table)}
    assert (fx_pages / "drugs" / "sulfamethoxazole-trimethoprim.md").is_file()


def test_the_index_links_every_page(fx_pages):
    targets = {fx_pages / target for _, target in LINK.findall((fx_pages / "index.md").read_text(encoding="utf-8"))}
    assert targets == set(fx_pages.rglob("*.md")) - {fx_pages / "index.md"}


def test_every_page_names_the_release(fx_pages):
    assert all(SHIPPED.release in path.read_text(encoding="utf-8") for path in fx_pages.rglob("*.md"))


def test_evidence_is_shown_as_what_it_is(fx_pages):
    def check(row):
        of_drug, of_disease = drug_page(fx_pages, row["drug"]), fx_pages / "disease_risk.md"
        page, other = (of_disease, of_drug) if row["about"] == "risk" else (of_drug, of_disease)
        lines = [line for line in shown_text(page).splitlines() if row["finding"] in line]
        assert lines
        assert row["finding"] not in shown_text(other)  # what is about the disease is on no page of a drug
        words = {"no_effect": "null: no effect found"} | ({"unknown": "association"} if row["about"] == "risk" else {})
        result = words.get(row["direction"], row["direction"].replace("_", " "))
        wanted = [
            result,
            row["population"],
            row["evidence_level"].replace("_", " "),
            row["effect_size"] or "",
            row["citation"].split(";")[0],
        ]
        assert any(all(f"| {part}" in line for part in wanted) for line in lines)

    check_each(SHIPPED.rows("evidence"), check, itemgetter("evidence"))


def test_a_gene_of_the_disease_names_no_drug_beside_it(fx_pages):
    for gene in ("HLA-DRA", "IRF5", "TNFAIP3"):
        text = (fx_pages / "genes" / f"{gene}.md").read_text(encoding="utf-8")
        risk = text.partition("## Risk and course of the disease")[2].partition("\n## ")[0]
        assert "association" in risk
        assert "../drugs/" not in risk


def test_rules_are_on_the_pages_of_their_drug_and_genes(fx_pages):
    populations = {(row["drug"], row["guideline"]): row["population"] for row in SHIPPED.rows("guidelines")}

    def check(row):
        genes = [part.split("=")[0].split(":")[0].split(" ")[0] for part in row["condition"].split(" & ")]
        pages = [drug_page(fx_pages, row["drug"]), *(fx_pages / "genes" / f"{gene}.md" for gene in genes)]
        for page in pages:
            (line,) = [
                line
                for line in shown_text(page).splitlines()
                if f"| {row['drug']} | {row['guideline']} {row['year']} | {row['condition']} |" in line
            ]
            assert f"| {row['action'].replace('_', ' ')} |" in line
            assert row["advice"] in line
            assert populations[row["drug"], row["guideline"]] in line

    check_each(SHIPPED.rows("guidance"), check, itemgetter("rule"))


def test_gene_pages_show_loci_alleles_functions_and_rules(fx_pages):
    def check(row):
        gene = row["gene"]
        text = shown_text(fx_pages / "genes" / f"{gene}.md")
        loci = {row["locus"]: row for row in SHIPPED.rows("loci") if row["gene"] == gene}
        for allele in SHIPPED.rows("locus_alleles"):
            if allele["gene"] == gene:
                locus = {**loci[allele["locus"]], **allele}
                spelled = [f"{locus[f'{b}_pos']} {locus[f'{b}_ref']}>{locus[f'{b}_alt']}" for b in ("grch38", "grch37")]
                assert f"| {locus['locus']} | {spelled[0]} | {spelled[1]} | {locus['essential']} |" in text
        functions = {
            item["allele"]: item["function"] for item in SHIPPED.rows("allele_function") if item["gene"] == gene
        }
        for allele in SHIPPED.rows("alleles"):
            if allele["gene"] == gene:
                (line,) = [line for line in text.splitlines() if line.startswith(f"| {allele['allele']} | ")]
                assert f"| {functions[allele['reported_as'] or allele['allele']]} |" in line
        for rule in SHIPPED.rows("phenotype_rules"):
            if rule["gene"] == gene:
                assert f"| {rule['function_1']} | {rule['function_2']} | {rule['phenotype']} |" in text

    check_each(SHIPPED.rows("genes"), check, itemgetter("gene"))


WORDS = {row["criterion"]: row["words"] for row in SHIPPED.rows("criteria")}


def _own(name, drug):
    return [row for row in SHIPPED.rows(name) if row["drug"] == drug]


def _is_of(line, name, item):
    """Whether a line of a page is that of a row: on what, in which state, up to which number, and what to do."""
    parts = [item["advice"] if "advice" in item else item["meaning"]]
    parts += [f"| {item['severity'].replace('_', ' ')} |"] if "severity" in item else []
    if name == "contraindications":
        parts += [f"| {WORDS[item['criterion']]} | {item['state']} |"]
        parts += [f"{item['value']:g} {item['unit'] or ''}".rstrip()] if item["operator"] else []
    else:
        parts += [f"| {item['with'] if name == 'interactions' else item['measure']} |"]
    return all(part in line for part in parts)


def test_drug_pages_say_what_is_known(fx_pages):
    def check(row):
        text = shown_text(drug_page(fx_pages, row["drug"]))
        assert text.startswith(f"# {row['drug']}\n")
        assert row["statement"] in text
        assert row["role_in_lupus"] in text
        safety = [name for name in ("interactions", "contraindications") if not _own(name, row["drug"])]
        assert text.count("nothing was looked at, which clears nothing") == len(safety)
        for name in ("interactions", "contraindications", "monitoring"):
            for item in SHIPPED.rows(name):
                if item["drug"] == row["drug"]:
                    lines = [line for line in text.splitlines() if _is_of(line, name, item)]
                    assert any(f"| {item['checked']} |" in line for line in lines), (name, item)

    check_each(SHIPPED.rows("drugs"), check, itemgetter("drug"))


def test_an_overlay_has_its_pages(tmp_path):
    (tmp_path / "o").mkdir()
    text = (
        "drug\tdrug_class\trole_in_lupus\tmarker_statement\tstatement\tcitation\tsource\n"
        "made-up (one)|two\tinvented\tnone\tnone\tNothing *is* known.\tPMID:41618934\tliterature\n"
    )
    (tmp_path / "o" / "drugs.tsv").write_text(text.replace("|", " or "), encoding="utf-8")
    build(tmp_path / "pages", "--overlay", str(tmp_path / "o"))
    page = tmp_path / "pages" / "drugs" / "made-up-one-or-two.md"
    assert "Nothing \\*is\\* known." in page.read_text(encoding="utf-8")
    assert "+overlay." in page.read_text(encoding="utf-8")
