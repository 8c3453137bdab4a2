"""What the session tells about picks, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from framesift.labels import FrameKey

PickState = Literal["todo", "labelled", "nothing", "skipped"]


@dataclass(frozen=True, slots=True)
class PickView:
    """A frame to label. `drive_frame` counts in its drive; `rank`, `score` are None for frames
    added by hand. `cycle`: the one that took it, None while it is only offered, 0 for a frame
    of the evaluation set."""

    key: FrameKey
    drive: str
    drive_frame: int
    rank: int | None
    score: float | None
    state: PickState
    cycle: int | None
