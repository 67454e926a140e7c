"""A gene of which loci are missing is named as the drug's own line names it, in every finding on every patient."""

from __future__ import annotations

import gzip
import random
import re

import pytest

import lupus_pgx

SAMPLES = ("LN-01", "NP-02", "CU-03")
DRUGS = ("azathioprine", "mycophenolate mofetil", "tacrolimus", "cyclophosphamide", "hydroxychloroquine", "warfarin")
OUTCOMES = ({"outcome": "intolerance", "reaction": "pancytopenia"}, {"outcome": "failure"})
LEFT = re.compile(r"[Nn]ot assessed: ")


def thinned(path, share, seed, folder):
    """Write the example with a share of its records, and return the path."""
    with gzip.open(path, "rt") as file:
        lines = file.read().splitlines(keepends=True)
    chosen = random.Random(seed)
    kept = [line for line in lines if line.startswith("#") or chosen.random() < share]
    target = folder / f"{seed}.vcf"
    target.write_text("".join(kept))
    return str(target)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda item: item["outcome"])
@pytest.mark.parametrize(("share", "seed"), [(0.8, 1), (0.8, 2), (0.5, 3)])
def test_what_the_drug_says_was_not_assessed_no_finding_calls_assessed(share, seed, outcome, fx_example, tmp_path):
    path = thinned(fx_example["patients.GRCh38.vcf.gz"], share, seed, tmp_path)
    courses = [{"drug": name, "stop": "2025-01-01", **outcome} for name in DRUGS]
    told = {sample: {"manifestations": ["lupus nephritis"], "therapies": courses} for sample in SAMPLES}
    analysis = lupus_pgx.analyze(path, context={"patients": told}, today="2026-01-10")
    seen = 0
    for patient in map(analysis.patient, SAMPLES):
        for review in patient.resistance.therapies:
            response = patient.drug(review.drug)
            for finding in review.findings:
                named, *left = LEFT.split(finding.text)
                for item in response.missing:
                    if re.search(rf"(?<![\w-]){re.escape(item.key)}(?![\w-])", named):
                        seen += 1
                        assert any(item.key in text for text in left), finding.text
                        # A usual pair of a part of the loci is what frequencies say, and no reason.
                        assert not response.known[item.key].by_frequency, finding.text
    assert seen or share < 0.8
