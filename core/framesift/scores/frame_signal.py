"""What a signal is that measures a frame's boxes in one or several looks, or by several
detectors: the second interface of the family, beside the pixel scores'."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framesift.product.lazy import lazy_module
from framesift.records.settings import to_plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.detectors.base import Detector
    from framesift.scores.found import Counting, Found, Values
    from framesift.scores.shared import Shared
    from framesift.scores.views import View

    Frames = NDArray[np.uint8]
else:
    np = lazy_module("numpy")


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A frame's value (NO_BOXES where it has no box to measure), and which boxes made it:
    float64 N×4 in native pixels and N values, the larger the more they add."""

    value: float
    boxes: Values
    values: Values

    @staticmethod
    def nothing() -> Measured:
        """Of a frame without boxes."""
        from framesift.series import NO_BOXES

        return Measured(NO_BOXES, np.zeros((0, 4)), np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Frames uint8 N×H×W×3, the detector that looks at them, and which of its boxes count."""

    detector: Shared
    frames: Frames
    counting: Counting

    def found(self, threshold: float, view: View | None = None) -> list[Found]:
        """By frame the boxes that a view (None: the frame itself) shows and that count, in the
        frame's own pixels."""
        return [
            self.counting.of(prediction)
            for prediction in self.detector.found(self.frames, view, threshold)
        ]


class FrameSignal(ABC):
    """A member of the family that measures boxes.

    name: its key in the family. title: for lists in the window. description: one line for
    --help and documentation. params: the dataclass of the settings that it alone has. needs:
    what a detector or the footage must have. cost: forward passes a frame, in words. failure:
    which kind of failure it looks for.
    """

    name: str
    title: str
    description: str
    params: type[Any]
    needs: tuple[str, ...] = ("boxes",)
    cost: str = "1"
    failure: str = ""
    by_class: bool = True
    """Whether a choice of classes makes a difference."""
    head: str = ""
    """The head of the detector that it reads (framesift.detectors.heads), if any."""
    compares_objects: bool = False
    """Whether frames scored by it are compared by their objects, whose embeddings are then
    made along."""

    @abstractmethod
    def measure(self, batch: Batch, params: Any) -> Sequence[Measured]:
        """One value per frame, the higher the more it should be labelled. A frame's value does
        not depend on the others."""

    def fitted(self, params: Any, detector: Detector) -> Any:
        """The settings with what they leave to the detector filled in. Raises InputError where
        the detector lacks what the signal needs."""
        return params

    def recipe(self, params: Any) -> dict[str, Any]:
        """What its numbers depend on, JSON-able."""
        return to_plain(params, recipe=True)
