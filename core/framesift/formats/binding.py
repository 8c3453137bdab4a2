"""Which frame of which video does an entry of a label file mean?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from framesift.errors import InputError
from framesift.formats.model import LabelFile, LabelledImage, Size
from framesift.formats.names import numbered, stem, unique_names, without_suffix
from framesift.labels import FrameKey

_TAIL = re.compile(r"(\d{1,9})$", re.ASCII)
_UPLOAD = re.compile(r"^[0-9a-f]{8}-")
Rule = Literal["frame number", "picture name", "number in the name", "order"]


@dataclass(frozen=True, slots=True)
class VideoRef:
    """What binding needs to know of a video: its id, its name, how many frames it has, its
    (width, height) where all frames share one, and for stills and folders of images the
    relative path of each."""

    id: str
    name: str
    frames: int
    size: Size | None = None
    images: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """`frames`: the entry of each frame that was found; `unbound`: why entries were not, one
    sentence each with its count; `rules`: by what the found ones were found, counted."""

    frames: Mapping[FrameKey, LabelledImage]
    unbound: Counter[str] = field(default_factory=Counter)
    rules: Counter[Rule] = field(default_factory=Counter)


class _Names:
    """The videos by every way in which a file may call them."""

    def __init__(self, videos: Sequence[VideoRef]) -> None:
        short = unique_names(video.name for video in videos)
        self._ways: list[dict[str, list[VideoRef]]] = [{}, {}, {}, {}]
        for video in videos:
            ways = (video.name, video.id, short[video.name], stem(video.name))
            for way, name in zip(self._ways, ways, strict=True):
                way.setdefault(name, []).append(video)

    def find(self, name: str) -> VideoRef | None:
        """The one video of that name: its own, its id, its short one or its stem."""
        for candidate in dict.fromkeys((name, stem(name))):
            for way in self._ways:
                found = way.get(candidate, [])
                if len(found) == 1:
                    return found[0]
        return None


def bind(
    labels: LabelFile,
    videos: Iterable[VideoRef],
    *,
    video: str | None = None,
    by_order: bool = False,
) -> Binding:
    """Finds the frame that each entry means.

    The video is the one that the entry names, or whose name its picture's name or folder
    carries, else `video`, else the only one there is. The frame is the entry's frame number,
    else the picture of that name, else the number that ends the picture's name, else, where
    the file has as many pictures as the video frames, the place in the file; with `by_order`
    always the place in the file. Numbers in names count from 0, or from 1 where they run up to
    exactly the number of frames.

    Raises InputError when `video` is none of the videos or there are none at all.
    """
    known = list(videos)
    if not known:
        raise InputError("There is no video to bind labels to; add one first.")
    names = _Names(known)
    wanted = None
    if video is not None:
        wanted = names.find(video)
        if wanted is None:
            raise InputError(
                f"There is no video “{video}”; choose one of "
                f"{', '.join(v.name for v in known)}."
            )
    elif len(known) == 1:
        wanted = known[0]
    unbound: Counter[str] = Counter()
    groups: dict[str, tuple[VideoRef, list[LabelledImage]]] = {}
    lone = len({item.video for item in labels.items if item.video is not None}) <= 1
    for item in labels.items:
        ref = _video_of(item, names, wanted, explicit=video is not None and lone)
        if isinstance(ref, str):
            unbound[ref] += 1
        else:
            groups.setdefault(ref.id, (ref, []))[1].append(item)
    frames: dict[FrameKey, LabelledImage] = {}
    rules: Counter[Rule] = Counter()
    for ref, items in groups.values():
        _bind_group(ref, items, by_order, frames, unbound, rules)
    return Binding(frames, unbound, rules)


def _video_of(
    item: LabelledImage, names: _Names, wanted: VideoRef | None, explicit: bool
) -> VideoRef | str:
    if item.video is not None:
        found = names.find(item.video)
        if found is None and explicit:
            found = wanted
        return found or (
            f"The file names the video “{item.video}”, which is not here; add it "
            "or say which video is meant."
        )
    if item.image is not None:
        parts = numbered(item.image)
        carried = [parts[0]] if parts and parts[0] else []
        for name in [*carried, *reversed(PurePosixPath(item.image).parent.parts)]:
            found = names.find(name)
            if found is not None:
                return found
    return wanted or "The file does not say which video is meant; name the video."


def _bind_group(
    ref: VideoRef,
    items: list[LabelledImage],
    by_order: bool,
    frames: dict[FrameKey, LabelledImage],
    unbound: Counter[str],
    rules: Counter[Rule],
) -> None:
    pictures = _pictures_of(ref)
    offset = _offset(ref, items, pictures)
    complete = len(items) == ref.frames and all(item.frame is None for item in items)
    for place, item in enumerate(items):
        found = _frame_of(item, place, pictures, offset, complete, by_order)
        if found is None:
            unbound[
                f"Nothing says which frame of {ref.name} a picture is (no frame number, no "
                f"number in its name, and {len(items)} pictures for {ref.frames} frames); "
                "export with frame numbers, or bind by order."
            ] += 1
            continue
        frame, rule = found
        key = FrameKey(ref.id, frame)
        if not 0 <= frame < ref.frames:
            unbound[f"{ref.name} has {ref.frames} frames, and frame numbers go beyond."] += 1
        elif ref.size and item.size and item.size != ref.size:
            made, due = ("×".join(map(str, size)) for size in (item.size, ref.size))
            unbound[
                f"The labels were made on pictures of {made}, and {ref.name} has {due}; "
                "export them at its size."
            ] += 1
        elif key in frames:
            unbound[f"A frame of {ref.name} has several entries; the first one counts."] += 1
        else:
            frames[key] = item
            rules[rule] += 1


def _frame_of(
    item: LabelledImage,
    place: int,
    pictures: Mapping[str, int],
    offset: int | None,
    complete: bool,
    by_order: bool,
) -> tuple[int, Rule] | None:
    if by_order:
        return place, "order"
    if item.frame is not None:
        return item.frame, "frame number"
    image = item.image or ""
    for name in _spellings(image):
        if name in pictures:
            return pictures[name], "picture name"
    ours = numbered(image)
    if ours is not None and ours[0] is not None and offset is not None:
        return ours[1] - offset, "number in the name"
    tail = _TAIL.search(without_suffix(image))
    if tail is not None and offset is not None:
        return int(tail[1]) - offset, "number in the name"
    return (place, "order") if complete else None


def _spellings(image: str) -> list[str]:
    """The ways in which a picture may be listed: path or name, with or without its ending, and
    without the eight digits that Label Studio puts before an uploaded file's name."""
    last = image.rpartition("/")[2]
    whole = [image, last, _UPLOAD.sub("", last)]
    return list(dict.fromkeys([*whole, *(without_suffix(name) for name in whole)]))


