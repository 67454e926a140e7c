"""Change the judging code in one place at a time, and say which changes no test sees.

Usage: ``python tools/mutate.py -o mutants.jsonl lupus_pgx/context/*.py -- tests/context tests/review``

What stands after ``--`` goes to pytest. Of each module every comparison, ``max`` and ``min``, ``any`` and ``all``,
``and`` and ``or``, ``not``, and every member of vocabularies of statuses and outcomes is changed. A change that
survives is printed as ``file:line: before -> after``: it needs a test, or it makes no difference.

It works in a copy. A first run works out every change beside what it stands for, and notes in which tests a place comes
to something else: no other test can see it. Then every change is written behind a switch, so that the tests are
collected once, and each is tried in a process forked from there, on the tests in which it makes a difference, those
that found the last changes first and then the shortest, until one fails. A change that acts when its module is
imported is on from the start in a Python of its own, on the tests that come by its
module. With ``-o`` each result is written at once and a run that was broken off goes on. ``--keep`` writes what is
known of the modules into ``mutate_tried.tsv``, with which later runs begin; a function that was edited since is tried
again. ``--one-in 20`` tries a sample.
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
from _pytest import outcomes
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).resolve().parent.parent
EQUAL = Path(__file__).with_name("mutate_equal.tsv")
"""Changes that make no difference, each with the reason: module, function, change."""
TRIED = Path(__file__).with_name("mutate_tried.tsv")
"""What was tried before, by the text of each function: module, text, number of each change, which of them survived."""

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
NOTED = "noted.json"
_RELEASES = 8
"""Of so many releases of the tables at most something is kept."""

_LIKE = 5
"""Tests whose seconds differ by less than one in so many are of about one length."""

_SWITCH = "__changed__"
"""Name of the switches, a builtin while the tests run."""


_ENOUGH = 400
"""So often a place is worked out in one test; what came to the same until then may still come to something else."""


class Off(dict[int, bool]):
    """Switches of which those that are not named are off."""

    def __missing__(self, number: int) -> bool:
        self[number] = False
        return False


class Notes:
    """What a test comes by, and where a change would have come to something else.

    Attributes
    ----------
    seen, differ : set of int
        Numbers of changes.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget the last test."""
        self.seen, self.differ = set[int](), set[int]()
        self._times: dict[int, int] = {}
        self._aside = False

    def __call__(self, numbers: tuple[int, ...], value: Callable[[], Any], *others: Callable[[], Any]) -> Any:
        """Return a value; each of the others is worked out, too, but not while another one is."""
        found = value()
        self.seen.update(numbers)
        if not self._aside:
            self._aside = True
            for number, other in zip(numbers, others, strict=True):
                times = self._times[number] = self._times.get(number, 0) + 1
                if number not in self.differ and times <= _ENOUGH and not _alike(found, other):
                    self.differ.add(number)
            self._aside = False
        return found

    def by(self, numbers: tuple[int, ...], value: Any) -> Any:
        """Return a value of which it cannot be worked out what else it would be."""
        self.seen.update(numbers)
        self.differ.update(numbers)
        return value

    @property
    def unsure(self) -> set[int]:
        """What was worked out too often to say that it never differs."""
        return {number for number, times in self._times.items() if times > _ENOUGH} - self.differ


def _alike(value: Any, other: Callable[[], Any]) -> bool:
    """Say whether something else comes to the same value."""
    try:
        found = other()
        return found is value or (type(found) is type(value) and bool(found == value))
    except Exception:  # whatever it is, it is not the same
        return False


@dataclass(frozen=True)
class Change:
    """One change of a module.

    Attributes
    ----------
    number : int
        Of its switch.
    module, function, line, words : str, str, int, str
        Where, and what.
    early : bool
        Whether it acts when the module is imported.
    key : str
        Tells it from others, and from the same one of another state of its function.
    """

    number: int
    module: str
    function: str
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
    notes : bool
        In the place of switches, work out each change beside what it stands for.
    wanted : set of int, optional
        Numbers of the changes that are written; all by default.
    """

    def __init__(
        self, module: str, source: str, first: int, *, notes: bool = False, wanted: set[int] | None = None
    ) -> None:
        self.module, self.changes, self.notes, self.wanted = module, list[Change](), notes, wanted
        self._state, self._number, self._depth, self._nth, self._name = _hash(source), first, 0, 0, ""

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
        others: dict[int, ast.expr] = {}
        for other in _variants(plain):
            words = f"{_short(ast.unparse(plain))} -> {_short(ast.unparse(other))}"
            key = f"{self.module}:{self._state}:{self._nth}"
            self._nth += 1
            line = getattr(plain, "lineno", 0)
            self.changes.append(Change(self._number, self.module, self._name, line, words, self._depth == 0, key))
            asked = ast.Subscript(ast.Name(_SWITCH, ast.Load()), ast.Constant(self._number), ast.Load())
            if self.wanted is None or self._number in self.wanted:
                others[self._number] = other
                written = written if self.notes else ast.IfExp(asked, other, written)
            self._number += 1
        # What acts at import is tried by itself.
        return _noted(plain, written, others) if self.notes and others and self._depth else written

    def _function(self, node: ast.FunctionDef | ast.Lambda) -> ast.AST:
        outside = self._state, self._nth, self._name
        if self._depth == 0:
            self._state, self._nth, self._name = _hash(ast.unparse(node)), 0, getattr(node, "name", "lambda")
        self._depth += 1
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.body = [self.visit(item) for item in node.body]
        self._depth -= 1
        if self._depth == 0:
            self._state, self._nth, self._name = outside
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


