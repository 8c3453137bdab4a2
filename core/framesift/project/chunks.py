"""How scores lie in the database: chunks of frames, little-endian float32, NaN = none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift.project.database import Database
from framesift.project.sentences import damaged
from framesift.series import recipe_identity

CHUNK = 4096
"""Frames per stored piece of a series and of its maxima."""
SMALL_CHUNK = 256
"""Frames per stored piece of descriptors."""
MAXIMA = 5
"""Region maxima kept per frame, the largest."""

Maxima = tuple[tuple[float, float, float], ...]
FloatArray = NDArray[np.float32]


def canonical(value: Mapping[str, Any]) -> str:
    """One JSON text for equal contents, whatever their order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


identity_of = recipe_identity
"""The identity of a recipe, as a stored series is found by."""


def floats(database: Database, data: bytes, count: int) -> FloatArray:
    """A stored chunk of `count` values; InputError when it is not that long."""
    if len(data) != 4 * count:
        raise damaged(database.path, "scores are cut off")
    return np.frombuffer(data, "<f4").astype(np.float32)


def by_chunk(frames: Iterable[int], size: int) -> dict[int, list[int]]:
    """Frame numbers by the chunk of `size` frames that they are in."""
    chunks: dict[int, list[int]] = {}
    for frame in frames:
        chunks.setdefault(frame // size, []).append(frame)
    return chunks
