"""The row about frames that do not change."""

from __future__ import annotations

import re
from pathlib import Path

import framesift
from framesift.bench.red_light import LEVELS, MOVING, red_light_rows
from framesift.scores.unchanged import STRETCH


def test_a_stand_is_looked_at_once_in_each_stretch(small_detector: Path) -> None:
    frames = STRETCH + 4
    detector = framesift.load_detector(small_detector, device="cpu")
    row, copies = red_light_rows(detector, frames, (240, 320))
    looks = re.search(
        rf"--unchanged {LEVELS:g} looked at (\d+) of {frames} frames", row.against
    )
    assert looks is not None
    assert 2 <= int(looks[1]) < frames
    assert row.ratio is not None
    assert row.cpu_ratio is not None
    assert copies.against.startswith(
        f"--unchanged 0 looked at {MOVING + 1} of {frames} frames and gave the same scores to "
        "the bit; "
    )
