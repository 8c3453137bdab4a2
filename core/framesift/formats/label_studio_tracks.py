"""Label Studio's JSON of videos: a task for each video, a region for each track.

Frames count from 1, positions are per cent of the picture; a keyframe that is not `enabled`
is the last of a run. What lies on the straight way between two keyframes is not written.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from framesift.boxes import Box, corners_of
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.cvat_writing import by_video
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.label_studio import LabelStudio
from framesift.formats.model import LabelFile, LabelledImage, Size
from framesift.formats.source import Source
from framesift.formats.xmlstream import quoteattr
from framesift.records import Progress

_FILE, _CONFIG = "tasks.json", "label_config.xml"
_STRAIGHT = 1e-6
"""Pixels off the straight way within which a box need not be written."""
Boxes = list[tuple[int, Box]]
"""(frame, box) of a track, by frame."""


def _is_of_videos(path: Path) -> bool:
    """Whether one of a file's first tasks has regions that are tracks."""
    kind, keys = top_keys(path, {"data"})
    if kind == "object" and "data" not in keys:
        return False
    file = JsonFile(path)
    tasks = iter([file.document()]) if kind == "object" else file.items("")
    try:
        return any("videorectangle" in _kinds(task) for task in islice(tasks, 5))
    finally:
        if isinstance(tasks, Generator):
            tasks.close()


def _kinds(value: object) -> set[object]:
    """The types of a task's results."""
    annotations = value.get("annotations") if isinstance(value, dict) else None
    results = [
        result
        for annotation in (annotations if isinstance(annotations, list) else [])
        if isinstance(annotation, dict) and isinstance(annotation.get("result"), list)
        for result in annotation["result"]
    ]
    return {str(result.get("type")) for result in results if isinstance(result, dict)}


class LabelStudioVideo(Format):
    name = "label-studio-video"
    title = "Label Studio video JSON"
    capability = Capability(
        stills=False,
        names=False,
        unnamed=False,
        size="video",
        nothing=False,
        ignore=None,
        occluded=False,
        truncated=False,
        clipped=True,
        needs_size=True,
        class_list=False,
        tracks="several",
        origins=True,
    )

    def recognises(self, path: Path) -> bool:
        files = sorted(path.glob("*.json"))[:5] if path.is_dir() else [path]
        with contextlib.suppress(InputError):
            return any(f.suffix.lower() == ".json" and _is_of_videos(f) for f in files)
        return False

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        return (yield from LabelStudio().read(source))

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        groups: dict[str | None, list[LabelledImage]] = {video: [] for video in options.bare}
        groups |= by_video(labels.items)
        tasks = [
            _task_out(number, video or "", items, options)
            for number, (video, items) in enumerate(groups.items(), 1)
        ]
        with (folder / _FILE).open("w", encoding="utf-8", newline="\n") as file:
            json.dump(tasks, file, ensure_ascii=False, indent=1)
            file.write("\n")
        (folder / _CONFIG).write_text(_config(labels.classes), encoding="utf-8", newline="\n")
        yield Progress(len(labels.items), len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return f"images/{options.short[item.video or '']}/{item.frame or 0:06d}.jpg"


@dataclass(frozen=True, slots=True)
class _Video:
    size: Size
    frames: int | None
    rate: float | None


def _task_out(
    number: int, name: str, items: list[LabelledImage], options: WriteOptions
) -> dict[str, Any]:
    tracks: dict[str, Boxes] = {}
    items = sorted(items, key=lambda item: item.frame or 0)
    for item in items:
        for place, box in enumerate(item.boxes):
            lone = f"frame{item.frame}-{place}"
            region = lone if box.track is None else str(box.track)
            tracks.setdefault(region, []).append((item.frame or 0, box))
    last = (items[-1].frame or 0) + 1 if items else 1
    video = _Video(
        (items[0].size if items else None) or (1, 1),
        max(options.frames[name], last) if name in options.frames else None,
        options.rates.get(name),
    )
    results = [_region_out(region, boxes, video) for region, boxes in tracks.items()]
    return {
        "id": number,
        "data": {"video": name.rpartition("/")[2], "name": name},
        "annotations": [{"result": results, "was_cancelled": False}],
    }


def _region_out(region: str, boxes: Boxes, video: _Video) -> dict[str, Any]:
    value: dict[str, Any] = {
        "sequence": [*_keys_out(boxes, video)],
        "labels": [boxes[0][1].category],
    }
    if video.frames is not None:
        value["framesCount"] = video.frames
        if video.rate:
            value["duration"] = video.frames / video.rate
    return {
        "id": region,
        "type": "videorectangle",
        "from_name": "box",
        "to_name": "video",
        "original_width": video.size[0],
        "original_height": video.size[1],
        "value": value,
    }


def _keys_out(boxes: Boxes, video: _Video) -> Iterator[dict[str, Any]]:
    frames = [frame for frame, _ in boxes]
    key = 0
    for place, (frame, box) in enumerate(boxes):
        if box.origin == "interpolated" and _on_the_way(boxes, key, place):
            continue
        key = place
        goes_on = place + 1 < len(boxes) and frames[place + 1] == frame + 1
        across, down = 100 / video.size[0], 100 / video.size[1]
        element: dict[str, Any] = {
            "frame": frame + 1,
            "enabled": goes_on,
            "rotation": 0,
            "x": box.x1 * across,
            "y": box.y1 * down,
            "width": box.width * across,
            "height": box.height * down,
        }
        if video.rate:
            element["time"] = frame / video.rate
        if box.origin != "person":
            element["origin"] = box.origin
        yield element


def _on_the_way(boxes: Boxes, key: int, place: int) -> bool:
    """Whether what a box says follows from the keyframe before, at `key`, and the next one."""
    until = next(
        (n for n in range(place, len(boxes)) if boxes[n][1].origin != "interpolated"), 0
    )
    first, frame, last = boxes[key][0], boxes[place][0], boxes[until][0]
    if not key < place < until or last - first != until - key:
        return False
    share = (frame - first) / (last - first)
    ends = zip(corners_of(boxes[key][1]), corners_of(boxes[until][1]), strict=True)
    return all(
        abs(a + (b - a) * share - v) <= _STRAIGHT
        for (a, b), v in zip(ends, corners_of(boxes[place][1]), strict=True)
    )


def _config(names: tuple[str, ...]) -> str:
    """The labelling interface that shows these tasks."""
    rows = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in names)
    return (
        '<View>\n  <Labels name="labels" toName="video">\n'
        f'{rows}  </Labels>\n  <Video name="video" value="$video"/>\n'
        '  <VideoRectangle name="box" toName="video"/>\n</View>\n'
    )
