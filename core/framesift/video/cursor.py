"""One pass over a stream's packets, from an entry on."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import av.error
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from framesift.errors import InputError
from framesift.video.container import (
    MOST_PIXELS,
    OTHER_KIND,
    HardwareError,
    Opened,
    only,
    open_container,
)
from framesift.video.sparse import Sparse
from framesift.video.table import StreamTable

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

THREADS_BYTES = 192 << 20
"""What the frames in work in a decoder's threads may take together."""
_PLANAR = {
    "nv12": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "p010le": "yuv420p10le",
    "p012le": "yuv420p12le",
    "p016le": "yuv420p12le",
    "p210le": "yuv422p10le",
}
"""The processor's order of what devices give."""
_FEWEST_THREADS, _FFMPEGS_MOST, _FFMPEGS_CHOICE = 2, 16, 0


def decoding_threads(frame_bytes: int, cores: int) -> int:
    """Threads of a decoder: FFmpeg's choice (one more than there are cores, up to 16), but of
    large frames fewer, for each thread holds one of its own.

    Args:
        frame_bytes: of a decoded frame, 1 or more.
        cores: that this process may use, 1 or more.

    Returns:
        2 to 16, or 0: FFmpeg's choice.
    """
    fitting = max(_FEWEST_THREADS, THREADS_BYTES // frame_bytes)
    return fitting if fitting < min(cores + 1, _FFMPEGS_MOST) else _FFMPEGS_CHOICE


def _usable_cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _frame_bytes(context: VideoCodecContext) -> int:
    bits = context.format.padded_bits_per_pixel if context.format is not None else 24
    return max(1, context.width * context.height * bits // 8)


def is_accelerated(context: VideoCodecContext) -> bool:
    """Whether a device decodes."""
    return bool(context.is_hwaccel)


class InterruptedReadError(Exception):
    """Another thread asked this reader to stop."""


class DamageError(Exception):
    """A strict decoder met a packet that is not as it should be."""


class Cursor:
    """A decoder at some place in a file. `table` says what to expect there; `strict`: the
    first packet that is not as it should be raises DamageError, before any picture that it
    could have spoilt comes out. sparse: which frames are asked for, None: all. hardware: the
    kind of device that decodes what is not damaged, None for none."""

    def __init__(
        self,
        path: Path,
        table: StreamTable,
        stopped: Callable[[], bool] = lambda: False,
        *,
        strict: bool = False,
        sparse: Sparse | None = None,
        hardware: str | None = None,
    ) -> None:
        self.sparse, self._hardware = sparse, hardware
        self._path, self._table, self._stopped = path, table, stopped
        self._strict, self._converter = strict, VideoReformatter()
        self._opened: Opened | None = None
        self._stream: VideoStream
        self._careful = self._patient = self._by_device = False
        self.failures: list[int] = []
        self.openings = 0
        """How many decoders there have been; their frames lie in memory of their own."""

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def decode_from(
        self, entry: int, *, careful: bool = False
    ) -> Generator[tuple[int | None, VideoFrame]]:
        """All frames from an entry to the end of the file, with their labels.

        Packets that cannot be decoded are passed over and noted in `failures`. A new call
        ends the earlier iterator. `careful`: whatever the table says of this entry, by a new
        decoder in one thread, which guesses the same wherever it was before, and not strictly.
        """
        self.failures = []
        count = 0
        self._patient = careful or self._table.is_damaged(entry)
        for number, packet in self._packets(entry):
            if self._stopped():
                raise InterruptedReadError
            if self._table.naming == "packet":
                packet.opaque = number
            for label, frame in self._decode(packet, number, count):
                yield label, frame
                count += 1
        for label, frame in self._decode(None, -1, count):
            yield label, frame
            count += 1

    def _may_skip(self, packet: Packet[Any] | None) -> Literal["DEFAULT", "NONREF"]:
        """What the decoder may pass over of a packet."""
        if self.sparse is None or packet is None or self._patient:
            return "DEFAULT"
        return "NONREF" if self.sparse.needless(packet) else "DEFAULT"

    def _label(self, frame: VideoFrame, count: int) -> int | None:
        if self._table.naming == "pts":
            return frame.pts
        return cast("int | None", frame.opaque) if self._table.naming == "packet" else count

    def _decode(
        self, packet: Packet[Any] | None, number: int, count: int
    ) -> list[tuple[int | None, VideoFrame]]:
        """What comes out after a packet, with labels; `count` frames came before."""
        self._stream.codec_context.skip_frame = self._may_skip(packet)
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.error.FFmpegError as error:
            if self._strict and not self._patient:
                raise DamageError(str(error)) from error
            self.failures.append(number)
            return []
        return [
            (self._label(frame, count + place), self._settled(frame))
            for place, frame in enumerate(frames)
        ]

    def _settled(self, frame: VideoFrame) -> VideoFrame:
        """The frame; where there is damage a copy in RGB, so that the decoder has its memory
        back at once: what it leaves undecoded shows what the memory held before, and that must
        not depend on how long somebody looks at a picture."""
        if not self._patient and not self._table.serial:
            planar = _PLANAR.get(frame.format.name) if self._by_device else None
            return self._converter.reformat(frame, format=planar) if planar else frame
        return self._converter.reformat(frame, format="rgb24")

    def _packets(self, entry: int) -> Iterator[tuple[int, Packet[Any]]]:
        """(place in the file, packet) from an entry on."""
        number = 0
        careful = self._patient or self._table.is_careful(entry)
        # What a decoder makes of damage depends on the pictures that it had before.
        if careful != self._careful or self._patient or self._table.serial:
            self.close()
            self._careful = careful
        if entry > 0:
            for first, packets in self._seeks(entry):
                if first is not None:
                    yield self._table.entries[entry].packet, first
                    number = self._table.entries[entry].packet + 1
                    yield from self._numbered(packets, number)
                    return
        self._reopen()
        packets = self._demux()
        if entry > 0:
            # No seek found the place: read on from the beginning until it comes.
            number = self._table.entries[entry].packet
            for _ in range(number):
                next(packets, None)
        yield from self._numbered(packets, number)

    @staticmethod
    def _numbered(
        packets: Iterator[Packet[Any]], first: int
    ) -> Iterator[tuple[int, Packet[Any]]]:
        yield from enumerate(packets, first)

    def _seeks(self, entry: int) -> Iterator[tuple[Packet[Any] | None, Iterator[Packet[Any]]]]:
        """Tries to seek in several ways; yields the entry's packet where it was found, and
        the packets after it."""
        goal = self._table.entries[entry]
        if self._opened is None:
            self._reopen()
        assert self._opened is not None
        before = self._table.entries[max(0, entry - 1)]
        targets = [goal.pts, goal.dts, before.pts, before.dts]
        if "mpegts" in self._table.container:
            targets[:2] = [goal.dts, goal.pts]
        for target in dict.fromkeys(t for t in targets if t > -(1 << 62)):
            try:
                self._opened.container.seek(target, stream=self._stream, backward=True)
            except av.error.FFmpegError:
                self._opened.check()
                continue
            packets = self._demux()
            yield self._find(packets, goal.pts), packets

    @staticmethod
    def _find(packets: Iterator[Packet[Any]], pts: int) -> Packet[Any] | None:
        for packet in packets:
            if packet.is_keyframe and packet.pts is not None:
                if packet.pts == pts:
                    return packet
                if packet.pts > pts:
                    return None
        return None

    def _demux(self) -> Iterator[Packet[Any]]:
        assert self._opened is not None
        return (packet for packet in self._opened.packets(self._stream) if packet.size)

    def _reopen(self) -> None:
        self.close()
        # What a device makes of damage is its own.
        alone = self._careful or self._patient or self._table.serial
        self._by_device = self._hardware is not None and not alone
        self._opened = open_container(self._path, self._hardware if self._by_device else None)
        self.openings += 1
        container = self._opened.container
        streams = [s for s in container.streams.video if s.index == self._table.stream]
        if not streams:
            raise InputError(
                f"{self._path} is no longer the video that was opened; open it again."
            )
        self._stream = streams[0]
        if self._by_device and not is_accelerated(self._stream.codec_context):
            # Another stream of the file is.
            raise HardwareError(self._path, OTHER_KIND.format(self._hardware))
        only(container, self._stream)
        if self._careful or self._by_device:
            self._stream.codec_context.thread_count = 1
        else:
            context = self._stream.codec_context
            self._stream.thread_type = "AUTO"
            context.thread_count = decoding_threads(_frame_bytes(context), _usable_cores())
        options = {"max_pixels": str(MOST_PIXELS)}
        if self._strict and not self._patient:
            options["err_detect"] = "explode"
        self._stream.codec_context.options = options
        self._stream.codec_context.copy_opaque = self._table.naming == "packet"
