"""BDD100K (Scalabel) JSON: a list of frames, or an object with that list as `frames`.

box2d is in native pixels counted from 0 and includes its last pixel: x2 covers [x2, x2 + 1).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

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

_FILE = "labels.json"
_MARKS = {"labels", "videoName", "video_name", "frameIndex", "frames"}


def _section(path: Path) -> str | None:
    """Where the list of frames is: "frames", "" for the file itself, None for neither."""
    kind, keys = top_keys(path, _MARKS | {"annotations", "images", "data"})
    if kind == "object" and "frames" in keys:
        return "frames"
    # An image's own file of the first release has "frames" too, and no list around it.
    if kind == "list" and "name" in keys and not keys.isdisjoint(_MARKS):
        return ""
    return None


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
            for place, element in enumerate(file.items(section)):
                with at(path, f"frame {place} of the list"):
                    items.append(_frame(mapping(element), source))
                if source.due():
                    yield source.progress(file.done, file.size)
        return source.finish(items)

    def _files(self, path: Path) -> list[Path]:
        if path.is_file():
            return [path]
        files = [path / n for n in walk(path) if n.lower().endswith(".json") and "/" not in n]
        found = [file for file in files if _section(file) is not None]
        if not found:
            raise InputError(f"{path} holds no BDD100K file; give the JSON itself.")
        return found

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


def _frame(element: dict[str, Any], source: Source) -> LabelledImage | None:
    picture = Picture(source)
    labels = element.get("labels")
    if labels is None:
        source.left_out["pictures without a list of labels"] += 1
        return None
    for place, label in enumerate(sequence(labels)):
        try:
            _label(mapping(label), picture)
        except BadValueError as fault:
            raise BadValueError(f"label {place}: {fault}") from fault
    video = element.get("videoName", element.get("video_name"))
    frame = element.get("frameIndex", element.get("frame_index"))
    size = element.get("size")
    width = height = None
    if size is not None:
        width, height = (side(mapping(size).get(name)) for name in ("width", "height"))
    name = element.get("name")
    if name is None and frame is None:
        raise BadValueError("the frame has neither a name nor an index")
    return picture.labelled(
        video=None if video in (None, "") else label_name(video),
        frame=None if frame is None else whole(frame),
        image=None if name is None else clean_name(text(name)),
        size=(width, height) if width and height else None,
    )


def _label(label: dict[str, Any], picture: Picture) -> None:
    box = label.get("box2d")
    if box is None:
        kinds = [name for name in ("poly2d", "rle", "box3d", "graph") if label.get(name)]
        picture.leave_out("labels without a box" + (f" ({kinds[0]})" if kinds else ""))
        return
    corners = mapping(box)
    x1, y1, x2, y2 = (number(corners.get(name)) for name in ("x1", "y1", "x2", "y2"))
    if "category" not in label:
        raise BadValueError(f"the label {shown(label.get('id'))} has no category")
    extra = label.get("attributes")
    marks = extra if isinstance(extra, dict) else {}
    picture.add(
        label["category"],
        x1,
        y1,
        x2 + 1,
        y2 + 1,
        ignore=any(flag(marks.get(n)) for n in ("crowd", "Crowd", "ignore", "ignored")),
        occluded=flag(marks.get("occluded", marks.get("Occluded"))),
        truncated=flag(marks.get("truncated", marks.get("Truncated"))),
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
