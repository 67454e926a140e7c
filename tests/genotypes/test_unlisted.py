"""Annotated variants that no allele lists: annotators, frequencies, and how far to trust a genotype."""

from __future__ import annotations

import json
import re
from functools import partial

import pytest
from builder import Rec, VcfBuilder

import lupus_pgx

PLACE = 18143620  # within TPMT, between its loci
LINE = '##INFO=<ID={},Number={},Type={},Description="{}">'
VEP = "Consequence annotations from Ensembl VEP. Format: "
CSQ = partial(LINE.format, "CSQ", ".", "String")
ANN = LINE.format("ANN", ".", "String", "Functional annotations: 'Allele | Annotation | Annotation_Impact | Gene_Name'")
EFF = LINE.format(
    "EFF", ".", "String",
    "Predicted effects for this variant.Format: 'Effect ( Effect_Impact | Functional_Class | Codon_Change | "
    "Amino_Acid_Change| Amino_Acid_length | Gene_Name | Transcript_BioType | Gene_Coding | Transcript_ID | Exon_Rank  "
    "| Genotype_Number [ | ERRORS | WARNINGS ] )' ",
)  # fmt: skip
OLD_EFF = LINE.format(
    "EFF", ".", "String",
    "Predicted effects for this variant.Format: 'Effect ( Effect_Impact | Functional_Class | Codon_Change | "
    "Amino_Acid_change| Gene_Name | Gene_BioType | Coding | Transcript | Exon [ | ERRORS | WARNINGS ] )' ",
)  # fmt: skip
BCSQ = LINE.format(
    "BCSQ", ".", "String",
    "Haplotype-aware consequence annotation from BCFtools/csq, see http://samtools.github.io/bcftools/howtos/"
    "csq-calling.html for details. Format: Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change",
)  # fmt: skip
NEW_VEP = CSQ(VEP + "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature")


def analyzed(tmp_path, meta, *records, samples=("S1",), drugs=("AZA",), **options):
    builder = VcfBuilder(samples=list(samples), genes=("TPMT",), meta=list(meta)).add(*records)
    return lupus_pgx.analyze(builder.write(tmp_path / "file"), genes=["TPMT"], drugs=list(drugs), **options)


def rows_of(analysis):
    frame = analysis.variants.to_frame()
    rows = frame[frame.status == "unlisted_variant"]
    return rows[["sample_id", "pos", "alt", "genotype", "effect", "note"]].to_numpy().tolist()


def rec(info, calls=("0/1",), pos=PLACE, ref="G", alt="A", **more):
    return Rec("chr6", pos, ref, alt, list(calls), info=info, **more)


