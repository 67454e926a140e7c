"""``python -m lupus_pgx``."""

from lupus_pgx.cli import run

if __name__ == "__main__":
    run()
