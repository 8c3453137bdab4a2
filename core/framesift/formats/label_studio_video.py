"""Label Studio's video rectangles: keyframes from 1, per cent of the picture, linear between.

A keyframe that is not `enabled` ends the object's span; the last one that is holds to the end.
Label Studio counts frames at the rate that its labelling page was given (25 a second if
none), whatever the video's own: `framesCount` over `duration`. Where the number of the video's
own frames is known, boxes are taken at the moments of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from framesift.boxes import Origin
from framesift.formats.checks import (
    BadValueError,
    flag,
    label_name,
    mapping,
    number,
    sequence,
    side,
    whole,
)
from framesift.formats.model import LabelledImage, Size
from framesift.formats.names import without_upload
from framesift.formats.outlines import Corners, rotated
from framesift.formats.picture import Picture
from framesift.formats.source import Source
from framesift.formats.stated import check_corners, need_size, origin_of

MOST_BOXES = 500_000


@dataclass(frozen=True, slots=True)
class _Key:
    frame: int
    enabled: bool
    corners: Corners
    """Per cent of the picture."""
    angle: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class _Track:
    name: object
    category: object
    keys: list[_Key]
    count: int | None
    """Frames of the video as Label Studio counts them."""

    @property
    def last(self) -> int:
        return self.keys[-1].frame + 1 if self.keys else 1


def frames_of(
    results: list[dict[str, Any]],
    video: str | None,
    where: tuple[Path, str],
    source: Source,
    stated: str | None = None,
) -> Iterator[LabelledImage | None]:
    """The frames of a task about a video that have boxes, by frame number. `stated`: the
    video's name as our own files say it, where that is more than the file's."""
    name = None if video is None else label_name(without_upload(video.rpartition("/")[2]))
    if stated is not None and video is not None and stated.endswith(video):
        name = label_name(stated)
    size = next((s for r in results if (s := _size(r)) is not None), None)
    size = need_size(size or source.told_size(None, name), name or "it", where[0])
    pictures: dict[int, Picture] = {}
    room = MOST_BOXES
    for place, result in enumerate(results):
        if result.get("type") != "videorectangle":
            continue
        with source.entry(where[0], f"{where[1]}: result {place}"):
            track = _track(result, results)
            length = source.told_length(name) or track.count or track.last
            room -= _add(track, name, length, size, room, pictures, source)
    for frame, picture in sorted(pictures.items()):
        yield picture.labelled(video=name, frame=frame, size=size)


def _size(result: dict[str, Any]) -> Size | None:
    width, height = side(result.get("original_width")), side(result.get("original_height"))
    return (width, height) if width and height else None


def _track(result: dict[str, Any], results: list[dict[str, Any]]) -> _Track:
    value = mapping(result.get("value"))
    names = value.get("labels") or next(
        (
            mapping(r.get("value")).get("labels")
            for r in results
            if r.get("type") == "labels" and r.get("id") == result.get("id")
        ),
        None,
    )
    listed = sequence(names or [])
    if not listed:
        raise BadValueError("the track has no class")
    keys = sorted(
        (_key(mapping(k)) for k in sequence(value.get("sequence"))), key=lambda k: k.frame
    )
    count = value.get("framesCount")
    track = _Track(result.get("id"), listed[0], keys, None)
    return track if count is None else replace(track, count=max(whole(count), track.last))


def _key(element: dict[str, Any]) -> _Key:
    x, y, width, height = (number(element.get(k)) for k in ("x", "y", "width", "height"))
    corners = x, y, x + width, y + height
    check_corners(*corners)
    enabled = element.get("enabled", True)
    return _Key(
        whole(element.get("frame"), 1) - 1,
        flag(enabled),
        corners,
        number(element.get("rotation") or 0) % 360,
        origin_of(element.get("origin")),
    )


def _add(
    track: _Track,
    video: str | None,
    length: int,
    size: Size,
    room: int,
    pictures: dict[int, Picture],
    source: Source,
) -> int:
    """Adds a track's boxes to the pictures of the video's own frames; returns how many."""
    # Without a count of its own the file counts the frames that there are.
    scale = 1.0 if track.count is None else track.count / length
    spans = _spans(track, scale, length)
    made = sum(map(len, spans))
    if made > room:
        raise BadValueError(
            f"its keyframes stand for more than {MOST_BOXES} boxes",
            "tracks over more frames than can be read",
        )
    # One box is a box of one frame; Label Studio has no other way to hold it.
    number = source.track(video, track.name) if made > 1 else None
    for place, (key, span) in enumerate(zip(track.keys, spans, strict=True)):
        until = track.keys[place + 1] if place + 1 < len(track.keys) else None
        for frame in span:
            picture = pictures.setdefault(frame, Picture(source))
            _box(track, number, (key, until), frame * scale, size, picture)
    return made


def _spans(track: _Track, scale: float, length: int) -> list[range]:
    """The frames of the video for which each keyframe stands."""
    spans = []
    for place, key in enumerate(track.keys):
        until = track.keys[place + 1] if place + 1 < len(track.keys) else None
        end = length * scale if until is None else until.frame
        if not key.enabled:
            end = key.frame + 1 if until is None else min(key.frame + 1, until.frame)
        # Frame n of the video is shown at n · scale of Label Studio's count.
        spans.append(range(_up(key.frame / scale), min(_up(end / scale), length)))
    return spans


def _up(value: float) -> int:
    return -int(-(value - 1e-9) // 1)


def _box(
    track: _Track,
    number: int | None,
    keys: tuple[_Key, _Key | None],
    at: float,
    size: Size,
    picture: Picture,
) -> None:
    key, until = keys
    corners, angle = key.corners, key.angle
    if until is not None and key.enabled and until.frame > key.frame:
        share = (at - key.frame) / (until.frame - key.frame)
        x1, y1, x2, y2 = (
            a + (b - a) * share for a, b in zip(key.corners, until.corners, strict=True)
        )
        corners, angle = (x1, y1, x2, y2), angle + (until.angle - angle) * share
    across, down = size[0] / 100, size[1] / 100
    native = corners[0] * across, corners[1] * down, corners[2] * across, corners[3] * down
    # Frames of the video may lie between those that Label Studio counts.
    of: dict[str, Any] = {
        "track": number,
        "origin": key.origin if at < key.frame + 1 else "interpolated",
    }
    if angle % 360:
        picture.outline(
            "rotated boxes", track.category, lambda: rotated(native, angle, native[:2]), **of
        )
    else:
        picture.add(track.category, *native, **of)
