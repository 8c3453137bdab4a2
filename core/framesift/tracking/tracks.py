"""What linking takes and gives: detections of a frame, tracks, and what they say of flicker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Prediction
from framesift.errors import InputError

GAP = -1  # the row of a frame in which the track has no detection


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What a detector found in one frame: its frame number, its place in time in seconds, and
    the prediction (boxes N×4 in native pixels, scores N, categories N)."""

    frame: int
    seconds: float
    prediction: Prediction

    def check(self) -> None:
        """InputError where sizes do not fit together, or a number is not finite."""
        prediction = self.prediction
        count = len(prediction.scores)
        if np.shape(prediction.boxes) != (count, 4) or len(prediction.categories) != count:
            raise InputError(
                f"The detections of frame {self.frame} do not fit together: boxes "
                f"{np.shape(prediction.boxes)}, {count} scores and "
                f"{len(prediction.categories)} categories; give N×4, N and N."
            )
        if not (np.isfinite(prediction.boxes).all() and np.isfinite(self.seconds)):
            raise InputError(
                f"A box or the time of frame {self.frame} is not a finite number; leave such "
                "boxes out."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One object's boxes over the linked frames, from its first detection to its last.

    frames int64 V, seconds float64 V: every linked frame in between. boxes float64 V×4, native
    pixels; in gaps interpolated in time. scores float64 V, NaN in gaps. rows int64 V: which box
    of its frame's prediction it is, −1 in gaps.
    """

    id: int
    category: int
    frames: NDArray[np.int64]
    seconds: NDArray[np.float64]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        """How many frames it has a detection in."""
        return int(self.detected.sum())

    @property
    def detected(self) -> NDArray[np.bool_]:
        """bool V: the frames with a detection; the others are gaps."""
        return np.asarray(self.rows != GAP, np.bool_)

    @property
    def gaps(self) -> int:
        """How many times the detections are interrupted."""
        return int((np.diff(self.detected.astype(np.int8)) == -1).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """All tracks of a run of frames, by id; frames int64 F and seconds float64 F are those that
    were linked."""

    tracks: tuple[Track, ...]
    frames: NDArray[np.int64]
    seconds: NDArray[np.float64]

    def supported(self, least: int) -> Tracks:
        """Only the tracks with at least `least` detections."""
        return Tracks(
            tuple(track for track in self.tracks if len(track) >= least),
            self.frames,
            self.seconds,
        )

    @property
    def isolated(self) -> int:
        """How many detections are linked to no other: flicker that is likely false."""
        return sum(len(track) == 1 for track in self.tracks)

    @property
    def gaps(self) -> int:
        """How many gaps there are inside tracks: flicker that is likely missed."""
        return sum(track.gaps for track in self.tracks)

    def isolated_by_frame(self) -> NDArray[np.int64]:
        """int64 F: each frame's detections that are linked to no other."""
        return self._count([track.frames for track in self.tracks if len(track) == 1])

    def missed_by_frame(self) -> NDArray[np.int64]:
        """int64 F: the tracks that each frame interrupts: it is in one of their gaps."""
        return self._count([track.frames[~track.detected] for track in self.tracks])

    def _count(self, numbers: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        places = np.searchsorted(self.frames, np.concatenate([np.zeros(0, np.int64), *numbers]))
        return np.bincount(places, minlength=len(self.frames)).astype(np.int64)
