"""Results for people: pages, text, notebooks.

**In**: :class:`~lupus_pgx.results.patient.PatientData` or ``CohortData``. **Out**: HTML, plain text.

The one idea: first the values that a page shows, as plain objects (``patient_page``, ``cohort`` and the views
``drugs`` with ``drug_view`` and ``drug_groups``, ``genes``, ``review``, ``context``, ``unanswered``, ``origin`` with
their ``marks``), then templates that only place them. ``html`` fills the templates (one file, no network, every value
escaped). For a terminal ``text``, ``treatment``, ``left_open`` and ``cohort_text`` write all, and ``brief`` the
summary; ``explain`` writes the reasoning behind one drug, ``notebook`` the short forms.

What may not be done here: work anything out that a result table does not hold, or use a word of a vocabulary that
:mod:`lupus_pgx.words` has. The strictest thing known comes first.
"""
