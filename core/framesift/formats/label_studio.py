"""Label Studio's JSON (export and import): tasks with annotations of rectangles.

x, y, width, height are per cent of the picture's size, which each result says.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from framesift.errors import InputError
from framesift.formats.base import Capability, Format, WriteOptions
from framesift.formats.checks import (
    BadValueError,
    flag,
    label_name,
    mapping,
    sequence,
    whole,
)
from framesift.formats.files import walk
from framesift.formats.jsonstream import JsonFile, top_keys
from framesift.formats.label_studio_results import add_result, region_marks, stated_size
from framesift.formats.label_studio_video import frames_of
from framesift.formats.label_studio_writing import class_name, interface, task_element
from framesift.formats.model import LabelFile, LabelledImage
from framesift.formats.names import PICTURE_SUFFIXES, VIDEO_SUFFIXES, clean_name
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.records import Progress

_FILE = "tasks.json"
_CONFIG = "label_config.xml"
_MARKS = {"annotations", "completions", "data", "predictions"}
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
    capability = Capability(
        clipped=True, needs_size=True, class_list=False, points=True, tags=True
    )

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
                file.write(json.dumps(task_element(place, item), ensure_ascii=False))
            file.write("\n]\n")
        used = {class_name(box) for item in labels.items for box in item.boxes}
        used |= {point.category for item in labels.items for point in item.points}
        used |= {name for item in labels.items for name, _ in item.tags}
        names = sorted({*labels.classes, *used})
        (folder / _CONFIG).write_text(interface(names), encoding="utf-8", newline="\n")
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
    extra = region_marks(results)
    size = stated_size(data.get("width"), data.get("height"))
    for place, result in enumerate(results):
        with source.entry(where[0], f"{where[1]}: result {place}", picture):
            size = add_result(result, results, extra, picture) or size
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
