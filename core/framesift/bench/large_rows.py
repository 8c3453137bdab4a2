"""Rows about a project that holds a fleet's footage, and about a folder of many pictures."""

from __future__ import annotations

import contextlib
import functools
import statistics
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from framesift.bench.row import Row, Times, interleaved
from framesift.labels import FrameKey, FrameLabels
from framesift.project import Project
from framesift.selection import Rules, choose_smoothed, smoothed
from framesift.video import Distance, open_video

FRAMES = 5000
"""Of each video."""
_RECIPE = {"detector": "bench", "score": {"method": "divergence"}}
_LABELS = FrameLabels("nothing")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much there is: videos and labelled frames of the project, pictures of the folder."""

    videos: int = 2000
    labels: int = 100_000
    pictures: int = 50_000


QUICK = Amount(100, 5000, 2500)


class _Clip:
    """A video that is only remembered: there is no file of it."""

    kind, stream, fps, width, height, times = "file", None, 30.0, 640, 480, None

    def __init__(self, path: Path) -> None:
        self.path, self.fingerprint = path, path.stem

    def __len__(self) -> int:
        return FRAMES


def large_rows(folder: Path, amount: Amount) -> Iterator[Row]:
    """All of them; the project and the pictures are made in `folder`, 300 MB of them by
    default. Each is run once, for the first time is what somebody waits for; selecting is also
    done again and again, as a slider does."""
    made_of = (
        f"{amount.videos * FRAMES:,} scored frames, {amount.labels:,} labels, "
        f"{amount.videos:,} videos"
    )
    _fill(folder / "project", amount)
    rules = Rules(
        budget=500,
        strategy="divergence",
        delta1=Distance(15, "frames"),
        delta2=Distance(2, "frames"),
        look_alike="off",
    )
    with contextlib.ExitStack() as stack:
        opened: Project = yield from _once(
            "open", made_of, 1000, lambda: stack.enter_context(Project.open(folder / "project"))
        )
        yield from _once("status", made_of, 1000, opened.status)
        yield from _once("labels", made_of, 2000, opened.labels.all)
        read = functools.partial(opened.ledger.inputs, {"divergence": _RECIPE}, descriptors=())
        inputs = yield from _once("load", made_of, 2000, read)
        ready = yield from _once(
            "smooth", made_of, 1000, lambda: smoothed(inputs.pool(), rules)
        )
        select = functools.partial(choose_smoothed, ready, rules)
        yield from _once("select", f"500 of {made_of}", 300, select)
        again = interleaved({"again": select}, 5)["again"]
        yield _row("select again", again, f"500 of {made_of}", 300)
    yield from _folder_row(folder / "pictures", amount.pictures)


def _once(
    name: str, against: str, most_ms: float, run: Callable[[], Any]
) -> Generator[Row, None, Any]:
    """The row of one run; returns what it gave."""
    results: list[Any] = []
    times = Times()
    times.measure(lambda: results.append(run()))
    yield _row(name, times, against, most_ms)
    return results[0]


def _row(name: str, times: Times, against: str, most_ms: float) -> Row:
    cpu_ms = 1000 * statistics.median(times.cpu)
    return Row(
        f"large: {name}",
        times.ms(),
        "ms",
        f"{against}; at most {most_ms:,} ms",
        times.ms() / most_ms,
        cpu_ms / most_ms,
    )


def _fill(folder: Path, amount: Amount) -> None:
    rng = np.random.default_rng(0)
    with Project.create(folder) as project:
        ids = []
        for number in range(amount.videos):
            ids.append(project.videos.add(_Clip(folder / f"video{number:05d}.mp4")).id)
            with project.series.writer(ids[-1], _RECIPE, every_s=60, every_frames=FRAMES) as to:
                for frame, score in enumerate(rng.random(FRAMES).tolist()):
                    to.add(frame, score)
        each = amount.labels // amount.videos
        keys = [FrameKey(video, n * FRAMES // each) for video in ids for n in range(each)]
        project.labels.change(dict.fromkeys(keys, _LABELS))


def _folder_row(folder: Path, count: int) -> Iterator[Row]:
    folder.mkdir()
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    _, encoded = cv2.imencode(".jpg", picture)
    for number in range(count):
        (folder / f"{number:06d}.jpg").write_bytes(encoded.tobytes())
    with contextlib.ExitStack() as stack:
        yield from _once(
            "folder",
            f"opening a folder of {count:,} pictures",
            3000,
            lambda: stack.enter_context(open_video(folder, fps=10)),
        )
