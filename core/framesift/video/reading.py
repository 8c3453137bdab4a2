"""Reads the frames of one stream, exactly: in order, or any of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

from av.video.frame import VideoFrame

from framesift.errors import InputError
from framesift.video.cursor import Cursor, DamageError
from framesift.video.sparse import Sparse
from framesift.video.table import StreamTable

_WORTH_SEEKING = 8
_BEFORE = 12
"""Frames right before one that is gone to are decoded, too: somebody may step back."""
_AT_FIRST = 3
"""Before the first step back only this part of what may be kept is."""
CACHE_BYTES = 192 << 20


class Reader:
    """Frames by number. Going on from where it is costs least; after the first step back, or
    once somebody looks on (`approach`), it keeps what it decodes on the way, up to
    `cache_bytes`. sparse: which frames are asked for. hardware: as Cursor has it."""

    def __init__(
        self,
        path: Path,
        table: StreamTable,
        *,
        cache_bytes: int = CACHE_BYTES,
        stopped: Callable[[], bool] = lambda: False,
        sparse: Sparse | None = None,
        hardware: str | None = None,
    ) -> None:
        self._path, self._table = path, table
        self._cursor = Cursor(
            path, table, stopped, strict=True, sparse=sparse, hardware=hardware
        )
        self._running: Iterator[tuple[int, VideoFrame]] | None = None
        self._behind: tuple[int, VideoFrame] | None = None
        self._ahead: tuple[int, VideoFrame] | None = None
        self._position = self._entry = 0
        self._kept: OrderedDict[int, VideoFrame] = OrderedDict()
        self._kept_bytes, self._most_bytes = 0, cache_bytes // _AT_FIRST
        self._cache_bytes, self._last, self._aim = cache_bytes, 0, -1
        self._kept_by: dict[int, int] = {}
        self._keeping = self._careful = False
        self._suspect: set[int] = set()

    @property
    def suspect(self) -> frozenset[int]:
        """The entries at which something was not as it should be, and which are read carefully
        since."""
        return frozenset(self._suspect)

    def close(self) -> None:
        self._running = self._behind = self._ahead = None
        self._kept.clear()
        self._kept_by.clear()
        self._kept_bytes = 0
        self._cursor.close()

    def get(self, rank: int) -> tuple[int, VideoFrame]:
        """(number found, frame): the frame itself, or, where it does not decode, the one
        shown before it (for the first frames: the first that there is)."""
        kept = self._kept.get(rank)
        if kept is not None:
            self._kept.move_to_end(rank)
            decoded = rank, kept
        else:
            decoded = self._decoded(rank)
            if decoded[0] != rank and self._cursor.sparse is not None:
                # What stands in for it must be the one before, whatever was asked for.
                self._cursor.sparse = self._running = None
                decoded = self._decoded(rank)
        self._last = rank
        return decoded

    def approach(self, rank: int) -> tuple[int, VideoFrame] | None:
        """One frame further towards `rank`: (number, frame) of what the decoder gives next, or
        None where nothing more comes before `get(rank)`."""
        self._keeping = True
        if rank in self._kept:
            return None
        try:
            self._go_to(rank)
            moved = self._step(rank)
        except DamageError:
            self._note_damage(rank)
            return None
        return self._behind if moved and self._behind and self._behind[0] < rank else None

    def _decoded(self, rank: int) -> tuple[int, VideoFrame]:
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
                self._note_damage(rank)

    def _note_damage(self, rank: int) -> None:
        self._running = None
        # Pictures before the damage stand; where it lies before the place that is wanted,
        # decoding begins behind it.
        entry = self._table.entry_for(min(self._position, rank))
        if entry == self._table.entry_for(rank):
            self._suspect.add(entry)

    def _go_to(self, rank: int) -> None:
        """Begins anew at the entry of `rank`, unless going on leads there sooner."""
        entry = self._table.entry_for(rank)
        start = self._table.entries[entry].rank
        behind = self._behind[0] if self._behind else -1
        careful, sparse = self._is_careful(entry), self._cursor.sparse
        if (
            self._running is None
            or rank < behind
            or careful != self._careful
            or (self._is_damaged(entry) and entry != self._entry)
            or start > self._position + _WORTH_SEEKING
            or (rank < self._position and self._behind is None)
            or (sparse is not None and sparse.may_lack(rank) and not self._is_next(rank))
        ):
            if self._running is not None and rank < self._position:
                self._keeping, self._most_bytes = True, self._cache_bytes
            self._running = self._ranked(entry)
            self._behind = self._ahead = None
            self._position, self._careful, self._entry = start, careful, entry
            self._aim = -1
            if sparse is not None:
                sparse.begin()
        if sparse is not None and self._aim != rank:
            self._aim = rank
            sparse.aim(rank - self._before(rank))

    def _is_next(self, rank: int) -> bool:
        return self._ahead is not None and self._ahead[0] == rank

    def _before(self, rank: int) -> int:
        """How many frames before one that is gone to are wanted, too: of somebody who steps
        back as many as may be kept."""
        if self._kept and 0 < self._last - rank <= 2 * _BEFORE:
            return max(_BEFORE, self._most_bytes * len(self._kept) // self._kept_bytes)
        return _BEFORE

    def _is_damaged(self, entry: int) -> bool:
        return entry in self._suspect or self._table.is_damaged(entry)

    def _is_careful(self, entry: int) -> bool:
        return entry in self._suspect or self._table.is_careful(entry)

    def _run_up_to(self, rank: int) -> tuple[int, VideoFrame] | None:
        while self._step(rank):
            pass
        return self._behind or self._ahead

    def _step(self, rank: int) -> bool:
        """Goes on by one frame, but not beyond `rank`; whether it could."""
        assert self._running is not None
        if self._behind is not None and self._behind[0] >= rank:
            return False
        if self._ahead is None:
            self._ahead = next(self._running, None)
            if self._ahead is None:
                self._position = len(self._table)
                return False
            self._position = self._ahead[0] + 1
            self._keep(*self._ahead)
        if self._ahead[0] > rank:
            return False
        self._behind, self._ahead = self._ahead, None
        return True

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
        self._kept_by[rank] = self._cursor.openings
        self._kept_bytes += _bytes_of(frame)
        if self._kept_bytes > self._most_bytes:
            self._let_go()

    def _let_go(self) -> None:
        """Forgets frames until the rest may be kept. Those of decoders that are closed go
        together: FFmpeg frees their memory when the last of them is gone."""
        now = self._cursor.openings
        for rank in [rank for rank, opening in self._kept_by.items() if opening != now]:
            self._forget(rank)
        while self._kept_bytes > self._most_bytes and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))

    def _forget(self, rank: int) -> None:
        self._kept_bytes -= _bytes_of(self._kept.pop(rank))
        del self._kept_by[rank]


def _bytes_of(frame: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in frame.planes)
