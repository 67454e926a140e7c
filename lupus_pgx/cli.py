"""Command line: ``lupus-pgx``. Results go to stdout, messages to stderr."""

from __future__ import annotations

import gc
import logging
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import click

from lupus_pgx._version import __version__
from lupus_pgx.bounded import short
from lupus_pgx.cohort_commands import cohort_group
from lupus_pgx.errors import (
    InputError,
    InputMissingError,
    InternalError,
    LupusPgxError,
    UsageError,
    cannot_write,
    not_installed,
    unknown_name,
)
from lupus_pgx.knowledge_commands import knowledge_group
from lupus_pgx.messages import Messages, in_line, places
from lupus_pgx.options import (
    Group,
    at_least,
    context_option,
    form_option,
    given_again,
    input_options,
    is_table,
    outside_option,
    overlay_option,
    said_options,
    split,
    stated_calls,
    today_option,
)
from lupus_pgx.screen import ReaderGoneError, is_terminal, show, show_in_colour
from lupus_pgx.stops import Stopped, received, sentence
from lupus_pgx.words.asked import command_line, explained_by
from lupus_pgx.words.lines import WIDTH, counted, lines_of, wrap
from lupus_pgx.words.remedies import no_genotype

_INTERRUPTED = 130
_STOPPED = 128

log = logging.getLogger("lupus_pgx")


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    no_args_is_help=True,
)
@click.option("--version", is_flag=True, help="Show the version and exit; with -v also how current the tables are.")
@said_options
@click.pass_context
def cli(context: click.Context, *, version: bool) -> None:
    """Pharmacogenomics of lupus: from a VCF to predicted drug response.

    Research use only: results inform a clinician, they never prescribe.
    """
    if version:
        show("\n".join(_version_lines(verbose=context.obj.is_verbose)))
        context.exit()
    if context.invoked_subcommand is None:
        raise click.UsageError("Missing command.", context)


def _version_lines(*, verbose: bool) -> Iterator[str]:
    """Yield the version and, where asked for, how current the tables are."""
    yield f"lupus-pgx {__version__}"
    if verbose:
        import datetime as dt

        from lupus_pgx.knowledge.catalogue import load_knowledge
        from lupus_pgx.knowledge.currency import currency_lines

        yield from currency_lines(load_knowledge(), dt.date.today())


@cli.command(short_help="Predict drug response for the samples of VCF files.")
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


@cli.command()
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


@cli.command(short_help="Predict drug response from calls that you have.")
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


@cli.command("compare", short_help="Compare two analyses, or one with another caller's.")
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


@cli.command(short_help="Print the loci that are needed, to call them by force.")
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


@cli.command(short_help="Write example files and their results into a folder.")
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
    from lupus_pgx.output import check_formats

    check_formats(formats or ())
    if folder is None:
        if formats is not None:
            raise UsageError("--format would do nothing: it goes with -o DIR, the folder that files are written into")
        return []
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; one sentence on stderr and the documented exit code on failure."""
    columns = shutil.get_terminal_size().columns if is_terminal() else WIDTH
    with command_line(), lines_of(columns), Messages(arguments) as messages:
        try:
            result = _run(arguments, messages)
            messages.check()
        except click.exceptions.Abort:
            return _INTERRUPTED
        except click.exceptions.NoArgsIsHelpError as error:
            show(error.format_message())
            return 2
        except ReaderGoneError:
            return 0
        except Stopped:
            messages.error(sentence(received() or 0), _STOPPED + (received() or 0))
            raise
        except Exception as error:
            return _fail(messages, *_told(error))
        return result


def _told(error: Exception) -> tuple[str, int]:
    """Return the sentence that says what went wrong, and the exit code."""
    if isinstance(error, click.MissingParameter) and isinstance(error.param, click.Option) and error.param.help:
        return f"{error.format_message().rstrip('.')}: {error.param.help}", error.exit_code
    if isinstance(error, click.ClickException):
        return error.format_message().replace("\n", " "), error.exit_code
    if isinstance(error, LupusPgxError):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        # A place that cannot even be looked at (a name too long, a device that fails), whoever found out.
        place = short(os.fsdecode(error.filename or "an input"))
        return f"{place}: cannot be read ({error.strerror or error})", InputMissingError.exit_code
    if isinstance(error, MemoryError):
        return "an input asks for more memory than there is; nothing was concluded", InputError.exit_code
    log.debug("traceback", exc_info=error)
    what = f"{type(error).__name__}: {error}"
    fault = InternalError(f"internal error, please report it with the command line ({what})")
    return str(fault), fault.exit_code


def _run(arguments: Sequence[str] | None, messages: Messages) -> int:
    given = list(arguments) if arguments is not None else None
    result = cli.main(args=given, prog_name="lupus-pgx", standalone_mode=False, obj=messages)
    return result if isinstance(result, int) else 0


cli.add_command(cohort_group(show))
cli.add_command(knowledge_group(show))


def _fail(messages: Messages, message: str, code: int) -> int:
    messages.error(message, code)
    # Where nobody hears it, the exit code says it.
    with suppress(OSError, AttributeError):
        sys.stderr.write(in_line(f"lupus-pgx: error: {message}") + "\n")
        sys.stderr.flush()
    return code


def run() -> int:
    """Run the command of this process; return its exit code."""
    # The tables are many small objects that stay: looking through them for garbage over and over takes time.
    gc.set_threshold(200_000, 20, 100)
    code = main()
    # Nor is it to be looked through when the process ends.
    gc.freeze()
    return code