def _noted(plain: ast.AST, written: ast.expr, others: dict[int, ast.expr]) -> ast.expr:
    """Write the call that works out what a place comes to with each change."""
    numbers = ast.Tuple([ast.Constant(number) for number in others], ast.Load())
    notes = ast.Name(_SWITCH, ast.Load())
    # A name that is given within would be given to the function that works it out.
    if any(isinstance(item, (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)) for item in ast.walk(plain)):
        return ast.Call(ast.Attribute(notes, "by", ast.Load()), [numbers, written], [])
    none = ast.arguments([], [], None, [], [], None, [])
    return ast.Call(notes, [numbers, *(ast.Lambda(none, item) for item in (written, *others.values()))], [])


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87]}..."


def write_switches(folder: Path, modules: list[str], *, notes: bool, wanted: set[int] | None = None) -> list[Change]:
    """Write the switches of modules, or notes in their place, into a copy of the project; return all changes.

    Of some changes only, where they are wanted: what is not tried need not be worked out.
    """
    found: list[Change] = []
    for module in modules:
        source = (ROOT / module).read_text(encoding="utf-8")
        switches = Switches(module, source, len(found), notes=notes, wanted=wanted)
        tree = ast.fix_missing_locations(switches.visit(ast.parse(source)))
        (folder / module).write_text(ast.unparse(tree), encoding="utf-8")
        found += switches.changes
    return found


