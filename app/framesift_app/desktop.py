"""Opening files with the programs that the desktop has for them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def open_with_desktop(path: Path) -> bool:
    """Opens a file or folder with the program that the system has for it; False without one."""
    with _users_environment():
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


@contextlib.contextmanager
def _users_environment() -> Iterator[None]:
    """The bundle's own library folders would break other programs; its launcher keeps what
    was there before under the name with _ORIG."""
    mine = {name: os.environ.get(name) for name in _LIBRARIES}
    if getattr(sys, "frozen", False):
        for name in _LIBRARIES:
            _put(name, os.environ.get(f"{name}_ORIG"))
    try:
        yield
    finally:
        for name, value in mine.items():
            _put(name, value)


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
