"""Strategies that spread picks over what frames look like, among the best by the divergence."""

from __future__ import annotations

from framesift.selection.strategies.composed import Composed
from framesift.selection.strategies.spec import StrategySpec

SPREAD_OUT = tuple(
    Composed(
        StrategySpec(name=name, signals=("divergence",), title=title, spread=name),
        description,
        needs=("maps",),
        failure="false positives and misses, of every kind of scene",
        cost="1",
        in_family=True,
    )
    for name, title, description in (
        (
            "core-set",
            "Core-set",
            "among the best by divergence those least like all that is labelled",
        ),
        (
            "k-means++",
            "k-means++",
            "among the best by divergence drawn by chance, far from each other",
        ),
        (
            "timeline",
            "Timeline",
            "high divergence, far in time and in looks from all that is labelled",
        ),
    )
)
