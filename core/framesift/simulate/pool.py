"""Footage as an experiment uses it: opened, its candidates, its frames by place."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.datasets import LabelledClip, LabelledDataset, LabelledDrive, opening_dataset
from framesift.errors import InputError
from framesift.labels import FrameKey, Weak
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.simulate.oracle import Answer
from framesift.simulate.specs import DatasetSpec
from framesift.synth import SynthDrive, labels_path, write_drive
from framesift.training.data import Sample
from framesift.training.data.cache import FrameCache
from framesift.training.data.sample import (
    Neighbour,
    describe,
    describe_weak,
    neighbours,
    spread_evenly,
    window,
)
from framesift.video import Video
from framesift.video.decode import stream

Place = tuple[str, int]
"""A drive's key and a frame number of that drive."""
CACHE_BYTES = 1 << 30


@dataclass(frozen=True, eq=False)
class Stills:
    """A clip as unordered pictures."""

    clip: LabelledClip
    kind: str = "stills"
    fps: float = float("nan")
    times: None = None

    def __len__(self) -> int:
        return len(self.clip)


@dataclass(frozen=True, eq=False)
class StillDrive:
    """A drive without time, as framesift.selection sees it."""

    key: str
    clips: tuple[Stills, ...]


@dataclass(frozen=True, eq=False)
class StagedDataset:
    """Opened footage of an experiment, of which every `every`-th labelled frame takes part."""

    footage: LabelledDataset
    every: int = 1

    @cached_property
    def drives(self) -> Mapping[str, LabelledDrive]:
        return {drive.key: drive for drive in self.footage.drives}

    @cached_property
    def timelines(self) -> Sequence[LabelledDrive]:
        return self.footage.drives

    @cached_property
    def unordered(self) -> Sequence[StillDrive]:
        """The same frames without time."""
        return [
            StillDrive(drive.key, tuple(Stills(clip) for clip in drive.clips))
            for drive in self.footage.drives
        ]

    @cached_property
    def rates(self) -> Mapping[str, float]:
        """Frames a second by drive; NaN of stills."""
        return {drive.key: drive.clips[0].fps for drive in self.footage.drives}

    @cached_property
    def candidates(self) -> Mapping[str, NDArray[np.bool_]]:
        """bool per frame of each drive: may be picked or measured on."""
        candidates = {}
        for drive in self.footage.drives:
            grid = [np.arange(len(clip)) % self.every == 0 for clip in drive.clips]
            candidates[drive.key] = np.concatenate(grid) & drive.labelled
        return candidates

    @cached_property
    def places(self) -> Sequence[Place]:
        """All candidates, drive by drive."""
        return [
            (key, int(n))
            for key, open_to in self.candidates.items()
            for n in np.flatnonzero(open_to)
        ]

    def boxes(self, place: Place) -> tuple[Box, ...]:
        return self.drives[place[0]].boxes(place[1])

    @cached_property
    def identity(self) -> str:
        text = f"{self.footage.identity()} {self.every}"
        return hashlib.sha256(text.encode()).hexdigest()


def open_staged(
    spec: DatasetSpec,
    classes: Sequence[str],
    cache: Path,
) -> Iterator[Progress | Notice | StagedDataset]:
    """Opens footage; drawn drives are drawn once, into `cache`. The StagedDataset
    comes last. Raises InputError for what cannot be read or holds no labelled frame."""
    footage: LabelledDataset | None = None
    for record in opening_dataset(
        spec.kind, spec.paths, split=spec.split, classes=classes, **spec.options
    ):
        if isinstance(record, LabelledDataset):
            footage = record
        else:
            yield record
    assert footage is not None
    if spec.kind == "synthetic":
        paths = []
        for clip in footage.clips:
            assert isinstance(clip.video, SynthDrive)
            path = cache / clip.video.fingerprint[:16] / f"{clip.video.name}.mp4"
            if not labels_path(path).exists():
                yield from write_drive(clip.video, path)
            paths.append(labels_path(path))
        footage.close()
        for record in opening_dataset("coco", paths, classes=classes):
            if isinstance(record, LabelledDataset):
                footage = record
    pool = StagedDataset(footage, spec.every)
    if not pool.places:
        footage.close()
        raise InputError(f"The footage {footage.name} holds no labelled frame.")
    yield pool


