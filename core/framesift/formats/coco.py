"""COCO JSON (object detection), with the video fields that COCO-VID style files add.

x, y, width, height are continuous native pixels counted from 0; category ids are arbitrary.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TextIO

from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
    at,
    flag,
    label_name,
    mapping,
    number,
    sequence,
    shown,
    side,
    text,
    whole,
)
from framesift.formats.files import walk
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage
from framesift.formats.names import clean_name
from framesift.formats.source import Picture, Source
from framesift.records import Progress

_FILE = "annotations.json"
_MARKS = ("images", "annotations", "categories")
_IGNORE = ("iscrowd", "ignore", "likely_group", "is_crowd", "is_group_of")


def is_coco(path: Path) -> bool:
    kind, keys = top_keys(path, set(_MARKS))
    return kind == "object" and not keys.isdisjoint(_MARKS)


def _files(path: Path) -> list[Path]:
    """The COCO files of a folder: those called instances_… where there are such (keypoint and
    caption files repeat their pictures)."""
    if path.is_file():
        return [path]
    names = [n for n in walk(path) if n.lower().endswith(".json") and n.count("/") <= 1]
    instances = [n for n in names if n.rpartition("/")[2].startswith("instances_")]
    return [path / n for n in instances or names if is_coco(path / n)]


class _Entry:
    """One of the file's images and what is known of it."""

    __slots__ = ("fields", "picture")

    def __init__(self, fields: dict[str, Any], picture: Picture) -> None:
        self.fields, self.picture = fields, picture


class Coco(Format):
    name = "coco"
    title = "COCO JSON"
    capability = Capability(timestamps=True)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".json" and is_coco(path)
        folders = (path, path / "annotations")
        return any(
            is_coco(file)
            for folder in folders
            if folder.is_dir()
            for file in sorted(folder.glob("*.json"))[:5]
        )

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        items: list[LabelledImage | None] = []
        files = _files(source.path)
        if not files:
            raise InputError(f"{source.path} holds no COCO file; give the JSON itself.")
        for path in files:
            items += yield from self._read_file(path, source)
        return source.finish(items)

    def _read_file(
        self,
        path: Path,
        source: Source,
    ) -> Generator[Progress, None, list[LabelledImage | None]]:
        file = JsonFile(path)

        def each(section: str, use: Callable[[dict[str, Any]], None]) -> Iterator[Progress]:
            for place, element in enumerate(file.items(section)):
                with at(path, f"{section}[{place}]"):
                    use(mapping(element))
                if source.due():
                    yield source.progress(file.done, file.size)

        categories: dict[object, object] = {}
        videos: dict[object, str] = {}
        entries: dict[object, _Entry] = {}

        def category(element: dict[str, Any]) -> None:
            categories[_key(element.get("id"))] = element.get("name")
            source.category(element.get("name"))

        def video(element: dict[str, Any]) -> None:
            name = element.get("name") or element.get("file_name")
            videos[_key(element.get("id"))] = label_name(name)

        def image(element: dict[str, Any]) -> None:
            key = _key(element.get("id"))
            if key in entries:
                raise BadValueError(f"the image id {shown(key)} is there twice")
            entries[key] = _Entry(_image_fields(element, videos), Picture(source))

        def annotation(element: dict[str, Any]) -> None:
            entry = entries.get(_key(element.get("image_id")))
            if entry is None:
                source.left_out["annotations of images that the file does not list"] += 1
                return
            _annotation(element, entry.picture, categories)

        yield from each("categories", category)
        if file.mentions_videos:
            yield from each("videos", video)
        yield from each("images", image)
        yield from each("annotations", annotation)
        if not entries and not categories:
            raise InputError(
                f"{path} lists neither images nor categories; give a COCO file of labels."
            )
        return [entry.picture.labelled(**entry.fields) for entry in entries.values()]

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        names = [*labels.classes]
        if any(box.category == ANY_CLASS for item in labels.items for box in item.boxes):
            names.append(IGNORE_NAME)
        ids = {name: number for number, name in enumerate(names, 1)}
        ids[ANY_CLASS] = len(names)
        videos = {
            name: number
            for number, name in enumerate(
                dict.fromkeys(i.video for i in labels.items if i.video is not None), 1
            )
        }
        with (folder / _FILE).open("w", encoding="utf-8", newline="\n") as file:
            file.write('{"info": {"description": "written by Framesift"},\n"categories": ')
            _dump(file, ({"id": ids[n], "name": n} for n in names))
            if videos:
                file.write(',\n"videos": ')
                _dump(file, ({"id": v, "name": n} for n, v in videos.items()))
            file.write(',\n"images": ')
            _dump(
                file,
                (_image_out(place, item, videos) for place, item in enumerate(labels.items, 1)),
            )
            yield Progress(0, len(labels.items), "pictures", stage="writing labels")
            file.write(',\n"annotations": ')
            _dump(file, _annotations_out(labels, ids))
            file.write("}\n")


