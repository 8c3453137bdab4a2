"""Finds out which frames decode, and from where they decode right.

The list of packets is only a promise: packets may hold half a picture, no picture or a
damaged one, and a place marked as a key may lean on what came before it.
"""

from __future__ import annotations

import time
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from framesift.records import Progress, RateMeter
from framesift.video.cursor import Cursor
from framesift.video.table import Entry, StreamTable

_EVERY_S = 0.2


@dataclass(frozen=True)
class Decoded:
    """What one pass from the beginning to the end gave, in order: the frames' labels, a sum
    of each picture (`shown`: of the one in RGB), the numbers of corrupt ones; the packets that
    failed; all (width, height) that occurred."""

    labels: list[int | None]
    sums: list[int]
    corrupt: frozenset[int]
    failures: tuple[int, ...]
    sizes: frozenset[tuple[int, int]]
    shown: bool = False

    @property
    def usable(self) -> bool:
        """Whether the labels tell all frames apart."""
        return None not in self.labels and len(set(self.labels)) == len(self.labels)

    def differing(self, other: Decoded) -> frozenset[int]:
        """The numbers of frames whose pictures another pass gave otherwise; all from the first
        one on that it lacks or names otherwise."""
        pairs = zip(self.labels, other.labels, strict=False)
        same = next((n for n, (a, b) in enumerate(pairs) if a != b), len(self.labels))
        same = min(same, len(other.labels))
        different = {n for n in range(same) if self.sums[n] != other.sums[n]}
        return frozenset(different | set(range(same, len(other.labels))))


class Ticker:
    """Lets a Progress through now and then."""

    def __init__(self, total: int, unit: str) -> None:
        self._meter = RateMeter(total, unit, "checking")
        self._last, self._waiting = time.monotonic(), 0

    def advance(self, count: int = 1) -> Iterator[Progress]:
        self._waiting += count
        now = time.monotonic()
        if now - self._last > _EVERY_S:
            self._last = now
            # A place that had to be tried twice does not count twice.
            left = (self._meter.total or 0) - self._meter.done
            waiting, self._waiting = min(self._waiting, max(0, left)), 0
            yield self._meter.advance(waiting)


def decode_all(
    path: Path, table: StreamTable, *, strict: bool = False, shown: bool = False, held: int = 1
) -> Generator[Progress, None, Decoded]:
    """Decodes the whole stream; `strict` raises DamageError where it is not as it should be;
    `shown` adds up the pictures as they are shown, in RGB, as a serial pass always does. That
    many pictures are `held`: the more, the more other memory the decoder takes, and what it
    leaves undecoded then differs."""
    labels: list[int | None] = []
    sums: list[int] = []
    corrupt: set[int] = set()
    sizes: set[tuple[int, int]] = set()
    ticker = Ticker(len(table), "frames")
    kept: deque[VideoFrame] = deque(maxlen=held)
    with closing(Cursor(path, table, strict=strict)) as cursor:
        for label, frame in cursor.decode_from(0):
            kept.append(frame)
            if frame.is_corrupt:
                corrupt.add(len(labels))
            labels.append(label)
            sizes.add((frame.width, frame.height))
            sums.append(shown_sum(frame) if shown else checksum(frame))
            yield from ticker.advance()
        failures = tuple(cursor.failures)
        return Decoded(labels, sums, frozenset(corrupt), failures, frozenset(sizes), shown)


def checksum(frame: VideoFrame) -> int:
    """A number that differs between different pictures."""
    shape = frame.format
    if len(frame.planes) != len(shape.components):
        return shown_sum(frame)
    # The planes as decoded; what lies beyond the width of a line is anyone's.
    total = 0
    for plane, component in zip(frame.planes, shape.components, strict=True):
        lines = np.frombuffer(memoryview(plane), np.uint8)[: plane.height * plane.line_size]
        used = plane.width * ((component.bits + 7) // 8)
        total = zlib.crc32(lines.reshape(plane.height, -1)[:, :used].tobytes(), total)
    return total


def shown_sum(frame: VideoFrame) -> int:
    """The same for the picture as it is shown."""
    return zlib.crc32(frame.to_ndarray(format="rgb24").tobytes())


def check_entries(
    path: Path, table: StreamTable, decoded: Decoded
) -> Generator[Progress, None, StreamTable]:
    """Tries the table's entries against a pass from the beginning; the table with those
    entries from which the same pictures come out, up to the next one that is kept."""
    ticker = Ticker(len(table), "frames")
    kept: list[Entry] = []
    end = len(table)
    with closing(Cursor(path, table)) as cursor:
        for place in range(len(table.entries) - 1, 0, -1):
            if (yield from _right(cursor, table, place, end, decoded, ticker)):
                kept.append(table.entries[place])
                end = table.entries[place].rank
    return replace(table, entries=(table.entries[0], *reversed(kept)))


def _right(
    cursor: Cursor, table: StreamTable, place: int, last: int, decoded: Decoded, ticker: Ticker
) -> Generator[Progress, None, bool]:
    """Whether decoding from an entry gives the frames up to `last` as they should be."""
    first = expected = table.entries[place].rank
    with closing(cursor.decode_from(place)) as frames:
        for label, frame in frames:
            yield from ticker.advance()
            rank = table.rank_of(label)
            if rank is None or rank < first:
                continue
            added = shown_sum(frame) if decoded.shown else checksum(frame)
            if rank != expected or added != decoded.sums[rank]:
                return False
            expected += 1
            if expected >= last:
                return True
    return False


@dataclass(frozen=True)
class Window:
    """What came out of the frames [first, stop): whether in order, the numbers of missing and
    corrupt ones, and sums of the pictures that were asked for."""

    first: int
    stop: int
    ordered: bool
    missing: tuple[int, ...]
    corrupt: tuple[int, ...]
    sums: dict[int, int]


def look_at(
    path: Path, table: StreamTable, place: int, stop: int, sums: frozenset[int] = frozenset()
) -> Generator[Progress, None, Window]:
    """Decodes from an entry up to frame `stop`; adds up the pictures of `sums`."""
    first = table.entries[place].rank
    stop = min(stop, len(table))
    ticker = Ticker(stop - first, "frames")
    seen: list[int] = []
    corrupt: list[int] = []
    added: dict[int, int] = {}
    with closing(Cursor(path, table)) as cursor, closing(cursor.decode_from(place)) as frames:
        for label, frame in frames:
            yield from ticker.advance()
            rank = table.rank_of(label)
            if rank is None or rank < first:
                continue
            if rank >= stop:
                break
            seen.append(rank)
            if frame.is_corrupt:
                corrupt.append(rank)
            if rank in sums:
                added[rank] = checksum(frame)
            if rank == stop - 1:
                break
    missing = tuple(sorted(set(range(first, stop)) - set(seen)))
    return Window(first, stop, seen == sorted(seen), missing, tuple(corrupt), added)
