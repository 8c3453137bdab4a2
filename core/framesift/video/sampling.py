"""Makes the table of long footage from its packets, its weak places looked at."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np

from framesift.records import Progress
from framesift.video.checking import Window, look_at
from framesift.video.packets import PacketList
from framesift.video.proving import (
    Building,
    careful_entries,
    damaged_frames,
    decoded_table,
    sentences,
)
from framesift.video.table import Entry, StreamTable

_HEAD, _MIDDLE, _LEAN, _TAIL, _DAMAGED_PLACES = 48, 32, 300, 300, 50


_MOST_PIXELS = 400_000_000
"""What is looked at in one place, so that huge pictures take no minutes."""


def _frames_worth(table: StreamTable, count: int) -> int:
    width, height = table.size
    return min(count, max(2, _MOST_PIXELS // max(1, width * height)))


def sampled_table(path: Path, table: StreamTable, packets: PacketList) -> Building:
    """The promised table, its weak places looked at."""
    if not (yield from _entry_is_clean(path, table)):
        return (yield from decoded_table(path, table, packets))
    for third in (1, 2):
        place = table.entry_for(len(table) * third // 3)
        if not place:
            continue
        first = table.entries[place].rank
        window = yield from look_at(path, table, place, first + _frames_worth(table, _MIDDLE))
        if window.missing or not window.ordered:
            return (yield from decoded_table(path, table, packets))
    windows: list[Window] = []
    for place, stop in sorted(_weak_places(table, packets)):
        windows.append((yield from look_at(path, table, place, stop)))
    missing = sorted({rank for window in windows for rank in window.missing})
    if len(missing) > len(table) // 10 or not all(window.ordered for window in windows):
        return (yield from decoded_table(path, table, packets))
    return _repaired(table, packets, windows, missing)


def _weak_places(table: StreamTable, packets: PacketList) -> set[tuple[int, int]]:
    """(entry, frame to stop at): the beginning, the end, what the container calls damaged or
    leaves open."""
    weak = {(0, _frames_worth(table, _HEAD))}
    end = table.entry_for(max(0, len(table) - _MIDDLE))
    tail = _frames_worth(table, _TAIL)
    if len(table) - table.entries[end].rank <= tail:
        weak.add((end, len(table)))
    doubtful = packets.flagged(PacketList.CORRUPT | PacketList.OPEN)
    for place in np.flatnonzero(doubtful)[:_DAMAGED_PLACES].tolist():
        rank = table.rank_of(int(packets.times()[place]))
        if rank is not None:
            entry = table.entry_for(rank)
            weak.add((entry, min(table.window(entry)[1], rank + tail)))
    return weak


def _entry_is_clean(path: Path, table: StreamTable) -> Generator[Progress, None, bool]:
    """Whether the second entry gives the same pictures as going on from the first."""
    if len(table.entries) < 2 or table.entries[1].rank > _frames_worth(table, _LEAN):
        return True
    first = table.entries[1].rank
    ranks = frozenset(range(first, min(first + 3, len(table))))
    on = yield from look_at(path, table, 0, first + 3, ranks)
    anew = yield from look_at(path, table, 1, first + 3, ranks)
    return on.sums == anew.sums


def _repaired(
    table: StreamTable, packets: PacketList, windows: list[Window], missing: list[int]
) -> StreamTable:
    gone = np.array(missing, np.int64)
    kept = np.delete(table.labels, gone)
    entries = [Entry(0)]
    for entry in table.entries[1:]:
        rank = entry.rank - int(np.searchsorted(gone, entry.rank))
        if entry.rank not in missing and rank > entries[-1].rank:
            entries.append(replace(entry, rank=rank))
    smaller = replace(table, labels=kept, timestamps=kept, entries=tuple(entries))
    corrupt = frozenset(
        r
        for window in windows
        for n in window.corrupt
        if (r := smaller.rank_of(int(table.labels[n]))) is not None
    )
    damaged = damaged_frames(smaller, packets, corrupt, ())
    careful = careful_entries(smaller, packets, damaged, ())
    return replace(
        smaller,
        damaged=damaged,
        careful=careful,
        warnings=smaller.warnings + sentences(smaller, packets, damaged, len(missing)),
    )
