"""Decoding on a graphics card, by choice, and only where its pictures are the processor's.

The standards of H.264, H.265, VP9 and AV1 leave a decoder no freedom in what a picture is. A
card gives its colours in another order; brought back into the order of the processor's decoders
they take the same way to RGB, which from the card's order would round otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import av.error
import numpy as np
from av.codec.hwaccel import hwdevices_available
from av.video.reformatter import VideoReformatter

from framesift.video.base import Video
from framesift.video.container import HardwareError
from framesift.video.cursor import Cursor, DamageError
from framesift.video.file import FileVideo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from framesift.video.table import StreamTable

COMPARED = 12
"""Frames that are decoded both ways at each of two places before a card is relied on."""
_Pictures = Mapping[int | None, "NDArray[np.uint8]"]


def available() -> tuple[str, ...]:
    """The kinds of devices that this FFmpeg knows; whether there is one, only trying tells."""
    return tuple(hwdevices_available())


def on_hardware(video: Video, kind: str) -> tuple[Video, str]:
    """A video to be decoded on a graphics card.

    Args:
        video: an opened one.
        kind: of device, one in `framesift.video.settings.HARDWARE`; "": none.

    Returns:
        A reader of the same video, on the card where its pictures are the processor's bit for
        bit at the beginning and in the middle, and otherwise the video itself; and a sentence
        that says which, or why not. "" where none was asked for.

    Example:
        >>> on_hardware(video, "")[1]
        ''
    """
    if not kind:
        return video, ""
    if not isinstance(video, FileVideo):
        return video, f"{video.name} is no video file; it is read by the processor."
    reason = _objection(video.path, video.table, kind)
    if reason:
        return video, f"{video.name} is decoded by the processor: {reason}"
    return video.decoded_on(kind), (
        f"{video.name} is decoded by {kind}, which gave the processor's pictures bit for bit."
    )


def _objection(path: Path, table: StreamTable, kind: str) -> str:
    """Why a card is not used; "" where nothing speaks against it."""
    if kind not in available():
        return (
            f"this FFmpeg has no {kind}; it has {', '.join(available()) or 'no such device'}."
        )
    places = [n for n in (0, len(table.entries) // 2) if not table.is_careful(n)]
    if table.serial or not places:
        return "there is damage in it, which only the processor reads the same every time."
    try:
        for entry in dict.fromkeys(places):
            plain, other = (_pictures(path, table, entry, by) for by in ("", kind))
            if plain.keys() != other.keys() or any(
                not np.array_equal(picture, other[label]) for label, picture in plain.items()
            ):
                return f"{kind} gives other pictures."
    except HardwareError as error:
        return str(error)
    except (DamageError, av.error.FFmpegError) as error:
        return f"{kind} does not decode it ({error})."
    return ""


def _pictures(path: Path, table: StreamTable, entry: int, hardware: str) -> _Pictures:
    """By label the first frames from an entry on, RGB."""
    converter = VideoReformatter()
    with closing(Cursor(path, table, strict=True, hardware=hardware)) as cursor:
        frames = itertools.islice(cursor.decode_from(entry), COMPARED)
        return {
            label: np.array(converter.reformat(frame, format="rgb24").to_ndarray(), np.uint8)
            for label, frame in frames
        }
