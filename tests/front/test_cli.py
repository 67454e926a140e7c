"""The command line: what a person reads, and how it behaves among other tools."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.cli import main

TABLES = ["variants.tsv", "diplotypes.tsv", "markers.tsv", "drugs.tsv", "guidance.tsv", "evidence.tsv"]
MODULE = [sys.executable, "-m", "lupus_pgx"]


def joined(text):
    """Undo line wrapping."""
    return " ".join(text.split())


def section(text, patient):
    """Return the part of a summary that is about one patient."""
    (part,) = [part for part in re.split(r"(?m)^=+\n(?=\S+: )", text) if part.startswith(f"{patient}: ")]
    return part


def line_of(text, start):
    """Return the line of a drug, gene or marker; what is said of it stands further to the right."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"  {start}")]
    return line


def drug_part(text, patient):
    """Return the lines on drugs of one patient."""
    return section(text, patient).partition("Drugs\n")[2].partition("\nGenes\n")[0]


ACTIONS = ["AVOID", "CONSIDER ALTERNATIVE", "TEST FIRST", "REDUCE DOSE", "INCREASE DOSE", "monitor", "usual dose"]
"""As the summary words them, the most restricting first."""


def shown_actions(text, patient):
    """Return drug and action in the order shown, without drugs that are for information only."""
    known = "|".join(ACTIONS)
    return re.findall(rf"(?m)^  (\S.*?) +({known})(?= |$)", drug_part(text, patient))


@pytest.fixture(scope="module")
def fx_typed(fx_knowledge):
    """Drugs that no VCF can settle: the first guideline body looks at an HLA gene, and asks for a test before."""
    typed = {row["gene"] for row in fx_knowledge.rows("genes") if row["call_kind"] == "typing"}
    drugs = [drug for drug in fx_knowledge.drugs_by_name.values() if drug.bodies]
    found = {
        drug.drug
        for drug in drugs
        if typed & set(drug.bodies[0].conditions.keys) and any(rule.action == "test_first" for rule in drug.rules)
    }
    assert found >= {"allopurinol", "carbamazepine"}
    return found


@pytest.fixture(scope="module")
def fx_vcf(fx_example):
    return fx_example["patients.GRCh38.vcf.gz"]


@pytest.fixture
def fx_summary(fx_cli, fx_vcf):
    code, out, err = fx_cli("analyze", fx_vcf, "--full")
    assert (code, err) == (0, "")
    return out


# Summary on the terminal.


@pytest.mark.parametrize(
    ("patient", "start", "words"),
    [
        ("LN-01", "azathioprine ", ["REDUCE DOSE", "30-80%", "increased toxicity"]),
        ("LN-01", "mercaptopurine ", ["REDUCE DOSE", "30-80%"]),
        ("LN-01", "tacrolimus ", ["INCREASE DOSE", "1.5-2 times", "reduced exposure"]),
        ("LN-01", "TPMT ", ["*1/*3A", "Intermediate Metabolizer"]),
        ("LN-01", "NUDT15 ", ["*1/*1", "Normal Metabolizer", "certain"]),
        ("LN-01", "APOL1 risk haplotypes ", ["G1/G2", "2 risk haplotypes"]),
        ("LN-01", "FCGR3A F158V  ", ["V/F"]),
        ("NP-02", "azathioprine ", ["AVOID", "increased toxicity"]),
        ("NP-02", "mercaptopurine ", ["AVOID"]),
        ("NP-02", "NUDT15 ", ["*3/*3", "Poor Metabolizer"]),
        ("NP-02", "FCGR3A F158V  ", ["F/F"]),
        ("CU-03", "azathioprine ", ["usual dose", "typical"]),
        ("CU-03", "tacrolimus ", ["usual dose", "typical"]),
        ("CU-03", "CYP3A5 ", ["*3/*3", "Poor Metabolizer"]),
        ("CU-03", "FCGR3A F158V  ", ["V/V"]),
        ("CU-03", "hydroxychloroquine ", ["usual dose", "typical"]),
    ],
)
def test_summary_states_the_key_facts(patient, start, words, fx_summary):
    line = line_of(section(fx_summary, patient), start)
    assert [word for word in words if word not in line] == []


def test_no_restricting_word_stands_where_nothing_was_found(fx_summary, fx_typed):
    """Nothing but the tests that a VCF cannot replace."""
    part = section(fx_summary, "CU-03")
    restricted = [(drug, action) for drug, action in shown_actions(part, "CU-03") if action in ACTIONS[:5]]
    assert dict(restricted) == dict.fromkeys(fx_typed, "TEST FIRST")
    assert len(re.findall(r"AVOID|CONSIDER|REDUCE|INCREASE|TEST FIRST", part)) == len(fx_typed)
    assert "2 risk haplotypes" not in part


