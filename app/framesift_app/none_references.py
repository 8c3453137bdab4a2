"""Keeps None, True and False alive, as Python itself does from 3.12 on.

PySide6 6.12 gives back a reference of True that it never took with each signal that is
emitted; under Python 3.11 the interpreter aborts when the last one is gone.
"""

from __future__ import annotations

import ctypes
import sys

FOREVER = 1 << (40 if sys.maxsize > 1 << 32 else 28)


def keep_constants() -> None:
    """Gives the constants more references than anybody can give back."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return
    for constant in (None, True, False):
        if sys.getrefcount(constant) < FOREVER // 2:
            # A CPython object begins with its count of references.
            ctypes.c_ssize_t.from_address(id(constant)).value += FOREVER
