"""Dictionary-encoded columns: what is done to distinct values equals what would be done sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lupus_pgx.calling.patterns import ASSUMED, COVERED, SEEN, Pattern, find_patterns
from lupus_pgx.encoded import combine, first_of_each, narrow, number_keys, number_words, same
from lupus_pgx.genotypes.codes import ABSENT_COPY, MISSING, PHASE_FILE, PHASE_RECORD, UNEXPECTED, status_name
from lupus_pgx.genotypes.column import Column, States
from lupus_pgx.genotypes.joining import phased_states
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.terms import LOCUS_STATUSES, Build, LocusStatus
from lupus_pgx.vcf.records import Genotyped, encode

# Numbers near the sizes at which an index needs a wider type or a table gives way to sorting.
EDGES = [1, 2, 3, 255, 256, 257, 65_535, 65_536, 65_537, 1 << 20, 1 << 40]


def smallest_type(count):
    """Return the type that numbers so many values."""
    return next(kind for kind in (np.uint8, np.uint16, np.uint32, np.uint64) if count - 1 <= np.iinfo(kind).max)


def assert_numbered(distinct, index, values):
    """``distinct[index]`` must be the values, each distinct one once."""
    assert distinct[index].tolist() == list(values)
    assert len(set(distinct.tolist())) == len(distinct) == len(set(values))
    assert index.dtype == smallest_type(max(len(distinct), 1))


# narrow, same, first_of_each.


@given(st.sampled_from(EDGES), st.sampled_from([np.int64, np.uint64, np.intp, np.uint32]), st.data())
def test_narrow_keeps_the_values_in_the_smallest_type(count, kind, data):
    count = min(count, 1 << 31)
    values = data.draw(st.lists(st.integers(0, count - 1), max_size=20))
    narrowed = narrow(np.array([*values, count - 1], kind), count)
    assert narrowed.tolist() == [*values, count - 1]
    assert narrowed.dtype == smallest_type(count)


@pytest.mark.parametrize("count", [0, 1])
def test_narrow_of_nothing_is_empty(count):
    assert narrow(np.zeros(0, np.int64), count).tolist() == []


@pytest.mark.parametrize("samples", [0, 1, 5, 100_000])
def test_same_is_one_value_for_all(samples):
    index = same(samples)
    assert index.shape == (samples,)
    assert not index.any()
    assert index.strides == (0,)


@given(st.lists(st.integers(0, 9), max_size=50))
def test_first_of_each_is_the_first(values):
    distinct = list(dict.fromkeys(values))
    index = np.array([distinct.index(value) for value in values], np.uint8)
    assert first_of_each(index, len(distinct)).tolist() == [values.index(value) for value in distinct]


@pytest.mark.parametrize("samples", [1, 7])
def test_first_of_each_of_a_shared_value_is_the_first_sample(samples):
    assert first_of_each(same(samples), 1).tolist() == [0]


# number_keys.


@given(st.sampled_from(EDGES), st.data())
def test_keys_are_numbered_in_ascending_order(limit, data):
    pool = data.draw(st.lists(st.integers(0, limit - 1), min_size=1, max_size=6))
    values = data.draw(st.lists(st.sampled_from(pool), max_size=60))
    distinct, index = number_keys(np.array(values, np.int64), limit)
    assert distinct.tolist() == sorted(set(values))
    assert_numbered(distinct, index, values)


@pytest.mark.parametrize("limit", [300, 70_000, 1 << 22])
@pytest.mark.parametrize("count", [1, 255, 256, 257, 300])
def test_many_keys_are_numbered(count, limit):
    values = np.random.default_rng(count).permutation(np.arange(count).repeat(3)) * (limit // 300)
    distinct, index = number_keys(values, limit)
    assert distinct.tolist() == [number * (limit // 300) for number in range(count)]
    assert_numbered(distinct, index, values.tolist())


# number_words.


@given(st.sampled_from([np.uint32, np.uint64]), st.data())
def test_words_are_told_apart(kind, data):
    words = st.integers(0, np.iinfo(kind).max) | st.sampled_from([0, 1, 4096, 1 << 20, int(np.iinfo(kind).max)])
    pool = data.draw(st.lists(words, min_size=1, max_size=40))
    values = data.draw(st.lists(st.sampled_from(pool), max_size=200))
    distinct, index = number_words(np.array(values, kind))
    assert distinct.dtype == kind
    assert_numbered(distinct, index, values)


@pytest.mark.parametrize("kind", [np.uint32, np.uint64])
@pytest.mark.parametrize("count", [1, 2, 40, 255, 257, 1000, 5000, 70_000])
def test_any_number_of_words_is_told_apart(count, kind):
    """Where a small table cannot hold them, sorting does."""
    numbers = np.random.default_rng(count)
    values = numbers.permutation(np.unique(numbers.integers(0, 1 << 32, count, dtype=np.uint64)).astype(kind).repeat(2))
    distinct, index = number_words(values)
    np.testing.assert_array_equal(distinct[index], values)
    assert len(distinct) == len(np.unique(values))
    assert index.dtype == smallest_type(len(distinct))


def test_words_that_share_all_but_one_letter_are_told_apart():
    cells = [f"{first}{sign}{second}\t" for first in ".0123456789" for sign in "|/" for second in ".0123456789"]
    words = np.frombuffer("".join(cells).encode(), "<u4")
    distinct, index = number_words(words)
    assert len(distinct) == len(cells)
    np.testing.assert_array_equal(distinct[index], words)


# combine.


@given(st.integers(0, 40), st.lists(st.sampled_from(EDGES[:-1]), max_size=7), st.data())
def test_combinations_are_those_of_the_samples(samples, counts, data):
    columns = []
    for count in counts:
        pool = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=3))
        values = data.draw(st.lists(st.sampled_from(pool), min_size=samples, max_size=samples))
        columns.append((narrow(np.array(values, np.int64), count), count))
    lines = list(zip(*(index.tolist() for index, _ in columns), strict=True)) if columns else [()] * samples
    example, index = combine(iter(columns), samples)
    assert index.shape == (samples,)
    assert len(example) == len(set(lines))
    # Each combination is shown by the first sample that has it.
    assert [lines[sample] for sample in example[index]] == lines
    assert [lines.index(lines[sample]) for sample in example] == example.tolist()


@pytest.mark.parametrize("samples", [1, 3, 1000])
def test_columns_in_which_all_agree_have_one_combination(samples):
    example, index = combine([(same(samples), 1), (same(samples), 1), (same(samples), 5)], samples)
    assert example.tolist() == [0]
    assert not index.any()


def test_many_wide_columns_do_not_overflow():
    """Twenty columns of 3,000 values have more combinations than a number can count."""
    numbers = np.random.default_rng(1)
    kinds = numbers.integers(0, 3000, (50, 20))
    rows = kinds[numbers.integers(0, 50, 2000)]
    example, index = combine([(narrow(column, 3000), 3000) for column in rows.T], len(rows))
    np.testing.assert_array_equal(rows[example][index], rows)
    assert len(example) == len(np.unique(rows, axis=0))


# encode.


@given(st.integers(1, 4), st.data())
def test_encoded_genotypes_are_those_of_the_samples(copies, data):
    alleles = st.lists(st.sampled_from([-2, -1, 0, 1, 2, 12, 70_000]), min_size=copies, max_size=copies)
    lines = data.draw(st.lists(st.tuples(alleles, st.booleans()), min_size=1, max_size=30))
    table = np.array([line for line, _ in lines], np.int32)
    read = encode(table, np.array([flag for _, flag in lines], bool))
    for sample, (line, flag) in enumerate(lines):
        one, two, *more = [*line, -2][: max(copies, 2)]
        polyploid = bool(set(more) - {-2})
        expected = [-1, -1] if polyploid else [one, two]
        state = read.index[sample]
        assert read.words[state].tolist() == expected
        assert bool(read.polyploid[state]) == polyploid
        assert bool(read.phased[state]) == (flag and expected[1] != -2 and not polyploid)
    distinct = {(*word, *flags) for word, *flags in zip(read.words.tolist(), read.phased, read.polyploid, strict=True)}
    assert len(distinct) == len(read.words)


# phased_states.


@given(st.integers(0, 2), st.integers(0, 3), st.booleans(), st.data())
def test_phase_sets_are_those_of_the_samples(file_number, shared, stated, data):
    words = data.draw(st.lists(st.tuples(st.integers(-1, 3), st.integers(-2, 3)), min_size=1, max_size=5, unique=True))
    phased = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    index = data.draw(st.lists(st.integers(0, len(words) - 1), min_size=1, max_size=40))
    numbers = st.sampled_from([-(2**31), 1 - 2**31, -1, 0, 1, 77, 2**31 - 1])
    sets = data.draw(st.lists(numbers, min_size=len(index), max_size=len(index))) if stated else None
    record = Genotyped(
        np.array(words, np.int32),
        np.array(phased, bool),
        np.array(index, np.uint8),
        None if sets is None else np.array(sets, np.int32),
    )
    told, phase = phased_states(record, file_number, shared)
    base = (file_number + 1) * PHASE_FILE
    for sample, number in enumerate(index):
        state = told.index[sample]
        assert told.words[state].tolist() == list(words[number])
        assert bool(told.phased[state]) == phased[number]
        named = base + (max(sets[sample], -1) + 1 if sets else 0)
        assert phase[state] == (named if phased[number] else base + PHASE_RECORD + shared if shared else 0)


@pytest.mark.parametrize("sets", [None, [5, 5, 7]])
@pytest.mark.parametrize("polyploid", [None, [True, False]])
def test_more_than_two_copies_stay_told_beside_phase_sets(polyploid, sets):
    words, phased, index = np.array([[-1, -1], [0, 1]], np.int32), np.array([True, True]), np.array([0, 1, 1], np.uint8)
    stated = None if sets is None else np.array(sets, np.int32)
    record = Genotyped(words, phased, index, stated, polyploid=None if polyploid is None else np.array(polyploid))
    told, _ = phased_states(record, 0, 0)
    of_samples = None if told.polyploid is None else told.polyploid[told.index].tolist()
    assert of_samples == (None if polyploid is None else [True, False, False])


# find_patterns.

USABLE = (
    LocusStatus.OBSERVED,
    LocusStatus.COVERED_REFERENCE,
    LocusStatus.ASSUMED_REFERENCE,
    LocusStatus.HALF_CALL,
    LocusStatus.UNEXPECTED_ALLELE,
)

_RESTS_ON = {LocusStatus.ASSUMED_REFERENCE: ASSUMED, LocusStatus.COVERED_REFERENCE: COVERED}


def seen_at(genotypes, row, sample):
    """Return what counts of one genotype: codes, phase, what it rests on."""
    first, second, phase, code = genotypes.state(row, sample)
    usable = status_name(code) in USABLE
    one = max(first, MISSING) if usable else MISSING
    if second == ABSENT_COPY:
        return one, ABSENT_COPY, 0, _RESTS_ON.get(status_name(code), SEEN)
    other = max(second, MISSING) if usable else MISSING
    return one, other, phase if one != other else 0, _RESTS_ON.get(status_name(code), SEEN)


def pattern_of(genotypes, rows, sample):
    """Return the pattern of one sample, locus by locus; a phase set goes by its first locus."""
    seen = [seen_at(genotypes, row, sample) for row in rows]
    phases = [phase for _, _, phase, _ in seen]
    pairs, sets = [], []
    for one, other, phase, _ in seen:
        members = [number for number, found in enumerate(phases) if found == phase] if phase else []
        if len(members) < 2:
            sets.append(0)
            pairs.append((one, other) if other == ABSENT_COPY else tuple(sorted((one, other))))
            continue
        sets.append(members[0] + 1)
        leading = seen[members[0]]
        pairs.append((other, one) if leading[0] > leading[1] else (one, other))
    first, second = zip(*pairs, strict=True)
    return Pattern(first, second, tuple(sets), tuple(basis for *_, basis in seen))


def by_first_locus(pattern):
    """Name the phase sets of a pattern by their first loci."""
    phase = tuple(pattern.phase.index(number) + 1 if number else 0 for number in pattern.phase)
    return Pattern(pattern.first, pattern.second, phase, pattern.basis)


@st.composite
def cohorts(draw):
    """Genotypes of some samples; states may be there twice, or be nobody's."""
    samples = draw(st.integers(1, 12))
    base = PHASE_FILE
    phases = draw(st.sampled_from([[0], [0, base], [0, base, base + 8], [base + 1, base + 2, base + PHASE_RECORD + 1]]))
    few = st.sampled_from([LocusStatus.OBSERVED, LocusStatus.ASSUMED_REFERENCE, LocusStatus.HALF_CALL])
    status = (few | st.sampled_from(LOCUS_STATUSES)).map(lambda item: item.code)
    codes = st.sampled_from([0, 0, 1, 1, 2, MISSING, UNEXPECTED])
    pair = st.tuples(codes, codes) | st.tuples(codes, codes | st.just(ABSENT_COPY))
    states = st.lists(st.tuples(pair, st.sampled_from(phases), status), min_size=1, max_size=5)
    columns = []
    for _ in range(draw(st.integers(1, 5))):
        chosen = draw(states)
        alleles, phase, code = zip(*chosen, strict=True)
        index = draw(st.lists(st.integers(0, len(chosen) - 1), min_size=samples, max_size=samples))
        table = States(np.array(alleles, np.int16), np.array(phase, np.int64), np.array(code, np.uint8))
        columns.append(Column(table, same(samples) if len(chosen) == 1 else np.array(index, np.uint8)))
    names = tuple(f"S{number}" for number in range(samples))
    return Genotypes(Build.GRCH38, names, (), columns, tuple([] for _ in columns))


