"""CVAT for video: tracks of shapes, with keyframes and frames where the object is outside."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import BadValueError, at, flag, whole, whole_of
from framesift.formats.cvat import (
    ROOT,
    SHAPES,
    Head,
    Task,
    Values,
    add_box,
    kind_of,
    origin_in,
    read_head,
    read_shape,
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
)
from framesift.formats.model import LabelFile, LabelledImage
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.xmlstream import Element, children, root_tag
from framesift.records import Progress

MOST_INTERPOLATED = 500_000
"""Boxes of one file: an hour of video at 30 frames a second with four or five tracks all along
it, and some hundreds of MB of memory."""


@dataclass(slots=True)
class _Shape:
    frame: int
    absent: bool
    values: Values | None
    """None for what is no upright box."""
    kind: str


class CvatVideo(Format):
    name = "cvat-video"
    title = "CVAT for video"
    capability = Capability(
        stills=False,
        names=False,
        size="video",
        nothing=False,
        tracks="several",
        origins=True,
    )

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
                    with source.entry(path, f"track {child.get('id') or place}"):
                        task = head.of(child)
                        if task.size:
                            sizes[task.video] = task.size
                        room -= _track(child, task, (path, place), room, pictures, source)
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
        groups: dict[str | None, list[LabelledImage]] = {video: [] for video in options.bare}
        groups |= by_video(labels.items)
        for video, name in file_names(groups or [None], options.short).items():
            items = sorted(groups.get(video, []), key=lambda item: item.frame or 0)
            length = options.frames.get(video or "")
            with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
                file.write(
                    '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n'
                    "<version>1.1</version>\n"
                )
                file.write(head_out(labels, items, video, "interpolation", options.frames))
                for number, boxes in _tracks(items):
                    file.write(_track_out(number, boxes, length))
                file.write("</annotations>\n")
            yield Progress(len(items), len(labels.items), "pictures", stage="writing labels")

    def picture_path(self, item: LabelledImage, options: WriteOptions) -> str:
        return frame_path(item, options)


def _track(
    track: Element,
    task: Task,
    place: tuple[Path, int],
    room: int,
    pictures: dict[tuple[str | None, int], Picture],
    source: Source,
) -> int:
    """Adds the boxes of one track to its pictures; returns how many they are. BadValueError
    before anything is added."""
    label = track.get("label")
    shapes = sorted(
        (_shape(e, task.offset, source.outlines) for e in track if e.tag in SHAPES),
        key=lambda s: s.frame,
    )
    spans = [_span(shapes, place, task) for place in range(len(shapes))]
    made = sum(map(len, spans))
    if made > room:
        raise BadValueError(
            f"its keyframes stand for more than {MOST_INTERPOLATED} boxes",
            "tracks over more frames than can be read",
        )
    # A track of one box is how CVAT holds a box of one frame.
    name = track.get("id") or "track"
    number = source.track(task.video, name, place) if made > 1 else None
    for at_shape, (shape, span) in enumerate(zip(shapes, spans, strict=True)):
        if shape.values is None and not shape.absent:
            source.left_out[shape.kind] += 1
        until = shapes[at_shape + 1] if at_shape + 1 < len(shapes) else None
        for frame in span:
            key = task.video, frame
            if key not in pictures:
                pictures[key] = Picture(source)
            *corners, marks = _between(shape, until, frame)
            x1, y1, x2, y2 = corners
            add_box(pictures[key], label, (x1, y1, x2, y2, {**marks, "track": number}))
    return made


def _span(shapes: list[_Shape], place: int, task: Task) -> range:
    """The frames that a keyframe stands for, itself the first: those up to the next keyframe,
    or of the last one up to the task's end, on the grid of the task's frame step."""
    shape = shapes[place]
    if shape.absent or shape.values is None:
        return range(0)
    last = place + 1 == len(shapes)
    if not last and shapes[place + 1].values is None:
        return range(shape.frame, shape.frame + 1)
    if last:
        end = shape.frame + 1 if task.stop is None else max(task.stop, shape.frame) + 1
    else:
        end = max(shapes[place + 1].frame, shape.frame + 1)
    # A frame filter leaves out frames; only those on its grid are in the task.
    step = task.step if (end - (1 if last else 0) - shape.frame) % task.step == 0 else 1
    return range(shape.frame, end, step)


def _shape(element: Element, offset: int, outlines: bool) -> _Shape:
    frame, absent = whole_of(element.get("frame")), flag(element.get("outside"))
    values = read_shape(element, outlines)
    if values is not None:
        values[4]["origin"] = origin_in(element)
    return _Shape(whole(frame - offset), absent, values, kind_of(element))


def _between(first: _Shape, second: _Shape | None, frame: int) -> Values:
    """The box in between two keyframes: corners linear in time, marks as in the first."""
    assert first.values is not None
    if frame == first.frame:
        return first.values
    marks = {**first.values[4], "origin": "interpolated"}
    if second is None or second.values is None:
        return *first.values[:4], marks
    share = (frame - first.frame) / (second.frame - first.frame)
    x1, y1, x2, y2 = (
        a + (b - a) * share for a, b in zip(first.values[:4], second.values[:4], strict=True)
    )
    return x1, y1, x2, y2, marks


def _tracks(items: list[LabelledImage]) -> Iterator[tuple[int, list[tuple[int, Box]]]]:
    """(number, (frame, box) by frame) of every track; a box of none is one of its own."""
    tracks: dict[int, list[tuple[int, Box]]] = {}
    alone: list[tuple[int, Box]] = []
    for item in items:
        for box in item.boxes:
            entry = item.frame or 0, box
            (alone if box.track is None else tracks.setdefault(box.track, [])).append(entry)
    yield from tracks.items()
    free = max(tracks, default=-1) + 1
    yield from ((free + n, [entry]) for n, entry in enumerate(alone))


def _track_out(number: int, boxes: list[tuple[int, Box]], length: int | None) -> str:
    """A track. Without the shape "outside" after a box CVAT would draw it on to the next one,
    or to the end of the video; beyond the last frame CVAT refuses one."""
    label = attribute(name_out(boxes[0][1]))
    return (
        f'  <track id="{number}" label={label} source="manual">\n'
        + "".join(_shapes_out(boxes, length))
        + "  </track>\n"
    )


def _shapes_out(boxes: list[tuple[int, Box]], length: int | None) -> Iterator[str]:
    def shape(frame: int, box: Box, absent: bool) -> str:
        key = absent or box.origin != "interpolated"
        return (
            f'    <box frame="{frame}" keyframe="{int(key)}" outside="{int(absent)}" '
            f'occluded="{int(box.occluded)}" {coordinates(box)}>\n'
            f"{attributes_out(box, '      ')}    </box>\n"
        )

    for place, (frame, box) in enumerate(boxes):
        yield shape(frame, box, False)
        goes_on = place + 1 < len(boxes) and boxes[place + 1][0] == frame + 1
        if not goes_on and (length is None or frame + 1 < length):
            yield shape(frame + 1, box, True)
