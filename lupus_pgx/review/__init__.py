"""What a patient went through: treatment that failed, what to measure, which options remain.

**In**: a context with a history, calls and responses. **Out**: :class:`~lupus_pgx.review.review.TreatmentReview`.

The one idea: a failure is *compatible with* something, it is never explained by the genome. ``course`` judges
published response criteria on dated series, by what ``measured`` says of each row; ``outlook`` says what is due next
and from when on failure can be said; ``levels`` holds measured drug levels against their targets, ``schedule`` says
when a measurement is due again; ``findings`` collects what bears on each failed treatment, with its strength;
``options`` lists the therapies in use for the manifestation, with what was tried and what speaks against: ``kindred``
says what is feared of a drug because of those akin to it, ``option_order`` which option stands before which, by the
``stages`` of therapy among others; ``review`` puts it together.

What may not be done here: recommend, rank by preference, or invent a criterion: each is a row with its source.
"""
