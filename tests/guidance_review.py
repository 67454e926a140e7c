"""Every guideline row, driven from a call: ``python tests/guidance_review.py`` writes ``docs/guidance-review.md``."""

from __future__ import annotations

import itertools
import operator
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import lupus_pgx
from lupus_pgx.knowledge.rules import WITHOUT
from lupus_pgx.terms import NOT_ASSESSED, Action
from lupus_pgx.words.vocabulary import ACTIONS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guidance-review.md"
MARK = "<!-- tables -->\n"
CHECKED = ("read", "copy", "not read", "not recorded")

KNOWLEDGE = lupus_pgx.load_knowledge()

RULES = [rule for drug in KNOWLEDGE.drugs_by_name.values() for rule in drug.rules]
NEUTRAL = {"HLA-A": "*02:01", "HLA-B": "*07:02"}

COMPARE = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

Calls = dict[str, str]


def clauses_of(condition: str) -> dict[str, list[tuple[str, list[str]]]]:
    """Split a condition by hand: gene to aspect and values."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for part in condition.split("&"):
        found_part = re.fullmatch(r"(.+?:score)(<=|>=|=|<|>)(.+)|(.+?)(=)(.+)", part.strip())
        key, comparison, values = (text for text in found_part.groups() if text is not None)
        gene, _, aspect = key.partition(":")
        aspect = f"score{comparison}" if aspect == "score" else aspect
        found.setdefault(gene, []).append((aspect or "phenotype", [value.strip() for value in values.split("|")]))
    return found


def options_of(gene: str) -> list[str | None]:
    """Return calls of a gene that rules tell apart, one each; None: not given."""
    star = KNOWLEDGE.star_genes[gene]
    if star.typing:
        assert NEUTRAL[gene] not in star.asked_alleles
        singles = [NEUTRAL[gene], *sorted(star.asked_alleles)]
    else:
        seen: dict[tuple, str] = {}
        for allele in star.allele_names:
            asked = allele if allele in star.asked_alleles else None
            seen.setdefault((star.functions[allele], star.activity_values.get(allele), asked), allele)
        singles = list(seen.values())
    if gene == "CYP2D6":
        assert "*1x2" in singles or star.activity_value("*1x2") == 2
        singles = list(dict.fromkeys([*singles, "*1x2"]))
    if star.one_copy:
        return [None, *singles]
    pairs = [f"{one}/{other}" for one, other in itertools.combinations_with_replacement(singles, 2)]
    return [None, *pairs]


OPTIONS = {gene: options_of(gene) for gene in {gene for rule in RULES for gene in rule.condition.keys}}


def meets(gene: str, call: str | None, clauses: list[tuple[str, list[str]]]) -> bool:
    """Whether a call meets all clauses on its gene."""
    star = KNOWLEDGE.star_genes[gene]
    alleles = call.split("/") if call else []
    for aspect, values in clauses:
        if call is None:
            met = NOT_ASSESSED in values
        elif aspect == "phenotype":
            met = (star.phenotype(alleles) or ("" if star.typing else "Indeterminate")) in values
        elif aspect.startswith("score"):
            score = star.activity_score(alleles)
            compare = COMPARE[aspect.removeprefix("score")]
            met = score is not None and any(compare(score, float(value)) for value in values)
        else:
            assert aspect == "allele"
            met = any(
                value.removeprefix(WITHOUT) not in alleles if value.startswith(WITHOUT) else value in alleles
                for value in values
            )
        if not met:
            return False
    return True


def calls_for(rule) -> Iterator[Calls]:
    """Yield calls that meet the condition of a rule, those first that give no other gene."""
    wanted = clauses_of(rule.row["condition"])
    fitting = {gene: [call for call in OPTIONS[gene] if meets(gene, call, wanted[gene])] for gene in wanted}
    assert all(fitting.values()), f"{rule.rule}: no call of the tables meets {rule.row['condition']}"
    body = next(body for body in KNOWLEDGE.drugs_by_name[rule.drug].bodies if body.source == rule.source)
    others = {gene: OPTIONS[gene] for gene in body.conditions.keys if gene not in wanted}
    for chosen in itertools.product(*others.values(), *fitting.values()):
        given = zip([*others, *fitting], chosen, strict=True)
        yield {gene: call for gene, call in given if call is not None}


def outranked(rule, calls: Calls) -> bool:
    """Whether another row of the same body that asks for as much or more holds, too."""
    body = next(body for body in KNOWLEDGE.drugs_by_name[rule.drug].bodies if body.source == rule.source)
    return any(
        other.rule != rule.rule
        and other.action.severity >= rule.action.severity
        and all(meets(gene, calls.get(gene), asked) for gene, asked in clauses_of(other.row["condition"]).items())
        for other in body.rules
    )


def reach(rule):
    """Return calls and the patient for whom a rule fires; None where a stricter row of its body is always before it."""
    body = next(body for body in KNOWLEDGE.drugs_by_name[rule.drug].bodies if body.source == rule.source)
    met = False
    for calls in calls_for(rule):
        if outranked(rule, calls):
            continue
        patient = lupus_pgx.respond(calls, [rule.drug])
        fired = [item.rule for item in patient.drug(rule.drug).guidance]
        if rule.rule in fired:
            return calls, patient
        # Only where a gene is missing may a row that is met be held back: the usual dose and more need them all.
        assert set(calls) < set(body.conditions.keys), (calls, fired)
        assert rule.action in (Action.INCREASE_DOSE, Action.STANDARD)
        met = True
    assert not met, f"{rule.rule} never fires"
    return None


# --- the page -----------------------------------------------------------------------------------


def tables() -> str:
    """Return what stands below the mark on the page: a table for each drug, a line for each row."""
    urls = {row["citation"]: row["url"] for row in KNOWLEDGE.rows("citations")}
    checked = Counter(rule.row["checked"] or "not recorded" for rule in RULES)
    lines = [
        f"{len(RULES)} rows on {len({rule.drug for rule in RULES})} drugs. Behind them: "
        + "; ".join(f"{word} {checked[word]}" for word in CHECKED)
        + ".",
    ]
    for drug, rules in itertools.groupby(RULES, key=lambda rule: rule.drug):
        lines += ["", f"## {drug}", "", "| body | if | call | then | strength | checked | source |", "|---" * 7 + "|"]
        lines += [_line(rule, urls) for rule in rules]
    return "\n".join(lines) + "\n"


def _line(rule, urls: dict[str, str]) -> str:
    row, reached = rule.row, reach(rule)
    assert reached is not None, f"{rule.rule} is never the strictest row of its body"
    calls = "; ".join(f"{gene} {call}" for gene, call in sorted(reached[0].items())) or "none"
    cites = ", ".join(f"[{name}]({urls[name]})" for name in row["citation"].split(";"))
    cells = (
        f"{row['source']} {row['year']}",
        row["condition"],
        calls,
        _asked(row),
        row["strength"] or "",
        row["checked"] or "not recorded",
        cites,
    )
    return "| " + " | ".join(cell.replace("|", " or ").replace("*", "\\*") for cell in cells) + " |"


def _asked(row) -> str:
    """Return action, share of the dose and highest dose of a row."""
    shares = [f"{value:g}" for value in dict.fromkeys((row["factor_low"], row["factor_high"])) if value is not None]
    parts = [ACTIONS[Action(row["action"])].label, "-".join(shares) if shares != ["1"] else ""]
    parts += [f"at most {row['cap']:g} {row['unit'] or ''}".strip()] if row["cap"] is not None else []
    return ", ".join(filter(None, parts))


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(text + MARK + tables(), encoding="utf-8")
