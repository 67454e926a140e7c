"""Make the picture of the page anew, and count pages and words of its print: run it after a change of what people see.

    python tools/build_picture.py [--check]

Needs chromium, playwright and pypdf (extra ``test``). The picture is docs/images/report.png, the first screen of the
example patient with a context; the counts are those of docs/outputs.md. ``--check`` writes no picture.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright
from pypdf import PdfReader

import lupus_pgx

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "report.png"
DAY = "2026-11-29"
_WIDTH, _HEIGHT, _SCALE = 1120, 1500, 1.5
_COLOURS = 256


def printed(page: Any) -> list[str]:
    """Return the text of each sheet of the print of a page that is open."""
    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    # Letters that a font joins are told apart again.
    return [" ".join(unicodedata.normalize("NFKC", sheet.extract_text()).split()) for sheet in reader.pages]


def forms() -> Iterator[tuple[str, str, str]]:
    """Yield patient, form and page, of the example with its context and without one."""
    with tempfile.TemporaryDirectory() as folder:
        files = lupus_pgx.write_example(folder)
        vcf, context = files["patients.GRCh38.vcf.gz"], files["LN-01.yaml"]
        told = lupus_pgx.analyze(vcf, samples=["LN-01"], context=context, today=DAY).patient("LN-01")
        plain = lupus_pgx.analyze(vcf, samples=["NP-02"]).patient("NP-02")
        for patient in (told, plain):
            for form, short in (("full", False), ("short", True)):
                yield patient.sample_id, form, patient.to_html(short=short)


def draw(page: Any, path: Path) -> None:
    """Write the first screen of a page in few colours, which a picture of letters does not miss."""
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main(arguments: list[str]) -> int:
    """Draw, and print pages and words of each form."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        # The sandbox of the browser cannot be had by root.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=program, args=options)
        size = ViewportSize(width=_WIDTH, height=_HEIGHT)
        for patient, form, text in forms():
            page = browser.new_page(viewport=size, device_scale_factor=_SCALE)
            page.set_content(text)
            if (patient, form) == ("LN-01", "full") and "--check" not in arguments:
                draw(page, PICTURE)
            sheets = printed(page)
            print(f"{patient}, {form}: {len(sheets)} pages, {sum(len(sheet.split()) for sheet in sheets):,} words")
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
