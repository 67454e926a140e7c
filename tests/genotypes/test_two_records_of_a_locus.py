"""What two records of one locus say together: genotype, phase, status, doubt and note.

Genotypes are written with ``0`` for the genome's base, ``A`` and ``B`` for two changes, ``a`` for another spelling of
the letter of ``A``, ``.`` for a missing haplotype and ``-`` for one that is not there; the phase set follows a ``:``.
"""

from __future__ import annotations

import numpy as np
import pytest

from lupus_pgx import load_knowledge
from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.doubt import Doubt
from lupus_pgx.genotypes.joining import Joined, Said, explains, join_records, join_said, own_deletions, plain, said_of
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.genotypes.observations import Observation
from lupus_pgx.genotypes.readings import Speech
from lupus_pgx.terms import LOCUS_STATUSES, Build, LocusStatus

pytestmark = pytest.mark.every

KNOWLEDGE = load_knowledge()
NAMES = (None, "A", "B", "a", "*")
CODES = {None: 0, "A": 1, "B": 2, "a": 1, "*": 64}
HALVES = {"0": (0, None), ".": (MISSING, None), "-": (ABSENT_COPY, None), **{n: (CODES[n], n) for n in NAMES if n}}
SIGNS = {half: sign for sign, half in HALVES.items()}


def said(text: str) -> Said:
    alleles, _, phase = text.partition(":")
    return said_of(HALVES[alleles[0]], HALVES[alleles[2]], int(phase or 0))


def written(found: Said) -> str:
    if found.status == LocusStatus.CONTRADICTORY.code:
        return "contradictory"
    one, other = (SIGNS[half] for half in found.halves)
    return f"{one}|{other}:{found.phase}" if found.phase else f"{one}/{other}"


def turned(text: str) -> str:
    """Return it by letters, with the haplotypes in one order where the order says nothing."""
    return "/".join(sorted(text.replace("a", "A").split("/")))


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        # Of two records one says nothing: what a worse one would have said is not known, unless there is none.
        ("observed", "no_record", 0),
        ("no_record", "observed", 1),
        ("observed", "no_call", 1),
        ("no_call", "observed", 0),
        ("no_call", "low_quality", 0),
        ("low_quality", "no_call", 0),
        ("no_call", "no_record", 0),
        ("no_record", "no_call", 1),
    ],
)
def test_a_record_without_a_genotype_beside_another(first, second, kept):
    halves = {"observed": (HALVES["0"], HALVES["A"])}
    none = (HALVES["."], HALVES["."])
    pair = [Said(halves.get(name, none), 0, LocusStatus(name).code) for name in (first, second)]
    assert join_said(*pair, frozenset(), 0) is pair[kept]


@pytest.mark.parametrize(
    ("one", "other", "shared", "together"),
    [
        # An ALT that both name must be on as many haplotypes; what is missing may be it.
        ("0/A", "0/A", "A", "0/A"),
        ("A/A", "0/A", "A", "contradictory"),
        ("./A", "0/0", "A", "contradictory"),
        ("./A", "A/A", "A", "A/A"),
        ("./A", "0/A", "A", "./A"),
        # An ALT that one names changes what the other calls the genome's base.
        ("0/A", "0/0", "", "0/A"),
        ("0/A", "0/B", "", "A/B"),
        ("A/A", "0/B", "", "contradictory"),
        ("A/A", "./0", "", "A/A"),
        # Two spellings of one letter may be one haplotype or two.
        ("0/A", "0/a", "", "A/."),
        # One copy on each side, or on one.
        ("A/-", "0/-", "", "A/-"),
        ("A/-", "B/-", "", "contradictory"),
        ("0/A", "B/-", "", "A/B"),
        ("0/A", "A/-", "A", "0/A"),
        ("0/A", "0/-", "A", "contradictory"),
        ("0/B", "0/-", "A", "0/B"),
        ("./A", "0/-", "A", "./A"),
        # Phase holds within one set, and where both put what they share on the same haplotypes.
        ("0|A:5", "0|A:5", "A", "0|A:5"),
        ("0|A:5", "0|A:6", "A", "0/A"),
        ("0|A:5", "A|0:5", "A", "0/A"),
        ("A|.:5", ".|A:5", "A", "A|A:5"),
        ("0|A:5", "B|0:5", "", "B|A:5"),
        ("A|0:5", "B|0:5", "", ".|0:5"),
        ("A|A:5", "B|B:5", "", "contradictory"),
        ("A|A:5", "0|B:5", "", "A|.:5"),
    ],
)
def test_two_genotypes_of_one_sample(one, other, shared, together):
    for first, second in [(one, other), (other, one)]:
        assert turned(written(join_said(said(first), said(second), frozenset(shared), 0))) == turned(together)


