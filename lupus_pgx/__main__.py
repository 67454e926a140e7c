"""``lupus-pgx`` and ``python -m lupus_pgx``."""

from lupus_pgx import stops


def run() -> None:
    """Run the command, and end as it says; a signal is heard from here on, also while the command is loaded."""
    stops.listen()
    try:
        from lupus_pgx.cli import run as command  # noqa: PLC0415 - after the signals are heard

        code = command()
    except BaseException:
        # A signal within an import may come out of it as another error.
        if stops.received() is None:
            raise
        code = 0
    number = stops.received()
    stops.quiet_end(stops.end(number) if number is not None else code)


if __name__ == "__main__":
    run()
