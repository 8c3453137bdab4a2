"""Frames and labels brought to working size. On the CPU and in uint8 for every device, so that
a graphics card sees the very picture that the processor would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.detectors.maps import WorkingSize

Image = NDArray[np.uint8]


def working_picture(image: Image, size: WorkingSize) -> Image:
    """One native uint8 H×W×3 frame, resized and padded (edge replication): uint8 h×w×3.

    Area averaging where it shrinks, bilinear where it grows."""
    if image.shape[:2] != size.native:
        raise ValueError(f"a frame of {image.shape[:2]} for a working size of {size.native}")
    height, width = size.content
    if size.content != size.native:
        smaller = height < size.native[0]
        image = np.asarray(
            cv2.resize(
                image,
                (width, height),
                interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR,
            ),
            np.uint8,
        )
    below, right = size.padded[0] - height, size.padded[1] - width
    if below or right:
        image = np.asarray(
            cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8
        )
    return image


def working_batch(frames: Image, size: WorkingSize, *, flip: bool = False) -> Image:
    """Native uint8 N×H×W×3 as uint8 N×h×w×3 at the padded working size; `flip`: each frame
    flipped left to right before it is padded."""
    pictures = (frame[:, ::-1] if flip else frame for frame in frames)
    return np.stack([working_picture(np.ascontiguousarray(p), size) for p in pictures])


def working_boxes(boxes: Sequence[Box], size: WorkingSize) -> list[Box]:
    """Labels in working pixels."""
    x, y = size.scale_x, size.scale_y
    return [replace(b, x1=b.x1 * x, x2=b.x2 * x, y1=b.y1 * y, y2=b.y2 * y) for b in boxes]
