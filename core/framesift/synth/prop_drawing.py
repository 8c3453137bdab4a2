"""How each kind of prop is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from framesift.synth.figure import draw_person
from framesift.synth.noise import Colour, Image, pick, shaded, varied
from framesift.synth.outfit import make_outfit


@dataclass(slots=True)
class Board:
    rgba: Image
    tall: int
    wide: int

    def box(
        self, x0: float, y0: float, x1: float, y1: float, colour: Colour, shade: float = 1.0
    ) -> None:
        """A rectangle in shares of the picture, y from the top."""
        cv2.rectangle(
            self.rgba,
            (int(x0 * self.wide), int(y0 * self.tall)),
            (int(x1 * self.wide) - 1, int(y1 * self.tall) - 1),
            (*shaded(colour, shade), 255),
            -1,
        )

    def tube(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """A round post: dark, light and middle strips."""
        for a, b, shade in ((0, 0.3, 0.7), (0.3, 0.65, 1.12), (0.65, 1, 0.85)):
            self.box(x0 + (x1 - x0) * a, y0, x0 + (x1 - x0) * b, y1, colour, shade)

    def disc(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, shade: float = 1.0
    ) -> None:
        cv2.ellipse(
            self.rgba,
            (int(x * self.wide), int(y * self.tall)),
            (max(1, int(rx * self.wide)), max(1, int(ry * self.tall))),
            0,
            0,
            360,
            (*shaded(colour, shade), 255),
            -1,
            cv2.LINE_AA,
        )

    def line(self, points: list[tuple[float, float]], colour: Colour, width: int) -> None:
        fixed = np.array([(x * self.wide, y * self.tall) for x, y in points], np.int32)
        cv2.polylines(self.rgba, [fixed], False, (*shaded(colour, 1), 255), width, cv2.LINE_AA)


def draw_on(rng: np.random.Generator, b: Board, kind: str, look: str) -> None:
    dark: Colour = varied(rng, (38, 40, 42), 10)
    grey: Colour = varied(rng, (128, 130, 132), 18)
    loud: Colour = varied(
        rng,
        pick(
            rng, ((180, 36, 36), (40, 80, 160), (226, 190, 60), (40, 120, 70), (230, 230, 230))
        ),
        12,
    )
    if kind == "bollard":
        colour = pick(rng, (dark, grey, (200, 190, 170)))
        b.tube(0.2, 0.08, 0.8, 1, colour)
        b.disc(0.5, 0.08, 0.3, 0.07, colour, 1.1)
        b.box(0.2, 0.2, 0.8, 0.28, pick(rng, ((220, 220, 214), (210, 180, 60), dark)))
    elif kind == "bin":
        b.tube(0.1, 0.15, 0.9, 1, pick(rng, (dark, (40, 70, 50), grey)))
        b.disc(0.5, 0.16, 0.44, 0.13, dark, 1.3)
        b.box(0.25, 0.22, 0.75, 0.34, (16, 16, 16))
        b.box(0.2, 0.5, 0.8, 0.62, loud)
    elif kind == "post box":
        colour = (180, 30, 34) if look == "source" else (226, 178, 40)
        b.tube(0.08, 0.1, 0.92, 0.95, colour)
        b.disc(0.5, 0.12, 0.46, 0.11, colour, 1.05)
        b.box(0.2, 0.28, 0.8, 0.32, (20, 16, 16))
        b.box(0.3, 0.4, 0.7, 0.54, (230, 228, 220))
        b.box(0.02, 0.93, 0.98, 1, dark)
    elif kind == "phone box":
        b.box(0, 0, 1, 1, (170, 28, 32) if look == "source" else (60, 90, 110))
        for i in range(3):
            for j in range(6):
                b.box(
                    0.12 + i * 0.27,
                    0.14 + j * 0.13,
                    0.34 + i * 0.27,
                    0.25 + j * 0.13,
                    (70, 80, 86),
                    float(rng.uniform(0.5, 1.6)),
                )
        b.box(0.1, 0.02, 0.9, 0.08, (230, 226, 214))
    elif kind == "sign":
        b.tube(0.46, 0.1, 0.54, 1, grey)
        shape = int(rng.integers(3))
        if shape == 0:
            b.disc(0.5, 0.15, 0.48, 0.14, (190, 30, 34))
            b.disc(0.5, 0.15, 0.36, 0.105, (232, 232, 228))
        elif shape == 1:
            b.disc(0.5, 0.15, 0.46, 0.135, (36, 84, 170))
            b.disc(0.5, 0.15, 0.16, 0.09, (232, 232, 228))
        else:
            b.box(0.05, 0.02, 0.95, 0.3, loud)
            b.box(0.15, 0.1, 0.85, 0.14, (240, 240, 236), 0.9)
    elif kind == "lights":
        b.tube(0.44, 0.2, 0.56, 1, grey)
        b.box(0.22, 0, 0.78, 0.34, (22, 22, 24))
        on = int(rng.integers(3))
        for k, colour in enumerate(((230, 50, 40), (240, 170, 50), (70, 230, 150))):
            b.disc(0.5, 0.06 + 0.11 * k, 0.2, 0.045, colour, 1.0 if k == on else 0.25)
    elif kind == "board":
        b.box(0.05, 0, 0.95, 0.95, dark)
        b.box(0.12, 0.05, 0.88, 0.85, loud)
        for k in range(4):
            b.box(
                0.22,
                0.15 + 0.16 * k,
                float(rng.uniform(0.5, 0.8)),
                0.21 + 0.16 * k,
                (30, 30, 34) if loud[0] > 120 else (230, 230, 226),
            )
    elif kind == "meter":
        b.tube(0.38, 0.3, 0.62, 1, grey)
        b.tube(0.12, 0.04, 0.88, 0.36, dark)
        b.disc(0.5, 0.06, 0.38, 0.06, dark, 1.2)
        b.box(0.3, 0.12, 0.7, 0.2, (150, 160, 150))
    elif kind == "cabinet":
        colour = pick(rng, (grey, (60, 84, 66), dark))
        b.tube(0.02, 0, 0.98, 1, colour)
        b.box(0.49, 0.05, 0.51, 0.95, colour, 0.5)
    elif kind == "parasol":
        colour = loud
        b.tube(0.46, 0.02, 0.54, 1, dark)
        points = [
            (0.5, 0.02),
            (0.72, 0.2),
            (0.78, 0.55),
            (0.62, 0.62),
            (0.38, 0.62),
            (0.22, 0.55),
            (0.28, 0.2),
        ]
        fixed = np.array([(x * b.wide, y * b.tall) for x, y in points], np.int32)
        cv2.fillPoly(b.rgba, [fixed], (*shaded(colour, 0.9), 255), cv2.LINE_AA)
        b.box(0.52, 0.1, 0.6, 0.6, colour, 1.15)
        b.box(0.25, 0.95, 0.75, 1.0, dark)
    elif kind == "poster":
        b.box(0, 0, 1, 1, dark)
        b.box(0.05, 0.03, 0.95, 0.93, varied(rng, (190, 190, 196), 40))
        if rng.random() < 0.5:
            outfit = make_outfit(rng, look)
            figure = draw_person(outfit, b.tall * 0.95, float(rng.uniform(2, 4)), 0.5, 0.1)
            bust = figure.rgba[int(0.06 * b.tall) : int(0.6 * b.tall)]
            y, x = int(0.08 * b.tall), int(0.5 * b.wide) - bust.shape[1] // 2
            x0 = max(0, x)
            bust = bust[: int(0.85 * b.tall) - y, x0 - x :][:, : b.wide - x0]
            roi = b.rgba[y : y + bust.shape[0], x0 : x0 + bust.shape[1]]
            roi[bust[..., 3] > 127] = bust[bust[..., 3] > 127]
        else:
            for _ in range(5):
                bx, by = rng.uniform(0.1, 0.6), rng.uniform(0.08, 0.7)
                b.box(
                    bx,
                    by,
                    bx + rng.uniform(0.1, 0.3),
                    by + rng.uniform(0.03, 0.2),
                    varied(rng, loud, 40),
                )
    elif kind == "hydrant":
        b.tube(0.25, 0.12, 0.75, 0.95, loud)
        b.disc(0.5, 0.12, 0.25, 0.12, loud)
        b.box(0.05, 0.38, 0.95, 0.52, loud, 0.8)
    elif kind == "column":
        b.tube(0.02, 0.06, 0.98, 1, pick(rng, (grey, (150, 140, 120), (60, 80, 66))))
        b.box(0.0, 0.02, 1.0, 0.1, dark)
        b.box(0.3, 0.25, 0.75, 0.6, loud)
    elif kind == "bicycle":
        for cx in (0.2, 0.8):
            cv2.circle(
                b.rgba,
                (int(cx * b.wide), int(0.68 * b.tall)),
                int(0.3 * b.tall),
                (24, 24, 26, 255),
                5,
                cv2.LINE_AA,
            )
        b.line([(0.2, 0.68), (0.38, 0.3), (0.68, 0.28), (0.48, 0.68), (0.2, 0.68)], loud, 6)
        b.line([(0.34, 0.12), (0.38, 0.3), (0.48, 0.68), (0.38, 0.3)], loud, 6)
        b.line([(0.8, 0.68), (0.68, 0.28), (0.66, 0.1), (0.6, 0.08)], loud, 6)
        b.line([(0.28, 0.12), (0.4, 0.12)], dark, 9)
    elif kind == "wheelie":
        colour = pick(rng, (dark, (40, 84, 56), (50, 70, 130)))
        b.tube(0.08, 0.15, 0.92, 0.95, colour)
        b.box(0.0, 0.06, 1.0, 0.18, colour, 0.75)
        b.disc(0.2, 0.94, 0.1, 0.06, (20, 20, 20))
    elif kind == "statue":
        figure = draw_person(make_outfit(rng, look), b.tall * 0.7, float(rng.uniform(2, 4)))
        stone = figure.rgba[:, :].copy()
        grey_value = cv2.cvtColor(stone[..., :3], cv2.COLOR_RGB2GRAY)
        tint = varied(rng, pick(rng, ((90, 110, 100), (150, 148, 140), (70, 60, 50))), 10)
        for c in range(3):
            stone[..., c] = np.minimum(tint[c] * (0.6 + grey_value / 320.0), stone[..., 3])
        w = stone.shape[1]
        x = max(0, (w - b.wide) // 2)
        stone = stone[:, x : x + b.wide]
        top = int(0.72 * b.tall) + figure.top
        shift = (b.wide - stone.shape[1]) // 2
        rows = stone[max(0, -top) :]
        rows = rows[: b.tall - max(0, top)]
        b.rgba[max(0, top) : max(0, top) + rows.shape[0], shift : shift + stone.shape[1]] = rows
        b.tube(0.2, 0.72, 0.8, 1, (140, 136, 128))
    elif kind == "lamp":
        b.tube(0.47, 0.03, 0.53, 1, pick(rng, (grey, dark)))
        b.line([(0.5, 0.03), (0.9, 0.015)], grey, 5)
        b.box(0.72, 0.0, 1.0, 0.025, (220, 220, 214))
    else:
        b.tube(0.15, 0, 0.85, 1, pick(rng, (grey, dark, (90, 70, 50))))
