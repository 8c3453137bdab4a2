"""Sizes of many pictures: the very ones that each picture says, and a header read once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from framesift.video import picture_sizes
from framesift.video.picture_sizes import PictureSizes
from framesift.video.pictures import size_and_header, upright_size


def write(path: Path, width: int, height: int, seed: int = 0, orientation: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    picture = Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))
    exif = Image.Exif()
    if orientation:
        exif[274] = orientation
    picture.save(path, **({"exif": exif} if orientation else {}))
    return path


def test_each_picture_has_its_own_size(tmp_path: Path) -> None:
    files = [
        *(write(tmp_path / f"a{n}.jpg", 40, 30, n) for n in range(3)),
        write(tmp_path / "lying.jpg", 40, 30, orientation=6),
        *(write(tmp_path / f"b{n}.jpg", 40, 30, n) for n in range(2)),
        write(tmp_path / "other.jpg", 30, 40),
        *(write(tmp_path / f"c{n}.png", 20, 10, n) for n in range(2)),
        write(tmp_path / "last.png", 10, 20),
    ]
    short = tmp_path / "short.jpg"
    short.write_bytes(files[0].read_bytes()[:40])
    sizes, together = PictureSizes(), [*files, short, files[0]]
    found = [sizes.of(file) for file in together]
    assert found == [upright_size(file) for file in together]
    assert found[3] == (30, 40)
    assert found[-2] is None


def test_pictures_with_one_header_are_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(tmp_path / f"{n}.jpg", 40, 30, n) for n in range(5)]
    parsed: list[Path] = []

    def parse(path: Path) -> tuple[tuple[int, int] | None, bytes]:
        parsed.append(path)
        return size_and_header(path)

    monkeypatch.setattr(picture_sizes, "size_and_header", parse)
    sizes = PictureSizes()
    assert [sizes.of(file) for file in files] == [(40, 30)] * 5
    assert parsed == files[:1]


def test_a_header_goes_up_to_the_data(tmp_path: Path) -> None:
    size, header = size_and_header(file := write(tmp_path / "a.jpg", 40, 30))
    assert size == (40, 30)
    assert file.read_bytes().startswith(header)
    # The marker that the data begins with, its length, and three colors of two bytes each.
    assert header[-14:-11] == b"\xff\xda\x00"
