"""Write a checkout with the code of this state and knowledge of an earlier one, so that each's effect can be told.

    python tools/old_knowledge.py OLD OUT [--new calls,rules]

OLD is a checkout of the earlier state; OUT is made and holds this package with the tables that judge a genotype as OLD
has them, but for the groups named after ``--new`` (``GROUPS``). What the outputs of OLD and of OUT differ in, the code
does; what those of OUT and of this checkout differ in, the rows do. ``tools/trace_changes.py`` says it cell by cell.

A table whose columns were renamed is written in its new form (``RENAMED``). A column that the earlier state lacks is
taken from the row of the same key, and is empty where there is none. Tables that the earlier state lacks and that
change a call are emptied (``EMPTIED``). Tables of the clinical context stay: their form has changed too much.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
DATA = Path("lupus_pgx", "data")

GROUPS: Mapping[str, Sequence[str]] = {
    "calls": (
        "activity_rules",
        "allele_function",
        "allele_loci",
        "alleles",
        "haplotype_frequencies",
        "missing_policy",
        "phenotype_rules",
    ),
    "rules": ("guidance", "phenoconversion"),
    "evidence": ("drugs", "evidence", "failure_signals", "markers", "not_assessable", "pathways"),
}
"""Tables that both states have, with rows of the same key."""

EMPTIED = ("fallbacks", "unnamed_haplotypes")
"""Tables of the calls that the earlier state had not."""

RENAMED: Mapping[str, Mapping[str, str]] = {
    "guidance": {"source": "guideline"},
    "evidence": {"outcome": "about"},
}

_Row = dict[str, str]


def read(path: Path) -> tuple[list[str], list[_Row]]:
    """Return the columns and the rows of a table."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows = list(reader)
    return list(reader.fieldnames or ()), rows


def write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a table."""
    lines = ["\t".join(columns), *("\t".join(row.get(name, "") for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def key_of(folder: Path, table: str) -> list[str]:
    """Return the columns that name a row of a table."""
    schema = json.loads((folder / "schemas" / f"{table}.schema.json").read_text(encoding="utf-8"))
    key = schema["primaryKey"]
    return [key] if isinstance(key, str) else list(key)


def in_new_form(old: Path, new: Path, table: str) -> tuple[list[str], list[_Row]]:
    """Return the columns of today's table and the rows of the earlier one."""
    columns, today = read(new / f"{table}.tsv")
    names = RENAMED.get(table, {})
    rows = [{names.get(name, name): cell for name, cell in row.items()} for row in read(old / f"{table}.tsv")[1]]
    key = key_of(new, table)
    same = {tuple(row[name] for name in key): row for row in today}
    return columns, [{**same.get(tuple(row[name] for name in key), {}), **row} for row in rows]


def mix(old: Path, out: Path, new: Collection[str] = ()) -> None:
    """Write a copy of this package with the tables of an earlier state.

    Parameters
    ----------
    old : Path
        A checkout of the earlier state.
    out : Path
        The folder to make.
    new : collection of str
        Groups of tables that stay as they are today.
    """
    shutil.copytree(HERE / "lupus_pgx", out / "lupus_pgx", ignore=shutil.ignore_patterns("__pycache__"))
    (out / "tools").mkdir()
    shutil.copy(HERE / "tools" / "seal_tables.py", out / "tools")
    before, now = old / DATA, out / DATA
    for table in (table for group, tables in GROUPS.items() if group not in new for table in tables):
        write(now / f"{table}.tsv", *in_new_form(before, now, table))
    if "calls" not in new:
        for table in EMPTIED:
            write(now / f"{table}.tsv", read(now / f"{table}.tsv")[0], [])
        _essential(before, now)
    if "rules" not in new:
        _guidelines(before, now)
    seal = [sys.executable, str(out / "tools" / "seal_tables.py")]
    subprocess.run(seal, check=True)  # noqa: S603 - our own program


def _guidelines(before: Path, now: Path) -> None:
    """Priority and population stood in each rule, and stand once for a drug and a body now."""
    columns, _ = read(now / "guidelines.tsv")
    rules = read(before / "guidance.tsv")[1]
    found = {(rule["drug"], rule["source"]): {**rule, "guideline": rule["source"]} for rule in rules}
    write(now / "guidelines.tsv", columns, [found[key] for key in sorted(found)])


def _essential(before: Path, now: Path) -> None:
    """Which loci are essential is knowledge of the calls; the table of loci has another form now."""
    columns, rows = read(now / "loci.tsv")
    essential = {(row["gene"], row["locus"]): row["essential"] for row in read(before / "loci.tsv")[1]}
    for row in rows:
        row["essential"] = essential.get((row["gene"], row["locus"]), row["essential"])
    write(now / "loci.tsv", columns, rows)


def main() -> None:
    """Write the mixed checkout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--new", default="", help=f"groups that stay as they are: {', '.join(GROUPS)}")
    given = parser.parse_args()
    new = [name for name in given.new.split(",") if name]
    if unknown := [name for name in new if name not in GROUPS]:
        parser.error(f"unknown group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    mix(given.old, given.out, new)


if __name__ == "__main__":
    main()
