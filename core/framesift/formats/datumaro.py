"""Datumaro's own JSON: annotations/SUBSET.json beside images/SUBSET/.

bbox is x, y, width, height in continuous native pixels from 0; label ids count from 0.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
    at,
    mapping,
    number,
    sequence,
    side,
    text,
    whole,
)
from framesift.formats.files import picture_index, picture_size, walk
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage, Size
from framesift.formats.names import clean_name, without_suffix
from framesift.formats.outlines import (
    Corners,
    around,
    coco_counts,
    ellipse,
    pairs,
    rotated,
    runs,
)
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

_FILE = "annotations/default.json"
_MARKS = {"items", "dm_format_version"}
_IGNORE = ("ignore", "is_crowd", "iscrowd", "difficult")


def _is_datumaro(path: Path) -> bool:
    kind, keys = top_keys(path, {*_MARKS, "images", "annotations"})
    return kind == "object" and not keys.isdisjoint(_MARKS)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    names = [n for n in walk(path) if n.lower().endswith(".json") and n.count("/") <= 1]
    return [path / n for n in names if _is_datumaro(path / n)]


class Datumaro(Format):
    name = "datumaro"
    title = "Datumaro JSON"
    capability = Capability(numbers=False)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".json" and _is_datumaro(path)
        folders = [folder for folder in (path, path / "annotations") if folder.is_dir()]
        return any(
            _is_datumaro(file)
            for folder in folders
            for file in sorted(folder.glob("*.json"))[:5]
        )

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        files = _files(source.path)
        if not files:
            raise InputError(f"{source.path} holds no Datumaro file; give the JSON itself.")
        items: list[LabelledImage | None] = []
        for path in files:
            file = JsonFile(path)
            names = [
                _class(path, source, each) for each in file.items("categories.label.labels")
            ]
            folder = path.parent.parent / "images" / path.stem
            index = picture_index(folder)
            for place, element in enumerate(file.items("items")):
                where = f"items[{place}]"
                with source.entry(path, where):
                    item = _picture(mapping(element), names, (path, where), source)
                    items.append(_sized(item, folder, index, source))
                if source.due():
                    yield source.progress(file.done, file.size)
        if not items and not source.classes and not source.left_out:
            raise InputError(f"{source.path} lists neither classes nor items; give its JSON.")
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        names = [*labels.classes]
        if any(box.category == ANY_CLASS for item in labels.items for box in item.boxes):
            names.append(IGNORE_NAME)
        ids = {**{name: number for number, name in enumerate(names)}, ANY_CLASS: len(names) - 1}
        head = {
            "dm_format_version": "1.0",
            "media_type": 2,
            "infos": {},
            "categories": {
                "label": {
                    "labels": [{"name": n, "parent": "", "attributes": []} for n in names],
                    "attributes": [],
                }
            },
        }
        path = folder / _FILE
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(head, ensure_ascii=False)[:-1] + ',\n"items": [')
            for place, item in enumerate(labels.items):
                file.write(",\n" if place else "\n")
                file.write(json.dumps(_item_out(item, ids), ensure_ascii=False))
            file.write("\n]}\n")
        yield Progress(len(labels.items), len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return f"images/default/{item.image}"


def _class(path: Path, source: Source, element: object) -> str:
    with at(path, "categories"):
        name = text(mapping(element).get("name"))
        source.category(name)
    return name


def _picture(
    element: dict[str, Any], names: list[str], where: tuple[Path, str], source: Source
) -> LabelledImage | None:
    picture = Picture(source)
    media = element.get("image") or element.get("media") or {}
    size = _size(mapping(media).get("size"))
    for place, annotation in enumerate(sequence(element.get("annotations") or [])):
        with source.entry(where[0], f"{where[1]}.annotations[{place}]", picture):
            _annotation(mapping(annotation), names, picture, source)
    path = mapping(media).get("path")
    return picture.labelled(image=clean_name(text(path or element.get("id"))), size=size)


def _sized(
    item: LabelledImage | None, folder: Path, index: dict[str, str], source: Source
) -> LabelledImage | None:
    if item is None or item.size is not None or item.image is None:
        return item
    beside = index.get(without_suffix(item.image))
    size = (picture_size(folder / beside) if beside else None) or source.told_size(item.image)
    return item if size is None else item.sized(size)


def _size(value: object) -> Size | None:
    """Datumaro writes height and width."""
    if not isinstance(value, list) or len(value) < 2:
        return None
    height, width = side(value[0]), side(value[1])
    return (width, height) if width and height else None


def _annotation(
    element: dict[str, Any], names: list[str], picture: Picture, source: Source
) -> None:
    kind = text(element.get("type"))
    if kind in {"label", "caption"}:
        return
    extra = element.get("attributes")
    attributes = extra if isinstance(extra, dict) else {}
    marks = {
        name: source.mark(attributes.get(name), name)
        for name in (*_IGNORE, "occluded", "truncated")
    }
    flags: dict[str, Any] = {
        "ignore": any(marks[name] for name in _IGNORE),
        "occluded": marks["occluded"],
        "truncated": marks["truncated"],
    }
    if element.get("label_id") is None:
        picture.leave_out("shapes without a class")
        return
    number_ = whole(element["label_id"])
    if number_ >= len(names):
        raise BadValueError(
            f"the label {number_} is not among the {len(names)}",
            f"a label beyond the {len(names)} there are",
        )
    rotation = number(attributes.get("rotation") or 0) % 360
    if kind == "bbox" and not rotation:
        picture.add(names[number_], *_corners(element), **flags)
    elif kind in {"bbox", "polygon", "ellipse", "mask", "rotated_bbox"}:
        reason = "rotated boxes" if kind.endswith("bbox") else f"shapes of type {kind}"
        picture.outline(
            reason, names[number_], lambda: _around(element, kind, rotation), **flags
        )
    else:
        picture.leave_out(f"shapes of type {kind[:40]}")


def _corners(element: dict[str, Any]) -> Corners:
    values = sequence(element.get("bbox"))
    if len(values) != 4:
        raise BadValueError("the bbox has not four numbers")
    x, y, width, height = (number(v) for v in values)
    return x, y, x + width, y + height


def _around(element: dict[str, Any], kind: str, rotation: float) -> Corners:
    if kind == "bbox":
        x1, y1, x2, y2 = _corners(element)
        return rotated((x1, y1, x2, y2), rotation, ((x1 + x2) / 2, (y1 + y2) / 2))
    if kind == "mask":
        code = mapping(element.get("rle"))
        size = sequence(code.get("size"))
        counts = code.get("counts")
        listed = (
            coco_counts(counts) if isinstance(counts, str) else map(whole, sequence(counts))
        )
        return runs(list(listed), (whole(size[0]), whole(size[1])))
    points = [number(v) for v in sequence(element.get("points") or element.get("bbox"))]
    if kind == "rotated_bbox":
        x, y, width, height, degrees = points
        corners = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        return rotated(corners, degrees, (x, y))
    if kind == "ellipse":
        x1, y1, x2, y2 = around(pairs(points))
        return ellipse(((x1 + x2) / 2, (y1 + y2) / 2), (x2 - x1) / 2, (y2 - y1) / 2)
    return around(pairs(points))


def _item_out(item: LabelledImage, ids: dict[str, int]) -> dict[str, Any]:
    image: dict[str, Any] = {"path": item.image}
    if item.size is not None:
        image["size"] = [item.height, item.width]
    return {
        "id": without_suffix(str(item.image)),
        "annotations": [_box_out(place, box, ids) for place, box in enumerate(item.boxes)],
        "attr": {},
        "image": image,
    }


def _box_out(place: int, box: Box, ids: dict[str, int]) -> dict[str, Any]:
    marks = ("ignore", "occluded", "truncated")
    return {
        "id": place,
        "type": "bbox",
        "attributes": {name: True for name in marks if getattr(box, name)},
        "group": 0,
        "label_id": ids[box.category],
        "z_order": 0,
        "bbox": [box.x1, box.y1, box.width, box.height],
    }
