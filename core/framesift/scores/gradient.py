"""How far one example would move the last layer, did the detector learn its own answer: the
gradient's length (Haussmann et al., IV 2020, after Ash et al., ICLR 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.scores.base import DenseMaps, MapStack, Score, as_mask, as_stack, walk
from framesift.scores.shared import shared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.detectors.maps import WorkingSize
    from framesift.scores.base import Maps, Mask


def gradient_length(
    maps: Maps,
    lengths: Tensor,
    *,
    mask: Mask | None = None,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Pixel score s = Σ_k w_k ‖(p^k − ŷ^k) ⊗ f‖ = ‖f‖ Σ_k w_k |p^k − ŷ^k|, ŷ = 1 where p ≥ ½,
    else 0: the length of the cross-entropy's gradient by map k's weights on the features f.

    maps: N×K×H×W in [0, 1], or ProbabilityMaps. lengths: ‖f‖ ≥ 0 at every pixel, N×H×W. mask:
    bool H×W, True = excluded (score 0). weights: one per map (default 1). Returns N×H×W ≥ 0,
    at most ‖f‖ Σ_k w_k / 2, of the lengths' dtype.

    Example:
        >>> maps = torch.tensor([0.9, 0.4]).reshape(1, 2, 1, 1)
        >>> round(float(gradient_length(maps, torch.full((1, 1, 1), 3.0))), 4)
        1.5
    """
    total = lengths.new_zeros(lengths.shape)
    for _, weight, p in walk(as_stack(maps), weights):
        total += weight * (p - (p >= 0.5).to(p.dtype)).abs_()
    excluded = as_mask(mask, lengths)
    if excluded is not None:
        total.masked_fill_(excluded, 0.0)
    return total.mul_(lengths)


def lengths_of(features: Tensor, size: WorkingSize) -> Tensor:
    """‖f‖ of features N×C×h×w of the padded working size, resized bilinearly to the content:
    float32 N×H×W."""
    import torch
    from torch.nn.functional import interpolate

    (height, width), (top, left) = size.content, size.origin
    # Frame by frame: what else is in the batch must not change the last bits.
    lengths = torch.stack([frame.float().norm(dim=0) for frame in features])
    resized = interpolate(lengths[:, None], size.padded, mode="bilinear", align_corners=False)
    return resized[:, 0, top : top + height, left : left + width].contiguous()


@dataclass(frozen=True, slots=True)
class GradientParams:
    """It has no settings of its own."""


class Gradient(Score):
    """The gradient's length at every pixel, of the maps and the backbone's last features."""

    name = "gradient"
    title = "Length of the gradient"
    description = "where learning its own answer would change the detector most"
    params = GradientParams
    needs = ("maps", "features")
    failure = "false positives and misses"

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], params: GradientParams
    ) -> Sequence[MapStack]:
        looks = shared(detector)
        features = looks.features(frames)
        if features is None:
            raise InputError(
                f"The detector {detector.name!r} hands out no features here, so gradient "
                "cannot be computed; leave out tiles, take a detector that is no ONNX file, or "
                "choose entropy."
            )
        lengths = lengths_of(features, detector.geometry(*frames.shape[1:3]))
        return [looks.infer(frames).maps, DenseMaps(lengths[:, None])]

    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: Any,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        maps, lengths = stacks
        return gradient_length(maps, lengths.map(0), mask=mask, weights=weights)
