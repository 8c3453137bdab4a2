"""Label Studio's JSON (export and import): tasks with annotations of rectangles.

x, y, width, height are per cent of the picture's size, which each result says.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
    flag,
    label_name,
    mapping,
    number,
    sequence,
    side,
    text,
    whole,
)
from framesift.formats.files import walk
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.label_studio_video import frames_of
from framesift.formats.model import ANY_CLASS, IGNORE_NAME, LabelFile, LabelledImage, Size
from framesift.formats.names import PICTURE_SUFFIXES, VIDEO_SUFFIXES, clean_name
from framesift.formats.outlines import Corners, around, ellipse, rotated
from framesift.formats.source import Picture, Source
from framesift.formats.xmlstream import quoteattr
from framesift.records import Progress

_FILE = "tasks.json"
_CONFIG = "label_config.xml"
_MARKS = {"annotations", "completions", "data", "predictions"}
_MARKS_OF_REGIONS = ("ignore", "occluded", "truncated")
_BOXES = {"rectanglelabels", "rectangle"}
_OUTLINES = {"polygonlabels", "polygon", "ellipselabels", "ellipse"}
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://|^/")


def _is_tasks(path: Path) -> bool:
    # The first key that tells the format may come after others; both formats have lists.
    kind, keys = top_keys(
        path, {*_MARKS, "labels", "videoName", "frames", "images", "categories"}
    )
    if kind == "object":
        return "data" in keys
    return kind == "list" and not keys.isdisjoint(_MARKS) and _has_data(path)


def _has_data(path: Path) -> bool:
    """Whether the list's first element is a task: CreateML's have "annotations", too."""
    with contextlib.closing(JsonFile(path).items("")) as tasks:
        try:
            first = next(tasks, None)
        except InputError:
            return True
    return isinstance(first, dict) and ("data" in first or "image" not in first)


class LabelStudio(Format):
    name = "label-studio"
    title = "Label Studio JSON"
    capability = Capability(clipped=True, needs_size=True, class_list=False)

    def recognises(self, path: Path) -> bool:
        if path.is_file():
            return path.suffix.lower() == ".json" and _is_tasks(path)
        return any(_is_tasks(file) for file in sorted(path.glob("*.json"))[:5])

    def read(self, source: Source) -> Generator[Progress, None, LabelFile]:
        path = source.path
        files = (
            [path]
            if path.is_file()
            else [path / n for n in walk(path) if n.lower().endswith(".json") and "/" not in n]
        )
        if not files:
            raise InputError(f"{path} holds no Label Studio file; give the JSON itself.")
        items: list[LabelledImage | None] = []
        for each in files:
            file = JsonFile(each)
            count = 0
            lone = top_keys(each, {"data"})[0] == "object"
            for count, task in enumerate([file.document()] if lone else file.items(""), 1):
                where = f"task {count - 1} of the list"
                with source.entry(each, where):
                    items += _task(mapping(task), (each, where), source)
                if source.due():
                    yield source.progress(file.done, file.size)
            if count == 0 and top_keys(each, set())[0] != "list":
                raise InputError(
                    f"{each} is no list of Label Studio tasks; export it as JSON "
                    "(not JSON-MIN)."
                )
        return source.finish(items)

    def write(
        self,
        labels: LabelFile,
        folder: Path,
        options: WriteOptions,
    ) -> Iterator[Progress]:
        with (folder / _FILE).open("w", encoding="utf-8", newline="\n") as file:
            file.write("[")
            for place, item in enumerate(labels.items, 1):
                file.write(",\n" if place > 1 else "\n")
                file.write(json.dumps(_task_out(place, item), ensure_ascii=False))
            file.write("\n]\n")
        used = {_name_out(box) for item in labels.items for box in item.boxes}
        names = sorted({*labels.classes, *used})
        (folder / _CONFIG).write_text(_config(names), encoding="utf-8", newline="\n")
        yield Progress(len(labels.items), len(labels.items), "pictures", stage="writing labels")


def _task(
    task: dict[str, Any], where: tuple[Path, str], source: Source
) -> Iterator[LabelledImage | None]:
    if not _MARKS & task.keys():
        raise BadValueError("it has no annotations (JSON-MIN? export as JSON)")
    annotation = _chosen(task, source)
    if annotation is None:
        return
    data = mapping(task.get("data") or {})
    results = [mapping(r) for r in sequence(annotation.get("result") or [])]
    if any(result.get("type") == "videorectangle" for result in results):
        told = data.get("name")
        stated = told if isinstance(told, str) else None
        yield from frames_of(results, _file(data, task, VIDEO_SUFFIXES), where, source, stated)
        return
    if (
        not results
        and isinstance(data.get("video"), str)
        and not {"image", "frame"} & data.keys()
    ):
        return
    picture = Picture(source)
    extra = _region_marks(results)
    size = _size(data.get("width"), data.get("height"))
    for place, result in enumerate(results):
        with source.entry(where[0], f"{where[1]}: result {place}", picture):
            size = _result(result, results, extra, picture) or size
    video, frame = data.get("video"), data.get("frame")
    of_frame = isinstance(frame, (int, float)) and not isinstance(frame, bool)
    image = _file(data, task, PICTURE_SUFFIXES)
    if image is None and not of_frame:
        raise BadValueError("its data names no picture")
    yield picture.labelled(
        video=label_name(video) if isinstance(video, str) and video.strip() else None,
        frame=whole(frame) if of_frame else None,
        image=image,
        size=size,
    )


def _chosen(task: dict[str, Any], source: Source) -> dict[str, Any] | None:
    """The one annotation of a task that counts: a ground truth, else the one changed last."""
    raw = task.get("annotations", task.get("completions"))
    every = [mapping(a) for a in sequence(raw or [])]
    done = [a for a in every if not (flag(a.get("was_cancelled")) or flag(a.get("skipped")))]
    if not done:
        source.left_out["tasks that were skipped or not annotated"] += 1
        return None
    best = max(
        done,
        key=lambda a: (
            flag(a.get("ground_truth")),
            str(a.get("updated_at") or a.get("created_at") or ""),
        ),
    )
    for other in done:
        if other is not best:
            source.left_out["boxes of a task's other annotations"] += sum(
                isinstance(r, dict) and str(r.get("type", "")).startswith("rectangle")
                for r in sequence(other.get("result") or [])
            )
    return best


def _region_marks(results: list[dict[str, Any]]) -> dict[object, set[str]]:
    """Choices made per region, by the region's id."""
    marks: dict[object, set[str]] = {}
    for result in results:
        if result.get("type") == "choices":
            chosen = sequence(mapping(result.get("value")).get("choices") or [])
            marks.setdefault(str(result.get("id")), set()).update(
                str(c).strip().casefold() for c in chosen
            )
    return marks


