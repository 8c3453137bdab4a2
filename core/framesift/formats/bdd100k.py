"""BDD100K (Scalabel) JSON: a list of frames, or an object with that list as `frames`.

box2d is in native pixels counted from 0 and includes its last pixel: x2 covers [x2, x2 + 1).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
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
from framesift.formats.outlines import Corners, around
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

_FILE = "labels.json"
_ATTRIBUTES = ("crowd", "ignore", "ignored", "occluded", "truncated")
_MARKS = {"labels", "videoName", "video_name", "frameIndex", "frames"}


def _section(path: Path) -> str | None:
    """Where the list of frames is: "frames", "" for the file itself, "object" where the file
    is one picture of the first release, None for none of these."""
    kind, keys = top_keys(path, _MARKS | {"annotations", "images", "data"})
    if kind == "object" and "frames" in keys:
        return "object" if _is_release(path) else "frames"
    if kind == "list" and "name" in keys and not keys.isdisjoint(_MARKS | {"attributes"}):
        return ""
    return None


def _is_release(path: Path) -> bool:
    """Whether the elements of "frames" are moments of one picture: they have objects."""
    with contextlib.closing(JsonFile(path).items("frames")) as frames:
        first = next(frames, None)
    return isinstance(first, dict) and "objects" in first


class Bdd100k(Format):
    name = "bdd100k"
    title = "BDD100K JSON"
    capability = Capability(class_list=False)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".json" and _section(path) is not None
        return any(_section(file) is not None for file in sorted(path.glob("*.json"))[:5])

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        items: list[LabelledImage | None] = []
        for path in self._files(source.path):
            file = JsonFile(path)
            section = _section(path)
            if section is None:
                raise InputError(f"{path} is no list of BDD100K frames; give such a file.")
            elements = [file.document()] if section == "object" else file.items(section)
            for place, element in enumerate(elements):
                with source.entry(path, f"frame {place} of the list"):
                    items += _frames(mapping(element), path, source)
                if source.due():
                    yield source.progress(file.done, file.size)
        return source.finish(items)

    def _files(self, path: Path) -> list[Path]:
        if path.is_file():
            return [path]
        files = [path / n for n in walk(path) if n.lower().endswith(".json") and "/" not in n]
        readable = [file for file in files if _section(file) is not None]
        if not readable:
            raise InputError(f"{path} holds no BDD100K file; give the JSON itself.")
        return readable

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        with (folder / _FILE).open("w", encoding="utf-8", newline="\n") as file:
            file.write("[")
            for place, item in enumerate(labels.items):
                file.write(",\n" if place else "\n")
                file.write(json.dumps(_frame_out(item), ensure_ascii=False))
            file.write("\n]\n")
        yield Progress(len(labels.items), len(labels.items), "pictures", stage="writing labels")


def _frames(
    element: dict[str, Any], path: Path, source: Source
) -> Iterator[LabelledImage | None]:
    """One picture; the first release has a file for each, with its one moment beneath."""
    if "frames" not in element:
        yield _frame(element, element.get("labels"), path, source)
        return
    moments = sequence(element["frames"])
    if len(moments) != 1:
        raise BadValueError(
            f"the picture has {len(moments)} frames where one is due",
            "pictures of several frames",
        )
    yield _frame(element, mapping(moments[0]).get("objects"), path, source)


def _frame(
    element: dict[str, Any], labels: object, path: Path, source: Source
) -> LabelledImage | None:
    picture = Picture(source)
    if labels is None:
        source.left_out["pictures without a list of labels"] += 1
        return None
    name = element.get("name")
    for place, label in enumerate(sequence(labels)):
        with source.entry(path, f"frame {shown(name)}, label {place}", picture):
            _label(mapping(label), picture, source)
    video = element.get("videoName", element.get("video_name"))
    frame = element.get("frameIndex", element.get("frame_index"))
    size = element.get("size")
    width = height = None
    if size is not None:
        width, height = (side(mapping(size).get(name)) for name in ("width", "height"))
    if name is None and frame is None:
        raise BadValueError("the frame has neither a name nor an index")
    return picture.labelled(
        video=None if video in (None, "") else label_name(video),
        frame=None if frame is None else whole(frame),
        image=None if name is None else clean_name(text(name)),
        size=(width, height) if width and height else None,
    )


def _label(label: dict[str, Any], picture: Picture, source: Source) -> None:
    if "category" not in label:
        raise BadValueError(
            f"the label {shown(label.get('id'))} has no category", "labels without a category"
        )
    extra = label.get("attributes")
    attributes = {
        str(name).casefold(): value
        for name, value in (extra if isinstance(extra, dict) else {}).items()
    }
    marks = {name: source.mark(attributes.get(name), name) for name in _ATTRIBUTES}
    flags: dict[str, Any] = {
        "ignore": any(marks[name] for name in ("crowd", "ignore", "ignored")),
        "occluded": marks["occluded"],
        "truncated": marks["truncated"],
    }
    box = label.get("box2d")
    if box is None:
        kinds = [name for name in ("poly2d", "rle", "box3d", "graph") if label.get(name)]
        kind = "labels without a box" + (f" ({kinds[0]})" if kinds else "")
        if kinds[:1] == ["poly2d"]:
            picture.outline(kind, label["category"], lambda: _around(label["poly2d"]), **flags)
        else:
            picture.leave_out(kind)
        return
    corners = mapping(box)
    x1, y1, x2, y2 = (number(corners.get(name)) for name in ("x1", "y1", "x2", "y2"))
    picture.add(label["category"], x1, y1, x2 + 1, y2 + 1, **flags)


def _around(polygons: object) -> Corners:
    """The box around BDD100K's outlines: lists of vertices, or [x, y, kind] lists of the first
    release."""
    return around(
        (number(sequence(point)[0]), number(sequence(point)[1]))
        for part in sequence(polygons)
        for point in (
            sequence(mapping(part).get("vertices")) if isinstance(part, dict) else [part]
        )
        if len(sequence(point)) >= 2
    )


def _frame_out(item: LabelledImage) -> dict[str, Any]:
    labels = [
        {
            "id": str(place),
            "category": IGNORE_NAME if b.category == ANY_CLASS else b.category,
            "attributes": {"occluded": b.occluded, "truncated": b.truncated, "crowd": b.ignore},
            "box2d": {"x1": b.x1, "y1": b.y1, "x2": b.x2 - 1, "y2": b.y2 - 1},
        }
        for place, b in enumerate(item.boxes)
    ]
    fields: dict[str, Any] = {
        "name": item.image,
        "videoName": item.video,
        "frameIndex": item.frame,
        "labels": labels,
    }
    if item.size is not None:
        fields["size"] = {"width": item.width, "height": item.height}
    return {name: value for name, value in fields.items() if value is not None}
