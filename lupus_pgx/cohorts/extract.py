"""Small files in the place of the inputs of a shard: read once where the inputs are, called anywhere."""

from __future__ import annotations

import json
import secrets
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from lupus_pgx.bounded import found_file, parse_json
from lupus_pgx.cohorts.plan import Plan, Shard, Unit, read_plan, stamp
from lupus_pgx.errors import InputError, LupusPgxError, writing
from lupus_pgx.genotypes.extraction import extract_file
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.terms import AbsentPolicy

PREFIX = "extract="
_TOLD = "extract.json"


def extract_shard(folder: str, name: str, knowledge: Knowledge) -> dict[str, Any]:
    """Write what a shard needs of its inputs into the folder of the run, unless it is there.

    Parameters
    ----------
    folder : str
    name : str
    knowledge : Knowledge

    Returns
    -------
    dict
        ``shard``; ``files``: for each input its small file, its size and its time; ``bad``: inputs that cannot be
        read, with the reason. Those are tried again when the shard is called.

    Raises
    ------
    InputError
        If there is no such run, or an input has changed since it was planned.
    OutputError
        If the files cannot be written.
    """
    place = Path(folder)
    plan = read_plan(place)
    shard = plan.shard(name)
    target = place / f"{PREFIX}{name}"
    if (target / _TOLD).exists():
        return _read(target)
    check_inputs(plan, [path for unit in shard.units for path in unit.paths])
    with writing(place):
        work = place / f".{PREFIX}{name}.{secrets.token_hex(4)}"
        work.mkdir()
        try:
            told = _made(work, plan, shard, knowledge)
            (work / _TOLD).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
            work.rename(target)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    return told


def check_inputs(plan: Plan, paths: list[str]) -> None:
    """Refuse inputs that have changed since they were planned.

    Raises
    ------
    InputError
        If one has.
    """
    for path in dict.fromkeys(paths):
        if stamp(path) != plan.inputs[path]:
            raise InputError(f"{path}: has changed since the run was planned: plan it again")


def _made(work: Path, plan: Plan, shard: Shard, knowledge: Knowledge) -> dict[str, Any]:
    samples: dict[str, set[str]] = {}
    for unit in shard.units:
        for path in unit.paths:
            samples.setdefault(path, set()).update(unit.samples)
    assuming = plan.settings.get("absent") == AbsentPolicy.REFERENCE.value
    with_genome = plan.settings.get("reference_fasta") is not None
    files: dict[str, Any] = {}
    bad: list[tuple[str, str]] = []
    for number, (path, own) in enumerate(samples.items()):
        try:
            small = extract_file(path, work, f"{number:05}", knowledge, own, assuming=assuming, with_genome=with_genome)
        except LupusPgxError as error:
            bad.append((path, str(error)))
            continue
        files[path] = {"file": small.name, "input": plan.inputs[path], "extract": stamp(str(small))}
    return {"shard": shard.name, "plan": plan.checksum, "files": files, "bad": bad}


def extracted(folder: Path, plan: Plan, shard: Shard) -> Shard:
    """Return a shard with its small files in the place of its inputs, where they were written.

    Raises
    ------
    InputError
        If they are of another plan, or were changed.
    """
    target = folder / f"{PREFIX}{shard.name}"
    if not (target / _TOLD).exists():
        return shard
    told = _read(target)
    if told["plan"] != plan.checksum:
        raise InputError(f"{target}: is of another run: take it away")
    small = {path: str(target / item["file"]) for path, item in told["files"].items()}
    for path, item in told["files"].items():
        # The time may change when files are copied to where they are called.
        if stamp(small[path])[0] != item["extract"][0]:
            raise InputError(f"{small[path]}: is not what was extracted: take {target} away, and extract it again")
    units = [Unit(tuple(small.get(path, path) for path in unit.paths), unit.samples, unit.rows) for unit in shard.units]
    return Shard(shard.name, tuple(units))


@lru_cache(maxsize=2)
def _read_once(path: Path, _: tuple[int, int]) -> dict[str, Any]:
    found: dict[str, Any] = parse_json(found_file(path).read_text(encoding="utf-8"), halves=True)
    return found


def _read(target: Path) -> dict[str, Any]:
    path = target / _TOLD
    try:
        return _read_once(path, stamp(str(path)))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: expected what was extracted; take the folder away to extract it again") from error
