"""What a detector says of frames and of their flipped pictures, and how far the two differ.

Consistency regularization after Jeong et al., "Consistency-based Semi-supervised Learning for
Object Detection" (NeurIPS 2019): divergence of the maps, distance of matched boxes. No label is
needed. Nearly all of a picture is background on which any two maps agree; the paper leaves it
out by the class found there, here each place weighs what either map says of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from framesift.scores.found import matched

if TYPE_CHECKING:
    from framesift.detectors.base import Detector, Frames
    from framesift.detectors.maps import ProbabilityMaps
    from framesift.detectors.outputs import FrameBoxes

LEAST_SCORE = 0.3
"""Of boxes that are compared."""
_NEAREST = 1e-6
"""How near to 0 or 1 a probability may come before its logarithm is taken."""


def disagreement(detector: Detector, frames: Frames) -> Tensor:
    """How far a detector in training disagrees with itself on uint8 N×H×W×3 frames at working
    size and their flipped pictures: a scalar with gradients, from 0 up. Batch normalization
    goes by the statistics that the detector has, so that only labels move those. InputError
    where the detector has no maps that it could learn by."""
    with detector.unmoved_statistics():
        plain = detector.differentiable(frames, threshold=LEAST_SCORE)
        flipped = detector.differentiable(frames, flip=True, threshold=LEAST_SCORE)
    joint = detector.joint
    loss = map_disagreement(plain.maps, flipped.maps, joint.added if joint else None)
    if plain.boxes is None or flipped.boxes is None:
        return loss
    width = frames.shape[2]
    pairs = zip(plain.boxes, flipped.boxes, strict=True)
    apart = [box_disagreement(a, b.flipped(width)) for a, b in pairs]
    return loss + torch.stack(apart).mean() * (joint.share if joint else 1.0)


def map_disagreement(
    plain: ProbabilityMaps,
    flipped: ProbabilityMaps,
    added: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """The mean Jensen–Shannon divergence, in [0, 1], of maps and the flipped pictures' maps
    flipped back, each place weighted with the larger of its two probabilities. `added`: what
    adds the weights of other processes' maps to these; the result is then a summand."""
    total, weights = torch.zeros(()), torch.zeros(())
    for a, b in zip(plain, flipped, strict=True):
        p, q = a, b.flip(-1)
        weight = torch.maximum(p, q).detach()
        total = total.to(p.device) + (weight * shannon_divergence(p, q)).sum()
        weights = weights.to(p.device) + weight.sum()
    weights = weights if added is None else added(weights)
    return total / weights.clamp(min=_NEAREST)


def shannon_divergence(p: Tensor, q: Tensor) -> Tensor:
    """Jensen–Shannon divergence / ln 2 of "object here" with the probabilities p and q:
    elementwise, in [0, 1]."""
    mean = (p + q) / 2
    apart = _entropy(mean) - (_entropy(p) + _entropy(q)) / 2
    return (apart / math.log(2)).clamp(min=0.0)


def _entropy(p: Tensor) -> Tensor:
    p = p.clamp(_NEAREST, 1 - _NEAREST)
    return -(p * p.log() + (1 - p) * (1 - p).log())


def box_disagreement(a: FrameBoxes, b: FrameBoxes) -> Tensor:
    """The mean squared distance of the corners of matched boxes of one class (one-to-one,
    IoU ≥ 0.5), in widths and heights of their mean box; 0 where none match."""
    mine, other = (boxes.boxes.detach().double().cpu().numpy() for boxes in (a, b))
    rows: list[tuple[int, int]] = []
    for category in np.unique(a.categories.cpu().numpy()):
        first, second = (
            np.flatnonzero(boxes.categories.cpu().numpy() == category) for boxes in (a, b)
        )
        pairs = matched(mine[first], other[second])
        rows += [(int(first[i]), int(second[j])) for i, j in pairs]
    if not rows:
        return a.boxes.sum() * 0.0
    index = torch.tensor(rows, device=a.boxes.device)
    p, q = a.boxes[index[:, 0]], b.boxes[index[:, 1]]
    middle = ((p + q) / 2).detach()
    sides = (middle[:, 2:] - middle[:, :2]).clamp(min=1.0)
    return (((p - q) / torch.cat([sides, sides], 1)) ** 2).mean()