def genotypes(name: str, samples: int = 1) -> tuple[Genotypes, int]:
    loci = [locus for found in KNOWLEDGE.loci_by_gene.values() for locus in found if locus.name == name]
    return Genotypes.empty(Build.GRCH38, [f"S{number}" for number in range(samples)], loci), 0


def record(*texts: str, doubt: int = 0, names: str = "", **options) -> Observation:
    """Return what a record says of some samples; it names what they carry, and more."""
    found = [said(text) for text in texts]
    carried = (None, *dict.fromkeys([*"".join(texts).translate(str.maketrans("", "", "0.-|/:123456789")), *names]))
    status = [LocusStatus.DOUBTFUL.code if doubt else one.status for one in found]
    states = States(
        np.array([one.codes for one in found], np.int16),
        np.array([one.phase for one in found], np.int64),
        np.array(status, np.uint8),
        np.full(len(found), doubt, np.int32),
    )
    words = np.array([[carried.index(half[1]) if half[0] >= 0 else half[0] for half in one.halves] for one in found])
    column = Column(states, np.arange(len(found), dtype=np.uint8))
    return Observation(column, words, carried, **{"speech": Speech.STATES, **options})


def letters(column: Column, sample: int = 0) -> tuple[str, str]:
    """Return the genotype of a sample by codes, and its status."""
    number = int(column.index[sample])
    signs = {0: "0", 1: "A", 2: "B", MISSING: ".", ABSENT_COPY: "-"}
    one, other = sorted(signs[code] for code in column.states.alleles[number].tolist())
    return f"{one}/{other}", LOCUS_STATUSES[column.states.status[number]].value


@pytest.mark.parametrize("block", [False, True])
def test_a_record_with_another_ref_stands_against_a_block_and_not_against_a_record(block):
    found, locus = genotypes("rs1142345")
    found.columns[locus] = Column.uniform(1, LocusStatus.REF_MISMATCH)
    join_records(found, locus, [record("0/0", speech=Speech.BLOCK if block else Speech.STATES)])
    assert letters(found.columns[locus])[1] == ("ref_mismatch" if block else "observed")


def test_records_that_agree_leave_no_note():
    found, locus = genotypes("rs1142345")
    join_records(found, locus, [record("0/A"), record("0/B")])
    assert letters(found.columns[locus]) == ("A/B", "observed")
    assert found.notes == {}


def test_of_several_contradictions_the_first_in_the_alphabet_is_noted():
    found, locus = genotypes("rs1142345", 2)
    join_records(found, locus, [record("A/A", "0/A"), record("0/B", "A/A", names="A")])
    assert letters(found.columns[locus], 0)[1] == letters(found.columns[locus], 1)[1] == "contradictory"
    assert found.notes == {(0, LocusStatus.CONTRADICTORY): "two records contradict each other: C/C and T/C"}


SURE, LIKELY = Doubt(((0, 1, 0.9), (1, 1, 0.1))), Doubt(((0, 1, 0.7), (1, 1, 0.3)))
"""The evidence of two records, numbered 1 and 2."""


