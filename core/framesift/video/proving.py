"""Makes the table of a stream from a complete pass over it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from framesift.errors import InputError
from framesift.records import Progress
from framesift.video.checking import Decoded, check_entries, decode_all
from framesift.video.cursor import DamageError
from framesift.video.packets import SILENT, PacketList
from framesift.video.table import NO_TIME, Entry, Ints, StreamTable

_HELD = 16
Building = Generator[Progress, None, StreamTable]


def nothing_decodes(path: Path) -> InputError:
    return InputError(
        f"{path} has a video stream but no frame that can be decoded; it is "
        "damaged or was never finished."
    )


def decoded_table(path: Path, table: StreamTable, packets: PacketList) -> Building:
    """The table as a complete pass proves it."""
    shown = int((~packets.flagged(PacketList.HIDDEN)).sum())
    silent = table.codec in SILENT
    decoded = yield from _strictly(path, table, silent)
    broken = bool(packets.flagged(PacketList.CORRUPT).any())
    odd = decoded is None or broken or decoded.corrupt or len(decoded.labels) != shown
    unsteady: frozenset[int] = frozenset()
    if odd or decoded is None or silent:
        alone = yield from decode_all(path, replace(table, serial=True), shown=True)
        if silent:
            held = yield from decode_all(path, table, shown=True, held=_HELD)
            others = [held, decoded or (yield from decode_all(path, table, shown=True))]
            unsteady = frozenset[int]().union(
                *(decoding.differing(alone) for decoding in others)
            )
        if odd or decoded is None or unsteady:
            table, decoded = replace(table, serial=True), alone
    for naming in ("packet", "count"):
        if not decoded.usable:
            table = replace(table, naming=naming, serial=True)
            decoded = yield from decode_all(path, table, shown=True)
    if not decoded.labels:
        raise nothing_decodes(path)
    labels = np.array(decoded.labels, np.int64)
    stamps, base, texts = _timestamps(table, labels, packets)
    texts = table.warnings + texts + _sizes(table, decoded)
    table = replace(
        table,
        labels=labels,
        timestamps=stamps,
        time_base=base,
        checked="all",
        entries=(Entry(0),),
    )
    table = replace(table, entries=_proven_entries(table, packets))
    table = yield from check_entries(path, table, decoded)
    damaged = damaged_frames(table, packets, decoded.corrupt | unsteady, decoded.failures)
    careful = careful_entries(table, packets, damaged, decoded.failures)
    lost = shown - len(labels)
    return replace(
        table,
        damaged=damaged,
        careful=careful,
        serial=False,
        warnings=texts + sentences(table, packets, damaged, lost),
    )


def _strictly(
    path: Path, table: StreamTable, shown: bool
) -> Generator[Progress, None, Decoded | None]:
    """A strict pass; None where something is not as it should be."""
    try:
        return (yield from decode_all(path, table, strict=True, shown=shown))
    except DamageError:
        return None


def _sizes(table: StreamTable, decoded: Decoded) -> tuple[str, ...]:
    if decoded.sizes <= {table.size}:
        return ()
    width, height = table.size
    return (
        f"The size of the picture changes on the way; all frames are brought to "
        f"{width}×{height}.",
    )


def _timestamps(
    table: StreamTable, labels: Ints, packets: PacketList
) -> tuple[Ints, Fraction, tuple[str, ...]]:
    """Strictly ascending timestamps in the order of the frames, their unit, and what had to
    be done for it."""
    times = np.array([NO_TIME])
    if table.naming == "pts":
        times = labels
    elif table.naming == "packet":
        times = packets.times()[labels]
    if (times == NO_TIME).any():
        return (
            np.arange(len(labels), dtype=np.int64),
            1 / table.rate,
            (
                f"The file has no timestamps; its frames are timed at "
                f"{float(table.rate):g} frames per second.",
            ),
        )
    steps = np.diff(times)
    if (steps > 0).all():
        return times, table.time_base, ()
    if len(np.unique(times)) == len(times) and (steps < 0).sum() > len(times) // 20:
        # A container without timestamps for display order (AVI): only the order is wrong.
        return np.sort(times), table.time_base, ()
    usual = max(1, int(np.median(steps[steps > 0]))) if (steps > 0).any() else 1
    steps[steps == 0] = 1
    steps[steps < 0] = usual
    return (
        np.concatenate([times[:1], times[0] + np.cumsum(steps)]),
        table.time_base,
        (
            "Timestamps repeat or jump back; the frames are timed in the order in which they "
            "come.",
        ),
    )


def _proven_entries(table: StreamTable, packets: PacketList) -> tuple[Entry, ...]:
    if table.naming == "count":
        return (Entry(0),)
    ranks = _ranks(table, packets)
    return entries_of(packets, ranks, ranks >= 0)


def _ranks(table: StreamTable, packets: PacketList) -> Ints:
    """Of each packet the frame that it holds, or -1."""
    if table.naming == "count":
        return np.full(len(packets), -1)
    names = packets.times().tolist() if table.naming == "pts" else range(len(packets))
    return np.array([-1 if (r := table.rank_of(n)) is None else r for n in names], np.int64)


def damaged_frames(
    table: StreamTable, packets: PacketList, corrupt: frozenset[int], failures: tuple[int, ...]
) -> frozenset[int]:
    """Frames that are corrupt, whose packets are, or that follow a packet that failed, and what
    may be made of those: all that is decoded after them, up to the next key, and what is shown
    before that key."""
    ranks = _ranks(table, packets)
    held = ranks[packets.flagged(PacketList.CORRUPT)]
    roots = {*corrupt, *held[held >= 0].tolist(), *_failed_ranks(table, packets, failures)}
    if not roots or not (ranks >= 0).any():
        return frozenset(roots)
    keys = _keys(table, packets, ranks)
    damaged = set(roots)
    first_of = {int(rank): place for place, rank in reversed([*enumerate(ranks)])}
    for place in sorted({first_of[rank] for rank in roots if rank in first_of}):
        if int(ranks[place]) in damaged - roots:
            continue
        stop, end = (*keys[keys > place][:2].tolist(), len(ranks), len(ranks))[:2]
        reached = ranks[place:stop]
        damaged.update(reached[reached >= 0].tolist())
        if stop < len(ranks):
            leading = ranks[stop + 1 : end]
            damaged.update(leading[(leading >= 0) & (leading < ranks[stop])].tolist())
    return frozenset(damaged)


def _keys(table: StreamTable, packets: PacketList, ranks: Ints) -> Ints:
    """The places of packets at which decoding begins anew: those of the entries, or all that
    say so where names that repeat keep entries from being used."""
    if table.naming == "pts":
        return np.array([entry.packet for entry in table.entries[1:]], np.int64)
    return np.flatnonzero(packets.flagged(PacketList.KEY) & (ranks >= 0))


def _failed_ranks(
    table: StreamTable, packets: PacketList, failures: tuple[int, ...]
) -> list[int]:
    """The frames that come next after the packets that failed."""
    times = packets.times()[[place for place in failures if place >= 0]]
    if table.naming != "pts":
        return []
    ranks = np.searchsorted(table.timestamps, times[times != NO_TIME])
    return [rank for rank in ranks.tolist() if rank < len(table)]


def careful_entries(
    table: StreamTable, packets: PacketList, damaged: frozenset[int], failures: tuple[int, ...]
) -> frozenset[int]:
    ranks = {*damaged, *_failed_ranks(table, packets, failures)}
    if failures:
        ranks.add(len(table) - 1)
    return frozenset(table.entries[table.entry_for(rank)].rank for rank in ranks)


def sentences(
    table: StreamTable, packets: PacketList, damaged: frozenset[int], lost: int
) -> tuple[str, ...]:
    texts = []
    count = len(table)
    if damaged:
        listed = ", ".join(str(n) for n in sorted(damaged)[:5])
        more = ", …" if len(damaged) > 5 else ""
        texts.append(
            f"Damaged frames or frames after damage: {len(damaged)} of {count} "
            f"({listed}{more}); their pictures are guesses."
        )
    if lost > 0:
        texts.append(
            f"Packets without a frame of their own (a cut beginning, fields, repeats "
            f"or damage): {lost}; frames are numbered without them."
        )
    return tuple(texts)


def entries_of(packets: PacketList, ranks: Ints, shown: Any) -> tuple[Entry, ...]:
    """Where decoding can begin, if key packets can be believed: `ranks` and `shown` say for
    each packet which frame it holds, and whether it holds one at all."""
    entries = [Entry(0)]
    keys = np.flatnonzero(packets.flagged(PacketList.KEY) & shown)
    pts = packets.times()
    _, first, often = np.unique(pts[keys], return_index=True, return_counts=True)
    alone = set(keys[first[often == 1]].tolist())
    for place in keys.tolist():
        rank = int(ranks[place])
        if rank > entries[-1].rank and place in alone and int(pts[place]) != NO_TIME:
            entries.append(Entry(rank, int(pts[place]), packets.dts[place], place))
    return tuple(entries)
