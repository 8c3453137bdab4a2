"""Kept logits: what a detector's dense network gave of frames, in half precision, as files
beside the project's database. Losing them costs only time."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framesift import files
from framesift.series import recipe_identity

FOLDER = "logits"
CHUNK = 64
"""Frames per file."""
_ABOUT = "about.json"
_MOST_ABOUT = 1 << 20
Halves = Sequence[NDArray[np.float16]]


@dataclass(frozen=True, slots=True)
class LogitChunk:
    """Frames of one video: `frames` int64 N, `levels` float16 N×C×h×w each, `flipped` those of
    the mirror images or None; `size`: native, content, padded and origin as WorkingSize has
    them; `classes` of the columns, and whether cells' values belong to their corners."""

    frames: NDArray[np.int64]
    levels: Halves
    flipped: Halves | None
    size: tuple[tuple[int, int], ...]
    classes: tuple[str, ...]
    corner: bool


class LogitSet:
    """The logits of one video under one recipe of the network (`recipe`: a series' without what
    belongs to its score)."""

    def __init__(self, folder: Path, recipe: Mapping[str, Any]) -> None:
        self.folder, self.recipe = folder, dict(recipe)

    def write(self, chunk: LogitChunk) -> int:
        """Keeps a chunk; its bytes on the disk."""
        about = {"size": chunk.size, "classes": chunk.classes, "corner": chunk.corner}
        arrays: dict[str, Any] = {
            "frames": chunk.frames,
            "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        }
        for name, levels in (("level", chunk.levels), ("flipped", chunk.flipped or ())):
            arrays |= {f"{name}{number}": level for number, level in enumerate(levels)}
        out = io.BytesIO()
        np.savez_compressed(out, **arrays)
        first = int(chunk.frames[0])
        files.write_bytes(self.folder / f"{first:09d}-{len(chunk.frames)}.npz", out.getvalue())
        return out.tell()

    def read(self) -> Iterator[LogitChunk]:
        """All chunks, the earliest frame first; a file that is damaged is left out."""
        for path in sorted(self.folder.glob("*.npz")):
            chunk = _read(path)
            if chunk is not None:
                yield chunk


def _read(path: Path) -> LogitChunk | None:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            levels, flipped = (
                [arrays[f"{name}{n}"] for n in range(sum(a.startswith(name) for a in arrays))]
                for name in ("level", "flipped")
            )
            return LogitChunk(
                arrays["frames"],
                levels,
                flipped or None,
                tuple(tuple(pair) for pair in about["size"]),
                tuple(about["classes"]),
                bool(about["corner"]),
            )
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


class LogitStore:
    """The kept logits of a project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def bytes(self) -> int:
        """Of all files."""
        return sum(path.stat().st_size for path in self._folder.glob("*/*/*.npz"))

    def open(self, video: str, recipe: Mapping[str, Any]) -> LogitSet:
        """The set of a video under a recipe, made where it is not there yet."""
        folder = self._folder / video / recipe_identity(recipe)[:16]
        files.make_folder(folder)
        files.write_text(folder / _ABOUT, json.dumps(dict(recipe), sort_keys=True) + "\n")
        return LogitSet(folder, recipe)

    def of(self, video: str, detector: str) -> list[LogitSet]:
        """The sets of a video by a detector (its identity), the newest first."""
        sets = []
        for path in (self._folder / video).glob(f"*/{_ABOUT}"):
            try:
                recipe = files.read_json(path, _MOST_ABOUT)
                if recipe["detector"] == detector:
                    sets.append((os.stat(path).st_mtime_ns, path.parent, recipe))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return [LogitSet(folder, recipe) for _, folder, recipe in sorted(sets, reverse=True)]
