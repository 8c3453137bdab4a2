"""Folders of pictures: numbered ones as videos, others as stills."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from framesift.errors import InputError
from framesift.video import Stills, open_stills, open_video
from framesift.video.pictures import load_picture


def save(
    path: Path, grey: int = 100, size: tuple[int, int] = (12, 8), **options: object
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (grey, grey, grey)).save(path, **options)
    return path


def test_natural_order_by_number(tmp_path: Path) -> None:
    for number in (10, 9, 100, 1, 2):
        save(tmp_path / f"frame{number}.png", number)
    with open_video(tmp_path) as video:
        assert video.kind == "images"
        assert [int(image[0, 0, 0]) for image in video] == [1, 2, 9, 10, 100]
        assert (video.width, video.height) == (12, 8)
        assert video.fps == 30.0
        assert video.index.seconds(3) == pytest.approx(0.1)
        assert any("jump" in text for text in video.warnings)


def test_rate_can_be_told(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / f"{number:04d}.jpg")
    with open_video(tmp_path, fps=29.97) as video, video.fork() as fork:
        assert video.fps == fork.fps == pytest.approx(29.97)
        assert video.warnings == ()
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(InputError, match="frame rate"):
            open_video(tmp_path, fps=bad)


def test_several_numbers_in_a_name(tmp_path: Path) -> None:
    for name in ("cam1_10", "cam1_9", "cam2_1"):
        save(tmp_path / f"{name}.png")
    video = open_video(tmp_path)
    assert [file.stem for file in video.files] == ["cam1_9", "cam1_10", "cam2_1"]


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    save(tmp_path / ".2.png")
    save(tmp_path / "sub" / "3.png")
    (tmp_path / "labels.txt").write_text("x")
    assert len(open_video(tmp_path)) == 1


def test_numbers_must_differ(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    save(tmp_path / "01.png")
    with pytest.raises(InputError, match="same number"):
        open_video(tmp_path)


def test_numbered_pictures_must_have_one_size(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    save(tmp_path / "2.png", size=(8, 12))
    with pytest.raises(InputError, match="differ in size"):
        open_video(tmp_path)
    assert len(open_stills(tmp_path)) == 2


def test_unnumbered_pictures_are_stills(tmp_path: Path) -> None:
    save(tmp_path / "street.png", 1)
    save(tmp_path / "corner 2.jpg", 2, size=(30, 20))
    save(tmp_path / "sub" / "yard.bmp", 3)
    video = open_video(tmp_path)
    assert isinstance(video, Stills)
    assert video.names == ("corner 2.jpg", "street.png", "sub/yard.bmp")
    assert [video[i].shape for i in range(3)] == [(20, 30, 3), (8, 12, 3), (8, 12, 3)]
    assert [video.size(i) for i in range(3)] == [(30, 20), (12, 8), (12, 8)]
    assert (video.width, video.height) == (30, 20)
    assert math.isnan(video.fps)
    frame = video.frame(1)
    assert (frame.timestamp, frame.seconds) == (None, None)
    assert any("stills" in text for text in video.warnings)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_orientation_is_applied(suffix: str, tmp_path: Path) -> None:
    tag = Image.Exif()
    tag[0x0112] = 6
    picture = np.zeros((8, 16, 3), np.uint8)
    picture[:, :8] = 255
    Image.fromarray(picture).save(tmp_path / f"1{suffix}", exif=tag)
    for video in (open_stills(tmp_path), open_video(tmp_path)):
        assert (video.width, video.height) == (8, 16)
        assert video[0].shape == (16, 8, 3)
        assert video[0][:7].min() > 200
        assert video[0][9:].max() < 60
        assert not video.frame(0).corrupt


def test_every_kind_of_pixel_becomes_rgb(tmp_path: Path) -> None:
    deep = np.full((8, 12), 0x40FF, np.uint16)
    Image.fromarray(deep).save(tmp_path / "1.png")
    Image.new("L", (12, 8), 64).save(tmp_path / "2.png")
    Image.new("RGBA", (12, 8), (64, 64, 64, 9)).save(tmp_path / "3.png")
    Image.new("P", (12, 8), 0).save(tmp_path / "4.png", transparency=b"\x09")
    Image.new("LA", (12, 8), (64, 9)).save(tmp_path / "5.png")
    Image.new("CMYK", (12, 8), (0, 0, 0, 191)).save(tmp_path / "6.jpg")
    Image.new("1", (12, 8), 1).save(tmp_path / "7.png")
    Image.fromarray(deep).save(tmp_path / "8.tif")
    with open_video(tmp_path) as video:
        for frame in video.frames():
            assert frame.image.dtype == np.uint8
            assert frame.image.shape == (8, 12, 3)
            assert frame.image.flags.c_contiguous
            assert frame.image.flags.writeable
            assert not frame.corrupt
        assert [int(image[4, 4, 1]) for image in video] == pytest.approx(
            [64, 64, 64, 0, 64, 64, 255, 64], abs=2
        )


def test_damaged_pictures(tmp_path: Path) -> None:
    for number in range(4):
        save(tmp_path / f"{number}.jpg", 200, (64, 64))
    whole = (tmp_path / "2.jpg").read_bytes()
    (tmp_path / "2.jpg").write_bytes(whole[: len(whole) - 40])
    (tmp_path / "3.jpg").write_bytes(b"nothing")
    with open_video(tmp_path) as video:
        assert [frame.corrupt for frame in video.frames()] == [False, False, True, True]
        assert video[3].shape == (64, 64, 3)
        assert any("3.jpg" in text for text in video.warnings)
    stills = open_stills(tmp_path)
    assert stills.names == ("0.jpg", "1.jpg", "2.jpg")
    assert any("left out" in text for text in stills.warnings)


def test_folders_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "only.jpg").write_bytes(b"nothing")
    for opening in (open_video, open_stills):
        with pytest.raises(InputError, match="None of the pictures"):
            opening(tmp_path)
    with pytest.raises(InputError, match="not a folder"):
        open_stills(tmp_path / "only.jpg")
    with pytest.raises(InputError, match="does not exist"):
        open_stills(tmp_path / "missing")


def test_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    for folder, grey in (("a", 1), ("b", 1), ("c", 2)):
        for number in range(3):
            save(tmp_path / folder / f"{number}.png", grey)
    prints = [open_video(tmp_path / folder).fingerprint for folder in "abc"]
    assert prints[0] == prints[1] != prints[2]


def test_pictures_that_are_no_use_are_named_with_the_reason(tmp_path: Path) -> None:
    """Strips, floating numbers, more pixels than memory should hold: left out beside others,
    and refused where there is nothing else."""
    save(tmp_path / "a.png")
    for name, size in (("b.png", (100_000, 1)), ("c.png", (1, 100_000))):
        Image.new("L", size).save(tmp_path / name)
    Image.new("1", (13_000, 13_000)).save(tmp_path / "d.png")
    Image.new("F", (12, 8)).save(tmp_path / "e.tif")
    stills = open_stills(tmp_path)
    assert [file.name for file in stills.files] == ["a.png"]
    assert "4 of 5 pictures cannot be read" in stills.warnings[0]
    assert "b.png, which is a strip of 100000×1 pixels" in stills.warnings[0]
    for name, reason in (
        ("c.png", r"is a strip of 1×100000 pixels"),
        ("d.png", r"has 13000×13000 pixels; 89 million are the most"),
        ("e.tif", r"holds floating numbers; write it with 8 or 16 bits"),
    ):
        alone = tmp_path / name[0]
        alone.mkdir()
        (tmp_path / name).rename(alone / name)
        with pytest.raises(InputError, match=rf"{name}, which {reason}"):
            open_stills(alone)
        assert load_picture(alone / name) is None
    for number in (1, 2):
        save(tmp_path / "f" / f"{number}.tif")
    (tmp_path / "e" / "e.tif").rename(tmp_path / "f" / "3.tif")
    with open_video(tmp_path / "f") as video:
        assert "3.tif, which holds floating numbers" in " ".join(video.warnings)
        assert [frame.corrupt for frame in (video.frame(n) for n in range(3))] == [
            False, False, True,
        ]  # fmt: skip