@settings(max_examples=120)
@given(cohorts(), st.data())
def test_patterns_are_those_of_the_samples(genotypes, data):
    samples = len(genotypes.sample_ids)
    order = data.draw(st.permutations(range(len(genotypes.columns))))
    rows = order[: data.draw(st.integers(1, len(order)))]
    further = data.draw(st.none() | st.lists(st.integers(0, 2), min_size=samples, max_size=samples))
    extra = None if further is None else (np.array(further, np.uint8), 3)
    patterns, extras, index = find_patterns(genotypes, rows, extra)
    expected = [pattern_of(genotypes, rows, sample) for sample in range(samples)]
    assert [by_first_locus(patterns[number]) for number in index] == expected
    assert [extras[number] for number in index] == (further or [0] * samples)
    told_apart = {(by_first_locus(pattern), number) for pattern, number in zip(patterns, extras, strict=True)}
    assert len(patterns) == len(told_apart) == len(set(zip(expected, further or [0] * samples, strict=True)))


@settings(max_examples=40)
@given(cohorts())
def test_arrays_give_the_patterns_of_the_columns(genotypes):
    """Columns made anew from the arrays of samples say the same."""
    rows = range(len(genotypes.columns))
    for made in (genotypes, genotypes.with_arrays()):
        patterns, _, index = find_patterns(made, rows)
        found = [by_first_locus(patterns[number]) for number in index]
        assert found == [pattern_of(genotypes, rows, sample) for sample in range(len(genotypes.sample_ids))]
