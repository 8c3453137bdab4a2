"""Painting what stands along the road and behind it: fronts, gables, roofs, sky and skyline."""

from __future__ import annotations

import cv2
import numpy as np

from framesift.synth.camera import Camera
from framesift.synth.canvas import Canvas
from framesift.synth.facade import DENSITY
from framesift.synth.noise import Image, as_image, cloud_tile, shaded, stream, varied
from framesift.synth.street import Front
from framesift.synth.style import Style


def draw_front(canvas: Canvas, camera: Camera, front: Front, style: Style) -> None:
    """A front as a textured quadrangle, with its gable and roof."""
    f = front.facade
    sun = style.sun_left if front.side < 0 else style.sun_right
    s = np.array([front.s0, front.s1])
    right, z = camera.ground(s, np.full(2, front.x))
    if z.max() < 1.0:
        return
    t0, t1 = 0.0, 1.0
    if z[0] < 0.8:
        t0 = float((0.8 - z[0]) / (z[1] - z[0]))
    s = front.s0 + (front.s1 - front.s0) * np.array([t0, t1])
    u, low, z = camera.project(s, np.full(2, front.x), 0.0)
    if max(u) < -5 or min(u) > camera.cols + 5:
        return
    high = low - camera.focal * f.height / z
    square = np.array([[u[0], high[0]], [u[1], high[1]], [u[1], low[1]], [u[0], low[0]]])
    corners = np.clip(square, -4000, 4000)
    cv2.fillConvexPoly(canvas.owner, np.rint(corners).astype(np.int32), 0)
    if canvas.rgb is None:
        return
    if front.tall:
        _solid(canvas, camera, front, sun)
    share = (front.s1 - front.s0) / f.width
    middle = float(np.sqrt(z[0] * z[1]))
    level = int(
        np.clip(
            np.floor(np.log2(DENSITY * max(z[0], 3.0) / camera.focal) + 0.35),
            0,
            len(f.levels) - 1,
        )
    )
    tex = f.levels[level]
    th, tw = tex.shape[:2]
    if abs(u[1] - u[0]) < 1.0 or low[0] - high[0] < 2:
        return
    tone = canvas.air.matrix(middle, float(right.mean()) * 0.6, sun)
    tex = as_image(cv2.transform(tex, tone))
    a, b = t0 * share * tw, t1 * share * tw
    src = np.array([[a, 0], [b, 0], [b, th], [a, th]], np.float32)
    dst = square.astype(np.float32)
    x0, x1 = max(0, int(dst[:, 0].min())), min(camera.cols, int(dst[:, 0].max()) + 2)
    y0, y1 = max(0, int(dst[:, 1].min())), min(camera.rows, int(dst[:, 1].max()) + 2)
    if x1 <= x0 or y1 <= y0:
        return
    warp = cv2.getPerspectiveTransform(src, dst - np.array([x0, y0], np.float32))
    cv2.warpPerspective(
        tex,
        warp,
        (x1 - x0, y1 - y0),
        dst=canvas.rgb[y0:y1, x0:x1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )


def _solid(canvas: Canvas, camera: Camera, front: Front, sun: float) -> None:
    f, out = front.facade, front.side
    deep = front.x + out * 9.0
    z = camera.spot(front.s0, front.x)[1]
    colour = canvas.air.tone(f.wall, max(z, 1.0), 3.0, sun * 0.62)
    if z > 1.0:
        u, v, _ = camera.project(
            np.full(5, front.s0),
            np.array([front.x, front.x, front.x + out * 4.5, deep, deep]),
            np.array([0.0, f.height, f.height + 2.6, f.height, 0.0]),
        )
        canvas.polygon(u, v, colour, False)
    s0 = max(front.s0, camera.s + 1.0)
    if s0 < front.s1:
        u, v, zz = camera.project(
            np.array([s0, front.s1, front.s1, s0]),
            np.array([front.x, front.x, front.x + out * 4.5, front.x + out * 4.5]),
            np.array([f.height, f.height, f.height + 2.6, f.height + 2.6]),
        )
        canvas.polygon(u, v, canvas.air.tone(f.roof, float(zz.mean()), 3.0, sun * 0.8), False)


def panorama(seed: int, style: Style, camera: Camera) -> tuple[Image, int]:
    """Sky and far skyline, wider than the picture: uint8 and the row of its horizon."""
    rng = stream("sky", seed)
    horizon = int(camera.rows * 0.75)
    cols = int(camera.cols + 1.3 * camera.focal)
    t = (np.arange(horizon + 60, dtype=np.float32) / horizon).clip(0, 1)[:, None, None] ** 1.5
    sky = (
        np.asarray(style.sky_top, np.float32) * (1 - t)
        + np.asarray(style.sky_low, np.float32) * t
    )
    base = np.clip(np.broadcast_to(sky, (horizon + 60, 1, 3)), 0, 255).astype(np.uint8)
    cloud = np.roll(cloud_tile(1, 512, 0.5), int(rng.integers(512)), axis=1)[:256]
    grey = np.clip(128 + cloud * style.clouds, 0, 255).astype(np.uint8)
    light = cv2.merge([cv2.resize(grey, (cols, horizon + 60))] * 3)
    out = as_image(cv2.addWeighted(np.repeat(base, cols, axis=1), 1.0, light, 1.0, -128))
    x = 0
    while x < cols:  # roofs and tree tops far away
        w = int(rng.uniform(0.03, 0.14) * camera.focal)
        h = int(rng.uniform(0.02, 0.075) * camera.focal)
        if rng.random() < 0.5:
            colour = style.air.tone(varied(rng, (74, 78, 66), 10), 110, 20.0, style.sun_left)
            for _ in range(max(3, w // 3)):
                at = x + int(rng.integers(w)), horizon - int(rng.integers(max(1, h)))
                cv2.circle(
                    out,
                    at,
                    int(rng.integers(2, 7)),
                    shaded(colour, float(rng.uniform(0.85, 1.1))),
                    -1,
                )
            cv2.rectangle(out, (x, horizon - h // 2), (x + w, horizon + 4), colour, -1)
        else:
            colour = style.air.tone(varied(rng, (130, 116, 102), 18), 110, 20.0, style.sun_left)
            cv2.rectangle(out, (x, horizon - h), (x + w, horizon + 4), colour, -1)
        x += int(w * 0.8)
    out[horizon:] = style.air.tone((90, 92, 92), 110, 20.0, style.sun_road)
    return out, horizon


def draw_panorama(canvas: Canvas, camera: Camera, picture: Image, horizon: int) -> None:
    """Copies the part of the panorama that the camera looks at."""
    if canvas.rgb is None:
        return
    heading = camera.yaw - camera.bend * 55.0
    shift = int(np.clip((0.65 + heading) * camera.focal, 0, picture.shape[1] - camera.cols))
    row = int(camera.horizon)
    top = horizon - row
    rows = min(camera.rows, picture.shape[0] - max(top, 0), row + 40)
    if top >= 0:
        canvas.rgb[:rows] = picture[top : top + rows, shift : shift + camera.cols]
    else:
        canvas.rgb[:-top] = picture[:1, shift : shift + camera.cols]
        canvas.rgb[-top:rows] = picture[: rows + top, shift : shift + camera.cols]
