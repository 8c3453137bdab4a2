"""Reads the frames of one stream, exactly: in order, or any of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import av.error
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from framesift.errors import InputError
from framesift.video.container import MOST_PIXELS, Opened, only, open_container
from framesift.video.table import StreamTable

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

_WORTH_SEEKING = 8
CACHE_BYTES = 192 << 20


class InterruptedReadError(Exception):
    """Another thread asked this reader to stop."""


class DamageError(Exception):
    """A strict decoder met a packet that is not as it should be."""


class Cursor:
    """A decoder at some place in a file. `table` says what to expect there; `strict`: the
    first packet that is not as it should be raises DamageError, before any picture that it
    could have spoilt comes out."""

    def __init__(
        self,
        path: Path,
        table: StreamTable,
        stopped: Callable[[], bool] = lambda: False,
        *,
        strict: bool = False,
    ) -> None:
        self._path, self._table, self._stopped = path, table, stopped
        self._strict, self._converter = strict, VideoReformatter()
        self._opened: Opened | None = None
        self._stream: VideoStream
        self._careful = self._patient = False
        self.failures: list[int] = []

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

    def _label(self, frame: VideoFrame, count: int) -> int | None:
        if self._table.naming == "pts":
            return frame.pts
        return cast("int | None", frame.opaque) if self._table.naming == "packet" else count

    def _decode(
        self, packet: Packet[Any] | None, number: int, count: int
    ) -> list[tuple[int | None, VideoFrame]]:
        """What comes out after a packet, with labels; `count` frames came before."""
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
            return frame
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
        self._opened = open_container(self._path)
        container = self._opened.container
        streams = [s for s in container.streams.video if s.index == self._table.stream]
        if not streams:
            raise InputError(
                f"{self._path} is no longer the video that was opened; open it again."
            )
        self._stream = streams[0]
        only(container, self._stream)
        if self._careful:
            self._stream.codec_context.thread_count = 1
        else:
            self._stream.thread_type = "AUTO"
        options = {"max_pixels": str(MOST_PIXELS)}
        if self._strict and not self._patient:
            options["err_detect"] = "explode"
        self._stream.codec_context.options = options
        self._stream.codec_context.copy_opaque = self._table.naming == "packet"


class Reader:
    """Frames by number. Going on from where it is costs least; after the first step back it
    keeps what it decodes on the way, up to `cache_bytes`."""

    def __init__(
        self,
        path: Path,
        table: StreamTable,
        *,
        cache_bytes: int = CACHE_BYTES,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._path, self._table = path, table
        self._cursor = Cursor(path, table, stopped, strict=True)
        self._running: Iterator[tuple[int, VideoFrame]] | None = None
        self._behind: tuple[int, VideoFrame] | None = None
        self._ahead: tuple[int, VideoFrame] | None = None
        self._position = self._entry = 0
        self._kept: OrderedDict[int, VideoFrame] = OrderedDict()
        self._kept_bytes, self._most_bytes = 0, cache_bytes
        self._keeping = self._careful = False
        self._suspect: set[int] = set()

    def close(self) -> None:
        self._running = self._behind = self._ahead = None
        self._kept.clear()
        self._kept_bytes = 0
        self._cursor.close()

    def get(self, rank: int) -> tuple[int, VideoFrame]:
        """(number found, frame): the frame itself, or, where it does not decode, the one
        shown before it (for the first frames: the first that there is)."""
        kept = self._kept.get(rank)
        if kept is not None:
            self._kept.move_to_end(rank)
            return rank, kept
        back = rank
        while True:
            decoded = self._advance(back)
            if decoded is not None and (decoded[0] <= back or back == 0):
                return decoded
            entry = self._table.entries[self._table.entry_for(back)]
            if back == 0:
                raise InputError(
                    f"{self._path} no longer decodes; was it changed? Open it again."
                )
            back = max(0, entry.rank - 1)

    def _advance(self, rank: int) -> tuple[int, VideoFrame] | None:
        """Decodes up to `rank`. What it returns may be the nearest earlier frame instead, or,
        right after an entry, a later one; None when nothing came at all."""
        while True:
            self._go_to(rank)
            try:
                return self._run_up_to(rank)
            except DamageError:
                self._running = None
                # Pictures before the damage stand; where it lies before the place that is
                # wanted, decoding begins behind it.
                entry = self._table.entry_for(min(self._position, rank))
                if entry == self._table.entry_for(rank):
                    self._suspect.add(entry)

    def _go_to(self, rank: int) -> None:
        """Begins anew at the entry of `rank`, unless going on leads there sooner."""
        entry = self._table.entry_for(rank)
        start = self._table.entries[entry].rank
        behind = self._behind[0] if self._behind else -1
        careful = self._is_careful(entry)
        if (
            self._running is None
            or rank < behind
            or careful != self._careful
            or (self._is_damaged(entry) and entry != self._entry)
            or start > self._position + _WORTH_SEEKING
            or (rank < self._position and self._behind is None)
        ):
            self._keeping = self._keeping or (
                self._running is not None and rank < self._position
            )
            self._running = self._ranked(entry)
            self._behind = self._ahead = None
            self._position, self._careful, self._entry = start, careful, entry

    def _is_damaged(self, entry: int) -> bool:
        return entry in self._suspect or self._table.is_damaged(entry)

    def _is_careful(self, entry: int) -> bool:
        return entry in self._suspect or self._table.is_careful(entry)

    def _run_up_to(self, rank: int) -> tuple[int, VideoFrame] | None:
        assert self._running is not None
        while self._behind is None or self._behind[0] < rank:
            if self._ahead is None:
                self._ahead = next(self._running, None)
                if self._ahead is None:
                    self._position = len(self._table)
                    break
                self._position = self._ahead[0] + 1
                self._keep(*self._ahead)
            if self._ahead[0] > rank:
                break
            self._behind, self._ahead = self._ahead, None
        return self._behind or self._ahead

    def _ranked(self, entry: int) -> Iterator[tuple[int, VideoFrame]]:
        first = self._table.entries[entry].rank
        frames = self._cursor.decode_from(entry, careful=entry in self._suspect)
        for label, frame in frames:
            rank = self._table.rank_of(label)
            if rank is not None and rank >= first:
                yield rank, frame

    def _keep(self, rank: int, frame: VideoFrame) -> None:
        if not self._keeping or rank in self._kept:
            return
        entry = self._table.entry_for(rank)
        if entry != self._entry and (self._is_damaged(entry) or self._is_damaged(self._entry)):
            return
        self._kept[rank] = frame
        self._kept_bytes += _bytes_of(frame)
        while self._kept_bytes > self._most_bytes and len(self._kept) > 1:
            self._kept_bytes -= _bytes_of(self._kept.popitem(last=False)[1])


def _bytes_of(frame: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in frame.planes)
