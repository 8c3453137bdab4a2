"""The bench's rows about workers: what a unit costs is that of one which is taken in whole."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from framesift.bench.memory import repeat_video
from framesift.loop import cluster_rows
from framesift.loop.clustered import UNIT_FRAMES
from framesift.project import Project
from framesift.records import Notice, Progress

RATE = 5.0


def test_pace_is_of_what_comes_after_the_first_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 2.0)
    monkeypatch.setattr("framesift.loop.cluster_rows.time.perf_counter", lambda: next(clock))
    # Two seconds a record that counts; 2 and 8 are told twice, of which the first time counts.
    done = [0, 1, 2, 2, 5, 8, 8]
    records = [Notice("something else"), *(Progress(n, 8, "units") for n in done)]
    assert cluster_rows.pace(iter(records), "units", 2) == pytest.approx((8 - 2) / 6)
    with pytest.raises(RuntimeError, match="Too few units"):
        cluster_rows.pace(iter(records), "units", 8)


def test_overhead_is_of_a_whole_unit_that_is_taken_in(
    small_drive: Path, small_detector: Path, tmp_path: Path
) -> None:
    footage = tmp_path / "footage.mp4"
    repeat_video(small_drive, footage, seconds=UNIT_FRAMES / 30)
    row = cluster_rows._overhead(tmp_path / "p", footage, RATE, str(small_detector))
    assert row.name == "cluster: overhead"
    assert row.ratio == pytest.approx(row.value / cluster_rows.MOST_PERCENT)
    with Project.open(tmp_path / "p", readonly=True) as project:
        (series,) = project.series.all()
        (video,) = project.videos.all()
        assert series.scored == len(video) >= UNIT_FRAMES
        assert len(set(project.series.values(series).tolist())) <= cluster_rows._SCORED
    assert f"a unit of {series.scored:,} frames" in row.against
