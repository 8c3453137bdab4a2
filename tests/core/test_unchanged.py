"""Frames that show what an earlier one shows take over its score: the same numbers, whichever
frames are scored and in what order, with fewer looks."""

from __future__ import annotations

import functools
import json
import runpy
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import framesift
from framesift.records import Notice, RateMeter
from framesift.scores import FrameScorer, pipeline
from framesift.scores.pipeline import ScoredFrame
from framesift.scores.scorer import FrameScore
from framesift.scores.unchanged import (
    PORTION,
    STRETCH,
    Group,
    TakenOver,
    cells,
    same_pixels,
)
from framesift.video import Frame, Video
from framesift.video.index import FrameIndex

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
Command = Callable[..., str]
TOLERANCE = 6.0


@functools.cache
def picture(light: int, seed: int = 0) -> NDArray[np.uint8]:
    """A grey picture with noise of one grey level and one dark square."""
    rng = np.random.default_rng(seed)
    image = np.full((48, 64, 3), light, np.uint8) + rng.integers(0, 2, (48, 64, 3), np.uint8)
    image[:4, :4] = 0
    return image


class Shown(Video):
    """A video of pictures in memory."""

    def __init__(self, images: Sequence[NDArray[np.uint8]], corrupt: Sequence[int] = ()):
        self.images, self.corrupt = list(images), frozenset(corrupt)
        self.path, self.kind, self.fingerprint = Path("shown"), "synthetic", "shown"
        self.height, self.width = self.images[0].shape[:2]
        self.index = FrameIndex.regular(len(self.images), 30)

    def frame(self, number: int) -> Frame:
        return Frame(number, number, number / 30, self.images[number], number in self.corrupt)

    def fork(self) -> Self:
        return self


class Light:
    """A scorer by the light of a picture, and which pictures it was shown: a batch is filled
    up, so that it may see one twice."""

    method, apart = "light", None

    def __init__(self) -> None:
        self.looks: list[int] = []

    def score(self, detector: Any, frames: NDArray[np.uint8]) -> list[FrameScore]:
        self.looks.append(len(frames))
        return [FrameScore(float(frame.mean(dtype=np.float64))) for frame in frames]


def scored(
    video: Video, numbers: Sequence[int], unchanged: float | None, size: int = 1
) -> tuple[dict[int, ScoredFrame], int]:
    """What scoring gives by frame, and how many frames were looked at."""
    scorer: Any = Light()
    detector: Any = None
    records = pipeline.score_numbers(
        video, detector, [scorer], numbers, size, RateMeter(None, "f", "s"), unchanged=unchanged
    )
    frames = [one for one in records if isinstance(one, ScoredFrame)]
    assert [one.frame for one in frames] == list(numbers)
    return {one.frame: one for one in frames}, sum(scorer.looks)


LIGHTS = st.lists(st.sampled_from((40, 44, 90)), min_size=1, max_size=2 * STRETCH + 9)


@settings(deadline=None, max_examples=25)
@given(LIGHTS, st.data())
def test_the_score_of_a_frame_does_not_depend_on_what_else_is_scored(
    lights: list[int], data: st.DataObject
) -> None:
    video = Shown([picture(light, n % 3) for n, light in enumerate(lights)])
    whole, looks = scored(video, range(len(lights)), TOLERANCE)
    assert looks <= len(lights)
    every = data.draw(st.integers(1, 70))
    passes = pipeline.frame_numbers(len(lights), every=every, progressive=True)
    for numbers in [*passes, sorted(data.draw(st.sets(st.sampled_from(range(len(lights))))))]:
        some, looks = scored(video, numbers, TOLERANCE)
        assert looks <= len(numbers)
        for number, one in some.items():
            assert (one.score, one.source) == (whole[number].score, whole[number].source)


def test_frames_within_the_tolerance_take_over_the_score_of_their_stretch() -> None:
    lights = [40] * 35 + [44] * 15 + [90] * 14
    video = Shown([picture(light, n) for n, light in enumerate(lights)])
    found, looks = scored(video, range(64), TOLERANCE)
    # 40 and 44 are alike, 90 is not: it is looked at each time.
    assert looks == 2 + 14
    assert [found[n].source for n in (0, 1, 31, 32, 33, 49, 50)] == [
        *(None, 0, 0, None, 32, 32, None)
    ]
    assert {found[n].score for n in range(33, 50)} == {found[32].score}
    own, _ = scored(video, range(64), None)
    assert all(found[n].score == own[n].score for n in range(50, 64))
    # What a frame looks like is its own.
    assert found[35].thumbnail is not None


def test_one_cell_that_changes_is_a_change() -> None:
    before, after = picture(40), picture(40).copy()
    after[24:32, 40:44] += 40
    assert np.abs(cells(before) - cells(after)).max() > TOLERANCE
    found, looks = scored(Shown([before, after]), range(2), TOLERANCE)
    assert looks == 2
    assert found[1].source is None


@pytest.mark.parametrize("size", [1, 2, 5])
def test_frames_of_equal_pixels_are_looked_at_once(size: int) -> None:
    images = [picture(40, seed) for seed in (0, 0, 0, 1, 1, 0, 2, 2)]
    found, looks = scored(Shown(images), range(8), 0.0, size)
    own, _ = scored(Shown(images), range(8), None, size)
    assert [one.source for one in found.values()] == [None, 0, 0, None, 3, None, None, 6]
    assert [one.score for one in found.values()] == [one.score for one in own.values()]
    assert looks <= (4 + size - 1) // size * size if size < 5 else looks == 5