def test_drugs_without_a_marker_are_named_in_one_line(fx_summary, fx_knowledge):
    silent = [row["drug"] for row in fx_knowledge.rows("drugs") if row["marker_statement"] == "none"]
    assert {"belimumab", "prednisone"} <= set(silent)
    for patient in ("LN-01", "NP-02", "CU-03"):
        drugs = joined(drug_part(fx_summary, patient))
        said, _, unsaid = drugs.partition("Nothing to say from the genotype: ")
        assert set(silent) <= set(unsaid.split(", "))
        assert not set(unsaid.split(", ")) & {drug for drug, _ in shown_actions(fx_summary, patient)}
        assert "no validated marker" not in said


def test_most_urgent_drug_stands_first(fx_summary, fx_typed):
    for patient in ("LN-01", "NP-02"):
        shown = shown_actions(fx_summary, patient)
        ranks = [ACTIONS.index(action) for _, action in shown]
        assert ranks == sorted(ranks)
        called = [drug for drug, _ in shown if drug not in fx_typed]
        assert called[:2] == ["azathioprine", "mercaptopurine"]
    assert [drug for drug, _ in shown][:2] == ["azathioprine", "mercaptopurine"]  # NP-02: nothing is above AVOID


def test_summary_gives_guideline_and_population(fx_summary):
    text = joined(section(fx_summary, "LN-01"))
    assert "CPIC 2025" in text
    assert "transplant recipients; not written for lupus" in text


def test_summary_says_research_use_and_release(fx_summary, fx_knowledge):
    for patient in ("LN-01", "NP-02", "CU-03"):
        text = joined(section(fx_summary, patient))
        assert "Research use only" in text
        assert "stem-cell transplant" in text
        assert fx_knowledge.release in text


def test_summary_fits_a_terminal(fx_summary):
    assert max(map(len, fx_summary.splitlines())) <= 100
    assert fx_summary.isprintable() or set(filter(lambda c: not c.isprintable(), fx_summary)) == {"\n"}


def test_cohort_is_counted(fx_cli, tmp_path):
    names = [f"P{number}" for number in range(12)]
    builder = VcfBuilder(samples=names).set("rs116855232", *["T/T"] * 3, *["C/T"] * 4, *["C/C"] * 5)
    code, out, _ = fx_cli("analyze", builder.write(tmp_path / "cohort"), "--full")
    assert code == 0
    assert "12 samples" in out
    assert "P0: " not in out
    nudt15 = line_of(out, "NUDT15 ")
    assert all(
        words in nudt15 for words in ("Poor Metabolizer 3", "Intermediate Metabolizer 4", "Normal Metabolizer 5")
    )
    azathioprine = line_of(out.partition("Drugs in words")[2], "azathioprine ")
    assert all(words in azathioprine for words in ("avoid 3", "reduce dose 4", "usual dose 5"))


def test_results_go_to_files_and_stdout_stays_empty(fx_cli, fx_vcf, tmp_path):
    assert fx_cli("analyze", fx_vcf, "-o", tmp_path / "out", "-q") == (0, "", "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [*TABLES, "analysis.json", "provenance.json"]
    )


def test_options_reach_the_analysis(fx_cli, fx_vcf, tmp_path):
    options = ["-s", "NP-02", "--genes", "TPMT,NUDT15", "--drugs", "AZA", "--build", "GRCh38", "--ancestry", "EAS"]
    code, out, _ = fx_cli("analyze", fx_vcf, *options)
    assert code == 0
    assert "LN-01" not in out
    assert "EAS" in out.splitlines()[1]
    assert "CYP3A5" not in out
    assert "tacrolimus" not in out
    assert "AVOID" in line_of(out, "azathioprine ")


def test_sample_options_are_joined(fx_cli, fx_vcf, tmp_path):
    (tmp_path / "list").write_text("CU-03\n")
    _, out, _ = fx_cli("analyze", fx_vcf, "-s", "LN-01", "-S", tmp_path / "list", "--drugs", "AZA")
    assert [patient for patient in ("LN-01", "NP-02", "CU-03") if f"{patient}: " in out] == ["LN-01", "CU-03"]


