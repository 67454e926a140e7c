"""Run one shard: analyze its samples, and rename the results into place when they are whole."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lupus_pgx.analysis import analyze
from lupus_pgx.cohorts.plan import Plan, Shard, Unit, paths_of, read_plan, stamp
from lupus_pgx.errors import InputError, LupusPgxError, OutputError, UsageError
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.results.writers import write_provenance
from lupus_pgx.sample_sheet import SheetRow, stated_by
from lupus_pgx.summary import Analysis

DONE = "shard.json"
PREFIX = "shard="

_Bad = list[tuple[str, str, str]]


def run_shard(folder: str, name: str) -> dict[str, Any]:
    """Run a shard of the run in a folder, unless it is there.

    Parameters
    ----------
    folder : str
    name : str

    Returns
    -------
    dict
        What ``shard.json`` holds: name, samples, bad samples with their reason, files with their checksums.

    Raises
    ------
    InputError
        If there is no such run, or one of its files has changed since it was planned.
    OutputError
        If the results cannot be written.
    """
    place = Path(folder)
    plan = read_plan(place)
    shard = plan.shard(name)
    found = read_shard(place, shard.name)
    if found is not None:
        return found
    knowledge = _knowledge(folder, plan.settings.get("overlay"), plan.data_release)
    for path in dict.fromkeys(path for unit in shard.units for path in paths_of(unit)):
        if stamp(path) != plan.inputs[path]:
            raise InputError(f"{path}: has changed since the run was planned: plan it again")
    try:
        return _made(place, plan, shard, knowledge)
    except OSError as error:
        raise OutputError(f"{folder}: shard {name} cannot be written ({error.strerror or error})") from error


@lru_cache(maxsize=1)
def _knowledge(folder: str, overlay: str | None, planned: str) -> Knowledge:
    """Return the tables of a run, laid over each other once in a process that runs many of its shards."""
    found = load_knowledge(overlay)
    if found.release != planned:
        raise InputError(f"{folder}: planned with data release {planned}; the one here is {found.release}")
    return found


def read_shard(folder: Path, name: str) -> dict[str, Any] | None:
    """Return what a whole shard says of itself; None where it is not there."""
    path = folder / f"{PREFIX}{name}" / DONE
    if not path.exists():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: expected what a shard says of itself; take the folder away to run it again"
        ) from error
    return found


def _made(folder: Path, plan: Plan, shard: Shard, knowledge: Knowledge) -> dict[str, Any]:
    work = folder / f".{PREFIX}{shard.name}.{secrets.token_hex(4)}"
    work.mkdir()
    try:
        bad: _Bad = []
        samples: list[str] = []
        parts: list[Path] = []
        for number, analysis in enumerate(_analyses(shard.units, plan, knowledge, bad)):
            parts.append(work / f"part{number}")
            analysis.write(parts[-1], formats=plan.formats)
            write_provenance(parts[-1], analysis.provenance)
            samples += analysis.sample_ids
        _join(parts, work)
        files = {
            path.relative_to(work).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(work.rglob("*"))
            if path.is_file()
        }
        told = {"shard": shard.name, "plan": plan.checksum, "samples": samples, "bad": bad, "files": files}
        (work / DONE).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        work.rename(folder / f"{PREFIX}{shard.name}")
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return told


def _analyses(units: Sequence[Unit], plan: Plan, knowledge: Knowledge, bad: _Bad) -> Iterator[Analysis]:
    """Yield analyses that together are of all units that can be read.

    All are tried at once; where one of them fails, each half is tried again, so that a bad file costs its own answer
    and little time.
    """
    try:
        yield _analysis(units, plan, knowledge)
    except UsageError:
        raise
    except LupusPgxError as error:
        if len(units) == 1:
            bad += [(sample, ";".join(units[0].paths), str(error)) for sample in units[0].samples]
            return
        half = len(units) // 2
        yield from _analyses(units[:half], plan, knowledge, bad)
        yield from _analyses(units[half:], plan, knowledge, bad)


def _analysis(units: Sequence[Unit], plan: Plan, knowledge: Knowledge) -> Analysis:
    settings = {name: value for name, value in plan.settings.items() if name != "overlay"}
    rows = [SheetRow(vcf=unit.paths, line=0, **row) for unit in units for row in unit.rows]
    return analyze(
        [path for unit in units for path in unit.paths],
        samples=[sample for unit in units for sample in unit.samples],
        knowledge=knowledge,
        other_samples=plan.sample_ids,
        **{**settings, **stated_by(rows, knowledge, settings.get("today"))},
    )


def _join(parts: Sequence[Path], work: Path) -> None:
    """Put the files of all parts into the folder of the shard; tables of several parts become one."""
    for name in dict.fromkeys(path.name for part in parts for path in sorted(part.iterdir())):
        own = [part / name for part in parts if (part / name).exists()]
        if len(own) == 1 and len(parts) == 1:
            own[0].rename(work / name)
        elif name.endswith(".parquet"):
            _join_parquet(own, work / name)
        elif name.endswith(".tsv"):
            _join_text(own, work / name)
        else:
            for number, path in enumerate(own):
                path.rename(work / f"{Path(name).stem}-{number}{Path(name).suffix}")
    for part in parts:
        shutil.rmtree(part)


def _join_parquet(paths: Sequence[Path], target: Path) -> None:
    from lupus_pgx.results.parquet import join_tables

    join_tables(paths, target)


def _join_text(paths: Sequence[Path], target: Path) -> None:
    with target.open("wb") as out:
        for number, path in enumerate(paths):
            with path.open("rb") as lines:
                header = lines.readline()
                if number == 0:
                    out.write(header)
                shutil.copyfileobj(lines, out)
