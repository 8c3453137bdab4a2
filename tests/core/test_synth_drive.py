"""Synthetic drives: the same frames in any order, labels that fit them, an exam that is hard
enough."""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from framesift.boxes import Box, as_array, iou
from framesift.errors import InputError
from framesift.synth import LOOKS, SynthDrive, drive, label_statistics
from framesift.video import Video

SMALL = (240, 320)


def test_a_drive_is_a_video() -> None:
    footage = drive(seed=1, frames=90, size=SMALL)
    assert isinstance(footage, Video)
    assert (len(footage), footage.width, footage.height) == (90, 320, 240)
    assert footage.fps == pytest.approx(30.0)
    assert footage.index.seconds(30) == pytest.approx(1.0)
    assert footage.kind == "synthetic"
    frame = next(iter(footage.frames(start=5)))
    assert frame.number == 5
    assert frame.seconds == pytest.approx(5 / 30)
    assert frame.image.shape == (240, 320, 3)
    assert frame.image.dtype == np.uint8
    assert np.array_equal(footage[-1], footage[89])
    for outside in (90, -91):
        with pytest.raises(IndexError):
            footage[outside]
        with pytest.raises(IndexError):
            footage.labels(outside)


@pytest.mark.parametrize("look", LOOKS)
def test_any_order_gives_the_same_frames_and_labels(look: str) -> None:
    first = drive(seed=6, look=look, frames=400, size=SMALL, scenario="busy")
    second = first.fork()
    numbers = [*range(0, 400, 57), 1, 2, 3]
    shuffled = numbers.copy()
    random.Random(0).shuffle(shuffled)
    labels = {n: second.labels(n) for n in shuffled[:5]}
    pictures = {n: second[n] for n in shuffled}
    for number in numbers:
        assert np.array_equal(first[number], pictures[number])
        assert first.labels(number) == second.labels(number)
    # labels computed without drawing the picture are those of the picture
    assert all(first.labels(n) == boxes for n, boxes in labels.items())


def test_a_returned_picture_is_the_callers_own() -> None:
    footage = drive(seed=1, frames=10, size=SMALL)
    before = footage[3].copy()
    footage[3][:] = 0
    assert np.array_equal(footage[3], before)


def test_a_longer_drive_begins_like_the_shorter_one() -> None:
    short, long = (drive(seed=3, frames=n, size=SMALL, scenario="busy") for n in (120, 700))
    for number in (0, 60, 119):
        assert np.array_equal(short[number], long[number])
        assert short.labels(number) == long.labels(number)
    assert short.fingerprint != long.fingerprint
    assert (
        short.fingerprint == drive(seed=3, frames=120, size=SMALL, scenario="busy").fingerprint
    )


def test_other_seeds_give_other_drives() -> None:
    a, b = drive(seed=1, frames=5, size=SMALL), drive(seed=2, frames=5, size=SMALL)
    assert np.abs(a[0].astype(int) - b[0]).mean() > 10
    assert a.fingerprint != b.fingerprint


@lru_cache(maxsize=1)
def exam() -> list[tuple[Box, ...]]:
    """Every fifteenth frame's labels of eight drives."""
    return [
        footage.labels(i)
        for footage in (drive(seed=s, frames=1500) for s in range(8))
        for i in range(0, 1500, 15)
    ]


def test_the_exam_is_not_easy() -> None:
    found = label_statistics(exam(), 480)
    assert found.people > 120
    assert 0.14 <= found.populated <= 0.28, "most frames hold nobody"
    assert found.small >= 0.25
    assert found.occluded >= 0.3
    assert found.aspects[0] >= 0.25
    assert found.aspects[2] <= 0.6
    assert found.heights[2] >= 130
    assert found.ignored > 100


def test_labels_lie_inside_the_picture() -> None:
    for boxes in exam():
        for box in boxes:
            assert 0 <= box.x1 < box.x2 <= 640
            assert 0 <= box.y1 < box.y2 <= 480
            assert box.category == "pedestrian"


def test_people_come_in_bursts() -> None:
    footage = drive(seed=0, frames=1800)
    held = [any(not b.ignore for b in footage.labels(i)) for i in range(0, 1800, 10)]
    changes = sum(a != b for a, b in pairwise(held))
    assert changes < 0.5 * sum(held)


def test_people_move_steadily() -> None:
    footage = drive(seed=6, frames=600, scenario="busy")
    matched = []
    for i in range(40, 600, 40):
        now, then = footage.labels(i), footage.labels(i + 1)
        for box in now:
            if not box.ignore and not box.truncated and box.height > 40:
                best = iou(as_array([box]), as_array(then)).max() if then else 0.0
                matched.append(best > 0.5)
    assert len(matched) > 10
    assert np.mean(matched) > 0.9


def test_nobody_walks_in_an_empty_drive() -> None:
    footage = drive(seed=2, frames=900, scenario="empty")
    assert all(b.ignore for i in range(0, 900, 30) for b in footage.labels(i))


def test_a_busy_drive_is_busy() -> None:
    footage = drive(seed=2, frames=900, scenario="busy")
    held = [any(not b.ignore for b in footage.labels(i)) for i in range(0, 900, 20)]
    assert np.mean(held) > 0.5


def test_the_camera_stands_at_the_red_light() -> None:
    standing = drive(seed=5, frames=3600, size=SMALL, scenario="red-light")
    moving = drive(seed=5, frames=3600, size=SMALL)

    def change(footage: SynthDrive, i: int) -> float:
        return float(np.abs(footage[i].astype(int) - footage[i + 900]).mean())

    for i in (0, 1200, 2400):
        assert change(standing, i) < 8
    assert max(change(moving, i) for i in (0, 1200, 2400)) > 20
    assert not np.array_equal(standing[10], standing[11]), "the sensor's noise stays"
    held = [any(not b.ignore for b in standing.labels(i)) for i in range(0, 3600, 60)]
    assert 0.05 < np.mean(held) < 0.6, "people cross"


def test_people_of_the_crowd_are_small_and_many() -> None:
    def heights(look: str) -> list[float]:
        return [
            box.y2 - box.y1
            for seed in range(3)
            for box in drive(
                seed=seed, look=look, frames=60, size=SMALL, pedestrian_share=0.8
            ).labels(45)
        ]

    small, usual = heights("crowd"), heights("source")
    assert len(small) > 3
    assert np.median(small) < 0.8 * np.median(usual)


def test_the_looks_differ() -> None:
    day = [drive(seed=s, frames=1, size=SMALL)[0].mean() for s in range(4)]
    night = [drive(seed=s, look="target", frames=1, size=SMALL)[0].mean() for s in range(4)]
    assert min(day) > max(night)


@pytest.mark.parametrize(
    "wrong",
    [
        {"look": "moon"},
        {"scenario": "chase"},
        {"frames": 0},
        {"size": (10, 10)},
        {"pedestrian_share": 1.5},
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        drive(**wrong)  # type: ignore[arg-type]
