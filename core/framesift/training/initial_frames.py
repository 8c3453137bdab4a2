"""Drawn frames for the initial training: a rolling pool, filled by side processes.

Drawing a frame costs about as much as learning from it, so each stays in the pool for a while
and is seen in several random views. What the pool holds at a step depends on the seed and the
step only, not on how many processes draw or how fast.
"""

from __future__ import annotations

import math
import multiprocessing
import queue
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.errors import EnvironmentProblem
from framesift.labels import FrameKey
from framesift.training.augment import augmented
from framesift.training.data.sample import Sample
from framesift.training.initial_settings import CHUNK, PoolSettings

Image = NDArray[np.uint8]
Labelled = tuple[Image, tuple[Box, ...]]
Chunk = list[Labelled]
Draw = Callable[[str, int, tuple[int, int]], Iterable[Labelled]]

_PATIENCE_S = 0.2


def draw_chunk(look: str, seed: int, number: int, size: tuple[int, int]) -> Chunk:
    """The `number`-th chunk of frames of a run, uint8 H×W×3 with boxes."""
    from framesift.synth import training_frames

    frames = iter(training_frames(look, seed=seed * 1_000_003 + number, size=size))
    return [next(frames) for _ in range(CHUNK)]


def chunks(
    look: str, seed: int, first: int, size: tuple[int, int], workers: int
) -> Iterator[Chunk | None]:
    """The chunks from `first` on, in order, without end; None while the next is awaited.

    `workers` side processes (0: none, drawn here); they end with the iterator."""
    if workers == 0:
        while True:
            yield draw_chunk(look, seed, first, size)
            first += 1
    context = multiprocessing.get_context("spawn")
    drawn: Any = context.Queue(2 * workers)
    stop = context.Event()
    children = [
        context.Process(
            target=_draw,
            daemon=True,
            args=(drawn, stop, look, seed, range(first + i, 2**31, workers), size),
        )
        for i in range(workers)
    ]
    try:
        for child in children:
            child.start()
        waiting: dict[int, Chunk] = {}
        while True:
            while first not in waiting:
                try:
                    number, chunk = drawn.get(timeout=_PATIENCE_S)
                    waiting[number] = chunk
                except queue.Empty:
                    if not all(child.is_alive() for child in children):
                        raise EnvironmentProblem(
                            "A process that draws training frames died; start the same "
                            "command again to go on."
                        ) from None
                    yield None
            yield waiting.pop(first)
            first += 1
    finally:
        stop.set()
        for child in children:
            child.terminate()
            child.join()
        drawn.close()
        drawn.cancel_join_thread()


def _draw(
    drawn: Any, stop: Any, look: str, seed: int, numbers: Iterable[int], size: tuple[int, int]
) -> None:
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()

    def awaited() -> bool:  # a killed parent cannot say stop
        return not stop.is_set() and (parent is None or parent.is_alive())

    for number in numbers:
        chunk = draw_chunk(look, seed, number, size)
        while awaited():
            try:
                drawn.put((number, chunk), timeout=_PATIENCE_S)
                break
            except queue.Full:
                continue
        if not awaited():
            drawn.cancel_join_thread()
            return


class Pool:
    """The frames that views can be taken of at a step."""

    def __init__(
        self,
        look: str,
        seed: int,
        settings: PoolSettings,
        workers: int,
        first_step: int,
        batch: int,
    ) -> None:
        self.settings, self.seed, self.batch = settings, seed, batch
        self._kept = math.ceil(settings.frames / CHUNK)
        self._number = settings.drawn_by(first_step * batch) - self._kept
        self._chunks = chunks(look, seed, self._number, settings.size, workers)
        self._held: list[Chunk] = []

    def prepare(self, step: int) -> Iterator[int]:
        """Draws until the pool is that of `step`; yields how many frames it holds whenever
        some have come or 0.2 s have passed."""
        while self._number < self.settings.drawn_by(step * self.batch):
            chunk = next(self._chunks)
            if chunk is not None:
                self._held = [*self._held, chunk][-self._kept :]
                self._number += 1
            yield len(self._held) * CHUNK

    def views(self, step: int) -> tuple[Image, list[tuple[Box, ...]]]:
        """The batch of a step: uint8 N×h×w×3 and the boxes in its pixels."""
        look = self.settings.look()
        images, boxes = [], []
        for place in range(self.batch):
            rng = np.random.default_rng((self.seed, step, place, 1))
            chunk = self._held[int(rng.integers(len(self._held)))]
            image, labels = chunk[int(rng.integers(CHUNK))]
            key = FrameKey("drawn", step * self.batch + place)
            view = augmented(
                Sample(image, labels, key),
                self.settings.size,
                self.settings.crop,
                look,
                (self.seed, step, place),
            )
            images.append(degraded(view.image, self.settings.degrade, rng))
            boxes.append(view.boxes)
        return np.stack(images), boxes

    def boxes(self) -> list[Box]:
        """The labels of all frames held."""
        return [box for chunk in self._held for _, labels in chunk for box in labels]

    def close(self) -> None:
        self._chunks.close()  # type: ignore[attr-defined]


def degraded(image: Image, probability: float, rng: np.random.Generator) -> Image:
    """What real cameras and codecs do, each with this probability: less resolution, blur,
    noise, compression. uint8 H×W×3 in and out."""
    height, width = image.shape[:2]
    if rng.random() < probability:
        factor = rng.uniform(0.4, 0.8)
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        image = np.asarray(cv2.resize(small, (width, height)), np.uint8)
    if rng.random() < probability:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8)), np.uint8)
    if rng.random() < probability:
        noise = rng.standard_normal((height, width, 1), np.float32) * rng.uniform(2, 12)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < probability:
        quality = int(rng.integers(25, 80))
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return image
