"""Every option in every mode: it changes what comes out, or it is refused; none is taken and ignored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builder import Rec, VcfBuilder

from lupus_pgx.cli import cli

USAGE = 2
SMALL = ["--genes", "TPMT,NUDT15,G6PD", "--drugs", "azathioprine,rasburicase,mercaptopurine,thioguanine"]

READ = {"--reference": "genome.fa", "--overlay": "no_such_folder"}
"""What a wrong path shows to be read."""

WITHOUT = {"--threads": "the answer never depends on it", "--log-file": "beside the answer"}
"""What may leave the answer as it is, and why."""

SAID = ("--quiet", "--verbose")


@pytest.fixture
def fx_files(tmp_path, monkeypatch):
    """A file in which each option has something to change, and the files that options take."""
    monkeypatch.chdir(tmp_path)
    builder = VcfBuilder(samples=["A", "B"], genes=("TPMT", "NUDT15", "G6PD")).set("rs116855232", "C/T", "C/C")
    builder.drop("rs1800462")
    builder.set("rs1050828", "C/T", "C/C")
    site = builder.site("rs1142345")
    cells = ["0/1:25:30:16,14", "0/0:40:30:30,0"]
    builder.replace("rs1142345", Rec(site.chrom, site.pos, site.ref, "C", cells, fmt="GT:GQ:DP:AD"))
    builder.replace("rs116855232", Rec("chr13", 48045719, "C", "T", ["0/1", "0/0"], filters="odd"))
    builder.write(tmp_path / "two", "vcf")
    Path("samples.txt").write_text("A\n", encoding="utf-8")
    Path("sheet.tsv").write_text("sample_id\tvcf\nA\ttwo.vcf\n", encoding="utf-8")
    Path("calls.tsv").write_text("sample_id\tgene\tdiplotype\nA\tTPMT\t*3A/*3A\n", encoding="utf-8")
    Path("context.yaml").write_text(
        "sample_id: A\nplanned: [{drug: azathioprine}]\npregnancy: true\n", encoding="utf-8"
    )
    Path("elsewhere.bed").write_text("chr1\t1\t100\n", encoding="utf-8")
    return tmp_path


VALUES = {
    "--sample-sheet": ["sheet.tsv"],
    "--format": ["html"],
    "--build": ["GRCh37"],
    "--samples": ["A"],
    "--samples-file": ["samples.txt"],
    "--absent": ["reference"],
    "--ancestry": ["EAS"],
    "--min-certainty": ["0.9999"],
    "--min-gq": ["30"],
    "--min-dp": ["35"],
    "--min-allele-fraction": ["0.48"],
    "--pass-filter": ["odd"],
    "--alignments": ["none.bam"],
    "--sex": ["male"],
    "--called-regions": ["elsewhere.bed"],
    "--outside-calls": ["calls.tsv"],
    "--context": ["context.yaml"],
    "--today": ["2031-06"],
    "--genes": ["TPMT"],
    "--drugs": ["azathioprine"],
    "--full": [],
    "--strict": [],
    "--drug": ["MMF"],
    "--output": ["out"],
    "--versus": ["TPMT=*1/*3A"],
}


def options_of(command: str) -> list[str]:
    found = [parameter for parameter in cli.commands[command].params if parameter.param_type_name == "option"]
    return [max(parameter.opts, key=len) for parameter in found]


def result(run, arguments, folder: Path):
    """All that comes out: exit code, both streams, and every file; what was stated is not counted as an answer."""
    code, out, err = run(*arguments)
    files = {
        str(path.relative_to(folder)): re.sub(r'(?s)"parameters": \{.*?\n  \}', "", path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("out/**/*"))
        if path.is_file() and path.suffix in (".tsv", ".json", ".html")
    }
    for path in folder.glob("out/**/*"):
        if path.is_file():
            path.unlink()
    # What stands there to be pasted again repeats what was given.
    shown = "\n".join(line for line in out.splitlines() if not line.startswith("  lupus-pgx "))
    return code, shown, err, files


MODES = {
    "analyze": ["analyze", "two.vcf", *SMALL],
    "analyze -o": ["analyze", "two.vcf", *SMALL, "-o", "out"],
    "explain": ["explain", "two.vcf", "--drug", "azathioprine"],
    "explain of another": ["explain", "two.vcf", "--drug", "rasburicase"],
    "whatif": ["whatif", "TPMT=*1/*1", "--drugs", "azathioprine,rasburicase"],
}


BEFORE: dict[tuple[str, ...], tuple] = {}
"""What comes out without the option, worked out once."""


@pytest.mark.parametrize(
    ("mode", "option"),
    [
        (mode, option)
        for mode in MODES
        for option in options_of(mode.split()[0])
        if option not in WITHOUT and option not in SAID and (mode != "explain of another" or option == "--sex")
        if (mode, option) != ("explain", "--sex")  # of a drug whose gene is on chromosome X
    ],
)
def test_an_option_changes_what_comes_out_or_is_refused(mode, option, fx_cli, fx_files, caplog):
    words = [option, *([READ[option]] if option in READ else VALUES[option])]
    if option == "--today":
        words[1] += f"-{10 + list(MODES).index(mode)}"  # it is said once in a process
    base = MODES[mode]
    if option == "--strict":
        base = [*base, "--absent", "reference", "--called-regions", "elsewhere.bed"]
    if (mode, option) == ("whatif", "--full"):
        base = base[: base.index("--drugs")]  # of two drugs all is shown without it
    before = BEFORE.setdefault(tuple(base), None) or result(fx_cli, base, fx_files)
    assert before[0] == 0, before[2]
    BEFORE[tuple(base)] = before
    if option == "--sample-sheet":
        base = [word for word in base if word != "two.vcf"]
    if option == "--called-regions":
        before = result(fx_cli, [*base, "--absent", "reference"], fx_files)
        assert result(fx_cli, [*base, *words], fx_files)[0] == USAGE
        words += ["--absent", "reference"]
    if option in ("--genes", "--drugs", "--drug") and option in base:
        base = [word for place, word in enumerate(base) if word != option and base[place - 1] != option]
    caplog.clear()
    after = result(fx_cli, [*base, *words], fx_files)
    if after[0] == USAGE:
        assert "would do nothing" in after[2] or "is given twice" in after[2]
        assert not after[1]
    elif option == "--today":
        assert any(words[1] in record.message for record in caplog.records) or after != before
    else:
        assert after != before
    assert mode != "analyze" or option != "--format" or after[0] == USAGE


def test_every_option_is_tried():
    """A new option has a value here, or a reason why the answer stays."""
    known = {*VALUES, *READ, *WITHOUT, *SAID}
    assert {option for mode in MODES for option in options_of(mode.split()[0])} <= known
