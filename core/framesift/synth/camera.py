"""The pinhole camera over a road that may bend.

World: `s` metres along the road, `x` metres to its right, `y` up. Near the camera the road is
the parabola x + bend/2·Δs², so that positions, ground texture and buildings bend alike.
Pitch moves the horizon (small angles), so uprights stay upright.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
NEAR = 0.35


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera is and how it looks.

    rows, cols: picture size; focal in pixels; s, x, height in metres; yaw (right positive) and
    pitch (horizon moves down when positive) in radians; bend in 1/metres.
    """

    rows: int
    cols: int
    focal: float
    s: float = 0.0
    x: float = 0.0
    height: float = 1.35
    yaw: float = 0.0
    pitch: float = 0.0
    bend: float = 0.0

    @property
    def horizon(self) -> float:
        """Row of the horizon."""
        return self.rows / 2 + self.focal * self.pitch

    def ground(self, s: ArrayLike, x: ArrayLike) -> tuple[Float, Float]:
        """Road coordinates to the camera's (right, forward), metres."""
        ds = np.asarray(s, np.float64) - self.s
        dx = np.asarray(x, np.float64) - self.x + 0.5 * self.bend * ds * ds
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        return dx * cos - ds * sin, dx * sin + ds * cos

    def project(self, s: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[Float, Float, Float]:
        """World points to (column, row, depth); depths under NEAR are held at NEAR."""
        right, forward = self.ground(s, x)
        depth = np.maximum(forward, NEAR)
        u = self.cols / 2 + self.focal * right / depth
        v = self.horizon + self.focal * (self.height - np.asarray(y, np.float64)) / depth
        return u, v, forward

    def spot(self, s: float, x: float) -> tuple[float, float]:
        """`ground` of one place, as plain numbers."""
        ds = s - self.s
        dx = x - self.x + 0.5 * self.bend * ds * ds
        cos, sin = math.cos(self.yaw), math.sin(self.yaw)
        return dx * cos - ds * sin, dx * sin + ds * cos

    def point(self, s: float, x: float, y: float = 0.0) -> tuple[float, float, float]:
        """`project` of one point, as plain numbers."""
        right, forward = self.spot(s, x)
        near = max(forward, NEAR)
        return (
            self.cols / 2 + self.focal * right / near,
            self.horizon + self.focal * (self.height - y) / near,
            forward,
        )

    def ground_rays(self, first: int, last: int) -> tuple[NDArray[np.float32], ...]:
        """For picture rows first…last−1 (all under the horizon): float32 rows×cols of road
        coordinates s, x and of depth (rows×1)."""
        v = np.arange(first, last, dtype=np.float32)[:, None] + 0.5
        depth = self.focal * self.height / np.maximum(v - self.horizon, 0.25)
        depth = depth.astype(np.float32)
        u = (np.arange(self.cols, dtype=np.float32)[None, :] + 0.5 - self.cols / 2) / self.focal
        cos, sin = np.float32(np.cos(self.yaw)), np.float32(np.sin(self.yaw))
        ds = depth * (cos - sin * u)
        x = depth * (cos * u + sin) + np.float32(self.x)
        if self.bend:
            x -= np.float32(0.5 * self.bend) * ds * ds
        return ds + np.float32(self.s), x, depth
