"""The maps drawn over a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.evaluation.plots import new_figure, plain_text, png
from framesift.report.pictures import heat_overlay, shrink

if TYPE_CHECKING:
    from framesift.detectors.base import Detector

MOST_MAPS = 9
BOX_SCORE = 0.3
WIDTH = 640
COLOUR = (0, 158, 115)


def check_picture(detector: Detector, frame: NDArray[np.uint8], title: str = "") -> bytes:
    """A PNG: the frame with the detector's boxes, the largest probability at each place, the
    pixel score, and the maps with the highest values, each over the frame."""
    from framesift.scores import entropy

    inference = detector.infer(frame[None], boxes=True, threshold=BOX_SCORE)
    assert inference.predictions is not None
    small = shrink(frame, WIDTH)
    panels = [
        (
            f"{len(inference.predictions[0])} boxes of score 0.3 and more",
            _boxed(small, inference.predictions[0].boxes, small.shape[1] / frame.shape[1]),
        )
    ]
    maps = inference.maps
    if len(maps):
        best: list[tuple[float, int, NDArray[np.float32]]] = []
        largest = np.zeros(maps.shape[2:], np.float32)
        for k in range(len(maps)):
            values = maps.map(k)[0].float().cpu().numpy()
            np.maximum(largest, values, out=largest)
            best.append((float(values.max()), k, _small(values)))
            # Only those that are drawn are kept: there may be hundreds.
            best = sorted(best, key=lambda entry: -entry[0])[:MOST_MAPS]
        score = entropy(maps)[0].float().cpu().numpy()
        panels += [
            ("largest probability", heat_overlay(small, largest, 1.0)),
            (
                f"pixel score, up to {score.max():.2f}",
                heat_overlay(small, score, float(score.max())),
            ),
        ]
        panels += [
            (f"{_caption(*maps.names[k])}, up to {top:.2f}", heat_overlay(small, values, 1.0))
            for top, k, values in sorted(best, key=lambda entry: entry[1])
        ]
    return _grid(panels, title)


def _small(values: NDArray[np.float32]) -> NDArray[np.float32]:
    height = max(1, round(values.shape[0] * 320 / values.shape[1]))
    return np.asarray(
        cv2.resize(values, (320, height), interpolation=cv2.INTER_AREA), np.float32
    )


def _caption(level: int, name: str) -> str:
    return f"level {level + 1}" + (f", {name}" if name else "")


def _boxed(
    image: NDArray[np.uint8], boxes: NDArray[np.float32], scale: float
) -> NDArray[np.uint8]:
    drawn = image.copy()
    for x1, y1, x2, y2 in (boxes * scale).round().astype(int).tolist():
        cv2.rectangle(drawn, (x1, y1), (x2, y2), COLOUR, 2)
    return drawn


def _grid(panels: list[tuple[str, NDArray[np.uint8]]], title: str) -> bytes:
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    height, width = panels[0][1].shape[:2]
    figure = new_figure(4.2 * columns, (4.2 * height / width + 0.3) * rows + 0.3)
    for number, (caption, image) in enumerate(panels, 1):
        axes = figure.add_subplot(rows, columns, number)
        axes.imshow(image, interpolation="nearest")
        axes.set_title(plain_text(caption), fontsize=9, loc="left")
        axes.set_axis_off()
    if title:
        figure.suptitle(plain_text(title), fontsize=10, x=0.01, ha="left")
    return png(figure)
