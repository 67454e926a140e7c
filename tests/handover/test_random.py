"""Random hand-overs: never another function's answer, never another sample's."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lupus_pgx
from lupus_pgx.handover.given import handed_over

SAMPLES = ["S1", "S2", "S10", "LN-01"]
GENES = ("TPMT", "NUDT15", "CYP2D6", "CYP2C19", "G6PD", "HLA-B", "UGT1A1", "SLCO1B1")
LETTERS = "*0123456789ABCDx+:/ -"
KNOWLEDGE = lupus_pgx.load_knowledge()


def names_of(gene):
    star = KNOWLEDGE.star_genes[gene]
    return list(star.allele_names) if not star.typing else ["*07:02", "*58:01", "*15:02", "*57:01", "*58:02", "*15:01"]


@st.composite
def hand_overs(draw):
    """Lines of a table, true ones and the fault that is put into it."""
    lines = []
    for sample in draw(st.lists(st.sampled_from(SAMPLES), min_size=1, unique=True)):
        for gene in draw(st.lists(st.sampled_from(GENES), min_size=1, max_size=3, unique=True)):
            alleles = st.sampled_from(names_of(gene))
            lines.append((sample, gene, (draw(alleles), draw(alleles))))
    fault = draw(st.sampled_from(["none", "swap", "column", "letter", "suffix", "sample", "order"]))
    return lines, fault, draw(st.randoms(use_true_random=False))


def written(lines, fault, chance: random.Random):
    """Return the table as text, and the lines that it truly holds, for those that were not damaged."""
    header, true = ["sample_id", "gene", "diplotype"], list(lines)
    rows = [[sample, gene, "/".join(pair)] for sample, gene, pair in lines]
    victim = chance.randrange(len(rows))
    if fault == "swap":  # whole lines in another order: nothing changes
        chance.shuffle(rows)
    elif fault == "column":
        place = chance.randrange(3)
        header[place] = chance.choice(["sample", "ID", "patient", "genotype", "allele", "Gene name", "x"])
    elif fault == "order":
        order = chance.sample(range(3), 3)
        header, rows = [header[place] for place in order], [[row[place] for place in order] for row in rows]
    elif fault == "letter":
        text = rows[victim][2]
        place = chance.randrange(len(text))
        rows[victim][2] = text[:place] + chance.choice([chance.choice(LETTERS), ""]) + text[place + 1 :]
        true[victim] = None
    elif fault == "suffix":
        rows[victim][2] += chance.choice([".001", "N", "x2", "xN", "A", "-like", "G", "P", ":01", " positive"])
        true[victim] = None
    elif fault == "sample":
        rows[victim][0] = chance.choice([rows[victim][0].lower(), rows[victim][0] + "x", "S3", "", " S1 "])
        true[victim] = None
    return "\n".join("\t".join(row) for row in [header, *rows]) + "\n", [line for line in true if line]


def functions(star, names):
    """What alleles do: their functions, or in a typing the names that rules ask for."""
    if star.typing:
        return sorted(name for name in names if name in star.asked_alleles)
    return sorted(star.functions.get(name, f"value {star.activity_value(name)}") for name in names)


def spelled(name):
    """A name without the signs that a typing may leave out, in one case: no two alleles differ by it alone."""
    return name.replace("*", "").replace(":", "").casefold()


@settings(max_examples=300)
@given(hand_overs())
def test_no_answer_of_another_function_or_sample(tmp_path, case):
    lines, fault, chance = case
    text, true = written(lines, fault, chance)
    path = tmp_path / "calls.tsv"
    path.write_text(text, encoding="utf-8")
    found, refused = {}, ""
    try:
        found = handed_over(path, KNOWLEDGE, SAMPLES)
    except lupus_pgx.LupusPgxError as error:
        refused = str(error)
    if refused:
        assert fault in ("column", "letter", "suffix", "sample"), text
        assert str(path) in refused
        return
    said = {(SAMPLES[number], gene): item for (gene, number), item in found.items()}
    for sample, gene, pair in true:
        star = KNOWLEDGE.star_genes[gene]
        item = said.pop((sample, gene))
        assert {tuple(functions(star, names)) for names in item.pairs} == {tuple(functions(star, pair))}, text
    for (sample, gene), item in said.items():  # what is left is the line with the fault
        row = next(
            row.split("\t") for row in text.splitlines()[1:] if row.split("\t")[0].strip() == sample and gene in row
        )
        for names in item.pairs:
            for name in names:
                core = name.partition(" altered")[0].replace(" ", "")
                kept = row[2].replace(" ", "")
                aliases = [line for line in KNOWLEDGE.rows("allele_aliases") if line["gene"] == gene]
                known = any(
                    line["alias"].replace(" ", "") in kept for line in aliases if name in (line["reads_as"] or "")
                )
                units = [part.partition("x")[0] for part in core.split("+")]
                assert known or all(spelled(unit) in spelled(kept) for unit in units), (text, name)
    assert {sample for sample, _ in said} <= {row.split("\t")[0].strip() for row in text.splitlines()[1:]}


@pytest.mark.parametrize("gene", ["G6PD", "TPMT", "NUDT15", "CYP2C19", "CYP2D6", "SLCO1B1", "UGT1A1", "NAT2"])
def test_a_name_with_one_wrong_letter_is_never_offered_as_normal(gene):
    """Every allele that does harm, with each of its letters changed: a suggestion is never the normal allele."""
    star = KNOWLEDGE.star_genes[gene]
    normal = star.functions[star.reference_allele]
    harmful = [name for name, function in star.functions.items() if function != normal][:25]
    chance = random.Random(7)
    for name in harmful:
        for place in range(len(name)):
            text = name[:place] + chance.choice("0123456789ABC*-") + name[place + 1 :]
            with suppress(lupus_pgx.UsageError):
                lupus_pgx.respond({gene: f"{text}/{star.reference_allele}"}, drugs=["azathioprine"])
                continue
            with pytest.raises(lupus_pgx.UsageError) as error:
                lupus_pgx.respond({gene: f"{text}/{star.reference_allele}"}, drugs=["azathioprine"])
            words = str(error.value)
            offered = words.partition(" would be near")[0].rpartition(": ")[2] if "would be near;" in words else ""
            assert all(star.functions.get(item, "") != normal for item in offered.split(", ")), words
