"""What is missing in a transport stream, by the count that its packets carry.

A demuxer that finds the count of a stream's packets broken calls a picture corrupt, often the
one before the one that it should, and where streams were joined byte by byte it does so
although nothing is missing. The count follows ISO/IEC 13818-1, 2.4.3.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_SYNC, _HEADER = 0x47, 4
_SIZES = ((188, 0), (192, 0), (192, 4), (204, 0))
"""(bytes of a packet, where its header begins): plain, behind a time, before a checksum."""
_LONGEST = 64 << 20
"""No two pictures are that long."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of which packets (by their place) a part is missing; which may lack their last part,
    before a place where the count begins anew and decoding can, too. What is in neither is
    whole."""

    missing: frozenset[int]
    open: frozenset[int]


def doubts(
    path: Path, pid: int, positions: array[int], keys: Sequence[bool], called: Sequence[int]
) -> Doubts:
    """Looks at the places that a demuxer called corrupt, and at the first one, for which it has
    none before. `positions`: the byte at which each packet of the stream `pid` begins, or -1;
    `keys`: whether decoding can begin at it. A place called so where no count is broken lacks
    something of another kind."""
    missing: set[int] = set()
    unsure: set[int] = set()
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        for place in sorted({0, *called}):
            begin, last = positions[place], min(place + 2, len(positions))
            length = (positions[last] if last < len(positions) else end) - begin
            if begin < 0 or not 0 < length <= _LONGEST:
                missing.update({place}.intersection(called))
                continue
            file.seek(begin)
            breaks = list(_breaks(file.read(length + 2 * _SIZES[-1][0]), length, pid))
            if not breaks:
                missing.update({place}.intersection(called))
            for broken in breaks:
                hit = (
                    bisect_right(
                        positions, begin + broken.at, place, min(last + 1, len(positions))
                    )
                    - 1
                )
                if not broken.begins:
                    missing.add(hit)
                elif not keys[hit]:
                    missing.add(hit - 1)
                elif not broken.ended:
                    unsure.add(hit - 1)
    return Doubts(frozenset(missing), frozenset(unsure - missing))


@dataclass(frozen=True, slots=True)
class _Break:
    """A broken count: at which byte, whether a picture begins there, and whether the packet
    before it was filled up, as the last one of a picture is (but for one in 184)."""

    at: int
    begins: bool = False
    ended: bool = False


def _breaks(data: bytes, length: int, pid: int) -> Iterator[_Break]:
    """Where, in bytes up to `length`, the count of a stream is broken or a packet is called
    wrong by its receiver."""
    size, first = _layout(data, length)
    last: int | None = None
    ended = False
    for at in range(first, min(len(data) - _HEADER, first + length + 1), size):
        head = data[at : at + _HEADER]
        if ((head[1] & 0x1F) << 8 | head[2]) != pid:
            continue
        count = head[3] & 0x0F
        due = None if last is None else (last + bool(head[3] & 0x10)) & 0x0F
        if head[1] & 0x80:
            yield _Break(at - first)
        elif due is not None and count != due:
            yield _Break(at - first, bool(head[1] & 0x40), ended)
        last, ended = count, _filled_up(data[at : at + _HEADER + 2])


def _filled_up(head: bytes) -> bool:
    """Whether a packet holds stuffing."""
    if not head[3] & 0x20 or len(head) < _HEADER + 2:
        return False
    length, flags = head[_HEADER], head[_HEADER + 1]
    clocks = bool(flags & 0x10) + bool(flags & 0x08)
    used = 1 + 6 * clocks + bool(flags & 0x04)
    return length == 0 or (not flags & 0x03 and length > used)


def _layout(data: bytes, length: int) -> tuple[int, int]:
    """(bytes of a packet, where its header begins); a size beyond the data where none fits."""
    for size, first in _SIZES:
        marks = data[first : length + size : size]
        if length % size == 0 and marks and set(marks) == {_SYNC}:
            return size, first
    return len(data) + 1, len(data)
