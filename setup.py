"""What pyproject.toml cannot say: the README as an installed copy and a package index show it."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import setup

README = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")


def outside_of_the_source(text: str) -> str:
    """Name the files that links lead to: beside the source they work, elsewhere they would lead nowhere."""
    text = re.sub(r"(?m)^!\[[^]]*\]\((?!https?:)[^)]*\)\n\n?", "", text)
    text = re.sub(r"\[([^]]+)\]\(\1\)", r"`\1`", text)
    return re.sub(r"\[([^]]+)\]\((?!https?:)([^)]+)\)", r"\1 (`\2`)", text)


setup(long_description=outside_of_the_source(README), long_description_content_type="text/markdown")
