"""The report's parts: clocks, curves of any length, overlays, names."""

from __future__ import annotations

import math

import numpy as np
import pytest

from framesift.report import clock
from framesift.report.pictures import encode, heat_overlay, shrink
from framesift.report.timeline import COLUMNS, WIDTH, _columns, _envelope


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "00:00.00"),
        (347.4, "05:47.40"),
        (59.999, "01:00.00"),
        (3600.0, "1:00:00.00"),
        (None, ""),
        (math.nan, ""),
    ],
)
def test_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize("frames", [1, 7, COLUMNS, 3 * COLUMNS + 5, 200_000])
def test_columns_keep_every_extreme(frames: int) -> None:
    values = np.random.default_rng(0).random(frames)
    values[frames // 2] = 5.0
    columns = _columns(values)
    assert len(columns) <= COLUMNS
    assert max(high for _, _, high in columns) == 5.0
    assert min(low for _, low, _ in columns) == values.min()
    middles = [middle for middle, _, _ in columns]
    assert middles == sorted(middles)


def test_columns_leave_out_what_is_not_scored() -> None:
    values = np.full(10, np.nan)
    assert _columns(values) == []
    assert _envelope(values, lambda f: f, lambda v: v) == ""
    values[4] = 1.0
    assert [middle for middle, _, _ in _columns(values)] == [4.0]


def test_width_is_that_of_the_columns() -> None:
    assert COLUMNS == WIDTH


def test_heat_is_the_picture_where_nothing_is_and_a_palette_where_all_is() -> None:
    image = np.full((20, 30, 3), (200, 100, 50), np.uint8)
    heat = np.zeros((10, 15), np.float32)
    heat[:, 10:] = 2.0
    drawn = heat_overlay(image, heat, top=2.0)
    grey = drawn[5, 2]
    assert grey[0] == grey[1] == grey[2]
    hot = drawn[5, 27].astype(int)
    assert hot[0] > 200
    assert hot.sum() > int(grey.astype(int).sum())
    assert np.array_equal(
        heat_overlay(image, heat * 0, top=0.0), heat_overlay(image, heat * 0, top=1.0)
    )


def test_png_is_lossless_and_shrinking_keeps_proportions() -> None:
    import cv2

    image = np.random.default_rng(0).integers(0, 256, (40, 1000, 3), np.uint8)
    decoded = cv2.imdecode(np.frombuffer(encode(image, ".png"), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(decoded[..., ::-1], image)
    assert shrink(image, 500).shape == (20, 500, 3)
    assert shrink(image, 2000) is image
