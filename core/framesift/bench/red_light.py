"""Rows about frames that do not change: a drawn red light where nobody walks, with a sensor's
noise and coded as H.264, and a stand of which the recorder writes the same picture again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from framesift.bench.row import Row, Times
from framesift.scores import pipeline
from framesift.scores.pipeline import ScoredFrame
from framesift.synth import drive, write_drive
from framesift.video import open_video

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from framesift.detectors.base import Detector
    from framesift.video import Video

FRAMES, SIZE_HW = 96, (480, 640)
MOVING = 8
"""Frames before the stand of copies."""
LEVELS = 12.0
"""Grey levels: what resources/docs/scores.md says of noise and people."""


def red_light_rows(
    detector: Detector, frames: int = FRAMES, size_hw: tuple[int, int] = SIZE_HW
) -> Iterator[Row]:
    """Scoring that leaves out what does not change, and scoring every frame once: at 0.3 s each
    that takes long enough to be told from noise."""
    standing = drive(
        seed=13, frames=frames, size=size_hw, scenario="red-light", pedestrian_share=0.0
    )
    moving = drive(seed=13, frames=MOVING + 1, size=size_hw)
    shown = [moving[min(number, MOVING)] for number in range(frames)]
    with tempfile.TemporaryDirectory(prefix="framesift-bench-") as folder:
        path = Path(folder) / "red-light.mp4"
        for _ in write_drive(standing, path):
            pass
        with open_video(path) as video:
            yield _row(video, detector, "red light", LEVELS)
        copies = _write_copies(Path(folder) / "copies.avi", shown)
        with open_video(copies) as video:
            yield _row(video, detector, "red light: copies", 0.0)


def _write_copies(path: Path, images: Sequence[NDArray[np.uint8]]) -> Path:
    """As MJPEG, so that the same picture is the same bits again."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=30)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _row(video: Video, detector: Detector, name: str, levels: float) -> Row:
    every, unchanged = Times(), Times()
    list(pipeline.score(video, detector, stop=2))
    runs: list[list[ScoredFrame]] = []
    every.measure(lambda: runs.append(_scored(video, detector, None)))
    unchanged.measure(lambda: runs.append(_scored(video, detector, levels)))
    wall, cpu = every.over(unchanged)
    count, (plain, fewer) = len(video), runs
    looks = sum(record.source is None for record in fewer)
    same = all(a.score == b.score for a, b in zip(plain, fewer, strict=True))
    return Row(
        name,
        unchanged.ms(count),
        "ms per frame",
        f"--unchanged {levels:g} looked at {looks} of {count} frames"
        f"{' and gave the same scores to the bit' if same else ''}; times as quick as looking "
        f"at all of them, {every.ms(count):.0f} ms",
        wall,
        cpu,
        "decoding, and the first of every 32 frames" if levels else "decoding",
        "at a red light: looking at every frame",
    )


def _scored(video: Video, detector: Detector, unchanged: float | None) -> list[ScoredFrame]:
    return [
        record
        for record in pipeline.score(video, detector, unchanged=unchanged)
        if isinstance(record, ScoredFrame)
    ]
