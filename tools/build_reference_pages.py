"""Build a Markdown page per drug and per gene from the knowledge tables.

    python tools/build_reference_pages.py [FOLDER] [--overlay DIR]

FOLDER is docs/reference unless given; the pages are built, not kept in the repository.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lupus_pgx import Knowledge, load_knowledge
from lupus_pgx.knowledge.genes import natural_key
from lupus_pgx.knowledge.rules import OF_DISEASE, parse_condition
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.words.amounts import factor_text

DOCS = Path(__file__).resolve().parent.parent / "docs" / "reference"

Row = Any

IDENTIFIERS = ("hgvs_grch38", "hgvs_grch37", "vrs_grch38", "vrs_grch37")

NOT_LOOKED_AT = "No row: nothing was looked at, which clears nothing."

_USES = {
    "direction": "sets the expected direction, for information only",
    "context": "shown, sets nothing",
    "null": "shown, sets nothing",
}


def page_name(name: str) -> str:
    """Return the file name of a page: letters, digits, dots and hyphens.

    Examples
    --------
    >>> page_name("CD19 CAR-T")
    'CD19-CAR-T.md'
    """
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-") + ".md"


def plain(value: object) -> str:
    """Return a cell as Markdown that shows the text as it is."""
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return re.sub(r"([\\|*<\[\]])", r"\\\1", text)


def _cell(row: Row, column: str) -> str:
    return plain(row[column].replace("_", " ") if column == "severity" else row[column])


def _bound(row: Row) -> str:
    """Return the bound of a row, and whose number it is."""
    if row["operator"] is None or row["value"] is None:
        return ""
    whose = " (number ours)" if row["bound"] == "ours" else ""
    return f"{row['operator'].replace('_', ' ')} {row['value']:g} {row['unit'] or ''}".rstrip() + whose


def _dose(row: Row) -> str:
    """Return the share of the dose that a row gives, and the highest dose that it allows."""
    cap = "" if row["cap"] is None else f"at most {row['cap']:g} {row['unit'] or ''}".rstrip()
    return "; ".join(part for part in (factor_text(row["factor_low"], row["factor_high"]), cap) if part)


def code(value: object) -> str:
    """Return a name or condition in code font; ``|`` is escaped for tables."""
    return f"`{str(value).replace('|', chr(92) + '|')}`" if value not in (None, "") else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table, nothing without rows."""
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    return [f"| {' | '.join(header)} |", "|" + "---|" * len(header), *lines, ""] if lines else []


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Return a section, nothing without content."""
    return [f"## {title}", "", *lines] if lines else []


class Pages:
    """Pages of one set of knowledge tables."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.urls = {row["citation"]: row["url"] for row in knowledge.rows("citations")}
        self.genes = {row["gene"]: row for row in knowledge.rows("genes")}
        self.drugs = {row["drug"]: row for row in knowledge.rows("drugs")}

    def build(self, folder: Path) -> list[Path]:
        """Write all pages below a folder and return their paths."""
        pages = {folder / "index.md": self.index(), folder / "disease_risk.md": self.disease_risk()}
        pages |= {folder / "drugs" / page_name(drug): self.drug(row) for drug, row in self.drugs.items()}
        pages |= {folder / "genes" / page_name(gene): self.gene(row) for gene, row in self.genes.items()}
        for path, lines in pages.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join([*lines, *self.footer()]), encoding="utf-8")
        return list(pages)

    def footer(self) -> list[str]:
        """Return the last lines of every page."""
        release = self.knowledge.release
        return [f"Built by `tools/build_reference_pages.py` from data release {release}. Research use only.", ""]

    def index(self) -> list[str]:
        """Return the page that links all others."""
        drugs = [
            (self.drug_link(drug, "drugs"), plain(row["drug_class"]), plain(row["marker_statement"]))
            for drug, row in sorted(self.drugs.items(), key=lambda item: item[0].lower())
        ]
        genes = [
            (self.gene_link(gene, "genes"), plain(row["call_kind"]), plain(row["structure"]))
            for gene, row in sorted(self.genes.items())
        ]
        lines = ["# Reference: drugs and genes", ""]
        lines += ["What is about the disease and not about a drug: [risk and course](disease_risk.md).", ""]
        lines += section("Drugs", table(["drug", "class", "what a genotype says rests on"], drugs))
        return lines + section("Genes", table(["gene", "called as", "structure"], genes))

    # --- links ---------------------------------------------------------------------------------

    def drug_link(self, drug: str, folder: str = "../drugs") -> str:
        """Return a link to a drug's page, its name where there is none."""
        return f"[{plain(drug)}]({folder}/{page_name(drug)})" if drug in self.drugs else plain(drug)

    def gene_link(self, gene: str | None, folder: str = "../genes") -> str:
        """Return links to the pages of genes joined by ``;``, the name where there is none."""
        named = split_list(gene)
        return ", ".join(f"[{plain(n)}]({folder}/{page_name(n)})" if n in self.genes else plain(n) for n in named)

    def cite(self, cell: str | None) -> str:
        """Return the citations of a cell as links."""
        found = [f"[{plain(name)}]({_url(self.urls[name])})" for name in split_list(cell)]
        return ", ".join(found)

    def condition_genes(self, text: str | None) -> list[str]:
        """Return the genes that a condition looks at."""
        keys = parse_condition(text).keys if text else ()
        return list(dict.fromkeys(key.partition(" ")[0] for key in keys))

    # --- drugs ---------------------------------------------------------------------------------

    def drug(self, row: Row) -> list[str]:
        """Return the page of a drug."""
        name = row["drug"]
        facts = [
            ("class", plain(row["drug_class"])),
            ("other names", plain(", ".join(split_list(row["aliases"])))),
            ("RxNorm", plain(row["rxnorm"])),
            ("ATC", plain(", ".join(split_list(row["atc"])))),
            ("role in lupus", plain(row["role_in_lupus"])),
            ("manifestations", plain(", ".join(split_list(row["manifestations"])))),
            ("pathway", plain(row["pathway"])),
        ]
        lines = [f"# {plain(name)}", "", *table(["what", "value"], [fact for fact in facts if fact[1]])]
        lines += [f"{plain(row['statement'])} {self.cite(row['citation'])}", ""]
        licence = ("jurisdiction", "indication", "form", "status", "since", "says", "checked", "checked_on")
        lines += section("Licence for lupus", self.own_rows("approvals", name, licence))
        rules = [item for item in self.knowledge.rows("guidance") if item["drug"] == name]
        lines += section("Guideline rules", self.rules(rules))
        evidence = [
            item for item in self.knowledge.rows("evidence") if item["drug"] == name and item["about"] != OF_DISEASE
        ]
        lines += section("Evidence", self.evidence(evidence) or ["No row.", ""])
        told = ("advice", "jurisdiction", "checked")
        pairs = self.own_rows("interactions", name, ("with", "effect", "severity", *told))
        lines += section("Interactions", pairs or [NOT_LOOKED_AT, ""])
        lines += section("Contraindications", self.contraindications(name) or [NOT_LOOKED_AT, ""])
        measured = ("measure", "context", "target_low", "target_high", "unit", "timing", "meaning", "checked")
        lines += section("Monitoring", self.own_rows("monitoring", name, measured))
        return lines + section("Pathways", self.pathways("drug", name))

    def disease_risk(self) -> list[str]:
        """Return the page of findings on the risk or the course of lupus, each once."""
        rows = [row for row in self.knowledge.rows("evidence") if row["about"] == OF_DISEASE]
        lines = ["# Risk and course of the disease", ""]
        lines += [
            "Findings on who gets lupus, or how it runs, HLA tags among them. None changes the choice of a drug.",
            "",
        ]
        return lines + self.findings([*self.prognosis(), *self.of_disease(rows, "genes")])

    def of_disease(self, rows: Sequence[Row], folder: str) -> list[tuple[str, ...]]:
        """Return findings on the risk or the course of lupus as rows of a table, each once and without a drug."""
        once = {(row["gene"], row["marker"], row["finding"], row["citation"]): row for row in rows}
        return [
            (
                " ".join(part for part in (self.gene_link(row["gene"], folder), plain(row["marker"])) if part),
                plain(row["finding"]),
                self.result(row),
                plain(row["effect_size"]),
                plain(row["population"]),
                plain(row["evidence_level"].replace("_", " ")),
                self.cite(row["citation"]),
            )
            for row in once.values()
        ]

    def prognosis(self) -> list[tuple[str, ...]]:
        """Return what is known of the course by features that are no marker of a drug."""
        return [
            (
                plain(row["feature"]),
                plain(row["finding"]),
                "",
                plain(row["effect_size"]),
                plain(row["population"]),
                plain(f"{row['evidence_level'].replace('_', ' ')}; measured by {row['how_to_measure']}"),
                self.cite(row["citation"]),
            )
            for row in self.knowledge.rows("prognosis")
        ]

    @staticmethod
    def findings(cells: Sequence[tuple[str, ...]]) -> list[str]:
        """Return findings on the disease as a table."""
        return table(["gene, marker", "finding", "result", "effect", "in whom", "level", "citations"], cells)

    def rules(self, rows: Sequence[Row]) -> list[str]:
        """Return guideline rows as a table."""
        cells = [
            (
                self.drug_link(row["drug"]),
                plain(f"{row['guideline']} {row['year']}"),
                code(row["condition"]),
                ", ".join(self.gene_link(gene) for gene in self.condition_genes(row["condition"])),
                plain(row["action"].replace("_", " ")),
                plain(_dose(row)),
                plain("; ".join(part for part in (row["applies_if"], self.population(row)) if part)),
                plain(row["strength"]),
                plain(row["advice"]),
                plain(row["checked"]),
                self.cite(row["citation"]),
            )
            for row in rows
        ]
        header = ["drug", "rule of", "if", "genes", "action", "dose", "applies to", "strength", "advice", "checked"]
        return table([*header, "citations"], cells)

    def evidence(self, rows: Sequence[Row]) -> list[str]:
        """Return evidence rows as a table, null and conflicting results named as such."""
        cells = [
            (
                self.drug_link(row["drug"]),
                " ".join(part for part in (self.gene_link(row["gene"]), plain(row["marker"])) if part),
                plain(row["finding"]),
                self.result(row),
                plain(row["effect_size"]),
                plain(row["population"]),
                plain(row["evidence_level"].replace("_", " ")),
                plain(f"{_USES.get(row['use'], row['use'])}: {row['use_reason']}"),
                self.cite(row["citation"]),
            )
            for row in rows
        ]
        header = ["drug", "gene, marker", "finding", "result", "effect", "in whom", "level", "use", "citations"]
        return table(header, cells)

    def result(self, row: Row) -> str:
        """Return the direction of an evidence row in words that cannot be overread."""
        if row["use"] == "null" or row["direction"] == "no_effect":
            return "**null: no effect found**"
        if row["direction"] == "conflicting":
            return "**conflicting**"
        if row["about"] == OF_DISEASE and row["direction"] == "unknown":
            return "association"  # with the disease: what it means for a drug is not known
        return plain(row["direction"].replace("_", " "))

    def population(self, rule: Row) -> str:
        """Return for whom the guideline of a rule was written."""
        key = (rule["drug"], rule["guideline"])
        return next(
            row["population"] for row in self.knowledge.rows("guidelines") if (row["drug"], row["guideline"]) == key
        )

    def own_rows(self, name: str, drug: str, columns: Sequence[str]) -> list[str]:
        """Return the rows of a table that are about a drug."""
        rows = [row for row in self.knowledge.rows(name) if row["drug"] == drug]
        used = [column for column in columns if any(row[column] is not None for row in rows)]
        cells = [(*(_cell(row, column) for column in used), self.cite(row["citation"])) for row in rows]
        return table([*(column.replace("_", " ") for column in used), "citations"], cells)

    def contraindications(self, drug: str) -> list[str]:
        """Return what speaks against a drug: what is asked about, the state, and its bound where it has one."""
        asked = {row["criterion"]: row["words"] for row in self.knowledge.rows("criteria")}
        cells = [
            (
                plain(asked[row["criterion"]]),
                plain(row["state"]),
                plain(_bound(row)),
                plain(row["severity"].replace("_", " ")),
                plain(row["advice"]),
                plain(row["jurisdiction"]),
                plain(row["checked"]),
                self.cite(row["citation"]),
            )
            for row in self.knowledge.rows("contraindications")
            if row["drug"] == drug
        ]
        return table(
            ["asks about", "state", "bound", "severity", "advice", "jurisdiction", "checked", "citations"], cells
        )

    def pathways(self, column: str, name: str) -> list[str]:
        """Return the pathways of a drug or gene."""
        cells = [
            (
                plain(row["pathway"]),
                self.gene_link(row["gene"]),
                self.drug_link(row["drug"]),
                plain(row["role"]),
                self.cite(row["citation"]),
            )
            for row in self.knowledge.rows("pathways")
            if name == (row["gene"] if column == "gene" else row["drug"])
        ]
        return table(["pathway", "gene", "drug", "link", "citations"], cells)

    # --- genes ---------------------------------------------------------------------------------

    def of_gene(self, name: str, gene: str) -> list[Row]:
        """Return the rows of a table that are about a gene."""
        return [row for row in self.knowledge.rows(name) if row["gene"] == gene]

    def gene(self, row: Row) -> list[str]:
        """Return the page of a gene."""
        gene = row["gene"]
        facts = [("HGNC", plain(row["hgnc"])), ("called as", plain(row["call_kind"])), ("ploidy", plain(row["ploidy"]))]
        for build in ("GRCh38", "GRCh37"):
            start, end = row[f"{build.lower()}_start"], row[f"{build.lower()}_end"]
            facts += [(build, f"{plain(row['chrom'])}:{start}-{end} ({plain(row['strand'])})")] if start else []
        facts += [("structure", plain(row["structure"])), ("caveat", plain(row["caveat"]))]
        facts += [("source", plain(row["source"]))]
        lines = [f"# {plain(gene)}", "", *table(["what", "value"], [fact for fact in facts if fact[1]])]
        lines += section("Loci", self.loci(gene))
        lines += section("Alleles", self.alleles(gene))
        lines += section("Phenotype rules", self.phenotypes(gene))
        for marker in self.of_gene("markers", gene):
            lines += section(f"Marker {plain(marker['marker'])}", self.marker(marker))
        rules = [item for item in self.knowledge.rows("guidance") if gene in self.condition_genes(item["condition"])]
        lines += section("Guideline rules", self.rules(rules))
        evidence = [
            item
            for item in self.knowledge.rows("evidence")
            if gene in (*split_list(item["gene"]), *self.condition_genes(item["condition"]))
        ]
        lines += section("Evidence", self.evidence([item for item in evidence if item["about"] != OF_DISEASE]))
        disease = [item for item in evidence if item["about"] == OF_DISEASE]
        heading = "Risk and course of the disease, which change no choice of a drug"
        lines += section(heading, self.findings(self.of_disease(disease, "../genes")) if disease else [])
        return lines + section("Pathways", self.pathways("gene", gene))

    def loci(self, gene: str) -> list[str]:
        """Return the loci of a gene on both builds."""
        never = {row["locus"]: row["reason"] for row in self.of_gene("missing_policy", gene)}
        loci = {row["locus"]: row for row in self.of_gene("loci", gene)}
        joined = [{**row, **loci[row["locus"]], "source": row["source"]} for row in self.of_gene("locus_alleles", gene)]
        rows = sorted(joined, key=lambda row: (row["grch38_pos"], row["locus"]))
        cells = [
            (
                plain(row["locus"]),
                f"{row['grch38_pos']} {row['grch38_ref']}\\>{row['grch38_alt']}",
                f"{row['grch37_pos']} {row['grch37_ref']}\\>{row['grch37_alt']}",
                row["essential"],
                plain(", ".join(part for part in (row["coding_name"], row["protein_change"]) if part)),
                plain("; ".join(row[name] for name in IDENTIFIERS if row[name])),
                plain("; ".join(part for part in (row["caveat"], never.get(row["locus"])) if part)),
                plain(row["verification"]),
                plain(row["source"]),
            )
            for row in rows
        ]
        head = ["locus", "GRCh38", "GRCh37", "essential", "change", "identifiers", "caveat", "verified", "source"]
        return table(head, cells)

    def alleles(self, gene: str) -> list[str]:
        """Return the alleles of a gene with definition, function and frequency."""
        functions = {row["allele"]: row for row in self.of_gene("allele_function", gene)}
        changes: dict[str, list[str]] = {}
        for row in self.of_gene("allele_loci", gene):
            mark = " (may)" if row["role"] == "optional" else ""
            changes.setdefault(row["allele"], []).append(f"{row['locus']} {row['grch38_alt']}{mark}")
        counts = {(row["allele"], row["population"]): row for row in self.of_gene("haplotype_frequencies", gene)}
        populations = sorted({population for _, population in counts}, key=lambda name: (name != "ALL", name))
        cells = []
        for row in sorted(self.of_gene("alleles", gene), key=lambda row: natural_key(row["allele"])):
            function = functions.get(row["reported_as"] or row["allele"])
            own = [counts.get((row["allele"], population)) for population in populations]
            cells.append(
                (
                    code(row["allele"]),
                    plain(", ".join(changes.get(row["allele"], [])) or row["note"]),
                    plain(function["function"] if function else None),
                    plain(function["activity_value"] if function else None),
                    *(f"{item['count'] / item['total']:.3%}" if item else "" for item in own),
                    plain(row["source"]),
                )
            )
        header = ["allele", "differs from GRCh38 at", "function", "activity", *populations, "source"]
        return table(header, cells)

    def phenotypes(self, gene: str) -> list[str]:
        """Return the rules from functions or activity scores to phenotypes."""
        scores = [
            (
                f"{row['score_min']:g} to {plain(row['score_max']) or 'any higher'}",
                plain(row["phenotype"]),
                plain(row["source"]),
            )
            for row in self.of_gene("activity_rules", gene)
        ]
        pairs = [
            (plain(row["function_1"]), plain(row["function_2"]), plain(row["phenotype"]), plain(row["source"]))
            for row in self.of_gene("phenotype_rules", gene)
        ]
        lines = table(["activity score", "phenotype", "source"], scores)
        return lines + table(["function", "with", "phenotype", "source"], pairs)

    def marker(self, row: Row) -> list[str]:
        """Return what a marker is, its haplotypes and its categories."""
        mine = [item for item in self.of_gene("marker_alleles", row["gene"]) if item["marker"] == row["marker"]]
        named = [item for item in self.of_gene("marker_categories", row["gene"]) if item["marker"] == row["marker"]]
        lines = [
            f"{plain(row['title'])} ({plain(row['rsid'])}): {plain(row['effect'])}. {self.cite(row['citation'])}",
            "",
        ]
        lines += [f"Position: {plain(row['coordinate_status'])}. {plain(row['caveat'])}".strip(), ""]
        cells = [
            (
                code(item["allele"]),
                plain(f"{item['locus']} {item['grch38_alt']}" if item["locus"] else "GRCh38 everywhere"),
                plain(item["effect_allele"]),
            )
            for item in sorted(mine, key=lambda item: int(item["rank"]))
        ]
        lines += table(["haplotype", "differs from GRCh38 at", "effect allele"], cells)
        pairs = [(str(item["effect_allele_count"]), plain(item["category"])) for item in named]
        return lines + table(["effect alleles", "category"], pairs)


def _url(address: str) -> str:
    """Return an address that can stand in a Markdown link."""
    return address.replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def main() -> None:
    """Write the pages and say how many."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DOCS)
    parser.add_argument("--overlay", help="folder of tables whose rows win over the shipped ones")
    options = parser.parse_args()
    pages = Pages(load_knowledge(options.overlay)).build(options.folder)
    print(f"{len(pages)} pages in {options.folder}")


if __name__ == "__main__":
    main()
