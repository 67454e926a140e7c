"""Only what was seen counts: which records state a base, and what the others do to those who carry them."""

from __future__ import annotations

import pysam
import pysam.bcftools
import pytest

import lupus_pgx

HEADER = """\
##fileformat=VCFv4.3
##contig=<ID=chr6,length=170805979>
##contig=<ID=6,length=170805979>
##contig=<ID=chr13,length=114364328>
##contig=<ID=13,length=114364328>
##ALT=<ID=DEL,Description="Deletion">
##FILTER=<ID=MONOALLELIC,Description="Site represents one ALT allele">
##INFO=<ID=END,Number=1,Type=Integer,Description="Last base">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type">
##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="Length">
##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="Imprecise">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="Copies">
##FORMAT=<ID=LEN,Number=1,Type=Integer,Description="Length of the block">
##FORMAT=<ID=RNC,Number=2,Type=Character,Description="Reason for no call">
"""

# TPMT rs1142345 (*3C), and bases 18130686..18130688 around it.
LOCUS, POS = "rs1142345", 18_130_687
FORMS = [("vcf", False), ("vcf.gz", True), ("bcf", True)]
POLICIES = ["unknown", "reference"]


@pytest.fixture(scope="module")
def fx_sites():
    """Records that state the reference at every locus of TPMT and NUDT15, by locus."""
    knowledge = lupus_pgx.load_knowledge()
    build = lupus_pgx.terms.Build.GRCH38
    lines = {}
    for gene in ("TPMT", "NUDT15"):
        for locus in knowledge.loci_by_gene[gene]:
            site = locus.sites[build]
            lines[locus.name] = f"{site.chrom} {site.pos} . {site.ref} {','.join(site.alts)} . PASS . GT 0/0"
    return lines


def write(path, lines, kind="vcf", index=False, samples=("S1",)):
    cells = [line.split() for line in lines]
    contigs = list(dict.fromkeys(row[0] for row in cells))
    cells.sort(key=lambda row: (contigs.index(row[0]), int(row[1])))
    columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])
    text = HEADER + columns + "\n" + "".join("\t".join(row) + "\n" for row in cells)
    plain = path / "in.vcf"
    plain.write_text(text, encoding="utf-8")
    if kind == "vcf":
        return str(plain)
    target = str(path / f"in.{kind}")
    if kind == "bcf":
        pysam.bcftools.view("-Ob", "-o", target, str(plain), catch_stdout=False)
        pysam.bcftools.index("-f", target, catch_stdout=False)
        return target
    with pysam.BGZFile(target, "wb", None) as handle:
        handle.write(text.encode())
    if index:
        pysam.tabix_index(target, preset="vcf", force=True)
    return target


def analyze(path, lines, absent="unknown", samples=("S1",), kind="vcf", index=False):
    file = write(path, lines, kind, index, samples)
    return lupus_pgx.analyze(file, genes=["TPMT", "NUDT15"], drugs=["azathioprine"], absent=absent)


def state(analysis, locus=LOCUS, sample="S1"):
    frame = analysis.variants.to_frame().fillna("")
    row = frame[(frame.sample_id == sample) & (frame.locus == locus)].iloc[0]
    return row.genotype, row.status


def note(analysis, locus=LOCUS, sample="S1"):
    frame = analysis.variants.to_frame().fillna("")
    return frame[(frame.sample_id == sample) & (frame.locus == locus)].iloc[0].note


def call(analysis, gene="TPMT"):
    return analysis.diplotypes.to_frame().set_index("gene").loc[gene].fillna("")


def action(analysis, sample="S1"):
    return analysis.patient(sample).drug("azathioprine").action


