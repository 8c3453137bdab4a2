"""What a decoder may leave out between the frames that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.packet import Packet

    from framesift.video.table import StreamTable

CODECS = frozenset({"h264", "hevc", "mpeg4", "mpeg2video"})
"""Those whose decoders pass over a picture to which no other one refers and give all others as
they are otherwise, in one thread and in many."""
_LOST = 1.5
"""A step of this many others is one over a lost frame; clocks that round make smaller ones."""


class Sparse:
    """The frames of a stream that are asked for. A packet of any other one need not be decoded
    where the decoder finds that no picture refers to it."""

    def __init__(self, table: StreamTable, asked: NDArray[np.bool_] | None) -> None:
        """asked: bool, one per frame. None: it is not known before; `aim` says what is next."""
        self._table, self._asked = table, asked
        self._needless = False
        self._first, self._passed = 0, -1

    @classmethod
    def of(cls, table: StreamTable, numbers: Iterable[int]) -> Self | None:
        """None where nothing may be left out: all frames are asked for, or it is not known
        before which; frames are not told by their packets' timestamps; the codec is not among
        CODECS; there is damage, for which pictures stand in that were shown before; or a frame
        may have been lost."""
        if not isinstance(numbers, Sequence) or not _is_sound(table):
            return None
        asked = np.zeros(len(table), np.bool_)
        there = np.asarray(numbers, np.int64)
        there = there[(there >= 0) & (there < len(table))]
        asked[there] = True
        return None if asked.all() else cls(table, asked)

    @classmethod
    def by_aim(cls, table: StreamTable) -> Self | None:
        """For frames that nobody knows before; None where nothing may be left out, as `of`."""
        return cls(table, None) if _is_sound(table) else None

    def begin(self) -> None:
        """Decoding begins anew, at whatever place."""
        self._passed = -1

    def aim(self, first: int) -> None:
        """Where it is not known before: all frames from this one on are asked for, none of
        those before it."""
        self._first = first

    def may_lack(self, rank: int) -> bool:
        """Whether a frame that is asked for now may be among those that were passed over."""
        return self._asked is None and rank <= self._passed

    def needless(self, packet: Packet[Any]) -> bool:
        """Whether a packet is part of a frame that is not asked for. One without a timestamp,
        as that of a second field may be, belongs to the one before."""
        if packet.pts is not None:
            rank = self._table.rank_of(packet.pts)
            self._needless = rank is not None and not self._is_asked(rank)
            if rank is not None and self._needless:
                self._passed = max(self._passed, rank)
        return self._needless

    def _is_asked(self, rank: int) -> bool:
        return rank >= self._first if self._asked is None else bool(self._asked[rank])


def _is_sound(table: StreamTable) -> bool:
    sound = not (table.serial or table.careful or table.damaged)
    told = table.naming == "pts" and table.codec in CODECS
    return sound and told and _is_regular(table.timestamps)


def _is_regular(timestamps: NDArray[np.int64]) -> bool:
    """Whether no frame is missing between two others. Where one is, the decoder makes up for
    it from what it has, and that depends on what it passed over."""
    steps = np.diff(timestamps)
    return len(steps) == 0 or bool(steps.max() < _LOST * steps.min())
