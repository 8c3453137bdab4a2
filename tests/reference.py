"""The method's equations in plain float64, slow and obvious: what fast code is held against.

Maps are numpy arrays; `mask` is bool H×W, True = excluded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def entropy(z: float) -> float:
    """H(z) = −z ln z − (1−z) ln(1−z), H(0) = H(1) = 0."""
    if z <= 0.0 or z >= 1.0:
        return 0.0
    return -z * math.log(z) - (1.0 - z) * math.log(1.0 - z)


def entropy_map(p: np.ndarray) -> np.ndarray:
    return np.array([[entropy(float(z)) for z in row] for row in p])


def window_mean(values: np.ndarray, radius: int, mask: np.ndarray | None = None) -> np.ndarray:
    """Mean over the window clipped to the image and to what the mask leaves; 0 where nothing
    is left."""
    height, width = values.shape
    free = np.ones((height, width), bool) if mask is None else ~mask
    out = np.zeros((height, width))
    for m in range(height):
        for n in range(width):
            window = (
                slice(max(0, m - radius), m + radius + 1),
                slice(max(0, n - radius), n + radius + 1),
            )
            inside = values[window][free[window]].astype(np.float64)
            out[m, n] = math.fsum(inside) / len(inside) if len(inside) else 0.0
    return out


def divergence(
    maps: np.ndarray,
    radius: int = 9,
    mask: np.ndarray | None = None,
    weights: Sequence[float] | None = None,
) -> np.ndarray:
    """Eq. 1–4 for one frame: K×H×W → H×W."""
    weights = [1.0] * len(maps) if weights is None else weights
    total = np.zeros(maps.shape[1:])
    for weight, p in zip(weights, maps.astype(np.float64), strict=True):
        p_hat = window_mean(p, radius, mask)  # eq. 1
        s = entropy_map(p_hat) - window_mean(entropy_map(p), radius, mask)  # eq. 2, 3
        total += weight * s  # eq. 4
    if mask is not None:
        total[mask] = 0.0
    return np.maximum(total, 0.0)


def pixel_entropy(
    maps: np.ndarray, mask: np.ndarray | None = None, weights: Sequence[float] | None = None
) -> np.ndarray:
    weights = [1.0] * len(maps) if weights is None else weights
    maps = maps.astype(np.float64)
    total = sum(w * entropy_map(p) for w, p in zip(weights, maps, strict=True))
    return total if mask is None else np.where(mask, 0.0, total)


def mutual_information(passes: np.ndarray) -> np.ndarray:
    """P×K×H×W → H×W: entropy of the mean minus mean of the entropies, summed over K."""
    passes = passes.astype(np.float64)
    total = np.zeros(passes.shape[2:])
    for k in range(passes.shape[1]):
        own = np.mean([entropy_map(p[k]) for p in passes], axis=0)
        total += entropy_map(passes[:, k].mean(axis=0)) - own
    return np.maximum(total, 0.0)


def tiles(height: int, width: int, region: int) -> list[tuple[slice, slice]]:
    return [
        (slice(y, min(y + region, height)), slice(x, min(x + region, width)))
        for y in range(0, height, region)
        for x in range(0, width, region)
    ]


def max_pool_mean(
    scores: np.ndarray, region: int = 30, mask: np.ndarray | None = None
) -> float:
    """Eq. 5 for one frame."""
    maxima = []
    for tile in tiles(*scores.shape, region):
        inside = scores[tile] if mask is None else scores[tile][~mask[tile]]
        if inside.size:
            maxima.append(float(inside.max()))
    return math.fsum(maxima) / len(maxima)


def smooth(values: Sequence[float], half_window: int = 5, sigma: float = 3.0) -> np.ndarray:
    """Eq. 6; NaN = no score, stays NaN, is no neighbour."""
    out = []
    for t, own in enumerate(values):
        if math.isnan(own):
            out.append(math.nan)
            continue
        above, below = [], []
        for i in range(-half_window, half_window + 1):
            if 0 <= t + i < len(values) and not math.isnan(values[t + i]):
                weight = math.exp(-i * i / (2 * sigma * sigma))
                above.append(weight * values[t + i])
                below.append(weight)
        out.append(math.fsum(above) / math.fsum(below))
    return np.array(out)


def select(
    series: Mapping[str, Sequence[float]],
    budget: int,
    delta1: int = 15,
    delta2: int = 2,
    taken: Mapping[str, Iterable[int]] | None = None,
    fill: bool = False,
    alike: Mapping[str, np.ndarray] | None = None,
    alike_last: bool = False,
) -> list[tuple[str, int]]:
    """Step 4, greedy. `alike` holds per drive a bool n×n matrix of which frames look alike
    (None: nothing does), to picks and earlier frames; with `alike_last` they are taken when
    nothing else is left."""
    earlier = {video: set(frames) for video, frames in (taken or {}).items()}
    picks: list[tuple[str, int]] = []

    def allowed(video: str, frame: int, ignore1: bool, ignore_alike: bool) -> bool:
        same = [f for v, f in picks if v == video]
        past = earlier.get(video, set())
        if frame in same or frame in past or any(abs(frame - t) <= delta2 for t in past):
            return False
        if not ignore1 and any(abs(frame - f) <= delta1 for f in same):
            return False
        if alike is not None and not ignore_alike:
            resembling = alike[video][frame]
            return not any(resembling[f] for f in [*same, *past])
        return True

    passes = [(False, False)]
    if alike is not None and alike_last:
        passes.append((False, True))
    if fill:
        passes.append((True, alike_last))
    for ignore1, ignore_alike in passes:
        while len(picks) < budget:
            best: tuple[float, str, int] | None = None
            for video, values in series.items():
                for frame, value in enumerate(values):
                    if (
                        not math.isnan(value)
                        and (best is None or value > best[0])
                        and allowed(video, frame, ignore1, ignore_alike)
                    ):
                        best = (float(value), video, frame)
            if best is None:
                break
            picks.append(best[1:])
    return picks
