"""Pixel divergence (eq. 1–4): how much more uncertain a neighbourhood's mean probability is
than its pixels are by themselves. High where neighbouring predictions contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.records.settings import check, setting
from framesift.scores.base import (
    MapStack,
    Score,
    as_mask,
    as_stack,
    flip_setting,
    map_names,
    walk,
)
from framesift.scores.radii import radii_by_box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.detectors.base import Detector
    from framesift.scores.base import Maps, Mask
    from framesift.scores.kernels import MakeKernels


def divergence(
    maps: Maps,
    radius: int | Sequence[int] = 9,
    *,
    mask: Mask | None = None,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """Pixel divergence s = Σ_k w_k (H(p̂^k) − mean H(p^k)), eq. 1–4. A frame's scores do not
    depend on the others in the batch.

    Args:
        maps: N×K×H×W in [0, 1], or ProbabilityMaps.
        radius: of the (2·radius+1)² window in working pixels, ≥ 0, one or one per map; the
            window is clipped to the picture.
        mask: bool H×W, True = excluded: such pixels are in no neighbourhood and score 0.
        weights: K, ≥ 0; None: 1 each.

    Returns:
        N×H×W ≥ 0 in nats, float64 for float64 maps, otherwise float32; for each map at most
        w_k·ln 2.

    Raises:
        InputError: the radius is negative, or the mask is of another size or leaves no pixel.
        ValueError: the maps are no such tensor, or weights or radii do not fit them.

    Example:
        >>> divergence(torch.full((1, 2, 8, 8), 0.5), 2).shape
        torch.Size([1, 8, 8])
    """
    from framesift.scores.kernels import kernels_for

    return _divergence(maps, radius, mask, weights, kernels_for)


def _divergence(
    maps: Maps,
    radius: int | Sequence[int],
    mask: Mask | None,
    weights: Sequence[float] | None,
    make_kernels: MakeKernels,
) -> Tensor:
    stack = as_stack(maps)
    radii = _radii(radius, len(stack))
    items = walk(stack, weights)
    first = next(items)
    kernels = make_kernels(first[2], as_mask(mask, first[2]))
    total = kernels.zeros()
    within = {r: kernels.zeros() for r in set(radii)}
    for k, weight, p in chain([first], items):
        # The window mean is linear: one box filter per radius serves every map's entropy.
        for part, sums, into in zip(
            *map(kernels.parts, (p, within[radii[k]], total)), strict=True
        ):
            kernels.subtract_entropy(sums, part, weight)
            kernels.subtract_entropy(into, kernels.window_mean(part, radii[k]), weight)
    for r, entropy in within.items():
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


@dataclass(frozen=True, slots=True)
class DivergenceParams:
    """What the divergence has of its own."""

    radius: int | tuple[int, ...] = setting(
        9,
        title="Radius",
        help="neighbourhood radius r, one for all levels of the maps or one per level",
        unit="working pixels",
        low=0,
        source="the paper",
        metavar="PIXELS",
    )
    radius_by_box: bool = setting(
        False,
        title="Neighbourhoods in proportion to each level's boxes",
        help="scale r to each level's box, the radius holding at the middle level; for "
        "detectors with one box size per level, as the paper's, where people are small",
        # The radius of each level that comes of it is.
        in_recipe=False,
    )
    flip: bool = flip_setting()

    def __post_init__(self) -> None:
        check(self, "score")


class Divergence(Score):
    """Eq. 1–4 over the detector's maps."""

    name = "divergence"
    title = "Divergence of the maps (the paper's)"
    description = "where neighbours disagree (the paper)"
    params = DivergenceParams
    one_look = True

    def stacks(
        self, detector: Detector, frames: NDArray[np.uint8], params: DivergenceParams
    ) -> Sequence[MapStack]:
        return [detector.infer(frames, flip=params.flip).maps]

    def fitted(self, params: DivergenceParams, detector: Detector) -> DivergenceParams:
        """With a radius for each level where they go by its box. Raises InputError for a
        detector without one box per level, or a list of radii to scale."""
        if not params.radius_by_box:
            return params
        if not isinstance(params.radius, int):
            raise InputError("A radius for each level needs no scaling; give one radius.")
        radii = radii_by_box(params.radius, detector.settings, detector.name)
        return replace(params, radius=tuple(radii), radius_by_box=False)

    def recipe(self, params: DivergenceParams) -> dict[str, Any]:
        """What its numbers depend on; that the radius is still to be scaled, too."""
        by_box = {"radius_by_box": True} if params.radius_by_box else {}
        return super().recipe(params) | by_box

    def pixels(
        self,
        stacks: Sequence[MapStack],
        params: DivergenceParams,
        *,
        mask: Mask | None,
        weights: Sequence[float] | None,
    ) -> Tensor:
        (maps,) = stacks
        radius = per_map(params.radius, [level for level, _ in map_names(maps)])
        return divergence(maps, radius, mask=mask, weights=weights)


def per_map(radius: int | tuple[int, ...], levels: Sequence[Any]) -> int | list[int]:
    """A radius for each map: `levels` says which level each map is of. Raises InputError where
    there are several radii, but not one for each level."""
    if isinstance(radius, int):
        return radius
    known = list(dict.fromkeys(levels))
    if len(known) != len(radius):
        raise InputError(
            f"{len(radius)} radii were given, but the detector predicts at "
            f"{len(known)} levels; give one radius, or one per level."
        )
    return [radius[known.index(level)] for level in levels]
