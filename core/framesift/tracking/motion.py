"""Where a track is expected: a Kalman filter of constant velocity over a box's four sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# In sizes of the box (the root of its area), by measurement on drawn drives: how far a
# detection's sides lie off (σ), a track's velocity before it is known (σ, sizes per second),
# and how fast velocities change (σ, sizes per second in one second).
MEASURED = 0.06
UNKNOWN = 1.0
CHANGING = 0.3


class Motion:
    """One track's state: the four sides of its box and their velocities.

    The sides share one covariance, in units of the box's size: what is near moves faster and
    is measured less exactly, in pixels, in the same measure.
    """

    def __init__(self, seconds: float, box: NDArray[np.float64]) -> None:
        self._seconds = seconds
        self._box = box
        self._velocity = np.zeros(4)
        self._covariance = np.diag([MEASURED**2, UNKNOWN**2])

    def expected(self, seconds: float) -> NDArray[np.float64]:
        """float64 4: the box at this time."""
        return np.asarray(self._box + self._velocity * (seconds - self._seconds), np.float64)

    def update(self, seconds: float, box: NDArray[np.float64]) -> None:
        """Takes in a detection, not earlier than the last."""
        passed = seconds - self._seconds
        advance = np.array([[1.0, passed], [0.0, 1.0]])
        noise = np.array([[passed**3 / 3, passed**2 / 2], [passed**2 / 2, passed]])
        before = advance @ self._covariance @ advance.T + CHANGING**2 * noise
        gain = before[:, 0] / (before[0, 0] + MEASURED**2)
        expected = self.expected(seconds)
        self._box = expected + gain[0] * (box - expected)
        self._velocity = self._velocity + gain[1] * (box - expected)
        self._covariance = before - np.outer(gain, before[0])
        self._seconds = seconds


class Still:
    """A track that is expected where it was last."""

    def __init__(self, seconds: float, box: NDArray[np.float64]) -> None:
        self._box = box

    def expected(self, seconds: float) -> NDArray[np.float64]:
        """float64 4: the last box."""
        return self._box

    def update(self, seconds: float, box: NDArray[np.float64]) -> None:
        """Takes in a detection."""
        self._box = box
