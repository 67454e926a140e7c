"""Write what the package needs to run, as installed here: a CycloneDX list (SBOM), or a table of floors and versions.

``python tools/build_sbom.py > sbom.cdx.json``; ``--table`` prints the table of ``docs/reliability.md``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from packaging.requirements import Requirement  # noqa: E402

from lupus_pgx._version import __version__  # noqa: E402


def needed() -> dict[str, Requirement]:
    """Return the requirements of the core, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(item.name): item for item in map(Requirement, project["dependencies"])}


def normal(name: str) -> str:
    """Return a name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, list[str]]:
    """Return every package that the core needs, however far away, with those that it needs itself."""
    found: dict[str, list[str]] = {}
    left = list(needed())
    while left:
        name = left.pop()
        if name in found:
            continue
        asked = [Requirement(text) for text in distribution(name).requires or ()]
        own = [normal(item.name) for item in asked if item.marker is None or item.marker.evaluate({"extra": ""})]
        found[name] = sorted(set(own))
        left += own
    return dict(sorted(found.items()))


def purl(name: str) -> str:
    """Return the address of an installed package, as lists of parts write it."""
    return f"pkg:pypi/{name}@{distribution(name).version}"


def sbom() -> dict[str, Any]:
    """Return the list in the form of CycloneDX 1.5; the same environment gives the same bytes."""
    packages = installed()
    root = f"pkg:pypi/lupus-pgx@{__version__}"
    parts = [
        {
            "type": "library",
            "bom-ref": purl(name),
            "name": name,
            "version": distribution(name).version,
            "purl": purl(name),
            "licenses": licences(name),
        }
        for name in packages
    ]
    links = [{"ref": root, "dependsOn": [purl(name) for name in sorted(needed())]}]
    links += [{"ref": purl(name), "dependsOn": [purl(own) for own in owns]} for name, owns in packages.items()]
    component = {"type": "library", "bom-ref": root, "name": "lupus-pgx", "version": __version__, "purl": root}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component},
        "components": parts,
        "dependencies": links,
    }


def licences(name: str) -> list[dict[str, Any]]:
    """Return the licence that a package states, in its words."""
    about: Any = distribution(name).metadata  # the types leave out what a message has
    stated = about.get("License-Expression")
    if stated:
        return [{"expression": stated}]
    kinds = [text for text in about.get_all("Classifier") or () if text.startswith("License ::")]
    classes = [text.rpartition(" :: ")[2] for text in kinds]
    words = classes or [(about.get("License") or "not stated").splitlines()[0][:100]]
    return [{"license": {"name": text}} for text in words]


def table() -> str:
    """Return floors and installed versions of what the core asks for itself."""
    lines = ["| package | floor | measured with |", "|---|---|---|"]
    for name, item in sorted(needed().items()):
        lines.append(f"| {name} | {str(item.specifier).removeprefix('>=')} | {distribution(name).version} |")
    return "\n".join(lines)


def main() -> None:
    """Print the list or the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true")
    try:
        print(table() if parser.parse_args().table else json.dumps(sbom(), indent=1, sort_keys=True))
    except PackageNotFoundError as error:
        sys.exit(f"{error}: is not installed here")


if __name__ == "__main__":
    main()
