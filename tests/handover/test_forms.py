"""Result files of other callers, each written here in its form: three samples, a no-call, a tie, copies, a hybrid."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

import lupus_pgx
from lupus_pgx.handover.given import handed_over

SAMPLES = ["P1", "P2", "P3", "P4", "P5", "P6"]


@pytest.fixture
def fx_read(tmp_path, fx_knowledge):
    """Write files and read them for six samples: ``{(gene, sample): what was handed over}``."""

    def run(files, samples=SAMPLES, **options):
        paths = []
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        found = handed_over(paths, fx_knowledge, samples, **options)
        return {(gene, samples[number]): item for (gene, number), item in found.items()}

    return run


def pairs(found, gene, sample):
    """The possible pairs as text; ``None`` for a call that was not made."""
    item = found[gene, sample]
    return None if item.no_call else ["/".join(pair) for pair in item.pairs]


def table(*rows):
    return "".join("\t".join(row) + "\n" for row in rows)


def archive(gene, *rows, kind="SampleTable[Results]"):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("x1/metadata.txt", f"Platform=WGS\nGene={gene}\nAssembly=GRCh38\nSemanticType={kind}\n")
        header = ("", "Genotype", "Phenotype", "Haplotype1", "Haplotype2", "AlternativePhase", "VariantData", "CNV")
        file.writestr("x1/data.tsv", table(header, *rows))
    return content.getvalue()


SIX = {
    "P1": ["*1/*4"],
    "P2": ["*2/*2x2"],
    "P3": ["*5/*68 + *4"],
    "P4": None,
    "P5": ["*1/*46", "*43/*45"],
    "P6": ["*36 + *10/*41"],
}
"""What the CYP2D6 files below say: a pair, copies, hybrids, a no-call, a tie, a hybrid with a copy."""


CYRIUS = table(
    ("Sample", "Genotype", "Filter"),
    ("P1", "*1/*4", "PASS"),
    ("P2", "*2/*2x2", "PASS"),
    ("P3", "*5/*68+*4", "PASS"),
    ("P4", "None", "None"),
    ("P5", "*1/*46;*43/*45", "More_than_one_possible_genotype"),
    ("P6", "*36+*10/*41", "PASS"),
)
CYRIUS_JSON = json.dumps(
    {
        line.split("\t")[0]: {"Total_CN": 4, "Genotype": line.split("\t")[1], "Filter": line.split("\t")[2]}
        for line in CYRIUS.splitlines()[1:]
    }
)
ALDY = table(
    ("#Sample", "Gene", "SolutionID", "Major", "Minor", "Copy", "Allele", "Location", "Type"),
    ("#Solution 1: *1.001, *4.021",),
    ("P1", "CYP2D6", "1", "*1/*4", "1.001;4.021", "0", "1.001", "", ""),
    ("P1", "CYP2D6", "1", "*1/*4", "1.001;4.021", "1", "4.021", "42128944", "C>T"),
    ("P2", "CYP2D6", "1", "*2/*2+*2", "2.001;2.001;2.001", "0", "2.001", "", ""),
    ("P3", "CYP2D6", "1", "*5/*68+*4", "68;4.013", "0", "68", "", ""),
    ("P4", "CYP2D6", "1", "None", "", "0", "", "", ""),
    ("P5", "CYP2D6", "1", "*1/*46", "1.001;46.001", "0", "1.001", "", ""),
    ("#Solution 2: *43.001, *45.001",),
    ("P5", "CYP2D6", "2", "*43/*45", "43.001;45.001", "0", "43.001", "", ""),
    ("P6", "CYP2D6", "1", "*36+*10/*41", "36.001;10.002;41.001", "0", "36.001", "", ""),
)
STARGAZER = table(
    ("name", "status", "hap1_main", "hap2_main", "dip_score", "phenotype"),
    ("P1", "g", "*1", "*4", "1", "intermediate_metabolizer"),
    ("P2", "g", "*2", "*2x2", "3", "ultrarapid_metabolizer"),
    ("P3", "g", "*5", "*68+*4", "0", "poor_metabolizer"),
    ("P4", "ng", ".", ".", ".", "unknown"),
    ("P6", "g", "*36+*10", "*41", "0.75", "intermediate_metabolizer"),
)
PYPGX_ROWS = [
    ("P1", "*1/*4", "Intermediate Metabolizer", "*1;", "*4;*10;", ";", "", "Normal"),
    ("P2", "*2/*2x2", "Ultrarapid Metabolizer", "*2;", "*2;", ";", "", "Duplication"),
    ("P3", "*5/*68+*4", "Poor Metabolizer", "*4;", "*68;", ";", "", "DeletionHet"),
    ("P4", "Indeterminate", "Indeterminate", "*2;", "*68;", ";", "", "Tandem2A"),
    ("P6", "*36+*10/*41", "Intermediate Metabolizer", "*10;", "*41;", ";", "", "Tandem2B"),
]
OURS = table(
    ("sample_id", "gene", "diplotype", "call_status", "candidates", "phenotype"),
    ("P1", "CYP2D6", "*1/*4", "outside", "*1/*4=1", "Intermediate Metabolizer"),
    ("P2", "CYP2D6", "*2/*2x2", "outside", "*2/*2x2=1", ""),
    ("P3", "CYP2D6", "*5/*68 + *4", "outside", "*5/*68 + *4=1", ""),
    ("P4", "CYP2D6", "", "no_call", "", ""),
    ("P5", "CYP2D6", "*1/*46", "ambiguous", "*1/*46=0.5000;*43/*45=0.5000", ""),
    ("P6", "CYP2D6", "*41/*36 + *10", "outside", "*41/*36 + *10=1", ""),
)
OWN_TABLE = table(
    ("sample_id", "gene", "diplotype"),
    ("P1", "CYP2D6", "*4/*1"),
    ("P2", "CYP2D6", "CYP2D6*2x2/*2"),
    ("P3", "CYP2D6", "*4+*68/*5"),
    ("P4", "CYP2D6", "no call"),
    ("P5", "CYP2D6", "*1/*46 or *43/*45"),
    ("P6", "CYP2D6", "[*36 + *10]/*41"),
)


def stellar(result):
    return (
        "CYP2D6 Star Allele Calling with StellarPGx\n\nInitially computed CN = 2\n\nCore variants:\n~\n\n"
        f"Candidate alleles:\n['1.v1_4.v1']\n\n\nResult:\n{result}\n\nActivity score:\n1.0\n"
    )


def starphase(*entries, simple=None):
    listed = [{"hap1": one, "hap2": two, "diplotype": f"{one}/{two}"} for one, two in entries]
    gene = {"diplotypes": listed, "simple_diplotypes": simple, "inexact_diplotypes": None}
    return json.dumps({"pbstarphase_version": "2.0.0", "gene_details": {"CYP2D6": gene}})


def targeted(genotype, sample=None, passed="PASS"):
    about = {"sampleId": sample} if sample else {}
    return json.dumps({**about, "cyp2d6": {"genotype": genotype, "genotypeFilter": passed}, "smn": {"copyNumber": 2}})


@pytest.mark.parametrize(
    "files",
    [
        {"cyrius.tsv": CYRIUS},
        {"cyrius.json": CYRIUS_JSON},
        {"all.aldy": ALDY},
        {"CYP2D6/genotype-calls.tsv": STARGAZER},
        {"results.zip": archive("CYP2D6", *PYPGX_ROWS)},
        {"diplotypes.tsv": OURS},
        {"calls.tsv": OWN_TABLE},
        {"calls.csv": OWN_TABLE.replace("\t", ",")},
        {
            "P1_cyp2d6.alleles": stellar("*1/*4"),
            "P2_cyp2d6.alleles": stellar("*2/*2x2"),
            "P3_cyp2d6.alleles": stellar("*5/*68+*4"),
            "P4_cyp2d6.alleles": stellar("Possible rare CYP2D6/2D7 hybrid present"),
            "P5_cyp2d6.alleles": stellar("*1/*46 or *43/*45"),
            "P6_cyp2d6.alleles": stellar("[*36+*10/*41]"),
        },
        {
            "CYP2D6/summary.txt": table(
                ("P1", "*1/*4"), ("P2", "*2/*2x2"), ("P3", "*5/*68+*4"), ("P4", "No_call"), ("P6", "*36+*10/*41")
            )
        },
        {
            "P1.starphase.json": starphase(("*1.001", "*4.001"), simple=[{"hap1": "*1", "hap2": "*4"}]),
            "P2.starphase.json": starphase(("*2.001", "*2x2")),
            "P3.starphase.json": starphase(("*5", "*68+*4.001")),
            "P4.starphase.json": starphase(("NO_MATCH", "NO_MATCH")),
            "P5.starphase.json": starphase(("*1", "*46"), ("*43", "*45")),
            "P6.starphase.json": starphase(("*36+*10", "*41")),
        },
        {
            "P1.targeted.json": targeted("*1/*4"),
            "b.targeted.json": targeted("*2/*2x2", "P2"),
            "P3.targeted.json": targeted("*5/*68+*4"),
            "P4.targeted.json": targeted("None"),
            "P5.targeted.json": targeted("*1/*46;*43/*45", passed="More_than_one_possible_genotype"),
            "P6.targeted.json": targeted("*36+*10/*41"),
        },
        {
            "P1.outside.tsv": "CYP2D6\t*1/*4\n",
            "P2.outside.tsv": "# a comment\nCYP2D6\tCYP2D6*2/CYP2D6*2x2\n",
            "P3.outside.tsv": "CYP2D6\t*5/*68+*4\t\t\n",
            "P4.outside.tsv": "CYP2D6\tUnknown/Unknown\n",
            "P6.outside.tsv": "CYP2D6\t[*36 + *10]/*41\n",
        },
    ],
    ids=lambda files: next(iter(files)),
)
def test_callers_of_cyp2d6(files, fx_read):
    found = fx_read(files)
    said = {sample for _, sample in found}
    assert len(said) >= 5
    assert {sample: pairs(found, "CYP2D6", sample) for sample in said} == {sample: SIX[sample] for sample in said}
    assert {gene for gene, _ in found} == {"CYP2D6"}


def test_alleles_that_cyrius_did_not_assign(fx_read):
    rows = (("P1", "*1_*2_*68", "Not_assigned_to_haplotypes"), ("P2", "*1x4", "Not_assigned_to_haplotypes"))
    found = fx_read({"cyrius.tsv": table(("Sample", "Genotype", "Filter"), *rows)})
    assert set(pairs(found, "CYP2D6", "P1")) == {"*1/*68 + *2", "*1 + *68/*2", "*1 + *2/*68"}
    assert {item.score for item, _ in found["CYP2D6", "P1"].outcomes} == {2.0}
    assert set(pairs(found, "CYP2D6", "P2")) == {"*1/*1x3", "*1x2/*1x2"}


def test_a_filter_that_fails_is_no_call(fx_read):
    found = fx_read({"cyrius.tsv": "Sample\tGenotype\tFilter\nP1\t*1/*2xN\tLowQ_high_CN\n"})
    assert pairs(found, "CYP2D6", "P1") is None
    assert "LowQ_high_CN" in found["CYP2D6", "P1"].note


def test_star_alleles_of_dragen(fx_read):
    entries = [
        {"gene": "CYP2C19", "genotype": "*1/*2", "phenotypeDatabaseAnnotation": "Intermediate Metabolizer"},
        {"gene": "UGT1A1", "genotype": "*1/*80+*28;*28/*80", "phenotypeDatabaseAnnotation": "None"},
        {"gene": "TPMT", "genotype": "./.", "phenotypeDatabaseAnnotation": "None"},
        {"gene": "CFTR", "genotype": "Reference/Reference"},
    ]
    found = fx_read({"P2.star_allele.json": json.dumps({"genomeBuild": "GRCh38", "locusAnnotations": entries})})
    assert pairs(found, "CYP2C19", "P2") == ["*1/*2"]
    assert pairs(found, "UGT1A1", "P2") == ["*1/*80+*28", "*28/*80"]
    assert pairs(found, "TPMT", "P2") is None
    assert len(found) == 3


def test_pharmcat_table_and_reports(fx_read):
    header = ("Gene", "Source Diplotype", "Phenotype", "Activity Score", "Haplotype 1")
    rows = (("CYP2C9", "*1/*3", "Intermediate Metabolizer", "1.0", "*1"), ("TPMT", "Unknown/Unknown", "", "", ""))
    text = "PharmCAT v3.0.1\n" + table(header, *rows, ("RYR1", "Reference/Reference", "", "", ""))
    found = fx_read({"P1.report.tsv": text})
    assert pairs(found, "CYP2C9", "P1") == ["*1/*3"]
    assert pairs(found, "TPMT", "P1") is None
    allele = [{"allele1": {"name": "*1"}, "allele2": {"name": "*3C"}}]
    report = {"geneReports": {"CPIC": {"TPMT": {"sourceDiplotypes": allele}, "NUDT15": {"sourceDiplotypes": []}}}}
    found = fx_read({"P3.phenotype.json": json.dumps(report)})
    assert pairs(found, "TPMT", "P3") == ["*1/*3C"]
    assert pairs(found, "NUDT15", "P3") is None
    flat = {"pharmcatVersion": "3.1.0", "genes": {"TPMT": {"sourceDiplotypes": allele}}}
    assert pairs(fx_read({"P3.report.json": json.dumps(flat)}), "TPMT", "P3") == ["*1/*3C"]


def test_pypgx_writes_one_copy_of_a_man_and_names_of_its_own(fx_read):
    men = archive("G6PD", ("P1", "B (reference)/MALE", "G6PD Normal", "", "", "", "", "Male"))
    bare = archive("VKORC1", ("P1", "Reference/rs9923231", "n/a", "", "", "", "", ""))
    found = fx_read({"one.zip": men, "two.zip": bare})
    assert pairs(found, "G6PD", "P1") == ["B (reference)"]
    assert pairs(found, "VKORC1", "P1") == ["rs9923231 reference (C)/rs9923231 variant (T)"]


TYPED = {"P1": ["*07:02/*58:01"], "P2": ["*58:01/*58:01"], "P4": None}


@pytest.mark.parametrize(
    "files",
    [
        {
            "P1_final.result.txt": "A\tHLA-A*01:01:01\tHLA-A*02:01:01\nB\tHLA-B*58:01:01\tHLA-B*07:02:01\n",
            "P2_final.result.txt": "B\tHLA-B*58:01:01\t-\nDRB1\tHLA-DRB1*15:01:01\t-\n",
            "P4_final.result.txt": "B\tNot typed\tNot typed\n",
        },
        {
            "x1.json": json.dumps({"subject_id": "P1", "hla": {"alleles": ["B*58:01", "B*07:02"]}}),
            "x2.json": json.dumps(
                {"subject_id": "P2", "hla": {"alleles": ["A*01:01", "A*02:01", "B*58:01", "B*58:01"]}}
            ),
        },
        {
            f"{sample}_result.tsv": "\tA1\tA2\tB1\tB2\tC1\tC2\tReads\tObjective\n"
            f"0\tA*01:01\tA*02:01\t{one}\t{two}\tC*07:02\tC*03:02\t900\t880.2\n"
            "1\tA*01:01\tA*02:01\tB*15:02\tB*15:02\tC*07:02\tC*03:02\t880\t860.2\n"
            for sample, one, two in [("P1", "B*58:01", "B*07:02"), ("P2", "B*58:01", "B*58:01"), ("P4", "", "")]
        },
        {
            "P1.genotype.json": json.dumps({"A": ["A*01:01:01"], "B": ["B*58:01:01", "B*07:02:01"]}),
            "P2.genotype.json": json.dumps({"B": ["B*58:01:01"]}),
            "P4.genotype.json": json.dumps({"B": []}),
        },
        {
            "genotypes.tsv": table(
                ("subject", "A1", "A2", "B1", "B2"),
                ("P1", "A*01:01:01", "A*02:01:01", "B*58:01:01", "B*07:02:01"),
                ("P2", "A*01:01:01", "A*02:01:01", "B*58:01:01", "B*58:01:01"),
                ("P4", "A*01:01:01", "A*02:01:01", "", ""),
            )
        },
        {
            f"{sample}/hla/R1_bestguess_G.txt": table(
                ("Locus", "Chromosome", "Allele", "Q1", "Q2", "AverageCoverage"),
                ("B", "1", one, "0.999", "1", "31.2"),
                ("B", "2", two, "0.999", "1", "31.2"),
            )
            for sample, one, two in [
                ("P1", "B*58:01:01G", "B*07:02:01G"),
                ("P2", "B*58:01:01G", "B*58:01:01G"),
                ("P4", "?", "?"),
            ]
        },
        {
            "P1_genotype.tsv": "HLA-B\t2\tHLA-B*58:01:01\t120.4\t60\tHLA-B*07:02:01\t98.0\t60\n",
            "P4_genotype.tsv": "HLA-B\t0\t.\t0\t-1\t.\t0\t-1\n",
        },
        {
            "hla.result.txt": "# version 1\n"
            + table(
                ("Sample", "HLA_A_1", "HLA_A_2", "HLA_B_1", "HLA_B_2"),
                ("P1", "A*01:01:01:01", "A*02:01:01:01", "B*58:01:01:01", "B*07:02:01:01"),
                ("P2", "A*01:01:01:01", "A*02:01:01:01", "B*58:01:01:01", "B*58:01:01:01"),
                ("P4", "A*01:01:01:01", "A*02:01:01:01", "-", "-"),
            )
        },
        {
            "cohort.HLA-B.csv": "sample.id,allele1,allele2,prob,matching\n"
            "P1,58:01,07:02,0.99,0.01\nP2,58:01,58:01,0.97,0.01\nP4,58:01,07:02,0.61,0.001\n"
        },
        {
            f"{sample}.hla.tsv": table(("A1", "A2", "B1", "B2", "C1", "C2"), ("A*01:01", "A*02:01", one, two, "", ""))
            for sample, one, two in [("P1", "B*58:01", "B*07:02"), ("P2", "B*58:01:01:01", "B*58:01"), ("P4", "", "")]
        },
    ],
    ids=["HLA-HD", "xHLA", "OptiType", "arcasHLA", "arcasHLA merged", "HLA-LA", "T1K", "SpecHLA", "HIBAG", "DRAGEN"],
)
def test_hla_typers(files, fx_read):
    found = fx_read(files)
    said = {sample for gene, sample in found if gene == "HLA-B"}
    assert "P1" in said
    assert {sample: pairs(found, "HLA-B", sample) for sample in said} == {sample: TYPED[sample] for sample in said}
    assert {gene for gene, _ in found} <= {"HLA-A", "HLA-B"}


def test_what_typers_leave_open(fx_read):
    """A list in a cell, further pairs, one allele of low quality: all of it stays possible, nothing is absent."""
    found = fx_read({"P1_final.result.txt": "B\tHLA-B*58:01:01\tHLA-B*07:02:01\tHLA-B*58:02\tHLA-B*07:02:01\n"})
    assert pairs(found, "HLA-B", "P1") == ["*07:02/*58:01", "*07:02/*58:02"]
    found = fx_read({"P1_genotype.tsv": "HLA-B\t2\tHLA-B*07:02:01,HLA-B*07:05\t12\t60\tHLA-B*58:01\t9\t60\n"})
    assert pairs(found, "HLA-B", "P1") == ["*07:02/*58:01", "*07:05/*58:01"]
    found = fx_read({"P1_genotype.tsv": "HLA-B\t2\tHLA-B*07:02:01\t12\t60\tHLA-B*58:01\t9\t0\n"})
    item = found["HLA-B", "P1"]
    assert item.pairs == ()
    assert {frozenset({"*58:01"}), frozenset()} <= {traits.carried for traits, _ in item.outcomes}
    rows = (("B", "1", "B*15:01:01G;B*15:02:01G", "0.99"), ("B", "2", "B*07:02:01G", "0.99"))
    found = fx_read({"P1_bestguess_G.txt": table(("Locus", "Chromosome", "Allele", "Q1"), *rows)})
    assert pairs(found, "HLA-B", "P1") == ["*07:02/*15:01", "*07:02/*15:02"]


def test_the_lines_of_spechla(fx_read):
    """What matched nothing is no call; former versions write how well alleles matched, which is no sample."""
    head = ("Sample", "HLA_A_1", "HLA_A_2", "HLA_B_1", "HLA_B_2")
    rows = (("P1", "A*01:01:01G", "A*02:01:01G", "B*58:01:01G", "no_match"), ("Score", "100", "99.8", "100", "0"))
    found = fx_read({"hla.result.g.group.txt": table(head, *rows)})
    assert {sample for _, sample in found} == {"P1"}
    assert pairs(found, "HLA-A", "P1") == ["*01:01/*02:01"]
    assert found["HLA-B", "P1"].pairs == ()
    assert all("*58:01" in traits.carried for traits, _ in found["HLA-B", "P1"].outcomes)


def test_the_probability_of_hibag_is_kept(fx_read):
    found = fx_read({"HLA-B.csv": "sample.id,allele1,allele2,prob,matching\nP1,58:01,07:02,0.99,0.01\n"})
    assert "imputed from SNVs, no typing; probability 0.99" in found["HLA-B", "P1"].note
    low = fx_read({"HLA-B.csv": "sample.id,allele1,allele2,prob,matching\nP1,07:02,08:01,0.61,0.01\n"})["HLA-B", "P1"]
    assert low.no_call
    assert "0.61" in low.note


def test_every_form_goes_through_the_command_line(fx_cli, fx_example, tmp_path):
    calls = tmp_path / "LN-01_genotype.tsv"
    calls.write_text("HLA-B\t2\tHLA-B*58:01:01\t80\t55\tHLA-B*07:02:01\t83\t60\n")
    cyrius = tmp_path / "cyrius.tsv"
    cyrius.write_text("Sample\tGenotype\tFilter\nLN-01\t*4/*5\tPASS\nCU-03\tNone\tNone\n")
    vcf = fx_example["patients.GRCh38.vcf.gz"]
    code, _, err = fx_cli(
        "analyze",
        vcf,
        "--outside-calls",
        calls,
        "--outside-calls",
        cyrius,
        "-o",
        tmp_path / "out",
        "--drugs",
        "codeine",
    )
    assert code == 0, err
    rows = lupus_pgx.analyze(vcf, outside_calls=[calls, cyrius]).diplotypes.to_frame().set_index(["sample_id", "gene"])
    assert rows.diplotype["LN-01", "HLA-B"] == "*07:02/*58:01"
    assert rows.diplotype["LN-01", "CYP2D6"] == "*4/*5"
    assert rows.call_status["CU-03", "HLA-B"] == "no_call"
    assert "no call: None" in rows.note["CU-03", "CYP2D6"]