@pytest.mark.parametrize(
    ("meta", "info", "effect"),
    [
        (NEW_VEP, "CSQ=A|stop_gained|HIGH|TPMT|ENSG1|ENST1", "stop_gained (high impact)"),
        # No IMPACT: the strongest of the terms.
        (
            CSQ(VEP + "Allele|Gene|Feature|Feature_type|Consequence|HGNC"),
            "CSQ=A|ENSG1|ENST1|Transcript|missense_variant&splice_region_variant|TPMT",
            "missense_variant, splice_region_variant (moderate impact)",
        ),
        # Neither IMPACT nor symbol: the gene in which it lies.
        (
            CSQ("Consequence type as predicted by VEP. Format: Allele|Gene|Feature|Feature_type|Consequence"),
            "CSQ=A|ENSG00000137364|ENST1|Transcript|STOP_GAINED",
            "STOP_GAINED (high impact)",
        ),
        (
            CSQ(VEP + "Allele|Gene|Consequence|SYMBOL"),
            "CSQ=A|ENSG1|a_term_of_tomorrow|TPMT",
            "a_term_of_tomorrow (impact unknown)",
        ),
        # VEP writes where it was told to.
        (
            LINE.format("vep", ".", "String", VEP + "Allele|Consequence|IMPACT|SYMBOL"),
            "vep=A|stop_gained|HIGH|TPMT",
            "stop_gained (high impact)",
        ),
        (ANN, "ANN=A|stop_gained|HIGH|TPMT|ENSG1|transcript|ENST1|protein_coding|4/9", "stop_gained (high impact)"),
        (ANN, "ANN=A|stop_gained||TPMT|ENSG1|transcript|ENST1|protein_coding|4/9", "stop_gained (high impact)"),
        (
            EFF,
            "EFF=INTRON(MODIFIER||||10|KDM1B||CODING|ENST9|1|1),"
            "NON_SYNONYMOUS_CODING(MODERATE|MISSENSE|Gaa/Aaa|E30K|245|TPMT|protein_coding|CODING|ENST1|4|1)",
            "NON_SYNONYMOUS_CODING (moderate impact)",
        ),
        (
            OLD_EFF,
            "EFF=STOP_GAINED(HIGH|NONSENSE|Cga/Tga|R30*|TPMT|protein_coding|CODING|ENST1|exon_4)",
            "STOP_GAINED (high impact)",
        ),
        (BCSQ, f"BCSQ=stop_gained|TPMT|ENST1|protein_coding|-|30R>30*|{PLACE}G>A", "stop_gained (high impact)"),
        (BCSQ, "BCSQ=splice_acceptor|TPMT|ENST1|protein_coding", "splice_acceptor (high impact)"),
        (
            BCSQ,
            f"BCSQ=*missense|TPMT|ENST1|protein_coding|-|30R>30Q|{PLACE}G>A",
            "missense after a stop (moderate impact)",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["vcf", "bcf"])
def test_each_annotator_is_read(meta, info, effect, kind, tmp_path):
    builder = VcfBuilder(genes=("TPMT",), meta=[meta]).add(rec(info))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "file", kind), genes=["TPMT"], drugs=["AZA"])
    note = "not part of any allele definition; AF unknown"
    if "ENSG00000137364" in info:
        note += "; the annotation names no gene: it lies in this one"
    assert rows_of(analysis) == [["S1", PLACE, "A", "G/A", effect, note]]


def test_impact_follows_the_table_of_consequences(tmp_path):
    """Each term of the table, written without its impact."""
    terms = {row["term"]: row["impact"] for row in lupus_pgx.load_knowledge().rows("consequences")}
    meta = CSQ(VEP + "Allele|Consequence|SYMBOL")
    records = [rec(f"CSQ=A|{term}|TPMT", pos=PLACE + number) for number, term in enumerate(terms)]
    found = {row[4] for row in rows_of(analyzed(tmp_path, [meta], *records))}
    assert len(terms) > 60
    wanted = {term: impact for term, impact in terms.items() if impact in ("HIGH", "MODERATE")}
    assert found == {f"{term} ({impact.lower()} impact)" for term, impact in wanted.items()}


@pytest.mark.parametrize(
    ("meta", "info"),
    [
        (CSQ(VEP + "Allele|Consequence|SYMBOL"), "CSQ=A|synonymous_variant&splice_region_variant|TPMT"),
        (CSQ(VEP + "Allele|Consequence|SYMBOL"), "CSQ=A|stop_gained|"),  # in no gene with a name
        (CSQ(VEP + "Allele|Consequence|SYMBOL"), "CSQ=A||TPMT"),
        (EFF, "EFF=SYNONYMOUS_CODING(LOW|SILENT|Gaa/Gag|E30|245|TPMT|protein_coding|CODING|ENST1|4|1)"),
        (EFF, "EFF=STOP_GAINED(HIGH|NONSENSE|Cga/Tga|R30*|245|TPMT|protein_coding|CODING|ENST1|4|2)"),  # the second ALT
        (BCSQ, f"BCSQ=synonymous|TPMT|ENST1|protein_coding|-|30R|{PLACE}G>A"),
        (BCSQ, "BCSQ=intron|TPMT|ENST1|protein_coding"),
    ],
)
def test_low_impact_is_not_listed(meta, info, tmp_path):
    assert rows_of(analyzed(tmp_path, [meta], rec(info))) == []


