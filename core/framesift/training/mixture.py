"""What a batch is made of: labelled frames, and beside them frames of other kinds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

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


class Mixture:
    """The sources of a run, the labelled one first, and how many frames of each make a batch.

    Which frame comes when, and in which view, follows from the settings' seed and the step
    alone. What the labelled frames see does not depend on whether others stand beside them,
    but for their number in a batch.
    """

    def __init__(
        self,
        labelled: Source,
        others: Sequence[tuple[Source, int]],
        detector: Detector,
        settings: TrainSettings,
    ) -> None:
        size = settings.batch - sum(count for _, count in others)
        self.parts = ((labelled, size), *others)
        self.settings = settings
        self._tones: dict[int, Tone] = {}
        self._working = [
            [_working_size(detector, source, i) for i in range(len(source))]
            for source, _ in self.parts
        ]
        self.canvas = settings.augmentation.crop or (
            max(h for h, _ in self._working[0]),
            max(w for _, w in self._working[0]),
        )

    def identity(self) -> str:
        """That of what is learnt from; the labelled source's own where it is alone."""
        (labelled, _), *others = self.parts
        if not others:
            return labelled.identity()
        text = repr([(source.identity(), count) for source, count in self.parts])
        return hashlib.sha256(text.encode()).hexdigest()

    def prepare(self) -> Iterator[Progress | Notice]:
        for source, _ in self.parts:
            yield from source.prepare()

    def batch(self, step: int) -> list[Place]:
        """What step `step` (from 0) learns from, the labelled frames first."""
        return [
            Place(part, epoch, index)
            for part, (source, count) in enumerate(self.parts)
            for epoch, index in batch(self._seed(part), step, count, len(source))
        ]

    def sample(self, place: Place) -> Sample:
        """The view that a place stands for."""
        sample = self.parts[place.part][0].sample(place.index)
        seed: tuple[int, ...] = (self.settings.seed, place.epoch, place.index)
        if place.part and self.settings.replay.tone == "labelled":
            rng = np.random.default_rng((*seed, place.part, 1))
            sample = replace(sample, image=toned(sample.image, self._tone(rng)))
        return augmented(
            sample,
            self._working[place.part][place.index],
            self.canvas,
            self.settings.augmentation,
            (*seed, place.part) if place.part else seed,
        )

    def _tone(self, rng: np.random.Generator) -> Tone:
        """That of a labelled frame drawn at random."""
        labelled = self.parts[0][0]
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