class Trial:
    """A pytest plugin: tries each change in a process of its own, on the tests in which it makes a difference.

    Parameters
    ----------
    changes : list of Change
    out : callable
        Is told of each change and whether it survived.
    longest, seconds : float
        Tests that take longer are left out; the processor time of one trial.
    noted : Path
        Where the first run wrote what it noted.
    module : frozenset of int
        Empty, or the numbers of all changes of a module: the one change acts when it is imported, and is on already.
    jobs : int
        So many changes are tried at a time.
    """

    def __init__(
        self,
        changes: list[Change],
        out: Callable[[Change, bool], None],
        longest: float,
        seconds: int,
        noted: Path,
        module: frozenset[int] = frozenset(),
        jobs: int = 1,
    ) -> None:
        self.changes, self.out, self.longest, self.seconds = changes, out, longest, seconds
        self.noted, self.module, self.jobs = noted, module, jobs
        self.switches = Off({changes[0].number: True} if module else {})
        self.kept: list[Any] = []
        builtins.__dict__[_SWITCH] = self.switches

    def pytest_runtestloop(self, session: Any) -> bool:
        """Try the changes instead of running the tests."""
        items = {item.nodeid: item for item in session.items}
        if self.module:
            self._try_early(items, broken=session.testsfailed > 0)
            return True
        _run(session.items[0])  # what is read once is read here
        self.kept = _caches(self.changes)
        gc.freeze()  # a collection in a forked process would copy all that it looks at
        came_by = self._came_by()
        running: dict[int, Change] = {}
        for change in self.changes:
            if not change.early:
                # Tests in which it may still make a difference come last.
                chosen = [items[name] for at in (1, 2) for name, *noted in came_by if change.number in noted[at]]
                found = self.noted.with_name(f"found-{change.number}")
                running[_fork(functools.partial(self._tried, change, chosen, found), self.seconds)] = change
                if len(running) == self.jobs:
                    self._end_one(running, came_by)
        while running:
            self._end_one(running, came_by)
        return True

    def _tried(self, change: Change, chosen: list[Any], found: Path) -> bool:
        self.switches[change.number] = True
        return self._passes(chosen, found)

    def _end_one(self, running: dict[int, Change], came_by: list[tuple[str, set[int], set[int], set[int]]]) -> None:
        """Wait for one of the changes that are being tried; what found it often finds its neighbours, too."""
        child, status = os.wait()
        change = running.pop(child)
        self.out(change, _survived(status))
        found = self.noted.with_name(f"found-{change.number}")
        if found.exists():
            first = found.read_text(encoding="utf-8")
            came_by.sort(key=lambda item: item[0] != first)
            found.unlink()

    def _try_early(self, items: dict[str, Any], *, broken: bool) -> None:
        """Try the change that is on since the start; one with which a test cannot even be collected is seen."""
        came_by = self._came_by()
        names = [name for name, seen, *_ in came_by if seen & self.module] or [name for name, *_ in came_by]
        passes = functools.partial(self._passes, [items[name] for name in names if name in items])
        self.out(self.changes[0], not broken and _forked(passes, self.seconds))

    def _came_by(self) -> list[tuple[str, set[int], set[int], set[int]]]:
        """Return what passes without a change and is not too long, the shortest first, and what was noted of it.

        Those of about one length are mixed: the cases of one table are alike.
        """
        noted = json.loads(self.noted.read_text(encoding="utf-8"))
        noted.sort(key=lambda item: (round(item[1] * _LIKE), _hash(item[0])))
        return [(name, *map(set, numbers)) for name, seconds, *numbers in noted if seconds <= self.longest]

    def _passes(self, items: list[Any], found: Path | None = None) -> bool:
        """Run tests until one fails; write which."""
        _forget(self.kept)
        for item in items:
            if not _run(item):
                if found is not None:
                    found.write_text(item.nodeid, encoding="utf-8")
                return False
        return True


class Noting:
    """A pytest plugin: notes of each test how long it takes, what it comes by and where a change differs.

    Parameters
    ----------
    changes : list of Change
    noted : Path
        Where it is written.
    """

    def __init__(self, changes: list[Change], noted: Path) -> None:
        self.changes, self.noted, self.notes = changes, noted, Notes()
        builtins.__dict__[_SWITCH] = self.notes

    def pytest_runtestloop(self, session: Any) -> bool:
        """Note instead of only running the tests; their seconds are those with the notes.

        What is kept between calls is worked out anew for each file, and noted for each of its tests from there on.
        """
        _run(session.items[0])
        kept, found = _caches(self.changes), []
        file, once = None, tuple[set[int], ...]()
        for item in session.items:
            if item.path != file:
                _forget(kept)
                file, once = item.path, (set(), set(), set())
            self.notes.clear()
            misses = _misses(kept)
            start = time.process_time()
            if _run(item):
                own = (self.notes.seen, self.notes.differ, self.notes.unsure)
                numbers = tuple(one | other for one, other in zip(own, once, strict=True))
                once = once if _misses(kept) == misses else numbers
                found.append((item.nodeid, time.process_time() - start, *map(sorted, numbers)))
            else:
                print(f"left out, it fails without a change: {item.nodeid}", file=sys.__stderr__, flush=True)
        self.noted.write_text(json.dumps(found), encoding="utf-8")
        return True


def _misses(kept: list[Any]) -> int:
    """Return how often something had to be worked out that is kept for a release; a text has a larger cache."""
    found = [item.cache_info() for item in kept]
    return sum(item.misses for item in found if item.maxsize is not None and item.maxsize <= _RELEASES)


