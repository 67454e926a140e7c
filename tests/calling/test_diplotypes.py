"""Diplotypes: equal to a slow caller on random observations, unmoved by the file's form, right in plain cases."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from builder import Rec, VcfBuilder
from helpers import CHROMOSOMES, both_named
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_caller import ReferenceCaller, Seen

import lupus_pgx
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.tables import Table

GENES = ("CYP3A5", "NUDT15", "TPMT")
BUILDS = ("GRCh37", "GRCh38")
POPULATIONS = ("AFR", "AMR", "EAS", "EUR", "SAS")
# Haplotypes of a population: ALL, AFR ... (1000 Genomes, 2,504 unrelated people).
TPMT_SEEN = {"ALL": 11, "AFR": 7, "AMR": 6, "EAS": 2, "EUR": 8, "SAS": 3}  # named alleles with a count, of 49

CALLERS = {gene: ReferenceCaller(lupus_pgx.load_knowledge(), gene) for gene in GENES}


def knowledge_with_unnamed_haplotypes(knowledge: Knowledge) -> Knowledge:
    """Knowledge in which every seventh ``*1`` haplotype is one that no named allele explains."""
    table = knowledge.tables["haplotype_frequencies"]
    moved = {(row["gene"], row["population"]): row["count"] // 7 for row in table.rows if row["allele"] == "*1"}
    rows = tuple(
        {
            **row,
            "count": row["count"]
            + moved.get((row["gene"], row["population"]), 0) * {"*1": -1, "other": 1}.get(row["allele"], 0),
        }
        for row in table.rows
    )
    changed = Table(table.name, table.columns, table.types, rows)
    release = {"release": "test", "tables": knowledge.checksums}
    return Knowledge(release, {**knowledge.tables, "haplotype_frequencies": changed})


OTHER_KNOWLEDGE = knowledge_with_unnamed_haplotypes(lupus_pgx.load_knowledge())
OTHER_CALLERS = {gene: ReferenceCaller(OTHER_KNOWLEDGE, gene) for gene in GENES}


@dataclass
class Plan:
    """How a sample's gene is observed: two true alleles, then loci hidden, halved or changed."""

    alleles: tuple[str, str]
    optional: tuple[bool, bool]
    phase: dict[str, int | None]
    changes: dict[str, tuple]
    only: set[str] | None

    def seen(self, caller: ReferenceCaller) -> dict[str, Seen]:
        observed = {}
        for locus, letters in caller.loci.items():
            pair = []
            for allele, extra in zip(self.alleles, self.optional, strict=True):
                carried = caller.carried[allele][locus]
                base = letters[0]
                pair.append(next(iter(carried - {base}), base) if base not in carried or extra else base)
            kind, *details = self.changes.get(locus, ("as is",))
            if kind == "half":
                pair[details[0]] = None
            elif kind == "swap":
                pair[details[0]] = letters[details[1] % len(letters)]
            elif kind == "missing" or (self.only is not None and locus not in self.only):
                continue
            observed[locus] = Seen(pair[0], pair[1], self.phase.get(locus))
        return observed


@st.composite
def plans(draw, gene: str) -> Plan:
    caller = CALLERS[gene]
    loci = list(caller.loci)
    likely = [name for name in caller.alleles if caller.counts.get(("ALL", name))]
    allele = st.one_of(st.sampled_from(likely), st.sampled_from(caller.alleles))
    alleles = (draw(allele), draw(allele))
    # Loci at which the two haplotypes differ are where phase matters: pick phase sets for a few loci.
    mode = draw(st.sampled_from(["free", "one set", "two sets", "some"]))
    differing = [locus for locus in loci if caller.carried[alleles[0]][locus] != caller.carried[alleles[1]][locus]]
    if mode == "free":
        phase = {}
    elif mode == "one set":
        phase = dict.fromkeys(loci, 1)
    else:
        choice = st.sampled_from([1, 2] if mode == "two sets" else [None, 1])
        phase = {locus: draw(choice) for locus in differing} | dict.fromkeys(set(loci) - set(differing), 1)
    change = st.one_of(
        st.just(("missing",)),
        st.tuples(st.just("half"), st.integers(0, 1)),
        st.tuples(st.just("swap"), st.integers(0, 1), st.integers(0, 2)),
    )
    changes = draw(st.dictionaries(st.sampled_from(loci), change, max_size=3))
    only = draw(st.one_of(st.none(), st.none(), st.sets(st.sampled_from(loci), min_size=0, max_size=4)))
    return Plan(alleles, (draw(st.booleans()), draw(st.booleans())), phase, changes, only)


