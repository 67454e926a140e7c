"""Result tables as TSV and JSON files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lupus_pgx.progress import track
from lupus_pgx.results.cells import cell_text, json_value, sheet_text
from lupus_pgx.results.columns import Columns, Row
from lupus_pgx.results.context_tables import CONTEXT_TABLES, context_table, table_names, table_of
from lupus_pgx.results.files import atomic_file
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.results.provenance import SCHEMA_VERSION, Provenance
from lupus_pgx.results.tables import TABLES, Results, ResultTable
from lupus_pgx.terms import RESEARCH_USE


def write_tsv(folder: Path, analysis: AnalysisData, suffix: str = "tsv") -> list[Path]:
    """Write each table, and beside them what they rest on; ``tsv.gz`` is compressed."""
    paths = []
    for name in track(table_names(analysis.results), "writing", " tables"):
        table = table_of(name, analysis.results)
        path = folder / f"{name}.{suffix}"
        with atomic_file(path) as handle:
            handle.write("\t".join(table.columns.names) + "\n")
            kinds = table.columns.kinds[1:]
            for sample, lines in table.rendered(lambda row, kinds=kinds: _tsv_line(kinds, row)):  # type: ignore[misc]
                # Every line begins with the sample.
                handle.write(cell_text("text", sample).join(["", *lines]))
        paths.append(path)
    return [*paths, write_provenance(folder, analysis.provenance)]


def write_csv(folder: Path, analysis: AnalysisData) -> list[Path]:
    """Write each table for a spreadsheet: with commas and a byte-order mark, and no cell of text is a formula."""
    paths = []
    for name in table_names(analysis.results):
        table = table_of(name, analysis.results)
        path = folder / f"{name}.csv"
        with atomic_file(path) as handle:
            handle.write("\ufeff")
            lines = csv.writer(handle, lineterminator="\n")
            lines.writerow(table.columns.names)
            kinds = table.columns.kinds[1:]
            for sample, rows in table.rendered(lambda row, kinds=kinds: list(map(sheet_text, kinds, row))):  # type: ignore[misc]
                lines.writerows([sheet_text("text", sample), *cells] for cells in rows)
        paths.append(path)
    return [*paths, write_provenance(folder, analysis.provenance)]


def write_provenance(folder: Path, provenance: Provenance) -> Path:
    """Write beside the tables, whose header is plain, what they rest on."""
    path = folder / "provenance.json"
    document = {"schema_version": SCHEMA_VERSION, "research_use": RESEARCH_USE, "provenance": provenance.to_dict()}
    with atomic_file(path) as handle:
        handle.write(json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return path


def _tsv_line(kinds: Sequence[str], row: Row) -> str:
    """Return a line without its first cell."""
    return "\t" + "\t".join([cell_text(kind, value) for kind, value in zip(kinds, row, strict=True)]) + "\n"


def write_json(folder: Path, analysis: AnalysisData) -> list[Path]:
    """Write everything into one file, sample by sample."""
    path = folder / "analysis.json"
    with atomic_file(path) as handle:
        # Sorted keys and fixed separators: equal results give equal bytes.
        provenance = _json(analysis.provenance.to_dict())
        handle.write(f'{{"provenance":{provenance},"research_use":{_json(RESEARCH_USE)},"samples":[')
        for number, sample in enumerate(_json_samples(analysis.results)):
            handle.write(f",{sample}" if number else sample)
        handle.write(f'],"schema_version":{_json(SCHEMA_VERSION)}}}\n')
    return [path]


def _json_samples(results: Results) -> Iterator[str]:
    """Yield the text of each sample, its tables rendered side by side."""
    names = sorted([*TABLES, *CONTEXT_TABLES, "headline", "sample_id"])
    rendered = {name: _json_tables(results.table(name)) for name in TABLES}
    rendered |= {name: _json_tables(context_table(name, results)) for name in CONTEXT_TABLES}
    for number, sample in enumerate(results.genotypes.sample_ids):
        cells = {name: next(texts) for name, texts in rendered.items()} | {"sample_id": _json(sample)}
        review = results.reviews.of(number)
        cells["headline"] = _json(review.headline if review is not None else None)
        yield "{" + ",".join(f'"{name}":{cells[name]}' for name in names) + "}"


def _json_tables(table: ResultTable) -> Iterator[str]:
    for _, rows in table.rendered(lambda row: _json(_json_row(table.columns, row))):
        yield f"[{','.join(rows)}]"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _json_row(columns: Columns[Any], row: Row) -> dict[str, Any]:
    return {
        name: json_value(kind, value)
        for name, kind, value in zip(columns.names[1:], columns.kinds[1:], row, strict=True)
    }
