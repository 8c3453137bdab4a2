"""What a frame is painted on: the picture, and who owns each pixel.

Painting goes from far to near. `owner` holds the number of the person seen at each pixel
(0: nobody), from which visible shares follow. A canvas without a picture paints only `owner`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.synth.noise import Colour, Image, as_image

SHIFT = 4


@dataclass(slots=True)
class Air:
    """Light and haze between camera and things.

    gain: light per channel on things; fog: colour haze takes them to, with `density` per
    metre. At night `ambient` < 1 is what remains without the head lamps, which reach `reach`
    metres within `spread` radians of straight ahead.
    """

    gain: Colour = (1.0, 1.0, 1.0)
    fog: Colour = (200.0, 205.0, 210.0)
    density: float = 0.0
    lamps: float = 0.0
    lamp_colour: Colour = (1.0, 0.94, 0.82)
    reach: float = 16.0
    spread: float = 0.4

    def light(self, depth: float, right: float = 0.0) -> Colour:
        """Light per channel at a place before the camera."""
        beam = 0.0
        if self.lamps:
            angle = right / max(depth, 1.0)
            beam = self.lamps * math.exp(-depth / self.reach - (angle / self.spread) ** 2)
        g, c = self.gain, self.lamp_colour
        return g[0] + beam * c[0], g[1] + beam * c[1], g[2] + beam * c[2]

    def haze(self, depth: float) -> float:
        """Share of fog colour at a distance, 0…1."""
        return 1.0 - math.exp(-self.density * max(depth, 0.0))

    def tone(
        self,
        colour: Colour,
        depth: float,
        right: float = 0.0,
        shade: float = 1.0,
    ) -> tuple[int, int, int]:
        """A surface colour as seen through this air."""
        mix = self.haze(depth)
        keep = shade * (1 - mix)
        r, g, b = (
            min(255, max(0, int(c * light * keep + fog * mix)))
            for c, light, fog in zip(colour, self.light(depth, right), self.fog, strict=True)
        )
        return r, g, b

    def matrix(
        self, depth: float, right: float = 0.0, shade: float = 1.0
    ) -> NDArray[np.float32]:
        """float32 3×4 colour transform (cv2.transform) that does what `tone` does."""
        mix = self.haze(depth)
        keep = shade * (1 - mix)
        light, fog = self.light(depth, right), self.fog
        return np.array(
            [
                (light[0] * keep, 0, 0, fog[0] * mix),
                (0, light[1] * keep, 0, fog[1] * mix),
                (0, 0, light[2] * keep, fog[2] * mix),
            ],
            np.float32,
        )


@dataclass(slots=True)
class Glow:
    """A light source in the picture, added after everything is painted."""

    u: float
    v: float
    radius: float
    colour: Colour
    depth: float


@dataclass(slots=True)
class Canvas:
    """rgb uint8 rows×cols×3 or None; owner uint8 rows×cols; screens: what may hide lights, as
    x1, y1, x2, y2 and depth."""

    rows: int
    cols: int
    air: Air
    rgb: Image | None
    owner: NDArray[np.uint8]
    glows: list[Glow] = field(default_factory=list)
    screens: list[tuple[float, float, float, float, float]] = field(default_factory=list)

    def polygon(
        self,
        u: NDArray[np.float64],
        v: NDArray[np.float64],
        colour: tuple[int, int, int],
        hides: bool = True,
    ) -> None:
        """`fill` of separate columns and rows."""
        self.fill(np.clip(np.stack([u, v], axis=-1), -4000, 4000), colour, hides)

    def fill(
        self, points: NDArray[np.float64], colour: tuple[int, int, int], hides: bool = True
    ) -> None:
        """Fills a polygon (float64 N×2, within ±4000), smoothed at its edge; `hides` when it
        covers people behind it."""
        fixed = (points * (1 << SHIFT)).astype(np.int32)
        if self.rgb is not None:
            cv2.fillPoly(self.rgb, [fixed], colour, cv2.LINE_AA, SHIFT)
        if hides:
            cv2.fillPoly(self.owner, [fixed], 0, cv2.LINE_8, SHIFT)

    def darken(self, u: NDArray[np.float64], v: NDArray[np.float64], amount: float) -> None:
        """Darkens a soft polygon (a shadow on the ground) by `amount` in 0…1."""
        if self.rgb is None:
            return
        width = int(np.clip((u.max() - u.min()) / 16, 1, 10)) * 2 + 1
        height = int(np.clip((v.max() - v.min()) / 10, 1, 10)) * 2 + 1
        x0, y0 = int(max(0, u.min() - width)), int(max(0, v.min() - height))
        x1, y1 = (
            int(min(self.cols, u.max() + width + 1)),
            int(min(self.rows, v.max() + height + 1)),
        )
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        points = np.clip(np.stack([u - x0, v - y0], axis=-1), -2000, 2000)
        fixed = np.rint(points * (1 << SHIFT)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], int(255 * amount), cv2.LINE_AA, SHIFT)
        keep = cv2.merge([255 - as_image(cv2.blur(mask, (width, height)))] * 3)
        roi = self.rgb[y0:y1, x0:x1]
        cv2.multiply(roi, keep, dst=roi, scale=1 / 255)

    def blend(
        self,
        sprite: Image,
        x0: int,
        y0: int,
        owner: int = 0,
        tone: NDArray[np.float32] | None = None,
        hides: bool = True,
    ) -> tuple[int, int]:
        """Puts a sprite (uint8 h×w×4, premultiplied) with its corner at (x0, y0).

        `tone` (3×4) is applied to its colours. Where it is more than half opaque the pixels go
        to `owner`. Returns its opaque pixels inside the picture and altogether.
        """
        h, w = sprite.shape[:2]
        solid = sprite[..., 3] > 127
        total = int(np.count_nonzero(solid)) if owner else 0
        cx0, cy0 = max(0, x0), max(0, y0)
        cx1, cy1 = min(self.cols, x0 + w), min(self.rows, y0 + h)
        if cx1 <= cx0 or cy1 <= cy0:
            return 0, total
        part = sprite[cy0 - y0 : cy1 - y0, cx0 - x0 : cx1 - x0]
        solid = solid[cy0 - y0 : cy1 - y0, cx0 - x0 : cx1 - x0]
        if hides:
            self.owner[cy0:cy1, cx0:cx1][solid] = owner
        if self.rgb is not None:
            alpha = part[..., 3]
            if tone is None:
                colour = np.ascontiguousarray(part[..., :3])
            else:
                matrix = np.zeros((3, 4), np.float32)
                matrix[:, :3] = tone[:, :3]
                matrix[:, 3] = tone[:, 3] / 255.0
                colour = as_image(cv2.transform(part, matrix))
            roi = self.rgb[cy0:cy1, cx0:cx1]
            under = cv2.multiply(roi, cv2.merge([255 - alpha] * 3), scale=1 / 255)
            cv2.add(under, colour, dst=roi)
        return int(np.count_nonzero(solid)) if owner else 0, total

    def _hidden(self, glow: Glow) -> bool:
        u, v = glow.u, glow.v
        if 0 <= u < self.cols and 0 <= v < self.rows and self.owner[int(v), int(u)]:
            return True
        return any(
            x1 < u < x2 and y1 < v < y2 and depth < glow.depth - 3.0
            for x1, y1, x2, y2, depth in self.screens
        )

    def add_glows(self) -> None:
        """Adds the light sources that nothing nearer hides (their blur is drawn small and
        enlarged)."""
        if self.rgb is None or not self.glows:
            return
        step = 4
        light = np.zeros((self.rows // step + 1, self.cols // step + 1, 3), np.float32)
        for glow in self.glows:
            radius = max(glow.radius, 1.5) / step * 3.0
            reach = int(np.ceil(radius * 2.2))
            cu, cv_ = glow.u / step, glow.v / step
            if self._hidden(glow):
                continue
            x0, x1 = max(0, int(cu) - reach), min(light.shape[1], int(cu) + reach + 1)
            y0, y1 = max(0, int(cv_) - reach), min(light.shape[0], int(cv_) + reach + 1)
            if x1 <= x0 or y1 <= y0:
                continue
            dx = (np.arange(x0, x1) + 0.5 - cu)[None, :]
            dy = (np.arange(y0, y1) + 0.5 - cv_)[:, None]
            spot = np.exp(-(dx * dx + dy * dy) / (radius * radius) * 2).astype(np.float32)
            light[y0:y1, x0:x1] += spot[..., None] * np.asarray(glow.colour, np.float32)
        big = cv2.resize(
            np.clip(light, 0, 255).astype(np.uint8),
            (light.shape[1] * step, light.shape[0] * step),
        )
        cv2.add(self.rgb, big[: self.rows, : self.cols], dst=self.rgb)
