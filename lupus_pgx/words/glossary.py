"""What the words of a report mean, each once: for a page that is read far from the documentation."""

from __future__ import annotations

from lupus_pgx.words.vocabulary import JUDGED, NO_CHANGE, NOT_REREAD, NOT_SETTLED, NOT_TOLD, TOLD

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("diplotype", "the two named alleles (star alleles) of a gene that a person carries"),
    ("phenotype", "what the pair of alleles is expected to do, in the terms of CPIC, such as Poor Metabolizer"),
    ("activity score", "the sum of the values that CPIC gives to the alleles of a gene"),
    ("essential locus", "a place of the genome without which no drug action may rest on a gene"),
    ("certain, probable, ambiguous", "how sure a call is: one pair fits; the best has 95 % or more; the best has less"),
    ("no named pair fits", "what was seen is no pair of named alleles: its function is not known"),
    ("not assessed", "there is no genotype, and that is not normal: the place was not looked at, or not well enough"),
    (
        "check first",
        "must be known before the drug is given: the patient's data ask for a check, are silent of it, or tell of it "
        "without settling it",
    ),
    (
        f"{TOLD}, {NOT_TOLD}, {NOT_SETTLED}",
        "whether the patient's data say it, say nothing of it, or say too little to decide: what is not told is a "
        "question, and no finding",
    ),
    ("not looked at", "nobody entered a source for this drug and this condition: it is not a clearance"),
    (
        NOT_REREAD,
        "about a row of the tables, not about the patient: it was entered from a copy or a report of the document",
    ),
    (
        NO_CHANGE,
        "what is known of the genotype is too weak to choose or leave a drug by; the drug may well work",
    ),
    (
        "genotype certain for this, genotype 97 % certain for this",
        "how probable it is that the genotype is one that asks for what is said here. Several pairs of alleles may ask "
        "for the same: it is not how sure one pair is, nor how sure the rule is",
    ),
    (
        "taken as the genome base",
        "a place without a record that was assumed, because it was stated that all was looked at",
    ),
    *((word.label, word.meaning) for word in JUDGED if word.meaning),
)
"""Terms and their meaning; the last are what a drug may be asked for."""
