"""CVAT's elements as we write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from framesift.boxes import ORIGINS, Box
from framesift.formats.base import WriteOptions
from framesift.formats.checks import decimal
from framesift.formats.model import (
    ANY_CLASS,
    IGNORE_NAME,
    LabelFile,
    LabelledImage,
)
from framesift.formats.xmlstream import escape, quoteattr


def weak_out(item: LabelledImage) -> Iterator[str]:
    """The elements of a picture's points and tags."""
    for point in item.points:
        yield (
            f'    <points label={quoteattr(point.category)} source="manual" occluded="0" '
            f'points="{decimal(point.x)},{decimal(point.y)}" z_order="0">\n'
            f'      <attribute name="every">{str(item.every).lower()}</attribute>\n'
            "    </points>\n"
        )
    for name, shown in item.tags:
        yield (
            f'    <tag label={quoteattr(name)} source="manual">\n'
            f'      <attribute name="shown">{str(shown).lower()}</attribute>\n    </tag>\n'
        )


def name_out(box: Box) -> str:
    return IGNORE_NAME if box.category == ANY_CLASS else box.category


def coordinates(box: Box) -> str:
    return (
        f'xtl="{decimal(box.x1)}" ytl="{decimal(box.y1)}" xbr="{decimal(box.x2)}" '
        f'ybr="{decimal(box.y2)}" z_order="0"'
    )


def attributes_out(box: Box, indent: str) -> str:
    values = [("ignore", str(box.ignore).lower()), ("truncated", str(box.truncated).lower())]
    if box.origin != "person":
        values.append(("origin", box.origin))
    return "".join(
        f'{indent}<attribute name="{name}">{value}</attribute>\n' for name, value in values
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
    if any(box.origin != "person" for item in items for box in item.boxes):
        origins = "\n".join(ORIGINS)
        attributes += (
            "<attribute><name>origin</name><mutable>True</mutable>"
            "<input_type>select</input_type><default_value>person</default_value>"
            f"<values>{origins}</values></attribute>"
        )
    if any(item.weak for item in items):
        attributes += "".join(
            f"<attribute><name>{name}</name><mutable>True</mutable>"
            f"<input_type>checkbox</input_type><default_value>{usual}</default_value>"
            f"<values>{usual}</values></attribute>"
            for name, usual in (("every", "false"), ("shown", "true"))
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
