"""Making a detector fit for a training set: its classes and its box sizes."""

from __future__ import annotations

import dataclasses

import torch

from framesift.boxes import Box
from framesift.detectors import DETECTORS, Detector, fit_box_sizes
from framesift.errors import InputError
from framesift.training.data import Source


def with_classes_of(detector: Detector, source: Source, seed: int = 0) -> Detector:
    """The detector for the source's classes; rows of new classes are drawn from `seed`. The
    detector itself where it has these classes already."""
    if detector.classes == tuple(source.classes):
        return detector
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return detector.with_classes(source.classes)


def with_random_weights(detector: Detector, seed: int = 0) -> Detector:
    """A detector of the same classes and settings that has learnt nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = DETECTORS[detector.architecture](detector.classes, detector.settings)
    made.name = detector.name
    return made.to(detector.device, detector.precision)


def with_fitted_boxes(detector: Detector, source: Source) -> Detector:
    """A detector with the same weights whose fixed boxes are fitted to the labels of
    `source`. Raises InputError for detectors without fixed boxes or too few labels."""
    sizes = detector.settings.get("box_sizes")
    if not sizes:
        raise InputError(f"The detector {detector.name!r} has no fixed box sizes to fit.")
    boxes: list[Box] = []
    for index in range(len(source)):
        size = detector.geometry(*source.size(index))
        boxes += (
            dataclasses.replace(
                b,
                x1=b.x1 * size.scale_x,
                x2=b.x2 * size.scale_x,
                y1=b.y1 * size.scale_y,
                y2=b.y2 * size.scale_y,
            )
            for b in source.boxes(index)
        )
    try:
        fitted = fit_box_sizes(boxes, len(sizes))
    except ValueError as error:
        raise InputError(
            f"The box sizes cannot be fitted: {error}; label more frames or keep the sizes."
        ) from error
    made = DETECTORS[detector.architecture](
        detector.classes, {**detector.settings, "box_sizes": [list(size) for size in fitted]}
    )
    made.module.load_state_dict(detector.module.state_dict())
    made.name, made.lineage = detector.name, dict(detector.lineage)
    return made.to(detector.device, detector.precision)
