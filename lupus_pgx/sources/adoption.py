"""Adopt a reviewed proposal: its rows join an overlay, checked before and never in place of a row in silence."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from lupus_pgx.bounded import make_folder
from lupus_pgx.errors import InputMissingError, KnowledgeError, writing
from lupus_pgx.knowledge.catalogue import load_knowledge
from lupus_pgx.knowledge.tables import key_columns
from lupus_pgx.sources.proposal import MANIFEST, OVERLAY
from lupus_pgx.words.lines import counted

_Rows = dict[tuple[str, ...], dict[str, str]]


def adopt(proposal: Path, overlay: Path, *, replace: bool = False) -> list[str]:
    """Lay the rows of a proposal into an overlay.

    Parameters
    ----------
    proposal : Path
        Folder that ``knowledge update`` wrote; lines that a reviewer took out of its tables are not adopted.
    overlay : Path
        Folder of the overlay; made where it is not there.
    replace : bool
        Let rows of the proposal take the place of other rows of the overlay.

    Returns
    -------
    list of str
        One line for each table: rows added and replaced.

    Raises
    ------
    InputMissingError
        If there is no proposal.
    KnowledgeError
        If a row of the overlay would give way without ``replace``, or the overlay would break a rule with the new
        rows; it is left as it was.
    OutputError
        If it cannot be written.
    """
    if not (proposal / MANIFEST).exists():
        raise InputMissingError(f"{proposal}: expected a folder that 'knowledge update' wrote; there is none")
    told: list[str] = []
    merged: dict[str, tuple[list[str], _Rows]] = {}
    for path in sorted((proposal / OVERLAY).glob("*.tsv")):
        columns, new = _read(path)
        there = overlay / path.name
        old_columns, old = _read(there) if there.exists() else (columns, {})
        given_way = [key for key, row in new.items() if key in old and _differs(old[key], row)]
        if given_way and not replace:
            raise KnowledgeError(
                f"{there}: {counted(len(given_way), 'row')} of the overlay would give way, such as "
                f"{', '.join(given_way[0])}; look at them, then add --replace or take the lines out of {path}"
            )
        merged[path.name] = ([*old_columns, *(name for name in columns if name not in old_columns)], {**old, **new})
        told.append(f"{path.stem}: {len(new.keys() - old.keys())} added, {len(given_way)} replaced")
    if not merged:
        return ["nothing to adopt: the proposal has no rows"]
    _install(merged, overlay)
    return told


def _differs(old: dict[str, str], new: dict[str, str]) -> bool:
    return any(old.get(column, "") != new.get(column, "") for column in {*old, *new})


def _install(merged: dict[str, tuple[list[str], _Rows]], overlay: Path) -> None:
    """Write the overlay anew beside the old one, check it, and put it in its place."""
    with writing(overlay, "overlay"):
        make_folder(overlay.parent)
        with contextlib.ExitStack() as undo:
            work = Path(tempfile.mkdtemp(dir=overlay.parent, prefix=f".{overlay.name}."))
            undo.callback(shutil.rmtree, work, ignore_errors=True)
            if overlay.exists():
                shutil.copytree(overlay, work, dirs_exist_ok=True)
            for name, (columns, rows) in merged.items():
                lines = ["\t".join(columns), *("\t".join(row.get(c, "") for c in columns) for row in rows.values())]
                (work / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            try:
                load_knowledge(work)
            except KnowledgeError as error:
                raise KnowledgeError(str(error).replace(str(work), str(overlay))) from error
            work.chmod(0o755)
            _swap(work, overlay)


def _swap(work: Path, overlay: Path) -> None:
    """Put a folder in the place of another, which stays where that fails."""
    before = work.with_name(f"{work.name}.before")
    if overlay.exists():
        overlay.rename(before)
    try:
        work.rename(overlay)
    except OSError:
        if before.exists():
            before.rename(overlay)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _read(path: Path) -> tuple[list[str], _Rows]:
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    columns = lines[0].split("\t")
    keys = key_columns(path.stem)
    rows: _Rows = {}
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(columns) or not set(keys) <= set(columns):
            raise KnowledgeError(f"{path}:{number}: expected {len(columns)} cells joined by tabs, found {len(cells)}")
        row = dict(zip(columns, cells, strict=True))
        rows[tuple(row[column] for column in keys)] = row
    return columns, rows