# Records that merely span the locus. {} is the genotype.
SPANNING = {
    "<DEL> by END": "chr6 18100000 . N <DEL> . PASS SVTYPE=DEL;END=18200000 GT {}",
    "<DEL> by SVLEN": "chr6 18100000 . A <DEL> . PASS SVTYPE=DEL;SVLEN=-100000 GT {}",
    "<DEL> of 4.4, SVLEN positive": "chr6 18100000 . A <DEL> . PASS SVLEN=100000 GT {}",
    "<DEL:ME:ALU>": "chr6 18130600 . A <DEL:ME:ALU> . PASS SVTYPE=DEL;END=18130900 GT {}",
    "<CN0>": "chr6 18130600 . A <CN0> . PASS SVTYPE=CNV;END=18130900 GT {}",
    "<DUP>": "chr6 18100000 . N <DUP> . PASS SVTYPE=DUP;END=18200000 GT {}",
    "<DUP:TANDEM> by SVLEN": "chr6 18100000 . A <DUP:TANDEM> . PASS SVLEN=100000 GT {}",
    "<INV>": "chr6 18100000 . N <INV> . PASS SVTYPE=INV;END=18200000 GT {}",
    "<CNV> with CN": "chr6 18100000 . N <CNV> . PASS END=18200000 GT:CN {}:2",
    "<INS> with END": "chr6 18130680 . A <INS:ME:ALU> . PASS SVTYPE=INS;SVLEN=280;END=18130690 GT {}",
    "sequence-resolved, long": f"chr6 {POS - 1} . AT{'N' * 0}TCAATTGT A . PASS . GT {{}}",
    "sequence-resolved, small": f"chr6 {POS - 1} . NT N . PASS . GT {{}}",
    "REF N at the locus": f"chr6 {POS} . N <DEL> . PASS SVTYPE=DEL;END=18200000 GT {{}}",
    "GATK 3": f"chr6 {POS} . T <*:DEL> . PASS . GT {{}}",
    "asterisk": f"chr6 {POS} . T * . PASS . GT {{}}",
    "breakend": f"chr6 {POS} . T T[chr13:48000000[ . PASS SVTYPE=BND GT {{}}",
    "single breakend": f"chr6 {POS} . T T. . PASS SVTYPE=BND GT {{}}",
}
del SPANNING["sequence-resolved, long"], SPANNING["sequence-resolved, small"]
# The genome reads ... from 48045717 on: R139C at 48045719 and R139H at 48045720.
DELETIONS = {
    "one base": "chr13 48045719 . CG C . PASS . GT {}",
    "and more": "chr13 48045719 . CGT C . PASS . GT {}",
    "with SVTYPE": "chr13 48045719 . CG C . PASS SVTYPE=DEL;SVLEN=-1 GT {}",
}
SEGMENTS = {
    "ALT . with CN": "chr6 18100000 . A . . PASS END=18200000 GT:CN ./.:2",
    "ALT . with CN and 0/0": "chr6 18100000 . A . . PASS END=18200000 GT:CN 0/0:2",
    "ALT . with SVTYPE": "chr6 18100000 . A . . PASS SVTYPE=CNV;END=18200000 GT 0/0",
    "ALT . with REF N": "chr6 18100000 . N . . PASS END=18200000 GT 0/0",
    "block with REF N": "chr6 18100000 . N <NON_REF> . PASS END=18200000 GT:DP 0/0:30",
    "gCNV, reference copies": "chr6 18100000 . N <DEL>,<DUP> . PASS END=18200000 GT:CN 0:2",
    "<CNV> without GT": "chr6 18100000 . N <CNV> . PASS END=18200000 CN 2",
}
NOT_CARRIED = {**{name: line.format("0/0") for name, line in SPANNING.items()}, **SEGMENTS}


@pytest.mark.parametrize("name", NOT_CARRIED)
@pytest.mark.parametrize("absent", POLICIES)
def test_what_is_not_carried_states_no_base(name, absent, tmp_path):
    """The record stands alone: nothing was seen, and a file of it alone shows no caller that looked elsewhere."""
    if absent == "reference":
        with pytest.raises(lupus_pgx.InputError, match="no gene was looked at"):
            analyze(tmp_path, [NOT_CARRIED[name]], absent)
        return
    analysis = analyze(tmp_path, [NOT_CARRIED[name]], absent)
    assert state(analysis) == ("", "no_record")
    assert call(analysis).call_status == "no_call"
    assert action(analysis) == "test_first"


def several(line, cells):
    """Return a record with the same last cell for each of some samples."""
    return f"{line} {' '.join([line.split()[-1]] * (cells - 1))}"


