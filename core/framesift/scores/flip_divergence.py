"""Pixel divergence of a frame and its mirror image: how much the two maps contradict each other
(dense form of Elezi et al., CVPR 2022; ours)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.scores.base import MapStack, Score
from framesift.scores.mc_dropout import mutual_information
from framesift.scores.shared import shared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.scores import views
    from framesift.scores.base import Mask
else:
    views = lazy_module("framesift.scores.views")


@dataclass(frozen=True, slots=True)
class FlippedBack:
    """The maps of mirror images in the pixels of the frames."""

    maps: Any

    def __len__(self) -> int:
        return len(self.maps)

    @property
    def names(self) -> Sequence[tuple[Any, str]]:
        """(level, class) of each map."""
        names: Sequence[tuple[Any, str]] = self.maps.names
        return names

    def map(self, k: int) -> Tensor:
        """Map k of every frame: N×H×W in [0, 1]."""
        flipped: Tensor = self.maps.map(k).flip(-1)
        return flipped


@dataclass(frozen=True, slots=True)
class FlipDivergenceParams:
    """It has no settings of its own."""


class FlipDivergence(Score):
    """Σ_k w_k JS(p^k, p̃^k), p̃ from the mirror image; for each map in [0, w_k]."""

    name = "flip_divergence"
    title = "Divergence from the mirror image"
    description = "where maps change in the mirror image"
    params = FlipDivergenceParams
    cost = "2"
    failure = "false positives and misses"

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], params: FlipDivergenceParams
    ) -> Sequence[MapStack]:
        looks = shared(detector)
        flipped = looks.infer(looks.seen(frames, views.FLIP)).maps
        return [looks.infer(frames).maps, FlippedBack(flipped)]

    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: FlipDivergenceParams,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        # The mutual information of two passes is their Jensen–Shannon divergence in nats.
        return mutual_information(stacks, mask=mask, weights=weights) / math.log(2)
