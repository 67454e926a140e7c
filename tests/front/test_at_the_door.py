"""Whatever is given to a public function, it answers or says in one line what is wrong: nothing else comes out."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import inspect
import io
import pathlib
import re
import shutil
import types

import numpy as np
import pandas as pd
import pytest

import lupus_pgx
from lupus_pgx.door import KINDS

LONGEST = 4_100


class Broken:
    """Fails whenever it is to be shown."""

    def __repr__(self):
        raise RuntimeError("no text")

    __str__ = __repr__


class NoPath:
    def __fspath__(self):
        return 3


ODD = {
    "None": lambda: None,
    "whole": lambda: 3,
    "negative": lambda: -1,
    "yes": lambda: True,
    "no": lambda: False,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "complex": lambda: 1j,
    "bytes": lambda: b"TPMT",
    "missing": lambda: pd.NA,
    "no date": lambda: pd.NaT,
    "numpy whole": lambda: np.int64(3),
    "numpy yes": lambda: np.bool_(True),
    "array": lambda: np.array(["TPMT", "NUDT15"]),
    "array of one": lambda: np.array("TPMT"),
    "array of arrays": lambda: np.array([["TPMT"]]),
    "array of numbers": lambda: np.array([1.0, 2.0]),
    "array of objects": lambda: np.array([None, "TPMT"], dtype=object),
    "series": lambda: pd.Series(["TPMT"]),
    "index": lambda: pd.Index(["TPMT"]),
    "frame": lambda: pd.DataFrame({"gene": ["TPMT"]}),
    "empty frame": pd.DataFrame,
    "list of None": lambda: [None],
    "list of numbers": lambda: [1],
    "list of lists": lambda: [["TPMT"]],
    "list of tuples": lambda: [()],
    "list of bytes": lambda: [b"TPMT"],
    "empty list": list,
    "list of an empty text": lambda: [""],
    "mapping": lambda: {"TPMT": "*1/*1"},
    "mapping to None": lambda: {"TPMT": None},
    "mapping of numbers": lambda: {3: 4},
    "mapping to yes": lambda: {"LN-01": True},
    "mapping to lists": lambda: {"TPMT": ["*1"]},
    "generator": lambda: (name for name in ["TPMT"]),
    "generator of numbers": lambda: iter([1, 2]),
    "range": lambda: range(3),
    "deque": lambda: collections.deque(["TPMT"]),
    "path": lambda: pathlib.Path("not there"),
    "date": lambda: dt.date(2026, 1, 1),
    "time": lambda: dt.time(1),
    "decimal": lambda: decimal.Decimal("0.9"),
    "decimal that is none": lambda: decimal.Decimal("sNaN"),
    "object": object,
    "broken": Broken,
    "list of broken": lambda: [Broken()],
    "no path": NoPath,
    "class": lambda: str,
    "text file": lambda: io.StringIO("x"),
    "bytes file": lambda: io.BytesIO(b"##fileformat=VCFv4.2\n"),
    "empty text": str,
    "blank": lambda: " ",
    "nul": lambda: "a\0b",
    "half": lambda: "\ud800",
    "word": lambda: "TPMT",
    "long": lambda: "x" * 200_000,
    "longer than a name": lambda: "x" * 300,
    "list of long": lambda: ["x" * 200_000],
    "two lines": lambda: "a\nb",
    "number without end": lambda: 10**5000,
    "list of it": lambda: [10**5000],
    "mapping to it": lambda: {"TPMT": 10**5000},
    "namespace": lambda: types.SimpleNamespace(a=1),
    "error": lambda: lupus_pgx.UsageError,
}


@pytest.fixture(scope="module")
def fx_doors(fx_example, tmp_path_factory):
    """Return what takes one value, by function and parameter."""
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(vcf, genes=["TPMT"], drugs=["azathioprine"])
    patient, knowledge = analysis.patient("LN-01"), lupus_pgx.load_knowledge()
    folder = tmp_path_factory.mktemp("doors")
    calls = {"TPMT": "*1/*3A"}

    def clean(value):  # what is no path is refused; what is one is not to be written where the tests run
        return str(folder / value) if isinstance(value, str) and value.strip() else value

    def cohort(**given):
        shutil.rmtree(folder / "run", ignore_errors=True)
        given = {"paths": vcf, "out": folder / "run", "drugs": ["MMF"], "genes": ["TPMT"], "formats": ["json"]} | given
        return lupus_pgx.analyze_cohort(**given)

    def analyze(**given):
        return lupus_pgx.analyze(**{"paths": vcf, "genes": ["TPMT"], "drugs": ["azathioprine"]} | given)

    doors = {}
    for name in inspect.signature(lupus_pgx.analyze).parameters:
        more = {"absent": "reference"} if name == "called_regions" else {"paths": ()} if name == "sample_sheet" else {}
        doors[f"analyze {name}"] = lambda value, name=name, more=more: analyze(**{**more, name: value})
    for name in inspect.signature(lupus_pgx.respond).parameters:
        doors[f"respond {name}"] = lambda value, name=name: lupus_pgx.respond(
            **{"calls": calls, "drugs": ["azathioprine"], name: value}
        )
    for name in (
        "executor",
        "client",
        "threads",
        "batch",
        "shard_samples",
        "formats",
        "overlay",
        "build",
        "min_gq",
        "today",
        "context",
        "sex",
        "genes",
        "outside_calls",
        "drug",
    ):
        doors[f"cohort {name}"] = lambda value, name=name: cohort(**{name: value})
    doors |= {
        "cohort paths": lambda value: cohort(paths=value),
        "cohort out": lambda value: cohort(out=clean(value)),
        "load_context": lupus_pgx.load_context,
        "load_context today": lambda value: lupus_pgx.load_context({"age": 34}, today=value),
        "load_context knowledge": lambda value: lupus_pgx.load_context({"age": 34}, value),
        "load_knowledge overlay": lupus_pgx.load_knowledge,
        "load_knowledge release": lambda value: lupus_pgx.load_knowledge(release=value),
        "write": lambda value: analysis.write(clean(value), ["json"]),
        "write formats": lambda value: analysis.write(folder / "out", value),
        "patient": analysis.patient,
        "data_of": analysis.data_of,
        "to_html": lambda value: patient.to_html(short=value),
        "compare": lambda value: lupus_pgx.compare(value, patient),
        "write_example": lambda value: lupus_pgx.write_example(clean(value)),
        "write_synthetic_vcf": lambda value: lupus_pgx.write_synthetic_vcf(clean(value), {"A": {}}),
        "write_synthetic_vcf patients": lambda value: lupus_pgx.write_synthetic_vcf(folder / "a.vcf.gz", value),
        "write_synthetic_vcf calls": lambda value: lupus_pgx.write_synthetic_vcf(folder / "a.vcf.gz", {"A": value}),
        "call of a gene": lambda value: lupus_pgx.respond({"TPMT": value}, ["azathioprine"]),
        "rows": knowledge.rows,
        "placed": knowledge.placed,
        "origin": lambda value: knowledge.origin("drugs", value),
        "origin of a table": lambda value: knowledge.origin(value, "azathioprine"),
        "features": lambda value: analysis.features(min_probability=value),
        "features probabilities": lambda value: analysis.features(probabilities=value),
        "feature_dictionary": lambda value: analysis.feature_dictionary(drop_constant=value),
    }
    for name in ("diplotype_of", "drug", "explain", "gene", "response_to"):
        doors[f"patient {name}"] = getattr(patient, name)
    for name in ("contig_facts", "drug", "select_drugs", "select_genes", "with_role"):
        doors[f"knowledge {name}"] = getattr(knowledge, name)
    for name in ("age", "sex", "weight", "creatinine", "therapies", "labs", "co_medication", "conditions", "notes"):
        doors[f"context {name}"] = lambda value, name=name: lupus_pgx.load_context({name: value})
        doors[f"context list of {name}"] = lambda value, name=name: lupus_pgx.load_context({name: [value]})
    return doors


@pytest.mark.every
@pytest.mark.parametrize("odd", ODD)
def test_an_answer_or_one_line(odd, fx_doors, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = []
    for door, function in fx_doors.items():
        try:
            function(ODD[odd]())
        except lupus_pgx.LupusPgxError as error:
            text = str(error)
            lines = text.split("\n")
            # All faults of a context or of tables are told, a line each; and a name of a file may have lines.
            several = re.search("faults? in the (clinical context|knowledge tables)", text) or odd == "two lines"
            one = len(lines) == 1 or several
            if error.exit_code == 70 or not text.strip() or not one or max(map(len, lines)) > LONGEST:
                wrong.append(f"{door}: {text[:200]!r}")
        except Exception as error:
            wrong.append(f"{door}: {type(error).__name__} {str(error)[:200]}")
    assert not wrong, "\n".join(wrong)


def test_every_parameter_has_a_kind():
    public = [lupus_pgx.analyze, lupus_pgx.respond, lupus_pgx.load_context, lupus_pgx.load_knowledge]
    public += [lupus_pgx.analyze_cohort, lupus_pgx.write_example, lupus_pgx.write_synthetic_vcf]
    public += [lupus_pgx.Analysis.write, lupus_pgx.Analysis.features, lupus_pgx.PatientSummary.drug]
    for function in public:
        assert hasattr(function, "__wrapped__"), function
        asked = inspect.signature(function).parameters.values()
        assert {item.name for item in asked if item.kind is not item.VAR_KEYWORD} - {"self"} <= set(KINDS)


@pytest.mark.parametrize("kind", [np.array, pd.Series, pd.Index, tuple, set, iter, lambda names: (x for x in names)])
def test_several_names_however_they_are_held(kind, fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(
        kind([vcf]),
        samples=kind(["LN-01", "NP-02"]),
        genes=kind(["TPMT"]),
        drugs=kind(["AZA"]),
        other_samples=kind(["X"]),
    )
    assert sorted(analysis.sample_ids) == ["LN-01", "NP-02"]
    assert analysis.drug_responses.to_frame().drug.unique().tolist() == ["azathioprine"]
    assert lupus_pgx.load_knowledge().select_genes(kind(["tpmt"])) == ("TPMT",)


def test_calls_made_elsewhere_are_read_however_they_are_held(fx_example, tmp_path):
    path = tmp_path / "calls.tsv"
    path.write_text("sample_id\tgene\tdiplotype\nLN-01\tCYP2D6\t*4/*4\n")
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    for given in (iter([path]), map(str, [path]), pd.Series([str(path)])):
        analysis = lupus_pgx.analyze(vcf, genes=["CYP2D6"], drugs=["HCQ"], outside_calls=given)
        assert analysis.patient("LN-01").gene("CYP2D6").diplotype == "*4/*4"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"paths": None}, "paths: expected a path, or a list of paths; found None"),
        ({"build": 3}, "build: expected a text; found 3"),
        ({"genes": "TPMT"}, "genes: expected a list of names, such as ['TPMT']; found 'TPMT'"),
        ({"genes": [3]}, "genes: expected a list of names, each a text; found 3 among them"),
        ({"min_certainty": True}, "min_certainty: expected a number; found True"),
        ({"min_gq": float("inf")}, "min_gq must be 0 or more, and finite; found inf"),
        ({"drugs": 10**5000}, "drugs: expected a list of names; found a whole number of some 5,000 digits"),
        ({"sex": {"LN-01": True}}, "sex: expected a word by sample, each a text; found True"),
        ({"knowledge": 0}, "knowledge: expected what load_knowledge() returns; found 0"),
        ({"pass_filters": [None]}, "pass_filters: expected a list of names, each a text; found None among them"),
    ],
)
def test_what_is_said(given, words, fx_example):
    with pytest.raises(lupus_pgx.UsageError) as told:
        lupus_pgx.analyze(**{"paths": fx_example["patients.GRCh38.vcf.gz"], "drugs": ["AZA"]} | given)
    assert str(told.value) == words


def test_one_value_of_filter_is_one_name(fx_example):
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(vcf, genes=["TPMT"], drugs=["AZA"], pass_filters="LowQual")
    assert analysis.provenance.parameters["pass_filters"] == ["LowQual"]
