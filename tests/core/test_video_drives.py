"""Clips of one drive are found by their names and times; everything else stays apart."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from framesift.errors import InputError
from framesift.video import Drive, Frame, FrameIndex, Kind, Video, join_drives
from framesift.video.clips import name_time


class Clip(Video):
    """A video of which only the outside matters."""

    def __init__(
        self,
        path: str,
        seconds: float = 60,
        *,
        fps: float = 30,
        size: tuple[int, int] = (640, 480),
        recorded: str = "",
        first: int = 0,
        kind: Kind = "file",
    ) -> None:
        self.path, self.kind, self.recorded = Path(path), kind, recorded
        self.width, self.height = size
        self.fingerprint = path
        count = round(seconds * fps)
        self.index = (
            FrameIndex(first + np.arange(count), Fraction(1) / Fraction(fps), rate=fps)
            if kind != "stills"
            else FrameIndex.untimed(count)
        )

    def frame(self, number: int) -> Frame:
        raise NotImplementedError

    def fork(self) -> Self:
        return self


def joined(videos: Sequence[Video], **options: object) -> list[list[str]]:
    return [[clip.name for clip in drive.clips] for drive in join_drives(videos, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "shape",
    [
        "2024{m:02d}01_1200{s:02d}_A.mp4",
        "2024-{m:02d}-01 12.00.{s:02d}.mp4",
        "NO2024{m:02d}01-1200{s:02d}-00000{n}F.MP4",
        "front_2024{m:02d}011200{s:02d}.mp4",
        "24{m:02d}01-1200{s:02d}.avi",
        "2024_{m:02d}{d}_1200{s:02d}_00{n}.MP4",
        "2024-{m:02d}-01T12-00-{s:02d}.mkv",
    ],
)
def test_times_in_names(shape: str) -> None:
    names = [shape.format(m=3, d="01", s=s, n=n) for n, s in enumerate((0, 20, 41))]
    assert joined([Clip(name, 20) for name in names]) == [names]
    apart = [shape.format(m=m, d="01", s=0, n=n) for n, m in enumerate((3, 4, 5))]
    assert joined([Clip(name, 20) for name in apart]) == [[name] for name in apart]


def test_recording_order_whatever_the_order_given() -> None:
    names = [f"20240301_12{minute:02d}00.mp4" for minute in range(4)]
    drives = join_drives([Clip(names[i]) for i in (2, 0, 3, 1)])
    assert [[clip.name for clip in drive.clips] for drive in drives] == [names]
    assert drives[0].key == names[0]


def test_gaps_and_overlaps() -> None:
    def two(second: int) -> int:
        return len(
            joined([Clip("20240301_120000.mp4"), Clip(f"20240301_1201{second:02d}.mp4", 30)])
        )

    assert [two(second) for second in (0, 1, 2, 3, 30)] == [1, 1, 1, 2, 2]
    assert len(joined([Clip("20240301_120000.mp4"), Clip("20240301_120058.mp4")])) == 1
    assert len(joined([Clip("20240301_120000.mp4"), Clip("20240301_120050.mp4")])) == 2


def test_times_in_containers() -> None:
    def clips(*minutes: int) -> list[Video]:
        return [
            Clip(f"MOVI{n:04d}.mov", recorded=f"2024-03-01T12:{minute:02d}:00.000000Z")
            for n, minute in enumerate(minutes)
        ]

    assert len(joined(clips(0, 1, 2))) == 1
    assert len(joined(clips(0, 1, 9))) == 2
    never_set = [Clip(f"MOVI{n}.mov", recorded="1970-01-01T00:00:00Z") for n in range(3)]
    assert len(joined(never_set)) == 3
    # Some cameras write when a clip ended: the last, short one comes 20 s after the others.
    ends = [
        Clip("A01.mov", recorded="2024-03-01T12:01:00Z"),
        Clip("A02.mov", recorded="2024-03-01T12:02:00Z"),
        Clip("A03.mov", 20, recorded="2024-03-01T12:02:20Z"),
    ]
    assert len(joined(ends)) == 1


def test_timestamps_that_run_on() -> None:
    parts = [
        Clip("part000.ts", 10, first=0),
        Clip("part001.ts", 10, first=300),
        Clip("part002.ts", 10, first=600),
    ]
    assert len(joined(parts)) == 1
    assert len(joined([Clip("part000.ts", 10), Clip("part001.ts", 10)])) == 2


def test_chapters() -> None:
    names = ["GH010012.MP4", "GH020012.MP4", "GH010013.MP4", "GOPR0001.MP4", "GP010001.MP4"]
    assert joined([Clip(name) for name in names]) == [names[:2], names[2:3], names[3:]]


def test_two_cameras_stay_apart() -> None:
    names = [
        f"20240301_12{minute:02d}00_{camera}.mp4"
        for minute in range(3)
        for camera in ("F", "R")
    ]
    assert joined([Clip(name) for name in names]) == [names[::2], names[1::2]]
    names = [
        f"20240301_12{minute:02d}00_cam{camera}.mp4" for minute in range(3) for camera in (1, 2)
    ]
    assert joined([Clip(name) for name in names]) == [names[::2], names[1::2]]


@pytest.mark.parametrize(
    "other",
    [
        {"path": "elsewhere/20240301_120100.mp4"},
        {"size": (1280, 720)},
        {"kind": "images"},
        {"path": "other_20240301_120100.mp4"},
        {"path": "20240301_120100.avi"},
    ],
)
def test_what_keeps_clips_apart(other: dict[str, object]) -> None:
    second = {"path": "20240301_120100.mp4", **other}
    assert len(joined([Clip("20240301_120000.mp4"), Clip(**second)])) == 2  # type: ignore[arg-type]


def test_names_alone_join_nothing() -> None:
    assert len(joined([Clip(f"clip{n}.mp4") for n in range(3)])) == 3


def test_not_joined_when_told_so() -> None:
    videos = [Clip("20240301_120000.mp4"), Clip("20240301_120100.mp4")]
    assert len(joined(videos, join=False)) == 2
    told = join_drives(videos, groups={"trip": ["20240301_120100.mp4", "20240301_120000.mp4"]})
    assert [drive.key for drive in told] == ["trip"]
    assert [clip.name for clip in told[0].clips] == [
        "20240301_120100.mp4",
        "20240301_120000.mp4",
    ]


def test_told_drives_beside_found_ones() -> None:
    videos = [
        Clip("a/1.mp4"),
        Clip("20240301_120000.mp4"),
        Clip("b/1.mp4"),
        Clip("20240301_120100.mp4"),
    ]
    drives = join_drives(videos, groups={"x": [Path("b/1.mp4"), "a/1.mp4"]})
    assert [drive.key for drive in drives] == ["x", "20240301_120000.mp4"]


def test_wrong_groups_get_a_sentence() -> None:
    videos = [Clip("a/1.mp4"), Clip("b/1.mp4"), Clip("s", 1, kind="stills")]
    for groups, words in (
        ({"x": ["1.mp4"]}, "fits several"),
        ({"x": ["2.mp4"]}, "not among"),
        ({"x": ["a/1.mp4"], "y": ["a/1.mp4"]}, "two places"),
        ({"x": ["a/1.mp4", "s"]}, "stills"),
    ):
        with pytest.raises(InputError, match=words):
            join_drives(videos, groups=groups)
    with pytest.raises(InputError, match="twice"):
        join_drives([Clip("a/1.mp4"), Clip("a/1.mp4")])


def test_keys_are_unique_and_short() -> None:
    videos = [Clip("x/a/1.mp4"), Clip("x/b/1.mp4"), Clip("y/2.mp4")]
    assert [drive.key for drive in join_drives(videos)] == ["a/1.mp4", "b/1.mp4", "2.mp4"]
    drives = join_drives([Clip("x/1.mp4"), Clip("y/2.mp4")], groups={"2.mp4": ["x/1.mp4"]})
    assert [drive.key for drive in drives] == ["2.mp4", "y/2.mp4"]


def test_one_timeline() -> None:
    drive = Drive("d", (Clip("1", 2, fps=10), Clip("2", 3, fps=10), Clip("3", 0.1, fps=10)))
    assert len(drive) == 51
    assert drive.offsets == (0, 20, 50)
    assert drive.fps == pytest.approx(10)
    for frame in range(len(drive)):
        clip, own = drive.locate(frame)
        assert drive.frame_of(clip, own) == frame
    assert [drive.locate(f) for f in (0, 19, 20, 49, 50)] == [
        (0, 0),
        (0, 19),
        (1, 0),
        (1, 29),
        (2, 0),
    ]
    for outside in (-1, 51):
        with pytest.raises(IndexError):
            drive.locate(outside)
    with pytest.raises(IndexError):
        drive.frame_of(0, 20)


@pytest.mark.parametrize(
    "stem",
    ["video", "20241301_120000", "20240230120000", "IMG_1234", "2024", "99999999_999999"],
)
def test_no_time_in_the_name(stem: str) -> None:
    assert name_time(stem) == (None, stem)


@pytest.mark.parametrize("one", ["CAM1", "ch1", "camera 1", "Channel-1", "lens1"])
def test_a_cameras_number_is_no_counter(one: str) -> None:
    other = one.replace("1", "2")
    names = [f"20240501_123015_{one}.mp4", f"20240501_123115_{other}.mp4"]
    assert len(joined([Clip(name) for name in names])) == 2
    names = [f"20240501_123015_{one}_0001.mp4", f"20240501_123115_{one}_0002.mp4"]
    assert joined([Clip(name) for name in names]) == [names]


@pytest.mark.parametrize(
    "names",
    [
        ["20240501_123015_NF.mp4", "20240501_123115_EF.mp4", "20240501_123215_PF.mp4"],
        ["NO20240501-123015-000001F.MP4", "EV20240501-123115-000002F.MP4"],
        ["2024_0501_123015_Normal.mp4", "2024_0501_123115_Event.mp4"],
        ["2016_1119_113330_999.MP4", "2016_1119_113430_001.MP4"],
        ["2016_1119_113330_9999.MP4", "2016_1119_113430_0001.MP4"],
        ["2024-05-01 11.59.30 AM.mp4", "2024-05-01 12.00.30 PM.mp4"],
        ["2024-05-01_12-59-30_PM.mp4", "2024-05-01_01-00-30_PM.mp4"],
        ["CAM2GX010117.MP4", "CAM2GX020117.MP4"],
        ["ride_GOPR0117.MP4", "ride_GP010117.MP4"],
    ],
)
def test_one_drive_as_the_names_prove(names: list[str]) -> None:
    assert joined([Clip(name) for name in names]) == [names]


@pytest.mark.parametrize(
    "names",
    [
        ["20240501_123015_NF.mp4", "20240501_123115_NR.mp4"],
        ["2016_1119_113330_500.MP4", "2016_1119_113430_001.MP4"],
        ["CAM2GX010117.MP4", "CAM3GX020117.MP4"],
        ["clip_999.MP4", "clip_001.MP4"],
    ],
)
def test_what_the_names_do_not_prove_stays_apart(names: list[str]) -> None:
    assert joined([Clip(name) for name in names]) == [[name] for name in names]


def test_a_changed_rate_tears_no_drive_where_the_names_prove_it() -> None:
    names = ["20240501_123015_0001.mp4", "20240501_123115_0002.mp4"]
    assert len(joined([Clip(names[0], fps=30), Clip(names[1], fps=25)])) == 1
    nameless = ["MOVI0001.mov", "MOVI0002.mov"]
    times = ["2024-03-01T12:00:00Z", "2024-03-01T12:01:00Z"]
    clips = [Clip(n, recorded=t) for n, t in zip(nameless, times, strict=True)]
    assert len(joined(clips)) == 1
    clips[1] = Clip(nameless[1], recorded=times[1], fps=25)
    assert len(joined(clips)) == 2