@pytest.mark.parametrize("name", NOT_CARRIED)
@pytest.mark.parametrize("absent", POLICIES)
def test_what_is_not_carried_takes_nothing_away(name, absent, fx_sites, tmp_path):
    sites = [several(line, 3) for locus, line in fx_sites.items() if locus != LOCUS]
    sites += [f"chr6 {POS} . T C,G . PASS . GT 0/0 0/1 1/1", several(NOT_CARRIED[name], 3)]
    analysis = analyze(tmp_path, sites, absent, samples=("A", "B", "C"))
    assert [state(analysis, sample=sample) for sample in "ABC"] == [
        ("T/T", "observed"),
        ("T/C", "observed"),
        ("C/C", "observed"),
    ]
    assert set(analysis.diplotypes.to_frame().call_status) == {"certain"}
    assert [action(analysis, sample) for sample in "ABC"] == ["standard", "reduce_dose", "avoid"]


@pytest.mark.parametrize("kind", FORMS, ids=lambda form: form[0])
def test_forms_of_a_file_agree_on_what_is_not_carried(kind, fx_sites, tmp_path):
    spanning = [line for name, line in NOT_CARRIED.items() if "without GT" not in name]
    alone = analyze(tmp_path, spanning, kind=kind[0], index=kind[1])
    assert state(alone) == ("", "no_record")
    analysis = analyze(tmp_path, [*fx_sites.values(), *spanning], kind=kind[0], index=kind[1])
    assert state(analysis) == ("T/T", "observed")
    assert set(analysis.diplotypes.to_frame().call_status) == {"certain"}


CARRIED = [name for name in SPANNING if "breakend" not in name]


@pytest.mark.parametrize("name", CARRIED)
@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside the locus"])
def test_what_is_carried_makes_the_locus_uncertain(name, absent, beside, fx_sites, tmp_path):
    sites = [several(line, 4) for locus, line in fx_sites.items() if beside or locus != LOCUS]
    head, _, cell = SPANNING[name].rpartition(" ")
    carried = " ".join([head, *(cell.format(genotype) for genotype in ("0/1", "1|0", "1/1", "./1"))])
    analysis = analyze(tmp_path, [*sites, carried], absent, samples=tuple("ABCD"))
    calls = analysis.diplotypes.to_frame().query("gene == 'TPMT'").set_index("sample_id")
    for sample in "ABCD":
        assert state(analysis, sample=sample)[1] in {"unexpected_allele", "half_call", "no_call"}
        assert LOCUS in calls.missing_essential[sample]
        assert calls.call_status[sample] != "certain"
        assert action(analysis, sample) != "standard"


@pytest.mark.parametrize("kind", FORMS, ids=lambda form: form[0])
@pytest.mark.parametrize("name", ["<DEL> by END", "<DEL> by SVLEN", "<DEL> of 4.4, SVLEN positive", "<CN0>", "<INV>"])
def test_forms_of_a_file_agree_on_what_is_carried(name, kind, fx_sites, tmp_path):
    lines = [*fx_sites.values(), SPANNING[name].format("0/1")]
    analysis = analyze(tmp_path, lines, kind=kind[0], index=kind[1])
    assert state(analysis)[1] == "unexpected_allele"
    assert "18100000" in note(analysis) or "18130600" in note(analysis)


