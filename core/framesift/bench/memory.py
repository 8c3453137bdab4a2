"""Peak memory of scoring a file, watched from outside in a process of its own, and how much
this one grows."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from framesift.training.process import command_for


def repeat_video(source: Path, target: Path, seconds: float) -> None:
    """Remuxes `source` (no decoding) over and over into a file of `seconds`."""
    import av

    with av.open(str(target), "w") as out:
        stream, shift, length = None, 0, 0.0
        while length < seconds:
            with av.open(str(source)) as clip:
                video = clip.streams.video[0]
                if stream is None:
                    stream = out.add_stream_from_template(video)
                end = 0
                for packet in clip.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    end = max(end, packet.pts + (packet.duration or 1))
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = stream
                    out.mux(packet)
                shift += end
                assert video.time_base is not None
                length = float(shift * video.time_base)


def peak_of_scoring(path: Path, every: int) -> int:
    """Peak resident bytes of a new process that selects from every `every`-th frame of
    `path`."""
    child = subprocess.Popen(
        [
            *command_for("select"),
            str(path),
            "--every",
            str(every),
            "--budget",
            "1",
            "--device",
            "cpu",
            "--out",
            str(path.with_suffix("")),
            "--overwrite",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0
    try:
        watched = psutil.Process(child.pid)
        while child.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                peak = max(peak, watched.memory_info().rss)
            time.sleep(0.01)
    finally:
        child.kill()
        child.wait()
    if child.returncode not in (0, -9):
        raise RuntimeError(f"scoring {path} ended with status {child.returncode}")
    return peak


def growth(run: Callable[[], object], repeats: int, first: int) -> int:
    """Resident bytes of this process after `repeats` runs, less those after the `first` ones,
    which fill what is kept for later."""
    watched, before = psutil.Process(), 0
    for number in range(repeats):
        if number == first:
            gc.collect()
            before = watched.memory_info().rss
        run()
    gc.collect()
    return int(watched.memory_info().rss - before)
