"""An error on the command line speaks of options, the same error in Python of parameters."""

from __future__ import annotations

import re
import sys

import pytest
from builder import VcfBuilder

import lupus_pgx

_OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")
_PARAMETER = re.compile(r"\b[a-z_]+=")
# Of each: the files, the options, the parameters, what the command line says, and Python.
CASES = {
    "whose context": ("three", {"context": "context.yaml"}, "-s/--samples", "samples=['SAMPLE']"),
    "regions alone": ("three", {"called_regions": "regions.bed"}, "--called-regions would", "called_regions would"),
    "no build": ("open", {}, "--build GRCh38 or --build GRCh37", "build='GRCh38' or build='GRCh37'"),
    "another build": ("three", {"build": "GRCh37"}, "drop --build", "drop build="),
    "a bound": ("three", {"min_gq": -1}, "--min-gq", "min_gq must be"),
    "a day": ("three", {"today": "soon"}, "--today: expected", "today: expected"),
    "not looked at": ("few", {"absent": "reference", "build": "GRCh38"}, "--called-regions BED", "called_regions="),
    "told twice": ("sheet", {"sex": "female"}, "--sex is stated by", "sex is stated by"),
    "two builds": ("builds", {}, "lupus-pgx cohort run", "analyze_cohort()"),
}


@pytest.fixture(scope="module")
def fx_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    builder = VcfBuilder(genes=["TPMT"], samples=["A", "B", "C"])
    builder.write(folder / "three", "vcf")
    lines = (folder / "three.vcf").read_text(encoding="utf-8").splitlines()
    bare = [line for line in lines if line.startswith("#") and not line.startswith("##contig")]
    (folder / "open.vcf").write_text("\n".join([bare[0], "##contig=<ID=chr6>", *bare[1:]]) + "\n", encoding="utf-8")
    VcfBuilder(genes=["TPMT"], samples=["A"]).drop(*builder.records).write(folder / "few", "vcf")
    (folder / "context.yaml").write_text("sex: female\n", encoding="utf-8")
    (folder / "regions.bed").write_text("chr6\t1\t30000000\n", encoding="utf-8")
    rows = {"sheet": ["sample_id\tvcf\tsex", "A\tthree.vcf\tmale"]}
    rows["builds"] = ["sample_id\tvcf\tbuild", "A\tthree.vcf\tGRCh38", "B\tthree.vcf\tGRCh37"]
    for name, text in rows.items():
        (folder / f"{name}.tsv").write_text("\n".join(text) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("case", CASES)
def test_an_error_speaks_the_language_of_who_reads_it(case, fx_folder, fx_cli, monkeypatch):
    monkeypatch.chdir(fx_folder)
    source, given, on_command_line, in_python = CASES[case]
    sheet = source in ("sheet", "builds")
    words = ["--sample-sheet", f"{source}.tsv"] if sheet else [f"{source}.vcf"]
    for name, value in given.items():
        words.append(f"--{name.replace('_', '-')}={value}")
    code, out, err = fx_cli("analyze", *words)
    assert (code in (2, 65), out) == (True, ""), err
    assert on_command_line in err
    assert not _PARAMETER.search(err), err
    paths = {"sample_sheet": f"{source}.tsv"} if sheet else {"paths": f"{source}.vcf"}
    with pytest.raises(lupus_pgx.LupusPgxError) as caught:
        lupus_pgx.analyze(**paths, **given)
    assert caught.value.exit_code == code
    assert in_python in str(caught.value)
    assert not _OPTION.search(str(caught.value)), str(caught.value)


def test_a_comparison_names_the_frame_in_python_only(fx_cli):
    calls = {"TPMT": "*1/*1"}, {"TPMT": "*3A/*3A"}
    found = lupus_pgx.compare(*(lupus_pgx.respond(given) for given in calls))
    code, out, _ = fx_cli("whatif", "TPMT=*3A/*3A", "--versus", "TPMT=*1/*1")
    assert code == 0
    assert "see to_frame()" in str(found)
    assert "to_frame" not in out


def test_what_is_not_installed_is_named_as_the_index_names_it(fx_folder, fx_cli, monkeypatch):
    monkeypatch.chdir(fx_folder)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = fx_cli("cohort", "run", "three.vcf", "-o", "run")
    assert code == 2
    assert "pyarrow, which is not installed: pip install 'pyarrow>=20', or give others (--format tsv)" in err
    with pytest.raises(lupus_pgx.UsageError, match=r"or give others \(formats=\['tsv'\]\)"):
        lupus_pgx.analyze_cohort("three.vcf", "run")
