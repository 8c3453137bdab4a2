"""What the names of pictures and videos say about which frame is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from framesift.formats.model import Size
from framesift.formats.names import (
    numbered,
    original,
    stem,
    unique_names,
    without_suffix,
    without_upload,
)

_TAIL = re.compile(r"(.*?)(\d{1,9})", re.ASCII | re.DOTALL)
_GENERAL = {"frame", "frames", "img", "image", "im", "pic", "picture", "photo", "video"}
_ODD = 5
"""Numbers in names count as frame numbers where at most one picture in this many has none, or
one beyond the end."""


@dataclass(frozen=True, slots=True)
class VideoRef:
    """What binding needs to know of a video: its id, its name, how many frames it has, its
    (width, height) where all frames share one, for stills and folders of images the
    relative path of each, its frames a second, and other names that it has and may share with
    others (its file's)."""

    id: str
    name: str
    frames: int
    size: Size | None = None
    images: Sequence[str] | None = None
    fps: float | None = None
    also: tuple[str, ...] = ()


class Names:
    """The videos by every way in which a file may call them."""

    def __init__(self, videos: Sequence[VideoRef]) -> None:
        short = unique_names(video.name for video in videos)
        self._ways: list[dict[str, list[VideoRef]]] = [{}, {}, {}, {}, {}]
        for video in videos:
            ways: tuple[Iterable[str], ...] = (
                (video.name,),
                (*video.also, *map(stem, video.also)),
                (video.id,),
                (short[video.name],),
                (stem(video.name),),
            )
            for way, names in zip(self._ways, ways, strict=True):
                for name in dict.fromkeys(names):
                    way.setdefault(name, []).append(video)

    def find(self, name: str) -> VideoRef | None:
        """The one video of that name: its own, its file's, its id, its short one or its stem,
        as the file spells it or as it was before Label Studio put eight digits before it; None
        where there is none, or several."""
        for spelled in dict.fromkeys((name, without_upload(name))):
            for candidate in dict.fromkeys((spelled, stem(spelled))):
                for way in self._ways:
                    refs = way.get(candidate, [])
                    if len(refs) == 1:
                        return refs[0]
                    if refs:
                        return None
        return None

    def ambiguous(self, name: str) -> bool:
        """Whether several videos have that name."""
        return any(
            len(way.get(candidate, [])) > 1
            for candidate in (
                name,
                stem(name),
                without_upload(name),
                stem(without_upload(name)),
            )
            for way in self._ways
        )

    def carried(self, image: str | None) -> VideoRef | None:
        """The video whose name a picture's name or one of its folders carries."""
        if image is None:
            return None
        named = named_after(image, self)
        if isinstance(named, VideoRef):
            return named
        folders = reversed(PurePosixPath(image).parent.parts)
        return next((ref for folder in folders if (ref := self.find(folder))), None)


def named_after(image: str | None, names: Names) -> VideoRef | str | None:
    """The video that a picture's name NAME_000012 carries; where there is none of that name,
    the name itself; None where the name says nothing of a video (frame_000012)."""
    if image is None:
        return None
    plain = original(image)
    parts = numbered(plain)
    if parts is None or not parts[0]:
        return None
    cut = numbered(without_upload(plain))
    prefix = cut[0] if cut is not None and cut[0] else parts[0]
    ref = names.find(parts[0]) or names.find(prefix)
    if ref is not None:
        return ref
    return None if prefix.casefold() in _GENERAL else prefix


class Numbers:
    """The numbers that end the names of a video's pictures, as frame numbers.

    `images` are the names (None: the picture needs none), `carried` says of each whether it
    carries the video's own name: its number always counts. Other numbers count where they are
    unique and nearly all of them are within the video.
    """

    def __init__(
        self,
        ref: VideoRef,
        images: Sequence[str | None],
        carried: Sequence[bool],
        count_from: int | None,
    ) -> None:
        self._ref, self._carried = ref, carried
        self._tails = [None if image is None else _tail(image) for image in images]
        self._needed = [image is not None for image in images]
        numbers = [tail[1] for tail in self._tails if tail is not None]
        from_one = bool(numbers) and max(numbers) == ref.frames and min(numbers) >= 1
        self.first = int(from_one) if count_from is None else count_from
        self.doubtful = count_from is None and not from_one and min(numbers, default=0) >= 1
        """Whether the numbers might as well count from 1."""
        self._trusted = False

    def settle(self, complete: bool) -> None:
        """Decides whether numbers without the video's name count. `complete`: there are as many
        pictures as frames, so that their order may count instead."""
        others = [
            tail
            for tail, needed, carried in zip(
                self._tails, self._needed, self._carried, strict=True
            )
            if needed and not carried
        ]
        numbers = {tail[1]: tail[0] for tail in others if tail is not None}
        clash = any(tail is not None and numbers[tail[1]] != tail[0] for tail in others)
        odd = sum(tail is None or not self._within(tail[1]) for tail in others)
        self._trusted = not clash and odd * _ODD <= len(others) and not (complete and odd)

    def _within(self, number: int) -> bool:
        return 0 <= number - self.first < self._ref.frames

    def at(self, place: int) -> int | None:
        """The frame that the name of the n-th picture means, which may be beyond the video's
        end; None where it says nothing."""
        tail = self._tails[place]
        if tail is None or not (self._carried[place] or self._trusted):
            return None
        return tail[1] - self.first


def _tail(image: str) -> tuple[str, int] | None:
    name = without_suffix(original(image).rpartition("/")[2])
    match = _TAIL.fullmatch(name)
    return None if match is None else (without_upload(match[1] + "x")[:-1], int(match[2]))
