"""The training loop, with a toy detector, and with the real one made tiny."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import torch

from framesift.boxes import Box, Prediction
from framesift.detectors import DETECTORS, Detector, Inference, PaperDetector
from framesift.detectors.files.checkpoint import load_checkpoint
from framesift.errors import EnvironmentProblem, InputError
from framesift.labels import FrameKey
from framesift.records import Notice, Progress
from framesift.training import (
    Augmentation,
    Finished,
    Step,
    TrainSettings,
    Validated,
    outcome,
    train,
)
from framesift.training.data import MemorySource, Sample
from framesift.training.fitting import with_classes_of, with_fitted_boxes
from framesift.training.loader import load

SIZES = [[40, 20], [36, 18], [32, 16], [28, 14], [24, 12]]
SETTINGS = TrainSettings(epochs=3, batch=4, min_height=10, save_every_s=1e6)


class Toy(Detector):
    """A few layers with all that has a memory or draws at random: batch norm, dropout,
    sampled cells."""

    architecture = "toy"
    multiple = 4

    def __init__(self, classes=("pedestrian",), settings=None):
        module = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 5, 4, 2),
            torch.nn.BatchNorm2d(8),
            torch.nn.ReLU(),
            torch.nn.Dropout2d(0.2),
            torch.nn.Conv2d(8, len(classes), 1),
        )
        super().__init__(module, classes, settings or {"sides": 1}, 64)

    def _logits(self, frames):
        x = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).float()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bfloat16"):
            return self.module(x / 128 - 1)

    def loss(self, frames, labels, *, generator, settings=None, at_working_scale=False):
        assert at_working_scale
        self.module.train()
        logits = self._logits(frames).float()
        wanted = torch.zeros_like(logits)
        for own, boxes in zip(wanted, labels, strict=True):
            for b in boxes:
                if not b.ignore:
                    own[
                        :,
                        int(max(0, b.y1)) // 4 : int(b.y2) // 4,
                        int(max(0, b.x1)) // 4 : int(b.x2) // 4,
                    ] = 1
        cells = torch.randperm(logits.numel(), generator=generator)[:500]
        return torch.nn.functional.binary_cross_entropy_with_logits(
            logits.reshape(-1)[cells], wanted.reshape(-1)[cells]
        )

    @torch.no_grad()
    def infer(self, frames, *, flip=False, boxes=False, threshold=0.05):
        self.module.eval()
        found = []
        for heat in torch.sigmoid(self._logits(frames))[:, 0]:
            best = heat.reshape(-1).argmax()
            y, x = (4 * float(v) for v in divmod(int(best), heat.shape[1]))
            found.append(
                Prediction(
                    np.array([[x - 8, y - 16, x + 8, y + 16]], np.float32),
                    heat.reshape(-1)[best : best + 1].numpy(),
                    np.zeros(1, np.int64),
                )
            )
        return Inference(None, tuple(found))

    def dropout_maps(self, frames, passes, rate, seed=0):
        raise NotImplementedError

    def best_iou(self, boxes, native):
        return np.ones(len(boxes))

    def with_classes(self, classes):
        return Toy(classes)


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setitem(DETECTORS, "toy", Toy)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def paper():
    torch.manual_seed(0)
    return PaperDetector(settings={"width": 0.125, "working_height": 64, "box_sizes": SIZES})


def detector(kind=Toy, **settings):
    torch.manual_seed(0)
    return kind(("pedestrian",), settings or None)


def sample(i, size=(64, 96)):
    rng = np.random.default_rng(i)
    image = rng.integers(90, 140, (*size, 3)).astype(np.uint8)
    x, y = rng.integers(0, size[1] - 16), rng.integers(0, size[0] - 36)
    image[y : y + 32, x : x + 16] = (220, 40, 40)
    return Sample(image, (Box(x, y, x + 16, y + 32),), FrameKey("v", i))


@pytest.fixture(scope="module")
def source():
    return MemorySource([sample(i) for i in range(10)], ("pedestrian",))


@pytest.fixture(scope="module")
def unseen():
    return MemorySource([sample(i) for i in range(50, 56)], ("pedestrian",))


def weights(one):
    return {name: value.clone() for name, value in one.module.state_dict().items()}


def same(first, second):
    return first.keys() == second.keys() and all(
        torch.equal(first[name], second[name]) for name in first
    )


def until(records, step):
    """Takes records up to a step, then closes."""
    for record in records:
        if isinstance(record, Step) and record.step == step:
            break
    records.close()


def test_records_and_checkpoints(source, unseen, tmp_path):
    one = detector()
    settings = SETTINGS.with_(adopt="best", optimizer="sgd")
    records = list(
        train(one, source, settings, tmp_path, validation=unseen, lineage={"cycle": 3})
    )
    steps = [r for r in records if isinstance(r, Step)]
    assert [s.step for s in steps] == list(range(1, 9))
    assert [s.epoch for s in steps] == [1, 1, 2, 2, 2, 3, 3, 3]
    assert steps[0].learning_rate == settings.learning_rate
    assert steps[-1].learning_rate == settings.final_learning_rate
    assert all(s.steps == 8 and s.remaining_s >= 0 and s.frames_per_s > 0 for s in steps)
    measured = [r for r in records if isinstance(r, Validated)]
    assert [(v.epoch, v.step) for v in measured] == [(1, 3), (2, 5), (3, 8)]
    assert all(0 <= v.miss_rate <= 1 for v in measured)
    finished = records[-1]
    assert isinstance(finished, Finished)
    assert not finished.stopped
    assert finished.checkpoint == finished.best == tmp_path / "best.safetensors"
    assert finished.miss_rate == min(v.miss_rate for v in measured)
    assert finished == outcome(tmp_path)
    best = load_checkpoint(finished.checkpoint)
    assert best.lineage["cycle"] == 3
    assert best.lineage["trained"]["step"] == next(
        v.step for v in measured if v.best and v.miss_rate == finished.miss_rate
    )
    assert same(weights(best), weights(one))
    assert load_checkpoint(finished.last).lineage["trained"]["step"] == 8


@pytest.mark.parametrize(
    ("change", "stops", "make"),
    [
        ({}, [1], detector),
        ({"ema_decay": 0.9}, [3, 4, 7], detector),
        ({"optimizer": "sgd", "num_workers": 0}, [2, 6], detector),
        ({"optimizer": "adamw", "micro_batch": 3}, [5], detector),
        ({"precision": "bfloat16"}, [4], detector),
        ({"epochs": 2}, [3], paper),
    ],
)
def test_resumed_training_gives_the_same_weights_to_the_bit(
    source, unseen, tmp_path, change, stops, make
):
    settings = SETTINGS.with_(**change)
    whole = make()
    straight = list(train(whole, source, settings, tmp_path / "a", validation=unseen))
    for number, stop in enumerate(stops):
        # Whatever chance there is outside must not matter.
        torch.manual_seed(stop)
        np.random.seed(stop)
        torch.rand(stop)
        part = make()
        until(
            train(part, source, settings, tmp_path / "b", validation=unseen, resume=number > 0),
            stop,
        )
        left = outcome(tmp_path / "b")
        assert (left.step, left.stopped) == (stop, True)
        assert load_checkpoint(left.checkpoint).lineage["trained"]["step"] == stop
    last = make()
    rest = list(train(last, source, settings, tmp_path / "b", validation=unseen, resume=True))
    assert same(weights(whole), weights(last))
    # What is told is the same, too, but for the time.
    assert rest[-1].history == straight[-1].history
    told = [(r.step, r.loss, r.learning_rate) for r in straight if isinstance(r, Step)]
    assert told[stops[-1] :] == [
        (r.step, r.loss, r.learning_rate) for r in rest if isinstance(r, Step)
    ]


def test_loaders_and_machine_state_do_not_matter(source, tmp_path):
    results = []
    for loaders in (0, 1, 3):
        one = detector()
        list(train(one, source, SETTINGS.with_(num_workers=loaders), tmp_path / str(loaders)))
        results.append(weights(one))
    assert same(results[0], results[1])
    assert same(results[0], results[2])


def test_stopping_between_the_parts_of_a_step_undoes_it(source, tmp_path):
    whole, part = detector(), detector()
    settings = SETTINGS.with_(micro_batch=1, num_workers=0)
    list(train(whole, source, settings, tmp_path / "a"))
    records = train(part, source, settings, tmp_path / "b")
    for record in records:
        if isinstance(record, Step) and record.step == 3:
            break
    assert isinstance(next(records), Progress)
    assert isinstance(next(records), Progress)
    records.close()
    assert outcome(tmp_path / "b").step == 3
    list(train(detector(), source, settings, tmp_path / "b", resume=True))
    assert same(weights(whole), weights(load_checkpoint(outcome(tmp_path / "b").last)))


def test_stopping_in_the_middle_of_a_validation(source, unseen, tmp_path):
    settings = SETTINGS.with_(ema_decay=0.5)
    whole, part, rest = detector(), detector(), detector()
    straight = list(train(whole, source, settings, tmp_path / "a", validation=unseen))
    records = train(part, source, settings, tmp_path / "b", validation=unseen)
    for record in records:
        if isinstance(record, Progress) and record.stage == "detecting" and record.done:
            break
    records.close()
    assert outcome(tmp_path / "b").step == 3
    ends = list(train(rest, source, settings, tmp_path / "b", validation=unseen, resume=True))
    assert same(weights(whole), weights(rest))
    assert ends[-1].history == straight[-1].history


def test_stopping_during_the_last_validation(source, unseen, tmp_path):
    records = train(detector(), source, SETTINGS, tmp_path, validation=unseen)
    until(records, 8)
    assert len(outcome(tmp_path).history) == 2
    rest = list(train(detector(), source, SETTINGS, tmp_path, validation=unseen, resume=True))
    assert not [r for r in rest if isinstance(r, Step)]
    assert [v.step for v in rest[-1].history] == [3, 5, 8]
    again = list(train(detector(), source, SETTINGS, tmp_path, validation=unseen, resume=True))
    assert not [r for r in again if isinstance(r, Validated)]
    assert again[-1] == rest[-1]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"settings": SETTINGS.with_(seed=1)}, "seed"),
        ({"settings": SETTINGS.with_(augmentation=Augmentation.none())}, "augmentation"),
        ({"detector": {"sides": 2}}, "detector"),
        ({"frames": 9}, "frames"),
    ],
)
def test_a_resumption_that_does_not_fit_is_refused(source, tmp_path, change, word):
    until(train(detector(), source, SETTINGS, tmp_path), 2)
    other = MemorySource([sample(i) for i in range(change.get("frames", 10))], ("pedestrian",))
    with pytest.raises(InputError, match=word):
        list(
            train(
                detector(**change.get("detector", {})),
                other,
                change.get("settings", SETTINGS),
                tmp_path,
                resume=True,
            )
        )
    assert outcome(tmp_path).step == 2


def test_a_damaged_state_is_refused(source, tmp_path):
    until(train(detector(), source, SETTINGS, tmp_path), 2)
    state = tmp_path / "state.safetensors"
    state.write_bytes(state.read_bytes()[:5000])
    for use in (
        lambda: outcome(tmp_path),
        lambda: list(train(detector(), source, SETTINGS, tmp_path, resume=True)),
    ):
        with pytest.raises(InputError, match="damaged"):
            use()


def test_starting_anew_forgets_the_earlier_run(source, unseen, tmp_path):
    list(train(detector(), source, SETTINGS, tmp_path, validation=unseen))
    until(train(detector(), source, SETTINGS, tmp_path), 1)
    left = outcome(tmp_path)
    assert (left.step, left.best) == (1, None)
    assert not (tmp_path / "best.safetensors").exists()
    assert outcome(tmp_path / "nothing") is None


class Short(Toy):
    """Has memory for `room` frames."""

    room = 2

    def loss(self, frames, labels, **more):
        # Half of the work, batch normalisation included, is done before memory runs out.
        loss = super().loss(frames, labels, **more)
        if len(frames) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. (a test)")
        return loss


def short(room):
    one = detector(Short)
    one.room = room
    return one


def test_out_of_memory_goes_on_in_smaller_parts(source, tmp_path):
    one, plain = short(2), detector()
    records = list(train(one, source, SETTINGS, tmp_path / "a"))
    said = [r.text for r in records if isinstance(r, Notice)]
    assert len(said) == 1
    assert "2 frames" in said[0]
    assert [r.step for r in records if isinstance(r, Step)] == list(range(1, 9))
    # Nothing is left of the attempts that failed.
    list(train(plain, source, SETTINGS.with_(micro_batch=2), tmp_path / "b"))
    assert same(weights(one), weights(plain))


def test_a_resumed_run_remembers_the_smaller_parts(source, tmp_path):
    until(train(short(1), source, SETTINGS, tmp_path), 3)
    rest = list(train(short(1), source, SETTINGS, tmp_path, resume=True))
    assert not [r for r in rest if isinstance(r, Notice)]


def test_no_memory_for_one_frame_is_a_sentence(source, tmp_path):
    one = short(0)
    before = weights(one)
    with pytest.raises(EnvironmentProblem, match="One frame alone"):
        list(train(one, source, SETTINGS, tmp_path))
    assert same(before, weights(one))


class Diverging(Toy):
    calls = 0
    what = "loss"

    def loss(self, frames, labels, **more):
        self.calls += 1
        loss = super().loss(frames, labels, **more)
        if self.calls < 5:
            return loss
        if self.what == "loss":
            return loss * float("nan")
        return loss + torch.sqrt((self.module[-1].weight * 0).sum())


@pytest.mark.parametrize("what", ["loss", "gradient"])
def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good(source, tmp_path, what):
    one = detector(Diverging)
    one.what = what
    with pytest.raises(InputError, match=f"{what} was no longer a number at step 5"):
        list(train(one, source, SETTINGS, tmp_path))
    left = outcome(tmp_path)
    assert (left.step, left.stopped) == (4, True)
    good = detector()
    until(train(good, source, SETTINGS, tmp_path / "good"), 4)
    assert same(weights(good), weights(load_checkpoint(left.last)))


def test_what_cannot_be_trained_is_a_sentence(source, tmp_path):
    with pytest.raises(InputError, match="no labelled frame"):
        list(train(detector(), MemorySource([], ("pedestrian",)), SETTINGS, tmp_path))
    with pytest.raises(InputError, match="class 'pedestrian'"):
        list(train(Toy(("car",)), source, SETTINGS, tmp_path))
    frozen = detector()
    frozen.trainable = False
    with pytest.raises(InputError, match="not be trained"):
        list(train(frozen, source, SETTINGS, tmp_path))
    assert outcome(tmp_path) is None


def test_validation_without_labels_says_so(source, tmp_path):
    empty = MemorySource([Sample(sample(1).image, (), FrameKey("v", 99))], ("pedestrian",))
    records = list(
        train(detector(), source, SETTINGS.with_(adopt="best"), tmp_path, validation=empty)
    )
    assert sum(isinstance(r, Notice) for r in records) == 1
    assert records[-1].checkpoint == tmp_path / "last.safetensors"
    assert {v.miss_rate for v in records[-1].history} == {None}


def test_pictures_of_several_sizes_and_crops(tmp_path):
    mixed = MemorySource(
        [sample(0), sample(1, (96, 96)), sample(2, (80, 60)), sample(3)], ("pedestrian",)
    )
    for crop in (None, (48, 40)):
        look = Augmentation(crop=crop)
        seen = []
        one = detector()
        compute = one.loss
        one.loss = lambda f, y, c=compute, s=seen, **m: (s.append(f.shape), c(f, y, **m))[1]
        list(train(one, mixed, SETTINGS.with_(augmentation=look), tmp_path / str(crop)))
        assert set(seen) == {(4, *(crop or (64, 96)), 3)}


def test_the_loss_falls(source, tmp_path):
    settings = SETTINGS.with_(epochs=12, augmentation=Augmentation.none())
    losses = [r.loss for r in train(paper(), source, settings, tmp_path) if isinstance(r, Step)]
    assert np.mean(losses[-4:]) < 0.8 * np.mean(losses[:4])


@pytest.mark.parametrize("norms", ["batch", "frozen"])
def test_batch_norms_may_keep_their_statistics(source, tmp_path, norms):
    one = detector(PaperDetector, width=0.125, working_height=64, box_sizes=SIZES)
    before = {key: value.clone() for key, value in one.module.state_dict().items()}
    list(train(one, source, SETTINGS.with_(epochs=1, batch_norm=norms), tmp_path))
    after = one.module.state_dict()
    changed = {key for key in after if not torch.equal(before[key], after[key])}
    assert any(key.endswith("weight") for key in changed)
    assert any("running" in key for key in changed) == (norms == "batch")


def test_threads_and_chance_outside_are_left_alone(source, tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    one = detector()
    torch.manual_seed(5)
    list(train(one, source, SETTINGS.with_(threads=2, epochs=1), tmp_path))
    assert torch.get_num_threads() == 1
    assert torch.equal(torch.rand(3), expected)


class Slow(MemorySource):
    def sample(self, index):
        time.sleep(0.15)
        return super().sample(index)


@pytest.mark.parametrize("loaders", [0, 2])
def test_waiting_for_pictures_is_not_silent(loaders):
    slow = Slow([sample(i) for i in range(6)], ("pedestrian",))
    last, longest = time.monotonic(), 0.0
    count = 0
    for got in load(lambda step: range(6), slow.sample, range(1), loaders):
        now = time.monotonic()
        last, longest = now, max(longest, now - last)
        count += got is not None
    assert count == 1
    assert longest < 0.45


def test_errors_of_reading_surface_and_end_the_threads(source, tmp_path):
    class Broken(MemorySource):
        def sample(self, index):
            if index == 7:
                raise InputError("Frame 7 of x is not the picture that was labelled.")
            return super().sample(index)

    broken = Broken([sample(i) for i in range(10)], ("pedestrian",))
    with pytest.raises(InputError, match="Frame 7"):
        list(train(detector(), broken, SETTINGS, tmp_path))
    assert outcome(tmp_path) is not None


def test_classes_grow_and_boxes_are_fitted():
    boxes = tuple(Box(0, 0, 8 + i, 30 + 2 * i, "car") for i in range(10))
    two = MemorySource(
        [Sample(sample(0).image, boxes, FrameKey("v", 0))], ("pedestrian", "car")
    )
    one = paper()
    grown = with_classes_of(one, two, seed=4)
    assert grown.classes == two.classes
    assert with_classes_of(grown, two) is grown
    assert grown.identity() == with_classes_of(one, two, seed=4).identity()
    fitted = with_fitted_boxes(grown, two)
    assert fitted.settings["box_sizes"] != grown.settings["box_sizes"]
    assert same(weights(fitted), weights(grown))
    few = MemorySource([sample(0)], ("pedestrian",))
    with pytest.raises(InputError, match="too few"):
        with_fitted_boxes(one, few)


def test_a_full_disk_is_a_sentence(source, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise EnvironmentProblem("Cannot write x: the disk is full; free some space.")

    records = train(detector(), source, SETTINGS, tmp_path)
    for record in records:
        if isinstance(record, Step):
            break
    monkeypatch.setattr("framesift.training.run.writing_state", full)
    with pytest.raises(EnvironmentProblem, match="disk is full"):
        list(records)
    assert isinstance(tmp_path, Path)
