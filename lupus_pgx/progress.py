"""A progress bar on a terminal or in a notebook, and nothing anywhere else."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import sys
import warnings
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TypeVar

Item = TypeVar("Item")

log = logging.getLogger(__name__)


def track(items: Iterable[Item], what: str, unit: str, total: int | None = None) -> Iterable[Item]:
    """Show progress over items on a terminal or in a notebook; the bar appears after two seconds.

    ``total`` is how many there are, where the items do not tell.
    """
    notebook = _in_notebook()
    # A process that works for another one would draw over its bar.
    quiet = not log.isEnabledFor(logging.WARNING) or multiprocessing.parent_process() is not None
    if quiet or (not notebook and (sys.stderr is None or not sys.stderr.isatty())):
        return items
    # Without widgets a notebook shows the bar of a terminal; asked for another, tqdm would warn.
    name = "tqdm.auto" if notebook and find_spec("ipywidgets") is not None else "tqdm"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # widgets too old to be drawn
        make = importlib.import_module(name).tqdm
    bar: Iterable[Item] = make(items, desc=what, unit=unit, total=total, delay=2, leave=False)
    return bar


def _in_notebook() -> bool:
    """Say whether this runs in a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
