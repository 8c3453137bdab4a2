"""Timeline: high values, far in time and in looks from all that is labelled or picked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import Field, Places, Spread, cosine, products
from framesift.selection.spreads.lazily import LazyOrder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.selection.walk import Order
else:
    np = lazy_module("numpy")

LONGEST_S = 10.0
"""The half-life at most, and what it is where nothing says another one."""


class Timeline(Spread):
    """argmax z̃(t)·Π_s (1 − K(t, s)) over all labelled frames and picks s: z̃ the rank in (0, 1],
    K = max(exp(−(Δt/τ)²) within a drive, max(0, cos(e_t, e_s))⁴ everywhere), τ the half-life
    of the values (see `half_life`)."""

    name = "timeline"
    title = "high values, far in time and in looks from all that is labelled or picked"
    compares = ("frames",)

    def order(self, field: Field) -> Order:
        tau = field.half_life

        def lowered(
            values: NDArray[np.float64],
            frames: Places,
            picks: Places,
            met: NDArray[np.int64],
        ) -> NDArray[np.float64]:
            factors = 1 - kernel(picks, frames, tau)
            factors[np.arange(len(picks))[:, None] < met] = 1.0
            # One pick after the other, for a product's last bits depend on its order.
            for factor in factors:
                values = values * factor
            return values

        return LazyOrder(field, field.ranks, lowered)


def kernel(picks: Places, frames: Places, tau: float) -> NDArray[np.float64]:
    """K, float64 picks×frames in [0, 1]."""
    if picks.vectors is None or frames.vectors is None:
        alike = np.zeros((len(picks), len(frames)))
    else:
        alike = _to_the_fourth(products(frames.vectors, picks.vectors).T)
    # Of many drives few frames share one.
    pick, frame = np.nonzero(picks.drive[:, None] == frames.drive[None, :])
    if len(pick):
        apart = picks.seconds[pick] - frames.seconds[frame]
        near = np.where(np.isnan(apart), 0.0, np.exp(-((apart / tau) ** 2)))
        alike[pick, frame] = np.maximum(alike[pick, frame], near)
    return alike


def _to_the_fourth(products: NDArray[np.float32]) -> NDArray[np.float64]:
    """max(0, cosine)⁴ of products of two vectors."""
    alike = np.ascontiguousarray(cosine(products))
    np.maximum(alike, 0.0, out=alike)
    np.minimum(alike, 1.0, out=alike)
    # Squared twice: a power takes long, and its last bits are not every processor's.
    np.square(alike, out=alike)
    return np.square(alike, out=alike)


def half_life(drives: Iterable[tuple[NDArray[np.float64], float]], delta1_s: float) -> float:
    """τ in seconds: the median over drives of the lag at which the autocorrelation of the
    values falls to ½, within [Δt1/2, 10 s].

    drives: values float64 in the order of time, NaN = none, and the seconds from one to the
    next; those without time (NaN) or with a constant value do not count.
    """
    lags = []
    for values, step in drives:
        missing = np.isnan(values)
        scored = np.flatnonzero(~missing) if missing.any() else None
        if (len(values) if scored is None else len(scored)) > 2 and step > 0:
            every = 1 if scored is None else int(np.diff(scored).min())
            of_scored = values if scored is None else values[scored]
            lag = _half(of_scored, int(LONGEST_S / (step * every)) + 2)
            if lag is not None:
                lags.append(lag * step * every)
    return float(np.clip(np.median(lags) if lags else LONGEST_S, delta1_s / 2, LONGEST_S))


def _half(values: NDArray[np.float64], most: int) -> int | None:
    """The first lag, in values, at which the autocorrelation is ½ or below; `most` where it
    stays above; None for a constant."""
    centred = values - values.mean()
    whole = _product(centred, centred)
    if not whole:
        return None
    for lag in range(1, min(most, len(centred))):
        if _product(centred[:-lag], centred[lag:]) <= whole / 2:
            return lag
    return min(most, len(centred) - 1)


def _product(some: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    # The same sum whatever the number of threads, as a dot product is not.
    return float(np.einsum("n,n->", some, others))
