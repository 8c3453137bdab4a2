"""What a spread needs to know of a pool: looks and times of frames, and what is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.selection.descriptors import DESCRIPTORS, ObjectRows
from framesift.selection.descriptors.objects import unpacked
from framesift.selection.frame_rules import FrameRules, in_seconds
from framesift.selection.gate import Gate
from framesift.selection.pool import Pool, PoolDrive
from framesift.selection.spreads.base import Field, Objects, Places, Spread, as_vectors
from framesift.selection.spreads.timeline import half_life

if TYPE_CHECKING:
    from framesift.selection.spreads.base import Vectors

FRAMES_BY = ("frame_embedding", "thumbnail")
"""What frames are compared by: the first that every drive has."""
OBJECTS_BY = "object_embedding"

Floats = NDArray[np.float64]


def compared_by(drives: Sequence[PoolDrive]) -> str | None:
    """The descriptor by which the frames of these drives can be compared; None without one."""
    for name in FRAMES_BY:
        if all(name in drive.descriptors for drive in drives):
            return name
    return None


def vectors_of(drive: PoolDrive, name: str, frames: NDArray[np.int64]) -> Vectors:
    """The vectors of some frames of a drive by a descriptor of FRAMES_BY."""
    rows = drive.descriptors[name]
    assert isinstance(rows, np.ndarray)
    return as_vectors(DESCRIPTORS[name].vectors(rows[frames]))


def objects_of(drive: PoolDrive, frame: int) -> tuple[ObjectRows, int]:
    """Objects of a drive and the frame's place among them: those of the whole drive, or where
    it has one row a frame those of this frame."""
    rows = drive.descriptors[OBJECTS_BY]
    if isinstance(rows, ObjectRows):
        return rows, frame
    return unpacked(rows[frame : frame + 1]), 0


def seconds_of(drive: PoolDrive, frames: NDArray[np.int64]) -> Floats:
    """Seconds of frames from the drive's first; NaN without time."""
    if drive.stills:
        return np.full(len(frames), np.nan)
    return drive.times[frames] if drive.times is not None else frames / drive.fps


class Surroundings:
    """All that does not change while a gate widens. notes: what could not be compared."""

    def __init__(
        self,
        pool: Pool,
        rules: FrameRules,
        spread: Spread,
        values: Floats,
        rng: np.random.Generator,
    ) -> None:
        self._pool = pool
        self._stops = np.cumsum([len(drive) for drive in pool])
        self._spread, self._seed = spread, rng.integers(1 << 62, size=4)
        drives = pool.drives
        self._by = compared_by(drives) if "frames" in spread.compares else None
        self._objects = "objects" in spread.compares and all(
            OBJECTS_BY in drive.descriptors for drive in drives
        )
        self.notes = self._notes()
        self._class_numbers: dict[str, int] = {}
        self._half_life = _half_life(pool, rules, values) if spread.name == "timeline" else 0.0
        self._known_frames = [
            np.unique(np.array([*drive.taken, *drive.labelled], np.int64)) for drive in drives
        ]
        self._known = self._places(self._known_frames)

    def field(self, passed: Gate, flat: Floats, budget: int) -> Field:
        """The field of a gate."""
        index = passed.index
        frames = [self._of_drive(index, number) for number in range(len(self._pool))]
        return Field(
            index,
            flat[index],
            self._places(frames),
            self._known,
            np.searchsorted(index, passed.walked),
            budget,
            np.random.default_rng(self._seed),
            self._half_life,
            (lambda positions: self._objects_of(index[positions])) if self._objects else None,
            self._known_objects if self._objects else None,
        )

    def _known_objects(self) -> Objects:
        starts = self._stops - [len(drive) for drive in self._pool]
        pairs = zip(starts, self._known_frames, strict=True)
        return self._objects_of(np.concatenate([start + frames for start, frames in pairs]))

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self._by not in (None, FRAMES_BY[0]):
            notes.append(
                "Frames are compared by their thumbnails: not all have an embedding of the "
                "detector."
            )
        if "objects" in self._spread.compares and not self._objects:
            notes.append(
                "Objects are not compared, the frames are: not all frames have their objects' "
                "embeddings."
            )
        return tuple(notes)

    def _of_drive(self, index: NDArray[np.int64], number: int) -> NDArray[np.int64]:
        stop = int(self._stops[number])
        start = stop - len(self._pool[number])
        first, last = np.searchsorted(index, (start, stop))
        return index[first:last] - start

    def _places(self, frames: Sequence[NDArray[np.int64]]) -> Places:
        """Of some frames of each drive, drive by drive."""
        drives = self._pool.drives
        pairs = list(zip(drives, frames, strict=True))
        vectors = None
        if self._by is not None:
            vectors = np.concatenate([vectors_of(d, self._by, some) for d, some in pairs])
        return Places(
            vectors,
            np.repeat(np.arange(len(drives)), [len(some) for some in frames]),
            np.concatenate([seconds_of(drive, some) for drive, some in pairs]),
        )

    def _objects_of(self, index: NDArray[np.int64]) -> Objects:
        """The objects of places in the row of all drives, in that order."""
        numbers = np.searchsorted(self._stops, index, "right")
        parts, categories, counts = [], [], []
        names = self._class_numbers
        for place, number in zip(index.tolist(), numbers.tolist(), strict=True):
            drive = self._pool[number]
            rows, frame = objects_of(drive, place - (int(self._stops[number]) - len(drive)))
            within = slice(int(rows.starts[frame]), int(rows.starts[frame + 1]))
            parts.append(rows.rows[within])
            categories += [
                names.setdefault(rows.classes[c] if rows.classes else str(c), len(names))
                for c in rows.categories[within].tolist()
            ]
            counts.append(within.stop - within.start)
        return Objects(
            as_vectors(np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.array(categories, np.int64),
        )


def _half_life(pool: Pool, rules: FrameRules, values: Floats) -> float:
    parts, kept_apart, stop = [], [], 0
    for drive in pool:
        part = values[stop : stop + len(drive)]
        stop += len(drive)
        if not drive.stills and drive.fps > 0:
            parts.append((part, 1 / drive.fps))
            kept_apart.append(in_seconds(rules.delta1[drive.key], drive.fps))
    return half_life(parts, float(np.median(kept_apart)) if kept_apart else 0.0)