def test_alts_of_one_record_are_told_apart(tmp_path):
    """VEP leaves out a first base that all alleles share, and then GA is the second ALT, not the first."""
    info = "CSQ=A|synonymous_variant|LOW|TPMT|E|T,GA|frameshift_variant|HIGH|TPMT|E|T"
    found = rows_of(analyzed(tmp_path, [NEW_VEP], rec(info, alt="GA,GGA", calls=["1/2"])))
    assert [row[2] for row in found] == ["GGA"]


def test_a_deletion_from_another_record_has_no_effect_of_its_own(tmp_path):
    """BCSQ does not say of which ALT a splice site is."""
    info = "BCSQ=splice_acceptor|TPMT|ENST1|protein_coding"
    found = rows_of(analyzed(tmp_path, [BCSQ], rec(info, alt="*,A", calls=["0/1", "0/2"]), samples="AB"))
    assert [row[:3] for row in found] == [["B", PLACE, "A"]]


# One change over two records. The annotation is what bcftools csq 1.16 writes for such records.

JOINT = (
    f"BCSQ=stop_gained|TPMT|ENST1|protein_coding|+|2E>2*|{PLACE}G>A+{PLACE + 1}A>C",
    f"BCSQ=@{PLACE},missense|TPMT|ENST1|protein_coding|+|2E>2A|{PLACE + 1}A>C",
)


def pair(first, second, infos=JOINT, **more):
    return rec(infos[0], first, **more), rec(infos[1], second, pos=PLACE + 1, ref="A", alt="C", **more)


def test_back_references_are_followed_for_those_who_carry_both(tmp_path):
    records = pair(["0|1", "0|0", "0|1", "0/1", "1/1"], ["0|1", "0|1", "1|0", "0/1", "0|1"])
    found = rows_of(analyzed(tmp_path, [BCSQ], *records, samples="ABCDE"))
    one, two = f"chr6:{PLACE}:G:A", f"chr6:{PLACE + 1}:A:C"
    stop, missense = "stop_gained (high impact)", "missense (moderate impact)"
    joint = "not part of any allele definition; AF unknown; one change with {}"
    doubt = " if both are on one haplotype (phase not known)"
    alone = "not part of any allele definition; AF unknown"
    assert sorted(found) == sorted([
        ["A", PLACE, "A", "G|A", stop, joint.format(two)],
        ["A", PLACE + 1, "C", "A|C", stop, joint.format(one)],
        ["B", PLACE + 1, "C", "A|C", missense, alone],
        ["C", PLACE + 1, "C", "C|A", missense, alone],
        ["D", PLACE, "A", "G/A", stop, joint.format(two) + doubt],
        ["D", PLACE + 1, "C", "A/C", stop, joint.format(one) + doubt],
        ["E", PLACE, "A", "A/A", stop, joint.format(two)],
        ["E", PLACE + 1, "C", "A|C", stop, joint.format(one)],
    ])  # fmt: skip


def test_phase_sets_that_differ_say_nothing_of_one_haplotype(tmp_path):
    records = pair(["0|1:7"], ["1|0:9"])
    for record in records:
        record.fmt = "GT:PS"
    found = rows_of(analyzed(tmp_path, [BCSQ], *records))
    assert [row[4] for row in found] == ["stop_gained (high impact)"] * 2
    assert all("phase not known" in row[5] for row in found)


def test_two_changes_that_together_do_little_are_not_listed(tmp_path):
    """Two frameshifts that cancel out, or two changes of one codon that keep the residue."""
    infos = (
        f"BCSQ=synonymous|TPMT|ENST1|protein_coding|+|2E|{PLACE}G>A+{PLACE + 1}A>C,"
        f"stop_gained|TPMT|ENST1|protein_coding|+|2E>2*|{PLACE}G>A",
        f"BCSQ=@{PLACE}",
    )
    found = rows_of(analyzed(tmp_path, [BCSQ], *pair(["0|1", "0|1"], ["0|1", "0|0"], infos), samples="AB"))
    assert [row[:5] for row in found] == [["B", PLACE, "A", "G|A", "stop_gained (high impact)"]]


