"""What CVAT's two XML forms share: the file's head, and boxes with their attributes.

Coordinates are continuous native pixels from 0; frame numbers are those of the video, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from framesift.boxes import Box
from framesift.formats.base import WriteOptions
from framesift.formats.checks import decimal, flag, label_name, number_of, side_of, whole_of
from framesift.formats.files import walk
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage, Size
from framesift.formats.source import Picture, Source
from framesift.formats.xmlstream import Element, escape, quoteattr, root_tag

ROOT = "annotations"
_IGNORE = {"ignore", "ignored", "is_crowd", "iscrowd", "crowd", "difficult"}


@dataclass(slots=True)
class Head:
    """The <meta> of a file. `tasks` gives the name of each task of a project by its id."""

    video: str | None = None
    size: Size | None = None
    start: int = 0
    stop: int | None = None
    step: int = 1
    tasks: dict[str, str] = field(default_factory=dict)


def xml_files(path: Path) -> list[Path]:
    """The CVAT files among the XML files of a folder and of its subfolders."""
    if path.is_file():
        return [path]
    names = [n for n in walk(path) if n.lower().endswith(".xml") and n.count("/") <= 1]
    return [path / n for n in names if root_tag(path / n) == ROOT]


def read_head(meta: Element, source: Source) -> Head:
    head = Head()
    task = next(
        (found for kind in ("task", "job") if (found := meta.find(kind)) is not None), None
    )
    for label in meta.iter("label"):
        name = label.findtext("name")
        if name and name.strip():
            source.category(name)
    for each in meta.iterfind("project/tasks/task"):
        name = (each.findtext("name") or "").strip()
        if name:
            head.tasks[(each.findtext("id") or "").strip()] = label_name(name)
    video = meta.findtext("source") or (task.findtext("source") if task is not None else None)
    if video and video.strip():
        head.video = label_name(video)
    if task is None:
        return head
    sides = [side_of(task.findtext(f"original_size/{name}")) for name in ("width", "height")]
    if sides[0] and sides[1]:
        head.size = sides[0], sides[1]
    head.start = whole_of(task.findtext("start_frame") or "0")
    stop = task.findtext("stop_frame")
    head.stop = whole_of(stop) if stop and stop.strip() else None
    step = (task.findtext("frame_filter") or "").replace(" ", "")
    if step.startswith("step="):
        head.step = whole_of(step.removeprefix("step="), 1)
    return head


Values = tuple[float, float, float, float, dict[str, bool]]


def read_box(element: Element) -> Values | None:
    """(x1, y1, x2, y2, marks) of a <box>; None where it is rotated."""
    x1, y1, x2, y2 = (number_of(element.get(n)) for n in ("xtl", "ytl", "xbr", "ybr"))
    if number_of(element.get("rotation") or "0") % 360 != 0:
        return None
    attributes = {
        (a.get("name") or "").casefold(): (a.text or "").strip()
        for a in element.iterfind("attribute")
    }
    marks = {"occluded": flag(element.get("occluded"))}
    marks["ignore"] = any(_yes(attributes.get(name)) for name in _IGNORE)
    marks["truncated"] = _yes(attributes.get("truncated"))
    return x1, y1, x2, y2, marks


def _yes(value: str | None) -> bool:
    # Attributes are the annotators' own and may hold any text.
    return (value or "").casefold() in {"1", "true", "yes"}


def add_box(picture: Picture, label: str | None, values: Values) -> None:
    x1, y1, x2, y2, marks = values
    if not (label or "").strip():
        picture.leave_out("boxes without a class")
    else:
        picture.add(label, x1, y1, x2, y2, **marks)


def name_out(box: Box) -> str:
    return IGNORE_NAME if box.category == ANY_CLASS else box.category


def coordinates(box: Box) -> str:
    return (
        f'xtl="{decimal(box.x1)}" ytl="{decimal(box.y1)}" xbr="{decimal(box.x2)}" '
        f'ybr="{decimal(box.y2)}" z_order="0"'
    )


def attributes_out(box: Box, indent: str) -> str:
    return "".join(
        f'{indent}<attribute name="{name}">{str(value).lower()}</attribute>\n'
        for name, value in (("ignore", box.ignore), ("truncated", box.truncated))
    )


def head_out(
    labels: LabelFile,
    items: list[LabelledImage],
    video: str | None,
    mode: str,
    frames: Mapping[str, int],
) -> str:
    """The <meta> element that declares the classes with the attributes ignore and truncated."""
    names = [*labels.classes]
    if any(box.category == ANY_CLASS for item in items for box in item.boxes):
        names.append(IGNORE_NAME)
    attributes = "".join(
        f"<attribute><name>{name}</name><mutable>True</mutable><input_type>checkbox</input_type>"
        "<default_value>false</default_value><values>false</values></attribute>"
        for name in ("ignore", "truncated")
    )
    rows = "".join(
        f"<label><name>{escape(name)}</name><attributes>{attributes}</attributes></label>\n"
        for name in names
    )
    last = max((item.frame for item in items if item.frame is not None), default=0)
    size = items[0].size if items else None
    stop = max(frames.get(video or "", 0) - 1, last)
    return (
        "<meta><task>\n"
        f"<name>{escape(video or 'pictures')}</name><mode>{mode}</mode>\n"
        f"<start_frame>0</start_frame><stop_frame>{stop}</stop_frame>\n"
        f"<labels>\n{rows}</labels>\n"
        + (
            f"<original_size><width>{size[0]}</width><height>{size[1]}</height>"
            "</original_size>\n"
            if size and mode == "interpolation"
            else ""
        )
        + (f"<source>{escape(video)}</source>\n" if video is not None else "")
        + "</task></meta>\n"
    )


def by_video(items: Iterable[LabelledImage]) -> dict[str | None, list[LabelledImage]]:
    result: dict[str | None, list[LabelledImage]] = {}
    for item in items:
        result.setdefault(item.video, []).append(item)
    return result


def file_names(
    videos: Iterable[str | None],
    short: Mapping[str, str],
) -> dict[str | None, str]:
    """One XML for each video, because a CVAT task holds one."""
    names: dict[str | None, str] = {}
    taken = {name.casefold() for name in short.values()}
    free = "annotations"
    while free in taken:
        free = f"_{free}"
    for video in videos:
        names[video] = f"{free if video is None else short[video]}.xml"
    return names


def frame_path(item: LabelledImage, options: WriteOptions) -> str:
    """Where the picture of a video's frame lies in an export."""
    folder = "" if item.video is None else f"{options.short[item.video]}/"
    return f"images/{folder}frame_{item.frame or 0:06d}.png"


def attribute(value: str) -> str:
    return quoteattr(value)
