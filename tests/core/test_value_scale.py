"""One rule says which values a drawing of scores stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framesift.series.value_scale import MANY, ValueScale, extent

NAN = float("nan")


@pytest.mark.parametrize(
    ("extents", "bottom", "top"),
    [
        ([(0.15, 0.25)], 0.15, 0.25),
        ([(0.15, 0.2), (0.1, 0.12)], 0.1, 0.2),
        ([(0.0, 0.25)], 0.0, 0.25),
        ([(0.2, 0.2)], 0.18, 0.2),
        ([(0.199, 0.2)], 0.18, 0.2),
        ([(-0.3, -0.1)], -0.3, -0.1),
        ([(-0.2, -0.2)], -0.22, -0.2),
        ([(-1.0, 3.0)], -1.0, 3.0),
        ([(NAN, NAN), (0.15, 0.25)], 0.15, 0.25),
        ([(NAN, NAN)], 0.0, 1.0),
        ([(0.0, 0.0)], 0.0, 1.0),
        ([], 0.0, 1.0),
    ],
)
def test_a_drawing_reaches_from_the_lowest_to_the_highest(
    extents: list[tuple[float, float]], bottom: float, top: float
) -> None:
    scale = ValueScale.over(extents)
    assert (scale.bottom, scale.top) == pytest.approx((bottom, top))
    # Not even rounding puts a value below its drawing.
    assert scale.bottom <= min((low for low, _ in extents if low == low), default=0.0)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_no_value_lies_outside(low: float, span: float) -> None:
    scale = ValueScale.over([(low, low + span)])
    assert scale.bottom <= low <= low + span <= scale.top
    assert scale.bottom < scale.top


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (ValueScale(0.1523, 0.25), ("0.152", "0.25")),
        (ValueScale(0.0, 1.0), ("0", "1")),
        (ValueScale(-0.0, 12_345.6), ("0", "12346")),
        (ValueScale(-0.22, -0.2), ("-0.22", "-0.2")),
    ],
)
def test_the_ends_in_words(scale: ValueScale, words: tuple[str, str]) -> None:
    assert scale.words() == words


def test_how_high_values_lie() -> None:
    scale = ValueScale(0.1, 0.3)
    shares = scale.shares(np.array([0.1, 0.15, 0.3, 0.0], np.float32))
    np.testing.assert_allclose(shares, [0, 0.25, 1, 0], atol=1e-6)
    assert scale.below == pytest.approx(0.098)


@pytest.mark.parametrize("values", [np.zeros(0), np.full(5, np.nan)])
def test_nothing_scored_reaches_nowhere(values: np.ndarray) -> None:
    assert np.isnan(extent(values)).all()


@pytest.mark.parametrize("frames", [1, 30, 1000, 2 * MANY])
def test_without_outliers_a_series_begins_at_its_lowest(frames: int) -> None:
    values = (0.2 + 0.05 * np.sin(np.arange(frames) / 50)).astype(np.float32)
    values[1::5] = np.nan
    assert extent(values) == (np.nanmin(values), np.nanmax(values))


@pytest.mark.parametrize("frames", [1000, 2 * MANY])
def test_a_few_frames_far_below_do_not_flatten_the_others(frames: int) -> None:
    values = np.linspace(0.15, 0.25, frames, dtype=np.float32)
    values[400:405] = 0.01
    assert extent(values) == (values[0], values[-1])
    # Of many a drawing shows all.
    values[: frames // 10] = 0.01
    assert extent(values)[0] == np.float32(0.01)