def test_a_back_reference_to_no_record_is_said(tmp_path):
    found = rows_of(analyzed(tmp_path, [BCSQ], rec("BCSQ=@18143000")))
    assert [row[4] for row in found] == ["annotated at position 18143000 where no record was read (impact unknown)"]


def test_compound_alleles_of_the_ann_standard(tmp_path):
    infos = (
        f"ANN=A-chr6:{PLACE + 1}_A>C|stop_gained|HIGH|TPMT|E|transcript|T,"
        "A|missense_variant|MODERATE|TPMT|E|transcript|T",
        "ANN=C|missense_variant|MODERATE|TPMT|E|transcript|T",
    )
    found = rows_of(analyzed(tmp_path, [ANN], *pair(["0|1", "0|1"], ["0|1", "1|0"], infos), samples="AB"))
    assert [(row[0], row[1], row[4]) for row in found if row[1] == PLACE] == [
        ("A", PLACE, "stop_gained (high impact)"),
        ("B", PLACE, "missense_variant (moderate impact)"),
    ]


@pytest.mark.parametrize(
    ("meta", "infos"),
    [
        (
            CSQ(VEP + "Allele|Consequence|IMPACT|SYMBOL|Feature|Protein_position"),
            ("CSQ=A|missense_variant|MODERATE|TPMT|T|30", "CSQ=C|synonymous_variant|LOW|TPMT|T|30"),
        ),
        (
            ANN,
            tuple(
                f"ANN={alt}|{effect}|{impact}|TPMT|E|transcript|T|protein_coding|4/9|c.1|p.1|90/900|88/735|30/245|"
                for alt, effect, impact in (("A", "missense_variant", "MODERATE"), ("C", "synonymous_variant", "LOW"))
            ),
        ),
        (
            EFF,
            ("EFF=NON_SYNONYMOUS_CODING(MODERATE|MISSENSE|a/b|E30K|245|TPMT|protein_coding|CODING|T|4|1)",
             "EFF=SYNONYMOUS_CODING(LOW|SILENT|a/b|E30|245|TPMT|protein_coding|CODING|T|4|1)"),
        ),
    ],
)  # fmt: skip
def test_a_codon_changed_twice_is_said_where_each_was_annotated_alone(meta, infos, tmp_path):
    records = pair(["0|1", "0|1", "0/1"], ["0|1", "1|0", "0/1"], infos)
    notes = {row[0]: row[5] for row in rows_of(analyzed(tmp_path, [meta], *records, samples="ABC"))}
    said = f"in one codon with chr6:{PLACE + 1}:A:C: what both do together is not annotated"
    assert [said in notes[sample] for sample in "ABC"] == [True, False, True]


# Frequencies.


def frequency(tmp_path, column, value, **more):
    meta = CSQ(f"{VEP}Allele|Consequence|IMPACT|SYMBOL|{column}")
    return analyzed(tmp_path, [meta], rec(f"CSQ=A|stop_gained|HIGH|TPMT|{value}", **more))


LEFT_OUT = "1 common variant of high or moderate impact (AF 1% or more) left out"


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("gnomADg_AF", "0.0003", "AF 0.0003 (gnomADg)"),
        ("gnomADg_AF", "0.00999", "AF 0.00999 (gnomADg)"),
        ("gnomADg_AF", "0.01", None),
        ("gnomADe_AFR_AF", "0.2", None),
        ("gnomAD_AF", "1", None),
        ("MAX_AF", "0.011", None),
        ("AF", "0.5", None),
        ("AF", "0.004", "AF 0.004 (1000 Genomes)"),
        ("EA_AF", "0.004", "AF 0.004 (EA)"),
        ("GMAF", "A:0.02", None),
        ("GMAF", "T:0.02", "AF unknown"),  # another allele is the rarer one
        ("ExAC_MAF", "A:8.236e-06&T:0.3", "AF 8.24e-06 (ExAC)"),
        ("AF", "0.3&0.0001", "AF 0.0001 (1000 Genomes)"),  # of two variants at one place: which is not said
        ("gnomADg_AF", "", "AF unknown"),
        ("gnomADg_AF", "high", "AF unknown"),
        ("gnomADg_AC", "1", "AF unknown"),
        ("MAX_AF_POPS", "1", "AF unknown"),
        ("VAF", "0.5", "AF unknown"),
    ],
)
def test_frequent_variants_are_left_out_and_counted(column, value, said, tmp_path):
    analysis = frequency(tmp_path, column, value)
    text = " ".join(str(analysis.patient("S1")).split())
    page = re.sub(r"\s+", " ", analysis.patient("S1").to_html())
    provenance = analysis.provenance.to_dict()["inputs"][0]["common_left_out"]
    if said is None:
        assert rows_of(analysis) == []
        assert provenance == {"TPMT": 1}
    else:
        assert [row[5] for row in rows_of(analysis)] == [f"not part of any allele definition; {said}"]
        assert f"G/A: stop_gained (high impact); {said}" in text
        assert provenance == {}
    assert (LEFT_OUT in text) == (LEFT_OUT in page) == (said is None)


