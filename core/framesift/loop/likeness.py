"""What a project's frames look like beside each other: more like this, and all as a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.project import Project
from framesift.selection import Pool, PoolDrive, select
from framesift.selection.field import FRAMES_BY, compared_by, vectors_of
from framesift.selection.frame_rules import reach_of
from framesift.selection.spreads.base import cosine
from framesift.video import Distance

if TYPE_CHECKING:
    from framesift.project import SelectionInputs

APART = Distance(1.0, "seconds")
MOST = 20_000
"""Frames of a map at most; of more, every n-th."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A frame that looks like another one. likeness: the cosine of their descriptors, 1 for the
    same. labelled, taken: whether it has labels, or was picked."""

    key: FrameKey
    drive: str
    seconds: float | None
    likeness: float
    labelled: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Likeness:
    """The frames that look most like one, the most alike first; nearest_labelled: of all with
    labels, None where there is none. by: the descriptor that they were compared by."""

    frames: tuple[Similar, ...]
    nearest_labelled: Similar | None
    by: str


def similar_frames(
    project: Project, key: FrameKey, *, count: int = 10, apart: Distance = APART
) -> Likeness:
    """The frames of the pool that look most like one of them. They are compared by the
    embeddings of the detector that scored last, where all scored frames have them, else by
    their thumbnails.

    Args:
        project: an open project.
        key: the frame.
        count: how many, 1 or more.
        apart: how far they are at least from it and each other within a drive.

    Returns:
        A Likeness: the frames, the nearest labelled one, and what they were compared by.

    Raises:
        InputError: the frame is not described yet, or is none of the pool.

    Example:
        >>> likeness = similar_frames(project, FrameKey("nowhere", 0))
        Traceback (most recent call last):
        framesift.errors.InputError: ...
    """
    if count < 1:
        raise InputError(f"{count} frames cannot be found; give a number from 1 up.")
    inputs = _inputs(project)
    pool = inputs.pool()
    by = _by(pool)
    where, frame = _place(inputs, key)
    query = vectors_of(pool.drive(where), by, np.array([frame]))[0]
    if not query.any():
        raise InputError(
            f"Frame {key.frame} of {key.video} is not described yet; run `framesift score`."
        )
    alike = {drive.key: _alike(drive, by, query) for drive in pool}
    reach = {drive.key: reach_of(drive, apart) for drive in pool}
    times = {drive.key: drive.times for drive in pool if drive.times is not None}
    picks = select(alike, count, reach, reach, {where: [frame]}, times=times)
    labelled = [
        (float(alike[drive.key][n]), drive.key, n)
        for drive in pool
        for n in drive.labelled
        if (drive.key, n) != (where, frame) and not np.isnan(alike[drive.key][n])
    ]
    return Likeness(
        tuple(_similar(inputs, alike, pick.video, pick.frame) for pick in picks),
        _similar(inputs, alike, *max(labelled)[1:]) if labelled else None,
        by,
    )


def _inputs(project: Project) -> SelectionInputs:
    """The pool, with the embeddings of the detector that scored last."""
    latest = max(project.series.all(), key=lambda record: record.updated, default=None)
    recipes = {}
    if latest is not None:
        recipes[latest.signal] = {"detector": latest.recipe.get("detector")}
    return project.ledger.inputs(recipes, descriptors=FRAMES_BY, damaged=True)


def _by(pool: Pool) -> str:
    by = compared_by(pool.drives) if len(pool) else None
    if by is None:
        raise InputError(
            "The project's frames are not described yet; run `framesift score`, which does."
        )
    return by


def _place(inputs: SelectionInputs, key: FrameKey) -> tuple[str, int]:
    for drive in inputs.drives:
        for number, clip in enumerate(drive.clips):
            if clip.id == key.video:
                if not 0 <= key.frame < len(clip):
                    raise InputError(
                        f"{clip.name} has the frames 0 to {len(clip) - 1}, not {key.frame}."
                    )
                return drive.key, drive.frame_of(number, key.frame)
    raise InputError(f"{key.video} is no video of the pool; frames are compared within it.")


def _alike(drive: PoolDrive, by: str, query: NDArray[np.float32]) -> NDArray[np.float64]:
    """How alike each frame of a drive is; NaN where it is not described."""
    vectors = vectors_of(drive, by, np.arange(len(drive)))
    alike = cosine(vectors @ query)
    return np.where(vectors.any(axis=1), alike, np.nan)


def _similar(
    inputs: SelectionInputs,
    alike: Mapping[str, NDArray[np.float64]],
    key: str,
    frame: int,
) -> Similar:
    drive = next(drive for drive in inputs.drives if drive.key == key)
    clip, number = drive.locate(frame)
    return Similar(
        drive.key_of(frame),
        key,
        drive.seconds_of(clip, number),
        float(alike[key][frame]),
        frame in inputs.labelled.get(key, ()),
        frame in inputs.taken.get(key, ()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class FrameMap:
    """Frames in a plane, alike ones close. keys: n frames; points: float64 n×2, centred;
    labelled, taken: bool n; drives: of each frame. by: the descriptor; every: how many frames
    of each drive are left out between two."""

    keys: tuple[FrameKey, ...]
    points: NDArray[np.float64]
    labelled: NDArray[np.bool_]
    taken: NDArray[np.bool_]
    drives: tuple[str, ...]
    by: str
    every: int


def frame_map(project: Project, *, most: int = MOST) -> FrameMap:
    """The pool's described frames by the two directions in which they differ most (PCA).

    Args:
        project: an open project.
        most: of more frames than these, every n-th is shown, and all with labels or picked; 1
            or more.

    Returns:
        A FrameMap: frames and points float N×2.

    Raises:
        InputError: no frame is described.

    Example:
        >>> with framesift.Project.create("no-frames") as bare:
        ...     frame_map(bare)
        Traceback (most recent call last):
        framesift.errors.InputError: ...
    """
    inputs = _inputs(project)
    pool = inputs.pool()
    by = _by(pool)
    every = -(-sum(len(drive) for drive in pool) // most)
    keys: list[FrameKey] = []
    drives: list[str] = []
    vectors, marks = [], []
    for stored, drive in zip(inputs.drives, pool, strict=True):
        known = np.array(sorted({*drive.labelled, *drive.taken}), np.int64)
        frames = np.union1d(np.arange(0, len(drive), every), known[known < len(drive)])
        rows = vectors_of(drive, by, frames)
        frames, rows = frames[rows.any(axis=1)], rows[rows.any(axis=1)]
        keys += [stored.key_of(int(frame)) for frame in frames]
        drives += [drive.key] * len(frames)
        vectors.append(rows)
        marks.append(np.stack([np.isin(frames, drive.labelled), np.isin(frames, drive.taken)]))
    points = plane(np.concatenate(vectors))
    labelled, taken = np.concatenate(marks, axis=1)
    return FrameMap(tuple(keys), points, labelled, taken, tuple(drives), by, every)


def plane(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """The first two principal components of n×D vectors: float64 n×2, each direction with its
    largest entry above zero."""
    wide = np.asarray(vectors, np.float64)
    centred = wide - (wide.mean(axis=0) if len(wide) else 0.0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    first = directions[:, ::-1][:, :2]
    signs = np.sign(first[np.abs(first).argmax(axis=0), np.arange(first.shape[1])])
    points = centred @ (first * signs)
    return np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
