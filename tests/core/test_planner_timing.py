"""Measuring what a frame costs, with a small real detector."""

from __future__ import annotations

import numpy as np
import pytest

from framesift.bench.planner import Timing, measure_scoring, measure_training
from framesift.boxes import Box
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.records import Notice, Progress
from framesift.training.data import Sample

SHAPE = (96, 128, 3)


@pytest.fixture(scope="module")
def detector():
    from framesift.detectors import PaperDetector

    return PaperDetector(("pedestrian",), {"width": 0.1, "working_height": 96})


def test_scoring(detector):
    frames = np.random.default_rng(0).integers(0, 255, (2, *SHAPE), np.uint8)
    *records, last = measure_scoring(detector, frames, seconds=0.0)
    assert isinstance(last, Timing)
    assert (last.what, last.runs) == ("scoring", 3)
    assert last.ms > 0
    assert len(records) == 4
    assert all(isinstance(record, Progress) for record in records)


def test_training_leaves_the_detector_as_it_is(detector):
    image = np.full(SHAPE, 90, np.uint8)
    samples = [Sample(image, (Box(40, 10, 70, 80),), FrameKey("v", i)) for i in range(2)]
    before = detector.identity()
    *records, last = measure_training(detector, samples, seconds=0.0)
    assert isinstance(last, Timing)
    assert (last.what, last.runs) == ("training", 3)
    assert last.ms > 0
    assert all(isinstance(record, Progress | Notice) for record in records)
    assert detector.identity() == before


def test_stopping_early_releases_the_copy(detector):
    frames = np.zeros((1, *SHAPE), np.uint8)
    records = measure_training(detector, [Sample(frames[0], (), FrameKey("v", 0))])
    next(records)
    records.close()


def test_what_cannot_be_trained_is_refused(detector):
    class Fixed(type(detector)):
        trainable = False

    with pytest.raises(InputError, match="cannot be trained"):
        list(measure_training(Fixed(("pedestrian",), {"width": 0.1}), []))
