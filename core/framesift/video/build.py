"""Makes the table of a stream: lists its packets, then makes sure of what decodes.

Short footage is decoded completely. Of longer footage the beginning, the end, two places
between and everything that the container itself calls damaged are decoded; only when those
disagree with the list of packets is all of it.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from framesift.errors import InputError
from framesift.records import Progress
from framesift.video.container import (
    check_pictures,
    choose_stream,
    only,
    open_container,
    video_streams,
)
from framesift.video.cursor import Cursor
from framesift.video.orientation import orientation_of
from framesift.video.packets import PacketList, list_packets
from framesift.video.pictures import strip
from framesift.video.promises import broken_promise, check_declared, promise_of
from framesift.video.proving import Building, decoded_table, entries_of, nothing_decodes
from framesift.video.sampling import sampled_table
from framesift.video.stated import stated_facts, stream_names
from framesift.video.table import NO_TIME, Ints, StreamTable

DECODED_COMPLETELY = 200_000_000
"""Footage of up to so many pixels in all is decoded completely before its first use."""
_REORDERED = 64


def build_table(path: Path, stream_index: int | None, *, completely: bool = False) -> Building:
    """The table of a file's best video stream, or of stream `stream_index`. InputError where
    nothing in it decodes."""
    check_declared(path)
    with closing(open_container(path)) as opened:
        container = opened.container
        stream = choose_stream(container, path, stream_index)
        if not stream.codec_context:
            raise InputError(
                f"{path} has video of a kind that this FFmpeg cannot decode; "
                "convert it, to H.264 for instance."
            )
        only(container, stream)
        facts = stated_facts(container, stream)
        facts["warnings"] += stream_names(video_streams(container), stream)
        promise = promise_of(container, stream)
        check_pictures(path, container, stream, 1)
        pixels = max(1, stream.codec_context.width * stream.codec_context.height)
        packets = PacketList()
        for record in list_packets(opened, stream, path):
            if isinstance(record, Progress):
                yield record
            else:
                packets = record
        check_pictures(path, container, stream, len(packets))
    table, clear = _promised_table(packets, facts)
    if not len(packets):
        raise nothing_decodes(path)
    packed = len(packets) + packets.empty
    broken = broken_promise(promise, packed, packets.seconds(facts["time_base"]))
    table = _with_shape(path, replace(table, warnings=(*table.warnings, *broken)))
    if completely or not clear or pixels * len(packets) <= DECODED_COMPLETELY:
        return (yield from decoded_table(path, table, packets))
    return (yield from sampled_table(path, table, packets))


def _promised_table(packets: PacketList, facts: dict[str, Any]) -> tuple[StreamTable, bool]:
    """The table as the packets promise it, and whether their timestamps tell them apart."""
    times = packets.times()
    shown = ~packets.flagged(PacketList.HIDDEN)
    timed = shown & (times != NO_TIME)
    labels = np.unique(times[timed])
    clear = len(labels) == int(shown.sum()) and len(labels) > 0 and _runs_forward(times[timed])
    entries = entries_of(packets, np.searchsorted(labels, times), timed)
    return StreamTable(
        labels=labels, timestamps=labels, entries=entries, size=(1, 1), **facts
    ), clear


def _runs_forward(times: Ints) -> bool:
    """Whether timestamps go back only as far as pictures are reordered for coding."""
    order = np.argsort(times, kind="stable")
    return not len(order) or int(np.abs(order - np.arange(len(order))).max()) <= _REORDERED


def _with_shape(path: Path, table: StreamTable) -> StreamTable:
    """Size and orientation, from the first frame that decodes."""
    with closing(Cursor(path, table)) as cursor, closing(cursor.decode_from(0)) as frames:
        first = next(frames, None)
    if first is None:
        raise nothing_decodes(path)
    narrow = strip(first[1].width, first[1].height)
    if narrow is not None:
        raise InputError(f"{path} {narrow}; cut it to a part that is seen.")
    seen = orientation_of(first[1])
    warnings = table.warnings
    if seen.degrees % 90:
        warnings += (
            f"The picture is to be turned by {seen.degrees:g}°; only quarter turns are done.",
        )
    return replace(
        table,
        size=(first[1].width, first[1].height),
        turns=seen.turns,
        mirrored=seen.mirrored,
        warnings=warnings,
    )
