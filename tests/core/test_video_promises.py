"""What a file states: rate, streams, shape of pixels, how much there is. Nothing is called cut
off that promised no more, and nothing is believed that cannot be."""

from __future__ import annotations

import io
import resource
import runpy
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest

from framesift.errors import InputError
from framesift.project import Project
from framesift.video import open_video
from framesift.video.decode import stream

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))
IMAGES = media.pictures(40, 64, 48)


def _warnings(path: Path) -> str:
    with open_video(path) as video:
        return " ".join(video.warnings)


def test_a_rate_that_drops_in_the_dark_is_not_cut_off(tmp_path: Path) -> None:
    pts = [*range(0, 1000, 33), *range(1000, 20_000, 500)]
    images = media.pictures(len(pts), 64, 48)
    base = Fraction(1, 1000)
    for name in ("a.mkv", "a.mp4", "a.ts", "a.flv"):
        path = media.encode(tmp_path / name, images, pts=pts, rate=30, time_base=base)
        assert "cut off" not in _warnings(path), name


def test_frames_that_an_avi_shows_longer_are_not_cut_off(tmp_path: Path) -> None:
    path = media.encode(
        tmp_path / "a.avi", IMAGES, codec="mpeg4", rate=10, pts=[3 * n for n in range(40)]
    )
    with open_video(path) as video:
        assert len(video) == 40
        assert not video.warnings


