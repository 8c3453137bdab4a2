"""What heads learn from: labelled frames as the detector that gets them sees them, and what a
detector that has not learnt from these frames finds there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from framesift.boxes import Box, Prediction, as_array, iou
from framesift.detectors.base import Detector
from framesift.errors import InputError
from framesift.records import Progress, RateMeter
from framesift.training.data.sample import weak_of

if TYPE_CHECKING:
    from framesift.detectors.maps import WorkingSize
    from framesift.training.data import Source

MATCHED = 0.5
"""From this overlap on a box is a label's."""
Example = TypeVar("Example")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One frame. features: the detector's last, float32 C×h×w of the padded working size.
    predicted: what the detector finds; unseen: what the previous one finds, which has not
    learnt from the frame. loss: makes the previous detector's training loss of the frame."""

    features: Tensor
    predicted: Prediction
    unseen: Prediction
    boxes: tuple[Box, ...]
    size: WorkingSize
    classes: tuple[str, ...]
    video: str
    loss: Callable[[], float]


def whole(source: Source) -> list[int]:
    """The frames of a source that have no weak labels, which leave boxes out."""
    return [n for n in range(len(source)) if weak_of(source, n) is None]


def look(detector: Detector, previous: Detector, source: Source) -> Iterator[Progress | Seen]:
    """The frames of a source one by one whose boxes are all labelled, with a Progress after
    each. Raises InputError for a detector that shows no features."""
    indices = whole(source)
    meter = RateMeter(len(indices), "frames", "looking at frames for heads")
    for index in indices:
        sample = source.sample(index)
        image = np.ascontiguousarray(sample.image[None])
        taken: list[Tensor] = []
        with detector.tapped(taken.append):
            predicted = detector.predict(image)
        if not taken:
            raise InputError(
                f"The detector {detector.name!r} shows no features that a head could learn "
                "from; take one that can be fine-tuned."
            )
        labels = tuple(box for box in sample.boxes if not box.denied)
        yield Seen(
            taken[0][0].float().cpu(),
            predicted[0],
            predicted[0] if previous is detector else previous.predict(image)[0],
            labels,
            detector.geometry(*image.shape[1:3]),
            detector.classes,
            sample.key.video,
            lambda image=image, boxes=sample.boxes: loss_of(previous, image, boxes),  # type: ignore[misc]
        )
        yield meter.advance()


@torch.no_grad()
def loss_of(
    detector: Detector, image: NDArray[np.uint8], boxes: Sequence[Box], seed: int = 0
) -> float:
    """The training loss of one frame uint8 1×H×W×3 without learning: all parts run as in
    evaluation, and what is drawn is the same for every frame."""
    kept, detector.kept = detector.kept, ("",)
    try:
        with detector.unmoved_statistics(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            generator = torch.Generator().manual_seed(seed)
            return float(detector.loss(image, [boxes], generator=generator))
    finally:
        detector.kept = kept
        detector.module.eval()


def parted(
    examples: Sequence[Example], videos: Sequence[str]
) -> tuple[list[Example], list[Example]]:
    """Three quarters to learn from, the rest to stop by: whole videos where there are two."""
    names = sorted({*videos})
    if len(names) > 1:
        held = {*names[:: max(2, min(4, len(names)))]}
        inside = [video in held for video in videos]
    else:
        inside = [n >= 3 * len(videos) // 4 for n in range(len(videos))]
    return (
        [e for e, out in zip(examples, inside, strict=True) if not out],
        [e for e, out in zip(examples, inside, strict=True) if out],
    )


def matches(prediction: Prediction, boxes: Sequence[Box]) -> NDArray[np.int64]:
    """Which label each box matches, −1 none, −2 an ignore region: best score first."""
    matched = np.full(len(prediction), -1, np.int64)
    if not boxes or not len(prediction):
        return matched
    overlaps = iou(prediction.boxes, as_array(list(boxes)))
    ignored = np.array([box.ignore for box in boxes])
    free = ~ignored
    for row in np.argsort(-prediction.scores, kind="stable"):
        best = int(np.where(free, overlaps[row], -1).argmax())
        if free[best] and overlaps[row, best] >= MATCHED:
            matched[row], free[best] = best, False
        elif (overlaps[row][ignored] >= MATCHED).any():
            matched[row] = -2
    return matched