@pytest.mark.parametrize(
    ("first", "second", "genotype", "doubt"),
    [
        (("0/A", 1), ("0/0", 0), "0/A", SURE),  # it alone makes the genotype
        (("0/A", 1), ("0/A", 2), "0/A", LIKELY),  # the weaker of two on the same
        (("0/A", 2), ("0/A", 1), "0/A", LIKELY),
        (("0/A", 1), ("0/0", 2), "0/A", Doubt(((0, 1, 1.0),), contested=True)),
        (("0/A", 1), ("0/B", 0), "A/B", Doubt(((1, 2, 1.0),), contested=True)),
        (("A/-", 1), ("0/-", 2), "-/A", Doubt(((1, ABSENT_COPY, 1.0),), contested=True)),
    ],
)
def test_what_two_records_in_doubt_say_is_as_doubtful_as_they_are(first, second, genotype, doubt):
    found, locus = genotypes("rs1142345")
    assert (found.doubt_number(SURE), found.doubt_number(LIKELY)) == (1, 2)
    same = "A" if first[0] == second[0] else ""
    join_records(found, locus, [record(text, doubt=number, names=same) for text, number in (first, second)])
    assert letters(found.columns[locus]) == (genotype, "doubtful")
    assert list(found.doubts)[found.columns[locus].states.doubt[0] - 1] == doubt


@pytest.mark.parametrize(
    ("name", "beside", "codes"),
    [("rs1142345", 0, set()), ("rs3064744", 1, {3}), ("rs3064744", 4, set()), ("g.18149104_18149107del", 1, {1})],
)
def test_which_deletions_of_a_locus_take_a_base_away(name, beside, codes):
    """Not an insertion, nor another base, nor a deletion that lies beside."""
    found, locus = genotypes(name)
    pos = found.loci[locus].sites[Build.GRCH38].pos + beside
    starred = record("0/*", key=("chr", pos, "A", ("*",)))
    assert own_deletions(found, locus, starred) == codes
    assert own_deletions(found, locus, record("0/0", key=("chr", pos, "A", ("C",)))) == set()


@pytest.mark.parametrize(("lost", "explained"), [(0, False), (1, True), (2, False)])
def test_as_many_lost_bases_are_explained_as_deletions_are_there(lost, explained):
    assert explains(said("0/A"), lost, frozenset({1})) is explained


@pytest.mark.parametrize("order", [1, -1])
def test_a_deletion_explains_a_lost_base_whichever_record_comes_first(order):
    found, locus = genotypes("g.18149104_18149107del")
    pos = found.loci[locus].sites[Build.GRCH38].pos
    records = [record("0/A", key=("chr", pos, "CAAGT", ("C",))), record("0/*", key=("chr", pos + 1, "A", ("*", "C")))]
    join_records(found, locus, records[::order])
    assert letters(found.columns[locus]) == ("0/A", "observed")


@pytest.mark.parametrize(
    ("firm", "yielding", "genotype"),
    [
        ("0/A", "./.", ("0/A", "observed")),  # it yields where another record says something
        ("0/A", "0/B", ("A/B", "observed")),
        ("./.", "./.", ("./.", "no_call")),
        ("", "./.", ("./.", "no_call")),
        ("", "0/A", ("0/A", "observed")),
    ],
)
def test_a_record_that_yields_says_nothing_by_a_missing_genotype(firm, yielding, genotype):
    found, locus = genotypes("rs1142345")
    join_records(found, locus, [*([record(firm)] if firm else []), record(yielding, yields=True)])
    assert letters(found.columns[locus]) == genotype


def test_a_block_speaks_where_no_record_does():
    found, locus = genotypes("rs1142345", 2)
    beside = record("0/A", "./.")
    beside.column.states.status[1] = LocusStatus.NO_RECORD.code
    join_records(found, locus, [record("0/0", "0/0", speech=Speech.BLOCK), beside])
    assert [letters(found.columns[locus], sample)[0] for sample in (0, 1)] == ["0/A", "0/0"]


def test_two_records_of_a_lost_base_and_no_deletion_before_them():
    """What took the base away is not known: they are left as they are."""
    found, locus = genotypes("g.18149104_18149107del")
    pos = found.loci[locus].sites[Build.GRCH38].pos + 1
    starred = [record("0/*", key=("chr", pos, "A", ("*", letter))) for letter in "CG"]
    join_records(found, locus, starred)
    assert plain(found.columns[locus]).said[0].codes == Joined.of(starred[0]).said[0].codes == (0, 64)
