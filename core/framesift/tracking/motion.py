"""Where a track is expected, and how surely: a Kalman filter of constant velocity over a box's
centre and size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDES = np.array([0.5, 0.5, 2.0, 2.0])
"""Variances of centre x, y, width and height where each side is off by variance 1."""

State = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Noise:
    """What the filter supposes (σ), in sizes of the box (the root of its area).

    measured: how far a detection's sides lie off, besides `floor` in pixels. unknown: the
    velocities of centre and of width and height before they are known, sizes per second.
    changing: how much they change in one second.
    """

    floor: float
    measured: float
    unknown: tuple[float, float]
    changing: tuple[float, float]

    def of_sides(self, size: float) -> State:
        """float64 4: a detection's variances in squares of the size, which is in pixels."""
        return np.asarray((self.measured**2 + (self.floor / size) ** 2) * SIDES, np.float64)


# by measurement on drawn drives; with the first, all four sides move alike
OVERLAPPING = Noise(0.0, 0.06, (0.5**0.5, 2**0.5), (0.3 * 0.5**0.5, 0.3 * 2**0.5))
DISTANT = Noise(1.5, 0.03, (1.0, 0.15), (0.25, 0.3))


class Motion:
    """One track's state: centre x and y, width and height of its box, and their velocities.

    Covariances are in units of the box's size: what is near moves faster and is measured less
    exactly, in pixels, in the same measure.
    """

    def __init__(self, seconds: float, box: State, noise: Noise) -> None:
        self._seconds = seconds
        self._noise = noise
        self._place = centred(box)
        self._velocity = np.zeros(4)
        self._covariance = np.zeros((4, 2, 2))
        self._covariance[:, 0, 0] = noise.of_sides(self.size)
        self._covariance[:, 1, 1] = np.repeat(noise.unknown, 2) ** 2

    @property
    def size(self) -> float:
        """Pixels: the root of the area of its box, 1 at least."""
        return max(float(np.sqrt(np.abs(self._place[2] * self._place[3]))), 1.0)

    def expected(self, seconds: float) -> State:
        """float64 4: the box at this time."""
        return cornered(self._at(seconds))

    def distances(self, seconds: float, boxes: State) -> State:
        """float64 M: of boxes M×4 from where the track is expected, in standard deviations
        (Mahalanobis, over centre and size)."""
        covariance = self._advanced(seconds)[:, 0, 0] + self._noise.of_sides(self.size)
        off = (centred(boxes) - self._at(seconds)) / self.size
        return np.asarray(np.sqrt((off**2 / covariance).sum(axis=1)), np.float64)

    def update(self, seconds: float, box: State) -> None:
        """Takes in a detection, not earlier than the last."""
        before = self._advanced(seconds)
        gain = before[:, :, 0] / (before[:, 0, 0] + self._noise.of_sides(self.size))[:, None]
        expected = self._at(seconds)
        off = centred(box) - expected
        self._place = expected + gain[:, 0] * off
        self._velocity = self._velocity + gain[:, 1] * off
        self._covariance = before - gain[:, :, None] * before[:, 0, None, :]
        self._seconds = seconds

    def _at(self, seconds: float) -> State:
        return np.asarray(self._place + self._velocity * (seconds - self._seconds), np.float64)

    def _advanced(self, seconds: float) -> State:
        """float64 4×2×2: the covariances at this time."""
        passed = seconds - self._seconds
        step = np.array([[1.0, passed], [0.0, 1.0]])
        grown = np.repeat(self._noise.changing, 2)[:, None, None] ** 2 * _diffusion(passed)
        return np.asarray(step @ self._covariance @ step.T + grown, np.float64)


class Still:
    """A track that is expected where it was last."""

    def __init__(self, seconds: float, box: State) -> None:
        self._box = box

    def expected(self, seconds: float) -> State:
        """float64 4: the last box."""
        return self._box

    def update(self, seconds: float, box: State) -> None:
        """Takes in a detection."""
        self._box = box


def _diffusion(passed: float) -> State:
    """2×2: how place and velocity spread in this time where velocity walks at random."""
    return np.array([[passed**3 / 3, passed**2 / 2], [passed**2 / 2, passed]])


def centred(boxes: State) -> State:
    """…×4 corners as centre x and y, width and height."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=-1)


def cornered(places: State) -> State:
    """…×4 centre x and y, width and height as corners."""
    middle, half = places[..., :2], places[..., 2:] / 2
    return np.concatenate([middle - half, middle + half], axis=-1)
