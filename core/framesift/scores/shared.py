"""A detector that remembers what it made of a batch, so that several signals look once."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from framesift.boxes import Prediction
    from framesift.detectors.base import Detector, Inference
    from framesift.scores.views import View

    Frames = NDArray[np.uint8]


class Shared:
    """Stands for a detector while one batch is scored by several signals: what was inferred of
    an array of frames is not inferred again, and is the same to the bit. All else is the
    detector's own."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._inferred: list[tuple[Frames, bool, float | None, Inference]] = []
        self._features: list[tuple[Frames, Tensor]] = []
        self._seen: dict[tuple[int, View], Frames] = {}
        self._kept: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._detector, name)

    def infer(
        self,
        frames: Frames,
        *,
        flip: bool = False,
        boxes: bool = False,
        threshold: float = 0.05,
    ) -> Inference:
        """As the detector's; from memory where it is there. Maps do not depend on the boxes."""
        for known, flipped, least, inference in self._inferred:
            if known is frames and flipped == flip and (not boxes or least == threshold):
                return inference
        taken: list[Tensor] = []
        with self._tapped(taken):
            made = self._made(frames, flip, boxes, threshold)
        if taken:
            self._features.append((frames, taken[0]))
        self._inferred.append((frames, flip, threshold if boxes else None, made))
        return made

    def remember(self, frames: Frames, flip: bool, inference: Inference) -> None:
        """Takes in what the detector made of frames, without boxes."""
        self._inferred.append((frames, flip, None, inference))

    def alone(self, frames: Frames, index: int) -> tuple[Shared, Frames]:
        """One frame of a batch as a batch of its own, with the maps that were inferred of it
        in the batch's company."""
        of_frame, frame = Shared(self._detector), frames[index : index + 1]
        for known, flip, _, inference in self._inferred:
            if known is frames:
                maps = inference.maps.frame(index)
                of_frame.remember(frame, flip, replace(inference, maps=maps, predictions=None))
        return of_frame, frame

    def _tapped(self, taken: list[Tensor]) -> AbstractContextManager[None]:
        tapped = getattr(self._detector, "tapped", None)
        return nullcontext() if tapped is None else tapped(taken.append)

    def features(self, frames: Frames) -> Tensor | None:
        """The backbone's last features of frames, N×C×h×w of the padded working size; None
        where the detector has none."""
        for _ in range(2):
            for known, features in self._features:
                if known is frames:
                    return features
            self.infer(frames)
        return None

    def _made(self, frames: Frames, flip: bool, boxes: bool, threshold: float) -> Inference:
        if boxes:
            return self._detector.infer(frames, flip=flip, boxes=True, threshold=threshold)
        return self._detector.infer(frames, flip=flip)

    def seen(self, frames: Frames, view: View) -> Frames:
        """A view of frames, made once."""
        key = (id(frames), view)
        if key not in self._seen:
            self._seen[key] = view(frames)
        return self._seen[key]

    def found(self, frames: Frames, view: View | None, threshold: float) -> list[Prediction]:
        """The boxes that are found in a view of frames (None: in themselves), in the pixels of
        the frames."""
        height, width = frames.shape[1:3]
        seen = frames if view is None else self.seen(frames, view)
        predictions = self.infer(seen, boxes=True, threshold=threshold).predictions
        assert predictions is not None
        if view is None:
            return list(predictions)
        return [view.back(prediction, width, height) for prediction in predictions]

    def once(self, key: Any, make: Any) -> Any:
        """Whatever else of this batch is needed more than once, by a key."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def shared(detector: Detector | Shared) -> Shared:
    """The detector for one batch; itself where it is one already."""
    return detector if isinstance(detector, Shared) else Shared(detector)
