"""Mutual information over Monte-Carlo dropout passes (the paper's baseline): how much the
passes disagree, beyond each one's own uncertainty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.records.settings import check, setting
from framesift.scores.base import MapStack, Score, as_mask, as_stack, as_weights, working

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.scores.base import Maps, Mask
    from framesift.scores.kernels import MakeKernels


def mutual_information(
    passes: Tensor | Iterable[Maps],
    *,
    mask: Mask | None = None,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Pixel score s = Σ_k w_k (H(mean_t p_t^k) − mean_t H(p_t^k)) over passes t. One pass gives
    0 everywhere.

    Args:
        passes: P×N×K×H×W in [0, 1], or P ProbabilityMaps (held at their low resolution; one map
            at a time is spelled out).
        mask: bool H×W, True = excluded (score 0).
        weights: K, ≥ 0; None: 1 each.

    Returns:
        N×H×W ≥ 0 in nats, float64 for float64 maps, otherwise float32; for each map at most
        w_k·ln 2.

    Raises:
        InputError: the mask is of another size or leaves no pixel.
        ValueError: the passes have different maps, or weights do not fit them.

    Example:
        >>> passes = torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1, 1)
        >>> round(float(mutual_information(passes)), 4)
        0.6931
    """
    from framesift.scores.kernels import kernels_for

    return _mutual_information(passes, mask, weights, kernels_for)


def _mutual_information(
    passes: Tensor | Iterable[Maps],
    mask: Mask | None,
    weights: Sequence[float] | None,
    make_kernels: MakeKernels,
) -> Tensor:
    stacks = [as_stack(part) for part in passes]
    if not stacks or len({len(stack) for stack in stacks}) != 1:
        raise ValueError("mutual information needs passes with equally many maps")
    each = as_weights(weights, len(stacks[0]))
    if not any(each):
        raise ValueError("every map has weight 0")
    share = 1 / len(stacks)
    like = working(stacks[0].map(0))
    kernels = make_kernels(like, as_mask(mask, like))
    total, within = kernels.zeros(), kernels.zeros()
    for k, weight in enumerate(each):
        if weight == 0:
            continue
        mean = kernels.zeros()
        for stack in stacks:
            p = working(stack.map(k))
            for part, sums, into in zip(*map(kernels.parts, (p, within, mean)), strict=True):
                kernels.subtract_entropy(sums, part, weight * share)
                kernels.add(into, part, share)
        for part, into in zip(kernels.parts(mean), kernels.parts(total), strict=True):
            kernels.subtract_entropy(into, part, weight)
    for sums, into in zip(kernels.parts(within), kernels.parts(total), strict=True):
        kernels.add(into, sums, -1)
    return kernels.finish(total)


@dataclass(frozen=True, slots=True)
class McDropoutParams:
    """What Monte-Carlo dropout has of its own. Frames are not flipped: its passes differ
    already."""

    passes: int = setting(
        30,
        title="Passes",
        help="how often each frame passes through the heads with dropout",
        low=2,
        source="the paper",
        metavar="T",
    )
    rate: float = setting(
        0.5,
        title="Dropout rate",
        help="share of the heads' inputs that each pass drops",
        above=0,
        below=1,
        source="the paper",
        metavar="P",
    )
    seed: int = setting(
        0,
        title="Seed of the passes",
        help="of what the passes drop",
        low=0,
        high=2**63 - 1,
        option="dropout-seed",
        metavar="N",
    )

    def __post_init__(self) -> None:
        check(self, "score")


class McDropout(Score):
    """Mutual information over the detector's passes with dropout in its heads."""

    name = "mc_dropout"
    title = "Monte-Carlo dropout (slow)"
    description = "where passes with dropout disagree"
    params = McDropoutParams
    needs = ("maps", "dropout")
    cost = "T passes of the heads"

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], params: McDropoutParams
    ) -> Sequence[MapStack]:
        return list(detector.dropout_maps(frames, params.passes, params.rate, params.seed))

    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: McDropoutParams,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        return mutual_information(stacks, mask=mask, weights=weights)
