"""The steps in which a failed treatment is reviewed, in the order in which they may open the headline.

**In**: a :class:`~lupus_pgx.review.steps.step.Case`. **Out**: one :class:`~lupus_pgx.review.steps.step.Step` each,
with what was found, of which drugs, on which sources, and what is missing. Words come last.

The one idea: the first step that speaks accounts for the course, and the genome is the last but one. A step whose data
are missing is named as open, never passed over.
"""
