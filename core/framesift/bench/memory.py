"""Peak memory of work in a process of its own, watched from outside, and how much this one
grows."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil

from framesift.training.process import command_for

_CAMERA = {
    "preset": "ultrafast",
    "threads": "2",
    "x264-params": "keyint=30:min-keyint=30:ref=3:bframes=2",
}


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


def draw_large(path: Path, width: int, height: int, frames: int) -> None:
    """Encodes a bright square that crosses a gray picture: H.264 with a key every 30 frames,
    references to three frames and B-frames, as cameras write it, and cheap to make."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options=_CAMERA)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            place, side = number * height // 256, height // 16
            planes[place : place + side, place : place + side] = 220
            picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            picture.pts = number
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


def peak_of_scoring(path: Path, every: int) -> int:
    """Peak resident bytes of a new process that selects from every `every`-th frame of
    `path`."""
    return peak_of(
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
        ]
    )


def peak_of_reading(path: Path, order: str) -> int:
    """Peak resident bytes of a new process that opens the video at `path` and reads all of it
    in an `order` of framesift.bench.reading."""
    return peak_of([sys.executable, "-P", "-m", "framesift.bench.reading", str(path), order])


def peak_of(command: Sequence[str]) -> int:
    """Peak resident bytes of a new process; RuntimeError where it fails."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
        raise RuntimeError(f"{' '.join(command)} ended with status {child.returncode}")
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
