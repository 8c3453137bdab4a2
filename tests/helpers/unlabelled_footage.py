"""A tiny drive, one frame of which is labelled, and a narrow detector to learn from it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from framesift.boxes import Box
from framesift.detectors import Detector, PaperDetector
from framesift.labels import FrameKey
from framesift.training import TrainSettings
from framesift.training.data import Entry, TrainingSet, VideoRef

SIZES = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
SETTINGS = TrainSettings(
    epochs=6, batch=2, min_height=10, threads=1, num_workers=0, ema_decay=0.5
)


def drive(folder: Path, frames: int = 12) -> Path:
    """Pictures of a camera that turns by two pixels a frame."""
    rng = np.random.default_rng(0)
    scene = cv2.resize(rng.integers(60, 190, (16, 32, 3), np.uint8), (128, 64))
    scene[16:48, 60:76] = cv2.resize(rng.integers(0, 255, (8, 4, 3), np.uint8), (16, 32))
    (folder / "v").mkdir()
    for number in range(frames):
        picture = scene[:, 2 * number : 2 * number + 96]
        cv2.imwrite(str(folder / "v" / f"{number}.png"), picture)
    return folder


def narrow() -> PaperDetector:
    """The paper's detector at an eighth of its width, the same each time."""
    torch.manual_seed(0)
    return PaperDetector(settings={"width": 0.125, "working_height": 64, "box_sizes": SIZES})


def labelled(
    folder: Path, *more: Entry, evaluation: tuple[int, ...] = (), kind: str = "images"
) -> TrainingSet:
    """The drive's training set: frame 4 is labelled."""
    entry = Entry(FrameKey("v", 4), 96, 64, (Box(52, 16, 68, 48),))
    ref = VideoRef("v", str(folder / "v"), kind="stills" if kind == "stills" else "images")
    keys = frozenset(FrameKey("v", number) for number in evaluation)
    return TrainingSet(("pedestrian",), (ref,), (entry, *more), keys)


def same_weights(a: Detector, b: Detector) -> bool:
    """Whether two detectors hold the same weights, bit for bit."""
    first, second = a.module.state_dict(), b.module.state_dict()
    return all(torch.equal(first[name], second[name]) for name in first)
