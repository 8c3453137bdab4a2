"""What a container promises: how much footage, and more than can be there."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from framesift.errors import InputError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_FOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_TIMED = frozenset({"matroska", "webm", "flv"})
_PER_BYTE = 4
"""More frames than this for each byte of a file cannot be in it."""
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Promise:
    """What the header says that there is: `packets`, empty ones among them, or 0; `seconds`
    from the first timestamp to the end, or 0.0. Nothing that FFmpeg estimated from a rate."""

    packets: int = 0
    seconds: float = 0.0


def promise_of(container: InputContainer, stream: VideoStream) -> Promise:
    """The promise of an open container about one stream."""
    names = set(container.format.name.split(","))
    if "avi" in names:
        # Its header counts units of time: a frame that is shown longer counts several times.
        return Promise(seconds=float(stream.frames * (stream.time_base or 0)))
    if "mov" in names:
        # An edit list leaves only the samples that it shows in the index.
        listed: Any = getattr(stream, "index_entries", ())
        return Promise(packets=len(listed) or stream.frames)
    if names & _TIMED:
        return Promise(seconds=_stated_seconds(container, stream))
    return Promise()


def _stated_seconds(container: InputContainer, stream: VideoStream) -> float:
    stated = stream.metadata.get("DURATION", "")
    parts = stated.split(":")
    if len(parts) == 3:
        try:
            hours, minutes, seconds = (float(part) for part in parts)
            return 3600 * hours + 60 * minutes + seconds
        except ValueError:
            return 0.0
    if container.duration and len(container.streams) == 1:
        return float(container.duration) / 1e6
    return 0.0


def check_declared(path: Path) -> None:
    """InputError for an MP4 or MOV file whose tables declare more samples than its bytes can
    hold: FFmpeg would make an entry in memory for each of them before the first is read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[4:8] not in (b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip", b"styp"):
            return
        declared = sum(
            _declared(file, kind, at, end) for kind, at, end in _boxes(file, 0, size)
        )
    if declared > _PER_BYTE * size:
        raise InputError(
            f"{path} has {size} bytes and declares {declared:,} frames, which cannot be; it is "
            "damaged or made to do harm."
        )


def _boxes(
    file: BinaryIO, start: int, stop: int, depth: int = 0
) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a range of the file, those inside of others among them: kind, first byte
    behind the header, end."""
    at = start
    while at + 8 <= stop:
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return
        size, kind, first = int.from_bytes(header[:4]), header[4:8], at + 8
        if size == 1 and len(header) == 16:
            size, first = int.from_bytes(header[8:]), at + 16
        end = min(stop, at + size) if size else stop
        if size and size < first - at:
            return
        if kind in _FOLDERS and depth < _DEEPEST:
            yield from _boxes(file, first, end, depth + 1)
        else:
            yield kind, first, end
        at = end


def _declared(file: BinaryIO, kind: bytes, first: int, end: int) -> int:
    """How many samples a box declares without a byte of its own for each."""
    if kind not in (b"stsz", b"stz2", b"trun"):
        return 0
    file.seek(first)
    body = file.read(12)
    if len(body) < 12 or end - first < 8:
        return 0
    if kind == b"trun":
        flags, count = int.from_bytes(body[1:4]), int.from_bytes(body[4:8])
        each = 4 * (flags & 0xF00).bit_count()
        return count if not each else min(count, (end - first) // each + 1)
    fixed, count = struct.unpack(">II", body[4:12])
    if kind == b"stsz" and fixed:
        return int(count)
    # A table that the box has no room for ends where the box does.
    return int(min(count, max(0, end - first) * 2)) if count * 4 <= end - first else int(count)


def broken_promise(promise: Promise, packets: int, seconds: float) -> tuple[str, ...]:
    """A sentence where a header promised more than can be read, else nothing. `packets` are
    there, empty ones among them; the last one ends `seconds` after the first timestamp."""
    if packets < promise.packets - max(2, promise.packets // 50):
        promised, readable = f"{promise.packets} frames", str(packets)
    elif promise.seconds and seconds < promise.seconds - max(2.0, promise.seconds / 50):
        promised, readable = f"{promise.seconds:.0f} s", f"{seconds:.0f} s"
    else:
        return ()
    return (
        f"The header promises {promised} and {readable} can be read; the recording is cut "
        "off or damaged.",
    )
