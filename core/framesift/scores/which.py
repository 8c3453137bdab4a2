"""Which frames of every video are scored, in which order, and how many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framesift.errors import InputError
from framesift.records.settings import check, setting
from framesift.selection.timeline import Grid
from framesift.video import Distance, parse_distance
from framesift.video.settings import HARDWARE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from framesift.video import Video

WHOLE_DRIVES = "the window scores whole drives"
WHOLE_DATASETS = "a data set is scored whole; its `every` says how densely"


def when(value: object) -> Distance:
    """A place in a video: a frame number (a whole number or "12"), or seconds (a fraction or
    "12.5s"). Raises InputError for other text, ValueError for what is neither."""
    if isinstance(value, Distance):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    return parse_distance(f"{value}s" if isinstance(value, float) else value)


@dataclass(frozen=True, slots=True)
class Which:
    """Every `every`-th frame of [start, stop) of each clip; the table says more."""

    every: int = setting(
        1,
        title="Every n-th frame",
        help="score every Nth frame only, N times as quick (the paper: every frame); smoothing "
        "counts the scored frames",
        low=1,
        metavar="N",
        in_recipe=False,
        absent={"simulate": WHOLE_DATASETS},
    )
    start: Distance = setting(
        Distance(0),
        title="First frame",
        help="first frame that is scored: a frame number, or seconds as 12.5s",
        parse=when,
        plain=str,
        metavar="WHEN",
        in_recipe=False,
        absent={"window": WHOLE_DRIVES, "simulate": WHOLE_DATASETS},
    )
    stop: Distance | None = setting(
        None,
        title="End",
        help="frame to stop before, likewise",
        parse=when,
        plain=str,
        empty="the video's end",
        option="end",
        metavar="WHEN",
        in_recipe=False,
        absent={"window": WHOLE_DRIVES, "simulate": WHOLE_DATASETS},
    )
    progressive: bool = setting(
        False,
        title="Coarse to fine",
        help="coarse to fine: every 64th frame first, then every 32nd …",
        in_recipe=False,
        absent={
            "window": "the window always goes coarse to fine",
            "simulate": "nobody watches an experiment's scores come",
        },
    )
    batch: int | None = setting(
        None,
        title="Frames per batch",
        help="frames that the detector sees at a time",
        low=1,
        empty="found by itself",
        metavar="N",
        absent={
            "window": "it is found by itself",
            "simulate": "it is found by itself, the same for every variant",
        },
    )
    unchanged: float = setting(
        0.0,
        title="Frames that do not change",
        help="a frame takes over the score of an earlier one from which it differs by no more "
        "than this anywhere; 0: where not a pixel differs, which changes no score",
        unit="grey levels",
        low=0,
        high=255,
        metavar="LEVELS",
        absent={"simulate": "experiments look at every frame that counts"},
    )

    hardware: str | None = setting(
        None,
        title="Decoded by",
        help="the kind of graphics device that decodes videos; only where its first pictures "
        "are the processor's bit for bit, which is said",
        choices=HARDWARE,
        empty="the processor",
        metavar="DEVICE",
        in_recipe=False,
        absent={
            "window": "the window decodes by the processor",
            "simulate": "experiments decode by the processor",
        },
    )

    def __post_init__(self) -> None:
        check(self, "scoring")

    def bounds(self, video: Video) -> tuple[int, int | None]:
        """The frames that start and stop are of a video. Raises InputError where nothing is
        between them."""
        start = frame_at(video, self.start)
        stop = None if self.stop is None else frame_at(video, self.stop)
        if stop is not None and stop <= start:
            raise InputError(
                f"The end {self.stop} is not after the start {self.start}; nothing would be "
                "scored."
            )
        if start >= len(video):
            raise InputError(
                f"{video.name} has {len(video)} frames; the start {self.start} lies behind the "
                "last one."
            )
        return start, stop

    def numbers(self) -> tuple[int, int | None]:
        """The same as frame numbers, for videos that may have different rates. Raises
        InputError for seconds."""
        if "seconds" in {self.start.unit, self.stop.unit if self.stop else ""}:
            raise InputError(
                "Videos of a project may have different rates; give --start and --end as frame "
                "numbers."
            )
        return int(self.start.value), None if self.stop is None else int(self.stop.value)

    def grid(self, video: Video) -> NDArray[np.bool_]:
        """bool per frame of a clip: whether it is one of them."""
        return Grid(self.every, *self.bounds(video)).of(len(video))

    def grid_of_all(self) -> Grid:
        """The same for the videos of a project. Raises InputError for seconds."""
        return Grid(self.every, *self.numbers())


def frame_at(video: Video, place: Distance) -> int:
    """A place in a video as its frame number."""
    if place.unit == "frames" or video.kind == "stills":
        return int(place.value)
    return video.index.at_seconds(place.value)
