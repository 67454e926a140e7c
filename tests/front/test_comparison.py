"""What changes from one result to another."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from builder import Rec, VcfBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx import UsageError
from lupus_pgx.comparison import TABLES
from lupus_pgx.result_parts import ResultFrame
from lupus_pgx.results.context_tables import CONTEXT_TABLES

VIEWS = {"drugs": "drug_responses"}
KEYS = {name: columns.keys for name, columns in TABLES.items()}
TPMT = ["*1/*1", "*1/*3A", "*3A/*3A", "*1/*3C", "*2/*3A"]
FCGR3A = ["V/V", "V/F", "F/F"]


def cells(result, table):
    """All cells of a result table by sample, key and column, as text."""
    if table in CONTEXT_TABLES:
        frame = ResultFrame(table, result.results).to_frame()
    else:
        frame = getattr(result, VIEWS.get(table, table)).to_frame()
    found = {}
    for row in frame.to_dict("records"):
        sample = row.pop("sample_id")
        key = " ".join(str(row[column]) for column in KEYS[table] if not pd.isna(row[column]))
        while (sample, key, "repeated") in found:  # a drug may be checked for one subject by several rows
            key += " again"
        found[sample, key, "repeated"] = ""
        found |= {(sample, key, column): cell for column, cell in row.items()}
    return found


def differing(before, after):
    """Cells that differ, found the slow way: (sample, table, key, column), rows of one side as ``row``."""
    found = set()
    for table in TABLES:
        one, other = cells(before, table), cells(after, table)
        for place in one.keys() | other.keys():
            sample, key, column = place
            if place not in one or place not in other:
                found.add((sample, table, re.sub("( again)+$", "", key), "row"))
            elif not (one[place] == other[place] or (pd.isna(one[place]) and pd.isna(other[place]))):
                found.add((sample, table, re.sub("( again)+$", "", key), column))
    return found


def told(comparison):
    frame = comparison.to_frame()
    return set(zip(frame.sample_id, frame.table, frame.key, frame.column, strict=True))


@pytest.fixture(scope="module")
def fx_two():
    one = lupus_pgx.respond({"TPMT": "*1/*1", "NUDT15": "*1/*1", "FCGR3A": "V/F"})
    return one, lupus_pgx.respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1", "FCGR3A": "F/F"})


def test_a_patient_with_another_diplotype(fx_two):
    frame = lupus_pgx.compare(*fx_two).to_frame()
    changed = frame.set_index(["table", "key", "column"])[["before", "after"]].sort_index()
    assert changed.loc[("diplotypes", "TPMT", "diplotype")].tolist() == ["*1/*1", "*1/*3A"]
    assert changed.loc[("diplotypes", "TPMT", "phenotype")].tolist() == [
        "Normal Metabolizer",
        "Intermediate Metabolizer",
    ]
    assert changed.loc[("markers", "FCGR3A F158V", "effect_allele_count")].tolist() == ["1", "0"]
    assert changed.loc[("drugs", "azathioprine", "action")].tolist() == ["standard", "reduce_dose"]
    assert changed.loc[("drugs", "azathioprine", "dose_factor_low")].tolist() == ["1", "0.3"]
    assert "NUDT15" not in changed.index.get_level_values("key")
    rule = "azathioprine CPIC 2025 TPMT=Normal Metabolizer & NUDT15=Normal Metabolizer"
    before, after = changed.loc[("guidance", rule, "row")]
    assert before == "present"
    assert pd.isna(after)


def test_the_text_has_words_in_the_place_of_columns_and_codes():
    """Every change of this pair of calls is printed; the frame keeps names and values of the tables."""
    calls = {"CYP2C19": "*2/*2", "TPMT": "*1/*1"}, {"CYP2C19": "*1/*1", "TPMT": "*3A/*3A"}
    one, other = (lupus_pgx.respond(call) for call in calls)
    comparison = lupus_pgx.compare(one, other)
    frame, text = comparison.to_frame(), str(comparison)
    printed = frame[frame.table.isin(["drugs", "diplotypes", "markers"])]
    codes = {str(cell) for cell in [*printed.column, *printed.before, *printed.after] if "_" in str(cell)}
    assert {"predicted_response", "consider_alternative", "meta_analysis"} <= codes
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b", text.replace("to_frame", ""))
    # What is undecided is not for information, though the column action holds the same value for both.
    (amitriptyline,) = re.findall(r"(?m)^  amitriptyline\n((?: {6}.*\n)+)", text)
    assert "genotype asks for     avoid -> undecided" in amitriptyline
    assert "asked for in all" not in amitriptyline  # the same change again
    (abrocitinib,) = re.findall(r"(?m)^  abrocitinib\n((?: {6}.*\n)+)", text)
    assert "dose                  50% of the usual dose -> usual dose" in abrocitinib
    assert "highest dose          at most 100 mg/day -> nothing" in abrocitinib


def test_the_text_of_a_patient(fx_two):
    text = str(lupus_pgx.compare(*fx_two))
    assert "what-if: what changes" in text
    assert "genotype asks for     usual dose -> reduce dose" in text
    assert "now: rituximab: FCGR3A F158V F/F (low-affinity homozygote)" in text
    assert "new: TPMT *1/*3A Intermediate Metabolizer" in text
    assert "no longer TPMT *1/*1 Normal Metabolizer" in text
    assert "hydroxychloroquine" not in text
    assert max(map(len, text.splitlines())) <= 96
    assert repr(lupus_pgx.compare(*fx_two)).startswith("<Comparison of 1 sample: ")


@settings(max_examples=12)
@given(
    first=st.tuples(st.sampled_from(TPMT), st.sampled_from(FCGR3A)),
    second=st.tuples(st.sampled_from(TPMT), st.sampled_from(FCGR3A)),
)
def test_every_cell_that_differs_is_told_and_no_other(first, second):
    drugs = ["azathioprine", "rituximab", "tocilizumab"]
    one, other = (lupus_pgx.respond({"TPMT": a, "FCGR3A": b}, drugs=drugs) for a, b in (first, second))
    comparison = lupus_pgx.compare(one, other)
    assert told(comparison) == differing(one, other)
    assert bool(comparison) == (first != second)
    back = lupus_pgx.compare(other, one).to_frame()
    there = comparison.to_frame().rename(columns={"before": "after", "after": "before"})
    order = ["table", "key", "column"]
    pd.testing.assert_frame_equal(
        back.sort_values(order, ignore_index=True), there[back.columns].sort_values(order, ignore_index=True)
    )


def test_nothing_differs_from_itself(fx_example, fx_two):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])
    for one, other in ((analysis, analysis), (analysis.patient("LN-01"), analysis.patient("LN-01")), fx_two[:1] * 2):
        comparison = lupus_pgx.compare(one, other)
        assert not comparison
        assert comparison.to_frame().empty
        assert comparison.to_frame().columns.tolist() == ["sample_id", "table", "key", "column", "before", "after"]
        assert "No result differs." in str(comparison)


def test_context_and_ancestry_are_named(tmp_path):
    calls = {"CYP2D6": "*1/*1"}
    plain = lupus_pgx.respond(calls, drugs=["codeine"])
    treated = lupus_pgx.respond(calls, drugs=["codeine"], context={"co_medication": ["paroxetine"], "ancestry": "EAS"})
    comparison = lupus_pgx.compare(plain, treated)
    text = str(comparison)
    assert "context: not given -> given" in text
    assert "ancestry: not given -> EAS" in text
    frame = comparison.to_frame()
    (adjusted,) = frame[(frame.table == "diplotypes") & (frame.column == "adjusted_phenotype")].itertuples()
    assert pd.isna(adjusted.before)
    assert adjusted.after == "Poor Metabolizer"
    assert frame[(frame.table == "drugs") & (frame.column == "action")].after.tolist() == ["avoid"]


def test_what_a_context_adds_is_compared():
    context = {
        "sex": "female",
        "manifestations": {"lupus nephritis": {"class": ["IV"]}},
        "therapies": [
            {
                "drug": "MMF",
                "dose": "2 g/day",
                "start": "2024-01-10",
                "stop": "2024-09-01",
                "outcome": "inadequate_response",
            }
        ],
    }
    calls = {"TPMT": "*1/*1", "NUDT15": "*1/*1"}
    without = lupus_pgx.respond(calls)
    one = lupus_pgx.respond(calls, context={**context, "pregnancy": False})
    other = lupus_pgx.respond(calls, context={**context, "pregnancy": True})
    for before, after in ((one, other), (without, one)):
        comparison = lupus_pgx.compare(before, after)
        assert told(comparison) == differing(before, after)
    frame = lupus_pgx.compare(one, other).to_frame()
    assert {"checks", "drugs", "options"} <= set(frame.table)
    text = str(lupus_pgx.compare(one, other))
    assert "context: given -> another" in text
    assert "Options: " in text
    assert max(map(len, text.splitlines())) <= 96


def test_drugs_that_only_one_result_has_are_said_not_compared():
    one = lupus_pgx.respond({"TPMT": "*1/*1"}, drugs=["azathioprine", "rituximab"])
    other = lupus_pgx.respond({"TPMT": "*1/*1"}, drugs=["azathioprine", "MMF"])
    comparison = lupus_pgx.compare(one, other)
    assert comparison
    assert comparison.to_frame().empty
    assert ("drugs", ("rituximab",), ("mycophenolate mofetil",)) in comparison.uncompared
    assert "drugs only before, not compared: rituximab" in str(comparison)
    assert "drugs only after, not compared: mycophenolate mofetil" in str(comparison)


def test_another_data_release_is_said(tmp_path, fx_knowledge):
    rows = [
        row for row in fx_knowledge.rows("guidance") if row["drug"] == "azathioprine" and row["guideline"] == "CPIC"
    ]
    changed = [{**row, "strength": "a test strength"} for row in rows]
    lines = ["\t".join(rows[0])]
    lines += ["\t".join("" if cell is None else f"{cell}" for cell in row.values()) for row in changed]
    (tmp_path / "guidance.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    overlaid = lupus_pgx.load_knowledge(overlay=tmp_path)
    calls = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
    one, other = (lupus_pgx.respond(calls, ["azathioprine"], known) for known in (fx_knowledge, overlaid))
    comparison = lupus_pgx.compare(one, other)
    assert f"data release: {fx_knowledge.release} -> {overlaid.release}" in " ".join(str(comparison).split())
    frame = comparison.to_frame()
    assert frame[(frame.table == "drugs") & (frame.column == "strength")].after.tolist() == ["a test strength"]


def test_a_cohort_under_another_policy(tmp_path):
    builder = VcfBuilder(samples=["S1", "S2", "S3"], genes=("TPMT", "NUDT15", "FCGR3A"))
    builder.set("rs1142345", "T/C", "T/T", "T/T").set("rs1800460", "C/T", "C/C", "C/C")
    path = builder.drop("rs116855232").like_a_genome().write(tmp_path / "cohort")
    one = lupus_pgx.analyze(path, drugs=["azathioprine", "rituximab"])
    other = lupus_pgx.analyze(path, drugs=["rituximab", "AZA"], absent="reference")
    comparison = lupus_pgx.compare(one, other)
    assert told(comparison) == differing(one, other)
    frame = comparison.to_frame()
    order = [one.sample_ids.index(sample) for sample in frame.sample_id]
    assert order == sorted(order)
    text = str(comparison)
    assert "3 samples: what changes" in text
    assert "absent: unknown -> reference" in text
    assert "azathioprine (3 samples)" in text
    assert "test first -> usual dose: 2" in text
    assert "at least 20% of the usual dose -> at least 30% of the usual dose: 1" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 96


def test_samples_of_analyses_may_stand_in_another_order(tmp_path):
    genotypes = {"A": "T/C", "B": "T/T", "C": "C/C"}

    def analysis(order):
        builder = VcfBuilder(samples=list(order), genes=("TPMT",))
        builder.set("rs1142345", *(genotypes[sample] for sample in order))
        return lupus_pgx.analyze(builder.write(tmp_path / order), drugs=["AZA"])

    one, other = analysis("ABC"), analysis("CAB")
    assert other.sample_ids != one.sample_ids
    assert not lupus_pgx.compare(one, other)


def test_rows_of_single_samples_are_compared(tmp_path):
    """Variants that no allele lists stand outside the distinct genotypes."""

    def analysis(genotype, name):
        builder = VcfBuilder(samples=["A", "B"], genes=("TPMT",))
        builder.meta.append('##INFO=<ID=ANN,Number=.,Type=String,Description="Functional annotations">')
        info = "ANN=A|stop_gained|HIGH|TPMT|ENSG1|transcript|ENST1"
        builder.add(Rec("chr6", 18140000, "G", "A", ["0/1", genotype], info=info))
        return lupus_pgx.analyze(builder.write(tmp_path / name), genes=["TPMT"], drugs=["AZA"])

    one, other = analysis("0/1", "one"), analysis("1/1", "other")
    assert (one.variants.to_frame().status == "unlisted_variant").sum() == 2
    frame = lupus_pgx.compare(one, other).to_frame()
    changed = frame[["sample_id", "table", "column", "before", "after"]].to_numpy().tolist()
    assert changed == [["B", "variants", "genotype", "G/A", "A/A"]]


def test_what_cannot_be_compared(fx_example, fx_two):
    path = fx_example["patients.GRCh38.vcf.gz"]
    analysis = lupus_pgx.analyze(path, drugs=["AZA"])
    with pytest.raises(UsageError, match="found Analysis and PatientSummary"):
        lupus_pgx.compare(analysis, fx_two[0])
    with pytest.raises(UsageError, match="found DataFrame and DataFrame"):
        lupus_pgx.compare(pd.DataFrame(), pd.DataFrame())
    with pytest.raises(UsageError, match="1 are in one only, such as 'CU-03' in the first"):
        lupus_pgx.compare(analysis, lupus_pgx.analyze(path, drugs=["AZA"], samples=["LN-01", "NP-02"]))


def test_two_patients_may_have_different_names(fx_example, fx_two):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"])
    comparison = lupus_pgx.compare(analysis.patient("LN-01"), fx_two[0])
    assert "LN-01 -> what-if: what changes from before (first) to after (second)" in str(comparison)
    assert set(comparison.to_frame().sample_id) == {"LN-01"}
    assert [item.table for item in comparison.uncompared] == ["variants"]


@pytest.mark.real
def test_a_large_cohort(fx_real):
    path = fx_real / "1kgp-GRCh38.vcf.gz"
    asked = {"genes": ["TPMT", "NUDT15", "CYP3A5"], "drugs": ["azathioprine", "tacrolimus"]}
    one, other = (lupus_pgx.analyze(path, absent=absent, **asked) for absent in ("unknown", "reference"))
    frame = lupus_pgx.compare(one, other).to_frame()
    actions = [result.drug_responses.to_frame().action.to_numpy() for result in (one, other)]
    expected = int(np.sum(actions[0] != actions[1]))
    assert len(frame[(frame.table == "drugs") & (frame.column == "action")]) == expected
    assert set(frame.sample_id) <= set(one.sample_ids)


def test_what_if_against_another_call(fx_cli):
    code, out, err = fx_cli("whatif", "TPMT=*1/*3A", "NUDT15=*1/*1", "--versus", "TPMT=*1/*1", "--drugs", "AZA")
    assert (code, err) == (0, "")
    assert "genotype asks for     usual dose -> reduce dose" in out
    assert "NUDT15" in out
    code, out, err = fx_cli("whatif", "TPMT=*1/*3A", "--versus", "TPMT")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "expected GENE=CALL" in err