def _result(
    result: dict[str, Any],
    results: list[dict[str, Any]],
    extra: dict[object, set[str]],
    picture: Picture,
) -> Size | None:
    """Adds the boxes of one result; returns the picture's size where it says it."""
    kind = text(result.get("type", ""))
    size = _size(result.get("original_width"), result.get("original_height"))
    if kind in {"choices", "labels", "textarea", "rating", "number", "taxonomy", "relation"}:
        return size
    if kind not in _BOXES and kind not in _OUTLINES:
        picture.leave_out(f"shapes of type {kind[:40] or 'unknown'}")
        return size
    value = mapping(result.get("value"))
    names = value.get(kind) or value.get("labels") or _of_region(result, results)
    if not names:
        boxes = kind in _BOXES
        picture.leave_out("boxes without a class" if boxes else f"shapes of type {kind}")
        return size
    if size is None:
        raise BadValueError(
            "the picture's original_width and original_height are missing",
            "boxes of pictures without original_width and original_height",
        )
    marks = extra.get(str(result.get("id")), set())
    flags: dict[str, Any] = {
        "ignore": not marks.isdisjoint({"ignore", "crowd", "difficult"}),
        "occluded": "occluded" in marks,
        "truncated": "truncated" in marks,
    }
    kind_left_out, shape = _shape(kind, value, result, size)
    for name in sequence(names):
        if kind_left_out is None:
            picture.add(name, *shape(), **flags)
        else:
            picture.outline(kind_left_out, name, shape, **flags)
    return size


def _of_region(result: dict[str, Any], results: list[dict[str, Any]]) -> object:
    """The class that a region without one of its own got from a <Labels> beside it."""
    return next(
        (
            mapping(r.get("value")).get("labels")
            for r in results
            if r.get("type") == "labels" and r.get("id") == result.get("id")
        ),
        None,
    )