def test_ancestry_table_is_read(fx_cli, fx_vcf, tmp_path):
    (tmp_path / "table").write_text("sample_id\tancestry\nLN-01\tEUR\nCU-03\tAFR\nunrelated\tSAS\n")
    _, out, _ = fx_cli("analyze", fx_vcf, "--ancestry", tmp_path / "table", "--drugs", "AZA")
    titles = [line.rpartition("ancestry: ")[2] for line in out.splitlines() if "ancestry: " in line]
    assert [title.split()[0] for title in titles] == ["EUR", "not", "AFR"]


# Variant-only files.

COUNTED = ("TPMT", "NUDT15", "CYP3A5", "FCGR3A", "APOL1", "UGT1A9", "UGT2B7")


def test_variant_only_file_opens_with_the_note(fx_cli, fx_example):
    code, out, _ = fx_cli("analyze", fx_example["variant_only.GRCh38.vcf.gz"], "--genes", ",".join(COUNTED))
    assert code == 0
    note, drugs = out.index("NOTE:"), out.index("\nDrugs")
    assert note < drugs
    text = joined(out[note:drugs])
    # Of 22 essential loci the patient carries a variant at 8: TPMT 2, CYP3A5 1, FCGR3A 1, APOL1 2, UGT1A9 1, UGT2B7 1.
    assert "14 of 22 essential loci" in text
    assert "--absent reference" in text
    assert "lupus-pgx positions" in text


@pytest.mark.parametrize("options", [[], ["--absent", "reference"]], ids=["complete", "stated"])
def test_note_is_not_given_where_it_does_not_apply(options, fx_cli, fx_vcf, fx_example):
    path = fx_example["variant_only.GRCh38.vcf.gz"] if options else fx_vcf
    regions = ["--called-regions", fx_example["called_regions.GRCh38.bed"]] if options else []
    assert "NOTE:" not in fx_cli("analyze", path, *options, *regions)[1]


def test_note_counts_what_is_unknown(fx_cli, tmp_path):
    builder = VcfBuilder(genes=("TPMT",)).set("rs1142345", "T/C").variants_only()
    _, out, _ = fx_cli("analyze", builder.write(tmp_path / "file"), "--genes", "TPMT")
    assert "6 of 7 essential loci" in joined(out)


def test_essential_loci_of_the_example_are_counted_by_hand(fx_knowledge):
    """The denominator above: what the table says, gene by gene."""
    essential = {gene: sum(locus.essential for locus in fx_knowledge.loci_by_gene[gene]) for gene in COUNTED}
    assert essential == {"TPMT": 7, "NUDT15": 4, "CYP3A5": 3, "FCGR3A": 1, "APOL1": 2, "UGT1A9": 3, "UGT2B7": 2}
    assert sum(essential.values()) == 22


# Explain and what-if.


def test_explain_leads_from_loci_to_citations(fx_cli, fx_vcf):
    code, out, err = fx_cli("explain", fx_vcf, "--drug", "AZA", "-s", "LN-01")
    assert (code, err) == (0, "")
    text = joined(out)
    assert out.startswith("azathioprine for LN-01")
    steps = [
        "rs1142345 at chr6:18130687 is T/C",
        "rs1800460 at chr6:18138997 is C/T",
        "candidate *1/*3A",
        "Intermediate Metabolizer",
        "Guideline rows that fired",
        "CPIC 2025",
        "Citations",
        "https://",
        "Research use only",
    ]
    assert [step for step in steps if step not in text] == []
    places = [text.index(step) for step in ("rs1142345 at", "candidate *1/*3A", "Guideline rows", "Citations")]
    assert places == sorted(places)
    assert "*3B/*3C" in text


def test_explain_uses_the_places_of_the_files_build(fx_cli, fx_example):
    _, out, _ = fx_cli("explain", fx_example["patients.GRCh37.vcf.gz"], "--drug", "tacrolimus", "-s", "LN-01")
    assert "rs776746 at 7:99270539" in joined(out)


def test_explain_names_what_is_missing(fx_cli, fx_example):
    _, out, _ = fx_cli("explain", fx_example["variant_only.GRCh38.vcf.gz"], "--drug", "azathioprine")
    text = joined(out)
    assert "NOTE:" in text
    assert re.search(r"to settle: genotype [^.]*rs116855232", text)


def test_explain_tells_of_every_sample(fx_cli, fx_vcf):
    _, out, _ = fx_cli("explain", fx_vcf, "--drug", "rituximab")
    assert re.findall(r"(?m)^rituximab for (\S+)$", out) == ["LN-01", "NP-02", "CU-03"]


def test_explain_of_the_api_is_the_same_text(fx_cli, fx_vcf):
    _, out, _ = fx_cli("explain", fx_vcf, "--drug", "MMF", "-s", "CU-03")
    assert out == lupus_pgx.analyze(fx_vcf).patient("CU-03").explain("MMF") + "\n"


