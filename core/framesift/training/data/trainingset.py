"""The frozen file that says exactly what a training run learns from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from framesift.boxes import Box
from framesift.errors import InputError, first_line
from framesift.files import read_json, write_text
from framesift.labels import FrameKey, Point, Weak
from framesift.training.data.sample import check_classes

FORMAT = "framesift-training-set"
VERSION = 1
MOST_BYTES = 512 << 20
"""Of a training set's file; what is larger is none."""

Split = Literal["train", "validation"]
Kind = Literal["file", "images", "stills"]


@dataclass(frozen=True, slots=True)
class VideoRef:
    """A video that entries refer to: its id, where it lies, which stream, and its fingerprint
    (empty: not checked)."""

    id: str
    path: str
    stream: int | None = None
    fingerprint: str = ""
    kind: Kind = "file"


@dataclass(frozen=True, slots=True)
class Entry:
    """One labelled frame.

    `picture` is the hash of the decoded picture that was labelled (empty: not checked),
    `timestamp` in the stream's own units (None for images), width and height native. `weak`:
    what was said beside boxes that nobody said are all; None where they are.
    """

    key: FrameKey
    width: int
    height: int
    boxes: tuple[Box, ...]
    split: Split = "train"
    picture: str = ""
    timestamp: int | None = None
    weak: Weak | None = None


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Videos, classes and labelled frames; nothing in it changes once it is made.

    `evaluation` names frames that are only ever measured on, `evaluation_videos` the
    fingerprints of whole videos that are; a set holding one of them cannot be made, and a
    file that does is refused. Raises InputError, with a sentence, for every inconsistency.
    """

    classes: tuple[str, ...]
    videos: tuple[VideoRef, ...]
    entries: tuple[Entry, ...]
    evaluation: frozenset[FrameKey] = frozenset()
    evaluation_videos: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        _check_names(self.classes, "class")
        _check_names([video.id for video in self.videos], "video")
        check_classes(self.classes, (b for e in self.entries for b in _boxes(e)))
        videos = {video.id: video for video in self.videos}
        seen: set[FrameKey] = set()
        for entry in self.entries:
            self._check(entry, videos, seen)
            seen.add(entry.key)

    def _check(self, entry: Entry, videos: dict[str, VideoRef], seen: set[FrameKey]) -> None:
        key = entry.key
        where = f"Frame {key.frame} of {key.video}"
        if key.video not in videos:
            raise InputError(f"{where} is in the training set, its video is not.")
        if key in seen:
            raise InputError(f"{where} is in the training set twice.")
        if key in self.evaluation or (
            videos[key.video].fingerprint in self.evaluation_videos - {""}
        ):
            raise InputError(
                f"{where} belongs to the evaluation set, which is only ever "
                "measured on; take it out of the training set."
            )
        if entry.split not in get_args(Split):
            raise InputError(
                f"{where} has the split {entry.split!r}; only train and validation exist."
            )
        if entry.weak is not None and entry.split != "train":
            raise InputError(
                f"{where} has weak labels, which say too little to measure by; let it train."
            )
        if key.frame < 0 or entry.width < 1 or entry.height < 1:
            raise InputError(f"{where} has an impossible number or size.")
        for box in _boxes(entry):
            numbers = (box.x1, box.y1, box.x2, box.y2)
            if not all(abs(n) < 1e7 for n in numbers) or box.width < 0 or box.height < 0:
                raise InputError(
                    f"{where} has a box with impossible corners "
                    f"({', '.join(f'{n:g}' for n in numbers)})."
                )

    def part(self, split: Split) -> tuple[Entry, ...]:
        """The entries of one side, in their order."""
        return tuple(entry for entry in self.entries if entry.split == split)

    def identity(self) -> str:
        """A sha256 of the content; where the videos lie makes no difference."""
        data = _to_json(self)
        for video in data["videos"]:
            del video["path"]
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Writes the file in one step; EnvironmentProblem where the machine refuses."""
        write_text(path, json.dumps(_to_json(self), ensure_ascii=False, indent=1) + "\n")

    @staticmethod
    def load(path: Path) -> TrainingSet:
        """Reads a file that `save` wrote; InputError when it is not one."""
        try:
            data = read_json(path, MOST_BYTES)
        except OSError as error:
            raise InputError(
                f"Cannot read the training set {path}: {error.strerror or error}."
            ) from error
        except ValueError as error:
            raise InputError(f"{path} is not a training set: it is not JSON.") from error
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise InputError(f"{path} is not a training set.")
        if data.get("version") != VERSION:
            raise InputError(
                f"{path} was written by another version of Framesift (format "
                f"{data.get('version')!r}, this one reads {VERSION})."
            )
        try:
            return _from_json(data)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InputError(f"{path} is damaged: {first_line(error)}.") from error


