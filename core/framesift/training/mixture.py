"""What a batch is made of: labelled frames, and beside them frames of other kinds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.records import Notice, Progress
from framesift.training.augment import augmented
from framesift.training.data import Sample, Source
from framesift.training.sampling import batch, step_seed
from framesift.training.settings import TrainSettings
from framesift.training.tone import Tone, tone_of, toned

if TYPE_CHECKING:
    from framesift.detectors.base import Detector


@dataclass(frozen=True, slots=True)
class Place:
    """A view to take: of the `index`-th frame of the `part`-th source, in its epoch."""

    part: int
    epoch: int
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A source and how many frames of each batch it gives. kind: "labelled", "replayed",
    "carried", "taught" or "unlabelled". weights: how often each of its frames is shown; None:
    every one in turn."""

    source: Source
    count: int
    kind: str = "labelled"
    weights: NDArray[np.float64] | None = None


class Mixture:
    """The sources of a run, the labelled one first, and how many frames of each make a batch.

    Which frame comes when, and in which view, follows from the settings' seed and the step
    alone. What the labelled frames see does not depend on whether others stand beside them,
    but for their number in a batch.
    """

    def __init__(
        self,
        labelled: Source,
        others: Sequence[Part],
        detector: Detector,
        settings: TrainSettings,
    ) -> None:
        size = settings.batch - sum(part.count for part in others)
        self.parts = (Part(labelled, size), *others)
        self.settings = settings
        self._tones: dict[int, Tone] = {}
        self._working = [
            [_working_size(detector, part.source, i) for i in range(len(part.source))]
            for part in self.parts
        ]
        self.canvas = settings.augmentation.crop or (
            max(h for h, _ in self._working[0]),
            max(w for _, w in self._working[0]),
        )

    def counts(self) -> tuple[int, int]:
        """How many frames of a batch have labels, and how many have none."""
        without = sum(part.count for part in self.parts if part.kind == "unlabelled")
        return sum(part.count for part in self.parts) - without, without

    def identity(self) -> str:
        """That of what is learnt from; the labelled source's own where it is alone."""
        labelled, *others = self.parts
        if not others:
            return labelled.source.identity()
        text = repr([(part.source.identity(), part.count, part.kind) for part in self.parts])
        return hashlib.sha256(text.encode()).hexdigest()

    def prepare(self) -> Iterator[Progress | Notice]:
        for part in self.parts:
            yield from part.source.prepare()

    def batch(self, step: int) -> list[Place]:
        """What step `step` (from 0) learns from, the labelled frames first."""
        return [place for number in range(len(self.parts)) for place in self._of(number, step)]

    def _of(self, number: int, step: int) -> Iterator[Place]:
        part, seed = self.parts[number], self._seed(number)
        if part.weights is None:
            for epoch, index in batch(seed, step, part.count, len(part.source)):
                yield Place(number, epoch, index)
            return
        total = part.weights.sum()
        shares = (
            part.weights / total if total else np.full(len(part.weights), 1 / len(part.weights))
        )
        drawn = np.random.default_rng((seed, step)).choice(len(shares), part.count, p=shares)
        for slot, index in enumerate(drawn.tolist()):
            # In the place of an epoch what makes every view another one.
            yield Place(number, step * part.count + slot, index)

    def sample(self, place: Place) -> Sample:
        """The view that a place stands for."""
        part = self.parts[place.part]
        sample = part.source.sample(place.index)
        seed: tuple[int, ...] = (self.settings.seed, place.epoch, place.index)
        if part.kind == "replayed" and self.settings.replay.tone == "labelled":
            rng = np.random.default_rng((*seed, place.part, 1))
            sample = replace(sample, image=toned(sample.image, self._tone(rng)))
        view = augmented(
            sample,
            self._working[place.part][place.index],
            self.canvas,
            self.settings.augmentation,
            (*seed, place.part) if place.part else seed,
        )
        return replace(view, unlabelled=True) if part.kind == "unlabelled" else view

    def _tone(self, rng: np.random.Generator) -> Tone:
        """That of a labelled frame drawn at random."""
        labelled = self.parts[0].source
        index = int(rng.integers(len(labelled)))
        if index not in self._tones:
            self._tones[index] = tone_of(labelled.sample(index).image)
        return self._tones[index]

    def _seed(self, part: int) -> int:
        seed = self.settings.seed
        return step_seed(seed, 0, -part) if part else seed


def _working_size(detector: Detector, source: Source, index: int) -> tuple[int, int]:
    height, width = detector.geometry(*source.size(index)).content
    return int(height), int(width)
