"""Mutual information over Monte-Carlo dropout passes (the paper's baseline): how much the
passes disagree, beyond each one's own uncertainty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    as_weights,
    working,
)
from framesift.scores.kernels import MakeKernels, kernels_for

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


def mutual_information(
    passes: Tensor | Iterable[Maps],
    *,
    mask: Mask | None = None,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Pixel score s = Σ_k w_k (H(mean_t p_t^k) − mean_t H(p_t^k)) over passes t.

    passes: P×N×K×H×W in [0, 1], or P ProbabilityMaps (held at their low resolution; one
    map at a time is spelled out). mask: bool H×W, True = excluded (score 0). weights: one
    per map (default 1). Returns N×H×W ≥ 0 in nats, float64 for float64 maps, otherwise
    float32; for each map at most w_k·ln 2. One pass gives 0 everywhere.
    """
    return _mutual_information(passes, mask, weights)


@torch.no_grad()
def _mutual_information(
    passes: Tensor | Iterable[Maps],
    mask: Mask | None,
    weights: Sequence[float] | None,
    make_kernels: MakeKernels = kernels_for,
) -> Tensor:
    stacks = [as_stack(one) for one in passes]
    if not stacks or len({len(stack) for stack in stacks}) != 1:
        raise ValueError("mutual information needs passes with equally many maps")
    each = as_weights(weights, len(stacks[0]))
    if not any(each):
        raise ValueError("every map has weight 0")
    share = 1 / len(stacks)
    like = working(stacks[0].map(0))
    kernels = make_kernels(like, as_mask(mask, like))
    total, own = kernels.zeros(), kernels.zeros()
    for k, weight in enumerate(each):
        if weight == 0:
            continue
        mean = kernels.zeros()
        for stack in stacks:
            p = working(stack.map(k))
            for one, sums, into in zip(*map(kernels.parts, (p, own, mean)), strict=True):
                kernels.subtract_entropy(sums, one, weight * share)
                kernels.add(into, one, share)
        for one, into in zip(kernels.parts(mean), kernels.parts(total), strict=True):
            kernels.subtract_entropy(into, one, weight)
    for sums, into in zip(kernels.parts(own), kernels.parts(total), strict=True):
        kernels.add(into, sums, -1)
    return kernels.finish(total)


class McDropout(Score):
    """Mutual information over the detector's passes with dropout in its heads. Double
    evaluation does not apply."""

    name = "mc_dropout"
    uses = ("passes", "rate", "seed")

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], options: ScoreOptions
    ) -> Sequence[MapStack]:
        return list(detector.dropout_maps(frames, options.passes, options.rate, options.seed))

    def pixels(
        self,
        stacks: Sequence[MapStack],
        options: ScoreOptions,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        return mutual_information(stacks, mask=mask, weights=weights)
