"""Decoding ahead: order, errors at the consumer, a thread that ends when it is told."""

from __future__ import annotations

import random
import runpy
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import numpy as np
import pytest

from framesift.errors import InputError
from framesift.video import Frame, FrameIndex, Video, open_video
from framesift.video.decode import stream

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


class Counted(Video):
    """A video that notes what is asked of it, slowly if need be, and may fail."""

    kind = "synthetic"

    def __init__(self, count: int = 100, fails_at: int = -1, pause: float = 0.0) -> None:
        self.path, self.fingerprint = Path("counted"), "counted"
        self.width = self.height = 2
        self.index = FrameIndex.regular(count, 30)
        self.fails_at, self.pause = fails_at, pause
        self.asked: list[int] = []
        self.threads: set[str] = set()
        self.closed = 0

    def frame(self, number: int) -> Frame:
        if number == self.fails_at:
            raise InputError("The disk was pulled out; put it back.")
        if not 0 <= number < len(self):
            raise IndexError(number)
        self.asked.append(number)
        self.threads.add(threading.current_thread().name)
        time.sleep(self.pause)
        return Frame(number, number, number / 30, np.full((2, 2, 3), number, np.uint8))

    def fork(self) -> Self:
        return self

    def close(self) -> None:
        self.closed += 1


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "framesift-decode"]


def test_frames_in_the_order_asked_for() -> None:
    numbers = random.Random(3).sample(range(100), 100)
    video = Counted()
    assert [frame.number for frame in stream(video, numbers)] == numbers
    assert video.threads == {"framesift-decode"}
    assert video.closed == 1
    assert threads() == []


def test_nothing_happens_before_the_first_frame_is_wanted() -> None:
    frames = stream(Counted(), range(5))
    assert threads() == []
    frames.close()  # type: ignore[attr-defined]


def test_reads_ahead_so_far_and_no_further() -> None:
    video = Counted()
    frames = stream(video, range(100), prefetch=5)
    next(frames)
    deadline = time.monotonic() + 5
    while len(video.asked) < 7 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(video.asked) == 7
    frames.close()  # type: ignore[attr-defined]
    assert threads() == []


def test_errors_surface_at_the_consumer_after_the_frames_before() -> None:
    frames = stream(Counted(fails_at=7), range(20))
    assert [next(frames).number for _ in range(7)] == list(range(7))
    with pytest.raises(InputError, match="pulled out"):
        next(frames)
    assert threads() == []
    with pytest.raises(IndexError):
        list(stream(Counted(), [3, 100]))


def test_closing_stops_the_thread_at_once() -> None:
    video = Counted(pause=0.01)
    frames = stream(video, range(100), prefetch=2)
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert len(video.asked) < 10
    assert threads() == []
    assert video.closed == 1


def test_abandoned_iterator_leaves_no_thread() -> None:
    def consume() -> None:
        for frame in stream(Counted(), range(100)):
            if frame.number == 3:
                raise RuntimeError("consumer")

    with pytest.raises(RuntimeError, match="consumer"):
        consume()
    deadline = time.monotonic() + 2
    while threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads() == []


def test_no_numbers_no_frames() -> None:
    assert list(stream(Counted(), [])) == []
    with pytest.raises(ValueError, match="prefetch"):
        next(stream(Counted(), [1], prefetch=0))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("decode")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMESIFT_CACHE_DIR", str(folder / "cache"))
        yield media.encode(folder / "a.mp4", media.pictures(120), b_frames=2, gop=15)


@pytest.mark.parametrize(
    "numbers",
    [
        range(120),
        range(0, 120, 7),
        range(5, 110, 40),
        [3, 4, 4, 90, 119],
        [100, 2, 60, 61, 0],
        range(119, -1, -13),
    ],
)
def test_video_files(clip: Path, numbers: range | list[int]) -> None:
    with open_video(clip) as video:
        every = [frame.image for frame in video.frames()]
        frames = list(stream(video, numbers, prefetch=4))
        assert [frame.number for frame in frames] == list(numbers)
        assert all(np.array_equal(frame.image, every[frame.number]) for frame in frames)
        # The video itself stays usable beside the stream.
        assert np.array_equal(video[64], every[64])


def test_two_streams_of_one_video(clip: Path) -> None:
    with open_video(clip) as video:
        one, other = stream(video, range(60)), stream(video, range(60, 120))
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            assert (a.number, b.number) == (number, number + 60)


def test_closing_interrupts_a_long_search(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two wanted frames there may be seconds of decoding; closing does not wait."""
    with open_video(clip) as video:
        frames = stream(video, [0, 14], prefetch=1)
        next(frames)
        frames.close()  # type: ignore[attr-defined]
        assert threads() == []