def _boxes(entry: Entry) -> tuple[Box, ...]:
    """All that an entry says of places and classes, as boxes; a point is one without extent."""
    if entry.weak is None:
        return entry.boxes
    points = (Box(p.x, p.y, p.x, p.y, p.category) for p in entry.weak.points)
    tags = (Box(0, 0, 0, 0, name) for name, _ in entry.weak.tags)
    return (*entry.boxes, *entry.weak.denied, *points, *tags)


def _check_names(names: Sequence[str], what: str) -> None:
    if any(not name for name in names) or len(set(names)) != len(names):
        raise InputError(f"Every {what} of a training set needs a name of its own.")


def _to_json(value: TrainingSet) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "classes": list(value.classes),
        "videos": [asdict(video) for video in value.videos],
        "evaluation": sorted([key.video, key.frame] for key in value.evaluation),
        "evaluation_videos": sorted(value.evaluation_videos),
        "frames": [
            {
                "video": entry.key.video,
                "frame": entry.key.frame,
                "timestamp": entry.timestamp,
                "picture": entry.picture,
                "split": entry.split,
                "width": entry.width,
                "height": entry.height,
                "boxes": [_box_to_json(box) for box in entry.boxes],
                **({} if entry.weak is None else {"weak": _weak_to_json(entry.weak)}),
            }
            for entry in value.entries
        ],
    }


def _box_to_json(box: Box) -> dict[str, Any]:
    data: dict[str, Any] = {
        "xyxy": [float(v) for v in (box.x1, box.y1, box.x2, box.y2)],
        "category": box.category,
    }
    data.update(
        {name: True for name in ("ignore", "occluded", "truncated") if getattr(box, name)}
    )
    return data


def _weak_to_json(weak: Weak) -> dict[str, Any]:
    return {
        "points": [[float(p.x), float(p.y), p.category] for p in weak.points],
        "every": weak.every,
        "denied": [_box_to_json(box) for box in weak.denied],
        "tags": dict(weak.tags),
    }


def _weak(data: dict[str, Any]) -> Weak:
    return Weak(
        tuple(Point(float(x), float(y), _text(name)) for x, y, name in data["points"]),
        bool(data["every"]),
        tuple(replace(_box(box), denied=True) for box in data["denied"]),
        tuple((_text(name), bool(present)) for name, present in sorted(data["tags"].items())),
    )


def _from_json(data: dict[str, Any]) -> TrainingSet:
    return TrainingSet(
        classes=tuple(_text(name) for name in data["classes"]),
        videos=tuple(_video(video) for video in data["videos"]),
        entries=tuple(_entry(frame) for frame in data["frames"]),
        evaluation=frozenset(FrameKey(_text(v), int(n)) for v, n in data["evaluation"]),
        evaluation_videos=frozenset(_text(name) for name in data["evaluation_videos"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _video(data: dict[str, Any]) -> VideoRef:
    if data["kind"] not in get_args(Kind):
        raise ValueError(f"{data['kind']!r} is no kind of video")
    stream = data["stream"]
    return VideoRef(
        _text(data["id"]),
        _text(data["path"]),
        None if stream is None else int(stream),
        _text(data["fingerprint"]),
        data["kind"],
    )


def _entry(data: dict[str, Any]) -> Entry:
    timestamp = data["timestamp"]
    return Entry(
        key=FrameKey(_text(data["video"]), int(data["frame"])),
        width=int(data["width"]),
        height=int(data["height"]),
        boxes=tuple(_box(box) for box in data["boxes"]),
        split=data["split"],
        picture=_text(data["picture"]),
        timestamp=None if timestamp is None else int(timestamp),
        weak=_weak(data["weak"]) if "weak" in data else None,
    )


def _box(data: dict[str, Any]) -> Box:
    x1, y1, x2, y2 = (float(value) for value in data["xyxy"])
    return Box(
        x1,
        y1,
        x2,
        y2,
        _text(data["category"]),
        bool(data.get("ignore", False)),
        bool(data.get("occluded", False)),
        bool(data.get("truncated", False)),
    )
