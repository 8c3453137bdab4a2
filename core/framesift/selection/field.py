"""What a spread needs to know of a pool: looks and times of frames, and what is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.selection.descriptors import DESCRIPTORS, ObjectRows
from framesift.selection.descriptors.objects import unpacked
from framesift.selection.frame_rules import FrameRules, in_seconds
from framesift.selection.frame_vectors import FrameVectors
from framesift.selection.gate import Gate
from framesift.selection.pool import Pool, PoolDrive
from framesift.selection.spreads.base import Field, Objects, Places, Spread, as_vectors
from framesift.selection.spreads.timeline import LONGEST_S, half_life

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
        values: tuple[Floats, ...],
        rng: np.random.Generator,
    ) -> None:
        """values: that the gate goes by, by drive."""
        self._pool = pool
        self._starts = np.cumsum([0, *(len(drive) for drive in pool)])
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
        self._known = self._places(self._known_frames, "known vectors")

    def field(self, passed: Gate, parts: tuple[Floats, ...], budget: int) -> Field:
        """The field of a gate. parts: what the spread goes by, by drive."""
        index = passed.index
        edges = np.searchsorted(index, self._starts).tolist()
        frames = [
            index[first:last] - start
            for start, first, last in zip(self._starts[:-1], edges, edges[1:], strict=False)
        ]
        values = [part[some] for part, some in zip(parts, frames, strict=True)]
        return Field(
            index,
            np.concatenate(values),
            self._places(frames, "vectors"),
            self._known,
            np.searchsorted(index, passed.walked),
            budget,
            np.random.default_rng(self._seed),
            self._half_life,
            (lambda positions: self._objects_of(index[positions])) if self._objects else None,
            self._known_objects if self._objects else None,
        )

    def _known_objects(self) -> Objects:
        pairs = zip(self._starts, self._known_frames, strict=False)
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

    def _places(self, frames: Sequence[NDArray[np.int64]], kept_as: str) -> Places:
        """Of some frames of each drive, drive by drive."""
        drives = self._pool.drives
        pairs = list(zip(drives, frames, strict=True))
        vectors = None
        if self._by is not None:
            rows = tuple(drive.descriptors[self._by] for drive in drives)
            by, kept = self._by, self._pool.kept
            vectors = kept.get(kept_as, (by, *rows), lambda: FrameVectors(by, rows)).of(frames)
        return Places(
            vectors,
            np.repeat(np.arange(len(drives)), [len(some) for some in frames]),
            np.concatenate([seconds_of(drive, some) for drive, some in pairs]),
        )

    def _objects_of(self, index: NDArray[np.int64]) -> Objects:
        """The objects of places in the row of all drives, in that order."""
        numbers = np.searchsorted(self._starts, index, "right") - 1
        parts, categories, counts = [], [], []
        names = self._class_numbers
        for place, number in zip(index.tolist(), numbers.tolist(), strict=True):
            drive = self._pool[number]
            rows, frame = objects_of(drive, place - int(self._starts[number]))
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


def _half_life(pool: Pool, rules: FrameRules, values: tuple[Floats, ...]) -> float:
    timed = [
        (part, drive)
        for part, drive in zip(values, pool, strict=True)
        if not drive.stills and drive.fps > 0
    ]
    apart = [in_seconds(rules.delta1[drive.key], drive.fps) for _, drive in timed]
    parts = tuple((part, 1 / drive.fps) for part, drive in timed)
    # Only its least depends on Δt1.
    free = pool.kept.get("half-life", parts, lambda: half_life(parts, 0.0))
    return max(free, min(float(np.median(apart)) / 2, LONGEST_S)) if apart else free
