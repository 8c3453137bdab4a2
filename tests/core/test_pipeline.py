"""The pipeline: passes, resumption, out of memory, and agreement with its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import framesift
from framesift.errors import EnvironmentProblem, InputError
from framesift.records import Notice, Progress
from framesift.scores import entropy, max_pool_mean
from framesift.scores.pipeline import COARSEST, Recipe, ScoredFrame, frame_numbers


def scored(records: object) -> list[ScoredFrame]:
    return [r for r in records if isinstance(r, ScoredFrame)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("length", "start", "stop", "every"),
    [(1000, 0, None, 1), (1000, 17, 900, 3), (5, 0, None, 1), (130, 3, 5, 1), (64, 0, 64, 7)],
)
def test_progressive_passes_hold_every_sample_once(
    length: int,
    start: int,
    stop: int | None,
    every: int,
) -> None:
    plain = frame_numbers(length, start=start, stop=stop, every=every)
    passes = frame_numbers(length, start=start, stop=stop, every=every, progressive=True)
    numbers = [n for one in passes for n in one]
    assert sorted(numbers) == list(plain[0])
    assert len(numbers) == len(set(numbers))
    assert all(n % every == 0 for n in numbers)


def test_the_first_progressive_pass_is_the_coarsest() -> None:
    assert frame_numbers(1000, progressive=True)[0] == range(0, 1000, COARSEST)


def test_every_must_be_positive() -> None:
    with pytest.raises(InputError):
        frame_numbers(10, every=0)


def test_scores_are_what_maps_and_score_functions_give(
    small_drive: Path,
    small_detector: Path,
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu", precision="float32")
    with framesift.open_video(small_drive) as video:
        found = {r.frame: r.score for r in scored(framesift.score(video, detector, batch=4))}
        assert sorted(found) == list(range(len(video)))
        for number in (0, 5, len(video) - 1):
            frames = np.repeat(video[number][None], 4, axis=0)
            expected = max_pool_mean(entropy(detector.maps(frames)))[0]
            assert found[number] == pytest.approx(float(expected), abs=2e-6)


def test_a_resumed_run_gives_the_same_bits(small_drive: Path, small_detector: Path) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    with framesift.open_video(small_drive) as video:
        whole = {r.frame: r.score for r in scored(framesift.score(video, detector, batch=4))}
        done = np.zeros(len(video), np.bool_)
        done[[0, 1, 2, 9, 10, 31]] = True
        rest = scored(framesift.score(video, detector, batch=4, scored=done))
    assert [r.frame for r in rest] == np.flatnonzero(~done).tolist()
    assert all(r.score == whole[r.frame] for r in rest)


def test_records_and_their_order(small_drive: Path, small_detector: Path) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    with framesift.open_video(small_drive) as video:
        records = list(framesift.score(video, detector, batch=5, every=2))
    assert isinstance(records[0], Recipe)
    frames = [r for r in records if isinstance(r, ScoredFrame)]
    assert [r.frame for r in frames] == list(range(0, 48, 2))
    assert all(r.score >= 0 and r.thumbnail is not None for r in frames)
    assert frames[3].seconds == pytest.approx(6 / 30)
    values = [v for _, _, v in frames[0].maxima]
    assert values == sorted(values, reverse=True)
    last = [r for r in records if isinstance(r, Progress)][-1]
    assert last.done == last.total == 24


def test_closing_releases_the_decoder_thread(small_drive: Path, small_detector: Path) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    with framesift.open_video(small_drive) as video:
        records = framesift.score(video, detector, batch=2)
        while not isinstance(next(records), ScoredFrame):
            pass
        records.close()  # type: ignore[attr-defined]
    # The fixture no_thread_left says whether the decoding thread is gone.


class Short:
    """A scorer whose device has no room for more than `room` frames."""

    def __init__(self, scorer: object, room: int) -> None:
        self._scorer, self._room = scorer, room

    def settings(self, detector: object = None) -> dict[str, object]:
        return self._scorer.settings(detector)  # type: ignore[attr-defined, no-any-return]

    def score(self, detector: object, frames: np.ndarray) -> object:
        if len(frames) > self._room:
            raise torch.OutOfMemoryError("no room")
        return self._scorer.score(detector, frames)  # type: ignore[attr-defined]


def test_out_of_memory_halves_the_batch_and_goes_on(
    small_drive: Path,
    small_detector: Path,
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    scorer = Short(framesift.scores.FrameScorer(), room=3)
    with framesift.open_video(small_drive) as video:
        records = list(framesift.score(video, detector, scorer=scorer, batch=8, stop=12))
    assert [r.frame for r in scored(records)] == list(range(12))
    said = [r.text for r in records if isinstance(r, Notice)]
    assert any("batches of 2" in text for text in said)


def test_one_frame_that_does_not_fit_is_a_sentence(
    small_drive: Path,
    small_detector: Path,
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    scorer = Short(framesift.scores.FrameScorer(), room=0)
    with framesift.open_video(small_drive) as video, pytest.raises(EnvironmentProblem):
        list(framesift.score(video, detector, scorer=scorer, batch=4))


def test_stills_of_mixed_sizes_are_scored(tmp_path: Path, small_detector: Path) -> None:
    from PIL import Image

    rng = np.random.default_rng(0)
    for name, size in (("b", (160, 120)), ("a", (120, 160)), ("c", (90, 200))):
        image = rng.integers(0, 256, (size[1], size[0], 3), np.uint8)
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    detector = framesift.load_detector(small_detector, device="cpu")
    with framesift.open_stills(tmp_path) as stills:
        found = scored(framesift.score(stills, detector))
    assert [r.frame for r in found] == [0, 1, 2]
    assert all(r.seconds is None for r in found)
