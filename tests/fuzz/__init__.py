"""Hostile and random inputs: an answer, or one sentence and an exit code."""
