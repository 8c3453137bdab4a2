"""Makes the table of a stream: lists its packets, then makes sure of what decodes.

Short footage is decoded completely. Of longer footage the beginning, the end, two places
between and everything that the container itself calls damaged are decoded; only when those
disagree with the list of packets is all of it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framesift.errors import InputError
from framesift.records import Progress
from framesift.video.checking import Window, check_entries, decode_all, look_at
from framesift.video.container import choose_stream, only, open_container
from framesift.video.packets import PacketList, list_packets
from framesift.video.reading import Cursor
from framesift.video.table import NO_TIME, Entry, Ints, StreamTable

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Building = Generator[Progress, None, StreamTable]
DECODED_COMPLETELY = 200_000_000
"""Footage of up to so many pixels in all is decoded completely before its first use."""
_HEAD, _MIDDLE, _LEAN, _TAIL, _DAMAGED_WINDOWS = 48, 32, 300, 300, 50


def build_table(path: Path, wanted: int | None, *, completely: bool = False) -> Building:
    """The table of a file's best video stream, or of stream `wanted`. InputError where
    nothing in it decodes."""
    with closing(open_container(path)) as container:
        stream = choose_stream(container, path, wanted)
        only(container, stream)
        facts = _facts(container, stream)
        pixels = max(1, stream.codec_context.width * stream.codec_context.height)
        packets = PacketList()
        for record in list_packets(container, stream, path):
            if isinstance(record, Progress):
                yield record
            else:
                packets = record
    table, clear = _promised_table(packets, facts)
    if not len(packets):
        raise _nothing(path)
    table = _with_shape(path, table)
    if completely or not clear or pixels * len(packets) <= DECODED_COMPLETELY:
        return (yield from _decoded_table(path, table, packets))
    return (yield from _sampled_table(path, table, packets))


def _nothing(path: Path) -> InputError:
    return InputError(f"{path} has a video stream but no frame that can be decoded; it is "
                      "damaged or was never finished.")


def _facts(container: Any, stream: VideoStream) -> dict[str, Any]:
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    said = {**container.metadata, **stream.metadata}
    length = stream.duration * stream.time_base if stream.duration and stream.time_base else 0
    if not length and container.duration and len(container.streams) == 1:
        length = Fraction(container.duration - max(0, container.start_time or 0), 1_000_000)
    return {
        "stream": stream.index,
        "time_base": stream.time_base or Fraction(1, 1000),
        "rate": rate if 0 < rate < 10_000 else Fraction(25),
        "promised": stream.frames or round(length * rate),
        "recorded": said.get("creation_time", said.get("date", "")),
        "container": container.format.name,
        "codec": stream.codec_context.name,
    }


def _promised_table(packets: PacketList, facts: dict[str, Any]) -> tuple[StreamTable, bool]:
    """The table as the packets promise it, and whether their timestamps tell them apart."""
    times = packets.times()
    shown = ~packets.flagged(PacketList.HIDDEN)
    timed = shown & (times != NO_TIME)
    labels = np.unique(times[timed])
    clear = len(labels) == int(shown.sum()) and len(labels) > 0
    entries = _entries(packets, np.searchsorted(labels, times), timed)
    return StreamTable(labels=labels, timestamps=labels, entries=entries, size=(1, 1),
                       **facts), clear


def _entries(packets: PacketList, ranks: Ints, shown: Any) -> tuple[Entry, ...]:
    found = [Entry(0)]
    keys = np.flatnonzero(packets.flagged(PacketList.KEY) & shown)
    pts = packets.times()
    _, first, often = np.unique(pts[keys], return_index=True, return_counts=True)
    alone = set(keys[first[often == 1]].tolist())
    for place in keys.tolist():
        rank = int(ranks[place])
        if rank > found[-1].rank and place in alone and int(pts[place]) != NO_TIME:
            found.append(Entry(rank, int(pts[place]), packets.dts[place], place))
    return tuple(found)


def _with_shape(path: Path, table: StreamTable) -> StreamTable:
    """Size and rotation, from the first frame that decodes."""
    with closing(Cursor(path, table)) as cursor, closing(cursor.decode_from(0)) as frames:
        first = next(frames, None)
    if first is None:
        raise _nothing(path)
    rotation = first[1].rotation
    warnings = table.warnings
    if rotation % 90:
        warnings += (f"The picture is to be turned by {rotation}°; only quarter turns are "
                     "done.",)
    return replace(table, size=(first[1].width, first[1].height),
                   turns=round(rotation / 90) % 4, warnings=warnings)


def _decoded_table(path: Path, table: StreamTable, packets: PacketList) -> Building:
    """The table as a complete pass proves it."""
    decoded = yield from decode_all(path, table)
    shown = int((~packets.flagged(PacketList.HIDDEN)).sum())
    broken = bool(packets.flagged(PacketList.CORRUPT).any())
    odd = broken or bool(decoded.corrupt or decoded.failures) or len(decoded.labels) != shown
    if odd:
        table = replace(table, serial=True)
        decoded = yield from decode_all(path, table)
    for naming in ("packet", "count"):
        if not decoded.usable:
            table = replace(table, naming=naming, serial=True)
            decoded = yield from decode_all(path, table)
    if not decoded.labels:
        raise _nothing(path)
    labels = np.array(decoded.labels, np.int64)
    stamps, base, said = _timestamps(table, labels, packets)
    table = replace(table, labels=labels, timestamps=stamps, time_base=base, checked="all",
                    entries=(Entry(0),), warnings=table.warnings + said)
    table = replace(table, entries=_proven_entries(table, packets))
    thorough = odd or table.naming != "pts" or bool(len(labels) > 1
                                                    and np.diff(labels).min() <= 0)
    table = yield from check_entries(path, table, decoded, thorough=thorough)
    damaged = _damaged(table, packets, decoded.corrupt, decoded.failures)
    lost = shown - len(labels)
    return replace(table, damaged=damaged,
                   warnings=table.warnings + _sentences(table, packets, damaged, lost))


def _timestamps(table: StreamTable, labels: Ints, packets: PacketList
                ) -> tuple[Ints, Fraction, tuple[str, ...]]:
    """Strictly ascending timestamps in the order of the frames, their unit, and what had to
    be done for it."""
    if table.naming == "pts":
        return np.sort(labels), table.time_base, ()
    own = packets.times()[labels] if table.naming == "packet" else np.array([NO_TIME])
    if (own == NO_TIME).any():
        base = 1 / Fraction(table.rate)
        return (np.arange(len(labels), dtype=np.int64), base,
                (f"The file has no timestamps; its frames are timed at "
                 f"{float(table.rate):g} frames per second.",))
    # Equal ones are moved apart by the least that keeps the order.
    steps = np.arange(len(own), dtype=np.int64)
    own = np.maximum.accumulate(np.sort(own) - steps) + steps
    return own, table.time_base, ("Some frames have the same timestamp; they are told apart "
                                  "by their order.",)


def _proven_entries(table: StreamTable, packets: PacketList) -> tuple[Entry, ...]:
    if table.naming == "count":
        return (Entry(0),)
    names = (packets.times().tolist() if table.naming == "pts" else range(len(packets)))
    ranks = np.array([-1 if (r := table.rank_of(n)) is None else r for n in names], np.int64)
    return _entries(packets, ranks, ranks >= 0)


def _damaged(table: StreamTable, packets: PacketList, corrupt: frozenset[int],
             failures: tuple[int, ...]) -> frozenset[int]:
    """Frames that are corrupt, whose packets are, or that follow a packet that failed, up to
    the next entry."""
    damaged = set(corrupt)
    times = packets.times()
    for place in np.flatnonzero(packets.flagged(PacketList.CORRUPT)).tolist():
        rank = table.rank_of(place if table.naming == "packet" else int(times[place]))
        if rank is not None:
            damaged.add(rank)
    for place in failures:
        if place < 0 or int(times[place]) == NO_TIME or table.naming != "pts":
            continue
        rank = int(np.searchsorted(table.timestamps, int(times[place])))
        if rank < len(table):
            damaged.update(range(rank, table.window(table.entry_for(rank))[1]))
    return frozenset(damaged)


def _sentences(table: StreamTable, packets: PacketList, damaged: frozenset[int], lost: int
               ) -> tuple[str, ...]:
    said = []
    count = len(table)
    if damaged:
        listed = ", ".join(str(n) for n in sorted(damaged)[:5])
        more = ", …" if len(damaged) > 5 else ""
        said.append(f"{len(damaged)} of {count} frames are damaged or follow damage "
                    f"(frame {listed}{more}); their pictures are guesses.")
    if lost > 0:
        said.append(f"{lost} packets give no frame of their own (a cut beginning, fields, "
                    "repeats or damage); frames are numbered without them.")
    if len(packets) < table.promised - max(2, table.promised // 50):
        said.append(f"The header promises {table.promised} frames and {count} can be read; "
                    "the recording is cut off or damaged.")
    return tuple(said)


def _sampled_table(path: Path, table: StreamTable, packets: PacketList) -> Building:
    """The promised table, its weak places looked at."""
    last = len(table.entries) - 1
    if not (yield from _entry_is_clean(path, table)):
        return (yield from _decoded_table(path, table, packets))
    for place in sorted({last // 3, 2 * last // 3} - {0, last}):
        window = yield from look_at(path, table, place, _MIDDLE)
        if window.missing:
            return (yield from _decoded_table(path, table, packets))
    weak = {0: _HEAD, last: _TAIL}
    for place in np.flatnonzero(packets.flagged(PacketList.CORRUPT)).tolist():
        rank = table.rank_of(int(packets.times()[place]))
        if rank is not None and len(weak) < _DAMAGED_WINDOWS:
            weak[table.entry_for(rank)] = _LEAN + _TAIL
    windows = []
    for place, most in weak.items():
        windows.append((yield from look_at(path, table, place, most)))
    missing = sorted({rank for window in windows for rank in window.missing})
    if len(missing) > len(table) // 10:
        return (yield from _decoded_table(path, table, packets))
    return _repaired(table, packets, windows, missing)


def _entry_is_clean(path: Path, table: StreamTable) -> Generator[Progress, None, bool]:
    """Whether the second entry gives the same pictures as going on from the first."""
    if len(table.entries) < 2 or table.entries[1].rank > _LEAN:
        return True
    first = table.entries[1].rank
    ranks = frozenset(range(first, min(first + 3, len(table))))
    on = yield from look_at(path, table, 0, _LEAN + 3, beyond=3, sums=ranks)
    anew = yield from look_at(path, table, 1, 3, sums=ranks)
    return all(on.sums.get(r) == anew.sums.get(r) for r in ranks if r in on.sums)


def _repaired(table: StreamTable, packets: PacketList, windows: list[Window],
              missing: list[int]) -> StreamTable:
    gone = np.array(missing, np.int64)
    kept = np.delete(table.labels, gone)
    entries = [Entry(0)]
    for entry in table.entries[1:]:
        rank = entry.rank - int(np.searchsorted(gone, entry.rank))
        if entry.rank not in missing and rank > entries[-1].rank:
            entries.append(replace(entry, rank=rank))
    smaller = replace(table, labels=kept, timestamps=kept, entries=tuple(entries))
    corrupt = frozenset(r for window in windows for n in window.corrupt
                        if (r := smaller.rank_of(int(table.labels[n]))) is not None)
    damaged = _damaged(smaller, packets, corrupt, ())
    return replace(smaller, damaged=damaged, warnings=smaller.warnings + _sentences(
        smaller, packets, damaged, len(missing)))
