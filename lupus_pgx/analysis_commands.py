"""The commands that analyze VCF files: ``analyze``, ``explain`` and ``example``."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from lupus_pgx.errors import InputError, UsageError, cannot_write
from lupus_pgx.messages import Messages, places
from lupus_pgx.options import Command, given_again, input_options, is_table, said_options, split
from lupus_pgx.screen import show, show_in_colour
from lupus_pgx.words.asked import explained_by
from lupus_pgx.words.lines import counted, wrap
from lupus_pgx.words.remedies import no_genotype

log = logging.getLogger("lupus_pgx")


@click.command(cls=Command, short_help="Predict drug response for the samples of VCF files.")
@click.argument("vcf", nargs=-1)
@click.option("--sample-sheet", metavar="TSV", help="In the place of VCF: a row for each sample (sample_id, vcf ...).")
@click.option("-o", "--output", metavar="DIR", help="Write files into DIR; without it a summary goes to stdout.")
@click.option(
    "--format",
    "formats",
    callback=split,
    metavar="F,F",
    help="tsv, tsv.gz, csv (for a spreadsheet), json, html (a page per patient), html-short (two printed pages), "
    "fhir (a bundle per patient), parquet (tables), multiqc and vcf (the input, annotated), with -o; by default "
    "tsv,json.",
)
@input_options
@click.option("--genes", callback=split, metavar="G,G", help="Genes to call.")
@click.option("--drugs", callback=split, metavar="D,D", help="Drugs to judge, by name or alias.")
@click.option("--full", is_flag=True, help="Show all on the terminal, not a summary of some forty lines.")
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 65 if a sample has no usable genotype, or --absent reference does not hold.",
)
@said_options
def analyze(
    vcf: tuple[str, ...], output: str | None, formats: list[str] | None, full: bool, strict: bool, **options: Any
) -> None:
    """Predict drug response for the samples of VCF or BCF files ('-' is standard input)."""
    formats = _formats(output, formats)
    if bool(vcf) is bool(options["sample_sheet"]):
        raise UsageError("expected VCF files, or --sample-sheet with a row for each sample")
    if full and output is not None:
        raise UsageError("--full would do nothing: with -o DIR all goes to files; leave one of them out")
    with _stdin_for(vcf, formats):
        if output is None:
            _messages().leave_notices()
        analysis = _analyze(vcf, **options)
        if output is None:
            explaining = _explaining(click.get_current_context(), len(analysis.sample_ids) > 1)
            with explained_by(explaining):
                shown = str(analysis) if full else analysis.to_summary()
            show_in_colour(shown)
            if "--full" in shown and "-" not in vcf:
                show("\n".join(_next_commands(click.get_current_context(), analysis, explaining)))
        else:
            written = analysis.write(output, formats=formats)
            for notice in analysis.provenance.notices:
                if not notice.kind.logged:
                    log.warning("%s", notice)
            log.info("wrote %s", ", ".join(str(path) for path in written))
    _report_empty(analysis, strict)
    if output is not None:
        _messages().tell(places(output, written))


def _messages() -> Messages:
    """Return the log of this command."""
    messages: Messages = click.get_current_context().obj
    return messages


@click.command(cls=Command)
@click.argument("vcf", nargs=-1, required=True)
@click.option("--drug", required=True, help="Drug to explain, by name or alias.")
@input_options
@said_options
def explain(vcf: tuple[str, ...], drug: str, **options: Any) -> None:
    """Explain the prediction for one drug, from loci to citations."""
    _messages().leave_notices()
    analysis = _analyze(vcf, genes=None, drugs=[drug], **options)
    from lupus_pgx.report.explain import explain_all

    show_in_colour(explain_all(analysis, drug))


@click.command(cls=Command, short_help="Write example files and their results into a folder.")
@click.argument("folder", default="lupus_pgx_example", metavar="[DIR]")
@said_options
def example(folder: str) -> None:
    """Write example inputs into DIR and their results into DIR/results, and show the summary."""
    from lupus_pgx.examples.example import write_example

    files = write_example(folder)
    vcf = files["patients.GRCh38.vcf.gz"]
    analysis = _analyze([vcf])
    results = Path(folder) / "results"
    written = analysis.write(results, formats=["tsv", "json", "html"])
    show_in_colour(analysis.to_summary())
    show(
        "\n".join(
            [
                "",
                f"Inputs are in {shlex.quote(folder)} (patients.tsv says who the patients are)",
                *places(str(results), [page for page in written if page.stem in ("drugs", "LN-01")]),
                *_next_lines(_after_example(files)),
            ]
        )
    )


def _after_example(files: Mapping[str, str]) -> list[tuple[str, str]]:
    vcf = files["patients.GRCh38.vcf.gz"]
    commands = [
        ("one patient, with what was tried", ["analyze", vcf, "-s", "LN-01", "--context", files["LN-01.yaml"]]),
        ("why", ["explain", vcf, "--drug", "azathioprine", "-s", "LN-01"]),
        ("what a variant-only file gives", ["analyze", files["variant_only.GRCh38.vcf.gz"]]),
    ]
    return [(what, shlex.join(["lupus-pgx", *words])) for what, words in commands]


def _explaining(context: click.Context, several: bool) -> Callable[[str, str], str]:
    """Return what makes the command that explains a drug of a sample: with the options that were given.

    What came by standard input, or by a sheet, cannot be named again.
    """
    files = context.params["vcf"]
    samples = ("samples", "samples_file")
    words = given_again(context, explain, without=("vcf", *samples))
    chosen = several or any(context.params[name] for name in samples)

    def command(sample: str, drug: str) -> str:
        named = ["-s", sample] if chosen else []
        if not files or "-" in files:
            return ""
        return shlex.join(["lupus-pgx", "explain", *files, *named, *words, "--drug", drug])

    return command


def _next_commands(context: click.Context, analysis: Any, explaining: Callable[[str, str], str]) -> Iterator[str]:
    """Yield what may be asked next, each as a line that can be pasted: the options that were given are kept."""
    again = ["lupus-pgx", "analyze", *given_again(context, analyze)]
    commands = [("a page to read or to print", shlex.join([*again, "-o", "report", "--format", "html"]))]
    from lupus_pgx.report.brief import worth_explaining

    sample = analysis.sample_ids[0]
    asking = worth_explaining(analysis.patient(sample))
    why = explaining(sample, asking) if asking else ""
    if why:
        commands.insert(0, (f"why, for {asking}", why))
    yield from _next_lines(commands)


def _next_lines(commands: Sequence[tuple[str, str]]) -> list[str]:
    """Return commands as they can be pasted: a line each, which a terminal may break and nobody else does."""
    said = f"Next: {'; '.join(what for what, _ in commands)}"
    return ["", *wrap(said), *(f"  {command}" for _, command in commands)]


def _analyze(vcf: Sequence[str], **options: Any) -> Any:
    from lupus_pgx.analysis import analyze as run
    from lupus_pgx.context.per_sample import read_lines, read_sample_table
    from lupus_pgx.knowledge.catalogue import load_knowledge

    read = []
    samples_file = options.pop("samples_file", None)
    if samples_file is not None:
        options["samples"] = [*(options.get("samples") or []), *read_lines(samples_file, "list of samples")]
        read.append(samples_file)
    for name in ("ancestry", "sex"):
        value = options.get(name)
        if value is not None and is_table(value, name):
            options[name] = read_sample_table(value, name)
            read.append(value)
    for name in ("alignments", "outside_calls"):
        options[name] = list(options.get(name) or ()) or None
    overlay = options.pop("overlay", None)
    return run(list(vcf), knowledge=load_knowledge(overlay), **options).after_reading(*read)


def _formats(folder: str | None, formats: list[str] | None) -> list[str]:
    """Return what is to be written; refuse what cannot be, before work begins."""
    from lupus_pgx.output import check_formats, check_place

    check_formats(formats or ())
    if folder is None:
        if formats is not None:
            raise UsageError("--format would do nothing: it goes with -o DIR, the folder that files are written into")
        return []
    check_place(folder, formats or ())
    target = Path(folder)
    existing = next((path for path in (target, *target.parents) if path.exists()), Path("/"))
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise cannot_write(folder, "", "check the path and its permissions")
    return formats or ["tsv", "json"]


def _stdin_for(vcf: Sequence[str], formats: Sequence[str]) -> AbstractContextManager[None]:
    """Keep a standard input that is read twice: for the analysis, and again to be annotated."""
    if "vcf" not in formats:
        return nullcontext()
    from lupus_pgx.vcf.source import is_pipe, kept_stdin

    for path in vcf:
        if path != "-" and is_pipe(path):
            raise UsageError(f"{path}: is a pipe, which cannot be read again to be annotated: give a file, or '-'")
    if "-" not in vcf:
        return nullcontext()

    return kept_stdin()


def _report_empty(analysis: Any, strict: bool) -> None:
    """Name samples of which nothing could be used, and genes of which the statement on absent loci did not hold."""
    genotypes = analysis.results.genotypes
    if strict and genotypes.not_assumed:
        gene, (why, samples) = next(iter(genotypes.not_assumed.items()))
        raise InputError(
            f"--absent reference was not believed for {gene} and others ({counted(samples, 'sample')}): {why}"
        )
    message = no_genotype(analysis.results.without_genotype(), len(analysis.sample_ids))
    if message and strict:
        raise InputError(message)
    if message:
        log.warning("%s", message)