def test_damaged_frames_neither_give_nor_take() -> None:
    images = [picture(40)] * 5
    for unchanged in (0.0, TOLERANCE):
        found, _ = scored(Shown(images, corrupt=[2]), range(5), unchanged)
        assert found[2].source is None
        assert found[3].source != 2
        first, _ = scored(Shown(images, corrupt=[0]), range(5), unchanged)
        assert all(one.source != 0 for one in first.values())


def test_scores_come_while_a_picture_stands() -> None:
    """Nobody waits for a whole red light."""
    scorer, detector, video = Light(), None, Shown([picture(40)] * 100)
    records: Any = pipeline.score_numbers(
        video,
        detector,  # type: ignore[arg-type]
        [scorer],  # type: ignore[list-item]
        range(100),
        2,
        RateMeter(100, "f", "s"),
        unchanged=TOLERANCE,
    )
    waited, longest = 0, 0
    for record in records:
        waited = 0 if not isinstance(record, ScoredFrame) else waited + 1
        longest = max(longest, waited)
    assert longest <= 8


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_first_frames_of_stretches_share_a_batch(size: int) -> None:
    """Or a stand costs a look more for each of them: a batch is filled up."""
    stand = Shown([picture(40, n % 3) for n in range(4 * STRETCH)])
    found, looks = scored(stand, range(4 * STRETCH), TOLERANCE, size)
    assert looks == 4
    assert [n for n, one in found.items() if one.source is None] == [0, 32, 64, 96]


def test_large_frames_do_not_wait_for_the_next_stretch() -> None:
    wide = np.broadcast_to(np.zeros(3, np.uint8), (4320, 7680, 3))
    group, frame = Group(), Frame(0, 0, 0.0, wide, False)
    group.looked_at.append(frame)
    for waits in range(1, PORTION * 2 + 1):
        group.scored.append((frame, 0))
        assert group.is_ready(2) == (waits == PORTION * 2)


def test_pictures_of_other_sizes_are_others() -> None:
    assert not same_pixels(picture(40), picture(40)[:-1])
    stills = Shown([picture(40), picture(40)[:-1], picture(40)[:-1]])
    found, _ = scored(stills, range(3), 0.0, 2)
    assert [one.source for one in found.values()] == [None, None, 1]


def test_what_was_taken_over_is_told() -> None:
    taken = TakenOver()
    for frame in range(400):
        taken.add(frame, frame - frame % 100 if frame % 100 else None)
    (notice,) = taken.notices("a.mp4")
    assert "a.mp4: 396 of 400 frames" in notice.text
    assert "1–99 from 0, 101–199 from 100, 201–299 from 200 and 1 more" in notice.text
    assert not list(TakenOver().notices("a.mp4"))


def test_the_recipe_says_the_tolerance(small_detector: Path, small_drive: Path) -> None:
    detector = framesift.load_detector(small_detector, device="cpu")
    with framesift.open_video(small_drive) as video:

        def recipe(scorer: FrameScorer, unchanged: float | None) -> Any:
            return pipeline.make_recipe(video, detector, scorer, 2, unchanged).settings

        plain = recipe(FrameScorer(), None)
        assert recipe(FrameScorer(), 0.0) == plain
        assert recipe(FrameScorer(), 4.0) == {**plain, "unchanged": 4.0}
        assert "unchanged" not in recipe(FrameScorer("flicker_false"), 4.0)
        video.kind = "stills"
        assert "unchanged" not in recipe(FrameScorer(), 4.0)


@pytest.fixture(scope="module")
def parked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 frames that stand, with noise of a few grey levels, but for 8 that move."""
    moving = media.pictures(8, 160, 120)
    rng = np.random.default_rng(0)
    standing = [
        np.clip(moving[-1] + rng.normal(0, 2, moving[-1].shape), 0, 255).astype(np.uint8)
        for _ in range(32)
    ]
    images = [*standing[:20], *moving, *standing[20:]]
    folder = tmp_path_factory.mktemp("parked")
    return Path(media.encode(folder / "parked.mp4", images, gop=40, options={"crf": "8"}))


def test_the_command_says_what_was_taken_over(
    parked: Path, small_detector: Path, command: Command, tmp_path: Path
) -> None:
    words = (parked, "--detector", small_detector, "--budget", 3, "--delta1", 2)
    whole, fast = tmp_path / "whole.json", tmp_path / "fast.json"
    command("select", *words, "--json", whole)
    command("select", *words, "--json", fast, "--unchanged", 10)
    documents = [json.loads(path.read_text()) for path in (whole, fast)]
    assert documents[1]["settings"]["unchanged"] == 10
    assert "unchanged" not in documents[0]["settings"]
    with framesift.open_video(parked) as video:
        detector = framesift.load_detector(small_detector, device="cpu")
        records = list(framesift.score(video, detector, unchanged=10.0))
    (notice,) = [one.text for one in records if isinstance(one, Notice)]
    assert "parked.mp4: 31 of 40 frames show what an earlier one shows" in notice
    assert "1–31 from 0, 33–39 from 32" in notice


def test_logits_are_kept_of_every_frame(
    parked: Path, small_detector: Path, command: Command, tmp_path: Path
) -> None:
    project = ("score", parked, "--project", tmp_path / "p", "--detector", small_detector)
    assert "leave out --unchanged or --keep-logits" in command(
        *project, "--keep-logits", 1, "--unchanged", 4, status=2
    )
    assert "40 of them now" in command(*project, "--keep-logits", 1)
    assert "40 of them now" in command(*project, "--unchanged", 10)
