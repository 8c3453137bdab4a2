"""How easily a detector has learnt each of its classes (Yang et al., PPAL, CVPR 2024)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

import torch
from torch import Tensor

from framesift.detectors.heads import MOST_CHANNELS, Head

DECAY = 0.999
SHARE = 0.6
"""ξ: how much the probability counts against the overlap."""
REACH, CURVE = 0.2, 0.3
"""u and a of the weights."""


def ease_of(probability: float, overlap: float) -> float:
    """P^ξ J^(1−ξ) of one object: its class's probability and the overlap of its box, [0, 1]."""
    return float(probability**SHARE * overlap ** (1 - SHARE))


def running(values: Iterable[float]) -> float:
    """The bias-corrected running mean (decay 0.999) of values in their order; 0 without any."""
    mean, weight = 0.0, 0.0
    for value in values:
        mean = DECAY * mean + (1 - DECAY) * value
        weight = DECAY * weight + (1 - DECAY)
    return mean / weight if weight else 0.0


class EaseHead(Head):
    """No network, but what training left to be known of each class: `ease` in [0, 1], float32
    C, 0 of a class that had no label."""

    ease: Tensor

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.register_buffer("ease", torch.zeros(classes))

    @classmethod
    def like(cls, state: Mapping[str, Tensor]) -> Self | None:
        ease = state.get("ease")
        if ease is None or ease.ndim != 1 or not 0 < len(ease) <= MOST_CHANNELS:
            return None
        return cls(len(ease))

    def weights(self) -> Tensor:
        """w = 1 + u·a·ln(b(1 − ease) + 1), b = e^(1/a) − 1: float64 C, 1 of what is easy and
        1 + u of what is not."""
        hard = 1 - self.ease.double().clamp(0, 1)
        scale = torch.tensor(1 / CURVE, dtype=torch.float64).expm1()
        return 1 + REACH * CURVE * torch.log1p(scale * hard)
