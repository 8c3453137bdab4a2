"""Reads the frames of one stream, exactly: in order, or any of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import av.error
from av.video.frame import VideoFrame

from framesift.errors import InputError
from framesift.video.container import ended, only, open_container
from framesift.video.table import StreamTable

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_WORTH_SEEKING = 8
CACHE_BYTES = 192 << 20


class InterruptedReadError(Exception):
    """Another thread asked this reader to stop."""


class Cursor:
    """A decoder at some place in a file. `table` says what to expect there."""

    def __init__(
        self, path: Path, table: StreamTable, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self._path, self._table, self._stopped = path, table, stopped
        self._container: InputContainer | None = None
        self._stream: VideoStream
        self._careful = False
        self.failures: list[int] = []

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def decode_from(self, entry: int) -> Generator[tuple[int | None, VideoFrame]]:
        """All frames from an entry to the end of the file, with their labels.

        Packets that cannot be decoded are passed over and noted in `failures`. A new call
        ends the earlier iterator.
        """
        self.failures = []
        count = 0
        for number, packet in self._packets(entry):
            if self._stopped():
                raise InterruptedReadError
            if self._table.naming == "packet":
                packet.opaque = number
            for frame in self._decode(packet, number):
                yield self._label(frame, count), frame
                count += 1
        for frame in self._decode(None, -1):
            yield self._label(frame, count), frame
            count += 1

    def _label(self, frame: VideoFrame, count: int) -> int | None:
        if self._table.naming == "pts":
            return frame.pts
        return cast("int | None", frame.opaque) if self._table.naming == "packet" else count

    def _decode(self, packet: Packet[Any] | None, number: int) -> list[VideoFrame]:
        try:
            return self._stream.codec_context.decode(packet)
        except av.error.FFmpegError:
            self.failures.append(number)
            return []

    def _packets(self, entry: int) -> Iterator[tuple[int, Packet[Any]]]:
        """(place in the file, packet) from an entry on."""
        number = 0
        careful = self._table.is_careful(entry)
        if careful != self._careful:
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
        if self._container is None:
            self._reopen()
        assert self._container is not None
        before = self._table.entries[max(0, entry - 1)]
        targets = [goal.pts, goal.dts, before.pts, before.dts]
        if "mpegts" in self._table.container:
            targets[:2] = [goal.dts, goal.pts]
        for target in dict.fromkeys(t for t in targets if t > -(1 << 62)):
            try:
                self._container.seek(target, stream=self._stream, backward=True)
            except av.error.FFmpegError:
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
        assert self._container is not None
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    yield packet
        except av.error.FFmpegError:
            ended(self._path)

    def _reopen(self) -> None:
        self.close()
        self._container = open_container(self._path)
        streams = [s for s in self._container.streams.video if s.index == self._table.stream]
        if not streams:
            raise InputError(
                f"{self._path} is no longer the video that was opened; open it again."
            )
        self._stream = streams[0]
        only(self._container, self._stream)
        if self._careful:
            self._stream.codec_context.thread_count = 1
        else:
            self._stream.thread_type = "AUTO"
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
        self._cursor = Cursor(path, table, stopped)
        self._running: Iterator[tuple[int, VideoFrame]] | None = None
        self._behind: tuple[int, VideoFrame] | None = None
        self._ahead: tuple[int, VideoFrame] | None = None
        self._position = 0
        self._kept: OrderedDict[int, VideoFrame] = OrderedDict()
        self._kept_bytes, self._most_bytes = 0, cache_bytes
        self._keeping = self._careful = False

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
            found = self._advance(back)
            if found is not None and (found[0] <= back or back == 0):
                return found
            entry = self._table.entries[self._table.entry_for(back)]
            if back == 0:
                raise InputError(
                    f"{self._path} no longer decodes; was it changed? Open it again."
                )
            back = max(0, entry.rank - 1)

    def _advance(self, rank: int) -> tuple[int, VideoFrame] | None:
        """Decodes up to `rank`. What it returns may be the nearest earlier frame instead, or,
        right after an entry, a later one; None when nothing came at all."""
        entry = self._table.entry_for(rank)
        start = self._table.entries[entry].rank
        behind = self._behind[0] if self._behind else -1
        careful = self._table.is_careful(entry)
        if (
            self._running is None
            or rank < behind
            or careful != self._careful
            or start > self._position + _WORTH_SEEKING
            or (rank < self._position and self._behind is None)
        ):
            self._keeping = self._keeping or (
                self._running is not None and rank < self._position
            )
            self._running = self._ranked(entry)
            self._behind = self._ahead = None
            self._position, self._careful = start, careful
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
        for label, frame in self._cursor.decode_from(entry):
            rank = self._table.rank_of(label)
            if rank is not None and rank >= first:
                yield rank, frame

    def _keep(self, rank: int, frame: VideoFrame) -> None:
        if not self._keeping or rank in self._kept:
            return
        self._kept[rank] = frame
        self._kept_bytes += _bytes_of(frame)
        while self._kept_bytes > self._most_bytes and len(self._kept) > 1:
            self._kept_bytes -= _bytes_of(self._kept.popitem(last=False)[1])


def _bytes_of(frame: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in frame.planes)
