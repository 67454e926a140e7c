"""What several processes do at once."""

from __future__ import annotations

import lupus_pgx

KNOWLEDGE = lupus_pgx.load_knowledge()


def answers(path):
    """Return what is said of azathioprine, and of every drug by a call made by hand."""
    analysis = lupus_pgx.analyze(path, genes=["TPMT", "NUDT15"], drugs=["azathioprine"], knowledge=KNOWLEDGE)
    (sample,) = analysis.sample_ids
    drug = analysis.patient(sample).drug("azathioprine")
    by_hand = lupus_pgx.respond({"TPMT": "*1/*3A"}, None, KNOWLEDGE, {"age": 34, "creatinine": "1.0 mg/dL"})
    return str(drug.action), drug.certainty, str(by_hand)
