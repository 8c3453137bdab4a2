"""Tiny labelled footage, written by hand in the formats in which data sets come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from framesift.boxes import Box

Picture = np.ndarray


@dataclass(frozen=True)
class Sample:
    """What `open_footage(kind, path, **options)` is to find: the boxes of some frames by clip,
    and whether the clips are stills."""

    kind: str
    path: Any
    boxes: dict[str, dict[int, tuple[Box, ...]]]
    lengths: dict[str, int]
    stills: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    fps: float | None = None


def grey(value: int, size: tuple[int, int] = (64, 48)) -> Picture:
    """A picture (width, height) of one grey; `value` says which picture it is."""
    return np.full((size[1], size[0], 3), value, np.uint8)


def shade(number: int) -> int:
    """The grey of picture `number`, far enough from its neighbours' to survive JPEG."""
    return 20 + 12 * number


def number_of(image: Picture) -> int:
    """The number of a picture that was drawn in its shade."""
    return round((float(image.mean()) - 20) / 12)


def save_pictures(folder: Path, names: Sequence[str], size: tuple[int, int] = (64, 48),
                  ) -> None:
    """Pictures in the shades of their places."""
    for place, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey(shade(place), size)).save(path)


def save_video(path: Path, count: int, size: tuple[int, int] = (64, 48), rate: int = 10,
               ) -> None:
    """A video of `count` frames in their shades."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {"crf": "10", "preset": "ultrafast"}
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(grey(shade(number), size), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def coco(folder: Path) -> Sample:
    save_video(folder / "one.mp4", 6)
    images = [{"id": i, "file_name": f"x/{i}.png", "width": 64, "height": 48,
               "frame_index": i} for i in range(5)]
    notes = [(0, 1, [4, 8, 10, 20], {}), (3, 1, [10, 5, 60, 30], {"likely_group": True}),
             (3, 2, [1, 2, 3, 4], {}), (3, 3, [20, 20, 5, 10], {})]
    data = {"categories": [{"id": 1, "name": "pedestrian"}, {"id": 2, "name": "car"},
                           {"id": 3, "name": "bicyclist"}],
            "images": images, "annotations": [
                {"id": n, "image_id": i, "category_id": c, "bbox": b, **extra}
                for n, (i, c, b, extra) in enumerate(notes)]}
    (folder / "one.coco.json").write_text(json.dumps(data), encoding="utf-8")
    return Sample("coco", folder, {"one": {
        0: (Box(4, 8, 14, 28),),
        3: (Box(10, 5, 64, 35, ignore=True, truncated=True),
            Box(20, 20, 25, 30, ignore=True)),
        4: (), 5: ()}}, {"one": 6}, fps=10)


def synthetic(folder: Path) -> Sample:
    from framesift import synth

    name = "synthetic-target-busy-{}"
    drives = {name.format(seed): synth.drive(seed, "target", 12, (144, 192), "busy")
              for seed in (7, 8)}
    return Sample(
        "synthetic", "look=target, scenario=busy, seed=7-8, frames=12, size=192x144",
        {name: {frame: drive.labels(frame) for frame in range(12)}
         for name, drive in drives.items()}, dict.fromkeys(drives, 12), fps=30)


SAMPLES = {"coco": coco, "synthetic": synthetic}
