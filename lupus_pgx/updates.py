"""The command ``knowledge update``: ask a source, say what would change, write the proposal."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from lupus_pgx.context.today import day_of
from lupus_pgx.errors import KnowledgeError, UsageError
from lupus_pgx.impact import COLUMNS, Impact
from lupus_pgx.impact import impact as impact_of
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.sources.adoption import adopt
from lupus_pgx.sources.proposal import OVERLAY, REPORT, Proposal, lines_of, write_proposal
from lupus_pgx.sources.snapshots import MANIFEST
from lupus_pgx.sources.update import update


def update_knowledge(
    source: str,
    output: str | None = None,
    snapshot: str | None = None,
    since: str | None = None,
    *,
    dry_run: bool = False,
    impact: Sequence[str] = (),
    base: str | None = None,
    today: str | None = None,
    overlay: str | None = None,
) -> Iterator[str]:
    """Yield what the command prints; write snapshot and proposal unless it is a dry run.

    Parameters
    ----------
    source : str
    output, snapshot, since : str, optional
        Folders: of the proposal, of the answers, of earlier answers.
    dry_run : bool
        Print the whole report and write nothing.
    impact : sequence of str
        VCF files or folders of results.
    base : str, optional
        Other address of the source.
    today : str, optional
        Day that counts as today.
    overlay : str, optional
        Overlay in use: the source is held against the tables with its rows.

    Yields
    ------
    str

    Raises
    ------
    UsageError, InputError, OutputError
        As :func:`lupus_pgx.sources.update.update` and :func:`lupus_pgx.sources.proposal.write_proposal`.
    """
    if dry_run and output is not None:
        raise UsageError("--dry-run writes nothing: leave out --output")
    knowledge, day = load_knowledge(overlay), day_of(today)
    place = None if snapshot is None else Path(snapshot)
    answers, proposal = update(
        source, knowledge, day, snapshot=place, since=None if since is None else Path(since), base=base
    )
    found, told = _impact(proposal, knowledge, overlay, impact) if proposal.changes else ([], [])
    if dry_run:
        yield from lines_of(proposal, told)
        return
    if place is not None and not (place / MANIFEST).exists():
        answers.write(place)
    folder = Path(output or f"knowledge-update-{source}-{proposal.day}")
    write_proposal(proposal, folder, told, (COLUMNS, *(row for item in found for row in item.rows())))
    yield from list(lines_of(proposal))[2:5]
    yield f"Report: {folder / REPORT}; proposed rows: {folder / OVERLAY}. Nothing was adopted."
    command = shlex.join(["lupus-pgx", "knowledge", "adopt", str(folder), overlay or "MY_OVERLAY"])
    yield f"Next, when they are reviewed: {command}"


def _impact(
    proposal: Proposal, knowledge: Knowledge, overlay: str | None, given: Sequence[str]
) -> tuple[list[Impact], list[str]]:
    """Return what the proposed rows change for people, and its lines; rows that break a rule change nothing yet."""
    if not proposal.rows:
        return [], ["nothing: no row can be made without a curator"]
    with tempfile.TemporaryDirectory() as work:
        proposed, laid = Path(work) / "proposal", Path(work) / "overlay"
        write_proposal(proposal, proposed)
        try:
            if overlay is not None:
                shutil.copytree(overlay, laid)
            adopt(proposed, laid, replace=True)
        except KnowledgeError as error:
            why = str(error).replace(str(laid), OVERLAY)
            return [], [f"not judged: the proposed rows break a rule of the tables ({why})"]
        found = list(impact_of(knowledge, load_knowledge(str(laid)), given))
    return found, [line for item in found for line in item.lines()]
