"""A project of small videos to import labels into, and label files as others write them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from framesift.project import Project

_spec = importlib.util.spec_from_file_location("media", Path(__file__).parents[1] / "media.py")
assert _spec is not None
assert _spec.loader is not None
media = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(media)

WIDTH, HEIGHT = 64, 48
BOX = [10, 12, 20, 24]
"""x, y, width, height in COCO's way."""


def make_videos(folder: Path, **frames: int) -> dict[str, Path]:
    """Videos of 64×48 at 10 frames a second, by name; a double underscore is a folder."""
    made = {}
    for name, count in frames.items():
        path = folder / f"{name.replace('__', '/')}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        made[name] = media.encode(path, media.pictures(count, WIDTH, HEIGHT), rate=10)
    return made


def make_project(folder: Path, *videos: Path) -> Path:
    """A project for pedestrians and cars, each video a drive of its own."""
    from framesift.cli import main

    assert main(["init", str(folder), "--classes", "pedestrian", "car"]) == 0
    for video in videos:
        assert main(["add", str(folder), str(video)]) == 0
    return folder


def found(folder: Path) -> dict[tuple[str, int], list[tuple[Any, ...]]]:
    """(video's path from its folder's, frame): (class, x1, y1, x2, y2) of each box."""
    with Project.open(folder, readonly=True) as project:
        ids = {video.id: video for video in project.videos.all()}
        return {
            (ids[key.video].id, key.frame): [
                (b.category, b.x1, b.y1, b.x2, b.y2) for b in value.boxes
            ]
            for key, value in project.labels.all().items()
        }


def coco(
    names: list[str],
    boxes: list[dict[str, Any]] | None = None,
    categories: list[dict[str, Any]] | None = None,
    **top: Any,
) -> str:
    """A COCO file with a picture for each name, and a pedestrian on each unless told."""
    classes = categories or [{"id": 1, "name": "pedestrian"}, {"id": 2, "name": "car"}]
    images = [
        {"id": n, "file_name": name, "width": WIDTH, "height": HEIGHT}
        for n, name in enumerate(names, 1)
    ]
    if boxes is None:
        boxes = [{"image_id": image["id"]} for image in images]
    annotations = [
        {"id": n, "category_id": 1, "bbox": BOX, **box} for n, box in enumerate(boxes, 1)
    ]
    return json.dumps(
        {"categories": classes, "images": images, "annotations": annotations, **top}
    )


PERSON = ("pedestrian", 10, 12, 30, 36)
"""The box of `coco`, as it is stored."""
