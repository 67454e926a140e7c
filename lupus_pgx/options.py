"""Options that commands share, and what is refused of any option before work begins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from lupus_pgx.errors import InputMissingError, UsageError
from lupus_pgx.messages import Messages
from lupus_pgx.screen import show


def _show_help(context: click.Context, _option: click.Parameter, value: bool) -> None:
    """Show the help as a result is shown: a standard output that cannot take it is named, and no success."""
    if value and not context.resilient_parsing:
        show(context.get_help())
        context.exit()


class _WithHelp(click.Command):
    """A command whose help is written as results are."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option that shows the help."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


class Command(_WithHelp):
    """A command that takes no empty word, and no option twice of which one would be dropped.

    A word that a script left empty must not mean all, or the folder here.
    """

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Parse, and refuse what would mean something else than what stands there."""
        rest = super().parse_args(context, args[:])
        _, _, order = self.make_parser(context).parse_args(args=args[:])
        for parameter in order:
            once = isinstance(parameter, click.Option) and not (parameter.multiple or parameter.is_flag)
            if once and order.count(parameter) > 1:
                raise UsageError(f"{parameter.opts[-1]} is given twice: give it once{_joined(parameter)}")
        for parameter in self.params:
            value = context.params.get(parameter.name or "")
            given = value if isinstance(value, tuple) else (value,)
            if any(isinstance(word, str) and not word.strip() for word in given):
                name = parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.make_metavar(context)
                raise UsageError(f"{name} is empty: {_expected(parameter)}")
        return rest


_ELSEWHERE = {
    "review": "`lupus-pgx analyze VCF --context FILE` reviews the treatment that the context tells of",
    "features": "`analyze(...).features()` in Python gives the numbers for models (docs/features.md)",
    "report": "`lupus-pgx analyze VCF -o DIR --format html` writes a page per patient",
}


class Group(_WithHelp, click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of a word that people expect to be one, say where it is."""
        if args and args[0] in _ELSEWHERE and args[0] not in self.commands:
            raise UsageError(f"there is no command {args[0]!r}: {_ELSEWHERE[args[0]]}")
        return super().resolve_command(context, args)


def _joined(parameter: click.Parameter) -> str:
    return ", with its names joined by commas" if parameter.callback is split else ""


def _expected(parameter: click.Parameter) -> str:
    metavar = getattr(parameter, "metavar", None)
    return f"expected {metavar}, or leave it out" if isinstance(parameter, click.Option) and metavar else "give a value"


def options(*decorators: Callable[..., Any]) -> Callable[..., Any]:
    """Join decorators that add options, in the order in which help shows them."""

    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


def given_again(context: click.Context, command: click.Command, without: Collection[str] = ()) -> list[str]:
    """Return the words of a command line that another command would take too, as they can be given to it.

    Those of the parameters ``without`` are left out: they are given otherwise.
    """
    words: list[str] = []
    for parameter in command.params:
        name = parameter.name or ""
        if (
            name in without
            or name not in context.params
            or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE
        ):
            continue
        value = context.params[name]
        if isinstance(parameter, click.Argument):
            words += value
        elif isinstance(parameter, click.Option) and parameter.is_flag:
            words += [parameter.opts[-1]] if value else []
        else:
            each = value if parameter.multiple else [",".join(value) if isinstance(value, list) else value]
            words += [word for item in each for word in (parameter.opts[0], str(item))]
    return words


def split(_: click.Context, parameter: click.Parameter, value: str | None) -> list[str] | None:
    """Split a comma-separated option."""
    if value is None:
        return None
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not parts:
        raise UsageError(f"{parameter.opts[-1]} is empty: expected one or more names joined by commas")
    return parts


def at_least(smallest: int) -> click.IntRange:
    """Return the type of whole numbers from one on."""
    kind = click.IntRange(min=smallest)
    kind.name = "whole number"  # click's own word is "integer range"
    return kind


def is_table(value: str, what: str) -> bool:
    """Whether a word is a table of samples, not a word for all of them.

    Raises
    ------
    InputMissingError
        If it can only be the path of a file, and there is none.
    """
    path = Path(value)
    try:
        # A pipe is no file to pathlib.
        there, folder = path.exists(), path.is_dir()
    except (OSError, ValueError):
        return False
    if there and not folder:
        return True
    looks = ("/" in value and value.casefold() != "n/a") or "\\" in value or bool(path.suffix)
    if looks and folder:
        raise InputMissingError(f"{value}: is a folder; expected a table sample<TAB>{what}")
    if looks:
        raise InputMissingError(f"{value}: no such file; expected a table sample<TAB>{what}, or one word for all")
    return False