def _key(value: object) -> object:
    """Ids are whole numbers, or text in some tools' files."""
    if isinstance(value, str):
        return value
    return int(number(value, 1e19)) if isinstance(value, float) else _int(value)


def _int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValueError(f"{shown(value)} stands where an id is due")
    return value


def _image_fields(element: dict[str, Any], videos: dict[object, str]) -> dict[str, Any]:
    frame = element.get("frame_index")
    if frame is None:
        frame = element.get("frame_id")
        if frame is not None and "prev_image_id" in element:
            # Files of the ByteTrack family count from 1, and only they have this field.
            frame = whole(frame, 1) - 1
    name = element.get("file_name")
    width, height = side(element.get("width")), side(element.get("height"))
    video = element.get("video_id")
    timestamp = element.get("pts")
    return {
        "video": None if video is None else videos.get(_key(video)),
        "frame": None if frame is None else whole(frame),
        "image": clean_name(text(name) if name is not None else str(element.get("id"))),
        "size": (width, height) if width and height else None,
        "timestamp": None if timestamp is None else whole(timestamp, -(2**62), 2**62),
    }


def _annotation(
    element: dict[str, Any], picture: Picture, categories: dict[object, object]
) -> None:
    key = _key(element.get("category_id"))
    if key not in categories:
        raise BadValueError(f"the category {shown(key)} is not among the categories")
    if "bbox" not in element:
        picture.leave_out("annotations without a box")
        return
    bbox = sequence(element["bbox"])
    if len(bbox) != 4:
        raise BadValueError("the bbox has not four numbers")
    x, y, width, height = (number(v) for v in bbox)
    extra = element.get("attributes")
    marks = {**extra, **element} if extra and isinstance(extra, dict) else element
    rotation = marks.get("rotation")
    if rotation is not None and number(rotation) % 360 != 0:
        picture.leave_out("rotated boxes")
        return
    ignore = False
    for name in _IGNORE:
        ignore = ignore or (name in marks and flag(marks[name]))
    picture.add(
        categories[key],
        x,
        y,
        x + width,
        y + height,
        ignore=ignore,
        occluded="occluded" in marks and flag(marks["occluded"]),
        truncated="truncated" in marks and flag(marks["truncated"]),
    )


def _dump(file: TextIO, elements: Iterator[dict[str, Any]]) -> None:
    file.write("[")
    for place, element in enumerate(elements):
        file.write(",\n" if place else "\n")
        file.write(json.dumps(element, ensure_ascii=False))
    file.write("]")


def _image_out(place: int, item: LabelledImage, videos: dict[str, int]) -> dict[str, Any]:
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


def _annotations_out(labels: LabelFile, ids: dict[str, int]) -> Iterator[dict[str, Any]]:
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
            marks = {k: True for k in ("occluded", "truncated") if getattr(box, k)}
            yield element | ({"attributes": marks} if marks else {})
