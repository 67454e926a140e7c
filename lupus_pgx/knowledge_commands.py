"""The commands ``lupus-pgx knowledge ...``: the tables listed, checked, compared, asked for and adopted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from lupus_pgx.errors import KnowledgeError
from lupus_pgx.options import Group, form_option, overlay_option, said_options, today_option


def knowledge_group(show: Callable[[str], None]) -> click.Group:
    """Return the group of commands.

    Parameters
    ----------
    show : callable
        Prints a text on stdout.
    """

    @click.group(cls=Group)
    def knowledge() -> None:
        """List, check, compare and update the knowledge tables."""

    @knowledge.command("list", short_help="List the tables, or print the rows of one.")
    @click.argument("table", required=False, metavar="[TABLE]")
    @form_option
    @overlay_option
    @said_options
    def knowledge_list(table: str | None, form: str, overlay: str | None) -> None:
        """List the tables: rows, checksum, sources, licences; or print the rows of one, such as drugs, as TSV."""
        from lupus_pgx.knowledge.catalogue import load_knowledge
        from lupus_pgx.knowledge.listing import listing, rows_of

        knowledge = load_knowledge(overlay)
        show("\n".join(rows_of(knowledge, table) if table else listing(knowledge, form)))

    @knowledge.command("check", short_help="Check the shipped tables, an overlay or a full set.")
    @click.argument("folder", required=False, metavar="[DIR]")
    @click.option(
        "--reference",
        "genomes",
        multiple=True,
        metavar="FASTA",
        help="A genome to compare positions with; may be repeated.",
    )
    @said_options
    def knowledge_check(folder: str | None, genomes: Sequence[str]) -> None:
        """Check the shipped tables, an overlay, or a full set of tables (a folder with release.json).

        Every fault is one line on stdout: FILE:LINE: COLUMN=VALUE: RULE. The exit code is then 65.
        """
        from lupus_pgx.knowledge.listing import check_folder

        lines, faults = check_folder(folder)
        show("\n".join(lines))
        if genomes and not faults:
            from lupus_pgx.genotypes.fasta import compare_with_genomes
            from lupus_pgx.knowledge.listing import load_folder

            lines, faults = compare_with_genomes(load_folder(folder), genomes)
            show("\n".join(lines))
        if faults:
            raise KnowledgeError(f"{folder or 'shipped tables'}: faults found: {faults}; each is a line on stdout")

    @knowledge.command("diff", short_help="Compare two folders of tables, cell by cell.")
    @click.argument("old")
    @click.argument("new")
    @form_option
    @said_options
    def knowledge_diff(old: str, new: str, form: str) -> None:
        """Compare two folders of tables, row by row and cell by cell ('shipped' stands for the shipped ones)."""
        from lupus_pgx.knowledge.diff import difference

        show("\n".join(difference(old, new, form)))

    @knowledge.command("update", short_help="Ask a public source, and propose rows for an overlay.")
    @click.option("--source", required=True, metavar="cpic|clinpgx|pharmvar", help="Whom to ask.")
    @click.option(
        "-o", "--output", metavar="DIR", help="New folder for the proposal; else knowledge-update-SOURCE-DATE."
    )
    @click.option(
        "--snapshot",
        metavar="DIR",
        help="Keep the answers in DIR; where DIR holds them already, ask nobody and read them.",
    )
    @click.option("--since", metavar="DIR", help="An earlier snapshot: tells which recommendations changed since.")
    @click.option("--dry-run", is_flag=True, help="Print the report; write nothing.")
    @click.option(
        "--impact", multiple=True, metavar="VCF|DIR", help="Say what changes for these people, beside the example."
    )
    @click.option("--base", metavar="URL", help="Other address of the source, such as a mirror.")
    @today_option
    @overlay_option
    @said_options
    def knowledge_update(**options: Any) -> None:
        """Ask a public source what it says today, and propose rows for an overlay. Nothing is adopted.

        This is the only command that uses the network. PharmVar wants an access key in PHARMVAR_API_KEY.
        """
        from lupus_pgx.updates import update_knowledge

        show("\n".join(update_knowledge(**options)))

    @knowledge.command("adopt", short_help="Take a reviewed proposal into an overlay folder.")
    @click.argument("proposal", metavar="PROPOSAL")
    @click.argument("overlay", metavar="OVERLAY")
    @click.option("--replace", is_flag=True, help="Let rows of the proposal take the place of rows of the overlay.")
    @said_options
    def knowledge_adopt(proposal: str, overlay: str, *, replace: bool) -> None:
        """Take the rows of a reviewed proposal into an overlay folder, checked; it is made where there is none."""
        from lupus_pgx.sources.adoption import adopt

        show("\n".join(adopt(Path(proposal), Path(overlay), replace=replace)))

    return knowledge
