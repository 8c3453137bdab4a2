"""The cases of videos: each check raises where something is not right."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from framesift.cli import main
from framesift.project import Project
from framesift.selection import Rules, choose
from framesift.selection.pool import Pool, PoolDrive
from framesift.selection.timeline import drive_times
from framesift.video import Distance, Drive, join_drives, open_video


def _framesift(*words: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(word) for word in words])
    return status, out.getvalue(), err.getvalue()


def _facts(*words: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_framesift("inspect", "--json", *words)[1])
    return found


def _drives(folder: Path) -> list[list[str]]:
    with contextlib.ExitStack() as stack:
        videos = [stack.enter_context(open_video(p)) for p in sorted(folder.iterdir())]
        return [[clip.name for clip in drive.clips] for drive in join_drives(videos)]


def _equal(found: object, right: object) -> None:
    if found != right:
        raise ValueError(f"{found!r} instead of {right!r}")


def mirror_matrix(folder: Path) -> None:
    with open_video(folder / "plain.mp4") as plain, open_video(folder / "mirror.mp4") as mirror:
        _equal(np.array_equal(mirror[0], plain[0][:, ::-1]), True)


def seconds_distance(folder: Path) -> None:
    with open_video(folder / "vfr.mp4") as video:
        _equal(round(video.fps), 30)
        drive = Drive("a", (video,))
        times = drive_times(drive)
        assert times is not None
        rules = Rules(budget=60, delta1=Distance(1.0, "seconds"), look_alike="off")
        values = np.random.default_rng(0).random(len(video))
        pool = Pool((PoolDrive.of(drive, signals={"divergence": values}),))
        picks = choose(pool, rules).selection
        picked = np.sort([times[pick.frame] for pick in picks])
        _equal(bool((np.diff(picked) > 1).all() and (picked > 10).sum() >= 5), True)


def false_cut_off(folder: Path) -> None:
    for facts in _facts(*sorted(folder.iterdir())):
        _equal([text for text in facts["warnings"] if "cut off" in text], [])


def raw_stream_rate(folder: Path) -> None:
    (facts,) = _facts(folder / "fcamera.hevc")
    _equal(facts["fps"], 20.0)
    (facts,) = _facts(folder / "fcamera.hevc", "--fps", 10)
    _equal(facts["fps"], 10.0)


def one_bad_clip(folder: Path) -> None:
    clips = sorted(folder.iterdir())
    with tempfile.TemporaryDirectory() as place:
        _framesift("init", f"{place}/p")
        status, _, sentences = _framesift("add", f"{place}/p", *clips)
        _equal((status, clips[-1].name in sentences), (2, True))
        with Project.open(f"{place}/p", readonly=True) as project:
            _equal(len(project.videos.all()), len(clips) - 1)


def second_stream(folder: Path) -> None:
    (facts,) = _facts(folder / "rearfront.mp4")
    text = " ".join(facts["warnings"])
    _equal(("640×360" in text, "320×240" in text), (True, True))
    sizes = [_facts(folder / "rearfront.mp4", "--stream", n)[0]["width"] for n in (0, 1)]
    _equal(sorted(sizes), [320, 640])


def camera_number_joined(folder: Path) -> None:
    _equal(len(_drives(folder)), 2)


def drives_torn(folder: Path) -> None:
    for inside in sorted(folder.iterdir()):
        _equal(_drives(inside), [sorted(p.name for p in inside.iterdir())])


CHECKS: Mapping[str, Callable[[Path], None]] = {
    "mirror-matrix": mirror_matrix,
    "seconds-distance": seconds_distance,
    "false-cut-off": false_cut_off,
    "raw-stream-rate": raw_stream_rate,
    "one-bad-clip": one_bad_clip,
    "second-stream": second_stream,
    "camera-number-joined": camera_number_joined,
    "drives-torn": drives_torn,
}


def lines(folder: Path) -> Iterator[tuple[str, bool, str]]:
    """Name of the case, whether it came out right, what came out."""
    for name, check in CHECKS.items():
        inside = folder / "video" / name
        if not inside.is_dir():
            continue
        try:
            check(inside)
        except Exception as error:
            # Whatever happens in one case, the others are gone through.
            yield name, False, f"{type(error).__name__}: {error}".splitlines()[0]
        else:
            yield name, True, "as it should be"