def frames(
    pool: StagedDataset, places: Sequence[Place]
) -> Iterator[tuple[Place, NDArray[np.uint8]]]:
    """The pictures of places, uint8 H×W×3, in the pool's order whatever the order given."""
    requested: dict[str, list[int]] = {}
    for key, number in places:
        requested.setdefault(key, []).append(number)
    for key, drive in pool.drives.items():
        for offset, clip in zip(drive.offsets, drive.clips, strict=True):
            inside = sorted(
                n - offset for n in requested.get(key, ()) if offset <= n < offset + len(clip)
            )
            if inside:
                with closing(stream(clip.video, inside)) as read:
                    for frame in read:
                        yield (key, frame.number + offset), frame.image


class PoolSource:
    """Chosen frames of a pool as training sees them (a framesift.training.data.Source), in
    the order given. `given`: what an oracle said of them, where that is not all of their boxes.
    Pictures are kept losslessly packed, up to CACHE_BYTES."""

    def __init__(
        self,
        pool: StagedDataset,
        places: Sequence[Place],
        classes: Sequence[str],
        given: Mapping[Place, Answer] | None = None,
    ) -> None:
        self._pool, self._places = pool, list(places)
        self._given = {**(given or {})}
        self._classes = tuple(classes)
        self._cache = FrameCache(CACHE_BYTES, compress=True)
        self._lock = threading.Lock()
        self._readers: dict[str, Video] = {}

    @property
    def classes(self) -> tuple[str, ...]:
        return self._classes

    def __len__(self) -> int:
        return len(self._places)

    def size(self, index: int) -> tuple[int, int]:
        key, number = self._places[index]
        clip, number_in_clip = self._pool.drives[key].locate(number)
        sizes = getattr(clip.video, "size_of", None)
        return sizes(number_in_clip) if sizes else (clip.video.height, clip.video.width)

    def boxes(self, index: int) -> tuple[Box, ...]:
        given = self._given.get(self._places[index])
        return self._pool.boxes(self._places[index]) if given is None else given.boxes

    def weak(self, index: int) -> Weak | None:
        """See `Partial`."""
        given = self._given.get(self._places[index])
        return None if given is None else given.weak

    def identity(self) -> str:
        digest = hashlib.sha256(repr((self._classes, self._pool.identity)).encode())
        for index, place in enumerate(self._places):
            digest.update(repr(place).encode() + describe(self.boxes(index)))
            digest.update(describe_weak(self.weak(index)))
        return digest.hexdigest()

    def sample(self, index: int) -> Sample:
        key, number = self._places[index]
        image = self._cache.get(index)
        if image is None:
            clip, number_in_clip = self._pool.drives[key].locate(number)
            with self._lock:
                image = self._reader(clip)[number_in_clip]
            self._cache.put(index, image)
        weak = self.weak(index)
        return Sample(image, self.boxes(index), FrameKey(key, number), weak=weak)

    def around(self, index: int, reach: int) -> tuple[Sequence[Neighbour], Sequence[Neighbour]]:
        """See `Timed`; of the same clip."""
        key, number = self._places[index]
        clip, frame = self._pool.drives[key].locate(number)
        if clip.video.kind == "stills":
            return (), ()
        first = number - frame
        labelled = {FrameKey(clip.name, n - first) for k, n in self._places if k == key}
        with self._lock:
            return neighbours(self._reader(clip), clip.name, frame, reach, labelled)

    def unlabelled(self, count: int, reach: int) -> tuple[FrameKey, ...]:
        """See `Unlabelled`; stills have no frames around them."""
        lengths = {
            clip.name: len(clip)
            for clip in self._pool.footage.clips
            if clip.video.kind != "stills" or not reach
        }
        kept = []
        for key, number in self._places:
            clip, frame = self._pool.drives[key].locate(number)
            kept.append(FrameKey(clip.name, frame))
        return spread_evenly(lengths, kept, count, reach)

    def window(self, key: FrameKey, reach: int) -> NDArray[np.uint8]:
        """See `Unlabelled`."""
        clip = next(clip for clip in self._pool.footage.clips if clip.name == key.video)
        with self._lock:
            return window(self._reader(clip), key.frame, reach)

    def _reader(self, clip: LabelledClip) -> Video:
        if clip.name not in self._readers:
            self._readers[clip.name] = clip.video.fork()
        return self._readers[clip.name]

    def prepare(self) -> Iterator[Progress | Notice]:
        """Reads every picture once, in the order of the footage."""
        meter = RateMeter(len(self._places), "frames", "reading pictures")
        index = {place: i for i, place in enumerate(self._places)}
        yield meter.progress()
        with closing(frames(self._pool, self._places)) as read:
            for place, image in read:
                self._cache.put(index[place], image)
                yield meter.advance()

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
        self._cache.clear()
