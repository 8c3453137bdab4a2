"""Self-training: a teacher's boxes on frames that nobody has labelled, made anew now and then.

The teacher is the average of the weights. What it finds is learnt from where it is sure; the
rest of those frames takes no loss: a low score is no background. None of it is a label.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framesift.boxes import Box
from framesift.records import Notice, Progress, RateMeter
from framesift.training.data import Sample, Source
from framesift.training.data.sample import Unlabelled
from framesift.training.packed import PackedFrame, PackedSource
from framesift.training.pseudo_labels import (
    fitted_scores,
    kept_rows,
    pseudo_box,
    pseudo_boxes,
)
from framesift.training.schedule import ENOUGH, objects
from framesift.training.settings import TrainSettings

if TYPE_CHECKING:
    from torch import Tensor

    from framesift.detectors.base import Detector


def unlabelled_frames(
    source: Source, count: int, reach: int, why: str
) -> Generator[Progress | Notice, None, PackedSource | None]:
    """Frames of a source's footage that nobody has labelled, packed; None, with a Notice,
    where it has none. `why`: what they are for."""
    keys = source.unlabelled(count, reach) if isinstance(source, Unlabelled) else ()
    if not keys:
        yield Notice(f"There is no {why}: the footage has no unlabelled frames for it.")
        return None
    assert isinstance(source, Unlabelled)
    frames = []
    meter = RateMeter(len(keys), "frames", "reading unlabelled frames")
    yield meter.progress()
    for key in keys:
        frames.append(PackedFrame.of(source.window(key, 0)[0], (), key))
        yield meter.advance()
    return PackedSource(frames, source.classes)


class TaughtSource:
    """Packed frames with the boxes that a teacher gave them last (a Source): `boxes` changes,
    and what identifies them are the pictures. `weights`: which of them have any, float64."""

    def __init__(self, frames: PackedSource) -> None:
        self._frames = frames
        self._boxes: list[tuple[Box, ...]] = [()] * len(frames)
        self.weights: NDArray[np.float64] = np.zeros(len(frames))

    def teach(self, boxes: Sequence[tuple[Box, ...]]) -> None:
        """Gives each frame its boxes, in front of an ignore region over all of it."""
        for index, some in enumerate(boxes):
            height, width = self._frames.size(index)
            whole = Box(0.0, 0.0, float(width), float(height), "", ignore=True)
            self._boxes[index] = (whole, *some)
            self.weights[index] = float(bool(some))

    @property
    def taught(self) -> list[tuple[Box, ...]]:
        """The teacher's boxes of each frame."""
        return [tuple(box for box in boxes if not box.ignore) for boxes in self._boxes]

    @property
    def classes(self) -> tuple[str, ...]:
        return self._frames.classes

    def __len__(self) -> int:
        return len(self._frames)

    def size(self, index: int) -> tuple[int, int]:
        return self._frames.size(index)

    def boxes(self, index: int) -> tuple[Box, ...]:
        return self._boxes[index]

    def sample(self, index: int) -> Sample:
        return replace(self._frames.sample(index), boxes=self._boxes[index])

    def identity(self) -> str:
        return self._frames.identity()

    def prepare(self) -> Iterator[Progress | Notice]:
        return iter(())


class Teaching:
    """The unlabelled frames of a run, and what the teacher said of them last.

    The scores that its boxes must reach are fitted on the validation frames each time; where
    those hold too few objects, once, on the labelled frames, before anything is learnt from
    those.
    """

    def __init__(
        self,
        settings: TrainSettings,
        labelled: Source,
        frames: PackedSource,
        validation: Source | None,
    ) -> None:
        assert isinstance(labelled, Unlabelled)
        self.source = TaughtSource(frames)
        self._settings, self._how = settings, settings.self_training
        self._unlabelled: Unlabelled = labelled
        self._keys = [frames.key(index) for index in range(len(frames))]
        enough = validation is not None and objects(validation) >= ENOUGH
        self._measured = validation if enough and validation is not None else labelled
        self._refits = enough
        self._sure: NDArray[np.float64] | None = None

    def renewed(self, detector: Detector) -> Generator[Progress | Notice, None, None]:
        """The frames are labelled anew by a detector that holds the teacher's weights."""
        if self._sure is None or self._refits:
            self._sure = yield from fitted_scores(
                detector, self._measured, self._how, self._settings
            )
        boxes = []
        meter = RateMeter(len(self._keys), "frames", "labelling unlabelled frames")
        for key in self._keys:
            yield meter.progress()
            window = self._unlabelled.window(key, self._how.around)
            predicted = detector.predict(window, threshold=self._how.low_score)
            rows = kept_rows(predicted, self._sure, self._how)
            boxes.append(pseudo_boxes(predicted[len(predicted) // 2], rows, detector.classes))
            meter.advance()
        self.source.teach(boxes)
        yield Notice(self._told(boxes, detector.classes))

    def _told(self, boxes: Sequence[Sequence[Box]], classes: Sequence[str]) -> str:
        assert self._sure is not None
        count = sum(map(len, boxes))
        frames = sum(bool(some) for some in boxes)
        unsure = [
            name for name, sure in zip(classes, self._sure, strict=True) if np.isnan(sure)
        ]
        text = f"The teacher finds {count} boxes in {frames} of {len(boxes)} unlabelled frames"
        if unsure and self._how.keep != "tracks":
            return f"{text}; it is at no score sure enough of {', '.join(unsure)}."
        return f"{text}."

    def tensors(self) -> Mapping[str, Tensor]:
        """What a resumed run goes on from: boxes float64 M×6 (frame, corners, class), and the
        scores fitted to the classes."""
        import torch

        rows = [
            (index, box.x1, box.y1, box.x2, box.y2, self.source.classes.index(box.category))
            for index, boxes in enumerate(self.source.taught)
            for box in boxes
        ]
        sure = np.zeros(0) if self._sure is None else self._sure
        return {
            "boxes": torch.tensor(rows, dtype=torch.float64).reshape(-1, 6),
            "sure": torch.from_numpy(sure),
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes saved tensors over; KeyError or IndexError where they do not fit."""
        boxes: list[list[Box]] = [[] for _ in self._keys]
        for index, *corners, category in tensors["boxes"].tolist():
            name = self.source.classes[int(category)]
            boxes[int(index)].append(pseudo_box(corners, name))
        sure = tensors["sure"].numpy()
        self._sure = sure if len(sure) else None
        self.source.teach([tuple(some) for some in boxes])


def taught(
    settings: TrainSettings, source: Source, validation: Source | None
) -> Generator[Progress | Notice, None, Teaching | None]:
    """The teaching of a run; None, with a Notice, where there are no frames to teach."""
    how = settings.self_training
    frames = yield from unlabelled_frames(source, how.frames, how.around, "self-training")
    return None if frames is None else Teaching(settings, source, frames, validation)
