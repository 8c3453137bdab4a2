"""The report's parts: clocks, curves of any length, overlays, names."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from framesift.report import SelectionReport, clock
from framesift.report.pictures import encode, heat_overlay, shrink
from framesift.report.timeline import COLUMNS, WIDTH, Timeline, _columns, _envelope, timelines
from framesift.selection import select


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


def drawn(by_score: bool = True, /, **raw: list[float]) -> dict[str, Timeline]:
    """The drawings of drives of stills with such scores, with one pick."""
    values = {key: np.array(of, np.float32) for key, of in raw.items()}
    drives = [
        SimpleNamespace(
            key=key,
            clips=[SimpleNamespace(kind="stills", name=key)],
            locate=lambda frame: (0, frame),
        )
        for key in raw
    ]
    report = SelectionReport(
        drives,  # type: ignore[arg-type]
        select(values, 1, 0, 0),
        values,
        values,
        {},
        {},
        by_score=by_score,
    )
    return {line.key: line for line in timelines(report)}


def test_a_curve_begins_at_the_lowest_score_and_says_so() -> None:
    lines = drawn(am=[0.15, 0.25, 0.2, math.nan], pm=[0.2], later=[math.nan])
    am, pm, later = lines["am"], lines["pm"], lines["later"]
    assert am.smooth == "M140.0,88.0 L420.0,14.0 L700.0,51.0"
    assert pm.smooth == "M560.0,51.0"
    assert [(mark.x, mark.y) for mark in am.marks] == [(420.0, 14.0)]
    assert am.levels == pm.levels == [(88.0, "0.15"), (14.0, "0.25")]
    assert (later.smooth, later.levels) == ("", [])
    assert not any(line.below for line in lines.values())


def test_scores_that_hardly_differ_lie_at_the_top() -> None:
    (line,) = drawn(am=[0.199, 0.2]).values()
    assert line.levels == [(88.0, "0.18"), (14.0, "0.2")]
    assert line.smooth == "M280.0,17.7 L840.0,14.0"


def test_a_few_far_lower_frames_are_marked_on_the_ground() -> None:
    scores = np.linspace(0.15, 0.25, 1120)
    scores[[100, 101, 500]] = 0.01
    (line,) = drawn(am=scores.tolist()).values()
    assert line.levels[0] == (88.0, "0.15")
    assert line.below == [100.5, 500.5]
    assert " 100.5,88.0 " in line.smooth.replace("L", " ")


def test_zero_all_along_lies_on_the_ground() -> None:
    (line,) = drawn(am=[0.0, 0.0, 0.0]).values()
    assert line.levels == [(88.0, "0"), (14.0, "1")]
    assert {corner.split(",")[1] for corner in line.smooth[1:].split(" L")} == {"88.0"}


def test_without_scores_there_are_picks_alone() -> None:
    (line,) = drawn(False, am=[0.0, 0.0, 0.0]).values()
    assert (line.raw, line.smooth, line.levels, line.below) == ("", "", [], [])
    assert [(mark.y, "score" in mark.text) for mark in line.marks] == [(88.0, False)]
    (line,) = drawn(am=[0.0, 0.1, 0.0]).values()
    assert ["score 0.1000" in mark.text for mark in line.marks] == [True]


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
