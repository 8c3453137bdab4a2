"""CVAT for images: <image> elements with their shapes."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path

from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import at, flag, side_of, whole, whole_of
from framesift.formats.cvat import (
    ROOT,
    SHAPES,
    Head,
    add_box,
    kind_of,
    read_head,
    read_shape,
    spots,
    stated,
    xml_files,
)
from framesift.formats.cvat_writing import (
    attribute,
    attributes_out,
    by_video,
    coordinates,
    file_names,
    frame_path,
    head_out,
    name_out,
    weak_out,
)
from framesift.formats.model import LabelFile, LabelledImage
from framesift.formats.names import clean_name
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.xmlstream import Element, children, root_tag
from framesift.records import Progress

# How CVAT names the frames of a video; pictures that were uploaded keep their file ending.
_FRAME = re.compile(r"frame_(\d{6,})", re.ASCII)


class CvatImages(Format):
    name = "cvat-images"
    title = "CVAT for images"
    capability = Capability(names=False, points=True, tags=True)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".xml" and root_tag(path) == ROOT
        return bool(xml_files(path))

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        files = xml_files(source.path)
        if not files:
            raise InputError(f"{source.path} holds no CVAT file; give the XML itself.")
        items: list[LabelledImage | None] = []
        for path in files:
            head = Head()
            for child in children(path, ROOT):
                if child.tag == "meta":
                    with at(path, "meta"):
                        head = read_head(child, source)
                elif child.tag == "image":
                    with source.entry(path, f"image {child.get('name') or child.get('id')}"):
                        items.append(_image(child, head, path, source))
                elif child.tag == "track":
                    raise InputError(f"{path} holds tracks; read it as cvat-video.")
                if source.due():
                    yield source.progress(len(items), None, "pictures")
        empty = sum(item is not None and not (item.boxes or item.weak) for item in items)
        if empty:
            source.note(
                f"CVAT lists every picture of a task: {empty} without a shape count as "
                "“nothing there”, so import finished tasks only."
            )
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        groups = by_video(labels.items)
        names = file_names(groups or [None], options.short)
        for video, name in names.items():
            items = groups.get(video, [])
            with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
                file.write(
                    '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n'
                    "<version>1.1</version>\n"
                )
                file.write(head_out(labels, items, video, "annotation", options.frames))
                for place, item in enumerate(items):
                    file.write(_image_out(item, place))
                file.write("</annotations>\n")
            yield Progress(len(items), len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        if item.frame is None:
            return f"images/{item.image}"
        return frame_path(item, options)


def _image(element: Element, head: Head, path: Path, source: Source) -> LabelledImage | None:
    picture = Picture(source)
    name = clean_name(element.get("name") or "")
    for place, shape in enumerate(element):
        with source.entry(path, f"image {name}, shape {place}", picture):
            _shape(shape, picture, source)
    sides = side_of(element.get("width")), side_of(element.get("height"))
    size = (sides[0], sides[1]) if sides[0] and sides[1] else None
    task = head.of(element)
    match = _FRAME.fullmatch(name)
    if match:
        frame = whole_of(match[1]) - task.offset
        return picture.labelled(video=task.video, frame=whole(frame), size=size)
    subset = (element.get("subset") or "").strip()
    # Different pictures of a project's subsets may have one name; they lie in images/SUBSET/.
    if subset and subset.casefold() != "default":
        name = clean_name(f"{subset}/{name}")
    return picture.labelled(image=name, size=size)


def _shape(shape: Element, picture: Picture, source: Source) -> None:
    if shape.tag == "tag":
        picture.tag(shape.get("label"), shown=stated(shape, "shown", True))
    elif shape.tag == "points" and len(places := spots(shape)) == 1:
        [(x, y)] = places
        picture.point(shape.get("label"), x, y, every=stated(shape, "every", False))
    elif shape.tag in SHAPES and not flag(shape.get("outside")):
        values = read_shape(shape, source.outlines)
        if values is None:
            picture.leave_out(kind_of(shape))
        else:
            add_box(picture, shape.get("label"), values)


def _image_out(item: LabelledImage, place: int) -> str:
    name = item.image if item.frame is None else f"frame_{item.frame:06d}"
    number = place if item.frame is None else item.frame
    size = "" if item.size is None else f' width="{item.width}" height="{item.height}"'
    boxes = "".join(
        f'    <box label={attribute(name_out(box))} source="manual" '
        f'occluded="{int(box.occluded)}" {coordinates(box)}>\n'
        f"{attributes_out(box, '      ')}    </box>\n"
        for box in item.boxes
    )
    boxes += "".join(weak_out(item))
    return f'  <image id="{number}" name={attribute(str(name))}{size}>\n{boxes}  </image>\n'
