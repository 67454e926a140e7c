"""The commands that need no genotypes: ``whatif``, ``compare`` and ``positions``."""

from __future__ import annotations

import shlex
from typing import Any

import click

from lupus_pgx.errors import UsageError, not_installed, unknown_name
from lupus_pgx.options import (
    Command,
    at_least,
    context_option,
    form_option,
    given_again,
    outside_option,
    overlay_option,
    said_options,
    split,
    stated_calls,
    today_option,
)
from lupus_pgx.screen import show, show_in_colour
from lupus_pgx.words.asked import explained_by


@click.command(cls=Command, short_help="Predict drug response from calls that you have.")
@click.argument("calls", nargs=-1, metavar="GENE=CALL...")
@click.option(
    "--versus",
    multiple=True,
    metavar="GENE=CALL",
    help="Print what changes from this call to those given; may be repeated.",
)
@click.option("--drugs", callback=split, metavar="D,D", help="Drugs to judge, by name or alias.")
@click.option("--full", is_flag=True, help="Show all, not a summary of some forty lines.")
@outside_option
@context_option
@today_option
@overlay_option
@said_options
def whatif(
    calls: tuple[str, ...],
    versus: tuple[str, ...],
    full: bool,
    drugs: list[str] | None,
    outside_calls: tuple[str, ...],
    context: str | None,
    today: str | None,
    overlay: str | None,
) -> None:
    """Predict drug response from given calls, such as TPMT='*1/*3A' FCGR3A=V/F."""
    from lupus_pgx.analysis import respond
    from lupus_pgx.comparison import compare
    from lupus_pgx.context.today import day_of
    from lupus_pgx.knowledge.catalogue import load_knowledge
    from lupus_pgx.report.brief import of_patient

    if full and versus:
        raise UsageError("--full would do nothing: --versus shows all that changes; leave one of them out")
    if not calls and not outside_calls:
        raise UsageError("expected GENE=CALL, such as TPMT='*1/*3A', or --outside-calls FILE")
    known, given = load_knowledge(overlay), stated_calls(calls)
    day, files = day_of(today), list(outside_calls) or None
    patient = respond(given, drugs, known, context, day, files)
    if versus:
        other = {**given, **stated_calls(versus)}
        changed = [gene for gene in other if other[gene] != given.get(gene)] or list(stated_calls(versus))
        before, after = (
            ", ".join(f"{gene}={calls.get(gene, 'not given')}" for gene in changed) for calls in (other, given)
        )
        found = compare(respond(other, drugs, known, context, day, files), patient)
        show(str(found.named(f"{before} (--versus)", after)))
    else:
        words = ["lupus-pgx", "whatif", *given_again(click.get_current_context(), whatif, without=("drugs", "full"))]
        several = len(patient.results.responses.values) > 1
        with explained_by(lambda _, drug: shlex.join([*words, "--drugs", drug, "--full"]) if several else ""):
            shown = str(patient) if full else of_patient(patient)
        show_in_colour(shown)


@click.command("compare", cls=Command, short_help="Compare two analyses, or one with another caller's.")
@click.argument("first", metavar="DIR|FILE")
@click.argument("second", metavar="DIR|FILE")
@form_option
@overlay_option
@said_options
def compare_command(first: str, second: str, form: str, overlay: str | None) -> None:
    """Compare two analyses, or one with the output of another caller of the same samples.

    Phenotype first, then diplotype: same, different, or stated by one only, with the reason where a table knows it.
    """
    from lupus_pgx.handover.agreement import compare_calls
    from lupus_pgx.knowledge.catalogue import load_knowledge

    if form not in ("text", "tsv"):
        raise unknown_name("format", form, ["text", "tsv"])
    found = compare_calls(first, second, load_knowledge(overlay), _parquet_as_text)
    show(str(found) if form == "text" else "\n".join(found.lines()))


def _parquet_as_text(path: str) -> str:
    try:
        from lupus_pgx.results.parquet import as_text
    except ImportError:
        raise not_installed(f"{path}: Parquet needs", "pyarrow>=20") from None
    return as_text(path)


@click.command(cls=Command, short_help="Print the loci that are needed, to call them by force.")
@click.option("--build", metavar="B", help="GRCh37 or GRCh38; not needed with --like.")
@click.option("--like", metavar="VCF", help="Take build and names of contigs from this file.")
@click.option("--format", "form", default="bed", show_default=True, metavar="bed|vcf")
@click.option(
    "--flank",
    type=at_least(0),
    default=0,
    show_default=True,
    metavar="N",
    help="Bases to keep around each locus of the BED; touching intervals are merged. A BED by which a file is cut down "
    "should keep 50000: that a gene was looked at shows in records of anybody within 50 kb of it.",
)
@click.option(
    "--recipe",
    metavar="bcftools|gatk|deepvariant",
    help="Print the commands that call the loci by force, to be pasted, instead of the list.",
)
@click.option("--genes", callback=split, metavar="G,G", help="Genes to list.")
@overlay_option
@said_options
def positions(**options: Any) -> None:
    """Print the loci needed: for `bcftools view -R` and for calling them by force."""
    from lupus_pgx.genotypes.recipes import print_positions

    show(print_positions(**options))