Cohort = list[dict[str, dict[str, Seen]]]


def cohorts(size: int):
    sample = st.fixed_dictionaries({gene: plans(gene) for gene in GENES})
    return st.lists(sample, min_size=size, max_size=size).map(
        lambda samples: [{gene: plan.seen(CALLERS[gene]) for gene, plan in sample.items()} for sample in samples]
    )


def build_file(build: str, cohort: Cohort, *, with_ps: bool = True, drop_empty: bool = True) -> VcfBuilder:
    """Write observations into a builder: ``|`` with PS for phase sets, ``/`` for free loci, ``.`` for unknown."""
    file = VcfBuilder(build=build, samples=[f"S{number}" for number in range(len(cohort))], genes=GENES)
    for name, locus in file.loci.items():
        site = file.site(name)
        alleles = [site.ref, *site.alts]
        calls = []
        for sample in cohort:
            item = sample[locus.gene].get(name)
            if item is None:
                calls.append("./.:." if with_ps else "./.")
                continue
            codes = ["." if letters is None else str(alleles.index(letters)) for letters in (item.first, item.second)]
            text = ("/" if item.phase is None else "|").join(codes)
            calls.append(f"{text}:{'.' if item.phase is None else item.phase}" if with_ps else text)
        record = file.records[name][0]
        record.calls, record.fmt = calls, "GT:PS" if with_ps else "GT"
        if drop_empty and all(call.startswith("./.") for call in calls):
            file.drop(name)
    return file


def write(file: VcfBuilder, folder: Path, name: str = "file", kind: str = "vcf") -> str:
    return file.write(folder / name, kind=kind)


def call_of(analysis, gene: str, sample: int):
    return analysis.results.genes.of(gene, sample).diplotype