@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize(
    ("line", "uncertain"),
    [
        ("chr6 18130600 . A <DEL> . PASS SVTYPE=DEL;END=18130687 GT 0/1", True),
        ("chr6 18130600 . A <DEL> . PASS SVTYPE=DEL;END=99999999999999999999 GT 0/1", True),
        ("chr6 18100000 . N <DEL> . PASS SVTYPE=DEL;END=99999999999999999999 GT 1/1", True),
        ("chr6 18130600 . A <DEL> . PASS SVTYPE=DEL;END=18130686 GT 0/1", False),
        ("chr6 18130686 . A <DEL> . PASS SVTYPE=DEL;SVLEN=-1 GT 0/1", True),
        ("chr6 18130687 . T <DEL> . PASS SVTYPE=DEL;END=18130690 GT 0/1", False),
        ("chr6 18130687 . T <DEL>,<DUP> . PASS END=18130690 GT:CN 1:1", True),
        ("chr6 18130600 . A <INS> . PASS SVTYPE=INS;SVLEN=500 GT 0/1", False),
        ("chr6 18130600 . A <DEL>,<DUP> . PASS SVLEN=-50,500 GT 0/1", False),
        ("chr6 18130600 . A <DEL>,<DUP> . PASS SVLEN=-50,500 GT 0/2", True),
    ],
)
def test_the_span_is_the_furthest_of_what_is_said(line, uncertain, absent, fx_sites, tmp_path):
    status = state(analyze(tmp_path, [*fx_sites.values(), line], absent))[1]
    assert (status == "unexpected_allele") == uncertain
    assert uncertain or status == "observed"


def test_only_carriers_are_uncertain(fx_sites, tmp_path):
    sites = [f"{line} 0/0 0/0" for line in fx_sites.values()]
    spanning = "chr6 18100000 . N <DEL> . PASS END=18200000 GT 0/0 0/1 ./."
    analysis = analyze(tmp_path, [*sites, spanning], samples=("A", "B", "C"))
    assert [state(analysis, sample=name)[1] for name in "ABC"] == ["observed", "unexpected_allele", "observed"]
    assert [action(analysis, name) for name in "ABC"] == ["standard", "test_first", "standard"]
    assert [bool(note(analysis, sample=name)) for name in "ABC"] == [False, True, False]


@pytest.mark.parametrize("name", [name for name in SPANNING if name not in ("asterisk", "GATK 3")])
@pytest.mark.parametrize("order", [1, -1], ids=["structure last", "structure first"])
def test_a_file_of_structure_beside_one_of_small_variants_is_one_file_of_both(name, order, fx_sites, tmp_path):
    head, _, cell = SPANNING[name].rpartition(" ")
    people = ("A", "B", "C")
    for genotypes in (("0/0", "0/1", "1/1"), ("1|0", "./.", "0/0")):
        small = [f"{line} 0/0 0/0" for line in fx_sites.values()]
        structure = " ".join([head, *(cell.format(genotype) for genotype in genotypes)])
        files = []
        for number, lines in enumerate((small, [structure])[::order]):
            (tmp_path / str(number)).mkdir(exist_ok=True)
            files.append(write(tmp_path / str(number), lines, samples=people))
        two = lupus_pgx.analyze(files, genes=["TPMT", "NUDT15"], drugs=["azathioprine"], build="GRCh38")
        one = analyze(tmp_path, [*small, structure], samples=people)
        for table in ("variants", "diplotypes", "drug_responses"):
            old, new = (getattr(item, table).to_frame() for item in (one, two))
            assert old.to_csv() == new.to_csv()


def test_structure_of_some_people_beside_small_variants_of_others(fx_sites, tmp_path):
    small = write(tmp_path, [f"{line} 0/0 0/0" for line in fx_sites.values()], samples=("A", "B", "C"))
    (tmp_path / "sv").mkdir()
    deletion = "chr6 18100000 . N <DEL> . PASS SVTYPE=DEL;END=18200000 GT 0/1 0/1"
    structure = write(tmp_path / "sv", [deletion], samples=("C", "D"))
    for files in ([small, structure], [structure, small]):
        analysis = lupus_pgx.analyze(files, genes=["TPMT", "NUDT15"], drugs=["azathioprine"], build="GRCh38")
        found = {sample: state(analysis, sample=sample)[1] for sample in "ABCD"}
        assert [found[name] for name in "AB"] == ["observed", "observed"]
        assert found["C"] == "unexpected_allele"
        assert found["D"] in {"unexpected_allele", "half_call"}
        assert [action(analysis, name) for name in "ABCD"] == ["standard", "standard", "test_first", "test_first"]
        assert [bool(note(analysis, sample=name)) for name in "ABCD"] == [False, False, True, True]


