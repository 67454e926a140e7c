"""Coverage of the safety matrix: ``python tests/safety_coverage.py`` writes ``docs/safety-coverage.md`` anew."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lupus_pgx import load_knowledge

PAGE = Path(__file__).resolve().parents[1] / "docs" / "safety-coverage.md"
MARK = "<!-- tables -->\n"
SIGNS = {"rule": "R", "rule, not read": "r", "no restriction": "o", "note": "n", "not looked at": ""}
CHECKED = ("read", "copy", "not read")


def cells() -> dict[str, dict[str, str]]:
    """Return what each drug has of each core criterion, as a word of ``SIGNS``."""
    knowledge = load_knowledge()
    criteria = knowledge.rows("criteria")
    core = [row["criterion"] for row in criteria if row["core"]]
    whole = {row["criterion"]: row["part_of"] for row in criteria}
    found = {drug: dict.fromkeys(core, "not looked at") for drug in sorted(knowledge.drugs_by_name, key=str.lower)}
    for row in knowledge.rows("contraindications"):
        for criterion in (row["criterion"], whole.get(row["criterion"])):
            if criterion in core:
                found[row["drug"]][criterion] = max(found[row["drug"]][criterion], _said(row), key=_weight)
    return found


def _acting(rows, start: str) -> list[str]:
    """Return a line of the table for each severity, and one for all."""
    made = []
    for severity in (*dict.fromkeys(sorted(row["severity"] for row in rows)), "all"):
        own = [row for row in rows if severity in (row["severity"], "all")]
        seen = sum(row["checked"] != "not read" for row in own)
        share = f"{seen} ({100 * seen / len(own):.0f} %)"
        made.append(f"| {start}{severity} | {len(own)} | {share} | {len(own) - seen} |")
    return made


def _said(row) -> str:
    if row["severity"] == "note" or row["acts"] != "yes":
        return "note"  # it warns of nothing and clears nothing, whether its document was read or not
    if row["severity"] == "compatible":
        return "no restriction"
    return "rule, not read" if row["checked"] == "not read" else "rule"


def _weight(word: str) -> int:
    return ("not looked at", "note", "no restriction", "rule, not read", "rule").index(word)


def tables() -> str:
    """Return what stands below the mark on the page."""
    knowledge = load_knowledge()
    words = {row["criterion"]: row["words"] for row in knowledge.rows("criteria")}
    rows = knowledge.rows("contraindications")
    found = cells()
    core = list(next(iter(found.values())))
    count = Counter(row["checked"] for row in rows)
    shares = "; ".join(f"{word} {count[word]} ({100 * count[word] / len(rows):.0f} %)" for word in CHECKED)
    said = Counter(word for drug in found.values() for word in drug.values())
    whole = ", ".join(f"{word} {said[word]}" for word in SIGNS)
    interactions = knowledge.rows("interactions")
    lines = [
        f"{len(rows)} rows on {len(found)} drugs. Document behind a row: {shares}.",
        "",
        f"{len(found)} drugs x {len(core)} criteria = {len(found) * len(core)} cells: {whole}.",
        "",
        "## Rows that act, and whether their document was read",
        "",
        "| asks for | rows | read or copy | not read |",
        "|---|---|---|---|",
        *_acting([row for row in rows if row["acts"] == "yes"], ""),
        *_acting(interactions, "interaction: "),
        "",
        "## Drug by criterion",
        "",
        "| drug | " + " | ".join(words[name] for name in core) + " | looked at |",
        "|---" * (len(core) + 2) + "|",
    ]
    for drug, row in found.items():
        looked = sum(word != "not looked at" for word in row.values())
        lines.append(f"| {drug} | {' | '.join(SIGNS[row[name]] for name in core)} | {looked} |")
    unread: dict[str, list[str]] = {}
    for row in rows:
        if row["checked"] == "not read":
            unread.setdefault(row["drug"], []).append(f"{row['criterion']} ({row['jurisdiction']})")
    lines += ["", "## Rows whose document was not read", "", "| drug | rows | criteria |", "|---|---|---|"]
    for drug in sorted(unread, key=str.lower):
        lines.append(f"| {drug} | {len(unread[drug])} | {', '.join(sorted(set(unread[drug])))} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(before + MARK + tables(), encoding="utf-8")