@pytest.mark.parametrize(
    ("calls", "drug", "words"),
    [
        (["TPMT=*1/*3A", "NUDT15=*1/*1"], "azathioprine", ["REDUCE DOSE", "30-80%"]),
        (["TPMT=*3A/*3C"], "azathioprine", ["AVOID"]),
        (["TPMT=*1/*1", "NUDT15=*1/*1"], "azathioprine", ["usual dose", "typical"]),
        (["TPMT=*1/*1"], "azathioprine", ["indeterminate"]),
        (["CYP3A5=*1/*1"], "tacrolimus", ["INCREASE DOSE", "1.5-2 times"]),
        (["CYP3A5=*3/*3"], "tacrolimus", ["usual dose"]),
        (["FCGR3A=V/V"], "rituximab", ["increased efficacy"]),
    ],
)
def test_what_if_states_the_response(calls, drug, words, fx_cli):
    code, out, err = fx_cli("whatif", *calls, "--full")
    assert (code, err) == (0, "")
    # Words that do not fit beside the action stand on the next line.
    line = " ".join(out[out.index(line_of(out, f"{drug} ")) :].splitlines()[:2])
    assert [word for word in words if word not in line] == []


def test_what_if_says_that_nothing_was_read(fx_cli):
    _, out, _ = fx_cli("whatif", "TPMT=*1/*3A", "--drugs", "AZA")
    assert "what-if: calls as given" in out
    assert "NOTE:" not in out
    assert "tacrolimus" not in out
    assert "given" in line_of(out, "TPMT ")


# Example command.


def test_example_writes_inputs_and_results(fx_cli, tmp_path):
    folder = tmp_path / "new" / "example"
    code, out, err = fx_cli("example", folder)
    assert (code, err) == (0, "")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    vcfs = ["patients.GRCh37.vcf.gz", "patients.GRCh38.vcf.gz", "variant_only.GRCh38.vcf.gz"]
    assert files == {
        *vcfs,
        *(f"{name}.tbi" for name in vcfs),
        "patients.tsv",
        "called_regions.GRCh38.bed",
        "LN-01.yaml",
        "results/analysis.json",
        "results/provenance.json",
        *(f"results/{table}" for table in TABLES),
        *(f"results/patients/{patient}.html" for patient in ("LN-01", "NP-02", "CU-03")),
    }
    assert str(folder / "results" / "patients" / "LN-01.html") in out
    assert "AVOID" in line_of(section(out, "NP-02"), "azathioprine ")


def test_example_suggests_commands_that_work(fx_cli, tmp_path):
    _, out, _ = fx_cli("example", tmp_path)
    commands = [
        line.partition("lupus-pgx ")[2].split("  ")[0].split() for line in out.splitlines() if "lupus-pgx " in line
    ]
    assert [words[0] for words in commands] == ["analyze", "explain", "analyze"]
    for words in commands:
        code, shown, _ = fx_cli(*words)
        assert code == 0
        assert "azathioprine" in shown


def test_example_has_a_default_folder(fx_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fx_cli("example")[0] == 0
    (folder,) = tmp_path.iterdir()
    assert (folder / "results" / "drugs.tsv").is_file()


# A process among others.


def test_version_is_printed(fx_cli):
    code, out, err = fx_cli("--version")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"lupus-pgx \d+\.\d+\.\d+\n", out)
    assert out.split()[1] == lupus_pgx.__version__


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["analyze", "--help"]])
def test_help_names_what_can_be_asked(arguments, fx_cli):
    code, out, err = fx_cli(*arguments)
    assert (code, err) == (0, "")
    wanted = ["analyze", "explain", "whatif", "positions", "knowledge", "example"]
    if arguments[0] == "analyze":
        wanted = [
            "--output",
            "--format",
            "--build",
            "--samples",
            "--genes",
            "--drugs",
            "--absent",
            "--overlay",
            "--strict",
        ]
    assert [word for word in wanted if word not in out] == []


