"""Ask a source, or read a snapshot of it, and propose what follows for our tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import ModuleType

from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.sources import clinpgx, cpic, pharmvar
from lupus_pgx.sources.client import Answer, Client
from lupus_pgx.sources.proposal import Proposal, propose
from lupus_pgx.sources.snapshots import Snapshot, read_snapshot

SOURCES: Mapping[str, ModuleType] = {module.NAME: module for module in (cpic, clinpgx, pharmvar)}


def update(
    source: str,
    knowledge: Knowledge,
    today: date,
    *,
    snapshot: Path | None = None,
    since: Path | None = None,
    base: str | None = None,
    client: Client | None = None,
) -> tuple[Snapshot, Proposal]:
    """Return the answers of a source, and what they propose.

    Parameters
    ----------
    source : str
        ``cpic``, ``clinpgx`` or ``pharmvar``.
    knowledge : Knowledge
        Tables that the answers are held against, with the overlay in use.
    today : date
    snapshot : Path, optional
        Folder with a snapshot, which is used instead of the network; or where a new one will be kept by the caller.
    since : Path, optional
        Folder with an earlier snapshot, to tell which recommendations changed.
    base : str, optional
        Other address of the source.
    client : Client, optional
        Asks instead of one made here.

    Returns
    -------
    Snapshot
    Proposal

    Raises
    ------
    UsageError
        If there is no such source.
    InputMissingError
        If the source does not answer, or refuses.
    InputError
        If an answer is not what is expected; nothing is half taken.
    """
    if source not in SOURCES:
        raise unknown_name("source", source, SOURCES)
    module = SOURCES[source]
    earlier: Mapping[str, Answer] = {}
    if since is not None:
        found = read_snapshot(since, source)
        if found is None:
            raise UsageError(f"--since {since}: expected a folder with a snapshot of {source}; there is none")
        earlier = found.answers
    kept = read_snapshot(snapshot, source) if snapshot is not None else None
    if kept is None:
        headers = pharmvar.headers() if module is pharmvar else {}
        asked = client or Client(base or module.BASE, module.INTERVAL, headers)
        kept = Snapshot(source, today, dict(module.ask(asked, sorted(knowledge.star_genes), _newest(knowledge))))
    facts = module.facts(kept.answers, earlier, knowledge)
    return kept, propose(kept, facts, knowledge, module.LICENCE)


def _newest(knowledge: Knowledge) -> str:
    """Return the day of the newest allele functions of ours."""
    return max(str(row["release"]) for row in knowledge.rows("allele_function"))