def test_any_source_is_enough_and_the_highest_is_shown(tmp_path):
    assert rows_of(frequency(tmp_path, "AF|gnomADe_AF|AFR_AF", "0.001|0.0002|0.01")) == []
    (row,) = rows_of(frequency(tmp_path, "AF|gnomADe_AF|AFR_AF", "0.001|0.0002|0.002"))
    assert row[5].endswith("AF 0.002 (AFR)")


@pytest.mark.parametrize(
    ("key", "number", "value", "listed"),
    [
        ("gnomAD_AF", "A", "0.3,0.0001", ["T"]),
        ("gnomad_AF", "A", "0.0001,0.3", ["A"]),
        ("AF_popmax", "A", "0.0001,0.3", ["A"]),
        ("AF_grpmax", "A", "0.0001,0.3", ["A"]),
        ("gnomADg_AF", "R", "0.6,0.0001,0.3", ["A"]),
        ("ExAC_AF", "A", "0.3,0.3", []),
        ("1000G_AF", "A", "0.3,0.3", []),
        ("TOPMED_AF", "A", "0.3,0.3", []),
        ("gnomAD_exome_ALL", ".", "0.3,0.3", []),
        ("gnomAD_AF", "1", "0.3", ["A", "T"]),  # of which ALT is not said
        ("AF", "A", "0.5,0.5", ["A", "T"]),  # a caller's own, of one sample
        ("AF_tumor", "A", "0.5,0.5", ["A", "T"]),
        ("FAF_gnomad", "A", "0.5,0.5", ["A", "T"]),
    ],
)
def test_info_keys_that_name_a_population(key, number, value, listed, tmp_path):
    meta = [ANN, LINE.format(key, number, "Float", "Allele frequency")]
    effects = ",".join(f"{alt}|stop_gained|HIGH|TPMT|E|transcript|T" for alt in "AT")
    analysis = analyzed(tmp_path, meta, rec(f"ANN={effects};{key}={value}", alt="A,T", calls=["1/2"]))
    assert [row[2] for row in rows_of(analysis)] == listed


@pytest.mark.parametrize(("samples", "listed"), [(199, True), (200, False)])
def test_the_frequency_in_a_file_counts_from_200_samples(samples, listed, tmp_path):
    meta = [ANN, LINE.format("AF", "A", "Float", "Allele frequency")]
    names = [f"S{number}" for number in range(samples)]
    calls = ["0/1"] * 4 + ["0/0"] * (samples - 4)
    record = rec("ANN=A|stop_gained|HIGH|TPMT|E|transcript|T;AF=0.01", calls)
    analysis = analyzed(tmp_path, meta, record, samples=names)
    assert [row[0] for row in rows_of(analysis)] == (names[:4] if listed else [])
    assert analysis.provenance.inputs[0].common_left_out == (() if listed else (("TPMT", 4),))
    # Each carrier is told, and nobody else.
    assert (LEFT_OUT in " ".join(str(analysis.patient("S3")).split())) is not listed
    assert "left out" not in str(analysis.patient("S4"))


