"""Building fronts, walls, hedges and railings as textures, with smaller copies for distance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from framesift.synth.noise import Colour, Image, as_image, pick, shaded, textured, varied

DENSITY = 22  # texture pixels per metre
WALLS: dict[str, tuple[Colour, ...]] = {
    "source": (
        (186, 164, 124),
        (150, 104, 78),
        (118, 74, 58),
        (206, 198, 180),
        (172, 164, 150),
        (132, 118, 96),
        (222, 216, 204),
        (96, 84, 72),
        (164, 132, 96),
        (86, 70, 60),
    ),
    "target": (
        (150, 152, 156),
        (112, 118, 126),
        (176, 170, 160),
        (96, 100, 104),
        (134, 124, 118),
        (80, 92, 104),
        (190, 188, 184),
    ),
    "crowd": (
        (232, 224, 206),
        (214, 176, 130),
        (196, 146, 128),
        (158, 176, 168),
        (226, 206, 150),
        (176, 128, 96),
        (204, 204, 198),
    ),
}
SIGNS: tuple[Colour, ...] = (
    (126, 34, 38),
    (38, 56, 98),
    (40, 72, 56),
    (24, 24, 26),
    (28, 26, 26),
    (206, 202, 190),
    (160, 128, 60),
    (84, 44, 70),
    (54, 90, 108),
    (60, 52, 46),
    (34, 36, 44),
    (180, 176, 168),
)


@dataclass(frozen=True, slots=True)
class Facade:
    """width and height in metres; levels: uint8 textures (row 0 is the top), each half the
    size of the one before; roof and wall: colours of what is seen besides the front."""

    width: float
    height: float
    levels: tuple[Image, ...]
    roof: Colour
    wall: Colour


def _levels(texture: Image) -> tuple[Image, ...]:
    levels = [texture]
    while min(levels[-1].shape[:2]) > 12 and len(levels) < 5:
        h, w = levels[-1].shape[:2]
        levels.append(
            as_image(cv2.resize(levels[-1], (w // 2, h // 2), interpolation=cv2.INTER_AREA))
        )
    return tuple(levels)


def make_facade(rng: np.random.Generator, look: str, night: bool, shops: float) -> Facade:
    """A house front of random width, storeys, wall, windows and, with probability `shops`, a
    shop on the ground floor. At night some windows are lit."""
    width = float(rng.uniform(5.5, 14.0))
    storeys = int(rng.integers(2, 5)) if look == "source" else int(rng.integers(3, 8))
    storey = float(rng.uniform(2.7, 3.4))
    height = storeys * storey + float(rng.uniform(0.2, 1.0))
    wall = varied(rng, pick(rng, WALLS[look]), 12)
    h, w = int(height * DENSITY), int(width * DENSITY)
    tex = textured(rng, h, w, wall, 0.09, 0.09)
    dirt = np.linspace(1.06, float(rng.uniform(0.75, 0.95)), h, dtype=np.float32)
    tex = np.clip(tex * dirt[:, None, None], 0, 255).astype(np.uint8)
    if rng.random() < 0.55 and look == "source":
        _bricks(rng, tex)
    frame = varied(rng, pick(rng, ((226, 224, 218), (60, 56, 52), (200, 196, 186))), 8)
    columns = max(2, round(width / float(rng.uniform(1.8, 3.4))))
    wide = float(rng.uniform(0.38, 0.62))
    ribbon = look == "target" and rng.random() < 0.5
    shop = rng.random() < shops
    for floor in range(storeys):
        base = h - int((floor + 0.28) * storey * DENSITY)
        tall = int(storey * DENSITY * (0.5 if not ribbon else 0.42))
        if floor == 0 and shop:
            continue
        for c in range(columns):
            cx = (c + 0.5) * w / columns
            half = w / columns * (wide if not ribbon else 0.96) / 2
            _window(
                rng, tex, int(cx - half), base - tall, int(cx + half), base, frame, night, look
            )
        if rng.random() < 0.4:
            y = h - int((floor + 1) * storey * DENSITY)
            cv2.rectangle(
                tex, (0, y), (w, y + 3), shaded(wall, float(rng.uniform(0.7, 1.25))), -1
            )
    if shop:
        _shop(rng, tex, h - int(storey * DENSITY), h, night)
    elif rng.random() < 0.8:
        x = int(rng.uniform(0.1, 0.8) * w)
        door = varied(rng, pick(rng, ((40, 44, 60), (110, 30, 30), (50, 70, 50), (60, 44, 32))))
        cv2.rectangle(
            tex, (x - 2, h - int(2.25 * DENSITY)), (x + DENSITY + 2, h), shaded(frame, 1), -1
        )
        cv2.rectangle(tex, (x, h - int(2.15 * DENSITY)), (x + DENSITY, h), shaded(door, 1), -1)
    cv2.rectangle(tex, (0, 0), (w, 4), shaded(wall, 0.7), -1)
    if rng.random() < 0.5:
        x = int(rng.choice([3, w - 5]))
        cv2.line(tex, (x, 0), (x, h), shaded(wall, 0.5), 2)
    roof = varied(rng, pick(rng, ((92, 76, 70), (70, 72, 78), (110, 70, 56))), 8)
    return Facade(width, height, _levels(tex), roof, wall)


def _bricks(rng: np.random.Generator, tex: Image) -> None:
    h, w = tex.shape[:2]
    rows = rng.normal(1.0, 0.04, (h // 3 + 1, w // 7 + 1, 1)).astype(np.float32)
    big = cv2.resize(rows, (w, h), interpolation=cv2.INTER_NEAREST)
    big[::3] = big[::3] * 0.92
    tex[:] = np.clip(tex * big[..., None], 0, 255).astype(np.uint8)


def _window(
    rng: np.random.Generator,
    tex: Image,
    x0: int,
    y0: int,
    x1: int,
    y1: int,
    frame: Colour,
    night: bool,
    look: str,
) -> None:
    glass: Colour = varied(rng, (42, 46, 50), 10)
    if rng.random() < 0.15:
        glass = varied(rng, (150, 160, 170), 20)
    if night:
        glass = (20, 24, 30)
        if rng.random() < 0.35:
            warm = rng.random() < 0.7
            glass = varied(rng, (255, 214, 140) if warm else (200, 220, 255), 25)
    cv2.rectangle(tex, (x0 - 1, y0 - 1), (x1 + 1, y1 + 1), shaded(frame, 0.95), -1)
    cv2.rectangle(tex, (x0, y0), (x1, y1), shaded(glass, 1), -1)
    if not night and rng.random() < 0.3:  # a curtain or blind
        cloth = shaded(varied(rng, (170, 164, 152), 14), 0.8)
        cv2.rectangle(
            tex, (x0, y0), (x1, y0 + int((y1 - y0) * rng.uniform(0.2, 0.6))), cloth, -1
        )
    if not night and x1 - x0 > 4:
        split = y0 + int((y1 - y0) * rng.uniform(0.2, 0.7))
        cv2.rectangle(
            tex, (x0, y0), (x1, split), shaded(glass, float(rng.uniform(0.7, 1.8))), -1
        )
    cv2.line(tex, (x0, y0), (x1, y0), (18, 18, 18), 1)
    if rng.random() < 0.6:
        x = (x0 + x1) // 2
        cv2.line(tex, (x, y0), (x, y1), shaded(frame, 0.9), 1)
    y = (y0 + y1) // 2
    cv2.line(tex, (x0, y), (x1, y), shaded(frame, 0.9), 1)
    if look == "source":
        cv2.rectangle(tex, (x0 - 3, y1 + 1), (x1 + 3, y1 + 3), shaded(frame, 0.8), -1)


def _shop(rng: np.random.Generator, tex: Image, top: int, bottom: int, night: bool) -> None:
    w = tex.shape[1]
    board = varied(rng, pick(rng, SIGNS), 12)
    inside: Colour = varied(rng, (44, 42, 42), 12)
    if night and rng.random() < 0.6:
        inside = varied(rng, (214, 190, 140), 25)
    cv2.rectangle(tex, (0, top), (w, bottom), shaded(board, 0.75), -1)
    sign = top + int(0.7 * DENSITY)
    cv2.rectangle(tex, (2, top + 2), (w - 3, sign), shaded(board, 1.0), -1)
    ink = (235, 232, 224) if sum(board) < 380 else (30, 30, 34)
    x = int(w * rng.uniform(0.08, 0.4))
    for _ in range(int(rng.integers(4, 11))):
        step = int(rng.integers(4, 9))
        cv2.rectangle(
            tex, (x, top + 6), (x + step - 2, sign - 4), ink, 1 if rng.random() < 0.5 else -1
        )
        x += step + 2
    panes = max(1, int(w / DENSITY / float(rng.uniform(1.4, 3.0))))
    door = int(rng.integers(panes))
    for p in range(panes):
        x0, x1 = int(p * w / panes) + 3, int((p + 1) * w / panes) - 3
        y1 = bottom - (2 if p == door else int(0.45 * DENSITY))
        glass = textured(rng, max(1, y1 - sign - 3), max(1, x1 - x0), inside, 0.25, 0.05)
        tex[sign + 3 : sign + 3 + glass.shape[0], x0 : x0 + glass.shape[1]] = glass
        for _ in range(int(rng.integers(1, 6))):
            gx = int(rng.integers(x0, max(x0 + 1, x1)))
            gh = int(rng.uniform(0.3, 1.6) * DENSITY)
            gw = int(rng.uniform(0.15, 0.5) * DENSITY)
            item = varied(rng, pick(rng, SIGNS), 40)
            shade = float(rng.uniform(0.3, 1.0)) * (1.0 if night else 0.7)
            cv2.rectangle(tex, (gx, y1 - gh), (min(x1, gx + gw), y1), shaded(item, shade), -1)
            if rng.random() < 0.4:
                cv2.circle(
                    tex,
                    (gx + gw // 2, y1 - gh - gw // 2),
                    max(1, gw // 3),
                    shaded(item, shade * 1.1),
                    -1,
                )
        if rng.random() < 0.3:
            streak = np.array(
                [
                    [x0, y1],
                    [x0 + (x1 - x0) // 3, sign],
                    [x0 + (x1 - x0) // 2, sign],
                    [x0 + (x1 - x0) // 5, y1],
                ],
                np.int32,
            )
            layer = tex.copy()
            cv2.fillPoly(layer, [streak], (150, 160, 170))
            cv2.addWeighted(layer, 0.3, tex, 0.7, 0, dst=tex)


def make_wall(rng: np.random.Generator, look: str) -> Facade:
    """A low front: stone or brick wall, hedge, or railings (dark on a paler strip)."""
    kind = pick(rng, ("wall", "wall", "hedge", "fence"))
    height = {
        "wall": rng.uniform(0.8, 2.4),
        "hedge": rng.uniform(0.9, 2.2),
        "fence": rng.uniform(1.1, 1.8),
    }[kind]
    width = float(rng.uniform(8, 20))
    h, w = int(height * DENSITY), int(width * DENSITY)
    if kind == "hedge":
        tex = textured(rng, h, w, varied(rng, (58, 70, 42), 10), 0.22, 0.22)
        tex[: h // 5] = np.clip(tex[: h // 5] * 1.3, 0, 255).astype(np.uint8)
        wall: Colour = (52, 62, 40)
    else:
        wall = varied(rng, pick(rng, WALLS[look]), 12)
        tex = textured(rng, h, w, wall, 0.12, 0.06)
        _bricks(rng, tex)
        if kind == "fence":
            tex[:] = np.clip(tex * 0.5, 0, 255)
            for x in range(0, w, max(3, int(0.14 * DENSITY))):
                cv2.line(tex, (x, 0), (x, h), (24, 26, 26), 1)
            cv2.line(tex, (0, 2), (w, 2), (20, 22, 22), 2)
        else:
            tex[:3] = np.clip(tex[:3] * 1.25, 0, 255).astype(np.uint8)
    return Facade(width, float(height), _levels(tex), wall, wall)
