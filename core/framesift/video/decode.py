"""Decoding ahead of the consumer, in a bounded background thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from framesift.video import Frame, Video

_PATIENCE_S, _AHEAD_BYTES = 0.05, 512 << 20


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing a thread says: what stopped it, if anything did."""

    error: BaseException | None = None


def stream(video: Video, numbers: Sequence[int], *, prefetch: int = 16) -> Iterator[Frame]:
    """The frames of `numbers`, in that order, decoded ahead by up to `prefetch` frames (fewer
    where they are huge).

    Works on a fork of `video`, in a thread of its own that begins with the first `next` and
    ends with the iterator: at its end, at an error (raised here) or when it is closed.
    Ascending numbers are decoded in one go, seeking over gaps that are longer than a group of
    pictures; others one by one. IndexError at a number outside [0, len(video)).
    """
    if prefetch < 1:
        raise ValueError("prefetch must be at least 1")
    most = _AHEAD_BYTES // max(1, 3 * video.width * video.height)
    ready: queue.Queue[Frame | _End] = queue.Queue(max(1, min(prefetch, most)))
    stop = threading.Event()
    fork = video.fork()
    worker = threading.Thread(
        target=_decode, args=(fork, numbers, ready, stop), name="framesift-decode", daemon=True
    )
    worker.start()
    try:
        while True:
            record = ready.get()
            if isinstance(record, _End):
                if record.error is not None:
                    raise record.error
                return
            yield record
    finally:
        stop.set()
        fork.interrupt()
        worker.join()


def _decode(
    fork: Video, numbers: Sequence[int], ready: queue.Queue[Frame | _End], stop: threading.Event
) -> None:
    end = _End()
    try:
        with closing(fork):
            frames = fork.read(numbers)
            try:
                for frame in frames:
                    if not _put(ready, frame, stop):
                        return
            finally:
                # Not every iterator can be closed, and those that can hold a decoder.
                getattr(frames, "close", int)()
    except BaseException as error:
        # Whatever happened belongs to the consumer; nobody else would hear of it.
        end = _End(error)
    _put(ready, end, stop)


def _put(ready: queue.Queue[Frame | _End], record: Frame | _End, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            ready.put(record, timeout=_PATIENCE_S)
        except queue.Full:
            continue
        return True
    return False
