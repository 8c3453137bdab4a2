"""CVAT for video: tracks of shapes, with keyframes and frames where the object is outside."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import BadValueError, at, flag, whole_of
from framesift.formats.cvat import (
    ROOT,
    Head,
    Values,
    add_box,
    attribute,
    attributes_out,
    by_video,
    coordinates,
    file_names,
    frame_path,
    head_out,
    name_out,
    read_box,
    read_head,
    xml_files,
)
from framesift.formats.model import LabelFile, LabelledImage
from framesift.formats.source import Picture, Source
from framesift.formats.xmlstream import Element, children, root_tag
from framesift.records import Progress

MOST_INTERPOLATED = 5_000_000
_SHAPES = {"box", "polygon", "polyline", "points", "cuboid", "ellipse", "mask", "skeleton"}


@dataclass(slots=True)
class _Shape:
    frame: int
    outside: bool
    values: Values | None
    """None for what is no upright box."""
    kind: str


class CvatVideo(Format):
    name = "cvat-video"
    title = "CVAT for video"
    capability = Capability(stills=False, names=False, size="video", nothing=False)

    def recognises(self, path: Path) -> bool:
        if path.is_file() and (path.suffix.lower() != ".xml" or root_tag(path) != ROOT):
            return False
        tags = (c.tag for file in xml_files(path)[:1] for c in children(file, ROOT))
        return next((tag for tag in tags if tag in {"track", "image"}), "") == "track"

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        files = xml_files(source.path)
        if not files:
            raise InputError(f"{source.path} holds no CVAT file; give the XML itself.")
        pictures: dict[tuple[str | None, int], Picture] = {}
        sizes: dict[str | None, tuple[int, int]] = {}
        room = MOST_INTERPOLATED
        for path in files:
            head = Head()
            for place, child in enumerate(children(path, ROOT)):
                if child.tag == "meta":
                    with at(path, "meta"):
                        head = read_head(child, source)
                elif child.tag == "track":
                    with at(path, f"track {child.get('id') or place}"):
                        video = head.tasks.get(child.get("task_id") or "") or head.video
                        if head.size:
                            sizes[video] = head.size
                        room -= _track(child, head, video, room, pictures, source)
                elif child.tag == "image":
                    raise InputError(f"{path} holds single images; read it as cvat-images.")
                if source.due():
                    yield source.progress(len(pictures), None, "pictures")
        items = [
            picture.labelled(video=video, frame=frame, size=sizes.get(video))
            for (video, frame), picture in sorted(
                pictures.items(), key=lambda entry: (entry[0][0] or "", entry[0][1])
            )
            if picture.boxes
        ]
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        groups = by_video(labels.items)
        for video, name in file_names(groups or [None], options.short).items():
            items = sorted(groups.get(video, []), key=lambda item: item.frame or 0)
            length = options.frames.get(video or "")
            with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
                file.write(
                    '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n'
                    "<version>1.1</version>\n"
                )
                file.write(head_out(labels, items, video, "interpolation", options.frames))
                number = 0
                for item in items:
                    for box in item.boxes:
                        file.write(_track_out(number, item.frame or 0, box, length))
                        number += 1
                file.write("</annotations>\n")
            yield Progress(len(items), len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return frame_path(item, options)


def _track(
    track: Element,
    head: Head,
    video: str | None,
    room: int,
    pictures: dict[tuple[str | None, int], Picture],
    source: Source,
) -> int:
    """Adds the boxes of one track to its pictures; returns how many were interpolated."""
    label = track.get("label")
    shapes = sorted((_shape(e) for e in track if e.tag in _SHAPES), key=lambda s: s.frame)
    made = 0

    def put(frame: int, values: Values) -> None:
        key = video, frame
        if key not in pictures:
            pictures[key] = Picture(source)
        add_box(pictures[key], label, values)

    for place, shape in enumerate(shapes):
        if shape.outside:
            continue
        if shape.values is None:
            source.left_out[shape.kind] += 1
            continue
        put(shape.frame, shape.values)
        last = place + 1 == len(shapes)
        until = shape if last else shapes[place + 1]
        if until.values is None:
            continue
        end = (head.stop + 1 if head.stop is not None else 0) if last else until.frame
        # A frame filter leaves out frames; only those on its grid are in the task.
        step = head.step if (end - (1 if last else 0) - shape.frame) % head.step == 0 else 1
        between = range(shape.frame + step, end, step)
        made += len(between)
        if made > room:
            raise BadValueError(f"its keyframes stand for more than {MOST_INTERPOLATED} boxes")
        for frame in between:
            put(frame, _between(shape, until, frame) if not last else shape.values)
    return made


def _shape(element: Element) -> _Shape:
    frame, outside = whole_of(element.get("frame")), flag(element.get("outside"))
    if element.tag != "box":
        return _Shape(frame, outside, None, f"shapes of type {element.tag}")
    return _Shape(frame, outside, read_box(element), "rotated boxes")


def _between(first: _Shape, second: _Shape, frame: int) -> Values:
    """The box in between two keyframes: corners linear in time, marks as in the first."""
    assert first.values is not None
    assert second.values is not None
    share = (frame - first.frame) / (second.frame - first.frame)
    x1, y1, x2, y2 = (
        a + (b - a) * share for a, b in zip(first.values[:4], second.values[:4], strict=True)
    )
    return x1, y1, x2, y2, first.values[4]


def _track_out(number: int, frame: int, box: Box, length: int | None) -> str:
    """A track of one frame. Without the shape "outside" after it CVAT would keep the box until
    the end of the video; beyond the last frame CVAT refuses one."""

    def shape(at_frame: int, outside: bool) -> str:
        return (
            f'    <box frame="{at_frame}" keyframe="1" outside="{int(outside)}" '
            f'occluded="{int(box.occluded)}" {coordinates(box)}>\n'
            f"{attributes_out(box, '      ')}    </box>\n"
        )

    after = shape(frame + 1, True) if length is None or frame + 1 < length else ""
    return (
        f'  <track id="{number}" label={attribute(name_out(box))} source="manual">\n'
        f"{shape(frame, False)}{after}  </track>\n"
    )
