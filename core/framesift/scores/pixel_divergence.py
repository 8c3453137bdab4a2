"""Pixel divergence (eq. 1–4): how much more uncertain a neighbourhood's mean probability is
than its pixels are by themselves. High where neighbouring predictions contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.errors import InputError
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


def divergence(
    maps: Maps,
    radius: int | Sequence[int] = 9,
    *,
    mask: Mask | None = None,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Pixel divergence s = Σ_k w_k (H(p̂^k) − mean H(p^k)), eq. 1–4.

    maps: N×K×H×W in [0, 1], or ProbabilityMaps. radius: of the (2·radius+1)² window in
    working pixels, one or one per map; the window is clipped to the picture. mask: bool H×W,
    True = excluded: such pixels are in no neighbourhood and score 0. weights: one per map
    (default 1). Returns N×H×W ≥ 0 in nats, float64 for float64 maps, otherwise float32; for
    each map at most w_k·ln 2. A frame's scores do not depend on the others in the batch.
    """
    return _divergence(maps, radius, mask, weights)


@torch.no_grad()
def _divergence(
    maps: Maps,
    radius: int | Sequence[int],
    mask: Mask | None,
    weights: Sequence[float] | None,
    make_kernels: MakeKernels = kernels_for,
) -> Tensor:
    stack = as_stack(maps)
    radii = _radii(radius, len(stack))
    items = walk(stack, weights)
    first = next(items)
    kernels = make_kernels(first[2], as_mask(mask, first[2]))
    total = kernels.zeros()
    own = {r: kernels.zeros() for r in set(radii)}
    for k, weight, p in chain([first], items):
        # The window mean is linear: one box filter per radius serves every map's entropy.
        for one, sums, into in zip(*map(kernels.parts, (p, own[radii[k]], total)), strict=True):
            kernels.subtract_entropy(sums, one, weight)
            kernels.subtract_entropy(into, kernels.window_mean(one, radii[k]), weight)
    for r, entropy in own.items():
        for sums, into in zip(kernels.parts(entropy), kernels.parts(total), strict=True):
            kernels.add(into, kernels.window_mean(sums, r), -1)
    return kernels.finish(total)


def _radii(radius: int | Sequence[int], count: int) -> list[int]:
    radii = [radius] * count if isinstance(radius, int) else list(radius)
    if len(radii) != count:
        raise ValueError(f"{count} maps need one radius or {count}, not {len(radii)}")
    if any(r < 0 for r in radii):
        raise InputError(f"The radius is {min(radii)}; give 0 or more pixels.")
    return radii


class Divergence(Score):
    """Eq. 1–4 over the detector's maps."""

    name = "divergence"
    uses = ("radius", "mirror")

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
        return divergence(maps, options.radius, mask=mask, weights=weights)
