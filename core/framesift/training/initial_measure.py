"""How good initial weights are: the figures of their card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.detectors.base import Detector
from framesift.evaluation import Evaluation, EvaluationSettings, evaluate
from framesift.labels import FrameKey
from framesift.records import Notice, Progress
from framesift.synth import drive

Image = NDArray[np.uint8]
Item = tuple[FrameKey, Image, Sequence[Box]]
FIRST_SEED = 900_000
"""Drives from this seed on are measured on; the initial training draws no drives at all, and
its frames from seeds of their own."""


@dataclass(frozen=True, slots=True)
class InitialMetrics:
    """`source`, `target`: evaluations on drawn drives that the detector has not seen."""

    source: Evaluation
    target: Evaluation


def drive_items(look: str, drives: int, frames: int, step: int) -> Iterator[Item]:
    """Every `step`-th frame of `drives` unseen drives of `frames` frames, with labels."""
    for seed in range(FIRST_SEED, FIRST_SEED + drives):
        video = drive(seed, look, frames=frames)
        for number in range(step // 2, frames, step):
            yield FrameKey(f"{look}-{seed}", number), video[number], video.labels(number)


def measure_initial(
    detector: Detector,
    *,
    drives: int = 12,
    frames: int = 900,
    step: int = 30,
    settings: EvaluationSettings | None = None,
) -> Iterator[Progress | Notice | InitialMetrics]:
    """Measures on `drives` drives of each look, every `step`-th of their `frames` frames.

    Yields Progress while it goes, the InitialMetrics last."""
    chosen = settings or EvaluationSettings(blocks="drives", coco=False)
    evaluations: dict[str, Evaluation] = {}
    for look in ("source", "target"):
        total = drives * len(range(step // 2, frames, step))
        for record in evaluate(
            detector, drive_items(look, drives, frames, step), chosen, total=total
        ):
            if isinstance(record, Evaluation):
                evaluations[look] = record
            else:
                yield record
    yield InitialMetrics(evaluations["source"], evaluations["target"])


def centre_auc(
    detector: Detector, items: Iterable[tuple[Image, Sequence[Box]]], min_height: float = 40.0
) -> float:
    """Whether maps are higher on people than elsewhere: the area under the ROC curve of the
    highest probability of any level, pixels at the centres of people against all pixels outside
    every label and ignore region; 0.5 is chance, nan where there is nobody.

    `items`: uint8 H×W×3 frames and labels. People of at least `min_height` working pixels
    that are no ignore regions count."""
    on: list[float] = []
    counts = np.zeros(_BINS, np.int64)
    for image, boxes in items:
        size = detector.geometry(*image.shape[:2])
        highest = detector.maps(image[None])[0].amax(0).numpy()
        elsewhere = np.ones(highest.shape, np.bool_)
        for box in boxes:
            x1, x2 = (round(x * size.scale_x) for x in (box.x1, box.x2))
            y1, y2 = (round(y * size.scale_y) for y in (box.y1, box.y2))
            elsewhere[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = False
            if not box.ignore and box.height * size.scale_y >= min_height:
                row = min(max((y1 + y2) // 2, 0), highest.shape[0] - 1)
                column = min(max((x1 + x2) // 2, 0), highest.shape[1] - 1)
                on.append(float(highest[row, column]))
        counts += np.bincount(_bin(highest[elsewhere]), minlength=_BINS)
    if not on or not counts.sum():
        return float("nan")
    below = np.cumsum(counts) - counts
    places = _bin(np.array(on))
    return float((below[places] + counts[places] / 2).mean() / counts.sum())


_BINS = 1 << 16


def _bin(values: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.int64]:
    """Bins of equal width in the logit, so that low probabilities keep their order."""
    clipped = np.clip(np.asarray(values, np.float64), 1e-9, 1 - 1e-9)
    scaled = (np.log(clipped / (1 - clipped)) / 42 + 0.5) * _BINS
    return np.clip(scaled, 0, _BINS - 1).astype(np.int64)
