"""From pixel scores N×H×W to one number per frame, and to the places that made it.

All reductions take `region` (used by max-pool-mean only) and `mask` (bool H×W, True =
excluded). Sums run in float64, frame by frame, so that a frame's number does not depend on
its batch; results have the precision of the pixel scores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.product.lazy import lazy_module
from framesift.scores.base import as_mask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.scores.base import Mask

    Reduction = Callable[..., Tensor]
else:
    np = lazy_module("numpy")


def max_pool_mean(
    pixel_scores: Tensor,
    region: int = 30,
    *,
    mask: Mask | None = None,
) -> Tensor:
    """Mean over the tiles' maxima (eq. 5). Tiles are region×region from the top-left corner;
    those at the right and bottom edge may be smaller and count as tiles; tiles without an
    unmasked pixel do not count.

    Args:
        pixel_scores: N×H×W.
        region: side of a tile, working pixels, 1 or more.
        mask: bool H×W, True = excluded.

    Returns:
        N, one score per frame.

    Raises:
        InputError: the region is below 1, or the mask is of another size or leaves no pixel.

    Example:
        >>> max_pool_mean(torch.arange(4.0).reshape(1, 2, 2), region=1).tolist()
        [1.5]
    """
    import torch

    tiles = tile_maxima_grid(pixel_scores, region, mask=mask)
    rows = tiles.flatten(1).cpu().double().numpy()
    means = [torch.tensor(row[row > -np.inf].mean()) for row in rows]
    return _as_scores(means, pixel_scores)


def mean_score(pixel_scores: Tensor, region: int = 30, *, mask: Mask | None = None) -> Tensor:
    """Mean over the pixels that the mask leaves.

    Args:
        pixel_scores: N×H×W.
        region: not used; every reduction takes it.
        mask: bool H×W, True = excluded.

    Returns:
        N, one score per frame.

    Raises:
        InputError: the mask is of another size or leaves no pixel.

    Example:
        >>> mean_score(torch.arange(4.0).reshape(1, 2, 2)).tolist()
        [1.5]
    """
    pixels, excluded = _checked(pixel_scores, mask)
    count = pixels[0].numel() if excluded is None else int((~excluded).sum())
    return _as_scores([total / count for total in _sums(pixels, excluded)], pixel_scores)


def sum_score(pixel_scores: Tensor, region: int = 30, *, mask: Mask | None = None) -> Tensor:
    """Sum over the pixels that the mask leaves.

    Args:
        pixel_scores: N×H×W.
        region: not used; every reduction takes it.
        mask: bool H×W, True = excluded.

    Returns:
        N, one score per frame.

    Raises:
        InputError: the mask is of another size or leaves no pixel.

    Example:
        >>> sum_score(torch.arange(4.0).reshape(1, 2, 2)).tolist()
        [6.0]
    """
    return _as_scores(_sums(*_checked(pixel_scores, mask)), pixel_scores)


def max_score(pixel_scores: Tensor, region: int = 30, *, mask: Mask | None = None) -> Tensor:
    """Maximum over the pixels that the mask leaves.

    Args:
        pixel_scores: N×H×W.
        region: not used; every reduction takes it.
        mask: bool H×W, True = excluded.

    Returns:
        N, one score per frame.

    Raises:
        InputError: the mask is of another size or leaves no pixel.

    Example:
        >>> max_score(torch.arange(4.0).reshape(1, 2, 2)).tolist()
        [3.0]
    """
    pixels, excluded = _checked(pixel_scores, mask)
    return _hidden(pixels, excluded).flatten(1).amax(1)


def tile_maxima_grid(
    pixel_scores: Tensor,
    region: int = 30,
    *,
    mask: Mask | None = None,
) -> Tensor:
    """The maximum of every tile: N×⌈H/region⌉×⌈W/region⌉; −inf where all is masked."""
    pixels, excluded = _checked(pixel_scores, mask)
    if region < 1:
        raise InputError(f"The region is {region}; give 1 or more pixels.")
    return _tiled(_hidden(pixels, excluded), region)


def tile_maxima(
    pixel_scores: Tensor,
    region: int = 30,
    top: int = 5,
    *,
    mask: Mask | None = None,
) -> list[tuple[tuple[int, int, float], ...]]:
    """Where the largest tile maxima of each frame lie. Tiles without an unmasked pixel, or with
    a maximum of 0, are left out.

    Args:
        pixel_scores: N×H×W.
        region: side of a tile, working pixels, 1 or more.
        top: how many per frame at most.
        mask: bool H×W, True = excluded.

    Returns:
        Per frame (x, y, value), largest first: column and row of the working pixel where the
        tile has its maximum (the first one on a tie).

    Raises:
        InputError: the region is below 1, or the mask is of another size or leaves no pixel.

    Example:
        >>> tile_maxima(torch.arange(4.0).reshape(1, 2, 2), region=2, top=1)
        [((1, 1, 3.0),)]
    """
    hidden = _hidden(*_checked(pixel_scores, mask)).cpu()
    grid = tile_maxima_grid(pixel_scores, region, mask=mask).cpu()
    columns, width = grid.shape[-1], hidden.shape[-1]
    maxima = []
    for frame, tiles in zip(hidden, grid.flatten(1), strict=True):
        values, order = tiles.sort(descending=True, stable=True)
        here: list[tuple[int, int, float]] = []
        for value, tile in zip(values[:top].tolist(), order[:top].tolist(), strict=True):
            if value <= 0:
                break
            y, x = (tile // columns) * region, (tile % columns) * region
            part = frame[y : y + region, x : x + region]
            row, column = divmod(int(part.argmax()), min(region, width - x))
            here.append((x + column, y + row, value))
        maxima.append(tuple(here))
    return maxima


def _checked(pixel_scores: Tensor, mask: Mask | None) -> tuple[Tensor, Tensor | None]:
    pixels = pixel_scores.detach()
    if pixels.ndim != 3 or 0 in pixels.shape[1:]:
        raise ValueError(f"pixel scores are N×H×W, not {tuple(pixels.shape)}")
    return pixels, as_mask(mask, pixels)


def _hidden(pixels: Tensor, excluded: Tensor | None) -> Tensor:
    return _filled(pixels, excluded, -np.inf)


def _filled(pixels: Tensor, excluded: Tensor | None, value: float) -> Tensor:
    if excluded is None or pixels.device.type != "cpu":
        return pixels if excluded is None else pixels.masked_fill(excluded, value)
    import torch

    # In numpy, as torch would wait for its threads.
    filled = pixels.numpy().copy()
    filled[:, excluded.numpy()] = value
    return torch.from_numpy(filled)


def _tiled(pixels: Tensor, region: int) -> Tensor:
    import torch
    from torch.nn.functional import max_pool2d

    if pixels.device.type != "cpu":
        return max_pool2d(pixels[:, None], region, region, ceil_mode=True)[:, 0]
    return torch.from_numpy(_runs(_runs(pixels.numpy(), region, 1), region, 2))


def _runs(values: NDArray[np.floating], region: int, axis: int) -> NDArray[np.floating]:
    """Maxima of runs of `region` along `axis`; the last run may be shorter. Several times as
    fast as torch's pooling on a CPU."""
    shape, length = values.shape, values.shape[axis]
    whole = length // region * region
    head, rest = np.split(values, [whole], axis)
    parts = []
    if whole:
        runs = head.reshape(*shape[:axis], whole // region, region, *shape[axis + 1 :])
        parts.append(runs.max(axis + 1))
    if whole < length:
        parts.append(rest.max(axis, keepdims=True))
    return np.concatenate(parts, axis)


def _sums(pixels: Tensor, excluded: Tensor | None) -> list[Tensor]:
    import torch

    pixels = _filled(pixels, excluded, 0.0)
    if pixels.device.type == "cpu":
        return [torch.tensor(frame.sum(dtype=np.float64)) for frame in pixels.numpy()]
    # Metal has no float64.
    exact = torch.float32 if pixels.device.type == "mps" else torch.float64
    return [frame.sum(dtype=exact) for frame in pixels]


def _as_scores(values: list[Tensor], like: Tensor) -> Tensor:
    import torch

    if not values:
        return like.new_zeros(0)
    return torch.stack(values).to(device=like.device, dtype=like.dtype)


REDUCTIONS: dict[str, Reduction] = {
    "max-pool-mean": max_pool_mean,
    "mean": mean_score,
    "max": max_score,
    "sum": sum_score,
}
