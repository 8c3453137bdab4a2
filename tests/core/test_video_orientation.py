"""Track matrices: a picture comes out as FFmpeg shows it, mirrors and quarter turns alike."""

from __future__ import annotations

import itertools
import math
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from framesift.video import open_video
from framesift.video.orientation import Orientation, of_matrix

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))

Matrix = tuple[int, int, int, int]
TURNS_AND_MIRRORS: list[Matrix] = [
    one
    for sign, other in itertools.product((1, -1), (1, -1))
    for one in ((sign, 0, 0, other), (0, sign, other, 0))
]


def _shown(stored: NDArray[np.uint8], matrix: Matrix) -> NDArray[np.uint8]:
    """Every stored pixel where the matrix puts it, one by one."""
    a, b, c, d = matrix
    height, width = stored.shape[:2]
    places = {
        (a * p + c * q, b * p + d * q): stored[q, p]
        for p, q in itertools.product(range(width), range(height))
    }
    left, top = (min(place[axis] for place in places) for axis in (0, 1))
    shown = np.zeros((height, width, 3) if a else (width, height, 3), np.uint8)
    for (x, y), pixel in places.items():
        shown[y - top, x - left] = pixel
    return shown


@pytest.mark.parametrize("matrix", TURNS_AND_MIRRORS)
def test_as_the_track_matrix_says(tmp_path: Path, matrix: Matrix) -> None:
    images = media.pictures(3, 48, 32)
    with open_video(media.encode(tmp_path / "plain.mp4", images)) as video:
        stored = video[1]
    path = media.show_by(media.encode(tmp_path / "a.mp4", images), matrix)
    with open_video(path) as video:
        again = [video[1], next(video.read([1])).image]
        assert (video.height, video.width) == again[0].shape[:2]
        assert not video.warnings
    expected = _shown(stored, matrix)
    assert all(np.array_equal(image, expected) for image in again)
    with open_video(path) as video:  # from the cache
        assert np.array_equal(video[1], expected)


def test_a_mirror_is_said(tmp_path: Path, command: Callable[..., str]) -> None:
    path = media.show_by(media.encode(tmp_path / "a.mp4", media.pictures(3)), (-1, 0, 0, 1))
    assert "mirrored" in command("inspect", path)
    plain = media.encode(tmp_path / "b.mp4", media.pictures(3))
    assert "mirrored" not in command("inspect", plain)


def test_what_is_no_quarter_turn_is_said(tmp_path: Path) -> None:
    turn = (math.cos(0.5), math.sin(0.5), -math.sin(0.5), math.cos(0.5))
    path = media.show_by(media.encode(tmp_path / "a.mp4", media.pictures(3)), turn)
    with open_video(path) as video:
        assert any("28.6°" in text for text in video.warnings)


@pytest.mark.parametrize("matrix", [(0, 0, 0, 0), (1, 0, 1, 0), (math.nan, 0, 0, 1)])
def test_matrices_that_show_nothing_change_nothing(matrix: tuple[float, ...]) -> None:
    assert of_matrix(*matrix) == Orientation()
