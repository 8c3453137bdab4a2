"""A TrainingSet's frames, decoded from its videos and checked against what was labelled."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey, Weak, picture_hash
from framesift.records import Notice, Progress, RateMeter, closing
from framesift.training.data.cache import FrameCache
from framesift.training.data.sample import (
    Neighbour,
    Sample,
    describe,
    describe_weak,
    neighbours,
    spread_evenly,
    window,
)
from framesift.training.data.trainingset import Entry, Split, TrainingSet, VideoRef
from framesift.video import Video, open_stills, open_video
from framesift.video.decode import stream

DEFAULT_CACHE = 2 << 30
_IDLE_READERS = 8


class VideoSource:
    """One side of a training set, as a Source.

    Each picture is compared with the hash it was labelled under before it is given out;
    `cache_bytes` bounds what is kept decoded (raw where all of it fits, otherwise losslessly
    compressed as far as it goes). `folder` is what relative paths start from. Use as a
    context manager, or close().
    """

    def __init__(
        self,
        dataset: TrainingSet,
        split: Split = "train",
        *,
        cache_bytes: int = DEFAULT_CACHE,
        folder: Path | None = None,
    ) -> None:
        self._classes = dataset.classes
        self._entries = dataset.part(split)
        self._refs = {video.id: video for video in dataset.videos}
        need = sum(entry.width * entry.height * 3 for entry in self._entries)
        self._cache = FrameCache(cache_bytes, compress=need > cache_bytes)
        self._readers = _Readers(folder or Path())
        self._kept = dataset.evaluation | {entry.key for entry in dataset.entries}

    def __enter__(self) -> VideoSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the videos and forgets the pictures."""
        self._readers.close()
        self._cache.clear()

    @property
    def classes(self) -> tuple[str, ...]:
        return self._classes

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is behind each index."""
        return self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def size(self, index: int) -> tuple[int, int]:
        return self._entries[index].height, self._entries[index].width

    def boxes(self, index: int) -> tuple[Box, ...]:
        return self._entries[index].boxes

    def identity(self) -> str:
        digest = hashlib.sha256(repr(self._classes).encode())
        for entry in self._entries:
            text = [
                entry.key.video,
                entry.key.frame,
                entry.picture,
                self._refs[entry.key.video].fingerprint,
            ]
            digest.update(json.dumps(text).encode() + describe(entry.boxes))
            digest.update(describe_weak(entry.weak))
        return digest.hexdigest()

    def sample(self, index: int) -> Sample:
        entry = self._entries[index]
        image = self._cache.get(index)
        if image is None:
            with self._readers.reading(self._refs[entry.key.video]) as video:
                if entry.key.frame >= len(video):
                    raise _vanished(video, entry)
                image = video[entry.key.frame]
                self._check(entry, image, video)
            self._cache.put(index, image)
        return Sample(image, entry.boxes, entry.key, weak=entry.weak)

    def weak(self, index: int) -> Weak | None:
        """See `Partial`."""
        return self._entries[index].weak

    def around(self, index: int, reach: int) -> tuple[Sequence[Neighbour], Sequence[Neighbour]]:
        """See `Timed`."""
        key = self._entries[index].key
        ref = self._refs[key.video]
        if ref.kind == "stills":
            return (), ()
        with self._readers.reading(ref) as video:
            return neighbours(video, key.video, key.frame, reach, self._kept)

    def unlabelled(self, count: int, reach: int) -> tuple[FrameKey, ...]:
        """See `Unlabelled`; stills have no frames around them."""
        lengths = {}
        for name, ref in self._refs.items():
            if ref.kind != "stills" or not reach:
                with self._readers.reading(ref) as video:
                    lengths[name] = len(video)
        return spread_evenly(lengths, self._kept, count, reach)

    def window(self, key: FrameKey, reach: int) -> NDArray[np.uint8]:
        """See `Unlabelled`."""
        with self._readers.reading(self._refs[key.video]) as video:
            return window(video, key.frame, reach)

    def prepare(self) -> Iterator[Progress | Notice]:
        """Reads every frame once, video by video in order (which is far quicker than at
        random), checks it and keeps what fits. Raises InputError on the first picture that is
        not the labelled one."""
        meter = RateMeter(len(self._entries), "frames", "reading pictures")
        by_video: dict[str, list[int]] = defaultdict(list)
        for index, entry in enumerate(self._entries):
            by_video[entry.key.video].append(index)
        yield meter.progress()
        for name, indices in by_video.items():
            indices.sort(key=lambda i: self._entries[i].key.frame)
            with self._readers.reading(self._refs[name]) as video:
                yield from self._read(video, indices, meter)

    def _read(self, video: Video, indices: list[int], meter: RateMeter) -> Iterator[Progress]:
        last = self._entries[indices[-1]]
        if last.key.frame >= len(video):
            raise _vanished(video, last)
        numbers = [self._entries[i].key.frame for i in indices]
        with closing(stream(video, numbers)) as frames:
            for index, frame in zip(indices, frames, strict=True):
                if index not in self._cache:
                    self._check(self._entries[index], frame.image, video)
                    self._cache.put(index, frame.image)
                yield meter.advance()

    def _check(self, entry: Entry, image: NDArray[np.uint8], video: Video) -> None:
        same = image.shape[:2] == (entry.height, entry.width)
        if same and entry.picture:
            same = picture_hash(image) == entry.picture
        elif same:
            expected = self._refs[entry.key.video].fingerprint
            same = not expected or video.fingerprint == expected
        if not same:
            raise InputError(
                f"Frame {entry.key.frame} of {video.path} is not the picture that was "
                "labelled; the video was replaced or changed. Put the original back, or take "
                "this video's labels out of the training."
            )


def _vanished(video: Video, entry: Entry) -> InputError:
    return InputError(
        f"Frame {entry.key.frame} of {video.path} was labelled, but the video has only "
        f"{len(video)} frames now; put the original back, or take this video's labels out of "
        "the training."
    )


class _Readers:
    """Opened videos, one reader per thread that is reading, a few kept for the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: dict[str, Video] = {}
        self._idle: OrderedDict[int, tuple[str, Video]] = OrderedDict()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reading(self, ref: VideoRef) -> Iterator[Video]:
        reader = self._take(ref)
        try:
            yield reader
        finally:
            with self._lock:
                self._idle[id(reader)] = (ref.id, reader)
                _, (_, oldest) = (
                    self._idle.popitem(last=False)
                    if len(self._idle) > _IDLE_READERS
                    else (0, ("", None))
                )
            if oldest is not None:
                oldest.close()

    def _take(self, ref: VideoRef) -> Video:
        with self._lock:
            for number, (name, reader) in reversed(self._idle.items()):
                if name == ref.id:
                    del self._idle[number]
                    return reader
            # The first opening builds the index; others wait for it rather than build it too.
            if ref.id not in self._opened:
                path = self._folder / ref.path
                self._opened[ref.id] = (
                    open_stills(path)
                    if ref.kind == "stills"
                    else open_video(path, stream=ref.stream)
                )
            return self._opened[ref.id].fork()

    def close(self) -> None:
        with self._lock:
            for _, reader in self._idle.values():
                reader.close()
            for video in self._opened.values():
                video.close()
            self._idle.clear()
            self._opened.clear()
