"""Write lupus_pgx/data/release.json anew: run it after each wanted change of a table."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "lupus_pgx" / "data"


def main() -> None:
    """Compute the checksum of each table; an argument sets the release id."""
    path = DATA / "release.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"release": "0"}
    release = sys.argv[1] if len(sys.argv) > 1 else old["release"]
    tables = {item.stem: hashlib.sha256(item.read_bytes()).hexdigest() for item in sorted(DATA.glob("*.tsv"))}
    path.write_text(json.dumps({"release": release, "tables": tables}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
