"""Seconds are seconds of the frames' own times: rate, smoothing, distances, bands, budgets."""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from framesift.errors import InputError
from framesift.project import Project
from framesift.selection import Pool, PoolDrive, Rules, choose, fitting, select
from framesift.selection.timeline import drive_times
from framesift.series import is_even, smooth, usual_distance
from framesift.video import Distance, Drive, FrameIndex, open_video

media = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "media.py")))

FAST_THEN_SLOW = np.r_[np.arange(300) / 30, 10 + np.arange(30) / 3]
"""10 s at 30 frames/s, then 10 s at 3."""


@pytest.fixture(scope="module")
def slow_half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of FAST_THEN_SLOW."""
    path = tmp_path_factory.mktemp("vfr") / "vfr.mp4"
    pts = [round(t * 30000) for t in FAST_THEN_SLOW]
    images = media.pictures(330, 32, 32)
    return media.encode(path, images, pts=pts, time_base=Fraction(1, 30000))


def test_the_nominal_rate_is_that_of_most_frames(slow_half: Path) -> None:
    with open_video(slow_half) as video:
        assert video.fps == pytest.approx(30)
        assert video.times is not None
        assert video.times == pytest.approx(FAST_THEN_SLOW, abs=1e-6)
        assert video.index.duration == pytest.approx(FAST_THEN_SLOW[-1] + 1 / 30)


@pytest.mark.parametrize("gap", [0.5, 3600.0])
def test_a_gap_does_not_spoil_the_rate(gap: float) -> None:
    stamps = np.arange(200) * 40
    stamps[120:] += round(gap * 1000)
    index = FrameIndex(stamps, Fraction(1, 1000))
    assert index.fps == pytest.approx(25)
    assert index.times is not None
    assert index.times[120] - index.times[119] == pytest.approx(gap + 0.04)


def test_an_hour_in_a_transport_stream(tmp_path: Path) -> None:
    pts = [*range(60), *(90_000 + n for n in range(60))]
    path = media.encode(tmp_path / "a.ts", media.pictures(120, 32, 32), pts=pts, rate=25)
    with open_video(path) as video:
        assert len(video) == 120
        assert video.fps == pytest.approx(25)


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(25), Fraction(120)])
@pytest.mark.parametrize("base", [Fraction(1, 1000), Fraction(1, 90000)])
def test_rounded_times_are_a_constant_rate(rate: Fraction, base: Fraction) -> None:
    stamps = [round(n / rate / base) for n in range(2000)]
    index = FrameIndex(stamps, base)
    assert index.times is None
    average = (len(stamps) - 1) / ((stamps[-1] - stamps[0]) * base)
    assert index.fps == float(average)


def test_smoothing_weighs_by_time() -> None:
    times = np.array([0.0, 0.1, 0.2, 0.3, 1.3, 1.4, 1.5])
    values = np.array([0.0, 0.0, 0.0, 8.0, 2.0, 0.0, 0.0])
    smoothed = smooth(values, half_window=2, sigma=1.5, times=times)
    near, far = math.exp(-1 / 4.5), math.exp(-4 / 4.5)
    # Nothing reaches over the gap of ten usual distances.
    assert smoothed[3] == pytest.approx(8 / (1 + near + far))
    assert smoothed[4] == pytest.approx(2 / (1 + near + far))
    assert smoothed[2] == pytest.approx(8 * near / (1 + 2 * near + far))


@given(
    st.lists(st.one_of(st.floats(0, 10), st.just(math.nan)), min_size=1, max_size=80),
    st.floats(0.01, 5),
    st.integers(0, 9),
)
def test_even_times_change_no_bit(values: list[float], step: float, half: int) -> None:
    times = 7 + step * np.arange(len(values))
    assert is_even(times)
    plain, timed = smooth(values, half, 2.0), smooth(values, half, 2.0, times)
    assert np.array_equal(plain, timed, equal_nan=True)


@given(st.lists(st.floats(0.01, 3), min_size=2, max_size=60))
def test_smoothing_by_time_is_the_formula(steps: list[float]) -> None:
    times = np.cumsum(steps)
    values = np.sin(np.arange(len(times))) + 1
    if is_even(times):
        return
    unit = usual_distance(times)
    apart = (times[:, None] - times[None, :]) / unit
    weights = np.where(np.abs(apart) <= 5 + 1e-6, np.exp(-(apart**2) / 18), 0)
    expected = weights @ values / weights.sum(axis=1)
    assert smooth(values, 5, 3.0, times) == pytest.approx(expected)


def test_times_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="ascending"):
        smooth([1.0, 2.0, 3.0], times=[0.0, 2.0, 1.0])
    with pytest.raises(InputError, match="times"):
        smooth([1.0, 2.0, 3.0], times=[0.0, 1.0])


@given(
    st.lists(st.floats(0.01, 2), min_size=1, max_size=60),
    st.integers(1, 12),
    st.floats(0, 4),
    st.floats(0, 4),
    st.integers(0, 1 << 30),
)
def test_distances_in_seconds(
    steps: list[float], budget: int, delta1: float, delta2: float, seed: int
) -> None:
    times = np.cumsum(steps)
    rng = np.random.default_rng(seed)
    values = rng.random(len(times))
    taken = sorted(rng.choice(len(times), min(2, len(times)), replace=False).tolist())
    selection = select(
        {"a": values},
        budget,
        Distance(delta1, "seconds"),
        Distance(delta2, "seconds"),
        {"a": taken},
        times={"a": times},
    )
    picked = [pick.frame for pick in selection]
    for place, frame in enumerate(picked):
        others = times[picked[:place]]
        assert (np.abs(others - times[frame]) > delta1).all()
        assert (np.abs(times[taken] - times[frame]) > delta2).all()
    blocked = selection.blocked("a")
    for frame in range(len(times)):
        if frame in picked or frame in blocked:
            continue
        # Whatever is left lost by its score alone.
        assert len(picked) == budget
        assert values[frame] <= values[picked[-1]]
    for frame, (rule, by) in blocked.items():
        source = picked[by - 1] if rule == "delta1" else by
        reach = {"delta1": delta1, "delta2": delta2, "taken": 0}[rule]
        assert abs(times[frame] - times[source]) <= reach + 1e-9


def test_seconds_without_times_are_refused() -> None:
    with pytest.raises(InputError, match="no times"):
        select({"a": [1.0, 2.0]}, 1, Distance(1, "seconds"), 0)


def pool_of(drive: Drive, values: NDArray[np.float64]) -> Pool:
    return Pool((PoolDrive.of(drive, signals={"divergence": values}),))


def _chosen(path: Path, values: NDArray[np.float64], rules: Rules) -> list[float]:
    with open_video(path) as video:
        drive = Drive("a", (video,))
        times = drive_times(drive)
        assert times is not None
        picks = choose(pool_of(drive, values), rules).selection
        return sorted(times[pick.frame] for pick in picks)


def test_picks_of_a_variable_rate_are_seconds_apart(slow_half: Path) -> None:
    rules = Rules(
        budget=40,
        delta1=Distance(1.0, "seconds"),
        delta2=Distance(0, "frames"),
        strategy="divergence",
        look_alike="off",
    )
    found = _chosen(slow_half, np.random.default_rng(0).random(330), rules)
    assert min(np.diff(found)) > 1.0
    # In the slow half, too, there is a pick every second or two: 10 s are 10 s.
    assert sum(time >= 10 for time in found) >= 5


def test_room_for_picks_is_time_not_frames(slow_half: Path) -> None:
    with open_video(slow_half) as video:
        assert fitting([Drive("a", (video,))], 5)[0] == Distance(1.9, "seconds")


def test_a_gap_is_no_room_for_picks() -> None:
    stamps = np.arange(300) * 100
    stamps[150:] += 3_600_000
    times = FrameIndex(stamps, Fraction(1, 1000)).times
    clip = SimpleNamespace(kind="file", fps=10.0, times=times, __len__=lambda: 300)

    class Clip(SimpleNamespace):
        def __len__(self) -> int:
            return 300

    clip = Clip(kind="file", fps=10.0, times=times)
    drive = SimpleNamespace(key="a", clips=[clip])
    assert fitting([drive], 10)[0].value == pytest.approx(1.6)  # 33 s for 10 picks


def test_clips_of_different_rates_are_one_timeline(tmp_path: Path) -> None:
    fast = media.encode(tmp_path / "a.mp4", media.pictures(60, 32, 32), rate=30)
    slow = media.encode(tmp_path / "b.mp4", media.pictures(20, 32, 32), rate=10)
    with open_video(fast) as one, open_video(slow) as other:
        times = drive_times(Drive("a", (one, other)))
        assert times is not None
        assert times[59:62] == pytest.approx([59 / 30, 2.0, 2.1])
        assert drive_times(Drive("a", (one,))) is None


def test_a_project_remembers_the_times(
    slow_half: Path, tmp_path: Path, command: Callable[..., str]
) -> None:
    command("init", tmp_path / "p")
    assert "≈30 (variable)" in command("add", tmp_path / "p", slow_half)
    assert "≈30 (variable)" in command("inspect", slow_half)
    with Project.open(tmp_path / "p", readonly=True) as project:
        (drive,) = project.videos.drives()
        times = drive_times(drive)
        assert times is not None
        assert times == pytest.approx(FAST_THEN_SLOW, abs=1e-6)
        assert drive.seconds_of(0, 310) == pytest.approx(FAST_THEN_SLOW[310])
        assert drive.seconds_of(0, 330) == pytest.approx(FAST_THEN_SLOW[-1] + 1 / 30)
