"""Pixel scores, their reduction to frame scores, and FrameScorer, which does both.

    pixel = divergence(maps)          # N×K×H×W → N×H×W, eq. 1–4
    frame = max_pool_mean(pixel)      # N×H×W → N, eq. 5

A new score is one file and one line in SCORES. For detectors without maps, BOX_SCORES say how
unsure the boxes are, and AGGREGATES what that makes of a frame.
"""

from framesift.scores.base import Score, ScoreOptions
from framesift.scores.box_scores import AGGREGATES, BOX_SCORES, BoxScore
from framesift.scores.mc_dropout import McDropout, mutual_information
from framesift.scores.members import SCORES
from framesift.scores.pixel_divergence import Divergence, divergence
from framesift.scores.pixel_entropy import Entropy, entropy
from framesift.scores.radii import radii_by_box
from framesift.scores.reductions import (
    REDUCTIONS,
    max_pool_mean,
    max_score,
    mean_score,
    sum_score,
    tile_maxima,
)
from framesift.scores.scorer import FrameScore, FrameScorer

__all__ = [
    "AGGREGATES",
    "BOX_SCORES",
    "REDUCTIONS",
    "SCORES",
    "BoxScore",
    "Divergence",
    "Entropy",
    "FrameScore",
    "FrameScorer",
    "McDropout",
    "Score",
    "ScoreOptions",
    "divergence",
    "entropy",
    "max_pool_mean",
    "max_score",
    "mean_score",
    "mutual_information",
    "radii_by_box",
    "sum_score",
    "tile_maxima",
]
