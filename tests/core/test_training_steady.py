"""What keeps new labels from doing harm: replayed frames, early ends, the schedule, stages that
keep their weights."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.generators import ended

from framesift.boxes import Box
from framesift.detectors import PaperDetector
from framesift.detectors.files.checkpoint import load_checkpoint
from framesift.errors import InputError
from framesift.labels import FrameKey
from framesift.records import Notice
from framesift.training import (
    PRESETS,
    Finished,
    Labels,
    Replay,
    Step,
    TrainSettings,
    Validated,
    default_settings,
    outcome,
    preset,
    train,
)
from framesift.training.data import MemorySource, Sample
from framesift.training.drawn import drawn_frames
from framesift.training.fitting import with_random_weights
from framesift.training.mixture import Mixture, Part
from framesift.training.packed import PackedFrame, PackedSource
from framesift.training.replay import replayed
from framesift.training.schedule import by_labels
from framesift.training.told import told
from framesift.training.tone import tone_of, toned

SIZES = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
SETTINGS = TrainSettings(
    epochs=3, batch=4, min_height=10, threads=1, num_workers=0, replay=Replay(0.5, frames=3)
)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def detector(*classes: str) -> PaperDetector:
    torch.manual_seed(0)
    return PaperDetector(
        classes or ("pedestrian",),
        {"width": 0.125, "working_height": 64, "box_sizes": SIZES},
    )


def sample(number: int, *boxes: Box) -> Sample:
    image = np.random.default_rng(number).integers(90, 140, (64, 96, 3)).astype(np.uint8)
    return Sample(image, boxes or (Box(10, 10, 26, 42),), FrameKey("v", number))


def source(frames: int = 5, classes: tuple[str, ...] = ("pedestrian",)) -> MemorySource:
    return MemorySource([sample(n) for n in range(frames)], classes)


def replay(others: MemorySource | None = None) -> Part:
    return Part(others or source(7), 2, "replayed")


def weights(trained: PaperDetector) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trained.module.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


# Replay


def test_half_of_every_batch_is_replayed() -> None:
    others = source(7)
    mixture = Mixture(source(5), [replay(others)], detector(), SETTINGS)
    seen = [mixture.batch(step) for step in range(10)]
    assert all([place.part for place in places] == [0, 0, 1, 1] for places in seen)
    counts = Counter((p.epoch, p.index) for places in seen for p in places if p.part == 0)
    assert counts == {(epoch, index): 1 for epoch in range(4) for index in range(5)}
    replays = Counter(p.index for places in seen[:7] for p in places if p.part)
    assert replays == dict.fromkeys(range(7), 2)
    assert SETTINGS.steps(5) == 8  # three epochs of the labelled frames, two a step


def test_the_labelled_frames_are_seen_as_without_replay() -> None:
    alone = Mixture(source(), [], detector(), SETTINGS.with_(batch=2, replay=Replay()))
    beside = Mixture(source(), [replay()], detector(), SETTINGS)
    for step in range(4):
        first, second = alone.batch(step), beside.batch(step)
        assert first == second[:2]
        for place in first:
            assert np.array_equal(alone.sample(place).image, beside.sample(place).image)
    assert alone.identity() == source().identity() != beside.identity()


def test_drawn_frames_are_kept_and_the_same() -> None:
    first, told = ended(drawn_frames(3, (64, 96)))
    assert told[-1].done == 3
    again, silent = ended(drawn_frames(3, (64, 96)))
    assert silent == []
    assert all(
        np.array_equal(a.png, b.png) and a.boxes == b.boxes and a.key == b.key
        for a, b in zip(first, again, strict=True)
    )
    assert {frame.size for frame in first} == {(64, 96)}
    drawn, read = (PackedSource(frames, ("pedestrian",)) for frames in (first, again))
    assert drawn.identity() == read.identity()


def test_classes_that_drawn_frames_do_not_label_take_no_loss_there() -> None:
    replay, _ = ended(replayed(Replay(frames=3), detector("car", "person"), source()))
    for index in range(3):
        *drawn, whole = replay.boxes(index)
        assert whole == Box(0, 0, 96, 64, "car", ignore=True)
        assert {box.category for box in drawn} <= {"person"}
    nothing, told = ended(replayed(Replay(frames=3), detector("car"), source()))
    assert nothing is None
    assert "pedestrians" in told[0].text


def test_a_labelled_set_is_replayed(tmp_path: Path) -> None:
    spec = "synthetic:look=target,seed=3,frames=9,size=96x64,scenario=busy"
    replay, _ = ended(
        replayed(Replay(source=spec, frames=3), detector("pedestrian", "car"), source())
    )
    assert [replay.sample(i).key.frame for i in range(len(replay))] == [0, 4, 8]
    assert all(replay.boxes(i)[-1].category == "car" for i in range(3))
    for wrong in ("coco", "films:x", "coco:"):
        with pytest.raises(InputError, match="nothing to replay"):
            ended(replayed(Replay(source=wrong), detector(), source()))


@pytest.mark.parametrize("stop", [2, 5])
def test_a_run_with_all_means_resumes_to_the_bit(stop: int, tmp_path: Path) -> None:
    settings = SETTINGS.with_(
        ema_decay=0.9,
        interpolation=0.4,
        batch_norm="frozen",
        frozen=1,
        optimizer="adamw",
        patience=5,
    )
    whole, part, rest = detector(), detector(), detector()
    unseen = MemorySource([sample(9)], ("pedestrian",))
    list(train(whole, source(), settings, tmp_path / "a", validation=unseen))
    records = train(part, source(), settings, tmp_path / "b", validation=unseen)
    with contextlib.closing(records):
        next(r for r in records if isinstance(r, Step) and r.step == stop)
    assert outcome(tmp_path / "b").step == stop  # type: ignore[union-attr]
    list(train(rest, source(), settings, tmp_path / "b", validation=unseen, resume=True))
    assert same(weights(whole), weights(rest))
    other = settings.with_(replay=Replay(0.5, frames=2))
    with pytest.raises(InputError, match="begun on other frames"):
        list(train(detector(), source(), other, tmp_path / "b", resume=True))


# What of the start is left


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_the_result_lies_on_the_line_from_the_start(ema_decay: float, tmp_path: Path) -> None:
    start, whole, part = detector(), detector(), detector()
    settings = SETTINGS.with_(epochs=1, ema_decay=ema_decay)
    list(train(whole, source(), settings, tmp_path / "a"))
    list(train(part, source(), settings.with_(interpolation=0.25), tmp_path / "b"))
    before, learnt, between = weights(start), weights(whole), weights(part)
    assert not same(before, learnt)
    for name, value in between.items():
        if value.is_floating_point():
            torch.testing.assert_close(value, 0.75 * before[name] + 0.25 * learnt[name])
        else:
            assert torch.equal(value, learnt[name])
    kept = load_checkpoint(tmp_path / "b" / "last.safetensors")
    assert same(weights(kept), between)


def test_more_labels_leave_less_of_the_start() -> None:
    ways = [preset("steady", Labels(n, n)).interpolation for n in (1, 15, 40, 150, 5000)]
    assert ways == [0.06, 0.5, 0.73, 0.91, 1.0]
    assert "73% of the way from the start" in told(preset("steady", Labels(40, 60)), 40)
    # What has learnt nothing yet has nothing to hold on to.
    assert preset("steady", Labels(15, 20, known=False)).interpolation == 1


# What is not learnt


def test_frames_that_show_nothing_teach_nothing(tmp_path: Path) -> None:
    ignored = Box(0, 0, 30, 40, ignore=True)
    for boxes in ([], [ignored]):
        image = sample(0).image
        empty = MemorySource([Sample(image, tuple(boxes), FrameKey("v", 0))], ("pedestrian",))
        with pytest.raises(InputError, match="nothing to learn from"):
            list(train(detector(), empty, SETTINGS, tmp_path))
    assert outcome(tmp_path) is None


def test_the_first_stages_keep_weights_and_statistics(tmp_path: Path) -> None:
    trained = detector()
    before = weights(trained)
    settings = SETTINGS.with_(frozen=2, epochs=1, replay=Replay())
    list(train(trained, source(), settings, tmp_path))
    kept = {
        name.partition(".")[0]
        for name, value in trained.module.state_dict().items()
        if torch.equal(value, before[name])
    }
    assert {"block1", "block2", "block2_end"} <= kept
    assert not kept & {"block3", "head1", "logits"}
    with pytest.raises(InputError, match="4 stages"):
        list(train(detector(), source(), SETTINGS.with_(frozen=5), tmp_path))


def test_random_weights_are_of_the_seed() -> None:
    trained = detector()
    fresh, again = with_random_weights(trained, 3), with_random_weights(trained, 3)
    assert fresh.settings == trained.settings
    assert same(weights(fresh), weights(again))
    assert not same(weights(fresh), weights(trained))


# Early ends


class Measured:
    """Miss rates in the place of those that validations would find."""

    def __init__(self, *rates: float) -> None:
        self.rates = iter(rates)

    def __call__(self, *_: object) -> Any:
        yield from ()
        return next(self.rates), 0.3


def test_training_ends_when_validations_bring_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.with_(epochs=9, patience=2, adopt="best", replay=Replay())
    rates = Measured(0.9, 0.5, 0.6, 0.5, 0.1)
    monkeypatch.setattr("framesift.training.validate.measure", rates)
    unseen = MemorySource([sample(9)], ("pedestrian",))
    records = list(train(detector(), source(), settings, tmp_path, validation=unseen))
    assert [r.miss_rate for r in records if isinstance(r, Validated)] == [0.9, 0.5, 0.6, 0.5]
    assert any("brought nothing more" in r.text for r in records if isinstance(r, Notice))
    finished = records[-1]
    assert isinstance(finished, Finished)
    assert finished.step < finished.steps
    assert not finished.stopped
    assert (finished.miss_rate, finished.checkpoint.name) == (0.5, "best.safetensors")
    # It has ended: going on with it does nothing more.
    again = list(
        train(detector(), source(), settings, tmp_path, validation=unseen, resume=True)
    )
    assert not [r for r in again if isinstance(r, Step)]
    assert again[-1] == finished


# The schedule


@given(st.integers(1, 5000), st.integers(1, 9000), st.integers(0, 400))
def test_the_schedule_makes_settings(frames: int, objects: int, validation: int) -> None:
    labels = Labels(frames, objects, validation)
    settings = default_settings("paper", labels)
    assert settings == preset("steady", labels)
    assert settings.with_given(by_labels(labels, settings)) == settings
    assert (settings.adopt == "best") == (settings.patience > 0) == (validation >= 20)
    # More labels never mean fewer steps, but for what rounding to whole epochs does.
    more = default_settings("paper", Labels(4 * frames, objects, validation))
    assert more.steps(4 * frames) >= 0.7 * settings.steps(frames)


def test_what_somebody_says_goes_before_the_schedule() -> None:
    settings = preset("steady", Labels(40, 60)).with_given({"epochs": 3, "replay.share": 0.0})
    assert (settings.epochs, settings.replay.share) == (3, 0.0)
    assert settings.ema_decay > 0
    sentence = told(preset("steady", Labels(40, 60)), 40)
    assert "40 labelled frames" in sentence
    assert "1 of every 8 frames replayed (drawn)" in sentence
    assert "replayed" not in told(settings, 40)


def test_the_classic_recipe_is_there_still() -> None:
    assert PRESETS["classic"] == TrainSettings()
    assert PRESETS["paper"] == TrainSettings(filtered="discard")
    assert TrainSettings().replay.share == 0


def test_a_state_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    from framesift.training.state import RunState

    data = RunState(SETTINGS, "a", "b", 10, 5).to_json()
    for name in ("replay", "frozen", "patience"):
        del data["settings"][name]
    read = RunState.from_json(data)
    assert read.settings == SETTINGS.with_(replay=Replay())


def test_packed_pictures_lose_nothing() -> None:
    one = sample(4)
    packed = PackedSource([PackedFrame.of(one.image, one.boxes, one.key)], ("pedestrian",))
    assert np.array_equal(packed.sample(0).image, one.image)
    assert cv2.imdecode(PackedFrame.of(one.image, (), one.key).png, 1).shape == (64, 96, 3)


def test_a_picture_takes_on_the_tone_of_another() -> None:
    rng = np.random.default_rng(0)
    dark = rng.integers(0, 40, (48, 64, 3)).astype(np.uint8)
    light = rng.integers(100, 250, (48, 64, 3)).astype(np.uint8)
    moved = toned(light, tone_of(dark))
    assert abs(moved.mean() - dark.mean()) < 1
    # What is lighter stays lighter, and its own tone changes nothing.
    assert np.corrcoef(moved[..., 0].ravel(), light[..., 0].ravel())[0, 1] > 0.99
    assert np.array_equal(toned(light, tone_of(light)), light)


def test_replayed_frames_may_take_on_the_tone_of_labelled_ones() -> None:
    settings = SETTINGS.with_(replay=Replay(0.5, tone="labelled"))
    night = MemorySource(
        [Sample(sample(0).image // 8, sample(0).boxes, FrameKey("v", 0))], ("pedestrian",)
    )
    own = Mixture(night, [replay()], detector(), SETTINGS)
    moved = Mixture(night, [replay()], detector(), settings)
    *labelled, first, _ = own.batch(0)
    for place in labelled:
        assert np.array_equal(own.sample(place).image, moved.sample(place).image)
    assert moved.sample(first).image.mean() < own.sample(first).image.mean() / 2
    assert np.array_equal(moved.sample(first).image, moved.sample(first).image)
