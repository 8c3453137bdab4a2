"""The family's members by name."""

from __future__ import annotations

from framesift.scores.base import Score
from framesift.scores.mc_dropout import McDropout
from framesift.scores.pixel_divergence import Divergence
from framesift.scores.pixel_entropy import Entropy

SCORES: dict[str, Score] = {one.name: one for one in (Divergence(), Entropy(), McDropout())}
