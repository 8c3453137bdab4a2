"""Deterministic randomness and reusable noise textures."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[float, float, float]


def as_image(picture: object) -> Image:
    """What OpenCV made of a uint8 picture is one; its type stubs cannot say so."""
    return cast(Image, picture)


def stream(*key: int | str) -> np.random.Generator:
    """A generator that depends on nothing but its key."""
    words = [
        zlib.crc32(k.encode()) if isinstance(k, str) else int(k) & 0xFFFFFFFFFFFFFFFF
        for k in key
    ]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(words)))


def pick(rng: np.random.Generator, options: Any) -> Any:
    """One of a sequence's items, without turning it into an array."""
    return options[int(rng.integers(len(options)))]


@lru_cache(maxsize=16)
def cloud_tile(index: int = 0, size: int = 512, roughness: float = 0.5) -> NDArray[np.float32]:
    """Tileable fractal noise, float32 size×size, mean 0, standard deviation 1."""
    rng = stream("cloud", index, size)
    total = np.zeros((size, size), np.float32)
    cells, gain = 4, 1.0
    while cells <= size:
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        grid = np.pad(grid, 2, mode="wrap")
        step = size // cells
        big = cv2.resize(grid, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
        total += gain * big[2 * step : 2 * step + size, 2 * step : 2 * step + size]
        cells, gain = cells * 2, gain * roughness
    total -= total.mean()
    return np.asarray(total / total.std(), np.float32)


@lru_cache(maxsize=24)
def grain(sigma: float, index: int = 0, size: int = 1024) -> NDArray[np.int16]:
    """Sensor noise, int16 size×size×3: luminance grain plus coarser colour blotches."""
    rng = stream("grain", index)
    luma = rng.standard_normal((size, size, 1), dtype=np.float32)
    chroma = rng.standard_normal((size // 2, size // 2, 3), dtype=np.float32)
    chroma = cv2.GaussianBlur(cv2.resize(chroma, (size, size)), (0, 0), 1.0) * 1.6
    if index % 2:
        luma = cv2.GaussianBlur(luma, (0, 0), 0.7)[..., None] * 2.0
    return np.asarray(np.rint((0.85 * luma + 0.5 * chroma) * sigma), np.int16)


def patch(
    rng: np.random.Generator,
    height: int,
    width: int,
    index: int = 0,
) -> NDArray[np.float32]:
    """A random crop of fractal noise, float32 height×width, about mean 0 and deviation 1."""
    # tile 4 is the finest: asphalt
    tile = cloud_tile(index, 1024, 1.0) if index == 4 else cloud_tile(index)
    size = tile.shape[0]
    y, x = int(rng.integers(size)), int(rng.integers(size))
    if height < size and width < size:
        y, x = y % (size - height), x % (size - width)
        return tile[y : y + height, x : x + width]
    rows = (np.arange(y, y + height)) % size
    cols = (np.arange(x, x + width)) % size
    return np.asarray(tile[rows[:, None], cols[None, :]], np.float32)


def textured(
    rng: np.random.Generator,
    height: int,
    width: int,
    colour: Colour,
    contrast: float = 0.08,
    fine: float = 0.05,
) -> Image:
    """A surface of one colour with stains (fractal) and fine grain: uint8 height×width×3."""
    shade = 1.0 + contrast * patch(rng, height, width)
    shade += fine * rng.standard_normal((height, width), dtype=np.float32)
    out = shade[..., None] * np.asarray(colour, np.float32)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def shaded(colour: Colour, factor: float) -> tuple[int, int, int]:
    """The colour made lighter or darker, clipped to 0…255."""
    r, g, b = (int(min(255.0, max(0.0, c * factor))) for c in colour)
    return r, g, b


def varied(rng: np.random.Generator, colour: Colour, amount: float = 12.0) -> Colour:
    """A colour near the given one."""
    shift = rng.normal(0, amount) + rng.normal(0, amount * 0.3, 3)
    r, g, b = (float(min(255.0, max(0.0, c + d))) for c, d in zip(colour, shift, strict=True))
    return r, g, b