def _pictures_of(ref: VideoRef) -> dict[str, int]:
    """Frame number by picture name; names that mean two pictures are not in it."""
    result: dict[str, int] = {}
    twice: set[str] = set()
    for number, image in enumerate(ref.images or ()):
        plain = image.replace("\\", "/")
        last = plain.rpartition("/")[2]
        for name in dict.fromkeys([plain, last, without_suffix(plain), without_suffix(last)]):
            if name in result:
                twice.add(name)
            result.setdefault(name, number)
    return {name: number for name, number in result.items() if name not in twice}


def _offset(
    ref: VideoRef, items: list[LabelledImage], pictures: Mapping[str, int]
) -> int | None:
    """What the numbers in the pictures' names count from; None where they cannot be frame
    numbers (one lacks a number, two are alike, one is beyond the end)."""
    numbers = []
    for item in items:
        if item.frame is not None or any(n in pictures for n in _spellings(item.image or "")):
            continue
        tail = _TAIL.search(without_suffix(item.image or ""))
        if tail is None:
            return None
        numbers.append(int(tail[1]))
    if not numbers or len(set(numbers)) < len(numbers):
        return 0 if numbers == [] else None
    if max(numbers) == ref.frames and min(numbers) >= 1:
        return 1
    return 0 if max(numbers) < ref.frames else None
