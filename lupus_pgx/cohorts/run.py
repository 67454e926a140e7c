"""Send shards to local processes or to an executor, take up a run that was stopped, and say what became of all."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from lupus_pgx.bounded import found_file, make_folder, parse_json, with_whole_characters
from lupus_pgx.cohorts.extract import PREFIX as EXTRACT
from lupus_pgx.cohorts.page import read_groups, write_pages
from lupus_pgx.cohorts.plan import PLAN, Plan, read_plan, told_of, write_plan
from lupus_pgx.cohorts.processes import in_processes
from lupus_pgx.cohorts.shard import PARQUET, PREFIX, checksum, is_whole, read_shard, run_shard, tables_of
from lupus_pgx.context.reading import load_context
from lupus_pgx.errors import InputError, LupusPgxError, OutputError, UnfinishedError, writing
from lupus_pgx.progress import track
from lupus_pgx.results.files import atomic_file, remove_temporaries
from lupus_pgx.terms import RESEARCH_USE
from lupus_pgx.words.lines import counted
from lupus_pgx.words.remedies import no_genotype

MANIFEST, SAMPLES = "manifest.json", "samples.tsv"
_SET_ASIDE = "set-aside"

log = logging.getLogger(__name__)

_Told = Mapping[str, dict[str, Any]]
_NOTHING: _Told = {}


@dataclass(frozen=True, slots=True)
class Status:
    """How far a run is.

    Attributes
    ----------
    folder : str
    shards : int
    done : tuple of str
    missing : tuple of str
        Names of shards.
    samples : int
        Analyzed so far.
    bad : tuple of tuple of str
        Sample (or nothing), file, and why it has no results.
    empty : tuple of str
        Samples with results that rest on no genotype: none at any panel locus could be used.
    """

    folder: str
    shards: int
    done: tuple[str, ...]
    missing: tuple[str, ...]
    samples: int
    bad: tuple[tuple[str, str, str], ...] = field(default=())
    empty: tuple[str, ...] = field(default=())

    def lines(self) -> Iterator[str]:
        """Yield the status for people."""
        shards, samples = counted(self.shards, "shard"), counted(self.samples, "sample")
        yield f"{self.folder}: {len(self.done)} of {shards} {'is' if self.shards == 1 else 'are'} whole, {samples}"
        if self.missing:
            yield f"missing: {', '.join(self.missing[:10])}{' ...' if len(self.missing) > 10 else ''}"
        for found in self.bad[:10]:
            yield f"no result: {told_of(found)}"
        if len(self.bad) > 10:
            yield f"and {len(self.bad) - 10} more without a result: see {SAMPLES}"
        if self.empty:
            yield no_genotype(self.empty, self.samples)

    def check_any(self) -> Self:
        """Return the status, unless every shard is there and no sample has a result: such a run is no success.

        Raises
        ------
        InputError
            If no sample has a result.
        """
        if self.samples or self.missing:
            return self
        why = f" ({told_of(self.bad[0])})" if self.bad else ""
        each = f"{self.folder}/{SAMPLES} says why of each"
        raise InputError(f"{self.folder}: no sample of the cohort has a result{why}; {each}")


def begin(plan: Plan, folder: Path) -> None:
    """Make a folder the place of a run; results of another run are set aside, and strangers refused.

    Raises
    ------
    OutputError
        If the folder holds other things, or cannot be written.
    """
    with writing(folder):
        make_folder(folder)
        there = [path for path in folder.iterdir() if not path.name.startswith((".", _SET_ASIDE))]
        if there and not (folder / PLAN).exists():
            raise OutputError(f"{folder}: holds {there[0].name} and is no run; name a new folder")
        if there and read_plan(folder).checksum != plan.checksum:
            number = 1 + sum(path.name.startswith(_SET_ASIDE) for path in folder.iterdir())
            aside = folder / f"{_SET_ASIDE}-{number}"
            aside.mkdir()
            for path in there:
                path.rename(aside / path.name)
            log.warning("%s: results of another run were set aside in %s", folder, aside.name)
        clear(folder)
    if not (folder / PLAN).exists():
        write_plan(plan, folder)


def clear(folder: Path, shard: str | None = None) -> None:
    """Remove what a run that was stopped had begun to write, or one of its shards."""
    if shard is None:
        remove_temporaries(folder)
    for prefix in (PREFIX, EXTRACT):
        for path in folder.glob(f".{prefix}{shard or ''}*"):
            shutil.rmtree(path, ignore_errors=True)


def status_of(folder: Path) -> Status:
    """Return how far a run is.

    Raises
    ------
    InputError
        If there is none.
    """
    plan = read_plan(folder)
    return _status(folder, plan, _told(folder, plan))


def _told(folder: Path, plan: Plan, known: _Told = _NOTHING) -> dict[str, dict[str, Any]]:
    """Return what each whole shard says of itself, in the order of the plan; what is known is not read again."""
    found = {shard.name: known.get(shard.name) or read_shard(folder, shard.name) for shard in plan.shards}
    return {name: told for name, told in found.items() if told is not None}


def _status(folder: Path, plan: Plan, done: _Told) -> Status:
    bad = [*plan.bad, *(tuple(item) for told in done.values() for item in told["bad"])]
    samples = sum(len(told["samples"]) for told in done.values())
    missing = tuple(shard.name for shard in plan.shards if shard.name not in done)
    empty = tuple(sample for told in done.values() for sample in told.get("empty", ()))
    return Status(str(folder), len(plan.shards), tuple(done), missing, samples, tuple(bad), empty)


def run(folder: Path, executor: Executor | None = None, processes: int = 1) -> Status:
    """Run the shards of a run that are not there, and finish it when all are.

    Parameters
    ----------
    folder : Path
        With a plan.
    executor : concurrent.futures.Executor, optional
        Runs the shards; it must see the folder and the inputs under the same paths.
    processes : int
        Local processes, without an executor; 1 runs here. A single shard is read and written by that many.

    Returns
    -------
    Status

    Raises
    ------
    UnfinishedError
        If shards are missing at the end.
    InputError, OutputError
        As :func:`~lupus_pgx.cohorts.shard.run_shard`; and if no sample has a result.
    """
    plan = read_plan(folder)
    told = _told(folder, plan)
    missing = [shard.name for shard in plan.shards if shard.name not in told]
    if executor is not None:
        told |= _collect(executor, folder, missing)
    elif processes > 1 and len(missing) > 1:
        told |= in_processes(
            missing,
            processes,
            collect=lambda pool, names: _collect(pool, folder, names),
            is_there=lambda name: is_whole(folder, name),
            prepare=lambda: _prepare(folder, plan),
        )
    else:
        for name in track(missing, "running", " shards"):
            told[name] = run_shard(str(folder), name, processes)
    status = finish(folder, told)
    if status.missing:
        raise UnfinishedError(
            f"{folder}: {len(status.missing)} of {status.shards} shards are missing ({', '.join(status.missing[:5])}); "
            "the same command goes on"
        )
    return status.check_any()


def _prepare(folder: Path, plan: Plan) -> None:
    """Load what every shard of a run needs, and say here what each copy of this process would say again."""
    knowledge = tables_of(str(folder), plan.settings.get("overlay"), plan.data_release)
    if (given := plan.settings.get("context")) is not None:
        with suppress(LupusPgxError):  # a shard says what is wrong with it
            load_context(given, knowledge, today=plan.settings.get("today"))
    if PARQUET in plan.formats:
        import lupus_pgx.results.shard_tables  # noqa: F401


def _collect(executor: Executor, folder: Path, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what shards say of themselves, those that an executor ran."""
    futures = {executor.submit(run_shard, str(folder), name): name for name in names}
    told: dict[str, dict[str, Any]] = {}
    try:
        for future in track(as_completed(futures), "running", " shards", total=len(futures)):
            found, name = future.result(), futures[future]
            # An executor may lose a shard without a word: what is there counts.
            if isinstance(found, dict) and is_whole(folder, name):
                told[name] = found
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return told


