"""Run one shard: analyze its samples, and rename the results into place when they are whole."""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from lupus_pgx.analysis import analyze
from lupus_pgx.bounded import found_file, parse_json, with_whole_characters
from lupus_pgx.cohorts.extract import check_inputs, extracted
from lupus_pgx.cohorts.plan import Plan, Shard, Unit, paths_of, read_plan
from lupus_pgx.errors import InputError, LupusPgxError, UsageError, is_shortage, writing
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.results.files import opened, remove_temporaries
from lupus_pgx.results.multiqc import ENDING
from lupus_pgx.results.provenance import SCHEMA_VERSION
from lupus_pgx.results.writers import write_provenance
from lupus_pgx.sample_sheet import SheetRow, stated_by
from lupus_pgx.summary import Analysis

DONE = "shard.json"
PREFIX = "shard="
PARQUET = "parquet"

_Bad = list[tuple[str, str, str]]


def run_shard(folder: str, name: str, processes: int = 1) -> dict[str, Any]:
    """Run a shard of the run in a folder, unless it is there.

    Parameters
    ----------
    folder : str
    name : str
    processes : int
        Copies of this process that read its files and write its tables.

    Returns
    -------
    dict
        What ``shard.json`` holds: name, samples, bad samples with their reason, files with their checksums, and where
        there are any, the ancestry of samples and those without a usable genotype (``empty``).

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
    knowledge = tables_of(folder, plan.settings.get("overlay"), plan.data_release)
    small = extracted(place, plan, shard)
    # What was extracted is called without the inputs.
    check_inputs(plan, [path for unit in small.units for path in paths_of(unit) if path in plan.inputs])
    with writing(folder, f"shard {name}"):
        return _made(place, plan, small, knowledge, processes)


@lru_cache(maxsize=1)
def tables_of(folder: str, overlay: str | None, planned: str) -> Knowledge:
    """Return the tables of a run, laid over each other once in a process that runs many of its shards."""
    found = load_knowledge(overlay)
    if found.release != planned:
        raise InputError(f"{folder}: planned with data release {planned}; the one here is {found.release}")
    return found


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def is_whole(folder: Path, name: str) -> bool:
    """Whether a shard is there."""
    return (folder / f"{PREFIX}{name}" / DONE).exists()


def read_shard(folder: Path, name: str) -> dict[str, Any] | None:
    """Return what a whole shard says of itself; None where it is not there."""
    path = folder / f"{PREFIX}{name}" / DONE
    if not path.exists():
        return None
    try:
        found: dict[str, Any] = parse_json(found_file(path).read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not isinstance(found.get("files"), dict):
            raise ValueError("files are missing")
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: expected what a shard says of itself; take the folder away to run it again"
        ) from error
    return found


def _made(folder: Path, plan: Plan, shard: Shard, knowledge: Knowledge, processes: int) -> dict[str, Any]:
    work = folder / f".{PREFIX}{shard.name}.{secrets.token_hex(4)}"
    work.mkdir()
    try:
        bad: _Bad = []
        samples: list[str] = []
        ancestry: dict[str, str] = {}
        empty: list[str] = []
        parts: list[Path] = []
        for number, analysis in enumerate(_analyses(shard.units, plan, knowledge, bad, processes)):
            parts.append(work / f"part{number}")
            _write(parts[-1], analysis, plan.formats, processes)
            samples += analysis.sample_ids
            ancestry |= {sample: value.value for sample, value in analysis.ancestry.items()}
            empty += analysis.results.without_genotype()
        _join(parts, work)
        files = {
            path.relative_to(work).as_posix(): checksum(path) for path in sorted(work.rglob("*")) if path.is_file()
        }
        told = {"shard": shard.name, "plan": plan.checksum, "samples": samples, "bad": bad, "files": files}
        if ancestry:
            told["ancestry"] = ancestry
        if empty:
            told["empty"] = empty
        (work / DONE).write_text(
            json.dumps(with_whole_characters(told), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        try:
            work.rename(folder / f"{PREFIX}{shard.name}")
        except OSError:
            # Another process was faster: its shard is whole, and the same.
            found = read_shard(folder, shard.name)
            if found is None:
                raise
            shutil.rmtree(work, ignore_errors=True)
            return found
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return told


def _write(folder: Path, analysis: Analysis, formats: Sequence[str], processes: int) -> None:
    """Write an analysis in some formats; Parquet is that of a cohort, by pattern and by drug."""
    analysis.write(folder, formats=[name for name in formats if name != PARQUET])
    if PARQUET in formats:
        from lupus_pgx.results.shard_tables import write_shard_tables

        write_shard_tables(folder, analysis, SCHEMA_VERSION, processes)
    remove_temporaries(folder)  # of a process that died on the way
    write_provenance(folder, analysis.provenance)


def _analyses(units: Sequence[Unit], plan: Plan, knowledge: Knowledge, bad: _Bad, processes: int) -> Iterator[Analysis]:
    """Yield analyses that together are of all units that can be read.

    All are tried at once; where one of them fails, each half is tried again, so that a bad file costs its own answer
    and little time.
    """
    try:
        yield _analysis(units, plan, knowledge, processes)
    except UsageError:
        raise
    except LupusPgxError as error:
        if is_shortage(error):
            raise  # no sample is bad for that
        if len(units) == 1:
            bad += [(sample, ";".join(units[0].paths), str(error)) for sample in units[0].samples]
            return
        half = len(units) // 2
        yield from _analyses(units[:half], plan, knowledge, bad, processes)
        yield from _analyses(units[half:], plan, knowledge, bad, processes)


def _analysis(units: Sequence[Unit], plan: Plan, knowledge: Knowledge, processes: int) -> Analysis:
    settings = {name: value for name, value in plan.settings.items() if name != "overlay"}
    rows = [SheetRow(vcf=unit.paths, line=0, **row) for unit in units for row in unit.rows]
    return analyze(
        [path for unit in units for path in unit.paths],
        samples=[sample for unit in units for sample in unit.samples],
        knowledge=knowledge,
        threads=processes,
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
        elif name.endswith((".tsv", ".tsv.gz", ".csv")):
            _join_text(own, work / name)
        else:
            ending = ENDING if name.endswith(ENDING) else Path(name).suffix
            for number, path in enumerate(own):
                path.rename(work / f"{name.removesuffix(ending)}-{number}{ending}")
    for part in parts:
        shutil.rmtree(part)


def _join_parquet(paths: Sequence[Path], target: Path) -> None:
    from lupus_pgx.results.parquet import join_tables
    from lupus_pgx.results.shard_tables import MEANINGS, PATTERNS, join_patterns

    if target.stem == MEANINGS:
        paths[0].rename(target)  # what the columns mean is the same in all
    elif target.stem in PATTERNS.values():
        join_patterns(paths, target)
    else:
        join_tables(paths, target)


def _join_text(paths: Sequence[Path], target: Path) -> None:
    compressed = target.suffix == ".gz"
    with opened(target, compressed=compressed) as out:
        for number, path in enumerate(paths):
            with gzip.open(path, "rt", encoding="utf-8", newline="") if compressed else _text(path) as lines:
                header = lines.readline()
                if number == 0:
                    out.write(header)
                shutil.copyfileobj(lines, out)


def _text(path: Path) -> IO[str]:
    return path.open(encoding="utf-8", newline="")
