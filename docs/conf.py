"""How the documentation is built: everything in it is run, and nothing of it needs the network.

    sphinx-build -W -b html docs build/docs

Before reading the pages the build writes those that follow from tables and code (``reference/``, ``generated/``),
and runs every fenced ``bash`` block. Code cells are run page by page, each in a folder of its own.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tools"))
# Commands in cells and bash blocks are those of the environment that builds, also where it is not activated.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
# The colours of a terminal have too little contrast on the page of a book.
os.environ["NO_COLOR"] = "1"

import build_code_pages
import build_reference_pages
import run_doc_commands
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

import lupus_pgx

project = "lupus_pgx"
author = project_copyright = "lupus_pgx contributors"
version = release = lupus_pgx.__version__
html_title = f"lupus_pgx {release}"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_static"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types in docstrings are prose ("path or sequence of paths")

myst_enable_extensions = ["deflist", "colon_fence", "fieldlist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_show_tb = True
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "inherited-members": "Exception,object"}
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_copy_source = False
html_show_sphinx = False
html_js_files = ["docs.js"]
pygments_style = "a11y-high-contrast-light"

_SINGLE = ("reference/drugs/", "reference/genes/", "reference/disease_risk")
"""Where the pages of single drugs and genes are."""


def _prepare(_: Sphinx) -> None:
    """Write the built pages and run the commands that pages show."""
    build_reference_pages.Pages(lupus_pgx.load_knowledge()).build(DOCS / "reference")
    build_code_pages.build(DOCS / "generated")
    run_doc_commands.run_pages(DOCS)


def _complete(_: Sphinx, page: str, source: list[str]) -> None:
    """Complete the source of pages.

    A page with a kernel is a notebook. Pages of single drugs and genes stay out of the navigation: their index links
    them. Patterns of the front page that match no page are left out.
    """
    if page.startswith(_SINGLE):
        source[0] = f"---\norphan: true\nhide-toc: true\n---\n\n{source[0]}"
    elif source[0].startswith("---\n") and "\nkernelspec:" in source[0] and "file_format:" not in source[0]:
        source[0] = source[0].replace("---\n", "---\nfile_format: mystnb\n", 1)
    elif page == "index":
        source[0] = re.sub(
            r"^[\w/]+\*\n",
            lambda match: match[0] if any(DOCS.glob(f"{match[0].strip()}.md")) else "",
            source[0],
            flags=re.M,
        )


def _widen(app: Sphinx, page: str, *_: object) -> None:
    """Give the pages of drugs and genes their own style."""
    if page.startswith(_SINGLE):
        app.add_css_file("reference.css")


def _check_paths(app: Sphinx, exception: Exception | None) -> None:
    """Refuse pages that show where they were built."""
    places = (str(DOCS.parent), f"{tempfile.gettempdir()}{os.sep}tmp")
    for page in () if exception else sorted(Path(app.outdir).rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        for place in places:
            if place in text:
                raise ExtensionError(f"{page}: names the folder {place} of this machine")


def setup(app: Sphinx) -> None:
    """Connect the steps above with the build."""
    app.add_lexer("tsv", TextLexer)
    app.connect("builder-inited", _prepare)
    app.connect("source-read", _complete)
    app.connect("html-page-context", _widen)
    app.connect("build-finished", _check_paths)
