"""VGG Image Annotator (VIA) 2: JSON of regions, as exported or within a project, and CSV.

Positions are native pixels from 0; the picture's size is nowhere.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import BadValueError, mapping, number, sequence, text
from framesift.formats.files import text_lines, walk
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage
from framesift.formats.names import clean_name
from framesift.formats.outlines import Corners, around, ellipse
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

_FILE = "via_region_data.json"
_PROJECT = "_via_img_metadata"
_CLASS = ("class", "label", "category", "name", "type", "object", "class_name")
"""The attributes of regions that may hold the class, in this order."""
_MARKS = ("ignore", "occluded", "truncated")
_COLUMNS = {"filename", "region_shape_attributes", "region_attributes"}


def _is_via(path: Path) -> bool:
    if path.suffix.lower() == ".csv":
        try:
            return set(next(text_lines(path), "").lstrip("#").split(",")) >= _COLUMNS
        except InputError:
            return False
    kind, keys = top_keys(path, {_PROJECT, "images", "annotations", "categories", "items"})
    if kind != "object" or not keys:
        return False
    return _PROJECT in keys or _is_entry(path)


def _is_entry(path: Path) -> bool:
    """Whether the file's object maps keys to pictures with regions."""
    try:
        for _, value in JsonFile(path).pairs(""):
            return isinstance(value, dict) and {"filename", "regions"} <= value.keys()
    except InputError:
        return False
    return False


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    names = [n for n in walk(path) if n.lower().endswith((".json", ".csv")) and "/" not in n]
    return [path / n for n in names if _is_via(path / n)]


class Via(Format):
    name = "via"
    title = "VIA"
    capability = Capability(numbers=False, size=None, class_list=False)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() in {".json", ".csv"} and _is_via(path)
        files = sorted([*path.glob("*.json"), *path.glob("*.csv")])[:5]
        return any(_is_via(file) for file in files)

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        files = _files(source.path)
        if not files:
            raise InputError(
                f"{source.path} holds no file of VIA's; give the JSON or CSV itself."
            )
        items: list[LabelledImage | None] = []
        for path in files:
            entries = _rows(path, source) if path.suffix.lower() == ".csv" else _entries(path)
            for place, (name, entry) in enumerate(entries):
                with source.entry(path, name):
                    items.append(_picture(mapping(entry), (path, name), source))
                if source.due():
                    yield source.progress(place, None, "pictures")
        if not items and not source.left_out:
            raise InputError(f"{source.path} lists no picture; give VIA's JSON or CSV.")
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        # VIA's key is the name with the file's size; -1 stands for one that is not known.
        entries = {f"{item.image}-1": _entry_out(item) for item in labels.items}
        content = json.dumps(entries, ensure_ascii=False, indent=1)
        (folder / _FILE).write_text(content, encoding="utf-8", newline="\n")
        yield Progress(len(labels.items), len(labels.items), "pictures", stage="writing labels")


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    file = JsonFile(path)
    _, keys = top_keys(path, {_PROJECT})
    return file.pairs(_PROJECT if _PROJECT in keys else "")


def _rows(path: Path, source: Source) -> Iterator[tuple[str, Any]]:
    """The pictures of a CSV, each put together from its rows."""
    lines = text_lines(path)
    names = next(csv.reader([next(lines, "").lstrip("#")]), [])
    regions_of: dict[str, list[dict[str, Any]]] = {}
    for place, cells in enumerate(csv.reader(lines), 2):
        row = dict(zip(names, cells, strict=False))
        with source.entry(path, f"line {place}"):
            regions = regions_of.setdefault(text(row.get("filename")), [])
            shape, attributes = row.get("region_shape_attributes"), row.get("region_attributes")
            if shape and shape != "{}":
                regions.append(
                    {"shape_attributes": _json(shape), "region_attributes": _json(attributes)}
                )
    return iter(
        [(name, {"filename": name, "regions": each}) for name, each in regions_of.items()]
    )


def _json(value: str | None) -> object:
    try:
        return json.loads(value or "{}")
    except (ValueError, RecursionError):
        raise BadValueError("a cell is no JSON") from None


def _picture(
    entry: dict[str, Any], where: tuple[Path, str], source: Source
) -> LabelledImage | None:
    picture = Picture(source)
    regions = entry.get("regions") or []
    listed = list(regions.values()) if isinstance(regions, dict) else sequence(regions)
    for place, region in enumerate(listed):
        with source.entry(where[0], f"{where[1]}, region {place}", picture):
            _region(mapping(region), picture, source)
    image = clean_name(text(entry.get("filename")))
    return picture.labelled(image=image, size=source.told_size(image))


def _region(region: dict[str, Any], picture: Picture, source: Source) -> None:
    shape = mapping(region.get("shape_attributes"))
    attributes = mapping(region.get("region_attributes") or {})
    category = _class(attributes)
    if category is None:
        picture.leave_out("regions without a class")
        return
    flags: dict[str, Any] = {name: source.mark(attributes.get(name), name) for name in _MARKS}
    kind = text(shape.get("name"))
    if kind == "rect":
        x, y, width, height = (number(shape.get(n)) for n in ("x", "y", "width", "height"))
        picture.add(category, x, y, x + width, y + height, **flags)
    elif kind in {"polygon", "circle", "ellipse"}:
        picture.outline(
            f"shapes of type {kind}", category, lambda: _around(kind, shape), **flags
        )
    else:
        picture.leave_out(f"shapes of type {kind[:40]}")


def _class(attributes: dict[str, Any]) -> str | None:
    """The class among a region's attributes: one that is called so, else the only one."""
    by_name = {str(name).casefold(): value for name, value in attributes.items()}
    others = [name for name in by_name if name not in _MARKS]
    called = next((name for name in _CLASS if by_name.get(name)), None)
    value = by_name.get(called or (others[0] if len(others) == 1 else ""))
    if isinstance(value, dict):
        chosen = [str(name) for name, on in value.items() if on]
        return chosen[0] if len(chosen) == 1 else None
    return value.strip() or None if isinstance(value, str) else None


def _around(kind: str, shape: dict[str, Any]) -> Corners:
    if kind == "polygon":
        xs, ys = (
            [number(v) for v in sequence(shape.get(n))]
            for n in ("all_points_x", "all_points_y")
        )
        if len(xs) != len(ys):
            raise BadValueError("the outline's coordinates are no pairs")
        return around(zip(xs, ys, strict=True))
    x, y = number(shape.get("cx")), number(shape.get("cy"))
    if kind == "circle":
        radius = number(shape.get("r"))
        return ellipse((x, y), radius, radius)
    # VIA turns ellipses by radians.
    degrees = number(shape.get("theta") or 0) * 57.29577951308232
    return ellipse((x, y), number(shape.get("rx")), number(shape.get("ry")), degrees)


def _entry_out(item: LabelledImage) -> dict[str, Any]:
    return {
        "filename": item.image,
        "size": -1,
        "regions": [_region_out(box) for box in item.boxes],
        "file_attributes": {},
    }


def _region_out(box: Box) -> dict[str, Any]:
    name = IGNORE_NAME if box.category == ANY_CLASS else box.category
    return {
        "shape_attributes": {
            "name": "rect",
            "x": box.x1,
            "y": box.y1,
            "width": box.width,
            "height": box.height,
        },
        "region_attributes": {
            "class": name,
            **{mark: "1" for mark in _MARKS if getattr(box, mark)},
        },
    }
