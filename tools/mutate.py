"""Change the judging code in one place at a time, and say which changes no test sees.

Usage: ``python tools/mutate.py -o mutants.jsonl lupus_pgx/context/*.py -- tests/context tests/review``

What stands after ``--`` goes to pytest. Of each module every comparison, ``max`` and ``min``, ``any`` and ``all``,
``and`` and ``or``, ``not``, and every member of vocabularies of statuses and outcomes is changed. A change that
survives is printed as ``file:line: before -> after``: it needs a test, or it makes no difference.

It works in a copy, in which every change is written behind a switch, so that the tests are collected once. A first
run notes which tests come by which place and how long they take; each change is then tried in a process forked from
there, on the tests that come by, those that found the last changes first and then the shortest, until one fails. With
``-o`` each result is written at once and a run that was broken off goes on; a function that was edited since is tried
again.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import copy
import functools
import gc
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

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
_CACHE = type(functools.lru_cache(len))
_SWITCH = "__changed__"
"""Name of the switch, a builtin while the tests run."""


@dataclass(frozen=True)
class Change:
    """One change of a module.

    Attributes
    ----------
    number : int
        Of its switch.
    module, line, words : str, int, str
        Where, and what.
    early : bool
        Whether it acts when the module is imported.
    key : str
        Tells it from others, and from the same one of another state of its function.
    """

    number: int
    module: str
    line: int
    words: str
    early: bool
    key: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.words}"


class Switches(ast.NodeTransformer):
    """Writes every change of a module behind a switch.

    Parameters
    ----------
    module, source : str
    first : int
        Number of the first switch.
    """

    def __init__(self, module: str, source: str, first: int) -> None:
        self.module, self.changes = module, list[Change]()
        self._state, self._number, self._depth, self._nth = _hash(source), first, 0, 0

    def visit(self, node: ast.AST) -> Any:
        """Return a node with the switches of everything in it."""
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            return self._function(node)
        if isinstance(node, (ast.pattern, ast.arguments)):
            return node
        if isinstance(node, ast.AnnAssign):
            node.value = self.visit(node.value) if node.value is not None else None
            return node
        plain = copy.deepcopy(node)
        written: Any = self.generic_visit(node)
        for other in _variants(plain):
            words = f"{_short(ast.unparse(plain))} -> {_short(ast.unparse(other))}"
            key = f"{self.module}:{self._state}:{self._nth}"
            self._nth += 1
            self.changes.append(
                Change(self._number, self.module, getattr(plain, "lineno", 0), words, self._depth == 0, key)
            )
            asked = ast.Call(ast.Name(_SWITCH, ast.Load()), [ast.Constant(self._number)], [])
            written = ast.IfExp(asked, other, written)
            self._number += 1
        return written

    def _function(self, node: ast.FunctionDef | ast.Lambda) -> ast.AST:
        outside = self._state, self._nth
        if self._depth == 0:
            self._state, self._nth = _hash(ast.unparse(node)), 0
        self._depth += 1
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.body = [self.visit(item) for item in node.body]
        self._depth -= 1
        if self._depth == 0:
            self._state, self._nth = outside
        return node


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _variants(node: ast.AST) -> Iterator[Any]:
    """Yield a node with one thing changed each."""
    if isinstance(node, ast.Compare):
        for part, operator in enumerate(node.ops):
            if type(operator) in _COMPARISONS:
                other = copy.deepcopy(node)
                other.ops[part] = _COMPARISONS[type(operator)]()
                yield other
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMES:
        yield ast.Call(ast.Name(_NAMES[node.func.id], ast.Load()), node.args, node.keywords)
    elif isinstance(node, ast.Attribute) and node.attr in _MEMBERS and isinstance(node.ctx, ast.Load):
        yield ast.Attribute(node.value, _MEMBERS[node.attr], ast.Load())
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87]}..."


def write_switches(folder: Path, modules: list[str]) -> list[Change]:
    """Write the switches of modules into a copy of the project; return what they change."""
    found: list[Change] = []
    for module in modules:
        source = (ROOT / module).read_text(encoding="utf-8")
        switches = Switches(module, source, len(found))
        tree = ast.fix_missing_locations(switches.visit(ast.parse(source)))
        (folder / module).write_text(ast.unparse(tree), encoding="utf-8")
        found += switches.changes
    return found


class Trial:
    """A pytest plugin: notes which test comes by which change, then tries each change in a process of its own.

    Parameters
    ----------
    changes : list of Change
    out : callable
        Is told of each change and whether it survived.
    longest, seconds : float
        Tests that take longer are left out; the processor time of one trial.
    early : Change or None
        One that acts when its module is imported, and so is tried by a run of its own.
    """

    def __init__(
        self, changes: list[Change], out: Callable[[Change, bool], None], longest: float, seconds: int, early: bool
    ) -> None:
        self.changes, self.out, self.longest, self.seconds, self.early = changes, out, longest, seconds, early
        self.now = changes[0].number if early else -1
        self.seen: set[int] = set()
        self.kept: list[Any] = []
        builtins.__dict__[_SWITCH] = self.asked

    def asked(self, number: int) -> bool:
        """Say whether a change is on, and note that a test came by."""
        self.seen.add(number)
        return number == self.now

    def pytest_runtestloop(self, session: Any) -> bool:
        """Try the changes instead of running the tests."""
        items = session.items
        if self.early:
            self.out(self.changes[0], self._passes(items))
            return True
        _run(items[0])  # what is read once is read here
        self.kept = _caches({change.module.rpartition("/")[0].replace("/", ".") for change in self.changes})
        with tempfile.TemporaryDirectory() as made:
            noted, found = Path(made) / "noted", Path(made) / "found"
            _forked(lambda: self._note(items, noted), 3600)
            if not noted.exists():
                sys.exit("the first run did not end")
            came_by: list[tuple[float, list[int]]] = json.loads(noted.read_text(encoding="utf-8"))
            order = sorted(range(len(items)), key=lambda place: came_by[place][0])
            by = [set(numbers) for _, numbers in came_by]
            for change in self.changes:
                self.now = change.number
                chosen = [n for n in order if change.number in by[n] and came_by[n][0] <= self.longest]
                self.out(change, _forked(functools.partial(self._tried, items, chosen, found), self.seconds))
                if found.exists():
                    first = int(found.read_text(encoding="utf-8"))
                    order = [first, *(n for n in order if n != first)]
                    found.unlink()
        return True

    def _tried(self, items: list[Any], chosen: list[int], found: Path) -> bool:
        """Try a change on some tests; write which of them found it."""
        self._forget()
        for place in chosen:
            if not _run(items[place]):
                found.write_text(str(place), encoding="utf-8")
                return False
        return True

    def _note(self, items: list[Any], noted: Path) -> bool:
        """Write how long each test takes and what it comes by."""
        found = []
        for item in items:
            self._forget()
            self.seen = set()
            start = time.process_time()
            passed = _run(item)
            if not passed:
                print(f"left out, it fails without a change: {item.nodeid}", file=sys.__stderr__, flush=True)
            found.append((time.process_time() - start, sorted(self.seen) if passed else []))
        noted.write_text(json.dumps(found), encoding="utf-8")
        return True

    def _passes(self, items: list[Any]) -> bool:
        self._forget()
        return all(_run(item) for item in items)

    def _forget(self) -> None:
        """Empty what the changed rooms have worked out and kept."""
        for item in self.kept:
            item.cache_clear()


def _caches(rooms: set[str]) -> list[Any]:
    """Return the caches of functions in some rooms of the package."""
    found = [item for item in gc.get_objects() if isinstance(item, _CACHE)]
    return [item for item in found if str(item.__module__).rpartition(".")[0] in rooms]


def _run(item: Any) -> bool:
    """Run one test."""
    reports = runtestprotocol(item, nextitem=None, log=False)
    return not any(report.failed for report in reports)


def _forked(call: Callable[[], bool], seconds: int) -> bool:
    """Call something in a process of its own; what its processor time does not suffice for has not failed."""
    child = os.fork()
    if child == 0:
        passed = False
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            passed = call()
        finally:
            os._exit(0 if passed else 1)
    _, status = os.waitpid(child, 0)
    return status == 0 or os.WIFSIGNALED(status)


def _inside(plan: Path) -> None:
    """Run pytest in the copy."""
    told = json.loads(plan.read_text(encoding="utf-8"))
    changes = [Change(**item) for item in told["changes"]]

    def out(change: Change, survived: bool) -> None:
        with Path(told["out"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": change.key, "place": str(change), "survived": survived}) + "\n")
        if survived:
            print(change, file=sys.__stdout__, flush=True)

    trial = Trial(changes, out, told["longest"], told["seconds"], told["early"])
    plain = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "-n", "0", "-s"]
    sys.exit(pytest.main([*plain, *told["pytest"]], plugins=[trial]))


def _start(folder: Path, changes: list[Change], options: argparse.Namespace, rest: list[str], *, early: bool) -> None:
    """Run pytest on some changes, in the copy."""
    plan = folder / "plan.json"
    told = {"changes": [vars(item) for item in changes], "out": str(options.output), "pytest": rest, "early": early}
    told |= {"longest": options.longest, "seconds": options.seconds}
    plan.write_text(json.dumps(told), encoding="utf-8")
    # Property tests draw the same examples each time.
    environment = {**os.environ, "PYTHONPATH": str(folder), "CI": "1"}
    command = [sys.executable, str(folder / "tools" / "mutate.py"), "--inside", str(plan)]
    quiet = subprocess.DEVNULL if early else None
    subprocess.run(command, cwd=folder, env=environment, check=False, stderr=quiet)  # noqa: S603


def _results(path: Path) -> dict[str, bool]:
    """Return what was tried before: key of a change, and whether it survived."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {item["key"]: item["survived"] for item in map(json.loads, lines)}


