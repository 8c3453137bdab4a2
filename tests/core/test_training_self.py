"""Self-training: scores fitted to classes, the tracking filter, and runs that learn by it."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.generators import returned
from unlabelled_footage import SETTINGS, drive, labelled, narrow, same_weights

from framesift.boxes import Box, Prediction
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.records import Notice
from framesift.training import SelfTraining, Step, TrainSettings, train
from framesift.training.data import Entry, MemorySource, VideoSource
from framesift.training.data.sample import spread_evenly
from framesift.training.mixture import Mixture, Part
from framesift.training.packed import PackedFrame, PackedSource
from framesift.training.pseudo_labels import fitted_scores, kept_rows, sure_from
from framesift.training.state import read_tensors, under
from framesift.training.teaching import TaughtSource

TAUGHT = SelfTraining(
    enabled=True, frames=4, share=0.5, keep="tracks", low_score=0.02, reach=1, track=2
)
# Slow, so that a teacher that has learnt nothing still finds something at the end.
SLOW = SETTINGS.with_(
    learning_rate=1e-5, final_learning_rate=1e-5, batch_norm="frozen", self_training=TAUGHT
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drive(tmp_path_factory.mktemp("drive"))


@pytest.mark.parametrize(
    ("scores", "hits", "precision", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 0.75, 0.6),
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 0.8, 0.8),
        ([0.6, 0.9, 0.7, 0.8], [1, 1, 0, 1], 1.0, 0.8),
        ([0.9, 0.9, 0.5], [1, 0, 0], 0.9, math.nan),  # equal scores fall together
        ([0.9, 0.8, 0.8], [1, 1, 0], 0.9, 0.9),
        ([], [], 0.5, math.nan),
    ],
)
def test_the_lowest_score_that_is_precise(
    scores: list[float], hits: list[int], precision: float, expected: float
) -> None:
    sure = sure_from(np.array(scores), np.array(hits, np.bool_), precision)
    assert sure == pytest.approx(expected, nan_ok=True)


def test_a_score_is_fitted_to_each_class_on_labels() -> None:
    image = np.zeros((64, 96, 3), np.uint8)
    person, other = Box(10, 10, 30, 50), Box(60, 10, 80, 50)
    ignored = Box(0, 0, 96, 8, "", ignore=True)
    frame = MemorySource(
        [packed_sample(image, (person, other, ignored))], ("pedestrian", "car")
    )

    class Fixed:
        classes = ("pedestrian", "car")
        regresses_boxes = True

        def geometry(self, height: int, width: int) -> Any:
            return type("Size", (), {"scale_y": 1.0})

        def predict(self, frames: Any, threshold: float) -> list[Prediction]:
            rows = [[60, 10, 80, 50], [10, 12, 30, 50], [30, 2, 50, 42], [40, 0, 60, 8]]
            scores = np.array([0.9, 0.6, 0.3, 0.8], np.float32)
            return [Prediction(np.array(rows, np.float32), scores, np.array([0, 0, 0, 1]))]

    how = SelfTraining(enabled=True, precision=0.9)
    settings = TrainSettings(min_height=5, aspect_classes=(), ema_decay=0.9)
    records = fitted_scores(Fixed(), frame, how, settings)  # type: ignore[arg-type]
    sure = returned(records)
    # Both labels found from 0.6 up; no car is ever sure: its only box lies in an ignore region.
    assert sure[0] == np.float32(0.6)
    assert math.isnan(sure[1])


def packed_sample(image: Any, boxes: tuple[Box, ...]) -> Any:
    from framesift.training.data import Sample

    return Sample(image, boxes, FrameKey("v", 0))


def seen(*objects: tuple[float, float]) -> Prediction:
    """Boxes at x with a score each, in the order given."""
    boxes = np.array([(x, 10, x + 10, 40) for x, _ in objects], np.float32).reshape(-1, 4)
    scores = np.array([score for _, score in objects], np.float32)
    return Prediction(boxes, scores, np.zeros(len(objects), np.int64))


RUN = (
    seen((0, 0.95), (60, 0.2)),
    seen((1, 0.3), (60, 0.2)),
    seen((30, 0.99), (2, 0.2), (60, 0.2), (90, 0.05)),
    seen((3, 0.3), (90, 0.05)),
    seen((4, 0.3), (90, 0.05)),
)
"""At 0 and on somebody who is sure once, at 60 one who is never sure, at 30 a flash, at 90 what
is below the lowest score."""


@pytest.mark.parametrize(
    ("keep", "expected"), [("score", [0]), ("tracks", [1, 2]), ("both", [1])]
)
def test_what_tracks_support_is_learnt_from(keep: str, expected: list[int]) -> None:
    how = SelfTraining(enabled=True, keep=keep, track=3)
    assert kept_rows(RUN, np.array([0.9]), how).tolist() == expected


def test_no_class_is_learnt_whose_score_is_never_sure() -> None:
    how = SelfTraining(enabled=True)
    assert kept_rows(RUN, np.array([math.nan]), how).tolist() == []
    longer = SelfTraining(enabled=True, keep="tracks", track=4)
    assert kept_rows(RUN, np.array([math.nan]), longer).tolist() == [1]


def test_unlabelled_frames_lie_evenly_and_apart_from_what_is_labelled() -> None:
    lengths = {"a": 10, "b": 5, "short": 2}
    kept = [FrameKey("a", 4), FrameKey("b", 0)]
    every = spread_evenly(lengths, kept, 99, 1)
    assert [(key.video, key.frame) for key in every] == [
        ("a", 1), ("a", 2), ("a", 6), ("a", 7), ("a", 8), ("b", 2), ("b", 3),
    ]  # fmt: skip
    assert len(spread_evenly(lengths, kept, 3, 1)) == 3
    assert spread_evenly({"a": 3}, [FrameKey("a", 1)], 5, 1) == ()


def test_what_validates_or_is_measured_on_is_not_looked_at(folder: Path) -> None:
    nothing = Entry(FrameKey("v", 7), 96, 64, (), "validation")
    with VideoSource(labelled(folder, nothing, evaluation=(10,))) as source:
        keys = source.unlabelled(99, 1)
        assert [key.frame for key in keys] == [1, 2]
        window = source.window(keys[0], 1)
        assert window.shape == (3, 64, 96, 3)
    with VideoSource(labelled(folder, kind="stills")) as source:
        assert source.unlabelled(99, 1) == ()
        assert len(source.unlabelled(99, 0)) == 11


def test_low_scores_are_no_background() -> None:
    frames = [
        PackedFrame.of(np.zeros((64, 96, 3), np.uint8), (), FrameKey("v", n)) for n in range(3)
    ]
    source = TaughtSource(PackedSource(frames, ("pedestrian",)))
    before = source.identity()
    box = Box(52, 16, 68, 48, origin="tracked")
    source.teach([(), (box,), ()])
    whole = Box(0, 0, 96, 64, "", ignore=True)
    assert [source.boxes(n) for n in range(3)] == [(whole,), (whole, box), (whole,)]
    assert source.identity() == before
    part = Part(source, 1, "taught", source.weights)
    mixture = Mixture(source, [part], narrow(), TrainSettings(batch=2))
    shown = {place.index for step in range(9) for place in mixture.batch(step) if place.part}
    assert shown == {1}  # the others have nothing to teach
    source.teach([(), (), ()])
    assert [place.part for place in mixture.batch(0)] == [0, 1]


def test_a_run_resumes_to_the_bit(folder: Path, tmp_path: Path) -> None:
    settings = SLOW
    whole, part, rest = narrow(), narrow(), narrow()
    with VideoSource(labelled(folder)) as source:
        records: list[Any] = list(train(whole, source, settings, tmp_path / "a"))
        told = [r.text for r in records if isinstance(r, Notice) and "teacher" in r.text]
        assert len(told) == 3
        assert sum(isinstance(record, Step) for record in records) == 6
        _, tensors = read_tensors(tmp_path / "a")
        assert len(under("taught.", tensors)["boxes"]) > 0
        # In the middle of what one teaching serves, and where the next one is due.
        for number, stop in enumerate((3, 4)):
            records = train(part, source, settings, tmp_path / "b", resume=number > 0)  # type: ignore[assignment]
            with contextlib.closing(records):  # type: ignore[type-var]
                next(r for r in records if isinstance(r, Step) and r.step == stop)
            part = narrow()
        list(train(rest, source, settings, tmp_path / "b", resume=True))
    assert same_weights(whole, rest)


def test_workers_ahead_see_what_the_teacher_said_last(folder: Path, tmp_path: Path) -> None:
    settings = SLOW
    here, ahead = narrow(), narrow()
    with VideoSource(labelled(folder)) as source:
        list(train(here, source, settings, tmp_path / "a"))
        list(train(ahead, source, settings.with_(num_workers=2), tmp_path / "b"))
    assert same_weights(here, ahead)


def test_contradictions_are_refused_with_a_sentence() -> None:
    with pytest.raises(InputError, match="ema_decay is 0"):
        TrainSettings(self_training=SelfTraining(enabled=True))
    with pytest.raises(InputError, match="A track of 6 frames cannot be found in the 5 frames"):
        SelfTraining(enabled=True, track=6)
    assert SelfTraining(enabled=True, keep="score", track=6).around == 0
    how = replace(TAUGHT, share=0.9)
    with pytest.raises(InputError, match="leaves no labelled one"):
        TrainSettings(batch=2, ema_decay=0.9, self_training=how).with_given(
            {"replay.share": 0.5}
        )


def test_the_teacher_labels_at_even_steps() -> None:
    assert SelfTraining(renewals=3).due(9) == (0, 3, 6)
    assert SelfTraining(renewals=5).due(3) == (0, 1, 2)
    assert SelfTraining(renewals=1).due(100) == (0,)