def _caches(changes: list[Change]) -> list[Any]:
    """Return the caches of functions in the rooms of the package that are changed."""
    rooms = {change.module.rpartition("/")[0].replace("/", ".") for change in changes}
    found = [item for item in gc.get_objects() if isinstance(item, _CACHE)]
    return [item for item in found if str(item.__module__).rpartition(".")[0] in rooms]


def _forget(kept: list[Any]) -> None:
    """Empty what the changed rooms have worked out and kept."""
    for item in kept:
        item.cache_clear()


def _run(item: Any) -> bool:
    """Run one test; one that needs nothing but its own values is called, which takes half the time."""
    values = getattr(getattr(item, "callspec", None), "params", {})
    if set(item.fixturenames) == set(values) and isinstance(item, pytest.Function) and item.cls is None:
        return _called(item.obj, values)
    reports = runtestprotocol(item, nextitem=None, log=False)
    return not any(report.failed for report in reports)


def _called(test: Callable[..., None], values: dict[str, Any]) -> bool:
    """Call a test with its values, and say whether it passed."""
    try:
        test(**values)
    except (Exception, outcomes.OutcomeException):
        return False
    return True


def _fork(call: Callable[[], bool], seconds: int) -> int:
    """Call something in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        passed = False
        gc.disable()
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            passed = call()
        finally:
            os._exit(0 if passed else 1)
    return child


def _forked(call: Callable[[], bool], seconds: int) -> bool:
    """Call something in a process of its own and wait for it."""
    return _survived(os.waitpid(_fork(call, seconds), 0)[1])


def _survived(status: int) -> bool:
    """Say whether no test failed; what its processor time did not suffice for has not failed."""
    return status == 0 or os.WIFSIGNALED(status)


def _inside(plan: Path) -> None:
    """Run pytest in the copy."""
    told = json.loads(plan.read_text(encoding="utf-8"))
    changes = [Change(**item) for item in told["changes"]]

    def out(change: Change, survived: bool) -> None:
        _write(Path(told["out"]), change, survived=survived)
        if survived:
            print(change, file=sys.__stdout__, flush=True)

    noted = plan.with_name(NOTED)
    trial: Any = Noting(changes, noted)
    if noted.exists():
        trial = Trial(changes, out, told["longest"], told["seconds"], noted, frozenset(told["module"]), told["jobs"])
    plain = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "-n", "0", "-s"]
    sys.exit(pytest.main([*plain, *told["pytest"]], plugins=[trial]))


def _start(folder: Path, changes: list[Change], options: argparse.Namespace, module: list[int]) -> None:
    """Run pytest on some changes, in the copy; with the numbers of its module on one that acts at import."""
    plan = folder / "plan.json"
    told = {
        "changes": [vars(item) for item in changes],
        "out": str(options.output),
        "pytest": options.tests,
        "module": module,
    }
    told |= {"longest": options.longest, "seconds": options.seconds, "jobs": options.jobs}
    plan.write_text(json.dumps(told), encoding="utf-8")
    # Property tests draw the same examples each time.
    environment = {**os.environ, "PYTHONPATH": str(folder), "CI": "1"}
    command = [sys.executable, str(folder / "tools" / "mutate.py"), "--inside", str(plan)]
    quiet = subprocess.DEVNULL if module else None
    subprocess.run(command, cwd=folder, env=environment, check=False, stderr=quiet)  # noqa: S603


def _try_all(folder: Path, changes: list[Change], left: list[Change], options: argparse.Namespace) -> None:
    """Try what is left: what acts when a function is called, then one by one what acts at import."""
    wanted = {item.number for item in left}
    write_switches(folder, options.modules, notes=True, wanted=wanted)
    _start(folder, left, options, [])
    if not (folder / NOTED).exists():
        sys.exit("the first run did not end")
    write_switches(folder, options.modules, notes=False, wanted=wanted)
    _start(folder, left, options, [])
    for change in left:
        if change.early:
            size = options.output.stat().st_size if options.output.exists() else 0
            _start(folder, [change], options, [item.number for item in changes if item.module == change.module])
            if not options.output.exists() or options.output.stat().st_size == size:  # pytest itself does not start
                _write(options.output, change, survived=False)


def _write(path: Path, change: Change, *, survived: bool) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": change.key, "place": str(change), "survived": survived}) + "\n")


def _tried() -> dict[str, bool]:
    """Return what was tried before and kept: key of a change, and whether it survived."""
    lines = TRIED.read_text(encoding="utf-8").splitlines()[1:] if TRIED.exists() else []
    found: dict[str, bool] = {}
    for module, state, numbers, survived in (line.split("\t") for line in lines):
        lived = survived.split(",")
        found |= {f"{module}:{state}:{number}": number in lived for number in numbers.split(",")}
    return found


def _keep(modules: list[str], changes: list[Change], results: dict[str, bool]) -> None:
    """Write what was tried of some modules as they are now; of others what was written stays."""
    rows: dict[tuple[str, str], dict[str, bool]] = {}
    stays = {key: lived for key, lived in _tried().items() if key.partition(":")[0] not in modules}
    now = {change.key: results[change.key] for change in changes if change.key in results}
    for key, lived in (stays | now).items():
        module, state, number = key.split(":")
        rows.setdefault((module, state), {})[number] = lived
    lines = ["module\ttext\ttried\tsurvived"]
    for (module, state), tried in sorted(rows.items()):
        survived = ",".join(number for number, lived in tried.items() if lived)
        lines.append(f"{module}\t{state}\t{','.join(tried)}\t{survived}")
    TRIED.write_text("\n".join(lines) + "\n", encoding="utf-8")


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
    parser.add_argument("--jobs", type=int, default=1, help="so many changes are tried at a time")
    parser.add_argument(
        "--one-in", type=int, default=1, metavar="N", help="every Nth change only: a sample of all rooms"
    )
    parser.add_argument("--again", action="store_true", help="try what survived once more, with other tests")
    parser.add_argument("--keep", action="store_true", help="write what is known of the modules for later runs")
    own = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    options = parser.parse_args(own)
    options.tests = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    options.output = options.output.resolve()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "copy"
        left_out = shutil.ignore_patterns(".git", "__pycache__", "*_cache", "build")
        shutil.copytree(ROOT, folder, ignore=left_out)
        changes = write_switches(folder, options.modules, notes=False)
        before = _tried() | _results(options.output)
        chosen = changes[:: options.one_in]
        left = [item for item in chosen if item.key not in before or (options.again and before[item.key])]
        if left:
            _try_all(folder, changes, left, options)
    known = _tried() | _results(options.output)
    if options.keep:
        _keep(options.modules, changes, known)
    _report(options.modules, changes, known, _equal())


def _equal() -> dict[tuple[str, str, str], str]:
    """Return why some changes make no difference."""
    lines = EQUAL.read_text(encoding="utf-8").splitlines()[1:] if EQUAL.exists() else []
    cells = [line.split("\t") for line in lines]
    return {(module, function, words): reason for module, function, words, reason in cells}


def _report(
    modules: list[str], changes: list[Change], results: dict[str, bool], equal: dict[tuple[str, str, str], str]
) -> None:
    """Print what survived, what is written down as equal and is not, and the numbers of each module."""
    placed = {(item.module, item.function, item.words): item for item in changes}
    survived = [item for item in changes if results.get(item.key)]
    unexplained = [item for item in survived if (item.module, item.function, item.words) not in equal]
    for change in unexplained:
        print(change)
    for place in equal:
        if place[0] in modules and not results.get(placed[place].key if place in placed else "", place in placed):
            print(f"written down as equal, and is not: {' '.join(place)}")
    print("module, changes, tried, survived, of these equal")
    for module in modules:
        own = [item for item in changes if item.module == module]
        lived = sum(item.module == module for item in survived)
        left = sum(item.module == module for item in unexplained)
        print(module, len(own), sum(item.key in results for item in own), lived, lived - left)
    tried = sum(item.key in results for item in changes)
    print(f"{len(changes)} changes, {tried} tried, {len(survived)} survived, {len(unexplained)} unexplained")


if __name__ == "__main__":
    main()
