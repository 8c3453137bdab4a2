"""The next frames pass the detector while these are scored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import framesift
from framesift.errors import EnvironmentProblem
from framesift.records import Notice, RateMeter
from framesift.scores import FrameScorer
from framesift.scores.batches import Halving
from framesift.scores.pipeline import ScoredFrame, score_numbers
from framesift.scores.pixel_entropy import Entropy


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def scored(
    video: Any, detector: Any, scorers: list[FrameScorer], unchanged: float | None = 0.0
) -> list[ScoredFrame]:
    records = score_numbers(
        video,
        detector,
        scorers,
        range(11),
        4,
        RateMeter(None, "f", "s"),
        features=True,
        unchanged=unchanged,
    )
    return [record for record in records if isinstance(record, ScoredFrame)]


@pytest.mark.parametrize("unchanged", [0.0, 255.0])
@pytest.mark.parametrize("flips", [(False,), (True,), (False, True)])
def test_what_is_inferred_ahead_gives_the_same_bits(
    small_drive: Path,
    small_detector: Path,
    flips: tuple[bool, ...],
    unchanged: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    scorers = [
        FrameScorer(name, flip=flip)
        for name, flip in zip(("divergence", "entropy"), flips, strict=False)
    ]
    with framesift.open_video(small_drive) as video:
        assert Halving(detector, scorers, 4).can_infer_ahead
        ahead = scored(video, detector, scorers, unchanged)
        monkeypatch.setattr(Halving, "can_infer_ahead", False)
        behind = scored(video, detector, scorers, unchanged)
    assert len(ahead) == 11 * len(scorers)
    for one, other in zip(ahead, behind, strict=True):
        assert (one.frame, one.signal, one.source) == (other.frame, other.signal, other.source)
        assert (one.score, one.maxima) == (other.score, other.maxima)
        assert one.descriptors.keys() == other.descriptors.keys()
        for name, row in one.descriptors.items():
            np.testing.assert_array_equal(row, other.descriptors[name])
    assert "features" in ahead[0].descriptors


def test_the_detector_looks_on_while_frames_are_scored(
    small_drive: Path, small_detector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    infer, score = detector.infer, FrameScorer.score
    looked = [threading.Event() for _ in range(3)]
    begun: Iterator[threading.Event] = iter(looked)
    waited: list[bool] = []
    turn, numbers = threading.Lock(), count()

    def noted(*args: Any, **more: Any) -> Any:
        next(begun).set()
        return infer(*args, **more)

    def behind(self: FrameScorer, *args: Any) -> Any:
        with turn:
            batch = next(numbers) // 4
        waited.append(looked[min(batch + 1, 2)].wait(60))
        return score(self, *args)

    monkeypatch.setattr(detector, "infer", noted)
    monkeypatch.setattr(FrameScorer, "score", behind)
    with framesift.open_video(small_drive) as video:
        assert len(scored(video, detector, [FrameScorer()])) == 11
    assert waited == [True] * 11


def test_the_frames_of_a_batch_are_scored_side_by_side(
    small_drive: Path, small_detector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    score, two = FrameScorer.score, threading.Barrier(2)

    def together(self: FrameScorer, *args: Any) -> Any:
        # Breaks, and with it the test, where nobody else comes.
        two.wait(60)
        return score(self, *args)

    monkeypatch.setattr(FrameScorer, "score", together)
    meter = RateMeter(None, "f", "s")
    with framesift.open_video(small_drive) as video:
        records = list(score_numbers(video, detector, [FrameScorer()], range(8), 2, meter))
    assert sum(isinstance(record, ScoredFrame) for record in records) == 8


def scored_before(path: Path, detector: Any, problem: str) -> list[int]:
    """The frames that are scored, four at a time, before there is a problem."""
    found: list[int] = []

    def keep(video: Any) -> None:
        for record in framesift.score(video, detector, batch=4):
            found.extend([record.frame] if isinstance(record, ScoredFrame) else [])

    with (
        framesift.open_video(path) as video,
        pytest.raises(EnvironmentProblem, match=problem),
    ):
        keep(video)
    return found


def test_what_goes_wrong_ahead_comes_after_what_went_well(
    small_drive: Path, small_detector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    infer = detector.infer
    calls = []

    def failing(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise EnvironmentProblem("The device is gone.")
        return infer(*args, **more)

    monkeypatch.setattr(detector, "infer", failing)
    assert scored_before(small_drive, detector, "device is gone") == [0, 1, 2, 3]


def test_frames_that_cannot_be_read_cost_none_that_were(
    small_drive: Path, small_detector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    read = framesift.video.FileVideo.read

    def failing(self: Any, numbers: Any) -> Iterator[Any]:
        for frame in read(self, numbers):
            if frame.number == 8:
                raise EnvironmentProblem("The disk is gone.")
            yield frame

    monkeypatch.setattr(framesift.video.FileVideo, "read", failing)
    assert scored_before(small_drive, detector, "disk is gone") == list(range(8))


def test_short_memory_halves_the_batch_of_what_is_inferred_ahead(
    small_drive: Path, small_detector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    infer = detector.infer

    def short(frames: Any, **more: Any) -> Any:
        if len(frames) > 2:
            raise torch.OutOfMemoryError("no room")
        return infer(frames, **more)

    monkeypatch.setattr(detector, "infer", short)
    with framesift.open_video(small_drive) as video:
        records = list(framesift.score(video, detector, batch=8, stop=19))
    assert [r.frame for r in records if isinstance(r, ScoredFrame)] == list(range(19))
    assert [r.text for r in records if isinstance(r, Notice) and "batches of 2" in r.text]


def test_who_asks_may_use_the_detector_meanwhile(
    small_drive: Path, small_detector: Path
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    meter = RateMeter(None, "f", "s")
    with framesift.open_video(small_drive) as video:
        other = video[0:2]
        expected = scored(video, detector, [FrameScorer()])
        found = []
        for record in score_numbers(
            video, detector, [FrameScorer()], range(11), 4, meter, features=True
        ):
            detector.predict(other)
            found += [record] if isinstance(record, ScoredFrame) else []
    for one, before in zip(found, expected, strict=True):
        assert one.score == before.score
        np.testing.assert_array_equal(
            one.descriptors["features"], before.descriptors["features"]
        )


def test_a_score_made_of_another_promises_nothing_by_that() -> None:
    class Other(Entropy):
        name = "other"

    scorer = FrameScorer("entropy")
    assert scorer.one_look
    scorer.member = Other()
    assert not scorer.one_look


@pytest.mark.parametrize("method", ["mc-dropout", "box-entropy", "flip-divergence"])
def test_who_needs_more_than_one_look_has_the_detector_alone(
    small_detector: Path, method: str
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    assert not Halving(detector, [FrameScorer(), FrameScorer(method)], 4).can_infer_ahead
    torch.set_num_threads(1)
    assert not Halving(detector, [FrameScorer()], 4).can_infer_ahead
