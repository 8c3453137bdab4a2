"""What CVAT's two XML forms share: the file's head, and boxes with their attributes.

Coordinates are continuous native pixels from 0; frame numbers are those of the video, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from framesift.boxes import Origin
from framesift.formats.checks import flag, label_name, number_of, side_of, whole_of
from framesift.formats.files import walk
from framesift.formats.model import (
    Size,
    VideoFacts,
)
from framesift.formats.outlines import Corners, around, ellipse, pairs, rotated, runs
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.stated import check_corners, origin_of
from framesift.formats.xmlstream import Element, root_tag

ROOT = "annotations"
SHAPES = {"box", "polygon", "polyline", "points", "cuboid", "ellipse", "mask", "skeleton"}
_IGNORE = {"ignore", "ignored", "is_crowd", "iscrowd", "crowd", "difficult"}


@dataclass(slots=True)
class Task:
    """What <meta> says of a task: its video's name, its title, the size of its frames, which
    frames of the video it shows, and at which number they begin in an export of the project."""

    video: str | None = None
    title: str | None = None
    size: Size | None = None
    start: int = 0
    stop: int | None = None
    step: int = 1
    count: int | None = None
    offset: int = 0
    subset: str = ""


@dataclass(slots=True)
class Head:
    """The <meta> of a file: its task, or the tasks of its project by their ids."""

    task: Task = field(default_factory=Task)
    tasks: dict[str, Task] = field(default_factory=dict)

    def of(self, element: Element) -> Task:
        """The task that an image or track belongs to."""
        return self.tasks.get(element.get("task_id") or "", self.task)


def xml_files(path: Path) -> list[Path]:
    """The CVAT files among the XML files of a folder and of its subfolders."""
    if path.is_file():
        return [path]
    names = [n for n in walk(path) if n.lower().endswith(".xml") and n.count("/") <= 1]
    return [path / n for n in names if root_tag(path / n) == ROOT]


def read_head(meta: Element, source: Source) -> Head:
    head = Head()
    for label in meta.iter("label"):
        name = label.findtext("name")
        if name and name.strip():
            source.category(name)
    task = next(
        (element for kind in ("task", "job") if (element := meta.find(kind)) is not None), None
    )
    if task is not None:
        head.task = _task(task)
    outer = meta.findtext("source")
    if outer and outer.strip():
        head.task.video = label_name(outer)
    for each in meta.iterfind("project/tasks/task"):
        head.tasks[(each.findtext("id") or "").strip()] = _task(each)
    _count_on(head.tasks.values())
    for told in (head.task, *head.tasks.values()):
        if told.video and told.title and told.title != told.video:
            source.videos[told.video] = VideoFacts(title=told.title)
    return head


def _task(element: Element) -> Task:
    task = Task()
    named = (element.findtext("source") or "").strip()
    title = (element.findtext("name") or "").strip()
    task.title = label_name(title) if title else None
    task.video = label_name(named) if named else None
    task.subset = (element.findtext("subset") or "").strip()
    sides = [side_of(element.findtext(f"original_size/{n}")) for n in ("width", "height")]
    if sides[0] and sides[1]:
        task.size = sides[0], sides[1]
    task.start = whole_of(element.findtext("start_frame") or "0")
    stop, count = element.findtext("stop_frame"), element.findtext("size")
    task.stop = whole_of(stop) if stop and stop.strip() else None
    task.count = whole_of(count) if count and count.strip() else None
    step = (element.findtext("frame_filter") or "").replace(" ", "")
    if step.startswith("step="):
        task.step = whole_of(step.removeprefix("step="), 1)
    return task


def _count_on(tasks: Iterable[Task]) -> None:
    """In an export of a project CVAT counts the frames of each task on from those of the tasks
    before it, anew for each subset; and a project's task without a source has its title's."""
    offset, subset = 0, None
    for task in tasks:
        task.video = task.video or task.title
        if task.subset != subset:
            offset, subset = 0, task.subset
        task.offset = offset
        count = task.count
        if count is None:
            last = task.start if task.stop is None else task.stop
            count = (last - task.start) // task.step + 1
        offset += task.start + task.step * count


Marks = dict[str, Any]
"""Keyword arguments of Picture.add."""
Values = tuple[float, float, float, float, Marks]
_OUTLINES = {"polygon", "ellipse", "mask"}


def upright(element: Element) -> bool:
    return element.tag == "box" and number_of(element.get("rotation") or "0") % 360 == 0


def kind_of(element: Element) -> str:
    """What a shape that is no upright box is counted as."""
    return "rotated boxes" if element.tag == "box" else f"shapes of type {element.tag}"


def read_shape(element: Element, outlines: bool) -> Values | None:
    """(x1, y1, x2, y2, marks) of a <box>, or with `outlines` around what is none; None for what
    cannot become one. BadValueError for corners that are swapped."""
    if upright(element):
        corners = _corners(element)
        check_corners(*corners)
    elif outlines and element.tag == "box":
        x1, y1, x2, y2 = corners = _corners(element)
        degrees = number_of(element.get("rotation") or "0")
        corners = rotated(corners, degrees, ((x1 + x2) / 2, (y1 + y2) / 2))
    elif outlines and element.tag in _OUTLINES:
        corners = _around(element)
    else:
        return None
    attributes = {
        (a.get("name") or "").casefold(): (a.text or "").strip()
        for a in element.iterfind("attribute")
    }
    marks: Marks = {"occluded": flag(element.get("occluded"))}
    marks["ignore"] = any(_yes(attributes.get(name)) for name in _IGNORE)
    marks["truncated"] = _yes(attributes.get("truncated"))
    return *corners, marks


def origin_in(element: Element) -> Origin:
    """Who made a shape of a track: what is no keyframe lies between two."""
    stated = next(
        (a.text for a in element.iterfind("attribute") if a.get("name") == "origin"), None
    )
    key = element.get("keyframe")
    return origin_of((stated or "").strip(), between=key is not None and not flag(key))


def _corners(element: Element) -> Corners:
    x1, y1, x2, y2 = (number_of(element.get(n)) for n in ("xtl", "ytl", "xbr", "ybr"))
    return x1, y1, x2, y2


def _around(element: Element) -> Corners:
    if element.tag == "polygon":
        points = (element.get("points") or "").split(";")
        flat = [number_of(v) for point in points for v in point.split(",")]
        return around(pairs(flat))
    if element.tag == "ellipse":
        cx, cy, rx, ry = (number_of(element.get(n)) for n in ("cx", "cy", "rx", "ry"))
        return ellipse((cx, cy), rx, ry, number_of(element.get("rotation") or "0"))
    left, top, width, height = (
        whole_of(element.get(n)) for n in ("left", "top", "width", "height")
    )
    counts = [whole_of(v) for v in (element.get("rle") or "").split(",")]
    x1, y1, x2, y2 = runs(counts, (height, width), by_column=False)
    return x1 + left, y1 + top, x2 + left, y2 + top


def _yes(value: str | None) -> bool:
    # Attributes are the annotators' own and may hold any text.
    return (value or "").casefold() in {"1", "true", "yes"}


def add_box(picture: Picture, label: str | None, values: Values) -> None:
    x1, y1, x2, y2, marks = values
    if not (label or "").strip():
        picture.leave_out("boxes without a class")
    else:
        picture.add(label, x1, y1, x2, y2, **marks)


def spots(element: Element) -> list[tuple[float, float]]:
    """The places of a <points>."""
    texts = [text.split(",") for text in (element.get("points") or "").split(";")]
    return pairs([number_of(value) for text in texts for value in text])


def stated(element: Element, name: str, usual: bool) -> bool:
    """What a shape's attribute says; `usual` where it has none of that name."""
    texts = [a.text or "" for a in element.iterfind("attribute") if a.get("name") == name]
    return _yes(texts[0].strip()) if texts else usual
