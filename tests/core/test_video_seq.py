"""Norpix sequences: where the frames lie, and what is left of a damaged file."""

from __future__ import annotations

import io
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL.Image
import pytest

from framesift.errors import InputError
from framesift.video import join_drives, open_video

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
SIZE = (64, 48)


@pytest.fixture(scope="module")
def stored() -> list[bytes]:
    return [media.jpeg(image) for image in media.pictures(9)]


def decoded(stored: bytes) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(stored)).convert("RGB"))


@pytest.mark.parametrize(("counted", "gap"), [(4, 8), (4, 16), (0, 8), (0, 16), (4, 6)])
@pytest.mark.parametrize("header", [1024, 8192])
def test_every_frame_is_its_own_picture(
    counted: int, gap: int, header: int, stored: list[bytes], tmp_path: Path
) -> None:
    path = media.sequence(
        tmp_path / "a.seq", stored, SIZE, counted=counted, gap=gap, header=header
    )
    with open_video(path) as video:
        assert (len(video), video.width, video.height) == (9, *SIZE)
        assert video.warnings == ()
        for number in (8, 0, 3, 7, 1):
            assert np.array_equal(video[number], decoded(stored[number]))


def test_png_and_a_single_frame(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    image = media.pictures(1)[0]
    PIL.Image.fromarray(image).save(buffer, "PNG")
    with open_video(media.sequence(tmp_path / "a.seq", [buffer.getvalue()], SIZE)) as video:
        assert np.array_equal(video[0], image)


def test_the_rate_is_the_headers(stored: list[bytes], tmp_path: Path) -> None:
    with open_video(media.sequence(tmp_path / "a.seq", stored, SIZE, fps=25.0)) as video:
        assert video.fps == 25.0
        assert video.index.seconds(5) == pytest.approx(0.2)
    for wrong in (0.0, float("nan"), -1.0, 1e9):
        path = media.sequence(tmp_path / "b.seq", stored, SIZE, fps=wrong)
        with open_video(path) as video:
            assert video.fps == 30.0
            assert any("no frame rate" in text for text in video.warnings)


def test_a_header_that_promises_nothing_or_less(stored: list[bytes], tmp_path: Path) -> None:
    """A recording that was never finished says 0; one that was cut by its owner says less."""
    with open_video(media.sequence(tmp_path / "a.seq", stored, SIZE, promised=0)) as video:
        assert len(video) == 9
        assert video.warnings == ()
    with open_video(media.sequence(tmp_path / "b.seq", stored, SIZE, promised=4)) as video:
        assert len(video) == 4


@pytest.mark.parametrize("into", [3, 40])
def test_cut_off(into: int, stored: list[bytes], tmp_path: Path) -> None:
    """Cut in the size or the picture of the sixth frame: five are whole."""
    whole = media.sequence(tmp_path / "a.seq", stored[:5], SIZE).stat().st_size
    path = media.sequence(tmp_path / "b.seq", stored, SIZE)
    path.write_bytes(path.read_bytes()[: whole + into])
    with open_video(path) as video:
        assert len(video) == 5
        assert video.warnings == ("The file is cut off or damaged: 5 of 9 frames can be read.",)
        assert np.array_equal(video[4], decoded(stored[4]))


def test_damage_between_frames(stored: list[bytes], tmp_path: Path) -> None:
    path = media.sequence(tmp_path / "a.seq", stored, SIZE)
    size = media.sequence(tmp_path / "b.seq", stored[:3], SIZE).stat().st_size
    data = bytearray(path.read_bytes())
    data[size : size + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with open_video(path) as video:
        assert len(video) == 3
        assert "3 of 9 frames" in video.warnings[0]


def test_damage_in_a_picture_costs_that_frame(stored: list[bytes], tmp_path: Path) -> None:
    broken = [*stored]
    broken[4] = broken[4][:3] + bytes(len(broken[4]) - 3)
    with open_video(media.sequence(tmp_path / "a.seq", broken, SIZE)) as video:
        frames = list(video.frames())
        assert [frame.corrupt for frame in frames] == [n == 4 for n in range(9)]
        assert (frames[4].image == 127).all()
        assert np.array_equal(frames[5].image, decoded(stored[5]))


def test_refused_with_a_sentence(stored: list[bytes], tmp_path: Path) -> None:
    raw = media.sequence(tmp_path / "raw.seq", [bytes(64 * 48)], SIZE, form=100)
    bayer = media.sequence(tmp_path / "bayer.seq", stored, SIZE, form=103)
    for path in (raw, bayer):
        with pytest.raises(InputError, match="no JPEG or PNG"):
            open_video(path)
    short = tmp_path / "short.seq"
    short.write_bytes(raw.read_bytes()[:400])
    with pytest.raises(InputError, match="no Norpix sequence"):
        open_video(short)
    with pytest.raises(InputError, match="no streams"):
        open_video(bayer, stream=0)


def test_clips_join_by_their_time_of_recording(stored: list[bytes], tmp_path: Path) -> None:
    clips = [
        media.sequence(
            tmp_path / f"V{n:03d}.seq", stored * 20, SIZE, start=1_200_000_000 + start, fps=25.0
        )
        for n, start in enumerate((0, 7, 500))
    ]
    videos = [open_video(clip) for clip in clips]
    assert videos[0].recorded.startswith("2008-01-10T21:20:00")
    assert [len(drive.clips) for drive in join_drives(videos)] == [2, 1]
    never = open_video(media.sequence(tmp_path / "X.seq", stored, SIZE))
    assert never.recorded == ""
