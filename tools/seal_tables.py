"""Write lupus_pgx/data/release.json anew: run it after each wanted change of a table."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "lupus_pgx" / "data"


def main() -> None:
    """Compute the checksum of each table, date those that changed; an argument sets the release id."""
    path = DATA / "release.json"
    old: dict[str, Any] = {"release": "0", "tables": {}}
    if path.exists():
        old = json.loads(path.read_text(encoding="utf-8"))
    release = sys.argv[1] if len(sys.argv) > 1 else old["release"]
    tables = {item.stem: hashlib.sha256(item.read_bytes()).hexdigest() for item in sorted(DATA.glob("*.tsv"))}
    today, dates = dt.datetime.now(dt.UTC).date().isoformat(), old.get("dates", {})
    dates = {
        name: dates[name] if name in dates and old["tables"].get(name) == checksum else today
        for name, checksum in tables.items()
    }
    content = {"release": release, "tables": tables, "dates": dates}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