def test_a_rare_pair_of_frequent_changes_is_listed(tmp_path):
    """The frequencies are those of the single changes."""
    meta = [BCSQ, LINE.format("gnomAD_AF", "A", "Float", "Allele frequency")]
    records = pair(["0|1"], ["0|1"], tuple(f"{info};gnomAD_AF=0.2" for info in JOINT))
    assert [row[4] for row in rows_of(analyzed(tmp_path, meta, *records))] == ["stop_gained (high impact)"] * 2


def test_counts_of_files_side_by_side_and_in_json(tmp_path):
    meta = CSQ(f"{VEP}Allele|Consequence|IMPACT|SYMBOL|AF")
    paths = []
    for sample, alts in (("A", "A"), ("B", "A,T")):
        builder = VcfBuilder(samples=[sample], genes=("TPMT",), meta=[meta])
        info = "CSQ=" + ",".join(f"{alt}|stop_gained|HIGH|TPMT|0.2" for alt in alts.split(","))
        builder.add(rec(info, alt=alts, calls=["1/2" if "," in alts else "0/1"]))
        paths.append(builder.write(tmp_path / sample))
    analysis = lupus_pgx.analyze(paths, genes=["TPMT"], drugs=["AZA"])
    analysis.write(tmp_path / "out", formats=["json"])
    written = json.loads((tmp_path / "out" / "analysis.json").read_text(encoding="utf-8"))
    assert [file["common_left_out"] for file in written["provenance"]["inputs"]] == [{"TPMT": 1}, {"TPMT": 2}]
    texts = [" ".join(str(analysis.patient(sample)).split()) for sample in "AB"]
    assert LEFT_OUT in texts[0]
    assert "2 common variants of high or moderate impact (AF 1% or more) left out" in texts[1]


# Whether a genotype can be believed.

STOP = "CSQ=A|stop_gained|HIGH|TPMT|ENSG1|ENST1"


@pytest.mark.parametrize(
    ("filters", "said"),
    [("LowQual", "FILTER LowQual"), ("q10;s50", "FILTER q10;s50"), ("PASS", ""), (".", ""), ("RefCall", "")],
)
def test_filter_is_shown(filters, said, tmp_path):
    meta = [
        NEW_VEP,
        *(f'##FILTER=<ID={name},Description="x">' for name in filters.split(";") if name not in ("PASS", ".")),
    ]
    analysis = analyzed(tmp_path, meta, rec(STOP, filters=filters))
    (row,) = rows_of(analysis)
    parts = ["not part of any allele definition", said, "AF unknown"]
    assert row[5] == "; ".join(part for part in parts if part)
    assert ("FILTER" in str(analysis.patient("S1"))) == bool(said)
    assert ("FILTER" in analysis.patient("S1").to_html()) == bool(said)


def test_a_filter_that_the_user_lets_pass_is_not_shown(tmp_path):
    meta = [NEW_VEP, '##FILTER=<ID=mine,Description="x">']
    (row,) = rows_of(analyzed(tmp_path, meta, rec(STOP, filters="mine"), pass_filters=["mine"]))
    assert "FILTER" not in row[5]


@pytest.mark.parametrize(
    ("fmt", "cell", "said"),
    [
        ("GT:FT", "0/1:q10", "genotype filtered (FT q10)"),
        ("GT:FT", "0/1:PASS", ""),
        ("GT:DP", "0/1:0", "genotype low quality (DP 0)"),
        ("GT:AD", "0/1:20,2", "genotype doubtful (AD 20,2)"),
        ("GT:AD", "0/1:20,18", ""),
    ],
)
def test_what_speaks_against_the_genotype_is_said(fmt, cell, said, tmp_path):
    meta = [NEW_VEP, '##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter of the genotype">']
    record = rec(STOP, calls=[cell, cell.replace("0/1", "0/0")], fmt=fmt)
    ((sample, *_, note),) = rows_of(analyzed(tmp_path, meta, record, samples="AB"))
    assert sample == "A"
    assert note == "; ".join(part for part in ("not part of any allele definition", "AF unknown", said) if part)
