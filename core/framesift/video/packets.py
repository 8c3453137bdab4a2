"""Lists the packets of a stream without decoding them."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from framesift.records import Progress, RateMeter
from framesift.video.container import Opened, read_failed
from framesift.video.seams import doubts
from framesift.video.table import NO_TIME, Ints

if TYPE_CHECKING:
    from pathlib import Path

    from av.packet import Packet
    from av.video.stream import VideoStream

SILENT = frozenset({"hevc", "vvc"})
"""Codecs whose decoder does not tell that a picture ended too early: what is missing there is
whatever was in the memory before."""
_EVERY_S = 0.2
_SHOW_FRAME = 0x10


@dataclass
class PacketList:
    """The packets of one stream in the order of the file (those that carry bytes)."""

    pts: array[int] = field(default_factory=lambda: array("q"))
    dts: array[int] = field(default_factory=lambda: array("q"))
    flags: bytearray = field(default_factory=bytearray)
    empty: int = 0
    """How many packets more carry no byte: a frame that is shown once more (AVI)."""

    KEY, CORRUPT, HIDDEN, OPEN = 1, 2, 4, 8
    """OPEN: its last part may be missing; the decoder will tell."""

    def __len__(self) -> int:
        return len(self.flags)

    def add(self, packet: Packet[Any], hidden: bool) -> None:
        self.pts.append(NO_TIME if packet.pts is None else packet.pts)
        self.dts.append(NO_TIME if packet.dts is None else packet.dts)
        self.flags.append(
            self.KEY * packet.is_keyframe
            | self.CORRUPT * packet.is_corrupt
            | self.HIDDEN * hidden
        )

    def settle(self, path: Path, stream: VideoStream, places: array[int]) -> None:
        """Finds out which packets of a transport stream are corrupt, of those called so;
        `places`: the bytes at which they begin. EnvironmentProblem where the storage fails."""
        if not len(self):
            return
        called = np.flatnonzero(self.flagged(self.CORRUPT)).tolist()
        keys = self.flagged(self.KEY).tolist()
        try:
            judged = doubts(path, stream.id, places, keys, called)
        except OSError as error:
            raise read_failed(path, error) from error
        for place in called:
            self.flags[place] &= ~self.CORRUPT
        for place in judged.missing:
            self.flags[place] |= self.CORRUPT
        for place in judged.open:
            silent = stream.codec_context.name in SILENT
            self.flags[place] |= self.CORRUPT if silent else self.OPEN

    def times(self) -> Ints:
        return np.array(self.pts, np.int64)

    def seconds(self, time_base: Fraction) -> float:
        """From the first timestamp to the end of the last frame, which is one usual distance
        long."""
        times = self.times()
        times = np.unique(np.where(times == NO_TIME, np.array(self.dts, np.int64), times))
        times = times[times != NO_TIME]
        if len(times) < 2:
            return 0.0
        usual = int(np.median(np.diff(times)))
        return float((int(times[-1]) - int(times[0]) + usual) * time_base)

    def flagged(self, flag: int) -> NDArray[np.bool_]:
        return (np.frombuffer(bytes(self.flags), np.uint8) & flag) > 0


def list_packets(
    opened: Opened, stream: VideoStream, path: Path
) -> Iterator[Progress | PacketList]:
    """Reads the whole file; yields Progress in bytes, and last the PacketList."""
    packets = PacketList()
    places: array[int] | None = array("q") if _is_transport(opened) else None
    vp8 = stream.codec_context.name in ("vp8", "libvpx")
    meter = RateMeter(path.stat().st_size, "bytes", "indexing")
    last = time.monotonic()
    for packet in opened.packets(stream):
        if not packet.size:
            packets.empty += 1
            continue
        # VP8 keeps pictures that are only referred to in packets of their own.
        hidden = packet.is_discard or (vp8 and not memoryview(packet)[0] & _SHOW_FRAME)
        packets.add(packet, hidden)
        if places is not None:
            places.append(-1 if packet.pos is None else packet.pos)
        if len(packets) % 64 == 0 and time.monotonic() - last > _EVERY_S:
            last = time.monotonic()
            place = packet.pos or 0
            yield meter.advance(max(0, min(place, meter.total or 0) - meter.done))
    if places is not None:
        packets.settle(path, stream, places)
    yield packets


def _is_transport(opened: Opened) -> bool:
    return opened.container.format.name == "mpegts"