@pytest.mark.parametrize(
    ("deletion", "record", "letters"),
    [("0/1", "0/0", "T/*"), ("0/1", "1/1", "C/*"), ("0/1", "0/1", "C/*"), ("1|0", "0|1", "*|C"), ("1/1", "0/0", "*/*")],
)
def test_a_deletion_takes_one_haplotype_or_both(deletion, record, letters, fx_sites, tmp_path):
    sites = {**fx_sites, LOCUS: f"chr6 {POS} . T C . PASS . GT {record}"}
    spanning = f"chr6 18100000 . N <DEL> . PASS END=18200000 GT {deletion}"
    assert state(analyze(tmp_path, [*sites.values(), spanning])) == (letters, "unexpected_allele")


@pytest.mark.parametrize(
    ("copies", "status"),
    [
        ("0", "unexpected_allele"),
        ("1", "unexpected_allele"),
        ("2", "observed"),
        ("3", "unexpected_allele"),
        (".", "observed"),
    ],
)
@pytest.mark.parametrize("alt", [".", "<CNV>"])
def test_copies_say_who_carries_a_segment(copies, status, alt, fx_sites, tmp_path):
    segment = f"chr6 18100000 . N {alt} . PASS END=18200000 GT:CN ./.:{copies}"
    analysis = analyze(tmp_path, [*fx_sites.values(), segment])
    assert state(analysis)[1] == status
    assert (action(analysis) == "standard") == (status == "observed")


@pytest.mark.parametrize("name", DELETIONS)
@pytest.mark.parametrize("absent", POLICIES)
def test_a_small_deletion_that_is_not_carried_states_no_base(name, absent, fx_sites, tmp_path):
    lines = [line for locus, line in fx_sites.items() if locus != "rs147390019"]
    analysis = analyze(tmp_path, [*lines, DELETIONS[name].format("0/0")], absent)
    expected = {"unknown": ("", "no_record"), "reference": ("G/G", "assumed_reference")}
    assert state(analysis, "rs147390019") == expected[absent]
    beside = analyze(tmp_path, [*fx_sites.values(), DELETIONS[name].format("0/0")], absent)
    assert state(beside, "rs147390019") == ("G/G", "observed")
    carried = analyze(tmp_path, [*fx_sites.values(), DELETIONS[name].format("0/1")], absent)
    assert state(carried, "rs147390019") == ("G/*", "unexpected_allele")


# Reference blocks.


@pytest.mark.parametrize("alt", ["<NON_REF>", "<*>", "."])
@pytest.mark.parametrize(("call_of", "letters"), [("0/1", "T/C"), ("1/1", "C/C"), ("./.", "")])
@pytest.mark.parametrize("order", [1, -1])
def test_a_block_yields_to_a_record(alt, call_of, letters, order, fx_sites, tmp_path):
    sites = {**fx_sites, LOCUS: f"chr6 {POS} . T C . PASS . GT {call_of}"}
    block = f"chr6 {POS if order == 1 else POS - 87} . {'T' if order == 1 else 'A'} {alt} . PASS END=18130700 GT 0/0"
    analysis = analyze(tmp_path, [block, *sites.values()][::order])
    assert state(analysis)[0] == letters
    assert (state(analysis)[1] == "observed") == bool(letters)


@pytest.mark.parametrize("kind", FORMS, ids=lambda form: form[0])
def test_blocks_of_4_5_have_a_length_for_each_sample(kind, fx_sites, tmp_path):
    lines = [f"{line} 0/0 0/0" for locus, line in fx_sites.items() if locus != LOCUS]
    block = "chr6 18130600 . A <*> . PASS . GT:LEN 0/0:88 0/0:87 0/0:."
    analysis = analyze(tmp_path, [*lines, block], samples=("A", "B", "C"), kind=kind[0], index=kind[1])
    assert [state(analysis, sample=name)[1] for name in "ABC"] == ["observed", "no_record", "no_record"]


