"""Pascal VOC: one XML for every picture.

Pixels count from 1 and the box includes its last pixel: xmin = 1 is our x1 = 0, xmax = 4 is
our x2 = 4. Whole pixels are written, because many readers take nothing else.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path, PurePosixPath

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import BadValueError, at, flag, number_of, side_of
from framesift.formats.files import picture_size, walk
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage, Size
from framesift.formats.names import clean_name, inside, without_suffix
from framesift.formats.source import Picture, Source
from framesift.formats.xmlstream import Element, children, escape, root_tag
from framesift.records import Progress

_FOLDER = "Annotations"


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
    image = PurePosixPath(path.stem).as_posix()
    size: Size | None = None
    for place, child in enumerate(children(path, "annotation")):
        with at(path, f"element {place + 1} (<{child.tag}>)"):
            if child.tag == "filename" and (child.text or "").strip():
                image = clean_name(child.text or "").rpartition("/")[2]
            elif child.tag == "size":
                sides = (side_of(child.findtext("width")), side_of(child.findtext("height")))
                size = (sides[0], sides[1]) if sides[0] and sides[1] else None
            elif child.tag == "object":
                _object(child, picture, source)
    name = f"{under}/{image}" if under else image
    if size is None:
        found = inside(root, f"JPEGImages/{name}") if root.is_dir() else None
        size = (picture_size(found) if found else None) or source.told_size(name)
    return picture.labelled(image=name, size=size)


def _object(element: Element, picture: Picture, source: Source) -> None:
    parts = len(element.findall("part"))
    if parts:
        # A part is no object of its own, so the picture is complete without it.
        source.left_out["parts of an object"] += parts
    corners = element.find("bndbox")
    if corners is None or element.find("robndbox") is not None:
        picture.leave_out("objects without an upright box")
        return
    name = element.findtext("name")
    if name is None:
        raise BadValueError("the object has no name")
    xmin, ymin, xmax, ymax = (
        number_of(corners.findtext(n)) for n in ("xmin", "ymin", "xmax", "ymax")
    )
    if xmax < xmin or ymax < ymin:
        raise BadValueError("the box has a negative width or height")
    picture.add(
        name,
        xmin - 1,
        ymin - 1,
        xmax,
        ymax,
        ignore=flag(element.findtext("difficult")),
        occluded=flag(element.findtext("occluded")),
        truncated=flag(element.findtext("truncated")),
    )


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
    name = IGNORE_NAME if box.category == ANY_CLASS else box.category
    return (
        f"  <object>\n    <name>{escape(name)}</name>\n    <pose>Unspecified</pose>\n"
        f"    <truncated>{int(box.truncated)}</truncated>\n"
        f"    <occluded>{int(box.occluded)}</occluded>\n"
        f"    <difficult>{int(box.ignore)}</difficult>\n    <bndbox>"
        f"<xmin>{int(box.x1) + 1}</xmin><ymin>{int(box.y1) + 1}</ymin>"
        f"<xmax>{int(box.x2)}</xmax><ymax>{int(box.y2)}</ymax></bndbox>\n  </object>\n"
    )
