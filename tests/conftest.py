"""Fixtures of all tests."""

from __future__ import annotations

import gc
from collections import defaultdict

import pytest
from builder import VcfBuilder
from hypothesis import HealthCheck, settings
from places import DOCS, REAL

import lupus_pgx
from lupus_pgx.cli import main

settings.register_profile("lupus", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("lupus")


# Some 20,000 tests are made at once and stay: to look for garbage among them again and again took a third of the time
# in which they are collected, and a twentieth of that in which they run.
gc.disable()

FEW = 3
"""So many cases of a test run with the fast ones."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Of a test of many cases the fast run takes some, spread over all; the rest is slow. ``every`` keeps all."""
    cases = defaultdict(list)
    for item in items:
        plain = item.get_closest_marker("slow") is None and item.get_closest_marker("every") is None
        if plain and hasattr(item, "callspec"):
            cases[item.nodeid.partition("[")[0]].append(item)
    for own in cases.values():
        own.sort(key=lambda item: item.nodeid)
        step = max(len(own) / FEW, 1.0)
        fast = {int(number * step) for number in range(FEW)}
        for number, item in enumerate(own):
            if number not in fast:
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish():
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Write half characters of file names, which no worker could send, as their escapes."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode("utf-8")) for name, text in report.sections
    ]
    return report


@pytest.fixture(scope="session")
def fx_knowledge():
    return lupus_pgx.load_knowledge()


@pytest.fixture(scope="session")
def fx_example(tmp_path_factory):
    """Paths of the embedded example by file name."""
    return lupus_pgx.write_example(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="session")
def fx_real():
    """Folder of the 1000 Genomes files."""
    if not (REAL / "1kgp-GRCh38.vcf.gz").exists():
        pytest.skip(f"1000 Genomes files not found in {REAL} (set LUPUS_PGX_REAL_DATA)")
    return REAL


@pytest.fixture(scope="session")
def fx_full_context(tmp_path_factory):
    """The full example of docs/context.md as a file; it is about the example's LN-01."""
    text = (DOCS / "context.md").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("context") / "patient.yaml"
    path.write_text(text.partition("<!-- example -->\n```yaml\n")[2].partition("```")[0], encoding="utf-8")
    return path


@pytest.fixture
def fx_cli(capsys):
    """Run the command line in this process: ``code, stdout, stderr = fx_cli("analyze", ...)``."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def fx_analyze(tmp_path):
    """Analyze the file of a builder: ``analysis = fx_analyze(VcfBuilder(), ancestry="EUR")``."""

    def run(file: VcfBuilder, **options):
        return lupus_pgx.analyze(file.stated(options).write(tmp_path / "file", kind="vcf"), build=file.build, **options)

    return run


@pytest.fixture
def fx_patient(fx_analyze):
    """Analyze the file of a builder; return its first sample."""

    def run(file: VcfBuilder, **options):
        return fx_analyze(file, **options).patient(file.samples[0])

    return run