def assert_equals_reference(analysis, callers, cohort: Cohort, ancestry: str | None, assumed=None) -> None:
    frame = analysis.diplotypes.to_frame().set_index(["sample_id", "gene"])
    for number, sample in enumerate(cohort):
        for gene, seen in sample.items():
            expected = callers[gene].call(seen, ancestry, (assumed or {}).get(gene, frozenset()))
            call = call_of(analysis, gene, number)
            found = {candidate.name: candidate.probability for candidate in call.candidates}
            assert found == pytest.approx(expected.candidates, abs=1e-9), (number, gene)
            assert frame.loc[f"S{number}", gene].n_candidates == len(expected.candidates)
            if expected.candidates:
                assert call.other == pytest.approx(expected.other, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("build", BUILDS)
@given(cohort=cohorts(8), ancestry=st.sampled_from([None, *POPULATIONS]), with_ps=st.booleans())
@settings(max_examples=12)
def test_package_equals_the_slow_caller(build, cohort, ancestry, with_ps, tmp_path):
    if not with_ps:  # without PS all phased loci of a contig are one set
        cohort = [
            {
                gene: {locus: item._replace(phase=item.phase and 1) for locus, item in seen.items()}
                for gene, seen in sample.items()
            }
            for sample in cohort
        ]
    path = write(build_file(build, cohort, with_ps=with_ps), tmp_path)
    analysis = lupus_pgx.analyze(path, build=build, genes=GENES, drugs=[], ancestry=ancestry)
    assert_equals_reference(analysis, CALLERS, cohort, ancestry)


@given(cohort=cohorts(6), ancestry=st.sampled_from([None, *POPULATIONS]))
@settings(max_examples=8)
def test_unnamed_haplotypes_get_their_share(cohort, ancestry, tmp_path):
    path = write(build_file("GRCh38", cohort), tmp_path)
    options = {"build": "GRCh38", "genes": GENES, "drugs": [], "ancestry": ancestry}
    analysis = lupus_pgx.analyze(path, knowledge=OTHER_KNOWLEDGE, **options)
    assert_equals_reference(analysis, OTHER_CALLERS, cohort, ancestry)


@pytest.mark.parametrize("build", BUILDS)
@given(cohort=cohorts(4))
@settings(max_examples=6)
def test_absent_reference_means_the_base_of_the_build(build, cohort, tmp_path):
    # One sample a file: a record without a call would be unknown, not absent.
    for number, sample in enumerate(cohort):
        file = build_file(build, [sample])
        # Genes without any record around them were not looked at: nothing is assumed there.
        path = write(file.like_a_genome(), tmp_path, f"file{number}")
        analysis = lupus_pgx.analyze(path, build=build, genes=GENES, drugs=[], absent="reference")
        filled, assumed = {}, {}
        for gene, seen in sample.items():
            caller = CALLERS[gene]
            filled[gene] = dict(seen)
            assumed[gene] = set(caller.loci) - set(seen)
            for locus, letters in caller.loci.items():
                if locus not in seen:
                    base = letters[0] if build == "GRCh38" else caller.grch37_base[locus]
                    filled[gene][locus] = Seen(base, base)
        assert_equals_reference(analysis, CALLERS, [filled], None, assumed)


# --- what must not matter ---------------------------------------------------------------------


def random_cohort(seed: int, size: int) -> Cohort:
    """People of random named alleles with some loci hidden; unphased, phased and half-called."""
    rng = random.Random(seed)
    cohort = []
    for _ in range(size):
        sample = {}
        for gene, caller in CALLERS.items():
            likely = [name for name in caller.alleles if caller.counts.get(("ALL", name))]
            phase = dict.fromkeys(caller.loci, rng.choice([None, 1]))
            changes = {
                locus: rng.choice([("missing",), ("half", rng.randrange(2))])
                for locus in rng.sample(list(caller.loci), rng.randrange(3))
            }
            plan = Plan((rng.choice(likely), rng.choice(likely)), (False, rng.random() < 0.5), phase, changes, None)
            sample[gene] = plan.seen(caller)
        cohort.append(sample)
    return cohort


def results(analysis) -> dict[str, list]:
    """Rows of all calls and responses by sample, without the sample's name first."""
    by_sample: dict[str, list] = {sample: [] for sample in analysis.sample_ids}
    for frame in (analysis.diplotypes, analysis.drug_responses, analysis.guidance, analysis.evidence):
        for sample, *cells in frame.to_frame().astype(object).fillna("").itertuples(index=False, name=None):
            by_sample[sample].append(tuple(cells))
    return by_sample


@pytest.fixture(scope="module")
def fx_observations():
    return random_cohort(20261122, 30)


@pytest.fixture(scope="module", params=BUILDS)
def fx_base(request, fx_observations, tmp_path_factory):
    """Build, path and results of a cohort file."""
    path = write(build_file(request.param, fx_observations), tmp_path_factory.mktemp("base"), kind="vcf.gz")
    return request.param, path, results(lupus_pgx.analyze(path, build=request.param))


def analyze_text(lines: list[str], folder: Path, build: str):
    path = folder / "changed.vcf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return results(lupus_pgx.analyze(path, build=build))


def test_cohort_covers_all_kinds_of_calls(fx_base):
    """The properties below are not shown on calls that are all alike."""
    statuses = {row[2] for rows in fx_base[2].values() for row in rows if row[0] in GENES}
    assert {"certain", "probable", "ambiguous"} <= statuses


def test_sample_order_does_not_matter(fx_base, fx_observations, tmp_path):
    build, _, expected = fx_base
    order = list(range(len(fx_observations)))
    random.Random(5).shuffle(order)
    file = build_file(build, [fx_observations[number] for number in order])
    file.samples = [f"S{number}" for number in order]
    analysis = lupus_pgx.analyze(write(file, tmp_path), build=build)
    assert analysis.sample_ids == [f"S{number}" for number in order]
    assert results(analysis) == expected


def test_record_order_does_not_matter(fx_base, fx_observations, tmp_path):
    build, _, expected = fx_base
    lines = build_file(build, fx_observations).text().splitlines()
    header = [line for line in lines if line.startswith("#")]
    records = [line for line in lines if not line.startswith("#")]
    random.Random(6).shuffle(records)
    assert analyze_text([*header, *records], tmp_path, build) == expected


def test_unrelated_records_do_not_matter(fx_base, fx_observations, tmp_path):
    build, _, expected = fx_base
    file = build_file(build, fx_observations)
    size = len(fx_observations)
    spots = {(file.site(name).chrom, file.site(name).pos + step) for name in file.loci for step in range(-8, 30)}
    for name in list(file.loci)[::3]:
        site = file.site(name)
        pos = next(pos for pos in range(site.pos + 30, site.pos + 200) if (site.chrom, pos) not in spots)
        file.add(Rec(file.chrom(site.chrom), pos, "A", "G", ["0/1"] * size))
    file.add(Rec(file.chrom("chr1"), 1_000_000, "A", "AT", ["1|1"] * size))
    file.add(Rec(file.chrom("chr19"), 5_000_000, "C", "<DEL>", ["0/1"] * size))
    analysis = lupus_pgx.analyze(write(file, tmp_path, kind="vcf.gz"), build=build)
    assert results(analysis) == expected


def turned(seen: dict[str, Seen], shift: int) -> dict[str, Seen]:
    """Swap the haplotypes of all loci, and give their phase set another number."""
    return {locus: Seen(item.second, item.first, item.phase and item.phase + shift) for locus, item in seen.items()}


def test_phase_labels_do_not_matter(fx_base, fx_observations, tmp_path):
    build, _, expected = fx_base
    swapped = [sample | {"TPMT": turned(sample["TPMT"], 0)} for sample in fx_observations]
    analysis = lupus_pgx.analyze(write(build_file(build, swapped), tmp_path), build=build)
    assert results(analysis) == expected
    everything = [{gene: turned(seen, 40) for gene, seen in sample.items()} for sample in fx_observations]
    analysis = lupus_pgx.analyze(write(build_file(build, everything), tmp_path, "all"), build=build)
    assert results(analysis) == expected


def test_homozygous_sites_agree_with_every_phase(fx_base, fx_observations, tmp_path):
    build, _, expected = fx_base
    rng = random.Random(7)
    shuffled = [
        {
            gene: {
                locus: item._replace(phase=rng.choice([None, 1, 2, 3])) if item.first == item.second else item
                for locus, item in seen.items()
            }
            for gene, seen in sample.items()
        }
        for sample in fx_observations
    ]
    analysis = lupus_pgx.analyze(write(build_file(build, shuffled), tmp_path), build=build)
    assert results(analysis) == expected


@pytest.mark.slow
def test_cohort_equals_its_samples_one_by_one(fx_base):
    build, path, expected = fx_base
    for sample in list(expected)[::4]:
        alone = lupus_pgx.analyze(path, build=build, samples=[sample])
        assert results(alone) == {sample: expected[sample]}


def test_one_file_each_equals_one_cohort(fx_base, fx_observations, tmp_path):
    build, _, expected = fx_base
    paths = []
    for number in range(6):
        file = build_file(build, [fx_observations[number]], drop_empty=False)
        file.samples = [f"S{number}"]
        paths.append(write(file, tmp_path, f"file{number}"))
    joined = lupus_pgx.analyze(paths, build=build)
    assert results(joined) == {f"S{number}": expected[f"S{number}"] for number in range(6)}


def test_subset_of_cohort_equals_cohort_of_subset(fx_base, fx_observations, tmp_path):
    build, path, expected = fx_base
    chosen = [2, 3, 5, 7, 11, 13]
    names = [f"S{number}" for number in chosen]
    file = build_file(build, [fx_observations[number] for number in chosen], drop_empty=False)
    file.samples = names
    wanted = {name: expected[name] for name in names}
    assert results(lupus_pgx.analyze(path, build=build, samples=names)) == wanted
    assert results(lupus_pgx.analyze(write(file, tmp_path), build=build)) == wanted


def test_plain_bgzipped_and_bcf_agree(fx_base, fx_observations, tmp_path):
    build, _, expected = fx_base
    for kind in ("vcf", "bcf"):
        path = write(build_file(build, fx_observations), tmp_path, kind, kind=kind)
        assert results(lupus_pgx.analyze(path, build=build)) == expected


MULTI_ALLELIC = [("TPMT", "rs1142345"), ("TPMT", "rs144041067"), ("NUDT15", "rs746071566")]


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("separator", ["/", "|"])
@pytest.mark.parametrize(("gene", "locus"), MULTI_ALLELIC)
def test_splitting_multi_allelic_records_does_not_matter(gene, locus, separator, build, fx_knowledge, tmp_path):
    codes = ["0", "1", "2", "."]
    genotypes = [(one, other) for one in codes for other in codes if (one, other) != (".", ".")]
    samples = [f"S{number}" for number in range(len(genotypes))]
    other = "rs1800460" if gene == "TPMT" else "rs116855232"

    def make():
        file = VcfBuilder(build=build, samples=samples, genes=GENES)
        file.records[other][0].calls = [f"0{separator}1"] * len(samples)
        return file

    together, split = make(), make()
    together.records[locus][0].calls = [separator.join(pair) for pair in genotypes]
    (place,) = [row for row in fx_knowledge.rows("loci") if (row["gene"], row["locus"]) == (gene, locus)]
    rows = [row for row in fx_knowledge.rows("locus_alleles") if (row["gene"], row["locus"]) == (gene, locus)]
    prefix = build.lower()
    records = []
    for number, row in enumerate(rows, start=1):
        calls = [
            separator.join("." if code == "." else str(int(code == str(number))) for code in pair) for pair in genotypes
        ]
        chrom = split.chrom(place["chrom"])
        ref, alt = row[f"{prefix}_ref"], row[f"{prefix}_alt"]
        records.append(Rec(chrom, place[f"{prefix}_pos"], ref, alt, calls))
    split.replace(locus, *records)
    left = lupus_pgx.analyze(write(together, tmp_path, "together"), build=build, genes=[gene], drugs=[])
    right = lupus_pgx.analyze(write(split, tmp_path, "split"), build=build, genes=[gene], drugs=[])
    calls = results(left)
    assert len({rows[0] for rows in calls.values()}) >= 6
    assert results(right) == calls


# --- plain cases ------------------------------------------------------------------------------


@pytest.fixture
def fx_call(tmp_path):
    """Analyze one sample of a builder; returns the rows of ``diplotypes.tsv`` by gene."""

    def call(file: VcfBuilder, **options):
        analysis = lupus_pgx.analyze(write(file.stated(options), tmp_path), **options)
        return analysis, {row.gene: row for row in analysis.diplotypes.to_frame().itertuples()}

    return call


def listed(cell: str) -> list[tuple[str, float]]:
    pairs = [item.split("=") for item in cell.split(";")]
    return [(name, float(value)) for name, value in pairs]


def tpmt_double(build: str = "GRCh38", separator: str = "/", *, trans: bool = False) -> VcfBuilder:
    second = f"C{separator}T" if trans else f"T{separator}C"
    return VcfBuilder(build=build).set("rs1800460", f"C{separator}T").set("rs1142345", second)


def share_of_cis(counts: tuple[int, int, int], population: str) -> float:
    """P(*1/*3A) against *3B/*3C from haplotype counts; *3B was never seen, *3A in five of the populations."""
    normal, both, second = counts
    unseen = 1 / (49 - TPMT_SEEN[population])
    cis = normal * (both or unseen * scale(population))
    trans = unseen * scale(population) * second
    return cis / (cis + trans)


def scale(population: str) -> float:
    """Bring a share of the mass of one haplotype to the scale of counts (seen alleles are scaled by 1 - 1/2N)."""
    return 1 / (1 - 1 / CHROMOSOMES[population])


# Counts of *1, *3A and *3C in the 2,504 people.
TPMT_COUNTS = {
    "AFR": (1172, 4, 84),
    "AMR": (646, 28, 12),
    "EAS": (986, 0, 22),
    "EUR": (966, 28, 1),
    "SAS": (961, 4, 13),
}


@pytest.mark.parametrize("build", BUILDS)
def test_tpmt_unphased_lists_both_ways_and_prefers_3a(build, fx_call):
    _, rows = fx_call(tpmt_double(build))
    row = rows["TPMT"]
    # East Asians have neither *3A nor *3B: there only *1 (986) against *3C (22) decides.
    assert row.diplotype == "*1/*3A"
    assert row.probability == pytest.approx(round(986 / 1008 * both_named("EAS"), 4))
    assert row.call_status == "probable"
    names = [name for name, _ in listed(row.candidates)]
    assert names == ["*1/*3A", "*3B/*3C"]
    assert row.n_candidates == 2
    assert row.phenotype == "Intermediate Metabolizer"


@pytest.mark.parametrize("population", POPULATIONS)
def test_tpmt_unphased_with_each_ancestry(population, fx_call):
    analysis, rows = fx_call(tpmt_double(), ancestry=population)
    expected = share_of_cis(TPMT_COUNTS[population], population)
    first, second = call_of(analysis, "TPMT", 0).candidates
    assert (first.name, second.name) == ("*1/*3A", "*3B/*3C")
    named = both_named(population)
    assert first.probability == pytest.approx(expected * named, abs=1e-9)
    assert second.probability == pytest.approx((1 - expected) * named, abs=1e-9)
    assert rows["TPMT"].call_status == "probable"


@pytest.mark.parametrize("build", BUILDS)
def test_tpmt_cis_phase_is_certain(build, fx_call):
    _, rows = fx_call(tpmt_double(build, "|"))
    assert (rows["TPMT"].diplotype, rows["TPMT"].call_status, rows["TPMT"].probability) == ("*1/*3A", "certain", 1.0)


@pytest.mark.parametrize("build", BUILDS)
def test_tpmt_trans_phase_is_kept_and_flagged(build, fx_call):
    analysis, rows = fx_call(tpmt_double(build, "|", trans=True))
    row = rows["TPMT"]
    assert (row.diplotype, row.n_candidates, row.phenotype) == ("*3B/*3C", 1, "Poor Metabolizer")
    assert "*1/*3A" in row.note
    assert "phase" in row.note
    assert analysis.patient("S1").drug("azathioprine").action == "avoid"


@pytest.mark.parametrize(
    ("population", "normal", "sixth"),
    [("AFR", 1317, 3), ("AMR", 653, 2), ("EAS", 880, 17), ("EUR", 1001, 3), ("SAS", 907, 2)],
)
def test_nudt15_repeat_and_change_with_each_ancestry(population, normal, sixth, fx_call):
    # *3 comes with and without the repeat: cis is *1/*3, trans *3/*6. The count of *3 cancels out.
    file = VcfBuilder().set("rs116855232", "C/T").set("rs746071566", "AGGAGTC/AGGAGTCGGAGTC")
    analysis, rows = fx_call(file, ancestry=population)
    cis = normal / (normal + sixth)
    found = {item.name: item.probability for item in call_of(analysis, "NUDT15", 0).candidates}
    named = both_named(population)
    assert found == pytest.approx({"*1/*3": cis * named, "*3/*6": (1 - cis) * named}, abs=1e-9)
    assert rows["NUDT15"].diplotype == "*1/*3"
    assert rows["NUDT15"].call_status == "probable"


def test_nudt15_repeat_and_change_without_ancestry(fx_call):
    file = VcfBuilder().set("rs116855232", "C/T").set("rs746071566", "AGGAGTC/AGGAGTCGGAGTC")
    _, rows = fx_call(file)
    # Lowest of each pair over the populations: *1/*3 in East Asia, *3/*6 in South Asia.
    assert listed(rows["NUDT15"].candidates) == [
        ("*1/*3", round(880 / 897 * both_named("EAS"), 4)),
        ("*3/*6", round(2 / 909 * both_named("SAS"), 4)),
    ]
    assert rows["NUDT15"].call_status == "probable"


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("repeat", ["AGGAGTC/AGGAGTC", "AGGAGTC/AGGAGTCGGAGTC", "AGGAGTCGGAGTC/AGGAGTCGGAGTC"])
def test_nudt15_3_homozygous_with_any_repeat(repeat, build, fx_call):
    file = VcfBuilder(build=build).set("rs116855232", "T/T").set("rs746071566", repeat)
    _, rows = fx_call(file)
    row = rows["NUDT15"]
    assert (row.diplotype, row.call_status, row.n_candidates) == ("*3/*3", "certain", 1)
    assert row.phenotype == "Poor Metabolizer"


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(
    ("genotypes", "expected"),
    [
        ({"rs776746": "T/C", "rs10264272": "C/T"}, "*3/*6"),
        ({"rs10264272": "C/T", "rs41303343": "T/TA"}, "*6/*7"),
        ({"rs776746": "T/C", "rs41303343": "T/TA"}, "*3/*7"),
        ({"rs776746": "C/C"}, "*3/*3"),
        ({"rs776746": "T/C"}, "*1/*3"),
        ({}, "*1/*1"),
        ({"rs10264272": "T/T"}, "*6/*6"),
    ],
)
def test_cyp3a5_pairs(genotypes, expected, build, fx_call):
    file = VcfBuilder(build=build)
    for locus, genotype in genotypes.items():
        file.set(locus, genotype)
    _, rows = fx_call(file)
    row = rows["CYP3A5"]
    # Two changes without phase might lie on one chromosome: nobody has such a haplotype, but nobody read it here.
    sure = len(genotypes) < 2
    assert (row.diplotype, row.call_status, row.probability, row.n_candidates) == (
        expected,
        "certain" if sure else "probable",
        1.0 if sure else round(both_named("AMR"), 4),
        1,
    )


def test_names_put_the_reference_first_and_then_count(fx_call):
    file = VcfBuilder(samples=["A", "B", "C"])
    file.set("rs1800460", "C/C", "C/C", "C/T").set("rs1142345", "T/T", "T/C", "T/C")
    file.set("rs1800584", "T/C", "C/C", "C/C").set("rs72552737", "C/C", "G/C", "C/C")
    analysis, _ = fx_call(file)
    frame = analysis.diplotypes.to_frame()
    found = dict(zip(frame[frame.gene == "TPMT"].sample_id, frame[frame.gene == "TPMT"].diplotype, strict=True))
    # *3C stands before *10, which the alphabet would put first.
    assert found == {"A": "*1/*4", "B": "*3C/*10", "C": "*1/*3A"}


# --- status -----------------------------------------------------------------------------------


def test_novel_pair_is_named_with_what_it_leaves(fx_call):
    # *6 needs rs10264272 on a haplotype with T at rs776746: here both haplotypes carry C.
    file = VcfBuilder().set("rs776746", "C/C").set("rs10264272", "C/T")
    analysis, rows = fx_call(file)
    row = rows["CYP3A5"]
    assert row.call_status == "novel"
    assert pd.isna(row.diplotype)
    assert row.n_candidates == 0
    assert row.phenotype == "Indeterminate"
    assert "nearest" in row.note
    assert "rs776746" in row.note or "rs10264272" in row.note
    assert analysis.patient("S1").drug("tacrolimus").response == "indeterminate"


def test_phase_alone_can_make_a_pair_novel(fx_call):
    file = VcfBuilder().set("rs776746", "T|C").set("rs10264272", "C|T")
    _, rows = fx_call(file)
    assert rows["CYP3A5"].call_status == "novel"
    assert "*3/*6" in rows["CYP3A5"].note


@pytest.mark.parametrize("gene", GENES)
def test_no_locus_gives_no_call(gene, fx_call):
    _, rows = fx_call(VcfBuilder().drop_gene(gene))
    row = rows[gene]
    assert row.call_status == "no_call"
    assert pd.isna(row.diplotype)
    assert pd.isna(row.phenotype)
    assert (row.n_candidates, row.n_observed) == (0, 0)
    assert len(row.missing_loci.split(";")) == row.n_loci
    assert row.note


def test_ambiguous_where_the_deciding_locus_is_missing(fx_call):
    _, rows = fx_call(VcfBuilder().drop("rs776746"))
    row = rows["CYP3A5"]
    assert row.call_status == "ambiguous"
    assert {name for name, _ in listed(row.candidates)} == {"*1/*1", "*1/*3", "*3/*3"}
    assert (row.missing_loci, row.missing_essential, row.n_observed) == ("rs776746", "rs776746", 6)


def test_probable_where_a_rare_locus_is_missing(fx_call):
    _, rows = fx_call(VcfBuilder().drop("rs55817950"))
    row = rows["CYP3A5"]
    assert (row.diplotype, row.call_status, row.missing_loci) == ("*1/*1", "probable", "rs55817950")
    assert pd.isna(row.missing_essential)
    assert {name for name, _ in listed(row.candidates)} == {"*1/*1", "*1/*8", "*8/*8"}


def test_certain_is_never_said_on_assumed_loci(fx_call):
    _, rows = fx_call(VcfBuilder().drop("rs776746"), absent="reference")
    row = rows["CYP3A5"]
    assert (row.diplotype, row.call_status, row.n_candidates) == ("*1/*1", "probable", 1)
    assert "assumed" in row.note


def test_assumed_base_is_that_of_the_build(fx_call):
    _, rows = fx_call(VcfBuilder(build="GRCh37").drop("rs776746"), absent="reference")
    assert rows["CYP3A5"].diplotype == "*3/*3"


def test_given_calls_have_status_outside():
    frame = lupus_pgx.respond({"TPMT": "*3C/*1"}).diplotypes.to_frame().set_index("gene")
    row = frame.loc["TPMT"]
    assert (row.diplotype, row.call_status, row.probability) == ("*1/*3C", "outside", 1.0)
    assert row.note == "given by the user"
    assert frame.loc["NUDT15"].call_status == "no_call"


@pytest.mark.parametrize(
    ("gene", "locus", "ref", "alts", "drug"),
    [
        ("TPMT", "rs1800460", "C", "T,A", "azathioprine"),  # essential
        ("TPMT", "rs75543815", "T", "A,G", "azathioprine"),  # not essential
        ("NUDT15", "rs147390019", "G", "A,T", "mercaptopurine"),
        ("CYP3A5", "rs28383479", "C", "T,G", "tacrolimus"),
    ],
)
@pytest.mark.parametrize("build", BUILDS)
def test_unexpected_allele_is_named_and_keeps_from_certain_and_standard(build, gene, locus, ref, alts, drug, tmp_path):
    file = VcfBuilder(build=build)
    if gene == "CYP3A5":
        file.set("rs776746", "C/C")  # poor metabolizer: standard without the unexpected allele
    site = file.site(locus)
    plain = lupus_pgx.analyze(write(file, tmp_path, "plain"))
    assert plain.patient("S1").drug(drug).action == "standard"
    file.replace(locus, Rec(file.chrom(site.chrom), site.pos, ref, alts, ["0/2"]))
    analysis = lupus_pgx.analyze(write(file, tmp_path, "odd"))
    variants = analysis.variants.to_frame().set_index("locus")
    assert variants.loc[locus].status == "unexpected_allele"
    assert variants.loc[locus].genotype == f"{ref}/{alts[-1]}"
    row = analysis.diplotypes.to_frame().set_index("gene").loc[gene]
    assert row.call_status not in ("certain", "no_call")
    assert f"unexpected allele {alts[-1]} at {locus}" in row.note
    response = analysis.patient("S1").drug(drug)
    assert response.action != "standard"
    assert locus in " ".join(response.not_assessed)


def test_probability_is_one_only_where_it_is_exact(tmp_path):
    path = write(tpmt_double(), tmp_path)
    for ancestry in (None, "EUR"):
        analysis = lupus_pgx.analyze(path, ancestry=ancestry)
        analysis.write(tmp_path / "out", formats=["tsv"])
        lines = (tmp_path / "out" / "diplotypes.tsv").read_text().splitlines()
        header = lines[0].split("\t")
        rows = {
            cells["gene"]: cells for cells in (dict(zip(header, line.split("\t"), strict=True)) for line in lines[1:])
        }
        assert rows["NUDT15"]["probability"] == "1.0000"
        assert rows["NUDT15"]["candidates"] == "*1/*1=1.0000"
        if ancestry == "EUR":  # 0.000001 is not written as 0
            assert rows["TPMT"]["probability"] == "0.9980"
            assert rows["TPMT"]["candidates"] == "*1/*3A=0.9980;*3B/*3C=0.0001"


def test_at_most_ten_candidates_are_listed_best_first(fx_call):
    file = VcfBuilder()
    for name, locus in list(file.loci.items()):
        if locus.gene == "TPMT" and name != "rs1142345":
            file.drop(name)
    _, rows = fx_call(file)
    row = rows["TPMT"]
    values = [value for _, value in listed(row.candidates)]
    assert len(values) == 10
    assert values == sorted(values, reverse=True)
    # The 46 of 49 alleles that have T at rs1142345 (not *3A, *3C, *41) pair with each other.
    assert row.n_candidates == 46 * 47 // 2
