"""The public names, and what importing the package costs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import lupus_pgx

NAMES = [
    "Analysis",
    "CohortRun",
    "Comparison",
    "Context",
    "InputError",
    "InputMissingError",
    "InternalError",
    "Knowledge",
    "KnowledgeError",
    "LupusPgxError",
    "OutputError",
    "PatientSummary",
    "UnfinishedError",
    "UsageError",
    "__version__",
    "analysis_schema",
    "analyze",
    "analyze_cohort",
    "compare",
    "load_context",
    "load_knowledge",
    "plots",
    "respond",
    "write_case_studies",
    "write_example",
    "write_synthetic_vcf",
]


def test_public_names_are_pinned():
    assert lupus_pgx.__all__ == NAMES
    assert dir(lupus_pgx) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_public_names_exist_and_are_described(name):
    thing = getattr(lupus_pgx, name)
    if name == "__version__":
        assert thing.count(".") == 2
    else:
        assert inspect.getdoc(thing)
        assert thing.__name__.removeprefix("lupus_pgx.") == name


def test_unknown_names_are_no_attributes():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = lupus_pgx.no_such_name


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("UsageError", 2),
        ("InputError", 65),
        ("InputMissingError", 66),
        ("KnowledgeError", 65),
        ("OutputError", 73),
        ("InternalError", 70),
    ],
)
def test_errors_say_whose_problem_it_is(error, code):
    kind = getattr(lupus_pgx, error)
    assert issubclass(kind, lupus_pgx.LupusPgxError)
    assert kind.exit_code == code


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (
            "analyze",
            {
                "paths",
                "build",
                "samples",
                "genes",
                "drugs",
                "absent",
                "ancestry",
                "min_certainty",
                "min_gq",
                "min_dp",
                "knowledge",
                "today",
            },
        ),
        ("respond", {"calls", "drugs", "knowledge", "today"}),
        ("load_context", {"source", "knowledge", "today"}),
        ("load_knowledge", {"overlay"}),
    ],
)
def test_parameters_of_the_contract(function, parameters):
    signature = inspect.signature(getattr(lupus_pgx, function)).parameters
    assert parameters <= set(signature)


def test_defaults_of_the_contract():
    signature = inspect.signature(lupus_pgx.analyze).parameters
    expected = {"build": None, "absent": "unknown", "ancestry": None, "min_certainty": 0.95, "min_gq": None}
    expected |= {"today": None}
    assert {name: signature[name].default for name in expected} == expected


@pytest.mark.parametrize("table", ["variants", "diplotypes", "markers", "drug_responses", "guidance", "evidence"])
def test_results_offer_the_same_tables(table, fx_example):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])
    sample = analysis.sample_ids[0]
    of_all = getattr(analysis, table).to_frame()
    of_one = getattr(analysis.patient(sample), table).to_frame()
    assert of_one.columns.tolist() == of_all.columns.tolist()
    assert of_one.equals(of_all[of_all.sample_id == sample].reset_index(drop=True))
    stated = getattr(lupus_pgx.respond({"TPMT": "*1/*3A"}), table).to_frame()
    assert stated.columns.tolist() == of_all.columns.tolist()
    assert set(stated.sample_id) <= {"what-if"}


def modules_after(code: str) -> set[str]:
    program = f"{code}\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        "import lupus_pgx",
        "from lupus_pgx import LupusPgxError, __version__",
        "from lupus_pgx.cli import main; assert main(['--version']) == 0",
    ],
)
def test_importing_stays_light(code):
    loaded = modules_after(code)
    assert "lupus_pgx" in loaded
    assert not {"pandas", "cyvcf2", "pysam", "matplotlib"} & loaded


def test_analysis_needs_no_pandas_until_a_frame_is_asked_for(fx_example):
    path = fx_example["patients.GRCh38.vcf.gz"]
    loaded = modules_after(f"import lupus_pgx; print(lupus_pgx.analyze({str(path)!r}))")
    assert "pysam" in loaded
    assert not {"pandas", "cyvcf2", "tqdm"} & loaded


def test_version_command():
    command = [sys.executable, "-m", "lupus_pgx", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"lupus-pgx {lupus_pgx.__version__}\n"
    assert done.stderr == ""


def test_what_users_meet_shows_itself_in_one_line(fx_example):
    knowledge = lupus_pgx.load_knowledge()
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], drugs=["azathioprine", "tacrolimus"])
    patient = analysis.patient(analysis.sample_ids[0])
    shown = [
        *(knowledge, knowledge.tables["loci"], knowledge.drug("azathioprine"), knowledge.star_genes["TPMT"]),
        next(iter(knowledge.markers_by_key.values())),
        *(
            analysis,
            analysis.provenance,
            analysis.cohort(),
            patient,
            patient.resistance,
            lupus_pgx.compare(patient, patient),
        ),
    ]
    for item in shown:
        assert "\n" not in repr(item)
        assert len(repr(item)) < 200
        assert " object at 0x" not in repr(item)
