"""Ways to choose the frames to label: the paper's method, its baselines, and no method.

A new strategy is one class in a file of its own and one line here.
"""

from framesift.selection.strategies.articles import FROM_ARTICLES
from framesift.selection.strategies.at_random import AtRandom
from framesift.selection.strategies.base import Draws, Strategy
from framesift.selection.strategies.by_score import ByScore
from framesift.selection.strategies.by_signal import BY_SIGNAL, FLICKER
from framesift.selection.strategies.composed import Composed
from framesift.selection.strategies.spread_out import SPREAD_OUT
from framesift.selection.strategies.uniform import Uniform

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        ByScore(
            "entropy",
            "Entropy of the maps",
            "where predictions are near one half",
            needs=("maps",),
            failure="false positives and misses",
        ),
        ByScore(
            "divergence",
            "Divergence of the maps (the paper's)",
            "where neighbours disagree (the paper)",
            needs=("maps",),
            failure="false positives and misses",
        ),
        ByScore(
            "mc-dropout",
            "Monte-Carlo dropout (slow)",
            "where passes with dropout disagree",
            needs=("maps", "dropout"),
            failure="false positives and misses",
            cost="T passes of the heads",
        ),
        ByScore(
            "box-entropy",
            "Entropy of the boxes",
            "where boxes may be this or that",
            needs=("boxes",),
            failure="false positives, wrong classes",
        ),
        ByScore(
            "box-margin",
            "Margin of the boxes",
            "where boxes' two likeliest outcomes are close",
            needs=("boxes",),
            failure="false positives, wrong classes",
        ),
        ByScore(
            "box-least-confidence",
            "Least confidence of the boxes",
            "where boxes' likeliest outcomes are improbable",
            needs=("boxes",),
            failure="false positives, wrong classes",
        ),
        *BY_SIGNAL,
        FLICKER,
        AtRandom(
            "guided-random",
            "Guided random",
            "random order under the same temporal rules",
            temporal=True,
        ),
        AtRandom("random", "Random", "random order, no rules", temporal=False),
        Uniform(),
        *SPREAD_OUT,
        *FROM_ARTICLES,
    )
}

__all__ = ["STRATEGIES", "Composed", "Draws", "Strategy"]
