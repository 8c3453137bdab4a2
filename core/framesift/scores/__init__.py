"""Pixel scores, their reduction to frame scores, and FrameScorer, which does both.

    pixel = divergence(maps)          # N×K×H×W → N×H×W, eq. 1–4
    frame = max_pool_mean(pixel)      # N×H×W → N, eq. 5

A new score is one file, which has its settings, and one line in SCORES. For detectors without
maps, BOX_SCORES say how unsure the boxes are, and AGGREGATES what that makes of a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from framesift.product.lazy import lazily

if TYPE_CHECKING:
    from framesift.scores.aggregates import AGGREGATES as AGGREGATES
    from framesift.scores.base import Score as Score
    from framesift.scores.batches import ScoredFrame as ScoredFrame
    from framesift.scores.box_scores import BOX_SCORES as BOX_SCORES
    from framesift.scores.box_scores import BoxScore as BoxScore
    from framesift.scores.family import SCORES as SCORES
    from framesift.scores.family import SIGNALS as SIGNALS
    from framesift.scores.family import TIME_SIGNALS as TIME_SIGNALS
    from framesift.scores.family import every_score as every_score
    from framesift.scores.family import score_params as score_params
    from framesift.scores.mc_dropout import McDropout as McDropout
    from framesift.scores.mc_dropout import mutual_information as mutual_information
    from framesift.scores.pixel_divergence import Divergence as Divergence
    from framesift.scores.pixel_divergence import divergence as divergence
    from framesift.scores.pixel_entropy import Entropy as Entropy
    from framesift.scores.pixel_entropy import entropy as entropy
    from framesift.scores.radii import radii_by_box as radii_by_box
    from framesift.scores.reductions import REDUCTIONS as REDUCTIONS
    from framesift.scores.reductions import max_pool_mean as max_pool_mean
    from framesift.scores.reductions import max_score as max_score
    from framesift.scores.reductions import mean_score as mean_score
    from framesift.scores.reductions import sum_score as sum_score
    from framesift.scores.reductions import tile_maxima as tile_maxima
    from framesift.scores.scorer import FrameScore as FrameScore
    from framesift.scores.scorer import FrameScorer as FrameScorer
    from framesift.scores.settings import ScoreSettings as ScoreSettings
else:
    __getattr__ = lazily(
        __name__,
        {
            "AGGREGATES": "aggregates",
            "BOX_SCORES": "box_scores",
            "BoxScore": "box_scores",
            "Divergence": "pixel_divergence",
            "Entropy": "pixel_entropy",
            "FrameScore": "scorer",
            "FrameScorer": "scorer",
            "McDropout": "mc_dropout",
            "REDUCTIONS": "reductions",
            "SCORES": "family",
            "SIGNALS": "family",
            "TIME_SIGNALS": "family",
            "Score": "base",
            "ScoreSettings": "settings",
            "ScoredFrame": "batches",
            "divergence": "pixel_divergence",
            "entropy": "pixel_entropy",
            "every_score": "family",
            "max_pool_mean": "reductions",
            "max_score": "reductions",
            "mean_score": "reductions",
            "mutual_information": "mc_dropout",
            "radii_by_box": "radii",
            "score_params": "family",
            "sum_score": "reductions",
            "tile_maxima": "reductions",
        },
    )


__all__ = [
    "AGGREGATES",
    "BOX_SCORES",
    "REDUCTIONS",
    "SCORES",
    "SIGNALS",
    "TIME_SIGNALS",
    "BoxScore",
    "Divergence",
    "Entropy",
    "FrameScore",
    "FrameScorer",
    "McDropout",
    "Score",
    "ScoreSettings",
    "ScoredFrame",
    "divergence",
    "entropy",
    "every_score",
    "max_pool_mean",
    "max_score",
    "mean_score",
    "mutual_information",
    "radii_by_box",
    "score_params",
    "sum_score",
    "tile_maxima",
]
