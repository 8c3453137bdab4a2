"""How much HUALE's loss raises each class: by what the detector of the cycle before says of the
labelled frames."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np

from framesift.boxes import Prediction, as_array, iou
from framesift.detectors.emphasis import Emphasis
from framesift.records import Notice, Progress, RateMeter
from framesift.training.head_frames import matches, whole

if TYPE_CHECKING:
    from framesift.boxes import Box
    from framesift.detectors.base import Detector
    from framesift.training.data import Source


def emphasised(
    detector: Detector, previous: Detector | None, source: Source
) -> Generator[Progress | Notice, None, Emphasis]:
    """β of each class of a detector that is about to be trained.

    previous: the detector of the cycle before; None in a first cycle, where all are 0. β_cls is
    the mean of 1 − P over a class's labels, P the probability of the class in the box that
    matches (0 where none does); β_loc that of 1 − J over those that a box matches.
    """
    if previous is None:
        return Emphasis.none(len(detector.classes))
    unsure: dict[str, list[float]] = {name: [] for name in detector.classes}
    apart: dict[str, list[float]] = {name: [] for name in detector.classes}
    frames = whole(source)
    meter = RateMeter(len(frames), "frames", "looking at frames for HUALE's weights")
    for index in frames:
        sample = source.sample(index)
        predicted = previous.predict(np.ascontiguousarray(sample.image[None]))[0]
        labels = tuple(box for box in sample.boxes if not box.denied)
        for name, probability, overlap in judged(predicted, labels, previous.classes):
            unsure[name].append(1 - probability)
            if overlap is not None:
                apart[name].append(1 - overlap)
        yield meter.advance()
    made = Emphasis(_means(unsure), _means(apart))
    yield Notice(
        "HUALE's weights: "
        + ", ".join(
            f"{name} {1 + classifier:.2f} (class) and {1 + boxes:.2f} (box)"
            for name, classifier, boxes in zip(
                detector.classes, made.classifier, made.boxes, strict=True
            )
        )
        + "."
    )
    return made


def judged(
    predicted: Prediction, labels: tuple[Box, ...], classes: tuple[str, ...]
) -> Iterator[tuple[str, float, float | None]]:
    """Each label that counts: its class, the probability of that class in the box that matches
    it, and their overlap; 0 and None where no box does."""
    matched = matches(predicted, labels)
    rows = {int(label): row for row, label in enumerate(matched) if label >= 0}
    overlaps = iou(predicted.boxes, as_array(list(labels))) if rows else None
    for number, box in enumerate(labels):
        if box.ignore:
            continue
        row = rows.get(number)
        if row is None or overlaps is None:
            yield box.category, 0.0, None
            continue
        named = classes[predicted.categories[row]] == box.category
        sure = float(predicted.scores[row]) if named else 0.0
        yield box.category, sure, float(overlaps[row, number])


def _means(values: dict[str, list[float]]) -> tuple[float, ...]:
    return tuple(sum(of) / len(of) if of else 0.0 for of in values.values())
