"""The documentation of the public names: every parameter described, what comes back, and an example that is run."""

from __future__ import annotations

import inspect
import re

import pytest

import lupus_pgx
from lupus_pgx import plots

SECTION = r"(?ms)^{name}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)"


def public() -> dict[str, object]:
    """Return functions, and methods of classes, by their name in the documentation."""
    found: dict[str, object] = {}
    names = {name: getattr(lupus_pgx, name) for name in lupus_pgx.__all__ if name not in ("plots", "__version__")}
    names |= {f"plots.{name}": getattr(plots, name) for name in plots.__all__}
    for name, value in names.items():
        if inspect.isclass(value) and not issubclass(value, BaseException):
            for method, function in inspect.getmembers(value, callable):
                if not method.startswith("_"):
                    found[f"{name}.{method}"] = function
        elif inspect.isfunction(value):
            found[name] = value
    return found


PUBLIC = public()


def section(text: str, name: str) -> str:
    match = re.search(SECTION.format(name=name), text)
    return match[1] if match else ""


@pytest.mark.every
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_is_described_whole(name):
    function = PUBLIC[name]
    text = inspect.getdoc(function) or ""
    assert re.match(r"[A-Z][^\n]*\.\n?", text), "the first line is a sentence"
    signature = inspect.signature(function)
    asked = [key for key in signature.parameters if key not in ("self", "cls")]
    listed = section(text, "Parameters") + section(text, "Other Parameters")
    heads = [word for line in re.findall(r"(?m)^(\S[^:\n]*?)(?: : .*)?$", listed) for word in re.split(r", ", line)]
    assert {head.lstrip("*") for head in heads} >= set(asked), "every parameter has its line"
    if signature.return_annotation not in (None, "None", inspect.Signature.empty):
        said = re.match(r"(Return|Yield|Whether|Draw|Predict|Analyze)", text) and not asked
        assert said or section(text, "Returns") or section(text, "Yields"), "what comes back"
    assert name.startswith("plots.") or shown(name, text), "an example, which is run with the tests"


def shown(name: str, text: str) -> bool:
    """Whether an example shows it: its own, or that of its class."""
    owner, _, method = name.rpartition(".")
    about = inspect.getdoc(getattr(lupus_pgx, owner)) or "" if owner else ""
    return ">>>" in section(text, "Examples") or bool(
        re.search(rf"(?m)^>>> .*\.{method}\(", section(about, "Examples"))
    )


def test_an_error_is_described_where_it_is_raised():
    """A function that raises one of our errors itself says so."""
    silent = []
    for name, function in PUBLIC.items():
        raised = set(re.findall(r"\braise (\w+Error)\b", inspect.getsource(function)))
        told = section(inspect.getdoc(function) or "", "Raises")
        silent += [f"{name}: {error}" for error in raised if error not in told]
    assert not silent
