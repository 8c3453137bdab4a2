"""How files are read, where they leave it open or are wrong."""

from __future__ import annotations

from dataclasses import dataclass

from framesift.records.settings import check, setting

NOUN = "video"
FASTEST = 10_000
HARDWARE = ("cuda", "d3d11va", "vaapi", "videotoolbox", "vulkan")
"""Devices that decode video, as FFmpeg calls them."""
OF_DATASETS = "a data set says how its footage is read"


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """Which stream of a file is read, and how it is timed; the table says more."""

    stream: int | None = setting(
        None,
        title="Video stream",
        help="which video stream of a file, by its number in it",
        low=0,
        empty="the best one",
        metavar="N",
        in_recipe=False,
        absent={"simulate": OF_DATASETS},
    )
    fps: float | None = setting(
        None,
        title="Frame rate",
        help="frames per second of files that state none or a wrong one, and of folders of "
        "pictures",
        above=0,
        high=FASTEST,
        empty="as stated; folders: 30",
        metavar="RATE",
        in_recipe=False,
        absent={"simulate": OF_DATASETS},
    )

    def __post_init__(self) -> None:
        check(self, NOUN)
