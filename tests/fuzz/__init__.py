"""Mutated input for whatever Framesift reads: `python -m tests.fuzz KIND NUMBER [SEED]`."""
