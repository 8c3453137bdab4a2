"""Pascal VOC: one XML for every picture.

Pixels count from 1 and the box includes its last pixel: xmin = 1 is our x1 = 0, xmax = 4 is
our x2 = 4. Whole pixels are written, because many readers take nothing else; decimals, where
there are any, count from 0.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import BadValueError, at, label_name, number_of, side_of
from framesift.formats.files import picture_size, walk
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage, Size
from framesift.formats.names import clean_name, inside, without_suffix
from framesift.formats.outlines import Corners
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.stated import check_corners, own_name
from framesift.formats.xmlstream import Element, children, escape, root_tag
from framesift.records import Progress

_FOLDER = "Annotations"
_LABEL_MAP = "labelmap.txt"


class Voc(Format):
    name = "voc"
    title = "Pascal VOC"
    capability = Capability(
        numbers=False, whole_pixels=True, clipped=True, class_list=False, file_each=True
    )

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".xml" and root_tag(path) == "annotation"
        root = path / _FOLDER if (path / _FOLDER).is_dir() else path
        first = next((n for n in walk(root) if n.lower().endswith(".xml")), None)
        return first is not None and root_tag(root / first) == "annotation"

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        path = source.path
        if path.is_file():
            return source.finish([_picture(path, "", path.parent, source)])
        root = path / _FOLDER if (path / _FOLDER).is_dir() else path
        names = [n for n in walk(root) if n.lower().endswith(".xml")]
        if not names:
            raise InputError(f"{path} holds no VOC files; give the folder with Annotations/.")
        items: list[LabelledImage | None] = []
        for place, name in enumerate(names):
            with source.file(root / name):
                items.append(_picture(root / name, name.rpartition("/")[0], path, source))
            if source.due():
                yield source.progress(place, len(names), "files")
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        splits: dict[str, list[str]] = {"train": [], "val": []}
        for place, item in enumerate(labels.items):
            stem = without_suffix(str(item.image))
            path = folder / _FOLDER / f"{stem}.xml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_xml(item), encoding="utf-8", newline="\n")
            splits["val" if item.key in options.validation else "train"].append(stem)
            if place % 100 == 0:
                yield Progress(place, len(labels.items), "pictures", stage="writing labels")
        (folder / _LABEL_MAP).write_text(_label_map(labels), encoding="utf-8", newline="\n")
        sets = folder / "ImageSets" / "Main"
        sets.mkdir(parents=True)
        for name, stems in {**splits, "trainval": [*splits["train"], *splits["val"]]}.items():
            if stems:
                (sets / f"{name}.txt").write_text(
                    "".join(f"{s}\n" for s in stems), encoding="utf-8", newline="\n"
                )

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return f"JPEGImages/{item.image}"


def _picture(path: Path, under: str, root: Path, source: Source) -> LabelledImage | None:
    picture = Picture(source)
    stated = ""
    size: Size | None = None
    boxes: list[_Object] = []
    for place, child in enumerate(children(path, "annotation")):
        where = f"element {place + 1} (<{child.tag}>)"
        if child.tag == "object":
            with source.entry(path, where, picture):
                box = _object(child, picture, source)
                boxes += [box] if box is not None else []
            continue
        with at(path, where):
            if child.tag == "filename" and (child.text or "").strip():
                stated = clean_name(child.text or "")
            elif child.tag == "size":
                sides = (side_of(child.findtext("width")), side_of(child.findtext("height")))
                size = (sides[0], sides[1]) if sides[0] and sides[1] else None
    _add(boxes, picture, source)
    image = own_name(path.stem, stated, source.note)
    name = f"{under}/{image}" if under else image
    if size is None:
        found_file = inside(root, f"JPEGImages/{name}") if root.is_dir() else None
        size = (picture_size(found_file) if found_file else None) or source.told_size(name)
    return picture.labelled(image=name, size=size)


@dataclass(frozen=True, slots=True)
class _Object:
    category: str
    corners: Corners
    marks: dict[str, Any]


def _add(objects: list[_Object], picture: Picture, source: Source) -> None:
    """Whole numbers count pixels from 1 and include the last one. Where a picture has
    decimals, its boxes were never rounded to pixels: they are continuous and count from 0."""
    decimals = any(v != int(v) for each in objects for v in each.corners)
    if decimals:
        source.note("VOC positions with decimals count from 0; whole numbers count from 1.")
    shift = 0 if decimals else 1
    for each in objects:
        x1, y1, x2, y2 = each.corners
        picture.add(each.category, x1 - shift, y1 - shift, x2, y2, **each.marks)


def _object(element: Element, picture: Picture, source: Source) -> _Object | None:
    parts = len(element.findall("part"))
    if parts:
        # A part is no object of its own, so the picture is complete without it.
        source.left_out["parts of an object"] += parts
    corners = element.find("bndbox")
    if corners is None or element.find("robndbox") is not None:
        picture.leave_out("objects without an upright box")
        return None
    name = element.findtext("name")
    if name is None:
        raise BadValueError("the object has no name")
    xmin, ymin, xmax, ymax = (
        number_of(corners.findtext(n)) for n in ("xmin", "ymin", "xmax", "ymax")
    )
    check_corners(xmin, ymin, xmax, ymax)
    marks = {
        "ignore": source.mark(element.findtext("difficult"), "difficult"),
        "occluded": source.mark(element.findtext("occluded"), "occluded"),
        "truncated": source.mark(element.findtext("truncated"), "truncated"),
    }
    label_name(name)
    return _Object(name, (xmin, ymin, xmax, ymax), marks)


def _label_map(labels: LabelFile) -> str:
    """The classes as CVAT and Datumaro list them: name, colour, parts, actions."""
    names = dict.fromkeys(_name_out(box) for item in labels.items for box in item.boxes)
    rows = "".join(f"{name}:::\n" for name in names)
    return f"# label:color_rgb:parts:actions\nbackground:0,0,0::\n{rows}"


def _name_out(box: Box) -> str:
    return IGNORE_NAME if box.category == ANY_CLASS else box.category


def _xml(item: LabelledImage) -> str:
    folder, _, name = str(item.image).rpartition("/")
    size = ""
    if item.size is not None:
        size = (
            f"  <size><width>{item.width}</width><height>{item.height}</height>"
            "<depth>3</depth></size>\n"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<annotation>\n'
        f"  <folder>{escape(folder)}</folder>\n  <filename>{escape(name)}</filename>\n"
        f"{size}  <segmented>0</segmented>\n"
        f"{''.join(_object_out(box) for box in item.boxes)}</annotation>\n"
    )


def _object_out(box: Box) -> str:
    return (
        f"  <object>\n    <name>{escape(_name_out(box))}</name>\n    <pose>Unspecified</pose>\n"
        f"    <truncated>{int(box.truncated)}</truncated>\n"
        f"    <occluded>{int(box.occluded)}</occluded>\n"
        f"    <difficult>{int(box.ignore)}</difficult>\n    <bndbox>"
        f"<xmin>{int(box.x1) + 1}</xmin><ymin>{int(box.y1) + 1}</ymin>"
        f"<xmax>{int(box.x2)}</xmax><ymax>{int(box.y2)}</ymax></bndbox>\n  </object>\n"
    )
