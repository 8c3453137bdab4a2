"""Ways to choose the frames to label: the paper's method, its baselines, and no method.

A new strategy is one class and one line here.
"""

from framesift.selection.strategies.at_random import AtRandom
from framesift.selection.strategies.base import Strategy
from framesift.selection.strategies.by_score import ByScore
from framesift.selection.strategies.uniform import Uniform

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        ByScore("divergence", "divergence", "where neighbours disagree (the paper)"),
        ByScore("entropy", "entropy", "where predictions are near one half"),
        ByScore("mc-dropout", "mc_dropout", "where passes with dropout disagree"),
        ByScore("box-entropy", "box_entropy", "where boxes may be this or that"),
        ByScore("box-margin", "box_margin", "where boxes' two likeliest outcomes are close"),
        ByScore(
            "box-least-confidence",
            "box_least_confidence",
            "where boxes' likeliest outcomes are improbable",
        ),
        AtRandom(
            "guided-random", "random order under the same temporal rules", temporal_rules=True
        ),
        AtRandom("random", "random order, no rules", temporal_rules=False),
        Uniform(),
    )
}

__all__ = ["STRATEGIES", "Strategy"]
