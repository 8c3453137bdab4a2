"""A row about frames that do not change: a drawn red light where nobody walks, with a sensor's
noise and coded as H.264."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from framesift.bench.row import Row, Times
from framesift.scores import pipeline
from framesift.scores.pipeline import ScoredFrame
from framesift.synth import drive, write_drive
from framesift.video import open_video

if TYPE_CHECKING:
    from framesift.detectors.base import Detector
    from framesift.video import Video

FRAMES, SIZE_HW = 96, (480, 640)
LEVELS = 12.0
"""Grey levels: what resources/docs/scores.md says of noise and people."""


def red_light_row(
    detector: Detector, frames: int = FRAMES, size_hw: tuple[int, int] = SIZE_HW
) -> Row:
    """Scoring with a tolerance, and scoring every frame once: at 0.3 s each that takes long
    enough to be told from noise."""
    standing = drive(
        seed=13, frames=frames, size=size_hw, scenario="red-light", pedestrian_share=0.0
    )
    with tempfile.TemporaryDirectory(prefix="framesift-bench-") as folder:
        path = Path(folder) / "red-light.mp4"
        for _ in write_drive(standing, path):
            pass
        with open_video(path) as video:
            return _row(video, detector)


def _row(video: Video, detector: Detector) -> Row:
    every, unchanged = Times(), Times()
    list(pipeline.score(video, detector, stop=2))
    looks: list[int] = []
    every.measure(lambda: _looks(video, detector, None))
    unchanged.measure(lambda: looks.append(_looks(video, detector, LEVELS)))
    wall, cpu = every.over(unchanged)
    count = len(video)
    return Row(
        "red light",
        unchanged.ms(count),
        "ms per frame",
        f"--unchanged {LEVELS:g} looked at {looks[0]} of {count} frames; times as quick as "
        f"looking at all of them, {every.ms(count):.0f} ms",
        wall,
        cpu,
        "decoding, and the first of every 32 frames",
        "at a red light: looking at every frame",
    )


def _looks(video: Video, detector: Detector, unchanged: float | None) -> int:
    """How many frames a run looked at."""
    return sum(
        isinstance(record, ScoredFrame) and record.source is None
        for record in pipeline.score(video, detector, unchanged=unchanged)
    )
