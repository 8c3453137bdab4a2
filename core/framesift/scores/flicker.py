"""Detections that come and go from one frame to the next: what is there for a moment alone is
likely false, what is missing for a moment likely missed (Jin et al., ECCV 2018; Bengar et al.,
ICCVW 2019). Every frame has neighbours of its own, whatever the step of scoring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.records.settings import check, setting
from framesift.scores.frame_signal import Measured
from framesift.scores.time_signal import Seen, TimeSignal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.tracking import Track
else:
    np = lazy_module("numpy")

LEAST_SCORE = 0.05
"""Of boxes that the detector is asked for; flickering ones are chosen among them."""


def apart_setting() -> Any:
    """The field of the neighbours' distance."""
    return setting(
        0.1,
        title="Distance of neighbours",
        help="how far from a frame its neighbours are, at least the next frame on either side",
        unit="s",
        above=0,
        high=10,
        metavar="SECONDS",
    )


@dataclass(frozen=True, slots=True)
class FlickerParams:
    """What flickering boxes have of their own."""

    apart: float = apart_setting()
    flicker_score: float = setting(
        0.3,
        title="Least score of flickering boxes",
        help="boxes of at least this score are linked to those of the neighbours",
        above=LEAST_SCORE,
        below=1,
        metavar="SCORE",
    )

    def __post_init__(self) -> None:
        check(self, "score")


@dataclass(frozen=True, slots=True)
class FlickerDenseParams:
    """What flickering maps have of their own."""

    apart: float = apart_setting()

    def __post_init__(self) -> None:
        check(self, "score")


def linked(around: Sequence[Seen], least: float) -> tuple[Track, ...]:
    """The tracks of boxes of at least this score through the frames, linked at J ≥ 0.3 with
    gaps of up to 3 frames."""
    from framesift.tracking import Detections, LinkSettings, link

    settings = LinkSettings(match="overlap", min_iou=0.3, min_score=least, max_gap=3, reach=0.0)
    run = [Detections(n, float(n), seen.prediction) for n, seen in enumerate(around)]
    return link(run, settings).tracks


def _counted(boxes: list[Any], weights: list[float]) -> Measured:
    values = np.array(weights, np.float64)
    return Measured(float(values.sum()), np.array(boxes, np.float64).reshape(-1, 4), values)


class FlickerFalse(TimeSignal):
    """The number of boxes of the frame that are linked to none of a neighbour's, each counted
    as its class weighs."""

    name = "flicker_false"
    title = "Boxes that are there for a moment"
    description = "where a box is in neither neighbour"
    params = FlickerParams
    failure = "false positives"

    def measure(
        self, around: Sequence[Seen], place: int, params: FlickerParams, region: int
    ) -> Measured:
        here = around[place]
        if not (here.prediction.scores >= params.flicker_score).any():
            return Measured.nothing()
        rows = [
            int(track.rows[0])
            for track in linked(around, params.flicker_score)
            if len(track) == 1 and track.frames[0] == place
        ]
        boxes = [here.prediction.boxes[row] for row in rows]
        return _counted(boxes, [float(here.weights[row]) for row in rows])


class FlickerMissed(TimeSignal):
    """The number of tracks that have a box in both neighbours and none in the frame, each
    counted as its class weighs."""

    name = "flicker_missed"
    title = "Boxes that are missing for a moment"
    description = "where both neighbours have a box and the frame has none"
    params = FlickerParams
    failure = "misses"

    def measure(
        self, around: Sequence[Seen], place: int, params: FlickerParams, region: int
    ) -> Measured:
        least = params.flicker_score
        if not any((seen.prediction.scores >= least).any() for seen in around):
            return Measured.nothing()
        boxes, weights = [], []
        for track in linked(around, least):
            gap = (track.frames == place) & ~track.detected
            if gap.any():
                boxes.append(track.boxes[gap][0])
                weights.append(float(around[int(track.frames[0])].weights[track.rows[0]]))
        return _counted(boxes, weights)


class FlickerDense(TimeSignal):
    """Mean over tiles of the maximum of |p_t − p_(t−1) moved to t by optical flow|, p the
    highest map at each pixel; [0, 1]. The first frame is compared with the next one."""

    name = "flicker_dense"
    title = "Maps that flicker"
    description = "where maps change from one frame to the next"
    params = FlickerDenseParams
    needs = ("maps", "video")
    cost = "3 + flow"
    failure = "false positives and misses"
    wants_maps = True

    def measure(
        self, around: Sequence[Seen], place: int, params: FlickerDenseParams, region: int
    ) -> Measured:
        other = around[place - 1] if place else around[place + 1 : place + 2]
        if isinstance(other, Sequence):
            if not other:
                return Measured.nothing()
            (other,) = other
        change = changed(around[place], other)
        return Measured(tile_mean(change, region), np.zeros((0, 4)), np.zeros(0))


def changed(here: Seen, other: Seen) -> NDArray[np.float32]:
    """|p − other's p where optical flow says that it went|: float32 H×W in [0, 1]. Raises
    ValueError for frames of which no maps were kept."""
    import cv2

    if here.peak is None or here.gray is None or other.peak is None or other.gray is None:
        raise ValueError("flicker of maps needs the maps and the pictures of both frames")
    rows, columns = here.peak.shape
    # From here to where each pixel was in the other frame.
    flow = cv2.calcOpticalFlowFarneback(
        here.gray,
        other.gray,
        np.zeros((rows, columns, 2), np.float32),
        0.5,
        3,
        15,
        3,
        5,
        1.2,
        0,
    )
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    moved = cv2.remap(
        other.peak,
        x + flow[..., 0],
        y + flow[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(np.abs(here.peak - moved), np.float32)


def tile_mean(values: NDArray[np.float32], region: int) -> float:
    """Eq. 5 of values H×W: mean over region×region tiles of the tile's maximum."""
    rows = np.maximum.reduceat(values, np.arange(0, values.shape[0], region), 0)
    tiles = np.maximum.reduceat(rows, np.arange(0, values.shape[1], region), 1)
    return float(tiles.mean(dtype=np.float64))
