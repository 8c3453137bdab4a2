"""COCO's images and annotations as we write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

from framesift.formats.model import LabelFile, LabelledImage


def dump(file: TextIO, elements: Iterator[dict[str, Any]]) -> None:
    file.write("[")
    for place, element in enumerate(elements):
        file.write(",\n" if place else "\n")
        file.write(json.dumps(element, ensure_ascii=False))
    file.write("]")


def image_out(place: int, item: LabelledImage, videos: dict[str, int]) -> dict[str, Any]:
    fields = {
        "id": place,
        "file_name": item.image,
        "width": item.width,
        "height": item.height,
        "video_id": videos.get(item.video or ""),
        "frame_index": item.frame,
        "pts": item.timestamp,
    }
    return {name: value for name, value in fields.items() if value is not None}


def annotations_out(labels: LabelFile, ids: dict[str, int]) -> Iterator[dict[str, Any]]:
    number = 0
    for place, item in enumerate(labels.items, 1):
        for box in item.boxes:
            number += 1
            element: dict[str, Any] = {
                "id": number,
                "image_id": place,
                "category_id": ids[box.category],
                "bbox": [box.x1, box.y1, box.width, box.height],
                "area": box.width * box.height,
                "iscrowd": int(box.ignore),
                "segmentation": [],
            }
            marks: dict[str, Any] = {
                k: True for k in ("occluded", "truncated") if getattr(box, k)
            }
            if box.track is not None:
                element["track_id"] = marks["track_id"] = box.track
            if box.origin != "person":
                marks["origin"] = box.origin
            yield element | ({"attributes": marks} if marks else {})
