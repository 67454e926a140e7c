"""Which files of an analysis of ours, or of a run, hold its calls, in whatever format they were written."""

from __future__ import annotations

from pathlib import Path

PARQUET = ".parquet"
_CALLS = ("diplotypes", "markers")
_FORMATS = (".tsv", ".tsv.gz", ".csv", PARQUET)
_OTHERS = frozenset(
    {"variants", "drugs", "guidance", "evidence", "features", "checks", "resistance", "course", "monitoring", "options"}
)
_DOCUMENTS = frozenset({"analysis.json", "provenance.json", "plan.json", "manifest.json", "shard.json"})


def files_of_calls(folder: Path) -> list[Path]:
    """Return the tables of diplotypes and markers of a folder of ours, or of the shards of a run; none of a stranger's.

    Parameters
    ----------
    folder : Path
        Of a table that is there in several formats the first is taken: they hold the same.
    """
    found = []
    for part in sorted(folder.glob("shard=*")) or [folder]:
        for name in _CALLS:
            formats = [part / f"{name}{ending}" for ending in _FORMATS]
            found += [file for file in formats if file.is_file()][:1]
    return found


def holds_no_calls(path: Path) -> bool:
    """Whether a file is one of ours, by its name, that holds no calls."""
    stem = path.name.partition(".")[0]
    return path.name in _DOCUMENTS or (stem in _OTHERS and path.name.removeprefix(stem) in _FORMATS)
