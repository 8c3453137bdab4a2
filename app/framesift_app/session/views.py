"""What the session tells about picks, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from framesift.labels import FrameKey

PickState = Literal["todo", "started", "labelled", "nothing", "skipped", "weak"]


@dataclass(frozen=True, slots=True)
class PickView:
    """A frame to label. `drive_frame` counts in its drive; `rank`, `score` are None for frames
    added by hand. `cycle`: the one that took it, None while it is only offered, 0 for a frame
    that none took. `boxes`: how many it has; `imported`: an import brought its labels;
    `measuring`: it is only measured on; `picked`: some cycle took or offers it; `by`: what it
    was picked by, a signal, "chance" or "time", "" where nothing says."""

    key: FrameKey
    drive: str
    drive_frame: int
    rank: int | None
    score: float | None
    state: PickState
    cycle: int | None
    boxes: int = 0
    imported: bool = False
    measuring: bool = False
    picked: bool = True
    by: str = ""
