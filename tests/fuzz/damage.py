"""Damage to the record of a carrier, in words that can be combined: where it stands, letters, cell, filter, figures."""

from __future__ import annotations

LOCUS, POS = "rs1142345", 18_130_687
"""TPMT T>C."""

CARRIED = ("0/1", "0|1", "1|0", "1/1")

MOVED = {
    "at 0": {"pos": "0"},
    "beyond the contig": {"pos": "999999999"},
    "one base before": {"pos": str(POS - 1), "name": "."},
    "one base after": {"pos": str(POS + 1), "name": "."},
    "one base after, named": {"pos": str(POS + 1)},
    "elsewhere, named": {"pos": str(POS + 4000)},
    "far away, named": {"pos": "5000000"},
    "contig": {"chrom": "chr6_KI270800v1_alt"},
    "other contig, named": {"chrom": "chr7"},
}
LETTERS = {
    "swapped": {"ref": "C", "alt": "T"},
    "REF N": {"ref": "N"},
    "REF of the other strand": {"ref": "A", "alt": "G"},
    "another ALT": {"alt": "G"},
    "ALT is REF": {"alt": "T"},
    "starred": {"alt": "*"},
    "deleted": {"alt": "<DEL>", "info": "END=18130700;SVTYPE=DEL"},
    "doubled": {"alt": "<DUP>", "info": "SVLEN=40;SVTYPE=DUP"},
    "copies": {"alt": "<CN0>", "info": "END=18130900"},
    "a letter in brackets": {"alt": "<C>"},
    "breakend": {"alt": "T[chr6:18140000["},
    "inserted": {"alt": "TCC"},
}
CELLS = {
    "not called": {"gt": "./."},
    "one dot": {"gt": "."},
    "half": {"gt": "0/."},
    "half carried": {"gt": "./1"},
    "no such allele": {"gt": "0/7"},
    "haploid": {"gt": "0"},
    "three copies": {"gt": "0/0/0"},
    "leading zero": {"gt": "0/00"},
    "empty": {"gt": ""},
}
FILTERS = {
    "failed": {"filters": "LowQual"},
    "failed by several": {"filters": "PASS;q10"},
    "FT": {"keys": {"FT": "LowDepth"}},
    "unknown word": {"filters": "weird"},
}
FIGURES = {
    "no depth": {"gt": "0/0", "keys": {"DP": "0"}},
    "no reads": {"gt": "0/0", "keys": {"AD": "0,0"}},
    "no read in a block": {"gt": "0/0", "keys": {"MIN_DP": "0"}},
    "flat": {"gt": "0/0", "keys": {"PL": "0,0,0"}},
    "GL flat": {"gt": "0/0", "keys": {"GL": "0,0,0"}},
    "reads of the ALT": {"gt": "0/0", "keys": {"AD": "14,9"}},
    "likelihoods against": {"gt": "0/0", "keys": {"PL": "60,0,60"}},
    "posterior against": {"gt": "0/0", "keys": {"GP": "0.1,0.8,0.1"}},
    "dosage against": {"gt": "0/0", "keys": {"DS": "1.0"}},
    "low GQ": {"gt": "0/0", "keys": {"GQ": "1"}},
    "no RGQ": {"gt": "0/0", "keys": {"RGQ": "0"}},
    "imputed at nothing": {"gt": "0/0", "info": "IMPUTED;R2=0.02", "keys": {"GP": "1,0,0"}},
    "DR2": {"gt": "0/0", "info": "IMP;DR2=0.0", "keys": {"DS": "0"}},
    "r2": {"gt": "0/0", "info": "r2=0.02", "keys": {"GP": "1,0,0"}},
    "imputed, in small letters": {"gt": "0/0", "info": "Imputed"},
    "posteriors of one copy": {"gt": "0/0", "keys": {"GP": "1,0"}},
    "dosage between, beside reads": {"gt": "0/0", "keys": {"DP": "30", "DS": "0.4"}},
    "no read in INFO": {"gt": "0/0", "info": "DP=0"},
    "no read in a block, in INFO": {"gt": "0/0", "info": "MinDP=0"},
    "reads of REF and ALT apart": {"gt": "0/0", "keys": {"RD": "14", "AD": "9"}},
}
BESIDE = {
    "contradicted": f"chr6 {POS} {LOCUS} T C . PASS . GT 0/0",
    "a block": f"chr6 {POS - 300} . A <NON_REF> . PASS END={POS + 300} GT:DP 0/0:30",
    "a deletion that is not carried": f"chr6 {POS - 9} . A <DEL> . PASS END={POS + 9};SVTYPE=DEL GT 0/0",
    "a segment of copies": f"chr6 {POS - 900} . N <CNV> . PASS END={POS + 900};SVTYPE=CNV GT:CN 0/0:2",
}
HIDES = {**MOVED, **LETTERS, **CELLS, **FILTERS, **FIGURES}


def line(carried: str, damages: list[str]) -> str:
    """Return the record of a carrier with some damages, the later upon the earlier."""
    cells: dict[str, str] = {
        "chrom": "chr6", "pos": str(POS), "name": LOCUS, "ref": "T", "alt": "C", "filters": "PASS", "info": ".",
        "gt": carried,
    }  # fmt: skip
    keys: dict[str, str] = {}
    for name in damages:
        change = dict(HIDES[name])
        keys |= change.pop("keys", {})
        if cells["info"] != "." and "info" in change:
            change["info"] = f"{cells['info']};{change['info']}"
        cells |= change
    names, values = ":".join(["GT", *keys]), ":".join([cells["gt"], *keys.values()])
    fixed = [cells[key] for key in ("chrom", "pos", "name", "ref", "alt")]
    return " ".join([*fixed, ".", cells["filters"], cells["info"], names, values or "."])


def is_damage(damages: list[str], beside: list[str]) -> bool:
    """Whether what is left is no whole statement: of another genotype, of a variant elsewhere, or by another record."""
    names = set(damages)
    moved, respelled = names & set(MOVED), names & set(LETTERS)
    reference = names & set(FIGURES) or not names.isdisjoint({"haploid", "three copies"})
    # A record of something else (an insertion, a structure) that nobody is called for says nothing of the base.
    if respelled and (moved or reference or names & set(CELLS)):
        return False
    if len(moved) > 1 or len(respelled) > 1 or (moved and reference):
        return False
    # Another record states the base: it holds where the damaged one is elsewhere, or a structure that failed.
    stated = not {"contradicted", "a block"}.isdisjoint(beside)
    return not (stated and (moved or (respelled and names & set(FILTERS))))
