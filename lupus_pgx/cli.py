"""Command line: ``lupus-pgx``. Results go to stdout, messages to stderr."""

from __future__ import annotations

import gc
import logging
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress

import click

from lupus_pgx._version import __version__
from lupus_pgx.analysis_commands import analyze, example, explain
from lupus_pgx.call_commands import compare_command, positions, whatif
from lupus_pgx.cohort_commands import cohort_group
from lupus_pgx.errors import InputError, InternalError, LupusPgxError, cannot_look, is_shortage, no_memory
from lupus_pgx.knowledge_commands import knowledge_group
from lupus_pgx.messages import Messages, in_line
from lupus_pgx.options import Group, said_options
from lupus_pgx.screen import ReaderGoneError, is_terminal, show
from lupus_pgx.stops import Stopped, received, sentence
from lupus_pgx.words.asked import command_line
from lupus_pgx.words.lines import WIDTH, lines_of

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


for _command in (
    *(analyze, explain, whatif, compare_command, positions, example),
    *(cohort_group(show), knowledge_group(show)),
):
    cli.add_command(_command)


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
    if is_shortage(error):
        return str(no_memory()), InputError.exit_code
    if isinstance(error, OSError):
        fault: LupusPgxError = cannot_look(error)
        return str(fault), fault.exit_code
    log.debug("traceback", exc_info=error)
    what = f"{type(error).__name__}: {error}"
    fault = InternalError(f"internal error, please report it with the command line ({what})")
    return str(fault), fault.exit_code


def _run(arguments: Sequence[str] | None, messages: Messages) -> int:
    given = list(arguments) if arguments is not None else None
    result = cli.main(args=given, prog_name="lupus-pgx", standalone_mode=False, obj=messages)
    return result if isinstance(result, int) else 0


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
