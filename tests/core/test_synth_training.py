"""Training frames: reproducible, people of all sizes, labels inside."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, pairwise

import numpy as np
import pytest

from framesift.boxes import Box
from framesift.errors import InputError
from framesift.synth import label_statistics, training_frames
from framesift.synth.noise import Image

SMALL = (240, 320)


@lru_cache(maxsize=1)
def many() -> list[tuple[Image, tuple[Box, ...]]]:
    return list(islice(training_frames("source", seed=1, size=SMALL), 120))


def test_the_same_arguments_give_the_same_frames() -> None:
    again = list(islice(training_frames("source", seed=1, size=SMALL), 12))
    for (a, boxes_a), (b, boxes_b) in zip(many(), again, strict=False):
        assert np.array_equal(a, b)
        assert boxes_a == boxes_b
    other = next(training_frames("source", seed=2, size=SMALL))[0]
    assert not np.array_equal(other, many()[0][0])


def test_frames_and_boxes_fit() -> None:
    for image, boxes in many():
        assert image.shape == (*SMALL, 3)
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous
        for box in boxes:
            assert 0 <= box.x1 < box.x2 <= 320
            assert 0 <= box.y1 < box.y2 <= 240


def test_people_of_all_sizes() -> None:
    found = label_statistics((boxes for _, boxes in many()), SMALL[0])
    assert 0.5 <= found.populated <= 0.75
    assert found.small >= 0.2
    assert found.occluded >= 0.2
    assert found.heights[0] < 65
    assert found.heights[2] > 220
    assert found.ignored > 20


def test_no_two_frames_are_alike() -> None:
    pictures = [image.astype(int) for image, _ in many()[:40]]
    for a, b in pairwise(pictures):
        assert np.abs(a - b).mean() > 4


def test_an_unknown_look_is_refused_at_once() -> None:
    with pytest.raises(InputError):
        next(training_frames("moon"))
