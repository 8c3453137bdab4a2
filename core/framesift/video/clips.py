"""Which clips were recorded one after the other, told by their names and times."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from framesift.video.base import Video

_SEPARATED = re.compile(
    r"(?<![0-9])(20[0-9]{2})[-_.]?([0-9]{2})[-_.]?([0-9]{2})[-_.T ]{0,3}"
    r"([0-9]{2})[-_.:h]?([0-9]{2})[-_.:m]?([0-9]{2})s?(?![0-9])",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(
    r"(?<![0-9])([0-9]{2})([0-9]{2})([0-9]{2})[-_]([0-9]{2})([0-9]{2})([0-9]{2})(?![0-9])"
)
_HALF_DAY = re.compile(r"[-_ ]?([AP])\.?M\b\.?|[-_ ]?([AP])M(?=[-_])", re.IGNORECASE)
_GOPRO = re.compile(
    r"(.*?)(?:G([HXLS])([0-9]{2})([0-9]{4})|GOPR([0-9]{4})|GP([0-9]{2})([0-9]{4}))",
    re.IGNORECASE,
)
_CAMERA = re.compile(
    r"(?<![a-z])(cam(?:era)?|ch(?:annel)?|lens|view|stream)([-_ ]?)([0-9]+)", re.IGNORECASE
)
_KINDS = re.compile(
    # BlackVue's and Thinkware's letter behind the time, 70mai's before it, and words.
    r"(?<=@_)[NEPMTI](?=[FRIO]?(?:[LS]?)$)|^(?:NO|EV|PA|EMR|LP)(?=@)"
    r"|normal|event|emergency|parking|manual",
    re.IGNORECASE,
)
_COUNTER = re.compile(r"[0-9]+(?=[^0-9]*$)")
_TOLERANCE_S, _LAST = 2.0, 5
_OLDEST = 2000


@dataclass(frozen=True)
class Clip:
    """A video with what its name and container say about when it was recorded."""

    video: Video
    pattern: str
    counter: int
    digits: int
    chapter: tuple[str, int] | None
    start: datetime | None
    by_name: bool

    @classmethod
    def of(cls, video: Video) -> Self:
        stem = video.path.stem
        named, rest = name_time(stem)
        # Two cameras are two drives, and what made a clip be kept tears none.
        rest = _KINDS.sub("?", _CAMERA.sub(_spelt, rest))
        numbers = _COUNTER.findall(rest)
        pattern = _COUNTER.sub("#", rest, count=1) + video.path.suffix.lower()
        return cls(
            video,
            pattern,
            int(numbers[-1]) if numbers else 0,
            len(numbers[-1]) if numbers else 0,
            _chapter(stem),
            named or _container_time(video.recorded),
            named is not None,
        )

    @property
    def seconds(self) -> float:
        return self.video.index.duration


def _spelt(camera: re.Match[str]) -> str:
    """A camera's number in letters, so that it is no counter."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in camera[3])
    return f"{camera[1].lower()}{camera[2]}{letters}"


def name_time(stem: str) -> tuple[datetime | None, str]:
    """The date and time in a file name (20240131_235959, 2024-01-31 23.59.59,
    240131-235959, 2024-01-31 11.59.59 PM and the like) and the name with "@" in its place."""
    for shape in (_SEPARATED, _SHORT_YEAR):
        for match in shape.finditer(stem):
            year, month, day, hour, minute, second = map(int, match.groups())
            half = _HALF_DAY.match(stem, match.end())
            if half and 1 <= hour <= 12:
                hour = hour % 12 + (12 if (half[1] or half[2]).upper() == "P" else 0)
            end = half.end() if half else match.end()
            try:
                time = datetime(
                    year if year > 99 else 2000 + year,
                    month,
                    day,
                    hour,
                    minute,
                    second,
                    tzinfo=UTC,
                )
            except ValueError:
                continue
            return time, f"{stem[: match.start()]}@{stem[end:]}"
    return None, stem


