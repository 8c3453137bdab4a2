"""What signals over neighbouring frames keep to: counts of hand-made tracks, maps that move,
and the same number for a frame whatever else is scored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from box_worlds import box, prediction

import framesift
from framesift.errors import InputError
from framesift.scores import TIME_SIGNALS, FrameScorer
from framesift.scores.flicker import changed, tile_mean
from framesift.scores.pipeline import ScoredFrame
from framesift.scores.time_signal import Seen, around
from framesift.series import NO_BOXES

METHODS = pytest.mark.parametrize("method", TIME_SIGNALS)


def seen(*boxes: Any, weight: float = 1.0) -> Seen:
    return Seen(prediction(boxes), np.full(len(boxes), weight))


def value(method: str, *frames: Seen, place: int = 1, **options: Any) -> float:
    return FrameScorer(method, **options).score_between(frames, place).score


STAYS = [box(10 + n, 10, 30 + n, 60, 0.8, 0) for n in range(3)]
ALONE = box(80, 10, 100, 60, 0.6, 0)
RIDER = box(80, 10, 100, 60, 0.6, 1)


def test_isolated_boxes_are_counted() -> None:
    frames = [seen(one) for one in STAYS]
    assert value("flicker_false", *frames) == 0
    frames[1] = seen(STAYS[1], ALONE)
    assert value("flicker_false", *frames) == 1
    # In a neighbour it counts there, not here.
    assert value("flicker_false", seen(STAYS[0], ALONE), seen(STAYS[1]), frames[2]) == 0
    # One neighbour has it: it is linked.
    assert value("flicker_false", *frames[:2], seen(STAYS[2], ALONE)) == 0
    # One of another class does not confirm it.
    assert value("flicker_false", *frames[:2], seen(STAYS[2], RIDER)) == 1
    assert value("flicker_false", *frames, flicker_score=0.7) == 0
    # At the first frame there is one neighbour.
    assert value("flicker_false", frames[1], frames[2], place=0) == 1


def test_gaps_in_tracks_are_counted() -> None:
    frames = [seen(STAYS[0], ALONE), seen(STAYS[1]), seen(STAYS[2], ALONE)]
    assert value("flicker_missed", *frames) == 1
    assert value("flicker_missed", frames[0], seen(), frames[2]) == 2
    assert value("flicker_missed", seen(STAYS[0]), frames[1], frames[2]) == 0
    assert value("flicker_missed", *frames[1:], place=0) == 0
    weighted = seen(STAYS[0], ALONE, weight=2.5)
    assert value("flicker_missed", weighted, frames[1], frames[2]) == 2.5


def test_frames_without_boxes() -> None:
    assert value("flicker_false", seen(ALONE), seen(), seen()) == NO_BOXES
    assert value("flicker_missed", seen(), seen(), seen()) == NO_BOXES
    # A miss is a frame without boxes: it counts.
    assert value("flicker_missed", seen(ALONE), seen(), seen(ALONE)) == 1


def textured(shift: int) -> Seen:
    """A picture and a map that lie `shift` pixels to the right."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (12, 24)).astype(np.uint8)
    picture = np.kron(coarse, np.ones((8, 8), np.uint8))
    peak = np.zeros(picture.shape, np.float32)
    peak[30:60, 60:90] = 0.9
    return Seen(
        prediction([]), np.zeros(0), np.roll(peak, shift, 1), np.roll(picture, shift, 1)
    )


def test_maps_are_compared_where_the_picture_went() -> None:
    moved = changed(textured(6), textured(0))
    still = np.abs(textured(6).peak - textured(0).peak)
    assert moved.shape == still.shape
    assert moved.sum() < 0.4 * still.sum()
    # What vanishes where nothing moved is seen in full.
    gone = textured(0)
    vanished = Seen(gone.prediction, gone.weights, np.zeros_like(gone.peak), gone.gray)
    assert changed(vanished, gone).max() == pytest.approx(0.9, abs=0.02)
    assert value("flicker_dense", gone, gone, gone) == pytest.approx(0, abs=1e-3)
    expected = tile_mean(changed(vanished, gone), 30)
    assert value("flicker_dense", gone, vanished, gone) == pytest.approx(expected)
    # The first frame has but the next one.
    assert value("flicker_dense", vanished, gone, place=0) == pytest.approx(expected, abs=0.01)
    assert value("flicker_dense", gone, place=0) == NO_BOXES


def test_tiles_are_those_of_the_other_scores() -> None:
    import torch

    from framesift.scores import max_pool_mean

    values = np.random.default_rng(1).random((50, 70)).astype(np.float32)
    for region in (7, 30, 100):
        expected = float(max_pool_mean(torch.from_numpy(values)[None], region))
        assert tile_mean(values, region) == pytest.approx(expected, abs=1e-6)


def test_constant_maps_are_finite() -> None:
    for level in (0.0, 0.5, 1.0):
        flat = Seen(
            prediction([]),
            np.zeros(0),
            np.full((20, 30), level, np.float32),
            np.full((20, 30), 99, np.uint8),
        )
        assert value("flicker_dense", flat, flat, flat) == pytest.approx(0, abs=1e-6)


@METHODS
def test_a_frame_has_its_own_neighbours_at_any_step(
    method: str, small_drive: Path, small_detector: Path
) -> None:
    detector = framesift.load_detector(small_detector, device="cpu", precision="float32")
    scorer = FrameScorer(method, region=9, flicker_score=0.06)

    def scores(**which: Any) -> dict[int, float]:
        with framesift.open_video(small_drive) as video:
            records = framesift.score(video, detector, scorer=scorer, stop=14, **which)
            return {r.frame: r.score for r in records if isinstance(r, ScoredFrame)}

    every, third = scores(batch=2), scores(batch=2, every=3)
    assert sorted(every) == list(range(14))
    assert third == {n: every[n] for n in range(0, 14, 3)}
    assert scores(batch=2, progressive=True) == every
    assert len({*every.values()}) > 1


def test_neighbours_are_a_tenth_of_a_second_away(small_drive: Path) -> None:
    with framesift.open_video(small_drive) as video:
        fps = video.fps
        apart = int(0.1 * fps + 1e-3)
        numbers, place = around(video, 8, 0.1)
        assert numbers == [8 - apart, 8, 8 + apart]
        assert place == 1
        assert around(video, 0, 0.1) == ([0, apart], 0)
        last = len(video) - 1
        assert around(video, last, 0.1)[1] == 1
        # At least the next frame.
        assert around(video, 8, 1e-4)[0] == [7, 8, 9]


def test_stills_and_single_pictures_have_no_neighbours(
    tmp_path: Path, small_detector: Path
) -> None:
    from PIL import Image

    for n in range(2):
        Image.fromarray(np.full((96, 128, 3), 40 * n, np.uint8)).save(tmp_path / f"{n}.png")
    detector = framesift.load_detector(small_detector, device="cpu", precision="float32")
    with (
        framesift.open_stills(tmp_path) as stills,
        pytest.raises(InputError, match="no neighbours to flicker against"),
    ):
        list(framesift.score(stills, detector, method="flicker_false"))
    frames = np.zeros((1, 96, 128, 3), np.uint8)
    for ask in ("score", "pixel_scores"):
        with pytest.raises(InputError, match="score a video by it"):
            getattr(FrameScorer("flicker_missed"), ask)(detector, frames)
