"""Pixel entropy (the paper's baseline): how uncertain each pixel's prediction is by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.scores.base import (
    Maps,
    MapStack,
    Mask,
    Score,
    ScoreOptions,
    as_mask,
    as_stack,
    walk,
)
from framesift.scores.kernels import MakeKernels, kernels_for

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def entropy(
    maps: Maps,
    *,
    mask: Mask | None = None,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Pixel entropy s = Σ_k w_k H(p^k), H(z) = −z ln z − (1−z) ln(1−z).

    maps: N×K×H×W in [0, 1], or ProbabilityMaps. mask: bool H×W, True = excluded (score 0).
    weights: one per map (default 1). Returns N×H×W ≥ 0 in nats, float64 for float64 maps,
    otherwise float32; for each map at most w_k·ln 2.
    """
    return _entropy(maps, mask, weights)


@torch.no_grad()
def _entropy(
    maps: Maps,
    mask: Mask | None,
    weights: Sequence[float] | None,
    make_kernels: MakeKernels = kernels_for,
) -> Tensor:
    items = walk(as_stack(maps), weights)
    first = next(items)
    kernels = make_kernels(first[2], as_mask(mask, first[2]))
    total = kernels.zeros()
    for _, weight, p in chain([first], items):
        for one, into in zip(kernels.parts(p), kernels.parts(total), strict=True):
            kernels.subtract_entropy(into, one, weight)
    return kernels.finish(total)


class Entropy(Score):
    """The entropy of the detector's maps."""

    name = "entropy"
    uses = ("mirror",)

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], options: ScoreOptions
    ) -> Sequence[MapStack]:
        return [detector.infer(frames, mirror=options.mirror).maps]

    def pixels(
        self,
        stacks: Sequence[MapStack],
        options: ScoreOptions,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        (maps,) = stacks
        return entropy(maps, mask=mask, weights=weights)
