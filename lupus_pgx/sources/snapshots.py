"""Snapshots: what a source answered, with the day and a checksum of each answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lupus_pgx.bounded import found_file, make_folder, parse_json, read_bytes, read_text
from lupus_pgx.errors import InputError, InputMissingError, writing
from lupus_pgx.sources.client import Answer

MANIFEST = "snapshot.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The answers of a source.

    Attributes
    ----------
    source : str
    day : date
        When it was asked.
    answers : mapping of str to Answer
        By the name of the question.
    """

    source: str
    day: date
    answers: Mapping[str, Answer]

    def checksum(self, name: str) -> str:
        """Return the SHA-256 of an answer."""
        return hashlib.sha256(self.answers[name].body).hexdigest()

    def write(self, folder: Path) -> None:
        """Write the answers and then the manifest, which makes the snapshot whole.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        with writing(folder, "snapshot"):
            make_folder(folder)
            (folder / MANIFEST).unlink(missing_ok=True)
            for name, answer in self.answers.items():
                (folder / f"{name}.json").write_bytes(answer.body)
            text = json.dumps(self._manifest(), indent=1, ensure_ascii=False)
            (folder / f".{MANIFEST}").write_text(f"{text}\n", encoding="utf-8")
            (folder / f".{MANIFEST}").replace(folder / MANIFEST)

    def _manifest(self) -> dict[str, Any]:
        answers = {
            name: {
                "url": answer.url,
                "sha256": self.checksum(name),
                "etag": answer.etag,
                "last_modified": answer.last_modified,
            }
            for name, answer in self.answers.items()
        }
        return {"source": self.source, "day": self.day.isoformat(), "answers": answers}


def read_snapshot(folder: Path, source: str) -> Snapshot | None:
    """Read a snapshot; None where the folder holds none.

    Raises
    ------
    InputError
        If it is of another source, or an answer is not the one that was written.
    """
    if not (folder / MANIFEST).exists():
        return None
    try:
        manifest = parse_json(read_text(str(found_file(folder / MANIFEST)), "snapshot"))
        found, day = manifest["source"], date.fromisoformat(manifest["day"])
        entries = {name: (entry, str(entry["sha256"])) for name, entry in manifest["answers"].items()}
        if found != source:
            raise InputError(f"{folder}: expected a snapshot of {source}, found one of {found}")
        answers = {name: _answer(folder, name, entry) for name, (entry, _) in entries.items()}
    except OSError as error:
        raise InputMissingError(f"{folder}: the snapshot cannot be read ({error.strerror or error})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder / MANIFEST}: expected the list of a snapshot; it cannot be read") from error
    snapshot = Snapshot(source, day, answers)
    for name, (_, checksum) in entries.items():
        if snapshot.checksum(name) != checksum:
            raise InputError(f"{folder / f'{name}.json'}: not what the source answered (its checksum differs)")
    return snapshot


def _answer(folder: Path, name: str, entry: Mapping[str, str]) -> Answer:
    if Path(name).name != name:
        raise InputError(f"{folder / MANIFEST}: {name!r} is no name of an answer")
    return Answer(
        entry["url"],
        read_bytes(str(found_file(folder / f"{name}.json")), "answer of a source"),
        entry["etag"],
        entry["last_modified"],
    )
