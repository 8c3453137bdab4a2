"""What the preset experiments are put together from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from framesift.simulate.variants import Variant
from framesift.training import Augmentation, TrainSettings

RULES: Mapping[str, Any] = {"delta1": "0.5s", "delta2": "0.067s", "look_alike": "off"}
"""What the published tables were made with."""
WIDE: Mapping[str, Any] = {"delta1": "3s", "delta2": "1s"}
"""Distances after which the scene is another one."""


def strategies(seeds: int | None = None) -> tuple[Variant, ...]:
    """What the paper compares."""
    return (
        Variant("divergence", "divergence", seeds),
        Variant("guided-random", "guided-random", seeds),
        Variant("entropy", "entropy", seeds),
        Variant("mc-dropout", "mc-dropout", seeds),
    )


def ablations(seeds: int, budget: int, cycles: int) -> tuple[Variant, ...]:
    """What the paper takes away, and three times the budget a cycle."""
    return (
        Variant("mean-aggregation", seeds=seeds, score={"reduction": "mean"}, ablation=True),
        Variant("no-smoothing", seeds=seeds, rules={"smoothing": False}, ablation=True),
        Variant("no-rules", seeds=seeds, rules={"delta1": "0", "delta2": "0"}, ablation=True),
        Variant("look-alike", seeds=seeds, rules={"look_alike": "on"}, ablation=True),
        Variant("radius-by-box", seeds=seeds, score={"radius_by_box": True}, ablation=True),
        Variant("wide-rules-by-box", rules=WIDE, score={"radius_by_box": True}, ablation=True),
        Variant(
            "large-budget",
            seeds=seeds,
            budget=3 * budget,
            cycles=max(1, cycles // 3),
            ablation=True,
        ),
    )


SPREAD = (
    Variant("wide-rules", rules=WIDE),
    Variant("wide-rules-random", "guided-random", rules=WIDE),
)
STILLS = (
    Variant("stills-divergence", "divergence", 2, stills=True, ablation=True),
    Variant("stills-random", "random", 2, stills=True, ablation=True),
)
HEADROOM = Variant("everything", seeds=1, everything=True)


def drives(
    look: str, seeds: str, frames: int, size: tuple[int, int], **more: Any
) -> tuple[Mapping[str, Any], ...]:
    """Drawn drives; `size` = (width, height)."""
    return ({"look": look, "seed": seeds, "frames": frames, "size": list(size), **more},)


def learning_settings(
    epochs: int,
    height: float,
    crop: tuple[int, int],
    rate: float = 1e-3,
) -> TrainSettings:
    """How the small detectors of the presets learn; `height` of the smallest label."""
    return TrainSettings(
        epochs=epochs,
        batch=8,
        optimizer="adamw",
        learning_rate=rate,
        final_learning_rate=rate / 50,
        warmup=20,
        weight_decay=1e-2,
        clip_norm=5.0,
        hard_fraction=0.25,
        min_height=height,
        precision="float32",
        num_workers=1,
        augmentation=Augmentation(crop=crop, aim=0.6),
    )