def _edit_list(path: Path, first: int, length: int) -> Path:
    """Lets an mp4 show `length` units of the movie's time from the media's `first` on."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst")
    data[at + 12 : at + 20] = struct.pack(">II", length, first)
    path.write_bytes(bytes(data))
    return path


def test_an_edit_list_takes_back_what_the_header_promised(tmp_path: Path) -> None:
    path = media.encode(tmp_path / "a.mp4", media.pictures(100, 64, 48), b_frames=2)
    with av.open(str(path)) as container:
        base = container.streams.video[0].time_base
    assert base is not None
    _edit_list(path, int(Fraction(2) / base), 1000)
    with open_video(path) as video:
        assert 20 <= len(video) <= 30
        assert "cut off" not in " ".join(video.warnings)


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv"])
def test_what_is_cut_off_is_said(tmp_path: Path, name: str) -> None:
    muxer = {"movflags": "faststart"} if name == "a.mp4" else None
    images = media.pictures(120, 64, 48)
    path = media.encode(tmp_path / name, images, codec="mpeg4", muxer=muxer, rate=10)
    assert "cut off" not in _warnings(path)
    assert "cut off" in _warnings(media.cut(path, 0.5))


def test_a_raw_stream_at_the_rate_that_it_states(tmp_path: Path) -> None:
    for name, codec in (("a.h264", "libx264"), ("a.hevc", "libx265")):
        path = media.encode(tmp_path / name, IMAGES, codec=codec, rate=20)
        with open_video(path) as video:
            assert video.fps == pytest.approx(20)
            assert len(video) == len(IMAGES)


def test_a_rate_that_somebody_says(tmp_path: Path, command: Callable[..., str]) -> None:
    path = media.encode(tmp_path / "a.mp4", IMAGES, rate=25)
    pictures = tmp_path / "kitti"
    pictures.mkdir()
    for number, image in enumerate(IMAGES[:5]):
        PIL.Image.fromarray(image).save(pictures / f"{number:04d}.png")
    assert "fps              10" in command("inspect", path, "--fps", 10)
    assert "fps              10" in command("inspect", pictures, "--fps", 10)
    command("init", tmp_path / "p")
    command("add", tmp_path / "p", path, pictures, "--fps", 10)
    with Project.open(tmp_path / "p", readonly=True) as project:
        for record in project.videos.all():
            with project.videos.open(record.id) as video:
                assert video.fps == record.fps == 10
                assert video.index.seconds(4) == pytest.approx(0.4)
                with video.fork() as fork:
                    assert fork.fps == 10
    assert "argument --fps: '-1'" in command("inspect", path, "--fps", "-1", status=2)


def test_every_stream_is_named_and_either_can_be_added(
    tmp_path: Path, command: Callable[..., str]
) -> None:
    path = media.two_streams(tmp_path / "a.mp4")
    said = command("inspect", path)
    assert "0 (mpeg4 64×48), 1 (mpeg4 32×24)" in said
    command("init", tmp_path / "p")
    command("add", tmp_path / "p", path, "--stream", 0)
    command("add", tmp_path / "p", path, "--stream", 1)
    with Project.open(tmp_path / "p", readonly=True) as project:
        assert [(v.stream, v.width) for v in project.videos.all()] == [(0, 64), (1, 32)]


def test_pixels_that_are_not_square_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        made: Any = container.add_stream("mpeg4", rate=10)
        made.width, made.height, made.pix_fmt = 72, 58, "yuv420p"
        made.codec_context.sample_aspect_ratio = Fraction(64, 45)
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((58, 72, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(made.encode(frame))
        container.mux(made.encode(None))
    assert "not square (64:45)" in _warnings(path)
    assert "102×58" in _warnings(path)
    assert "square" not in _warnings(media.encode(tmp_path / "b.mp4", IMAGES))


def _declaring(path: Path, count: int) -> Path:
    """An mp4 whose table of sizes says: so many samples, all of the same size."""
    data = bytearray(path.read_bytes())
    at = data.index(b"stsz")
    data[at + 8 : at + 16] = struct.pack(">II", 40, count)
    at = data.index(b"stts")
    data[at + 12 : at + 16] = struct.pack(">I", count)
    path.write_bytes(bytes(data))
    return path


def test_more_frames_than_bytes_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    path = _declaring(media.encode(tmp_path / "a.mp4", IMAGES), 50_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="50,000,000"):
        open_video(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_fragment_that_declares_too_much_is_refused(tmp_path: Path) -> None:
    muxer = {"movflags": "frag_keyframe+empty_moov"}
    path = media.encode(tmp_path / "a.mp4", IMAGES, muxer=muxer)
    with open_video(path) as video:
        assert len(video) == len(IMAGES)
    data = bytearray(path.read_bytes())
    at = data.index(b"trun") + 4
    data[at : at + 8] = struct.pack(">II", 0, 50_000_000)
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="declares"):
        open_video(path)


def test_huge_pictures_are_not_decoded_ahead_by_the_dozen(tmp_path: Path) -> None:
    frames = [PIL.Image.new("P", (4500, 4500), color) for color in range(12)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    with open_video(tmp_path / "a.gif") as video:
        assert len(video) == 12
        assert video.table.checked == "samples"  # type: ignore[attr-defined]
        frames_ahead = stream(video, range(12))
        assert next(frames_ahead).image.shape == (4500, 4500, 3)
        frames_ahead.close()  # type: ignore[attr-defined]


def _animation(path: Path, side: int, count: int) -> Path:
    """A GIF that repeats a spot of 8×8 on a screen of `side` × `side`."""
    buffer = io.BytesIO()
    PIL.Image.new("P", (8, 8), 3).save(buffer, "GIF")
    data = bytearray(buffer.getvalue())
    data[6:10] = struct.pack("<HH", side, side)
    table = 3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 0
    head, body = data[: 13 + table], data[13 + table : -1]
    control = b"\x21\xf9\x04\x00\x0a\x00\x00\x00"
    path.write_bytes(head + (control + body) * count + b"\x3b")
    return path


@pytest.mark.parametrize(
    ("side", "count", "sentence"),
    [
        (8000, 200, "8000×8000 pixels; 35 million"),
        (8000, 1, "Scale it down"),
        (5000, 200, "animation of 200 pictures of 5000×5000"),
        (16000, 3, "no frame that can be decoded"),
    ],
)
def test_more_pixels_than_there_is_sense_in_are_refused_before_they_are_decoded(
    tmp_path: Path, side: int, count: int, sentence: str
) -> None:
    path = _animation(tmp_path / "a.gif", side, count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=sentence):
        open_video(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_an_animation_of_reasonable_size_opens(tmp_path: Path) -> None:
    with open_video(_animation(tmp_path / "a.gif", 300, 40)) as video:
        assert len(video) == 40
        assert video[39].shape == (300, 300, 3)
