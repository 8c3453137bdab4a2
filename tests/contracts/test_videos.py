"""What every kind of Video keeps to."""

from __future__ import annotations

import math
import random
import runpy
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from framesift.video import Video, open_stills, open_video
from framesift.video.decode import stream

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
KINDS = ["file", "seq", "images", "stills", "synthetic"]


def _make(kind: str, folder: Path) -> Video:
    images = media.pictures(24)
    if kind == "file":
        return open_video(media.encode(folder / "a.mp4", images, b_frames=2, gop=7))
    if kind == "seq":
        stored = [media.jpeg(image) for image in images]
        return open_video(media.sequence(folder / "V000.seq", stored, (64, 48)))
    if kind == "synthetic":
        synth = pytest.importorskip("framesift.synth")
        video: Video = synth.drive(seed=3, frames=8, size=(96, 128))
        return video
    for number, image in enumerate(images):
        small = image if kind == "images" else image[: 20 + number]
        Image.fromarray(small).save(folder / f"{number}.png")
    return open_video(folder) if kind == "images" else open_stills(folder)


@pytest.fixture(scope="module", params=KINDS)
def video(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Video]:
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "FRAMESIFT_CACHE_DIR", str(tmp_path_factory.mktemp(f"cache-{request.param}"))
        )
        with _make(request.param, folder) as made:
            assert made.kind == {"seq": "file"}.get(request.param, request.param)
            yield made


@pytest.fixture(scope="module")
def pictures(video: Video) -> list[np.ndarray]:
    return [frame.image for frame in video.frames()]


def test_length_is_what_comes_out(video: Video, pictures: list[np.ndarray]) -> None:
    assert len(video) == len(pictures) == len(video.index) > 0


def test_pictures(video: Video, pictures: list[np.ndarray]) -> None:
    for image in pictures:
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert image.flags.c_contiguous
    sizes = {image.shape[:2] for image in pictures}
    if video.kind == "stills":
        assert max(h for h, _ in sizes) == video.height
        assert max(w for _, w in sizes) == video.width
    else:
        assert sizes == {(video.height, video.width)}


def test_any_order_gives_the_same(video: Video, pictures: list[np.ndarray]) -> None:
    order = [*range(len(video)), *reversed(range(len(video)))]
    random.Random(0).shuffle(order)
    for number in order:
        assert np.array_equal(video[number], pictures[number])


def test_the_way_to_a_frame(video: Video, pictures: list[np.ndarray]) -> None:
    """Whatever comes past is the frame whose number it has; the one asked for is the last."""
    order = list(range(len(video)))
    random.Random(1).shuffle(order)
    for number in order:
        way = list(video.towards(number))
        numbers = [passing.number for passing in way]
        assert numbers == sorted(set(numbers))
        assert numbers[-1] == number
        for passing in way:
            frame = passing.frame()
            assert frame.number == passing.number
            assert np.array_equal(frame.image, pictures[passing.number])
    for number in (-1, len(video)):
        with pytest.raises(IndexError):
            next(video.towards(number))


def test_frames_carry_number_and_time(video: Video) -> None:
    for number, frame in enumerate(video.frames()):
        assert frame.number == number
        assert frame.timestamp == video.index.timestamp(number)
        assert frame.seconds == video.index.seconds(number)
        assert frame.corrupt is False
        assert np.array_equal(video.frame(number).image, frame.image)


def test_index_ascends(video: Video) -> None:
    seconds = [video.index.seconds(n) for n in range(len(video))]
    if video.kind == "stills":
        assert set(seconds) == {None}
        assert math.isnan(video.fps)
    else:
        assert seconds[0] == 0.0
        assert all(a < b for a, b in pairwise(seconds))
        assert video.fps > 0
        assert video.fps == video.index.fps


def test_negative_numbers_count_from_the_end(video: Video, pictures: list[np.ndarray]) -> None:
    assert np.array_equal(video[-1], pictures[-1])
    assert np.array_equal(video[-len(video)], pictures[0])
    assert np.array_equal(video[np.int64(2)], pictures[2])


def test_numbers_outside(video: Video) -> None:
    for number in (len(video), -len(video) - 1, 10**9):
        with pytest.raises(IndexError):
            video[number]
    for number in (-1, len(video)):
        with pytest.raises(IndexError):
            video.frame(number)
        with pytest.raises(IndexError):
            list(video.read([0, number]))
    with pytest.raises(TypeError):
        video[1.5]  # type: ignore[index]


@pytest.mark.parametrize(
    ("start", "stop", "step"),
    [
        (0, None, 1),
        (2, 6, 1),
        (1, None, 3),
        (3, 3, 1),
        (6, 2, 1),
        (-3, None, 1),
        (0, 999, 5),
        (999, None, 1),
    ],
)
def test_frames_are_a_slice(
    video: Video, start: int, stop: int | None, step: int, pictures: list[np.ndarray]
) -> None:
    numbers = list(range(len(video)))[start:stop:step]
    frames = list(video.frames(start, stop, step))
    assert [frame.number for frame in frames] == numbers
    assert all(np.array_equal(frame.image, pictures[frame.number]) for frame in frames)


def test_step_under_one(video: Video) -> None:
    for step in (0, -1):
        with pytest.raises(ValueError, match="step"):
            video.frames(step=step)


def test_readers_do_not_disturb_each_other(video: Video, pictures: list[np.ndarray]) -> None:
    one, other = video.frames(), video.frames(1)
    for number in range(min(6, len(video) - 1)):
        assert np.array_equal(next(one).image, pictures[number])
        assert np.array_equal(video[-1 - number], pictures[-1 - number])
        assert np.array_equal(next(other).image, pictures[number + 1])


def test_given_pictures_are_the_callers_own(video: Video, pictures: list[np.ndarray]) -> None:
    image = video[1].copy()
    try:
        video[1][:] = 7
    except ValueError:
        return
    assert np.array_equal(video[1], image)
    assert np.array_equal(video[1], pictures[1])


def test_forks_are_independent(video: Video, pictures: list[np.ndarray]) -> None:
    with video.fork() as fork:
        assert type(fork) is type(video)
        assert (len(fork), fork.path, fork.kind) == (len(video), video.path, video.kind)
        assert fork.fingerprint == video.fingerprint
        assert np.array_equal(fork[3], pictures[3])
    fork.close()
    assert np.array_equal(video[3], pictures[3])


def test_stream_reads_it(video: Video, pictures: list[np.ndarray]) -> None:
    numbers = [0, 1, 5, 2, 2, len(video) - 1]
    frames = list(stream(video, numbers, prefetch=2))
    assert [frame.number for frame in frames] == numbers
    assert all(np.array_equal(frame.image, pictures[frame.number]) for frame in frames)


def test_identity(video: Video) -> None:
    assert video.name
    assert video.fingerprint
    assert isinstance(video.warnings, tuple)
    assert str(len(video)) in repr(video)


def test_closed_is_closed(video: Video) -> None:
    if video.kind == "synthetic":
        pytest.skip("a drawn video holds nothing to give back")
    fork = video.fork()
    fork.close()
    fork.close()
    with pytest.raises(ValueError, match="closed"):
        fork[0]
    with pytest.raises(ValueError, match="closed"):
        next(iter(fork.frames()))
