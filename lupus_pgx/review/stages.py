"""Stages of a therapy option: the words of the column ``stage`` of the table ``therapy_options``."""

from __future__ import annotations

BACKGROUND = "background"
"""What everyone gets."""

PREGNANT = "pregnancy-compatible"
FIRST, ALTERNATIVE, MAINTENANCE = "first", "alternative", "maintenance"
ADJUNCT = "adjunct"
RESCUE, REFRACTORY = "rescue", "refractory"
"""Asked for where others fail or are forbidden; a rescue by a finding of its own, where its conditions are known."""

TRIAL = "trial-only"
"""What is under study."""

AGAINST = "against"
"""What a guideline advises against."""

LAST_RESORT = (REFRACTORY, TRIAL)
OF_DISEASE = (FIRST, ALTERNATIVE, RESCUE, TRIAL)
"""Stages that are for active disease."""

AGAIN = (FIRST, ALTERNATIVE)
"""Stages in which a drug of the class of one that failed stands behind what is new."""
