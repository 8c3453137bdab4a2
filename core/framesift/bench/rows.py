"""The rows of `framesift bench`."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framesift.bench.row import Row as Row
from framesift.bench.row import interleaved
from framesift.records import Notice, Progress
from framesift.synth import drive, write_drive

HEIGHT, WIDTH = 480, 640


Stage = Callable[[Path, bool, str], Iterator[Row]]
"""Rows of one matter: (clip, quick, device) → rows."""


def measure(
    quick: bool = False, device: str = "auto", further: Sequence[Stage] = ()
) -> Iterator[Row | Progress | Notice]:
    """Yields Rows as they are measured, with Progress between; `quick` stays within about a
    minute on two cores, at the price of fewer repeats; `further`: rows from the floors above,
    which go last."""
    stages: list[Stage] = [
        _scoring_rows,
        _network_rows,
        _peer_rows,
        _selection_rows,
        _large_rows,
        _start_rows,
        _memory_rows,
        *further,
    ]
    with tempfile.TemporaryDirectory(prefix="framesift-bench-") as folder:
        clip = Path(folder) / "drive.mp4"
        for _ in write_drive(drive(seed=1, frames=60 if quick else 120), clip):
            pass
        for number, stage in enumerate(stages):
            yield Progress(number, len(stages), "stages", stage="measuring")
            yield from stage(clip, quick, device)


def _scoring_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    from framesift.detectors.files.checkpoint import load_detector

    detector = load_detector("paper", device=device, backend="torch")
    yield from _score_rows(detector, quick)
    chosen = load_detector("paper", device=device)
    yield from _pipeline_rows(clip, chosen, quick)
    if not quick:
        from framesift.bench.red_light import red_light_rows

        yield from red_light_rows(chosen)


def _score_rows(detector: Any, quick: bool) -> Iterator[Row]:
    import torch

    from framesift.scores import divergence, max_pool_mean

    frames = np.random.default_rng(0).integers(0, 256, (2, HEIGHT, WIDTH, 3), np.uint8)
    maps = detector.maps(frames)

    def forward() -> None:
        with torch.inference_mode():
            detector.infer(frames)
        _wait(detector)

    def score() -> None:
        max_pool_mean(divergence(maps))
        _wait(detector)

    times = interleaved({"forward": forward, "score": score}, 5 if quick else 15)
    per_frame = {name: of.ms(len(frames)) for name, of in times.items()}
    wall, cpu = times["score"].over(times["forward"])
    yield Row(
        "forward",
        per_frame["forward"],
        "ms per frame",
        f"paper detector, {WIDTH}×{HEIGHT}, {detector.precision}, {detector.device.type}",
        bounded_by="multiply-adds of the convolutions",
    )
    yield Row(
        "score",
        per_frame["score"],
        "ms per frame",
        f"forward pass, {per_frame['forward']:.1f} ms",
        wall,
        cpu,
        "logarithms and box filters of all maps",
    )


def _pipeline_rows(clip: Path, detector: Any, quick: bool) -> Iterator[Row]:
    from framesift.scores import pipeline
    from framesift.video import open_video

    with open_video(clip) as video:
        count, size = (8, 4) if quick else (48, 4)
        held = np.stack([frame.image for frame in video.frames(0, count)])

        def alone() -> None:
            for first in range(0, count, size):
                detector.infer(held[first : first + size])
            _wait(detector)

        def whole() -> None:
            for _ in pipeline.score(video, detector, stop=count, batch=size):
                pass

        times = interleaved({"alone": alone, "whole": whole}, 3 if quick else 7)
        rate = {name: 1000 * count / of.ms() for name, of in times.items()}
        wall, cpu = times["alone"].over(times["whole"])
        yield Row(
            "pipeline",
            rate["whole"],
            "frames/s",
            f"paper detector by {detector.backend} alone on frames in memory, "
            f"{rate['alone']:.3f} frames/s",
            wall,
            cpu,
            "the network",
        )


def _network_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    from framesift.bench.network_rows import network_rows

    return network_rows(clip, quick, device)


def _peer_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    from framesift.bench.peer_rows import peer_rows

    return peer_rows(clip, quick)


def _selection_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    from framesift.bench.spread_rows import k_centre_row, spread_rows
    from framesift.selection import select
    from framesift.series import smooth

    rng = np.random.default_rng(0)
    series = {f"video{i:03d}": rng.random(5000) for i in range(200)}
    every = np.concatenate([*series.values()])
    times = interleaved(
        {
            "select": lambda: select(series, 500),
            "argsort": lambda: np.argsort(-every),
            "smooth": lambda: [smooth(values) for values in series.values()],
        },
        3 if quick else 9,
    )
    yield Row(
        "select",
        times["select"].ms(),
        "ms",
        "500 of 1,000,000 frames in 200 videos; at most 100 ms",
        times["select"].ms() / 100,
        bounded_by="memory: one pass over the scores",
    )
    wall, cpu = times["argsort"].over(times["select"])
    yield Row(
        "argsort",
        times["argsort"].ms(),
        "ms",
        "numpy over 1,000,000 frames, without any rule; times as long as selecting 500 by all",
        wall,
        cpu,
        "sorting",
        "selecting 500 of 1,000,000: numpy's argsort",
    )
    yield from spread_rows(quick)
    yield k_centre_row(quick)
    yield Row("smooth", times["smooth"].ms(), "ms", "1,000,000 frames")


def _large_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    from framesift.bench.large_rows import QUICK, Amount, large_rows

    with tempfile.TemporaryDirectory(dir=clip.parent) as folder:
        yield from large_rows(Path(folder), QUICK if quick else Amount())


def _start_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    import subprocess
    import sys

    from framesift.training.process import command_for

    commands = {"help": command_for("--help")}
    # A packaged Framesift has no interpreter that could import it.
    if not getattr(sys, "frozen", False):
        commands["import"] = [sys.executable, "-c", "import framesift"]
    times = interleaved(
        {
            name: functools.partial(
                subprocess.run, command, check=True, stdout=subprocess.DEVNULL
            )
            for name, command in commands.items()
        },
        2 if quick else 5,
    )
    for name, measured in times.items():
        yield Row(
            f"start-{name}",
            measured.ms(),
            "ms",
            "a new process, Python's own start included",
        )


def _memory_rows(clip: Path, quick: bool, device: str) -> Iterator[Row]:
    from framesift.bench.memory_rows import memory_rows

    return memory_rows(clip, quick)


def _wait(detector: Any) -> None:
    if detector.device.type == "cuda":
        import torch

        torch.cuda.synchronize(detector.device)