def main() -> None:
    """Change each module in turn and print what survives."""
    if sys.argv[1:2] == ["--inside"]:
        _inside(Path(sys.argv[2]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", help="modules below the root of the project")
    parser.add_argument("-o", "--output", type=Path, default=Path("mutants.jsonl"), help="where results are written")
    parser.add_argument("--longest", type=float, default=4, help="tests that take more seconds are left out")
    parser.add_argument(
        "--seconds",
        type=int,
        default=60,
        help="processor time of one trial, enough to survive",
    )
    parser.add_argument("--again", action="store_true", help="try what survived once more, with other tests")
    own = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    rest = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    options = parser.parse_args(own)
    options.output = options.output.resolve()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "copy"
        left_out = shutil.ignore_patterns(".git", "__pycache__", "*_cache", "build")
        shutil.copytree(ROOT, folder, ignore=left_out)
        changes = write_switches(folder, options.modules)
        before = _results(options.output)
        left = [item for item in changes if item.key not in before or (options.again and before[item.key])]
        _start(folder, [item for item in left if not item.early], options, rest, early=False)
        for change in left:
            if change.early:
                _start(folder, [change], options, rest, early=True)
    results = _results(options.output)
    tried = [item for item in changes if item.key in results]
    survived = [item for item in tried if results[item.key]]
    for item in survived:
        print(item)
    print(f"{len(changes)} changes, {len(tried)} tried, {len(survived)} survived")


if __name__ == "__main__":
    main()
