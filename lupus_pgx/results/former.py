"""What an earlier run left in a folder of results: it must not stand beside those of another run as one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lupus_pgx.errors import OutputError
from lupus_pgx.results.context_tables import CONTEXT_TABLES
from lupus_pgx.results.files import PATIENTS, SHORT, file_name, remove_temporaries
from lupus_pgx.results.patient import AnalysisData
from lupus_pgx.results.tables import TABLES

_SUFFIXES = (".tsv", ".tsv.gz", ".csv", ".parquet")
_OTHERS = ("analysis.json", "cohort.html", "annotated.vcf.gz", "annotated.vcf.gz.tbi", "provenance.json")
_OF_PERSONS = (".html", ".fhir.json")
_START = '{"provenance":'
_LONGEST = 16 << 20


def clear(folder: Path, analysis: AnalysisData) -> list[Path]:
    """Make a folder ready for the results of an analysis.

    What a killed process left half-written is removed, and the results of an earlier run with other inputs or options:
    all of its tables and documents, and the pages of the persons that are analyzed now. Where nothing says what the
    results rest on, or the same as now, they stay.

    Parameters
    ----------
    folder : Path
    analysis : AnalysisData

    Returns
    -------
    list of Path
        What was removed of an earlier run.

    Raises
    ------
    OutputError
        If the folder of pages is a link: what is written there would land elsewhere.
    """
    places = [folder / PATIENTS, folder / SHORT]
    for place in places:
        if place.is_symlink():
            raise OutputError(f"{place}: is a link that leads out of the folder of results: take it away")
    for place in (folder, *places):
        remove_temporaries(place)
    before = _provenance(folder)
    if before is None or before == json.loads(json.dumps(analysis.provenance.to_dict())):
        return []
    found = [path for path in _names(folder, analysis.results.genotypes.sample_ids) if path.is_file()]
    for path in found:
        path.unlink(missing_ok=True)
    return found


def _names(folder: Path, samples: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files that results are written to; what says of what they are stands last."""
    for name in (*TABLES, *CONTEXT_TABLES):
        yield from (folder / f"{name}{suffix}" for suffix in _SUFFIXES)
    for sample in samples:
        yield from (folder / PATIENTS / file_name(sample, suffix) for suffix in _OF_PERSONS)
        yield folder / SHORT / file_name(sample)
    yield from (folder / name for name in _OTHERS)


def _provenance(folder: Path) -> Any:
    """Return what the results in a folder rest on; None where no file of ours says it."""
    for name, start in (("provenance.json", ""), ("analysis.json", _START)):
        try:
            with (folder / name).open(encoding="utf-8") as file:
                text = file.read(_LONGEST)
            if not text.startswith(start):
                continue
            found, _ = json.JSONDecoder().raw_decode(text, len(start))
            said = found if start else found["provenance"]
            if said["software"]["name"] == "lupus-pgx":
                return said
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return None
