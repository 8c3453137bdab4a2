"""A read error is not the end of a video: what the storage refuses stops the run."""

from __future__ import annotations

import errno
import io
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import PIL.Image
import pytest

from framesift.errors import EnvironmentProblem
from framesift.video import Video, open_video
from framesift.video.container import Source

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAMESIFT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def hiccup(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`hiccup(n)`: the n-th read from now on fails once, as from a network disk; those after it
    do not."""
    left = [0]
    read = io.FileIO.read

    class Failing(io.FileIO):
        def read(self, count: int | None = -1) -> bytes:  # type: ignore[override]
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.EIO, "Input/output error")
            return read(self, -1 if count is None else count) or b""

    made = Source.__init__

    def opened(self: Source, path: Path) -> None:
        made(self, path)
        self._file.close()
        self._file = Failing(path)

    monkeypatch.setattr(Source, "__init__", opened)
    return lambda number: left.__setitem__(0, number)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_one_failed_read_stops_the_run(
    tmp_path: Path,
    hiccup: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    share: float,
) -> None:
    monkeypatch.setattr("framesift.video.container._BUFFER", 1 << 12)
    path = media.encode(tmp_path / name, media.pictures(60, 128, 96), codec="mpeg4")
    blocks = path.stat().st_size >> 12
    with open_video(path) as video:
        hiccup(max(3, int(blocks * share)))
        with pytest.raises(EnvironmentProblem, match="Input/output error"):
            list(video.frames())
        assert len(list(video.frames())) == 60


def test_while_it_is_indexed_nothing_is_remembered(
    tmp_path: Path, hiccup: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framesift.video.container._BUFFER", 1 << 12)
    path = media.encode(tmp_path / "a.mkv", media.pictures(60, 128, 96), codec="mpeg4")
    hiccup(path.stat().st_size >> 13)
    with pytest.raises(EnvironmentProblem):
        open_video(path)
    with open_video(path) as video:
        assert len(video) == 60
        assert not video.warnings


def _becomes_shorter(video: Video, path: Path) -> None:
    frames = video.frames()
    next(frames)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 3)
    with pytest.raises(EnvironmentProblem, match="shorter"):
        list(frames)


def test_a_file_that_is_cut_off_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framesift.video.container._BUFFER", 1 << 12)
    path = media.encode(tmp_path / "a.mkv", media.pictures(90, 128, 96), codec="mpeg4")
    with open_video(path) as video:
        _becomes_shorter(video, path)


def test_a_sequence_that_is_cut_off_meanwhile(tmp_path: Path) -> None:
    stored = [media.jpeg(image) for image in media.pictures(9, 128, 96)]
    path = media.sequence(tmp_path / "a.seq", stored, (128, 96))
    with open_video(path) as video:
        _becomes_shorter(video, path)


def test_a_picture_that_is_gone_is_no_damaged_one(tmp_path: Path) -> None:
    for number, image in enumerate(media.pictures(4)):
        PIL.Image.fromarray(image).save(tmp_path / f"{number}.png")
    with open_video(tmp_path) as video:
        (tmp_path / "2.png").unlink()
        assert not video.frame(1).corrupt
        with pytest.raises(EnvironmentProblem, match=r"2\.png"):
            video.frame(2)
        (tmp_path / "3.png").write_bytes(b"no picture")
        assert video.frame(3).corrupt
