"""Decoding on a graphics card, by choice, and only where its pictures are the processor's.

The standards of video coding leave a decoder no freedom in what a picture is. A card gives its
colours in another order; brought back into the order of the processor's decoders they take the
same way to RGB, which from the card's order would round otherwise.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.codec.hwaccel import hwdevices_available
from av.video.reformatter import VideoReformatter

from framesift.errors import InputError
from framesift.video.base import Video
from framesift.video.container import HardwareError
from framesift.video.file import FileVideo
from framesift.video.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framesift.video.table import StreamTable

COMPARED = 12
"""Frames that are decoded both ways at each of two places before a card is relied on."""
PYAV = 18
"""Earlier ones lose on the way from a device what the colours of a frame mean."""

UNUSED = "Nothing is scored, so the processor decodes what is compared."


def available() -> tuple[str, ...]:
    """The kinds of devices that this FFmpeg knows; whether there is one, only trying tells."""
    return tuple(hwdevices_available())


def on_hardware(video: Video, kind: str | None) -> tuple[Video, str]:
    """A video to be decoded on a graphics card.

    Args:
        video: an opened one.
        kind: of device, one in `framesift.video.settings.HARDWARE`; None: none.

    Returns:
        A reader of the same video, on the card where its pictures are the processor's bit for
        bit at the beginning and from the key in the middle on, and otherwise the video itself;
        and a sentence that says which, or why not. "" where none was asked for.

    Example:
        >>> on_hardware(video, None)[1]
        ''
    """
    if kind is None:
        return video, ""
    if not isinstance(video, FileVideo):
        return video, f"{video.name} is no video file; it is read by the processor."
    reason = _objection(video, kind)
    if reason:
        return video, f"{video.name} is decoded by the processor: {reason}"
    return video.decoded_on(kind), (
        f"{video.name} is decoded by {kind}, which gave the processor's pictures bit for bit."
    )


def _objection(video: FileVideo, kind: str) -> str:
    """Why a card is not used; "" where nothing speaks against it."""
    table, known = video.table, available()
    if int(av.__version__.split(".")[0]) < PYAV:
        return f"PyAV {av.__version__} is here, and devices need {PYAV} or later."
    if kind not in known:
        return f"this FFmpeg has no {kind}; it has {', '.join(known) or 'no such device'}."
    if table.naming != "pts":
        return "it has no timestamps by which a device's pictures could be told apart."
    if table.checked != "all":
        # A device need not say what it could not decode.
        return (
            "not all of it was decoded yet to know of damage; `framesift inspect "
            f"{video.name} --verify` does that once."
        )
    ranks = _to_compare(table)
    if not ranks:
        return "there is damage where it would be compared, which devices read their own way."
    try:
        plain, other = (_looked_at(video.path, table, ranks, by) for by in (None, kind))
    except HardwareError as error:
        return error.reason
    except InputError:
        return f"{kind} does not decode it."
    if other.suspect - plain.suspect:
        return f"{kind} does not decode it."
    return f"{kind} gives other pictures." if other.pictures != plain.pictures else ""


def _to_compare(table: StreamTable) -> list[int]:
    """The frames from the first key on, and from the one in the middle, that are undamaged."""
    entries = [0, len(table.entries) // 2]
    starts = [table.entries[n].rank for n in entries if not table.is_careful(n)]
    reached = {
        rank for start in starts for rank in range(start, min(start + COMPARED, len(table)))
    }
    return sorted(r for r in reached if not table.is_careful(table.entry_for(r)))


@dataclass(frozen=True, slots=True)
class _Looked:
    """Digests of pictures in RGB, and the entries that were not decoded as they should be."""

    pictures: list[str]
    suspect: frozenset[int]


def _looked_at(
    path: Path, table: StreamTable, ranks: Sequence[int], hardware: str | None
) -> _Looked:
    converter, pictures = VideoReformatter(), []
    with closing(Reader(path, table, hardware=hardware)) as reader:
        for rank in ranks:
            number, frame = reader.get(rank)
            shown = converter.reformat(frame, format="rgb24").to_ndarray()
            pictures.append(f"{number} {hashlib.sha256(shown.tobytes()).hexdigest()}")
        return _Looked(pictures, reader.suspect)
