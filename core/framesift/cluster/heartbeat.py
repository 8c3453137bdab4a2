"""What keeps a claim while a worker is at its unit."""

from __future__ import annotations

import threading
import time

from framesift.cluster.board import LEASE_S, Board

BEAT_S = LEASE_S / 6
SILENCE_S = 600.0
"""A handler that says nothing for so long hangs (starting a network takes seconds, a batch less
than that): its claim is left to lapse."""


class Heartbeat:
    """Touches a claim in a thread of its own, so that it holds while the handler is inside a
    long call, and lapses soon after the process is gone."""

    def __init__(self, board: Board, key: str) -> None:
        self._board, self._key = board, key
        self._over = threading.Event()
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._beat, name="framesift-claim", daemon=True)

    def alive(self) -> None:
        """The handler has said something."""
        self._heard = time.monotonic()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            if time.monotonic() - self._heard < SILENCE_S:
                self._board.touch(self._key)
