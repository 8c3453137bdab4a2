"""What a signal is that looks at a frame and its neighbours in time: the third interface of the
family. Only videos have neighbours."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.errors import InputError
from framesift.records.settings import to_plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.boxes import Prediction
    from framesift.detectors.base import Detector
    from framesift.scores.found import Counting
    from framesift.scores.frame_signal import Measured
    from framesift.video import Video


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is kept of a frame until its neighbours are seen: its boxes that count, with their
    weights; the highest of its maps float32 H×W at working size and the picture gray uint8 H×W
    there, where they are wanted."""

    prediction: Prediction
    weights: NDArray[np.float64]
    peak: NDArray[np.float32] | None = None
    gray: NDArray[np.uint8] | None = None


class TimeSignal(ABC):
    """A member of the family that compares a frame with one neighbour on each side.

    Its attributes are those of a FrameSignal. wants_maps: whether it reads peak and gray.
    """

    name: str
    title: str
    description: str
    params: type[Any]
    needs: tuple[str, ...] = ("boxes", "video")
    cost: str = "3"
    failure: str = ""
    wants_maps: bool = False

    @abstractmethod
    def measure(self, around: Sequence[Seen], place: int, params: Any, region: int) -> Measured:
        """The value of the frame around[place] among its neighbours in time; three frames, or
        fewer at the ends of a video. region: side of the tiles of a map's maxima."""

    def fitted(self, params: Any, detector: Detector) -> Any:
        """The settings as they are: they leave nothing to the detector."""
        return params

    def recipe(self, params: Any) -> dict[str, Any]:
        """What its numbers depend on, JSON-able."""
        return to_plain(params, recipe=True)


def seen(
    detector: Detector,
    frames: NDArray[np.uint8],
    counting: Counting,
    threshold: float,
    *,
    with_maps: bool = False,
    weight_of: Callable[[str], float] = lambda name: 1.0,
    mask: NDArray[np.bool_] | None = None,
) -> list[Seen]:
    """What one pass of the detector says of frames uint8 N×H×W×3. weight_of: a map's by its
    class; mask: bool at working size, maps are 0 where it is true."""
    import numpy as np

    from framesift.boxes import Prediction

    inference = detector.infer(frames, boxes=True, threshold=threshold)
    assert inference.predictions is not None
    kept = []
    for prediction in inference.predictions:
        weight = counting.weight_of(prediction)
        rows = np.flatnonzero(weight > 0)
        counted = Prediction(
            prediction.boxes[rows], prediction.scores[rows], prediction.categories[rows]
        )
        kept.append((counted, weight[rows]))
    if not with_maps:
        return [Seen(*boxes) for boxes in kept]
    peaks = _peaks(inference.maps, weight_of)
    if mask is not None:
        peaks[:, mask] = 0.0
    grays = [_gray(frame, peaks.shape[1:]) for frame in frames]
    return [
        Seen(*boxes, peak, gray) for boxes, peak, gray in zip(kept, peaks, grays, strict=True)
    ]


def _peaks(maps: Any, weight_of: Callable[[str], float]) -> NDArray[np.float32]:
    """At each pixel the highest of all maps, weighted by class: float32 N×H×W."""
    import numpy as np
    import torch

    highest = torch.zeros_like(maps.map(0))
    for k, (_, name) in enumerate(maps.names):
        if weight_of(name) > 0:
            highest = torch.maximum(highest, maps.map(k) * weight_of(name))
    return np.asarray(highest.float().cpu().numpy(), np.float32)


def _gray(frame: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    small = cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def around(video: Video, number: int, seconds: float) -> tuple[list[int], int]:
    """A frame and its neighbours `seconds` before and after it (at least the next frame on
    either side), ascending, fewer at the ends; and its place among them. Raises InputError for
    stills, which have no time."""
    time = None if video.kind == "stills" else video.index.seconds(number)
    if time is None:
        raise InputError(
            f"{video.name} has no time, so its frames have no neighbours to flicker against; "
            "choose another strategy for stills."
        )
    before = min(number - 1, video.index.at_seconds(max(0.0, time - seconds)))
    after = max(number + 1, video.index.at_seconds(time + seconds))
    numbers = [n for n in (before, number, after) if 0 <= n < len(video)]
    return numbers, numbers.index(number)
