"""Object embeddings: the detector's last features inside its best boxes, while it scores."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.selection.descriptors.objects import OBJECT_SIZE, OBJECTS, packed

if TYPE_CHECKING:
    from torch import Tensor

    from framesift.boxes import Prediction
    from framesift.detectors.maps import WorkingSize
    from framesift.scores.shared import Shared

LEAST = 0.05
"""The score from which a box counts as an object."""


def object_rows(look: Shared, frames: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """A row for each frame of uint8 N×H×W×3 (see
    framesift.selection.descriptors.objects); none where the detector has no features."""
    features = look.features(frames)
    if features is None:
        return []
    size = look.geometry(frames.shape[1], frames.shape[2])
    predictions = look.found(frames, None, LEAST)
    return [_row(of, p, size) for of, p in zip(features, predictions, strict=True)]


def _row(features: Tensor, prediction: Prediction, size: WorkingSize) -> NDArray[np.uint8]:
    boxes = np.asarray(prediction.boxes[:OBJECTS], np.float32).reshape(-1, 4)
    if not len(boxes):
        return packed(np.zeros((0, OBJECT_SIZE), np.int8), np.zeros(0, np.int64))
    embeddings = embedded(in_boxes(features, boxes, size))
    return packed(embeddings, np.asarray(prediction.categories[:OBJECTS], np.int64))


def in_boxes(
    features: Tensor, boxes: NDArray[np.float32], size: WorkingSize
) -> NDArray[np.float32]:
    """Features C×h×w of the padded working size as means over boxes m×4 (native pixels), less
    the mean over all of them: float32 m×C. What all of a frame shares tells no object."""
    import torch
    from torchvision.ops import roi_align

    rows, columns = features.shape[1:]
    down, across = size.scale_y * rows / size.padded[0], size.scale_x * columns / size.padded[1]
    scaled = torch.from_numpy(boxes * np.array([across, down, across, down], np.float32))
    of_frame = features[None].float().cpu()
    pooled = roi_align(of_frame, [scaled], output_size=1, sampling_ratio=3, aligned=True)
    return np.asarray((pooled[:, :, 0, 0] - of_frame.mean(dim=(2, 3))).numpy(), np.float32)


def embedded(features: NDArray[np.float32]) -> NDArray[np.int8]:
    """Features m×C as int8 m×OBJECT_SIZE: projected at random, always in the same way, which
    leaves angles nearly as they are (Johnson and Lindenstrauss); the largest number is 127."""
    directions = _directions(features.shape[1])
    # Row by row: what else is in a frame must not change its last bits.
    projected = np.stack([row.astype(np.float64) @ directions for row in features])
    largest = np.abs(projected).max(axis=1, keepdims=True)
    scaled = np.divide(
        127 * projected, largest, out=np.zeros_like(projected), where=largest > 0
    )
    return np.asarray(np.rint(scaled), np.int8)


@functools.lru_cache(maxsize=4)
def _directions(channels: int) -> NDArray[np.float64]:
    return np.random.default_rng(channels).standard_normal((channels, OBJECT_SIZE))
