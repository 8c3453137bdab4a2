"""The window's thread goes before those that work for it."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from framesift_app.workers.crew import Crew
from framesift_app.workers.priority import LONG, LOOKED_AT, SOON
from framesift_app.workers.relay import Relay
from framesift_app.workers.threads import Worker

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere threads have no niceness of their own"
)


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def _of(worker: Worker) -> tuple[int, int]:
    """A worker's niceness, and that of a thread it starts."""
    known: list[int] = []

    def both() -> None:
        known.append(_niceness())
        started = threading.Thread(target=lambda: known.append(_niceness()))
        started.start()
        started.join()

    worker.submit(both)
    worker.close()
    return known[0], known[1]


def test_threads_stand_behind_the_windows(qapp: object) -> None:
    relay, before = Relay(), _niceness()
    crew = Crew(relay)
    behind = {
        crew.inference: LONG,
        crew.training: LONG,
        crew.thumbnails: SOON,
        crew.files: SOON,
        crew.frames: LOOKED_AT,
        crew.selecting: LOOKED_AT,
        crew.project: 0,
    }
    for worker, levels in behind.items():
        expected = min(before + levels, 19)
        assert _of(worker) == (expected, expected)
    relay.close()
    assert _niceness() == before
    assert 0 < LOOKED_AT < SOON < LONG


def test_who_may_not_give_way_works_all_the_same(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", forbidden)
    done: list[bool] = []
    relay = Relay()
    worker = Worker("quiet", relay, LONG)
    worker.submit(lambda: done.append(True))
    worker.close()
    relay.close()
    assert done == [True]
