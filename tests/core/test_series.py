"""Smoothing (eq. 6) and the identity of a series."""

from __future__ import annotations

import math
import runpy
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.durations import times_as_long

from framesift.errors import InputError
from framesift.series import NO_BOXES, ScoreSeries, recipe_identity, smooth

reference = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "reference.py")))

SCORES = st.lists(st.one_of(st.floats(0, 5), st.just(math.nan)), max_size=60)


@settings(max_examples=150, deadline=None)
@given(SCORES, st.integers(0, 12), st.floats(0.2, 20))
def test_smoothing_is_equation_6(values: list[float], half_window: int, sigma: float) -> None:
    ours = smooth(values, half_window, sigma)
    np.testing.assert_allclose(ours, reference.smooth(values, half_window, sigma), atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 5), min_size=1, max_size=20), st.integers(1, 40), st.integers(0, 40)
)
def test_every_s_th_frame_smooths_like_its_samples(
    samples: list[float],
    step: int,
    offset: int,
) -> None:
    sparse = np.full(offset + step * len(samples), np.nan)
    sparse[offset::step] = samples
    ours = smooth(sparse, 5 * step, 3.0 * step)
    np.testing.assert_allclose(ours[offset::step], reference.smooth(samples), atol=1e-9)
    assert np.isnan(np.delete(ours, np.arange(offset, len(sparse), step))).all()


def test_gaps_of_a_sparse_series_of_two_rhythms() -> None:
    rng = np.random.default_rng(3)
    values = np.full(900, np.nan)
    values[3::64] = rng.random(len(values[3::64]))
    values[500:530:7] = rng.random(5)
    np.testing.assert_allclose(
        smooth(values, 120, 60.0), reference.smooth(values, 120, 60.0), atol=1e-12
    )


def test_ends_and_long_series_are_renormalised() -> None:
    ones = np.ones(1000)
    np.testing.assert_allclose(smooth(ones), ones, atol=1e-15)
    ones[[0, 500, 999]] = np.nan
    np.testing.assert_allclose(smooth(ones), ones, atol=1e-15)
    values = np.random.default_rng(0).random(200)
    np.testing.assert_allclose(smooth(values), reference.smooth(values), atol=1e-12)


def test_joined_clips_smooth_across_the_joint() -> None:
    first, second = np.zeros(50), np.ones(50)
    joined = smooth(np.concatenate([first, second]))
    assert 0 < joined[49] < joined[50] < 1
    assert smooth(first)[49] == 0
    assert smooth(second)[0] == 1


def test_no_score_and_no_window_change_nothing() -> None:
    assert len(smooth([])) == 0
    assert np.isnan(smooth([math.nan] * 9)).all()
    values = [1.0, math.nan, 3.0]
    np.testing.assert_array_equal(smooth(values, 0), values)
    assert smooth(np.array([1, 2, 3], np.int64)).dtype == np.float64


def test_input_is_not_changed() -> None:
    values = np.random.default_rng(0).random(100)
    before = values.copy()
    smooth(values)[:] = -1
    smooth(values, 0)[:] = -1
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize(
    ("half_window", "sigma"), [(-1, 3.0), (2.5, 3.0), (5, 0.0), (5, -1), (5, math.nan)]
)
def test_senseless_settings_are_refused(half_window: float, sigma: float) -> None:
    with pytest.raises(InputError):
        smooth([1.0, 2.0], half_window, sigma)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        smooth(np.zeros((3, 3)))


def test_a_million_samples_take_milliseconds() -> None:
    values = np.random.default_rng(0).random(1_000_000)
    gaps = values.copy()
    gaps[::97] = np.nan
    sparse = np.full(1_000_000, np.nan)
    sparse[::100] = values[::100]
    for series, half_window in ((values, 5), (gaps, 5), (sparse, 500)):
        ours = partial(smooth, series, half_window, half_window * 0.6)
        assert times_as_long(ours, partial(np.argsort, values)) < 1


def test_identity_follows_the_recipe_and_not_its_order() -> None:
    one = {"detector": "abc", "score": {"method": "divergence", "radius": 9}, "batch": 4}
    other = {"batch": 4, "score": {"radius": 9, "method": "divergence"}, "detector": "abc"}
    assert recipe_identity(one) == recipe_identity(other)
    assert ScoreSeries.empty(3, one).identity == recipe_identity(one)
    assert recipe_identity({**one, "batch": 8}) != recipe_identity(one)
    assert len(recipe_identity(one)) == 64
    with pytest.raises(ValueError):
        recipe_identity({"value": math.nan})


def test_frames_without_boxes_are_no_numbers_to_look_at() -> None:
    series = ScoreSeries([0.2, NO_BOXES, 0.6, math.nan, 0.4])
    frame = series.to_dataframe()
    assert frame["frame"].tolist() == [0, 1, 2, 4]
    assert np.isnan(frame["score"]).tolist() == [False, True, False, False]
    plain = ScoreSeries([0.2, 0.4, 0.6, math.nan, 0.4])
    assert frame["smoothed"].tolist() == pytest.approx(
        plain.to_dataframe()["smoothed"].tolist()
    )
    low, high = series.plot().get_ylim()
    assert 0 < low < high < 1
    assert series.values[1] == np.float32(NO_BOXES)


def test_a_series_knows_what_is_scored() -> None:
    series = ScoreSeries.empty(5, {})
    series.values[[1, 3]] = 0.5
    assert series.scored.tolist() == [False, True, False, True, False]
    assert len(series) == 5
    np.testing.assert_allclose(series.smoothed()[[1, 3]], 0.5)
