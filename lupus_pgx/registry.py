"""Methods of early results that are done by later modules.

A result offers ``to_frame()``, but only a later module knows how; ``lupus_pgx/__init__.py``
registers that module by name, so that no import points forward and heavy libraries load
only when asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

_TARGETS: dict[tuple[str, str], str] = {}


def register(method_name: str, type_name: str, target: str) -> None:
    """Say that ``method_name`` of the class ``type_name`` is done by ``module:function``."""
    _TARGETS[method_name, type_name] = target


def method(name: str) -> Callable[..., Any]:
    """Return a method that calls whatever is registered for the class of its object."""

    def dispatch(self: Any, *args: Any, **kwargs: Any) -> Any:
        module, _, function = _TARGETS[name, type(self).__name__].partition(":")
        return getattr(importlib.import_module(module), function)(self, *args, **kwargs)

    dispatch.__name__ = name
    dispatch.__doc__ = {
        "to_frame": "Return the rows as a pandas DataFrame, in the columns of the TSV file.",
        "write": "Write the results into a folder: ``write(folder, formats=('tsv', 'json'))``.",
        "to_text": "Return it as plain text.",
        "features": "Return samples as numbers, for prediction studies: see ``docs/features.md``.",
        "feature_dictionary": "Return what each column of ``features()`` means, called with the same arguments.",
        "to_html": "Return the report as one HTML page that needs no network and no script.",
        "_repr_html_": "Return a short form for notebooks.",
        "explain": "Explain the prediction for a drug, from loci to citations, as plain text.",
    }.get(name)
    return dispatch


class Framed:
    """A result with rows: ``to_frame()`` gives them; shown by name, not by content."""

    __slots__ = ()

    to_frame = method("to_frame")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: to_frame() gives its rows>"