def _said(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    messages = context.find_object(Messages)
    if value and messages is not None:
        messages.say(str(parameter.name))


def _kept(context: click.Context, _: click.Parameter, value: str | None) -> None:
    messages = context.find_object(Messages)
    if value is None or messages is None:
        return
    if not value.strip():
        raise UsageError("--log-file is empty: expected FILE, or leave it out")
    messages.keep(value)


said_options = options(
    click.option(
        "--log-file",
        metavar="FILE",
        expose_value=False,
        callback=_kept,
        help="Write what is said into FILE too, with date and level, behind what it holds; -q does not silence it.",
    ),
    click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_said, help="Only errors on stderr."),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_said,
        help="More messages, and tracebacks of our own faults.",
    ),
)


overlay_option = click.option("--overlay", metavar="DIR", help="Knowledge tables whose rows win over the shipped ones.")

context_option = click.option(
    "--context", metavar="FILE", help="Clinical context: YAML or JSON, or a table with a row per sample."
)

form_option = click.option("--format", "form", default="text", show_default=True, metavar="text|tsv")

outside_option = click.option(
    "--outside-calls",
    multiple=True,
    metavar="FILE",
    help="Calls made elsewhere (CYP2D6 structure, HLA typings ...): a table, or a result file of another caller; may "
    "be repeated. NAME=FILE names the sample, or the gene, that a file leaves out.",
)

today_option = click.option(
    "--today", metavar="DATE", help="Day that counts as today, YYYY-MM-DD; by default that of the clock."
)

reading_options = options(
    click.option("--min-gq", type=at_least(0), metavar="N", help="Do not use genotypes with a lower GQ."),
    click.option("--min-dp", type=at_least(0), metavar="N", help="Do not use genotypes with a lower DP."),
    click.option(
        "--min-allele-fraction",
        type=click.FloatRange(0, 0.5),
        metavar="F",
        help="Do not use genotypes in which a called allele has a smaller share of the reads.",
    ),
    click.option(
        "--pass-filter",
        "pass_filters",
        multiple=True,
        metavar="NAME",
        help="A FILTER or FT value that is no failure, beside those of the table filters; may be repeated.",
    ),
    click.option(
        "--alignments",
        multiple=True,
        metavar="BAM|CRAM|LIST",
        help="Reads, for loci that have no record; a list has lines sample<TAB>path. May be repeated.",
    ),
    click.option(
        "--reference",
        "reference_fasta",
        metavar="FASTA",
        help="Indexed genome to align indels against, and to decode CRAM.",
    ),
)

input_options = options(
    click.option("--build", metavar="B", help="GRCh37 or GRCh38; by default proven from the file."),
    click.option(
        "-s", "--samples", callback=split, metavar="A,B", help="Samples to analyze; all of the file by default."
    ),
    click.option("-S", "--samples-file", metavar="FILE", help="File with one sample per line."),
    click.option(
        "--absent",
        default="unknown",
        show_default=True,
        metavar="unknown|reference",
        help="What a locus without a record means. 'reference' states that the caller looked at all sites.",
    ),
    click.option(
        "--ancestry",
        metavar="A|FILE",
        help="AFR, AMR, EAS, EUR or SAS for all samples, or a table sample<TAB>ancestry. Words such as European, NFE "
        "or YRI are understood, or refused with the reason.",
    ),
    click.option(
        "--min-certainty",
        type=float,
        default=0.95,
        show_default=True,
        metavar="P",
        help="Probability from which on an action that restricts is stated.",
    ),
    reading_options,
    click.option(
        "--sex", metavar="female|male|FILE", help="Sex of all samples (F, XY ... too), or a table sample<TAB>sex."
    ),
    click.option(
        "--called-regions",
        metavar="BED",
        help="What the caller looked at, with --absent reference: it alone decides where absent is reference.",
    ),
    outside_option,
    context_option,
    click.option(
        "--threads",
        type=at_least(1),
        default=1,
        show_default=True,
        metavar="N",
        help="Processes that may read, of several files one each (Linux). The answer never depends on it.",
    ),
    today_option,
    overlay_option,
)


def stated_calls(texts: Sequence[str]) -> dict[str, str]:
    """Split calls written as GENE=CALL."""
    given: dict[str, str] = {}
    for call in texts:
        gene, equals, value = call.partition("=")
        if not equals or not gene or not value:
            raise UsageError(f"expected GENE=CALL, such as TPMT='*1/*3A'; found {call!r}")
        if gene.strip() in given:
            raise UsageError(f"{gene.strip()} is given twice")
        given[gene.strip()] = value.strip()
    return given
