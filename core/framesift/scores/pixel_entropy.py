"""Pixel entropy (the paper's baseline): how uncertain each pixel's prediction is by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from framesift.records.settings import check
from framesift.scores.base import MapStack, Score, as_mask, as_stack, flip_setting, walk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.scores.base import Maps, Mask
    from framesift.scores.kernels import MakeKernels


def entropy(
    maps: Maps,
    *,
    mask: Mask | None = None,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Pixel entropy s = Σ_k w_k H(p^k), H(z) = −z ln z − (1−z) ln(1−z).

    Args:
        maps: N×K×H×W in [0, 1], or ProbabilityMaps.
        mask: bool H×W, True = excluded (score 0).
        weights: K, ≥ 0; None: 1 each.

    Returns:
        N×H×W ≥ 0 in nats, float64 for float64 maps, otherwise float32; for each map at most
        w_k·ln 2.

    Raises:
        InputError: the mask is of another size or leaves no pixel.
        ValueError: the maps are no such tensor, or weights do not fit them.

    Example:
        >>> round(float(entropy(torch.full((1, 1, 4, 4), 0.5)).max()), 4)
        0.6931
    """
    from framesift.scores.kernels import kernels_for

    return _entropy(maps, mask, weights, kernels_for)


def _entropy(
    maps: Maps,
    mask: Mask | None,
    weights: Sequence[float] | None,
    make_kernels: MakeKernels,
) -> Tensor:
    items = walk(as_stack(maps), weights)
    first = next(items)
    kernels = make_kernels(first[2], as_mask(mask, first[2]))
    total = kernels.zeros()
    for _, weight, p in chain([first], items):
        for part, into in zip(kernels.parts(p), kernels.parts(total), strict=True):
            kernels.subtract_entropy(into, part, weight)
    return kernels.finish(total)


@dataclass(frozen=True, slots=True)
class EntropyParams:
    """What the entropy has of its own."""

    flip: bool = flip_setting()

    def __post_init__(self) -> None:
        check(self, "score")


class Entropy(Score):
    """The entropy of the detector's maps."""

    name = "entropy"
    title = "Entropy of the maps"
    description = "where predictions are near one half"
    params = EntropyParams
    one_look = True

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], params: EntropyParams
    ) -> Sequence[MapStack]:
        return [detector.infer(frames, flip=params.flip).maps]

    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: EntropyParams,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        (maps,) = stacks
        return entropy(maps, mask=mask, weights=weights)
