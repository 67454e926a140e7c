"""Write results into a folder; each file appears whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from lupus_pgx.errors import OutputError, unknown_name
from lupus_pgx.progress import track
from lupus_pgx.provenance import Provenance
from lupus_pgx.records import TABLES, Columns, Results, ResultTable, Row
from lupus_pgx.review_records import CONTEXT_TABLES, context_table
from lupus_pgx.terms import RESEARCH_USE
from lupus_pgx.wording import probability_text

SCHEMA_VERSION = "1.0.0"
"""Version of the layout of ``analysis.json``."""


def write_results(folder: str | Path, formats: Sequence[str], results: Results, provenance: Provenance) -> list[Path]:
    """Write results in some formats.

    Parameters
    ----------
    folder : str or Path
        Made if it does not exist.
    formats : sequence of str
        ``tsv`` and ``json``.
    results : Results
    provenance : Provenance

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        If a format is unknown.
    OutputError
        If a file cannot be written; files already whole stay.
    """
    check_formats(formats)
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        return [path for name in dict.fromkeys(formats) for path in FORMATS[name](target, results, provenance)]
    except OSError as error:
        raise OutputError(f"{error.filename or target}: cannot be written ({error.strerror})") from error


def check_formats(formats: Sequence[str]) -> None:
    """Refuse formats that do not exist.

    Raises
    ------
    UsageError
        If a format is unknown.
    """
    for name in formats:
        if name not in FORMATS:
            raise unknown_name("format", name, FORMATS)


def write(analysis: Any, folder: str | os.PathLike[str], formats: Sequence[str] = ("tsv", "json")) -> list[Path]:
    """Write an analysis into a folder; see :func:`write_results`."""
    return write_results(Path(folder), formats, analysis.results, analysis.provenance)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """Open a text file under a temporary name and rename it when it is complete."""
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
    )
    temporary = Path(handle.name)
    try:
        with handle:
            yield handle
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_tsv(folder: Path, results: Results, provenance: Provenance) -> list[Path]:
    paths = []
    # What a context adds is written only where there is one.
    added = CONTEXT_TABLES if results.reviews.contexts else ()
    for name in track([*TABLES, *added], "writing", " tables"):
        table = results.table(name) if name in TABLES else context_table(name, results)
        path = folder / f"{name}.tsv"
        with whole_file(path) as handle:
            handle.write("\t".join(table.columns.names) + "\n")
            kinds = table.columns.kinds[1:]
            for sample, lines in table.rendered(lambda row, kinds=kinds: _tsv_line(kinds, row)):  # type: ignore[misc]
                # Every line begins with the sample.
                handle.write(cell_text("text", sample).join(["", *lines]))
        paths.append(path)
    return [*paths, _write_provenance(folder, provenance)]


def _write_provenance(folder: Path, provenance: Provenance) -> Path:
    """Write beside the tables, whose header is plain, what they rest on."""
    path = folder / "provenance.json"
    document = {"schema_version": SCHEMA_VERSION, "research_use": RESEARCH_USE, "provenance": provenance.to_dict()}
    with whole_file(path) as handle:
        handle.write(json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return path


def _tsv_line(kinds: Sequence[str], row: Row) -> str:
    """Return a line without its first cell."""
    return "\t" + "\t".join([cell_text(kind, value) for kind, value in zip(kinds, row, strict=True)]) + "\n"


def cell_text(kind: str, value: Any) -> str:
    """Write one cell: empty for unknown, probabilities to 4 decimals, no tab or line break."""
    if value is None or value == "":
        return ""
    if kind == "probability":
        return probability_text(value)
    if kind == "number":
        return f"{value:g}"
    text = str(value)
    return text if text.isprintable() else " ".join(text.split())


def _write_json(folder: Path, results: Results, provenance: Provenance) -> list[Path]:
    path = folder / "analysis.json"
    with whole_file(path) as handle:
        # Sorted keys and fixed separators: equal results give equal bytes.
        handle.write(f'{{"provenance":{_json(provenance.to_dict())},"research_use":{_json(RESEARCH_USE)},"samples":[')
        for number, sample in enumerate(_json_samples(results)):
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


def _json_row(columns: Columns, row: Row) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, kind, value in zip(columns.names[1:], columns.kinds[1:], row, strict=True):
        if value is None or value == "":
            cells[name] = None
        else:
            cells[name] = float(probability_text(value)) if kind == "probability" else value
    return cells


FORMATS: dict[str, Callable[[Path, Results, Provenance], list[Path]]] = {"tsv": _write_tsv, "json": _write_json}
"""Output formats by name."""
