"""Who goes first where there are more threads than cores."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

LOOKED_AT, SOON, LONG = 1, 5, 10
"""By how many levels of niceness a thread stands behind the window's: one that somebody looks
at the result of, one whose result comes when it comes, and one that is at work for minutes."""


def give_way(levels: int) -> None:
    """Puts this thread, and those that it starts from now on, behind the others. On Linux only:
    elsewhere threads of a process have no niceness of their own."""
    if sys.platform == "linux" and levels:
        me = threading.get_native_id()
        # What a container or a system forbids is no reason not to work.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, me, os.getpriority(os.PRIO_PROCESS, me) + levels)
