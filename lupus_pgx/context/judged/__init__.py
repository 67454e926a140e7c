"""A context held against the tables: what forbids a drug, what limits it, and what nobody told.

**In**: a :class:`~lupus_pgx.context.model.Context` and a drug. **Out**: its
:class:`~lupus_pgx.context.judged.checks.Check` items, by :class:`~lupus_pgx.context.judged.safety.Safety`.

The one idea: each criterion is met, not met or open. ``criteria`` says which, in the ``answers`` of what is ``stated``,
of ``bounds``, ``courses``, ``ages`` and genotypes; ``criteria_table`` says how they stand to each other. ``dosing`` and
``lifetime`` know amounts, ``pairs`` what is taken beside, ``intolerance`` what was not tolerated.

What may not be done here: read a text. That is the room ``told``.
"""
