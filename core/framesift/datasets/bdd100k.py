"""BDD100K: detection labels over single pictures, tracking labels over folders of frames."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from framesift.datasets.classes import ClassTable
from framesift.datasets.labels import TableLabels
from framesift.datasets.pictures import (
    find_folder,
    listed_stills,
    numbered_pictures,
    read_labels,
)
from framesift.datasets.request import Found, Reader, Request
from framesift.errors import InputError
from framesift.formats import LabelledImage
from framesift.formats.files import walk
from framesift.records import Notice, Progress, RateMeter
from framesift.video.images import sequence_of

RATE = 5.0
"""Frames per second of the tracking set's pictures."""
_STILLS = ("det_20/det_{}.json", "bdd100k_labels_images_{}.json", "det_v2_{}_release.json")
_TRACKING = "box_track_20"
_PARTS = ("train", "val")


class Bdd100kDataset(Reader):
    """Detection: one group of stills for each part. Tracking: each video is a drive."""

    name = "bdd100k"
    title = "BDD100K"
    table = ClassTable(
        {"pedestrian": "pedestrian", "person": "pedestrian"},
        {"pedestrian": ("rider", "other person")},
        open=True,
    )
    splits: ClassVar[Mapping[str, str]] = {"train": "training", "val": "validation"}

    def read(self, request: Request) -> Iterator[Progress | Notice | Found]:
        split = self.split_of(request)
        for root in request.folders():
            files = [
                file
                for file in _label_files(root)
                if split is None or _part(file) in (None, split)
            ]
            if not files:
                part = f" of the part “{split}”" if split else ""
                raise InputError(
                    f"{root} holds no label files{part}; give BDD100K's folder, "
                    f"labels/det_20, labels/{_TRACKING}, or a file."
                )
            meter = RateMeter(len(files), "files", "opening footage")
            for file in files:
                # A tracking file is called as its video: what is not asked for stays unread.
                if _part(file) is None or _is_still(file) or request.wants(file.stem):
                    yield from _of_file(file, root, request)
                yield meter.advance()


def _is_still(file: Path) -> bool:
    return any(
        file.name == pattern.rpartition("/")[2].format(part)
        for pattern in _STILLS
        for part in _PARTS
    )


def _label_files(root: Path) -> list[Path]:
    """The files given, or the known ones of the data set's folder."""
    if root.is_file():
        return [root]
    labels = root / "labels" if (root / "labels").is_dir() else root
    stills = [labels / pattern.format(part) for part in _PARTS for pattern in _STILLS]
    stills = [file for file in stills if file.is_file()]
    tracking = labels / _TRACKING
    if stills and tracking.is_dir():
        raise InputError(
            f"{root} holds labels of single pictures and of videos; give "
            f"{stills[0]} or {tracking}."
        )
    if stills:
        return stills
    place = tracking if tracking.is_dir() else labels
    return [
        place / name for name in walk(place) if name.endswith(".json") and name.count("/") <= 1
    ]


def _part(file: Path) -> str | None:
    """The part that a file's name or folder says."""
    return next(
        (
            part
            for part in _PARTS
            if part
            in (file.parent.name, file.stem.rpartition("_")[2], file.stem.split("_")[-2:][0])
        ),
        None,
    )


def _of_file(file: Path, root: Path, request: Request) -> Iterator[Progress | Notice | Found]:
    labels = yield from read_labels(file, "bdd100k")
    for reason, count in labels.left_out.items():
        if reason.startswith("pictures"):
            yield Notice(f"{file}: {reason} ({count}) are left out.")
    videos: dict[str, list[LabelledImage]] = {}
    pictures = {}
    for item in labels.items:
        if item.video is not None and item.frame is not None:
            videos.setdefault(item.video, []).append(item)
        elif item.image is not None:
            pictures[item.image] = item.boxes
    part = _part(file)
    for video, items in videos.items():
        if request.wants(video):
            yield (
                yield from _tracked(
                    video,
                    items,
                    labels.classes,
                    _places(file, root, request, "track", part),
                    request,
                )
            )
    name = part or file.stem
    if pictures and request.wants(name):
        folder = find_folder(_places(file, root, request, "100k", part), list(pictures))
        if folder is None:
            raise _not_found(file, f"images/100k/{part or 'train'}/{next(iter(pictures))}")
        yield (yield from listed_stills(name, folder, pictures, classes=labels.classes))


def _places(
    file: Path,
    root: Path,
    request: Request,
    kind: str,
    part: str | None,
) -> list[Path]:
    """Where the pictures may be: in images/100k/train and the like, of any folder above."""
    if request.pictures is not None:
        bases = [request.pictures]
    else:
        bases = [root if root.is_dir() else root.parent, *file.absolute().parents[:5]]
    return [
        base / below
        for base in bases
        for below in (f"images/{kind}/{part}", f"{kind}/{part}", f"{part}", "images", ".")
    ]


def _tracked(
    video: str,
    items: list[LabelledImage],
    classes: tuple[str, ...],
    places: list[Path],
    request: Request,
) -> Generator[Notice, None, Found]:
    folder = find_folder(places, [f"{video}/{Path(item.image or '').name}" for item in items])
    if folder is None:
        raise InputError(
            f"The pictures of the video {video} are not found; unpack them to "
            f"images/track/train/{video}, or say where they are."
        )
    files = list(numbered_pictures(folder / video, video).values())
    numbers = {file.name: place for place, file in enumerate(files)}
    boxes = {}
    for item in items:
        place = numbers.get(Path(item.image or "").name)
        if place is not None:
            boxes[place] = item.boxes
    if len(boxes) < len(items):
        yield Notice(
            f"{len(items) - len(boxes)} labelled pictures of {video} are not there "
            "and are left out."
        )
    labelled = np.zeros(len(files), np.bool_)
    labelled[list(boxes)] = True
    return Found(
        video,
        sequence_of(folder / video, files, request.fps or RATE),
        TableLabels(boxes),
        labelled,
        classes=classes,
    )


def _not_found(file: Path, example: str) -> InputError:
    return InputError(
        f"The pictures of {file} are not found, {example} for one; unpack them "
        "beside the labels, or say where they are."
    )
