"""Detections of frame after frame become tracks: motion, and the best assignment.

Tracks are expected where constant velocity leads, as in SORT (Bewley et al., ICIP 2016), and an
assignment per frame links what is likeliest: by the Mahalanobis distance of centre and size,
which grows with what is not known of the motion (as Wojke et al., "Simple Online and Realtime
Tracking with a Deep Association Metric", ICIP 2017, gate theirs). Or, as SORT does it, by
overlap, where a second look compares what is left with grown boxes (Yang et al., "Hard to Track
Objects With Irregular Motions and Similar Appearances", WACV 2023). Frames may lie any time
apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Prediction
from framesift.errors import InputError
from framesift.tracking.assignment import assign, grown, nearness, overlaps
from framesift.tracking.interpolation import interpolate, smooth
from framesift.tracking.motion import DISTANT, OVERLAPPING, Motion, Still
from framesift.tracking.settings import LinkSettings
from framesift.tracking.tracks import GAP, Detections, Track, Tracks

NOT_LINKED = -1  # the id of a detection below the least score


@dataclass(slots=True, eq=False)
class _Path:
    """A track in the making; `steps` are places in the run of linked frames."""

    id: int
    category: int
    motion: Motion | Still
    steps: list[int] = field(default_factory=list)
    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def add(self, step: int, box: NDArray[np.float64], score: float, row: int) -> None:
        self.steps.append(step)
        self.boxes.append(box)
        self.scores.append(score)
        self.rows.append(row)


class Linker:
    """Links frame by frame, as they come.

    >>> linker = Linker()
    >>> seen = Prediction(np.array([[10, 10, 30, 60]], np.float32),
    ...                   np.array([0.9], np.float32), np.array([0]))
    >>> [linker.add(Detections(n, n / 10, seen)).tolist() for n in range(3)]
    [[0], [0], [0]]
    >>> len(linker.tracks().tracks)
    1
    """

    def __init__(self, settings: LinkSettings | None = None) -> None:
        self.settings = settings or LinkSettings()
        self._frames: list[int] = []
        self._seconds: list[float] = []
        self._paths: list[_Path] = []
        self._open: list[_Path] = []

    def add(self, detections: Detections) -> NDArray[np.int64]:
        """int64 N: the track of each box of the next frame, −1 below the least score. No two
        boxes of a frame are of one track. InputError for a frame that is not later than the
        last in number and time, or whose arrays do not fit."""
        self._check(detections)
        step = len(self._frames)
        self._frames.append(detections.frame)
        self._seconds.append(float(detections.seconds))
        longest = self.settings.max_gap + 1
        self._open = [path for path in self._open if step - path.steps[-1] <= longest]
        prediction = detections.prediction
        order = _canonical(prediction, self.settings.min_score)
        boxes = np.asarray(prediction.boxes, np.float64)[order]
        categories = np.asarray(prediction.categories)[order]
        ids = np.full(len(prediction), NOT_LINKED, np.int64)
        links = self._assigned(detections.seconds, boxes, categories)
        for place, row in enumerate(order):
            path = links.get(place)
            if path is None:
                path = self._begin(int(categories[place]), detections.seconds, boxes[place])
            else:
                path.motion.update(detections.seconds, boxes[place])
            path.add(step, boxes[place], float(prediction.scores[row]), int(row))
            ids[row] = path.id
        return ids

    def tracks(self) -> Tracks:
        """All tracks so far."""
        frames, seconds = np.array(self._frames, np.int64), np.array(self._seconds, np.float64)
        return Tracks(
            tuple(
                _finished(path, frames, seconds, self.settings.smooth) for path in self._paths
            ),
            frames,
            seconds,
        )

    def _check(self, detections: Detections) -> None:
        detections.check()
        if self._frames and not (
            detections.frame > self._frames[-1] and detections.seconds > self._seconds[-1]
        ):
            raise InputError(
                f"Frame {detections.frame} at {detections.seconds:g} s comes after frame "
                f"{self._frames[-1]} at {self._seconds[-1]:g} s; link frames in the order of "
                "time."
            )

    def _begin(self, category: int, seconds: float, box: NDArray[np.float64]) -> _Path:
        path = _Path(len(self._paths), category, self._motion(seconds, box))
        self._paths.append(path)
        self._open.append(path)
        return path

    def _motion(self, seconds: float, box: NDArray[np.float64]) -> Motion | Still:
        if self.settings.motion == "none":
            return Still(seconds, box)
        return Motion(
            seconds, box, DISTANT if self.settings.match == "distance" else OVERLAPPING
        )

    def _assigned(
        self,
        seconds: float,
        boxes: NDArray[np.float64],
        categories: NDArray[np.int64],
    ) -> dict[int, _Path]:
        """The open path of each box that continues one."""
        if not self._open:
            return {}
        mine = np.array([path.category for path in self._open])
        allowed = mine[:, None] == categories[None, :]
        if not self.settings.by_category:
            allowed[:] = True
        pairs: dict[int, int] = {}
        for gains in self._gains(seconds, boxes):
            pairing = assign(np.where(allowed, gains, 0.0))
            pairs.update({box: path for path, box in pairing})
            allowed[list(pairs.values())], allowed[:, list(pairs)] = False, False
        return {box: self._open[path] for box, path in pairs.items()}

    def _gains(
        self, seconds: float, boxes: NDArray[np.float64]
    ) -> Iterator[NDArray[np.float64]]:
        """Open paths × boxes: what each pair is worth, look by look."""
        chosen = self.settings
        if chosen.match == "distance":
            moving = [path.motion for path in self._open if isinstance(path.motion, Motion)]
            yield nearness(moving, seconds, boxes, chosen.max_distance)
            return
        expected = np.array([path.motion.expected(seconds) for path in self._open])
        yield overlaps(expected, boxes, chosen.min_iou)
        if chosen.reach:
            wide = grown(expected, chosen.reach), grown(boxes, chosen.reach)
            yield overlaps(*wide, chosen.min_iou)


def link(detections: Iterable[Detections], settings: LinkSettings | None = None) -> Tracks:
    """Links the detections of a run of frames, at any distance from each other in time.

    Args:
        detections: per frame, in the order of time; frames without boxes are given, too, since
            they count as gaps.
        settings: how detections are compared with tracks, least score, longest gap, motion.

    Returns:
        The tracks by id. The order of the boxes inside a frame makes no difference. With
        match "overlap", motion "none" and max_gap 0, the frames in reverse (and their times
        negated) give the same tracks, unless overlaps tie.

    Raises:
        InputError: frames out of order, arrays that do not fit together, numbers that are not
            finite.

    Example:
        >>> box = np.array([[10, 10, 30, 60]], np.float32)
        >>> seen = Prediction(box, np.array([0.9], np.float32), np.array([0]))
        >>> run = [seen, seen, Prediction.empty(), seen]
        >>> found = link(Detections(n, n / 10, p) for n, p in enumerate(run))
        >>> found.isolated, found.gaps, found.tracks[0].frames.tolist()
        (0, 1, [0, 1, 2, 3])
    """
    linker = Linker(settings)
    for frame in detections:
        linker.add(frame)
    return linker.tracks()


def _canonical(prediction: Prediction, least: float) -> NDArray[np.int64]:
    """The rows at or above the least score in an order that depends on the boxes alone: ties
    of the assignment fall the same way however a detector lists them."""
    boxes = np.asarray(prediction.boxes, np.float64).reshape(-1, 4)
    scores = np.asarray(prediction.scores, np.float64)
    order = np.lexsort((*boxes.T[::-1], prediction.categories, -scores))
    return np.asarray(order[scores[order] >= least], np.int64)


def _finished(
    path: _Path, frames: NDArray[np.int64], seconds: NDArray[np.float64], smoothed: bool
) -> Track:
    steps = np.array(path.steps)
    inside = slice(steps[0], steps[-1] + 1)
    length = steps[-1] + 1 - steps[0]
    scores, rows = np.full(length, np.nan), np.full(length, GAP, np.int64)
    scores[steps - steps[0]] = path.scores
    rows[steps - steps[0]] = path.rows
    between = smooth if smoothed else interpolate
    boxes = between(seconds[steps], np.array(path.boxes), seconds[inside])
    return Track(path.id, path.category, frames[inside], seconds[inside], boxes, scores, rows)
