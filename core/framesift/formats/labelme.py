"""labelme's JSON, which X-AnyLabeling writes too: one file for every picture.

Points are continuous native pixels from 0; a rectangle's corners come in any order.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import BadValueError, at, mapping, number, sequence, side, text
from framesift.formats.files import picture_index, picture_size, walk
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage
from framesift.formats.names import clean_name, without_suffix
from framesift.formats.outlines import Corners, around, ellipse
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.stated import own_name
from framesift.records import Progress

_MARKS = ("ignore", "occluded", "truncated")
_SHAPES = {"shapes", "imagePath"}


def _is_labelme(path: Path) -> bool:
    kind, keys = top_keys(path, {*_SHAPES, "images", "annotations", "categories", "items"})
    return kind == "object" and not keys.isdisjoint(_SHAPES)


class Labelme(Format):
    name = "labelme"
    title = "labelme JSON"
    capability = Capability(numbers=False, class_list=False, file_each=True)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".json" and _is_labelme(path)
        names = (n for n in walk(path) if n.lower().endswith(".json"))
        return any(_is_labelme(path / name) for name, _ in zip(names, range(3), strict=False))

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        path = source.path
        if path.is_file():
            return source.finish([_picture(path, path.parent, source)])
        names = [n for n in walk(path) if n.lower().endswith(".json")]
        if not names:
            raise InputError(
                f"{path} holds no JSON files; give the folder with labelme's files."
            )
        items: list[LabelledImage | None] = []
        for place, name in enumerate(names):
            with source.file(path / name):
                items.append(_picture(path / name, path, source))
            if source.due():
                yield source.progress(place, len(names), "files")
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        for place, item in enumerate(labels.items):
            path = folder / f"{without_suffix(str(item.image))}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            content = json.dumps(_picture_out(item), ensure_ascii=False, indent=1)
            path.write_text(content, encoding="utf-8", newline="\n")
            if place % 100 == 0:
                yield Progress(place, len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return str(item.image)


def _picture(path: Path, root: Path, source: Source) -> LabelledImage | None:
    document = JsonFile(path).document(leave_out={"imageData"})
    if "shapes" not in document:
        raise InputError(f"{path} has no shapes; it is no file of labelme's.")
    picture = Picture(source)
    with at(path, "shapes"):
        shapes = sequence(document["shapes"])
    for place, shape in enumerate(shapes):
        with source.entry(path, f"shape {place}", picture):
            _shape(mapping(shape), picture, source)
    with at(path, "imagePath"):
        stated = document.get("imagePath")
        name = own_name(
            path.stem, "" if stated is None else clean_name(text(stated)), source.note
        )
    under = path.parent.relative_to(root).as_posix()
    image = name if under == "." else f"{under}/{name}"
    with at(path, "the picture's size"):
        size = side(document.get("imageWidth")), side(document.get("imageHeight"))
    beside = None if all(size) else picture_index(path.parent).get(path.stem)
    measured = picture_size(path.parent / beside) if beside else None
    whole = (size[0], size[1]) if size[0] and size[1] else measured or source.told_size(image)
    return picture.labelled(image=image, size=whole)


def _shape(shape: dict[str, Any], picture: Picture, source: Source) -> None:
    kind = text(shape.get("shape_type") or "polygon")
    attributes = {**_dict(shape.get("attributes")), **_dict(shape.get("flags"))}
    if "difficult" in shape:
        attributes["difficult"] = shape["difficult"]
    marks = {name: source.mark(attributes.get(name), name) for name in (*_MARKS, "difficult")}
    flags: dict[str, Any] = {name: marks[name] for name in _MARKS}
    flags["ignore"] = flags["ignore"] or marks["difficult"]
    points = [
        (number(sequence(p)[0]), number(sequence(p)[1]))
        for p in sequence(shape.get("points"))
        if len(sequence(p)) == 2
    ]
    if kind == "rectangle" and len(points) in {2, 4}:
        picture.add(shape.get("label"), *around(points), **flags)
    elif kind in {"polygon", "rotation", "circle", "mask"}:
        reason = "rotated boxes" if kind == "rotation" else f"shapes of type {kind}"
        picture.outline(reason, shape.get("label"), lambda: _around(kind, points), **flags)
    else:
        picture.leave_out(f"shapes of type {kind[:40]}")


def _around(kind: str, points: list[tuple[float, float]]) -> Corners:
    if kind != "circle":
        # A mask's two points are the corners of the box around it.
        return around(points)
    if len(points) != 2:
        raise BadValueError("the circle has not two points")
    (x, y), (on_x, on_y) = points
    radius = ((on_x - x) ** 2 + (on_y - y) ** 2) ** 0.5
    return ellipse((x, y), radius, radius)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _picture_out(item: LabelledImage) -> dict[str, Any]:
    return {
        "version": "5.0.0",
        "flags": {},
        "shapes": [_shape_out(box) for box in item.boxes],
        "imagePath": str(item.image).rpartition("/")[2],
        "imageData": None,
        "imageHeight": item.height,
        "imageWidth": item.width,
    }


def _shape_out(box: Box) -> dict[str, Any]:
    return {
        "label": IGNORE_NAME if box.category == ANY_CLASS else box.category,
        "points": [[box.x1, box.y1], [box.x2, box.y2]],
        "group_id": None,
        "shape_type": "rectangle",
        "flags": {name: True for name in _MARKS if getattr(box, name)},
    }
