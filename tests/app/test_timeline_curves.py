"""The pyramid's envelopes equal the extremes of the frames under each column."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framesift.series.value_scale import MANY, extent
from framesift_app.panels.timeline.curves import Curve


def reference(values: np.ndarray, start: float, stop: float, count: int) -> dict:
    width = (stop - start) / count
    found = {}
    for column in range(count):
        first = int(np.floor(start + width * column))
        end = int(np.floor(start + width * (column + 1)))
        part = values[max(0, first) : max(0, end)]
        part = part[~np.isnan(part)]
        if len(part):
            found[column] = (part.min(), part.max())
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3000), st.floats(0, 1), st.integers(1, 60))
def test_columns_are_the_extremes(seed: int, length: int, missing: float, count: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random(length).astype(np.float32)
    values[rng.random(length) < missing] = np.nan
    start = float(rng.integers(-50, length + 50))
    stop = start + float(rng.integers(1, length + 100))
    curve = Curve(values)
    # Under 128 frames a column no block is wide enough: the frames themselves count.
    columns = curve.columns(start, stop, count)
    if (stop - start) / count < 128:
        expected = reference(values, start, stop, count)
        assert columns.at.tolist() == list(expected)
        assert [*zip(columns.low, columns.high, strict=True)] == [*expected.values()]


def test_a_million_frames_lose_no_peak() -> None:
    values = np.zeros(1_000_000, np.float32)
    values[777_777] = 1.0
    curve = Curve(values)
    columns = curve.columns(0, len(values), 1000)
    assert columns.high.max() == 1.0
    assert abs(columns.at[columns.high.argmax()] - 777) <= 1
    assert curve.high == 1.0
    assert len(columns.breaks) == 0


def test_sparse_scores_are_joined_and_gaps_are_not() -> None:
    values = np.full(10_000, np.nan, np.float32)
    values[0:4000:10] = 1
    values[8000:10_000:10] = 2
    points = Curve(values).points(0, 10_000)
    assert points.at[points.breaks].tolist() == [8000]
    columns = Curve(values).columns(0, 10_000, 1000)
    assert columns.at[columns.breaks].tolist() == [800]


def test_points_reach_to_their_neighbours() -> None:
    values = np.full(100, np.nan, np.float32)
    values[::10] = np.arange(10)
    points = Curve(values).points(15, 25)
    assert points.at.tolist() == [10, 20, 30]
    assert Curve(values).points(22, 28).at.tolist() == [20, 30]


@pytest.mark.parametrize("values", [np.zeros(0, np.float32), np.full(5, np.nan, np.float32)])
def test_nothing_scored(values: np.ndarray) -> None:
    curve = Curve(values)
    assert len(curve.columns(0, 10, 5).at) == 0
    assert len(curve.points(0, 10).at) == 0
    assert np.isnan([curve.high, curve.low, curve.lowest]).all()


@pytest.mark.parametrize("frames", [1000, 2 * MANY])
def test_a_curve_knows_its_lowest_beside_where_a_row_begins(frames: int) -> None:
    values = np.linspace(0.15, 0.25, frames, dtype=np.float32)
    values[400:405] = 0.01
    curve = Curve(values)
    assert (curve.low, curve.high) == extent(values) == (values[0], values[-1])
    assert curve.lowest == np.float32(0.01)
