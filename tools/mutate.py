"""Change the judging code in one place at a time, and say which changes no test sees.

Usage: ``python tools/mutate.py lupus_pgx/context/criteria.py ... -- tests/context/test_what_was_told.py``

What stands after ``--`` goes to pytest. It works in a copy, so that a run that is broken off leaves nothing behind. Of
each module every comparison, ``max`` and ``min``, ``any`` and ``all``, ``and`` and ``or``, ``not``, and every member of
vocabularies of statuses and outcomes is changed. A change that survives is printed as ``file:line: before -> after``:
it needs a test, or it makes no difference.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_NAMES = {"max": "min", "min": "max", "any": "all", "all": "any"}
_MEMBERS = {
    "AVOID": "MONITOR",
    "CONTRAINDICATED": "MONITOR",
    "MONITOR": "AVOID",
    "CHECK_FIRST": "NOTE",
    "TEST_FIRST": "MONITOR",
    "ADJUST_DOSE": "MONITOR",
    "CONSIDER_ALTERNATIVE": "MONITOR",
    "ONGOING": "RESPONSE",
    "INTOLERANCE": "RESPONSE",
    "ABOVE": "BELOW",
    "STANDARD": "AVOID",
    "INDETERMINATE": "TYPICAL",
}
Place = tuple[int, int]
"""The number of a node in the order of a walk, and which of its parts is changed."""


def places(tree: ast.AST) -> Iterator[Place]:
    """Yield what can be changed in a module."""
    for number, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.Compare):
            yield from ((number, part) for part, item in enumerate(node.ops) if type(item) in _COMPARISONS)
        elif _can_change(node):
            yield number, 0


def _can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _NAMES
    if isinstance(node, ast.Attribute):
        return node.attr in _MEMBERS
    return isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def changed(source: str, place: Place) -> tuple[str, str]:
    """Return a module with one change, and the change in words."""
    tree = ast.parse(source)
    number, part = place
    node = next(item for count, item in enumerate(ast.walk(tree)) if count == number)
    assert isinstance(node, ast.expr)
    line, before = node.lineno, ast.unparse(node)
    if isinstance(node, ast.Compare):
        node.ops[part] = _COMPARISONS[type(node.ops[part])]()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        node.func.id = _NAMES[node.func.id]
    elif isinstance(node, ast.Attribute):
        node.attr = _MEMBERS[node.attr]
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd()
    return ast.unparse(tree), f"{line}: {_short(before)} -> {_short(ast.unparse(node))}"


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87]}..."


def run(folder: Path, arguments: list[str], seconds: float) -> int:
    """Run pytest in a folder; a run that takes too long has seen the change."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def main() -> None:
    """Change each module in turn and print what survives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", help="modules below the root of the project")
    parser.add_argument("--share", type=float, default=1.0, help="share of the changes that is tried, drawn by a seed")
    parser.add_argument("--seconds", type=float, default=120, help="time of one run of the tests")
    own = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    options = parser.parse_args(own)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "copy"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", "__pycache__", "*_cache", "build"))
        if run(folder, arguments, options.seconds) != 0:
            sys.exit("the tests fail without a change")
        tried = survived = 0
        for module in options.modules:
            source = (ROOT / module).read_text(encoding="utf-8")
            chosen = list(places(ast.parse(source)))
            count = round(len(chosen) * options.share)
            for place in sorted(random.Random(0).sample(chosen, count)):  # noqa: S311
                text, words = changed(source, place)
                (folder / module).write_text(text, encoding="utf-8")
                tried += 1
                if run(folder, arguments, options.seconds) == 0:
                    survived += 1
                    print(f"{module}:{words}", flush=True)
            (folder / module).write_text(source, encoding="utf-8")
    print(f"{tried} changes, {survived} survived")


if __name__ == "__main__":
    main()
