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

    def __init__(self, table: StreamTable, asked: NDArray[np.bool_]) -> None:
        """asked: bool, one per frame."""
        self._table, self._asked = table, asked
        self._needless = False

    @classmethod
    def of(cls, table: StreamTable, numbers: Iterable[int]) -> Self | None:
        """None where nothing may be left out: all frames are asked for, or it is not known
        before which; frames are not told by their packets' timestamps; the codec is not among
        CODECS; there is damage, for which pictures stand in that were shown before; or a frame
        may have been lost."""
        sound = not (table.serial or table.careful or table.damaged)
        told = isinstance(numbers, Sequence) and table.naming == "pts"
        if not (sound and told and table.codec in CODECS and _is_regular(table.timestamps)):
            return None
        asked = np.zeros(len(table), np.bool_)
        there = np.asarray(numbers, np.int64)
        there = there[(there >= 0) & (there < len(table))]
        asked[there] = True
        return None if asked.all() else cls(table, asked)

    def needless(self, packet: Packet[Any]) -> bool:
        """Whether a packet is part of a frame that is not asked for. One without a timestamp,
        as that of a second field may be, belongs to the one before."""
        if packet.pts is not None:
            rank = self._table.rank_of(packet.pts)
            self._needless = rank is not None and not self._asked[rank]
        return self._needless


def _is_regular(timestamps: NDArray[np.int64]) -> bool:
    """Whether no frame is missing between two others. Where one is, the decoder makes up for
    it from what it has, and that depends on what it passed over."""
    steps = np.diff(timestamps)
    return len(steps) == 0 or bool(steps.max() < _LOST * steps.min())
