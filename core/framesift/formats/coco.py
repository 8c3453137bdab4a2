"""COCO JSON (object detection), with the video fields that COCO-VID style files add.

x, y, width, height are continuous native pixels counted from 0; category ids are arbitrary.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
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
    refusal,
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
from framesift.formats.outlines import Corners, around, coco_counts, pairs, rotated, runs
from framesift.formats.source import Picture, Source, origin_of
from framesift.records import Progress

_FILE = "annotations/instances_default.json"
"""Where pycocotools, Datumaro and CVAT look for it."""
_IGNORE = ("iscrowd", "ignore", "likely_group", "is_crowd", "is_group_of")
_MARKS_OF_BOXES = (*_IGNORE, "occluded", "truncated")


def is_coco(path: Path) -> bool:
    """Whether a file is COCO's; its list of categories alone (Label Studio puts one beside
    YOLO's files) is none, and an object with "data" is a task of Label Studio's."""
    kind, keys = top_keys(path, {"images", "annotations", "data", "items"})
    if kind != "object" or "data" in keys or "items" in keys:
        return False
    return "images" in keys or "annotations" in keys


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
    capability = Capability(timestamps=True, tracks="each", origins=True)

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

        def each(
            section: str, use: Callable[[dict[str, Any]], None], strict: bool = False
        ) -> Iterator[Progress]:
            for place, element in enumerate(file.items(section)):
                with (at if strict else source.entry)(path, f"{section}[{place}]"):
                    use(mapping(element))
                if source.due():
                    yield source.progress(file.done, file.size)

        categories: dict[object, object] = {}
        videos: dict[object, str] = {}
        entries: dict[object, _Entry] = {}
        annotated = [False]

        def category(element: dict[str, Any]) -> None:
            key, name = _key(element.get("id")), element.get("name")
            _once("category", categories, key, name)
            categories[key] = name
            source.category(name)

        def video(element: dict[str, Any]) -> None:
            key = _key(element.get("id"))
            name = label_name(element.get("name") or element.get("file_name"))
            _once("video", videos, key, name)
            videos[key] = name

        def image(element: dict[str, Any]) -> None:
            key, fields = _key(element.get("id")), _image_fields(element, videos)
            if key in entries:
                if entries[key].fields != fields:
                    # Whose the annotations are cannot be told: that is no entry's own fault.
                    raise refusal(path, "images", f"the image id {shown(key)} is there twice")
                raise BadValueError(
                    f"the image {shown(key)} is listed twice", "images that are listed twice"
                )
            entries[key] = _Entry(fields, Picture(source))

        def annotation(element: dict[str, Any]) -> None:
            annotated[0] = True
            entry = entries.get(_key(element.get("image_id")))
            if entry is None:
                source.left_out["annotations of images that the file does not list"] += 1
                return
            try:
                _annotation(element, entry, categories, source)
            except BadValueError:
                entry.picture.missed = True
                raise

        yield from each("categories", category, strict=True)
        if file.mentions_videos:
            yield from each("videos", video, strict=True)
        yield from each("images", image)
        yield from each("annotations", annotation)
        if not entries and not categories:
            raise InputError(
                f"{path} lists neither images nor categories; give a COCO file of labels."
            )
        if not annotated[0] and not file.has_key("annotations"):
            source.left_out["pictures of a file without annotations"] += len(entries)
            return []
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
        (folder / _FILE).parent.mkdir()
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


def _once(what: str, known: Mapping[object, object], key: object, name: object) -> None:
    """Refuses an id that means two things: which one, nobody can tell."""
    if known.get(key, name) != name:
        raise BadValueError(
            f"the {what} id {shown(key)} means {shown(known[key])} and {shown(name)}"
        )


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
    element: dict[str, Any],
    entry: _Entry,
    categories: dict[object, object],
    source: Source,
) -> None:
    picture = entry.picture
    key = _key(element.get("category_id"))
    if key not in categories:
        raise BadValueError(
            f"the category {shown(key)} is not among the categories",
            "a category that is not among the categories",
        )
    extra = element.get("attributes")
    direct = {name: flag(element[name]) for name in _MARKS_OF_BOXES if name in element}
    attributes = extra if isinstance(extra, dict) else {}
    marks = {
        name: source.mark(attributes[name], name)
        for name in _MARKS_OF_BOXES
        if name in attributes
    } | direct
    flags: dict[str, Any] = {
        "ignore": any(marks.get(name, False) for name in _IGNORE),
        "occluded": marks.get("occluded", False),
        "truncated": marks.get("truncated", False),
        **_of_track({**attributes, **element}, entry.fields["video"], source),
    }
    if "bbox" not in element:
        picture.outline(
            "annotations without a box",
            categories[key],
            lambda: _around(element.get("segmentation")),
            **flags,
        )
        return
    bbox = sequence(element["bbox"])
    if len(bbox) != 4:
        raise BadValueError("the bbox has not four numbers")
    x, y, width, height = (number(v) for v in bbox)
    corners = x, y, x + width, y + height
    rotation = number({**attributes, **element}.get("rotation", 0) or 0) % 360
    if rotation != 0:
        middle = x + width / 2, y + height / 2
        picture.outline(
            "rotated boxes",
            categories[key],
            lambda: rotated(corners, rotation, middle),
            **flags,
        )
        return
    picture.add(categories[key], *corners, **flags)


def _of_track(fields: dict[str, Any], video: str | None, source: Source) -> dict[str, Any]:
    """The track of an annotation and who made it: `origin` as we write it; CVAT marks what
    lies between keyframes."""
    name = next(
        (fields[key] for key in ("track_id", "instance_id") if fields.get(key) is not None),
        None,
    )
    track = source.track(video, name)
    between = track is not None and fields.get("keyframe") is False
    return {"track": track, "origin": origin_of(fields.get("origin"), between=between)}


def _around(segmentation: object) -> Corners:
    """The box around COCO's outlines (lists of x, y …) or mask (run lengths)."""
    if isinstance(segmentation, dict):
        counts, size = segmentation.get("counts"), sequence(segmentation.get("size"))
        listed = (
            coco_counts(counts) if isinstance(counts, str) else map(whole, sequence(counts))
        )
        if len(size) != 2:
            raise BadValueError("the mask has no size")
        return runs(list(listed), (whole(size[0]), whole(size[1])))
    return around(
        point
        for part in sequence(segmentation)
        for point in pairs([number(v) for v in sequence(part)])
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
            marks: dict[str, Any] = {
                k: True for k in ("occluded", "truncated") if getattr(box, k)
            }
            if box.track is not None:
                element["track_id"] = marks["track_id"] = box.track
            if box.origin != "person":
                marks["origin"] = box.origin
            yield element | ({"attributes": marks} if marks else {})