def finish(folder: Path, known: _Told = _NOTHING) -> Status:
    """Where all shards are there, write what became of each sample, the page, and the manifest: the run is whole.

    Parameters
    ----------
    folder : Path
    known : mapping of shard to dict
        What shards say of themselves, as far as it is known; the others are read.

    Returns
    -------
    Status
        Nothing is written while shards are missing.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    plan = read_plan(folder)
    told = _told(folder, plan, known)
    status = _status(folder, plan, told)
    if status.missing:
        # It says that the run is whole.
        (folder / MANIFEST).unlink(missing_ok=True)
    elif not _is_finished(folder, plan, told):
        _write(folder, plan, told, len(status.bad))
    return status


def _files_of(told: _Told) -> dict[str, str]:
    """Return the files of shards with their checksums."""
    return {f"{PREFIX}{name}/{file}": value for name, item in told.items() for file, value in item["files"].items()}


def _is_finished(folder: Path, plan: Plan, told: _Told) -> bool:
    """Whether the manifest is that of these shards, and the files beside it are there."""
    try:
        found = parse_json(found_file(folder / MANIFEST).read_text(encoding="utf-8"))
        files: dict[str, str] = found["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    beside = [name for name in files if "/" not in name]
    return (
        found.get("plan_sha256") == plan.checksum
        and {name: value for name, value in files.items() if "/" in name} == _files_of(told)
        and all((folder / name).exists() for name in beside)
    )


def _write(folder: Path, plan: Plan, told: _Told, without: int) -> None:
    with writing(folder):
        with atomic_file(folder / SAMPLES) as handle:
            handle.write("sample_id\tstatus\tshard\tfile\treason\n")
            handle.writelines("\t".join(line) + "\n" for line in _sample_lines(plan, list(told.values())))
        _summaries(folder, plan, told, without)
        _write_manifest(folder, plan, told)


def _write_manifest(folder: Path, plan: Plan, told: _Told) -> None:
    with writing(folder):
        beside = sorted(path for path in folder.iterdir() if path.is_file() and path.name not in (PLAN, MANIFEST))
        document: Mapping[str, Any] = {
            **{key: value for key, value in plan.document().items() if key != "shards"},
            "research_use": RESEARCH_USE,
            "plan_sha256": plan.checksum,
            "shards": len(told),
            "samples": sum(len(item["samples"]) for item in told.values()),
            "files": _files_of(told) | {path.name: checksum(path) for path in beside},
        }
        with atomic_file(folder / MANIFEST) as handle:
            handle.write(
                json.dumps(with_whole_characters(document), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            )


def _summaries(folder: Path, plan: Plan, told: _Told, without: int) -> None:
    """Write what is of all shards together: the patterns, and the page by ancestry where it is known."""
    shards = [folder / f"{PREFIX}{name}" for name, item in told.items() if item["samples"]]
    if PARQUET not in plan.formats or not shards:
        return
    from lupus_pgx.results.shard_tables import PATTERNS, join_patterns

    for name in PATTERNS.values():
        join_patterns([shard / f"{name}.parquet" for shard in shards], folder / f"{name}.parquet")
    knowledge = tables_of(str(folder), plan.settings.get("overlay"), plan.data_release)
    write_pages(folder, told, knowledge, _by_ancestry(told), without=without)


def _by_ancestry(told: _Told) -> dict[str, dict[str, str]]:
    known = {sample: value for item in told.values() for sample, value in item.get("ancestry", {}).items()}
    return {"ancestry": known} if known else {}


def page_of(folder: Path, groups: str | None, least: int) -> list[Path]:
    """Write the page of a run that is whole, by the columns of a table or else by ancestry.

    Raises
    ------
    UnfinishedError
        If shards are missing.
    """
    plan = read_plan(folder)
    told = _told(folder, plan)
    status = _status(folder, plan, told)
    if status.missing:
        raise UnfinishedError(f"{folder}: {len(status.missing)} of {status.shards} shards are missing: no page yet")
    status.check_any()
    columns = read_groups(groups) if groups is not None else _by_ancestry(told)
    knowledge = tables_of(str(folder), plan.settings.get("overlay"), plan.data_release)
    paths = write_pages(folder, told, knowledge, columns, least=least, without=len(status.bad))
    # The manifest holds a checksum of each file, of a page that is written anew too.
    _write_manifest(folder, plan, told)
    return paths


def _sample_lines(plan: Plan, found: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for told, shard in zip(found, plan.shards, strict=True):
        done = set(told["samples"])
        reasons = {sample: why for sample, _, why in told["bad"]}
        reasons |= dict.fromkeys(told.get("empty", ()), "no usable genotype at any panel locus")
        for unit in shard.units:
            for sample in unit.samples:
                why = _one_line(reasons.get(sample, ""))
                yield sample, "done" if sample in done else "bad", shard.name, ";".join(unit.paths), why
    for sample, path, why in plan.bad:
        yield sample, "bad", "", path, _one_line(why)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def processes_here(threads: int) -> int:
    """Return how many local processes are used for ``--threads``: never more than there are processors."""
    return max(1, min(threads, os.cpu_count() or 1))
