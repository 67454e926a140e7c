"""Which rows cite the document itself: ``python tests/cited_documents.py`` writes ``docs/cited-documents.md``."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from lupus_pgx import load_knowledge
from lupus_pgx.knowledge.tables import split_list

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cited-documents.md"
MARK = "<!-- tables -->\n"
ACTING = ("contraindications", "interactions", "cross_reactions", "dosing", "guidance", "monitoring")
SHOWN = (
    "therapy_options",
    "response_criteria",
    "adequacy",
    "approvals",
    "evidence",
    "markers",
    "phenoconversion",
    "not_assessable",
    "failure_signals",
    "review_signs",
    "prognosis",
    "drug_classes",
)
"""Tables of which a patient's page can show a row."""

ITSELF = {
    "regulator": (
        "accessdata.fda.gov",
        "dailymed.nlm.nih.gov",
        "fda.gov",
        "ema.europa.eu",
        "products.mhra.gov.uk",
        "gov.uk",
        "medicines.org.uk",
        "pharmnet-bund.de",
        "ansm.sante.fr",
        "medsafe.govt.nz",
        "ecfr.gov",
        "cdc.gov",
        "clinicaltrials.gov",
        "ctep.cancer.gov",
        "pfizermedicalinformation.ca",
        "hma.eu",
        "fachinfo.de",
        "swissmedicinfo.ch",
    ),
    "paper": (
        "doi.org",
        "pubmed.ncbi.nlm.nih.gov",
        "pmc.ncbi.nlm.nih.gov",
        "ncbi.nlm.nih.gov",
        "ard.bmj.com",
        "lupus.bmj.com",
        "ashpublications.org",
        "acrabstracts.org",
        "academic.oup.com",
        "cmaj.ca",
        "dmd.aspetjournals.org",
        "gut.bmj.com",
        "jrheum.org",
        "longdom.org",
        "rheumres.org",
        "arthritis-research.com",
        "isbnsearch.org",
    ),
    "guideline": ("clinpgx.org", "cpicpgx.org", "blog.clinpgx.org", "crediblemeds.org", "sps.nhs.uk"),
    "database": ("ebi.ac.uk", "help.dragen.illumina.com", "pkis.org"),
}
"""Hosts on which the document itself stands, or by whose number it is found."""


def own_document(url: str) -> str:
    """Return what kind of document an address leads to; empty for a page about it."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return next((kind for kind, hosts in ITSELF.items() if host in hosts), "")


def rests_on() -> dict[str, list[tuple[dict, bool]]]:
    """Return the rows of each table that is shown, and whether one of its citations is the document itself."""
    knowledge = load_knowledge()
    itself = {row["citation"]: bool(own_document(row["url"])) for row in knowledge.rows("citations")}
    return {
        table: [(row, any(itself[name] for name in split_list(row["citation"]))) for row in knowledge.rows(table)]
        for table in (*ACTING, *SHOWN)
    }


def _acts(row) -> bool:
    return row.get("acts", "yes") == "yes"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "0"


def _by_table(tables) -> list[str]:
    lines = ["| table | rows | cite the document itself | read | copy | not read |", "|---|---|---|---|---|---|"]
    for table, rows in tables.items():
        count = Counter(row["checked"] for row, _ in rows if row.get("checked"))
        seen = [str(count[word]) if count else "" for word in ("read", "copy", "not read")]
        itself = sum(own for _, own in rows)
        lines.append(f"| {table} | {len(rows)} | {_share(itself, len(rows))} | {' | '.join(seen)} |")
    whole = [own for rows in tables.values() for _, own in rows]
    acting = [own for table in ACTING for row, own in tables[table] if _acts(row)]
    lines += [f"| **all** | {len(whole)} | {_share(sum(whole), len(whole))} | | | |"]
    return [*lines, f"| **acting** | {len(acting)} | {_share(sum(acting), len(acting))} | | | |"]


def _other_pages(tables) -> list[str]:
    urls = {row["citation"]: row["url"] for row in load_knowledge().rows("citations")}
    found: dict[str, Counter] = defaultdict(Counter)
    for table, rows in tables.items():
        for row, own in rows:
            if not own:
                found[row["citation"]][table] += 1
    lines = ["| citation | where it was found | rows |", "|---|---|---|"]
    for citation, count in sorted(found.items()):
        where = ", ".join(sorted({urlsplit(urls[name]).hostname or "" for name in split_list(citation)}))
        lines.append(f"| {citation} | {where} | {', '.join(f'{table} {n}' for table, n in sorted(count.items()))} |")
    return lines if found else ["None."]


def _unread(tables) -> list[str]:
    """Return the rows that were not read, by drug, those of contraindications first."""
    lines = ["| drug | rows | which |", "|---|---|---|"]
    found: dict[str, list[str]] = defaultdict(list)
    for table, name in (("contraindications", "criterion"), ("interactions", "with"), ("monitoring", "measure")):
        for row, _ in tables[table]:
            if row["checked"] == "not read" and _acts(row):
                found[row["drug"]].append(f"{row[name]} ({row['citation'].replace(';', '; ')})")
    for drug in sorted(found, key=str.lower):
        listed = "; ".join(sorted(set(found[drug])))
        lines.append(f"| {drug} | {len(found[drug])} | <details><summary>show</summary>{listed}</details> |")
    return lines


def tables() -> str:
    """Return what stands below the mark on the page."""
    found = rests_on()
    rows = [row for table in ("contraindications", "interactions") for row, _ in found[table] if _acts(row)]
    by_word: dict[str, Counter] = defaultdict(Counter)
    for row in rows:
        where = "interaction: " if "with" in row else ""
        by_word[where + row["severity"]][row["checked"]] += 1
    lines = [*_by_table(found), "", "## Acting rows by what they ask for", ""]
    lines += ["| asks for | rows | read or copy | not read |", "|---|---|---|---|"]
    for word, count in sorted(by_word.items()):
        whole = sum(count.values())
        lines.append(f"| {word} | {whole} | {_share(whole - count['not read'], whole)} | {count['not read']} |")
    lines += ["", "## Rows that rest on another page", "", *_other_pages(found)]
    lines += ["", "## Acting rows whose document was not read", "", *_unread(found)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(before + MARK + tables(), encoding="utf-8")