def test_module_is_the_command(fx_cli, fx_vcf):
    done = subprocess.run([*MODULE, "analyze", fx_vcf], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == fx_cli("analyze", fx_vcf)[1]


def test_standard_input_is_read(fx_cli, fx_vcf):
    data = Path(fx_vcf).read_bytes()
    done = subprocess.run([*MODULE, "analyze", "-"], input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    # Standard input cannot be read again: no next command.
    assert done.stdout.decode() == fx_cli("analyze", fx_vcf)[1].partition("\nNext: ")[0]


@pytest.mark.parametrize("arguments", [["analyze"], ["explain", "--drug", "azathioprine"]], ids=["analyze", "explain"])
def test_closed_pipe_is_quiet(arguments, fx_vcf):
    """The reader is gone before the first line is written."""
    process = subprocess.Popen([*MODULE, *arguments, fx_vcf], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), err) == (0, b"")


def test_head_of_the_positions_is_quiet():
    shell = "set -o pipefail; " + f'"{sys.executable}" -m lupus_pgx positions --build GRCh38 | head -n 1'
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_internal_fault_is_one_sentence_with_its_own_code(fx_cli, fx_vcf, monkeypatch):
    def fault(*_, **__):
        raise RuntimeError("something unforeseen")

    monkeypatch.setattr("lupus_pgx.analysis.analyze", fault)
    code, out, err = fx_cli("analyze", fx_vcf)
    assert (code, out) == (70, "")
    assert err.count("\n") == 1
    assert "internal error" in err
    assert "something unforeseen" in err


def test_main_takes_its_arguments_from_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lupus-pgx", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("lupus-pgx ")


@pytest.mark.parametrize(
    ("samples", "formats", "named"),
    [
        (1, "tsv", ["drugs.tsv"]),
        (1, "html,tsv", ["drugs.tsv", "patients/S1.html"]),
        (3, "html", ["patients/S1.html patients/S2.html patients/S3.html"]),
        (7, "html,json", ["cohort.html"]),
        (7, "html-short", ["short"]),
        (1, "fhir", []),
    ],
)
def test_where_results_are_is_said_last_as_paths_to_be_pasted(samples, formats, named, fx_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [f"S{number + 1}" for number in range(samples)]
    path = VcfBuilder(samples=names, genes=["TPMT"]).write(tmp_path / "in")
    for folder in ("out", "my results"):
        code, out, err = fx_cli("analyze", path, "--genes", "TPMT", "--format", formats, "-o", folder)
        assert (code, out) == (0, "")
        lines = err.splitlines()[-1 - len(named) :]
        said = [shlex.split(line.partition(": ")[2] or line.removeprefix("Results are in ")) for line in lines]
        expected = [[folder], *([f"{folder}/{name}" for name in line.split()] for line in named)]
        assert said == expected
        assert all(Path(item).exists() for line in said for item in line)
    assert fx_cli("analyze", path, "--genes", "TPMT", "-q", "--format", formats, "-o", "out")[1:] == ("", "")


def test_a_run_says_where_its_page_and_tables_are(fx_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = VcfBuilder(samples=["A", "B"], genes=["TPMT"]).write(tmp_path / "in")
    run = ["cohort", "run", path, "--genes", "TPMT", "--drugs", "AZA"]
    one = fx_cli(*run, "-o", "one")[2].splitlines()
    assert one == [
        "Results are in one",
        "Drug by drug: one/shard=00001/drugs.parquet",
        "To read as a page: one/cohort.html",
    ]
    two = fx_cli(*run, "--shard-samples", "1", "--format", "tsv", "-o", "two")[2].splitlines()
    assert two == ["Results are in two", "Drug by drug: 'two/shard=*/drugs.tsv'"]
    pages = fx_cli(*run, "--format", "html", "-o", "pages")[2].splitlines()
    assert pages == [
        "Results are in pages",
        "To read as a page: pages/shard=00001/patients/A.html pages/shard=00001/patients/B.html",
        "No page of all together: it counts what Parquet tables hold, --format parquet,html",
    ]
    both = fx_cli(*run, "--format", "parquet,html", "-o", "both")[2].splitlines()
    assert both[-1] == "To read as a page: both/cohort.html"
    assert fx_cli("cohort", "status", "one")[2].splitlines() == one
    assert fx_cli("cohort", "status", "one", "-q")[2] == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("where", ["> /dev/full", ">&-"])
def test_help_that_cannot_be_shown_is_no_success(where):
    run = f"{shlex.quote(sys.executable)} -m lupus_pgx --help {where}"
    done = subprocess.run(["sh", "-c", run], capture_output=True, text=True, check=False)
    assert done.returncode == 73
    assert "standard output" in done.stderr


@pytest.mark.parametrize(("text", "said"), [("", "holds nothing"), ("null", "holds nothing"), ("a,b\n1,2\n", ".tsv")])
def test_a_context_without_fields_is_refused_in_one_sentence(text, said, tmp_path):
    path = tmp_path / "context.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(lupus_pgx.InputError) as fault:
        lupus_pgx.load_context(path)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)
