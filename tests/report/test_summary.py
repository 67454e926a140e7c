"""What a person reads: the patient summary, the explanation of a drug, the counts of a cohort."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest
from builder import VcfBuilder

import lupus_pgx
from lupus_pgx.terms import Action

NOTICE = "variant-only"
RESEARCH = "Research use only"


def flat(text) -> str:
    """Undo line breaks, also those after a hyphen."""
    return re.sub(r"\s+", " ", str(text))


def drug_order(text: str) -> list[str]:
    """Drugs in the order of their lines; every other drug is named once, as one of which nothing is said."""
    names = {row["drug"] for row in lupus_pgx.load_knowledge().rows("drugs")}
    section = text.partition("\nDrugs\n")[2].partition("\nGenes\n")[0]
    section, _, silent = section.partition("  Nothing to say")
    lines, _, undecided = section.partition("  Undecided, because")
    silent = flat(silent).partition(": ")[2].strip().split(", ")
    if undecided:
        silent += [name.partition(" (")[0] for name in flat(undecided).partition(": ")[2].strip().split("; ")]
    places = {name: re.search(rf"^  {re.escape(name)} ", lines, re.MULTILINE) for name in names - set(silent)}
    assert all(places.values())
    assert set(silent) < names
    assert len(silent) == len(set(silent))
    return sorted(places, key=lambda name: places[name].start())


def restriction(patient, drug: str) -> int:
    """How much the action of a drug restricts; nothing where it is for information only."""
    action = patient.drug(drug).action
    return -1 if action is Action.INFORMATIVE_ONLY else action.severity


def poor_and_open() -> VcfBuilder:
    """Avoid thiopurines (TPMT *3A/*3A), tacrolimus undecided (rs776746 missing), the rest weak or silent."""
    return VcfBuilder().set("rs1800460", "T/T").set("rs1142345", "C/C").drop("rs776746")


# --- one patient --------------------------------------------------------------------------------


def test_heading_says_who_and_how(fx_patient):
    lines = str(fx_patient(VcfBuilder(samples=["PAT-7"]), ancestry="EAS")).splitlines()
    assert lines[1].startswith("PAT-7: GRCh38; absent loci: unknown; ancestry: EAS")
    assert "ancestry: not given" in str(fx_patient(VcfBuilder()))


def test_what_restricts_most_stands_first(fx_patient):
    patient = fx_patient(poor_and_open())
    order = drug_order(str(patient))
    assert order[:3] == ["azathioprine", "mercaptopurine", "thioguanine"]
    ranks = [restriction(patient, drug) for drug in order]
    assert ranks == sorted(ranks, reverse=True)
    test_first = [drug for drug in order if patient.drug(drug).action is Action.TEST_FIRST]
    assert "tacrolimus" in test_first
    assert order[3 : 3 + len(test_first)] == test_first
    assert order[-1] == "rituximab"
    assert not {"belimumab", "mycophenolate mofetil", "prednisone"} & set(order)


def test_undecided_stands_before_reduce_and_usual():
    asked = [
        "tacrolimus",
        "azathioprine",
        "mercaptopurine",
        "prednisone",
    ]  # tacrolimus: test first; thiopurines: reduce
    both = {"TPMT": "*1/*3A", "NUDT15": "*1/*1"}
    for calls, order in (
        (both, ["tacrolimus", "azathioprine", "mercaptopurine"]),
        ({**both, "CYP3A5": "*3/*3"}, ["azathioprine", "mercaptopurine", "tacrolimus"]),
    ):
        shown = re.findall(r"(?m)^  (\S+) {2,}", str(lupus_pgx.respond(calls, asked)).partition("\nGenes\n")[0])
        assert shown == order
        of_all = drug_order(str(lupus_pgx.respond(calls)))
        assert [drug for drug in of_all if drug in asked] == order


@pytest.mark.parametrize(
    ("calls", "line"),
    [
        ({"TPMT": "*3A/*3A"}, "azathioprine AVOID increased toxicity certain"),
        ({"TPMT": "*1/*3A", "NUDT15": "*1/*1"}, "azathioprine REDUCE DOSE to 30-80% increased toxicity certain"),
        ({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, "azathioprine usual dose typical certain"),
        ({"CYP3A5": "*1/*3"}, "tacrolimus INCREASE DOSE 1.5-2 times reduced exposure certain"),
        ({}, "tacrolimus TEST FIRST indeterminate"),
        ({"FCGR3A": "V/F"}, "rituximab information increased efficacy"),
    ],
)
def test_drug_lines(calls, line):
    assert line in flat(lupus_pgx.respond(calls))


def test_drugs_of_which_nothing_is_said_share_a_line():
    """No marker (prednisone); apart from it, what was not assessed and asks for no test (rituximab)."""
    text = flat(lupus_pgx.respond({"TPMT": "*1/*1"}))
    said, _, rest = text.partition("Nothing to say from the genotype: ")
    silent = rest.partition(" Genes ")[0].split(", ")
    undecided = said.partition("Undecided, because of what was not assessed: ")[2].split("; ")
    assert "prednisone" in silent
    assert "prednisone" not in said
    assert "rituximab (FCGR3A F158V)" in undecided
    (warfarin,) = [name for name in undecided if name.startswith("warfarin (")]
    assert "CYP2C9" in warfarin
    assert "VKORC1" in warfarin
    named = {name.partition(" (")[0] for name in undecided} | set(silent)
    assert not {"azathioprine", "tacrolimus"} & named  # undecided, with a test to complete


def test_few_drugs_are_shown_in_full(fx_knowledge):
    """Asked for by name a drug gets its sentence, whatever it says."""
    names = ["prednisone", "rituximab", "azathioprine"]
    patient = lupus_pgx.respond({"TPMT": "*1/*1", "NUDT15": "*1/*1"}, names)
    text = flat(patient)
    assert "prednisone - no validated marker" in text
    assert flat(fx_knowledge.drug("prednisone").row["statement"]).rstrip(".") in text
    assert "rituximab undecided indeterminate" in text
    assert "not assessed: FCGR3A F158V: rs396991" in text
    for name in names:
        assert flat(patient.drug(name).summary).removeprefix(f"{name}: ") in text
    assert "Nothing to say" not in text
    assert "Nothing to say" in str(lupus_pgx.respond({}, [*names, "belimumab"]))


def test_many_drugs_at_the_usual_dose_have_one_line_each(fx_patient):
    patient = fx_patient(VcfBuilder().set("rs776746", "C/C"))
    lines = str(patient).splitlines()
    usual = [drug for drug, of in patient.results.responses.values.items() if of[0].action is Action.STANDARD]
    assert len(usual) > 20
    # What holds only without a structural variant says so in a second line.
    genes = {
        gene for gene in patient.results.genes.values if patient.results.genes.of(gene, 0).diplotype.structure_unseen
    }
    hidden = {drug for drug in usual if genes & set(patient.results.responses.of(drug, 0).known)}
    assert hidden
    plain = [drug for drug in usual if not patient.drug(drug).conflicts and drug not in hidden]
    for drug in plain:
        (place,) = [number for number, line in enumerate(lines) if line.startswith(f"  {drug} ")]
        assert re.fullmatch(rf"  {drug} +usual dose +typical +(over )?\S*( ?certain)", lines[place])
        assert not lines[place + 1].startswith("   ")


def test_missing_loci_are_named(fx_patient):
    file = VcfBuilder().drop("rs776746", "rs116855232", "rs396991")
    text = flat(fx_patient(file))
    for name in ("CYP3A5: rs776746", "NUDT15: rs116855232", "HLA-B: typing"):
        assert f"not assessed: {name}" in text
    assert "FCGR3A F158V - - (no record)" in text
    asked = flat(fx_patient(file, drugs=["rituximab"]))
    assert "not assessed: FCGR3A F158V: rs396991" in asked


def test_genes_are_listed_with_call_and_status(fx_patient):
    text = flat(fx_patient(poor_and_open()))
    assert "TPMT *3A/*3A Poor Metabolizer (certain 100%)" in text
    assert "(ambiguous" in text
    assert "1 of 7 loci unknown" in text
    assert "FCGR3A F158V F/F low-affinity homozygote (observed)" in text


def test_a_gene_without_a_call_shows_none(fx_patient):
    text = flat(fx_patient(VcfBuilder().drop_gene("NUDT15")))
    assert re.search(r"NUDT15 - - \(not assessed; 20 of 20 loci unknown\)", text)


def test_probability_below_one_is_never_shown_as_100_percent(fx_patient):
    """Imputed, with posteriors that are written as 1."""
    file = VcfBuilder(genes=("TPMT", "NUDT15"))
    for record, *_ in file.records.values():
        record.alts, record.fmt, record.calls = record.alts.split(",")[0], "GT:GP", ["0/0:1,0,0"]
    text = flat(fx_patient(file, drugs=["azathioprine"]))
    assert "genotype over 99.9% certain" in text
    assert "TPMT *1/*1 Normal Metabolizer (probable over 99.9%)" in text


# Calls that reach every kind of sentence.
CALLS = [
    {},
    *(
        {"TPMT": tpmt, "NUDT15": nudt15, "CYP3A5": cyp, "FCGR3A": fcgr, "UGT1A9 -275T>A": ugt, "APOL1": apol}
        for tpmt, nudt15, (cyp, fcgr, ugt, apol) in itertools.product(
            ("*1/*1", "*1/*3A", "*3A/*3C", "*1/*24"),
            ("*1/*1", "*1/*3", "*3/*3"),
            (("*1/*1", "V/V", "T/A", "G1/G2"), ("*3/*3", "F/F", "T/T", "G0/G0"), ("*3/*8", "V/F", "A/A", "G0/G1")),
        )
    ),
]


@pytest.mark.parametrize("number", range(0, len(CALLS), 4))
def test_words_stay_careful(number, fx_knowledge):
    for calls in CALLS[number : number + 4]:
        patient = lupus_pgx.respond(calls)
        texts = [str(patient), *(patient.explain(row["drug"]) for row in fx_knowledge.rows("drugs"))]
        for text in texts:
            words = set(re.findall(r"[a-z]+", text.lower()))
            assert not words & {"explains", "explain", "explained", "causes", "caused", "proves", "guarantees"}
            assert RESEARCH in text
            assert "never prescribes" in flat(text)


@pytest.mark.parametrize(
    ("genotype", "effect"), [("V/V", "a stronger effect"), ("V/F", "a stronger effect"), ("F/F", "a weaker effect")]
)
def test_weak_evidence_is_compatible_with_an_effect(genotype, effect):
    patient = lupus_pgx.respond({"FCGR3A": genotype})
    sentence = patient.drug("rituximab").summary
    assert f"is compatible with {effect}, for information only" in sentence
    assert "evidence conflicts" in sentence
    assert "compatible with" in flat(patient)


def test_apol1_effect_is_told_where_risk_haplotypes_are_carried():
    assert "non-immune kidney injury" in flat(lupus_pgx.respond({"APOL1": "G1/G2"}))
    assert "non-immune kidney injury" not in flat(lupus_pgx.respond({"APOL1": "G0/G0"}))


def test_what_if_says_that_nothing_was_read():
    text = str(lupus_pgx.respond({"TPMT": "*1/*1"}))
    assert "what-if: calls as given, nothing read from a file" in text
    assert NOTICE not in text


def test_data_release_is_named(fx_knowledge):
    assert str(lupus_pgx.respond({})).endswith(f"Data release {fx_knowledge.release}.")


def test_lines_fit_a_terminal(fx_patient):
    for text in (str(fx_patient(poor_and_open())), fx_patient(poor_and_open()).explain("azathioprine")):
        long = [line for line in text.splitlines() if len(line) > 100 and "https://" not in line]
        assert long == []


# --- notice -------------------------------------------------------------------------------------


def variant_only(build: str = "GRCh38", samples: int = 1) -> VcfBuilder:
    """Only records in which somebody carries an ALT; essential loci of all seven genes: 18."""
    file = VcfBuilder(build=build, samples=[f"S{number}" for number in range(samples)])
    file.set("rs1800460", "C/T").set("rs1142345", "T/C")
    return file.variants_only()


def test_variant_only_notice_gives_count_and_remedies(fx_patient, fx_knowledge):
    essential = {(row["gene"], row["locus"]) for row in fx_knowledge.rows("loci") if row["essential"] == "yes"}
    patient = fx_patient(variant_only())
    (notice,) = patient.notices
    assert NOTICE in notice
    assert f"{len(essential) - 2} of {len(essential)} essential loci were not observed" in notice
    assert "absent='reference'" in notice
    assert "--absent reference" in notice
    assert "lupus-pgx positions" in notice
    text = flat(patient)
    assert flat(notice) in text
    assert text.index(NOTICE) < text.index("Drugs")
    assert NOTICE in patient.explain("azathioprine")


def test_no_notice_where_reference_is_recorded(fx_patient):
    patient = fx_patient(VcfBuilder())
    assert patient.notices == ()
    assert NOTICE not in str(patient)
    assert NOTICE not in str(fx_patient(VcfBuilder().drop("rs776746", "rs1800460")))


def test_once_the_user_has_said_what_absent_means_the_notice_says_whether_it_was_believed(fx_patient):
    patient = fx_patient(variant_only(), absent="reference")
    (notice,) = patient.notices
    assert notice.startswith("The statement --absent reference was not believed everywhere")
    assert NOTICE not in str(patient)
    assert "absent loci: reference was stated, not believed: unknown" in flat(str(patient))
    assert "Loci without a record: <b>reference was stated, not believed: unknown" in flat(patient.to_html())


def test_no_notice_for_a_failed_sample_of_a_full_file(fx_analyze):
    """Its genotypes are missing, its records are not: `--absent reference` would be no remedy."""
    file = VcfBuilder(samples=["GOOD", "FAILED"])
    for records in file.records.values():
        records[0].calls[1] = "./."
    analysis = fx_analyze(file)
    assert NOTICE not in str(analysis.cohort())
    assert NOTICE not in str(analysis.patient("GOOD"))
    assert NOTICE not in str(analysis.patient("FAILED"))


def test_cohort_notice(fx_analyze):
    cohort = flat(fx_analyze(variant_only(samples=7)).cohort())
    assert NOTICE in cohort
    assert cohort.index(NOTICE) < cohort.index("Drugs (samples)")


# --- explanation --------------------------------------------------------------------------------


def test_explanation_goes_from_loci_to_citations(fx_patient):
    file = VcfBuilder().set("rs1800460", "C/T").set("rs1142345", "T/C")
    text = fx_patient(file).explain("AZA")
    assert text.startswith("azathioprine for S1")
    places = [
        text.index(part)
        for part in (
            "azathioprine: ",
            "rs1142345 at chr6:18130687 is T/C (observed, essential",
            "candidate *1/*3A (97.6% to over 99.9%, by population): normal function + no function ->",
            "candidate *3B/*3C",
            "call: *1/*3A, probable; Intermediate Metabolizer",
            "to settle: phase",
            "Guideline rows that fired",
            "CPIC 2025, non-malignant disease: if TPMT=",
            "DPWG 2025, thiopurine users",
            "Evidence rows that the genotypes of this patient meet",
            "Citations",
            "[PMID:41618934] CPIC 2026.",
            RESEARCH,
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("build", "place"), [("GRCh38", "rs776746 at chr7:99672916 is T/C"), ("GRCh37", "rs776746 at 7:99270539 is T/C")]
)
def test_explanation_gives_the_place_on_the_build(build, place, fx_patient):
    assert place in fx_patient(VcfBuilder(build=build).set("rs776746", "T/C")).explain("tacrolimus")


def test_explanation_says_what_would_settle_the_call(fx_patient):
    text = flat(fx_patient(VcfBuilder().drop("rs776746")).explain("tacrolimus"))
    assert "no record: rs776746" in text
    assert "to settle: genotype rs776746" in text
    assert "Guideline rows that fired none" in text


def test_explanation_of_given_calls():
    text = flat(lupus_pgx.respond({"CYP3A5": "*1/*3"}).explain("tacrolimus"))
    assert "candidate *1/*3 (given): normal function + no function -> Intermediate Metabolizer" in text
    assert "CPIC 2015, transplant recipients; not written for lupus: if CYP3A5=Intermediate" in text
    assert "(1.5-2 times of the usual dose)" not in text
    assert "[PMID:25801146]" in text


def test_explanation_of_a_typing():
    text = flat(lupus_pgx.respond({"HLA-B": "*07:02/*58:01"}).explain("allopurinol"))
    assert "candidate *07:02/*58:01 (given) call: *07:02/*58:01" in text
    assert "if HLA-B:allele=*58:01, then avoid" in text


def test_names_and_addresses_are_not_broken_at_a_hyphen(fx_patient, fx_knowledge):
    """What is cited can be copied and found."""
    patient = fx_patient(poor_and_open())
    urls = {row["citation"]: row["url"] for row in fx_knowledge.rows("citations")}
    for drug in ("azathioprine", "mycophenolate mofetil", "rituximab", "cyclophosphamide"):
        lines = patient.explain(drug).splitlines()
        for name in patient.drug(drug).citations:
            assert any(line.strip().endswith(urls[name]) for line in lines), name
        assert not [line for line in lines if re.search(r"\w-$", line) and "http" not in line]


def test_explanation_of_every_drug_cites_sources(fx_patient, fx_knowledge):
    patient = fx_patient(poor_and_open())
    urls = {row["citation"]: row["url"] for row in fx_knowledge.rows("citations")}
    for row in fx_knowledge.rows("drugs"):
        text = patient.explain(row["drug"])
        cited = re.findall(r"^   \[(.+?)\] ", text.split("\nCitations\n")[1], re.MULTILINE)
        assert cited
        assert set(cited) <= set(urls)
        # Every citation of a fired row is resolved at the end.
        shown = flat(text.split("\nCitations\n")[0])
        for name in itertools.chain.from_iterable(part.split(";") for part in re.findall(r"\[([^\]]+)\]", shown)):
            assert name in urls


def test_explanation_of_a_gene_left_out(fx_patient):
    text = fx_patient(VcfBuilder(), genes=["TPMT"]).explain("azathioprine")
    assert "not among the genes of this analysis" in text


# --- cohort -------------------------------------------------------------------------------------


@pytest.fixture
def fx_twelve_samples(fx_analyze):
    """Twelve samples: TPMT *1/*1 seven times, *1/*3C three times and *3C/*3C twice; CYP3A5 unknown in four."""
    file = VcfBuilder(samples=[f"S{number}" for number in range(12)])
    file.set("rs1142345", *["T/T"] * 7, *["T/C"] * 3, *["C/C"] * 2)
    file.set("rs776746", *["C/C"] * 5, *["./."] * 4, *["T/C"] * 3)
    return fx_analyze(file).cohort()


def test_cohort_counts_are_those_of_the_samples(fx_twelve_samples):
    assert fx_twelve_samples.phenotypes()["TPMT"] == {
        "Normal Metabolizer": 7,
        "Intermediate Metabolizer": 3,
        "Poor Metabolizer": 2,
    }
    assert fx_twelve_samples.actions()["azathioprine"] == {"usual dose": 7, "reduce dose": 3, "avoid": 2}
    assert fx_twelve_samples.actions()["tacrolimus"] == {"usual dose": 5, "indeterminate": 4, "increase dose": 3}
    assert fx_twelve_samples.actions()["prednisone"] == {"no validated marker": 12}


def test_cohort_counts_add_up(fx_twelve_samples):
    for counts in (fx_twelve_samples.actions(), fx_twelve_samples.phenotypes()):
        assert counts
        assert {sum(counter.values()) for counter in counts.values()} == {12}


def test_cohort_counts_equal_the_frames(fx_analyze):
    file = VcfBuilder(samples=[f"S{number}" for number in range(9)]).set("rs776746", *["T/T", "T/C", "C/C"] * 3)
    analysis = fx_analyze(file)
    frame = analysis.diplotypes.to_frame()
    for gene, counter in analysis.cohort().phenotypes().items():
        rows = frame[frame.gene == gene]
        nothing = "not assessed" if (rows.call_status == "no_call").all() else "no phenotype assigned"
        # A phenotype of sequence alone is counted as one where the structure decides.
        alone = rows.phenotype.notna() & (analysis.knowledge.star_genes[gene].structure == "not assessed")
        counted = rows.phenotype.fillna(nothing) + alone.map({True: " (structure not assessed)", False: ""})
        assert counter == Counter(counted)


def test_cohort_text(fx_twelve_samples):
    text = flat(fx_twelve_samples)
    assert text.startswith("12 samples, GRCh38, absent loci: unknown")
    assert "azathioprine usual dose 7, reduce dose 3, avoid 2" in text
    assert "TPMT Normal Metabolizer 7, Intermediate Metabolizer 3, Poor Metabolizer 2" in text
    assert RESEARCH in text


@pytest.mark.parametrize(("samples", "one_by_one"), [(5, True), (6, False)])
def test_few_samples_are_shown_one_by_one(samples, one_by_one, fx_analyze):
    text = str(fx_analyze(VcfBuilder(samples=[f"S{number}" for number in range(samples)])))
    assert (text.count(RESEARCH) == samples) == one_by_one
    assert ("Drugs (samples)" in text) != one_by_one


def test_explanation_names_what_a_vcf_cannot_tell():
    text = flat(lupus_pgx.respond({"FCGR3A": "V/F"}).explain("rituximab"))
    assert "What a VCF cannot tell of these genes" in text
    assert "FCGR3A copy number: " in text
    assert "droplet digital PCR" in text
    assert "What a VCF cannot tell" not in lupus_pgx.respond({"TPMT": "*1/*1"}).explain("azathioprine")
