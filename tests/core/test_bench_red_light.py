"""The row about frames that do not change."""

from __future__ import annotations

import re
from pathlib import Path

import framesift
from framesift.bench.red_light import LEVELS, red_light_row
from framesift.scores.unchanged import STRETCH


def test_a_stand_is_looked_at_once_in_each_stretch(small_detector: Path) -> None:
    frames = STRETCH + 4
    detector = framesift.load_detector(small_detector, device="cpu")
    row = red_light_row(detector, frames, (240, 320))
    looks = re.search(
        rf"--unchanged {LEVELS:g} looked at (\d+) of {frames} frames", row.against
    )
    assert looks is not None
    assert 2 <= int(looks[1]) < frames
    assert row.ratio is not None
    assert row.cpu_ratio is not None
