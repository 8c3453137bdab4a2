"""The bench's rows about work past one process: how much more two workers score than one
process, and what a unit costs beside its scoring."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from framesift.bench.memory import repeat_video
from framesift.bench.row import Row
from framesift.cluster import Board, Made, Where, work
from framesift.loop.clustered import FOLDER, UNIT_FRAMES, score_on_cluster
from framesift.loop.detectors import current_detector
from framesift.loop.score_units import KIND, Scored, ScoreUnits
from framesift.loop.scoring import score_project
from framesift.project import Project
from framesift.records import Progress
from framesift.video import open_video

SOURCE = "paper"
LEAST_RATIO, MOST_PERCENT = 0.9, 2.0
_EACH, _SCORED = 10, 16
"""Frames that are scored of each short unit, and for a long unit's result."""
_WORKERS = 2


def cluster_rows(clip: Path, quick: bool, device: str, source: str = SOURCE) -> Iterator[Row]:
    """All of them, of the processor; `clip`: a short video, next to which a longer one and
    projects are written for as long as it takes; `source`: what load_detector takes."""
    with tempfile.TemporaryDirectory(dir=clip.parent) as name:
        folder = Path(name)
        with open_video(clip) as video:
            length, seconds = len(video), UNIT_FRAMES / video.fps
        footage = folder / "footage.mp4"
        repeat_video(clip, footage, seconds=seconds)
        units = min(6 if quick else 12, UNIT_FRAMES // length)
        alone, row = _throughput(folder, footage, length, units, source)
        yield row
        yield _overhead(folder / "overhead", footage, alone, source)


def _throughput(
    folder: Path, footage: Path, length: int, units: int, source: str
) -> tuple[float, Row]:
    """Frames a second of one process, and the row. One process goes before and after the
    workers, for a machine's speed drifts; nobody's start counts."""
    every = max(1, length // _EACH)
    each = len(range(0, length, every))

    def alone(name: str) -> float:
        with _project(folder / name, footage, source) as project:
            detector = current_detector(project, device="cpu")
            stop = units // 2 * length
            return pace(
                score_project(project, detector, every=every, stop=stop), "frames", each
            )

    before = alone("before")
    with _project(folder / "workers", footage, source) as project:
        records = score_on_cluster(
            project,
            current_detector(project, device="cpu"),
            project.detector,
            "divergence",
            Where("local", _WORKERS),
            every=every,
            stop=units * length,
            unit_frames=length,
        )
        rate = each * pace(records, "units", _WORKERS)
    single = (before + alone("after")) / 2
    row = Row(
        "cluster: throughput",
        rate,
        "frames/s",
        f"--cluster local:{_WORKERS} with one process, {single:.3f} frames/s, neither's start "
        f"counted; at least {LEAST_RATIO:g} on two cores",
        rate / single,
        bounded_by="the network",
    )
    return single, row


def _overhead(folder: Path, footage: Path, rate: float, source: str) -> Row:
    """Of a unit of full length whose result is made of a few scored frames: claim, file and
    merge are as dear as with all of them."""
    with _project(folder, footage, source) as project:
        detector = current_detector(project, device="cpu")

        def go() -> None:
            # Whoever starts workers elsewhere only writes units and takes in results.
            for _ in score_on_cluster(
                project, detector, project.detector, "divergence", Where("slurm", 1)
            ):
                pass

        go()
        (run,) = (folder / FOLDER).iterdir()
        board = Board.open(run)
        (unit,) = board.units
        result = _lengthened(board.shared, unit.task)

        def made(shared: Mapping[str, Any], task: Mapping[str, Any]) -> Iterator[Made]:
            yield Made(result.to_bytes())

        worked = _seconds(lambda: [*work(board, {KIND: made})])
        size = len(board.result(unit.key) or b"")
        merged = _seconds(go)
    frames = len(result.frames)
    percent = 100 * (worked + merged) * rate / frames
    return Row(
        "cluster: overhead",
        percent,
        "%",
        f"of scoring a unit of {frames:,} frames by one process: claim and file "
        f"{1000 * worked:.0f} ms, merge {1000 * merged:.0f} ms, {size / frames:.0f} bytes a "
        f"frame; at most {MOST_PERCENT:g} %",
        percent / MOST_PERCENT,
    )


def pace(records: Iterator[Any], unit: str, skip: int) -> float:
    """How many a second of a unit of Progress, after the first `skip` of them. Raises
    RuntimeError where no more than those came."""
    seen: dict[float, float] = {}
    for record in records:
        if isinstance(record, Progress) and record.unit == unit and record.done >= skip:
            seen.setdefault(record.done, time.perf_counter())
    if len(seen) < 2:
        raise RuntimeError(f"Too few {unit} to tell how many come in a second.")
    first, last = min(seen), max(seen)
    return (last - first) / (seen[last] - seen[first])


def _lengthened(shared: Mapping[str, Any], task: Mapping[str, Any]) -> Scored:
    """A unit's result as if all of its frames were scored: those of a few, again and again."""
    numbers = range(*task["frames"])
    short = {**task, "frames": [numbers.start, numbers[:_SCORED].stop, numbers.step]}
    (made,) = (m for m in ScoreUnits()(shared, short) if isinstance(m, Made))
    result = Scored.of_bytes(made.content)
    rows = np.fromiter(islice(cycle(range(len(result.frames))), len(numbers)), np.int64)
    frames = np.asarray(numbers, np.int64)
    return replace(
        result,
        frames=frames,
        scores=result.scores[rows],
        maxima=result.maxima[rows],
        damaged=result.damaged[rows],
        sources=frames,
        descriptors={name: of[rows] for name, of in result.descriptors.items()},
    )


def _project(folder: Path, footage: Path, source: str) -> Project:
    project = Project.create(folder, classes=["pedestrian"], detector=source)
    with open_video(footage) as video:
        project.videos.add(video)
    return project


def _seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