def _shape(
    kind: str, value: dict[str, Any], result: dict[str, Any], size: Size
) -> tuple[str | None, Callable[[], Corners]]:
    """(what the shape is counted as if it is no upright box, how to get the box around it)."""
    across, down = size[0] / 100, size[1] / 100
    if kind.startswith("polygon"):

        def outline() -> Corners:
            points = (sequence(point) for point in sequence(value.get("points")))
            return around((number(x) * across, number(y) * down) for x, y in points)

        return f"shapes of type {kind}", outline
    x, y = number(value.get("x")) * across, number(value.get("y")) * down
    angle = number(value.get("rotation") or 0) + number(result.get("image_rotation") or 0)
    if kind.startswith("ellipse"):
        rx, ry = number(value.get("radiusX")) * across, number(value.get("radiusY")) * down
        return f"shapes of type {kind}", lambda: ellipse((x, y), rx, ry, angle)
    width, height = number(value.get("width")) * across, number(value.get("height")) * down
    corners = x, y, x + width, y + height
    if angle % 360:
        # Label Studio turns a rectangle about its top-left corner.
        return "rotated boxes", lambda: rotated(corners, angle, (x, y))
    return None, lambda: corners


def _size(width: object, height: object) -> Size | None:
    sides = side(width), side(height)
    return (sides[0], sides[1]) if sides[0] and sides[1] else None


def _file(data: dict[str, Any], task: dict[str, Any], endings: tuple[str, ...]) -> str | None:
    """The name of the picture or video in the task's data: a path, or the path in a URL. Of
    several texts the one called so, else one with such a file ending: tasks may have a caption,
    and it may come first."""
    called = "image" if endings is PICTURE_SUFFIXES else "video"
    texts = [v for v in (data.get(called), *data.values()) if isinstance(v, str) and v.strip()]
    if isinstance(task.get("file_upload"), str) and task["file_upload"].strip():
        texts.append(task["file_upload"])
    names = [name for text in texts if (name := _path(text)) is not None]
    by_key = isinstance(data.get(called), str) and bool(names)
    return next(
        (
            name
            for name in names[: 1 if by_key else None]
            if by_key or name.lower().endswith(endings)
        ),
        next(
            (name for name in names if "/" in name or "." in name), names[0] if names else None
        ),
    )


def _path(value: str) -> str | None:
    if value.startswith("data:"):
        return None
    if _URL.match(value):
        try:
            parts = urlsplit(value)
        except ValueError:
            raise BadValueError("the picture's address cannot be read") from None
        local = parse_qs(parts.query).get("d")
        value = local[0] if local else unquote(parts.path)
    return clean_name(value)


def _name_out(box: Box) -> str:
    return IGNORE_NAME if box.category == ANY_CLASS else box.category


def _task_out(place: int, item: LabelledImage) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for number_, box in enumerate(item.boxes):
        assert item.size is not None
        width, height = item.size
        common = {
            "id": f"box{number_}",
            "to_name": "image",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
        }
        corners = {
            "x": box.x1 * 100 / width,
            "y": box.y1 * 100 / height,
            "width": box.width * 100 / width,
            "height": box.height * 100 / height,
            "rotation": 0,
        }
        results.append(
            {
                **common,
                "from_name": "label",
                "type": "rectanglelabels",
                "value": {**corners, "rectanglelabels": [_name_out(box)]},
            }
        )
        marks = [name for name in _MARKS_OF_REGIONS if getattr(box, name)]
        if marks:
            results.append(
                {
                    **common,
                    "from_name": "marks",
                    "type": "choices",
                    "value": {**corners, "choices": marks},
                }
            )
    data = {
        "image": item.image,
        "video": item.video,
        "frame": item.frame,
        "width": item.width,
        "height": item.height,
    }
    return {
        "id": place,
        "data": {k: v for k, v in data.items() if v is not None},
        "annotations": [{"result": results, "was_cancelled": False}],
    }


def _config(names: list[str]) -> str:
    """The labelling interface that shows these tasks."""
    rows = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in names)
    choices = "".join(f'    <Choice value="{name}"/>\n' for name in _MARKS_OF_REGIONS)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        f'  <RectangleLabels name="label" toName="image">\n{rows}  </RectangleLabels>\n'
        '  <Choices name="marks" toName="image" perRegion="true" choice="multiple">\n'
        f"{choices}  </Choices>\n</View>\n"
    )
