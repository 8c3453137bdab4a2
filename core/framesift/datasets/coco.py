"""COCO JSON over videos or pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from framesift.boxes import Box
from framesift.datasets.classes import PEOPLE
from framesift.datasets.labels import TableLabels
from framesift.datasets.pictures import find_folder, listed_stills, read_labels
from framesift.datasets.request import Found, Reader, Request
from framesift.errors import InputError
from framesift.formats import LabelFile, LabelledImage, VideoRef, bind
from framesift.formats.coco import is_coco
from framesift.formats.files import walk
from framesift.formats.names import stem
from framesift.records import Notice, Progress
from framesift.video import Indexed, index_video

VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".ts", ".mts", ".mpg"})


class CocoDataset(Reader):
    """Each JSON file is the labels of the video beside it that is called as it is, of the
    videos that it names, or of the pictures that it lists."""

    name = "coco"
    title = "COCO"
    table = PEOPLE
    free_splits = True

    def read(self, request: Request) -> Iterator[Progress | Notice | Found]:
        roots = request.folders()
        files = [
            (file, root if root.is_dir() else root.parent)
            for root in roots
            for file in _files(root, request.split)
        ]
        if not files:
            part = f" of the part “{request.split}”" if request.split else ""
            raise InputError(f"{roots[0]} holds no COCO file{part}; give the JSON itself.")
        for file, root in files:
            video = _video_beside(file)
            name = _stem(file.relative_to(root).as_posix())
            if video is not None and not request.wants(name):
                continue
            labels = yield from read_labels(file, "coco")
            if video is not None:
                yield from _over_video(name, video, labels, labels.items, request)
            else:
                yield from _named(name, file, root, labels, request)


def _files(root: Path, split: str | None) -> list[Path]:
    if root.is_file():
        return [root]
    names = [n for n in walk(root) if n.lower().endswith(".json") and n.count("/") <= 1]
    if split is not None:
        names = [
            n
            for n in names
            if split in (_last(n), n.split("/")[0]) or _last(n).endswith(f"_{split}")
        ]
    instances = [n for n in names if _last(n).startswith("instances_")]
    return [root / n for n in instances or names if is_coco(root / n)]


def _stem(path: str) -> str:
    """clip of clip.coco.json and of clip.json, with the folders before it."""
    return path.removesuffix(".json").removesuffix(".coco")


def _last(path: str) -> str:
    return _stem(path).rpartition("/")[2]


def _video_beside(file: Path) -> Path | None:
    stem = _last(file.name)
    return next(
        (
            path
            for path in sorted(file.parent.iterdir())
            if path.suffix.lower() in VIDEOS and path.stem == stem
        ),
        None,
    )


def _over_video(
    name: str,
    path: Path,
    labels: LabelFile,
    items: tuple[LabelledImage, ...] | list[LabelledImage],
    request: Request,
) -> Iterator[Progress | Notice | Found]:
    """The clip of a video file, or of a folder of numbered pictures."""
    for record in index_video(path, fps=request.fps if path.is_dir() else None):
        if isinstance(record, Indexed):
            video = record.video
        else:
            yield record
    size = None if video.kind == "stills" else (video.width, video.height)
    bound = bind(
        LabelFile(labels.classes, tuple(items)),
        [VideoRef(name, path.name, len(video), size, getattr(video, "names", None))],
        video=name,
    )
    for reason, count in bound.unbound.items():
        yield Notice(f"{count} labelled pictures of {name} are left out. {reason}")
    if not bound.frames:
        video.close()
        raise InputError(
            f"None of the labels of {name} belongs to a frame of {path}; check "
            "that the labels are those of this video."
        )
    labelled = np.zeros(len(video), np.bool_)
    labelled[[key.frame for key in bound.frames]] = True
    boxes = {key.frame: item.boxes for key, item in bound.frames.items()}
    yield Found(name, video, TableLabels(boxes), labelled, classes=labels.classes)


def _named(
    name: str, file: Path, root: Path, labels: LabelFile, request: Request
) -> Iterator[Progress | Notice | Found]:
    """The clips of a file that says itself what it labels."""
    videos: dict[str, list[LabelledImage]] = {}
    pictures: dict[str, tuple[Box, ...]] = {}
    for item in labels.items:
        path = None if item.video is None else _find(item.video, file.parent, root)
        if path is not None and item.video is not None:
            videos.setdefault(item.video, []).append(item)
        elif item.image is not None:
            pictures[item.image] = item.boxes
    for called, items in videos.items():
        path = _find(called, file.parent, root)
        if path is not None and request.wants(stem(called)):
            yield from _over_video(stem(called), path, labels, items, request)
    if not pictures or not request.wants(name):
        return
    part = _last(name).removeprefix("instances_")
    places = [
        base / below
        for base in (file.parent, root, file.parent.parent)
        for below in ("", part, "images", f"images/{part}")
    ]
    if request.pictures is not None:
        places = [request.pictures, request.pictures / part]
    folder = find_folder(places, list(pictures))
    if folder is None:
        first = next(iter(pictures))
        raise InputError(
            f"The pictures of {file} are not found, {first} for one; put them "
            "into a folder “images” beside it, or say where they are."
        )
    yield (yield from listed_stills(name, folder, pictures, classes=labels.classes))


def _find(video: str, *folders: Path) -> Path | None:
    """The file or folder that a label file calls so, by its last part only."""
    last = video.replace("\\", "/").rpartition("/")[2]
    for folder in folders:
        exact = folder / last
        if last not in ("", ".", "..") and exact.exists():
            return exact
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in VIDEOS and path.stem == stem(last):
                return path
    return None
