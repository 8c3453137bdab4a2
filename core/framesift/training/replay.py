"""The initial detector's own kind of data, opened for a run."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.training.data import Source
from framesift.training.drawn import drawn_frames
from framesift.training.packed import PackedFrame, PackedSource
from framesift.training.replay_settings import Replay

if TYPE_CHECKING:
    from framesift.datasets import LabelledClip, LabelledDataset
    from framesift.detectors.base import Detector

DRAWN = "drawn"
DRAWN_CLASSES = ("pedestrian", "person")
"""What drawn people may be called; nothing else in drawn frames is labelled."""


def replayed(
    replay: Replay, detector: Detector, labelled: Source
) -> Generator[Progress | Notice, None, Source | None]:
    """The frames to replay, packed in memory; None, with a Notice, where they would show
    nothing that the detector looks for. Yields Progress while they are made or read.

    Drawn frames have the working size of the first labelled one. Classes that the source does
    not label take no loss there. Raises InputError for a source that is none.
    """
    classes = detector.classes
    if replay.source == DRAWN:
        name = next((name for name in DRAWN_CLASSES if name in classes), None)
        if name is None:
            yield Notice(
                "No drawn frames are replayed: they show pedestrians, and the detector looks "
                f"for {', '.join(classes)}."
            )
            return None
        height, width = detector.geometry(*labelled.size(0)).content
        drawn = yield from drawn_frames(replay.frames, (int(height), int(width)))
        frames = [replace(frame, boxes=_named(frame.boxes, name)) for frame in drawn]
        return PackedSource(_spared(frames, {name}, classes), classes)
    return (yield from _labelled_set(replay, classes))


def _named(boxes: Sequence[Box], name: str) -> tuple[Box, ...]:
    return tuple(replace(box, category=name) for box in boxes)


def _spared(
    frames: Sequence[PackedFrame], labelled: set[str], classes: Sequence[str]
) -> list[PackedFrame]:
    """The frames with one ignore region over all of each for every class that nobody has
    labelled there."""
    unknown = [name for name in classes if name not in labelled]

    def whole(frame: PackedFrame) -> tuple[Box, ...]:
        height, width = frame.size
        return tuple(
            Box(0.0, 0.0, float(width), float(height), name, ignore=True) for name in unknown
        )

    return [replace(frame, boxes=(*frame.boxes, *whole(frame))) for frame in frames]


def _labelled_set(
    replay: Replay, classes: Sequence[str]
) -> Generator[Progress | Notice, None, Source | None]:
    from framesift.datasets import DATASETS, LabelledDataset, opening_dataset

    kind, _, path = replay.source.partition(":")
    if kind not in DATASETS or not path:
        raise InputError(
            f"There is nothing to replay called {replay.source!r}; say {DRAWN}, or a labelled "
            f"data set as KIND:PATH, where KIND is one of {', '.join(DATASETS)}."
        )
    known = _known(kind, path)
    shared = [name for name in classes if name in known]
    if not shared:
        yield Notice(
            "Nothing is replayed: the data set knows none of the detector's classes "
            f"({', '.join(classes)})."
        )
        return None
    for record in opening_dataset(kind, path, classes=shared):
        if isinstance(record, LabelledDataset):
            try:
                return (yield from _read(record, replay.frames, classes))
            finally:
                record.close()
        yield record
    raise AssertionError("opening ends with the data set")


def _known(kind: str, path: str) -> set[str]:
    """The classes, by our names, that a data set may label."""
    from framesift.datasets import DATASETS, Found, Request

    table = DATASETS[kind].table
    known = set(table.counted.values())
    if table.open:
        with closing(DATASETS[kind].read(Request((path,)))) as records:
            for record in records:
                if isinstance(record, Found):
                    known |= set(record.classes)
                    record.video.close()
    return known


def _read(
    dataset: LabelledDataset, most: int, classes: Sequence[str]
) -> Generator[Progress, None, Source]:
    """Up to `most` of the labelled frames, spread evenly over all of them."""
    places = [(clip, int(n)) for clip in dataset.clips for n in np.flatnonzero(clip.labelled)]
    if len(places) > most:
        chosen = np.linspace(0, len(places) - 1, most).round().astype(int)
        places = [places[n] for n in chosen]
    frames: list[PackedFrame] = []
    with closing(_pictures(places)) as read:
        for record in read:
            if isinstance(record, PackedFrame):
                frames.append(record)
            else:
                yield record
    labelled = set(dataset.classes)
    return PackedSource(_spared(frames, labelled, classes), classes)


def _pictures(
    places: Sequence[tuple[LabelledClip, int]],
) -> Iterator[Progress | PackedFrame]:
    from framesift.video.decode import stream

    meter = RateMeter(len(places), "frames", "reading frames to replay")
    yield meter.progress()
    by_clip: dict[str, tuple[LabelledClip, list[int]]] = {}
    for clip, number in places:
        by_clip.setdefault(clip.name, (clip, []))[1].append(number)
    for clip, numbers in by_clip.values():
        with closing(stream(clip.video, numbers)) as decoded:
            for frame in decoded:
                boxes = clip.boxes(frame.number)
                yield PackedFrame.of(frame.image, boxes, clip.key(frame.number))
                yield meter.advance()
