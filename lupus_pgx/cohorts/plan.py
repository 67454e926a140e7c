"""Divide the work of a cohort into shards, and say what the run is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from lupus_pgx._version import __version__
from lupus_pgx.bounded import found_file, parse_json
from lupus_pgx.errors import InputError, LupusPgxError, UsageError, is_shortage, writing
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.progress import track
from lupus_pgx.results.files import atomic_file
from lupus_pgx.sample_sheet import SheetRow
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.zarr_store import is_store, sample_ids
from lupus_pgx.words.lines import few_of

PLAN = "plan.json"
BATCH = 100
"""Files of single samples in one shard."""
SAMPLES = 500_000
"""Samples of one file in one shard: each shard decompresses the file anew, so that few are fast."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Files that are read together: one, or several with other regions of the same samples.

    Attributes
    ----------
    paths : tuple of str
    samples : tuple of str
        Those that are analyzed.
    rows : tuple of mapping
        Rows of a sample sheet about them; empty without a sheet.
    """

    paths: tuple[str, ...]
    samples: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the work that appears whole."""

    name: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Plan:
    """What a run is.

    Attributes
    ----------
    settings : mapping
        Options of :func:`lupus_pgx.analyze` that hold for all, as plain data.
    formats : tuple of str
    data_release : str
    inputs : mapping of str to tuple of int
        Size and time of each file.
    shards : tuple of Shard
    bad : tuple of tuple of str
        File or sample, and why it is not analyzed.
    """

    settings: Mapping[str, Any]
    formats: tuple[str, ...]
    data_release: str
    inputs: Mapping[str, tuple[int, int]]
    shards: tuple[Shard, ...]
    bad: tuple[tuple[str, str, str], ...]

    def document(self) -> dict[str, Any]:
        """Return the plan as plain data; equal plans have equal data."""
        return {"software": f"lupus-pgx {__version__}", **json.loads(json.dumps(asdict(self)))}

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the plan: two runs with the same are one."""
        return hashlib.sha256(json.dumps(self.document(), sort_keys=True).encode()).hexdigest()

    @cached_property
    def sample_ids(self) -> tuple[str, ...]:
        """Samples that are analyzed, in whichever shard."""
        return tuple(sample for shard in self.shards for unit in shard.units for sample in unit.samples)

    @property
    def samples(self) -> int:
        """How many samples are analyzed."""
        return len(self.sample_ids)

    @cached_property
    def _by_name(self) -> Mapping[str, Shard]:
        return {shard.name: shard for shard in self.shards}

    def shard(self, name: str) -> Shard:
        """Return a shard by its name.

        Raises
        ------
        UsageError
            If there is none.
        """
        if name in self._by_name:
            return self._by_name[name]
        names = list(self._by_name)
        raise UsageError(f"no shard {name!r}: they are {names[0]} to {names[-1]}" if names else "the plan has no shard")


def make_plan(
    given: Sequence[str] | Sequence[SheetRow],
    settings: Mapping[str, Any],
    knowledge: Knowledge,
    *,
    formats: Sequence[str] = ("parquet",),
    batch: int = BATCH,
    most: int = SAMPLES,
) -> Plan:
    """Divide files, or the rows of a sample sheet, into shards.

    Parameters
    ----------
    given : sequence of str or of SheetRow
    settings : mapping
    knowledge : Knowledge
    formats : sequence of str
    batch : int
        Files of single samples in a shard.
    most : int
        Samples of one file in a shard.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If no file can be used, or a sample is in files that do not belong together.
    """
    bad: list[tuple[str, str, str]] = []
    rows = [item for item in given if isinstance(item, SheetRow)]
    units = _of_sheet(rows, bad) if rows else _of_files([str(item) for item in given], bad)
    if not units:
        what = told_of(bad[0]) if bad else "no input was given"
        raise InputError(f"no file of the cohort can be used ({what})")
    _check_twice(units)
    shards = _shards(units, batch, most)
    paths = dict.fromkeys(path for unit in units for path in paths_of(unit))
    inputs = {path: stamp(path) for path in paths}
    return Plan(dict(settings), tuple(formats), knowledge.release, inputs, tuple(shards), tuple(bad))


def told_of(bad: tuple[str, str, str]) -> str:
    """Say of a sample, or of a file, why it has no result; a reason that names the file does not name it twice."""
    sample, path, why = bad
    if sample:
        return f"{sample}: {why}"
    return why if why.startswith(f"{path}:") else f"{path}: {why}"


def paths_of(unit: Unit) -> list[str]:
    """Return the files of a unit, those of its rows too."""
    more = [row[name] for row in unit.rows for name in ("outside_calls", "alignments", "called_regions", "context")]
    return [*unit.paths, *filter(None, more)]


def stamp(path: str) -> tuple[int, int]:
    """Return size and time of a file; -1 where it is not there."""
    try:
        facts = Path(path).stat()
    except OSError:
        return (-1, -1)
    return facts.st_size, facts.st_mtime_ns


def _samples_of(path: str) -> tuple[str, ...]:
    if is_store(path):
        return sample_ids(path)
    with VcfFile(path) as file:
        return tuple(file.sample_ids)


def _of_files(paths: Sequence[str], bad: list[tuple[str, str, str]]) -> list[Unit]:
    """Put files with the same samples together: they hold different regions."""
    sets: dict[tuple[str, ...], list[str]] = {}
    for path in track(paths, "looking", " files"):
        try:
            sets.setdefault(_samples_of(path), []).append(path)
        except LupusPgxError as error:
            if is_shortage(error):
                raise
            bad.append(("", path, str(error)))
    return [Unit(tuple(files), samples) for samples, files in sets.items()]


def _of_sheet(rows: Sequence[SheetRow], bad: list[tuple[str, str, str]]) -> list[Unit]:
    """Put rows together that share their files, build and regions."""
    known: dict[str, tuple[str, ...] | str] = {}
    groups: dict[tuple[tuple[str, ...], str, str], list[SheetRow]] = {}
    for row in track(rows, "looking", " samples"):
        why = ""
        for path in row.vcf:
            if path not in known:
                try:
                    known[path] = _samples_of(path)
                except LupusPgxError as error:
                    if is_shortage(error):
                        raise
                    known[path] = str(error)
            there = known[path]
            if isinstance(there, str):
                why = there
            elif row.sample_id not in there:
                place = f"{path}: sample {row.sample_id} (line {row.line} of the sheet)"
                why = f"{place} is not in it; it holds {few_of(there, 3)}"
        if why:
            bad.append((row.sample_id, ";".join(row.vcf), why))
        else:
            groups.setdefault((row.vcf, row.build, row.called_regions), []).append(row)
    return [
        Unit(paths, tuple(row.sample_id for row in own), tuple(_plain(row) for row in own))
        for (paths, _, _), own in groups.items()
    ]


def _plain(row: SheetRow) -> Mapping[str, str]:
    names = ("sample_id", "build", "sex", "ancestry", "outside_calls", "alignments", "called_regions", "context")
    return {name: getattr(row, name) for name in names}


def _check_twice(units: Sequence[Unit]) -> None:
    seen: dict[str, str] = {}
    for unit in units:
        for sample in unit.samples:
            if sample in seen:
                raise InputError(
                    f"sample {sample} is in {seen[sample]} and in {unit.paths[0]}, which hold other samples too: files "
                    "that hold regions of the same people must list the same samples"
                )
            seen[sample] = unit.paths[0]


def _shards(units: Sequence[Unit], batch: int, most: int) -> list[Shard]:
    """Join units of single samples that are asked alike, and divide those of very many."""
    joined: dict[tuple[str, str], list[Unit]] = {}
    groups: list[tuple[Unit, ...]] = []
    for unit in units:
        if len(unit.samples) == 1:
            row = unit.rows[0] if unit.rows else {}
            joined.setdefault((row.get("build", ""), row.get("called_regions", "")), []).append(unit)
            continue
        for start in range(0, len(unit.samples), most):
            part = slice(start, start + most)
            groups.append((Unit(unit.paths, unit.samples[part], unit.rows[part]),))
    for own in joined.values():
        groups += [tuple(own[start : start + batch]) for start in range(0, len(own), batch)]
    return [Shard(f"{number:05}", group) for number, group in enumerate(groups, 1)]


def write_plan(plan: Plan, folder: Path) -> None:
    """Write the plan.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with writing(folder, "plan"), atomic_file(folder / PLAN) as handle:
        handle.write(json.dumps(plan.document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read_plan(folder: Path) -> Plan:
    """Read the plan of a run; a process that runs many of its shards reads it once.

    Raises
    ------
    InputError
        If there is none, or it is not one.
    """
    try:
        facts = (folder / PLAN).stat()
    except OSError:
        return _read(folder)
    return _read_once(folder, (facts.st_ino, facts.st_size, facts.st_mtime_ns))


@lru_cache(maxsize=2)
def _read_once(folder: Path, _: tuple[int, int, int]) -> Plan:
    """Read a plan; it is another one when the file is."""
    return _read(folder)


def _read(folder: Path) -> Plan:
    try:
        found = parse_json(found_file(folder / PLAN).read_text(encoding="utf-8"), halves=True)
        shards = tuple(
            Shard(
                item["name"],
                tuple(Unit(tuple(u["paths"]), tuple(u["samples"]), tuple(u["rows"])) for u in item["units"]),
            )
            for item in found["shards"]
        )
        inputs = {path: (int(size), int(time)) for path, (size, time) in found["inputs"].items()}
        bad = tuple((str(sample), str(path), str(why)) for sample, path, why in found["bad"])
        return Plan(found["settings"], tuple(found["formats"]), found["data_release"], inputs, shards, bad)
    except OSError as error:
        raise InputError(
            f"{folder}: no run is there (no {PLAN}): make one with 'cohort plan' or 'cohort run'"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder / PLAN}: expected the plan of a run; it cannot be read") from error