@pytest.mark.parametrize("absent", POLICIES)
def test_a_record_of_one_allele_says_nothing_of_the_reference(absent, fx_sites, tmp_path):
    """GLnexus: nobody has allele 0 there, and ./. of the others is no failure of theirs."""
    sites = {name: f"{line} 0/0" for name, line in fx_sites.items()}
    sites[LOCUS] = f"chr6 {POS} . T C . PASS . GT 0/0 0/0"
    mono = f"chr6 {POS} . T G . MONOALLELIC . GT:RNC ./1:1. ./.:11"
    both = analyze(tmp_path, [*sites.values(), mono], absent, samples=("A", "B"))
    assert [state(both, sample=name) for name in "AB"] == [("./G", "half_call"), ("T/T", "observed")]
    del sites[LOCUS]
    alone = analyze(tmp_path, [*sites.values(), mono], absent, samples=("A", "B"))
    assert [state(alone, sample=name)[1] for name in "AB"] == ["half_call", "no_call"]
    assert [action(alone, name) for name in "AB"] == ["test_first", "test_first"]


# Records that contradict each other.

CONTRADICTIONS = {
    "twice": [f"chr6 {POS} a T C . PASS . GT 0/0", f"chr6 {POS} b T C . PASS . GT 1/1"],
    "one copy and none": [f"chr6 {POS} a T C . PASS . GT 0/0", f"chr6 {POS} b T C . PASS . GT 0/1"],
    "two copies and one": [f"chr6 {POS} a T C . PASS . GT 1/1", f"chr6 {POS} b T C,G . PASS . GT 0/1"],
    "two names of the contig": [f"6 {POS} a T C . PASS . GT 0/0", f"chr6 {POS} b T C . PASS . GT 0/1"],
    "another spelling": [f"chr6 {POS} a T C . PASS . GT 0/0", f"chr6 {POS} b TC CC . PASS . GT 0/1"],
    "four alleles": [f"chr6 {POS} a T C . PASS . GT 1/1", f"chr6 {POS} b T G . PASS . GT 1/1"],
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
@pytest.mark.parametrize("absent", POLICIES)
@pytest.mark.parametrize("order", [1, -1])
def test_one_alt_with_two_genotypes_is_contradictory(name, absent, order, fx_sites, tmp_path):
    sites = {locus: line for locus, line in fx_sites.items() if locus != LOCUS}
    analysis = analyze(tmp_path, [*sites.values(), *CONTRADICTIONS[name][::order]], absent)
    assert state(analysis) == ("", "contradictory")
    assert "T/" in note(analysis) or "C/C" in note(analysis)
    assert LOCUS in call(analysis).missing_essential
    assert action(analysis) == "test_first"


AGREEING = {
    "identical": ([f"chr6 {POS} . T C . PASS . GT 0/1"] * 2, ["C", "T"]),
    "two names of the contig": ([f"6 {POS} . T C . PASS . GT 0/1", f"chr6 {POS} . T C . PASS . GT 0/1"], ["C", "T"]),
    "half and whole": ([f"chr6 {POS} a T C . PASS . GT ./1", f"chr6 {POS} b T C . PASS . GT 0/1"], ["C", "T"]),
    "other phase": ([f"chr6 {POS} a T C . PASS . GT 0|1", f"chr6 {POS} b T C . PASS . GT 1|0"], ["C", "T"]),
    "different ALTs": ([f"chr6 {POS} a T C . PASS . GT 0/1", f"6 {POS} b T G . PASS . GT 0/1"], ["C", "G"]),
    "one shared": ([f"chr6 {POS} a T C,G . PASS . GT 1/2", f"chr6 {POS} b T C . PASS . GT 0/1"], ["C", "G"]),
}


@pytest.mark.parametrize("name", AGREEING)
@pytest.mark.parametrize("order", [1, -1])
def test_records_that_agree_are_joined(name, order, fx_sites, tmp_path):
    lines, letters = AGREEING[name]
    sites = [line for locus, line in fx_sites.items() if locus != LOCUS]
    genotype, status = state(analyze(tmp_path, [*sites, *lines[::order]]))
    known = sorted(set(genotype.replace("|", "/").split("/")) - {"."})
    assert status in {"observed", "half_call"}
    assert known == letters or (name == "half and whole" and known == ["C"])


# An insertion and a deletion that together spell substitutions: CYP2B6*17.

FIRST = "19 41497286 . A T . PASS . GT:PS {}:7"
PAIR = ["19 41497292 . G GGC . PASS . GT:PS {}", "19 41497294 . CCG C . PASS . GT:PS {}"]
SPELLED = ["rs33980385", "rs33926104", "rs34284776"]


def cyp2b6(path, lines):
    contigs = "##contig=<ID=19,length=59128983>\n"
    columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "S1"])
    body = "".join("\t".join(line.split()) + "\n" for line in lines)
    file = path / "in.vcf"
    file.write_text(
        HEADER.split("##contig", 1)[0] + contigs + "##FORMAT" + HEADER.split("##FORMAT", 1)[1] + columns + "\n" + body
    )
    return lupus_pgx.analyze(str(file), genes=["CYP2B6"], absent="reference")