def _container_time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Clocks that were never set, and dates without a time of day, say nothing.
    if time.year < _OLDEST or len(text) < len("2024-01-31T00:00"):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _chapter(stem: str) -> tuple[str, int] | None:
    """GoPro's (recording, chapter): GH010123, GH020123 …; GOPR0123, GP010123 …, also behind a
    prefix."""
    match = _GOPRO.fullmatch(stem)
    if match is None:
        return None
    prefix = match[1].upper()
    if match[2]:
        return f"{prefix}{match[2].upper()}{match[4]}", int(match[3])
    if match[5]:
        return f"{prefix}P{match[5]}", 0
    return f"{prefix}P{match[7]}", int(match[6])


def follows(first: Clip, second: Clip) -> bool:
    """Whether `other` was recorded right after `one`.

    Always: files of the same folder and size, and of the same rate (to 2 %) unless times in
    their names prove it. Then either consecutive chapters by name; or names alike but for their
    time, last number and the kind of recording (event, parking …), that number not falling
    unless it began again, and the second clip beginning where the first one ends (to 2 s, less
    for very short clips):
    by the times in the names, else by those in the containers (which with some cameras say
    when a clip ended); or, without any times, by timestamps that run on from one file into
    the next.
    """
    a, b = first.video, second.video
    if not (
        a.kind == b.kind == "file"
        and a.path.parent == b.path.parent
        and (a.width, a.height) == (b.width, b.height)
        and ((first.by_name and second.by_name) or math.isclose(a.fps, b.fps, rel_tol=0.02))
    ):
        return False
    if first.chapter and second.chapter:
        return (
            first.chapter[0] == second.chapter[0] and second.chapter[1] == first.chapter[1] + 1
        )
    if first.pattern != second.pattern:
        return False
    if second.counter < first.counter and not _wrapped(first, second):
        return False
    if first.start and second.start and second.start != first.start:
        apart = (second.start - first.start).total_seconds()
        lengths = [first.seconds] if first.by_name else [first.seconds, second.seconds]
        tolerance = min(_TOLERANCE_S, max(1.0, first.seconds / 2))
        return apart > 0 and min(abs(apart - length) for length in lengths) <= tolerance
    return _runs_on(a, b)


def _wrapped(first: Clip, second: Clip) -> bool:
    """Whether a counter began again; only times in the names can prove it."""
    last = 10**first.digits - _LAST
    return (
        first.by_name and second.by_name and first.counter >= last and second.counter <= _LAST
    )


def _runs_on(a: Video, b: Video) -> bool:
    first, last = b.index.timestamp(0), a.index.timestamp(len(a) - 1)
    if first is None or last is None or not a.index.time_base or not b.index.time_base:
        return False
    gap = float(first * b.index.time_base - last * a.index.time_base)
    return first > 0 and 0 < gap <= 2.5 / a.fps


def chains(videos: Sequence[Video]) -> list[list[Video]]:
    """The videos in chains of clips that follow one another, by first appearance."""
    clips = [Clip.of(video) for video in videos]
    never = datetime.max.replace(tzinfo=UTC)
    ordered = sorted(
        clips,
        key=lambda c: (
            c.start or never,
            c.chapter or ("", 0),
            c.counter,
            c.video.index.timestamp(0) or 0,
        ),
    )
    joined: list[list[Clip]] = []
    for clip in ordered:
        before = [chain for chain in joined if follows(chain[-1], clip)]
        if before:
            # Of two cameras' clips that end together, the one with the nearest number.
            min(before, key=lambda chain: abs(clip.counter - chain[-1].counter)).append(clip)
        else:
            joined.append([clip])
    place = {id(video): i for i, video in enumerate(videos)}
    joined.sort(key=lambda chain: min(place[id(clip.video)] for clip in chain))
    return [[clip.video for clip in chain] for chain in joined]
