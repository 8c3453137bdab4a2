"""Several signals as one value per frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from framesift.product.lazy import lazy_module
from framesift.selection.spreads.base import ranks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
else:
    np = lazy_module("numpy")


def _sum(values: Floats, weights: Floats) -> Floats:
    return np.asarray(weights @ values)


def _norm(values: Floats, weights: Floats) -> Floats:
    return np.asarray(np.sqrt(weights @ values**2))


def _product(values: Floats, weights: Floats) -> Floats:
    return np.asarray(np.prod(values ** weights[:, None], axis=0))


def _maximum(values: Floats, weights: Floats) -> Floats:
    return np.asarray((weights[:, None] * values).max(axis=0))


COMBINATIONS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "sum": _sum,
    "norm": _norm,
    "product": _product,
    "maximum": _maximum,
}
"""Of values S×n in [0, 1] and S weights, n values: the weighted sum; the Euclidean norm, each
square weighted; the product, weights as exponents; the largest weighted one."""


def by_rank(values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Values in (0, 1] by their rank among all (see `ranks`)."""
    return ranks(values)


def by_range(values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Values between the least and the largest of those inside, as 0 … 1; a constant gives 0,
    frames outside NaN."""
    among = values[inside]
    scaled = np.full(len(values), np.nan)
    if len(among):
        low, high = among.min(), among.max()
        scaled[inside] = 0.0 if high == low else (among - low) / (high - low)
    return scaled


def by_deviation(values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """How many standard deviations values lie above the mean of all; a constant gives 0."""
    among = values[~np.isnan(values)]
    if not len(among):
        return np.full(len(values), np.nan)
    away, deviation = values - among.mean(), float(among.std())
    if not deviation > 1e-12 * float(np.abs(among).max()):
        return np.asarray(np.where(np.isnan(values), np.nan, 0.0))
    return np.asarray(away / deviation)


NORMALISATIONS: Mapping[str, Callable[[Floats, NDArray[np.bool_]], Floats]] = {
    "ranks": by_rank,
    "gate": by_range,
    "deviations": by_deviation,
}
"""How signals become comparable: in [0, 1] by rank over the pool, or from the least to the
largest of the frames that pass the gate; or as standard deviations from the pool's mean."""
SIGNED = ("sum", "maximum")
"""Combinations that mean something for values below zero."""


def combined(
    signals: Sequence[Floats],
    weights: Sequence[float],
    *,
    how: str,
    normalise: str = "ranks",
    inside: NDArray[np.bool_] | None = None,
) -> Floats:
    """One value per frame out of S signals n: float64 n, NaN where a signal is missing, one
    signal alone as it is.

    how: of COMBINATIONS; normalise: of NORMALISATIONS; inside: bool n, the frames that pass the
    gate, None: all that have every signal.
    """
    if len(signals) == 1 and normalise != "gate":
        return np.asarray(signals[0], np.float64)
    stacked = np.stack([np.asarray(values, np.float64) for values in signals])
    there = np.asarray(~np.isnan(stacked).any(axis=0))
    among: NDArray[np.bool_] = there if inside is None else np.asarray(there & inside)
    stacked[:, ~there] = np.nan
    scaled = np.stack([NORMALISATIONS[normalise](values, among) for values in stacked])
    return COMBINATIONS[how](scaled, np.asarray(weights, np.float64))
