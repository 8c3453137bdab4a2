"""What a drawn drive is made from, as a person chooses it."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, setting

LOOKS = ("source", "target", "crowd")
SCENARIOS = ("drive", "red-light", "empty", "busy")
BUSY = 0.97
"""Nominal: some of those who are there are not seen."""
NOUN = "drawn drive"


@dataclass(frozen=True, slots=True)
class DriveSettings:
    """A drawn drive; the table says what each setting does."""

    look: str = setting(
        "source",
        title="Look",
        help="which of the drawn worlds: source is daylight, target dusk and night, crowd "
        "daylight with small people in groups",
        choices=LOOKS,
    )
    frames: int = setting(900, title="Frames", help="length at 30 frames/s", low=1, metavar="N")
    scenario: str = setting(
        "drive",
        title="Scenario",
        help="what happens: an ordinary drive; the camera stands and people cross; nobody "
        "walks; people are there nearly always",
        choices=SCENARIOS,
    )
    seed: int = setting(0, title="Seed", help="another one is another drive", metavar="N")
    width: int = setting(640, title="Width", help="of a frame", unit="px", low=64, metavar="N")
    height: int = setting(
        480, title="Height", help="of a frame", unit="px", low=64, metavar="N"
    )
    pedestrian_share: float = setting(
        0.2,
        title="Share with people",
        help="about the share of frames with people, who come in bursts",
        low=0,
        high=BUSY,
        metavar="SHARE",
    )

    def __post_init__(self) -> None:
        check(self, NOUN)