@pytest.mark.parametrize(
    ("first", "pair", "letters"),
    [
        ("0|1", ["0|1:7", "0|1:7"], ["A|G", "C|A", "G|C"]),
        ("1|0", ["1|0:7", "1|0:7"], ["G|A", "A|C", "C|G"]),
        ("1/1", ["1/1:.", "1/1:."], ["G/G", "A/A", "C/C"]),
        ("0/1", ["1/1:.", "1/1:."], ["G/G", "A/A", "C/C"]),
    ],
)
def test_an_insertion_and_a_deletion_of_one_haplotype_spell_an_allele(first, pair, letters, tmp_path):
    lines = [FIRST.format(first), *(line.format(cell) for line, cell in zip(PAIR, pair, strict=True))]
    analysis = cyp2b6(tmp_path, lines)
    assert [state(analysis, locus) for locus in SPELLED] == [(genotype, "observed") for genotype in letters]
    if first != "0/1":
        assert "*17" in call(analysis, "CYP2B6").diplotype


@pytest.mark.parametrize("pair", [["0/1:.", "0/1:."], ["0|1:7", "1|0:7"], ["0|1:7", "0|1:8"], ["0/1:.", "./1:."]])
def test_without_phase_they_spell_nothing(pair, tmp_path):
    analysis = cyp2b6(tmp_path, [line.format(cell) for line, cell in zip(PAIR, pair, strict=True)])
    assert state(analysis, "rs33926104")[1] == "unexpected_allele"
    assert "*17" not in call(analysis, "CYP2B6").diplotype


@pytest.mark.parametrize("cell", ["0|1:7", "1/1:."])
def test_an_asterisk_beside_them_is_spelled_too(cell, tmp_path):
    stars = ["19 41497295 . C * . PASS . GT:PS {}", "19 41497296 . G * . PASS . GT:PS {}"]
    analysis = cyp2b6(tmp_path, [line.format(cell) for line in (*PAIR, *stars)])
    plain = [state(cyp2b6(tmp_path, [line.format(cell) for line in PAIR]), locus) for locus in SPELLED]
    assert [state(analysis, locus) for locus in SPELLED] == plain


def test_an_asterisk_of_a_listed_deletion_is_the_genomes_base(tmp_path):
    """G6PD: a deletion of 24 bases, listed, covers loci of others; callers write * there."""
    knowledge = lupus_pgx.load_knowledge()
    build = lupus_pgx.terms.Build.GRCH38
    lines = []
    for locus in knowledge.loci_by_gene["G6PD"]:
        site = locus.sites[build]
        alts = ",".join(site.alts)
        genotype = "0/1" if locus.name.startswith("g.154533015_154533038del") else "0/0"
        if locus.name == "rs76723693":
            alts, genotype = f"{alts},*", f"0/{len(site.alts) + 1}"
        lines.append(f"{site.chrom} {site.pos} . {site.ref} {alts} . PASS . GT {genotype}")
    header = HEADER.replace("##contig=<ID=chr6,length=170805979>", "##contig=<ID=chrX,length=156040895>")
    columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "S1"])
    file = tmp_path / "in.vcf"
    file.write_text(header + columns + "\n" + "".join("\t".join(line.split()) + "\n" for line in lines))
    analysis = lupus_pgx.analyze(str(file), genes=["G6PD"], sex="female")
    assert state(analysis, "rs76723693")[1] == "observed"
    assert call(analysis, "G6PD").n_candidates == 1
